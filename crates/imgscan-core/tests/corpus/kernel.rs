//! Signed kernels and modules of real packages, compared with modinfo and with the bytes that the
//! packages hold.

use imgscan_core::bytes::hex;
use imgscan_core::source::{FileSource, MemorySource};
use imgscan_core::trust::module::{Proof, split, verify};
use imgscan_core::trust::pkcs7::Fault;
use imgscan_core::trust::{Certificate, bzimage, pe::Pe, sbat, shim, unpack::Packing, vmlinux};
use libtest_mimic::{Failed, Trial};

use super::files;

const VMLINUZ: &str =
    "debian-boot/linux-image-6.1.0-56-cloud-amd64__vmlinuz-6.1.0-56-cloud-amd64.zst";
const SHIM: &str = "debian-boot/shim-signed__shimx64.efi.signed.zst";
const GRUB: &str = "debian-boot/grub-efi-amd64-signed__grubx64.efi.signed.zst";
const MODULES: &[&str] = &[
    "debian-boot/linux-image-6.1.0-56-cloud-amd64__dummy.ko.zst",
    "debian-boot/linux-image-6.1.0-56-cloud-amd64__vfat.ko.zst",
    "debian-boot/linux-image-6.1.0-56-cloud-amd64__virtio_balloon.ko.zst",
];

pub fn trials() -> Vec<Trial> {
    vec![
        Trial::test("kernel::modules_verify_with_the_kernels_own_key", modules),
        Trial::test("kernel::a_module_of_another_kernel_is_foreign", foreign),
        Trial::test("kernel::shim_carries_the_debian_authority", vendor),
        Trial::test("kernel::the_generations_are_those_of_objcopy", generations),
        Trial::test("kernel::the_crc_is_right_without_what_signing_writes", crc),
    ]
}

fn read(name: &str) -> Result<Vec<u8>, Failed> {
    let dir = tempfile::tempdir()?;
    Ok(std::fs::read(files::unpack(name, dir.path()))?)
}

fn keys() -> Result<Vec<Certificate>, Failed> {
    let file = read(VMLINUZ)?;
    let payload = bzimage::payload(&file)?;
    // The builder's kernel-evidence experiment: lz4 in its legacy form.
    assert_eq!(payload.packing, Packing::Lz4);
    let kernel = payload.unpack()?;
    let banner = vmlinux::banner(&kernel).ok_or("no banner")?;
    assert_eq!(banner.release, "6.1.0-56-cloud-amd64");
    let found = bzimage::certificates(&kernel)?;
    Ok(found.into_iter().map(|(_, c)| c).collect())
}

fn modinfo<'t>(truth: &'t str, field: &str) -> &'t str {
    let lines = truth
        .lines()
        .filter_map(|l| l.trim().strip_prefix("modinfo "));
    let mut values = lines.filter_map(|l| l.strip_prefix(field)?.strip_prefix(':'));
    values.next().unwrap_or_default().trim()
}

fn modules() -> Result<(), Failed> {
    let keys = keys()?;
    for name in MODULES {
        let truth = files::truth(name).ok_or("no truth file")?;
        let mut bytes = read(name)?;
        let Proof::Good(key) = verify(&bytes, &keys)? else {
            return Err(format!("{name}: {:?}", verify(&bytes, &keys)).into());
        };
        // modinfo prints the serial number of the certificate as the key.
        let serial = modinfo(&truth, "sig_key").replace(':', "").to_lowercase();
        assert_eq!(hex(&key.serial), serial, "{name}");
        assert_eq!(key.common_name(), modinfo(&truth, "signer"), "{name}");
        let signed = split(&bytes)?.ok_or("unsigned")?;
        let digests: Vec<&str> = signed
            .parse()?
            .signers
            .iter()
            .map(|s| s.digest.name())
            .collect();
        assert_eq!(digests, [modinfo(&truth, "sig_hashalgo")], "{name}");
        let (middle, end) = (signed.content.len() / 2, signed.content.len());
        for at in [0, middle, end - 1] {
            bytes[at] ^= 1;
            let got = verify(&bytes, &keys)?;
            let bad = matches!(
                got,
                Proof::Bad(_, Fault::BadSignature | Fault::DigestMismatch)
            );
            assert!(bad, "{name} {at}: {got:?}");
            bytes[at] ^= 1;
        }
        bytes.pop();
        assert_eq!(verify(&bytes, &keys)?, Proof::Unsigned, "{name}");
    }
    Ok(())
}

fn foreign() -> Result<(), Failed> {
    let bytes = read("osv-scalibr/kmodule-valid.zst")?;
    assert!(split(&bytes)?.is_some());
    let keys = keys()?;
    let got = verify(&bytes, &keys)?;
    assert!(matches!(got, Proof::Foreign(_)), "{got:?}");
    Ok(())
}

fn vendor() -> Result<(), Failed> {
    let dir = tempfile::tempdir()?;
    let file = FileSource::open(&files::unpack(SHIM, dir.path()))?;
    let pe = Pe::parse(&file)?;
    let found = shim::vendor(&pe, &file)?.ok_or("none")?;
    let [authority] = found.authorities.as_slice() else {
        return Err(format!("{:?}", found.authorities).into());
    };
    assert_eq!(authority.common_name(), "Debian Secure Boot CA");
    // The fingerprint that Debian publishes.
    assert!(
        authority.sha256().starts_with("07964697"),
        "{}",
        authority.sha256()
    );
    // The lengths that kernel-evidence tells of: 8,664 bytes of what it refuses.
    assert_eq!(found.problem, None);
    assert!(found.revoked.len() + found.revoked_digests.len() > 0);
    Ok(())
}

/// What objcopy writes of the sections, and what the builder's experiment says.
fn generations() -> Result<(), Failed> {
    let expected: [(&str, &[(&str, u32)]); 2] = [
        (SHIM, &[("sbat", 1), ("shim", 4), ("shim.debian", 1)]),
        (
            GRUB,
            &[
                ("sbat", 1),
                ("grub", 5),
                ("grub.debian", 5),
                ("grub.debian12", 1),
            ],
        ),
    ];
    for (name, wanted) in expected {
        let dir = tempfile::tempdir()?;
        let file = FileSource::open(&files::unpack(name, dir.path()))?;
        let found = sbat::components(&Pe::parse(&file)?, &file)?.ok_or("none")?;
        let found: Vec<_> = found
            .iter()
            .map(|c| (c.name.as_str(), c.generation))
            .collect();
        assert_eq!(found, wanted, "{name}");
    }
    Ok(())
}

/// The build's CRC, which the builder's kernel-evidence experiment found equal once the fields
/// that signing writes are zeros; and the version in the set-up header.
fn crc() -> Result<(), Failed> {
    let file = MemorySource(read(VMLINUZ)?);
    let pe = Pe::parse(&file)?;
    let setup = bzimage::setup(&file.0)?;
    let version = setup.version.clone().unwrap_or_default();
    assert!(version.starts_with("6.1.0-56-cloud-amd64 "), "{version}");
    let crc = bzimage::crc(&file.0, &setup, &pe.signing_fields()).ok_or("none")?;
    assert_eq!(crc.computed, crc.stored);
    let raw = bzimage::crc(&file.0, &setup, &[]).ok_or("none")?;
    assert_ne!(raw.computed, raw.stored);
    let mut changed = file.0.clone();
    changed[20_000] ^= 1;
    let crc = bzimage::crc(&changed, &setup, &pe.signing_fields()).ok_or("none")?;
    assert_ne!(crc.computed, crc.stored);
    Ok(())
}
