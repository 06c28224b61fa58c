//! Fixed-width integers out of byte slices. `None` where the slice is too short: a parser turns
//! that into its own error with its own offset.

#![warn(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    clippy::indexing_slicing
)]
#![cfg_attr(
    test,
    allow(
        clippy::arithmetic_side_effects,
        clippy::cast_possible_truncation,
        clippy::cast_possible_wrap,
        clippy::cast_sign_loss,
        clippy::indexing_slicing
    )
)]

macro_rules! reader {
    ($($name:ident, $ty:ty, $from:ident, $doc:literal;)*) => {$(
        #[doc = $doc]
        #[must_use]
        pub fn $name(bytes: &[u8], at: usize) -> Option<$ty> {
            let end = at.checked_add(size_of::<$ty>())?;
            Some(<$ty>::$from(bytes.get(at..end)?.try_into().ok()?))
        }
    )*};
}

reader! {
    le16, u16, from_le_bytes, "The little-endian 16-bit integer at byte `at`.";
    le32, u32, from_le_bytes, "The little-endian 32-bit integer at byte `at`.";
    le64, u64, from_le_bytes, "The little-endian 64-bit integer at byte `at`.";
    be16, u16, from_be_bytes, "The big-endian 16-bit integer at byte `at`.";
    be32, u32, from_be_bytes, "The big-endian 32-bit integer at byte `at`.";
    be64, u64, from_be_bytes, "The big-endian 64-bit integer at byte `at`.";
}

/// The `N` bytes at byte `at`.
#[must_use]
pub fn array<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..)?.first_chunk().copied()
}

/// UTF-16 (little-endian) up to its first NUL, as text; what is no valid character stands as its
/// replacement. An odd last byte is left out.
#[must_use]
pub fn utf16_to_nul(bytes: &[u8]) -> String {
    let units = bytes.as_chunks::<2>().0.iter();
    let units: Vec<u16> = units
        .map(|u| u16::from_le_bytes(*u))
        .take_while(|u| *u != 0)
        .collect();
    String::from_utf16_lossy(&units)
}

/// A GUID in its mixed-endian disk form (16 bytes), as upper-case text.
///
/// The first three fields are little-endian, the last eight bytes are in order: UEFI
/// specification 2.10, appendix A.
#[must_use]
pub fn guid(bytes: &[u8; 16]) -> String {
    let b = bytes;
    format!(
        "{:02X}{:02X}{:02X}{:02X}-{:02X}{:02X}-{:02X}{:02X}-{:02X}{:02X}-\
         {:02X}{:02X}{:02X}{:02X}{:02X}{:02X}",
        b[3],
        b[2],
        b[1],
        b[0],
        b[5],
        b[4],
        b[7],
        b[6],
        b[8],
        b[9],
        b[10],
        b[11],
        b[12],
        b[13],
        b[14],
        b[15]
    )
}

/// Lower-case hexadecimal of `bytes`.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    let len = bytes.len().saturating_mul(2);
    bytes.iter().fold(String::with_capacity(len), |mut out, b| {
        let _ = write!(out, "{b:02x}");
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_both_byte_orders_and_refuses_short_slices() {
        let b = [1, 2, 3, 4, 5, 6, 7, 8];
        assert_eq!(le16(&b, 0), Some(0x0201));
        assert_eq!(be32(&b, 4), Some(0x0506_0708));
        assert_eq!(le64(&b, 0), Some(0x0807_0605_0403_0201));
        assert_eq!(le64(&b, 1), None);
        assert_eq!(le16(&b, usize::MAX), None);
        assert_eq!(array(&b, 6), Some([7, 8]));
        assert_eq!(array::<2>(&b, 7), None);
        assert_eq!(array::<2>(&b, usize::MAX), None);
    }

    #[test]
    fn guid_text_is_the_one_that_sgdisk_prints_for_an_efi_system_partition() {
        let disk = [
            0x28, 0x73, 0x2a, 0xc1, 0x1f, 0xf8, 0xd2, 0x11, 0xba, 0x4b, 0x00, 0xa0, 0xc9, 0x3e,
            0xc9, 0x3b,
        ];
        assert_eq!(guid(&disk), "C12A7328-F81F-11D2-BA4B-00A0C93EC93B");
    }
}
