//! Authenticode in scripts: the signature stands in comments at the end of the text.
//!
//! Source: Microsoft, "about_Signing" (PowerShell) and "Signing a script" (Windows Script Host); what is
//! digested was compared with osslsigncode and with scripts that Microsoft signed. It is the text before the
//! signature in UTF-16LE, without the line end before it; the forms of the Script Host add the number of
//! its units of 16 bits.

use std::borrow::Cow;

use base64::Engine as _;

use super::bundle::Bundle;
use super::chain::{self, Authenticode, Verification};
use super::der::{Reader, tag};
use super::key::DigestKind;
use super::pe::{CertificateEntry, IndirectDigest};
use super::pinned::Role;
use super::pkcs7::{Fault, SignedData};
use crate::error::{Error, Layer, Result};
use crate::text::Text;

/// Characters of a signature in base64.
const MAX_SIGNATURE: usize = 1024 * 1024;
/// SPC_SIPINFO_OBJID: which interface the digest is by.
const INTERFACE: &str = "1.3.6.1.4.1.311.2.1.30";

/// The identifiers of the interfaces, as they stand in a signature.
const POWERSHELL: [u8; 16] = *b"\x1F\xCC\x3B\x60\x59\x4B\x08\x4E\xB7\x24\xD2\xC6\x29\x7E\xF3\x51";
const VISUAL_BASIC: [u8; 16] = *b"\x4E\xF0\x29\x16\x99\x27\xB5\x4D\x8F\xE5\xAC\xE1\x0F\x17\xEB\xAB";
const JSCRIPT: [u8; 16] = *b"\x10\xE0\xC9\x06\xCE\x38\xD4\x11\xA2\xA3\x00\x10\x4B\xD3\x50\x90";

/// How a kind of script holds its signature.
struct Form {
    /// Endings of the names of its files, in lower case.
    endings: &'static [&'static str],
    /// What a line of the signature begins with.
    open: &'static str,
    /// What it ends with.
    close: &'static str,
    /// What the first line says, before "Begin signature block".
    mark: &'static str,
    /// The number of the text's units is digested, too.
    counted: bool,
    interface: [u8; 16],
}

const FORMS: [Form; 5] = [
    Form {
        endings: &[".ps1", ".psm1", ".psd1"],
        open: "# ",
        close: "",
        mark: "SIG # ",
        counted: false,
        interface: POWERSHELL,
    },
    Form {
        endings: &[".ps1xml", ".psc1", ".cdxml"],
        open: "<!-- ",
        close: " -->",
        mark: "SIG # ",
        counted: false,
        interface: POWERSHELL,
    },
    Form {
        endings: &[".mof"],
        open: "/* ",
        close: " */",
        mark: "SIG # ",
        counted: false,
        interface: POWERSHELL,
    },
    Form {
        endings: &[".vbs"],
        open: "'' SIG '' ",
        close: "",
        mark: "",
        counted: true,
        interface: VISUAL_BASIC,
    },
    Form {
        endings: &[".js"],
        open: "// SIG // ",
        close: "",
        mark: "",
        counted: true,
        interface: JSCRIPT,
    },
];

