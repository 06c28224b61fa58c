//! Checks of state and basic abilities on images that pass and that fail. The hives are those of
//! testdata/recipes/winstate.py.

use super::tests::{assert_at, good, item, pe, result, signed};
use crate::fs::memory::MemoryFs;
use crate::policy::Status;

macro_rules! hive {
    ($name:literal) => {
        include_bytes!(concat!("../../../../../../testdata/hives/", $name, ".hive")).as_slice()
    };
}
pub(super) use hive;

const CONFIG: &str = "/Windows/System32/config";
pub(super) const PANTHER: &str = "/Windows/System32/Sysprep/Panther";
const TAG: &str = "/Windows/System32/Sysprep/Sysprep_succeeded.tag";
const CBI: &str = "/Program Files/Cloudbase Solutions/Cloudbase-Init";
pub(super) const SYSTEM: &str = "C:/Windows/System32/config/SYSTEM";
pub(super) const SOFTWARE: &str = "C:/Windows/System32/config/SOFTWARE";
pub(super) const SAM: &str = "C:/Windows/System32/config/SAM";
pub(super) const USERS: &str = r"HKLM\SAM\SAM\Domains\Account\Users";
const SERVICES: &str = r"HKLM\SYSTEM\ControlSet001\Services";
pub(super) const WINLOGON: &str = r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\Winlogon";
const CONF: &str = "[DEFAULT]\r\nusername=Administrator\r\nfirst_logon_behaviour=no\r\ninject_user_password=true\r\n\
    metadata_services=cloudbaseinit.metadata.services.configdrive.ConfigDriveService\r\n\
    plugins=cloudbaseinit.plugins.common.sethostname.SetHostNamePlugin,\r\n  \
    cloudbaseinit.plugins.common.networkconfig.NetworkConfigPlugin,\
    cloudbaseinit.plugins.windows.extendvolumes.ExtendVolumesPlugin,\
    cloudbaseinit.plugins.common.setuserpassword.SetUserPasswordPlugin,\
    cloudbaseinit.plugins.common.localscripts.LocalScriptsPlugin,\
    cloudbaseinit.plugins.common.userdata.UserDataPlugin\r\n";

/// The lines of one run of sysprep that begins at `time`.
pub(super) fn run(time: &str, options: &[&str], succeeded: bool) -> String {
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
pub(super) fn wrong() -> MemoryFs {
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

pub(super) fn replaced(fs: MemoryFs, name: &str, hive: &[u8]) -> MemoryFs {
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
        item(&time, "4 (disabled)"),
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
        item(&remote, "4 (disabled)"),
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
        item(&basics, "4 (disabled)"),
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
