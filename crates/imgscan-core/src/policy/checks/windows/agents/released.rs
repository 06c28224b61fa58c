//! The files that releases of cloudbase-init and of the packages that it needs bring, each at its
//! place. testdata/recipes/released_files.py makes the list and says what is in it.

use crate::trust::DigestKind;

/// What is kept of a file, in bytes.
const KEPT: usize = 16;
/// Sorted.
static FILES: &[u8] = include_bytes!("released.bin");
/// Places of the programs that pip and setuptools put before a script.
const LAUNCHERS: [&str; 3] = [
    "lib/site-packages/pip/_vendor/distlib/",
    "lib/site-packages/setuptools/",
    "lib/site-packages/distlib/",
];
const LAUNCHER_NAMES: [&str; 12] = [
    "t64.exe",
    "w64.exe",
    "t32.exe",
    "w32.exe",
    "cli.exe",
    "gui.exe",
    "cli-64.exe",
    "gui-64.exe",
    "cli-32.exe",
    "gui-32.exe",
    "t64-arm.exe",
    "w64-arm.exe",
];

/// True where a release has the file with that digest (SHA-256 in lower-case hexadecimal; of text
/// with the newlines as LF) at `place`, its path from the folder of Python in lower case.
pub(super) fn holds(place: &str, sha256: &str) -> bool {
    let line = format!("{sha256}  {place}");
    let digest = DigestKind::Sha256.of(line.as_bytes());
    let Some(wanted) = digest.get(..KEPT) else {
        return false;
    };
    let (files, _) = FILES.as_chunks::<KEPT>();
    files
        .binary_search_by(|file| file.as_slice().cmp(wanted))
        .is_ok()
}

/// True for the digest of a program that runs the script behind it or beside it.
pub(super) fn is_launcher(sha256: &str) -> bool {
    LAUNCHERS.iter().any(|folder| {
        let mut names = LAUNCHER_NAMES.iter();
        names.any(|name| holds(&format!("{folder}{name}"), sha256))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_sorted_and_small() {
        let (files, rest) = FILES.as_chunks::<KEPT>();
        assert!(rest.is_empty());
        assert!(files.is_sorted_by(|a, b| a < b));
        assert!(FILES.len() < 2 << 20, "{}", FILES.len());
    }
}