/// The signatures of the script `bytes`; `None` where it has no signature, or is of a kind that has none by
/// its `name`.
///
/// # Errors
/// If there is a signature and it can't be read, or something stands behind it.
pub fn script_signatures(
    name: &str,
    bytes: &[u8],
    bundle: &Bundle,
    roles: &[Role],
) -> Result<Option<Authenticode>> {
    let name = name.to_lowercase();
    let is = |form: &&Form| form.endings.iter().any(|ending| name.ends_with(ending));
    let Some(form) = FORMS.iter().find(is) else {
        return Ok(None);
    };
    let file = Units::of(bytes);
    let Some(block) = form.block(&file.units)? else {
        return Ok(None);
    };
    let entry = CertificateEntry {
        offset: 0,
        der: block.der,
    };
    let texts = file.texts(bytes, block.text);
    // The same algorithm is asked for by each signer.
    let digest = |signed: &IndirectDigest| {
        let mut all = texts.iter().map(|text| form.digest(text, signed.kind));
        let first = all.next().unwrap_or_default();
        match first == signed.digest {
            true => first,
            false => all.find(|d| *d == signed.digest).unwrap_or(first),
        }
    };
    let mut found = chain::of_text(&entry, |data| form.takes(data), digest, bundle, roles);
    if file.is_ambiguous(block.text) {
        for signature in &mut found.signatures {
            if signature.verification == Verification::Bad(Fault::DigestMismatch) {
                let why = say!(error_signature_encoding);
                let error = Error::unsupported(Layer::Signature, None, why);
                signature.verification = Verification::Unproven(error);
            }
        }
    }
    Ok(Some(found))
}

/// Where the text of a script ends, and its signature.
struct Block {
    /// Units of the text.
    text: usize,
    der: Vec<u8>,
}

impl Form {
    fn block(&self, units: &[u16]) -> Result<Option<Block>> {
        let line = |word: &str| {
            format!(
                "{}{}{word} signature block{}",
                self.open, self.mark, self.close
            )
        };
        let Some((text, at)) = begin(units, &line("Begin")) else {
            return Ok(None);
        };
        let behind = units.get(at..).unwrap_or_default();
        let mut encoded = String::new();
        let mut lines = behind.split(|unit| *unit == u16::from(b'\n'));
        let last = line("End");
        loop {
            let Some(units) = lines.next() else {
                return Err(unsound(say!(error_signature_block_open)));
            };
            let units = units.strip_suffix(&[u16::from(b'\r')]).unwrap_or(units);
            // A signature is ASCII; another sign is none of base64.
            let line: String = units.iter().map(|u| sign(*u)).collect();
            if line == last {
                break;
            }
            let inside = line.strip_prefix(self.open);
            let inside = inside.and_then(|l| l.strip_suffix(self.close));
            let Some(inside) = inside else {
                return Err(unsound(say!(error_signature_block_line)));
            };
            encoded.push_str(inside);
            if encoded.len() > MAX_SIGNATURE {
                let why = say!(error_signature_block_long, most = MAX_SIGNATURE);
                return Err(Error::limit(Layer::Signature, None, why));
            }
        }
        let ends = |line: &[u16]| line.iter().all(|unit| *unit == u16::from(b'\r'));
        if !lines.all(ends) {
            return Err(unsound(say!(error_signature_block_behind)));
        }
        let der = base64::engine::general_purpose::STANDARD.decode(encoded.as_bytes());
        let der = der.map_err(|_| unsound(say!(error_signature_block_line)))?;
        Ok(Some(Block { text, der }))
    }

    fn digest(&self, text: &[u16], kind: DigestKind) -> Vec<u8> {
        let mut hasher = kind.hasher();
        for piece in text.chunks(4096) {
            let bytes: Vec<u8> = piece.iter().flat_map(|u| u.to_le_bytes()).collect();
            hasher.update(&bytes);
        }
        if self.counted {
            let count = u32::try_from(text.len()).unwrap_or(u32::MAX);
            hasher.update(&count.to_le_bytes());
        }
        hasher.finish()
    }

    /// True where a signature says that it is of a text of this form.
    fn takes(&self, data: &SignedData<'_>) -> bool {
        let interface = || -> Result<[u8; 16]> {
            let mut content = Reader::new(data.content.unwrap_or_default(), 0);
            let mut kind = content.sequence()?;
            let oid = kind.oid()?;
            let mut value = kind.sequence()?;
            value.expect(tag::INTEGER)?;
            let id = value.expect(tag::OCTET_STRING)?.body;
            let id = id.try_into().ok().filter(|_| oid == INTERFACE);
            id.ok_or_else(|| unsound(say!(error_signature_block_form)))
        };
        interface().is_ok_and(|id| id == self.interface)
    }
}

