//! WIN-NET-001: name servers are those of the provider, or come by DHCP.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::evidence::Location;
use crate::evidence::windows::HostsLine;
use crate::policy::checks::findings::Findings;
use crate::policy::checks::registry::{BadParameter, Parameters};
use crate::policy::checks::valid;
use crate::policy::checks::windows::values::{SET, Values};
use crate::policy::checks::windows::{commands, matches, one_of};
use crate::policy::{Context, Dns, Item, Outcome, Status};
use crate::text::Text;

/// The class of network adapters.
const ADAPTERS: &str = "{4D36E972-E325-11CE-BFC1-08002BE10318}";

/// What a hosts file may say.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::policy::checks) struct Hosts {
    /// Patterns of addresses that a hosts file may lead any name to.
    hosts: Vec<String>,
    /// Names with the address that each is of, as the provider has them.
    own_names: Vec<(String, String)>,
    /// Patterns of addresses inside of a network of one's own.
    private: Vec<String>,
}

impl Parameters for Hosts {
    const SHARED: &'static [&'static str] = &["dns"];

    fn validate(&self) -> Result<(), BadParameter> {
        valid::entries("hosts", &self.hosts)?;
        valid::entries("private", &self.private)
    }
}

/// Whose name servers a value holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Of {
    /// An adapter of this system, or all of them.
    System,
    /// An adapter that is gone.
    Gone,
    /// A rule of the name resolution policy table.
    Rule,
}

/// The name servers of one value.
struct Servers {
    of: Of,
    at: Location,
    note: Text,
    /// As they are set.
    all: Vec<String>,
    /// How many of them are approved.
    approved: usize,
    /// The first of them is not.
    first_is_foreign: bool,
}

impl Servers {
    /// True where the first of them, which is asked first, is not approved.
    fn leads_away(&self) -> bool {
        self.first_is_foreign
    }

    /// How many are not approved.
    fn foreign(&self) -> usize {
        self.all.len().saturating_sub(self.approved)
    }
}

pub(in crate::policy::checks) fn run(context: &Context<'_>, with: &Hosts) -> Outcome {
    let dns = &context.shared.dns;
    let mut found = Findings::new();
    let servers = set(Values::of(context), dns, &mut found);
    encrypted(Values::of(context), dns, &mut found);
    hosts(context, with, &mut found);
    super::net_001_ways::run(context, &mut found);
    let approved = |of| -> usize {
        let all = servers.iter().filter(|s| s.of == of);
        all.map(|s| s.approved).sum()
    };
    let foreign = |of| -> usize {
        let all = servers.iter().filter(|s| s.of == of);
        all.map(Servers::foreign).sum()
    };
    let (live, live_foreign) = (approved(Of::System), foreign(Of::System));
    let (gone_foreign, rules_foreign) = (foreign(Of::Gone), foreign(Of::Rule));
    for value in servers {
        let status = match value.of {
            _ if value.foreign() == 0 => Status::Pass,
            Of::Rule => Status::Fail,
            // The first is asked before the others; those when it does not answer.
            Of::System if value.leads_away() => Status::Fail,
            Of::System => Status::Unknown,
            Of::Gone => Status::Warn,
        };
        if status != Status::Pass {
            found.fix(fix(&value));
        }
        let item = Item::at(value.at, value.note);
        let shown = Text::verbatim(value.all.join(", "));
        found.add(status, item.compare(expected(dns), shown));
    }
    found.conclude(|status, count| match status {
        Status::Fail if live_foreign > 0 => say!(win_net_001_fail, count = live_foreign),
        Status::Fail => say!(win_net_001_fail_rule, count = rules_foreign),
        Status::Unknown if live_foreign > 0 => say!(
            win_net_001_warn_mixed,
            count = live_foreign,
            total = live_foreign + live
        ),
        Status::Unknown => say!(win_net_001_unknown, count = count),
        Status::Warn if gone_foreign > 0 => say!(win_net_001_warn_gone, count = gone_foreign),
        Status::Warn => say!(win_net_001_warn, count = count),
        _ if live > 0 => say!(win_net_001_pass),
        _ => say!(win_net_001_pass_dhcp),
    })
}

fn expected(dns: &Dns) -> Text {
    let approved: Vec<String> = dns.approved.values().flatten().cloned().collect();
    say!(win_net_001_expected, approved = approved)
}

