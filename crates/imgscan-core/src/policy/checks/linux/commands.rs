//! Commands that mend a Linux guest, in the words of its package manager.

use crate::evidence::linux::{Boot, Loader, Package, PackageSystem, Packages};
use crate::guest::Guest;
use crate::policy::Context;
use crate::text::shell_word;

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

/// What starts services.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Init {
    Systemd,
    OpenRc,
    /// System V, by Debian's or Red Hat's tools.
    SysV,
}

/// What can be run in the guest.
#[derive(Clone, Copy)]
pub(super) struct Commands<'a> {
    tool: Tool,
    init: Init,
    guest: &'a Guest,
    packages: &'a Packages,
}

/// Folders of the units that packages bring. The links below `/etc` are what enabling makes.
const UNITS: [&str; 3] = [
    "/usr/lib/systemd/system",
    "/lib/systemd/system",
    "/usr/local/lib/systemd/system",
];

impl<'a> Commands<'a> {
    /// The commands of the guest under test.
    pub(super) fn of(context: &Context<'a>) -> Self {
        let packages = context.evidence.linux.packages();
        let guest = context.evidence.guest;
        let mut this = Self {
            tool: Tool::Apt,
            init: Init::SysV,
            guest,
            packages,
        };
        let os = guest.os.id.as_deref();
        let has = |system| packages.items.iter().any(|p| p.fact.system == system);
        this.tool = if has(PackageSystem::Rpm) {
            this.rpm_tool()
        } else if has(PackageSystem::Apk) || os == Some("alpine") {
            Tool::Apk
        } else if has(PackageSystem::Dpkg) || matches!(os, Some("debian" | "ubuntu")) {
            Tool::Apt
        } else {
            this.rpm_tool()
        };
        this.init = if this.has_any(&["/usr/lib/systemd/systemd", "/lib/systemd/systemd"]) {
            Init::Systemd
        } else if this.tool == Tool::Apk || this.has_any(&["/sbin/openrc", "/usr/sbin/openrc"]) {
            Init::OpenRc
        } else if this.has_any(&["/etc/inittab", "/sbin/telinit"]) {
            Init::SysV
        } else {
            Init::Systemd
        };
        this
    }

    /// The package manager of an rpm system: what is installed, else what its version has.
    fn rpm_tool(&self) -> Tool {
        let os = self.guest.os.id.as_deref().unwrap_or_default();
        let version = self.guest.os.version.as_deref().unwrap_or_default();
        let major = version.split('.').next().unwrap_or_default();
        if self.installed("dnf") || self.installed("dnf5") {
            Tool::Dnf
        } else if self.installed("zypper") || os.starts_with("opensuse") || os.starts_with("sle") {
            Tool::Zypper
        } else if self.installed("yum") || ["2", "6", "7"].contains(&major) {
            Tool::Yum
        } else {
            Tool::Dnf
        }
    }

    /// True where the package is installed.
    pub(super) fn installed(&self, package: &str) -> bool {
        let mut all = self.packages.items.iter();
        all.any(|p| p.fact.name == package)
    }

    /// True where there is something at `path`, as far as that can be told.
    pub(super) fn has(&self, path: &str) -> bool {
        matches!(self.guest.paths.find(path.as_bytes()), Ok(Some(_)))
    }

    fn has_any(&self, paths: &[&str]) -> bool {
        paths.iter().any(|path| self.has(path))
    }

    /// True where the image has the service: a unit of a package, or an init script.
    pub(super) fn has_service(&self, service: &str) -> bool {
        let unit = |folder: &str| self.has(&format!("{folder}/{service}.service"));
        match self.init {
            Init::Systemd => UNITS.iter().any(|folder| unit(folder)),
            _ => self.has(&format!("/etc/init.d/{service}")),
        }
    }

    /// True for a system of dpkg.
    pub(super) fn is_debian(&self) -> bool {
        self.tool == Tool::Apt
    }

