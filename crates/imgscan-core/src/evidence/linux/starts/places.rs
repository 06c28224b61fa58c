//! Where programs are started from: the places that a booting system, its clock, its devices, its network, its
//! logins and its package manager read. systemd.unit(5), systemd.generator(7), cron(8), udev(7), dbus-daemon(1),
//! bash(1), apt.conf(5), dpkg.cfg(5), ld.so(8), logrotate(8), interfaces(5), "desktop application autostart".

use super::StartKind;
use super::StartKind::{
    ApplicationStart, BusService, ClientConfiguration, ClockScript, CloudConfiguration, Crontab,
    Defaults, DeviceRule, DynamicLoader, Environment, Generator, InitScript, Interpreter,
    LoadedByProgram, LocalScript, LogRotation, LoginScript, NetworkHook, PackageHook,
    ProgramFormat, SystemUnit, UserUnit,
};
use crate::evidence::linux::services::{FORMATS, PERIODIC, SPOOLS};
use crate::guest::linux::units::FOLDERS;

/// What of a place counts.
#[derive(Debug, Clone, Copy)]
pub(super) enum Shape {
    /// The path itself.
    File,
    /// The files of the folder whose names end so; all where it is empty.
    Folder(&'static str),
    /// All files below the folder.
    Tree,
}

/// A place.
pub(super) struct Place {
    pub(super) kind: StartKind,
    pub(super) shape: Shape,
    pub(super) paths: &'static [&'static str],
}

const fn file(kind: StartKind, paths: &'static [&'static str]) -> Place {
    Place {
        kind,
        shape: Shape::File,
        paths,
    }
}

const fn folder(kind: StartKind, ending: &'static str, paths: &'static [&'static str]) -> Place {
    Place {
        kind,
        shape: Shape::Folder(ending),
        paths,
    }
}

const fn tree(kind: StartKind, paths: &'static [&'static str]) -> Place {
    Place {
        kind,
        shape: Shape::Tree,
        paths,
    }
}

