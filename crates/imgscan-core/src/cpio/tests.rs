use std::io::Write as _;

use super::testing::{member, newc};
use super::*;
use crate::source::MemorySource;

const FILE: u32 = 0o100_644;

type Seen = Vec<(String, MemberKind, Vec<u8>, usize)>;

fn bounded(bytes: &[u8], limits: Limits) -> (Seen, Contents) {
    let mut seen = Seen::new();
    let contents = read(&MemorySource(bytes.to_vec()), limits, &mut |m, body| {
        let mut data = Vec::new();
        // A body that is cut ends the reading by itself.
        if body.read_to_end(&mut data).is_ok() {
            let name = String::from_utf8_lossy(&m.name).into_owned();
            seen.push((name, m.kind(), data, m.archive));
        }
        Ok(())
    });
    (seen, contents)
}

fn all(bytes: &[u8]) -> (Seen, Contents) {
    bounded(bytes, Limits::of(bytes.len() as u64))
}

fn names(seen: &Seen) -> Vec<&str> {
    seen.iter().map(|s| s.0.as_str()).collect()
}

/// The first two members of the initramfs of a Debian 12 cloud kernel (made by GNU cpio with
/// initramfs-tools), as `xxd -p` prints them: a folder `.` and the link `bin`.
#[test]
fn members_that_gnu_cpio_wrote_are_read() {
    let text = concat!(
        "07070100000000000041ED0000000000000000000000076553F1000000000000",
        "0000000000000000000000000000000000000200000000.\00707010000000100",
        "00A1FF0000000000000000000000016553F10000000007000000000000000000",
        "000000000000000000000400000000bin\0\0\0usr/bin\0",
    );
    let (seen, contents) = all(text.as_bytes());
    assert_eq!(seen[0].1, MemberKind::Directory);
    assert_eq!(
        (seen[1].0.as_str(), seen[1].1, seen[1].2.as_slice()),
        ("bin", MemberKind::Symlink, &b"usr/bin"[..])
    );
    // No trailer follows.
    let error = contents.error.unwrap();
    assert_eq!(
        (error.kind, error.offset),
        (Kind::Corrupt, Some(text.len() as u64))
    );
}

fn packed(how: Packing, plain: &[u8]) -> Vec<u8> {
    match how {
        Packing::Gzip => {
            let mut w = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
            w.write_all(plain).unwrap();
            w.finish().unwrap()
        }
        Packing::Bzip2 => {
            let mut w = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::best());
            w.write_all(plain).unwrap();
            w.finish().unwrap()
        }
        Packing::Zstd => zstd::bulk::compress(plain, 3).unwrap(),
        Packing::Lz4 => {
            let block = lz4_flex::block::compress(plain);
            let mut out = 0x184C_2102_u32.to_le_bytes().to_vec();
            out.extend((block.len() as u32).to_le_bytes());
            out.extend(block);
            out
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn every_archive_counts_however_it_is_packed_and_whatever_comes_before() {
    let early = newc(&[("kernel/x86/microcode/GenuineIntel.bin", FILE, b"microcode")]);
    for how in [Packing::Gzip, Packing::Bzip2, Packing::Zstd, Packing::Lz4] {
        let mut bytes = early.clone();
        bytes.resize(1024, 0);
        // Two archives in one packed segment, zeros between them.
        let mut inner = newc(&[("init", 0o100_755, b"#!/bin/sh\n")]);
        inner.resize(inner.len().next_multiple_of(512), 0);
        inner.extend(newc(&[("second", FILE, b"2")]));
        let start = bytes.len() as u64;
        bytes.extend(packed(how, &inner));
        if how != Packing::Lz4 {
            bytes.resize(bytes.len().next_multiple_of(4), 0);
            bytes.extend(newc(&[("third", FILE, b"3")]));
            bytes.extend(packed(Packing::Gzip, &newc(&[("init", FILE, b"4")])));
        }
        let (seen, contents) = all(&bytes);
        assert_eq!(contents.error, None, "{how:?}");
        let expected: &[&str] = if how == Packing::Lz4 {
            &["init", "second"]
        } else {
            &["init", "second", "third", "init"]
        };
        assert_eq!(names(&seen)[1..], *expected, "{how:?}");
        assert_eq!(contents.segments[1].offset, start);
        assert_eq!(contents.segments[1].packing, Some(how));
        assert_eq!(contents.segments[1].archives, 2);
        assert_eq!((seen[1].3, seen[2].3), (1, 2));
    }
}

#[test]
fn what_is_cut_is_told_with_its_offset() {
    let sound = newc(&[("a", FILE, b"12345"), ("b", FILE, b"67")]);
    for len in 1..sound.len() {
        let (seen, contents) = all(&sound[..len]);
        // Only the zeros behind the trailer's name can go without being missed.
        let error = contents.error.expect("it is cut");
        assert_eq!(error.layer, Layer::Cpio);
        assert!(error.offset.unwrap() <= len as u64);
        assert!(seen.len() <= 2);
    }
    let gz = packed(Packing::Gzip, &sound);
    for len in 6..gz.len() {
        let (_, contents) = all(&gz[..len]);
        assert!(contents.error.is_some(), "{len} of {} bytes", gz.len());
    }
}

#[test]
fn junk_between_archives_is_told() {
    let mut bytes = newc(&[("a", FILE, b"1")]);
    let at = bytes.len() as u64;
    bytes.extend(b"junk");
    let (seen, contents) = all(&bytes);
    assert_eq!(names(&seen), ["a"]);
    assert_eq!(contents.error.unwrap().offset, Some(at));
    let mut inner = newc(&[("a", FILE, b"1")]);
    inner.extend(b"junk");
    let (seen, contents) = all(&packed(Packing::Gzip, &inner));
    assert_eq!(names(&seen), ["a"]);
    let text = contents.error.unwrap().detail.en;
    assert!(
        text.contains(&format!("byte {at} of the unpacked gzip")),
        "{text}"
    );
}

#[test]
fn what_unpacks_for_ever_and_what_has_too_many_members_is_stopped() {
    let plain = newc(&[("zeros", FILE, &vec![0; 1 << 20])]);
    let limits = Limits {
        bytes: 1 << 18,
        members: 10,
    };
    let (_, contents) = bounded(&packed(Packing::Zstd, &plain), limits);
    assert_eq!(contents.error.unwrap().kind, Kind::Limit);
    let many: Vec<(&str, u32, &[u8])> = vec![("x", FILE, b""); 11];
    let (seen, contents) = bounded(&newc(&many), limits);
    assert_eq!(
        (seen.len(), contents.error.unwrap().kind),
        (10, Kind::Limit)
    );
}

#[test]
fn a_checksum_is_verified_where_there_is_one() {
    let mut bytes = newc(&[("a", FILE, b"\x01\x02")]);
    bytes[5] = b'2';
    bytes[102..110].copy_from_slice(b"00000003");
    assert_eq!(all(&bytes).1.error, None);
    bytes[102..110].copy_from_slice(b"00000004");
    assert!(all(&bytes).1.error.unwrap().detail.en.contains("checksum"));
}

#[test]
fn the_kernel_reads_a_name_up_to_its_first_nul() {
    let mut bytes = Vec::new();
    member(&mut bytes, b"init\0hidden", FILE, 1, 1, b"x");
    bytes.extend(newc(&[]));
    let (seen, contents) = all(&bytes);
    assert_eq!((names(&seen), contents.error), (vec!["init"], None));
}
