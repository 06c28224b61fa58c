//! What a program that the firmware starts is, by its contents and never by its name.

use super::super::grub::Build;
use crate::bytes::{le32, le64};
use crate::source::MemorySource;
use crate::trust::grub::ObjectKind;
use crate::trust::pe::Pe;
use crate::trust::sbat;

/// Objects of one image.
const MAX_OBJECTS: usize = 1024;

/// A GRUB taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Grub {
    pub(super) build: Build,
    pub(super) prefix: String,
    pub(super) embedded: Option<String>,
    /// It holds a memory disk.
    pub(super) memory_disk: bool,
}

/// A program of the firmware.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Program {
    Shim,
    /// shim's helper that starts what a list names.
    Fallback,
    Grub(Grub),
    SystemdBoot,
    /// A kernel with an EFI stub; the line that is built into a unified image.
    Kernel(String),
    Other,
}

/// What EFI calls the processor of an image, by the machine of its COFF header.
pub(super) fn arch(file: &MemorySource) -> Option<&'static str> {
    match Pe::parse(file).ok()?.machine {
        0x8664 => Some("x64"),
        0xAA64 => Some("aa64"),
        0x14C => Some("ia32"),
        0x5064 => Some("riscv64"),
        _ => None,
    }
}

/// Takes a program apart.
pub(super) fn program(file: &MemorySource) -> Program {
    let Ok(pe) = Pe::parse(file) else {
        return Program::Other;
    };
    let parts = sbat::components(&pe, file)
        .ok()
        .flatten()
        .unwrap_or_default();
    let has = |name: &str| parts.iter().any(|c| c.name == name);
    let bytes = file.0.as_slice();
    let holds = |text: &[u8]| memchr::memmem::find(bytes, text).is_some();
    if pe.section(".vendor_cert").is_some() {
        return Program::Shim;
    }
    // "BOOT" and ".CSV" in UTF-16, which the fallback program looks for.
    if has("shim") && holds(b".\0C\0S\0V\0") {
        return Program::Fallback;
    }
    if pe.section(".sdmagic").is_some() && has("systemd-boot")
        || holds(b"#### LoaderInfo: systemd-boot")
    {
        return Program::SystemdBoot;
    }
    if pe.section(".linux").is_some() {
        let line = pe.section(".cmdline");
        let line = line.and_then(|s| pe.section_bytes(file, s).ok());
        let line = super::super::raw::raw(&line.unwrap_or_default());
        return Program::Kernel(line.trim_end_matches(['\0', '\n', ' ']).to_owned());
    }
    let objects = pe
        .section("mods")
        .and_then(|s| pe.section_bytes(file, s).ok())
        .and_then(|mods| Some((objects(&mods, pe.pe32_plus)?, mods)));
    if let Some((objects, mods)) = objects {
        let mut names: Vec<&str> = parts.iter().map(|c| c.name.as_str()).collect();
        names.retain(|n| n.starts_with("grub."));
        return Program::Grub(grub(&objects, &mods, &names, holds(b"fw_path\0")));
    }
    // The setup header of x86, and that of AArch64 and RISC-V.
    let linux = bytes.get(0x202..0x206) == Some(b"HdrS")
        || matches!(bytes.get(0x38..0x3C), Some(b"ARMd" | b"RSC\x05"));
    if linux {
        return Program::Kernel(String::new());
    }
    Program::Other
}

type Objects = Vec<(ObjectKind, std::ops::Range<usize>)>;

/// The objects of an EFI image (`include/grub/kernel.h`, `struct grub_module_info32` and `64`).
fn objects(mods: &[u8], wide: bool) -> Option<Objects> {
    if mods.get(..4) != Some(b"mimg") {
        return None;
    }
    let number = |n: u64| usize::try_from(n).ok();
    let (start, size) = if wide {
        (number(le64(mods, 8)?)?, number(le64(mods, 16)?)?)
    } else {
        (
            number(le32(mods, 4)?.into())?,
            number(le32(mods, 8)?.into())?,
        )
    };
    let end = size.min(mods.len());
    let mut at = start;
    let mut all = Vec::new();
    while at < end && all.len() < MAX_OBJECTS {
        let kind = le32(mods, at)?;
        let size = number(le32(mods, at.checked_add(4)?)?.into())?;
        let next = at.checked_add(size).filter(|n| size >= 8 && *n <= end)?;
        let kind = match kind {
            0 => ObjectKind::Module,
            2 => ObjectKind::Config,
            3 => ObjectKind::Prefix,
            other => ObjectKind::Other(other),
        };
        all.push((kind, at.checked_add(8)?..next));
        at = next;
    }
    Some(all)
}

/// The build by the vendors of its parts, and what it starts with (rules 3.1a, 3.1c).
pub(super) fn grub(
    objects: &[(ObjectKind, std::ops::Range<usize>)],
    bytes: &[u8],
    vendors: &[&str],
    reads_fw_path: bool,
) -> Grub {
    let text = |wanted: ObjectKind| {
        let found = objects.iter().find(|(kind, _)| *kind == wanted);
        let bytes = found.and_then(|(_, range)| bytes.get(range.clone()))?;
        let end = bytes.iter().position(|b| *b == 0).unwrap_or(bytes.len());
        Some(super::super::raw::raw(&bytes[..end]))
    };
    let embedded = text(ObjectKind::Config);
    let memory_disk = objects.iter().any(|(k, _)| *k == ObjectKind::Other(1));
    let of = |names: &[&str]| {
        let known = |v: &&str| {
            names
                .iter()
                .any(|n| v.trim_start_matches("grub.").starts_with(n))
        };
        vendors.iter().any(known)
    };
    let build = if of(&["debian", "ubuntu"]) {
        Build::Debian
    } else if of(&["rh", "rhel", "fedora", "centos", "rocky", "almalinux", "ol"]) {
        Build::Fedora
    } else if reads_fw_path {
        Build::Unknown
    } else {
        Build::Upstream
    };
    Grub {
        build,
        prefix: text(ObjectKind::Prefix).unwrap_or_default(),
        embedded,
        memory_disk,
    }
}
