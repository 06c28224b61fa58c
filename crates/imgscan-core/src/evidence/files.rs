//! Facts about single files.

use super::{Gap, Location};
use crate::bytes::{hex, le16, le32};
use crate::error::{Error, Layer, Result};
use crate::fs::{FileKind, Metadata};
use crate::guest::{Located, PathSpace};
use crate::source::{ReadAt, digest};
use crate::text::Text;

/// Names that one tree may have.
const MAX_TREE: usize = 65_536;
/// Files above this many bytes are read by several threads.
const LARGE: u64 = 16 << 20;
/// The longest file that is hashed as evidence, in bytes.
const MAX_HASHED: u64 = 1 << 30;

/// Sections of a PE file that are looked at; Windows takes 96.
const MAX_SECTIONS: usize = 96;
/// Bytes of a program that hold its headers and the name of its interpreter.
const HEAD: u64 = 64 * 1024;

/// What an executable file is by its first bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Executable {
    /// ELF for the machine `e_machine` (62 is x86-64, 183 is AArch64).
    Elf {
        /// `e_machine` of the ELF header.
        machine: u16,
    },
    /// PE (Windows) for the machine of the COFF header (0x8664 is x86-64, 0xAA64 is AArch64).
    Pe {
        /// `Machine` of the COFF header.
        machine: u16,
    },
    /// A script with a `#!` line.
    Script,
}

/// A file that is there.
#[derive(Debug, Clone)]
pub struct FileFact {
    /// Where, with all links followed, and its digest.
    pub at: Location,
    /// The path that was asked for led over a symbolic link in its last place.
    pub through_link: bool,
    /// Metadata.
    pub metadata: Metadata,
    /// What its first bytes say, where it is a regular file.
    pub executable: Option<Executable>,
    /// Where it is an ELF program that the kernel could start: its interpreter, empty for none.
    pub startable: Option<String>,
}

/// What of the headers of a PE file keeps it from running: no section, no entry point in one, a
/// library, contents that are cut.
fn pe_fault(data: &dyn ReadAt) -> Result<Option<Text>> {
    /// `Characteristics`: an executable image, and a library.
    const EXECUTABLE: u16 = 0x0002;
    const LIBRARY: u16 = 0x2000;
    let len = usize::try_from(data.len().min(HEAD)).unwrap_or_default();
    let head = crate::source::read_vec(data, 0, len)?;
    let at = le32(&head, 60).map_or(0, |at| at as usize);
    let short = |from: usize| le16(&head, at.saturating_add(from)).unwrap_or_default();
    let long = |from: usize| le32(&head, at.saturating_add(from)).unwrap_or_default();
    let flags = short(22);
    if flags & EXECUTABLE == 0 || flags & LIBRARY != 0 {
        return Ok(Some(say!(pe_no_program, flags = format!("{flags:#06x}"))));
    }
    let sections = usize::from(short(6));
    if sections == 0 {
        return Ok(Some(say!(pe_no_sections)));
    }
    let entry = long(40);
    let first = usize::from(short(20)).saturating_add(24);
    let mut holds = false;
    for section in 0..sections.min(MAX_SECTIONS) {
        let base = first.saturating_add(section.saturating_mul(40));
        let field = |from: usize| long(base.saturating_add(from));
        let (size, address, raw, start) = (field(8), field(12), field(16), field(20));
        holds |= entry >= address && entry - address < size.max(raw) && raw != 0;
        let end = u64::from(start).saturating_add(raw.into());
        if raw != 0 && end > data.len() {
            return Ok(Some(say!(pe_cut, end = end, len = data.len())));
        }
    }
    Ok((!holds || entry == 0).then(|| say!(pe_no_entry)))
}

/// The names in a directory.
#[derive(Debug, Clone, Default)]
pub struct Names {
    /// Sorted; bytes that are not UTF-8 as `\xNN`.
    pub names: Vec<String>,
    /// Damage that may hide more names.
    pub gaps: Vec<Gap>,
    /// The first folder of a tree that lies too deep to be entered.
    pub deeper: Option<String>,
}

impl Names {
    /// Of a tree that should be whole: tells where it goes on below `depth` levels.
    pub(in crate::evidence) fn whole(mut self, depth: usize) -> Self {
        if let Some(folder) = self.deeper.take() {
            let what = say!(error_too_many, most = depth, what = "levels");
            let limit = Error::limit(Layer::Guest, None, what);
            self.gaps.push(Gap::at_path(folder, &limit));
        }
        self
    }
}

/// Answers questions about single files of a guest.
pub struct Files<'a> {
    paths: &'a PathSpace,
}

