//! What runs once when an image that was generalized starts for the first time: scripts of the
//! setup, commands of the registry, and answer files.

mod calls;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use roxmltree::Node;

use self::calls::{Kind, Power, is_trivial, kind, leads_to, placed, power, shell, started};
pub use self::calls::{is_of_shell, waits};
use super::batch::{self, Call};
use super::execution::paths::absolute;
use super::execution::resolve::SHELL_ENDINGS;
use super::{Batch, KeyAt, Windows, answers, pages, place, powershell, search, xml};
use crate::error::{Error, Layer, Result};
use crate::evidence::{Collected, Found, Gap, Location};
use crate::fs::FileKind;
use crate::guest::windows::expand;
use crate::text::strip_any_case;

/// Longer scripts are not read, in bytes.
const MAX_SCRIPT: u64 = 1024 * 1024;
/// The longest answer file or list of modules that is read, in bytes.
const MAX_FILE: u64 = 4 * 1024 * 1024;
/// Characters of a setting of an answer file.
const MAX_VALUE: usize = 256;
/// Lines that are written to one file.
const MAX_ECHOED: usize = 64;
/// Scripts that start each other.
const MAX_DEPTH: usize = 8;
/// How often a script is read, each time with other arguments.
const MAX_CALLS: usize = 16;
/// How often scripts are read, with all of their arguments.
const MAX_READ: usize = 1_024;
/// Folders that the commands of scripts may run in.
const MAX_FOLDERS: usize = 32;
/// Commands that are kept of all.
const MAX_COMMANDS: usize = 8_192;
/// Scripts of the setup, in the folder `Setup\Scripts`.
const SCRIPTS: [&str; 4] = [
    "SetupComplete.cmd",
    "ErrorHandler.cmd",
    "OOBE.cmd",
    "PartnerSetupComplete.cmd",
];
/// Elements of an answer file that hold a command, each with the element that it stands in.
const ANSWERS: [(&str, &str); 6] = [
    ("RunSynchronousCommand", "Path"),
    ("RunAsynchronousCommand", "Path"),
    ("SynchronousCommand", "CommandLine"),
    ("AsynchronousCommand", "CommandLine"),
    ("SynchronousCommand", "Path"),
    ("AsynchronousCommand", "Path"),
];

/// A script as its lines.
#[derive(Debug, Clone)]
pub struct Script {
    /// The file.
    pub at: Location,
    /// Its lines; bytes that are not UTF-8 as `\xNN`.
    pub lines: Vec<String>,
}

/// How a command is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// A command line, as CreateProcess or cmd.exe takes it.
    Command,
    /// A statement of PowerShell.
    PowerShell,
}

/// A command that runs by itself at the first start, or that such a one runs in turn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FirstCommand {
    /// What names it: `SetupComplete.cmd`, `CmdLine`, `FirstLogonCommands`.
    pub source: String,
    /// The command.
    pub text: String,
    /// How it is written.
    pub language: Language,
    /// It runs whatever conditions say.
    pub certain: bool,
    /// What it starts is read, and stands behind it.
    pub followed: bool,
    /// The script that it starts: looked for by its path on the system's drive, and not there.
    pub missing: Option<String>,
    /// Files that its output is written to.
    pub writes: Vec<String>,
    /// Files that its input is read from.
    pub reads: Vec<String>,
    /// Its input is the output of another command.
    pub piped: bool,
    /// The program that its bare name means: `cmd.exe` looks in the current folder first.
    pub instead: Option<String>,
    /// Nothing of its script is left to do behind it.
    pub is_last: bool,
    /// How long the commands of its source wait up to its end, in seconds, as far as that can be told.
    pub waited: u64,
}

impl FirstCommand {
    /// The command as it is carried out: with the path of a program of the current folder.
    #[must_use]
    pub fn carried_out(&self) -> String {
        let text = self.text.trim_start_matches([' ', '\t', '@']);
        let Some(path) = &self.instead else {
            return self.text.clone();
        };
        let rest = match text.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"').map_or("", |(_, rest)| rest),
            None => {
                let end = text.find(|c: char| c.is_whitespace() || c == '/');
                end.and_then(|end| text.get(end..)).unwrap_or_default()
            }
        };
        format!("\"{path}\"{rest}")
    }
}

