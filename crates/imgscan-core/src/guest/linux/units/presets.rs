//! Presets: which units the first boot enables. systemd.preset(5).

use std::collections::BTreeMap;

use crate::error::Kind;
use crate::glob::{Flags, Pattern};
use crate::guest::listing::{base, children};
use crate::guest::{Gap, PathSpace};
use crate::text::lossless;

/// Preset folders, the first wins.
const FOLDERS: &[&str] = &[
    "/etc/systemd/system-preset",
    "/usr/local/lib/systemd/system-preset",
    "/usr/lib/systemd/system-preset",
    "/lib/systemd/system-preset",
];
/// The longest preset file that is read, in bytes.
const MAX_FILE: u64 = 256 * 1024;
/// The longest machine id that is read, in bytes.
const MAX_ID: u64 = 4096;

/// Rules of all preset files in their order: a pattern, and whether it enables.
#[derive(Debug, Default)]
pub(crate) struct Presets(Vec<(String, bool)>);

impl Presets {
    /// The presets of a system that its next boot applies: machine-id(5), "First Boot Semantics".
    /// `None` where that boot is not the first.
    #[must_use]
    pub(crate) fn of_first_boot(paths: &PathSpace, gaps: &mut Vec<Gap>) -> Option<Self> {
        let id = match paths.read_if_there(b"/etc/machine-id", MAX_ID) {
            Ok(file) => file.map(|f| f.bytes),
            Err(e) => {
                gaps.push(Gap::at_path("/etc/machine-id", &e));
                None
            }
        };
        let first = match id {
            None => true,
            Some(id) => id.trim_ascii() == b"uninitialized",
        };
        first.then(|| Self::read(paths, gaps))
    }

    fn read(paths: &PathSpace, gaps: &mut Vec<Gap>) -> Self {
        let mut files: BTreeMap<Vec<u8>, Vec<u8>> = BTreeMap::new();
        for folder in FOLDERS {
            for path in children(paths, folder.as_bytes(), gaps) {
                if path.ends_with(b".preset") {
                    files.entry(base(&path).to_vec()).or_insert(path);
                }
            }
        }
        let mut rules = Vec::new();
        for path in files.values() {
            let text = match paths.read_if_there(path, MAX_FILE) {
                Ok(Some(file)) => lossless(&file.bytes),
                Ok(None) => continue,
                // A link to /dev/null takes a file back.
                Err(e) if e.kind == Kind::NotFound => continue,
                Err(e) => {
                    gaps.push(Gap::at_path(lossless(path), &e));
                    continue;
                }
            };
            for line in text.lines() {
                let mut words = line.split_whitespace();
                let enables = match words.next() {
                    Some("enable") => true,
                    Some("disable" | "ignore") => false,
                    _ => continue,
                };
                rules.extend(words.next().map(|pattern| (pattern.to_owned(), enables)));
            }
        }
        Self(rules)
    }

    /// Whether the first boot enables `unit`: the first rule that fits, and without one it does.
    #[must_use]
    pub(crate) fn enable(&self, unit: &str) -> bool {
        let fits = |pattern: &str| {
            Pattern::new(pattern.as_bytes(), Flags::empty())
                .is_ok_and(|p| p.matches(unit.as_bytes()))
        };
        let rule = self.0.iter().find(|(pattern, _)| fits(pattern));
        rule.is_none_or(|(_, enables)| *enables)
    }
}
