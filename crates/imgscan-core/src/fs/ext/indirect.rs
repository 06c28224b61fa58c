//! Block maps of ext2 and ext3: 12 direct blocks, then single, double and triple indirect ones.

use super::inode::Inode;
use super::map::{Builder, END};
use crate::bytes::le32;

const DIRECT: u64 = 12;

/// Reads the map in `inode`, as far as the file's size goes.
pub(super) fn read(builder: &mut Builder<'_>, inode: &Inode) {
    let size = u64::from(builder.core.sb.block_size);
    let end = inode.size().div_ceil(size).min(END);
    let per_block = size / 4;
    let words = inode
        .map()
        .chunks_exact(4)
        .map(|w| u64::from(le32(w, 0).unwrap_or(0)));
    let mut start = 0;
    for ((number, block), at) in (0..).zip(words).zip((inode.map_at()..).step_by(4)) {
        let depth = u32::try_from(u64::saturating_sub(number, DIRECT - 1)).unwrap_or(0);
        let span = per_block.saturating_pow(depth);
        if start >= end {
            return;
        }
        tree(builder, block, depth, start, end, at);
        start = start.saturating_add(span);
    }
    if start < end {
        let error = crate::Error::corrupt(
            crate::Layer::Ext,
            inode.at.saturating_add(4),
            say!(error_ext_map_reach, size = inode.size()),
        );
        builder.bad(start, end, error);
    }
}

/// Adds what `block` maps from block `start` of the file on; `at` is where `block` is named.
fn tree(builder: &mut Builder<'_>, block: u64, depth: u32, start: u64, end: u64, at: u64) {
    if block == 0 || builder.full() {
        return;
    }
    let Some(below) = depth.checked_sub(1) else {
        let place = builder.data(block, 1, at);
        builder.push(start, start.saturating_add(1), place);
        return;
    };
    let per_block = u64::from(builder.core.sb.block_size) / 4;
    let child = per_block.saturating_pow(below);
    let bytes = match builder.node(block) {
        Ok(bytes) => bytes,
        Err(e) => {
            let reach = start.saturating_add(child.saturating_mul(per_block));
            builder.bad(start, reach.min(end), e);
            return;
        }
    };
    let at = block.saturating_mul(builder.core.sb.block_size.into());
    let mut start = start;
    for (word, at) in bytes.chunks_exact(4).zip((at..).step_by(4)) {
        if start >= end {
            return;
        }
        tree(
            builder,
            u64::from(le32(word, 0).unwrap_or(0)),
            below,
            start,
            end,
            at,
        );
        start = start.saturating_add(child);
    }
}
