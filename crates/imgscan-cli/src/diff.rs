//! `imgscan diff`.

use imgscan_core::inspect::inspect;
use imgscan_core::{report, scan};

use crate::args::{DiffArgs, Format};
use crate::document;
use crate::exit::{Failure, Outcome};
use crate::image;
use crate::output::Ui;
use crate::sandbox::Access;

/// Exit code 0: nothing differs; 1: something does; 2: a part could not be read, so it may.
pub(crate) fn run(args: &DiffArgs, ui: &Ui) -> Result<Outcome, Failure> {
    let target = document::Target::new(&args.document, &args.image.image, ui)?;
    let base = image::options(&args.base, args.image.backing_dir.as_ref(), ui)?;
    let open = args.image.options(ui)?;
    ui.enter(&Access::default())?;
    let diff = {
        let progress = ui.progress();
        let step = |step: imgscan_core::inspect::Step<'_>| progress.step(document::step(ui, step));
        let base = inspect(&args.base, &base, &step)?;
        let image = inspect(&args.image.image, &open, &step)?;
        scan::diff(&base, &image)?
    };
    target.write(&match args.document.format {
        Format::Text => report::diff_text(&diff, ui.lang()),
        Format::Json => report::json(&diff),
    })?;
    let outcome = Outcome::of_gaps(&diff.gaps);
    Ok(if diff.equal || outcome == Outcome::Failed {
        outcome
    } else if diff.groups.is_empty() {
        Outcome::Failed
    } else {
        Outcome::Reject
    })
}
