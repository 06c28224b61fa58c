//! A file system whose answers are paid from the budget of the image.

use std::sync::Arc;

use super::{Directory, FileSystem, FsInfo, Metadata, NodeId, Stream, Xattr};
use crate::budget::{Budget, Bytes, Metered};
use crate::descriptor::Descriptor;
use crate::error::{Error, Result};
use crate::source::ReadAt;
use crate::text::Text;

/// `fs` within `budget`.
pub(crate) fn bounded(fs: Arc<dyn FileSystem>, budget: &Arc<Budget>) -> Arc<dyn FileSystem> {
    Arc::new(Bounded {
        fs,
        budget: Arc::clone(budget),
    })
}

struct Bounded {
    fs: Arc<dyn FileSystem>,
    budget: Arc<Budget>,
}

impl Bounded {
    fn metered(&self, data: Arc<dyn ReadAt>) -> Arc<dyn ReadAt> {
        Metered::new(data, &self.budget, Bytes::OfFile)
    }
}

impl FileSystem for Bounded {
    fn info(&self) -> FsInfo {
        self.fs.info()
    }

    fn warnings(&self) -> Vec<Error> {
        self.fs.warnings()
    }

    fn unclean(&self) -> Vec<Text> {
        self.fs.unclean()
    }

    fn unreplayed(&self) -> Option<Arc<dyn FileSystem>> {
        self.fs.unreplayed().map(|fs| bounded(fs, &self.budget))
    }

    fn ignores_case(&self) -> bool {
        self.fs.ignores_case()
    }

    fn root(&self) -> NodeId {
        self.fs.root()
    }

    fn metadata(&self, id: NodeId) -> Result<Metadata> {
        self.budget.step(1)?;
        self.fs.metadata(id)
    }

    fn damage(&self, id: NodeId) -> Result<Vec<Error>> {
        self.budget.step(1)?;
        self.fs.damage(id)
    }

    fn read_dir(&self, id: NodeId) -> Result<Directory> {
        let listing = self.fs.read_dir(id)?;
        self.budget.step(listing.entries.len() as u64)?;
        Ok(listing)
    }

    fn lookup(&self, dir: NodeId, name: &[u8]) -> Result<Option<NodeId>> {
        self.budget.step(1)?;
        self.fs.lookup(dir, name)
    }

    fn read_link(&self, id: NodeId) -> Result<Vec<u8>> {
        self.budget.step(1)?;
        self.fs.read_link(id)
    }

    fn pay_whole(&self, bytes: u64) -> Result<()> {
        self.budget.whole_file(bytes)
    }

    fn open(&self, id: NodeId) -> Result<Arc<dyn ReadAt>> {
        self.budget.step(1)?;
        self.fs.open(id).map(|data| self.metered(data))
    }

    fn streams(&self, id: NodeId) -> Result<Vec<Stream>> {
        self.budget.step(1)?;
        self.fs.streams(id)
    }

    fn open_stream(&self, id: NodeId, name: &[u8]) -> Result<Arc<dyn ReadAt>> {
        self.budget.step(1)?;
        let data = self.fs.open_stream(id, name)?;
        Ok(self.metered(data))
    }

    fn xattrs(&self, id: NodeId) -> Result<Vec<Xattr>> {
        self.budget.step(1)?;
        self.fs.xattrs(id)
    }

    fn descriptor(&self, id: NodeId) -> Result<Option<Arc<Descriptor>>> {
        self.budget.step(1)?;
        self.fs.descriptor(id)
    }

    fn owner_sid(&self, id: NodeId) -> Result<Option<String>> {
        self.budget.step(1)?;
        self.fs.owner_sid(id)
    }
}
