//! What lies below the folder of a program that starts by itself: programs load plug-ins, native
//! modules, satellite assemblies and run-time libraries from there, and start helpers, whatever those are
//! called. Each program by its contents is explained, or goes to a person.
//!
//! Microsoft, "How the runtime locates assemblies", "Runtime configuration options for .NET"
//! (`runtimeconfig.json`) and "Install location search for .NET"; dotnet/runtime, "host-startup-hook" and
//! "host-probing"; manuals of Electron (`app.asar.unpacked`), NW.js (`package.nw`) and `PyInstaller`
//! (`base_library.zip`).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;

use super::told::{is_settings, names_commands};
use super::{Link, MAX_SCRIPT, Resolver, Role, Target};
use crate::error::{Error, Layer};
use crate::evidence::Gap;
use crate::evidence::files::Files;
use crate::evidence::windows::execution::paths::absolute;
use crate::evidence::windows::execution::words::file_name;
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
/// Folders of many products, below a drive, as patterns in lower case: no one product's.
const SHARED: [&str; 14] = [
    r"program files",
    r"program files (x86)",
    r"program files*\common files",
    r"programdata",
    r"programdata\microsoft",
    r"users",
    r"users\*",
    r"perflogs",
    r"recovery",
    r"windows",
    r"program files*\windowsapps",
    r"*\appdata",
    r"*\appdata\*",
    r"*\appdata\local\programs",
];
/// What WIN-CBI-001 explains file by file.
const OF_CLOUDBASE: [&str; 2] = [
    r"?:\program files*\cloudbase solutions\cloudbase-init\python\*",
    r"?:\program files*\cloudbase solutions\cloudbase-init\bin\*",
];
/// Parts of the folder of .NET that are for building, in lower case: what is there is a tool or a pattern.
const FOR_BUILDING: [&str; 5] = [
    "sdk",
    "sdk-manifests",
    "packs",
    "templates",
    "library-packs",
];
/// Archives that a packed program of Python takes its modules from, as patterns in lower case.
const OF_PYTHON: [&str; 3] = ["library.zip", "base_library.zip", "python3*.zip"];
/// Folders below the product's in which its settings lie.
const SETTINGS_LEVELS: usize = 3;
/// Settings of libraries and descriptions, in lower case: those are read where a command line names them.
const OTHERS: [&str; 3] = [".json", ".xml", ".config"];
/// Properties of the run-time that name files which it loads, in lower case.
const LOADING: [&str; 5] = [
    "trusted_platform_assemblies",
    "app_paths",
    "native_dll_search_directories",
    "platform_resource_roots",
    "probing_directories",
];

/// What was found below folders, by their paths in lower case.
pub(in crate::evidence::windows) type Swept = Mutex<BTreeMap<String, Arc<Tree>>>;

/// Files below one folder.
#[derive(Default)]
pub(in crate::evidence::windows) struct Tree {
    /// Programs and libraries by their contents.
    programs: Vec<String>,
    /// Files that carry code for a host, by their names.
    hosted: Vec<String>,
    /// What may hide more.
    gaps: Vec<(String, Gap)>,
}