/// `\Windows\Setup\Scripts\SetupComplete.cmd`: run once as SYSTEM when the setup of a generalized
/// image is complete.
pub(super) fn collect(windows: &Windows<'_>) -> Result<Option<Script>, Gap> {
    let path = format!(
        r"{}\Setup\Scripts\SetupComplete.cmd",
        windows.roots().windows
    );
    let read = windows
        .guest
        .paths
        .read_if_there(path.as_bytes(), MAX_SCRIPT);
    let Some(file) = read.map_err(|e| Gap::at_path(&path, &e))? else {
        return Ok(None);
    };
    let text = pages::text(windows, &file.bytes, pages::Page::Oem);
    Ok(Some(Script {
        at: Location::of_file(&file),
        lines: text.lines().map(str::to_owned).collect(),
    }))
}

/// Everything that runs by itself at the first start.
pub(super) fn first_boot(windows: &Windows<'_>) -> Collected<FirstCommand> {
    let mut reader = Reader::new(windows);
    let folder = format!(r"{}\Setup\Scripts", windows.roots().windows);
    for name in SCRIPTS {
        reader.script(name, &format!(r"{folder}\{name}"), Some(Vec::new()), 0);
    }
    reader.registry();
    for pattern in answers::places(windows, &mut reader.out.gaps) {
        reader.answers(&pattern);
    }
    reader.out
}

/// What the script at `path` runs, of whatever kind it is.
pub(super) fn of_script(
    windows: &Windows<'_>,
    source: &str,
    path: &str,
) -> Collected<FirstCommand> {
    let mut reader = Reader::new(windows);
    reader.script(source, path, Some(Vec::new()), 0);
    reader.out
}

/// A library that sysprep or the first start loads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetupModule {
    /// What names it: the file of a pass (`Specialize.xml`) or the key of the registry.
    pub source: String,
    /// Its path.
    pub path: String,
}

/// The libraries that the passes of sysprep load: what the lists of its folder name, and what the
/// registry adds to them.
pub(super) fn modules(windows: &Windows<'_>) -> Collected<SetupModule> {
    let lists = r"%SystemRoot%\System32\Sysprep\ActionFiles\*.xml";
    let mut out = search::read(windows, lists, MAX_FILE, |bytes, at, out| {
        let text = xml::decode(bytes);
        let document = xml::parse(&text)?;
        let lines = xml::Lines::of(&document);
        let source = at.path.as_deref().and_then(|p| p.rsplit('/').next());
        let source = source.unwrap_or_default().to_owned();
        for node in document.descendants().filter(|n| n.is_element()) {
            let Some(module) = node.attribute("moduleName") else {
                continue;
            };
            let line = lines.line(node);
            let module = SetupModule {
                source: source.clone(),
                path: module.to_owned(),
            };
            out.push(module, at.clone().line(line));
        }
        Ok(())
    });
    let hive = match windows.software() {
        Ok(hive) => hive,
        Err(gap) => {
            out.gaps.push(gap);
            return out;
        }
    };
    let mut gaps = Vec::new();
    for root in ["SysPrepExternal", "Sysprep"] {
        let path = format!(r"Microsoft\Windows\CurrentVersion\Setup\{root}");
        let passes = match KeyAt::open(hive, &path) {
            Ok(found) => found.map_or_else(Vec::new, |key| key.subkeys(&mut gaps)),
            Err(gap) => {
                gaps.push(gap);
                continue;
            }
        };
        for pass in passes {
            let mut keys = pass.subkeys(&mut gaps);
            keys.push(pass);
            for key in &keys {
                let values = key.key.values();
                gaps.extend(values.damage.iter().map(|e| key.gap(None, e)));
                for value in values.items {
                    let at = place(hive, &key.path, Some(value.name()), Some(value.offset()));
                    // `library,entry`
                    match value.text() {
                        Ok(Some(text)) if text.contains(',') => {
                            let path = text.split(',').next().unwrap_or_default();
                            let module = SetupModule {
                                source: root.to_owned(),
                                path: path.trim().to_owned(),
                            };
                            out.push(module, at);
                        }
                        Ok(_) => {}
                        Err(e) => gaps.push(Gap::new(at, &e)),
                    }
                }
            }
        }
    }
    out.gaps.append(&mut gaps);
    out
}

