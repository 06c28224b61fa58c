//! WIN-SYSPREP-003.

use crate::policy::checks::windows::testing::{assert_ready_and_wrong, item, ready, under, wrong};
use crate::policy::{Policy, Status};

#[test]
fn the_ready_server_passes_and_the_wrong_one_is_not_asked() {
    assert_ready_and_wrong("WIN-SYSPREP-003", Status::Pass, Status::NotApplicable);
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
