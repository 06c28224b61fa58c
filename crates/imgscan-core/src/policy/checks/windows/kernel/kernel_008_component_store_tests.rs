//! WIN-KERNEL-008, on volumes in memory and on real ones: those of testdata/recipes/winsxs-links.sh. What ntfs-3g says of
//! the MFT records is in its truth.

use std::sync::Arc;

use super::testing::{SYSTEM32, boot, found, hive, of_file, on, on_disk, proven, signed};
use crate::guest::windows::testing::volume_of;
use crate::policy::{CheckResult, Status};
use crate::source::MemorySource;

const TRUTH: &str = include_str!("../../../../../../../testdata/ntfs/winsxs.truth");

const VOLUMES: &[u8] = include_bytes!("../../../../../../../testdata/ntfs/winsxs.img.zst");
/// Bytes of each volume.
const EACH: usize = 3 << 20;
/// Their names, in order.
const NAMES: [&str; 3] = ["linked", "copied", "replaced"];

fn judged(name: &str) -> CheckResult {
    let all = zstd::decode_all(VOLUMES).unwrap();
    assert_eq!(all.len(), NAMES.len() * EACH);
    let at = NAMES.iter().position(|n| *n == name).unwrap() * EACH;
    let bytes = all[at..at + EACH].to_vec();
    let fs = crate::fs::ntfs::open(Arc::new(MemorySource(bytes))).unwrap();
    let system = volume_of(2, 34_603_008, fs);
    on_disk(boot(hive!("bcd-good")), system, "WIN-KERNEL-008")
}

/// The MFT record of `path` on the volume `name`, and how many names it has.
fn record(name: &str, path: &str) -> (String, String) {
    let mut rows = TRUTH.lines().map(|l| l.splitn(4, ' ').collect::<Vec<_>>());
    let row = rows.find(|r| r[0] == name && r[3] == path).unwrap();
    (row[1].to_owned(), row[2].to_owned())
}

const KERNEL: &str = "./Windows/System32/ntoskrnl.exe";
const STORE: &str = "Windows/WinSxS/amd64_microsoft-windows-os-kernel_31bf3856ad364e35_10.0.20348.169_none_0/ntoskrnl.exe";

#[test]
fn files_that_share_their_record_with_the_component_store_pass() {
    let result = judged("linked");
    assert_eq!(result.status, Status::Pass);
    let (number, links) = record("linked", KERNEL);
    assert_eq!(links, "2");
    assert_eq!(record("linked", &format!("./{STORE}")).0, number);
    let item = of_file(&result, "C:/Windows/System32/ntoskrnl.exe");
    assert_eq!(found(item), format!("MFT record {number}: C:/{STORE}"));
}

#[test]
fn a_signed_copy_warns_and_an_unsigned_file_fails() {
    let result = judged("copied");
    assert_eq!(result.status, Status::Warn);
    let (number, links) = record("copied", "./Windows/System32/hal.dll");
    assert_eq!(links, "1");
    let item = of_file(&result, "C:/Windows/System32/hal.dll");
    assert!(found(item).starts_with(&format!("MFT record {number}, and another one is")));

    let result = judged("replaced");
    assert_eq!(result.status, Status::Fail);
    let (number, links) = record("replaced", KERNEL);
    assert_eq!(links, "1");
    let item = of_file(&result, "C:/Windows/System32/ntoskrnl.exe");
    assert_eq!(
        found(item),
        format!("MFT record {number}, and another one is C:/{STORE}")
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
