//! Compares the whole tree of an image with the manifest that `testdata/recipes/manifest.py` wrote.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use imgscan_core::bytes::hex;
use imgscan_core::fs::{self, Attributes, FileKind, FileSystem, Metadata, NodeId, Timestamp};
use imgscan_core::source::{FileSource, ReadAt};
use imgscan_core::volume::{self, Volume};
use libtest_mimic::{Failed, Trial};
use serde_json::Value;
use sha2::{Digest, Sha256};

/// A line of the table at the end.
struct Row {
    image: String,
    entries: usize,
    differences: usize,
}

static TABLE: Mutex<Vec<Row>> = Mutex::new(Vec::new());

/// How many differences of one image are printed.
const SHOWN: usize = 20;

/// One trial for each `NAME.img` with a `NAME.truth` in the folder `kind` of `IMGSCAN_MATRIX`.
pub fn trials(kind: &'static str) -> Vec<Trial> {
    let Some(root) = std::env::var_os("IMGSCAN_MATRIX") else {
        return Vec::new();
    };
    let folder = PathBuf::from(root).join(kind);
    let mut images: Vec<PathBuf> = std::fs::read_dir(&folder)
        .map(|d| d.filter_map(|e| Some(e.ok()?.path())).collect())
        .unwrap_or_default();
    images.retain(|p| p.extension().is_some_and(|e| e == "img"));
    images.retain(|p| p.with_extension("truth").is_file());
    images.sort();
    images
        .into_iter()
        .map(|image| {
            let stem = image.file_stem().unwrap_or_default().to_string_lossy();
            let name = format!("{kind}/{stem}");
            Trial::test(name.clone(), move || one(&name, &image))
        })
        .collect()
}

/// One trial for each `NAME.img.zst` with its `NAME.truth.zst` in the folder `kind` of `testdata`.
pub fn fixtures(kind: &'static str) -> Vec<Trial> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../testdata")
        .join(kind);
    let mut images: Vec<PathBuf> = std::fs::read_dir(&folder)
        .map(|d| d.filter_map(|e| Some(e.ok()?.path())).collect())
        .unwrap_or_default();
    images.retain(|p| p.to_string_lossy().ends_with(".img.zst"));
    images.sort();
    images
        .into_iter()
        .map(|packed| {
            let file = packed.file_name().unwrap_or_default().to_string_lossy();
            let stem = file.trim_end_matches(".img.zst").to_owned();
            let name = format!("testdata/{kind}/{stem}");
            Trial::test(name.clone(), move || {
                let dir = tempfile::tempdir().unwrap();
                for ending in ["img", "truth"] {
                    let packed = packed.with_file_name(format!("{stem}.{ending}.zst"));
                    let plain = zstd::decode_all(std::fs::File::open(packed).unwrap()).unwrap();
                    std::fs::write(dir.path().join(format!("{stem}.{ending}")), plain).unwrap();
                }
                one(&name, &dir.path().join(format!("{stem}.img")))
            })
        })
        .collect()
}

/// Prints image, entries compared, differences.
pub fn print_table() {
    let mut rows = TABLE.lock().unwrap();
    rows.sort_by(|a, b| a.image.cmp(&b.image));
    println!("{:40} {:>10} {:>12}", "image", "entries", "differences");
    for r in rows.iter() {
        println!("{:40} {:>10} {:>12}", r.image, r.entries, r.differences);
    }
}

fn one(name: &str, image: &Path) -> Result<(), Failed> {
    let truth = read_truth(&image.with_extension("truth"));
    let (entries, found) = match open(image) {
        Ok(fs) => compare(fs.as_ref(), &truth),
        Err(e) => (0, vec![format!("not opened: {e}")]),
    };
    record(name, entries, found)
}

/// Notes a row of the table; the trial fails where there are differences.
pub fn record(name: &str, entries: usize, found: Vec<String>) -> Result<(), Failed> {
    TABLE.lock().unwrap().push(Row {
        image: name.into(),
        entries,
        differences: found.len(),
    });
    if found.is_empty() {
        return Ok(());
    }
    let more = found.len().saturating_sub(SHOWN);
    let mut text = found[..found.len() - more].join("\n");
    if more > 0 {
        text.push_str(&format!("\n… and {more} more"));
    }
    Err(text.into())
}

/// The file system on the whole image, or else on the first partition that has one.
fn open(image: &Path) -> Result<Arc<dyn FileSystem>, String> {
    let disk: Arc<dyn ReadAt> = Arc::new(FileSource::open(image).map_err(|e| e.to_string())?);
    let whole = whole(&disk);
    let table = volume::open(&disk).map_err(|e| e.to_string())?;
    let mut why = String::new();
    for volume in [whole].iter().chain(&table.volumes) {
        match fs::open(volume).content {
            fs::Content::FileSystem(fs) => return Ok(fs),
            fs::Content::Gap(sig, e) => why.push_str(&format!("{} {sig:?}: {e}; ", volume.name)),
            other => why.push_str(&format!("{} {}; ", volume.name, other.text())),
        }
    }
    Err(why)
}

