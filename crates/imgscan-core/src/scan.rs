//! From an image to its report: inspection, evidence, policy.

mod autoruns;
mod diff;
mod identity;
mod info;
mod interrupted;
mod kernel;

use std::path::Path;

use crate::baseline::Baseline;
use crate::container::OpenOptions;
use crate::declaration::Declaration;
use crate::error::{Error, Layer, Result};
use crate::evidence::gaps::{
    budget_gap, guest_gaps, guest_notices, image_gaps, image_notices, told,
};
use crate::evidence::{Evidence, Gap, References};
use crate::guest::Family;
use crate::inspect::{Inspection, Progress, Step, inspect};
use crate::policy::{self, CheckResult, Date, Policy};
use crate::report::{
    Counts, DeclarationReport, GuestSummary, PolicyId, Report, TableSummary, Tool, VolumeSummary,
};
use crate::trust::Bundle;
use info::installed_kernels;

pub use autoruns::autoruns;
pub use diff::diff;
pub use identity::weak_key;
pub use info::info;
pub use interrupted::interrupted;
pub use kernel::kernel;

/// What a scan needs to know besides the image: by default the built-in policy of the Tencent
/// Cloud marketplace, the pinned certificates that are compiled in, and today.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ScanOptions {
    /// How the image is opened.
    pub open: OpenOptions,
    /// The policy.
    pub policy: Policy,
    /// Hash the whole image file, even where no waiver asks for it.
    pub image_sha256: bool,
    /// The day by which waivers expire.
    pub today: Date,
    /// Pinned keys and certificates.
    pub trust: Bundle,
    /// Files known good.
    pub baseline: Option<Baseline>,
    /// What the vendor declares of the product.
    pub declaration: Option<Declaration>,
}

impl ScanOptions {
    /// Scans by `policy`, with defaults for the rest.
    #[must_use]
    pub fn new(policy: Policy) -> Self {
        Self {
            open: OpenOptions::default(),
            policy,
            image_sha256: false,
            today: Date::today(),
            trust: Bundle::built_in().clone(),
            baseline: None,
            declaration: None,
        }
    }

    /// Opens the image by `open`.
    #[must_use]
    pub fn open(mut self, open: OpenOptions) -> Self {
        self.open = open;
        self
    }

    /// Hashes the whole image file where `wanted`.
    #[must_use]
    pub fn image_sha256(mut self, wanted: bool) -> Self {
        self.image_sha256 = wanted;
        self
    }

    /// Waivers expire by the day `today`.
    #[must_use]
    pub fn today(mut self, today: Date) -> Self {
        self.today = today;
        self
    }

    /// Holds signatures against the keys and certificates of `trust`.
    #[must_use]
    pub fn trust(mut self, trust: Bundle) -> Self {
        self.trust = trust;
        self
    }

    /// Holds files against `baseline`.
    #[must_use]
    pub fn baseline(mut self, baseline: Option<Baseline>) -> Self {
        self.baseline = baseline;
        self
    }

    /// Explains what `declaration` pins.
    #[must_use]
    pub fn declaration(mut self, declaration: Option<Declaration>) -> Self {
        self.declaration = declaration;
        self
    }
}

/// Judges the image at `path`.
///
/// # Errors
/// As [`inspect`] and [`judge`].
pub fn scan(path: &Path, options: &ScanOptions, progress: Progress<'_>) -> Result<Report> {
    let inspection = inspect(path, &options.open, progress)?;
    judge(&inspection, options, progress)
}

