//! Every ext file system of the corpus: what the kernel (or sleuthkit, where the kernel refuses)
//! lists of it must be listed with the same sizes, targets, digests, modes, owners, times and
//! attributes.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use imgscan_core::bytes::hex;
use imgscan_core::container::{self, OpenOptions};
use imgscan_core::fs::{FileKind, FileSystem, Metadata, NodeId};
use imgscan_core::source::{ReadAt, Section};
use imgscan_core::volume::Volume;
use imgscan_core::{Kind, fs};
use libtest_mimic::{Failed, Trial};
use sha2::{Digest, Sha256};

use super::files;

/// The truth shows this many bytes of an attribute's value.
const CUT: usize = 64;

/// Most differences of one file that are printed.
const SHOWN: usize = 12;

static FILES: AtomicUsize = AtomicUsize::new(0);
static ENTRIES: AtomicUsize = AtomicUsize::new(0);

/// Says how much was compared.
pub fn print_count() {
    println!(
        "ext compared with the corpus' truth: {} files, {} entries",
        FILES.load(Ordering::Relaxed),
        ENTRIES.load(Ordering::Relaxed)
    );
}

pub fn trials() -> Vec<Trial> {
    names()
        .into_iter()
        .map(|name| Trial::test(format!("ext/{name}"), move || one(&name)))
        .collect()
}

/// Corpus files whose truth has an ext file system.
fn names() -> Vec<String> {
    let Some(dir) = files::folder() else {
        return Vec::new();
    };
    let manifest = std::fs::read_to_string(dir.join("MANIFEST.tsv")).unwrap();
    let candidates = manifest.lines().filter_map(|l| l.split('\t').next());
    candidates
        .filter(|n| dir.join(n).is_file())
        .filter(|n| files::truth(n).is_some_and(|t| t.contains("'TYPE': 'ext")))
        .map(str::to_owned)
        .collect()
}

/// A file system of the truth: where it begins, and its lines.
struct Truth<'t> {
    at: u64,
    len: Option<u64>,
    lines: Vec<&'t str>,
    /// From here on the lines are those after journal replay.
    replayed: Option<usize>,
}

fn parse(text: &str) -> Vec<Truth<'_>> {
    let mut found: Vec<Truth<'_>> = Vec::new();
    let (mut at, mut len, mut inside) = (0, None, false);
    for line in text.lines() {
        if let Some(rest) = line.strip_prefix("volume at image byte ") {
            let numbers: Vec<u64> = rest
                .split(|c: char| !c.is_ascii_digit())
                .filter_map(|n| n.parse().ok())
                .collect();
            (at, len, inside) = (numbers[0], numbers.get(1).copied(), false);
        } else if let Some((_, rest)) = line.split_once(" image byte offset ") {
            // A linear logical volume.
            let numbers: Vec<u64> = rest.split(' ').filter_map(|n| n.parse().ok()).collect();
            (at, len, inside) = (numbers[0], numbers.get(1).copied(), false);
        } else if line.starts_with("partition") {
            inside = false;
        } else if line.starts_with("filesystem at byte") {
            inside = line.contains("'TYPE': 'ext");
            if inside {
                found.push(Truth {
                    at,
                    len,
                    lines: Vec::new(),
                    replayed: None,
                });
            }
        } else if let Some(truth) = found.last_mut().filter(|_| inside) {
            if line.starts_with("[after journal replay") {
                truth.replayed = Some(truth.lines.len());
            }
            truth.lines.push(line);
        }
    }
    found
}

fn one(name: &str) -> Result<(), Failed> {
    let dir = tempfile::tempdir().unwrap();
    let image = files::unpack(name, dir.path());
    let text = files::truth(name).unwrap();
    let disk = match open(&image) {
        Ok(disk) => disk,
        Err(e) if e.kind == Kind::Unsupported => {
            // VMDK and VHD are a later matter.
            println!("ext/{name}: {e}");
            return Ok(());
        }
        Err(e) => return Err(e.to_string().into()),
    };
    let mut different = Vec::new();
    let mut compared = 0;
    for truth in parse(&text) {
        let found = compare(&disk, &truth);
        compared += found.0;
        different.extend(found.1);
    }
    FILES.fetch_add(1, Ordering::Relaxed);
    ENTRIES.fetch_add(compared, Ordering::Relaxed);
    if different.is_empty() {
        return Ok(());
    }
    let more = different.len().saturating_sub(SHOWN);
    different.truncate(SHOWN);
    Err(format!("{}\n({more} more)", different.join("\n")).into())
}

