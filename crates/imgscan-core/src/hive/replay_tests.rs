//! Logs of the form before Windows 8.1, made by hand after "Windows registry file format
//! specification", chapter "Old format": the hive's base block (512 bytes) with a file type of 1
//! and complete, "DIRT", one bit for each 512 bytes of the hive bins, and from the next multiple of
//! 512 on the pages whose bit is set.

use std::sync::Arc;

use super::*;
use crate::source::MemorySource;

const KINDS: &[u8] = include_bytes!("../../../../testdata/hives/kinds.hive");
/// What the recipe gave the value `Number`.
const NUMBER: u32 = 0x1234_5678;
/// Bytes of the bins before the pages.
const BINS: usize = 4096;

/// Exclusive or of the words before it, as the base block keeps it.
pub(crate) fn seal(head: &mut [u8]) {
    let words = head[..508].chunks_exact(4);
    let sum = words.fold(0, |sum: u32, w| {
        sum ^ u32::from_le_bytes([w[0], w[1], w[2], w[3]])
    });
    head[508..512].copy_from_slice(&sum.to_le_bytes());
}

/// The page in which the number stands, and the hive before that page was written.
fn dirty() -> (usize, Vec<u8>) {
    let number = NUMBER.to_le_bytes();
    let at = KINDS.windows(4).position(|w| w == number).unwrap();
    let mut hive = KINDS.to_vec();
    hive[at..at + 4].fill(0xEE);
    hive[4] += 1;
    seal(&mut hive[..512]);
    ((at - BINS) / 512, hive)
}

/// A log with these pages of bins of `len` bytes; a page behind the sound hive is made of zeros.
fn log(pages: &[usize], len: usize) -> Vec<u8> {
    log_of(KINDS, pages, len)
}

/// A log with these pages of the sound hive `hive`.
pub(crate) fn log_of(hive: &[u8], pages: &[usize], len: usize) -> Vec<u8> {
    let mut log = hive[..512].to_vec();
    log[28] = 1;
    log[40..44].copy_from_slice(&u32::try_from(len).unwrap().to_le_bytes());
    seal(&mut log);
    log.extend_from_slice(b"DIRT");
    let vector = log.len();
    log.resize(vector + len / 512 / 8, 0);
    for page in pages {
        log[vector + page / 8] |= 1 << (page % 8);
    }
    log.resize(log.len().next_multiple_of(512), 0);
    for page in pages {
        let from = BINS + page * 512;
        log.extend_from_slice(hive.get(from..from + 512).unwrap_or(&[0; 512]));
    }
    log
}

fn open(hive: &[u8], log: &[u8]) -> Hive {
    let logs = Logs {
        log: Some(Arc::new(MemorySource(log.to_vec()))),
        ..Logs::default()
    };
    Hive::open(Arc::new(MemorySource(hive.to_vec())), &logs).unwrap()
}

fn number(hive: &Hive) -> Option<u32> {
    let key = hive.key("Kinds").unwrap().unwrap();
    key.value("Number").unwrap().unwrap().number().unwrap()
}

