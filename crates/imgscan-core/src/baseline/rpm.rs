//! rpm packages as files: a lead of 96 bytes, the header of signatures, padded to 8 bytes, and the
//! package's own header, whose file digests are all that is read.
//!
//! Source: lib/rpmlead.c, lib/signature.c and include/rpm/rpmtag.h of rpm; integers big-endian.

use std::io::Read;

use super::{Known, Package, canonical, kind};
use crate::bytes::{be32, hex};
use crate::error::{Error, Layer, Result};
use crate::rpm::{HEADER_MAGIC, Header, tag};
use crate::trust::DigestKind;

const LEAD: usize = 96;
/// The longest header, in bytes.
const MAX_HEADER: u64 = 64 * 1024 * 1024;
/// Tags of the files' sizes: 32 and 64 bits.
const FILESIZES: u32 = 1028;
const LONGFILESIZES: u32 = 5008;

/// The files of an rpm package that a database is about, by the digests that the package states.
/// Its signature is not checked: whoever adds it vouches for it.
///
/// # Errors
/// Where it is no package, is damaged, or states digests other than SHA-256.
pub fn rpm(mut from: impl Read) -> Result<(Package, Vec<Known>)> {
    let mut lead = [0; LEAD];
    read(&mut from, &mut lead)?;
    if lead[..4] != [0xED, 0xAB, 0xEE, 0xDB] {
        return Err(Error::corrupt(
            Layer::Packages,
            0,
            say!(error_package_not_rpm),
        ));
    }
    let signatures = header(&mut from)?;
    let mut padding = [0; 8];
    let (padding, _) = padding.split_at_mut(signatures.len().wrapping_neg() % 8);
    read(&mut from, padding)?;
    let blob = header(&mut from)?;
    let header = Header::parse(&blob)?;
    let text = |tag| header.text(tag).unwrap_or_default();
    let version = format!("{}-{}", text(tag::VERSION), text(tag::RELEASE));
    let package = Package {
        name: text(tag::NAME),
        version: match header.number(tag::EPOCH) {
            Some(epoch) => format!("{epoch}:{version}"),
            None => version,
        },
        architecture: text(tag::ARCH),
    };
    let files = header.files()?;
    let mut sizes = header.numbers(FILESIZES);
    if sizes.is_empty() {
        sizes = header.numbers(LONGFILESIZES);
    }
    let mut found = Vec::new();
    for (i, file) in files.items.iter().enumerate() {
        let path = crate::text::lossless(&files.path(file));
        let (Some(kind), Some(digest)) = (kind(&path), &file.digest) else {
            continue;
        };
        if files.kind != DigestKind::Sha256 {
            let why = say!(error_package_digests, package = &package.name);
            return Err(Error::unsupported(Layer::Packages, None, why));
        }
        found.push(Known {
            path: canonical(&path),
            package: Some(package.name.clone()),
            version: Some(package.version.clone()),
            architecture: Some(package.architecture.clone()),
            kind,
            sha256: hex(digest),
            bytes: sizes.get(i).copied().unwrap_or(0),
        });
    }
    Ok((package, found))
}

fn read(from: &mut impl Read, buffer: &mut [u8]) -> Result<()> {
    from.read_exact(buffer).map_err(|e| {
        Error::corrupt(
            Layer::Packages,
            None,
            say!(
                error_package_read,
                format = "rpm",
                why = Error::of_reader(&e)
            ),
        )
    })
}

/// A header behind its magic.
fn header(from: &mut impl Read) -> Result<Vec<u8>> {
    let mut head = [0; 16];
    read(from, &mut head)?;
    if head[..8] != HEADER_MAGIC {
        return Err(Error::corrupt(
            Layer::Packages,
            None,
            say!(error_package_rpm_header),
        ));
    }
    let number = |at| u64::from(be32(&head, at).unwrap_or(0));
    let len = number(8).saturating_mul(16).saturating_add(number(12));
    if len > MAX_HEADER {
        let why = say!(error_package_rpm_long, len = len, most = MAX_HEADER);
        return Err(Error::limit(Layer::Packages, None, why));
    }
    let mut blob = head[8..].to_vec();
    let read = from.take(len).read_to_end(&mut blob);
    let read = read.map_err(|e| {
        Error::corrupt(
            Layer::Packages,
            None,
            say!(
                error_package_read,
                format = "rpm",
                why = Error::of_reader(&e)
            ),
        )
    })?;
    if read as u64 != len {
        return Err(Error::corrupt(
            Layer::Packages,
            None,
            say!(error_package_cut, what = "rpm"),
        ));
    }
    Ok(blob)
}
