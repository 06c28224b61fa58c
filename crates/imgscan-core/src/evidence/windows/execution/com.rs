//! Classes of COM and of the Windows Runtime of the machine: every one is followed to the files that
//! serve it, wherever they lie, each text once; folders that stand for a class; subscriptions of COM+.
//!
//! Microsoft, "CLSID Key", "AppID Key", "TypeLib Key", "LoadTypeLibEx function" (a path that is no
//! library of types is taken for a moniker), "Windows Runtime registry", "Shell folder extensions:
//! junction points" and "COM+ events: SubscriberMoniker".

use std::collections::BTreeSet;

use super::classes::assembly_files;
use super::paths::absolute;
use super::sources::Collector;
use super::words::readings;
use super::{Account, Occasion, Subject};
use crate::error::{Error, Layer};
use crate::evidence::windows::registry::NamedValue;
use crate::evidence::windows::{Datum, KeyAt, Language, place, registry, xml};
use crate::evidence::{Found, Gap, Location};
use crate::guest::windows::expand;

/// The kind of entries of the machine's classes: a system has thousands of them, and all but few are
/// Windows' own.
pub const CLASS_OF_MACHINE: &str = "Class of the machine";
/// The kind of folders that stand for a class.
const FOLDER: &str = "Folder of a class";
/// The library that stands for every class of .NET; the code is elsewhere.
const DOT_NET: &str = "mscoree.dll";
/// What types are described in; nothing of it is carried out.
const TYPES: [&str; 8] = [
    ".tlb", ".olb", ".dll", ".exe", ".ocx", ".oca", ".cpl", ".ax",
];
/// What a service is told that is also the server of a class (ATL, "-Service").
const SERVICE: [&str; 3] = ["-service", "/service", ""];
/// Folders that are looked at for those that stand for a class.
const MAX_FOLDERS: usize = 4096;
/// Longer files that describe a folder are not read, in bytes.
const MAX_DESCRIPTION: u64 = 1 << 20;

/// How a text is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum How {
    Library,
    Server,
    Class,
    Moniker,
    Assembly,
    /// A file that is opened by its own class.
    Opened,
    /// What it is told can't be followed.
    Unclear,
}

/// A text of a class.
struct Named {
    how: How,
    text: String,
    /// The class, or what else the key is called.
    id: String,
    is_of_32_bits: bool,
    at: Location,
}

/// The values of one key, without a look-up of the key for each.
fn value(key: &KeyAt<'_>, name: &str, gaps: &mut Vec<Gap>) -> Option<Found<NamedValue>> {
    let value = match key.key.value(name) {
        Ok(value) => value?,
        Err(e) => {
            gaps.push(key.gap(Some(name), &e));
            return None;
        }
    };
    let at = place(key.hive, &key.path, Some(name), Some(value.offset()));
    match value.data() {
        Ok(data) => Some(Found {
            fact: NamedValue {
                name: name.to_owned(),
                data: Datum::of(data),
            },
            at,
        }),
        Err(e) => {
            gaps.push(Gap::new(at, &e));
            None
        }
    }
}

/// The key `sub` below `key`.
fn below<'h>(key: &KeyAt<'h>, sub: &str, gaps: &mut Vec<Gap>) -> Option<KeyAt<'h>> {
    match key.key.descend(sub) {
        Ok(found) => found.map(|found| KeyAt {
            hive: key.hive,
            path: format!(r"{}\{sub}", key.path),
            key: found,
        }),
        Err(e) => {
            gaps.push(key.gap(None, &e));
            None
        }
    }
}