/// Why the log was not used; the hive shows what it held without it.
fn refused(hive: &[u8], log: &[u8]) -> String {
    let hive = open(hive, log);
    assert_eq!(number(&hive), Some(0xEEEE_EEEE));
    match hive.recovery() {
        Recovery::Failed(e) => e.detail.to_string(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_marked_pages_and_no_others_are_replaced() {
    let (page, hive) = dirty();
    let recovered = open(&hive, &log(&[page], 4096));
    let done = Recovery::Replayed {
        entries: 1,
        pages: 1,
        stopped: None,
    };
    assert_eq!(recovered.recovery(), &done);
    assert_eq!(number(&recovered), Some(NUMBER));
    assert_eq!(recovered.warnings(), []);
    // Another page alone leaves the number as the file has it.
    let other = open(&hive, &log(&[page + 1], 4096));
    assert_eq!(number(&other), Some(0xEEEE_EEEE));
    // Several pages stand in the log in the order of their bits.
    let all: Vec<usize> = (0..8).collect();
    assert_eq!(number(&open(&hive, &log(&all, 4096))), Some(NUMBER));
}

#[test]
fn a_clean_hive_takes_nothing_from_a_log() {
    let (page, spoilt) = dirty();
    let mut old = log(&[page], 4096);
    let from = BINS + page * 512;
    old[1024..1536].copy_from_slice(&spoilt[from..from + 512]);
    let hive = open(KINDS, &old);
    assert_eq!(hive.recovery(), &Recovery::Clean);
    assert_eq!(number(&hive), Some(NUMBER));
}

#[test]
fn a_hive_without_a_sound_base_block_takes_that_of_the_log() {
    let (page, mut hive) = dirty();
    hive[508] ^= 0xFF;
    let recovered = open(&hive, &log(&[page], 4096));
    assert_eq!(number(&recovered), Some(NUMBER));
    assert!(recovered.base().checksum_ok);
    hive[..512].fill(0);
    assert_eq!(number(&open(&hive, &log(&[page], 4096))), Some(NUMBER));
}

#[test]
fn a_log_may_make_the_hive_longer() {
    let (page, hive) = dirty();
    let mut pages: Vec<usize> = (8..16).collect();
    pages.insert(0, page);
    let grown = open(&hive, &log(&pages, 8192));
    assert_eq!(number(&grown), Some(NUMBER));
    assert_eq!(grown.base().bins_len, 8192);
    assert_eq!(grown.warnings(), []);
    // Pages that neither the file nor the log has are missing, and no zeros.
    let cut = open(&hive, &log(&[page], 8192));
    assert_eq!(cut.warnings().len(), 1);
}

#[test]
fn a_log_that_does_not_fit_is_refused_as_a_whole() {
    let (page, hive) = dirty();
    let good = log(&[0, page], 4096);
    // The time of the last write says which state of the hive a log belongs to.
    let mut other = good.clone();
    other[12] ^= 1;
    seal(&mut other);
    assert!(refused(&hive, &other).contains("another state"));
    // The name: a log of another hive.
    let mut other = good.clone();
    other[48] ^= 1;
    seal(&mut other);
    assert!(refused(&hive, &other).contains("another hive"));
    // Its own base block was not completed.
    let mut incomplete = good.clone();
    incomplete[4] += 1;
    seal(&mut incomplete);
    assert!(refused(&hive, &incomplete).contains("incomplete"));
    let mut unsigned = good.clone();
    unsigned[512] = b'X';
    assert!(refused(&hive, &unsigned).contains("DIRT"));
    // The last page is cut: the page before it is not applied alone.
    assert!(!refused(&hive, &good[..good.len() - 1]).is_empty());
    // The page that begins with a bin's signature names another bin.
    let mut moved = good;
    moved[1024 + 4] = 0x10;
    assert!(refused(&hive, &moved).contains("bin"));
    assert!(refused(&hive, b"").contains("no transaction log"));
}

/// Bins of two pages of which the file has `on_disk` bytes; the second page is of a log.
fn grown_store(on_disk: usize) -> store::Store {
    let mut file = vec![0; BINS];
    file.resize(BINS + on_disk, 1);
    let overlay = Overlay::from([(1, vec![2; 512].into())]);
    store::Store::new(Arc::new(MemorySource(file)), 1024, overlay)
}

#[test]
fn an_empty_range_behind_the_end_of_the_file_is_empty() {
    let store = grown_store(512);
    for at in [0, 512, 1024] {
        assert_eq!(store.bytes(at, 0).unwrap(), &[] as &[u8]);
    }
    assert!(store.bytes(1025, 0).is_err());
    assert_eq!(store.bytes(511, 513).unwrap()[..2], [1, 2]);
}

#[test]
fn a_page_that_the_file_has_in_part_is_the_logs_however_it_is_read() {
    let pieces = grown_store(600);
    assert_eq!(pieces.bytes(511, 3).unwrap(), &[1, 2, 2][..]);
    let whole = grown_store(600);
    whole.whole()(&std::sync::atomic::AtomicBool::new(false));
    assert_eq!(whole.bytes(511, 3).unwrap(), &[1, 2, 2][..]);
}