impl Tree {
    /// What is below `folder`.
    fn of(windows: &Windows<'_>, folder: &str) -> Self {
        let mut out = Self::default();
        let paths = &windows.guest.paths;
        let files = Files::new(paths);
        let builds = windows
            .guest
            .paths
            .find(format!(r"{folder}\host\fxr").as_bytes());
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
                    FileKind::Regular if is_hosted(&lower) => out.hosted.push(path),
                    FileKind::Regular
                        if depth <= SETTINGS_LEVELS
                            && is_settings(&lower)
                            && !OTHERS.iter().any(|ending| lower.ends_with(ending)) =>
                    {
                        // Longer ones are data.
                        if found.metadata.size > MAX_SCRIPT {
                            continue;
                        }
                        match paths.read(path.as_bytes(), MAX_SCRIPT) {
                            Ok(file) => {
                                let text = xml::decode(&file.bytes).to_lowercase();
                                if names_commands(&text) {
                                    out.hosted.push(path);
                                }
                            }
                            Err(e) => {
                                let gap = Gap::at_path(&path, &e);
                                out.gaps.push((path, gap));
                            }
                        }
                    }
                    FileKind::Regular if found.metadata.size >= 64 => {
                        match found.open().and_then(|data| read_vec(data.as_ref(), 0, 2)) {
                            Ok(head) if looks_like_pe(&head) => out.programs.push(path),
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

/// True for a file (its path in lower case) that a program of Node.js or Python takes code from.
fn is_hosted(path: &str) -> bool {
    const ENDINGS: [&str; 4] = [".js", ".mjs", ".cjs", ".jsc"];
    let name = file_name(path);
    let of_node = path.contains(r"\node_modules\") || path.contains(r"\app.asar.unpacked\");
    of_node && ENDINGS.iter().any(|ending| name.ends_with(ending))
        || OF_PYTHON.iter().any(|archive| matches(archive, &name))
}

/// The folder of the product whose program lies in `folder`; `None` where others lie there, too.
fn product(folder: &str) -> Option<&str> {
    let own = |folder: &str| {
        let below = folder.split_once('\\').map_or("", |(_, below)| below);
        let below = below.to_lowercase();
        !below.is_empty() && !SHARED.iter().any(|shared| matches(shared, &below))
    };
    let (above, name) = folder.rsplit_once('\\')?;
    let of_programs = OF_PROGRAMS.contains(&name.to_lowercase().as_str());
    let wide = |folder: &&str| own(folder);
    Some(above)
        .filter(|_| of_programs)
        .filter(wide)
        .or(Some(folder).filter(wide))
}

impl Resolver<'_, '_> {
    /// Programs and what carries code for them below the folder of the product whose program is `path`. The
    /// folder of Windows is looked at as a whole.
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
            self.tree(&product, path, link);
        }
    }

    /// What is below `folder` and nobody vouches for; the program at `path` takes it from there.
    fn tree(&mut self, folder: &str, path: &str, link: Link) {
        let key = folder.to_lowercase();
        let known = {
            let swept = &self.windows.swept;
            let swept = swept.lock().unwrap_or_else(PoisonError::into_inner);
            swept.get(&key).cloned()
        };
        let tree = known.unwrap_or_else(|| {
            let tree = Arc::new(Tree::of(self.windows, folder));
            let all: BTreeSet<String> = tree.programs.iter().chain(&tree.hosted).cloned().collect();
            self.windows.foresee(all);
            let swept = &self.windows.swept;
            let mut swept = swept.lock().unwrap_or_else(PoisonError::into_inner);
            swept.insert(key, Arc::clone(&tree));
            tree
        });
        for (path, gap) in &tree.gaps {
            self.add(Role::Library, path, Target::Unknown(gap.clone()), link);
        }
        let maker = self.maker(path);
        let mut told = 0_usize;
        let programs = tree.programs.iter().map(|path| (path, Role::Library));
        let hosted = tree.hosted.iter().map(|path| (path, Role::Script));
        for (file, role) in programs.chain(hosted) {
            let known = |p: &super::Executed| p.named.eq_ignore_ascii_case(file);
            if self.parts.iter().any(known) {
                continue;
            }
            let target = match self.windows.program(file).as_ref() {
                Ok(Some(found)) => match &found.signed {
                    Some(Signed::Trusted(_)) => continue,
                    // Makers give their libraries other names; those of others are told.
                    Some(Signed::Renamed(by, _)) if Some(&by.name) == maker.as_ref() => continue,
                    _ => Target::File(Box::new(found.clone())),
                },
                Ok(None) => continue,
                Err(gap) => Target::Unknown(gap.clone()),
            };
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

    /// The name of who signed the program at `path`.
    fn maker(&self, path: &str) -> Option<String> {
        match &self
            .windows
            .program(path)
            .as_ref()
            .as_ref()
            .ok()?
            .as_ref()?
            .signed
        {
            Some(Signed::Trusted(by) | Signed::Renamed(by, _)) => Some(by.name.clone()),
            _ => None,
        }
    }

    /// Code that a program takes from files beside it whose names are fixed.
    pub(super) fn packaged(&mut self, folder: &str, link: Link) {
        let package = format!(r"{folder}\package.nw");
        if self.is_there(&package, link) {
            self.load(Role::Script, &package, link);
        }
        let manifest = format!(r"{folder}\package.json");
        if self
            .text_of(&manifest, link)
            .is_some_and(|text| text.contains("\"main\""))
        {
            self.load(Role::Script, &manifest, link);
        }
        let mut unpacked = Vec::new();
        self.code_in(
            &format!(r"{folder}\resources\app.asar.unpacked"),
            0,
            &mut unpacked,
            link,
        );
        for path in unpacked {
            self.load(Role::Script, &path, link);
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
                    Ok(probed) => self.tree(&probed, &path, link),
                    Err(why) => self.unclear(Role::Library, probed, why.text(), link),
                }
            }
        }
        if !brings_its_own {
            for root in self.roots_of_net() {
                for part in ["host", "shared"] {
                    self.tree(&format!(r"{root}\{part}"), &path, link);
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
        ] {
            assert_eq!(product(folder), None, "{folder}");
        }
    }
}
