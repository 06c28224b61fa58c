//! Scripts that Windows runs by itself around its setup.

use super::Windows;
use crate::evidence::{Gap, Location};

/// Longer scripts are not read, in bytes.
const MAX_SCRIPT: u64 = 1024 * 1024;

/// A script as its lines.
#[derive(Debug, Clone)]
pub struct Script {
    /// The file.
    pub at: Location,
    /// Its lines; bytes that are not UTF-8 as `\xNN`.
    pub lines: Vec<String>,
}

/// `\Windows\Setup\Scripts\SetupComplete.cmd`: run once as SYSTEM when the setup of a generalized
/// image is complete.
pub(super) fn collect(windows: &Windows<'_>) -> Result<Option<Script>, Gap> {
    let path = format!(
        r"{}\Setup\Scripts\SetupComplete.cmd",
        windows.roots().windows
    );
    let read = windows
        .guest
        .paths
        .read_if_there(path.as_bytes(), MAX_SCRIPT);
    let Some(file) = read.map_err(|e| Gap::at_path(&path, &e))? else {
        return Ok(None);
    };
    let text = crate::text::lossless(&file.bytes);
    Ok(Some(Script {
        at: Location::of_file(&file),
        lines: text.lines().map(str::to_owned).collect(),
    }))
}
