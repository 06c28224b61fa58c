//! Mutations for inputs that `patched` reads: what a change writes is made from what stands there, so that a
//! length becomes a length that is a little too long and a reference one to another record.

#![allow(dead_code)]

use crate::patched::BLOCK;

/// Most changes of one input.
const MOST: usize = 24;

/// Where mutations are made: a volume, its blocks that are not zeros throughout, and how many bytes of an input
/// stand before its changes.
pub struct Ground<'a> {
    pub volume: &'a [u8],
    pub used: &'a [usize],
    pub head: usize,
}

/// Numbers without an end (xorshift), the same for the same seed.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u32) -> Self {
        Self(u64::from(seed).wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    /// One of `0..end`; zero where there is none.
    pub fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 20) as usize % end.max(1)
    }
}

struct Change {
    block: u16,
    at: u16,
    bytes: Vec<u8>,
}

/// The changes of an input, as `patched::patched` reads them.
fn parse(mut input: &[u8]) -> Vec<Change> {
    let mut changes = Vec::new();
    while let Some((&[a, b, c, d, len], tail)) = input.split_first_chunk() {
        let len = usize::from(len % 32).min(tail.len());
        let (block, at) = (u16::from_le_bytes([a, b]), u16::from_le_bytes([c, d]));
        changes.push(Change { block, at, bytes: tail[..len].to_vec() });
        input = &tail[len..];
    }
    changes
}

/// Bytes that a number of the bytes `old` (little-endian) may become.
fn number(old: &[u8], random: &mut Random) -> Vec<u8> {
    if old.is_empty() {
        return Vec::new();
    }
    let mut wide = [0; 8];
    wide[..old.len()].copy_from_slice(old);
    let (value, bits) = (u64::from_le_bytes(wide), old.len() * 8);
    let new = match random.below(9) {
        0 => value ^ 1 << random.below(bits),
        1 => value.wrapping_add(1),
        2 => value.wrapping_sub(1),
        3 => value.wrapping_add(random.below(64) as u64),
        4 => 0,
        5 => u64::MAX,
        6 => u64::MAX >> (64 - bits + 1),
        7 => value << random.below(8),
        _ => 1 << random.below(bits),
    };
    new.to_le_bytes()[..old.len()].to_vec()
}

/// A place that is used, on a border of `size` bytes.
fn place(ground: &Ground, size: usize, random: &mut Random) -> (usize, usize) {
    (random.below(ground.used.len()), random.below(BLOCK / size) * size)
}

fn change(ground: &Ground, random: &mut Random) -> Change {
    let size = [1, 1, 2, 4, 8][random.below(5)];
    let (block, at) = place(ground, size, random);
    let there = |block: usize, at: usize, size: usize| {
        let from = ground.used[block] * BLOCK + at;
        ground.volume[from..(from + size).min(ground.volume.len())].to_vec()
    };
    let (block16, at16) = (block as u16, at as u16);
    match random.below(8) {
        // What stands at another place in a block: another record, name or reference.
        0 | 1 => {
            let size = [4, 8, 16, 24][random.below(4)];
            let at = at / 8 * 8;
            let (from, _) = place(ground, 8, random);
            let other = if random.below(2) == 0 { block } else { from };
            let from = [at, random.below(BLOCK / 8) * 8][random.below(2)];
            let size = size.min(BLOCK - from).min(BLOCK - at);
            Change { block: block16, at: at as u16, bytes: there(other, from, size) }
        }
        // Nothing at all.
        2 => Change { block: block16, at: at16, bytes: vec![0; (1 + random.below(31)).min(BLOCK - at)] },
        _ => Change { block: block16, at: at16, bytes: number(&there(block, at, size), random) },
    }
}

/// Changes the input of `size` bytes that is in `data`, and returns its new length, at most `max`.
pub fn mutate(ground: &Ground, data: &mut [u8], size: usize, max: usize, seed: u32) -> usize {
    let mut random = Random::new(seed);
    let head = ground.head.min(size);
    if size < ground.head || random.below(4) == 0 {
        return libfuzzer_sys::fuzzer_mutate(data, size, max);
    }
    let mut changes = parse(&data[head..size]);
    for _ in 0..1 + random.below(3) {
        match random.below(6) {
            0 if !changes.is_empty() => {
                changes.swap_remove(random.below(changes.len()));
            }
            1 if !changes.is_empty() => {
                let n = random.below(changes.len());
                changes[n].bytes = number_or_all(&changes[n].bytes, &mut random);
            }
            _ if changes.len() < MOST => changes.push(change(ground, &mut random)),
            _ => {}
        }
    }
    let mut new = data[..head].to_vec();
    for change in changes {
        let [a, b] = change.block.to_le_bytes();
        let [c, d] = change.at.to_le_bytes();
        let bytes = &change.bytes[..change.bytes.len().min(31)];
        if new.len() + 5 + bytes.len() > max {
            break;
        }
        new.extend([a, b, c, d, bytes.len() as u8]);
        new.extend(bytes);
    }
    data[..new.len()].copy_from_slice(&new);
    new.len()
}

fn number_or_all(bytes: &[u8], random: &mut Random) -> Vec<u8> {
    match bytes.len() {
        1..=8 => number(bytes, random),
        _ => bytes.iter().map(|b| b ^ (random.below(32) == 0) as u8).collect(),
    }
}
