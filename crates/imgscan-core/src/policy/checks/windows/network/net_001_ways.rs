//! Part of WIN-NET-001: what leads connections and names elsewhere besides the name servers: routes,
//! gateways, proxies, suffixes of names, WINS and LMHOSTS, and where the answers of DHCP are kept.

use crate::evidence::windows::{Datum, NamedValue};
use crate::evidence::{Found, Location};
use crate::policy::Context;
use crate::policy::Item;
use crate::policy::checks::findings::Findings;
use crate::policy::checks::windows::values::{SET, Values};
use crate::policy::checks::windows::{commands, matches};
use crate::text::Text;

/// Settings of the internet of the machine and of users.
const INTERNET: &str = r"SOFTWARE\Microsoft\Windows\CurrentVersion\Internet Settings";
/// Flags of the settings of a connection: a proxy is used, or a script that names one (wininet.h,
/// `PROXY_TYPE_PROXY` and `PROXY_TYPE_AUTO_PROXY_URL`).
const PROXY: u32 = 2;
const SCRIPT: u32 = 4;
/// Where the flags stand in them, in bytes; behind them the name of the proxy, what goes past it and
/// the address of the script, each after its length. All numbers have 4 bytes and are little-endian.
const FLAGS: usize = 8;
const NAMES: usize = 12;
/// The module identifiers of IPv4 and IPv6, below which the table of routes that stay is the
/// number 16 (`NPI_MS_IPV4_MODULEID`, `NPI_MS_IPV6_MODULEID`, nldef.h).
const MODULES: [&str; 2] = [
    "{eb004a00-9b1a-11d4-9123-0050047759bc}",
    "{eb004a01-9b1a-11d4-9123-0050047759bc}",
];
/// Where Windows keeps the answers of DHCP to options.
const ANSWERS: [&str; 6] = [
    r"SYSTEM\CurrentControlSet\Services\Tcpip\Parameters\Interfaces\?\Dhcp*",
    r"SYSTEM\CurrentControlSet\Services\Tcpip\Parameters\Dhcp*",
    r"SYSTEM\CurrentControlSet\Services\?\Parameters\Tcpip\Dhcp*",
    r"SYSTEM\CurrentControlSet\Services\NetBT\Parameters\Interfaces\Tcpip_?\Dhcp*",
    r"SYSTEM\CurrentControlSet\Services\NetBT\Adapters\?\Dhcp*",
    r"SYSTEM\CurrentControlSet\Services\NetBT\Parameters\Dhcp*",
];
/// Options without whose answers a machine has no address of its network, gateway or name servers,
/// with the name of the value that each is read from.
const OPTIONS: [(&str, &str); 3] = [
    ("1", "DhcpSubnetMaskOpt"),
    ("3", "DhcpDefaultGateway"),
    ("6", "DhcpNameServer"),
];

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
    answers(values, found);
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
        // It counts beside the gateway that DHCP gives.
        let adapters = format!(r"{SET}\Services\{version}\Parameters\Interfaces\*");
        for gateway in values.all(found, &adapters, "DefaultGateway") {
            let shown = gateway.fact.data.to_string();
            if !shown.trim().is_empty() {
                odd(gateway.at, say!(win_net_001_gateway), shown, found);
            }
        }
    }
    for module in MODULES {
        let table = format!(r"{SET}\Control\Nsi\{module}\16");
        for route in values.all(found, &table, "*") {
            let shown = route.fact.name.clone();
            odd(route.at, say!(win_net_001_route), shown, found);
        }
    }
}

/// Where the answers of DHCP go: the value that the stack reads is written by nobody then, or one
/// that an administrator sets is.
fn answers(values: Values<'_>, found: &mut Findings) {
    let options = format!(r"{SET}\Services\Dhcp\Parameters\Options\*");
    for place in values.all(found, &options, "RegLocation") {
        let key = place.at.key.clone().unwrap_or_default();
        let option = key.rsplit('\\').next().unwrap_or_default();
        let name = OPTIONS.iter().find(|(number, _)| *number == option);
        let right = |text: &str| {
            let last = text.rsplit('\\').next().unwrap_or_default();
            let same = name.is_none_or(|(_, name)| last.eq_ignore_ascii_case(name));
            same && ANSWERS.iter().any(|p| matches(p, text))
        };
        let text = place.fact.data.to_string();
        let all: Vec<String> = match place.fact.data {
            Datum::List(all) => all,
            other => vec![other.to_string()],
        };
        let mut named = all.iter().filter(|t| !t.trim().is_empty());
        if !named.all(|t| right(t)) {
            odd(place.at, say!(win_net_001_answers), text, found);
        }
    }
}

