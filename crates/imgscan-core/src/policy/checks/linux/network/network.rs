//! Name servers and time servers that the marketplace wants.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::error::Result;
use crate::evidence::Found;
use crate::evidence::linux::{NameServer, ServerRole, TimeSync};
use crate::policy::checks::findings::tidy;
use crate::policy::checks::linux::{fits, unless_hidden};
use crate::policy::{Context, Item, Outcome, Status};
use crate::text::terminal;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Dns {
    /// Approved addresses by region.
    approved: BTreeMap<String, Vec<String>>,
    /// Addresses that the guide misprints.
    #[serde(default)]
    misprinted: Vec<String>,
    /// An image without name servers of its own gets a warning.
    #[serde(default)]
    require_static: bool,
}

/// LNX-NET-001.
pub(in crate::policy::checks) fn resolvers(context: &Context<'_>) -> Result<Outcome> {
    let dns: Dns = context.policy.param("dns")?;
    let all = context.evidence.linux.resolvers();
    let region = |address: &str| {
        let has = |l: &Vec<String>| l.iter().any(|a| a == address);
        dns.approved
            .iter()
            .find(|(_, l)| has(l))
            .map(|(r, _)| r.as_str())
    };
    let of = |role| all.servers.iter().filter(move |s| s.fact.role == role);
    let is_foreign = |s: &&Found<NameServer>| region(&s.fact.address).is_none();
    let own: Vec<_> = of(ServerRole::Static).collect();
    let foreign = own.iter().copied().filter(is_foreign).count();
    let weak = of(ServerRole::Fallback)
        .chain(of(ServerRole::Generated))
        .filter(is_foreign)
        .count();
    let misprint = !own.is_empty() && own.iter().all(|s| dns.misprinted.contains(&s.fact.address));
    let locked = all.immutable.is_some() && foreign > 0;
    // A stub leads to another resolver of this machine; without its servers it leads nowhere known.
    // systemd-resolved (127.0.0.53, .54) asks the servers of its settings, dnsmasq those of its own.
    let resolved =
        |s: &Found<NameServer>| matches!(s.fact.address.as_str(), "127.0.0.53" | "127.0.0.54");
    let told = own.iter().any(|s| s.fact.key == "server");
    let blind = !told && of(ServerRole::Stub).any(|s| !resolved(s));
    let said = |status, en: &str, zh: &str| Outcome::new(status, en, zh);
    let outcome = if locked {
        said(
            Status::Fail,
            "resolv.conf is immutable and names foreign name servers",
            "resolv.conf 带有不可变属性且指向非腾讯云 DNS",
        )
    } else if foreign > 0 && foreign == own.len() {
        said(
            Status::Fail,
            "the image sets only name servers that are not approved",
            "镜像仅配置了未获批准的 DNS 服务器",
        )
    } else if !all.scripts.is_empty() {
        said(
            Status::Unknown,
            "a script of no package writes the resolver configuration",
            "存在不属于任何软件包的脚本改写 DNS 配置，无法判断",
        )
    } else if blind {
        said(
            Status::Unknown,
            "a resolver on the machine itself answers, and its servers can't be told",
            "由本机解析服务应答，无法确定其上游 DNS",
        )
    } else if foreign > 0 {
        said(
            Status::Warn,
            "some name servers are approved, some are not",
            "部分 DNS 服务器未获批准",
        )
    } else if misprint {
        said(
            Status::Warn,
            "only the address that the guide misprints is set; the provider's own scripts use another",
            "仅使用了规范中疑似误印的地址，官方脚本使用的是另一地址",
        )
    } else if own.is_empty() && !all.suppressed.is_empty() {
        said(
            Status::Warn,
            "no name server is set, and those of DHCP are kept out",
            "未配置 DNS，且忽略 DHCP 下发的 DNS",
        )
    } else if weak > 0 {
        said(
            Status::Warn,
            "a foreign name server is only a fallback or left over in a file written anew at boot",
            "非腾讯云 DNS 仅作为后备，或残留在启动时会被重写的文件中",
        )
    } else if own.is_empty() && dns.require_static {
        said(
            Status::Warn,
            "name servers come from DHCP only; the policy wants them set",
            "DNS 仅由 DHCP 下发，而策略要求静态配置",
        )
    } else if own.is_empty() {
        said(
            Status::Pass,
            "no name server is set; DHCP or cloud-init gives them",
            "未静态配置 DNS，由 DHCP 或 cloud-init 下发",
        )
    } else {
        said(
            Status::Pass,
            "every name server that is set is approved",
            "已配置的 DNS 服务器均已获批准",
        )
    };
    let listed = all.servers.iter().map(|s| {
        let (en, zh) = match (s.fact.role, region(&s.fact.address)) {
            (ServerRole::Stub, _) => ("the machine itself".to_owned(), "本机地址".to_owned()),
            (_, Some(region)) => (
                format!("approved ({region})"),
                format!("已获批准（{region}）"),
            ),
            (ServerRole::Fallback, None) => {
                ("not approved, a fallback".into(), "未获批准（后备）".into())
            }
            (ServerRole::Generated, None) => (
                "not approved, left over in a file written anew at boot".into(),
                "未获批准（残留于启动时重写的文件）".into(),
            ),
            (ServerRole::Static, None) => ("not approved".into(), "未获批准".into()),
        };
        Item::new(s.at.clone(), en, zh).compare(
            "an approved name server",
            format!("{} {}", s.fact.key, s.fact.address),
        )
    });
    let kept_out = all.suppressed.iter().map(|s| {
        Item::new(
            s.at.clone(),
            format!("keeps name servers of DHCP out: {}", s.fact),
            format!("忽略 DHCP 下发的 DNS：{}", s.fact),
        )
    });
    let locked = all
        .immutable
        .iter()
        .map(|at| Item::new(at.clone(), "immutable attribute", "带有不可变（i）属性"));
    let scripts = all.scripts.iter().map(|at| {
        Item::new(
            at.clone(),
            "writes the resolver configuration",
            "改写 DNS 配置",
        )
    });
    Ok(outcome
        .evidence(listed)
        .evidence(kept_out)
        .evidence(locked)
        .evidence(scripts)
        .gaps(tidy(all.gaps.clone())))
}

