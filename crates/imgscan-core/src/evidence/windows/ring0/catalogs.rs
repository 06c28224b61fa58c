//! The catalogs of a system: which of them list a digest, and who signed those.
//!
//! A system has thousands of them. They are read once, into an index of the digests that may stand
//! in them; a catalog is parsed and verified when a digest of its is asked for. The cache
//! `CatRoot2` is never believed.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::atomic::{AtomicU64, Ordering};

use super::proof::{Proof, ROLES, Standing, standing};
use crate::error::{Error, Layer, Result, contained};
use crate::evidence::Gap;
use crate::evidence::files::Files;
use crate::guest::PathSpace;
use crate::guest::windows::Roots;
use crate::parallel::each;
use crate::source::read_all;
use crate::trust::catalog::{Catalog, digests_in, may_hold};
use crate::trust::{Bundle, Verification};

/// The store of system catalogs, from the folder of Windows.
const STORE: &str = r"System32\CatRoot\{F750E6C3-38EE-11D1-85E5-00C04FC295EE}";
/// The driver store: a folder for each package, with its catalog.
const PACKAGES: &str = r"System32\DriverStore\FileRepository";
/// The longest catalog that is read, in bytes.
const MAX_CATALOG: u64 = 64 * 1024 * 1024;
/// What a catalog costs, beside a text of its length.
const PART_OF_A_TEXT: u64 = 4;
/// Bytes of text that could be looked through while a signature is verified, for half of some 7 ms.
const VERIFICATION: u64 = 384 << 10;
/// Catalogs of one system; the index counts them in 16 bits.
const MAX_CATALOGS: usize = 65_536;
/// Digests in the index, 8 bytes each. Catalogs that do not fit are asked every time.
const MAX_INDEXED: usize = 4_000_000;
/// Bytes of catalogs that are read again for answers, in all.
const MAX_ASKED: u64 = 8 << 30;

/// What the catalogs say.
#[derive(Debug, Clone, Default, serde::Serialize)]
pub struct Catalogs {
    /// The store of system catalogs is there.
    pub store: bool,
    /// Catalogs that were read.
    pub read: usize,
    /// By digest: the best catalog that lists it.
    #[serde(skip)]
    pub(super) listed: HashMap<Vec<u8>, Proof>,
    /// What could not be read.
    pub gaps: Vec<Gap>,
}

impl Catalogs {
    /// The best that is said of one file, which has `digests`.
    pub(in crate::evidence::windows) fn best(&self, digests: &[Vec<u8>]) -> Option<&Proof> {
        let listed = digests.iter().filter_map(|d| self.listed.get(d));
        listed.min_by_key(|p| p.standing != Standing::Trusted)
    }
}

/// The digests that may stand in the catalogs of a system, by catalog.
pub(in crate::evidence::windows) struct Index {
    store: bool,
    paths: Vec<String>,
    /// First four bytes of a digest, and the number of a catalog that may list it; sorted.
    digests: Vec<(u32, u16)>,
    /// Catalogs that did not fit.
    crowded: BTreeSet<u16>,
    gaps: Vec<Gap>,
    asked: AtomicU64,
}

impl Index {
    /// Reads all catalogs of the system, on all processors.
    pub(in crate::evidence::windows) fn read(paths: &PathSpace, roots: &Roots) -> Self {
        let mut out = Self::empty();
        let all = names(paths, roots, &mut out);
        out.fill(paths, all);
        out
    }

    /// Reads the catalogs at the paths `all`.
    pub(in crate::evidence::windows) fn of(paths: &PathSpace, all: Vec<String>) -> Self {
        let mut out = Self::empty();
        out.fill(paths, all);
        out
    }

    fn empty() -> Self {
        Self {
            store: false,
            paths: Vec::new(),
            digests: Vec::new(),
            crowded: BTreeSet::new(),
            gaps: Vec::new(),
            asked: AtomicU64::new(0),
        }
    }

    fn fill(&mut self, paths: &PathSpace, all: Vec<String>) {
        let out = self;
        out.paths = all;
        let mut digests = Vec::new();
        let mut number = 0;
        each(
            out.paths.iter(),
            |path| {
                contained(
                    Layer::Signature,
                    || say!(doing_catalog),
                    || {
                        let bytes = content(paths, path)?.1;
                        let mut found: Vec<u32> = digests_in(&bytes).filter_map(short).collect();
                        found.sort_unstable();
                        found.dedup();
                        Ok(found)
                    },
                )
                .map_err(|e| Gap::at_path(path, &e))
            },
            |found| {
                match found {
                    Ok(found) if digests.len() + found.len() > MAX_INDEXED => {
                        out.crowded.insert(number);
                    }
                    Ok(found) => digests.extend(found.into_iter().map(|d| (d, number))),
                    Err(gap) => out.gaps.push(gap),
                }
                number = number.saturating_add(1);
            },
        );
        digests.sort_unstable();
        out.digests = digests;
    }

