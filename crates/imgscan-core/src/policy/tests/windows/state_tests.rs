//! Checks of state, accounts and basic abilities on images that pass and that fail. The hives are
//! those of testdata/recipes/winstate.py; impacket reads the same password hashes out of them.

use super::tests::{assert_at, good, item, pe, result, signed};
use crate::evidence::Evidence;
use crate::fs::memory::MemoryFs;
use crate::guest::windows::testing::guests;
use crate::policy::{CheckResult, Policy, Status, run as run_policy};

macro_rules! hive {
    ($name:literal) => {
        include_bytes!(concat!("../../../../../../testdata/hives/", $name, ".hive")).as_slice()
    };
}

const CONFIG: &str = "/Windows/System32/config";
const PANTHER: &str = "/Windows/System32/Sysprep/Panther";
const TAG: &str = "/Windows/System32/Sysprep/Sysprep_succeeded.tag";
const CBI: &str = "/Program Files/Cloudbase Solutions/Cloudbase-Init";
const SYSTEM: &str = "C:/Windows/System32/config/SYSTEM";
const SOFTWARE: &str = "C:/Windows/System32/config/SOFTWARE";
const SAM: &str = "C:/Windows/System32/config/SAM";
const USERS: &str = r"HKLM\SAM\SAM\Domains\Account\Users";
const SERVICES: &str = r"HKLM\SYSTEM\ControlSet001\Services";
const WINLOGON: &str = r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\Winlogon";
const CONF: &str = "[DEFAULT]\r\nusername=Administrator\r\nfirst_logon_behaviour=no\r\ninject_user_password=true\r\n\
    metadata_services=cloudbaseinit.metadata.services.configdrive.ConfigDriveService\r\n\
    plugins=cloudbaseinit.plugins.common.sethostname.SetHostNamePlugin,\r\n  \
    cloudbaseinit.plugins.common.networkconfig.NetworkConfigPlugin,\
    cloudbaseinit.plugins.windows.extendvolumes.ExtendVolumesPlugin,\
    cloudbaseinit.plugins.common.setuserpassword.SetUserPasswordPlugin,\
    cloudbaseinit.plugins.common.localscripts.LocalScriptsPlugin,\
    cloudbaseinit.plugins.common.userdata.UserDataPlugin\r\n";

/// The lines of one run of sysprep that begins at `time`.
fn run(time: &str, options: &[&str], succeeded: bool) -> String {
    let mut out = format!(
        "{time}, Info                  SYSPRP ========\r\n\
         {time}, Info                  SYSPRP ===          Beginning of a new sysprep run          ===\r\n\
         {time}, Info       [0x0f004d] SYSPRP The time is now {time}\r\n"
    );
    for option in options {
        out += &format!(
            "{time}, Info       [0x0f005f] SYSPRP ParseCommands:Found supported command line option '{option}'\r\n"
        );
    }
    out += &match succeeded {
        true => format!(
            "{time}, Info       [0x0f0052] SYSPRP FCreateTagFile:Successfully created tag file C:\\Windows\\System32\\Sysprep\\Sysprep_succeeded.tag\r\n"
        ),
        false => format!(
            "{time}, Error      [0x0f0082] SYSPRP ActionPlatform::LaunchModule: Failure occurred; dwRet = 0x3cf2\r\n"
        ),
    };
    out
}

/// A server that is generalized and waits for its first start as an instance.
pub(super) fn ready() -> MemoryFs {
    let log = run(
        "2023-11-20 10:00:00",
        &["GENERALIZE", "OOBE", "SHUTDOWN"],
        true,
    );
    good()
        .file(&format!("{CONFIG}/SYSTEM"), 0o644, hive!("system-state"))
        .file(
            &format!("{CONFIG}/SOFTWARE"),
            0o644,
            hive!("software-state"),
        )
        .file(&format!("{CONFIG}/SAM"), 0o644, hive!("sam-state"))
        .file(
            &format!("{CONFIG}/SECURITY"),
            0o644,
            hive!("security-state"),
        )
        .file(
            "/Windows/Setup/State/State.ini",
            0o644,
            "[State]\r\nImageState=IMAGE_STATE_GENERALIZE_RESEAL_TO_OOBE\r\n",
        )
        .file(TAG, 0o644, "")
        .file(&format!("{PANTHER}/setupact.log"), 0o644, log)
        .file(&format!("{CBI}/conf/cloudbase-init.conf"), 0o644, CONF)
        .file(
            &format!("{CBI}/LocalScripts/TencentCloudRun.ps1"),
            0o644,
            "#",
        )
        .file("/Program Files/QCloud/tat_agent/tat_agent.exe", 0o644, pe())
        .file(
            "/Windows/System32/drivers/viostor.sys",
            0o644,
            signed!("kernel.exe"),
        )
        .file(
            "/Windows/System32/drivers/netkvm.sys",
            0o644,
            signed!("dual.sys"),
        )
        .file(
            "/Windows/System32/drivers/etc/hosts",
            0o644,
            "# comment\r\n127.0.0.1 localhost\r\n",
        )
}

