//! Opens the partition table of a disk and reads the ends of its volumes.

use std::sync::Arc;

use imgscan_core::source::{MemorySource, ReadAt};
use imgscan_core::volume;

/// Visits the disk `data`.
pub fn visit(data: &[u8]) {
    let disk: Arc<dyn ReadAt> = Arc::new(MemorySource(data.to_vec()));
    let Ok(table) = volume::open(&disk) else {
        return;
    };
    let mut buf = [0; 512];
    for volume in &table.volumes {
        assert!(volume.offset.checked_add(volume.len).is_some());
        assert!(volume.data.len() <= volume.len);
        let _ = volume.data.read_at(&mut buf, 0);
        let _ = volume
            .data
            .read_at(&mut buf, volume.len.saturating_sub(512));
    }
}
