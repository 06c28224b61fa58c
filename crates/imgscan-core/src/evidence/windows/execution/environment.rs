//! What the variables of a command stand for, and where a program without a folder is searched.

use std::collections::BTreeSet;

use crate::evidence::windows::{Datum, Windows};
use crate::evidence::{Gap, Location};
use crate::guest::windows::expand;

const SESSION_MANAGER: &str = r"HKLM\SYSTEM\CurrentControlSet\Control\Session Manager";
/// How deep variables may stand in one another's texts, how many in one, and how many bytes are made of
/// them.
const MAX_NESTED: usize = 4;
const MAX_REFERENCES: usize = 64;
const MAX_MADE: usize = 1 << 20;
/// The longest text that variables make, in bytes: several times what a command line holds.
const MAX_TEXT: usize = 128 << 10;

/// The machine's own variables.
#[derive(Debug, Default)]
pub(in crate::evidence::windows) struct Environment {
    /// Lower-case names, and what they stand for.
    variables: Vec<(String, String)>,
    /// Drive letters that the registry gives another meaning.
    redefined: BTreeSet<u8>,
    pub(super) gaps: Vec<Gap>,
}

impl Environment {
    /// What the machine's variable `name` (in lower case) stands for.
    pub(super) fn variable(&self, name: &str) -> Option<&str> {
        let found = self.variables.iter().find(|(n, _)| n == name);
        found.map(|(_, text)| text.as_str())
    }
}

fn read(windows: &Windows<'_>) -> Environment {
    let mut out = Environment::default();
    let values = windows.values(&format!(r"{SESSION_MANAGER}\Environment"), "*");
    out.gaps.extend(values.gaps);
    for value in values.items {
        let name = value.fact.name.to_lowercase();
        // These two are set before the registry is read.
        if !matches!(name.as_str(), "systemroot" | "systemdrive" | "") {
            let text = value.fact.data.to_string();
            let text = expand(&text, &windows.roots(), &[]);
            out.variables.push((name, text));
        }
    }
    nest(windows, &mut out.variables);
    let devices = windows.values(&format!(r"{SESSION_MANAGER}\DOS Devices"), "*");
    out.gaps.extend(devices.gaps);
    for value in devices.items {
        if let [letter, b':'] = value.fact.name.as_bytes() {
            out.redefined.insert(letter.to_ascii_uppercase());
        }
    }
    out
}

/// Replaces the variables that others hold.
fn nest(windows: &Windows<'_>, variables: &mut [(String, String)]) {
    let roots = windows.roots();
    let mut left = MAX_MADE;
    for _ in 0..MAX_NESTED {
        let before = variables.to_vec();
        let mut is_same = true;
        for (name, text) in variables.iter_mut() {
            let marks = text.matches('%').count();
            if !(2..=2 * MAX_REFERENCES).contains(&marks) {
                continue;
            }
            let others = before.iter().filter(|(n, _)| n != name);
            let whole = expand(text, &roots, &pairs(others));
            if whole == *text {
                continue;
            }
            let Some(less) = left.checked_sub(whole.len()) else {
                return;
            };
            left = less;
            is_same = false;
            *text = whole;
        }
        if is_same {
            return;
        }
    }
}

/// Variables as [`expand`] takes them.
pub(super) fn pairs<'v>(
    variables: impl IntoIterator<Item = &'v (String, String)>,
) -> Vec<(&'v str, &'v str)> {
    let each = variables.into_iter();
    each.map(|(n, v)| (n.as_str(), v.as_str())).collect()
}

/// `text` with the variables of Windows and `variables` replaced; of a text of very many, or one that would be
/// very long, those of Windows alone.
pub(super) fn replaced(
    windows: &Windows<'_>,
    text: &str,
    variables: &[(String, String)],
) -> String {
    let marks = text.matches('%').count();
    if marks < 2 {
        return text.to_owned();
    }
    let roots = windows.roots();
    let whole = (marks <= 2 * MAX_REFERENCES).then(|| expand(text, &roots, &pairs(variables)));
    let whole = whole.filter(|whole| whole.len() <= MAX_TEXT);
    whole.unwrap_or_else(|| expand(text, &roots, &[]))
}

