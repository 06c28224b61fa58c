//! META-001: what of the image could not be read.

use crate::policy::checks::registry::NoParameters;
use crate::policy::{Context, Outcome, Status, gap_fixes};

pub(in crate::policy::checks) fn run(context: &Context<'_>, _: &NoParameters) -> Outcome {
    let mut gaps = context.image_gaps.to_vec();
    gaps.extend(crate::evidence::gaps::guest_gaps(context.evidence.guest));
    let mut outcome = match gaps.len() {
        0 => Outcome::of(Status::Pass, say!(meta_001_pass)),
        count => Outcome::of(Status::Warn, say!(meta_001_warn, count = count)),
    };
    outcome.fixes = gap_fixes::fixes(&gaps, context.image_gaps);
    // This check reports the gaps; they do not make it unknown.
    outcome.gaps = gaps;
    outcome
}
