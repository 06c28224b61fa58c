//! Event consumers in the repository of WMI, found by their texts.
//!
//! `OBJECTS.DATA` keeps the texts of objects in one byte a character where they fit, each ended
//! by a NUL. A binding refers to its consumer by an object path (`Class.Name="name"`). Pages that are no longer
//! used keep their texts, so a deleted consumer may be found too.

use std::collections::BTreeMap;

use serde::Serialize;

use super::Windows;
use crate::error::{Error, Layer, Result};
use crate::evidence::{Collected, Gap, Location};
use crate::guest::Located;
use crate::guest::windows::expand;

const FILES: [&str; 2] = [
    r"System32\wbem\Repository\OBJECTS.DATA",
    r"System32\wbem\Repository\FS\OBJECTS.DATA",
];
/// Longer repositories are not searched, in bytes.
const MAX_FILE: u64 = 512 << 20;
const CHUNK: usize = 4 << 20;
/// Bytes of a chunk that the next one begins with: a consumer's texts lie within it.
const OVERLAP: usize = 16 * 1024;
/// Definitions that are looked at.
const MAX_DEFINITIONS: usize = 20_000;
/// Consumers that are kept.
const MAX_CONSUMERS: usize = 4096;
/// Where a machine keeps its repository elsewhere.
const MOVED: (&str, &str) = (
    r"HKLM\SOFTWARE\Microsoft\Wbem\CIMOM",
    "Repository Directory",
);
/// The end of the names of classes of consumers, also of those derived from Windows' own.
const REFERENCE: &[u8] = b"Consumer";
const NAME: &[u8] = b"Name";
/// Characters of a reference that are looked at, behind its class.
const MAX_REFERENCE: usize = 320;
/// Consumers that run something.
const RUNNING: [&str; 2] = ["CommandLineEventConsumer", "ActiveScriptEventConsumer"];

/// An event consumer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Consumer {
    /// Its class (`CommandLineEventConsumer`).
    pub class: String,
    /// Its name.
    pub name: String,
    /// Texts that stand with its definition: the command or the script. At most 1000 characters.
    pub text: Option<String>,
}

/// The consumers that a binding refers to, by class and name.
pub(super) fn collect(windows: &Windows<'_>) -> Collected<Consumer> {
    let mut out = Collected::default();
    let root = windows.roots().windows;
    let mut files: Vec<String> = FILES.iter().map(|f| format!(r"{root}\{f}")).collect();
    let moved = windows.values(MOVED.0, MOVED.1);
    out.gaps.extend(moved.gaps);
    for folder in moved.items {
        let folder = expand(&folder.fact.data.to_string(), &windows.roots(), &[]);
        for file in ["OBJECTS.DATA", r"FS\OBJECTS.DATA"] {
            let file = format!(r"{}\{file}", folder.trim().trim_end_matches('\\'));
            if !files.iter().any(|f| f.eq_ignore_ascii_case(&file)) {
                files.push(file);
            }
        }
    }
    for path in files {
        match windows.guest.paths.find(path.as_bytes()) {
            Ok(Some(at)) => {
                if let Err(e) = search(&at, &mut out) {
                    out.gap(Location::of(&at), &e);
                }
            }
            Ok(None) => {}
            Err(e) => out.gaps.push(Gap::at_path(path, &e)),
        }
    }
    out
}

fn search(at: &Located, out: &mut Collected<Consumer>) -> Result<()> {
    let data = at.open()?;
    let len = data.len();
    if len > MAX_FILE {
        let what = say!(error_wmi_long, len = len, most = MAX_FILE);
        return Err(Error::limit(Layer::Guest, None, what));
    }
    let mut found = Found::new();
    let mut buf = vec![0; CHUNK.min(usize::try_from(len).unwrap_or(CHUNK))];
    let mut start = 0;
    let mut definitions_left = MAX_DEFINITIONS;
    // First the references, then the texts of what they name.
    for texts in [false, true] {
        while start < len {
            let size = usize::try_from(len - start).map_or(CHUNK, |left| left.min(CHUNK));
            let chunk = &mut buf[..size];
            data.read_at(chunk, start)?;
            if texts {
                definitions(chunk, &mut found, &mut definitions_left);
            } else {
                references(chunk, start, &mut found);
            }
            if start + size as u64 >= len {
                break;
            }
            start += (size - OVERLAP.min(size / 2)) as u64;
        }
        start = 0;
        let runs = |(class, _): &(String, String)| RUNNING.contains(&class.as_str());
        if found.len() > MAX_CONSUMERS {
            let what = say!(error_too_many, most = MAX_CONSUMERS, what = "consumers");
            return Err(Error::limit(Layer::Guest, None, what));
        }
        if !found.keys().any(runs) {
            break;
        }
    }
    if definitions_left == 0 {
        let what = say!(error_too_many, most = MAX_DEFINITIONS, what = "definitions");
        out.gap(Location::of(at), &Error::limit(Layer::Guest, None, what));
    }
    for ((class, name), (offset, text)) in found {
        let place = Location {
            offset: Some(offset),
            ..Location::of(at)
        };
        out.push(Consumer { class, name, text }, place);
    }
    Ok(())
}

