//! What sysprep left in the files of the image: its state file, its tag, its log.
//!
//! The lines of the log are those that sysprep of Windows 7 to Windows 11 writes: a banner and
//! `The time is now` begin a run, `Found supported command line option 'X'` names each option, and
//! `Successfully created tag file` ends a run that succeeded. Errors of single providers stand
//! in the logs of successful runs too.

use serde::Serialize;

use super::Windows;
use crate::error::{Error, Layer};
use crate::evidence::{Collected, Found, Gap, Location};
use crate::fs::Timestamp;
use crate::guest::FileBytes;
use crate::hive::utf16;

/// Longer logs are not read, in bytes.
const MAX_LOG: u64 = 64 * 1024 * 1024;
/// Longer state files are not read, in bytes.
const MAX_STATE: u64 = 64 * 1024;
/// Runs of one log that are kept.
const MAX_RUNS: usize = 4_096;

/// The traces of sysprep in files.
#[derive(Debug, Clone, Default)]
pub struct Sysprep {
    /// `ImageState` in `Setup\State\State.ini`.
    pub state: Option<Found<String>>,
    /// When `Sysprep_succeeded.tag` was last written, where it is there.
    pub tag: Option<Found<Option<Timestamp>>>,
    /// The log, where it is there.
    pub log: Option<Location>,
    /// The runs in the log, the oldest first.
    pub runs: Vec<Found<Run>>,
    /// `setuperr.log` and its size in bytes, where it is there.
    pub errors: Option<Found<u64>>,
    /// What can't be read of these.
    pub gaps: Vec<Gap>,
}

/// One run of sysprep.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Run {
    /// When it began, in the local time of the system (`2026-03-20 15:23:14`).
    pub time: Option<String>,
    /// Its options in upper case (`GENERALIZE`), each with the line that names it.
    pub options: Vec<(String, u32)>,
    /// The answer file that it names.
    pub answer_file: Option<String>,
    /// The line that says that the tag file was created: the run succeeded.
    pub succeeded: Option<u32>,
    /// Lines of the level `Error`.
    pub errors: u32,
    /// The last of these: its line and its text.
    pub last_error: Option<(u32, String)>,
}

impl Run {
    /// True where the run had `option`.
    #[must_use]
    pub fn has(&self, option: &str) -> bool {
        self.options.iter().any(|(name, _)| name == option)
    }
}

pub(super) fn collect(windows: &Windows<'_>) -> Sysprep {
    let mut out = Sysprep::default();
    let root = windows.roots().windows;
    let state = format!(r"{root}\Setup\State\State.ini");
    if let Some(file) = read(windows, &state, MAX_STATE, &mut out.gaps) {
        out.state = image_state(&file);
    }
    let find = |path: &str, gaps: &mut Vec<Gap>| {
        let path = format!(r"{root}\{path}");
        let found = windows.guest.paths.find(path.as_bytes());
        found.unwrap_or_else(|e| {
            gaps.push(Gap::at_path(path.replace('\\', "/"), &e));
            None
        })
    };
    if let Some(tag) = find(r"System32\Sysprep\Sysprep_succeeded.tag", &mut out.gaps) {
        out.tag = Some(Found {
            fact: tag.metadata.modified,
            at: Location::of(&tag),
        });
    }
    if let Some(log) = find(r"System32\Sysprep\Panther\setuperr.log", &mut out.gaps) {
        out.errors = Some(Found {
            fact: log.metadata.size,
            at: Location::of(&log),
        });
    }
    let log = format!(r"{root}\System32\Sysprep\Panther\setupact.log");
    if let Some(file) = read(windows, &log, MAX_LOG, &mut out.gaps) {
        let at = Location::of_file(&file);
        out.runs = runs(&text(&file.bytes), &at);
        // What later ones say would be taken for the last one's.
        if out.runs.len() >= MAX_RUNS {
            let what = say!(error_too_many, most = MAX_RUNS, what = "runs");
            let limit = Error::limit(Layer::Guest, None, what);
            out.gaps.push(Gap::new(at.clone(), &limit));
        }
        out.log = Some(at);
    }
    out
}

fn read(windows: &Windows<'_>, path: &str, limit: u64, gaps: &mut Vec<Gap>) -> Option<FileBytes> {
    let read = windows.guest.paths.read_if_there(path.as_bytes(), limit);
    read.unwrap_or_else(|e| {
        gaps.push(Gap::at_path(path.replace('\\', "/"), &e));
        None
    })
}

/// A text file of Windows: UTF-16 with its mark, or bytes of which those that are no UTF-8 stand
/// as `\xNN`.
pub(super) fn text(bytes: &[u8]) -> String {
    match bytes {
        [0xFF, 0xFE, rest @ ..] => utf16(rest, false),
        [0xEF, 0xBB, 0xBF, rest @ ..] => crate::text::lossless(rest),
        _ => crate::text::lossless(bytes),
    }
}

