//! Keys: who may enter by one, and private keys that were left behind. sshd(8), AUTHORIZED_KEYS
//! FILE FORMAT. Never more of a key than its type, comment and fingerprint.

use std::collections::BTreeSet;

use sha2::{Digest as _, Sha256};

use super::Sshd;
use crate::error::{Error, Layer};
use crate::evidence::linux::accounts::{Account, Accounts};
use crate::evidence::linux::reader::{Reader, TextFile, base, join};
use crate::evidence::{Found, Gap, Location};
use crate::fs::FileKind;
use crate::guest::linux::assignments;
use crate::text::lossless;

/// Directories of one home that are looked through for PuTTY keys.
const MAX_DIRS: usize = 8192;
/// Levels below a home that are looked through.
const MAX_DEPTH: usize = 4;
/// The longest key file that is read, in bytes.
const MAX_KEY: u64 = 1024 * 1024;

/// What was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum KeyKind {
    /// A line that lets the holder of a key in.
    Authorized,
    /// A certificate authority whose certificates let their holders in.
    Authority,
    /// A file for authorized keys that holds none.
    EmptyFile,
    /// A line of such a file that is no key.
    Unreadable,
    /// A private key.
    Private,
    /// A private key of the host itself.
    HostPrivate,
    /// Names and keys of other hosts.
    KnownHosts,
}

/// A key.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Key {
    /// What it is.
    pub kind: KeyKind,
    /// Type (`ssh-ed25519`), or the format of a private key.
    pub algorithm: Option<String>,
    /// `SHA256:…` as ssh-keygen prints it.
    pub fingerprint: Option<String>,
    /// Comment.
    pub comment: Option<String>,
    /// The line allows one forced command only.
    pub forced_command: bool,
    /// A private key protected by a passphrase, where that can be told.
    pub encrypted: Option<bool>,
}

/// The keys of a guest.
#[derive(Debug, Clone, Default)]
pub struct Keys {
    /// Keys, by path and line.
    pub items: Vec<Found<Key>>,
    /// What could not be read.
    pub gaps: Vec<Gap>,
}

impl Key {
    fn new(kind: KeyKind) -> Self {
        Self {
            kind,
            algorithm: None,
            fingerprint: None,
            comment: None,
            forced_command: false,
            encrypted: None,
        }
    }
}

pub(in crate::evidence::linux) fn collect(
    reader: &Reader<'_>,
    accounts: &Accounts,
    sshd: &Sshd,
) -> Keys {
    let mut all = Keys::default();
    let mut homes: BTreeSet<Vec<u8>> = BTreeSet::new();
    let mut files: BTreeSet<Vec<u8>> = BTreeSet::new();
    for user in accounts
        .active()
        .filter(|u| !u.fact.is_nis() && u.fact.home.starts_with('/'))
    {
        homes.insert(user.fact.home.clone().into_bytes());
        for file in authorized_files(sshd) {
            let path = tokens(&file.fact, user);
            if path.contains('%') && !file.fact.contains("%%") {
                let why = Error::unsupported(
                    Layer::Config,
                    None,
                    say!(error_ssh_option, value = file.fact.clone()),
                );
                all.gaps.push(Gap::new(file.at.clone(), &why));
            }
            files.insert(if path.starts_with('/') {
                path.into_bytes()
            } else {
                join(user.fact.home.as_bytes(), path.as_bytes())
            });
        }
    }
    // Homes that an account left behind, and root's, whatever passwd says.
    homes.insert(b"/root".to_vec());
    // useradd(8) and adduser(8) copy these into the homes that they make.
    homes.insert(b"/etc/skel".to_vec());
    for settings in ["/etc/default/useradd", "/etc/adduser.conf"] {
        let file = reader.text(settings, &mut all.gaps);
        let values = file.map(|f| assignments(&f.text)).unwrap_or_default();
        let skeletons = values.into_iter().filter(|(_, key, _)| key == "SKEL");
        homes.extend(skeletons.map(|(.., value)| value.into_bytes()));
    }
    homes.extend(reader.children(b"/home", &mut all.gaps));
    for home in &homes {
        files.insert(join(home, b".ssh/authorized_keys"));
        files.insert(join(home, b".ssh/authorized_keys2"));
    }
    files.insert(b"/etc/dropbear/authorized_keys".to_vec());
    for path in reader.children(b"/etc/ssh", &mut all.gaps) {
        if base(&path).starts_with(b"authorized_keys") {
            files.extend(reader.children(&path, &mut all.gaps));
            files.insert(path);
        }
    }
    let mut seen = BTreeSet::new();
    for path in &files {
        if let Some(file) = reader.text_to(path, MAX_KEY, &mut all.gaps)
            && seen.insert(file.at.clone())
        {
            authorized(&mut all, &file, KeyKind::Authorized);
        }
    }
    authorities(reader, &mut all, sshd);
    for home in &homes {
        // A home such as `/` or `/usr` is a tree of the system.
        let depth = if home.iter().filter(|b| **b == b'/').count() < 2 && home != b"/root" {
            0
        } else {
            MAX_DEPTH
        };
        private(reader, &mut all, home, depth);
    }
    host(reader, &mut all, sshd);
    all.items
        .sort_by(|a, b| (&a.at, a.fact.kind).cmp(&(&b.at, b.fact.kind)));
    all.items.dedup();
    all
}