impl Collector<'_, '_> {
    /// Everything of COM that the machine's hive names.
    pub(super) fn com(&mut self) {
        let mut named = Vec::new();
        let mut gaps = Vec::new();
        for (view, is_of_32_bits) in [("", false), (r"Wow6432Node\", true)] {
            let classes = format!(r"HKLM\SOFTWARE\Classes\{view}");
            let mut push = |how, value: Option<Found<NamedValue>>, id: &str| {
                let Some(value) = value else { return };
                let text = value.fact.data.to_string();
                if !text.trim().is_empty() {
                    named.push(Named {
                        how,
                        text,
                        id: id.to_owned(),
                        is_of_32_bits,
                        at: value.at,
                    });
                }
            };
            registry::each(
                self.windows,
                &format!(r"{classes}CLSID\*"),
                &mut gaps,
                &mut |class, gaps| {
                    let id = class.key.name();
                    for (sub, name, how) in SERVERS {
                        if let Some(key) = below(class, sub, gaps) {
                            let found = value(&key, name, gaps);
                            push(*how, found, id);
                        }
                    }
                    // The assembly counts where the library is that of .NET, and no place is named.
                    if let Some(key) = below(class, "InprocServer32", gaps) {
                        let library = value(&key, "", gaps);
                        let library = library.map(|v| v.fact.data.to_string().to_lowercase());
                        let is_net = library.is_some_and(|l| l.trim_end().ends_with(DOT_NET));
                        if is_net && value(&key, "CodeBase", gaps).is_none() {
                            let found = value(&key, "Assembly", gaps);
                            push(How::Assembly, found, id);
                        }
                    }
                },
            );
            registry::each(
                self.windows,
                &format!(r"{classes}AppID\*"),
                &mut gaps,
                &mut |app, gaps| {
                    let id = app.key.name();
                    push(How::Server, value(app, "DllSurrogate", gaps), id);
                    push(How::Server, value(app, "DllSurrogateExecutable", gaps), id);
                    let told = value(app, "ServiceParameters", gaps).filter(|v| {
                        let text = v.fact.data.to_string().trim().to_lowercase();
                        !SERVICE.contains(&text.as_str())
                    });
                    push(How::Unclear, told, id);
                },
            );
            for system in ["win32", "win64", "win16"] {
                registry::each(
                    self.windows,
                    &format!(r"{classes}TypeLib\*\*\*\{system}"),
                    &mut gaps,
                    &mut |key, gaps| {
                        let Some(found) = value(key, "", gaps) else {
                            return;
                        };
                        let id = key.path.rsplit('\\').nth(3).unwrap_or_default().to_owned();
                        if let Some(how) = types(&found.fact.data.to_string()) {
                            push(how, Some(found), &id);
                        }
                    },
                );
            }
            let microsoft = format!(r"HKLM\SOFTWARE\{view}Microsoft\");
            for (key, name, how) in RUNTIME {
                registry::each(
                    self.windows,
                    &format!("{microsoft}{key}"),
                    &mut gaps,
                    &mut |key, gaps| push(*how, value(key, name, gaps), key.key.name()),
                );
            }
        }
        self.gaps(gaps);
        self.foresee(&named);
        let mut seen = BTreeSet::new();
        for one in named {
            if !seen.insert((one.is_of_32_bits, one.how, one.text.to_lowercase())) {
                continue;
            }
            let what = (Subject::Class, CLASS_OF_MACHINE, one.id.as_str());
            let runs = (Occasion::Demand, Account::System);
            let text = one.text.as_str();
            self.add(what, runs, text, one.at, |r| {
                if one.is_of_32_bits {
                    r.is_of_32_bits();
                }
                match one.how {
                    How::Library => r.library(text),
                    How::Server => r.server(text),
                    How::Class => r.class(text),
                    How::Moniker => r.code(text, Language::Command),
                    How::Assembly => r.assembly(text),
                    How::Opened => r.file(text),
                    How::Unclear => r.unclear_value(text),
                }
            });
            self.drop_last_where_missing();
        }
        self.folders_of_classes();
    }

    /// Has the files that most of the texts name looked at all at once.
    fn foresee(&self, named: &[Named]) {
        let roots = self.windows.roots();
        let system = format!(r"{}\system32\", roots.windows).to_lowercase();
        let mut paths = BTreeSet::new();
        for one in named {
            let text = expand(one.text.trim(), &roots, &[]);
            let files: Vec<String> = match one.how {
                How::Library => vec![text.trim_matches('"').to_owned()],
                How::Server => readings(&text).into_iter().map(|r| r.program).collect(),
                // What can't be read is told where the entry is followed.
                How::Assembly => assembly_files(self.windows, &text).unwrap_or_default(),
                _ => continue,
            };
            let whole = files.into_iter().find(|file| file.contains('.'));
            let Some(Ok(path)) = whole.map(|file| absolute(self.windows, &file, None)) else {
                continue;
            };
            let path = match path.to_lowercase().strip_prefix(&system) {
                Some(rest) if one.is_of_32_bits => format!(r"{}\SysWOW64\{rest}", roots.windows),
                _ => path,
            };
            paths.insert(path);
        }
        self.windows.foresee(paths);
    }

    /// Folders that stand for a class: by the ending of their names in the folders of the logon and on
    /// desktops, and by what describes them.
    fn folders_of_classes(&mut self) {
        let mut folders = self.startup_places();
        for desktop in &self.windows.desktops().items {
            folders.push(desktop.fact.folder.clone());
        }
        for profile in &self.windows.profiles().items {
            let profile = &profile.fact.folder;
            folders.push(profile.clone());
            for name in [
                "Documents",
                "Downloads",
                r"AppData\Roaming\Microsoft\Windows\Start Menu",
            ] {
                folders.push(format!(r"{profile}\{name}"));
            }
        }
        let plain = |folder: &String| folder.to_lowercase().replace('/', "\\");
        let mut seen = BTreeSet::new();
        folders.retain(|folder| seen.insert(plain(folder)));
        let mut left = MAX_FOLDERS;
        for folder in folders {
            self.class_of_folder(&folder);
            for name in self.names_of_folders(&folder) {
                let full = format!(r"{folder}\{name}");
                if left == 0 {
                    let why = say!(error_too_many, most = MAX_FOLDERS, what = "folders");
                    let why = Error::limit(Layer::Guest, None, why);
                    return self.gap(Gap::at_path(&full, &why));
                }
                left -= 1;
                if let Some(id) = class_of_name(&name) {
                    self.class_at(&full, id, Location::of_path(full.replace('\\', "/")));
                }
                self.class_of_folder(&full);
            }
        }
    }

    fn class_at(&mut self, name: &str, id: &str, at: Location) {
        let what = (Subject::Class, FOLDER, name);
        let runs = (Occasion::Logon, Account::User);
        self.add(what, runs, id, at, |r| r.class(id));
        self.drop_last_where_missing();
    }

    /// The classes that the description of `folder` names.
    fn class_of_folder(&mut self, folder: &str) {
        let path = format!(r"{folder}\desktop.ini");
        let Some(file) = self.contents(&path, MAX_DESCRIPTION) else {
            return;
        };
        let at = Location::of_file(&file);
        let text = xml::decode(&file.bytes);
        let own = self.own_names();
        for (i, line) in text.lines().enumerate() {
            let Some((name, id)) = line.split_once('=') else {
                continue;
            };
            if super::remote::stranger(id, &own).is_some() {
                let what = (Subject::Extension, "Description of a folder", name.trim());
                let runs = (Occasion::Logon, Account::User);
                let at = at.clone().line(i + 1);
                self.add(what, runs, line, at, |r| r.unclear_value(line));
                continue;
            }
            let name = name.trim().to_lowercase();
            let names = ["clsid", "clsid2", "uiclsid"];
            let id = id.trim().trim_matches('"');
            if names.contains(&name.as_str()) && id.starts_with('{') {
                self.class_at(&path, id, at.clone().line(i + 1));
            }
        }
    }
}

/// The class that the name of a folder ends in.
pub(super) fn class_of_name(name: &str) -> Option<&str> {
    let at = name.rfind(".{")?;
    let id = name.get(at + 1..)?;
    (id.len() == 38 && id.ends_with('}')).then_some(id)
}

/// How the path of a library of types is read where it is more than a description.
fn types(text: &str) -> Option<How> {
    let text = text.trim().trim_matches('"');
    // The number of a resource may follow.
    let path = match text.rsplit_once('\\') {
        Some((path, number)) if number.chars().all(|c| c.is_ascii_digit()) => path,
        _ => text,
    };
    let lower = path.to_lowercase();
    let moniker = path.char_indices().any(|(at, c)| c == ':' && at != 1) || path.contains('!');
    match moniker {
        true => Some(How::Moniker),
        false if TYPES.iter().any(|ending| lower.ends_with(ending)) => None,
        false if lower.is_empty() => None,
        false => Some(How::Opened),
    }
}

/// True for the path of a library of types: a description that nothing carries out.
#[cfg(test)]
pub(super) fn is_types(text: &str) -> bool {
    types(text).is_none()
}

/// Values of a class, and how each is read.
const SERVERS: &[(&str, &str, How)] = &[
    ("InprocServer32", "", How::Library),
    ("InprocServer32", "CodeBase", How::Library),
    ("InprocHandler32", "", How::Library),
    ("LocalServer32", "", How::Server),
    ("LocalServer32", "ServerExecutable", How::Server),
    ("LocalServer", "", How::Server),
    ("TreatAs", "", How::Class),
    ("AutoTreatAs", "", How::Class),
    ("ScriptletURL", "", How::Moniker),
];
/// Values below the keys of Microsoft in the machine's hive.
const RUNTIME: &[(&str, &str, How)] = &[
    (
        r"WindowsRuntime\ActivatableClassId\*",
        "DllPath",
        How::Library,
    ),
    (r"WindowsRuntime\Server\*", "ExePath", How::Server),
    (
        r"Windows NT\CurrentVersion\Perflib\_V2Providers\*",
        "ApplicationIdentity",
        How::Library,
    ),
    (
        r"EventSystem\{26c409cc-ae86-11d1-b616-00805fc79216}\Subscriptions\*",
        "SubscriberMoniker",
        How::Moniker,
    ),
];
