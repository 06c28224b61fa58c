//! Initial file systems: the crate `cpio`.

#![allow(missing_docs, clippy::unwrap_used)]

use std::io::{Cursor, Read as _, Write as _};

use cpio::newc;
use imgscan_core::cpio::{Limits, read};
use imgscan_core::fs::walk::{Step, Walk};
use imgscan_core::fs::{self, FileKind};
use imgscan_core::source::{MemorySource, read_all};
use imgscan_core::text::lossless;
use imgscan_core::trust::bzimage;
use imgscan_core::trust::unpack::{packing, unpack};
use imgscan_oracles::{Comparison, Facts, Fault, add, bytes, contained, each_image, sha256};

const KERNEL: &str =
    "debian-boot/linux-image-6.1.0-56-cloud-amd64__vmlinuz-6.1.0-56-cloud-amd64.zst";

/// Why imgscan's own reader stays.
const FAULTS: &[Fault] = &[
    Fault {
        why: "a name that is not UTF-8, which Linux unpacks, ends the reading: what follows it, and \
            would be in the initial file system, is hidden",
        at: &[("testdata/made: name of bytes", "*")],
    },
    Fault {
        why: "a name goes to its last NUL, but Linux takes it to the first",
        at: &[("testdata/made: name with a NUL", "0")],
    },
    Fault {
        why: "a body that is cut off is given short and without an error",
        at: &[("testdata/made: cut in a body", "1")],
    },
    Fault {
        why: "the sum of a body in the form 070702 is not looked at; Linux refuses a wrong one",
        at: &[("testdata/made: wrong sum", "*")],
    },
    Fault {
        why: "a sign is taken for a digit",
        at: &[("testdata/made: sign in a number", "*")],
    },
];

#[test]
fn cpio_sees_the_same_members() {
    let mut all = Comparison::new("cpio 0.4.2", FAULTS);
    let mut compare = |name: &str, bytes: &[u8]| {
        all.add(name, &ours(bytes), contained(|| Ok(theirs(bytes))));
    };
    let sound = archive(&[
        ("etc", b""),
        ("etc/passwd", b"root:x:0:0:"),
        ("last", b"four"),
    ]);
    compare("testdata/made: sound", &sound);
    let twice = [&sound[..], &[0; 512], &sound].concat();
    compare("testdata/made: two archives", &twice);
    compare("testdata/made: many", &many());
    let changed = |find: &[u8], with: &[u8]| {
        let at = sound.windows(find.len()).position(|w| w == find).unwrap();
        let mut bytes = sound.clone();
        bytes[at..at + with.len()].copy_from_slice(with);
        bytes
    };
    compare(
        "testdata/made: name of bytes",
        &changed(b"etc/passwd", b"etc/\xFFasswd"),
    );
    compare(
        "testdata/made: name with a NUL",
        &changed(b"etc\0", b"e\0c\0"),
    );
    let cut = sound.windows(4).position(|w| w == b"four").unwrap();
    let two = archive(&[("first", b"1234"), ("second", &[b'x'; 400])]);
    compare("testdata/made: cut in a body", &two[..two.len() - 300]);
    compare("testdata/made: cut in a header", &sound[..cut - 20]);
    compare("testdata/made: wrong sum", &with_sum(1));
    compare("testdata/made: right sum", &with_sum(6));
    compare(
        "testdata/made: sign in a number",
        &changed(b"0000000b", b"+000000b"),
    );
    let corpus = each_image(|image| {
        for volume in &image.table.volumes {
            let open = fs::open(volume);
            let Some(fs) = open.file_system() else {
                continue;
            };
            for step in Walk::new(fs.clone(), fs.root(), Vec::new()) {
                if let Step::Entry(entry) = step
                    && entry.path.windows(5).any(|w| w == b"initr")
                    && let Ok(meta) = &entry.metadata
                    && meta.kind == FileKind::Regular
                    && let Ok(file) = fs.open(meta.id)
                    && let Ok(bytes) = read_all(file.as_ref(), 64 << 20)
                    && (bytes.starts_with(b"0707") || packing(&bytes).is_some())
                {
                    compare(&format!("{} {}", image.name, lossless(&entry.path)), &bytes);
                }
            }
        }
    });
    if corpus {
        // Every kernel has one built in, plain.
        let kernel = bzimage::payload(&bytes(KERNEL))
            .and_then(|p| p.unpack())
            .unwrap();
        let mut found = kernel
            .windows(6)
            .enumerate()
            .filter(|(_, w)| w == b"070701");
        let from = found.next().unwrap().0;
        let end = kernel[from..]
            .windows(11)
            .position(|w| w == b"TRAILER!!!\0")
            .unwrap();
        let len = (end + 11).next_multiple_of(4);
        compare(KERNEL, &kernel[from..from + len]);
    }
    all.finish(corpus, 13);
}

