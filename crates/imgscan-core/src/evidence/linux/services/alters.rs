//! What changes the boot or the mounts once the system runs, so that what was read of the image is
//! not what boots, is mounted or starts afterwards: commands that start by themselves, lines of
//! tmpfiles.d, and cloud-init. Files that stand as their packages brought them do what the package is
//! for.

mod menus;

use super::cloud_init::{CloudFact, CloudInit};
use super::{MadeAtBoot, Run, RunCommand, TmpLine, Touch};
use crate::evidence::linux::packages::{Provenance, Vendor};
use crate::evidence::linux::reader::Reader;
use crate::evidence::{Found, Location};
use crate::guest::linux::mounts::{bears_on_judged, canonical};

/// What is changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Alters {
    /// What is mounted, or which units and programs of the system start.
    Mounts,
    /// What boots, or with what.
    Boot,
}

/// Something that changes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alteration {
    /// What.
    pub what: Alters,
    /// How it stands in the image.
    pub by: String,
}

/// Places from which the next boot, or the next menu and initial file system, are made.
const BOOT: &[&str] = &[
    "/boot",
    "/efi",
    "/etc/default/grub",
    "/etc/default/grub.d",
    "/etc/grub.d",
    "/etc/kernel",
    "/etc/initramfs-tools",
    "/usr/share/initramfs-tools",
    "/etc/dracut.conf",
    "/etc/dracut.conf.d",
    "/usr/lib/dracut",
    "/etc/mkinitcpio.conf",
    "/lib/modules",
    "/usr/lib/modules",
];
/// Places that say what is mounted and what starts.
const MOUNTS: &[&str] = &[
    "/etc/fstab",
    "/etc/crypttab",
    "/etc/systemd/system",
    "/etc/systemd/system.control",
    "/etc/systemd/system.attached",
    "/etc/systemd/system.conf",
    "/etc/systemd/system.conf.d",
    "/etc/systemd/system-generators",
    "/etc/systemd/system-environment-generators",
    "/usr/local/lib/systemd",
    "/usr/lib/systemd",
    "/lib/systemd",
    "/sbin/init",
    "/usr/sbin/init",
    "/etc/udev/rules.d",
    "/usr/lib/udev/rules.d",
    "/lib/udev/rules.d",
];
/// Disks, by the beginning of their names.
const DISKS: &[&str] = &[
    "/dev/sd",
    "/dev/vd",
    "/dev/xvd",
    "/dev/hd",
    "/dev/nvme",
    "/dev/mmcblk",
    "/dev/disk/",
];
/// Files that a pattern may stand for.
const FILES: &[&str] = &[
    "/boot/grub/grub.cfg",
    "/boot/grub2/grub.cfg",
    "/boot/grub/grubenv",
    "/boot/vmlinuz",
    "/boot/initrd.img",
    "/boot/efi/EFI/BOOT/BOOTX64.EFI",
    "/etc/default/grub",
    "/etc/fstab",
];
/// Programs that run what is behind them, and of which a shell's reader makes no command of its own.
const LEADING: &[&str] = &["busybox", "toybox", "nsenter", "unshare"];
/// Programs that mount.
const MOUNTERS: &[&str] = &[
    "mount",
    "umount",
    "pivot_root",
    "switch_root",
    "systemd-mount",
    "systemd-umount",
];

