//! Time stamps of testdata/recipes/stamped.sh: what osslsigncode reads out of them is its truth.

use crate::source::MemorySource;
use crate::trust::pe::Pe;
use crate::trust::{Bundle, Role, authenticode};

const TRUTH: &str = include_str!("../../../../testdata/stamped/truth.txt");

macro_rules! stamped {
    ($name:literal) => {
        include_bytes!(concat!("../../../../testdata/stamped/", $name, ".exe")).to_vec()
    };
}

fn stamp(bytes: Vec<u8>) -> Option<String> {
    let file = MemorySource(bytes);
    let pe = Pe::parse(&file).unwrap();
    let found = authenticode(&pe, &file, &Bundle::default(), &[Role::User]).unwrap();
    found.signatures[0].stamp.clone()
}

#[test]
fn both_forms_of_time_stamp_tell_the_time_that_osslsigncode_tells() {
    for (name, bytes) in [
        ("rfc3161", stamped!("rfc3161")),
        ("countersigned", stamped!("countersigned")),
    ] {
        let mut rows = TRUTH.lines().filter_map(|l| l.split_once(' '));
        let (_, wanted) = rows.find(|(n, _)| *n == name).unwrap();
        assert_eq!(stamp(bytes).as_deref(), Some(wanted), "{name}");
    }
    let plain = include_bytes!("../../../../testdata/signed/kernel.exe");
    assert_eq!(stamp(plain.to_vec()), None);
}

#[test]
fn a_stamp_on_another_signature_is_not_told() {
    // The digest that was stamped, behind the algorithm's name (SHA-256) and NULL parameters.
    let mut bytes = stamped!("rfc3161");
    let algorithm = [0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01];
    let token = b"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01\x04";
    let at = bytes.windows(11).position(|w| w == token).unwrap();
    let of = bytes[at..].windows(9).position(|w| w == algorithm).unwrap();
    let digest = at + of + 9;
    let octets = bytes[digest..].windows(2).position(|w| w == [4, 32]);
    bytes[digest + octets.unwrap() + 2] ^= 1;
    assert_eq!(stamp(bytes), None);
}
