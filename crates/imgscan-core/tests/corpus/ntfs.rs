//! Every NTFS volume of the corpus: each entry that ntfs-3g and The Sleuth Kit list has the same
//! kind, size, time, record number and digest, streams and system files included.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use imgscan_core::container::{self, OpenOptions};
use imgscan_core::fs::{FileKind, FileSystem, NodeId, ntfs};
use imgscan_core::source::{FileSource, ReadAt, Section};
use libtest_mimic::{Failed, Trial};
use sha2::{Digest as _, Sha256};

use crate::files;

/// The images with NTFS volumes. What no reader of ours opens (VMDK, VHD, VHDX) is converted by
/// qemu-img first: here it serves for its volumes.
const IMAGES: &[&str] = &[
    "composed-windows/win7-mbr.qcow2.zst",
    "dfvfs/ntfs-dynamic.vhdx.zst",
    "dfvfs/ntfs-fixed.vhd.zst",
    "dfvfs/ntfs-parent.vhd.zst",
    "dfvfs/ntfs.raw.zst",
    "dfvfs/windows_volume.qcow2.zst",
    "dftt/7-ntfs-undel.dd.zst",
    "dissect.hypervisor/dynamic.vhd.gz",
    "dissect.hypervisor/fixed.vhdx.gz",
    "dissect.ntfs/ntfs.bin.gz",
    "ntfs-crate/testfs1.zst",
    "osv-scalibr/valid-ext-exfat-fat32-ntfs.vmdk.zst",
    "util-linux/ntfs.img.xz",
];

/// Images that are damaged in copies of our own making.
const DAMAGED: &[&str] = &[
    "dfvfs/ntfs.raw.zst",
    "dissect.ntfs/ntfs.bin.gz",
    "ntfs-crate/testfs1.zst",
];

pub fn trials() -> Vec<Trial> {
    let whole = IMAGES
        .iter()
        .map(|name| Trial::test(format!("ntfs/{name}"), move || image(name)));
    let damaged = DAMAGED
        .iter()
        .map(|name| Trial::test(format!("ntfs-damaged/{name}"), move || damage(name)));
    whole.chain(damaged).collect()
}

/// A volume as the truth describes it.
#[derive(Default)]
struct Truth {
    offset: u64,
    len: Option<u64>,
    uuid: String,
    label: String,
    dirty: bool,
    cluster: u32,
    /// Lines of ntfs-3g: kind, size, time, path, digest.
    seen: Vec<Seen>,
    /// True where the list of ntfs-3g was not cut.
    complete: bool,
    /// Lines of fls: record, path, size and digest of a file.
    listed: Vec<Listed>,
}

struct Seen {
    kind: char,
    size: u64,
    mtime: i64,
    path: String,
    sha256: Option<String>,
}

struct Listed {
    record: u64,
    path: String,
    contents: Option<(u64, String)>,
}

fn field<'a>(line: &'a str, before: &str, after: &str) -> Option<&'a str> {
    let rest = &line[line.find(before)? + before.len()..];
    Some(&rest[..rest.find(after).unwrap_or(rest.len())])
}

fn parse(text: &str) -> Vec<Truth> {
    let mut volumes: Vec<Truth> = Vec::new();
    let mut place = (0, None);
    let mut section = "";
    for line in text.lines() {
        if let Some(rest) = line.strip_prefix("volume at image byte ") {
            let (at, len) = rest.trim_end_matches(':').split_once(", length ").unwrap();
            place = (at.parse().unwrap(), Some(len.parse().unwrap()));
            section = "";
        } else if line.starts_with("filesystem at byte 0") {
            section = "";
            if line.contains("'TYPE': 'ntfs'") {
                volumes.push(Truth {
                    offset: place.0,
                    len: place.1,
                    uuid: field(line, "'UUID': '", "'").unwrap().into(),
                    ..Truth::default()
                });
                section = "facts";
            }
        } else if let Some(name) = line.strip_prefix("  [") {
            if !section.is_empty() {
                section = if name.starts_with("ntfs-3g") {
                    "seen"
                } else {
                    "listed"
                };
            }
        } else if let Some(volume) = volumes.last_mut() {
            fact(volume, section, line);
        }
    }
    volumes
}

