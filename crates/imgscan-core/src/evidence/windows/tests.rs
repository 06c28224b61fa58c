//! The facts that testdata/recipes/hives.py wrote into its hives.

use super::{Datum, LocalUser, Windows};
use crate::evidence::{Evidence, Found, Gap};
use crate::fs::memory::MemoryFs;
use crate::guest::windows::testing::guests;

macro_rules! hive {
    ($name:literal) => {
        include_bytes!(concat!("../../../../../testdata/hives/", $name, ".hive")).as_slice()
    };
}

const CONFIG: &str = "/Windows/System32/config";
/// The recipe's FILETIME, 2023-11-14T22:13:20Z.
const WRITTEN: &str = "2023-11-14T22:13:20Z";

/// Bytes of the SIDs of the Administrators: two of five sub-authorities, one of one.
const SIDS_OF_ADMINISTRATORS: u32 = 2 * (8 + 5 * 4) + 8 + 4;

fn windows() -> MemoryFs {
    MemoryFs::new(true)
        .file(&format!("{CONFIG}/SYSTEM"), 0o644, hive!("system-facts"))
        .file(
            &format!("{CONFIG}/SOFTWARE"),
            0o644,
            hive!("software-facts"),
        )
        .file(&format!("{CONFIG}/SAM"), 0o644, hive!("sam"))
        .file("/Users/Administrator/NTUSER.DAT", 0o644, hive!("user-run"))
        .file(
            "/ProgramData/Microsoft/Windows/Start Menu/Programs/Startup/tool.lnk",
            0o644,
            "link",
        )
        .file("/Windows/System32/Sysprep/Sysprep_succeeded.tag", 0o644, "")
        .file("/Windows/Panther/setupact.log", 0o644, "log")
}