/// The places of a system.
pub(super) const PLACES: &[Place] = &[
    tree(SystemUnit, FOLDERS),
    tree(
        UserUnit,
        &[
            "/etc/systemd/user",
            "/usr/local/lib/systemd/user",
            "/usr/local/share/systemd/user",
            "/usr/lib/systemd/user",
            "/usr/share/systemd/user",
        ],
    ),
    folder(
        Generator,
        "",
        &[
            "/etc/systemd/system-generators",
            "/usr/local/lib/systemd/system-generators",
            "/usr/lib/systemd/system-generators",
            "/lib/systemd/system-generators",
            "/etc/systemd/user-generators",
            "/usr/local/lib/systemd/user-generators",
            "/usr/lib/systemd/user-generators",
            "/etc/systemd/system-environment-generators",
            "/usr/local/lib/systemd/system-environment-generators",
            "/usr/lib/systemd/system-environment-generators",
            "/etc/systemd/user-environment-generators",
            "/usr/local/lib/systemd/user-environment-generators",
            "/usr/lib/systemd/user-environment-generators",
            "/usr/lib/systemd/system-shutdown",
            "/usr/lib/systemd/system-sleep",
            "/etc/systemd/system-shutdown",
            "/etc/systemd/system-sleep",
        ],
    ),
    folder(
        BusService,
        ".service",
        &[
            "/etc/dbus-1/system-services",
            "/usr/local/share/dbus-1/system-services",
            "/usr/share/dbus-1/system-services",
            "/usr/lib/dbus-1/system-services",
            "/usr/local/share/dbus-1/services",
            "/usr/share/dbus-1/services",
        ],
    ),
    folder(
        InitScript,
        "",
        &[
            "/etc/init.d",
            "/etc/rc.d/init.d",
            "/etc/rc0.d",
            "/etc/rc1.d",
            "/etc/rc2.d",
            "/etc/rc3.d",
            "/etc/rc4.d",
            "/etc/rc5.d",
            "/etc/rc6.d",
            "/etc/rcS.d",
            "/etc/rc.d/rc0.d",
            "/etc/rc.d/rc1.d",
            "/etc/rc.d/rc2.d",
            "/etc/rc.d/rc3.d",
            "/etc/rc.d/rc4.d",
            "/etc/rc.d/rc5.d",
            "/etc/rc.d/rc6.d",
            "/etc/init",
        ],
    ),
    tree(InitScript, &["/etc/runlevels"]),
    file(
        InitScript,
        &["/etc/inittab", "/etc/rc.d/rc.sysinit", "/etc/rc.d/rc"],
    ),
    file(
        LocalScript,
        &[
            "/etc/rc.local",
            "/etc/rc.d/rc.local",
            "/etc/rc.d/boot.local",
            "/etc/rc.d/rc.local_shutdown",
            "/sbin/halt.local",
        ],
    ),
    folder(LocalScript, "", &["/etc/local.d"]),
    file(Crontab, &["/etc/crontab", "/etc/anacrontab"]),
    folder(Crontab, "", &["/etc/cron.d"]),
    folder(Crontab, "", SPOOLS),
    folder(Crontab, "", &["/var/spool/incron"]),
    folder(ClockScript, "", PERIODIC),
    folder(
        ClockScript,
        "",
        &["/var/spool/cron/atjobs", "/var/spool/at"],
    ),
    folder(
        DeviceRule,
        ".rules",
        &[
            "/etc/udev/rules.d",
            "/usr/local/lib/udev/rules.d",
            "/usr/lib/udev/rules.d",
            "/lib/udev/rules.d",
        ],
    ),
    folder(
        DeviceRule,
        ".hwdb",
        &[
            "/etc/udev/hwdb.d",
            "/usr/lib/udev/hwdb.d",
            "/lib/udev/hwdb.d",
        ],
    ),
    file(
        LoginScript,
        &[
            "/etc/profile",
            "/etc/bash.bashrc",
            "/etc/bashrc",
            "/etc/bash.bash_logout",
            "/etc/csh.cshrc",
            "/etc/csh.login",
            "/etc/csh.logout",
            "/etc/ksh.kshrc",
            "/etc/mkshrc",
            "/etc/zshenv",
            "/etc/zprofile",
            "/etc/zshrc",
            "/etc/zlogin",
            "/etc/zlogout",
            "/etc/ssh/sshrc",
        ],
    ),
    folder(
        LoginScript,
        "",
        &[
            "/etc/profile.d",
            "/etc/update-motd.d",
            "/etc/bash_completion.d",
            "/etc/X11/Xsession.d",
            "/etc/X11/xinit/xinitrc.d",
        ],
    ),
    tree(LoginScript, &["/etc/zsh", "/etc/fish", "/etc/skel"]),
    folder(
        NetworkHook,
        "",
        &[
            "/etc/dhcp/dhclient-enter-hooks.d",
            "/etc/dhcp/dhclient-exit-hooks.d",
            "/etc/dhcp/dhclient.d",
            "/lib/dhcpcd/dhcpcd-hooks",
            "/usr/lib/dhcpcd/dhcpcd-hooks",
            "/usr/libexec/dhcpcd-hooks",
            "/etc/network/if-pre-up.d",
            "/etc/network/if-up.d",
            "/etc/network/if-down.d",
            "/etc/network/if-post-down.d",
            "/etc/resolvconf/update.d",
            "/etc/resolvconf/update-libc.d",
            "/usr/lib/resolvconf",
            "/etc/ppp/ip-up.d",
            "/etc/ppp/ip-down.d",
            "/etc/ppp/ipv6-up.d",
            "/etc/wpa_supplicant/action_wpa.d",
        ],
    ),
    tree(
        NetworkHook,
        &[
            "/etc/NetworkManager/dispatcher.d",
            "/usr/lib/NetworkManager/dispatcher.d",
            "/etc/networkd-dispatcher",
            "/usr/lib/networkd-dispatcher",
        ],
    ),
    file(
        NetworkHook,
        &[
            "/etc/dhcpcd.enter-hook",
            "/etc/dhcpcd.exit-hook",
            "/etc/dhcp/dhclient-enter-hooks",
            "/etc/dhcp/dhclient-exit-hooks",
            "/etc/dhcp/dhclient-up-hooks",
            "/sbin/dhclient-script",
            "/sbin/ifup-local",
            "/sbin/ifdown-local",
            "/sbin/ifup-pre-local",
            "/etc/udhcpc/default.script",
            "/usr/share/udhcpc/default.script",
            "/etc/ppp/ip-up",
            "/etc/ppp/ip-up.local",
            "/etc/ppp/ip-down",
        ],
    ),
    file(PackageHook, &["/etc/apt/apt.conf", "/etc/dpkg/dpkg.cfg"]),
    folder(
        PackageHook,
        "",
        &["/etc/apt/apt.conf.d", "/etc/dpkg/dpkg.cfg.d"],
    ),
    file(PackageHook, &["/etc/apt/sources.list"]),
    folder(PackageHook, ".list", &["/etc/apt/sources.list.d"]),
    folder(PackageHook, ".sources", &["/etc/apt/sources.list.d"]),
    tree(
        PackageHook,
        &[
            "/etc/kernel",
            "/etc/initramfs-tools/hooks",
            "/etc/initramfs-tools/scripts",
            "/etc/ca-certificates/update.d",
            "/etc/grub.d",
            "/etc/dnf/plugins",
            "/etc/yum/pluginconf.d",
            "/usr/lib/yum-plugins",
        ],
    ),
    folder(LogRotation, "", &["/etc/logrotate.d"]),
    file(LogRotation, &["/etc/logrotate.conf"]),
    folder(ApplicationStart, ".desktop", &["/etc/xdg/autostart"]),
    file(DynamicLoader, &["/etc/ld.so.preload", "/etc/ld.so.conf"]),
    folder(DynamicLoader, ".conf", &["/etc/ld.so.conf.d"]),
    folder(ProgramFormat, ".conf", FORMATS),
    tree(Interpreter, &["/etc/perl"]),
    file(LoadedByProgram, &["/etc/ssl/openssl.cnf", "/etc/gss/mech"]),
    folder(LoadedByProgram, ".conf", &["/etc/gss/mech.d"]),
    file(Environment, &["/etc/systemd/user.conf"]),
    folder(
        Environment,
        ".conf",
        &[
            "/etc/environment.d",
            "/usr/local/lib/environment.d",
            "/usr/lib/environment.d",
            "/etc/systemd/user.conf.d",
            "/usr/local/lib/systemd/user.conf.d",
            "/usr/lib/systemd/user.conf.d",
        ],
    ),
    file(ClientConfiguration, &["/etc/ssh/ssh_config"]),
    folder(ClientConfiguration, ".conf", &["/etc/ssh/ssh_config.d"]),
    folder(
        Defaults,
        "",
        &["/etc/default", "/etc/conf.d", "/etc/sysconfig"],
    ),
    file(CloudConfiguration, &["/etc/cloud/cloud.cfg"]),
    folder(CloudConfiguration, ".cfg", &["/etc/cloud/cloud.cfg.d"]),
    tree(
        CloudConfiguration,
        &[
            "/var/lib/cloud/seed",
            "/usr/lib/cloud/seed",
            "/writable/system-data/var/lib/cloud/seed",
        ],
    ),
    tree(LocalScript, &["/var/lib/cloud/scripts"]),
];

