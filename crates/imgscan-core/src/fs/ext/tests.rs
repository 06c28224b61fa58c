//! Damage to the volumes of `testdata/ext` (made by `testdata/recipes/ext-fixtures.sh`): what is
//! not hit is read, what is hit is told, and nothing runs for ever. That the sound volumes are
//! read right is the matrix test's matter.

use std::sync::Arc;

use super::*;
use crate::error::Kind;
use crate::source::{MemorySource, read_all};

fn unpack(packed: &[u8]) -> Vec<u8> {
    zstd::decode_all(packed).unwrap()
}

fn small() -> Vec<u8> {
    unpack(include_bytes!("../../../../../testdata/ext/small.img.zst"))
}

fn dirty() -> Vec<u8> {
    unpack(include_bytes!("../../../../../testdata/ext/dirty.img.zst"))
}

fn indirect() -> Vec<u8> {
    unpack(include_bytes!(
        "../../../../../testdata/ext/indirect.img.zst"
    ))
}

fn open(volume: &[u8]) -> Ext {
    Ext::new(Arc::new(MemorySource(volume.to_vec()))).unwrap()
}

fn find(fs: &Ext, path: &str) -> NodeId {
    path.split('/').fold(fs.root(), |dir, name| {
        fs.lookup(dir, name.as_bytes()).unwrap().unwrap()
    })
}

fn inode_at(volume: &[u8], path: &str) -> usize {
    let fs = open(volume);
    fs.core.inode(find(&fs, path)).unwrap().at as usize
}

fn names(fs: &Ext) -> Vec<String> {
    let mut names: Vec<String> = fs
        .read_dir(fs.root())
        .unwrap()
        .entries
        .iter()
        .map(|e| lossless(&e.name))
        .collect();
    names.sort();
    names
}

#[test]
fn the_index_alone_finds_every_name_of_a_hashed_directory() {
    let fs = open(&small());
    let dir = fs.core.inode(find(&fs, "hashed")).unwrap();
    let listing = fs.core.read_dir(&dir).unwrap();
    assert_eq!(listing.entries.len(), 400);
    for entry in &listing.entries {
        assert_eq!(fs.core.lookup_indexed(&dir, &entry.name), Some(entry.id));
    }
    assert_eq!(fs.core.lookup_indexed(&dir, b"nothing"), None);
}

#[test]
fn a_wrong_inode_checksum_is_told_and_the_file_still_read() {
    let mut volume = small();
    let at = inode_at(&volume, "blocks");
    let fs = open(&volume);
    assert_eq!(fs.damage(find(&fs, "blocks")).unwrap(), []);
    volume[at + 8] ^= 1;
    let fs = open(&volume);
    let id = find(&fs, "blocks");
    let damage = fs.damage(id).unwrap();
    assert_eq!(damage.len(), 1);
    assert_eq!(damage[0].offset, Some(at as u64 + 124));
    let text = read_all(fs.open(id).unwrap().as_ref(), 1 << 20).unwrap();
    assert!(text.starts_with(b"blocks blocks "));
}

#[test]
fn a_damaged_directory_block_costs_its_own_names_and_makes_absence_uncertain() {
    let mut volume = small();
    let fs = open(&volume);
    let dir = fs.core.inode(find(&fs, "hashed")).unwrap();
    let map = fs.core.map(&dir);
    let place::Place::Data(block) = map.runs[0].place else {
        panic!()
    };
    // The second block: the first is the index.
    let at = (block + 1) as usize * 1024;
    volume[at + 4..at + 6].copy_from_slice(&[3, 0]);
    let fs = open(&volume);
    let id = find(&fs, "hashed");
    let listing = fs.read_dir(id).unwrap();
    assert!(listing.entries.len() > 300 && listing.entries.len() < 400);
    // The checksum and the entry.
    assert_eq!(listing.damage.len(), 2);
    let name = &listing.entries[0].name;
    assert_eq!(fs.lookup(id, name).unwrap(), Some(listing.entries[0].id));
    assert_eq!(fs.lookup(id, b"absent").unwrap_err().kind, Kind::Corrupt);
}

