//! Collects the entries. Here: values at the places, folders, scripts, programs of the system.

use std::collections::BTreeSet;

use super::places::{PLACES, Place, Reads};
use super::reading::text_of;
use super::resolve::{MAX_PARTS, Resolver};
use super::{Account, Executed, Execution, Executions, Occasion, Role, Subject, Target};
use crate::error::{Error, Layer};
use crate::evidence::windows::group_policy::PolicyValue;
use crate::evidence::windows::{Datum, Language, Windows, registry};
use crate::evidence::{Collected, Found, Gap, Location};
use crate::fs::FileKind;
use crate::guest::windows::expand;

/// Files that make consumers of events of WMI.
pub(super) const MOF: &str = "WMI mof";
/// Programs of `System32` that every Windows starts at a start or a logon.
const SYSTEM_PROGRAMS: &[&str] = &[
    "smss.exe",
    "csrss.exe",
    "wininit.exe",
    "winlogon.exe",
    "services.exe",
    "lsass.exe",
    "lsm.exe",
    "svchost.exe",
    "userinit.exe",
    "LogonUI.exe",
    "dwm.exe",
    "taskhost.exe",
    "taskhostex.exe",
    "taskhostw.exe",
    "taskeng.exe",
    "sihost.exe",
    "fontdrvhost.exe",
    "RuntimeBroker.exe",
    "conhost.exe",
    "dllhost.exe",
    "cmd.exe",
    "rdpclip.exe",
    "termsrv.dll",
    "lsasrv.dll",
    "samsrv.dll",
    "ntdll.dll",
    r"wbem\WmiPrvSE.exe",
    r"WindowsPowerShell\v1.0\powershell.exe",
];
/// Libraries of the system that are followed.
const MAX_LIBRARIES: usize = 4096;
/// The kind of place whose libraries lie in a folder of their own.
const PROCESSOR: &str = "Print processor";
/// Providers that are followed of one text of classes of WMI.
const MAX_PROVIDERS: usize = 1024;
/// Entries that are kept.
const MAX_ENTRIES: usize = 20_000;
/// Parts that are kept of all entries. An honest system has some ten for each; one kept takes a kilobyte.
const MAX_ALL_PARTS: usize = 131_072;
/// What is collected.
pub(super) struct Collector<'w, 'g> {
    pub(super) windows: &'w Windows<'g>,
    out: Executions,
    /// What is being read: gaps are of it.
    subject: Subject,
    /// Of what more entries were found than are kept.
    full: BTreeSet<Subject>,
    /// How many parts the entries have.
    parts: usize,
}

/// Reads one kind of source.
type Read<'w, 'g> = fn(&mut Collector<'w, 'g>);

pub(super) fn collect<'w, 'g>(windows: &'w Windows<'g>) -> Executions {
    let mut all = Collector {
        windows,
        out: Executions::default(),
        subject: Subject::Environment,
        full: BTreeSet::new(),
        parts: 0,
    };
    all.gaps(windows.environment().gaps.iter().cloned());
    for place in PLACES {
        all.subject = place.subject;
        all.place(place);
    }
    let sources: [(Subject, Read<'w, 'g>); 33] = [
        (Subject::Service, Collector::services),
        (Subject::Task, Collector::tasks),
        (Subject::Autostart, Collector::startup_folders),
        (Subject::Autostart, Collector::beside_shells),
        (Subject::Autostart, Collector::ini_files),
        (Subject::Class, Collector::classes_of_users),
        (Subject::Class, Collector::associations),
        (Subject::Class, Collector::com),
        (Subject::Script, Collector::powershell_profiles),
        (Subject::Script, Collector::group_policy_files),
        (Subject::FirstBoot, Collector::first_start),
        (Subject::Extension, Collector::winsock),
        (Subject::System, Collector::system),
        (Subject::Environment, Collector::variables),
        (Subject::Environment, Collector::search_paths),
        (Subject::Extension, Collector::unnamed_libraries),
        (Subject::Extension, Collector::configurations),
        (Subject::Extension, Collector::web_server),
        (Subject::Script, Collector::web_sites),
        (Subject::Script, Collector::preferences),
        (Subject::Extension, Collector::openssh),
        (Subject::Autostart, Collector::mandatory_profiles),
        (Subject::Task, Collector::jobs),
        (Subject::Extension, Collector::compatibility_databases),
        (Subject::Extension, Collector::snmp_agents),
        (Subject::Event, Collector::events),
        (Subject::Autostart, Collector::moved),
        (Subject::Script, Collector::waiting),
        (Subject::Extension, Collector::driver_packages),
        (Subject::Autostart, Collector::links),
        (Subject::Extension, Collector::clients),
        (Subject::Class, Collector::application_paths),
        // Last: what others follow is not told twice.
        (Subject::Extension, Collector::named_by_values),
    ];
    for (subject, read) in sources {
        all.subject = subject;
        read(&mut all);
    }
    all.out
}

