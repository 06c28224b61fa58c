//! What a system boots, as `imgscan info` tells it.

use serde::Serialize;

use super::text::Page;
use crate::evidence::linux::{BootEntry, Firmware, Loader, Root, RootOf, When};
use crate::evidence::{Found, Gap, Location};
use crate::text::{Lang, Text};

/// From the firmware to the root file system. What is mounted there is told with the system.
#[derive(Debug, Clone, Serialize)]
pub struct BootPlan {
    /// The ways that a machine may take.
    pub ways: Vec<BootPath>,
    /// Why what boots or what is mounted can't be told for certain, each with its place.
    pub doubts: Vec<Gap>,
}

/// A way from the firmware to what starts.
#[derive(Debug, Clone, Serialize)]
pub struct BootPath {
    /// What starts the first program; `null` where none was found, and the configurations that any
    /// loader could read are taken.
    pub firmware: Option<Firmware>,
    /// The programs, each started by the one before it.
    pub programs: Vec<Location>,
    /// The loader that starts a kernel; `null` where the firmware does.
    pub loader: Option<Loader>,
    /// The files that steer it, in the order in which they are read.
    pub configs: Vec<Location>,
    /// What may start by itself.
    pub starts: Vec<BootStart>,
}

/// An entry that may start by itself.
#[derive(Debug, Clone, Serialize)]
pub struct BootStart {
    /// At which boots.
    pub when: When,
    /// The entry, and where it stands.
    #[serde(flatten)]
    pub entry: Found<BootEntry>,
    /// Its root file system.
    pub root: BootRoot,
}

/// Where the root of an entry lies.
#[derive(Debug, Clone, Serialize)]
pub struct BootRoot {
    /// The value of `root=`; `null` where there is none.
    pub value: Option<String>,
    /// The volumes of the image that it names. One is the root; several or none are not.
    pub volumes: Vec<String>,
    /// It is on a disk that is not this image.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub elsewhere: bool,
}

impl From<RootOf> for BootRoot {
    fn from(root: RootOf) -> Self {
        let volumes = match &root.root {
            Root::Volume(name) => vec![name.clone()],
            Root::Several(names) => names.clone(),
            Root::None | Root::OtherDisk | Root::Unfollowed | Root::Differs(_) => Vec::new(),
        };
        Self {
            value: root.value,
            volumes,
            elsewhere: root.root == Root::OtherDisk,
        }
    }
}

/// A place without its digest.
fn place(at: &Location) -> String {
    if let (Some(volume), None, Some(offset)) = (&at.volume, &at.path, at.offset) {
        return format!("{volume} @{offset}");
    }
    let volume = at.volume.as_deref().filter(|_| at.line.is_none());
    let shown = Location {
        volume: volume.map(str::to_owned),
        sha256: None,
        ..at.clone()
    };
    shown.to_string()
}

fn loader_name(loader: Loader) -> &'static str {
    match loader {
        Loader::Grub => "GRUB 2",
        Loader::GrubLegacy => "GRUB Legacy",
        Loader::Extlinux => "extlinux",
        Loader::SystemdBoot => "systemd-boot",
    }
}

/// The plan for people.
pub(super) fn section(page: &mut Page, plan: &BootPlan, lang: Lang) {
    let say = |text: Text| text.get(lang).to_owned();
    for way in &plan.ways {
        let firmware = match way.firmware {
            Some(Firmware::Uefi) => say!(ui_boot_uefi),
            Some(Firmware::Bios) => say!(ui_boot_bios),
            None => say!(ui_boot_unknown),
        };
        let programs: Vec<String> = way.programs.iter().map(place).collect();
        let mut shown = programs.join(" -> ");
        if let Some(loader) = way.loader {
            let name = loader_name(loader);
            shown = match shown.is_empty() {
                true => name.to_owned(),
                false => say(say!(ui_brackets, what = shown, more = name)),
            };
        }
        page.field(2, &say(firmware), &shown);
        for config in &way.configs {
            page.field(4, &say(say!(ui_boot_reads)), &place(config));
        }
        for start in &way.starts {
            self::start(page, start, &say);
        }
    }
    for doubt in &plan.doubts {
        page.field(2, &say(say!(ui_boot_doubt)), &doubt.message(lang));
    }
}

fn start(page: &mut Page, start: &BootStart, say: &dyn Fn(Text) -> String) {
    let entry = &start.entry.fact;
    let when = match start.when {
        When::Always => say!(ui_boot_starts),
        When::Next => say!(ui_boot_starts_next),
        When::Later => say!(ui_boot_starts_later),
    };
    let at = place(&start.entry.at);
    let shown = say(say!(ui_brackets, what = entry.title.as_str(), more = at));
    page.field(4, &say(when), &shown);
    if let Some(by) = &entry.by {
        page.field(6, by, &entry.starts);
        return;
    }
    let kernel = entry.kernel.as_deref().unwrap_or(&entry.starts);
    page.field(6, &say(say!(ui_kernel)), kernel);
    for initrd in &entry.initrds {
        page.field(6, &say(say!(ui_boot_initrd)), initrd);
    }
    page.field(6, &say(say!(ui_boot_line)), &entry.arguments);
    let volumes = start.root.volumes.join(", ");
    let root = match (start.root.elsewhere, volumes.is_empty()) {
        (true, _) => say(say!(ui_boot_root_elsewhere)),
        (false, true) => say(say!(ui_boot_root_unknown)),
        (false, false) => volumes,
    };
    page.field(6, &say(say!(ui_boot_root)), &root);
}
