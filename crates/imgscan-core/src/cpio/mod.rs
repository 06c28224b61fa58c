//! cpio archives as the kernel unpacks them: an initramfs is any number of archives one after
//! another, each plain or packed, with zeros between them.
//!
//! Works on bytes only and in a stream, so that the unpacked archives need not fit in memory.
//!
//! Sources: Linux `Documentation/driver-api/early-userspace/buffer-format.rst` and
//! `init/initramfs.c`: header of 110 bytes (magic `070701`, or `070702` with a checksum, then 13
//! fields of eight hexadecimal digits), the name with its NUL, zeros up to a multiple of four, the
//! body, zeros up to a multiple of four. The name `TRAILER!!!` ends an archive.

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

mod input;

use std::io::Read;

use crate::error::{Error, Kind, Layer, Result};
use crate::source::ReadAt;
use crate::text::Text;
use crate::trust::unpack::{Packing, packing};
use input::{Input, Lz4};

/// Bytes of a header.
const HEADER: usize = 110;
/// PATH_MAX of Linux: the longest name, and the longest target of a link.
const MAX_NAME: usize = 4096;
/// Bytes that are unpacked at once where zeros are passed over.
const BLOCK: usize = 64 * 1024;
const TRAILER: &[u8] = b"TRAILER!!!";
/// Memory for an xz or lzma window, in KiB.
const MAX_WINDOW_KIB: u32 = 64 * 1024;
/// Binary logarithm of the longest zstd window that is read.
const MAX_WINDOW_LOG: u32 = 26;

/// Type bits of `mode`.
const S_IFMT: u32 = 0o170_000;

/// What a member is by the type bits of its mode.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum MemberKind {
    /// A regular file.
    Regular,
    /// A directory.
    Directory,
    /// A symbolic link; its target is its body.
    Symlink,
    /// A device, FIFO or socket.
    Special,
    /// None that Linux knows.
    Unknown,
}

/// A member of an archive, without its body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Its name as it stands, up to the first NUL.
    pub name: Vec<u8>,
    /// Type and permissions, as `st_mode`.
    pub mode: u32,
    /// Names of one file in one archive share it (and `device`).
    pub inode: u32,
    /// Number of names.
    pub links: u32,
    /// Owner and group.
    pub owner: (u32, u32),
    /// Modification time, seconds since 1970.
    pub mtime: u32,
    /// Bytes of the body.
    pub size: u32,
    /// Major and minor number of the device that it was on.
    pub device: (u32, u32),
    /// Major and minor number of the device that it is.
    pub special: (u32, u32),
    /// The segment that it is in, from 0.
    pub segment: usize,
    /// The archive that it is in, counted over all segments, from 0.
    pub archive: usize,
    /// Where its header begins, in bytes from the start of the unpacked segment.
    pub offset: u64,
}

impl Member {
    /// What it is.
    #[must_use]
    pub fn kind(&self) -> MemberKind {
        match self.mode & S_IFMT {
            0o100_000 => MemberKind::Regular,
            0o040_000 => MemberKind::Directory,
            0o120_000 => MemberKind::Symlink,
            0o020_000 | 0o060_000 | 0o010_000 | 0o140_000 => MemberKind::Special,
            _ => MemberKind::Unknown,
        }
    }
}

/// A part of the file that is plain or packed as a whole. It holds one archive or several.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct Segment {
    /// Where it begins in the file, in bytes.
    pub offset: u64,
    /// How it is packed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub packing: Option<Packing>,
    /// Archives that begin in it.
    pub archives: usize,
}

/// What was read of a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Contents {
    /// Its segments.
    pub segments: Vec<Segment>,
    /// Why the reading ended before the end of the file. The offset is that in the file; where
    /// the segment is packed, the detail has the one in the unpacked bytes.
    pub error: Option<Error>,
}

/// Bounds of one reading.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Unpacked bytes of all segments.
    pub bytes: u64,
    /// Members of all archives.
    pub members: usize,
}

impl Limits {
    /// For a file of `len` bytes: an initramfs unpacks into memory, and to 64 times its length is
    /// far more than programs and modules ever pack.
    #[must_use]
    pub fn of(len: u64) -> Self {
        const FLOOR: u64 = 16 << 20;
        const CEILING: u64 = 2 << 30;
        let bytes = len.saturating_mul(64).saturating_add(FLOOR).min(CEILING);
        Self {
            bytes,
            members: 262_144,
        }
    }
}

