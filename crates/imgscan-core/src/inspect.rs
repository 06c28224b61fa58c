//! The first stations in their order: what an image is, and which systems it holds. Everything
//! that the commands do begins with an [`Inspection`].

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::budget::{Budget, Bytes, Metered};
use crate::container::{self, Container, OpenOptions};
use crate::error::{Error, Layer, Result, contained};
use crate::fs::{self, Content, OpenVolume, Signature};
use crate::guest::{self, Guest, MAX_GUESTS};
use crate::source::ReadAt;
use crate::volume::{self, Scheme, Table, Volume};

/// Volumes of one image whose file systems are read; a real one has some ten.
const MAX_FILE_SYSTEMS: usize = 64;

/// What is being done at the moment, for those who show progress.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Step<'a> {
    /// The container and the partition table are opened.
    Opening,
    /// The volume of this name is recognised and opened.
    Volume(&'a str),
    /// Operating systems are searched for.
    Systems,
    /// The check of this id runs.
    Check(&'a str),
    /// The whole image file is hashed.
    Hashing,
}

/// Gets told of every [`Step`].
pub type Progress<'a> = &'a dyn Fn(Step<'_>);

/// An opened image: container, volumes and guests.
pub struct Inspection {
    /// The image as the user named it.
    pub path: PathBuf,
    /// The container.
    pub container: Container,
    /// The partition table.
    pub table: Table,
    /// Its volumes with what each holds.
    pub volumes: Vec<OpenVolume>,
    /// The operating systems, in the order of the volumes.
    pub guests: Vec<Guest>,
    /// Why the search for operating systems ended early, and which were found but not read.
    pub failures: Vec<Error>,
    /// What is left of what the reading may cost.
    pub budget: Arc<Budget>,
}

/// Something that is wrong or unusual with an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The name of the volume; `None` for the container, the partition table and the search.
    pub volume: Option<String>,
    /// What it is.
    pub error: Error,
}

/// Opens the image at `path` as far as its volumes; no guests are searched for.
///
/// # Errors
/// If the container can't be read, or if nothing in it is recognised: no partition table, no file
/// system, nothing else that is known.
pub fn open(path: &Path, options: &OpenOptions, progress: Progress<'_>) -> Result<Inspection> {
    progress(Step::Opening);
    let container = contained(
        Layer::Container,
        || say!(doing_container),
        || container::open(path, options),
    )?;
    divide(path, container, options, progress)
}

/// Opens the image whose bytes are `source` as far as its volumes; `name` stands for it in
/// reports. No file of the host is opened.
///
/// # Errors
/// As [`open`].
pub fn open_source(
    name: &str,
    source: Arc<dyn ReadAt>,
    options: &OpenOptions,
    progress: Progress<'_>,
) -> Result<Inspection> {
    progress(Step::Opening);
    let container = contained(
        Layer::Container,
        || say!(doing_container),
        || container::open_source(source, options),
    )?;
    divide(Path::new(name), container, options, progress)
}

/// The volumes of a container.
fn divide(
    path: &Path,
    mut container: Container,
    options: &OpenOptions,
    progress: Progress<'_>,
) -> Result<Inspection> {
    let budget = Arc::new(Budget::new(options.limits, options.held));
    container.disk = Metered::new(container.disk, &budget, Bytes::FromDisk);
    let table = contained(
        Layer::Volume,
        || say!(doing_table),
        || volume::open(&container.disk),
    )?;
    let mut starts = BTreeMap::new();
    let mut file_systems = 0;
    let volumes: Vec<OpenVolume> = table
        .volumes
        .iter()
        .map(|volume| {
            progress(Step::Volume(&volume.name));
            let first = *starts.entry(volume.offset).or_insert(volume.name.as_str());
            if first != volume.name {
                return again(volume, first);
            }
            if file_systems >= MAX_FILE_SYSTEMS {
                let what = say!(error_too_many, most = MAX_FILE_SYSTEMS, what = "volumes");
                return unread(
                    volume,
                    Error::limit(Layer::Volume, Some(volume.offset), what),
                );
            }
            contained(
                Layer::Volume,
                || say!(doing_volume),
                || Ok(fs::open(volume)),
            )
            .map(|mut opened| {
                if let Content::FileSystem(fs) = &mut opened.content {
                    file_systems += 1;
                    *fs = fs::bounded(Arc::clone(fs), &budget);
                }
                opened
            })
            .unwrap_or_else(|e| unread(volume, e))
        })
        .collect();
    if let (Scheme::None, [only]) = (table.scheme, volumes.as_slice())
        && let Content::Gap(Signature::Unknown, why) = &only.content
    {
        return Err(Error::new(
            Layer::Volume,
            why.kind,
            why.offset.unwrap_or(0),
            say!(error_nothing, why = &*why.detail),
        ));
    }
    Ok(Inspection {
        path: path.into(),
        container,
        table,
        volumes,
        guests: Vec::new(),
        failures: Vec::new(),
        budget,
    })
}

/// A volume that begins where the one called `first` does: what is on it is read once.
fn again(volume: &Volume, first: &str) -> OpenVolume {
    let what = say!(error_volume_again, first = first);
    unread(
        volume,
        Error::corrupt(Layer::Volume, Some(volume.offset), what),
    )
}

fn unread(volume: &Volume, why: Error) -> OpenVolume {
    OpenVolume {
        volume: volume.clone(),
        content: Content::Gap(Signature::Unknown, why),
        also: Vec::new(),
    }
}

/// Opens the image at `path` as far as its guests.
///
/// # Errors
/// As [`open`].
pub fn inspect(path: &Path, options: &OpenOptions, progress: Progress<'_>) -> Result<Inspection> {
    let mut image = open(path, options, progress)?;
    progress(Step::Systems);
    image.search();
    Ok(image)
}

impl Inspection {
    /// Searches the volumes for operating systems.
    pub fn search(&mut self) {
        let found = contained(
            Layer::Guest,
            || say!(doing_systems),
            || Ok((guest::find(&self.volumes), guest::unread(&self.volumes))),
        );
        match found {
            Ok((guests, unread)) => {
                self.guests = guests;
                self.failures.extend(unread);
            }
            Err(e) => self.failures.push(e),
        }
        if self.guests.len() > MAX_GUESTS {
            self.guests.truncate(MAX_GUESTS);
            let what = say!(error_too_many, most = MAX_GUESTS, what = "systems");
            self.failures.push(Error::limit(Layer::Guest, None, what));
        }
        for guest in &mut self.guests {
            guest.disk = Some(Arc::clone(&self.container.disk));
        }
    }

    /// What is wrong or unusual with the image as a whole: its container, its partition table, its
    /// volumes, and the search for systems. No check can tell what is in a part that could not be
    /// read; only what is of [`crate::Kind::Notice`] took nothing from the reading. Whether the budget is spent is
    /// known at the end alone.
    #[must_use]
    pub fn problems(&self) -> Vec<Problem> {
        let whole = self
            .container
            .warnings
            .iter()
            .chain(&self.table.warnings)
            .chain(&self.failures)
            .cloned()
            .chain(self.budget.spent())
            .map(|error| Problem {
                volume: None,
                error,
            });
        let volumes = self.volumes.iter().flat_map(|v| {
            let mut errors = match &v.content {
                Content::FileSystem(fs) => fs.warnings(),
                Content::Nothing(_) => Vec::new(),
                Content::Gap(_, why) => vec![why.clone()],
            };
            errors.extend(v.ambivalent());
            errors.into_iter().map(|error| Problem {
                volume: Some(v.volume.name.clone()),
                error,
            })
        });
        whole.chain(volumes).collect()
    }
}
