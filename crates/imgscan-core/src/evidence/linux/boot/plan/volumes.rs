//! The volumes of the disk as boot loaders see them: each for itself, with no regard to what the
//! guest mounts where (rules 3.2a to 3.2c).

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use sha2::Digest as _;

use super::raw::{bytes, raw, show};
use super::script::{Script, parse};
use crate::error::{Error, Kind, Layer};
use crate::evidence::{Gap, Location};
use crate::fs::{FileKind, OpenVolume};
use crate::guest::{Located, PathSpace};
use crate::source::ReadAt;

/// The longest configuration that is read, in bytes.
const MAX_CONFIG: u64 = 1024 * 1024;
/// Configurations of one disk that are read.
const MAX_CONFIGS: usize = 256;

/// A file on a volume, as a boot loader names it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
pub(crate) struct BootPath {
    /// The volume's name (`p2`).
    pub(crate) volume: String,
    /// The path on that volume, links followed.
    pub(crate) path: String,
}

/// What a name of a device stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Device {
    /// A volume, by its place in the list.
    Volume(usize),
    /// The whole disk, which is divided.
    Disk,
    /// Nothing of this image, or nothing that is followed.
    Outside,
}

/// What a file name of a loader leads to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Target {
    /// A path on a volume; whether there is something is another question.
    On { volume: usize, path: String },
    /// A place that is not in the image, or a name that is not followed; as it stands.
    Outside(String),
}

/// A configuration that was read.
#[derive(Debug, Clone)]
pub(super) struct Config {
    pub(super) at: Location,
    pub(super) text: String,
    pub(super) script: Script,
}

impl Config {
    pub(super) fn line(&self, line: usize) -> Location {
        self.at.clone().line(line)
    }
}

type Cache = RefCell<BTreeMap<(usize, String), Option<Rc<Config>>>>;

/// The volumes.
pub(super) struct Volumes<'a> {
    all: &'a [OpenVolume],
    spaces: Vec<Option<PathSpace>>,
    configs: Cache,
    gaps: RefCell<Vec<Gap>>,
}

impl<'a> Volumes<'a> {
    pub(super) fn new(all: &'a [OpenVolume]) -> Self {
        Self {
            all,
            spaces: all.iter().map(|v| PathSpace::new(v).ok()).collect(),
            configs: Cache::default(),
            gaps: RefCell::default(),
        }
    }

