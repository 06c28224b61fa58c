//! Files that list modules, modprobe's configuration, hooks of the initramfs and rules of udev.

use super::{Autoload, LoadKind, add, line, normal, programs};
use crate::evidence::linux::kernel::ring0::settings as settings_of_init;
use crate::evidence::linux::reader::{Reader, TextFile};
use crate::evidence::{Location, files::Files};
use crate::fs::FileKind;

/// Folders of files that list modules.
const LOADED: &[&str] = &[
    "/etc/modules-load.d",
    "/usr/local/lib/modules-load.d",
    "/usr/lib/modules-load.d",
    "/lib/modules-load.d",
];
const MODPROBE: &[&str] = &[
    "/etc/modprobe.d",
    "/usr/local/lib/modprobe.d",
    "/usr/lib/modprobe.d",
    "/lib/modprobe.d",
];
const DEPMOD: &[&str] = &[
    "/etc/depmod.d",
    "/usr/local/lib/depmod.d",
    "/usr/lib/depmod.d",
    "/lib/depmod.d",
];
/// Folders whose files become part of the initramfs, or run when it or a kernel is installed.
const HOOKS: &[&str] = &[
    "/etc/initramfs-tools/hooks",
    "/etc/initramfs-tools/scripts",
    SETTINGS,
    "/usr/share/initramfs-tools/hooks",
    "/usr/share/initramfs-tools/scripts",
    "/usr/share/initramfs-tools/modules.d",
    "/usr/lib/dracut/modules.d",
    "/etc/kernel",
    "/usr/lib/kernel",
    "/etc/grub.d",
];
/// Settings of kernel-install in one of them that run nothing: how entries and folders are called, and which of the
/// plugins there make the files. The arguments are judged as such.
const KERNEL_INSTALL: &[&str] = &[
    "/etc/kernel/cmdline",
    "/etc/kernel/entry-token",
    "/etc/kernel/install.conf",
    "/etc/kernel/tries",
];
/// Files that init of the initramfs sources.
const SETTINGS: &str = "/etc/initramfs-tools/conf.d";
/// The longest of them that is read, in bytes.
const MAX_SETTINGS: u64 = 64 * 1024;
const DEPTH: usize = 8;

pub(super) fn collect(reader: &Reader<'_>, all: &mut Autoload) {
    let mut seen = std::collections::BTreeSet::new();
    let mut new = |file: &TextFile| seen.insert(file.at.path.clone());
    for folder in LOADED {
        for file in reader.texts_in(folder.as_bytes(), &[".conf"], &mut all.gaps) {
            if new(&file) {
                names(&file, all);
            }
        }
    }
    for path in ["/etc/modules", "/etc/initramfs-tools/modules"] {
        if let Some(file) = reader.text(path, &mut all.gaps)
            && new(&file)
        {
            names(&file, all);
        }
    }
    for folder in MODPROBE {
        for file in reader.texts_in(folder.as_bytes(), &[".conf"], &mut all.gaps) {
            if new(&file) {
                modprobe(reader, &file, all);
            }
        }
    }
    if let Some(file) = reader.text("/etc/modprobe.conf", &mut all.gaps) {
        modprobe(reader, &file, all);
    }
    // What depmod made of the modules is configuration as well.
    for folder in reader.children(b"/lib/modules", &mut all.gaps) {
        let path = [folder.as_slice(), b"/modules.softdep"].concat();
        if let Some(file) = reader.text(&path, &mut all.gaps) {
            modprobe(reader, &file, all);
        }
    }
    depmod(reader, all);
    scripts(reader, all);
    kexec(reader, all);
    settings(reader, all);
    hooks(reader, all);
    super::rules::collect(reader, all);
}

/// One module on each line, with its arguments behind it.
fn names(file: &TextFile, all: &mut Autoload) {
    for (n, text) in file.lines() {
        let text = text.trim();
        if text.is_empty() || text.starts_with(['#', ';']) {
            continue;
        }
        let mut one = line(LoadKind::Load, text);
        one.module = text.split_whitespace().next().map(normal);
        add(all, file.line(n), one);
    }
}

/// The lines of `file` with their continuations joined.
pub(super) fn joined(file: &TextFile) -> Vec<(usize, String)> {
    let mut out: Vec<(usize, String)> = Vec::new();
    let mut open = false;
    for (n, text) in file.lines() {
        let (text, more) = match text.strip_suffix('\\') {
            Some(text) => (text, true),
            None => (text, false),
        };
        match out.last_mut().filter(|_| open) {
            Some((_, last)) => last.push_str(text),
            None => out.push((n, text.to_owned())),
        }
        open = more;
    }
    out
}

