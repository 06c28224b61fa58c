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
fn other_objects_warn_and_shortcuts_to_documents_go_to_a_person() {
    let home = "/Users/Administrator/Desktop";
    assert_eq!(
        desktop(&format!("{home}/tool.exe"), pe()).status,
        Status::Warn
    );
    let result = desktop(&format!("{home}/a.lnk"), lnk(r"C:\docs\x.pdf"));
    assert_eq!(result.status, Status::Unknown);
    item(&result, r"a.lnk -> C:\docs\x.pdf");
    let folder = good().dir(&format!("{home}/stuff"));
    assert_eq!(status(folder, "WIN-DESK-001"), Status::Warn);
}

#[test]
fn what_windows_and_products_put_on_a_desktop_is_silent() {
    let home = "/Users/Administrator/Desktop";
    let usual = good()
        .file(
            &format!("{home}/Password Manager.lnk"),
            0o644,
            lnk(r"C:\x\KeePass.exe"),
        )
        .stream(
            &format!("{home}/Server Manager.lnk"),
            "Zone.Identifier",
            "[ZoneTransfer]\r\nZoneId=3\r\n",
        );
    assert_eq!(status(usual, "WIN-DESK-001"), Status::Pass);
}

#[test]
fn what_a_name_or_a_form_hides_is_seen() {
    let home = "/Users/Administrator/Desktop";
    for (name, data) in [
        ("ｐａｓｓｗｏｒｄ．ini", &b"x"[..]),
        ("产品.txt\u{200b}", b"x"),
        ("Setup.exe", b"%PDF-1.7"),
        ("bundle", b"PK\x03\x04 and so on"),
        (
            "desktop.ini",
            b"\xd5\xca\xba\xc5 Administrator \xc3\xdc\xc2\xeb x",
        ),
        ("Thumbs.db", b"\xbf\xda\xc1\xee: x"),
        ("a.docm", b"PK"),
    ] {
        let result = desktop(&format!("{home}/{name}"), data);
        assert_eq!(result.status, Status::Fail, "{name}");
    }
    for (name, data) in [
        ("note", &b"log on with Sup3r.Secret"[..]),
        ("desktop.ini", b"Administrator Sup3r"),
        ("blob", b"\x01\x02\x03\x04"),
    ] {
        let result = desktop(&format!("{home}/{name}"), data);
        assert_eq!(result.status, Status::Unknown, "{name}");
    }
    let stream = good().stream(&format!("{home}/desktop.ini"), "notes", "Sup3r.Secret");
    let result = result(stream, "WIN-DESK-001");
    assert_eq!(result.status, Status::Unknown);
    let place = format!("C:{home}/desktop.ini:notes");
    assert_eq!(result.evidence[0].at.path.as_deref(), Some(&place[..]));
    let link = good()
        .file("/docs/readme.txt", 0o644, "x")
        .link(&format!("{home}/tools"), r"\??\C:\docs");
    assert_eq!(status(link, "WIN-DESK-001"), Status::Fail);
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
fn a_shortcut_whose_end_is_not_read_is_no_pass() {
    let path = "/Users/Administrator/Desktop/Server Manager.lnk";
    let long = |more: usize| {
        let link = lnk(r"C:\Windows\System32\ServerManager.exe");
        desktop(path, [link, vec![0; more]].concat()).status
    };
    assert_eq!(long(0), Status::Pass);
    assert_eq!(long(64 * 1024), Status::Unknown);
}
