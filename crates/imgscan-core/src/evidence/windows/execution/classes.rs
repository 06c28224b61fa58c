//! Classes of COM: the files that serve a CLSID.
//!
//! Microsoft, "CLSID Key" and "AppID Key". A class of the machine is looked up in both views.

use crate::error::{Error, Kind, Layer};
use crate::evidence::windows::Windows;
use crate::evidence::{Collected, Gap};

const CLASSES: [&str; 2] = [
    r"HKLM\SOFTWARE\Classes\CLSID",
    r"HKLM\SOFTWARE\Classes\Wow6432Node\CLSID",
];
/// The library that stands for every class of .NET; the code is elsewhere.
const DOT_NET: &str = "mscoree.dll";

/// What serves a class.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Server {
    Library(String),
    /// A command line.
    Program(String),
    /// Another class in its place.
    Class(String),
    /// A scriptlet by its address.
    Code(String),
}

/// Servers of a class, without their places.
#[derive(Debug, Default)]
pub(super) struct Servers {
    pub(super) items: Vec<Server>,
    pub(super) gaps: Vec<Gap>,
}

/// What serves the class `id` (`{…}`) of the machine.
pub(super) fn servers(windows: &Windows<'_>, id: &str) -> Servers {
    let mut out = Servers::default();
    let digits = |c: char| c.is_ascii_hexdigit() || matches!(c, '-' | '{' | '}');
    if !id.chars().all(digits) {
        return out;
    }
    let id = match id.starts_with('{') {
        true => id.to_owned(),
        false => format!("{{{id}}}"),
    };
    for classes in CLASSES {
        let key = format!(r"{classes}\{id}");
        let mut texts = |sub: &str, name: &str| {
            let found: Collected<_> = windows.values(&format!(r"{key}\{sub}"), name);
            out.gaps.extend(found.gaps);
            let texts = found.items.into_iter().map(|v| v.fact.data.to_string());
            texts.filter(|t| !t.is_empty()).collect::<Vec<_>>()
        };
        let (mut servers, mut gaps) = (Vec::new(), Vec::new());
        for sub in ["InprocServer32", "InprocHandler32"] {
            let libraries = texts(sub, "");
            let code = texts(sub, "CodeBase");
            let net = |l: &String| l.to_lowercase().ends_with(DOT_NET);
            let is_net = libraries.iter().any(net);
            servers.extend(libraries.into_iter().map(Server::Library));
            match code.is_empty() && is_net {
                true => {
                    for assembly in texts(sub, "Assembly") {
                        match assembly_files(windows, &assembly) {
                            Ok(files) => servers.extend(files.into_iter().map(Server::Library)),
                            Err(gap) => gaps.push(gap),
                        }
                    }
                }
                false => servers.extend(code.into_iter().map(Server::Library)),
            }
        }
        for name in ["", "ServerExecutable"] {
            servers.extend(
                texts("LocalServer32", name)
                    .into_iter()
                    .map(Server::Program),
            );
        }
        for sub in ["TreatAs", "AutoTreatAs"] {
            servers.extend(texts(sub, "").into_iter().map(Server::Class));
        }
        servers.extend(texts("ScriptletURL", "").into_iter().map(Server::Code));
        out.gaps.extend(gaps);
        for server in servers {
            if !out.items.contains(&server) {
                out.items.push(server);
            }
        }
    }
    out
}

/// Folders of the cache of assemblies, below that of Windows.
const CACHES: [&str; 2] = [r"Microsoft.NET\assembly", "assembly"];
/// Folders of a cache by the processor that an assembly is for.
const PROCESSORS: [&str; 4] = ["GAC_MSIL", "GAC_64", "GAC_32", "GAC"];
/// Versions of one assembly in a cache.
const MAX_VERSIONS: usize = 4096;

/// What `type="…"` of a configuration in lower case names: a type and, behind a comma, its assembly.
pub(super) fn types_of(text: &str) -> impl Iterator<Item = &str> {
    text.split("type=").skip(1).filter_map(|behind| {
        let behind = behind.trim_start();
        let mark = behind.chars().next().filter(|c| matches!(c, '"' | '\''))?;
        behind.split(mark).nth(1)
    })
}

/// The files of the assembly that `display` names (`Name, Version=…, Culture=…, PublicKeyToken=…`), in
/// every version: configurations lead from one to another. Where there is none, the file that it
/// would be.
///
/// Microsoft, "How the runtime locates assemblies" and "Global assembly cache".
///
/// # Errors
/// A gap where the versions can't be told.
pub(super) fn assembly_files(windows: &Windows<'_>, display: &str) -> Result<Vec<String>, Gap> {
    let name = display.split(',').next().unwrap_or_default().trim();
    let root = windows.roots().windows;
    let usual = format!(r"{root}\Microsoft.NET\assembly\GAC_MSIL\{name}\{name}.dll");
    if name.is_empty() || name.contains(['\\', '/', ':', '%', '"', '*', '?']) {
        return Ok(vec![display.to_owned()]);
    }
    let mut out = Vec::new();
    for cache in CACHES {
        for processor in PROCESSORS {
            let folder = format!(r"{root}\{cache}\{processor}\{name}");
            let gap = |e: &Error| Gap::at_path(&folder, e);
            let listing = match windows.guest.paths.list(folder.as_bytes()) {
                Ok(listing) => listing,
                Err(e) if e.kind == Kind::NotFound => continue,
                Err(e) => return Err(gap(&e)),
            };
            if let Some(damage) = listing.damage.first() {
                return Err(gap(damage));
            }
            if listing.names.len() > MAX_VERSIONS {
                let what = say!(error_too_many, most = MAX_VERSIONS, what = "versions");
                return Err(gap(&Error::limit(Layer::Guest, None, what)));
            }
            for version in &listing.names {
                let version = crate::text::lossless(version);
                out.push(format!(r"{folder}\{version}\{name}.dll"));
            }
        }
    }
    if out.is_empty() {
        out.push(usual);
    }
    Ok(out)
}

impl Windows<'_> {
    /// What serves the class `id`.
    pub(super) fn class_servers(&self, id: &str) -> Servers {
        servers(self, id)
    }
}
