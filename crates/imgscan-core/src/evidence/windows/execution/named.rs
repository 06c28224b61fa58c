//! Values of the registry that name a file which carries code, in places that nothing here knows: who
//! reads them is not known, so what they name is explained or goes to a person.
//!
//! One walk over the machine's settings (SOFTWARE, and the control set of the next boot) and those of
//! its users. A library without a folder is looked for along the search path (Microsoft, "Dynamic-link
//! library search order"). Files of Windows are looked at wherever they are named, by the sweep over
//! its folder.

use std::collections::{BTreeMap, BTreeSet};

use super::environment::replaced;
use super::hosts::paths_to_programs;
use super::paths::absolute;
use super::remote::stranger;
use super::sources::Collector;
use super::words::{file_name, readings};
use super::{Account, Occasion, Subject, Target};
use crate::error::{Error, Kind, Layer};
use crate::evidence::windows::{Signed, Windows, place};
use crate::evidence::{Gap, Location};
use crate::fs::FileKind;
use crate::guest::windows::GuestHive;
use crate::hive::Data;
use crate::source::read_vec;
use crate::text::matches;
use crate::trust::pe::looks_like_pe;

/// The kind of these entries.
pub const NAMED_BY_A_VALUE: &str = "Value";
/// Longer texts are no paths, in bytes.
const MAX_TEXT: usize = 1024 * 1024;
/// Longer texts are no names of files, in bytes.
const MAX_NAME: usize = 255;
/// The kind of values that lead to another computer.
const OF_ANOTHER_COMPUTER: &str = "Other computer";
/// Values with names of other computers that are told.
const MAX_STRANGERS: usize = 256;
/// Places that name other computers and that Windows asks none of by itself: keys as patterns in lower case.
const REMEMBERED: &[&str] = &[
    r"*mru*",
    r"*\explorer\mountpoints2*",
    r"*\explorer\wordwheelquery",
    r"*\shell\bag*",
    r"*\typedurls",
    r"*\terminal server client\*",
    r"*\shellnoroam\*",
    r"*\hardenedpaths",
    r"*\sourcelist*",
    r"*\windows search\*",
    // What is told to a directory of printers.
    r"*\print\printers\*\dsspooler",
    // What a domain once set: its next refresh alone carries it out.
    r"*\group policy\history*",
    r"*\group policy\*\history*",
    r"*\group policy\*\shadow*",
];
/// Keys that Windows itself reads, as patterns in lower case: what a product keeps for itself below others
/// nobody asks another computer for.
const OF_WINDOWS: &[&str] = &[
    r"hklm\software\microsoft\*",
    r"hklm\software\wow6432node\microsoft\*",
    r"hklm\software\classes\*",
    r"hklm\software\policies\*",
    r"hklm\system\*\control\*",
    r"hklm\system\*\services\*",
    r"hku\*\software\microsoft\*",
    r"hku\*\software\classes\*",
    r"hku\*\software\policies\*",
    r"hku\*\control panel\*",
    r"hku\*\environment",
    r"hku\*\network\*",
    r"hku\*\printers\*",
    r"hku\*\console*",
];
/// Different paths that are kept.
const MAX_PATHS: usize = 100_000;
/// Ends of the names of files that carry code and are no programs, in lower case.
const SCRIPTS: &[&str] = &[
    ".ps1", ".psm1", ".bat", ".cmd", ".com", ".vbs", ".vbe", ".js", ".jse", ".wsf", ".wsh", ".hta",
    ".sct", ".wsc", ".lnk", ".url", ".scf", ".pif", ".sdb", ".msc", ".jar", ".py", ".pyw",
];
/// Ends of the names of libraries, in lower case, by which a text without a folder names one.
const LIBRARIES: &[&str] = &[
    ".dll", ".ocx", ".tsp", ".cpl", ".ax", ".drv", ".acm", ".ime", ".node", ".mui",
];
/// What the name of a value holds, in lower case, whose text names a library without its ending.
const OF_LIBRARIES: &[&str] = &[
    "dll", "library", "file", "path", "module", "provider", "driver", "image", "plugin",
];
/// Folders below that of Windows that the sweep leaves out because nothing is loaded from there without
/// being named.
const NOT_SWEPT: &[&str] = &["temp", "softwaredistribution", "logs", "csc"];
/// Places that name files without a program that loads or starts them by itself: key and value as
/// patterns in lower case, and why.
const TOLD_ONLY: &[(&str, &str, &str)] = &[
    // Lists of what is installed.
    (
        r"*\currentversion\uninstall\*",
        "*",
        "what takes a product away again, when somebody asks for it",
    ),
    (
        r"*\currentversion\installer\*",
        "*",
        "what Windows Installer put where, by component",
    ),
    (
        r"*\classes\installer\*",
        "*",
        "where packages of Windows Installer came from",
    ),
    (
        r"*\currentversion\shareddlls",
        "*",
        "how many products share a file",
    ),
    (
        r"*\currentversion\setup\*",
        "*",
        "where setup took files from",
    ),
    (
        r"*\component based servicing\*",
        "*",
        "what updates consist of; its library has a place of its own",
    ),
    (
        r"*\currentversion\appx\*",
        "*",
        "packages of the store, which are signed as a whole",
    ),
    // What a person starts.
    (
        r"*\currentversion\app paths\*",
        "*",
        "where the shell finds a program that somebody names; those of Windows have a place of their own",
    ),
    (
        r"*\clients\*\shell\*",
        "*",
        "programs of a kind that somebody chooses one of",
    ),
    (
        r"*\clients\*\installinfo",
        "*",
        "commands of the list of default programs",
    ),
    (r"*\clients\*\defaulticon", "*", "a picture"),
    (
        r"*\capabilities*",
        "*",
        "what a program says of itself to the list of default programs",
    ),
    (
        r"*\classes\*\shell\*",
        "*",
        "names and pictures of menus; their commands are followed",
    ),
    (r"*\classes\*\defaulticon", "*", "a picture"),
    (
        r"*\classes\applications\*",
        "*",
        "programs that somebody may open a file with",
    ),
    (
        r"*\classes\clsid\*",
        "*",
        "classes of COM, each of which is followed by itself",
    ),
    (
        r"*\classes\wow6432node\*",
        "*",
        "classes of COM, each of which is followed by itself",
    ),
    (
        r"*\classes\typelib\*",
        "*",
        "descriptions of types, which are followed by themselves",
    ),
    (
        r"*\classes\local settings\*",
        "*",
        "names that the shell once showed",
    ),
    (r"*\muicache", "*", "names that the shell once showed"),
    (
        r"*\explorer\filetypes\*",
        "*",
        "names that the shell once showed",
    ),
    // What the shell and its dialogs remember of a user.
    (r"*\explorer\runmru", "*", "what somebody typed"),
    (r"*\explorer\typedpaths", "*", "what somebody typed"),
    (r"*\internet explorer\typedurls", "*", "what somebody typed"),
    (r"*\explorer\recentdocs*", "*", "files that somebody opened"),
    (r"*\explorer\comdlg32\*", "*", "files that somebody opened"),
    (
        r"*\search\recentapps\*",
        "*",
        "programs that somebody started",
    ),
    (
        r"*\explorer\userassist\*",
        "*",
        "programs that somebody started",
    ),
    (
        r"*\explorer\featureusage\*",
        "*",
        "programs that somebody started",
    ),
    (r"*\explorer\sessioninfo\*", "*", "windows that were open"),
    (r"*\file mru", "*", "files that somebody opened"),
    (r"*\recent file list", "*", "files that somebody opened"),
    (r"*\applets\regedit*", "*", "keys that somebody looked at"),
    // What is recorded of programs that ran, and rules about them.
    (
        r"*\appcompatflags\*",
        "*",
        "settings for and records of programs that somebody starts; databases have a place of their own",
    ),
    (r"*\appcompatcache*", "*", "records of programs that ran"),
    (r"*\radar\*", "*", "records of programs that ran"),
    (
        r"*\windows error reporting\*",
        "*",
        "programs that failed; its helpers have a place of their own",
    ),
    (r"*\firewallpolicy\*", "*", "rules about programs"),
    (r"*\windows defender\*", "*", "rules about programs"),
    (
        r"*\image file execution options\*",
        "*",
        "rules about programs; debuggers have a place of their own",
    ),
    (r"*\services\bam\*", "*", "records of programs that ran"),
    (r"*\services\dam\*", "*", "records of programs that ran"),
    // Texts and pictures.
    (
        r"*\services\eventlog\*",
        "*",
        "texts of events, which are read as data",
    ),
    (
        r"*\winevt\*",
        "*",
        "texts of events, which are read as data",
    ),
    (r"*", "displayicon", "a picture"),
    (r"*", "iconpath", "a picture"),
    (r"*", "*messagefile", "texts, which are read as data"),
    // Followed by themselves, those of ring 0 by the checks of the kernel.
    (
        r"*\services\*",
        "imagepath",
        "services and drivers are followed by themselves",
    ),
    (
        r"*\schedule\taskcache\*",
        "*",
        "tasks are followed by themselves",
    ),
];

