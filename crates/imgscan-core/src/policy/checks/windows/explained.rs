//! Judges what runs by itself: each file that an entry leads to is explained, or the entry goes to a
//! person. The checks and the list of `imgscan autoruns` ask here.
//!
//! A signature explains a file under the name that its maker gave it; a reference database explains
//! equal bytes; what the policy itself asks for is judged by the check that asks. A script is
//! explained by its commands, each of which is a part of its own. Nothing else explains a file, and
//! what is not understood is no pass.

use super::declared::{
    Claim, Claims, Declared, DeclaredDifference, DeclaredUse, is_followed, script_of,
};
use super::first_boot::{self, Deed};
use super::values::Values;
use super::{agents, commands, matches};
use crate::evidence::files::Executable;
use crate::evidence::windows::{
    Account, Executed, Execution, FirstCommand, Language, NAMED_BY_A_VALUE, Occasion, ProgramFile,
    Role, Runs, Signed, Subject, batch_words,
};
use crate::evidence::{Found, Gap, Location};
use crate::guest::windows::expand;
use crate::policy::checks::findings::{Findings, Fix, worse};
use crate::policy::{
    Context, Item, ProfiledTools, RenamedProgram, Status, WindowsDefaults, WindowsPrograms,
};
use crate::text::Text;

/// The kind of an entry that is a profile of PowerShell.
const PROFILE: &str = "PowerShell profile";
/// Kinds of entries that programs leave behind where they were taken away, and that no Windows has
/// without its program.
const LEFT_BEHIND: [&str; 5] = [
    "Run",
    "RunOnce",
    "RunOnceEx",
    "Policies Run",
    "Terminal Server Run",
];
/// Folders of Windows' own below `Program Files`, in lower case: an edition lacks some.
const OWN_FOLDERS: [&str; 10] = [
    r"\common files\microsoft shared\ink\",
    r"\common files\system\",
    r"\internet explorer\",
    r"\windows defender\",
    r"\windows defender advanced threat protection\",
    r"\windows mail\",
    r"\windows media player\",
    r"\windows nt\",
    r"\windows photo viewer\",
    r"\windows sidebar\",
];

/// An entry that was looked at.
pub(super) struct Explanation {
    /// Pass where all of it is explained; unknown where a part is not; fail where a part is a known
    /// form of attack; a warning where a part is not there.
    pub(super) status: Status,
    /// Why, for each part that is not explained.
    pub(super) why: Vec<Text>,
    /// What explains the parts that are.
    pub(super) by: Vec<Text>,
    /// What can't be told of it.
    pub(super) gaps: Vec<Gap>,
    /// What the vendor's declaration said of it.
    pub(super) declared: Declared,
}

impl Explanation {
    fn add(&mut self, status: Status, why: Text) {
        if status != Status::Pass {
            self.status = worse(self.status, status);
            self.why.push(why);
        }
    }

    fn explained(&mut self, by: Text) {
        if !self.by.contains(&by) {
            self.by.push(by);
        }
    }

    /// What a check says of it by this alone: `what` the entry is.
    pub(super) fn judged(self, entry: &Found<Execution>, what: Text) -> Judged {
        let item = self.item(&entry.fact, &entry.at, what);
        Judged {
            status: self.status,
            why: self.why,
            by: self.by,
            gaps: self.gaps,
            declared: self.declared,
            item,
            fixes: Vec::new(),
            is_shown: true,
        }
    }

    /// The evidence for it: `what` the entry is, and why it counts as it does.
    pub(super) fn item(&self, entry: &Execution, at: &Location, what: Text) -> Item {
        let why = if self.why.is_empty() {
            &self.by
        } else {
            &self.why
        };
        let note = match why.is_empty() {
            true => say!(win_execution_nothing, what = what),
            false => say!(win_program, what = what, why = why.clone()),
        };
        let found = Text::verbatim(&entry.command);
        Item::at(at.clone(), note).compare(say!(win_execution_expected), found)
    }
}

