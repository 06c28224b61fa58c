use super::*;

#[test]
fn devices_are_read_as_bcdedit_wrote_them() {
    // Of a store whose disk has the GUID 0b2394a9-095e-487d-8d48-719ecd4d78ca.
    let raw = "0000000000000000000000000000000006000000000000004800000000000000\
               382c0f8eeae4ba47b7fc9d8c74dccf0b0000000000000000\
               a994230b5e097d488d48719ecd4d78ca00000000000000000000000000000000";
    let bytes: Vec<u8> = (0..raw.len() / 2)
        .map(|i| u8::from_str_radix(&raw[2 * i..2 * i + 2], 16).unwrap())
        .collect();
    let data =
        |bytes: &[u8]| ElementData::read(0x1100_0001, crate::hive::Data::Bytes(bytes.to_vec()));
    assert_eq!(
        data(&bytes).to_string(),
        "partition 8e0f2c38-e4ea-47ba-b7fc-9d8c74dccf0b of disk 0b2394a9-095e-487d-8d48-719ecd4d78ca"
    );
    for len in 0..bytes.len() {
        let _ = data(&bytes[..len]);
    }
    assert!(matches!(data(&bytes[..0x3F]), ElementData::Odd(_)));
}

#[test]
fn names_are_those_of_bcdedit() {
    assert_eq!(element_name(0x1600_0049), Some("testsigning"));
    assert_eq!(element_name(0x2500_0142), Some("vsmlaunchtype"));
    assert_eq!(element_name(0), None);
}
