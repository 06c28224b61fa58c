//! Settings of the kernel at boot, and the programs among them that it starts by itself.

use std::collections::BTreeMap;

use super::effects::command_of;
use super::{Autoload, LoadKind, add, line, programs};
use crate::evidence::Found;
use crate::evidence::linux::reader::{Reader, base};
use crate::glob::{Flags, Pattern};

/// Folders, the most important first: of files with one name the first counts.
const FOLDERS: &[&str] = &[
    "/etc/sysctl.d",
    "/usr/local/lib/sysctl.d",
    "/usr/lib/sysctl.d",
    "/lib/sysctl.d",
];
/// Settings in a credential of the image: systemd-sysctl.service(8).
const CREDENTIALS: &[&[u8]] = &[
    b"/etc/credstore/sysctl.extra",
    b"/usr/local/lib/credstore/sysctl.extra",
    b"/usr/lib/credstore/sysctl.extra",
];
/// Keys whose value is a program.
pub(super) const HELPERS: &[&str] = &[
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

/// True where a line's key is that of the setting, or a pattern that fits it (sysctl.d(5)).
fn names(key: &str, helper: &str) -> bool {
    let path = |text: &str| text.replace('.', "/").into_bytes();
    key == helper
        || key.contains(['*', '?', '['])
            && Pattern::new(&path(key), Flags::PATH).is_ok_and(|p| p.matches(&path(helper)))
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
    // systemd-sysctl.service takes it by LoadCredential=.
    paths.extend(CREDENTIALS.iter().map(|path| path.to_vec()));
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
            for helper in HELPERS.iter().filter(|helper| names(&key, helper)) {
                let mut one = line(LoadKind::Helper, text);
                one.programs = programs(reader, command_of(helper, &value));
                one.module = Some((*helper).to_owned());
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
