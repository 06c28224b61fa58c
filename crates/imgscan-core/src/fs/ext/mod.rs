//! ext2, ext3 and ext4, with everything that `mke2fs` and the kernel write.
//!
//! A dirty journal is replayed in memory (module `journal`). Checksums are verified: a mismatch in the
//! superblock or a group descriptor stands in [`FileSystem::warnings`], one in a directory in
//! [`Directory::damage`], one in an inode, its block map or its attributes in
//! [`FileSystem::damage`]; what can be read is read all the same.

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

mod cache;
mod changes;
mod checksum;
mod dir;
mod extent;
mod file;
mod group;
mod htree;
mod indirect;
mod inode;
mod journal;
mod lookup;
mod map;
mod place;
mod superblock;
#[cfg(test)]
mod tests;
mod xattr;

use std::sync::Arc;

use super::names::NameTables;
use super::{Directory, FileKind, FileSystem, FsInfo, Metadata, NodeId, Xattr};
use crate::error::{Error, Layer, Result};
use crate::source::ReadAt;
use crate::text::{Text, lossless};

use cache::Cache;
use changes::FastCommits;
use group::Groups;
use inode::{ENCRYPTED, EXTENTS, INLINE_DATA, Inode, MAP_LEN};
use superblock::Superblock;

/// The root directory's inode.
const ROOT: NodeId = NodeId(2);

/// What every part of the reader needs.
struct Core {
    volume: Arc<dyn ReadAt>,
    sb: Superblock,
    groups: Groups,
    cache: Cache,
    fast: FastCommits,
    tables: NameTables,
}

impl Core {
    fn new(volume: Arc<dyn ReadAt>, warnings: &mut Vec<Error>) -> Result<Self> {
        let sb = Superblock::find(volume.as_ref(), warnings)?;
        let groups = Groups::read(volume.as_ref(), &sb, warnings)?;
        let cache = Cache::new(Arc::clone(&volume), sb.block_size.into());
        Ok(Self {
            volume,
            sb,
            groups,
            cache,
            fast: FastCommits::default(),
            tables: NameTables::default(),
        })
    }
}

struct Ext {
    core: Core,
    warnings: Vec<Error>,
    unclean: Vec<Text>,
    journal: Text,
    /// The volume as it stands, where the journal changed it.
    before: Option<Arc<dyn ReadAt>>,
}

/// Opens the ext file system on `volume`.
///
/// # Errors
/// If neither its superblock nor a backup is sound, or if it needs a feature that is not supported.
pub fn open(volume: Arc<dyn ReadAt>) -> Result<Arc<dyn FileSystem>> {
    Ok(Arc::new(Ext::new(volume)?))
}

/// True where `volume` has lost its superblock, but not the first backup of it.
pub(super) fn has_backup(volume: &dyn ReadAt) -> bool {
    Superblock::has_backup(volume)
}

impl Ext {
    fn new(volume: Arc<dyn ReadAt>) -> Result<Self> {
        let mut warnings = Vec::new();
        let mut core = Core::new(volume, &mut warnings)?;
        // Before the journal is replayed, which ends both.
        let mut unclean = Vec::new();
        if core.sb.incompat & superblock::INCOMPAT_RECOVER != 0 {
            unclean.push(Text::verbatim("INCOMPAT_RECOVER"));
        }
        if core.sb.state & 1 == 0 {
            unclean.push(say!(ext_state_no_valid_flag));
        }
        let outcome = journal::replay(&core);
        let changed = outcome.volume.is_some() || outcome.fast.records > 0;
        let before = changed.then(|| Arc::clone(&core.volume));
        if let Some(replayed) = outcome.volume {
            // Superblock and group descriptors may be among the replayed blocks.
            let mut newer = Vec::new();
            core = Core::new(replayed, &mut newer)?;
            warnings = newer;
        }
        core.fast = outcome.fast;
        warnings.extend(outcome.warnings);
        let sb = &core.sb;
        if sb.size() > core.volume.len() {
            warnings.push(Error::corrupt(
                Layer::Ext,
                superblock::PRIMARY + 4,
                say!(
                    error_fs_past_end,
                    size = sb.size(),
                    found = core.volume.len()
                ),
            ));
        }
        if sb.state & 2 != 0 || sb.error_count != 0 {
            warnings.push(Error::notice(
                Layer::Ext,
                superblock::PRIMARY + 58,
                say!(error_ext_errors, count = sb.error_count),
            ));
        }
        if sb.state & 1 == 0 && sb.compat & superblock::COMPAT_HAS_JOURNAL == 0 {
            warnings.push(Error::notice(
                Layer::Ext,
                superblock::PRIMARY + 58,
                say!(error_ext_unclean),
            ));
        }
        Ok(Self {
            core,
            warnings,
            unclean,
            journal: outcome.summary,
            before,
        })
    }

    /// An inode that a name may lead to.
    fn inode(&self, id: NodeId) -> Result<Inode> {
        let inode = self.core.inode(id)?;
        if inode.kind() == FileKind::Other {
            return Err(Error::corrupt(
                Layer::Ext,
                inode.at,
                say!(
                    error_ext_unused,
                    inode = inode.number,
                    mode = format!("{:#o}", inode.mode())
                ),
            ));
        }
        Ok(inode)
    }

