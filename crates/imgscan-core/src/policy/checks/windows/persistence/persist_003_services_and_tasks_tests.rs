//! WIN-PERSIST-003.

use crate::policy::Status;
use crate::policy::checks::windows::testing::{
    CATALOGS, CONFIG, NT, SET, assert_status, at, clean, good, hive, item, result, signed, sound,
    status, taken,
};

#[test]
fn hidden_and_encoded_tasks_and_suspect_services_fail() {
    let empty = clean().file(&format!("{CONFIG}/SYSTEM"), 0o644, hive!("system-empty"));
    let file = "/Windows/System32/Tasks/Microsoft/Windows/Clean";
    let utf16 = |text: &str| -> Vec<u8> {
        let units = text.encode_utf16().flat_map(u16::to_le_bytes);
        [0xFF, 0xFE].into_iter().chain(units).collect()
    };
    let xml = |command: &str| {
        utf16(&format!(
            "<?xml version=\"1.0\" encoding=\"UTF-16\"?><Task xmlns=\"http://schemas.microsoft.com/windows/2004/02/mit/task\"><RegistrationInfo><Author>Me &amp; you</Author></RegistrationInfo><Actions><Exec><Command>{command}</Command></Exec></Actions></Task>"
        ))
    };
    let whole = empty
        .clone()
        .file(file, 0o644, xml(r"%windir%\system32\rundll32.exe"));
    assert_status(whole, "WIN-PERSIST-003", Status::Pass);
    // Without its file the task still runs.
    let tree = format!(r"{NT}\Schedule\TaskCache\Tree");
    let warned = assert_status(empty.clone(), "WIN-PERSIST-003", Status::Warn);
    let key = format!(r"{tree}\Microsoft\Windows\Clean");
    assert_eq!(warned.evidence[0].at.key.as_deref(), Some(key.as_str()));

    let found = assert_status(taken(), "WIN-PERSIST-003", Status::Fail);
    at(&found, &format!(r"{tree}\Ghost"), "SD", "hidden");
    at(&found, &format!(r"{tree}\Zero"), "Index", "hidden");
    let encoded =
        format!(r"{NT}\Schedule\TaskCache\Tasks\{{00000000-0000-0000-0000-00000000000D}}");
    let action = at(&found, &encoded, "Actions", "fetches or hides");
    assert!(action.note.en.starts_with(r"task \Encoded: "));
    let services = format!(r"{SET}\Services");
    at(
        &found,
        &format!(r"{services}\Updater"),
        "ImagePath",
        "temporary",
    );
    at(
        &found,
        &format!(r"{services}\win-agent"),
        "FailureCommand",
        "temporary",
    );

    // What the file says counts as well: an action that the registry does not have.
    let other = empty.file(file, 0o644, xml(r"C:\Windows\Temp\x.exe"));
    let found = assert_status(other, "WIN-PERSIST-003", Status::Fail);
    let path = "C:/Windows/System32/Tasks/Microsoft/Windows/Clean";
    let item = item(&found, r"C:\Windows\Temp\x.exe");
    assert_eq!(item.at.path.as_deref(), Some(path));
    let broken = sound().file(file, 0o644, "<Task><Actions>");
    assert_eq!(status(broken, "WIN-PERSIST-003"), Status::Unknown);
}

#[test]
fn a_service_whose_program_no_catalog_lists_is_told() {
    let of_host = |catalog: &[u8]| {
        let fs = good()
            .file(&format!("{CONFIG}/SYSTEM"), 0o644, hive!("system-persist"))
            .file(
                "/Windows/System32/tlntsvr.exe",
                0o644,
                signed!("driver.sys"),
            )
            .file(&format!("{CATALOGS}/oem1.cat"), 0o644, catalog);
        let found = result(fs, "WIN-PERSIST-003");
        let items = found.evidence.into_iter();
        let mut items = items.filter(|i| i.note.en.starts_with("service TlntSvr"));
        items.next()
    };
    assert_eq!(of_host(signed!("driver.cat")), None);
    let told = of_host(signed!("other.cat")).unwrap();
    assert_eq!(told.at.value.as_deref(), Some("ImagePath"));
    assert!(
        told.note.en.contains("no catalog lists it"),
        "{}",
        told.note.en
    );
}

#[test]
fn an_action_behind_all_that_are_read_is_no_pass() {
    let file = "/Windows/System32/Tasks/Microsoft/Windows/Clean";
    let with = |more: &str| {
        let usual = r"<Exec><Command>%windir%\system32\rundll32.exe</Command></Exec>".repeat(64);
        let actions = format!("<Actions>{usual}{more}</Actions>");
        let xml = format!(
            "<Task xmlns=\"http://schemas.microsoft.com/windows/2004/02/mit/task\">{actions}</Task>"
        );
        let fs = clean().file(&format!("{CONFIG}/SYSTEM"), 0o644, hive!("system-empty"));
        result(fs.file(file, 0o644, xml), "WIN-PERSIST-003")
    };
    assert_eq!(with("").status, Status::Pass);
    let found = with(r"<Exec><Command>C:\Windows\Temp\x.exe</Command></Exec>");
    assert_eq!(found.status, Status::Unknown, "{found:#?}");
    assert_eq!(found.gaps.len(), 1, "{:#?}", found.gaps);
}
