//! WIN-DEF-002.

use crate::policy::Status;
use crate::policy::checks::windows::testing::item;
use crate::policy::checks::windows::testing::{SET, assert_status, at, sound, taken};

#[test]
fn an_open_firewall_and_redirected_names_fail() {
    let hosts = "/Windows/System32/drivers/etc/hosts";
    let usual = sound().file(hosts, 0o644, "# x\r\n127.0.0.1 localhost # own\r\n");
    assert_status(usual, "WIN-DEF-002", Status::Pass);
    let by_hand = sound().file(hosts, 0o644, "192.0.2.1 db.example\r\n");
    assert_status(by_hand, "WIN-DEF-002", Status::Warn);
    let fs = sound().file(hosts, 0o644, "#\r\n0.0.0.0 a.windowsupdate.com\r\n");
    let found = assert_status(fs, "WIN-DEF-002", Status::Fail);
    let line = item(&found, "0.0.0.0 a.windowsupdate.com");
    assert_eq!(line.at.line, Some(2));
    assert_eq!(line.at.path.as_deref(), Some(&format!("C:{hosts}")[..]));

    let found = assert_status(taken(), "WIN-DEF-002", Status::Fail);
    let firewall = format!(r"{SET}\Services\SharedAccess\Parameters\FirewallPolicy");
    at(
        &found,
        &format!(r"{firewall}\PublicProfile"),
        "EnableFirewall",
        "off",
    );
    at(
        &found,
        &format!(r"{firewall}\FirewallRules"),
        "door",
        "4444",
    );
    at(
        &found,
        &format!(r"{SET}\Services\TlntSvr"),
        "Start",
        "port 23",
    );
    let policies = r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Policies\System";
    at(&found, policies, "EnableLUA", "Account Control");
}
