//! `imgscan autoruns`.

use imgscan_core::inspect::inspect;
use imgscan_core::{Policy, report, scan};

use crate::args::{AutorunsArgs, Format};
use crate::document;
use crate::exit::{Failure, Outcome};
use crate::output::Ui;
use crate::references::{self, Given};

pub(crate) fn run(args: &AutorunsArgs, ui: &Ui) -> Result<Outcome, Failure> {
    let target = document::Target::new(&args.document, &args.image.image)?;
    let policy = Policy::open(&args.policy)?;
    let given = Given::read(&args.references)?;
    let declaration = references::declaration(args.declaration.as_ref())?;
    let mut found = {
        let progress = ui.progress();
        let image = inspect(&args.image.image, &args.image.options(), &|step| {
            progress.step(document::step(ui, step));
        })?;
        scan::autoruns(&image, &policy, given.references(), declaration.as_ref())?
    };
    if args.unexplained {
        found.leave_out_explained();
    }
    target.write(&match args.document.format {
        Format::Text => report::autoruns_text(&found, ui.lang()),
        Format::Json => report::json(&found),
    })?;
    Ok(Outcome::Accept)
}
