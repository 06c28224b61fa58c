//! Decompression of one cluster.

use zstd::zstd_safe::{DCtx, find_frame_compressed_size, get_error_name};

use super::header::Compression;
use crate::text::Text;

/// A decompressor with its scratch memory. One thread uses it at a time.
pub(super) struct Inflate {
    deflate: libdeflater::Decompressor,
    zstd: Option<DCtx<'static>>,
    /// Compressed bytes as read from the file.
    pub(super) input: Vec<u8>,
}

impl Default for Inflate {
    fn default() -> Self {
        Self {
            deflate: libdeflater::Decompressor::new(),
            zstd: None,
            input: Vec::new(),
        }
    }
}

impl Inflate {
    /// Decompresses `input` into all of `out`. Bytes behind the end of the stream are not looked
    /// at: a cluster's last sector may hold the beginning of the next one.
    ///
    /// # Errors
    /// Why the stream is not sound or not exactly as long as `out`.
    pub(super) fn cluster(
        &mut self,
        how: Compression,
        input: &[u8],
        out: &mut [u8],
    ) -> Result<(), Text> {
        match how {
            Compression::Zlib => self.zlib(input, out),
            Compression::Zstd => self.zstd(input, out),
        }
    }

    fn zlib(&mut self, input: &[u8], out: &mut [u8]) -> Result<(), Text> {
        match self.deflate.deflate_decompress(input, out) {
            Ok(n) if n == out.len() => Ok(()),
            Ok(n) => Err(short(n, out.len())),
            Err(libdeflater::DecompressionError::BadData) => Err(say!(error_qcow2_deflate_damaged)),
            Err(libdeflater::DecompressionError::InsufficientSpace) => {
                Err(say!(error_qcow2_deflate_long, size = out.len()))
            }
        }
    }

    /// A cluster may be several frames (as QEMU reads it); each is decoded in one piece.
    fn zstd(&mut self, mut input: &[u8], mut out: &mut [u8]) -> Result<(), Text> {
        let context = self.zstd.get_or_insert_with(DCtx::create);
        let whole = out.len();
        let mut done = 0;
        while done < whole {
            let len = find_frame_compressed_size(input)
                .map_err(|e| say!(error_qcow2_zstd_none, why = get_error_name(e)))?;
            let frame = input
                .get(..len)
                .filter(|f| !f.is_empty())
                .ok_or_else(|| short(done, whole))?;
            let n = context
                .decompress(out, frame)
                .map_err(|e| say!(error_qcow2_zstd_damaged, why = get_error_name(e)))?;
            done = done.saturating_add(n);
            out = out.get_mut(n..).unwrap_or_default();
            input = input.get(len..).unwrap_or_default();
        }
        Ok(())
    }
}

fn short(got: usize, wanted: usize) -> Text {
    say!(error_qcow2_compressed_short, found = got, expected = wanted)
}
