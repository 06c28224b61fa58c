//! What whole-tree work reads at most. One volume can claim any number of huge files that hold
//! nothing, or that share their blocks.

use imgscan_core::{Error, Layer};

/// Bytes that may be read for each byte of the image's files: more than honest images need that
/// are compressed or have sparse files.
const TIMES: u64 = 64;
/// Bytes that may be read in any case.
const FREE: u64 = 16 << 30;

/// Counts the bytes of the files that are read.
#[derive(Debug)]
pub(crate) struct Budget {
    whole: u64,
    left: u64,
}

impl Budget {
    /// For an image whose files have this many bytes.
    pub(crate) fn new(image_bytes: u64) -> Self {
        let whole = image_bytes.saturating_mul(TIMES).saturating_add(FREE);
        Self { whole, left: whole }
    }

    /// Takes a file of `bytes` bytes. One that is too large takes nothing, so that smaller ones
    /// behind it are still read.
    ///
    /// # Errors
    /// [`imgscan_core::Kind::Limit`] where less is left.
    pub(crate) fn take(&mut self, bytes: u64) -> Result<(), Error> {
        match self.left.checked_sub(bytes) {
            Some(left) => {
                self.left = left;
                Ok(())
            }
            None => Err(Error::limit(
                Layer::Volume,
                None,
                say!(
                    budget_spent,
                    bytes = bytes,
                    left = self.left,
                    whole = self.whole,
                    times = TIMES
                ),
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_beyond_the_budget_takes_nothing() {
        let mut budget = Budget::new(1 << 20);
        let whole = (64 << 20) + (16 << 30);
        assert!(budget.take(whole - 10).is_ok());
        let e = budget.take(11).unwrap_err();
        assert_eq!(e.kind, imgscan_core::Kind::Limit);
        assert!(budget.take(10).is_ok());
        assert!(budget.take(1).is_err());
        assert!(budget.take(0).is_ok());
        assert!(Budget::new(u64::MAX).take(u64::MAX).is_ok());
    }
}
