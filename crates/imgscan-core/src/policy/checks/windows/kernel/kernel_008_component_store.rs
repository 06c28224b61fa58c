//! WIN-KERNEL-008: system files are those of the component store (`WinSxS`).

use super::proof::{restore, shown, vouched};
use crate::evidence::Gap;
use crate::evidence::windows::Component;
use crate::policy::checks::findings::Findings;
use crate::policy::checks::registry::Parameters;
use crate::policy::{Context, Item, Outcome, Status};

/// No parameters of its own.
#[derive(Debug, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::policy::checks::windows) struct ComponentStore {}

impl Parameters for ComponentStore {
    const SHARED: &'static [&'static str] = &["windows_anchors"];
}

pub(in crate::policy::checks::windows) fn run(
    context: &Context<'_>,
    _: &ComponentStore,
) -> Outcome {
    let all = context.evidence.windows.kernel_files();
    // Where no file is told to be of the store, one that could not be read may be.
    let any = all.files.iter().any(|file| file.component.is_some());
    let of_store = |g: &&Gap| !any || g.at.path.as_ref().is_some_and(|p| p.contains("WinSxS"));
    let gaps: Vec<Gap> = all.gaps.iter().filter(of_store).cloned().collect();
    let mut found = Findings::with_gaps(&gaps);
    for file in &all.files {
        let Some(component) = &file.component else {
            continue;
        };
        let good = vouched(context, &file.proof);
        let otherwise = if good { Status::Warn } else { Status::Fail };
        let (status, text) = match component {
            Component::Linked { path, record } => (
                Status::Pass,
                say!(win_kernel_008_linked, record = *record, path = path),
            ),
            Component::Other { path, record } => (
                otherwise,
                say!(win_kernel_008_other, record = *record, path = path),
            ),
            Component::NoComponent => (otherwise, say!(win_kernel_008_no_component)),
            Component::NoStore => (otherwise, say!(win_kernel_008_no_store)),
        };
        let note = say!(
            win_kernel_008_file,
            name = file.name(),
            proof = shown(&file.proof)
        );
        let item = Item::at(file.at.clone(), note);
        found.add(status, item.compare(say!(win_kernel_008_wanted), text));
        if status != Status::Pass {
            found.fix(restore(context, file));
        }
    }
    if found.is_empty() && gaps.is_empty() {
        return found.concluded(Status::NotApplicable, |_, _| say!(win_kernel_008_none));
    }
    found.conclude(|status, count| match status {
        Status::Fail => say!(win_kernel_008_fail, count = count),
        Status::Warn => say!(win_kernel_008_warn, count = count),
        _ => say!(win_kernel_008_pass),
    })
}
