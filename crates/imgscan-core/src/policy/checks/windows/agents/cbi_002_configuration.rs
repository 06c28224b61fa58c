//! WIN-CBI-002: the configuration of cloudbase-init suits the provider.

use schemars::JsonSchema;
use serde::Deserialize;

use super::options::{Kind, Options, SWITCHES, is_filled};
use super::service::named;
use crate::evidence::windows::{IniEntry, batch_words};
use crate::evidence::{Collected, Found, Location};
use crate::fs::FileKind;
use crate::policy::checks::findings::Findings;
use crate::policy::checks::registry::{BadParameter, Parameters};
use crate::policy::checks::valid;
use crate::policy::checks::windows::values::{SET, Values};
use crate::policy::checks::windows::{commands, first_boot, matches, one_of, texts_of};
use crate::policy::{Context, Effect, Item, Outcome, Status};
use crate::text::Text;

/// The value that names the folder of its scripts.
const SCRIPTS_PATH: &str = "local_scripts_path";
/// Characters of a line that are shown.
const SHOWN: usize = 200;

/// The configuration of cloudbase-init.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::policy::checks) struct Configuration {
    /// The service, whose command names the file.
    service: String,
    /// The file where the command names none.
    file: String,
    /// The section that counts.
    section: String,
    /// What values of that section must be.
    rules: Vec<Rule>,
    /// Values of that section that name code by its dotted path.
    code: Vec<String>,
    /// The code of cloudbase-init itself, patterns of dotted paths.
    known_code: Vec<String>,
    /// The folder of scripts that it runs, which are followed.
    script_folder: String,
    /// Values of any section that must be absent, or match one of their patterns.
    limits: Vec<Limit>,
    /// Values of any section that harm nobody where they are of their type. A value that is neither of
    /// these nor asked for elsewhere is a doubt.
    harmless: Vec<Options>,
    /// Scripts that belong to it.
    scripts: Vec<String>,
    /// Patterns of streams that mark a file as downloaded.
    marks: Vec<String>,
    /// The keys below which it keeps what it has done (`HKLM\SOFTWARE\…\*`).
    state: String,
}

/// A value of the file and what it must be.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Rule {
    /// The name of the value.
    name: String,
    /// Patterns, each of which an element of the value must match.
    #[serde(default)]
    contains: Vec<String>,
    /// Patterns that no element may match.
    #[serde(default)]
    without: Vec<String>,
    /// Patterns, one of which the first element must match.
    #[serde(default)]
    first: Vec<String>,
    /// Values, one of which it must be, in any case.
    #[serde(default)]
    is: Vec<String>,
    /// What a violation counts as.
    violated: Effect,
    /// What its absence counts as, where the program's default is not in order.
    #[serde(default)]
    absent: Option<Effect>,
    /// A value that satisfies all rules of that name, for the advice to write it.
    #[serde(default)]
    advice: Option<String>,
}

/// A value that is rarely set, and what it may be.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Limit {
    /// Its name.
    name: String,
    /// Patterns, one of which it must match where it is there.
    #[serde(default)]
    is: Vec<String>,
    /// Patterns, each of which an element of it must match; then `is` says nothing.
    #[serde(default)]
    contains: Vec<String>,
    /// What another value counts as.
    #[serde(default = "unknown")]
    violated: Effect,
}

fn unknown() -> Effect {
    Effect::Unknown
}

impl Limit {
    fn met_by(&self, value: &str) -> bool {
        let elements = elements(value);
        let any = |pattern: &String| elements.iter().any(|e| matches(pattern, e));
        match self.contains.is_empty() {
            true => self.is.iter().any(|p| matches(p, value)),
            false => self.contains.iter().all(any),
        }
    }

    /// What it wants, for people.
    fn expected(&self) -> Text {
        match (self.is.is_empty(), self.contains.is_empty()) {
            (_, false) => say!(win_cbi_002_contains, values = self.contains.clone()),
            (true, true) => say!(win_value_absent),
            (false, true) => one_of(&self.is),
        }
    }
}

