//! Every check on spoilt hives: none fails by a fault of its own, and none passes what it could
//! not read.

use super::testing::{CONFIG, good};
use crate::evidence::Evidence;
use crate::guest::windows::testing::guests;
use crate::hive::spoilt_tests::set;
use crate::policy::{Policy, Status, run};

#[test]
fn checks_on_spoilt_hives_are_never_at_fault_and_never_pass_what_they_need() {
    let policy = Policy::built_in("tencent-marketplace").unwrap();
    for (i, spoilt) in set().iter().enumerate().filter(|(i, _)| i % 9 == 0) {
        for file in ["SYSTEM", "SOFTWARE"] {
            let path = format!("{CONFIG}/{file}");
            let mut fs = good().file(&path, 0o644, spoilt.hive.clone());
            if let Some(log) = &spoilt.log {
                fs = fs.file(&format!("{path}.LOG1"), 0o644, log.clone());
            }
            let guests = guests(fs);
            let evidence: Vec<Evidence<'_>> = guests.iter().map(Evidence::new).collect();
            let results = run(&policy, &evidence, &[], &|_| {});
            let what = format!("{} as {file} ({i})", spoilt.what);
            for result in &results {
                assert_ne!(result.status, Status::Error, "{what}: {result:#?}");
            }
            // What is cut off, or can't be recovered, is not clean; nor is anything known of the latter.
            let checks: &[&str] = match &spoilt.log {
                Some(_) => &["META-002", "WIN-PERSIST-003"],
                None if spoilt.what.starts_with("cut") => &["META-002"],
                None => &[],
            };
            for check in checks {
                let result = results.iter().find(|r| r.check == *check).unwrap();
                let passed = [Status::Pass, Status::Warn, Status::NotApplicable];
                assert!(!passed.contains(&result.status), "{what}: {result:#?}");
            }
        }
    }
}
