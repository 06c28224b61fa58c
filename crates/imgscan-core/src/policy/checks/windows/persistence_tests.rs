//! Persistence: each check on an image that passes and on images that fail,
//! with the exact key, value and file. The hives are those of testdata/recipes/hives.py.

use super::tests::{CONFIG, assert_at, good, item, pe, result, status};
use crate::fs::memory::MemoryFs;
use crate::policy::{CheckResult, Item, Status};

macro_rules! hive {
    ($name:literal) => {
        include_bytes!(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../testdata/hives/",
            $name,
            ".hive"
        ))
        .as_slice()
    };
}

pub(in crate::policy::checks) use hive;

const SOFTWARE: &str = "C:/Windows/System32/config/SOFTWARE";
const RUN: &str = r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Run";
const WINLOGON: &str = r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\Winlogon";

/// The good server with another SOFTWARE hive.
pub(in crate::policy::checks) fn software(hive: &[u8]) -> MemoryFs {
    good().file(&format!("{CONFIG}/SOFTWARE"), 0o644, hive)
}

fn clean() -> MemoryFs {
    software(hive!("software-clean"))
}

#[test]
fn what_windows_itself_starts_passes() {
    let found = result(clean(), "WIN-PERSIST-001");
    assert_eq!(found.status, Status::Pass, "{found:#?}");
    assert_at(
        item(&found, r"C:\Windows\system32\SecurityHealthSystray.exe"),
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
        (r"C:\Windows\Temp\up.exe", RUN, "Updater", "temporary"),
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
fn a_file_that_starts_at_a_logon_and_an_unsigned_program_warn() {
    let startup = "/ProgramData/Microsoft/Windows/Start Menu/Programs/Startup/tool.exe";
    let found = result(clean().file(startup, 0o644, pe()), "WIN-PERSIST-001");
    assert_eq!(found.status, Status::Warn, "{found:#?}");
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

/// A server whose hives hold what Windows itself sets.
pub(in crate::policy::checks) fn sound() -> MemoryFs {
    clean().file(&format!("{CONFIG}/SYSTEM"), 0o644, hive!("system-clean"))
}

/// A server as an intruder leaves it.
pub(in crate::policy::checks) fn taken() -> MemoryFs {
    software(hive!("software-persist"))
        .file(&format!("{CONFIG}/SYSTEM"), 0o644, hive!("system-persist"))
        .file(USER, 0o644, hive!("user-persist"))
}

pub(in crate::policy::checks) const USER: &str = "/Users/Administrator/NTUSER.DAT";
const NT: &str = r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion";
pub(in crate::policy::checks) const SET: &str = r"HKLM\SYSTEM\ControlSet001";

/// The item at `key` and `value`, whose note says `why`.
#[track_caller]
pub(in crate::policy::checks) fn at<'a>(
    found: &'a CheckResult,
    key: &str,
    value: &str,
    why: &str,
) -> &'a Item {
    let is = |i: &&Item| {
        i.at.key.as_deref() == Some(key)
            && i.at.value.as_deref() == Some(value)
            && i.note.en.contains(why)
    };
    let item = found.evidence.iter().find(is);
    item.unwrap_or_else(|| panic!("no {key} {value} {why:?} in {found:#?}"))
}

#[track_caller]
pub(in crate::policy::checks) fn assert_status(
    fs: MemoryFs,
    check: &str,
    status: Status,
) -> CheckResult {
    let found = result(fs, check);
    assert_eq!(found.status, status, "{found:#?}");
    found
}

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
    assert!(action.note.en.starts_with(r"task \Encoded by Maker"));
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
fn packages_providers_and_event_consumers_are_told_from_windows_own() {
    let repository = "/Windows/System32/wbem/Repository/OBJECTS.DATA";
    let scm =
        br#"xx__FilterToConsumerBinding NTEventLogEventConsumer.Name="SCM Event Log Consumer""#;
    let fs = sound().file(repository, 0o644, &scm[..]);
    assert_status(fs, "WIN-PERSIST-004", Status::Pass);

    let definition = b"CommandLineEventConsumer\0\0powershell.exe -enc SQBFAFgA\0evil\0";
    let text = [
        &definition[..],
        &[0; 10_000],
        br#"CommandLineEventConsumer.Name="evil""#,
    ]
    .concat();
    let reference = definition.len() + 10_000 + "CommandLine".len();
    let found = result(sound().file(repository, 0o644, text), "WIN-PERSIST-004");
    assert_eq!(found.status, Status::Fail);
    let consumer = item(
        &found,
        "CommandLineEventConsumer evil: powershell.exe -enc SQBFAFgA",
    );
    assert_eq!(consumer.at.offset, Some(reference as u64));
    assert_eq!(
        consumer.at.path.as_deref(),
        Some(&format!("C:{repository}")[..])
    );

    let found = assert_status(taken(), "WIN-PERSIST-004", Status::Fail);
    at(
        &found,
        &format!(r"{SET}\Control\Lsa"),
        "Notification Packages",
        "password filter",
    );
    let wdigest = format!(r"{SET}\Control\SecurityProviders\WDigest");
    at(&found, &wdigest, "UseLogonCredential", "readable");
    let class =
        r"HKLM\SOFTWARE\Classes\CLSID\{00000000-0000-0000-0000-0000000000C1}\InprocServer32";
    let stealer = at(&found, class, "", "credential provider");
    assert_eq!(
        stealer.found.as_ref().map(|t| t.en.as_str()),
        Some("\"C:\\Windows\\Temp\\steal.dll\"")
    );
}
