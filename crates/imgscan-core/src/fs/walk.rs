//! Whole trees: a deterministic walk.

#![warn(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    clippy::indexing_slicing
)]
#![cfg_attr(
    test,
    allow(
        clippy::arithmetic_side_effects,
        clippy::cast_possible_truncation,
        clippy::cast_possible_wrap,
        clippy::cast_sign_loss,
        clippy::indexing_slicing
    )
)]

use std::collections::HashSet;
use std::sync::Arc;
use std::vec::IntoIter;

use super::{DirEntry, FileKind, FileSystem, Metadata, NodeId};
use crate::error::{Error, Layer, Result};

/// The deepest directory that is entered: more than any path that a kernel opens has names.
const MAX_DEPTH: usize = 4096;
/// The longest path of a directory that is entered, in bytes: eight times what Linux takes.
const MAX_PATH: usize = 32 << 10;
/// Names that one walk lists: this many, and one for every [`BYTES_PER_NAME`] bytes of the file
/// systems (an inode and its name take 264 bytes on ext, a FAT entry takes 32), so that
/// directories that share their blocks can't make it endless.
const MIN_NAMES: u64 = 1 << 20;
const BYTES_PER_NAME: u64 = 32;
const MAX_NAMES: u64 = 1 << 28;

/// One step of a walk.
#[derive(Debug)]
pub enum Step {
    /// A name in the tree.
    Entry(Walked),
    /// Something that may hide names.
    Damage {
        /// The directory in question.
        path: Vec<u8>,
        /// What is wrong.
        error: Error,
    },
}

/// What is mounted into a tree.
#[derive(Clone, Default)]
pub struct Mounts {
    /// Absolute paths (`/boot/efi`), and the directory of another file system that stands in place
    /// of the one there; of several on one path the last wins, as in Linux.
    pub mounted: Vec<(Vec<u8>, Arc<dyn FileSystem>, NodeId)>,
    /// Absolute paths where something should be mounted that can't be read, and why.
    pub unavailable: Vec<(Vec<u8>, Error)>,
}

/// A name in the tree.
#[derive(Debug)]
pub struct Walked {
    /// Its path from the root of the file system or guest, with `/` before each name. Names from a
    /// hostile image may hold `/` themselves: never take it apart again.
    pub path: Vec<u8>,
    /// Number of names in the path.
    pub depth: usize,
    /// The entry.
    pub entry: DirEntry,
    /// What it leads to, or why that can't be read.
    pub metadata: Result<Metadata>,
    /// Which of [`Walk::file_system`] the entry's id is of.
    pub mount: usize,
}

/// A depth-first walk; each directory's names come in byte order, a directory before what is in
/// it. A directory that was entered before (a loop or a second hard link) is not entered again.
pub struct Walk {
    systems: Vec<Arc<dyn FileSystem>>,
    /// What stands in place of the directory at a path: file system and its directory.
    mounts: Vec<(Vec<u8>, usize, NodeId)>,
    unavailable: Vec<(Vec<u8>, Error)>,
    stack: Vec<Level>,
    /// The path of the directory that was entered last; that of each level is its beginning.
    path: Vec<u8>,
    entered: HashSet<(usize, NodeId)>,
    pending: Vec<Step>,
    shallow: bool,
    names_left: u64,
}

struct Level {
    mount: usize,
    path_len: usize,
    left: IntoIter<DirEntry>,
}

impl Walk {
    /// Walks what is below directory `root`, whose own path is `path` (empty for the root of the
    /// file system).
    pub fn new(fs: Arc<dyn FileSystem>, root: NodeId, path: Vec<u8>) -> Self {
        let mut walk = Self {
            names_left: names_of(fs.as_ref()).saturating_add(MIN_NAMES),
            systems: vec![fs],
            mounts: Vec::new(),
            unavailable: Vec::new(),
            stack: Vec::new(),
            path: Vec::new(),
            entered: HashSet::new(),
            pending: Vec::new(),
            shallow: false,
        };
        walk.enter(0, root, &path);
        walk
    }

    /// Lists the one directory only.
    #[must_use]
    pub fn shallow(mut self) -> Self {
        self.shallow = true;
        self
    }

    /// Crosses into what is mounted below the directory, whose own path must be one of the tree
    /// that `mounts` belong to. What should be mounted but can't be read has that reason in place
    /// of its metadata.
    #[must_use]
    pub fn across(mut self, mounts: Mounts) -> Self {
        for (path, fs, dir) in mounts.mounted {
            self.names_left = self.names_left.saturating_add(names_of(fs.as_ref()));
            self.mounts.push((path, self.systems.len(), dir));
            self.systems.push(fs);
        }
        self.unavailable = mounts.unavailable;
        self
    }

