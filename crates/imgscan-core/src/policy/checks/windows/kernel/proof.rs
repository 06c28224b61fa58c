//! What signatures say of the files that run in ring 0, for the checks of this folder.

use crate::error::{Error, Layer};
use crate::evidence::Gap;
use crate::evidence::windows::{
    DriverService, KernelFile, KernelFiles, LoadedBy, Part, Proof, Standing,
};
use crate::policy::checks::findings::Fix;
use crate::policy::checks::windows::commands;
use crate::policy::{Context, Item};
use crate::text::Text;

/// A certificate of `windows_anchors`, or one that the user trusts, vouches for it.
pub(in crate::policy::checks::windows) fn vouched(context: &Context<'_>, proof: &Proof) -> bool {
    let named = || {
        let anchors = &context.shared.windows_anchors;
        proof.anchor.as_ref().is_some_and(|a| anchors.contains(a))
    };
    proof.standing == Standing::Trusted && (proof.by_user || named())
}

/// What the proof says, for people.
pub(super) fn shown(proof: &Proof) -> Text {
    let by = match &proof.signer {
        Some(name) => Text::verbatim(name),
        None => say!(win_signature_nameless),
    };
    let digests = || proof.digests.join(" ");
    let text = match &proof.standing {
        Standing::Trusted => {
            let anchor = proof.anchor.as_deref().unwrap_or("-");
            say!(win_signature_trusted, signer = by, anchor = anchor)
        }
        Standing::Unanchored => say!(win_signature_unanchored, signer = by),
        Standing::SelfSigned => say!(win_signature_self_signed, signer = by),
        Standing::Modified => say!(
            win_signature_modified,
            signer = by,
            digests = digests(),
            signed = proof.signed_digest.as_deref().unwrap_or("-"),
        ),
        Standing::Unsigned => say!(win_signature_unsigned, digests = digests()),
        Standing::NoPe => say!(win_signature_no_pe),
        Standing::Unproven(why) => why.clone(),
    };
    let text = match &proof.catalog {
        Some(catalog) => say!(win_signature_catalog, proof = text, catalog = catalog),
        None => text,
    };
    match &proof.stamp {
        Some(stamp) => say!(win_signature_stamp, proof = text, time = stamp),
        None => text,
    }
}

/// The evidence of a file: `note` with its version and services, and its proof beside what was
/// `expected`.
pub(super) fn item(file: &KernelFile, note: Text, expected: Text) -> Item {
    let note = match file.version {
        Some(version) => say!(
            win_kernel_file_version,
            note = note,
            version = version.to_string()
        ),
        None => note,
    };
    let services: Vec<&str> = file.services.iter().map(|s| s.name.as_str()).collect();
    let note = match services.len() {
        0 => note,
        count => say!(
            win_kernel_file_services,
            note = note,
            count = count,
            services = services
        ),
    };
    Item::at(file.at.clone(), note).compare(expected, shown(&file.proof))
}

/// What could not be told of a file.
pub(super) fn unproven(file: &KernelFile, why: Text) -> Gap {
    Gap::new(file.at.clone(), &Error::unsupported(Layer::Pe, None, why))
}

/// Where a catalog could not be read it may list what seems to be unsigned.
pub(super) fn blind(all: &KernelFiles) -> bool {
    all.catalogs.as_ref().is_some_and(|c| !c.gaps.is_empty())
}

/// How a file of Windows is restored: from the component store, or with the other boot files.
pub(super) fn restore(context: &Context<'_>, file: &KernelFile) -> Fix {
    commands::restore_file(context, &file.path)
}

/// True where a service of Windows itself starts the file.
pub(super) fn of_windows(file: &KernelFile) -> bool {
    let mut services = file.services.iter();
    services.any(|s| commands::is_of_windows(&s.name))
}

/// How what nobody whom Microsoft trusts vouches for is mended.
pub(super) fn mend(context: &Context<'_>, file: &KernelFile) -> Vec<Fix> {
    let signed = matches!(
        file.proof.standing,
        Standing::Trusted | Standing::Unanchored
    );
    match file.part {
        Part::Driver if signed && !of_windows(file) => {
            let path = commands::plain(&file.path);
            vec![say!(win_kernel_006_fix_signer, path = path).into()]
        }
        Part::Driver => replace(context, file),
        // What is no PE image can carry no signature, which nothing mends.
        _ if file.proof.standing == Standing::NoPe => Vec::new(),
        _ => vec![restore(context, file)],
    }
}

/// How a driver that is not to be trusted is mended: one of Windows is restored, another one is
/// taken out with its services.
pub(super) fn replace(context: &Context<'_>, file: &KernelFile) -> Vec<Fix> {
    let path = commands::plain(&file.path);
    let stem = file.name().split('.').next().unwrap_or_default();
    let services = || {
        let services = file.services.iter();
        services.filter(|s| s.by == LoadedBy::Service)
    };
    if services().next().is_none() {
        return vec![match commands::is_of_windows(stem) {
            true => restore(context, file),
            false => say!(win_fix_file, path = path).into(),
        }];
    }
    let fix = |service: &DriverService| {
        let name = service.name.as_str();
        if commands::is_of_windows(name) {
            return commands::mend_service(context, name, Some(&file.path), false);
        }
        vec![say!(win_fix_driver, service = name, path = path.as_str()).into()]
    };
    services().flat_map(fix).collect()
}
