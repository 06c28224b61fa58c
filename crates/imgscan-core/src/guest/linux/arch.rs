//! The processor architecture of a guest, by the header of a program that every system has.

use crate::bytes::{be16, le16};
use crate::error::Result;
use crate::fs::FileKind;
use crate::guest::{Gap, PathSpace};

/// Programs and loaders of which a Linux root has at least one.
const PROGRAMS: &[&[u8]] = &[
    b"/bin/sh",
    b"/bin/bash",
    b"/bin/busybox",
    b"/sbin/init",
    b"/usr/bin/env",
    b"/lib64/ld-linux-x86-64.so.2",
    b"/lib/ld-linux-aarch64.so.1",
];

/// The architecture of the first of [`PROGRAMS`] that is an ELF file. Where none was found, but one
/// could not be read, that is one of the `problems`.
pub(super) fn of_guest(paths: &PathSpace, problems: &mut Vec<Gap>) -> Option<String> {
    let mut trouble = None;
    for program in PROGRAMS {
        match of_file(paths, program) {
            Ok(Some(name)) => return Some(name.into()),
            Ok(None) => {}
            Err(e) => trouble = Some(Gap::at_path(crate::text::lossless(program), &e)),
        }
    }
    problems.extend(trouble);
    None
}

fn of_file(paths: &PathSpace, path: &[u8]) -> Result<Option<&'static str>> {
    let Some(at) = paths.find(path)? else {
        return Ok(None);
    };
    if at.metadata.kind != FileKind::Regular || at.metadata.size < 20 {
        return Ok(None);
    }
    let mut head = [0; 20];
    at.open()?.read_at(&mut head, 0)?;
    Ok(of_elf(&head))
}

/// The architecture, named as `uname -m` does, of an ELF header. ELF gABI: class at byte 4, data
/// encoding at byte 5, `e_machine` at byte 18.
fn of_elf(head: &[u8]) -> Option<&'static str> {
    if !head.starts_with(b"\x7fELF") {
        return None;
    }
    let little = head.get(5) != Some(&2);
    let machine = if little {
        le16(head, 18)
    } else {
        be16(head, 18)
    }?;
    let wide = head.get(4) == Some(&2);
    Some(match (machine, wide, little) {
        (3, ..) => "x86",
        (62, true, _) => "x86_64",
        (62, false, _) => "x32",
        (183, ..) => "aarch64",
        (40, ..) => "arm",
        (243, true, _) => "riscv64",
        (258, true, _) => "loongarch64",
        (22, true, _) => "s390x",
        (21, _, true) => "ppc64le",
        (21, _, false) => "ppc64",
        (8, true, true) => "mips64el",
        (8, ..) => "mips",
        _ => return None,
    })
}
