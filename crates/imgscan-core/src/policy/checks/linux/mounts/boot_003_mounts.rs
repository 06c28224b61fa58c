//! LNX-BOOT-003: what the system mounts is in the image, and certain.

use crate::evidence::gaps::guest_gaps;
use crate::evidence::linux::{Provenance, RunCommand};
use crate::guest::linux::mounts::{Mounted, Shows, bears};
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
    for command in &context.evidence.linux.run().commands {
        let file = command.fact.file.as_deref().unwrap_or_default();
        if mounts(&command.fact) && context.evidence.linux.provenance(file) != Provenance::Unchanged
        {
            let shown = Text::verbatim(terminal(&command.fact.text()));
            let item = Item::at(command.at.clone(), say!(lnx_boot_003_command));
            found.unknown(item.compare(say!(lnx_boot_003_no_command), shown));
        }
    }
    found.conclude(|status, count| match status {
        Status::Fail => say!(lnx_boot_003_fail, count = count),
        Status::Unknown => say!(lnx_boot_003_commands, count = count),
        _ => say!(lnx_boot_003_pass),
    })
}

/// True for a command that mounts something on, above or below what checks judge: mount(8).
fn mounts(command: &RunCommand) -> bool {
    let name = command.name();
    let remounts = |w: &str| w.split(',').any(|o| o == "remount" || o == "-oremount");
    if command.foreign
        || name != "mount" && !name.starts_with("mount.")
        || command.operands().any(remounts)
    {
        return false;
    }
    let target = command.operands().filter(|w| w.starts_with('/')).last();
    target.is_some_and(|at| bears(at.trim_end_matches('/').as_bytes()))
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
