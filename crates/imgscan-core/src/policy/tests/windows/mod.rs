//! Tests of Windows guests.

mod access;
mod accounts;
mod agent;
mod basics;
mod cloudbase;
mod conf;
mod desktop;
mod drivers;
mod network;
mod passwords;
mod probe;
mod service;
#[cfg(test)]
mod state_tests;
mod sysprep;
#[cfg(test)]
mod tests;

use super::Test;

pub(super) const TESTS: &[(&str, Test)] = &[
    ("windows_agent", agent::installed),
    ("windows_cloudbase_init", cloudbase::starts),
    ("windows_desktop", desktop::clean),
    ("windows_sysprep", sysprep::state),
    ("windows_sysprep_runs", sysprep::runs),
    ("windows_identity", sysprep::identity),
    ("windows_administrator", accounts::administrator),
    ("windows_accounts", accounts::hidden),
    ("windows_2008_profile", accounts::profile),
    ("windows_passwords", passwords::known),
    ("windows_cloudbase_conf", conf::suits),
    ("windows_resolvers", network::resolvers),
    ("windows_time", network::time),
    ("windows_virtio", drivers::virtio),
    ("windows_foreign_tools", drivers::foreign_tools),
    ("windows_remote_desktop", access::remote),
    ("windows_basic_services", basics::services),
    ("windows_automation_agent", basics::automation),
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
