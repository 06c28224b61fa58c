//! A sound volume with some pieces replaced: small inputs reach deep into a large volume.

#![allow(dead_code)]

use std::io::Read as _;
use std::sync::Arc;

use imgscan_core::Result;
use imgscan_core::source::{ReadAt, check_range};

pub const BLOCK: usize = 1024;

/// A packed fixture.
pub fn unpack(packed: &[u8]) -> Vec<u8> {
    zstd::decode_all(packed).expect("fixture")
}

/// A volume packed as its difference from `other` (`zstd --patch-from`).
pub fn unpack_by(packed: &[u8], other: &[u8]) -> Vec<u8> {
    let mut volume = Vec::new();
    let decoder = zstd::stream::read::Decoder::with_ref_prefix(packed, other);
    decoder.and_then(|mut d| d.read_to_end(&mut volume)).expect("fixture");
    volume
}

/// The blocks of a volume that are not zeros throughout: where changes are worth while.
pub fn used(volume: &[u8]) -> Vec<usize> {
    let blocks = volume.chunks(BLOCK).enumerate();
    blocks.filter(|(_, b)| b.iter().any(|b| *b != 0)).map(|(i, _)| i).collect()
}

/// `volume` with the changes that `input` describes, one after another: which of the `used` blocks
/// (16 bits), the byte in the block (16 bits), a length (8 bits, low five used) and the new bytes.
pub fn patched(volume: &'static [u8], used: &[usize], mut input: &[u8]) -> Arc<dyn ReadAt> {
    let mut pieces = Vec::new();
    while let Some((&[a, b, c, d, len], tail)) = input.split_first_chunk() {
        let block = used[usize::from(u16::from_le_bytes([a, b])) % used.len()];
        let at = block * BLOCK + usize::from(u16::from_le_bytes([c, d])) % BLOCK;
        let len = usize::from(len % 32).min(tail.len()).min(volume.len() - at);
        pieces.push((at, tail[..len].to_vec()));
        input = &tail[len..];
    }
    Arc::new(Patched { base: volume, pieces })
}

/// A volume with some pieces replaced.
pub struct Patched {
    pub base: &'static [u8],
    pub pieces: Vec<(usize, Vec<u8>)>,
}

impl ReadAt for Patched {
    fn len(&self) -> u64 {
        self.base.len() as u64
    }

    fn read_at(&self, buf: &mut [u8], offset: u64) -> Result<()> {
        check_range(imgscan_core::Layer::Raw, offset, buf.len() as u64, self.len())?;
        let start = offset as usize;
        let end = start + buf.len();
        buf.copy_from_slice(&self.base[start..end]);
        for (at, piece) in &self.pieces {
            let (from, to) = (start.max(*at), end.min(at + piece.len()));
            if from < to {
                buf[from - start..to - start].copy_from_slice(&piece[from - at..to - at]);
            }
        }
        Ok(())
    }
}
