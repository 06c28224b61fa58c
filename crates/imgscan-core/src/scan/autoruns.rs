//! From an open image to the document of `imgscan autoruns`.

use super::identity;
use crate::declaration::Declaration;
use crate::error::{Error, Layer, Result, contained};
use crate::evidence::gaps::{
    budget_gap, guest_gaps, guest_notices, image_gaps, image_notices, told,
};
use crate::evidence::{Evidence, Gap, Location, References};
use crate::guest::Family;
use crate::inspect::Inspection;
use crate::policy::{self, Policy};
use crate::report::{
    AutorunsReport, DeclarationReport, GuestAutoruns, GuestSummary, PolicyId, Tool,
};
use crate::trust::Bundle;

/// Lists what runs by itself, and what explains it by what `policy` says and by the vendor's
/// `declaration`.
///
/// # Errors
/// Where the policy's parameters do not fit.
pub fn autoruns(
    inspection: &Inspection,
    policy: &Policy,
    references: References<'_>,
    declaration: Option<&Declaration>,
) -> Result<AutorunsReport> {
    let mut gaps = image_gaps(inspection);
    let mut report = AutorunsReport {
        schema: "imgscan-autoruns/1",
        tool: Tool::THIS,
        policy: PolicyId::of(policy),
        declaration: declaration.map(DeclarationReport::new),
        image: identity::image(inspection, &mut gaps),
        trust: Bundle::revision(),
        guests: Vec::new(),
        gaps,
        notices: image_notices(inspection),
    };
    let named = inspection.guests.len() > 1;
    for guest in &inspection.guests {
        report.gaps.extend(guest_gaps(guest));
        report.notices.extend(guest_notices(guest));
        let found = contained(
            Layer::Guest,
            || say!(doing_autoruns),
            || {
                let evidence = Evidence::with(guest, references).declared(declaration);
                listed(&evidence, policy, named, &mut report)
            },
        );
        report.guests.push(found?);
    }
    report.gaps.extend(budget_gap(inspection));
    report.gaps = told(report.gaps);
    report.notices = told(report.notices);
    Ok(report)
}

/// What runs by itself on the guest of `evidence`; `named` tells that there are several.
fn listed(
    evidence: &Evidence<'_>,
    policy: &Policy,
    named: bool,
    report: &mut AutorunsReport,
) -> Result<GuestAutoruns> {
    let guest = evidence.guest;
    let summary = GuestSummary::of(guest);
    if guest.family == Family::Linux {
        let at = Location {
            volume: Some(guest.root_volume.clone()),
            ..Location::default()
        };
        let later = Error::notice(Layer::Guest, None, say!(autoruns_linux_later));
        report.notices.push(Gap::new(at, &later));
        return Ok(GuestAutoruns::new(summary, &[]));
    }
    let judged = policy::executions(policy, evidence)
        .map_err(|why| Error::corrupt(Layer::Policy, None, why))?;
    report.gaps.extend(judged.gaps);
    if let Some(declaration) = &mut report.declaration {
        let guest = named.then_some(guest.root_volume.as_str());
        declaration.add(guest, &judged.items);
    }
    Ok(GuestAutoruns::new(summary, &judged.items))
}
