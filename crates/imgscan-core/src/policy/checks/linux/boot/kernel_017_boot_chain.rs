//! LNX-KERNEL-017: the boot loaders are their vendors', and not of refused generations.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::Deserialize;

use crate::evidence::linux::{BiosBoot, GrubModules, Images, LoaderImage, LoaderKind, SignState};
use crate::evidence::{Found, Gap, Location};
use crate::policy::checks::findings::Findings;
use crate::policy::checks::linux::commands::Commands;
use crate::policy::checks::linux::kernel::{by_state, signed_item};
use crate::policy::checks::registry::{BadParameter, Parameters};
use crate::policy::levels::{Level, standing};
use crate::policy::{Context, Item, Outcome, Status};
use crate::text::{Text, terminal};
use crate::trust::Role;

/// What boot loaders must be.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::policy::checks) struct Generations {
    /// The lowest generation of each SBAT component that firmware does not refuse.
    generations: BTreeMap<String, u32>,
}

impl Parameters for Generations {
    fn validate(&self) -> Result<(), BadParameter> {
        let mut names = self.generations.keys();
        match names.find(|name| name.trim().is_empty()) {
            Some(_) => Err(BadParameter::new(
                "generations",
                say!(policy_bad_empty_name),
            )),
            None => Ok(()),
        }
    }
}

pub(in crate::policy::checks) fn run(context: &Context<'_>, with: &Generations) -> Outcome {
    let images = context.evidence.linux.images();
    let mut found = Findings::new();
    let objects = context.evidence.linux.ring0().objects.iter();
    let arguments = &context.shared.kernel_arguments;
    let equal = objects.filter(|o| standing(o, arguments).level >= Level::K4);
    let proven: Vec<&str> = equal.map(|o| o.path.as_str()).collect();
    for loader in &images.loaders {
        let proven = proven.contains(&loader.fact.path.as_str());
        signed(loader, images, proven, &mut found);
        generations(loader, &with.generations, &mut found);
    }
    if let Some(bios) = &images.bios {
        started_by_bios(bios, &mut found);
    }
    for folder in &images.grub {
        modules(folder, images.bios.is_some(), &mut found);
    }
    let esp = |g: &&Gap| !images.kernels.iter().any(|k| k.at.path == g.at.path);
    found.gaps(images.gaps.iter().filter(esp).cloned());
    if found.is_empty() && found.complete() {
        return Outcome::of(Status::NotApplicable, say!(lnx_kernel_017_none));
    }
    let boot = context.evidence.linux.boot();
    let command = Commands::of(context).install_loader(boot, images.bios.is_some());
    let install = match packaged(images, &proven) {
        Some(package) => say!(
            lnx_kernel_017_fix_unsigned,
            package = package,
            command = terminal(&command)
        ),
        None => say!(linux_loader_install, command = terminal(&command)),
    };
    match found.worst() {
        Status::Unknown => found.fix_of_unknown(install),
        Status::Fail | Status::Warn => found.fix(install),
        _ => {}
    }
    found.conclude(|status, count| match status {
        Status::Fail => say!(lnx_kernel_017_fail, count = count),
        Status::Unknown => say!(lnx_kernel_017_unproven, count = count),
        Status::Warn => say!(lnx_kernel_017_warn, count = count),
        _ => say!(lnx_kernel_017_pass),
    })
}

/// The package of loaders that nobody signs, where that is all that keeps them from being proven:
/// to install them anew would change nothing.
fn packaged(images: &Images, proven: &[&str]) -> Option<String> {
    let open = |l: &&Found<LoaderImage>| {
        let signed = l.fact.signature.state == SignState::Trusted;
        !signed && !proven.contains(&l.fact.path.as_str())
    };
    let mut packages = images
        .loaders
        .iter()
        .filter(open)
        .map(|l| match &l.fact.copy_of {
            Some(copy) if copy.recorded != Some(false) => Some(terminal(&copy.package)),
            _ => None,
        });
    let first = packages.next()??;
    packages.all(|p| p.is_some()).then_some(first)
}

