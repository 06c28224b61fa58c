//! The commands by which a person repeats the proof of an object with other tools.

use super::ring0::{GuestLevel, KernelReport};
use crate::evidence::linux::PackageSystem;
use crate::evidence::{BuiltInKey, Object, ObjectKind};
use crate::guest::Family;
use crate::text::shell_word;

/// Puts into each object of `report` the commands that repeat its proof. `IMAGE` stands for the
/// image's path.
pub fn explain(report: &mut KernelReport) {
    for object in &mut report.objects {
        let of = |g: &&GuestLevel| match &object.guest {
            Some(volume) => g.summary.root_volume == *volume,
            None => true,
        };
        let guest = report.guests.iter().find(of);
        let linux = guest.is_none_or(|g| g.summary.family == Family::Linux);
        let packages = guest.and_then(|g| g.packages);
        object.explain = commands(&object.object, &report.keys, linux, packages);
    }
}

/// Commands that take the pieces of GRUB out of the first sectors.
fn boot_code(object: &Object, packages: Option<PackageSystem>) -> Vec<String> {
    let mut all = vec![
        "qemu-img dd -O raw bs=1M count=4 if=IMAGE of=start".into(),
        match &object.sha256 {
            Some(sha256) => {
                format!("test $(head -c 440 start | sha256sum | cut -d' ' -f1) = {sha256}")
            }
            None => "head -c 440 start | sha256sum".into(),
        },
        "imgscan extract -C grub IMAGE /usr/lib/grub/i386-pc".into(),
        "find grub -name boot.img -exec cmp -l -n 440 start {} ';'".into(),
        "s=$(od -An -t u8 -j 92 -N 8 start); tail -c +$((s * 512 + 1)) start > core.img".into(),
        "find grub -name diskboot.img -exec cmp -l -n 500 core.img {} ';'".into(),
        // The packed lengths of what follows the decompressor (2,848 bytes in GRUB 2.06).
        "od -A d -t u4 -j 520 -N 12 core.img".into(),
    ];
    match (&object.package, packages) {
        (Some(package), Some(PackageSystem::Dpkg)) => {
            let list = shell_word(&format!("/var/lib/dpkg/info/{package}.md5sums"));
            all.push(format!(
                "imgscan cat IMAGE {list} | (cd grub && md5sum -c --ignore-missing)"
            ));
        }
        (Some(package), Some(PackageSystem::Rpm)) => all.push(by_rpm(&shell_word(package))),
        _ => {}
    }
    all
}

/// The digests of a package's files as its rpm recorded them, and what differs.
fn by_rpm(package: &str) -> String {
    format!(
        "imgscan extract -C root IMAGE / && rpm --root \"$PWD/root\" -q --qf '[%{{FILEDIGESTS}} %{{FILENAMES}}\\n]' {package} ; rpm --root \"$PWD/root\" -Vv {package}"
    )
}

/// What the package that owns `path` recorded for it, and what `file` has.
fn by_package(packages: PackageSystem, package: &str, path: &str, file: &str) -> String {
    let bare = path.trim_start_matches("/usr").trim_start_matches('/');
    match packages {
        PackageSystem::Dpkg => format!(
            "imgscan cat IMAGE /var/lib/dpkg/info/{package}.md5sums | grep -F {} ; md5sum {file}",
            shell_word(bare)
        ),
        PackageSystem::Rpm => by_rpm(package),
        PackageSystem::Apk => {
            let name = path.rsplit('/').next().unwrap_or(path);
            // The record of a file: R: its name, Z: `Q1` and its SHA-1 in base64.
            format!(
                "imgscan cat IMAGE /lib/apk/db/installed | grep -A 3 -F {} ; openssl dgst -sha1 -binary {file} | base64",
                shell_word(&format!("R:{name}"))
            )
        }
    }
}

/// Lists and unpacks the initial file systems in `file`, and compares them with the root.
fn initramfs(packages: Option<PackageSystem>, file: &str, all: &mut Vec<String>) {
    let compare =
        |folder: &str| format!("imgscan extract -C root IMAGE / && diff -r {folder} root");
    match packages {
        Some(PackageSystem::Rpm) => {
            all.push(format!("lsinitrd {file}"));
            all.push(format!(
                "mkdir initramfs && (f=\"$(realpath {file})\" && cd initramfs && lsinitrd --unpack \"$f\")"
            ));
            all.push(compare("initramfs"));
        }
        Some(PackageSystem::Apk) => {
            all.push(format!("zcat {file} | cpio -tv"));
            all.push(format!(
                "mkdir initramfs && zcat {file} | (cd initramfs && cpio -id)"
            ));
            all.push(compare("initramfs"));
        }
        Some(PackageSystem::Dpkg) | None => {
            all.push(format!("lsinitramfs -l {file}"));
            all.push(format!("unmkinitramfs {file} initramfs"));
            all.push(compare("initramfs/main"));
        }
    }
}

