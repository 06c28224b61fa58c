//! The document of `imgscan kernel`, and its form for people.

use std::collections::BTreeMap;

use serde::Serialize;

use super::document::{GuestSummary, ImageId, Tool};
use super::identity;
use super::text::Page;
use crate::error::{Layer, Result, contained};
use crate::evidence::gaps::{guest_gaps, image_gaps};
use crate::evidence::{
    BuiltInKey, Evidence, Gap, Level, Location, Object, ObjectKind, References, Ring0,
};
use crate::guest::Family;
use crate::inspect::Inspection;
use crate::text::{Lang, Text};
use crate::trust::Bundle;

/// Modules that are shown each by itself; the JSON has all.
const MAX_SHOWN: usize = 100;

/// What runs in ring 0 at the next boot of an image's systems.
#[derive(Debug, Clone, Serialize)]
pub struct KernelReport {
    /// `imgscan-kernel/1`.
    pub schema: &'static str,
    /// What wrote it.
    pub tool: Tool,
    /// Which image.
    pub image: ImageId,
    /// The revision of the pinned certificates.
    pub trust: &'static str,
    /// The lowest level of its systems; `null` where there is none.
    pub level: Option<Level>,
    /// Why it is not higher.
    pub reasons: Vec<Text>,
    /// Its systems.
    pub guests: Vec<GuestLevel>,
    /// Everything that runs in ring 0: boot loaders, kernels, modules.
    pub objects: Vec<GuestObject>,
    /// The certificates that are built into the kernels.
    pub keys: Vec<BuiltInKey>,
    /// What could not be read, sorted.
    pub gaps: Vec<Gap>,
}

/// A system and its level.
#[derive(Debug, Clone, Serialize)]
pub struct GuestLevel {
    /// Which.
    #[serde(flatten)]
    pub summary: GuestSummary,
    /// How far it is proven.
    pub level: Level,
    /// Why it is not higher.
    pub reasons: Vec<Text>,
}

/// An object and, where there are several systems, whose it is.
#[derive(Debug, Clone, Serialize)]
pub struct GuestObject {
    /// The volume of the system's root.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub guest: Option<String>,
    /// The object.
    #[serde(flatten)]
    pub object: Object,
    /// Commands that repeat its proof, where they were asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub explain: Vec<String>,
}

/// Lists what runs in ring 0.
///
/// # Errors
/// Where the image file can't be read for its identity.
pub fn kernel(inspection: &Inspection, references: References<'_>) -> Result<KernelReport> {
    let mut report = KernelReport {
        schema: "imgscan-kernel/1",
        tool: Tool::THIS,
        image: identity::image(inspection)?,
        trust: Bundle::revision(),
        level: None,
        reasons: Vec::new(),
        guests: Vec::new(),
        objects: Vec::new(),
        keys: Vec::new(),
        gaps: image_gaps(inspection),
    };
    let image_gaps = !report.gaps.is_empty();
    let named = inspection.guests.len() > 1;
    for guest in &inspection.guests {
        let evidence = Evidence::with(guest, references);
        let collected = contained(Layer::Kernel, "the bill of ring 0", || {
            Ok(match guest.family {
                Family::Linux => evidence.linux.ring0().clone(),
                Family::Windows => evidence.windows.ring0().clone(),
            })
        });
        let found = collected.unwrap_or_else(|e| Ring0 {
            level: Level::K2,
            reasons: vec![Text::new("it could not be examined", "无法检查")],
            objects: Vec::new(),
            keys: Vec::new(),
            gaps: vec![Gap::new(Location::default(), &e)],
        });
        let mut level = found.level;
        let mut reasons = found.reasons;
        let missing = guest_gaps(guest);
        if image_gaps || !missing.is_empty() {
            level = level.min(Level::K2);
            reasons.push(Text::new(
                "parts of the image could not be read",
                "镜像的一部分无法读取",
            ));
        }
        report.gaps.extend(missing);
        report.gaps.extend(found.gaps);
        report.keys.extend(found.keys);
        let guest_name = || named.then(|| guest.root_volume.clone());
        report
            .objects
            .extend(found.objects.into_iter().map(|object| GuestObject {
                guest: guest_name(),
                object,
                explain: Vec::new(),
            }));
        report.guests.push(GuestLevel {
            summary: GuestSummary::of(guest),
            level,
            reasons,
        });
    }
    report.gaps.sort();
    report.gaps.dedup();
    let lowest = report.guests.iter().min_by_key(|g| g.level);
    report.level = lowest.map(|g| g.level);
    report.reasons = match lowest {
        Some(guest) => guest.reasons.clone(),
        None => vec![Text::new("no operating system was found", "未找到操作系统")],
    };
    Ok(report)
}

