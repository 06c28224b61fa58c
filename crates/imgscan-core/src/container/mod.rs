//! Disk containers: from a file of the host to the bytes of the guest's disk.

#![warn(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    clippy::indexing_slicing
)]
#![cfg_attr(
    test,
    allow(
        clippy::arithmetic_side_effects,
        clippy::cast_possible_truncation,
        clippy::cast_possible_wrap,
        clippy::cast_sign_loss,
        clippy::indexing_slicing
    )
)]

mod gate;
pub mod qcow2;

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub use gate::{Admitted, Door, Gate, Role};

use crate::budget::{Held, Limits};
use crate::error::{Error, Layer, Result};
use crate::source::{FileSource, ReadAt};
use crate::text::Text;

/// A container format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Format {
    /// The bytes of the disk, one to one.
    Raw,
    /// QEMU copy-on-write, version 2 or 3.
    Qcow2,
}

impl Format {
    /// The name that `qemu-img` uses.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Raw => "raw",
            Self::Qcow2 => "qcow2",
        }
    }
}

/// The name of a fact in [`Container::details`] for people.
#[must_use]
pub fn fact_name(name: &str) -> Text {
    match name {
        "version" => say!(container_version),
        "cluster size" => say!(container_cluster_size),
        "compression" => say!(container_compression),
        "extended L2" => say!(container_extended_l2),
        "backing file" => say!(container_backing_file),
        "backing format" => say!(container_backing_format),
        "data file" => say!(container_data_file),
        "bitmaps" => say!(container_bitmaps),
        other => Text::verbatim(other),
    }
}

/// What the user allows and asks for when an image is opened.
#[derive(Debug, Clone, Default)]
pub struct OpenOptions {
    /// A folder, besides the image's own, in which files that the image names (backing file,
    /// external data file) may be opened.
    pub backing_dir: Option<PathBuf>,
    /// The internal snapshot (name or id) to read in place of the current state.
    pub snapshot: Option<String>,
    /// The image file, where it is open already; its path then only names it.
    pub file: Option<Arc<File>>,
    /// Who opens the files that the image names, in place of a [`Gate`] with the folders above.
    pub door: Option<Arc<dyn Door>>,
    /// What the reading may cost.
    pub limits: Limits,
    /// Tells how much memory the program holds; without it that is not counted.
    pub held: Option<Held>,
}

/// A file of the host that was opened for this image.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct OpenedFile {
    /// `image`, `backing` or `data`.
    pub role: &'static str,
    /// Where it was opened.
    pub path: PathBuf,
    /// Its container format.
    pub format: Format,
    /// Its length in bytes.
    pub bytes: u64,
}

/// An internal snapshot of a container.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Snapshot {
    /// The id that the container gives it.
    pub id: String,
    /// Its name.
    pub name: String,
}

/// An opened image.
#[derive(Clone)]
pub struct Container {
    /// The outermost format.
    pub format: Format,
    /// The bytes of the image file itself.
    pub file: Arc<dyn ReadAt>,
    /// The guest's disk.
    pub disk: Arc<dyn ReadAt>,
    /// Facts of the format for people and reports (name, value), in a fixed order.
    pub details: Vec<(&'static str, Text)>,
    /// Every host file that was opened, the image first.
    pub files: Vec<OpenedFile>,
    /// The bytes of each of [`Container::files`].
    pub sources: Vec<Arc<dyn ReadAt>>,
    /// Internal snapshots.
    pub snapshots: Vec<Snapshot>,
    /// What is wrong or unusual with the container, but does not stop the reading. What hides
    /// no byte of the disk is of [`crate::Kind::Notice`].
    pub warnings: Vec<Error>,
}

/// Magic bytes of containers that are recognised, to say so, but not read: (offset, magic, name).
const FOREIGN: &[(u64, &[u8], &str)] = &[
    (0, b"KDMV", "VMDK"),
    (0, b"COWD", "VMDK (ESX 2)"),
    (0, b"# Disk DescriptorFile", "VMDK"),
    (0, b"vhdxfile", "VHDX"),
    (0, b"conectix", "VHD"),
    (0, b"QFI\xfb\x00\x00\x00\x01", "qcow"),
    (0, b"QED\0", "QED"),
    (0, b"<<< Oracle VM VirtualBox Disk Image >>>", "VDI"),
    (0, b"<<< QEMU VM Virtual Disk Image >>>", "VDI"),
    (0, b"\x1f\x8b", "gzip"),
    (0, b"\xfd7zXZ\0", "xz"),
    (0, b"\x28\xb5\x2f\xfd", "Zstandard"),
    (0, b"BZh", "bzip2"),
    (0, b"PK\x03\x04", "ZIP"),
];

/// Opens the image at `path`, whatever supported container it is.
///
/// Host files that the image itself names are opened only inside the image's own folder or
/// [`OpenOptions::backing_dir`].
///
/// # Errors
/// If the file can't be read, is empty, or is a container that is not supported or not sound.
pub fn open(path: &Path, options: &OpenOptions) -> Result<Container> {
    let file = Arc::new(match &options.file {
        Some(open) => FileSource::of_open(open, path)?,
        None => FileSource::open(path)?,
    });
    if file.is_empty() {
        return Err(Error::corrupt(Layer::Raw, 0, say!(error_container_empty)));
    }
    match sniff(&*file)? {
        Format::Qcow2 => qcow2::open(path, file, options),
        Format::Raw => {
            let bytes = file.len();
            let opened = OpenedFile {
                role: "image",
                path: path.into(),
                format: Format::Raw,
                bytes,
            };
            raw(file, vec![opened], options)
        }
    }
}

/// Opens the image whose bytes are `source`, wherever they come from. No file of the host is
/// opened: an image that names one (a backing file) is refused.
///
/// # Errors
/// As [`open`].
pub fn open_source(source: Arc<dyn ReadAt>, options: &OpenOptions) -> Result<Container> {
    if source.is_empty() {
        return Err(Error::corrupt(Layer::Raw, 0, say!(error_container_empty)));
    }
    match sniff(&*source)? {
        Format::Qcow2 => qcow2::open_source(source, options),
        Format::Raw => raw(source, Vec::new(), options),
    }
}

/// The container format of `file` by its first bytes; what no magic tells is raw.
///
/// # Errors
/// If it can't be read, or is a container that is recognised, but not read.
pub(crate) fn sniff(file: &dyn ReadAt) -> Result<Format> {
    let mut head = vec![0; usize::try_from(file.len().min(64)).unwrap_or(64)];
    file.read_at(&mut head, 0)?;
    if qcow2::matches(&head) {
        return Ok(Format::Qcow2);
    }
    if let Some((at, _, name)) = FOREIGN.iter().find(|(at, magic, _)| {
        usize::try_from(*at).is_ok_and(|at| head.get(at..).is_some_and(|h| h.starts_with(magic)))
    }) {
        return Err(Error::unsupported(
            Layer::Container,
            *at,
            say!(error_container_foreign, format = *name),
        ));
    }
    Ok(Format::Raw)
}

fn raw(file: Arc<dyn ReadAt>, files: Vec<OpenedFile>, options: &OpenOptions) -> Result<Container> {
    if let Some(name) = &options.snapshot {
        return Err(Error::not_found(
            Layer::Raw,
            say!(error_container_no_snapshot, name = name),
        ));
    }
    Ok(Container {
        format: Format::Raw,
        disk: Arc::clone(&file),
        sources: files.iter().map(|_| Arc::clone(&file)).collect(),
        file,
        details: Vec::new(),
        files,
        snapshots: Vec::new(),
        warnings: Vec::new(),
    })
}