impl Parameters for Configuration {
    fn validate(&self) -> Result<(), BadParameter> {
        valid::text("service", &self.service)?;
        valid::text("file", &self.file)?;
        valid::text("section", &self.section)?;
        valid::at_least_one("rules", &self.rules)?;
        for (i, rule) in self.rules.iter().enumerate() {
            let at = format!("rules[{i}]");
            valid::text(&format!("{at}.name"), &rule.name)?;
            valid::entries(&format!("{at}.contains"), &rule.contains)?;
            valid::entries(&format!("{at}.without"), &rule.without)?;
            valid::entries(&format!("{at}.is"), &rule.is)?;
            valid::entries(&format!("{at}.first"), &rule.first)?;
            let lists = [&rule.contains, &rule.without, &rule.is, &rule.first];
            if lists.iter().all(|list| list.is_empty()) {
                return Err(BadParameter::new(at, say!(policy_bad_rule)));
            }
            let advice = rule.advice.as_deref();
            if let Some(advice) = advice
                && let Some(broken) = self
                    .rules
                    .iter()
                    .find(|r| r.name == rule.name && !r.met_by(advice))
            {
                return Err(BadParameter::new(
                    format!("{at}.advice"),
                    say!(policy_bad_advice, name = broken.name.as_str()),
                ));
            }
        }
        valid::entries("code", &self.code)?;
        valid::entries("known_code", &self.known_code)?;
        valid::text("script_folder", &self.script_folder)?;
        for (i, limit) in self.limits.iter().enumerate() {
            valid::text(&format!("limits[{i}].name"), &limit.name)?;
            valid::entries(&format!("limits[{i}].is"), &limit.is)?;
            valid::entries(&format!("limits[{i}].contains"), &limit.contains)?;
        }
        for (i, options) in self.harmless.iter().enumerate() {
            options.validate(&format!("harmless[{i}]"))?;
        }
        valid::entries("scripts", &self.scripts)?;
        valid::entries("marks", &self.marks)?;
        valid::key("state", &self.state)
    }
}

/// The elements of a value, which are divided by commas or lines.
fn elements(value: &str) -> Vec<&str> {
    let all = value.split([',', '\n']).map(str::trim);
    all.filter(|e| !e.is_empty()).collect()
}

impl Rule {
    fn met_by(&self, value: &str) -> bool {
        let elements = elements(value);
        let any = |pattern: &String| elements.iter().any(|e| matches(pattern, e));
        self.contains.iter().all(any)
            && !self.without.iter().any(any)
            && (self.first.is_empty()
                || elements
                    .first()
                    .is_some_and(|e| self.first.iter().any(|p| matches(p, e))))
            && (self.is.is_empty() || self.is.iter().any(|v| v.eq_ignore_ascii_case(value)))
    }

    /// What it wants, for people.
    fn expected(&self) -> Text {
        let mut parts = Vec::new();
        if !self.contains.is_empty() {
            parts.push(say!(win_cbi_002_contains, values = self.contains.clone()));
        }
        if !self.without.is_empty() {
            parts.push(say!(win_cbi_002_without, values = self.without.clone()));
        }
        if !self.first.is_empty() {
            parts.push(say!(win_cbi_002_first, values = self.first.clone()));
        }
        if !self.is.is_empty() {
            parts.push(one_of(&self.is));
        }
        match &parts[..] {
            [only] => only.clone(),
            _ => Text::list(parts),
        }
    }
}