/// The same in use, with everything spoilt, and no trace of sysprep but in the registry.
fn wrong() -> MemoryFs {
    good()
        .file(&format!("{CONFIG}/SYSTEM"), 0o644, hive!("system-wrong"))
        .file(
            &format!("{CONFIG}/SOFTWARE"),
            0o644,
            hive!("software-wrong"),
        )
        .file(&format!("{CONFIG}/SAM"), 0o644, hive!("sam-wrong"))
        .file(
            &format!("{CONFIG}/SECURITY"),
            0o644,
            hive!("security-wrong"),
        )
        .file(
            "/Windows/System32/drivers/viostor.sys",
            0o644,
            signed!("kernel.exe"),
        )
}

fn replaced(fs: MemoryFs, name: &str, hive: &[u8]) -> MemoryFs {
    fs.file(&format!("{CONFIG}/{name}"), 0o644, hive)
}

const CHECKS: &[(&str, Status, Status)] = &[
    ("WIN-SYSPREP-001", Status::Pass, Status::Fail),
    ("WIN-SYSPREP-002", Status::Pass, Status::Unknown),
    ("WIN-SYSPREP-003", Status::Pass, Status::NotApplicable),
    ("WIN-ACCT-001", Status::Pass, Status::Fail),
    ("WIN-ACCT-002", Status::Pass, Status::Fail),
    ("WIN-ACCT-003", Status::Pass, Status::Fail),
    ("WIN-ACCT-004", Status::NotApplicable, Status::NotApplicable),
    ("WIN-CBI-002", Status::Pass, Status::Fail),
    ("WIN-AGENT-003", Status::Pass, Status::Warn),
    ("WIN-NET-001", Status::Pass, Status::Fail),
    ("WIN-TIME-001", Status::Pass, Status::Fail),
    ("WIN-BOOT-002", Status::Pass, Status::Fail),
    ("WIN-CAP-001", Status::Pass, Status::Fail),
    ("WIN-CAP-002", Status::Pass, Status::Fail),
    ("WIN-CAP-003", Status::Pass, Status::Warn),
];

#[test]
fn the_ready_server_passes_and_the_wrong_one_does_not() {
    for (check, pass, fail) in CHECKS {
        let ready = result(ready(), check);
        assert_eq!(ready.status, *pass, "{ready:#?}");
        assert_eq!(ready.gaps, [], "{check}");
        let wrong = result(wrong(), check);
        assert_eq!(wrong.status, *fail, "{wrong:#?}");
    }
}

#[test]
fn no_check_passes_without_the_hive_that_it_needs() {
    for (check, _, _) in CHECKS {
        if matches!(*check, "WIN-ACCT-004" | "WIN-SYSPREP-003") {
            continue;
        }
        let hives = match *check {
            "WIN-SYSPREP-001" | "WIN-SYSPREP-002" | "WIN-NET-001" | "WIN-CAP-002" => {
                &["SYSTEM", "SOFTWARE"][..1]
            }
            "WIN-ACCT-001" | "WIN-ACCT-002" | "WIN-ACCT-003" => &["SAM"],
            _ => &["SYSTEM"],
        };
        for name in hives {
            if *check == "WIN-SYSPREP-002" {
                continue;
            }
            let result = result(replaced(ready(), name, b"regf"), check);
            assert_eq!(
                result.status,
                Status::Unknown,
                "{check} without {name}: {result:#?}"
            );
            assert!(!result.gaps.is_empty(), "{check}");
        }
    }
    let state = result(replaced(ready(), "SOFTWARE", b"regf"), "WIN-SYSPREP-001");
    assert_eq!(state.status, Status::Unknown);
}

