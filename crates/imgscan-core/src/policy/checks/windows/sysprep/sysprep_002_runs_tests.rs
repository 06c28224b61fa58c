//! WIN-SYSPREP-002.

use crate::policy::checks::windows::testing::{
    PANTHER, assert_ready_and_wrong, item, ready, result, sysprep_log,
};
use crate::policy::{CheckResult, Status};

#[test]
fn the_ready_server_passes_and_of_the_wrong_one_it_can_t_be_told() {
    assert_ready_and_wrong("WIN-SYSPREP-002", Status::Pass, Status::Unknown);
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
    let own = sysprep_log("2023-11-20 10:00:00", &options, true);
    // InstallDate is 2023-11-14T22:13:20Z; the run before it is the base image's.
    assert_eq!(
        runs(sysprep_log("2023-11-10 10:00:00", &options, true) + &own).status,
        Status::Pass
    );
    assert_eq!(
        runs(sysprep_log("2023-11-18 10:00:00", &options, true) + &own).status,
        Status::Warn
    );
    let failed = runs(own.clone() + &sysprep_log("2023-11-21 10:00:00", &options, false));
    assert_eq!(failed.status, Status::Fail);
    assert_eq!(
        runs(sysprep_log("2023-11-20 10:00:00", &["OOBE"], true)).status,
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
