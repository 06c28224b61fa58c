//! Accounts: passwd, shadow, group and gshadow, their backups, and the further databases that the
//! name service may use. A password is only ever kept as its class.

use std::collections::HashMap;
use std::sync::OnceLock;

use super::crypt::{OfEmpty, of_empty};
use crate::error::{Error, Layer};
use crate::evidence::linux::reader::{Reader, base};
use crate::evidence::{Found, Gap, Location};

/// Which copy of a database an entry stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Database {
    /// The one in use, in `/etc`.
    Main,
    /// The backup that the account tools leave (`/etc/passwd-`).
    Backup,
    /// `/var/lib/extrausers`.
    Extra,
}

/// What stands in a password field; never the hash itself.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Password {
    /// Nothing: no password is asked for.
    Empty,
    /// `x` (or `*NP*`, `##name`): the password stands in shadow.
    Shadowed,
    /// Begins with `!` or `*`: no password fits. True where a hash stands behind it.
    Locked {
        /// A hash stands behind the lock, so unlocking brings a password back.
        hash_behind: bool,
    },
    /// A hash of this method.
    Hash(&'static str),
    /// Something that is no hash of a known method; no password fits.
    Other,
}

impl Password {
    /// Classifies a password field. Methods: crypt(5).
    #[must_use]
    pub fn of(field: &str) -> Self {
        const METHODS: &[(&str, &str)] = &[
            ("$y$", "yescrypt"),
            ("$gy$", "gost-yescrypt"),
            ("$7$", "scrypt"),
            ("$2", "bcrypt"),
            ("$6$", "sha512crypt"),
            ("$5$", "sha256crypt"),
            ("$sha1", "sha1crypt"),
            ("$md5", "SunMD5"),
            ("$1$", "md5crypt"),
            ("$3$", "NT"),
            ("_", "bsdicrypt"),
        ];
        if field.is_empty() {
            return Self::Empty;
        }
        // pam_unix looks into shadow for these as well.
        if field == "x" || field == "*NP*" || field.starts_with("##") {
            return Self::Shadowed;
        }
        if field.starts_with(['!', '*']) {
            let rest = field.trim_start_matches(['!', '*']);
            return Self::Locked {
                hash_behind: matches!(Self::of(rest), Self::Hash(_)),
            };
        }
        if let Some((_, method)) = METHODS.iter().find(|(p, _)| field.starts_with(p)) {
            return Self::Hash(method);
        }
        let des = |c: char| c.is_ascii_alphanumeric() || c == '.' || c == '/';
        if field.len() == 13 && field.chars().all(des) {
            return Self::Hash("descrypt");
        }
        Self::Other
    }

    /// The class in one word for reports.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::Shadowed => "shadowed",
            Self::Locked { hash_behind: false } => "locked",
            Self::Locked { hash_behind: true } => "locked-hash",
            Self::Hash(method) => method,
            Self::Other => "invalid",
        }
    }

    /// The same for people.
    #[must_use]
    pub fn text(&self) -> crate::text::Text {
        match self {
            Self::Empty => say!(password_empty),
            Self::Shadowed => say!(password_shadowed),
            Self::Locked { hash_behind: false } => say!(password_locked),
            Self::Locked { hash_behind: true } => say!(password_locked_hash),
            Self::Hash(method) => crate::text::Text::verbatim(*method),
            Self::Other => say!(password_invalid),
        }
    }
}

/// An entry of passwd(5).
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Account {
    /// Name; of a NIS line with its `+` or `-`.
    pub name: String,
    /// User id, where the field is a number.
    pub uid: Option<u32>,
    /// Id of the primary group.
    pub gid: Option<u32>,
    /// The password field's class.
    pub password: Password,
    /// Home directory.
    pub home: String,
    /// Login shell; empty means `/bin/sh`.
    pub shell: String,
    /// Which copy it stands in.
    pub database: Database,
}

