//! The level of the whole: that of its least proven part, and lower where a part is missing.

use super::{Facts, Level, Object, ObjectKind, Ring0};
use crate::text::{Text, terminal};

/// What of an entry decides about the whole.
#[derive(Debug, Clone)]
pub(super) struct Started {
    /// As it stands in the menu.
    pub(super) starts: String,
    /// The path of its kernel in the guest, where it leads to one.
    pub(super) kernel: Option<String>,
    pub(super) initrds: Vec<String>,
}

/// What the level rests on beside the objects.
#[derive(Debug, Clone)]
pub(super) struct Chain {
    /// Which kernel boots by default is known.
    pub(super) certain: bool,
    /// There is a package database that was read.
    pub(super) packages: bool,
    pub(super) entries: Vec<Started>,
}

impl Chain {
    pub(super) fn of(facts: &Facts<'_>, certain: bool) -> Self {
        let linux = facts.boot.entries.iter().filter(|e| e.fact.by.is_none());
        let entries = linux.filter(|e| !e.fact.starts.is_empty());
        Self {
            certain,
            packages: facts.packages.count().is_some(),
            entries: entries
                .map(|e| Started {
                    starts: e.fact.starts.clone(),
                    kernel: e.fact.kernel.as_ref().map(|path| {
                        let kernel = facts.kernels.at_path(path);
                        kernel.map_or_else(|| path.clone(), |k| k.fact.path.clone())
                    }),
                    initrds: e.fact.initrds.clone(),
                })
                .collect(),
        }
    }
}

