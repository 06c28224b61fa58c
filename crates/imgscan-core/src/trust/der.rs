//! DER as X.690 defines it: one tag, length, value after another, borrowed from the input.
//!
//! Own code because signatures are computed over raw ranges that must stay exactly as they are,
//! and because real Authenticode data breaks the strict ordering of SET OF that general decoders
//! insist on.

use crate::error::{Error, Layer, Result};
use crate::text::Text;

/// Universal and context tags that the signature formats use.
pub(crate) mod tag {
    pub(crate) const BOOLEAN: u8 = 0x01;
    pub(crate) const INTEGER: u8 = 0x02;
    pub(crate) const BIT_STRING: u8 = 0x03;
    pub(crate) const OCTET_STRING: u8 = 0x04;
    pub(crate) const OID: u8 = 0x06;
    pub(crate) const UTC_TIME: u8 = 0x17;
    pub(crate) const GENERALIZED_TIME: u8 = 0x18;
    pub(crate) const SEQUENCE: u8 = 0x30;
    pub(crate) const SET: u8 = 0x31;
    /// `[n]` constructed.
    pub(crate) const fn context(n: u8) -> u8 {
        0xA0 | n
    }
    /// `[n]` primitive (implicit string types).
    pub(crate) const fn implicit(n: u8) -> u8 {
        0x80 | n
    }
}

/// One element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Element<'a> {
    pub(crate) tag: u8,
    /// The value.
    pub(crate) body: &'a [u8],
    /// Tag, length and value.
    pub(crate) raw: &'a [u8],
    /// Byte offset of the tag in the outermost input.
    pub(crate) offset: u64,
}

impl<'a> Element<'a> {
    /// Reads the elements inside.
    pub(crate) fn reader(&self) -> Reader<'a> {
        let header = self.raw.len().saturating_sub(self.body.len());
        Reader {
            left: self.body,
            offset: self.offset.saturating_add(header as u64),
        }
    }
}

/// Reads elements in order.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reader<'a> {
    left: &'a [u8],
    offset: u64,
}

impl<'a> Reader<'a> {
    /// Over `data`, whose first byte is at `offset` of the outermost input.
    pub(crate) fn new(data: &'a [u8], offset: u64) -> Self {
        Self { left: data, offset }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.left.is_empty()
    }

    pub(crate) fn offset(&self) -> u64 {
        self.offset
    }

    pub(crate) fn peek(&self) -> Option<u8> {
        self.left.first().copied()
    }

