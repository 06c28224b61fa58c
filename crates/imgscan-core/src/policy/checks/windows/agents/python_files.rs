//! The files of the Python that cloudbase-init runs in, and of the programs beside it: each is
//! explained or goes to a person.
//!
//! A signature explains a file, its own or that of a catalog; so do bytes that a release has at that
//! place, or that a base image has which is given as reference. A launcher is explained by the program
//! that it is made of and by the script that it carries. Lists of what is installed (`RECORD`) say
//! nothing: who changes a file changes them.

use std::collections::{BTreeMap, BTreeSet};

use super::released;
use crate::evidence::windows::{Loadable, Loads, PythonScript, Signed};
use crate::evidence::{Found, Location};
use crate::policy::checks::findings::Findings;
use crate::policy::{Context, Item};
use crate::text::Text;

/// Packages that are told one by one.
const MAX_PACKAGES: usize = 40;
/// Files of a package that are named.
const NAMED: usize = 5;
/// Where packages are, from the folder of Python.
const PACKAGES: &str = "lib/site-packages/";
const SCRIPTS: &str = "scripts/";

/// What of a tree is not explained, by package and reason.
type Unexplained = BTreeMap<(String, Reason), Vec<Location>>;

/// Why a file is not explained.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Reason {
    /// No release has it, and nobody who is trusted signed it.
    Unknown,
    /// It was changed after it was signed.
    Modified,
    /// Its maker gave it another name.
    Renamed,
    /// Python takes this compiled file in place of its source, or without one.
    Compiled,
    /// It leads to another place.
    Link,
}

impl Reason {
    fn text(self) -> Text {
        match self {
            Self::Unknown => say!(win_cbi_001_not_released),
            Self::Modified => say!(win_cbi_001_modified),
            Self::Renamed => say!(win_cbi_001_renamed),
            Self::Compiled => say!(win_cbi_001_no_source),
            Self::Link => say!(win_cbi_001_link),
        }
    }
}

/// Looks at the files below `root`, the folder of cloudbase-init, and `beside` its program; `known` are
/// the SHA-256 of released ones besides those that are built in.
pub(super) fn look(
    context: &Context<'_>,
    root: &str,
    beside: &str,
    known: &[String],
    found: &mut Findings,
) {
    let known: BTreeSet<String> = known.iter().map(|k| k.to_lowercase()).collect();
    let mut left = Unexplained::new();
    let python = format!("{root}/Python");
    let mut folders = vec![python.clone(), format!("{root}/bin")];
    let lower = beside.to_lowercase();
    let is_in = |folder: &String| {
        let rest = lower.strip_prefix(&folder.to_lowercase());
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    if !folders.iter().any(is_in) {
        folders.push(beside.to_owned());
    }
    for at in folders {
        let files = found.keep(context.evidence.windows.loadable(&at));
        let tree = Tree {
            context,
            known: &known,
            python: python.replace('/', "\\").to_lowercase(),
            is_python: at == python,
            names: files.iter().map(|f| f.fact.inside.to_lowercase()).collect(),
        };
        for file in files {
            if let Some(reason) = tree.unexplained(&file) {
                let package = package(&file.fact.inside.to_lowercase(), &file.fact.inside);
                let package = format!("{at}/{package}").trim_end_matches('/').to_owned();
                left.entry((package, reason)).or_default().push(file.at);
            }
        }
    }
    tell(left, found);
}

/// The folder of the package that a file belongs to.
fn package(lower: &str, inside: &str) -> String {
    let depth = match lower {
        _ if lower.starts_with(PACKAGES) => 3,
        _ => 1,
    };
    let parts: Vec<&str> = inside.split('/').collect();
    let folders = parts.len().saturating_sub(1).min(depth);
    parts.get(..folders).unwrap_or_default().join("/")
}

/// One item for each package and reason.
fn tell(left: Unexplained, found: &mut Findings) {
    let packages = left.len();
    let mut more = 0_usize;
    for (i, ((package, reason), files)) in left.into_iter().enumerate() {
        if i >= MAX_PACKAGES {
            more = more.saturating_add(files.len());
            continue;
        }
        let item = match &files[..] {
            [only] => {
                let shown = only.sha256.clone().unwrap_or_default();
                let item = Item::at(only.clone(), reason.text());
                item.compare(say!(win_cbi_001_explained), Text::verbatim(shown))
            }
            several => {
                let places = several.iter().filter_map(|f| f.path.clone());
                let places = places.take(NAMED).collect::<Vec<String>>().join(", ");
                let note = say!(
                    win_cbi_001_files,
                    count = several.len(),
                    why = reason.text()
                );
                let item = Item::at(Location::of_path(package), note);
                item.compare(say!(win_cbi_001_explained), Text::verbatim(places))
            }
        };
        found.unknown(item);
        found.fix(match reason {
            Reason::Compiled => say!(win_cbi_001_fix_compiled),
            _ => say!(win_cbi_001_fix_tree),
        });
    }
    if more > 0 {
        let packages = packages.saturating_sub(MAX_PACKAGES);
        let note = say!(win_cbi_001_more_files, count = more, packages = packages);
        found.unknown(Item::at(Location::default(), note));
    }
}

struct Tree<'t> {
    context: &'t Context<'t>,
    known: &'t BTreeSet<String>,
    /// The folder of Python, in lower case with backslashes.
    python: String,
    /// This tree is that folder.
    is_python: bool,
    /// The files, from its root, in lower case.
    names: BTreeSet<String>,
}

