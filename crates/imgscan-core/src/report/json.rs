use serde::Serialize;

use crate::text::harmless_json as harmless;

/// A document as indented JSON with a final line break. Characters that would steer a terminal,
/// reorder or hide text stand as `\u` escapes, so showing the file is harmless.
#[must_use]
pub fn json<T: Serialize>(document: &T) -> String {
    // Documents hold no map with other keys than text and no float, so nothing here can fail.
    let plain = serde_json::to_string_pretty(document).unwrap_or_default();
    let mut out = harmless(&plain);
    out.push('\n');
    out
}

/// As [`json`], in one line without a line break: for documents that are written in pieces.
#[must_use]
pub fn json_line<T: Serialize>(document: &T) -> String {
    harmless(&serde_json::to_string(document).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_steers_a_terminal_is_escaped_and_means_the_same() {
        let hostile = "a\u{9b}31m\u{202e}b\u{e0041}\x1b\n名";
        let text = json(&hostile);
        assert_eq!(text, "\"a\\u009b31m\\u202eb\\udb40\\udc41\\u001b\\n名\"\n");
        assert_eq!(serde_json::from_str::<String>(&text).unwrap(), hostile);
    }
}
