//! What UEFI firmware starts on a machine without variables of its own (rules 2.1 to 2.2c).

use super::super::grub::{Build, Platform, Start};
use super::super::raw::{raw, show};
use super::super::volumes::Volumes;
use super::loader::{self, Program};
use super::{Way, Ways, any, vendors};
use crate::evidence::Gap;
use crate::text::terminal;

/// The longest program that is read, in bytes.
const MAX_PROGRAM: u64 = 256 * 1024 * 1024;
/// The longest list of the fallback program, in bytes.
const MAX_LIST: u64 = 64 * 1024;
/// Programs that start one another.
const MAX_DEPTH: usize = 6;
/// Lines of lists that are followed.
const MAX_LINES: usize = 16;

/// The removable path for each processor.
const REMOVABLE: &[&str] = &["x64", "aa64", "ia32", "riscv64"];

/// What came of following a program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// It leads to a way.
    Way,
    /// It starts nothing that is there.
    Nothing,
    /// What it starts is not known.
    Unknown,
}

/// Adds the ways of UEFI; false where no volume has programs of the firmware.
pub(super) fn ways(volumes: &Volumes<'_>, all: &mut Ways) -> bool {
    let candidates: Vec<usize> = volumes
        .fat()
        .into_iter()
        .filter(|v| volumes.names(*v, "/EFI").is_some())
        .collect();
    let mut ends = Vec::new();
    for volume in &candidates {
        for arch in REMOVABLE {
            let path = format!("/EFI/BOOT/BOOT{}.EFI", arch.to_ascii_uppercase());
            if volumes.find(*volume, &path).is_some() {
                ends.push(follow(volumes, *volume, &path, 0, all));
            }
        }
    }
    if ends.contains(&End::Way) && !ends.contains(&End::Unknown) {
        return true;
    }
    // Nothing is started on a machine without variables: what variables could name counts.
    let mut found = !ends.is_empty();
    if !ends.contains(&End::Unknown) {
        for volume in &candidates {
            for folder in vendors(volumes, *volume) {
                for name in volumes.names(*volume, &folder).unwrap_or_default() {
                    if !name.to_ascii_lowercase().ends_with(".efi") {
                        continue;
                    }
                    let path = format!("{folder}/{name}");
                    let direct = matches!(
                        read(volumes, *volume, &path),
                        Some((Program::Grub(_) | Program::SystemdBoot, _))
                    );
                    if direct && follow(volumes, *volume, &path, 0, all) == End::Way {
                        found = true;
                    }
                }
            }
        }
        return found && !all.ways.is_empty();
    }
    any(volumes, Platform::Efi, all);
    true
}

fn read(
    volumes: &Volumes<'_>,
    volume: usize,
    path: &str,
) -> Option<(Program, Option<&'static str>)> {
    let file = volumes.open(volume, path, MAX_PROGRAM)?;
    match loader::program(file.as_ref()) {
        Ok(program) => Some((program, loader::arch(file.as_ref()))),
        Err(e) => {
            volumes.gap(Gap::new(volumes.place(volume, path), &e));
            None
        }
    }
}

fn follow(volumes: &Volumes<'_>, volume: usize, path: &str, depth: usize, all: &mut Ways) -> End {
    if volumes.find(volume, path).is_none() {
        return End::Nothing;
    }
    all.chain.programs.push(volumes.place(volume, path));
    let end = run(volumes, volume, path, depth, all);
    all.chain.programs.pop();
    end
}

fn run(volumes: &Volumes<'_>, volume: usize, path: &str, depth: usize, all: &mut Ways) -> End {
    let Some((program, arch)) = read(volumes, volume, path) else {
        return End::Nothing;
    };
    let at = volumes.place(volume, path);
    let (folder, _) = path.rsplit_once('/').unwrap_or(("", path));
    let unknown = |all: &mut Ways| {
        let path = terminal(&show(path));
        all.doubt(say!(boot_loader_unknown, path = path), at.clone());
        End::Unknown
    };
    if depth >= MAX_DEPTH {
        return unknown(all);
    }
    match program {
        Program::Shim => shim(volumes, volume, folder, arch, depth, all),
        Program::Fallback => fallback(volumes, volume, arch, depth, all),
        Program::SystemdBoot => {
            all.push(Way::SystemdBoot {
                volume,
                arch,
                certain: true,
            });
            End::Way
        }
        Program::Kernel(arguments) => {
            all.push(Way::Kernel {
                volume,
                path: path.to_owned(),
                arguments,
            });
            End::Way
        }
        Program::Grub(grub) => {
            let device = volumes.device(volume);
            let here = format!("({device}){folder}");
            if grub.memory_disk && grub.build != Build::Debian {
                let path = terminal(&show(path));
                all.doubt(say!(boot_loader_memory_disk, path = path), at.clone());
            }
            // A prefix without a path is the folder of the program (rule 3.1b).
            let prefix = match grub.prefix.as_str() {
                "" => folder_of_platform(&here),
                text if text.starts_with("(,") => format!("(hd0{}", &text[1..]),
                text if text.starts_with('(') => text.to_owned(),
                text => format!("({device}){text}"),
            };
            all.push(Way::Grub(Box::new(Start {
                build: grub.build,
                platform: Platform::Efi,
                arch,
                prefix: Some(prefix),
                folder: Some(here),
                embedded: grub.embedded,
                config: None,
                at,
            })));
            End::Way
        }
        Program::Other => unknown(all),
    }
}