/// What is known of what a command runs in turn.
enum Inner {
    /// All of it is listed behind the command.
    Listed,
    /// It is a script that is not there: its path.
    Missing(String),
    /// It runs nothing else, or that can't be told.
    Unknown,
}

/// True for the path of a batch file.
fn is_batch(path: &str) -> bool {
    let lower = path.to_ascii_lowercase();
    lower.ends_with(".cmd") || lower.ends_with(".bat")
}

/// True for the path of a script of PowerShell.
fn is_power(path: &str) -> bool {
    path.to_ascii_lowercase().ends_with(".ps1")
}

/// True for a path with a drive and from its root.
fn is_absolute(path: &str) -> bool {
    matches!(path.as_bytes(), [_, b':', b'\\' | b'/', ..])
}

struct Reader<'w, 'a> {
    windows: &'w Windows<'a>,
    out: Collected<FirstCommand>,
    /// Scripts that were read, in lower case, with the arguments that they were given: `None` where
    /// those are not known, or make no difference.
    seen: BTreeMap<String, BTreeSet<Option<Vec<String>>>>,
    /// Lines that a script writes to files by `echo`, by the file's name in lower case; `None`
    /// where something else is written to it, too.
    echoed: BTreeMap<String, Option<Vec<String>>>,
    /// How long the commands of a source wait, in seconds.
    waited: BTreeMap<String, u64>,
    /// Folders that commands may run in: those of the scripts, and those that they change to.
    folders: Vec<String>,
    /// More folders, and more commands, than are kept, which is told once.
    is_full: bool,
    is_long: bool,
}

impl<'w, 'a> Reader<'w, 'a> {
    fn new(windows: &'w Windows<'a>) -> Self {
        Self {
            windows,
            out: Collected::default(),
            seen: BTreeMap::new(),
            echoed: BTreeMap::new(),
            waited: BTreeMap::new(),
            folders: Vec::new(),
            is_full: false,
            is_long: false,
        }
    }

    /// Reads the script at `path`. False where there is none.
    fn script(
        &mut self,
        source: &str,
        path: &str,
        arguments: Option<Vec<String>>,
        depth: usize,
    ) -> bool {
        let paths = &self.windows.guest.paths;
        match paths.find(path.as_bytes()) {
            Ok(Some(found)) if found.metadata.kind == FileKind::Regular => {}
            Ok(_) => return false,
            Err(e) => {
                self.out.gaps.push(Gap::at_path(path, &e));
                return true;
            }
        }
        // Of what it holds nothing would be listed.
        if self.is_long {
            return true;
        }
        // A script of PowerShell is read without them.
        let ansi = path.to_ascii_lowercase().ends_with(".ps1");
        let given = arguments.clone().filter(|_| !ansi);
        let read = self.seen.values().map(BTreeSet::len).sum::<usize>();
        let key = path.to_ascii_lowercase().replace('/', "\\");
        let calls = self.seen.entry(key).or_default();
        if calls.contains(&given) {
            return true;
        }
        if calls.len() >= MAX_CALLS || read >= MAX_READ {
            let doubt = Error::doubt(Layer::Guest, say!(error_batch_long));
            self.out.gaps.push(Gap::at_path(path, &doubt));
            return true;
        }
        calls.insert(given);
        let file = match paths.read_script(path.as_bytes(), MAX_SCRIPT) {
            Ok(file) => file,
            Err(e) => {
                self.out.gaps.push(Gap::at_path(path, &e));
                return true;
            }
        };
        let at = Location::of_file(&file);
        if depth > MAX_DEPTH {
            self.doubt(&at, say!(error_batch_long));
            return true;
        }
        let page = if ansi {
            pages::Page::Ansi
        } else {
            pages::Page::Oem
        };
        let text = pages::text(self.windows, &file.bytes, page);
        let wide = file.bytes.starts_with(&[0xFF, 0xFE]);
        match kind(path, &text) {
            Kind::Batch => {
                // cmd.exe reads bytes: a batch file of UTF-16 is none.
                if wide {
                    self.doubt(&at, say!(error_batch_control));
                }
                let script = match arguments {
                    None => batch::commands(&text),
                    arguments => {
                        let call = Call {
                            arguments,
                            ..Call::default()
                        };
                        batch::commands_of(&text, &call)
                    }
                };
                self.lines(source, &script, &at, path, Language::Command, depth);
            }
            Kind::PowerShell => {
                let script = powershell::statements(&text);
                self.lines(source, &script, &at, path, Language::PowerShell, depth);
            }
            Kind::Other => {
                let name = path.rsplit(['\\', '/']).next().unwrap_or_default();
                self.doubt(&at, say!(error_script_kind, name = name));
            }
        }
        true
    }

