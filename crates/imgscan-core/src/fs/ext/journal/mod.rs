//! The journal (jbd2): committed changes that were not yet written to their places. They are
//! replayed in memory, so that the file system is read as the next mount would see it.
//!
//! Source of the layout: the kernel's documentation, "ext4 Data Structures and Algorithms",
//! chapter "Journal (jbd2)"; numbers are big-endian, those of fast commits little-endian.

mod fast;
mod log;
mod overlay;
mod recovery;

use std::sync::Arc;

use super::Core;
use super::changes::FastCommits;
use super::superblock::{COMPAT_HAS_JOURNAL, INCOMPAT_RECOVER};
use crate::error::{Error, Layer, Result};
use crate::fs::NodeId;
use crate::source::ReadAt;
use crate::text::Text;

/// What the journal asks for.
#[derive(Default)]
pub(super) struct Outcome {
    /// The volume with the replayed blocks, where there are any.
    pub volume: Option<Arc<dyn ReadAt>>,
    /// What the fast commits change.
    pub fast: FastCommits,
    /// What became of the journal, in a few words.
    pub summary: Text,
    /// What could not be replayed.
    pub warnings: Vec<Error>,
}

/// Replays the journal of the file system in `core`, if it needs it.
pub(super) fn replay(core: &Core) -> Outcome {
    let sb = &core.sb;
    let mut outcome = Outcome::default();
    let needed = sb.incompat & INCOMPAT_RECOVER != 0;
    if sb.compat & COMPAT_HAS_JOURNAL == 0 {
        outcome.summary = say!(ext_journal_none);
        return outcome;
    }
    if sb.journal_inode == 0 {
        outcome.summary = say!(ext_journal_elsewhere);
        if needed {
            outcome.summary = say!(ext_journal_elsewhere_unreplayed);
            outcome.warnings.push(Error::unsupported(
                Layer::Ext,
                super::superblock::PRIMARY + 228,
                say!(
                    error_ext_journal_device,
                    device = format!("{:#x}", sb.journal_device)
                ),
            ));
        }
        return outcome;
    }
    if let Err(e) = try_replay(core, needed, &mut outcome) {
        outcome = Outcome {
            summary: say!(ext_journal_unreadable),
            warnings: outcome.warnings,
            ..Outcome::default()
        };
        let detail = if needed {
            say!(error_ext_journal_unreplayed, why = &*e.detail)
        } else {
            say!(error_ext_journal_damaged, why = &*e.detail)
        };
        outcome
            .warnings
            .push(Error::new(e.layer, e.kind, e.offset, detail));
    }
    outcome
}

fn try_replay(core: &Core, needed: bool, outcome: &mut Outcome) -> Result<()> {
    let inode = core.inode(NodeId(core.sb.journal_inode.into()))?;
    let log = log::Log::open(core, &inode)?;
    if log.error != 0 {
        outcome.warnings.push(Error::notice(
            Layer::Ext,
            None,
            say!(error_ext_journal_aborted, error = log.error),
        ));
    }
    if log.start == 0 {
        outcome.summary = say!(ext_journal_clean);
        return Ok(());
    }
    if !needed {
        // The kernel throws such a journal away, but not before it has read it.
        outcome.warnings.extend(recovery::check(core, &log)?);
        outcome.summary = say!(ext_journal_unmarked);
        outcome.warnings.push(Error::notice(
            Layer::Ext,
            None,
            say!(error_ext_journal_void),
        ));
        return Ok(());
    }
    let recovered = recovery::run(core, &log)?;
    outcome.warnings.extend(recovered.warnings);
    outcome.summary = say!(
        ext_journal_replayed,
        transactions = recovered.transactions,
        blocks = recovered.patches.len(),
        revoked = recovered.revoked
    );
    if log.has_fast_commits() {
        match fast::read(core, &log, recovered.end) {
            Ok(fast) => {
                outcome.summary = say!(
                    ext_journal_replayed_fast,
                    transactions = recovered.transactions,
                    blocks = recovered.patches.len(),
                    revoked = recovered.revoked,
                    records = fast.records
                );
                outcome.fast = fast;
            }
            Err(e) => outcome.warnings.push(e),
        }
    }
    outcome.warnings.push(Error::notice(
        Layer::Ext,
        None,
        say!(error_ext_unclean_replayed, state = &outcome.summary),
    ));
    if !recovered.patches.is_empty() {
        outcome.volume = Some(Arc::new(overlay::Overlay::new(
            Arc::clone(&core.volume),
            core.sb.block_size.into(),
            recovered.patches,
        )));
    }
    Ok(())
}
