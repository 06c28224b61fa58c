//! Debian packages: an ar archive of `debian-binary`, `control.tar.*` and `data.tar.*`.
//!
//! Source: deb(5) and ar(5): 8 bytes `!<arch>\n`, then for each member a header of 60 bytes (name
//! 16, time 12, uid 6, gid 6, mode 8, size 10 in decimal text, `` `\n ``) and its bytes, at even
//! offsets.

use std::io::{BufReader, Read};

use sha2::{Digest as _, Sha256};

use super::{FileKind, Known, canonical, kind, tar};
use crate::bytes::hex;
use crate::error::{Error, Layer, Result};
use crate::trust::unpack::{packing, unpack};

/// The longest control archive, packed and unpacked, in bytes.
const MAX_CONTROL: usize = 16 * 1024 * 1024;
/// The longest data archive that is unpacked as a whole (gzip), in bytes.
const MAX_WHOLE: usize = 1024 * 1024 * 1024;
/// The longest data archive, unpacked, in bytes; what lies beyond reads as a package that is cut off.
const MAX_UNPACKED: u64 = 4 << 30;
/// Memory for an xz window, in KiB.
const MAX_WINDOW_KIB: u32 = 160 * 1024;

/// Name, version and architecture of a package.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Package {
    /// Name.
    pub name: String,
    /// Version, epoch included.
    pub version: String,
    /// Architecture.
    pub architecture: String,
}

/// The files of a Debian package that a database is about.
///
/// # Errors
/// Where it is no package, is damaged, or packed in a way that is not read.
pub fn deb(mut from: impl Read) -> Result<(Package, Vec<Known>)> {
    let mut magic = [0; 8];
    read(&mut from, &mut magic, 0)?;
    if &magic != b"!<arch>\n" {
        return Err(Error::corrupt(
            Layer::Packages,
            0,
            say!(error_package_not_ar),
        ));
    }
    let mut at = 8u64;
    let mut package = None;
    loop {
        let mut header = [0; 60];
        read(&mut from, &mut header, at)?;
        let here = at;
        let bad = |what: crate::text::Text| Error::corrupt(Layer::Packages, here, what);
        if &header[58..] != b"`\n" {
            return Err(bad(say!(error_ar_header)));
        }
        let text = |range: std::ops::Range<usize>| {
            let text = header.get(range).and_then(|t| std::str::from_utf8(t).ok());
            text.map(|t| t.trim_end().trim_end_matches('/').to_owned())
        };
        let name = text(0..16).ok_or_else(|| bad(say!(error_ar_header)))?;
        let size = text(48..58).and_then(|t| t.parse::<u64>().ok());
        let size = size.ok_or_else(|| bad(say!(error_ar_header)))?;
        at = at.saturating_add(60);
        let mut body = (&mut from).take(size);
        if name.starts_with("control.tar") {
            if size > MAX_CONTROL as u64 {
                return Err(bad(say!(error_deb_control_long, most = MAX_CONTROL)));
            }
            package = Some(control(&mut body, at)?);
        } else if name.starts_with("data.tar") {
            let Some(package) = package else {
                return Err(bad(say!(error_deb_order)));
            };
            let files = data(&name, &mut body, &package, at)?;
            return Ok((package, files));
        }
        let rest = body.limit().saturating_add(size % 2);
        let passed = std::io::copy(&mut (&mut from).take(rest), &mut std::io::sink());
        if passed.ok() != Some(rest) {
            return Err(bad(say!(error_package_cut, what = "ar")));
        }
        at = at.saturating_add(size).saturating_add(size % 2);
    }
}

fn read(from: &mut impl Read, buffer: &mut [u8], at: u64) -> Result<()> {
    from.read_exact(buffer).map_err(|e| {
        Error::corrupt(
            Layer::Packages,
            at,
            say!(
                error_package_read,
                format = "ar",
                why = Error::of_reader(&e)
            ),
        )
    })
}

/// The archive `packed`, unpacked as a whole.
fn whole(packed: Vec<u8>, limit: usize, at: u64) -> Result<Vec<u8>> {
    match packing(&packed) {
        Some(how) => unpack(how, &packed, limit, at),
        None => Ok(packed),
    }
}

