//! WIN-DESK-001: no documents and no password files on any desktop.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::Deserialize;

use super::contents::{self, Kind};
use crate::error::{Error, Layer};
use crate::evidence::Gap;
use crate::evidence::windows::DesktopFile;
use crate::fs::FileKind;
use crate::guest::windows::expand;
use crate::policy::checks::findings::Findings;
use crate::policy::checks::registry::{BadParameter, Parameters};
use crate::policy::checks::valid;
use crate::policy::checks::windows::values::Values;
use crate::policy::checks::windows::{matches, one_of};
use crate::policy::{Context, Item, Outcome, Status};
use crate::text::{Text, hidden};

/// The longest stream that a browser writes, in bytes.
const SMALL: u64 = 8192;
/// Characters of a word that may be a password.
const SHORTEST: usize = 6;
/// The name of the account that every Windows begins with.
const ADMINISTRATOR: &str = "Administrator";
/// Icons of the desktop that are no files, and where their classes are.
const SPACES: [&str; 3] = [
    r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Explorer\Desktop\NameSpace",
    r"HKLM\SOFTWARE\WOW6432Node\Microsoft\Windows\CurrentVersion\Explorer\Desktop\NameSpace",
    r"HKU\*\Software\Microsoft\Windows\CurrentVersion\Explorer\Desktop\NameSpace",
];
const CLASSES: [&str; 2] = [
    r"HKLM\SOFTWARE\Classes\CLSID",
    r"HKU\*\Software\Classes\CLSID",
];
/// Where notes are kept, and bytes of them that are looked at.
const NOTES: [&str; 2] = [
    r"%UserProfile%\AppData\Local\Packages\Microsoft.MicrosoftStickyNotes_*\LocalState\plum.sqlite*",
    r"%UserProfile%\AppData\Roaming\Microsoft\Sticky Notes\*.snt",
];
const MAX_NOTES: usize = 1 << 22;
/// Characters of a line or text that are shown.
const SHOWN: usize = 80;
/// Where a user's wallpaper is set, and the picture of the screen that asks for a password.
const PICTURES: [(&str, &str); 3] = [
    (r"HKU\*\Control Panel\Desktop", "Wallpaper"),
    (
        r"HKU\*\Software\Microsoft\Windows\CurrentVersion\Policies\System",
        "Wallpaper",
    ),
    (
        r"HKLM\SOFTWARE\Policies\Microsoft\Windows\Personalization",
        "LockScreenImage",
    ),
];
/// The text that is shown before anybody logs on.
const NOTICES: [(&str, &str); 4] = [
    (
        r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Policies\System",
        "legalnoticetext",
    ),
    (
        r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Policies\System",
        "legalnoticecaption",
    ),
    (
        r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\Winlogon",
        "LegalNoticeText",
    ),
    (
        r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\Winlogon",
        "LegalNoticeCaption",
    ),
];

/// What may be on a desktop, and what makes a document or a password file.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::policy::checks) struct Desktops {
    /// Patterns of names that may be on a desktop.
    allowed: Vec<String>,
    /// Endings of documents, without the dot.
    documents: Vec<String>,
    /// Endings of scripts and programs, whose text is no document.
    programs: Vec<String>,
    /// Words in names, in any case, that make anything a document or a password file.
    words: Vec<String>,
    /// Words in the text of a file that do the same.
    content_words: Vec<String>,
    /// Patterns of the names of streams that Windows and browsers write.
    streams: Vec<String>,
    /// Patterns of the pictures of Windows that a desktop may show.
    wallpapers: Vec<String>,
}

impl Parameters for Desktops {
    fn validate(&self) -> Result<(), BadParameter> {
        valid::entries("allowed", &self.allowed)?;
        valid::some("documents", &self.documents)?;
        valid::entries("programs", &self.programs)?;
        valid::entries("words", &self.words)?;
        valid::entries("content_words", &self.content_words)?;
        valid::entries("streams", &self.streams)?;
        valid::entries("wallpapers", &self.wallpapers)?;
        for (list, endings) in [("documents", &self.documents), ("programs", &self.programs)] {
            for (i, ending) in endings.iter().enumerate() {
                if ending.starts_with('.') {
                    let problem = say!(policy_bad_ending, ending = ending.as_str());
                    return Err(BadParameter::new(format!("{list}[{i}]"), problem));
                }
            }
        }
        Ok(())
    }
}

