//! Text for people: two languages, and bytes from an image made harmless.

mod message;

use std::fmt::Write as _;

pub use message::{Arg, Template, Text};

/// A language of the user interface.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Lang {
    /// English.
    #[default]
    En,
    /// 简体中文.
    Zh,
}

/// A name or path from an image as text for documents (JSON): valid UTF-8 stays, every other byte
/// becomes `\xNN`. Nothing is lost.
#[must_use]
pub fn lossless(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        out.push_str(chunk.valid());
        for b in chunk.invalid() {
            let _ = write!(out, "\\x{b:02x}");
        }
    }
    out
}

/// Text from an image as a terminal may show it: control characters, escape sequences, line
/// breaks, and characters that reorder or hide text become visible escapes.
#[must_use]
pub fn terminal(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c.is_control() || reorders_or_hides(c) => {
                let _ = write!(out, "\\u{{{:x}}}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out
}

/// [`lossless`] and then [`terminal`].
#[must_use]
pub fn terminal_bytes(bytes: &[u8]) -> String {
    terminal(&lossless(bytes))
}

/// The JSON `plain` with `\u` escapes for what would steer a terminal, reorder or hide text.
pub(crate) fn harmless_json(plain: &str) -> String {
    let mut out = String::with_capacity(plain.len() + 1);
    let mut units = [0; 2];
    for c in plain.chars() {
        // Outside of strings JSON has only ASCII; inside the serialiser leaves no line break.
        if c != '\n' && (c.is_control() || reorders_or_hides(c)) {
            for unit in c.encode_utf16(&mut units) {
                let _ = write!(out, "\\u{unit:04x}");
            }
        } else {
            out.push(c);
        }
    }
    out
}

/// `text` as one word of a shell.
pub(crate) fn shell_word(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "+-._:~/@,".contains(c);
    // A shell takes `~` for a home directory only where a word begins.
    if !text.is_empty() && !text.starts_with('~') && text.chars().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

/// Bidirectional controls, zero-width characters, line and paragraph separators, tags.
pub(crate) fn reorders_or_hides(c: char) -> bool {
    matches!(c,
        '\u{00AD}' | '\u{061C}' | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}'
        | '\u{E0000}'..='\u{E007F}')
}

/// What follows `prefix`, which `text` has in any case of ASCII letters.
#[must_use]
pub fn strip_any_case<'t>(text: &'t str, prefix: &str) -> Option<&'t str> {
    let (head, rest) = text.split_at_checked(prefix.len())?;
    head.eq_ignore_ascii_case(prefix).then_some(rest)
}

/// True where `text` is `pattern` in any case; `*` in the pattern stands for any characters.
#[must_use]
pub fn matches(pattern: &str, text: &str) -> bool {
    crate::glob::Pattern::stars(pattern).matches(text.as_bytes())
}

/// A secret as a report may show it: its length and nothing else.
#[must_use]
pub fn masked(secret: &str) -> String {
    format!("<masked, {} characters>", secret.chars().count())
}

/// The same as a message.
#[must_use]
pub(crate) fn hidden(secret: &str) -> Text {
    say!(secret_masked, count = secret.chars().count())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_that_are_not_utf8_survive_as_escapes() {
        assert_eq!(lossless(b"bad\xff\xfeutf8"), "bad\\xff\\xfeutf8");
        assert_eq!(lossless("名前".as_bytes()), "名前");
    }

    #[test]
    fn a_terminal_never_gets_an_escape_sequence_or_a_text_direction() {
        assert_eq!(
            terminal("a\x1b[31mb\u{202e}c\nd"),
            "a\\u{1b}[31mb\\u{202e}c\\nd"
        );
    }

    #[test]
    fn patterns_match_whole_texts_in_any_case() {
        assert!(matches(r"C:\WinAgent\*.exe", r"c:\winagent\WinAgent.EXE"));
        assert!(matches("Win_Agent*", "win_agent_2"));
        assert!(matches("*.lnk", "使用说明.LNK"));
        assert!(matches("desktop.ini", "Desktop.ini"));
        assert!(!matches("desktop.ini", "desktop.ini.txt"));
        assert!(!matches("a*b*c", "acb"));
        assert!(!matches("ab*ba", "aba"));
    }
}
