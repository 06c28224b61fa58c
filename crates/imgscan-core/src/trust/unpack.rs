//! Decompression of kernels and modules, bounded before and while it runs.
//!
//! Sources: the magic numbers of Linux `lib/decompress.c`; RFC 1952 (gzip); the LZ4 "legacy frame"
//! of the LZ4 frame format, section "Legacy frame".

use std::io::Read;

use super::lzo;
use crate::bytes::le32;
use crate::error::{Error, Kind, Layer, Result};

/// How something is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Packing {
    /// gzip (RFC 1952).
    Gzip,
    /// xz.
    Xz,
    /// Zstandard (RFC 8878).
    Zstd,
    /// The legacy frame of LZ4.
    Lz4,
    /// LZMA alone.
    Lzma,
    /// bzip2.
    Bzip2,
    /// LZO1X in the container of lzop.
    Lzo,
}

impl Packing {
    /// Its name: `gzip`, `lz4` …
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Xz => "xz",
            Self::Zstd => "zstd",
            Self::Lz4 => "lz4",
            Self::Lzma => "lzma",
            Self::Bzip2 => "bzip2",
            Self::Lzo => "lzo",
        }
    }
}

/// Bytes that one block of an LZ4 legacy frame unpacks to at most.
const LZ4_BLOCK: usize = 8 * 1024 * 1024;
const LZ4_LEGACY: u32 = 0x184C_2102;
/// DEFLATE gives at most 1,032 bytes for one (258 bytes for a length and a distance of one bit
/// each).
const DEFLATE_RATIO: usize = 1032;
/// Memory for an xz, lzma or zstd window, in KiB: `zstd -22` of the kernel has one of 128 MiB.
const MAX_WINDOW_KIB: u32 = 160 * 1024;

/// What the first bytes say; `None` where they are not those of a packing.
#[must_use]
pub fn packing(bytes: &[u8]) -> Option<Packing> {
    let all: &[(&[u8], Packing)] = &[
        (&[0x1F, 0x8B], Packing::Gzip),
        (&[0xFD, b'7', b'z', b'X', b'Z', 0], Packing::Xz),
        (&[0x28, 0xB5, 0x2F, 0xFD], Packing::Zstd),
        (&[0x02, 0x21, 0x4C, 0x18], Packing::Lz4),
        (&[0x5D, 0, 0], Packing::Lzma),
        (b"BZh", Packing::Bzip2),
        (&[0x89, b'L', b'Z', b'O', 0], Packing::Lzo),
    ];
    let found = all.iter().find(|(magic, _)| bytes.starts_with(magic));
    found.map(|(_, packing)| *packing)
}

/// Bytes that a decoder is asked for at a time.
const PIECE: usize = 64 * 1024;

/// Unpacks `bytes` to at most `limit` bytes. `offset` is where they begin in their file.
///
/// # Errors
/// [`Kind::Limit`] for more than `limit` bytes, [`Kind::Corrupt`] for a stream that is not sound.
pub fn unpack(how: Packing, bytes: &[u8], limit: usize, offset: u64) -> Result<Vec<u8>> {
    match how {
        Packing::Gzip => gzip(bytes, limit, offset),
        Packing::Lzo => lzo(bytes, limit, offset),
        _ => {
            let mut out = Vec::new();
            unpack_to(how, bytes, limit, offset, &mut |piece| {
                out.extend_from_slice(piece);
            })?;
            Ok(out)
        }
    }
}

