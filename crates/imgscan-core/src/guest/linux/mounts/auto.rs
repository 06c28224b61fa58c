//! What is mounted without a line or a unit: boot volumes as they are used in practice, partitions
//! by their type (systemd-gpt-auto-generator(8)), extensions of the system.

use std::sync::Arc;

use sha2::{Digest as _, Sha256};

use super::{Builder, Mounted, Origin, Request, Shows, wanted};
use crate::error::Kind;
use crate::fs::{Content, OpenVolume};
use crate::guest::linux::units::Machine;
use crate::guest::{Gap, Location};
use crate::text::{Text, lossless};

/// GPT type of an EFI system partition (UEFI specification 2.10, 5.3.3).
const ESP: &str = "C12A7328-F81F-11D2-BA4B-00A0C93EC93B";
/// GPT type of an extended boot loader partition (UAPI group, discoverable partitions).
const XBOOTLDR: &str = "BC13C2FF-59E6-4262-A352-B275FD6F7172";
/// GPT types that are mounted by themselves, and where (11.2).
const BY_TYPE: &[(&str, &[u8])] = &[
    ("933AC7E1-2EB4-4F13-B844-0E14E2AEF915", b"/home"),
    ("3B8F8425-20E0-4F3B-907F-1A25A76F98E8", b"/srv"),
    ("4D21B016-B534-45C2-A9FB-5C16E091FD2D", VAR),
    ("7EC6F557-3BC5-4ACA-B293-16EF5DF639D1", b"/var/tmp"),
];
const VAR: &[u8] = b"/var";
/// The type of the partition for `/var` as bytes: what its id is made from.
const VAR_TYPE: [u8; 16] = [
    0x4d, 0x21, 0xb0, 0x16, 0xb5, 0x34, 0x45, 0xc2, 0xa9, 0xfb, 0x5c, 0x16, 0xe0, 0x91, 0xfd, 0x2d,
];
/// Attribute bit of a partition that is not mounted by itself.
const NO_AUTO: u64 = 1 << 63;
/// The longest configuration file that is read here, in bytes.
const MAX_CONFIG: u64 = 1024 * 1024;
/// Folders of definitions of partitions.
const REPART: &[&str] = &[
    "/etc/repart.d",
    "/usr/local/lib/repart.d",
    "/usr/lib/repart.d",
];
const GENERATOR: &str = "systemd-gpt-auto-generator";

/// Folders of extensions over `/usr` and `/opt`, and of those over `/etc` (11.4).
const EXTENSIONS: &[(&str, &[&str])] = &[
    (
        "systemd-sysext.service",
        &[
            "/etc/extensions",
            "/var/lib/extensions",
            "/usr/local/lib/extensions",
            "/usr/lib/extensions",
        ],
    ),
    (
        "systemd-confext.service",
        &[
            "/etc/confexts",
            "/var/lib/confexts",
            "/usr/local/lib/confexts",
            "/usr/lib/confexts",
        ],
    ),
];

