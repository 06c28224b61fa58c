//! Microcode for processors, which the kernel finds in the first archive.
//!
//! Source: Linux `Documentation/arch/x86/microcode.rst`; the header of an Intel update has its
//! total size, little-endian, at byte 32 (Intel SDM vol. 3, "Microcode Update Facilities"; 0 stands
//! for 2,048).

use std::collections::BTreeSet;

use sha2::{Digest as _, Sha256};

use crate::bytes::le32;
use crate::evidence::linux::kernel::ring0::Facts;
use crate::source::read_all;

const FOLDERS: &[&str] = &["/lib/firmware/intel-ucode", "/lib/firmware/amd-ucode"];
const MAX_FILE: u64 = 16 << 20;
const MAX_ALL: usize = 64 << 20;

/// True where `bytes` are updates of the root file system one after another.
pub(super) fn explained(facts: &Facts<'_>, bytes: &[u8]) -> bool {
    let mut files: Vec<Vec<u8>> = Vec::new();
    let mut gaps = Vec::new();
    for folder in FOLDERS {
        for path in facts.reader.children(folder.as_bytes(), &mut gaps) {
            let Some(at) = facts.reader.find(&path, &mut gaps) else {
                continue;
            };
            let file = at.open().and_then(|f| read_all(f.as_ref(), MAX_FILE));
            if let Ok(file) = file
                && files.iter().map(Vec::len).sum::<usize>() + file.len() <= MAX_ALL
            {
                files.push(file);
            }
        }
    }
    // Longest first: one file may begin with another.
    files.sort_by_key(|f| std::cmp::Reverse(f.len()));
    whole(&files, bytes) || updates(&files, bytes)
}

/// Whole files one after another.
fn whole(files: &[Vec<u8>], bytes: &[u8]) -> bool {
    let mut rest = bytes;
    while !rest.is_empty() {
        let next = files.iter().filter(|f| !f.is_empty());
        let Some(left) = next.filter_map(|f| rest.strip_prefix(f.as_slice())).next() else {
            return false;
        };
        rest = left;
    }
    true
}

/// Single updates of Intel's files, which the tools choose by processor.
fn updates(files: &[Vec<u8>], bytes: &[u8]) -> bool {
    let mut known = BTreeSet::new();
    for file in files {
        known.extend(split(file).unwrap_or_default());
    }
    split(bytes).is_some_and(|all| all.iter().all(|u| known.contains(u)))
}

/// The digests of the updates in `bytes`.
fn split(bytes: &[u8]) -> Option<Vec<[u8; 32]>> {
    let mut all = Vec::new();
    let mut rest = bytes;
    while !rest.is_empty() {
        let len = match le32(rest, 32)? {
            0 => 2048,
            n => usize::try_from(n).ok()?,
        };
        if len < 48 || le32(rest, 0) != Some(1) {
            return None;
        }
        let (one, left) = rest.split_at_checked(len)?;
        all.push(Sha256::digest(one).into());
        rest = left;
    }
    Some(all)
}