/// What a check says of one entry: its outcome is made of these, and so is the list of what runs.
pub(super) struct Judged {
    /// How it counts, besides its gaps.
    pub(super) status: Status,
    /// Why it is not explained.
    pub(super) why: Vec<Text>,
    /// What explains it.
    pub(super) by: Vec<Text>,
    /// What can't be told of it.
    pub(super) gaps: Vec<Gap>,
    /// What the vendor's declaration said of it.
    pub(super) declared: Declared,
    /// The evidence for it.
    pub(super) item: Item,
    /// What mends it.
    pub(super) fixes: Vec<Fix>,
    /// It is evidence where it passes, too.
    pub(super) is_shown: bool,
}

impl Judged {
    /// Mended by `fix`, where it is not explained.
    pub(super) fn fix(mut self, fix: impl FnOnce() -> Vec<Fix>) -> Self {
        if self.status != Status::Pass {
            self.fixes = fix();
        }
        self
    }

    /// Only told where it is not explained.
    pub(super) fn quiet(mut self) -> Self {
        self.is_shown = false;
        self
    }

    /// Makes it evidence of `found`.
    pub(super) fn file(self, found: &mut Findings) {
        found.gaps(self.gaps);
        if self.is_shown || self.status != Status::Pass {
            found.add(self.status, self.item);
            found.fix_by(self.fixes);
        }
    }
}

/// What runs of `subjects`; what may hide more goes to `found`.
pub(super) fn running<'c>(
    context: &'c Context<'_>,
    subjects: &[Subject],
    found: &mut Findings,
) -> Vec<&'c Found<Execution>> {
    let all = context.evidence.windows.executions();
    let gaps = all
        .gaps
        .iter()
        .filter(|(subject, _)| subjects.contains(subject));
    found.gaps(gaps.map(|(_, gap)| gap.clone()));
    let items = all.items.iter();
    items
        .filter(|e| subjects.contains(&e.fact.subject))
        .collect()
}

/// What takes `entry` away: the value or file, or one entry of a list.
pub(super) fn remove(entry: &Found<Execution>) -> Text {
    match (&entry.at.key, &entry.at.value) {
        (Some(key), Some(value)) if entry.fact.is_listed => say!(
            win_fix_reg_entry,
            key = key,
            value = value,
            entry = entry.fact.command.as_str()
        ),
        _ => commands::delete(&entry.at),
    }
}

/// What a file that nothing explains counts as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unexplained {
    /// It goes to a person.
    Unknown,
    /// Nothing but Windows' own belongs there.
    Fails,
}

/// Looks at `entry`.
pub(super) fn explain(
    context: &Context<'_>,
    entry: &Execution,
    unexplained: Unexplained,
) -> Explanation {
    let programs = &context.shared.windows_programs;
    let required =
        entry.subject == Subject::Service && agents::is_required(context.policy, &entry.name);
    let judge = Judge {
        context,
        programs,
        entry,
        unexplained,
        required,
        claims: Claims::of(context, entry, unexplained, required),
    };
    let mut out = Explanation {
        status: Status::Pass,
        why: Vec::new(),
        by: Vec::new(),
        gaps: Vec::new(),
        declared: Declared::default(),
    };
    if let Some(step) = &entry.step {
        match first_boot::judge(context, step) {
            Deed::Harmless => {
                let code = shortened(&entry.command);
                out.explained(say!(win_execution_harmless, code = code));
                return out;
            }
            Deed::Advised(why) => {
                out.add(Status::Warn, why);
                return out;
            }
            Deed::Hostile(why) => {
                out.add(Status::Fail, why);
                return out;
            }
            // A program that is proven is explained where it is told nothing to act on.
            Deed::Unclear(why) if !is_programs(entry) || acts(context, step) => {
                out.add(Status::Unknown, why);
                return out;
            }
            Deed::Unclear(_) => {}
        }
    }
    for (i, part) in entry.parts.iter().enumerate() {
        let carries = entry.parts.iter().any(|p| p.carried_by == Some(i));
        judge.part(part, carries, &mut out);
    }
    // What is switched off starts nothing as it stands; what nothing explains is told, for somebody
    // may switch it on.
    if entry.occasion == Occasion::Dormant {
        out.status = match out.status {
            Status::Fail | Status::Unknown => Status::Warn,
            _ => Status::Pass,
        };
        if out.status == Status::Pass {
            out.explained(say!(win_execution_dormant));
        }
    }
    if out.status != Status::Pass || !out.gaps.is_empty() {
        let belongs = judge.claims.as_ref().and_then(Claims::belongs);
        out.why.extend(belongs);
    }
    out
}