/// Where a path was found first.
struct Named {
    path: String,
    at: Location,
    name: String,
    text: String,
}

/// What leads to a file.
enum Led {
    /// Something that runs.
    Always,
    /// Only what is switched off, at these keys in lower case.
    Asleep(Vec<String>),
}

/// True for the key `key`, or one below `own`.
fn is_at_or_below(key: &str, own: &str) -> bool {
    let rest = key.strip_prefix(own);
    !own.is_empty() && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('\\'))
}

/// What is found of one hive.
struct Walk<'w, 'g> {
    windows: &'w Windows<'g>,
    /// By the path in lower case.
    paths: BTreeMap<String, Named>,
    /// Files in the folders of the search path, by their names in lower case.
    searched: BTreeMap<String, String>,
    /// What the variables of the hive mean.
    variables: Vec<(String, String)>,
    root: String,
    is_full: bool,
    /// Where the first text stands that is too long to be looked at.
    long: Option<Location>,
    /// The machine's own names.
    own: Vec<String>,
    /// Values that lead to another computer: where, by which name, and the text.
    strangers: Vec<(Location, String, String)>,
}

impl Walk<'_, '_> {
    /// The values of `hive` below `key`.
    fn hive(&mut self, hive: &GuestHive, key: &str) -> Vec<Gap> {
        let from = match hive.hive.key(key) {
            Ok(Some(from)) => from,
            Ok(None) => return Vec::new(),
            Err(e) => return vec![Gap::new(place(hive, key, None, None), &e)],
        };
        let mut gaps = Vec::new();
        let walked = hive.hive.walk(&from, |visit| {
            let path = match key {
                "" => visit.path.trim_start_matches('\\').to_owned(),
                key => format!("{key}{}", visit.path),
            };
            for value in &visit.values.items {
                let at = || place(hive, &path, Some(value.name()), Some(value.offset()));
                if leads(value.name()) {
                    self.text(value.name(), value.name(), at);
                }
                let is_long = value.data_len() as usize > 2 * MAX_TEXT;
                let texts = match value.data() {
                    Ok(Data::Text(text) | Data::Expand(text)) => vec![text],
                    Ok(Data::List(list)) => list,
                    Ok(data) if !is_long => Vec::from_iter(data.hidden_text()),
                    Ok(_) => continue,
                    Err(e) => {
                        gaps.push(Gap::new(at(), &e));
                        continue;
                    }
                };
                for text in &texts {
                    self.stranger(value.name(), text, at);
                    if leads(text) {
                        self.text(value.name(), text, at);
                    } else if let Some(path) = self.searched(value.name(), text) {
                        self.path(value.name(), text, path, at);
                    }
                }
            }
            Ok(())
        });
        match walked {
            Ok(damage) => gaps.extend(
                damage
                    .iter()
                    .map(|e| Gap::new(place(hive, key, None, None), e)),
            ),
            Err(e) => gaps.push(Gap::new(place(hive, key, None, None), &e)),
        }
        gaps
    }

