//! The gate for host files that an image names itself (backing file, external data file).
//!
//! An image comes from someone who may be hostile, so such a name is opened only where it leads
//! into a permitted folder, and only if a regular file stands there. The name is judged as text
//! first, then once more with all symbolic links resolved; neither step opens anything.

use std::ffi::OsStr;
use std::fs::File;
use std::io::ErrorKind;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Component, Path, PathBuf};

use rustix::fs::{Mode, OFlags};

use crate::error::{Error, Kind, Layer, Result};
use crate::text::{Text, terminal_bytes};

/// A file by its device and inode number.
pub(super) type Identity = (u64, u64);

/// A file that passed the gate.
#[derive(Debug)]
pub struct Admitted {
    /// The file, opened for reading.
    pub file: File,
    /// Its path without symbolic links.
    pub path: PathBuf,
}

/// What a file is for that an image names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// What is below the clusters that the image lacks.
    Backing,
    /// The bytes of its clusters.
    Data,
}

impl Role {
    /// The word for it.
    #[must_use]
    pub fn text(self) -> Text {
        match self {
            Self::Backing => say!(container_backing_file),
            Self::Data => say!(container_data_file),
        }
    }
}

/// Who opens the files of the host that an image names: a [`Gate`], or a program that asks one in
/// another process.
pub trait Door: std::fmt::Debug + Send + Sync {
    /// Opens what an image that stands in the folder `beside` calls `name`; without a folder it is
    /// the one of the image that the door was made for.
    ///
    /// # Errors
    /// [`Kind::Denied`] for what may not be opened, [`Kind::NotFound`] where nothing stands there.
    fn open(&self, name: &[u8], beside: Option<&Path>, role: Role) -> Result<Admitted>;
}

/// The permitted folders.
#[derive(Debug)]
pub struct Gate {
    /// Each folder as it was given and without symbolic links, that of the image first.
    folders: Vec<(PathBuf, PathBuf)>,
}

/// The folder that `path` stands in.
pub(super) fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// `path` without `.` and with each `..` taken from what stands before it.
fn normal(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            // At the root `..` stays there, as the kernel has it.
            Component::ParentDir => {
                out.pop();
            }
            other => out.push(other),
        }
    }
    out
}

impl Gate {
    /// Permits the folder that `image` stands in, and `extra`.
    ///
    /// # Errors
    /// If one of them is not there.
    pub fn new(image: &Path, extra: Option<&Path>) -> Result<Self> {
        let mut folders = Vec::new();
        for folder in std::iter::once(folder_of(image)).chain(extra) {
            let io = |e| Error::io(None, &folder.display().to_string(), &e);
            let given = normal(&std::path::absolute(folder).map_err(io)?);
            folders.push((given, std::fs::canonicalize(folder).map_err(io)?));
        }
        Ok(Self { folders })
    }

    /// A relative name is looked up in `beside`, then in the other permitted folders. Everything
    /// outside is denied, and what is no regular file.
    fn look_up(&self, name: &[u8], beside: &Path, role: &Text) -> Result<Admitted> {
        let shown = terminal_bytes(name);
        let denied = |why: Text| {
            Error::new(
                Layer::Container,
                Kind::Denied,
                None,
                say!(error_gate, name = &shown, role = role, why = why),
            )
        };
        if name.contains(&0) {
            return Err(denied(say!(error_gate_zero)));
        }
        // `nbd:`, `http:`, `json:`, `file:` … : QEMU takes what stands before a colon as protocol.
        let first = name.split(|b| *b == b'/').next().unwrap_or_default();
        if first.contains(&b':') {
            return Err(denied(say!(error_gate_protocol)));
        }
        let path = Path::new(OsStr::from_bytes(name));
        let mut places = vec![normal(&beside.join(path))];
        if path.is_relative() {
            places.extend(self.folders.iter().map(|(_, f)| normal(&f.join(path))));
        }
        places.dedup();
        let mut refused = false;
        for place in &places {
            if !self
                .folders
                .iter()
                .any(|(given, real)| place.starts_with(given) || place.starts_with(real))
            {
                refused = true;
                continue;
            }
            match self.admit(place, &denied) {
                Err(e) if e.kind == Kind::NotFound => {}
                other => return other,
            }
        }
        Err(if refused {
            denied(say!(error_gate_outside))
        } else {
            Error::not_found(
                Layer::Container,
                say!(error_gate_missing, name = shown, role = role),
            )
        })
    }

