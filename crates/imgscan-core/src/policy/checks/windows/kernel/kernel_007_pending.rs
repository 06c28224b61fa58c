//! Part of WIN-KERNEL-007: files that the next start renames or deletes.

use super::kernel_007_early_values::EarlyValues;
use crate::evidence::Found;
use crate::evidence::windows::PendingRename;
use crate::policy::checks::findings::Findings;
use crate::policy::checks::windows::values::{SET, Values};
use crate::policy::checks::windows::{commands, matches};
use crate::policy::{Context, Item, Status};
use crate::text::Text;

pub(super) fn run(context: &Context<'_>, with: &EarlyValues, found: &mut Findings) {
    let pending = found.keep(context.evidence.windows.pending_renames());
    let mut effective = false;
    for operation in &pending {
        let (status, note) = judge(with, &operation.fact);
        effective |= operation.fact.source.is_some();
        let it = &operation.fact;
        let shown = match &it.to {
            Some(to) => say!(
                win_kernel_007_renames,
                from = it.from.as_str(),
                to = to.as_str()
            ),
            None => say!(win_kernel_007_deletes, path = it.from.as_str()),
        };
        let item = Item::at(operation.at.clone(), note);
        found.add(status, item.compare(say!(win_nothing), shown));
        if status != Status::Pass {
            found.fix(removed(operation));
        }
    }
    let values = Values::of(context);
    let manager = format!(r"{SET}\Control\Session Manager");
    let allowed = values.number(found, &manager, "AllowProtectedRenames");
    if let Some(allowed) = allowed.filter(|a| a.fact != 0 && effective) {
        let item = Item::at(allowed.at, say!(win_kernel_007_protected_renames));
        let shown = Text::verbatim(allowed.fact.to_string());
        found.unknown(item.compare(say!(win_value_absent), shown));
    }
    let newer = format!(r"{manager}\FileRenameOperations");
    for value in values.all(found, &newer, "*") {
        let item = Item::at(value.at, say!(win_kernel_007_newer_renames));
        let shown = Text::verbatim(value.fact.data.to_string());
        found.unknown(item.compare(say!(win_nothing), shown));
    }
}

fn removed(operation: &Found<PendingRename>) -> Text {
    let key = operation.at.key.as_deref().unwrap_or_default();
    let value = operation.at.value.as_deref().unwrap_or_default();
    commands::loaded(&operation.at, commands::delete_value(key, value))
}

/// True for an operation that clears away a temporary file, by the `harmless` ones of the policy, or
/// whose file is gone.
pub(in crate::policy::checks::windows) fn is_harmless(
    harmless: &[String],
    it: &PendingRename,
) -> bool {
    let Some(path) = it.path.as_deref() else {
        return false;
    };
    let clears = it.to.is_none() && clears(harmless, path);
    it.services.is_empty() && (it.source.is_none() || clears)
}

/// A short name or a way up can hide what the path means.
fn is_hidden(path: &str) -> bool {
    path.contains(['~', '%']) || path.contains(r"\..")
}

/// True for the path of a temporary file.
fn clears(harmless: &[String], path: &str) -> bool {
    harmless.iter().any(|p| matches(p, path)) && !is_hidden(path)
}

/// What an operation does to the system.
fn judge(with: &EarlyValues, it: &PendingRename) -> (Status, Text) {
    let any = |patterns: &[String], path: &str| patterns.iter().any(|p| matches(p, path));
    let Some(path) = it.path.as_deref() else {
        return (Status::Unknown, say!(win_kernel_007_pending_where));
    };
    if it.source.is_none() {
        return (Status::Pass, say!(win_kernel_007_pending_gone));
    }
    if !it.services.is_empty() {
        let services = it.services.clone();
        let note = say!(win_kernel_007_pending_service, services = services);
        return (Status::Fail, note);
    }
    let clear = clears(&with.harmless, path);
    if any(&with.protected, path) && !clear {
        return (Status::Fail, say!(win_kernel_007_pending_protected));
    }
    match (&it.to, it.to_path.as_deref()) {
        (None, _) if clear => (Status::Pass, say!(win_kernel_007_pending_clears)),
        (None, _) if is_hidden(path) => (Status::Unknown, say!(win_kernel_007_pending_hidden)),
        (None, _) => (Status::Warn, say!(win_kernel_007_pending_deletes)),
        (Some(_), Some(to)) if any(&with.protected, to) => {
            (Status::Fail, say!(win_kernel_007_pending_replaces))
        }
        // What stands there at the next start is not what stands there now.
        (Some(_), _) => (Status::Unknown, say!(win_kernel_007_pending_moves)),
    }
}