pub(in crate::policy::checks) fn run(context: &Context<'_>, with: &Configuration) -> Outcome {
    let mut found = Findings::new();
    let files = files(context, with, &mut found);
    let mut entries = Collected::<IniEntry>::default();
    let mut missing = None;
    for file in &files {
        match context.evidence.windows.ini(file) {
            Ok(Some(more)) => {
                entries.items.extend(more.items);
                entries.gaps.extend(more.gaps);
            }
            Ok(None) => missing = Some(file.clone()),
            Err(gap) => {
                found.gap(gap);
                return found.unreadable();
            }
        }
    }
    let path = files.last().cloned().unwrap_or_else(|| with.file.clone());
    // One file that is not there ends the program.
    if let Some(path) = missing {
        let at = Location::of_path(path.replace('\\', "/"));
        let item = Item::at(at, say!(win_cbi_002_no_file));
        found.fail(item.compare(Text::verbatim(&path), say!(win_file_absent)));
        for rule in &with.rules {
            advise(with, rule, &path, &mut found);
        }
        return found.conclude(|_, _| say!(win_cbi_002_absent));
    }
    let entries = found.keep(entries);
    for rule in &with.rules {
        judge(with, rule, &entries, &path, &mut found);
    }
    let mut new = others(context, with, &files, &mut found);
    code(with, &entries, &mut found);
    new.extend(limits(with, &entries, &mut found));
    new_options(context, with, new, &mut found);
    log_places(context, with, &entries, &mut found);
    shell(context, &mut found);
    scripts(context, with, &entries, &mut found);
    for script in &with.scripts {
        marked(context, with, script, &mut found);
    }
    for key in Values::of(context).keys(&mut found, &with.state) {
        let place = key.at.key.clone().unwrap_or_default();
        found.warn(Item::at(
            key.at,
            say!(win_cbi_002_state, instance = key.fact),
        ));
        found.fix(say!(win_fix_key_delete, key = place));
    }
    found.conclude(|status, count| match status {
        Status::Fail => say!(win_cbi_002_fail, count = count),
        Status::Unknown => say!(win_cbi_002_unknown, count = count),
        Status::Warn => say!(win_cbi_002_warn, count = count),
        _ => say!(win_cbi_002_pass),
    })
}

/// The files that the service's command names, in the order in which they are read; the usual one
/// where it names none.
fn files(context: &Context<'_>, with: &Configuration, found: &mut Findings) -> Vec<String> {
    let command = match context.evidence.windows.services() {
        Ok(services) => named(services, &with.service).and_then(|s| s.image_path.clone()),
        Err(gap) => {
            found.gap(gap);
            None
        }
    };
    let mut out = Vec::new();
    let Some(command) = command else {
        return vec![with.file.clone()];
    };
    let named = options(&command.fact);
    // The program searches other places then.
    let searched = !named.iter().any(|(is_file, _)| *is_file);
    if searched {
        let item = Item::at(command.at.clone(), say!(win_cbi_002_searched));
        found.unknown(item.compare(Text::verbatim("--config-file"), say!(win_none)));
        advise_service(with, found);
        out.push(with.file.clone());
    }
    for (is_file, path) in named {
        if is_file {
            out.push(path);
            continue;
        }
        let pattern = format!(r"{}\*.conf", path.trim_end_matches('\\'));
        let all = found.keep(context.evidence.windows.find(&pattern));
        let mut all: Vec<String> = all.into_iter().filter_map(|f| f.at.path).collect();
        all.sort();
        out.extend(all.into_iter().map(|p| p.replace('/', "\\")));
    }
    out
}

fn advise_service(with: &Configuration, found: &mut Findings) {
    found.fix(say!(
        win_service_fix_install,
        service = with.service.as_str()
    ));
}

/// The files (true) and folders of configuration that a command names.
fn options(command: &str) -> Vec<(bool, String)> {
    let words = batch_words(command);
    let mut words = words.into_iter();
    let mut out = Vec::new();
    while let Some(word) = words.next() {
        for (name, is_file) in [("--config-file", true), ("--config-dir", false)] {
            let Some(rest) = word.strip_prefix(name) else {
                continue;
            };
            match rest.strip_prefix('=') {
                Some(path) => out.push((is_file, path.to_owned())),
                None if rest.is_empty() => out.extend(words.next().map(|p| (is_file, p))),
                None => {}
            }
        }
    }
    out.retain(|(_, path)| !path.is_empty());
    out
}

