//! Boot loaders and kernels.

use super::{Facts, judge};
use crate::bytes::hex;
use crate::evidence::linux::boot::images::{Images, KernelImage, LoaderImage, SignState};
use crate::evidence::linux::{Kernel, Owner, Seal};
use crate::evidence::{BuiltInKey, Gap, Level, Location, Object, ObjectKind, Ring0};
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
        if let Some(anchor) = judge::signatures(&mut object, &fact.signature) {
            accepted(&mut object, images, &anchor);
        }
        carried(&mut object, fact);
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
    object.lower(
        Level::K3,
        "started by a BIOS, which verifies no signature",
        "由 BIOS 启动，BIOS 不验证签名",
    );
    if let Some(e) = &bios.problem {
        object.lower(
            Level::K2,
            format!("not all of it could be taken apart: {e}"),
            format!("未能全部解析：{e}"),
        );
    }
    for part in &bios.parts {
        let name = crate::text::terminal(&part.name);
        if part.changed() {
            object.lower(
                Level::K0,
                format!("{name} is made of a file of which its package recorded another digest"),
                format!("{name} 的来源文件与软件包记录的摘要不符"),
            );
        } else if !part.explained() {
            object.lower(
                Level::K2,
                format!("{name} is made of no file that a package owns"),
                format!("{name} 并非由软件包的文件构成"),
            );
        }
    }
    all.objects.push(object);
}

/// Whether what starts before it accepts a program that a distribution's authority signed.
fn accepted(object: &mut Object, images: &Images, anchor: &crate::trust::Anchor) {
    if !matches!(anchor.role, Role::DistroSecureBoot | Role::DistroSigner) {
        return;
    }
    let name = anchor.certificate.common_name();
    let mut shims = images
        .shims_of(&anchor.certificate.der)
        .filter(|s| s.fact.signature.state == SignState::Trusted);
    match shims.next() {
        Some(shim) => object.note(
            format!("{} carries {name}", shim.fact.path),
            format!("{} 内含 {name}", shim.fact.path),
        ),
        None => object.lower(
            Level::K3,
            format!("no proven shim of this image carries {name}, so nothing hands over to it"),
            format!("本镜像中没有经证明的 shim 内含 {name}，因此没有程序会引导它"),
        ),
    }
}

/// What a shim carries.
fn carried(object: &mut Object, fact: &LoaderImage) {
    if let Some(vendor) = &fact.vendor {
        for certificate in &vendor.authorities {
            let name = certificate.common_name();
            object.note(
                format!("shim, which accepts what {name} signed"),
                format!("shim，接受由 {name} 签名的程序"),
            );
        }
    }
    if let Some(e) = &fact.vendor_problem {
        object.note(
            format!("whose signatures it accepts could not be read: {e}"),
            format!("无法读取它接受谁的签名：{e}"),
        );
    }
}

/// A kernel that may boot, for judging its modules.
pub(super) struct Booting {
    pub(super) path: String,
    pub(super) release: String,
    /// The certificates built into it; `None` where they could not be read.
    pub(super) keys: Option<Vec<Certificate>>,
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
        object.default = facts.boots(&kernel.fact);
        if let Some(image) = facts.images.kernel(&kernel.fact.path) {
            let proven = by_package(facts, &mut object, &kernel.fact);
            if proven {
                // Its own signature, where it has one, is told and proves nothing more.
                let mut own = Object::new(object.path.clone(), None, ObjectKind::Kernel);
                signed(facts, &mut own, &image.fact);
                object.signer = own.signer;
            } else {
                signed(facts, &mut object, &image.fact);
            }
            let trust = facts.references.trust;
            recorded(&mut object, &kernel.fact, trust, proven);
            if !certain || object.default != Some(false) {
                let keys = keys(&object, &kernel.at, &image.fact, all);
                match &kernel.fact.release {
                    Some(release) => booting.push(Booting {
                        path: object.path.clone(),
                        release: release.clone(),
                        keys,
                        proven: object.level == Level::K5,
                    }),
                    None => object.lower(
                        Level::K2,
                        "its version can't be told, so its modules were not found",
                        "无法确定其版本，因此未找到它的模块",
                    ),
                }
            }
        }
        all.objects.push(object);
    }
    booting
}

/// Judges a kernel by its own signature.
fn signed(facts: &Facts<'_>, object: &mut Object, image: &KernelImage) {
    let Some(anchor) = judge::signatures(object, &image.signature) else {
        return;
    };
    let name = anchor.certificate.common_name();
    match image.signature.vendor {
        Some(true) => {}
        Some(false) => object.lower(
            Level::K1,
            format!("{name} is not the vendor of this system"),
            format!("{name} 不是本系统的厂商"),
        ),
        None => object.lower(
            Level::K3,
            "whether that is the vendor of this system is not known",
            "不知道该签名者是否为本系统的厂商",
        ),
    }
    if facts
        .images
        .shims_of(&anchor.certificate.der)
        .next()
        .is_some()
    {
        object.note(format!("shim carries {name}"), format!("shim 内含 {name}"));
    }
}

/// True where the kernel is the one of a package whose header the system's vendor signed.
fn by_package(facts: &Facts<'_>, object: &mut Object, kernel: &Kernel) -> bool {
    let Owner::Package(record) = &kernel.owner else {
        return false;
    };
    let seal = record.package.seal(facts.references.trust);
    if record.equal() != Some(true) || !seal.is_vendors(facts.os) {
        return false;
    }
    object.anchor = seal.anchor();
    object.note(
        "its digest is the one in the package's header, which a pinned key of this system's vendor signed",
        "其摘要与软件包头记录一致，该包头由本系统厂商的固定密钥签名",
    );
    true
}

/// Compares a kernel with what its package recorded.
fn recorded(object: &mut Object, kernel: &Kernel, trust: &Bundle, proven: bool) {
    match &kernel.owner {
        Owner::Package(record) => {
            object.package = Some(record.package.name.clone());
            if let Seal::Forged(why) = record.package.seal(trust) {
                object.lower(
                    Level::K0,
                    format!("the record of its package was changed: {why}"),
                    format!("其软件包记录被修改：{why}"),
                );
            }
            match record.equal() {
                Some(true) if proven => {}
                Some(true) => object.note(
                    "the package recorded the same digest (which no pinned key of this system's vendor signed)",
                    "软件包记录的摘要相同（该记录未由本系统厂商的固定密钥签名）",
                ),
                // A kernel that its vendor signed is not modified, but another than was installed.
                Some(false) => object.lower(
                    if object.anchor.is_some() {
                        Level::K1
                    } else {
                        Level::K0
                    },
                    "the package recorded another digest",
                    "软件包记录的摘要不同",
                ),
                None if object.anchor.is_none() => object.lower(
                    Level::K2,
                    "the package recorded no digest, and no signature proves it",
                    "软件包没有记录摘要，也没有签名证明它",
                ),
                None => {}
            }
        }
        Owner::Nobody => object.lower(Level::K1, "no package owns it", "不属于任何软件包"),
        Owner::Unknown(gap) => object.lower(
            Level::K2,
            format!("whether a package owns it can't be told: {gap}"),
            format!("无法确定它属于哪个软件包：{gap}"),
        ),
        Owner::NoDatabase => object.note(
            "there is no package database that this version reads",
            "没有本版本能读取的软件包数据库",
        ),
    }
}

/// The built-in certificates of a kernel, noted in the bill.
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