/// What [`read`] gives each member and its body to. The body of a link is its target. What is
/// left of the body is passed over. An error ends the reading.
pub type Visit<'v> = dyn FnMut(&Member, &mut dyn Read) -> Result<()> + 'v;

/// Reads all members of all archives of `file` in their order.
///
/// What could not be read is in [`Contents::error`]; all members before it were visited.
pub fn read(file: &dyn ReadAt, limits: Limits, visit: &mut Visit<'_>) -> Contents {
    let mut contents = Contents::default();
    let mut state = State {
        limits,
        archives: 0,
        segment: 0,
        visit,
    };
    let mut input = Input::new(file);
    contents.error = segments(&mut input, &mut state, &mut contents.segments).err();
    contents
}

struct State<'v, 'f> {
    /// What is left of them.
    limits: Limits,
    archives: usize,
    segment: usize,
    visit: &'v mut Visit<'f>,
}

fn segments(
    input: &mut Input<'_>,
    state: &mut State<'_, '_>,
    segments: &mut Vec<Segment>,
) -> Result<()> {
    loop {
        input.skip_zeros()?;
        let at = input.position();
        let head = input.peek(6)?;
        if head.is_empty() {
            return Ok(());
        }
        let plain = head.starts_with(b"0707");
        let how = packing(head);
        if !plain && how.is_none() {
            let what = say!(error_cpio_unknown);
            return Err(Error::corrupt(Layer::Cpio, at, what));
        }
        if plain && !at.is_multiple_of(4) {
            let what = say!(error_cpio_aligned);
            return Err(Error::corrupt(Layer::Cpio, at, what));
        }
        segments.push(Segment {
            offset: at,
            packing: how,
            archives: 0,
        });
        let before = state.archives;
        let read = segment(input, how, at, state);
        if let Some(last) = segments.last_mut() {
            last.archives = state.archives.saturating_sub(before);
        }
        read?;
        state.segment = state.segment.saturating_add(1);
        // Every segment has its magic, so this ends.
        if input.position() <= at {
            let what = say!(error_cpio_empty);
            return Err(Error::corrupt(Layer::Cpio, at, what));
        }
    }
}

/// Reads one segment with the decoder for its packing.
fn segment(
    input: &mut Input<'_>,
    how: Option<Packing>,
    at: u64,
    state: &mut State<'_, '_>,
) -> Result<()> {
    let broken = |e: std::io::Error| Error::corrupt(Layer::Cpio, at, Error::of_reader(&e));
    let Some(how) = how else {
        return archives(&mut Stream::new(input, at, None), state, true);
    };
    let mut run =
        |decoder: &mut dyn Read| archives(&mut Stream::new(decoder, at, Some(how)), state, false);
    match how {
        Packing::Gzip => run(&mut flate2::bufread::GzDecoder::new(input)),
        Packing::Bzip2 => run(&mut bzip2::bufread::BzDecoder::new(input)),
        Packing::Xz => run(&mut lzma_rust2::XzReader::new_mem_limit(
            input,
            false,
            MAX_WINDOW_KIB,
        )),
        Packing::Lzma => {
            run(
                &mut lzma_rust2::LzmaReader::new_mem_limit(input, MAX_WINDOW_KIB, None)
                    .map_err(broken)?,
            )
        }
        Packing::Zstd => {
            let decoder = zstd::stream::read::Decoder::with_buffer(input).map_err(broken)?;
            let mut decoder = decoder.single_frame();
            decoder.window_log_max(MAX_WINDOW_LOG).map_err(broken)?;
            run(&mut decoder)
        }
        Packing::Lz4 => run(&mut Lz4::new(input)),
        Packing::Lzo => Err(Error::unsupported(
            Layer::Cpio,
            at,
            say!(error_cpio_packing, packing = "lzo"),
        )),
    }
}

/// The unpacked bytes of a segment.
struct Stream<R> {
    inner: R,
    /// Where the segment begins in the file.
    start: u64,
    packing: Option<Packing>,
    /// Bytes that were read.
    at: u64,
    /// Bytes that were unpacked and not yet given, from `used` on.
    ahead: Vec<u8>,
    used: usize,
}

impl<R: Read> Stream<R> {
    fn new(inner: R, start: u64, packing: Option<Packing>) -> Self {
        Self {
            inner,
            start,
            packing,
            at: 0,
            ahead: Vec::new(),
            used: 0,
        }
    }