fn commands(
    object: &Object,
    keys: &[BuiltInKey],
    linux: bool,
    packages: Option<PackageSystem>,
) -> Vec<String> {
    if object.kind == ObjectKind::BootCode {
        return boot_code(object, packages);
    }
    // A section of a unified kernel image.
    if let Some(image) = object.path.strip_suffix(":.initrd") {
        let image = shell_word(image);
        return vec![
            format!("imgscan cat IMAGE {image} > ./image.efi"),
            "objcopy -O binary -j .initrd ./image.efi ./initrd && sha256sum ./initrd".into(),
            "lsinitramfs -l ./initrd".into(),
        ];
    }
    let file = object.path.rsplit(['/', '\\']).next().unwrap_or("file");
    let file = format!("./{file}");
    let (file, path) = (shell_word(&file), shell_word(&object.path));
    let mut all = vec![format!("imgscan cat IMAGE {path} > {file}")];
    match &object.sha256 {
        Some(sha256) => all.push(format!("echo '{sha256}  '{file} | sha256sum -c")),
        None => all.push(format!("sha256sum {file}")),
    }
    match object.kind {
        ObjectKind::BootLoader | ObjectKind::Kernel if linux => {
            all.push(format!("sbverify --list {file}"));
            if let Some(anchor) = &object.anchor {
                // The pinned certificate as a file: the trust bundle names it by its subject.
                let pem = shell_word(&format!("{}.pem", anchor.en.replace(' ', "-")));
                all.push(format!("sbverify --cert {pem} {file}"));
            }
            if object.kind == ObjectKind::Kernel {
                all.push(format!("extract-vmlinux {file} > vmlinux"));
                all.push("strings vmlinux | grep -m1 '^Linux version '".into());
                let mine = keys.iter().filter(|k| k.kernel == object.path);
                for key in mine {
                    let at = key.offset + 1;
                    all.push(format!(
                        "tail -c +{at} vmlinux | openssl x509 -inform DER -out key.pem -subject -serial -fingerprint -sha256"
                    ));
                }
            }
        }
        ObjectKind::Module if linux => module(&file, &object.path, &mut all),
        ObjectKind::Initramfs => initramfs(packages, &file, &mut all),
        ObjectKind::BootConfig => all.push(format!("less {file}")),
        _ => all.push(format!("osslsigncode verify {file}")),
    }
    if let (Some(package), Some(packages)) = (&object.package, packages) {
        all.push(by_package(
            packages,
            &shell_word(package),
            &object.path,
            &file,
        ));
    }
    all
}

/// The PKCS#7 message that is appended to a module: `sig_len` is the last 4 bytes, big-endian, of
/// the 12 before the 28 bytes of the mark.
fn module(file: &str, path: &str, all: &mut Vec<String>) {
    let mut plain = file.to_owned();
    for (ending, tool) in [(".xz", "xz"), (".zst", "zstd"), (".gz", "gzip")] {
        if path.ends_with(ending) {
            all.push(format!("{tool} -dc {file} > ./module.ko"));
            plain = "./module.ko".into();
        }
    }
    all.push(format!("modinfo {plain}"));
    all.push(format!(
        "n=$(stat -c %s {plain}); l=$((0x$(tail -c 32 {plain} | head -c 4 | xxd -p)))"
    ));
    all.push(format!("head -c $((n - 40 - l)) {plain} > content"));
    all.push(format!(
        "tail -c $((40 + l)) {plain} | head -c $l > signature.p7s"
    ));
    all.push(
        "openssl cms -verify -binary -inform DER -in signature.p7s -content content -certfile key.pem -nointern -noverify -out /dev/null"
            .into(),
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_the_image_stay_one_word() {
        assert_eq!(shell_word("/boot/vmlinuz-6.1"), "/boot/vmlinuz-6.1");
        assert_eq!(shell_word("/a b;reboot"), "'/a b;reboot'");
        assert_eq!(shell_word("it's"), r"'it'\''s'");
        assert_eq!(shell_word(""), "''");
    }

    #[test]
    fn a_package_is_asked_in_the_words_of_its_system() {
        let object = Object {
            package: Some("linux".into()),
            ..Object::new("/boot/vmlinuz-1".into(), None, ObjectKind::Kernel)
        };
        let all = |packages| commands(&object, &[], true, packages).join("\n");
        for (system, own, others) in [
            (
                PackageSystem::Dpkg,
                "/var/lib/dpkg/info/linux.md5sums",
                ["rpm ", "apk"],
            ),
            (PackageSystem::Rpm, "rpm --root", ["dpkg", "apk"]),
            (
                PackageSystem::Apk,
                "/lib/apk/db/installed",
                ["dpkg", "rpm "],
            ),
        ] {
            let text = all(Some(system));
            assert!(text.contains(own), "{text}");
            for other in others {
                assert!(!text.contains(other), "{system:?}: {text}");
            }
        }
        let none = all(None);
        assert!(!none.contains("rpm ") && !none.contains("dpkg"), "{none}");
    }
}