impl<'a> Files<'a> {
    pub(in crate::evidence) fn new(paths: &'a PathSpace) -> Self {
        Self { paths }
    }

    /// The file, directory or other object at `path`; `None` where it is certain that there is
    /// none. Regular files are hashed.
    ///
    /// # Errors
    /// A gap where that can't be told.
    pub fn file(&self, path: &str) -> Result<Option<FileFact>, Gap> {
        let gap = |e| Gap::at_path(path, &e);
        let Some(at) = self.paths.find(path.as_bytes()).map_err(gap)? else {
            return Ok(None);
        };
        let link = self.paths.resolve_link(path.as_bytes()).map_err(gap)?;
        let mut location = Location::of(&at);
        let mut executable = None;
        let mut startable = None;
        if at.metadata.kind == FileKind::Regular {
            if at.metadata.is_of_cloud() {
                let why = Error::unsupported(Layer::Guest, None, say!(error_of_cloud));
                return Err(gap(why));
            }
            let data = at.open().map_err(gap)?;
            location.sha256 = Some(sha256(data.as_ref()).map_err(gap)?);
            executable = executable_kind(data.as_ref()).map_err(gap)?;
            startable = starts_as(data.as_ref()).map_err(gap)?;
        }
        Ok(Some(FileFact {
            at: location,
            through_link: link.metadata.kind == FileKind::Symlink,
            metadata: at.metadata,
            executable,
            startable,
        }))
    }

    /// Why the PE file at `path` is no program that Windows starts; `None` where nothing is seen.
    ///
    /// # Errors
    /// A gap where it can't be read.
    pub fn no_program(&self, path: &str) -> Result<Option<Text>, Gap> {
        let gap = |e| Gap::at_path(path, &e);
        let data = self.paths.resolve(path.as_bytes()).and_then(|at| at.open());
        pe_fault(data.map_err(gap)?.as_ref()).map_err(gap)
    }

    /// The names in the directory at `path`, `None` where there is no such directory.
    ///
    /// # Errors
    /// A gap where nothing of it can be read.
    pub fn names(&self, path: &str) -> Result<Option<Names>, Gap> {
        let gap = |e: &_| Gap::at_path(path, e);
        let Some(at) = self.paths.find(path.as_bytes()).map_err(|e| gap(&e))? else {
            return Ok(None);
        };
        if at.metadata.kind != FileKind::Directory {
            return Ok(None);
        }
        let listing = self.paths.list(path.as_bytes()).map_err(|e| gap(&e))?;
        let names = listing
            .names
            .iter()
            .map(|n| crate::text::lossless(n))
            .collect();
        Ok(Some(Names {
            names,
            gaps: listing.damage.iter().map(gap).collect(),
            deeper: None,
        }))
    }
}

impl Files<'_> {
    /// The full paths of everything below the directory at `path`, `depth` levels deep, sorted;
    /// links are listed, not followed. Empty where there is no such directory.
    ///
    /// # Errors
    /// A gap where it can't be told what is at `path`.
    pub fn tree(&self, path: &str, depth: usize) -> Result<Names, Gap> {
        let mut all = Names::default();
        let mut todo = vec![(path.to_owned(), depth)];
        while let Some((dir, depth)) = todo.pop() {
            let listed = match self.names(&dir) {
                Ok(listed) => listed.unwrap_or_default(),
                Err(gap) if dir == path => return Err(gap),
                Err(gap) => {
                    all.gaps.push(gap);
                    continue;
                }
            };
            all.gaps.extend(listed.gaps);
            for name in listed.names {
                let full = format!("{dir}/{name}");
                if all.names.len() >= MAX_TREE {
                    let why = Error::limit(
                        Layer::Guest,
                        None,
                        say!(error_too_many, most = MAX_TREE, what = "names"),
                    );
                    all.gaps.push(Gap::at_path(path, &why));
                    todo.clear();
                    break;
                }
                let is_dir = |at: Located| at.metadata.kind == FileKind::Directory;
                match self.paths.resolve_link(full.as_bytes()).map(is_dir) {
                    Ok(true) if depth > 1 => todo.push((full.clone(), depth - 1)),
                    Ok(true) => {
                        all.deeper.get_or_insert_with(|| full.clone());
                    }
                    Ok(false) => {}
                    Err(e) => all.gaps.push(Gap::at_path(&full, &e)),
                }
                all.names.push(full);
            }
        }
        all.names.sort();
        Ok(all)
    }
}