    fn admit(&self, place: &Path, denied: &dyn Fn(Text) -> Error) -> Result<Admitted> {
        let io = |e: std::io::Error| match e.kind() {
            ErrorKind::NotFound | ErrorKind::NotADirectory => Error::not_found(
                Layer::Container,
                Text::verbatim(place.display().to_string()),
            ),
            _ => Error::io(None, &place.display().to_string(), &e),
        };
        let path = std::fs::canonicalize(place).map_err(io)?;
        if !self.folders.iter().any(|(_, real)| path.starts_with(real)) {
            return Err(denied(say!(error_gate_link)));
        }
        let before = std::fs::symlink_metadata(&path).map_err(io)?;
        if !before.is_file() {
            return Err(denied(say!(error_gate_irregular)));
        }
        // The last component can't have become a link or a pipe unseen in the meantime.
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let file = rustix::fs::open(&path, flags, Mode::empty()).map_err(|e| io(e.into()))?;
        let file = File::from(file);
        let after = file.metadata().map_err(io)?;
        let identity = (after.dev(), after.ino());
        if !after.is_file() || identity != (before.dev(), before.ino()) {
            return Err(denied(say!(error_gate_changed)));
        }
        Ok(Admitted { file, path })
    }
}

impl Door for Gate {
    fn open(&self, name: &[u8], beside: Option<&Path>, role: Role) -> Result<Admitted> {
        let own = self.folders.first().map(|(_, real)| real.as_path());
        let beside = beside.or(own).unwrap_or(Path::new("."));
        self.look_up(name, beside, &role.text())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(gate: &Gate, beside: &Path, name: &str) -> Option<Kind> {
        gate.open(name.as_bytes(), Some(beside), Role::Backing)
            .err()
            .map(|e| e.kind)
    }

    #[test]
    fn only_regular_files_in_permitted_folders_pass() {
        let top = tempfile::tempdir().unwrap();
        let top = top.path().canonicalize().unwrap();
        let (own, extra, other) = (top.join("own"), top.join("extra"), top.join("other"));
        for d in [&own, &extra, &other, &own.join("sub")] {
            std::fs::create_dir(d).unwrap();
            std::fs::write(d.join("f"), "x").unwrap();
        }
        std::fs::write(extra.join("only"), "x").unwrap();
        std::os::unix::fs::symlink("../other/f", own.join("out")).unwrap();
        std::os::unix::fs::symlink("f", own.join("in")).unwrap();
        std::os::unix::fs::symlink("../other", own.join("dir")).unwrap();
        let gate = Gate::new(&own.join("image"), Some(&extra)).unwrap();
        for good in ["f", "./f", "sub/../f", "sub/f", "in", "only", "../own/f"] {
            assert_eq!(kind(&gate, &own, good), None, "{good}");
        }
        let inside = own.join("f").display().to_string();
        assert_eq!(kind(&gate, &own, &inside), None, "absolute, but inside");
        for bad in [
            "/etc/passwd",
            "../other/f",
            "../../x",
            "sub/../../other/f",
            "out",
            "dir/f",
            "sub",
            ".",
            "nbd:localhost:10809",
            "json:{}",
            "file:f",
            "http://127.0.0.1/f",
            "f\0",
            "/dev/zero",
            "/../etc/passwd",
        ] {
            assert_eq!(kind(&gate, &own, bad), Some(Kind::Denied), "{bad}");
        }
        assert_eq!(kind(&gate, &own, "missing"), Some(Kind::NotFound));
        assert_eq!(kind(&gate, &own, "f/x"), Some(Kind::NotFound));
    }

    #[test]
    fn a_pipe_is_refused_and_does_not_hang() {
        let dir = tempfile::tempdir().unwrap();
        let fifo = dir.path().join("fifo");
        rustix::fs::mknodat(
            rustix::fs::CWD,
            &fifo,
            rustix::fs::FileType::Fifo,
            Mode::from_raw_mode(0o600),
            0,
        )
        .unwrap();
        let gate = Gate::new(&dir.path().join("image"), None).unwrap();
        assert_eq!(kind(&gate, dir.path(), "fifo"), Some(Kind::Denied));
    }
}
