use crate::evidence::linux::testing::{Build, elf, md5};
use crate::policy::checks::linux::testing::{check, status};
use crate::policy::{CheckResult, Status};

const ID: &str = "LNX-INTEG-001";

/// A package with these files; the last argument of each is what is there in place of what it brought.
fn package(files: &[(&str, u32, &[u8])]) -> Build {
    Build::debian().owned("x", files)
}

fn programs() -> Build {
    package(&[
        ("/usr/bin/x", 0o755, &elf(200)),
        ("/usr/lib/libx.so.1", 0o644, &elf(300)),
        ("/usr/lib/systemd/system/x.service", 0o644, b"[Service]\n"),
        ("/usr/lib/python3/dist-packages/x.py", 0o644, b"import os\n"),
        ("/usr/share/perl5/X.pm", 0o644, b"package X;\n"),
        ("/usr/share/x/run", 0o755, b"#!/bin/sh\n"),
        ("/usr/share/x/table", 0o644, b"1 2 3\n"),
        ("/usr/share/doc/x/README", 0o644, b"read me\n"),
        ("/usr/share/man/man1/x.1", 0o644, b".TH X 1\n"),
        (
            "/usr/lib/python3/dist-packages/__pycache__/x.pyc",
            0o644,
            b"\x6f\x0d\x0d\x0a",
        ),
    ])
}

fn notes(result: &CheckResult) -> Vec<(Status, String, String)> {
    let items = result.evidence.iter();
    items
        .map(|i| {
            (
                i.status,
                i.note.code.to_string(),
                i.at.path.clone().unwrap_or_default(),
            )
        })
        .collect()
}

#[track_caller]
fn one(build: Build, status: Status, code: &str, path: &str) -> CheckResult {
    let result = check(ID, build);
    let expected = vec![(status, code.to_owned(), path.to_owned())];
    assert_eq!(notes(&result), expected, "{:?}", result.gaps);
    assert_eq!(result.status, status);
    result
}

#[test]
fn files_that_equal_their_records_pass_without_evidence() {
    let result = check(ID, programs());
    assert_eq!(
        (result.status, result.evidence.len()),
        (Status::Pass, 0),
        "{result:?}"
    );
    assert!(result.fix.is_empty());
}

/// dpkg(1) --verify tells these of contents.
#[test]
fn a_changed_program_library_unit_module_or_script_fails_with_both_digests() {
    for path in [
        "/usr/bin/x",
        "/usr/lib/libx.so.1",
        "/usr/lib/systemd/system/x.service",
        "/usr/lib/python3/dist-packages/x.py",
        "/usr/share/perl5/X.pm",
        "/usr/share/x/run",
    ] {
        let build = programs().file(path, 0o755, "#!/bin/sh\nnc\n");
        let result = one(build, Status::Fail, "lnx-integ-001-changed", path);
        let item = &result.evidence[0];
        let found = format!("md5:{}", md5(b"#!/bin/sh\nnc\n"));
        assert_eq!(item.found.as_ref().unwrap().en, found);
        assert!(item.expected.as_ref().unwrap().en.starts_with("md5:"));
        assert!(item.note.en.contains(" x "), "{}", item.note.en);
        assert!(
            result.fix[0].en.contains("apt-get install --reinstall x"),
            "{:?}",
            result.fix
        );
    }
}

#[test]
fn changed_data_is_unknown_and_changed_documentation_a_warning_unless_it_runs() {
    let of = |path: &str| programs().file(path, 0o644, "other\n");
    one(
        of("/usr/share/x/table"),
        Status::Unknown,
        "lnx-integ-001-data",
        "/usr/share/x/table",
    );
    let compiled = "/usr/lib/python3/dist-packages/__pycache__/x.pyc";
    one(
        of(compiled),
        Status::Unknown,
        "lnx-integ-001-data",
        compiled,
    );
    let doc = "/usr/share/doc/x/README";
    one(of(doc), Status::Warn, "lnx-integ-001-text", doc);
    let run = programs().file(doc, 0o755, "other\n");
    one(run, Status::Fail, "lnx-integ-001-changed", doc);
    let program = programs().file("/usr/share/x/table", 0o644, elf(150));
    one(
        program,
        Status::Fail,
        "lnx-integ-001-changed",
        "/usr/share/x/table",
    );
}