impl Tree<'_> {
    /// Why nothing explains the file.
    fn unexplained(&self, file: &Found<Loadable>) -> Option<Reason> {
        let it = &file.fact;
        let place = it.inside.to_lowercase();
        if it.loads == Loads::Link {
            return Some(Reason::Link);
        }
        if matches!(it.signed, Some(Signed::Trusted(_))) || self.is_known(file, &place) {
            return None;
        }
        match (&it.loads, &it.signed) {
            (_, Some(Signed::Bad(_))) => Some(Reason::Modified),
            (_, Some(Signed::Renamed(..))) => Some(Reason::Renamed),
            (Loads::Compiled(_, false), _) => None,
            (Loads::Compiled(_, true), _) => Some(Reason::Compiled),
            // Nothing stands in it.
            (Loads::Text(None), _) => None,
            // The lines of lists of paths are looked at where Python reads such lists.
            (Loads::Text(_), _) if place.ends_with(".pth") => None,
            (Loads::Text(Some(script)), _)
                if place.starts_with(SCRIPTS)
                    && place.trim_end_matches('w').ends_with("-script.py")
                    && self.is_usual(script) =>
            {
                None
            }
            (Loads::Binary(Some(launcher)), _)
                if released::is_launcher(&launcher.program) && self.is_usual(&launcher.script) =>
            {
                None
            }
            (Loads::Binary(_), _)
                if self.has_script(&place) && released::is_launcher(&it.digest) =>
            {
                None
            }
            _ => Some(Reason::Unknown),
        }
    }

    /// True where a release has the file there, or the base image has the same bytes.
    fn is_known(&self, file: &Found<Loadable>, place: &str) -> bool {
        let sha256 = file.at.sha256.as_deref().unwrap_or_default();
        let digest = file.fact.digest.as_str();
        if digest.is_empty() {
            return false;
        }
        let baseline = self.context.evidence.references.baseline;
        // Its setup copies the libraries of pywin32 beside the interpreter.
        let copied = || {
            let beside = !place.contains('/') && place.ends_with(".dll");
            beside && released::holds(&format!("{PACKAGES}pywin32_system32/{place}"), digest)
        };
        self.known.contains(sha256)
            || self.known.contains(digest)
            || self.is_python && (released::holds(place, digest) || copied())
            || baseline.is_some_and(|b| b.by_digest(sha256).is_some())
    }

    /// True for a script that calls a module of the tree, run by its own Python.
    fn is_usual(&self, script: &PythonScript) -> bool {
        let interpreter = script.interpreter.to_lowercase().replace('/', "\\");
        let own = ["python.exe", "pythonw.exe"]
            .iter()
            .any(|name| interpreter == format!(r"{}\{name}", self.python));
        own && script.module.as_deref().is_some_and(|m| self.is_there(m))
    }

    fn is_there(&self, module: &str) -> bool {
        let path = module.replace('.', "/").to_lowercase();
        let files = [".py", "/__init__.py"];
        [PACKAGES, "lib/"].iter().any(|folder| {
            let mut files = files.iter();
            files.any(|end| self.names.contains(&format!("{folder}{path}{end}")))
        })
    }

    /// True where the script stands beside the program at `place`.
    fn has_script(&self, place: &str) -> bool {
        let stem = place.strip_suffix(".exe").unwrap_or(place);
        let names = [format!("{stem}-script.py"), format!("{stem}-script.pyw")];
        place.starts_with(SCRIPTS) && names.iter().any(|name| self.names.contains(name))
    }
}
