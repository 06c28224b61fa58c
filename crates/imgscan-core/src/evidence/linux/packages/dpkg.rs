//! The dpkg database: `status` with its journal `updates/`, `status.d` of images without dpkg,
//! and diversions. Format: deb-control(5), dpkg-query(1), dpkg-divert(1).

use std::collections::BTreeMap;

use super::{Package, PackageSystem, Packages};
use crate::evidence::linux::packages::FileDigest;
use crate::evidence::linux::reader::{Reader, TextFile, base};
use crate::evidence::{Found, Location};
use crate::trust::DigestKind;

/// The longest status file that is read, in bytes; one of 5,000 packages has about 6 MiB.
pub(super) const MAX_STATUS: u64 = 64 * 1024 * 1024;

type Table = BTreeMap<(String, String), Found<Package>>;
/// Configuration files of packages, with the digests that the packages brought them with.
type Conffiles = BTreeMap<String, FileDigest>;

pub(super) fn collect(reader: &Reader<'_>, all: &mut Packages) {
    let mut table = Table::new();
    let conffiles = &mut all.conffiles;
    let gaps = &mut all.gaps;
    if let Some(file) = reader.text_to("/var/lib/dpkg/status", MAX_STATUS, gaps) {
        all.has_dpkg = true;
        add(&mut table, conffiles, &file, None);
    }
    // The journal of an interrupted run: files named by numbers only, applied in their order.
    for path in reader.children(b"/var/lib/dpkg/updates", gaps) {
        if base(&path).iter().all(u8::is_ascii_digit)
            && let Some(file) = reader.text(&path, gaps)
        {
            add(&mut table, conffiles, &file, None);
        }
    }
    // Images without dpkg itself keep one stanza for each package, which has no Status field.
    for path in reader.children(b"/var/lib/dpkg/status.d", gaps) {
        if base(&path).ends_with(b".md5sums") {
            continue;
        }
        if let Some(file) = reader.text(&path, gaps) {
            all.has_dpkg = true;
            add(&mut table, conffiles, &file, Some("installed"));
        }
    }
    if let Some(file) = reader.text("/var/lib/dpkg/diversions", gaps) {
        let lines: Vec<&str> = file.text.lines().collect();
        for three in lines.chunks_exact(3) {
            all.diversions
                .push((three[0].into(), three[1].into(), three[2].into()));
        }
    }
    all.items = table.into_values().collect();
}

fn add(table: &mut Table, conffiles: &mut Conffiles, file: &TextFile, state: Option<&str>) {
    let mut stanza = Stanza::default();
    for (n, line) in file.lines() {
        if line.trim().is_empty() {
            stanza.finish(table, &file.at, state);
            stanza = Stanza::default();
        } else if !line.starts_with([' ', '\t']) {
            stanza.field(n, line);
        } else if stanza.lists_conffiles {
            // Path, MD5, and possibly `obsolete`.
            let mut words = line.split_whitespace();
            if let (Some(path), Some(hex)) = (words.next(), words.next())
                && hex.len() == 32
            {
                let digest = FileDigest {
                    kind: DigestKind::Md5,
                    hex: hex.to_ascii_lowercase(),
                };
                conffiles.insert(path.to_owned(), digest);
            }
        }
    }
    stanza.finish(table, &file.at, state);
}

#[derive(Default)]
struct Stanza<'a> {
    line: usize,
    package: &'a str,
    version: &'a str,
    architecture: &'a str,
    status: &'a str,
    maintainer: &'a str,
    multi_arch: &'a str,
    /// The lines that follow are those of `Conffiles`.
    lists_conffiles: bool,
}

impl<'a> Stanza<'a> {
    fn field(&mut self, n: usize, line: &'a str) {
        let Some((name, value)) = line.split_once(':') else {
            return;
        };
        let value = value.trim();
        self.lists_conffiles = name.eq_ignore_ascii_case("conffiles");
        let slot = match name.to_ascii_lowercase().as_str() {
            "package" => {
                self.line = n;
                &mut self.package
            }
            "version" => &mut self.version,
            "architecture" => &mut self.architecture,
            "status" => &mut self.status,
            "maintainer" => &mut self.maintainer,
            "multi-arch" => &mut self.multi_arch,
            _ => return,
        };
        *slot = value;
    }

    fn finish(self, table: &mut Table, at: &Location, state: Option<&str>) {
        if self.package.is_empty() {
            return;
        }
        // Status: want, error flag, state. Without the field dpkg takes not-installed.
        let told = self.status.split_whitespace().nth(2);
        let package = Package {
            name: self.package.into(),
            version: self.version.into(),
            architecture: self.architecture.into(),
            state: told.or(state).unwrap_or("not-installed").into(),
            maintainer: Some(self.maintainer.to_owned()).filter(|m| !m.is_empty()),
            by_arch: self.multi_arch == "same",
            system: PackageSystem::Dpkg,
            contents: None,
        };
        table.insert(
            (package.name.clone(), package.architecture.clone()),
            Found {
                at: at.clone().line(self.line),
                fact: package,
            },
        );
    }
}