fn sysprep(fs: MemoryFs) -> CheckResult {
    result(fs, "WIN-SYSPREP-001")
}

#[test]
fn forged_settings_of_sysprep_do_not_pass() {
    // A script set GeneralizationState to 7; the system is in use.
    let forged = sysprep(wrong());
    assert_eq!(forged.status, Status::Fail);
    let state = r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Setup\State";
    assert_at(
        item(&forged, "IMAGE_STATE_COMPLETE"),
        SOFTWARE,
        state,
        "ImageState",
    );
    assert_at(
        item(&forged, "7"),
        SYSTEM,
        r"HKLM\SYSTEM\Setup\Status\SysprepStatus",
        "GeneralizationState",
    );
    // A script set ImageState in the registry; the next start runs no setup.
    let forged = sysprep(replaced(wrong(), "SOFTWARE", hive!("software-state")));
    assert_eq!(forged.status, Status::Fail);
    assert_at(
        item(&forged, "IMAGE_STATE_GENERALIZE_RESEAL_TO_OOBE"),
        SOFTWARE,
        state,
        "ImageState",
    );
    let kind = forged
        .evidence
        .iter()
        .find(|i| i.at.value.as_deref() == Some("SetupType"))
        .unwrap();
    assert_eq!(kind.found.as_deref(), Some("0"));
    // Everything in the registry is set, and no file tells of a run.
    let forged = wrong();
    let forged = replaced(forged, "SOFTWARE", hive!("software-state"));
    let forged = sysprep(replaced(forged, "SYSTEM", hive!("system-state")));
    assert_eq!(forged.status, Status::Unknown);
    // SYSTEM is set, and SOFTWARE is in use.
    let forged = sysprep(replaced(wrong(), "SYSTEM", hive!("system-state")));
    assert_eq!(forged.status, Status::Fail);
}

#[test]
fn places_of_sysprep_that_contradict_each_other_are_named() {
    let ini = "/Windows/Setup/State/State.ini";
    let other = sysprep(ready().file(ini, 0o644, "[State]\r\nImageState=IMAGE_STATE_COMPLETE\r\n"));
    assert_eq!(other.status, Status::Fail);
    let line = item(&other, "IMAGE_STATE_COMPLETE");
    assert_eq!(
        (line.at.path.as_deref(), line.at.line),
        (Some("C:/Windows/Setup/State/State.ini"), Some(2))
    );
    // A run that failed behind one that succeeded.
    let log = run("2023-11-20 10:00:00", &["GENERALIZE", "OOBE"], true)
        + &run("2023-11-21 10:00:00", &["GENERALIZE", "OOBE"], false);
    let failed = sysprep(ready().file(&format!("{PANTHER}/setupact.log"), 0o644, log));
    assert_eq!(failed.status, Status::Fail);
    let error = failed
        .evidence
        .iter()
        .find(|i| i.found.as_deref().is_some_and(|f| f.contains("0x3cf2")))
        .unwrap();
    assert_eq!(error.at.line, Some(12));
    // Sysprep ran, and the system was started again.
    let started = replaced(
        replaced(ready(), "SOFTWARE", hive!("software-wrong")),
        "SYSTEM",
        hive!("system-wrong"),
    );
    let started = started.file(ini, 0o644, "[State]\r\nImageState=IMAGE_STATE_COMPLETE\r\n");
    assert_eq!(sysprep(started).status, Status::Warn);
}

fn runs(log: String) -> CheckResult {
    result(
        ready().file(&format!("{PANTHER}/setupact.log"), 0o644, log),
        "WIN-SYSPREP-002",
    )
}

#[test]
fn runs_of_sysprep_are_counted_since_the_installation() {
    let options = ["GENERALIZE", "OOBE"];
    let own = run("2023-11-20 10:00:00", &options, true);
    // InstallDate is 2023-11-14T22:13:20Z; the run before it is the base image's.
    assert_eq!(
        runs(run("2023-11-10 10:00:00", &options, true) + &own).status,
        Status::Pass
    );
    assert_eq!(
        runs(run("2023-11-18 10:00:00", &options, true) + &own).status,
        Status::Warn
    );
    let failed = runs(own.clone() + &run("2023-11-21 10:00:00", &options, false));
    assert_eq!(failed.status, Status::Fail);
    assert_eq!(
        runs(run("2023-11-20 10:00:00", &["OOBE"], true)).status,
        Status::Warn
    );
    let answer =
        own + "2023-11-20 10:00:01, Info SYSPRP WinMain:Found unattend file C:\\tmp\\u.xml\r\n";
    let odd = runs(answer);
    assert_eq!(odd.status, Status::Warn);
    assert_eq!(
        item(&odd, r"C:\tmp\u.xml").at.path.as_deref(),
        Some("C:/Windows/System32/Sysprep/Panther/setupact.log")
    );
}

