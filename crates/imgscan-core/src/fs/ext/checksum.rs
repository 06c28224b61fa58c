//! The checksums of ext: CRC-32C as the kernel runs it (start value given, no final inversion),
//! CRC-16 of group descriptors, and the big-endian CRC-32 of old journals.

/// CRC-32C over `bytes`, continued from `crc`. The first start value is `!0`.
pub(super) fn crc32c(crc: u32, bytes: &[u8]) -> u32 {
    !::crc32c::crc32c_append(!crc, bytes)
}

/// CRC-16 (polynomial 0x8005, reflected) over `bytes`, continued from `crc`.
pub(super) fn crc16(crc: u16, bytes: &[u8]) -> u16 {
    bytes.iter().fold(crc, |crc, byte| {
        (0..8).fold(crc ^ u16::from(*byte), |crc, _| {
            if crc & 1 == 1 {
                (crc >> 1) ^ 0xA001
            } else {
                crc >> 1
            }
        })
    })
}

/// CRC-32 with the high bit first (polynomial 0x04C11DB7) over `bytes`, continued from `crc`.
#[expect(
    clippy::indexing_slicing,
    reason = "a byte indexes a table of 256; checked access would cost in the inner loop"
)]
pub(super) fn crc32_be(crc: u32, bytes: &[u8]) -> u32 {
    bytes.iter().fold(crc, |crc, byte| {
        let [high, ..] = crc.to_be_bytes();
        (crc << 8) ^ CRC32_BE[usize::from(high ^ byte)]
    })
}

#[expect(clippy::indexing_slicing, reason = "computed by the compiler")]
static CRC32_BE: [u32; 256] = {
    let mut table = [0; 256];
    let mut i = 0;
    while i < 256 {
        #[expect(clippy::cast_possible_truncation, reason = "the index is below 256")]
        let mut crc = (i as u32) << 24;
        let mut bit = 0;
        while bit < 8 {
            crc = if crc & 0x8000_0000 != 0 {
                (crc << 1) ^ 0x04C1_1DB7
            } else {
                crc << 1
            };
            bit += 1;
        }
        table[i] = crc;
        i += 1;
    }
    table
};

#[cfg(test)]
mod tests {
    use super::*;

    /// The check values of the CRC catalogue for "123456789" (CRC-32/ISCSI, CRC-16/MODBUS,
    /// CRC-32/MPEG-2), without a final inversion.
    #[test]
    fn check_values() {
        assert_eq!(!crc32c(!0, b"123456789"), 0xE306_9283);
        assert_eq!(crc16(!0, b"123456789"), 0x4B37);
        assert_eq!(crc32_be(!0, b"123456789"), 0x0376_E6E7);
    }
}
