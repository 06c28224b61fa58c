//! LNX-BOOT-003: what the system mounts is in the image, and certain.

use crate::evidence::gaps::guest_gaps;
use crate::evidence::linux::{Alters, Provenance};
use crate::evidence::{Gap, Location};
use crate::fs::FileKind;
use crate::guest::linux::mounts::{Mounted, Shows, names_disks};
use crate::policy::checks::findings::Findings;
use crate::policy::checks::registry::NoParameters;
use crate::policy::{Context, Item, Outcome, Status};
use crate::text::{Text, terminal};

pub(in crate::policy::checks) fn run(context: &Context<'_>, _: &NoParameters) -> Outcome {
    let guest = context.evidence.guest;
    let mut found = Findings::new();
    for mount in &guest.mounts.mounts {
        if mount.shows == Shows::Absent && mount.required {
            found.fail(item(mount));
        } else {
            found.pass(item(mount));
        }
    }
    // A device that the disk lacks is no doubt.
    let absent = |path: &Option<String>| {
        let is = |m: &Mounted| Some(&m.at) == path.as_ref() && m.shows == Shows::Absent;
        guest.mounts.mounts.iter().any(|m| is(m) && m.required)
    };
    let gaps = guest_gaps(guest).into_iter();
    found.gaps(gaps.filter(|gap| !absent(&gap.at.path)));
    for altered in context.evidence.linux.alterations() {
        if altered.fact.what == Alters::Mounts {
            let shown = Text::verbatim(terminal(&altered.fact.by));
            let item = Item::at(altered.at.clone(), say!(lnx_boot_003_altered));
            found.unknown(item.compare(say!(lnx_boot_003_unaltered), shown));
            let place = terminal(&altered.at.to_string());
            found.fix(say!(linux_modules_fix_line, place = place));
        }
    }
    programs(context, &mut found);
    updates(context, &mut found);
    rules(context, &mut found);
    found.conclude(|status, count| match status {
        Status::Fail => say!(lnx_boot_003_fail, count = count),
        Status::Unknown => say!(lnx_boot_003_unclear, count = count),
        _ => say!(lnx_boot_003_pass),
    })
}

/// Programs that mount and start all the rest: the first program, systemd, and what it runs before
/// any unit (systemd.generator(7), systemd.environment-generator(7)).
const PROGRAMS: &[&str] = &["/sbin/init", "/usr/lib/systemd/systemd"];
/// The longest file of rules that is read, in bytes.
const MAX_RULES: u64 = 1024 * 1024;
/// Folders of such programs. Generators in `/etc` and `/usr/local` are doubts of the mounts already.
const FOLDERS: &[&str] = &[
    "/usr/lib/systemd/system-generators",
    "/etc/systemd/system-environment-generators",
    "/usr/local/lib/systemd/system-environment-generators",
    "/usr/lib/systemd/system-environment-generators",
    "/usr/lib/systemd/system-shutdown",
];

/// Each of those programs stands as its package brought it; where no package tells, nothing is known
/// of them.
fn programs(context: &Context<'_>, found: &mut Findings) {
    let linux = &context.evidence.linux;
    let paths = &context.evidence.guest.paths;
    if !linux.packages().has_database() {
        return;
    }
    let mut all: Vec<String> = PROGRAMS.iter().map(|p| (*p).to_owned()).collect();
    for folder in FOLDERS {
        let names = found.read(context.evidence.files.names(folder));
        let names = names.map(|listing| listing.names).unwrap_or_default();
        all.extend(names.iter().map(|name| format!("{folder}/{name}")));
    }
    let mut seen = Vec::new();
    for path in all {
        let Ok(Some(at)) = paths.find(path.as_bytes()) else {
            continue;
        };
        let real = at.path_text();
        if at.metadata.kind != FileKind::Regular || seen.contains(&real) {
            continue;
        }
        // Of what a package lists without a digest nothing is known: its package may have a link there.
        if linux.provenance(&real) != Provenance::Unchanged {
            let at = crate::evidence::Location::of(&at);
            found.unknown(Item::at(at, say!(lnx_boot_003_program)));
            let place = terminal(&real);
            found.fix(say!(lnx_boot_003_fix_program, place = place));
        }
        seen.push(real);
    }
}

