//! Passwords in answer files of Windows' setup.

use super::{KeyAt, Windows, outside, search, xml};
use crate::error::Result;
use crate::evidence::{Collected, Gap, Location};
use crate::guest::windows::candidates;

/// The longest answer file that is read, in bytes.
const MAX_FILE: u64 = 4 * 1024 * 1024;
/// Elements above the one with the password that are named.
const NAMED: usize = 3;

/// A password. Its text is for comparing only and must not be shown.
#[derive(Clone, PartialEq, Eq)]
pub struct AnswerPassword {
    /// The last elements that lead to it (`UserAccounts/AdministratorPassword`).
    pub element: String,
    /// As it stands there: plain, or base64 of it with the element's name.
    pub text: String,
}

/// The passwords in the files that `pattern` matches; empty ones are none.
pub(super) fn collect(windows: &Windows<'_>, pattern: &str) -> Collected<AnswerPassword> {
    search::read(windows, pattern, MAX_FILE, |bytes, at, out| {
        passwords(&xml::decode(bytes), &at, out)
    })
}

/// True where a file has no contents.
pub(super) fn is_empty(text: &str) -> bool {
    text.trim_matches(['\0', ' ', '\r', '\n', '\t', '\u{FEFF}'])
        .is_empty()
}

/// Patterns of the places where Windows' setup looks for an answer file, and of those that a tool
/// hands to it.
const PLACES: [&str; 11] = [
    r"%SystemRoot%\Panther\Unattend\*.xml",
    r"%SystemRoot%\Panther\UnattendGC\*.xml",
    r"%SystemRoot%\Panther\*nattend*.xml",
    r"%SystemRoot%\System32\Sysprep\*nattend*.xml",
    r"%SystemRoot%\System32\Sysprep\Panther\*nattend*.xml",
    r"%SystemDrive%\unattend*.xml",
    r"%SystemDrive%\autounattend*.xml",
    r"%SystemDrive%\Recovery\AutoApply\*.xml",
    r"%SystemDrive%\Recovery\OEM\*nattend*.xml",
    r"%SystemRoot%\OEM\*nattend*.xml",
    r"%SystemRoot%\Provisioning\Autopilot\*nattend*.xml",
];

/// Those places, and the file that the registry names.
pub(super) fn places(windows: &Windows<'_>, gaps: &mut Vec<Gap>) -> Vec<String> {
    let mut out: Vec<String> = PLACES.iter().map(|p| (*p).to_owned()).collect();
    let named = windows.system().and_then(|hive| {
        let setup = KeyAt::open(hive, "Setup")?;
        setup.map_or(Ok(None), |setup| setup.text("UnattendFile"))
    });
    match named {
        Ok(Some(named)) if !named.fact.trim().is_empty() => {
            let roots = windows.roots();
            let path = candidates(&format!("\"{}\"", named.fact.trim()), false, &roots);
            match path.into_iter().next() {
                Some(path) => out.push(path),
                None => gaps.push(Gap::new(named.at, &outside(&named.fact))),
            }
        }
        Ok(_) => {}
        Err(gap) => gaps.push(gap),
    }
    out
}

/// The passwords in the answer files that Windows' setup finds.
pub(super) fn found(windows: &Windows<'_>) -> Collected<AnswerPassword> {
    let mut out = Collected::default();
    let mut gaps = Vec::new();
    for place in places(windows, &mut gaps) {
        let more = collect(windows, &place);
        out.items.extend(more.items);
        out.gaps.extend(more.gaps);
    }
    out.gaps.append(&mut gaps);
    out
}

fn passwords(text: &str, at: &Location, out: &mut Collected<AnswerPassword>) -> Result<()> {
    if is_empty(text) {
        return Ok(());
    }
    let document = xml::parse(text)?;
    let lines = xml::Lines::of(&document);
    for node in document.descendants().filter(|n| n.is_element()) {
        let name = node.tag_name().name();
        if !name.to_ascii_lowercase().ends_with("password") {
            continue;
        }
        let value = xml::find(node, &["Value"]).unwrap_or(node);
        let text = xml::text(value);
        if text.is_empty() {
            continue;
        }
        let above = node.ancestors().filter(|n| n.is_element()).take(NAMED);
        let mut names: Vec<&str> = above.map(|n| n.tag_name().name()).collect();
        names.reverse();
        let line = lines.line(value);
        let element = names.join("/");
        out.push(AnswerPassword { element, text }, at.clone().line(line));
    }
    Ok(())
}
