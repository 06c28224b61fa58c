//! Servers for the tests of the checks, what a check finds on them, and the places that it names.
//!
//! The hives are those of testdata/recipes/hives.py and, for the states of an instance and of
//! sysprep, of testdata/recipes/winstate.py; the signed files those of testdata/recipes/signed.sh:
//! `ca.der` vouches for all but `foreign.sys` and `self.sys`; `driver.sys` is listed in `driver.cat`
//! only.

use crate::evidence::{Evidence, References};
use crate::fs::memory::MemoryFs;
use crate::guest::Guest;
use crate::guest::windows::testing::{guests, system_volume, volume};
use crate::policy::{CheckResult, Item, Policy, Status, run};
use crate::trust::Bundle;

/// A hive of testdata/hives.
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

/// A file of testdata/recipes/signed.sh. [`result`] trusts the authority `ca.der`.
macro_rules! signed {
    ($name:literal) => {
        include_bytes!(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../testdata/signed/",
            $name
        ))
        .as_slice()
    };
}

pub(in crate::policy::checks) use {hive, signed};

/// The folder of the hives, in the file system.
pub(in crate::policy::checks) const CONFIG: &str = "/Windows/System32/config";
pub(super) const CBI: &str = "/Program Files/Cloudbase Solutions/Cloudbase-Init";
pub(super) const PANTHER: &str = "/Windows/System32/Sysprep/Panther";
pub(super) const CATALOGS: &str =
    "/Windows/System32/CatRoot/{F750E6C3-38EE-11D1-85E5-00C04FC295EE}";
pub(in crate::policy::checks) const USER: &str = "/Users/Administrator/NTUSER.DAT";
/// The hives as results name them.
pub(super) const SYSTEM: &str = "C:/Windows/System32/config/SYSTEM";
pub(super) const SOFTWARE: &str = "C:/Windows/System32/config/SOFTWARE";
pub(super) const SAM: &str = "C:/Windows/System32/config/SAM";
pub(in crate::policy::checks) const SET: &str = r"HKLM\SYSTEM\ControlSet001";
pub(super) const SERVICES: &str = r"HKLM\SYSTEM\ControlSet001\Services";
pub(super) const NT: &str = r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion";
pub(super) const WINLOGON: &str = r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\Winlogon";
pub(super) const USERS: &str = r"HKLM\SAM\SAM\Domains\Account\Users";
/// The configuration of cloudbase-init on [`ready`].
pub(super) const CONF: &str = "[DEFAULT]\r\nusername=Administrator\r\nfirst_logon_behaviour=no\r\ninject_user_password=true\r\n\
    metadata_services=cloudbaseinit.metadata.services.configdrive.ConfigDriveService\r\n\
    plugins=cloudbaseinit.plugins.common.sethostname.SetHostNamePlugin,\r\n  \
    cloudbaseinit.plugins.common.networkconfig.NetworkConfigPlugin,\
    cloudbaseinit.plugins.windows.extendvolumes.ExtendVolumesPlugin,\
    cloudbaseinit.plugins.common.setuserpassword.SetUserPasswordPlugin,\
    cloudbaseinit.plugins.common.localscripts.LocalScriptsPlugin,\
    cloudbaseinit.plugins.common.userdata.UserDataPlugin\r\n";