/// The last value of a name in the section that counts.
fn last<'e>(
    with: &Configuration,
    entries: &'e [Found<IniEntry>],
    name: &str,
) -> Option<&'e Found<IniEntry>> {
    let mut all = entries.iter().rev();
    all.find(|e| e.fact.section == with.section && e.fact.name == name)
}

/// Code that is named by its dotted path: other than cloudbase-init's own runs as the system.
fn code(with: &Configuration, entries: &[Found<IniEntry>], found: &mut Findings) {
    for name in &with.code {
        let Some(entry) = last(with, entries, name) else {
            continue;
        };
        for element in elements(&entry.fact.value) {
            if with.known_code.iter().any(|p| matches(p, element)) {
                continue;
            }
            let note = say!(win_cbi_002_foreign_code, name = name);
            let item = Item::at(entry.at.clone(), note);
            let item = item.compare(say!(win_cbi_002_own_code), Text::verbatim(element));
            // A module of its package that is not known may be of another version.
            if element.starts_with("cloudbaseinit.") || !element.contains('.') {
                found.unknown(item);
            } else {
                found.fail(item);
            }
            found.fix(say!(win_cbi_002_fix_line, name = name));
        }
    }
}

/// The other configurations beside the usual one, which an answer file may hand to it.
/// The options of theirs that are not known.
fn others(
    context: &Context<'_>,
    with: &Configuration,
    files: &[String],
    found: &mut Findings,
) -> Vec<NewOption> {
    let mut new = Vec::new();
    let windows = &context.evidence.windows;
    let folder = with.file.rsplit_once('\\').map_or("", |(folder, _)| folder);
    for file in found.keep(windows.find(&format!(r"{folder}\*.conf"))) {
        let path = file.at.path.unwrap_or_default().replace('/', "\\");
        if files.iter().any(|f| f.eq_ignore_ascii_case(&path)) {
            continue;
        }
        let read = found.read(windows.ini(&path));
        let entries = read.map_or_else(Vec::new, |read| found.keep(read));
        code(with, &entries, found);
        new.extend(limits(with, &entries, found));
    }
    new
}

/// An option that is not known of any release.
struct NewOption {
    entry: Found<IniEntry>,
    /// The code that the file names is cloudbase-init's own.
    code_is_known: bool,
}

/// Values that lead to other programs or hosts; the options that are not known.
fn limits(
    with: &Configuration,
    entries: &[Found<IniEntry>],
    found: &mut Findings,
) -> Vec<NewOption> {
    // oslo.config takes `log-file` of a command line for `log_file`, and in a file for nothing: what it leads to
    // is judged, what it sets does not count.
    let spelt = |name: &str| name.replace('-', "_");
    for limit in &with.limits {
        let name = limit.name.as_str();
        for entry in entries.iter().filter(|e| spelt(&e.fact.name) == limit.name) {
            let value = entry.fact.value.trim();
            if value.is_empty() || limit.met_by(value) {
                continue;
            }
            let item = Item::at(entry.at.clone(), say!(win_cbi_002_value, name = name));
            let item = item.compare(limit.expected(), Text::verbatim(value));
            found.add(limit.violated.into(), item);
            found.fix(say!(win_cbi_002_fix_line, name = name));
        }
    }
    for entry in entries {
        let name = entry.fact.name.as_str();
        let value: String = entry.fact.value.trim().chars().take(SHOWN).collect();
        let options = with.harmless.iter().find(|options| options.holds(name));
        let (note, wanted) = match options {
            _ if is_filled(&entry.fact.value) => (
                say!(win_cbi_002_filled, name = name),
                say!(win_cbi_002_plain),
            ),
            Some(options) if !options.takes(&entry.fact.value) => {
                (say!(win_cbi_002_refused, name = name), options.expected())
            }
            _ => continue,
        };
        let item = Item::at(entry.at.clone(), note);
        found.unknown(item.compare(wanted, Text::verbatim(value)));
        found.fix(say!(win_cbi_002_fix_line, name = name));
    }
    let mut own = Findings::new();
    code(with, entries, &mut own);
    let code_is_known = own.worst() == Status::Pass;
    let is_known = |name: &str| {
        let mut read = with.rules.iter().map(|rule| &rule.name).chain(&with.code);
        let limited = with.limits.iter().map(|limit| &limit.name);
        let spelt = spelt(name);
        name == SCRIPTS_PATH
            || read.any(|known| known == name)
            || limited.into_iter().any(|known| *known == spelt)
            || with.harmless.iter().any(|options| options.holds(&spelt))
    };
    let new = entries.iter().filter(|entry| !is_known(&entry.fact.name));
    let new = new.cloned().map(|entry| NewOption {
        entry,
        code_is_known,
    });
    new.collect()
}

