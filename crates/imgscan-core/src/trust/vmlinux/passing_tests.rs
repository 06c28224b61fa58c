//! A kernel that passes by gives what it gives as a whole, wherever a thing stands in it.

use std::io::Write as _;

use super::*;

const SIZE: usize = 16 * 1024;
const OVERLAP: usize = 4 * 1024;
/// Where the first window leaves things to the second.
const BORDER: usize = SIZE - OVERLAP;
const LEN: usize = 3 * SIZE;
const CERTIFICATE: &[u8] =
    include_bytes!("../../../trust/distro/almalinux-os-foundation-2022-819ec84d.der");
const LINE: &[u8] = b"Linux version 6.1.0-1 (a@b) (gcc) #1 SMP x\n";

fn passed(kernel: &[u8], address: Option<u64>, piece: usize) -> Inside {
    let mut passing = Passing {
        windows: Windows::new(SIZE, OVERLAP),
        search: Search::new(address),
    };
    for bytes in kernel.chunks(piece) {
        passing.take(bytes);
    }
    passing.finish()
}

/// A kernel of `len` bytes with `parts` at their places.
fn kernel(len: usize, parts: &[(usize, &[u8])]) -> Vec<u8> {
    let mut all = vec![0x55; len];
    for (at, part) in parts {
        all[*at..at + part.len()].copy_from_slice(part);
    }
    all
}

/// The places of something `len` bytes long that meet a border of windows.
fn places(len: usize) -> impl Iterator<Item = usize> {
    let around = [BORDER, SIZE, BORDER + BORDER, BORDER + SIZE];
    let near = around
        .into_iter()
        .flat_map(move |b| [b - len - 1, b - len, b - len + 1, b - 9, b - 1, b, b + 1]);
    near.chain([0, LEN - len - 1, LEN - len])
}

#[test]
fn a_certificate_is_found_once_at_every_place() {
    for at in places(CERTIFICATE.len()) {
        let kernel = kernel(LEN, &[(at, CERTIFICATE)]);
        for piece in [1000, SIZE, LEN] {
            let found = passed(&kernel, None, piece).certificates.unwrap();
            let [(place, certificate)] = found.as_slice() else {
                panic!("{at} {piece}: {}", found.len());
            };
            assert_eq!((*place, &*certificate.der), (at as u64, CERTIFICATE));
        }
    }
    // One that the kernel ends in.
    let cut = kernel(LEN + 1, &[(LEN + 1 - CERTIFICATE.len(), CERTIFICATE)]);
    assert_eq!(passed(&cut[..LEN], None, 1000).certificates.unwrap(), []);
}

#[test]
fn a_banner_is_found_at_every_place() {
    for at in places(LINE.len()) {
        // One without a number of the build counts only where there is no whole one.
        let weak = b"Linux version 6.1.0-0 (a@b) (gcc) SMP\n";
        let other = if at < 100 { LEN / 2 } else { 0 };
        let kernel = kernel(LEN, &[(other, weak), (at, LINE)]);
        let found = passed(&kernel, None, 1000).banner.unwrap();
        assert_eq!(found.release, "6.1.0-1", "{at}");
    }
    let found = passed(&kernel(LEN, &[(LEN - 20, &LINE[..20])]), None, 1000);
    assert_eq!(found.banner, None);
}

#[test]
fn a_configuration_is_found_at_every_place_and_may_be_longer_than_a_window() {
    let mut noise = 1_u32;
    let long: String = (0..4 * SIZE)
        .map(|_| {
            noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            char::from(b'A' + (noise >> 27) as u8)
        })
        .collect();
    for text in ["CONFIG_A=y\n", &long] {
        let mut packed = CONFIG.to_vec();
        let fast = flate2::Compression::fast();
        let mut encoder = flate2::write::GzEncoder::new(&mut packed, fast);
        encoder.write_all(text.as_bytes()).unwrap();
        encoder.finish().unwrap();
        packed.extend(CONFIG_END);
        let len = packed.len();
        let ends = [SIZE, BORDER + SIZE, LEN].map(|end| (end.saturating_sub(len + 8), end));
        let near = ends.iter().flat_map(|(from, to)| *from..=to - 1);
        for at in near
            .step_by(if len > SIZE { 997 } else { 1 })
            .chain([BORDER - 1, BORDER])
        {
            let kernel = kernel(at + len + 3, &[(at, &packed)]);
            let found = passed(&kernel, None, 1000).config.unwrap();
            assert_eq!(found.as_deref(), Some(text), "{at}");
            let cut = passed(&kernel[..at + len - 1], None, 1000)
                .config
                .unwrap_err();
            assert_eq!(cut.offset, Some(at as u64));
        }
    }
}

/// Where the parts of an ELF file stand.
#[derive(Clone, Copy)]
struct Places {
    programs: usize,
    banner: usize,
    notes: usize,
    names: usize,
    sections: usize,
}

const USUAL: Places = Places {
    programs: 64,
    banner: 200,
    notes: 2 * SIZE,
    names: 2 * SIZE + 2000,
    sections: 2 * SIZE + 2100,
};
const ADDRESS: u64 = 0xffff_ffff_8200_0000;

