//! What accounts may do: logon rights and privileges of the local security policy.

use super::{KeyAt, Windows};
use crate::bytes::le32;
use crate::error::{Error, Layer};
use crate::evidence::{Collected, Found, Gap};

/// Privileges of one account that are read.
const MAX_PRIVILEGES: usize = 256;

/// What one account may do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rights {
    /// Its SID.
    pub sid: String,
    /// How it may log on, and how not: the bits of `SECURITY_ACCESS_…` in ntsecapi.h.
    pub logon: Found<u32>,
    /// The numbers of its privileges (`SE_…_PRIVILEGE` in wdm.h).
    pub privileges: Found<Vec<u32>>,
}

impl Windows<'_> {
    /// The rights of accounts: `ActSysAc`, and `Privilgs`, a `PRIVILEGE_SET` of winnt.h: count,
    /// control, and for each privilege its number (8 bytes) and its attributes (4 bytes).
    ///
    /// # Errors
    /// A gap where the SECURITY hive can't be read.
    pub fn rights(&self) -> Result<Collected<Rights>, Gap> {
        let mut out = Collected::default();
        let hive = self.security()?;
        let Some(root) = KeyAt::open(hive, r"Policy\Accounts")? else {
            return Ok(out);
        };
        for key in root.subkeys(&mut out.gaps) {
            let mut read = |name: &str| {
                let path = format!(r"{}\{name}", key.path);
                let found = KeyAt::open(hive, &path).and_then(|key| match key {
                    Some(key) => key.value("", |v| v.bytes().map(Some)),
                    None => Ok(None),
                });
                found.unwrap_or_else(|gap| {
                    out.gaps.push(gap);
                    None
                })
            };
            let (logon, privileges) = (read("ActSysAc"), read("Privilgs"));
            let none =
                |path: &str| super::place(hive, &format!(r"{}\{path}", key.path), None, None);
            let mut odd = |found: &Found<Vec<u8>>| {
                let error = Error::corrupt(Layer::Hive, found.at.offset, say!(error_sam_short));
                out.gaps.push(Gap::new(found.at.clone(), &error));
            };
            let logon = match logon {
                Some(found) if found.fact.is_empty() => Found {
                    fact: 0,
                    at: found.at,
                },
                Some(found) => {
                    let bits = le32(&found.fact, 0);
                    if bits.is_none() {
                        odd(&found);
                    }
                    Found {
                        fact: bits.unwrap_or(0),
                        at: found.at,
                    }
                }
                None => Found {
                    fact: 0,
                    at: none("ActSysAc"),
                },
            };
            let privileges = match privileges {
                Some(found) => {
                    let all = numbers(&found.fact);
                    if all.is_none() {
                        odd(&found);
                    }
                    Found {
                        fact: all.unwrap_or_default(),
                        at: found.at,
                    }
                }
                None => Found {
                    fact: Vec::new(),
                    at: none("Privilgs"),
                },
            };
            let sid = key.key.name().to_owned();
            let rights = Rights {
                sid,
                logon,
                privileges,
            };
            out.push(rights, key.location());
        }
        Ok(out)
    }
}

/// The numbers of the privileges in a set; `None` where it is cut.
fn numbers(set: &[u8]) -> Option<Vec<u32>> {
    if set.is_empty() {
        return Some(Vec::new());
    }
    let count = le32(set, 0)? as usize;
    if count > MAX_PRIVILEGES {
        return None;
    }
    (0..count).map(|i| le32(set, 8 + 12 * i)).collect()
}
