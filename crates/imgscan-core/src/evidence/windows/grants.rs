//! What security descriptors of the registry allow, and to whom.

use super::{Windows, registry, sam};
use crate::bytes::{le16, le32};
use crate::error::{Error, Layer};
use crate::evidence::{Collected, Gap};

/// Entries of one list that are read.
const MAX_ENTRIES: usize = 1024;
/// The flag of a descriptor that has a list of what is allowed, and of an entry that is only handed
/// down.
const HAS_LIST: u16 = 4;
const ONLY_INHERITED: u8 = 8;

/// What a security descriptor allows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// To whom, as a SID.
    pub sid: String,
    /// The rights, as bits.
    pub mask: u32,
}

/// The entries that allow something of a self-relative descriptor (\[MS-DTYP\] 2.4.6, 2.4.5 and
/// 2.4.4.2). Without a list everything is allowed to everybody.
fn parse(bytes: &[u8]) -> Option<Vec<Grant>> {
    let everybody = || Grant {
        sid: "S-1-1-0".into(),
        mask: u32::MAX,
    };
    let list = usize::try_from(le32(bytes, 16)?).ok()?;
    if le16(bytes, 2)? & HAS_LIST == 0 || list == 0 {
        return Some(vec![everybody()]);
    }
    let (revision, size) = (*bytes.get(list)?, le16(bytes, list.checked_add(2)?)?);
    let count = usize::from(le16(bytes, list.checked_add(4)?)?);
    if count > MAX_ENTRIES || !matches!(revision, 2 | 4) || size < 8 {
        return None;
    }
    let mut at = list.checked_add(8)?;
    let mut out = Vec::new();
    for _ in 0..count {
        let size = usize::from(le16(bytes, at.checked_add(2)?)?);
        let entry = bytes.get(at..at.checked_add(size)?)?;
        if entry.len() < 8 {
            return None;
        }
        let (kind, flags) = (*entry.first()?, *entry.get(1)?);
        if kind == 0 && flags & ONLY_INHERITED == 0 {
            let (sid, _) = sam::sid(entry.get(8..)?)?;
            let mask = le32(entry, 4)?;
            out.push(Grant { sid, mask });
        }
        at = at.checked_add(size)?;
    }
    Some(out)
}

impl Windows<'_> {
    /// What the descriptors in the values `name` of the keys that `pattern` names allow.
    pub fn grants(&self, pattern: &str, name: &str) -> Collected<Vec<Grant>> {
        let mut out = Collected::default();
        let mut gaps = Vec::new();
        registry::each(self, pattern, &mut gaps, &mut |key, gaps| {
            let bytes = match key.value(name, |v| v.bytes().map(Some)) {
                Ok(Some(bytes)) => bytes,
                Ok(None) => return,
                Err(gap) => return gaps.push(gap),
            };
            match parse(&bytes.fact) {
                Some(grants) => out.push(grants, bytes.at),
                None => {
                    let error = Error::corrupt(Layer::Hive, None, say!(error_sam_short));
                    gaps.push(Gap::new(bytes.at, &error));
                }
            }
        });
        out.gaps = gaps;
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Everyone (S-1-1-0) with the rights 0x1f, built by hand from \[MS-DTYP\].
    #[test]
    fn entries_that_allow_are_read() {
        let mut bytes = vec![1, 0, 4, 0x80];
        bytes.extend([0; 12]);
        bytes.extend([20, 0, 0, 0]);
        bytes.extend([2, 0, 28, 0, 1, 0, 0, 0]);
        bytes.extend([0, 0, 20, 0, 0x1f, 0, 0, 0]);
        bytes.extend([1, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0]);
        let everyone = Grant {
            sid: "S-1-1-0".into(),
            mask: 0x1f,
        };
        assert_eq!(parse(&bytes), Some(vec![everyone]));
        assert_eq!(parse(&bytes[..40]), None);
        // Its list begins with no list.
        bytes[20] = 1;
        assert_eq!(parse(&bytes), None);
        assert_eq!(parse(&[]), None);
    }
}
