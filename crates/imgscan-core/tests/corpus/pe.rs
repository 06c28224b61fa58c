//! Authenticode of real boot files and drivers, compared with osslsigncode and sbverify.

use imgscan_core::source::FileSource;
use imgscan_core::trust::{
    Authenticode, Bundle, PeSignature, Role, Verification, authenticode, pe::Pe,
};
use libtest_mimic::{Failed, Trial};

use super::files;

const ROLES: &[Role] = &[
    Role::UefiDb,
    Role::DistroSecureBoot,
    Role::DistroSigner,
    Role::WindowsRoot,
];

/// (file, the common names of the anchors that its signatures end at; an empty name for a
/// signature that no pinned certificate vouches for)
///
/// The anchors are those that `../trust/README.md` of the shared folder says sbverify and the
/// Authenticode check were run with; the self-signed test certificates have none.
const FILES: &[(&str, &[&str])] = &[
    (
        "debian-boot/shim-signed__shimx64.efi.signed.zst",
        &[
            "Microsoft Corporation UEFI CA 2011",
            "Microsoft UEFI CA 2023",
        ],
    ),
    ("debian-boot/shim-unsigned__shimx64.efi.zst", &[]),
    (
        "debian-boot/shim-helpers-amd64-signed__fbx64.efi.signed.zst",
        &["Debian Secure Boot CA"],
    ),
    (
        "debian-boot/grub-efi-amd64-signed__grubx64.efi.signed.zst",
        &["Debian Secure Boot CA"],
    ),
    (
        "debian-boot/linux-image-6.1.0-56-cloud-amd64__vmlinuz-6.1.0-56-cloud-amd64.zst",
        &["Debian Secure Boot CA"],
    ),
    ("debian-boot/fwupd-unsigned__fwupdx64.efi.zst", &[]),
    ("debian-boot/systemd-boot-efi__systemd-bootx64.efi.zst", &[]),
    ("authenticode-rs/tiny64.efi", &[]),
    ("authenticode-rs/tiny64.signed.efi", &[""]),
    ("uthenticode/32__pegoat.exe.zst", &[]),
    ("uthenticode/32__pegoat-authenticode.exe.zst", &[""]),
    (
        "uthenticode/32__pegoat-authenticode-nested.exe.zst",
        &["", ""],
    ),
    (
        "saferwall-pe/acpi.sys.zst",
        &["Microsoft Windows Production PCA 2011"],
    ),
    (
        "saferwall-pe/SgrmEnclave_secure.dll.zst",
        &["Microsoft Windows Production PCA 2011"],
    ),
    ("saferwall-pe/amdi2c.sys.zst", &[]),
    (
        "pypi-win/vcruntime140.dll.zst",
        &[
            "Microsoft Root Certificate Authority 2011",
            "Microsoft Root Certificate Authority 2011",
        ],
    ),
    (
        "pypi-win/WinDivert64.sys.zst",
        &["", "Microsoft Root Certificate Authority 2010"],
    ),
];

pub fn trials() -> Vec<Trial> {
    let mut trials: Vec<Trial> = FILES
        .iter()
        .map(|(name, anchors)| Trial::test(format!("pe::{name}"), || compare(name, anchors)))
        .collect();
    trials.push(Trial::test(
        "pe::one_changed_byte_turns_the_verdict",
        changed_byte,
    ));
    trials
}

fn read(path: &std::path::Path) -> Result<Authenticode, Failed> {
    let file = FileSource::open(path)?;
    let pe = Pe::parse(&file)?;
    Ok(authenticode(&pe, &file, Bundle::built_in(), ROLES)?)
}

fn digests(truth: &str, label: &str) -> Vec<String> {
    let lines = truth
        .lines()
        .filter_map(|l| l.trim().strip_prefix("osslsigncode "));
    let values = lines.filter_map(|l| l.strip_prefix(label)?.split(':').nth(1));
    values.map(|v| v.trim().to_ascii_lowercase()).collect()
}

/// Names that are not ASCII stand as `\xNN` in the truth files.
fn unescape(text: &str) -> String {
    let mut out = Vec::new();
    let mut parts = text.split("\\x");
    out.extend(parts.next().unwrap_or_default().bytes());
    for part in parts {
        match part.get(..2).and_then(|h| u8::from_str_radix(h, 16).ok()) {
            Some(byte) => {
                out.push(byte);
                out.extend(part[2..].bytes());
            }
            None => out.extend(format!("\\x{part}").bytes()),
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// The first certificate's subject of every signature that sbverify lists.
fn sbverify_signers(truth: &str) -> Vec<String> {
    let mut out = Vec::new();
    let mut fresh = false;
    for line in truth
        .lines()
        .filter_map(|l| l.trim().strip_prefix("sbverify "))
    {
        if line.contains("image signature certificates") {
            fresh = true;
        } else if let Some(subject) = line.trim().strip_prefix("- subject:").filter(|_| fresh) {
            fresh = false;
            out.extend(subject.split("/CN=").nth(1).map(str::to_owned));
        }
    }
    out
}

fn compare(name: &str, anchors: &[&str]) -> Result<(), Failed> {
    let dir = tempfile::tempdir()?;
    let path = files::unpack(name, dir.path());
    let truth = unescape(&files::truth(name).ok_or("no truth file")?);
    let found = read(&path)?;
    assert!(found.problems.is_empty(), "{:?}", found.problems);
    let hex = |f: fn(&PeSignature) -> &Vec<u8>| -> Vec<String> {
        found
            .signatures
            .iter()
            .map(|s| imgscan_core::bytes::hex(f(s)))
            .collect()
    };
    let stored = digests(&truth, "Current message digest");
    // The truth of a file with many certificates is cut behind its first signature.
    let calculated = digests(&truth, "Calculated message digest");
    assert_eq!(hex(|s| &s.signed.digest)[..stored.len()], stored);
    assert_eq!(hex(|s| &s.computed)[..calculated.len()], calculated);
    let signers: Vec<String> = found
        .signatures
        .iter()
        .filter(|s| s.index.1 == 0)
        .filter_map(|s| s.signer.as_ref().map(|c| c.common_name().to_owned()))
        .collect();
    let listed = sbverify_signers(&truth);
    for signer in &signers {
        assert!(
            listed.contains(signer) || truth.contains(&format!("CN={signer}")),
            "{signer}"
        );
    }
    assert_eq!(
        signers.len(),
        truth
            .matches("sbverify image signature certificates")
            .count()
    );
    let ends: Vec<String> = found
        .signatures
        .iter()
        .map(|s| match (&s.verification, &s.chain.anchor) {
            (Verification::Trusted, Some(a)) => a.certificate.common_name().to_owned(),
            (Verification::Unanchored, None) => String::new(),
            other => format!("{other:?}"),
        })
        .collect();
    assert_eq!(ends, anchors);
    Ok(())
}

fn changed_byte() -> Result<(), Failed> {
    for (name, anchors) in FILES.iter().filter(|(_, anchors)| !anchors.is_empty()) {
        let dir = tempfile::tempdir()?;
        let path = files::unpack(name, dir.path());
        let mut bytes = std::fs::read(&path)?;
        let at = bytes.len() / 2;
        bytes[at] ^= 1;
        std::fs::write(&path, bytes)?;
        let found = read(&path)?;
        assert_eq!(found.signatures.len(), anchors.len(), "{name}");
        for signature in found.signatures {
            assert!(
                matches!(signature.verification, Verification::Bad(_)),
                "{name}"
            );
        }
    }
    Ok(())
}
