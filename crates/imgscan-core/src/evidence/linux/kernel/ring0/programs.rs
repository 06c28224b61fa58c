//! Boot loaders, boot code and kernels.

use super::Facts;
use super::signatures::signatures;
use crate::bytes::hex;
use crate::evidence::linux::boot::images::{Images, KernelImage, LoaderImage, SignState};
use crate::evidence::linux::{Kernel, Owner, Seal};
use crate::evidence::{BuiltInKey, Gap, Location, Object, ObjectKind, Ring0, Ring0Fact};
use crate::text::Text;
use crate::trust::{Bundle, Certificate, Role};

/// The boot loaders of the EFI system partition.
pub(super) fn loaders(facts: &Facts<'_>, all: &mut Ring0) {
    let images = facts.images;
    for loader in &images.loaders {
        let fact = &loader.fact;
        let mut object = Object::new(
            fact.path.clone(),
            loader.at.volume.clone(),
            ObjectKind::BootLoader,
        );
        object.bytes = Some(fact.bytes);
        object.sha256.clone_from(&loader.at.sha256);
        if let Some(anchor) = signatures(&mut object, &fact.signature) {
            accepted(&mut object, images, &anchor);
        }
        carried(&mut object, fact);
        if let Some(copy) = &fact.copy_of {
            object.package = Some(copy.package.clone());
            let path = copy.path.clone();
            object.fact(Ring0Fact::CopyOf { path });
            if copy.recorded == Some(false) {
                object.fact(Ring0Fact::RecordDiffers);
            }
        }
        all.objects.push(object);
    }
}

/// What a BIOS starts: no signature covers it, so it is at best what packages brought.
pub(super) fn bios(facts: &Facts<'_>, all: &mut Ring0) {
    let Some(bios) = &facts.images.bios else {
        return;
    };
    let mut object = Object::new(
        "disk:0".into(),
        bios.at.volume.clone(),
        ObjectKind::BootCode,
    );
    object.sha256.clone_from(&bios.at.sha256);
    object.bytes = Some(bios.parts.iter().map(|p| p.bytes as u64).sum());
    object.package = bios
        .parts
        .first()
        .and_then(|p| Some(p.package.as_ref()?.0.clone()));
    object.fact(Ring0Fact::StartedByBios);
    if let Some(e) = &bios.problem {
        object.fact(Ring0Fact::BootCodeUnread { why: e.text() });
    }
    for part in &bios.parts {
        let piece = part.name.clone();
        if part.changed() {
            object.fact(Ring0Fact::BootPieceChanged { piece });
        } else if !part.explained() {
            object.fact(Ring0Fact::BootPieceUnowned { piece });
        }
    }
    if !bios.parts.is_empty() && bios.problem.is_none() && bios.parts.iter().all(|p| p.explained())
    {
        let pieces = bios.parts.len();
        object.fact(Ring0Fact::BootPiecesExplained { pieces });
    }
    all.objects.push(object);
}

/// Whether what starts before it accepts a program that a distribution's authority signed.
fn accepted(object: &mut Object, images: &Images, anchor: &crate::trust::Anchor) {
    if !matches!(anchor.role, Role::DistroSecureBoot | Role::DistroSigner) {
        return;
    }
    let authority = anchor.certificate.common_name().to_owned();
    let mut shims = images
        .shims_of(&anchor.certificate.der)
        .filter(|s| s.fact.signature.state == SignState::Trusted);
    object.fact(match shims.next() {
        Some(shim) => Ring0Fact::ShimCarries {
            shim: Some(shim.fact.path.clone()),
            authority,
        },
        None => Ring0Fact::NoShimCarries { authority },
    });
}

/// What a shim carries.
fn carried(object: &mut Object, fact: &LoaderImage) {
    if let Some(vendor) = &fact.vendor {
        for certificate in &vendor.authorities {
            let authority = certificate.common_name().to_owned();
            object.fact(Ring0Fact::ShimAccepts { authority });
        }
    }
    if let Some(e) = &fact.vendor_problem {
        object.fact(Ring0Fact::ShimUnread { why: e.text() });
    }
}

/// A kernel that may boot, for judging its modules.
pub(super) struct Booting {
    pub(super) path: String,
    pub(super) release: String,
    /// The certificates built into it; `None` where they could not be read.
    pub(super) keys: Option<Vec<Certificate>>,
    /// The certificates that the user gave.
    pub(super) given: Vec<Certificate>,
    pub(super) proven: bool,
}

