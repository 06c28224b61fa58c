//! The logs are those of testdata/recipes/evtx.py; TRUTH is what evtxexport reads in them.

use super::*;
use crate::source::MemorySource;

const TRUTH: &str = include_str!("../../../../testdata/events/TRUTH");

macro_rules! log {
    ($name:literal) => {
        (
            $name,
            zstd::decode_all(
                include_bytes!(concat!("../../../../testdata/events/", $name, ".evtx.zst"))
                    .as_slice(),
            )
            .unwrap(),
        )
    };
}

fn all(bytes: Vec<u8>) -> EventLog {
    read(&MemorySource(bytes), &|_, _| true).unwrap()
}

#[test]
fn every_record_is_what_evtxexport_reads() {
    for (name, bytes) in [
        log!("system-quiet"),
        log!("system-drivers"),
        log!("code-quiet"),
        log!("code-unsigned"),
        log!("empty"),
    ] {
        let log = all(bytes);
        assert_eq!(log.errors, []);
        let lines: Vec<&str> = TRUTH
            .split(&format!("== {name}\n"))
            .nth(1)
            .unwrap()
            .lines()
            .take_while(|l| !l.starts_with("== "))
            .collect();
        assert_eq!(log.records as usize, lines.len(), "{name}");
        assert_eq!(log.events.len(), lines.len(), "{name}");
        for (event, line) in log.events.iter().zip(lines) {
            let mut seen = vec![
                event.record.to_string(),
                event.id.to_string(),
                event.time.to_string(),
                event.provider.clone(),
            ];
            seen.extend(event.fields.iter().map(|(_, text)| text.clone()));
            assert_eq!(seen.join("\t"), line, "{name}");
        }
    }
}

#[test]
fn damage_is_told_and_never_hides_a_whole_log() {
    let (_, sound) = log!("system-drivers");
    assert_eq!(sound.len(), 4096 + 2 * 65_536);
    assert!(read(&MemorySource(b"ElfFile\0".to_vec()), &|_, _| true).is_err());
    let mut other = sound.clone();
    other[0] = b'X';
    assert!(read(&MemorySource(other), &|_, _| true).is_err());
    let mut first = sound.clone();
    first[4096] = b'X';
    let log = all(first);
    assert_eq!(log.errors.len(), 1);
    assert_eq!(log.first, 41);
    let mut record = sound.clone();
    // Inside the first record of the second chunk.
    record[4096 + 65_536 + 512 + 40] ^= 0xFF;
    assert!(!all(record).errors.is_empty());
}

#[test]
fn a_template_that_refers_to_itself_ends() {
    let (_, mut log) = log!("code-unsigned");
    // The first record of the chunk: 24 bytes of header, 4 of the fragment, then the template's
    // instance with its definition 10 bytes on, whose elements begin 24 + 4 bytes after that.
    let chunk = 4096;
    let instance = chunk + 512 + 28;
    assert_eq!(log[instance], 0x0C);
    let definition = 512_u32 + 28 + 10;
    assert_eq!(log[instance + 6..instance + 10], definition.to_le_bytes());
    let body = chunk + definition as usize + 24;
    assert_eq!(log[body..body + 5], [0x0F, 1, 1, 0, 0x41]);
    let own: Vec<u8> = log[instance..instance + 10].to_vec();
    log[body + 4..body + 14].copy_from_slice(&own);
    log[body + 14..body + 19].fill(0);
    assert!(!all(log).errors.is_empty());
}

#[test]
fn spoilt_bytes_end() {
    let (_, sound) = log!("code-unsigned");
    let mut seed = 1_u32;
    for _ in 0..300 {
        let mut bytes = sound.clone();
        for _ in 0..4 {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let at = 4096 + (seed >> 8) as usize % 4000;
            bytes[at] = (seed >> 24) as u8;
        }
        let log = all(bytes);
        assert!(log.records <= 65_536 / 24);
    }
}