impl Account {
    /// True for a NIS compat line, which lets in accounts that are not in the image.
    #[must_use]
    pub fn is_nis(&self) -> bool {
        self.name.starts_with(['+', '-'])
    }

    /// True where the shell lets its user in: anything but a program of the system that does not.
    #[must_use]
    pub fn can_log_in(&self) -> bool {
        let (folder, name) = self.shell.rsplit_once('/').unwrap_or(("", &self.shell));
        let system = matches!(folder, "/bin" | "/sbin" | "/usr/bin" | "/usr/sbin");
        let closed = matches!(
            name,
            "nologin" | "false" | "sync" | "shutdown" | "halt" | "true"
        );
        !(system && closed || self.shell == "/dev/null")
    }
}

/// An entry of shadow(5).
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct ShadowEntry {
    /// Name.
    pub name: String,
    /// The password field's class.
    pub password: Password,
    /// The account ends on some day, or its password has to be changed before it is used again.
    #[serde(skip)]
    pub may_expire: bool,
    /// Which copy it stands in.
    pub database: Database,
}

/// A password hash that is that of the empty password, or that may be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmptyHash {
    /// The account.
    pub name: String,
    /// It certainly is; otherwise the hash asks for more work than is done to tell.
    pub certain: bool,
}

/// An entry of group(5).
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Group {
    /// Name.
    pub name: String,
    /// Group id.
    pub gid: Option<u32>,
    /// Members besides those whose primary group it is; those of gshadow included.
    pub members: Vec<String>,
    /// Which copy it stands in.
    pub database: Database,
}

/// The accounts of a guest.
#[derive(Debug, Clone, Default)]
pub struct Accounts {
    /// Users, in the order of the files.
    pub users: Vec<Found<Account>>,
    /// Shadow entries.
    pub shadow: Vec<Found<ShadowEntry>>,
    /// Groups; entries of gshadow stand as groups without an id.
    pub groups: Vec<Found<Group>>,
    /// True where `/etc/shadow` is there.
    pub has_shadow: bool,
    /// Account caches of the System Security Services Daemon and user records of systemd, which
    /// this version does not read.
    pub sss: Vec<Location>,
    /// What could not be read.
    pub gaps: Vec<Gap>,
    by_name: OnceLock<ByName>,
}

/// Places in the lists of the accounts, each of the first entry in use of a name.
#[derive(Debug, Clone)]
struct ByName {
    users: HashMap<String, usize>,
    shadow: HashMap<String, usize>,
}

impl Accounts {
    /// The users of the databases in use.
    pub fn active(&self) -> impl Iterator<Item = &Found<Account>> {
        self.users
            .iter()
            .filter(|u| u.fact.database != Database::Backup)
    }

    /// The first user in use of `name`, as the name service finds it.
    #[must_use]
    pub fn user_of(&self, name: &str) -> Option<&Found<Account>> {
        self.users.get(*self.by_name().users.get(name)?)
    }

    /// The first shadow entry in use of `name`, as the name service finds it.
    #[must_use]
    pub fn shadow_of(&self, name: &str) -> Option<&Found<ShadowEntry>> {
        self.shadow.get(*self.by_name().shadow.get(name)?)
    }

    fn by_name(&self) -> &ByName {
        self.by_name.get_or_init(|| {
            let users = self.users.iter().map(|u| (&u.fact.name, u.fact.database));
            let shadow = self.shadow.iter().map(|s| (&s.fact.name, s.fact.database));
            ByName {
                users: places(users),
                shadow: places(shadow),
            }
        })
    }
}

/// Where each name stands first that is in use.
fn places<'a>(
    entries: impl DoubleEndedIterator<Item = (&'a String, Database)> + ExactSizeIterator,
) -> HashMap<String, usize> {
    let all = entries.enumerate().rev();
    let in_use = all.filter(|(_, (_, database))| *database != Database::Backup);
    in_use.map(|(i, (name, _))| (name.clone(), i)).collect()
}

