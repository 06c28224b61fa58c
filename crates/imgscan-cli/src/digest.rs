//! `imgscan digest`: one line `sha256  bytes` of the virtual disk, equal for every container of the
//! same disk.

use std::io::Write as _;

use imgscan_core::bytes::hex;
use imgscan_core::{container, parallel, source};

use crate::args::DigestArgs;
use crate::exit::{Failure, Outcome};
use crate::output::{Ui, stdout};
use crate::sandbox::Access;

pub(crate) fn run(args: &DigestArgs, ui: &Ui) -> Result<Outcome, Failure> {
    let open = args.image.options(ui)?;
    ui.enter(&Access::default())?;
    ui.step(&ui.words(&say!(progress_hashing)));
    let container = container::open(&args.image.image, &open)?;
    for warning in &container.warnings {
        ui.warning(warning);
    }
    let disk = &*container.disk;
    let mut progress = ui.progress();
    let digest = source::digest(disk, parallel::threads(), &mut |done| {
        progress.done(done, disk.len())
    })?;
    drop(progress);
    let mut out = stdout();
    writeln!(out, "{}  {}", hex(&digest), disk.len())?;
    out.flush()?;
    Ok(Outcome::Accept)
}
