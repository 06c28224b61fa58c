use std::sync::Arc;

use super::*;
use crate::error::Kind;
use crate::source::MemorySource;

const KINDS: &[u8] = include_bytes!("../../../../testdata/hives/kinds.hive");

fn open(bytes: &[u8]) -> Result<Hive> {
    Hive::open(Arc::new(MemorySource(bytes.to_vec())), &Logs::default())
}

/// Every key and value below the root, as far as they can be read.
fn walk(hive: &Hive) -> (usize, usize, Vec<Error>) {
    let (mut keys, mut values) = (0, 0);
    let damage = hive
        .root()
        .and_then(|root| {
            hive.walk(&root, |visit| {
                keys += 1;
                for value in &visit.values.items {
                    values += usize::from(value.data().is_ok());
                }
                let _ = (visit.key.class_name(), visit.key.security());
                Ok(())
            })
        })
        .unwrap_or_else(|e| vec![e]);
    (keys, values, damage)
}

#[test]
fn values_of_every_type_are_what_the_recipe_wrote() {
    let hive = open(KINDS).unwrap();
    let key = hive.key(r"kinds").unwrap().unwrap();
    let data = |name: &str| key.value(name).unwrap().unwrap().data().unwrap();
    assert_eq!(data(""), Data::Text("default".into()));
    assert_eq!(data("TEXT"), Data::Text("größe 尺寸".into()));
    assert_eq!(data("Expand"), Data::Expand(r"%SystemRoot%\x".into()));
    assert_eq!(data("Bytes"), Data::Bytes((0..20).collect()));
    assert_eq!(data("Four"), Data::Bytes(vec![1, 2, 3, 4]));
    assert_eq!(data("None"), Data::Bytes(vec![]));
    assert_eq!(data("Number"), Data::Number(0x1234_5678));
    assert_eq!(data("Big"), Data::Number(0x1234_5678));
    assert_eq!(data("Long"), Data::Long(1 << 40));
    assert_eq!(data("List"), Data::List(vec!["a".into(), "b c".into()]));
    assert_eq!(data("Odd"), Data::Bytes(b"x".to_vec()));
    assert_eq!(key.value("Odd").unwrap().unwrap().kind().name(), "0x1234");
    assert!(key.value("absent").unwrap().is_none());
    assert_eq!(key.last_written().unwrap().secs, 1_700_000_000);
    assert_eq!(
        key.last_written().unwrap().to_string(),
        "2023-11-14T22:13:20Z"
    );
    assert_eq!(key.security().unwrap().map(|s| s[0]), Some(1));
    assert_eq!(key.class_name().unwrap(), None);
}

#[test]
fn keys_are_found_in_any_case_and_their_offsets_lead_to_their_cells() {
    let hive = open(KINDS).unwrap();
    let key = hive.key(r"\GRÖßE\inner").unwrap().unwrap();
    assert_eq!(key.name(), "Inner");
    let at = usize::try_from(key.offset()).unwrap();
    assert_eq!(&KINDS[at + 4..at + 6], b"nk");
    assert_eq!(&KINDS[at + 4 + 76..at + 4 + 81], b"Inner");
    assert!(hive.key(r"GRÖSSE\inner").unwrap().is_none());
    assert!(hive.key("absent").unwrap().is_none());
}

#[test]
fn a_dirty_hive_without_logs_says_so() {
    let mut bytes = KINDS.to_vec();
    bytes[8] ^= 1;
    let hive = open(&bytes).unwrap();
    assert!(matches!(hive.recovery(), Recovery::Failed(_)));
    assert_eq!(hive.warnings().len(), 1);
}

#[test]
fn a_list_that_holds_its_own_key_ends() {
    let hive = open(KINDS).unwrap();
    let root = hive.root().unwrap().cell_offset();
    // The first element of the root's list is made to lead back to the root.
    let list = KINDS[4096..]
        .windows(4)
        .position(|w| w == b"lh\x02\x00")
        .unwrap();
    let mut bytes = KINDS.to_vec();
    bytes[4096 + list + 4..4096 + list + 8].copy_from_slice(&root.to_le_bytes());
    let (keys, _, damage) = walk(&open(&bytes).unwrap());
    assert_eq!(keys, 2);
    assert_eq!(damage.len(), 1, "{damage:?}");
    assert!(damage[0].detail.en.contains("twice"));
}

#[test]
fn two_values_of_one_name_and_a_wrong_hash_are_no_answer() {
    let rename = |from: &[u8], to: &[u8]| {
        let at = KINDS.windows(from.len()).position(|w| w == from).unwrap();
        let mut bytes = KINDS.to_vec();
        bytes[at..at + to.len()].copy_from_slice(to);
        open(&bytes).unwrap()
    };
    let hive = rename(b"Four", b"LONG");
    let key = hive.key("Kinds").unwrap().unwrap();
    assert_eq!(key.value("long").err().map(|e| e.kind), Some(Kind::Corrupt));
    let hive = rename(b"Inner", b"Outer");
    assert_eq!(
        hive.key(r"Größe\Outer").err().map(|e| e.kind),
        Some(Kind::Corrupt)
    );
}

#[test]
fn a_cut_hive_reads_as_far_as_it_goes() {
    let hive = open(&KINDS[..4096 + 600]).unwrap();
    assert_eq!(hive.warnings().len(), 1);
    let (_, _, damage) = walk(&hive);
    assert!(!damage.is_empty());
    assert!(open(&KINDS[..300]).is_err());
    assert!(open(b"MZ").is_err());
    assert!(open(&[]).is_err());
}

#[test]
fn no_changed_byte_makes_a_panic_or_an_endless_walk() {
    // Every byte of the used part once, to three values that upset lengths and offsets.
    for at in (0..512).chain(4096..KINDS.len().min(4096 + 2600)) {
        for with in [0x00, 0x7F, 0xFF] {
            let mut bytes = KINDS.to_vec();
            bytes[at] = with;
            if let Ok(hive) = open(&bytes) {
                let _ = walk(&hive);
                let _ = hive.key(r"Kinds");
                let _ = hive.warnings();
            }
        }
    }
}

#[test]
fn bytes_of_a_type_without_texts_hold_what_a_careless_reader_sees() {
    let of = |bytes: &[u8]| Data::decode(ValueType::BINARY, bytes).hidden_text();
    let wide = |text: &str| -> Vec<u8> { text.encode_utf16().flat_map(u16::to_le_bytes).collect() };
    let path = "C:\\kit\\x.dll";
    assert_eq!(
        of(&wide("C:\\kit\\x.dll\0rest\u{1}")).as_deref(),
        Some(path)
    );
    assert_eq!(of(&wide(path)).as_deref(), Some(path));
    assert_eq!(of(b"C:\\kit\\x.dll\0\x01\x02").as_deref(), Some(path));
    // A DWORD that is too long is bytes, too.
    let long = Data::decode(ValueType::DWORD, &wide(path)).hidden_text();
    assert_eq!(long.as_deref(), Some(path));
    for bytes in [&[][..], &[1, 0, 0, 0], &[0xAA; 64], &[0x41; 64], b"abc"] {
        assert_eq!(of(bytes), None, "{bytes:?}");
    }
    assert_eq!(Data::Text(path.into()).hidden_text(), None);
}
