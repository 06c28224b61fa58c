//! Roots and boot code that are known by their digests (`trust/windows-roots.tsv`,
//! `trust/boot-code.tsv`), each with its name and where the digest comes from.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use schemars::JsonSchema;
use serde::Deserialize;

const ROOTS: &str = include_str!("../../trust/windows-roots.tsv");
const BOOT_CODE: &str = include_str!("../../trust/boot-code.tsv");

/// The name of the root that Windows trusts whose thumbprint is `sha1` (40 hexadecimal digits).
#[must_use]
pub(crate) fn windows_root(sha1: &str) -> Option<&'static str> {
    static KNOWN: OnceLock<BTreeMap<&str, &str>> = OnceLock::new();
    let known = KNOWN.get_or_init(|| {
        let rows = rows(ROOTS).filter_map(|mut row| Some((row.next()?, row.next()?)));
        rows.collect()
    });
    known.get(sha1.to_ascii_uppercase().as_str()).copied()
}

/// Known code of boot sectors.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct BootCode {
    /// What carries it.
    pub(crate) of: CodePlace,
    /// Whose it is.
    pub(crate) name: String,
    /// How many of its first bytes are hashed.
    pub(crate) bytes: usize,
    /// Their SHA-256 in hexadecimal.
    pub(crate) sha256: String,
    /// The file in the root of its volume that code of a partition loads, with the rest of itself.
    #[serde(default)]
    pub(crate) loads: Option<String>,
}

/// What carries boot code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum CodePlace {
    /// The first sector of the disk.
    Disk,
    /// The first sectors of the active partition.
    Partition,
    /// The file `bootmgr`, as a whole.
    Manager,
}

/// The boot code of Windows and of what formats its volumes.
#[must_use]
pub(crate) fn boot_code() -> &'static [BootCode] {
    static KNOWN: OnceLock<Vec<BootCode>> = OnceLock::new();
    KNOWN.get_or_init(|| rows(BOOT_CODE).filter_map(code).collect())
}

fn code(mut row: std::str::Split<'static, char>) -> Option<BootCode> {
    Some(BootCode {
        of: match row.next()? {
            "disk" => CodePlace::Disk,
            "partition" => CodePlace::Partition,
            "manager" => CodePlace::Manager,
            _ => return None,
        },
        name: row.next()?.to_owned(),
        bytes: row.next()?.parse().ok()?,
        sha256: row.next()?.to_owned(),
        loads: match row.next()? {
            "-" => None,
            file => Some(file.to_owned()),
        },
    })
}

/// The rows of a table, without comments and the line of titles.
fn rows(table: &'static str) -> impl Iterator<Item = std::str::Split<'static, char>> {
    let lines = table.lines().filter(|line| !line.starts_with('#'));
    lines.skip(1).map(|line| line.split('\t'))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn fields(table: &'static str) -> Vec<Vec<&'static str>> {
        rows(table).map(Iterator::collect).collect()
    }

    #[test]
    fn every_root_is_named_once_with_its_source() {
        let mut seen = BTreeSet::new();
        for row in fields(ROOTS) {
            let [sha1, name, source] = row[..] else {
                panic!("{row:?}");
            };
            let digit = |b: u8| b.is_ascii_digit() || (b'A'..=b'F').contains(&b);
            assert!(sha1.len() == 40 && sha1.bytes().all(digit), "{sha1}");
            assert!(!name.is_empty() && !source.is_empty(), "{sha1}");
            assert!(seen.insert(sha1), "{sha1} is duplicated");
            assert_eq!(windows_root(&sha1.to_lowercase()), Some(name));
        }
        assert_eq!(windows_root(&"0".repeat(40)), None);
    }

    #[test]
    fn roots_that_are_pinned_have_the_thumbprint_of_their_file() {
        let dir = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut seen = 0;
        for row in fields(ROOTS) {
            if let Some(file) = row[2].strip_prefix("trust/") {
                let der = std::fs::read(dir.join("trust").join(file)).unwrap();
                let sha1 = crate::trust::DigestKind::Sha1.of(&der);
                assert_eq!(crate::bytes::hex(&sha1).to_uppercase(), row[0], "{file}");
                seen += 1;
            }
        }
        assert_eq!(seen, 10);
    }

    #[test]
    fn every_boot_code_is_read() {
        let all = fields(BOOT_CODE);
        assert_eq!(boot_code().len(), all.len());
        for row in all {
            assert_eq!(row.len(), 6, "{row:?}");
            assert!(row[3].len() == 64 && !row[5].is_empty(), "{row:?}");
        }
    }
}