/// An ELF file (64-bit, elf(5)) with a segment that is loaded at [`ADDRESS`] less 16, notes with
/// the build id `01020304`, which a segment names where `segment` is set, and a section `.BTF`.
fn elf(at: Places, segment: bool) -> Vec<u8> {
    let row = |fields: &[(usize, u64, usize)]| {
        let mut row = vec![0; 64];
        for (at, value, len) in fields {
            row[*at..at + len].copy_from_slice(&value.to_le_bytes()[..*len]);
        }
        row
    };
    let n = |place: usize| place as u64;
    let mut head = row(&[(32, n(at.programs), 8), (40, n(at.sections), 8)]);
    head[..7].copy_from_slice(b"\x7fELF\x02\x01\x01");
    head[54..56].copy_from_slice(&[56, 0]);
    head[56..58].copy_from_slice(&[2, 0]);
    head[58..64].copy_from_slice(&[64, 0, 4, 0, 3, 0]);
    let loaded = [
        (0, 1, 4),
        (8, n(at.banner) - 16, 8),
        (16, ADDRESS - 16, 8),
        (32, 100, 8),
    ];
    let notes = b"\x04\0\0\0\x04\0\0\0\x03\0\0\0GNU\0\x01\x02\x03\x04";
    let kind = if segment { 4 } else { 6 };
    let noted = [(0, kind, 4), (8, n(at.notes), 8), (32, n(notes.len()), 8)];
    let names = b"\0.notes\0.BTF\0.shstrtab\0";
    let mut sections = row(&[]);
    for (name, start, len) in [
        (1, at.notes, notes.len()),
        (8, 100, 50),
        (13, at.names, names.len()),
    ] {
        sections.extend(row(&[
            (0, name, 4),
            (4, 1, 4),
            (24, n(start), 8),
            (32, n(len), 8),
        ]));
    }
    let parts: &[(usize, &[u8])] = &[
        (0, &head),
        (at.programs, &row(&loaded)[..56]),
        (at.programs + 56, &row(&noted)[..56]),
        (at.banner, LINE),
        (at.notes, notes),
        (at.names, names),
        (at.sections, &sections),
    ];
    kernel(LEN, parts)
}

fn read(file: &[u8], windows: bool) -> (Option<Vec<u8>>, Option<bool>, AtAddress) {
    let inside = match windows {
        true => passed(file, Some(ADDRESS), 1000),
        false => Inside::of(file, Some(ADDRESS)),
    };
    (inside.build_id, inside.btf, inside.at_address)
}

#[test]
fn what_headers_lead_to_is_read_as_it_passes() {
    let expected = (Some(vec![1, 2, 3, 4]), Some(true), AtAddress::Banner);
    let usual = elf(USUAL, true);
    assert_eq!(read(&usual, false), expected);
    let around = |border: usize| border - 300..border + 300;
    for border in [BORDER, SIZE, BORDER + BORDER] {
        for place in around(border).step_by(3) {
            let ends = Places {
                notes: place,
                ..USUAL
            };
            assert_eq!(read(&elf(ends, true), true), expected, "notes {place}");
            let ends = Places {
                banner: place,
                ..USUAL
            };
            assert_eq!(read(&elf(ends, true), true), expected, "banner {place}");
            let ends = Places {
                names: place,
                sections: place + 100,
                ..USUAL
            };
            assert_eq!(read(&elf(ends, true), true), expected, "sections {place}");
        }
    }
    // The file ends with its section headers; or in them, after the second.
    let end = USUAL.sections + 4 * 64;
    assert_eq!(read(&usual[..end], true), expected);
    let cut = (expected.0.clone(), Some(false), AtAddress::Banner);
    for windows in [true, false] {
        assert_eq!(read(&usual[..end - 65], windows), cut);
    }
}

#[test]
fn what_had_passed_before_its_place_was_known_is_not_known() {
    let whole = (Some(vec![1, 2, 3, 4]), Some(true), AtAddress::Banner);
    // Sections are named behind the notes: with no segment for these, they are seen as one whole only.
    let far = Places {
        notes: 1000,
        ..USUAL
    };
    assert_eq!(read(&elf(far, false), false), whole);
    let (id, btf, at) = read(&elf(far, false), true);
    assert_eq!((id, btf, at), (None, whole.1, whole.2));
    // Near enough, they are there yet.
    assert_eq!(read(&elf(USUAL, false), true), whole);
    let far = Places {
        names: 1000,
        ..USUAL
    };
    assert_eq!(read(&elf(far, true), false), whole);
    assert_eq!(
        read(&elf(far, true), true),
        (whole.0.clone(), None, whole.2)
    );
    let far = Places {
        programs: 2 * SIZE + 1000,
        ..USUAL
    };
    assert_eq!(read(&elf(far, true), false), whole);
    let (id, btf, at) = read(&elf(far, true), true);
    assert_eq!(
        (id, btf, at),
        (whole.0.clone(), whole.1, AtAddress::Unknown)
    );
    let far = Places { notes: 1000, ..far };
    assert_eq!(read(&elf(far, true), true).0, None);
}

#[test]
fn something_else_at_the_address_is_told() {
    let mut file = elf(USUAL, true);
    file[USUAL.banner] = b'X';
    assert_eq!(read(&file, true).2, AtAddress::Other);
    assert_eq!(
        passed(&file, Some(ADDRESS + 84), 1000).at_address,
        AtAddress::Other
    );
    assert_eq!(passed(&file, None, 1000).at_address, AtAddress::Unknown);
}
