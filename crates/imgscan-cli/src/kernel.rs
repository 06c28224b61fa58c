//! `imgscan kernel`.

use imgscan_core::inspect::inspect;
use imgscan_core::report;

use crate::args::{Format, KernelArgs};
use crate::document;
use crate::exit::{Failure, Outcome};
use crate::output::Ui;
use crate::references::Given;

pub(crate) fn run(args: &KernelArgs, ui: &Ui) -> Result<Outcome, Failure> {
    let target = document::Target::new(&args.document, &args.image.image)?;
    let given = Given::read(&args.references)?;
    let mut bill = {
        let progress = ui.progress();
        let image = inspect(&args.image.image, &args.image.options(), &|step| {
            progress.step(document::step(ui, step));
        })?;
        report::kernel(&image, given.references())?
    };
    if args.explain {
        report::explain(&mut bill);
    }
    target.write(&match args.document.format {
        Format::Text => report::kernel_text(&bill, ui.lang()),
        Format::Json => report::json(&bill),
    })?;
    Ok(Outcome::Accept)
}
