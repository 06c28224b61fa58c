//! Run lists: which clusters of the volume hold which clusters of an attribute.

use std::ops::Range;
use std::sync::Arc;

use crate::error::{Layer, Result};
use crate::source::{ReadAt, check_range};
use crate::text::Text;

use super::boot::Boot;
use super::corrupt;

/// Clusters that a file can have at most: Microsoft, "NTFS overview", 2^32 - 1 clusters.
const MAX_CLUSTERS: u64 = 1 << 32;

/// A part of an attribute's clusters as one record stores it.
#[derive(Debug, Clone)]
pub(super) struct Part {
    /// First cluster of the attribute that this part maps.
    pub(super) lowest: u64,
    /// The encoded run list.
    pub(super) encoded: Vec<u8>,
    /// Byte of the volume where the part's record stands.
    pub(super) offset: u64,
}

/// Consecutive clusters of an attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Run {
    /// First cluster within the attribute.
    pub(super) vcn: u64,
    /// Number of clusters.
    pub(super) len: u64,
    /// First cluster within the volume; `None` for a hole.
    pub(super) lcn: Option<u64>,
}

impl Run {
    pub(super) fn end(&self) -> u64 {
        self.vcn.saturating_add(self.len)
    }
}

/// The runs of an attribute in order; there may be gaps where a part could not be read.
#[derive(Debug, Clone, Default)]
pub(super) struct Runs(Vec<Run>);

impl Runs {
    /// Bytes of memory that they take.
    pub(super) fn held(&self) -> usize {
        self.0.len().saturating_mul(size_of::<Run>())
    }

    /// Decodes the parts. `image_clusters` is how many clusters the image really holds: the runs
    /// may not map more, so that reading never costs more than the image.
    pub(super) fn decode(parts: &[Part], boot: &Boot, image_clusters: u64) -> Result<Self> {
        let mut runs: Vec<Run> = Vec::new();
        let mut order: Vec<&Part> = parts.iter().collect();
        order.sort_by_key(|p| p.lowest);
        let mut mapped = 0_u64;
        for part in order {
            if runs.last().is_some_and(|r| r.end() > part.lowest) {
                return Err(corrupt(part.offset, say!(error_ntfs_runs_overlap)));
            }
            for run in decode_part(part, boot)? {
                if let Some(lcn) = run.lcn {
                    let held = run.len.min(image_clusters.saturating_sub(lcn));
                    mapped = mapped.saturating_add(held);
                    if mapped > image_clusters {
                        let why = say!(error_ntfs_runs_volume);
                        return Err(corrupt(part.offset, say!(error_ntfs_runs, why = why)));
                    }
                }
                match runs.last_mut() {
                    Some(last) if joins(last, &run) => {
                        last.len = last.len.saturating_add(run.len);
                    }
                    _ => runs.push(run),
                }
            }
        }
        runs.shrink_to_fit();
        Ok(Self(runs))
    }

    /// The run that holds `vcn`.
    pub(super) fn find(&self, vcn: u64) -> Option<&Run> {
        let at = self.0.partition_point(|r| r.end() <= vcn);
        self.0.get(at).filter(|r| r.vcn <= vcn)
    }

    /// The runs that reach into `vcns`.
    pub(super) fn within(&self, vcns: Range<u64>) -> impl Iterator<Item = &Run> {
        let at = self.0.partition_point(|r| r.end() <= vcns.start);
        let reached = self.0.get(at..).unwrap_or_default();
        reached.iter().take_while(move |r| r.vcn < vcns.end)
    }
}

/// True where `next` goes on directly behind `last`, in the attribute and in the volume.
fn joins(last: &Run, next: &Run) -> bool {
    last.end() == next.vcn
        && match (last.lcn, next.lcn) {
            (None, None) => true,
            (Some(a), Some(b)) => a.checked_add(last.len) == Some(b),
            _ => false,
        }
}