fn fact(volume: &mut Truth, section: &str, line: &str) {
    if let Some(value) = line.strip_prefix("  ntfsinfo Volume Name:") {
        volume.label = value.trim().into();
    } else if let Some(value) = line.strip_prefix("  ntfsinfo Volume Flags: 0x") {
        volume.dirty = u32::from_str_radix(value, 16).unwrap() & 1 != 0;
    } else if let Some(value) = line.strip_prefix("  ntfsinfo Cluster Size: ") {
        volume.cluster = value.parse().unwrap();
    } else if section == "seen" {
        if let Some(count) = line.strip_prefix("  entries=") {
            volume.complete = count.parse() == Ok(volume.seen.len());
        } else if let Some(kind @ ('d' | 'f' | 'l')) = line.chars().nth(2) {
            let rest = &line[line.find("mtime=").unwrap()..];
            let (mtime, rest) = rest["mtime=".len()..].split_once(' ').unwrap();
            let (path, sha256) = match rest.split_once(" sha256=") {
                // Extended attributes may follow the digest.
                Some((path, sum)) => (path, Some(sum[..64].to_owned())),
                None => (rest.split(" -> ").next().unwrap(), None),
            };
            volume.seen.push(Seen {
                kind,
                size: field(line, "size=", " ").unwrap().parse().unwrap(),
                mtime: mtime.parse().unwrap(),
                path: path.into(),
                sha256,
            });
        }
    } else if section == "listed"
        && let Some((head, tail)) = line.trim_start().split_once(":\t")
        && !head.contains('*')
        && !head.starts_with('V')
    {
        // `r/r 66-128-2:` kind by name and by record, record, type of the attribute, its number.
        let numbers: Vec<&str> = head[4..].split('-').collect();
        let (path, rest) = match tail.split_once("  size=") {
            Some((path, rest)) => (path, Some(rest)),
            None => (tail, None),
        };
        // Type 144 is an index that fls shows as if it were a stream.
        if head.starts_with("d/d") || numbers.get(1) == Some(&"128") {
            volume.listed.push(Listed {
                record: numbers[0].parse().unwrap(),
                path: path.into(),
                contents: rest.map(|r| {
                    let (size, sum) = r.split_once(" sha256=").unwrap();
                    (size.parse().unwrap(), sum.into())
                }),
            });
        }
    }
}

/// The guest's disk.
fn disk(name: &str, dir: &Path) -> Result<Arc<dyn ReadAt>, Failed> {
    let plain = files::unpack(name, dir);
    let shown = plain.to_string_lossy().into_owned();
    if shown.ends_with(".qcow2") {
        return Ok(container::open(&plain, &OpenOptions::default())?.disk);
    }
    // A fixed VHD is a raw disk with a footer behind it.
    let foreign = [".vmdk", ".vhdx", "dynamic.vhd"];
    let path: PathBuf = if foreign.iter().any(|end| shown.ends_with(end)) {
        let raw = dir.join("raw");
        let status = Command::new("qemu-img")
            .args(["convert", "-O", "raw"])
            .args([&plain, &raw])
            .status()?;
        assert!(status.success(), "qemu-img convert {shown}");
        raw
    } else {
        plain
    };
    Ok(Arc::new(FileSource::open(&path)?))
}

fn sha256(file: &dyn ReadAt) -> imgscan_core::Result<String> {
    let mut hash = Sha256::new();
    let mut buf = vec![0; 1 << 20];
    let mut at = 0;
    while at < file.len() {
        let n = (file.len() - at).min(buf.len() as u64) as usize;
        file.read_at(&mut buf[..n], at)?;
        hash.update(&buf[..n]);
        at += n as u64;
    }
    Ok(imgscan_core::bytes::hex(&hash.finalize()))
}

/// Looks `path` up name by name.
fn find(fs: &dyn FileSystem, path: &str) -> imgscan_core::Result<Option<NodeId>> {
    let mut at = fs.root();
    for name in path.split('/').filter(|n| !n.is_empty()) {
        match fs.lookup(at, name.as_bytes())? {
            Some(id) => at = id,
            None => return Ok(None),
        }
    }
    Ok(Some(at))
}