impl Windows<'_> {
    /// The machine's variables, read once.
    pub(super) fn environment(&self) -> &Environment {
        self.environment.get_or_init(|| read(self))
    }

    /// True where the registry makes the drive `letter` (upper case) another folder or device.
    pub(super) fn is_redefined(&self, letter: u8) -> bool {
        self.environment().redefined.contains(&letter)
    }

    /// What variables of a command that stands at `at` mean, the nearest first: those of the user
    /// whose hive it is in, then the machine's.
    pub(in crate::evidence::windows) fn variables_at(
        &self,
        at: &Location,
    ) -> Vec<(String, String)> {
        let mut out = Vec::new();
        let user = at.key.as_deref().and_then(|key| key.strip_prefix(r"HKU\"));
        let user = user.and_then(|rest| rest.split('\\').next());
        if let Some(user) = user.filter(|u| !u.ends_with("_Classes")) {
            // What can't be read is told where the hive itself is read.
            let values = self.values(&format!(r"HKU\{user}\Environment"), "*");
            for value in values.items {
                if let Datum::Text(text) | Datum::Hidden(text) = value.fact.data {
                    let name = value.fact.name.to_lowercase();
                    // The user's search path follows the machine's.
                    if name != "path" {
                        out.push((name, expand(&text, &self.roots(), &[])));
                    }
                }
            }
        }
        out.extend(super::super::command::profile_variables(self, at));
        out.extend(self.environment().variables.iter().cloned());
        let temp = format!(r"{}\Temp", self.roots().windows);
        out.extend(["temp", "tmp"].map(|name| (name.to_owned(), temp.clone())));
        out
    }

    /// `text`, which stands at `at`, with its variables replaced.
    pub(super) fn expanded_at(&self, text: &str, at: &Location) -> String {
        match text.contains('%') {
            true => replaced(self, text, &self.variables_at(at)),
            false => text.to_owned(),
        }
    }

    /// Where the shell finds the program `name` (Microsoft, "Application Registration").
    pub(super) fn application_paths(&self, name: &str) -> Vec<String> {
        const PATHS: &str = r"Microsoft\Windows\CurrentVersion\App Paths";
        // `*` would stand for every key.
        if name.contains(['*', '\\']) {
            return Vec::new();
        }
        let roots = [r"HKU\*\Software", r"HKLM\SOFTWARE"];
        let found = roots.map(|root| self.values(&format!(r"{root}\{PATHS}\{name}"), ""));
        // What can't be read of a hive is told where the hive is read.
        let items = found.into_iter().flat_map(|f| f.items);
        items.map(|v| v.fact.data.to_string()).collect()
    }

    /// The folders in which a program without one is searched: those of Windows, then those of
    /// `PATH` among `variables`.
    pub(super) fn search_path(&self, variables: &[(String, String)]) -> Vec<String> {
        let root = self.roots().windows;
        let mut out = vec![
            format!(r"{root}\System32"),
            format!(r"{root}\System"),
            root.clone(),
        ];
        let path = variables.iter().find(|(name, _)| name == "path");
        let usual = [r"System32\Wbem", r"System32\WindowsPowerShell\v1.0"];
        let listed = path.map(|(_, text)| text.as_str()).unwrap_or_default();
        let listed = listed.split(';').map(str::trim).filter(|f| !f.is_empty());
        let listed = listed.map(|f| f.trim_matches('"').trim_end_matches('\\').to_owned());
        let usual = usual.iter().map(|f| format!(r"{root}\{f}"));
        let mut seen: BTreeSet<String> = out.iter().map(|f| f.to_lowercase()).collect();
        out.extend(
            listed
                .chain(usual)
                .filter(|f| seen.insert(f.to_lowercase())),
        );
        out
    }
}
