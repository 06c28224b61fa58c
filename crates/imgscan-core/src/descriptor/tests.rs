//! Descriptors as other tools make them: impacket 0.13.1 (`ldaptypes.SR_SECURITY_DESCRIPTOR`) made
//! the bytes from the entries that stand beside them; the texts are lists that Windows has.

use super::*;

const SYSTEM: &str = "S-1-5-18";
const USERS: &str = "S-1-5-32-545";
/// Denied to Everyone: 0x20. Allowed: SYSTEM 0x1f01ff, Authenticated Users 0x1301bf (only handed
/// down), Users 0x1200a9, TrustedInstaller 0x1200a9.
const PROGRAM: &str = "0100048098000000a800000000000000140000000400840005000000010014002000000001010000000000010000000000031400ff011f00010100000000000512000000001b1400bf01130001010000000000050b00000000101800a90012000102000000000005200000002102000000002800a9001200010600000000000550000000b589fb381984c2cb5c6c236d5700776ec002648701020000000000052000000020020000010100000000000512000000";
/// Allowed: Authenticated Users 0x100 for one kind of object, LocalService 2 for all kinds,
/// NetworkService 1 under a condition.
const LIMITED: &str = "01000480740000008400000000000000140000000400600003000000050028000001000001000000000102030405060708090a0b0c0d0e0f01010000000000050b00000005001800020000000000000001010000000000051300000009001800010000000101000000000005140000006172747801020000000000052000000020020000010100000000000512000000";
/// A list without entries.
const NOBODY: &str = "010004801c0000002c0000000000000014000000040008000000000001020000000000052000000020020000010100000000000512000000";

fn bytes(hex: &str) -> Vec<u8> {
    let pairs = hex.as_bytes().chunks(2);
    let pairs = pairs.map(|pair| std::str::from_utf8(pair).unwrap());
    pairs.map(|p| u8::from_str_radix(p, 16).unwrap()).collect()
}

fn parse(hex: &str) -> Descriptor {
    Descriptor::parse(&bytes(hex)).unwrap()
}

fn rights(descriptor: &Descriptor, sid: &str) -> u32 {
    let grants = descriptor.grants(&Generic::FILE);
    let found = grants.iter().find(|(of, _)| *of == sid);
    found.map_or(0, |(_, rights)| *rights)
}

#[test]
fn entries_are_read_in_their_order() {
    let it = parse(PROGRAM);
    assert_eq!(it.owner.as_deref(), Some("S-1-5-32-544"));
    assert_eq!(it.group.as_deref(), Some(SYSTEM));
    let list = it.list.as_ref().unwrap();
    let shown: Vec<(Effect, u8, u32)> = list.iter().map(|e| (e.effect, e.flags, e.mask)).collect();
    assert_eq!(
        shown,
        [
            (Effect::Denies, 0, 0x20),
            (Effect::Allows, 3, 0x1F_01FF),
            (Effect::Allows, 0x1B, 0x13_01BF),
            (Effect::Allows, 0x10, 0x12_00A9),
            (Effect::Allows, 0, 0x12_00A9),
        ]
    );
    assert_eq!(
        list.last().unwrap().sid,
        "S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464"
    );
    // What everybody is denied first nobody gets after it, and what is handed down counts elsewhere.
    assert_eq!(rights(&it, USERS), 0x12_0089);
    assert_eq!(rights(&it, "S-1-5-11"), 0);
    let token = |sid: &str| sid == SYSTEM || sid == EVERYONE;
    assert_eq!(it.granted(&Generic::FILE, true, token), 0x1F_01DF);
}

#[test]
fn what_stands_first_decides() {
    let allowed = Descriptor::parse_text("D:(A;;FA;;;BU)(D;;FA;;;BU)").unwrap();
    assert_eq!(rights(&allowed, USERS), 0x1F_01FF);
    let denied = Descriptor::parse_text("D:(D;;FA;;;BU)(A;;FA;;;BU)").unwrap();
    assert_eq!(rights(&denied, USERS), 0);
}

