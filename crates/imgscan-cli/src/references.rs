//! What the user gives beside the image: further certificates, and files known good.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use imgscan_core::baseline::{self, Baseline};
use imgscan_core::declaration::Declaration;
use imgscan_core::evidence::References;
use imgscan_core::source::open_file;
use imgscan_core::trust::Bundle;
use imgscan_core::{Error, Layer};

use crate::args::ReferenceArgs;
use crate::exit::Failure;

/// The longest file of certificates, in bytes.
const MAX_TRUST: u64 = 16 * 1024 * 1024;

/// The files with it, read but not yet understood: some are a vendor's, or as large as an image.
pub(crate) struct Files {
    /// Each with its name.
    trust: Vec<(String, Vec<u8>)>,
    baseline: Option<Vec<u8>>,
}

impl Files {
    /// The certificates in the files `trust`, and the database `baseline`.
    pub(crate) fn read(trust: &[PathBuf], baseline: Option<&PathBuf>) -> Result<Self, Failure> {
        let mut files = Self {
            trust: Vec::new(),
            baseline: None,
        };
        for path in trust {
            let bytes = read(path, MAX_TRUST)?;
            files.trust.push((path.display().to_string(), bytes));
        }
        if let Some(path) = baseline {
            files.baseline = Some(read(path, baseline::MAX_BYTES)?);
        }
        Ok(files)
    }

    /// What `args` name.
    pub(crate) fn of(args: &ReferenceArgs) -> Result<Self, Failure> {
        Self::read(&args.trust, args.baseline.as_ref())
    }

    /// What they say, with what is compiled in.
    pub(crate) fn parse(self) -> Result<Given, Failure> {
        let mut trust = Bundle::built_in().clone();
        for (name, bytes) in &self.trust {
            trust = trust.with_user_file(bytes, name)?;
        }
        let baseline = self.baseline.map(|bytes| Baseline::parse(&bytes));
        Ok(Given {
            trust,
            baseline: baseline.transpose()?,
        })
    }
}

/// What was read of it.
pub(crate) struct Given {
    pub(crate) trust: Bundle,
    pub(crate) baseline: Option<Baseline>,
}

impl Given {
    /// As collectors take it.
    pub(crate) fn references(&self) -> References<'_> {
        References {
            trust: Some(&self.trust),
            baseline: self.baseline.as_ref(),
        }
    }
}

/// The vendor's declaration, where one is given: its name and its text.
pub(crate) struct DeclarationFile(Option<(String, String)>);

impl DeclarationFile {
    /// That at `path`.
    pub(crate) fn read(path: Option<&PathBuf>) -> Result<Self, Failure> {
        let Some(path) = path else {
            return Ok(Self(None));
        };
        let text = Declaration::read(path)?;
        Ok(Self(Some((path.display().to_string(), text))))
    }

    /// What it says.
    pub(crate) fn parse(self) -> Result<Option<Declaration>, Failure> {
        let declared = self.0.map(|(name, text)| Declaration::parse(&name, &text));
        Ok(declared.transpose()?)
    }
}

/// The bytes of the reference database at `path`.
pub(crate) fn database(path: &Path) -> Result<Vec<u8>, Failure> {
    read(path, baseline::MAX_BYTES)
}

/// A file of the host of at most `limit` bytes.
pub(crate) fn read(path: &Path, limit: u64) -> Result<Vec<u8>, Failure> {
    let host = |e: std::io::Error| Failure::host(path, &e);
    let mut bytes = Vec::new();
    let mut part = open_file(path)?.take(limit + 1);
    part.read_to_end(&mut bytes).map_err(host)?;
    if bytes.len() as u64 > limit {
        let file = path.display().to_string();
        let why = say!(host_too_long, file = file, limit = limit);
        return Err(Error::limit(Layer::Source, None, why).into());
    }
    Ok(bytes)
}
