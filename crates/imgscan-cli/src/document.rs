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

/// Where a document is wanted.
pub(crate) struct Writes<'a> {
    /// The file; without one it is standard output.
    pub(crate) path: Option<&'a Path>,
    /// What it must not replace.
    pub(crate) inputs: &'a [PathBuf],
}

/// Where a document is to be written.
pub(crate) struct Target(Option<PathBuf>);

impl Target {
    /// Where `args` want the document of `image`.
    pub(crate) fn new(args: &DocumentArgs, image: &Path, ui: &Ui) -> Result<Self, Failure> {
        let path = args.output.as_deref();
        let inputs = &[image.to_owned()];
        Self::own(&Writes { path, inputs }, ui)
    }

    /// As [`Target::of`]; in a sandbox it is standard output, which leads to the process that
    /// checked and writes the rest.
    pub(crate) fn own(wanted: &Writes<'_>, ui: &Ui) -> Result<Self, Failure> {
        match ui.in_sandbox() {
            true => Ok(Self(None)),
            false => Self::of(wanted),
        }
    }

    /// Checks before any work that `wanted` names something that may be written: standard output,
    /// a new file, or a regular file that is none of the inputs.
    pub(crate) fn of(wanted: &Writes<'_>) -> Result<Self, Failure> {
        let Writes { path, inputs } = *wanted;
        let Some(path) = path else {
            return Ok(Self(None));
        };
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
        self.write_bytes(text.as_bytes())
    }

    /// Writes `document`.
    pub(crate) fn write_bytes(&self, document: &[u8]) -> Result<(), Failure> {
        match &self.0 {
            None => {
                let mut out = stdout();
                out.write_all(document)?;
                out.flush()?;
                Ok(())
            }
            Some(path) => replace(path, document)
                .map_err(|e| Failure::unwritten(path.display().to_string(), &e)),
        }
    }
}

/// Writes a new file beside `path` and renames it over it. The new file is made by this call and
/// is no link, so nobody else's file is written through it.
fn replace(path: &Path, document: &[u8]) -> io::Result<()> {
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
        .write_all(document)
        .and_then(|()| file.sync_all())
        .and_then(|()| fs::rename(&temporary, path));
    if done.is_err() {
        // Best effort: the first error is the one to tell.
        let _ = fs::remove_file(&temporary);
    }
    done
}
