//! Keys for people.

use std::io::{BufWriter, StdoutLock, Write as _};

use imgscan_core::Error;
use imgscan_core::bytes::hex;
use imgscan_core::hive::{Data, Key, Value, Visit};
use imgscan_core::text::terminal;

use super::{Contents, Top, Writer};
use crate::exit::Failure;
use crate::output::{Ui, stdout};

/// Bytes of binary data that a list of values shows; a single value is shown whole.
const SHOWN: usize = 256;

pub(super) struct Lines<'a> {
    top: &'a Top<'a>,
    ui: &'a Ui,
    out: BufWriter<StdoutLock<'static>>,
    recursive: bool,
    whole: bool,
    first: bool,
}

impl<'a> Lines<'a> {
    pub(super) fn new(top: &'a Top<'a>, ui: &'a Ui, recursive: bool, whole: bool) -> Self {
        Self {
            top,
            ui,
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
                let shown = format!("<{}>", self.ui.words(&e.text()));
                damage.push(e);
                return shown;
            }
        };
        let quoted = |text: &str| format!("\"{}\"", terminal(text));
        let shown = match &contents.data {
            Data::Text(text) | Data::Expand(text) => quoted(text),
            Data::List(list) => list
                .iter()
                .map(|t| quoted(t))
                .collect::<Vec<_>>()
                .join(", "),
            Data::Number(n) => format!("{n:#010x} ({n})"),
            Data::Long(n) => format!("{n:#018x} ({n})"),
            _ => self.hex(&contents.bytes),
        };
        if contents.complete {
            return shown;
        }
        let bytes = self.hex(&contents.bytes);
        let all = say!(reg_and_bytes, shown = shown, bytes = bytes);
        self.ui.words(&all)
    }

    fn hex(&self, bytes: &[u8]) -> String {
        if self.whole || bytes.len() <= SHOWN {
            return hex(bytes);
        }
        let first = hex(&bytes[..SHOWN]);
        let shown = say!(reg_more_bytes, bytes = first, count = bytes.len());
        self.ui.words(&shown)
    }
}

impl Writer for Lines<'_> {
    fn key(&mut self, visit: &Visit<'_, '_>, damage: &mut Vec<Error>) -> Result<(), Failure> {
        if !std::mem::take(&mut self.first) {
            writeln!(self.out)?;
        }
        let path = format!("{}{}", self.top.path, visit.path);
        writeln!(self.out, "{}", terminal(&path))?;
        let (offset, file) = (visit.key.offset(), self.top.opened.file.as_str());
        let written = match visit.key.last_written() {
            Some(at) => say!(
                reg_written,
                time = at.to_string(),
                offset = offset,
                file = file
            ),
            None => say!(reg_never_written, offset = offset, file = file),
        };
        writeln!(self.out, "  {}", self.ui.words(&written))?;
        for value in &visit.values.items {
            let name = match value.name() {
                "" => self.ui.words(&say!(reg_default)),
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
