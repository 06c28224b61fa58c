//! Each check of ring 0 on a system that passes and on systems that fail, with the exact place.
//! The hives are those of testdata/recipes/hives.py.

use std::sync::Arc;

use crate::baseline::Baseline;
use crate::evidence::References;
use crate::fs::OpenVolume;
use crate::fs::memory::MemoryFs;
use crate::guest::windows::testing::{system_volume, volume};
use crate::policy::checks::windows::tests::{self, good};
use crate::policy::{CheckResult, Item, Status};
use crate::source::MemorySource;
use crate::trust::Bundle;

macro_rules! hive {
    ($name:literal) => {
        include_bytes!(concat!(
            "../../../../../../../testdata/hives/",
            $name,
            ".hive"
        ))
        .as_slice()
    };
}

macro_rules! signed {
    ($name:literal) => {
        include_bytes!(concat!("../../../../../../../testdata/signed/", $name)).as_slice()
    };
}

pub(super) use tests::item;
pub(super) use {hive, signed};

/// The authority of the code integrity policies.
const POLICY_ROOT: &[u8] = include_bytes!("../../../../../../../testdata/policies/ca.der");

/// The volume that the firmware starts from, with `bcd` as its boot configuration.
pub(super) fn boot(bcd: &[u8]) -> MemoryFs {
    MemoryFs::new(true)
        .file("/bootmgr", 0o644, "bootmgr")
        .file("/Boot/BCD", 0o644, bcd)
}

pub(super) fn windows() -> MemoryFs {
    good().file("/Windows/System32/winload.exe", 0o644, "winload")
}

/// The result of `check` of the built-in policy on a disk of both volumes.
pub(super) fn result(boot: MemoryFs, windows: MemoryFs, check: &str) -> CheckResult {
    on_disk(boot, system_volume(windows), check)
}

/// The same where `windows` is the volume of the system.
pub(super) fn on_disk(boot: MemoryFs, windows: OpenVolume, check: &str) -> CheckResult {
    let found = judged(&[volume(1, 1_048_576, boot), windows], None, check);
    println!("{found:#?}");
    found
}

/// The certificates that the tests trust.
pub(super) fn trust() -> Bundle {
    Bundle::built_in()
        .with_user_file(signed!("ca.der"), "ca.der")
        .unwrap()
        .with_user_file(POLICY_ROOT, "policies/ca.der")
        .unwrap()
}

/// The result of `check` on a disk of `volumes`, beside which `baseline` is given.
pub(super) fn judged(
    volumes: &[OpenVolume],
    baseline: Option<&Baseline>,
    check: &str,
) -> CheckResult {
    judged_with(volumes, &[0; 1_048_576], baseline, check)
}

/// The result where the first volume is `first`, and `sectors` are what stands before it.
pub(super) fn on_sectors(
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
        trust: &trust,
        baseline,
    };
    tests::judged(&guests, references, check)
}

const SYSTEM32: &str = "/Windows/System32";
const STORE: &str = "/Windows/System32/CatRoot/{F750E6C3-38EE-11D1-85E5-00C04FC295EE}";
const SERVICES: &str = r"HKLM\SYSTEM\ControlSet001\Services";

/// A system whose kernel, loader and drivers are those of signed.sh.
pub(super) fn proven() -> MemoryFs {
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
pub(super) fn spoilt() -> MemoryFs {
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

pub(super) fn on(windows: MemoryFs, check: &str) -> CheckResult {
    result(boot(hive!("bcd-good")), windows, check)
}

/// The evidence item of the file `path`.
pub(super) fn of_file<'a>(result: &'a CheckResult, path: &str) -> &'a Item {
    let is = |i: &&Item| i.at.path.as_deref() == Some(path);
    let item = result.evidence.iter().find(is);
    item.unwrap_or_else(|| panic!("no {path} in {:#?}", result.evidence))
}

pub(super) fn found(item: &Item) -> &str {
    item.found
        .as_ref()
        .map(|t| t.en.as_str())
        .unwrap_or_default()
}

