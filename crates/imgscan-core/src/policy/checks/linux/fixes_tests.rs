//! Fixes in the words of each system: whole commands, for what was found.

use super::testing::{check, check_guest};
use crate::evidence::linux::testing::{Build, bzimage, elf, guest};
use crate::policy::CheckResult;

/// The code and the English words of each fix, for a Debian.
fn fixes(id: &str, build: Build) -> Vec<(String, String)> {
    of(&check(id, build))
}

/// The same for another system.
fn fixes_on(os: (&str, &str), id: &str, build: Build) -> Vec<(String, String)> {
    let mut guest = guest(build);
    guest.os.id = Some(os.0.into());
    guest.os.version = Some(os.1.into());
    of(&check_guest(id, &guest, |_| {}))
}

fn of(result: &CheckResult) -> Vec<(String, String)> {
    let fix = result.fix.iter();
    fix.map(|fix| (fix.code.to_string(), fix.en.clone()))
        .collect()
}

#[track_caller]
fn has(fixes: &[(String, String)], code: &str, parts: &[&str]) {
    let fix = fixes.iter().find(|(c, _)| c == code);
    let Some((_, text)) = fix else {
        panic!("{code} is not among {fixes:#?}");
    };
    for part in parts {
        assert!(text.contains(part), "{part} is not in {text}");
    }
}

const ROCKY: (&str, &str) = ("rocky", "9.4");
const ALPINE: (&str, &str) = ("alpine", "3.20");

fn openrc() -> Build {
    Build::bare().file("/sbin/openrc", 0o755, elf(64))
}

fn systemd(build: Build) -> Build {
    build.file("/usr/lib/systemd/systemd", 0o755, elf(64))
}

fn unit(build: Build, name: &str) -> Build {
    let path = format!("/usr/lib/systemd/system/{name}.service");
    systemd(build).file(&path, 0o644, "[Service]\nExecStart=/usr/sbin/x\n")
}

#[test]
fn the_time_daemon_that_is_there_is_enabled_by_its_name() {
    const ID: &str = "LNX-TIME-001";
    let set = "lnx-time-001-fix-set";
    let debian = || Build::debian().file("/etc/chrony/chrony.conf", 0o644, "");
    let found = fixes(ID, unit(debian(), "chrony"));
    has(
        &found,
        set,
        &[
            "server ntpupdate.tencentyun.com iburst",
            "/etc/chrony/chrony.conf",
            "systemctl enable --now chrony",
        ],
    );
    assert!(!found.iter().any(|(_, text)| text.contains("chronyd")));
    let timesyncd = unit(Build::debian(), "systemd-timesyncd");
    has(
        &fixes(ID, timesyncd),
        set,
        &[
            "[Time] NTP=ntpupdate.tencentyun.com",
            "/etc/systemd/timesyncd.conf",
            "systemctl enable --now systemd-timesyncd",
        ],
    );
    let rocky = unit(Build::bare(), "chronyd").file("/etc/chrony.conf", 0o644, "");
    has(
        &fixes_on(ROCKY, ID, rocky),
        set,
        &["/etc/chrony.conf", "systemctl enable --now chronyd"],
    );
    let installed = openrc().file("/etc/init.d/chronyd", 0o755, "#!/sbin/openrc-run\n");
    has(
        &fixes_on(ALPINE, ID, installed),
        set,
        &["/etc/chrony/chrony.conf", "rc-update add chronyd default"],
    );
    // Where there is none, it is installed by the system's own package manager.
    let install = "lnx-time-001-fix-install";
    for (os, build, parts) in [
        (
            ("debian", "12"),
            systemd(Build::debian()),
            ["apt-get install chrony", "systemctl enable --now chrony"],
        ),
        (
            ROCKY,
            systemd(Build::bare()),
            ["dnf install chrony", "systemctl enable --now chronyd"],
        ),
        (
            ("centos", "7"),
            systemd(Build::bare()),
            ["yum install chrony", "systemctl enable --now chronyd"],
        ),
        (
            ("opensuse-leap", "15.6"),
            systemd(Build::bare()),
            ["zypper install chrony", "systemctl enable --now chronyd"],
        ),
        (
            ALPINE,
            openrc(),
            ["apk add chrony", "rc-update add chronyd default"],
        ),
    ] {
        has(&fixes_on(os, ID, build), install, &parts);
    }
}

#[test]
fn dkms_removes_the_version_that_its_folder_names() {
    let dkms = Build::debian()
        .file("/var/lib/dkms/gpu/1.0/source/dkms.conf", 0o644, "")
        .link("/var/lib/dkms/gpu/kernel-6.1-x86_64", "1.0/6.1/x86_64");
    let found = fixes("LNX-KERNEL-018", dkms);
    has(
        &found,
        "lnx-kernel-018-fix-dkms",
        &["dkms remove gpu/1.0 --all"],
    );
    assert_eq!(found.len(), 1, "{found:?}");
}

const MENU: &str = "/boot/grub/grub.cfg";

fn booted(build: Build, arguments: &str) -> Build {
    let entry = format!("menuentry a {{\nlinux /boot/vmlinuz-1 root=/dev/vda1 {arguments}\n}}\n");
    build
        .file("/boot/vmlinuz-1", 0o644, bzimage("1 (x)", b""))
        .file(MENU, 0o600, format!("set default=0\n{entry}"))
}