fn image(name: &str) -> Result<(), Failed> {
    let dir = tempfile::tempdir()?;
    let disk = disk(name, dir.path())?;
    let text = files::truth(name).ok_or("no truth")?;
    let volumes = parse(&text);
    if volumes.is_empty() {
        return Err("the truth has no NTFS volume".into());
    }
    let (mut compared, mut found) = (0, Vec::new());
    for volume in &volumes {
        let len = volume.len.unwrap_or(disk.len());
        let data = Arc::new(Section::new(Arc::clone(&disk), volume.offset, len));
        let fs = ntfs::open(data)?;
        facts(fs.as_ref(), volume, &mut found);
        compared += seen(fs.as_ref(), volume, &mut found);
        compared += listed(fs.as_ref(), volume, &mut found);
    }
    println!(
        "ntfs/{name}: {compared} lines compared, {} differences",
        found.len()
    );
    if found.is_empty() {
        Ok(())
    } else {
        found.truncate(30);
        Err(found.join("\n").into())
    }
}

fn facts(fs: &dyn FileSystem, truth: &Truth, found: &mut Vec<String>) {
    let info = fs.info();
    let mut same = |what: &str, want: &str, got: &str| {
        if want != got {
            found.push(format!("{what}: want {want}, got {got}"));
        }
    };
    same("uuid", &truth.uuid, &info.uuid.unwrap_or_default());
    same("label", &truth.label, &info.label.unwrap_or_default());
    same(
        "cluster",
        &truth.cluster.to_string(),
        &info.block_size.to_string(),
    );
    let dirty = info.details.iter().find(|d| d.0 == "dirty").unwrap();
    same("dirty", &truth.dirty.to_string(), &dirty.1.en);
}

/// What ntfs-3g saw: the same paths, and the same of each.
fn seen(fs: &dyn FileSystem, truth: &Truth, found: &mut Vec<String>) -> usize {
    let mut ours = BTreeMap::new();
    let mut todo = vec![(String::new(), fs.root())];
    while let Some((path, id)) = todo.pop() {
        let listing = match fs.read_dir(id) {
            Ok(listing) => listing,
            Err(e) => {
                found.push(format!("{path}: {e}"));
                continue;
            }
        };
        found.extend(listing.damage.iter().map(|e| format!("{path}: {e}")));
        for entry in listing.entries {
            let name = String::from_utf8_lossy(&entry.name).into_owned();
            let path = format!("{path}/{name}");
            if fs
                .metadata(entry.id)
                .is_ok_and(|m| m.kind == FileKind::Directory)
            {
                todo.push((path.clone(), entry.id));
            }
            ours.insert(path, entry.id);
        }
    }
    let theirs: BTreeSet<&str> = truth.seen.iter().map(|s| s.path.as_str()).collect();
    if truth.complete {
        let more = ours.keys().filter(|p| !theirs.contains(p.as_str()));
        found.extend(more.map(|p| format!("{p}: the truth does not have it")));
    }
    for want in &truth.seen {
        match ours.get(&want.path) {
            None => found.push(format!("{}: missing", want.path)),
            Some(id) => {
                if let Err(e) = compare(fs, *id, want, found) {
                    found.push(format!("{}: {e}", want.path));
                }
            }
        }
    }
    truth.seen.len()
}

fn compare(
    fs: &dyn FileSystem,
    id: NodeId,
    want: &Seen,
    found: &mut Vec<String>,
) -> imgscan_core::Result<()> {
    let meta = fs.metadata(id)?;
    let kinds: &[FileKind] = match want.kind {
        'd' => &[FileKind::Directory],
        'f' => &[FileKind::Regular],
        // The links of Interix are files to Windows; fls says so too, and its line is compared.
        _ => &[FileKind::Symlink, FileKind::Regular],
    };
    if !kinds.contains(&meta.kind) {
        found.push(format!("{}: kind {:?}", want.path, meta.kind));
    }
    if meta.modified.map(|t| t.secs) != Some(want.mtime) {
        found.push(format!(
            "{}: time {:?}, want {}",
            want.path, meta.modified, want.mtime
        ));
    }
    if want.kind == 'f' {
        if meta.size != want.size {
            found.push(format!(
                "{}: size {}, want {}",
                want.path, meta.size, want.size
            ));
        }
        let sum = sha256(fs.open(id)?.as_ref())?;
        if want.sha256.as_ref().is_some_and(|w| *w != sum) {
            found.push(format!("{}: digest {sum}", want.path));
        }
    }
    Ok(())
}