    /// The file system with the number [`Walked::mount`]; 0 is the one that the walk began in.
    #[must_use]
    #[expect(clippy::indexing_slicing, reason = "the walk began in a file system")]
    pub fn file_system(&self, mount: usize) -> &Arc<dyn FileSystem> {
        self.systems.get(mount).unwrap_or(&self.systems[0])
    }

    fn enter(&mut self, mount: usize, id: NodeId, path: &[u8]) {
        let damage = |error| Step::Damage {
            path: path.to_vec(),
            error,
        };
        if !self.entered.insert((mount, id)) {
            self.pending.push(damage(Error::corrupt(
                Layer::Volume,
                None,
                say!(error_walk_twice),
            )));
            return;
        }
        if self.stack.len() >= MAX_DEPTH || path.len() > MAX_PATH {
            self.pending.push(damage(Error::limit(
                Layer::Volume,
                None,
                say!(error_walk_deep, most = MAX_DEPTH, bytes = MAX_PATH),
            )));
            return;
        }
        match self.file_system(mount).read_dir(id) {
            Ok(mut listing) => {
                self.pending.extend(listing.damage.into_iter().map(damage));
                self.add_mount_points(&mut listing.entries, path);
                listing.entries.sort_by(|a, b| a.name.cmp(&b.name));
                self.path.clear();
                self.path.extend_from_slice(path);
                self.stack.push(Level {
                    mount,
                    path_len: path.len(),
                    left: listing.entries.into_iter(),
                });
            }
            Err(error) => self.pending.push(damage(error)),
        }
        // Taken from the end.
        self.pending.reverse();
    }

    /// Adds to the names of the directory at `path` the mount points in it that are not there:
    /// systemd makes them.
    fn add_mount_points(&self, entries: &mut Vec<DirEntry>, path: &[u8]) {
        for (at, _, dir) in &self.mounts {
            let name = at
                .strip_prefix(path)
                .and_then(|rest| rest.strip_prefix(b"/"));
            let Some(name) = name.filter(|n| !n.is_empty() && !n.contains(&b'/')) else {
                continue;
            };
            if !entries.iter().any(|e| e.name == name) {
                entries.push(DirEntry {
                    name: name.to_vec(),
                    id: *dir,
                    kind: None,
                });
            }
        }
    }

    /// What stands at `path` in place of what its directory says.
    fn mounted(&self, path: &[u8]) -> Option<Result<(usize, NodeId)>> {
        if let Some((_, why)) = self.unavailable.iter().find(|(at, _)| at == path) {
            return Some(Err(why.clone()));
        }
        let (_, mount, dir) = self.mounts.iter().rfind(|(at, ..)| at == path)?;
        Some(Ok((*mount, *dir)))
    }
}

/// Names that `fs` has room for.
fn names_of(fs: &dyn FileSystem) -> u64 {
    (fs.info().size / BYTES_PER_NAME).min(MAX_NAMES)
}

impl Iterator for Walk {
    type Item = Step;

