//! Two hundred spoilt hives: each is read to an end, and none is taken for whole. The tests of
//! checks use them, too.

use std::sync::Arc;

use super::{Hive, Logs, Recovery};
use crate::source::{MemorySource, ReadAt};

macro_rules! hives {
    ($($name:literal),*) => {
        [$(include_bytes!(concat!("../../../../testdata/hives/", $name, ".hive")).as_slice()),*]
    };
}

const HIVES: [&[u8]; 5] = hives!(
    "kinds",
    "system-persist",
    "software-persist",
    "sam",
    "user-run"
);
/// Spoilt copies by each way.
const EACH: usize = 40;
/// The bins begin behind the base block, the cells behind the head of the bin.
const BINS: usize = 4096;
const FIRST_CELL: usize = BINS + 32;

pub(crate) struct Spoilt {
    pub(crate) what: String,
    pub(crate) hive: Vec<u8>,
    pub(crate) log: Option<Vec<u8>>,
}

/// Where the cells whose data begins with `kind` have their data.
fn cells(hive: &[u8], kind: &[u8]) -> Vec<usize> {
    let mut at = FIRST_CELL;
    let mut out = Vec::new();
    while let Some(size) = crate::bytes::le32(hive, at) {
        let size = (size as i32).unsigned_abs() as usize;
        if size < 8 {
            break;
        }
        if hive[at + 4..].starts_with(kind) {
            out.push(at + 4);
        }
        at += size;
    }
    out
}

fn put(hive: &mut [u8], at: usize, word: u32) {
    hive[at..at + 4].copy_from_slice(&word.to_le_bytes());
}

/// The number of a cell as other cells refer to it, from where its data begins.
fn reference(at: usize) -> u32 {
    u32::try_from(at - 4 - BINS).unwrap()
}

pub(crate) fn set() -> Vec<Spoilt> {
    let mut out = Vec::new();
    for i in 0..EACH {
        let sound = HIVES[i % HIVES.len()];
        let keys = cells(sound, b"nk");
        let mut add = |what: &str, hive: Vec<u8>, log| {
            let what = format!("{what} {i}");
            out.push(Spoilt { what, hive, log });
        };
        // Cut: within the base block, at its end, in the middle of a bin.
        let len = sound.len() * (i + 1) / (EACH + 2);
        add("cut", sound[..len].to_vec(), None);
        // A list of subkeys that is the key itself, its list's own cell, or the root.
        let with_children: Vec<usize> = keys
            .iter()
            .copied()
            .filter(|k| crate::bytes::le32(sound, k + 20) != Some(0))
            .collect();
        let key = with_children[i % with_children.len()];
        let mut hive = sound.to_vec();
        if i % 2 == 0 {
            put(&mut hive, key + 28, reference(keys[i % keys.len()]));
        } else {
            // The first element of its list leads back to the key.
            let list = crate::bytes::le32(sound, key + 28).unwrap() as usize + BINS + 4;
            put(&mut hive, list + 4, reference(key));
        }
        add("circle", hive, None);
        // A value of up to 4 GiB.
        let values = cells(sound, b"vk");
        let mut hive = sound.to_vec();
        let size = [u32::MAX, 0x7FFF_FFFF, 0x8000_0005, 0x4000_0000][i % 4];
        put(&mut hive, values[i % values.len()] + 4, size);
        add("value", hive, None);
        // A name that is no valid UTF-16.
        let named = keys[1 + i % (keys.len() - 1)];
        let mut hive = sound.to_vec();
        hive[named + 2] &= !0x20;
        hive[named + 76..named + 78].copy_from_slice(&[0x00, 0xD8]);
        add("name", hive, None);
        // Dirty, with the log of another hive, or with one that is cut.
        let mut hive = sound.to_vec();
        hive[8] ^= 0xFF;
        let mut log = HIVES[(i + 1) % HIVES.len()].to_vec();
        log[28] = 6;
        log.truncate(512 + 64 * i);
        add("log", hive, Some(log));
    }
    out
}

fn source(bytes: &[u8]) -> Arc<dyn ReadAt> {
    Arc::new(MemorySource(bytes.to_vec()))
}

/// True where reading all of the hive tells that something is wrong.
fn told(spoilt: &Spoilt) -> bool {
    let logs = Logs {
        log: None,
        log1: spoilt.log.as_deref().map(source),
        log2: None,
    };
    let Ok(hive) = Hive::open(source(&spoilt.hive), &logs) else {
        return true;
    };
    let mut wrong = matches!(hive.recovery(), Recovery::Failed(_)) || !hive.warnings().is_empty();
    let Ok(root) = hive.root() else {
        return true;
    };
    let damage = hive.walk(&root, |visit| {
        wrong |= visit.key.invalid_name().is_some();
        for value in &visit.values.items {
            wrong |= value.data().is_err();
        }
        Ok(())
    });
    wrong || damage.is_ok_and(|damage| !damage.is_empty())
}

#[test]
fn two_hundred_spoilt_hives_end_and_none_is_taken_for_whole() {
    let set = set();
    assert_eq!(set.len(), 200);
    let start = std::time::Instant::now();
    let silent: Vec<&str> = set
        .iter()
        .filter(|s| !told(s))
        .map(|s| s.what.as_str())
        .collect();
    assert_eq!(silent, Vec::<&str>::new());
    assert!(start.elapsed().as_secs() < 60, "{:?}", start.elapsed());
}

#[test]
fn keys_out_of_order_are_told_by_the_list_and_by_the_look_up() {
    // The hive of testdata/recipes/hives.py, in which two elements of one list change places.
    let sound = include_bytes!("../../../../testdata/hives/system-good.hive");
    let list = |bytes: &[u8]| {
        let services = b"cloudbase-init";
        let name = bytes.windows(services.len()).position(|w| w == services);
        let cell = name.unwrap() - 76 - 4 - 4096;
        let cell = u32::try_from(cell).unwrap().to_le_bytes();
        let mut places = bytes.windows(4).enumerate();
        let (at, _) = places
            .find(|(at, w)| *w == cell && at % 4 == 0 && *at > 4096)
            .unwrap();
        at
    };
    let at = list(sound);
    let mut swapped = sound.to_vec();
    let (first, second) = (sound[at..at + 8].to_vec(), sound[at + 8..at + 16].to_vec());
    swapped[at..at + 8].copy_from_slice(&second);
    swapped[at + 8..at + 16].copy_from_slice(&first);
    let open = |bytes: &[u8]| {
        let data = std::sync::Arc::new(crate::source::MemorySource(bytes.to_vec()));
        super::Hive::open(data, &super::Logs::default()).unwrap()
    };
    let path = r"ControlSet001\Services";
    let hive = open(sound);
    assert_eq!(hive.faults(), []);
    assert_eq!(hive.key(path).unwrap().unwrap().subkeys().damage, []);
    let hive = open(&swapped);
    let services = hive.key(path).unwrap().unwrap();
    let order = |e: &crate::error::Error| e.detail.code == "error-hive-order";
    assert!(services.subkeys().damage.iter().any(order));
    for name in ["cloudbase-init", "OnionX", "win-agent", "nowhere"] {
        assert!(order(&services.subkey(name).unwrap_err()), "{name}");
    }
    assert!(hive.faults().iter().any(order));
    // A hash that leads to another name.
    let mut hashed = sound.to_vec();
    hashed[at + 4] ^= 1;
    let hive = open(&hashed);
    let services = hive.key(path).unwrap().unwrap();
    assert!(!services.subkeys().damage.is_empty());
    assert!(services.subkey("win-agent").is_err());
    assert!(!hive.faults().is_empty());
}
