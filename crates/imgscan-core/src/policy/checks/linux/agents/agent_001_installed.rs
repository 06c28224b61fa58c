//! LNX-AGENT-001 and LNX-AGENT-002: an agent's programs are there, and something starts them.

use schemars::JsonSchema;
use serde::Deserialize;

use super::start::{Start, starts};
use crate::evidence::files::{Executable, FileFact};
use crate::evidence::{Gap, Location};
use crate::fs::FileKind;
use crate::policy::checks::findings::Findings;
use crate::policy::checks::linux::fits;
use crate::policy::checks::registry::{BadParameter, Parameters};
use crate::policy::checks::valid;
use crate::policy::{Context, Item, Outcome, Status};
use crate::text::{Arg, Text, terminal};

/// Folder levels below a tree in which programs are looked for.
const DEPTH: usize = 3;

/// An agent that images must have.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::policy::checks) struct Agents {
    /// Ways of meeting the rule, the best first.
    families: Vec<Family>,
    /// What an image with a modern family only gets while `params.strict` is false: `pass`, `warn`
    /// or `fail`.
    modern_only: Status,
    /// What it gets while `params.strict` is true: `pass`, `warn` or `fail`.
    modern_only_strict: Status,
    /// True where an image may lack the agent altogether.
    #[serde(default)]
    optional: bool,
}

/// An agent of one make.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Family {
    /// Its name in both languages.
    pub(super) name: Text,
    /// Newer than the agent that the guide names.
    #[serde(default)]
    pub(super) modern: bool,
    /// Folders, of which one holds the family.
    pub(super) roots: Vec<String>,
    /// The programs that it is made of.
    pub(super) programs: Vec<Program>,
    /// Paths below the root of which a line must start one.
    pub(super) start: Vec<String>,
}

/// A program of an agent.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Program {
    /// Folder below the root; programs are looked for in it and below.
    #[serde(default)]
    folder: String,
    /// Its name, `*` for any characters.
    pub(super) name: String,
    /// It must be ELF for the guest's architecture; otherwise any executable file will do.
    #[serde(default)]
    elf: bool,
    /// The family works without it, but not for long.
    #[serde(default)]
    supporting: bool,
}

impl Parameters for Agents {
    const SHARED: &'static [&'static str] = &["strict", "full_boot"];

    fn validate(&self) -> Result<(), BadParameter> {
        let words = [
            ("modern_only", self.modern_only),
            ("modern_only_strict", self.modern_only_strict),
        ];
        for (path, word) in words {
            if !matches!(word, Status::Pass | Status::Warn | Status::Fail) {
                return Err(BadParameter::new(path, say!(policy_bad_outcome)));
            }
        }
        valid::at_least_one("families", &self.families)?;
        let names: Vec<&str> = self.families.iter().map(|f| f.name.en.as_str()).collect();
        valid::entries("families", &names)?;
        for (i, family) in self.families.iter().enumerate() {
            let path = |field: &str| format!("families[{i}].{field}");
            valid::some(&path("roots"), &family.roots)?;
            valid::some(&path("start"), &family.start)?;
            valid::at_least_one(&path("programs"), &family.programs)?;
            for (j, program) in family.programs.iter().enumerate() {
                valid::text(&path(&format!("programs[{j}].name")), &program.name)?;
            }
        }
        Ok(())
    }
}

/// How far one family meets the rule, the best last.
#[derive(PartialEq, Eq, PartialOrd, Ord, Clone, Copy)]
enum Grade {
    Absent,
    Broken,
    NotStarted,
    RunnerDisabled,
    Conditional,
    Incomplete,
    Complete,
}

/// A family, how far it meets the rule, and what shows it.
struct Judged<'a> {
    family: &'a Family,
    grade: Grade,
    found: Findings,
}

