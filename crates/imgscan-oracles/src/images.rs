//! The images that are compared: the corpus where it is there, and the project's own fixtures.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

use imgscan_core::container::{self, OpenOptions};
use imgscan_core::fs::{self, OpenVolume};
use imgscan_core::source::{MemorySource, ReadAt};
use imgscan_core::volume::{self, Table};

/// Folders of fixtures that hold disks and volumes.
const FIXTURES: [&str; 4] = ["volumes", "ext", "ntfs", "demo"];

/// A disk, and how imgscan divides it.
pub struct Image {
    /// As the corpus names its file, or `testdata/…`.
    pub name: String,
    /// The guest's disk.
    pub disk: Arc<dyn ReadAt>,
    /// Its partitions.
    pub table: Table,
}

fn testdata() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata")
}

/// The corpus folder, where there is one: as `imgscan-core`'s tests look for it.
fn corpus() -> Option<PathBuf> {
    let named = std::env::var_os("IMGSCAN_CORPUS").map(PathBuf::from);
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus");
    let dir = named.unwrap_or(beside);
    dir.join("MANIFEST.tsv").is_file().then_some(dir)
}

/// The path of a file of the corpus or of `testdata/…`.
fn place(name: &str) -> PathBuf {
    match name.strip_prefix("testdata/") {
        Some(rest) => testdata().join(rest),
        None => corpus().expect("corpus").join(name),
    }
}

/// A file of the project's fixtures, unpacked.
#[must_use]
pub fn fixture(name: &str) -> Vec<u8> {
    bytes(&format!("testdata/{name}"))
}

/// The plain bytes of a file of the corpus or of `testdata/…`, unpacked by its ending.
#[must_use]
pub fn bytes(name: &str) -> Vec<u8> {
    let path = place(name);
    let read = || std::fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let tool = match name.rsplit_once('.') {
        Some((_, "zst")) => return zstd::decode_all(read().as_slice()).expect("zstd"),
        Some((_, "gz")) => "gzip",
        Some((_, "xz")) => "xz",
        Some((_, "bz2")) => "bzip2",
        _ => return read(),
    };
    let run = Command::new(tool).arg("-dc").arg(&path).output();
    let run = run.unwrap_or_else(|e| panic!("{tool}: {e}"));
    assert!(run.status.success(), "{tool} {}", path.display());
    run.stdout
}

/// Calls `take` with the name of every file of the corpus and of the folders of `testdata`; returns
/// whether the corpus is there. With `CI=true` it must be.
///
/// # Panics
/// If it must be there and is not.
#[must_use]
pub fn each_file(folders: &[&str], mut take: impl FnMut(&str)) -> bool {
    for folder in folders {
        let dir = std::fs::read_dir(testdata().join(folder)).expect("testdata");
        let names = dir.map(|entry| entry.expect("entry").file_name());
        let mut names: Vec<_> = names.map(|n| n.to_string_lossy().into_owned()).collect();
        names.sort();
        for name in names {
            take(&format!("testdata/{folder}/{name}"));
        }
    }
    let Some(dir) = corpus() else {
        // Not by a macro: the line is to be seen where the test passes.
        let skipped = "SKIPPED: no corpus folder; only the fixtures are compared";
        let _ = writeln!(std::io::stdout(), "{skipped}");
        let must = std::env::var("CI").is_ok_and(|v| v == "true");
        assert!(!must, "with CI=true the corpus must be there");
        return false;
    };
    let manifest = std::fs::read_to_string(dir.join("MANIFEST.tsv")).expect("MANIFEST.tsv");
    for row in manifest.lines().skip(1) {
        take(row.split('\t').next().unwrap_or_default());
    }
    true
}

/// Calls `take` with every disk; returns whether the corpus is there.
#[must_use]
pub fn each_image(mut take: impl FnMut(&Image)) -> bool {
    each_file(&FIXTURES, |name| {
        if let Some(disk) = disk(name)
            && let Ok(table) = volume::open(&disk)
        {
            let name = name.to_owned();
            take(&Image { name, disk, table });
        }
    })
}

/// Calls `take` with every volume that imgscan opens as a file system whose kind begins with
/// `kind`. It is named as its image, with the partition's name behind it where there are several.
#[must_use]
pub fn each_volume(kind: &str, mut take: impl FnMut(&str, &OpenVolume)) -> bool {
    each_image(|image| {
        for volume in &image.table.volumes {
            let open = fs::open(volume);
            let is = open.file_system().map(|f| f.info().kind);
            if is.is_some_and(|k| k.starts_with(kind)) {
                match volume.number {
                    0 => take(&image.name, &open),
                    _ => take(&format!("{} {}", image.name, volume.name), &open),
                }
            }
        }
    })
}

/// The guest's disk in a file. VMDK, VHDX and growing VHD, which imgscan does not read, are
/// converted by qemu-img: here they serve for their volumes. A fixed VHD is a raw disk with a
/// footer behind it.
fn disk(name: &str) -> Option<Arc<dyn ReadAt>> {
    let bytes = bytes(name);
    let foreign = [&b"KDMV"[..], b"vhdxfile", b"conectix"];
    if foreign.iter().any(|magic| bytes.starts_with(magic)) {
        return converted(&bytes).map(|raw| Arc::new(MemorySource(raw)) as Arc<dyn ReadAt>);
    }
    let source = Arc::new(MemorySource(bytes));
    Some(
        container::open_source(source, &OpenOptions::default())
            .ok()?
            .disk,
    )
}

/// What qemu-img makes of a container; `None` for one that it refuses too, and for more than 128 MiB.
fn converted(bytes: &[u8]) -> Option<Vec<u8>> {
    const MOST: u64 = 128 << 20;
    let dir = tempfile::tempdir().expect("temporary folder");
    let (from, to) = (dir.path().join("from"), dir.path().join("to"));
    std::fs::write(&from, bytes).expect("write");
    let mut run = Command::new("qemu-img");
    run.args(["convert", "-O", "raw"]).args([&from, &to]);
    let run = run.stderr(Stdio::null()).status().expect("qemu-img");
    let short = run.success() && std::fs::metadata(&to).is_ok_and(|m| m.len() <= MOST);
    short.then(|| std::fs::read(&to).expect("read"))
}
