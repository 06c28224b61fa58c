//! A file system in memory, built by tests of everything that stands on [`FileSystem`].

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{
    Attributes, DirEntry, Directory, FileKind, FileSystem, FsInfo, Metadata, NodeId, Stream,
    Timestamp,
};
use crate::error::{Error, Layer, Result};
use crate::source::{MemorySource, ReadAt};
use crate::text::{Text, lossless};

/// A tree of files in memory. Paths are absolute with `/`; missing parents are made.
#[derive(Clone)]
pub struct MemoryFs {
    nodes: Vec<Node>,
    ignores_case: bool,
    uuid: Option<String>,
    kind: &'static str,
    unclean: Vec<Text>,
    damaged: Vec<usize>,
    before: Option<Box<MemoryFs>>,
}

#[derive(Clone)]
struct Node {
    meta: Metadata,
    children: BTreeMap<Vec<u8>, usize>,
    data: Vec<u8>,
    streams: BTreeMap<Vec<u8>, Vec<u8>>,
}

impl Default for MemoryFs {
    fn default() -> Self {
        Self::new(false)
    }
}

impl MemoryFs {
    /// An empty tree; `ignores_case` makes look-up as on NTFS (ASCII letters only).
    #[must_use]
    pub fn new(ignores_case: bool) -> Self {
        let mut fs = Self {
            nodes: Vec::new(),
            ignores_case,
            uuid: None,
            kind: "memory",
            unclean: Vec::new(),
            damaged: Vec::new(),
            before: None,
        };
        fs.push(FileKind::Directory, 0o755, Vec::new());
        fs
    }

    /// Sets the UUID that [`FileSystem::info`] shows.
    #[must_use]
    pub fn uuid(mut self, uuid: &str) -> Self {
        self.uuid = Some(uuid.into());
        self
    }

    /// Sets the kind that [`FileSystem::info`] shows.
    #[must_use]
    pub fn kind(mut self, kind: &'static str) -> Self {
        self.kind = kind;
        self
    }

    /// Sets a flag of [`FileSystem::unclean`].
    #[must_use]
    pub fn in_use(mut self, flag: &'static str) -> Self {
        self.unclean.push(Text::verbatim(flag));
        self
    }

    /// Sets what [`FileSystem::unreplayed`] gives.
    #[must_use]
    pub fn before_recovery(mut self, before: Self) -> Self {
        self.before = Some(Box::new(before));
        self
    }

    /// Adds a regular file owned by root.
    #[must_use]
    pub fn file(mut self, path: &str, mode: u32, data: impl Into<Vec<u8>>) -> Self {
        self.add(path, FileKind::Regular, mode, data.into());
        self
    }

    /// Adds a directory.
    #[must_use]
    pub fn dir(mut self, path: &str) -> Self {
        self.add(path, FileKind::Directory, 0o755, Vec::new());
        self
    }

    /// Adds a symbolic link.
    #[must_use]
    pub fn link(mut self, path: &str, target: &str) -> Self {
        self.add(path, FileKind::Symlink, 0o777, target.into());
        self
    }

    /// Changes the metadata of what stands at `path`.
    #[must_use]
    pub fn with(mut self, path: &str, change: impl FnOnce(&mut Metadata)) -> Self {
        if let Some(at) = self.find(path) {
            change(&mut self.nodes[at].meta);
        }
        self
    }

    /// Adds a named stream to what stands at `path`.
    #[must_use]
    pub fn stream(mut self, path: &str, name: &str, data: impl Into<Vec<u8>>) -> Self {
        if let Some(at) = self.find(path) {
            let streams = &mut self.nodes[at].streams;
            streams.insert(name.as_bytes().to_vec(), data.into());
        }
        self
    }

    /// Damages the record of what stands at `path`: [`FileSystem::damage`] tells so.
    #[must_use]
    pub fn damaged(mut self, path: &str) -> Self {
        self.damaged.extend(self.find(path));
        self
    }

    fn find(&self, path: &str) -> Option<usize> {
        path.split('/')
            .filter(|p| !p.is_empty())
            .try_fold(0, |at, part| {
                self.nodes[at].children.get(part.as_bytes()).copied()
            })
    }

    fn push(&mut self, kind: FileKind, mode: u32, data: Vec<u8>) -> usize {
        let at = self.nodes.len();
        let moment = Some(Timestamp {
            secs: 1_700_000_000,
            nanos: 0,
        });
        self.nodes.push(Node {
            meta: Metadata {
                id: NodeId(at as u64),
                kind,
                size: data.len() as u64,
                links: 1,
                mode: Some(mode),
                uid: Some(0),
                gid: Some(0),
                device: None,
                created: None,
                modified: moment,
                changed: moment,
                accessed: moment,
                attributes: Attributes::empty(),
                reparse_tag: None,
            },
            children: BTreeMap::new(),
            data,
            streams: BTreeMap::new(),
        });
        at
    }

