//! systemd-boot (rules 4.1a to 4.2g): `boot.c` of systemd 255.

use std::cmp::Ordering;

use super::bls::{EntryFile, systemd_lines};
use super::raw::{raw, show};
use super::volumes::{Target, Volumes};
use super::{Entry, Menu, version};
use crate::error::{Error, Layer};
use crate::evidence::linux::boot::menu::{BootCommand, Loader};
use crate::evidence::{Found, Gap, Location};
use crate::fs::FileKind;
use crate::glob::{Flags, Pattern};
use crate::text::terminal;
use crate::trust::pe::Pe;

/// GPT type of an extended boot loader partition.
const XBOOTLDR: &str = "BC13C2FF-59E6-4262-A352-B275FD6F7172";
/// Stars of a pattern that systemd-boot follows.
const MAX_STARS: usize = 30;
/// The longest loader.conf that is read, in bytes.
const MAX_CONFIG: u64 = 1024 * 1024;
/// Entries that are read.
const MAX_ENTRIES: usize = 1_000;

/// An entry before it is placed.
#[derive(Debug, Clone)]
struct Item {
    /// The file name, in lower case.
    id: String,
    at: Location,
    sort_key: String,
    machine: String,
    version: String,
    left: Option<u64>,
    done: u64,
    entry: Entry,
}

/// The menu of a systemd-boot that was loaded from `volume`, for processors that UEFI calls `arch`.
pub(super) fn menu(volumes: &Volumes<'_>, volume: usize, arch: Option<&str>) -> Menu {
    let path = "/loader/loader.conf";
    let mut menu = Menu {
        loader: Some(Loader::SystemdBoot),
        config: volumes.place(volume, "/loader"),
        ..Menu::default()
    };
    let config = volumes.read(volume, path, MAX_CONFIG);
    if let Some(at) = volumes.find(volume, path) {
        menu.config = Location::of(&at);
        menu.configs.push(menu.config.clone());
    }
    let lines = systemd_lines(&raw(&config.unwrap_or_default()));
    let last = |key: &str| {
        let found = lines.iter().rfind(|(k, _)| k == key);
        found.map(|(_, value)| value.clone())
    };
    menu.timeout = last("timeout").map(|t| show(&t));
    let mut roots = vec![volume];
    let all = volumes.all();
    roots.extend(
        volumes
            .readable()
            .filter(|i| *i != volume && all[*i].volume.kind == XBOOTLDR),
    );
    let mut items = Vec::new();
    for root in roots {
        unified(volumes, root, &mut items);
        files(volumes, root, arch, &mut items, &mut menu);
    }
    let pattern = last("default");
    // Each start takes one try off; in the end none is left.
    let spent: Vec<Item> = items
        .iter()
        .cloned()
        .map(|mut i| {
            i.left = i.left.map(|_| 0);
            i
        })
        .collect();
    menu.first = place(&mut menu, items, pattern.as_deref());
    menu.later = place(&mut menu, spent, pattern.as_deref());
    menu.settle();
    menu
}

/// Puts the entries in their order into the menu; gives those that start by themselves.
fn place(menu: &mut Menu, mut items: Vec<Item>, pattern: Option<&str>) -> Vec<usize> {
    items.sort_by(order);
    let mut ids = Vec::new();
    let mut places = Vec::new();
    for (i, item) in items.into_iter().enumerate() {
        let mut entry = item.entry;
        entry.place = i.to_string();
        let same = |e: &Found<Entry>| e.at == item.at && e.fact.effect() == entry.effect();
        let at = match menu.entries.iter().position(same) {
            Some(at) => at,
            None => menu.add(Found {
                fact: entry,
                at: item.at,
            }),
        };
        ids.push(item.id);
        places.push(at);
    }
    let chosen = match pattern {
        None => Some(0),
        Some(pattern) if pattern.starts_with('@') => {
            let value = terminal(&show(pattern));
            let at = menu.config.clone();
            menu.doubt(say!(boot_default_in_firmware, value = value), at);
            Some(0)
        }
        // Rule 4.1e: with the suffix, in lower case.
        Some(pattern) => match default_pattern(pattern) {
            Ok(pattern) => {
                let fits = |id: &String| pattern.matches(&super::bytes(id));
                Some(ids.iter().position(fits).unwrap_or(0))
            }
            Err(why) => {
                let at = menu.config.clone();
                menu.doubt(why, at);
                None
            }
        },
    };
    let found: Vec<usize> = match chosen {
        Some(i) => places.get(i).copied().into_iter().collect(),
        None => places,
    };
    let doubts = found
        .iter()
        .flat_map(|i| menu.entries[*i].fact.doubts.clone());
    for doubt in doubts.collect::<Vec<_>>() {
        menu.doubt(doubt.fact, doubt.at);
    }
    found
}