const FOLDERS: &[(&str, &str, Database)] = &[
    ("/etc", "", Database::Main),
    ("/etc", "-", Database::Backup),
    ("/var/lib/extrausers", "", Database::Extra),
];

pub(in crate::evidence::linux) fn collect(reader: &Reader<'_>) -> Accounts {
    let mut all = Accounts::default();
    for (folder, suffix, database) in FOLDERS {
        let mut lines = |name: &str| -> Vec<(String, Location)> {
            let path = format!("{folder}/{name}{suffix}");
            let Some(file) = reader.text(&path, &mut all.gaps) else {
                return Vec::new();
            };
            if path == "/etc/shadow" {
                all.has_shadow = true;
            }
            file.lines()
                .filter(|(_, l)| !l.trim().is_empty() && !l.trim_start().starts_with('#'))
                .map(|(n, l)| (l.to_owned(), file.line(n)))
                .collect()
        };
        let (passwd, mut shadow) = (lines("passwd"), lines("shadow"));
        let (group, gshadow) = (lines("group"), lines("gshadow"));
        shadow.retain(|(line, at)| {
            let has_form = line.contains(':') || line.starts_with(['+', '-']);
            if !has_form {
                let why = Error::doubt(Layer::Config, say!(error_shadow_line));
                all.gaps.push(Gap::new(at.clone(), &why));
            }
            has_form
        });
        all.users.extend(passwd.into_iter().map(|(l, at)| Found {
            fact: account(&l, *database),
            at,
        }));
        all.shadow.extend(shadow.into_iter().map(|(l, at)| Found {
            fact: shadow_entry(&l, *database),
            at,
        }));
        all.groups.extend(group.into_iter().map(|(l, at)| Found {
            fact: group_entry(&l, *database, true),
            at,
        }));
        all.groups.extend(gshadow.into_iter().map(|(l, at)| Found {
            fact: group_entry(&l, *database, false),
            at,
        }));
    }
    sss(reader, &mut all);
    all
}

fn account(line: &str, database: Database) -> Account {
    let f: Vec<&str> = line.split(':').collect();
    let get = |i: usize| f.get(i).copied().unwrap_or("");
    Account {
        name: get(0).into(),
        uid: number(get(2)),
        gid: number(get(3)),
        // A line without a second field gives no password to ask for, so it is no empty one.
        password: f.get(1).map_or(Password::Other, |p| Password::of(p)),
        home: get(5).into(),
        shell: get(6).into(),
        database,
    }
}

/// A user or group id as the C library reads one (strtoul(3)): decimal, blanks and a sign before
/// it accepted, leading zeros accepted, too large a number cut to the largest.
pub(super) fn number(field: &str) -> Option<u32> {
    let text = field.trim_start_matches([' ', '\t', '\n', '\x0b', '\x0c', '\r']);
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if digits.is_empty() || !digits.chars().all(|c| c.is_ascii_digit()) {
        return None;
    }
    let value = digits.parse::<u64>().unwrap_or(u64::MAX);
    let value = if negative {
        value.wrapping_neg()
    } else {
        value
    };
    Some(u32::try_from(value).unwrap_or(u32::MAX))
}

fn shadow_entry(line: &str, database: Database) -> ShadowEntry {
    let f: Vec<&str> = line.split(':').collect();
    let get = |i: usize| f.get(i).map_or("", |v| v.trim());
    ShadowEntry {
        name: get(0).into(),
        password: f.get(1).map_or(Password::Other, |p| Password::of(p)),
        may_expire: get(2) == "0" || !matches!(get(7), "" | "-1"),
        database,
    }
}

fn group_entry(line: &str, database: Database, with_id: bool) -> Group {
    let f: Vec<&str> = line.split(':').collect();
    let members = f.get(3).copied().unwrap_or("").split(',');
    Group {
        name: f[0].into(),
        gid: f.get(2).filter(|_| with_id).and_then(|g| number(g)),
        members: members
            .map(str::trim)
            .filter(|m| !m.is_empty())
            .map(str::to_owned)
            .collect(),
        database,
    }
}

