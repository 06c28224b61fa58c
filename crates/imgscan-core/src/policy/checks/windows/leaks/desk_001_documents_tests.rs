//! WIN-DESK-001.

use crate::policy::checks::windows::testing::{CONFIG, good, hive, item, lnk, pe, result, status};
use crate::policy::{CheckResult, Status};

#[test]
fn the_good_server_passes() {
    assert_eq!(status(good(), "WIN-DESK-001"), Status::Pass);
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
