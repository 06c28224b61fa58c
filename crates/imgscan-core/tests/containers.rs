//! The tiny qcow2 images of `testdata/containers`, compared with what qemu-img reads from them,
//! and damaged on purpose. `testdata/recipes/container-fixtures.sh` made them.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use imgscan_core::bytes::hex;
use imgscan_core::container::{self, Container, OpenOptions, qcow2};
use imgscan_core::source::{self, MemorySource, ReadAt};
use imgscan_core::{Kind, Layer, Result};
use sha2::{Digest as _, Sha256};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/containers")
}

fn bytes(name: &str) -> Vec<u8> {
    std::fs::read(folder().join(name)).unwrap()
}

fn open(name: &str, snapshot: Option<&str>) -> Result<Container> {
    let options = OpenOptions {
        snapshot: snapshot.map(str::to_owned),
        ..OpenOptions::default()
    };
    container::open(&folder().join(name), &options)
}

/// Opens image bytes that may name no file.
fn open_bytes(image: Vec<u8>) -> Result<Container> {
    qcow2::open_source(Arc::new(MemorySource(image)), &OpenOptions::default())
}

fn all(disk: &dyn ReadAt) -> Vec<u8> {
    source::read_all(disk, 1 << 20).unwrap()
}

fn sha256(data: &[u8]) -> String {
    hex(&Sha256::digest(data))
}

struct Truth {
    name: String,
    snapshot: Option<String>,
    /// Size and sha256; `None` for an encrypted image.
    fact: Option<(u64, String)>,
}

fn truth() -> Vec<Truth> {
    let text = std::fs::read_to_string(folder().join("TRUTH")).unwrap();
    text.lines()
        .map(|line| {
            let words: Vec<&str> = line.split(' ').collect();
            let (name, snapshot) = match words[0].split_once('@') {
                Some((name, snapshot)) => (name, Some(snapshot.to_owned())),
                None => (words[0], None),
            };
            let fact =
                (words[1] != "encrypted").then(|| (words[1].parse().unwrap(), words[2].to_owned()));
            Truth {
                name: name.to_owned(),
                snapshot,
                fact,
            }
        })
        .collect()
}

#[test]
fn every_image_reads_as_qemu_img_reads_it() {
    let mut compared = 0;
    for Truth {
        name,
        snapshot,
        fact,
    } in truth()
    {
        let opened = open(&name, snapshot.as_deref());
        let Some((size, digest)) = fact else {
            let err = opened.err().unwrap();
            assert_eq!((err.layer, err.kind), (Layer::Qcow2, Kind::Unsupported));
            assert!(err.detail.en.contains("encrypted"), "{err}");
            continue;
        };
        let disk = opened.unwrap_or_else(|e| panic!("{name}: {e}")).disk;
        assert_eq!(disk.len(), size, "{name}");
        let whole = all(&*disk);
        assert_eq!(sha256(&whole), digest, "{name} {snapshot:?}");
        assert_eq!(
            hex(&source::digest(&*disk, 2, &mut |_| ()).unwrap()),
            digest,
            "{name} in chunks"
        );
        for len in [1, 511, 700, 4096, 9000] {
            for at in (0..whole.len() - len).step_by(333) {
                let mut buf = vec![0xee; len];
                disk.read_at(&mut buf, at as u64).unwrap();
                assert_eq!(buf, &whole[at..at + len], "{name}: {len} bytes at {at}");
            }
        }
        holes_are_zeros(&*disk, &whole);
        compared += 1;
    }
    assert!(compared >= 13, "{compared}");
}

fn holes_are_zeros(disk: &dyn ReadAt, whole: &[u8]) {
    for from in (0..whole.len()).step_by(257) {
        let next = disk.next_data(from as u64).unwrap();
        let hole_end = match &next {
            Some(Range { start, end }) => {
                assert!(start < end && *start >= from as u64 && *end <= disk.len());
                *start as usize
            }
            None => whole.len(),
        };
        assert!(whole[from..hole_end].iter().all(|b| *b == 0));
    }
}