type Found = BTreeMap<(String, String), (u64, Option<String>)>;

/// Where `what` stands in `bytes`.
fn places<'a>(bytes: &'a [u8], what: &'a [u8]) -> impl Iterator<Item = usize> + 'a {
    let first = what[0];
    let mut from = 0;
    std::iter::from_fn(move || {
        while let Some(at) = bytes.get(from..)?.iter().position(|b| *b == first) {
            let at = from + at;
            from = at + 1;
            if bytes[at..].starts_with(what) {
                return Some(at);
            }
        }
        None
    })
}

fn references(chunk: &[u8], start: u64, found: &mut Found) {
    let wide: Vec<u8> = REFERENCE.iter().flat_map(|b| [*b, 0]).collect();
    for (what, step) in [(REFERENCE, 1), (wide.as_slice(), 2)] {
        for at in places(chunk, what) {
            let rest = &chunk[at + what.len()..];
            let behind = rest.iter().step_by(step).take(OVERLAP / 4);
            let behind = reference(behind.copied());
            // Nothing but blanks as far as a reference is looked at: the name is not known.
            let name = match behind.is_empty() && rest.len() >= OVERLAP / 2 {
                true => Some(&b""[..]),
                false => key(&behind),
            };
            let Some(name) = name else {
                continue;
            };
            let mut begin = at;
            while begin >= step
                && at - begin < 64 * step
                && chunk
                    .get(begin - step)
                    .is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_')
            {
                begin -= step;
            }
            let class: String = chunk[begin..at]
                .iter()
                .step_by(step)
                .map(|b| char::from(*b))
                .collect();
            let key = (format!("{class}Consumer"), crate::text::lossless(name));
            if found.len() <= MAX_CONSUMERS {
                found.entry(key).or_insert((start + begin as u64, None));
            }
        }
    }
}

/// The text of an object path without the blanks before its key, as far as it is looked at.
fn reference(text: impl Iterator<Item = u8>) -> Vec<u8> {
    let mut out = Vec::new();
    let mut in_key = false;
    for byte in text {
        in_key |= matches!(byte, b'"' | b'\'');
        if in_key || byte != b' ' {
            out.push(byte);
        }
        if out.len() >= MAX_REFERENCE {
            break;
        }
    }
    out
}

/// The key of the object path that goes on with `text` behind the name of its class:
/// `.Name="key"`, or `="key"` where the class has one key; either kind of quotation mark, and blanks
/// between (Microsoft, "Describing a WMI Object Path").
fn key(text: &[u8]) -> Option<&[u8]> {
    let trimmed = |text: &[u8]| -> usize { text.iter().take_while(|b| **b == b' ').count() };
    let mut rest = text.get(trimmed(text)..)?;
    if let Some(behind) = rest.strip_prefix(b".") {
        let behind = behind.get(trimmed(behind)..)?;
        let (name, behind) = behind.split_at_checked(NAME.len())?;
        if !name.eq_ignore_ascii_case(NAME) {
            return None;
        }
        rest = behind.get(trimmed(behind)..)?;
    }
    rest = rest.strip_prefix(b"=")?;
    rest = rest.get(trimmed(rest)..)?;
    let (mark, rest) = rest.split_first()?;
    if !matches!(mark, b'"' | b'\'') {
        return None;
    }
    let end = rest.iter().position(|b| b == mark).unwrap_or(rest.len());
    rest.get(..end)
}

/// The texts behind the name of a class that runs something, where the name of a consumer is one
/// of them.
fn definitions(chunk: &[u8], found: &mut Found, left: &mut usize) {
    for class in RUNNING {
        let what = [class.as_bytes(), b"\0\0"].concat();
        for at in places(chunk, &what) {
            if *left == 0 {
                return;
            }
            *left -= 1;
            let behind = &chunk[at + what.len()..];
            let behind = &behind[..behind.len().min(OVERLAP / 2)];
            let texts: Vec<String> = behind
                .split(|b| *b == 0)
                .filter(|t| t.len() >= 2)
                .take(16)
                .map(|t| crate::text::lossless(&t[..t.len().min(1000)]))
                .collect();
            for ((of, name), (_, text)) in found.iter_mut() {
                if of == class && text.is_none() && texts.iter().any(|t| t == name) {
                    let all: Vec<&str> = texts
                        .iter()
                        .map(String::as_str)
                        .filter(|t| t != name)
                        .take(4)
                        .collect();
                    *text = Some(all.join(" | ").chars().take(1000).collect());
                }
            }
        }
    }
}
