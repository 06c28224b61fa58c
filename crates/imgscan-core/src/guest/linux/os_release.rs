//! os-release and what older systems have in its place.

use crate::guest::Os;

/// The assignments of a file of `KEY=value` lines as a shell reads them: (line from 1, key,
/// value), in the order of the file. Quotes and backslashes are resolved, comments dropped, and a
/// leading `export` is passed over. Format: os-release(5); /etc/default files have the same.
#[must_use]
pub fn assignments(text: &str) -> Vec<(usize, String, String)> {
    text.lines()
        .enumerate()
        .filter_map(|(i, line)| {
            let line = line.trim_start();
            let line = line.strip_prefix("export ").unwrap_or(line).trim_start();
            let (key, value) = line.split_once('=')?;
            let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
            (!key.is_empty() && key.chars().all(plain))
                .then(|| (i.saturating_add(1), key.to_owned(), unquote(value)))
        })
        .collect()
}

/// The first word of `value` with its quotes resolved.
fn unquote(value: &str) -> String {
    let mut out = String::new();
    let mut chars = value.chars();
    let mut quote = None;
    while let Some(c) = chars.next() {
        match (quote, c) {
            (None, '"' | '\'') => quote = Some(c),
            (Some(q), c) if c == q => quote = None,
            (Some('\''), c) => out.push(c),
            (Some(_), '\\') => match chars.next() {
                Some(c @ ('"' | '\\' | '$' | '`')) => out.push(c),
                Some(c) => out.extend(['\\', c]),
                None => {}
            },
            (None, '\\') => out.extend(chars.next()),
            (None, c) if c.is_whitespace() || c == ';' => break,
            (_, c) => out.push(c),
        }
    }
    out
}

/// Release files from before os-release: (path, `ID`). Their first line is the name for people.
const OLDER: &[(&[u8], &str)] = &[
    (b"/etc/tlinux-release", "tlinux"),
    (b"/etc/centos-release", "centos"),
    (b"/etc/oracle-release", "ol"),
    (b"/etc/redhat-release", "rhel"),
    (b"/etc/SuSE-release", "suse"),
    (b"/etc/alpine-release", "alpine"),
    (b"/etc/debian_version", "debian"),
];

/// Fills `os` from a release file of an older system; `text` reads one.
pub(super) fn from_older_files(os: &mut Os, text: &mut dyn FnMut(&[u8]) -> Option<String>) {
    for (path, id) in OLDER {
        let Some(content) = text(path) else {
            continue;
        };
        let line = content.lines().next().unwrap_or("").trim();
        let version: String = line
            .chars()
            .skip_while(|c| !c.is_ascii_digit())
            .take_while(|c| c.is_ascii_digit() || *c == '.')
            .collect();
        os.id = Some((*id).into());
        os.version = Some(version).filter(|v| !v.is_empty());
        os.name = Some(match *id {
            "debian" => format!("Debian {line}"),
            "alpine" => format!("Alpine Linux {line}"),
            _ => line.to_owned(),
        });
        return;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_and_comments_are_those_of_a_shell() {
        let text = "# ID=no\nID=debian\nNAME=\"a \\\"b\\\" $c\"\nX='it\\x' # rest\nexport Y=1;2\n";
        let got: Vec<(usize, String, String)> = assignments(text);
        let want = [
            (2, "ID", "debian"),
            (3, "NAME", "a \"b\" $c"),
            (4, "X", "it\\x"),
            (5, "Y", "1"),
        ];
        assert_eq!(got, want.map(|(l, k, v)| (l, k.to_owned(), v.to_owned())));
    }
}
