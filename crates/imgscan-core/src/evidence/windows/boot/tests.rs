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
    assert!(matches!(
        data(&[&bytes[..], b"\0"].concat()),
        ElementData::Odd(_)
    ));
}

#[test]
fn names_are_those_of_bcdedit() {
    assert_eq!(element_name(0x1600_0049), Some("testsigning"));
    assert_eq!(element_name(0x2500_0142), Some("vsmlaunchtype"));
    assert_eq!(element_name(0), None);
}

/// The device of the recovery environment in a store that bcdedit wrote (regipy's BCD).
#[test]
fn a_ram_disk_has_its_file_partition_and_options() {
    let header = "e7623b7308f6eb11825cc112f60133ab0000000001000000b800000000000000";
    let ram = "0300000000000000000000000000000000000000000000000100000090000000\
               050000000600000000000000480000000000000069cddf6c75de90448f995a84bf264917";
    let rest = "0000000000000000a994230b5e097d488d48719ecd4d78ca\
                00000000000000000000000000000000";
    let hex = [header, ram, rest].concat();
    let mut bytes: Vec<u8> = (0..hex.len() / 2)
        .map(|i| u8::from_str_radix(&hex[2 * i..2 * i + 2], 16).unwrap())
        .collect();
    let path = r"\Recovery\WindowsRE\Winre.wim";
    bytes.extend(path.encode_utf16().chain([0]).flat_map(u16::to_le_bytes));
    assert_eq!(bytes.len(), 200);
    let data = ElementData::read(0x1100_0001, crate::hive::Data::Bytes(bytes.clone()));
    let ElementData::Device(Device::File {
        ram,
        path: of,
        on,
        options,
    }) = data
    else {
        panic!("{data:?}");
    };
    assert_eq!((ram, of.as_str()), (true, path));
    assert_eq!(
        options.as_deref(),
        Some("{733b62e7-f608-11eb-825c-c112f60133ab}")
    );
    let Some(Device::Gpt { partition, .. }) = on.as_deref() else {
        panic!("{on:?}");
    };
    assert_eq!(partition, "6cdfcd69-de75-4490-8f99-5a84bf264917");
    for len in 0..bytes.len() {
        let _ = ElementData::read(0x1100_0001, crate::hive::Data::Bytes(bytes[..len].to_vec()));
    }
}