/// `default` of loader.conf: loader.conf(5) knows `*`, `?` and brackets without negation and
/// classes.
fn default_pattern(pattern: &str) -> Result<Pattern, crate::text::Text> {
    let shown = terminal(&show(pattern));
    // systemd-boot goes no deeper than this and takes what is left for a failure.
    if pattern.matches('*').count() > MAX_STARS {
        return Err(say!(error_pattern_stars, pattern = shown, most = MAX_STARS));
    }
    let flags = Flags::IGNORE_CASE | Flags::PLAIN_SETS | Flags::CHARS;
    let pattern = Pattern::new(&super::bytes(pattern), flags);
    pattern.map_err(|e| (*e.detail).clone())
}

/// Rule 4.2d.
fn order(a: &Item, b: &Item) -> Ordering {
    let spent = |i: &Item| i.left == Some(0);
    let keyed = |i: &Item| i.sort_key.is_empty();
    let by_key = || {
        if a.sort_key.is_empty() || b.sort_key.is_empty() {
            return Ordering::Equal;
        }
        a.sort_key
            .cmp(&b.sort_key)
            .then_with(|| a.machine.cmp(&b.machine))
            .then_with(|| version::uapi(&b.version, &a.version))
    };
    spent(a)
        .cmp(&spent(b))
        .then_with(|| keyed(a).cmp(&keyed(b)))
        .then_with(by_key)
        .then_with(|| version::uapi(&b.id, &a.id))
        .then_with(|| match (a.left, b.left) {
            (None, None) => Ordering::Equal,
            (left, other) => other.cmp(&left).then(a.done.cmp(&b.done)),
        })
}

/// The counters of a file name: `name+LEFT-DONE.conf` (rule 4.2e).
fn tries(name: &str, suffix: &str) -> (String, Option<u64>, u64) {
    let stem = name.get(..name.len().saturating_sub(suffix.len()));
    let parts = stem.and_then(|stem| {
        let (base, counters) = stem.rsplit_once('+')?;
        let (left, done) = counters.split_once('-').unwrap_or((counters, "0"));
        Some((base, left.parse().ok()?, done.parse().ok()?))
    });
    match parts {
        Some((base, left, done)) => (format!("{base}{suffix}"), Some(left), done),
        None => (name.to_owned(), None, 0),
    }
}

fn has_suffix(name: &str, suffix: &str) -> bool {
    let at = name.len().checked_sub(suffix.len());
    let end = at.and_then(|at| name.get(at..));
    end.is_some_and(|end| end.eq_ignore_ascii_case(suffix))
}

fn too_many() -> Error {
    let what = say!(error_too_many, most = MAX_ENTRIES, what = "entries");
    Error::limit(Layer::Boot, None, what)
}

/// Entry files (rules 4.2a to 4.2c).
fn files(
    volumes: &Volumes<'_>,
    root: usize,
    arch: Option<&str>,
    items: &mut Vec<Item>,
    menu: &mut Menu,
) {
    let folder = "/loader/entries";
    for name in volumes.names(root, folder).unwrap_or_default() {
        let lower = name.to_lowercase();
        let skipped = name.starts_with('.') || lower.starts_with("auto-");
        if skipped || !has_suffix(&name, ".conf") {
            continue;
        }
        if items.len() >= MAX_ENTRIES {
            volumes.gap(Gap::new(volumes.place(root, folder), &too_many()));
            break;
        }
        let Some(file) = EntryFile::read(volumes, root, folder, &name) else {
            continue;
        };
        let pairs = file.as_systemd_reads_it();
        let last = |keys: &[&str]| {
            let found = pairs.iter().rfind(|(k, _)| keys.contains(&k.as_str()));
            found.map(|(_, value)| value.clone())
        };
        let each = |key: &'static str| {
            let all = pairs.iter().filter(move |(k, _)| k == key);
            all.map(|(_, value)| value.clone())
        };
        if let (Some(wanted), Some(arch)) = (last(&["architecture"]), arch)
            && !wanted.eq_ignore_ascii_case(arch)
        {
            continue;
        }
        let Some(starts) = last(&["linux", "efi", "uki"]) else {
            continue;
        };
        let on = |path: &str| Target::On {
            volume: root,
            path: format!("/{}", path.replace('\\', "/").trim_start_matches('/')),
        };
        let kernel = on(&starts);
        let Target::On { path, .. } = &kernel else {
            continue;
        };
        // An entry whose loader is not there is left out (T12).
        let there = volumes.find(root, path);
        if there.is_none_or(|at| at.metadata.kind != FileKind::Regular) {
            continue;
        }
        let options: Vec<String> = each("options").collect();
        let trees = each("devicetree").chain(each("devicetree-overlay"));
        for tree in trees {
            menu.commands.push(Found {
                fact: BootCommand {
                    name: "devicetree".into(),
                    arguments: show(&tree),
                },
                at: file.at.clone(),
            });
        }
        let mut doubts = Vec::new();
        for key in ["uki-url", "profile", "extra"] {
            if each(key).next().is_some() {
                doubts.push(Found {
                    fact: say!(boot_entry_key, key = key),
                    at: file.at.clone(),
                });
            }
        }
        let (id, left, done) = tries(&lower, ".conf");
        let title = last(&["title"]).unwrap_or_else(|| id.clone());
        items.push(Item {
            at: file.at.clone(),
            sort_key: last(&["sort-key"]).unwrap_or_default(),
            machine: last(&["machine-id"]).unwrap_or_default(),
            version: last(&["version"]).unwrap_or_default(),
            left,
            done,
            entry: Entry {
                title: show(&title),
                id: Some(show(&id)),
                kernel: Some(kernel),
                starts: show(&starts),
                arguments: options.join(" "),
                initrds: each("initrd").map(|i| on(&i)).collect(),
                doubts,
                ..Entry::default()
            },
            id,
        });
    }
}

