//! Opens the image of a command and finds what a path argument means.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::sync::Arc;

use imgscan_core::container::{self, Container};
use imgscan_core::fs::{self, Content, FileSystem, Metadata, NodeId, OpenVolume};
use imgscan_core::guest::PathSpace;
use imgscan_core::text::Text;
use imgscan_core::volume::{self, Table};
use imgscan_core::{Error, Kind};

use crate::args::ImageArgs;
use crate::exit::Failure;
use crate::output::Ui;

/// An opened image: container, table and volumes.
#[allow(dead_code, reason = "info and scan show all of it")]
pub(crate) struct Image {
    pub(crate) container: Container,
    pub(crate) table: Table,
    pub(crate) volumes: Vec<OpenVolume>,
}

/// An object that a path argument names.
pub(crate) struct Target {
    /// What stands before paths of this volume in output: empty, or `p2:`.
    pub(crate) prefix: String,
    pub(crate) fs: Arc<dyn FileSystem>,
    pub(crate) id: NodeId,
    pub(crate) metadata: Metadata,
    /// Its path in the volume, links followed; empty for the root.
    pub(crate) path: Vec<u8>,
}

/// Opens the image and says on standard error what is wrong with its container and table.
pub(crate) fn open(args: &ImageArgs, ui: &Ui) -> Result<Image, Failure> {
    let container = container::open(&args.image, &args.options())?;
    let table = volume::open(&container.disk)?;
    for warning in container.warnings.iter().chain(&table.warnings) {
        ui.say(&imgscan_core::text::terminal(&warning.to_string()));
    }
    let volumes = table.volumes.iter().map(fs::open).collect();
    Ok(Image {
        container,
        table,
        volumes,
    })
}

impl Image {
    /// The volumes with a readable file system.
    pub(crate) fn readable(&self) -> impl Iterator<Item = (&OpenVolume, &Arc<dyn FileSystem>)> {
        self.volumes
            .iter()
            .filter_map(|v| Some((v, v.file_system()?)))
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
        for volume in &self.volumes {
            if let Content::Gap(_, e) = &volume.content {
                ui.damage(volume.volume.name.as_bytes(), e);
                any = true;
            }
        }
        any
    }

    /// The object that `arg` names, or the root of the only file system where there is none.
    /// `follow` tells whether a link in last place is followed.
    pub(crate) fn target(&self, arg: Option<&OsStr>, follow: bool) -> Result<Target, Failure> {
        let arg = arg.map_or(&b"/"[..], OsStr::as_bytes);
        let (name, path) = split(arg);
        let volume = match name {
            Some(name) => self.named(name)?,
            None => self.only()?,
        };
        let Some(fs) = volume.file_system() else {
            let why = match &volume.content {
                Content::Gap(_, e) => e.clone(),
                other => Error::new(
                    imgscan_core::Layer::Volume,
                    Kind::NotFound,
                    None,
                    match other {
                        Content::Nothing(sig) => format!("it holds {}", sig.name()),
                        _ => String::new(),
                    },
                ),
            };
            return Err(why.into());
        };
        let space = PathSpace::new(volume)?;
        let at = if follow {
            space.resolve(path)?
        } else {
            space.resolve_link(path)?
        };
        let mut path = at.path;
        if path == b"/" {
            path.clear();
        }
        Ok(Target {
            prefix: self.prefix(volume),
            fs: Arc::clone(fs),
            id: at.id,
            metadata: at.metadata,
            path,
        })
    }

    fn named(&self, name: &[u8]) -> Result<&OpenVolume, Failure> {
        self.volumes
            .iter()
            .find(|v| v.volume.name.as_bytes() == name)
            .ok_or_else(|| {
                let shown = imgscan_core::text::lossless(name);
                Failure::Usage(Text::new(
                    format!("no volume {shown}; there are: {}", self.names()),
                    format!("没有卷 {shown}；现有：{}", self.names()),
                ))
            })
    }

    /// The volume that a path without one means.
    fn only(&self) -> Result<&OpenVolume, Failure> {
        let mut readable = self.readable();
        match (readable.next(), readable.next()) {
            (Some((volume, _)), None) => Ok(volume),
            (None, _) => Err(
                match self.volumes.iter().find_map(|v| match &v.content {
                    Content::Gap(_, e) => Some(e.clone()),
                    _ => None,
                }) {
                    Some(e) => Failure::Image(e),
                    None => Failure::Usage(Text::new(
                        format!("no volume holds a file system; there are: {}", self.names()),
                        format!("没有任何卷含有文件系统；现有：{}", self.names()),
                    )),
                },
            ),
            _ => Err(Failure::Usage(Text::new(
                format!(
                    "more than one volume has files; name one, as in p1:/path: {}",
                    self.names()
                ),
                format!(
                    "有多个卷含有文件；请指明其一，如 p1:/path：{}",
                    self.names()
                ),
            ))),
        }
    }

    /// The volumes and what they hold, for messages.
    fn names(&self) -> String {
        let one = |v: &OpenVolume| {
            let what = match &v.content {
                Content::FileSystem(fs) => fs.info().kind,
                Content::Nothing(sig) | Content::Gap(sig, _) => sig.name(),
            };
            format!("{} ({what})", v.volume.name)
        };
        match self.volumes.is_empty() {
            true => "-".into(),
            false => self.volumes.iter().map(one).collect::<Vec<_>>().join(", "),
        }
    }
}

/// `p2:/path` into its two halves; a name with `/` before the first colon is a path.
fn split(arg: &[u8]) -> (Option<&[u8]>, &[u8]) {
    match arg.iter().position(|b| matches!(b, b':' | b'/')) {
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
    }
}
