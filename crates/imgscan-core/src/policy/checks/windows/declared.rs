//! What the vendor's declaration says of an entry and of its files.
//!
//! It explains a file that it pins by digest at its very place, or by the certificate of who signed
//! it, and what a script that it pins by digest does. A name or a path says where a finding belongs.
//! Nothing of it speaks for what Windows itself sets up, for agents, for debuggers, for the logon, or
//! for a known form of attack.

use super::commands;
use super::explained::Unexplained;
use crate::declaration::{Declaration, DeclaredFile, VARIABLES};
use crate::evidence::Location;
use crate::evidence::windows::{Executed, Execution, ProgramFile, Runs, Signed, Subject};
use crate::guest::windows::expand;
use crate::policy::Context;
use crate::text::Text;

/// What a declaration said of an entry.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Declared {
    /// The files that it explained.
    pub files: Vec<DeclaredUse>,
    /// The files of which it pins other bytes.
    pub differs: Vec<DeclaredDifference>,
}

/// A file that a declaration explained.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeclaredUse {
    /// The file.
    pub at: Location,
    /// The publisher by whose certificate; `None` for the file's digest.
    pub publisher: Option<String>,
}

/// A file of which a declaration pins other bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeclaredDifference {
    /// The file, with the digest that it has.
    pub at: Location,
    /// The SHA-256 that is declared.
    pub expected: String,
}

/// A declaration as it speaks of one entry.
pub(super) struct Claims<'c> {
    declaration: &'c Declaration,
    entry: &'c Execution,
    /// The beginnings of paths that a variable stands for, in lower case, and the variable.
    folders: Vec<(String, &'static str)>,
    /// It may explain files of this entry.
    explains: bool,
}

/// What is claimed of a file.
pub(super) enum Claim {
    /// It is pinned; what for people, and who signed it where that is the pin.
    Explains(Text, Option<String>),
    /// Other bytes are pinned at its place: their digest, and what for people.
    Differs(String, Text),
    /// Its path is declared without a digest.
    Belongs(Text),
    /// Nothing.
    None,
}

/// Folder of the tasks of Windows itself, in lower case.
const TASKS_OF_WINDOWS: &str = r"\microsoft\windows\";

impl<'c> Claims<'c> {
    /// What the declaration that was given says of `entry`; `required` tells that the policy asks
    /// for it.
    pub(super) fn of(
        context: &'c Context<'_>,
        entry: &'c Execution,
        unexplained: Unexplained,
        required: bool,
    ) -> Option<Self> {
        let declaration = context.evidence.declaration?;
        let roots = context.evidence.windows.roots();
        let folder = |variable: &&'static str| {
            let folder = expand(&format!("%{variable}%"), &roots, &[]);
            (folder.to_lowercase(), *variable)
        };
        let own = match entry.subject {
            // These are never a product's.
            Subject::Debugger | Subject::Logon | Subject::Event | Subject::System => true,
            Subject::Service => commands::is_of_windows(&entry.name),
            Subject::Task => entry.name.to_lowercase().starts_with(TASKS_OF_WINDOWS),
            _ => false,
        };
        Some(Self {
            declaration,
            entry,
            folders: VARIABLES.iter().map(folder).collect(),
            explains: !own && !required && unexplained == Unexplained::Unknown,
        })
    }

    /// What is declared at `path`, in lower case with backslashes.
    fn declared(&self, path: &str) -> Option<&DeclaredFile> {
        let by_variable = self.folders.iter().filter_map(|(folder, variable)| {
            let rest = path.strip_prefix(folder.as_str())?;
            rest.starts_with('\\')
                .then(|| format!("%{variable}%{rest}"))
        });
        let mut names = std::iter::once(path.to_owned()).chain(by_variable);
        names.find_map(|name| self.declaration.file(&name))
    }

    /// What is claimed of `file` at `path`, in lower case with backslashes.
    pub(super) fn file(&self, path: &str, file: &ProgramFile) -> Claim {
        let product = self.declaration.product.as_str();
        let found = file.file.at.sha256.as_deref();
        let declared = self.declared(path);
        let pinned = declared.and_then(|d| d.sha256.as_deref());
        let equal = |expected: &str| found.is_some_and(|f| f.eq_ignore_ascii_case(expected));
        if let Some(expected) = pinned.filter(|e| !equal(e)) {
            let expected = expected.to_lowercase();
            let why = say!(
                declaration_differs,
                product = product,
                expected = expected.as_str(),
                found = found.unwrap_or("-")
            );
            return Claim::Differs(expected, why);
        }
        if pinned.is_some() && self.explains {
            let by = say!(declaration_explains, product = product);
            return Claim::Explains(by, None);
        }
        if let Some(Signed::Trusted(by) | Signed::Unanchored(by)) = &file.signed
            && self.explains
            && let Some(certificate) = &by.sha256
            && let Some(publisher) = self.declaration.publisher(certificate)
        {
            let name = publisher.name.clone();
            let by = say!(
                declaration_explains_publisher,
                product = product,
                publisher = name.as_str(),
                signer = by.to_string()
            );
            return Claim::Explains(by, Some(name));
        }
        match declared {
            Some(_) => Claim::Belongs(say!(declaration_path_only, product = product)),
            None => Claim::None,
        }
    }

    /// The product.
    pub(super) fn product(&self) -> &str {
        &self.declaration.product
    }

    /// Where the declaration lists the entry: what for people.
    pub(super) fn belongs(&self) -> Option<Text> {
        let same = |declared: &Option<String>| {
            let declared = declared.as_deref();
            declared.is_some_and(|d| d.to_lowercase() == self.entry.name.to_lowercase())
        };
        let mut entries = self.declaration.entries.iter();
        let listed = entries.any(|e| match self.entry.subject {
            Subject::Service => same(&e.service),
            Subject::Task => same(&e.task),
            Subject::Autostart => same(&e.run),
            _ => false,
        });
        listed.then(|| {
            say!(
                declaration_belongs,
                product = self.declaration.name(),
                entry = format!("{} {}", self.entry.kind, self.entry.name)
            )
        })
    }
}

/// The script whose commands are parts of their own that `part` of `entry` stands in, and its path in
/// lower case.
pub(super) fn script_of<'e>(
    entry: &'e Execution,
    part: &Executed,
) -> Option<(String, &'e ProgramFile)> {
    let mut by = part.carried_by;
    // Each is carried by an earlier one.
    for _ in 0..entry.parts.len() {
        let carrier = entry.parts.get(by?)?;
        if let Runs::File(file) = &carrier.target {
            let path = crate::declaration::plain(file.file.at.path.as_ref()?);
            if is_followed(&path) {
                return Some((path, file));
            }
        }
        by = carrier.carried_by;
    }
    None
}

/// True for a script (its path in lower case) whose commands are parts of their own.
pub(super) fn is_followed(path: &str) -> bool {
    [".bat", ".cmd", ".lnk"].iter().any(|e| path.ends_with(e))
}
