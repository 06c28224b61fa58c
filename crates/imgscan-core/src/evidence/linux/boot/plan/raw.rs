//! Bytes as text, one character for each byte: what boot loaders read has no encoding, and a byte
//! must never turn into a backslash on its way through a script.

use crate::text::lossless;

/// The bytes as characters U+0000 to U+00FF.
pub(crate) fn raw(bytes: &[u8]) -> String {
    bytes.iter().map(|b| char::from(*b)).collect()
}

/// The bytes that `text` stands for.
pub(crate) fn bytes(text: &str) -> Vec<u8> {
    text.chars().map(|c| c as u8).collect()
}

/// `text` for people: UTF-8 as such, other bytes as `\xNN`.
pub(crate) fn show(text: &str) -> String {
    lossless(&bytes(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_comes_back() {
        let all: Vec<u8> = (0..=255).collect();
        assert_eq!(bytes(&raw(&all)), all);
        assert_eq!(show(&raw("ü".as_bytes())), "ü");
        assert_eq!(show(&raw(b"a\xa0b")), "a\\xa0b");
    }
}