/// What fls listed: found by look-up, under the same record number.
fn listed(fs: &dyn FileSystem, truth: &Truth, found: &mut Vec<String>) -> usize {
    for want in &truth.listed {
        if let Err(e) = one(fs, want, found) {
            found.push(format!("{}: {e}", want.path));
        }
    }
    truth.listed.len()
}

fn one(fs: &dyn FileSystem, want: &Listed, found: &mut Vec<String>) -> imgscan_core::Result<()> {
    let (path, stream) = match want.path.split_once(':') {
        Some((path, stream)) => (path, Some(stream)),
        None => (want.path.as_str(), None),
    };
    let Some(id) = find(fs, path)? else {
        found.push(format!("{path}: not found by look-up"));
        return Ok(());
    };
    if id.0 != want.record {
        found.push(format!("{path}: record {}, want {}", id.0, want.record));
    }
    let Some((size, sum)) = &want.contents else {
        if fs.metadata(id)?.kind != FileKind::Directory {
            found.push(format!("{path}: no directory"));
        }
        return Ok(());
    };
    // icat stops where the initialised bytes end: none of the map of bad clusters is.
    if stream == Some("$Bad") {
        return Ok(());
    }
    let file = match stream {
        Some(name) => {
            if !fs.streams(id)?.iter().any(|s| s.name == name.as_bytes()) {
                found.push(format!("{}: the stream is not listed", want.path));
            }
            fs.open_stream(id, name.as_bytes())?
        }
        // fls shows a link as an empty file.
        None if fs.metadata(id)?.kind == FileKind::Symlink && *size == 0 => return Ok(()),
        None => fs.open(id)?,
    };
    if file.len() != *size || sha256(file.as_ref())? != *sum {
        found.push(format!("{}: size {} or digest", want.path, file.len()));
    }
    Ok(())
}

/// Copies with bytes changed or cut off end in time, without a panic: what can't be read is an
/// error of the reader.
fn damage(name: &str) -> Result<(), Failed> {
    let dir = tempfile::tempdir()?;
    let plain = std::fs::read(files::unpack(name, dir.path()))?;
    let mut state = 0x9E37_79B9_u32;
    let mut random = move |below: usize| {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state as usize % below
    };
    let (mut opened, mut entries) = (0, 0);
    for round in 0..60 {
        let mut bytes = plain.clone();
        match round % 3 {
            0 => {
                for _ in 0..300 {
                    let at = random(bytes.len());
                    bytes[at] = random(256) as u8;
                }
            }
            1 => bytes.truncate(random(plain.len())),
            // In the table, where damage does most.
            _ => {
                let records: Vec<usize> = (0..bytes.len() - 1024)
                    .step_by(512)
                    .filter(|at| bytes[*at..].starts_with(b"FILE"))
                    .collect();
                for at in records {
                    let byte = at + 16 + random(500);
                    bytes[byte] = random(256) as u8;
                }
            }
        }
        let start = Instant::now();
        let source = Arc::new(imgscan_core::source::MemorySource(bytes));
        if let Ok(fs) = ntfs::open(source) {
            opened += 1;
            entries += walk(fs.as_ref());
        }
        if start.elapsed() > Duration::from_secs(10) {
            return Err(format!("round {round} took {:?}", start.elapsed()).into());
        }
    }
    println!("ntfs-damaged/{name}: 60 copies, {opened} opened, {entries} entries listed");
    Ok(())
}

/// Reads all that can be read and returns how many entries there are.
fn walk(fs: &dyn FileSystem) -> usize {
    let mut known = BTreeSet::new();
    let mut todo = vec![fs.root()];
    let mut count = 0;
    while let Some(id) = todo.pop() {
        for entry in fs.read_dir(id).map(|d| d.entries).unwrap_or_default() {
            count += 1;
            if !known.insert(entry.id) {
                continue;
            }
            let Ok(meta) = fs.metadata(entry.id) else {
                continue;
            };
            let _ = fs.lookup(id, &entry.name);
            let _ = fs.owner_sid(entry.id);
            let _ = fs.read_link(entry.id);
            if meta.kind == FileKind::Directory {
                todo.push(entry.id);
            }
            let streams = fs.streams(entry.id).unwrap_or_default();
            let opened = streams.iter().map(|s| fs.open_stream(entry.id, &s.name));
            for file in opened.chain([fs.open(entry.id)]).flatten() {
                if file.len() < 64 << 20 {
                    let _ = sha256(file.as_ref());
                }
            }
        }
    }
    count
}
