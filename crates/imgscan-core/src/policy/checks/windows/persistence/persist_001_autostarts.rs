//! WIN-PERSIST-001: what starts by itself is what Windows sets up, or signed.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::evidence::Found;
use crate::evidence::windows::Autostart;
use crate::guest::windows::expand;
use crate::policy::checks::findings::Findings;
use crate::policy::checks::registry::{BadParameter, Parameters};
use crate::policy::checks::valid;
use crate::policy::checks::windows::{commands, first_boot, matches, one_of};
use crate::policy::{Context, Item, Outcome, Status};
use crate::text::Text;

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
        valid::entries("stream_names", &self.stream_names)
    }
}

pub(in crate::policy::checks) fn run(context: &Context<'_>, with: &Autostarts) -> Outcome {
    let mut found = Findings::new();
    for start in found.keep(context.evidence.windows.autostarts()) {
        let fixed = |f: &&Fixed| f.kind == start.fact.kind && matches(&f.name, &start.fact.name);
        match with.fixed.iter().find(fixed) {
            Some(fixed) => default_only(context, fixed, &start, &mut found),
            None => command(context, &start, &mut found),
        }
    }
    streams(context, with, &mut found);
    first_boot::run(context, &mut found);
    let all: usize = [Status::Pass, Status::Warn, Status::Fail]
        .into_iter()
        .map(|status| found.count(status))
        .sum();
    found.conclude(|status, count| match status {
        Status::Fail => say!(win_persist_001_fail, count = count, all = all),
        Status::Unknown => say!(win_persist_001_unknown, count = count),
        Status::Warn => say!(win_persist_001_warn, count = count, all = all),
        _ => say!(win_persist_001_pass, all = all),
    })
}

/// The kind and name of an autostart.
fn named(start: &Autostart) -> Text {
    Text::verbatim(format!("{} {}", start.kind, start.name))
}

/// Judges an autostart by the program that it starts.
fn command(context: &Context<'_>, start: &Found<Autostart>, found: &mut Findings) {
    let it = &start.fact;
    // A file in a folder for autostarts is its own command.
    let file = it.command.is_none();
    let own_path = start.at.path.clone().unwrap_or_default().replace('/', "\\");
    let command = it.command.clone().unwrap_or(format!("\"{own_path}\""));
    let programs = &context.shared.windows_programs;
    let assessed = programs.assess(context, &command, &start.at, found);
    let status = match assessed.status {
        Status::Pass => Status::Pass,
        // Where such a file lies is what the folder is for; who made it is not told.
        _ if file => Status::Warn,
        Status::Warn if assessed.own => Status::Pass,
        status => status,
    };
    let expected = say!(win_persist_001_expected);
    found.add(status, assessed.item(&start.at, named(it), expected));
    if status != Status::Pass {
        found.fix(commands::delete(&start.at));
    }
}

/// Judges a value that only Windows sets.
fn default_only(
    context: &Context<'_>,
    fixed: &Fixed,
    start: &Found<Autostart>,
    found: &mut Findings,
) {
    let windows = &context.evidence.windows;
    let expanded = |text: &str| expand(text, &windows.roots(), &[]);
    let plain = |text: &str| expanded(text).to_lowercase();
    let command = start.fact.command.clone().unwrap_or_default();
    let text = plain(&command);
    let what = named(&start.fact);
    let item = |note: Text| {
        Item::at(start.at.clone(), note).compare(one_of(&fixed.only), Text::verbatim(&command))
    };
    if fixed.only.iter().any(|p| plain(p) == text.trim()) {
        return found.pass(item(say!(win_persist_001_default, what = what)));
    }
    found.fix(match (fixed.only.first(), &start.at.key, &start.at.value) {
        (Some(usual), Some(key), Some(value)) => {
            let kind = match fixed.value_type {
                ValueType::Text => "REG_SZ",
                ValueType::List => "REG_MULTI_SZ",
            };
            let fix = commands::set_value(key, value, kind, expanded(usual));
            commands::loaded(&start.at, fix)
        }
        _ => commands::delete(&start.at),
    });
    if let Some(switch) = &fixed.armed {
        let values = found.keep(windows.values(&switch.key, &switch.value));
        if !values.iter().any(|v| v.fact.data.to_string() != "0") {
            return found.warn(item(say!(win_persist_001_switched_off, what = what)));
        }
    }
    found.fail(item(say!(win_persist_001_changed, what = what)));
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
