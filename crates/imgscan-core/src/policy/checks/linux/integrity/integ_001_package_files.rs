//! LNX-INTEG-001: the files of packages are what the package database recorded.

use crate::evidence::Found;
use crate::evidence::linux::{Change, FileChange, PackageFiles};
use crate::fs::FileKind;
use crate::policy::checks::findings::{Findings, Fix};
use crate::policy::checks::linux::commands::Commands;
use crate::policy::checks::registry::NoParameters;
use crate::policy::{Context, Item, Outcome, Status};
use crate::text::{Text, terminal};
use crate::trust::signers;

/// Programs of package managers: one that is there keeps a database.
const MANAGERS: &[&str] = &[
    "/usr/bin/dpkg",
    "/usr/bin/rpm",
    "/bin/rpm",
    "/sbin/apk",
    "/usr/bin/pacman",
    "/usr/bin/emerge",
    "/usr/bin/opkg",
    "/usr/bin/xbps-install",
];

pub(in crate::policy::checks) fn run(context: &Context<'_>, _: &NoParameters) -> Outcome {
    let linux = &context.evidence.linux;
    let packages = linux.packages();
    if !packages.has_database() {
        let mut found = Findings::with_gaps(&packages.gaps);
        if packages.is_absent() && !has_manager(context) {
            return Outcome::of(Status::NotApplicable, say!(lnx_integ_001_no_manager));
        }
        found.fix_of_unknown(say!(lnx_kernel_010_fix_database));
        return found.concluded(Status::Unknown, |_, _| say!(lnx_integ_001_no_database));
    }
    let files = linux.package_files();
    let commands = Commands::of(context);
    let mut found = Findings::with_gaps(&files.gaps);
    for change in &files.changes {
        let (status, note) = judge(&change.fact);
        found.add(status, item(change, note));
        if status != Status::Pass {
            found.fix(fix(&change.fact, commands));
        }
    }
    found.conclude(|status, count| match status {
        Status::Fail => say!(lnx_integ_001_fail, count = count),
        Status::Unknown => say!(lnx_integ_001_unclear, count = count),
        Status::Warn => say!(lnx_integ_001_warn, count = count),
        _ => passed(files),
    })
}

fn passed(files: &PackageFiles) -> Text {
    let left_out = files.pruned.saturating_add(files.missing_data);
    match left_out {
        0 => say!(lnx_integ_001_pass, count = files.equal),
        _ => say!(
            lnx_integ_001_pass_without,
            count = files.equal,
            missing = left_out
        ),
    }
}

/// True where the system has, or by its name must have, a package manager.
fn has_manager(context: &Context<'_>) -> bool {
    let guest = context.evidence.guest;
    let id = guest.os.id.as_deref().unwrap_or_default();
    let there = |path: &&str| !matches!(guest.paths.find(path.as_bytes()), Ok(None));
    signers(id).is_some()
        || matches!(id, "debian" | "ubuntu" | "alpine" | "arch" | "gentoo")
        || MANAGERS.iter().any(there)
}

/// What a file is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    /// A program, a library, a module of an interpreter, a unit, or what stands among them.
    Runs,
    /// A setting.
    Setting,
    /// Text for people, which nothing reads by itself.
    Text,
    /// Anything else, compiled Python among it.
    Data,
}

/// Folders of programs and of what they load.
const PROGRAMS: &[&str] = &[
    "bin/",
    "sbin/",
    "lib/",
    "lib32/",
    "lib64/",
    "libx32/",
    "libo32/",
    "libexec/",
    "games/",
    "local/bin/",
    "local/sbin/",
    "local/lib/",
    "local/libexec/",
    "share/perl/",
    "share/perl5/",
    "share/python3/",
    "boot/",
];
/// Folders among them that hold data.
const NO_PROGRAMS: &[&str] = &["lib/locale/"];
/// Endings of what interpreters and systemd run.
const SOURCES: &[&str] = &[
    ".py",
    ".pm",
    ".pl",
    ".sh",
    ".rb",
    ".lua",
    ".ko",
    ".jar",
    ".service",
    ".socket",
    ".timer",
    ".path",
    ".target",
    ".mount",
    ".automount",
    ".swap",
    ".slice",
];
/// Folders of texts.
const TEXTS: &[&str] = &[
    "share/doc/",
    "share/man/",
    "share/info/",
    "share/licenses/",
    "share/lintian/",
];

