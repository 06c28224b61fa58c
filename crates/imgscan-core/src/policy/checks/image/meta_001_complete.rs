use crate::error::Result;
use crate::policy::{Context, Outcome, Status};

/// META-001: what of the image could not be read.
pub(in crate::policy::checks) fn scan_complete(context: &Context<'_>) -> Result<Outcome> {
    let mut gaps = context.image_gaps.to_vec();
    gaps.extend(crate::inspect::guest_gaps(context.evidence.guest));
    let mut outcome = if gaps.is_empty() {
        Outcome::new(Status::Pass, "every volume was read", "所有卷均已读取")
    } else {
        Outcome::new(
            Status::Warn,
            format!("{} parts of the image could not be read", gaps.len()),
            format!("镜像中有 {} 处无法读取", gaps.len()),
        )
    };
    // This check reports the gaps; they do not make it unknown.
    outcome.gaps = gaps;
    Ok(outcome)
}
