//! META-005 on the header of a GUID partition table as UEFI specification 2.10, 5.3.2, lays it out, in
//! the second sector of a disk with sectors of either size.

use std::sync::Arc;

use crate::evidence::Evidence;
use crate::evidence::linux::testing::{Build, guest};
use crate::policy::{Policy, Status, run};
use crate::source::{MemorySource, ReadAt};

/// The start of a GPT header: UEFI specification 2.10, table 5-5.
fn with_header(sector: usize) -> Arc<dyn ReadAt> {
    let mut disk = vec![0; 64 * sector];
    disk[510..512].copy_from_slice(&[0x55, 0xAA]);
    disk[450] = 0xEE;
    let mut header = vec![0; 92];
    header[..8].copy_from_slice(b"EFI PART");
    let number = |header: &mut Vec<u8>, at: usize, value: u64, len: usize| {
        header[at..at + len].copy_from_slice(&value.to_le_bytes()[..len]);
    };
    number(&mut header, 8, 0x0001_0000, 4);
    number(&mut header, 12, 92, 4);
    number(&mut header, 24, 1, 8);
    number(&mut header, 32, 63, 8);
    number(&mut header, 40, 34, 8);
    number(&mut header, 48, 40, 8);
    number(&mut header, 72, 2, 8);
    number(&mut header, 80, 128, 4);
    number(&mut header, 84, 128, 4);
    let entries = crc32fast::hash(&vec![0; 128 * 128]);
    number(&mut header, 88, u64::from(entries), 4);
    let sum = crc32fast::hash(&header);
    number(&mut header, 16, u64::from(sum), 4);
    disk[sector..sector + 92].copy_from_slice(&header);
    Arc::new(MemorySource(disk))
}

fn status(disk: Arc<dyn ReadAt>) -> Status {
    let mut guest = guest(Build::debian());
    guest.disk = Some(disk);
    let mut policy = Policy::built_in("tencent-marketplace").unwrap();
    policy.checks.retain(|c| c.id == "META-005");
    run(&policy, &[Evidence::new(&guest)], &[], &|_| {})[0].status
}

#[test]
fn a_table_of_other_sectors_is_another_table_for_the_cloud() {
    assert_eq!(status(with_header(512)), Status::Pass);
    assert_eq!(status(with_header(4096)), Status::Unknown);
    assert_eq!(status(Arc::new(MemorySource(vec![0; 4096]))), Status::Pass);
}
