//! Opens the image of a command and finds what a path argument means.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use imgscan_core::container::OpenOptions;
use imgscan_core::fs::walk::Walk;
use imgscan_core::fs::{Content, FileKind, FileSystem, Metadata, NodeId, OpenVolume, Stream};
use imgscan_core::guest::{self, Family, Guest, Located, PathSpace};
use imgscan_core::inspect::{self, Inspection};
use imgscan_core::source::open_file;
use imgscan_core::text::Text;
use imgscan_core::{Error, Kind, Layer};

use crate::args::ImageArgs;
use crate::budget::Budget;
use crate::document;
use crate::exit::Failure;
use crate::memory;
use crate::output::Ui;
use crate::sandbox::{Access, RemoteDoor};

/// An opened image; guests are searched for where a path asks for one.
pub(crate) struct Image(Inspection);

/// An object that a path argument names.
pub(crate) struct Target {
    /// What stands before paths of this volume in output: empty, or `p2:`.
    pub(crate) prefix: String,
    pub(crate) fs: Arc<dyn FileSystem>,
    pub(crate) id: NodeId,
    pub(crate) metadata: Metadata,
    /// Its path in the volume or, where none was named, in the guest; links followed, empty for
    /// the root.
    pub(crate) path: Vec<u8>,
    /// The stream that the path named behind a colon (`C:/x.txt:y`), as reports write it.
    pub(crate) stream: Option<Vec<u8>>,
    /// The guest whose path it is, where no volume was named and there are several.
    guest: Option<PathSpace>,
}

/// How the image at `path` is opened. In a sandbox it is opened here, and the files that it names
/// are asked for.
pub(crate) fn options(
    path: &Path,
    backing_dir: Option<&PathBuf>,
    ui: &Ui,
) -> Result<OpenOptions, Failure> {
    let mut options = OpenOptions {
        backing_dir: backing_dir.cloned(),
        limits: ui.limits,
        held: Some(memory::held),
        ..OpenOptions::default()
    };
    if let Some(channel) = ui.channel() {
        options.file = Some(Arc::new(open_file(path)?));
        let door = RemoteDoor::new(Arc::clone(channel), path.to_owned());
        options.door = Some(Arc::new(door));
    }
    Ok(options)
}

/// Opens the image and says on standard error what is wrong with its container and table.
pub(crate) fn open(args: &ImageArgs, ui: &Ui) -> Result<Image, Failure> {
    let options = args.options(ui)?;
    ui.enter(&Access::default())?;
    inside(args, &options, ui)
}

/// As [`open`], in a sandbox that has been entered, or without one.
pub(crate) fn inside(args: &ImageArgs, options: &OpenOptions, ui: &Ui) -> Result<Image, Failure> {
    let image = inspect::open(&args.image, options, &|step| {
        ui.step(&document::step(ui, step));
    })?;
    for warning in image.container.warnings.iter().chain(&image.table.warnings) {
        ui.warning(warning);
    }
    Ok(Image(image))
}

impl Target {
    /// What is below it, where it is a directory. Paths of the guest lead into its mounts.
    pub(crate) fn walk(&self) -> Option<Walk> {
        if self.metadata.kind != FileKind::Directory {
            return None;
        }
        let walk = Walk::new(Arc::clone(&self.fs), self.id, self.path.clone());
        Some(match &self.guest {
            Some(guest) => walk.across(guest.mounted()),
            None => walk,
        })
    }

    /// A path of the image with its volume, for messages.
    pub(crate) fn shown(&self, path: &[u8]) -> Vec<u8> {
        let mut shown = self.prefix.clone().into_bytes();
        shown.extend_from_slice(if path.is_empty() { b"/" } else { path });
        shown
    }
}

impl Image {
    /// What whole-tree work may read.
    pub(crate) fn budget(&self) -> Budget {
        let files: u64 = self.0.container.files.iter().map(|f| f.bytes).sum();
        Budget::new(files.min(self.0.container.disk.len()))
    }

    /// The root of every volume that can be read.
    pub(crate) fn roots(&self) -> Result<Vec<Target>, Failure> {
        self.readable()
            .map(|(volume, fs)| {
                let id = fs.root();
                Ok(Target {
                    prefix: self.prefix(volume),
                    fs: Arc::clone(fs),
                    id,
                    metadata: fs.metadata(id)?,
                    path: Vec::new(),
                    stream: None,
                    guest: None,
                })
            })
            .collect()
    }

    /// The volumes with a readable file system.
    pub(crate) fn readable(&self) -> impl Iterator<Item = (&OpenVolume, &Arc<dyn FileSystem>)> {
        self.0
            .volumes
            .iter()
            .filter_map(|v| Some((v, v.file_system()?)))
    }

    /// All volumes.
    pub(crate) fn volumes(&self) -> &[OpenVolume] {
        &self.0.volumes
    }

    /// A file that was found on a volume, under `path` there.
    pub(crate) fn located(&self, at: &Located, path: Vec<u8>) -> Target {
        let volume = self.readable().find(|(v, _)| v.volume.name == at.volume);
        Target {
            prefix: volume.map_or_else(String::new, |(v, _)| self.prefix(v)),
            fs: Arc::clone(&at.fs),
            id: at.id,
            metadata: at.metadata.clone(),
            path,
            stream: None,
            guest: None,
        }
    }

