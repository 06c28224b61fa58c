//! Windows guests for tests.

use std::sync::Arc;

use crate::fs::memory::MemoryFs;
use crate::fs::{Content, FileSystem, OpenVolume};
use crate::guest::Guest;
use crate::source::MemorySource;
use crate::volume::Volume;

/// Partition `number` of an MBR that begins at byte `offset`; the first is active, without code.
pub(crate) fn volume_of(number: u32, offset: u64, fs: Arc<dyn FileSystem>) -> OpenVolume {
    OpenVolume {
        volume: Volume {
            name: format!("p{number}"),
            number,
            offset,
            len: 1 << 20,
            kind: "07".into(),
            label: None,
            part_uuid: Some(format!("5711aa01-{number:02x}")),
            bootable: number == 1,
            attributes: 0,
            data: Arc::new(MemorySource(vec![0; 8192])),
        },
        content: Content::FileSystem(fs),
        also: Vec::new(),
    }
}

/// [`volume_of`] for files in memory.
pub(crate) fn volume(number: u32, offset: u64, fs: MemoryFs) -> OpenVolume {
    volume_of(number, offset, Arc::new(fs))
}

/// The volume that the mounts of the hives of testdata/recipes/hives.py call `C:`.
pub(crate) fn system_volume(fs: MemoryFs) -> OpenVolume {
    volume(2, 34_603_008, fs)
}

/// The guests of a disk whose only volume is the system's.
pub(crate) fn guests(fs: MemoryFs) -> Vec<Guest> {
    crate::guest::find(&[system_volume(fs)])
}
