//! Names of the image as names of the host.

use std::collections::HashSet;

use imgscan_core::bytes::hex;
use sha2::{Digest as _, Sha256};

/// The longest name that Linux file systems hold, in bytes.
const NAME_MAX: usize = 255;

/// A name that the host can hold for `name`: a single component that is neither `.` nor `..`.
/// What it can't hold is written as `%` and two hexadecimal digits, and a name that is too long is
/// cut and gets a part of its own digest. Equal to `name` for every ordinary name.
pub(super) fn on_host(name: &[u8]) -> Vec<u8> {
    let dots = matches!(name, b"" | b"." | b"..");
    let mut out = Vec::with_capacity(name.len());
    for b in name {
        match b {
            0 | b'/' => out.extend_from_slice(format!("%{b:02X}").as_bytes()),
            b'.' if dots => out.extend_from_slice(b"%2E"),
            b => out.push(*b),
        }
    }
    if out.is_empty() {
        out.extend_from_slice(b"%");
    }
    if out.len() > NAME_MAX {
        let digest = hex(&Sha256::digest(&out)[..8]);
        // Room for the digest and a suffix against collisions.
        out.truncate(NAME_MAX - 32);
        while out.last().is_some_and(|b| b & 0xC0 == 0x80) {
            out.pop();
        }
        // The byte that began a cut character, where there is one.
        if out.last().is_some_and(|b| *b >= 0xC0) {
            out.pop();
        }
        out.push(b'~');
        out.extend_from_slice(digest.as_bytes());
    }
    out
}

/// `name` itself for the first try, then `name~2`, `name~3` …, within the host's length.
pub(super) fn attempt(name: &[u8], number: u32) -> Vec<u8> {
    let mut out = name.to_vec();
    if number > 1 {
        let suffix = format!("~{number}");
        out.truncate(NAME_MAX - suffix.len());
        out.extend_from_slice(suffix.as_bytes());
    }
    out
}

/// The names that were made in one directory during this run.
#[derive(Default)]
pub(super) struct Made(HashSet<Vec<u8>>);

impl Made {
    pub(super) fn insert(&mut self, name: &[u8]) {
        self.0.insert(name.to_vec());
    }

    pub(super) fn contains(&self, name: &[u8]) -> bool {
        self.0.contains(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_of_the_image_is_never_more_than_one_component() {
        assert_eq!(on_host(b"plain \xff"), b"plain \xff");
        assert_eq!(on_host(b".."), b"%2E%2E");
        assert_eq!(on_host(b"."), b"%2E");
        assert_eq!(on_host(b"../../etc/passwd"), b"..%2F..%2Fetc%2Fpasswd");
        assert_eq!(on_host(b"a\0b"), b"a%00b");
        assert_eq!(on_host(b""), b"%");
        assert_eq!(on_host(b"..."), b"...");
    }

    #[test]
    fn long_names_are_cut_at_a_character_and_stay_apart() {
        let one = on_host("文".repeat(255).as_bytes());
        let other = on_host(format!("{}x", "文".repeat(254)).as_bytes());
        assert!(one.len() <= NAME_MAX && other.len() <= NAME_MAX);
        assert!(std::str::from_utf8(&one).is_ok());
        assert_ne!(one, other);
        assert!(attempt(&one, 1000).len() <= NAME_MAX);
    }
}
