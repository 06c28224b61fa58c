//! Finding the committed transactions and the last contents of each block in them.

use std::collections::HashMap;

use super::super::Core;
use super::super::checksum::crc32_be;
use super::log::{COMMIT, DESCRIPTOR, Log, REVOKE};
use super::overlay::Patch;
use crate::bytes::{be32, be64};
use crate::error::{Error, Layer, Result};
use crate::text::Text;

/// Most blocks that are named one by one in warnings.
const MAX_WARNINGS: usize = 16;

/// What a replay gives.
pub(super) struct Recovered {
    /// The blocks, by their place, each once.
    pub patches: Vec<Patch>,
    /// Number of transactions.
    pub transactions: u32,
    /// Number of the transaction behind the last.
    pub end: u32,
    /// Blocks that were not replayed because a later transaction revoked them.
    pub revoked: u64,
    /// Blocks that could not be replayed.
    pub warnings: Vec<Error>,
}

/// Transaction `a` is `b` or later; numbers wrap around.
fn not_before(a: u32, b: u32) -> bool {
    a.wrapping_sub(b).cast_signed() >= 0
}

/// A block of the log, for a pass over the committed transactions.
struct Block<'b> {
    kind: u32,
    transaction: u32,
    /// The block of the journal behind it.
    next: u32,
    bytes: &'b [u8],
}

/// Reads the log three times, as the kernel does: which transactions are complete, which blocks
/// they revoke, and what they write.
pub(super) fn run(core: &Core, log: &Log<'_>) -> Result<Recovered> {
    let (end, refused) = Scan::new(core, log).run()?;
    let mut last: HashMap<u64, Option<u32>> = HashMap::new();
    pass(core, log, end, &mut |block| {
        if block.kind == DESCRIPTOR {
            if !log.tail_is_sound(block.bytes) {
                return Err(damaged(say!(
                    error_ext_journal_descriptor,
                    transaction = block.transaction
                )));
            }
            last.extend(log.tags(block.bytes).iter().map(|t| (t.block, None)));
        }
        Ok(())
    })?;
    // Only revocations of blocks that are written matter, so their number is bounded.
    pass(core, log, end, &mut |block| {
        if block.kind == REVOKE {
            let sound = log.tail_is_sound(block.bytes);
            let list = log.revoked(block.bytes).filter(|_| sound);
            let bad = || {
                damaged(say!(
                    error_ext_journal_revoke,
                    transaction = block.transaction
                ))
            };
            for number in list.ok_or_else(bad)? {
                if let Some(revoked) = last.get_mut(&number) {
                    *revoked = Some(match *revoked {
                        Some(r) if not_before(r, block.transaction) => r,
                        _ => block.transaction,
                    });
                }
            }
        }
        Ok(())
    })?;
    let mut replay = Replay {
        core,
        log,
        revoked_by: last,
        patches: HashMap::new(),
        revoked: 0,
        damaged: 0,
        warnings: Vec::from_iter(refused),
        data: vec![0; core.sb.block_size as usize],
    };
    pass(core, log, end, &mut |block| replay.descriptor(&block))?;
    Ok(replay.finish(end))
}

/// Looks only how far the log is sound, as the kernel does with one that it throws away: why it
/// refuses it, where it does.
///
/// # Errors
/// If the log can't be read, or is damaged.
pub(super) fn check(core: &Core, log: &Log<'_>) -> Result<Option<Error>> {
    Ok(Scan::new(core, log).run()?.1)
}

fn damaged(detail: Text) -> Error {
    Error::corrupt(Layer::Ext, None, detail)
}

