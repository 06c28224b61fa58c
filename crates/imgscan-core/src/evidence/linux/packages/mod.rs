//! Installed packages.

mod apk;
mod compare;
mod dpkg;
mod owner;
mod rpm;
mod vendor;
mod verify;

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

pub use compare::{Compared, Difference};
pub(super) use compare::{compare, digest};
pub(super) use owner::{Listed, conffiles, key_of, listed, owner};
pub use owner::{Owner, Recorded};
pub use rpm::{Seal, fits as key_fits};
pub(super) use vendor::collect as vendor;
pub use vendor::{Provenance, Vendor};
pub(super) use verify::collect as package_files;
pub use verify::{Change, FileChange, PackageFiles};

use crate::error::{Error, Layer};
use crate::evidence::linux::reader::Reader;
use crate::evidence::{Found, Gap, Location};
use crate::trust::DigestKind;

/// Whose database a package stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum PackageSystem {
    /// dpkg of Debian.
    Dpkg,
    /// rpm.
    Rpm,
    /// apk of Alpine.
    Apk,
}

/// The digest that a package recorded for a file.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct FileDigest {
    /// Its kind.
    pub kind: DigestKind,
    /// Lower-case hexadecimal.
    pub hex: String,
}

impl FileDigest {
    /// The digest `bytes`, whose length tells its kind.
    fn of(bytes: &[u8]) -> Option<Self> {
        let kinds = [
            DigestKind::Md5,
            DigestKind::Sha1,
            DigestKind::Sha224,
            DigestKind::Sha256,
            DigestKind::Sha384,
            DigestKind::Sha512,
        ];
        let kind = kinds.into_iter().find(|k| k.size() == bytes.len())?;
        Some(Self {
            kind,
            hex: crate::bytes::hex(bytes),
        })
    }
}

/// `sha256:…`
impl fmt::Display for FileDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.kind.name(), self.hex)
    }
}

/// What the database itself holds of a package's files; dpkg's are in files of their own.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Contents {
    pub(super) files: crate::rpm::Files,
    marks: Option<rpm::Marks>,
    build_host: Option<String>,
}

/// A package of a database.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Package {
    /// Name.
    pub name: String,
    /// Version, epoch included.
    pub version: String,
    /// Architecture.
    pub architecture: String,
    /// Whose database it stands in.
    pub system: PackageSystem,
    /// State as dpkg writes it (`installed`, `config-files`, …); the others list only what is installed.
    pub state: String,
    /// Who maintains it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub maintainer: Option<String>,
    /// `Multi-Arch: same`: its list files carry the architecture in their names.
    #[serde(skip)]
    pub by_arch: bool,
    /// Its files, where the database itself holds them.
    #[serde(skip)]
    pub(super) contents: Option<Arc<Contents>>,
}

impl Package {
    /// Where the package was built, as it says.
    #[must_use]
    pub fn build_host(&self) -> Option<&str> {
        self.contents.as_ref()?.build_host.as_deref()
    }
}

/// A package database that is there, but could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ForeignDatabase {
    /// rpm.
    Rpm,
    /// pacman of Arch.
    Pacman,
}

/// The packages of a guest.
#[derive(Debug, Clone, Default)]
pub struct Packages {
    /// Packages: those of dpkg by name and architecture, of rpm by name and version, of apk as listed.
    pub items: Vec<Found<Package>>,
    /// True where a dpkg database is there.
    pub has_dpkg: bool,
    /// True where an rpm database was read.
    pub has_rpm: bool,
    /// True where an apk database is there.
    pub has_apk: bool,
    /// Databases that are not read.
    pub foreign: Vec<Found<ForeignDatabase>>,
    /// What could not be read, [`Packages::foreign`] included.
    pub gaps: Vec<Gap>,
    /// Files moved aside: (from, to, by package).
    pub(super) diversions: Vec<(String, String, String)>,
    /// Configuration files of dpkg's packages, with what each was when it was installed.
    pub(super) conffiles: std::collections::BTreeMap<String, FileDigest>,
    /// Bytes of lists of files that were read, again and again for each question.
    lists_read: Arc<AtomicU64>,
}

impl Packages {
    /// Whose packages the system has; `None` where it has no database.
    #[must_use]
    pub fn system(&self) -> Option<PackageSystem> {
        let first = self.items.first().map(|package| package.fact.system);
        first.or(match (self.has_dpkg, self.has_rpm, self.has_apk) {
            (true, ..) => Some(PackageSystem::Dpkg),
            (_, true, _) => Some(PackageSystem::Rpm),
            (.., true) => Some(PackageSystem::Apk),
            _ => None,
        })
    }

    /// The packages that `dpkg-query -W` lists: all that are not in state `not-installed`. Those
    /// of which only configuration files are left are among them.
    pub fn listed(&self) -> impl Iterator<Item = &Found<Package>> {
        self.items
            .iter()
            .filter(|p| p.fact.state != "not-installed")
    }

    /// True where there is a database that is read.
    #[must_use]
    pub fn has_database(&self) -> bool {
        self.has_dpkg || self.has_rpm || self.has_apk
    }

    /// The number of packages as `dpkg-query -W`, `rpm -qa` or `apk info` counts them; `None` where there is no database
    /// that is read.
    #[must_use]
    pub fn count(&self) -> Option<usize> {
        self.has_database().then(|| self.listed().count())
    }

    /// True where no package database was found at all.
    #[must_use]
    pub fn is_absent(&self) -> bool {
        !self.has_database() && self.foreign.is_empty() && self.gaps.is_empty()
    }
}

pub(super) fn collect(reader: &Reader<'_>) -> Packages {
    let mut all = Packages::default();
    dpkg::collect(reader, &mut all);
    rpm::collect(reader, &mut all);
    apk::collect(reader, &mut all);
    if let Some(at) = reader.find(b"/var/lib/pacman/local", &mut all.gaps) {
        let at = Location::of(&at);
        if !all.has_database() {
            let why = Error::unsupported(Layer::Packages, None, say!(error_pacman));
            all.gaps.push(Gap::new(at.clone(), &why));
        }
        let fact = ForeignDatabase::Pacman;
        all.foreign.push(Found { fact, at });
    }
    all
}
