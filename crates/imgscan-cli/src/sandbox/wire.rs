//! What the two processes say to each other: a message is a packet.

use std::ffi::OsString;
use std::io::{IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::{Path, PathBuf};

use imgscan_core::budget::Limits;
use imgscan_core::container::Role;
use imgscan_core::text::Text;
use imgscan_core::{Error, Kind, Layer};
use rustix::io::{Errno, retry_on_intr};
use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer,
    SendAncillaryMessage, SendFlags, recvmsg, sendmsg,
};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::Mode;

/// The longest packet, in bytes: below what a socket takes by default.
const MAX_PACKET: usize = 160 * 1024;
/// The longest sentence in a packet, in bytes; JSON at most doubles it.
pub(super) const MAX_SENTENCE: usize = 64 * 1024;

/// Said by the child.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum FromChild {
    /// A line for standard error.
    Say(String),
    /// What it does now; shown on a terminal, or only remembered.
    Step { what: String, shown: bool },
    /// It begins to write its output piece by piece.
    Begins,
    /// Files and bytes that are done.
    Files { files: u64, bytes: u64 },
    /// Bytes that are done, and how many there are.
    Bytes { done: u64, total: u64 },
    /// Nothing more to be shown on the line of progress.
    StepsEnd,
    /// Wants what the image at a path of the arguments calls `name`.
    Open {
        image: Name,
        name: Name,
        beside: Option<Name>,
        role: Role,
    },
}

/// Said to the child.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum ToChild {
    /// Begin.
    Start(Start),
    /// The file comes with this packet.
    Opened { path: Name },
    /// The file was not opened.
    Refused {
        layer: Layer,
        kind: Kind,
        offset: Option<u64>,
        detail: Text,
    },
}

/// What the child is to keep to.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(super) struct Start {
    pub(super) mode: Mode,
    /// Progress is shown.
    pub(super) progress: bool,
    /// Seconds of processor time.
    pub(super) cpu: Option<u64>,
    /// What the reading of an image may cost.
    pub(super) limits: Limits,
}

/// A path or a name; these are bytes and need not be UTF-8.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Name(Vec<u8>);

impl Name {
    pub(super) fn of(path: &Path) -> Self {
        Self(path.as_os_str().as_bytes().to_vec())
    }

    pub(super) fn of_bytes(name: &[u8]) -> Self {
        Self(name.to_vec())
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.0
    }

    pub(super) fn path(&self) -> PathBuf {
        OsString::from_vec(self.0.clone()).into()
    }
}

impl From<Error> for ToChild {
    fn from(e: Error) -> Self {
        Self::Refused {
            layer: e.layer,
            kind: e.kind,
            offset: e.offset,
            detail: *e.detail,
        }
    }
}

/// Sends `message`, with the descriptor `file` where there is one.
pub(super) fn send(
    socket: impl AsFd,
    message: &impl Serialize,
    file: Option<BorrowedFd<'_>>,
) -> Result<(), Errno> {
    let packet = serde_json::to_vec(message).map_err(|_| Errno::INVAL)?;
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut control = SendAncillaryBuffer::new(&mut space);
    let files = file.map(|file| [file]);
    if let Some(files) = &files
        && !control.push(SendAncillaryMessage::ScmRights(files))
    {
        return Err(Errno::NOBUFS);
    }
    let packet = [IoSlice::new(&packet)];
    retry_on_intr(|| sendmsg(&socket, &packet, &mut control, SendFlags::NOSIGNAL)).map(drop)
}

/// The next message and its descriptor; `None` where the other side is gone. What can't be
/// understood is an error.
pub(super) fn receive<M: DeserializeOwned>(
    socket: impl AsFd,
) -> Result<Option<(M, Option<OwnedFd>)>, Errno> {
    let mut packet = vec![0; MAX_PACKET];
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut control = RecvAncillaryBuffer::new(&mut space);
    let got = {
        let mut into = [IoSliceMut::new(&mut packet)];
        retry_on_intr(|| recvmsg(&socket, &mut into, &mut control, RecvFlags::CMSG_CLOEXEC))?
    };
    let mut file = None;
    for message in control.drain() {
        if let RecvAncillaryMessage::ScmRights(files) = message {
            file = files.last();
        }
    }
    if got.bytes == 0 {
        return Ok(None);
    }
    let packet = packet.get(..got.bytes).unwrap_or_default();
    let message = serde_json::from_slice(packet).map_err(|_| Errno::BADMSG)?;
    Ok(Some((message, file)))
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use rustix::net::{AddressFamily, SocketFlags, SocketType, socketpair};

    use super::*;

    #[test]
    fn a_message_comes_whole_with_its_file_and_the_end_is_told() {
        let (a, b) = socketpair(
            AddressFamily::UNIX,
            SocketType::SEQPACKET,
            SocketFlags::CLOEXEC,
            None,
        )
        .unwrap();
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "bytes").unwrap();
        let opened = std::fs::File::open(file.path()).unwrap();
        let path = Name::of_bytes(b"/a\xff\n");
        let message = ToChild::Opened { path: path.clone() };
        send(&a, &message, Some(opened.as_fd())).unwrap();
        send(&a, &FromChild::Say("x\"".repeat(MAX_SENTENCE / 2)), None).unwrap();
        let (got, file) = receive::<ToChild>(&b).unwrap().unwrap();
        assert!(matches!(got, ToChild::Opened { path: got } if got == path));
        let mut text = String::new();
        let mut file = std::fs::File::from(file.unwrap());
        file.read_to_string(&mut text).unwrap();
        assert_eq!(text, "bytes");
        let (got, file) = receive::<FromChild>(&b).unwrap().unwrap();
        assert!(matches!(got, FromChild::Say(text) if text.len() == MAX_SENTENCE));
        assert!(file.is_none());
        rustix::net::send(&a, b"{", SendFlags::empty()).unwrap();
        assert_eq!(receive::<FromChild>(&b).err(), Some(Errno::BADMSG));
        drop(a);
        assert!(receive::<FromChild>(&b).unwrap().is_none());
    }
}
