//! Which files of a system a reference database is about.

use serde::{Deserialize, Serialize};

/// What sort of file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum FileKind {
    /// A kernel image.
    Kernel,
    /// A kernel module.
    Module,
    /// A boot loader, or a part of one.
    Boot,
    /// A program of Windows that runs before or in the kernel.
    Windows,
}

/// `path` with a leading slash and, for a merged `/usr`, without it before `lib`: the name under
/// which a file is known wherever a package lists it. Backslashes of Windows become slashes.
#[must_use]
pub fn canonical(path: &str) -> String {
    let path = path.replace('\\', "/");
    let bare = path.trim_start_matches("./").trim_start_matches('/');
    match bare.strip_prefix("usr/") {
        Some(rest) if rest.starts_with("lib/modules/") => format!("/{rest}"),
        _ => format!("/{bare}"),
    }
}

/// What two paths of one file have in common: of a system's drive the letter and the case of names
/// say nothing.
pub(super) fn key(path: &str) -> String {
    let path = canonical(path);
    match path.as_bytes() {
        [b'/', letter, b':', b'/', ..] if letter.is_ascii_alphabetic() => path[3..].to_lowercase(),
        _ if path.to_ascii_lowercase().starts_with("/windows/") => path.to_lowercase(),
        _ => path,
    }
}

/// The recovery environment and what its RAM disk is made from, where Windows and its media keep
/// them; in lower case.
const RECOVERY: [&str; 5] = [
    "recovery/windowsre/winre.wim",
    "recovery/windowsre/boot.sdi",
    "windows/system32/recovery/winre.wim",
    "windows/boot/dvd/efi/boot.sdi",
    "windows/boot/dvd/pcat/boot.sdi",
];

/// What the file at `path` is; `None` for one that is none of those.
#[must_use]
pub fn kind(path: &str) -> Option<FileKind> {
    let path = canonical(path);
    let name = path.rsplit('/').next().unwrap_or("");
    let lower = path.to_ascii_lowercase();
    if let Some(rest) = path.strip_prefix("/lib/modules/") {
        let module = [".ko", ".ko.gz", ".ko.xz", ".ko.zst"];
        if module.iter().any(|e| rest.ends_with(e)) {
            return Some(FileKind::Module);
        }
        return (name == "vmlinuz").then_some(FileKind::Kernel);
    }
    if path.starts_with("/boot/") && path.matches('/').count() == 2 {
        let begins = ["vmlinuz", "vmlinux", "bzImage", "Image"];
        if begins.iter().any(|b| name.starts_with(b)) && !name.ends_with(".hmac") {
            return Some(FileKind::Kernel);
        }
    }
    let efi = [".efi", ".efi.signed"].iter().any(|e| lower.ends_with(e));
    let places = ["/boot/", "/efi/", "/usr/lib/", "/usr/share/", "/lib/"];
    if efi && places.iter().any(|p| lower.starts_with(p)) {
        return Some(FileKind::Boot);
    }
    let grub = ["/usr/lib/grub/", "/boot/grub/", "/boot/grub2/"];
    if grub.iter().any(|p| path.starts_with(p))
        && (name.ends_with(".mod") || name.ends_with(".img"))
    {
        return Some(FileKind::Boot);
    }
    let drive = lower.trim_start_matches('/');
    let drive = drive.strip_prefix("c:/").unwrap_or(drive);
    if RECOVERY.contains(&drive) {
        return Some(FileKind::Boot);
    }
    let windows = drive.strip_prefix("windows/system32/");
    let windows = windows.filter(|rest| {
        let deep = rest.contains('/');
        let boot = [
            "winload",
            "winresume",
            "ntoskrnl",
            "hal.dll",
            "ci.dll",
            "securekernel",
        ];
        rest.starts_with("drivers/") && rest.ends_with(".sys")
            || rest.starts_with("boot/")
            || !deep && (boot.iter().any(|b| rest.starts_with(b)) || rest.ends_with(".sys"))
    });
    windows.map(|_| FileKind::Windows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_that_run_in_ring_0_are_told_by_their_paths() {
        for (path, wanted) in [
            ("./boot/vmlinuz-6.1", Some(FileKind::Kernel)),
            ("usr/lib/modules/6.1/vmlinuz", Some(FileKind::Kernel)),
            (
                "/usr/lib/modules/6.1/kernel/a.ko.xz",
                Some(FileKind::Module),
            ),
            ("/lib/modules/6.1/modules.dep", None),
            ("/usr/lib/shim/shimx64.efi.signed", Some(FileKind::Boot)),
            ("/boot/efi/EFI/BOOT/BOOTX64.EFI", Some(FileKind::Boot)),
            ("/usr/lib/grub/x86_64-efi/ext2.mod", Some(FileKind::Boot)),
            ("/boot/config-6.1", None),
            ("/bin/sh", None),
            (
                r"C:\Windows\System32\drivers\disk.sys",
                Some(FileKind::Windows),
            ),
            (r"C:\Windows\System32\ntoskrnl.exe", Some(FileKind::Windows)),
            (r"C:\Recovery\WindowsRE\Winre.wim", Some(FileKind::Boot)),
            (
                "./Windows/System32/Recovery/winre.wim",
                Some(FileKind::Boot),
            ),
            (r"C:\Windows\notepad.exe", None),
        ] {
            assert_eq!(kind(path), wanted, "{path}");
        }
        assert_eq!(key("C:/WINDOWS/x.sys"), key(r"Windows\X.SYS"));
        assert_ne!(key("/boot/a"), key("/boot/A"));
        assert_eq!(canonical("./usr/lib/modules/1/a.ko"), "/lib/modules/1/a.ko");
    }
}
