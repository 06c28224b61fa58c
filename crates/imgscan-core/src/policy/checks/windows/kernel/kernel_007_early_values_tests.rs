//! WIN-KERNEL-007 and the values of WIN-KERNEL-005.

use super::testing::{SYSTEM32, hive, item, of_file, on, proven, signed, spoilt};
use crate::policy::Status;

#[test]
fn values_that_weaken_the_early_boot_are_named() {
    let session = r"HKLM\SYSTEM\ControlSet001\Control\Session Manager";
    let result = on(spoilt(), "WIN-KERNEL-007");
    assert_eq!(result.status, Status::Fail);
    let execute = item(&result, "stage2");
    assert_eq!(execute.at.key.as_deref(), Some(session));
    let windows = item(&result, r"C:\Windows\Temp\csrss.exe ObjectDirectory=x");
    assert_eq!(windows.at.value.as_deref(), Some("Windows"));
    let result = on(spoilt(), "WIN-KERNEL-005");
    let list = item(&result, "0");
    let name = "VulnerableDriverBlocklistEnable";
    assert_eq!(list.at.value.as_deref(), Some(name));
}

#[test]
fn what_runs_loads_and_changes_files_before_any_logon_is_judged() {
    let windows = proven()
        .file(
            &format!("{SYSTEM32}/config/SYSTEM"),
            0o644,
            hive!("system-session"),
        )
        .file(
            &format!("{SYSTEM32}/kernel32.dll"),
            0o644,
            signed!("unsigned.sys"),
        )
        .file("/Windows/Temp/x.tmp", 0o644, "x")
        .file("/x/new.sys", 0o644, "x");
    let result = on(windows, "WIN-KERNEL-007");
    assert_eq!(result.status, Status::Fail);
    let status = |text: &str| item(&result, text).status;
    for (shown, wanted) in [
        ("autocheck autochk /k:C *", Status::Pass),
        (r"autocheck \??\C:\x\autochk.exe *", Status::Fail),
        (
            r"\SystemRoot\System32\poqexec.exe /display_progress",
            Status::Unknown,
        ),
        ("evil", Status::Fail),
        ("Evil=On", Status::Unknown),
        (r"..\x.dll", Status::Fail),
        (r"\SystemRoot\Temp", Status::Unknown),
        (r"C:\Windows\Temp\windeploy.exe", Status::Fail),
        (r"\??\C:\WinAgent\WinAgent.exe is deleted", Status::Fail),
        (r"\??\C:\Windows\Temp\x.tmp is deleted", Status::Pass),
        (
            r"*1\??\C:\x\new.sys is moved to !\??\C:\Windows\System32\drivers\boot.sys",
            Status::Fail,
        ),
        (r"\??\C:\gone is deleted", Status::Pass),
    ] {
        assert_eq!(status(shown), wanted, "{shown}");
    }
    let pending = item(&result, r"\??\C:\WinAgent\WinAgent.exe is deleted");
    let value = pending.at.value.as_deref();
    assert_eq!(value, Some("PendingFileRenameOperations"));
    let library = of_file(&result, "C:/Windows/System32/kernel32.dll");
    assert_eq!(library.status, Status::Fail);
    // A value of another type is not "empty".
    let gap = |g: &&crate::evidence::Gap| g.at.value.as_deref() == Some("PlatformExecute");
    assert!(result.gaps.iter().any(|g| gap(&g)), "{:?}", result.gaps);
}
