//! Compares partition tables with what sfdisk says of them (`testdata/recipes/partition-matrix.sh`).

use std::path::{Path, PathBuf};
use std::sync::Arc;

use imgscan_core::source::{FileSource, ReadAt};
use imgscan_core::volume::{self, Scheme, Table, Volume};
use libtest_mimic::{Failed, Trial};
use serde_json::Value;

/// Bits of the GPT attributes that sfdisk names.
const ATTRIBUTES: [(&str, u64); 3] = [
    ("RequiredPartition", 0),
    ("NoBlockIOProtocol", 1),
    ("LegacyBIOSBootable", 2),
];

/// A word that a recipe gives to what it did, and what the table's warnings must then say.
const FACTS: [(&str, &str); 16] = [
    ("backup-used", "the backup at LBA"),
    ("crc", "CRC-32"),
    ("no-backup", "there is no backup header"),
    ("no-protective-mbr", "there is no protective MBR"),
    ("enlarged", "it was enlarged after partitioning"),
    ("cut", "it was cut after partitioning"),
    ("past-end", "what lies past the end can't be read"),
    ("hybrid", "hybrid MBR"),
    ("disorder", "not in disk order"),
    ("overlap", "overlap"),
    ("entry-size", "partition entries of 256 bytes"),
    ("sectors-4096", "sectors of 4096 bytes"),
    ("chain-lost", "the extended boot record can't be read"),
    ("loop", "is a loop"),
    ("left-over", "a GPT is left over"),
    ("gpt-missing", "neither a primary nor a backup header"),
];

/// One trial for each `NAME.img` with a `NAME.json` in the folder `partition` of
/// `IMGSCAN_MATRIX`.
pub fn trials() -> Vec<Trial> {
    let Some(root) = std::env::var_os("IMGSCAN_MATRIX") else {
        return Vec::new();
    };
    let mut images: Vec<PathBuf> = std::fs::read_dir(PathBuf::from(root).join("partition"))
        .map(|d| d.filter_map(|e| Some(e.ok()?.path())).collect())
        .unwrap_or_default();
    images.retain(|p| p.extension().is_some_and(|e| e == "img"));
    images.sort();
    images
        .into_iter()
        .map(|image| {
            let stem = image.file_stem().unwrap_or_default().to_string_lossy();
            let name = format!("partition/{stem}");
            Trial::test(name.clone(), move || one(&name, &image))
        })
        .collect()
}

fn one(name: &str, image: &Path) -> Result<(), Failed> {
    let disk: Arc<dyn ReadAt> = Arc::new(FileSource::open(image).map_err(|e| e.to_string())?);
    let table = volume::open(&disk).map_err(|e| e.to_string())?;
    let json = std::fs::read_to_string(image.with_extension("json")).unwrap();
    let truth: Value = serde_json::from_str(&json).unwrap();
    let mut found = Vec::new();
    let compared = compare(&table, &truth["partitiontable"], &mut found);
    let facts = std::fs::read_to_string(image.with_extension("facts")).unwrap();
    said(&table, &facts, &mut found);
    super::compare::record(name, compared, found)
}

/// What the recipe did must be said, and nothing else.
fn said(table: &Table, facts: &str, found: &mut Vec<String>) {
    let warnings: Vec<String> = table.warnings.iter().map(ToString::to_string).collect();
    let mut expected = Vec::new();
    for fact in facts.lines() {
        if let Some(scheme) = fact.strip_prefix("scheme ") {
            let ours = match table.scheme {
                Scheme::Gpt => "gpt",
                Scheme::Mbr => "mbr",
                _ => "none",
            };
            if ours != scheme {
                found.push(format!("scheme: want {scheme}, got {ours}"));
            }
            continue;
        }
        let Some((_, words)) = FACTS.iter().find(|(name, _)| *name == fact) else {
            found.push(format!("the recipe's fact {fact:?} has no words here"));
            continue;
        };
        expected.push(*words);
        if !warnings.iter().any(|w| w.contains(words)) {
            found.push(format!("{fact}: not said in {warnings:?}"));
        }
    }
    if expected.is_empty() && !warnings.is_empty() {
        found.push(format!("nothing is unusual, but it says {warnings:?}"));
    }
}

