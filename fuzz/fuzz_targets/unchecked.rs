//! Volumes without checksums: what a plain change of metadata would make wrong, and who writes an image makes
//! right again.

/// Switches off the checksums of the metadata (CRC-32C) of every ext volume in `disk`, in the superblock and its
/// copies.
pub fn unchecked(disk: &mut [u8]) {
    /// The volume's magic at byte 56.
    const MAGIC: [u8; 2] = [0x53, 0xEF];
    for block in disk.chunks_exact_mut(512) {
        if block[56..58] == MAGIC {
            // `s_feature_ro_compat`: METADATA_CSUM, 0x400; `s_feature_incompat`: CSUM_SEED, 0x2000.
            block[101] &= !0x04;
            block[97] &= !0x20;
        }
    }
}
