//! WIN-PERSIST-001.

use crate::fs::memory::MemoryFs;
use crate::policy::Status;
use crate::policy::checks::windows::testing::{
    CATALOGS, CONFIG, SOFTWARE, WINLOGON, assert_at, clean, good, hive, item, pe, result, signed,
    software, status,
};

const RUN: &str = r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Run";
const TRAY: &str = "/Windows/System32/SecurityHealthSystray.exe";

#[test]
fn what_windows_itself_starts_passes() {
    let found = result(clean(), "WIN-PERSIST-001");
    assert_eq!(found.status, Status::Pass, "{found:#?}");
    assert_at(
        item(&found, r"%windir%\system32\SecurityHealthSystray.exe"),
        SOFTWARE,
        RUN,
        "SecurityHealth",
    );
}

#[test]
fn suspect_autostarts_fail_with_key_and_value() {
    let found = result(software(hive!("software-persist")), "WIN-PERSIST-001");
    assert_eq!(found.status, Status::Fail);
    for (command, key, value, why) in [
        (
            r"c:\windows\system32\dllhost\svchost.exe",
            RUN,
            "svchost",
            "has the name of a Windows program",
        ),
        (r"%SystemRoot%\Temp\up.exe", RUN, "Updater", "temporary"),
        (
            "powershell.exe -nop -w hidden -enc SQBFAFgA",
            RUN,
            "Loader",
            "fetches or hides",
        ),
        (
            r"C:\Windows\notes.txt:run.exe",
            RUN,
            "Stream",
            "named stream",
        ),
        (
            "explorer.exe, evil.exe",
            WINLOGON,
            "Shell",
            "not what Windows sets",
        ),
        (
            r"C:\Windows\system32\userinit.exe,C:\x.exe",
            WINLOGON,
            "Userinit",
            "not what Windows sets",
        ),
        (
            r"C:\x.dll",
            r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\Windows",
            "AppInit_DLLs",
            "not what Windows sets",
        ),
    ] {
        let item = item(&found, command);
        assert_at(item, SOFTWARE, key, value);
        assert!(item.note.en.contains(why), "{}", item.note.en);
        assert!(item.at.offset.is_some());
    }
    assert!(found.reason.en.starts_with("7 of"), "{}", found.reason.en);
}

#[test]
fn a_file_that_starts_at_a_logon_and_that_nobody_signed_goes_to_a_person() {
    let startup = "/ProgramData/Microsoft/Windows/Start Menu/Programs/Startup/tool.exe";
    let found = result(clean().file(startup, 0o644, pe()), "WIN-PERSIST-001");
    assert_eq!(found.status, Status::Unknown, "{found:#?}");
    let path = format!("C:{startup}");
    assert_eq!(found.evidence[0].at.path.as_deref(), Some(path.as_str()));
}

#[test]
fn a_program_in_a_named_stream_fails_and_other_streams_warn() {
    let driver = "/Windows/System32/drivers/a.sys";
    let with = |name: &str, data: Vec<u8>| {
        let fs = clean().file(driver, 0o644, "x").stream(driver, name, data);
        result(fs, "WIN-PERSIST-001")
    };
    let hidden = with("evil", pe());
    assert_eq!(hidden.status, Status::Fail);
    let place = "C:/Windows/System32/drivers/a.sys:evil";
    let first = item(&hidden, place);
    assert_eq!(first.at.path.as_deref(), Some(place));
    assert!(first.at.sha256.is_some());
    assert_eq!(with("evil", b"text".to_vec()).status, Status::Warn);
    let zone = "Zone.Identifier";
    assert_eq!(with(zone, b"[ZoneTransfer]".to_vec()).status, Status::Pass);
    assert_eq!(with(zone, pe()).status, Status::Fail);
}

#[test]
fn autostarts_of_a_hive_that_can_t_be_read_are_unknown() {
    let mut dirty = hive!("software-clean").to_vec();
    dirty[8] ^= 0xFF;
    let fs = good().file(&format!("{CONFIG}/SOFTWARE"), 0o644, dirty);
    assert_eq!(status(fs, "WIN-PERSIST-001"), Status::Unknown);
}

/// A server that starts `program` at every logon (the value SecurityHealth).
fn tray(program: &[u8]) -> MemoryFs {
    good()
        .file(
            &format!("{CONFIG}/SOFTWARE"),
            0o644,
            hive!("software-clean"),
        )
        .file(TRAY, 0o644, program)
}

/// What the check of autostarts says of that program.
fn note(fs: MemoryFs) -> (Status, String) {
    let found = result(fs, "WIN-PERSIST-001");
    let mut items = found.evidence.iter();
    let item = items.find(|i| i.note.en.contains("SecurityHealthSystray"));
    let item = item.unwrap();
    (found.status, item.note.en.clone())
}

#[test]
fn a_program_that_a_catalog_lists_is_signed_by_the_signer_of_the_catalog() {
    let catalog = format!("{CATALOGS}/oem1.cat");
    let with = |bytes: &[u8]| note(tray(signed!("driver.sys")).file(&catalog, 0o644, bytes));
    for bytes in [signed!("driver.cat"), signed!("driver2.cat")] {
        let (status, said) = with(bytes);
        assert_eq!(status, Status::Pass);
        let by = format!("signed by Test Hardware Publisher (catalog C:{catalog})");
        assert!(said.contains(&by), "{said}");
    }
    // The catalog of another file.
    let (_, said) = with(signed!("other.cat"));
    assert!(said.contains("no catalog lists it"), "{said}");
    // One that is cut may list it.
    let (_, said) = with(&signed!("driver.cat")[..1000]);
    assert!(said.contains("can't be verified"), "{said}");
    // One beside the driver's package counts as well.
    let package = "/Windows/System32/DriverStore/FileRepository/x.inf_amd64_1/x.cat";
    let fs = tray(signed!("driver.sys")).file(package, 0o644, signed!("driver.cat"));
    assert!(note(fs).1.contains(&format!("(catalog C:{package})")));
}

#[test]
fn what_lies_behind_a_bound_is_no_pass() {
    let padded = |text: &str| [vec![b' '; 1 << 20], text.as_bytes().to_vec()].concat();
    let module = r#"<module name="x" image="C:\Windows\evil.dll"/>"#;
    let deep = |folder: &str, levels: usize| format!("{folder}{}", "/x".repeat(levels));
    let menu = "/ProgramData/Microsoft/Windows/Start Menu/Programs";
    let history = "/ProgramData/Microsoft/Group Policy/History";
    for (path, data) in [
        (
            "/Windows/System32/inetsrv/config/applicationHost.config".to_owned(),
            padded(module),
        ),
        (deep(menu, 9) + "/Tool.lnk", b"L".to_vec()),
        (deep(history, 9) + "/x.xml", b"<x/>".to_vec()),
    ] {
        let found = result(clean().file(&path, 0o644, data), "WIN-PERSIST-001");
        assert_eq!(found.status, Status::Unknown, "{path}: {found:#?}");
        assert_eq!(found.gaps.len(), 1, "{path}: {:#?}", found.gaps);
    }
}