/// A root with package `x`, whose files are listed and recorded, and stand only where the test puts them.
fn listed(files: &[(&str, &[u8])]) -> Build {
    let list: String = files.iter().map(|(path, _)| format!("{path}\n")).collect();
    let sum = |(path, data): &(&str, &[u8])| format!("{}  {}\n", md5(data), &path[1..]);
    let sums: String = files.iter().map(sum).collect();
    Build::debian()
        .package("x", "1")
        .file("/var/lib/dpkg/info/x.list", 0o644, list)
        .file("/var/lib/dpkg/info/x.md5sums", 0o644, sums)
}

/// dpkg.cfg(5) path-exclude, and what images delete.
#[test]
fn missing_documentation_translations_and_compiled_python_are_nothing() {
    let build = listed(&[
        ("/usr/share/doc/x/README", b"a"),
        ("/usr/share/man/man1/x.1.gz", b"a"),
        ("/usr/share/locale/de/LC_MESSAGES/x.mo", b"a"),
        ("/usr/share/info/x.info.gz", b"a"),
        (
            "/usr/lib/python3/dist-packages/__pycache__/x.cpython-311.pyc",
            b"a",
        ),
        ("/usr/lib/python2.7/x.pyc", b"a"),
    ]);
    let result = check(ID, build);
    assert_eq!(
        (result.status, result.evidence.len()),
        (Status::Pass, 0),
        "{result:?}"
    );
    assert_eq!(result.reason.code, "lnx-integ-001-pass-without");
}

#[test]
fn what_is_missing_is_told_and_unknown_where_something_else_may_come_in_its_place() {
    let x = "/usr/bin/x";
    one(
        listed(&[(x, b"a")]),
        Status::Warn,
        "lnx-integ-001-missing",
        x,
    );
    let null = listed(&[(x, b"a")]).link(x, "/dev/null");
    one(null, Status::Warn, "lnx-integ-001-missing", x);
    let local = listed(&[(x, b"a")]).file("/usr/local/bin/x", 0o755, elf(130));
    one(local, Status::Unknown, "lnx-integ-001-shadowed", x);
    for path in [
        "/lib/x86_64-linux-gnu/libx.so.1",
        "/usr/lib64/libx.so.1",
        "/usr/lib/x86_64-linux-gnu/security/pam_x.so",
        "/lib/security/pam_x.so",
    ] {
        one(
            listed(&[(path, b"a")]),
            Status::Unknown,
            "lnx-integ-001-no-library",
            path,
        );
    }
    for path in [
        "/usr/lib/x86_64-linux-gnu/gconv/A.so",
        "/usr/lib/x/a.pl",
        "/lib/systemd/system/a.service",
    ] {
        one(
            listed(&[(path, b"a")]),
            Status::Warn,
            "lnx-integ-001-missing",
            path,
        );
    }
    let data = "/usr/share/x/table";
    one(
        listed(&[(data, b"a")]),
        Status::Pass,
        "lnx-integ-001-no-data",
        data,
    );
}

/// An image without icons: all are counted, some are named.
#[test]
fn of_much_missing_data_some_is_named() {
    let paths: Vec<String> = (0..100)
        .map(|n| format!("/usr/share/icons/{n}.png"))
        .collect();
    let files: Vec<(&str, &[u8])> = paths.iter().map(|p| (p.as_str(), &b"a"[..])).collect();
    let result = check(ID, listed(&files));
    assert_eq!((result.status, result.evidence.len()), (Status::Pass, 20));
    assert!(result.reason.en.contains("80 more"), "{}", result.reason.en);
}

