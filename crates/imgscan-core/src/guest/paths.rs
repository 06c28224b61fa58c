use std::collections::VecDeque;
use std::sync::Arc;

use sha2::{Digest as _, Sha256};

use crate::bytes::hex;
use crate::error::{Error, Kind, Layer, Result};
use crate::fs::memory::MemoryFs;
use crate::fs::walk::Mounts;
use crate::fs::{FileKind, FileSystem, Metadata, NodeId, OpenVolume};
use crate::source::{ReadAt, read_all};
use crate::text::lossless;

/// Symbolic links that one look-up may pass, as in Linux.
const MAX_LINKS: usize = 40;
/// Components that one path may have after its links are replaced.
const MAX_COMPONENTS: usize = 4096;

/// Bytes that are hashed in the time that looking through one byte of text takes.
const DIGESTED: u64 = 8;
/// How many times what it costs to read a script its lines cost that are followed.
const LINES: u64 = 8;

/// The files of one guest under one roof: its root file system with the others mounted into it,
/// or for Windows its drives. Symbolic links are followed inside the guest only.
///
/// Paths are bytes separated by `/` (for Windows also by `\`). One that begins with the name of a
/// volume, `(p3)/boot`, leads to that volume by itself, mounted or not. A Windows path may begin with a
/// drive (`C:\Windows`); without one it is on the system drive.
#[derive(Clone)]
pub struct PathSpace {
    ignores_case: bool,
    /// The first mount is the root.
    mounts: Vec<Mount>,
    unavailable: Vec<(Vec<u8>, Error)>,
    system_drive: Option<u8>,
    drives: Vec<(u8, usize)>,
    volumes: Vec<OpenVolume>,
}

#[derive(Clone)]
struct Mount {
    /// Where, as components from the root; empty for the root and for drives.
    at: Vec<Vec<u8>>,
    volume: String,
    fs: Arc<dyn FileSystem>,
    dir: NodeId,
}

/// What is mounted below some directory.
pub(super) struct Below {
    /// Its path from that directory, with `/` before each name.
    pub(super) rest: Vec<u8>,
    /// The name of its volume.
    pub(super) volume: String,
    /// Its file system.
    pub(super) fs: Arc<dyn FileSystem>,
    /// What of it is mounted.
    pub(super) id: NodeId,
}

/// An object of the guest.
#[derive(Clone)]
pub struct Located {
    /// The name of its volume.
    pub volume: String,
    /// Its path in the guest with all links followed; on Windows with its drive, `C:/Windows`.
    pub path: Vec<u8>,
    /// Its file system.
    pub fs: Arc<dyn FileSystem>,
    /// Its id there.
    pub id: NodeId,
    /// Its metadata.
    pub metadata: Metadata,
}

/// A file's contents with where they are and their digest.
#[derive(Clone)]
pub struct FileBytes {
    /// Where it is.
    pub at: Located,
    /// All its bytes.
    pub bytes: Vec<u8>,
    /// Lower-case hexadecimal SHA-256 of the bytes.
    pub sha256: String,
}

/// A directory of the guest.
#[derive(Clone)]
pub struct Listing {
    /// The directory.
    pub at: Located,
    /// Names, sorted by their bytes.
    pub names: Vec<Vec<u8>>,
    /// What of it could not be read.
    pub damage: Vec<Error>,
}

impl PathSpace {
    /// A path space whose root is the root directory of `volume`.
    ///
    /// # Errors
    /// If `volume` holds no file system that is read.
    pub fn new(volume: &OpenVolume) -> Result<Self> {
        let fs = volume.file_system().ok_or_else(|| {
            Error::not_found(
                Layer::Guest,
                say!(error_guest_no_fs, volume = &volume.volume.name),
            )
        })?;
        let dir = fs.root();
        Ok(Self::from_fs(&volume.volume.name, Arc::clone(fs), dir))
    }

    /// A path space whose root is directory `dir` of `fs` (for example a btrfs subvolume).
    pub fn from_fs(volume: &str, fs: Arc<dyn FileSystem>, dir: NodeId) -> Self {
        Self {
            ignores_case: fs.ignores_case(),
            mounts: vec![Mount {
                at: Vec::new(),
                volume: volume.into(),
                fs,
                dir,
            }],
            unavailable: Vec::new(),
            system_drive: None,
            drives: Vec::new(),
            volumes: Vec::new(),
        }
    }

