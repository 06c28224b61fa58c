//! `imgscan info`.

use imgscan_core::inspect::inspect;
use imgscan_core::{report, scan};

use crate::args::{Format, InfoArgs};
use crate::document;
use crate::exit::{Failure, Outcome};
use crate::output::Ui;
use crate::sandbox::Access;

pub(crate) fn run(args: &InfoArgs, ui: &Ui) -> Result<Outcome, Failure> {
    let target = document::Target::new(&args.document, &args.image.image, ui)?;
    let open = args.image.options(ui)?;
    ui.enter(&Access::default())?;
    let info = {
        let progress = ui.progress();
        let image = inspect(&args.image.image, &open, &|step| {
            progress.step(document::step(ui, step));
        })?;
        scan::info(&image)
    };
    target.write(&match args.document.format {
        Format::Text => report::info_text(&info, ui.lang()),
        Format::Json => report::json(&info),
    })?;
    Ok(Outcome::of_gaps(&info.gaps))
}
