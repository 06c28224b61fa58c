//! Associations of files and folders, and the handlers that Explorer loads.
//!
//! Microsoft, "Verbs and file associations", "Merged view of HKEY_CLASSES_ROOT",
//! "Creating shell extension handlers" and "Pluggable protocols".

use std::collections::BTreeSet;

use super::sources::Collector;
use super::{Account, Occasion, Subject};
use crate::evidence::windows::opened::no_hive;
use crate::evidence::windows::registry::{self, NamedValue};
use crate::evidence::windows::{Datum, KeyAt, place};
use crate::evidence::{Found, Gap};
use crate::guest::windows::GuestHive;

/// Endings of programs and links; what each stands for is followed.
const ENDINGS: [&str; 8] = [
    ".exe", ".com", ".bat", ".cmd", ".pif", ".scr", ".lnk", ".cpl",
];
/// What programs, folders and the settings are opened as.
const OPENED: &[&str] = &[
    "exefile",
    "comfile",
    "batfile",
    "cmdfile",
    "piffile",
    "scrfile",
    "lnkfile",
    "cplfile",
    "Folder",
    "Directory",
    "Drive",
    "ms-settings",
];
/// Documents and addresses that people open without thought, by their endings and types.
const DOCUMENTS: &[&str] = &[
    ".txt",
    ".log",
    ".ini",
    ".inf",
    ".xml",
    ".htm",
    ".html",
    ".url",
    ".msc",
    ".reg",
    ".rtf",
    "txtfile",
    "logfile",
    "inifile",
    "inffile",
    "xmlfile",
    "htmlfile",
    "InternetShortcut",
    "MSCFile",
    "regfile",
    "rtffile",
    "http",
    "https",
];
/// What the shell puts in for what is opened.
const OPENED_FILE: [&str; 8] = [
    "\"%1\"", "\"%l\"", "\"%L\"", "\"%*\"", "%1", "%l", "%L", "%*",
];
/// Verbs that one type names as its own.
const MAX_VERBS: usize = 64;
/// Verbs that are carried out without being chosen from a menu.
const VERBS: &[&str] = &["open", "runas", "runasuser", "explore", "opennewwindow"];
/// What is chosen by what it holds: handlers of everything, of folders and of drives.
const HANDLED: &[&str] = &[
    "*",
    "AllFilesystemObjects",
    "Directory",
    r"Directory\Background",
    "Drive",
    "Folder",
    "exefile",
    "lnkfile",
];
/// Keys below `shellex` whose own keys name a class, by the default value or by themselves.
const HANDLERS: &[&str] = &[
    "ContextMenuHandlers",
    "CopyHookHandlers",
    "DragDropHandlers",
    "PropertySheetHandlers",
    "FolderExtensions",
    "IconHandler",
    "ColumnHandlers",
];
/// Classes of a hive, and where they begin in it.
struct Root<'w> {
    opened: Opened<'w>,
    path: &'static str,
    is_user: bool,
}

enum Opened<'w> {
    Machine(&'w GuestHive),
    User(Box<GuestHive>),
}

impl Root<'_> {
    fn hive(&self) -> &GuestHive {
        match &self.opened {
            Opened::Machine(hive) => hive,
            Opened::User(hive) => hive,
        }
    }

    /// The values called `name` of the keys that `pattern` names from the classes' root.
    fn values(&self, pattern: &str, name: &str, gaps: &mut Vec<Gap>) -> Vec<Found<NamedValue>> {
        let mut out = Vec::new();
        let pattern = format!("{}{pattern}", self.path);
        registry::below(self.hive(), &pattern, gaps, &mut |key, gaps| {
            read(key, name, gaps, &mut out);
        });
        out
    }

    /// The values of the key `path` itself, whose names may be `*`.
    fn of_key(&self, path: &str, name: &str, gaps: &mut Vec<Gap>) -> Vec<Found<NamedValue>> {
        let mut out = Vec::new();
        match KeyAt::open(self.hive(), &format!("{}{path}", self.path)) {
            Ok(Some(key)) => read(&key, name, gaps, &mut out),
            Ok(None) => {}
            Err(gap) => gaps.push(gap),
        }
        out
    }
}

