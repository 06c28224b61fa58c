//! WIN-NET-001.

use crate::policy::Status;
use crate::policy::checks::windows::testing::{
    SERVICES, SOFTWARE, SYSTEM, assert_at, assert_ready_and_wrong, assert_unknown_without, hive,
    item, ready, replaced, result, wrong,
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
fn a_name_that_the_hosts_file_leads_into_the_world_goes_to_a_person() {
    let hosts = result(
        ready().file(
            "/Windows/System32/drivers/etc/hosts",
            0o644,
            "# x\r\n203.0.113.5 metadata.tencentyun.com # y\r\n",
        ),
        "WIN-NET-001",
    );
    assert_eq!(hosts.status, Status::Unknown);
    assert_eq!(
        item(&hosts, "203.0.113.5 metadata.tencentyun.com").at.line,
        Some(2)
    );
    let inside = ready().file(
        "/Windows/System32/drivers/etc/hosts",
        0o644,
        "10.0.0.5 db.internal\r\n",
    );
    assert_eq!(result(inside, "WIN-NET-001").status, Status::Warn);
    let shared = ready().file(
        "/Windows/System32/drivers/etc/hosts.ics",
        0o644,
        "203.0.113.5 mirrors.example\r\n",
    );
    assert_eq!(result(shared, "WIN-NET-001").status, Status::Unknown);
}

#[test]
fn a_foreign_server_counts_until_nothing_knows_its_adapter() {
    let found = result(
        replaced(ready(), "SYSTEM", hive!("system-blocked")),
        "WIN-NET-001",
    );
    assert_eq!(found.status, Status::Fail);
    for servers in ["203.0.113.9, 183.60.83.19", "203.0.113.10"] {
        let item = item(&found, servers);
        assert_eq!(item.status, Status::Fail, "{servers}");
        assert_eq!(item.at.value.as_deref(), Some("NameServer"));
    }
}
