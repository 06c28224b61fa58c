//! `imgscan cat`.

use std::io::Write as _;
use std::os::unix::ffi::OsStrExt as _;

use imgscan_core::source::ReadAt;

use crate::args::CatArgs;
use crate::exit::{Failure, Outcome};
use crate::image;
use crate::output::{Ui, stdout};

/// Bytes that are read at once.
const PIECE: usize = 1024 * 1024;

pub(crate) fn run(args: &CatArgs, ui: &Ui) -> Result<Outcome, Failure> {
    let image = image::open(&args.image, ui)?;
    let target = image.target(Some(&args.path), true)?;
    let named = args.stream.as_ref().map(|name| name.as_bytes());
    let data = match named.or(target.stream.as_deref()) {
        Some(name) => target.fs.open_stream(target.id, name)?,
        None => target.fs.open(target.id)?,
    };
    let damage = target.fs.damage(target.id)?;
    for e in &damage {
        ui.damage(&target.shown(&target.path), e);
    }
    write(data.as_ref())?;
    Ok(if damage.is_empty() {
        Outcome::Accept
    } else {
        Outcome::Failed
    })
}

/// Everything up to the first byte that can't be read is written.
fn write(data: &dyn ReadAt) -> Result<(), Failure> {
    let mut out = stdout();
    let mut buf = vec![0; PIECE];
    let mut at = 0;
    while at < data.len() {
        let n = usize::try_from(data.len() - at).map_or(PIECE, |left| left.min(PIECE));
        match data.read_at(&mut buf[..n], at) {
            Ok(()) => out.write_all(&buf[..n])?,
            Err(e) => {
                // The bytes before the damage still count: smaller pieces find where it begins.
                for start in (0..n).step_by(512) {
                    let end = n.min(start + 512);
                    if data
                        .read_at(&mut buf[start..end], at + start as u64)
                        .is_err()
                    {
                        out.flush()?;
                        return Err(e.into());
                    }
                    out.write_all(&buf[start..end])?;
                }
            }
        }
        at += n as u64;
    }
    out.flush()?;
    Ok(())
}
