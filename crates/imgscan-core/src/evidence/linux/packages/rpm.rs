//! The rpm database, and what vouches for the records in it.

use std::sync::Arc;

use super::{Contents, ForeignDatabase, Package, PackageSystem, Packages};
use crate::error::{Error, Layer, Result, contained};
use crate::evidence::linux::reader::Reader;
use crate::evidence::{Found, Gap, Location};
use crate::fs::FileKind;
use crate::rpm::{Header, Record, records, tag};
use crate::text::Text;
use crate::trust::openpgp::Signature;
use crate::trust::{Bundle, DigestKind, PinnedKey, signers};

/// Where rpm keeps its database (`%_dbpath` of the distributions).
const DATABASES: &[&str] = &[
    "/var/lib/rpm/rpmdb.sqlite",
    "/var/lib/rpm/Packages.db",
    "/var/lib/rpm/Packages",
    "/usr/lib/sysimage/rpm/rpmdb.sqlite",
    "/usr/lib/sysimage/rpm/Packages.db",
    "/usr/lib/sysimage/rpm/Packages",
    "/usr/share/rpm/rpmdb.sqlite",
    "/usr/share/rpm/Packages.db",
    "/usr/share/rpm/Packages",
];
/// Packages of one database.
const MAX_PACKAGES: usize = 100_000;
/// Bytes of headers of one database: what is kept of them is not more.
const MAX_HEADERS: usize = 512 * 1024 * 1024;
/// Records that could not be read, each told by itself.
const MAX_GAPS: usize = 64;

/// What a package's header says of its own soundness; which key made a signature is asked later.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Marks {
    /// A digest of the header in the header itself that is not the header's.
    wrong: Option<DigestKind>,
    /// The signatures, each with the digest of what it covers.
    signatures: Vec<Result<(Signature, Vec<u8>)>>,
}

/// What vouches for a package's record.
#[derive(Debug, Clone)]
pub enum Seal {
    /// The database of this system is not signed (dpkg, apk).
    Unsealed,
    /// The header has no signature.
    Unsigned,
    /// Its signature is of a kind that is not verified here: why.
    Unread(Text),
    /// It is signed by a key that is not pinned: the key's ID.
    UnknownKey(String),
    /// A pinned key signed it.
    Good {
        /// The key.
        key: Arc<PinnedKey>,
        /// When it was signed, in seconds since 1970.
        created: Option<u32>,
        /// True for a digest (SHA-1, MD5) that can be forged with effort.
        weak: bool,
    },
    /// It was changed since it was made: why that is known.
    Forged(Text),
}

impl Seal {
    /// The name of the key that signed it, with its fingerprint.
    #[must_use]
    pub fn anchor(&self) -> Option<String> {
        let Self::Good { key, .. } = self else {
            return None;
        };
        let user = key.key.user.as_deref().unwrap_or("no name");
        Some(format!("{user} ({})", key.key.fingerprint()))
    }

    /// True where the vendor of the system with the os-release `ID` `os` signed it, or a key that
    /// the user gave; with a digest that counts.
    #[must_use]
    pub fn is_vendors(&self, os: Option<&str>) -> bool {
        let Self::Good { key, weak, .. } = self else {
            return false;
        };
        !weak && key.base && fits(key, os) == Some(true)
    }
}

/// Whether `key` is one of the vendor of the system `os`; `None` where no key of that vendor is
/// known.
#[must_use]
pub fn fits(key: &PinnedKey, os: Option<&str>) -> Option<bool> {
    match key.vendor {
        None => Some(true),
        Some(vendor) => signers(os?).map(|own| own.contains(&vendor)),
    }
}

impl Package {
    /// What vouches for this package's record, by the keys in `trust`.
    #[must_use]
    pub fn seal(&self, trust: &Bundle) -> Seal {
        let Some(marks) = self.contents.as_ref().and_then(|c| c.marks.as_ref()) else {
            return Seal::Unsealed;
        };
        if let Some(kind) = marks.wrong {
            return Seal::Forged(say!(package_digest, digest = kind.name()));
        }
        let mut seal = Seal::Unsigned;
        for signature in &marks.signatures {
            let next = match signature {
                Ok((signature, digest)) => one(signature, digest, trust),
                Err(e) => Seal::Unread(e.text()),
            };
            // One that is bad tells more than one that is good, and that more than any other.
            seal = match (seal, next) {
                (forged @ Seal::Forged(_), _) | (_, forged @ Seal::Forged(_)) => forged,
                (good @ Seal::Good { .. }, _) => good,
                (_, next) => next,
            };
        }
        seal
    }
}

fn one(signature: &Signature, digest: &[u8], trust: &Bundle) -> Seal {
    let mut unread = None;
    let mut known = None;
    for id in &signature.issuers {
        for key in trust.keys_by_id(*id) {
            match key.key.verify_digest(signature, digest) {
                Ok(true) => {
                    return Seal::Good {
                        key: Arc::clone(key),
                        created: signature.created,
                        weak: !signature.digest().is_ok_and(DigestKind::is_strong),
                    };
                }
                Ok(false) => known = Some(key.key.fingerprint()),
                Err(e) => unread = Some(e.text()),
            }
        }
    }
    let ids = || signature.issuers.iter().map(|id| crate::bytes::hex(id));
    match (known, unread) {
        (Some(key), _) => Seal::Forged(say!(package_signature, key = key)),
        (None, Some(why)) => Seal::Unread(why),
        (None, None) => Seal::UnknownKey(ids().collect::<Vec<_>>().join(", ")),
    }
}

