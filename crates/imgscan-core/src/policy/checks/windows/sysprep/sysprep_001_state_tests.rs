//! WIN-SYSPREP-001.

use crate::fs::memory::MemoryFs;
use crate::policy::checks::windows::testing::{
    PANTHER, SOFTWARE, SYSTEM, assert_at, assert_ready_and_wrong, assert_unknown_without, hive,
    item, ready, replaced, result, sysprep_log, under, wrong,
};
use crate::policy::{CheckResult, Policy, Status};

fn sysprep(fs: MemoryFs) -> CheckResult {
    result(fs, "WIN-SYSPREP-001")
}

#[test]
fn the_ready_server_passes_and_the_wrong_one_does_not() {
    assert_ready_and_wrong("WIN-SYSPREP-001", Status::Pass, Status::Fail);
}

#[test]
fn without_a_hive_that_it_needs_it_is_unknown() {
    assert_unknown_without("WIN-SYSPREP-001", "SYSTEM");
    assert_unknown_without("WIN-SYSPREP-001", "SOFTWARE");
}

#[test]
fn forged_settings_of_sysprep_do_not_pass() {
    // A script set GeneralizationState to 7; the system is in use.
    let forged = sysprep(wrong());
    assert_eq!(forged.status, Status::Fail);
    let state = r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Setup\State";
    assert_at(
        item(&forged, "IMAGE_STATE_COMPLETE"),
        SOFTWARE,
        state,
        "ImageState",
    );
    assert_at(
        item(&forged, "7"),
        SYSTEM,
        r"HKLM\SYSTEM\Setup\Status\SysprepStatus",
        "GeneralizationState",
    );
    // A script set ImageState in the registry; the next start runs no setup.
    let forged = sysprep(replaced(wrong(), "SOFTWARE", hive!("software-state")));
    assert_eq!(forged.status, Status::Fail);
    assert_at(
        item(&forged, "IMAGE_STATE_GENERALIZE_RESEAL_TO_OOBE"),
        SOFTWARE,
        state,
        "ImageState",
    );
    let kind = forged
        .evidence
        .iter()
        .find(|i| i.at.value.as_deref() == Some("SetupType"))
        .unwrap();
    assert_eq!(kind.found.as_ref().map(|t| t.en.as_str()), Some("0"));
    // Everything in the registry is set, and no file tells of a run.
    let forged = wrong();
    let forged = replaced(forged, "SOFTWARE", hive!("software-state"));
    let forged = sysprep(replaced(forged, "SYSTEM", hive!("system-state")));
    assert_eq!(forged.status, Status::Unknown);
    // SYSTEM is set, and SOFTWARE is in use.
    let forged = sysprep(replaced(wrong(), "SYSTEM", hive!("system-state")));
    assert_eq!(forged.status, Status::Fail);
}

#[test]
fn places_of_sysprep_that_contradict_each_other_are_named() {
    let ini = "/Windows/Setup/State/State.ini";
    let other = sysprep(ready().file(ini, 0o644, "[State]\r\nImageState=IMAGE_STATE_COMPLETE\r\n"));
    assert_eq!(other.status, Status::Fail);
    let line = item(&other, "IMAGE_STATE_COMPLETE");
    assert_eq!(
        (line.at.path.as_deref(), line.at.line),
        (Some("C:/Windows/Setup/State/State.ini"), Some(2))
    );
    // A run that failed behind one that succeeded.
    let log = sysprep_log("2023-11-20 10:00:00", &["GENERALIZE", "OOBE"], true)
        + &sysprep_log("2023-11-21 10:00:00", &["GENERALIZE", "OOBE"], false);
    let failed = sysprep(ready().file(&format!("{PANTHER}/setupact.log"), 0o644, log));
    assert_eq!(failed.status, Status::Fail);
    let error = failed
        .evidence
        .iter()
        .find(|i| {
            i.found
                .as_ref()
                .map(|t| t.en.as_str())
                .is_some_and(|f| f.contains("0x3cf2"))
        })
        .unwrap();
    assert_eq!(error.at.line, Some(12));
    // Sysprep ran, and the system was started again.
    let started = replaced(
        replaced(ready(), "SOFTWARE", hive!("software-wrong")),
        "SYSTEM",
        hive!("system-wrong"),
    );
    let started = started.file(ini, 0o644, "[State]\r\nImageState=IMAGE_STATE_COMPLETE\r\n");
    assert_eq!(sysprep(started).status, Status::Warn);
}

#[test]
fn the_policy_says_whether_sysprep_is_required() {
    let status = |fs, polarity: &str| {
        let set = |policy: &mut Policy| {
            policy.params.insert("sysprep".into(), polarity.into());
        };
        under(fs, "WIN-SYSPREP-001", set).status
    };
    let contradicting = || replaced(ready(), "SYSTEM", hive!("system-wrong"));
    for (polarity, generalized, in_use) in [
        ("required", Status::Pass, Status::Fail),
        ("forbidden", Status::Fail, Status::Pass),
        ("any", Status::Pass, Status::Pass),
    ] {
        assert_eq!(status(ready(), polarity), generalized, "{polarity}");
        assert_eq!(status(wrong(), polarity), in_use, "{polarity}");
        assert_eq!(
            status(contradicting(), polarity),
            Status::Fail,
            "{polarity}"
        );
    }
    assert_eq!(status(ready(), "perhaps"), Status::Error);
}