    /// Keeps `text` where it leads to another computer.
    fn stranger(&mut self, name: &str, text: &str, at: impl Fn() -> Location) {
        let leads = text.contains(r"\\") || text.contains('%') || text.contains("file:");
        if text.len() > MAX_TEXT || !leads || self.strangers.len() > MAX_STRANGERS {
            return;
        }
        let whole = replaced(self.windows, text, &self.variables);
        if stranger(&whole, &self.own).is_none() {
            return;
        }
        let at = at();
        let key = at.key.as_deref().unwrap_or_default().to_lowercase();
        let is_read = OF_WINDOWS.iter().any(|place| matches(place, &key));
        let is_remembered = REMEMBERED.iter().any(|place| matches(place, &key));
        if is_read && !is_remembered && !is_told_only(&key, &name.to_lowercase()) {
            self.strangers.push((at, name.to_owned(), text.to_owned()));
        }
    }

    /// The files that `text` may name.
    fn text(&mut self, name: &str, text: &str, at: impl Fn() -> Location) {
        if text.len() > MAX_TEXT {
            self.long.get_or_insert_with(at);
            return;
        }
        let whole = replaced(self.windows, text, &self.variables);
        let mut all: Vec<String> = Vec::new();
        for one in whole
            .split([';', '|'])
            .map(str::trim)
            .filter(|one| is_path(one))
        {
            // A path and the number of its picture, or a library and its function.
            let (before, behind) = one.rsplit_once(',').unwrap_or((one, "x"));
            let number = behind.trim().trim_start_matches('-');
            if !number.is_empty() && number.chars().all(|c| c.is_ascii_digit()) {
                continue;
            }
            let named = |program: &String| file_name(program).contains('.');
            all.extend([
                one.trim_matches('"').to_owned(),
                before.trim_matches('"').to_owned(),
            ]);
            all.extend(readings(one).into_iter().map(|r| r.program).filter(named));
        }
        all.extend(paths_to_programs(&whole));
        for path in all {
            let Ok(path) = absolute(self.windows, &path, None) else {
                continue;
            };
            self.path(name, text, path, &at);
        }
    }

