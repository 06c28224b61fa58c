//! A package's header. Format: lib/header.c and lib/header_internal.h of rpm. Integers are
//! big-endian.
//!
//! A stored header is `il`, `dl`, `il` entries of 16 bytes (tag, type, offset, count) and `dl` bytes
//! of data. Its first entry, tag 63, marks the immutable region: so many entries and bytes of data
//! as the vendor made them. What the vendor says (names, files, digests) is taken from the region
//! only, and signatures and digests of the region from what lies behind it.

use crate::bytes::{be16, be32, be64};
use crate::error::{Error, Layer, Result};
use crate::text::Text;
use crate::trust::DigestKind;

use super::corrupt;

/// What is hashed and signed before the region: the magic of a header, version 1.
pub const HEADER_MAGIC: [u8; 8] = [0x8e, 0xad, 0xe8, 0x01, 0, 0, 0, 0];
/// Entries of one header; the largest packages have about 100.
const MAX_ENTRIES: usize = 4096;
/// Files of one package; the largest have about 100,000.
const MAX_FILES: usize = 1_000_000;

/// Tags of rpm (include/rpm/rpmtag.h).
pub mod tag {
    /// The immutable region.
    pub const IMMUTABLE: u32 = 63;
    /// Signature of the region by DSA (OpenPGP packet).
    pub const DSAHEADER: u32 = 267;
    /// Signature of the region by RSA (OpenPGP packet).
    pub const RSAHEADER: u32 = 268;
    /// SHA-1 of the region, hexadecimal.
    pub const SHA1HEADER: u32 = 269;
    /// SHA-256 of the region, hexadecimal.
    pub const SHA256HEADER: u32 = 273;
    /// Signatures of the region (OpenPGP packets in base64).
    pub const OPENPGP: u32 = 278;
    /// Name of the package.
    pub const NAME: u32 = 1000;
    /// Version.
    pub const VERSION: u32 = 1001;
    /// Release.
    pub const RELEASE: u32 = 1002;
    /// Epoch.
    pub const EPOCH: u32 = 1003;
    /// Host that built it.
    pub const BUILDHOST: u32 = 1007;
    /// Vendor.
    pub const VENDOR: u32 = 1011;
    /// Architecture.
    pub const ARCH: u32 = 1022;
    /// Whole paths of the files (rpm 3).
    pub const OLDFILENAMES: u32 = 1027;
    /// Modes of the files.
    pub const FILEMODES: u32 = 1030;
    /// Digests of the files, hexadecimal.
    pub const FILEDIGESTS: u32 = 1035;
    /// Targets of the symbolic links among the files.
    pub const FILELINKTOS: u32 = 1036;
    /// Flags of the files.
    pub const FILEFLAGS: u32 = 1037;
    /// What is verified of the files.
    pub const FILEVERIFYFLAGS: u32 = 1045;
    /// Folder of each file, an index of `DIRNAMES`.
    pub const DIRINDEXES: u32 = 1116;
    /// Names of the files in their folders.
    pub const BASENAMES: u32 = 1117;
    /// Folders, each with a slash at its end.
    pub const DIRNAMES: u32 = 1118;
    /// Algorithm of the digests, as OpenPGP numbers it.
    pub const FILEDIGESTALGO: u32 = 5011;
}

/// Types of data.
mod kind {
    pub(super) const INT16: u32 = 3;
    pub(super) const INT32: u32 = 4;
    pub(super) const INT64: u32 = 5;
    pub(super) const STRING: u32 = 6;
    pub(super) const BIN: u32 = 7;
    pub(super) const STRING_ARRAY: u32 = 8;
    pub(super) const I18N: u32 = 9;
}

/// Bits of FILEFLAGS and FILEVERIFYFLAGS.
const CONFIG: u32 = 1;
const GHOST: u32 = 1 << 6;
const VERIFY_DIGEST: u32 = 1;
const VERIFY_LINK: u32 = 1 << 4;
const VERIFY_MODE: u32 = 1 << 6;

#[derive(Debug, Clone, Copy)]
struct IndexEntry {
    tag: u32,
    kind: u32,
    offset: usize,
    count: usize,
}

/// The part of a header that its maker fixed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Region {
    /// Entries, the region's own included.
    pub entries: usize,
    /// Bytes of data.
    pub data: usize,
}

/// A header over its bytes.
#[derive(Debug, Clone)]
pub struct Header<'a> {
    entries: Vec<IndexEntry>,
    index: &'a [u8],
    data: &'a [u8],
    region: Option<Region>,
}

