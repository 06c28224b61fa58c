//! Keys as one JSON document, written as the walk goes: a hive's tree never stands in memory.

use std::io::{BufWriter, StdoutLock, Write as _};

use imgscan_core::bytes::hex;
use imgscan_core::fs::Timestamp;
use imgscan_core::hive::{Data, Key, Value, Visit};
use imgscan_core::report::json_line;
use imgscan_core::text::Text;
use imgscan_core::{Error, Kind, Layer};
use serde::Serialize;
use serde_json::{Value as Json, json};

use super::{Contents, Top, Writer};
use crate::exit::Failure;
use crate::output::stdout;

pub(super) struct Document<'a> {
    top: &'a Top<'a>,
    out: BufWriter<StdoutLock<'static>>,
    /// Objects that are open.
    open: usize,
}

impl<'a> Document<'a> {
    pub(super) fn new(top: &'a Top<'a>) -> Self {
        Self {
            top,
            out: stdout(),
            open: 0,
        }
    }

    /// The fields of a key before its subkeys, without the braces.
    fn head(&self, visit: &Visit<'_, '_>, damage: &mut Vec<Error>) -> String {
        let key = visit.key;
        let top = (visit.depth == 0).then_some(self.top);
        let class = key.class_name().unwrap_or_else(|e| {
            damage.push(e);
            None
        });
        let head = Head {
            key: top.map(|top| top.path.as_str()),
            volume: top.and_then(|top| top.opened.volume.as_deref()),
            hive: top.map(|top| top.opened.file.as_str()),
            name: (visit.depth > 0).then(|| key.name()),
            name_raw: key.invalid_name().map(hex),
            last_written: key.last_written().map(time),
            offset: key.offset(),
            class,
            values: visit
                .values
                .items
                .iter()
                .map(|v| Entry::new(v, damage))
                .collect(),
        };
        let mut text = json_line(&head);
        text.pop();
        text
    }
}

impl Writer for Document<'_> {
    fn key(&mut self, visit: &Visit<'_, '_>, damage: &mut Vec<Error>) -> Result<(), Failure> {
        let sibling = self.open > visit.depth;
        while self.open > visit.depth {
            self.out.write_all(b"]}")?;
            self.open -= 1;
        }
        let before = match (sibling, visit.depth) {
            (true, _) => ",\n",
            (false, 0) => "",
            (false, _) => "\n",
        };
        let head = self.head(visit, damage);
        write!(self.out, "{before}{head},\"subkeys\":[")?;
        self.open += 1;
        Ok(())
    }

    fn end(&mut self, subkeys: Option<&[Key<'_>]>, damage: &[Error]) -> Result<(), Failure> {
        while self.open > 1 {
            self.out.write_all(b"]}")?;
            self.open -= 1;
        }
        let names: Vec<String> = subkeys
            .unwrap_or_default()
            .iter()
            .map(|key| json_line(&key.name()))
            .collect();
        let all = self.top.opened.damage.iter().chain(damage);
        let gaps: Vec<Gap<'_>> = all.map(Gap::new).collect();
        writeln!(
            self.out,
            "{}],\"gaps\":{}}}",
            names.join(","),
            json_line(&gaps)
        )?;
        self.out.flush()?;
        Ok(())
    }
}

/// The fields of a key before its subkeys.
#[derive(Serialize)]
struct Head<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    volume: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hive: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name_raw: Option<String>,
    last_written: Option<String>,
    offset: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    class: Option<String>,
    values: Vec<Entry>,
}

/// A value; `raw` holds its bytes where `data` does not show all of them.
#[derive(Serialize)]
struct Entry {
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    name_raw: Option<String>,
    #[serde(rename = "type")]
    kind: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<Json>,
    #[serde(skip_serializing_if = "Option::is_none")]
    raw: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<Text>,
    offset: u64,
}

impl Entry {
    fn new(value: &Value<'_>, damage: &mut Vec<Error>) -> Self {
        let mut entry = Self {
            name: value.name().to_owned(),
            name_raw: value.invalid_name().map(hex),
            kind: value.kind().name(),
            data: None,
            raw: None,
            error: None,
            offset: value.offset(),
        };
        match Contents::read(value) {
            Ok(contents) => {
                entry.raw = (!contents.complete).then(|| hex(&contents.bytes));
                entry.data = Some(match contents.data {
                    Data::Text(text) | Data::Expand(text) => json!(text),
                    Data::List(list) => json!(list),
                    Data::Number(n) => json!(n),
                    Data::Long(n) => json!(n),
                    _ => json!(hex(&contents.bytes)),
                });
            }
            Err(e) => {
                entry.error = Some(e.text());
                damage.push(e);
            }
        }
        entry
    }
}

/// What could not be read.
#[derive(Serialize)]
struct Gap<'a> {
    layer: Layer,
    kind: Kind,
    offset: Option<u64>,
    reason: &'a Text,
}

impl<'a> Gap<'a> {
    fn new(error: &'a Error) -> Self {
        Self {
            layer: error.layer,
            kind: error.kind,
            offset: error.offset,
            reason: &error.detail,
        }
    }
}

/// RFC 3339 with the 100 ns of a FILETIME, where there are any.
fn time(at: Timestamp) -> String {
    let mut out = at.to_string();
    if at.nanos != 0 {
        out.pop();
        out.push_str(&format!(".{:07}Z", at.nanos / 100));
    }
    out
}
