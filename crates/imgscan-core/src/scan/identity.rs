//! What tells an image and its files apart from others.

use sha2::{Digest as _, Sha256};

use crate::bytes::hex;
use crate::error::{Error, Result};
use crate::evidence::{Gap, Location, files};
use crate::inspect::Inspection;
use crate::report::{FileId, ImageId};
use crate::source::ReadAt;

/// Size of a sampled block in bytes.
const BLOCK: u64 = 64 * 1024;
/// How many blocks are sampled.
const BLOCKS: u64 = 64;

/// A cheap name for a file's contents: `sample1:` and the SHA-256 of the text `imgscan-sample/1`
/// with a zero byte, of the length in bytes (64-bit little-endian), and of 64 blocks of 64 KiB.
/// Block *i* (from 0) begins at byte ⌊*i* × (length − 65536) ÷ 63⌋, so the first and the last
/// 64 KiB are among them. A file of at most 4 MiB goes in whole.
///
/// Different keys mean different files. Equal keys prove nothing against someone who wants them
/// equal: that needs the digest of the whole file.
///
/// # Errors
/// If a block can't be read.
pub fn weak_key(file: &dyn ReadAt) -> Result<String> {
    let len = file.len();
    let mut hasher = Sha256::new();
    hasher.update(b"imgscan-sample/1\0");
    hasher.update(len.to_le_bytes());
    let mut block = vec![0; 64 * 1024];
    let mut sample = |at: u64, n: usize| {
        let block = &mut block[..n];
        let unread = |e: Error| {
            let why = say!(error_weak_key, from = at, bytes = n, why = &*e.detail);
            Error::new(e.layer, e.kind, at, why)
        };
        file.read_at(block, at).map_err(unread)?;
        hasher.update(&block);
        Ok::<(), Error>(())
    };
    if len <= BLOCK * BLOCKS {
        let mut at = 0;
        while at < len {
            let n = (len - at).min(BLOCK);
            sample(at, n as usize)?;
            at += n;
        }
    } else {
        let (whole, rest) = ((len - BLOCK) / (BLOCKS - 1), (len - BLOCK) % (BLOCKS - 1));
        for i in 0..BLOCKS {
            sample(whole * i + rest * i / (BLOCKS - 1), BLOCK as usize)?;
        }
    }
    Ok(format!("sample1:{}", hex(&hasher.finalize())))
}

/// [`weak_key`]; why there is none is one of the `gaps`.
pub(crate) fn key_or_gap(file: &dyn ReadAt, gaps: &mut Vec<Gap>) -> Option<String> {
    let key = weak_key(file);
    key.map_err(|e| gaps.push(Gap::new(Location::default(), &e)))
        .ok()
}

/// The SHA-256 of the image file; why there is none is one of the `gaps`.
pub(crate) fn sha256(inspection: &Inspection, gaps: &mut Vec<Gap>) -> Option<String> {
    let unread = |e: Error| {
        let why = say!(error_image_sha256, why = &*e.detail);
        let e = Error::new(e.layer, e.kind, e.offset, why);
        gaps.push(Gap::new(Location::default(), &e));
    };
    files::sha256_of_all(&*inspection.container.file)
        .map_err(unread)
        .ok()
}

/// The identity of the image, without the digest of all of it. What of it can't be read is one of
/// the `gaps`.
pub(crate) fn image(inspection: &Inspection, gaps: &mut Vec<Gap>) -> ImageId {
    let container = &inspection.container;
    ImageId {
        path: inspection.path.display().to_string(),
        format: container.format,
        virtual_size: container.disk.len(),
        bytes: container.file.len(),
        weak_key: key_or_gap(&*container.file, gaps),
        sha256: None,
    }
}

/// The identity of every host file that was opened; the first is the image's, whose identity is
/// `image`. What of them can't be read is one of the `gaps`.
pub(crate) fn files(inspection: &Inspection, image: &ImageId, gaps: &mut Vec<Gap>) -> Vec<FileId> {
    let container = &inspection.container;
    let opened = container.files.iter().zip(&container.sources);
    opened
        .map(|(f, source)| FileId {
            role: f.role.into(),
            path: f.path.display().to_string(),
            format: f.format,
            bytes: f.bytes,
            weak_key: match f.role {
                "image" => image.weak_key.clone(),
                _ => key_or_gap(&**source, gaps),
            },
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::MemorySource;

    #[test]
    fn the_key_of_a_small_file_is_the_documented_digest() {
        // printf 'imgscan-sample/1\0\3\0\0\0\0\0\0\0abc' | sha256sum
        assert_eq!(
            weak_key(&MemorySource(b"abc".to_vec())).unwrap(),
            "sample1:e31d7deec6d435d85e9138de47958ff858c61bd34029853a1cfa4905b85a910f"
        );
    }

    #[test]
    fn the_key_of_a_large_file_covers_its_length_both_ends_and_the_documented_blocks() {
        let size = 5_000_001_usize;
        let bytes: Vec<u8> = (0..size).map(|i| (i % 251) as u8).collect();
        // python3: hashlib.sha256 over the header and the 64 slices at i*(size-65536)//63.
        let key = "sample1:68a1636e4834f1c803e0e1eca44c7db5cea76a7f6a060664c38386df481b1c55";
        assert_eq!(weak_key(&MemorySource(bytes.clone())).unwrap(), key);
        for at in [0, size - 1] {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            assert_ne!(weak_key(&MemorySource(changed)).unwrap(), key);
        }
    }
}
