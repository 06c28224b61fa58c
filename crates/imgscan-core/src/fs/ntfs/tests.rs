//! The fixtures of `testdata/ntfs` (made by `testdata/recipes/ntfs-fixtures.sh`), and copies of
//! the tiny volume with one thing broken.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use sha2::{Digest as _, Sha256};

use super::compress::{lzx, xpress};
use super::open;
use crate::bytes::{hex, le16, le32};
use crate::error::{Kind, Result};
use crate::fs::{FileKind, FileSystem, NodeId};
use crate::source::{MemorySource, ReadAt, read_all};

const TINY: &[u8] = include_bytes!("../../../../../testdata/ntfs/tiny.img.zst");
const TRUTH: &str = include_str!("../../../../../testdata/ntfs/tiny.truth");
const VECTORS: &[u8] = include_bytes!("../../../../../testdata/ntfs/vectors.bin");

/// The bytes of the tiny volume.
fn tiny() -> Vec<u8> {
    static PLAIN: OnceLock<Vec<u8>> = OnceLock::new();
    PLAIN
        .get_or_init(|| zstd::decode_all(TINY).unwrap())
        .clone()
}

fn volume(bytes: Vec<u8>) -> Result<Arc<dyn FileSystem>> {
    open(Arc::new(MemorySource(bytes)))
}

fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

fn contents(file: &dyn ReadAt) -> Vec<u8> {
    read_all(file, 1 << 24).unwrap()
}

fn find(fs: &dyn FileSystem, path: &str) -> NodeId {
    path.split('/')
        .filter(|n| !n.is_empty())
        .fold(fs.root(), |dir, name| {
            let found = fs.lookup(dir, name.as_bytes()).unwrap();
            found.unwrap_or_else(|| panic!("{path}"))
        })
}

/// Byte of the volume where MFT record `number` stands (its table is in one piece).
fn record(bytes: &[u8], number: u64) -> usize {
    let cluster = crate::bytes::le64(bytes, 0x30).unwrap() as usize;
    cluster * 4096 + number as usize * 1024
}

#[test]
fn chunks_that_libwim_compressed_are_decompressed() {
    let mut at = 0;
    let mut counts = [0; 3];
    while at < VECTORS.len() {
        let kind = le16(VECTORS, at).unwrap();
        let packed = le32(VECTORS, at + 2).unwrap() as usize;
        let plain = le32(VECTORS, at + 6).unwrap() as usize;
        let digest = hex(&VECTORS[at + 10..at + 42]);
        let input = &VECTORS[at + 42..at + 42 + packed];
        let mut out = vec![0; plain];
        match kind {
            1 => xpress::Decoder::default().decompress(input, &mut out),
            _ => lzx::Decoder::default().decompress(input, &mut out),
        }
        .unwrap();
        assert_eq!(sha256(&out), digest, "kind {kind}, {plain} bytes");
        // Any prefix ends in an error or in other bytes, never in a panic.
        for len in [0, 1, packed / 2, packed - 1] {
            let _ = xpress::Decoder::default().decompress(&input[..len], &mut out);
            let _ = lzx::Decoder::default().decompress(&input[..len], &mut out);
        }
        counts[usize::from(kind)] += 1;
        at += 42 + packed;
    }
    assert!(counts[1] >= 5 && counts[2] >= 5, "{counts:?}");
}