    /// What the catalogs say of the digests `wanted`.
    pub(in crate::evidence::windows) fn ask(
        &self,
        paths: &PathSpace,
        wanted: &HashSet<Vec<u8>>,
        trust: &Bundle,
    ) -> Catalogs {
        let mut out = Catalogs {
            store: self.store,
            read: self.paths.len(),
            listed: HashMap::new(),
            gaps: self.gaps.clone(),
        };
        let mut numbers = self.crowded.clone();
        for digest in wanted.iter().filter_map(|d| short(d)) {
            let from = self.digests.partition_point(|(d, _)| *d < digest);
            let same = self.digests[from..]
                .iter()
                .take_while(|(d, _)| *d == digest);
            numbers.extend(same.map(|(_, number)| *number));
        }
        let asked = numbers
            .iter()
            .filter_map(|n| self.paths.get(usize::from(*n)));
        each(
            asked,
            |path| {
                let looked = contained(
                    Layer::Signature,
                    || say!(doing_catalog),
                    || self.look(paths, path, wanted, trust),
                );
                looked.map_err(|e| Gap::at_path(path, &e))
            },
            |looked| match looked {
                Ok(hits) => {
                    for (digest, proof) in hits {
                        let better = out.listed.get(&digest).is_none_or(|known| {
                            known.standing != Standing::Trusted
                                && proof.standing == Standing::Trusted
                        });
                        if better {
                            out.listed.insert(digest, proof);
                        }
                    }
                }
                Err(gap) => out.gaps.push(gap),
            },
        );
        out
    }

    /// What the catalog at `path` says of the digests.
    fn look(
        &self,
        paths: &PathSpace,
        path: &str,
        wanted: &HashSet<Vec<u8>>,
        trust: &Bundle,
    ) -> Result<Vec<(Vec<u8>, Proof)>> {
        let (shown, bytes) = content(paths, path)?;
        let before = self.asked.fetch_add(bytes.len() as u64, Ordering::Relaxed);
        if before > MAX_ASKED {
            let why = say!(error_catalogs_bytes, most = MAX_ASKED);
            return Err(Error::limit(Layer::Signature, None, why));
        }
        let maybe = may_hold(&bytes, wanted);
        if maybe.is_empty() {
            return Ok(Vec::new());
        }
        let catalog = Catalog::parse(&bytes)?;
        let asked: Vec<&[u8]> = maybe.iter().map(|d| d.as_slice()).collect();
        let members = catalog.members_among(&asked)?;
        if members.is_empty() {
            return Ok(Vec::new());
        }
        paths.pay(VERIFICATION)?;
        let signature = catalog.verify(trust, ROLES)?;
        let mut proof = Proof::new(standing(&signature.verification, &signature.chain));
        // A changed catalog says nothing of its members.
        if let Verification::Bad(_) = signature.verification {
            let why = say!(error_catalog_changed);
            return Err(Error::corrupt(Layer::Signature, None, why));
        }
        proof.signed_by(signature.signer.as_ref(), &signature.chain);
        proof.stamp.clone_from(&signature.stamp);
        proof.catalog = Some(shown);
        let members = members.into_iter();
        Ok(members.map(|d| (d.to_vec(), proof.clone())).collect())
    }
}

/// The part of a digest that the index keeps.
fn short(digest: &[u8]) -> Option<u32> {
    crate::bytes::le32(digest, 0)
}

/// The catalog at `path` with its path for people.
fn content(paths: &PathSpace, path: &str) -> Result<(String, Vec<u8>)> {
    let at = paths.resolve(path.as_bytes())?;
    let data = at.open()?;
    paths.pay(data.len().min(MAX_CATALOG) / PART_OF_A_TEXT)?;
    let bytes = read_all(data.as_ref(), MAX_CATALOG)?;
    Ok((at.path_text(), bytes))
}

/// The paths of the catalogs.
fn names(paths: &PathSpace, roots: &Roots, out: &mut Index) -> Vec<String> {
    let files = Files::new(paths);
    let mut all = Vec::new();
    let mut add = |folder: &str, out: &mut Index| match files.names(folder) {
        Ok(Some(listed)) => {
            out.gaps.extend(listed.gaps);
            let names = listed.names.into_iter();
            let is = |n: &String| n.to_ascii_lowercase().ends_with(".cat");
            all.extend(names.filter(is).map(|n| format!(r"{folder}\{n}")));
            true
        }
        Ok(None) => false,
        Err(gap) => {
            out.gaps.push(gap);
            false
        }
    };
    out.store = add(&format!(r"{}\{STORE}", roots.windows), out);
    let packages = format!(r"{}\{PACKAGES}", roots.windows);
    match files.names(&packages) {
        Ok(Some(listed)) => {
            out.gaps.extend(listed.gaps);
            for name in listed.names {
                add(&format!(r"{packages}\{name}"), out);
            }
        }
        Ok(None) => {}
        Err(gap) => out.gaps.push(gap),
    }
    if all.len() > MAX_CATALOGS {
        let why = Error::limit(
            Layer::Guest,
            None,
            say!(error_too_many, most = MAX_CATALOGS, what = "catalogs"),
        );
        out.gaps.push(Gap::at_path(&packages, &why));
        all.truncate(MAX_CATALOGS);
    }
    all
}
