//! What runs in ring 0 at the next boot, and how far each of it is proven.
//!
//! This version examines the boot loaders of the EFI system partition, the kernels and the modules
//! of the kernels that may boot. What it does not examine keeps the level of the whole at
//! [`Level::K3`] at most.

mod judge;
mod modules;
mod parts;

use super::images::{self, Images};
use super::{Boot, Kernel, Kernels, Packages};
use crate::evidence::linux::reader::Reader;
use crate::evidence::{Level, Object, ObjectKind, References, Ring0};
use crate::text::Text;

/// What the collector works with.
pub(super) struct Facts<'a> {
    pub(super) reader: Reader<'a>,
    pub(super) packages: &'a Packages,
    pub(super) kernels: &'a Kernels,
    pub(super) boot: &'a Boot,
    #[allow(dead_code)]
    pub(super) references: References<'a>,
    pub(super) images: &'a Images,
}

impl Facts<'_> {
    /// Whether `kernel` boots by default under any of its names.
    fn boots(&self, kernel: &Kernel) -> Option<bool> {
        images::boots(self.boot, kernel)
    }
}

pub(super) fn collect(facts: &Facts<'_>) -> Ring0 {
    let mut all = Ring0 {
        level: Level::K5,
        reasons: Vec::new(),
        objects: Vec::new(),
        keys: Vec::new(),
        gaps: Vec::new(),
    };
    all.gaps.extend(facts.kernels.gaps.iter().cloned());
    all.gaps.extend(facts.boot.gaps.iter().cloned());
    all.gaps.extend(facts.images.gaps.iter().cloned());
    parts::loaders(facts, &mut all);
    let certain = facts
        .kernels
        .items
        .iter()
        .any(|k| facts.boots(&k.fact) == Some(true));
    let proven = parts::kernels(facts, certain, &mut all);
    modules::modules(facts, &proven, &mut all);
    whole(facts, certain, &mut all);
    all
}

/// The level of the whole.
fn whole(facts: &Facts<'_>, certain: bool, all: &mut Ring0) {
    let mut level = Level::K3;
    let mut why = vec![Text::new(
        "initramfs not examined by this version; nor are the command line and the boot menu's other commands",
        "本版本不检查 initramfs，也不检查内核命令行与启动菜单中的其他命令",
    )];
    let mut lower = |to: Level, en: String, zh: String| {
        level = level.min(to);
        why.push(Text::new(en, zh));
    };
    if !facts.packages.has_dpkg {
        lower(
            Level::K3,
            "no package database that this version reads".into(),
            "没有本版本能读取的软件包数据库".into(),
        );
    }
    let loaders = |o: &&Object| o.kind == ObjectKind::BootLoader;
    if !all.objects.iter().any(|o| loaders(&o)) {
        lower(
            Level::K3,
            "no EFI boot loader was found: what starts the kernel is not proven".into(),
            "未找到 EFI 引导程序：启动内核的程序未经证明".into(),
        );
    }
    if !certain {
        lower(
            Level::K2,
            "which kernel boots by default can't be told".into(),
            "无法确定默认启动哪个内核".into(),
        );
    }
    if !all.gaps.is_empty() {
        let n = all.gaps.len();
        lower(
            Level::K2,
            format!("{n} parts could not be read"),
            format!("有 {n} 处无法读取"),
        );
    }
    for object in &all.objects {
        // A kernel that does not boot by default asks for a look and decides nothing, unless it
        // is proven modified.
        let spare = object.kind == ObjectKind::Kernel && certain && object.default == Some(false);
        let counts = match object.level {
            Level::K1 if spare => Level::K2,
            other => other,
        };
        level = level.min(counts);
    }
    for low in [Level::K0, Level::K1, Level::K2] {
        let n = all.objects.iter().filter(|o| o.level == low).count();
        if n > 0 {
            why.push(Text::new(
                format!("objects at {low:?}: {n}"),
                format!("处于 {low:?} 的对象：{n} 个"),
            ));
        }
    }
    all.level = level;
    all.reasons = why;
}
