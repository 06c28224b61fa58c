//! Boot loaders: their entries, and which one boots by default. The disk's boot plan, with its files
//! named as the guest names them.

#[cfg(test)]
mod tests;
mod way;

use super::plan::{self, BootPath, PlanEntry, PlanFile};
use crate::error::{Error, Layer};
use crate::evidence::linux::kernel::Kernel;
use crate::evidence::linux::reader::Reader;
use crate::evidence::{Found, Gap, Location};
use crate::guest::PathSpace;
use crate::source::ReadAt;
use crate::text::{Text, lossless};

pub use way::{BootWay, Firmware, When};

/// Folders whose modules of GRUB are compared with those of packages.
pub(super) const MODULES: &[&str] = &["/boot/grub", "/boot/grub2"];

/// A boot loader whose configuration was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Loader {
    /// GRUB 2.
    Grub,
    /// GRUB before version 1.
    GrubLegacy,
    /// extlinux or syslinux.
    Extlinux,
    /// systemd-boot.
    SystemdBoot,
}

/// An entry of a boot menu.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct BootEntry {
    /// Title.
    pub title: String,
    /// Id (`--id` of GRUB, the file name of a boot loader specification entry, a label).
    pub id: Option<String>,
    /// Place in the menu, from 0; `1>0` is the first entry of the second, a submenu.
    pub place: String,
    /// The kernel as a path of the guest, links followed; where the guest does not mount its volume,
    /// with the volume in front (`(p3)/vmlinuz`). `None` where it is on no volume of the image.
    pub kernel: Option<String>,
    /// What the entry starts, as it stands.
    pub starts: String,
    /// The kernel's arguments, without those that loaders put before them: `BOOT_IMAGE=` of GRUB, and
    /// `initrd=` of systemd-boot for each initial file system.
    pub arguments: String,
    /// The same, byte by byte.
    #[serde(skip)]
    pub bytes: Vec<u8>,
    /// The initial file systems that it loads, as [`BootEntry::kernel`]; as they stand where they
    /// are on no volume of the image.
    pub initrds: Vec<String>,
    /// The command that starts it, where that is none for Linux kernels (`chainloader`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// The script starts it by itself, before any menu.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub forced: bool,
}

impl BootEntry {
    /// What any reader of its command line takes for an argument.
    #[must_use]
    pub fn words(&self) -> Vec<String> {
        super::arguments::of_any(&self.bytes)
    }
}

/// A command of a boot loader's script that runs or changes something other than a Linux kernel.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct BootCommand {
    /// Its name (`chainloader`).
    pub name: String,
    /// Its arguments.
    pub arguments: String,
}

/// The boot menu of a guest.
#[derive(Debug, Clone, Default)]
pub struct Boot {
    /// The ways from the firmware to what starts: one for each kind of firmware, and for each of
    /// several loaders that it could start.
    pub ways: Vec<BootWay>,
    /// The loader whose menu this is.
    pub loader: Option<Loader>,
    /// Its configuration.
    pub config: Option<Location>,
    /// Entries in the order of the menu.
    pub entries: Vec<Found<BootEntry>>,
    /// The one that boots by default, an index into the entries.
    pub default: Option<usize>,
    /// The one that the next boot alone uses, where one is set, and where that is set.
    pub one_shot: Option<(Option<usize>, Location)>,
    /// Seconds that the menu waits, as it stands.
    pub timeout: Option<String>,
    /// Commands beside those that show a menu and start Linux.
    pub commands: Vec<Found<BootCommand>>,
    /// Further loaders with a menu of their own.
    pub others: Vec<Found<Loader>>,
    /// Why the default can't be told for certain, each at its place. The gaps tell it too.
    pub doubts: Vec<Found<Text>>,
    /// What could not be read.
    pub gaps: Vec<Gap>,
}

impl Boot {
    /// The entry that boots by default.
    #[must_use]
    pub fn default_entry(&self) -> Option<&Found<BootEntry>> {
        self.entries.get(self.default?)
    }

    /// Whether `kernel` boots by default under any of its names; `None` where that can't be told.
    #[must_use]
    pub fn boots(&self, kernel: &Kernel) -> Option<bool> {
        let names = std::iter::once(&kernel.path).chain(&kernel.links);
        let told: Vec<Option<bool>> = names.map(|name| self.boots_by_default(name)).collect();
        if told.contains(&Some(true)) {
            return Some(true);
        }
        (!told.contains(&None)).then_some(false)
    }

    /// Whether an entry starts `kernel` under any of its names: by itself or where a person chooses it.
    #[must_use]
    pub fn offers(&self, kernel: &Kernel) -> bool {
        let mut named = self.entries.iter().filter_map(|e| e.fact.kernel.as_ref());
        named.any(|path| *path == kernel.path || kernel.links.contains(path))
    }

