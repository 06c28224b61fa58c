//! What of an image or of a guest could not be read, before any collector runs.

use super::{Gap, Location};
use crate::error::{Error, Kind, Layer};
use crate::guest::Guest;
use crate::inspect::Inspection;

/// What of the image as a whole could not be read, sorted. No check can tell what is in there, so
/// an image with such gaps is never accepted without a person.
#[must_use]
pub fn image_gaps(image: &Inspection) -> Vec<Gap> {
    problems(image, |kind| kind != Kind::Notice)
}

/// What is unusual with the image as a whole, but took nothing from the reading; sorted.
#[must_use]
pub fn image_notices(image: &Inspection) -> Vec<Gap> {
    problems(image, |kind| kind == Kind::Notice)
}

/// The gaps that one list of a report names.
const MAX_TOLD: usize = 500;

/// Gaps in a fixed order, each once. Of more than 500 one tells the number alone, so that an image of a
/// million gaps still has a report that somebody reads. That of [`budget_gap`] stands behind them and is never
/// among those.
#[must_use]
pub fn told(mut gaps: Vec<Gap>) -> Vec<Gap> {
    gaps.sort();
    gaps.dedup();
    let of_budget = |gap: &mut Gap| gap.layer == Layer::Budget && gap.at == Location::default();
    let spent: Vec<Gap> = gaps.extract_if(.., of_budget).collect();
    if gaps.len() > MAX_TOLD {
        let more = gaps.len() - MAX_TOLD;
        gaps.truncate(MAX_TOLD);
        let what = Error::limit(Layer::Guest, None, say!(gaps_more, count = more));
        gaps.push(Gap::new(Location::default(), &what));
    }
    gaps.extend(spent);
    gaps
}

fn problems(image: &Inspection, wanted: impl Fn(Kind) -> bool) -> Vec<Gap> {
    let found = image.problems().into_iter();
    let all: Vec<Gap> = found
        .filter(|p| wanted(p.error.kind))
        .map(|p| {
            let at = Location {
                volume: p.volume,
                ..Location::default()
            };
            Gap::new(at, &p.error)
        })
        .collect();
    told(all)
}

/// What the budget of `image` kept from being read. Whether it lasted is known when all is read.
#[must_use]
pub fn budget_gap(image: &Inspection) -> Option<Gap> {
    let spent = image.budget.spent()?;
    Some(Gap::new(Location::default(), &spent))
}

/// What of `guest` could not be read or told: mount points without their file system, doubts of its
/// mounts, and problems that its own search met. They count for the verdict like those of the
/// image. A mount point that nobody judges and that the system starts without is none.
#[must_use]
pub fn guest_gaps(guest: &Guest) -> Vec<Gap> {
    let plan = &guest.mounts;
    let missing = guest.paths.unavailable().iter();
    let missing = missing
        .filter(|(path, _)| !plan.tolerates(path))
        .map(|(path, why)| Gap::at_path(crate::text::lossless(path), why));
    let found = plan.doubts.iter().chain(&guest.problems).cloned();
    let all = missing.chain(found).filter(|g| g.kind != Kind::Notice);
    told(all.collect())
}

/// What is unusual with `guest`, but certain.
#[must_use]
pub fn guest_notices(guest: &Guest) -> Vec<Gap> {
    let found = guest.mounts.notices.iter().chain(&guest.problems);
    found.filter(|g| g.kind == Kind::Notice).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spent_budget_is_told_behind_any_number_of_gaps() {
        let why = |layer| Error::limit(layer, None, say!(error_budget_read, most = 1));
        let of_image = Gap::new(Location::default(), &why(Layer::Budget));
        let of_file = |n: usize| Gap::at_path(format!("/{n:04}"), &why(Layer::Budget));
        let others = (0..2 * MAX_TOLD).map(of_file);
        let all = told(others.chain([of_image.clone()]).collect());
        assert_eq!(all.len(), MAX_TOLD + 2);
        assert_eq!(all.last(), Some(&of_image));
    }
}