/// Rules of udev among those of the packages that name disks, and that no package brought. Those of other
/// folders are doubts of the mounts already.
fn rules(context: &Context<'_>, found: &mut Findings) {
    const FOLDER: &str = "/usr/lib/udev/rules.d";
    let linux = &context.evidence.linux;
    let names = found.read(context.evidence.files.names(FOLDER));
    for name in names.map(|listing| listing.names).unwrap_or_default() {
        let path = format!("{FOLDER}/{name}");
        let foreign = matches!(
            linux.provenance(&path),
            Provenance::Foreign | Provenance::Changed
        );
        if !foreign || !name.ends_with(".rules") {
            continue;
        }
        let file = context
            .evidence
            .guest
            .paths
            .read(path.as_bytes(), MAX_RULES);
        let file = match file {
            Ok(file) => file,
            Err(e) => {
                found.gap(Gap::at_path(path, &e));
                continue;
            }
        };
        for (n, line) in String::from_utf8_lossy(&file.bytes).lines().enumerate() {
            if names_disks(line) && !line.trim_start().starts_with('#') {
                let at = Location::of_path(path.clone()).line(n + 1);
                found.unknown(Item::at(at, say!(error_mount_udev)));
                found.fix(say!(linux_modules_fix_file, file = terminal(&path)));
            }
        }
    }
}

/// A link of this name turns the next boot into one that installs updates: systemd.offline-updates(7).
fn updates(context: &Context<'_>, found: &mut Findings) {
    for path in ["/system-update", "/etc/system-update"] {
        if let Ok(at) = context.evidence.guest.paths.resolve_link(path.as_bytes()) {
            let at = crate::evidence::Location::of(&at);
            found.unknown(Item::at(at, say!(lnx_boot_003_update)));
            found.fix(say!(linux_modules_fix_file, file = path));
        }
    }
}

fn item(mount: &Mounted) -> Item {
    let (what, at) = (terminal(&mount.what), terminal(&mount.at));
    let note = match &mount.shows {
        Shows::Absent | Shows::Unavailable => say!(lnx_boot_003_absent, what = what, at = at),
        _ if mount.hides > 0 => {
            say!(
                lnx_boot_003_hides,
                what = what,
                at = at,
                count = mount.hides
            )
        }
        _ => say!(lnx_boot_003_mounted, what = what, at = at),
    };
    Item::at(mount.place.clone(), note)
}

#[cfg(test)]
mod tests {
    use crate::evidence::Evidence;
    use crate::evidence::linux::testing::Build;
    use crate::fs::memory::MemoryFs;
    use crate::fs::{OpenVolume, Signature};
    use crate::guest::linux::tests::{fs, root, volume};
    use crate::policy::checks::linux::testing::check;
    use crate::policy::{CheckResult, Policy, Status, run};

    fn on(volumes: &[OpenVolume]) -> CheckResult {
        let guests = crate::guest::find(volumes);
        let evidence: Vec<Evidence<'_>> = guests.iter().map(Evidence::new).collect();
        let mut policy = Policy::built_in("tencent-marketplace").unwrap();
        policy.checks.retain(|c| c.id == "LNX-BOOT-003");
        run(&policy, &evidence, &[], &|_| {}).remove(0)
    }

    fn with(fstab: &str) -> CheckResult {
        let data = MemoryFs::default().uuid("bbbb").kind("ext4");
        on(&[volume(1, "", fs(root(fstab))), volume(2, "", fs(data))])
    }

    #[test]
    fn mounts_that_are_certain_pass_and_are_shown() {
        let result =
            with("UUID=bbbb /usr/local ext4 defaults 0 2\n/dev/sr0 /media udf noauto 0 0\n");
        assert_eq!(result.status, Status::Pass);
        let [item] = result.evidence.as_slice() else {
            panic!("{:?}", result.evidence);
        };
        assert_eq!(item.at.to_string(), "p1:/etc/fstab:1");
        assert!(item.note.en.contains("/usr/local"), "{}", item.note.en);
    }

    /// The generator of systemd makes local-fs.target require a mount without nofail.
    #[test]
    fn a_device_that_the_image_lacks_fails_where_the_system_needs_it() {
        assert_eq!(
            with("UUID=gone /data ext4 defaults 0 2\n").status,
            Status::Fail
        );
        assert_eq!(
            with("/dev/vdb1 /data ext4 nofail 0 2\n").status,
            Status::Pass
        );
        assert_eq!(
            with("UUID=gone /usr/local ext4 nofail 0 2\n").status,
            Status::Unknown
        );
    }