/// The packages' settings are in no list of sums (deb-conffiles(5)); changing them is what they are for.
#[test]
fn changed_settings_pass_and_are_told() {
    let with = |path: &str, extra: &str| {
        let status = format!(
            "Package: x\nStatus: install ok installed\nVersion: 1\nConffiles:\n {path} {}{extra}\nDescription: a\n\n",
            md5(b"old")
        );
        Build::bare()
            .file("/var/lib/dpkg/status", 0o644, status)
            .file("/var/lib/dpkg/info/x.list", 0o644, format!("{path}\n"))
    };
    let ssh = "/etc/ssh/sshd_config";
    let changed = with(ssh, "").file(ssh, 0o644, "new");
    one(changed, Status::Pass, "lnx-integ-001-setting", ssh);
    let obsolete = with(ssh, " obsolete").file(ssh, 0o644, "new");
    one(obsolete, Status::Pass, "lnx-integ-001-setting", ssh);
    let other = "/etc/x.conf";
    let changed = with(other, "").file(other, 0o644, "new");
    one(changed, Status::Pass, "lnx-integ-001-other-setting", other);
    one(
        with(other, ""),
        Status::Pass,
        "lnx-integ-001-no-setting",
        other,
    );
    let same = with(other, "").file(other, 0o644, "old");
    assert_eq!(check(ID, same).evidence, []);
    // A record that calls a program a setting excuses nothing.
    let program = "/usr/sbin/sshd";
    let changed = with(program, "").file(program, 0o755, elf(140));
    one(changed, Status::Fail, "lnx-integ-001-changed", program);
}

#[test]
fn a_link_or_a_folder_in_place_of_a_file_is_a_change_unless_the_same_is_read() {
    let x = "/usr/bin/x";
    let build = || listed(&[(x, b"mine")]);
    let link = build()
        .file("/opt/evil", 0o755, elf(130))
        .link(x, "/opt/evil");
    one(link, Status::Fail, "lnx-integ-001-changed", x);
    let dangling = build().link(x, "/opt/evil");
    one(dangling, Status::Fail, "lnx-integ-001-changed", x);
    let same = build()
        .file("/opt/same", 0o755, "mine")
        .link(x, "../../opt/same");
    assert_eq!(status(ID, same), Status::Pass);
    one(build().dir(x), Status::Fail, "lnx-integ-001-changed", x);
}

/// A merged /usr: packages list `/bin/x` and `/usr/bin/x` for one file.
#[test]
fn a_merged_usr_makes_no_difference() {
    let build = |data: &str| {
        listed(&[("/bin/x", b"mine"), ("/lib/y.so", b"mine")])
            .file("/usr/bin/x", 0o755, data)
            .file("/usr/lib/y.so", 0o644, "mine")
            .link("/bin", "usr/bin")
            .link("/lib", "usr/lib")
    };
    assert_eq!(check(ID, build("mine")).evidence, []);
    one(
        build("other"),
        Status::Fail,
        "lnx-integ-001-changed",
        "/usr/bin/x",
    );
}

/// Debian 13: libreadline8t64 diverts what older packages have at `/lib/…` and brings `/usr/lib/…` itself.
#[test]
fn what_diverts_the_other_name_of_its_own_file_is_in_its_place() {
    let library = elf(200);
    let build = Build::debian()
        .owned("y", &[("/usr/lib/y.so.1", 0o755, library.as_slice())])
        .link("/lib", "usr/lib")
        .file(
            "/var/lib/dpkg/diversions",
            0o644,
            "/lib/y.so.1\n/lib/y.so.1.usr-is-merged\ny\n",
        );
    assert_eq!(check(ID, build).evidence, []);
}

