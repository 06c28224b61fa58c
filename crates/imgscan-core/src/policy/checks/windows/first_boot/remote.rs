//! Windows' remote management, as `winrm` sets it.
//!
//! Microsoft, "Installation and configuration for Windows Remote Management": by itself it asks for
//! an account of the machine, and encrypts what is said.

use super::{Command, deeds};

/// Settings by their sections, with the values that let nobody in who was kept out; `#` for any
/// number.
const SETTINGS: [(&str, &str, &[&str]); 22] = [
    ("", "maxenvelopesizekb", &["#"]),
    ("", "maxtimeoutms", &["#"]),
    ("", "maxbatchitems", &["#"]),
    ("winrs", "allowremoteshellaccess", &["true", "false"]),
    ("winrs", "idletimeout", &["#"]),
    ("winrs", "maxconcurrentusers", &["#"]),
    ("winrs", "maxshellruntime", &["#"]),
    ("winrs", "maxprocessespershell", &["#"]),
    ("winrs", "maxmemorypershellmb", &["#"]),
    ("winrs", "maxshellsperuser", &["#"]),
    ("service", "maxconcurrentoperationsperuser", &["#"]),
    ("service", "enumerationtimeoutms", &["#"]),
    ("service", "maxconnections", &["#"]),
    ("service", "maxpacketretrievaltimeseconds", &["#"]),
    ("service", "allowunencrypted", &["false"]),
    ("service", "enablecompatibilityhttplistener", &["false"]),
    ("service", "enablecompatibilityhttpslistener", &["false"]),
    ("service/auth", "basic", &["false"]),
    ("service/auth", "kerberos", &["true", "false"]),
    ("service/auth", "negotiate", &["true"]),
    ("service/auth", "certificate", &["false"]),
    ("service/auth", "credssp", &["false"]),
];

/// True where the remote management starts, is looked at, or is set to what lets nobody in who was
/// kept out.
pub(super) fn is_usual(it: &Command<'_>) -> bool {
    if !is_own(it) {
        return false;
    }
    match it.word(1) {
        "quickconfig" | "qc" => it.rest(2).iter().all(|word| {
            let name = word.trim_start_matches(['-', '/']);
            ["q", "quiet", "force", "transport:http", "transport:https"].contains(&name)
        }),
        "get" | "g" | "enumerate" | "e" | "enum" | "id" | "identify" => {
            // `-remote:` sends what somebody is logged on with.
            it.rest(2)
                .iter()
                .all(|w| w.starts_with("winrm/config") || w.starts_with("-format:"))
        }
        "set" | "s" => match it.rest(2) {
            [section, pairs] => sets(section, pairs),
            _ => false,
        },
        "create" | "c" => match it.rest(2) {
            [listener] => is_encrypted_listener(listener),
            [listener, pairs] => {
                let known = |(name, _): (&str, &str)| {
                    ["hostname", "certificatethumbprint", "port", "enabled"].contains(&name)
                };
                is_encrypted_listener(listener)
                    && self::pairs(pairs).is_some_and(|all| all.into_iter().all(known))
            }
            _ => false,
        },
        _ => false,
    }
}

/// A listener at `Transport=HTTPS` takes no words that are not encrypted.
fn is_encrypted_listener(text: &str) -> bool {
    let Some(named) = text.strip_prefix("winrm/config/listener?") else {
        return false;
    };
    let mut parts: Vec<&str> = named.split('+').collect();
    parts.sort_unstable();
    parts == ["address=*", "transport=https"]
}

/// The names and values of `@{a=b;c=d}`; quotation marks are taken off already.
fn pairs(text: &str) -> Option<Vec<(&str, &str)>> {
    let text = text.trim_matches('\'');
    let inner = text.strip_prefix("@{")?.strip_suffix('}')?;
    let parts = inner.split(';').filter(|part| !part.trim().is_empty());
    parts
        .map(|part| {
            let (name, value) = part.split_once('=')?;
            Some((name.trim(), value.trim().trim_matches('\'')))
        })
        .collect()
}

fn sets(section: &str, text: &str) -> bool {
    let section = section.trim_matches('\'');
    let Some(section) = section.strip_prefix("winrm/config") else {
        return false;
    };
    let section = section.trim_start_matches('/');
    let known = |(name, value): (&str, &str)| {
        let mut all = SETTINGS.iter();
        all.any(|(of, setting, values)| {
            let number = !value.is_empty() && value.chars().all(|c| c.is_ascii_digit());
            *of == section
                && *setting == name
                && values.iter().any(|v| *v == value || *v == "#" && number)
        })
    };
    pairs(text).is_some_and(|all| !all.is_empty() && all.into_iter().all(known))
}

/// True unless another script than that of Windows answers to `winrm`.
fn is_own(it: &Command<'_>) -> bool {
    let windows = &it.context.evidence.windows;
    let path = format!(r"{}\System32\winrm.cmd", windows.roots().windows);
    let written = it.word(0).trim_start_matches('@');
    let plain = !written.contains(['\\', '/']) || path.eq_ignore_ascii_case(written);
    plain
        && !deeds::is_taken(it, "winrm", "cmd")
        && !matches!(windows.is_listed(&path), Ok(Some(false)) | Err(_))
}