    /// Keeps the volumes of the image, those that have no place in the guest among them.
    pub fn set_volumes(&mut self, volumes: &[OpenVolume]) {
        self.volumes = volumes.to_vec();
    }

    /// The volumes of the image, as far as [`PathSpace::set_volumes`] was told them.
    #[must_use]
    pub fn volumes(&self) -> &[OpenVolume] {
        &self.volumes
    }

    /// Mounts the root directory of `fs` at the absolute path `at`.
    pub fn mount(&mut self, at: &[u8], volume: &str, fs: Arc<dyn FileSystem>) {
        let dir = fs.root();
        self.mount_dir(at, volume, fs, dir);
    }

    /// Mounts the object `dir` of `fs` at the absolute path `at`: a bind mount of a directory or a
    /// file, a subvolume. What was mounted below `at` before is hidden by it.
    pub fn mount_dir(&mut self, at: &[u8], volume: &str, fs: Arc<dyn FileSystem>, dir: NodeId) {
        let at: Vec<Vec<u8>> = self.split(at).map(<[u8]>::to_vec).collect();
        let below = |path: &[Vec<u8>]| path.len() > at.len() && path.starts_with(&at);
        if self.drives.is_empty() && !at.is_empty() {
            self.mounts.retain(|m| !below(&m.at));
            self.unavailable.retain(|(path, _)| {
                let path: Vec<Vec<u8>> = parts(path).map(<[u8]>::to_vec).collect();
                !below(&path)
            });
        }
        self.mounts.push(Mount {
            at,
            volume: volume.into(),
            fs,
            dir,
        });
    }

    /// What is mounted below the absolute path `at`, to be bound elsewhere with it.
    #[must_use]
    pub(super) fn mounted_below(&self, at: &[u8]) -> Vec<Below> {
        let at: Vec<&[u8]> = self.split(at).collect();
        let below = |m: &&Mount| {
            m.at.len() > at.len() && m.at.iter().zip(&at).all(|(have, want)| have == want)
        };
        let mounts = self.mounts.iter().filter(below);
        let rest = |m: &Mount| {
            let names = m.at.iter().skip(at.len());
            names.flat_map(|p| [b"/", p.as_slice()].concat()).collect()
        };
        mounts
            .map(|m| Below {
                rest: rest(m),
                volume: m.volume.clone(),
                fs: Arc::clone(&m.fs),
                id: m.dir,
            })
            .collect()
    }

    /// Where the file system with this UUID (as blkid prints it) is mounted.
    #[must_use]
    pub fn mount_point_of_uuid(&self, uuid: &str) -> Option<Vec<u8>> {
        self.mount_point_of(|m| {
            let has = m.fs.info().uuid;
            has.is_some_and(|has| has.eq_ignore_ascii_case(uuid))
        })
    }

    /// Where the file system with this label is mounted.
    #[must_use]
    pub fn mount_point_of_label(&self, label: &str) -> Option<Vec<u8>> {
        self.mount_point_of(|m| m.fs.info().label.as_deref() == Some(label))
    }

    fn mount_point_of(&self, is: impl Fn(&Mount) -> bool) -> Option<Vec<u8>> {
        let whole = |m: &&Mount| m.dir == m.fs.root();
        let mount = self.mounts.iter().filter(whole).find(|m| is(m))?;
        Some(
            mount
                .at
                .iter()
                .flat_map(|p| [b"/", p.as_slice()].concat())
                .collect(),
        )
    }

    /// The mount point that `path` lies below (empty for the root), links not followed.
    #[must_use]
    pub fn mount_point(&self, path: &[u8]) -> Vec<u8> {
        let parts: Vec<&[u8]> = self.split(path).collect();
        let below =
            |m: &&Mount| m.at.len() <= parts.len() && m.at.iter().zip(&parts).all(|(a, b)| a == b);
        let mount = self.mounts.iter().filter(below).max_by_key(|m| m.at.len());
        mount.map_or_else(Vec::new, |m| {
            m.at.iter()
                .flat_map(|p| [b"/", p.as_slice()].concat())
                .collect()
        })
    }

    /// The root volume alone, with nothing mounted into it: what a boot loader sees there.
    #[must_use]
    pub fn root_alone(&self) -> Self {
        Self {
            mounts: self.mounts.iter().take(1).cloned().collect(),
            unavailable: Vec::new(),
            drives: Vec::new(),
            ..self.clone()
        }
    }

