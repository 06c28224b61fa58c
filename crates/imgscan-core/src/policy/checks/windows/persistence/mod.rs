//! What starts by itself.

pub(super) mod persist_001_autostarts;
#[cfg(test)]
mod persist_001_autostarts_tests;
pub(super) mod persist_002_debuggers;
#[cfg(test)]
mod persist_002_debuggers_tests;
pub(super) mod persist_003_services_and_tasks;
#[cfg(test)]
mod persist_003_services_and_tasks_tests;
pub(super) mod persist_004_authorities;
#[cfg(test)]
mod persist_004_authorities_tests;

use crate::evidence::Location;
use crate::text::Text;

/// Deletes the registry value or the file at `at`.
fn delete(at: &Location) -> Text {
    let place = at.key.as_deref();
    match (place, at.value.as_deref(), at.path.as_deref()) {
        (Some(key), Some(""), _) => say!(win_fix_reg_delete, key = key, name = "/ve"),
        (Some(key), Some(value), _) => {
            say!(
                win_fix_reg_delete,
                key = key,
                name = format!("/v \"{value}\"")
            )
        }
        (Some(key), None, _) => say!(win_fix_key_delete, key = key),
        (None, _, path) => say!(
            win_fix_file_delete,
            path = path.unwrap_or_default().replace('/', "\\")
        ),
    }
}