/// Sets the level of `all` and why it is not higher.
pub(super) fn judge(chain: &Chain, all: &mut Ring0) {
    let mut level = Level::K5;
    let mut why = Vec::new();
    missing(chain, all, &mut |to: Level, en: String, zh: String| {
        level = level.min(to);
        let text = Text::new(en, zh);
        if !why.contains(&text) {
            why.push(text);
        }
    });
    for object in &all.objects {
        level = level.min(counts(object, chain.certain));
    }
    for low in [Level::K0, Level::K1, Level::K2, Level::K3, Level::K4] {
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

/// A kernel that does not boot by default asks for a look and decides nothing, unless it is
/// proven modified.
fn counts(object: &Object, certain: bool) -> Level {
    let spare = object.kind == ObjectKind::Kernel && certain && object.default == Some(false);
    match object.level {
        Level::K1 if spare => Level::K2,
        other => other,
    }
}

/// Says what is not there.
fn missing(chain: &Chain, all: &Ring0, lower: &mut dyn FnMut(Level, String, String)) {
    let has = |kind| all.objects.iter().any(|o| o.kind == kind);
    let at = |kind, path: &str| all.objects.iter().any(|o| o.kind == kind && o.path == path);
    if !has(ObjectKind::Kernel) {
        lower(Level::K2, "no kernel was found".into(), "未找到内核".into());
    }
    if !chain.certain {
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
    if !chain.packages {
        lower(
            Level::K3,
            "no package database that this version reads".into(),
            "没有本版本能读取的软件包数据库".into(),
        );
    }
    if !has(ObjectKind::BootLoader) && !has(ObjectKind::BootCode) {
        lower(
            Level::K3,
            "no boot loader was found: what starts the kernel is not proven".into(),
            "未找到引导程序：启动内核的程序未经证明".into(),
        );
    }
    if !has(ObjectKind::BootConfig) {
        lower(
            Level::K3,
            "no configuration of a boot loader was found".into(),
            "未找到引导程序的配置".into(),
        );
    }
    // A kernel that can check modules and has none: what it would load is not there to be judged.
    if !all.keys.is_empty() && !has(ObjectKind::Module) {
        lower(
            Level::K3,
            "the kernel loads modules, and none was found".into(),
            "内核支持模块，但未找到任何模块".into(),
        );
    }
    for entry in &chain.entries {
        let starts = terminal(&entry.starts);
        let kernel = entry.kernel.as_deref();
        if !kernel.is_some_and(|path| at(ObjectKind::Kernel, path)) {
            lower(
                Level::K2,
                format!("the boot menu starts {starts}, which is no kernel of this image"),
                format!("启动菜单会启动 {starts}，它不是本镜像中的内核"),
            );
        }
        for path in &entry.initrds {
            if !at(ObjectKind::Initramfs, path) {
                let path = terminal(path);
                lower(
                    Level::K3,
                    format!("the initramfs {path} of {starts} was not examined"),
                    format!("{starts} 的 initramfs {path} 未被检查"),
                );
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::{Error, Layer};
    use crate::evidence::{BuiltInKey, Gap};

    fn proven() -> (Chain, Ring0) {
        let object = |path: &str, kind| {
            let mut object = Object::new(path.into(), None, kind);
            object.default = (kind == ObjectKind::Kernel).then_some(true);
            object
        };
        let chain = Chain {
            certain: true,
            packages: true,
            entries: vec![Started {
                starts: "/boot/vmlinuz-1".into(),
                kernel: Some("/boot/vmlinuz-1".into()),
                initrds: vec!["/boot/initrd.img-1".into()],
            }],
        };
        let bill = Ring0 {
            level: Level::K0,
            reasons: Vec::new(),
            objects: vec![
                object("/boot/efi/EFI/BOOT/BOOTX64.EFI", ObjectKind::BootLoader),
                object("/boot/vmlinuz-1", ObjectKind::Kernel),
                object("/boot/initrd.img-1", ObjectKind::Initramfs),
                object("/boot/grub/grub.cfg", ObjectKind::BootConfig),
                object("/lib/modules/1/a.ko", ObjectKind::Module),
            ],
            keys: vec![BuiltInKey {
                kernel: "/boot/vmlinuz-1".into(),
                subject: "CN=key".into(),
                serial: "01".into(),
                sha256: String::new(),
                offset: 0,
            }],
            gaps: Vec::new(),
        };
        (chain, bill)
    }

    fn level(chain: &Chain, mut bill: Ring0) -> Level {
        judge(chain, &mut bill);
        bill.level
    }

    #[test]
    fn a_chain_of_proven_parts_is_proven() {
        let (chain, bill) = proven();
        assert_eq!(level(&chain, bill), Level::K5);
    }

    #[test]
    fn each_part_that_is_taken_away_lowers_the_level_and_none_raises_it() {
        let (chain, bill) = proven();
        // Every subset of the objects.
        let n = bill.objects.len();
        let of = |mask: usize, chain: &Chain| {
            let mut part = bill.clone();
            let mut i = 0;
            part.objects.retain(|_| {
                i += 1;
                mask >> (i - 1) & 1 == 1
            });
            level(chain, part)
        };
        for mask in 0..1 << n {
            for bit in (0..n).filter(|bit| mask >> bit & 1 == 1) {
                let less = mask & !(1 << bit);
                assert!(of(less, &chain) <= of(mask, &chain), "{mask:b} {bit}");
            }
        }
        for bit in 0..n {
            let all = (1 << n) - 1;
            assert!(of(all & !(1 << bit), &chain) < Level::K4, "part {bit}");
        }
        let unknown = Chain {
            certain: false,
            ..chain.clone()
        };
        let nothing_recorded = Chain {
            packages: false,
            ..chain.clone()
        };
        for chain in [unknown, nothing_recorded] {
            assert!(level(&chain, bill.clone()) < Level::K4);
        }
        let mut unread = bill.clone();
        let why = Error::corrupt(Layer::Kernel, None, Text::verbatim("x"));
        unread.gaps.push(Gap::at_path("/boot/x", &why));
        assert_eq!(level(&chain, unread), Level::K2);
    }

    #[test]
    fn the_least_proven_part_decides_unless_it_is_a_spare_kernel() {
        let (chain, bill) = proven();
        for i in 0..bill.objects.len() {
            for to in [Level::K0, Level::K1, Level::K2, Level::K3, Level::K4] {
                let mut worse = bill.clone();
                worse.objects[i].level = to;
                assert_eq!(level(&chain, worse), to);
            }
        }
        let mut spare = bill.clone();
        let mut other = Object::new("/boot/vmlinuz-2".into(), None, ObjectKind::Kernel);
        other.default = Some(false);
        other.level = Level::K1;
        spare.objects.push(other);
        assert_eq!(level(&chain, spare), Level::K2);
    }
}
