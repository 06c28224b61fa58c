//! The merged view of an overlay: Documentation/filesystems/overlayfs.rst of Linux.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::error::{Error, Layer, Result};
use crate::fs::{
    DirEntry, Directory, FileKind, FileSystem, FsInfo, Metadata, NodeId, Stream, Xattr,
};
use crate::source::ReadAt;
use crate::text::Text;

/// Directories that one overlay may be made of.
const MAX_LAYERS: usize = 64;

/// A directory of some file system.
pub(super) type Tree = (Arc<dyn FileSystem>, NodeId);

/// An object: what it is in each layer that takes part, the upper first. Only directories have
/// more than one.
type Parts = Vec<(usize, NodeId)>;

/// Directories laid over each other, the uppermost first.
pub(super) struct Overlay {
    layers: Vec<Tree>,
    nodes: Mutex<Nodes>,
}

#[derive(Default)]
struct Nodes {
    parts: Vec<Parts>,
    ids: HashMap<Parts, NodeId>,
}

impl Overlay {
    /// The overlay of `layers`.
    ///
    /// # Errors
    /// Where there are none or too many.
    pub(super) fn new(layers: Vec<Tree>) -> Result<Self> {
        if layers.is_empty() || layers.len() > MAX_LAYERS {
            return Err(unfollowed());
        }
        let overlay = Self {
            layers,
            nodes: Mutex::default(),
        };
        let mut root = Parts::new();
        for (layer, (_, dir)) in overlay.layers.iter().enumerate() {
            root.push((layer, *dir));
            if overlay.is_opaque(layer, *dir)? {
                break;
            }
        }
        overlay.node(root);
        Ok(overlay)
    }

    fn node(&self, parts: Parts) -> NodeId {
        let mut nodes = self.nodes.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(id) = nodes.ids.get(&parts) {
            return *id;
        }
        let id = NodeId(nodes.parts.len() as u64);
        nodes.parts.push(parts.clone());
        nodes.ids.insert(parts, id);
        id
    }

    fn parts(&self, id: NodeId) -> Result<Parts> {
        let nodes = self.nodes.lock().unwrap_or_else(PoisonError::into_inner);
        let at = usize::try_from(id.0).ok();
        let parts = at.and_then(|at| nodes.parts.get(at)).cloned();
        parts
            .ok_or_else(|| Error::not_found(Layer::Volume, say!(error_fs_no_object, number = id.0)))
    }

    fn layer(&self, layer: usize) -> Result<&Arc<dyn FileSystem>> {
        let found = self.layers.get(layer).map(|(fs, _)| fs);
        found.ok_or_else(unfollowed)
    }

    /// The object in the uppermost layer that has it.
    fn top(&self, id: NodeId) -> Result<(&Arc<dyn FileSystem>, NodeId)> {
        let parts = self.parts(id)?;
        let (layer, id) = parts.first().copied().ok_or_else(unfollowed)?;
        Ok((self.layer(layer)?, id))
    }

    /// The value of an attribute of overlays.
    fn attribute(&self, layer: usize, id: NodeId, name: &str) -> Result<Option<Vec<u8>>> {
        let all = self.layer(layer)?.xattrs(id)?;
        let is = |key: &[u8]| {
            ["trusted.overlay.", "user.overlay."]
                .iter()
                .any(|prefix| key.strip_prefix(prefix.as_bytes()) == Some(name.as_bytes()))
        };
        Ok(all
            .into_iter()
            .find(|(key, _)| is(key))
            .map(|(_, value)| value))
    }

    /// True for a directory that hides those below it.
    fn is_opaque(&self, layer: usize, dir: NodeId) -> Result<bool> {
        if self.attribute(layer, dir, "redirect")?.is_some() {
            return Err(unfollowed());
        }
        Ok(self.attribute(layer, dir, "opaque")?.as_deref() == Some(b"y"))
    }

    /// Adds the object `id` of `layer` to what stands above it; false where nothing below counts.
    fn add(&self, parts: &mut Parts, layer: usize, id: NodeId) -> Result<bool> {
        let metadata = self.layer(layer)?.metadata(id)?;
        // A whiteout takes the name away.
        if metadata.kind == FileKind::CharDevice && metadata.device == Some((0, 0)) {
            return Ok(false);
        }
        if metadata.kind != FileKind::Directory {
            if parts.is_empty() {
                for name in ["metacopy", "redirect", "whiteout"] {
                    if self.attribute(layer, id, name)?.is_some() {
                        return Err(unfollowed());
                    }
                }
                parts.push((layer, id));
            }
            return Ok(false);
        }
        parts.push((layer, id));
        Ok(!self.is_opaque(layer, id)?)
    }
}

fn unfollowed() -> Error {
    Error::doubt(Layer::Guest, say!(error_mount_overlay))
}