fn read(key: &KeyAt<'_>, name: &str, gaps: &mut Vec<Gap>, out: &mut Vec<Found<NamedValue>>) {
    match key.key.value(name) {
        Ok(Some(value)) => {
            let at = place(key.hive, &key.path, Some(name), Some(value.offset()));
            match value.data() {
                Ok(data) => out.push(Found {
                    fact: NamedValue {
                        name: name.to_owned(),
                        data: Datum::of(data),
                    },
                    at,
                }),
                Err(e) => gaps.push(Gap::new(at, &e)),
            }
        }
        Ok(None) => {}
        Err(e) => gaps.push(key.gap(Some(name), &e)),
    }
}

impl<'w> Collector<'w, '_> {
    /// The classes of the machine, and those of each user.
    fn class_roots(&mut self) -> Vec<Root<'w>> {
        let mut out = Vec::new();
        match self.windows.software() {
            Ok(hive) => out.push(Root {
                opened: Opened::Machine(hive),
                path: r"Classes\",
                is_user: false,
            }),
            Err(gap) => self.gap(gap),
        }
        let hives = self.windows.hives();
        for file in &hives.items {
            let Some(root) = file.fact.roots.first() else {
                continue;
            };
            if !root.starts_with(r"HKU\") {
                continue;
            }
            let path = match root.ends_with("_Classes") {
                true => "",
                false => r"Software\Classes\",
            };
            match self.windows.loaded(root) {
                Ok(hive) => out.push(Root {
                    opened: Opened::User(Box::new(hive)),
                    path,
                    is_user: true,
                }),
                Err(gap) => self.gap(gap),
            }
        }
        if out.is_empty() {
            self.gap(no_hive("HKCR"));
        }
        out
    }

    /// What opens programs, links and folders; servers of classes; handlers of Explorer.
    pub(super) fn associations(&mut self) {
        let roots = self.class_roots();
        let mut gaps = Vec::new();
        let mut types: Vec<String> = OPENED.iter().map(|t| (*t).to_owned()).collect();
        let mut known: BTreeSet<String> = types.iter().map(|t| t.to_lowercase()).collect();
        for root in &roots {
            for ending in ENDINGS {
                let named = root.of_key(ending, "", &mut gaps);
                let named = named.into_iter().map(|v| v.fact.data.to_string());
                for name in named.chain([ending.to_owned()]) {
                    let fits = !name.is_empty() && !name.contains(['\\', '*']);
                    if fits && known.insert(name.to_lowercase()) {
                        types.push(name);
                    }
                }
            }
        }
        let mut documents: Vec<String> = DOCUMENTS.iter().map(|t| (*t).to_owned()).collect();
        for root in &roots {
            for ending in DOCUMENTS.iter().filter(|t| t.starts_with('.')) {
                let named = root.of_key(ending, "", &mut gaps);
                for name in named.into_iter().map(|v| v.fact.data.to_string()) {
                    let is_known = types
                        .iter()
                        .chain(&documents)
                        .any(|t| t.eq_ignore_ascii_case(&name));
                    if !is_known && !name.is_empty() && !name.contains(['\\', '*']) {
                        documents.push(name);
                    }
                }
            }
        }
        // What a user chose for them (Microsoft, "Default programs").
        const CURRENT: &str = r"HKU\*\Software\Microsoft\Windows";
        for of in DOCUMENTS {
            let key = match of.starts_with('.') {
                true => format!(r"{CURRENT}\CurrentVersion\Explorer\FileExts\{of}\UserChoice"),
                false => {
                    format!(r"{CURRENT}\Shell\Associations\UrlAssociations\{of}\UserChoice")
                }
            };
            let found = self.windows.values(&key, "ProgId");
            for value in self.keep(found) {
                let name = value.fact.data.to_string();
                let mut all = types.iter().chain(&documents);
                let is_known = all.any(|t| t.eq_ignore_ascii_case(&name));
                if !is_known && !name.is_empty() && !name.contains(['\\', '*']) {
                    documents.push(name);
                }
            }
        }
        for root in &roots {
            for of in &types {
                self.verbs(root, of, false, &mut gaps);
            }
            for of in &documents {
                self.verbs(root, of, true, &mut gaps);
            }
            self.handlers(root, &mut gaps);
        }
        self.gaps(gaps);
        for ending in ENDINGS {
            let key = format!(
                r"HKU\*\Software\Microsoft\Windows\CurrentVersion\Explorer\FileExts\{ending}\UserChoice"
            );
            let found = self.windows.values(&key, "ProgId");
            for value in self.keep(found) {
                let name = value.fact.data.to_string();
                if !name.is_empty() && !known.contains(&name.to_lowercase()) {
                    self.add(
                        (Subject::Class, "Association", ending),
                        (Occasion::Demand, Account::User),
                        &name,
                        value.at,
                        |r| r.unclear_value(&name),
                    );
                }
            }
        }
    }

    /// What `of` is opened with; `is_document` where that which is opened is no program itself.
    fn verbs(&mut self, root: &Root<'_>, of: &str, is_document: bool, gaps: &mut Vec<Gap>) {
        let mut verbs: Vec<String> = VERBS.iter().map(|v| (*v).to_owned()).collect();
        for value in root.of_key(&format!(r"{of}\shell"), "", gaps) {
            let text = value.fact.data.to_string();
            let named = text.split([',', ' ']).filter(|v| !v.is_empty());
            let named: Vec<&str> = named.collect();
            self.bounded(&value.at.to_string(), named.len(), MAX_VERBS);
            for verb in named.into_iter().take(MAX_VERBS) {
                if !verb.contains(['\\', '*'])
                    && !verbs.iter().any(|v| v.eq_ignore_ascii_case(verb))
                {
                    verbs.push(verb.to_owned());
                }
            }
        }
        let account = match root.is_user {
            true => Account::User,
            false => Account::System,
        };
        for verb in verbs {
            for (value, is_class) in [("", false), ("DelegateExecute", true)] {
                let key = format!(r"{of}\shell\{verb}\command");
                for value in root.of_key(&key, value, gaps) {
                    let text = value.fact.data.to_string();
                    if text.trim().is_empty() {
                        continue;
                    }
                    self.add(
                        (Subject::Class, "Association", of),
                        (Occasion::Demand, account.clone()),
                        &text,
                        value.at,
                        |r| match (is_class, is_document) {
                            (true, _) => r.class(&text),
                            (false, false) => r.command(&text),
                            (false, true) => r.command(
                                &OPENED_FILE
                                    .iter()
                                    .fold(text.clone(), |text, file| text.replace(file, "")),
                            ),
                        },
                    );
                    if is_document {
                        self.drop_last_where_missing();
                    }
                }
            }
        }
    }

    /// What Explorer loads for every file, folder or drive, and filters of what is shown.
    fn handlers(&mut self, root: &Root<'_>, gaps: &mut Vec<Gap>) {
        let mut found = Vec::new();
        for of in HANDLED {
            for kind in HANDLERS {
                let path = format!(r"{}{of}\shellex\{kind}", root.path);
                match KeyAt::open(root.hive(), &path) {
                    Ok(Some(key)) => {
                        let mut own = Vec::new();
                        read(&key, "", gaps, &mut own);
                        for value in own {
                            found.push((value.fact.data.to_string(), value.at));
                        }
                        for child in key.subkeys(gaps) {
                            let name = child.key.name().to_owned();
                            let mut own = Vec::new();
                            read(&child, "", gaps, &mut own);
                            let named = own.into_iter().map(|v| (v.fact.data.to_string(), v.at));
                            // The key's own name stands for the class where it is one.
                            match name.starts_with('{') {
                                true => found.push((name, child.location())),
                                false => found.extend(named),
                            }
                        }
                    }
                    Ok(None) => {}
                    Err(gap) => gaps.push(gap),
                }
            }
        }
        for kind in ["Filter", "Handler", r"Name-Space Handler\*"] {
            let pattern = format!(r"Protocols\{kind}\*");
            let values = root.values(&pattern, "CLSID", gaps);
            found.extend(values.into_iter().map(|v| (v.fact.data.to_string(), v.at)));
        }
        let account = Account::User;
        for (id, at) in found {
            if id.trim().is_empty() {
                continue;
            }
            self.add(
                (Subject::Class, "Handler of Explorer", &id),
                (Occasion::Logon, account.clone()),
                &id,
                at,
                |r| r.class(&id),
            );
            self.drop_last_where_missing();
        }
    }
}