#[test]
fn the_backup_superblock_serves_where_the_primary_is_lost() {
    let sound = indirect();
    let mut volume = sound.clone();
    volume[1024..2048].fill(0);
    let source = MemorySource(volume.clone());
    assert_eq!(
        crate::fs::signature(&source).unwrap(),
        crate::fs::Signature::Ext
    );
    let fs = open(&volume);
    assert_eq!(names(&fs), names(&open(&sound)));
    assert_eq!(fs.warnings().len(), 1);
    assert_eq!(fs.warnings()[0].kind, Kind::Corrupt);
}

#[test]
fn the_backup_descriptors_serve_where_the_first_are_lost() {
    let sound = indirect();
    let mut volume = sound.clone();
    volume[2048..3072].fill(0);
    let fs = open(&volume);
    assert_eq!(names(&fs), names(&open(&sound)));
    assert!(fs.warnings().iter().all(|w| w.kind == Kind::Notice));
    assert!(!fs.warnings().is_empty());
}

#[test]
fn a_block_map_that_comes_back_to_itself_ends() {
    let mut volume = indirect();
    let at = inode_at(&volume, "deep");
    let triple = at + 40 + 14 * 4;
    let block = u32::from_le_bytes(volume[triple..triple + 4].try_into().unwrap());
    // The triple indirect block names nothing but itself.
    let start = block as usize * 1024;
    for entry in volume[start..start + 1024].chunks_exact_mut(4) {
        entry.copy_from_slice(&block.to_le_bytes());
    }
    let fs = open(&volume);
    let id = find(&fs, "deep");
    assert!(!fs.damage(id).unwrap().is_empty());
    let file = fs.open(id).unwrap();
    let mut start = [0; 4];
    file.read_at(&mut start, 0).unwrap();
    assert_eq!(&start, b"at 0");
    let error = file.read_at(&mut start, 70 << 20).unwrap_err();
    assert_eq!(error.kind, Kind::Corrupt);
    assert_eq!(error.offset, Some(u64::from(block) * 1024));
}

#[test]
fn an_extent_outside_of_the_file_system_fails_when_it_is_read() {
    let mut volume = small();
    let at = inode_at(&volume, "blocks");
    // The physical block of the first extent.
    volume[at + 40 + 12 + 8..at + 40 + 12 + 12].copy_from_slice(&u32::MAX.to_le_bytes());
    let fs = open(&volume);
    let id = find(&fs, "blocks");
    assert_eq!(fs.damage(id).unwrap().len(), 2);
    let file = fs.open(id).unwrap();
    assert_eq!(
        file.read_at(&mut [0; 1], 0).unwrap_err().kind,
        Kind::Corrupt
    );
    assert_eq!(fs.metadata(id).unwrap().size, 14000);
}

#[test]
fn a_dirty_journal_is_replayed_and_a_damaged_one_told() {
    let mut volume = dirty();
    let fs = open(&volume);
    assert_eq!(names(&fs), ["lost+found", "new"]);
    assert_eq!(fs.warnings().len(), 1);
    assert_eq!(fs.warnings()[0].kind, Kind::Notice);
    let log = fs.core.map(&fs.core.inode(NodeId(8)).unwrap());
    let place::Place::Data(block) = log.runs[0].place else {
        panic!()
    };
    volume[block as usize * 1024] ^= 1;
    let fs = open(&volume);
    assert_eq!(names(&fs), ["gone", "lost+found", "old"]);
    assert_eq!(fs.warnings()[0].kind, Kind::Corrupt);
}

