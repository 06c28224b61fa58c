//! Finds and unpacks corpus files.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The corpus folder, where there is one.
pub fn folder() -> Option<PathBuf> {
    let named = std::env::var_os("IMGSCAN_CORPUS").map(PathBuf::from);
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus");
    let dir = named.unwrap_or(beside);
    dir.join("MANIFEST.tsv").is_file().then_some(dir)
}

/// Unpacks `name` (a path inside the corpus as MANIFEST.tsv writes it) into `dir` by its ending
/// (`.zst`, `.gz`, `.xz`, `.bz2`) and returns the path of the plain file.
pub fn unpack(name: &str, dir: &Path) -> PathBuf {
    let source = folder().expect("corpus").join(name);
    let file = source
        .file_name()
        .expect("name")
        .to_string_lossy()
        .into_owned();
    let (plain, tool) = match file.rsplit_once('.') {
        Some((stem, "zst")) => (stem, Some("zstd")),
        Some((stem, "gz")) => (stem, Some("gzip")),
        Some((stem, "xz")) => (stem, Some("xz")),
        Some((stem, "bz2")) => (stem, Some("bzip2")),
        _ => (file.as_str(), None),
    };
    let target = dir.join(plain);
    match tool {
        None => {
            std::fs::copy(&source, &target).expect("copy");
        }
        Some(tool) => {
            let out = std::fs::File::create(&target).expect("create");
            let status = Command::new(tool)
                .arg("-dc")
                .arg(&source)
                .stdout(Stdio::from(out))
                .status()
                .unwrap_or_else(|e| panic!("{tool}: {e}"));
            assert!(status.success(), "{tool} {}", source.display());
        }
    }
    target
}

/// The truth text of corpus file `name`: the name without a packing ending `.zst`, then
/// `.truth.txt` (itself packed or not).
pub fn truth(name: &str) -> Option<String> {
    let dir = folder()?;
    let stem = name.strip_suffix(".zst").unwrap_or(name);
    for candidate in [stem, name] {
        let plain = dir.join(format!("{candidate}.truth.txt"));
        if let Ok(bytes) = std::fs::read(&plain) {
            return Some(String::from_utf8_lossy(&bytes).into_owned());
        }
        let packed = dir.join(format!("{candidate}.truth.txt.zst"));
        if packed.is_file() {
            let out = Command::new("zstd")
                .arg("-dcq")
                .arg(&packed)
                .output()
                .expect("zstd");
            return Some(String::from_utf8_lossy(&out.stdout).into_owned());
        }
    }
    None
}

/// Every file that MANIFEST.tsv lists, in its order; empty without the corpus.
pub fn names() -> Vec<String> {
    let Some(dir) = folder() else {
        return Vec::new();
    };
    let manifest = std::fs::read_to_string(dir.join("MANIFEST.tsv")).expect("MANIFEST.tsv");
    let rows = manifest.lines().skip(1);
    rows.filter_map(|row| row.split('\t').next())
        .map(str::to_owned)
        .collect()
}