fn role(change: &FileChange) -> Role {
    let key = change.key();
    let below = |dirs: &[&str]| dirs.iter().any(|dir| key.starts_with(dir));
    let compiled = key.ends_with(".pyc") || key.ends_with(".pyo");
    let folder = below(PROGRAMS) && !below(NO_PROGRAMS);
    // The record of a setting can be written by whoever changed a program.
    let setting = change.config && !change.is_library() && !below(&["bin/", "sbin/", "libexec/"]);
    if setting && !(change.program && folder) {
        return Role::Setting;
    }
    if compiled {
        Role::Data
    } else if folder || change.runs() || SOURCES.iter().any(|end| key.ends_with(end)) {
        Role::Runs
    } else if below(TEXTS) {
        Role::Text
    } else {
        Role::Data
    }
}

fn judge(change: &FileChange) -> (Status, Text) {
    let package = terminal(&change.package);
    let role = role(change);
    match &change.what {
        Change::Missing { shadow } => missing(change, role, shadow.as_deref()),
        Change::Mode { .. } => mode(change),
        Change::Prelinked { .. } => (
            Status::Unknown,
            say!(lnx_integ_001_prelinked, package = package),
        ),
        Change::Unrecorded => (
            Status::Unknown,
            say!(lnx_integ_001_unrecorded, package = package),
        ),
        Change::Leads { .. } => (
            Status::Unknown,
            say!(lnx_integ_001_leads, package = package),
        ),
        Change::InPlace => (Status::Unknown, say!(lnx_integ_001_in_place)),
        Change::Contents { .. } | Change::Link { .. } | Change::Kind(_) => match role {
            Role::Runs => (Status::Fail, say!(lnx_integ_001_changed, package = package)),
            Role::Setting if is_judged(change.key()) => {
                (Status::Pass, say!(lnx_integ_001_setting, package = package))
            }
            Role::Setting => (
                Status::Pass,
                say!(lnx_integ_001_other_setting, package = package),
            ),
            Role::Text => (Status::Warn, say!(lnx_integ_001_text, package = package)),
            Role::Data => (Status::Unknown, say!(lnx_integ_001_data, package = package)),
        },
    }
}

/// Settings that other checks judge: accounts, logins, names, time, network, boot, mounts, modules, and what starts.
const JUDGED: &[&str] = &[
    "etc/passwd",
    "etc/group",
    "etc/shadow",
    "etc/sudo",
    "etc/pam.",
    "etc/security/",
    "etc/ssh/",
    "etc/nsswitch.conf",
    "etc/shells",
    "etc/login.defs",
    "etc/hosts",
    "etc/resolv",
    "etc/network",
    "etc/netplan/",
    "etc/NetworkManager/",
    "etc/sysconfig/network",
    "etc/dhcp/",
    "etc/dhcpcd",
    "etc/chrony",
    "etc/ntp",
    "etc/systemd/",
    "etc/init",
    "etc/rc",
    "etc/cron",
    "etc/anacrontab",
    "etc/crontab",
    "etc/cloud/",
    "etc/fstab",
    "etc/udev/",
    "etc/modules",
    "etc/modprobe",
    "etc/modules-load.d/",
    "etc/depmod",
    "etc/sysctl",
    "etc/default/grub",
    "etc/grub",
    "etc/kernel",
    "etc/initramfs-tools/",
    "etc/dracut",
    "etc/mkinitfs/",
    "etc/tmpfiles.d/",
    "etc/profile",
    "boot/",
];

fn is_judged(key: &str) -> bool {
    JUDGED.iter().any(|start| key.starts_with(start))
}

