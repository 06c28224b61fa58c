//! Entry files of the boot loader specification (UAPI.1), as the two loaders read them that do:
//! GRUB's `blscfg` (rules 3.6b, 3.6c) and systemd-boot (rules 4.1c, 4.2b). They differ.

use super::raw::raw;
use super::volumes::Volumes;
use crate::evidence::{Gap, Location};
use crate::fs::FileKind;

/// The longest entry file that is read, in bytes.
const MAX_ENTRY: u64 = 1024 * 1024;

/// An entry file.
#[derive(Debug, Clone)]
pub(super) struct EntryFile {
    /// The name without `.conf`.
    pub(super) id: String,
    pub(super) at: Location,
    text: String,
}

impl EntryFile {
    /// Reads the file `name` of a folder.
    pub(super) fn read(
        volumes: &Volumes<'_>,
        volume: usize,
        folder: &str,
        name: &str,
    ) -> Option<Self> {
        let path = format!("{folder}/{name}");
        let found = volumes.find(volume, &path)?;
        if found.metadata.kind != FileKind::Regular {
            return None;
        }
        let read = found.read(MAX_ENTRY);
        let bytes = match read {
            Ok(bytes) => bytes,
            Err(e) => {
                volumes.gap(Gap::new(Location::of(&found), &e));
                return None;
            }
        };
        Some(Self {
            id: name[..name.len().saturating_sub(5)].to_owned(),
            at: Location {
                sha256: Some(crate::bytes::hex(
                    &crate::trust::DigestKind::Sha256.of(&bytes),
                )),
                ..Location::of(&found)
            },
            text: raw(&bytes),
        })
    }

    /// Keys and values in the order of their lines. A key ends at the first blank of the line, and
    /// only in a line without one at the first tab (`blsuki`: at whichever comes first); the first
    /// line without a value ends the file.
    pub(super) fn as_grub_reads_it(&self, uki: bool) -> Vec<(String, String)> {
        let mut all = Vec::new();
        for line in self.text.split('\n') {
            let line = line.replace('\r', "");
            let line = line.trim_start_matches([' ', '\t']);
            if line.starts_with('#') {
                continue;
            }
            let end = match uki {
                true => line.find([' ', '\t']),
                false => line.find(' ').or_else(|| line.find('\t')),
            };
            let Some((key, value)) = end.map(|end| line.split_at(end)) else {
                break;
            };
            if value.len() < 2 {
                break;
            }
            let value = value.trim_start_matches([' ', '\t']);
            all.push((key.to_owned(), value.to_owned()));
        }
        all
    }

    /// Keys and values in the order of their lines.
    pub(super) fn as_systemd_reads_it(&self) -> Vec<(String, String)> {
        systemd_lines(&self.text)
    }
}

/// The lines of systemd-boot's files: they end at CR or LF, and the file at NUL; blanks around are
/// taken off; a value in `"…"` loses the quotes; a key without value is nothing.
pub(super) fn systemd_lines(text: &str) -> Vec<(String, String)> {
    let text = text.split('\0').next().unwrap_or("");
    let mut all = Vec::new();
    for line in text.split(['\r', '\n']) {
        let line = line.trim_matches([' ', '\t']);
        if line.starts_with('#') {
            continue;
        }
        let Some((key, value)) = line.split_once([' ', '\t']) else {
            continue;
        };
        let value = value.trim_matches([' ', '\t']);
        let quoted = value.strip_prefix('"').and_then(|v| v.strip_suffix('"'));
        let value = quoted.unwrap_or(value);
        if !value.is_empty() {
            all.push((key.to_owned(), value.to_owned()));
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(text: &str) -> EntryFile {
        EntryFile {
            id: "a".into(),
            at: Location::default(),
            text: text.into(),
        }
    }

    fn shown(pairs: &[(String, String)]) -> String {
        let all: Vec<String> = pairs.iter().map(|(k, v)| format!("{k}={v}")).collect();
        all.join("|")
    }

    #[test]
    fn one_file_reads_differently_in_two_loaders() {
        let text = "title A\n# x\nlinux  /a\ntitle\tB c\noptions x y \r\n\noptions z\n";
        // blscfg.c: the key of a line with a blank ends there, and an empty line ends the file.
        assert_eq!(
            shown(&file(text).as_grub_reads_it(false)),
            "title=A|linux=/a|title\tB=c|options=x y "
        );
        assert_eq!(
            shown(&file(text).as_grub_reads_it(true)),
            "title=A|linux=/a|title=B c|options=x y "
        );
        // boot/efi/util.c: all lines count, and CR ends one too.
        assert_eq!(
            shown(&file(text).as_systemd_reads_it()),
            "title=A|linux=/a|title=B c|options=x y|options=z"
        );
        assert_eq!(shown(&systemd_lines("a \"b c\"\rd e\0f g\n")), "a=b c|d=e");
    }
}
