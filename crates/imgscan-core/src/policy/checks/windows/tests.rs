//! Each check on an image that passes and on images that fail, with the exact place asserted.
//! The hives are those of testdata/recipes/hives.py.

use super::matches;
use crate::evidence::{Evidence, References};
use crate::fs::memory::MemoryFs;
use crate::guest::Guest;
use crate::guest::windows::testing::{guests, system_volume, volume};
use crate::policy::{CheckResult, Item, Policy, Status, run};
use crate::trust::Bundle;

macro_rules! hive {
    ($name:literal) => {
        include_bytes!(concat!("../../../../../../testdata/hives/", $name, ".hive")).as_slice()
    };
}

const CBI: &str = "/Program Files/Cloudbase Solutions/Cloudbase-Init";
pub(in crate::policy::checks) const CONFIG: &str = "/Windows/System32/config";

/// A file of testdata/recipes/signed.sh. [`result`] trusts the authority `ca.der`.
macro_rules! signed {
    ($name:literal) => {
        include_bytes!(concat!("../../../../../../testdata/signed/", $name)).as_slice()
    };
}
pub(super) use signed;

/// A PE header for x64.
pub(super) fn pe() -> Vec<u8> {
    let mut bytes = vec![0; 128];
    bytes[..2].copy_from_slice(b"MZ");
    bytes[60] = 64;
    bytes[64..70].copy_from_slice(&[b'P', b'E', 0, 0, 0x64, 0x86]);
    bytes
}

/// The header of a shell link, with the local path that it leads to.
pub(super) fn lnk(target: &str) -> Vec<u8> {
    let mut bytes = vec![0; 76];
    bytes[..8].copy_from_slice(&[0x4C, 0, 0, 0, 1, 0x14, 2, 0]);
    bytes[20] = 2;
    let len = 28 + target.len() as u8 + 1;
    for word in [len, 28, 1, 0, 28, 0, 0] {
        bytes.extend([word, 0, 0, 0]);
    }
    bytes.extend(target.as_bytes());
    bytes.push(0);
    bytes
}

/// A server on which all is well.
pub(in crate::policy::checks) fn good() -> MemoryFs {
    MemoryFs::new(true)
        .file(&format!("{CONFIG}/SYSTEM"), 0o644, hive!("system-good"))
        .file(&format!("{CONFIG}/SOFTWARE"), 0o644, hive!("software"))
        .file(&format!("{CBI}/bin/OpenStackService.exe"), 0o644, pe())
        .file(&format!("{CBI}/Python/python.exe"), 0o644, pe())
        .file("/WinAgent/WinAgent.exe", 0o644, signed!("kernel.exe"))
        .file("/win-agent/win-agent.exe", 0o644, pe())
        .file("/win-agent/adssensor.dll", 0o644, pe())
        .file("/win-agent/agentplugin.dll", 0o644, pe())
        .file("/win-agent/agentRepNum.exe", 0o644, pe())
        .file("/win-agent/agentRepStr.exe", 0o644, pe())
        .file(
            "/Users/Administrator/Desktop/desktop.ini",
            0o644,
            "[.ShellClassInfo]",
        )
        .file(
            "/Users/Administrator/Desktop/Server Manager.lnk",
            0o644,
            lnk(r"C:\x.exe"),
        )
        .dir("/Users/Public/Desktop")
}

pub(super) fn system(hive: &[u8]) -> MemoryFs {
    good().file(&format!("{CONFIG}/SYSTEM"), 0o644, hive)
}

/// The result of `check` of the built-in policy on a guest whose system drive is `fs`, for a user
/// who trusts the authority of the signed fixtures.
pub(super) fn result(fs: MemoryFs, check: &str) -> CheckResult {
    let data = MemoryFs::new(true).dir("/Profiles/ops/Desktop");
    let volumes = [volume(1, 1_048_576, data), system_volume(fs)];
    let guests = crate::guest::find(&volumes);
    let trust = Bundle::built_in()
        .with_user_file(signed!("ca.der"), "ca.der")
        .unwrap();
    let references = References {
        trust: &trust,
        baseline: None,
    };
    judged(&guests, references, check)
}

/// The result of `check` of the built-in policy on `guests`.
pub(super) fn judged(guests: &[Guest], references: References<'_>, check: &str) -> CheckResult {
    let policy = Policy::built_in("tencent-marketplace").unwrap();
    let evidence: Vec<Evidence<'_>> = guests
        .iter()
        .map(|g| Evidence::with(g, references))
        .collect();
    let results = run(&policy, &evidence, &[], &|_| {});
    results.into_iter().find(|r| r.check == check).unwrap()
}

