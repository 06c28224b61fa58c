//! Alpine's database. Format: apk-installed(5), apk-v2(5): lines of a letter, a colon and a value,
//! a package up to an empty line. It is not signed.

use std::sync::Arc;

use base64::Engine as _;

use super::{Contents, Package, PackageSystem, Packages};
use crate::error::{Error, Layer};
use crate::evidence::linux::reader::Reader;
use crate::evidence::{Found, Gap};
use crate::rpm::{File, Files};
use crate::trust::DigestKind;

/// The longest database that is read, in bytes; that of 500 packages has about 2 MiB.
const MAX_DATABASE: u64 = 64 * 1024 * 1024;
/// Lines that can't be read, each told by itself.
const MAX_GAPS: usize = 64;
/// Folders and files of all packages; 500 packages have some 100,000.
const MAX_NAMES: usize = 1_000_000;

pub(super) fn collect(reader: &Reader<'_>, all: &mut Packages) {
    for path in ["/lib/apk/db/installed", "/usr/lib/apk/db/installed"] {
        let Some(text) = reader.text_to(path, MAX_DATABASE, &mut all.gaps) else {
            continue;
        };
        // A merged /usr makes two names of one file.
        if all.items.iter().any(|p| p.at.path == text.at.path) {
            continue;
        }
        all.has_apk = true;
        let mut stanza = Stanza::default();
        let (mut bad, mut names) = (0, 0_usize);
        let end = text.lines().count() + 1;
        for (n, line) in text.lines().chain([(end, "")]) {
            names += usize::from(line.starts_with(['F', 'R']));
            if names > MAX_NAMES {
                let what = say!(error_too_many, most = MAX_NAMES, what = "names");
                let limit = Error::limit(Layer::Packages, None, what);
                all.gaps.push(Gap::new(text.line(n), &limit));
                break;
            }
            if line.is_empty() {
                if let Some(package) = std::mem::take(&mut stanza).finish() {
                    let (line, fact) = package;
                    all.items.push(Found {
                        fact,
                        at: text.line(line),
                    });
                }
            } else if let Err(e) = stanza.line(n, line) {
                bad += 1;
                if bad <= MAX_GAPS {
                    all.gaps.push(Gap::new(text.line(n), &e));
                }
            }
        }
    }
}

#[derive(Default)]
struct Stanza {
    at: usize,
    name: String,
    version: String,
    architecture: String,
    maintainer: Option<String>,
    dirs: Vec<Box<[u8]>>,
    files: Vec<File>,
}

impl Stanza {
    fn line(&mut self, n: usize, line: &str) -> Result<(), Error> {
        let wrong = |what: &str| {
            Error::corrupt(
                Layer::Packages,
                None,
                say!(error_apk, what = what, line = line),
            )
        };
        let (letter, value) = line.split_once(':').ok_or_else(|| wrong("field"))?;
        match letter {
            "P" => (self.at, self.name) = (n, value.into()),
            "V" => self.version = value.into(),
            "A" => self.architecture = value.into(),
            "m" => self.maintainer = Some(value.into()),
            // Folders, without the slash at their beginning.
            "F" => {
                let slash = if value.is_empty() { "" } else { "/" };
                self.dirs
                    .push(format!("/{value}{slash}").into_bytes().into());
            }
            "R" => {
                let dir = self.dirs.len().checked_sub(1);
                let dir = dir.and_then(|d| u32::try_from(d).ok());
                self.files.push(File {
                    dir: dir.ok_or_else(|| wrong("folder"))?,
                    name: value.as_bytes().into(),
                    digest: None,
                    // The type is not recorded; these are the permissions of a file without `a:`.
                    mode: 0o644,
                    config: false,
                    ghost: false,
                    changes: false,
                    target: None,
                    mode_changes: false,
                });
            }
            "Z" => {
                let file = self.files.last_mut().ok_or_else(|| wrong("file"))?;
                // Q1 is SHA-1, Q2 is SHA-256; both in base64.
                let size = match value.get(..2) {
                    Some("Q1") => DigestKind::Sha1.size(),
                    Some("Q2") => DigestKind::Sha256.size(),
                    _ => return Err(wrong("kind")),
                };
                let digest = base64::engine::general_purpose::STANDARD.decode(&value[2..]);
                let digest = digest.ok().filter(|d| d.len() == size);
                let digest = digest.ok_or_else(|| wrong("digest"))?;
                file.digest = Some(digest.into());
            }
            // User, group, permissions, and a digest of the extended attributes.
            "a" => {
                let file = self.files.last_mut().ok_or_else(|| wrong("file"))?;
                let mode = value.split(':').nth(2);
                let mode = mode.and_then(|mode| u32::from_str_radix(mode, 8).ok());
                file.mode = mode.filter(|m| *m <= 0o7777).ok_or_else(|| wrong("mode"))?;
            }
            _ => {}
        }
        Ok(())
    }

    fn finish(self) -> Option<(usize, Package)> {
        let package = Package {
            name: self.name,
            version: self.version,
            architecture: self.architecture,
            state: "installed".into(),
            maintainer: self.maintainer,
            by_arch: false,
            system: PackageSystem::Apk,
            contents: Some(Arc::new(Contents {
                files: Files {
                    kind: DigestKind::Sha1,
                    dirs: self.dirs,
                    items: self.files,
                },
                marks: None,
                build_host: None,
            })),
        };
        (!package.name.is_empty()).then_some((self.at, package))
    }
}
