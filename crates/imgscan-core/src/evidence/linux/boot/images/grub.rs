//! GRUB's modules below `/boot`, which its core loads into the boot loader, and the copies that
//! the package keeps.

use super::Facts;
use crate::error::{Layer, contained};
use crate::evidence::linux::boot::menu::MODULES;
use crate::evidence::linux::reader::base;
use crate::evidence::{Gap, Location};
use crate::fs::FileKind;
use crate::source::read_all;

/// Where packages keep the originals.
const ORIGINALS: &[&str] = &["/usr/lib/grub"];
/// The longest module, in bytes.
const MAX_MODULE: u64 = 16 * 1024 * 1024;

/// The modules for one platform (`i386-pc`, `x86_64-efi`).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GrubModules {
    /// The folder below `/boot`.
    pub folder: String,
    /// The platform.
    pub platform: String,
    /// How many, with the lists that name them, are byte for byte the package's.
    pub same: usize,
    /// Those that differ from the package's copy.
    pub differ: Vec<Location>,
    /// Those of which the package keeps no copy.
    pub unknown: Vec<Location>,
    /// True where the package keeps no modules for the platform at all.
    pub no_originals: bool,
    /// `core.img`, which is generated, where it is kept as a file.
    pub core: Option<Location>,
    /// What could not be read.
    pub gaps: Vec<Gap>,
}

pub(super) fn collect(facts: &Facts<'_>) -> Vec<GrubModules> {
    let mut all = Vec::new();
    for folder in MODULES {
        let mut gaps = Vec::new();
        for platform in facts.reader.children(folder.as_bytes(), &mut gaps) {
            let name = crate::text::lossless(base(&platform));
            if !["-pc", "-efi", "-ieee1275", "-xen", "-coreboot"]
                .iter()
                .any(|e| name.ends_with(e))
            {
                continue;
            }
            all.push(modules(facts, &platform, &name));
        }
        if let Some(last) = all.last_mut() {
            last.gaps.extend(gaps);
        }
    }
    all
}

fn modules(facts: &Facts<'_>, folder: &[u8], platform: &str) -> GrubModules {
    let reader = &facts.reader;
    let mut found = GrubModules {
        folder: crate::text::lossless(folder),
        platform: platform.to_owned(),
        ..GrubModules::default()
    };
    let mut gaps = Vec::new();
    let originals = ORIGINALS
        .iter()
        .map(|o| format!("{o}/{platform}").into_bytes())
        .find(|o| !reader.children(o, &mut gaps).is_empty());
    found.no_originals = originals.is_none();
    for path in reader.children(folder, &mut gaps) {
        let name = base(&path);
        let Some(at) = reader.find(&path, &mut gaps) else {
            continue;
        };
        if at.metadata.kind != FileKind::Regular {
            continue;
        }
        if name == b"core.img" {
            found.core = Some(Location::of(&at));
        }
        // Lists say which module a command, a file system or a table of partitions comes from.
        if !name.ends_with(b".mod") && !name.ends_with(b".lst") {
            continue;
        }
        let Some(folder) = &originals else {
            found.unknown.push(Location::of(&at));
            continue;
        };
        let original = [folder.as_slice(), b"/", name].concat();
        let Some(other) = reader.find(&original, &mut gaps) else {
            found.unknown.push(Location::of(&at));
            continue;
        };
        let equal = contained(
            Layer::Guest,
            || say!(doing_grub_module),
            || {
                if at.metadata.size != other.metadata.size {
                    return Ok(false);
                }
                let ours = read_all(at.open()?.as_ref(), MAX_MODULE)?;
                Ok(ours == read_all(other.open()?.as_ref(), MAX_MODULE)?)
            },
        );
        match equal {
            Ok(true) => found.same += 1,
            Ok(false) => found.differ.push(Location::of(&at)),
            Err(e) => gaps.push(Gap::new(Location::of(&at), &e)),
        }
    }
    found.gaps = gaps;
    found
}
