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
        let body = start.checked_add(len).and_then(|end| bytes.get(start..end));
        let body = body.ok_or_else(|| corrupt(at as u64, say!(error_openpgp_end)))?;
        out.push(Packet {
            tag,
            body,
            offset: at as u64,
        });
        at = start + len;
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
    if first & 0x40 == 0 {
        let (size, len) = match first & 3 {
            0 => (1, usize::from(*bytes.get(at + 1)?)),
            1 => (2, usize::from(be16(bytes, at + 1)?)),
            2 => (4, usize::try_from(be32(bytes, at + 1)?).ok()?),
            _ => return None,
        };
        return Some((first >> 2 & 15, at + 1 + size, len));
    }
    let (len, size) = length(bytes, at + 1)?;
    Some((first & 63, at + 1 + size, len))
}

/// A length as new packets and subpackets have it, and how many bytes it takes (section 4.2.1).
pub(super) fn length(bytes: &[u8], at: usize) -> Option<(usize, usize)> {
    let first = usize::from(*bytes.get(at)?);
    match first {
        0..192 => Some((first, 1)),
        192..224 => Some((
            (first - 192) * 256 + usize::from(*bytes.get(at + 1)?) + 192,
            2,
        )),
        255 => Some((usize::try_from(be32(bytes, at + 1)?).ok()?, 5)),
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
        Ok(self.take(1)?[0])
    }

    pub(super) fn u16(&mut self) -> Result<u16> {
        Ok(be16(self.take(2)?, 0).unwrap_or(0))
    }

    pub(super) fn u32(&mut self) -> Result<u32> {
        Ok(be32(self.take(4)?, 0).unwrap_or(0))
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
            let empty = lines.iter().position(|l| l.is_empty());
            let start = empty.filter(|i| lines[..*i].iter().all(|l| l.contains(": ")));
            let data = &lines[start.map_or(0, |i| i + 1)..];
            // The line with the CRC begins with an equals sign.
            let data = data.iter().filter(|l| !l.starts_with('='));
            let joined: String = data.copied().collect();
            base64::engine::general_purpose::STANDARD
                .decode(joined)
                .ok()
        })
        .collect()
}