fn folder_of_platform(folder: &str) -> String {
    let (parent, name) = folder.rsplit_once('/').unwrap_or((folder, ""));
    if name.ends_with("-efi") {
        return parent.to_owned();
    }
    folder.to_owned()
}

/// shim starts the fallback program where it was itself started by the removable path, and else
/// its second stage from its own folder (rule 2.2).
fn shim(
    volumes: &Volumes<'_>,
    volume: usize,
    folder: &str,
    arch: Option<&'static str>,
    depth: usize,
    all: &mut Ways,
) -> End {
    let arch_name = arch.unwrap_or("x64");
    if folder.eq_ignore_ascii_case("/EFI/BOOT") {
        for name in [format!("fb{arch_name}.efi"), "fallback.efi".into()] {
            let path = format!("{folder}/{name}");
            if volumes.find(volume, &path).is_some() {
                all.chain.programs.push(volumes.place(volume, &path));
                let end = fallback(volumes, volume, arch, depth, all);
                all.chain.programs.pop();
                if end != End::Nothing {
                    return end;
                }
            }
        }
    }
    let second = format!("{folder}/grub{arch_name}.efi");
    follow(volumes, volume, &second, depth + 1, all)
}

/// The fallback program reads the lists in the folders below `/EFI` in the order of the directory
/// (rules 2.2a, 2.2b). Without a TPM the first line of all starts; with one the next ones can too.
fn fallback(
    volumes: &Volumes<'_>,
    volume: usize,
    arch: Option<&'static str>,
    depth: usize,
    all: &mut Ways,
) -> End {
    let mut lines = Vec::new();
    for folder in vendors(volumes, volume) {
        if folder.eq_ignore_ascii_case("/EFI/BOOT") {
            continue;
        }
        let own = arch.map(|a| format!("{folder}/BOOT{}.CSV", a.to_ascii_uppercase()));
        let names = own.into_iter().chain([format!("{folder}/BOOT.CSV")]);
        let Some((path, bytes)) = names
            .filter_map(|path| Some((path.clone(), volumes.read(volume, &path, MAX_LIST)?)))
            .next()
        else {
            continue;
        };
        for line in list(&bytes) {
            lines.push((folder.clone(), path.clone(), line));
        }
    }
    let mut ends = Vec::new();
    for (count, (folder, path, fields)) in lines.into_iter().enumerate() {
        if count >= MAX_LINES {
            let what = say!(error_too_many, most = MAX_LINES, what = "lines");
            all.doubt(what, volumes.place(volume, &path));
            ends.push(End::Unknown);
            break;
        }
        let Some(file) = fields.first().filter(|f| !f.is_empty()) else {
            continue;
        };
        // The third column is what the program is started with; shim takes the name of its second
        // stage from it, whatever that ends with.
        if let Some(options) = fields.get(2).filter(|o| !o.is_empty()) {
            let what = terminal(&show(options));
            let at = volumes.place(volume, &path);
            all.doubt(say!(boot_loader_options, options = what), at);
        }
        let file = file.replace('\\', "/");
        let program = format!("{folder}/{}", file.trim_start_matches('/'));
        all.chain.lists.push(volumes.place(volume, &path));
        ends.push(follow(volumes, volume, &program, depth + 1, all));
        all.chain.lists.pop();
    }
    let known = |end: End| ends.contains(&end).then_some(end);
    known(End::Unknown)
        .or_else(|| known(End::Way))
        .unwrap_or(End::Nothing)
}

/// Lines of a list: UCS-2, fields parted by commas.
fn list(bytes: &[u8]) -> Vec<Vec<String>> {
    let units = bytes
        .chunks_exact(2)
        .map(|c| u16::from_le_bytes([c[0], c[1]]));
    let text: String = char::decode_utf16(units)
        .map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER))
        .collect();
    let text = text.trim_start_matches('\u{feff}');
    text.split(['\r', '\n', '\0'])
        .filter(|line| !line.is_empty())
        .map(|line| {
            let field = |f: &str| raw(f.trim().as_bytes());
            line.split(',').map(field).collect()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::list;

    /// README.fallback of shim.
    #[test]
    fn lists_are_ucs2_with_or_without_a_mark() {
        let text = "shimx64.efi,debian,,This is the boot entry\n";
        let bytes: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let marked = [&[0xFF, 0xFE], bytes.as_slice()].concat();
        for bytes in [bytes.clone(), marked] {
            let found = list(&bytes);
            assert_eq!(found.len(), 1);
            assert_eq!(found[0][0], "shimx64.efi");
            assert_eq!(found[0][2], "");
        }
        // A list in UTF-8 names nothing that is there.
        assert_ne!(list(text.as_bytes())[0][0], "shimx64.efi");
    }
}
