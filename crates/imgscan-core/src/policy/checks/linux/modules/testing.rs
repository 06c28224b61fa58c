//! Guests with modules and with what loads them.

use crate::evidence::linux::testing::{Build, elf, keyless, ko_of};
use crate::policy::Status;
use crate::policy::checks::linux::testing::check;

pub(super) const RELEASE: &str = "6.1.0-9-amd64";

pub(super) const FOLDER: &str = "/usr/lib/modules/6.1.0-9-amd64";

/// A kernel without keys, and a module of its package.
pub(super) fn with_module() -> Build {
    let path = format!("{FOLDER}/kernel/drivers/net/tun-x.ko");
    Build::debian()
        .link("/lib", "usr/lib")
        .kernel(RELEASE, &keyless(RELEASE))
        .owned("linux-modules", &[(&path, 0o644, &ko_of(RELEASE, "tun_x"))])
}

/// The same with the module `data` at `path` below its folder.
pub(super) fn with_file(path: &str, data: Vec<u8>) -> Build {
    with_module().file(&format!("{FOLDER}/{path}"), 0o644, data)
}

/// A kernel, and lines that load modules, all of packages.
pub(super) fn with_hooks() -> Build {
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
pub(super) fn added(id: &str, path: &str, text: &str) -> (Status, Option<String>, Option<u32>) {
    let result = check(id, with_hooks().file(path, 0o755, text));
    let at = result
        .evidence
        .first()
        .map(|e| e.at.clone())
        .unwrap_or_default();
    (result.status, at.path, at.line)
}

pub(super) fn at(status: Status, path: &str, line: u32) -> (Status, Option<String>, Option<u32>) {
    (status, Some(path.into()), Some(line))
}