/// What explains a file of Windows that no entry names, or why nothing does. A script is not looked
/// into: nothing says what it is for.
pub(super) fn explain_file(
    context: &Context<'_>,
    file: &ProgramFile,
    is_script: bool,
) -> Result<(), Text> {
    let part = Executed {
        role: match is_script {
            true => Role::Script,
            false => Role::Library,
        },
        named: file.file.at.path.clone().unwrap_or_default(),
        carried_by: None,
        target: Runs::File(Box::new(file.clone())),
        language: Language::Command,
        from_outside: false,
    };
    let entry = Execution {
        subject: Subject::Extension,
        kind: String::new(),
        name: String::new(),
        occasion: Occasion::Demand,
        account: Account::System,
        command: part.named.clone(),
        is_listed: false,
        step: None,
        parts: Vec::new(),
    };
    let judge = Judge {
        context,
        programs: &context.shared.windows_programs,
        entry: &entry,
        unexplained: Unexplained::Unknown,
        required: false,
        claims: Claims::of(context, &entry, Unexplained::Unknown, false),
    };
    let path = part.named.replace('/', "\\").to_lowercase();
    let why = match judge.unexplained(&part, file, &path) {
        Ok(Some(_)) => return Ok(()),
        // Its commands are not parts of an entry.
        Ok(None) => say!(win_execution_script),
        Err(why) => why,
    };
    match judge.claim(&path, file) {
        Claim::Explains(..) => Ok(()),
        Claim::Differs(_, more) | Claim::Belongs(more) => {
            Err(say!(win_execution_both, one = why, other = more))
        }
        Claim::None => Err(why),
    }
}

/// True where `entry` starts programs that are there, and nothing else.
fn is_programs(entry: &Execution) -> bool {
    let program = |p: &Executed| matches!(p.target, Runs::File(_)) && p.role == Role::Program;
    !entry.parts.is_empty() && entry.parts.iter().all(program)
}

/// True where the program of a step is told what to act on: a path, an address, a file, a name.
fn acts(context: &Context<'_>, step: &FirstCommand) -> bool {
    let text = plain(context, &step.text);
    let words = batch_words(&text);
    let windows = plain(context, r"%SystemRoot%\");
    let program = words.first().map_or("", String::as_str);
    let of_windows = !program.contains('\\') || program.starts_with(&windows);
    let switch = |word: &String| {
        let name = word
            .strip_prefix(['/', '-'])
            .map(|w| w.trim_start_matches('-'));
        let letters = |w: &str| w.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
        // A program of Windows may do much with a word alone.
        name.is_some_and(letters) || !of_windows && letters(word)
    };
    step.piped
        || !step.reads.is_empty()
        || !step.writes.is_empty()
        || !words.iter().skip(1).all(switch)
}

struct Judge<'j> {
    context: &'j Context<'j>,
    programs: &'j WindowsPrograms,
    entry: &'j Execution,
    unexplained: Unexplained,
    /// A check of the policy asks for this service, and judges it.
    required: bool,
    /// What the vendor declares.
    claims: Option<Claims<'j>>,
}

