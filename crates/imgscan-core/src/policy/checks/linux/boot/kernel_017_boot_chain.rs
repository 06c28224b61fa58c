//! The boot loaders: whose they are, their generations, GRUB's modules.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use crate::error::Result;
use crate::evidence::linux::{BiosBoot, GrubModules, Images, LoaderImage, LoaderKind, SignState};
use crate::evidence::{Found, Gap, Location};
use crate::policy::checks::findings::Findings;
use crate::policy::checks::linux::kernel::kernel_signature::{by_state, signed_item};
use crate::policy::{Context, Item, Outcome, Status};
use crate::text::terminal;
use crate::trust::Role;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct With {
    /// The lowest generation of each component that is not refused.
    generations: BTreeMap<String, u32>,
}

/// LNX-KERNEL-017.
pub(in crate::policy::checks) fn chain(context: &Context<'_>) -> Result<Outcome> {
    let with: With = context.check.with()?;
    let images = context.evidence.linux.images();
    let mut found = Findings::default();
    for loader in &images.loaders {
        signed(loader, images, &mut found);
        generations(loader, &with.generations, &mut found);
    }
    if let Some(bios) = &images.bios {
        started_by_bios(bios, &mut found);
    }
    for folder in &images.grub {
        modules(folder, images.bios.is_some(), &mut found);
    }
    let esp = |g: &&Gap| !images.kernels.iter().any(|k| k.at.path == g.at.path);
    found.gaps.extend(images.gaps.iter().filter(esp).cloned());
    if found.is_empty() && found.gaps.is_empty() {
        return Ok(Outcome::new(
            Status::NotApplicable,
            "no boot loader was found as a file: what starts the kernel is not proven",
            "未找到引导程序文件：启动内核的程序未经证明",
        ));
    }
    Ok(found.outcome(
        (
            "a boot loader, or a module of it, was changed",
            "引导程序或其模块被修改",
        ),
        (
            "the boot loaders are not proven in every part",
            "引导程序未能全部得到证明",
        ),
        (
            "every boot loader is signed up to a pinned authority that what starts it accepts",
            "所有引导程序的签名均终止于固定证书，且被上一级引导程序接受",
        ),
    ))
}

fn signed(loader: &Found<LoaderImage>, images: &Images, found: &mut Findings) {
    let fact = &loader.fact;
    let signature = &fact.signature;
    let item = |en: &str, zh: &str| signed_item(loader.at.clone(), signature, en, zh);
    match &signature.state {
        SignState::Trusted => {
            let Some(anchor) = &signature.anchor else {
                return;
            };
            let by_distribution =
                matches!(anchor.role, Role::DistroSecureBoot | Role::DistroSigner);
            let mut shims = images.shims_of(&anchor.certificate.der);
            let accepted = shims.any(|s| s.fact.signature.state == SignState::Trusted);
            if by_distribution && !accepted {
                found.warn(item(
                    "signed, but no proven shim of the image carries its authority",
                    "已签名，但镜像中没有经证明的 shim 内含其签发机构",
                ));
            } else {
                found.good(item("signed", "签名有效"));
            }
        }
        // What is in the folder of the firmware's programs and is none boots nothing.
        SignState::Unread(e) => {
            if !images.gaps.iter().any(|g| g.at.path == loader.at.path) {
                found.gaps.push(Gap::new(loader.at.clone(), e));
            }
        }
        _ => by_state(&loader.at, signature, found),
    }
    for e in fact.vendor_problem.iter().chain(&fact.sbat_problem) {
        found.gaps.push(Gap::new(loader.at.clone(), e));
    }
    if let Some(e) = fact.vendor.as_ref().and_then(|v| v.problem.as_ref()) {
        found.gaps.push(Gap::new(loader.at.clone(), e));
    }
}

fn generations(loader: &Found<LoaderImage>, least: &BTreeMap<String, u32>, found: &mut Findings) {
    for part in &loader.fact.sbat {
        let Some(least) = least.get(&part.name).filter(|l| part.generation < **l) else {
            continue;
        };
        let name = terminal(&part.name);
        found.warn(
            Item::new(
                loader.at.clone(),
                format!("its {name} is of a generation that newer firmware refuses"),
                format!("其 {name} 的代次已被新固件拒绝"),
            )
            .compare(
                format!("{name},{least} or later"),
                format!("{name},{}", part.generation),
            ),
        );
    }
    let shim = loader.fact.kind == LoaderKind::Shim;
    if shim && loader.fact.sbat.is_empty() && loader.fact.sbat_problem.is_none() {
        found.warn(Item::new(
            loader.at.clone(),
            "a shim without generations, which newer firmware refuses",
            "没有 SBAT 代次信息的 shim，已被新固件拒绝",
        ));
    }
}