    pub(super) fn all(&self) -> &'a [OpenVolume] {
        self.all
    }

    /// The same as a loader finds it where a journal was not yet replayed; `None` where there is none
    /// that was.
    pub(super) fn unreplayed(all: &'a [OpenVolume]) -> Option<Self> {
        let before: Vec<Option<PathSpace>> = all
            .iter()
            .map(|v| {
                let fs = v.file_system()?.unreplayed()?;
                let root = fs.root();
                Some(PathSpace::from_fs(&v.volume.name, fs, root))
            })
            .collect();
        if before.iter().all(Option::is_none) {
            return None;
        }
        let mut volumes = Self::new(all);
        for (space, before) in volumes.spaces.iter_mut().zip(before) {
            if before.is_some() {
                *space = before;
            }
        }
        Some(volumes)
    }

    /// What could not be read so far.
    pub(super) fn take_gaps(&self) -> Vec<Gap> {
        let mut gaps = self.gaps.take();
        gaps.sort();
        gaps.dedup();
        gaps
    }

    pub(super) fn gap(&self, gap: Gap) {
        self.gaps.borrow_mut().push(gap);
    }

    /// The places of the volumes whose files can be read.
    pub(super) fn readable(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.all.len()).filter(|i| self.spaces[*i].is_some())
    }

    /// GRUB's name of a volume: `hd0,gpt2`, `hd0,msdos1`, `hd0` (rule 3.2a).
    pub(super) fn device(&self, volume: usize) -> String {
        let v = &self.all[volume].volume;
        match (v.number, v.kind.len() > 2) {
            (0, _) => "hd0".into(),
            (n, true) => format!("hd0,gpt{n}"),
            (n, false) => format!("hd0,msdos{n}"),
        }
    }

    /// What GRUB's `device` stands for: the disk of this image is the first one (rule 3.2a).
    pub(super) fn of_device(&self, device: &str) -> Device {
        let (disk, part) = match device.split_once(',') {
            Some((disk, part)) => (disk, Some(part)),
            None => (device, None),
        };
        if disk != "hd0" {
            return Device::Outside;
        }
        let Some(part) = part else {
            let whole = self.all.iter().position(|v| v.volume.number == 0);
            return whole.map_or(Device::Disk, Device::Volume);
        };
        let (gpt, digits) = match (part.strip_prefix("gpt"), part.strip_prefix("msdos")) {
            (Some(n), _) => (Some(true), n),
            (_, Some(n)) => (Some(false), n),
            _ => (None, part),
        };
        let number = digits.parse::<u32>().ok().filter(|n| *n > 0);
        let fits = |v: &OpenVolume| {
            let has = (v.volume.kind.len() > 2, v.volume.number);
            Some(has.1) == number && gpt.is_none_or(|gpt| gpt == has.0)
        };
        let found = self.all.iter().position(fits);
        found.map_or(Device::Outside, Device::Volume)
    }

    /// What is at `path` of a volume, links followed inside it only; `None` where there is nothing
    /// or it can't be read, which is noted.
    pub(super) fn find(&self, volume: usize, path: &str) -> Option<Located> {
        let space = self.spaces.get(volume)?.as_ref()?;
        match space.find(&bytes(path)) {
            Ok(found) => found,
            Err(e) => {
                self.gap(Gap::new(self.place(volume, path), &e));
                None
            }
        }
    }

    pub(super) fn place(&self, volume: usize, path: &str) -> Location {
        Location {
            volume: Some(self.all[volume].volume.name.clone()),
            path: Some(show(path)),
            ..Location::default()
        }
    }

    /// The path of a target with links followed, where something is there.
    pub(super) fn boot_path(&self, volume: usize, path: &str) -> BootPath {
        let found = self.find(volume, path);
        BootPath {
            volume: self.all[volume].volume.name.clone(),
            path: found.map_or_else(|| show(path), |at| at.path_text()),
        }
    }

    /// The files two levels below a folder: modules of GRUB by their platform.
    pub(super) fn below(&self, folder: &BootPath) -> Vec<BootPath> {
        let Some(volume) = self.all.iter().position(|v| v.volume.name == folder.volume) else {
            return Vec::new();
        };
        let mut files = Vec::new();
        for name in self.names(volume, &folder.path).unwrap_or_default() {
            let inner = format!("{}/{name}", folder.path);
            for name in self.names(volume, &inner).unwrap_or_default() {
                files.push(BootPath {
                    volume: folder.volume.clone(),
                    path: format!("{inner}/{name}"),
                });
            }
        }
        files
    }

    /// The digest of a file; `None` where there is none or it can't be read.
    pub(super) fn content(&self, file: &BootPath, limit: u64) -> Option<[u8; 32]> {
        let volume = self.all.iter().position(|v| v.volume.name == file.volume)?;
        let bytes = self.read(volume, &file.path, limit)?;
        Some(sha2::Sha256::digest(&bytes).into())
    }

    /// The bytes of the regular file at `path`.
    pub(super) fn read(&self, volume: usize, path: &str, limit: u64) -> Option<Vec<u8>> {
        let at = self.find(volume, path)?;
        if at.metadata.kind != FileKind::Regular {
            return None;
        }
        match at.read(limit) {
            Ok(bytes) => Some(bytes),
            Err(e) => {
                self.gap(Gap::new(Location::of(&at), &e));
                None
            }
        }
    }

    /// The regular file at `path`, where it has at most `limit` bytes.
    pub(super) fn open(&self, volume: usize, path: &str, limit: u64) -> Option<Arc<dyn ReadAt>> {
        let at = self.find(volume, path)?;
        if at.metadata.kind != FileKind::Regular {
            return None;
        }
        let opened = at.open().and_then(|data| {
            let len = data.len();
            if len <= limit {
                return Ok(data);
            }
            let why = say!(error_source_long, bytes = len, most = limit);
            Err(Error::limit(Layer::Boot, None, why))
        });
        match opened {
            Ok(data) => Some(data),
            Err(e) => {
                self.gap(Gap::new(Location::of(&at), &e));
                None
            }
        }
    }

    /// The configuration at `path`, read as a script.
    pub(super) fn config(&self, volume: usize, path: &str) -> Option<Rc<Config>> {
        let key = (volume, path.to_owned());
        if let Some(known) = self.configs.borrow().get(&key) {
            return known.clone();
        }
        if self.configs.borrow().len() >= MAX_CONFIGS {
            let what = say!(error_too_many, most = MAX_CONFIGS, what = "configurations");
            let why = Error::limit(Layer::Boot, None, what);
            self.gap(Gap::new(self.place(volume, path), &why));
            return None;
        }
        let read = self.config_of(volume, path).map(Rc::new);
        self.configs.borrow_mut().insert(key, read.clone());
        read
    }

    fn config_of(&self, volume: usize, path: &str) -> Option<Config> {
        let space = self.spaces.get(volume)?.as_ref()?;
        let at = self.find(volume, path)?;
        if at.metadata.kind != FileKind::Regular {
            return None;
        }
        match space.read(&bytes(path), MAX_CONFIG) {
            Ok(file) => {
                let text = raw(&file.bytes);
                let script = parse(&text, true);
                let at = Location::of_file(&file);
                Some(Config { at, text, script })
            }
            Err(e) => {
                self.gap(Gap::new(Location::of(&at), &e));
                None
            }
        }
    }

    /// The names in a folder in the order in which they stand there.
    pub(super) fn names(&self, volume: usize, path: &str) -> Option<Vec<String>> {
        let at = self.find(volume, path)?;
        if at.metadata.kind != FileKind::Directory {
            return None;
        }
        match at.fs.read_dir(at.id) {
            Ok(dir) => {
                for damage in &dir.damage {
                    self.gap(Gap::new(Location::of(&at), damage));
                }
                Some(dir.entries.iter().map(|e| raw(&e.name)).collect())
            }
            Err(e) if e.kind == Kind::NotFound => None,
            Err(e) => {
                self.gap(Gap::new(Location::of(&at), &e));
                None
            }
        }
    }

    /// The volumes whose file system has this UUID, as GRUB compares: without regard to case.
    pub(super) fn with_uuid(&self, uuid: &str) -> Vec<usize> {
        self.readable()
            .filter(|i| {
                let info = self.all[*i].file_system().map(|fs| fs.info());
                info.and_then(|i| i.uuid)
                    .is_some_and(|u| u.eq_ignore_ascii_case(uuid))
            })
            .collect()
    }

    /// The volumes whose file system has this label.
    pub(super) fn with_label(&self, label: &str) -> Vec<usize> {
        self.readable()
            .filter(|i| {
                let info = self.all[*i].file_system().map(|fs| fs.info());
                info.and_then(|i| i.label).as_deref() == Some(&show(label))
            })
            .collect()
    }

    /// The volumes with a file of FAT, which firmware reads.
    pub(super) fn fat(&self) -> Vec<usize> {
        self.readable()
            .filter(|i| {
                let fs = self.all[*i].file_system();
                fs.is_some_and(|fs| fs.info().kind.starts_with("fat"))
            })
            .collect()
    }
}
