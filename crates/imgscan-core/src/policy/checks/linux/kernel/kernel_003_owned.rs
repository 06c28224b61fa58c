//! LNX-KERNEL-003: the kernels are what their packages recorded.

use super::candidates::{install, mend, proven_kernels, remove, restore};
use crate::evidence::Found;
use crate::evidence::linux::{Kernel, Owner, Recorded};
use crate::policy::checks::findings::Findings;
use crate::policy::checks::linux::commands::Commands;
use crate::policy::checks::registry::NoParameters;
use crate::policy::{Context, Item, Outcome, Status};
use crate::text::{Text, terminal};

pub(in crate::policy::checks) fn run(context: &Context<'_>, _: &NoParameters) -> Outcome {
    let linux = &context.evidence.linux;
    let (boot, kernels, packages) = (linux.boot(), linux.kernels(), linux.packages());
    let mut found = Findings::with_gaps(&kernels.gaps);
    found.gaps(boot.gaps.iter().cloned());
    if kernels.items.is_empty() {
        found.fix_of_unknown(install(Commands::of(context)));
        return found.concluded(Status::Unknown, |_, _| say!(linux_kernel_none));
    }
    let proven = proven_kernels(context);
    for kernel in &kernels.items {
        match &kernel.fact.owner {
            Owner::Package(record) => owned(context, kernel, record, &mut found),
            Owner::Nobody => {
                let proven = proven.contains(&kernel.fact.path.as_str());
                unowned(context, kernel, proven, &mut found);
            }
            Owner::Unknown(gap) => found.gap(gap.clone()),
            Owner::NoDatabase => {}
        }
    }
    copies(context, &mut found);
    unseen(context, &mut found);
    let has_database = packages.has_database();
    if !has_database {
        found.gaps(packages.gaps.iter().cloned());
    }
    if !has_database {
        found.fix_of_unknown(say!(lnx_kernel_010_fix_database));
    }
    let status = match found.worst() {
        Status::Fail => Status::Fail,
        _ if !has_database => Status::Unknown,
        worst => worst,
    };
    found.concluded(status, |status, count| match status {
        Status::Fail => say!(lnx_kernel_003_fail, count = count),
        Status::Unknown if !has_database => say!(lnx_kernel_003_no_database),
        Status::Unknown => say!(lnx_kernel_003_unknown, count = count),
        _ => say!(lnx_kernel_003_pass, count = count),
    })
}

fn owned(context: &Context<'_>, kernel: &Found<Kernel>, record: &Recorded, found: &mut Findings) {
    let spare = context.evidence.linux.boot().boots(&kernel.fact) == Some(false);
    let package = &record.package;
    let name = terminal(&format!(
        "{} {} {}",
        package.name, package.version, package.architecture
    ));
    found.gaps(record.gap.clone());
    // What a half-removed package recorded says nothing of what is there now.
    if package.state == "half-installed" {
        let note = say!(lnx_kernel_003_half_installed, package = name);
        found.unknown(Item::at(kernel.at.clone(), note));
        found.fix(restore(context, &kernel.fact));
        return;
    }
    let Some((expected, actual)) = record.digest.as_ref().zip(record.actual.as_ref()) else {
        let note = say!(lnx_kernel_003_no_digest, package = name);
        found.unknown(Item::at(kernel.at.clone(), note));
        return found.fix(restore(context, &kernel.fact));
    };
    let place = record.at.to_string();
    let equal = expected == actual;
    // Of a `%ghost` kernel the digest is that of the one beside its modules.
    let note = match (equal, &record.stands_for) {
        (true, None) => say!(lnx_kernel_003_equal, package = name, record = place),
        (true, Some(path)) => say!(
            lnx_kernel_003_equal_to,
            package = name,
            record = place,
            path = terminal(path)
        ),
        (false, None) => say!(lnx_kernel_003_differs, package = name, record = place),
        (false, Some(path)) => say!(
            lnx_kernel_003_differs_from,
            package = name,
            record = place,
            path = terminal(path)
        ),
    };
    let digest = |digest: &dyn std::fmt::Display| Text::verbatim(digest.to_string());
    let item = Item::at(kernel.at.clone(), note).compare(digest(expected), digest(actual));
    if equal {
        found.pass(item);
    } else {
        found.fail(item);
        found.fix(mend(context, &kernel.fact, !spare));
    }
}

