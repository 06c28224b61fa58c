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

/// How the file of a program stands.
#[derive(Debug, Clone)]
enum Standing {
    /// There is certainly none.
    Missing,
    /// There is none, where files are made when the machine runs.
    Made,
    /// It can't be told.
    Unreadable,
    /// It is the marketplace's agents', or the declaration pins it. All have the path, links followed.
    Own(String),
    /// It is what its package brought.
    Packaged(String),
    /// Neither.
    Foreign(String),
}

impl Standing {
    fn real(&self) -> Option<&str> {
        match self {
            Self::Missing | Self::Made | Self::Unreadable => None,
            Self::Own(real) | Self::Packaged(real) | Self::Foreign(real) => Some(real),
        }
    }
}

/// What the judgement needs.
pub(super) struct Judge<'c> {
    pub(super) context: &'c Context<'c>,
    /// How the programs stand that were asked for, by their names.
    programs: RefCell<HashMap<String, Standing>>,
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
            StartPart::Setting { key, value } => harmless::setting(self, file, key, value),
            // What it prints is known.
            StartPart::Unclear(text) if harmless::is_printing(text) => Meaning::Explained,
            StartPart::Unclear(_) => Meaning::Unexplained(say!(lnx_persist_unclear)),
            StartPart::Function(name) => harmless::function(file.kind, name),
            StartPart::LoopVariable(name) => harmless::loop_variable(name),
            StartPart::Library { name, path } => harmless::library(self, name, path),
            StartPart::Command {
                words,
                redirects,
                by_shell,
                cut,
            } => self.command(words, redirects, *by_shell, *cut),
        }
    }

    /// How the file of a program or script at the path `name`, or found by that name, stands.
    fn standing(&self, name: &str) -> Standing {
        if let Some(known) = self.programs.borrow().get(name) {
            return known.clone();
        }
        let standing = self.look_up(name);
        let mut programs = self.programs.borrow_mut();
        programs.insert(name.to_owned(), standing.clone());
        standing
    }

    fn look_up(&self, name: &str) -> Standing {
        let linux = &self.context.evidence.linux;
        match linux.program(name) {
            // What is made when the machine runs is not in the image.
            Ok(None) if harmless::is_made_at_boot(name) => Standing::Made,
            Ok(None) => Standing::Missing,
            Err(_) => Standing::Unreadable,
            Ok(Some(real)) if self.is_own_file(&real) => Standing::Own(real),
            Ok(Some(real)) => match linux.provenance(&real) {
                Provenance::Unchanged => Standing::Packaged(real),
                _ => Standing::Foreign(real),
            },
        }
    }

    /// What it means that a program or script at the path `name`, or found by that name, starts.
    pub(super) fn program(&self, name: &str) -> Meaning {
        let standing = self.standing(name);
        let hidden = harmless::hidden(name).or_else(|| harmless::hidden(standing.real()?));
        if let Some(why) = hidden {
            return Meaning::Attack(why);
        }
        match standing {
            Standing::Missing | Standing::Own(_) | Standing::Packaged(_) => Meaning::Explained,
            Standing::Made => Meaning::Unknown(say!(lnx_persist_made, path = terminal(name))),
            Standing::Unreadable => {
                Meaning::Unknown(say!(lnx_persist_unreadable, path = terminal(name)))
            }
            Standing::Foreign(real) => {
                Meaning::Unknown(say!(lnx_persist_program, path = terminal(&real)))
            }
        }
    }

    /// True for a file of the marketplace's agents, or one that the declaration pins.
    fn is_own_file(&self, real: &str) -> bool {
        self.context.shared.linux_starts.is_agent(real) || self.is_declared(real)
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
        matches!(self.standing(path), Standing::Missing)
    }

    /// True for the name of a service that runs by itself, or whose script is judged by itself: what restarts it starts
    /// nothing new.
    pub(super) fn is_service(&self, name: &str) -> bool {
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_.@".contains(c);
        if name.is_empty() || !name.chars().all(plain) {
            return false;
        }
        let bare = name.strip_suffix(".service").unwrap_or(name);
        let script = format!("/etc/init.d/{bare}");
        if self.judged.contains(script.as_str()) {
            return true;
        }
        let link = format!(".wants/{bare}.service");
        let mut wanted = self.context.evidence.linux.starts().files.iter();
        wanted.any(|file| file.kind == StartKind::SystemUnit && file.path.ends_with(&link))
    }

    /// True for a program of the marketplace's agents, or one that the declaration pins.
    pub(super) fn is_own(&self, path: &str) -> bool {
        matches!(self.standing(path), Standing::Own(_))
    }

    /// True where another library of the name is a package's, so that the one at `path` takes its place.
    pub(super) fn is_hidden_library(&self, name: &str, path: &str) -> bool {
        let linux = &self.context.evidence.linux;
        let others = linux.libraries_named(name).into_iter();
        let mut others = others.filter(|other| other != path);
        others.any(|other| linux.provenance(&other) == Provenance::Unchanged)
            // The library itself was a package's.
            || matches!(linux.provenance(path), Provenance::Changed)
    }

    /// True for a file that needs no explanation of its own when a script reads it.
    pub(super) fn is_explained_file(&self, path: &str) -> bool {
        match self.standing(path) {
            Standing::Missing => true,
            Standing::Made | Standing::Unreadable => false,
            Standing::Own(real) | Standing::Packaged(real) | Standing::Foreign(real) => {
                self.judged.contains(real.as_str()) || self.program(&real) == Meaning::Explained
            }
        }
    }

    fn command(
        &self,
        words: &[String],
        redirects: &[String],
        by_shell: bool,
        cut: bool,
    ) -> Meaning {
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
            name if name.contains(['$', '`', '*', '?', '[', '{', '~'])
                && name != "["
                && name != "[[" =>
            {
                Meaning::Unexplained(say!(lnx_persist_command))
            }
            name if name.contains('/') && !name.starts_with('/') => {
                Meaning::Unexplained(say!(lnx_persist_command))
            }
            name => self.program(name),
        };
        of_program.and(harmless::command(self, &command, cut))
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
        StartPart::Function(name) => format!("{name}()"),
        StartPart::Unclear(text) => text.clone(),
        StartPart::LoopVariable(name) => format!("for {name}"),
        StartPart::Library { name, path } => format!("{name}={path}"),
        StartPart::Code => file.path.clone(),
    };
    let expected = match file.origin {
        Origin::Changed => say!(lnx_persist_expected_unchanged),
        _ => say!(lnx_persist_expected),
    };
    Item::at(part.at.clone(), why).compare(expected, Text::verbatim(terminal(&shown)))
}