/// Where its log is written: the program ends when it can't open that (oslo.log, `_get_log_file_path`).
fn log_places(
    context: &Context<'_>,
    with: &Configuration,
    entries: &[Found<IniEntry>],
    found: &mut Findings,
) {
    let of = |kind: Kind| {
        let lists = with.harmless.iter().filter(move |o| o.kind() == kind);
        let is = move |e: &&Found<IniEntry>| lists.clone().any(|o| o.holds(&e.fact.name));
        let own = entries.iter().filter(|e| e.fact.section == with.section);
        own.filter(is)
    };
    let folders: Vec<String> = of(Kind::Folder).map(|e| e.fact.value.clone()).collect();
    for entry in of(Kind::Folder) {
        log_folder(context, with, entry, &entry.fact.value, found);
    }
    for entry in of(Kind::File) {
        let value = entry.fact.value.trim().replace('/', "\\");
        let (folder, name) = value.rsplit_once('\\').unwrap_or(("", &value));
        if is_device(name) {
            let note = say!(win_cbi_002_log_afar, name = entry.fact.name.as_str());
            let item = Item::at(entry.at.clone(), note);
            let wanted = say!(win_cbi_002_own_folder);
            found.unknown(item.compare(wanted, Text::verbatim(value.as_str())));
            found.fix(say!(win_cbi_002_fix_line, name = entry.fact.name.as_str()));
        } else if folder.contains(':') || folder.starts_with('\\') || folders.is_empty() {
            log_folder(context, with, entry, folder, found);
        } else if !folder.is_empty() {
            for above in &folders {
                let whole = format!(r"{}\{folder}", above.trim_end_matches(['\\', '/']));
                log_folder(context, with, entry, &whole, found);
            }
        }
    }
}

/// Names that Windows takes for devices, whatever their ending (Microsoft, "Naming Files, Paths, and
/// Namespaces").
fn is_device(name: &str) -> bool {
    let stem = name.split(['.', ':']).next().unwrap_or_default();
    let stem = stem.trim_end().to_ascii_lowercase();
    let (head, number) = stem.split_at(stem.len().min(3));
    ["con", "prn", "aux", "nul"].contains(&stem.as_str())
        || ["com", "lpt"].contains(&head) && number.len() == 1 && number != "0"
}

/// Tells a folder of the log that is not there, or not of this machine.
fn log_folder(
    context: &Context<'_>,
    with: &Configuration,
    entry: &Found<IniEntry>,
    folder: &str,
    found: &mut Findings,
) {
    let folder = folder.trim().replace('/', "\\");
    let folder = folder.trim_end_matches('\\');
    // Without a folder it is that in which Windows starts services; a drive of the image has its root.
    let system = &context.evidence.windows.roots().drive;
    if folder.is_empty() || folder.eq_ignore_ascii_case(system) {
        return;
    }
    let is_local =
        folder.get(1..2) == Some(":") && folder.as_bytes().get(2).is_none_or(|b| *b == b'\\');
    let path = match () {
        () if is_local => folder.to_owned(),
        () if folder.starts_with('\\') => format!("%SystemDrive%{folder}"),
        () => format!(r"%SystemRoot%\System32\{folder}"),
    };
    let is_afar = folder.starts_with(r"\\") || !is_local && folder.contains(':');
    let there = match is_afar {
        true => false,
        false => {
            let at = found.keep(context.evidence.windows.find(&path));
            at.iter().any(|f| f.fact.kind == FileKind::Directory)
        }
    };
    if there {
        return;
    }
    let mut own = with.file.rsplitn(3, '\\');
    let own = format!(r"{}\log", own.nth(2).unwrap_or_default());
    let name = entry.fact.name.as_str();
    let (status, note) = match () {
        () if is_afar => (Status::Unknown, say!(win_cbi_002_log_afar, name = name)),
        // Its setup makes that one.
        () if own.eq_ignore_ascii_case(&path) => {
            (Status::Warn, say!(win_cbi_002_own_log, name = name))
        }
        () => (Status::Unknown, say!(win_cbi_002_log_folder, name = name)),
    };
    let item = Item::at(entry.at.clone(), note);
    let wanted = say!(win_cbi_002_own_folder);
    found.add(status, item.compare(wanted, Text::verbatim(folder)));
    found.fix(say!(win_cbi_002_fix_line, name = entry.fact.name.as_str()));
}