/// A program for x64: headers and one section.
pub(super) fn pe() -> Vec<u8> {
    let mut bytes = vec![0; 512 + 64];
    let mut put = |at: usize, field: &[u8]| bytes[at..at + field.len()].copy_from_slice(field);
    put(0, b"MZ");
    put(60, &[64]);
    put(64, b"PE\0\0");
    // Machine, one section, 240 bytes of optional header, an executable image.
    put(68, &[0x64, 0x86, 1, 0]);
    put(84, &[240, 0, 0x22, 0, 0x0B, 2]);
    // Its entry point, and the section that it is in.
    put(104, &[0, 0x10]);
    put(328, b".text");
    put(336, &[16, 0, 0, 0, 0, 0x10, 0, 0, 64, 0, 0, 0, 0, 2]);
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
        .file(
            &format!("{CBI}/bin/OpenStackService.exe"),
            0o644,
            signed!("kernel.exe"),
        )
        .file(
            &format!("{CBI}/Python/python.exe"),
            0o644,
            signed!("kernel.exe"),
        )
        .file(
            &format!("{CBI}/Python/Scripts/cloudbase-init.exe"),
            0o644,
            signed!("kernel.exe"),
        )
        .file(
            "/Windows/System32/svchost.exe",
            0o644,
            signed!("kernel.exe"),
        )
        .file(
            "/Windows/System32/drivers/tcpip.sys",
            0o644,
            signed!("kernel.exe"),
        )
        .file(
            "/Windows/servicing/TrustedInstaller.exe",
            0o644,
            signed!("kernel.exe"),
        )
        .file("/WinAgent/WinAgent.exe", 0o644, signed!("kernel.exe"))
        .file("/win-agent/win-agent.exe", 0o644, signed!("kernel.exe"))
        .file("/win-agent/adssensor.dll", 0o644, signed!("kernel.exe"))
        .file("/win-agent/agentplugin.dll", 0o644, signed!("kernel.exe"))
        .file("/win-agent/agentRepNum.exe", 0o644, signed!("kernel.exe"))
        .file("/win-agent/agentRepStr.exe", 0o644, signed!("kernel.exe"))
        .file(
            "/Users/Administrator/Desktop/desktop.ini",
            0o644,
            "[.ShellClassInfo]",
        )
        .file(
            "/Users/Administrator/Desktop/Server Manager.lnk",
            0o644,
            lnk(r"C:\Windows\System32\ServerManager.exe"),
        )
        .dir("/Users/Public/Desktop")
}

/// The same with another SYSTEM hive.
pub(super) fn system(hive: &[u8]) -> MemoryFs {
    good().file(&format!("{CONFIG}/SYSTEM"), 0o644, hive)
}

/// The good server with another SOFTWARE hive.
pub(in crate::policy::checks) fn software(hive: &[u8]) -> MemoryFs {
    good().file(&format!("{CONFIG}/SOFTWARE"), 0o644, hive)
}

/// The good server with the SOFTWARE hive of a sound one.
pub(super) fn clean() -> MemoryFs {
    software(hive!("software-clean"))
}

/// A server whose hives hold what Windows itself sets.
pub(in crate::policy::checks) fn sound() -> MemoryFs {
    let defender = "/Program Files/Windows Defender/MsMpEng.exe";
    clean()
        .file(&format!("{CONFIG}/SYSTEM"), 0o644, hive!("system-clean"))
        .file(defender, 0o644, signed!("kernel.exe"))
}

/// A server as an intruder leaves it.
pub(in crate::policy::checks) fn taken() -> MemoryFs {
    software(hive!("software-persist"))
        .file(&format!("{CONFIG}/SYSTEM"), 0o644, hive!("system-persist"))
        .file(USER, 0o644, hive!("user-persist"))
}

