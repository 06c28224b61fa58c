//! The binary indexes that depmod writes: `modules.dep.bin` and its like.
//!
//! Source: kmod `libkmod/libkmod-index.c`: magic 0xB007F457, version 0x00020001, then the offset of
//! the root; all big-endian. The upper four bits of an offset tell what the node has: a prefix
//! (0x80), values (0x40), children (0x20). Children: first and last character, then their offsets.
//! Values: their number, then of each a priority and a text with its NUL.

use crate::bytes::be32;
use crate::error::{Error, Layer, Result};

const MAGIC: u32 = 0xB007_F457;
const VERSION: u32 = 0x0002_0001;
const OFFSET: u32 = 0x0FFF_FFFF;
const PREFIX: u32 = 0x8000_0000;
const VALUES: u32 = 0x4000_0000;
const CHILDREN: u32 = 0x2000_0000;
/// The longest key, and bytes of all keys on the way.
const MAX_KEY: usize = 4096;
const MAX_KEYS: usize = 64 << 20;

fn bad(at: usize, what: crate::text::Text) -> Error {
    Error::corrupt(Layer::Kernel, at as u64, what)
}

/// The text up to its NUL at `at`, and where the next byte is.
fn text(bytes: &[u8], at: usize) -> Result<(&[u8], usize)> {
    let rest = bytes.get(at..).unwrap_or_default();
    let len = rest.iter().position(|b| *b == 0);
    let len = len.ok_or_else(|| bad(at, say!(error_index_text)))?;
    Ok((&rest[..len], at + len + 1))
}

/// All pairs of key and value, in the order of the tree.
///
/// # Errors
/// For no index, and for one whose nodes lie outside of it or are reached twice; offsets are those
/// in `bytes`.
pub(super) fn pairs(bytes: &[u8]) -> Result<Vec<(Vec<u8>, Vec<u8>)>> {
    if be32(bytes, 0) != Some(MAGIC) || be32(bytes, 4) != Some(VERSION) {
        return Err(bad(0, say!(error_index_none)));
    }
    let root = be32(bytes, 8).ok_or_else(|| bad(8, say!(error_index_cut)))?;
    let mut out = Vec::new();
    let mut todo = vec![(root, Vec::new())];
    // Every node has bytes of its own: more visits than bytes are a loop.
    let (mut visits, mut spent) = (0, 0);
    while let Some((node, mut key)) = todo.pop() {
        let mut at = (node & OFFSET) as usize;
        visits += 1;
        if visits > bytes.len() || key.len() > MAX_KEY || spent > MAX_KEYS {
            return Err(bad(at, say!(error_index_loop)));
        }
        if node & PREFIX != 0 {
            let (prefix, next) = text(bytes, at)?;
            key.extend_from_slice(prefix);
            at = next;
        }
        if node & CHILDREN != 0 {
            let range = bytes.get(at..at.saturating_add(2));
            let Some(&[first, last]) = range else {
                return Err(bad(at, say!(error_index_node)));
            };
            at += 2;
            for c in first..=last {
                let child = be32(bytes, at).ok_or_else(|| bad(at, say!(error_index_node)))?;
                at += 4;
                if child & OFFSET != 0 {
                    let mut key = key.clone();
                    key.push(c);
                    spent += key.len();
                    todo.push((child, key));
                }
            }
        }
        if node & VALUES != 0 {
            let count = be32(bytes, at).ok_or_else(|| bad(at, say!(error_index_node)))?;
            at += 4;
            for _ in 0..count {
                let (value, next) = text(bytes, at.saturating_add(4))?;
                at = next;
                spent += key.len();
                out.push((key.clone(), value.to_vec()));
                if out.len() > bytes.len() || spent > MAX_KEYS {
                    return Err(bad(at, say!(error_index_loop)));
                }
            }
        }
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `modules.softdep` has no index; this is the form of kmod 30 for the keys `ab` and `ac`.
    fn small() -> Vec<u8> {
        let mut b = MAGIC.to_be_bytes().to_vec();
        b.extend(VERSION.to_be_bytes());
        b.extend((12 | PREFIX | CHILDREN).to_be_bytes());
        b.extend(b"a\0bc");
        b.extend((24 | VALUES).to_be_bytes());
        b.extend((34 | VALUES).to_be_bytes());
        for value in ["x", "yz"] {
            b.extend(1_u32.to_be_bytes());
            b.extend(0_u32.to_be_bytes());
            b.extend(value.bytes());
            b.push(0);
        }
        b
    }

    #[test]
    fn keys_and_values_are_read_and_loops_are_told() {
        let mut b = small();
        let mut got = pairs(&b).unwrap();
        got.sort();
        let pair = |k: &str, v: &str| (k.as_bytes().to_vec(), v.as_bytes().to_vec());
        assert_eq!(got, [pair("ab", "x"), pair("ac", "yz")]);
        b[16..20].copy_from_slice(&(12 | PREFIX | CHILDREN).to_be_bytes());
        assert!(pairs(&b).is_err());
        for len in 0..small().len() {
            assert!(pairs(&small()[..len]).is_err(), "{len}");
        }
    }
}
