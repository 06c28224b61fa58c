//! Compares the disk in every container of `testdata/recipes/container-matrix.sh` with what
//! qemu-img reads from it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use imgscan_core::bytes::hex;
use imgscan_core::container::{self, OpenOptions};
use imgscan_core::source::{self, Chunk, ReadAt};
use imgscan_core::{Kind, Layer};
use libtest_mimic::{Failed, Trial};
use sha2::{Digest as _, Sha256};

use crate::compare;

/// One trial for each line of each `NAME.truth` in the folder `qcow2` of `IMGSCAN_MATRIX`.
pub fn trials() -> Vec<Trial> {
    let Some(root) = std::env::var_os("IMGSCAN_MATRIX") else {
        return Vec::new();
    };
    let mut images: Vec<PathBuf> = std::fs::read_dir(PathBuf::from(root).join("qcow2"))
        .map(|d| d.filter_map(|e| Some(e.ok()?.path())).collect())
        .unwrap_or_default();
    images.retain(|p| p.extension().is_some_and(|e| e == "qcow2"));
    images.sort();
    let mut trials = Vec::new();
    for image in images {
        let stem = image.file_stem().unwrap_or_default().to_string_lossy();
        let truth = std::fs::read_to_string(image.with_extension("truth")).unwrap_or_default();
        for line in truth.lines() {
            let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
            let (snapshot, fact) = match words[0].as_str() {
                "snapshot" => (Some(words[1].clone()), words[2..].to_vec()),
                "disk" => (None, words[1..].to_vec()),
                _ => (None, Vec::new()),
            };
            let name = match &snapshot {
                Some(s) => format!("qcow2/{stem}@{s}"),
                None => format!("qcow2/{stem}"),
            };
            let image = image.clone();
            trials.push(Trial::test(name.clone(), move || {
                one(&name, &image, snapshot, &fact)
            }));
        }
    }
    trials
}

/// `fact` is `size=N sha256=HEX`, or nothing for an image that must be a gap.
fn one(name: &str, image: &Path, snapshot: Option<String>, fact: &[String]) -> Result<(), Failed> {
    let options = OpenOptions {
        snapshot,
        ..OpenOptions::default()
    };
    let opened = container::open(image, &options);
    let [size, sha256] = fact else {
        let wrong = match opened {
            Err(e) if (e.layer, e.kind) == (Layer::Qcow2, Kind::Unsupported) => Vec::new(),
            Err(e) => vec![format!("refused for another reason: {e}")],
            Ok(_) => vec!["ciphertext was taken as data".to_owned()],
        };
        return compare::record(name, 0, wrong);
    };
    let mut wrong = Vec::new();
    let disk = match opened {
        Ok(c) => c.disk,
        Err(e) => return compare::record(name, 0, vec![format!("not opened: {e}")]),
    };
    if format!("size={}", disk.len()) != *size {
        wrong.push(format!("size={}, truth says {size}", disk.len()));
    }
    match whole(&*disk) {
        Ok((pieces, digest)) if format!("sha256={digest}") == *sha256 => {
            // Now the pieces are known to be right; every other way to read must agree with them.
            wrong.extend(parts(&*disk, &pieces));
        }
        Ok((_, digest)) => wrong.push(format!("sha256={digest}, truth says {sha256}")),
        Err(e) => wrong.push(e.to_string()),
    }
    compare::record(name, usize::try_from(disk.len()).unwrap_or(0), wrong)
}

/// The data of `disk` by offset, and the digest of all of it.
fn whole(disk: &dyn ReadAt) -> imgscan_core::Result<(BTreeMap<u64, Vec<u8>>, String)> {
    let mut pieces = BTreeMap::new();
    let mut hash = Sha256::new();
    let mut at = 0;
    source::stream(disk, 0..disk.len(), 3, &mut |chunk| {
        match chunk {
            Chunk::Data(data) => {
                hash.update(data);
                pieces.insert(at, data.to_vec());
            }
            Chunk::Zeros(n) => {
                let zeros = [0; 1 << 16];
                let mut rest = n;
                while rest > 0 {
                    let part = rest.min(zeros.len() as u64);
                    hash.update(&zeros[..usize::try_from(part).unwrap()]);
                    rest -= part;
                }
            }
        }
        at += chunk.bytes();
        Ok(())
    })?;
    Ok((pieces, hex(&hash.finalize())))
}

/// Reads at random places on several threads and compares with `pieces`.
fn parts(disk: &dyn ReadAt, pieces: &BTreeMap<u64, Vec<u8>>) -> Vec<String> {
    std::thread::scope(|scope| {
        let readers: Vec<_> = (1..=3_u64)
            .map(|seed| scope.spawn(move || some_parts(disk, pieces, seed)))
            .collect();
        readers
            .into_iter()
            .flat_map(|r| r.join().unwrap())
            .collect()
    })
}

fn some_parts(disk: &dyn ReadAt, pieces: &BTreeMap<u64, Vec<u8>>, seed: u64) -> Vec<String> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mut random = move |below: u64| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state % below
    };
    let mut wrong = Vec::new();
    for round in 0..400_u64 {
        // Mostly small, some larger than the largest cluster, one that ends with the disk.
        let len = 1 + random(
            [4096, 512, 70_000, 5 << 20][usize::from(round % 16 == 0) * 3
                + usize::from(round % 16 == 1) * 2
                + usize::from(round % 16 == 2)],
        );
        let len = len.min(disk.len());
        let at = match round {
            0 => disk.len() - len,
            _ => random(disk.len() - len + 1),
        };
        let mut buf = vec![0xee; usize::try_from(len).unwrap()];
        if let Err(e) = disk.read_at(&mut buf, at) {
            wrong.push(format!("{len} bytes at {at}: {e}"));
        } else if buf != expected(pieces, at, len) {
            wrong.push(format!("{len} bytes at {at} differ"));
        }
    }
    if disk.read_at(&mut [0; 2], disk.len() - 1).is_ok() {
        wrong.push("a read across the end succeeds".into());
    }
    wrong
}

fn expected(pieces: &BTreeMap<u64, Vec<u8>>, at: u64, len: u64) -> Vec<u8> {
    let mut out = vec![0; usize::try_from(len).unwrap()];
    let first = pieces
        .range(..=at)
        .next_back()
        .map_or(0, |(start, _)| *start);
    for (start, data) in pieces.range(first..at + len) {
        let from = at.max(*start);
        let to = (at + len).min(start + data.len() as u64);
        if from < to {
            let index = |pos: u64, base: u64| usize::try_from(pos - base).unwrap();
            out[index(from, at)..index(to, at)]
                .copy_from_slice(&data[index(from, *start)..index(to, *start)]);
        }
    }
    out
}