#[test]
fn an_argument_is_taken_out_of_the_file_that_holds_it() {
    const ID: &str = "LNX-KERNEL-013";
    // Only in the menu that is made: nothing in /etc/default/grub is to be changed.
    let only = fixes(ID, booted(Build::debian(), "init=/root/.x"));
    has(
        &only,
        "lnx-kernel-013-fix-menu",
        &["/boot/grub/grub.cfg:2", "update-grub", "/etc/grub.d"],
    );
    let default = "GRUB_TIMEOUT=1\nGRUB_CMDLINE_LINUX=\"init=/root/.x quiet\"\n";
    let both = booted(Build::debian(), "init=/root/.x").file("/etc/default/grub", 0o644, default);
    let both = fixes(ID, both);
    let place = ["init=/root/.x", "/etc/default/grub:2", "update-grub"];
    has(&both, "lnx-kernel-013-fix-grub", &place);
    assert_eq!(both.len(), 1, "{both:?}");
    let alpine = booted(openrc(), "init=/root/.x");
    let made = ["grub-mkconfig -o /boot/grub/grub.cfg"];
    let alpine = fixes_on(ALPINE, ID, alpine);
    has(&alpine, "lnx-kernel-013-fix-menu", &made);
    let later = Build::debian().file("/etc/kernel/cmdline", 0o644, "root=x nokaslr\n");
    has(
        &fixes(ID, booted(later, "quiet")),
        "lnx-kernel-013-fix-later",
        &["nokaslr", "/etc/kernel/cmdline:1"],
    );
    let entry = "title a\nlinux /vmlinuz-1\noptions root=x init=/root/.x\n";
    let bls = || {
        Build::debian()
            .file("/boot/vmlinuz-1", 0o644, bzimage("1 (x)", b""))
            .file("/boot/grub2/grub.cfg", 0o600, "blscfg\n")
            .file("/boot/loader/entries/a.conf", 0o644, entry)
    };
    let by_hand = ["/boot/loader/entries/a.conf"];
    has(&fixes(ID, bls()), "lnx-kernel-013-fix-line", &by_hand);
    has(
        &fixes(ID, bls().package("grubby", "8")),
        "lnx-kernel-013-fix-command",
        &["grubby --update-kernel=ALL --remove-args='init=/root/.x'"],
    );
}

#[test]
fn an_argument_or_a_spare_kernel_is_no_reason_to_install_the_kernel_anew() {
    let whole = fixes("LNX-KERNEL-001", booted(Build::debian(), "init=/root/.x"));
    let reinstall =
        |fixes: &[(String, String)]| fixes.iter().any(|(_, text)| text.contains("--reinstall"));
    assert!(!reinstall(&whole), "{whole:?}");
    let spare = |build: Build| {
        booted(build, "").file("/boot/vmlinuz-spare", 0o644, bzimage("2 (x)", b"spare"))
    };
    let debian = fixes("LNX-KERNEL-003", spare(Build::debian()));
    let delete = ["rm /boot/vmlinuz-spare && update-grub"];
    has(&debian, "linux-kernel-delete", &delete);
    // One of a package goes with its package.
    let owned = booted(Build::debian(), "").kernel("2", &bzimage("2 (debian)", b""));
    let changed = owned.file("/boot/vmlinuz-2", 0o644, bzimage("2 (debian)", b"changed"));
    let found = fixes("LNX-KERNEL-003", changed);
    let purge = ["apt-get purge linux-image-2"];
    has(&found, "linux-kernel-delete", &purge);
    assert!(!reinstall(&found), "{found:?}");
}

#[test]
fn a_program_that_is_not_there_is_said_to_be_missing() {
    let hook = "install ext4 /opt/gone\n";
    let build =
        Build::debian()
            .package("base-files", "1")
            .file("/etc/modprobe.d/z.conf", 0o644, hook);
    let result = check("LNX-KERNEL-012", build);
    let notes: Vec<&str> = result
        .evidence
        .iter()
        .map(|i| i.note.code.as_ref())
        .collect();
    assert!(notes.contains(&"lnx-kernel-012-no-program"), "{notes:?}");
    assert!(!notes.contains(&"lnx-kernel-012-unowned-program"));
    has(
        &of(&result),
        "lnx-kernel-012-fix-missing",
        &["/opt/gone does not exist", "apt-file search /opt/gone"],
    );
}

#[test]
fn accounts_are_mended_with_the_tools_of_the_system() {
    let passwd =
        "root:x:0:0:root:/root:/bin/sh\ntoor:x:0:0::/root:/bin/sh\nu:x:1000:1000::/:/bin/sh\n";
    let with = |build: Build| build.file("/etc/passwd", 0o644, passwd);
    let code = "lnx-acct-003-fix-user";
    let debian = ["userdel -f toor", "usermod -u 1001 toor"];
    has(&fixes("LNX-ACCT-003", with(Build::debian())), code, &debian);
    let busybox = ["deluser toor", "apk add shadow && usermod -u 1001 toor"];
    let alpine = fixes_on(ALPINE, "LNX-ACCT-003", with(openrc()));
    has(&alpine, code, &busybox);
    // The command for a second root by the same name would delete the first.
    let twice = "root:x:0:0:root:/root:/bin/sh\nroot:x:0:0::/tmp:/bin/sh\n";
    let found = fixes(
        "LNX-ACCT-003",
        Build::debian().file("/etc/passwd", 0o644, twice),
    );
    assert!(
        !found.iter().any(|(_, text)| text.contains("userdel")),
        "{found:?}"
    );
    has(&found, "lnx-acct-003-fix-line", &["/etc/passwd:2"]);
}

#[test]
fn an_unknown_says_what_makes_it_known() {
    // No kernel at all: nothing can be installed anew.
    for id in ["LNX-KERNEL-003", "LNX-KERNEL-006", "LNX-KERNEL-001"] {
        let found = fixes(id, Build::debian());
        has(
            &found,
            "linux-kernel-install",
            &["apt-get install linux-image-"],
        );
    }
}