    fn link_target(&self, inode: &Inode) -> Result<Vec<u8>> {
        let size = inode.size();
        if size > self.core.sb.block_size.into() {
            return Err(Error::corrupt(
                Layer::Ext,
                inode.at.saturating_add(4),
                say!(error_ext_link_long, size = size),
            ));
        }
        let short = size < MAP_LEN as u64
            && !inode.has(INLINE_DATA)
            && !(inode.has(EXTENTS) && inode::is_extent_root(inode.map()));
        if short {
            let len = usize::try_from(size).unwrap_or(0);
            return Ok(inode.map().get(..len).unwrap_or_default().to_vec());
        }
        let contents = self.core.contents(inode)?;
        crate::source::read_all(contents.as_ref(), self.core.sb.block_size.into())
    }
}

impl FileSystem for Ext {
    fn info(&self) -> FsInfo {
        let sb = &self.core.sb;
        let name = |bytes: &[u8]| (!bytes.is_empty()).then(|| lossless(bytes));
        let state = match sb.state & 7 {
            s if s & 2 != 0 => say!(ext_state_errors),
            s if s & 1 != 0 => say!(ext_state_clean),
            _ => say!(ext_state_unclean),
        };
        let mut details = vec![
            ("features", Text::verbatim(sb.features())),
            ("inodes", Text::verbatim(sb.inodes.to_string())),
            ("inode size", Text::verbatim(sb.inode_size.to_string())),
            ("groups", Text::verbatim(sb.groups().to_string())),
            ("state", state),
            ("journal", self.journal.clone()),
        ];
        details.extend(name(&sb.last_mounted).map(|n| ("last mounted", Text::verbatim(n))));
        FsInfo {
            kind: sb.kind(),
            label: name(&sb.label),
            uuid: (sb.uuid != [0; 16]).then(|| sb.uuid_text()),
            block_size: sb.block_size,
            size: sb.size(),
            details,
        }
    }

    fn warnings(&self) -> Vec<Error> {
        self.warnings.clone()
    }

    fn unclean(&self) -> Vec<Text> {
        self.unclean.clone()
    }

    fn unreplayed(&self) -> Option<Arc<dyn FileSystem>> {
        let volume = Arc::clone(self.before.as_ref()?);
        let core = Core::new(volume, &mut Vec::new()).ok()?;
        Some(Arc::new(Self {
            core,
            warnings: Vec::new(),
            unclean: Vec::new(),
            journal: Text::default(),
            before: None,
        }))
    }

    fn ignores_case(&self) -> bool {
        false
    }

    fn root(&self) -> NodeId {
        ROOT
    }

    fn metadata(&self, id: NodeId) -> Result<Metadata> {
        Ok(self.inode(id)?.metadata())
    }

    fn damage(&self, id: NodeId) -> Result<Vec<Error>> {
        let inode = self.inode(id)?;
        let mut damage = Vec::new();
        let mut corrupt = |at: u64, what: Text| {
            damage.push(Error::corrupt(
                Layer::Ext,
                inode.at.saturating_add(at),
                what,
            ))
        };
        let number = inode.number;
        if self.core.sb.has_metadata_csum()
            && !inode.replayed
            && let Some((expected, found)) = inode.checksum_mismatch(self.core.sb.seed)
        {
            corrupt(
                124,
                say!(
                    error_ext_checksum,
                    what = say!(ext_inode, inode = number),
                    expected = format!("{expected:#010x}"),
                    found = format!("{found:#010x}")
                ),
            );
        }
        if inode.links() == 0 {
            corrupt(26, say!(error_ext_unlinked, inode = number));
        }
        if inode.extra_size().is_none() {
            corrupt(128, say!(error_ext_extra, inode = number));
        }
        let mapped = match inode.kind() {
            FileKind::Regular | FileKind::Directory => true,
            FileKind::Symlink => inode.size() >= MAP_LEN as u64,
            _ => false,
        };
        if mapped && !inode.has(INLINE_DATA) {
            damage.extend_from_slice(self.core.map(&inode).errors());
        }
        damage.extend(self.core.xattr_damage(&inode));
        Ok(damage)
    }

    fn read_dir(&self, id: NodeId) -> Result<Directory> {
        self.core.read_dir(&self.inode(id)?)
    }

    fn lookup(&self, dir: NodeId, name: &[u8]) -> Result<Option<NodeId>> {
        self.core.lookup(&self.inode(dir)?, name)
    }

    fn read_link(&self, id: NodeId) -> Result<Vec<u8>> {
        let inode = self.inode(id)?;
        if inode.kind() != FileKind::Symlink {
            return Err(Error::not_found(
                Layer::Ext,
                say!(error_ext_not_link, inode = inode.number),
            ));
        }
        if inode.has(ENCRYPTED) {
            return Err(Error::unsupported(
                Layer::Ext,
                inode.at,
                say!(error_ext_link_encrypted, inode = inode.number),
            ));
        }
        let mut target = self.link_target(&inode)?;
        // The kernel follows a target up to its first NUL.
        target.truncate(target.iter().position(|b| *b == 0).unwrap_or(target.len()));
        Ok(target)
    }

    fn open(&self, id: NodeId) -> Result<Arc<dyn ReadAt>> {
        let inode = self.inode(id)?;
        if inode.kind() != FileKind::Regular {
            return Err(Error::not_found(
                Layer::Ext,
                say!(error_ext_not_file, inode = inode.number),
            ));
        }
        self.core.contents(&inode)
    }

    fn xattrs(&self, id: NodeId) -> Result<Vec<Xattr>> {
        self.core.xattrs(&self.inode(id)?)
    }
}
