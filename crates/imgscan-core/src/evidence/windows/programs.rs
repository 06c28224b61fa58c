//! Programs and updates that are installed.

use std::collections::BTreeSet;

use serde::Serialize;

use super::{KeyAt, Windows};
use crate::evidence::{Collected, Found, Gap};
use crate::guest::windows::GuestHive;

/// A program that is installed, as the list of programs of the control panel has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Program {
    /// The name of its key.
    pub key: String,
    /// `DisplayName`; the control panel shows none without it.
    pub name: Option<String>,
    /// `DisplayVersion`.
    pub version: Option<String>,
    /// `Publisher`.
    pub publisher: Option<String>,
    /// `InstallDate` (`YYYYMMDD`, but the installer may write anything).
    pub install_date: Option<String>,
}

/// The programs that the machine's and the users' hives list.
pub(super) fn programs(windows: &Windows<'_>) -> Collected<Program> {
    const UNINSTALL: &str = r"Microsoft\Windows\CurrentVersion\Uninstall";
    let mut out = Collected::default();
    match windows.software() {
        Ok(hive) => {
            uninstall(hive, UNINSTALL, &mut out);
            uninstall(hive, &format!(r"Wow6432Node\{UNINSTALL}"), &mut out);
        }
        Err(gap) => out.gaps.push(gap),
    }
    let users = windows.users();
    out.gaps.extend(users.1.iter().cloned());
    for hive in &users.0 {
        uninstall(hive, &format!(r"Software\{UNINSTALL}"), &mut out);
        let path = format!(r"Software\Wow6432Node\{UNINSTALL}");
        uninstall(hive, &path, &mut out);
    }
    out
}

fn uninstall(hive: &GuestHive, path: &str, out: &mut Collected<Program>) {
    let root = match KeyAt::open(hive, path) {
        Ok(Some(root)) => root,
        Ok(None) => return,
        Err(gap) => return out.gaps.push(gap),
    };
    for key in root.subkeys(&mut out.gaps) {
        let mut text = |name: &str| match key.text(name) {
            Ok(found) => found.map(|f: Found<String>| f.fact),
            Err(gap) => {
                out.gaps.push(gap);
                None
            }
        };
        let program = Program {
            key: key.key.name().to_owned(),
            name: text("DisplayName"),
            version: text("DisplayVersion"),
            publisher: text("Publisher"),
            install_date: text("InstallDate"),
        };
        out.push(program, key.location());
    }
}

/// The packages of component-based servicing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Updates {
    /// All packages.
    pub packages: usize,
    /// Those that are installed (`CurrentState` 112).
    pub installed: usize,
    /// The updates (`KB…`) that installed packages are named after, each once, sorted.
    pub updates: Vec<String>,
}

/// Counts the packages; what can't be read goes to `gaps`.
pub(super) fn updates(windows: &Windows<'_>, gaps: &mut Vec<Gap>) -> Result<Updates, Gap> {
    const PACKAGES: &str = r"Microsoft\Windows\CurrentVersion\Component Based Servicing\Packages";
    /// `CurrentState` of a package that is installed.
    const INSTALLED: u32 = 0x70;
    let mut out = Updates::default();
    let Some(root) = KeyAt::open(windows.software()?, PACKAGES)? else {
        return Ok(out);
    };
    let mut updates = BTreeSet::new();
    for key in root.subkeys(gaps) {
        out.packages += 1;
        match key.number("CurrentState") {
            Ok(Some(state)) if state.fact == INSTALLED => {
                out.installed += 1;
                updates.extend(update(key.key.name()));
            }
            Ok(_) => {}
            Err(gap) => gaps.push(gap),
        }
    }
    out.updates = updates.into_iter().collect();
    Ok(out)
}

/// The first `KB` and number in a package's name (`Package_for_KB5005039~31bf…`).
fn update(package: &str) -> Option<String> {
    let (_, rest) = package.split_once("_KB")?;
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    (!digits.is_empty()).then(|| format!("KB{digits}"))
}
