//! `testdata/trust/rsa.pem` is from testdata/recipes/trust-rsa.sh, the other files from
//! testdata/recipes/trust-signatures.sh.

use crate::Kind;
use crate::trust::der::Reader;
use crate::trust::openpgp::{Key, Signature};
use crate::trust::{Bundle, DigestKind, PublicKey};

const SIGNATURES: &str = include_str!("../../../../testdata/trust/signatures");

/// Certificates that sign themselves, made by others: by `openssl req -x509` with RSA keys of
/// 1031 bits (exponent 3), 2048, 3072, 4096, 5000 and 8192 bits, and the pinned ones of
/// Microsoft, Debian and others.
#[test]
fn certificates_of_others_verify_and_no_longer_do_with_one_bit_changed() {
    let made = include_bytes!("../../../../testdata/trust/rsa.pem");
    let made = Bundle::default().with_user_file(made, "openssl").unwrap();
    assert_eq!(made.anchors().len(), 6);
    let mut seen = std::collections::BTreeSet::new();
    for anchor in made.anchors().iter().chain(Bundle::built_in().anchors()) {
        let of = &anchor.certificate;
        let own = of.issuer_der == of.subject_der;
        if !own || !matches!(of.key, PublicKey::Rsa(_)) {
            continue;
        }
        let Ok(good) = of.signed_by(of) else { continue };
        assert!(good, "{} {}", anchor.source, of.key.name());
        seen.insert(of.key.name());
        let mut der = of.der.to_vec();
        let last = der.len() - 3;
        der[last] ^= 0x10;
        let changed = crate::trust::Certificate::parse(&der).unwrap();
        assert!(!changed.signed_by(of).unwrap(), "{}", anchor.source);
    }
    for name in [
        "RSA-1031", "RSA-2048", "RSA-3072", "RSA-4096", "RSA-5000", "RSA-8192",
    ] {
        assert!(seen.contains(name), "{name}: {seen:?}");
    }
}

fn unhex(text: &str) -> Vec<u8> {
    let digit = |b: u8| char::from(b).to_digit(16).unwrap() as u8;
    let pairs = text.as_bytes().chunks_exact(2);
    pairs.map(|p| digit(p[0]) << 4 | digit(p[1])).collect()
}

fn kind(name: &str) -> DigestKind {
    let all = [
        DigestKind::Md5,
        DigestKind::Sha1,
        DigestKind::Sha224,
        DigestKind::Sha256,
        DigestKind::Sha384,
        DigestKind::Sha512,
    ];
    all.into_iter().find(|k| k.name() == name).unwrap()
}

/// Whether signatures of `key` with `digest` prove nothing, however right they are.
fn refused(key: &str, digest: &str) -> bool {
    match key {
        "rsa-768-65537" | "rsa-2048-2305843009213693951" | "secp521r1" => true,
        _ if matches!(digest, "md5" | "sha224") => true,
        "rsa-1024-65537" | "rsa-1024-41" => digest == "sha384",
        "secp384r1" => digest == "sha1",
        _ => false,
    }
}

#[test]
fn signatures_are_judged_as_openssl_does_or_refused_with_a_reason() {
    let mut keys = std::collections::BTreeMap::new();
    let (mut good, mut bad, mut nothing) = (0, 0, 0);
    for line in SIGNATURES.lines() {
        let fields: Vec<&str> = line.split(' ').collect();
        if let ["key", name, der] = fields[..] {
            let key = PublicKey::read(&mut Reader::new(&unhex(der), 0)).unwrap();
            keys.insert(name, key);
            continue;
        }
        let ["sig", name, digest, how, signature, says] = fields[..] else {
            panic!("{line}");
        };
        let message = match how.split_once(':') {
            Some((_, number)) => format!("imgscan\n{number}\n"),
            None => "imgscan\n".into(),
        };
        let (key, digest) = (&keys[name], kind(digest));
        let mut signature = unhex(signature);
        let sum = digest.of(message.as_bytes());
        let got = key.verify(digest, &sum, &signature);
        if refused(name, digest.name()) {
            nothing += 1;
            if matches!(name, "prime256v1" | "secp384r1") {
                assert!(!got.unwrap(), "{name} {digest:?}");
                continue;
            }
            let why = got.unwrap_err();
            assert_eq!(why.kind, Kind::Unsupported, "{name} {digest:?}");
            // One that is over something else is wrong, and is said to be.
            if name.starts_with("rsa-") {
                let other = digest.of(b"imgscan");
                assert!(!key.verify(digest, &other, &signature).unwrap(), "{name}");
                let last = signature.len() - 1;
                signature[last] ^= 1;
                assert!(!key.verify(digest, &sum, &signature).unwrap(), "{name}");
                assert!(!key.verify(digest, &sum, &signature[..last]).unwrap());
                assert!(!key.verify(digest, &sum, &[]).unwrap());
            }
            continue;
        }
        let got = got.unwrap();
        assert_eq!(got, says == "good", "{name} {digest:?} {how}");
        if !got {
            bad += 1;
            continue;
        }
        good += 1;
        // A copy of the key shares what was prepared; another message is not signed.
        let other = digest.of(b"imgscan");
        assert!(!key.clone().verify(digest, &other, &signature).unwrap());
        let last = signature.len() - 1;
        signature[last] ^= 1;
        assert!(!key.verify(digest, &sum, &signature).unwrap());
        assert!(!key.verify(digest, &sum, &signature[..last]).unwrap());
        assert!(!key.verify(digest, &sum, &[]).unwrap());
    }
    assert_eq!((good, bad, nothing), (30, 2, 34));
}

