//! WIN-PERSIST-001: what starts by itself is what Windows sets up, or signed.

use schemars::JsonSchema;
use serde::Deserialize;

use super::system_files::{self, SystemFiles};
use crate::evidence::windows::{CLASS_OF_MACHINE, Execution, NAMED_BY_A_VALUE, Subject};
use crate::evidence::{Found, Location};
use crate::guest::windows::expand;
use crate::policy::checks::findings::Findings;
use crate::policy::checks::registry::{BadParameter, Parameters};
use crate::policy::checks::valid;
use crate::policy::checks::windows::declared::Declared;
use crate::policy::checks::windows::explained::{Judged, Unexplained, explain, remove, running};
use crate::policy::checks::windows::{commands, first_boot, matches, one_of};
use crate::policy::{Context, Item, Outcome, Status};
use crate::text::Text;

/// Its name in policies.
pub(in crate::policy::checks::windows) const NAME: &str = "windows_persist_001_autostarts";

/// What Windows itself starts, and where named streams are looked for.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::policy::checks) struct Autostarts {
    /// Values that Windows sets, and that nothing else may be in.
    fixed: Vec<Fixed>,
    /// Folders whose named streams are looked at, besides those of the profiles.
    stream_folders: Vec<StreamFolder>,
    /// Patterns of the names of streams that Windows and browsers make.
    stream_names: Vec<String>,
    /// Files of Windows that no entry names.
    system_files: SystemFiles,
}

/// A value that only Windows sets.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Fixed {
    /// The kind of the autostart.
    kind: String,
    /// Pattern of its name.
    name: String,
    /// What may be there, letter by letter in any case; the first is what a fresh Windows has.
    only: Vec<String>,
    /// The type of the value, for the advice.
    #[serde(default)]
    value_type: ValueType,
    /// A number that switches it on; without it, or at 0, anything else only warns.
    #[serde(default)]
    armed: Option<Switch>,
}

/// The type of a registry value.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
enum ValueType {
    /// A text.
    #[default]
    #[serde(rename = "REG_SZ")]
    Text,
    /// A list of texts.
    #[serde(rename = "REG_MULTI_SZ")]
    List,
}

/// A registry value that switches another on.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Switch {
    /// Its key.
    key: String,
    /// Its name.
    value: String,
}

/// A folder whose named streams are looked at.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct StreamFolder {
    /// The folder; it may begin with `%SystemRoot%`.
    folder: String,
    /// How many levels below it, from 1.
    depth: usize,
}

impl Parameters for Autostarts {
    const SHARED: &'static [&'static str] = &["windows_programs"];

    fn validate(&self) -> Result<(), BadParameter> {
        for (i, fixed) in self.fixed.iter().enumerate() {
            let at = format!("fixed[{i}]");
            valid::text(&format!("{at}.kind"), &fixed.kind)?;
            valid::text(&format!("{at}.name"), &fixed.name)?;
            valid::entries(&format!("{at}.only"), &fixed.only)?;
            if let Some(switch) = &fixed.armed {
                valid::key(&format!("{at}.armed.key"), &switch.key)?;
                valid::text(&format!("{at}.armed.value"), &switch.value)?;
            }
        }
        let of = |f: &Fixed| format!("{} {}", f.kind, f.name);
        valid::entries("fixed", &self.fixed.iter().map(of).collect::<Vec<_>>())?;
        let folders: Vec<&str> = self.stream_folders.iter().map(|f| &*f.folder).collect();
        valid::entries("stream_folders", &folders)?;
        valid::entries("stream_names", &self.stream_names)?;
        self.system_files.validate("system_files")
    }
}

/// What this check judges of all that runs.
pub(in crate::policy::checks::windows) const SUBJECTS: [Subject; 7] = [
    Subject::Autostart,
    Subject::Extension,
    Subject::Script,
    Subject::FirstBoot,
    Subject::Class,
    Subject::Environment,
    Subject::System,
];

pub(in crate::policy::checks) fn run(context: &Context<'_>, with: &Autostarts) -> Outcome {
    let mut found = Findings::new();
    for entry in running(context, &SUBJECTS, &mut found) {
        let judged = judge(context, with, entry);
        // There are hundreds of these, and all but few are Windows' own.
        match (entry.fact.subject, judged.status) {
            (Subject::System, Status::Pass) => found.gaps(judged.gaps),
            (_, Status::Pass)
                if [CLASS_OF_MACHINE, NAMED_BY_A_VALUE].contains(&entry.fact.kind.as_str()) =>
            {
                found.gaps(judged.gaps);
            }
            _ => judged.file(&mut found),
        }
    }
    streams(context, with, &mut found);
    system_files::look(context, &with.system_files, &mut found);
    first_boot::modules(context, &mut found);
    let all: usize = [Status::Pass, Status::Warn, Status::Unknown, Status::Fail]
        .into_iter()
        .map(|status| found.count(status))
        .sum();
    found.conclude(|status, count| match status {
        Status::Fail => say!(win_persist_001_fail, count = count, all = all),
        Status::Unknown => say!(win_persist_001_unknown, count = count, all = all),
        Status::Warn => say!(win_persist_001_warn, count = count, all = all),
        _ => say!(win_persist_001_pass, all = all),
    })
}

/// The kind and name of an entry.
fn named(entry: &Execution) -> Text {
    Text::verbatim(format!("{} {}", entry.kind, entry.name))
}

