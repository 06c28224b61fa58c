//! Local users and groups, as the SAM hive keeps them.
//!
//! The layout of the values `F`, `V` and `C` has no public description by its maker. The offsets
//! here are those that the SAM hives of Windows 7 to Windows 11 show. Integers are little-endian.
//! Password hashes are in the same values; nothing of them leaves this module.

use std::collections::BTreeMap;

use serde::Serialize;

use super::membership::{self, IndexedMember, groups_of_record};
use super::{KeyAt, Windows, stamp};
use crate::bytes::{le16, le32, le64};
use crate::descriptor::sid;
use crate::error::{Error, Layer};
use crate::evidence::{Found, Gap, Location};
use crate::fs::Timestamp;
use crate::guest::windows::GuestHive;
use crate::hive::utf16;

/// The accounts of this machine, and the groups that every Windows has.
const DOMAINS: [&str; 2] = ["Account", "Builtin"];
/// Where the data of a user's `V` begins: behind 17 entries of 12 bytes.
pub(super) const USER_DATA: usize = 0xCC;
/// Where the data of an alias's `C` begins.
const ALIAS_DATA: usize = 0x34;

/// The SAM of a guest.
#[derive(Debug, Clone, Serialize)]
pub struct Accounts {
    /// The key of the machine's own accounts.
    #[serde(skip)]
    pub at: Location,
    /// The SID of the machine, which the SIDs of its users begin with.
    pub machine_sid: Option<String>,
    /// How passwords age and when wrong ones lock an account; `None` where that can't be told.
    #[serde(skip)]
    pub password_rules: Option<PasswordRules>,
    /// Its users, in the order of the registry.
    pub users: Vec<Found<LocalUser>>,
    /// Names that stand for a user who is not there.
    pub names_of_nobody: Vec<Found<NameEntry>>,
    /// Its groups (aliases).
    pub groups: Vec<Found<LocalGroup>>,
    /// Whose member somebody is by the index beside the groups' own lists.
    #[serde(skip)]
    pub indexed: Vec<Found<IndexedMember>>,
    /// What may hide more.
    #[serde(skip)]
    pub gaps: Vec<Gap>,
}

impl Accounts {
    /// The name of the user of this machine whose SID is `sid`; the SID itself for another.
    #[must_use]
    pub fn named<'s>(&'s self, sid: &'s str) -> &'s str {
        let found = self.users.iter().find(|user| {
            let own = self
                .machine_sid
                .as_deref()
                .and_then(|m| sid.strip_prefix(m));
            own.and_then(|rest| rest.strip_prefix('-')) == Some(&*user.fact.rid.to_string())
        });
        found.and_then(|u| u.fact.name.as_deref()).unwrap_or(sid)
    }
}

/// A local user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LocalUser {
    /// The relative identifier that the user's key is named by.
    pub rid: u32,
    /// The name in the user's own record.
    pub name: Option<String>,
    /// The full name there.
    pub full_name: Option<String>,
    /// The comment there.
    pub comment: Option<String>,
    /// The names that lead to this user when someone logs on.
    pub listed_names: Vec<String>,
    /// No name leads to this user, so that no list of users shows it; `None` where that can't be
    /// told.
    pub hidden: Option<bool>,
    /// The record holds another identifier than its key is named by: who logs on under this name
    /// is that other user. `None` where that can't be told.
    pub hijacked: Option<bool>,
    /// The hours of the week at which the user may log on, a bit each from Sunday, 0 h UTC; empty
    /// for all.
    #[serde(skip)]
    pub hours: Vec<u8>,
    /// The computers that the user may log on from; empty for all.
    #[serde(skip)]
    pub workstations: String,
    /// The script that runs when the user logs on, below `System32\repl\import\scripts`.
    #[serde(skip)]
    pub script_path: Option<String>,
    /// The folder that the user's profile is loaded from and stored in.
    #[serde(skip)]
    pub profile_path: Option<String>,
    /// The groups (not aliases) that the record says the user is in, by relative identifier.
    #[serde(skip)]
    pub groups: Vec<u32>,
    /// The fixed part of the record.
    #[serde(flatten)]
    pub account: Option<Control>,
}