    /// Declares that what belongs at the absolute path `at` is not there to be read, and why:
    /// looking for anything below it gives this error, never "not found".
    pub fn mark_unavailable(&mut self, at: &[u8], why: Error) {
        let mut path = vec![];
        for part in self.split(at) {
            path.push(b'/');
            path.extend_from_slice(part);
        }
        self.unavailable.push((path, why));
    }

    /// The drive letter (upper case) of the root, for Windows.
    pub fn set_system_drive(&mut self, letter: u8) {
        self.system_drive = Some(letter.to_ascii_uppercase());
    }

    /// The drive letter of the root (upper case), where it is known.
    #[must_use]
    pub fn system_drive(&self) -> Option<u8> {
        self.system_drive
    }

    /// Gives a further volume a drive letter.
    pub fn add_drive(&mut self, letter: u8, volume: &str, fs: Arc<dyn FileSystem>) {
        let dir = fs.root();
        self.drives
            .push((letter.to_ascii_uppercase(), self.mounts.len()));
        self.mounts.push(Mount {
            at: Vec::new(),
            volume: volume.into(),
            fs,
            dir,
        });
    }

    /// Mount points (or drives) that can't be read, and why.
    #[must_use]
    pub fn unavailable(&self) -> &[(Vec<u8>, Error)] {
        &self.unavailable
    }

    /// What is mounted where: (path, volume name), the root first.
    #[must_use]
    pub fn mounts(&self) -> Vec<(String, String)> {
        let shown = |(i, m): (usize, &Mount)| {
            let letter = self.drives.iter().find(|(_, at)| *at == i).map(|(l, _)| *l);
            let letter = if i == 0 { self.system_drive } else { letter };
            let path = match letter {
                Some(letter) => format!("{}:/", char::from(letter)),
                None if m.at.is_empty() => "/".into(),
                None => m.at.iter().map(|p| format!("/{}", lossless(p))).collect(),
            };
            (path, m.volume.clone())
        };
        self.mounts.iter().enumerate().map(shown).collect()
    }

    /// Pays for work that takes as long as looking through `bytes` bytes of text.
    ///
    /// # Errors
    /// [`Kind::Limit`] where the budget of the image is spent.
    pub(crate) fn pay(&self, bytes: u64) -> Result<()> {
        let root = self.mounts.first();
        root.map_or(Ok(()), |root| root.fs.pay_whole(bytes))
    }

    /// Pays for `count` digests of a file of `bytes` bytes: 512 bytes a step, holes too.
    ///
    /// # Errors
    /// As [`PathSpace::pay`].
    pub(crate) fn pay_digests(&self, count: u64, bytes: u64) -> Result<()> {
        self.pay(bytes.saturating_mul(count) / DIGESTED)
    }

    /// How many mounts there are, the root among them.
    #[must_use]
    pub(super) fn count(&self) -> usize {
        self.mounts.len()
    }

    /// What is mounted into the root, and what should be but can't be read.
    #[must_use]
    pub fn mounted(&self) -> Mounts {
        let inside = self.mounts.iter().filter(|m| !m.at.is_empty());
        let mounted = inside.map(|m| {
            let path = m.at.iter().flat_map(|p| [b"/", p.as_slice()].concat());
            (path.collect(), Arc::clone(&m.fs), m.dir)
        });
        Mounts {
            mounted: mounted.collect(),
            unavailable: self.unavailable.clone(),
        }
    }

    /// True where names are compared without case.
    #[must_use]
    pub fn ignores_case(&self) -> bool {
        self.ignores_case
    }

    /// The object at `path`, all links followed.
    ///
    /// # Errors
    /// [`Kind::NotFound`] where it is certain that there is none; any other kind where something
    /// on the way can't be read.
    pub fn resolve(&self, path: &[u8]) -> Result<Located> {
        self.walk(path, true)
    }

    /// The object at `path`; a link in the last place is not followed.
    ///
    /// # Errors
    /// As [`PathSpace::resolve`].
    pub fn resolve_link(&self, path: &[u8]) -> Result<Located> {
        self.walk(path, false)
    }

    /// The object `name` in the folder `here`, which was found with all links followed; a link is not followed.
    ///
    /// # Errors
    /// As [`PathSpace::resolve`].
    pub(crate) fn child(&self, here: &Located, name: &[u8]) -> Result<Located> {
        let mut names: Vec<Vec<u8>> = parts(&here.path).map(<[u8]>::to_vec).collect();
        names.push(name.to_vec());
        self.step(here, 0, &names, name)
    }