impl FileSystem for Overlay {
    fn info(&self) -> FsInfo {
        let size = self.layers.iter().map(|(fs, _)| fs.info().size);
        FsInfo {
            kind: "overlay",
            label: None,
            uuid: None,
            block_size: 4096,
            size: size.fold(0, u64::saturating_add),
            details: Vec::new(),
        }
    }

    fn warnings(&self) -> Vec<Error> {
        Vec::new()
    }

    fn unclean(&self) -> Vec<Text> {
        Vec::new()
    }

    fn ignores_case(&self) -> bool {
        false
    }

    fn root(&self) -> NodeId {
        NodeId(0)
    }

    fn metadata(&self, id: NodeId) -> Result<Metadata> {
        let (fs, own) = self.top(id)?;
        let mut metadata = fs.metadata(own)?;
        metadata.id = id;
        Ok(metadata)
    }

    fn damage(&self, id: NodeId) -> Result<Vec<Error>> {
        let mut all = Vec::new();
        for (layer, id) in self.parts(id)? {
            all.extend(self.layer(layer)?.damage(id)?);
        }
        Ok(all)
    }

    fn read_dir(&self, id: NodeId) -> Result<Directory> {
        let mut names: Vec<Vec<u8>> = Vec::new();
        let mut all = Directory::default();
        for (layer, id) in self.parts(id)? {
            let listing = self.layer(layer)?.read_dir(id)?;
            names.extend(listing.entries.into_iter().map(|e| e.name));
            all.damage.extend(listing.damage);
        }
        names.sort();
        names.dedup();
        for name in names {
            if let Some(found) = self.lookup(id, &name)? {
                all.entries.push(DirEntry {
                    name,
                    id: found,
                    kind: None,
                });
            }
        }
        Ok(all)
    }

    fn lookup(&self, dir: NodeId, name: &[u8]) -> Result<Option<NodeId>> {
        let mut parts = Parts::new();
        for (layer, dir) in self.parts(dir)? {
            let Some(id) = self.layer(layer)?.lookup(dir, name)? else {
                continue;
            };
            if !self.add(&mut parts, layer, id)? {
                break;
            }
        }
        Ok((!parts.is_empty()).then(|| self.node(parts)))
    }

    fn read_link(&self, id: NodeId) -> Result<Vec<u8>> {
        let (fs, id) = self.top(id)?;
        fs.read_link(id)
    }

    fn open(&self, id: NodeId) -> Result<Arc<dyn ReadAt>> {
        let (fs, id) = self.top(id)?;
        fs.open(id)
    }

    fn streams(&self, id: NodeId) -> Result<Vec<Stream>> {
        let (fs, id) = self.top(id)?;
        fs.streams(id)
    }

    fn xattrs(&self, id: NodeId) -> Result<Vec<Xattr>> {
        let (fs, id) = self.top(id)?;
        fs.xattrs(id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fs::memory::MemoryFs;

    fn tree(fs: MemoryFs) -> Tree {
        let root = fs.root();
        (Arc::new(fs), root)
    }

    fn text(fs: &Overlay, path: &str) -> Option<String> {
        let mut at = fs.root();
        for name in path.split('/') {
            at = fs.lookup(at, name.as_bytes()).unwrap()?;
        }
        let data = fs.open(at).unwrap();
        let mut bytes = vec![0; usize::try_from(data.len()).unwrap()];
        data.read_at(&mut bytes, 0).unwrap();
        String::from_utf8(bytes).ok()
    }

    /// overlayfs.rst: "Upper and Lower", "whiteouts and opaque directories".
    #[test]
    fn the_upper_layer_counts_and_whiteouts_take_names_away() {
        let upper = MemoryFs::default()
            .file("/a/x", 0o644, "upper")
            .file("/a/gone", 0o644, "")
            .with("/a/gone", |m| {
                m.kind = FileKind::CharDevice;
                m.device = Some((0, 0));
            })
            .file("/b", 0o644, "file over directory");
        let lower = MemoryFs::default()
            .file("/a/x", 0o644, "lower")
            .file("/a/y", 0o644, "lower")
            .file("/a/gone", 0o644, "lower")
            .file("/b/hidden", 0o644, "lower");
        let both = Overlay::new(vec![tree(upper), tree(lower)]).unwrap();
        assert_eq!(text(&both, "a/x").as_deref(), Some("upper"));
        assert_eq!(text(&both, "a/y").as_deref(), Some("lower"));
        assert_eq!(text(&both, "a/gone"), None);
        assert_eq!(text(&both, "b").as_deref(), Some("file over directory"));
        let a = both.lookup(both.root(), b"a").unwrap().unwrap();
        let listing = both.read_dir(a).unwrap();
        let names: Vec<&[u8]> = listing.entries.iter().map(|e| e.name.as_slice()).collect();
        assert_eq!(names, [b"x", b"y"]);
        assert!(Overlay::new(Vec::new()).is_err());
    }
}