    /// True for a system of apk.
    pub(super) fn is_alpine(&self) -> bool {
        self.tool == Tool::Apk
    }

    /// Has `service` start at boot, and starts it.
    pub(super) fn enable(&self, service: &str) -> String {
        let service = word(service);
        match self.init {
            Init::Systemd => format!("systemctl enable --now {service}"),
            Init::OpenRc => {
                format!("rc-update add {service} default && rc-service {service} start")
            }
            Init::SysV if self.is_debian() => {
                format!("update-rc.d {service} defaults && service {service} start")
            }
            Init::SysV => format!("chkconfig {service} on && service {service} start"),
        }
    }

    /// Keeps `service` from starting at boot, and stops it.
    pub(super) fn disable(&self, service: &str) -> String {
        let service = word(service);
        match self.init {
            Init::Systemd => format!("systemctl disable --now {service}"),
            Init::OpenRc => format!("rc-update del {service} && rc-service {service} stop"),
            Init::SysV if self.is_debian() => {
                format!("update-rc.d {service} disable && service {service} stop")
            }
            Init::SysV => format!("chkconfig {service} off && service {service} stop"),
        }
    }

    /// Installs the version of `package` anew that is installed.
    pub(super) fn reinstall(&self, package: &str) -> String {
        let verb = match self.tool {
            Tool::Apt => "apt-get install --reinstall",
            Tool::Dnf => "dnf reinstall",
            Tool::Yum => "yum reinstall",
            Tool::Zypper => "zypper install --force",
            Tool::Apk => "apk fix --reinstall",
        };
        format!("{verb} {}", word(package))
    }

    /// Installs `package`.
    pub(super) fn install(&self, package: &str) -> String {
        format!("{} {}", self.installs(), word(package))
    }