/// The kernels; what modules of those that may boot are judged by.
pub(super) fn kernels(facts: &Facts<'_>, certain: bool, all: &mut Ring0) -> Vec<Booting> {
    let mut booting = Vec::new();
    for kernel in &facts.kernels.items {
        let mut object = Object::new(
            kernel.fact.path.clone(),
            kernel.at.volume.clone(),
            ObjectKind::Kernel,
        );
        object.bytes = Some(kernel.fact.bytes);
        object.sha256 = Some(kernel.fact.sha256.clone());
        object.default = facts.boot.boots(&kernel.fact);
        if let Some(image) = facts.images.kernel(&kernel.fact.path) {
            // A copy of a kernel, where kernel-install(8) or a boot loader's tool put it, is that
            // kernel.
            let twin = facts.kernels.packaged_twin(kernel);
            if let Some(original) = twin {
                let path = original.fact.path.clone();
                object.fact(Ring0Fact::CopyOf { path });
            }
            let original = twin.unwrap_or(kernel);
            let proven = by_package(facts, &mut object, &original.fact);
            if proven {
                // Its own signature, where it has one, is told and proves nothing more.
                let mut own = Object::new(object.path.clone(), None, ObjectKind::Kernel);
                signed(facts, &mut own, &image.fact);
                object.signer = own.signer;
            } else {
                signed(facts, &mut object, &image.fact);
            }
            let trust = facts.references.bundle();
            let anchor = image.fact.signature.anchor.as_ref();
            let vouched = anchor.is_some_and(|a| a.role == Role::User);
            recorded(&mut object, &original.fact, trust, proven, vouched);
            // What a person can choose is judged like what boots by itself.
            if !certain || object.default != Some(false) || facts.boot.offers(&kernel.fact) {
                let keys = keys(&object, &kernel.at, &image.fact, all);
                match &kernel.fact.release {
                    Some(release) => booting.push(Booting {
                        path: object.path.clone(),
                        release: release.clone(),
                        keys,
                        given: given(trust),
                        proven: object.is_proven(),
                    }),
                    None => object.fact(Ring0Fact::NoRelease),
                }
            }
        } else {
            object.fact(Ring0Fact::ImageUnread);
        }
        all.objects.push(object);
    }
    booting
}

/// The certificates that the user gave beside the image.
fn given(trust: &Bundle) -> Vec<Certificate> {
    let given = trust.anchors().iter().filter(|a| a.role == Role::User);
    given.map(|a| Certificate::clone(&a.certificate)).collect()
}

/// Adds what a kernel's own signature says.
fn signed(facts: &Facts<'_>, object: &mut Object, image: &KernelImage) {
    let Some(anchor) = signatures(object, &image.signature) else {
        return;
    };
    let authority = anchor.certificate.common_name().to_owned();
    match image.signature.vendor {
        Some(true) => {}
        Some(false) => object.fact(Ring0Fact::OtherVendor {
            authority: authority.clone(),
        }),
        None => object.fact(Ring0Fact::VendorUnknown),
    }
    if facts
        .images
        .shims_of(&anchor.certificate.der)
        .next()
        .is_some()
    {
        object.fact(Ring0Fact::ShimCarries {
            shim: None,
            authority,
        });
    }
}

/// True where the kernel is the one of a package whose header the system's vendor signed.
fn by_package(facts: &Facts<'_>, object: &mut Object, kernel: &Kernel) -> bool {
    let Owner::Package(record) = &kernel.owner else {
        return false;
    };
    let seal = record.package.seal(facts.references.bundle());
    if record.equal() != Some(true) || !seal.is_vendors(facts.os) {
        return false;
    }
    object.anchor = seal.anchor().map(Text::verbatim);
    object.fact(Ring0Fact::InSignedHeader);
    true
}

/// Compares a kernel with what its package recorded.
///
/// `vouched`: whom the user trusts signed it. A vendor's kernel comes in a package.
fn recorded(object: &mut Object, kernel: &Kernel, trust: &Bundle, proven: bool, vouched: bool) {
    match &kernel.owner {
        Owner::Package(record) => {
            object.package = Some(record.package.name.clone());
            if let Seal::Forged(why) = record.package.seal(trust) {
                object.fact(Ring0Fact::RecordForged { why });
            }
            match record.equal() {
                Some(true) if proven => {}
                Some(true) => object.fact(Ring0Fact::RecordEqual),
                // A kernel that its vendor signed is not modified, but another than was installed.
                Some(false) if object.anchor.is_some() => {
                    object.fact(Ring0Fact::SignedButRecordDiffers);
                }
                Some(false) => object.fact(Ring0Fact::RecordDiffers),
                None if object.anchor.is_none() => object.fact(Ring0Fact::NothingSpeaks),
                None => {}
            }
        }
        Owner::Nobody if vouched => object.fact(Ring0Fact::KernelUnownedSigned),
        Owner::Nobody => object.fact(Ring0Fact::KernelUnowned),
        Owner::Unknown(gap) => object.fact(Ring0Fact::OwnerUnknown {
            why: (*gap.reason).clone(),
        }),
        Owner::NoDatabase => object.fact(Ring0Fact::NoPackageDatabase),
    }
}

/// The built-in certificates of a kernel, added to what runs in ring 0.
fn keys(
    object: &Object,
    at: &Location,
    image: &KernelImage,
    all: &mut Ring0,
) -> Option<Vec<Certificate>> {
    if let Some(problem) = &image.inside.problem {
        all.gaps.push(Gap::new(at.clone(), problem));
    }
    let found = image.inside.certificates.as_ref()?;
    all.keys.extend(found.iter().map(|(offset, c)| BuiltInKey {
        kernel: object.path.clone(),
        subject: c.subject.clone(),
        serial: hex(&c.serial),
        sha256: c.sha256(),
        offset: *offset,
    }));
    Some(found.iter().map(|(_, c)| c.clone()).collect())
}
