//! Transaction logs: what Windows does to a dirty hive when it loads it, done in memory.
//!
//! The rules are those of M. Suhanov's "Windows registry file format specification", chapters
//! "Format of transaction log files" and "Multiple transaction log files".

use std::sync::Arc;

use super::base::{BaseBlock, HEAD_LEN};
use super::marvin::{LOG_SEED, marvin32};
use super::store::{Overlay, PAGE, PAGE_LEN, pairs};
use super::{MAX_HIVE, Recovery};
use crate::bytes::{le32, le64};
use crate::error::{Error, Layer, Result};
use crate::source::{ReadAt, check_range, read_vec};
use crate::text::{Arg, Text};

/// Bytes of a log entry before its page references.
const ENTRY_HEAD: usize = 40;

/// The logs that stand beside a hive, each where there is one.
#[derive(Clone, Default)]
pub struct Logs {
    /// `NAME.LOG`, the only log before Windows Vista.
    pub log: Option<Arc<dyn ReadAt>>,
    /// `NAME.LOG1`.
    pub log1: Option<Arc<dyn ReadAt>>,
    /// `NAME.LOG2`.
    pub log2: Option<Arc<dyn ReadAt>>,
}

/// What the replay of logs makes of a hive.
pub(super) struct Replayed {
    pub(super) base: BaseBlock,
    pub(super) overlay: Overlay,
    pub(super) recovery: Recovery,
}

/// A log with a valid base block.
struct Log<'a> {
    data: &'a dyn ReadAt,
    base: BaseBlock,
    name: &'static str,
}

/// Replays what applies of `logs` to the dirty hive `hive`, whose base block is `base` where it
/// has a signature.
///
/// # Errors
/// If neither the hive nor a log has a base block.
pub(super) fn replay(hive: &dyn ReadAt, base: Result<BaseBlock>, logs: &Logs) -> Result<Replayed> {
    let mut refused: Vec<Text> = Vec::new();
    let mut valid = Vec::new();
    let files = [
        (&logs.log1, ".LOG1"),
        (&logs.log2, ".LOG2"),
        (&logs.log, ".LOG"),
    ];
    for (data, name) in files {
        // An empty log is what remains of the other scheme.
        let Some(data) = data.as_deref().filter(|d| !d.is_empty()) else {
            continue;
        };
        match valid_base(data) {
            Ok(base) => valid.push(Log { data, base, name }),
            Err(e) => refused.push(about(name, &*e.detail)),
        }
    }
    let sound = base.as_ref().ok().filter(|b| b.checksum_ok).cloned();
    // The base block of a log is a copy of the hive's, with its name.
    if let Some(sound) = &sound {
        valid.retain(|log| {
            let same = log.base.name == sound.name;
            if !same {
                refused.push(about(log.name, say!(error_hive_log_other_hive)));
            }
            same
        });
    }
    let new: Vec<Log<'_>> = valid.extract_if(.., |l| l.base.file_type == 6).collect();
    let done = if new.is_empty() {
        old_logs(hive, sound.as_ref(), &valid, &mut refused)
    } else {
        new_logs(sound.as_ref(), new, &mut refused)
    };
    if let Some(done) = done {
        return Ok(done);
    }
    if refused.is_empty() {
        refused.push(say!(error_hive_no_log));
    }
    let base = base?;
    let why = Error::corrupt(
        Layer::Hive,
        4,
        say!(
            error_hive_dirty,
            primary = base.primary_sequence,
            secondary = base.secondary_sequence,
            checksum = if base.checksum_ok { "right" } else { "wrong" },
            why = refused
        ),
    );
    Ok(Replayed {
        base,
        overlay: Overlay::new(),
        recovery: Recovery::Failed(why),
    })
}

fn valid_base(log: &dyn ReadAt) -> Result<BaseBlock> {
    let base = BaseBlock::read(log)?;
    if base.is_dirty() {
        return Err(Error::corrupt(
            Layer::Hive,
            0,
            say!(error_hive_log_incomplete),
        ));
    }
    if !matches!(base.file_type, 1 | 2 | 6) {
        return Err(Error::corrupt(
            Layer::Hive,
            28,
            say!(error_hive_log_type, found = base.file_type),
        ));
    }
    Ok(base)
}

