//! From an open image to the document of `imgscan kernel`.

use super::identity;
use crate::error::{Error, Layer, Result, contained};
use crate::evidence::gaps::{budget_gap, guest_gaps, image_gaps, told};
use crate::evidence::linux::PackageSystem;
use crate::evidence::{Evidence, Gap, Location, References, Ring0, Shortfall};
use crate::guest::{Family, Guest};
use crate::inspect::Inspection;
use crate::policy::{self, KernelArguments, Params, Policy};
use crate::report::{GuestLevel, GuestObject, GuestSummary, KernelReport, PolicyId, Tool};
use crate::trust::Bundle;

/// Lists what runs in ring 0 and how far each of it is proven by what `policy` says.
///
/// # Errors
/// Where the policy does not say what arguments of the kernel do.
pub fn kernel(
    inspection: &Inspection,
    policy: &Policy,
    references: References<'_>,
) -> Result<KernelReport> {
    let arguments = arguments(policy)?;
    let image_gaps = image_gaps(inspection);
    let incomplete = !image_gaps.is_empty();
    let mut gaps = image_gaps;
    let mut report = KernelReport {
        schema: "imgscan-kernel/2",
        tool: Tool::THIS,
        policy: PolicyId::of(policy),
        image: identity::image(inspection, &mut gaps),
        trust: Bundle::revision(),
        level: None,
        reasons: Vec::new(),
        guests: Vec::new(),
        objects: Vec::new(),
        keys: Vec::new(),
        gaps,
    };
    let named = inspection.guests.len() > 1;
    for guest in &inspection.guests {
        let (mut found, packages) = collected(guest, references);
        let missing = guest_gaps(guest);
        if incomplete || !missing.is_empty() {
            found.lacks(Shortfall::ImageIncomplete);
        }
        let standing = policy::system(&found, &arguments);
        report.gaps.extend(missing);
        report.gaps.extend(found.gaps);
        report.keys.extend(found.keys);
        let objects = found.objects.into_iter();
        report.objects.extend(objects.map(|object| {
            let guest = named.then(|| guest.root_volume.clone());
            GuestObject::new(guest, object, &arguments)
        }));
        let summary = GuestSummary::of(guest);
        report
            .guests
            .push(GuestLevel::new(summary, packages, &standing));
    }
    report.gaps.extend(budget_gap(inspection));
    report.gaps = told(report.gaps);
    let lowest = report.guests.iter().min_by_key(|g| g.level);
    report.level = lowest.map(|g| g.level);
    report.reasons = match lowest {
        Some(guest) => guest.reasons.clone(),
        None => vec![say!(ring0_lacks_system)],
    };
    Ok(report)
}

/// What arguments of the kernel do, by `policy`.
fn arguments(policy: &Policy) -> Result<KernelArguments> {
    let error = |why| Error::corrupt(Layer::Policy, None, why);
    if !policy.params.contains_key("kernel_arguments") {
        let id = policy.id.as_str();
        return Err(error(say!(policy_no_arguments, id = id)));
    }
    let params = Params::of(policy).map_err(error)?;
    Ok(params.kernel_arguments)
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