#[test]
fn files_snapshots_and_facts_are_told() {
    let top = open("top.qcow2", None).unwrap();
    let files: Vec<(&str, String)> = top
        .files
        .iter()
        .map(|f| {
            let name = f.path.file_name().unwrap().to_string_lossy();
            (f.role, name.into_owned())
        })
        .collect();
    assert_eq!(
        files,
        [
            ("image", "top.qcow2".to_owned()),
            ("backing", "middle.qcow2".to_owned()),
            ("backing", "zlib.qcow2".to_owned()),
        ]
    );
    assert!(top.warnings.is_empty());
    let data = open("data.qcow2", None).unwrap();
    assert_eq!(data.files[1].role, "data");
    let snapshots = open("snapshots.qcow2", None).unwrap().snapshots;
    assert_eq!((&*snapshots[0].id, &*snapshots[0].name), ("1", "first"));
    assert_eq!(
        open("snapshots.qcow2", Some("1")).unwrap().disk.len(),
        19968
    );
    let err = open("snapshots.qcow2", Some("nope")).err().unwrap();
    assert_eq!(err.kind, Kind::NotFound);
    let err = open("v3.qcow2", Some("first")).err().unwrap();
    assert_eq!(err.kind, Kind::NotFound);
}

#[test]
fn a_backing_file_outside_is_refused() {
    for name in ["denied-absolute", "denied-up", "denied-json"] {
        let err = open(&format!("{name}.qcow2"), None).err().unwrap();
        assert_eq!(err.kind, Kind::Denied, "{name}: {err}");
    }
    assert_eq!(
        open("missing.qcow2", None).err().unwrap().kind,
        Kind::NotFound
    );
    let err = open("loop-1.qcow2", None).err().unwrap();
    assert_eq!(err.kind, Kind::Corrupt, "{err}");
    // From memory nothing is opened at all.
    for name in ["top.qcow2", "data.qcow2"] {
        assert_eq!(open_bytes(bytes(name)).err().unwrap().kind, Kind::Denied);
    }
}

#[test]
fn the_backing_folder_is_permitted_when_it_is_given() {
    let dir = tempfile::tempdir().unwrap();
    let image = dir.path().join("top.qcow2");
    std::fs::write(&image, bytes("top.qcow2")).unwrap();
    let mut options = OpenOptions::default();
    let err = container::open(&image, &options).err().unwrap();
    assert_eq!(err.kind, Kind::NotFound, "{err}");
    options.backing_dir = Some(folder());
    let disk = container::open(&image, &options).unwrap().disk;
    assert_eq!(all(&*disk), all(&*open("top.qcow2", None).unwrap().disk));
}

/// Takes the backing format's header extension (type e2792aca) out of an image.
fn without_backing_format(mut image: Vec<u8>) -> Vec<u8> {
    let at = image
        .windows(4)
        .position(|w| w == [0xe2, 0x79, 0x2a, 0xca])
        .unwrap();
    image[at..at + 4].copy_from_slice(b"none");
    image
}

#[test]
fn a_guessed_backing_format_is_told_and_leads_no_further() {
    let dir = tempfile::tempdir().unwrap();
    let put = |name: &str, data: Vec<u8>| {
        std::fs::write(dir.path().join(name), data).unwrap();
        dir.path().join(name)
    };
    put("zlib.qcow2", bytes("zlib.qcow2"));
    let middle = put(
        "middle.qcow2",
        without_backing_format(bytes("middle.qcow2")),
    );
    let opened = container::open(&middle, &OpenOptions::default()).unwrap();
    assert_eq!(opened.warnings[0].kind, Kind::Notice);
    assert_eq!(
        all(&*opened.disk),
        all(&*open("middle.qcow2", None).unwrap().disk)
    );
    // A chain behind a guessed format: the name could come from a guest that wrote to a raw disk.
    let top = put("top.qcow2", without_backing_format(bytes("top.qcow2")));
    let err = container::open(&top, &OpenOptions::default())
        .err()
        .unwrap();
    assert_eq!(err.kind, Kind::Denied, "{err}");
}

