//! Drive letters: which volume of the image the registry gives which letter.

use crate::bytes::{guid, le32, le64};
use crate::error::Result;
use crate::fs::OpenVolume;
use crate::hive::Hive;

/// The letters (upper case) of `volumes`, each with the index of its volume, sorted.
///
/// `MountedDevices` holds for each letter the disk signature and byte offset of an MBR partition
/// (12 bytes), or `DMIO:ID:` and the GUID of a GPT partition (24 bytes).
pub(super) fn letters(system: &Hive, volumes: &[OpenVolume]) -> Result<Vec<(u8, usize)>> {
    let Some(key) = system.key("MountedDevices")? else {
        return Ok(Vec::new());
    };
    let mut out = Vec::new();
    for value in key.values().items {
        let letter = match value.name().as_bytes() {
            [device @ .., letter, b':'] if device.eq_ignore_ascii_case(br"\DosDevices\") => {
                letter.to_ascii_uppercase()
            }
            _ => continue,
        };
        let Ok(data) = value.bytes() else { continue };
        let index = volumes.iter().position(|v| is_volume(&data, v));
        if let Some(index) = index.filter(|_| letter.is_ascii_uppercase()) {
            out.push((letter, index));
        }
    }
    out.sort_unstable();
    Ok(out)
}

fn is_volume(data: &[u8], volume: &OpenVolume) -> bool {
    let Some(id) = &volume.volume.part_uuid else {
        return false;
    };
    if let Some(unique) = data.strip_prefix(b"DMIO:ID:") {
        return <&[u8; 16]>::try_from(unique).is_ok_and(|g| guid(g).eq_ignore_ascii_case(id));
    }
    // PARTUUID of an MBR partition begins with the disk signature.
    data.len() == 12
        && le32(data, 0).is_some_and(|sig| id.split('-').next() == Some(&format!("{sig:08x}")))
        && le64(data, 4) == Some(volume.volume.offset)
}
