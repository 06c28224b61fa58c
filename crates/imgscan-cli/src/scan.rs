//! `imgscan scan`.

use std::path::Path;

use imgscan_core::policy::Policy;
use imgscan_core::report;
use imgscan_core::scan::{self, ScanOptions};
use imgscan_core::{Error, Layer};

use crate::args::{Format, ScanArgs};
use crate::document;
use crate::exit::{Failure, Outcome};
use crate::output::Ui;
use crate::references::{Given, read};

/// The longest policy file, in bytes, as the library has it; read here so that an endless file
/// (a device) ends.
const MAX_POLICY: u64 = 4 * 1024 * 1024;

pub(crate) fn run(args: &ScanArgs, ui: &Ui) -> Result<Outcome, Failure> {
    let target = document::Target::new(&args.document, &args.image.image)?;
    let given = Given::read(&args.references)?;
    let options = ScanOptions::new(policy(&args.policy)?)
        .open(args.image.options())
        .image_sha256(args.image_sha256)
        .trust(given.trust)
        .baseline(given.baseline);
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

/// A built-in policy by its name, or one from a file.
fn policy(arg: &Path) -> Result<Policy, Failure> {
    let name = arg.to_str().filter(|n| !n.contains(['.', '/']));
    if let Some(name) = name {
        return Ok(Policy::built_in(name)?);
    }
    let text = read(arg, MAX_POLICY)?;
    let text = String::from_utf8(text).map_err(|e| {
        let at = e.utf8_error().valid_up_to() as u64;
        Error::corrupt(Layer::Policy, at, say!(policy_not_utf8))
    })?;
    Ok(Policy::parse(&text)?)
}
