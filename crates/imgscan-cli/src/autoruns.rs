//! `imgscan autoruns`.

use imgscan_core::inspect::inspect;
use imgscan_core::{Policy, report, scan};

use crate::args::{AutorunsArgs, Format};
use crate::document;
use crate::exit::{Failure, Outcome};
use crate::output::Ui;
use crate::references::{DeclarationFile, Files};
use crate::sandbox::Access;

pub(crate) fn run(args: &AutorunsArgs, ui: &Ui) -> Result<Outcome, Failure> {
    let target = document::Target::new(&args.document, &args.image.image, ui)?;
    let policy = Policy::open(&args.policy)?;
    let files = Files::of(&args.references)?;
    let declaration = DeclarationFile::read(args.declaration.as_ref())?;
    let open = args.image.options(ui)?;
    ui.enter(&Access::default())?;
    let given = files.parse()?;
    let declaration = declaration.parse()?;
    let mut found = {
        let progress = ui.progress();
        let image = inspect(&args.image.image, &open, &|step| {
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
    Ok(Outcome::of_gaps(&found.gaps))
}