fn signed(loader: &Found<LoaderImage>, images: &Images, proven: bool, found: &mut Findings) {
    let fact = &loader.fact;
    let signature = &fact.signature;
    let item = |note: Text| signed_item(loader.at.clone(), signature, note);
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
                found.warn(item(say!(lnx_kernel_017_no_shim)));
            } else {
                found.pass(item(say!(lnx_kernel_017_signed)));
            }
        }
        // What is in the folder of the firmware's programs and is none boots nothing.
        SignState::Unread(e) => {
            if !images.gaps.iter().any(|g| g.at.path == loader.at.path) {
                found.gap(Gap::new(loader.at.clone(), e));
            }
        }
        _ if proven => found.pass(item(say!(lnx_kernel_017_reference))),
        SignState::Unanchored | SignState::Unsigned | SignState::NoPe => {
            unsigned(loader, images, item, found);
        }
        _ => {
            by_state(&loader.at, signature, found);
        }
    }
    let vendor = fact.vendor.as_ref().and_then(|v| v.problem.as_ref());
    let problems = fact.vendor_problem.iter().chain(&fact.sbat_problem);
    for e in problems.chain(vendor) {
        found.gap(Gap::new(loader.at.clone(), e));
    }
}

/// A loader that no known vendor signed. Where others of the chain are signed, the firmware would
/// refuse one that is no package's either.
fn unsigned(
    loader: &Found<LoaderImage>,
    images: &Images,
    item: impl Fn(Text) -> Item,
    found: &mut Findings,
) {
    let fact = &loader.fact;
    match &fact.copy_of {
        Some(copy) if copy.recorded == Some(false) => {
            let path = terminal(&copy.path);
            found.fail(item(say!(lnx_kernel_017_copy_changed, path = path)));
        }
        Some(copy) => {
            let path = terminal(&copy.path);
            let package = terminal(&copy.package);
            found.unknown(item(say!(
                lnx_kernel_017_copy,
                path = path,
                package = package
            )));
        }
        None if starts_first(&fact.path) && images.signed_elsewhere(&fact.path) => {
            found.fail(item(say!(lnx_kernel_017_unsigned_first)));
        }
        None if fact.signature.state == SignState::Unanchored => {
            found.unknown(item(say!(linux_signature_unanchored)));
        }
        None => found.unknown(item(say!(lnx_kernel_017_unsigned))),
    }
}

/// True of the program that the firmware of a fresh machine starts (UEFI specification 2.10, 3.5.1.1).
fn starts_first(path: &str) -> bool {
    let path = path.to_ascii_lowercase();
    path.rsplit_once("/efi/boot/")
        .is_some_and(|(_, name)| name.starts_with("boot") && name.ends_with(".efi"))
}

fn generations(loader: &Found<LoaderImage>, least: &BTreeMap<String, u32>, found: &mut Findings) {
    for part in &loader.fact.sbat {
        let Some(least) = least.get(&part.name).filter(|l| part.generation < **l) else {
            continue;
        };
        let name = terminal(&part.name);
        let name = name.as_str();
        let note = say!(lnx_kernel_017_generation, component = name);
        let wanted = say!(
            lnx_kernel_017_generation_expected,
            component = name,
            generation = *least
        );
        let is = Text::verbatim(format!("{name},{}", part.generation));
        found.warn(Item::at(loader.at.clone(), note).compare(wanted, is));
    }
    let shim = loader.fact.kind == LoaderKind::Shim;
    if shim && loader.fact.sbat.is_empty() && loader.fact.sbat_problem.is_none() {
        found.warn(Item::at(loader.at.clone(), say!(lnx_kernel_017_no_sbat)));
    }
}

