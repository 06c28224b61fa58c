//! Part of WIN-KERNEL-006: data that the boot manager, the loader and the kernel take apart: tables of
//! characters, lists of faulty hardware and drivers, texts and fonts.
//!
//! Whether catalogs of a Windows list such files shows itself by those that they list, for each kind of file apart.
//! Where they list none of a whole kind, nothing here can tell Windows' own from others, and that is said as advice;
//! in any other case a file that none lists goes to a person. Of what there is one of alone, the tables of
//! characters tell whether catalogs list it.

use std::collections::{BTreeMap, BTreeSet};

use crate::fs::FileKind;
use crate::policy::checks::findings::Findings;
use crate::policy::checks::windows::values::{SET, Values};
use crate::policy::{Context, Item, Status};
use crate::text::Text;

/// Files of the folder of Windows.
const OWN: [&str; 5] = [
    r"System32\*.nls",
    r"INF\errata.inf",
    r"AppPatch\drvmain.sdb",
    r"Boot\Fonts\*",
    r"Boot\Fonts_EX\*",
];
/// Files below the folder of a boot store.
const OF_BOOT: [&str; 4] = [
    "Fonts\\*",
    "*\\*.mui",
    "Resources\\*",
    "Resources\\*\\*.mui",
];
/// The key whose values name tables of System32.
const TABLES: &str = r"Control\Nls\CodePage";
const FONTS: &str = r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\Fonts";
/// The first build in which a process without rights takes fonts apart, and no longer the kernel (Microsoft,
/// "Hardening Windows 10 with zero-day exploit mitigations": AppContainer of fontdrvhost.exe).
const FONTS_CONFINED: u32 = 14_393;
/// So many files of a kind are those of a whole Windows.
const WHOLE: usize = 10;
/// The ending of the tables of characters.
const TABLE: &str = "nls";
/// Endings of programs that hold texts and pictures: all of Windows are signed.
const PROGRAMS: [&str; 2] = ["dll", "mui"];

pub(super) fn run(context: &Context<'_>, found: &mut Findings) {
    let windows = &context.evidence.windows;
    let values = Values::of(context);
    let root = windows.roots().windows;
    let mut patterns: Vec<String> = OWN.iter().map(|name| format!(r"{root}\{name}")).collect();
    for store in &windows.boot().stores {
        let path = store.at.path.as_deref().unwrap_or_default();
        if let Some((folder, _)) = path.replace('/', r"\").rsplit_once('\\') {
            patterns.extend(OF_BOOT.iter().map(|below| format!(r"{folder}\{below}")));
        }
    }
    let name = "InfName";
    if let Some(errata) = values.text(found, &format!(r"{SET}\Control\Errata"), name) {
        named(&errata.fact, &format!(r"{root}\INF"), &mut patterns);
    }
    for table in values.all(found, &format!(r"{SET}\{TABLES}"), "*") {
        let text = table.fact.data.to_string();
        if text.to_lowercase().ends_with(".nls") {
            named(&text, &format!(r"{root}\System32"), &mut patterns);
        }
    }
    let data = there(context, patterns, found);
    let mut patterns = Vec::new();
    for font in values.all(found, FONTS, "*") {
        let text = font.fact.data.to_string();
        named(&text, &format!(r"{root}\Fonts"), &mut patterns);
    }
    let fonts = there(context, patterns, found);
    windows.prepare(data.iter().chain(&fonts).cloned());
    let mut kinds: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for path in data {
        let (_, ending) = path.rsplit_once('.').unwrap_or_default();
        kinds.entry(ending.to_lowercase()).or_default().push(path);
    }
    let kinds = kinds.into_iter().map(|(ending, paths)| {
        let set = unlisted(context, &paths, found);
        (ending, set)
    });
    let kinds: BTreeMap<String, Unlisted> = kinds.collect();
    let fonts = unlisted(context, &fonts, found);
    let tables = kinds.get(TABLE).is_some_and(Unlisted::is_whole_kind);
    let build = context.evidence.guest.os.build.as_deref();
    let build = build.and_then(|b| b.split('.').next()?.parse::<u32>().ok());
    let confined = build.is_some_and(|build| build >= FONTS_CONFINED);
    for (ending, set) in kinds {
        let is_data = !PROGRAMS.contains(&ending.as_str());
        let advice = is_data && (set.is_whole_kind() || set.all < WHOLE && tables);
        tell(set, Status::Unknown, advice, found);
    }
    let status = match confined {
        true => Status::Warn,
        false => Status::Unknown,
    };
    let advice = fonts.is_whole_kind();
    tell(fonts, status, advice, found);
}

/// Adds the file that a value names: below `folder` by its name, or where it says.
fn named(text: &str, folder: &str, patterns: &mut Vec<String>) {
    let text = text.trim().replace('/', r"\");
    if text.is_empty() || text.contains(['*', '?']) {
        return;
    }
    patterns.push(match text.contains(':') || text.starts_with(['\\', '%']) {
        true => text,
        false => format!(r"{folder}\{text}"),
    });
}

/// The regular files that `patterns` lead to, each once.
fn there(context: &Context<'_>, patterns: Vec<String>, found: &mut Findings) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let patterns: BTreeSet<String> = patterns.into_iter().map(|p| p.to_lowercase()).collect();
    for pattern in patterns {
        for file in found.keep(context.evidence.windows.find(&pattern)) {
            if file.fact.kind == FileKind::Regular {
                seen.extend(file.at.path);
            }
        }
    }
    seen.into_iter().collect()
}

/// Files of a kind that no catalog lists, and how many the kind has.
struct Unlisted {
    items: Vec<Item>,
    all: usize,
}

impl Unlisted {
    /// True where catalogs list none of as many files as a whole Windows has.
    fn is_whole_kind(&self) -> bool {
        self.items.len() == self.all && self.all >= WHOLE
    }
}

fn unlisted(context: &Context<'_>, paths: &[String], found: &mut Findings) -> Unlisted {
    let windows = &context.evidence.windows;
    let mut items = Vec::new();
    for path in paths {
        match windows.is_listed(path) {
            Ok(Some(false)) => {
                let at = crate::evidence::Location::of_path(path.as_str());
                let item = Item::at(at, say!(win_kernel_006_data));
                let wanted = say!(win_kernel_006_data_wanted);
                items.push(item.compare(wanted, say!(win_kernel_006_data_unlisted)));
            }
            Ok(_) => {}
            Err(gap) => found.gap(gap),
        }
    }
    Unlisted {
        items,
        all: paths.len(),
    }
}

/// Files what catalogs do not list: each with `status`, or all of it as one `advice`.
fn tell(set: Unlisted, status: Status, advice: bool, found: &mut Findings) {
    let count = set.items.len();
    if advice {
        if let Some(first) = set.items.into_iter().next() {
            let note = say!(win_kernel_006_data_none, count = count);
            found.warn(Item::at(first.at, note));
        }
        return;
    }
    for item in set.items {
        found.add(status, item);
    }
    if count > 0 {
        found.fix(Text::verbatim("sfc /scannow"));
    }
}
