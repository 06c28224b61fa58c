//! What stands at start places, and whose it is.

use super::parts::parts;
use super::{Origin, StartKind, StartPart};
use crate::evidence::Evidence;
use crate::evidence::linux::testing::{Build, guest};

/// The parts as short text: `line key=value`, or the words of a command.
fn told(kind: StartKind, path: &str, text: &str) -> Vec<String> {
    let all = parts(kind, path, text).into_iter();
    let said = all.map(|(line, part)| match part {
        StartPart::Command {
            words, redirects, ..
        } => {
            format!("{line} {}", [words, redirects].concat().join(" "))
        }
        StartPart::Setting { key, value } => format!("{line} {key}={value}"),
        StartPart::Function(name) => format!("{line} {name}()"),
        StartPart::LoopVariable(name) => format!("{line} for {name}"),
        StartPart::Library { name, path } => format!("{line} {name} => {path}"),
        StartPart::Code => format!("{line} code"),
        StartPart::Unclear(text) => format!("{line} unclear {text}"),
    });
    said.collect()
}

/// systemd.service(5), systemd.socket(5): every setting that begins with `Exec` runs something.
#[test]
fn units_are_cut_into_commands_and_settings() {
    let text = "[Service]\nExecStop=-/srv/a b\nUser=x\nExecStartPost=/bin/sh -c 'c'\nExecStart=/srv/%i\n[Socket]\nExecStartPre=!/srv/d\n";
    assert_eq!(
        told(StartKind::SystemUnit, "/etc/systemd/system/x.service", text),
        [
            "2 /srv/a b",
            "3 Service.User=x",
            "4 /bin/sh -c c",
            "4 c",
            "5 Service.ExecStart=/srv/%i",
            "7 /srv/d"
        ]
    );
}

/// crontab(5): the table of the system has a user; `%` begins the input; settings stand between.
#[test]
fn tables_of_cron_are_cut_into_commands() {
    let text = "# a\nPATH=/srv\n1 2 * * * root /srv/a b > /dev/null\n@reboot root /srv/c\n* * * * * root cat%x\n";
    assert_eq!(
        told(StartKind::Crontab, "/etc/cron.d/x", text),
        [
            "2 PATH=/srv",
            "3 /srv/a b >/dev/null",
            "4 /srv/c",
            "5 job=* * * * * root cat%x"
        ]
    );
    let own = told(
        StartKind::Crontab,
        "/var/spool/cron/crontabs/root",
        "@daily /srv/a\n",
    );
    assert_eq!(own, ["1 /srv/a"]);
}

/// udev(7): keys with attributes, operators, lines that go on.
#[test]
fn rules_of_udev_are_cut_into_assignments() {
    let text = "# a\nSUBSYSTEM==\"net\", ATTR{address}==\"00:11\", \\\n NAME=\"eth0\"\nACTION==\"add\", RUN{program}+=\"/srv/x y\"\nIMPORT{program}==\"/srv/z\"\nKERNEL==\"a\" GOTO=\"end\"\nbroken\n";
    assert_eq!(
        told(StartKind::DeviceRule, "/etc/udev/rules.d/x.rules", text),
        [
            "2 NAME=eth0",
            "4 RUN{program}=/srv/x y",
            "5 IMPORT{program}=/srv/z",
            "6 GOTO=end",
            "7 rule=broken"
        ]
    );
}

/// apt.conf(5): scopes, comments of three kinds, lists.
#[test]
fn settings_of_apt_have_their_full_names() {
    let text = "// a\nAPT::Install-Recommends \"false\";\nDPkg { Post-Invoke { \"/srv/x; y\"; }; };\n/* b\n*/ Acquire::http::Proxy \"http://a//b\"; # c\n#include /srv/z;\n";
    assert_eq!(
        told(StartKind::PackageHook, "/etc/apt/apt.conf.d/x", text),
        [
            "2 APT::Install-Recommends=false",
            "3 DPkg::Post-Invoke=/srv/x; y",
            "5 Acquire::http::Proxy=http://a//b",
            "6 #include=/srv/z"
        ]
    );
}

/// logrotate(8), interfaces(5), inittab(5).
#[test]
fn other_tables_are_cut_into_commands() {
    let text = "/var/log/x {\n weekly\n postrotate\n  /srv/a\n endscript\n compresscmd /srv/b\n}\n";
    assert_eq!(
        told(StartKind::LogRotation, "/etc/logrotate.d/x", text),
        ["4 /srv/a", "6 compresscmd=/srv/b"]
    );
    let text = "iface eth0 inet dhcp\n post-up /srv/a \\\n  b\n down c\n";
    assert_eq!(
        told(StartKind::NetworkHook, "/etc/network/interfaces", text),
        ["2 /srv/a b", "4 c"]
    );
    let text = "1:2345:respawn:/srv/a b\n";
    assert_eq!(
        told(StartKind::InitScript, "/etc/inittab", text),
        ["1 /srv/a b"]
    );
}

/// What the recipe puts there: a packaged unit, its copy, one of nobody's, one that was changed, and a program of a
/// packaged unit that no package brought.
#[test]
fn files_are_told_by_whose_they_are() {
    let unit = b"[Service]\nExecStart=/usr/bin/own\n[Install]\nWantedBy=multi-user.target\n";
    let guest = guest(
        Build::debian()
            .owned(
                "own",
                &[
                    ("/usr/lib/systemd/systemd", 0o755, b"systemd"),
                    ("/usr/lib/systemd/system/own.service", 0o644, unit),
                    (
                        "/usr/lib/systemd/system/changed.service",
                        0o644,
                        b"[Service]\n",
                    ),
                    ("/usr/share/own/dot.profile", 0o644, b"umask 022\n"),
                ],
            )
            .file(
                "/usr/lib/systemd/system/changed.service",
                0o644,
                "[Service]\nExecStart=/srv/a\n",
            )
            .file(
                "/etc/systemd/system/foreign.service",
                0o644,
                "[Service]\nExecStart=/srv/a\n",
            )
            .file("/root/.profile", 0o644, "umask 022\n")
            .file("/usr/bin/own", 0o755, "program")
            .link(
                "/etc/systemd/system/multi-user.target.wants/own.service",
                "/usr/lib/systemd/system/own.service",
            )
            .file(
                "/usr/lib/systemd/system/multi-user.target",
                0o644,
                "[Unit]\n",
            )
            .link(
                "/etc/systemd/system/default.target",
                "/usr/lib/systemd/system/multi-user.target",
            ),
    );
    let evidence = Evidence::new(&guest);
    let starts = evidence.linux.starts();
    assert!(starts.gaps.is_empty(), "{:?}", starts.gaps);
    let of = |kind, path: &str| {
        let mut all = starts.files.iter();
        let file = all.find(|f| f.kind == kind && f.at.path.as_deref() == Some(path));
        file.map(|f| f.origin.clone())
    };
    let unit = |name: &str| of(StartKind::SystemUnit, name);
    assert_eq!(
        unit("/usr/lib/systemd/system/own.service"),
        Some(Origin::Package)
    );
    assert_eq!(
        unit("/usr/lib/systemd/system/changed.service"),
        Some(Origin::Changed)
    );
    assert_eq!(
        unit("/etc/systemd/system/foreign.service"),
        Some(Origin::Foreign)
    );
    assert_eq!(
        of(StartKind::LoginScript, "/root/.profile"),
        Some(Origin::CopyOf("/usr/share/own/dot.profile".into()))
    );
    assert_eq!(
        of(StartKind::StartedProgram, "/usr/bin/own"),
        Some(Origin::Foreign)
    );
}