    /// The library of the search path that `text`, which has no folder, names.
    fn searched(&self, name: &str, text: &str) -> Option<String> {
        if self.searched.is_empty() || text.len() > MAX_NAME || text.contains(['\\', '/']) {
            return None;
        }
        let lower = text.trim().trim_matches('"').to_lowercase();
        let is_library = LIBRARIES.iter().any(|ending| lower.ends_with(ending));
        let may_be = || {
            let name = name.to_lowercase();
            !lower.contains('.') && OF_LIBRARIES.iter().any(|word| name.contains(word))
        };
        match is_library {
            true => self.searched.get(&lower).cloned(),
            false if may_be() => self.searched.get(&format!("{lower}.dll")).cloned(),
            false => None,
        }
    }

    /// Keeps the file `path` that the text of the value `name` names.
    fn path(&mut self, name: &str, text: &str, path: String, at: impl Fn() -> Location) {
        let lower = path.to_lowercase();
        if self.is_swept(&lower) || self.paths.contains_key(&lower) {
            return;
        }
        let at = at();
        let key = at.key.as_deref().unwrap_or_default().to_lowercase();
        if is_told_only(&key, &name.to_lowercase()) || is_of_own_type(&key, &lower) {
            return;
        }
        if self.paths.len() >= MAX_PATHS {
            self.is_full = true;
            return;
        }
        let (name, text) = (name.to_owned(), text.to_owned());
        let named = Named {
            path,
            at,
            name,
            text,
        };
        self.paths.insert(lower, named);
    }

    /// True for a path (in lower case) below the folder of Windows that the sweep looks at.
    fn is_swept(&self, path: &str) -> bool {
        let inside = path.strip_prefix(&self.root);
        let first = inside.map(|rest| rest.split('\\').next().unwrap_or_default());
        first.is_some_and(|first| !NOT_SWEPT.contains(&first))
    }
}

/// True for a text that may lead to a file.
fn leads(text: &str) -> bool {
    text.contains(":\\") || text.contains(":/") || text.contains('%') || text.starts_with('\\')
}