fn image_state(file: &FileBytes) -> Option<Found<String>> {
    let text = text(&file.bytes);
    let mut section = "";
    for (i, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.starts_with('[') {
            section = line;
        }
        if let Some((key, value)) = line.split_once('=')
            && key.trim().eq_ignore_ascii_case("ImageState")
            && section.eq_ignore_ascii_case("[State]")
        {
            return Some(Found {
                fact: value.trim().to_owned(),
                at: Location::of_file(file).line(i + 1),
            });
        }
    }
    None
}

fn runs(log: &str, at: &Location) -> Vec<Found<Run>> {
    let mut out: Vec<Found<Run>> = Vec::new();
    for (i, line) in log.lines().enumerate() {
        let Some((head, said)) = line.split_once("SYSPRP ") else {
            continue;
        };
        let number = u32::try_from(i + 1).unwrap_or(u32::MAX);
        let banner = said.contains("Beginning of a new sysprep run");
        // The rule above a banner belongs to the run that follows.
        if said.starts_with("====") {
            continue;
        }
        if (banner || out.is_empty()) && out.len() < MAX_RUNS {
            out.push(Found {
                fact: Run {
                    time: moment(line),
                    ..Run::default()
                },
                at: at.clone().line(i + 1),
            });
        }
        let Some(run) = out.last_mut() else {
            continue;
        };
        look(&mut run.fact, head, said, number);
    }
    out
}

/// What one line says of its run.
fn look(run: &mut Run, head: &str, said: &str, line: u32) {
    if let Some((_, rest)) = said.split_once("Found supported command line option '")
        && let Some((option, _)) = rest.split_once('\'')
    {
        run.options.push((option.to_ascii_uppercase(), line));
    }
    if said.contains("Successfully created tag file") {
        run.succeeded = Some(line);
    }
    if run.answer_file.is_none() && said.to_ascii_lowercase().contains("unattend") {
        run.answer_file = xml_path(said).map(str::to_owned);
    }
    if head.contains(", Error") {
        run.errors = run.errors.saturating_add(1);
        run.last_error = Some((line, said.chars().take(300).collect()));
    }
}

