//! What a vendor declares of a product: the files that it installs, who signs them, and what it
//! starts. The user gives it beside the image; nothing of it is ever read from the image.
//!
//! It is read by [`Declaration::open`], which is in [`crate::policy`] with the reading of policies.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

/// The form of the file.
pub(crate) const SCHEMA: &str = "imgscan-declaration/1";

/// The variables that a path may begin with, in lower case.
pub(crate) const VARIABLES: [&str; 7] = [
    "systemroot",
    "windir",
    "systemdrive",
    "programfiles",
    "programfiles(x86)",
    "commonprogramfiles",
    "programdata",
];

/// A vendor's declaration of a product.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Declaration {
    /// The format of this file: `imgscan-declaration/1`.
    pub schema: String,
    /// The product, with its version.
    pub product: String,
    /// Who makes it.
    #[serde(default)]
    pub vendor: Option<String>,
    /// The files that it installs and that run. Those with a digest are explained.
    #[serde(default)]
    pub files: Vec<DeclaredFile>,
    /// Who signs its files: what carries a valid signature by such a certificate is explained.
    #[serde(default)]
    pub publishers: Vec<Publisher>,
    /// What of the system belongs to it. That explains nothing; it says where a finding belongs.
    #[serde(default)]
    pub entries: Vec<DeclaredEntry>,
    /// SHA-256 of the file, in lower-case hexadecimal.
    #[serde(skip)]
    pub sha256: String,
    /// Where each path stands in `files`; those of Windows as [`plain`] gives
    /// them.
    #[serde(skip)]
    pub(crate) by_path: BTreeMap<String, usize>,
}

/// A file of the product.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DeclaredFile {
    /// Where it belongs: `C:\Program Files\Shop\shop.exe`, or below a variable of the machine
    /// (`%ProgramFiles%\Shop\shop.exe`); on Linux `/opt/shop/bin/shop`, links followed.
    pub path: String,
    /// Its SHA-256. Without it the path only says where a finding belongs.
    #[serde(default)]
    pub sha256: Option<String>,
}

/// Who signs files of the product.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Publisher {
    /// Its name, for people.
    pub name: String,
    /// SHA-256 of the signer's certificate (DER).
    pub certificate_sha256: String,
}

/// Something of the system that belongs to the product: one of the keys is given.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DeclaredEntry {
    /// The name of a service.
    #[serde(default)]
    pub service: Option<String>,
    /// The path of a scheduled task, from `\`.
    #[serde(default)]
    pub task: Option<String>,
    /// The name of a value of a Run key, or of a file in a start-up folder.
    #[serde(default)]
    pub run: Option<String>,
}

impl Declaration {
    /// The product, with its vendor where that is given.
    #[must_use]
    pub fn name(&self) -> String {
        match &self.vendor {
            Some(vendor) => format!("{} ({vendor})", self.product),
            None => self.product.clone(),
        }
    }

    /// What is declared at `path`: of Windows in lower case and with backslashes, of Linux as it stands.
    pub(crate) fn file(&self, path: &str) -> Option<&DeclaredFile> {
        self.files.get(*self.by_path.get(path)?)
    }

    /// The publisher whose certificate has the digest `sha256`.
    #[must_use]
    pub fn publisher(&self, sha256: &str) -> Option<&Publisher> {
        let is = |p: &&Publisher| p.certificate_sha256.eq_ignore_ascii_case(sha256);
        self.publishers.iter().find(is)
    }
}

/// A path as it is compared: in lower case and with backslashes.
pub(crate) fn plain(path: &str) -> String {
    path.replace('/', "\\").to_lowercase()
}
