//! LNX-NET-001.

use crate::evidence::linux::testing::{Build, guest};
use crate::fs::Attributes;
use crate::policy::Status;
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
fn misprints_and_fallbacks_warn_and_mixed_sets_are_not_known() {
    assert_eq!(
        file(
            "/etc/resolv.conf",
            "nameserver 183.60.83.19\nnameserver 8.8.8.8\n"
        ),
        Status::Unknown
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
        if let Some(dns) = policy.params.get_mut("dns").and_then(|v| v.as_object_mut()) {
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

/// The status of the check, and of its items.
fn statuses(text: &str) -> (Status, Vec<Status>) {
    let build = Build::debian().file("/etc/resolv.conf", 0o644, text);
    let found = check("LNX-NET-001", build);
    let items = found.evidence.iter().map(|item| item.status).collect();
    (found.status, items)
}

#[test]
fn the_worst_item_is_what_the_check_is() {
    use Status::{Fail, Pass, Unknown, Warn};
    for (servers, wanted) in [
        (&["183.60.83.19"][..], &[Pass][..]),
        (&["8.8.8.8"], &[Fail]),
        (&["183.60.83.19", "8.8.8.8"], &[Unknown, Pass]),
        (
            &["8.8.8.8", "1.1.1.1", "183.60.83.19"],
            &[Unknown, Unknown, Pass],
        ),
        (&["10.182.20.206"], &[Warn]),
        (&["127.0.0.1"], &[Unknown]),
        (&["127.0.0.1", "8.8.8.8"], &[Fail, Unknown]),
        (&["127.0.0.53"], &[Pass]),
    ] {
        let lines: String = servers
            .iter()
            .map(|s| format!("nameserver {s}\n"))
            .collect();
        let (status, items) = statuses(&lines);
        assert_eq!(
            (status, items.as_slice()),
            (wanted[0], wanted),
            "{servers:?}"
        );
    }
}

/// A unit that runs `command` at boot.
fn unit(command: &str) -> Build {
    Build::debian()
        .file("/usr/lib/systemd/systemd", 0o755, "x")
        .file(
            "/etc/systemd/system/n.service",
            0o644,
            format!("[Service]\nType=oneshot\nExecStart={command}\n"),
        )
        .link(
            "/etc/systemd/system/default.target.wants/n.service",
            "../n.service",
        )
}

#[test]
fn whatever_sets_name_servers_is_found() {
    for build in [
        unit("/bin/sh -c 'echo nameserver 203.0.113.53 > /etc/resolv.conf'"),
        unit("/bin/cp /srv/r /etc/resolv.conf"),
        unit("/usr/bin/resolvectl dns eth0 203.0.113.53"),
        unit("/usr/sbin/iptables -t nat -A OUTPUT -p udp --dport 53 -j DNAT --to 203.0.113.53"),
        unit("/srv/run").file(
            "/srv/run",
            0o755,
            "#!/usr/bin/python3\nopen('/etc/resolv.conf', 'w')\n",
        ),
        Build::debian().file(
            "/etc/network/interfaces",
            0o644,
            "iface eth0 inet dhcp\n  up echo nameserver 203.0.113.53 > /etc/resolv.conf\n",
        ),
        Build::debian().file(
            "/etc/tmpfiles.d/a.conf",
            0o644,
            "L+ /etc/resolv.conf - - - - /srv/r\n",
        ),
        Build::debian().file(
            "/etc/nftables.conf",
            0o644,
            "udp dport 53 dnat to 203.0.113.53\n",
        ),
        Build::debian().link("/etc/resolv.conf", "/run/own/r"),
        unit("/sbin/ip addr add 183.60.83.19/32 dev lo"),
        Build::debian().file("/etc/environment", 0o644, "HOSTALIASES=/srv/h\n"),
        Build::debian().file(
            "/etc/systemd/network/lo.network",
            0o644,
            "[Network]\nAddress=183.60.83.19/32\n",
        ),
        Build::debian()
            .file("/usr/bin/cloud-init", 0o755, "#!/usr/bin/python3\n")
            .file(
                "/etc/cloud/cloud.cfg.d/9.cfg",
                0o644,
                "bootcmd:\n- echo nameserver 203.0.113.53 > /etc/resolv.conf\n",
            ),
        Build::debian()
            .file("/usr/bin/cloud-init", 0o755, "#!/usr/bin/python3\n")
            .file(
                "/etc/cloud/cloud.cfg.d/9.cfg",
                0o644,
                "write_files:\n- path: /etc/resolv.conf\n  content: nameserver 203.0.113.53\n",
            ),
    ] {
        assert_eq!(dns(build), Status::Unknown);
    }
    for build in [
        unit("/bin/grep nameserver /etc/resolv.conf"),
        unit("/bin/true"),
        unit("/sbin/ip addr add 10.0.0.1/32 dev lo"),
        Build::debian().file(
            "/usr/lib/tmpfiles.d/systemd-resolve.conf",
            0o644,
            "L! /etc/resolv.conf - - - - ../run/systemd/resolve/stub-resolv.conf\n",
        ),
    ] {
        assert_eq!(dns(build), Status::Pass);
    }
}

#[test]
fn a_script_of_a_package_may_name_the_file_and_no_server() {
    let own =
        |text: &[u8]| dns(unit("/usr/lib/n/run").owned("n", &[("/usr/lib/n/run", 0o755, text)]));
    assert_eq!(
        own(b"#!/bin/sh\necho \"nameserver $new\" > /etc/resolv.conf\n"),
        Status::Pass
    );
    assert_eq!(
        own(b"#!/bin/sh\necho nameserver 203.0.113.53 > /etc/resolv.conf\n"),
        Status::Unknown
    );
}

#[test]
fn names_of_the_provider_and_the_name_service_are_looked_at() {
    let hosts = |line: &str| file("/etc/hosts", &format!("127.0.0.1 localhost\n{line}\n"));
    assert_eq!(hosts("127.0.1.1 vm-1"), Status::Pass);
    assert_eq!(hosts("203.0.113.9 a time1.tencentyun.com"), Status::Fail);
    assert_eq!(hosts("0.0.0.0 receiver.barad.tencentyun.com"), Status::Fail);
    assert_eq!(hosts("169.254.0.23 metadata.tencentyun.com"), Status::Pass);
    assert_eq!(
        file("/etc/dnsmasq.conf", "address=/tencentyun.com/203.0.113.9\n"),
        Status::Fail
    );
    let nss = |line: &str| file("/etc/nsswitch.conf", &format!("{line}\n"));
    assert_eq!(nss("hosts: files dns"), Status::Pass);
    assert_eq!(
        nss("hosts: mymachines resolve [!UNAVAIL=return] files myhostname dns"),
        Status::Pass
    );
    assert_eq!(nss("hosts: files"), Status::Fail);
    assert_eq!(nss("hosts: files own dns"), Status::Unknown);
}

#[test]
fn what_is_beyond_the_bound_of_a_list_is_told() {
    let many = "[Network]\nDNS=183.60.83.19\n".to_owned() + &"DNS=183.60.82.98\n".repeat(30_000);
    let found = check(
        "LNX-NET-001",
        Build::debian().file("/etc/systemd/network/a.network", 0o644, many),
    );
    assert_eq!(found.status, Status::Unknown);
    let limit = |g: &crate::evidence::Gap| g.kind == crate::Kind::Limit;
    assert_eq!(found.gaps.iter().filter(|g| limit(g)).count(), 1);
}

/// dhclient.conf(5), dhcp-options(5) of 4.4.3.
#[test]
fn statements_of_dhclient_are_read_however_they_are_written() {
    let of = |text: &str| file("/etc/dhcp/dhclient.conf", text);
    let debian = "option rfc3442-classless-static-routes code 121 = array of unsigned integer 8;\n\
        send host-name = gethostname();\n\
        request subnet-mask, broadcast-address, domain-name-servers;\n\
        #supersede domain-name-servers 8.8.8.8;\nscript \"/sbin/dhclient-script\";\n";
    assert_eq!(of(debian), Status::Pass);
    for foreign in [
        "SUPERSEDE Domain-Name-Servers 8.8.8.8;",
        "supersede dhcp.domain-name-servers 8.8.8.8;",
        "interface \"eth0\" {\n  prepend\n   domain-name-servers\n 8.8.8.8;\n}",
        "supersede dhcp6.name-servers 2001:4860:4860::8888;",
        "lease { interface \"eth0\"; option domain-name-servers 8.8.8.8; }",
    ] {
        assert_eq!(of(&format!("{foreign}\n")), Status::Fail, "{foreign}");
    }
    for odd in [
        "supersede domain-name-servers dns.example.com;",
        "option own code 6 = array of ip-address;\nsupersede own 183.60.83.19;",
        "supersede unknown-6 08:08:08:08;",
        "script \"/srv/x\";",
    ] {
        assert_eq!(of(&format!("{odd}\n")), Status::Unknown, "{odd}");
    }
    assert_eq!(of("request subnet-mask, routers;\n"), Status::Warn);
}

/// interfaces(5): lines that a backslash continues, several patterns behind `source`; the option
/// reaches resolvconf(8) as IF_DNS_NAMESERVERS.
#[test]
fn interfaces_are_read_as_ifupdown_reads_them() {
    let of = |text: &str| {
        let own = "iface eth1 inet dhcp\n dns-nameservers 8.8.8.8\n";
        let build = Build::debian()
            .file("/etc/network/interfaces", 0o644, text)
            .file("/srv/net/own", 0o644, own);
        dns(build)
    };
    let usual = "source /etc/network/interfaces.d/*\nauto lo\niface lo inet loopback\n";
    assert_eq!(of(usual), Status::Pass);
    for foreign in [
        "iface eth0 inet dhcp\n dns-nameservers \\\n 8.8.8.8\n",
        "iface eth0 inet dhcp\n dns_nameservers 8.8.8.8\n",
        "iface eth0 inet dhcp\n DNS-Nameservers 8.8.8.8\n",
        "source /etc/none /srv/net/*\n",
        "source \\\n /srv/net/own\n",
        "source-directory /srv/none /srv/net\n",
    ] {
        assert_eq!(of(foreign), Status::Fail, "{foreign}");
    }
    let down = "iface eth0 inet dhcp\n down echo nameserver 8.8.8.8 > /etc/resolv.conf\n";
    assert_eq!(of(down), Status::Unknown);
}

/// resolv.conf(5): the keyword begins the line.
#[test]
fn other_files_and_lines_of_name_servers() {
    let indented = " nameserver 183.60.83.19\nnameserver\t8.8.8.8\n";
    assert_eq!(file("/etc/resolv.conf", indented), Status::Fail);
    let searched = "nameserver 183.60.83.19\nsearch example.com\noptions ndots:9\n";
    assert_eq!(file("/etc/resolv.conf", searched), Status::Unknown);
    let returns = "nameserver 183.60.83.19\r\n";
    assert_eq!(file("/etc/resolv.conf", returns), Status::Unknown);
    let usual = "nameserver 183.60.83.19\noptions timeout:1 rotate ndots:1\n";
    assert_eq!(file("/etc/resolv.conf", usual), Status::Pass);
    for (path, text) in [
        ("/etc/resolv.conf.head", "nameserver 8.8.8.8\n"),
        ("/etc/systemd/resolved.conf", "[Resolve]\nDNS=\\\n8.8.8.8\n"),
        (
            "/etc/systemd/network/x.network",
            "[Network]\nDNS=\\\n8.8.8.8\n",
        ),
        (
            "/var/lib/NetworkManager/NetworkManager-intern.conf",
            "[global-dns-domain-*]\nservers=8.8.8.8\n",
        ),
        (
            "/etc/dhcpcd.conf",
            "static  domain_name_servers = 8.8.8.8\n",
        ),
    ] {
        assert_eq!(file(path, text), Status::Fail, "{path}");
    }
    for (path, text) in [
        ("/etc/dhcpcd.conf", "script /srv/x\n"),
        (
            "/etc/NetworkManager/conf.d/x.conf",
            "[keyfile]\npath=/srv/x\n",
        ),
    ] {
        assert_eq!(file(path, text), Status::Unknown, "{path}");
    }
}