/// The fixed part of a user's record, the value `F`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Control {
    /// The relative identifier that the record holds.
    pub record_rid: u32,
    /// The account control bits as they stand there.
    pub control_bits: u16,
    /// Nobody can log on (bit 0x0001).
    pub disabled: bool,
    /// The password may be empty (bit 0x0004).
    pub password_not_required: bool,
    /// The password never expires (bit 0x0200).
    pub password_never_expires: bool,
    /// Locked after wrong passwords (bit 0x0400).
    pub locked: bool,
    /// The last logon.
    #[serde(serialize_with = "stamp")]
    pub last_logon: Option<Timestamp>,
    /// When the password was last set.
    #[serde(serialize_with = "stamp")]
    pub password_set: Option<Timestamp>,
    /// When the account expires.
    #[serde(serialize_with = "stamp")]
    pub expires: Option<Timestamp>,
    /// How often the user has logged on, modulo 65,536.
    pub logons: u16,
}

/// What the value `F` of the machine's own accounts says of all passwords. Times are in units of 100 ns;
/// `None` is for ever.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PasswordRules {
    /// Characters that a new password has at least.
    pub shortest: u16,
    /// How long a password lasts.
    pub longest: Option<u64>,
    /// Wrong passwords that lock an account; 0 for no lock.
    pub wrong_ones: u16,
    /// How long it stays locked.
    pub locked_for: Option<u64>,
    /// The built-in administrator is locked, too (`DOMAIN_LOCKOUT_ADMINS`, \[MS-SAMR\] 2.2.1.8).
    pub locks_administrator: bool,
}

impl PasswordRules {
    fn of(record: &[u8]) -> Option<Self> {
        const LOCKS_ADMINISTRATOR: u32 = 8;
        // Durations are kept below zero; the least number, and zero, stand for no end.
        let duration = |at| {
            let number = le64(record, at)?.cast_signed();
            let length = number.checked_neg().and_then(|n| u64::try_from(n).ok());
            Some(length.filter(|n| *n != 0))
        };
        Some(Self {
            shortest: le16(record, 0x50)?,
            longest: duration(0x18)?,
            locked_for: duration(0x30)?,
            locks_administrator: le32(record, 0x4C)? & LOCKS_ADMINISTRATOR != 0,
            wrong_ones: le16(record, 0x54)?,
        })
    }
}

/// A name under `Users\Names`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NameEntry {
    /// The name.
    pub name: String,
    /// The relative identifier that it stands for.
    pub rid: u32,
}

/// A local group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LocalGroup {
    /// `Account` for the machine's own groups, `Builtin` for those of every Windows.
    pub domain: &'static str,
    /// Its relative identifier.
    pub rid: u32,
    /// Its name.
    pub name: Option<String>,
    /// The SIDs of its members.
    pub members: Vec<String>,
}

pub(super) fn collect(windows: &Windows<'_>) -> Result<Accounts, Gap> {
    read(windows.sam()?)
}

fn read(hive: &GuestHive) -> Result<Accounts, Gap> {
    let mut out = Accounts {
        at: super::place(hive, r"SAM\Domains\Account", None, None),
        machine_sid: None,
        password_rules: None,
        users: Vec::new(),
        names_of_nobody: Vec::new(),
        groups: Vec::new(),
        indexed: Vec::new(),
        gaps: Vec::new(),
    };
    let path = r"SAM\Domains\Account";
    let Some(domain) = KeyAt::open(hive, path)? else {
        let missing = Error::not_found(
            Layer::Hive,
            say!(error_registry_absent, key = format!(r"HKLM\SAM\{path}")),
        );
        return Err(Gap::new(super::place(hive, path, None, None), &missing));
    };
    match domain.value("V", |v| v.bytes().map(Some)) {
        Ok(found) => out.machine_sid = found.and_then(|v| machine_sid(&v.fact)),
        Err(gap) => out.gaps.push(gap),
    }
    match domain.value("F", |v| v.bytes().map(Some)) {
        Ok(found) => out.password_rules = found.and_then(|v| PasswordRules::of(&v.fact)),
        Err(gap) => out.gaps.push(gap),
    }
    if let Err(gap) = users(hive, &mut out) {
        out.gaps.push(gap);
    }
    for domain in DOMAINS {
        if let Err(gap) = groups(hive, domain, &mut out) {
            out.gaps.push(gap);
        }
        let indexed = membership::index(hive, domain, &mut out.gaps);
        out.indexed.extend(indexed);
    }
    Ok(out)
}

