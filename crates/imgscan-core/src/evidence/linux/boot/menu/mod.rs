//! Boot loaders: their entries, and which one boots by default.

mod bls;
mod grub;
mod legacy;
mod script;
#[cfg(test)]
mod tests;
mod version;

pub use version::compare as compare_versions;

use crate::evidence::linux::kernel::Kernel;
use crate::evidence::linux::reader::Reader;
use crate::evidence::{Found, Gap, Location};
use crate::text::Text;

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
    /// The kernel as a path of the guest, where its device is one of the guest's mounts.
    pub kernel: Option<String>,
    /// What the entry starts, as it stands.
    pub starts: String,
    /// The kernel's arguments.
    pub arguments: String,
    /// The initial file systems that it loads, as paths of the guest; as they stand where their
    /// device is none of the guest's mounts.
    pub initrds: Vec<String>,
    /// The command that starts it, where that is none for Linux kernels (`chainloader`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// The script starts it by itself, before any menu.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub forced: bool,
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
    /// Why the default can't be told for certain, each at its place.
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

pub(in crate::evidence::linux) fn collect(reader: &Reader<'_>) -> Boot {
    let mut menus: Vec<Boot> = Vec::new();
    menus.extend(grub::collect(reader));
    menus.extend(bls::systemd_boot(reader));
    menus.extend(legacy::extlinux(reader));
    menus.extend(legacy::grub(reader));
    let mut menus = menus.into_iter();
    let mut first = menus.next().unwrap_or_default();
    for other in menus {
        if let (Some(loader), Some(at)) = (other.loader, other.config.clone()) {
            first.others.push(Found { fact: loader, at });
        }
        // Which loader the firmware starts is not in the image; only where all agree is it known.
        let kernel = |b: &Boot| b.default_entry().and_then(|e| e.fact.kernel.clone());
        if kernel(&first) != kernel(&other) {
            first.doubts.push(Found {
                fact: say!(boot_other_loader),
                at: other.config.unwrap_or_default(),
            });
        }
        first.entries.extend(other.entries);
        first.commands.extend(other.commands);
        first.gaps.extend(other.gaps);
    }
    for entry in &mut first.entries {
        if let Some(path) = &entry.fact.kernel
            && let Some(at) = reader.find(path.as_bytes(), &mut first.gaps)
        {
            entry.fact.kernel = Some(at.path_text());
        }
        for path in &mut entry.fact.initrds {
            if let Some(at) = reader.find(path.as_bytes(), &mut first.gaps) {
                *path = at.path_text();
            }
        }
    }
    first
}