pub(in crate::policy::checks) fn run(context: &Context<'_>, with: &Agents) -> Outcome {
    // The best family in its best folder decides; of equals the first.
    let mut gaps = Vec::new();
    let mut best: Option<Judged<'_>> = None;
    for family in &with.families {
        for root in &family.roots {
            let mut next = judge(context, family, root);
            gaps.append(&mut next.found.take_gaps());
            if best.as_ref().is_none_or(|best| next.grade > best.grade) {
                best = Some(next);
            }
        }
    }
    let Some(best) = best.filter(|best| best.grade != Grade::Absent) else {
        let absent = if with.optional {
            Outcome::of(Status::NotApplicable, say!(linux_agent_optional))
        } else {
            let names: Vec<Arg> = with.families.iter().map(|f| (&f.name).into()).collect();
            let mut found = Findings::new();
            for root in with.families.iter().flat_map(|family| &family.roots) {
                let at = Location::of_path(root.as_str());
                found.fail(Item::at(at, say!(linux_agent_no_program)));
            }
            found.concluded(Status::Fail, |_, _| {
                say!(linux_agent_absent, agents = names.clone())
            })
        };
        return hidden(absent, gaps);
    };
    let (status, reason) = judgement(context, with, &best);
    hidden(best.found.concluded(status, |_, _| reason.clone()), gaps)
}

/// A failure rests on what was not found, so a gap may hide the agent; whatever else was found
/// proves itself.
fn hidden(outcome: Outcome, gaps: Vec<Gap>) -> Outcome {
    if outcome.status == Status::Fail {
        outcome.unless_hidden(crate::evidence::gaps::told(gaps))
    } else {
        outcome
    }
}

fn judgement(context: &Context<'_>, with: &Agents, best: &Judged<'_>) -> (Status, Text) {
    let agent = &best.family.name;
    match best.grade {
        Grade::Complete if best.family.modern => {
            let status = if context.shared.strict {
                with.modern_only_strict
            } else {
                with.modern_only
            };
            (status, say!(linux_agent_modern, agent = agent))
        }
        Grade::Complete => (Status::Pass, say!(linux_agent_complete, agent = agent)),
        Grade::Incomplete => (Status::Warn, say!(linux_agent_incomplete, agent = agent)),
        Grade::Conditional => (
            Status::Unknown,
            say!(linux_agent_conditional, agent = agent),
        ),
        Grade::RunnerDisabled => (
            Status::Fail,
            say!(linux_agent_runner_disabled, agent = agent),
        ),
        Grade::NotStarted => (Status::Fail, say!(linux_agent_not_started, agent = agent)),
        Grade::Broken | Grade::Absent => (Status::Fail, say!(linux_agent_broken, agent = agent)),
    }
}

fn judge<'a>(context: &Context<'_>, family: &'a Family, root: &str) -> Judged<'a> {
    let mut found = Findings::new();
    let mut present = false;
    let (mut required, mut supporting) = (true, true);
    for program in &family.programs {
        let files = find(context, root, program, &mut found);
        let troubles: Vec<Option<Text>> = files
            .iter()
            .map(|(_, file)| trouble(context, program, file))
            .collect();
        let good = troubles.iter().any(Option::is_none);
        present |= !files.is_empty();
        for ((path, file), trouble) in files.iter().zip(troubles) {
            let status = match &trouble {
                Some(_) if !good && program.supporting => Status::Warn,
                Some(_) if !good => Status::Fail,
                _ => Status::Pass,
            };
            found.add(status, described(path, file, program, trouble));
        }
        let met = if program.supporting {
            &mut supporting
        } else {
            &mut required
        };
        *met &= good;
    }
    let tree = found.read(context.evidence.files.names(root)).is_some();
    // A folder that other software shares (`/usr/local/qcloud`) proves nothing by itself.
    let mut own = family.programs.iter();
    let own = own.any(|p| p.folder.is_empty() && !p.supporting);
    let mut judged = Judged {
        family,
        grade: Grade::Absent,
        found,
    };
    if !(present || tree && own) {
        return judged;
    }
    if !present {
        let at = Location::of_path(root);
        judged
            .found
            .fail(Item::at(at, say!(linux_agent_no_program)));
    }
    let start = starts(context, family, root, &mut judged.found);
    judged.grade = match (required, start) {
        (false, _) => Grade::Broken,
        (true, Start::None) => Grade::NotStarted,
        (true, Start::RunnerDisabled) => Grade::RunnerDisabled,
        (true, Start::Conditional) => Grade::Conditional,
        (true, Start::Active) if !supporting => Grade::Incomplete,
        (true, Start::Active) => Grade::Complete,
    };
    if !required || !supporting {
        judged.found.fix(say!(
            linux_agent_fix_install,
            agent = &family.name,
            folder = root
        ));
    }
    judged
}