/// What it says of one entry.
pub(in crate::policy::checks::windows) fn judge(
    context: &Context<'_>,
    with: &Autostarts,
    entry: &Found<Execution>,
) -> Judged {
    let fixed = |f: &&Fixed| f.kind == entry.fact.kind && matches(&f.name, &entry.fact.name);
    match with.fixed.iter().find(fixed) {
        Some(fixed) if !is_default(context, fixed, &entry.fact.command) => {
            changed(context, fixed, entry)
        }
        _ => explain(context, &entry.fact, Unexplained::Unknown)
            .judged(entry, named(&entry.fact))
            .fix(|| {
                vec![match (entry.fact.subject, &entry.fact.step) {
                    // Without it Windows does not start.
                    (Subject::System, _) => commands::restore_file(context, &entry.fact.command),
                    (_, Some(_)) => say!(win_first_look, place = entry.at.to_string()).into(),
                    (_, None) if is_of_inbox_module(context, &entry.at) => {
                        commands::restore_file(context, &entry.fact.command)
                    }
                    (_, None) => remove(entry).into(),
                }]
            }),
    }
}

/// True for a file of a module of PowerShell that Windows brings below `Program Files`: it is restored,
/// not taken away.
fn is_of_inbox_module(context: &Context<'_>, at: &Location) -> bool {
    const MODULES: [&str; 5] = [
        "microsoft.powershell.operation.validation",
        "packagemanagement",
        "pester",
        "powershellget",
        "psreadline",
    ];
    let roots = context.evidence.windows.roots();
    let path = at.path.as_deref().unwrap_or_default();
    let path = path.replace('/', "\\").to_lowercase();
    let folders = [
        r"%ProgramFiles%\WindowsPowerShell\Modules\",
        r"%ProgramFiles(x86)%\WindowsPowerShell\Modules\",
    ];
    at.key.is_none()
        && folders.iter().any(|folder| {
            let folder = expand(folder, &roots, &[]).to_lowercase();
            let module = path
                .strip_prefix(&folder)
                .and_then(|p| p.split('\\').next());
            module.is_some_and(|module| MODULES.contains(&module))
        })
}

/// True where `command` is one that Windows sets there.
fn is_default(context: &Context<'_>, fixed: &Fixed, command: &str) -> bool {
    let roots = context.evidence.windows.roots();
    let plain = |text: &str| expand(text, &roots, &[]).to_lowercase();
    let text = plain(command);
    let text = text.trim().trim_end_matches(',').trim();
    fixed
        .only
        .iter()
        .any(|p| plain(p).trim_end_matches(',') == text)
}

/// A value that only Windows sets, and that holds something else.
fn changed(context: &Context<'_>, fixed: &Fixed, entry: &Found<Execution>) -> Judged {
    let windows = &context.evidence.windows;
    let what = named(&entry.fact);
    let mut gaps = Vec::new();
    let mut status = Status::Fail;
    if let Some(switch) = &fixed.armed {
        // Programs of 32 bits have a switch of their own.
        let own = entry.at.key.as_deref().unwrap_or_default();
        let key = match own.to_lowercase().contains(r"\wow6432node\") {
            true => switch
                .key
                .replacen(r"\SOFTWARE\", r"\SOFTWARE\Wow6432Node\", 1),
            false => switch.key.clone(),
        };
        let values = windows.values(&key, &switch.value);
        gaps = values.gaps;
        let mut values = values.items.iter();
        if !values.any(|v| v.fact.data.to_string() != "0") {
            status = Status::Warn;
        }
    }
    let note = match status {
        Status::Warn => say!(win_persist_001_switched_off, what = what),
        _ => say!(win_persist_001_changed, what = what),
    };
    let found = Text::verbatim(&entry.fact.command);
    let item = Item::at(entry.at.clone(), note.clone()).compare(one_of(&fixed.only), found);
    let fix = match (fixed.only.first(), &entry.at.key, &entry.at.value) {
        (Some(usual), Some(key), Some(value)) => {
            let kind = match fixed.value_type {
                ValueType::Text => "REG_SZ",
                ValueType::List => "REG_MULTI_SZ",
            };
            let data = expand(usual, &windows.roots(), &[]);
            commands::loaded(&entry.at, commands::set_value(key, value, kind, data))
        }
        _ => commands::delete(&entry.at),
    };
    Judged {
        status,
        why: vec![note],
        by: Vec::new(),
        gaps,
        declared: Declared::default(),
        item,
        fixes: vec![fix.into()],
        is_shown: true,
    }
}

/// Streams that no known program makes.
fn streams(context: &Context<'_>, with: &Autostarts, found: &mut Findings) {
    let windows = &context.evidence.windows;
    let expanded = |f: &StreamFolder| (expand(&f.folder, &windows.roots(), &[]), f.depth);
    let mut folders: Vec<(String, usize)> = with.stream_folders.iter().map(expanded).collect();
    for profile in &windows.profiles().items {
        folders.push((profile.fact.folder.clone(), 2));
    }
    for Found { fact, at } in found.keep(windows.streams(&folders)) {
        let known = with.stream_names.iter().any(|p| matches(p, &fact.name));
        if known && fact.executable.is_none() {
            continue;
        }
        found.fix(say!(
            win_persist_001_fix_stream,
            file = commands::plain(&fact.of),
            stream = fact.name.as_str()
        ));
        let note = match fact.executable {
            Some(_) => say!(win_persist_001_hidden_program, size = fact.size),
            None => say!(win_persist_001_stream, size = fact.size),
        };
        // The stream as a person names it.
        let shown = Text::verbatim(format!("{}:{}", fact.of, fact.name));
        let item = Item::at(at, note).compare(say!(win_stream_absent), shown);
        found.fail_if(fact.executable.is_some(), item);
    }
}
