//! Code integrity policies (`SiPolicy.p7b`, `.cip`): what a policy of App Control lets run.
//!
//! All numbers are little-endian; a text is its length in bytes (32 bits), UTF-16, padding to four
//! bytes and a zero of 32 bits. Microsoft documents the XML form (cipolicy.xsd) only. Source of the
//! binary form: two readers that agree, ConvertTo-WDACCodeIntegrityPolicy of WDACTools and
//! BinaryOpsReverse of AppControl Manager.

use super::chain::{DataSignature, verify_data};
use super::der::tag;
use super::{Bundle, Role, pkcs7};
use crate::bytes::{guid, le32};
use crate::error::{Error, Layer, Result};

/// Formats of the body that are known.
const FORMATS: std::ops::RangeInclusive<u32> = 1..=8;
/// The header's bytes before its last field, which says so.
const HEADER: u32 = 64;
/// Options: always set.
const SET: u32 = 0x8000_0000;
/// Options: what the policy forbids is logged and runs.
const AUDIT: u32 = 0x0001_0000;
/// Rules of files.
const DENY: u32 = 0;
const ALLOW: u32 = 1;
/// A scenario: the kernel and its drivers.
pub const KERNEL: u32 = 131;

/// A policy.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct CiPolicy {
    /// The format's number.
    pub format: u32,
    /// The sort of policy, a GUID.
    pub kind: String,
    /// The policy's own GUID, where the format has one.
    pub id: Option<String>,
    /// Its name among the settings, where it has one.
    pub name: Option<String>,
    /// What it forbids is logged only.
    pub audit: bool,
    /// The scenarios (131: the kernel; 12: programs) in which every file may run and none is
    /// forbidden.
    pub allows_all: Vec<u32>,
}

/// A policy as it stands in a file.
#[derive(Debug)]
pub struct PolicyFile<'a> {
    /// Its bytes without a signature around them.
    pub policy: &'a [u8],
    /// Who signed it; `None` where nobody did.
    pub signature: Option<DataSignature>,
}

impl<'a> PolicyFile<'a> {
    /// Takes the signature off and verifies it.
    ///
    /// # Errors
    /// If a signature is not sound.
    pub fn open(bytes: &'a [u8], bundle: &Bundle, roles: &[Role]) -> Result<Self> {
        if bytes.first() != Some(&tag::SEQUENCE) {
            return Ok(Self {
                policy: bytes,
                signature: None,
            });
        }
        let data = pkcs7::parse(bytes, 0)?;
        let policy = data
            .content
            .ok_or_else(|| Error::corrupt(Layer::Signature, 0, say!(error_signature_no_content)))?;
        Ok(Self {
            policy,
            signature: Some(verify_data(&data, bundle, roles)?),
        })
    }
}

/// A rule of files.
struct FileRule {
    kind: u32,
    /// Nothing but a name or path of `*` restricts it.
    all: bool,
}

/// What a scenario refers to.
struct Scenario {
    value: u32,
    denied: u32,
    rules: Vec<u32>,
}

impl CiPolicy {
    /// Reads a policy.
    ///
    /// # Errors
    /// If it is no policy, is cut, or of an unknown format.
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        let mut at = Cursor { bytes, at: 0 };
        let format = at.number()?;
        if !FORMATS.contains(&format) {
            let why = say!(error_ci_format, found = format);
            return Err(Error::unsupported(Layer::Signature, 0, why));
        }
        let kind = at.guid()?;
        at.guid()?;
        let options = at.number()?;
        let (usages, rules) = (at.number()?, at.number()?);
        let (signers, scenarios) = (at.number()?, at.number()?);
        at.take(8)?;
        let body = at.number()?;
        if options & SET == 0 || body != HEADER {
            return Err(at.corrupt(say!(error_ci_header)));
        }
        for _ in 0..usages {
            at.counted()?;
        }
        let mut files = Vec::new();
        for _ in 0..rules {
            let kind = at.number()?;
            let name = at.text()?;
            let least = at.take(8)?;
            let free = at.counted()?.is_empty() && least.iter().all(|b| *b == 0);
            files.push((kind, name, free));
        }
        for _ in 0..signers {
            signer(&mut at)?;
        }
        // Who may sign an update, and whose code the policy's own checks accept.
        at.numbers()?;
        at.numbers()?;
        let mut seen = Vec::new();
        for _ in 0..scenarios {
            seen.push(scenario(&mut at)?);
        }
        at.number()?;
        let name = settings(&mut at)?;
        let (files, id) = versions(&mut at, format, files, signers)?;
        let is = |n: &u32, kind: u32| files.get(*n as usize).is_some_and(|f| f.kind == kind);
        let all = |s: &&Scenario| {
            let any = |n: &u32| is(n, ALLOW) && files.get(*n as usize).is_some_and(|f| f.all);
            s.denied == 0 && s.rules.iter().any(any) && !s.rules.iter().any(|n| is(n, DENY))
        };
        Ok(Self {
            format,
            kind,
            id,
            name,
            audit: options & AUDIT != 0,
            allows_all: seen.iter().filter(all).map(|s| s.value).collect(),
        })
    }
}

fn signer(at: &mut Cursor<'_>) -> Result<()> {
    // By the digest of a certificate, or by the number of a root of Microsoft's.
    if at.number()? == 0 {
        at.counted()?;
    } else {
        at.number()?;
    }
    at.numbers()?;
    for _ in 0..3 {
        at.text()?;
    }
    at.numbers()
}