fn unowned(context: &Context<'_>, kernel: &Found<Kernel>, proven: bool, found: &mut Findings) {
    let linux = &context.evidence.linux;
    let (boot, all) = (linux.boot(), linux.kernels());
    let fact = &kernel.fact;
    let item = |note: Text| {
        let digest = Text::verbatim(format!("sha256:{}", fact.sha256));
        Item::at(kernel.at.clone(), note).compare(say!(linux_kernel_owned), digest)
    };
    if let Some(twin) = all.packaged_twin(kernel) {
        let path = terminal(&twin.fact.path);
        return found.pass(item(say!(lnx_kernel_003_same_as, path = path)));
    }
    // A unified kernel image is made on the machine, and its maker signs it.
    if proven {
        return found.pass(item(say!(lnx_kernel_003_unowned_proven)));
    }
    match boot.boots_by_default(&fact.path) {
        Some(true) => {
            found.fail(item(say!(lnx_kernel_003_unowned_default)));
            found.fix(restore(context, fact));
        }
        Some(false) => {
            found.unknown(item(say!(lnx_kernel_003_unowned_spare)));
            found.fix(remove(context, fact));
        }
        None => {
            found.unknown(item(say!(lnx_kernel_003_unowned)));
            found.fix(say!(
                lnx_kernel_003_fix_default,
                path = terminal(&fact.path)
            ));
        }
    }
}

/// Entries that may boot and whose kernel is none of those that were found: it lies where nobody
/// looked, so nothing is known of it.
fn unseen(context: &Context<'_>, found: &mut Findings) {
    let linux = &context.evidence.linux;
    let (boot, kernels) = (linux.boot(), linux.kernels());
    let menu = Commands::of(context).make_menu(boot);
    let chosen: Vec<usize> = match boot.default {
        Some(default) => {
            let once = boot.one_shot.as_ref().and_then(|(entry, _)| *entry);
            std::iter::once(default).chain(once).collect()
        }
        None => (0..boot.entries.len()).collect(),
    };
    for entry in chosen.into_iter().filter_map(|i| boot.entries.get(i)) {
        let path = entry.fact.kernel.as_deref();
        if path.and_then(|p| kernels.at_path(p)).is_none() {
            let starts = terminal(&entry.fact.starts);
            found.unknown(
                Item::at(entry.at.clone(), say!(lnx_kernel_003_not_there))
                    .compare(say!(linux_kernel_of_image), Text::verbatim(&*starts)),
            );
            let made = entry.at.path.as_deref();
            let made = made.is_some_and(|path| path.ends_with("/grub.cfg"));
            let place = terminal(&entry.at.to_string());
            found.fix(match menu.as_deref().filter(|_| made) {
                Some(menu) => say!(
                    lnx_kernel_003_fix_menu,
                    kernel = starts,
                    place = place,
                    command = terminal(menu)
                ),
                None => say!(lnx_kernel_003_fix_entry, kernel = starts, place = place),
            });
        }
    }
}