/// What keeps PowerShell from the scripts of the provider and of the user's data: a policy, which wins over the
/// `-ExecutionPolicy` that cloudbase-init tells it, and the mode in which a script calls no method (Microsoft,
/// "about_Execution_Policies" and "about_Language_Modes").
fn shell(context: &Context<'_>, found: &mut Findings) {
    const POLICY: &str = r"HKLM\SOFTWARE\Policies\Microsoft\Windows\PowerShell";
    let values = Values::of(context);
    let odd = |found: &mut Findings, at: Location, shown: String| {
        let fix = match (&at.key, &at.value) {
            (Some(key), Some(value)) => commands::delete_value(key, value),
            _ => say!(win_first_look, place = at.to_string()),
        };
        let item = Item::at(at, say!(win_cbi_002_no_scripts));
        found.unknown(item.compare(say!(win_value_absent), Text::verbatim(shown)));
        found.fix(fix);
    };
    let enabled = values.number(found, POLICY, "EnableScripts");
    let policy = values.text(found, POLICY, "ExecutionPolicy");
    match (enabled, policy) {
        (Some(off), _) if off.fact == 0 => odd(found, off.at, off.fact.to_string()),
        (Some(_), Some(policy)) => {
            let runs = ["remotesigned", "unrestricted", "bypass"];
            if !runs.contains(&policy.fact.trim().to_lowercase().as_str()) {
                odd(found, policy.at, policy.fact);
            }
        }
        _ => {}
    }
    let key = format!(r"{SET}\Control\Session Manager\Environment");
    for value in values.all(found, &key, "__PSLockdownPolicy") {
        let shown = value.fact.data.to_string();
        if !["", "0"].contains(&shown.trim()) {
            odd(found, value.at, shown);
        }
    }
}

/// Options that are not known of any release. A switch or number that no code which is known reads does
/// nothing; what names something may be one of a release to come.
fn new_options(
    context: &Context<'_>,
    with: &Configuration,
    new: Vec<NewOption>,
    found: &mut Findings,
) {
    let is_switch = |value: &str| SWITCHES.contains(&value.trim().to_ascii_lowercase().as_str());
    let mut python = None;
    for NewOption {
        entry,
        code_is_known,
    } in new
    {
        let name = entry.fact.name.as_str();
        let reads_nothing = code_is_known
            && is_switch(&entry.fact.value)
            && *python.get_or_insert_with(|| python_is_explained(context, with));
        let note = match reads_nothing {
            true => say!(win_cbi_002_unread_option),
            false => say!(win_cbi_002_new_option),
        };
        let item = Item::at(entry.at.clone(), note);
        let shown = format!("{name} = {}", entry.fact.value.trim());
        let shown: String = shown.chars().take(SHOWN).collect();
        let item = item.compare(say!(win_value_absent), Text::verbatim(shown));
        found.add(
            match reads_nothing {
                true => Status::Warn,
                false => Status::Unknown,
            },
            item,
        );
        found.fix(say!(win_cbi_002_fix_line, name = name));
    }
}