    fn installs(&self) -> &'static str {
        match self.tool {
            Tool::Apt => "apt-get install",
            Tool::Dnf => "dnf install",
            Tool::Yum => "yum install",
            Tool::Zypper => "zypper install",
            Tool::Apk => "apk add",
        }
    }

    /// The name of one version of a package, of which several may be installed.
    pub(super) fn exact(&self, package: &Package) -> String {
        let (name, version) = (&package.name, &package.version);
        match self.tool {
            Tool::Dnf | Tool::Yum => format!("{name}-{version}.{}", package.architecture),
            Tool::Zypper => format!("{name}={version}"),
            Tool::Apt | Tool::Apk => name.clone(),
        }
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
            Tool::Apk => "apk update && apk upgrade",
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

    /// Tells the package that brings the file `path`.
    pub(super) fn find_package(&self, path: &str) -> String {
        let name = path.rsplit('/').next().unwrap_or(path);
        let (path, name) = (word(path), word(name));
        match self.tool {
            Tool::Apt => format!("apt-file search {path}"),
            Tool::Dnf => format!("dnf provides {path}"),
            Tool::Yum => format!("yum provides {path}"),
            Tool::Zypper => format!("zypper search --provides {path}"),
            Tool::Apk => format!("https://pkgs.alpinelinux.org/contents?file={name}"),
        }
    }

    /// Debian's name of the processor.
    fn debian_architecture(&self) -> &'static str {
        match self.guest.os.architecture.as_deref() {
            Some("x86_64") => "amd64",
            Some("aarch64") => "arm64",
            _ => "$(dpkg --print-architecture)",
        }
    }

    /// The package of the distribution's kernel.
    fn kernel_package(&self) -> String {
        match (self.tool, self.guest.os.id.as_deref()) {
            (Tool::Apt, Some("ubuntu")) => "linux-image-generic".to_owned(),
            (Tool::Apt, _) => format!("linux-image-{}", self.debian_architecture()),
            (Tool::Dnf | Tool::Yum, _) => "kernel".to_owned(),
            (Tool::Zypper, _) => "kernel-default".to_owned(),
            (Tool::Apk, _) if self.installed("linux-virt") => "linux-virt".to_owned(),
            (Tool::Apk, _) => "linux-lts".to_owned(),
        }
    }

    /// Installs the distribution's kernel.
    pub(super) fn install_kernel(&self) -> String {
        format!("{} {}", self.installs(), self.kernel_package())
    }

    /// Takes the kernel file at `path` away, which no package owns, and its entries of the menu.
    pub(super) fn delete_kernel(&self, boot: &Boot, path: &str) -> String {
        let mut files = vec![path];
        let entries = boot.entries.iter();
        for entry in entries.filter(|e| e.fact.kernel.as_deref() == Some(path)) {
            let file = entry.at.path.as_deref().filter(|f| f.ends_with(".conf"));
            files.extend(file.filter(|f| f.contains("/loader/entries/")));
        }
        files.dedup();
        let by_files = files.len() > 1;
        let files: Vec<String> = files.into_iter().map(word).collect();
        let delete = format!("rm {}", files.join(" "));
        match self.make_menu(boot) {
            Some(menu) if !by_files => format!("{delete} && {menu}"),
            _ => delete,
        }
    }

    /// Has the kernel at `path` boot by default; `None` where only an editor does.
    pub(super) fn set_default(&self, boot: &Boot, path: &str) -> Option<String> {
        if self.installed("grubby") {
            return Some(format!("grubby --set-default={}", word(path)));
        }
        let mut entries = boot.entries.iter();
        let entry = entries.find(|e| e.fact.kernel.as_deref() == Some(path));
        match boot.loader {
            Some(Loader::SystemdBoot) => {
                let id = entry?.fact.id.as_deref()?;
                Some(format!(
                    "bootctl set-default {}",
                    word(&format!("{id}.conf"))
                ))
            }
            Some(Loader::Grub) => {
                let menu = self.make_menu(boot)?;
                Some(format!(
                    "sed -i 's/^GRUB_DEFAULT=.*/GRUB_DEFAULT=0/' /etc/default/grub && {menu}"
                ))
            }
            _ => None,
        }
    }

    /// Makes the initial file systems anew.
    pub(super) fn make_initramfs(&self) -> &'static str {
        match self.tool {
            Tool::Apt if !self.installed("dracut") => "update-initramfs -u -k all",
            Tool::Apk => "for k in /lib/modules/*; do mkinitfs \"${k##*/}\"; done",
            _ => "dracut --force --regenerate-all",
        }
    }

    /// The name of a tool of GRUB: Red Hat and SUSE call them `grub2-…`.
    pub(super) fn grub(&self, boot: &Boot, tool: &str) -> String {
        let path = boot.config.as_ref().and_then(|at| at.path.as_deref());
        let plain = path.is_some_and(|path| path.starts_with("/boot/grub/"));
        match self.tool {
            Tool::Dnf | Tool::Yum | Tool::Zypper if !plain => format!("grub2-{tool}"),
            _ => format!("grub-{tool}"),
        }
    }

    /// Makes the boot menu anew; `None` where no command does.
    pub(super) fn make_menu(&self, boot: &Boot) -> Option<String> {
        let path = boot.config.as_ref().and_then(|at| at.path.as_deref());
        match boot.loader {
            Some(Loader::SystemdBoot | Loader::GrubLegacy) => None,
            Some(Loader::Extlinux) => {
                let made = self.is_alpine() && self.has("/etc/update-extlinux.conf");
                made.then(|| "update-extlinux".to_owned())
            }
            Some(Loader::Grub) | None => {
                if self.is_debian() {
                    return Some("update-grub".to_owned());
                }
                let usual = if self.grub(boot, "").starts_with("grub2") {
                    "/boot/grub2/grub.cfg"
                } else {
                    "/boot/grub/grub.cfg"
                };
                let path = path.filter(|p| p.ends_with("/grub.cfg"));
                let path = word(path.unwrap_or(usual));
                Some(format!("{} -o {path}", self.grub(boot, "mkconfig")))
            }
        }
    }

    /// Installs the boot loaders anew: those that UEFI starts, or what a BIOS starts from the disk.
    pub(super) fn install_loader(&self, boot: &Boot, bios: bool) -> String {
        let grub = |tool: &str| self.grub(boot, tool);
        let menu = self
            .make_menu(boot)
            .map_or_else(String::new, |m| format!(" && {m}"));
        let folder = if grub("").starts_with("grub2") {
            "/boot/grub2"
        } else {
            "/boot/grub"
        };
        let to_disk = format!(
            "{} \"$({} --target=disk {folder})\"{menu}",
            grub("install"),
            grub("probe")
        );
        let architecture = self.debian_architecture();
        match (self.tool, bios) {
            (Tool::Apt, true) => {
                format!("apt-get install --reinstall grub-pc-bin grub-common && {to_disk}")
            }
            (Tool::Apt, false) => format!(
                "apt-get install --reinstall shim-signed grub-efi-{architecture}-signed && grub-install && update-grub"
            ),
            (Tool::Dnf, true) => format!("dnf reinstall 'grub2-pc*' && {to_disk}"),
            (Tool::Yum, true) => format!("yum reinstall 'grub2-pc*' && {to_disk}"),
            (Tool::Dnf, false) => "dnf reinstall 'grub2-efi-*' 'shim-*'".to_owned(),
            (Tool::Yum, false) => "yum reinstall 'grub2-efi-*' 'shim-*'".to_owned(),
            (Tool::Zypper, true) => format!("zypper install --force grub2-i386-pc && {to_disk}"),
            (Tool::Zypper, false) => {
                "zypper install --force 'grub2-*-efi' shim && update-bootloader --reinit".to_owned()
            }
            (Tool::Apk, true) => format!("apk fix --reinstall grub-bios && {to_disk}"),
            (Tool::Apk, false) => {
                format!("apk fix --reinstall grub-efi && grub-install{menu}")
            }
        }
    }

    /// Deletes the account `user`.
    pub(super) fn delete_user(&self, user: &str) -> String {
        let user = word(user);
        if self.has_busybox_accounts() {
            format!("deluser {user}")
        } else {
            format!("userdel -f {user}")
        }
    }

    /// Gives the account `user` the user id `id`.
    pub(super) fn set_user_id(&self, user: &str, id: u32) -> String {
        format!("{}usermod -u {id} {}", self.shadow(), word(user))
    }

    /// Takes `user` out of `group`.
    pub(super) fn leave_group(&self, user: &str, group: &str) -> String {
        let (user, group) = (word(user), word(group));
        if self.has_busybox_accounts() {
            format!("deluser {user} {group}")
        } else {
            format!("gpasswd -d {user} {group}")
        }
    }

    /// Gives `user` a main group that every system has, in place of its own.
    pub(super) fn change_group(&self, user: &str) -> String {
        format!("{}usermod -g users {}", self.shadow(), word(user))
    }

    /// Moves hashes into `/etc/shadow`.
    pub(super) fn make_shadow(&self) -> String {
        format!("{}pwconv", self.shadow())
    }

    /// Accounts are kept with busybox, without the tools of shadow.
    fn has_busybox_accounts(&self) -> bool {
        self.is_alpine() && !self.installed("shadow")
    }

    /// Installs the tools of shadow first where the system lacks them.
    fn shadow(&self) -> &'static str {
        if self.has_busybox_accounts() {
            "apk add shadow && "
        } else {
            ""
        }
    }
}

/// `text` as one word of a shell; one that begins like an option stands behind `--`.
pub(super) fn word(text: &str) -> String {
    if text.starts_with('-') {
        return format!("-- {}", shell_word(text));
    }
    shell_word(text)
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
