//! What a program that the firmware starts is, by its contents and never by its name.

use std::ops::Range;

use super::super::grub::Build;
use crate::bytes::{le32, le64};
use crate::error::Result;
use crate::source::{ReadAt, holds, read_vec};
use crate::trust::grub::ObjectKind;
use crate::trust::pe::Pe;
use crate::trust::sbat;

/// Objects of one image.
const MAX_OBJECTS: usize = 1024;
/// The longest text among them, in bytes.
const MAX_TEXT: u64 = 1 << 20;

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
pub(super) fn arch(file: &dyn ReadAt) -> Option<&'static str> {
    match Pe::parse(file).ok()?.machine {
        0x8664 => Some("x64"),
        0xAA64 => Some("aa64"),
        0x14C => Some("ia32"),
        0x5064 => Some("riscv64"),
        _ => None,
    }
}

/// Takes a program apart. Only what is needed of it is held at a time.
///
/// # Errors
/// Where it can't be read.
pub(super) fn program(file: &dyn ReadAt) -> Result<Program> {
    let Ok(pe) = Pe::parse(file) else {
        return Ok(Program::Other);
    };
    let parts = sbat::components(&pe, file)
        .ok()
        .flatten()
        .unwrap_or_default();
    let has = |name: &str| parts.iter().any(|c| c.name == name);
    let holds = |text: &[u8]| holds(file, text);
    if pe.section(".vendor_cert").is_some() {
        return Ok(Program::Shim);
    }
    // "BOOT" and ".CSV" in UTF-16, which the fallback program looks for.
    if has("shim") && holds(b".\0C\0S\0V\0")? {
        return Ok(Program::Fallback);
    }
    if pe.section(".sdmagic").is_some() && has("systemd-boot")
        || holds(b"#### LoaderInfo: systemd-boot")?
    {
        return Ok(Program::SystemdBoot);
    }
    if pe.section(".linux").is_some() {
        let line = pe.section(".cmdline");
        let line = line.and_then(|s| pe.section_bytes(file, s).ok());
        let line = super::super::raw::raw(&line.unwrap_or_default());
        let line = line.trim_end_matches(['\0', '\n', ' ']).to_owned();
        return Ok(Program::Kernel(line));
    }
    let modules = pe.section("mods");
    let modules = modules.and_then(|s| objects(file, &s.file, pe.pe32_plus));
    if let Some(objects) = modules {
        let mut names: Vec<&str> = parts.iter().map(|c| c.name.as_str()).collect();
        names.retain(|n| n.starts_with("grub."));
        let text = |range: Range<u64>| {
            let len = range.end.checked_sub(range.start)?;
            read_vec(file, range.start, usize::try_from(len).ok()?).ok()
        };
        let reads_fw_path = holds(b"fw_path\0")?;
        return Ok(Program::Grub(grub(&objects, text, &names, reads_fw_path)));
    }
    // The setup header of x86, and that of AArch64 and RISC-V.
    let four = |at| read_vec(file, at, 4).unwrap_or_default();
    let linux = four(0x202) == b"HdrS" || matches!(four(0x38).as_slice(), b"ARMd" | b"RSC\x05");
    if linux {
        return Ok(Program::Kernel(String::new()));
    }
    Ok(Program::Other)
}

/// The objects of an EFI image (`include/grub/kernel.h`, `struct grub_module_info32` and `64`), with
/// their places in the file.
fn objects(
    file: &dyn ReadAt,
    section: &Range<u64>,
    wide: bool,
) -> Option<Vec<(ObjectKind, Range<u64>)>> {
    let size = section.end.checked_sub(section.start)?;
    let head = read_vec(file, section.start, usize::try_from(size.min(24)).ok()?).ok()?;
    if head.get(..4) != Some(b"mimg") {
        return None;
    }
    let (start, length) = if wide {
        (le64(&head, 8)?, le64(&head, 16)?)
    } else {
        (le32(&head, 4)?.into(), le32(&head, 8)?.into())
    };
    let end = section.start.checked_add(length.min(size))?;
    let mut at = section.start.checked_add(start)?;
    let mut all = Vec::new();
    while at < end {
        if all.len() >= MAX_OBJECTS {
            return None;
        }
        let head = read_vec(file, at, 8).ok()?;
        let (kind, size) = (le32(&head, 0)?, u64::from(le32(&head, 4)?));
        let next = at.checked_add(size).filter(|n| size >= 8 && *n <= end)?;
        // A text that is not read could say anything: the image is then none that is known.
        if matches!(kind, 2 | 3) && size > MAX_TEXT {
            return None;
        }
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
pub(super) fn grub<R: Clone>(
    objects: &[(ObjectKind, R)],
    read: impl Fn(R) -> Option<Vec<u8>>,
    vendors: &[&str],
    reads_fw_path: bool,
) -> Grub {
    let text = |wanted: ObjectKind| {
        let found = objects.iter().find(|(kind, _)| *kind == wanted);
        let bytes = found.and_then(|(_, range)| read(range.clone()))?;
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