#[test]
fn accounts_that_are_off_hidden_or_hijacked_are_named_with_their_key() {
    let off = result(wrong(), "WIN-ACCT-001");
    assert_at(
        item(&off, "0x0011 (disabled)"),
        SAM,
        &format!(r"{USERS}\000001F4"),
        "F",
    );
    let hidden = result(wrong(), "WIN-ACCT-002");
    assert_at(
        item(&hidden, "RID 500"),
        SAM,
        &format!(r"{USERS}\000001F5"),
        "F",
    );
    assert_at(
        item(
            &hidden,
            "0x0214 (password not required, password never expires)",
        ),
        SAM,
        &format!(r"{USERS}\000001F5"),
        "F",
    );
    assert_at(
        item(&hidden, "nobody"),
        SAM,
        &format!(r"{USERS}\Names\nobody"),
        "",
    );
    assert_at(
        item(&hidden, "none"),
        SAM,
        &format!(r"{USERS}\000003E9"),
        "",
    );
    let group = r"HKLM\SAM\SAM\Domains\Builtin\Aliases\00000220";
    assert_at(
        item(&hidden, "ghost$ (S-1-5-21-1111-2222-3333-1001)"),
        SAM,
        group,
        "C",
    );
    assert_at(
        item(&hidden, "ops, an administrator"),
        SOFTWARE,
        &format!(r"{WINLOGON}\SpecialAccounts\UserList"),
        "ops",
    );
}

#[test]
fn passwords_are_judged_and_never_shown() {
    let found = result(wrong(), "WIN-ACCT-003");
    assert_at(
        item(&found, "a password of the list"),
        SAM,
        &format!(r"{USERS}\000003E8"),
        "V",
    );
    let empty: Vec<_> = found
        .evidence
        .iter()
        .filter(|i| i.found.as_deref() == Some("an empty password"))
        .collect();
    let keys: Vec<_> = empty.iter().map(|i| i.at.key.clone().unwrap()).collect();
    // Guest stores no hash, ghost$ stores the hash of the empty password.
    assert_eq!(
        keys,
        [format!(r"{USERS}\000001F5"), format!(r"{USERS}\000003E9")]
    );
    assert_at(
        item(&found, "another password"),
        SAM,
        &format!(r"{USERS}\000003EB"),
        "V",
    );
    assert_at(
        item(&found, "<masked, 14 characters>"),
        SOFTWARE,
        WINLOGON,
        "DefaultPassword",
    );
    let secret = item(&found, "<masked, 60 bytes encrypted>");
    assert_eq!(
        secret.at.key.as_deref(),
        Some(r"HKLM\SECURITY\Policy\Secrets\DefaultPassword")
    );
    let all = format!("{found:?}");
    for secret in [
        "not to be seen",
        "Passw0rd!",
        "Nb7!kq-2Lw",
        "fc525c9683e8fe067095ba2ddc971889",
        "31d6cfe0",
    ] {
        assert!(!all.contains(secret), "{secret}");
    }
    // The boot key of another system leaves nothing to compare.
    let other = result(
        replaced(ready(), "SYSTEM", hive!("system-good")),
        "WIN-ACCT-003",
    );
    assert_eq!(other.status, Status::Unknown);
    let swapped = result(
        replaced(wrong(), "SYSTEM", hive!("system-good")),
        "WIN-ACCT-003",
    );
    assert_eq!(swapped.status, Status::Fail, "the empty Guest needs no key");
    assert!(swapped.gaps.iter().any(|g| g.reason.contains("boot key")));
}

