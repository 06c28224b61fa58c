//! META-002.

use crate::hive::replay_tests;
use crate::policy::Status;
use crate::policy::checks::windows::testing::{CONFIG, item};
use crate::policy::checks::windows::testing::{assert_status, hive, sound};

#[test]
fn dirty_hives_are_told_and_those_without_logs_are_unknown() {
    let found = assert_status(sound(), "META-002", Status::Pass);
    assert_eq!(
        item(&found, "1, 1").at.path.as_deref(),
        Some("C:/Windows/System32/config/SYSTEM")
    );
    let mut dirty = hive!("system-clean").to_vec();
    dirty[8] ^= 0xFF;
    let fs = sound().file(&format!("{CONFIG}/SYSTEM"), 0o644, dirty);
    let found = assert_status(fs, "META-002", Status::Unknown);
    let path = "C:/Windows/System32/config/SYSTEM";
    assert_eq!(found.gaps[0].at.path.as_deref(), Some(path));
    // The first page was to be written when the system stopped.
    let clean = hive!("system-clean");
    let log = replay_tests::log_of(clean, &[0], clean.len() - 4096);
    let mut dirty = clean.to_vec();
    dirty[4] += 1;
    dirty[4096..4608].fill(0xEE);
    replay_tests::seal(&mut dirty[..512]);
    let fs = sound()
        .file(&format!("{CONFIG}/SYSTEM"), 0o644, dirty)
        .file(&format!("{CONFIG}/SYSTEM.LOG"), 0o644, log);
    let found = assert_status(fs, "META-002", Status::Warn);
    let item = item(&found, "2, 1");
    assert_eq!(item.at.path.as_deref(), Some(path));
    assert!(item.note.en.contains("1 entry"), "{}", item.note.en);
}
