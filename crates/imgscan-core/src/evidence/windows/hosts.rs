//! The file `hosts`: names that are not asked of a name server.

use serde::Serialize;

use super::{Datum, Windows, outside, xml};
use crate::evidence::{Collected, Gap, Location};
use crate::guest::windows::expand;

/// Where Windows looks for it, unless the registry names another folder.
const FOLDER: &str = r"%SystemRoot%\System32\drivers\etc";
const PARAMETERS: &str = r"HKLM\SYSTEM\CurrentControlSet\Services\Tcpip\Parameters";
/// The longest file that is read, in bytes.
const MAX_FILE: u64 = 4 * 1024 * 1024;

/// A line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HostsLine {
    /// The address.
    pub address: String,
    /// The names that stand for it.
    pub names: Vec<String>,
}

/// Names of the files: the second is that of connection sharing, and is read as well.
const FILES: [&str; 2] = ["hosts", "hosts.ics"];

/// The lines of both files, without those that are empty or a comment.
pub(super) fn collect(windows: &Windows<'_>) -> Collected<HostsLine> {
    let mut out = Collected::default();
    let moved = windows.values(PARAMETERS, "DataBasePath");
    out.gaps.extend(moved.gaps);
    let moved = moved.items.into_iter().next();
    let folder = match &moved {
        Some(value) => match &value.fact.data {
            Datum::Text(text) if !text.starts_with(r"\\") => text.as_str(),
            // On the network, or of a type that is no path.
            other => {
                out.gaps
                    .push(Gap::new(value.at.clone(), &outside(other.to_string())));
                FOLDER
            }
        },
        None => FOLDER,
    };
    let folder = expand(folder, &windows.roots(), &[]);
    for file in FILES {
        let path = format!(r"{folder}\{file}");
        match windows.guest.paths.read_if_there(path.as_bytes(), MAX_FILE) {
            Ok(Some(file)) => {
                let at = Location::of_file(&file);
                for (i, line) in xml::decode(&file.bytes).lines().enumerate() {
                    let line = line.split('#').next().unwrap_or_default();
                    let mut words = line.split_whitespace().map(str::to_owned);
                    if let Some(address) = words.next() {
                        let names = words.collect();
                        out.push(HostsLine { address, names }, at.clone().line(i + 1));
                    }
                }
            }
            Ok(None) => {}
            Err(e) => out.gaps.push(Gap::at_path(path, &e)),
        }
    }
    out
}