/// The index of libraries that the dynamic loader asks first.
pub(super) const LIBRARY_CACHE: &str = "/etc/ld.so.cache";
/// Folders of libraries that come before those of packages, by ld.so.conf of Debian, or by the processor.
pub(super) const FIRST_LIBRARIES: &[&str] = &[
    "/usr/local/lib",
    "/usr/local/lib64",
    "/usr/local/lib/*-linux-gnu",
    "/usr/lib/*-linux-gnu/glibc-hwcaps/*",
    "/usr/lib64/glibc-hwcaps/*",
    "/usr/lib/glibc-hwcaps/*",
    "/usr/local/lib/glibc-hwcaps/*",
    "/usr/local/lib/*-linux-gnu/glibc-hwcaps/*",
    "/lib/*-linux-gnu/glibc-hwcaps/*",
    "/lib64/glibc-hwcaps/*",
];
/// Patterns of the folders in which packages have theirs.
pub(in crate::evidence::linux) const LIBRARIES: &[&str] = &[
    "/lib/*-linux-gnu",
    "/usr/lib/*-linux-gnu",
    "/lib64",
    "/usr/lib64",
    "/lib",
    "/usr/lib",
];

/// Patterns of folders in which Python looks for files that it runs at its start (site module of Python: `.pth`,
/// `sitecustomize`, `usercustomize`).
pub(super) const PYTHON: &[&str] = &[
    "/usr/lib/python[23]*",
    "/usr/lib64/python[23]*",
    "/usr/lib/python[23]*/dist-packages",
    "/usr/lib/python[23]*/site-packages",
    "/usr/lib64/python[23]*/site-packages",
    "/usr/local/lib/python[23]*/dist-packages",
    "/usr/local/lib/python[23]*/site-packages",
    "/usr/local/lib64/python[23]*/site-packages",
    "/etc/python[23]*",
    "/root/.local/lib/python[23]*/site-packages",
    "/home/*/.local/lib/python[23]*/site-packages",
];
/// Folders of modules that are searched first, and those of packages behind them: perlrun of Debian (`@INC`), and
/// `sys.path` of Debian's Python.
pub(super) const MODULES: &[(&[&str], &[&str])] = &[
    (
        &[
            "/usr/local/lib/*-linux-gnu/perl/*",
            "/usr/local/share/perl/*",
            "/usr/local/lib/site_perl",
            "/usr/local/share/perl5",
            "/usr/local/lib64/perl5",
        ],
        &[
            "/usr/share/perl5",
            "/usr/lib64/perl5",
            "/usr/share/perl5/vendor_perl",
            "/usr/lib64/perl5/vendor_perl",
            "/usr/lib/*-linux-gnu/perl5/*",
            "/usr/lib/*-linux-gnu/perl-base",
            "/usr/lib/*-linux-gnu/perl/[0-9]*",
            "/usr/share/perl/[0-9]*",
        ],
    ),
    (
        &[
            "/usr/local/lib/python[23]*/dist-packages",
            "/usr/local/lib/python[23]*/site-packages",
            "/usr/local/lib64/python[23]*/site-packages",
            "/root/.local/lib/python[23]*/site-packages",
        ],
        &[
            "/usr/lib/python3/dist-packages",
            "/usr/lib/python[23]*/dist-packages",
            "/usr/lib/python[23]*/site-packages",
            "/usr/lib64/python[23]*/site-packages",
        ],
    ),
];
/// Where update-alternatives(1) keeps its links.
pub(super) const ALTERNATIVES: &str = "/etc/alternatives";