fn open(image: &Path) -> imgscan_core::Result<Arc<dyn ReadAt>> {
    Ok(container::open(image, &OpenOptions::default())?.disk)
}

fn compare(disk: &Arc<dyn ReadAt>, truth: &Truth<'_>) -> (usize, Vec<String>) {
    let len = truth
        .len
        .unwrap_or(disk.len())
        .min(disk.len().saturating_sub(truth.at));
    let volume = Volume {
        name: "test".into(),
        number: 0,
        offset: truth.at,
        len,
        kind: String::new(),
        label: None,
        part_uuid: None,
        bootable: false,
        attributes: 0,
        data: Arc::new(Section::new(Arc::clone(disk), truth.at, len)),
    };
    let lines = match truth.replayed {
        // e2fsck could not replay where the kernel's list is missing behind it.
        Some(at) if truth.lines[at..].iter().any(|l| listed(l).is_some()) => &truth.lines[at..],
        Some(at) => &truth.lines[..at],
        None => &truth.lines[..],
    };
    let wanted: Vec<Line<'_>> = lines.iter().filter_map(|l| listed(l)).collect();
    let opened = fs::open(&volume);
    let Some(fs) = opened.file_system() else {
        let why = match opened.content {
            fs::Content::Gap(_, e) => e.to_string(),
            _ => "nothing there".into(),
        };
        return (0, if wanted.is_empty() { vec![] } else { vec![why] });
    };
    let found = walk(fs.as_ref());
    let mut different = Vec::new();
    for line in &wanted {
        match found.get(&line.path) {
            None => different.push(format!("{}: missing", line.path)),
            Some(id) => line.check(fs.as_ref(), *id, &mut different),
        }
    }
    (wanted.len(), different)
}

/// All names by path; damaged parts are passed over.
fn walk(fs: &dyn FileSystem) -> BTreeMap<String, NodeId> {
    let mut found = BTreeMap::new();
    let mut seen = std::collections::BTreeSet::from([fs.root()]);
    let mut todo = vec![(String::new(), fs.root())];
    while let Some((path, id)) = todo.pop() {
        let Ok(listing) = fs.read_dir(id) else {
            continue;
        };
        for entry in listing.entries {
            let path = format!("{path}/{}", show(&entry.name));
            let is_dir = fs
                .metadata(entry.id)
                .is_ok_and(|m| m.kind == FileKind::Directory);
            if is_dir && seen.insert(entry.id) {
                todo.push((path.clone(), entry.id));
            }
            found.insert(path, entry.id);
        }
    }
    found
}

/// Bytes as the truth files write them.
fn show(name: &[u8]) -> String {
    imgscan_core::text::lossless(name).replace('\n', "\\n")
}

/// A line of the truth about one path.
struct Line<'t> {
    path: String,
    kind: char,
    size: Option<u64>,
    target: Option<&'t str>,
    sha256: Option<&'t str>,
    mode: Option<u32>,
    owner: Option<&'t str>,
    mtime: Option<i64>,
    xattrs: Option<&'t str>,
    /// The kernel could not read it.
    failed: bool,
}

fn listed(line: &str) -> Option<Line<'_>> {
    let rest = line.strip_prefix("  ")?;
    if let Some(rest) = rest.strip_prefix("? '") {
        let path = rest.split("' [Errno").next()?.to_owned();
        return Some(Line {
            failed: true,
            ..blank(path, '?')
        });
    }
    if let Some(rest) = rest.strip_prefix("  ") {
        return by_sleuthkit(rest);
    }
    let mut words = rest.splitn(6, ' ');
    let kind = words
        .next()?
        .chars()
        .next()
        .filter(|k| "fdlo".contains(*k))?;
    let mode = u32::from_str_radix(words.next()?, 8).ok()?;
    let owner = words.next().filter(|o| o.contains(':'))?;
    let size = words.next()?.strip_prefix("size=")?.parse().ok()?;
    let mtime = words.next()?.strip_prefix("mtime=")?.parse().ok()?;
    let (rest, xattrs) = match words.next()?.split_once(" xattrs=") {
        Some((rest, xattrs)) => (rest, Some(xattrs)),
        None => (line.splitn(8, ' ').nth(7)?, Some("")),
    };
    let mut found = Line {
        mode: Some(mode),
        owner: Some(owner),
        mtime: Some(mtime),
        size: Some(size),
        xattrs,
        ..blank(String::new(), kind)
    };
    let path = match kind {
        'l' => {
            let (path, target) = rest.split_once(" -> ")?;
            found.target = Some(target);
            path
        }
        'f' => match rest.rsplit_once(" sha256=") {
            Some((path, sum)) => {
                found.sha256 = Some(sum);
                path
            }
            None => {
                found.failed = rest.contains(" READ-ERROR ");
                let path = rest.split(" READ-ERROR ").next()?;
                path.strip_suffix(" (not hashed)").unwrap_or(path)
            }
        },
        _ => rest,
    };
    found.path = path.to_owned();
    Some(found)
}