    /// `p2:/path` into its two halves. `C:/path` is a path, unless a volume is called so.
    fn split<'a>(&self, arg: &'a [u8]) -> (Option<&'a [u8]>, &'a [u8]) {
        let is_volume = |name: &[u8]| {
            self.0
                .volumes
                .iter()
                .any(|v| v.volume.name.as_bytes() == name)
        };
        match split(arg) {
            (Some(name), _) if drive(arg).is_some() && !is_volume(name) => (None, arg),
            halves => halves,
        }
    }

    /// The path space that `arg` is a path of, what stands before its paths in output, and the
    /// path in it.
    pub(crate) fn space<'a>(
        &self,
        arg: &'a OsStr,
    ) -> Result<(PathSpace, String, &'a [u8]), Failure> {
        let (name, path) = self.split(arg.as_bytes());
        let (space, prefix) = match name {
            Some(name) => self.volume_space(self.named(name)?)?,
            None if drive(path).is_some() => (self.drive_space()?, String::new()),
            None if self.readable().count() > 1 => (self.guest_space()?, String::new()),
            None => self.volume_space(self.only()?)?,
        };
        Ok((space, prefix, path))
    }

    /// What stands before paths of `volume` in output: nothing where it is the only one that can
    /// be read.
    pub(crate) fn prefix(&self, volume: &OpenVolume) -> String {
        if self.readable().count() == 1 {
            String::new()
        } else {
            format!("{}:", volume.volume.name)
        }
    }

    /// Says which volumes can't be read, and whether there are any.
    pub(crate) fn report_gaps(&self, ui: &Ui) -> bool {
        let mut any = false;
        for volume in &self.0.volumes {
            if let Content::Gap(_, e) = &volume.content {
                ui.damage(volume.volume.name.as_bytes(), e);
                any = true;
            }
        }
        any
    }

    /// The object that `arg` names, or the root where there is none. `follow` tells whether a
    /// link in last place is followed.
    ///
    /// `p2:/path` is a path of that volume. A plain `/path` is one of the only file system or,
    /// where there are several, of the guest with its file systems mounted into each other.
    /// `C:/path` and `p2:C:/path`, as reports write places, are paths of the drive of Windows; so
    /// is what they write behind one, a stream or the number of a line.
    pub(crate) fn target(&self, arg: Option<&OsStr>, follow: bool) -> Result<Target, Failure> {
        let arg = arg.unwrap_or(OsStr::new("/"));
        let named = self.split(arg.as_bytes()).0.is_some();
        let several = !named && self.readable().count() > 1;
        let (space, prefix, path) = self.space(arg)?;
        let find = |path: &[u8]| match follow {
            true => space.resolve(path),
            false => space.resolve_link(path),
        };
        let mut stream = None;
        let at = match (find(path), behind(path)) {
            (Err(e), Some((path, more))) if e.kind == Kind::NotFound => {
                let line = more.iter().all(u8::is_ascii_digit);
                // Names of Windows hold no colon: what stands behind one is a stream.
                if !line && !space.ignores_case() {
                    return Err(e.into());
                }
                let at = find(path)?;
                let is = |s: &Stream| s.name.eq_ignore_ascii_case(more);
                let streams = if space.ignores_case() {
                    at.fs.streams(at.id)?
                } else {
                    Vec::new()
                };
                match streams.into_iter().find(is) {
                    Some(found) => stream = Some(found.name),
                    None if line => {}
                    None => return Err(e.into()),
                }
                at
            }
            (found, _) => found?,
        };
        let prefix = match named {
            true => {
                let volume = self.readable().find(|(v, _)| v.volume.name == at.volume);
                volume.map_or(prefix, |(v, _)| self.prefix(v))
            }
            false => prefix,
        };
        let mut path = at.path;
        // The root, or that of a drive of Windows (`C:/`): a slash stands before each name.
        if path.ends_with(b"/") {
            path.pop();
        }
        Ok(Target {
            prefix,
            fs: at.fs,
            id: at.id,
            metadata: at.metadata,
            path,
            stream,
            guest: several.then_some(space),
        })
    }

    /// The path space of one volume, and what stands before its paths in output. The drives of a
    /// Windows that the volume belongs to lead on from it: its links name them.
    fn volume_space(&self, volume: &OpenVolume) -> Result<(PathSpace, String), Failure> {
        match &volume.content {
            Content::FileSystem(_) => {
                let mut space = PathSpace::new(volume)?;
                if space.ignores_case() {
                    self.add_drives(volume, &mut space);
                }
                Ok((space, self.prefix(volume)))
            }
            Content::Gap(_, e) => Err(e.clone().into()),
            other => {
                let volume = volume.volume.name.as_str();
                let holds = say!(volume_holds, volume = volume, what = other.text());
                Err(Error::not_found(Layer::Volume, holds).into())
            }
        }
    }

    fn add_drives(&self, volume: &OpenVolume, space: &mut PathSpace) {
        let own = &volume.volume.name;
        let mut guests = guest::find(&self.0.volumes);
        // The Windows that stands on the volume goes before one that only knows it as a drive.
        guests.sort_by_key(|g| g.root_volume != *own);
        let has = |g: &&Guest| g.paths.mounts().iter().any(|(_, name)| name == own);
        let Some(guest) = guests.iter().find(has) else {
            return;
        };
        for (path, name) in guest.paths.mounts() {
            let fs = self.readable().find(|(v, _)| v.volume.name == name);
            if let (Some(letter), Some((_, fs))) = (drive(path.as_bytes()), fs) {
                space.add_drive(letter, &name, Arc::clone(fs));
            }
        }
    }

    /// The path space that a path with a drive of Windows is of.
    fn drive_space(&self) -> Result<PathSpace, Failure> {
        let mut guests = guest::find(&self.0.volumes);
        guests.retain(|g| g.family == Family::Windows);
        match (guests.len(), guests.pop()) {
            (1, Some(guest)) => Ok(guest.paths),
            _ => self.guest_space(),
        }
    }

    /// The path space of the only guest.
    fn guest_space(&self) -> Result<PathSpace, Failure> {
        let mut guests = guest::find(&self.0.volumes);
        match (guests.len(), guests.pop()) {
            (1, Some(guest)) => Ok(guest.paths),
            _ => Err(Failure::Usage(say!(volume_several, volumes = self.names()))),
        }
    }

    fn named(&self, name: &[u8]) -> Result<&OpenVolume, Failure> {
        self.0
            .volumes
            .iter()
            .find(|v| v.volume.name.as_bytes() == name)
            .ok_or_else(|| {
                let name = imgscan_core::text::lossless(name);
                Failure::Usage(say!(volume_unknown, volume = name, volumes = self.names()))
            })
    }

    /// The only volume that can be read.
    fn only(&self) -> Result<&OpenVolume, Failure> {
        if let Some((volume, _)) = self.readable().next() {
            return Ok(volume);
        }
        let gap = self.0.volumes.iter().find_map(|v| match &v.content {
            Content::Gap(_, e) => Some(e.clone()),
            _ => None,
        });
        Err(match gap {
            Some(e) => Failure::Image(e),
            None => Failure::Usage(say!(volume_no_files, volumes = self.names())),
        })
    }

    /// The volumes and what they hold, for messages.
    fn names(&self) -> Text {
        let one = |v: &OpenVolume| {
            let volume = v.volume.name.as_str();
            say!(volume_with, volume = volume, what = v.content.text())
        };
        match self.0.volumes.is_empty() {
            true => say!(volume_none_there),
            false => Text::list(self.0.volumes.iter().map(one)),
        }
    }
}