fn control(body: &mut impl Read, at: u64) -> Result<Package> {
    let mut packed = Vec::new();
    body.read_to_end(&mut packed).map_err(|e| {
        Error::corrupt(
            Layer::Packages,
            at,
            say!(
                error_package_read,
                format = "ar",
                why = Error::of_reader(&e)
            ),
        )
    })?;
    let plain = whole(packed, MAX_CONTROL, at)?;
    let mut package = None;
    tar::files(plain.as_slice(), |name, size, body| {
        if name.trim_start_matches("./") != "control" || size > MAX_CONTROL as u64 {
            return Ok(());
        }
        let mut text = Vec::new();
        body.read_to_end(&mut text).map_err(|e| {
            Error::corrupt(
                Layer::Packages,
                at,
                say!(
                    error_package_read,
                    format = "control",
                    why = Error::of_reader(&e)
                ),
            )
        })?;
        let text = String::from_utf8_lossy(&text);
        let field = |name: &str| {
            let mut lines = text.lines().filter_map(|l| l.split_once(':'));
            let found = lines.find(|(key, _)| key.eq_ignore_ascii_case(name));
            found.map(|(_, value)| value.trim().to_owned())
        };
        package = Some(Package {
            name: field("Package").unwrap_or_default(),
            version: field("Version").unwrap_or_default(),
            architecture: field("Architecture").unwrap_or_default(),
        });
        Ok(())
    })?;
    package.ok_or_else(|| Error::corrupt(Layer::Packages, at, say!(error_deb_control)))
}

fn data(name: &str, body: &mut impl Read, package: &Package, at: u64) -> Result<Vec<Known>> {
    let body = BufReader::with_capacity(256 * 1024, body);
    let ending = name.rsplit('.').next().unwrap_or("");
    let damaged = |e: std::io::Error| {
        Error::corrupt(
            Layer::Packages,
            at,
            say!(
                error_package_read,
                format = name,
                why = Error::of_reader(&e)
            ),
        )
    };
    match ending {
        "tar" => listed(body, package),
        "xz" => {
            let plain = lzma_rust2::XzReader::new_mem_limit(body, true, MAX_WINDOW_KIB);
            listed(plain, package)
        }
        "zst" => {
            let mut plain = zstd::stream::read::Decoder::with_buffer(body).map_err(damaged)?;
            plain.window_log_max(27).map_err(damaged)?;
            listed(plain, package)
        }
        _ => {
            let mut packed = Vec::new();
            let mut body = body.take(MAX_WHOLE as u64);
            body.read_to_end(&mut packed).map_err(damaged)?;
            listed(whole(packed, MAX_WHOLE, at)?.as_slice(), package)
        }
    }
}

/// The entries of a data archive.
fn listed(plain: impl Read, package: &Package) -> Result<Vec<Known>> {
    let mut found = Vec::new();
    tar::files(plain.take(MAX_UNPACKED), |name, _, body| {
        if let Some(kind) = kind(name) {
            found.push(known(name, kind, package, body)?);
        }
        Ok(())
    })?;
    Ok(found)
}

fn known(name: &str, kind: FileKind, package: &Package, body: &mut dyn Read) -> Result<Known> {
    let mut hash = Sha256::new();
    let mut bytes = 0u64;
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let n = body.read(&mut buffer).map_err(|e| {
            Error::corrupt(
                Layer::Packages,
                None,
                say!(
                    error_package_read,
                    format = name,
                    why = Error::of_reader(&e)
                ),
            )
        })?;
        let Some(read) = buffer.get(..n).filter(|read| !read.is_empty()) else {
            break;
        };
        hash.update(read);
        bytes = bytes.saturating_add(n as u64);
    }
    Ok(Known {
        path: canonical(name),
        package: Some(package.name.clone()),
        version: Some(package.version.clone()),
        architecture: Some(package.architecture.clone()),
        kind,
        sha256: hex(&hash.finalize()),
        bytes,
    })
}