/// Unified kernel images (rules 4.2a, 4.4c): those with `.osrel`.
fn unified(volumes: &Volumes<'_>, root: usize, items: &mut Vec<Item>) {
    let folder = "/EFI/Linux";
    for name in volumes.names(root, folder).unwrap_or_default() {
        let lower = name.to_lowercase();
        let skipped = name.starts_with('.') || lower.starts_with("auto-");
        if skipped || !has_suffix(&name, ".efi") {
            continue;
        }
        if items.len() >= MAX_ENTRIES {
            volumes.gap(Gap::new(volumes.place(root, folder), &too_many()));
            break;
        }
        let path = format!("{folder}/{name}");
        let Some(at) = volumes.find(root, &path) else {
            continue;
        };
        if at.metadata.kind != FileKind::Regular {
            continue;
        }
        let place = Location::of(&at);
        let read = at.open().and_then(|file| {
            let pe = Pe::parse(file.as_ref())?;
            let section = |name: &str| -> crate::error::Result<Option<String>> {
                let found = pe.section(name);
                let bytes = found
                    .map(|s| pe.section_bytes(file.as_ref(), s))
                    .transpose()?;
                Ok(bytes.map(|b| raw(&b)))
            };
            Ok((section(".osrel")?, section(".cmdline")?))
        });
        let (release, cmdline) = match read {
            Ok((Some(release), cmdline)) => (release, cmdline.unwrap_or_default()),
            Ok((None, _)) => continue,
            Err(e) => {
                volumes.gap(Gap::new(place, &e));
                continue;
            }
        };
        let fields: Vec<(String, String)> = release
            .split(['\n', '\0'])
            .filter_map(|line| line.split_once('='))
            .map(|(k, v)| {
                (
                    k.trim().to_owned(),
                    v.trim().trim_matches(['"', '\'']).to_owned(),
                )
            })
            .collect();
        let get = |keys: &[&str]| {
            let found = keys
                .iter()
                .find_map(|key| fields.iter().rfind(|(k, _)| k == key));
            found.map(|(_, value)| value.clone()).unwrap_or_default()
        };
        let (id, left, done) = tries(&lower, ".efi");
        let title = match get(&["PRETTY_NAME", "IMAGE_ID", "NAME", "ID"]) {
            title if title.is_empty() => id.clone(),
            title => title,
        };
        let mut doubts = Vec::new();
        for addons in ["/loader/addons".to_owned(), format!("{path}.extra.d")] {
            for addon in volumes.names(root, &addons).unwrap_or_default() {
                if has_suffix(&addon, ".addon.efi") {
                    doubts.push(Found {
                        fact: say!(boot_addon),
                        at: volumes.place(root, &format!("{addons}/{addon}")),
                    });
                }
            }
        }
        // What systemd-stub(7) hands to the initial file system.
        for folder in ["/loader/credentials".to_owned(), format!("{path}.extra.d")] {
            for name in volumes.names(root, &folder).unwrap_or_default() {
                if has_suffix(&name, ".cred") || has_suffix(&name, ".raw") {
                    doubts.push(Found {
                        fact: say!(boot_companion),
                        at: volumes.place(root, &format!("{folder}/{name}")),
                    });
                }
            }
        }
        items.push(Item {
            at: place,
            sort_key: get(&["IMAGE_ID", "ID"]),
            machine: String::new(),
            version: get(&["IMAGE_VERSION", "VERSION_ID", "BUILD_ID"]),
            left,
            done,
            entry: Entry {
                title: show(&title),
                id: Some(show(&id)),
                kernel: Some(Target::On {
                    volume: root,
                    path: path.clone(),
                }),
                starts: show(&path),
                arguments: cmdline.trim_end_matches(['\0', '\n', ' ']).to_owned(),
                doubts,
                ..Entry::default()
            },
            id,
        });
    }
}