/// An archive that the crate writes.
fn archive(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut out = Vec::new();
    for (i, (name, body)) in (1..).zip(files) {
        let mode = if body.is_empty() { 0o40_755 } else { 0o100_644 };
        let size = u32::try_from(body.len()).unwrap();
        let entry = newc::Builder::new(name)
            .ino(i)
            .mode(mode)
            .mtime(1_700_000_000);
        let mut writer = entry.write(&mut out, size);
        writer.write_all(body).unwrap();
        writer.finish().unwrap();
    }
    newc::trailer(&mut out).unwrap();
    out
}

/// Members of all kinds, with sizes of bodies and names around the padding and other numbers in
/// every field.
fn many() -> Vec<u8> {
    let mut out = Vec::new();
    for i in 0..600_u32 {
        let kind = [
            0o100_000, 0o40_000, 0o120_000, 0o20_000, 0o60_000, 0o10_000, 0o140_000,
        ];
        let kind = kind[i as usize % kind.len()];
        let size = if kind == 0o100_000 || kind == 0o120_000 {
            i % 37
        } else {
            0
        };
        let name = format!("{}/{i}", "n".repeat(1 + i as usize % 300));
        let entry = newc::Builder::new(&name)
            .ino(i.wrapping_mul(0x9E37_79B9))
            .mode(kind | (i % 0o7777))
            .uid(i * 3)
            .gid(u32::MAX - i)
            .nlink(1 + i % 5)
            .mtime(i.wrapping_mul(7_777_777))
            .dev_major(i % 256)
            .dev_minor(i / 256)
            .rdev_major(i % 11)
            .rdev_minor(i % 13);
        let mut writer = entry.write(&mut out, size);
        writer
            .write_all(&vec![i.to_le_bytes()[0]; size as usize])
            .unwrap();
        writer.finish().unwrap();
    }
    newc::trailer(&mut out).unwrap();
    out
}

/// An archive of the form with sums, whose member of the bytes 1, 2 and 3 has this one.
fn with_sum(sum: u32) -> Vec<u8> {
    let mut out = Vec::new();
    let entry = newc::Builder::new("summed").mode(0o100_644);
    let mut writer = entry.write_crc(&mut out, 3, sum);
    writer.write_all(&[1, 2, 3]).unwrap();
    writer.finish().unwrap();
    newc::trailer(&mut out).unwrap();
    out
}

fn ours(bytes: &[u8]) -> Facts {
    let mut facts = Facts::new();
    let mut archives = 0;
    let file = MemorySource(bytes.to_vec());
    let contents = read(&file, Limits::of(file.0.len() as u64), &mut |m, body| {
        let mut data = Vec::new();
        let whole = body.read_to_end(&mut data);
        archives = archives.max(m.archive + 1);
        let fact = format!(
            "{} mode {:o} inode {} links {} owner {:?} time {} device {:?} {:?} body {}",
            lossless(&m.name),
            m.mode,
            m.inode,
            m.links,
            m.owner,
            m.mtime,
            m.device,
            m.special,
            whole.map_or("unreadable".into(), |_| sha256(&data))
        );
        let number = facts.len().to_string();
        add(&mut facts, number, &fact);
        Ok(())
    });
    let end = contents
        .error
        .map_or("whole".into(), |e| format!("unreadable: {e}"));
    add(&mut facts, "end".into(), &end);
    facts
}

/// All archives of a file, as a kernel reads them: the crate reads one that is not packed.
fn theirs(bytes: &[u8]) -> Facts {
    let mut facts = Facts::new();
    let end = their_segment(bytes, &mut facts);
    let end = end.map_or_else(|e| format!("unreadable: {e}"), |()| "whole".into());
    add(&mut facts, "end".into(), &end);
    facts
}

fn their_segment(mut rest: &[u8], facts: &mut Facts) -> Result<(), String> {
    loop {
        let zeros = rest.iter().take_while(|b| **b == 0).count();
        rest = &rest[zeros..];
        if rest.is_empty() {
            return Ok(());
        }
        if let Some(how) = packing(rest) {
            let plain = unpack(how, rest, 512 << 20, 0).map_err(|e| e.to_string())?;
            return their_segment(&plain, facts);
        }
        let mut input = Cursor::new(rest);
        loop {
            let mut member = newc::Reader::new(input).map_err(|e| e.to_string())?;
            let e = member.entry().clone();
            if e.is_trailer() {
                input = member.finish().map_err(|e| e.to_string())?;
                break;
            }
            let mut data = Vec::new();
            member.read_to_end(&mut data).map_err(|e| e.to_string())?;
            let fact = format!(
                "{} mode {:o} inode {} links {} owner {:?} time {} device {:?} {:?} body {}",
                e.name(),
                e.mode(),
                e.ino(),
                e.nlink(),
                (e.uid(), e.gid()),
                e.mtime(),
                (e.dev_major(), e.dev_minor()),
                (e.rdev_major(), e.rdev_minor()),
                sha256(&data)
            );
            add(facts, facts.len().to_string(), &fact);
            input = member.finish().map_err(|e| e.to_string())?;
        }
        let used = usize::try_from(input.position()).unwrap_or(usize::MAX);
        rest = rest.get(used..).unwrap_or_default();
    }
}
