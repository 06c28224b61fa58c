//! What stands against the start of a service, on hives of testdata/recipes/hives.py with single
//! values changed in place.

use crate::fs::memory::MemoryFs;
use crate::policy::Status;
use crate::policy::checks::windows::testing::{CBI, good, hive, ready, result, status, system};

/// The SYSTEM hive of [`good`], in which `from` stands once, with `to` in its place.
fn changed(from: &[u8], to: &[u8]) -> MemoryFs {
    assert_eq!(from.len(), to.len());
    let mut hive = hive!("system-good").to_vec();
    let places: Vec<usize> = hive
        .windows(from.len())
        .enumerate()
        .filter_map(|(at, part)| (part == from).then_some(at))
        .collect();
    assert!(!places.is_empty());
    for at in places {
        hive[at..at + to.len()].copy_from_slice(to);
    }
    system(&hive)
}

fn wide(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

#[test]
fn a_script_of_the_first_start_can_take_an_agent_away() {
    let path = "/Windows/Setup/Scripts/SetupComplete.cmd";
    for (text, check, wanted) in [
        (
            "sc config win-agent start= disabled",
            "WIN-AGENT-002",
            Status::Fail,
        ),
        (
            "net stop \"WinAgent Display Name\"",
            "WIN-AGENT-001",
            Status::Fail,
        ),
        ("taskkill /im WinAgent.exe", "WIN-AGENT-001", Status::Fail),
        ("rd /s /q C:\\win-agent", "WIN-AGENT-002", Status::Fail),
        ("sc delete cloudbase-init", "WIN-CBI-001", Status::Fail),
        (
            "sc stop win-agent\r\nsc start win-agent",
            "WIN-AGENT-002",
            Status::Pass,
        ),
        (
            "sc config cloudbase-init start= auto",
            "WIN-CBI-001",
            Status::Pass,
        ),
        ("rem sc delete cloudbase-init", "WIN-CBI-001", Status::Pass),
        (
            "exit /b\r\nsc delete cloudbase-init",
            "WIN-CBI-001",
            Status::Pass,
        ),
    ] {
        let fs = good().file(path, 0o644, text);
        assert_eq!(status(fs, check), wanted, "{text}");
    }
}

#[test]
fn a_late_start_counts_only_where_its_line_is_reached() {
    let path = "/Windows/Setup/Scripts/SetupComplete.cmd";
    let line = "sc config cloudbase-init start= auto\r\n";
    for (text, wanted) in [
        (line.to_owned(), Status::Warn),
        (format!("exit /b 0\r\n{line}"), Status::Fail),
        (format!("goto x\r\n{line}:x\r\n"), Status::Fail),
        (format!("if exist x {line}"), Status::Fail),
        (format!("rem {line}"), Status::Fail),
        (format!("echo {line}"), Status::Fail),
    ] {
        let fs = system(hive!("system-bad")).file(path, 0o644, text.clone());
        assert_eq!(result(fs, "WIN-CBI-001").status, wanted, "{text}");
    }
}

#[test]
fn what_python_takes_in_by_itself_can_t_be_told() {
    let site = format!("{CBI}/Python/Lib/site-packages");
    for (path, text) in [
        (format!("{site}/sitecustomize.py"), "x"),
        (format!("{site}/a.pth"), "import os; os.system('x')"),
        (format!("{site}/a.pth"), "C:\\x"),
        (format!("{CBI}/Python/python311._pth"), "x"),
        (format!("{CBI}/Python/pyvenv.cfg"), "home = x"),
    ] {
        let fs = good().file(&path, 0o644, text);
        assert_eq!(status(fs, "WIN-CBI-001"), Status::Unknown, "{path}");
    }
    let usual = "# .pth file for the PyWin32 extensions\r\nwin32\r\nwin32\\lib\r\nimport pywin32_bootstrap\r\n";
    let fs = good().file(&format!("{site}/pywin32.pth"), 0o644, usual);
    // Where the module is not there the line does nothing; every place of modules is looked at.
    assert_eq!(status(fs.clone(), "WIN-CBI-001"), Status::Pass);
    let fs = fs.file(
        &format!("{site}/win32/lib/pywin32_bootstrap.py"),
        0o644,
        "x",
    );
    // No release has this one.
    assert_eq!(status(fs, "WIN-CBI-001"), Status::Unknown);
}

#[test]
fn the_wrapper_has_to_run_cloudbase_init() {
    let from = wide("cloudbase-init.exe\"");
    let other = changed(&from, &wide("cloudbase-evil.exe\""));
    assert_eq!(status(other, "WIN-CBI-001"), Status::Unknown);
}

#[test]
fn files_of_the_first_start_are_followed() {
    let scripts = "/Windows/Setup/Scripts";
    let run = |files: &[(&str, &str)]| {
        let fs = files.iter().fold(ready(), |fs, (name, text)| {
            fs.file(&format!("{scripts}/{name}"), 0o644, *text)
        });
        status(fs, "WIN-PERSIST-001")
    };
    let before = status(ready(), "WIN-PERSIST-001");
    let usual = "@echo off\r\nnet start cloudbase-init\r\nexit /b 0\r\n";
    assert_eq!(run(&[("SetupComplete.cmd", usual)]), before);
    assert_eq!(
        run(&[
            ("SetupComplete.cmd", "powershell -File \"%~dp0a.ps1\"\r\n"),
            ("a.ps1", "Write-Host 'done'\r\n"),
        ]),
        before
    );
    assert_eq!(
        run(&[
            (
                "SetupComplete.cmd",
                "cmd /c call C:\\Windows\\Setup\\Scripts\\a.cmd\r\n"
            ),
            ("a.cmd", "net user hax P@ss /add\r\n"),
        ]),
        Status::Fail
    );
    assert_eq!(
        run(&[("ErrorHandler.cmd", "powershell -enc AAAA")]),
        Status::Fail
    );
}