/// The disk as one volume.
pub fn whole(disk: &Arc<dyn ReadAt>) -> Volume {
    Volume {
        name: "disk".into(),
        number: 0,
        offset: 0,
        len: disk.len(),
        kind: String::new(),
        label: None,
        part_uuid: None,
        bootable: false,
        attributes: 0,
        data: Arc::clone(disk),
    }
}

fn unhex(text: &str) -> Vec<u8> {
    (0..text.len() / 2)
        .map(|i| u8::from_str_radix(&text[2 * i..2 * i + 2], 16).unwrap())
        .collect()
}

fn read_truth(path: &Path) -> BTreeMap<Vec<u8>, Value> {
    let text = std::fs::read_to_string(path).unwrap();
    text.lines()
        .map(|line| {
            let entry: Value = serde_json::from_str(line).unwrap();
            (unhex(entry["path"].as_str().unwrap()), entry)
        })
        .collect()
}

/// Walks `fs` and compares with `truth`: the number of entries compared, and every difference.
fn compare(fs: &dyn FileSystem, truth: &BTreeMap<Vec<u8>, Value>) -> (usize, Vec<String>) {
    let mut found = Vec::new();
    let mut compared = 0;
    let mut seen = std::collections::BTreeSet::new();
    let mut digests = BTreeMap::new();
    let mut todo = vec![(b"/".to_vec(), fs.root())];
    while let Some((path, id)) = todo.pop() {
        let shown = imgscan_core::text::terminal_bytes(&path);
        if !seen.insert(path.clone()) {
            found.push(format!("{shown}: listed twice"));
            continue;
        }
        let meta = match fs.metadata(id) {
            Ok(m) => m,
            Err(e) => {
                found.push(format!("{shown}: {e}"));
                continue;
            }
        };
        match truth.get(&path) {
            None => found.push(format!("{shown}: the truth does not have it")),
            Some(entry) => {
                compared += 1;
                let mut check = Check {
                    fs,
                    id,
                    shown: &shown,
                    found: &mut found,
                };
                check.entry(&meta, entry, &mut digests);
            }
        }
        if meta.kind == FileKind::Directory {
            let mut check = Check {
                fs,
                id,
                shown: &shown,
                found: &mut found,
            };
            todo.extend(check.directory(&path));
        }
    }
    for path in truth.keys().filter(|p| !seen.contains(*p)) {
        let shown = imgscan_core::text::terminal_bytes(path);
        found.push(format!("{shown}: missing"));
    }
    (compared, found)
}

struct Check<'a> {
    fs: &'a dyn FileSystem,
    id: NodeId,
    shown: &'a str,
    found: &'a mut Vec<String>,
}

