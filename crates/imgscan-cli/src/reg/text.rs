//! Keys for people.

use std::io::{BufWriter, StdoutLock, Write as _};

use imgscan_core::Error;
use imgscan_core::bytes::hex;
use imgscan_core::hive::{Data, Key, Value, Visit};
use imgscan_core::text::terminal;

use super::{Contents, Top, Writer};
use crate::exit::Failure;
use crate::output::stdout;

/// Bytes of binary data that a list of values shows; a single value is shown whole.
const SHOWN: usize = 256;

pub(super) struct Lines<'a> {
    top: &'a Top<'a>,
    out: BufWriter<StdoutLock<'static>>,
    recursive: bool,
    whole: bool,
    first: bool,
}

impl<'a> Lines<'a> {
    pub(super) fn new(top: &'a Top<'a>, recursive: bool, whole: bool) -> Self {
        Self {
            top,
            out: stdout(),
            recursive,
            whole,
            first: true,
        }
    }

    fn data(&self, value: &Value<'_>, damage: &mut Vec<Error>) -> String {
        let contents = match Contents::read(value) {
            Ok(contents) => contents,
            Err(e) => {
                let shown = format!("<{}>", terminal(&e.to_string()));
                damage.push(e);
                return shown;
            }
        };
        let quoted = |text: &str| format!("\"{}\"", terminal(text));
        let mut out = match &contents.data {
            Data::Text(text) | Data::Expand(text) => quoted(text),
            Data::List(list) => list
                .iter()
                .map(|t| quoted(t))
                .collect::<Vec<_>>()
                .join(", "),
            Data::Number(n) => format!("{n:#010x} ({n})"),
            Data::Long(n) => format!("{n:#018x} ({n})"),
            Data::Bytes(bytes) => self.hex(bytes),
        };
        if !contents.complete {
            out.push_str(&format!("  bytes {}", self.hex(&contents.bytes)));
        }
        out
    }

    fn hex(&self, bytes: &[u8]) -> String {
        if self.whole || bytes.len() <= SHOWN {
            return hex(bytes);
        }
        format!("{}... ({} bytes)", hex(&bytes[..SHOWN]), bytes.len())
    }
}

impl Writer for Lines<'_> {
    fn key(&mut self, visit: &Visit<'_, '_>, damage: &mut Vec<Error>) -> Result<(), Failure> {
        if !std::mem::take(&mut self.first) {
            writeln!(self.out)?;
        }
        let path = format!("{}{}", self.top.path, visit.path);
        writeln!(self.out, "{}", terminal(&path))?;
        let written = visit.key.last_written();
        writeln!(
            self.out,
            "  last written {}, at byte {} of {}",
            written.map_or_else(|| "-".into(), |at| at.to_string()),
            visit.key.offset(),
            terminal(&self.top.opened.file)
        )?;
        for value in &visit.values.items {
            let name = match value.name() {
                "" => "(default)".into(),
                name => terminal(name),
            };
            let data = self.data(value, damage);
            writeln!(self.out, "  {name}  {}  {data}", value.kind().name())?;
        }
        Ok(())
    }

    fn end(&mut self, subkeys: Option<&[Key<'_>]>, _damage: &[Error]) -> Result<(), Failure> {
        if !self.recursive {
            for key in subkeys.unwrap_or_default() {
                writeln!(self.out, "  {}\\", terminal(key.name()))?;
            }
        }
        self.out.flush()?;
        Ok(())
    }
}