fn with<T>(fs: MemoryFs, look: impl FnOnce(&Windows<'_>) -> T) -> T {
    look(&Evidence::new(&guests(fs)[0]).windows)
}

fn user(users: &[Found<LocalUser>], rid: u32) -> &LocalUser {
    &users.iter().find(|u| u.fact.rid == rid).unwrap().fact
}

#[test]
fn users_are_what_their_records_say() {
    let accounts = with(windows(), |w| w.accounts()).unwrap();
    assert_eq!(accounts.gaps, Vec::<Gap>::new());
    assert_eq!(
        accounts.machine_sid.as_deref(),
        Some("S-1-5-21-1111-2222-3333")
    );
    let administrator = user(&accounts.users, 500);
    assert_eq!(administrator.name.as_deref(), Some("Administrator"));
    assert_eq!(administrator.full_name, None);
    assert_eq!(administrator.comment.as_deref(), Some("Built-in"));
    assert_eq!(administrator.hidden, Some(false));
    assert_eq!(administrator.hijacked, Some(false));
    let account = administrator.account.as_ref().unwrap();
    assert!(account.disabled && account.password_never_expires);
    assert!(!account.locked && !account.password_not_required);
    assert_eq!(account.logons, 7);
    let text = |time: Option<crate::fs::Timestamp>| time.map(|t| t.to_string());
    assert_eq!(text(account.last_logon).as_deref(), Some(WRITTEN));
    assert_eq!(
        text(account.password_set).as_deref(),
        Some("2023-11-13T22:13:20Z")
    );
    assert_eq!(account.expires, None);
    let ops = user(&accounts.users, 1000);
    assert_eq!(ops.full_name.as_deref(), Some("Ops 运维"));
    let account = ops.account.as_ref().unwrap();
    assert!(account.locked && !account.disabled);
    assert_eq!(text(account.expires).as_deref(), Some(WRITTEN));
}

#[test]
fn hidden_and_hijacked_users_are_found() {
    let accounts = with(windows(), |w| w.accounts()).unwrap();
    let guest = user(&accounts.users, 501);
    assert_eq!(guest.hijacked, Some(true));
    let account = guest.account.as_ref().unwrap();
    assert_eq!(account.record_rid, 500);
    assert!(!account.disabled && account.password_not_required);
    let ghost = user(&accounts.users, 1001);
    assert_eq!(ghost.hidden, Some(true));
    assert_eq!(ghost.hijacked, Some(false));
    let nobody: Vec<_> = accounts
        .names_of_nobody
        .iter()
        .map(|n| (n.fact.name.as_str(), n.fact.rid, n.at.key.as_deref()))
        .collect();
    let key = r"HKLM\SAM\SAM\Domains\Account\Users\Names\nobody";
    assert_eq!(nobody, [("nobody", 1007, Some(key))]);
}

#[test]
fn groups_name_their_members() {
    let accounts = with(windows(), |w| w.accounts()).unwrap();
    let administrators = accounts.groups.iter().find(|g| g.fact.rid == 544).unwrap();
    assert_eq!(administrators.fact.domain, "Builtin");
    assert_eq!(administrators.fact.name.as_deref(), Some("Administrators"));
    let members = administrators.fact.members.iter();
    let members: Vec<_> = members.map(|m| accounts.named(m)).collect();
    assert_eq!(members, ["Administrator", "ghost$", "S-1-5-18"]);
    let operators = accounts.groups.iter().find(|g| g.fact.rid == 1002).unwrap();
    assert_eq!(operators.fact.domain, "Account");
    assert!(operators.fact.members.is_empty());
}

/// The SAM with the bytes at each place where `from` stands replaced by `to`.
fn spoilt(from: &[u8], to: &[u8]) -> MemoryFs {
    let mut bytes = hive!("sam").to_vec();
    let at = bytes.windows(from.len()).position(|w| w == from).unwrap();
    bytes[at..at + to.len()].copy_from_slice(to);
    windows().file(&format!("{CONFIG}/SAM"), 0o644, bytes)
}

#[test]
fn a_damaged_record_is_a_gap_and_no_user_without_flags() {
    // The entry of the name "ops" (offset 0, 6 bytes) leads far behind the end of its record.
    let entry = [0, 0, 0, 0, 6, 0, 0, 0];
    let mut broken = entry;
    broken[..4].copy_from_slice(&u32::MAX.to_le_bytes());
    let accounts = with(spoilt(&entry, &broken), |w| w.accounts()).unwrap();
    assert_eq!(user(&accounts.users, 1000).name, None);
    assert_eq!(accounts.gaps.len(), 1);
    let key = r"HKLM\SAM\SAM\Domains\Account\Users\000003E8";
    assert_eq!(accounts.gaps[0].at.key.as_deref(), Some(key));
    // A group that claims more members than it holds has a gap, and no half list.
    let many = [SIDS_OF_ADMINISTRATORS, 3].map(u32::to_le_bytes).concat();
    let mut more = many.clone();
    more[4] = 200;
    let accounts = with(spoilt(&many, &more), |w| w.accounts()).unwrap();
    let group = accounts.groups.iter().find(|g| g.fact.rid == 544).unwrap();
    assert!(group.fact.members.is_empty());
    assert_eq!(accounts.gaps.len(), 1);
}

#[test]
fn without_a_sam_there_is_a_gap() {
    let fs = MemoryFs::new(true).file(&format!("{CONFIG}/SYSTEM"), 0o644, hive!("system-facts"));
    let gap = with(fs, |w| w.accounts()).unwrap_err();
    assert_eq!(gap.kind, crate::error::Kind::NotFound);
}

#[test]
fn autostarts_of_the_machine_and_of_users_are_found() {
    let found = with(windows(), |w| w.autostarts());
    let shown: Vec<String> = found
        .items
        .iter()
        .map(|a| {
            let command = a.fact.command.as_deref().unwrap_or("-");
            format!("{} {} = {command}", a.fact.kind, a.fact.name)
        })
        .collect();
    assert_eq!(
        shown,
        [
            r"Run Agent = %ProgramFiles%\agent.exe /q",
            "Run odd = 010203",
            "RunOnceEx 1 = once.exe",
            "Winlogon Shell = explorer.exe, evil.exe",
            r"Run Old = C:\old32.exe",
            "Session Manager BootExecute = autocheck autochk *; native x",
            "Run OneDrive = onedrive.exe /background",
            r"Environment UserInitMprLogonScript = C:\logon.bat",
            "Startup tool.lnk = -",
        ]
    );
    let run = &found.items[0].at;
    let key = r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Run";
    assert_eq!(run.key.as_deref(), Some(key));
    assert_eq!(run.value.as_deref(), Some("Agent"));
    assert_eq!(run.volume.as_deref(), Some("p2"));
    let user = found.items[6].at.key.as_deref().unwrap_or_default();
    assert!(
        user.starts_with(r"HKU\S-1-5-21-1-2-3-500\Software"),
        "{user}"
    );
}

#[test]
fn settings_are_those_of_the_next_boot() {
    let found = with(windows(), |w| w.settings());
    assert_eq!(found.gaps, Vec::<Gap>::new());
    let shown: Vec<String> = found
        .items
        .iter()
        .map(|s| format!("{}: {} = {}", s.fact.topic, s.fact.name, s.fact.data))
        .collect();
    assert_eq!(
        shown,
        [
            "setup: GeneralizationState = 3",
            "setup: CleanupState = 2",
            "setup: SetupType = 2",
            r"setup: CmdLine = oobe\windeploy.exe",
            "setup: ImageState = IMAGE_STATE_GENERALIZE_RESEAL_TO_OOBE",
            "installed: InstallDate = 1700000000",
            "installed: UBR = 169",
            "time zone: TimeZoneKeyName = China Standard Time",
            "time source: Type = NTP",
            "time source: NtpServer = time1.example,0x9",
            "remote desktop: fDenyTSConnections = 0",
            "remote desktop (by policy): fDenyTSConnections = 1",
            "firewall (public): EnableFirewall = 0",
        ]
    );
    let deny = &found.items[10].at.key;
    let key = r"HKLM\SYSTEM\ControlSet002\Control\Terminal Server";
    assert_eq!(deny.as_deref(), Some(key));
    let all = serde_json::to_string(&found.items[2]).unwrap();
    assert!(all.contains(r#""data":2"#), "{all}");
    assert_eq!(found.items[2].fact.data, Datum::Number(2));
}

#[test]
fn adapters_show_what_was_set_and_what_was_given() {
    let found = with(windows(), |w| w.adapters());
    assert_eq!(found.items.len(), 1);
    let adapter = &found.items[0].fact;
    assert_eq!(adapter.dhcp, Some(1));
    assert_eq!(adapter.addresses, ["192.0.2.7"]);
    assert_eq!(adapter.dhcp_address.as_deref(), Some("192.0.2.9"));
    assert_eq!(adapter.name_servers, ["192.0.2.1", "192.0.2.2"]);
    assert_eq!(adapter.dhcp_name_servers, ["198.51.100.1", "198.51.100.2"]);
}

#[test]
fn programs_and_packages_are_listed() {
    let found = with(windows(), |w| w.programs());
    let tool = found.items.iter().find(|p| p.fact.key == "Tool").unwrap();
    assert_eq!(tool.fact.name.as_deref(), Some("Tool 1"));
    assert_eq!(tool.fact.version.as_deref(), Some("1.0"));
    assert_eq!(tool.fact.publisher.as_deref(), Some("Maker"));
    assert_eq!(tool.fact.install_date.as_deref(), Some("20230102"));
    assert_eq!(found.items.len(), 2);
    let mut gaps = Vec::new();
    let updates = with(windows(), |w| w.updates(&mut gaps)).unwrap();
    assert_eq!(gaps, []);
    assert_eq!((updates.packages, updates.installed), (3, 2));
    assert_eq!(updates.updates, ["KB1234567"]);
}

#[test]
fn files_of_setup_are_found() {
    let found = with(windows(), |w| w.setup_files());
    let paths: Vec<_> = found.items.iter().map(|f| f.at.path.clone()).collect();
    let wanted = [
        "C:/Windows/System32/Sysprep/Sysprep_succeeded.tag",
        "C:/Windows/Panther/setupact.log",
    ];
    assert_eq!(paths, wanted.map(|p| Some(p.to_owned())));
}

#[test]
fn services_are_collected_with_key_value_and_offset() {
    let fs = MemoryFs::new(true).file(&format!("{CONFIG}/SYSTEM"), 0o644, hive!("system-good"));
    let guests = guests(fs);
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
fn values_of_every_hive_of_the_machine_and_of_one_user_are_found() {
    let fs = || windows().file(&format!("{CONFIG}/SECURITY"), 0o644, hive!("security"));
    let found = |pattern: &str, name: &str| with(fs(), |w| w.values(pattern, name));
    let names = r"HKLM\SAM\SAM\Domains\Account\Users\*";
    let records = found(names, "F");
    let keys = records.items.iter().map(|v| v.at.key.as_deref().unwrap());
    let keys: Vec<&str> = keys.filter_map(|key| key.rsplit('\\').next()).collect();
    assert_eq!(keys, ["000001F4", "000001F5", "000003E8", "000003E9"]);
    assert_eq!(
        records.items[0].at.path.as_deref(),
        Some("C:/Windows/System32/config/SAM")
    );
    assert_eq!(records.gaps, []);
    let secret = r"HKLM\SECURITY\Policy\Secrets\_SC_cloudbase-init\CurrVal";
    assert_eq!(found(secret, "").items.len(), 1);
    let secrets = with(fs(), |w| w.keys(r"HKLM\SECURITY\Policy\Secrets\*"));
    assert_eq!(secrets.items[0].fact, "_SC_cloudbase-init");
    let run = r"HKU\Administrator\Software\Microsoft\Windows\CurrentVersion\Run";
    let started = found(run, "OneDrive");
    let wanted = Datum::Text("onedrive.exe /background".into());
    assert_eq!(started.items[0].fact.data, wanted);
    with(fs(), |w| {
        let value = |key, name| w.value(key, name).unwrap().unwrap();
        assert!(value(r"hklm\sam\SAM\Domains\Account", "V").is_some());
        assert_eq!(value(r"HKLM\SAM\SAM\Domains\Account", "W"), None);
        assert!(value(secret, "").is_some());
    });
}

#[test]
fn a_hive_that_is_not_there_is_a_gap() {
    for pattern in [
        r"HKLM\SECURITY\Policy\Secrets\*",
        r"HKLM\COMPONENTS\x",
        r"HKU\.DEFAULT\Software\x",
        r"HKU\S-1-5-18\Software\x",
        r"HKCR\x",
    ] {
        let found = with(windows(), |w| w.values(pattern, "*"));
        assert_eq!(found.items, [], "{pattern}");
        assert_eq!(found.gaps.len(), 1, "{pattern}: {:?}", found.gaps);
    }
    let value = with(windows(), |w| w.value(r"HKLM\SECURITY\Policy", "x"));
    assert!(matches!(value, Some(Err(_))), "{value:?}");
}
