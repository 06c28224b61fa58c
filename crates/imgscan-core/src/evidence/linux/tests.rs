//! Collectors on guests in memory. The expected facts are those of the formats' own manuals.

use super::accounts::{Database, Password};
use super::kernel::KernelFormat;
use super::packages::Owner;
use super::testing::{Build, bzimage, guest};
use crate::evidence::Evidence;

#[test]
fn packages_are_counted_as_dpkg_query_counts_them() {
    // dpkg-query(1): without a pattern, packages in state not-installed are left out.
    let status = "Package: a\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1\n\n\
                  Package: b\nStatus: deinstall ok config-files\nArchitecture: amd64\nVersion: 2\n\n\
                  Package: c\nStatus: purge ok not-installed\nArchitecture: amd64\n\n\
                  Package: a\nStatus: install ok installed\nArchitecture: i386\nVersion: 1\n\
                  Description: x\n Package: not-this\n";
    let guest = guest(Build::debian().file("/var/lib/dpkg/status", 0o644, status));
    let evidence = Evidence::new(&guest);
    let packages = evidence.linux.packages();
    assert_eq!(packages.count(), Some(3));
    assert_eq!(packages.items[0].at.line, Some(1));
}

#[test]
fn the_journal_of_dpkg_wins_over_its_status() {
    let guest = guest(
        Build::debian()
            .file(
                "/var/lib/dpkg/status",
                0o644,
                "Package: a\nStatus: install ok installed\nArchitecture: all\nVersion: 1\n",
            )
            .file(
                "/var/lib/dpkg/updates/0000",
                0o644,
                "Package: a\nStatus: install ok half-installed\nArchitecture: all\nVersion: 2\n",
            ),
    );
    let evidence = Evidence::new(&guest);
    let package = &evidence.linux.packages().items[0].fact;
    assert_eq!(
        (package.version.as_str(), package.state.as_str()),
        ("2", "half-installed")
    );
}

#[test]
fn a_foreign_database_is_a_gap_and_none_at_all_is_absence() {
    let rpm = guest(Build::bare().file("/var/lib/rpm/rpmdb.sqlite", 0o644, "x"));
    let packages = Evidence::new(&rpm).linux.packages().clone();
    assert_eq!((packages.count(), packages.gaps.len()), (None, 1));
    let none = guest(Build::bare());
    assert!(Evidence::new(&none).linux.packages().is_absent());
}

#[test]
fn accounts_have_their_lines_and_only_the_class_of_their_passwords() {
    let guest = guest(
        Build::bare()
            .file(
                "/etc/passwd",
                0o644,
                "root:x:0:0:root:/root:/bin/bash\n# note\n+::::::\nbin:x:2:2::/bin:/usr/sbin/nologin\n",
            )
            .file("/etc/shadow", 0o640, "root:$6$s$SECRETHASH:1:0:::::\n")
            .file("/etc/passwd-", 0o644, "old:x:0:0::/:/bin/sh\n"),
    );
    let evidence = Evidence::new(&guest);
    let accounts = evidence.linux.accounts();
    assert_eq!(accounts.users.len(), 4);
    assert_eq!(accounts.users[1].at.line, Some(3));
    assert!(accounts.users[1].fact.is_nis());
    assert!(!accounts.users[2].fact.can_log_in());
    assert_eq!(accounts.users[3].fact.database, Database::Backup);
    let root = accounts.shadow_of("root").unwrap();
    assert_eq!(root.fact.password, Password::Hash("sha512crypt"));
    assert!(!format!("{accounts:?}").contains("SECRETHASH"));
}

#[test]
fn a_kernel_has_its_version_its_links_its_package_and_digests() {
    let image = bzimage("6.1.0-9-amd64 (x) #1", b"code");
    let guest = guest(
        Build::debian()
            .kernel("6.1.0-9-amd64", &image)
            .link("/vmlinuz", "boot/vmlinuz-6.1.0-9-amd64")
            .file("/boot/vmlinuz-evil", 0o644, bzimage("9.9 (x)", b"evil")),
    );
    let evidence = Evidence::new(&guest);
    let kernels = evidence.linux.kernels();
    assert_eq!(kernels.gaps, []);
    let [own, evil] = kernels.items.as_slice() else {
        panic!("{:?}", kernels.items);
    };
    assert_eq!(own.fact.release.as_deref(), Some("6.1.0-9-amd64"));
    assert_eq!(own.fact.format, KernelFormat::BzImage);
    assert_eq!(own.fact.links, ["/vmlinuz"]);
    let Owner::Package(recorded) = &own.fact.owner else {
        panic!("{:?}", own.fact.owner);
    };
    assert_eq!(recorded.package.name, "linux-image-6.1.0-9-amd64");
    assert_eq!(recorded.equal(), Some(true));
    assert_eq!(recorded.at.line, Some(1));
    assert_eq!(evil.fact.owner, Owner::Nobody);
}

