//! From an open image to the document of `imgscan autoruns`.

use super::identity;
use crate::error::{Error, Layer, Result, contained};
use crate::evidence::gaps::{guest_gaps, guest_notices, image_gaps, image_notices};
use crate::evidence::{Evidence, Gap, Location, References};
use crate::guest::{Family, Guest};
use crate::inspect::Inspection;
use crate::policy::{self, Policy};
use crate::report::{AutorunsReport, GuestAutoruns, GuestSummary, PolicyId, Tool};
use crate::trust::Bundle;

/// Lists what runs by itself, and what explains it by what `policy` says.
///
/// # Errors
/// Where the image file can't be read for its identity, or the policy's parameters do not fit.
pub fn autoruns(
    inspection: &Inspection,
    policy: &Policy,
    references: References<'_>,
) -> Result<AutorunsReport> {
    let mut report = AutorunsReport {
        schema: "imgscan-autoruns/1",
        tool: Tool::THIS,
        policy: PolicyId::of(policy),
        image: identity::image(inspection)?,
        trust: Bundle::revision(),
        guests: Vec::new(),
        gaps: image_gaps(inspection),
        notices: image_notices(inspection),
    };
    for guest in &inspection.guests {
        report.gaps.extend(guest_gaps(guest));
        report.notices.extend(guest_notices(guest));
        let found = contained(
            Layer::Guest,
            || say!(doing_autoruns),
            || listed(guest, policy, references, &mut report),
        );
        report.guests.push(found?);
    }
    for list in [&mut report.gaps, &mut report.notices] {
        list.sort();
        list.dedup();
    }
    Ok(report)
}

/// What runs by itself on `guest`.
fn listed(
    guest: &Guest,
    policy: &Policy,
    references: References<'_>,
    report: &mut AutorunsReport,
) -> Result<GuestAutoruns> {
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
    let evidence = Evidence::with(guest, references);
    let judged = policy::executions(policy, &evidence)
        .map_err(|why| Error::corrupt(Layer::Policy, None, why))?;
    report.gaps.extend(judged.gaps);
    Ok(GuestAutoruns::new(summary, &judged.items))
}
