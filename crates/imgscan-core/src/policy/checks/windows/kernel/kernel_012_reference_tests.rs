//! WIN-KERNEL-012: a system beside the database that was made of another. The files are those of
//! testdata/recipes/signed.sh; `unsigned.sys` carries the version of `kernel.exe`, `old-kernel.exe`
//! another.

use super::testing::{boot, hive, judged, of_file, proven, signed, trust};
use crate::baseline::{Baseline, Source};
use crate::evidence::{Evidence, References};
use crate::fs::OpenVolume;
use crate::fs::memory::MemoryFs;
use crate::guest::windows::testing::{system_volume, volume};
use crate::policy::{CheckResult, Status};

const CHECK: &str = "WIN-KERNEL-012";
const KERNEL: &str = "/Windows/System32/ntoskrnl.exe";

fn disk(windows: MemoryFs) -> [OpenVolume; 2] {
    let boot = boot(hive!("bcd-good"));
    [volume(1, 1_048_576, boot), system_volume(windows)]
}

/// The database of what runs in ring 0 of `windows`, as `baseline add` makes it.
fn database(windows: MemoryFs) -> Baseline {
    let guests = crate::guest::find(&disk(windows));
    let trust = trust();
    let references = References {
        trust: Some(&trust),
        baseline: None,
    };
    let evidence = Evidence::with(&guests[0], references);
    let mut all = Baseline::default();
    for known in evidence
        .windows
        .ring0()
        .objects
        .iter()
        .filter_map(|o| o.known())
    {
        let source = Source {
            name: "reference.qcow2".into(),
            sha256: None,
            level: None,
        };
        all.add(known, source);
    }
    Baseline::parse(all.to_json().as_bytes()).unwrap()
}

fn beside(windows: MemoryFs) -> CheckResult {
    judged(&disk(windows), Some(&database(proven())), CHECK)
}

#[test]
fn a_system_equals_its_own_database() {
    let same = beside(proven());
    assert_eq!(same.status, Status::Pass, "{same:#?}");
    let kernel = of_file(&same, &format!("C:{KERNEL}"));
    assert!(kernel.note.en.contains("equal to reference.qcow2"));
}

#[test]
fn other_bytes_of_the_same_version_fail_and_another_version_warns() {
    let changed = beside(proven().file(KERNEL, 0o644, signed!("unsigned.sys")));
    assert_eq!(changed.status, Status::Fail);
    let kernel = of_file(&changed, &format!("C:{KERNEL}"));
    assert!(
        kernel.note.en.contains("in this version"),
        "{}",
        kernel.note.en
    );
    let newer = beside(proven().file(KERNEL, 0o644, signed!("old-kernel.exe")));
    assert_eq!(newer.status, Status::Warn);
    let kernel = of_file(&newer, &format!("C:{KERNEL}"));
    assert!(kernel.note.en.contains("not in the database"));
}

#[test]
fn names_compare_in_any_case() {
    let known = database(proven());
    let path = "c:/WINDOWS/system32/NTOSKRNL.EXE";
    let other = known.compare(path, None, Some("10.0.20348.169"), &"0".repeat(64));
    assert!(matches!(other, crate::baseline::Match::Different(_)));
}
