//! Disks in containers: size and digest as qemu-img read them.

use imgscan_core::bytes::hex;
use imgscan_core::container::{self, Format, OpenOptions};
use imgscan_core::{Kind, source};
use libtest_mimic::Trial;

use crate::files;

/// One trial for each qcow2 or raw container of the corpus, and for those that must be refused.
pub fn trials() -> Vec<Trial> {
    let mut trials: Vec<Trial> = names()
        .into_iter()
        .map(|(name, fact)| {
            Trial::test(format!("containers/{name}"), move || {
                disk(&name, &fact);
                Ok(())
            })
        })
        .collect();
    trials.push(Trial::test("containers/count", || {
        assert!(names().len() >= 5, "{:?}", names());
        Ok(())
    }));
    // Not a container of ours, damaged on purpose: Kind::Unsupported by its magic.
    trials.push(Trial::test("containers/qemu/afl5.img.bz2", || {
        let dir = tempfile::tempdir()?;
        let path = files::unpack("qemu/afl5.img.bz2", dir.path());
        let err = container::open(&path, &OpenOptions::default()).err();
        assert_eq!(err.map(|e| e.kind), Some(Kind::Unsupported));
        Ok(())
    }));
    // 35 bytes of text under a qcow2's name: nothing but bytes.
    trials.push(Trial::test("containers/osv-scalibr/invalid.qcow2", || {
        let dir = tempfile::tempdir()?;
        let path = files::unpack("osv-scalibr/invalid.qcow2", dir.path());
        let opened = container::open(&path, &OpenOptions::default()).map_err(|e| e.to_string())?;
        assert_eq!((opened.format, opened.disk.len()), (Format::Raw, 35));
        Ok(())
    }));
    trials
}

/// Files whose truth says what the disk in them is, as `size=N sha256=HEX`.
fn names() -> Vec<(String, String)> {
    let Some(folder) = files::folder() else {
        return Vec::new();
    };
    let manifest = std::fs::read_to_string(folder.join("MANIFEST.tsv")).unwrap();
    manifest
        .lines()
        .filter_map(|line| {
            let columns: Vec<&str> = line.split('\t').collect();
            let (name, kind) = (columns[0], *columns.get(6)?);
            let truth = files::truth(name)?;
            let guest = truth.lines().find_map(|l| l.strip_prefix("guest raw: "));
            if truth.contains("\"format\": \"qcow2\"") {
                return Some((name.to_owned(), guest?.trim().to_owned()));
            }
            // A raw disk or volume is the file itself.
            let raw = kind.split(' ').any(|word| word == "raw") && guest.is_none();
            let plain = truth.lines().find_map(|l| {
                l.strip_prefix("decompressed: ")
                    .or_else(|| Some(l.strip_prefix("# ground truth of ")?.split_once(": ")?.1))
            });
            let packed = truth.lines().any(|l| l.starts_with("decompressed: "))
                || !name.ends_with("z2") && !name.ends_with("gz") && !name.ends_with(".xz");
            (raw && packed).then_some((name.to_owned(), plain?.trim().to_owned()))
        })
        .collect()
}

fn disk(name: &str, fact: &str) {
    let dir = tempfile::tempdir().unwrap();
    let path = files::unpack(name, dir.path());
    let opened = container::open(&path, &OpenOptions::default()).unwrap();
    let digest = source::digest(&*opened.disk, 2, &mut |_| ()).unwrap();
    let got = format!("size={} sha256={}", opened.disk.len(), hex(&digest));
    assert_eq!(got, fact, "{name}");
    println!("{name}: {} bytes compared", opened.disk.len());
}