    /// Whether the kernel at the guest path `path` boots by default or at the next boot; `None`
    /// where that can't be told.
    #[must_use]
    pub fn boots_by_default(&self, path: &str) -> Option<bool> {
        let kernel = |i: usize| self.entries.get(i).and_then(|e| e.fact.kernel.as_deref());
        if let Some((Some(i), _)) = self.one_shot
            && kernel(i) == Some(path)
        {
            return Some(true);
        }
        let default = kernel(self.default?)?;
        if default == path {
            return Some(true);
        }
        (self.doubts.is_empty() && self.gaps.is_empty()).then_some(false)
    }

    /// The kernels that entries name, as paths of the guest.
    #[must_use]
    pub fn kernels(&self) -> Vec<String> {
        let mut all: Vec<String> = self
            .entries
            .iter()
            .filter_map(|e| e.fact.kernel.clone())
            .collect();
        all.sort();
        all.dedup();
        all
    }
}

pub(in crate::evidence::linux) fn collect(reader: &Reader<'_>, disk: Option<&dyn ReadAt>) -> Boot {
    let paths = reader.paths();
    let plan = plan::plan(paths.volumes(), disk);
    let located = |at: Location| of_guest(paths, at);
    let found = |f: Found<Text>| Found {
        fact: f.fact,
        at: of_guest(paths, f.at),
    };
    let ways = plan.ways.into_iter();
    let ways = ways.map(|way| BootWay::of(paths, way)).collect();
    let entries = plan.entries.into_iter().map(|e| entry(paths, e));
    let mut doubts: Vec<Found<Text>> = plan.doubts.into_iter().map(found).collect();
    // Modules are compared with their packages' in two folders only.
    for folder in plan.modules {
        let path = guest_path(paths, &folder.fact);
        if !MODULES.contains(&path.as_str()) {
            let folder_name = crate::text::terminal(&path);
            doubts.push(Found {
                fact: say!(boot_script_prefix, folder = folder_name),
                at: of_guest(paths, folder.at),
            });
        }
    }
    // What can't be told of what boots hides it as well as what can't be read.
    let gaps = doubts.iter().map(|doubt| {
        let why = Error::unsupported(Layer::Boot, None, doubt.fact.clone());
        Gap::new(doubt.at.clone(), &why)
    });
    let unread = plan.gaps.into_iter().map(|gap| Gap {
        at: of_guest(paths, gap.at.clone()),
        ..gap
    });
    Boot {
        gaps: unread.chain(gaps).collect(),
        ways,
        loader: plan.loader,
        entries: entries.collect(),
        config: plan.config.map(located),
        default: plan.default,
        one_shot: plan.one_shot.map(|(entry, at)| (entry, located(at))),
        timeout: plan.timeout,
        commands: plan
            .commands
            .into_iter()
            .map(|c| Found {
                fact: c.fact,
                at: of_guest(paths, c.at),
            })
            .collect(),
        others: plan
            .others
            .into_iter()
            .map(|o| Found {
                fact: o.fact,
                at: of_guest(paths, o.at),
            })
            .collect(),
        doubts,
    }
}

/// An entry with its files as the guest names them.
fn entry(paths: &PathSpace, found: Found<PlanEntry>) -> Found<BootEntry> {
    let Found { fact, at } = found;
    let kernel = match fact.kernel {
        Some(PlanFile::On(file)) => Some(guest_path(paths, &file)),
        Some(PlanFile::Outside(_)) | None => None,
    };
    let initrd = |file: PlanFile| match file {
        PlanFile::On(file) => guest_path(paths, &file),
        PlanFile::Outside(text) => text,
    };
    Found {
        at: of_guest(paths, at),
        fact: BootEntry {
            title: fact.title,
            id: fact.id,
            place: fact.place,
            kernel,
            starts: fact.starts,
            arguments: lossless(&fact.arguments),
            bytes: fact.arguments,
            initrds: fact.initrds.into_iter().map(initrd).collect(),
            by: fact.by,
            forced: fact.forced,
        },
    }
}

/// A file of a volume as the guest names it: below a mount where the guest has that very file
/// there, else with the volume in front.
fn guest_path(paths: &PathSpace, file: &BootPath) -> String {
    let alone = format!("({}){}", file.volume, file.path);
    let own = paths.resolve(alone.as_bytes()).ok();
    let mounts = paths.mounts();
    let mut below = mounts
        .iter()
        .filter(|(_, volume)| *volume == file.volume)
        .map(|(at, _)| format!("{}{}", at.trim_end_matches('/'), file.path));
    let Some(own) = own else {
        // Nothing is there; the guest would look for it below its mount.
        return below.next().unwrap_or(alone);
    };
    let same = below.find_map(|path| {
        let at = paths.resolve(path.as_bytes()).ok()?;
        (at.volume == own.volume && at.id == own.id).then(|| at.path_text())
    });
    same.unwrap_or(alone)
}

/// A place on a volume as a place of the guest, where the guest has it.
fn of_guest(paths: &PathSpace, at: Location) -> Location {
    let (Some(volume), Some(path)) = (&at.volume, &at.path) else {
        return at;
    };
    let file = BootPath {
        volume: volume.clone(),
        path: path.clone(),
    };
    let shown = guest_path(paths, &file);
    let path = match shown.starts_with('/') {
        true => shown,
        false => path.clone(),
    };
    Location {
        path: Some(path),
        ..at
    }
}