fn modprobe(reader: &Reader<'_>, file: &TextFile, all: &mut Autoload) {
    for (n, text) in joined(file) {
        let text = text.trim();
        let (word, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
        let kind = match word {
            "install" | "remove" => LoadKind::Instead,
            "alias" => LoadKind::Alias,
            "softdep" => LoadKind::Softdep,
            "blacklist" => LoadKind::Blacklist,
            _ => continue,
        };
        let rest = rest.trim();
        let (name, command) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
        let mut one = line(kind, text);
        one.module = Some(normal(name));
        match kind {
            LoadKind::Instead => one.programs = programs(reader, command),
            // The module that the name then stands for.
            LoadKind::Alias => one.module = Some(normal(command.trim())),
            // Those that are loaded with it.
            LoadKind::Softdep => {
                for with in command.split_whitespace().filter(|w| !w.ends_with(':')) {
                    let mut one = one.clone();
                    one.module = Some(normal(with));
                    add(all, file.line(n), one);
                }
            }
            _ => {}
        }
        add(all, file.line(n), one);
    }
}

/// In which order, and where, depmod looks for the module of a name when it next runs: depmod.d(5).
fn depmod(reader: &Reader<'_>, all: &mut Autoload) {
    let mut seen = std::collections::BTreeSet::new();
    for folder in DEPMOD {
        for file in reader.texts_in(folder.as_bytes(), &[".conf"], &mut all.gaps) {
            if !seen.insert(file.at.path.clone()) {
                continue;
            }
            for (n, text) in file.lines() {
                let text = text.trim();
                if !text.is_empty() && !text.starts_with('#') {
                    add(all, file.line(n), line(LoadKind::Options, text));
                }
            }
        }
    }
}

/// Scripts whose only purpose is to load modules (older Red Hat).
fn scripts(reader: &Reader<'_>, all: &mut Autoload) {
    for file in reader.texts_in(b"/etc/sysconfig/modules", &[".modules"], &mut all.gaps) {
        let mut one = line(LoadKind::Hook, "a script that loads modules at boot");
        one.active = file.metadata.mode.is_some_and(|m| m & 0o111 != 0);
        one.programs = programs(reader, &file.text);
        add(all, file.at, one);
    }
}

/// kexec-tools of Debian loads a kernel at shutdown where its settings say so.
fn kexec(reader: &Reader<'_>, all: &mut Autoload) {
    for path in ["/etc/default/kexec", "/etc/sysconfig/kexec"] {
        let Some(file) = reader.text(path, &mut all.gaps) else {
            continue;
        };
        for (n, text) in file.lines() {
            let value = text.trim().strip_prefix("LOAD_KEXEC=");
            if value.is_some_and(|v| v.trim_matches(['"', '\'']) == "true") {
                add(all, file.line(n), line(LoadKind::Kexec, text.trim()));
            }
        }
    }
}

/// Settings that name modules to load or files to put into the initramfs.
fn settings(reader: &Reader<'_>, all: &mut Autoload) {
    let mut files = reader.texts_in(b"/etc/dracut.conf.d", &[".conf"], &mut all.gaps);
    files.extend(reader.texts_in(b"/usr/lib/dracut/dracut.conf.d", &[".conf"], &mut all.gaps));
    for path in [
        "/etc/dracut.conf",
        "/etc/sysconfig/kernel",
        "/etc/conf.d/modules",
        "/etc/mkinitcpio.conf",
    ] {
        files.extend(reader.text(path, &mut all.gaps));
    }
    for file in files {
        for (n, text) in file.lines() {
            let text = text.trim();
            let Some((key, value)) = text.split_once('=') else {
                continue;
            };
            let (kind, key) = match key.trim_end_matches('+').trim() {
                key @ ("add_drivers"
                | "force_drivers"
                | "MODULES_LOADED_ON_BOOT"
                | "modules"
                | "INITRD_MODULES"
                | "MODULES") => (LoadKind::Load, key),
                key @ ("install_items"
                | "install_optional_items"
                | "add_dracutmodules"
                | "FILES"
                | "BINARIES") => (LoadKind::Hook, key),
                _ => continue,
            };
            let quotes = ['"', '\'', '(', ')', ' '];
            for name in value.trim_matches(quotes).split_whitespace() {
                let mut one = line(kind, text);
                one.module = Some(if kind == LoadKind::Load {
                    normal(name)
                } else {
                    name.to_owned()
                });
                if kind == LoadKind::Hook && key != "add_dracutmodules" {
                    one.programs = programs(reader, name);
                }
                add(all, file.line(n), one);
            }
        }
    }
}

fn hooks(reader: &Reader<'_>, all: &mut Autoload) {
    for folder in HOOKS {
        let tree = match Files::new(reader.paths()).tree(folder, DEPTH) {
            Ok(tree) => tree.whole(DEPTH),
            Err(gap) => {
                all.gaps.push(gap);
                continue;
            }
        };
        all.gaps.extend(tree.gaps);
        let settings = |path: &String| KERNEL_INSTALL.contains(&path.as_str());
        for path in tree.names.into_iter().filter(|p| !settings(p)) {
            let Some(at) = reader.find(path.as_bytes(), &mut all.gaps) else {
                continue;
            };
            if at.metadata.kind == FileKind::Regular {
                // What init sources and only sets something else than what it runs is no hook.
                if *folder == SETTINGS {
                    let bytes = reader.bytes(path.as_bytes(), MAX_SETTINGS, &mut all.gaps);
                    if bytes.is_some_and(|b| settings_of_init(&b)) {
                        continue;
                    }
                }
                let mut one = line(LoadKind::Hook, &path);
                one.module = None;
                add(all, Location::of(&at), one);
            }
        }
    }
}
