//! WIN-KERNEL-010. The logs are those of testdata/recipes/evtx.py, whose TRUTH is what evtxexport
//! reads in them.

use super::testing::{item, on, proven};
use crate::fs::memory::MemoryFs;
use crate::policy::{CheckResult, Status};

const LOGS: &str = "/Windows/System32/winevt/Logs";
const CODE: &str = "Microsoft-Windows-CodeIntegrity%4Operational.evtx";

macro_rules! log {
    ($name:literal) => {
        zstd::decode_all(
            include_bytes!(concat!(
                "../../../../../../../testdata/events/",
                $name,
                ".evtx.zst"
            ))
            .as_slice(),
        )
        .unwrap()
    };
}

fn with(system: Vec<u8>, code: Vec<u8>) -> MemoryFs {
    proven()
        .file(&format!("{LOGS}/System.evtx"), 0o644, system)
        .file(&format!("{LOGS}/{CODE}"), 0o644, code)
}

fn check(fs: MemoryFs) -> CheckResult {
    on(fs, "WIN-KERNEL-010")
}

#[test]
fn logs_without_such_events_pass() {
    let result = check(with(log!("system-quiet"), log!("code-quiet")));
    assert_eq!(result.status, Status::Pass);
    assert!(
        result.evidence[0]
            .note
            .en
            .starts_with("1 record from number 1")
    );
}

#[test]
fn drivers_and_files_that_logs_speak_of_are_named_with_record_and_time() {
    let result = check(with(log!("system-drivers"), log!("code-unsigned")));
    assert_eq!(result.status, Status::Warn);
    for (file, found, what) in [
        (
            CODE,
            r"\Device\HarddiskVolume2\Windows\evil.sys",
            "event 3004, record 2, 2022-01-02T17:41:42Z",
        ),
        (
            CODE,
            r"\Device\HarddiskVolume2\Temp\inject.dll",
            "event 3033, record 3, 2022-01-02T17:41:43Z",
        ),
        (
            "System.evtx",
            r"evil; \??\C:\Windows\Temp\evil.sys; kernel mode driver",
            "event 7045, record 55, 2022-01-02T17:42:35Z",
        ),
        (
            "System.evtx",
            r"ROOT\EVIL\0000; \Driver\evil",
            "event 219, record 56, 2022-01-02T17:42:36Z",
        ),
        (
            "System.evtx",
            r"驱动; system32\drivers\a.sys; 内核模式驱动程序",
            "event 7045, record 57, 2022-01-02T17:42:37Z",
        ),
    ] {
        let item = item(&result, found);
        assert!(item.note.en.ends_with(what), "{}", item.note.en);
        let path = format!("C:{LOGS}/{file}");
        assert_eq!(item.at.path.as_deref(), Some(path.as_str()));
    }
    let told = result.evidence.iter().filter(|i| i.found.is_some());
    assert_eq!(told.count(), 5);
}

#[test]
fn a_log_that_is_absent_empty_or_damaged_is_unknown() {
    assert_eq!(check(proven()).status, Status::Unknown);
    let empty = check(with(log!("system-quiet"), log!("empty")));
    assert_eq!(empty.status, Status::Unknown);
    let text = check(with(log!("system-quiet"), b"text".to_vec()));
    assert_eq!(text.status, Status::Unknown);
    let mut cut = log!("system-quiet");
    cut[4096] = 0;
    let cut = check(with(cut, log!("code-quiet")));
    assert_eq!(cut.status, Status::Unknown);
    assert_eq!(cut.gaps.len(), 1);
}
