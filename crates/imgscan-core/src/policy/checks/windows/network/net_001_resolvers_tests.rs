//! WIN-NET-001.

use crate::policy::Status;
use crate::policy::checks::windows::testing::{
    SERVICES, SOFTWARE, SYSTEM, assert_at, assert_ready_and_wrong, assert_unknown_without, item,
    ready, result, wrong,
};

#[test]
fn the_ready_server_passes_and_the_wrong_one_does_not() {
    assert_ready_and_wrong("WIN-NET-001", Status::Pass, Status::Fail);
}

#[test]
fn without_the_hive_that_it_needs_it_is_unknown() {
    assert_unknown_without("WIN-NET-001", "SYSTEM");
}

#[test]
fn name_servers_are_named_with_their_values() {
    let net = result(wrong(), "WIN-NET-001");
    let key =
        format!(r"{SERVICES}\Tcpip\Parameters\Interfaces\{{11111111-2222-3333-4444-555555555555}}");
    assert_at(item(&net, "8.8.8.8, 8.8.4.4"), SYSTEM, &key, "NameServer");
    assert_at(
        item(&net, "203.0.113.9"),
        SOFTWARE,
        r"HKLM\SOFTWARE\Policies\Microsoft\Windows NT\DNSClient\DnsPolicyConfig\all",
        "GenericDNSServers",
    );
}

#[test]
fn a_name_of_the_provider_in_the_hosts_file_warns() {
    let hosts = result(
        ready().file(
            "/Windows/System32/drivers/etc/hosts",
            0o644,
            "# x\r\n203.0.113.5 metadata.tencentyun.com # y\r\n",
        ),
        "WIN-NET-001",
    );
    assert_eq!(hosts.status, Status::Warn);
    assert_eq!(
        item(&hosts, "203.0.113.5 metadata.tencentyun.com").at.line,
        Some(2)
    );
}