/// Visits every block of the transactions before `end`, except the data that follow descriptors.
fn pass(
    core: &Core,
    log: &Log<'_>,
    end: u32,
    visit: &mut dyn FnMut(Block<'_>) -> Result<()>,
) -> Result<()> {
    let mut bytes = vec![0; core.sb.block_size as usize];
    let (mut transaction, mut next) = (log.sequence, log.start);
    let mut budget = Budget::new(log);
    while !not_before(transaction, end) {
        log.block(next, &mut bytes)?;
        budget.spend(1)?;
        next = log.after(next, 1);
        match Log::header(&bytes) {
            Some((kind, found)) if found == transaction => {
                visit(Block {
                    kind,
                    transaction,
                    next,
                    bytes: &bytes,
                })?;
                match kind {
                    DESCRIPTOR => {
                        let count = u32::try_from(log.tags(&bytes).len()).unwrap_or(u32::MAX);
                        budget.spend(count)?;
                        next = log.after(next, count);
                    }
                    COMMIT => transaction = transaction.wrapping_add(1),
                    REVOKE => {}
                    _ => return Err(ended(transaction, end)),
                }
            }
            _ => return Err(ended(transaction, end)),
        }
    }
    Ok(())
}

fn ended(transaction: u32, end: u32) -> Error {
    Error::corrupt(
        Layer::Ext,
        None,
        say!(error_ext_journal_end, found = transaction, expected = end),
    )
}

/// Counts blocks of the log: one that meets its own beginning is damaged.
struct Budget(u32);

impl Budget {
    fn new(log: &Log<'_>) -> Self {
        Self(log.last.saturating_sub(log.first).saturating_add(1))
    }

    fn spend(&mut self, blocks: u32) -> Result<()> {
        self.0 = self
            .0
            .checked_sub(blocks)
            .ok_or_else(|| Error::corrupt(Layer::Ext, None, say!(error_ext_journal_overrun)))?;
        Ok(())
    }
}

/// The first pass: how far the log is sound.
struct Scan<'a> {
    core: &'a Core,
    log: &'a Log<'a>,
    next: u32,
    transaction: u32,
    /// A transaction whose checksum is wrong, where more may follow.
    end: Option<u32>,
    /// Running CRC-32 of old checksums.
    crc: u32,
    /// A checksum was wrong: the commit's time tells whether the block is left over.
    doubtful: bool,
    /// Why kernels do not agree that the log ends here: some replay what follows, others refuse
    /// the journal.
    refused: Option<Error>,
    last_time: u64,
    budget: Budget,
}

impl<'a> Scan<'a> {
    fn new(core: &'a Core, log: &'a Log<'a>) -> Self {
        Self {
            core,
            log,
            next: log.start,
            transaction: log.sequence,
            end: None,
            crc: !0,
            doubtful: false,
            refused: None,
            last_time: 0,
            budget: Budget::new(log),
        }
    }

    /// The number of the transaction behind the last that is complete, and why the kernel refuses
    /// the journal all the same.
    fn run(mut self) -> Result<(u32, Option<Error>)> {
        let mut bytes = vec![0; self.core.sb.block_size as usize];
        loop {
            self.log.block(self.next, &mut bytes)?;
            let Some((kind, found)) = Log::header(&bytes) else {
                break;
            };
            if found != self.transaction {
                break;
            }
            self.budget.spend(1)?;
            self.next = self.log.after(self.next, 1);
            match kind {
                DESCRIPTOR => self.descriptor(&bytes)?,
                REVOKE => self.doubtful |= !self.log.tail_is_sound(&bytes),
                COMMIT => {
                    if !self.commit(&bytes)? {
                        break;
                    }
                }
                _ => break,
            }
        }
        Ok((self.end.unwrap_or(self.transaction), self.refused))
    }

    fn descriptor(&mut self, bytes: &[u8]) -> Result<()> {
        self.doubtful |= !self.log.tail_is_sound(bytes);
        let count = u32::try_from(self.log.tags(bytes).len()).unwrap_or(u32::MAX);
        self.budget.spend(count)?;
        if self.log.has_old_checksums() && self.end.is_none() {
            self.crc = crc32_be(self.crc, bytes);
            let mut data = vec![0; bytes.len()];
            for i in 0..count {
                self.log.block(self.log.after(self.next, i), &mut data)?;
                self.crc = crc32_be(self.crc, &data);
            }
        }
        self.next = self.log.after(self.next, count);
        Ok(())
    }