/// The values of `AuthorizedKeysFile`, `Match` blocks included.
fn authorized_files(sshd: &Sshd) -> impl Iterator<Item = Found<String>> + '_ {
    sshd.settings
        .iter()
        .filter(|s| s.fact.is("authorizedkeysfile"))
        .flat_map(|s| {
            s.fact.arguments.iter().map(|a| Found {
                fact: a.clone(),
                at: s.at.clone(),
            })
        })
        .filter(|v| !v.fact.eq_ignore_ascii_case("none"))
}

/// `path` with what its tokens stand for: sshd_config(5), TOKENS.
fn tokens(path: &str, user: &Found<Account>) -> String {
    let mut out = String::new();
    let mut chars = path.chars();
    while let Some(c) = chars.next() {
        if c != '%' {
            out.push(c);
            continue;
        }
        match chars.next() {
            Some('%') => out.push('%'),
            Some('h') => out.push_str(&user.fact.home),
            Some('u') => out.push_str(&user.fact.name),
            Some('U') => out.push_str(&user.fact.uid.unwrap_or(0).to_string()),
            other => {
                out.push('%');
                out.extend(other);
            }
        }
    }
    out
}

fn authorities(reader: &Reader<'_>, all: &mut Keys, sshd: &Sshd) {
    for setting in sshd
        .settings
        .iter()
        .filter(|s| s.fact.is("trustedusercakeys"))
    {
        let value = setting
            .fact
            .arguments
            .first()
            .unwrap_or(&setting.fact.value);
        if value.eq_ignore_ascii_case("none") || value.is_empty() {
            continue;
        }
        let path = if value.starts_with('/') {
            value.clone()
        } else {
            format!("/{value}")
        };
        match reader.text_to(&path, MAX_KEY, &mut all.gaps) {
            Some(file) => authorized(all, &file, KeyKind::Authority),
            // The file may come when the machine runs.
            None => {
                let key = Key::new(KeyKind::Unreadable);
                all.items.push(Found {
                    fact: key,
                    at: setting.at.clone(),
                });
            }
        }
    }
}

/// The lines of a file of authorized keys.
fn authorized(all: &mut Keys, file: &TextFile, kind: KeyKind) {
    let before = all.items.len();
    for (n, line) in file.lines() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let key = public_key(line, kind).unwrap_or_else(|| Key::new(KeyKind::Unreadable));
        all.items.push(Found {
            fact: key,
            at: file.line(n),
        });
    }
    if all.items.len() == before {
        all.items.push(Found {
            fact: Key::new(KeyKind::EmptyFile),
            at: file.at.clone(),
        });
    }
}

/// Options, type, key, comment.
fn public_key(line: &str, kind: KeyKind) -> Option<Key> {
    let words = words(line);
    let is_type =
        |w: &&str| w.starts_with("ssh-") || w.starts_with("ecdsa-sha2-") || w.starts_with("sk-");
    let at = words.iter().take(2).position(is_type)?;
    let blob = base64_decode(words.get(at + 1)?)?;
    let options = if at == 0 { "" } else { words[0] };
    let comment = words[at + 2..].join(" ");
    let kind = if options.to_ascii_lowercase().contains("cert-authority") {
        KeyKind::Authority
    } else {
        kind
    };
    Some(Key {
        algorithm: Some(words[at].to_owned()),
        fingerprint: Some(format!("SHA256:{}", base64_encode(&Sha256::digest(&blob)))),
        comment: Some(comment).filter(|c| !c.is_empty()),
        forced_command: options.to_ascii_lowercase().contains("command="),
        ..Key::new(kind)
    })
}