#[test]
fn every_entry_of_the_tiny_volume_is_as_the_recipe_and_ntfs_3g_say() {
    let fs = volume(tiny()).unwrap();
    let mut seen = BTreeMap::new();
    let mut todo = vec![("".to_owned(), fs.root())];
    while let Some((path, id)) = todo.pop() {
        let listing = fs.read_dir(id).unwrap();
        assert_eq!(listing.damage, []);
        for entry in listing.entries {
            let path = format!("{path}/{}", String::from_utf8(entry.name).unwrap());
            if fs.metadata(entry.id).unwrap().kind == FileKind::Directory {
                todo.push((path.clone(), entry.id));
            }
            seen.insert(path, entry.id);
        }
    }
    let mut compared = 0;
    for line in TRUTH.lines() {
        let want: serde_json::Value = serde_json::from_str(line).unwrap();
        let unhex = |text: &str| -> Vec<u8> {
            let digits = text.as_bytes().chunks_exact(2);
            digits
                .map(|d| u8::from_str_radix(std::str::from_utf8(d).unwrap(), 16).unwrap())
                .collect()
        };
        let path = String::from_utf8(unhex(want["path"].as_str().unwrap())).unwrap();
        if path == "/" {
            continue;
        }
        let id = seen
            .remove(&path)
            .unwrap_or_else(|| panic!("{path} is missing"));
        assert_eq!(find(fs.as_ref(), &path), id);
        if let Some(sum) = want["sha256"].as_str() {
            assert_eq!(sha256(&contents(&*fs.open(id).unwrap())), sum, "{path}");
        }
        if let Some(target) = want["link"].as_str() {
            assert_eq!(fs.read_link(id).unwrap(), unhex(target), "{path}");
        }
        let streams: BTreeMap<String, String> = fs
            .streams(id)
            .unwrap()
            .into_iter()
            .map(|s| {
                let sum = sha256(&contents(&*fs.open_stream(id, &s.name).unwrap()));
                (hex(&s.name), sum)
            })
            .collect();
        if let Some(wanted) = want["streams"].as_object() {
            let wanted = wanted
                .iter()
                .map(|(n, v)| (n.clone(), v[1].as_str().unwrap().to_owned()));
            assert_eq!(streams, wanted.collect(), "{path}");
        }
        compared += 1;
    }
    assert!(seen.is_empty(), "not in the truth: {seen:?}");
    assert!(compared > 100);
}

#[test]
fn a_dirty_volume_gives_a_notice() {
    let warnings = volume(tiny()).unwrap().warnings();
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    assert_eq!(warnings[0].kind, Kind::Notice);
    assert!(warnings[0].detail.en.contains("dirty"));
}

#[test]
fn names_are_found_in_any_case_by_their_short_form_and_in_the_system() {
    let fs = volume(tiny()).unwrap();
    let folder = find(fs.as_ref(), "links");
    let long = fs.lookup(folder, b"a LONG file NAME 1.TEXT").unwrap();
    assert!(long.is_some());
    assert_eq!(fs.lookup(folder, b"alongf~1.tex").unwrap(), long);
    assert_eq!(fs.lookup(fs.root(), b"$mft").unwrap(), Some(NodeId(0)));
    assert_eq!(fs.lookup(folder, b"\xff").unwrap(), None);
    let hidden = fs.read_dir(fs.root()).unwrap().entries;
    assert!(hidden.iter().all(|e| e.name[0] != b'$'));
}

#[test]
fn the_backup_boot_sector_serves_where_the_first_is_destroyed() {
    let mut bytes = tiny();
    bytes[..512].fill(0);
    let fs = volume(bytes.clone()).unwrap();
    assert!(
        fs.warnings()
            .iter()
            .any(|w| w.detail.en.contains("copy at byte"))
    );
    let source = MemorySource(bytes.clone());
    assert_eq!(
        crate::fs::signature(&source).unwrap(),
        crate::fs::Signature::Ntfs
    );
    let end = bytes.len();
    bytes[end - 512..].fill(0);
    assert_eq!(volume(bytes).err().unwrap().kind, Kind::Corrupt);
}

#[test]
fn the_mirror_serves_where_the_first_record_is_destroyed() {
    let mut bytes = tiny();
    let at = record(&bytes, 0);
    bytes[at..at + 4].copy_from_slice(b"BAAD");
    // Record 0 itself can't be read any more, but all files can.
    let fs = volume(bytes).unwrap();
    assert!(
        fs.warnings()
            .iter()
            .any(|w| w.detail.en.contains("$MFTMirr"))
    );
    assert_eq!(
        contents(&*fs.open(find(fs.as_ref(), "plain")).unwrap()),
        b"resident"
    );
}

#[test]
fn a_torn_record_is_damage_and_its_name_stays() {
    let mut bytes = tiny();
    let fs = volume(bytes.clone()).unwrap();
    let id = find(fs.as_ref(), "clusters");
    let at = record(&bytes, id.0) + 510;
    bytes[at] ^= 0xFF;
    let fs = volume(bytes).unwrap();
    let sought = fs.lookup(fs.root(), b"clusters");
    assert_eq!(sought.unwrap_err().kind, Kind::Corrupt);
    let damage = fs.metadata(id).unwrap_err();
    assert_eq!(
        (damage.kind, damage.offset),
        (Kind::Corrupt, Some(at as u64))
    );
    let names = fs.read_dir(fs.root()).unwrap().entries;
    assert!(
        names
            .iter()
            .any(|e| e.name == b"clusters" && e.kind.is_none())
    );
}

