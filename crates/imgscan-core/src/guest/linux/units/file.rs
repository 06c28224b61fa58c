//! The grammar of unit files: systemd.syntax(7).

/// An assignment of a unit file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Setting {
    /// Its section, without brackets.
    pub(crate) section: String,
    /// Its name.
    pub(crate) key: String,
    /// Its value, without the blanks around it; continued lines are joined by a blank.
    pub(crate) value: String,
    /// The line that it begins in, from 1.
    pub(crate) line: usize,
}

/// The assignments of a unit file in their order.
#[must_use]
pub(crate) fn settings(text: &str) -> Vec<Setting> {
    let mut all = Vec::new();
    let mut section = String::new();
    let mut carried: Option<(usize, String)> = None;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    for (i, line) in text.lines().enumerate() {
        let line = line.trim();
        // Comments may stand between continued lines.
        if line.starts_with(['#', ';']) {
            continue;
        }
        let (n, line) = match carried.take() {
            Some((start, before)) => (start, format!("{before} {line}")),
            None => (i.saturating_add(1), line.to_owned()),
        };
        let behind = line.trim_end_matches('\\').len();
        let backslashes = line.len().saturating_sub(behind);
        if backslashes % 2 == 1 {
            let more = line.strip_suffix('\\').unwrap_or(&line);
            carried = Some((n, more.to_owned()));
            continue;
        }
        logical(&mut all, &mut section, n, &line);
    }
    if let Some((n, line)) = carried {
        logical(&mut all, &mut section, n, &line);
    }
    all
}

fn logical(all: &mut Vec<Setting>, section: &mut String, n: usize, line: &str) {
    let line = line.trim();
    if let Some(name) = line.strip_prefix('[') {
        *section = name.strip_suffix(']').unwrap_or_default().to_owned();
        return;
    }
    if let Some((key, value)) = line.split_once('=') {
        all.push(Setting {
            section: section.clone(),
            key: key.trim().to_owned(),
            value: value.trim().to_owned(),
            line: n,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// systemd.syntax(7): "Lines ending in a backslash are concatenated with the following
    /// non-comment line while reading and the backslash is replaced by a space character."
    #[test]
    fn lines_continue_over_comments_and_sections_hold_their_own() {
        let text = "\u{feff}[Unit]\nAfter=a \\\n# between\n  b\n[Mount]\nWhat = /dev/x \nOptions=a\\\\\nType=ext4\\";
        let got: Vec<String> = settings(text)
            .iter()
            .map(|s| format!("{}.{}={} {}", s.section, s.key, s.value, s.line))
            .collect();
        assert_eq!(
            got,
            [
                "Unit.After=a  b 2",
                "Mount.What=/dev/x 6",
                "Mount.Options=a\\\\ 7",
                "Mount.Type=ext4 8"
            ]
        );
    }
}