    /// As [`PathSpace::resolve`], with `None` for what is certainly not there.
    ///
    /// # Errors
    /// Where something on the way can't be read.
    pub fn find(&self, path: &[u8]) -> Result<Option<Located>> {
        match self.resolve(path) {
            Ok(at) => Ok(Some(at)),
            Err(e) if e.kind == Kind::NotFound => Ok(None),
            Err(e) => Err(e),
        }
    }

    /// The contents of the regular file at `path`, at most `limit` bytes.
    ///
    /// # Errors
    /// As [`PathSpace::resolve`]; [`Kind::Limit`] where the file is longer.
    pub fn read(&self, path: &[u8], limit: u64) -> Result<FileBytes> {
        let at = self.resolve(path)?;
        let bytes = at.read(limit)?;
        let sha256 = hex(&Sha256::digest(&bytes));
        Ok(FileBytes { at, bytes, sha256 })
    }

    /// As [`PathSpace::read`], of a script that is followed: the budget pays for its lines too.
    ///
    /// # Errors
    /// As [`PathSpace::read`].
    pub(crate) fn read_script(&self, path: &[u8], limit: u64) -> Result<FileBytes> {
        let file = self.read(path, limit)?;
        let lines = (file.bytes.len() as u64).saturating_mul(LINES);
        file.at.fs.pay_whole(lines)?;
        Ok(file)
    }

    /// As [`PathSpace::read`], with `None` for a file that is certainly not there.
    ///
    /// # Errors
    /// As [`PathSpace::read`], but for [`Kind::NotFound`].
    pub fn read_if_there(&self, path: &[u8], limit: u64) -> Result<Option<FileBytes>> {
        match self.read(path, limit) {
            Ok(file) => Ok(Some(file)),
            Err(e) if e.kind == Kind::NotFound => Ok(None),
            Err(e) => Err(e),
        }
    }

    /// The names in the directory at `path`, sorted.
    ///
    /// # Errors
    /// As [`PathSpace::resolve`].
    pub fn list(&self, path: &[u8]) -> Result<Listing> {
        let at = self.resolve(path)?;
        let listing = at.fs.read_dir(at.id)?;
        let mut names: Vec<Vec<u8>> = listing.entries.into_iter().map(|e| e.name).collect();
        // systemd makes a mount point that is not there.
        let here: Vec<&[u8]> = parts(&at.path).collect();
        let child = |m: &Mount| {
            let (last, before) = m.at.split_last()?;
            let is_child = before.iter().eq(here.iter());
            (is_child && self.drives.is_empty()).then(|| last.clone())
        };
        names.extend(self.mounts.iter().filter_map(child));
        names.sort();
        names.dedup();
        Ok(Listing {
            at,
            names,
            damage: listing.damage,
        })
    }