#[test]
fn a_signed_kernel_with_its_drivers_passes() {
    for check in [
        "WIN-KERNEL-002",
        "WIN-KERNEL-003",
        "WIN-KERNEL-005",
        "WIN-KERNEL-006",
        "WIN-KERNEL-007",
        "WIN-KERNEL-009",
        "WIN-KERNEL-011",
    ] {
        let result = on(proven(), check);
        assert_eq!(result.status, Status::Pass, "{check}");
        assert!(!result.evidence.is_empty());
    }
    let listed = on(proven(), "WIN-KERNEL-003");
    let item = of_file(&listed, "C:/Windows/System32/drivers/driver.sys");
    let catalog = "Test Hardware Publisher, anchor Test Root; listed in C:/Windows/System32/CatRoot/{F750E6C3-38EE-11D1-85E5-00C04FC295EE}/oem1.cat";
    assert_eq!(found(item), catalog);
    // The boot manager of a BIOS system is no PE image, so the whole is K3.
    let whole = on(proven(), "WIN-KERNEL-001");
    assert_eq!(whole.status, Status::Warn);
    assert!(
        whole.reason.en.starts_with("level K3"),
        "{}",
        whole.reason.en
    );
}

#[test]
fn one_changed_byte_of_the_kernel_fails() {
    let mut kernel = signed!("kernel.exe").to_vec();
    kernel[600] ^= 1;
    let path = format!("{SYSTEM32}/ntoskrnl.exe");
    let changed = || proven().file(&path, 0o644, kernel.as_slice());
    for check in ["WIN-KERNEL-001", "WIN-KERNEL-002"] {
        let result = on(changed(), check);
        assert_eq!(result.status, Status::Fail, "{check}");
        let item = of_file(&result, "C:/Windows/System32/ntoskrnl.exe");
        assert!(item.at.sha256.is_some());
    }
    let result = on(changed(), "WIN-KERNEL-002");
    let item = of_file(&result, "C:/Windows/System32/ntoskrnl.exe");
    assert!(
        found(item).starts_with("not what Test Windows signed"),
        "{}",
        found(item)
    );
    let whole = on(changed(), "WIN-KERNEL-001");
    assert!(
        whole.reason.en.starts_with("level K0"),
        "{}",
        whole.reason.en
    );
}

#[test]
fn a_kernel_that_nobody_or_somebody_else_signed_fails() {
    let path = format!("{SYSTEM32}/ntoskrnl.exe");
    for bytes in [
        signed!("unsigned.sys"),
        signed!("foreign.sys"),
        signed!("self.sys"),
        b"MZ",
        b"text",
    ] {
        let result = on(proven().file(&path, 0o644, bytes), "WIN-KERNEL-002");
        let wanted = if bytes == b"MZ" {
            Status::Unknown
        } else {
            Status::Fail
        };
        assert_eq!(result.status, wanted, "{}", bytes.len());
    }
    let none = on(windows(), "WIN-KERNEL-002");
    assert_eq!(none.status, Status::Fail, "winload is text");
}

#[test]
fn drivers_without_a_signature_or_elsewhere_fail_with_their_service() {
    let result = on(spoilt(), "WIN-KERNEL-006");
    assert_eq!(result.status, Status::Fail);
    let unsigned = of_file(&result, "C:/Windows/System32/drivers/unsigned.sys");
    assert!(found(unsigned).starts_with("not signed"));
    assert!(unsigned.note.en.contains("service unsigned"));
    let own = of_file(&result, "C:/Windows/Temp/self.sys");
    assert!(found(own).contains("which signed itself"));
    let foreign = of_file(&result, "C:/Windows/System32/drivers/foreign.sys");
    assert!(found(foreign).starts_with("Test Vendor, no pinned"));
    for (service, path) in [
        ("self", "C:/Windows/Temp/self.sys"),
        ("outside", "C:/Windows/System32/outside.sys"),
        ("gone", r"\??\C:\Windows\System32\gone.sys: no such file"),
    ] {
        let key = format!(r"{SERVICES}\{service}");
        let item = item(&result, path);
        assert_eq!(item.at.key.as_deref(), Some(key.as_str()));
        assert_eq!(item.at.value.as_deref(), Some("ImagePath"));
    }
    let foreign = on(
        proven().file(
            &format!("{SYSTEM32}/drivers/named.sys"),
            0o644,
            signed!("foreign.sys"),
        ),
        "WIN-KERNEL-006",
    );
    assert_eq!(foreign.status, Status::Unknown);
    let gone = on(spoilt(), "WIN-KERNEL-003");
    assert_eq!(gone.status, Status::Fail);
    of_file(&gone, "C:/Windows/System32/drivers/unsigned.sys");
}

