//! WIN-KERNEL-011: the kernel is of the build that the registry names, and Microsoft supports it.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::Deserialize;

use super::proof::restore;
use crate::evidence::Location;
use crate::evidence::windows::Part;
use crate::policy::checks::findings::Findings;
use crate::policy::checks::registry::{BadParameter, Parameters};
use crate::policy::checks::valid;
use crate::policy::{Context, Item, Outcome, Status};
use crate::text::Text;

/// Builds of Windows.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::policy::checks::windows) struct Builds {
    /// Builds whose files keep the number of another build: (build, number in the files).
    same_files: Vec<(u32, u16)>,
    /// Builds that Microsoft no longer supports.
    unsupported: Vec<u32>,
    /// Names of files that carry the build's number.
    files: Vec<String>,
}

impl Parameters for Builds {
    fn validate(&self) -> Result<(), BadParameter> {
        let mut seen = BTreeSet::new();
        for (i, (build, _)) in self.same_files.iter().enumerate() {
            if !seen.insert(build) {
                let problem = say!(policy_bad_duplicated, entry = build.to_string());
                return Err(BadParameter::new(format!("same_files[{i}]"), problem));
            }
        }
        let builds: Vec<String> = self.unsupported.iter().map(u32::to_string).collect();
        valid::entries("unsupported", &builds)?;
        valid::some("files", &self.files)
    }
}

pub(in crate::policy::checks::windows) fn run(context: &Context<'_>, with: &Builds) -> Outcome {
    let os = &context.evidence.guest.os;
    let all = context.evidence.windows.kernel_files();
    let mut found = Findings::new();
    let text = os.build.as_deref().unwrap_or_default();
    let mut numbers = text.split('.').map(str::parse::<u32>);
    let Some(Ok(build)) = numbers.next() else {
        found.gaps(context.evidence.windows.software().err());
        found.fix_of_unknown(no_kernel(context));
        return found.concluded(Status::Unknown, |_, _| say!(win_kernel_011_no_build));
    };
    let revision = numbers.next().and_then(std::result::Result::ok);
    let same = with.same_files.iter().find(|(of, _)| *of == build);
    let wanted = same.map_or(build, |(_, files)| u32::from(*files));
    let mut without_version = false;
    let carries = |name: &str| with.files.iter().any(|n| n.eq_ignore_ascii_case(name));
    for file in all.of(Part::Core).filter(|f| carries(f.name())) {
        let Some(version) = file.version else {
            without_version = true;
            let item = Item::at(file.at.clone(), say!(win_kernel_011_no_version));
            let wanted = Text::verbatim(wanted.to_string());
            found.warn(item.compare(wanted, say!(win_kernel_011_none)));
            continue;
        };
        let newer = revision.is_some_and(|r| u32::from(version.revision) > r);
        let (status, note) = if u32::from(version.build) != wanted {
            (Status::Fail, say!(win_kernel_011_other))
        } else if newer {
            (Status::Warn, say!(win_kernel_011_newer))
        } else {
            (Status::Pass, say!(win_kernel_011_same))
        };
        let item = Item::at(file.at.clone(), note);
        let shown = Text::verbatim(version.to_string());
        found.add(status, item.compare(Text::verbatim(text), shown));
        if status == Status::Fail {
            found.fix(restore(context, file));
        }
    }
    if found.is_empty() {
        let at = context.evidence.windows.system_root_location();
        found.unknown(Item::at(at, say!(win_kernel_011_no_file)));
        found.fix(no_kernel(context));
    }
    let unsupported = with.unsupported.contains(&build);
    if unsupported {
        let item = Item::at(Location::default(), say!(win_kernel_011_unsupported));
        found.warn(item.compare(say!(win_kernel_011_supported), Text::verbatim(text)));
        found.fix(say!(win_kernel_011_fix_unsupported, build = text));
    }
    found.conclude(|status, _| match status {
        Status::Fail => say!(win_kernel_011_fail, build = text),
        Status::Warn if unsupported => say!(win_kernel_011_old, build = text),
        Status::Warn if without_version => say!(win_kernel_011_bare, build = text),
        Status::Warn => say!(win_kernel_011_warn, build = text),
        Status::Unknown => say!(win_kernel_011_unknown),
        _ => say!(win_kernel_011_pass, build = text),
    })
}

/// What makes the build known.
fn no_kernel(context: &Context<'_>) -> Text {
    let windows = context.evidence.windows.roots().windows;
    say!(win_kernel_011_fix_unknown, windows = windows)
}
