//! The catalogs of a system: which of them list a digest, and who signed those.
//!
//! A system has thousands of them. They are read one by one and forgotten: kept is only what is
//! said of the digests that were asked for. The cache `CatRoot2` is never believed.

use std::collections::{HashMap, HashSet};

use super::proof::{Proof, ROLES, Standing, standing};
use crate::error::{Error, Layer, Result, contained};
use crate::evidence::Gap;
use crate::evidence::files::Files;
use crate::fs::walk::map_in_order;
use crate::guest::PathSpace;
use crate::guest::windows::Roots;
use crate::source::read_all;
use crate::trust::catalog::{Catalog, may_hold};
use crate::trust::{Bundle, Verification};

/// The store of system catalogs, from the folder of Windows.
const STORE: &str = r"System32\CatRoot\{F750E6C3-38EE-11D1-85E5-00C04FC295EE}";
/// The driver store: a folder for each package, with its catalog.
const PACKAGES: &str = r"System32\DriverStore\FileRepository";
/// The longest catalog that is read, in bytes.
const MAX_CATALOG: u64 = 64 * 1024 * 1024;
/// Catalogs of one system.
const MAX_CATALOGS: usize = 65_536;

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

pub(super) fn collect(
    paths: &PathSpace,
    roots: &Roots,
    wanted: &HashSet<Vec<u8>>,
    trust: &Bundle,
) -> Catalogs {
    let mut out = Catalogs::default();
    let names = names(paths, roots, &mut out);
    let threads = std::thread::available_parallelism().map_or(2, usize::from);
    let mut found = Vec::new();
    map_in_order(
        names.into_iter(),
        (threads, threads * 2),
        |_| false,
        |path| {
            let looked = contained(Layer::Signature, "a catalog", || {
                look(paths, &path, wanted, trust)
            });
            (path, looked)
        },
        |result| {
            found.push(result);
            true
        },
    );
    for (path, looked) in found {
        out.read += 1;
        match looked {
            Ok(hits) => {
                for (digest, proof) in hits {
                    let better = out.listed.get(&digest).is_none_or(|known| {
                        known.standing != Standing::Trusted && proof.standing == Standing::Trusted
                    });
                    if better {
                        out.listed.insert(digest, proof);
                    }
                }
            }
            Err(e) => out.gaps.push(Gap::at_path(path, &e)),
        }
    }
    out
}

/// What the catalog at `path` says of the digests.
fn look(
    paths: &PathSpace,
    path: &str,
    wanted: &HashSet<Vec<u8>>,
    trust: &Bundle,
) -> Result<Vec<(Vec<u8>, Proof)>> {
    let at = paths.resolve(path.as_bytes())?;
    let bytes = read_all(at.open()?.as_ref(), MAX_CATALOG)?;
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
    let signature = catalog.verify(trust, ROLES)?;
    let mut proof = Proof::new(standing(&signature.verification, &signature.chain));
    // A changed catalog says nothing of its members.
    if let Verification::Bad(_) = signature.verification {
        let why = "the catalog is not what its signer signed";
        return Err(Error::corrupt(Layer::Signature, None, why));
    }
    proof.signed_by(signature.signer.as_ref(), &signature.chain);
    proof.catalog = Some(at.path_text());
    let members = members.into_iter();
    Ok(members.map(|d| (d.to_vec(), proof.clone())).collect())
}

/// The paths of the catalogs.
fn names(paths: &PathSpace, roots: &Roots, out: &mut Catalogs) -> Vec<String> {
    let files = Files::new(paths);
    let mut all = Vec::new();
    let mut add = |folder: &str, out: &mut Catalogs| match files.names(folder) {
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
            format!("more than {MAX_CATALOGS} catalogs"),
        );
        out.gaps.push(Gap::at_path(&packages, &why));
        all.truncate(MAX_CATALOGS);
    }
    all
}
