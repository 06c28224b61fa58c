//! The record of logins, starts and stops, `/var/log/wtmp`. utmp(5).
//!
//! Records are `struct utmp` of glibc, integers in the order of the processor: the type (2 bytes) at
//! 0, the user (32 bytes) at 44, the kernel's release (256 bytes) at 76. One has 384 bytes where
//! 64-bit programs share the file with 32-bit ones (x86), and 400 elsewhere (arm64).

use serde::Serialize;

use crate::bytes::le16;
use crate::error::{Error, Layer, Result};
use crate::evidence::{Found, Gap, Location};
use crate::fs::FileKind;
use crate::guest::{Located, PathSpace};
use crate::source::read_vec;

const PATH: &str = "/var/log/wtmp";
/// Lengths of a record.
const LENGTHS: [u64; 2] = [384, 400];
/// Records that are read, from the end.
const MAX_RECORDS: u64 = 16_384;
/// Types: a change of the run level, a start.
const RUN_LEVEL: u16 = 1;
const BOOT: u16 = 2;
/// The highest type.
const MAX_TYPE: u16 = 9;

/// A start or a stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum PowerEvent {
    /// The system was started (`reboot`).
    Start,
    /// It was stopped (`shutdown`).
    Stop,
}

/// The last start or stop.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PowerRecord {
    /// Which.
    pub event: PowerEvent,
    /// Its record, from 1.
    pub record: u64,
    /// Records of the file.
    pub records: u64,
}

pub(in crate::evidence::linux) fn last(
    paths: &PathSpace,
) -> Result<Option<Found<PowerRecord>>, Gap> {
    let gap = |e| Gap::at_path(PATH, &e);
    match paths.find(PATH.as_bytes()).map_err(gap)? {
        Some(at) if at.metadata.kind == FileKind::Regular => {
            let found = read(&at).map_err(gap)?;
            Ok(found.map(|(fact, offset)| Found {
                fact,
                at: Location {
                    offset: Some(offset),
                    ..Location::of(&at)
                },
            }))
        }
        _ => Ok(None),
    }
}

/// The last start or stop, and its byte offset.
fn read(at: &Located) -> Result<Option<(PowerRecord, u64)>> {
    let data = at.open()?;
    let len = data.len();
    if len == 0 {
        return Ok(None);
    }
    // A length that fits both is told apart by the types.
    for size in LENGTHS.into_iter().filter(|size| len % size == 0) {
        let records = len / size;
        let first = records.saturating_sub(MAX_RECORDS);
        let bytes = usize::try_from((records - first) * size).unwrap_or(0);
        let bytes = read_vec(data.as_ref(), first * size, bytes)?;
        let all: Vec<&[u8]> = bytes
            .chunks_exact(usize::try_from(size).unwrap_or(384))
            .collect();
        if !all
            .iter()
            .all(|r| le16(r, 0).is_some_and(|t| t <= MAX_TYPE))
        {
            continue;
        }
        let found = all.iter().enumerate().rev();
        let mut found = found.filter_map(|(i, record)| Some((i as u64, event(record)?)));
        return Ok(found.next().map(|(i, event)| {
            let at = first + i;
            let fact = PowerRecord {
                event,
                record: at + 1,
                records,
            };
            (fact, at * size)
        }));
    }
    let what = say!(error_wtmp, len = len);
    Err(Error::corrupt(Layer::Config, None, what))
}

fn event(record: &[u8]) -> Option<PowerEvent> {
    let user = record.get(44..76)?.split(|b| *b == 0).next()?;
    match (le16(record, 0)?, user) {
        (BOOT, _) => Some(PowerEvent::Start),
        (RUN_LEVEL, b"shutdown") => Some(PowerEvent::Stop),
        _ => None,
    }
}
