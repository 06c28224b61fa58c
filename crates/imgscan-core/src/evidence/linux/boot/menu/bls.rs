//! Boot loader specification entries (UAPI.1), for GRUB's `blscfg` and for systemd-boot.

use std::cmp::Ordering;

use super::{Boot, BootEntry, Loader, version};
use crate::error::{Error, Layer, Result};
use crate::evidence::linux::reader::{Reader, TextFile};
use crate::evidence::{Found, Gap};
use crate::glob::{Flags, Pattern};
use crate::text::terminal;

/// Stars of a pattern that systemd-boot follows.
const MAX_STARS: usize = 30;

/// An entry file.
pub(super) struct BlsEntry {
    pub(super) id: String,
    pub(super) title: String,
    pub(super) kernel: String,
    pub(super) arguments: String,
    pub(super) initrds: Vec<String>,
    pub(super) file: TextFile,
    version: String,
    sort_key: String,
    machine: String,
}

/// The entries in `folder`, in the order of the menu: by sort key where both have one, then by
/// version and file name with the newest first. `efi` also takes entries that start an EFI program.
pub(super) fn entries(reader: &Reader<'_>, folder: &str, boot: &mut Boot) -> Vec<BlsEntry> {
    let mut all: Vec<BlsEntry> = reader
        .texts_in(folder.as_bytes(), &[".conf"], &mut boot.gaps)
        .into_iter()
        .map(entry)
        .collect();
    all.sort_by(order);
    all
}

fn entry(file: TextFile) -> BlsEntry {
    let name = file.asked.rsplit('/').next().unwrap_or("");
    let mut e = BlsEntry {
        id: name.trim_end_matches(".conf").to_owned(),
        title: String::new(),
        kernel: String::new(),
        arguments: String::new(),
        initrds: Vec::new(),
        version: String::new(),
        sort_key: String::new(),
        machine: String::new(),
        file: file.clone(),
    };
    for (_, line) in file.lines() {
        let Some((key, value)) = line.trim().split_once(char::is_whitespace) else {
            continue;
        };
        let value = value.trim().to_owned();
        match key {
            "title" => e.title = value,
            "version" => e.version = value,
            "sort-key" => e.sort_key = value,
            "machine-id" => e.machine = value,
            "linux" | "uki" | "efi" => e.kernel = value,
            "initrd" => e
                .initrds
                .extend(value.split_whitespace().map(str::to_owned)),
            "options" => {
                if !e.arguments.is_empty() {
                    e.arguments.push(' ');
                }
                e.arguments.push_str(&value);
            }
            _ => {}
        }
    }
    e
}

fn order(a: &BlsEntry, b: &BlsEntry) -> Ordering {
    let keyed = (a.sort_key.is_empty(), b.sort_key.is_empty());
    match keyed {
        (false, false) => a
            .sort_key
            .cmp(&b.sort_key)
            .then_with(|| a.machine.cmp(&b.machine))
            .then_with(|| version::compare(&b.version, &a.version)),
        (false, true) => Ordering::Less,
        (true, false) => Ordering::Greater,
        (true, true) => Ordering::Equal,
    }
    .then_with(|| version::compare(&b.id, &a.id))
}

/// The menu of systemd-boot: its entries, then unified images, and `default` of loader.conf.
pub(super) fn systemd_boot(reader: &Reader<'_>) -> Option<Boot> {
    let mut boot = Boot::default();
    let (esp, config) = ["/boot/efi", "/efi", "/boot"].into_iter().find_map(|esp| {
        let path = format!("{esp}/loader/loader.conf");
        Some((esp, reader.text(path, &mut boot.gaps)?))
    })?;
    boot.loader = Some(Loader::SystemdBoot);
    boot.config = Some(config.at.clone());
    // Entries of the EFI system partition and of an extended boot loader partition.
    for root in if esp == "/boot" {
        vec!["/boot"]
    } else {
        vec![esp, "/boot"]
    } {
        for e in entries(reader, &format!("{root}/loader/entries"), &mut boot) {
            let place = boot.entries.len().to_string();
            boot.entries.push(Found {
                fact: BootEntry {
                    title: e.title,
                    id: Some(format!("{}.conf", e.id)),
                    place,
                    kernel: Some(format!("{root}/{}", e.kernel.trim_start_matches('/'))),
                    starts: e.kernel,
                    arguments: e.arguments,
                    initrds: e
                        .initrds
                        .iter()
                        .map(|i| format!("{root}/{}", i.trim_start_matches('/')))
                        .collect(),
                    ..BootEntry::default()
                },
                at: e.file.at,
            });
        }
        let folder = format!("{root}/EFI/Linux");
        let mut images = reader.children(folder.as_bytes(), &mut boot.gaps);
        images
            .sort_by(|a, b| version::compare(&crate::text::lossless(b), &crate::text::lossless(a)));
        for path in images {
            let path = crate::text::lossless(&path);
            if !path.to_ascii_lowercase().ends_with(".efi") {
                continue;
            }
            let name = path.rsplit('/').next().unwrap_or(&path).to_owned();
            let place = boot.entries.len().to_string();
            boot.entries.push(Found {
                fact: BootEntry {
                    title: name.clone(),
                    id: Some(name),
                    place,
                    kernel: Some(path.clone()),
                    starts: path.clone(),
                    ..BootEntry::default()
                },
                at: crate::evidence::Location::of_path(path),
            });
        }
    }
    let mut wanted = None;
    for (n, line) in config.lines() {
        match line.trim().split_once(char::is_whitespace) {
            Some(("default", value)) => {
                let value = value.trim().to_owned();
                if value.starts_with('@') {
                    boot.doubts.push(Found {
                        fact: say!(boot_default_in_firmware, value = terminal(&value)),
                        at: config.line(n),
                    });
                }
                wanted = Some((value, config.line(n)));
            }
            Some(("timeout", value)) => boot.timeout = Some(value.trim().to_owned()),
            _ => {}
        }
    }
    let Some((pattern, at)) = wanted else {
        boot.default = Some(0);
        return Some(boot);
    };
    if pattern.starts_with('@') {
        return Some(boot);
    }
    boot.default = match default_pattern(&pattern) {
        Ok(pattern) => {
            let fits = |e: &Found<BootEntry>| {
                e.fact.id.as_deref().is_some_and(|id| {
                    let bare = id.trim_end_matches(".conf").trim_end_matches(".efi");
                    pattern.matches(id.as_bytes()) || pattern.matches(bare.as_bytes())
                })
            };
            boot.entries.iter().position(fits).or(Some(0))
        }
        Err(e) => {
            boot.gaps.push(Gap::new(at, &e));
            None
        }
    };
    Some(boot)
}

/// `default` of loader.conf: loader.conf(5) knows `*`, `?` and brackets without negation and
/// classes, in either case.
fn default_pattern(pattern: &str) -> Result<Pattern> {
    // systemd-boot goes no deeper than this and takes what is left for a failure.
    if pattern.matches('*').count() > MAX_STARS {
        let why = say!(
            error_pattern_stars,
            pattern = terminal(pattern),
            most = MAX_STARS
        );
        return Err(Error::limit(Layer::Boot, None, why));
    }
    let flags = Flags::IGNORE_CASE | Flags::PLAIN_SETS | Flags::CHARS;
    Pattern::new(pattern.as_bytes(), flags)
}
