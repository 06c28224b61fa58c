//! `imgscan kernel`.

use imgscan_core::inspect::inspect;
use imgscan_core::{Policy, report, scan};

use crate::args::{Format, KernelArgs};
use crate::document;
use crate::exit::{Failure, Outcome};
use crate::output::Ui;
use crate::references::Files;
use crate::sandbox::Access;

pub(crate) fn run(args: &KernelArgs, ui: &Ui) -> Result<Outcome, Failure> {
    let target = document::Target::new(&args.document, &args.image.image, ui)?;
    let policy = Policy::open(&args.policy)?;
    let files = Files::of(&args.references)?;
    let open = args.image.options(ui)?;
    ui.enter(&Access::default())?;
    let given = files.parse()?;
    let mut found = {
        let progress = ui.progress();
        let image = inspect(&args.image.image, &open, &|step| {
            progress.step(document::step(ui, step));
        })?;
        scan::kernel(&image, &policy, given.references())?
    };
    if args.explain {
        report::explain(&mut found);
    }
    target.write(&match args.document.format {
        Format::Text => report::kernel_text(&found, ui.lang()),
        Format::Json => report::json(&found),
    })?;
    Ok(Outcome::of_gaps(&found.gaps))
}
