//! Security descriptors of Windows: who owns an object, and who may do what with it.
//!
//! On disk and in the registry they stand in self-relative form (\[MS-DTYP\] 2.4.6), in some values
//! as text.

mod sddl;
#[cfg(test)]
mod tests;

use std::fmt::Write as _;

use crate::bytes::{le16, le32};
use crate::text::Text;

/// Everyone, whom each token but that of anonymous users holds.
pub const EVERYONE: &str = "S-1-1-0";
/// Anonymous users.
pub const ANONYMOUS: &str = "S-1-5-7";
/// What an entry for the owner takes the owner's own rights away with.
const OWNER_RIGHTS: &str = "S-1-3-4";
/// The control flag of a descriptor that has a list.
const HAS_LIST: u16 = 4;
/// The flag of an entry that is only handed down.
const ONLY_HANDED_DOWN: u8 = 8;
/// What the owner may always do: read the descriptor and change its list.
const OWNERS: u32 = 0x2_0000 | 0x4_0000;

/// A security descriptor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Descriptor {
    /// The owner's SID.
    pub owner: Option<String>,
    /// The SID of the owner's group.
    pub group: Option<String>,
    /// The entries of the list in their order; `None` without a list, which lets everybody do
    /// everything. A list without entries lets nobody.
    pub list: Option<Vec<Entry>>,
}

/// Whether an entry gives rights or takes them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// It gives them.
    Allows,
    /// It takes them.
    Denies,
}

/// An entry of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// What it does.
    pub effect: Effect,
    /// How it is handed down, as bits (\[MS-DTYP\] 2.4.4.1).
    pub flags: u8,
    /// The rights, as bits.
    pub mask: u32,
    /// Whose.
    pub sid: String,
    /// It holds under a condition, or for a part of the object only.
    pub is_limited: bool,
}

impl Entry {
    /// True where it holds for the object itself, and not only for what is made in it.
    #[must_use]
    pub fn is_effective(&self) -> bool {
        self.flags & ONLY_HANDED_DOWN == 0
    }
}

/// What the generic rights stand for with one kind of objects.
#[derive(Debug, Clone, Copy)]
pub struct Generic {
    /// `GENERIC_READ`.
    pub read: u32,
    /// `GENERIC_WRITE`.
    pub write: u32,
    /// `GENERIC_EXECUTE`.
    pub execute: u32,
    /// `GENERIC_ALL`.
    pub all: u32,
}

impl Generic {
    /// Files and folders (winnt.h).
    pub const FILE: Self = Self {
        read: 0x12_0089,
        write: 0x12_0116,
        execute: 0x12_00A0,
        all: 0x1F_01FF,
    };
    /// Keys of the registry (winnt.h).
    pub const KEY: Self = Self {
        read: 0x2_0019,
        write: 0x2_0006,
        execute: 0x2_0019,
        all: 0xF_003F,
    };
    /// Objects whose generic rights stay as they are.
    pub const NONE: Self = Self {
        read: 0x8000_0000,
        write: 0x4000_0000,
        execute: 0x2000_0000,
        all: 0x1000_0000,
    };

    /// The rights `mask` with what its generic ones stand for.
    #[must_use]
    pub fn mapped(&self, mask: u32) -> u32 {
        let generic = [
            (0x8000_0000, self.read),
            (0x4000_0000, self.write),
            (0x2000_0000, self.execute),
            (0x1000_0000, self.all),
        ];
        let stands = generic.iter().filter(|(bit, _)| mask & bit != 0);
        stands.fold(mask & 0x0FFF_FFFF, |all, (_, rights)| all | rights)
    }
}

impl Descriptor {
    /// Reads a descriptor in self-relative form (\[MS-DTYP\] 2.4.6). Its list of what is logged is
    /// not read.
    ///
    /// # Errors
    /// If it is none, or a part of it lies outside of `bytes`.
    pub fn parse(bytes: &[u8]) -> Result<Self, Text> {
        if bytes.len() < 20 || bytes.first() != Some(&1) {
            return Err(say!(error_descriptor));
        }
        let who = |at: usize, why: Text| match le32(bytes, at).unwrap_or(0) as usize {
            0 => Ok(None),
            at => match bytes.get(at..).and_then(sid) {
                Some((sid, _)) => Ok(Some(sid)),
                None => Err(why),
            },
        };
        let owner = who(4, say!(error_descriptor_owner))?;
        let group = who(8, say!(error_descriptor_group))?;
        let control = le16(bytes, 2).unwrap_or(0);
        let list = match le32(bytes, 16).unwrap_or(0) as usize {
            0 => None,
            _ if control & HAS_LIST == 0 => None,
            at => {
                let list = bytes.get(at..).and_then(entries);
                Some(list.ok_or_else(|| say!(error_descriptor_list))?)
            }
        };
        Ok(Self { owner, group, list })
    }

