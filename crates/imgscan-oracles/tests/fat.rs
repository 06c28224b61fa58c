//! FAT volumes: the crate `fatfs`.

#![allow(missing_docs, clippy::unwrap_used)]

use fatfs::{Dir, FatType, FileSystem, FsOptions};
use imgscan_oracles::{
    Comparison, Disk, Facts, Fault, add, contained, contents, each_volume, tree,
};

/// Names that are taken from one volume: a directory whose clusters form a ring has no end.
const MOST_NAMES: usize = 100_000;

const FAULTS: &[Fault] = &[Fault {
    why: "a FAT32 that has its size in the older field of 16 bits is refused; Linux mounts it",
    at: &[("util-linux/small-fat32.img.xz", "")],
}];

#[test]
fn fatfs_sees_the_same_files() {
    let mut all = Comparison::new("fatfs 0.3.6", FAULTS);
    let corpus = each_volume("fat", |name, volume| {
        let Some(fs) = volume.file_system() else {
            return;
        };
        let mut ours = tree(fs, false);
        let info = fs.info();
        ours.insert("kind".into(), info.kind.into());
        ours.insert("id".into(), info.uuid.unwrap_or_default());
        let disk = Disk::new(volume.volume.data.clone());
        all.add(name, &ours, contained(|| theirs(disk)));
    });
    all.finish(corpus, 16);
}

fn theirs(disk: Disk) -> Result<Facts, String> {
    let fs = FileSystem::new(disk, FsOptions::new()).map_err(|e| e.to_string())?;
    let mut facts = Facts::new();
    let kind = match fs.fat_type() {
        FatType::Fat12 => "fat12",
        FatType::Fat16 => "fat16",
        FatType::Fat32 => "fat32",
    };
    facts.insert("kind".into(), kind.into());
    let id = fs.volume_id();
    facts.insert("id".into(), format!("{:04X}-{:04X}", id >> 16, id & 0xFFFF));
    let mut left = MOST_NAMES;
    list(&fs.root_dir(), "", &mut left, &mut facts)?;
    Ok(facts)
}

fn list(
    dir: &Dir<'_, Disk>,
    path: &str,
    left: &mut usize,
    facts: &mut Facts,
) -> Result<(), String> {
    for entry in dir.iter() {
        *left = left.checked_sub(1).ok_or("its directories have no end")?;
        let entry = match entry {
            Ok(entry) => entry,
            Err(e) => {
                add(facts, format!("{path}/"), &format!("unreadable: {e}"));
                break;
            }
        };
        let name = entry.file_name();
        if name == "." || name == ".." {
            continue;
        }
        let below = format!("{path}/{name}");
        if entry.is_dir() {
            add(facts, below.clone(), "directory");
            list(&entry.to_dir(), &below, left, facts)?;
        } else {
            add(facts, below, &contents(entry.len(), &mut entry.to_file()));
        }
    }
    Ok(())
}