/// Hashes that are computed for one system.
const MAX_HASHES: usize = 64;

/// The accounts in use whose hash is that of the empty password. The hashes are read anew, for
/// none is kept.
pub(in crate::evidence::linux) fn empty_hashes(reader: &Reader<'_>) -> Vec<Found<EmptyHash>> {
    let mut all = Vec::new();
    let mut left = MAX_HASHES;
    // What could not be read stands among the gaps of the accounts.
    let mut gaps = Vec::new();
    for path in [
        "/etc/shadow",
        "/var/lib/extrausers/shadow",
        "/etc/passwd",
        "/var/lib/extrausers/passwd",
    ] {
        let Some(file) = reader.text(path, &mut gaps) else {
            continue;
        };
        for (n, line) in file.lines() {
            let mut fields = line.split(':');
            let (Some(name), Some(field)) = (fields.next(), fields.next()) else {
                continue;
            };
            if !matches!(Password::of(field), Password::Hash(_)) {
                continue;
            }
            let answer = if left == 0 {
                OfEmpty::TooCostly
            } else {
                left -= 1;
                of_empty(field)
            };
            if matches!(answer, OfEmpty::Yes | OfEmpty::TooCostly) {
                all.push(Found {
                    fact: EmptyHash {
                        name: name.to_owned(),
                        certain: answer == OfEmpty::Yes,
                    },
                    at: file.line(n),
                });
            }
        }
    }
    all
}

/// Caches of remote accounts, and user records of systemd (`/etc/userdb`). The cache of the local files themselves is no source of its own.
fn sss(reader: &Reader<'_>, all: &mut Accounts) {
    for folder in [
        &b"/etc/userdb"[..],
        b"/usr/lib/userdb",
        b"/usr/local/lib/userdb",
    ] {
        for path in reader.children(folder, &mut all.gaps) {
            if (path.ends_with(b".user") || path.ends_with(b".user-privileged"))
                && let Some(at) = reader.find(&path, &mut all.gaps)
            {
                all.sss.push(Location::of(&at));
            }
        }
    }
    for path in reader.children(b"/var/lib/sss/db", &mut all.gaps) {
        let name = base(&path);
        if name.starts_with(b"cache_")
            && name != b"cache_implicit_files.ldb"
            && let Some(at) = reader.find(&path, &mut all.gaps)
        {
            all.sss.push(Location::of(&at));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_only_its_class() {
        // The forms are those of crypt(5), shadow(5) and passwd(1).
        let of = |f: &str| Password::of(f).word();
        assert_eq!(of(""), "empty");
        assert_eq!(of("x"), "shadowed");
        assert_eq!(of("*"), "locked");
        assert_eq!(of("!"), "locked");
        assert_eq!(of("!!"), "locked");
        assert_eq!(of("!$6$salt$abcdef"), "locked-hash");
        assert_eq!(of("$6$salt$abcdef"), "sha512crypt");
        assert_eq!(of("$y$j9T$abc$def"), "yescrypt");
        assert_eq!(of("$1$abc$def"), "md5crypt");
        assert_eq!(of("$2b$12$abc"), "bcrypt");
        assert_eq!(of("ab0123456789."), "descrypt");
        assert_eq!(of("NP"), "invalid");
        assert_eq!(of("*NP*"), "shadowed");
    }

    #[test]
    fn ids_are_read_as_the_c_library_reads_them() {
        assert_eq!(number("0"), Some(0));
        assert_eq!(number("00"), Some(0));
        assert_eq!(number("+0"), Some(0));
        assert_eq!(number("-0"), Some(0));
        assert_eq!(number("-1"), Some(u32::MAX));
        assert_eq!(number("4294967296"), Some(u32::MAX));
        assert_eq!(number("0x0"), None);
        assert_eq!(number(" 0"), Some(0));
        assert_eq!(number("1x"), None);
        assert_eq!(number(""), None);
    }
}
