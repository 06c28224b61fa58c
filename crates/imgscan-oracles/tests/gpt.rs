//! GUID partition tables: the crate `gpt`.

#![allow(missing_docs, clippy::unwrap_used)]

use std::sync::Arc;

use gpt::GptConfig;
use gpt::disk::LogicalBlockSize;
use imgscan_core::source::{MemorySource, ReadAt};
use imgscan_core::volume::{self, Scheme, Table};
use imgscan_oracles::{Comparison, Disk, Facts, Fault, contained, each_image, fixture};

const FAULTS: &[Fault] = &[Fault {
    why: "nothing is read where the checksum of the primary's entries is wrong: of the first image \
        imgscan shows them and says so, of the second it reads the backup, which is whole",
    at: &[
        ("dissect.volume/gpt_no_name_xff.bin.zst", ""),
        (ENTRIES_CHANGED, ""),
    ],
}];

/// A sound table in whose primary entries a byte is changed.
const ENTRIES_CHANGED: &str = "testdata/volumes/gpt.img.zst with changed entries";

#[test]
fn gpt_sees_the_same_partitions() {
    let mut all = Comparison::new("gpt 4.1", FAULTS);
    let corpus = each_image(|image| {
        let theirs = contained(|| theirs(&Disk::new(image.disk.clone())));
        // Neither sees a table.
        if image.table.scheme != Scheme::Gpt && theirs.is_err() {
            return;
        }
        all.add(&image.name, &ours(&image.table), theirs);
    });
    let mut bytes = fixture("volumes/gpt.img.zst");
    let sound: Arc<dyn ReadAt> = Arc::new(MemorySource(bytes.clone()));
    bytes[2 * 512 + 56] ^= 1;
    let disk: Arc<dyn ReadAt> = Arc::new(MemorySource(bytes));
    let table = ours(&volume::open(&disk).unwrap());
    assert_eq!(table, ours(&volume::open(&sound).unwrap()));
    all.add(ENTRIES_CHANGED, &table, theirs(&Disk::new(disk)));
    all.finish(corpus, 15);
}

fn ours(table: &Table) -> Facts {
    let mut facts = Facts::new();
    if table.scheme != Scheme::Gpt {
        return facts;
    }
    facts.insert("disk".into(), table.disk_id.clone().unwrap_or_default());
    facts.insert("sector".into(), table.sector_size.to_string());
    for v in &table.volumes {
        let fact = format!(
            "from {} for {} type {} id {} name {:?} attributes {:x}",
            v.offset,
            v.len,
            v.kind,
            v.part_uuid.as_deref().unwrap_or_default(),
            v.label.as_deref().unwrap_or_default(),
            v.attributes
        );
        facts.insert(v.name.clone(), fact);
    }
    facts
}

/// The crate must be told the size of a sector.
fn theirs(disk: &Disk) -> Result<Facts, String> {
    let open = |size| {
        let config = GptConfig::new().writable(false).logical_block_size(size);
        config
            .open_from_device(disk.clone())
            .map_err(|e| e.to_string())
    };
    let open =
        open(LogicalBlockSize::Lb512).or_else(|e| open(LogicalBlockSize::Lb4096).map_err(|_| e));
    let table = open?;
    let size = table.logical_block_size();
    let mut facts = Facts::new();
    facts.insert("disk".into(), table.guid().to_string());
    facts.insert("sector".into(), size.as_u64().to_string());
    for (number, p) in table.partitions() {
        let place = |n: std::io::Result<u64>| n.map_err(|e| e.to_string());
        let fact = format!(
            "from {} for {} type {} id {} name {:?} attributes {:x}",
            place(p.bytes_start(*size))?,
            place(p.bytes_len(*size))?,
            p.part_type_guid.guid.to_string().to_uppercase(),
            p.part_guid,
            p.name,
            p.flags
        );
        facts.insert(format!("p{number}"), fact);
    }
    Ok(facts)
}