/// dpkg-divert(1): the file of the package stands elsewhere, that of the package which diverts in its place.
#[test]
fn diversions_are_followed_and_a_file_of_nobody_in_place_is_unknown() {
    let diverted = |by: &str| {
        Build::debian()
            .owned("a", &[("/usr/bin/x", 0o755, b"of b")])
            .owned("b", &[("/usr/bin/x", 0o755, b"of b")])
            .file(
                "/var/lib/dpkg/info/a.md5sums",
                0o644,
                format!("{}  usr/bin/x\n", md5(b"of a")),
            )
            .file(
                "/var/lib/dpkg/diversions",
                0o644,
                format!("/usr/bin/x\n/usr/bin/x.a\n{by}\n"),
            )
    };
    let moved = || diverted("b").file("/usr/bin/x.a", 0o755, "of a");
    assert_eq!(check(ID, moved()).evidence, []);
    let changed = moved().file("/usr/bin/x.a", 0o755, "other");
    one(
        changed,
        Status::Fail,
        "lnx-integ-001-changed",
        "/usr/bin/x.a",
    );
    let changed = moved().file("/usr/bin/x", 0o755, "other");
    one(changed, Status::Fail, "lnx-integ-001-changed", "/usr/bin/x");
    one(
        diverted("b"),
        Status::Warn,
        "lnx-integ-001-missing",
        "/usr/bin/x.a",
    );
    // An administrator's.
    let local = |data: &[u8]| {
        listed(&[("/usr/sbin/x", b"mine")])
            .file("/usr/sbin/x.distrib", 0o755, "mine")
            .file("/usr/sbin/x", 0o755, data)
            .file(
                "/var/lib/dpkg/diversions",
                0o644,
                "/usr/sbin/x\n/usr/sbin/x.distrib\n:\n",
            )
    };
    one(
        local(&elf(130)),
        Status::Unknown,
        "lnx-integ-001-in-place",
        "/usr/sbin/x",
    );
    // A link to a program of a package, as drivers of graphics and alternatives leave it.
    let link = Build::debian()
        .owned("y", &[("/usr/bin/y", 0o755, b"y")])
        .owned("x", &[("/usr/bin/x.distrib", 0o755, b"x")])
        .file("/var/lib/dpkg/info/x.list", 0o644, "/usr/bin/x\n")
        .file(
            "/var/lib/dpkg/info/x.md5sums",
            0o644,
            format!("{}  usr/bin/x\n", md5(b"x")),
        )
        .link("/usr/bin/x", "/etc/alternatives/x")
        .link("/etc/alternatives/x", "/usr/bin/y")
        .file(
            "/var/lib/dpkg/diversions",
            0o644,
            "/usr/bin/x\n/usr/bin/x.distrib\nz\n",
        );
    assert_eq!(check(ID, link).evidence, []);
}

/// update-alternatives(1) makes links that no package lists.
#[test]
fn links_of_packages_lead_to_files_of_packages() {
    let library = "/usr/lib/libx.so.1";
    let build = |target: &str| {
        listed(&[("/usr/lib/libx.so.1.2", b"mine")])
            .file(
                "/var/lib/dpkg/info/x.list",
                0o644,
                "/usr/lib/libx.so.1\n/usr/lib/libx.so.1.2\n",
            )
            .file("/usr/lib/libx.so.1.2", 0o644, "mine")
            .file("/opt/evil.so", 0o644, elf(130))
            .link(library, target)
    };
    assert_eq!(check(ID, build("libx.so.1.2")).evidence, []);
    one(
        build("/opt/evil.so"),
        Status::Unknown,
        "lnx-integ-001-leads",
        library,
    );
    assert_eq!(check(ID, build("/nowhere")).evidence, []);
    // Data that a package's script made.
    let data = Build::debian()
        .package("x", "1")
        .file(
            "/var/lib/dpkg/info/x.list",
            0o644,
            "/usr/lib/x/certificates\n",
        )
        .file("/etc/x/made", 0o644, "data")
        .link("/usr/lib/x/certificates", "/etc/x/made");
    assert_eq!(check(ID, data).evidence, []);
}

/// dpkg makes the sums that a package lacks when it unpacks it: one that is not there was taken out.
#[test]
fn a_program_without_a_digest_is_unknown() {
    let x = "/usr/bin/x";
    let build = programs().file("/var/lib/dpkg/info/x.md5sums", 0o644, "");
    let result = check(ID, build);
    assert_eq!(result.status, Status::Unknown);
    let told = notes(&result);
    assert!(
        told.iter()
            .all(|(_, code, _)| code == "lnx-integ-001-unrecorded"),
        "{told:?}"
    );
    let paths: Vec<&str> = told.iter().map(|(_, _, path)| path.as_str()).collect();
    assert_eq!(paths, [x, "/usr/lib/libx.so.1", "/usr/share/x/run"]);
}

