//! FAT file systems of the corpus against what blkid and fls say in its truth files.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use imgscan_core::bytes::hex;
use imgscan_core::container::{self, OpenOptions};
use imgscan_core::fs::walk::{Step, Walk};
use imgscan_core::fs::{self, FileKind, FileSystem};
use imgscan_core::source::read_all;
use imgscan_core::text::lossless;
use imgscan_core::volume;
use imgscan_core::{Kind, Layer};
use libtest_mimic::{Failed, Trial};
use sha2::{Digest as _, Sha256};

use crate::files;

/// fls names these by a long name whose checksum belongs to another short name; mdir (and the
/// kernel, which checks it too) shows the short one.
const CHECKSUM: [(&str, &str, &str); 1] = [(
    "dfir_ntfs/fat_lfn_test.raw.gz",
    "long_name_test.txt",
    "SHORT.TXT",
)];

static FILES: AtomicUsize = AtomicUsize::new(0);
static ENTRIES: AtomicUsize = AtomicUsize::new(0);

pub fn trials() -> Vec<Trial> {
    files::names()
        .into_iter()
        .filter_map(|name| {
            let truth = files::truth(&name)?;
            truth
                .contains("'TYPE': 'vfat'")
                .then(|| Trial::test(format!("fat {name}"), move || compare(&name, &truth)))
        })
        .collect()
}

/// What the truth says of one FAT file system.
#[derive(Default)]
struct Truth {
    /// First byte on the image.
    offset: u64,
    uuid: Option<String>,
    label: Option<String>,
    /// `fat12` …
    kind: String,
    /// Path to digest; `None` for a directory.
    entries: BTreeMap<String, Option<String>>,
    /// fls could read it.
    listed: bool,
    /// The list is cut.
    cut: bool,
}

fn parse(truth: &str) -> Vec<Truth> {
    let mut all: Vec<Truth> = Vec::new();
    let mut offset = 0;
    let mut inside = false;
    for line in truth.lines() {
        if let Some(rest) = line.strip_prefix("volume at image byte ") {
            offset = rest.split(',').next().unwrap().parse().unwrap();
            inside = false;
        } else if line.starts_with("filesystem at byte 0") {
            inside = line.contains("'TYPE': 'vfat'");
            if inside {
                let value = |key: &str| {
                    let from = line.find(&format!("'{key}': '"))? + key.len() + 5;
                    let to = from + line[from..].find("', '")?;
                    // Python doubled the backslash with which blkid escapes a space.
                    Some(line[from..to].replace("\\\\ ", " "))
                };
                all.push(Truth {
                    offset,
                    uuid: value("UUID"),
                    label: value("LABEL"),
                    kind: value("VERSION").unwrap_or_default().to_lowercase(),
                    ..Truth::default()
                });
            }
        }
        let Some(fat) = all.last_mut().filter(|_| inside) else {
            continue;
        };
        fat.listed |= line.contains("$FAT1");
        fat.cut |= line.contains("cut") && line.contains("lines");
        let Some((left, right)) = line.trim_start().split_once(":\t") else {
            continue;
        };
        if left.contains('*') || left.starts_with('v') || left.starts_with('V') {
            continue;
        }
        if right.contains("(Volume Label Entry)") || right.starts_with("$OrphanFiles") {
            continue;
        }
        let (path, sum) = match right.split_once("  size=") {
            Some((path, rest)) => (path, rest.split_once("sha256=").map(|(_, sum)| sum)),
            None => (right, None),
        };
        if left.starts_with("d/d") || sum.is_some() {
            fat.entries.insert(path.to_owned(), sum.map(str::to_owned));
        }
    }
    all
}

fn compare(name: &str, truth: &str) -> Result<(), Failed> {
    let dir = tempfile::tempdir()?;
    let path = files::unpack(name, dir.path());
    let image = match container::open(&path, &OpenOptions::default()) {
        Ok(image) => image,
        // VMDK and the like: not part of this version.
        Err(e) if e.kind == Kind::Unsupported && e.layer == Layer::Container => return Ok(()),
        Err(e) => return Err(e.to_string().into()),
    };
    let table = volume::open(&image.disk).map_err(|e| e.to_string())?;
    let mut found = Vec::new();
    for truth in parse(truth) {
        let volume = table.volumes.iter().find(|v| v.offset == truth.offset);
        let opened = fs::open(volume.ok_or("no volume at the place")?);
        let fs = opened.file_system().ok_or("no file system")?;
        one(name, fs, &truth, &mut found);
    }
    FILES.fetch_add(1, Ordering::SeqCst);
    match found.is_empty() {
        true => Ok(()),
        false => Err(found.join("\n").into()),
    }
}

fn one(name: &str, fs: &Arc<dyn FileSystem>, truth: &Truth, found: &mut Vec<String>) {
    let info = fs.info();
    let mut same = |what: &str, want: &str, got: &str| {
        if want != got {
            found.push(format!("{what}: want {want:?}, got {got:?}"));
        }
    };
    same("kind", &truth.kind, info.kind);
    let text = |t: &Option<String>| t.clone().unwrap_or_default();
    same("uuid", &text(&truth.uuid), &text(&info.uuid));
    if let Some(label) = &truth.label {
        same("label", label, &text(&info.label));
    }
    if !truth.listed {
        return;
    }
    let mut ours = BTreeMap::new();
    for step in Walk::new(Arc::clone(fs), fs.root(), Vec::new()) {
        let Step::Entry(e) = step else { continue };
        let Ok(meta) = e.metadata else { continue };
        let path = lossless(&e.path[1..]);
        let sum = (meta.kind == FileKind::Regular).then(|| {
            fs.open(meta.id)
                .and_then(|f| read_all(f.as_ref(), 1 << 26))
                .map_or_else(|e| e.to_string(), |bytes| hex(&Sha256::digest(bytes)))
        });
        ours.insert(path, sum);
    }
    for (path, sum) in &truth.entries {
        let known = CHECKSUM.iter().find(|c| c.0 == name && c.1 == path);
        let path = known.map_or(path.as_str(), |c| c.2);
        match ours.remove(path) {
            Some(got) if got == *sum => {}
            Some(got) => found.push(format!("{path}: want {sum:?}, got {got:?}")),
            None => found.push(format!("{path}: missing")),
        }
        ENTRIES.fetch_add(1, Ordering::SeqCst);
    }
    if !truth.cut {
        found.extend(
            ours.keys()
                .map(|p| format!("{p}: the truth does not have it")),
        );
    }
}

/// Says how much was compared.
pub fn print_count() {
    println!(
        "FAT compared with the corpus' truth: {} files, {} entries",
        FILES.load(Ordering::SeqCst),
        ENTRIES.load(Ordering::SeqCst)
    );
}
