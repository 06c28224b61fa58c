//! Databases that rpm, db_load and a script made of one root (`testdata/recipes/rpm-fixtures.sh`);
//! the truth is what `rpm -q` lists.

use super::{Form, Header, Record, form, records, tag};
use crate::bytes::hex;
use crate::error::{Error, Kind, Layer, Result};
use crate::source::{MemorySource, ReadAt};
use crate::trust::Bundle;
use crate::trust::openpgp::{Key, Signature};

const TRUTH: &str = include_str!("../../../../testdata/rpm/truth");
const KEY: &[u8] = include_bytes!("../../../../testdata/rpm/key.asc");
const SQLITE: &[u8] = include_bytes!("../../../../testdata/rpm/root.sqlite.zst");
const EDITED: &[u8] = include_bytes!("../../../../testdata/rpm/edited.sqlite.zst");
const NDB: &[u8] = include_bytes!("../../../../testdata/rpm/root.db.zst");
const BDB: &[u8] = include_bytes!("../../../../testdata/rpm/root.bdb.zst");

fn unpack(packed: &[u8]) -> Vec<u8> {
    zstd::stream::decode_all(packed).unwrap()
}

fn read(bytes: &[u8]) -> Result<Vec<Result<Record>>> {
    let mut all = Vec::new();
    records(&MemorySource(bytes.to_vec()), None, &mut |record| {
        all.push(record);
        true
    })?;
    Ok(all)
}

fn whole(bytes: &[u8]) -> Vec<Record> {
    read(bytes)
        .unwrap()
        .into_iter()
        .map(Result::unwrap)
        .collect()
}

/// The lines of the truth, from what is read.
fn told(records: &[Record]) -> Vec<String> {
    let mut lines = Vec::new();
    for record in records {
        let header = Header::parse(&record.blob).unwrap();
        let text = |t| header.text(t).unwrap_or_default();
        let name = text(tag::NAME);
        lines.push(format!(
            "package {name} {}-{} {} {}",
            text(tag::VERSION),
            text(tag::RELEASE),
            text(tag::ARCH),
            text(tag::VENDOR)
        ));
        let files = header.files().unwrap();
        for file in &files.items {
            let path = String::from_utf8(files.path(file)).unwrap();
            let digest = file.digest.as_deref().map(hex).unwrap_or_default();
            lines.push(format!("file {name} {path} {digest}"));
        }
    }
    lines.sort();
    lines
}

fn truth() -> Vec<String> {
    let told = |l: &&str| l.starts_with("package ") || l.starts_with("file ");
    let mut lines: Vec<String> = TRUTH.lines().filter(told).map(str::to_owned).collect();
    lines.sort();
    lines
}

#[test]
fn the_three_forms_hold_what_rpm_lists() {
    for (packed, kind) in [(SQLITE, Form::Sqlite), (NDB, Form::Ndb), (BDB, Form::Bdb)] {
        let bytes = unpack(packed);
        assert_eq!(form(&MemorySource(bytes.clone())).unwrap(), kind);
        let records = whole(&bytes);
        assert_eq!(told(&records), truth(), "{kind:?}");
        for record in records {
            // SQLite's cell begins before the header, the others name the header itself.
            let at = usize::try_from(record.offset).unwrap();
            if kind != Form::Sqlite {
                assert_eq!(bytes[at..at + 64], record.blob[..64], "{kind:?}");
            }
        }
    }
}

/// (package, whether the header's own digest is right, whether the key made the signature)
fn verified(packed: &[u8]) -> Vec<(String, bool, Option<bool>)> {
    let key = &Key::read_all(KEY).unwrap()[0];
    let mut all = Vec::new();
    for record in whole(&unpack(packed)) {
        let header = Header::parse(&record.blob).unwrap();
        let mut sum = crate::trust::DigestKind::Sha256.hasher();
        assert!(header.signed_bytes(|piece| sum.update(piece)));
        let own = header.added_text(tag::SHA256HEADER).unwrap();
        let signed = header.signatures().first().map(|(_, packet)| {
            let signature = Signature::parse(packet).unwrap();
            let feed = |take: &mut dyn FnMut(&[u8])| {
                header.signed_bytes(take);
            };
            key.verify(&signature, feed).unwrap()
        });
        all.push((
            header.text(tag::NAME).unwrap(),
            own == hex(&sum.finish()),
            signed,
        ));
    }
    all.sort();
    all
}