/// The volume of which the journal has checksums, after `change` of the journal's superblock; its
/// checksum is right again.
fn checked(change: impl FnOnce(&mut [u8])) -> Vec<u8> {
    let mut volume = unpack(include_bytes!(
        "../../../../../testdata/ext/checked.img.zst"
    ));
    let at = journal_block(&volume, 4, 0);
    let journal = &mut volume[at..at + 1024];
    change(journal);
    journal[252..256].fill(0);
    let crc = checksum::crc32c(!0, journal);
    journal[252..256].copy_from_slice(&crc.to_be_bytes());
    volume
}

/// Where the block of the journal with this type and transaction begins.
fn journal_block(volume: &[u8], kind: u32, transaction: u32) -> usize {
    let head = [0xC03B_3998_u32, kind, transaction]
        .map(u32::to_be_bytes)
        .concat();
    let mut blocks = (0..volume.len()).step_by(1024);
    blocks.find(|at| volume[*at..].starts_with(&head)).unwrap()
}

/// Takes the mark away that the journal is to be replayed.
fn without_mark(mut volume: Vec<u8>) -> Vec<u8> {
    volume[1024 + 96] &= !4;
    let crc = checksum::crc32c(!0, &volume[1024..2044]);
    volume[2044..2048].copy_from_slice(&crc.to_le_bytes());
    volume
}

/// Each was mounted with Linux 6.18, which refuses those that are told as damage, and mounts the
/// others.
#[test]
fn a_journal_that_the_kernel_refuses_is_damage() {
    let told = |volume: &[u8]| {
        let warnings = open(volume).warnings();
        warnings.iter().any(|w| w.kind != Kind::Notice)
    };
    type Change = fn(&mut [u8]);
    let refused: [(&str, Change); 6] = [
        ("versions 2 and 3", |j| j[43] |= 0x18),
        ("versions 1 and 3", |j| j[39] |= 1),
        ("type of checksums", |j| j[80] = 1),
        ("a read-only feature", |j| j[47] = 0x10),
        ("1000 blocks", |j| {
            j[16..20].copy_from_slice(&1000_u32.to_be_bytes())
        }),
        ("the log from block 600", |j| {
            j[20..24].copy_from_slice(&600_u32.to_be_bytes())
        }),
    ];
    for (name, change) in refused {
        assert!(told(&checked(change)), "{name}");
    }
    let mounted: [(&str, Change); 4] = [
        ("as it is", |_| {}),
        ("an error of the last mount", |j| {
            j[32..36].copy_from_slice(&(-5_i32).to_be_bytes())
        }),
        ("a compatible feature", |j| j[39] |= 0x10),
        ("asynchronous commits", |j| j[43] |= 4),
    ];
    for (name, change) in mounted {
        assert!(!told(&checked(change)), "{name}");
        assert_eq!(
            names(&open(&checked(change))),
            ["a", "b", "c", "lost+found"]
        );
    }
    let changed = |kind, transaction, at: usize| {
        let mut volume = checked(|_| {});
        let block = journal_block(&volume, kind, transaction);
        volume[block + at] ^= 1;
        volume
    };
    for transaction in [2, 4] {
        // The time of a commit, which its checksum covers.
        let commit = changed(2, transaction, 59);
        assert!(told(&commit), "{transaction}");
        assert!(told(&without_mark(commit)), "{transaction}");
        // Behind its header: kernels since 6.13 replay it, those before refuse it.
        assert!(told(&changed(2, transaction, 100)), "{transaction}");
    }
    let descriptor = changed(1, 2, 1000);
    assert!(told(&descriptor) && told(&without_mark(descriptor)));
    assert!(!told(&without_mark(checked(|_| {}))));
}

