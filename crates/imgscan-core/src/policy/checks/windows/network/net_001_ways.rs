//! Part of WIN-NET-001: what leads connections and names elsewhere besides the name servers: routes,
//! proxies, suffixes of names, WINS and LMHOSTS.

use crate::evidence::Location;
use crate::policy::Context;
use crate::policy::Item;
use crate::policy::checks::findings::Findings;
use crate::policy::checks::windows::commands;
use crate::policy::checks::windows::values::{SET, Values};
use crate::text::Text;

/// Settings of the internet of the machine and of users.
const INTERNET: &str = r"SOFTWARE\Microsoft\Windows\CurrentVersion\Internet Settings";
/// A flag of the settings of WinHTTP: a proxy is used.
const HAS_PROXY: u8 = 2;
/// Where the flags stand, in bytes, and the length of the proxy's name, both little-endian
/// (`WinHttpSettings`: size, counter, flags, length, name).
const FLAGS: usize = 8;
const LENGTH: usize = 12;

fn odd(at: Location, note: Text, shown: impl Into<String>, found: &mut Findings) {
    let fix = match (&at.key, &at.value) {
        (Some(key), Some(value)) => commands::loaded(&at, commands::delete_value(key, value)),
        _ => say!(win_first_look, place = at.to_string()),
    };
    found.unknown(Item::at(at, note).compare(say!(win_none), Text::verbatim(shown)));
    found.fix(fix);
}

pub(super) fn run(context: &Context<'_>, found: &mut Findings) {
    let values = Values::of(context);
    routes(values, found);
    names(context, values, found);
    proxies(values, found);
}

fn routes(values: Values<'_>, found: &mut Findings) {
    for version in ["Tcpip", "Tcpip6"] {
        let key = format!(r"{SET}\Services\{version}\Parameters\PersistentRoutes");
        for route in values.all(found, &key, "*") {
            if route.fact.name.is_empty() {
                continue;
            }
            let shown = route.fact.name.clone();
            odd(route.at, say!(win_net_001_route), shown, found);
        }
    }
}

fn names(context: &Context<'_>, values: Values<'_>, found: &mut Findings) {
    let suffixes = [
        format!(r"{SET}\Services\Tcpip\Parameters"),
        r"HKLM\SOFTWARE\Policies\Microsoft\Windows NT\DNSClient".to_owned(),
    ];
    for key in suffixes {
        for list in values.all(found, &key, "SearchList") {
            let text = list.fact.data.to_string();
            if !text.trim().is_empty() {
                odd(list.at, say!(win_net_001_suffixes), text, found);
            }
        }
    }
    let adapters = format!(r"{SET}\Services\NetBT\Parameters\Interfaces\*");
    for servers in values.all(found, &adapters, "NameServerList") {
        let text = servers.fact.data.to_string();
        if !text.trim().is_empty() {
            odd(servers.at, say!(win_net_001_wins), text, found);
        }
    }
    let netbt = format!(r"{SET}\Services\NetBT\Parameters");
    let asked = values.number(found, &netbt, "EnableLMHOSTS");
    if asked.is_some_and(|asked| asked.fact == 0) {
        return;
    }
    let folder = format!(
        r"{}\System32\drivers\etc",
        context.evidence.windows.roots().windows
    );
    match context
        .evidence
        .windows
        .lines(&format!(r"{folder}\lmhosts"))
    {
        Ok(lines) => {
            for line in found.keep(lines) {
                let text = line.fact.trim();
                // Commands begin with the sign of comments, too.
                let lower = text.to_ascii_lowercase();
                let command = ["#include", "#begin_alternate"];
                let command = command.iter().any(|c| lower.starts_with(c));
                if !text.is_empty() && (command || !text.starts_with('#')) {
                    odd(line.at.clone(), say!(win_net_001_lmhosts), text, found);
                }
            }
        }
        Err(gap) => found.gap(gap),
    }
}

/// True for settings of WinHTTP, in hexadecimal digits, by which a proxy is used.
fn has_proxy(hexadecimal: &str) -> bool {
    let byte = |at: usize| {
        let digits = hexadecimal.get(at.checked_mul(2)?..at.checked_mul(2)?.checked_add(2)?);
        u8::from_str_radix(digits?, 16).ok()
    };
    let flags = byte(FLAGS).is_some_and(|flags| flags & HAS_PROXY != 0);
    flags && byte(LENGTH).is_some_and(|length| length != 0)
}

fn proxies(values: Values<'_>, found: &mut Findings) {
    let note = || say!(win_net_001_web_proxy);
    for hive in ["HKLM", r"HKLM\SOFTWARE\Wow6432Node"] {
        let rest = INTERNET.trim_start_matches(r"SOFTWARE\");
        let base = match hive {
            "HKLM" => format!(r"HKLM\{INTERNET}"),
            other => format!(r"{other}\{rest}"),
        };
        let key = format!(r"{base}\Connections");
        for settings in values.all(found, &key, "WinHttpSettings") {
            let text = settings.fact.data.to_string();
            if has_proxy(&text) {
                odd(settings.at, note(), text, found);
            }
        }
    }
    let policy = format!(
        r"HKLM\SOFTWARE\Policies\{}",
        &INTERNET["SOFTWARE\\".len()..]
    );
    let per_user = values.number(found, &policy, "ProxySettingsPerUser");
    let machine = format!(r"HKLM\{INTERNET}");
    for key in [&machine, &policy] {
        let on = values.number(found, key, "ProxyEnable");
        let server = values.text(found, key, "ProxyServer");
        if let (Some(on), Some(server)) = (on, server)
            && on.fact != 0
            && per_user.as_ref().is_some_and(|p| p.fact == 0)
        {
            odd(on.at, note(), server.fact, found);
        }
    }
    let users = format!(r"HKU\*\{INTERNET}");
    let users_policy = format!(
        r"HKU\*\SOFTWARE\Policies\{}",
        &INTERNET["SOFTWARE\\".len()..]
    );
    for key in [&machine, &policy, &users, &users_policy] {
        for script in values.all(found, key, "AutoConfigURL") {
            let text = script.fact.data.to_string();
            if !text.trim().is_empty() {
                odd(script.at, note(), text, found);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_proxy_of_winhttp_is_told_by_its_flags_and_its_name() {
        // `netsh winhttp reset proxy`, and a proxy of 16 letters.
        assert!(!has_proxy("2800000000000000010000000000000000000000"));
        assert!(has_proxy("28000000000000000300000010000000323033"));
        assert!(!has_proxy("28"));
    }
}
