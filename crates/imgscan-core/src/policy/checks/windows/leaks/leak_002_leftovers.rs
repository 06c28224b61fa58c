//! WIN-LEAK-002: logs, update caches, dumps, page files and earlier installations are cleaned.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::policy::checks::findings::Findings;
use crate::policy::checks::registry::{BadParameter, Parameters};
use crate::policy::checks::valid;
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
                found.fix(say!(win_leak_002_fix_clean, path = path.replace('/', r"\")));
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