impl<'a> Header<'a> {
    /// Reads the header that fills `blob`.
    ///
    /// # Errors
    /// If its parts do not fill `blob` exactly, or an entry or the region points outside.
    pub fn parse(blob: &'a [u8]) -> Result<Self> {
        let (Some(il), Some(dl)) = (be32(blob, 0), be32(blob, 4)) else {
            return Err(corrupt(0, say!(error_rpm_header_short, len = blob.len())));
        };
        let (il, dl) = (il as usize, dl as usize);
        if il == 0 || il > MAX_ENTRIES {
            return Err(corrupt(
                0,
                say!(error_rpm_header_entries, count = il, most = MAX_ENTRIES),
            ));
        }
        let parts = blob
            .get(8..)
            .and_then(|rest| rest.split_at_checked(il.checked_mul(16)?));
        let Some((index, data)) = parts.filter(|(_, data)| data.len() == dl) else {
            let what = say!(
                error_rpm_header_length,
                count = il,
                bytes = dl,
                len = blob.len()
            );
            return Err(corrupt(0, what));
        };
        let mut entries = Vec::with_capacity(il);
        for (i, entry) in index.as_chunks::<16>().0.iter().enumerate() {
            let field = |at: usize| be32(entry, at).unwrap_or(0);
            let at = (i as u64).saturating_mul(16).saturating_add(8);
            let place = |value: u32| {
                usize::try_from(value)
                    .ok()
                    .filter(|v| *v <= dl)
                    .ok_or_else(|| {
                        corrupt(
                            at,
                            say!(error_rpm_header_entry, number = i, at = value, len = dl),
                        )
                    })
            };
            entries.push(IndexEntry {
                tag: field(0),
                kind: field(4),
                offset: place(field(8))?,
                count: place(field(12))?,
            });
        }
        let mut header = Self {
            entries,
            index,
            data,
            region: None,
        };
        header.region = header.find_region()?;
        Ok(header)
    }

    fn find_region(&self) -> Result<Option<Region>> {
        let Some(first) = self.entries.first().filter(|e| e.tag == tag::IMMUTABLE) else {
            return Ok(None);
        };
        let wrong = |why: Text| corrupt(8, say!(error_rpm_region, why = why));
        if first.kind != kind::BIN || first.count != 16 {
            return Err(wrong(say!(error_rpm_region_entry)));
        }
        // The trailer is an entry as well: its offset is the length of the region's index, negative.
        let trailer = first.offset;
        let end = trailer.saturating_add(16);
        let bytes = self.data.get(trailer..).unwrap_or_default();
        let field = |at: usize| be32(bytes, at);
        let (Some(t), Some(k), Some(back), Some(count)) = (field(0), field(4), field(8), field(12))
        else {
            return Err(wrong(say!(error_rpm_region_outside)));
        };
        if t != tag::IMMUTABLE || k != kind::BIN || count != 16 {
            return Err(wrong(say!(error_rpm_region_trailer)));
        }
        let length = 0_u32.wrapping_sub(back) as usize;
        let entries = length / 16;
        if !length.is_multiple_of(16) || entries == 0 || entries > self.entries.len() {
            return Err(wrong(say!(error_rpm_region_count)));
        }
        // What the region's entries name must be in the part that is signed.
        for entry in self.entries.iter().take(entries).skip(1) {
            if entry.offset >= trailer {
                return Err(wrong(say!(error_rpm_region_behind)));
            }
        }
        Ok(Some(Region { entries, data: end }))
    }

    /// The immutable region; `None` for a header that has none (rpm 3 and earlier, or one that
    /// the installing system made itself, as `gpg-pubkey`).
    #[must_use]
    pub fn region(&self) -> Option<Region> {
        self.region
    }

    /// Hands the bytes that digests and signatures of the header are made over to `take`, piece by
    /// piece; `false` where there is no region.
    pub fn signed_bytes(&self, mut take: impl FnMut(&[u8])) -> bool {
        let Some(region) = self.region else {
            return false;
        };
        let (il, dl) = (u32::try_from(region.entries), u32::try_from(region.data));
        let index = self.index.get(..region.entries.saturating_mul(16));
        let data = self.data.get(..region.data);
        let (Ok(il), Ok(dl), Some(index), Some(data)) = (il, dl, index, data) else {
            return false;
        };
        take(&HEADER_MAGIC);
        take(&il.to_be_bytes());
        take(&dl.to_be_bytes());
        take(index);
        take(data);
        true
    }

    /// The entry with `tag` of what the vendor made.
    fn entry(&self, tag: u32) -> Option<(&IndexEntry, &'a [u8])> {
        let (entries, end) = match self.region {
            Some(region) => (
                self.entries.get(1..region.entries)?,
                region.data.checked_sub(16)?,
            ),
            None => (&self.entries[..], self.data.len()),
        };
        let entry = entries.iter().find(|e| e.tag == tag)?;
        Some((entry, self.data.get(entry.offset..end)?))
    }

