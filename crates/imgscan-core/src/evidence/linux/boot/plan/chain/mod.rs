//! From the firmware to the loaders' configurations: the ways in which the disk may boot.
//!
//! The mode of the firmware is a property of the machine, not of the disk: where the disk has a way
//! for UEFI and one for a BIOS, both count (rule 2.0). Where no loader is found, all
//! configurations that any loader could read are candidates.

mod bios;
mod loader;
#[cfg(test)]
mod tests;
mod uefi;

use super::grub::{self, Build, Platform, Start};
use super::volumes::{Target, Volumes};
use super::{Entry, Menu, legacy, syslinux, systemd_boot};
use crate::evidence::linux::boot::menu::Firmware;
use crate::evidence::{Found, Location};
use crate::source::ReadAt;
use crate::text::Text;

/// A way to boot.
#[derive(Debug, Clone)]
pub(super) enum Way {
    Grub(Box<Start>),
    SystemdBoot {
        volume: usize,
        arch: Option<&'static str>,
        /// A loader was found that reads this configuration.
        certain: bool,
    },
    Syslinux {
        volume: usize,
        path: String,
    },
    GrubLegacy {
        volume: usize,
        path: String,
    },
    /// The firmware starts a kernel.
    Kernel {
        volume: usize,
        path: String,
        arguments: String,
    },
}

impl Way {
    /// Whether a loader says that it reads this.
    pub(super) fn is_certain(&self) -> bool {
        match self {
            Self::Grub(start) => start.config.is_none(),
            Self::SystemdBoot { certain, .. } => *certain,
            Self::Syslinux { .. } | Self::GrubLegacy { .. } => false,
            Self::Kernel { .. } => true,
        }
    }

    pub(super) fn menu(&self, volumes: &Volumes<'_>) -> Menu {
        match self {
            Self::Grub(start) => Menu {
                loader: Some(super::Loader::Grub),
                ..grub::menu(volumes, start)
            },
            Self::SystemdBoot { volume, arch, .. } => systemd_boot::menu(volumes, *volume, *arch),
            Self::Syslinux { volume, path } => syslinux::menu(volumes, *volume, path),
            Self::GrubLegacy { volume, path } => legacy::menu(volumes, *volume, path),
            Self::Kernel {
                volume,
                path,
                arguments,
            } => {
                let at = volumes.place(*volume, path);
                let entry = Entry {
                    title: super::show(path),
                    place: "firmware".into(),
                    kernel: Some(Target::On {
                        volume: *volume,
                        path: path.clone(),
                    }),
                    starts: super::show(path),
                    arguments: arguments.clone(),
                    ..Entry::default()
                };
                Menu {
                    config: at.clone(),
                    entries: vec![Found { fact: entry, at }],
                    first: vec![0],
                    later: vec![0],
                    ..Menu::default()
                }
            }
        }
    }
}

/// What leads to a way.
#[derive(Debug, Clone, Default)]
pub(super) struct Chain {
    pub(super) firmware: Option<Firmware>,
    /// The programs, each started by the one before it.
    pub(super) programs: Vec<Location>,
    /// Lists of programs that were read on the way.
    pub(super) lists: Vec<Location>,
}

/// The ways of a disk, and why there may be others.
#[derive(Debug, Clone, Default)]
pub(super) struct Ways {
    pub(super) ways: Vec<(Chain, Way)>,
    pub(super) doubts: Vec<Found<Text>>,
    /// What has been started so far.
    chain: Chain,
}

impl Ways {
    fn push(&mut self, way: Way) {
        self.ways.push((self.chain.clone(), way));
    }

    fn doubt(&mut self, fact: Text, at: Location) {
        self.doubts.push(Found { fact, at });
    }
}

/// Places of GRUB's configuration on a volume, where no loader says which it reads.
const GRUB_CONFIGS: &[&str] = &[
    "/boot/grub/grub.cfg",
    "/boot/grub2/grub.cfg",
    "/grub/grub.cfg",
    "/grub2/grub.cfg",
];

pub(super) fn ways(volumes: &Volumes<'_>, disk: Option<&dyn ReadAt>) -> Ways {
    let mut all = Ways::default();
    all.chain.firmware = Some(Firmware::Uefi);
    let efi = uefi::ways(volumes, &mut all);
    all.chain = Chain {
        firmware: Some(Firmware::Bios),
        ..Chain::default()
    };
    let bios = disk.is_some_and(|disk| bios::ways(volumes, disk, &mut all));
    if !efi && !bios {
        all.chain = Chain::default();
        any(volumes, Platform::Any, &mut all);
    }
    all
}

/// All configurations of all loaders on all volumes.
fn any(volumes: &Volumes<'_>, platform: Platform, all: &mut Ways) {
    let mut configs: Vec<(usize, String)> = Vec::new();
    for volume in volumes.readable() {
        for path in GRUB_CONFIGS {
            configs.push((volume, (*path).to_owned()));
        }
    }
    if platform != Platform::Bios {
        for volume in volumes.readable() {
            for folder in vendors(volumes, volume) {
                configs.push((volume, format!("{folder}/grub.cfg")));
                configs.push((volume, format!("{folder}/x86_64-efi/grub.cfg")));
            }
        }
    }
    for (volume, path) in configs {
        if volumes.find(volume, &path).is_some() {
            let start = start_of(volumes, platform, volume, path);
            all.push(Way::Grub(Box::new(start)));
        }
    }
    if platform != Platform::Bios {
        for volume in volumes.readable() {
            let has = |path: &str| volumes.find(volume, path).is_some();
            // GRUB's entries of the boot loader specification have no loader.conf beside them.
            let fat = volumes.fat().contains(&volume);
            if has("/loader/loader.conf") || fat && has("/loader/entries") {
                all.push(Way::SystemdBoot {
                    volume,
                    arch: None,
                    certain: false,
                });
            }
        }
    }
    for volume in volumes.readable() {
        let there = |path: &&&str| volumes.find(volume, path).is_some();
        let found = syslinux::CONFIGS.iter().find(there);
        if let Some(path) = found {
            let path = (*path).to_owned();
            all.push(Way::Syslinux { volume, path });
        }
        let found = legacy::CONFIGS.iter().find(there);
        if let Some(path) = found {
            let path = (*path).to_owned();
            all.push(Way::GrubLegacy { volume, path });
        }
    }
}

/// A GRUB of which only the configuration is known.
fn start_of(volumes: &Volumes<'_>, platform: Platform, volume: usize, path: String) -> Start {
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let folder = folder.strip_suffix("/x86_64-efi").unwrap_or(folder);
    let prefix = format!("({}){folder}", volumes.device(volume));
    // The branch of Fedora reads from `grub2` and from folders of its own vendors.
    let name = folder.rsplit('/').next().unwrap_or("");
    let upstream = ["grub", "debian", "ubuntu"];
    let build = match upstream.iter().any(|n| n.eq_ignore_ascii_case(name)) {
        true => Build::Upstream,
        false => Build::Unknown,
    };
    Start {
        build,
        platform,
        arch: None,
        folder: Some(prefix.clone()),
        prefix: Some(prefix),
        embedded: None,
        at: volumes.place(volume, &path),
        config: Some((volume, path)),
    }
}

/// The folders below `/EFI` of a volume, in the order in which they stand there.
fn vendors(volumes: &Volumes<'_>, volume: usize) -> Vec<String> {
    let names = volumes.names(volume, "/EFI").unwrap_or_default();
    let mut all: Vec<String> = names.iter().map(|n| format!("/EFI/{n}")).collect();
    all.retain(|path| volumes.names(volume, path).is_some());
    all
}