/// Words at blanks that are not inside double quotes.
fn words(line: &str) -> Vec<&str> {
    let mut out = Vec::new();
    let (mut start, mut quoted, mut escaped) = (None, false, false);
    for (i, c) in line.char_indices() {
        if c.is_whitespace() && !quoted {
            if let Some(s) = start.take() {
                out.push(&line[s..i]);
            }
            continue;
        }
        start.get_or_insert(i);
        match c {
            '\\' if quoted => escaped = !escaped,
            '"' if !escaped => quoted = !quoted,
            _ => escaped = false,
        }
    }
    if let Some(s) = start {
        out.push(&line[s..]);
    }
    out
}

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

fn base64_decode(text: &str) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len() / 4 * 3);
    let (mut bits, mut held) = (0u32, 0);
    for b in text.trim_end_matches('=').bytes() {
        let value = ALPHABET.iter().position(|a| *a == b)?;
        bits = bits << 6 | u32::try_from(value).ok()?;
        held += 6;
        if held >= 8 {
            held -= 8;
            out.push(u8::try_from(bits >> held & 0xff).ok()?);
        }
    }
    (!out.is_empty()).then_some(out)
}

/// Without padding, as ssh-keygen prints fingerprints.
fn base64_encode(bytes: &[u8]) -> String {
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let word = chunk
            .iter()
            .enumerate()
            .fold(0usize, |w, (i, b)| w | usize::from(*b) << (16 - 8 * i));
        for i in 0..=chunk.len() {
            out.push(char::from(ALPHABET[word >> (18 - 6 * i) & 63]));
        }
    }
    out
}

/// Private keys and known hosts in `.ssh` of `home`, and PuTTY keys anywhere below it.
fn private(reader: &Reader<'_>, all: &mut Keys, home: &[u8], depth: usize) {
    for path in reader.children(&join(home, b".ssh"), &mut all.gaps) {
        if base(&path).starts_with(b"known_hosts") {
            if let Some(file) = reader.text_to(&path, MAX_KEY, &mut all.gaps)
                && !file.text.trim().is_empty()
            {
                all.items.push(Found {
                    fact: Key::new(KeyKind::KnownHosts),
                    at: file.at,
                });
            }
            continue;
        }
        private_file(reader, all, &path, KeyKind::Private);
    }
    let mut todo = vec![(home.to_vec(), depth)];
    let mut left = MAX_DIRS;
    while let Some((dir, depth)) = todo.pop() {
        if depth == 0 {
            continue;
        }
        if left == 0 {
            let what = say!(error_too_many, most = MAX_DIRS, what = "folders");
            let why = Error::limit(Layer::Config, None, what);
            all.gaps.push(Gap::at_path(lossless(&dir), &why));
            break;
        }
        left -= 1;
        for path in reader.children(&dir, &mut all.gaps) {
            let name = base(&path);
            let lower = name.to_ascii_lowercase();
            if lower.ends_with(b".ppk") || lower.ends_with(b".pem") || name.starts_with(b"id_") {
                private_file(reader, all, &path, KeyKind::Private);
            } else if name != b".ssh" && depth > 1 {
                let is_dir = reader
                    .paths()
                    .resolve_link(&path)
                    .is_ok_and(|at| at.metadata.kind == FileKind::Directory);
                if is_dir {
                    todo.push((path, depth - 1));
                }
            }
        }
    }
}

fn host(reader: &Reader<'_>, all: &mut Keys, sshd: &Sshd) {
    // Wherever the configuration has them.
    for setting in sshd.settings.iter().filter(|s| s.fact.is("hostkey")) {
        let path = format!("/{}", setting.fact.first().trim_start_matches('/'));
        private_file(reader, all, path.as_bytes(), KeyKind::HostPrivate);
    }
    for (folder, prefix) in [("/etc/ssh", "ssh_host_"), ("/etc/dropbear", "dropbear_")] {
        for path in reader.children(folder.as_bytes(), &mut all.gaps) {
            let name = base(&path);
            if name.starts_with(prefix.as_bytes()) && name.ends_with(b"_key") {
                private_file(reader, all, &path, KeyKind::HostPrivate);
            }
        }
    }
}