/// Logs of Windows 8.1 and later: entries that continue each other.
fn new_logs(
    sound: Option<&BaseBlock>,
    mut logs: Vec<Log<'_>>,
    refused: &mut Vec<Text>,
) -> Option<Replayed> {
    logs.sort_by_key(|l| l.base.primary_sequence);
    let mut base = match sound {
        Some(base) => base.clone(),
        // Without a base block only the log with the latest entries is used.
        None => {
            logs.drain(..logs.len().saturating_sub(1));
            logs.first()?.base.clone()
        }
    };
    let from = sound.map_or(0, |b| b.secondary_sequence);
    let mut overlay = Overlay::new();
    let (mut entries, mut next, mut stopped) = (0, None, None);
    for log in &logs {
        let first = log.base.primary_sequence;
        let expected = next.unwrap_or(first);
        if first < from {
            refused.push(about(log.name, say!(error_hive_log_old, first = first)));
            continue;
        }
        if first != expected {
            let detail = about(
                log.name,
                say!(error_hive_log_gap, expected = expected, found = first),
            );
            refused.push(detail.clone());
            stopped = stopped.or(Some(Error::corrupt(Layer::Hive, None, detail)));
            continue;
        }
        let (applied, why) = apply_entries(log, expected, &mut overlay, &mut base);
        if let Some(e) = why {
            refused.push(about(log.name, &*e.detail));
            stopped = stopped.or(Some(e));
        }
        if applied > 0 {
            entries = applied.saturating_add(entries);
            next = Some(expected.wrapping_add(applied));
        }
    }
    (entries > 0).then(|| {
        let pages = overlay.len();
        base.file_type = 0;
        Replayed {
            base,
            overlay,
            recovery: Recovery::Replayed {
                entries,
                pages,
                stopped,
            },
        }
    })
}

/// Applies the entries of one log from sequence number `next` on; returns their number, and why
/// it stopped where that is not simply the end of the new entries.
fn apply_entries(
    log: &Log<'_>,
    first: u32,
    overlay: &mut Overlay,
    base: &mut BaseBlock,
) -> (u32, Option<Error>) {
    let mut at = HEAD_LEN as u64;
    let mut applied = 0;
    loop {
        let next = first.wrapping_add(applied);
        match entry(log.data, at, next) {
            Ok(Some((len, bins_len, pages))) => {
                overlay.extend(pages);
                // A shorter hive loses the pages behind its end.
                overlay.split_off(&(bins_len / PAGE_LEN));
                base.bins_len = bins_len;
                base.primary_sequence = next;
                base.secondary_sequence = next;
                applied = applied.saturating_add(1);
                at = at.saturating_add(len);
            }
            Ok(None) => return (applied, None),
            Err(e) => return (applied, Some(e)),
        }
    }
}

/// What is said of the log called `name`.
fn about(name: &str, why: impl Into<Arg>) -> Text {
    say!(error_hive_log, log = name, why = why)
}

/// Bytes of a log entry, bytes of the hive bins, and pages by their numbers.
type LogEntry = (u64, u32, Vec<(u32, Box<[u8]>)>);

/// The entry at `at` where it is the one with sequence number `next`: its length in bytes, the
/// length of the hive bins, and its pages. `None` where the entries end.
fn entry(log: &dyn ReadAt, at: u64, next: u32) -> Result<Option<LogEntry>> {
    if log.len().saturating_sub(at) < ENTRY_HEAD as u64 {
        return Ok(None);
    }
    let head = read_vec(log, at, ENTRY_HEAD)?;
    let field = |from| le32(&head, from).unwrap_or_default();
    if !head.starts_with(b"HvLE") || field(12) != next {
        return Ok(None);
    }
    let bad = |why: Text| {
        let detail = say!(error_hive_log_entry, number = next, why = why);
        Error::corrupt(Layer::Hive, at, detail)
    };
    let (len, bins_len, count) = (field(4), field(16), field(20));
    if !len.is_multiple_of(512) || (len as usize) < ENTRY_HEAD {
        return Err(bad(say!(error_hive_log_length, len = len)));
    }
    check_range(Layer::Hive, at, len.into(), log.len())?;
    if !bins_len.is_multiple_of(4096) || u64::from(bins_len) > MAX_HIVE {
        return Err(bad(say!(error_hive_bins_len, len = bins_len)));
    }
    let whole = read_vec(log, at, len as usize)?;
    let (Some(head), Some(body)) = (whole.get(..32), whole.get(ENTRY_HEAD..)) else {
        return Err(bad(say!(error_hive_log_length, len = len)));
    };
    let hashes = (marvin32(LOG_SEED, body), marvin32(LOG_SEED, head));
    if le64(&whole, 24) != Some(hashes.0) || le64(&whole, 32) != Some(hashes.1) {
        return Err(bad(say!(error_hive_log_hash)));
    }
    let mut pages = Vec::new();
    let (references, mut data) = (count as usize)
        .checked_mul(8)
        .and_then(|len| body.split_at_checked(len))
        .ok_or_else(|| bad(say!(error_hive_log_pages, count = count)))?;
    for (start, size) in pairs(references) {
        let fits = start.checked_add(size).is_some_and(|end| end <= bins_len);
        let aligned = start.is_multiple_of(PAGE_LEN) && size.is_multiple_of(PAGE_LEN);
        let (true, true, Some((these, rest))) =
            (fits, aligned, data.split_at_checked(size as usize))
        else {
            return Err(bad(say!(error_hive_log_page, len = size, at = start)));
        };
        data = rest;
        let first = start / PAGE_LEN;
        pages.extend((first..).zip(these.chunks(PAGE).map(Box::from)));
    }
    Ok(Some((len.into(), bins_len, pages)))
}

