//! What explains a file from which programs start: its package, a file of a package of which it is a copy, the
//! vendor's declaration, the marketplace's own agents, or that all it says is harmless.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};

use super::harmless;
use crate::evidence::linux::{Origin, Provenance, RunCommand, StartFile, StartKind, StartPart};
use crate::evidence::{Found, Location};
use crate::policy::checks::findings::Findings;
use crate::policy::{Context, Item, Outcome, Status};
use crate::text::{Text, terminal};

/// What a part means.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Meaning {
    /// It starts nothing, or what it starts is explained.
    Explained,
    /// Nothing explains it but a declaration of the file that it stands in: what for people.
    Unexplained(Text),
    /// It starts another file, which nothing explains: what for people.
    Unknown(Text),
    /// It is a form of attack.
    Attack(Text),
}

impl Meaning {
    /// The worse of two.
    pub(super) fn and(self, other: Self) -> Self {
        match (&self, &other) {
            (Self::Attack(_), _) => self,
            (_, Self::Attack(_)) => other,
            (Self::Unknown(_), _) => self,
            (_, Self::Unknown(_)) => other,
            (Self::Unexplained(_), _) => self,
            _ => other,
        }
    }
}

/// What the judgement needs.
pub(super) struct Judge<'c> {
    pub(super) context: &'c Context<'c>,
    /// What the programs mean that were asked for, by their names.
    programs: RefCell<HashMap<String, Meaning>>,
    /// The files that are judged by themselves.
    judged: HashSet<&'c str>,
}

pub(super) fn judge(context: &Context<'_>, kinds: &[StartKind]) -> Outcome {
    let linux = &context.evidence.linux;
    let mut found = Findings::new();
    if !linux.packages().has_database() {
        // Without records of packages nothing of what starts is explained.
        let at = Location {
            volume: Some(context.evidence.guest.root_volume.clone()),
            ..Location::default()
        };
        found.gaps(linux.packages().gaps.iter().cloned());
        found.unknown(Item::at(at, say!(lnx_persist_no_database)));
        return found.conclude(|_, _| say!(lnx_persist_no_database));
    }
    let starts = linux.starts();
    found.gaps(starts.gaps.iter().cloned());
    found.gaps(linux.vendor_gaps().iter().cloned());
    let paths = starts.files.iter().filter_map(|f| f.at.path.as_deref());
    let judge = Judge {
        context,
        programs: RefCell::default(),
        judged: paths.collect(),
    };
    let mut own = 0_usize;
    for file in starts.files.iter().filter(|f| kinds.contains(&f.kind)) {
        if file.origin == Origin::Package {
            own += 1;
        } else {
            judge.file(file, &mut found);
        }
    }
    found.conclude(|status, count| match status {
        Status::Fail => say!(lnx_persist_fail, count = count),
        Status::Unknown => say!(lnx_persist_unexplained, count = count),
        _ => say!(lnx_persist_pass, count = own),
    })
}

