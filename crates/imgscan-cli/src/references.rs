//! What the user gives beside the image: further certificates, and files known good.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use imgscan_core::baseline::{self, Baseline};
use imgscan_core::declaration::Declaration;
use imgscan_core::evidence::References;
use imgscan_core::trust::Bundle;
use imgscan_core::{Error, Layer};

use crate::args::ReferenceArgs;
use crate::exit::Failure;

/// The longest file of certificates, in bytes.
const MAX_TRUST: u64 = 16 * 1024 * 1024;

/// What was read of it.
pub(crate) struct Given {
    pub(crate) trust: Bundle,
    pub(crate) baseline: Option<Baseline>,
}

impl Given {
    /// Nothing but what is compiled in.
    pub(crate) fn built_in() -> Self {
        Self {
            trust: Bundle::built_in().clone(),
            baseline: None,
        }
    }

    /// What is compiled in, and the certificates in these files.
    pub(crate) fn trusting(files: &[PathBuf]) -> Result<Self, Failure> {
        let mut given = Self::built_in();
        for path in files {
            let name = path.display().to_string();
            let bytes = read(path, MAX_TRUST)?;
            given.trust = given.trust.with_user_file(&bytes, &name)?;
        }
        Ok(given)
    }

    /// Reads what `args` name.
    pub(crate) fn read(args: &ReferenceArgs) -> Result<Self, Failure> {
        let Self { trust, .. } = Self::trusting(&args.trust)?;
        let baseline = match &args.baseline {
            Some(path) => Some(database(path)?),
            None => None,
        };
        Ok(Self { trust, baseline })
    }

    /// As collectors take it.
    pub(crate) fn references(&self) -> References<'_> {
        References {
            trust: Some(&self.trust),
            baseline: self.baseline.as_ref(),
        }
    }
}

/// The vendor's declaration at `path`, where one is given.
pub(crate) fn declaration(path: Option<&PathBuf>) -> Result<Option<Declaration>, Failure> {
    Ok(path.map(|path| Declaration::open(path)).transpose()?)
}

/// The reference database at `path`.
pub(crate) fn database(path: &Path) -> Result<Baseline, Failure> {
    Ok(Baseline::parse(&read(path, baseline::MAX_BYTES)?)?)
}

/// A file of the host of at most `limit` bytes.
pub(crate) fn read(path: &Path, limit: u64) -> Result<Vec<u8>, Failure> {
    let host = |e: std::io::Error| Failure::host(path, &e);
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(host)?;
    let mut part = file.take(limit + 1);
    part.read_to_end(&mut bytes).map_err(host)?;
    if bytes.len() as u64 > limit {
        let file = path.display().to_string();
        let why = say!(host_too_long, file = file, limit = limit);
        return Err(Error::limit(Layer::Source, None, why).into());
    }
    Ok(bytes)
}
