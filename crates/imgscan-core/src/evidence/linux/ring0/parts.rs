//! Boot loaders and kernels.

use super::{BuiltInKey, Facts, Level, Object, ObjectKind, Ring0, judge};
use crate::bytes::hex;
use crate::evidence::files::{Files, sha256};
use crate::evidence::linux::{Kernel, KernelFormat, Owner};
use crate::evidence::{Found, Gap, Location};
use crate::fs::FileKind;
use crate::source::read_all;
use crate::trust::{Certificate, Role, bzimage, pe::Pe, shim};

/// Where the EFI system partition is mounted.
const ESPS: &[&str] = &["/boot/efi/EFI", "/efi/EFI", "/boot/EFI"];
/// Folders below `EFI` that are looked at.
const DEPTH: usize = 6;
/// The longest kernel image that is read, in bytes.
const MAX_KERNEL: u64 = 256 * 1024 * 1024;

/// The boot loaders of the EFI system partition; the vendors' authorities that shims carry.
pub(super) fn loaders(facts: &Facts<'_>, all: &mut Ring0) -> Vec<Certificate> {
    let paths = facts.reader.paths();
    let files = Files::new(paths);
    let mut authorities = Vec::new();
    let mut objects: Vec<Object> = Vec::new();
    for esp in ESPS {
        let names = match files.tree(esp, DEPTH) {
            Ok(names) => names,
            Err(gap) => {
                all.gaps.push(gap);
                continue;
            }
        };
        all.gaps.extend(names.gaps);
        let programs = names.names.iter();
        for path in programs.filter(|p| p.to_ascii_lowercase().ends_with(".efi")) {
            let Some(at) = facts.reader.find(path.as_bytes(), &mut all.gaps) else {
                continue;
            };
            // A unified kernel image stands among the kernels.
            let kernel = facts.kernels.at_path(&at.path_text()).is_some();
            if at.metadata.kind != FileKind::Regular || kernel {
                continue;
            }
            let mut object = Object::new(
                at.path_text(),
                Some(at.volume.clone()),
                ObjectKind::BootLoader,
            );
            if objects.iter().any(|o| o.path == object.path) {
                continue;
            }
            object.bytes = Some(at.metadata.size);
            if let Some(file) = judge::unread(&mut object, at.open())
                && let Some(sum) = judge::unread(&mut object, sha256(file.as_ref()))
            {
                object.sha256 = Some(sum);
                let roles = [
                    Role::UefiDb,
                    Role::DistroSecureBoot,
                    Role::DistroSigner,
                    Role::User,
                ];
                let trust = facts.references.trust;
                judge::signatures(&mut object, file.as_ref(), trust, &roles);
                let vendor = Pe::parse(file.as_ref())
                    .and_then(|pe| shim::vendor_certificate(&pe, file.as_ref()));
                match vendor {
                    Ok(Some(certificate)) => {
                        let name = certificate.common_name();
                        object.note(
                            format!("shim, which accepts what {name} signed"),
                            format!("shim，接受由 {name} 签名的程序"),
                        );
                        authorities.push(certificate);
                    }
                    Ok(None) => {}
                    Err(e) => object.note(
                        format!("whose signatures it accepts could not be read: {e}"),
                        format!("无法读取它接受谁的签名：{e}"),
                    ),
                }
            }
            objects.push(object);
        }
    }
    objects.sort_by(|a, b| a.path.cmp(&b.path));
    all.objects.extend(objects);
    authorities
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
pub(super) fn kernels(
    facts: &Facts<'_>,
    certain: bool,
    authorities: &[Certificate],
    all: &mut Ring0,
) -> Vec<Booting> {
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
        let file = facts.reader.paths().resolve(kernel.fact.path.as_bytes());
        let file = file.and_then(|at| at.open());
        if let Some(file) = judge::unread(&mut object, file) {
            signed(facts, authorities, &mut object, file.as_ref());
            recorded(&mut object, &kernel.fact);
            if !certain || object.default != Some(false) {
                let keys = match kernel.fact.format {
                    KernelFormat::BzImage => built_in(file.as_ref()).map_err(Some),
                    _ => Err(None),
                };
                let keys = note_keys(&mut object, kernel, keys, all);
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
fn signed(
    facts: &Facts<'_>,
    authorities: &[Certificate],
    object: &mut Object,
    file: &dyn crate::source::ReadAt,
) {
    let mut head = [0; 2];
    if file.len() < 2 || file.read_at(&mut head, 0).is_err() || head != *b"MZ" {
        return object.lower(
            Level::K3,
            "it is no PE image and so not signed",
            "不是 PE 映像，因此没有签名",
        );
    }
    let roles = [Role::DistroSecureBoot, Role::DistroSigner, Role::User];
    let Some(anchor) = judge::signatures(object, file, facts.references.trust, &roles) else {
        return;
    };
    let name = anchor.certificate.common_name();
    match judge::same_vendor(facts.os, &anchor) {
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
    if authorities.iter().any(|c| c.der == anchor.certificate.der) {
        object.note(format!("shim carries {name}"), format!("shim 内含 {name}"));
    }
}

/// Compares a kernel with what its package recorded.
fn recorded(object: &mut Object, kernel: &Kernel) {
    match &kernel.owner {
        Owner::Package(record) => {
            object.package = Some(record.package.name.clone());
            match &record.md5 {
                Some(md5) if *md5 == kernel.md5 => object.note(
                    "the package recorded the same digest (which is not signed)",
                    "软件包记录的摘要相同（该记录未签名）",
                ),
                // A kernel that its vendor signed is not modified, but another than was installed.
                Some(_) => object.lower(
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

fn built_in(file: &dyn crate::source::ReadAt) -> crate::Result<Vec<(u64, Certificate)>> {
    let bytes = read_all(file, MAX_KERNEL)?;
    let kernel = bzimage::payload(&bytes)?.unpack()?;
    drop(bytes);
    bzimage::certificates(&kernel)
}

/// The certificates without their places; `Err(None)` is an image that is not unpacked.
fn note_keys(
    object: &mut Object,
    kernel: &Found<Kernel>,
    keys: Result<Vec<(u64, Certificate)>, Option<crate::Error>>,
    all: &mut Ring0,
) -> Option<Vec<Certificate>> {
    match keys {
        Ok(found) => {
            all.keys.extend(found.iter().map(|(offset, c)| BuiltInKey {
                kernel: object.path.clone(),
                subject: c.subject.clone(),
                serial: hex(&c.serial),
                sha256: c.sha256(),
                offset: *offset,
            }));
            Some(found.into_iter().map(|(_, c)| c).collect())
        }
        Err(Some(e)) => {
            all.gaps.push(Gap::new(kernel.at.clone(), &e));
            None
        }
        Err(None) => {
            let why = crate::Error::unsupported(
                crate::Layer::Kernel,
                None,
                "the keys in a kernel of this form are not read by this version",
            );
            let at = Location {
                sha256: None,
                ..kernel.at.clone()
            };
            all.gaps.push(Gap::new(at, &why));
            None
        }
    }
}