#[test]
fn what_can_not_be_read_is_a_gap() {
    let build = listed(&[("/boot/x", b"a")]).missing("/boot");
    let result = check(ID, build);
    assert_eq!(result.status, Status::Unknown);
    assert_eq!(result.gaps[0].at.path.as_deref(), Some("/boot/x"));
    let lost = Build::debian().package("x", "1").unlisted("x");
    assert_eq!(status(ID, lost), Status::Unknown);
    // What was read and differs stays a failure.
    let both = listed(&[("/boot/x", b"a"), ("/usr/bin/x", b"a")])
        .file("/usr/bin/x", 0o755, "b")
        .missing("/boot");
    assert_eq!(status(ID, both), Status::Fail);
}

#[test]
fn without_a_database_it_is_unknown_where_the_system_should_have_one() {
    assert_eq!(status(ID, Build::bare()), Status::Unknown);
    let pacman = Build::bare().file("/var/lib/pacman/local/x/desc", 0o644, "");
    assert_eq!(status(ID, pacman), Status::Unknown);
    let bare = |build: Build| {
        let mut guest = crate::evidence::linux::testing::guest(build);
        guest.os.id = Some("buildroot".into());
        super::super::testing::check_guest(ID, &guest, |_| {}).status
    };
    assert_eq!(bare(Build::bare()), Status::NotApplicable);
    let manager = Build::bare().file("/usr/bin/rpm", 0o755, elf(130));
    assert_eq!(bare(manager), Status::Unknown);
}

/// apk-installed(5): `Z:Q1` is SHA-1 in base64, of a link that of its target; `a:` are user, group and permissions.
fn alpine(acl: &str) -> Build {
    let digest = |data: &[u8]| {
        use base64::Engine as _;
        let digest = crate::trust::DigestKind::Sha1.of(data);
        base64::engine::general_purpose::STANDARD.encode(digest)
    };
    let database = format!(
        "P:busybox\nV:1-r0\nA:x86_64\nF:bin\nR:busybox\n{acl}Z:Q1{}\nR:sh\na:0:0:777\nZ:Q1{}\nF:etc\nR:securetty\nZ:Q1{}\n\n",
        digest(b"box"),
        digest(b"/bin/busybox"),
        digest(b"tty1")
    );
    Build::bare()
        .file("/lib/apk/db/installed", 0o644, database)
        .file("/bin/busybox", 0o755, "box")
        .link("/bin/sh", "/bin/busybox")
        .file("/etc/securetty", 0o644, "tty1")
}

#[test]
fn files_links_and_permissions_of_apk_are_compared() {
    let plain = || alpine("a:0:0:755\n");
    assert_eq!(check(ID, plain()).evidence, []);
    let changed = plain().file("/bin/busybox", 0o755, "other");
    assert!(
        notes(&check(ID, changed))
            .iter()
            .any(|(status, code, path)| {
                *status == Status::Fail && code == "lnx-integ-001-changed" && path == "/bin/busybox"
            })
    );
    let setting = plain().file("/etc/securetty", 0o644, "ttyS0");
    one(
        setting,
        Status::Pass,
        "lnx-integ-001-other-setting",
        "/etc/securetty",
    );
    let set_id = plain().file("/bin/busybox", 0o4755, "box");
    let result = one(set_id, Status::Fail, "lnx-integ-001-set-id", "/bin/busybox");
    let item = &result.evidence[0];
    assert_eq!(item.expected.as_ref().unwrap().en, "0755");
    assert_eq!(item.found.as_ref().unwrap().en, "4755");
    let own = alpine("a:0:0:4755\n").file("/bin/busybox", 0o4755, "box");
    assert_eq!(check(ID, own).evidence, []);
    let written = plain().file("/bin/busybox", 0o777, "box");
    one(
        written,
        Status::Unknown,
        "lnx-integ-001-writable",
        "/bin/busybox",
    );
    // Less than was recorded harms nobody.
    let less = plain().file("/bin/busybox", 0o700, "box");
    assert_eq!(check(ID, less).evidence, []);
}

#[test]
fn a_link_of_apk_that_leads_elsewhere_fails() {
    let other = alpine("a:0:0:755\n").file("/opt/sh", 0o755, elf(130));
    let other = other.link("/bin/sh", "/opt/sh");
    let told = notes(&check(ID, other));
    assert_eq!(
        told,
        [(
            Status::Fail,
            "lnx-integ-001-changed".into(),
            "/bin/sh".into()
        )]
    );
}

