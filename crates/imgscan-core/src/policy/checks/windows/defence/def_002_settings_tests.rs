//! WIN-DEF-002.

use crate::evidence::windows::policy_entry;
use crate::policy::Status;
use crate::policy::checks::windows::testing::item;
use crate::policy::checks::windows::testing::{SET, assert_status, at, result, sound, taken};

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

#[test]
fn what_a_policy_will_set_is_judged_as_if_it_were_set() {
    let pol = "/Windows/System32/GroupPolicy/Machine/Registry.pol";
    let with = |key: &str, name: &str, number: u32| {
        let mut bytes = b"PReg\x01\0\0\0".to_vec();
        let key = format!(r"Software\Policies\Microsoft\{key}");
        bytes.extend(policy_entry(&key, name, 4, &number.to_le_bytes()));
        result(sound().file(pol, 0o644, bytes), "WIN-DEF-002")
    };
    for (key, name, right, wrong) in [
        (
            r"WindowsFirewall\PublicProfile",
            "DefaultInboundAction",
            1,
            0,
        ),
        (r"Windows\Installer", "AlwaysInstallElevated", 0, 1),
    ] {
        assert_eq!(with(key, name, right).status, Status::Pass, "{name}");
        let found = with(key, name, wrong);
        assert!(found.status.rank() > 1, "{name}");
        let place = found
            .evidence
            .iter()
            .find(|i| i.at.value.as_deref() == Some(name));
        let path = place.and_then(|i| i.at.path.as_deref());
        assert_eq!(path, Some(&format!("C:{pol}")[..]), "{name}");
        let mut fixes = found.fix.iter();
        assert!(fixes.any(|fix| fix.en.contains("gpupdate")), "{name}");
    }
}