    fn doubt(&mut self, at: &Location, why: crate::text::Text) {
        let doubt = Error::doubt(Layer::Guest, why);
        self.out.gaps.push(Gap::new(at.clone(), &doubt));
    }

    /// The commands of a script that stands at `at`, and what they run in turn.
    fn lines(
        &mut self,
        source: &str,
        script: &Batch,
        at: &Location,
        path: &str,
        language: Language,
        depth: usize,
    ) {
        for (line, why) in &script.doubts {
            self.doubt(&at.clone().line(*line), why.clone());
        }
        let folder = path
            .rsplit_once(['\\', '/'])
            .map_or("", |(folder, _)| folder);
        self.runs_in(folder);
        let mut comes_back = true;
        for (i, line) in script.commands.iter().enumerate() {
            self.remember(line);
            let behind = script.commands.get(i + 1..).unwrap_or_default();
            let is_last = behind.iter().all(|l| is_trivial(&l.name()));
            let at = at.clone().line(line.number);
            let text = placed(&line.text, folder);
            let command = FirstCommand {
                source: source.to_owned(),
                text,
                language,
                certain: line.certain && comes_back,
                followed: false,
                missing: None,
                writes: line.writes.iter().map(|w| placed(w, folder)).collect(),
                reads: line.reads.iter().map(|r| placed(r, folder)).collect(),
                piped: line.piped,
                instead: None,
                is_last,
                waited: 0,
            };
            let listed = self.out.items.len();
            self.command(command, at, folder, depth);
            // A batch file that is not called does not come back, by whatever name it is started.
            let started = self.out.items.get(listed);
            let started = started.and_then(|c| c.fact.instead.as_deref());
            comes_back &= line.called || line.piped || !started.is_some_and(is_batch);
        }
    }

    /// Commands may run in `folder`.
    fn runs_in(&mut self, folder: &str) {
        let is = |known: &String| known.eq_ignore_ascii_case(folder);
        if folder.is_empty() || self.folders.iter().any(is) {
            return;
        }
        if self.folders.len() < MAX_FOLDERS {
            self.folders.push(folder.to_owned());
        } else if !std::mem::replace(&mut self.is_full, true) {
            let what = say!(error_too_many, most = MAX_FOLDERS, what = "folders");
            let limit = Error::limit(Layer::Guest, None, what);
            self.out.gaps.push(Gap::at_path(folder, &limit));
        }
    }

    /// Notes where a command changes to.
    fn moves(&mut self, command: &FirstCommand) {
        let Some(folder) = leads_to(&batch::words(&command.text)) else {
            return;
        };
        let folder = expand(&folder, &self.windows.roots(), &[]);
        for from in self.folders.clone() {
            if let Ok(path) = absolute(self.windows, &folder, Some(&from)) {
                self.runs_in(&path);
            }
        }
        if let Ok(path) = absolute(self.windows, &folder, None) {
            self.runs_in(&path);
        }
    }