/// `r/r 14:<tab>path  size=8 sha256=…`; deleted and virtual files are passed over.
fn by_sleuthkit(line: &str) -> Option<Line<'_>> {
    let (head, path) = line.split_once(":\t")?;
    // Bytes that are not UTF-8 are lost in its lists.
    if head.contains('*') || head.contains("V/V") || path.contains('\u{FFFD}') {
        return None;
    }
    match path.split_once("  size=") {
        Some((path, rest)) => {
            let (size, sum) = rest.split_once(" sha256=")?;
            let mut found = blank(format!("/{path}"), 'f');
            found.size = size.parse().ok();
            found.sha256 = Some(sum);
            Some(found)
        }
        None => head
            .starts_with("d/d")
            .then(|| blank(format!("/{path}"), 'd')),
    }
}

fn blank<'t>(path: String, kind: char) -> Line<'t> {
    Line {
        path,
        kind,
        size: None,
        target: None,
        sha256: None,
        mode: None,
        owner: None,
        mtime: None,
        xattrs: None,
        failed: false,
    }
}

impl Line<'_> {
    fn check(&self, fs: &dyn FileSystem, id: NodeId, different: &mut Vec<String>) {
        let mut tell = |what: String| different.push(format!("{}: {what}", self.path));
        let meta = match fs.metadata(id) {
            Ok(meta) => meta,
            // What the kernel can't read need not be read.
            Err(_) if self.failed => return,
            Err(e) => return tell(e.to_string()),
        };
        if self.kind == '?' {
            return;
        }
        self.metadata(&meta, &mut tell);
        if let Some(target) = self.target {
            match fs.read_link(id) {
                Ok(got) if show(&got) == target => {}
                other => tell(format!("want target {target}, got {other:?}")),
            }
        }
        if let Some(want) = self.sha256 {
            match fs.open(id).and_then(|f| sha256(f.as_ref())) {
                Ok(got) if got == want => {}
                Ok(got) => tell(format!("want sha256 {want}, got {got}")),
                Err(e) => tell(e.to_string()),
            }
        }
        if let Some(want) = self.xattrs {
            let got = fs.xattrs(id).map(|list| {
                let list: Vec<String> = list
                    .iter()
                    .map(|(n, v)| format!("{}={}", show(n), hex(&v[..v.len().min(CUT)])))
                    .collect();
                list.join(",")
            });
            match got {
                Ok(got) if got == want => {}
                // The truth has none where the kernel fails.
                Err(_) if want.is_empty() => {}
                other => tell(format!("want xattrs {want}, got {other:?}")),
            }
        }
    }

    fn metadata(&self, meta: &Metadata, tell: &mut dyn FnMut(String)) {
        let kind = match meta.kind {
            FileKind::Regular => 'f',
            FileKind::Directory => 'd',
            FileKind::Symlink => 'l',
            _ => 'o',
        };
        if kind != self.kind {
            tell(format!("want {}, got {kind}", self.kind));
        }
        if self.size.is_some_and(|s| s != meta.size) {
            tell(format!("want size {:?}, got {}", self.size, meta.size));
        }
        if self.mode.is_some_and(|m| Some(m) != meta.mode) {
            tell(format!(
                "want mode {:o}, got {:o}",
                self.mode.unwrap_or(0),
                meta.mode.unwrap_or(0)
            ));
        }
        let owner = format!("{}:{}", meta.uid.unwrap_or(0), meta.gid.unwrap_or(0));
        if self.owner.is_some_and(|o| o != owner) {
            tell(format!("want owner {:?}, got {owner}", self.owner));
        }
        let mtime = meta.modified.map(|t| t.secs);
        if self.mtime.is_some() && self.mtime != mtime {
            tell(format!("want mtime {:?}, got {mtime:?}", self.mtime));
        }
    }
}

fn sha256(file: &dyn ReadAt) -> imgscan_core::Result<String> {
    let mut hash = Sha256::new();
    let mut buf = vec![0; 1 << 20];
    let mut at = 0;
    while at < file.len() {
        let n = (file.len() - at).min(buf.len() as u64);
        file.read_at(&mut buf[..n as usize], at)?;
        hash.update(&buf[..n as usize]);
        at += n;
    }
    Ok(hex(&hash.finalize()))
}
