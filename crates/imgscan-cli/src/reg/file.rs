//! Keys as regedit exports them: "Windows Registry Editor Version 5.00", UTF-16LE with its mark.
//!
//! The form: Microsoft, "How to add, modify, or delete registry subkeys and values by using a
//! .reg file". What is no plain text stands as `hex`, which keeps every byte.

use std::fmt::Write as _;
use std::io::{BufWriter, StdoutLock, Write as _};

use imgscan_core::hive::{Data, Key, Value, ValueType, Visit};
use imgscan_core::text::Text;
use imgscan_core::{Error, Layer};

use super::{Contents, Top, Writer};
use crate::exit::Failure;
use crate::output::{Ui, stdout};

/// Characters of a line before it is continued.
const WIDTH: usize = 76;

pub(super) struct RegFile<'a> {
    top: &'a Top<'a>,
    ui: &'a Ui,
    out: BufWriter<StdoutLock<'static>>,
    started: bool,
    /// Depth of the last key whose name the form can't hold: those below it are left out too.
    unnamed: Option<usize>,
}

impl<'a> RegFile<'a> {
    pub(super) fn new(top: &'a Top<'a>, ui: &'a Ui) -> Self {
        Self {
            top,
            ui,
            out: stdout(),
            started: false,
            unnamed: None,
        }
    }

    fn put(&mut self, text: &str) -> Result<(), Failure> {
        for unit in text.encode_utf16() {
            self.out.write_all(&unit.to_le_bytes())?;
        }
        Ok(())
    }

    /// The path with the root key's long name. A hive by itself has none: paths begin with `\`.
    fn path(&self, below: &str) -> String {
        let top = self.top.path.trim_end_matches('\\');
        let top = if let Some(rest) = top.strip_prefix(r"HKLM\") {
            format!(r"HKEY_LOCAL_MACHINE\{rest}")
        } else if let Some(rest) = top.strip_prefix(r"HKU\") {
            format!(r"HKEY_USERS\{rest}")
        } else {
            top.to_owned()
        };
        match (top.as_str(), below) {
            ("", "") => "\\".into(),
            _ => format!("{top}{below}"),
        }
    }
}

impl Writer for RegFile<'_> {
    fn key(&mut self, visit: &Visit<'_, '_>, damage: &mut Vec<Error>) -> Result<(), Failure> {
        if !std::mem::replace(&mut self.started, true) {
            self.put("\u{feff}Windows Registry Editor Version 5.00\r\n")?;
        }
        let path = self.path(visit.path);
        if self.unnamed.is_some_and(|at| visit.depth > at) {
            return Ok(());
        }
        self.unnamed = None;
        let key = visit.key;
        if !holds(key.name(), key.invalid_name()) || key.name().contains('\\') {
            self.unnamed = Some(visit.depth);
            damage.push(unfit(
                say!(reg_unfit_key, name = path.as_str()),
                key.offset(),
            ));
            let left_out = self.ui.words(&say!(reg_left_out, name = path));
            return self.put(&format!("\r\n; {left_out}\r\n"));
        }
        self.put(&format!("\r\n[{path}]\r\n"))?;
        for value in &visit.values.items {
            if !holds(value.name(), value.invalid_name()) {
                let name = value.name();
                damage.push(unfit(say!(reg_unfit_value, name = name), value.offset()));
                let left_out = self.ui.words(&say!(reg_left_out, name = name));
                self.put(&format!("; {left_out}\r\n"))?;
                continue;
            }
            match Contents::read(value) {
                Ok(contents) => self.put(&line(value, &contents))?,
                Err(e) => {
                    let name = value.name();
                    let left_out = say!(reg_left_out_because, name = name, why = e.text());
                    let left_out = self.ui.words(&left_out);
                    self.put(&format!("; {left_out}\r\n"))?;
                    damage.push(e);
                }
            }
        }
        Ok(())
    }

    fn end(&mut self, subkeys: Option<&[Key<'_>]>, _damage: &[Error]) -> Result<(), Failure> {
        // As `reg export` without its subkeys: their names alone, which is what an import makes.
        for key in subkeys.unwrap_or_default() {
            if holds(key.name(), key.invalid_name()) && !key.name().contains('\\') {
                let path = self.path(&format!("\\{}", key.name()));
                self.put(&format!("\r\n; [{path}]"))?;
            }
        }
        self.put("\r\n")?;
        self.out.flush()?;
        Ok(())
    }
}

/// True where a line of the form can hold the name.
fn holds(name: &str, invalid: Option<&[u8]>) -> bool {
    invalid.is_none() && !name.contains(['\0', '\r', '\n'])
}

fn unfit(why: Text, offset: u64) -> Error {
    Error::unsupported(Layer::Hive, offset, why)
}

/// `"name"=data` with its line break.
fn line(value: &Value<'_>, contents: &Contents) -> String {
    let mut out = match value.name() {
        "" => "@=".to_owned(),
        name => format!("\"{}\"=", quoted(name)),
    };
    let plain = |text: &str| !text.contains(['\0', '\r', '\n']);
    match (&contents.data, value.kind()) {
        (Data::Text(text), ValueType::SZ) if contents.complete && plain(text) => {
            let _ = write!(out, "\"{}\"", quoted(text));
        }
        (Data::Number(n), ValueType::DWORD) => {
            let _ = write!(out, "dword:{n:08x}");
        }
        (_, ValueType::BINARY) => hex_data(&mut out, "hex:", &contents.bytes),
        (_, ValueType(kind)) => hex_data(&mut out, &format!("hex({kind:x}):"), &contents.bytes),
    }
    out.push_str("\r\n");
    out
}

fn quoted(text: &str) -> String {
    text.replace('\\', r"\\").replace('"', "\\\"")
}

/// Bytes as `00,01,…`; a long line is continued behind `\`.
fn hex_data(out: &mut String, kind: &str, bytes: &[u8]) {
    out.push_str(kind);
    let mut width = out.chars().count();
    for (at, byte) in bytes.iter().enumerate() {
        if at > 0 {
            out.push(',');
            if width > WIDTH - 3 {
                out.push_str("\\\r\n  ");
                width = 2;
            }
        }
        let _ = write!(out, "{byte:02x}");
        width += 3;
    }
}