pub(super) fn status(fs: MemoryFs, check: &str) -> Status {
    let result = result(fs, check);
    println!("{result:#?}");
    result.status
}

/// The evidence item whose found text is `found`.
pub(in crate::policy::checks) fn item<'a>(result: &'a CheckResult, found: &str) -> &'a Item {
    let is = |i: &&Item| i.found.as_ref().map(|t| t.en.as_str()) == Some(found);
    let item = result.evidence.iter().find(is);
    item.unwrap_or_else(|| panic!("no {found:?} in {:#?}", result.evidence))
}

pub(super) fn assert_at(item: &Item, path: &str, key: &str, value: &str) {
    assert_eq!(item.at.volume.as_deref(), Some("p2"));
    assert_eq!(item.at.path.as_deref(), Some(path));
    assert_eq!(item.at.key.as_deref().unwrap_or_default(), key);
    assert_eq!(item.at.value.as_deref().unwrap_or_default(), value);
}

pub(super) const SYSTEM: &str = "C:/Windows/System32/config/SYSTEM";
const SERVICES: &str = r"HKLM\SYSTEM\ControlSet001\Services";

#[test]
fn the_good_server_passes_every_check() {
    for check in [
        "WIN-CBI-001",
        "WIN-AGENT-001",
        "WIN-AGENT-002",
        "WIN-DESK-001",
    ] {
        assert_eq!(status(good(), check), Status::Pass, "{check}");
    }
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
fn a_service_account_without_a_stored_password_warns() {
    let fs = || system(hive!("system-modern"));
    let security = |bytes: &[u8]| fs().file(&format!("{CONFIG}/SECURITY"), 0o644, bytes);
    assert_eq!(
        status(security(hive!("security")), "WIN-CBI-001"),
        Status::Pass
    );
    assert_eq!(
        status(security(hive!("system-empty")), "WIN-CBI-001"),
        Status::Warn
    );
    // Without the hive that holds passwords it can't be told.
    assert_eq!(status(fs(), "WIN-CBI-001"), Status::Unknown);
}

#[test]
fn an_agent_disabled_gone_or_elsewhere_does_not_pass() {
    let disabled = result(system(hive!("system-bad")), "WIN-AGENT-001");
    assert_eq!(disabled.status, Status::Fail);
    assert_at(
        item(&disabled, "4 (disabled)"),
        SYSTEM,
        &format!(r"{SERVICES}\OnionX"),
        "Start",
    );
    let gone = result(system(hive!("system-bad")), "WIN-AGENT-002");
    assert_eq!(gone.status, Status::Fail);
    let program = item(&gone, "no such file");
    assert_at(
        program,
        SYSTEM,
        &format!(r"{SERVICES}\win-agent"),
        "ImagePath",
    );
    assert_eq!(
        program.expected.as_ref().map(|t| t.en.as_str()),
        Some(r"C:\win-agent\gone.exe")
    );
    for check in ["WIN-AGENT-001", "WIN-AGENT-002"] {
        assert_eq!(status(system(hive!("system-empty")), check), Status::Fail);
    }
    let elsewhere = system(hive!("system-deleted")).file("/Windows/notepad.exe", 0o644, pe());
    assert_eq!(status(elsewhere, "WIN-AGENT-001"), Status::Unknown);
}

#[test]
fn the_newer_agents_pass_and_half_of_them_warns() {
    let cloud = "/Program Files/QCloud";
    let fs = system(hive!("system-modern"))
        .file(
            &format!("{cloud}/YunJing/YDEyes/YDService.exe"),
            0o644,
            signed!("kernel.exe"),
        )
        .file(
            &format!("{cloud}/YunJing/YDLive/YDLive.exe"),
            0o644,
            signed!("dual.sys"),
        )
        .file(
            &format!("{cloud}/Monitor/Barad/BaradAgent.exe"),
            0o644,
            pe(),
        );
    assert_eq!(status(fs.clone(), "WIN-AGENT-001"), Status::Pass);
    let half = result(fs, "WIN-AGENT-002");
    assert_eq!(half.status, Status::Warn);
    assert_eq!(
        item(&half, "no such key")
            .expected
            .as_ref()
            .map(|t| t.en.as_str()),
        Some("StargateSvc")
    );
    let signature = item(&half, "no valid signature");
    assert!(signature.note.en.contains("asks for no signature"));
}

#[test]
fn a_hive_that_can_t_be_trusted_is_unknown() {
    let mut dirty = hive!("system-good").to_vec();
    dirty[8] ^= 0xFF;
    let mut cut = hive!("system-good").to_vec();
    cut.truncate(4096 + 700);
    for bytes in [&dirty[..], &cut, b"regf", b""] {
        for check in ["WIN-CBI-001", "WIN-AGENT-001", "WIN-AGENT-002"] {
            let result = result(system(bytes), check);
            assert_eq!(result.status, Status::Unknown, "{check} {}", bytes.len());
            assert!(!result.gaps.is_empty());
        }
    }
}

fn desktop(path: &str, data: impl Into<Vec<u8>>) -> CheckResult {
    result(good().file(path, 0o644, data), "WIN-DESK-001")
}

#[test]
fn documents_and_password_files_on_any_desktop_fail_with_their_path() {
    for (path, data) in [
        ("/Users/Administrator/Desktop/root密码.dat", &b"\0"[..]),
        ("/Users/Public/Desktop/使用说明.docx", b"PK"),
        ("/Users/new user/Desktop/notes", b"login: admin Password: x"),
        ("/Users/Administrator/Desktop/tools/deep/Guide.PDF", b"%PDF"),
        ("/Users/Administrator/OneDrive/Desktop/a.txt", b""),
        ("/Users/Administrator/Desktop/not a link.lnk", b"password=1"),
    ] {
        let result = desktop(path, data);
        assert_eq!(result.status, Status::Fail, "{path}");
        let first = &result.evidence[0];
        assert_eq!(first.at.path.as_deref(), Some(format!("C:{path}").as_str()));
        assert_eq!(first.at.volume.as_deref(), Some("p2"));
        assert!(first.at.sha256.is_some());
        assert!(
            first
                .found
                .as_ref()
                .map(|t| t.en.as_str())
                .unwrap_or_default()
                .len()
                > 1
        );
    }
}

#[test]
fn other_objects_and_shortcuts_to_documents_warn() {
    let home = "/Users/Administrator/Desktop";
    assert_eq!(
        desktop(&format!("{home}/tool.exe"), pe()).status,
        Status::Warn
    );
    let result = desktop(&format!("{home}/a.lnk"), lnk(r"C:\docs\x.pdf"));
    assert_eq!(result.status, Status::Warn);
    item(&result, r"a.lnk -> C:\docs\x.pdf");
    let folder = good().dir(&format!("{home}/stuff"));
    assert_eq!(status(folder, "WIN-DESK-001"), Status::Warn);
}

#[test]
fn a_desktop_that_was_moved_is_followed_and_one_outside_is_a_gap() {
    let user = |hive: &[u8]| good().file("/Users/Administrator/NTUSER.DAT", 0o644, hive);
    let moved = user(hive!("user-moved"));
    assert_eq!(status(moved.clone(), "WIN-DESK-001"), Status::Pass);
    let moved = moved.file("/Users/Administrator/Moved/a.txt", 0o644, "x");
    assert_eq!(status(moved, "WIN-DESK-001"), Status::Fail);
    let share = result(user(hive!("user-share")), "WIN-DESK-001");
    assert_eq!(share.status, Status::Unknown);
    assert_eq!(share.gaps[0].at.value.as_deref(), Some("Desktop"));
    // A profile on a drive that the image does not have.
    let elsewhere = good().file(&format!("{CONFIG}/SOFTWARE"), 0o644, hive!("software-d"));
    let elsewhere = result(elsewhere, "WIN-DESK-001");
    assert_eq!(elsewhere.status, Status::Unknown);
    assert_eq!(
        elsewhere.gaps[0].at.key.as_deref(),
        Some(r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\ProfileList\S-1-5-21-1-2-3-1001")
    );
}

#[test]
fn services_are_collected_with_key_value_and_offset() {
    let guests = guests(good());
    let evidence = Evidence::new(&guests[0]);
    let services = evidence.windows.services().unwrap();
    assert_eq!(services.items.len(), 3);
    let onion = services.items.iter().find(|s| s.name == "OnionX").unwrap();
    assert_eq!(onion.display_name.as_deref(), Some("WinAgent Display Name"));
    let path = onion.image_path.as_ref().unwrap();
    assert_eq!(path.fact, r"C:\WinAgent\WinAgent.exe -svc");
    assert_eq!(path.at.value.as_deref(), Some("ImagePath"));
    assert!(path.at.offset.is_some());
}

#[test]
fn patterns_match_whole_texts_in_any_case() {
    assert!(matches(r"C:\WinAgent\*.exe", r"c:\winagent\WinAgent.EXE"));
    assert!(matches("Win_Agent*", "win_agent_2"));
    assert!(matches("*.lnk", "使用说明.LNK"));
    assert!(matches("desktop.ini", "Desktop.ini"));
    assert!(!matches("desktop.ini", "desktop.ini.txt"));
    assert!(!matches("a*b*c", "acb"));
    assert!(!matches("ab*ba", "aba"));
}