pub(super) fn collect(reader: &Reader<'_>, all: &mut Packages) {
    let mut seen: Vec<Location> = Vec::new();
    for path in DATABASES {
        let Some(found) = reader.find(path.as_bytes(), &mut all.gaps) else {
            continue;
        };
        let at = Location::of(&found);
        // One database can be reached by two paths (openSUSE links one to the other).
        if found.metadata.kind != FileKind::Regular || seen.contains(&at) {
            continue;
        }
        seen.push(at.clone());
        let log = format!("{path}-wal");
        let wal = reader.find(log.as_bytes(), &mut all.gaps);
        let wal = wal.filter(|w| path.ends_with(".sqlite") && w.metadata.size > 0);
        let done = contained(
            Layer::Packages,
            || say!(doing_rpm_database),
            || {
                let wal = wal.map(|w| w.open()).transpose()?;
                database(found.open()?.as_ref(), wal.as_deref(), &at, all)
            },
        );
        match done {
            Ok(()) => all.has_rpm = true,
            Err(e) => {
                all.gaps.push(Gap::new(at.clone(), &e));
                all.foreign.push(Found {
                    fact: ForeignDatabase::Rpm,
                    at: at.clone(),
                });
            }
        }
        // A change that was begun and not finished: the file itself is half old, half new.
        let journal = format!("{path}-journal");
        if let Some(hot) = reader.find(journal.as_bytes(), &mut all.gaps)
            && hot.metadata.size > 0
        {
            let why = Error::unsupported(Layer::Packages, None, say!(error_rpm_journal));
            all.gaps.push(Gap::new(Location::of(&hot), &why));
        }
    }
}

fn database(
    file: &dyn crate::source::ReadAt,
    wal: Option<&dyn crate::source::ReadAt>,
    at: &Location,
    all: &mut Packages,
) -> Result<()> {
    let (mut bytes, mut bad) = (0, 0);
    let mut found = Vec::new();
    let mut gaps = Vec::new();
    let ended = records(file, wal, &mut |record| {
        let size = record.as_ref().map_or(0, |r| r.blob.len());
        bytes += size;
        if bytes > MAX_HEADERS || found.len() == MAX_PACKAGES || bad == MAX_GAPS {
            let why = Error::limit(
                Layer::Packages,
                None,
                say!(error_rpm_many, count = found.len(), bytes = bytes),
            );
            gaps.push(Gap::new(at.clone(), &why));
            return false;
        }
        let offset = record.as_ref().ok().map(|r| r.offset);
        match record.and_then(|r| package(&r)) {
            Ok(package) => {
                let mut at = at.clone();
                at.offset = offset;
                found.push(Found { fact: package, at });
            }
            Err(e) => {
                bad += 1;
                let mut at = at.clone();
                at.offset = offset;
                gaps.push(Gap::new(at, &e));
            }
        }
        true
    });
    all.gaps.extend(gaps);
    found.sort_by(|a, b| key(&a.fact).cmp(&key(&b.fact)));
    all.items.extend(found);
    ended.map(|_| ())
}

fn key(package: &Package) -> (&str, &str, &str) {
    (&package.name, &package.version, &package.architecture)
}

fn package(record: &Record) -> Result<Package> {
    let header = Header::parse(&record.blob)?;
    let text = |t| header.text(t).unwrap_or_default();
    let name = text(tag::NAME);
    if name.is_empty() {
        return Err(Error::corrupt(Layer::Packages, 8, say!(error_rpm_no_name)));
    }
    let epoch = header.number(tag::EPOCH);
    let epoch = epoch.map_or_else(String::new, |e| format!("{e}:"));
    Ok(Package {
        version: format!("{epoch}{}-{}", text(tag::VERSION), text(tag::RELEASE)),
        architecture: text(tag::ARCH),
        state: "installed".into(),
        maintainer: header.text(tag::VENDOR),
        by_arch: false,
        system: PackageSystem::Rpm,
        contents: Some(Arc::new(Contents {
            files: header.files()?,
            marks: Some(marks(&header)),
            build_host: header.text(tag::BUILDHOST),
        })),
        name,
    })
}

fn marks(header: &Header<'_>) -> Marks {
    let mut wrong = None;
    for (tag, kind) in [
        (tag::SHA1HEADER, DigestKind::Sha1),
        (tag::SHA256HEADER, DigestKind::Sha256),
    ] {
        if let Some(own) = header.added_text(tag) {
            let mut hasher = kind.hasher();
            let region = header.signed_bytes(|piece| hasher.update(piece));
            if region && !own.eq_ignore_ascii_case(&crate::bytes::hex(&hasher.finish())) {
                wrong = Some(kind);
            }
        }
    }
    let signatures = header.signatures();
    let signatures = signatures.iter().map(|(_, packet)| {
        let signature = Signature::parse(packet)?;
        let digest = signature.data_digest(|take| {
            header.signed_bytes(take);
        })?;
        Ok((signature, digest))
    });
    Marks {
        wrong,
        signatures: signatures.collect(),
    }
}
