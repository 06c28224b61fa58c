//! Tables made by sgdisk and sfdisk (`testdata/recipes/tiny-volumes.sh`; `testdata/volumes/truth.txt`
//! holds what sfdisk says of them), and damage done to them here.

use std::sync::Arc;

use super::*;
use crate::error::Kind;
use crate::source::MemorySource;

macro_rules! disk {
    ($name:literal) => {
        zstd::decode_all(
            &include_bytes!(concat!("../../../../testdata/volumes/", $name, ".img.zst"))[..],
        )
        .unwrap()
    };
}

fn table(bytes: Vec<u8>) -> Table {
    let disk: Arc<dyn ReadAt> = Arc::new(MemorySource(bytes));
    open(&disk).unwrap()
}

/// Number, first sector, sectors.
fn ranges(table: &Table) -> Vec<(u32, u64, u64)> {
    let sector = u64::from(table.sector_size);
    let one = |v: &Volume| (v.number, v.offset / sector, v.len / sector);
    table.volumes.iter().map(one).collect()
}

fn says(table: &Table, words: &str) -> bool {
    table.warnings.iter().any(|w| w.to_string().contains(words))
}

#[test]
fn a_gpt_is_what_sfdisk_says() {
    let table = table(disk!("gpt"));
    assert_eq!(table.scheme, Scheme::Gpt);
    assert_eq!(
        table.disk_id.as_deref(),
        Some("11111111-2222-3333-4444-555555555555")
    );
    assert_eq!(ranges(&table), [(1, 64, 64), (2, 128, 384)]);
    assert!(table.warnings.is_empty(), "{:?}", table.warnings);
    let [esp, root] = &table.volumes[..] else {
        panic!("two partitions")
    };
    assert_eq!(esp.kind, "C12A7328-F81F-11D2-BA4B-00A0C93EC93B");
    assert_eq!(esp.label.as_deref(), Some("EFI"));
    assert_eq!(
        esp.part_uuid.as_deref(),
        Some("aaaaaaaa-0001-0000-0000-000000000000")
    );
    assert!(!esp.bootable);
    assert_eq!(root.label.as_deref(), Some("rööt"));
    assert!(root.bootable);
    assert_eq!(root.attributes, 4);
}

#[test]
fn a_lost_or_damaged_primary_leaves_the_backup() {
    let whole = ranges(&table(disk!("gpt")));
    let mut damaged = disk!("gpt");
    damaged[1024 + 40] ^= 1;
    for (bytes, lost) in [(disk!("gpt-backup"), false), (damaged, true)] {
        let table = table(bytes);
        assert_eq!(ranges(&table), whole);
        assert!(says(&table, "the backup at LBA 1023 is read"));
        assert_eq!(says(&table, "CRC-32 of the partition entries"), lost);
        // Nothing is hidden by it.
        assert!(table.warnings.iter().all(|w| w.kind == Kind::Notice));
    }
}

#[test]
fn both_tables_damaged_is_more_than_a_notice() {
    let mut bytes = disk!("gpt");
    let backup_array = (1024 - 33) * 512;
    bytes[1024 + 120] ^= 1;
    bytes[backup_array + 120] ^= 1;
    let table = table(bytes);
    assert_eq!(ranges(&table), [(1, 64, 64), (2, 128, 384)]);
    assert!(table.warnings.iter().any(|w| w.kind == Kind::Corrupt));
    assert!(says(&table, "no copy of the table is sound"));
}

#[test]
fn a_disk_that_grew_or_was_cut_says_so() {
    let grown = disk!("gpt-grown");
    let first = table(grown.clone());
    assert_eq!(ranges(&first), [(1, 64, 64), (2, 128, 384)]);
    assert!(says(&first, "it was enlarged after partitioning"));
    // Its primary lost, only the protective MBR knows where the backup is.
    let mut lost = grown;
    lost[512..1024].fill(0);
    let lost = table(lost);
    assert_eq!(ranges(&lost), [(1, 64, 64), (2, 128, 384)]);
    let mut cut = disk!("gpt");
    cut.truncate(200 * 512);
    let cut = table(cut);
    assert_eq!(ranges(&cut), [(1, 64, 64), (2, 128, 384)]);
    assert!(says(&cut, "it was cut after partitioning"));
    assert!(says(&cut, "partition 2 lies from byte 65536 to 262144"));
    let mut buf = [0; 512];
    assert!(cut.volumes[1].data.read_at(&mut buf, 0).is_ok());
    assert!(cut.volumes[1].data.read_at(&mut buf, 72 * 512).is_err());
}

#[test]
fn hybrid_and_overlapping_tables_are_read_and_told() {
    let hybrid = table(disk!("gpt-hybrid"));
    assert_eq!(hybrid.scheme, Scheme::Gpt);
    assert_eq!(hybrid.volumes.len(), 2);
    assert!(says(&hybrid, "hybrid MBR"));
    let overlap = table(disk!("gpt-overlap"));
    assert_eq!(ranges(&overlap), [(1, 64, 64), (2, 96, 416)]);
    assert!(says(&overlap, "partitions 1 and 2 overlap"));
}