/// Judges an image that is open.
///
/// # Errors
/// Where the policy's parameters do not fit.
pub fn judge(
    inspection: &Inspection,
    options: &ScanOptions,
    progress: Progress<'_>,
) -> Result<Report> {
    let policy = &options.policy;
    let mut image_gaps = image_gaps(inspection);
    let references = References {
        trust: Some(&options.trust),
        baseline: options.baseline.as_ref(),
    };
    let declaration = options.declaration.as_ref();
    let collectors = |guest| Evidence::with(guest, references).declared(declaration);
    let evidence: Vec<Evidence<'_>> = inspection.guests.iter().map(collectors).collect();
    let mut results = policy::run(policy, &evidence, &image_gaps, progress);

    let waivable = policy::waivable(&results, &policy.waivers);
    let mut unnamed = Vec::new();
    let mut image = identity::image(inspection, &mut unnamed);
    let files = identity::files(inspection, &image, &mut unnamed);
    if options.image_sha256 || waivable {
        progress(Step::Hashing);
        image.sha256 = identity::sha256(inspection, &mut unnamed);
    }
    // The digest is that of one file. Where others hold a part of the disk it names no image, and
    // so no waiver can be meant for it.
    let mut waivers_on = None;
    if let Some(digest) = &image.sha256
        && waivable
        && inspection.container.files.len() <= 1
    {
        policy::apply(&mut results, &policy.waivers, digest, options.today);
        waivers_on = Some(options.today.to_string());
    }

    let (mut kernels, mut kernel_gaps) = (Vec::new(), Vec::new());
    for guest in &evidence {
        let (found, gaps) = installed_kernels(guest, evidence.len() > 1);
        kernels.extend(found);
        kernel_gaps.extend(gaps);
    }
    let guests = &inspection.guests;
    let spoken_of = !guests.is_empty() && guests.iter().all(|g| policy::covers(policy, g.family));
    let guests_told = guests.iter().all(|g| guest_gaps(g).is_empty());
    // Only now it is known whether the budget lasted.
    image_gaps.extend(budget_gap(inspection));
    // What is accepted has to be known by its name.
    let complete = image_gaps.is_empty() && unnamed.is_empty() && guests_told && spoken_of;
    let verdict = policy::verdict(&results, complete);
    Ok(Report {
        schema: Report::SCHEMA.into(),
        tool: Tool::THIS,
        policy: PolicyId::of(policy),
        declaration: declaration
            .map(|given| declared(given, policy, &evidence))
            .transpose()?,
        image,
        interrupted: None,
        files,
        table: TableSummary::of(&inspection.table),
        volumes: inspection.volumes.iter().map(VolumeSummary::of).collect(),
        guests: inspection.guests.iter().map(GuestSummary::of).collect(),
        kernels,
        counts: Counts::of(&results),
        gaps: {
            let image = image_gaps.into_iter().chain(unnamed).collect();
            gaps(inspection, image, kernel_gaps, &results)
        },
        notices: notices(inspection),
        waivers_on,
        results,
        verdict,
    })
}

/// What `given` did to the entries of the guests.
fn declared(
    given: &Declaration,
    policy: &Policy,
    guests: &[Evidence<'_>],
) -> Result<DeclarationReport> {
    let mut out = DeclarationReport::new(given);
    let windows = |e: &&Evidence<'_>| e.guest.family == Family::Windows;
    for evidence in guests.iter().filter(windows) {
        let judged = policy::executions(policy, evidence)
            .map_err(|why| Error::corrupt(Layer::Policy, None, why))?;
        let guest = (guests.len() > 1).then_some(evidence.guest.root_volume.as_str());
        out.add(guest, &judged.items);
    }
    Ok(out)
}

/// What is unusual with the image and its guests, but took nothing from the reading.
fn notices(inspection: &Inspection) -> Vec<Gap> {
    let mut all = image_notices(inspection);
    all.extend(inspection.guests.iter().flat_map(guest_notices));
    told(all)
}

/// Every gap once, sorted: of the image, of its guests, of its inventory, of the checks.
fn gaps(
    inspection: &Inspection,
    image: Vec<Gap>,
    inventory: Vec<Gap>,
    results: &[CheckResult],
) -> Vec<Gap> {
    let mut all = image;
    all.extend(inspection.guests.iter().flat_map(guest_gaps));
    all.extend(inventory);
    all.extend(results.iter().flat_map(|r| r.gaps.iter().cloned()));
    told(all)
}