fn names(context: &Context<'_>, values: Values<'_>, found: &mut Findings) {
    let stack = format!(r"{SET}\Services\Tcpip\Parameters");
    let adapters = format!(r"{stack}\Interfaces\*");
    let policy = r"HKLM\SOFTWARE\Policies\Microsoft\Windows NT\DNSClient";
    let system = r"HKLM\SOFTWARE\Policies\Microsoft\System\DNSClient";
    let suffixes = [
        (stack.as_str(), "SearchList"),
        (&stack, "Domain"),
        (&stack, "NV Domain"),
        (&adapters, "Domain"),
        (policy, "SearchList"),
        (policy, "PrimaryDnsSuffix"),
        (policy, "AdapterDomainName"),
        (system, "NV PrimaryDnsSuffix"),
    ];
    for (key, name) in suffixes {
        for list in values.all(found, key, name) {
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

/// True for settings of a connection, in hexadecimal digits, by which a proxy or a script is used.
fn has_proxy(hexadecimal: &str) -> bool {
    let number = |at: usize| {
        let mut bytes = [0; 4];
        for (i, byte) in bytes.iter_mut().enumerate() {
            let from = at.checked_add(i)?.checked_mul(2)?;
            let digits = hexadecimal.get(from..from.checked_add(2)?)?;
            *byte = u8::from_str_radix(digits, 16).ok()?;
        }
        Some(u32::from_le_bytes(bytes))
    };
    let Some(flags) = number(FLAGS) else {
        return false;
    };
    // Where a name begins, behind its length and that of the one before.
    let mut at = Some(NAMES);
    for flag in [PROXY, 0, SCRIPT] {
        let Some(length) = at.and_then(number) else {
            // What is cut is read in a way that is not known.
            return flags & (PROXY | SCRIPT) != 0 && hexadecimal.len() > NAMES * 2;
        };
        if flags & flag != 0 && length != 0 {
            return true;
        }
        let length = usize::try_from(length).ok();
        at = at.and_then(|at| at.checked_add(4)?.checked_add(length?));
    }
    false
}

/// The settings of each connection below `key`; those of WinHTTP have the same form.
fn connections(values: Values<'_>, key: &str, found: &mut Findings) {
    for settings in values.all(found, key, "*") {
        let text = settings.fact.data.to_string();
        if has_proxy(&text) {
            odd(settings.at, say!(win_net_001_web_proxy), text, found);
        }
    }
}

fn proxies(values: Values<'_>, found: &mut Findings) {
    let note = || say!(win_net_001_web_proxy);
    for hive in ["HKLM", r"HKLM\SOFTWARE\Wow6432Node"] {
        let rest = INTERNET.trim_start_matches(r"SOFTWARE\");
        let base = match hive {
            "HKLM" => format!(r"HKLM\{INTERNET}"),
            other => format!(r"{other}\{rest}"),
        };
        connections(values, &format!(r"{base}\Connections"), found);
    }
    connections(values, &format!(r"HKU\*\{INTERNET}\Connections"), found);
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
    for key in [&users, &users_policy] {
        // Each is of a user of its own; the switch and the server stand side by side.
        let on = values.all(found, key, "ProxyEnable");
        let servers = values.all(found, key, "ProxyServer");
        for on in on.into_iter().filter(|on| on.fact.data != Datum::Number(0)) {
            let beside = |s: &&Found<NamedValue>| s.at.key == on.at.key && s.at.path == on.at.path;
            let server = servers.iter().find(beside).map(|s| s.fact.data.to_string());
            if let Some(server) = server.filter(|s| !s.trim().is_empty()) {
                odd(on.at, note(), server, found);
            }
        }
    }
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
        // DefaultConnectionSettings of Internet Explorer: found by itself (9), and a script of 4 letters (5).
        assert!(!has_proxy(
            "4600000001000000090000000000000000000000000000000100000000"
        ));
        assert!(has_proxy(
            "4600000001000000050000000000000000000000040000006874747000"
        ));
        // The flag without a name uses nothing.
        assert!(!has_proxy(
            "46000000010000000700000000000000000000000000000000"
        ));
    }
}
