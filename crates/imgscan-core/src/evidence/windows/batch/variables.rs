//! The `%variables%` of a script.

use std::collections::BTreeMap;

use super::{Call, MAX_LINE};

/// Variables that every Windows has; their values are not the script's.
const WINDOWS: [&str; 36] = [
    "allusersprofile",
    "appdata",
    "cd",
    "cmdcmdline",
    "cmdextversion",
    "commonprogramfiles",
    "commonprogramfiles(x86)",
    "commonprogramw6432",
    "computername",
    "comspec",
    "date",
    "errorlevel",
    "homedrive",
    "homepath",
    "localappdata",
    "logonserver",
    "number_of_processors",
    "os",
    "path",
    "pathext",
    "processor_architecture",
    "processor_identifier",
    "processor_level",
    "processor_revision",
    "programdata",
    "programfiles",
    "programfiles(x86)",
    "programw6432",
    "public",
    "random",
    "systemdrive",
    "systemroot",
    "temp",
    "time",
    "tmp",
    "username",
];
const MORE: [&str; 4] = ["userprofile", "windir", "userdomain", "psmodulepath"];

/// A variable's value; `None` where it can't be told.
type Value = Option<String>;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Variables {
    values: BTreeMap<String, Value>,
    /// In a batch file one that is not set is empty; on a command line it stays as it is.
    batch: bool,
}

/// A text with its variables replaced.
pub(super) struct Expanded {
    pub(super) text: String,
    /// Variables whose value can't be told.
    pub(super) unknown: Vec<String>,
}

impl Variables {
    pub(super) fn of_batch(call: &Call) -> Self {
        let given = call.variables.iter();
        Self {
            values: given
                .map(|(n, v)| (n.to_ascii_lowercase(), Some(v.clone())))
                .collect(),
            batch: true,
        }
    }

    pub(super) fn of_command_line() -> Self {
        Self {
            values: BTreeMap::new(),
            batch: false,
        }
    }

    /// Bytes of all names and values.
    pub(super) fn len(&self) -> usize {
        let all = self.values.iter();
        all.map(|(n, v)| n.len() + v.as_ref().map_or(0, String::len))
            .sum()
    }

    /// `set` with these arguments.
    pub(super) fn set(&mut self, arguments: &str) {
        let text = arguments.trim_start();
        let lower = text.to_ascii_lowercase();
        let (text, told) = match lower.strip_prefix('/') {
            // What is typed, or computed.
            Some(_) => (text.get(2..).unwrap_or_default().trim_start(), false),
            None => (text, true),
        };
        let text = match text.strip_prefix('"') {
            Some(inner) => inner.rsplit_once('"').map_or(inner, |(inner, _)| inner),
            None => text,
        };
        let Some((name, value)) = text.split_once('=') else {
            return;
        };
        let name = name.to_ascii_lowercase();
        let name = if told {
            name
        } else {
            name.trim_end_matches(['+', '-', '*', '/', '&', '|', '^', '%', ' '])
                .trim_matches('"')
                .to_owned()
        };
        let value = (told && value.len() <= MAX_LINE).then(|| value.to_owned());
        self.values.insert(name, value);
    }

    /// What another way to the same line sets otherwise can't be told.
    pub(super) fn merge(&mut self, other: &Self) {
        for name in other.values.keys() {
            self.values.entry(name.clone()).or_insert(None);
        }
        for (name, value) in &mut self.values {
            if other.values.get(name) != Some(value) {
                *value = None;
            }
        }
    }

    /// Nothing can be told of what was set.
    pub(super) fn forget_all(&mut self) {
        for value in self.values.values_mut() {
            *value = None;
        }
    }