fn scenario(at: &mut Cursor<'_>) -> Result<Scenario> {
    let mut out = Scenario {
        value: at.number()? & 0xFF,
        denied: 0,
        rules: Vec::new(),
    };
    at.numbers()?;
    at.number()?;
    // Of products, of tests, and of what test signing is for: the first counts.
    for part in 0..3 {
        signers(at)?;
        let denied = signers(at)?;
        let rules = at.list()?;
        if part == 0 {
            out.denied = denied;
            out.rules = rules;
        }
    }
    Ok(out)
}

/// Signers with their exceptions; how many.
fn signers(at: &mut Cursor<'_>) -> Result<u32> {
    let count = at.number()?;
    for _ in 0..count {
        at.number()?;
        at.numbers()?;
    }
    Ok(count)
}

/// The policy's name among its settings.
fn settings(at: &mut Cursor<'_>) -> Result<Option<String>> {
    let mut name = None;
    for _ in 0..at.number()? {
        let (provider, key, value) = (at.text()?, at.text()?, at.text()?);
        let text = match at.number()? {
            0 | 1 => at.number().map(|_| None)?,
            2 => at.counted().map(|_| None)?,
            3 => Some(at.text()?),
            _ => return Err(at.corrupt(say!(error_ci_setting))),
        };
        if (provider.as_str(), key.as_str(), value.as_str())
            == ("PolicyInfo", "Information", "Name")
        {
            name = text;
        }
    }
    Ok(name)
}

/// What later formats add to the rules, and the policy's own GUID.
fn versions(
    at: &mut Cursor<'_>,
    format: u32,
    read: Vec<(u32, String, bool)>,
    signers: u32,
) -> Result<(Vec<FileRule>, Option<String>)> {
    let mut id = None;
    let mut free: Vec<bool> = read.iter().map(|(_, _, free)| *free).collect();
    let mut paths: Vec<String> = vec![String::new(); read.len()];
    for block in 3..=format.min(7) {
        if at.number()? != block {
            return Err(at.corrupt(say!(error_ci_part, part = block)));
        }
        if block == 6 {
            id = Some(at.guid()?);
            at.guid()?;
            at.numbers()?;
            continue;
        }
        for (free, path) in free.iter_mut().zip(&mut paths) {
            let more = match block {
                // The highest version, and the programs that it is for.
                3 => {
                    let most = at.take(8)?.iter().any(|b| *b != 0);
                    let programs = at.number()?;
                    for _ in 0..programs {
                        at.text()?;
                    }
                    most || programs != 0
                }
                // The internal name, the description and the product.
                4 => {
                    let texts = [at.text()?, at.text()?, at.text()?];
                    texts.iter().any(|t| !t.is_empty() && t != "*")
                }
                // The package and its version.
                5 => !at.text()?.is_empty() | at.take(8)?.iter().any(|b| *b != 0),
                _ => {
                    *path = at.text()?;
                    false
                }
            };
            *free &= !more;
        }
        if block == 3 {
            for _ in 0..signers {
                at.take(8)?;
            }
        }
    }
    let rules = read.into_iter().zip(free.into_iter().zip(paths));
    let files = rules.map(|((kind, name, _), (free, path))| FileRule {
        kind,
        all: free && matches!((name.as_str(), path.as_str()), ("*", "" | "*") | ("", "*")),
    });
    Ok((files.collect(), id))
}

/// Reads one number after the other. Nothing is allocated but for bytes that are there.
struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Cursor<'a> {
    fn corrupt(&self, why: crate::text::Text) -> Error {
        Error::corrupt(Layer::Signature, self.at as u64, why)
    }

    fn take(&mut self, len: usize) -> Result<&'a [u8]> {
        let end = self.at.checked_add(len);
        let found = end.and_then(|end| Some((end, self.bytes.get(self.at..end)?)));
        let (end, found) = found.ok_or_else(|| self.corrupt(say!(error_ci_cut)))?;
        self.at = end;
        Ok(found)
    }

    fn number(&mut self) -> Result<u32> {
        let bytes = self.take(4)?;
        Ok(le32(bytes, 0).unwrap_or_default())
    }

    fn guid(&mut self) -> Result<String> {
        let bytes = self.take(16)?.try_into();
        let bytes: &[u8; 16] = bytes.map_err(|_| self.corrupt(say!(error_ci_cut)))?;
        Ok(guid(bytes))
    }

    /// Bytes behind their length, padded to four.
    fn counted(&mut self) -> Result<&'a [u8]> {
        let len = self.number()? as usize;
        let bytes = self.take(len)?;
        self.take(len.wrapping_neg() & 3)?;
        Ok(bytes)
    }

    fn text(&mut self) -> Result<String> {
        let text = crate::bytes::utf16_to_nul(self.counted()?);
        self.number()?;
        Ok(text)
    }

    fn list(&mut self) -> Result<Vec<u32>> {
        let count = self.number()?;
        let mut out = Vec::new();
        for _ in 0..count {
            out.push(self.number()?);
        }
        Ok(out)
    }

    /// Numbers behind their count, which are not looked at.
    fn numbers(&mut self) -> Result<()> {
        let count = self.number()? as usize;
        let len = count.checked_mul(4);
        let len = len.ok_or_else(|| self.corrupt(say!(error_ci_cut)))?;
        self.take(len).map(|_| ())
    }
}
