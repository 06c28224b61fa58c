//! `imgscan scan`.

use imgscan_core::policy::Policy;
use imgscan_core::report;
use imgscan_core::scan::{self, ScanOptions};

use crate::args::{Format, ScanArgs};
use crate::document;
use crate::exit::{Failure, Outcome};
use crate::output::Ui;
use crate::references::{self, Given};

pub(crate) fn run(args: &ScanArgs, ui: &Ui) -> Result<Outcome, Failure> {
    let target = document::Target::new(&args.document, &args.image.image)?;
    let given = Given::read(&args.references)?;
    let options = ScanOptions::new(Policy::open(&args.policy)?)
        .open(args.image.options())
        .image_sha256(args.image_sha256)
        .trust(given.trust)
        .baseline(given.baseline)
        .declaration(references::declaration(args.declaration.as_ref())?);
    let report = {
        let progress = ui.progress();
        scan::scan(&args.image.image, &options, &|step| {
            progress.step(document::step(ui, step));
        })?
    };
    let text = match args.document.format {
        Format::Text => report::text(&report, ui.lang()),
        Format::Json => report::json(&report),
    };
    let verdict = Outcome::from(report.verdict);
    match target.write(&text) {
        // Who closed the pipe still gets the verdict from the exit code.
        Ok(()) | Err(Failure::ClosedPipe) => Ok(verdict),
        Err(failure) => Err(failure),
    }
}