/// True for a text that begins with a path from a drive or from the root.
fn is_path(text: &str) -> bool {
    let text = text.trim_start_matches('"');
    let drive = text.get(1..3).is_some_and(|p| p == ":\\" || p == ":/");
    drive || text.starts_with('\\') && !text.starts_with(r"\\") || text.starts_with(r"\\?\")
}

/// Commands of menus and of types of files (Microsoft, "Verbs and file associations"), in lower case: whoever
/// opens such a file or chooses such a word starts them.
const VERBS: [&str; 2] = [
    r"*\classes\*\shell\*\command",
    r"*_classes\*\shell\*\command",
];

/// How names of types and classes begin that Windows brings, in lower case.
const TYPES_OF_WINDOWS: [&str; 34] = [
    "{",
    "accessibility",
    "appx",
    "cabfolder",
    "certificate",
    "compressed",
    "contact",
    "diagnostic",
    "directory",
    "drive",
    "evt",
    "explorer",
    "folder",
    "ftp",
    "group",
    "htm",
    "http",
    "ie.",
    "internet",
    "ldap",
    "library",
    "mail",
    "microsoft",
    "ms",
    "network",
    "paint",
    "perf",
    "photo",
    "search",
    "shell",
    "telnet",
    "windows",
    "wmp",
    "xps",
];

/// True for the verb of a product's own type (key in lower case): its program at `path` lies below `Program Files`,
/// and the type is called like that, or like its folder, and not like one of Windows.
fn is_of_own_type(key: &str, path: &str) -> bool {
    if !VERBS.iter().any(|verb| matches(verb, key)) || !path.contains(r":\program files") {
        return false;
    }
    let mut parts = key.rsplit('\\');
    let of = parts.nth(3).unwrap_or_default();
    let is_of_windows =
        of.ends_with("file") || TYPES_OF_WINDOWS.iter().any(|start| of.starts_with(start));
    let program = file_name(path);
    let stem = program.rsplit_once('.').map_or(&*program, |(stem, _)| stem);
    let folders = path.split('\\').skip(2);
    let mut names = folders.filter(|folder| *folder != program).chain([stem]);
    !is_of_windows && names.any(|name| name.len() > 2 && of.starts_with(name))
}

/// True for a place (in lower case) that names files without anything that loads them.
fn is_told_only(key: &str, name: &str) -> bool {
    if VERBS.iter().any(|verb| matches(verb, key)) {
        return false;
    }
    TOLD_ONLY
        .iter()
        .any(|(k, n, _)| matches(n, name) && matches(k, key))
}

impl Collector<'_, '_> {
    /// Files that carry code, that nobody vouches for, and that a value names which nothing else
    /// follows.
    pub(super) fn named_by_values(&mut self) {
        let root = format!(r"{}\", self.windows.roots().windows).to_lowercase();
        let mut walk = Walk {
            windows: self.windows,
            paths: BTreeMap::new(),
            searched: self.in_the_search_path(),
            variables: self.windows.variables_at(&Location::default()),
            root,
            is_full: false,
            long: None,
            own: self.own_names(),
            strangers: Vec::new(),
        };
        let mut gaps = Vec::new();
        match self.windows.software() {
            Ok(hive) => gaps.extend(walk.hive(hive, "")),
            Err(gap) => gaps.push(gap),
        }
        match self
            .windows
            .system()
            .and_then(|hive| Ok((hive, self.windows.control_set()?)))
        {
            Ok((hive, set)) => gaps.extend(walk.hive(hive, &set.name)),
            Err(gap) => gaps.push(gap),
        }
        // What of these can't be read is told where they are read.
        for hive in &self.windows.users().0 {
            let at = place(hive, "", None, None);
            walk.variables = self.windows.variables_at(&at);
            gaps.extend(walk.hive(hive, ""));
        }
        if let Some(at) = walk.long.take() {
            let what = say!(error_source_long, bytes = MAX_TEXT + 1, most = MAX_TEXT);
            gaps.push(Gap::new(at, &Error::limit(Layer::Guest, None, what)));
        }
        if walk.is_full {
            let what = say!(error_too_many, most = MAX_PATHS, what = "paths");
            let error = Error::limit(Layer::Guest, None, what);
            gaps.push(Gap::new(self.windows.system_root_location(), &error));
        }
        self.gaps(gaps);
        self.bounded(OF_ANOTHER_COMPUTER, walk.strangers.len(), MAX_STRANGERS);
        let known: BTreeSet<(Option<String>, Option<String>)> = {
            let places = self.entries().map(|entry| &entry.at);
            places
                .map(|at| (at.key.clone(), at.value.clone()))
                .collect()
        };
        for (at, name, text) in std::mem::take(&mut walk.strangers) {
            // What is an entry already is judged as what it is.
            if known.contains(&(at.key.clone(), at.value.clone())) {
                continue;
            }
            let what = (Subject::Extension, OF_ANOTHER_COMPUTER, name.as_str());
            let runs = (Occasion::Logon, Account::User);
            self.add(what, runs, &text, at, |r| r.unclear_value(&text));
        }
        let led = self.led_to();
        let mut found = walk.paths;
        found.retain(|path, named| match led.get(path) {
            Some(Led::Always) => false,
            // What is switched off explains its own values.
            Some(Led::Asleep(keys)) => {
                let key = named.at.key.as_deref().unwrap_or_default().to_lowercase();
                !keys.iter().any(|own| is_at_or_below(&key, own))
            }
            None => true,
        });
        let there: Vec<(String, Named)> = found
            .into_iter()
            .filter(|(path, _)| self.carries_code(path))
            .collect();
        self.windows
            .foresee(there.iter().map(|(path, _)| path.clone()).collect());
        for (path, named) in there {
            let looked = self.windows.program(&path);
            if let Ok(Some(file)) = looked.as_ref()
                && matches!(file.signed, Some(Signed::Trusted(_)))
            {
                continue;
            }
            let what = (Subject::Extension, NAMED_BY_A_VALUE, named.name.as_str());
            let runs = (Occasion::Demand, Account::System);
            self.add(what, runs, &named.text, named.at, |r| {
                match path.ends_with(".lnk") {
                    true => r.opened(&named.path),
                    false => r.file(&named.path),
                }
            });
        }
    }

    /// The names that the machine has in the image.
    pub(super) fn own_names(&self) -> Vec<String> {
        const NAMES: [(&str, &str); 4] = [
            (r"Control\ComputerName\ComputerName", "ComputerName"),
            (r"Control\ComputerName\ActiveComputerName", "ComputerName"),
            (r"Services\Tcpip\Parameters", "Hostname"),
            (r"Services\Tcpip\Parameters", "NV Hostname"),
        ];
        let of = |(key, value): &(&str, &str)| {
            let key = format!(r"HKLM\SYSTEM\CurrentControlSet\{key}");
            let found = self.windows.values(&key, value).items.into_iter();
            found.map(|v| v.fact.data.to_string()).collect::<Vec<_>>()
        };
        let names = NAMES.iter().flat_map(of);
        names.filter(|name| !name.is_empty()).collect()
    }

    /// The files that entries lead to, by their paths in lower case.
    fn led_to(&self) -> BTreeMap<String, Led> {
        let mut out: BTreeMap<String, Led> = BTreeMap::new();
        for entry in self.entries() {
            let key = entry.at.key.as_deref().unwrap_or_default().to_lowercase();
            for part in &entry.fact.parts {
                let Target::File(file) = &part.target else {
                    continue;
                };
                let Some(path) = &file.file.at.path else {
                    continue;
                };
                let path = path.replace('/', "\\").to_lowercase();
                let led = out.entry(path).or_insert_with(|| Led::Asleep(Vec::new()));
                match led {
                    Led::Always => {}
                    _ if entry.fact.occasion != Occasion::Dormant => *led = Led::Always,
                    Led::Asleep(keys) => keys.push(key.clone()),
                }
            }
        }
        out
    }

    /// Libraries in the folders of the machine's search path and of its users', outside of that of
    /// Windows, by their names in lower case. The first of a name is the one that is loaded.
    fn in_the_search_path(&mut self) -> BTreeMap<String, String> {
        let mut out = BTreeMap::new();
        for folder in self.foreign_search_path() {
            for name in self.names(&folder) {
                let lower = name.to_lowercase();
                if LIBRARIES.iter().any(|ending| lower.ends_with(ending)) {
                    out.entry(lower).or_insert(format!(r"{folder}\{name}"));
                }
            }
        }
        out
    }

    /// True for a file at `path` (in lower case) that is a program by what it holds, or a script by its
    /// name. What can't be read is told.
    fn carries_code(&mut self, path: &str) -> bool {
        let found = match self.windows.guest.paths.find(path.as_bytes()) {
            Ok(Some(found)) if found.metadata.kind == FileKind::Regular => found,
            Ok(_) => return false,
            // The drive of no volume of the image: settings name data there, and no file of the image.
            Err(e) if e.kind == Kind::Unsupported => return false,
            Err(e) => {
                self.gap(Gap::at_path(path, &e));
                return false;
            }
        };
        if SCRIPTS.iter().any(|ending| path.ends_with(ending)) {
            return true;
        }
        if found.metadata.size < 64 {
            return false;
        }
        match found.open().and_then(|data| read_vec(data.as_ref(), 0, 2)) {
            Ok(head) => looks_like_pe(&head),
            Err(e) => {
                self.gap(Gap::at_path(path, &e));
                false
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_that_only_tell_of_files_are_known_by_key_and_value() {
        let told = [
            (
                r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall\{1}",
                "UninstallString",
            ),
            (
                r"HKLM\SOFTWARE\Wow6432Node\Microsoft\Windows\CurrentVersion\Uninstall\App",
                "DisplayIcon",
            ),
            (
                r"HKLM\SYSTEM\ControlSet001\Services\EventLog\Application\App",
                "EventMessageFile",
            ),
        ];
        for (key, name) in told {
            assert!(
                is_told_only(&key.to_lowercase(), &name.to_lowercase()),
                "{key}"
            );
        }
        let loaded = [
            (r"HKLM\SYSTEM\ControlSet001\Services\LDAP", "LdapClientDll"),
            (r"HKLM\SOFTWARE\ODBC\ODBC.INI\ODBC", "TraceDll"),
            (r"HKLM\SOFTWARE\Clients\Mail\Kit", "DLLPathEx"),
            (r"HKLM\SOFTWARE\Classes\RDP.File\shell\open\command", ""),
            (
                r"HKLM\SOFTWARE\Classes\CLSID\{20D04FE0-3AEA-1069-A2D8-08002B30309D}\shell\Manage\command",
                "",
            ),
            (
                r"HKU\S-1-5-18\Software\Microsoft\Office test\Special\Perf",
                "",
            ),
        ];
        for (key, name) in loaded {
            assert!(
                !is_told_only(&key.to_lowercase(), &name.to_lowercase()),
                "{key}"
            );
        }
    }

    #[test]
    fn a_products_own_type_is_called_like_its_program() {
        let own = |of: &str, path: &str| {
            let key = format!(r"hklm\software\classes\{of}\shell\open\command");
            is_of_own_type(&key, path)
        };
        assert!(own("tool.document", r"c:\program files\tool\tool.exe"));
        assert!(own("7-zip.7z", r"c:\program files\7-zip\7zfm.exe"));
        assert!(own(
            r"applications\tool.exe",
            r"c:\program files (x86)\kit\tool.exe"
        ));
        for (of, path) in [
            ("rdp.file", r"c:\program files\rdp\rdp.exe"),
            ("tool.document", r"c:\programdata\tool\tool.exe"),
            ("pngimage", r"c:\program files\tool\tool.exe"),
            (
                r"clsid\{20d04fe0-3aea-1069-a2d8-08002b30309d}",
                r"c:\program files\{20d04fe0\x.exe",
            ),
        ] {
            assert!(!own(of, path), "{of} {path}");
        }
    }

    #[test]
    fn what_is_switched_off_explains_its_own_key() {
        let own = r"hklm\system\controlset001\services\kit";
        assert!(is_at_or_below(own, own));
        assert!(is_at_or_below(&format!(r"{own}\parameters"), own));
        assert!(!is_at_or_below(&format!("{own}2"), own));
        assert!(!is_at_or_below(own, ""));
    }

    #[test]
    fn texts_that_begin_with_a_path_are_known() {
        for path in [
            r"C:\x.dll",
            r#""C:\a b\x.exe" -k"#,
            r"\??\C:\x.sys",
            r"\\?\C:\x.dll",
            r"\SystemRoot\x.dll",
        ] {
            assert!(is_path(path), "{path}");
        }
        for text in [
            r"\\server\share\x.dll",
            "http://example.com/x",
            "x.dll",
            "@C:\\x.dll,-1",
        ] {
            assert!(!is_path(text), "{text}");
        }
    }
}