/// The letter of the drive that a path of Windows begins with.
fn drive(path: &[u8]) -> Option<u8> {
    match path {
        [letter, b':', b'/' | b'\\', ..] | [letter, b':'] if letter.is_ascii_alphabetic() => {
            Some(letter.to_ascii_uppercase())
        }
        _ => None,
    }
}

/// `C:/x.txt:y` into the path and what stands behind its last colon, of which a drive's is none.
fn behind(path: &[u8]) -> Option<(&[u8], &[u8])> {
    let at = path.iter().rposition(|b| *b == b':')?;
    let (before, rest) = path.split_at_checked(at)?;
    let more = rest.get(1..)?;
    let name = !more.is_empty() && !more.iter().any(|b| matches!(b, b'/' | b'\\'));
    (name && at > 1).then_some((before, more))
}

/// `p2:/path` into its two halves; a name with a slash of either kind before the first colon is a
/// path.
fn split(arg: &[u8]) -> (Option<&[u8]>, &[u8]) {
    match arg.iter().position(|b| matches!(b, b':' | b'/' | b'\\')) {
        Some(at) if arg[at] == b':' && at > 0 => (Some(&arg[..at]), &arg[at + 1..]),
        _ => (None, arg),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_volume_stands_before_the_first_colon_and_slash() {
        assert_eq!(split(b"p2:/a:b"), (Some(&b"p2"[..]), &b"/a:b"[..]));
        assert_eq!(split(b"/a:b"), (None, &b"/a:b"[..]));
        assert_eq!(split(b"p1:"), (Some(&b"p1"[..]), &b""[..]));
        assert_eq!(split(b"file"), (None, &b"file"[..]));
        assert_eq!(split(br"\a:b"), (None, &br"\a:b"[..]));
    }

    #[test]
    fn a_drive_is_a_letter_before_a_colon_and_a_stream_stands_behind_the_last_one() {
        assert_eq!(drive(b"c:/x"), Some(b'C'));
        assert_eq!(drive(br"C:\x"), Some(b'C'));
        assert_eq!(drive(b"C:"), Some(b'C'));
        assert_eq!(drive(b"C:x"), None);
        assert_eq!(drive(b"/C:/x"), None);
        assert_eq!(behind(b"C:/a"), None);
        assert_eq!(behind(b"C:/a:12"), Some((&b"C:/a"[..], &b"12"[..])));
        assert_eq!(behind(b"C:/a:/b"), None);
    }
}
