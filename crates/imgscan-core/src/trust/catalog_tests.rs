//! Catalogs of testdata/recipes/signed.sh; what osslsigncode says of them is in its truth.txt.

use super::*;
use crate::trust::Verification;

macro_rules! signed {
    ($name:literal) => {
        include_bytes!(concat!("../../../../testdata/signed/", $name)).as_slice()
    };
}

fn bundle() -> Bundle {
    let trusted = Bundle::default().with_user_file(signed!("ca.der"), "ca.der");
    trusted.unwrap()
}

/// Line 3 of the part of the truth for this catalog: the digest of driver.sys that it lists.
fn digest(catalog: &str) -> Vec<u8> {
    let truth = std::str::from_utf8(signed!("truth.txt")).unwrap();
    let part = truth
        .split(&format!("== driver.sys by {catalog}\n"))
        .nth(1)
        .unwrap();
    let line = part.lines().next().unwrap();
    let text = line.split(':').nth(1).unwrap().trim();
    (0..text.len() / 2)
        .map(|i| u8::from_str_radix(&text[2 * i..2 * i + 2], 16).unwrap())
        .collect()
}

#[test]
fn members_are_those_that_osslsigncode_finds() {
    for (name, bytes) in [
        ("driver.cat", signed!("driver.cat")),
        ("driver2.cat", signed!("driver2.cat")),
    ] {
        let wanted = HashSet::from([digest(name), vec![7; 20]]);
        assert_eq!(may_hold(bytes, &wanted), [&digest(name)]);
        let catalog = Catalog::parse(bytes).unwrap();
        let digest = digest(name);
        let asked = [digest.as_slice(), &[7; 20]];
        assert_eq!(catalog.members_among(&asked).unwrap(), [digest.as_slice()]);
        let found = catalog.verify(&bundle(), &[Role::User]).unwrap();
        assert_eq!(found.verification, Verification::Trusted);
        let signer = found.signer.unwrap();
        assert_eq!(signer.common_name(), "Test Hardware Publisher");
        assert!(
            signer
                .extended_usage
                .iter()
                .any(|u| u == "1.3.6.1.4.1.311.10.3.5")
        );
        let none = catalog.verify(&Bundle::default(), &[Role::User]).unwrap();
        assert_eq!(none.verification, Verification::Unanchored);
    }
    let wanted = HashSet::from([digest("driver.cat")]);
    assert!(may_hold(signed!("other.cat"), &wanted).is_empty());
}

#[test]
fn one_changed_byte_of_the_list_breaks_the_signature() {
    let mut bytes = signed!("driver.cat").to_vec();
    let digest = digest("driver.cat");
    let at = bytes.windows(20).position(|w| w == digest).unwrap();
    bytes[at] ^= 1;
    let catalog = Catalog::parse(&bytes).unwrap();
    let changed = &bytes[at..at + 20];
    assert_eq!(catalog.members_among(&[changed]).unwrap(), [changed]);
    let found = catalog.verify(&bundle(), &[Role::User]).unwrap();
    assert!(matches!(found.verification, Verification::Bad(_)));
}

#[test]
fn a_cut_or_spoilt_catalog_is_an_error_and_no_panic() {
    let bytes = signed!("driver.cat");
    for len in (0..bytes.len()).step_by(7) {
        if let Ok(catalog) = Catalog::parse(&bytes[..len]) {
            let _ = catalog.members_among(&[&[0; 20]]);
            let _ = catalog.verify(&bundle(), &[Role::User]);
        }
    }
    for at in (0..bytes.len()).step_by(3) {
        let mut spoilt = bytes.to_vec();
        spoilt[at] = 0xFF;
        if let Ok(catalog) = Catalog::parse(&spoilt) {
            let _ = catalog.members_among(&[&[0; 20]]);
        }
    }
}
