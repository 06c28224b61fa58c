//! Code integrity policies: of the system, and those that the boot manager reads.

use super::proof::{Proof, ROLES, Standing, standing};
use crate::error::{Layer, contained};
use crate::evidence::files::Files;
use crate::evidence::windows::Windows;
use crate::evidence::{Collected, Found, Gap, Location};
use crate::fs::FileKind;
use crate::guest::PathSpace;
use crate::source::read_all;
use crate::trust::ci_policy::{CiPolicy, PolicyFile};
use crate::trust::{Bundle, DigestKind};

/// Folders below that of Windows and below `EFI\Microsoft\Boot`, and how their policies end.
const SYSTEM: [(&str, &str); 2] = [
    (r"System32\CodeIntegrity", ".p7b"),
    (r"System32\CodeIntegrity\CiPolicies\Active", ".cip"),
];
const BOOT: [(&str, &str); 2] = [
    ("/EFI/Microsoft/Boot", ".p7b"),
    ("/EFI/Microsoft/Boot/CiPolicies/Active", ".cip"),
];
/// The longest policy that is read, in bytes.
const MAX_POLICY: u64 = 16 << 20;
/// Policies of one folder; Windows takes 32.
const MAX_POLICIES: usize = 1024;

/// A code integrity policy; its place has the file's SHA-256.
#[derive(Debug, Clone)]
pub struct IntegrityPolicy {
    /// Who signed it.
    pub proof: Proof,
    /// What it says.
    pub policy: Result<CiPolicy, Gap>,
}

pub(in crate::evidence::windows) fn policies(windows: &Windows<'_>) -> Collected<IntegrityPolicy> {
    let mut out = Collected::default();
    let trust = windows.references().bundle();
    let root = windows.roots().windows;
    for (folder, ending) in SYSTEM {
        let folder = format!(r"{root}\{folder}");
        look(&windows.guest.paths, &folder, ending, trust, &mut out);
    }
    for volume in windows.guest.paths.volumes() {
        let Ok(paths) = PathSpace::new(volume) else {
            continue;
        };
        for (folder, ending) in BOOT {
            look(&paths, folder, ending, trust, &mut out);
        }
    }
    out
}

fn look(
    paths: &PathSpace,
    folder: &str,
    ending: &str,
    trust: &Bundle,
    out: &mut Collected<IntegrityPolicy>,
) {
    let listed = match Files::new(paths).names(folder) {
        Ok(listed) => listed.unwrap_or_default(),
        Err(gap) => return out.gaps.push(gap),
    };
    out.gaps.extend(listed.gaps);
    let is = |n: &&String| n.to_ascii_lowercase().ends_with(ending);
    let separator = if folder.starts_with('/') { '/' } else { '\\' };
    for (count, name) in listed.names.iter().filter(is).enumerate() {
        let path = format!("{folder}{separator}{name}");
        if count >= MAX_POLICIES {
            let why = say!(error_too_many, most = MAX_POLICIES, what = "policies");
            let why = crate::error::Error::limit(Layer::Signature, None, why);
            return out.gaps.push(Gap::at_path(path, &why));
        }
        let read = contained(
            Layer::Signature,
            || say!(doing_integrity),
            || one(paths, &path, trust),
        );
        match read {
            Ok(policy) => out.items.extend(policy),
            Err(e) => out.gaps.push(Gap::at_path(path, &e)),
        }
    }
}

fn one(
    paths: &PathSpace,
    path: &str,
    trust: &Bundle,
) -> crate::error::Result<Option<Found<IntegrityPolicy>>> {
    let at = paths.resolve(path.as_bytes())?;
    if at.metadata.kind != FileKind::Regular {
        return Ok(None);
    }
    let bytes = read_all(at.open()?.as_ref(), MAX_POLICY)?;
    let mut place = Location::of(&at);
    place.sha256 = Some(crate::bytes::hex(&DigestKind::Sha256.of(&bytes)));
    let file = PolicyFile::open(&bytes, trust, ROLES)?;
    let mut proof = Proof::new(Standing::Unsigned);
    if let Some(signature) = &file.signature {
        proof = Proof::new(standing(&signature.verification, &signature.chain));
        proof.signed_by(signature.signer.as_ref(), &signature.chain);
        proof.stamp.clone_from(&signature.stamp);
    }
    let policy = CiPolicy::parse(file.policy).map_err(|e| Gap::new(place.clone(), &e));
    Ok(Some(Found {
        fact: IntegrityPolicy { proof, policy },
        at: place,
    }))
}