/// The lines of one run of sysprep that begins at `time`.
pub(super) fn sysprep_log(time: &str, options: &[&str], succeeded: bool) -> String {
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
    let log = sysprep_log(
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
        .file("/Windows/System32/Sysprep/Sysprep_succeeded.tag", 0o644, "")
        .file(&format!("{PANTHER}/setupact.log"), 0o644, log)
        .file(&format!("{CBI}/conf/cloudbase-init.conf"), 0o644, CONF)
        .file(
            &format!("{CBI}/LocalScripts/TencentCloudRun.ps1"),
            0o644,
            "#",
        )
        .file(
            "/Program Files/QCloud/tat_agent/tat_agent.exe",
            0o644,
            signed!("kernel.exe"),
        )
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

/// `fs` with another hive in place of `name`.
pub(super) fn replaced(fs: MemoryFs, name: &str, hive: &[u8]) -> MemoryFs {
    fs.file(&format!("{CONFIG}/{name}"), 0o644, hive)
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
        trust: Some(&trust),
        baseline: None,
    };
    judged(&guests, references, check)
}

/// Gives `look` the context of a check of the built-in policy on [`ready`].
pub(super) fn with_context(look: impl FnOnce(&crate::policy::Context<'_>)) {
    let guests = guests(ready());
    let evidence = Evidence::new(&guests[0]);
    let policy = Policy::built_in("tencent-marketplace").unwrap();
    let shared = crate::policy::checks::registry::shared(&policy.params).unwrap();
    look(&crate::policy::Context {
        evidence: &evidence,
        policy: &policy,
        shared: &shared,
        check: &policy.checks[0],
        image_gaps: &[],
        registry: &crate::policy::RegistryView::default(),
    });
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

/// The result of `check` under the built-in policy as `change` leaves it.
pub(super) fn under(fs: MemoryFs, check: &str, change: impl FnOnce(&mut Policy)) -> CheckResult {
    let guests = guests(fs);
    let mut policy = Policy::built_in("tencent-marketplace").unwrap();
    policy.checks.retain(|c| c.id == check);
    change(&mut policy);
    let evidence: Vec<Evidence<'_>> = guests.iter().map(Evidence::new).collect();
    run(&policy, &evidence, &[], &|_| {}).remove(0)
}

pub(super) fn status(fs: MemoryFs, check: &str) -> Status {
    let result = result(fs, check);
    println!("{result:#?}");
    result.status
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

/// Asserts what `check` says of the server that is [`ready`], without a gap, and of the one that is
/// [`wrong`].
#[track_caller]
pub(super) fn assert_ready_and_wrong(check: &str, ready_is: Status, wrong_is: Status) {
    let found = result(ready(), check);
    assert_eq!(found.status, ready_is, "{found:#?}");
    assert_eq!(found.gaps, [], "{check}");
    let found = result(wrong(), check);
    assert_eq!(found.status, wrong_is, "{found:#?}");
}

/// Asserts that `check` can't tell, and says why, where the hive `name` can't be read.
#[track_caller]
pub(super) fn assert_unknown_without(check: &str, name: &str) {
    let found = result(replaced(ready(), name, b"regf"), check);
    assert_eq!(
        found.status,
        Status::Unknown,
        "{check} without {name}: {found:#?}"
    );
    assert!(!found.gaps.is_empty(), "{check}");
}

/// Asserts that `check` can't tell, and says why, where the SYSTEM hive is dirty or cut.
#[track_caller]
pub(super) fn assert_unknown_on_a_spoilt_system(check: &str) {
    let mut dirty = hive!("system-good").to_vec();
    dirty[8] ^= 0xFF;
    let mut cut = hive!("system-good").to_vec();
    cut.truncate(4096 + 700);
    for bytes in [&dirty[..], &cut, b"regf", b""] {
        let result = result(system(bytes), check);
        assert_eq!(result.status, Status::Unknown, "{check} {}", bytes.len());
        assert!(!result.gaps.is_empty());
    }
}

/// The evidence item whose found text is `found`.
pub(in crate::policy::checks) fn item<'a>(result: &'a CheckResult, found: &str) -> &'a Item {
    let is = |i: &&Item| i.found.as_ref().map(|t| t.en.as_str()) == Some(found);
    let item = result.evidence.iter().find(is);
    item.unwrap_or_else(|| panic!("no {found:?} in {:#?}", result.evidence))
}

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

pub(super) fn assert_at(item: &Item, path: &str, key: &str, value: &str) {
    assert_eq!(item.at.volume.as_deref(), Some("p2"));
    assert_eq!(item.at.path.as_deref(), Some(path));
    assert_eq!(item.at.key.as_deref().unwrap_or_default(), key);
    assert_eq!(item.at.value.as_deref().unwrap_or_default(), value);
}