/// The packages of testdata/recipes/rpm-files.sh as they were installed.
fn rpm() -> Build {
    let database = include_bytes!("../../../../../../../testdata/rpm/files.sqlite.zst");
    let database = zstd::stream::decode_all(&database[..]).unwrap();
    let mut build = Build::bare().file("/var/lib/rpm/rpmdb.sqlite", 0o644, database);
    for (path, mode, text) in [
        ("/usr/bin/tool", 0o755, "tool32\n"),
        ("/usr/bin/fine", 0o755, "fine\n"),
        ("/usr/bin/setid", 0o755, "setid\n"),
        ("/usr/bin/given", 0o4755, "given\n"),
        ("/usr/bin/free", 0o755, "free\n"),
        ("/usr/bin/loose", 0o755, "loose\n"),
        ("/usr/lib64/libtool.so.1.0", 0o644, "libtool.so.1.0\n"),
        ("/etc/tool.conf", 0o644, "tool.conf\n"),
        ("/usr/share/tool/state", 0o644, "state\n"),
        ("/usr/share/tool/table", 0o644, "table\n"),
        ("/usr/share/doc/tool/README", 0o644, "README\n"),
        ("/usr/lib/python3/__pycache__/tool.pyc", 0o644, "tool.pyc\n"),
    ] {
        build = build.file(path, mode, text);
    }
    build
        .link("/usr/lib64/libtool.so.1", "libtool.so.1.0")
        .link("/usr/bin/alias", "tool")
}

/// What `rpm -Va` says after the line `# <part>`: its letters and the path.
fn rpm_says(part: &str) -> Vec<(&'static str, &'static str)> {
    let truth = include_str!("../../../../../../../testdata/rpm/files.truth");
    let lines = truth
        .lines()
        .skip_while(|line| *line != format!("# {part}"));
    let lines = lines.skip(1).take_while(|line| !line.starts_with('#'));
    lines
        .filter(|line| !line.ends_with("(replaced)"))
        .map(|line| {
            (
                line.split(' ').next().unwrap(),
                line.rsplit(' ').next().unwrap(),
            )
        })
        .collect()
}

#[test]
fn rpm_verify_and_this_say_the_same() {
    let clean = check(ID, rpm());
    assert_eq!(
        (clean.status, clean.evidence.as_slice()),
        (Status::Pass, &[][..])
    );
    assert_eq!(rpm_says("clean"), []);
    let changed = rpm()
        .file("/usr/bin/fine", 0o755, "other\n")
        .file("/usr/bin/setid", 0o4755, "setid\n")
        .file("/usr/bin/free", 0o4755, "free\n")
        .file("/usr/bin/loose", 0o777, "loose\n")
        .link("/usr/lib64/libtool.so.1", "/opt/evil.so")
        .file("/etc/tool.conf", 0o644, "other\n")
        .file("/usr/share/tool/state", 0o644, "other\n")
        .file("/usr/share/tool/table", 0o644, "other\n")
        .link("/usr/share/doc/tool/README", "/dev/null")
        .link("/usr/bin/alias", "/dev/null");
    let told = notes(&check(ID, changed));
    let mut expected = Vec::new();
    for (letters, path) in rpm_says("changed") {
        let (status, code) = match path {
            "/usr/bin/fine" | "/usr/lib64/libtool.so.1" => (Status::Fail, "changed"),
            "/usr/bin/setid" => (Status::Fail, "set-id"),
            "/usr/bin/loose" => (Status::Unknown, "writable"),
            "/usr/share/tool/table" => (Status::Unknown, "data"),
            "/etc/tool.conf" => (Status::Pass, "other-setting"),
            "/usr/bin/alias" => (Status::Warn, "missing"),
            // Documentation that is missing.
            "/usr/share/doc/tool/README" => continue,
            _ => panic!("{letters} {path}"),
        };
        expected.push((status, format!("lnx-integ-001-{code}"), path.to_owned()));
    }
    let sorted = |mut all: Vec<(Status, String, String)>| {
        all.sort_by(|a, b| a.2.cmp(&b.2));
        all
    };
    assert_eq!(sorted(told), sorted(expected));
}