#[test]
fn headers_that_are_not_sound_are_refused_at_their_place() {
    use Kind::{Corrupt, Limit, Unsupported};
    // v3.qcow2: 1 KiB clusters; offsets as in the specification's section "Header".
    let cases: &[(u64, &[u8], Kind, u64)] = &[
        (4, &[0, 0, 0, 4], Unsupported, 4),
        (20, &[0, 0, 0, 8], Corrupt, 20),
        (20, &[0, 0, 0, 22], Corrupt, 20),
        (20, &[0xff; 4], Corrupt, 20),
        (24, &[0x7f; 8], Corrupt, 40),
        (32, &[0, 0, 0, 1], Unsupported, 32),
        (32, &[0, 0, 0, 2], Unsupported, 32),
        (36, &[0xff; 4], Limit, 40),
        (36, &[0, 0, 0, 0], Corrupt, 40),
        (40, &[0, 0, 0, 0, 0, 0, 0x04, 1], Corrupt, 40),
        (40, &[0, 0xff, 0, 0, 0, 0, 0, 0], Corrupt, 40),
        (40, &[0; 8], Corrupt, 40),
        (72, &[0x80, 0, 0, 0, 0, 0, 0, 0], Unsupported, 72),
        (72, &[0, 0, 0, 0, 0, 0, 0, 0x08], Corrupt, 104),
        (72, &[0, 0, 0, 0, 0, 0, 0, 0x10], Corrupt, 20),
        (100, &[0, 0, 0, 8], Corrupt, 100),
        (100, &[0xff; 4], Corrupt, 100),
        (104, &[1], Corrupt, 104),
        (112, &[1, 1, 1, 1, 0xff, 0xff, 0xff, 0xff], Corrupt, 112),
        (8, &[0xff; 8], Corrupt, 8),
    ];
    for (at, patch, kind, offset) in cases {
        let mut image = bytes("v3.qcow2");
        if *at == 8 {
            image[19] = 4;
        }
        let at = *at as usize;
        image[at..at + patch.len()].copy_from_slice(patch);
        let err = open_bytes(image).err().unwrap_or_else(|| panic!("{at}"));
        assert_eq!(
            (err.layer, err.kind, err.offset),
            (Layer::Qcow2, *kind, Some(*offset)),
            "patch at {at}: {err}"
        );
    }
}

#[test]
fn an_unknown_feature_is_named_by_the_image_itself() {
    // qemu-img leaves the feature name table out of clusters of 4 KiB and less.
    let mut image = bytes("extl2.qcow2");
    image[72 + 7] |= 1 << 6;
    // An entry of the feature name table: type, bit, name (the "dirty bit" renamed).
    let at = image.windows(9).position(|w| w == b"dirty bit").unwrap();
    image[at - 1] = 6;
    image[at..at + 9].copy_from_slice(b"new thing");
    let err = open_bytes(image).err().unwrap();
    assert_eq!(err.kind, Kind::Unsupported);
    assert!(err.detail.en.contains("bit 6 (\"new thing\")"), "{err}");
}

#[test]
fn dirty_and_corrupt_bits_are_told() {
    for (bit, kind) in [(1, Kind::Notice), (2, Kind::Corrupt)] {
        let mut image = bytes("v3.qcow2");
        image[72 + 7] |= bit;
        let opened = open_bytes(image).unwrap();
        assert_eq!(opened.warnings[0].kind, kind);
        assert_eq!(all(&*opened.disk), bytes("base.raw"));
    }
}

