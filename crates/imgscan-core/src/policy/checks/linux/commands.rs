//! Commands that mend a Linux guest, in the words of its package manager.

use crate::evidence::linux::{Boot, PackageSystem};
use crate::policy::Context;

/// The program that installs packages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tool {
    Apt,
    Dnf,
    /// Before dnf.
    Yum,
    Zypper,
    Apk,
}

/// What can be run in the guest.
#[derive(Debug, Clone, Copy)]
pub(super) struct Commands<'a> {
    tool: Tool,
    /// `ID` of os-release.
    os: Option<&'a str>,
    /// dracut makes the initial file systems.
    dracut: bool,
}

impl<'a> Commands<'a> {
    /// The commands of the guest under test.
    pub(super) fn of(context: &Context<'a>) -> Self {
        let packages = context.evidence.linux.packages();
        let system = &context.evidence.guest.os;
        let os = system.id.as_deref();
        let version = system.version.as_deref().unwrap_or("");
        let old = ["6", "7"].contains(&version.split('.').next().unwrap_or(""));
        let rpm = match os {
            Some(id) if id.starts_with("opensuse") || id.starts_with("sle") => Tool::Zypper,
            Some("centos" | "rhel" | "ol") if old => Tool::Yum,
            _ => Tool::Dnf,
        };
        let has = |system| packages.items.iter().any(|p| p.fact.system == system);
        let tool = if has(PackageSystem::Rpm) {
            rpm
        } else if has(PackageSystem::Apk) || os == Some("alpine") {
            Tool::Apk
        } else if has(PackageSystem::Dpkg) || matches!(os, Some("debian" | "ubuntu")) {
            Tool::Apt
        } else {
            rpm
        };
        let dracut = packages.items.iter().any(|p| p.fact.name == "dracut");
        Self { tool, os, dracut }
    }

    /// Installs the version of `package` anew that is installed.
    pub(super) fn reinstall(&self, package: &str) -> String {
        let verb = match self.tool {
            Tool::Apt => "apt-get install --reinstall",
            Tool::Dnf => "dnf reinstall",
            Tool::Yum => "yum reinstall",
            Tool::Zypper => "zypper install --force",
            Tool::Apk => "apk fix",
        };
        format!("{verb} {}", word(package))
    }

    /// Removes `package`.
    pub(super) fn remove(&self, package: &str) -> String {
        let verb = match self.tool {
            Tool::Apt => "apt-get purge",
            Tool::Dnf => "dnf remove",
            Tool::Yum => "yum remove",
            Tool::Zypper => "zypper remove",
            Tool::Apk => "apk del",
        };
        format!("{verb} {}", word(package))
    }

    /// Installs the newest version of `package`.
    pub(super) fn update(&self, package: &str) -> String {
        let verb = match self.tool {
            Tool::Apt => "apt-get update && apt-get install",
            Tool::Dnf => "dnf upgrade",
            Tool::Yum => "yum update",
            Tool::Zypper => "zypper update",
            Tool::Apk => "apk upgrade",
        };
        format!("{verb} {}", word(package))
    }

    /// Installs the version of `package` that the system's own repositories have.
    pub(super) fn replace(&self, package: &str) -> String {
        match self.tool {
            Tool::Dnf => format!("dnf distro-sync {}", word(package)),
            Tool::Yum => format!("yum distro-sync {}", word(package)),
            _ => self.reinstall(package),
        }
    }

    /// Installs the distribution's kernel.
    pub(super) fn install_kernel(&self) -> &'static str {
        match (self.tool, self.os) {
            (Tool::Apt, Some("ubuntu")) => "apt-get install linux-image-generic",
            (Tool::Apt, _) => "apt-get install linux-image-$(dpkg --print-architecture)",
            (Tool::Dnf, _) => "dnf install kernel",
            (Tool::Yum, _) => "yum install kernel",
            (Tool::Zypper, _) => "zypper install kernel-default",
            (Tool::Apk, _) => "apk add linux-lts",
        }
    }

    /// Makes the initial file systems anew.
    pub(super) fn make_initramfs(&self) -> &'static str {
        match self.tool {
            Tool::Apt if !self.dracut => "update-initramfs -u -k all",
            Tool::Apk => "apk fix mkinitfs",
            _ => "dracut --force --regenerate-all",
        }
    }

    /// Makes the menu of GRUB anew.
    pub(super) fn make_menu(&self, boot: &Boot) -> &'static str {
        let path = boot.config.as_ref().and_then(|at| at.path.as_deref());
        match (self.tool, path) {
            (Tool::Apt, _) => "update-grub",
            (_, Some(path)) if path.starts_with("/boot/grub/") => {
                "grub-mkconfig -o /boot/grub/grub.cfg"
            }
            _ => "grub2-mkconfig -o /boot/grub2/grub.cfg",
        }
    }

    /// Installs the boot loaders anew.
    pub(super) fn install_loader(&self) -> &'static str {
        match (self.tool, self.os) {
            (Tool::Apt, _) => {
                "apt-get install --reinstall grub-common grub2-common && grub-install DISK && update-grub"
            }
            (Tool::Dnf, _) => "dnf reinstall 'grub2-*' 'shim-*'",
            (Tool::Yum, _) => "yum reinstall 'grub2-*' 'shim-*'",
            (Tool::Zypper, _) => "zypper install --force grub2 shim && update-bootloader --reinit",
            (Tool::Apk, _) => "apk fix grub && grub-install DISK",
        }
    }
}

/// `text` as one word of a shell; one that begins like an option stands behind `--`.
pub(super) fn word(text: &str) -> String {
    if text.starts_with('-') {
        return format!("-- {}", quoted(text));
    }
    quoted(text)
}

fn quoted(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "+-._:~/".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_the_image_are_one_word() {
        assert_eq!(
            word("linux-image-6.1.0-9-amd64"),
            "linux-image-6.1.0-9-amd64"
        );
        assert_eq!(word("x; rm -rf /"), "'x; rm -rf /'");
        assert_eq!(word("it's"), r"'it'\''s'");
        assert_eq!(word("-oDPkg::x"), "-- -oDPkg::x");
        assert_eq!(word(""), "''");
    }
}