/// Folders of an account's own programs, which its shell may search first.
pub(super) const OWN_PROGRAMS: &[&str] = &["bin", ".local/bin"];

/// What the shells and the sessions of an account read in its home.
pub(super) const HOME: &[(StartKind, Shape, &str)] = &[
    (LoginScript, Shape::File, ".profile"),
    (LoginScript, Shape::File, ".bash_profile"),
    (LoginScript, Shape::File, ".bash_login"),
    (LoginScript, Shape::File, ".bashrc"),
    (LoginScript, Shape::File, ".bash_logout"),
    (LoginScript, Shape::File, ".bash_aliases"),
    (LoginScript, Shape::File, ".zshenv"),
    (LoginScript, Shape::File, ".zprofile"),
    (LoginScript, Shape::File, ".zshrc"),
    (LoginScript, Shape::File, ".zlogin"),
    (LoginScript, Shape::File, ".kshrc"),
    (LoginScript, Shape::File, ".cshrc"),
    (LoginScript, Shape::File, ".tcshrc"),
    (LoginScript, Shape::File, ".login"),
    (LoginScript, Shape::File, ".xprofile"),
    (LoginScript, Shape::File, ".xsession"),
    (LoginScript, Shape::File, ".xinitrc"),
    (LoginScript, Shape::File, ".ssh/rc"),
    (LoginScript, Shape::File, ".bash_completion"),
    (ClientConfiguration, Shape::File, ".ssh/config"),
    (PackageHook, Shape::File, ".dpkg.cfg"),
    (Environment, Shape::Folder(".conf"), ".config/environment.d"),
    (LoginScript, Shape::Tree, ".config/fish"),
    (
        ApplicationStart,
        Shape::Folder(".desktop"),
        ".config/autostart",
    ),
    (UserUnit, Shape::Tree, ".config/systemd/user"),
    (UserUnit, Shape::Tree, ".local/share/systemd/user"),
];