/// How name servers are given back to DHCP.
fn fix(value: &Servers) -> Text {
    let key = value.at.key.clone().unwrap_or_default();
    let name = value.at.value.clone().unwrap_or_default();
    match value.of {
        Of::Rule => say!(win_fix_key_delete, key = key),
        _ => commands::delete_value(&key, &name),
    }
}

/// The name servers that the image sets.
fn set(values: Values<'_>, dns: &Dns, found: &mut Findings) -> Vec<Servers> {
    let mut out = Vec::new();
    let mut add = |of, at, note, text: &str| {
        // Commas, blanks and semicolons divide them.
        let all = text.split([',', ' ', ';', '\0']).filter(|s| !s.is_empty());
        let all: Vec<String> = all.map(str::to_owned).collect();
        let known = |a: &&String| dns.approved.values().flatten().any(|b| b == *a);
        let approved = all.iter().filter(known).count();
        let first_is_foreign = all.first().is_some_and(|a| !known(&a));
        if !all.is_empty() {
            out.push(Servers {
                of,
                at,
                note,
                all,
                approved,
                first_is_foreign,
            });
        }
    };
    for version in ["Tcpip", "Tcpip6"] {
        let parameters = format!(r"{SET}\Services\{version}\Parameters");
        for key in [parameters.as_str(), POLICY] {
            if let Some(all) = values.first(found, key, "NameServer") {
                let text = all.fact.data.to_string();
                add(Of::System, all.at, say!(win_net_001_all_adapters), &text);
            }
        }
        for adapter in values.keys(found, &format!(r"{parameters}\Interfaces\*")) {
            let key = format!(r"{parameters}\Interfaces\{}", adapter.fact);
            let id = adapter.fact.as_str();
            let connection = format!(r"{SET}\Control\Network\{ADAPTERS}\{id}\Connection");
            let name = values.text(found, &connection, "Name");
            let note = || match &name {
                Some(name) => say!(win_net_001_adapter, name = &name.fact, id = id),
                None => say!(win_net_001_adapter_gone, id = id),
            };
            let gone = name.is_none() && is_unused(values, id, found);
            let of = if gone { Of::Gone } else { Of::System };
            for value in ["NameServer", "ProfileNameServer"] {
                if let Some(servers) = values.first(found, &key, value) {
                    add(of, servers.at, note(), &servers.fact.data.to_string());
                }
            }
            let dhcp = values.number(found, &key, "EnableDHCP");
            if let (Some(dhcp), Some(name)) = (dhcp.filter(|d| d.fact == 0), &name) {
                let name = &name.fact;
                // A copy is in another network, which that address reaches nothing of.
                let mut set = ["IPAddress", "DefaultGateway"].into_iter();
                let set = set.any(|name| {
                    let value = values.first(found, &key, name);
                    let text = value.map(|v| v.fact.data.to_string()).unwrap_or_default();
                    !matches!(text.trim(), "" | "0.0.0.0" | "::")
                });
                let item = Item::at(dhcp.at, say!(win_net_001_no_dhcp, name = name));
                let item = item.compare(Text::verbatim("1"), Text::verbatim("0"));
                found.add(if set { Status::Unknown } else { Status::Warn }, item);
                found.fix(say!(win_net_001_fix_dhcp, name = name));
            }
        }
    }
    for key in [
        r"HKLM\SYSTEM\CurrentControlSet\Services\Dnscache\Parameters\DnsPolicyConfig\*",
        r"HKLM\SOFTWARE\Policies\Microsoft\Windows NT\DNSClient\DnsPolicyConfig\*",
        r"HKLM\SYSTEM\CurrentControlSet\Services\Dnscache\Parameters\DnsActivePolicies\*",
    ] {
        for name in ["GenericDNSServers", "DirectAccessDNSServers"] {
            for servers in values.all(found, key, name) {
                let text = servers.fact.data.to_string();
                add(Of::Rule, servers.at, say!(win_net_001_rule), &text);
            }
        }
        for proxy in values.all(found, key, "DirectAccessProxyName") {
            let text = proxy.fact.data.to_string();
            if !text.is_empty() {
                let item = Item::at(proxy.at, say!(win_net_001_proxy));
                found.unknown(item.compare(say!(win_value_absent), Text::verbatim(text)));
            }
        }
    }
    for of in ["DnsConnections", "DnsConnectionsProxies"] {
        let key = format!(r"{SET}\Services\Dnscache\Parameters\{of}\*");
        for value in values.all(found, &key, "*") {
            let text = value.fact.data.to_string();
            let name = value.fact.name.to_lowercase();
            if ["proxy", "server"].iter().any(|part| name.contains(part)) && !text.is_empty() {
                let item = Item::at(value.at, say!(win_net_001_proxy));
                found.unknown(item.compare(say!(win_value_absent), Text::verbatim(text)));
            }
        }
    }
    out
}

