//! Reading a policy: everything that is wrong with it is told at once, with its place, before any
//! image is looked at.

mod de;
mod declaration;
#[cfg(test)]
mod declaration_tests;
mod fit;
mod judge;
mod merge;
#[cfg(test)]
mod misspelt_tests;
mod syntax;
#[cfg(test)]
mod tests;
mod words;
mod yaml;

use std::fmt;
use std::io::Read as _;
use std::path::Path;

use sha2::Digest as _;

pub(crate) use de::Mistake;
pub(crate) use fit::fit;
pub(crate) use yaml::{Node, Place};

use super::built_in;
use super::data::{Base, Policy};
use crate::error::{Error, Layer};
use crate::source::open_file;
use crate::text::{Lang, Text};

/// The longest policy file that is read, in bytes.
const MAX_BYTES: usize = 4 * 1024 * 1024;

/// The most policies that one rests on by `extends`, one on the other.
const MAX_BASES: usize = 4;

/// A place, and what is wrong there.
pub(crate) type Found = (Place, Text);

/// A fault of a policy.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Fault {
    /// The file, as it was named.
    pub file: String,
    /// The line, from 1; 0 where the fault is the file's as a whole.
    pub line: usize,
    /// The column in characters, from 1; 0 where the fault is the file's as a whole.
    pub column: usize,
    /// What is wrong, with a suggestion where there is one.
    pub problem: Text,
}

impl Fault {
    /// File, line, column, and what is wrong.
    #[must_use]
    pub fn text(&self) -> Text {
        let place = match self.line {
            0 => self.file.clone(),
            line => format!("{}:{line}:{}", self.file, self.column),
        };
        say!(policy_fault, place = place, problem = &self.problem)
    }
}

/// What is wrong with a policy: one fault at least, in the order of files and lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Faults(Vec<Fault>);

impl Faults {
    /// Each of them.
    pub fn iter(&self) -> impl Iterator<Item = &Fault> {
        self.0.iter()
    }

    /// The file `name` as a whole.
    fn whole(name: &str, problem: Text) -> Self {
        Self(vec![Fault {
            file: name.to_owned(),
            line: 0,
            column: 0,
            problem,
        }])
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, fault) in self.0.iter().enumerate() {
            if i > 0 {
                f.write_str("\n")?;
            }
            f.write_str(fault.text().get(Lang::En))?;
        }
        Ok(())
    }
}

impl std::error::Error for Faults {}

/// The first of them, and how many there are.
impl From<Faults> for Error {
    fn from(faults: Faults) -> Self {
        let count = faults.0.len();
        let first = faults.0.first().map(Fault::text).unwrap_or_default();
        Self::corrupt(
            Layer::Policy,
            None,
            say!(policy_faults, count = count, first = first),
        )
    }
}

/// Reads the text of a policy that is beside the one being loaded.
type Beside<'a> = dyn Fn(&str) -> Result<String, Text> + 'a;

impl Policy {
    /// The policy compiled in under `name`.
    ///
    /// # Errors
    /// If there is none.
    pub fn built_in(name: &str) -> Result<Self, Faults> {
        match built_in::text(name) {
            Some(text) => Self::load(name, text, &|_| Err(say!(policy_no_folder))),
            None => Err(Faults::whole(name, no_built_in(name))),
        }
    }

    /// The names of the policies compiled in.
    pub fn built_in_names() -> impl Iterator<Item = &'static str> {
        built_in::NAMES.iter().map(|(name, _)| *name)
    }

    /// The text of the policy compiled in under `name`: it is read by [`Policy::parse`] as the
    /// same policy.
    #[must_use]
    pub fn built_in_text(name: &str) -> Option<&'static str> {
        built_in::text(name)
    }

    /// Reads a policy from YAML. What it extends must be compiled in.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn parse(text: &str) -> Result<Self, Faults> {
        Self::load("policy", text, &|_| Err(say!(policy_no_folder)))
    }

    /// A policy compiled in by its name, or one from a file: anything with a dot or a slash. A
    /// file may extend one beside it, never one in another folder.
    ///
    /// # Errors
    /// If it can't be read, or everything that is wrong with it.
    pub fn open(name_or_file: &Path) -> Result<Self, Faults> {
        if let Some(name) = name_or_file.to_str().filter(|n| built_in::is_name(n)) {
            return Self::built_in(name);
        }
        let shown = name_or_file.display().to_string();
        let text = read(name_or_file).map_err(|problem| Faults::whole(&shown, problem))?;
        Self::load(&shown, &text, &|name| {
            let path = name_or_file.with_file_name(name);
            if let Ok(metadata) = std::fs::symlink_metadata(&path) {
                if metadata.is_symlink() {
                    return Err(say!(policy_link));
                }
                // A pipe would be waited for.
                if !metadata.is_file() {
                    return Err(say!(policy_not_file, name = name));
                }
            }
            read(&path)
        })
    }

    /// Reads the policy `text`, which faults name `file`; `beside` gives the text of a file that
    /// it extends, by its name, which has no slash.
    ///
    /// # Errors
    /// Everything that is wrong with it and with what it extends.
    pub fn load(
        file: &str,
        text: &str,
        beside: &dyn Fn(&str) -> Result<String, Text>,
    ) -> Result<Self, Faults> {
        let mut loading = Loading {
            files: Vec::new(),
            found: Vec::new(),
            beside,
        };
        let policy = loading.policy(file, text);
        match policy {
            Some(policy) if loading.found.is_empty() => Ok(policy),
            _ => {
                if loading.found.is_empty() {
                    let whole = (Place::default(), say!(policy_unreadable));
                    loading.found.push(whole);
                }
                Err(loading.faults())
            }
        }
    }
}

