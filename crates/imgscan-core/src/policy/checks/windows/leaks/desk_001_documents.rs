//! WIN-DESK-001: no documents and no password files on any desktop.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::error::{Error, Layer};
use crate::evidence::Gap;
use crate::evidence::windows::DesktopFile;
use crate::fs::FileKind;
use crate::policy::checks::findings::Findings;
use crate::policy::checks::registry::{BadParameter, Parameters};
use crate::policy::checks::valid;
use crate::policy::checks::windows::{matches, one_of};
use crate::policy::{Context, Item, Outcome, Status};
use crate::text::Text;

/// What may be on a desktop, and what makes a document or a password file.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::policy::checks) struct Desktops {
    /// Patterns of names that may be on a desktop.
    allowed: Vec<String>,
    /// Endings of documents, without the dot.
    documents: Vec<String>,
    /// Words in names, in any case, that make anything a document or a password file.
    words: Vec<String>,
    /// Words in the text of a file that do the same.
    content_words: Vec<String>,
}

impl Parameters for Desktops {
    fn validate(&self) -> Result<(), BadParameter> {
        valid::entries("allowed", &self.allowed)?;
        valid::some("documents", &self.documents)?;
        valid::entries("words", &self.words)?;
        valid::entries("content_words", &self.content_words)?;
        for (i, ending) in self.documents.iter().enumerate() {
            if ending.starts_with('.') {
                let problem = say!(policy_bad_ending, ending = ending.as_str());
                return Err(BadParameter::new(format!("documents[{i}]"), problem));
            }
        }
        Ok(())
    }
}

pub(in crate::policy::checks) fn run(context: &Context<'_>, with: &Desktops) -> Outcome {
    let desktops = context.evidence.windows.desktops();
    let mut found = Findings::with_gaps(&desktops.gaps);
    for desktop in &desktops.items {
        for file in &desktop.fact.files {
            match classify(with, file) {
                Some((status, what)) => {
                    found.add(status, item(with, file, what));
                    let path = file.at.path.as_deref().unwrap_or(&file.name);
                    found.fix(say!(win_desk_001_fix_move, path = path));
                }
                None if file.encrypted => found.gap(encrypted(file)),
                None => {}
            }
        }
        let folder = desktop.fact.folder.as_str();
        let count = desktop.fact.files.len();
        found.pass(Item::at(
            desktop.at.clone(),
            say!(win_desk_001_desktop, folder = folder, count = count),
        ));
    }
    if desktops.items.is_empty() && found.complete() {
        return found.concluded(Status::NotApplicable, |_, _| say!(win_desk_001_none));
    }
    found.conclude(|status, count| match status {
        Status::Fail => say!(win_desk_001_fail, count = count),
        Status::Warn => say!(win_desk_001_warn, count = count),
        _ => say!(win_desk_001_pass),
    })
}

/// What a file is by the rule and how it counts; `None` where it may be there.
fn classify(with: &Desktops, file: &DesktopFile) -> Option<(Status, Text)> {
    let (document, other) = (Status::Fail, Status::Warn);
    let name = file.name.to_lowercase();
    let ends = |name: &str| {
        let name = name.to_lowercase();
        with.documents
            .iter()
            .any(|ending| name.ends_with(&format!(".{}", ending.to_lowercase())))
    };
    let has_word = with.words.iter().any(|w| name.contains(&w.to_lowercase()));
    let speaks = || {
        text(&file.head).is_some_and(|t| {
            with.content_words
                .iter()
                .any(|w| t.contains(&w.to_lowercase()))
        })
    };
    // A shortcut by name alone may hold anything.
    let allowed = with.allowed.iter().any(|p| matches(p, &file.name))
        && (!name.ends_with(".lnk") || file.is_shortcut)
        && !speaks();
    if allowed && file.kind == FileKind::Regular {
        let target = file.target.as_deref().unwrap_or_default();
        return if ends(target) {
            Some((other, say!(win_desk_001_shortcut_to_document)))
        } else if has_word {
            Some((other, say!(win_desk_001_shortcut_named)))
        } else {
            None
        };
    }
    if file.kind == FileKind::Directory {
        return match (allowed, has_word) {
            (true, _) => None,
            (false, true) => Some((document, say!(win_desk_001_folder_named))),
            (false, false) => Some((other, say!(win_desk_001_folder))),
        };
    }
    if ends(&file.name) {
        return Some((document, say!(win_desk_001_document)));
    }
    if has_word {
        return Some((document, say!(win_desk_001_named)));
    }
    if speaks() {
        return Some((document, say!(win_desk_001_speaks)));
    }
    Some((other, say!(win_desk_001_other)))
}

/// The first bytes of a file as lower-case text, where they are text: UTF-16 with its mark, or
/// bytes without NUL.
fn text(head: &[u8]) -> Option<String> {
    let text = match head {
        [0xFF, 0xFE, rest @ ..] => {
            let units = rest.as_chunks::<2>().0.iter();
            String::from_utf16_lossy(&units.map(|u| u16::from_le_bytes(*u)).collect::<Vec<_>>())
        }
        _ if head.is_empty() || head.contains(&0) => return None,
        _ => String::from_utf8_lossy(head).into_owned(),
    };
    Some(text.to_lowercase())
}

fn item(with: &Desktops, file: &DesktopFile, what: Text) -> Item {
    let time = |t: Option<crate::fs::Timestamp>| {
        t.map_or_else(|| say!(win_time_unknown), |t| Text::verbatim(t.to_string()))
    };
    let note = say!(
        win_desk_001_file,
        what = what,
        size = file.size,
        created = time(file.created),
        modified = time(file.modified)
    );
    let target = match &file.target {
        Some(target) => format!(" -> {target}"),
        None => String::new(),
    };
    let shown = Text::verbatim(format!("{}{target}", file.name));
    Item::at(file.at.clone(), note).compare(one_of(&with.allowed), shown)
}

fn encrypted(file: &DesktopFile) -> Gap {
    let error = Error::unsupported(Layer::Ntfs, None, say!(win_desk_001_encrypted));
    Gap::new(file.at.clone(), &error)
}
