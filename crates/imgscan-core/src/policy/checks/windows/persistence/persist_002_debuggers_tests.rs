//! WIN-PERSIST-002.

use crate::policy::Status;
use crate::policy::checks::windows::testing::{
    NT, SOFTWARE, assert_status, at, item, pe, sound, status, taken,
};

#[test]
fn debuggers_and_silent_exits_fail_or_warn_by_their_program() {
    assert_status(sound(), "WIN-PERSIST-002", Status::Pass);
    let found = assert_status(taken(), "WIN-PERSIST-002", Status::Fail);
    let ifeo = format!(r"{NT}\Image File Execution Options");
    let sethc = at(
        &found,
        &format!(r"{ifeo}\sethc.exe"),
        "Debugger",
        "in place of sethc.exe",
    );
    assert_eq!(
        sethc.found.as_ref().map(|t| t.en.as_str()),
        Some(r"C:\Windows\System32\cmd.exe")
    );
    assert_eq!(sethc.at.path.as_deref(), Some(SOFTWARE));
    at(&found, &format!(r"{ifeo}\tool.exe"), "Debugger", "with it");
    at(
        &found,
        &format!(r"{ifeo}\notepad.exe"),
        "GlobalFlag",
        "silently",
    );
    let silent = format!(r"{NT}\SilentProcessExit\notepad.exe");
    at(&found, &silent, "MonitorProcess", "with it");
}

#[test]
fn a_replaced_tool_of_the_logon_screen_fails() {
    let system = "/Windows/System32";
    let copy = sound()
        .file(&format!("{system}/cmd.exe"), 0o644, pe())
        .file(&format!("{system}/sethc.exe"), 0o644, pe());
    let found = assert_status(copy, "WIN-PERSIST-002", Status::Fail);
    let item = item(&found, r"C:\Windows\System32\cmd.exe");
    let path = Some("C:/Windows/System32/sethc.exe");
    assert_eq!(item.at.path.as_deref(), path);
    assert!(item.at.sha256.is_some());
    let other = sound().file(&format!("{system}/utilman.exe"), 0o644, "MZ no program");
    assert_ne!(status(other, "WIN-PERSIST-002"), Status::Pass);
}