#[test]
fn packages_list_a_merged_usr_under_either_name_and_diversions_are_undone() {
    let image = bzimage("6.1 (x)", b"code");
    let sum = crate::evidence::linux::testing::md5(&image);
    let guest = guest(
        Build::debian()
            .package("linux-modules-6.1", "1")
            .file(
                "/var/lib/dpkg/info/linux-modules-6.1.list",
                0o644,
                "/.\n/lib\n/lib/modules/6.1/vmlinuz\n/boot/vmlinuz-6.1\n",
            )
            .file(
                "/var/lib/dpkg/info/linux-modules-6.1.md5sums",
                0o644,
                format!("{sum}  lib/modules/6.1/vmlinuz\n{sum}  boot/vmlinuz-6.1\n"),
            )
            .file(
                "/var/lib/dpkg/diversions",
                0o644,
                "/boot/vmlinuz-6.1\n/boot/vmlinuz-6.1.distrib\nother\n",
            )
            .file("/usr/lib/modules/6.1/vmlinuz", 0o644, image.clone())
            .link("/lib", "usr/lib")
            .file("/boot/vmlinuz-6.1", 0o644, bzimage("6.1 (y)", b"other"))
            .file("/boot/vmlinuz-6.1.distrib", 0o644, image),
    );
    let evidence = Evidence::new(&guest);
    let owners: Vec<(String, bool)> = evidence
        .linux
        .kernels()
        .items
        .iter()
        .map(|k| {
            (
                k.fact.path.clone(),
                matches!(k.fact.owner, Owner::Package(_)),
            )
        })
        .collect();
    assert_eq!(
        owners,
        [
            ("/boot/vmlinuz-6.1".into(), false),
            ("/boot/vmlinuz-6.1.distrib".into(), true),
            ("/usr/lib/modules/6.1/vmlinuz".into(), true),
        ]
    );
}

#[test]
fn rpm_packages_are_listed_and_a_kernel_with_its_modules_is_proven_by_the_vendors_header() {
    use super::PackageSystem;
    use crate::evidence::References;
    use crate::trust::Bundle;
    const KERNEL: &[u8] = include_bytes!("../../../../../testdata/rpm/kernel");
    let database = include_bytes!("../../../../../testdata/rpm/root.sqlite.zst");
    let database = zstd::stream::decode_all(&database[..]).unwrap();
    let build = |module: &str| {
        let mut guest = guest(
            Build::bare()
                .file(
                    "/usr/lib/sysimage/rpm/rpmdb.sqlite",
                    0o644,
                    database.clone(),
                )
                .link("/lib", "usr/lib")
                .file("/usr/lib/modules/6.1.0-1.test/vmlinuz", 0o644, KERNEL)
                .file("/boot/vmlinuz-6.1.0-1.test", 0o644, KERNEL)
                .file("/usr/lib/modules/6.1.0-1.test/kernel/x.ko", 0o644, module),
        );
        guest.os.id = Some("rocky".into());
        guest
    };
    let trust = include_bytes!("../../../../../testdata/rpm/key.asc");
    let trust = Bundle::built_in().with_user_file(trust, "key").unwrap();
    let given = References {
        trust: Some(&trust),
        baseline: None,
    };
    let found = |guest: &crate::guest::Guest, references| -> Vec<crate::evidence::Object> {
        let evidence = Evidence::with(guest, references);
        evidence.linux.ring0().objects.clone()
    };
    // What rpmbuild packed; the /boot kernel is a copy of a proven one.
    let clean = build("module\n");
    let packages = Evidence::new(&clean).linux.packages().clone();
    let names: Vec<_> = packages
        .items
        .iter()
        .map(|p| p.fact.name.as_str())
        .collect();
    assert_eq!(names, ["kernel-core", "kmod", "local"]);
    assert_eq!(
        (packages.count(), packages.gaps.as_slice()),
        (Some(3), &[][..])
    );
    assert!(
        packages
            .items
            .iter()
            .all(|p| p.fact.system == PackageSystem::Rpm)
    );
    let proven = found(&clean, given);
    assert_eq!(proven.len(), 3, "{proven:?}");
    assert!(proven.iter().all(|o| o.is_proven()), "{proven:?}");
    // The same without the key proves nothing.
    let unproven = found(&clean, References::default());
    assert!(!unproven.iter().any(|o| o.is_proven()), "{unproven:?}");
    let changed = found(&build("evil\n"), given);
    let module = changed.iter().find(|o| o.path.ends_with("x.ko")).unwrap();
    let other = crate::evidence::Ring0Fact::NotInSignedHeader;
    assert!(module.facts.contains(&other), "{:?}", module.facts);
}

#[test]
fn the_database_of_alpine_names_owner_and_digest() {
    use super::{FileDigest, PackageSystem};
    use crate::trust::DigestKind;
    // apk(8): Q1 is the SHA-1 of the file in base64; this one is of the text `abc` (FIPS 180).
    let installed = "C:Q1x\nP:linux-lts\nV:6.6.1-r0\nA:x86_64\nm:A <a@example.com>\nF:boot\n\
                     R:vmlinuz-lts\na:0:0:644\nZ:Q1qZk+NkcGgWq6PiVxeFDCbJzQ2J0=\n\n\
                     P:busybox\nV:1-r1\nA:x86_64\nF:bin\nR:busybox\nZ:Q3bad\n\n";
    let guest = guest(
        Build::bare()
            .file("/lib/apk/db/installed", 0o644, installed)
            .file("/boot/vmlinuz-lts", 0o644, "abc"),
    );
    let evidence = Evidence::new(&guest);
    let packages = evidence.linux.packages();
    assert_eq!((packages.count(), packages.gaps.len()), (Some(2), 1));
    assert_eq!(packages.gaps[0].at.line, Some(16));
    assert_eq!(packages.items[0].at.line, Some(2));
    assert_eq!(packages.items[0].fact.system, PackageSystem::Apk);
    let Owner::Package(recorded) = &evidence.linux.kernels().items[0].fact.owner else {
        panic!();
    };
    let digest = FileDigest {
        kind: DigestKind::Sha1,
        hex: "a9993e364706816aba3e25717850c26c9cd0d89d".into(),
    };
    assert_eq!(recorded.digest.as_ref(), Some(&digest));
    assert_eq!(recorded.equal(), Some(true));
}
