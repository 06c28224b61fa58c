//! WIN-ACCT-004: on servers that lose the Administrator's profile, it holds nothing of the product.

use schemars::JsonSchema;
use serde::Deserialize;

use super::local_accounts::ADMINISTRATOR;
use crate::evidence::Location;
use crate::policy::checks::findings::Findings;
use crate::policy::checks::registry::{BadParameter, Parameters};
use crate::policy::checks::valid;
use crate::policy::checks::windows::matches;
use crate::policy::checks::windows::values::Values;
use crate::policy::{Context, Item, Outcome, Status};

/// The profile of the Administrator.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::policy::checks) struct Profile {
    /// Versions of Windows servers that lose the profile (`6.0`).
    versions: Vec<String>,
    /// Folders of the profile that hold a user's data.
    folders: Vec<String>,
    /// Patterns of names in them that a new profile has too.
    usual: Vec<String>,
    /// Answer files that may ask for the profile to be kept.
    answer_files: Vec<String>,
}

impl Parameters for Profile {
    fn validate(&self) -> Result<(), BadParameter> {
        valid::some("versions", &self.versions)?;
        valid::some("folders", &self.folders)?;
        valid::entries("usual", &self.usual)?;
        valid::entries("answer_files", &self.answer_files)
    }
}

pub(in crate::policy::checks) fn run(context: &Context<'_>, with: &Profile) -> Outcome {
    let mut found = Findings::new();
    let os = &context.evidence.guest.os;
    let version = os.version.clone().unwrap_or_default();
    let edition = os.edition.clone().unwrap_or_default();
    let product = os.name.clone().unwrap_or_default();
    let key = r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion";
    found.pass(Item::at(
        Values::of(context).place(key, "CurrentVersion"),
        say!(
            win_acct_004_version,
            product = product.as_str(),
            edition = edition.as_str(),
            version = version.as_str()
        ),
    ));
    if version.is_empty() {
        return found.concluded(Status::Unknown, |_, _| say!(win_acct_004_no_version));
    }
    let server = edition.starts_with("Server") || product.contains("Server");
    if !server || !with.versions.contains(&version) {
        return found.concluded(Status::NotApplicable, |_, _| say!(win_acct_004_keeps));
    }
    let profiles = context.evidence.windows.profiles();
    found.gaps(profiles.gaps.iter().cloned());
    let own = format!("-{ADMINISTRATOR}");
    let own = |sid: &Option<String>| sid.as_deref().is_some_and(|s| s.ends_with(&own));
    for profile in profiles.items.iter().filter(|p| own(&p.fact.sid)) {
        for folder in &with.folders {
            let path = format!("{}/{}", profile.fact.folder, folder);
            let names = found.read(context.evidence.files.names(&path));
            let names = names.unwrap_or_default();
            found.gaps(names.gaps);
            for name in names.names {
                if with.usual.iter().any(|p| matches(p, &name)) {
                    continue;
                }
                let path = format!("{path}/{name}");
                found.fix(say!(win_acct_004_fix_move, path = path.as_str()));
                found.warn(Item::at(Location::of_path(path), say!(win_acct_004_data)));
            }
        }
    }
    let copied = copies(context, with, &mut found);
    found.conclude(|status, count| match status {
        Status::Warn if copied => say!(win_acct_004_warn_copied, count = count),
        Status::Warn => say!(win_acct_004_warn, count = count),
        _ => say!(win_acct_004_pass),
    })
}

/// True where an answer file makes the profile the one of every new user.
fn copies(context: &Context<'_>, with: &Profile, found: &mut Findings) -> bool {
    let mut copied = false;
    for path in &with.answer_files {
        let lines = match context.evidence.windows.lines(path) {
            Ok(lines) => lines.items,
            Err(gap) => {
                found.gap(gap);
                continue;
            }
        };
        for line in lines {
            let text = line.fact.to_ascii_lowercase().replace(' ', "");
            if text.contains("<copyprofile>true") {
                copied = true;
                found.pass(Item::at(line.at, say!(win_acct_004_copied)));
            }
        }
    }
    copied
}