#[test]
fn a_journal_that_ends_in_the_middle_is_replayed_up_to_there() {
    let mut volume = dirty();
    let fs = open(&volume);
    assert!(fs.lookup(find(&fs, "new"), b"second").unwrap().is_some());
    let log = fs.core.map(&fs.core.inode(NodeId(8)).unwrap());
    let place::Place::Data(block) = log.runs[0].place else {
        panic!()
    };
    let blocks = volume.len() / 1024;
    // The last commit block (magic, type 2) is lost.
    let last = (block as usize..blocks)
        .filter(|b| volume[b * 1024..].starts_with(&[0xC0, 0x3B, 0x39, 0x98, 0, 0, 0, 2]))
        .max_by_key(|b| u32::from_be_bytes(volume[b * 1024 + 8..b * 1024 + 12].try_into().unwrap()))
        .unwrap();
    volume[last * 1024] = 0;
    let fs = open(&volume);
    let new = find(&fs, "new");
    assert!(fs.lookup(new, b"file").unwrap().is_some());
    assert_eq!(fs.lookup(new, b"second").unwrap(), None);
}

/// A volume with one byte changed.
struct OneByte {
    volume: Arc<Vec<u8>>,
    at: usize,
    value: u8,
}

impl ReadAt for OneByte {
    fn len(&self) -> u64 {
        self.volume.len() as u64
    }

    fn read_at(&self, buf: &mut [u8], offset: u64) -> Result<()> {
        crate::source::check_range(Layer::Ext, offset, buf.len() as u64, self.len())?;
        let start = offset as usize;
        buf.copy_from_slice(&self.volume[start..start + buf.len()]);
        if let Some(byte) = self.at.checked_sub(start).and_then(|i| buf.get_mut(i)) {
            *byte = self.value;
        }
        Ok(())
    }
}

#[test]
fn every_single_damaged_byte_of_the_metadata_ends_without_a_panic() {
    // Superblock, descriptors, and the first inodes.
    let places = (1024..1024 + 400).chain(2048..2112).chain(4096..16384);
    for (volume, step) in [(small(), 13), (indirect(), 7), (dirty(), 5)] {
        let volume = Arc::new(volume);
        for (at, value) in places
            .clone()
            .step_by(step)
            .zip([0, 0x7F, 0xFF].into_iter().cycle())
        {
            let volume = Arc::clone(&volume);
            let Ok(fs) = Ext::new(Arc::new(OneByte { volume, at, value })) else {
                continue;
            };
            let Ok(listing) = fs.read_dir(fs.root()) else {
                continue;
            };
            for entry in listing.entries.iter().take(12) {
                let _ = (
                    fs.metadata(entry.id),
                    fs.damage(entry.id),
                    fs.xattrs(entry.id),
                );
                let _ = (
                    fs.read_link(entry.id),
                    fs.open(entry.id).map(|f| f.next_data(0)),
                );
                let _ = fs.lookup(entry.id, b"x");
            }
        }
    }
}

/// Found by fuzzing: each claimed group beyond the volume cost two reads and an error.
#[test]
fn claimed_groups_past_the_end_of_the_volume_are_not_asked_for_one_by_one() {
    struct Counted(Vec<u8>, std::sync::atomic::AtomicUsize);
    impl ReadAt for Counted {
        fn len(&self) -> u64 {
            self.0.len() as u64
        }
        fn read_at(&self, buf: &mut [u8], offset: u64) -> Result<()> {
            self.1.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            crate::source::check_range(Layer::Raw, offset, buf.len() as u64, self.len())?;
            let at = offset as usize;
            buf.copy_from_slice(&self.0[at..at + buf.len()]);
            Ok(())
        }
    }
    let sound = names(&open(&indirect()));
    let mut volume = indirect();
    volume.truncate(2 << 20);
    // s_inodes_count, s_blocks_count_lo: 524,288 groups of 8,192 blocks of 1 KiB.
    volume[1024..1032].copy_from_slice(&[0xFF; 8]);
    let counted = Arc::new(Counted(volume, 0.into()));
    let fs = Ext::new(Arc::clone(&counted) as Arc<dyn ReadAt>).unwrap();
    assert!(!fs.warnings().is_empty());
    assert_eq!(names(&fs), sound);
    // A volume of 2 MiB has room for 65,536 descriptors of 32 bytes, and as many copies.
    let reads = counted.1.load(std::sync::atomic::Ordering::Relaxed);
    assert!(reads < 2 * 65_536, "{reads} reads");
}
