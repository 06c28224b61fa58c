//! `imgscan info`.

use imgscan_core::inspect::inspect;
use imgscan_core::{report, scan};

use crate::args::{Format, InfoArgs};
use crate::document;
use crate::exit::{Failure, Outcome};
use crate::output::Ui;

pub(crate) fn run(args: &InfoArgs, ui: &Ui) -> Result<Outcome, Failure> {
    let target = document::Target::new(&args.document, &args.image.image)?;
    let info = {
        let progress = ui.progress();
        let image = inspect(&args.image.image, &args.image.options(), &|step| {
            progress.step(document::step(ui, step));
        })?;
        scan::info(&image)?
    };
    target.write(&match args.document.format {
        Format::Text => report::info_text(&info, ui.lang()),
        Format::Json => report::json(&info),
    })?;
    Ok(Outcome::Accept)
}
