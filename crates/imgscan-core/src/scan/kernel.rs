//! From an open image to the document of `imgscan kernel`.

use super::identity;
use crate::error::{Layer, Result, contained};
use crate::evidence::gaps::{guest_gaps, image_gaps};
use crate::evidence::linux::PackageSystem;
use crate::evidence::{Evidence, Gap, Location, References, Ring0, Shortfall};
use crate::guest::{Family, Guest};
use crate::inspect::Inspection;
use crate::policy;
use crate::report::{GuestLevel, GuestObject, GuestSummary, KernelReport, Tool};
use crate::trust::Bundle;

/// Lists what runs in ring 0 and how far each of it is proven.
///
/// # Errors
/// Where the image file can't be read for its identity.
pub fn kernel(inspection: &Inspection, references: References<'_>) -> Result<KernelReport> {
    let mut report = KernelReport {
        schema: "imgscan-kernel/2",
        tool: Tool::THIS,
        image: identity::image(inspection)?,
        trust: Bundle::revision(),
        level: None,
        reasons: Vec::new(),
        guests: Vec::new(),
        objects: Vec::new(),
        keys: Vec::new(),
        gaps: image_gaps(inspection),
    };
    let image_gaps = !report.gaps.is_empty();
    let named = inspection.guests.len() > 1;
    for guest in &inspection.guests {
        let (mut found, packages) = collected(guest, references);
        let missing = guest_gaps(guest);
        if image_gaps || !missing.is_empty() {
            found.lacks(Shortfall::ImageIncomplete);
        }
        let standing = policy::system(&found);
        report.gaps.extend(missing);
        report.gaps.extend(found.gaps);
        report.keys.extend(found.keys);
        let objects = found.objects.into_iter();
        report.objects.extend(objects.map(|object| {
            let guest = named.then(|| guest.root_volume.clone());
            GuestObject::new(guest, object)
        }));
        let summary = GuestSummary::of(guest);
        report
            .guests
            .push(GuestLevel::new(summary, packages, &standing));
    }
    report.gaps.sort();
    report.gaps.dedup();
    let lowest = report.guests.iter().min_by_key(|g| g.level);
    report.level = lowest.map(|g| g.level);
    report.reasons = match lowest {
        Some(guest) => guest.reasons.clone(),
        None => vec![say!(ring0_lacks_system)],
    };
    Ok(report)
}

/// What runs in ring 0 of `guest`, and whose packages a Linux has; where that fails as a whole, a
/// shortfall that says so.
fn collected(guest: &Guest, references: References<'_>) -> (Ring0, Option<PackageSystem>) {
    let evidence = Evidence::with(guest, references);
    let found = contained(
        Layer::Kernel,
        || say!(doing_ring0),
        || {
            Ok(match guest.family {
                Family::Linux => {
                    let packages = evidence.linux.packages().system();
                    (evidence.linux.ring0().clone(), packages)
                }
                Family::Windows => (evidence.windows.ring0().clone(), None),
            })
        },
    );
    found.unwrap_or_else(|e| {
        let failed = Ring0 {
            shortfalls: vec![Shortfall::NotExamined],
            gaps: vec![Gap::new(Location::default(), &e)],
            ..Ring0::default()
        };
        (failed, None)
    })
}
