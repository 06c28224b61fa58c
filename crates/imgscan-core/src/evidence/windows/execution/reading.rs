//! What the collector reads of the guest's files. What can't be read is a gap of what is collected.

use super::sources::Collector;
use crate::evidence::windows::{Windows, xml};
use crate::evidence::{Gap, Location};
use crate::fs::FileKind;
use crate::guest::{FileBytes, Located};
use crate::text::lossless;

/// Bytes of a text that is read to see what it says.
pub(super) const MAX_TEXT: u64 = 1 << 20;
/// Names of one folder that are looked at, and lines of one text.
const MAX_NAMES: usize = 65_536;

impl Collector<'_, '_> {
    /// What `path` leads to; `None` where nothing is there.
    pub(super) fn located(&mut self, path: &str) -> Option<Located> {
        let found = self.windows.guest.paths.find(path.as_bytes());
        found.unwrap_or_else(|e| {
            self.gap(Gap::at_path(path, &e));
            None
        })
    }

    /// As [`Collector::located`], where that is of one kind.
    pub(super) fn located_as(&mut self, kind: FileKind, path: &str) -> Option<Located> {
        self.located(path).filter(|at| at.metadata.kind == kind)
    }

    /// The names in a folder; none where it is not there.
    pub(super) fn names(&mut self, folder: &str) -> Vec<String> {
        if self.located_as(FileKind::Directory, folder).is_none() {
            return Vec::new();
        }
        match self.windows.guest.paths.list(folder.as_bytes()) {
            Ok(listing) => {
                self.gaps(listing.damage.iter().map(|e| Gap::at_path(folder, e)));
                self.bounded(folder, listing.names.len(), MAX_NAMES);
                let names = listing.names.iter().take(MAX_NAMES);
                names.map(|name| lossless(name)).collect()
            }
            Err(e) => {
                self.gap(Gap::at_path(folder, &e));
                Vec::new()
            }
        }
    }

    /// The names of the folders in a folder, which are no links.
    pub(super) fn names_of_folders(&mut self, folder: &str) -> Vec<String> {
        let Some(at) = self.located_as(FileKind::Directory, folder) else {
            return Vec::new();
        };
        let listing = match at.fs.read_dir(at.id) {
            Ok(listing) => listing,
            Err(e) => {
                self.gap(Gap::at_path(folder, &e));
                return Vec::new();
            }
        };
        self.gaps(listing.damage.iter().map(|e| Gap::at_path(folder, e)));
        let mut out = Vec::new();
        for entry in listing.entries {
            let name = lossless(&entry.name);
            match at.fs.metadata(entry.id) {
                Ok(metadata) if metadata.kind == FileKind::Directory => out.push(name),
                Ok(_) => {}
                Err(e) => self.gap(Gap::at_path(format!(r"{folder}\{name}"), &e)),
            }
        }
        out.sort();
        out
    }

    /// The contents of a file of at most `limit` bytes; `None` where it is not there.
    pub(super) fn contents(&mut self, path: &str, limit: u64) -> Option<FileBytes> {
        let read = self
            .windows
            .guest
            .paths
            .read_if_there(path.as_bytes(), limit);
        read.unwrap_or_else(|e| {
            self.gap(Gap::at_path(path, &e));
            None
        })
    }

    /// As [`text_of`], with a gap where the file can't be read.
    pub(super) fn text_of(&mut self, path: &str) -> Option<String> {
        let file = self.contents(path, MAX_TEXT)?;
        Some(xml::decode(&file.bytes).to_lowercase())
    }

    /// The lines of a text that say something, without comments.
    pub(super) fn lines(&mut self, path: &str) -> Vec<(String, Location)> {
        let Some(file) = self.contents(path, MAX_TEXT) else {
            return Vec::new();
        };
        let at = Location::of_file(&file);
        let text = xml::decode(&file.bytes);
        self.bounded(path, text.lines().count(), MAX_NAMES);
        let lines = text.lines().enumerate();
        let lines = lines.map(|(i, line)| (line.trim().to_owned(), at.clone().line(i + 1)));
        let lines = lines.filter(|(line, _)| !line.is_empty() && !line.starts_with('#'));
        lines.take(MAX_NAMES).collect()
    }
}

/// The text of a file in lower case; `None` where it is not there or can't be read.
pub(super) fn text_of(windows: &Windows<'_>, path: &str) -> Option<String> {
    let paths = &windows.guest.paths;
    let file = paths.read_if_there(path.as_bytes(), MAX_TEXT).ok()??;
    Some(xml::decode(&file.bytes).to_lowercase())
}
