use super::matches;
use crate::error::{Error, Layer, Result};
use crate::evidence::Gap;
use crate::evidence::windows::DesktopFile;
use crate::fs::FileKind;
use crate::policy::{Context, Item, Outcome, Status};

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct With {
    /// Patterns of names that may lie on a desktop.
    allowed: Vec<String>,
    /// Endings of documents.
    documents: Vec<String>,
    /// Words in names, in any case, that make anything a usage document or a password file.
    words: Vec<String>,
    /// Words in the text of a file that do the same.
    content_words: Vec<String>,
}

/// What an object on a desktop is by the rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Class {
    Allowed,
    Other,
    Document,
}

/// WIN-DESK-001: no documents and no password files on any desktop.
pub(super) fn clean(context: &Context<'_>) -> Result<Outcome> {
    let with: With = context.check.with()?;
    let desktops = context.evidence.windows.desktops();
    let mut gaps = desktops.gaps.clone();
    let mut found: Vec<(Class, Item)> = Vec::new();
    let mut looked_at = Vec::new();
    for desktop in &desktops.items {
        looked_at.push(Item::new(
            desktop.at.clone(),
            format!(
                "desktop {}: {} objects",
                desktop.fact.folder,
                desktop.fact.files.len()
            ),
            format!(
                "桌面 {}：{} 个对象",
                desktop.fact.folder,
                desktop.fact.files.len()
            ),
        ));
        for file in &desktop.fact.files {
            let (class, en, zh) = classify(&with, file);
            if class > Class::Allowed {
                found.push((class, item(file, en, zh)));
            } else if file.encrypted {
                gaps.push(encrypted(file));
            }
        }
    }
    found.sort_by_key(|(class, _)| std::cmp::Reverse(*class));
    let count = |wanted| found.iter().filter(|(class, _)| *class == wanted).count();
    let (documents, others) = (count(Class::Document), count(Class::Other));
    let outcome = if documents > 0 {
        Outcome::new(
            Status::Fail,
            format!("{documents} documents or password files on desktops"),
            format!("桌面上有 {documents} 个文档或密码文件"),
        )
    } else if others > 0 {
        Outcome::new(
            Status::Warn,
            format!("{others} other objects on desktops"),
            format!("桌面上有 {others} 个其他对象"),
        )
    } else if desktops.items.is_empty() && gaps.is_empty() {
        Outcome::new(
            Status::NotApplicable,
            "the system has no desktop",
            "系统没有桌面",
        )
    } else {
        Outcome::new(
            Status::Pass,
            "only shortcuts and system files on the desktops",
            "桌面上仅有快捷方式与系统文件",
        )
    };
    Ok(outcome
        .evidence(found.into_iter().map(|(_, item)| item))
        .evidence(looked_at)
        .gaps(gaps))
}

fn classify(with: &With, file: &DesktopFile) -> (Class, &'static str, &'static str) {
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
            (
                Class::Other,
                "a shortcut to a document",
                "指向文档的快捷方式",
            )
        } else if has_word {
            (
                Class::Other,
                "a shortcut named like a document",
                "名称类似文档的快捷方式",
            )
        } else {
            (Class::Allowed, "", "")
        };
    }
    if file.kind == FileKind::Directory {
        return match (allowed, has_word) {
            (true, _) => (Class::Allowed, "", ""),
            (false, true) => (
                Class::Document,
                "a folder named like documents or passwords",
                "名称类似文档或密码的文件夹",
            ),
            (false, false) => (Class::Other, "a folder", "文件夹"),
        };
    }
    if ends(&file.name) {
        return (Class::Document, "a document", "文档");
    }
    if has_word {
        return (
            Class::Document,
            "named like a document or a password file",
            "名称类似文档或密码文件",
        );
    }
    if speaks() {
        return (
            Class::Document,
            "its text speaks of accounts or passwords",
            "文本内容涉及账号或密码",
        );
    }
    (Class::Other, "another object", "其他对象")
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

fn item(file: &DesktopFile, en: &str, zh: &str) -> Item {
    let time = |t: Option<crate::fs::Timestamp>| t.map_or_else(|| "-".into(), |t| t.to_string());
    let facts = format!(
        "{} bytes, created {}, modified {}",
        file.size,
        time(file.created),
        time(file.modified)
    );
    let target = match &file.target {
        Some(target) => format!(" -> {target}"),
        None => String::new(),
    };
    Item::new(
        file.at.clone(),
        format!("{en}; {facts}"),
        format!("{zh}；{facts}"),
    )
    .compare(
        "only shortcuts and desktop.ini",
        format!("{}{target}", file.name),
    )
}

fn encrypted(file: &DesktopFile) -> Gap {
    let error = Error::unsupported(Layer::Ntfs, None, "the file is encrypted (EFS)");
    Gap::new(file.at.clone(), &error)
}
