//! What lies below the folder of a program that starts by itself and bears on what runs: libraries where programs
//! look for plug-ins, native modules and satellite assemblies; programs and libraries that the program or its
//! settings name; code for hosts whose places are fixed. Of those each is explained, or goes to a person. What
//! nothing names, an uninstaller for example, is content.
//!
//! Microsoft, "How the runtime locates assemblies", "Runtime configuration options for .NET"
//! (`runtimeconfig.json`) and "Install location search for .NET"; dotnet/runtime, "host-startup-hook" and
//! "host-probing"; Qt, "How to create Qt plugins"; manuals of Electron (`app.asar.unpacked`), NW.js
//! (`package.nw`) and `PyInstaller` (`base_library.zip`).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use memchr::memmem;
use serde_json::Value;

use super::told::{has_commands_in_its_settings, is_settings, names_commands};
use super::{LIBRARIES, Link, MAX_SCRIPT, Resolver, Role, Target};
use crate::error::{Error, Layer};
use crate::evidence::Gap;
use crate::evidence::files::Files;
use crate::evidence::windows::execution::classes::types_of;
use crate::evidence::windows::execution::paths::absolute;
use crate::evidence::windows::execution::words::{file_name, program_name};
use crate::evidence::windows::{Signed, Windows, xml};
use crate::fs::FileKind;
use crate::source::read_vec;
use crate::text::matches;
use crate::trust::pe::looks_like_pe;

/// Files that are looked at below one folder.
const MAX_FILES: usize = 65_536;
/// Folders below folders.
const MAX_LEVELS: usize = 24;
/// Files of one folder that are told.
const MAX_TOLD: usize = 512;
/// Names of folders in which products keep their programs, in lower case: their libraries lie beside.
const OF_PROGRAMS: [&str; 8] = [
    "bin", "bin32", "bin64", "sbin", "x64", "x86", "amd64", "win64",
];
/// Folders of many products, below a drive, as patterns in lower case, part for part: no one product's.
const SHARED: [&str; 13] = [
    r"program files",
    r"program files (x86)",
    r"program files*\common files",
    r"program files*\windowsapps",
    r"programdata",
    r"programdata\microsoft",
    r"users",
    r"users\*",
    r"users\*\appdata",
    r"users\*\appdata\*",
    r"users\*\appdata\local\programs",
    r"perflogs",
    r"recovery",
];
/// Folders beside a program in which it or its run-time looks for libraries, as patterns in lower case.
const OF_PLUGINS: [&str; 33] = [
    "*plugin*",
    "*plug-in*",
    "*addin*",
    "*addon*",
    "*add-in*",
    "*add-on*",
    "*extension*",
    "ext",
    "module*",
    "mods",
    "provider*",
    "filters",
    "codecs",
    "engines*",
    "lib",
    "libs",
    "lib64",
    "libexec",
    "dlls",
    "native",
    "runtimes",
    // Architectures.
    "x64",
    "x86",
    "amd64",
    "arm64",
    "win-*",
    "win32",
    "win64",
    // Of Qt.
    "platforms",
    "imageformats",
    "iconengines",
    "sqldrivers",
    "styles",
];
/// What WIN-CBI-001 explains file by file.
const OF_CLOUDBASE: [&str; 2] = [
    r"*:\program files*\cloudbase solutions\cloudbase-init\python\*",
    r"*:\program files*\cloudbase solutions\cloudbase-init\bin\*",
];
/// Parts of the folder of .NET that are for building, in lower case: what is there is a tool or a pattern.
const FOR_BUILDING: [&str; 5] = [
    "sdk",
    "sdk-manifests",
    "packs",
    "templates",
    "library-packs",
];
/// Archives that a packed program of Python takes its modules from, as patterns in lower case, relative to
/// its folder.
const OF_PYTHON: [&str; 5] = [
    "library.zip",
    r"lib\library.zip",
    "base_library.zip",
    r"_internal\base_library.zip",
    "python3*.zip",
];
/// Folders below the product's in which its settings lie.
const SETTINGS_LEVELS: usize = 3;
/// Text of settings of one product that is looked at, in bytes.
const MAX_SETTINGS: usize = 8 << 20;
/// Longer programs are not searched for names, in bytes.
const MAX_PROGRAM: u64 = 256 << 20;
/// Programs of one entry that are searched for names.
const MAX_NAMING: usize = 32;
/// Names that are taken of one program.
const MAX_NAMES: usize = 65_536;
/// Longer names are not taken, in bytes.
const MAX_NAME: usize = 64;
/// Shorter names are known by the sign before them only, in bytes: others stand at the end of longer ones.
const MIN_NAME: usize = 9;
/// Properties of the run-time that name files which it loads, in lower case.
const LOADING: [&str; 5] = [
    "trusted_platform_assemblies",
    "app_paths",
    "native_dll_search_directories",
    "platform_resource_roots",
    "probing_directories",
];

