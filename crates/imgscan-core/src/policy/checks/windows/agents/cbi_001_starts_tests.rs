//! WIN-CBI-001.

use crate::policy::Status;
use crate::policy::checks::windows::testing::{
    CBI, CONFIG, SERVICES, SYSTEM, assert_at, assert_unknown_on_a_spoilt_system, good, hive, item,
    result, status, system,
};

#[test]
fn the_good_server_passes() {
    assert_eq!(status(good(), "WIN-CBI-001"), Status::Pass);
    let result = result(good(), "WIN-CBI-001");
    let start = item(&result, "2 (automatic)");
    assert_at(
        start,
        SYSTEM,
        &format!(r"{SERVICES}\cloudbase-init"),
        "Start",
    );
    let at = usize::try_from(start.at.offset.unwrap()).unwrap();
    assert_eq!(&hive!("system-good")[at + 4..at + 6], b"vk");
    assert!(
        start.note.en.contains("2023-11-14T22:13:20Z"),
        "{}",
        start.note.en
    );
}

#[test]
fn cloudbase_init_manual_fails_unless_the_setup_turns_it_on() {
    let manual = result(system(hive!("system-bad")), "WIN-CBI-001");
    assert_eq!(manual.status, Status::Fail);
    let start = item(&manual, "3 (manual)");
    assert_at(
        start,
        SYSTEM,
        &format!(r"{SERVICES}\cloudbase-init"),
        "Start",
    );
    assert_eq!(
        start.expected.as_ref().map(|t| t.en.as_str()),
        Some("2 (automatic)")
    );

    let script =
        "@echo off\r\nsc config cloudbase-init start= auto && net start cloudbase-init\r\n";
    let path = "/Windows/Setup/Scripts/SetupComplete.cmd";
    let warned = result(
        system(hive!("system-bad")).file(path, 0o644, script),
        "WIN-CBI-001",
    );
    assert_eq!(warned.status, Status::Warn);
    let line = warned
        .evidence
        .iter()
        .find(|i| i.at.line.is_some())
        .unwrap();
    assert_eq!(
        (line.at.path.as_deref(), line.at.line),
        (Some("C:/Windows/Setup/Scripts/SetupComplete.cmd"), Some(2))
    );
}

#[test]
fn cloudbase_init_absent_deleted_or_without_its_files_fails() {
    let absent = result(system(hive!("system-empty")), "WIN-CBI-001");
    assert_eq!(absent.status, Status::Fail);
    assert_at(item(&absent, "no such key"), SYSTEM, SERVICES, "");

    let deleted = result(system(hive!("system-deleted")), "WIN-CBI-001");
    assert_eq!(deleted.status, Status::Fail);
    assert_at(
        item(&deleted, "1"),
        SYSTEM,
        &format!(r"{SERVICES}\cloudbase-init"),
        "DeleteFlag",
    );
    let no_program = good().file(
        &format!("{CBI}/bin/OpenStackService.exe"),
        0o644,
        "#!/bin/sh",
    );
    let fake = result(no_program, "WIN-CBI-001");
    assert_eq!(fake.status, Status::Fail);
    assert_eq!(
        item(&fake, "no PE program").at.path.as_deref(),
        Some("C:/Program Files/Cloudbase Solutions/Cloudbase-Init/bin/OpenStackService.exe")
    );
}

#[test]
fn the_control_set_of_the_next_boot_decides() {
    let result = result(system(hive!("system-default2")), "WIN-CBI-001");
    assert_eq!(result.status, Status::Fail);
    assert_at(
        item(&result, "3 (manual)"),
        SYSTEM,
        r"HKLM\SYSTEM\ControlSet002\Services\cloudbase-init",
        "Start",
    );
    let set = "(Select\\Default 2), the last one used Select\\Current 1";
    assert!(result.evidence.iter().any(|i| i.note.en.ends_with(set)));
}

#[test]
fn a_service_account_needs_its_user_and_a_stored_password() {
    let nobody = || system(hive!("system-modern"));
    let fs = || nobody().file(&format!("{CONFIG}/SAM"), 0o644, hive!("sam-state"));
    let empty = nobody()
        .file(&format!("{CONFIG}/SECURITY"), 0o644, hive!("security"))
        .file(&format!("{CONFIG}/SAM"), 0o644, hive!("sam"));
    assert_eq!(status(empty, "WIN-CBI-001"), Status::Fail);
    let security = |bytes: &[u8]| fs().file(&format!("{CONFIG}/SECURITY"), 0o644, bytes);
    assert_eq!(
        status(security(hive!("security")), "WIN-CBI-001"),
        Status::Pass
    );
    assert_eq!(
        status(security(hive!("system-empty")), "WIN-CBI-001"),
        Status::Fail
    );
    // Without the hive that holds passwords it can't be told.
    assert_eq!(status(fs(), "WIN-CBI-001"), Status::Unknown);
}

#[test]
fn a_hive_that_can_t_be_trusted_is_unknown() {
    assert_unknown_on_a_spoilt_system("WIN-CBI-001");
}

#[test]
fn modules_are_those_of_a_release_at_their_place() {
    let packages = format!("{CBI}/Python/Lib/site-packages");
    // iso8601 1.0.0, with either newline; a module that holds nothing.
    let released = good()
        .file(
            &format!("{packages}/iso8601/__init__.py"),
            0o644,
            "from .iso8601 import *\r\n",
        )
        .file(&format!("{packages}/x/__init__.py"), 0o644, "\n");
    assert_eq!(status(released, "WIN-CBI-001"), Status::Pass);

    let elsewhere = good().file(
        &format!("{packages}/x/__init__.py"),
        0o644,
        "from .iso8601 import *\n",
    );
    let elsewhere = result(elsewhere, "WIN-CBI-001");
    assert_eq!(elsewhere.status, Status::Unknown);
    let told = elsewhere.evidence.iter().find(|i| {
        let path = i.at.path.as_deref();
        path.is_some_and(|p| p.ends_with("/Lib/site-packages/x/__init__.py"))
    });
    assert!(told.is_some());

    // One item for a package, however many files it has.
    let many = (0..100).fold(good(), |fs, i| {
        fs.file(&format!("{packages}/vendor/m{i}.py"), 0o644, "import os\n")
    });
    let many = result(many, "WIN-CBI-001");
    let told: Vec<_> = many
        .evidence
        .iter()
        .filter(|i| {
            let path = i.at.path.as_deref();
            path.is_some_and(|p| p.contains("/vendor"))
        })
        .collect();
    assert_eq!(told.len(), 1);
    assert!(told[0].note.en.contains("100"), "{}", told[0].note.en);
}

#[test]
fn a_launcher_before_no_known_program_goes_to_a_person() {
    let launcher = include_bytes!(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../testdata/python/cloudbase-init.exe"
    ));
    let path = format!("{CBI}/Python/Scripts/other.exe");
    let found = result(
        good().file(&path, 0o644, launcher.as_slice()),
        "WIN-CBI-001",
    );
    assert_eq!(found.status, Status::Unknown);
    assert!(found.evidence.iter().any(|i| {
        let path = i.at.path.as_deref();
        path.is_some_and(|p| p.ends_with("Scripts/other.exe"))
    }));
}
