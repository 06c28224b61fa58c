//! sshd_config(5).

use crate::error::{Error, Layer};
use crate::evidence::linux::reader::Reader;
use crate::evidence::{Found, Gap};

/// Files that one configuration may include.
const MAX_FILES: usize = 256;

/// A setting of the server.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Setting {
    /// Keyword in lower case.
    pub keyword: String,
    /// Its value as it stands, without quotes.
    pub value: String,
    /// The `Match` condition that it stands under, if any.
    pub condition: Option<String>,
}

impl Setting {
    /// True where the keyword is `keyword` (lower case).
    #[must_use]
    pub fn is(&self, keyword: &str) -> bool {
        self.keyword == keyword
    }
}

/// The settings of the server, in the order in which they are read: outside of `Match` the first
/// of a keyword holds.
#[derive(Debug, Clone, Default)]
pub struct Sshd {
    /// The settings.
    pub settings: Vec<Found<Setting>>,
    /// What could not be read.
    pub gaps: Vec<Gap>,
}

pub(in crate::evidence::linux) fn collect(reader: &Reader<'_>) -> Sshd {
    let mut all = Sshd::default();
    let mut left = MAX_FILES;
    let mut condition = None;
    read(
        reader,
        &mut all,
        "/etc/ssh/sshd_config",
        &mut condition,
        &mut left,
    );
    if all.settings.is_empty() {
        // openSUSE keeps the vendor's file below /usr.
        read(
            reader,
            &mut all,
            "/usr/etc/ssh/sshd_config",
            &mut condition,
            &mut left,
        );
    }
    all
}

fn read(
    reader: &Reader<'_>,
    all: &mut Sshd,
    path: &str,
    condition: &mut Option<String>,
    left: &mut usize,
) {
    if *left == 0 {
        let why = Error::limit(
            Layer::Config,
            None,
            format!("more than {MAX_FILES} included files"),
        );
        all.gaps.push(Gap::at_path(path, &why));
        return;
    }
    *left -= 1;
    let Some(file) = reader.text(path, &mut all.gaps) else {
        return;
    };
    for (n, line) in file.lines() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let end = line
            .find(|c: char| c.is_whitespace() || c == '=')
            .unwrap_or(line.len());
        let (keyword, rest) = line.split_at(end);
        let value = rest
            .trim_start_matches(|c: char| c.is_whitespace() || c == '=')
            .trim();
        let keyword = keyword.to_ascii_lowercase();
        match keyword.as_str() {
            "match" => {
                *condition = Some(value.to_owned()).filter(|v| !v.eq_ignore_ascii_case("all"));
                continue;
            }
            "include" => {
                for pattern in value.split_whitespace() {
                    for path in expand(reader, pattern.trim_matches('"'), &mut all.gaps) {
                        // A Match inside an included file ends with it.
                        let mut inner = condition.clone();
                        read(reader, all, &path, &mut inner, left);
                    }
                }
                continue;
            }
            _ => {}
        }
        all.settings.push(Found {
            fact: Setting {
                keyword,
                value: value.trim_matches('"').to_owned(),
                condition: condition.clone(),
            },
            at: file.line(n),
        });
    }
}

/// The files of an include pattern, relative to `/etc/ssh`; `*` and `?` in the last component.
fn expand(reader: &Reader<'_>, pattern: &str, gaps: &mut Vec<Gap>) -> Vec<String> {
    let path = if pattern.starts_with('/') {
        pattern.to_owned()
    } else {
        format!("/etc/ssh/{pattern}")
    };
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", &path));
    if !name.contains(['*', '?', '[']) {
        return vec![path];
    }
    let (before, after) = name.split_once('*').unwrap_or(("", ""));
    reader
        .children(folder.as_bytes(), gaps)
        .into_iter()
        .map(|p| crate::text::lossless(&p))
        .filter(|p| {
            let name = p.rsplit('/').next().unwrap_or(p);
            !name.starts_with('.') && name.starts_with(before) && name.ends_with(after)
        })
        .collect()
}