fn is_on(path: &str, folder: &str) -> bool {
    let rest = path.strip_prefix(folder);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// The path in a word such as `of=/etc/fstab` or `>/etc/fstab`, without doubled slashes.
fn path_of(word: &str) -> Option<String> {
    let path = &word[word.find('/')?..];
    let parts = path.split('/').filter(|p| !p.is_empty() && *p != ".");
    Some(parts.fold(String::new(), |all, part| all + "/" + part))
}

/// What a path means for the boot or the mounts.
fn kind_of(path: &str) -> Option<Alters> {
    let on = |places: &[&str]| places.iter().any(|place| is_on(path, place));
    if on(BOOT) {
        Some(Alters::Boot)
    } else if on(MOUNTS) {
        Some(Alters::Mounts)
    } else {
        None
    }
}

fn is_disk(path: &str) -> bool {
    DISKS.iter().any(|disk| path.starts_with(disk))
}

/// Alterations that are told.
const MAX_TOLD: usize = 500;

pub(in crate::evidence::linux) fn collect(
    reader: &Reader<'_>,
    vendor: &Vendor,
    run: &Run,
    cloud: &CloudInit,
    made: &MadeAtBoot,
) -> Vec<Found<Alteration>> {
    let mut all: Vec<Found<Alteration>> = Vec::new();
    let own = |at: &Location| {
        let path = at.path.as_deref();
        path.is_some_and(|path| match vendor.of(reader, path) {
            Provenance::Unchanged => true,
            Provenance::Unknown => vendor.lists(path),
            _ => false,
        })
    };
    let mut add = |what, by: String, at: &Location| {
        // Each of them stops an accept.
        if all.len() >= MAX_TOLD {
            return;
        }
        let found = Found {
            fact: Alteration { what, by },
            at: at.clone(),
        };
        if !own(at) && !all.contains(&found) {
            all.push(found);
        }
    };
    for command in &run.commands {
        if let Some(what) = of_command(reader, &command.fact) {
            add(what, command.fact.text(), &command.at);
        }
    }
    for item in &cloud.items {
        match &item.fact {
            CloudFact::Write { path, .. } => {
                if let Some(what) = path_of(path).and_then(|path| kind_of(&path)) {
                    add(what, format!("write_files: {path}"), &item.at);
                }
            }
            CloudFact::Mount(at) if !target_is_free(reader, at) => {
                add(Alters::Mounts, format!("mounts: {at}"), &item.at);
            }
            CloudFact::Disk(key) => add(Alters::Boot, key.clone(), &item.at),
            _ => {}
        }
    }
    menus::collect(reader, &mut |line, at| {
        add(Alters::Boot, line.to_owned(), &at)
    });
    for line in &made.tmpfiles {
        if let Some(what) = of_line(&line.fact) {
            let by = format!("{} {}", line.fact.kind, line.fact.path);
            add(what, by, &line.at);
        }
    }
    all
}

/// What a line of tmpfiles.d changes.
fn of_line(line: &TmpLine) -> Option<Alters> {
    let whole = matches!(line.kind, 'L' | 'C' | 'r' | 'R' | 'D');
    if !whole && !matches!(line.kind, 'f' | 'F' | 'w' | 'c' | 'b' | 'p') {
        return None;
    }
    // Of a pattern what stands before its first sign.
    let path = path_of(&line.path)?;
    let sign = path.find(['*', '?', '[', '%']);
    let stem = &path[..sign.unwrap_or(path.len())];
    let meets = |places: &[&str]| {
        places.iter().any(|place| {
            is_on(stem, place)
                || sign.is_some() && place.starts_with(stem)
                || whole && is_on(place, stem)
        })
    };
    if meets(BOOT) {
        Some(Alters::Boot)
    } else {
        meets(MOUNTS).then_some(Alters::Mounts)
    }
}

/// What a command changes.
fn of_command(reader: &Reader<'_>, command: &RunCommand) -> Option<Alters> {
    if command.foreign {
        return of_foreign(command);
    }
    let words: Vec<&str> = command.operands().collect();
    let mut name = command.name();
    let mut operands = words.as_slice();
    // `busybox unshare -m mount …`
    while LEADING.contains(&name) {
        let known = |w: &&str| {
            let name = base(w);
            MOUNTERS.contains(&name) || LEADING.contains(&name) || is_loader_tool(name)
        };
        let Some(at) = operands.iter().position(known) else {
            break;
        };
        name = base(operands[at]);
        operands = &operands[at + 1..];
    }
    if MOUNTERS.contains(&name) {
        return mounts(reader, name, operands).then_some(Alters::Mounts);
    }
    if loads_otherwise(name, operands) {
        return Some(Alters::Boot);
    }
    // What follows names files without their folder.
    if matches!(name, "cd" | "pushd") {
        let path = operands.first().and_then(|word| path_of(word));
        return path.and_then(|path| kind_of(&path));
    }
    let files = |word: &str| path_of(word).is_some_and(|path| kind_of(&path).is_some());
    if command.touches(&files, FILES).is_some() {
        let all = command.words.iter().chain(&command.redirects);
        let mut kinds = all.filter_map(|w| kind_of(&path_of(w)?));
        return Some(kinds.next().unwrap_or(Alters::Boot));
    }
    let disks = |word: &str| path_of(word).is_some_and(|path| is_disk(&path));
    (command.touches(&disks, &[]) == Some(Touch::Writes)).then_some(Alters::Boot)
}

/// A line in another language than a shell's, of which only words are known.
fn of_foreign(command: &RunCommand) -> Option<Alters> {
    let paths: Vec<String> = command.words.iter().filter_map(|w| path_of(w)).collect();
    if let Some(what) = paths.iter().find_map(|path| kind_of(path)) {
        return Some(what);
    }
    let mounts = command.words.iter().any(|w| MOUNTERS.contains(&base(w)));
    let judged = paths.iter().any(|path| bears_on_judged(path));
    (mounts && judged).then_some(Alters::Mounts)
}

fn base(word: &str) -> &str {
    word.rsplit('/').next().unwrap_or(word)
}

/// True where a mount command bears on what is judged, or on a place that can't be told.
fn mounts(reader: &Reader<'_>, name: &str, operands: &[&str]) -> bool {
    if !matches!(name, "mount" | "umount") {
        return true;
    }
    let mut options: Vec<&str> = Vec::new();
    let mut places: Vec<&str> = Vec::new();
    let mut everything = false;
    let mut by_tag = false;
    let mut words = operands.iter();
    while let Some(word) = words.next() {
        match *word {
            "-o" | "--options" => options.extend(words.next()),
            "-t" | "--types" | "-O" | "--test-opts" => {
                words.next();
            }
            "-L" | "-U" | "--label" | "--uuid" | "--source" => {
                by_tag = true;
                words.next();
            }
            "--target" => places.extend(words.next()),
            "-a" | "--all" => everything = true,
            word => match word.split_once('=') {
                Some(("--options", value)) => options.push(value),
                Some(("--target", value)) => places.push(value),
                _ if word.starts_with('-') => {}
                _ => places.push(word),
            },
        }
    }
    if name == "umount" {
        return everything || places.iter().any(|place| !target_is_free(reader, place));
    }
    let has = |wanted: &str| options.iter().any(|o| o.split(',').any(|o| o == wanted));
    let again = has("remount") && !has("bind");
    match places.as_slice() {
        // It lists, or mounts what fstab says.
        [] => by_tag,
        _ if again => false,
        // Of one place the line of fstab counts.
        [one] if !by_tag && !one.contains('$') => false,
        [.., last] => !target_is_free(reader, last),
    }
}

/// True for a literal path where nothing that is judged lies, links followed.
fn target_is_free(reader: &Reader<'_>, place: &str) -> bool {
    if !place.starts_with('/') || place.contains(['$', '`', '*', '?', '[']) {
        return false;
    }
    let real = crate::text::lossless(&canonical(reader.paths(), place.as_bytes()));
    let path = path_of(place).unwrap_or_default();
    !path.contains("..") && !bears_on_judged(&real) && !bears_on_judged(&path)
}

/// Programs that decide what boots.
fn is_loader_tool(name: &str) -> bool {
    let name = name.replace("grub2-", "grub-");
    matches!(
        name.as_str(),
        "grub-editenv"
            | "grub-reboot"
            | "grub-set-default"
            | "grub-install"
            | "grub-bios-setup"
            | "extlinux"
            | "lilo"
            | "kernel-install"
            | "efibootmgr"
            | "bootctl"
            | "grubby"
            | "systemctl"
    )
}

/// True where such a program changes it.
fn loads_otherwise(name: &str, operands: &[&str]) -> bool {
    if !is_loader_tool(name) {
        return false;
    }
    let has = |words: &[&str]| operands.iter().any(|o| words.contains(o));
    let only = |words: &[&str]| operands.iter().all(|o| words.contains(o));
    match name {
        "grub-editenv" | "grub2-editenv" => !has(&["list"]),
        "kernel-install" => !has(&["list", "inspect"]),
        "efibootmgr" => !only(&["-v", "--verbose", "-u", "--unicode"]),
        "bootctl" => !only(&[
            "status",
            "list",
            "is-installed",
            "--no-pager",
            "-q",
            "--quiet",
        ]),
        "grubby" => !operands.iter().all(|o| {
            let shows = [
                "--info",
                "--default-kernel",
                "--default-index",
                "--default-title",
            ];
            !o.starts_with("--") || shows.iter().any(|s| o.starts_with(s))
        }),
        "systemctl" => {
            has(&["kexec", "soft-reboot", "switch-root", "set-default"])
                || operands.iter().any(|o| o.starts_with("--boot-loader-"))
        }
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::Evidence;
    use crate::evidence::linux::testing::{Build, guest};

    fn found(build: Build) -> Vec<(Alters, String)> {
        let guest = guest(build);
        let evidence = Evidence::new(&guest);
        let all = evidence.linux.alterations();
        all.into_iter().map(|f| (f.fact.what, f.fact.by)).collect()
    }

    fn by(command: &str) -> Vec<Alters> {
        let script = format!("#!/bin/sh\n{command}\nexit 0\n");
        let build = Build::debian()
            .file("/usr/lib/systemd/systemd", 0o755, "x")
            .file(
                "/usr/lib/systemd/system/rc-local.service",
                0o644,
                "[Service]\nExecStart=/etc/rc.local start\n",
            )
            .file("/usr/local/x/y", 0o644, "")
            .link("/srv/away", "/usr/local")
            .file("/etc/rc.local", 0o755, script);
        found(build).into_iter().map(|(what, _)| what).collect()
    }

    /// mount(8), bootctl(1), systemctl(1), grub-reboot(8), efibootmgr(8).
    #[test]
    fn commands_that_change_the_boot_or_the_mounts() {
        for command in [
            "mount --bind /srv/x /usr/local/sa",
            "mount -t tmpfs none /opt",
            "mount -o bind /srv/x $PLACE",
            "mount /dev/vdb1 /srv/away/x",
            "env A=1 mount --bind /srv/x /etc",
            "umount /usr/local",
            "pivot_root /srv/x /srv/x/old",
            "echo tmpfs /opt tmpfs >> /etc/fstab",
            "ln -sf /dev/null /etc/systemd/system/cron.service",
            "cd /etc/systemd/system",
        ] {
            assert_eq!(by(command), [Alters::Mounts], "{command}");
        }
        for command in [
            "cp /srv/g /boot/grub/grub.cfg",
            "cp /srv/g //boot//initrd.img",
            "dd if=/srv/x of=/dev/vda count=1",
            "sed -i s/a/b/ /etc/default/grub",
            "grub-reboot 2",
            "grub-editenv /srv/e set a=b",
            "efibootmgr -c -l /x.efi",
            "systemctl kexec",
            "systemctl reboot --boot-loader-entry=x",
            "sudo systemctl set-default x.target",
            "D=/boot",
        ] {
            assert_eq!(by(command), [Alters::Boot], "{command}");
        }
        for command in [
            "mount -a",
            "mount /data",
            "mount -o remount,rw /",
            "mount /dev/vdb1 /data",
            "umount /mnt",
            "cat /etc/fstab",
            "ls /boot",
            "blkid /dev/vda1",
            "grub-editenv list",
            "systemctl start x",
            "efibootmgr -v",
        ] {
            assert_eq!(by(command), [], "{command}");
        }
    }

    /// tmpfiles.d(5), and cloud-init's modules write_files, mounts and disk_setup.
    #[test]
    fn files_and_mounts_that_are_made_at_boot() {
        let line = |line: &str| {
            let all = found(Build::debian().file("/etc/tmpfiles.d/x.conf", 0o644, line));
            all.into_iter().map(|(what, _)| what).collect::<Vec<_>>()
        };
        assert_eq!(
            line("C+ /boot/grub/grub.cfg - - - - /srv/g\n"),
            [Alters::Boot]
        );
        assert_eq!(line("L+ /boo[t]/x - - - - /srv/g\n"), [Alters::Boot]);
        assert_eq!(line("R /etc\n"), [Alters::Boot]);
        assert_eq!(line("L+ /etc/fstab - - - - /srv/g\n"), [Alters::Mounts]);
        assert_eq!(line("d /boot/x\nL+ /srv/x - - - - /y\n"), []);
        let cloud = |text: &str| {
            let build = Build::debian()
                .file("/usr/bin/cloud-init", 0o755, "#!/usr/bin/python3\n")
                .file(
                    "/etc/cloud/cloud.cfg",
                    0o644,
                    format!("#cloud-config\n{text}"),
                );
            let all = found(build);
            all.into_iter().map(|(what, _)| what).collect::<Vec<_>>()
        };
        let write = "write_files:\n- path: /boot/x\n  content: y\n";
        assert_eq!(cloud(write), [Alters::Boot]);
        assert_eq!(cloud("mounts:\n- [vdb, /opt]\n"), [Alters::Mounts]);
        assert_eq!(cloud("mounts:\n- [vdb, /data]\n"), []);
        assert_eq!(cloud("fs_setup:\n- {device: /dev/vda2}\n"), [Alters::Boot]);
    }
}