/// Names by the identifier that they stand for.
type Names = BTreeMap<u32, Vec<Found<String>>>;

fn users(hive: &GuestHive, out: &mut Accounts) -> Result<(), Gap> {
    let path = r"SAM\Domains\Account\Users";
    let Some(root) = KeyAt::open(hive, path)? else {
        return Ok(());
    };
    let before = out.gaps.len();
    let mut names = Names::new();
    if let Err(gap) = listed(hive, &format!(r"{path}\Names"), &mut names, &mut out.gaps) {
        out.gaps.push(gap);
    }
    let names_are_whole = out.gaps.len() == before;
    let before = out.gaps.len();
    for key in root.subkeys(&mut out.gaps) {
        if key.key.name().eq_ignore_ascii_case("Names") {
            continue;
        }
        let Some(rid) = rid_of(&key, &mut out.gaps) else {
            continue;
        };
        let listed = names.remove(&rid).unwrap_or_default();
        let user = user(&key, rid, listed, names_are_whole, &mut out.gaps);
        let at = key.location();
        out.users.push(Found { fact: user, at });
    }
    // With a gap among the users, a name without one proves nothing.
    if out.gaps.len() == before {
        for (rid, entries) in names {
            out.names_of_nobody
                .extend(entries.into_iter().map(|entry| Found {
                    fact: NameEntry {
                        name: entry.fact,
                        rid,
                    },
                    at: entry.at,
                }));
        }
    }
    Ok(())
}

/// The names under `path`. The identifier stands where other keys have the type of their default
/// value.
fn listed(hive: &GuestHive, path: &str, names: &mut Names, gaps: &mut Vec<Gap>) -> Result<(), Gap> {
    let Some(root) = KeyAt::open(hive, path)? else {
        return Ok(());
    };
    for key in root.subkeys(gaps) {
        match key.value("", |v| Ok(Some(v.kind().0))) {
            Ok(Some(rid)) => names.entry(rid.fact).or_default().push(Found {
                fact: key.key.name().to_owned(),
                at: key.location(),
            }),
            Ok(None) => {
                let error =
                    Error::corrupt(Layer::Hive, Some(key.key.offset()), say!(error_sam_no_rid));
                gaps.push(key.gap(None, &error));
            }
            Err(gap) => gaps.push(gap),
        }
    }
    Ok(())
}

/// The identifier that a key is named by: eight hexadecimal digits.
fn rid_of(key: &KeyAt<'_>, gaps: &mut Vec<Gap>) -> Option<u32> {
    let name = key.key.name();
    let digits = name.len() == 8 && name.bytes().all(|b| b.is_ascii_hexdigit());
    let rid = digits.then(|| u32::from_str_radix(name, 16).ok()).flatten();
    if rid.is_none() {
        let error = Error::corrupt(
            Layer::Hive,
            Some(key.key.offset()),
            say!(error_sam_name, name = name),
        );
        gaps.push(key.gap(None, &error));
    }
    rid
}

fn user(
    key: &KeyAt<'_>,
    rid: u32,
    listed: Vec<Found<String>>,
    names_are_whole: bool,
    gaps: &mut Vec<Gap>,
) -> LocalUser {
    let account = record(key, "F", gaps).and_then(|f| need(key, "F", control(&f), gaps));
    let record = record(key, "V", gaps);
    let mut bytes = |entry: usize| {
        let record = record.as_deref()?;
        need(key, "V", field(record, entry * 12, USER_DATA), gaps)
    };
    let text = |bytes: Option<&[u8]>| bytes.map(utf16_whole).filter(|t| !t.is_empty());
    LocalUser {
        rid,
        name: bytes(1).map(utf16_whole),
        full_name: text(bytes(2)),
        comment: text(bytes(3)),
        hours: bytes(11).unwrap_or_default().to_vec(),
        workstations: text(bytes(10)).unwrap_or_default(),
        script_path: text(bytes(8)),
        profile_path: text(bytes(9)),
        groups: groups_of_record(bytes(12).unwrap_or_default()),
        hidden: match listed.is_empty() {
            true => names_are_whole.then_some(true),
            false => Some(false),
        },
        listed_names: listed.into_iter().map(|n| n.fact).collect(),
        hijacked: account.as_ref().map(|a| a.record_rid != rid),
        account,
    }
}