    /// systemd.generator(7), systemd.environment-generator(7), systemd.offline-updates(7); what the
    /// packages brought is told by the system's own records.
    #[test]
    fn programs_that_start_all_others_are_their_packages() {
        use crate::evidence::linux::testing::{Build, md5};
        use crate::policy::checks::linux::testing::status;
        const ID: &str = "LNX-BOOT-003";
        let generator = "/usr/lib/systemd/system-generators/x";
        let installed = |files: &[(&str, &str)]| {
            let record = "Package: systemd\nStatus: install ok installed\nVersion: 1\nArchitecture: amd64\nDescription: a\n\n";
            let lines =
                |f: &dyn Fn(&(&str, &str)) -> String| -> String { files.iter().map(f).collect() };
            Build::bare()
                .file("/var/lib/dpkg/status", 0o644, record)
                .file(
                    "/var/lib/dpkg/info/systemd.list",
                    0o644,
                    lines(&|(path, _)| format!("{path}\n")),
                )
                .file(
                    "/var/lib/dpkg/info/systemd.md5sums",
                    0o644,
                    lines(&|(path, data)| format!("{}  {}\n", md5(data.as_bytes()), &path[1..])),
                )
        };
        let systemd = "/usr/lib/systemd/systemd";
        let own = || {
            installed(&[(systemd, "systemd"), (generator, "own")])
                .file(systemd, 0o755, "systemd")
                .link("/sbin/init", systemd)
        };
        let clean = || own().file(generator, 0o755, "own");
        assert_eq!(status(ID, clean()), Status::Pass);
        assert_eq!(
            status(ID, own().file(generator, 0o755, "other")),
            Status::Unknown
        );
        for path in [
            "/usr/lib/systemd/system-generators/y",
            "/etc/systemd/system-environment-generators/y",
            "/usr/lib/systemd/system-shutdown/y",
            "/system-update",
        ] {
            assert_eq!(
                status(ID, clean().file(path, 0o755, "x")),
                Status::Unknown,
                "{path}"
            );
        }
        let other = installed(&[(systemd, "systemd")])
            .file(systemd, 0o755, "systemd")
            .file("/sbin/init", 0o755, "#!/bin/sh\n");
        assert_eq!(status(ID, other), Status::Unknown);
    }

    #[test]
    fn a_systemd_of_which_no_package_tells_is_unknown() {
        use crate::policy::checks::linux::testing::status;
        let systemd = "/usr/lib/systemd/systemd";
        // Its digest is in the record of its package, or it is listed without one, or not listed.
        let own = Build::bare().owned("systemd", &[(systemd, 0o755, b"x")]);
        let listed = |paths: &str| {
            Build::bare()
                .package("systemd", "1")
                .file("/var/lib/dpkg/info/systemd.list", 0o644, paths)
                .file(systemd, 0o755, "x")
        };
        let without_digest = listed(&format!("/.\n{systemd}\n"));
        for (build, expected) in [
            (own, Status::Pass),
            (without_digest, Status::Unknown),
            (listed("/.\n"), Status::Unknown),
        ] {
            let build = build.link("/sbin/init", systemd);
            assert_eq!(status("LNX-BOOT-003", build), expected);
        }
    }

    #[test]
    fn a_doubt_is_unknown() {
        let twice = "tmpfs /opt tmpfs defaults 0 0\nUUID=bbbb /opt ext4 defaults 0 0\n";
        let result = with(twice);
        assert_eq!(result.status, Status::Unknown);
        assert_eq!(result.gaps[0].at.to_string(), "p1:/etc/fstab:2");
        let mut two = volume(1, "", fs(root("")));
        two.also.push(Signature::Btrfs);
        let result = on(&[two]);
        assert_eq!(result.status, Status::Unknown);
        assert_eq!(result.gaps[0].at.volume.as_deref(), Some("p1"));
    }

    /// mount(8): a script may lay something over what is judged.
    #[test]
    fn a_script_that_mounts_over_what_is_judged_is_a_doubt() {
        let on = |line: &str| {
            let mut build = Build::bare()
                .file("/usr/lib/systemd/systemd", 0o755, "x")
                .file(
                    "/etc/network/if-up.d/x",
                    0o755,
                    format!("#!/bin/sh\n{line}\n"),
                );
            build = build.file("/etc/fstab", 0o644, "");
            check("LNX-BOOT-003", build)
        };
        for line in [
            "mount --bind /srv/sa /usr/local/sa",
            "mount -t tmpfs none /etc",
            "mount -t overlay -o lowerdir=/srv:/usr overlay /usr/",
        ] {
            let result = on(line);
            assert_eq!(result.status, Status::Unknown, "{line}");
            assert_eq!(result.evidence[0].at.line, Some(2));
        }
        for line in ["mount /dev/vdb1 /data", "mount -o remount,rw /", "mount -a"] {
            assert_eq!(on(line).status, Status::Pass, "{line}");
        }
    }
}
