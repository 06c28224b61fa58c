//! What both kinds of table report of how their partitions lie on the disk.

use super::Volume;
use crate::error::{Error, Layer};

/// A partition that the disk is too short for.
pub(super) fn past_end(
    layer: Layer,
    at: u64,
    number: u32,
    offset: u64,
    len: u64,
    disk: u64,
) -> Option<Error> {
    let end = offset.saturating_add(len);
    (end > disk).then(|| {
        Error::corrupt(
            layer,
            at,
            say!(
                error_partition_past_end,
                number = number,
                from = offset,
                to = end,
                size = disk
            ),
        )
    })
}

/// Overlapping partitions, and partitions whose numbers are not in the order of the disk.
pub(super) fn notes(layer: Layer, volumes: &[Volume]) -> Vec<Error> {
    let mut notes = Vec::new();
    let mut sorted: Vec<&Volume> = volumes.iter().collect();
    sorted.sort_by_key(|v| (v.offset, v.number));
    let mut reach: Option<&Volume> = None;
    for v in &sorted {
        if let Some(before) = reach
            && v.offset < before.offset.saturating_add(before.len)
        {
            notes.push(Error::notice(
                layer,
                v.offset,
                say!(
                    error_partition_overlap,
                    first = before.number,
                    second = v.number
                ),
            ));
        }
        let end = |v: &Volume| v.offset.saturating_add(v.len);
        if reach.is_none_or(|before| end(v) > end(before)) {
            reach = Some(v);
        }
    }
    let mut pairs = sorted.iter().zip(sorted.iter().skip(1));
    if let Some((first, second)) = pairs.find(|(a, b)| a.number > b.number) {
        notes.push(Error::notice(
            layer,
            second.offset,
            say!(
                error_partition_order,
                first = first.number,
                second = second.number
            ),
        ));
    }
    notes
}