#[test]
fn data_in_the_profile_of_a_2008_server_warns() {
    let old = || replaced(ready(), "SOFTWARE", hive!("software-2008"));
    assert_eq!(result(old(), "WIN-ACCT-004").status, Status::Pass);
    let data = result(
        old().file("/Users/Administrator/Documents/product.ini", 0o644, "x"),
        "WIN-ACCT-004",
    );
    assert_eq!(data.status, Status::Warn);
    let path = "C:/Users/Administrator/Documents/product.ini";
    assert!(
        data.evidence
            .iter()
            .any(|i| i.at.path.as_deref() == Some(path)),
        "{data:#?}"
    );
}

#[test]
fn a_configuration_without_its_parts_is_named_by_line() {
    let conf = |text: String| {
        result(
            ready().file(&format!("{CBI}/conf/cloudbase-init.conf"), 0o644, text),
            "WIN-CBI-002",
        )
    };
    let path = "C:/Program Files/Cloudbase Solutions/Cloudbase-Init/conf/cloudbase-init.conf";
    let off = conf(CONF.replace("inject_user_password=true", "inject_user_password=false"));
    assert_eq!(off.status, Status::Fail);
    let line = item(&off, "false");
    assert_eq!(
        (line.at.path.as_deref(), line.at.line),
        (Some(path), Some(4))
    );
    let http = conf(CONF.replace("configdrive.ConfigDriveService", "httpservice.HttpService"));
    assert_eq!(http.status, Status::Fail);
    assert_eq!(
        item(
            &http,
            "cloudbaseinit.metadata.services.httpservice.HttpService"
        )
        .at
        .line,
        Some(5)
    );
    assert_eq!(
        conf(CONF.replace("SetUserPasswordPlugin", "X")).status,
        Status::Fail
    );
    assert_eq!(conf("[DEFAULT]\n".into()).status, Status::Warn);
    assert_eq!(
        conf(CONF.replace("[DEFAULT]", "[other]")).status,
        Status::Warn
    );
}

#[test]
fn name_servers_time_and_drivers_are_named_with_their_values() {
    let net = result(wrong(), "WIN-NET-001");
    let key =
        format!(r"{SERVICES}\Tcpip\Parameters\Interfaces\{{11111111-2222-3333-4444-555555555555}}");
    assert_at(item(&net, "8.8.8.8, 8.8.4.4"), SYSTEM, &key, "NameServer");
    assert_at(
        item(&net, "203.0.113.9"),
        SOFTWARE,
        r"HKLM\SOFTWARE\Policies\Microsoft\Windows NT\DNSClient\DnsPolicyConfig\all",
        "GenericDNSServers",
    );
    let hosts = result(
        ready().file(
            "/Windows/System32/drivers/etc/hosts",
            0o644,
            "# x\r\n203.0.113.5 metadata.tencentyun.com # y\r\n",
        ),
        "WIN-NET-001",
    );
    assert_eq!(hosts.status, Status::Warn);
    assert_eq!(
        item(&hosts, "203.0.113.5 metadata.tencentyun.com").at.line,
        Some(2)
    );
    let time = result(wrong(), "WIN-TIME-001");
    assert_at(
        item(&time, "4"),
        SYSTEM,
        &format!(r"{SERVICES}\W32Time"),
        "Start",
    );
    let virtio = result(wrong(), "WIN-BOOT-002");
    assert_at(
        item(&virtio, "3"),
        SYSTEM,
        &format!(r"{SERVICES}\viostor\StartOverride"),
        "0",
    );
    let gone = result(
        ready().file(
            "/Windows/System32/drivers/viostor.sys",
            0o644,
            signed!("kernel.exe"),
        ),
        "WIN-BOOT-002",
    );
    assert_eq!(gone.status, Status::Pass);
    let tools = result(wrong(), "WIN-CAP-003");
    assert_at(
        item(
            &tools,
            r#"VMTools, Start 2, "C:\Program Files\VMware\VMware Tools\vmtoolsd.exe""#,
        ),
        SYSTEM,
        &format!(r"{SERVICES}\VMTools"),
        "",
    );
}