    fn split<'a>(&self, path: &'a [u8]) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        let backslash = self.ignores_case;
        path.split(move |b| *b == b'/' || backslash && *b == b'\\')
            .filter(|p| !p.is_empty())
    }

    /// The mount that a path starts from, and the rest of the path.
    fn start<'a>(&self, path: &'a [u8]) -> Result<(usize, &'a [u8])> {
        let (letter, rest) = match path {
            [letter, b':', rest @ ..] if self.ignores_case && letter.is_ascii_alphabetic() => {
                (letter.to_ascii_uppercase(), rest)
            }
            _ => return Ok((0, path)),
        };
        if self.system_drive == Some(letter) {
            return Ok((0, rest));
        }
        match self.drives.iter().find(|(l, _)| *l == letter) {
            Some((_, mount)) => Ok((*mount, rest)),
            // A drive of a volume that is not in the image, or whose letter is not known.
            None => Err(Error::unsupported(
                Layer::Guest,
                None,
                say!(
                    error_guest_drive,
                    drive = format!("{}:", char::from(letter))
                ),
            )),
        }
    }

    /// A path on one volume, whatever is mounted where: `(p3)/boot`, as boot loaders name files.
    fn on_volume<'a>(&self, path: &'a [u8]) -> Option<(&OpenVolume, &'a [u8])> {
        let rest = path.strip_prefix(b"(")?;
        let end = rest.iter().position(|b| *b == b')')?;
        let (name, rest) = rest.split_at_checked(end)?;
        let rest = rest.strip_prefix(b")")?;
        let volume = self
            .volumes
            .iter()
            .find(|v| v.volume.name.as_bytes() == name)?;
        (rest.first() == Some(&b'/')).then_some((volume, rest))
    }

    fn walk(&self, path: &[u8], follow_last: bool) -> Result<Located> {
        if let Some((volume, rest)) = self.on_volume(path) {
            let mut at = Self::new(volume)?.walk(rest, follow_last)?;
            at.path = [b"(", volume.volume.name.as_bytes(), b")", &at.path].concat();
            return Ok(at);
        }
        let (mut start, rest) = self.start(path)?;
        let mut todo: VecDeque<Vec<u8>> = self.split(rest).map(<[u8]>::to_vec).collect();
        let mut links = 0_usize;
        let mut stack = vec![self.entry(start, &[])?];
        let mut names: Vec<Vec<u8>> = Vec::new();
        while let Some(part) = todo.pop_front() {
            match part.as_slice() {
                b"." => continue,
                b".." => {
                    if stack.len() > 1 {
                        stack.pop();
                        names.pop();
                    }
                    continue;
                }
                _ => {}
            }
            if names.len() >= MAX_COMPONENTS || todo.len() > MAX_COMPONENTS {
                return Err(Error::limit(
                    Layer::Guest,
                    None,
                    say!(error_guest_path_long, most = MAX_COMPONENTS),
                ));
            }
            #[expect(
                clippy::arithmetic_side_effects,
                clippy::indexing_slicing,
                reason = "the start is never taken off the stack"
            )]
            let here = &stack[stack.len() - 1];
            names.push(part.clone());
            let next = self.step(here, start, &names, &part)?;
            if next.metadata.kind != FileKind::Symlink || (todo.is_empty() && !follow_last) {
                stack.push(next);
                continue;
            }
            links = links.saturating_add(1);
            if links > MAX_LINKS {
                return Err(Error::limit(
                    Layer::Guest,
                    None,
                    say!(error_guest_links, most = MAX_LINKS, path = lossless(path)),
                ));
            }
            names.pop();
            next.sound()?;
            let target = next.fs.read_link(next.id)?;
            let target = self.normalize(&target);
            let (from, rest) = self.start(&target)?;
            let absolute = rest
                .first()
                .is_some_and(|b| *b == b'/' || self.ignores_case && *b == b'\\')
                || rest.len() != target.len();
            if absolute {
                start = from;
                stack = vec![self.entry(start, &[])?];
                names.clear();
            }
            for part in self
                .split(rest)
                .map(<[u8]>::to_vec)
                .collect::<Vec<_>>()
                .into_iter()
                .rev()
            {
                todo.push_front(part);
            }
        }
        stack
            .pop()
            .ok_or_else(|| Error::not_found(Layer::Guest, say!(error_guest_path_empty)))
    }

    /// Takes the NT prefix (`\??\`, `\\?\`) off a Windows link target.
    fn normalize(&self, target: &[u8]) -> Vec<u8> {
        if self.ignores_case {
            for prefix in [&br"\??\"[..], br"\\?\", br"\DosDevices\"] {
                if let Some(rest) = target.strip_prefix(prefix) {
                    return rest.to_vec();
                }
            }
        }
        target.to_vec()
    }

    fn step(
        &self,
        here: &Located,
        start: usize,
        names: &[Vec<u8>],
        part: &[u8],
    ) -> Result<Located> {
        if start == 0 {
            if let Some(why) = self.missing(names) {
                return Err(why);
            }
            // The last mount on a path wins, as in Linux.
            if let Some(i) = self
                .mounts
                .iter()
                .rposition(|m| !m.at.is_empty() && m.at == names)
            {
                return self.entry(i, names);
            }
        }
        if here.metadata.kind != FileKind::Directory {
            return Err(Error::not_found(
                Layer::Guest,
                say!(error_guest_no_directory, path = lossless(&here.path)),
            ));
        }
        let Some(id) = self.lookup(here, part)? else {
            let path = self.shown(start, names);
            // systemd makes the directories on the way to a mount point that are not there.
            let below = |at: &[u8]| {
                at.strip_prefix(&path[..])
                    .is_some_and(|r| r.first() == Some(&b'/'))
            };
            if let Some((_, why)) = self.unavailable.iter().find(|(at, _)| below(at)) {
                return Err(why.clone());
            }
            let leads_to = |m: &Mount| m.at.len() > names.len() && m.at.starts_with(names);
            if start == 0 && self.mounts.iter().any(leads_to) {
                let made = MemoryFs::default().kind("tmpfs");
                return Ok(Located {
                    volume: here.volume.clone(),
                    path,
                    id: made.root(),
                    metadata: made.metadata(made.root())?,
                    fs: Arc::new(made),
                });
            }
            return Err(Error::not_found(
                Layer::Guest,
                say!(error_guest_not_found, path = lossless(&path)),
            ));
        };
        Ok(Located {
            volume: here.volume.clone(),
            path: self.shown(start, names),
            fs: Arc::clone(&here.fs),
            id,
            metadata: here.fs.metadata(id)?,
        })
    }

    /// The object that `part` leads to in the folder `here`. Windows takes points and blanks off the
    /// end of a name, but where a path is the kernel's own: where a name with them is there it can't
    /// be told which is opened.
    fn lookup(&self, here: &Located, part: &[u8]) -> Result<Option<NodeId>> {
        let found = here.fs.lookup(here.id, part)?;
        let end = part.iter().rposition(|b| !matches!(b, b'.' | b' '));
        let bare = part.get(..end.map_or(0, |at| at.saturating_add(1)));
        let bare = bare.unwrap_or_default();
        if !self.ignores_case || bare.len() == part.len() || bare.is_empty() {
            return Ok(found);
        }
        match found {
            Some(_) => {
                let what = say!(error_guest_name_end, name = lossless(part));
                Err(Error::doubt(Layer::Guest, what))
            }
            None => here.fs.lookup(here.id, bare),
        }
    }

    fn missing(&self, names: &[Vec<u8>]) -> Option<Error> {
        if self.unavailable.is_empty() {
            return None;
        }
        let path = self.shown(0, names);
        let path = if self.system_drive.is_some() {
            path.get(2..)?
        } else {
            &path[..]
        };
        self.unavailable
            .iter()
            .find(|(at, _)| at == path)
            .map(|(_, why)| why.clone())
    }

    #[expect(
        clippy::indexing_slicing,
        reason = "the root and drives are mounts, and neither is removed (root_alone forgets drives)"
    )]
    fn entry(&self, mount: usize, names: &[Vec<u8>]) -> Result<Located> {
        let m = &self.mounts[mount];
        Ok(Located {
            volume: m.volume.clone(),
            path: self.shown(if m.at.is_empty() { mount } else { 0 }, names),
            fs: Arc::clone(&m.fs),
            id: m.dir,
            metadata: m.fs.metadata(m.dir)?,
        })
    }

    fn shown(&self, start: usize, names: &[Vec<u8>]) -> Vec<u8> {
        let letter = if start == 0 {
            self.system_drive
        } else {
            self.drives
                .iter()
                .find(|(_, m)| *m == start)
                .map(|(l, _)| *l)
        };
        let mut path = Vec::new();
        if let Some(letter) = letter {
            path.extend([letter, b':']);
        }
        for name in names {
            path.push(b'/');
            path.extend_from_slice(name);
        }
        if names.is_empty() {
            path.push(b'/');
        }
        path
    }
}