    /// True where the log goes on.
    fn refuse(&mut self) {
        let transaction = self.transaction;
        let why = || damaged(say!(error_ext_journal_commit, transaction = transaction));
        self.refused.get_or_insert_with(why);
    }

    fn commit(&mut self, bytes: &[u8]) -> Result<bool> {
        let time = be64(bytes, 48).unwrap_or(0);
        if self.doubtful {
            // A block of an older use of the journal ends it; one of this use is damage.
            if time >= self.last_time {
                return Err(damaged(say!(
                    error_ext_journal_either,
                    transaction = self.transaction
                )));
            }
            return Ok(false);
        }
        let mut sound = true;
        if self.log.has_old_checksums() {
            if self.end.is_some() {
                self.refuse();
                return Ok(false);
            }
            let found = be32(bytes, 16).unwrap_or(0);
            // Type 1 (CRC-32) of 4 bytes, or none at all.
            sound = match (bytes.get(12), bytes.get(13)) {
                (Some(1), Some(4)) => found == self.crc,
                (Some(0), Some(0)) => found == 0,
                _ => false,
            };
            self.crc = !0;
        }
        let whole = self.log.commit_is_sound(bytes);
        if !sound || !whole {
            let disputed = !whole && self.log.commit_header_is_sound(bytes);
            if disputed {
                self.refuse();
            }
            if time < self.last_time {
                return Ok(false);
            }
            self.end = Some(self.transaction);
            if !self.log.is_asynchronous() {
                self.refuse();
                return Ok(false);
            }
        }
        self.last_time = time;
        self.transaction = self.transaction.wrapping_add(1);
        Ok(true)
    }
}

/// The last pass: the contents of each block.
struct Replay<'a> {
    core: &'a Core,
    log: &'a Log<'a>,
    revoked_by: HashMap<u64, Option<u32>>,
    patches: HashMap<u64, Patch>,
    revoked: u64,
    damaged: usize,
    warnings: Vec<Error>,
    data: Vec<u8>,
}

impl Replay<'_> {
    fn descriptor(&mut self, block: &Block<'_>) -> Result<()> {
        if block.kind != DESCRIPTOR {
            return Ok(());
        }
        for (i, tag) in (0..).zip(self.log.tags(block.bytes)) {
            let revoked = self.revoked_by.get(&tag.block).copied().flatten();
            if revoked.is_some_and(|r| not_before(r, block.transaction)) {
                self.revoked = self.revoked.saturating_add(1);
                continue;
            }
            let number = self.log.after(block.next, i);
            let source = self.log.place(number)?;
            let read = self.log.block(number, &mut self.data);
            let sound = read.is_ok()
                && self.log.data_is_sound(&tag, block.transaction, &self.data)
                && tag.block < self.core.sb.blocks;
            if sound {
                let patch = Patch {
                    block: tag.block,
                    source,
                    escaped: tag.escaped,
                };
                self.patches.insert(tag.block, patch);
                continue;
            }
            self.damaged = self.damaged.saturating_add(1);
            if self.damaged <= MAX_WARNINGS {
                self.warnings.push(Error::corrupt(
                    Layer::Ext,
                    source.saturating_mul(self.core.sb.block_size.into()),
                    say!(
                        error_ext_journal_block,
                        block = tag.block,
                        transaction = block.transaction
                    ),
                ));
            }
        }
        Ok(())
    }

    fn finish(mut self, end: u32) -> Recovered {
        if self.damaged > MAX_WARNINGS {
            self.warnings.push(Error::corrupt(
                Layer::Ext,
                None,
                say!(error_ext_journal_blocks, count = self.damaged),
            ));
        }
        let mut patches: Vec<Patch> = self.patches.into_values().collect();
        patches.sort_unstable_by_key(|p| p.block);
        Recovered {
            patches,
            transactions: end.wrapping_sub(self.log.sequence),
            end,
            revoked: self.revoked,
            warnings: self.warnings,
        }
    }
}