fn modules(folder: &GrubModules, read: bool, found: &mut Findings) {
    found.gaps.extend(folder.gaps.iter().cloned());
    for at in &folder.differ {
        found.fail(Item::new(
            at.clone(),
            format!(
                "differs from the package's copy in /usr/lib/grub/{}",
                terminal(&folder.platform)
            ),
            format!(
                "与软件包的副本 /usr/lib/grub/{} 不一致",
                terminal(&folder.platform)
            ),
        ));
    }
    if folder.no_originals {
        let n = folder.unknown.len();
        if n > 0 {
            found.warn(Item::new(
                Location::of_path(folder.folder.clone()),
                format!("{n} modules of GRUB, and no package's copies to compare with"),
                format!("有 {n} 个 GRUB 模块，但没有可比对的软件包副本"),
            ));
        }
    } else {
        for at in &folder.unknown {
            found.warn(Item::new(
                at.clone(),
                "a module of GRUB of which the package keeps no copy",
                "软件包中没有该 GRUB 模块的副本",
            ));
        }
    }
    if folder.same > 0 {
        let n = folder.same;
        found.good(Item::new(
            Location::of_path(folder.folder.clone()),
            format!("{n} modules equal the package's copies"),
            format!("{n} 个模块与软件包副本一致"),
        ));
    }
    if folder.platform.ends_with("-pc") && !read {
        let at = folder.core.clone();
        found.warn(Item::new(
            at.unwrap_or_else(|| Location::of_path(folder.folder.clone())),
            "GRUB for a BIOS, and no code in the disk's first sector",
            "有用于 BIOS 的 GRUB，但磁盘首扇区没有引导代码",
        ));
    }
}

/// What a BIOS starts. Nothing signs it, so it is never more than explained.
fn started_by_bios(bios: &BiosBoot, found: &mut Findings) {
    let item = |en: String, zh: String| Item::new(bios.at.clone(), en, zh);
    let mut explained = 0;
    for part in &bios.parts {
        let name = terminal(&part.name);
        let digest = format!("sha256:{}", part.sha256);
        if part.changed() {
            found.fail(
                item(
                    format!("{name}: made of a file of which its package recorded another digest"),
                    format!("{name}：其来源文件与软件包记录的摘要不符"),
                )
                .compare(part.of.clone().unwrap_or_default(), digest),
            );
        } else if part.explained() {
            explained += 1;
        } else {
            let of = part.of.as_deref().unwrap_or("no file of the image");
            let what = format!("{name} holds code of no file that a package owns");
            let why = crate::Error::unsupported(crate::Layer::Boot, None, what);
            found.gaps.push(Gap::new(bios.at.clone(), &why));
            found.warn(
                item(
                    format!("{name}: no file that a package owns holds this code"),
                    format!("{name}：软件包的文件中没有此代码"),
                )
                .compare(
                    "a file of GRUB's package",
                    format!("{}, {digest}", terminal(of)),
                ),
            );
        }
    }
    if let Some(e) = &bios.problem {
        found.gaps.push(Gap::new(bios.at.clone(), e));
    }
    let packages: BTreeSet<&str> = bios
        .parts
        .iter()
        .filter_map(|p| Some(p.package.as_ref()?.0.as_str()))
        .collect();
    let packages = packages.into_iter().collect::<Vec<_>>().join(", ");
    let config: Vec<String> = bios.config.iter().map(|c| terminal(c)).collect();
    found.warn(
        item(
            format!(
                "started by a BIOS, which verifies nothing: {explained} of {} pieces are made of files of packages",
                bios.parts.len()
            ),
            format!(
                "由 BIOS 引导，不验证签名：{} 个组成部分中有 {explained} 个由软件包文件构成",
                bios.parts.len()
            ),
        )
        .compare(
            "every piece, by a file of a package",
            format!("{packages}; first commands: {}", config.join("; ")),
        ),
    );
}

#[cfg(test)]
mod tests {
    use crate::evidence::linux::testing::Build;
    use crate::policy::Status;
    use crate::policy::checks::linux::testing::{check, status};

    fn efi(build: Build) -> Build {
        build
            .file("/usr/lib/grub/x86_64-efi/ext2.mod", 0o644, "module")
            .file("/boot/grub/x86_64-efi/ext2.mod", 0o644, "module")
    }

    #[test]
    fn modules_of_grub_are_those_of_the_package() {
        assert_eq!(status("LNX-KERNEL-017", efi(Build::debian())), Status::Pass);
        let other = efi(Build::debian()).file("/boot/grub/x86_64-efi/ext2.mod", 0o644, "modulf");
        let got = check("LNX-KERNEL-017", other);
        assert_eq!(got.status, Status::Fail);
        let path = got.evidence[0].at.path.as_deref();
        assert_eq!(path, Some("/boot/grub/x86_64-efi/ext2.mod"));
        let more = efi(Build::debian()).file("/boot/grub/x86_64-efi/evil.mod", 0o644, "x");
        assert_eq!(status("LNX-KERNEL-017", more), Status::Warn);
        let bios = efi(Build::debian())
            .file("/usr/lib/grub/i386-pc/a.mod", 0o644, "a")
            .file("/boot/grub/i386-pc/a.mod", 0o644, "a");
        assert_eq!(status("LNX-KERNEL-017", bios), Status::Warn);
        let none = Build::debian();
        assert_eq!(status("LNX-KERNEL-017", none), Status::NotApplicable);
    }

    #[test]
    fn a_loader_that_is_not_signed_warns_and_a_cut_one_is_a_gap() {
        let with = |bytes: &[u8]| {
            let path = "/boot/efi/EFI/BOOT/BOOTX64.EFI";
            status("LNX-KERNEL-017", Build::debian().file(path, 0o644, bytes))
        };
        assert_eq!(with(b"no program"), Status::Warn);
        assert_eq!(with(b"MZ cut"), Status::Unknown);
    }
}