/// True where each file of the Python that the service runs in is explained, and nothing changes it.
fn python_is_explained(context: &Context<'_>, with: &Configuration) -> bool {
    let Ok(services) = context.evidence.windows.services() else {
        return false;
    };
    let Some(service) = named(services, &with.service) else {
        return false;
    };
    let Some(program) = super::service::judge(context, service).program else {
        return false;
    };
    let known = texts_of(context.policy, super::cbi_001_starts::NAME, "known");
    let mut own = Findings::new();
    super::python::look(context, service, &program, &known, &mut own);
    own.worst() == Status::Pass && own.complete()
}

/// The scripts that it runs are followed.
fn scripts(
    context: &Context<'_>,
    with: &Configuration,
    entries: &[Found<IniEntry>],
    found: &mut Findings,
) {
    let mut folders = vec![with.script_folder.clone()];
    if let Some(entry) = last(with, entries, SCRIPTS_PATH) {
        let path = entry.fact.value.trim_end_matches('\\').to_owned();
        let usual = with.script_folder.eq_ignore_ascii_case(&path);
        if !usual && !path.is_empty() {
            let note = say!(win_cbi_002_value, name = SCRIPTS_PATH);
            let item = Item::at(entry.at.clone(), note);
            let wanted = Text::verbatim(&with.script_folder);
            found.unknown(item.compare(wanted, Text::verbatim(&path)));
            found.fix(say!(win_cbi_002_fix_line, name = SCRIPTS_PATH));
            folders.push(path);
        }
    }
    let windows = &context.evidence.windows;
    for folder in folders {
        for file in found.keep(windows.find(&format!(r"{folder}\*"))) {
            if file.fact.kind != FileKind::Regular {
                continue;
            }
            let path = file.at.path.unwrap_or_default();
            let runs = windows.script("LocalScripts", &path);
            found.gaps(runs.gaps);
            first_boot::tell(context, &runs.items, found);
        }
    }
}

fn judge(
    with: &Configuration,
    rule: &Rule,
    entries: &[Found<IniEntry>],
    path: &str,
    found: &mut Findings,
) {
    let name = rule.name.as_str();
    // The last one counts where a name is duplicated.
    let Some(entry) = last(with, entries, name) else {
        let at = Location::of_path(path.replace('\\', "/"));
        let item = Item::at(at, say!(win_cbi_002_not_set, name = name));
        let item = item.compare(rule.expected(), say!(win_value_absent));
        if let Some(effect) = rule.absent {
            found.add(effect.into(), item);
            advise(with, rule, path, found);
        } else {
            found.pass(item);
        }
        return;
    };
    let status = if rule.met_by(&entry.fact.value) {
        Status::Pass
    } else {
        advise(with, rule, path, found);
        rule.violated.into()
    };
    let shown = Text::verbatim(elements(&entry.fact.value).join(", "));
    let item = Item::at(entry.at.clone(), say!(win_cbi_002_value, name = name));
    found.add(status, item.compare(rule.expected(), shown));
}

/// Says what to write.
fn advise(with: &Configuration, rule: &Rule, path: &str, found: &mut Findings) {
    let same = with.rules.iter().filter(|r| r.name == rule.name);
    let Some(advice) = same.filter_map(|r| r.advice.as_deref()).next() else {
        return;
    };
    found.fix(say!(
        win_cbi_002_fix_value,
        file = path,
        section = with.section.as_str(),
        line = format!("{}={advice}", rule.name)
    ));
}

