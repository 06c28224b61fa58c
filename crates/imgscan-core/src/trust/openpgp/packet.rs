//! Packets and armour. Format: RFC 9580, sections 3, 4.2 and 6. Integers are big-endian.

use crate::bytes::{be16, be32};
use crate::error::{Error, Layer, Result};
use crate::text::Text;

/// Types of packets.
pub(super) mod tag {
    pub(in super::super) const SIGNATURE: u8 = 2;
    pub(in super::super) const KEY: u8 = 6;
    pub(in super::super) const USER_ID: u8 = 13;
    pub(in super::super) const SUBKEY: u8 = 14;
}

/// A packet.
#[derive(Debug, Clone, Copy)]
pub(super) struct Packet<'a> {
    pub(super) tag: u8,
    pub(super) body: &'a [u8],
    /// Where it begins.
    pub(super) offset: u64,
}

pub(super) fn corrupt(offset: u64, why: Text) -> Error {
    Error::corrupt(Layer::Signature, offset, say!(error_openpgp, why = why))
}

/// The packets of `bytes`, up to `most`.
pub(super) fn packets(bytes: &[u8], most: usize) -> Result<Vec<Packet<'_>>> {
    let mut out = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        if out.len() == most {
            let what = say!(error_signature_too_many, most = most, what = "packets");
            return Err(Error::limit(Layer::Signature, at as u64, what));
        }
        let (tag, start, len) =
            head(bytes, at).ok_or_else(|| corrupt(at as u64, say!(error_openpgp_head)))?;
        let end = start.saturating_add(len);
        let body = bytes.get(start..end);
        let body = body.ok_or_else(|| corrupt(at as u64, say!(error_openpgp_end)))?;
        out.push(Packet {
            tag,
            body,
            offset: at as u64,
        });
        at = end;
    }
    Ok(out)
}

/// Tag, start of the body and its length. Partial and open lengths are for data, not for keys and
/// signatures.
fn head(bytes: &[u8], at: usize) -> Option<(u8, usize, usize)> {
    let first = *bytes.get(at)?;
    if first & 0x80 == 0 {
        return None;
    }
    let at = at.checked_add(1)?;
    let (tag, len, size) = if first & 0x40 == 0 {
        let (size, len) = match first & 3 {
            0 => (1, usize::from(*bytes.get(at)?)),
            1 => (2, usize::from(be16(bytes, at)?)),
            2 => (4, usize::try_from(be32(bytes, at)?).ok()?),
            _ => return None,
        };
        (first >> 2 & 15, len, size)
    } else {
        let (len, size) = length(bytes, at)?;
        (first & 63, len, size)
    };
    Some((tag, at.checked_add(size)?, len))
}

/// A length as new packets and subpackets have it, and how many bytes it takes (section 4.2.1).
pub(super) fn length(bytes: &[u8], at: usize) -> Option<(usize, usize)> {
    let first = *bytes.get(at)?;
    let behind = at.checked_add(1)?;
    match first {
        0..192 => Some((first.into(), 1)),
        // Of the first byte 192 is taken, and 192 is added to both.
        192..224 => {
            let both = u16::from_be_bytes([first & 0x1F, *bytes.get(behind)?]);
            Some((usize::from(both).checked_add(192)?, 2))
        }
        255 => Some((usize::try_from(be32(bytes, behind)?).ok()?, 5)),
        _ => None,
    }
}

/// A cursor over the body of a packet.
pub(super) struct Fields<'a> {
    pub(super) rest: &'a [u8],
    offset: u64,
}

impl<'a> Fields<'a> {
    pub(super) fn of(packet: &Packet<'a>) -> Self {
        Self {
            rest: packet.body,
            offset: packet.offset,
        }
    }

    pub(super) fn take(&mut self, n: usize) -> Result<&'a [u8]> {
        let cut = || corrupt(self.offset, say!(error_openpgp_cut));
        let (taken, rest) = self.rest.split_at_checked(n).ok_or_else(cut)?;
        self.rest = rest;
        Ok(taken)
    }

    pub(super) fn u8(&mut self) -> Result<u8> {
        self.array().map(u8::from_be_bytes)
    }

    pub(super) fn u16(&mut self) -> Result<u16> {
        self.array().map(u16::from_be_bytes)
    }

    pub(super) fn u32(&mut self) -> Result<u32> {
        self.array().map(u32::from_be_bytes)
    }

    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        let cut = || corrupt(self.offset, say!(error_openpgp_cut));
        let (taken, rest) = self.rest.split_first_chunk().ok_or_else(cut)?;
        self.rest = rest;
        Ok(*taken)
    }

    /// A multiprecision integer (section 3.2): its length in bits, then its bytes.
    pub(super) fn mpi(&mut self) -> Result<&'a [u8]> {
        let bits = usize::from(self.u16()?);
        self.take(bits.div_ceil(8))
    }
}

/// The bodies of the armoured blocks with `label` in `text`; the CRC is not looked at, as it
/// protects from nobody.
pub(super) fn armoured(text: &[u8], label: &str) -> Vec<Vec<u8>> {
    use base64::Engine as _;
    let text = String::from_utf8_lossy(text);
    let (begin, end) = (
        format!("-----BEGIN {label}-----"),
        format!("-----END {label}-----"),
    );
    let blocks = text.split(begin.as_str()).skip(1);
    blocks
        .filter_map(|block| {
            let body = block.split(end.as_str()).next()?;
            // Headers of armour end at the first empty line; without any the data begins at once.
            let lines: Vec<&str> = body.lines().map(str::trim).skip(1).collect();
            let mut parts = lines.splitn(2, |l| l.is_empty());
            let data = match (parts.next(), parts.next()) {
                (Some(headers), Some(data)) if headers.iter().all(|l| l.contains(": ")) => data,
                _ => &lines,
            };
            // The line with the CRC begins with an equals sign.
            let data = data.iter().filter(|l| !l.starts_with('='));
            let joined: String = data.copied().collect();
            base64::engine::general_purpose::STANDARD
                .decode(joined)
                .ok()
        })
        .collect()
}