/// Group policies over name resolution.
const POLICY: &str = r"HKLM\SOFTWARE\Policies\Microsoft\Windows NT\DNSClient";

/// True where nothing of the system knows the adapter `id` any more: neither its connection, nor a
/// device, nor a protocol that is bound to it.
fn is_unused(values: Values<'_>, id: &str, found: &mut Findings) -> bool {
    let is = |text: &str| text.to_lowercase().contains(&id.to_lowercase());
    let class = format!(r"{SET}\Control\Class\{ADAPTERS}\*");
    let devices = values.all(found, &class, "NetCfgInstanceId");
    let linked: Vec<_> = ["Tcpip", "Tcpip6"]
        .iter()
        .flat_map(|name| values.all(found, &format!(r"{SET}\Services\{name}\Linkage"), "Bind"))
        .collect();
    let known = [
        format!(r"{SET}\Control\Network\{ADAPTERS}\{id}"),
        format!(r"{SET}\Services\Tcpip\Parameters\Adapters\{id}"),
    ];
    let known = known.iter().any(|key| !values.keys(found, key).is_empty());
    let all = devices.iter().chain(&linked);
    !known && !all.map(|v| v.fact.data.to_string()).any(|text| is(&text)) && found.complete()
}

/// Where names are asked by HTTPS: the address of the server then stands in a template.
fn encrypted(values: Values<'_>, dns: &Dns, found: &mut Findings) {
    let known = |address: &str| dns.approved.values().flatten().any(|a| a == address);
    let doubt = |at: Location, shown: String, found: &mut Findings| {
        let item = Item::at(at, say!(win_net_001_https));
        found.unknown(item.compare(say!(win_value_absent), Text::verbatim(shown)));
    };
    let base = format!(r"{SET}\Services\Dnscache");
    for form in ["Doh", "Doh6"] {
        let key = format!(r"{base}\InterfaceSpecificParameters\*\DohInterfaceSettings\{form}\*");
        for template in values.all(found, &key, "DohTemplate") {
            doubt(template.at, template.fact.data.to_string(), found);
        }
    }
    // Windows has templates for servers of the world; they count where such a server is set, which
    // is told then.
    let servers = format!(r"{base}\Parameters\DohWellKnownServers\*");
    for template in values.all(found, &servers, "Template") {
        let key = template.at.key.as_deref().unwrap_or_default();
        if known(key.rsplit('\\').next().unwrap_or_default()) {
            doubt(template.at, template.fact.data.to_string(), found);
        }
    }
    // 3 asks by HTTPS only, which the provider's servers don't answer.
    if let Some(only) = values
        .number(found, POLICY, "DoHPolicy")
        .filter(|v| v.fact == 3)
    {
        doubt(only.at, "DoHPolicy = 3".into(), found);
    }
}

/// Entries of the hosts file that lead names elsewhere.
fn hosts(context: &Context<'_>, with: &Hosts, found: &mut Findings) {
    for line in found.keep(context.evidence.windows.hosts()) {
        let HostsLine { address, names } = line.fact;
        let own = |name: &String| {
            let mut all = with.own_names.iter();
            all.any(|(own, at)| own.eq_ignore_ascii_case(name) && *at == address)
        };
        if with.hosts.iter().any(|p| matches(p, &address)) || names.iter().all(own) {
            continue;
        }
        let entry = [vec![address.clone()], names].concat().join(" ");
        let place = line.at.to_string();
        let item = Item::at(line.at, say!(win_net_001_hosts));
        // Who owns an address of the world can answer in the name's place.
        let private = with.private.iter().any(|p| matches(p, &address));
        let status = if private {
            Status::Warn
        } else {
            Status::Unknown
        };
        found.add(
            status,
            item.compare(one_of(&with.hosts), Text::verbatim(entry)),
        );
        found.fix(say!(win_net_001_fix_hosts, place = place));
    }
}