#[test]
fn a_stale_reference_is_damage_of_the_directory() {
    let mut bytes = tiny();
    let fs = volume(bytes.clone()).unwrap();
    let id = find(fs.as_ref(), "plain");
    let at = record(&bytes, id.0) + 16;
    bytes[at] += 1;
    let fs = volume(bytes).unwrap();
    let listing = fs.read_dir(fs.root()).unwrap();
    assert!(listing.entries.iter().all(|e| e.name != b"plain"));
    assert_eq!(listing.damage.len(), 1);
    assert!(listing.damage[0].detail.en.contains("plain"));
    assert!(fs.lookup(fs.root(), b"plain").is_err());
}

#[test]
fn a_damaged_index_block_hides_nothing_silently() {
    let mut bytes = tiny();
    let blocks: Vec<usize> = (0..bytes.len())
        .step_by(4096)
        .filter(|at| bytes[*at..].starts_with(b"INDX"))
        .collect();
    for at in blocks {
        bytes[at + 1] = b'?';
    }
    let fs = volume(bytes).unwrap();
    let folder = fs.lookup(fs.root(), b"index");
    // Whether the root is small enough to stay whole or not: no answer is "absent".
    if let Ok(found) = folder {
        let listing = fs.read_dir(found.unwrap()).unwrap();
        assert!(!listing.damage.is_empty());
        let name = b"Entry of the index number 077";
        assert_eq!(
            fs.lookup(found.unwrap(), name).unwrap_err().kind,
            Kind::Corrupt
        );
    }
}

#[test]
fn encrypted_and_foreign_contents_are_unsupported_never_bytes() {
    let bytes = tiny();
    let fs = volume(bytes.clone()).unwrap();
    let id = find(fs.as_ref(), "plain");
    let at = record(&bytes, id.0);
    // The unnamed $DATA: type 0x80 without a name.
    let mut data = at + usize::from(le16(&bytes, at + 20).unwrap());
    while le32(&bytes, data) != Some(0x80) && le32(&bytes, data) != Some(0x20) {
        data += le32(&bytes, data + 4).unwrap() as usize;
    }
    if le32(&bytes, data) == Some(0x80) {
        let mut encrypted = bytes.clone();
        encrypted[data + 13] |= 0x40;
        let fs = volume(encrypted).unwrap();
        assert_eq!(fs.open(id).err().unwrap().kind, Kind::Unsupported);
    }
    // A tag that is not known in place of the overlay filter's.
    let wof = find(fs.as_ref(), "wof/words.lzx");
    let at = record(&bytes, wof.0);
    let mut foreign = bytes.clone();
    let tag = 0x8000_0017_u32.to_le_bytes();
    let place = at
        + bytes[at..at + 1024]
            .windows(4)
            .position(|w| w == tag)
            .unwrap();
    foreign[place..place + 4].copy_from_slice(&0x8000_0013_u32.to_le_bytes());
    let fs = volume(foreign).unwrap();
    let error = fs.open(wof).err().unwrap();
    assert_eq!(error.kind, Kind::Unsupported);
    assert!(error.detail.en.contains("data deduplication"), "{error}");
    assert_eq!(fs.metadata(wof).unwrap().reparse_tag, Some(0x8000_0013));
}

#[test]
fn a_truncated_image_is_read_as_far_as_it_goes() {
    let mut bytes = tiny();
    bytes.truncate(bytes.len() - 4096);
    let fs = volume(bytes).unwrap();
    assert!(fs.warnings().iter().any(|w| w.kind == Kind::Corrupt));
    assert_eq!(
        contents(&*fs.open(find(fs.as_ref(), "plain")).unwrap()),
        b"resident"
    );
}

#[test]
fn holes_are_told_and_small_reads_give_the_same_bytes() {
    let fs = volume(tiny()).unwrap();
    let sparse = fs.open(find(fs.as_ref(), "sparse")).unwrap();
    let data = sparse.next_data(0).unwrap().unwrap();
    assert!(data.start > 500_000 && data.start <= 600_000);
    assert_eq!(sparse.next_data(data.end).unwrap(), None);
    for path in [
        "compressed/words",
        "compressed/mixed",
        "wof/program.lzx",
        "wof/program.xpress4k",
    ] {
        let file = fs.open(find(fs.as_ref(), path)).unwrap();
        let whole = contents(&*file);
        let mut pieces = vec![0; whole.len()];
        for (i, piece) in pieces.chunks_mut(777).enumerate() {
            file.read_at(piece, i as u64 * 777).unwrap();
        }
        assert!(whole == pieces, "{path}");
        assert!(file.read_at(&mut [0; 2], whole.len() as u64 - 1).is_err());
    }
}
