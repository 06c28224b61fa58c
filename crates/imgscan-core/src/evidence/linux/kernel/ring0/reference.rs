//! Objects held against the reference database that the user gave.

use std::collections::HashMap;

use super::{Facts, Object, ObjectKind, Ring0, Ring0Fact};
use crate::baseline::Match;

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
            let from = baseline.origin(known);
            object.fact(Ring0Fact::ReferenceEqual { from });
        }
        Match::Different(known) => {
            let from = baseline.origin(known);
            let sha256 = known.sha256.clone();
            object.fact(Ring0Fact::ReferenceDiffers { from, sha256 });
        }
        Match::Absent => {}
    }
}
