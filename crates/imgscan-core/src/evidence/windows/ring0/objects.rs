//! What runs in ring 0 of Windows, in the form that Linux and Windows share.

use super::{KernelFile, KernelFiles, Part, Standing};
use crate::baseline::Match;
use crate::evidence::windows::{BootStores, ElementData, Windows};
use crate::evidence::{Object, ObjectKind, Ring0, Ring0Fact, Shortfall};
use crate::text::Text;

/// Pinned certificates that sign for anybody who pays or proves his name, not for Windows.
const FOR_ANYBODY: &[&str] = &[
    "Microsoft Corporation UEFI CA 2011",
    "Microsoft UEFI CA 2023",
    "Microsoft Option ROM UEFI CA 2023",
    "Microsoft Identity Verification Root Certificate Authority 2020",
];
/// Elements that turn code integrity off, in both encodings.
const OFF: &[u32] = &[0x1600_0048, 0x1600_0049, 0x2600_0026, 0x2600_0027];

/// What runs in ring 0 of a Windows guest.
pub(in crate::evidence::windows) fn ring0(windows: &Windows<'_>) -> Ring0 {
    let all = windows.kernel_files();
    let boot = windows.boot();
    let mut out = Ring0 {
        objects: all.files.iter().map(|f| object(windows, f)).collect(),
        gaps: all.gaps.clone(),
        ..Ring0::default()
    };
    out.gaps.extend(boot.gaps.iter().cloned());
    out.gaps
        .extend(boot.stores.iter().flat_map(|s| s.gaps.iter().cloned()));
    shortfalls(all, boot, &mut out);
    out
}

fn object(windows: &Windows<'_>, file: &KernelFile) -> Object {
    let kind = match file.part {
        Part::Loader => ObjectKind::BootLoader,
        Part::Core => ObjectKind::Kernel,
        Part::Driver | Part::Native => ObjectKind::Module,
    };
    let mut object = Object::new(file.path.clone(), file.at.volume.clone(), kind);
    object.bytes = Some(file.bytes);
    object.sha256.clone_from(&file.at.sha256);
    object.signer.clone_from(&file.proof.signer);
    object.anchor = file.proof.anchor.clone().map(Text::verbatim);
    object.package_version = file.version.map(|v| v.to_string());
    // Of a Windows file: the services that load it.
    let services: Vec<String> = file.services.iter().map(|s| s.name.clone()).collect();
    if !services.is_empty() {
        object.fact(Ring0Fact::DriverOf { services });
    }
    if let Some(catalog) = &file.proof.catalog {
        let catalog = catalog.to_string();
        object.fact(Ring0Fact::InCatalog { catalog });
    }
    if let Some(stamp) = &file.proof.stamp {
        let at = stamp.to_string();
        object.fact(Ring0Fact::TimeStamp { at });
    }
    signed(file, &mut object);
    compared(windows, file, &mut object);
    object
}

/// Adds what the reference database that the user gave says of the file.
fn compared(windows: &Windows<'_>, file: &KernelFile, object: &mut Object) {
    let (Some(baseline), Some(sha256)) = (windows.references().baseline, &file.at.sha256) else {
        return;
    };
    let version = object.package_version.as_deref();
    match baseline.compare(&file.path, None, version, sha256) {
        Match::Equal(known) => {
            let from = baseline.origin(known);
            object.fact(Ring0Fact::ReferenceEqual { from });
        }
        Match::Different(known) => {
            let from = baseline.origin(known);
            let sha256 = known.sha256.clone();
            object.fact(Ring0Fact::ReferenceDiffers { from, sha256 });
        }
        Match::Absent => {}
    }
}

/// Adds what the signatures say.
fn signed(file: &KernelFile, object: &mut Object) {
    let of_windows = matches!(file.part, Part::Loader | Part::Core | Part::Native);
    object.fact(match &file.proof.standing {
        Standing::Trusted => {
            let anchor = file.proof.anchor.clone().unwrap_or_default();
            if FOR_ANYBODY.contains(&anchor.as_str()) && !file.proof.by_user {
                object.fact(Ring0Fact::SignsForAnybody { anchor });
                return;
            }
            object.fact(Ring0Fact::Trusted);
            if file.proof.one_source {
                object.fact(Ring0Fact::AnchorOneSource { source: None });
            }
            return;
        }
        Standing::Unanchored => Ring0Fact::Unanchored,
        Standing::SelfSigned => Ring0Fact::SelfSigned { of_windows },
        Standing::Modified => Ring0Fact::SignedBytesDiffer,
        Standing::Unsigned => Ring0Fact::InNoCatalog { of_windows },
        Standing::NoPe => Ring0Fact::NoPe,
        Standing::Unproven(why) => Ring0Fact::SignatureUnread { why: why.clone() },
    });
}

/// Adds what is missing for the system to be proven.
fn shortfalls(all: &KernelFiles, boot: &BootStores, out: &mut Ring0) {
    let kernel = all.of(Part::Core).any(|f| {
        let name = f.name().to_ascii_lowercase();
        name == "ntoskrnl.exe"
    });
    if !kernel {
        out.lacks(Shortfall::NoWindowsKernel);
    }
    if boot.stores.is_empty() {
        out.lacks(Shortfall::NoBootStore);
    }
    for store in &boot.stores {
        for (_, entry) in store.entries() {
            let held = store.effective(entry, &mut Vec::new());
            let on = held
                .iter()
                .find(|e| OFF.contains(&e.id) && e.element.fact == ElementData::Switch(true));
            if let Some(on) = on {
                let (entry, element) = (entry.title().to_string(), on.id);
                out.lacks(Shortfall::IntegrityOff { entry, element });
            }
        }
    }
    if !out.gaps.is_empty() {
        let parts = out.gaps.len();
        out.lacks(Shortfall::Unread { parts });
    }
}