    /// The rights of a token that holds the identities `holds`, found as Windows finds them: entry
    /// by entry, and the first that names a right decides (\[MS-DTYP\] 2.5.3.2).
    ///
    /// Of entries that are limited the ones that give count only where `sure` is false, and the ones
    /// that take only where it is true: the result is what the token has for certain, or at most.
    #[must_use]
    pub fn granted(&self, generic: &Generic, sure: bool, holds: impl Fn(&str) -> bool) -> u32 {
        let Some(list) = &self.list else {
            return u32::MAX;
        };
        let owns = self.owner.as_deref().is_some_and(&holds);
        let of_owner = |e: &&Entry| e.is_effective() && e.sid == OWNER_RIGHTS;
        let mut given = match owns && !list.iter().any(|e| of_owner(&e)) {
            true => OWNERS,
            false => 0,
        };
        let mut taken = 0;
        for entry in list.iter().filter(|e| e.is_effective()) {
            let counts = !entry.is_limited || sure == (entry.effect == Effect::Denies);
            if !counts || !(holds(&entry.sid) || owns && entry.sid == OWNER_RIGHTS) {
                continue;
            }
            let mask = generic.mapped(entry.mask);
            match entry.effect {
                Effect::Allows => given |= mask & !taken,
                Effect::Denies => taken |= mask & !given,
            }
        }
        given
    }

    /// Who gets which rights at most: each identity that an entry names, and the owner. What
    /// everybody is denied nobody gets by an entry that comes later. Without a list that is
    /// everybody.
    #[must_use]
    pub fn grants(&self, generic: &Generic) -> Vec<(&str, u32)> {
        let Some(list) = &self.list else {
            return vec![(EVERYONE, u32::MAX)];
        };
        let gives = |e: &&Entry| e.is_effective() && e.effect == Effect::Allows;
        let named = list.iter().filter(gives).map(|e| e.sid.as_str());
        let mut all: Vec<&str> = named.chain(self.owner.as_deref()).collect();
        all.sort_unstable();
        all.dedup();
        all.retain(|sid| *sid != OWNER_RIGHTS);
        all.iter()
            .map(|sid| (*sid, self.alone(generic, sid)))
            .collect()
    }

    /// The rights that entries for `sid` give, after what is denied to everybody before them.
    fn alone(&self, generic: &Generic, sid: &str) -> u32 {
        let of_all =
            |e: &Entry| e.sid == EVERYONE && e.effect == Effect::Denies && sid != ANONYMOUS;
        let list = self.list.iter().flatten();
        let list = list.filter(|e| e.sid == sid || of_all(e));
        let narrowed = Self {
            list: Some(list.cloned().collect()),
            ..self.clone()
        };
        narrowed.granted(generic, false, |s| s == sid || s == EVERYONE)
    }
}

/// The entries of a list: \[MS-DTYP\] 2.4.5 and 2.4.4. Those of types that give and take no rights
/// are left out, as Windows leaves them out.
fn entries(bytes: &[u8]) -> Option<Vec<Entry>> {
    let (revision, size) = (*bytes.first()?, usize::from(le16(bytes, 2)?));
    let count = le16(bytes, 4)?;
    if !matches!(revision, 2..=4) || size < 8 {
        return None;
    }
    let mut rest = bytes.get(8..size)?;
    let mut out = Vec::new();
    for _ in 0..count {
        let size = usize::from(le16(rest, 2)?);
        let entry = rest.get(..size).filter(|entry| entry.len() >= 4)?;
        rest = rest.get(size..)?;
        let (kind, flags) = (*entry.first()?, *entry.get(1)?);
        let effect = match kind {
            0 | 5 | 9 | 11 => Effect::Allows,
            1 | 6 | 10 | 12 => Effect::Denies,
            _ => continue,
        };
        // Objects and parts of objects: two GUIDs, each where a flag says so.
        let parts = match matches!(kind, 5 | 6 | 11 | 12) {
            true => le32(entry, 8)?,
            false => 0,
        };
        let at = match kind {
            5 | 6 | 11 | 12 => 12 + 16 * (parts & 3).count_ones() as usize,
            _ => 8,
        };
        let (sid, _) = sid(entry.get(at..)?)?;
        out.push(Entry {
            effect,
            flags,
            mask: le32(entry, 4)?,
            sid,
            is_limited: parts & 1 != 0 || kind >= 9,
        });
    }
    Some(out)
}

/// A security identifier as text, and its length in bytes: \[MS-DTYP\] 2.4.2.
#[must_use]
pub fn sid(bytes: &[u8]) -> Option<(String, usize)> {
    let count = usize::from(*bytes.get(1)?);
    if bytes.first() != Some(&1) || count > 15 {
        return None;
    }
    let authority = bytes.get(2..8)?.iter();
    let authority = authority.fold(0_u64, |all, b| all << 8 | u64::from(*b));
    let mut text = if authority >> 32 == 0 {
        format!("S-1-{authority}")
    } else {
        format!("S-1-{authority:#014x}")
    };
    for at in (8..).step_by(4).take(count) {
        let _ = write!(text, "-{}", le32(bytes, at)?);
    }
    Some((text, 8 + 4 * count))
}
