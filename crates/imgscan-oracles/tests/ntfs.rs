//! NTFS volumes: the crate `ntfs`.

#![allow(missing_docs, clippy::unwrap_used)]

use std::collections::BTreeSet;

use imgscan_oracles::{
    Comparison, Disk, Facts, Fault, add, contained, contents, each_volume, tree,
};
use ntfs::structured_values::NtfsFileNamespace;
use ntfs::{Ntfs, NtfsAttributeType, NtfsFile, NtfsReadSeek};

/// Reparse tags of a symbolic link, of a junction and of a link that Linux made.
const LINKS: [u32; 3] = [0xA000_000C, 0xA000_0003, 0xA000_001D];

/// The first record that is not the file system's own.
const FIRST_USER: u64 = 24;

const FAULTS: &[Fault] = &[
    Fault {
        why: "what NTFS compressed is given as it is stored (LZNT1)",
        at: &[
            ("testdata/ntfs/tiny.img.zst", "/compressed/mixed"),
            ("testdata/ntfs/tiny.img.zst", "/compressed/words"),
            (
                "composed-windows/win7-mbr.qcow2.zst p2",
                "/Windows/inf/setupapi.dev.log",
            ),
            ("dissect.ntfs/ntfs.bin.gz", "/Large.txt"),
        ],
    },
    Fault {
        why: "what Windows Overlay Filter compressed is zeros, and its stream is shown",
        at: &[("testdata/ntfs/tiny.img.zst", "/wof/*")],
    },
    Fault {
        why: "behind the initialised size are bytes that the disk held before",
        at: &[("testdata/ntfs/tiny.img.zst", "/initialised to *")],
    },
    Fault {
        why: "a record that is split between two runs of the table is read as if it were not",
        at: &[("ntfs-crate/testfs1.zst", "/many_subdirs/187")],
    },
];

#[test]
fn ntfs_sees_the_same_files() {
    let mut all = Comparison::new("ntfs 0.4", FAULTS);
    let corpus = each_volume("ntfs", |name, volume| {
        let Some(fs) = volume.file_system() else {
            return;
        };
        let mut ours = tree(fs, true);
        // The crate does not read targets.
        for fact in ours.values_mut().filter(|f| f.starts_with("link to")) {
            let number = fact.rfind(" #").unwrap_or(0);
            *fact = format!("link{}", &fact[number..]);
        }
        ours.insert("serial".into(), fs.info().uuid.unwrap_or_default());
        ours.insert("label".into(), fs.info().label.unwrap_or_default());
        let disk = Disk::new(volume.volume.data.clone());
        all.add(name, &ours, contained(|| theirs(disk)));
    });
    all.finish(corpus, 16);
}

fn theirs(mut disk: Disk) -> Result<Facts, String> {
    let mut ntfs = Ntfs::new(&mut disk).map_err(|e| e.to_string())?;
    ntfs.read_upcase_table(&mut disk)
        .map_err(|e| e.to_string())?;
    let mut facts = Facts::new();
    facts.insert("serial".into(), format!("{:016X}", ntfs.serial_number()));
    let label = ntfs.volume_name(&mut disk).and_then(Result::ok);
    let label = label.map(|l| l.name().to_string_lossy());
    facts.insert("label".into(), label.unwrap_or_default());
    let root = ntfs.root_directory(&mut disk).map_err(|e| e.to_string())?;
    list(
        &ntfs,
        &mut disk,
        &root,
        "",
        &mut BTreeSet::new(),
        &mut facts,
    );
    Ok(facts)
}

fn list(
    ntfs: &Ntfs,
    disk: &mut Disk,
    dir: &NtfsFile<'_>,
    path: &str,
    entered: &mut BTreeSet<u64>,
    facts: &mut Facts,
) {
    if !entered.insert(dir.file_record_number()) {
        return;
    }
    let index = match dir.directory_index(disk) {
        Ok(index) => index,
        Err(e) => return add(facts, format!("{path}/"), &format!("unreadable: {e}")),
    };
    let mut names = Vec::new();
    let mut entries = index.entries();
    while let Some(entry) = entries.next(disk) {
        let entry = match entry {
            Ok(entry) => entry,
            Err(e) => {
                add(facts, format!("{path}/"), &format!("unreadable: {e}"));
                break;
            }
        };
        let Some(Ok(name)) = entry.key() else {
            continue;
        };
        let number = entry.file_reference().file_record_number();
        // imgscan leaves out the file system's own files.
        if name.namespace() != NtfsFileNamespace::Dos && number >= FIRST_USER {
            names.push((name.name().to_string_lossy(), number));
        }
    }
    names.sort();
    for (name, number) in names {
        let below = format!("{path}/{name}");
        let file = match ntfs.file(disk, number) {
            Ok(file) => file,
            Err(e) => {
                add(facts, below, &format!("unreadable: {e}"));
                continue;
            }
        };
        let what = one(disk, &file, &below, facts);
        add(facts, below.clone(), &format!("{what} #{number}"));
        if what == "directory" {
            list(ntfs, disk, &file, &below, entered, facts);
        }
    }
}

/// What `file` is; its streams are added to `facts`.
fn one(disk: &mut Disk, file: &NtfsFile<'_>, path: &str, facts: &mut Facts) -> String {
    let mut main = None;
    let mut link = false;
    let mut attributes = file.attributes();
    while let Some(item) = attributes.next(disk) {
        let item = match item {
            Ok(item) => item,
            Err(e) => return format!("unreadable: {e}"),
        };
        let Ok(attribute) = item.to_attribute() else {
            continue;
        };
        let kind = attribute.ty();
        let Ok(mut value) = attribute.value(disk) else {
            continue;
        };
        match kind {
            Ok(NtfsAttributeType::ReparsePoint) => {
                let mut tag = [0; 4];
                let read = value.read_exact(disk, &mut tag);
                link |= read.is_ok() && LINKS.contains(&u32::from_le_bytes(tag));
            }
            Ok(NtfsAttributeType::Data) => {
                let name = attribute.name().map(|n| n.to_string_lossy());
                let name = name.unwrap_or_default();
                let fact = contents(attribute.value_length(), &mut value.attach(disk));
                match name.is_empty() {
                    true => main = Some(fact),
                    false => add(facts, format!("{path}:{name}"), &fact),
                }
            }
            _ => {}
        }
    }
    match (link, file.is_directory(), main) {
        (true, ..) => "link".into(),
        (_, true, _) => "directory".into(),
        (_, _, Some(main)) => main,
        (_, _, None) => contents(0, &mut std::io::empty()),
    }
}