#[test]
fn without_a_protective_mbr_the_mbr_decides() {
    let mut bare = disk!("gpt");
    bare[..512].fill(0);
    let zeroed = table(bare);
    assert_eq!(zeroed.scheme, Scheme::Gpt);
    assert!(says(&zeroed, "there is no protective MBR"));
    let mut over = disk!("gpt");
    over[..512].copy_from_slice(&disk!("mbr-logical")[..512]);
    let over = table(over);
    assert_eq!(over.scheme, Scheme::Mbr);
    assert!(says(&over, "a GPT is left over"));
    // A backup alone, under something else at the start of the disk, is a left-over too.
    let mut reused = disk!("gpt");
    reused[..20_000].fill(0);
    reused[1080..1082].copy_from_slice(&[0x53, 0xEF]);
    let reused = table(reused);
    assert_eq!(reused.scheme, Scheme::None);
    assert!(says(&reused, "a GPT is left over"));
}

#[test]
fn an_announced_gpt_that_is_not_there_is_told() {
    let mut bytes = disk!("gpt");
    bytes[512..1024].fill(0);
    let last = bytes.len() - 512;
    bytes[last..].fill(0);
    let table = table(bytes);
    assert_eq!(table.scheme, Scheme::Mbr);
    assert_eq!(table.volumes[0].kind, "ee");
    assert!(says(&table, "neither a primary nor a backup header"));
}

#[test]
fn logical_partitions_count_from_five() {
    let table = table(disk!("mbr-logical"));
    assert_eq!(table.scheme, Scheme::Mbr);
    assert_eq!(table.disk_id.as_deref(), Some("1badcafe"));
    assert_eq!(ranges(&table), [(1, 64, 64), (5, 192, 64), (6, 320, 64)]);
    let kinds: Vec<&str> = table.volumes.iter().map(|v| v.kind.as_str()).collect();
    assert_eq!(kinds, ["07", "83", "82"]);
    assert_eq!(table.volumes[2].part_uuid.as_deref(), Some("1badcafe-06"));
    assert!(table.volumes[0].bootable);
    let [extended] = &table.extended[..] else {
        panic!("one extended partition")
    };
    assert_eq!((extended.number, extended.offset), (2, 128 * 512));
    assert!(table.warnings.is_empty(), "{:?}", table.warnings);
}

#[test]
fn a_chain_of_boot_records_that_loops_ends() {
    let table = table(disk!("mbr-loop"));
    assert_eq!(ranges(&table), [(1, 64, 64), (5, 192, 64), (6, 320, 64)]);
    assert!(says(&table, "is a loop"));
}

/// Sectors of 4096 bytes: the partition begins at sector 256 and has 512 of them, and the ext
/// magic stands where that is.
#[test]
fn an_mbr_of_large_sectors_is_told_by_what_its_partitions_hold() {
    let mut disk = vec![0; 4 << 20];
    let entry = [0, 0, 0, 0, 0x83, 0, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0];
    disk[446..462].copy_from_slice(&entry);
    disk[510..512].copy_from_slice(&[0x55, 0xAA]);
    let empty = table(disk.clone());
    let bytes = |table: &Table| (table.volumes[0].offset, table.volumes[0].len);
    assert_eq!(bytes(&empty), (256 * 512, 512 * 512));
    disk[(1 << 20) + 1080..][..2].copy_from_slice(&[0x53, 0xEF]);
    let large = table(disk.clone());
    assert_eq!(large.sector_size, 4096);
    assert_eq!(bytes(&large), (1 << 20, 2 << 20));
    assert!(says(&large, "sectors of 4096 bytes"));
    // Something where sectors of 512 bytes put it: that is what a guest sees.
    disk[256 * 512] = 1;
    assert_eq!(table(disk).sector_size, 512);
}

#[test]
fn a_boot_sector_is_no_table() {
    for fat in [disk!("fat12"), disk!("fat16")] {
        let table = table(fat);
        assert_eq!(table.scheme, Scheme::None);
        assert_eq!(table.volumes[0].name, "disk");
    }
    // The words of a boot loader where entries would be.
    let mut bytes = vec![b'x'; 4096];
    bytes[510..512].copy_from_slice(&[0x55, 0xAA]);
    assert_eq!(table(bytes).scheme, Scheme::None);
    assert_eq!(table(Vec::new()).scheme, Scheme::None);
    assert_eq!(table(vec![0; 100]).scheme, Scheme::None);
}

#[test]
fn counts_of_a_hostile_header_allocate_nothing() {
    let mut bytes = disk!("gpt");
    let last = bytes.len() - 512;
    bytes[last..].fill(0);
    // 4,294,967,295 entries.
    bytes[512 + 80..512 + 84].fill(0xFF);
    let table = table(bytes);
    assert_eq!(table.scheme, Scheme::Mbr);
    assert!(says(&table, "cross the end of the disk"));
}