#[test]
fn a_signature_longer_than_its_modulus_is_refused_though_the_number_is_the_same() {
    let zero = SIGNATURES.lines().find(|l| l.contains(" sha256 zero "));
    let fields: Vec<&str> = zero.unwrap().split(' ').collect();
    assert_eq!(fields[5], "bad");
    let signature = unhex(fields[4]);
    let key = SIGNATURES
        .lines()
        .find_map(|l| l.strip_prefix(&format!("key {} ", fields[1])));
    let key = PublicKey::read(&mut Reader::new(&unhex(key.unwrap()), 0)).unwrap();
    let sum = DigestKind::Sha256.of(b"imgscan\n");
    assert_eq!(signature[0], 0);
    assert!(
        key.verify(DigestKind::Sha256, &sum, &signature[1..])
            .unwrap()
    );
    assert!(!key.verify(DigestKind::Sha256, &sum, &signature).unwrap());
}

/// gpg wrote this signature with one byte less than the modulus has.
#[test]
fn openpgp_leaves_out_the_zeros_that_a_signature_begins_with() {
    let keys = include_bytes!("../../../../testdata/trust/short.asc");
    let packet = include_bytes!("../../../../testdata/trust/short.sig");
    let signed = include_bytes!("../../../../testdata/trust/short");
    let key = &Key::read_all(keys).unwrap()[0];
    let signature = Signature::parse(packet).unwrap();
    let verify = |data: &[u8]| {
        let feed = |take: &mut dyn FnMut(&[u8])| take(data);
        key.verify(&signature, feed).unwrap()
    };
    let PublicKey::Rsa(rsa) = &key.primary.key else {
        panic!("RSA");
    };
    assert_eq!(signature.rsa_number().len() + 1, rsa.modulus().len());
    assert!(verify(signed));
    assert!(!verify(b"another"));
}

#[test]
fn a_point_that_is_none_of_its_curve_verifies_nothing() {
    let line = SIGNATURES.lines().find(|l| l.starts_with("key prime256v1"));
    let der = unhex(line.unwrap().split(' ').nth(2).unwrap());
    let line = SIGNATURES
        .lines()
        .find(|l| l.starts_with("sig prime256v1 sha256"));
    let signature = unhex(line.unwrap().split(' ').nth(4).unwrap());
    let sum = DigestKind::Sha256.of(b"imgscan\n");
    let judged = |der: &[u8]| {
        let key = PublicKey::read(&mut Reader::new(der, 0)).unwrap();
        key.verify(DigestKind::Sha256, &sum, &signature)
    };
    assert!(judged(&der).unwrap());
    let mut off = der.clone();
    let last = off.len() - 1;
    off[last] ^= 1;
    assert_eq!(judged(&off).unwrap_err().kind, Kind::Unsupported);
    // A whole SubjectPublicKeyInfo where the point belongs.
    let key = crate::trust::EcKey::new("1.2.840.10045.3.1.7", &der);
    let got = key.verify(DigestKind::Sha256, &sum, &signature);
    assert_eq!(got.unwrap_err().kind, Kind::Unsupported);
}
