//! The files of Windows that no entry names: part of WIN-PERSIST-001.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::Deserialize;

use crate::evidence::windows::{CodeFiles, Occasion, Runs, Signed, SweepPlan, Swept};
use crate::policy::checks::findings::Findings;
use crate::policy::checks::registry::BadParameter;
use crate::policy::checks::valid;
use crate::policy::checks::windows::explained::explain_file;
use crate::policy::{Context, Item};
use crate::text::Text;

/// Files of one folder that are told with their reasons.
const SHOWN: usize = 8;

/// Which files below the folder of Windows must be explained, though no entry names them. Programs
/// and libraries are known by their contents, whatever they are called.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SystemFiles {
    /// Patterns of folders that are left out, with all below them; they may begin with a variable.
    skip: Vec<String>,
    /// Other files that carry code.
    code: Vec<Code>,
}

/// Files that carry code and are no programs.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Code {
    /// Patterns of the folders that they lie in; they may begin with a variable.
    folders: Vec<String>,
    /// The ends of their names, in lower case.
    endings: Vec<String>,
    /// What they hold where they carry code, in lower case with single blanks; without it every one
    /// does.
    #[serde(default)]
    holds: Vec<String>,
}

impl SystemFiles {
    pub(super) fn validate(&self, at: &str) -> Result<(), BadParameter> {
        valid::entries(&format!("{at}.skip"), &self.skip)?;
        for (i, code) in self.code.iter().enumerate() {
            let at = format!("{at}.code[{i}]");
            valid::some(&format!("{at}.folders"), &code.folders)?;
            valid::some(&format!("{at}.endings"), &code.endings)?;
            valid::entries(&format!("{at}.holds"), &code.holds)?;
        }
        Ok(())
    }

    fn plan(&self) -> SweepPlan {
        let code = self.code.iter().map(|code| CodeFiles {
            folders: code.folders.clone(),
            endings: code.endings.clone(),
            holds: code.holds.clone(),
        });
        SweepPlan {
            skip: self.skip.clone(),
            code: code.collect(),
        }
    }
}

/// What is not explained in one folder.
#[derive(Default)]
struct Folder<'s> {
    count: usize,
    first: Option<&'s Swept>,
    told: Vec<Text>,
}

/// Looks at all files below the folder of Windows.
pub(super) fn look(context: &Context<'_>, with: &SystemFiles, found: &mut Findings) {
    let windows = &context.evidence.windows;
    let mut sweep = windows.sweep(&with.plan());
    found.gaps(std::mem::take(&mut sweep.gaps));
    let judged = judged_as_entries(context);
    let mut folders: BTreeMap<String, Folder<'_>> = BTreeMap::new();
    let mut unexplained = 0_usize;
    for swept in &sweep.unproven {
        let path = swept.path.to_lowercase();
        if judged.contains(&path) || is_known_name(context, swept) {
            continue;
        }
        let Err(why) = explain_file(context, &swept.file, swept.is_script) else {
            continue;
        };
        unexplained = unexplained.saturating_add(1);
        let (folder, name) = swept.path.rsplit_once('\\').unwrap_or(("", &swept.path));
        let folder = folders.entry(folder.to_owned()).or_default();
        folder.count = folder.count.saturating_add(1);
        folder.first.get_or_insert(swept);
        if folder.told.len() < SHOWN {
            let sha256 = swept.file.file.at.sha256.as_deref().unwrap_or("-");
            folder.told.push(say!(
                win_execution_part,
                path = name,
                why = why,
                sha256 = sha256
            ));
        }
    }
    let roots = windows.roots();
    let count = sweep.programs.saturating_add(sweep.scripts);
    if unexplained == 0 {
        let note = say!(
            win_system_files_pass,
            count = count,
            folder = roots.windows.as_str(),
            skipped = sweep.skipped.len()
        );
        found.pass(Item::at(windows.system_root_location(), note));
        return;
    }
    let note = say!(
        win_system_files_unknown,
        count = unexplained,
        all = count,
        folder = roots.windows.as_str(),
        folders = folders.len()
    );
    found.unknown(Item::at(windows.system_root_location(), note));
    found.fix(say!(win_system_files_mend));
    for (path, folder) in folders {
        let Some(first) = folder.first else { continue };
        let note = say!(
            win_system_files_folder,
            count = folder.count,
            folder = path,
            files = folder.told
        );
        let item = Item::at(first.file.file.at.clone(), note);
        found.unknown(item.compare(say!(win_execution_expected), Text::verbatim(&first.path)));
    }
}

/// The files, by their paths in lower case, that entries lead to which are judged: each is told there.
fn judged_as_entries(context: &Context<'_>) -> BTreeSet<String> {
    let all = context.evidence.windows.executions();
    let entries = all.items.iter();
    let judged = entries.filter(|e| e.fact.occasion != Occasion::Dormant);
    let files = judged.flat_map(|e| &e.fact.parts).filter_map(|part| {
        let Runs::File(file) = &part.target else {
            return None;
        };
        let path = file.file.at.path.as_ref()?;
        Some(path.replace('/', "\\").to_lowercase())
    });
    files.collect()
}

/// True for a file that is signed under another name than it has, where neither is the name of a
/// program of Windows that starts by itself or carries out what it is told: many files of Windows
/// have such names.
fn is_known_name(context: &Context<'_>, swept: &Swept) -> bool {
    let Some(Signed::Renamed(..)) = swept.file.signed else {
        return false;
    };
    let name = swept.path.rsplit('\\').next().unwrap_or_default();
    let programs = &context.shared.windows_programs;
    let mut names = programs.system_names.iter();
    !swept.is_host && !names.any(|n| n.eq_ignore_ascii_case(name))
}
