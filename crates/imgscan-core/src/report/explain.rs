//! The commands by which a person repeats the proof of an object with other tools.

use super::ring0::KernelReport;
use crate::evidence::{BuiltInKey, Object, ObjectKind};
use crate::guest::Family;

/// Puts into each object of `report` the commands that repeat its proof. `IMAGE` stands for the
/// image's path.
pub fn explain(report: &mut KernelReport) {
    let linux = report
        .guests
        .iter()
        .all(|g| g.summary.family == Family::Linux);
    for i in 0..report.objects.len() {
        let commands = commands(&report.objects[i].object, &report.keys, linux);
        report.objects[i].explain = commands;
    }
}

/// `text` as one word of a shell.
fn quoted(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+:@,".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// Commands that take the pieces of GRUB out of the first sectors.
fn boot_code(object: &Object) -> Vec<String> {
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
    if let Some(package) = &object.package {
        let list = quoted(&format!("/var/lib/dpkg/info/{package}.md5sums"));
        all.push(format!(
            "imgscan cat IMAGE {list} | (cd grub && md5sum -c --ignore-missing)"
        ));
    }
    all
}

fn commands(object: &Object, keys: &[BuiltInKey], linux: bool) -> Vec<String> {
    if object.kind == ObjectKind::BootCode {
        return boot_code(object);
    }
    // A section of a unified kernel image.
    if let Some(image) = object.path.strip_suffix(":.initrd") {
        let image = quoted(image);
        return vec![
            format!("imgscan cat IMAGE {image} > ./image.efi"),
            "objcopy -O binary -j .initrd ./image.efi ./initrd && sha256sum ./initrd".into(),
            "lsinitramfs -l ./initrd".into(),
        ];
    }
    let file = object.path.rsplit(['/', '\\']).next().unwrap_or("file");
    let file = format!("./{file}");
    let (file, path) = (quoted(&file), quoted(&object.path));
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
                let pem = quoted(&format!("{}.pem", anchor.en.replace(' ', "-")));
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
        ObjectKind::Initramfs => {
            all.push(format!("lsinitramfs -l {file}"));
            all.push(format!("unmkinitramfs {file} initramfs"));
            all.push("imgscan extract -C root IMAGE / && diff -r initramfs/main root".into());
        }
        ObjectKind::BootConfig => all.push(format!("less {file}")),
        _ => all.push(format!("osslsigncode verify {file}")),
    }
    if let Some(package) = &object.package {
        let package = quoted(package);
        let bare = object
            .path
            .trim_start_matches("/usr")
            .trim_start_matches('/');
        all.push(format!(
            "imgscan cat IMAGE /var/lib/dpkg/info/{package}.md5sums | grep -F {} ; md5sum {file}",
            quoted(bare)
        ));
        all.push(format!(
            "rpm --root ROOT -q --qf '[%{{FILEDIGESTS}} %{{FILENAMES}}\\n]' {package} ; rpm --root ROOT -Vv {package}"
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
        assert_eq!(quoted("/boot/vmlinuz-6.1"), "/boot/vmlinuz-6.1");
        assert_eq!(quoted("/a b;reboot"), "'/a b;reboot'");
        assert_eq!(quoted("it's"), r"'it'\''s'");
        assert_eq!(quoted(""), "''");
    }
}
