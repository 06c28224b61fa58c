//! The environment of a service, and the variables and specifiers in its commands:
//! systemd.exec(5), systemd.service(5) "Command lines", systemd.unit(5) "Specifiers".

use std::collections::BTreeMap;

use crate::evidence::linux::reader::Reader;
use crate::evidence::{Found, Gap, Location};
use crate::guest::linux::assignments;

/// A variable's value and where it is set; of `Environment=` without a place.
pub(super) type Variables = BTreeMap<String, (String, Option<Location>)>;

/// The variables of a service: files go before settings.
pub(super) fn variables(
    reader: &Reader<'_>,
    settings: &[(String, String)],
    files: &[Found<String>],
    gaps: &mut Vec<Gap>,
) -> Variables {
    let own = settings.iter();
    let mut all: Variables = own
        .map(|(name, value)| (name.clone(), (value.clone(), None)))
        .collect();
    for file in files {
        let pattern = file.fact.trim_start_matches('-');
        let paths = reader.glob(pattern.as_bytes(), gaps).unwrap_or_default();
        for path in paths {
            let Some(file) = reader.text(&path, gaps) else {
                continue;
            };
            for (n, name, value) in assignments(&file.text) {
                all.insert(name, (value, Some(file.line(n))));
            }
        }
    }
    all
}

/// `command` with its variables, and with the specifiers that name the unit.
pub(super) fn expand(command: &str, variables: &Variables, unit: &str) -> String {
    let stem = unit.rsplit_once('.').map_or(unit, |(stem, _)| stem);
    let (prefix, instance) = stem.split_once('@').unwrap_or((stem, ""));
    let mut out = String::new();
    let mut rest = command;
    while let Some(at) = rest.find(['$', '%']) {
        out.push_str(&rest[..at]);
        let tail = &rest[at + 1..];
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let value = |name: &str| variables.get(name).map_or("", |(value, _)| value.as_str());
        if rest.as_bytes()[at] == b'%' {
            let (text, len) = match tail.chars().next() {
                Some('%') => ("%", 1),
                Some('i' | 'I') => (instance, 1),
                Some('p' | 'P') => (prefix, 1),
                Some('n') => (unit, 1),
                Some('N') => (stem, 1),
                _ => ("%", 0),
            };
            out.push_str(text);
            rest = &tail[len..];
        } else if let Some(after) = tail.strip_prefix('$') {
            out.push('$');
            rest = after;
        } else if let Some((name, after)) = tail.strip_prefix('{').and_then(|t| t.split_once('}')) {
            out.push_str(value(name));
            rest = after;
        } else {
            let end = tail.find(|c| !is_name(c)).unwrap_or(tail.len());
            // Without braces a variable counts only as a word of its own; a shell reads the others.
            let quotes = out.chars().fold(None, |open, c| match (open, c) {
                (None, '"' | '\'') => Some(c),
                (Some(q), c) if q == c => None,
                (open, _) => open,
            });
            let alone = quotes.is_none()
                && (out.is_empty() || out.ends_with([' ', '\t']))
                && tail[end..].chars().next().is_none_or(char::is_whitespace);
            if end == 0 || !alone {
                out.push('$');
                rest = tail;
                continue;
            }
            out.push_str(value(&tail[..end]));
            rest = &tail[end..];
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_and_specifiers_stand_for_what_systemd_takes() {
        // systemd.service(5), "Command lines".
        let mut variables = Variables::new();
        variables.insert("OPTS".into(), ("-f /srv/c".into(), None));
        let of = |text| expand(text, &variables, "getty@tty1.service");
        assert_eq!(of("/usr/sbin/sshd -D $OPTS"), "/usr/sbin/sshd -D -f /srv/c");
        assert_eq!(of("/x ${OPTS}y %i %p %%"), "/x -f /srv/cy tty1 getty %");
        assert_eq!(of("/bin/sh -c 'a $$x'"), "/bin/sh -c 'a $x'");
        assert_eq!(of("/bin/sh -c 'a $OPTS'"), "/bin/sh -c 'a $OPTS'");
        assert_eq!(of("/x $NONE y"), "/x  y");
    }
}
