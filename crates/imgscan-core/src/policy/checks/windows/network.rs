//! WIN-NET-001 and WIN-TIME-001: name servers and time servers that the marketplace wants.

use std::collections::BTreeMap;

use super::matches;
use super::probe::{Probe, SET};
use crate::error::Result;
use crate::evidence::Location;
use crate::evidence::windows::HostsLine;
use crate::policy::checks::findings::worse;
use crate::policy::{Context, Outcome, Status};

#[derive(serde::Deserialize)]
struct Dns {
    /// Approved addresses by region.
    approved: BTreeMap<String, Vec<String>>,
}

impl Dns {
    fn approves(&self, address: &str) -> bool {
        self.approved.values().flatten().any(|a| a == address)
    }
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct With {
    /// Addresses that a hosts file may lead any name to.
    hosts: Vec<String>,
}

/// How many servers that are set by hand are approved, and how many are not.
#[derive(Default)]
struct Count {
    approved: usize,
    foreign: usize,
}

/// WIN-NET-001.
pub(super) fn resolvers(context: &Context<'_>) -> Result<Outcome> {
    let dns: Dns = context.policy.param("dns")?;
    let with: With = context.check.with()?;
    let mut probe = Probe::new(context);
    let mut status = Status::Pass;
    let (mut live, mut stale) = (Count::default(), Count::default());
    for version in ["Tcpip", "Tcpip6"] {
        let parameters = format!(r"{SET}\Services\{version}\Parameters");
        if let Some(found) = probe.value(&parameters, "NameServer") {
            let note = ("name servers of all adapters", "所有网卡的 DNS 服务器");
            let text = found.fact.data.to_string();
            servers(&mut probe, &dns, found.at, note, &text, &mut live);
        }
        for adapter in probe.keys(&format!(r"{parameters}\Interfaces\*")) {
            let key = format!(r"{parameters}\Interfaces\{}", adapter.fact);
            let name = connection(&mut probe, &adapter.fact);
            let count = if name.is_some() {
                &mut live
            } else {
                &mut stale
            };
            let shown = name.as_deref().unwrap_or("no adapter of this system");
            for value in ["NameServer", "ProfileNameServer"] {
                if let Some(found) = probe.value(&key, value) {
                    let note = (
                        format!("name servers of adapter {} ({shown})", adapter.fact),
                        format!("网卡 {}（{shown}）的 DNS 服务器", adapter.fact),
                    );
                    let text = found.fact.data.to_string();
                    servers(&mut probe, &dns, found.at, note, &text, count);
                }
            }
            let dhcp = probe.number(&key, "EnableDHCP");
            if let Some(dhcp) = dhcp.filter(|d| d.fact == 0 && name.is_some()) {
                status = worse(status, Status::Warn);
                let note = ("the adapter takes no address from DHCP", "网卡未启用 DHCP");
                probe.say(dhcp.at, note, "1", "0");
            }
        }
    }
    let mut rules = Count::default();
    for key in [
        r"HKLM\SYSTEM\CurrentControlSet\Services\Dnscache\Parameters\DnsPolicyConfig\*",
        r"HKLM\SOFTWARE\Policies\Microsoft\Windows NT\DNSClient\DnsPolicyConfig\*",
    ] {
        for found in probe.values(key, "GenericDNSServers") {
            let note = (
                "name servers of a name resolution policy",
                "名称解析策略（NRPT）的 DNS 服务器",
            );
            let text = found.fact.data.to_string();
            servers(&mut probe, &dns, found.at, note, &text, &mut rules);
        }
    }
    status = worse(status, hosts(&mut probe, &with));
    let (found, en, zh) = if live.foreign > 0 && live.approved == 0 {
        (
            Status::Fail,
            "only name servers that are not approved are set",
            "仅配置了未获批准的 DNS 服务器",
        )
    } else if rules.foreign > 0 {
        (
            Status::Fail,
            "a name resolution policy asks name servers that are not approved",
            "名称解析策略使用未获批准的 DNS 服务器",
        )
    } else if live.foreign > 0 {
        (
            Status::Warn,
            "some name servers are approved, some are not",
            "部分 DNS 服务器未获批准",
        )
    } else if stale.foreign > 0 {
        (
            Status::Warn,
            "adapters that are gone have name servers that are not approved",
            "已不存在的网卡残留未获批准的 DNS 服务器",
        )
    } else if status == Status::Warn {
        (
            Status::Warn,
            "the name servers are approved, but see the evidence",
            "DNS 服务器符合要求，但需关注所列证据",
        )
    } else if live.approved > 0 {
        (
            Status::Pass,
            "every name server that is set is approved",
            "已配置的 DNS 服务器均已获批准",
        )
    } else {
        (
            Status::Pass,
            "no name server is set; DHCP gives them",
            "未静态配置 DNS，由 DHCP 下发",
        )
    };
    Ok(probe.end(found, en, zh))
}

/// The name of the connection that an adapter has in this system.
fn connection(probe: &mut Probe<'_>, adapter: &str) -> Option<String> {
    /// The class of network adapters.
    const CLASS: &str = "{4D36E972-E325-11CE-BFC1-08002BE10318}";
    let key = format!(r"{SET}\Control\Network\{CLASS}\{adapter}\Connection");
    probe.text(&key, "Name").map(|name| name.fact)
}

/// Counts the servers of one value, which stand behind each other with commas, blanks or semicolons.
fn servers(
    probe: &mut Probe<'_>,
    dns: &Dns,
    at: Location,
    note: (impl Into<String>, impl Into<String>),
    text: &str,
    count: &mut Count,
) {
    let all: Vec<&str> = (text.split([',', ' ', ';', '\0']))
        .filter(|s| !s.is_empty())
        .collect();
    if all.is_empty() {
        return;
    }
    let approved = all.iter().filter(|s| dns.approves(s)).count();
    count.approved += approved;
    count.foreign += all.len() - approved;
    probe.say(at, note, "approved name servers", all.join(", "));
}

/// Entries of the hosts file that lead names elsewhere.
fn hosts(probe: &mut Probe<'_>, with: &With) -> Status {
    let found = probe.windows.hosts();
    probe.gaps.extend(found.gaps);
    let mut status = Status::Pass;
    for line in found.items {
        let HostsLine { address, names } = line.fact;
        if !with.hosts.iter().any(|p| matches(p, &address)) {
            let entry = [vec![address], names].concat().join(" ");
            status = Status::Warn;
            let note = (
                "the hosts file leads a name to an address",
                "hosts 文件指定了地址",
            );
            probe.say(line.at, note, with.hosts.join(", "), entry);
        }
    }
    status
}

#[derive(serde::Deserialize)]
struct Ntp {
    /// Patterns of approved servers.
    approved: Vec<String>,
}

/// WIN-TIME-001.
pub(super) fn time(context: &Context<'_>) -> Result<Outcome> {
    let ntp: Ntp = context.policy.param("ntp")?;
    let mut probe = Probe::new(context);
    let service = format!(r"{SET}\Services\W32Time");
    let key = format!(r"{service}\Parameters");
    let start = probe.number(&service, "Start");
    let disabled = start.as_ref().is_some_and(|s| s.fact == 4);
    let absent = start.is_none() && probe.sure();
    let (at, found) = match start {
        Some(start) => (start.at, start.fact.to_string()),
        None => (probe.place(&service, "Start"), "not there".into()),
    };
    let note = ("start type of the time service", "时间服务的启动类型");
    probe.say(at, note, "2, or 3 with a trigger", found);
    let client = format!(r"{service}\TimeProviders\NtpClient");
    let off = probe.number(&client, "Enabled").filter(|e| e.fact == 0);
    if let Some(off) = &off {
        probe.say(off.at.clone(), ("the NTP client", "NTP 客户端"), "1", "0");
    }
    // What a group policy sets comes before what the machine has.
    let policy = r"HKLM\SOFTWARE\Policies\Microsoft\W32Time\Parameters";
    let mut setting = |name: &str| match probe.text(policy, name) {
        Some(found) => Some(found),
        None => probe.text(&key, name),
    };
    let (kind, servers) = (setting("Type"), setting("NtpServer"));
    let kind_text = kind.as_ref().map(|k| k.fact.clone()).unwrap_or_default();
    let list: Vec<String> = servers
        .iter()
        .flat_map(|s| s.fact.split(' '))
        .filter_map(|s| s.split(',').next().filter(|s| !s.is_empty()))
        .map(str::to_owned)
        .collect();
    let uses = |k: &str| kind_text.eq_ignore_ascii_case(k);
    if let Some(kind) = kind {
        probe.say(
            kind.at,
            ("how it finds its source", "时间同步方式"),
            "NTP",
            kind.fact,
        );
    }
    if let Some(servers) = servers {
        let note = ("time servers", "时间服务器");
        probe.say(servers.at, note, ntp.approved.join(", "), servers.fact);
    }
    let approved = |s: &String| ntp.approved.iter().any(|p| matches(p, s));
    let (status, en, zh) = if disabled || absent || off.is_some() {
        (
            Status::Fail,
            "the time service is off",
            "时间服务被禁用或不存在",
        )
    } else if (uses("NTP") || uses("AllSync")) && !list.is_empty() && list.iter().all(approved) {
        (
            Status::Pass,
            "the time comes from the provider's servers",
            "使用腾讯云时间服务器",
        )
    } else {
        (
            Status::Warn,
            "the time does not come from the provider's servers",
            "未使用腾讯云时间服务器",
        )
    };
    Ok(probe.end(status, en, zh))
}