#[test]
fn the_header_verifies_and_one_digit_of_a_digest_is_seen() {
    let expected = |kernel| {
        vec![
            ("kernel-core".into(), kernel, Some(kernel)),
            ("kmod".into(), true, Some(true)),
            ("local".into(), true, None),
        ]
    };
    assert_eq!(verified(SQLITE), expected(true));
    assert_eq!(verified(NDB), expected(true));
    assert_eq!(verified(BDB), expected(true));
    assert_eq!(verified(EDITED), expected(false));
}

#[test]
fn a_key_file_is_known_by_its_fingerprint_and_can_be_given_by_the_user() {
    let key = &Key::read_all(KEY).unwrap()[0];
    let line = TRUTH.lines().find_map(|l| l.strip_prefix("key ")).unwrap();
    assert_eq!(key.fingerprint(), line);
    assert_eq!(
        key.user.as_deref(),
        Some("Test Vendor <vendor@example.com>")
    );
    assert_eq!(key.state(key.primary.id), Default::default());
    let id = key.primary.id;
    assert_eq!(Bundle::built_in().keys_by_id(id).count(), 0);
    let given = Bundle::built_in().with_user_file(KEY, "key.asc").unwrap();
    assert_eq!(given.keys_by_id(id).count(), 1);
    assert!(given.anchors().len() == Bundle::built_in().anchors().len());
    assert!(Bundle::built_in().with_user_file(b"nothing", "x").is_err());
}

#[test]
fn all_pinned_keys_that_are_worked_with_are_in_the_bundle() {
    // The manifest has 189 keys; 5 are of version 6 with ML-DSA-87+Ed448. Some are in two files.
    let keys: Vec<_> = Bundle::built_in().keys().collect();
    assert_eq!(keys.len(), 189);
    let centos = [0x05, 0xB5, 0x55, 0xB3, 0x84, 0x83, 0xC6, 0x5D];
    let found = Bundle::built_in().keys_by_id(centos).next().unwrap();
    assert_eq!((found.vendor, found.base), (Some("centos"), true));
}

#[test]
fn what_was_written_into_the_header_later_does_not_count() {
    // The entries behind the region are the installing system's: a list of files added there, or an
    // entry of the region that points there, must not be taken for the vendor's.
    let record = &whole(&unpack(SQLITE))[0];
    let header = Header::parse(&record.blob).unwrap();
    let region = header.region().unwrap();
    let il = u32::from_be_bytes(record.blob[..4].try_into().unwrap());
    let mut blob = record.blob.clone();
    // The last entry becomes a second name of the package, on bytes behind the region.
    let last = 8 + (il as usize - 1) * 16;
    blob[last..last + 4].copy_from_slice(&tag::NAME.to_be_bytes());
    blob[last + 4..last + 8].copy_from_slice(&6_u32.to_be_bytes());
    let added = Header::parse(&blob).unwrap();
    assert_eq!(added.text(tag::NAME), header.text(tag::NAME));
    // The region's own entry points behind the region.
    let mut blob = record.blob.clone();
    let entry = (1..region.entries)
        .map(|i| 8 + i * 16)
        .find(|at| blob[*at..*at + 4] == tag::NAME.to_be_bytes())
        .unwrap();
    let behind = u32::try_from(region.data).unwrap();
    blob[entry + 8..entry + 12].copy_from_slice(&behind.to_be_bytes());
    assert_eq!(Header::parse(&blob).unwrap_err().kind, Kind::Corrupt);
}

#[test]
fn cut_and_changed_databases_end_as_errors_in_bounded_time() {
    for packed in [SQLITE, NDB, BDB] {
        let bytes = unpack(packed);
        for cut in [0, 15, 100, 511, 4095, bytes.len() / 2, bytes.len() - 1] {
            // A cut database must not look like a whole one.
            let lost = match read(&bytes[..cut]) {
                Err(_) => true,
                Ok(all) => all.iter().any(Result::is_err),
            };
            assert!(lost, "{cut} of {}", bytes.len());
        }
        let mut state = 1_u64;
        for _ in 0..300 {
            let mut bytes = bytes.clone();
            for _ in 0..8 {
                state = state
                    .wrapping_mul(6364136223846793005)
                    .wrapping_add(1442695040888963407);
                let at = usize::try_from(state >> 33).unwrap() % bytes.len();
                bytes[at] ^= u8::try_from(state >> 24 & 0xFF).unwrap();
            }
            for record in read(&bytes).into_iter().flatten().flatten() {
                if let Ok(header) = Header::parse(&record.blob) {
                    let _ = header.files();
                    for (_, packet) in header.signatures() {
                        let _ = Signature::parse(&packet);
                    }
                }
            }
        }
    }
}