impl Check<'_> {
    fn same<T: PartialEq + std::fmt::Debug>(&mut self, what: &str, want: T, got: T) {
        if want != got {
            let shown = self.shown;
            self.found
                .push(format!("{shown}: {what}: want {want:?}, got {got:?}"));
        }
    }

    fn failed(&mut self, what: &str, e: &imgscan_core::Error) {
        self.found.push(format!("{}: {what}: {e}", self.shown));
    }

    /// The children, after looking some of them up by name.
    fn directory(&mut self, path: &[u8]) -> Vec<(Vec<u8>, NodeId)> {
        let listing = match self.fs.read_dir(self.id) {
            Ok(l) => l,
            Err(e) => {
                self.failed("read_dir", &e);
                return Vec::new();
            }
        };
        for damage in &listing.damage {
            self.failed("damage", damage);
        }
        // All names of a huge directory would take a reader without an index for ever.
        let step = 1 + listing.entries.len() / 500;
        for entry in listing.entries.iter().step_by(step) {
            match self.fs.lookup(self.id, &entry.name) {
                Ok(got) => self.same("lookup", Some(entry.id), got),
                Err(e) => self.failed("lookup", &e),
            }
        }
        match self.fs.lookup(self.id, b"no such name, surely") {
            Ok(got) => self.same("lookup of nothing", None, got),
            Err(e) => self.failed("lookup of nothing", &e),
        }
        let parent = path.strip_suffix(b"/").unwrap_or(path);
        listing
            .entries
            .into_iter()
            .map(|e| ([parent, b"/", &e.name].concat(), e.id))
            .collect()
    }

    fn entry(&mut self, meta: &Metadata, want: &Value, digests: &mut BTreeMap<NodeId, String>) {
        self.same("type", want["type"].as_str(), letter(meta.kind));
        let numbers = [
            ("size", Some(meta.size)),
            ("mode", meta.mode.map(u64::from)),
            ("uid", meta.uid.map(u64::from)),
            ("gid", meta.gid.map(u64::from)),
            ("nlink", Some(meta.links.into())),
        ];
        for (name, got) in numbers {
            if !want[name].is_null() {
                self.same(name, want[name].as_u64(), got);
            }
        }
        let times = [
            ("mtime", meta.modified),
            ("ctime", meta.changed),
            ("atime", meta.accessed),
            ("btime", meta.created),
        ];
        for (name, got) in times {
            if !want[name].is_null() {
                self.same(name, time(&want[name]), got);
            }
        }
        if let Some(rdev) = want["rdev"].as_array() {
            let numbers: Vec<u64> = rdev.iter().filter_map(Value::as_u64).collect();
            let got = meta.device.map(|(a, b)| vec![a.into(), b.into()]);
            self.same("rdev", Some(numbers), got);
        }
        if let Some(names) = want["attributes"].as_array() {
            let mut bits = Attributes::empty();
            for name in names {
                bits |= attribute(name.as_str().unwrap());
            }
            let mask = attribute("immutable") | attribute("append-only") | attribute("encrypted");
            self.same("attributes", bits & mask, meta.attributes & mask);
        }
        if let Some(xattrs) = want["xattrs"].as_object() {
            self.xattrs(xattrs);
        }
        if let Some(target) = want["link"].as_str() {
            match self.fs.read_link(self.id) {
                Ok(got) => self.same("link", target, &hex(&got)),
                Err(e) => self.failed("link", &e),
            }
        }
        if let Some(sum) = want["sha256"].as_str() {
            self.contents(sum, digests);
        }
        if let Some(streams) = want["streams"].as_object() {
            self.streams(streams);
        }
    }

    fn contents(&mut self, want: &str, digests: &mut BTreeMap<NodeId, String>) {
        let got = match digests.get(&self.id) {
            Some(sum) => sum.clone(),
            None => match self.fs.open(self.id).and_then(|f| sha256(f.as_ref())) {
                Ok(sum) => {
                    digests.insert(self.id, sum.clone());
                    sum
                }
                Err(e) => return self.failed("contents", &e),
            },
        };
        self.same("sha256", want, got.as_str());
    }

    fn xattrs(&mut self, want: &serde_json::Map<String, Value>) {
        match self.fs.xattrs(self.id) {
            Ok(got) => {
                let got: BTreeMap<String, String> = got
                    .into_iter()
                    .map(|(n, v)| (imgscan_core::text::lossless(&n), hex(&v)))
                    .collect();
                let want = want
                    .iter()
                    .map(|(n, v)| (n.clone(), v.as_str().unwrap().to_owned()))
                    .collect();
                self.same("xattrs", want, got);
            }
            Err(e) => self.failed("xattrs", &e),
        }
    }

    fn streams(&mut self, want: &serde_json::Map<String, Value>) {
        let mut got = BTreeMap::new();
        match self.fs.streams(self.id) {
            Ok(streams) => {
                for s in streams {
                    let opened = self.fs.open_stream(self.id, &s.name);
                    match opened.and_then(|f| sha256(f.as_ref())) {
                        Ok(sum) => {
                            got.insert(hex(&s.name), serde_json::json!([s.size, sum]));
                        }
                        Err(e) => self.failed("stream", &e),
                    }
                }
            }
            Err(e) => self.failed("streams", &e),
        }
        let want = want.iter().map(|(n, v)| (n.clone(), v.clone())).collect();
        self.same("streams", want, got);
    }
}

fn letter(kind: FileKind) -> Option<&'static str> {
    Some(match kind {
        FileKind::Regular => "f",
        FileKind::Directory => "d",
        FileKind::Symlink => "l",
        FileKind::CharDevice => "c",
        FileKind::BlockDevice => "b",
        FileKind::Fifo => "p",
        FileKind::Socket => "s",
        _ => return None,
    })
}

fn attribute(name: &str) -> Attributes {
    match name {
        "immutable" => Attributes::IMMUTABLE,
        "append-only" => Attributes::APPEND_ONLY,
        "encrypted" => Attributes::ENCRYPTED,
        "verity" => Attributes::VERITY,
        other => panic!("unknown attribute {other}"),
    }
}

fn time(pair: &Value) -> Option<Timestamp> {
    Some(Timestamp {
        secs: pair[0].as_i64()?,
        nanos: pair[1].as_u64()?.try_into().ok()?,
    })
}

/// The digest of all of `file`, read as holes and data as [`ReadAt::next_data`] tells.
pub fn sha256(file: &dyn ReadAt) -> imgscan_core::Result<String> {
    let mut hash = Sha256::new();
    let mut buf = vec![0; 1 << 20];
    let zeros = vec![0; 1 << 20];
    let mut at = 0;
    let end = file.len();
    while at < end {
        let data = file.next_data(at)?.unwrap_or(end..end);
        while at < data.start.min(end) {
            let n = (data.start.min(end) - at).min(zeros.len() as u64);
            hash.update(&zeros[..n as usize]);
            at += n;
        }
        while at < data.end.min(end) {
            let n = (data.end.min(end) - at).min(buf.len() as u64);
            file.read_at(&mut buf[..n as usize], at)?;
            hash.update(&buf[..n as usize]);
            at += n;
        }
    }
    Ok(hex(&hash.finalize()))
}