impl Judge<'_> {
    /// Files what a file means that no package vouches for.
    fn file(&self, file: &StartFile, found: &mut Findings) {
        if let Origin::CopyOf(of) = &file.origin {
            let note = say!(lnx_persist_copy, of = terminal(of));
            return found.pass(Item::at(file.at.clone(), note));
        }
        let real = file.at.path.as_deref().unwrap_or(&file.path);
        if self.context.shared.linux_starts.is_agent(real) {
            return found.pass(Item::at(file.at.clone(), say!(lnx_persist_agent)));
        }
        let mut declared = None;
        if let Some(declaration) = self.context.evidence.declaration
            && let Some(pinned) = declaration.file(real).and_then(|f| f.sha256.as_deref())
        {
            let own = file.at.sha256.as_deref();
            if self.is_declared(real) {
                declared = Some(say!(lnx_persist_declared, product = declaration.name()));
            } else {
                let note = say!(lnx_persist_declared_otherwise, product = declaration.name());
                let own = Text::verbatim(own.unwrap_or("-"));
                let item = Item::at(file.at.clone(), note);
                found.unknown(item.compare(Text::verbatim(pinned), own));
                found.fix(say!(lnx_persist_fix_digest, file = terminal(real)));
            }
        }
        let mut all_explained = true;
        for part in &file.parts {
            match self.part(file, part) {
                Meaning::Explained => {}
                // What a declaration pins is its vendor's word, but for what no product needs.
                Meaning::Unexplained(_) if declared.is_some() => {}
                Meaning::Unexplained(why) | Meaning::Unknown(why) => {
                    all_explained = false;
                    found.unknown(item(file, part, why));
                    let place = terminal(&part.at.to_string());
                    found.fix(say!(lnx_persist_fix_line, place = place));
                }
                Meaning::Attack(why) => {
                    all_explained = false;
                    found.fail(item(file, part, why));
                    let place = terminal(&part.at.to_string());
                    found.fix(say!(lnx_persist_fix_attack, place = place));
                }
            }
        }
        match declared {
            Some(by) if all_explained => found.pass(Item::at(file.at.clone(), by)),
            None if all_explained && !file.parts.is_empty() => {
                found.pass(Item::at(file.at.clone(), say!(lnx_persist_harmless)));
            }
            _ => {}
        }
    }

    fn part(&self, file: &StartFile, part: &Found<StartPart>) -> Meaning {
        match &part.fact {
            StartPart::Code => Meaning::Unexplained(say!(lnx_persist_code)),
            StartPart::Setting { key, value } => self.setting(file, key, value),
            StartPart::Command {
                words,
                redirects,
                by_shell,
            } => self.command(words, redirects, *by_shell),
        }
    }

    /// What the file of a program or script at the path `name`, or found by that name, means.
    pub(super) fn program(&self, name: &str) -> Meaning {
        if let Some(known) = self.programs.borrow().get(name) {
            return known.clone();
        }
        let meaning = self.program_anew(name);
        let mut programs = self.programs.borrow_mut();
        programs.insert(name.to_owned(), meaning.clone());
        meaning
    }

    fn program_anew(&self, name: &str) -> Meaning {
        if let Some(why) = harmless::hidden(name) {
            return Meaning::Attack(why);
        }
        let linux = &self.context.evidence.linux;
        let real = match linux.program(name) {
            Ok(Some(real)) => real,
            // What is made when the machine runs is not in the image.
            Ok(None) if harmless::is_made_at_boot(name) => {
                return Meaning::Unknown(say!(lnx_persist_made, path = terminal(name)));
            }
            Ok(None) => return Meaning::Explained,
            Err(_) => {
                return Meaning::Unknown(say!(lnx_persist_unreadable, path = terminal(name)));
            }
        };
        if let Some(why) = harmless::hidden(&real) {
            return Meaning::Attack(why);
        }
        if self.context.shared.linux_starts.is_agent(&real) || self.is_declared(&real) {
            return Meaning::Explained;
        }
        match linux.provenance(&real) {
            Provenance::Unchanged => Meaning::Explained,
            _ => Meaning::Unknown(say!(lnx_persist_program, path = terminal(&real))),
        }
    }

    /// True for a file of the system whose digest the declaration pins.
    fn is_declared(&self, real: &str) -> bool {
        let Some(declaration) = self.context.evidence.declaration else {
            return false;
        };
        let pinned = declaration.file(real).and_then(|f| f.sha256.as_deref());
        let Some(pinned) = pinned else {
            return false;
        };
        let read = self.context.evidence.files.file(real);
        let own = read.ok().flatten().and_then(|file| file.at.sha256);
        own.is_some_and(|own| own.eq_ignore_ascii_case(pinned))
    }

    /// True for a path at which there is certainly nothing, and at which nothing is made when the machine runs.
    pub(super) fn is_missing(&self, path: &str) -> bool {
        let found = self.context.evidence.linux.program(path);
        found.is_ok_and(|real| real.is_none()) && !harmless::is_made_at_boot(path)
    }

    /// True for a program of the marketplace's agents, or one that the declaration pins.
    pub(super) fn is_own(&self, path: &str) -> bool {
        let found = self.context.evidence.linux.program(path);
        found.is_ok_and(|real| {
            real.is_some_and(|real| {
                self.context.shared.linux_starts.is_agent(&real) || self.is_declared(&real)
            })
        })
    }

    /// True where another library of the name is a package's, so that the one at `path` takes its place.
    pub(super) fn is_hidden_library(&self, name: &str, path: &str) -> bool {
        let linux = &self.context.evidence.linux;
        let folder = |pattern: &str| linux.named_in(pattern, name);
        let all = [
            "/lib/*-linux-gnu",
            "/usr/lib/*-linux-gnu",
            "/lib64",
            "/usr/lib64",
            "/lib",
            "/usr/lib",
        ];
        let others = all.iter().flat_map(|pattern| folder(pattern));
        let mut others = others.filter(|other| other != path);
        others.any(|other| linux.provenance(&other) == Provenance::Unchanged)
            // The library itself was a package's.
            || matches!(linux.provenance(path), Provenance::Changed)
    }

    /// True for a file that needs no explanation of its own when a script reads it.
    pub(super) fn is_explained_file(&self, path: &str) -> bool {
        let linux = &self.context.evidence.linux;
        match linux.program(path) {
            Ok(Some(real)) => {
                self.judged.contains(real.as_str()) || self.program(&real) == Meaning::Explained
            }
            Ok(None) => !harmless::is_made_at_boot(path),
            Err(_) => false,
        }
    }

    fn command(&self, words: &[String], redirects: &[String], by_shell: bool) -> Meaning {
        let command = RunCommand {
            words: words.to_vec(),
            redirects: redirects.to_vec(),
            foreign: false,
            file: None,
        };
        if by_shell && command.runs_unseen_text() {
            return Meaning::Attack(say!(lnx_persist_unseen));
        }
        if words
            .iter()
            .chain(redirects)
            .any(|w| w.contains("/dev/tcp/") || w.contains("/dev/udp/"))
        {
            return Meaning::Attack(say!(lnx_persist_socket));
        }
        let name = command.program().unwrap_or_default();
        // The command's own program first: what it is told does not matter where nothing explains it.
        let of_program = match name {
            "" => Meaning::Explained,
            name if harmless::is_printing(name) => Meaning::Explained,
            name if harmless::is_builtin(name) && by_shell => Meaning::Explained,
            name if name.contains(['$', '`', '*', '?', '[']) && name != "[" && name != "[[" => {
                Meaning::Unexplained(say!(lnx_persist_command))
            }
            name if name.contains('/') && !name.starts_with('/') => {
                Meaning::Unexplained(say!(lnx_persist_command))
            }
            name => self.program(name),
        };
        of_program.and(harmless::command(self, &command))
    }

    fn setting(&self, file: &StartFile, key: &str, value: &str) -> Meaning {
        harmless::setting(self, file, key, value)
    }
}

fn item(file: &StartFile, part: &Found<StartPart>, why: Text) -> Item {
    let shown = match &part.fact {
        StartPart::Command {
            words, redirects, ..
        } => {
            let all: Vec<&str> = words.iter().chain(redirects).map(String::as_str).collect();
            all.join(" ")
        }
        StartPart::Setting { key, value } => format!("{key}={value}"),
        StartPart::Code => file.path.clone(),
    };
    let expected = match file.origin {
        Origin::Changed => say!(lnx_persist_expected_unchanged),
        _ => say!(lnx_persist_expected),
    };
    Item::at(part.at.clone(), why).compare(expected, Text::verbatim(terminal(&shown)))
}