/// Compares each partition; gives how many were compared.
fn compare(table: &Table, truth: &Value, found: &mut Vec<String>) -> usize {
    let partitions = truth["partitions"].as_array().cloned().unwrap_or_default();
    if truth["label"] == "none" {
        let whole = table.volumes.len() == 1 && table.volumes[0].name == "disk";
        if !whole {
            found.push("the whole disk is not the one volume".into());
        }
        return 1;
    }
    let sector = truth["sectorsize"].as_u64().unwrap();
    let id = truth["id"].as_str().unwrap().to_lowercase();
    let ours = table.disk_id.clone().unwrap_or_default();
    // No signature at all: sfdisk prints zeros.
    let id = if id == "0x00000000" { "" } else { &id };
    if id.trim_start_matches("0x") != ours {
        found.push(format!("id: want {id}, got {ours}"));
    }
    let dos = truth["label"] == "dos";
    let mut listed = 0;
    for want in &partitions {
        let number = number(want["node"].as_str().unwrap());
        let kind = want["type"].as_str().unwrap();
        if dos && matches!(kind, "5" | "f" | "85") {
            extended(table, number, want, sector, found);
            continue;
        }
        listed += 1;
        match table.volumes.iter().find(|v| v.number == number) {
            Some(v) => partition(v, want, sector, dos, found),
            None => found.push(format!("p{number}: missing")),
        }
    }
    if listed != table.volumes.len() {
        found.push(format!("{listed} partitions, got {}", table.volumes.len()));
    }
    partitions.len()
}

fn extended(table: &Table, number: u32, want: &Value, sector: u64, found: &mut Vec<String>) {
    let range = |e: &&volume::Extended| {
        e.number == number
            && Some(e.offset / sector) == want["start"].as_u64()
            && Some(e.len / sector) == want["size"].as_u64()
    };
    if !table.extended.iter().any(|e| range(&e)) {
        found.push(format!(
            "p{number}: extended, want {want}, got {:?}",
            table.extended
        ));
    }
}

fn partition(v: &Volume, want: &Value, sector: u64, dos: bool, found: &mut Vec<String>) {
    let mut same = |what: &str, want: String, got: String| {
        if want != got {
            found.push(format!("{}: {what}: want {want}, got {got}", v.name));
        }
    };
    let number = |key: &str| (want[key].as_u64().unwrap() * sector).to_string();
    let text = |key: &str| want[key].as_str().unwrap_or("").to_owned();
    same("start", number("start"), v.offset.to_string());
    same("size", number("size"), v.len.to_string());
    let kind = match dos {
        true => format!("{:0>2}", text("type")),
        false => text("type"),
    };
    same("type", kind, v.kind.clone());
    same("name", text("name"), v.label.clone().unwrap_or_default());
    let uuid = match dos {
        true => format!("1badcafe-{:02x}", v.number),
        false => text("uuid").to_lowercase(),
    };
    if !dos
        || v.part_uuid
            .as_ref()
            .is_some_and(|u| u.starts_with("1badcafe"))
    {
        same("uuid", uuid, v.part_uuid.clone().unwrap_or_default());
    }
    if dos {
        let boot = want["bootable"].as_bool().unwrap_or(false);
        same("bootable", boot.to_string(), v.bootable.to_string());
    } else {
        let attributes = text("attrs");
        let bits = ATTRIBUTES
            .iter()
            .filter(|(name, _)| attributes.contains(name))
            .fold(0_u64, |bits, (_, bit)| bits | 1 << bit);
        same(
            "attributes",
            format!("{bits:x}"),
            format!("{:x}", v.attributes),
        );
        same(
            "bootable",
            (bits & 4 != 0).to_string(),
            v.bootable.to_string(),
        );
    }
}

/// The number at the end of a device's name.
pub fn number(node: &str) -> u32 {
    let digits = node.len() - node.bytes().rev().take_while(u8::is_ascii_digit).count();
    node[digits..].parse().unwrap()
}
