//! Volumes made by mkfs.vfat and mtools (`testdata/recipes/tiny-volumes.sh`;
//! `testdata/volumes/truth.txt` holds what mtools and sha256sum say of them), and damage done to
//! them here.

use std::sync::Arc;

use sha2::{Digest as _, Sha256};

use super::*;
use crate::bytes::hex;
use crate::error::Kind;
use crate::fs::walk::{Step, Walk};
use crate::source::{MemorySource, read_all};

macro_rules! volume {
    ($name:literal) => {
        zstd::decode_all(
            &include_bytes!(concat!(
                "../../../../../testdata/volumes/",
                $name,
                ".img.zst"
            ))[..],
        )
        .unwrap()
    };
}

fn opened(bytes: Vec<u8>) -> Arc<dyn FileSystem> {
    open(Arc::new(MemorySource(bytes))).unwrap()
}

fn find(fs: &dyn FileSystem, path: &str) -> NodeId {
    path.split('/').fold(fs.root(), |dir, name| {
        fs.lookup(dir, name.as_bytes()).unwrap().unwrap()
    })
}

/// Byte offset of cluster `n`'s entry in the first table of a FAT12 volume with one reserved
/// sector, and of the directory entry whose short name begins with `name`.
fn place(bytes: &[u8], name: &[u8]) -> usize {
    let at = bytes.windows(name.len()).position(|w| w == name).unwrap();
    assert_eq!(at % 32, 0);
    at
}

#[test]
fn all_widths_hold_what_mtools_says() {
    let volumes = [
        ("fat12", volume!("fat12")),
        ("fat16", volume!("fat16")),
        ("fat32", volume!("fat32")),
    ];
    for (kind, bytes) in volumes {
        let fs = opened(bytes);
        let info = fs.info();
        assert_eq!(info.kind, kind);
        assert_eq!(info.uuid.as_deref(), Some("1234-ABCD"));
        assert_eq!(info.label.as_deref(), Some("TINY"));
        assert!(fs.warnings().is_empty(), "{:?}", fs.warnings());
        for (path, sum) in [
            (
                "Folder/long name ü.bin",
                "c127b0fd52ddea7621e2dc213dabfa6e095c582d4f9bcd8cd5bdb4a136620f55",
            ),
            (
                "SHORT.TXT",
                "c962fa1be311981f0f965857e89b000707f9cea07a069d073461308f3019200f",
            ),
            (
                "pieces",
                "9a0a52a278645d08e869c85a2e8591759e14174d126a41eb12c64ebadd555d8b",
            ),
        ] {
            let id = find(fs.as_ref(), path);
            let file = fs.open(id).unwrap();
            let got = hex(&Sha256::digest(read_all(file.as_ref(), 1 << 20).unwrap()));
            assert_eq!(got, sum, "{kind} {path}");
            // Any case leads to the same object.
            assert_eq!(find(fs.as_ref(), &path.to_uppercase()), id);
        }
        let names: Vec<String> = Walk::new(Arc::clone(&fs), fs.root(), Vec::new())
            .map(|step| match step {
                Step::Entry(e) => String::from_utf8(e.path).unwrap(),
                Step::Damage { error, .. } => panic!("{error}"),
            })
            .collect();
        let listed = [
            "/Folder",
            "/Folder/long name ü.bin",
            "/SHORT.TXT",
            "/pieces",
        ];
        assert_eq!(names, listed);
        // `date -u -d '1999-12-31 23:59:58' +%s`
        let pieces = fs.metadata(find(fs.as_ref(), "pieces")).unwrap();
        assert_eq!(pieces.modified.map(|t| t.secs), Some(946_684_798));
        assert_eq!(pieces.size, 4000);
    }
}

#[test]
fn reads_at_any_position_cross_the_pieces() {
    let fs = opened(volume!("fat12"));
    let file = fs.open(find(fs.as_ref(), "pieces")).unwrap();
    let whole = read_all(file.as_ref(), 1 << 20).unwrap();
    for (from, to) in [(0, 1), (511, 513), (1400, 1700), (3999, 4000), (0, 4000)] {
        let mut buf = vec![0; to - from];
        file.read_at(&mut buf, from as u64).unwrap();
        assert_eq!(buf, whole[from..to]);
    }
    assert!(file.read_at(&mut [0; 2], 3999).is_err());
}