/// Decodes one run list: a header byte (bytes of the length in the low half, bytes of the signed
/// distance from the previous run in the high half, none for a hole), until a zero byte.
fn decode_part(part: &Part, boot: &Boot) -> Result<Vec<Run>> {
    let bad = |why: Text| corrupt(part.offset, say!(error_ntfs_runs, why = why));
    let mut rest = part.encoded.as_slice();
    let mut runs = Vec::new();
    let (mut vcn, mut lcn) = (part.lowest, 0_i64);
    loop {
        let at = part.encoded.len().saturating_sub(rest.len());
        let (&header, behind) = rest
            .split_first()
            .ok_or_else(|| bad(say!(error_ntfs_runs_endless)))?;
        if header == 0 {
            return Ok(runs);
        }
        let (len_bytes, lcn_bytes) = (usize::from(header & 15), usize::from(header >> 4));
        let body = behind
            .split_at_checked(len_bytes)
            .and_then(|(len, behind)| Some((len, behind.split_at_checked(lcn_bytes)?)))
            .filter(|_| (1..=8).contains(&len_bytes) && lcn_bytes <= 8);
        let (len, (step, behind)) = body.ok_or_else(|| {
            let header = format!("{header:#04x}");
            bad(say!(error_ntfs_runs_header, header = header, at = at))
        })?;
        rest = behind;
        let len = signed(len);
        let len = u64::try_from(len)
            .ok()
            .filter(|l| *l > 0 && *l <= MAX_CLUSTERS)
            .ok_or_else(|| bad(say!(error_ntfs_runs_length, length = len)))?;
        let place = if lcn_bytes == 0 {
            None
        } else {
            lcn = lcn
                .checked_add(signed(step))
                .ok_or_else(|| bad(say!(error_ntfs_runs_overflow)))?;
            // Volumes of NTFS 1.2 and 3.0 wrote holes as cluster -1.
            match u64::try_from(lcn) {
                Ok(first) if first.checked_add(len).is_some_and(|e| e <= boot.clusters) => {
                    Some(first)
                }
                Err(_) if lcn == -1 => None,
                _ => {
                    return Err(bad(say!(
                        error_ntfs_runs_outside,
                        length = len,
                        first = lcn,
                        clusters = boot.clusters
                    )));
                }
            }
        };
        let run = Run {
            vcn,
            len,
            lcn: place,
        };
        vcn = vcn
            .checked_add(len)
            .filter(|v| *v <= MAX_CLUSTERS)
            .ok_or_else(|| bad(say!(error_ntfs_runs_file)))?;
        runs.push(run);
    }
}

/// A little-endian signed number of 1 to 8 bytes.
fn signed(bytes: &[u8]) -> i64 {
    let negative = bytes.last().is_some_and(|b| b & 0x80 != 0);
    let mut full = if negative { [0xFF; 8] } else { [0; 8] };
    full.iter_mut()
        .zip(bytes)
        .for_each(|(to, from)| *to = *from);
    i64::from_le_bytes(full)
}

/// The contents of a non-resident attribute that is neither compressed nor encrypted.
pub(super) struct Extents {
    pub(super) volume: Arc<dyn ReadAt>,
    pub(super) runs: Runs,
    /// Bytes of a cluster.
    pub(super) cluster: u64,
    /// Length in bytes.
    pub(super) size: u64,
    /// Bytes that were ever written; behind them come zeros, whatever the clusters hold.
    pub(super) initialized: u64,
    /// Byte of the volume where the attribute's record stands.
    pub(super) offset: u64,
}

impl Extents {
    /// Clusters as bytes: at most 2^53 of a file, and what fits in 64 bits of the volume.
    fn bytes(&self, clusters: u64) -> u64 {
        clusters.saturating_mul(self.cluster)
    }

    /// Byte of the volume that holds byte `at`, where it lies in clusters.
    pub(super) fn physical(&self, at: u64) -> Option<u64> {
        let vcn = at.checked_div(self.cluster)?;
        let run = self.runs.find(vcn)?;
        let lcn = run.lcn?.checked_add(vcn)?.checked_sub(run.vcn)?;
        let within = at.checked_rem(self.cluster)?;
        lcn.checked_mul(self.cluster)?.checked_add(within)
    }