    fn next(&mut self) -> Option<Step> {
        if let Some(step) = self.pending.pop() {
            return Some(step);
        }
        loop {
            let depth = self.stack.len();
            let level = self.stack.last_mut()?;
            let Some(mut entry) = level.left.next() else {
                self.stack.pop();
                continue;
            };
            self.path.truncate(level.path_len);
            let mut mount = level.mount;
            if self.names_left == 0 {
                self.stack.clear();
                return Some(Step::Damage {
                    path: self.path.clone(),
                    error: Error::limit(Layer::Volume, None, say!(error_walk_many)),
                });
            }
            self.names_left = self.names_left.saturating_sub(1);
            let mut path = Vec::with_capacity(
                self.path
                    .len()
                    .saturating_add(entry.name.len())
                    .saturating_add(1),
            );
            path.extend_from_slice(&self.path);
            path.push(b'/');
            path.extend_from_slice(&entry.name);
            let metadata = match self.mounted(&path) {
                Some(Err(why)) => {
                    entry.kind = None;
                    Err(why)
                }
                Some(Ok((other, dir))) => {
                    (mount, entry.id) = (other, dir);
                    self.file_system(mount).metadata(dir)
                }
                None => self.file_system(mount).metadata(entry.id),
            };
            let kind = metadata.as_ref().map_or(entry.kind, |m| Some(m.kind));
            if kind == Some(FileKind::Directory) && !self.shallow {
                self.enter(mount, entry.id, &path);
            }
            return Some(Step::Entry(Walked {
                path,
                depth,
                entry,
                metadata,
                mount,
            }));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fs::memory::MemoryFs;

    #[test]
    fn a_walk_is_depth_first_in_byte_order() {
        let fs = MemoryFs::new(false)
            .file("/b/2", 0o644, "")
            .file("/b/1", 0o644, "")
            .file("/a", 0o644, "")
            .file("/b.txt", 0o644, "");
        let fs: Arc<dyn FileSystem> = Arc::new(fs);
        let paths: Vec<String> = Walk::new(Arc::clone(&fs), fs.root(), Vec::new())
            .map(|step| match step {
                Step::Entry(e) => String::from_utf8(e.path).unwrap(),
                Step::Damage { error, .. } => panic!("{error}"),
            })
            .collect();
        assert_eq!(paths, ["/a", "/b", "/b/1", "/b/2", "/b.txt"]);
    }

    #[test]
    fn a_walk_crosses_mounts_and_tells_what_is_not_there() {
        let root = MemoryFs::new(false)
            .file("/boot/efi/hidden", 0o644, "")
            .file("/boot/vmlinuz", 0o644, "")
            .file("/srv/hidden", 0o644, "");
        let esp = MemoryFs::new(true).file("/EFI/x", 0o644, "x");
        let esp_root = esp.root();
        let why = Error::unsupported(Layer::Volume, None, say!(error_fs_no_streams));
        let mounts = Mounts {
            mounted: vec![(b"/boot/efi".to_vec(), Arc::new(esp), esp_root)],
            unavailable: vec![(b"/srv".to_vec(), why)],
        };
        let walk = Walk::new(Arc::new(root), NodeId(0), Vec::new()).across(mounts);
        let found: Vec<(String, usize, bool)> = walk
            .map(|step| match step {
                Step::Entry(e) => (
                    String::from_utf8(e.path).unwrap(),
                    e.mount,
                    e.metadata.is_ok(),
                ),
                Step::Damage { error, .. } => panic!("{error}"),
            })
            .collect();
        let expected = [
            ("/boot", 0, true),
            ("/boot/efi", 1, true),
            ("/boot/efi/EFI", 1, true),
            ("/boot/efi/EFI/x", 1, true),
            ("/boot/vmlinuz", 0, true),
            ("/srv", 0, false),
        ];
        assert_eq!(found, expected.map(|(p, m, ok)| (p.to_owned(), m, ok)));
    }

    /// Two thousand directories that all show the same two thousand names.
    struct Shared(MemoryFs);

    impl FileSystem for Shared {
        fn info(&self) -> crate::fs::FsInfo {
            self.0.info()
        }
        fn warnings(&self) -> Vec<Error> {
            Vec::new()
        }
        fn unclean(&self) -> Vec<crate::text::Text> {
            Vec::new()
        }
        fn damage(&self, _id: NodeId) -> Result<Vec<Error>> {
            Ok(Vec::new())
        }
        fn ignores_case(&self) -> bool {
            false
        }
        fn root(&self) -> NodeId {
            NodeId(0)
        }
        fn metadata(&self, id: NodeId) -> Result<Metadata> {
            let mut meta = self.0.metadata(NodeId(0))?;
            if id.0 > 2000 {
                meta.kind = FileKind::Regular;
            }
            Ok(Metadata { id, ..meta })
        }
        fn read_dir(&self, id: NodeId) -> Result<crate::fs::Directory> {
            let first = if id.0 == 0 { 1 } else { 2001 };
            let entries = (first..first + 2000).map(|n| DirEntry {
                name: n.to_string().into_bytes(),
                id: NodeId(n),
                kind: None,
            });
            Ok(crate::fs::Directory {
                entries: entries.collect(),
                damage: Vec::new(),
            })
        }
        fn read_link(&self, id: NodeId) -> Result<Vec<u8>> {
            self.0.read_link(id)
        }
        fn open(&self, id: NodeId) -> Result<Arc<dyn crate::source::ReadAt>> {
            self.0.open(id)
        }
    }

    #[test]
    fn directories_that_share_their_names_end_at_the_limit() {
        let fs = Shared(MemoryFs::new(false));
        let (mut names, mut last) = (0, None);
        for step in Walk::new(Arc::new(fs), NodeId(0), Vec::new()) {
            match step {
                Step::Entry(_) => names += 1,
                Step::Damage { error, .. } => last = Some(error.kind),
            }
        }
        assert_eq!(names, MIN_NAMES);
        assert_eq!(last, Some(crate::Kind::Limit));
    }
}