impl<'w, 'g> Collector<'w, 'g> {
    pub(super) fn resolver<'r>(&self, at: &'r Location) -> Resolver<'r, 'g>
    where
        'w: 'r,
    {
        self.resolver_with(at, Vec::new())
    }

    /// One in which `variables` come before those of the machine.
    pub(super) fn resolver_with<'r>(
        &self,
        at: &'r Location,
        variables: Vec<(String, String)>,
    ) -> Resolver<'r, 'g>
    where
        'w: 'r,
    {
        let most = MAX_PARTS.min(MAX_ALL_PARTS.saturating_sub(self.parts));
        Resolver::new(self.windows, at, variables, most)
    }

    /// What was collected until now.
    pub(super) fn entries(&self) -> impl Iterator<Item = &Found<Execution>> {
        self.out.items.iter()
    }

    pub(super) fn push(&mut self, fact: Execution, at: Location) {
        if self.out.items.len() < MAX_ENTRIES {
            self.parts = self.parts.saturating_add(fact.parts.len());
            self.out.items.push(Found { fact, at });
        } else if self.full.insert(fact.subject) {
            let what = say!(error_too_many, most = MAX_ENTRIES, what = "entries");
            let gap = Gap::new(at, &Error::limit(Layer::Guest, None, what));
            self.out.gaps.push((fact.subject, gap));
        }
    }

    /// An entry of `what` (its subject, kind and name), and as whom it runs when; `read` follows it.
    pub(super) fn add(
        &mut self,
        what: (Subject, &str, &str),
        runs: (Occasion, Account),
        command: &str,
        at: Location,
        read: impl FnOnce(&mut Resolver<'_, 'g>),
    ) {
        let mut resolver = self.resolver(&at);
        read(&mut resolver);
        let parts = resolver.parts;
        self.push(Execution::new(what, runs, command, parts), at);
    }

    fn drop_last(&mut self) {
        if let Some(last) = self.out.items.pop() {
            self.parts = self.parts.saturating_sub(last.fact.parts.len());
        }
    }

    /// Takes the last entry away again unless it is of interest.
    pub(super) fn drop_last_unless(&mut self, is_of_interest: impl FnOnce(&Execution) -> bool) {
        let last = self.out.items.last();
        if last.is_some_and(|last| !is_of_interest(&last.fact)) {
            self.drop_last();
        }
    }

    /// Takes the last entry away again where nothing that it names is there: programs leave their
    /// classes behind.
    pub(super) fn drop_last_where_missing(&mut self) {
        let Some(last) = self.out.items.last() else {
            return;
        };
        let parts = &last.fact.parts;
        let missing = |e: &Executed| matches!(e.target, Target::Missing(_));
        let hollow = |e: &Executed| match &e.target {
            Target::Missing(_) => true,
            Target::Inline if e.role == Role::Class => true,
            Target::Inline => e.carried_by.and_then(|i| parts.get(i)).is_some_and(missing),
            _ => false,
        };
        if parts.iter().any(missing) && parts.iter().all(hollow) {
            self.drop_last();
        }
    }

    pub(super) fn gap(&mut self, gap: Gap) {
        self.out.gaps.push((self.subject, gap));
    }

    /// Tells where more than `most` of what is listed at `at` would be left out without a word.
    pub(super) fn bounded(&mut self, at: &str, count: usize, most: usize) {
        if count > most {
            let what = say!(error_too_many, most = most, what = "names");
            self.gap(Gap::at_path(at, &Error::limit(Layer::Guest, None, what)));
        }
    }

    pub(super) fn gaps(&mut self, gaps: impl IntoIterator<Item = Gap>) {
        let subject = self.subject;
        self.out
            .gaps
            .extend(gaps.into_iter().map(|gap| (subject, gap)));
    }

    pub(super) fn keep<T>(&mut self, found: Collected<T>) -> Vec<Found<T>> {
        self.gaps(found.gaps);
        found.items
    }

    fn place(&mut self, place: &'static Place) {
        for root in place.roots.prefixes() {
            let key = format!("{root}{}", place.key);
            if place.reads == Reads::ClassOfKey {
                let keys = self.windows.keys(&key);
                for key in self.keep(keys) {
                    let id = key.fact.clone();
                    self.entry(
                        place,
                        root,
                        key.fact,
                        &id,
                        std::slice::from_ref(&id),
                        key.at,
                    );
                }
                continue;
            }
            let values = self.windows.values(&key, place.value);
            for value in self.keep(values) {
                self.placed(place, root, &value.fact.name, value.fact.data, &value.at);
            }
        }
    }

    /// What the value `name` at a place holds.
    fn placed(&mut self, place: &Place, root: &str, name: &str, data: Datum, at: &Location) {
        let whole = data.to_string();
        // Who reads it without asking for its type takes it for a text; who asks does not.
        let of_name = [Reads::ClassOfName, Reads::LibraryOfName, Reads::LayerOfName];
        let is_hidden = matches!(data, Datum::Hidden(_)) && !of_name.contains(&place.reads);
        let texts = match (place.reads, data) {
            (Reads::ClassOfName | Reads::LibraryOfName | Reads::LayerOfName, _) => {
                vec![name.to_owned()]
            }
            (_, Datum::List(list)) => list,
            (Reads::Commands, data) => parted(&data.to_string(), &[',']),
            (Reads::Libraries, data) => libraries(&data.to_string()),
            (Reads::Files, data) => parted(&data.to_string(), &[';']),
            (_, data) => vec![data.to_string()],
        };
        let texts: Vec<String> = texts
            .into_iter()
            .filter(|t| !matches!(t.trim(), "" | "\"\""))
            .filter(|t| is_code(place.reads, name, t))
            .collect();
        if is_hidden && !texts.is_empty() {
            let what = (place.subject, place.kind, name);
            let runs = (place.occasion, place.account(root));
            self.add(what, runs, &whole, at.clone(), |r| r.unclear_value(&whole));
        }
        match place.reads {
            // Each of a list is an entry of its own.
            Reads::Libraries | Reads::File | Reads::Files => {
                for text in &texts {
                    if place.kind == MOF && self.makes_no_event(text) {
                        self.providers(text, at);
                        continue;
                    }
                    let one = std::slice::from_ref(text);
                    self.entry(place, root, name.to_owned(), text, one, at.clone());
                }
            }
            _ if texts.is_empty() => {}
            _ => self.entry(place, root, name.to_owned(), &whole, &texts, at.clone()),
        }
    }

    /// What a group policy sets at a place.
    pub(super) fn policy_place(
        &mut self,
        place: &Place,
        root: &str,
        name: &str,
        of_key: &str,
        value: &PolicyValue,
        at: &Location,
    ) {
        let mut at = at.clone();
        at.key = Some(format!(
            r"{}\{}",
            root.split('\\').next().unwrap_or_default(),
            value.key
        ));
        at.value = Some(name.to_owned());
        if place.reads == Reads::ClassOfKey {
            let id = of_key.to_owned();
            let one = std::slice::from_ref(&id);
            return self.entry(place, root, id.clone(), &id, one, at);
        }
        let data = match value.texts.as_slice() {
            [one] => Datum::Text(one.clone()),
            all => Datum::List(all.to_vec()),
        };
        self.placed(place, root, name, data, &at);
    }

    fn entry(
        &mut self,
        place: &Place,
        root: &str,
        name: String,
        command: &str,
        texts: &[String],
        at: Location,
    ) {
        let mut resolver = self.resolver(&at);
        for text in texts {
            match place.reads {
                Reads::Command | Reads::Commands => resolver.command(text),
                Reads::Shell => resolver.commands(text),
                Reads::Library | Reads::Libraries | Reads::LibraryOfName => {
                    let name = text.trim_matches('"');
                    match place.kind == PROCESSOR {
                        true => resolver.library(&self.processor(name)),
                        false => resolver.library(name),
                    }
                }
                Reads::Class | Reads::ClassOfName | Reads::ClassOfKey => resolver.class(text),
                Reads::File | Reads::Files => resolver.file(text),
                Reads::Installer => {
                    let library = text.split(',').next().unwrap_or_default();
                    resolver.library(library.trim().trim_matches('"'));
                }
                Reads::PrintDriver => {
                    for file in print_drivers(self.windows, &at, text) {
                        resolver.library(&file);
                    }
                }
                Reads::Plugin => {
                    match filename(text) {
                        Some(library) => resolver.library(library),
                        None => resolver.unclear_value(text),
                    }
                    if starts_more(text) {
                        resolver.unclear_value(text);
                    }
                }
                Reads::LayerOfName | Reads::Layer => {
                    resolver.file_unless_read(text.trim_matches('"'), self.layer(text));
                }
                Reads::Unclear => resolver.unclear_value(text),
            }
        }
        let parts = resolver.parts;
        let what = (place.subject, place.kind, name.as_str());
        let runs = (place.occasion, place.account(root));
        let entry = Execution {
            is_listed: matches!(place.reads, Reads::Libraries | Reads::File | Reads::Files),
            ..Execution::new(what, runs, command, parts)
        };
        self.push(entry, at);
    }

    /// The library that the description of a layer at `path` names (Khronos, "Vulkan loader interface",
    /// "OpenXR loader"): its path is absolute, of the description's folder, or a name that is searched.
    fn layer(&self, path: &str) -> Option<String> {
        let path = expand(path.trim().trim_matches('"'), &self.windows.roots(), &[]);
        let text = text_of(self.windows, &path)?;
        let text: serde_json::Value =
            serde_json::from_str(text.trim_start_matches('\u{feff}')).ok()?;
        let of = |key: &str| text.get(key)?.get("library_path")?.as_str();
        let library = of("layer").or_else(|| of("icd")).or_else(|| of("runtime"));
        let library = library.or_else(|| of("api_layer"))?;
        let folder = path.rsplit_once('\\').map_or("", |(folder, _)| folder);
        let is_whole = library.get(1..2) == Some(":") || library.starts_with(['\\', '/']);
        Some(match is_whole || !library.contains(['\\', '/']) {
            true => library.to_owned(),
            false => format!(r"{folder}\{library}"),
        })
    }

    /// Where the print processor `name` lies: in a folder of its own, by the machine.
    fn processor(&self, name: &str) -> String {
        let root = &self.windows.roots().windows;
        let folders = ["x64", "w32x86", "arm64"]
            .map(|machine| format!(r"{root}\System32\spool\prtprocs\{machine}\{name}"));
        let is_there = |path: &&String| {
            let found = self.windows.guest.paths.find(path.as_bytes());
            !matches!(found, Ok(None))
        };
        let found = folders.iter().find(is_there).cloned();
        found.unwrap_or_else(|| name.to_owned())
    }

    /// A file that is opened as it stands.
    pub(super) fn file(&mut self, subject: Subject, kind: &str, occasion: Occasion, path: &str) {
        if let Some(found) = self.located_as(FileKind::Regular, path) {
            let name = path.rsplit('\\').next().unwrap_or_default();
            let account = match occasion {
                Occasion::Logon => Account::User,
                _ => Account::System,
            };
            let (what, runs) = ((subject, kind, name), (occasion, account));
            self.add(what, runs, path, Location::of(&found), |r| r.opened(path));
        }
    }

    pub(super) fn folder(
        &mut self,
        subject: Subject,
        kind: &str,
        occasion: Occasion,
        folder: &str,
    ) {
        for name in self.names(folder) {
            if !name.eq_ignore_ascii_case("desktop.ini") {
                self.file(subject, kind, occasion, &format!(r"{folder}\{name}"));
            }
        }
    }

    /// The keys of the users' own classes.
    pub(super) fn classes_of_each_user(&self) -> Vec<String> {
        let hives = self.windows.hives();
        let mut roots: Vec<String> = hives
            .items
            .iter()
            .flat_map(|file| file.fact.roots.iter())
            .filter(|root| root.starts_with(r"HKU\"))
            .map(|root| match root.ends_with("_Classes") {
                true => root.clone(),
                false => format!(r"{root}\Software\Classes"),
            })
            .collect();
        roots.dedup();
        roots
    }

    /// Classes that a user's own list puts before those of the machine.
    fn classes_of_users(&mut self) {
        // Whether a value is a command; else it is a library.
        const SERVERS: &[(&str, &str, bool)] = &[
            ("InprocServer32", "", false),
            ("InprocServer32", "CodeBase", false),
            ("InprocHandler32", "", false),
            ("LocalServer32", "", true),
            ("LocalServer32", "ServerExecutable", true),
            ("LocalServer", "", true),
        ];
        const KIND: &str = "Class of a user";
        for root in self.classes_of_each_user() {
            for view in ["CLSID", r"Wow6432Node\CLSID"] {
                for (sub, value, command) in SERVERS {
                    let key = format!(r"{root}\{view}\*\{sub}");
                    let found = self.windows.values(&key, value);
                    for value in self.keep(found) {
                        let text = value.fact.data.to_string();
                        let key = value.at.key.clone().unwrap_or_default();
                        let id = key.rsplit('\\').nth(1).unwrap_or_default();
                        let what = (Subject::Class, KIND, id);
                        let runs = (Occasion::Logon, Account::User);
                        self.add(what, runs, &text, value.at, |r| match command {
                            true => r.server(&text),
                            false => r.library(&text),
                        });
                    }
                }
                let found = self
                    .windows
                    .values(&format!(r"{root}\{view}\*\InprocServer32"), "Assembly");
                for value in self.keep(found) {
                    let text = value.fact.data.to_string();
                    let what = (Subject::Class, KIND, "Assembly");
                    let runs = (Occasion::Logon, Account::User);
                    self.add(what, runs, &text, value.at, |r| r.assembly(&text));
                }
                for sub in ["TreatAs", "AutoTreatAs", "ScriptletURL"] {
                    let found = self.windows.values(&format!(r"{root}\{view}\*\{sub}"), "");
                    for value in self.keep(found) {
                        let text = value.fact.data.to_string();
                        let what = (Subject::Class, KIND, sub);
                        let runs = (Occasion::Logon, Account::User);
                        self.add(what, runs, &text, value.at, |r| match sub {
                            "ScriptletURL" => r.code(&text, Language::Command),
                            _ => r.class(&text),
                        });
                    }
                }
            }
        }
    }

    fn powershell_profiles(&mut self) {
        // Each host has one of its own beside that of all: `Microsoft.VSCode_profile.ps1`.
        const END: &str = "profile.ps1";
        let roots = self.windows.roots();
        let mut folders = vec![
            format!(r"{}\System32\WindowsPowerShell\v1.0", roots.windows),
            format!(r"{}\SysWOW64\WindowsPowerShell\v1.0", roots.windows),
        ];
        let newer = format!(r"{}\Program Files\PowerShell", roots.drive);
        let versions = self.names(&newer);
        folders.extend(versions.into_iter().map(|v| format!(r"{newer}\{v}")));
        folders.extend(self.powershell_folders());
        for folder in folders {
            for name in self.names(&folder) {
                let path = format!(r"{folder}\{name}");
                if name.to_lowercase().ends_with(END) && !self.says_nothing(&path) {
                    self.file(
                        Subject::Script,
                        "PowerShell profile",
                        Occasion::Demand,
                        &path,
                    );
                }
            }
        }
    }

    /// True for a profile without a statement, or with that of Chocolatey alone, whose module is not
    /// there.
    fn says_nothing(&mut self, path: &str) -> bool {
        const CHOCOLATEY: &str = concat!(
            r#"$chocolateyprofile = "$env:chocolateyinstall\helpers\chocolateyprofile.psm1" "#,
            r#"if (test-path($chocolateyprofile)) { import-module "$chocolateyprofile" }"#
        );
        const MODULE: &str = r"ProgramData\chocolatey\helpers\chocolateyProfile.psm1";
        let Some(text) = text_of(self.windows, path) else {
            return false;
        };
        let lines = text.lines().map(str::trim);
        let lines = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
        let words = lines.flat_map(str::split_whitespace).collect::<Vec<_>>();
        match words.join(" ").trim_start_matches('\u{feff}') {
            "" => true,
            CHOCOLATEY => {
                let variable = "chocolateyinstall";
                let moved = self.windows.environment().variable(variable);
                let folder = moved.map_or_else(
                    || format!(r"{}\{MODULE}", self.windows.roots().drive),
                    |folder| format!(r"{folder}\helpers\chocolateyProfile.psm1"),
                );
                self.file(
                    Subject::Script,
                    "PowerShell module",
                    Occasion::Demand,
                    &folder,
                );
                true
            }
            _ => false,
        }
    }

    /// What setup runs at the first start of a copy, and what that runs in turn.
    fn first_start(&mut self) {
        let first = self.windows.first_boot();
        self.gaps(first.gaps.iter().cloned());
        for Found { fact: step, at } in &first.items {
            let mut resolver = self.resolver(at);
            match step.language {
                Language::Command => resolver.commands(&step.carried_out()),
                Language::PowerShell => resolver.code(&step.text, Language::PowerShell),
            }
            let parts = resolver.parts;
            let what = (Subject::FirstBoot, "First start", step.source.as_str());
            let runs = (Occasion::FirstBoot, Account::System);
            let entry = Execution {
                step: Some(Box::new(step.clone())),
                ..Execution::new(what, runs, &step.text, parts)
            };
            self.push(entry, at.clone());
        }
        // The usual program of a sealed image is no step of its own.
        let told = |at: &Location| {
            let mut steps = first.items.iter();
            steps.any(|step| step.at.key == at.key && step.at.value == at.value)
        };
        let found = self.windows.values(r"HKLM\SYSTEM\Setup", "CmdLine");
        for value in self.keep(found) {
            let command = value.fact.data.to_string();
            if command.trim().is_empty() || told(&value.at) {
                continue;
            }
            let what = (Subject::FirstBoot, "Setup", "CmdLine");
            let runs = (Occasion::FirstBoot, Account::System);
            self.add(what, runs, &command, value.at, |r| r.command(&command));
        }
    }

    /// Libraries of network protocols: the path is the first 260 bytes of an entry, in one byte a
    /// character.
    fn winsock(&mut self) {
        const CATALOG: &str =
            r"HKLM\SYSTEM\CurrentControlSet\Services\WinSock2\Parameters\Protocol_Catalog9";
        const VALUE: &str = "PackedCatalogItem";
        let mut found = Vec::new();
        let mut gaps = Vec::new();
        for entries in ["Catalog_Entries", "Catalog_Entries64"] {
            let pattern = format!(r"{CATALOG}\{entries}\*");
            registry::each(
                self.windows,
                &pattern,
                &mut gaps,
                &mut |key, gaps| match key.value(VALUE, |v| v.bytes().map(Some)) {
                    Ok(Some(item)) => {
                        let path = item.fact.get(..260).unwrap_or(&item.fact);
                        let end = path.iter().position(|b| *b == 0).unwrap_or(path.len());
                        let path = crate::text::lossless(path.get(..end).unwrap_or_default());
                        found.push((path, item.at));
                    }
                    Ok(None) => {}
                    Err(gap) => gaps.push(gap),
                },
            );
        }
        self.gaps(gaps);
        for (path, at) in found {
            let what = (Subject::Extension, "Winsock protocol", VALUE);
            let runs = (Occasion::Boot, Account::System);
            self.add(what, runs, &path, at, |r| r.library(&path));
        }
    }

    /// Programs that every Windows starts, and the libraries of the system that they import.
    fn system(&mut self) {
        let root = self.windows.roots().windows;
        let system = format!(r"{root}\System32");
        let mut seen = BTreeSet::new();
        let mut todo: Vec<String> = SYSTEM_PROGRAMS
            .iter()
            .map(|name| format!(r"{system}\{name}"))
            .chain([format!(r"{root}\explorer.exe")])
            .collect();
        todo.reverse();
        while let Some(path) = todo.pop() {
            if !seen.insert(path.to_lowercase()) {
                continue;
            }
            if seen.len() > MAX_LIBRARIES {
                self.bounded(&path, seen.len(), MAX_LIBRARIES);
                break;
            }
            let looked = self.windows.program(&path);
            let target = match looked.as_ref() {
                Ok(Some(file)) => Target::File(Box::new(file.clone())),
                Ok(None) => continue,
                Err(gap) => Target::Unknown(gap.clone()),
            };
            let at = match &target {
                Target::File(file) => file.file.at.clone(),
                _ => Location::of_path(&path),
            };
            let imports = self.windows.imports_of(&path).unwrap_or_else(|gap| {
                self.gap(gap);
                Vec::new()
            });
            todo.extend(imports.iter().map(|name| format!(r"{system}\{name}")));
            let role = match path.to_lowercase().ends_with(".exe") {
                true => Role::Program,
                false => Role::Library,
            };
            let name = path.rsplit('\\').next().unwrap_or_default();
            let part = Executed {
                role,
                named: path.clone(),
                carried_by: None,
                target,
                language: Language::Command,
                from_outside: false,
            };
            let what = (Subject::System, "System", name);
            let runs = (Occasion::Boot, Account::System);
            let entry = Execution::new(what, runs, &path, vec![part]);
            self.push(entry, at);
        }
    }

    /// True for a text of classes that makes no consumer of events.
    fn makes_no_event(&self, path: &str) -> bool {
        const SIGNS: [&str; 4] = [
            "consumer",
            "__eventfilter",
            "subscription",
            "#pragma include",
        ];
        let path = expand(path.trim().trim_matches('"'), &self.windows.roots(), &[]);
        let Some(text) = text_of(self.windows, &path) else {
            return false;
        };
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let is_text = !text.contains(|c: char| c.is_control()) && text.contains(['{', '#']);
        let includes = text.contains("pragma") && text.contains("include");
        is_text && !includes && !SIGNS.iter().any(|sign| text.contains(sign))
    }

    /// The classes of the providers that a text of classes registers: the host of WMI loads them.
    fn providers(&mut self, path: &str, at: &Location) {
        let plain = expand(path.trim().trim_matches('"'), &self.windows.roots(), &[]);
        let text = self.text_of(&plain).unwrap_or_default();
        let mut ids = BTreeSet::new();
        for (i, sign) in text.match_indices("clsid") {
            let rest = text.get(i + sign.len()..).unwrap_or_default().trim_start();
            let id = rest.strip_prefix('=').map(str::trim_start);
            let id = id.and_then(|rest| rest.strip_prefix('"')?.split('"').next());
            ids.extend(id.filter(|id| id.starts_with('{')));
        }
        self.bounded(path, ids.len(), MAX_PROVIDERS);
        for id in ids.into_iter().take(MAX_PROVIDERS) {
            let what = (Subject::Extension, "WMI provider", id);
            let runs = (Occasion::Demand, Account::System);
            self.add(what, runs, path, at.clone(), |r| r.class(id));
            self.drop_last_where_missing();
        }
    }

    fn events(&mut self) {
        // Files in this folder are compiled as soon as they are seen.
        let folder = format!(r"{}\System32\wbem\mof", self.windows.roots().windows);
        self.folder(Subject::Event, MOF, Occasion::Boot, &folder);
        let consumers = self.windows.event_consumers();
        for consumer in self.keep(consumers) {
            let text = consumer.fact.text.clone().unwrap_or_default();
            let Found { fact, at } = consumer;
            let what = (Subject::Event, fact.class.as_str(), fact.name.as_str());
            let runs = (Occasion::Demand, Account::System);
            self.add(what, runs, &text, at, |r| r.code(&text, Language::Command));
        }
    }
}

/// False for data of a printer, which is no library, and for a Java that is searched for.
fn is_code(reads: Reads, name: &str, text: &str) -> bool {
    match reads {
        Reads::PrintDriver => {
            let data = ["Data File", "Dependent Files"];
            let data = data.iter().any(|n| n.eq_ignore_ascii_case(name));
            !data || text.to_lowercase().ends_with(".dll")
        }
        Reads::Files => !text.trim().eq_ignore_ascii_case("auto"),
        _ => true,
    }
}

/// Where the library `name` of a printer may lie: `at` is a key of a driver's version.
///
/// Microsoft, "GetPrinterDriverDirectory": `spool\\drivers\\<architecture>\\<version>`.
fn print_drivers(windows: &Windows<'_>, at: &Location, name: &str) -> Vec<String> {
    if name.contains(['\\', '/', ':']) {
        return vec![name.to_owned()];
    }
    let key = at.key.as_deref().unwrap_or_default().to_lowercase();
    let version = key.rsplit('\\').nth(1).unwrap_or_default();
    let version = version.strip_prefix("version-").unwrap_or_default();
    let architecture = match () {
        () if key.contains(r"\windows x64\") => "x64",
        () if key.contains(r"\windows arm64\") => "ARM64",
        () if key.contains(r"\windows ia64\") => "IA64",
        () => "W32X86",
    };
    let root = windows.roots().windows;
    let folder =
        |version: &str| format!(r"{root}\System32\spool\drivers\{architecture}\{version}\{name}");
    match version {
        // The fourth kind of driver shares its libraries with the third.
        "4" => vec![folder("4"), folder("3")],
        other => vec![folder(other)],
    }
}

/// The library of a plug-in for remote management (Microsoft, "WS-Management plug-in
/// configuration").
fn filename(document: &str) -> Option<&str> {
    let lower = document.to_ascii_lowercase();
    let at = lower.match_indices("filename").find(|(at, _)| {
        lower
            .get(..*at)
            .is_some_and(|before| before.ends_with(char::is_whitespace))
    })?;
    let rest = document.get(at.0 + "filename".len()..)?.trim_start();
    let rest = rest.strip_prefix('=')?.trim_start();
    let mark = rest.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    rest.get(1..)?.split(mark).next()
}

/// True for the document of a plug-in that runs more for who connects than its library, but for what
/// Microsoft signs itself (Microsoft, "Register-PSSessionConfiguration": `-StartupScript`,
/// `-ApplicationBase`, `-AssemblyName`, `-Path` of a file of configuration, which names scripts, modules
/// and the account that all runs as).
fn starts_more(document: &str) -> bool {
    let text = document.to_lowercase();
    let foreign = |at: (usize, &str)| {
        let rest = text.get(at.0..).unwrap_or_default();
        let value = rest.split("value=").nth(1).unwrap_or_default();
        let value = value.split(['/', '>']).next().unwrap_or_default();
        !value.contains("publickeytoken=31bf3856ad364e35")
    };
    text.contains("\"startupscript\"")
        || text.contains("'startupscript'")
        || text.contains("applicationbase")
        || text.contains("configfilepath")
        || text.match_indices("\"assemblyname\"").any(foreign)
}

/// The parts of `text` between separators that stand outside of quotation marks.
fn parted(text: &str, separators: &[char]) -> Vec<String> {
    let mut quoted = false;
    let mut out = vec![String::new()];
    for c in text.chars() {
        if c == '"' {
            quoted = !quoted;
        }
        if !quoted && separators.contains(&c) {
            out.push(String::new());
        } else if let Some(last) = out.last_mut() {
            last.push(c);
        }
    }
    out.into_iter().map(|p| p.trim().to_owned()).collect()
}

/// The libraries of a list in one text. Blanks part them too, but paths may hold blanks.
fn libraries(text: &str) -> Vec<String> {
    let mut out = Vec::new();
    for part in parted(text, &[',', ';']) {
        match part.contains(['\\', '"']) {
            true => out.push(part.trim_matches('"').to_owned()),
            false => out.extend(part.split_whitespace().map(str::to_owned)),
        }
    }
    out
}

impl Execution {
    /// An entry of `what` (its subject, kind and name), and as whom it runs when.
    pub(super) fn new(
        (subject, kind, name): (Subject, &str, &str),
        (occasion, account): (Occasion, Account),
        command: &str,
        parts: Vec<Executed>,
    ) -> Self {
        Self {
            subject,
            kind: kind.to_owned(),
            name: name.to_owned(),
            occasion,
            account,
            command: command.to_owned(),
            is_listed: false,
            step: None,
            parts,
        }
    }

    /// True where every part leads to a file that is there, or is complete in itself.
    #[must_use]
    pub fn is_resolved(&self) -> bool {
        let known = |t: &Target| matches!(t, Target::File(_) | Target::Inline);
        self.parts.iter().all(|p| known(&p.target))
    }
}