    /// The next element of any tag.
    pub(crate) fn any(&mut self) -> Result<Element<'a>> {
        let at = self.offset;
        let bad = |what: Text| Error::corrupt(Layer::Signature, at, what);
        let (&tag, rest) = self
            .left
            .split_first()
            .ok_or_else(|| bad(say!(error_der_missing)))?;
        if tag & 0x1F == 0x1F {
            return Err(bad(say!(error_der_tag_long)));
        }
        let (&first, mut rest) = rest
            .split_first()
            .ok_or_else(|| bad(say!(error_der_length_cut)))?;
        let len = match first {
            0..=0x7F => usize::from(first),
            0x81..=0x84 => {
                let n = usize::from(first & 0x7F);
                let (bytes, behind) = rest
                    .split_at_checked(n)
                    .ok_or_else(|| bad(say!(error_der_length_cut)))?;
                rest = behind;
                bytes
                    .iter()
                    .fold(0_usize, |len, b| len << 8 | usize::from(*b))
            }
            _ => return Err(bad(say!(error_der_length))),
        };
        let cut = || bad(say!(error_der_cut, len = len, left = rest.len()));
        let (body, behind) = rest.split_at_checked(len).ok_or_else(cut)?;
        let total = self.left.len().saturating_sub(behind.len());
        let raw = self.left.get(..total).ok_or_else(cut)?;
        self.left = behind;
        self.offset = self.offset.saturating_add(total as u64);
        Ok(Element {
            tag,
            body,
            raw,
            offset: at,
        })
    }

    /// The next element, which must have `tag`.
    pub(crate) fn expect(&mut self, tag: u8) -> Result<Element<'a>> {
        match self.peek() {
            Some(found) if found == tag => self.any(),
            found => Err(Error::corrupt(
                Layer::Signature,
                self.offset,
                match found {
                    Some(found) => say!(
                        error_der_tag,
                        expected = format!("{tag:#04x}"),
                        found = format!("{found:#04x}")
                    ),
                    None => say!(error_der_end, expected = format!("{tag:#04x}")),
                },
            )),
        }
    }

    /// The next element where it has `tag`.
    pub(crate) fn optional(&mut self, tag: u8) -> Result<Option<Element<'a>>> {
        if self.peek() == Some(tag) {
            self.any().map(Some)
        } else {
            Ok(None)
        }
    }

    /// A reader over the next SEQUENCE.
    pub(crate) fn sequence(&mut self) -> Result<Reader<'a>> {
        Ok(self.expect(tag::SEQUENCE)?.reader())
    }

    /// The next OBJECT IDENTIFIER in dotted form.
    pub(crate) fn oid(&mut self) -> Result<String> {
        let element = self.expect(tag::OID)?;
        oid_text(element.body)
            .ok_or_else(|| Error::corrupt(Layer::Signature, element.offset, say!(error_der_oid)))
    }

    /// The next INTEGER as its magnitude bytes without leading zeros; negative ones are refused.
    pub(crate) fn unsigned(&mut self) -> Result<&'a [u8]> {
        // Serial numbers of some old certificates are negative; they are taken by their bytes.
        let mut body = self.expect(tag::INTEGER)?.body;
        while let [0, rest @ ..] = body
            && !rest.is_empty()
        {
            body = rest;
        }
        Ok(body)
    }
}

/// The big-endian number `n` without leading zeros.
pub(crate) fn bare(mut n: &[u8]) -> &[u8] {
    while let [0, rest @ ..] = n {
        n = rest;
    }
    n
}

/// Dotted form of an encoded OID, where it is sound and its arcs fit 64 bits.
fn oid_text(body: &[u8]) -> Option<String> {
    use std::fmt::Write as _;
    let mut arcs = Vec::new();
    let mut value: u64 = 0;
    let mut open = false;
    for b in body {
        value = value.checked_mul(128)?.checked_add(u64::from(b & 0x7F))?;
        open = b & 0x80 != 0;
        if !open {
            arcs.push(value);
            value = 0;
        }
    }
    let (&first, rest) = arcs.split_first().filter(|_| !open)?;
    let top = (first / 40).min(2);
    let second = first.saturating_sub(top.saturating_mul(40));
    let mut text = format!("{top}.{second}");
    for arc in rest {
        let _ = write!(text, ".{arc}");
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_that_lie_are_refused_with_their_offset() {
        for bad in [
            &[0x30, 0x05, 1, 1][..],
            &[0x30, 0x80, 0, 0],
            &[0x30, 0x85, 1, 1, 1, 1, 1],
            &[0x1F],
        ] {
            let e = Reader::new(bad, 7).any().unwrap_err();
            assert_eq!((e.layer, e.offset), (Layer::Signature, Some(7)));
        }
    }

    #[test]
    fn oids_read_as_openssl_prints_them() {
        // openssl asn1parse of 06 0A 2B 06 01 04 01 82 37 02 01 04: 1.3.6.1.4.1.311.2.1.4
        let der = [0x06, 0x0A, 0x2B, 6, 1, 4, 1, 0x82, 0x37, 2, 1, 4];
        assert_eq!(Reader::new(&der, 0).oid().unwrap(), "1.3.6.1.4.1.311.2.1.4");
        assert_eq!(oid_text(&[0x55, 0x1D, 0x13]).as_deref(), Some("2.5.29.19"));
        assert_eq!(oid_text(&[0x55, 0x9D]), None);
    }
}