    /// An error at byte `at` of the unpacked segment.
    fn error(&self, kind: Kind, at: u64, what: Text) -> Error {
        match self.packing {
            None => Error::new(Layer::Cpio, kind, self.start.saturating_add(at), what),
            Some(how) => {
                let what = say!(
                    error_cpio_unpacked,
                    detail = what,
                    at = at,
                    packing = how.name()
                );
                Error::new(Layer::Cpio, kind, self.start, what)
            }
        }
    }

    /// Fills as much of `buf` as there are bytes.
    fn fill(&mut self, buf: &mut [u8], state: &mut State<'_, '_>) -> Result<usize> {
        let mut ahead = self.ahead.get(self.used..).unwrap_or_default();
        let mut got = ahead.read(buf).unwrap_or(0);
        self.used = self.used.saturating_add(got);
        while let Some(rest) = buf.get_mut(got..).filter(|rest| !rest.is_empty()) {
            match self.inner.read(rest) {
                Ok(0) => break,
                Ok(n) => got = got.saturating_add(n),
                Err(e) if e.kind() == std::io::ErrorKind::Interrupted => {}
                Err(e) => {
                    let at = self.at.saturating_add(got as u64);
                    let why = Error::of_reader(&e);
                    return Err(self.error(Kind::Corrupt, at, why));
                }
            }
        }
        self.at = self.at.saturating_add(got as u64);
        let left = state.limits.bytes.checked_sub(got as u64);
        state.limits.bytes =
            left.ok_or_else(|| self.error(Kind::Limit, self.at, say!(error_cpio_bytes)))?;
        Ok(got)
    }

    fn exact(&mut self, buf: &mut [u8], state: &mut State<'_, '_>, what: &str) -> Result<()> {
        let at = self.at;
        if self.fill(buf, state)? == buf.len() {
            return Ok(());
        }
        Err(self.error(Kind::Corrupt, at, say!(error_cpio_cut, what = what)))
    }

    /// Passes over zeros, in blocks; the byte behind them, which is not passed over.
    fn next(&mut self, state: &mut State<'_, '_>) -> Result<Option<u8>> {
        loop {
            let ahead = self.ahead.get(self.used..).unwrap_or_default();
            let found = ahead.iter().position(|b| *b != 0);
            let zeros = found.unwrap_or(ahead.len());
            let byte = ahead.get(zeros).copied();
            self.used = self.used.saturating_add(zeros);
            self.at = self.at.saturating_add(zeros as u64);
            let left = state.limits.bytes.checked_sub(zeros as u64);
            state.limits.bytes =
                left.ok_or_else(|| self.error(Kind::Limit, self.at, say!(error_cpio_bytes)))?;
            if byte.is_some() || !self.look_ahead()? {
                return Ok(byte);
            }
        }
    }

    /// Unpacks the next block; false at the end. What is not packed is read byte by byte, for a packed segment
    /// may follow.
    fn look_ahead(&mut self) -> Result<bool> {
        let len = if self.packing.is_some() { BLOCK } else { 1 };
        self.ahead.resize(len, 0);
        self.used = 0;
        loop {
            match self.inner.read(&mut self.ahead) {
                Ok(n) => {
                    self.ahead.truncate(n);
                    return Ok(n > 0);
                }
                Err(e) if e.kind() == std::io::ErrorKind::Interrupted => {}
                Err(e) => {
                    self.ahead.clear();
                    return Err(self.error(Kind::Corrupt, self.at, Error::of_reader(&e)));
                }
            }
        }
    }

    fn pad(&mut self, state: &mut State<'_, '_>) -> Result<()> {
        let n = usize::try_from(self.at.wrapping_neg() % 4).unwrap_or(0);
        let mut padding = [0; 4];
        let (padding, _) = padding.split_at_mut(n);
        self.exact(padding, state, "padding")
    }
}

/// The archives of one segment. A plain one ends with its first archive: what follows may be
/// packed.
fn archives<R: Read>(stream: &mut Stream<R>, state: &mut State<'_, '_>, plain: bool) -> Result<()> {
    loop {
        match stream.next(state)? {
            None => return Ok(()),
            Some(b'0') if stream.at.is_multiple_of(4) => {}
            Some(_) => {
                let what = say!(error_cpio_junk);
                return Err(stream.error(Kind::Corrupt, stream.at, what));
            }
        }
        state.archives = state.archives.saturating_add(1);
        while member(stream, state)? {}
        if plain {
            return Ok(());
        }
    }
}