#[test]
fn what_keeps_a_server_from_serving_is_named() {
    let remote = result(wrong(), "WIN-CAP-001");
    assert_at(
        item(&remote, "1"),
        SYSTEM,
        r"HKLM\SYSTEM\ControlSet001\Control\Terminal Server",
        "fDenyTSConnections",
    );
    assert_at(
        item(&remote, "4"),
        SYSTEM,
        &format!(r"{SERVICES}\TermService"),
        "Start",
    );
    let denied = item(&remote, "S-1-5-32-544: 0xc03");
    assert_eq!(
        denied.at.key.as_deref(),
        Some(r"HKLM\SECURITY\Policy\Accounts\S-1-5-32-544\ActSysAc")
    );
    let basics = result(wrong(), "WIN-CAP-002");
    assert_at(
        item(&basics, "4"),
        SYSTEM,
        &format!(r"{SERVICES}\PlugPlay"),
        "Start",
    );
    let manager = r"HKLM\SYSTEM\ControlSet001\Control\Session Manager";
    assert_at(
        item(&basics, r"\??\C:\Windows\Temp\x.dll"),
        SYSTEM,
        manager,
        "PendingFileRenameOperations",
    );
    let asleep = result(
        ready().file("/hiberfil.sys", 0o644, "HIBR\0\0"),
        "WIN-CAP-002",
    );
    assert_eq!(asleep.status, Status::Warn);
    assert_eq!(
        item(&asleep, "HIBR").at.path.as_deref(),
        Some("C:/hiberfil.sys")
    );
    let agent = result(wrong(), "WIN-AGENT-003");
    assert_at(item(&agent, "no such key"), SYSTEM, SERVICES, "");
}

/// The result of `check` under the built-in policy as `change` leaves it.
fn under(fs: MemoryFs, check: &str, change: impl FnOnce(&mut Policy)) -> CheckResult {
    let guests = guests(fs);
    let mut policy = Policy::built_in("tencent-marketplace").unwrap();
    policy.checks.retain(|c| c.id == check);
    change(&mut policy);
    let evidence: Vec<Evidence<'_>> = guests.iter().map(Evidence::new).collect();
    run_policy(&policy, &evidence, &[], &|_| {}).remove(0)
}

#[test]
fn the_policy_says_whether_sysprep_is_required() {
    let status = |fs, polarity: &str| {
        let set = |policy: &mut Policy| {
            policy.params.insert("sysprep".into(), polarity.into());
        };
        under(fs, "WIN-SYSPREP-001", set).status
    };
    let contradicting = || replaced(ready(), "SYSTEM", hive!("system-wrong"));
    for (polarity, generalized, in_use) in [
        ("required", Status::Pass, Status::Fail),
        ("forbidden", Status::Fail, Status::Pass),
        ("any", Status::Pass, Status::Pass),
    ] {
        assert_eq!(status(ready(), polarity), generalized, "{polarity}");
        assert_eq!(status(wrong(), polarity), in_use, "{polarity}");
        assert_eq!(
            status(contradicting(), polarity),
            Status::Fail,
            "{polarity}"
        );
    }
    assert_eq!(status(ready(), "perhaps"), Status::Error);
}

#[test]
fn the_sid_of_a_base_image_is_refused_in_a_system_in_use() {
    let set = |policy: &mut Policy| {
        let sids = serde_yaml_ng::Value::Sequence(vec!["S-1-5-21-1111-2222-3333".into()]);
        policy.checks[0].with.insert("base_sids".into(), sids);
    };
    assert_eq!(under(wrong(), "WIN-SYSPREP-003", set).status, Status::Fail);
    let waits = under(ready(), "WIN-SYSPREP-003", set);
    assert_eq!(
        waits.status,
        Status::Pass,
        "the old SID stays until the next start"
    );
    item(&waits, "S-1-5-21-1111-2222-3333");
}

#[test]
fn the_guid_of_a_base_image_is_refused_in_a_system_in_use() {
    // sha256sum of the GUID that winstate.py writes, in lower case.
    let digest = "a23d006bb020a81dfd1afa15968e07dcae8a9e0016934b97496d839b8aac8fea";
    let set = |policy: &mut Policy| {
        let guids = serde_yaml_ng::Value::Sequence(vec![digest.into()]);
        policy.checks[0].with.insert("base_guids".into(), guids);
    };
    let used = under(wrong(), "WIN-SYSPREP-003", set);
    assert_eq!(used.status, Status::Fail);
    let guid = item(&used, &format!("sha256 {digest}"));
    assert_eq!(guid.at.value.as_deref(), Some("MachineGuid"));
    assert_eq!(
        under(ready(), "WIN-SYSPREP-003", set).status,
        Status::Pass,
        "the old GUID stays until the next start"
    );
}