/// What is not there can't do anything by itself, and what needs it fails: a warning, for a program is often taken out of
/// an image. Unknown where something else may come in its place: a program of the same name in `/usr/local`, or a library
/// that the loader then looks for in further folders; and where a module of PAM is gone, which may be one that refuses.
fn missing(change: &FileChange, role: Role, shadow: Option<&str>) -> (Status, Text) {
    let package = terminal(&change.package);
    if let Some(shadow) = shadow {
        let note = say!(
            lnx_integ_001_shadowed,
            package = package,
            path = terminal(shadow)
        );
        return (Status::Unknown, note);
    }
    match role {
        Role::Setting => (
            Status::Pass,
            say!(lnx_integ_001_no_setting, package = package),
        ),
        Role::Runs if is_found_by_name(change) => (
            Status::Unknown,
            say!(lnx_integ_001_no_library, package = package),
        ),
        Role::Runs => (Status::Warn, say!(lnx_integ_001_missing, package = package)),
        Role::Text | Role::Data => (Status::Pass, say!(lnx_integ_001_no_data, package = package)),
    }
}

/// True for a library in a folder of the loader, `lib` or `lib/x86_64-linux-gnu`, and for a module of PAM.
fn is_found_by_name(change: &FileChange) -> bool {
    let key = change.key();
    if !change.is_library() || !key.starts_with("lib") {
        return false;
    }
    let folder = key.rsplit_once('/').map_or("", |(folder, _)| folder);
    let inside = folder.split_once('/').map_or("", |(_, inside)| inside);
    inside.is_empty()
        || inside.ends_with("-linux-gnu")
        || inside.ends_with("security")
        || inside.contains("-linux-gnu") && !inside.contains('/')
}

/// `S_ISUID` and `S_ISGID`.
const SET_ID: u32 = 0o6000;

fn mode(change: &FileChange) -> (Status, Text) {
    let package = terminal(&change.package);
    let Change::Mode { expected, actual } = change.what else {
        return (Status::Pass, Text::default());
    };
    if actual & !expected & SET_ID != 0 {
        return (Status::Fail, say!(lnx_integ_001_set_id, package = package));
    }
    let status = match role(change) {
        Role::Runs => Status::Unknown,
        _ => Status::Pass,
    };
    (status, say!(lnx_integ_001_writable, package = package))
}

fn item(change: &Found<FileChange>, note: Text) -> Item {
    let item = Item::at(change.at.clone(), note);
    let shown = |text: &str| Text::verbatim(terminal(text));
    let octal = |mode: u32| Text::verbatim(format!("{mode:04o}"));
    match &change.fact.what {
        Change::Contents { expected, actual } | Change::Prelinked { expected, actual } => {
            item.compare(shown(&expected.to_string()), shown(&actual.to_string()))
        }
        Change::Link { expected, target } => {
            let expected = match expected {
                Some(expected) => say!(lnx_integ_001_link, target = terminal(expected)),
                None => say!(lnx_integ_001_file),
            };
            item.compare(
                expected,
                say!(lnx_integ_001_link, target = terminal(target)),
            )
        }
        Change::Leads { target } => item.compare(
            say!(lnx_integ_001_packaged),
            say!(lnx_integ_001_link, target = terminal(target)),
        ),
        Change::Kind(kind) => item.compare(say!(lnx_integ_001_recorded), kind_of(*kind)),
        Change::Mode { expected, actual } => item.compare(octal(*expected), octal(*actual)),
        Change::Missing { .. } | Change::Unrecorded | Change::InPlace => item,
    }
}

fn kind_of(kind: FileKind) -> Text {
    match kind {
        FileKind::Regular => say!(lnx_integ_001_file),
        FileKind::Directory => say!(lnx_integ_001_folder),
        _ => say!(lnx_integ_001_other_kind),
    }
}

fn fix(change: &FileChange, commands: Commands<'_>) -> Fix {
    if change.what == Change::InPlace {
        let path = terminal(&change.path);
        return say!(lnx_integ_001_fix_diversion, path = path).into();
    }
    if matches!(change.what, Change::Prelinked { .. }) {
        return say!(lnx_integ_001_fix_prelink).into();
    }
    let package = terminal(&change.package);
    let command = terminal(&commands.reinstall(&change.package));
    Fix::one_of_many(
        say!(
            lnx_integ_001_fix_package,
            package = package,
            command = command
        ),
        say!(lnx_integ_001_fix_packages),
    )
}
