//! WIN-PERSIST-004: no event consumer, package of the security authority or credential provider but
//! those of Windows.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::evidence::Found;
use crate::evidence::windows::{Execution, Subject};
use crate::policy::checks::findings::Findings;
use crate::policy::checks::registry::{BadParameter, Parameters};
use crate::policy::checks::valid;
use crate::policy::checks::windows::declared::Declared;
use crate::policy::checks::windows::explained::{Judged, Unexplained, explain, remove, running};
use crate::policy::checks::windows::rules::{self, Rule};
use crate::policy::checks::windows::{matches, one_of};
use crate::policy::{Context, Item, Outcome, Status};
use crate::text::Text;

/// Entries that are files which make consumers.
const MOF: &str = "WMI mof";
/// Its name in policies.
pub(in crate::policy::checks::windows) const NAME: &str = "windows_persist_004_authorities";
/// What this check judges of all that runs.
pub(in crate::policy::checks::windows) const SUBJECTS: [Subject; 2] =
    [Subject::Logon, Subject::Event];

/// What Windows itself adds to the security authority, the logon and WMI.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::policy::checks) struct Authorities {
    /// Values of the security authority and its neighbours.
    rules: Vec<Rule>,
    /// Patterns of `Class name` of event consumers that Windows has.
    consumers: Vec<String>,
    /// Classes of consumers that run a script.
    script_classes: Vec<String>,
    /// Classes of consumers that run a command.
    command_classes: Vec<String>,
}

impl Parameters for Authorities {
    const SHARED: &'static [&'static str] = &["windows_programs"];

    fn validate(&self) -> Result<(), BadParameter> {
        rules::validate(&self.rules, "rules")?;
        valid::entries("consumers", &self.consumers)?;
        valid::entries("script_classes", &self.script_classes)?;
        valid::entries("command_classes", &self.command_classes)
    }
}

pub(in crate::policy::checks) fn run(context: &Context<'_>, with: &Authorities) -> Outcome {
    let mut found = Findings::new();
    rules::apply(context, &with.rules, &mut found);
    for entry in running(context, &SUBJECTS, &mut found) {
        judge(context, with, entry).file(&mut found);
    }
    found.conclude(|status, count| match status {
        Status::Fail => say!(win_persist_004_fail, count = count),
        Status::Unknown => say!(win_persist_004_unknown, count = count),
        Status::Warn => say!(win_persist_004_warn, count = count),
        _ => say!(win_persist_004_pass),
    })
}

/// What it says of one entry.
pub(in crate::policy::checks::windows) fn judge(
    context: &Context<'_>,
    with: &Authorities,
    entry: &Found<Execution>,
) -> Judged {
    match entry.fact.subject {
        Subject::Event if entry.fact.kind == MOF => {
            explain(context, &entry.fact, Unexplained::Unknown)
                .judged(entry, Text::verbatim(MOF))
                .fix(|| vec![remove(entry).into()])
                .quiet()
        }
        Subject::Event => consumer(with, entry),
        _ => library(context, entry),
    }
}

/// A library that sees passwords, or decides who logs on.
fn library(context: &Context<'_>, entry: &Found<Execution>) -> Judged {
    let what = say!(
        win_persist_004_library,
        kind = entry.fact.kind.as_str(),
        name = entry.fact.name.as_str()
    );
    explain(context, &entry.fact, Unexplained::Fails)
        .judged(entry, what)
        .fix(|| vec![remove(entry).into()])
        .quiet()
}

/// True where the texts of a consumer begin with the command of the one that Windows Vista and its
/// successors have (`BVTConsumer`: `cscript KernCap.vbs`), and name no other program. The texts of
/// what lies behind it in the file follow.
fn is_own_command(texts: &str) -> bool {
    const PROGRAMS: [&str; 8] = [
        ".exe", ".com", ".bat", ".cmd", ".vbs", ".ps1", ".js", ".dll",
    ];
    let mut all = texts.split(" | ").map(str::to_lowercase);
    all.next().as_deref() == Some("cscript kerncap.vbs")
        && !all.any(|text| PROGRAMS.iter().any(|ending| text.contains(ending)))
}

fn consumer(with: &Authorities, consumer: &Found<Execution>) -> Judged {
    let it = &consumer.fact;
    let shown = format!("{} {}", it.kind, it.name);
    let known = with.consumers.iter().any(|p| matches(p, &shown));
    let runs = |classes: &[String]| classes.contains(&it.kind);
    // One that starts something is known by what it starts, too.
    let known = known && (!runs(&with.command_classes) || is_own_command(&it.command));
    let (status, note) = if known {
        (Status::Pass, say!(win_persist_004_consumer))
    } else if runs(&with.script_classes) {
        (Status::Fail, say!(win_persist_004_consumer_script))
    } else if runs(&with.command_classes) {
        (Status::Fail, say!(win_persist_004_consumer_command))
    } else {
        (Status::Unknown, say!(win_persist_004_consumer_foreign))
    };
    let shown = match it.command.as_str() {
        "" => shown,
        text => format!("{shown}: {text}"),
    };
    let item = Item::at(
        consumer.at.clone(),
        say!(win_persist_004_by_text, what = note.clone()),
    );
    let (why, by) = match status {
        Status::Pass => (Vec::new(), vec![note]),
        _ => (vec![note], Vec::new()),
    };
    let judged = Judged {
        status,
        why,
        by,
        gaps: Vec::new(),
        declared: Declared::default(),
        item: item.compare(one_of(&with.consumers), Text::verbatim(shown)),
        fixes: Vec::new(),
        is_shown: true,
    };
    let (class, name) = (it.kind.as_str(), it.name.as_str());
    judged.fix(|| vec![say!(win_persist_004_fix_consumer, class = class, name = name).into()])
}
