//! Systems for the tests of this folder and of `boot`. The hives are those of
//! testdata/recipes/hives.py.

use std::sync::Arc;

use crate::baseline::Baseline;
use crate::evidence::References;
use crate::fs::OpenVolume;
use crate::fs::memory::MemoryFs;
use crate::guest::windows::testing::{system_volume, volume};
use crate::policy::checks::windows::testing::{self, good};
use crate::policy::{CheckResult, Item};
use crate::source::MemorySource;
use crate::trust::Bundle;

pub(in crate::policy::checks::windows) use testing::{hive, item, signed};

/// The authority of the code integrity policies.
const POLICY_ROOT: &[u8] = include_bytes!("../../../../../../../testdata/policies/ca.der");

/// The boot manager of the demonstration image.
pub(in crate::policy::checks::windows) fn manager() -> Vec<u8> {
    [&b"\xE9\xD5\x01STAND-IN"[..], &[0; 500]].concat()
}

/// The volume that the firmware starts from, with `bcd` as its boot configuration.
pub(in crate::policy::checks::windows) fn boot(bcd: &[u8]) -> MemoryFs {
    MemoryFs::new(true)
        .file("/bootmgr", 0o644, manager())
        .file("/Boot/BCD", 0o644, bcd)
}

pub(in crate::policy::checks::windows) fn windows() -> MemoryFs {
    good().file("/Windows/System32/winload.exe", 0o644, "winload")
}

/// The result of `check` of the built-in policy on a disk of both volumes.
pub(in crate::policy::checks::windows) fn result(
    boot: MemoryFs,
    windows: MemoryFs,
    check: &str,
) -> CheckResult {
    on_disk(boot, system_volume(windows), check)
}

/// The same where `windows` is the volume of the system.
pub(in crate::policy::checks::windows) fn on_disk(
    boot: MemoryFs,
    windows: OpenVolume,
    check: &str,
) -> CheckResult {
    let found = judged(&[volume(1, 1_048_576, boot), windows], None, check);
    println!("{found:#?}");
    found
}

/// The certificates that the tests trust.
pub(in crate::policy::checks::windows) fn trust() -> Bundle {
    Bundle::built_in()
        .with_user_file(signed!("ca.der"), "ca.der")
        .unwrap()
        .with_user_file(POLICY_ROOT, "policies/ca.der")
        .unwrap()
}

/// The result of `check` on a disk of `volumes`, beside which `baseline` is given.
pub(in crate::policy::checks::windows) fn judged(
    volumes: &[OpenVolume],
    baseline: Option<&Baseline>,
    check: &str,
) -> CheckResult {
    judged_with(volumes, &[0; 1_048_576], baseline, check)
}

/// The result where the first volume is `first`, and `sectors` are what stands before it.
pub(in crate::policy::checks::windows) fn on_sectors(
    first: OpenVolume,
    windows: MemoryFs,
    sectors: &[u8],
    check: &str,
) -> CheckResult {
    let volumes = [first, system_volume(windows)];
    let found = judged_with(&volumes, sectors, None, check);
    println!("{found:#?}");
    found
}

fn judged_with(
    volumes: &[OpenVolume],
    sectors: &[u8],
    baseline: Option<&Baseline>,
    check: &str,
) -> CheckResult {
    let mut guests = crate::guest::find(volumes);
    for guest in &mut guests {
        guest.disk = Some(Arc::new(MemorySource(sectors.to_vec())));
    }
    let trust = trust();
    let references = References {
        trust: Some(&trust),
        baseline,
    };
    testing::judged(&guests, references, check)
}

pub(super) const SYSTEM32: &str = "/Windows/System32";
pub(super) const STORE: &str = "/Windows/System32/CatRoot/{F750E6C3-38EE-11D1-85E5-00C04FC295EE}";
pub(super) const SERVICES: &str = r"HKLM\SYSTEM\ControlSet001\Services";

/// A system whose kernel, loader and drivers are those of signed.sh.
pub(in crate::policy::checks::windows) fn proven() -> MemoryFs {
    let config = format!("{SYSTEM32}/config/SYSTEM");
    let file = |fs: MemoryFs, name: &str, bytes: &[u8]| {
        fs.file(&format!("{SYSTEM32}/{name}"), 0o644, bytes)
    };
    let fs = windows()
        .file(&config, 0o644, hive!("system-drivers"))
        .file(&format!("{STORE}/oem1.cat"), 0o644, signed!("driver.cat"))
        .file(&format!("{STORE}/oem2.cat"), 0o644, signed!("other.cat"));
    let fs = file(fs, "ntoskrnl.exe", signed!("kernel.exe"));
    let fs = file(fs, "winload.exe", signed!("kernel.exe"));
    let fs = file(fs, "drivers/boot.sys", signed!("kernel.exe"));
    let fs = file(fs, "drivers/driver.sys", signed!("driver.sys"));
    file(fs, "drivers/named.sys", signed!("dual.sys"))
}

/// The same with drivers in states of their own.
pub(in crate::policy::checks::windows) fn spoilt() -> MemoryFs {
    let config = format!("{SYSTEM32}/config/SYSTEM");
    proven()
        .file(&config, 0o644, hive!("system-bad-drivers"))
        .file(
            &format!("{SYSTEM32}/drivers/unsigned.sys"),
            0o644,
            signed!("unsigned.sys"),
        )
        .file(
            &format!("{SYSTEM32}/drivers/foreign.sys"),
            0o644,
            signed!("foreign.sys"),
        )
        .file("/Windows/Temp/self.sys", 0o644, signed!("self.sys"))
        .file(
            &format!("{SYSTEM32}/outside.sys"),
            0o644,
            signed!("kernel.exe"),
        )
}

pub(in crate::policy::checks::windows) fn on(windows: MemoryFs, check: &str) -> CheckResult {
    result(boot(hive!("bcd-good")), windows, check)
}

/// The evidence item of the file `path`.
pub(in crate::policy::checks::windows) fn of_file<'a>(
    result: &'a CheckResult,
    path: &str,
) -> &'a Item {
    let is = |i: &&Item| i.at.path.as_deref() == Some(path);
    let item = result.evidence.iter().find(is);
    item.unwrap_or_else(|| panic!("no {path} in {:#?}", result.evidence))
}

pub(in crate::policy::checks::windows) fn found(item: &Item) -> &str {
    item.found
        .as_ref()
        .map(|t| t.en.as_str())
        .unwrap_or_default()
}
