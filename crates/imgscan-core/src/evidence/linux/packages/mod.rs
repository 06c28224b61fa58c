//! Installed packages.

mod dpkg;
mod owner;

pub(super) use owner::{Listed, listed, owner};

use crate::error::{Error, Layer};
use crate::evidence::linux::reader::Reader;
use crate::evidence::{Found, Gap, Location};

/// A package of the dpkg database.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Package {
    /// Name.
    pub name: String,
    /// Version, epoch included.
    pub version: String,
    /// Architecture.
    pub architecture: String,
    /// State as dpkg writes it (`installed`, `config-files`, …).
    pub state: String,
    /// Who maintains it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub maintainer: Option<String>,
    /// `Multi-Arch: same`: its list files carry the architecture in their names.
    #[serde(skip)]
    pub by_arch: bool,
}

/// A package database that is there, but is not read by this version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ForeignDatabase {
    /// rpm.
    Rpm,
    /// apk of Alpine.
    Apk,
    /// pacman of Arch.
    Pacman,
}

/// The packages of a guest.
#[derive(Debug, Clone, Default)]
pub struct Packages {
    /// Packages, by name and architecture.
    pub items: Vec<Found<Package>>,
    /// True where a dpkg database is there.
    pub has_dpkg: bool,
    /// Databases that are not read.
    pub foreign: Vec<Found<ForeignDatabase>>,
    /// What could not be read, [`Packages::foreign`] included.
    pub gaps: Vec<Gap>,
    /// Files moved aside: (from, to, by package).
    pub(super) diversions: Vec<(String, String, String)>,
}

impl Packages {
    /// The packages that `dpkg-query -W` lists: all that are not in state `not-installed`. Those
    /// of which only configuration files are left are among them.
    pub fn listed(&self) -> impl Iterator<Item = &Found<Package>> {
        self.items
            .iter()
            .filter(|p| p.fact.state != "not-installed")
    }

    /// The number of packages as `dpkg-query -W` counts them; `None` where there is no database
    /// that is read.
    #[must_use]
    pub fn count(&self) -> Option<usize> {
        self.has_dpkg.then(|| self.listed().count())
    }

    /// True where no package database was found at all.
    #[must_use]
    pub fn is_absent(&self) -> bool {
        !self.has_dpkg && self.foreign.is_empty() && self.gaps.is_empty()
    }
}

const FOREIGN: &[(&str, ForeignDatabase)] = &[
    ("/var/lib/rpm/rpmdb.sqlite", ForeignDatabase::Rpm),
    ("/var/lib/rpm/Packages", ForeignDatabase::Rpm),
    ("/var/lib/rpm/Packages.db", ForeignDatabase::Rpm),
    ("/usr/lib/sysimage/rpm/rpmdb.sqlite", ForeignDatabase::Rpm),
    ("/usr/lib/sysimage/rpm/Packages.db", ForeignDatabase::Rpm),
    ("/usr/lib/sysimage/rpm/Packages", ForeignDatabase::Rpm),
    ("/lib/apk/db/installed", ForeignDatabase::Apk),
    ("/var/lib/pacman/local", ForeignDatabase::Pacman),
];

pub(super) fn collect(reader: &Reader<'_>) -> Packages {
    let mut all = Packages::default();
    dpkg::collect(reader, &mut all);
    for (path, kind) in FOREIGN {
        let Some(at) = reader.find(path.as_bytes(), &mut all.gaps) else {
            continue;
        };
        let at = Location::of(&at);
        // One database can be reached by two paths (openSUSE links one to the other).
        if all.foreign.iter().any(|f| f.at == at) {
            continue;
        }
        // On a dpkg system an rpm database belongs to the rpm tool and lists nothing.
        if !all.has_dpkg {
            let name = match kind {
                ForeignDatabase::Rpm => "an rpm",
                ForeignDatabase::Apk => "an apk",
                ForeignDatabase::Pacman => "a pacman",
            };
            let why = Error::unsupported(
                Layer::Packages,
                None,
                format!("{name} database is not read by this version"),
            );
            all.gaps.push(Gap::new(at.clone(), &why));
        }
        all.foreign.push(Found { fact: *kind, at });
    }
    all
}