/// A script that must be there, and not marked as downloaded: PowerShell then refuses to run it.
fn marked(context: &Context<'_>, with: &Configuration, script: &str, found: &mut Findings) {
    match context.evidence.windows.stream_names(script) {
        Ok(Some((at, streams))) => {
            let mark = |s: &&String| with.marks.iter().any(|m| matches(m, s));
            let Some(stream) = streams.iter().find(mark) else {
                if ends_at_once(context, script) {
                    let item = Item::at(at, say!(win_cbi_002_script_ended));
                    found.unknown(item);
                    found.fix(say!(win_cbi_002_fix_script, file = script));
                    return;
                }
                return found.pass(Item::at(at, say!(win_cbi_002_script)));
            };
            let item = Item::at(at, say!(win_cbi_002_script_marked));
            found.warn(item.compare(say!(win_stream_absent), Text::verbatim(stream)));
            found.fix(say!(win_cbi_002_fix_unblock, file = script));
        }
        Ok(None) => {
            let at = Location::of_path(script.replace('\\', "/"));
            let item = Item::at(at, say!(win_cbi_002_script_missing));
            found.warn(item.compare(Text::verbatim(script), say!(win_file_absent)));
            found.fix(say!(win_cbi_002_fix_script, file = script));
        }
        Err(gap) => found.gap(gap),
    }
}

/// True for a script that ends before it does anything. One that can't be read is told where it is followed.
fn ends_at_once(context: &Context<'_>, script: &str) -> bool {
    let runs = context.evidence.windows.script("LocalScripts", script);
    let mut texts = runs.items.iter().map(|run| run.fact.text.to_lowercase());
    let first = texts.find(|text| !does_nothing(text));
    let ends = |text: &String| {
        let word = text.split(|c: char| !c.is_alphanumeric()).next();
        matches!(word, Some("exit" | "return" | "throw" | "break"))
            || text.replace(' ', "").starts_with("[environment]::exit(")
            || text
                .replace(' ', "")
                .starts_with("[system.environment]::exit(")
    };
    first.as_ref().is_some_and(ends)
}

/// True for a statement in lower case that only shows something, or keeps a text or number.
fn does_nothing(text: &str) -> bool {
    const SHOWS: [&str; 8] = [
        "write-host",
        "write-output",
        "write-verbose",
        "write-debug",
        "echo",
        "set-strictmode",
        "param",
        "start-sleep",
    ];
    let word = text.split([' ', '\t', '(']).next().unwrap_or_default();
    let kept = text.strip_prefix('$').and_then(|t| t.split_once('='));
    let is_plain = |value: &str| {
        let value = value.trim();
        let inner = value.trim_matches(['"', '\'']);
        let is_quoted = inner.len() + 2 == value.len();
        is_quoted && !inner.contains(['"', '\'', '$'])
            || value.bytes().all(|b| b.is_ascii_digit())
            || value.starts_with('$') && value.bytes().skip(1).all(|b| b.is_ascii_alphanumeric())
            || value.starts_with('"') && !value.contains("$(")
    };
    SHOWS.contains(&word) && !text.contains("$(") || kept.is_some_and(|(_, value)| is_plain(value))
}

#[cfg(test)]
mod tests {
    use super::{does_nothing, is_device, options};

    #[test]
    fn a_script_that_only_shows_something_does_nothing() {
        for (text, nothing) in [
            ("write-host \"x\"", true),
            ("write-host $(iex $x)", false),
            ("$x = 'a'", true),
            ("$x = $true", true),
            ("$x = get-date", false),
            ("if ($x)", false),
        ] {
            assert_eq!(does_nothing(text), nothing, "{text}");
        }
    }

    #[test]
    fn devices_are_known_by_their_names() {
        for (name, device) in [
            ("aux.log", true),
            ("COM1.log", true),
            ("nul", true),
            ("com.log", false),
            ("common.log", false),
            ("cloudbase-init.log", false),
        ] {
            assert_eq!(is_device(name), device, "{name}");
        }
    }

    #[test]
    fn the_files_are_taken_from_the_command() {
        let of = |command: &str| -> Vec<String> {
            let all = options(command).into_iter();
            all.map(|(file, path)| format!("{file} {path}")).collect()
        };
        let quoted = r#""C:\a b\x.exe" x "C:\y.exe" --config-file "C:\a b\c.conf" --debug --config-file=d --config-dir "e f""#;
        assert_eq!(of(quoted), [r"true C:\a b\c.conf", "true d", "false e f"]);
        assert!(of("x --config-file").is_empty());
        assert!(of("x --config-files y").is_empty());
    }
}