    /// What the name of a command means in each of the folders that it may run in.
    fn meant(&mut self, command: &FirstCommand) -> Vec<String> {
        let words = batch::words(&command.text);
        let name = words.first().map_or("", |w| w.trim_start_matches('@'));
        // `ping/n` has no blank between.
        let name = name.split('/').next().unwrap_or_default();
        let bare = !name.is_empty() && !name.contains(['\\', ':', '%', '*', '?']);
        let mut out = Vec::new();
        if command.language != Language::Command || !bare || is_of_shell(&name.to_ascii_lowercase())
        {
            return out;
        }
        let system = format!(r"{}\System32", self.windows.roots().windows);
        let endings = std::iter::once("").chain(SHELL_ENDINGS);
        let names: Vec<String> = endings
            .filter(|ending| !ending.is_empty() || name.contains('.'))
            .map(|ending| format!("{name}{ending}"))
            .collect();
        let folders = self.folders.iter();
        for folder in folders.filter(|f| !f.eq_ignore_ascii_case(&system)) {
            for name in &names {
                let path = format!(r"{folder}\{name}");
                match self.windows.guest.paths.find(path.as_bytes()) {
                    Ok(Some(file)) if file.metadata.kind == FileKind::Regular => {
                        out.push(path);
                        break;
                    }
                    Ok(_) => {}
                    Err(e) => self.out.gaps.push(Gap::at_path(&path, &e)),
                }
            }
        }
        out
    }

    /// Lists a command, and what it runs in turn: where its name means a program of each of several
    /// folders, any of them.
    fn command(&mut self, command: FirstCommand, at: Location, folder: &str, depth: usize) {
        // Beyond the bound nothing is listed, so nothing is followed.
        if self.is_long {
            return;
        }
        self.moves(&command);
        let meant = self.meant(&command);
        if meant.is_empty() {
            return self.listed(command, at, folder, depth);
        }
        let certain = command.certain && meant.len() == 1;
        for path in meant {
            let one = FirstCommand {
                instead: Some(path),
                certain,
                ..command.clone()
            };
            self.listed(one, at.clone(), folder, depth);
        }
    }

    fn listed(&mut self, mut command: FirstCommand, at: Location, folder: &str, depth: usize) {
        if self.out.items.len() >= MAX_COMMANDS {
            if !std::mem::replace(&mut self.is_long, true) {
                let limit = say!(error_too_many, most = MAX_COMMANDS, what = "commands");
                let limit = Error::limit(Layer::Guest, None, limit);
                self.out.gaps.push(Gap::new(at, &limit));
            }
            return;
        }
        if depth > MAX_DEPTH {
            return self.doubt(&at, say!(error_batch_long));
        }
        let text = command.text.to_lowercase();
        let waits = waits(&batch::name(&text), &batch::words(&text));
        let waited = self.waited.entry(command.source.clone()).or_default();
        *waited = waited.saturating_add(waits.flatten().unwrap_or_default());
        command.waited = *waited;
        let index = self.out.items.len();
        self.out.push(command.clone(), at.clone());
        let inner = self.inner(&command, &at, folder, depth);
        // What may not run runs nothing for certain.
        let behind = self.out.items.iter_mut().skip(index);
        behind.for_each(|listed| listed.fact.certain &= command.certain);
        if let Some(listed) = self.out.items.get_mut(index) {
            match inner {
                Inner::Listed => listed.fact.followed = true,
                Inner::Missing(path) => listed.fact.missing = Some(path),
                Inner::Unknown => {}
            }
        }
    }

    /// Notes what `echo` writes to a file.
    fn remember(&mut self, line: &batch::Line) {
        for path in &line.writes {
            let lines = self.echoed.entry(path.to_lowercase());
            let lines = lines.or_insert_with(|| Some(Vec::new()));
            let text = line.text.trim();
            let echo = text.get(..5).filter(|e| e.eq_ignore_ascii_case("echo "));
            match lines {
                Some(lines) if echo.is_some() && lines.len() < MAX_ECHOED => {
                    lines.push(text.get(5..).unwrap_or_default().trim().to_owned());
                }
                _ => *lines = None,
            }
        }
    }