fn parts(path: &[u8]) -> impl Iterator<Item = &[u8]> {
    path.split(|b| *b == b'/').filter(|p| !p.is_empty())
}

impl Located {
    /// Its contents.
    ///
    /// # Errors
    /// As [`FileSystem::open`], and where its record is damaged: what such a record leads to need
    /// not be what the system would see.
    pub fn open(&self) -> Result<Arc<dyn ReadAt>> {
        self.sound()?;
        self.fs.open(self.id)
    }

    /// All of its contents, at most `limit` bytes, for which the budget pays by their number.
    ///
    /// # Errors
    /// As [`Located::open`]; [`Kind::Limit`] where they are longer.
    pub fn read(&self, limit: u64) -> Result<Vec<u8>> {
        let data = self.open()?;
        self.fs.pay_whole(data.len().min(limit))?;
        read_all(data.as_ref(), limit)
    }

    /// That nothing is wrong with its record.
    ///
    /// # Errors
    /// The first of [`FileSystem::damage`].
    pub fn sound(&self) -> Result<()> {
        match self.fs.damage(self.id)?.into_iter().next() {
            Some(damage) => Err(damage),
            None => Ok(()),
        }
    }

    /// Its path as text.
    #[must_use]
    pub fn path_text(&self) -> String {
        lossless(&self.path)
    }
}

#[cfg(test)]
mod tests;