/// A letter of a signature; another unit is one that no signature has.
fn sign(unit: u16) -> char {
    match u8::try_from(unit) {
        Ok(byte) if byte.is_ascii() => char::from(byte),
        _ => '\u{FFFD}',
    }
}

fn unsound(why: Text) -> Error {
    Error::corrupt(Layer::Signature, None, why)
}

/// Where the text before the first line `first` ends, and where what follows that line begins.
fn begin(units: &[u16], first: &str) -> Option<(usize, usize)> {
    let first: Vec<u16> = first.encode_utf16().collect();
    let (cr, lf) = (u16::from(b'\r'), u16::from(b'\n'));
    let mut start = 0_usize;
    for line in units.split_inclusive(|unit| *unit == lf) {
        let next = start.saturating_add(line.len());
        let plain = line.strip_suffix(&[lf]).unwrap_or(line);
        let plain = plain.strip_suffix(&[cr]).unwrap_or(plain);
        let plain = match start {
            0 => plain.strip_prefix(&[BOM]).unwrap_or(plain),
            _ => plain,
        };
        if plain == first {
            let before = units.get(..start).unwrap_or_default();
            let before = before.strip_suffix(&[lf]).unwrap_or(before);
            let before = before.strip_suffix(&[cr]).unwrap_or(before);
            return Some((before.len(), next));
        }
        start = next;
    }
    None
}

const BOM: u16 = 0xFEFF;
const BOM_UTF8: &[u8] = b"\xEF\xBB\xBF";

/// A file as units of 16 bits: those of UTF-16 where its mark says so, else its bytes.
struct Units {
    units: Vec<u16>,
    is_wide: bool,
    is_utf8: bool,
}

impl Units {
    fn of(bytes: &[u8]) -> Self {
        let pairs = bytes.as_chunks::<2>().0.iter();
        let (units, is_wide) = match bytes.get(..2) {
            Some(b"\xFF\xFE") => (pairs.map(|p| u16::from_le_bytes(*p)).collect(), true),
            Some(b"\xFE\xFF") => (pairs.map(|p| u16::from_be_bytes(*p)).collect(), true),
            _ => (bytes.iter().map(|b| u16::from(*b)).collect(), false),
        };
        Self {
            units,
            is_wide,
            is_utf8: bytes.starts_with(BOM_UTF8),
        }
    }

    /// The first `len` units as the texts that they may be: the mark is digested or not, and signs beyond
    /// ASCII without a mark are UTF-8 or of the signer's code page.
    fn texts(&self, bytes: &[u8], len: usize) -> Vec<Cow<'_, [u16]>> {
        let units = self.units.get(..len).unwrap_or_default();
        let text = bytes.get(..len).unwrap_or_default();
        let mut out: Vec<Cow<'_, [u16]>> = Vec::new();
        if self.is_wide || !self.is_utf8 {
            out.push(Cow::Borrowed(units));
        }
        if !self.is_wide
            && !text.is_ascii()
            && let Ok(text) = std::str::from_utf8(text)
        {
            out.push(text.encode_utf16().collect::<Vec<_>>().into());
        }
        let unmarked: Vec<Cow<'_, [u16]>> = out
            .iter()
            .filter(|text| text.first() == Some(&BOM))
            .map(|text| text.get(1..).unwrap_or_default().to_vec().into())
            .collect();
        out.extend(unmarked);
        out
    }

    /// True where the first `len` units may be of a code page that nothing tells of.
    fn is_ambiguous(&self, len: usize) -> bool {
        let text = self.units.get(..len).unwrap_or_default();
        !self.is_wide && !self.is_utf8 && text.iter().any(|unit| *unit > 0x7F)
    }
}

#[cfg(test)]
#[path = "script_tests.rs"]
mod tests;
