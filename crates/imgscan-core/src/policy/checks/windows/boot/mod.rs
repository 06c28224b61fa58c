//! What a Windows guest boots: its boot configuration, and the drivers that its start needs.

pub(super) mod boot_001_loader;
#[cfg(test)]
mod boot_001_loader_tests;
pub(super) mod boot_002_virtio;
#[cfg(test)]
mod boot_002_virtio_tests;
mod boot_store;
pub(super) mod kernel_004_boot_settings;
#[cfg(test)]
mod kernel_004_boot_settings_tests;
#[cfg(test)]
mod testing;

use crate::evidence::Gap;
use crate::evidence::windows::BootReason;
use crate::policy::checks::windows::commands;
use crate::policy::{Context, Outcome, Status};
use crate::text::Text;

/// Windows before Vista has no boot configuration of this kind.
fn too_old(context: &Context<'_>) -> Option<Outcome> {
    let version = context.evidence.guest.os.version.as_deref()?;
    version
        .starts_with("5.")
        .then(|| Outcome::of(Status::NotApplicable, say!(win_boot_ini)))
}

/// Nothing was found; that is `sure` only where every volume was read.
fn no_store(context: &Context<'_>, gaps: Vec<Gap>, sure: Status) -> Outcome {
    if !gaps.is_empty() {
        return Outcome::of(Status::Unknown, say!(win_boot_no_store_read)).gaps(gaps);
    }
    let mut outcome = Outcome::of(sure, say!(win_boot_no_store));
    outcome.fixes.push(commands::write_boot_files(context));
    outcome
}

/// When an entry boots.
fn reason(reason: BootReason) -> Text {
    match reason {
        BootReason::Next => say!(win_boot_next),
        BootReason::Default => say!(win_boot_default),
        BootReason::Menu => say!(win_boot_menu),
        BootReason::Startup => say!(win_boot_startup),
        BootReason::Resume => say!(win_boot_resume),
        BootReason::Recovery => say!(win_boot_recovery),
        BootReason::Tool => say!(win_boot_tool),
        BootReason::Other => say!(win_boot_other),
    }
}
