//! Where documents go: standard output, or a file that is written whole or not at all.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use imgscan_core::inspect::Step;
use imgscan_core::text::{Text, terminal};

use crate::args::DocumentArgs;
use crate::exit::Failure;
use crate::output::stdout;

/// A step of the library as a line of progress. Names of volumes are from the image.
pub(crate) fn step(step: Step<'_>) -> String {
    match step {
        Step::Volume(name) => terminal(name),
        Step::Check(id) => terminal(id),
        Step::Systems => "os".into(),
        Step::Hashing => "sha256".into(),
        _ => "open".into(),
    }
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
            Err(e) => return Err(Failure::host(path, e)),
            // A rename would replace a device or a link by a file, writing would go through it:
            // neither is what was meant.
            Ok(meta) if !meta.is_file() => {
                return Err(refused(path, "is no regular file", "不是普通文件"));
            }
            Ok(meta) => {
                let same = |m: fs::Metadata| (m.dev(), m.ino()) == (meta.dev(), meta.ino());
                if inputs.iter().any(|i| fs::metadata(i).is_ok_and(same)) {
                    return Err(refused(path, "is the image", "就是镜像本身"));
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
            Some(path) => replace(path, text).map_err(|e| Failure::host(path, e)),
        }
    }
}

fn refused(path: &Path, en: &str, zh: &str) -> Failure {
    let path = path.display();
    Failure::Usage(Text::new(
        format!("{path}: {en}; nothing was written"),
        format!("{path}：{zh}；未写入任何内容"),
    ))
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