    /// The entry with `tag` of what was added to the region.
    fn added(&self, tag: u32) -> Option<(&IndexEntry, &'a [u8])> {
        let first = self.region?.entries;
        let entry = self.entries.get(first..)?.iter().find(|e| e.tag == tag)?;
        Some((entry, self.data.get(entry.offset..)?))
    }

    /// The text with `tag`.
    #[must_use]
    pub fn text(&self, tag: u32) -> Option<String> {
        let (entry, data) = self.entry(tag)?;
        let known = [kind::STRING, kind::STRING_ARRAY, kind::I18N].contains(&entry.kind);
        known.then(|| until_nul(data).map(crate::text::lossless))?
    }

    /// The number with `tag`.
    #[must_use]
    pub fn number(&self, tag: u32) -> Option<u64> {
        self.numbers(tag).first().copied()
    }

    /// The numbers with `tag`; none where they cross the end.
    #[must_use]
    pub fn numbers(&self, tag: u32) -> Vec<u64> {
        let Some((entry, data)) = self.entry(tag) else {
            return Vec::new();
        };
        let one = |i: usize| match entry.kind {
            kind::INT16 => be16(data, i.checked_mul(2)?).map(u64::from),
            kind::INT32 => be32(data, i.checked_mul(4)?).map(u64::from),
            kind::INT64 => be64(data, i.checked_mul(8)?),
            _ => None,
        };
        let all: Option<Vec<u64>> = (0..entry.count).map(one).collect();
        all.unwrap_or_default()
    }

    /// The texts with `tag`, as bytes; none where they cross the end.
    fn texts(&self, tag: u32) -> Vec<&'a [u8]> {
        let Some((entry, mut data)) = self.entry(tag) else {
            return Vec::new();
        };
        if entry.kind != kind::STRING_ARRAY {
            return Vec::new();
        }
        let mut out = Vec::new();
        for _ in 0..entry.count {
            let Some((text, rest)) = split_nul(data) else {
                return Vec::new();
            };
            data = rest;
            out.push(text);
        }
        out
    }

    /// The text with `tag` that was added to the region: a digest of the region.
    #[must_use]
    pub fn added_text(&self, tag: u32) -> Option<String> {
        let (entry, data) = self.added(tag)?;
        (entry.kind == kind::STRING).then(|| until_nul(data).map(crate::text::lossless))?
    }

    /// The OpenPGP packets of the signatures over the region (RSAHEADER, DSAHEADER, OPENPGP), each
    /// with its tag.
    #[must_use]
    pub fn signatures(&self) -> Vec<(u32, Vec<u8>)> {
        use base64::Engine as _;
        let mut out = Vec::new();
        for tag in [tag::RSAHEADER, tag::DSAHEADER] {
            if let Some((entry, data)) = self.added(tag)
                && entry.kind == kind::BIN
                && let Some(packet) = data.get(..entry.count)
            {
                out.push((tag, packet.to_vec()));
            }
        }
        // rpm 6 keeps any number of them, each in base64.
        if let Some((entry, mut data)) = self.added(tag::OPENPGP)
            && entry.kind == kind::STRING_ARRAY
        {
            for _ in 0..entry.count.min(16) {
                let Some((text, rest)) = split_nul(data) else {
                    break;
                };
                data = rest;
                let text: Vec<u8> = text
                    .iter()
                    .copied()
                    .filter(|b| !b.is_ascii_whitespace())
                    .collect();
                // What does not decode is a signature all the same: one that can't be read.
                let packet = base64::engine::general_purpose::STANDARD.decode(text);
                out.push((tag::OPENPGP, packet.unwrap_or_default()));
            }
        }
        out
    }

    /// The files of the package.
    ///
    /// # Errors
    /// If the lists do not fit together or a digest is none of its kind.
    pub fn files(&self) -> Result<Files> {
        let algorithm = self.number(tag::FILEDIGESTALGO).unwrap_or(1);
        let digests = self.texts(tag::FILEDIGESTS);
        let Some(kind) = DigestKind::from_openpgp(algorithm) else {
            let what = say!(error_rpm_digest, algorithm = algorithm);
            return Err(Error::unsupported(Layer::Packages, None, what));
        };
        let names = self.texts(tag::BASENAMES);
        let (dirs, indexes, names) = if names.is_empty() {
            let old = self.texts(tag::OLDFILENAMES);
            (vec![&b""[..]], vec![0; old.len()], old)
        } else {
            let indexes = self.numbers(tag::DIRINDEXES);
            (self.texts(tag::DIRNAMES), indexes, names)
        };
        let wrong = |what: Text| Err(corrupt(8, what));
        let n = names.len();
        // A list that is there, but was not read, would leave its files without an owner.
        let there = [tag::BASENAMES, tag::OLDFILENAMES];
        if n == 0 && there.iter().any(|t| self.entry(*t).is_some()) {
            return wrong(say!(error_rpm_files));
        }
        if n > MAX_FILES {
            return wrong(say!(error_rpm_files_many, count = n, most = MAX_FILES));
        }
        let modes = self.numbers(tag::FILEMODES);
        let flags = self.numbers(tag::FILEFLAGS);
        let verify = self.numbers(tag::FILEVERIFYFLAGS);
        let links = self.texts(tag::FILELINKTOS);
        let fits = |len: usize| len == 0 || len == n;
        let whole =
            fits(digests.len()) && fits(modes.len()) && fits(flags.len()) && fits(links.len());
        if indexes.len() != n || !whole || !fits(verify.len()) {
            return wrong(say!(error_rpm_files_lists, count = n));
        }
        let number = |list: &[u64], i: usize, absent: u32| match list.get(i) {
            Some(value) => u32::try_from(*value).ok(),
            None => Some(absent),
        };
        let mut items = Vec::with_capacity(n);
        for (i, name) in names.iter().enumerate() {
            let dir = number(&indexes, i, u32::MAX).unwrap_or(u32::MAX);
            if dir as usize >= dirs.len() {
                return wrong(say!(
                    error_rpm_file_folder,
                    number = i,
                    folder = dir,
                    count = dirs.len()
                ));
            }
            let digest = digests.get(i).copied().unwrap_or_default();
            let digest = match digest.len() {
                0 => None,
                _ => match unhex(digest).filter(|d| d.len() == kind.size()) {
                    Some(digest) => Some(digest.into_boxed_slice()),
                    None => return wrong(say!(error_rpm_file_digest, number = i)),
                },
            };
            let (Some(mode), Some(flags), Some(verify)) = (
                number(&modes, i, 0),
                number(&flags, i, 0),
                number(&verify, i, u32::MAX),
            ) else {
                return wrong(say!(error_rpm_files));
            };
            items.push(File {
                dir,
                name: Box::from(*name),
                digest,
                mode,
                config: flags & CONFIG != 0,
                ghost: flags & GHOST != 0,
                changes: verify & VERIFY_DIGEST == 0,
                target: links
                    .get(i)
                    .filter(|to| !to.is_empty() && verify & VERIFY_LINK != 0)
                    .map(|to| Box::from(*to)),
                mode_changes: verify & VERIFY_MODE == 0,
            });
        }
        let dirs = dirs.into_iter().map(Box::from).collect();
        Ok(Files { kind, dirs, items })
    }
}