    /// Reads without regard to `size` and `initialized`: compressed units end behind both.
    pub(super) fn read_clusters(&self, mut buf: &mut [u8], mut at: u64) -> Result<()> {
        while !buf.is_empty() {
            let vcn = at.checked_div(self.cluster);
            let Some(run) = vcn.and_then(|vcn| self.runs.find(vcn)) else {
                return Err(corrupt(self.offset, say!(error_ntfs_unmapped, at = at)));
            };
            let within = at.saturating_sub(self.bytes(run.vcn));
            let left = self.bytes(run.len).saturating_sub(within);
            let n = usize::try_from(left).map_or(buf.len(), |l| l.min(buf.len()));
            let (now, rest) = buf.split_at_mut(n);
            match run.lcn {
                Some(lcn) => {
                    let place = self.bytes(lcn).saturating_add(within);
                    self.volume.read_at(now, place)?;
                }
                None => now.fill(0),
            }
            at = at.saturating_add(n as u64);
            buf = rest;
        }
        Ok(())
    }
}

impl ReadAt for Extents {
    fn len(&self) -> u64 {
        self.size
    }

    fn read_at(&self, buf: &mut [u8], offset: u64) -> Result<()> {
        check_range(Layer::Ntfs, offset, buf.len() as u64, self.size)?;
        let written = self.initialized.saturating_sub(offset);
        let n = usize::try_from(written).map_or(buf.len(), |w| w.min(buf.len()));
        let (stored, zeros) = buf.split_at_mut(n);
        zeros.fill(0);
        self.read_clusters(stored, offset)
    }

    fn next_data(&self, from: u64) -> Result<Option<Range<u64>>> {
        let end = self.size.min(self.initialized);
        let mut at = from;
        while at < end {
            let vcn = at.checked_div(self.cluster);
            match vcn.and_then(|vcn| self.runs.find(vcn)) {
                Some(run) if run.lcn.is_none() => at = self.bytes(run.end()),
                Some(run) => return Ok(Some(at..end.min(self.bytes(run.end())))),
                // Not mapped: reading it is the error, so it must not look like a hole.
                None => return Ok(Some(at..end)),
            }
        }
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn boot(clusters: u64) -> Boot {
        Boot {
            sector: 512,
            cluster: 4096,
            clusters,
            sectors: clusters * 8,
            mft: 4,
            mirror: 8,
            record: 1024,
            index: 4096,
            serial: 0,
        }
    }

    fn decode(encoded: &[u8], clusters: u64) -> Result<Runs> {
        let part = Part {
            lowest: 0,
            encoded: encoded.to_vec(),
            offset: 0,
        };
        Runs::decode(&[part], &boot(clusters), clusters)
    }

    /// The example of the Linux-NTFS documentation, "Data Runs", with a sparse run.
    #[test]
    fn runs_go_on_from_the_previous_one_and_may_be_holes() {
        let list = [
            0x21, 0x30, 0x60, 0x00, 0x21, 0x10, 0x00, 0x01, 0x01, 0x05, 0x11, 0x20, 0xE0, 0,
        ];
        let runs = decode(&list, 1000).unwrap();
        let run = |vcn, len, lcn| Run { vcn, len, lcn };
        assert_eq!(
            runs.0,
            [
                run(0, 0x30, Some(0x60)),
                run(0x30, 0x10, Some(0x160)),
                run(0x40, 5, None),
                run(0x45, 0x20, Some(0x140)),
            ]
        );
        assert_eq!(runs.find(0x44).unwrap().lcn, None);
        assert!(runs.find(0x65).is_none());
    }

    #[test]
    fn runs_outside_the_volume_or_without_an_end_are_refused() {
        assert!(decode(&[0x11, 0x10, 0x10, 0], 31).is_err());
        assert!(decode(&[0x11, 0x10, 0x10], 100).is_err());
        assert!(decode(&[0x11, 0x10, 0xF0, 0], 100).is_err());
        assert!(decode(&[0x10, 0x10, 0], 100).is_err());
        assert!(decode(&[0x11, 0x00, 0x10, 0], 100).is_err());
        assert!(
            decode(
                &[
                    0x99, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0
                ],
                100
            )
            .is_err()
        );
        // The same clusters mapped again and again.
        assert!(decode(&[0x11, 60, 10, 0x11, 60, 0, 0], 100).is_err());
    }
}
