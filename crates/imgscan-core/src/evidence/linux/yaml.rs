//! YAML of the image: configuration of cloud-init and netplan.

use serde_yaml_ng::Value;

/// Levels that may be open at once. The parser's own bound is lower, but it looks at everything first, in time that
/// grows with the square of the levels.
const MAX_OPEN: usize = 1000;

/// What `text` holds.
///
/// # Errors
/// The number of the line, from 1, that is no YAML or opens too many levels; 0 where that is not known.
pub(super) fn parse(text: &str) -> Result<Value, usize> {
    if let Some(line) = too_deep(text) {
        return Err(line);
    }
    serde_yaml_ng::from_str(text).map_err(|e| e.location().map_or(0, |at| at.line()))
}

/// The line on which more than [`MAX_OPEN`] levels are open: brackets, and entries of lists that begin on one line.
fn too_deep(text: &str) -> Option<usize> {
    let mut open = 0_usize;
    for (n, line) in text.lines().enumerate() {
        let entries = line
            .split_whitespace()
            .take_while(|w| matches!(*w, "-" | "?" | ":"));
        if entries.count() > MAX_OPEN {
            return Some(n + 1);
        }
        for c in line.bytes() {
            match c {
                b'[' | b'{' => open += 1,
                b']' | b'}' => open = open.saturating_sub(1),
                _ => {}
            }
            if open > MAX_OPEN {
                return Some(n + 1);
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn what_nests_without_end_is_refused_before_it_is_parsed() {
        assert_eq!(parse(&format!("a: b\nc: {}", "[".repeat(200_000))), Err(2));
        assert_eq!(parse(&"- ".repeat(400_000)), Err(1));
        let flat = parse(&"- [a, {b: c}]\n".repeat(5_000)).unwrap();
        assert_eq!(flat.as_sequence().map(Vec::len), Some(5_000));
    }
}
