//! WIN-SYSPREP-001 to -003 on images that pass and that fail. The hives are those of
//! testdata/recipes/winstate.py.

use super::state_tests::{PANTHER, SOFTWARE, SYSTEM, hive, ready, replaced, run, wrong};
use super::tests::{assert_at, item, result};
use crate::evidence::Evidence;
use crate::fs::memory::MemoryFs;
use crate::guest::windows::testing::guests;
use crate::policy::{CheckResult, Policy, Status, run as run_policy};

fn sysprep(fs: MemoryFs) -> CheckResult {
    result(fs, "WIN-SYSPREP-001")
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
    let log = run("2023-11-20 10:00:00", &["GENERALIZE", "OOBE"], true)
        + &run("2023-11-21 10:00:00", &["GENERALIZE", "OOBE"], false);
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

fn runs(log: String) -> CheckResult {
    result(
        ready().file(&format!("{PANTHER}/setupact.log"), 0o644, log),
        "WIN-SYSPREP-002",
    )
}

#[test]
fn runs_of_sysprep_are_counted_since_the_installation() {
    let options = ["GENERALIZE", "OOBE"];
    let own = run("2023-11-20 10:00:00", &options, true);
    // InstallDate is 2023-11-14T22:13:20Z; the run before it is the base image's.
    assert_eq!(
        runs(run("2023-11-10 10:00:00", &options, true) + &own).status,
        Status::Pass
    );
    assert_eq!(
        runs(run("2023-11-18 10:00:00", &options, true) + &own).status,
        Status::Warn
    );
    let failed = runs(own.clone() + &run("2023-11-21 10:00:00", &options, false));
    assert_eq!(failed.status, Status::Fail);
    assert_eq!(
        runs(run("2023-11-20 10:00:00", &["OOBE"], true)).status,
        Status::Warn
    );
    let answer =
        own + "2023-11-20 10:00:01, Info SYSPRP WinMain:Found unattend file C:\\tmp\\u.xml\r\n";
    let odd = runs(answer);
    assert_eq!(odd.status, Status::Warn);
    assert_eq!(
        item(&odd, r"C:\tmp\u.xml").at.path.as_deref(),
        Some("C:/Windows/System32/Sysprep/Panther/setupact.log")
    );
}

/// The result of `check` under the built-in policy as `change` leaves it.
fn under(fs: MemoryFs, check: &str, change: impl FnOnce(&mut Policy)) -> CheckResult {
    let guests = guests(fs);
    let mut policy = Policy::built_in("tencent-marketplace").unwrap();
    policy.checks.retain(|c| c.id == check);
    change(&mut policy);
    let evidence: Vec<Evidence<'_>> = guests.iter().map(Evidence::new).collect();
    run_policy(&policy, &evidence, &[], &|_| {}).remove(0)
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

#[test]
fn the_sid_of_a_base_image_is_refused_in_a_system_in_use() {
    let set = |policy: &mut Policy| {
        let sids = serde_json::json!(["S-1-5-21-1111-2222-3333"]);
        policy.checks[0].with.insert("base_sids".into(), sids);
    };
    assert_eq!(under(wrong(), "WIN-SYSPREP-003", set).status, Status::Fail);
    let waits = under(ready(), "WIN-SYSPREP-003", set);
    assert_eq!(
        waits.status,
        Status::Pass,
        "the old SID stays until the next start"
    );
    item(&waits, "S-1-5-21-1111-2222-3333");
}

#[test]
fn the_guid_of_a_base_image_is_refused_in_a_system_in_use() {
    // sha256sum of the GUID that winstate.py writes, in lower case.
    let digest = "a23d006bb020a81dfd1afa15968e07dcae8a9e0016934b97496d839b8aac8fea";
    let set = |policy: &mut Policy| {
        let guids = serde_json::json!([digest]);
        policy.checks[0].with.insert("base_guids".into(), guids);
    };
    let used = under(wrong(), "WIN-SYSPREP-003", set);
    assert_eq!(used.status, Status::Fail);
    let guid = item(&used, &format!("sha256 {digest}"));
    assert_eq!(guid.at.value.as_deref(), Some("MachineGuid"));
    assert_eq!(
        under(ready(), "WIN-SYSPREP-003", set).status,
        Status::Pass,
        "the old GUID stays until the next start"
    );
}