/// Lower-case hexadecimal SHA-256 of a file that is evidence.
///
/// # Errors
/// [`crate::Kind::Limit`] where it has more than 1 GiB, which nothing that boots or runs has: a file
/// of holes can claim any length. Otherwise as [`ReadAt::read_at`].
pub fn sha256(data: &dyn ReadAt) -> Result<String> {
    if data.len() > MAX_HASHED {
        let what = say!(error_source_long, bytes = data.len(), most = MAX_HASHED);
        return Err(Error::limit(Layer::Source, None, what));
    }
    sha256_of_all(data)
}

/// Lower-case hexadecimal SHA-256 of all of `data`, however long it is.
///
/// # Errors
/// As [`ReadAt::read_at`].
pub fn sha256_of_all(data: &dyn ReadAt) -> Result<String> {
    // One file does not keep several threads busy unless it is large.
    let threads = if data.len() > LARGE {
        crate::parallel::threads().min(4)
    } else {
        1
    };
    Ok(hex(&digest(data, threads, &mut |_| ())?))
}

/// What the first bytes of `data` say it is.
///
/// # Errors
/// As [`ReadAt::read_at`].
pub fn executable_kind(data: &dyn ReadAt) -> Result<Option<Executable>> {
    let mut head = vec![0; usize::try_from(data.len().min(4096)).unwrap_or(0)];
    data.read_at(&mut head, 0)?;
    if head.starts_with(b"\x7fELF") {
        let machine = match head.get(5) {
            Some(2) => crate::bytes::be16(&head, 18),
            _ => le16(&head, 18),
        };
        return Ok(machine.map(|machine| Executable::Elf { machine }));
    }
    if head.starts_with(b"#!") {
        return Ok(Some(Executable::Script));
    }
    if head.starts_with(b"MZ") {
        let at = crate::bytes::le32(&head, 60).and_then(|v| usize::try_from(v).ok());
        if let Some(at) = at.filter(|at| head.get(*at..).is_some_and(|h| h.starts_with(b"PE\0\0")))
        {
            return Ok(le16(&head, at + 4).map(|machine| Executable::Pe { machine }));
        }
    }
    Ok(None)
}

/// The interpreter of an ELF program that the kernel could start, empty for none; `None` for
/// anything else.
fn starts_as(data: &dyn ReadAt) -> Result<Option<String>> {
    let mut head = vec![0; usize::try_from(data.len().min(HEAD)).unwrap_or(0)];
    data.read_at(&mut head, 0)?;
    let Some(program) = crate::elf::startable(&head, data.len()) else {
        return Ok(None);
    };
    // Zeros are no instructions.
    let left = data.len().saturating_sub(program.entry_at).min(16);
    let mut code = vec![0; usize::try_from(left).unwrap_or(0)];
    data.read_at(&mut code, program.entry_at)?;
    if code.iter().all(|b| *b == 0) {
        return Ok(None);
    }
    let interpreter = program.interpreter.unwrap_or_default();
    Ok(Some(crate::text::lossless(&interpreter)))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::error::Kind;
    use crate::fs::NodeId;
    use crate::fs::memory::MemoryFs;

    #[test]
    fn a_tree_that_goes_on_below_what_is_read_is_told_once() {
        let fs = MemoryFs::default()
            .file("/a/b/c/d/x", 0o644, "x")
            .file("/a/b/e/f/x", 0o644, "x");
        let paths = PathSpace::from_fs("p1", Arc::new(fs), NodeId(0));
        let files = Files::new(&paths);
        assert_eq!(files.tree("/a", 4).unwrap().whole(4).gaps, []);
        for depth in 1..4 {
            let tree = files.tree("/a", depth).unwrap();
            assert_eq!(tree.gaps, []);
            let [gap] = &tree.whole(depth).gaps[..] else {
                panic!("{depth}");
            };
            assert_eq!(gap.kind, Kind::Limit);
        }
    }

    #[test]
    fn a_file_with_a_damaged_record_is_a_gap() {
        let fs = MemoryFs::default()
            .file("/etc/sound", 0o644, "x")
            .file("/etc/damaged", 0o644, "x")
            .link("/etc/alias", "sound")
            .link("/etc/bent", "sound")
            .damaged("/etc/damaged")
            .damaged("/etc/bent");
        let paths = PathSpace::from_fs("p1", Arc::new(fs), NodeId(0));
        let files = Files::new(&paths);
        assert!(files.file("/etc/sound").unwrap().is_some());
        assert!(files.file("/etc/alias").unwrap().is_some());
        for path in ["/etc/damaged", "/etc/bent"] {
            let gap = files.file(path).unwrap_err();
            assert_eq!(gap.kind, Kind::Corrupt, "{path}");
            let read = paths.read_if_there(path.as_bytes(), 100).err();
            assert_eq!(read.map(|e| e.kind), Some(Kind::Corrupt), "{path}");
        }
    }
}