/// The bytes of a value that has to be there.
fn record(key: &KeyAt<'_>, name: &str, gaps: &mut Vec<Gap>) -> Option<Vec<u8>> {
    match key.value(name, |v| v.bytes().map(Some)) {
        Ok(Some(found)) => Some(found.fact),
        Ok(None) => {
            let missing = Error::not_found(Layer::Hive, say!(error_registry_no_value, name = name));
            gaps.push(key.gap(Some(name), &missing));
            None
        }
        Err(gap) => {
            gaps.push(gap);
            None
        }
    }
}

/// `found`, or the gap that the record ends before it.
fn need<T>(key: &KeyAt<'_>, name: &str, found: Option<T>, gaps: &mut Vec<Gap>) -> Option<T> {
    if found.is_none() {
        let what = say!(error_sam_short);
        let error = Error::corrupt(Layer::Hive, Some(key.key.offset()), what);
        gaps.push(key.gap(Some(name), &error));
    }
    found
}

fn control(f: &[u8]) -> Option<Control> {
    let bits = le16(f, 0x38)?;
    Some(Control {
        record_rid: le32(f, 0x30)?,
        control_bits: bits,
        disabled: bits & 0x0001 != 0,
        password_not_required: bits & 0x0004 != 0,
        password_never_expires: bits & 0x0200 != 0,
        locked: bits & 0x0400 != 0,
        last_logon: moment(le64(f, 0x08)?),
        password_set: moment(le64(f, 0x18)?),
        expires: moment(le64(f, 0x20)?),
        logons: le16(f, 0x42)?,
    })
}

/// A FILETIME; `None` for both forms of never: 0 and the largest signed number.
fn moment(filetime: u64) -> Option<Timestamp> {
    Timestamp::from_filetime(filetime).filter(|_| filetime < i64::MAX as u64)
}

/// The bytes that the entry at `entry` (offset from `base`, length) of a record leads to.
pub(super) fn field(record: &[u8], entry: usize, base: usize) -> Option<&[u8]> {
    let start = base.checked_add(le32(record, entry)? as usize)?;
    let len = le32(record, entry + 4)? as usize;
    record.get(start..start.checked_add(len)?)
}

/// Text without an end mark: a NUL in it hides nothing behind itself.
fn utf16_whole(bytes: &[u8]) -> String {
    utf16(bytes, false)
}

fn groups(hive: &GuestHive, domain: &'static str, out: &mut Accounts) -> Result<(), Gap> {
    let path = format!(r"SAM\Domains\{domain}\Aliases");
    let Some(root) = KeyAt::open(hive, &path)? else {
        return Ok(());
    };
    for key in root.subkeys(&mut out.gaps) {
        let name = key.key.name();
        if name.eq_ignore_ascii_case("Members") || name.eq_ignore_ascii_case("Names") {
            continue;
        }
        let gaps = &mut out.gaps;
        let Some(rid) = rid_of(&key, gaps) else {
            continue;
        };
        let Some(c) = record(&key, "C", gaps) else {
            continue;
        };
        let name = need(&key, "C", field(&c, 0x10, ALIAS_DATA), gaps).map(utf16_whole);
        let group = LocalGroup {
            domain,
            rid,
            name,
            members: need(&key, "C", members(&c), gaps).unwrap_or_default(),
        };
        let at: Location = key.location();
        out.groups.push(Found { fact: group, at });
    }
    Ok(())
}

/// The SIDs of an alias, one behind the other; `None` where they are not as many as it says.
fn members(c: &[u8]) -> Option<Vec<String>> {
    let count = le32(c, 0x30)?;
    let mut list = field(c, 0x28, ALIAS_DATA)?;
    let mut out = Vec::new();
    for _ in 0..count {
        let (sid, len) = sid(list)?;
        out.push(sid);
        list = list.get(len..)?;
    }
    Some(out)
}

/// The machine's SID: the last 24 bytes of the domain's record.
fn machine_sid(v: &[u8]) -> Option<String> {
    let (sid, len) = sid(v.get(v.len().checked_sub(24)?..)?)?;
    (len == 24 && sid.starts_with("S-1-5-21-")).then_some(sid)
}