/// LNX-TIME-001.
pub(in crate::policy::checks) fn time_sync(context: &Context<'_>) -> Result<Outcome> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Ntp {
        /// Names of approved servers, `*` for any characters.
        approved: Vec<String>,
    }
    let ntp: Ntp = context.policy.param("ntp")?;
    let all = context.evidence.linux.times();
    let start = context.evidence.linux.start();
    let approved = |server: &str| ntp.approved.iter().any(|p| fits(p, server));
    let good = |t: &TimeSync| t.servers.iter().any(|s| approved(&s.fact));
    let runs = |t: &TimeSync| t.active && !t.missing;
    let active: Vec<&TimeSync> = all
        .items
        .iter()
        .map(|i| &i.fact)
        .filter(|t| runs(t))
        .collect();
    let broken = all.items.iter().any(|i| i.fact.active && i.fact.missing);
    let daemons = active.iter().filter(|t| t.daemon).count();
    let outcome = if active.iter().any(|t| good(t)) {
        if daemons > 1 {
            Outcome::new(
                Status::Warn,
                "the time is kept, but more than one daemon is enabled",
                "已配置时间同步，但同时启用了多个守护进程",
            )
        } else {
            Outcome::new(
                Status::Pass,
                "the time is kept from an approved server",
                "已使用获批准的时间服务器同步时间",
            )
        }
    } else if active.iter().any(|t| t.servers.is_empty() && t.dhcp)
        && active.iter().all(|t| t.servers.is_empty())
    {
        Outcome::new(
            Status::Unknown,
            "time servers come from DHCP only, which is not in the image",
            "时间服务器仅由 DHCP 下发，镜像中无法确定",
        )
    } else if !active.is_empty() {
        Outcome::new(
            Status::Warn,
            "the time is kept, but from no approved server",
            "已配置时间同步，但未使用获批准的时间服务器",
        )
    } else if broken {
        Outcome::new(
            Status::Warn,
            "a job sets the clock, but its program is not in the image",
            "存在时间同步任务，但其程序不在镜像中",
        )
    } else {
        Outcome::new(
            Status::Fail,
            "nothing keeps the time",
            "没有任何有效的时间同步机制",
        )
    };
    let mut items = Vec::new();
    for found in &all.items {
        let t = &found.fact;
        let (en, zh) = match (t.active, t.missing) {
            (true, false) => ("active", "已启用"),
            (true, true) => ("its program is not in the image", "程序不在镜像中"),
            (false, _) => ("not active", "未启用"),
        };
        let names: Vec<String> = t.servers.iter().map(|s| terminal(&s.fact)).collect();
        items.push(
            Item::new(
                found.at.clone(),
                format!("{}: {en}", t.name),
                format!("{}：{zh}", t.name),
            )
            .compare(ntp.approved.join(" "), names.join(" ")),
        );
        for s in &t.servers {
            let (en, zh) = if approved(&s.fact) {
                ("an approved time server", "已获批准的时间服务器")
            } else {
                ("not an approved time server", "未获批准的时间服务器")
            };
            if s.at != found.at {
                items.push(
                    Item::new(s.at.clone(), en, zh)
                        .compare(ntp.approved.join(" "), terminal(&s.fact)),
                );
            }
        }
    }
    let mut gaps = all.gaps.clone();
    gaps.extend(start.gaps.iter().cloned());
    let outcome = outcome.evidence(items);
    Ok(match outcome.status {
        // What was found proves itself; only what was not found may be hidden.
        Status::Pass => outcome,
        Status::Fail => unless_hidden(outcome, tidy(gaps)),
        _ => outcome.gaps(tidy(gaps)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::linux::testing::{Build, elf, guest};
    use crate::fs::Attributes;
    use crate::policy::checks::linux::testing::{check, check_guest, status};

    fn dns(build: Build) -> Status {
        status("LNX-NET-001", build)
    }

    #[test]
    fn a_number_is_an_address_and_a_local_resolver_is_not_known_by_other_settings() {
        assert_eq!(
            file("/etc/resolv.conf", "nameserver 134744072\n"),
            Status::Fail
        );
        let local = Build::debian()
            .file("/etc/resolv.conf", 0o644, "nameserver 127.0.0.1\n")
            .file(
                "/etc/systemd/resolved.conf",
                0o644,
                "[Resolve]\nDNS=183.60.83.19\n",
            );
        assert_eq!(dns(local), Status::Unknown);
        let rc = "#!/bin/sh\necho nameserver 192.0.2.1 > /etc/resolv.conf\n";
        assert_eq!(
            dns(Build::debian().file("/etc/rc.local", 0o755, rc)),
            Status::Unknown
        );
    }

    fn file(path: &str, text: &str) -> Status {
        dns(Build::debian().file(path, 0o644, text))
    }

    #[test]
    fn nothing_set_or_approved_servers_pass() {
        assert_eq!(dns(Build::debian()), Status::Pass);
        assert_eq!(
            dns(Build::debian().link(
                "/etc/resolv.conf",
                "../run/systemd/resolve/stub-resolv.conf"
            )),
            Status::Pass
        );
        assert_eq!(
            file(
                "/etc/resolv.conf",
                "nameserver 183.60.83.19\nnameserver 183.60.82.98\n"
            ),
            Status::Pass
        );
        assert_eq!(
            file("/etc/resolv.conf", "nameserver 10.182.20.26\n"),
            Status::Pass
        );
        assert_eq!(
            file("/etc/resolv.conf", "#nameserver 8.8.8.8\n"),
            Status::Pass
        );
    }

    #[test]
    fn a_foreign_server_fails_wherever_it_is_set_and_names_file_and_line() {
        let result = check(
            "LNX-NET-001",
            Build::debian().file("/etc/resolv.conf", 0o644, "# x\nnameserver 203.0.113.53\n"),
        );
        assert_eq!(result.status, Status::Fail);
        let at = &result.evidence[0].at;
        assert_eq!(
            (at.path.as_deref(), at.line),
            (Some("/etc/resolv.conf"), Some(2))
        );
        for (path, text) in [
            ("/etc/systemd/resolved.conf", "[Resolve]\nDNS=8.8.8.8\n"),
            (
                "/etc/systemd/resolved.conf.d/x.conf",
                "[Resolve]\nDNS=8.8.8.8#dns.google\n",
            ),
            ("/etc/systemd/network/a.network", "[Network]\nDNS=8.8.8.8\n"),
            (
                "/etc/NetworkManager/system-connections/a.nmconnection",
                "[ipv4]\ndns=8.8.8.8;\n",
            ),
            (
                "/etc/sysconfig/network-scripts/ifcfg-eth0",
                "DNS1=\"8.8.8.8\"\n",
            ),
            (
                "/etc/netplan/a.yaml",
                "network:\n  ethernets:\n    eth0:\n      nameservers:\n        addresses: [8.8.8.8]\n",
            ),
            (
                "/etc/network/interfaces",
                "iface eth0 inet static\n  dns-nameservers 8.8.8.8\n",
            ),
            ("/etc/resolvconf/resolv.conf.d/head", "nameserver 8.8.8.8\n"),
            ("/etc/resolvconf.conf", "name_servers=\"8.8.8.8\"\n"),
            (
                "/etc/sysconfig/network/config",
                "NETCONFIG_DNS_STATIC_SERVERS=\"8.8.8.8\"\n",
            ),
            (
                "/etc/dhcp/dhclient.conf",
                "supersede domain-name-servers 8.8.8.8;\n",
            ),
            ("/etc/dhcpcd.conf", "static domain_name_servers=8.8.8.8\n"),
            (
                "/etc/cloud/cloud.cfg.d/x.cfg",
                "resolv_conf:\n  nameservers: ['8.8.8.8']\n",
            ),
            ("/etc/dnsmasq.conf", "server=8.8.8.8\n"),
        ] {
            assert_eq!(file(path, text), Status::Fail, "{path}");
        }
    }

    #[test]
    fn mixed_sets_misprints_and_fallbacks_warn() {
        assert_eq!(
            file(
                "/etc/resolv.conf",
                "nameserver 183.60.83.19\nnameserver 8.8.8.8\n"
            ),
            Status::Warn
        );
        assert_eq!(
            file("/etc/resolv.conf", "nameserver 10.182.20.206\n"),
            Status::Warn
        );
        assert_eq!(
            file(
                "/etc/systemd/resolved.conf",
                "[Resolve]\nFallbackDNS=8.8.8.8\n"
            ),
            Status::Warn
        );
        assert_eq!(
            file("/etc/NetworkManager/conf.d/x.conf", "[main]\ndns=none\n"),
            Status::Warn
        );
        let wanted = check_guest("LNX-NET-001", &guest(Build::debian()), |policy| {
            if let Some(dns) = policy
                .params
                .get_mut("dns")
                .and_then(|v| v.as_mapping_mut())
            {
                dns.insert("require_static".into(), true.into());
            }
        });
        assert_eq!(wanted.status, Status::Warn);
    }

    #[test]
    fn an_immutable_file_with_a_foreign_server_fails_even_in_a_mixed_set() {
        let mixed = "nameserver 183.60.83.19\nnameserver 8.8.8.8\n";
        let build = Build::debian()
            .file("/etc/resolv.conf", 0o644, mixed)
            .with("/etc/resolv.conf", |m| {
                m.attributes |= Attributes::IMMUTABLE
            });
        assert_eq!(dns(build), Status::Fail);
    }

    #[test]
    fn hooks_stubs_and_gaps_are_unknown() {
        let hook = "/etc/dhcp/dhclient-enter-hooks.d/mine";
        assert_eq!(
            file(hook, "make_resolv_conf() { echo x; }\n"),
            Status::Unknown
        );
        assert_eq!(file(hook, "# resolv.conf\n"), Status::Pass);
        assert_eq!(
            file("/etc/resolv.conf", "nameserver 127.0.0.1\n"),
            Status::Unknown
        );
        assert_eq!(
            file("/etc/resolv.conf", "nameserver 127.0.0.53\n"),
            Status::Pass
        );
        assert_eq!(
            dns(Build::debian().missing("/etc/netplan")),
            Status::Unknown
        );
        assert_eq!(
            file("/etc/netplan/a.yaml", "nameservers: [\n"),
            Status::Unknown
        );
    }

    fn systemd(build: Build, service: &str) -> Build {
        build
            .file(&format!("/usr/sbin/{service}"), 0o755, elf(64))
            .file("/usr/lib/systemd/systemd", 0o755, elf(64))
            .link(
                "/usr/lib/systemd/system/default.target",
                "multi-user.target",
            )
            .file(
                "/usr/lib/systemd/system/multi-user.target",
                0o644,
                "[Unit]\n",
            )
            .file(
                &format!("/usr/lib/systemd/system/{service}.service"),
                0o644,
                format!("[Service]\nExecStart=/usr/sbin/{service}\n"),
            )
            .link(
                &format!("/etc/systemd/system/multi-user.target.wants/{service}.service"),
                "/x",
            )
    }

    fn time(build: Build) -> Status {
        status("LNX-TIME-001", build)
    }

    const JOB: &str = "*/20 * * * * /usr/sbin/ntpdate ntpupdate.tencentyun.com >/dev/null &\n";

    fn job(line: &str) -> Build {
        systemd(Build::debian(), "cron").file("/var/spool/cron/crontabs/root", 0o600, line)
    }

    #[test]
    fn a_cron_job_of_the_cloud_passes_and_needs_its_program() {
        assert_eq!(
            time(job(JOB).file("/usr/sbin/ntpdate", 0o755, elf(64))),
            Status::Pass
        );
        assert_eq!(time(job(JOB)), Status::Warn);
        assert_eq!(
            time(job(&format!("#{JOB}")).file("/usr/sbin/ntpdate", 0o755, elf(64))),
            Status::Fail
        );
        let other = JOB.replace("ntpupdate.tencentyun.com", "pool.ntp.org");
        assert_eq!(
            time(job(&other).file("/usr/sbin/ntpdate", 0o755, elf(64))),
            Status::Warn
        );
    }

    #[test]
    fn daemons_need_to_be_enabled_and_an_approved_server() {
        let chrony = |b: Build, conf: &str| b.file("/etc/chrony/chrony.conf", 0o644, conf);
        let on = || systemd(Build::debian(), "chrony");
        assert_eq!(time(Build::debian()), Status::Fail);
        assert_eq!(
            time(chrony(
                Build::debian(),
                "server time1.tencentyun.com iburst\n"
            )),
            Status::Fail
        );
        assert_eq!(
            time(chrony(on(), "server time1.tencentyun.com iburst\n")),
            Status::Pass
        );
        assert_eq!(
            time(chrony(
                on(),
                "# server time1.tencentyun.com\npool 2.debian.pool.ntp.org iburst\n"
            )),
            Status::Warn
        );
        assert_eq!(
            time(chrony(on(), "sourcedir /run/chrony-dhcp\n")),
            Status::Unknown
        );
        let timesyncd = systemd(Build::debian(), "systemd-timesyncd").file(
            "/etc/systemd/timesyncd.conf",
            0o644,
            "[Time]\nNTP=time2.tencentyun.com\n",
        );
        assert_eq!(time(timesyncd), Status::Pass);
        let two = systemd(chrony(on(), "server time1.tencentyun.com\n"), "ntpsec");
        assert_eq!(time(two), Status::Warn);
        assert_eq!(
            time(Build::debian().missing("/etc/systemd/system")),
            Status::Unknown
        );
    }
}
