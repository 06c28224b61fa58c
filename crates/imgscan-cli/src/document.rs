//! Where documents go: standard output, or a file that is written whole or not at all.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use imgscan_core::inspect::Step;
use imgscan_core::text::Text;

use crate::args::DocumentArgs;
use crate::exit::Failure;
use crate::output::{Ui, stdout};

/// A step of the library as a line of progress. Names of volumes are from the image.
pub(crate) fn step(ui: &Ui, step: Step<'_>) -> String {
    ui.words(&match step {
        Step::Volume(name) => Text::verbatim(name),
        Step::Check(id) => Text::verbatim(id),
        Step::Systems => say!(progress_systems),
        Step::Hashing => say!(progress_hashing),
        _ => say!(progress_opening),
    })
}

/// Where a document is to be written.
pub(crate) struct Target(Option<PathBuf>);

impl Target {
    /// Checks before any work that `args` name something that may be written: standard output, a
    /// new file, or a regular file other than `image`.
    pub(crate) fn new(args: &DocumentArgs, image: &Path) -> Result<Self, Failure> {
        let Some(path) = &args.output else {
            return Ok(Self(None));
        };
        Self::file(path, &[image.to_owned()])
    }

    /// As [`Target::new`], for the file `path`; it must be none of `inputs`.
    pub(crate) fn file(path: &Path, inputs: &[PathBuf]) -> Result<Self, Failure> {
        match fs::symlink_metadata(path) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => {}
            Err(e) => return Err(Failure::host(path, &e)),
            // A rename would replace a device or a link by a file, writing would go through it:
            // neither is what was meant.
            Ok(meta) if !meta.is_file() => {
                let file = path.display().to_string();
                return Err(Failure::Usage(say!(host_not_regular, file = file)));
            }
            Ok(meta) => {
                let same = |m: fs::Metadata| (m.dev(), m.ino()) == (meta.dev(), meta.ino());
                if inputs.iter().any(|i| fs::metadata(i).is_ok_and(same)) {
                    let file = path.display().to_string();
                    return Err(Failure::Usage(say!(host_is_input, file = file)));
                }
            }
        }
        Ok(Self(Some(path.to_owned())))
    }

    /// Writes `text`.
    pub(crate) fn write(&self, text: &str) -> Result<(), Failure> {
        match &self.0 {
            None => {
                let mut out = stdout();
                out.write_all(text.as_bytes())?;
                out.flush()?;
                Ok(())
            }
            Some(path) => {
                replace(path, text).map_err(|e| Failure::unwritten(path.display().to_string(), &e))
            }
        }
    }
}

/// Writes a new file beside `path` and renames it over it. The new file is made by this call and
/// is no link, so nobody else's file is written through it.
fn replace(path: &Path, text: &str) -> io::Result<()> {
    let name = path
        .file_name()
        .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "no file name"))?;
    let mut temporary = std::ffi::OsString::from(".");
    temporary.push(name);
    temporary.push(format!(".{}.part", std::process::id()));
    let temporary = path.with_file_name(temporary);
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(&temporary)?;
    let done = file
        .write_all(text.as_bytes())
        .and_then(|()| file.sync_all())
        .and_then(|()| fs::rename(&temporary, path));
    if done.is_err() {
        // Best effort: the first error is the one to tell.
        let _ = fs::remove_file(&temporary);
    }
    done
}