    fn add(&mut self, path: &str, kind: FileKind, mode: u32, data: Vec<u8>) {
        let mut at = 0;
        let parts: Vec<&str> = path.split('/').filter(|p| !p.is_empty()).collect();
        for (i, part) in parts.iter().enumerate() {
            let last = i + 1 == parts.len();
            let next = self.nodes[at].children.get(part.as_bytes()).copied();
            at = match next {
                Some(next) if !last || kind == FileKind::Directory => next,
                _ => {
                    let new = if last {
                        self.push(kind, mode, data.clone())
                    } else {
                        self.push(FileKind::Directory, 0o755, Vec::new())
                    };
                    self.nodes[at]
                        .children
                        .insert(part.as_bytes().to_vec(), new);
                    new
                }
            };
        }
    }

    fn node(&self, id: NodeId) -> Result<&Node> {
        usize::try_from(id.0)
            .ok()
            .and_then(|at| self.nodes.get(at))
            .ok_or_else(|| Error::not_found(Layer::Volume, say!(error_fs_no_object, number = id.0)))
    }
}

impl FileSystem for MemoryFs {
    fn info(&self) -> FsInfo {
        FsInfo {
            kind: self.kind,
            label: None,
            uuid: self.uuid.clone(),
            block_size: 4096,
            size: 0,
            details: Vec::new(),
        }
    }

    fn warnings(&self) -> Vec<Error> {
        Vec::new()
    }

    fn unclean(&self) -> Vec<Text> {
        self.unclean.clone()
    }

    fn unreplayed(&self) -> Option<Arc<dyn FileSystem>> {
        Some(Arc::new(self.before.as_deref()?.clone()))
    }

    fn ignores_case(&self) -> bool {
        self.ignores_case
    }

    fn root(&self) -> NodeId {
        NodeId(0)
    }

    fn metadata(&self, id: NodeId) -> Result<Metadata> {
        Ok(self.node(id)?.meta.clone())
    }

    fn damage(&self, id: NodeId) -> Result<Vec<Error>> {
        self.node(id)?;
        let damaged = self.damaged.iter().filter(|at| **at as u64 == id.0);
        Ok(damaged
            .map(|_| Error::corrupt(Layer::Volume, None, say!(error_fs_record)))
            .collect())
    }

    fn read_dir(&self, id: NodeId) -> Result<Directory> {
        let node = self.node(id)?;
        if node.meta.kind != FileKind::Directory {
            return Err(Error::not_found(
                Layer::Volume,
                say!(error_fs_not_directory),
            ));
        }
        let entries = node
            .children
            .iter()
            .map(|(name, at)| DirEntry {
                name: name.clone(),
                id: NodeId(*at as u64),
                kind: Some(self.nodes[*at].meta.kind),
            })
            .collect();
        Ok(Directory {
            entries,
            damage: Vec::new(),
        })
    }

    fn lookup(&self, dir: NodeId, name: &[u8]) -> Result<Option<NodeId>> {
        let listing = self.read_dir(dir)?;
        let same = |e: &&DirEntry| {
            e.name == name || self.ignores_case && e.name.eq_ignore_ascii_case(name)
        };
        let found: Vec<&DirEntry> = listing.entries.iter().filter(same).collect();
        match found.as_slice() {
            [first, .., last] if first.id != last.id => {
                let name = crate::text::lossless(name);
                let what = say!(error_ntfs_same_names, names = name);
                Err(Error::corrupt(Layer::Volume, None, what))
            }
            found => Ok(found.first().map(|e| e.id)),
        }
    }

    fn read_link(&self, id: NodeId) -> Result<Vec<u8>> {
        Ok(self.node(id)?.data.clone())
    }

    fn open(&self, id: NodeId) -> Result<Arc<dyn ReadAt>> {
        let node = self.node(id)?;
        if node.meta.kind != FileKind::Regular {
            return Err(Error::not_found(Layer::Volume, say!(error_fs_not_file)));
        }
        Ok(Arc::new(MemorySource(node.data.clone())))
    }

    fn streams(&self, id: NodeId) -> Result<Vec<Stream>> {
        let streams = self.node(id)?.streams.iter();
        Ok(streams
            .map(|(name, data)| Stream {
                name: name.clone(),
                size: data.len() as u64,
            })
            .collect())
    }

    fn open_stream(&self, id: NodeId, name: &[u8]) -> Result<Arc<dyn ReadAt>> {
        match self.node(id)?.streams.get(name) {
            Some(data) => Ok(Arc::new(MemorySource(data.clone()))),
            None => Err(Error::not_found(
                Layer::Volume,
                say!(error_fs_no_stream, name = lossless(name)),
            )),
        }
    }
}