    /// The lines of the script of diskpart that a command starts: where all of it was written by
    /// `echo` before, and nothing is there yet.
    fn diskpart(&self, line: &batch::Line) -> Option<&[String]> {
        let words = line.words();
        let [_, switch, path] = words.as_slice() else {
            return None;
        };
        let lines = self.echoed.get(&path.to_lowercase())?.as_deref()?;
        // The same file may be written by another path.
        let name = |path: &str| path.rsplit(['\\', '/', ':']).next().map(str::to_lowercase);
        let mut all = self.echoed.keys();
        if all.any(|other| {
            *other != path.to_lowercase() && (name(other) == name(path) || other.contains('~'))
        }) {
            return None;
        }
        let roots = self.windows.roots();
        let temporary = format!(r"{}\Temp\", roots.windows);
        let plain = path.to_lowercase().replace(r"%temp%\", &temporary);
        let plain = expand(&plain, &roots, &[]);
        let there = self.windows.guest.paths.find(plain.as_bytes());
        let new = matches!(there, Ok(None)) && plain.contains(':') && !plain.contains('%');
        (switch.eq_ignore_ascii_case("/s") && new).then_some(lines)
    }

    /// What a command runs in turn, as far as it is a script or another command.
    fn inner(
        &mut self,
        command: &FirstCommand,
        at: &Location,
        folder: &str,
        depth: usize,
    ) -> Inner {
        let text = command.carried_out();
        let text = text.trim();
        let text = match command.language {
            Language::PowerShell => text.strip_prefix('&').unwrap_or(text).trim_start(),
            Language::Command => text,
        };
        let line = batch::Line {
            number: 0,
            text: text.to_owned(),
            certain: command.certain,
            called: false,
            writes: Vec::new(),
            reads: Vec::new(),
            piped: false,
        };
        let list = |reader: &mut Self, text: &str, language: Language| {
            let script = match language {
                Language::Command => batch::inline(text),
                Language::PowerShell => powershell::statements(text),
            };
            for (_, why) in &script.doubts {
                reader.doubt(at, why.clone());
            }
            for (i, line) in script.commands.iter().enumerate() {
                let behind = script.commands.get(i + 1..).unwrap_or_default();
                let is_last = command.is_last && behind.iter().all(|l| is_trivial(&l.name()));
                let line = line.clone();
                let inner = FirstCommand {
                    instead: None,
                    is_last,
                    text: line.text,
                    language,
                    certain: line.certain && command.certain,
                    followed: false,
                    missing: None,
                    writes: line.writes,
                    reads: line.reads,
                    piped: line.piped,
                    ..command.clone()
                };
                reader.command(inner, at.clone(), folder, depth + 1);
            }
            Inner::Listed
        };
        match line.name().as_str() {
            "diskpart" => {
                let Some(lines) = self.diskpart(&line).map(<[String]>::to_vec) else {
                    return Inner::Unknown;
                };
                for text in lines {
                    let inner = FirstCommand {
                        text: format!("diskpart-line {text}"),
                        language: Language::Command,
                        followed: false,
                        missing: None,
                        instead: None,
                        ..command.clone()
                    };
                    self.command(inner, at.clone(), folder, depth + 1);
                }
                Inner::Listed
            }
            "cmd" => match shell(text) {
                Some(inner) => list(self, inner, Language::Command),
                None => Inner::Unknown,
            },
            "start" => match started(text) {
                Some(inner) => list(self, &inner, Language::Command),
                None => Inner::Unknown,
            },
            host @ ("powershell" | "pwsh") => match power(host, text) {
                Power::File(path, arguments) => {
                    let arguments = Some(arguments);
                    self.scripts(&command.source, &path, &arguments, folder, depth)
                }
                Power::Command(text) => list(self, &text, Language::PowerShell),
                Power::Unknown => Inner::Unknown,
            },
            _ => {
                let words = line.words();
                let Some((program, arguments)) = words.split_first() else {
                    return Inner::Unknown;
                };
                let name = program.trim_start_matches('@').trim_end_matches([' ', '.']);
                if !is_batch(name) && !is_power(name) {
                    return Inner::Unknown;
                }
                let arguments = Some(arguments.to_vec());
                self.scripts(&command.source, name, &arguments, folder, depth)
            }
        }
    }

    /// Reads the scripts that `name` may mean in a script of `folder`.
    fn scripts(
        &mut self,
        source: &str,
        name: &str,
        arguments: &Option<Vec<String>>,
        folder: &str,
        depth: usize,
    ) -> Inner {
        let name = expand(name.trim_matches(['"', '\'']), &self.windows.roots(), &[]);
        let tried = self.tried(&name, folder);
        let mut any = false;
        for path in &tried {
            any |= self.script(source, path, arguments.clone(), depth + 1);
        }
        let drive = format!(r"{}\", self.windows.roots().drive).to_lowercase();
        match tried.as_slice() {
            _ if any => Inner::Listed,
            // Where a relative name leads depends on what runs before.
            [path] if is_absolute(&name) && path.to_lowercase().starts_with(&drive) => {
                Inner::Missing(path.clone())
            }
            _ => Inner::Unknown,
        }
    }

    /// The paths that the name of a script may mean in a script of `folder`.
    fn tried(&self, name: &str, folder: &str) -> Vec<String> {
        let roots = self.windows.roots();
        if name.contains(['%', '*', '?']) {
            return Vec::new();
        }
        // `C:name`: in the folder that this drive is at.
        let of_drive = strip_any_case(name, &roots.drive).filter(|n| !n.starts_with(['\\', '/']));
        let relative = of_drive.unwrap_or(name);
        if of_drive.is_none() && (name.contains(':') || name.starts_with(['\\', '/'])) {
            return absolute(self.windows, name, None).into_iter().collect();
        }
        let mut folders = vec![folder.to_owned()];
        folders.extend(self.folders.iter().cloned());
        if !relative.contains(['\\', '/']) {
            folders.push(format!(r"{}\System32", roots.windows));
            folders.push(roots.windows.clone());
        }
        let mut out: Vec<String> = Vec::new();
        for folder in folders.iter().filter(|f| !f.is_empty()) {
            if let Ok(path) = absolute(self.windows, relative, Some(folder))
                && !out.iter().any(|o| o.eq_ignore_ascii_case(&path))
            {
                out.push(path);
            }
        }
        out
    }

    /// Commands that the registry names.
    fn registry(&mut self) {
        let hive = match self.windows.system() {
            Ok(hive) => hive,
            Err(gap) => return self.out.gaps.push(gap),
        };
        let setup = match KeyAt::open(hive, "Setup") {
            Ok(Some(setup)) => setup,
            Ok(None) => return,
            Err(gap) => return self.out.gaps.push(gap),
        };
        let kind = setup.number("SetupType");
        let runs = match kind {
            Ok(kind) => kind.is_some_and(|kind| kind.fact != 0),
            Err(gap) => {
                self.out.gaps.push(gap);
                true
            }
        };
        let usual = [
            ("CmdLine", r"oobe\windeploy.exe"),
            (
                "RespecializeCmdLine",
                r"sysprep\sysprep.exe /respecialize /quiet",
            ),
        ];
        for (name, usual) in usual {
            match setup.text(name) {
                Ok(Some(found)) => {
                    let is = found.fact.trim().eq_ignore_ascii_case(usual);
                    let off = name == "CmdLine" && !runs;
                    if !is && !off && !found.fact.trim().is_empty() {
                        self.value(name, found);
                    }
                }
                Ok(None) => {}
                Err(gap) => self.out.gaps.push(gap),
            }
        }
        let first = match KeyAt::open(hive, r"Setup\FirstBoot") {
            Ok(Some(first)) => first,
            Ok(None) => return,
            Err(gap) => return self.out.gaps.push(gap),
        };
        let mut gaps = Vec::new();
        for key in first.subkeys(&mut gaps) {
            if key.key.name().eq_ignore_ascii_case("Services") {
                continue;
            }
            let values = key.key.values();
            gaps.extend(values.damage.iter().map(|e| key.gap(None, e)));
            for value in values.items {
                let at = place(hive, &key.path, Some(value.name()), Some(value.offset()));
                match value.text() {
                    Ok(Some(fact)) => {
                        let source = format!(r"FirstBoot\{}", key.key.name());
                        self.value(&source, Found { fact, at });
                    }
                    Ok(None) => {}
                    Err(e) => gaps.push(Gap::new(at, &e)),
                }
            }
        }
        self.out.gaps.append(&mut gaps);
    }

    fn value(&mut self, source: &str, found: Found<String>) {
        let command = FirstCommand {
            source: source.to_owned(),
            text: found.fact,
            language: Language::Command,
            certain: true,
            followed: false,
            missing: None,
            writes: Vec::new(),
            reads: Vec::new(),
            piped: false,
            instead: None,
            is_last: true,
            waited: 0,
        };
        self.command(command, found.at, "", 0);
    }

    /// The commands of the answer files that `pattern` matches.
    fn answers(&mut self, pattern: &str) {
        let found = search::read(self.windows, pattern, MAX_FILE, |bytes, at, out| {
            let text = xml::decode(bytes);
            if answers::is_empty(&text) {
                return Ok(());
            }
            let document = xml::parse(&text)?;
            let lines = xml::Lines::of(&document);
            for node in document.descendants().filter(|n| n.is_element()) {
                let name = node.tag_name().name();
                let of = |(element, _): &&(&str, &str)| name.eq_ignore_ascii_case(element);
                let Some(above) = node.parent_element() else {
                    continue;
                };
                if name == "component"
                    && let Some(text) = settings(node)
                {
                    let line = lines.line(node);
                    out.push(("AnswerSettings".to_owned(), text), at.clone().line(line));
                }
                if name == "LocalAccount" {
                    let child = |name| xml::find(node, &[name]).map(xml::text);
                    let user = child("Name").unwrap_or_default();
                    let group = child("Group").unwrap_or_default();
                    let line = lines.line(node);
                    let text = format!("LocalAccount \"{user}\" \"{group}\"");
                    out.push(
                        (above.tag_name().name().to_owned(), text),
                        at.clone().line(line),
                    );
                }
                for (_, child) in ANSWERS.iter().filter(of) {
                    let Some(value) = xml::find(node, &[child]) else {
                        continue;
                    };
                    let command = xml::text(value);
                    if command.is_empty() {
                        continue;
                    }
                    let line = lines.line(value);
                    let source = above.tag_name().name().to_owned();
                    out.push((source, command), at.clone().line(line));
                }
            }
            Ok(())
        });
        self.out.gaps.extend(found.gaps);
        for Found { fact, at } in found.items {
            let (source, text) = fact;
            self.value(&source, Found { fact: text, at });
        }
    }
}

/// The settings of a component of an answer file, as a command that the policy judges; `None`
/// where its pass does not run at the first start.
fn settings(component: Node<'_, '_>) -> Option<String> {
    let pass = component.parent_element()?.attribute("pass")?;
    let earlier = ["windowsPE", "offlineServicing", "generalize"];
    if earlier.contains(&pass) {
        return None;
    }
    let name = component.attribute("name").unwrap_or_default();
    let plain = |text: &str| text.replace(['"', '%', '\n', '\r', '\t'], " ");
    let mut text = format!("AnswerSettings \"{}\"", plain(name));
    let leaves = component
        .descendants()
        .filter(|n| n.is_element() && *n != component && !n.children().any(|c| c.is_element()));
    let mut any = false;
    for leaf in leaves {
        let above = leaf.ancestors().take_while(|n| *n != component);
        let mut names: Vec<&str> = above.map(|n| n.tag_name().name()).collect();
        names.reverse();
        let path = names.join("/");
        // Passwords are no text to show.
        let secret = path.to_ascii_lowercase().contains("password");
        let value = match secret {
            true => String::new(),
            false => cut(&xml::text(leaf)),
        };
        text.push_str(&format!(" \"{}={}\"", plain(&path), plain(value.trim())));
        any = true;
    }
    any.then_some(text)
}

/// A value as far as it is shown; one that is cut is never taken for another.
fn cut(value: &str) -> String {
    match value.char_indices().nth(MAX_VALUE) {
        Some((end, _)) => format!("{}…", value.get(..end).unwrap_or_default()),
        None => value.to_owned(),
    }
}

impl Windows<'_> {
    /// What runs by itself when an image that was generalized starts for the first time: scripts of
    /// the setup, the command of the setup, answer files; with what scripts run in turn.
    pub fn first_boot(&self) -> &Collected<FirstCommand> {
        self.first_boot.get_or_init(|| first_boot(self))
    }

    /// The libraries that the passes of sysprep load.
    #[must_use]
    pub fn setup_modules(&self) -> Collected<SetupModule> {
        modules(self)
    }

    /// What the script at `path` runs; `source` says what names it. A script that is not read is
    /// a gap.
    #[must_use]
    pub fn script(&self, source: &str, path: &str) -> Collected<FirstCommand> {
        of_script(self, source, path)
    }
}
