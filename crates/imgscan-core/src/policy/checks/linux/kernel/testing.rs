//! Guests with kernels, for the tests of several checks.

use crate::evidence::linux::testing::{Build, sound_bzimage};

pub(super) const RELEASE: &str = "6.1.0-9-amd64";
pub(super) const BUILDER: &str = "debian-kernel@lists.debian.org";

/// A Debian that boots `image`, the kernel of its package.
pub(super) fn with(image: &[u8]) -> Build {
    Build::debian()
        .kernel(RELEASE, image)
        .dir("/lib/modules/6.1.0-9-amd64")
        .file(
            "/boot/grub/grub.cfg",
            0o600,
            "set default=0\nmenuentry a {\nlinux /boot/vmlinuz-6.1.0-9-amd64 root=x\n}\n",
        )
}

/// The same with a sound kernel of Debian's builders.
pub(super) fn clean() -> Build {
    with(&sound_bzimage(RELEASE, BUILDER))
}

/// A menu that boots the kernel of [`debian`].
pub(super) const MENU: &str =
    "set default=0\nmenuentry a {\nlinux /boot/vmlinuz-6.1.0-9-amd64 root=x\n}\n";

/// A Debian whose kernel's package has this maintainer.
pub(super) fn debian(maintainer: &str) -> Build {
    let image = sound_bzimage("6.1.0-9-amd64", "debian-kernel@lists.debian.org");
    let status = format!(
        "Package: linux-image-6.1.0-9-amd64\nStatus: install ok installed\nMaintainer: {maintainer}\nArchitecture: amd64\nVersion: 6.1.27-1\n"
    );
    Build::debian()
        .kernel("6.1.0-9-amd64", &image)
        .file("/var/lib/dpkg/status", 0o644, status)
        .file("/boot/grub/grub.cfg", 0o600, MENU)
}
