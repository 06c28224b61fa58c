//! The document of `imgscan kernel`, and its form for people.

use std::collections::BTreeMap;

use serde::Serialize;

use super::document::{GuestSummary, ImageId, PolicyId, Tool};
use super::text::Page;
use crate::evidence::linux::PackageSystem;
use crate::evidence::{BuiltInKey, Gap, Object, ObjectKind};
use crate::policy::{KernelArguments, Level, Standing, SystemStanding, reasons, standing};
use crate::text::{Lang, Text};

/// Modules that are shown each by itself; the JSON has all.
const MAX_SHOWN: usize = 100;

/// What runs in ring 0 at the next boot of an image's systems.
#[derive(Debug, Clone, Serialize)]
pub struct KernelReport {
    /// `imgscan-kernel/2`.
    pub schema: &'static str,
    /// What wrote it.
    pub tool: Tool,
    /// Whose policy says what arguments of the kernel do.
    pub policy: PolicyId,
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
    /// Whose packages it has, where it is a Linux with a database of packages.
    #[serde(skip)]
    pub packages: Option<PackageSystem>,
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
    /// How far it is proven.
    pub level: Level,
    /// No signature proves it: the system's own files explain it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub explained: bool,
    /// Why.
    pub reasons: Vec<Text>,
    /// Commands that repeat its proof, where they were asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub explain: Vec<String>,
}

impl GuestLevel {
    pub(crate) fn new(
        summary: GuestSummary,
        packages: Option<PackageSystem>,
        standing: &SystemStanding,
    ) -> Self {
        Self {
            summary,
            packages,
            level: standing.level,
            reasons: standing.reasons(),
        }
    }
}

impl GuestObject {
    pub(crate) fn new(guest: Option<String>, object: Object, arguments: &KernelArguments) -> Self {
        let Standing { level, explained } = standing(&object, arguments);
        Self {
            guest,
            level,
            explained,
            reasons: reasons(&object, arguments),
            object,
            explain: Vec::new(),
        }
    }

    fn is_proven_module(&self) -> bool {
        self.object.kind == ObjectKind::Module && self.level == Level::K5
    }
}

/// The document for people: boot loaders and kernels in full, modules in numbers and those that
/// are not proven by name.
#[must_use]
pub fn kernel_text(report: &KernelReport, lang: Lang) -> String {
    let say = |text: Text| text.get(lang).to_owned();
    let mut page = Page::new(lang);
    page.field(0, &say(say!(diff_image)), &report.image.path);
    let level = report
        .level
        .map_or_else(|| "-".into(), |l| meaning(l, lang));
    page.field(0, &say(say!(ring0_label_level)), &level);
    for reason in &report.reasons {
        page.line(2, &format!("- {}", reason.get(lang)));
    }
    let modules = report
        .objects
        .iter()
        .filter(|o| o.object.kind == ObjectKind::Module);
    let count = modules.clone().count();
    let mut proven: BTreeMap<(String, String), usize> = BTreeMap::new();
    for module in modules.filter(|m| m.is_proven_module()) {
        let signer = module.object.signer.clone();
        let anchor = module.object.anchor.as_ref();
        let anchor = anchor.map(|a| a.get(lang).to_owned());
        let names = (
            signer.unwrap_or_else(|| "-".into()),
            anchor.unwrap_or_else(|| "-".into()),
        );
        *proven.entry(names).or_default() += 1;
    }
    let mut shown = 0;
    for object in report.objects.iter().filter(|o| !o.is_proven_module()) {
        if object.object.kind == ObjectKind::Module {
            shown += 1;
            if shown > MAX_SHOWN {
                continue;
            }
        }
        page.blank();
        one(&mut page, object, lang);
    }
    page.blank();
    let total: usize = proven.values().sum();
    page.field(
        0,
        &say(say!(ring0_label_modules)),
        &say(say!(ring0_modules_count, count = count, proven = total)),
    );
    for ((signer, anchor), count) in proven {
        page.line(2, &format!("{count}: {signer} ← {anchor}"));
    }
    // What proves one proven module proves the others.
    let module = report.objects.iter().find(|o| o.is_proven_module());
    for command in module.iter().flat_map(|o| &o.explain) {
        page.line(4, &format!("$ {command}"));
    }
    if shown > MAX_SHOWN {
        let left = shown.saturating_sub(MAX_SHOWN);
        page.line(2, &say(say!(ring0_modules_more, count = left)));
    }
    page.gaps(&say(say!(ring0_label_unread)), &report.gaps);
    page.finish()
}

/// One object with all that is said of it.
fn one(page: &mut Page, of: &GuestObject, lang: Lang) {
    let say = |text: Text| text.get(lang).to_owned();
    let object = &of.object;
    let place = of.guest.as_ref().map(|g| format!("{g}:"));
    let kind = match object.kind {
        ObjectKind::BootLoader => say!(ring0_kind_boot_loader),
        ObjectKind::BootCode => say!(ring0_kind_boot_code),
        ObjectKind::Kernel if object.default == Some(true) => say!(ring0_kind_default_kernel),
        ObjectKind::Kernel => say!(ring0_kind_kernel),
        ObjectKind::Initramfs => Text::verbatim("initramfs"),
        ObjectKind::Module => say!(ring0_kind_module),
        ObjectKind::BootConfig => say!(ring0_kind_config),
    };
    let standing = Standing {
        level: of.level,
        explained: of.explained,
    };
    let head = say!(
        ring0_object,
        standing = standing.word(),
        place = format!("{}{}", place.unwrap_or_default(), object.path),
        kind = kind
    );
    page.line(0, &say(head));
    let anchor = object.anchor.as_ref().map(|a| a.get(lang).to_owned());
    let fields = [
        ("sha256".to_owned(), object.sha256.as_ref()),
        (say(say!(ring0_label_signer)), object.signer.as_ref()),
        (say(say!(ring0_label_anchor)), anchor.as_ref()),
        (say(say!(ring0_label_package)), object.package.as_ref()),
    ];
    for (name, value) in fields {
        if let Some(value) = value {
            page.field(2, &name, value);
        }
    }
    for reason in &of.reasons {
        page.line(2, &format!("- {}", reason.get(lang)));
    }
    for command in &of.explain {
        page.line(4, &format!("$ {command}"));
    }
}

fn meaning(level: Level, lang: Lang) -> String {
    let words = say!(ring0_level, level = level.name(), meaning = level.meaning());
    words.get(lang).to_owned()
}