/// What marks a private key: (text near its start, format, passphrase).
const MARKS: &[(&str, &str, Option<bool>)] = &[
    ("-----BEGIN OPENSSH PRIVATE KEY-----", "OpenSSH", None),
    (
        "-----BEGIN ENCRYPTED PRIVATE KEY-----",
        "PKCS#8",
        Some(true),
    ),
    ("-----BEGIN PRIVATE KEY-----", "PKCS#8", Some(false)),
    ("-----BEGIN RSA PRIVATE KEY-----", "PEM RSA", None),
    ("-----BEGIN EC PRIVATE KEY-----", "PEM EC", None),
    ("-----BEGIN DSA PRIVATE KEY-----", "PEM DSA", None),
    ("PuTTY-User-Key-File-", "PuTTY", None),
    ("SSH PRIVATE KEY FILE FORMAT 1.1", "SSH1", None),
    ("---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----", "SSH2", None),
];

fn private_file(reader: &Reader<'_>, all: &mut Keys, path: &[u8], kind: KeyKind) {
    let Some(file) = reader.text_to(path, MAX_KEY, &mut all.gaps) else {
        return;
    };
    let mark = MARKS
        .iter()
        .find_map(|(mark, format, lock)| file.text.find(mark).map(|at| (at, *format, *lock)));
    let Some((at, format, lock)) = mark else {
        // dropbear's own format has no mark; its name says what it is.
        if kind == KeyKind::HostPrivate && lossless(path).contains("dropbear") {
            all.items.push(Found {
                fact: Key::new(kind),
                at: file.at,
            });
        }
        return;
    };
    let encrypted = lock.or_else(|| match format {
        "PuTTY" => Some(!file.text.contains("Encryption: none")),
        "OpenSSH" => openssh_cipher(&file.text[at..]).map(|c| c != b"none"),
        "SSH1" | "SSH2" => None,
        _ => Some(file.text.contains("Proc-Type: 4,ENCRYPTED")),
    });
    let line = file.text[..at].matches('\n').count() + 1;
    all.items.push(Found {
        fact: Key {
            algorithm: Some(format.to_owned()),
            encrypted,
            ..Key::new(kind)
        },
        at: Location {
            line: u32::try_from(line).ok(),
            ..file.at
        },
    });
}

/// The cipher of an OpenSSH private key: behind the magic `openssh-key-v1\0` stands its name with
/// a 32-bit length (PROTOCOL.key of OpenSSH).
fn openssh_cipher(text: &str) -> Option<Vec<u8>> {
    let body: String = text
        .lines()
        .skip(1)
        .take_while(|l| !l.starts_with('-'))
        .take(2)
        .collect();
    let whole = body.len() / 4 * 4;
    let bytes = base64_decode(body.get(..whole)?)?;
    let rest = bytes.strip_prefix(b"openssh-key-v1\0")?;
    let len = usize::try_from(crate::bytes::be32(rest, 0)?).ok()?;
    Some(rest.get(4..4usize.checked_add(len)?)?.to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Made with `ssh-keygen -t ed25519`, its fingerprint printed by `ssh-keygen -lf`.
    const LINE: &str = include_str!("testkey.pub");
    const FINGERPRINT: &str = include_str!("testkey.fingerprint");

    #[test]
    fn the_fingerprint_is_the_one_that_ssh_keygen_prints() {
        let key = public_key(LINE.trim(), KeyKind::Authorized).unwrap();
        assert_eq!(key.fingerprint.as_deref(), Some(FINGERPRINT.trim()));
        assert_eq!(key.comment.as_deref(), Some("left over"));
        assert_eq!(key.algorithm.as_deref(), Some("ssh-ed25519"));
    }

    #[test]
    fn options_may_hold_blanks_and_quotes() {
        let line = format!("command=\"echo \\\"a b\\\"\",no-pty {}", LINE.trim());
        let key = public_key(&line, KeyKind::Authorized).unwrap();
        assert!(key.forced_command);
        assert_eq!(public_key("not a key", KeyKind::Authorized), None);
    }
}