/// There is no policy compiled in as `name`.
fn no_built_in(name: &str) -> Text {
    let known = || built_in::NAMES.iter().map(|(name, _)| *name);
    let names = Text::list(known());
    let problem = say!(policy_no_built_in, name = name, known = names);
    words::meant(problem, name, known())
}

/// The text of the file at `path`.
fn read(path: &Path) -> Result<String, Text> {
    let shown = path.display().to_string();
    let io = |e: std::io::Error| *Error::io(None, &shown, &e).detail;
    let file = open_file(path).map_err(|e| *e.detail)?;
    let mut bytes = Vec::new();
    let most = u64::try_from(MAX_BYTES).unwrap_or(u64::MAX);
    file.take(most.saturating_add(1))
        .read_to_end(&mut bytes)
        .map_err(io)?;
    String::from_utf8(bytes).map_err(|e| {
        let at = e.utf8_error().valid_up_to();
        say!(policy_not_utf8, at = at)
    })
}

/// A file of a chain of policies.
struct Link {
    root: Node,
    sha256: String,
}

struct Loading<'a> {
    /// Names of the files, as places count them.
    files: Vec<String>,
    found: Vec<Found>,
    beside: &'a Beside<'a>,
}

impl Loading<'_> {
    fn policy(&mut self, file: &str, text: &str) -> Option<Policy> {
        let mut links = Vec::new();
        let mut base = self.link(file, text, &mut links)?;
        while let Some((name, text)) = base {
            base = self.link(&name, &text, &mut links)?;
        }
        let bases: Vec<Base> = links.iter().rev().map(Link::base).collect();
        let sha256 = digest(&bases);
        let mut links = links.into_iter().rev();
        let mut root = links.next()?.root;
        for link in links {
            root = merge::merge(root, link.root, &mut self.found);
        }
        let mut policy = judge::policy(&merge::ordered(root, &mut self.found), &mut self.found)?;
        policy.sha256 = sha256;
        policy.bases = bases;
        // The last is this policy itself.
        policy.bases.pop();
        Some(policy)
    }

    /// Reads one file; gives the name and the text of what it extends.
    #[allow(clippy::type_complexity)]
    fn link(
        &mut self,
        file: &str,
        text: &str,
        links: &mut Vec<Link>,
    ) -> Option<Option<(String, String)>> {
        let index = self.files.len();
        self.files.push(file.to_owned());
        if text.len() > MAX_BYTES {
            let place = Place {
                file: index,
                ..Place::default()
            };
            self.found
                .push((place, say!(policy_too_long, most = MAX_BYTES)));
            return None;
        }
        let root = yaml::parse(text, index, &mut self.found)?;
        judge::head(&root, &mut self.found)?;
        let extends = root.get("extends").cloned();
        let sha256 = crate::bytes::hex(&sha2::Sha256::digest(text.as_bytes()));
        links.push(Link { root, sha256 });
        let Some(extends) = extends else {
            return Some(None);
        };
        let name = extends.as_str()?;
        let problem = if links.len() > MAX_BASES {
            say!(policy_extends_deep, most = MAX_BASES)
        } else {
            match self.base(name) {
                Ok(text) if !self.is_loaded(name) => return Some(Some((name.to_owned(), text))),
                Ok(_) => say!(policy_extends_cycle, name = name),
                Err(problem) => problem,
            }
        };
        self.found.push((extends.at, problem));
        None
    }

    /// The text of what a policy extends.
    fn base(&self, name: &str) -> Result<String, Text> {
        if built_in::is_name(name) {
            let text = built_in::text(name).ok_or_else(|| no_built_in(name))?;
            return Ok(text.to_owned());
        }
        if name.contains(['/', '\\', '\0']) || matches!(name, "." | "..") {
            return Err(say!(policy_extends_elsewhere, name = name));
        }
        (self.beside)(name)
    }

    fn is_loaded(&self, name: &str) -> bool {
        let first = self.files.first().map(String::as_str).unwrap_or_default();
        let first = Path::new(first).file_name().and_then(|n| n.to_str());
        first == Some(name) || self.files.iter().skip(1).any(|file| file == name)
    }

    fn faults(self) -> Faults {
        let Self {
            files, mut found, ..
        } = self;
        found.sort_by_key(|(place, _)| *place);
        found.dedup();
        let fault = |(place, problem): Found| Fault {
            file: files.get(place.file).cloned().unwrap_or_default(),
            line: place.line,
            column: place.column,
            problem,
        };
        Faults(found.into_iter().map(fault).collect())
    }
}

impl Link {
    fn base(&self) -> Base {
        let text = |key| self.root.get(key).and_then(Node::as_str).map(str::to_owned);
        Base {
            id: text("id").unwrap_or_default(),
            revision: text("revision").unwrap_or_default(),
            sha256: self.sha256.clone(),
        }
    }
}

/// SHA-256 of a policy: of its text where it extends none; or else of one line
/// `<SHA-256 of the text>  <id> <revision>` for each of the chain, the base first.
fn digest(chain: &[Base]) -> String {
    if let [alone] = chain {
        return alone.sha256.clone();
    }
    let mut digest = sha2::Sha256::new();
    for base in chain {
        digest.update(format!("{}  {} {}\n", base.sha256, base.id, base.revision));
    }
    crate::bytes::hex(&digest.finalize())
}