#[test]
fn a_committed_write_ahead_log_counts() {
    // The database as it was before: the log holds every page of it, of which the file has zeros.
    let whole_file = unpack(SQLITE);
    let page = usize::from(u16::from_be_bytes([whole_file[16], whole_file[17]]));
    let pages = whole_file.len() / page;
    let mut wal = Vec::new();
    for word in [
        0x377f_0683_u32,
        3_007_000,
        u32::try_from(page).unwrap(),
        1,
        7,
        8,
    ] {
        wal.extend(word.to_be_bytes());
    }
    let mut sum = (0, 0);
    let add = |bytes: &[u8], sum: (u32, u32)| {
        let mut sum = sum;
        for pair in bytes.chunks(8) {
            let word = |i: usize| u32::from_be_bytes(pair[i..i + 4].try_into().unwrap());
            sum.0 = sum.0.wrapping_add(word(0)).wrapping_add(sum.1);
            sum.1 = sum.1.wrapping_add(word(4)).wrapping_add(sum.0);
        }
        sum
    };
    sum = add(&wal, sum);
    wal.extend(sum.0.to_be_bytes());
    wal.extend(sum.1.to_be_bytes());
    for number in 1..=pages {
        let body = &whole_file[(number - 1) * page..number * page];
        let size = if number == pages { pages } else { 0 };
        let mut head = Vec::new();
        head.extend(u32::try_from(number).unwrap().to_be_bytes());
        head.extend(u32::try_from(size).unwrap().to_be_bytes());
        sum = add(&head, sum);
        sum = add(body, sum);
        for word in [7, 8, sum.0, sum.1] {
            head.extend(word.to_be_bytes());
        }
        wal.extend(head);
        wal.extend(body);
    }
    let mut old = vec![0; whole_file.len()];
    old[..100].copy_from_slice(&whole_file[..100]);
    let read = |wal: &[u8]| {
        let (file, wal) = (MemorySource(old.clone()), MemorySource(wal.to_vec()));
        let mut all = Vec::new();
        let done = records(&file, Some(&wal), &mut |record| {
            all.push(record.unwrap());
            true
        });
        done.map(|_| all)
    };
    assert_eq!(told(&read(&wal).unwrap()), truth());
    // Without its last frame nothing was committed.
    assert!(read(&wal[..wal.len() - page - 24]).is_err());
    // What can't be read of a log may be newer than what the file has.
    for good in [0, 32, wal.len() - 1] {
        let (file, wal) = (
            MemorySource(whole_file.clone()),
            Unreadable(wal.clone(), good),
        );
        assert!(records(&file, Some(&wal), &mut |_| true).is_err(), "{good}");
    }
}

/// Bytes of which only so many can be read.
struct Unreadable(Vec<u8>, usize);

impl ReadAt for Unreadable {
    fn len(&self) -> u64 {
        self.0.len() as u64
    }

    fn read_at(&self, buf: &mut [u8], offset: u64) -> Result<()> {
        if offset + buf.len() as u64 > self.1 as u64 {
            return Err(Error::corrupt(Layer::Source, offset, say!(error_fs_record)));
        }
        MemorySource(self.0.clone()).read_at(buf, offset)
    }
}

#[test]
fn cells_that_are_used_twice_end_the_page() {
    // Every pointer of the leaf of Packages leads to the first cell: a small page would be any
    // number of packages.
    let mut bytes = unpack(SQLITE);
    let page = usize::from(u16::from_be_bytes([bytes[16], bytes[17]]));
    let records = whole(&bytes);
    let leaf = usize::try_from(records[0].offset).unwrap() / page * page;
    assert_eq!(bytes[leaf], 13);
    let first = [bytes[leaf + 8], bytes[leaf + 9]];
    bytes[leaf + 3..leaf + 5].copy_from_slice(&100_u16.to_be_bytes());
    for i in 0..100 {
        bytes[leaf + 8 + i * 2..leaf + 10 + i * 2].copy_from_slice(&first);
    }
    let all = read(&bytes).unwrap();
    let read = all.iter().filter(|r| r.is_ok()).count();
    assert!(read < 10, "{read} records");
    let overlap = |r: &Result<Record>| {
        r.as_ref()
            .is_err_and(|e| e.detail.en.contains("overlap") || e.detail.en.contains("used twice"))
    };
    assert!(all.iter().any(overlap), "{all:?}");
}
