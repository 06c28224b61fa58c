//! Event logs of Windows (`.evtx`), on bytes only: which events a log holds.
//!
//! A log is a header of 4 KiB and chunks of 64 KiB; each chunk holds records of binary XML and
//! what they refer to, so that one chunk at a time is enough to read them.

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

#[cfg(test)]
mod tests;

use std::sync::Arc;

use evtx::{EvtxChunkData, ParserSettings};
use serde_json::Value;

use crate::error::{Error, Layer, Result, contained};
use crate::fs::Timestamp;
use crate::source::{ReadAt, read_vec};
use crate::text::Text;

/// Length of the header and of a chunk in bytes.
const HEADER: u64 = 4096;
const CHUNK: u64 = 65_536;
/// The longest log that is read, in bytes: Windows keeps 20 MiB unless it is told otherwise.
const MAX_LOG: u64 = 128 << 20;
/// Records of one log, and events of one log that are kept.
const MAX_RECORDS: u64 = 2_000_000;
const MAX_EVENTS: usize = 10_000;
/// Errors that are kept of one log.
const MAX_ERRORS: usize = 100;
/// Fields of one event, and bytes of one field.
const MAX_FIELDS: usize = 64;
const MAX_FIELD: usize = 4096;

/// An event.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Event {
    /// Number of its record.
    pub record: u64,
    /// Its identifier.
    pub id: u32,
    /// Who wrote it (`Service Control Manager`).
    pub provider: String,
    /// When it was written.
    pub time: Timestamp,
    /// Byte offset of its chunk in the log.
    pub chunk: u64,
    /// What it says, by name; `Data` where the fields have no names.
    pub fields: Vec<(String, String)>,
}

impl Event {
    /// The field called `name`.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&str> {
        let mut all = self.fields.iter();
        all.find(|(n, _)| n == name).map(|(_, text)| text.as_str())
    }
}

/// A log that was read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EventLog {
    /// The events that were wanted, in the order of their records.
    pub events: Vec<Event>,
    /// Records of all kinds.
    pub records: u64,
    /// The number of the first record that is there; 0 where there is none.
    pub first: u64,
    /// What may hide more.
    pub errors: Vec<Error>,
}

impl EventLog {
    fn error(&mut self, e: Error) {
        if self.errors.len() < MAX_ERRORS {
            self.errors.push(e);
        }
    }
}

/// Reads the log in `file` and keeps the events that `wanted` takes by provider and identifier.
///
/// # Errors
/// If it is no event log, or too long. What is damaged in it stands in [`EventLog::errors`].
pub fn read(file: &dyn ReadAt, wanted: &dyn Fn(&str, u32) -> bool) -> Result<EventLog> {
    let len = file.len();
    if len > MAX_LOG {
        let what = say!(error_events_long, len = len, most = MAX_LOG);
        return Err(Error::limit(Layer::EventLog, None, what));
    }
    if len < HEADER || !read_vec(file, 0, 8)?.starts_with(b"ElfFile\0") {
        return Err(Error::corrupt(
            Layer::EventLog,
            0,
            say!(error_events_header),
        ));
    }
    let mut out = EventLog::default();
    let mut at = HEADER;
    while at.checked_add(CHUNK).is_some_and(|end| end <= len) {
        let chunk = contained(
            Layer::EventLog,
            || say!(doing_event_chunk),
            || chunk(file, at, wanted, &mut out),
        );
        if let Err(e) = chunk {
            out.error(e);
        }
        if out.records >= MAX_RECORDS || out.events.len() >= MAX_EVENTS {
            let what = say!(
                error_events_many,
                records = MAX_RECORDS,
                events = MAX_EVENTS
            );
            out.error(Error::limit(Layer::EventLog, at, what));
            break;
        }
        at = at.saturating_add(CHUNK);
    }
    out.events.sort_by_key(|e| e.record);
    Ok(out)
}

#[expect(
    clippy::indexing_slicing,
    reason = "only JSON is indexed, which gives Null where nothing has that name"
)]
fn chunk(
    file: &dyn ReadAt,
    at: u64,
    wanted: &dyn Fn(&str, u32) -> bool,
    out: &mut EventLog,
) -> Result<()> {
    let bytes = read_vec(file, at, 65_536)?;
    if bytes.iter().all(|b| *b == 0) {
        return Ok(());
    }
    let bad = |what: Text| Error::corrupt(Layer::EventLog, at, what);
    let damaged = || bad(say!(error_events_chunk));
    let mut data = EvtxChunkData::new(bytes, false).map_err(|_| damaged())?;
    if !data.validate_checksum() {
        out.error(bad(say!(error_events_checksum)));
    }
    let settings = Arc::new(ParserSettings::new().num_threads(1));
    let mut chunk = data.parse(settings).map_err(|_| damaged())?;
    for record in chunk.iter() {
        let record = match record {
            Ok(record) => record,
            Err(_) => {
                out.error(damaged());
                continue;
            }
        };
        out.records = out.records.saturating_add(1);
        if out.records >= MAX_RECORDS || out.events.len() >= MAX_EVENTS {
            return Ok(());
        }
        let number = record.event_record_id;
        out.first = match out.first {
            0 => number,
            first => first.min(number),
        };
        let time = Timestamp {
            secs: record.timestamp.as_second(),
            nanos: u32::try_from(record.timestamp.subsec_nanosecond()).unwrap_or(0),
        };
        let value = match record.into_json_value() {
            Ok(read) => read.data,
            Err(_) => {
                out.error(bad(say!(error_events_record, number = number)));
                continue;
            }
        };
        let system = &value["Event"]["System"];
        let Some(id) = identifier(&system["EventID"]) else {
            out.error(bad(say!(error_events_identifier, number = number)));
            continue;
        };
        let provider = &system["Provider"]["#attributes"]["Name"];
        let provider = provider.as_str().unwrap_or_default();
        if wanted(provider, id) {
            out.events.push(Event {
                record: number,
                id,
                provider: provider.to_owned(),
                time,
                chunk: at,
                fields: fields(&value["Event"]),
            });
        }
    }
    Ok(())
}

/// The identifier: a number, or one with attributes (qualifiers) beside it.
fn identifier(value: &Value) -> Option<u32> {
    let number = match value {
        Value::Object(_) => &value["#text"],
        other => other,
    };
    match number {
        Value::Number(n) => n.as_u64().and_then(|n| u32::try_from(n).ok()),
        Value::String(text) => text.parse().ok(),
        _ => None,
    }
}

/// What an event says: `EventData`, or the element in `UserData`.
fn fields(event: &Value) -> Vec<(String, String)> {
    let mut out = Vec::new();
    let user = event["UserData"].as_object();
    let user = user.into_iter().flat_map(|o| o.values());
    for part in std::iter::once(&event["EventData"]).chain(user) {
        for (name, value) in part.as_object().into_iter().flatten() {
            if name == "#attributes" {
                continue;
            }
            // Fields without names are a list.
            let value = match value {
                Value::Object(o) => o.get("#text").unwrap_or(&Value::Null),
                other => other,
            };
            match value {
                Value::Array(list) => {
                    for value in list {
                        out.push((name.clone(), text(value)));
                    }
                }
                value => out.push((name.clone(), text(value))),
            }
        }
    }
    out.truncate(MAX_FIELDS);
    out
}

fn text(value: &Value) -> String {
    let mut text = match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    };
    if text.len() > MAX_FIELD {
        let end = (0..=MAX_FIELD).rev().find(|at| text.is_char_boundary(*at));
        text.truncate(end.unwrap_or(0));
    }
    text
}
