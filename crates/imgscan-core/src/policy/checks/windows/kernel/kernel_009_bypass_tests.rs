//! WIN-KERNEL-009 on systems that pass and on systems that do not. The programs are those of
//! testdata/recipes/signed.py, the hives those of hives.py.

use std::sync::Arc;

use super::testing::{boot, hive, of_file, on, on_sectors, proven, signed};
use crate::fs::OpenVolume;
use crate::fs::memory::MemoryFs;
use crate::guest::windows::testing::volume;
use crate::policy::checks::windows::testing::CONFIG;
use crate::policy::{CheckResult, Item, Status};
use crate::source::MemorySource;

const CHECK: &str = "WIN-KERNEL-009";
const MANAGER: &str = "/EFI/Microsoft/Boot/bootmgfw.efi";

/// An EFI partition with a signed boot manager, as Windows lays it out.
fn esp() -> MemoryFs {
    MemoryFs::new(true)
        .kind("fat32")
        .file(MANAGER, 0o644, signed!("kernel.exe"))
        .file("/EFI/Boot/bootx64.efi", 0o644, signed!("kernel.exe"))
        .file("/EFI/Microsoft/Boot/BCD", 0o644, hive!("bcd-efi"))
        .file("/EFI/Microsoft/Boot/en-US/bootmgr.efi.mui", 0o644, "MZ")
}

fn with_esp(esp: MemoryFs) -> CheckResult {
    on_sectors(volume(1, 1_048_576, esp), proven(), &[0; 1_048_576], CHECK)
}

/// The status of an item and the item, of the file `path`, in a result that is not a pass.
fn told<'a>(result: &'a CheckResult, status: Status, path: &str, note: &str) -> &'a Item {
    assert_eq!(result.status, status, "{path}");
    let item = of_file(result, path);
    assert!(item.note.en.contains(note), "{}", item.note.en);
    item
}

#[test]
fn an_efi_partition_with_its_signed_boot_manager_passes() {
    let result = with_esp(esp());
    assert_eq!(result.status, Status::Pass);
    of_file(&result, MANAGER);
}

#[test]
fn programs_that_an_efi_partition_should_not_have_fail() {
    let efi = |path: &str, bytes: &[u8]| with_esp(esp().file(path, 0o644, bytes));
    let replaced = efi(MANAGER, signed!("unsigned.sys"));
    told(&replaced, Status::Fail, MANAGER, "replaced");
    let extra = "/EFI/Boot/tool.efi";
    let result = efi(extra, signed!("foreign.sys"));
    told(&result, Status::Fail, extra, "does not have");
    for renamed in [
        "/EFI/Microsoft/Boot/original.efi",
        "/EFI/Microsoft/Boot/data.bin",
        "/original.efi",
    ] {
        let result = efi(renamed, signed!("bootmgr.efi"));
        let item = told(&result, Status::Fail, renamed, "under another name");
        assert!(item.at.sha256.is_some());
        let shown = item
            .found
            .as_ref()
            .map(|t| t.en.as_str())
            .unwrap_or_default();
        assert!(shown.starts_with("bootmgr.exe"), "{shown}");
    }
    let kept = "/EFI/Microsoft/Boot/bootmgfw.efi.bak";
    let result = efi(kept, signed!("kernel.exe"));
    told(&result, Status::Fail, kept, "under another name");
    let tool = "/EFI/Boot/EfiGuardDxe.efi";
    let result = efi(tool, signed!("kernel.exe"));
    told(&result, Status::Fail, tool, "switches");
    let odd = "/EFI/Microsoft/Boot/x.dat";
    let result = efi(odd, signed!("unsigned.sys"));
    told(&result, Status::Warn, odd, "hides what it is");
    let cut = &signed!("kernel.exe")[..100];
    assert_eq!(efi(MANAGER, cut).status, Status::Unknown);
}

#[test]
fn a_kernel_under_another_name_fails() {
    let path = "/Windows/System32/ntkrnlx.exe";
    let result = on(
        proven().file(path, 0o644, signed!("spare-kernel.exe")),
        CHECK,
    );
    let item = told(
        &result,
        Status::Fail,
        "C:/Windows/System32/ntkrnlx.exe",
        "Microsoft did not sign",
    );
    let shown = item
        .found
        .as_ref()
        .map(|t| t.en.as_str())
        .unwrap_or_default();
    assert!(shown.starts_with("ntkrnlmp.exe: not signed"), "{shown}");
    // One under its own name is no copy.
    let own = "/Windows/System32/ntoskrnl.exe";
    let result = on(
        proven().file(own, 0o644, signed!("spare-kernel.exe")),
        CHECK,
    );
    assert_eq!(result.status, Status::Pass);
    // What bcd-kernel names as its kernel.
    let result = on_sectors(
        volume(1, 1_048_576, boot(hive!("bcd-kernel"))),
        proven().file(
            "/Windows/System32/ntkrnlmp2.exe",
            0o644,
            signed!("spare-kernel.exe"),
        ),
        &[0; 1_048_576],
        CHECK,
    );
    told(
        &result,
        Status::Fail,
        "C:/Windows/System32/ntkrnlmp2.exe",
        "boot configuration loads",
    );
}

