//! Names of the image as names of the host.

use imgscan_core::bytes::hex;
use sha2::{Digest as _, Sha256};

/// The longest name that Linux file systems hold, in bytes.
const NAME_MAX: usize = 255;
/// What stands before and behind the number in a temporary name.
const PART_START: &[u8] = b".imgscan-";
const PART_END: &[u8] = b".part";

/// A name that the host can hold for `name`: a single component that is neither `.` nor `..`.
/// What it can't hold is written as `%` and two hexadecimal digits, as are the dots of what would
/// be a temporary name; and a name that is too long is cut and gets a part of its own digest.
/// Equal to `name` for every ordinary name.
pub(super) fn on_host(name: &[u8]) -> Vec<u8> {
    let dots = matches!(name, b"" | b"." | b"..") || is_part(name);
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

/// The name of the file that is begun as the `number`th in its folder, as long as it is not whole.
pub(super) fn part(number: u64) -> Vec<u8> {
    [PART_START, number.to_string().as_bytes(), PART_END].concat()
}

/// True for a name that [`part`] gives: no file of an image gets one.
pub(super) fn is_part(name: &[u8]) -> bool {
    let lower = name.to_ascii_lowercase();
    let number = lower.strip_prefix(PART_START);
    let number = number.and_then(|n| n.strip_suffix(PART_END));
    number.is_some_and(|n| !n.is_empty() && n.iter().all(u8::is_ascii_digit))
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
        assert_eq!(on_host(&part(7)), b"%2Eimgscan-7%2Epart");
        assert_eq!(on_host(b".imgscan-x.part"), b".imgscan-x.part");
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
