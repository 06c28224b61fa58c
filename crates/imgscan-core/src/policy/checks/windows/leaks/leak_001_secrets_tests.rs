//! WIN-LEAK-001.

use crate::policy::Status;
use crate::policy::checks::windows::testing::{USER, assert_status, sound, taken};
use crate::policy::checks::windows::testing::{item, status};

#[test]
fn passwords_that_were_left_fail_and_are_masked() {
    assert_status(sound(), "WIN-LEAK-001", Status::Pass);
    let answer = |value: &str| {
        format!(
            "<?xml version=\"1.0\"?>\n<unattend xmlns=\"urn:schemas-microsoft-com:unattend\">\n<settings><component><UserAccounts><AdministratorPassword>\n<Value>{value}</Value><PlainText>true</PlainText></AdministratorPassword></UserAccounts></component></settings></unattend>"
        )
    };
    let panther = "/Windows/Panther/unattend.xml";
    let fs = |value: &str| sound().file(panther, 0o644, answer(value));
    for gone in ["", "*SENSITIVE*DATA*DELETED*"] {
        assert_status(fs(gone), "WIN-LEAK-001", Status::Pass);
    }
    let found = assert_status(fs("Secret#1"), "WIN-LEAK-001", Status::Fail);
    let password = item(&found, "<masked, 8 characters>");
    assert_eq!(
        password.at.path.as_deref(),
        Some("C:/Windows/Panther/unattend.xml")
    );
    assert_eq!(password.at.line, Some(4));
    assert!(
        password
            .note
            .en
            .ends_with("component/UserAccounts/AdministratorPassword")
    );
    let report = serde_json::to_string(&found).unwrap();
    assert!(!report.contains("Secret#1"), "{report}");

    let groups =
        "/ProgramData/Microsoft/Group Policy/History/{1}/Machine/Preferences/Groups/Groups.xml";
    for (text, status) in [
        ("cpassword=\"j1Uy\"", Status::Fail),
        ("cpassword=\"\"", Status::Pass),
    ] {
        let text = format!("<Groups><User><Properties {text}/></User></Groups>");
        let fs = sound().file(groups, 0o644, text);
        assert_status(fs, "WIN-LEAK-001", status);
    }
    let history = "/Users/Administrator/AppData/Roaming/Microsoft/Windows/PowerShell/PSReadLine/ConsoleHost_history.txt";
    let fs = |text: &str| sound().file(history, 0o644, text);
    assert_status(fs("dir\n"), "WIN-LEAK-001", Status::Warn);
    let found = assert_status(
        fs("dir\nnet user ops S3cret /add\n"),
        "WIN-LEAK-001",
        Status::Fail,
    );
    let line = found.evidence.iter().find(|i| i.at.line.is_some()).unwrap();
    assert_eq!(
        (line.at.line, line.at.path.as_deref()),
        (Some(2), Some(&format!("C:{history}")[..]))
    );
    assert!(!serde_json::to_string(&found).unwrap().contains("S3cret"));
    let key = sound().file("/Users/Administrator/.ssh/id_rsa", 0o600, "x");
    assert_status(key, "WIN-LEAK-001", Status::Fail);
    let found = assert_status(taken(), "WIN-LEAK-001", Status::Warn);
    let hint = found
        .evidence
        .iter()
        .find(|i| i.at.value.as_deref() == Some("UsernameHint"));
    assert_eq!(
        hint.unwrap().at.path.as_deref(),
        Some(&format!("C:{USER}")[..])
    );
    let bad = sound().file(panther, 0o644, "<unattend>");
    assert_eq!(status(bad, "WIN-LEAK-001"), Status::Unknown);
}
