//! The first stations in their order: what an image is, and which systems it holds. Everything
//! that the commands do begins with an [`Inspection`].

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::container::{self, Container, OpenOptions};
use crate::error::{Error, Kind, Layer, Result, contained};
use crate::evidence::{Gap, Location};
use crate::fs::{self, Content, OpenVolume, Signature};
use crate::guest::{self, Guest};
use crate::volume::{self, Scheme, Table};

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
    /// Why the search for operating systems ended early, where it did.
    pub failures: Vec<Error>,
}

/// Opens the image at `path` as far as its volumes; no guests are searched for.
///
/// # Errors
/// If the container can't be read, or if nothing in it is recognised: no partition table, no file
/// system, nothing else that is known.
pub fn open(path: &Path, options: &OpenOptions, progress: Progress<'_>) -> Result<Inspection> {
    progress(Step::Opening);
    let container = contained(Layer::Container, say!(doing_container), || {
        container::open(path, options)
    })?;
    let table = contained(Layer::Volume, say!(doing_table), || {
        volume::open(&container.disk)
    })?;
    let volumes: Vec<OpenVolume> = table
        .volumes
        .iter()
        .map(|volume| {
            progress(Step::Volume(&volume.name));
            contained(Layer::Volume, say!(doing_volume), || Ok(fs::open(volume))).unwrap_or_else(
                |e| OpenVolume {
                    volume: volume.clone(),
                    content: Content::Gap(Signature::Unknown, e),
                },
            )
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
    })
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
        let found = contained(Layer::Guest, say!(doing_systems), || {
            Ok(guest::find(&self.volumes))
        });
        match found {
            Ok(guests) => self.guests = guests,
            Err(e) => self.failures.push(e),
        }
        for guest in &mut self.guests {
            guest.disk = Some(Arc::clone(&self.container.disk));
        }
    }

    /// What of the image as a whole could not be read, sorted. No check can tell what is in
    /// there, so an image with such gaps is never accepted without a person.
    #[must_use]
    pub fn gaps(&self) -> Vec<Gap> {
        self.findings(|kind| kind != Kind::Notice)
    }

    /// What is unusual with the image as a whole, but took nothing from the reading; sorted.
    #[must_use]
    pub fn notices(&self) -> Vec<Gap> {
        self.findings(|kind| kind == Kind::Notice)
    }

    fn findings(&self, wanted: impl Fn(Kind) -> bool) -> Vec<Gap> {
        let whole = self
            .container
            .warnings
            .iter()
            .chain(&self.table.warnings)
            .chain(&self.failures)
            .map(|e| Gap::new(Location::default(), e));
        let volumes = self.volumes.iter().flat_map(|v| {
            let errors = match &v.content {
                Content::FileSystem(fs) => fs.warnings(),
                Content::Nothing(_) => Vec::new(),
                Content::Gap(_, why) => vec![why.clone()],
            };
            let at = Location {
                volume: Some(v.volume.name.clone()),
                ..Location::default()
            };
            errors.into_iter().map(move |e| Gap::new(at.clone(), &e))
        });
        let mut all: Vec<Gap> = whole.chain(volumes).filter(|g| wanted(g.kind)).collect();
        all.sort();
        all.dedup();
        all
    }
}

/// What of `guest` could not be read: mount points without their file system, and problems that
/// its own search met. The checks that need them say so themselves.
#[must_use]
pub fn guest_gaps(guest: &Guest) -> Vec<Gap> {
    let unavailable = guest
        .paths
        .unavailable()
        .iter()
        .map(|(path, why)| Gap::at_path(crate::text::lossless(path), why));
    let problems = guest
        .problems
        .iter()
        .map(|e| Gap::new(Location::default(), e));
    unavailable
        .chain(problems)
        .filter(|g| g.kind != Kind::Notice)
        .collect()
}