/// Logs before Windows 8.1: a bitmap of pages and the pages. The first one that belongs to this
/// state of the hive is used.
fn old_logs(
    hive: &dyn ReadAt,
    sound: Option<&BaseBlock>,
    logs: &[Log<'_>],
    refused: &mut Vec<Text>,
) -> Option<Replayed> {
    // Without a base block the first bin's time stamp says which state the hive is in.
    let state = match sound {
        Some(base) => Some(base.last_written),
        None => read_vec(hive, super::base::BASE_LEN + 20, 8)
            .ok()
            .and_then(|b| le64(&b, 0)),
    };
    for log in logs {
        if Some(log.base.last_written) != state {
            refused.push(about(log.name, say!(error_hive_log_other_state)));
            continue;
        }
        match dirty_vector(log) {
            Ok(overlay) => {
                let mut base = log.base.clone();
                base.file_type = 0;
                let pages = overlay.len();
                return Some(Replayed {
                    base,
                    overlay,
                    recovery: Recovery::Replayed {
                        entries: 1,
                        pages,
                        stopped: None,
                    },
                });
            }
            Err(e) => refused.push(about(log.name, &*e.detail)),
        }
    }
    None
}

fn dirty_vector(log: &Log<'_>) -> Result<Overlay> {
    let bins_len = log.base.bins_len;
    if !bins_len.is_multiple_of(4096) || u64::from(bins_len) > MAX_HIVE {
        return Err(Error::corrupt(
            Layer::Hive,
            40,
            say!(error_hive_bins_len, len = bins_len),
        ));
    }
    let bitmap_len = bins_len as usize / PAGE / 8;
    let vector = read_vec(log.data, HEAD_LEN as u64, bitmap_len.saturating_add(4))?;
    let Some(bitmap) = vector.strip_prefix(b"DIRT") else {
        return Err(Error::corrupt(
            Layer::Hive,
            HEAD_LEN as u64,
            say!(
                error_magic_found,
                expected = "DIRT",
                found = crate::bytes::hex(vector.get(..4).unwrap_or(&vector))
            ),
        ));
    };
    let marks = bitmap
        .iter()
        .flat_map(|byte| (0..8).map(move |bit| byte >> bit & 1 == 1));
    let marked = (0_u32..).zip(marks).filter(|(_, marked)| *marked);
    // The pages stand behind each other from the next multiple of a page on.
    let pages = vector.len().saturating_add(HEAD_LEN).div_ceil(PAGE);
    let mut overlay = Overlay::new();
    for ((number, _), place) in marked.zip(pages as u64..) {
        let at = place.saturating_mul(PAGE as u64);
        let page = read_vec(log.data, at, PAGE)?;
        check_bin(number, &page, at)?;
        overlay.insert(number, page.into_boxed_slice());
    }
    Ok(overlay)
}

/// A page that begins with a bin's signature must be that bin.
fn check_bin(number: u32, page: &[u8], at: u64) -> Result<()> {
    let offset = number.checked_mul(PAGE_LEN);
    let is_bin = number.is_multiple_of(8) && page.starts_with(b"hbin");
    if is_bin && le32(page, 4) != offset {
        return Err(Error::corrupt(
            Layer::Hive,
            at,
            say!(
                error_hive_log_bin,
                page = number,
                found = le32(page, 4).unwrap_or_default()
            ),
        ));
    }
    Ok(())
}
