//! WIN-LEAK-002: logs, update caches, dumps, page files and earlier installations are cleaned.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::policy::checks::findings::Findings;
use crate::policy::checks::registry::{BadParameter, Parameters};
use crate::policy::checks::valid;
use crate::policy::checks::windows::commands;
use crate::policy::{Context, Item, Outcome, Status};
use crate::text::Text;

/// What fills an image or tells of its past.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::policy::checks::windows) struct Leftovers {
    /// The folders and files.
    places: Vec<Place>,
}

/// A folder or a file.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Place {
    /// A pattern of its path.
    path: String,
    /// More bytes than this warn; what is there but smaller is shown only.
    limit: u64,
    /// What it is.
    note: Text,
}

impl Parameters for Leftovers {
    fn validate(&self) -> Result<(), BadParameter> {
        let paths: Vec<&str> = self.places.iter().map(|p| p.path.as_str()).collect();
        valid::some("places", &paths)
    }
}

pub(in crate::policy::checks::windows) fn run(context: &Context<'_>, with: &Leftovers) -> Outcome {
    let mut found = Findings::new();
    for place in &with.places {
        for there in found.keep(context.evidence.windows.sizes(&place.path)) {
            let (files, bytes) = there.fact;
            if files == 0 {
                continue;
            }
            let item = Item::at(there.at, place.note.clone()).compare(
                say!(win_leak_002_limit, bytes = place.limit),
                say!(win_leak_002_size, count = files, bytes = bytes),
            );
            if bytes > place.limit {
                let path = item.at.path.as_deref().unwrap_or_default();
                found.fix(clean(&commands::plain(path)));
                found.warn(item);
            } else {
                found.pass(item);
            }
        }
    }
    found.conclude(|status, count| match status {
        Status::Warn => say!(win_leak_002_warn, count = count),
        _ => say!(win_leak_002_pass),
    })
}

/// What empties the place at `path`. Files that Windows keeps open are not deleted but switched off.
fn clean(path: &str) -> Text {
    let lower = path.to_lowercase();
    let ends = |names: &[&str]| names.iter().any(|name| lower.ends_with(name));
    if ends(&[r"\hiberfil.sys"]) {
        say!(win_cap_002_fix_hibernated)
    } else if ends(&[r"\pagefile.sys", r"\swapfile.sys"]) {
        say!(win_leak_002_fix_paging)
    } else if ends(&[r"\winevt\logs"]) {
        say!(win_leak_002_fix_logs)
    } else if lower.contains(r"\system volume information\") {
        say!(
            win_leak_002_fix_shadows,
            drive = path.get(..2).unwrap_or("C:")
        )
    } else {
        say!(win_leak_002_fix_clean, path = path)
    }
}
