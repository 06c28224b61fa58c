//! Reading a declaration: as strictly as a policy, and everything that is wrong is told at once.

use std::collections::BTreeMap;
use std::path::Path;

use sha2::Digest as _;

use super::fit::fit_whole;
use super::yaml::{self, Node, Tree};
use super::{Faults, Found, Loading, MAX_BYTES, Place, read};
use crate::declaration::{Declaration, SCHEMA, VARIABLES, plain};

/// The longest text of a declaration, in characters.
const MAX_TEXT: usize = 1024;

impl Declaration {
    /// Reads the declaration in the file at `path`.
    ///
    /// # Errors
    /// If it can't be read, or everything that is wrong with it.
    pub fn open(path: &Path) -> Result<Self, Faults> {
        Self::parse(&path.display().to_string(), &Self::read(path)?)
    }

    /// The text of the file at `path`, for [`Declaration::parse`].
    ///
    /// # Errors
    /// If it can't be read.
    pub fn read(path: &Path) -> Result<String, Faults> {
        read(path).map_err(|problem| Faults::whole(&path.display().to_string(), problem))
    }

    /// Reads the declaration `text`, which faults name `file`.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn parse(file: &str, text: &str) -> Result<Self, Faults> {
        let mut loading = Loading {
            files: vec![file.to_owned()],
            found: Vec::new(),
            beside: &|_| Err(say!(policy_no_folder)),
        };
        if text.len() > MAX_BYTES {
            let problem = say!(policy_too_long, most = MAX_BYTES);
            loading.found.push((Place::default(), problem));
            return Err(loading.faults());
        }
        let declaration = declaration(text, &mut loading.found);
        match declaration {
            Some(declaration) if loading.found.is_empty() => Ok(declaration),
            _ => {
                if loading.found.is_empty() {
                    let whole = (Place::default(), say!(declaration_unreadable));
                    loading.found.push(whole);
                }
                Err(loading.faults())
            }
        }
    }
}

fn declaration(text: &str, found: &mut Vec<Found>) -> Option<Declaration> {
    let root = yaml::parse(text, 0, found)?;
    let mut out = fit_whole::<Declaration>(&root, found)?;
    if out.schema != SCHEMA {
        let at = root.find("schema").at;
        let schema = out.schema.as_str();
        found.push((at, say!(policy_schema, expected = SCHEMA, found = schema)));
    }
    texts(&root, found);
    if out.files.is_empty() && out.publishers.is_empty() && out.entries.is_empty() {
        found.push((root.at, say!(policy_bad_none)));
    }
    for (i, file) in out.files.iter().enumerate() {
        if !is_path(&file.path) {
            let at = root.find(&format!("files[{i}].path")).at;
            found.push((at, say!(declaration_path, path = file.path.as_str())));
        }
        if let Some(sha256) = &file.sha256 {
            digest(&root, &format!("files[{i}].sha256"), sha256, found);
        }
    }
    for (i, publisher) in out.publishers.iter().enumerate() {
        let at = format!("publishers[{i}].certificate_sha256");
        digest(&root, &at, &publisher.certificate_sha256, found);
    }
    for (i, entry) in out.entries.iter().enumerate() {
        let given = [&entry.service, &entry.task, &entry.run];
        if given.iter().filter(|key| key.is_some()).count() != 1 {
            let at = root.find(&format!("entries[{i}]")).at;
            found.push((at, say!(declaration_entry)));
        }
        if let Some(task) = entry.task.as_ref().filter(|t| !t.starts_with('\\')) {
            let at = root.find(&format!("entries[{i}].task")).at;
            found.push((at, say!(declaration_task, task = task)));
        }
    }
    for (list, keys) in [
        ("files", &["path"][..]),
        ("publishers", &["certificate_sha256"]),
        ("entries", &["service", "task", "run"]),
    ] {
        duplicates(&root, list, keys, found);
    }
    let paths = out.files.iter().enumerate();
    let key = |path: &str| match is_of_linux(path) {
        true => path.to_owned(),
        false => plain(path),
    };
    out.by_path = paths.map(|(i, file)| (key(&file.path), i)).collect();
    out.sha256 = crate::bytes::hex(&sha2::Sha256::digest(text.as_bytes()));
    Some(out)
}

/// Keys that hold nothing, and texts that are empty or longer than any name.
fn texts(node: &Node, found: &mut Vec<Found>) {
    for entry in node.entries() {
        let empty = match &entry.value.value {
            Tree::Null => true,
            Tree::Text(text) => text.trim().is_empty(),
            _ => false,
        };
        if empty {
            let key = entry.key.as_str();
            found.push((entry.at, say!(policy_empty_key, key = key)));
        }
        let long = |text: &str| text.chars().count() > MAX_TEXT;
        if entry.value.as_str().is_some_and(long) {
            let problem = say!(declaration_long, most = MAX_TEXT);
            found.push((entry.value.at, problem));
        }
        texts(&entry.value, found);
    }
    for item in node.items() {
        texts(item, found);
    }
}

/// True for the path of a file from the root of a Linux system, without steps up.
fn is_of_linux(path: &str) -> bool {
    let right = |step: &str| !matches!(step, "" | "." | "..");
    let rest = path.strip_prefix('/');
    rest.is_some_and(|rest| rest.split('/').all(right) && !rest.contains(char::is_control))
}

/// True for the path of a file from the root of a drive or from a variable, without steps up and
/// streams, or from the root of a Linux system.
fn is_path(path: &str) -> bool {
    if is_of_linux(path) {
        return true;
    }
    let path = path.replace('/', "\\");
    let rest = match path.strip_prefix('%') {
        Some(rest) => {
            let known = |name: &str| VARIABLES.contains(&name.to_lowercase().as_str());
            let parts = rest.split_once('%').filter(|(name, _)| known(name));
            parts.map(|(_, rest)| rest)
        }
        None => match path.as_bytes() {
            [letter, b':', ..] if letter.is_ascii_alphabetic() => path.get(2..),
            _ => None,
        },
    };
    let Some(rest) = rest.and_then(|rest| rest.strip_prefix('\\')) else {
        return false;
    };
    let right = |step: &str| !matches!(step, "" | "." | "..") && !step.ends_with([' ', '.']);
    let foreign = |c: char| c.is_control() || "<>:\"|?*".contains(c);
    !rest.contains(foreign) && rest.split('\\').all(right)
}

fn digest(root: &Node, at: &str, sha256: &str, found: &mut Vec<Found>) {
    if sha256.len() != 64 || !sha256.bytes().all(|b| b.is_ascii_hexdigit()) {
        let problem = say!(policy_bad_sha256, digest = sha256);
        found.push((root.find(at).at, problem));
    }
}

/// Items of the list `list` that name the same under one of `keys`, in any case.
fn duplicates(root: &Node, list: &str, keys: &[&str], found: &mut Vec<Found>) {
    for key in keys {
        let mut seen: BTreeMap<String, usize> = BTreeMap::new();
        for item in root.get(list).into_iter().flat_map(Node::items) {
            let Some(node) = item.get(key) else { continue };
            let Some(text) = node.as_str() else { continue };
            let name = plain(text);
            match seen.get(&name) {
                Some(line) => {
                    let problem = say!(policy_duplicate_entry, entry = text, line = *line);
                    found.push((node.at, problem));
                }
                None => {
                    seen.insert(name, node.at.line);
                }
            }
        }
    }
}