#[test]
fn a_directory_whose_chain_loops_ends_and_says_so() {
    let mut bytes = volume!("fat16");
    let folder = place(&bytes, b"FOLDER     ");
    let cluster = usize::from(crate::bytes::le16(&bytes, folder + 26).unwrap());
    // One reserved sector: entry n of the table stands at 512 + 2n.
    let reserved = usize::from(crate::bytes::le16(&bytes, 14).unwrap()) * 512;
    let own = u16::try_from(cluster).unwrap().to_le_bytes();
    bytes[reserved + cluster * 2..reserved + cluster * 2 + 2].copy_from_slice(&own);
    // No end mark in the directory, so that the chain matters.
    let root = Bpb::read(&MemorySource(bytes.clone())).unwrap();
    let start = root
        .cluster_offset(u32::try_from(cluster).unwrap())
        .unwrap();
    let start = usize::try_from(start).unwrap();
    for entry in bytes[start..start + 512].chunks_mut(32) {
        if entry[0] == 0 {
            entry[0] = 0xE5;
        }
    }
    let fs = opened(bytes);
    let dir = find(fs.as_ref(), "Folder");
    let listing = fs.read_dir(dir).unwrap();
    assert_eq!(listing.entries.len(), 1);
    assert!(listing.damage[0].detail.en.contains("loops"), "{listing:?}");
    // What is not there may be hidden by the damage: no certain absence.
    assert!(fs.lookup(dir, b"other").is_err());
}

#[test]
fn a_chain_that_ends_early_is_read_up_to_there() {
    let mut bytes = volume!("fat16");
    let entry = place(&bytes, b"PIECES     ");
    // The entry claims a size that its clusters do not have.
    bytes[entry + 28..entry + 32].copy_from_slice(&1_000_000_u32.to_le_bytes());
    let fs = opened(bytes);
    let file = fs.open(find(fs.as_ref(), "pieces")).unwrap();
    assert_eq!(file.len(), 1_000_000);
    let mut buf = [0; 512];
    assert!(file.read_at(&mut buf, 3584).is_ok());
    let err = file.read_at(&mut buf, 4096).unwrap_err();
    assert_eq!((err.layer, err.kind), (Layer::Fat, Kind::Corrupt));
    assert!(err.offset.is_some());
}

#[test]
fn a_label_with_contents_is_told_as_damage() {
    let mut bytes = volume!("fat12");
    let entry = place(&bytes, b"SHORT   TXT");
    bytes[entry + 11] |= dir::VOLUME_ID;
    let fs = opened(bytes);
    let listing = fs.read_dir(fs.root()).unwrap();
    assert_eq!(listing.damage.len(), 1);
    assert!(fs.lookup(fs.root(), b"SHORT.TXT").is_err());
}

/// Firmware and systems differ in which of two entries they take.
#[test]
fn a_name_that_stands_twice_is_damage() {
    let mut bytes = volume!("fat16");
    let entry = place(&bytes, b"PIECES     ");
    let other = place(&bytes, b"FOLDER     ");
    let name: [u8; 11] = bytes[entry..entry + 11].try_into().unwrap();
    bytes[other..other + 11].copy_from_slice(&name);
    let fs = opened(bytes);
    assert_eq!(fs.read_dir(fs.root()).unwrap().damage.len(), 1);
    assert!(fs.lookup(fs.root(), b"pieces").is_err());
}

#[test]
fn boot_sectors_that_contradict_themselves_are_refused() {
    for (at, value) in [(11, 3_u8), (13, 3), (16, 0), (14, 0)] {
        let mut bytes = volume!("fat12");
        bytes[at] = value;
        if at == 14 {
            bytes[15] = 0;
        }
        let err = open(Arc::new(MemorySource(bytes))).map(|_| ()).unwrap_err();
        assert_eq!(err.layer, Layer::Fat, "byte {at}");
    }
    assert!(open(Arc::new(MemorySource(vec![0; 10]))).is_err());
}