    /// `text` with its variables replaced, as in a line of a batch file or on a command line.
    pub(super) fn expand(&self, text: &str, arguments: Option<&[String]>) -> Expanded {
        let mut out = Expanded {
            text: String::with_capacity(text.len()),
            unknown: Vec::new(),
        };
        let mut rest = text;
        while let Some((before, behind)) = rest.split_once('%') {
            out.text.push_str(before);
            if !self.batch {
                rest = self.named(behind, &mut out);
                continue;
            }
            let mut chars = behind.chars();
            match chars.next() {
                // A pair is one sign, which `for` may take for its variable.
                Some('%') => {
                    out.text.push('%');
                    rest = chars.as_str();
                }
                Some('0') => {
                    out.text.push_str("%0");
                    rest = chars.as_str();
                }
                Some(digit @ '1'..='9') => {
                    let nth = digit.to_digit(10).unwrap_or(1) as usize;
                    argument(arguments, nth, &mut out);
                    rest = chars.as_str();
                }
                Some('*') => {
                    match arguments {
                        Some(all) => out.text.push_str(&all.join(" ")),
                        None => {
                            out.unknown.push("*".into());
                            out.text.push_str("%*");
                        }
                    }
                    rest = chars.as_str();
                }
                Some('~') => rest = modified(behind, arguments, &mut out),
                _ => rest = self.named(behind, &mut out),
            }
        }
        out.text.push_str(rest);
        if out.text.len() > MAX_LINE {
            out.unknown.push("…".into());
        }
        out
    }

    /// A variable by its name, which `behind` begins with. The rest of the text.
    fn named<'t>(&self, behind: &'t str, out: &mut Expanded) -> &'t str {
        let end = behind.split_once('%');
        let Some((whole, rest)) = end else {
            // A sign alone is dropped from a batch file.
            if !self.batch {
                out.text.push('%');
            }
            return behind;
        };
        let name = whole.split(':').next().unwrap_or_default();
        let changed = name.len() < whole.len();
        let key = name.to_ascii_lowercase();
        match self.values.get(&key) {
            Some(Some(value)) if !changed => out.text.push_str(value),
            Some(_) => {
                out.unknown.push(name.to_owned());
                out.text.push_str(&format!("%{whole}%"));
            }
            None if WINDOWS.contains(&key.as_str()) || MORE.contains(&key.as_str()) => {
                // A part of one spells a word.
                if changed && !matches!(key.as_str(), "date" | "time" | "random") {
                    out.unknown.push(name.to_owned());
                }
                out.text.push_str(&format!("%{whole}%"));
            }
            None if self.batch => {
                // Not set by the script; the machine may set it.
                out.unknown.push(name.to_owned());
                if changed {
                    out.text.push_str(&format!("%{whole}%"));
                }
            }
            None => {
                out.text.push('%');
                return behind;
            }
        }
        rest
    }
}

fn argument(arguments: Option<&[String]>, nth: usize, out: &mut Expanded) {
    match arguments {
        Some(all) => {
            let given = all.get(nth.wrapping_sub(1));
            out.text.push_str(given.map_or("", String::as_str));
        }
        None => {
            out.unknown.push(nth.to_string());
            out.text.push_str(&format!("%{nth}"));
        }
    }
}

/// `%~dp0`, `%~1`: letters and a digit behind the tilde.
fn modified<'t>(behind: &'t str, arguments: Option<&[String]>, out: &mut Expanded) -> &'t str {
    let tail = behind.get(1..).unwrap_or_default();
    let letters = tail
        .find(|c: char| !c.is_ascii_alphabetic() && c != '$' && c != ':')
        .unwrap_or(tail.len());
    let (how, rest) = tail.split_at(letters);
    match rest.chars().next() {
        Some('0') => {
            out.text.push_str(&format!("%~{how}0"));
            rest.get(1..).unwrap_or_default()
        }
        Some(digit @ '1'..='9') => {
            let nth = digit.to_digit(10).unwrap_or(1) as usize;
            if how.is_empty() {
                argument(arguments, nth, out);
            } else {
                out.unknown.push(format!("~{how}{digit}"));
                out.text.push_str(&format!("%~{how}{digit}"));
            }
            rest.get(1..).unwrap_or_default()
        }
        _ => {
            out.text.push('%');
            behind
        }
    }
}
