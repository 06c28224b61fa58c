//! Objects held against the reference database that the user gave.

use std::collections::HashMap;

use super::{Facts, Level, Object, ObjectKind, Ring0};
use crate::baseline::Match;
use crate::text::terminal;

/// Names the version of each object's package and, where there is a database, says what it says
/// of the object.
pub(super) fn compare(facts: &Facts<'_>, all: &mut Ring0) {
    let listed = facts.packages.listed();
    let versions: HashMap<&str, &str> = listed
        .map(|p| (p.fact.name.as_str(), p.fact.version.as_str()))
        .collect();
    for object in &mut all.objects {
        let version = object
            .package
            .as_deref()
            .and_then(|name| versions.get(name));
        object.package_version = version.map(|v| (*v).to_owned());
        one(facts, object);
    }
}

fn one(facts: &Facts<'_>, object: &mut Object) {
    let (Some(baseline), Some(sha256)) = (facts.references.baseline, &object.sha256) else {
        return;
    };
    if matches!(object.kind, ObjectKind::BootConfig | ObjectKind::Initramfs) {
        return;
    }
    let package = object.package.as_deref();
    let version = object.package_version.as_deref();
    match baseline.compare(&object.path, package, version, sha256) {
        Match::Equal(known) => {
            let from = terminal(&baseline.origin(known));
            // What is proven modified stays so: the two contradict each other.
            if object.level != Level::K0 {
                object.level = object.level.max(Level::K4);
            }
            object.note(
                format!("equal to the reference database ({from})"),
                format!("与参考库一致（来源：{from}）"),
            );
        }
        Match::Different(known) => {
            let from = terminal(&baseline.origin(known));
            let wanted = known.sha256.clone();
            object.lower(
                Level::K0,
                format!(
                    "the reference database has other bytes for this version ({from}: {wanted})"
                ),
                format!("参考库中同一版本的内容不同（来源：{from}：{wanted}）"),
            );
        }
        Match::Absent => {}
    }
}
