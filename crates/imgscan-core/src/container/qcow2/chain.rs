//! Opens an image with the files that it names: backing files and an external data file.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::cache::Caches;
use super::disk::{Backing, Disk};
use super::header::{Header, L1};
use super::map::Map;
use crate::container::gate::{Identity, folder_of};
use crate::container::{Door, Format, OpenedFile, Role, sniff};
use crate::error::{Error, Kind, Layer, Result};
use crate::source::{FileSource, ReadAt};
use crate::text::{lossless, terminal};

/// Backing files behind each other.
const MAX_DEPTH: usize = 32;

/// What opening a chain needs and gathers.
pub(super) struct Opener {
    /// Who opens host files; `None` where none may be opened.
    pub(super) door: Option<Arc<dyn Door>>,
    pub(super) caches: Arc<Caches>,
    /// Files of this chain so far, against cycles.
    pub(super) seen: Vec<Identity>,
    pub(super) files: Vec<OpenedFile>,
    /// The bytes of each of `files`.
    pub(super) sources: Vec<Arc<dyn ReadAt>>,
    pub(super) warnings: Vec<Error>,
    pub(super) layers: u32,
}

/// An image file that is about to become a layer.
pub(super) struct Image<'a> {
    pub(super) file: Arc<dyn ReadAt>,
    pub(super) header: &'a Header,
    /// The folder it stands in, for a backing file.
    pub(super) folder: Option<PathBuf>,
    /// True where its format was guessed from its content: such an image may name no other file,
    /// because a guest that writes into a raw disk could have put the name there.
    pub(super) guessed: bool,
}

impl Opener {
    /// The disk that `image` shows through the table `l1`, `len` bytes long.
    pub(super) fn layer(&mut self, image: &Image<'_>, l1: L1, len: u64) -> Result<Disk> {
        let header = image.header;
        let id = self.layers;
        self.layers = id.saturating_add(1);
        let data = if header.has_data_file {
            self.data_file(image)?
        } else {
            Arc::clone(&image.file)
        };
        let backing = match &header.backing {
            Some(name) => Some(self.backing(image, name)?),
            None => None,
        };
        let file = Arc::clone(&image.file);
        let map = Map::new(id, Arc::clone(&file), Arc::clone(&self.caches), header, l1);
        Ok(Disk {
            id,
            map,
            file,
            data,
            backing,
            caches: Arc::clone(&self.caches),
            compression: header.compression,
            len,
        })
    }

    /// Opens the file that `image` calls `name`; its path is without symbolic links.
    fn open(
        &mut self,
        image: &Image<'_>,
        name: &[u8],
        role: Role,
    ) -> Result<(Arc<FileSource>, PathBuf)> {
        let shown = terminal(&lossless(name));
        let called = role.text();
        if image.guessed {
            return Err(Error::new(
                Layer::Qcow2,
                Kind::Denied,
                None,
                say!(error_gate_guessed, name = shown, role = called),
            ));
        }
        let Some(door) = &self.door else {
            return Err(Error::new(
                Layer::Qcow2,
                Kind::Denied,
                None,
                say!(error_gate_closed, name = shown, role = called),
            ));
        };
        let admitted = door.open(name, image.folder.as_deref(), role)?;
        let file = Arc::new(FileSource::from_file(admitted.file, &admitted.path)?);
        let identity = file.identity();
        if identity.is_none_or(|identity| self.seen.contains(&identity)) {
            return Err(Error::corrupt(
                Layer::Qcow2,
                None,
                say!(error_qcow2_cycle, name = shown, role = called),
            ));
        }
        self.seen.extend(identity);
        Ok((file, admitted.path))
    }

    fn opened(&mut self, role: &'static str, path: &Path, format: Format, file: &Arc<FileSource>) {
        self.files.push(OpenedFile {
            role,
            path: path.into(),
            format,
            bytes: file.len(),
        });
        self.sources.push(Arc::<FileSource>::clone(file));
    }

    fn data_file(&mut self, image: &Image<'_>) -> Result<Arc<dyn ReadAt>> {
        let name = image
            .header
            .data_file
            .as_ref()
            .ok_or_else(|| Error::not_found(Layer::Qcow2, say!(error_qcow2_data_unnamed)))?;
        let (file, path) = self.open(image, name, Role::Data)?;
        self.opened("data", &path, Format::Raw, &file);
        Ok(file)
    }

    fn backing(&mut self, image: &Image<'_>, name: &[u8]) -> Result<Backing> {
        if self.layers as usize > MAX_DEPTH {
            return Err(Error::limit(
                Layer::Qcow2,
                None,
                say!(error_qcow2_deep, most = MAX_DEPTH),
            ));
        }
        let shown = terminal(&lossless(name));
        let (file, path) = self.open(image, name, Role::Backing)?;
        let (format, guessed) = self.format(image, &*file, &shown)?;
        self.opened("backing", &path, format, &file);
        let source: Arc<dyn ReadAt> = match format {
            Format::Raw => file,
            Format::Qcow2 => {
                let named = |e: Error| e.within(say!(qcow2_backing, name = &shown));
                let header = Header::read(&*file).map_err(named)?;
                self.warn(&header, Some(&shown));
                let folder = Some(folder_of(&path).to_owned());
                let image = Image {
                    file,
                    header: &header,
                    folder,
                    guessed,
                };
                Arc::new(self.layer(&image, header.l1, header.size).map_err(named)?)
            }
        };
        Ok(Backing {
            source,
            name: shown,
        })
    }

    /// The format of `image`'s backing file `file`, and whether it was guessed.
    fn format(
        &mut self,
        image: &Image<'_>,
        file: &dyn ReadAt,
        shown: &str,
    ) -> Result<(Format, bool)> {
        match image.header.backing_format.as_deref() {
            Some("qcow2") => Ok((Format::Qcow2, false)),
            // Names of QEMU's protocol drivers stand for their bytes as they are.
            Some("raw" | "file" | "host_device") => Ok((Format::Raw, false)),
            Some(other) => Err(Error::unsupported(
                Layer::Qcow2,
                None,
                say!(
                    error_qcow2_backing_format,
                    name = shown,
                    format = terminal(other)
                ),
            )),
            None => {
                let format = sniff(file)?;
                self.warnings.push(Error::notice(
                    Layer::Qcow2,
                    None,
                    say!(
                        error_qcow2_backing_unstated,
                        name = shown,
                        format = format.name()
                    ),
                ));
                Ok((format, true))
            }
        }
    }

    /// Notes what is unusual in `header`, of the backing file `name` or of the image itself.
    pub(super) fn warn(&mut self, header: &Header, name: Option<&str>) {
        let of = |e: Error| match name {
            Some(name) => e.within(say!(qcow2_backing, name = name)),
            None => e,
        };
        if header.dirty {
            // Only refcounts may be wrong, which say nothing about the content.
            let detail = say!(error_qcow2_dirty);
            self.warnings
                .push(of(Error::notice(Layer::Qcow2, 72, detail)));
        }
        if header.corrupt {
            let detail = say!(error_qcow2_corrupt);
            self.warnings
                .push(of(Error::corrupt(Layer::Qcow2, 72, detail)));
        }
    }
}