impl Builder<'_> {
    /// Mounts what nothing named: boot volumes, then partitions by their type.
    pub(super) fn auto(&mut self) {
        self.boot_volumes();
        let generator = [
            format!("/usr/lib/systemd/system-generators/{GENERATOR}"),
            format!("/lib/systemd/system-generators/{GENERATOR}"),
        ];
        let there = generator.iter().any(|path| {
            self.paths
                .find(path.as_bytes())
                .is_ok_and(|at| at.is_some())
        });
        if !self.systemd || !there || self.generator_is_masked(GENERATOR) {
            return;
        }
        for (kind, at) in BY_TYPE {
            let all = self.volumes.iter();
            let mut found = all.filter(|v| {
                v.volume.kind.eq_ignore_ascii_case(kind) && v.volume.attributes & NO_AUTO == 0
            });
            let Some(volume) = found.next().filter(|v| !self.used.contains(&v.volume.name)) else {
                continue;
            };
            if *at == VAR && !self.is_own_var(volume) {
                continue;
            }
            // The generator's units are the last of all (9.1).
            let unit = super::unit_name(at).unwrap_or_default();
            if self.units().has(&unit) {
                continue;
            }
            let request = Request::of_volume(at, Origin::Generator, &volume.volume);
            self.by_volume(&request, volume, &[]);
        }
    }

    /// `/var` only where its partition's id is made from the id of this machine (11.2): an
    /// HMAC-SHA256 of the type with the machine's id as key, marked as a random UUID
    /// (`sd_id128_get_machine_app_specific`).
    fn is_own_var(&self, volume: &OpenVolume) -> bool {
        let id = self
            .paths
            .read_if_there(b"/etc/machine-id", 4096)
            .ok()
            .flatten();
        let id = id.and_then(|file| machine_id(&file.bytes));
        let expected = id.map(|id| var_id(&id));
        expected.is_some() && volume.volume.part_uuid == expected
    }

    /// Mounts `volume` where its place is a directory that holds nothing but `except`; a volume that can't be read leaves
    /// the place as one that can't be read.
    fn by_volume(&mut self, request: &Request, volume: &OpenVolume, except: &[&[u8]]) -> bool {
        if !self.is_empty_dir(&request.at, except) {
            return false;
        }
        let shows = match &volume.content {
            Content::FileSystem(fs) => {
                self.paths
                    .mount(&request.at, &volume.volume.name, Arc::clone(fs));
                Shows::Volume(volume.volume.name.clone())
            }
            Content::Gap(_, e) => {
                self.paths.mark_unavailable(&request.at, e.clone());
                Shows::Unavailable
            }
            Content::Nothing(_) => return false,
        };
        self.use_volume(volume);
        self.plan.mounts.push(Mounted {
            at: lossless(&request.at),
            origin: request.origin,
            place: request.place.clone(),
            what: lossless(&request.what),
            kind: String::new(),
            options: Vec::new(),
            shows,
            required: false,
            hides: 0,
        });
        true
    }

    /// Where nothing says anything of it: a volume of boot files on an empty `/boot` (systemd
    /// mounts an extended boot loader partition so), and the EFI system partition on an empty
    /// `/boot/efi` or `/efi`. Many images boot from an EFI system partition that their fstab does
    /// not name.
    fn boot_volumes(&mut self) {
        let volumes = self.volumes;
        if self.is_empty_dir(b"/boot", &[b"efi"]) {
            let free = volumes
                .iter()
                .filter(|v| !self.used.contains(&v.volume.name));
            let boot: Vec<&OpenVolume> = free.filter(|v| holds_boot_files(v)).collect();
            match boot.as_slice() {
                [] => {}
                [one] => {
                    let request = Request::of_volume(b"/boot", Origin::Loader, &one.volume);
                    self.by_volume(&request, one, &[b"efi"]);
                }
                _ => self.doubt(Location::of_path("/boot"), say!(error_mount_boot)),
            }
        }
        let esp = volumes.iter().find(|v| {
            (v.volume.kind == ESP || v.volume.kind.eq_ignore_ascii_case("ef"))
                && !self.used.contains(&v.volume.name)
        });
        let Some(esp) = esp else {
            return;
        };
        for at in [&b"/boot/efi"[..], b"/efi"] {
            let request = Request::of_volume(at, Origin::Loader, &esp.volume);
            if self.by_volume(&request, esp, &[]) {
                return;
            }
        }
    }

    /// Extensions lie over `/usr`, `/opt` and `/etc` and are not followed (11.4).
    pub(super) fn extensions(&mut self) {
        for (service, folders) in EXTENSIONS {
            for folder in *folders {
                let names = match self.paths.list(folder.as_bytes()) {
                    Ok(listing) => listing.names,
                    Err(_) => continue,
                };
                if names.is_empty() {
                    continue;
                }
                let units = self.units();
                let reached = units.reach(
                    self.paths,
                    &self.plan.pulls,
                    Machine::default(),
                    &mut self.plan.doubts,
                );
                if reached.by.contains_key(*service) {
                    let why = say!(error_mount_extension, count = names.len());
                    self.doubt(Location::of_path(*folder), why);
                }
            }
        }
    }

    /// Rules of one's own that give a disk a name by which mounts find it (11.9).
    pub(super) fn device_names(&mut self) {
        for folder in ["/etc/udev/rules.d", "/usr/local/lib/udev/rules.d"] {
            self.lines_of(folder, ".rules", |line| {
                names_disks(line).then(|| say!(error_mount_udev))
            });
        }
    }

    /// Partitions that systemd-repart makes and fills before anything is mounted (11.5).
    pub(super) fn new_partitions(&mut self) {
        for folder in REPART {
            if !self
                .paths
                .list(folder.as_bytes())
                .is_ok_and(|l| !l.names.is_empty())
            {
                continue;
            }
            let units = self.units();
            let service = "systemd-repart.service";
            if !units.has(service) || units.is_masked(service) {
                return;
            }
            self.lines_of(folder, ".conf", |line| {
                let fills = ["CopyFiles", "CopyBlocks", "Format"];
                let key = line.split_once('=').map(|(key, _)| key.trim());
                key.is_some_and(|key| fills.contains(&key))
                    .then(|| say!(error_mount_repart))
            });
        }
    }

    /// Maps of the automounter over what is judged (11.10).
    pub(super) fn automounter(&mut self) {
        let service = "autofs.service";
        let there = self
            .paths
            .find(b"/etc/auto.master")
            .is_ok_and(|at| at.is_some());
        if !there {
            return;
        }
        let units = self.units();
        if !units
            .reach(
                self.paths,
                &self.plan.pulls,
                Machine::default(),
                &mut self.plan.doubts,
            )
            .by
            .contains_key(service)
        {
            return;
        }
        let maps = |line: &str| {
            let at = line.split_whitespace().next()?;
            let is_path = at.starts_with('/') && super::bears(at.as_bytes());
            (is_path || at == "/-").then(|| say!(error_mount_automounter, at = at))
        };
        self.lines_of("/etc/auto.master.d", ".autofs", maps);
        self.lines_of("/etc/auto.master", "", maps);
    }

    /// A doubt for each line for which `says` has a reason, in the file at `path` or the files of
    /// the folder there whose names end with `ending`.
    fn lines_of(&mut self, path: &str, ending: &str, says: impl Fn(&str) -> Option<Text>) {
        let files: Vec<Vec<u8>> = match self.paths.list(path.as_bytes()) {
            Ok(listing) => {
                let names = listing.names.into_iter();
                let fit = names.filter(|name| name.ends_with(ending.as_bytes()));
                fit.map(|name| [path.as_bytes(), b"/", &name].concat())
                    .collect()
            }
            Err(_) if ending.is_empty() => vec![path.as_bytes().to_vec()],
            Err(e) if e.kind == Kind::NotFound => return,
            Err(e) => {
                self.plan.doubts.push(Gap::at_path(path, &e));
                return;
            }
        };
        for path in files {
            let file = match self.paths.read_if_there(&path, MAX_CONFIG) {
                Ok(Some(file)) => file,
                Ok(None) => continue,
                Err(e) => {
                    self.plan.doubts.push(Gap::at_path(lossless(&path), &e));
                    continue;
                }
            };
            let at = Location::of_file(&file);
            for (i, line) in lossless(&file.bytes).lines().enumerate() {
                if line.trim_start().starts_with('#') {
                    continue;
                }
                if let Some(why) = says(line) {
                    self.doubt(at.clone().line(i.saturating_add(1)), why);
                }
            }
        }
    }

    /// A generator that no package puts where it stands may mount anything (10.2).
    pub(super) fn own_generators(&mut self) {
        for folder in ["/etc", "/usr/local/lib"] {
            let folder = format!("{folder}/systemd/system-generators");
            let listing = match self.paths.list(folder.as_bytes()) {
                Ok(listing) => listing,
                Err(e) if e.kind == Kind::NotFound => continue,
                Err(e) => {
                    self.plan.doubts.push(Gap::at_path(folder, &e));
                    continue;
                }
            };
            for name in listing.names {
                let path = [folder.as_bytes(), b"/", &name].concat();
                if !wanted::is_null(self.paths, &path) {
                    let at = Location::of_path(lossless(&path));
                    self.doubt(at, say!(error_mount_generator));
                }
            }
        }
    }
}

