//! WIN-BOOT-001.

use super::testing::{LOADER, assert_element, on_bcd};
use crate::fs::memory::MemoryFs;
use crate::guest::windows::testing::{system_volume, volume};
use crate::policy::checks::windows::kernel::testing::{boot, hive, item, judged, result, windows};
use crate::policy::checks::windows::testing::good;
use crate::policy::{Item, Status};

#[test]
fn a_plain_boot_configuration_leads_to_its_loader() {
    let found = on_bcd(hive!("bcd-good"), "WIN-BOOT-001");
    assert_eq!(found.status, Status::Pass);
    let loader = |i: &&Item| i.at.path.as_deref() == Some("/Windows/system32/winload.exe");
    let loader = found.evidence.iter().find(loader).unwrap();
    assert_eq!(loader.at.volume.as_deref(), Some("p2"));
    item(&found, "partition at byte 34603008 of disk 5711aa01 = p2");
}

#[test]
fn a_boot_configuration_that_leads_nowhere_fails() {
    let check = "WIN-BOOT-001";
    let found = on_bcd(hive!("bcd-other-disk"), check);
    assert_eq!(found.status, Status::Fail);
    let device = item(&found, "partition at byte 34603008 of disk 12345678");
    assert_element(device, LOADER, "11000001");
    let found = on_bcd(hive!("bcd-no-default"), check);
    assert_eq!(found.status, Status::Fail);
    item(&found, "{33333333-3333-3333-3333-333333333333}");
    let no_loader = result(boot(hive!("bcd-good")), good(), check);
    assert_eq!(no_loader.status, Status::Fail);
    assert_element(
        item(&no_loader, r"\Windows\system32\winload.exe"),
        LOADER,
        "12000002",
    );
    let no_manager = MemoryFs::new(true).file("/Boot/BCD", 0o644, hive!("bcd-good"));
    let no_manager = result(no_manager, windows(), check);
    assert_eq!(no_manager.status, Status::Fail);
    let file = item(&no_manager, "no such file");
    assert_eq!(file.at.path.as_deref(), Some("/bootmgr"));
    let none = result(MemoryFs::new(true), windows(), check);
    assert_eq!(none.status, Status::Fail);
}

#[test]
fn a_boot_configuration_that_can_t_be_read_is_unknown() {
    let mut cut = hive!("bcd-testsigning").to_vec();
    cut.truncate(5000);
    let mut dirty = hive!("bcd-good").to_vec();
    dirty[8] ^= 0xFF;
    for bytes in [&cut[..], &dirty, b"regf", b""] {
        let found = on_bcd(bytes, "WIN-BOOT-001");
        assert_eq!(found.status, Status::Unknown, "{}", bytes.len());
        assert!(!found.gaps.is_empty());
    }
}

#[test]
fn a_bios_starts_the_active_partition_and_no_other() {
    let check = "WIN-BOOT-001";
    let judged = |active: [bool; 2]| {
        let mut volumes = [
            volume(1, 1_048_576, boot(hive!("bcd-good"))),
            system_volume(windows()),
        ];
        for (volume, active) in volumes.iter_mut().zip(active) {
            volume.volume.bootable = active;
        }
        judged(&volumes, None, check)
    };
    assert_eq!(judged([true, false]).status, Status::Pass);
    for active in [[false, false], [false, true], [true, true]] {
        let found = judged(active);
        assert_eq!(found.status, Status::Fail, "{active:?}");
        let first = found.evidence.first().unwrap();
        assert_eq!(first.at.volume.as_deref(), Some("p1"), "{active:?}");
    }
}