#[test]
fn without_a_list_everybody_may_do_everything_and_by_an_empty_one_nobody_anything() {
    let it = parse(NOBODY);
    assert_eq!(it.list.as_deref(), Some(&[][..]));
    assert_eq!(it.granted(&Generic::FILE, false, |sid| sid == SYSTEM), 0);
    // But for the owner, who may change the list.
    assert_eq!(it.grants(&Generic::FILE), [("S-1-5-32-544", 0x6_0000)]);
    let mut open = bytes(NOBODY);
    open[16..20].fill(0);
    let open = Descriptor::parse(&open).unwrap();
    assert_eq!(open.grants(&Generic::FILE), [(EVERYONE, u32::MAX)]);
    let mut absent = bytes(NOBODY);
    absent[2] = 0;
    assert_eq!(Descriptor::parse(&absent).unwrap().list, None);
}

#[test]
fn entries_under_a_condition_give_nothing_for_certain() {
    let it = parse(LIMITED);
    for (sid, mask, sure) in [
        ("S-1-5-11", 0x100, 0),
        ("S-1-5-19", 2, 2),
        ("S-1-5-20", 1, 1 - 1),
    ] {
        assert_eq!(
            it.granted(&Generic::FILE, false, |s| s == sid),
            mask,
            "{sid}"
        );
        assert_eq!(
            it.granted(&Generic::FILE, true, |s| s == sid),
            sure,
            "{sid}"
        );
    }
}

/// Every byte cut off, and every byte another one: no panic, and no list where it is cut.
#[test]
fn damage_is_told() {
    for hex in [PROGRAM, LIMITED, NOBODY] {
        let whole = bytes(hex);
        for end in 0..whole.len() {
            assert!(Descriptor::parse(&whole[..end]).is_err(), "{end}");
        }
        for at in 0..whole.len() {
            for value in [0, 1, 0x7F, 0xFF] {
                let mut spoilt = whole.clone();
                spoilt[at] = value;
                let _ = Descriptor::parse(&spoilt);
            }
        }
    }
}

#[test]
fn text_says_the_same_as_bytes() {
    let text = "O:BAG:SYD:PAI(D;;0x20;;;WD)(A;OICI;FA;;;SY)(A;OICIIOID;0x1301bf;;;AU)(A;ID;0x1200a9;;;BU)(A;;0x1200a9;;;S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464)";
    assert_eq!(Descriptor::parse_text(text).unwrap(), parse(PROGRAM));
    // WinRM's own, with what is logged; a service's; without a list.
    let remote = "O:NSG:BAD:P(A;;GA;;;BA)(A;;GR;;;IU)S:P(AU;FA;GA;;;WD)(AU;SA;GXGW;;;WD)";
    let remote = Descriptor::parse_text(remote).unwrap();
    assert_eq!(remote.owner.as_deref(), Some("S-1-5-20"));
    assert_eq!(remote.list.unwrap().len(), 2);
    let service = "D:(A;;CCLCSWRPWPDTLOCRRC;;;SY)(A;;CCDCLCSWRPWPDTLOCRSDRCWDWO;;;BA)";
    let list = Descriptor::parse_text(service).unwrap().list.unwrap();
    assert_eq!((list[0].mask, list[1].mask), (0x2_01FD, 0xF_01FF));
    let open = Descriptor::parse_text("O:SYD:NO_ACCESS_CONTROL").unwrap();
    assert_eq!(open.list, None);
    let condition = r#"D:(XA;;FX;;;S-1-1-0;(@User.Title=="PM" && (@User.Division=="Finance")))"#;
    assert!(Descriptor::parse_text(condition).unwrap().list.unwrap()[0].is_limited);
    for odd in [
        "D:(A;;QQ;;;WD)",
        "D:(A;;GA;;;WD",
        "D:(A;;GA;;)",
        "X:",
        "D:(A;;GA;;;QQ)",
        "ä",
    ] {
        assert!(Descriptor::parse_text(odd).is_err(), "{odd}");
    }
}

/// The examples of \[MS-DTYP\] 2.4.2.4: Administrators and Local System.
#[test]
fn well_known_identifiers_have_their_published_text() {
    let administrators = [1, 2, 0, 0, 0, 0, 0, 5, 32, 0, 0, 0, 0x20, 2, 0, 0];
    assert_eq!(sid(&administrators).unwrap(), ("S-1-5-32-544".into(), 16));
    let system = [1, 1, 0, 0, 0, 0, 0, 5, 18, 0, 0, 0];
    assert_eq!(sid(&system).unwrap().0, SYSTEM);
    assert_eq!(sid(&[1, 2, 0, 0, 0, 0, 0, 5, 18, 0, 0, 0]), None);
    assert_eq!(sid(&[1, 16]), None);
}
