//! Settings of the kernel at boot, and the programs among them that it starts by itself.

use std::collections::BTreeMap;

use super::{Autoload, LoadKind, add, line, programs};
use crate::evidence::Found;
use crate::evidence::linux::reader::{Reader, base};

/// Folders, the most important first: of files with one name the first counts.
const FOLDERS: &[&str] = &[
    "/etc/sysctl.d",
    "/usr/local/lib/sysctl.d",
    "/usr/lib/sysctl.d",
    "/lib/sysctl.d",
];
/// Keys whose value is a program.
const HELPERS: &[&str] = &[
    "kernel.modprobe",
    "kernel.core_pattern",
    "kernel.hotplug",
    "kernel.poweroff_cmd",
];

/// Options of the build that tell what may change a running kernel.
const BUILT: &[&str] = &[
    "CONFIG_MODULE_SIG",
    "CONFIG_MODULE_SIG_FORCE",
    "CONFIG_SECURITY_LOCKDOWN_LSM",
    "CONFIG_LOCK_DOWN_KERNEL_FORCE_NONE",
    "CONFIG_DEVMEM",
    "CONFIG_STRICT_DEVMEM",
    "CONFIG_KEXEC",
    "CONFIG_BPF_UNPRIV_DEFAULT_OFF",
];

/// A setting.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Setting {
    /// Its key, with dots.
    pub key: String,
    /// Its value.
    pub value: String,
}

pub(super) fn collect(reader: &Reader<'_>, all: &mut Autoload) {
    let mut files = BTreeMap::new();
    for folder in FOLDERS {
        for path in reader.children(folder.as_bytes(), &mut all.gaps) {
            if path.ends_with(b".conf") {
                files.entry(base(&path).to_vec()).or_insert(path);
            }
        }
    }
    let mut paths: Vec<Vec<u8>> = files.into_values().collect();
    // systemd reads it by its link 99-sysctl.conf, `sysctl --system` last.
    paths.push(b"/etc/sysctl.conf".to_vec());
    let mut last: BTreeMap<String, Found<Setting>> = BTreeMap::new();
    for path in paths {
        let Some(file) = reader.text(&path, &mut all.gaps) else {
            continue;
        };
        for (n, text) in file.lines() {
            let text = text.trim();
            if text.starts_with(['#', ';']) {
                continue;
            }
            let Some((key, value)) = text.split_once('=') else {
                continue;
            };
            let key = key.trim().trim_start_matches('-').replace('/', ".");
            let (value, at) = (value.trim().to_owned(), file.line(n));
            if HELPERS.contains(&key.as_str()) {
                let mut one = line(LoadKind::Helper, text);
                // A core is given to a program only behind a bar.
                let command = match key.as_str() {
                    "kernel.core_pattern" => value.strip_prefix('|').unwrap_or(""),
                    _ => value.as_str(),
                };
                one.programs = programs(reader, command);
                one.module = Some(key.clone());
                add(all, at.clone(), one);
            }
            let fact = Setting {
                key: key.clone(),
                value,
            };
            last.insert(key, Found { fact, at });
        }
    }
    all.settings = last.into_values().collect();
    for path in reader.children(b"/boot", &mut all.gaps) {
        if !base(&path).starts_with(b"config-") {
            continue;
        }
        let Some(file) = reader.text(&path, &mut all.gaps) else {
            continue;
        };
        for (n, text) in file.lines() {
            // `# CONFIG_X is not set`
            let off = text
                .strip_prefix("# ")
                .and_then(|t| t.strip_suffix(" is not set"));
            let pair = off.map(|key| (key, "n")).or_else(|| text.split_once('='));
            if let Some((key, value)) = pair.filter(|(key, _)| BUILT.contains(key)) {
                let fact = Setting {
                    key: key.to_owned(),
                    value: value.to_owned(),
                };
                let at = file.line(n);
                all.built.push(Found { fact, at });
            }
        }
    }
}