#[test]
fn what_is_there_of_a_cut_image_is_read_and_the_rest_is_an_error() {
    let (image, base) = (bytes("v3.qcow2"), bytes("base.raw"));
    let l1 = u64::from_be_bytes(image[40..48].try_into().unwrap());
    let (mut read, mut failed) = (0, 0);
    for cut in (3 << 10..image.len()).step_by(777) {
        let Ok(opened) = open_bytes(image[..cut].to_vec()) else {
            assert!(cut < 5 << 10, "only without its tables it can't be opened");
            continue;
        };
        for at in (0..base.len()).step_by(512) {
            let mut buf = [0xee; 512];
            match opened.disk.read_at(&mut buf, at as u64) {
                Ok(()) => {
                    assert_eq!(buf, base[at..at + 512]);
                    read += 1;
                }
                Err(e) => {
                    assert_eq!((e.layer, e.kind), (Layer::Qcow2, Kind::Corrupt));
                    // What is missing, or the L1 entry that names a table that is missing.
                    let at = e.offset.unwrap();
                    assert!(at >= cut as u64 || at == l1, "{cut}: {e}");
                    failed += 1;
                }
            }
        }
    }
    assert!(read > 100 && failed > 100, "{read} {failed}");
}

#[test]
fn a_bad_entry_spoils_only_its_own_area() {
    let base = bytes("base.raw");
    let image = bytes("v3.qcow2");
    let l1 = u64::from_be_bytes(image[40..48].try_into().unwrap()) as usize;
    let l2 = u64::from_be_bytes(image[l1..l1 + 8].try_into().unwrap()) & 0x00ff_ffff_ffff_fe00;
    let l2 = l2 as usize;
    // The second cluster: unaligned (not by 512, which the format has no bits for, but by half a
    // cluster), behind the end of the file, compressed behind the end of the file.
    for entry in [
        0x8000_0000_0000_1600_u64,
        0x8000_1000_0000_0000,
        0x4000_1000_0000_0000,
    ] {
        let mut image = image.clone();
        image[l2 + 8..l2 + 16].copy_from_slice(&entry.to_be_bytes());
        let disk = open_bytes(image).unwrap().disk;
        let mut buf = [0; 1024];
        for cluster in 0..19 {
            let read = disk.read_at(&mut buf, cluster * 1024);
            if cluster == 1 {
                assert_eq!(read.unwrap_err().kind, Kind::Corrupt);
            } else {
                read.unwrap();
                let at = cluster as usize * 1024;
                assert_eq!(buf, base[at..at + 1024]);
            }
        }
    }
    for entry in [0x0000_1000_0000_0000_u64, 0x0000_0000_0000_0600] {
        let mut image = image.clone();
        image[l1..l1 + 8].copy_from_slice(&entry.to_be_bytes());
        let err = open_bytes(image)
            .unwrap()
            .disk
            .read_at(&mut [0], 0)
            .unwrap_err();
        assert_eq!((err.kind, err.offset), (Kind::Corrupt, Some(l1 as u64)));
    }
}

#[test]
fn a_zero_flag_in_version_2_is_damage() {
    let mut image = bytes("v2.qcow2");
    let l1 = u64::from_be_bytes(image[40..48].try_into().unwrap()) as usize;
    let l2 = u64::from_be_bytes(image[l1..l1 + 8].try_into().unwrap()) & 0x00ff_ffff_ffff_fe00;
    image[l2 as usize + 7] |= 1;
    let err = open_bytes(image)
        .unwrap()
        .disk
        .read_at(&mut [0], 0)
        .unwrap_err();
    assert_eq!((err.kind, err.offset), (Kind::Corrupt, Some(l2)));
}