/// As [`unpack`], piece by piece to `take`; how many bytes these were. Where it ends with an error,
/// `take` got what was unpacked before, which proves nothing.
///
/// # Errors
/// As [`unpack`].
pub fn unpack_to(
    how: Packing,
    bytes: &[u8],
    limit: usize,
    offset: u64,
    take: &mut dyn FnMut(&[u8]),
) -> Result<usize> {
    match how {
        Packing::Gzip | Packing::Lzo => {
            let out = unpack(how, bytes, limit, offset)?;
            take(&out);
            Ok(out.len())
        }
        Packing::Lz4 => lz4(bytes, limit, offset, take),
        Packing::Xz => {
            let reader = lzma_rust2::XzReader::new_mem_limit(bytes, false, MAX_WINDOW_KIB);
            drain(reader, limit, offset, "xz", take)
        }
        Packing::Lzma => {
            let reader = lzma_rust2::LzmaReader::new_mem_limit(bytes, MAX_WINDOW_KIB, None)
                .map_err(|_| damaged(offset, "lzma"))?;
            drain(reader, limit, offset, "lzma", take)
        }
        Packing::Zstd => {
            let mut reader = zstd::stream::read::Decoder::with_buffer(bytes)
                .map_err(|_| damaged(offset, "zstd"))?;
            // 2^27 bytes are 128 MiB.
            reader
                .window_log_max(27)
                .map_err(|_| damaged(offset, "zstd"))?;
            drain(reader, limit, offset, "zstd", take)
        }
        Packing::Bzip2 => {
            let reader = bzip2::bufread::BzDecoder::new(bytes);
            drain(reader, limit, offset, "bzip2", take)
        }
    }
}

fn fault(offset: u64, detail: crate::text::Text) -> Error {
    Error::corrupt(Layer::Kernel, offset, detail)
}

fn damaged(offset: u64, what: &str) -> Error {
    fault(offset, say!(error_packed_damaged, packing = what))
}

fn too_long(offset: u64, limit: usize) -> Error {
    let what = say!(error_packed_limit, most = limit);
    Error::new(Layer::Kernel, Kind::Limit, offset, what)
}

fn drain(
    reader: impl Read,
    limit: usize,
    offset: u64,
    what: &str,
    take: &mut dyn FnMut(&[u8]),
) -> Result<usize> {
    let mut reader = reader.take((limit as u64).saturating_add(1));
    let mut piece = vec![0; PIECE.min(limit.saturating_add(1))];
    let mut len = 0_usize;
    loop {
        let got = reader.read(&mut piece).map_err(|_| damaged(offset, what))?;
        if got == 0 {
            return Ok(len);
        }
        len = len.saturating_add(got);
        if len > limit {
            return Err(too_long(offset, limit));
        }
        take(piece.get(..got).unwrap_or_default());
    }
}

fn lzo(bytes: &[u8], limit: usize, offset: u64) -> Result<Vec<u8>> {
    lzo::unpack(bytes, limit).map_err(|fault| match fault {
        lzo::Fault::Corrupt(at) => {
            let detail = say!(error_packed_damaged, packing = "lzo");
            Error::corrupt(Layer::Kernel, offset.saturating_add(at as u64), detail)
        }
        lzo::Fault::TooLong => too_long(offset, limit),
    })
}

/// One gzip member; its last four bytes are the length of what it unpacks to.
fn gzip(bytes: &[u8], limit: usize, offset: u64) -> Result<Vec<u8>> {
    let len = bytes.len().checked_sub(4).and_then(|at| le32(bytes, at));
    let len = len.and_then(|n| usize::try_from(n).ok());
    let len = len.ok_or_else(|| fault(offset, say!(error_packed_cut, packing = "gzip")))?;
    if len > limit {
        return Err(too_long(offset, limit));
    }
    if len > bytes.len().saturating_mul(DEFLATE_RATIO) {
        let detail = say!(
            error_packed_ratio,
            packing = "gzip",
            len = bytes.len(),
            expected = len
        );
        return Err(fault(offset, detail));
    }
    let mut out = vec![0; len];
    let got = libdeflater::Decompressor::new()
        .gzip_decompress(bytes, &mut out)
        .map_err(|_| damaged(offset, "gzip"))?;
    if got != len {
        let detail = say!(
            error_packed_length,
            packing = "gzip",
            found = got,
            expected = len
        );
        return Err(fault(offset, detail));
    }
    Ok(out)
}