pub(in crate::policy::checks) fn run(context: &Context<'_>, with: &Desktops) -> Outcome {
    let desktops = context.evidence.windows.desktops();
    let mut found = Findings::with_gaps(&desktops.gaps);
    let accounts = context.evidence.windows.accounts();
    let accounts = accounts.iter().flat_map(|accounts| &accounts.users);
    let names = accounts.filter_map(|user| user.fact.name.as_deref());
    let names: BTreeSet<String> = names
        .chain([ADMINISTRATOR])
        .map(str::to_lowercase)
        .collect();
    for desktop in &desktops.items {
        for file in &desktop.fact.files {
            let told = classify(with, file);
            // A name can say all that a document does.
            let told = match told {
                Some((Status::Warn, _)) | None if tells_password(&file.name, &names) => {
                    Some((Status::Unknown, say!(win_desk_001_account_named)))
                }
                told => told,
            };
            match told {
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
    spaces(context, &mut found);
    sticky(context, with, &mut found);
    pictures(context, with, &mut found);
    notices(context, with, &mut found);
    written_later(context, &mut found);
    found.conclude(|status, count| match status {
        Status::Fail => say!(win_desk_001_fail, count = count),
        Status::Unknown => say!(win_desk_001_unknown, count = count),
        Status::Warn => say!(win_desk_001_warn, count = count),
        _ => say!(win_desk_001_pass),
    })
}

/// True for a name that holds one of the `accounts` (in lower case) and, apart from it, a word of letters and
/// digits that a password may be.
fn tells_password(name: &str, accounts: &BTreeSet<String>) -> bool {
    let name = contents::plain_name(name);
    let name = name.strip_suffix(".lnk").unwrap_or(&name);
    let words: Vec<&str> = name
        .split(|c: char| c.is_whitespace() || "_-,:;/=()[]，：；（）".contains(c))
        .collect();
    let account = |word: &&&str| accounts.contains(**word);
    let secret = |word: &&&str| {
        word.chars().count() >= SHORTEST
            && word.chars().any(|c| c.is_ascii_digit())
            && word.chars().any(char::is_alphabetic)
    };
    words.iter().any(|word| account(&word)) && words.iter().any(|w| !account(&w) && secret(&w))
}

/// Icons of the desktop that lead to a folder: classes of the shell whose instance names one (Microsoft,
/// "Creating Shell Extensions with Shell Instance Objects").
fn spaces(context: &Context<'_>, found: &mut Findings) {
    let values = Values::of(context);
    let windows = &context.evidence.windows;
    for place in SPACES {
        for space in values.keys(found, &format!(r"{place}\*")) {
            for classes in CLASSES {
                let key = format!(r"{classes}\{}\Instance\InitPropertyBag", space.fact);
                for target in values.all(found, &key, "*") {
                    if !target.fact.name.to_lowercase().starts_with("target") {
                        continue;
                    }
                    let text = target.fact.data.to_string();
                    let path = expand(text.trim(), &windows.roots(), &[]);
                    // A folder that is not there yet shows nothing; one of a user can't be told from here.
                    let drive = path.as_bytes().get(1) == Some(&b':');
                    let below = format!(r"{}\*", path.trim_end_matches('\\'));
                    if drive && found.keep(windows.find(&below)).is_empty() && found.complete() {
                        continue;
                    }
                    let item = Item::at(target.at, say!(win_desk_001_space));
                    found.unknown(item.compare(say!(win_value_absent), Text::verbatim(text)));
                    let key = space.at.key.clone().unwrap_or_default();
                    found.fix(say!(win_fix_key_delete, key = key));
                }
            }
        }
    }
}

/// Notes that stick to the desktop (Sticky Notes of Windows 10 and later, and of Windows 7).
fn sticky(context: &Context<'_>, with: &Desktops, found: &mut Findings) {
    let windows = &context.evidence.windows;
    for pattern in NOTES {
        for note in found.keep(windows.find(pattern)) {
            if note.fact.kind != FileKind::Regular || note.fact.size == 0 {
                continue;
            }
            let path = note.at.path.clone().unwrap_or_default();
            let Some((_, bytes)) = found.read(windows.head(&path, MAX_NOTES)) else {
                continue;
            };
            let status = match contents::says(&bytes, &with.content_words) {
                true => Status::Fail,
                // What a data base says is not followed.
                false => Status::Unknown,
            };
            let item = Item::at(note.at, say!(win_desk_001_sticky));
            let shown = say!(win_leak_bytes, bytes = note.fact.size);
            found.add(status, item.compare(say!(win_absent), shown));
            found.fix(say!(win_fix_file, path = path.replace('/', r"\")));
        }
    }
}

/// Pictures that the desktop shows: nobody but a person can tell what is written on one.
fn pictures(context: &Context<'_>, with: &Desktops, found: &mut Findings) {
    let windows = &context.evidence.windows;
    let roots = windows.roots();
    let plain = |text: &str| {
        expand(text.trim(), &roots, &[])
            .replace('/', "\\")
            .to_lowercase()
    };
    for (key, name) in PICTURES {
        for value in Values::of(context).all(found, key, name) {
            let text = value.fact.data.to_string();
            let path = plain(&text);
            if path.is_empty() || with.wallpapers.iter().any(|p| matches(&plain(p), &path)) {
                continue;
            }
            let there = found.read(windows.head(&path, 1));
            if there.is_none() && found.complete() {
                continue;
            }
            let note = say!(win_desk_001_picture);
            let item = Item::at(value.at, note);
            found.unknown(item.compare(one_of(&with.wallpapers), Text::verbatim(text)));
        }
    }
}

/// Texts that are shown before anybody logs on.
fn notices(context: &Context<'_>, with: &Desktops, found: &mut Findings) {
    for (key, name) in NOTICES {
        for value in Values::of(context).all(found, key, name) {
            let text = value.fact.data.to_string();
            if contents::says(text.as_bytes(), &with.content_words) {
                let item = Item::at(value.at, say!(win_desk_001_notice));
                found.fail(item.compare(say!(win_value_absent), hidden(&text)));
            }
        }
    }
}

/// What the script of the setup puts on a desktop later.
fn written_later(context: &Context<'_>, found: &mut Findings) {
    let script = match context.evidence.windows.setup_complete() {
        Ok(script) => script,
        Err(gap) => return found.gap(gap),
    };
    for (i, line) in script.iter().flat_map(|s| s.lines.iter().enumerate()) {
        let text = line.trim().trim_start_matches('@').to_lowercase();
        let comment = text.starts_with("rem ") || text.starts_with("::");
        let removes = text.starts_with("del ") || text.starts_with("erase ");
        // Names with the same word that are no folder.
        let text = text
            .replace(r"control panel\desktop", "")
            .replace("远程桌面", "");
        let desktop = ["\\desktop", "/desktop", "桌面", "getfolderpath"];
        if comment || removes || !desktop.iter().any(|d| text.contains(d)) {
            continue;
        }
        let at = script.map(|s| s.at.clone().line(i + 1)).unwrap_or_default();
        let shown: String = line.chars().take(SHOWN).collect();
        let item = Item::at(at, say!(win_desk_001_script));
        found.unknown(item.compare(say!(win_none), Text::verbatim(shown)));
    }
}

/// True where `name`, as it looks, has one of `endings`.
fn ends(name: &str, endings: &[String]) -> bool {
    let name = contents::plain_name(name);
    let end = |ending: &String| name.ends_with(&format!(".{}", ending.to_lowercase()));
    endings.iter().any(end)
}

/// What a file is by the rule and how it counts; `None` where it may be there.
fn classify(with: &Desktops, file: &DesktopFile) -> Option<(Status, Text)> {
    let (document, doubt, other) = (Status::Fail, Status::Unknown, Status::Warn);
    let allowed = with.allowed.iter().any(|p| matches(p, &file.name));
    let has_word = contents::named(&file.name, &with.words);
    match file.kind {
        FileKind::Directory if allowed => return None,
        FileKind::Directory if has_word => {
            return Some((document, say!(win_desk_001_folder_named)));
        }
        FileKind::Directory => return Some((other, say!(win_desk_001_folder))),
        FileKind::Regular => {}
        // A link that leads nowhere now.
        _ => return Some((doubt, say!(win_desk_001_other))),
    }
    let name = file.name.to_lowercase();
    let kind = contents::kind(&file.head);
    let usual_stream = file.is_stream && with.streams.iter().any(|p| matches(p, &file.name));
    if usual_stream && file.size <= SMALL && contents::is_mark(&file.head) {
        return None;
    }
    if allowed && !file.is_stream {
        if file.is_shortcut && name.ends_with(".lnk") {
            return shortcut(with, file, has_word);
        }
        // By name alone a shortcut or a cache may hold anything.
        let genuine = match name.as_str() {
            "desktop.ini" => contents::is_desktop_ini(&file.head),
            "thumbs.db" => matches!(kind, Kind::Compound | Kind::Empty),
            name => !name.ends_with(".lnk") && kind == Kind::Empty,
        };
        if genuine {
            return None;
        }
    }
    // Programs and their libraries have such words of their own.
    let speaks = kind != Kind::Program && contents::says(&file.head, &with.content_words);
    if ends(&file.name, &with.documents) || matches!(kind, Kind::Document) {
        return Some((document, say!(win_desk_001_document)));
    }
    let program = ends(&file.name, &with.programs);
    if kind == Kind::Compound && !program {
        return Some((document, say!(win_desk_001_document)));
    }
    if has_word {
        return Some((document, say!(win_desk_001_named)));
    }
    if speaks && !(program && kind == Kind::Other) {
        return Some((document, say!(win_desk_001_speaks)));
    }
    if file.is_stream {
        return Some((doubt, say!(win_desk_001_stream)));
    }
    let status = match kind {
        Kind::Program | Kind::Empty => other,
        _ if program => other,
        _ => doubt,
    };
    Some((status, say!(win_desk_001_other)))
}

/// What a shortcut is: one to a program may have any name, one to a document is looked at.
fn shortcut(with: &Desktops, file: &DesktopFile, has_word: bool) -> Option<(Status, Text)> {
    let document = |text: &str| {
        // What is on the network of the world is not on the desktop.
        let web = text.contains("http://") || text.contains("https://");
        let parts = text.split(['"', '\'', ',', '|', '<', '>']);
        let words =
            parts.flat_map(|part| [part.trim(), part.split_whitespace().next().unwrap_or("")]);
        let mut words = words.filter(|w| w.contains(['\\', '/', '.']));
        !web && words.any(|word| ends(word, &with.documents))
    };
    let target = file.target.as_deref().unwrap_or_default();
    if document(target) || file.texts.iter().any(|text| document(text)) {
        return Some((Status::Unknown, say!(win_desk_001_shortcut_to_document)));
    }
    // A comment is shown beside the pointer: `password: …` says one.
    let tells = |text: &String| {
        let text = contents::plain_name(text);
        let word = |word: &String| {
            let rest = text.split_once(&word.to_lowercase()).map(|(_, rest)| rest);
            rest.is_some_and(|rest| rest.trim_start().starts_with([':', '=', '：', '是']))
        };
        with.content_words.iter().any(word)
    };
    if file.texts.iter().any(tells) {
        return Some((Status::Fail, say!(win_desk_001_speaks)));
    }
    if has_word && target.is_empty() {
        return Some((Status::Unknown, say!(win_desk_001_shortcut_named)));
    }
    None
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

#[cfg(test)]
mod tests {
    use super::tells_password;

    #[test]
    fn an_account_and_a_word_of_letters_and_digits_are_a_password() {
        let accounts = ["administrator".to_owned()].into();
        for name in [
            "Administrator_Sup3r.Secret",
            "administrator / Passw0rd.lnk",
            "管理员 Administrator：Tencent2024!",
        ] {
            assert!(tells_password(name, &accounts), "{name}");
        }
        for name in [
            "Administrator",
            "Administrator tools",
            "Server Manager 2019.lnk",
            "python3.12.4",
            "Administrator Guide 2019",
        ] {
            assert!(!tells_password(name, &accounts), "{name}");
        }
    }
}