#[test]
fn damage_in_a_compressed_cluster_is_an_error_at_its_offset() {
    for name in ["zlib.qcow2", "zstd.qcow2"] {
        let mut image = bytes(name);
        let l1 = u64::from_be_bytes(image[40..48].try_into().unwrap()) as usize;
        let l2 = u64::from_be_bytes(image[l1..l1 + 8].try_into().unwrap()) & 0x00ff_ffff_ffff_fe00;
        let l2 = l2 as usize;
        let entry = u64::from_be_bytes(image[l2..l2 + 8].try_into().unwrap());
        assert_ne!(entry & 1 << 62, 0, "the first cluster is compressed");
        let host = entry & 0xffff_ffff;
        image[host as usize..host as usize + 64].fill(0xff);
        let disk = open_bytes(image).unwrap().disk;
        for len in [1, 4096] {
            let err = disk.read_at(&mut vec![0; len], 0).unwrap_err();
            assert_eq!(
                (err.kind, err.offset),
                (Kind::Corrupt, Some(host)),
                "{name}"
            );
        }
        disk.read_at(&mut [0], 19_000).unwrap();
    }
}

/// Counts the bytes that are read from the file.
struct Counted(MemorySource, AtomicU64);

impl ReadAt for Counted {
    fn len(&self) -> u64 {
        self.0.len()
    }
    fn read_at(&self, buf: &mut [u8], offset: u64) -> Result<()> {
        self.1.fetch_add(buf.len() as u64, Ordering::Relaxed);
        self.0.read_at(buf, offset)
    }
}

#[test]
fn no_cluster_is_decompressed_twice_in_a_sequential_read() {
    let image = bytes("zlib.qcow2");
    let len = image.len() as u64;
    let file = Arc::new(Counted(MemorySource(image), AtomicU64::new(0)));
    let disk = qcow2::open_source(Arc::clone(&file) as _, &OpenOptions::default())
        .unwrap()
        .disk;
    let mut read = Vec::new();
    for at in (0..disk.len()).step_by(64) {
        let mut buf = vec![0; 64.min(disk.len() - at) as usize];
        disk.read_at(&mut buf, at).unwrap();
        read.extend(buf);
    }
    assert_eq!(read, bytes("base.raw"));
    // Sectors that two clusters share are read twice.
    let total = file.1.load(Ordering::Relaxed);
    assert!(total <= len + len / 4, "{total} of {len}");
}

/// A version 3 image of 2^48 bytes in 64 KiB clusters, of which the last one holds data, laid out
/// by hand after the specification.
fn huge() -> Vec<u8> {
    const CLUSTER: usize = 1 << 16;
    let size: u64 = 1 << 48;
    let entries = (size >> 29) as usize;
    let l2 = CLUSTER + entries * 8;
    let mut image = vec![0; l2 + 2 * CLUSTER];
    let mut put = |at: usize, bytes: &[u8]| image[at..at + bytes.len()].copy_from_slice(bytes);
    put(0, b"QFI\xfb\0\0\0\x03");
    put(20, &16_u32.to_be_bytes());
    put(24, &size.to_be_bytes());
    put(36, &(entries as u32).to_be_bytes());
    put(40, &(CLUSTER as u64).to_be_bytes());
    put(96, &4_u32.to_be_bytes());
    put(100, &104_u32.to_be_bytes());
    put(l2 - 8, &(l2 as u64).to_be_bytes());
    put(l2 + CLUSTER - 8, &((l2 + CLUSTER) as u64).to_be_bytes());
    put(l2 + CLUSTER, &[0xaa; CLUSTER]);
    image
}

#[test]
fn holes_of_a_huge_disk_cost_nothing() {
    let disk = open_bytes(huge()).unwrap().disk;
    let size = 1 << 48;
    assert_eq!(disk.len(), size);
    assert_eq!(disk.next_data(5).unwrap(), Some(size - 65536..size));
    let mut buf = [1; 4];
    disk.read_at(&mut buf, size - 65536 - 2).unwrap();
    assert_eq!(buf, [0, 0, 0xaa, 0xaa]);
    disk.read_at(&mut buf, 1 << 40).unwrap();
    assert_eq!(buf, [0; 4]);
}