/// A kernel in `/boot` and the one of the same release beside the modules are one and the same on
/// every distribution that has both.
fn copies(context: &Context<'_>, found: &mut Findings) {
    let kernels = context.evidence.linux.kernels();
    for kernel in &kernels.items {
        let path = &kernel.fact.path;
        let Some(release) = path
            .strip_suffix("/vmlinuz")
            .and_then(|d| d.rsplit_once("/modules/"))
            .map(|(_, r)| r)
        else {
            continue;
        };
        let boot = format!("/boot/vmlinuz-{release}");
        let Some(other) = kernels.at_path(&boot) else {
            continue;
        };
        if other.fact.sha256 != kernel.fact.sha256 {
            let digest = |k: &Found<Kernel>| Text::verbatim(format!("sha256:{}", k.fact.sha256));
            let note = say!(linux_differs_from, path = terminal(path));
            found.fail(Item::at(other.at.clone(), note).compare(digest(kernel), digest(other)));
            found.fix(restore(context, &other.fact));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::evidence::linux::testing::{Build, bzimage, guest, md5};
    use crate::policy::Status;
    use crate::policy::checks::linux::testing::{check, check_guest, status};

    const RELEASE: &str = "6.1.0-9-amd64";

    fn image() -> Vec<u8> {
        bzimage("6.1.0-9-amd64 (debian) #1 SMP", b"code")
    }

    fn clean() -> Build {
        Build::debian().kernel(RELEASE, &image())
    }

    fn owned(build: Build) -> Status {
        status("LNX-KERNEL-003", build)
    }

    #[test]
    fn the_kernel_of_its_package_passes_and_one_changed_byte_fails_with_both_digests() {
        assert_eq!(owned(clean()), Status::Pass);
        let mut other = image();
        *other.last_mut().unwrap() ^= 1;
        let result = check(
            "LNX-KERNEL-003",
            clean().file("/boot/vmlinuz-6.1.0-9-amd64", 0o644, other.clone()),
        );
        assert_eq!(result.status, Status::Fail);
        let item = &result.evidence[0];
        assert_eq!(
            item.expected.as_ref().map(|t| t.en.as_str()),
            Some(format!("md5:{}", md5(&image())).as_str())
        );
        assert_eq!(
            item.found.as_ref().map(|t| t.en.as_str()),
            Some(format!("md5:{}", md5(&other)).as_str())
        );
        assert!(item.at.sha256.is_some());
    }

    #[test]
    fn a_kernel_of_no_package_fails_where_it_boots_and_is_unproven_elsewhere() {
        let menu = |n: u32| {
            format!(
                "set default={n}\nmenuentry a {{\nlinux /boot/vmlinuz-6.1.0-9-amd64 root=x\n}}\nmenuentry b {{\nlinux /boot/vmlinuz-evil root=x\n}}\n"
            )
        };
        let with = |n| {
            clean()
                .file("/boot/vmlinuz-evil", 0o644, bzimage("9 (x)", b"evil"))
                .file("/boot/grub/grub.cfg", 0o600, menu(n))
        };
        assert_eq!(owned(with(0)), Status::Unknown);
        assert_eq!(owned(with(1)), Status::Fail);
        // dpkg(1): a package whose list is missing may own any file.
        let lost = with(1).package("x", "1").unlisted("x");
        assert_eq!(owned(lost), Status::Unknown);
        let none = clean().file("/boot/vmlinuz-evil", 0o644, bzimage("9 (x)", b"evil"));
        assert_eq!(owned(none), Status::Unknown);
        let rescue = clean().file("/boot/vmlinuz-0-rescue-abc", 0o644, image());
        assert_eq!(owned(rescue), Status::Pass);
    }

    #[test]
    fn a_kernel_that_nobody_could_look_at_is_unknown() {
        let with = |linux: &str| {
            owned(clean().file(
                "/boot/grub/grub.cfg",
                0o600,
                format!("set default=0\nmenuentry a {{\n{linux}\n}}\n"),
            ))
        };
        assert_eq!(
            with("linux /boot/vmlinuz-6.1.0-9-amd64 root=x"),
            Status::Pass
        );
        assert_eq!(with("linux (hd3,gpt7)/vmlinuz root=x"), Status::Unknown);
        assert_eq!(with("linux /boot/gone root=x"), Status::Unknown);
        assert_eq!(with("chainloader (hd1)+1"), Status::Unknown);
        let half = clean().file(
            "/var/lib/dpkg/status",
            0o644,
            "Package: linux-image-6.1.0-9-amd64\nStatus: deinstall ok half-installed\nArchitecture: amd64\nVersion: 1\n",
        );
        assert_eq!(owned(half), Status::Unknown);
    }

    #[test]
    fn a_kernel_under_a_mount_is_a_gap() {
        let mut guest = guest(
            clean()
                .file("/good/vmlinuz-6.1.0-9-amd64", 0o644, image())
                .file(
                    "/boot/vmlinuz-6.1.0-9-amd64",
                    0o644,
                    bzimage("6.1.0-9-amd64 (x)", b"evil"),
                ),
        );
        let good = guest.paths.resolve(b"/good").unwrap();
        guest.paths.mount_dir(b"/boot", "p1", good.fs, good.id);
        let result = check_guest("LNX-KERNEL-003", &guest, |_| {});
        assert_eq!(result.status, Status::Unknown, "{result:?}");
    }

    #[test]
    fn a_boot_kernel_that_differs_from_the_one_beside_its_modules_fails() {
        let other = clean().file(
            "/lib/modules/6.1.0-9-amd64/vmlinuz",
            0o644,
            bzimage("6 (x)", b"x"),
        );
        assert_eq!(owned(other), Status::Fail);
        let same = clean().file("/lib/modules/6.1.0-9-amd64/vmlinuz", 0o644, image());
        assert_eq!(owned(same), Status::Pass);
    }

    #[test]
    fn without_a_database_a_digest_or_a_kernel_nothing_is_known() {
        assert_eq!(
            owned(Build::bare().file("/boot/vmlinuz-1", 0o644, image())),
            Status::Unknown
        );
        assert_eq!(owned(Build::debian()), Status::Unknown);
        let info = "/var/lib/dpkg/info/linux-image-6.1.0-9-amd64.md5sums";
        assert_eq!(owned(clean().file(info, 0o644, "")), Status::Unknown);
        assert_eq!(
            owned(clean().missing("/var/lib/dpkg/info")),
            Status::Unknown
        );
        let rpm = Build::bare().file("/boot/vmlinuz-1", 0o644, image()).file(
            "/var/lib/rpm/rpmdb.sqlite",
            0o644,
            "x",
        );
        assert_eq!(owned(rpm), Status::Unknown);
    }
}