/// The 32 hexadecimal digits of a machine id as bytes.
fn machine_id(text: &[u8]) -> Option<[u8; 16]> {
    let text = std::str::from_utf8(text).ok()?.trim();
    if text.len() != 32 || !text.is_ascii() {
        return None;
    }
    let mut id = [0; 16];
    for (i, byte) in id.iter_mut().enumerate() {
        let at = i.checked_mul(2)?;
        *byte = u8::from_str_radix(text.get(at..at.checked_add(2)?)?, 16).ok()?;
    }
    Some(id)
}

/// The id of the partition for `/var` of the machine with this id, as PARTUUID.
fn var_id(machine: &[u8; 16]) -> String {
    let pad = |byte: u8| -> Vec<u8> {
        let key = machine.iter().copied().chain(std::iter::repeat(0)).take(64);
        key.map(|k| k ^ byte).collect()
    };
    let inner = Sha256::new()
        .chain_update(pad(0x36))
        .chain_update(VAR_TYPE)
        .finalize();
    let outer = Sha256::new()
        .chain_update(pad(0x5c))
        .chain_update(inner)
        .finalize();
    let mut text = String::new();
    for (i, byte) in outer.iter().take(16).enumerate() {
        let byte = match i {
            6 => byte & 0x0f | 0x40,
            8 => byte & 0x3f | 0x80,
            _ => *byte,
        };
        if matches!(i, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        text.push_str(&format!("{byte:02x}"));
    }
    text
}

/// A file system whose root has kernels or a boot loader's folder, and no `/etc`.
fn holds_boot_files(volume: &OpenVolume) -> bool {
    let Some(fs) = volume.file_system() else {
        return false;
    };
    if volume.volume.kind == ESP {
        return false;
    }
    let Ok(dir) = fs.read_dir(fs.root()) else {
        return false;
    };
    let has = |name: &[u8]| dir.entries.iter().any(|e| e.name == name);
    let kernel = dir.entries.iter().any(|e| e.name.starts_with(b"vmlinuz"));
    !has(b"etc") && (volume.volume.kind == XBOOTLDR || kernel || has(b"grub") || has(b"grub2"))
}

/// True of a line of a rule that gives a device a name by which disks are found, or may, or that sets what
/// systemd's own rules make such names of: udev(7), 60-persistent-storage.rules.
pub(crate) fn names_disks(line: &str) -> bool {
    let mut rest = line;
    while let Some((before, value)) = rest.split_once('"') {
        let before = before.trim_end();
        let close = value.find('"').unwrap_or(value.len());
        let (value, after) = value.split_at(close);
        rest = after.get(1..).unwrap_or_default();
        if before.ends_with("==") || before.ends_with("!=") {
            continue;
        }
        let key = before.trim_end_matches(['=', '+', '-', ':']).trim_end();
        let key = key.rsplit([',', ' ', '\t']).next().unwrap_or(key);
        let sets = key.starts_with("ENV{ID_FS_") || key.starts_with("ENV{ID_PART_ENTRY_");
        if sets || key == "SYMLINK" && value.split_whitespace().any(may_name_a_disk) {
            return true;
        }
    }
    false
}

/// True where the name of a link is below `disk/by-`, or may be once its variables are known.
fn may_name_a_disk(name: &str) -> bool {
    const FOLDER: &str = "disk/by-";
    // These hold no slash.
    let mut plain = name.to_owned();
    for of_device in [
        "%k", "$kernel", "%n", "$number", "%M", "$major", "%m", "$minor",
    ] {
        plain = plain.replace(of_device, "0");
    }
    match plain.find(['$', '%']) {
        Some(end) => {
            let stem = &plain[..end];
            stem.starts_with(FOLDER) || FOLDER.starts_with(stem)
        }
        None => plain.starts_with(FOLDER),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `systemd-id128 -u --app-specific=4d21b016-b534-45c2-a9fb-5c16e091fd2d machine-id` (252) on
    /// a machine with this id.
    #[test]
    fn the_partition_of_var_is_bound_to_the_machine() {
        let id = machine_id(b"0123456789abcdef0123456789abcdef\n").unwrap();
        assert_eq!(var_id(&id), "c0c46eff-e386-4746-a2bd-0962cd326ea2");
        assert_eq!(machine_id(b""), None);
    }
}