#[test]
fn a_catalog_that_is_gone_changed_or_cut_does_not_pass() {
    let path = format!("{STORE}/oem1.cat");
    let gone = on(
        proven().file(&path, 0o644, signed!("other.cat")),
        "WIN-KERNEL-006",
    );
    assert_eq!(gone.status, Status::Fail);
    let mut cut = signed!("driver.cat").to_vec();
    cut.truncate(1000);
    let mut changed = signed!("driver.cat").to_vec();
    // A digit of the name of the first member, whose digest nobody asks for.
    let at = changed
        .windows(4)
        .position(|w| w == b"2\x003\x00")
        .unwrap_or(200);
    changed[at] ^= 1;
    for bytes in [&cut, &changed] {
        let result = on(
            proven().file(&path, 0o644, bytes.as_slice()),
            "WIN-KERNEL-003",
        );
        assert_eq!(result.status, Status::Unknown);
        assert!(
            result
                .gaps
                .iter()
                .any(|g| g.at.path.as_ref().is_some_and(|p| p.contains("oem1.cat")))
        );
    }
}

#[test]
fn values_that_weaken_the_early_boot_are_named() {
    let session = r"HKLM\SYSTEM\ControlSet001\Control\Session Manager";
    let result = on(spoilt(), "WIN-KERNEL-007");
    assert_eq!(result.status, Status::Fail);
    let execute = item(&result, "autocheck autochk *, stage2");
    assert_eq!(execute.at.key.as_deref(), Some(session));
    let windows = item(&result, r"C:\Windows\Temp\csrss.exe ObjectDirectory=x");
    assert_eq!(windows.at.value.as_deref(), Some("Windows"));
    let result = on(spoilt(), "WIN-KERNEL-005");
    let list = item(&result, "0");
    let name = "VulnerableDriverBlocklistEnable";
    assert_eq!(list.at.value.as_deref(), Some(name));
}

#[test]
fn a_kernel_of_another_build_fails() {
    let path = format!("{SYSTEM32}/ntoskrnl.exe");
    let old = on(
        proven().file(&path, 0o644, signed!("old-kernel.exe")),
        "WIN-KERNEL-011",
    );
    assert_eq!(old.status, Status::Fail);
    let item = item(&old, "10.0.17763.1");
    assert_eq!(
        item.expected.as_ref().map(|t| t.en.as_str()),
        Some("20348.169")
    );
}

#[test]
fn a_file_that_is_not_that_of_the_component_store_is_told() {
    let component =
        "/Windows/WinSxS/amd64_microsoft-windows-os-kernel_31bf3856ad364e35_10.0.1_none_1";
    let copy = proven().file(
        &format!("{component}/ntoskrnl.exe"),
        0o644,
        signed!("kernel.exe"),
    );
    let result = on(copy, "WIN-KERNEL-008");
    assert_eq!(result.status, Status::Warn);
    let path = format!("{SYSTEM32}/ntoskrnl.exe");
    let replaced = proven()
        .file(
            &format!("{component}/ntoskrnl.exe"),
            0o644,
            signed!("kernel.exe"),
        )
        .file(&path, 0o644, signed!("unsigned.sys"));
    let result = on(replaced, "WIN-KERNEL-008");
    assert_eq!(result.status, Status::Fail);
    let item = of_file(&result, "C:/Windows/System32/ntoskrnl.exe");
    assert!(found(item).contains("os-kernel"));
    assert_eq!(on(proven(), "WIN-KERNEL-012").status, Status::NotApplicable);
}