impl Judge<'_> {
    /// Looks at one part; what it `carries` is a part of its own.
    fn part(&self, part: &Executed, carries: bool, out: &mut Explanation) {
        match &part.target {
            Runs::File(file) => self.file(part, file, out),
            Runs::Missing(_) if self.is_usual(true) => {
                out.explained(say!(win_execution_usual));
            }
            Runs::Unknown(_) if self.is_usual(false) => out.explained(say!(win_execution_usual)),
            Runs::Missing(_) if self.required => out.explained(say!(win_execution_required)),
            Runs::Missing(path) if carries || self.is_own_library(path) => {}
            // A class that is not registered is one that an edition lacks.
            Runs::Missing(_) if part.role == Role::Class => {}
            Runs::Missing(path) => self.missing(path, out),
            Runs::Inline if part.role == Role::Code => self.code(part, out),
            Runs::Inline => {}
            Runs::Unknown(_) if self.entry.occasion == Occasion::Dormant => {}
            Runs::Unknown(gap) => out.gaps.push(gap.clone()),
        }
    }

    /// What is not there runs nothing; but where it would lie may say what it is for.
    fn missing(&self, path: &str, out: &mut Explanation) {
        let shown = path.replace('/', "\\");
        let lower = shown.to_lowercase();
        let why = say!(win_program_missing, path = shown.as_str());
        if let Some(form) = self.form_of_attack(&lower) {
            return out.add(
                Status::Fail,
                say!(win_execution_both, one = form, other = why),
            );
        }
        let status = match self.unexplained {
            Unexplained::Fails => Status::Fail,
            // Whoever puts a file there is started by the next one who logs on, or as the system.
            Unexplained::Unknown if is_open(self.context, &lower) => Status::Unknown,
            // Only administrators can: a leftover.
            Unexplained::Unknown if LEFT_BEHIND.contains(&self.entry.kind.as_str()) => Status::Warn,
            // An edition lacks many of the files that its registry names.
            Unexplained::Unknown if self.is_of_windows(&lower) => Status::Pass,
            Unexplained::Unknown => Status::Warn,
        };
        out.add(status, why);
    }

    /// True for a path (in lower case) in a folder of Windows', of the system or of its programs.
    fn is_of_windows(&self, path: &str) -> bool {
        path.starts_with(&self.plain(r"%SystemRoot%\")) || self.is_in_own_folder(path)
    }

    /// True for a path (in lower case) in a folder of `Program Files` that is Windows' own.
    fn is_in_own_folder(&self, path: &str) -> bool {
        let programs = [
            r"%SystemDrive%\Program Files",
            r"%SystemDrive%\Program Files (x86)",
        ];
        programs.iter().any(|folder| {
            let rest = path.strip_prefix(&self.plain(folder));
            rest.is_some_and(|rest| OWN_FOLDERS.iter().any(|own| rest.starts_with(own)))
        })
    }

    /// Why a program at `path` (in lower case) that nobody signed is a known form of attack.
    fn form_of_attack(&self, path: &str) -> Option<Text> {
        if is_stream(path) {
            return Some(say!(win_program_stream));
        }
        if self.is_misplaced(path) {
            return Some(say!(win_program_system_name));
        }
        // Nothing says that it runs.
        if self.entry.kind == NAMED_BY_A_VALUE {
            return None;
        }
        let inside = |p: &&String| path.contains(&self.plain(p));
        if let Some(place) = self.programs.bad_places.iter().find(inside) {
            return Some(say!(win_program_shared_folder, place = place));
        }
        // A profile of PowerShell is a user's by its nature.
        if self.entry.kind == PROFILE {
            return None;
        }
        let place = self.programs.user_places.iter().find(inside)?;
        Some(say!(win_program_user_folder, place = place))
    }

    /// Code or an action in the text itself.
    fn code(&self, part: &Executed, out: &mut Explanation) {
        let code = shortened(&part.named);
        if self.is_usual(false) {
            return out.explained(say!(win_execution_usual));
        }
        if let Some(by) = self.in_trusted_script(part) {
            return out.explained(by);
        }
        if let Some(sign) = self.sign_of_attack(part) {
            return out.add(Status::Fail, say!(win_program_script, sign = sign.trim()));
        }
        match first_boot::deed(
            self.context,
            &part.named,
            part.language,
            self.entry.occasion,
        ) {
            Deed::Harmless => out.explained(say!(win_execution_harmless, code = code)),
            Deed::Advised(why) => out.add(Status::Warn, why),
            Deed::Hostile(why) => out.add(
                Status::Fail,
                say!(win_execution_does, why = why, code = code),
            ),
            Deed::Unclear(_) => match self.in_declared_script(part) {
                Some(by) => out.explained(by),
                None => out.add(Status::Unknown, say!(win_execution_code, code = code)),
            },
        }
    }

    /// What of the code fetches or hides what runs. Switches that do are those of PowerShell.
    fn sign_of_attack(&self, part: &Executed) -> Option<&String> {
        let text = part.named.to_lowercase().replace('\\', "/");
        let text = format!(" {text} ");
        let mut signs = self.programs.script_signs.iter();
        signs.find(|sign| {
            let switch = sign.trim_start().starts_with(['-', '/']);
            let reads = part.language == Language::PowerShell || !switch;
            reads && text.contains(&sign.to_lowercase().replace('\\', "/"))
        })
    }

    fn file(&self, part: &Executed, file: &ProgramFile, out: &mut Explanation) {
        let path = file.file.at.path.clone().unwrap_or_default();
        let shown = path.replace('/', "\\");
        let lower = shown.to_lowercase();
        let add = |out: &mut Explanation, status, why: Text| {
            let sha256 = file.file.at.sha256.as_deref().unwrap_or("-");
            let why = say!(
                win_execution_part,
                path = shown.as_str(),
                why = why,
                sha256 = sha256
            );
            out.add(status, why);
        };
        if is_stream(&shown) || is_stream(&part.named) {
            return add(out, Status::Fail, say!(win_program_stream));
        }
        if let Some(Signed::Bad(by)) = &file.signed {
            let why = say!(win_program_modified, signer = by.clone());
            return add(out, Status::Fail, why);
        }
        if self.is_misplaced(&lower) {
            return add(out, Status::Fail, say!(win_program_system_name));
        }
        // Whoever made it, it lets somebody in.
        if part.role == Role::Program && self.is_remote_tool(&lower, file.original.as_deref()) {
            return add(out, Status::Unknown, say!(win_execution_remote_tool));
        }
        let at = |why: Text| say!(win_execution_by, path = shown.as_str(), why = why);
        let claim = self.claim(&lower, file);
        if let Claim::Differs(expected, _) = &claim {
            out.declared.differs.push(DeclaredDifference {
                at: file.file.at.clone(),
                expected: expected.clone(),
            });
        }
        let why = match (self.unexplained(part, file, &lower), &claim) {
            // The commands of a script are looked at; its bytes are not those that were meant.
            (Ok(None), Claim::Differs(_, why)) => why.clone(),
            (Ok(None), Claim::Explains(by, publisher)) if self.form_of_attack(&lower).is_none() => {
                out.declared.files.push(DeclaredUse {
                    at: file.file.at.clone(),
                    publisher: publisher.clone(),
                });
                return out.explained(at(by.clone()));
            }
            (Ok(by), _) => return by.into_iter().for_each(|by| out.explained(at(by))),
            (Err(why), Claim::Differs(_, more) | Claim::Belongs(more)) => {
                say!(win_execution_both, one = why, other = more.clone())
            }
            (Err(why), _) => why,
        };
        if let Some(form) = self.form_of_attack(&lower) {
            let why = say!(win_execution_both, one = form, other = why);
            add(out, Status::Fail, why);
        } else if let Claim::Explains(by, publisher) = claim {
            out.declared.files.push(DeclaredUse {
                at: file.file.at.clone(),
                publisher,
            });
            out.explained(at(by));
        } else {
            let unproven = matches!(file.signed, Some(Signed::Unproven(_)));
            let status = match self.unexplained {
                Unexplained::Fails if !unproven => Status::Fail,
                _ => Status::Unknown,
            };
            add(out, status, why);
        }
    }

    /// Where `part` stands in a script that a trusted maker vouches for, and is that maker's text alone:
    /// what for people.
    fn in_trusted_script(&self, part: &Executed) -> Option<Text> {
        let (path, file) = script_of(self.entry, part).filter(|_| !part.from_outside)?;
        let Some(Signed::Trusted(by)) = &file.signed else {
            return None;
        };
        let why = say!(win_program_signed, signer = by.to_string());
        Some(say!(win_execution_by, path = path, why = why))
    }

    /// Where `part` stands in a script that the vendor's declaration pins: what for people.
    fn in_declared_script(&self, part: &Executed) -> Option<Text> {
        let claims = self.claims.as_ref()?;
        let (path, file) = script_of(self.entry, part)?;
        let usual = self.form_of_attack(&path).is_none();
        let pinned = usual && matches!(self.claim(&path, file), Claim::Explains(..));
        let product = claims.product();
        pinned.then(|| say!(declaration_script, product = product, path = path))
    }

    /// What the vendor declares of the file at `path` (in lower case). That speaks for no program
    /// that has the name of one of Windows.
    fn claim(&self, path: &str, file: &ProgramFile) -> Claim {
        let name = path.rsplit('\\').next().unwrap_or_default();
        let mut names = self.programs.system_names.iter();
        match &self.claims {
            Some(claims) if !names.any(|n| n.eq_ignore_ascii_case(name)) => claims.file(path, file),
            _ => Claim::None,
        }
    }

    /// What explains the file, or why nothing does.
    fn unexplained(
        &self,
        part: &Executed,
        file: &ProgramFile,
        lower: &str,
    ) -> Result<Option<Text>, Text> {
        if let Some(Signed::Trusted(by)) = &file.signed {
            return Ok(Some(say!(win_program_signed, signer = by.to_string())));
        }
        // A script of commands is what its commands are, whoever lists it; each is a part of its own.
        let is_program = matches!(file.file.executable, Some(Executable::Pe { .. }));
        if is_followed(lower) && !is_program {
            return Ok(None);
        }
        // The check that asks for it judges its files.
        if self.required && agents::judges(self.context.policy, &self.entry.name, lower) {
            return Ok(Some(say!(win_execution_required)));
        }
        let known = |sha256: &String| {
            let baseline = self.context.evidence.references.baseline;
            baseline.is_some_and(|b| b.by_digest(sha256).is_some())
        };
        if file.file.at.sha256.as_ref().is_some_and(known) {
            return Ok(Some(say!(win_execution_reference)));
        }
        Err(match &file.signed {
            Some(Signed::Renamed(by, original)) => {
                let name = lower.rsplit('\\').next().unwrap_or_default();
                let other = |r: &RenamedProgram| {
                    r.file.eq_ignore_ascii_case(name)
                        && r.original.iter().any(|p| matches(p, original))
                };
                if self.programs.renamed.iter().any(other) {
                    return Ok(Some(say!(win_program_signed, signer = by.to_string())));
                }
                say!(
                    win_execution_renamed,
                    original = original.as_str(),
                    signer = by.to_string()
                )
            }
            Some(Signed::Unanchored(by)) => say!(win_program_unanchored, signer = by.to_string()),
            Some(Signed::Unproven(why)) => say!(win_program_unproven, why = why.clone()),
            Some(Signed::None) => say!(win_program_unsigned),
            Some(Signed::Bad(by)) => say!(win_program_modified, signer = by.clone()),
            _ => match part.role {
                Role::Script => say!(win_execution_script),
                _ => say!(win_program_no_pe),
            },
        })
    }

    /// True for a library that Windows itself lists.
    fn is_own_library(&self, path: &str) -> bool {
        let name = path.rsplit(['\\', '/']).next().unwrap_or_default();
        let mut libraries = self
            .programs
            .of_build(self.context)
            .flat_map(|d| &d.libraries);
        libraries.any(|p| matches(p, name))
    }

    /// True for the name of a program at `path` (in lower case), or that which its maker gave it, that is
    /// one by which somebody elsewhere reaches the machine.
    fn is_remote_tool(&self, path: &str, original: Option<&str>) -> bool {
        let own = path.rsplit('\\').next().unwrap_or_default();
        let stem = |name: &str| {
            name.trim_end_matches(".exe")
                .trim_end_matches(".com")
                .to_owned()
        };
        let names = [
            Some(stem(own)),
            original.map(|name| stem(&name.to_lowercase())),
        ];
        let known = |name: &&String| self.programs.remote_tools.iter().any(|p| matches(p, name));
        names
            .iter()
            .flatten()
            .filter(known)
            .any(|name| !self.has_no_profile(name))
    }

    /// True for a tool that opens nothing but its profiles, where there is none and the entry names none.
    fn has_no_profile(&self, tool: &str) -> bool {
        let is = |of: &&ProfiledTools| of.tools.iter().any(|p| matches(p, tool));
        let Some(of) = self.programs.profiled_tools.iter().find(is) else {
            return false;
        };
        let mut found = Findings::new();
        let windows = &self.context.evidence.windows;
        let values = Values::of(self.context);
        let none = of
            .profiles
            .iter()
            .all(|path| found.keep(windows.find(path)).is_empty());
        let usual = of.values.iter().all(|(key, name, usual)| {
            let set = values.all(&mut found, key, name);
            set.iter().all(|v| matches(usual, &v.fact.data.to_string()))
        });
        let names_one = self.entry.command.contains(" -");
        none && usual && !names_one && found.complete()
    }

    /// True for the name of a program of Windows in another folder.
    fn is_misplaced(&self, path: &str) -> bool {
        let (folder, name) = path.rsplit_once('\\').unwrap_or(("", path));
        let programs = self.programs;
        let system = programs
            .system_names
            .iter()
            .any(|n| n.eq_ignore_ascii_case(name));
        let usual = |p: &String| matches(&self.plain(p), folder);
        system && !programs.system_places.iter().any(usual)
    }

    /// True where Windows itself sets the entry so, letter by letter, or `by_form`.
    fn is_usual(&self, by_form: bool) -> bool {
        self.programs.is_usual(self.context, self.entry, by_form)
    }

    fn plain(&self, text: &str) -> String {
        plain(self.context, text)
    }
}

/// True for a path (in lower case) of the system's drive where users may put a file: folders that
/// are not there yet are made by anybody, but below `Windows` and `Program Files`.
///
/// The descriptors that setup gives `C:\`, `C:\ProgramData` and what is made below them.
fn is_open(context: &Context<'_>, path: &str) -> bool {
    let drive = plain(context, r"%SystemDrive%\");
    let closed = [
        r"%SystemRoot%\",
        r"%SystemDrive%\Program Files",
        r"%ProgramData%\Microsoft\Windows Defender\",
    ];
    let inside = |folder: &&str| path.starts_with(&plain(context, folder));
    path.starts_with(&drive) && !closed.iter().any(inside)
}

/// True for a path (in lower case) where others than administrators may put a file.
pub(super) fn may_be_put(context: &Context<'_>, path: &str) -> bool {
    let programs = &context.shared.windows_programs;
    let mut places = programs.bad_places.iter().chain(&programs.user_places);
    is_open(context, path) || places.any(|place| path.contains(&plain(context, place)))
}

fn plain(context: &Context<'_>, text: &str) -> String {
    let roots = context.evidence.windows.roots();
    expand(text, &roots, &[]).replace('/', "\\").to_lowercase()
}

/// `C:\x.exe:y` names a stream; the colon of the drive is the second character.
fn is_stream(path: &str) -> bool {
    path.get(2..).is_some_and(|rest| rest.contains(':'))
}

fn shortened(text: &str) -> String {
    const MOST: usize = 200;
    text.chars().take(MOST).collect()
}

impl WindowsPrograms {
    /// True where the text of `entry` is one that Windows itself sets; a pattern of such texts counts
    /// where they are taken `by_form`.
    fn is_usual(&self, context: &Context<'_>, entry: &Execution, by_form: bool) -> bool {
        let text = plain(context, &entry.command);
        let text = text.trim().trim_end_matches(',');
        let own = |p: &String| {
            let p = plain(context, p);
            p == text || by_form && p.contains(['*', '?']) && matches(&p, text)
        };
        self.of_build(context).flat_map(|d| &d.commands).any(own)
    }

    /// What the Windows of this guest sets up.
    fn of_build(&self, context: &Context<'_>) -> impl Iterator<Item = &WindowsDefaults> {
        let build = context.evidence.guest.os.build.as_deref();
        let build = build.and_then(|b| b.split('.').next()?.parse::<u32>().ok());
        self.defaults.iter().filter(move |d| d.holds_for(build))
    }
}