/// Names that a program holds, or why they are not known.
type Held = Result<BTreeSet<Vec<u8>>, Gap>;

/// What was found below the folders of products.
#[derive(Default)]
pub(in crate::evidence::windows) struct Products {
    /// By the folders in lower case.
    trees: Mutex<BTreeMap<String, Arc<Tree>>>,
    /// Names of programs and libraries, by the program in lower case that holds them.
    names: Mutex<BTreeMap<String, Arc<Held>>>,
}

/// Files below one folder.
#[derive(Default)]
struct Tree {
    /// Programs and libraries by their contents.
    programs: Vec<Found>,
    /// Files that carry code for a host, by their names.
    hosted: Vec<String>,
    /// Settings in which a command stands.
    commands: Vec<String>,
    /// The texts of settings in lower case.
    settings: String,
    /// What may hide more.
    gaps: Vec<(String, Gap)>,
}

/// A program or library.
struct Found {
    path: String,
    /// It lies where programs look for libraries.
    is_looked_for: bool,
    /// It lies in the folder itself and has the name of a library: those are looked at one by one.
    is_beside: bool,
}

impl Tree {
    /// What is below `folder`.
    fn of(windows: &Windows<'_>, folder: &str) -> Self {
        let mut out = Self::default();
        let paths = &windows.guest.paths;
        let files = Files::new(paths);
        let builds = paths.find(format!(r"{folder}\host\fxr").as_bytes());
        let is_of_net = matches!(builds, Ok(Some(_)));
        let mut todo = vec![(folder.to_owned(), 0_usize)];
        let mut looked_at = 0_usize;
        while let Some((inside, depth)) = todo.pop() {
            let listed = match files.names(&inside) {
                Ok(Some(listed)) => listed,
                Ok(None) => continue,
                Err(gap) => {
                    out.gaps.push((inside, gap));
                    continue;
                }
            };
            let damage = listed.gaps.into_iter().map(|gap| (inside.clone(), gap));
            out.gaps.extend(damage);
            for name in listed.names {
                let path = format!(r"{inside}\{name}");
                let lower = path.to_lowercase();
                looked_at = looked_at.saturating_add(1);
                if looked_at > MAX_FILES || depth > MAX_LEVELS {
                    let what = say!(error_too_many, most = MAX_FILES, what = "files");
                    let limit = Error::limit(Layer::Guest, None, what);
                    let gap = Gap::at_path(&path, &limit);
                    out.gaps.push((path, gap));
                    return out;
                }
                if OF_CLOUDBASE.iter().any(|own| matches(own, &lower)) {
                    continue;
                }
                let relative = lower.get(folder.len().saturating_add(1)..);
                let found = match paths.find(path.as_bytes()) {
                    Ok(Some(found)) => found,
                    Ok(None) => continue,
                    Err(e) => {
                        let gap = Gap::at_path(&path, &e);
                        out.gaps.push((path, gap));
                        continue;
                    }
                };
                match found.metadata.kind {
                    FileKind::Directory => {
                        let name = name.to_lowercase();
                        let skipped = depth == 0 && FOR_BUILDING.contains(&name.as_str());
                        if !(is_of_net && skipped) {
                            todo.push((path, depth.saturating_add(1)));
                        }
                    }
                    FileKind::Regular if relative.is_some_and(is_hosted) => out.hosted.push(path),
                    FileKind::Regular if is_settings(&lower) => {
                        // Longer ones are data.
                        let size = usize::try_from(found.metadata.size).unwrap_or(usize::MAX);
                        let after = out.settings.len().saturating_add(size);
                        if depth > SETTINGS_LEVELS
                            || found.metadata.size > MAX_SCRIPT
                            || after > MAX_SETTINGS
                        {
                            continue;
                        }
                        match paths.read(path.as_bytes(), MAX_SCRIPT) {
                            Ok(file) => {
                                let text = xml::decode(&file.bytes).to_lowercase();
                                if names_commands(&text) {
                                    out.commands.push(path);
                                }
                                out.settings.push_str(&text);
                                out.settings.push('\n');
                            }
                            Err(e) => {
                                let gap = Gap::at_path(&path, &e);
                                out.gaps.push((path, gap));
                            }
                        }
                    }
                    FileKind::Regular if found.metadata.size >= 64 => {
                        match found.open().and_then(|data| read_vec(data.as_ref(), 0, 2)) {
                            Ok(head) if looks_like_pe(&head) => {
                                let is_library = LIBRARIES.iter().any(|e| lower.ends_with(e));
                                out.programs.push(Found {
                                    path,
                                    is_looked_for: relative.is_some_and(is_looked_for),
                                    is_beside: depth == 0 && is_library,
                                });
                            }
                            Ok(_) => {}
                            Err(e) => {
                                let gap = Gap::at_path(&path, &e);
                                out.gaps.push((path, gap));
                            }
                        }
                    }
                    _ => {}
                }
            }
        }
        out
    }
}

