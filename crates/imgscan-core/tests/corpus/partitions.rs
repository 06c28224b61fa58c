//! Partition tables of the corpus against what sfdisk and mmls say in its truth files, and volumes
//! that must show as a gap of their kind.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};

use imgscan_core::container::{self, OpenOptions};
use imgscan_core::fs::{self, Content, Signature};
use imgscan_core::volume::{self, Scheme, Table};
use imgscan_core::{Kind, Layer};
use libtest_mimic::{Failed, Trial};

use crate::files;

/// Files whose truth sees no table of their own or one that is none, and why.
const NOT_A_TABLE: [(&str, &str); 1] = [(
    "util-linux/bitlocker-win7.img.xz",
    "sfdisk takes BitLocker's boot code for entries: boot indicator 78, type 78",
)];

/// Volumes of a kind that is recognised and not read.
const GAPS: [(&str, Signature); 6] = [
    ("dfir_ntfs/exfat_win.raw.gz", Signature::ExFat),
    ("dissect.fat/exfat.bin.zst", Signature::ExFat),
    ("dissect.volume/lvm.bin.gz", Signature::Lvm2),
    ("util-linux/lvm2.img.xz", Signature::Lvm2),
    ("dissect.volume/md-raid1-1.bin.gz", Signature::MdRaid),
    ("util-linux/mdraid.img.xz", Signature::MdRaid),
];

static COMPARED: AtomicUsize = AtomicUsize::new(0);

pub fn trials() -> Vec<Trial> {
    let mut trials = Vec::new();
    for name in files::names() {
        let Some(truth) = files::truth(&name) else {
            continue;
        };
        let wanted = parse(&truth);
        if wanted.is_empty() || NOT_A_TABLE.iter().any(|(n, _)| *n == name) {
            continue;
        }
        trials.push(Trial::test(format!("partitions {name}"), move || {
            table(&name, &wanted, &truth)
        }));
    }
    for (name, signature) in GAPS {
        trials.push(Trial::test(format!("gap {name}"), move || {
            gap(name, signature)
        }));
    }
    for (name, why) in NOT_A_TABLE {
        trials.push(Trial::test(format!("no table {name}"), move || {
            let table = read(name)?.ok_or("not opened")?;
            match table.scheme {
                Scheme::None => Ok(()),
                other => Err(format!("{other:?}, but {why}").into()),
            }
        }));
    }
    trials
}

/// A partition of the truth, in sectors.
#[derive(Debug, Default, Clone)]
struct Wanted {
    start: u64,
    sectors: u64,
    /// Empty where only mmls saw it.
    kind: String,
    name: Option<String>,
    uuid: String,
    bootable: Option<bool>,
}

/// The partitions of a truth text by their start.
fn parse(truth: &str) -> BTreeMap<u64, Wanted> {
    let mut all = BTreeMap::new();
    let mut gpt = false;
    for line in truth.lines() {
        gpt |= line.contains("mmls GUID");
        let mut wanted = Wanted::default();
        if let Some(fields) = line.strip_prefix("partition: ") {
            let field = |key: &str, next: &str| {
                let from = fields.find(&format!("{key}=")).unwrap() + key.len() + 1;
                let to = fields[from..].find(next).map_or(fields.len(), |n| from + n);
                fields[from..to].to_owned()
            };
            wanted.start = field("start", " ").parse().unwrap();
            wanted.sectors = field("sectors", " ").parse().unwrap();
            wanted.kind = field("type", " ");
            wanted.name = Some(field("name", " uuid="));
            wanted.uuid = field("uuid", " ").to_lowercase();
            wanted.bootable = Some(field("bootable", "\n") == "True");
        } else if gpt && line.starts_with("  mmls 0") {
            let mut words = line.split_whitespace().skip(3);
            let mut number = || words.next().unwrap().parse::<u64>().unwrap();
            wanted.start = number();
            number();
            wanted.sectors = number();
            wanted.name = Some(words.collect::<Vec<_>>().join(" "));
        } else {
            continue;
        }
        all.insert(wanted.start, wanted);
    }
    all
}

/// The table of a corpus file; `None` where its container is not read by this version.
fn read(name: &str) -> Result<Option<Table>, Failed> {
    let dir = tempfile::tempdir()?;
    let path = files::unpack(name, dir.path());
    match container::open(&path, &OpenOptions::default()) {
        Ok(image) => Ok(Some(volume::open(&image.disk).map_err(|e| e.to_string())?)),
        Err(e) if e.kind == Kind::Unsupported && e.layer == Layer::Container => Ok(None),
        Err(e) => Err(e.to_string().into()),
    }
}

fn table(name: &str, wanted: &BTreeMap<u64, Wanted>, truth: &str) -> Result<(), Failed> {
    let Some(table) = read(name)? else {
        return Ok(());
    };
    let sector = match truth.contains("4096-byte sectors") {
        true => 4096,
        false => 512,
    };
    let mut found = Vec::new();
    let gpt = table.scheme == Scheme::Gpt;
    for w in wanted.values() {
        if matches!(w.kind.as_str(), "5" | "f" | "85") {
            let same =
                |e: &volume::Extended| e.offset == w.start * sector && e.len == w.sectors * sector;
            if !table.extended.iter().any(same) {
                found.push(format!("extended partition missing: {w:?}"));
            }
            continue;
        }
        // Of a GPT that was cut off, sfdisk sees the MBR beside it only.
        if gpt && w.kind == "ee" {
            continue;
        }
        let Some(v) = table.volumes.iter().find(|v| v.offset == w.start * sector) else {
            found.push(format!("missing: {w:?}"));
            continue;
        };
        let mut same = |what: &str, want: &str, got: &str| {
            if want != got {
                found.push(format!("{}: {what}: want {want:?}, got {got:?}", v.name));
            }
        };
        same(
            "length",
            &(w.sectors * sector).to_string(),
            &v.len.to_string(),
        );
        if !gpt {
            same("type", &format!("{:0>2}", w.kind), &v.kind);
        } else if w.kind.len() > 2 {
            same("type", &w.kind, &v.kind);
        }
        if let Some(name) = w
            .name
            .as_ref()
            .filter(|_| w.kind.len() != 1 && w.kind.len() != 2)
        {
            same("name", name, v.label.as_deref().unwrap_or(""));
        }
        if !w.uuid.is_empty() {
            same("uuid", &w.uuid, v.part_uuid.as_deref().unwrap_or(""));
        }
        // The truth asked sfdisk for the flag of an MBR; for a GPT it knows none.
        if let Some(bootable) = w.bootable.filter(|_| !gpt) {
            same("bootable", &bootable.to_string(), &v.bootable.to_string());
        }
    }
    COMPARED.fetch_add(1, Ordering::SeqCst);
    match found.is_empty() {
        true => Ok(()),
        false => Err(found.join("\n").into()),
    }
}

fn gap(name: &str, signature: Signature) -> Result<(), Failed> {
    let table = read(name)?.ok_or("not opened")?;
    let found: Vec<_> = table.volumes.iter().map(fs::open).collect();
    let is = |v: &fs::OpenVolume| matches!(&v.content, Content::Gap(s, _) if *s == signature);
    match found.iter().any(is) {
        true => Ok(()),
        false => Err(format!("no gap of {}", signature.text()).into()),
    }
}

/// Says how many files were compared.
pub fn print_count() {
    let n = COMPARED.load(Ordering::SeqCst);
    println!("partition tables compared with the corpus' truth: {n} files");
}
