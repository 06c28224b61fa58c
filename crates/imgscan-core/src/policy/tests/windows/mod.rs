//! Tests of Windows guests.

mod agent;
mod cloudbase;
mod desktop;
mod service;
#[cfg(test)]
mod tests;

use super::Test;

pub(super) const TESTS: &[(&str, Test)] = &[
    ("windows_agent", agent::installed),
    ("windows_cloudbase_init", cloudbase::starts),
    ("windows_desktop", desktop::clean),
];

/// True where `text` is `pattern` in any case; `*` in the pattern stands for any characters.
fn matches(pattern: &str, text: &str) -> bool {
    let text = text.to_lowercase();
    let pattern = pattern.to_lowercase();
    let mut parts = pattern.split('*');
    let Some(mut rest) = text.strip_prefix(parts.next().unwrap_or_default()) else {
        return false;
    };
    let mut parts: Vec<&str> = parts.collect();
    let Some(last) = parts.pop() else {
        return rest.is_empty();
    };
    for part in parts {
        match rest.split_once(part) {
            Some((_, behind)) => rest = behind,
            None => return false,
        }
    }
    rest.ends_with(last)
}