/// The path of an XML file in a sentence: from its drive letter to its ending.
fn xml_path(said: &str) -> Option<&str> {
    let end = said.to_ascii_lowercase().find(".xml")?.checked_add(4)?;
    let head = said.get(..end)?;
    let start = head.find(r":\")?.checked_sub(1)?;
    head.get(start..)
}

/// The moment that a line begins with.
fn moment(line: &str) -> Option<String> {
    let text = line.get(..19)?;
    let digit = |i: usize, b: u8| matches!(i, 4 | 7 | 10 | 13 | 16) || b.is_ascii_digit();
    let shaped = text.bytes().enumerate().all(|(i, b)| digit(i, b));
    shaped.then(|| text.to_owned())
}

/// The values of a configuration file with sections (`[DEFAULT]`), as oslo.config reads it:
/// `name = value` or `name: value`, a pair of quotation marks around a value dropped; `#` and `;`
/// in the first column begin a comment; a line that begins with a blank goes on with the value
/// right before it. What it refuses is a gap: the program then ends. So is a mark of the order of bytes,
/// and what the code page of the system leaves undefined: it opens the file as Python does.
pub(super) fn ini(windows: &Windows<'_>, path: &str) -> Result<Option<Collected<IniEntry>>, Gap> {
    let mut gaps = Vec::new();
    let file = read(windows, path, MAX_STATE, &mut gaps);
    if let Some(gap) = gaps.pop() {
        return Err(gap);
    }
    let Some(file) = file else {
        return Ok(None);
    };
    if file.at.metadata.is_of_cloud() {
        let why = Error::unsupported(Layer::Guest, None, say!(error_of_cloud));
        return Err(Gap::at_path(path, &why));
    }
    let at = Location::of_file(&file);
    let bytes = &file.bytes;
    let marked = [&[0xFF, 0xFE][..], &[0xFE, 0xFF], &[0xEF, 0xBB, 0xBF]];
    let is_marked = marked.iter().any(|mark| bytes.starts_with(mark));
    let text = super::pages::strict(windows, bytes).filter(|_| !is_marked);
    let mut out = oslo(&text.clone().unwrap_or_else(|| self::text(bytes)), &at);
    if text.is_none() {
        let refused = Error::corrupt(Layer::Guest, None, say!(error_ini_encoding));
        out.gap(at.clone(), &refused);
    }
    Ok(Some(out))
}

fn oslo(text: &str, at: &Location) -> Collected<IniEntry> {
    let mut out = Collected::<IniEntry>::default();
    let mut section: Option<String> = None;
    let mut open = false;
    for (i, line) in text.lines().enumerate() {
        let here = at.clone().line(i + 1);
        let line = line.trim_end();
        let bad = |out: &mut Collected<IniEntry>| {
            let refused = Error::corrupt(Layer::Guest, None, say!(error_ini_line));
            out.gap(here.clone(), &refused);
        };
        if line.is_empty() {
            open = false;
        } else if line.starts_with([' ', '\t']) {
            match out.items.last_mut().filter(|_| open) {
                Some(last) => {
                    last.fact.value.push('\n');
                    last.fact.value.push_str(line.trim_start());
                }
                None => bad(&mut out),
            }
        } else if let Some(name) = line.strip_prefix('[') {
            open = false;
            match name.strip_suffix(']') {
                Some(name) if !name.is_empty() => section = Some(name.to_owned()),
                _ => bad(&mut out),
            }
        } else if line.starts_with(['#', ';']) {
            open = false;
        } else if let (Some((name, value)), Some(section)) =
            (line.split_once(['=', ':']), section.clone())
        {
            open = true;
            let value = value.trim();
            let marks = ['"', '\''];
            let quoted = value.len() > 1
                && value.starts_with(marks)
                && value.chars().next() == value.chars().next_back();
            let value = if quoted {
                value.trim_matches(marks)
            } else {
                value
            };
            let entry = IniEntry {
                section,
                name: name.trim().to_owned(),
                value: value.to_owned(),
            };
            out.push(entry, here);
        } else {
            bad(&mut out);
        }
    }
    out
}

/// A value of a configuration file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IniEntry {
    /// The section it stands in, without its brackets.
    pub section: String,
    /// Its name.
    pub name: String,
    /// Its value; lines that go on with it follow a line feed.
    pub value: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_tells_its_runs_with_options_and_end() {
        let log = "2026-03-20 15:23:14, Info                  SYSPRP ========\r\n\
            2026-03-20 15:23:14, Info                  SYSPRP ===          Beginning of a new sysprep run          ===\r\n\
            2026-03-20 15:23:14, Info                  SYSPRP ========\r\n\
            2026-03-20 15:23:15, Info       [0x0f005f] SYSPRP ParseCommands:Found supported command line option 'GENERALIZE'\r\n\
            2026-03-20 15:23:15, Error      [0x0f0082] SYSPRP one provider failed\r\n\
            2026-03-21 10:00:00, Info                  SYSPRP ===          Beginning of a new sysprep run          ===\r\n\
            2026-03-21 10:00:01, Info       [0x0f005f] SYSPRP ParseCommands:Found supported command line option 'oobe'\r\n\
            2026-03-21 10:00:01, Info                  SYSPRP WinMain:Using unattend file C:\\conf\\Unattend.xml.\r\n\
            2026-03-21 10:00:09, Info       [0x0f0052] SYSPRP FCreateTagFile:Successfully created tag file C:\\x.tag\r\n";
        let found = runs(log, &Location::default());
        assert_eq!(found.len(), 2);
        let (first, last) = (&found[0].fact, &found[1].fact);
        assert_eq!(first.time.as_deref(), Some("2026-03-20 15:23:14"));
        assert_eq!(first.options, [("GENERALIZE".to_owned(), 4)]);
        assert_eq!((first.succeeded, first.errors), (None, 1));
        assert!(last.has("OOBE"));
        assert_eq!(last.succeeded, Some(9));
        assert_eq!(last.answer_file.as_deref(), Some(r"C:\conf\Unattend.xml"));
        assert_eq!((found[0].at.line, found[1].at.line), (Some(2), Some(6)));
    }

    #[test]
    fn a_configuration_is_read_as_oslo_config_reads_it() {
        let text = "# c\n[DEFAULT]\na = 1\nb: \"x y\"\nc=1,\n  2\n\t# 3\n;d\na=2\n[default]\na=3\n";
        let found = oslo(text, &Location::default());
        assert!(found.gaps.is_empty(), "{:?}", found.gaps);
        let shown: Vec<(&str, &str, &str)> = found
            .items
            .iter()
            .map(|e| (&*e.fact.section, &*e.fact.name, &*e.fact.value))
            .collect();
        assert_eq!(
            shown,
            [
                ("DEFAULT", "a", "1"),
                ("DEFAULT", "b", "x y"),
                ("DEFAULT", "c", "1,\n2\n# 3"),
                ("DEFAULT", "a", "2"),
                ("default", "a", "3"),
            ]
        );
        for refused in [
            "a=1\n",
            "[DEFAULT]\nx\n",
            "[DEFAULT]\n  a\n",
            "[DEFAULT\n",
            "[DEFAULT]\na=1\n\n b\n",
        ] {
            assert_eq!(
                oslo(refused, &Location::default()).gaps.len(),
                1,
                "{refused}"
            );
        }
    }

    #[test]
    fn a_path_is_cut_out_only_where_there_is_one() {
        assert_eq!(xml_path("x D:\\a b\\u.XML end"), Some("D:\\a b\\u.XML"));
        for odd in ["", ".xml", ":\\.xml", "名:\\x", "a.xml b:\\"] {
            assert_eq!(xml_path(odd), None, "{odd}");
        }
    }
}