/// The legacy frame: the magic, then blocks with their packed length (little-endian) before them.
fn lz4(bytes: &[u8], limit: usize, offset: u64, take: &mut dyn FnMut(&[u8])) -> Result<usize> {
    let mut out = 0_usize;
    let mut block = vec![0; LZ4_BLOCK];
    let mut at = 0_usize;
    while at < bytes.len() {
        let here = offset.saturating_add(at as u64);
        let word =
            le32(bytes, at).ok_or_else(|| fault(here, say!(error_packed_cut, packing = "lz4")))?;
        at = at.saturating_add(4);
        // Frames may follow each other, each with its magic.
        if word == LZ4_LEGACY {
            continue;
        }
        let len = usize::try_from(word).unwrap_or(usize::MAX);
        let end = at.saturating_add(len);
        let packed = bytes.get(at..end).filter(|packed| !packed.is_empty());
        let packed = packed.ok_or_else(|| {
            let detail = say!(error_packed_block, packing = "lz4", len = word);
            fault(here, detail)
        })?;
        let got = lz4_flex::block::decompress_into(packed, &mut block)
            .map_err(|_| damaged(here, "lz4"))?;
        out = out.saturating_add(got);
        if out > limit {
            return Err(too_long(offset, limit));
        }
        take(block.get(..got).ok_or_else(|| damaged(here, "lz4"))?);
        at = end;
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: usize = 1 << 20;

    #[test]
    fn what_unpacks_to_more_than_the_limit_is_refused() {
        let zeros = vec![0; LIMIT + 1];
        let packed = zstd::bulk::compress(&zeros, 3).unwrap();
        let got = unpack(Packing::Zstd, &packed, LIMIT, 7).unwrap_err();
        assert_eq!((got.kind, got.offset), (Kind::Limit, Some(7)));
        let sound = unpack(Packing::Zstd, &packed, LIMIT + 1, 0).unwrap();
        assert_eq!(sound, zeros);
    }

    #[test]
    fn a_gzip_length_beyond_what_deflate_can_give_is_refused_before_allocating() {
        let mut bytes = vec![0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3];
        bytes.extend((1_u32 << 19).to_le_bytes());
        assert_eq!(packing(&bytes), Some(Packing::Gzip));
        let got = unpack(Packing::Gzip, &bytes, LIMIT, 0).unwrap_err();
        assert_eq!(got.kind, Kind::Corrupt);
        bytes.truncate(10);
        bytes.extend(u32::MAX.to_le_bytes());
        let got = unpack(Packing::Gzip, &bytes, LIMIT, 0).unwrap_err();
        assert_eq!(got.kind, Kind::Limit);
    }

    #[test]
    fn an_lz4_block_that_crosses_the_end_is_told_with_its_offset() {
        let mut bytes = LZ4_LEGACY.to_le_bytes().to_vec();
        bytes.extend(100_u32.to_le_bytes());
        bytes.extend([0; 10]);
        let got = unpack(Packing::Lz4, &bytes, LIMIT, 1000).unwrap_err();
        assert_eq!((got.kind, got.offset), (Kind::Corrupt, Some(1004)));
        // One block: a token for four literals (LZ4 block format).
        let mut sound = LZ4_LEGACY.to_le_bytes().to_vec();
        sound.extend(5_u32.to_le_bytes());
        sound.extend(b"\x40wxyz");
        assert_eq!(unpack(Packing::Lz4, &sound, LIMIT, 0).unwrap(), b"wxyz");
        assert_eq!(
            unpack(Packing::Lz4, &sound, 3, 0).unwrap_err().kind,
            Kind::Limit
        );
    }

    #[test]
    fn what_is_no_stream_of_its_packing_is_corrupt() {
        let all = [
            Packing::Xz,
            Packing::Lzma,
            Packing::Zstd,
            Packing::Gzip,
            Packing::Bzip2,
            Packing::Lzo,
        ];
        for how in all {
            let got = unpack(how, b"\xFD7zXZ\0\0\0\0\0\0\0", LIMIT, 0).unwrap_err();
            assert_eq!(got.kind, Kind::Corrupt, "{how:?}");
        }
    }
}
