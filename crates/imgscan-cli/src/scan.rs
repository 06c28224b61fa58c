//! `imgscan scan`.

use imgscan_core::policy::Policy;
use imgscan_core::report;
use imgscan_core::scan::{self, ScanOptions};

use crate::args::{Format, ScanArgs};
use crate::document;
use crate::exit::{Failure, Outcome};
use crate::output::Ui;
use crate::references::{DeclarationFile, Files};
use crate::sandbox::Access;

pub(crate) fn run(args: &ScanArgs, ui: &Ui) -> Result<Outcome, Failure> {
    let target = document::Target::new(&args.document, &args.image.image, ui)?;
    let policy = Policy::open(&args.policy)?;
    let files = Files::of(&args.references)?;
    let declaration = DeclarationFile::read(args.declaration.as_ref())?;
    let open = args.image.options(ui)?;
    ui.enter(&Access::default())?;
    let given = files.parse()?;
    let options = ScanOptions::new(policy)
        .open(open)
        .image_sha256(args.image_sha256)
        .trust(given.trust)
        .baseline(given.baseline)
        .declaration(declaration.parse()?);
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