/// The document for people: boot loaders and kernels in full, modules in numbers and those that
/// are not proven by name.
#[must_use]
pub fn kernel_text(report: &KernelReport, lang: Lang) -> String {
    let say = |en: &str, zh: &str| Text::new(en, zh).get(lang).to_owned();
    let mut page = Page::new(lang);
    page.field(0, &say("image", "镜像"), &report.image.path);
    let level = report
        .level
        .map_or_else(|| "-".into(), |l| meaning(l, lang));
    page.field(0, &say("level", "级别"), &level);
    for reason in &report.reasons {
        page.line(2, &format!("- {}", reason.get(lang)));
    }
    let mut proven: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    let mut modules = 0;
    let mut shown = 0;
    for GuestObject {
        guest,
        object,
        explain,
    } in &report.objects
    {
        if object.kind == ObjectKind::Module {
            modules += 1;
            if object.level == Level::K5 {
                let signer = object.signer.as_deref().unwrap_or("-");
                let anchor = object.anchor.as_deref().unwrap_or("-");
                *proven.entry((signer, anchor)).or_default() += 1;
                continue;
            }
            shown += 1;
            if shown > MAX_SHOWN {
                continue;
            }
        }
        page.blank();
        let place = guest.as_ref().map(|g| format!("{g}:")).unwrap_or_default();
        let kind = match object.kind {
            ObjectKind::BootLoader => say("boot loader", "引导程序"),
            ObjectKind::BootCode => say("code that a BIOS starts", "BIOS 引导代码"),
            ObjectKind::Kernel if object.default == Some(true) => {
                say("kernel, boots by default", "内核（默认启动）")
            }
            ObjectKind::Kernel => say("kernel", "内核"),
            ObjectKind::Initramfs => say("initramfs", "initramfs"),
            ObjectKind::Module => say("module", "模块"),
            ObjectKind::BootConfig => say("boot configuration", "引导配置"),
        };
        page.line(
            0,
            &format!("{:?} {place}{} ({kind})", object.level, object.path),
        );
        let fields = [
            ("sha256", &object.sha256),
            (&*say("signer", "签名者"), &object.signer),
            (&*say("anchor", "信任锚"), &object.anchor),
            (&*say("package", "软件包"), &object.package),
        ];
        for (name, value) in fields {
            if let Some(value) = value {
                page.field(2, name, value);
            }
        }
        for reason in &object.reasons {
            page.line(2, &format!("- {}", reason.get(lang)));
        }
        for command in explain {
            page.line(4, &format!("$ {command}"));
        }
    }
    page.blank();
    let total: usize = proven.values().sum();
    page.field(
        0,
        &say("modules", "模块"),
        &match lang {
            Lang::En => format!("{modules}, proven {total}"),
            Lang::Zh => format!("共 {modules} 个，已证明 {total} 个"),
        },
    );
    for ((signer, anchor), count) in proven {
        page.line(2, &format!("{count}: {signer} ← {anchor}"));
    }
    // What proves one proven module proves the others.
    let module =
        |o: &&GuestObject| o.object.kind == ObjectKind::Module && o.object.level == Level::K5;
    for command in report
        .objects
        .iter()
        .find(module)
        .iter()
        .flat_map(|o| &o.explain)
    {
        page.line(4, &format!("$ {command}"));
    }
    if shown > MAX_SHOWN {
        let left = shown - MAX_SHOWN;
        page.line(
            2,
            &match lang {
                Lang::En => format!("{left} more are not proven; -f json lists them"),
                Lang::Zh => format!("另有 {left} 个未证明，详见 -f json"),
            },
        );
    }
    page.gaps(&say("not read", "未能读取"), &report.gaps);
    page.finish()
}

fn meaning(level: Level, lang: Lang) -> String {
    let words = match level {
        Level::K0 => Text::new("proven modified", "已证明被修改"),
        Level::K1 => Text::new("replaced", "已被替换"),
        Level::K2 => Text::new("foreign or unreadable parts", "含外来或无法判断的部分"),
        Level::K3 => Text::new("unproven, agrees with itself", "未证明，但自身一致"),
        Level::K4 => Text::new("equal to a reference", "与参考一致"),
        Level::K5 => Text::new("proven by vendor signatures", "由厂商签名证明"),
    };
    format!("{level:?} ({})", words.get(lang))
}