/// The files of the tree that have the program's name, each with its path there.
fn find(
    context: &Context<'_>,
    root: &str,
    program: &Program,
    found: &mut Findings,
) -> Vec<(String, FileFact)> {
    let folder = if program.folder.is_empty() {
        root.to_owned()
    } else {
        format!("{root}/{}", program.folder)
    };
    let files = &context.evidence.files;
    let tree = match files.tree(&folder, DEPTH) {
        Ok(tree) => tree,
        Err(gap) => {
            found.gap(gap);
            return Vec::new();
        }
    };
    found.gaps(tree.gaps);
    let named = tree.names.iter().filter(|path| {
        let name = path.rsplit('/').next().unwrap_or(path);
        fits(&program.name, name)
    });
    named
        .filter_map(|path| Some((path.clone(), found.read(files.file(path))?)))
        .filter(|(_, file)| file.metadata.kind != FileKind::Directory)
        .collect()
}

/// Why a file can't be the agent's program.
fn trouble(context: &Context<'_>, program: &Program, file: &FileFact) -> Option<Text> {
    let path = file.at.path.as_deref().unwrap_or("");
    let name = path.rsplit('/').next().unwrap_or(path);
    let meta = &file.metadata;
    if file.through_link && !fits(&program.name, name) {
        Some(say!(linux_agent_other_program))
    } else if meta.kind != FileKind::Regular {
        Some(say!(linux_agent_not_regular))
    } else if meta.size == 0 {
        Some(say!(linux_agent_empty))
    } else if meta.mode.is_some_and(|m| m & 0o111 == 0) {
        Some(say!(linux_agent_not_executable))
    } else if meta.uid.is_some_and(|u| u != 0) {
        Some(say!(linux_agent_not_of_root))
    } else if context.evidence.guest.mounts.keeps_from_running(path) {
        Some(say!(linux_agent_no_running))
    } else {
        match file.executable {
            Some(Executable::Elf { machine }) if !context.evidence.linux.runs(machine) => {
                Some(say!(linux_agent_other_processor))
            }
            Some(Executable::Elf { .. }) => match file.startable.as_deref() {
                None => Some(say!(linux_agent_not_startable)),
                Some("") => None,
                Some(interpreter) => {
                    let there = context.evidence.guest.paths.find(interpreter.as_bytes());
                    let gone = there.is_ok_and(|at| at.is_none());
                    gone.then(|| say!(linux_agent_no_interpreter, path = terminal(interpreter)))
                }
            },
            Some(Executable::Script) if !program.elf => None,
            _ if program.elf => Some(say!(linux_agent_not_elf)),
            _ => Some(say!(linux_agent_not_a_program)),
        }
    }
}

fn described(path: &str, file: &FileFact, program: &Program, trouble: Option<Text>) -> Item {
    // Of a link it is the link that has to go.
    let at = match file.through_link {
        true => Location::of_path(path),
        false => file.at.clone(),
    };
    let size = file.metadata.size;
    let shown = match file.metadata.mode {
        Some(mode) => say!(
            linux_agent_size_and_mode,
            size = size,
            mode = format!("{mode:04o}")
        ),
        None => say!(linux_agent_size, size = size),
    };
    let (note, expected) = match trouble {
        None => (
            say!(linux_agent_program),
            Text::verbatim(terminal(&program.name)),
        ),
        Some(why) if program.elf => (
            say!(linux_agent_unusable, why = why),
            say!(linux_agent_expected_elf),
        ),
        Some(why) => (
            say!(linux_agent_unusable, why = why),
            say!(linux_agent_expected_file),
        ),
    };
    Item::at(at, note).compare(expected, shown)
}