#[test]
fn a_vulnerable_driver_fails_by_its_file_s_name_and_by_its_own() {
    let folder = "Windows/System32/drivers";
    for (name, bytes) in [
        ("RTCORE64.SYS", signed!("kernel.exe")),
        ("harmless.sys", signed!("vulnerable.sys")),
    ] {
        let fs = proven().file(&format!("/{folder}/{name}"), 0o644, bytes);
        let result = on(fs, CHECK);
        let path = format!("C:/{folder}/{name}");
        told(&result, Status::Fail, &path, "open the kernel");
    }
}

#[test]
fn self_signed_certificates_for_code_fail() {
    let fs = proven().file(
        &format!("{CONFIG}/SOFTWARE"),
        0o644,
        hive!("software-signing"),
    );
    let result = on(fs, CHECK);
    assert_eq!(result.status, Status::Fail);
    // openssl x509 -fingerprint -sha1 of signing-root.der and private-root.der
    for (store, sha1) in [
        ("ROOT", "1B9EB7F9647AC672757E49DD8189A5CAD8F5D189"),
        (
            "TrustedPublisher",
            "64790A3C57EA3C6748BAFA16F86CF335C0F9C3FA",
        ),
    ] {
        let key =
            format!(r"HKLM\SOFTWARE\Microsoft\SystemCertificates\{store}\Certificates\{sha1}");
        let is = |i: &&Item| i.at.key.as_deref() == Some(key.as_str());
        assert_eq!(result.evidence.iter().filter(is).count(), 1, "{key}");
    }
}

fn with_code(disk: &[u8], partition: Vec<u8>) -> CheckResult {
    let mut first: OpenVolume = volume(1, 1_048_576, boot(hive!("bcd-good")));
    first.volume.bootable = true;
    first.volume.data = Arc::new(MemorySource(partition));
    on_sectors(first, proven(), disk, CHECK)
}

/// The evidence at byte `offset` of `volume`, with its found text.
fn sector<'a>(result: &'a CheckResult, volume: &str, offset: u64) -> &'a str {
    let is = |i: &&Item| i.at.volume.as_deref() == Some(volume) && i.at.offset == Some(offset);
    let item = result.evidence.iter().find(is).unwrap();
    item.found
        .as_ref()
        .map(|t| t.en.as_str())
        .unwrap_or_default()
}

#[test]
fn unknown_boot_code_goes_to_a_person_and_that_of_mkntfs_does_not() {
    let zeros = vec![0; 1_048_576];
    // The first volume of this fixture was made by mkntfs.
    let ntfs = include_bytes!("../../../../../../../testdata/ntfs/tiny.img.zst");
    let ntfs = zstd::decode_all(ntfs.as_slice()).unwrap()[..8192].to_vec();
    let result = with_code(&zeros, ntfs.clone());
    assert_eq!(result.status, Status::Pass);
    assert_eq!(sector(&result, "p1", 0), "NTFS of mkntfs");
    assert_eq!(sector(&result, "disk", 0), "none");
    // Parameters of the volume are no code; a byte of the code is.
    let mut other = ntfs.clone();
    other[0x30] ^= 1;
    assert_eq!(with_code(&zeros, other).status, Status::Pass);
    let mut changed = ntfs.clone();
    changed[0x60] ^= 1;
    let result = with_code(&zeros, changed);
    assert_eq!(result.status, Status::Unknown);
    assert!(sector(&result, "p1", 0).starts_with("unknown, SHA-256 "));
    let mut disk = zeros.clone();
    disk[0] = 0xEB;
    let result = with_code(&disk, ntfs.clone());
    assert_eq!(result.status, Status::Unknown);
    assert!(sector(&result, "disk", 0).starts_with("unknown, SHA-256 "));
    let mut disk = zeros;
    disk[512 * 60] = 1;
    let result = with_code(&disk, ntfs);
    assert_eq!(result.status, Status::Unknown);
    let shown = sector(&result, "disk", 512 * 60);
    assert_eq!(shown, "1 sector holds something, 512 bytes from byte 30720");
}

#[test]
fn sectors_that_can_t_be_read_are_unknown() {
    let result = with_code(&[0; 1_048_576], vec![0; 100]);
    assert_eq!(result.status, Status::Unknown);
    assert_eq!(result.gaps[0].at.volume.as_deref(), Some("p1"));
    let result = with_code(&[0; 100], vec![0; 8192]);
    assert_eq!(result.status, Status::Unknown);
    assert_eq!(result.gaps[0].at.volume.as_deref(), Some("disk"));
}