/// True for a file (its path below the product's folder, in lower case) that a program of Node.js or Python
/// takes code from.
fn is_hosted(path: &str) -> bool {
    const ENDINGS: [&str; 4] = [".js", ".mjs", ".cjs", ".jsc"];
    let of_node =
        path.starts_with(r"node_modules\") || path.starts_with(r"resources\app.asar.unpacked\");
    of_node && ENDINGS.iter().any(|ending| path.ends_with(ending))
        || OF_PYTHON
            .iter()
            .any(|archive| matches(archive, path) && !file_name_is_deeper(archive, path))
}

/// True where `path` has more parts than `pattern`, whose stars stand for any text.
fn file_name_is_deeper(pattern: &str, path: &str) -> bool {
    path.matches('\\').count() != pattern.matches('\\').count()
}

/// True for a program or library (its path below the product's folder, in lower case) where programs look
/// for libraries without being told of each.
fn is_looked_for(path: &str) -> bool {
    let parts: Vec<&str> = path.split('\\').collect();
    let Some((name, folders)) = parts.split_last() else {
        return false;
    };
    if name.ends_with(".exe") || name.ends_with(".sys") {
        return false;
    }
    let first = match folders {
        [bin, rest @ ..] if OF_PROGRAMS.contains(bin) && !rest.is_empty() => rest.first(),
        _ => folders.first(),
    };
    let of_plugins = first.is_some_and(|f| OF_PLUGINS.iter().any(|p| matches(p, f)));
    // Of a language: `de`, `zh-Hans`.
    let culture = |folder: &str| {
        let (language, region) = folder.split_once('-').unwrap_or((folder, ""));
        matches!(language.len(), 2..=3) && region.len() <= 8
    };
    of_plugins
        || name.ends_with(".resources.dll") && folders.last().is_some_and(|f| culture(f))
        || name.ends_with(".node") && folders.contains(&"node_modules")
        || ["jvm.dll", "jli.dll"].contains(name)
}

/// The folder of the product whose program lies in `folder`; `None` where others lie there, too.
fn product(folder: &str) -> Option<&str> {
    let shared = |below: &str| {
        let parts = below.split('\\').count();
        let mut all = SHARED.iter();
        all.any(|shared| shared.split('\\').count() == parts && matches(shared, below))
    };
    let own = |folder: &&str| {
        let below = folder.split_once('\\').map_or("", |(_, below)| below);
        let below = below.to_lowercase();
        !below.is_empty() && !shared(&below)
    };
    let (above, name) = folder.rsplit_once('\\')?;
    let of_programs = OF_PROGRAMS.contains(&name.to_lowercase().as_str());
    Some(above)
        .filter(|_| of_programs)
        .filter(own)
        .or(Some(folder).filter(own))
}

/// Names of programs and libraries in `bytes`, a program in lower case, each from its end to its beginning.
/// They stand there in one byte a character or in UTF-16.
fn names_in(bytes: &[u8]) -> BTreeSet<Vec<u8>> {
    let of_name = |b: u8| b.is_ascii_alphanumeric() || b"._-+".contains(&b);
    let mut out = BTreeSet::new();
    for ending in LIBRARIES.iter().chain(&[".exe"]) {
        for step in [1_usize, 2] {
            let needle: Vec<u8> = match step {
                1 => ending.bytes().collect(),
                _ => ending.encode_utf16().flat_map(u16::to_le_bytes).collect(),
            };
            for at in memmem::find_iter(bytes, &needle) {
                if out.len() >= MAX_NAMES {
                    return out;
                }
                let mut name: Vec<u8> = ending.bytes().rev().collect();
                let before = bytes.get(..at).unwrap_or_default();
                let whole = before.rchunks_exact(step);
                let signs = whole.map_while(|c| match c {
                    [b] | [b, 0] if of_name(*b) => Some(*b),
                    _ => None,
                });
                name.extend(signs.take(MAX_NAME));
                out.insert(name);
            }
        }
    }
    out
}

/// True where one of `names`, as [`names_in`] has them, is `name` in lower case, or ends so.
fn holds(names: &BTreeSet<Vec<u8>>, name: &str) -> bool {
    // Only what follows the last blank is taken.
    let last = name.rsplit(' ').next().unwrap_or(name);
    let wanted: Vec<u8> = last.bytes().rev().collect();
    let mut from = names.range(wanted.clone()..);
    let found = from.next();
    found.is_some_and(|found| {
        *found == wanted || last.len() >= MIN_NAME && found.starts_with(&wanted)
    })
}

impl Resolver<'_, '_> {
    /// What bears on what runs below the folder of the product whose program is `path`. The folder of Windows
    /// is looked at as a whole.
    pub(super) fn below(&mut self, path: &str, link: Link) {
        let root = format!(r"{}\", self.windows.roots().windows).to_lowercase();
        let Some((folder, _)) = path.rsplit_once('\\') else {
            return;
        };
        if format!(r"{folder}\").to_lowercase().starts_with(&root) {
            return;
        }
        if let Some(product) = product(folder) {
            let product = product.to_owned();
            self.tree(&product, path, false, link);
        }
    }

    /// What below `folder` the program at `path` takes from there and nobody vouches for: `all` of it, or
    /// what is looked for or named.
    fn tree(&mut self, folder: &str, path: &str, all: bool, link: Link) {
        let tree = self.windows.product(folder);
        for (path, gap) in &tree.gaps {
            self.add(Role::Library, path, Target::Unknown(gap.clone()), link);
        }
        let mut names = None;
        let mut told = 0_usize;
        let mut is_told = false;
        let programs = tree.programs.iter().filter(|found| !found.is_beside || all);
        let programs = programs.map(|found| (&found.path, Role::Library, found.is_looked_for));
        let hosted = tree.hosted.iter().map(|path| (path, Role::Script, true));
        let takes_orders = has_commands_in_its_settings(&program_name(path))
            || self
                .original(path)
                .is_some_and(|name| has_commands_in_its_settings(&name));
        let commands = tree.commands.iter().filter(|_| takes_orders);
        let commands = commands.map(|path| (path, Role::Script, true));
        for (file, role, is_looked_for) in programs.chain(hosted).chain(commands) {
            let known = |p: &super::Executed| p.named.eq_ignore_ascii_case(file);
            if self.parts.iter().any(known) {
                continue;
            }
            let target = match self.windows.program(file).as_ref() {
                Ok(Some(found)) => match &found.signed {
                    // Makers give their libraries other names; their programs load them by these.
                    Some(Signed::Trusted(_) | Signed::Renamed(..)) => continue,
                    _ => Target::File(Box::new(found.clone())),
                },
                Ok(None) => continue,
                Err(gap) => Target::Unknown(gap.clone()),
            };
            if !all && !is_looked_for {
                let name = file_name(file);
                let held = names.get_or_insert_with(|| self.naming(folder, path));
                let by_settings = tree.settings.contains(&name);
                let names = held.iter().filter_map(|names| names.as_ref().as_ref().ok());
                if !by_settings && !names.into_iter().any(|names| holds(names, &name)) {
                    // One that was not searched may name it.
                    if !is_told
                        && let Some(gap) = held.iter().find_map(|n| n.as_ref().as_ref().err())
                    {
                        is_told = true;
                        let target = Target::Unknown(gap.clone());
                        self.add(Role::Library, file, target, link);
                    }
                    continue;
                }
            }
            told = told.saturating_add(1);
            if told > MAX_TOLD {
                let what = say!(error_too_many, most = MAX_TOLD, what = "files");
                let limit = Error::limit(Layer::Guest, None, what);
                let gap = Gap::at_path(file, &limit);
                self.add(role, file, Target::Unknown(gap), link);
                return;
            }
            self.add(role, file, target, link);
        }
    }

    /// Names of programs and libraries in the program at `path` and in what it loads from `folder`.
    fn naming(&self, folder: &str, path: &str) -> Vec<Arc<Held>> {
        let inside = format!(r"{folder}\").to_lowercase();
        let stem = path.get(..path.len().saturating_sub(4)).unwrap_or(path);
        let of_net = format!("{stem}.dll");
        let loaded = self.parts.iter().filter(|part| {
            let is_file = matches!(part.target, Target::File(_));
            is_file && part.named.to_lowercase().starts_with(&inside)
        });
        let loaded = loaded.map(|part| part.named.as_str());
        let all: BTreeSet<&str> = [path, &of_net].into_iter().chain(loaded).collect();
        let all = all.into_iter().take(MAX_NAMING);
        all.map(|file| self.windows.names_held_by(file)).collect()
    }

    /// The name of the program at `path` that its maker gave it, without its ending.
    fn original(&self, path: &str) -> Option<String> {
        let looked = self.windows.program(path);
        let found = looked.as_ref().as_ref().ok()?.as_ref()?;
        Some(program_name(found.original.as_deref()?))
    }

    /// Code that a program takes from files beside it whose names are fixed.
    pub(super) fn packaged(&mut self, folder: &str, link: Link) {
        let package = format!(r"{folder}\package.nw");
        if self.is_there(&package, link) {
            self.load(Role::Script, &package, link);
        }
        let of_nw = ["nw.dll", "nw.pak", "nw_elf.dll"];
        let of_nw = of_nw.map(|name| format!(r"{folder}\{name}"));
        let manifest = format!(r"{folder}\package.json");
        if of_nw.iter().any(|file| self.is_there(file, link)) && self.is_there(&manifest, link) {
            self.load(Role::Script, &manifest, link);
        }
    }

    /// Assemblies that the configuration `text` (in lower case) of a program of .NET names, where it would look for
    /// them in `folder`: libraries there are looked at by themselves.
    pub(super) fn named_types(&mut self, text: &str, folder: &str, link: Link) {
        let all = types_of(text).filter_map(|name| name.split(',').nth(1));
        let all: BTreeSet<&str> = all.map(str::trim).filter(|name| !name.is_empty()).collect();
        for name in all.into_iter().take(MAX_NAMING) {
            for file in [
                format!(r"{folder}\{name}.exe"),
                format!(r"{folder}\{name}\{name}.dll"),
                format!(r"{folder}\{name}\{name}.exe"),
            ] {
                if self.is_there(&file, link) {
                    self.load(Role::Library, &file, link);
                }
            }
        }
    }

    /// What the settings of the run-time of .NET beside a program lead to; `stem` is the program's path
    /// without its ending.
    pub(super) fn of_net(&mut self, stem: &str, link: Link) {
        let path = format!("{stem}.exe");
        let own = format!("{stem}.runtimeconfig.json");
        let Some(text) = self.text_of(&own, link) else {
            return;
        };
        self.load(Role::Library, &format!("{stem}.dll"), link);
        let mut all = vec![(own, text)];
        let more = format!("{stem}.runtimeconfig.dev.json");
        if let Some(text) = self.text_of(&more, link) {
            all.push((more, text));
        }
        let mut brings_its_own = false;
        for (file, text) in all {
            let Ok(settings) = serde_json::from_str::<Value>(&text) else {
                // The host reads comments.
                self.load(Role::Script, &file, link);
                continue;
            };
            let options = settings.get("runtimeoptions");
            let option = |name: &str| options.and_then(|o| o.get(name));
            brings_its_own |= option("includedframeworks").is_some();
            for (name, value) in option("configproperties")
                .and_then(Value::as_object)
                .into_iter()
                .flatten()
            {
                if name == "startup_hooks" {
                    let hooks = value.as_str().unwrap_or_default();
                    for hook in hooks.split(';').filter(|h| !h.trim().is_empty()) {
                        self.load(Role::Library, hook, link);
                    }
                } else if LOADING.contains(&name.as_str()) {
                    self.load(Role::Script, &file, link);
                }
            }
            let folders = match option("additionalprobingpaths") {
                Some(Value::Array(list)) => list.iter().filter_map(Value::as_str).collect(),
                Some(Value::String(one)) => vec![one.as_str()],
                _ => Vec::new(),
            };
            let (folder, _) = file.rsplit_once('\\').unwrap_or(("", &file));
            for probed in folders {
                let probed = probed.split('|').next().unwrap_or_default();
                let probed = probed.trim_end_matches(['\\', '/']);
                match absolute(self.windows, probed, Some(folder)) {
                    Ok(probed) => self.tree(&probed, &path, true, link),
                    Err(why) => self.unclear(Role::Library, probed, why.text(), link),
                }
            }
        }
        if !brings_its_own {
            for root in self.roots_of_net() {
                for part in ["host", "shared"] {
                    self.tree(&format!(r"{root}\{part}"), &path, true, link);
                }
            }
        }
    }

    /// Where the run-time of .NET may lie.
    fn roots_of_net(&self) -> Vec<String> {
        let drive = self.windows.roots().drive;
        let mut out = vec![
            format!(r"{drive}\Program Files\dotnet"),
            format!(r"{drive}\Program Files (x86)\dotnet"),
        ];
        for view in [r"HKLM\SOFTWARE", r"HKLM\SOFTWARE\WOW6432Node"] {
            let key = format!(r"{view}\dotnet\Setup\InstalledVersions\*");
            for value in self.windows.values(&key, "InstallLocation").items {
                let text = value.fact.data.to_string();
                let path = absolute(self.windows, &self.expanded(&text), None);
                let path = path.map(|p| p.trim_end_matches('\\').to_owned());
                out.extend(
                    path.into_iter()
                        .filter(|p| !out.contains(p))
                        .collect::<Vec<_>>(),
                );
            }
        }
        out
    }
}

impl Windows<'_> {
    /// What is below `folder`, which is looked at once.
    fn product(&self, folder: &str) -> Arc<Tree> {
        once(&self.products.trees, folder, || {
            let tree = Tree::of(self, folder);
            let programs = tree.programs.iter().filter(|found| !found.is_beside);
            let programs = programs.map(|found| &found.path);
            self.foresee(programs.chain(&tree.hosted).cloned().collect());
            tree
        })
    }

    /// The names of programs and libraries that the program at `path` holds, as [`names_in`] has them; none
    /// where it is not there, and a gap where it is too long to be searched or can't be read.
    fn names_held_by(&self, path: &str) -> Arc<Held> {
        once(&self.products.names, path, || {
            let read = self.guest.paths.read_if_there(path.as_bytes(), MAX_PROGRAM);
            match read {
                Ok(Some(file)) => Ok(names_in(&file.bytes.to_ascii_lowercase())),
                Ok(None) => Ok(BTreeSet::new()),
                Err(e) => Err(Gap::at_path(path, &e)),
            }
        })
    }
}

/// What `known` has of `path`, in any case; made where it has nothing. Others may ask meanwhile.
fn once<T>(
    known: &Mutex<BTreeMap<String, Arc<T>>>,
    path: &str,
    make: impl FnOnce() -> T,
) -> Arc<T> {
    let key = path.to_lowercase();
    let all = || known.lock().unwrap_or_else(PoisonError::into_inner);
    let found = all().get(&key).cloned();
    found.unwrap_or_else(|| {
        let made = Arc::new(make());
        all().insert(key, Arc::clone(&made));
        made
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_product_is_swept_and_no_folder_of_many() {
        let products = [
            (r"C:\Program Files\App", r"C:\Program Files\App"),
            (r"C:\Program Files\Java\bin", r"C:\Program Files\Java"),
            (r"C:\nginx", r"C:\nginx"),
            (r"C:\bin", r"C:\bin"),
            (
                r"C:\Users\a\AppData\Local\Programs\App",
                r"C:\Users\a\AppData\Local\Programs\App",
            ),
        ];
        for (folder, own) in products {
            assert_eq!(product(folder), Some(own), "{folder}");
        }
        for folder in [
            r"C:",
            r"C:\Program Files",
            r"C:\Program Files\Common Files",
            r"C:\ProgramData",
            r"C:\Users\a",
            r"C:\Users\a\AppData\Local",
            r"C:\Users\a\AppData\Local\Programs",
        ] {
            assert_eq!(product(folder), None, "{folder}");
        }
    }

    #[test]
    fn programs_look_for_libraries_in_some_folders_and_for_programs_in_none() {
        for path in [
            r"plugins\evil.dll",
            r"lib\evil.dll",
            r"modules\mod_evil.so",
            r"en-us\app.resources.dll",
            r"bin\server\jvm.dll",
            r"bin\plugins\a.dll",
            r"x64\sqlite.interop.dll",
            r"resources\web\node_modules\x\x.node",
        ] {
            assert!(is_looked_for(path), "{path}");
        }
        for path in [
            "unins000.exe",
            r"tools\helper.exe",
            r"plugins\helper.exe",
            r"tools\python\dlls\_ssl.pyd",
            r"redist\x.dll",
            r"drivers\x64\a.sys",
        ] {
            assert!(!is_looked_for(path), "{path}");
        }
    }

    #[test]
    fn archives_of_a_packed_python_lie_beside_its_program() {
        assert!(is_hosted("python311.zip"));
        assert!(is_hosted(r"lib\library.zip"));
        assert!(!is_hosted(r"tools\python\python311.zip"));
        assert!(is_hosted(r"node_modules\x\index.js"));
        assert!(!is_hosted(r"www\node_modules\x\index.js"));
    }

    #[test]
    fn a_program_holds_names_in_both_forms() {
        let wide: Vec<u8> = "worker.exe"
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        let mut bytes = b"\0\x01start helper.dll and goupdate.exe\0".to_vec();
        bytes.extend(wide);
        let names = names_in(&bytes);
        for name in ["helper.dll", "worker.exe", "goupdate.exe", "my worker.exe"] {
            assert!(holds(&names, name), "{name}");
        }
        for name in ["unins000.exe", "per.dll", "date.exe", "a.exe"] {
            assert!(!holds(&names, name), "{name}");
        }
    }
}
