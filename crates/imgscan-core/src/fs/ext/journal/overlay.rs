//! A volume with some of its blocks taken from the journal. Only their places are held.

use std::num::NonZeroU64;
use std::ops::Range;
use std::sync::Arc;

use crate::error::{Layer, Result};
use crate::source::{ReadAt, check_range};

/// The block that replaces another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Patch {
    /// The block of the volume.
    pub block: u64,
    /// The block of the volume, inside the journal, with its contents.
    pub source: u64,
    /// True where its first four bytes are the journal's magic, which it does not store.
    pub escaped: bool,
}

/// The magic of journal blocks, as its bytes stand on the disk.
pub(super) const MAGIC: [u8; 4] = 0xC03B_3998_u32.to_be_bytes();

pub(super) struct Overlay {
    inner: Arc<dyn ReadAt>,
    block_size: NonZeroU64,
    /// By block, each block once.
    patches: Vec<Patch>,
}

impl Overlay {
    /// `inner` with `patches`, which are sorted by block, each block once.
    pub(super) fn new(inner: Arc<dyn ReadAt>, block_size: u64, patches: Vec<Patch>) -> Self {
        Self {
            inner,
            block_size: NonZeroU64::new(block_size).unwrap_or(NonZeroU64::MIN),
            patches,
        }
    }

    fn starting_at(&self, block: u64) -> &[Patch] {
        let at = self.patches.partition_point(|p| p.block < block);
        self.patches.get(at..).unwrap_or_default()
    }
}

impl ReadAt for Overlay {
    fn len(&self) -> u64 {
        self.inner.len()
    }

    fn read_at(&self, mut buf: &mut [u8], mut offset: u64) -> Result<()> {
        check_range(Layer::Ext, offset, buf.len() as u64, self.len())?;
        let mut patches = self.starting_at(offset / self.block_size).iter();
        while !buf.is_empty() {
            let patch = patches.next();
            let start = patch.map_or(u64::MAX, |p| p.block.saturating_mul(self.block_size.get()));
            // First what lies before the patch, then the patch itself.
            let before = start.saturating_sub(offset).min(buf.len() as u64);
            let (part, rest) = buf.split_at_mut(usize::try_from(before).unwrap_or(buf.len()));
            if !part.is_empty() {
                self.inner.read_at(part, offset)?;
            }
            offset = offset.saturating_add(before);
            buf = rest;
            let Some(patch) = patch.filter(|_| !buf.is_empty()) else {
                continue;
            };
            let size = self.block_size.get();
            let skip = offset.saturating_sub(start);
            let len = size.saturating_sub(skip).min(buf.len() as u64);
            let (part, rest) = buf.split_at_mut(usize::try_from(len).unwrap_or(buf.len()));
            let source = patch.source.saturating_mul(size).saturating_add(skip);
            self.inner.read_at(part, source)?;
            if patch.escaped {
                let hidden = MAGIC.iter().skip(usize::try_from(skip).unwrap_or(4));
                part.iter_mut()
                    .zip(hidden)
                    .for_each(|(byte, magic)| *byte = *magic);
            }
            offset = offset.saturating_add(len);
            buf = rest;
        }
        Ok(())
    }

    fn next_data(&self, from: u64) -> Result<Option<Range<u64>>> {
        let patch = self.starting_at(from / self.block_size).first().map(|p| {
            let size = self.block_size.get();
            let start = p.block.saturating_mul(size);
            start.max(from)..start.saturating_add(size).min(self.len())
        });
        let found = self.inner.next_data(from)?;
        Ok(match (patch, found) {
            (Some(p), Some(f)) if p.start < f.start => Some(p),
            (Some(p), None) => (p.start < p.end).then_some(p),
            (_, found) => found,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::MemorySource;

    #[test]
    fn reads_across_patches_at_any_offset() {
        let mut plain: Vec<u8> = (0..10 * 16).map(|i| i / 16).collect();
        let patches = vec![
            Patch {
                block: 2,
                source: 8,
                escaped: false,
            },
            Patch {
                block: 3,
                source: 9,
                escaped: true,
            },
            Patch {
                block: 5,
                source: 8,
                escaped: true,
            },
        ];
        let overlay = Overlay::new(Arc::new(MemorySource(plain.clone())), 16, patches);
        plain[32..48].fill(8);
        plain[48..64].fill(9);
        plain[80..96].fill(8);
        plain[48..52].copy_from_slice(&MAGIC);
        plain[80..84].copy_from_slice(&MAGIC);
        for offset in 0..160 {
            for len in 0..160 - offset {
                let mut buf = vec![0xFF; len];
                overlay.read_at(&mut buf, offset as u64).unwrap();
                assert_eq!(buf, plain[offset..offset + len], "{offset} {len}");
            }
        }
        assert!(overlay.read_at(&mut [0; 2], 159).is_err());
    }
}