/// The files of a package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Files {
    /// The kind of all digests.
    pub kind: DigestKind,
    /// Folders, with a slash at the end.
    pub dirs: Vec<Box<[u8]>>,
    /// The files.
    pub items: Vec<File>,
}

/// A file of a package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Which of [`Files::dirs`] it is in.
    pub dir: u32,
    /// Its name there.
    pub name: Box<[u8]>,
    /// Its digest, where it has one: folders, links and `%ghost` files have none.
    pub digest: Option<Box<[u8]>>,
    /// Type and permissions as `st_mode` has them; 0 where they are not recorded.
    pub mode: u32,
    /// A configuration file.
    pub config: bool,
    /// Not in the package: made by a script, and only owned by it.
    pub ghost: bool,
    /// The package says that the contents may change.
    pub changes: bool,
    /// Where the symbolic link leads, where it is one and may not change.
    pub target: Option<Box<[u8]>>,
    /// The package says that the permissions may change.
    pub mode_changes: bool,
}

impl Files {
    /// The path of `file`, absolute.
    #[must_use]
    pub fn path(&self, file: &File) -> Vec<u8> {
        let dir = self.dirs.get(file.dir as usize);
        [dir.map_or(&b"/"[..], |d| d), &file.name].concat()
    }

    /// The file at the absolute `path`.
    #[must_use]
    pub fn find(&self, path: &[u8]) -> Option<&File> {
        // Nothing is put together: a few long folders and many names would be much more than
        // the header holds.
        self.items.iter().find(|file| {
            let dir = self.dirs.get(file.dir as usize);
            dir.and_then(|d| path.strip_prefix(&d[..])) == Some(&file.name)
        })
    }
}

fn until_nul(data: &[u8]) -> Option<&[u8]> {
    split_nul(data).map(|(text, _)| text)
}

/// The text up to the first NUL, and what follows that.
fn split_nul(data: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = data.iter().position(|b| *b == 0)?;
    let (text, rest) = data.split_at_checked(end)?;
    Some((text, rest.get(1..)?))
}

fn unhex(text: &[u8]) -> Option<Vec<u8>> {
    let (pairs, odd) = text.as_chunks::<2>();
    if !odd.is_empty() || !text.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    pairs
        .iter()
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
        .collect()
}