fn modules(folder: &GrubModules, read: bool, found: &mut Findings) {
    found.gaps(folder.gaps.iter().cloned());
    let of_folder = || Location::of_path(folder.folder.clone());
    for at in &folder.differ {
        let path = terminal(&format!("/usr/lib/grub/{}", folder.platform));
        let note = say!(lnx_kernel_017_module_differs, folder = path);
        found.fail(Item::at(at.clone(), note));
    }
    if folder.no_originals {
        let count = folder.unknown.len();
        if count > 0 {
            let note = say!(lnx_kernel_017_no_originals, count = count);
            found.unknown(Item::at(of_folder(), note));
        }
    } else {
        for at in &folder.unknown {
            found.unknown(Item::at(at.clone(), say!(lnx_kernel_017_module_unknown)));
        }
    }
    if folder.same > 0 {
        let note = say!(lnx_kernel_017_modules_equal, count = folder.same);
        found.pass(Item::at(of_folder(), note));
    }
    if folder.platform.ends_with("-pc") && !read {
        let at = folder.core.clone().unwrap_or_else(of_folder);
        found.warn(Item::at(at, say!(lnx_kernel_017_no_boot_code)));
    }
}

/// What a BIOS starts. Nothing signs it, so it is never more than explained.
fn started_by_bios(bios: &BiosBoot, found: &mut Findings) {
    let item = |note: Text| Item::at(bios.at.clone(), note);
    let mut explained = 0_usize;
    for part in &bios.parts {
        let name = terminal(&part.name);
        let digest = format!("sha256:{}", part.sha256);
        if part.changed() {
            let of = terminal(part.of.as_deref().unwrap_or_default());
            found.fail(
                item(say!(lnx_kernel_017_code_changed, part = name))
                    .compare(Text::verbatim(of), Text::verbatim(digest)),
            );
        } else if part.explained() {
            explained += 1;
        } else {
            let note = say!(lnx_kernel_017_code_unknown, part = name);
            let why = crate::Error::unsupported(crate::Layer::Boot, None, note.clone());
            found.gap(Gap::new(bios.at.clone(), &why));
            let of = match &part.of {
                Some(of) => Text::verbatim(terminal(of)),
                None => say!(lnx_kernel_017_no_file),
            };
            let actual = Text::list([of, Text::verbatim(digest)]);
            found.unknown(item(note).compare(say!(lnx_kernel_017_code_expected), actual));
        }
    }
    if let Some(e) = &bios.problem {
        found.gap(Gap::new(bios.at.clone(), e));
    }
    let packages = bios.parts.iter().filter_map(|p| p.package.as_ref());
    let packages: BTreeSet<&str> = packages.map(|(name, _)| name.as_str()).collect();
    let packages: Vec<String> = packages.into_iter().map(terminal).collect();
    let config: Vec<String> = bios.config.iter().map(|c| terminal(c)).collect();
    let note = say!(
        lnx_kernel_017_bios,
        explained = explained,
        count = bios.parts.len()
    );
    let actual = say!(
        lnx_kernel_017_bios_found,
        packages = packages,
        config = config.join("; ")
    );
    // Whether it counts is said of each piece.
    found.pass(item(note).compare(say!(lnx_kernel_017_bios_expected), actual));
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
        assert_eq!(status("LNX-KERNEL-017", more), Status::Unknown);
        let bios = efi(Build::debian())
            .file("/usr/lib/grub/i386-pc/a.mod", 0o644, "a")
            .file("/boot/grub/i386-pc/a.mod", 0o644, "a");
        assert_eq!(status("LNX-KERNEL-017", bios), Status::Warn);
        let none = Build::debian();
        assert_eq!(status("LNX-KERNEL-017", none), Status::NotApplicable);
    }

    #[test]
    fn a_loader_that_is_not_signed_and_a_cut_one_are_unknown() {
        let with = |bytes: &[u8]| {
            let path = "/boot/efi/EFI/BOOT/BOOTX64.EFI";
            status("LNX-KERNEL-017", Build::debian().file(path, 0o644, bytes))
        };
        assert_eq!(with(b"no program"), Status::Unknown);
        assert_eq!(with(b"MZ cut"), Status::Unknown);
    }
}
