//! Passwords in answer files of Windows' setup.

use super::{Windows, search, xml};
use crate::error::Result;
use crate::evidence::{Collected, Location};

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

fn passwords(text: &str, at: &Location, out: &mut Collected<AnswerPassword>) -> Result<()> {
    if text
        .trim_matches(['\0', ' ', '\r', '\n', '\t', '\u{FEFF}'])
        .is_empty()
    {
        return Ok(());
    }
    let document = xml::parse(text)?;
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
        let line = document.text_pos_at(value.range().start).row as usize;
        let element = names.join("/");
        out.push(AnswerPassword { element, text }, at.clone().line(line));
    }
    Ok(())
}
