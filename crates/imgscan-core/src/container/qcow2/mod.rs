//! The qcow2 container, versions 2 and 3, read-only.
//!
//! The format is QEMU's `docs/interop/qcow2`; where that text leaves a case open, this reader does
//! what QEMU does. Refcounts, bitmaps and saved machine states say nothing about the disk's
//! content and are not read.
//!
//! - `header`: header, extensions, snapshot table.
//! - `map`: from an offset on the disk to where its bytes stand.
//! - `inflate`: decompression of a cluster.
//! - `cache`: tables and decompressed clusters that are kept, bounded for the whole chain.
//! - `disk`: the bytes of the disk, by all of the above.
//! - `chain`: backing files and external data files, which pass the gate of `container` first.

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

mod cache;
mod chain;
mod disk;
mod header;
mod inflate;
mod map;

use std::path::Path;
use std::sync::Arc;

use self::cache::Caches;
use self::chain::{Image, Opener};
use self::header::{Compression, Header, L1, SnapshotEntry};
use super::{Container, Door, Format, Gate, OpenOptions, OpenedFile, Snapshot};
use crate::error::{Error, Layer, Result};
use crate::source::{FileSource, ReadAt};
use crate::text::{Text, lossless, terminal};

/// True where `head`, the first bytes of a file, are those of qcow2 version 2 or later.
#[must_use]
pub fn matches(head: &[u8]) -> bool {
    head.starts_with(b"QFI\xfb") && crate::bytes::be32(head, 4).is_some_and(|v| v >= 2)
}

/// Opens the qcow2 image `file`, which stands at `path`.
///
/// Files that the image names are opened inside the folder of `path` and
/// [`OpenOptions::backing_dir`] only. A backing file whose format the image does not state is
/// taken by its content; if that looks like qcow2, it must not name a further file.
///
/// # Errors
/// If the header is not sound or needs a feature that is not supported, if the image is encrypted,
/// or if a file that it names is missing or refused.
pub fn open(path: &Path, file: Arc<FileSource>, options: &OpenOptions) -> Result<Container> {
    let door: Arc<dyn Door> = match &options.door {
        Some(door) => Arc::clone(door),
        None => Arc::new(Gate::new(path, options.backing_dir.as_deref())?),
    };
    let opener = Opener {
        door: Some(door),
        caches: Arc::default(),
        seen: file.identity().into_iter().collect(),
        files: vec![OpenedFile {
            role: "image",
            path: path.into(),
            format: Format::Qcow2,
            bytes: file.len(),
        }],
        sources: vec![Arc::<FileSource>::clone(&file)],
        warnings: Vec::new(),
        layers: 0,
    };
    container(opener, file, options)
}

/// Opens the qcow2 image whose bytes are `file`, wherever they come from. No file of the host is
/// opened: an image that names one is refused.
///
/// # Errors
/// As [`open`].
pub fn open_source(file: Arc<dyn ReadAt>, options: &OpenOptions) -> Result<Container> {
    let opener = Opener {
        door: None,
        caches: Arc::<Caches>::default(),
        seen: Vec::new(),
        files: Vec::new(),
        sources: Vec::new(),
        warnings: Vec::new(),
        layers: 0,
    };
    container(opener, file, options)
}

fn container(
    mut opener: Opener,
    file: Arc<dyn ReadAt>,
    options: &OpenOptions,
) -> Result<Container> {
    let header = Header::read(&*file)?;
    opener.warn(&header, None);
    let (entries, damage) = header::snapshots(&*file, &header);
    let (l1, len) = match &options.snapshot {
        Some(wanted) => select(&entries, damage.as_ref(), &header, file.len(), wanted)?,
        None => (header.l1, header.size),
    };
    opener.warnings.extend(damage);
    let image = Image {
        file: Arc::clone(&file),
        header: &header,
        folder: None,
        guessed: false,
    };
    let disk = opener.layer(&image, l1, len)?;
    Ok(Container {
        format: Format::Qcow2,
        file,
        disk: Arc::new(disk),
        details: details(&header),
        files: opener.files,
        sources: opener.sources,
        snapshots: entries
            .into_iter()
            .map(|s| Snapshot {
                id: s.id,
                name: s.name,
            })
            .collect(),
        warnings: opener.warnings,
    })
}

/// The table and the size of the snapshot `wanted`: by id, then by name, as `qemu-img` looks.
fn select(
    entries: &[SnapshotEntry],
    damage: Option<&Error>,
    header: &Header,
    file_len: u64,
    wanted: &str,
) -> Result<(L1, u64)> {
    let Some(found) = entries
        .iter()
        .find(|s| s.id == wanted)
        .or_else(|| entries.iter().find(|s| s.name == wanted))
    else {
        let name = terminal(wanted);
        let detail = match damage {
            Some(e) => say!(
                error_container_no_snapshot_read,
                name = name,
                why = e.text()
            ),
            None => say!(error_container_no_snapshot, name = name),
        };
        return Err(Error::not_found(Layer::Qcow2, detail));
    };
    let size = found.size.unwrap_or(header.size);
    header.check_l1(found.l1, size, file_len, found.offset)?;
    Ok((found.l1, size))
}

fn details(header: &Header) -> Vec<(&'static str, Text)> {
    let mut out = vec![
        ("version", Text::verbatim(header.version.to_string())),
        (
            "cluster size",
            Text::verbatim(header.cluster_size().to_string()),
        ),
        (
            "compression",
            Text::verbatim(match header.compression {
                Compression::Zlib => "zlib",
                Compression::Zstd => "zstd",
            }),
        ),
    ];
    let name = |bytes: &[u8]| Text::verbatim(lossless(bytes));
    if header.extended_l2 {
        out.push(("extended L2", say!(qcow2_yes)));
    }
    if let Some(backing) = &header.backing {
        out.push(("backing file", name(backing)));
        if let Some(format) = &header.backing_format {
            out.push(("backing format", Text::verbatim(format.clone())));
        }
    }
    if let Some(data) = &header.data_file {
        out.push(("data file", name(data)));
    }
    if let Some(n) = header.bitmaps {
        out.push(("bitmaps", Text::verbatim(n.to_string())));
    }
    out
}