/// Reads one member; false for the trailer.
fn member<R: Read>(stream: &mut Stream<R>, state: &mut State<'_, '_>) -> Result<bool> {
    let offset = stream.at;
    let mut head = [0; HEADER];
    stream.exact(&mut head, state, "header")?;
    let bad = |stream: &Stream<R>, what: Text| stream.error(Kind::Corrupt, offset, what);
    let sums = match &head[..6] {
        b"070701" => false,
        b"070702" => true,
        _ => return Err(bad(stream, say!(error_cpio_header))),
    };
    let mut fields = [0; 13];
    for (field, digits) in fields.iter_mut().zip(head[6..].chunks_exact(8)) {
        let text = std::str::from_utf8(digits).ok();
        let digits = text.filter(|t| t.bytes().all(|b| b.is_ascii_hexdigit()));
        *field = digits
            .and_then(|t| u32::from_str_radix(t, 16).ok())
            .ok_or_else(|| bad(stream, say!(error_cpio_field)))?;
    }
    let len = usize::try_from(fields[11]).unwrap_or(usize::MAX);
    if len == 0 || len > MAX_NAME {
        return Err(bad(
            stream,
            say!(error_cpio_name_length, len = len, most = MAX_NAME),
        ));
    }
    let mut name = vec![0; len];
    stream.exact(&mut name, state, "name")?;
    let Some(end) = name.iter().position(|b| *b == 0) else {
        return Err(bad(stream, say!(error_cpio_name)));
    };
    name.truncate(end);
    stream.pad(state)?;
    let member = Member {
        name,
        inode: fields[0],
        mode: fields[1],
        owner: (fields[2], fields[3]),
        links: fields[4],
        mtime: fields[5],
        size: fields[6],
        device: (fields[7], fields[8]),
        special: (fields[9], fields[10]),
        segment: state.segment,
        archive: state.archives.saturating_sub(1),
        offset,
    };
    let trailer = member.name == TRAILER;
    if !trailer {
        let left = state.limits.members.checked_sub(1);
        let over = || stream.error(Kind::Limit, offset, say!(error_cpio_members));
        state.limits.members = left.ok_or_else(over)?;
        if member.kind() == MemberKind::Symlink && member.size as usize > MAX_NAME {
            return Err(bad(stream, say!(error_cpio_link)));
        }
    }
    let sum = body(stream, state, &member, trailer)?;
    let is = member.kind() == MemberKind::Regular && !trailer;
    if sums && is && sum != fields[12] {
        return Err(bad(stream, say!(error_cpio_checksum)));
    }
    stream.pad(state)?;
    Ok(!trailer)
}

/// The body of a member, for who visits it.
struct Body<'b, 's, 'v, 'f, R> {
    stream: &'b mut Stream<R>,
    state: &'s mut State<'v, 'f>,
    left: u64,
    sum: u32,
    error: Option<Error>,
}

impl<R: Read> Read for Body<'_, '_, '_, '_, R> {
    fn read(&mut self, buf: &mut [u8]) -> std::io::Result<usize> {
        let n = usize::try_from(self.left).map_or(buf.len(), |left| left.min(buf.len()));
        let (buf, _) = buf.split_at_mut(n);
        match self.stream.exact(buf, self.state, "body") {
            Ok(()) => {
                self.left = self.left.saturating_sub(n as u64);
                let sum: u32 = buf.iter().fold(0, |s, b| s.wrapping_add(u32::from(*b)));
                self.sum = self.sum.wrapping_add(sum);
                Ok(n)
            }
            Err(e) => {
                self.error.get_or_insert_with(|| e.clone());
                Err(std::io::Error::other(e))
            }
        }
    }
}

/// Shows the body to the visitor; its checksum.
fn body<R: Read>(
    stream: &mut Stream<R>,
    state: &mut State<'_, '_>,
    member: &Member,
    trailer: bool,
) -> Result<u32> {
    // The visitor is called with the body, which reads by way of the state.
    let mut ignore = |_: &Member, _: &mut dyn Read| Ok(());
    let mut own = State {
        limits: state.limits,
        archives: state.archives,
        segment: state.segment,
        visit: &mut ignore,
    };
    let mut body = Body {
        stream,
        state: &mut own,
        left: u64::from(member.size),
        sum: 0,
        error: None,
    };
    let visited = if trailer {
        Ok(())
    } else {
        (state.visit)(member, &mut body)
    };
    // What the visitor left.
    let mut rest = [0; 8192];
    while body.error.is_none() && visited.is_ok() && body.left > 0 {
        if body.read(&mut rest).is_err() {
            break;
        }
    }
    let (error, sum) = (body.error.take(), body.sum);
    state.limits = own.limits;
    match error {
        Some(e) => Err(e),
        None => visited.map(|()| sum),
    }
}

#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
