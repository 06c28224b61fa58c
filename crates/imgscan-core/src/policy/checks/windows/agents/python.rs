//! What cloudbase-init runs: the program that its service starts in turn, and what changes the
//! Python that this runs in.

use crate::evidence::windows::{Datum, Service};
use crate::evidence::{Found, Location};
use crate::fs::FileKind;
use crate::policy::checks::findings::Findings;
use crate::policy::checks::windows::values::{SET, Values};
use crate::policy::{Context, Item};
use crate::text::Text;

/// The longest list of paths that is read, in bytes.
const MAX_LIST: u64 = 64 * 1024;
/// The program that runs another as a service.
const WRAPPER: &str = "openstackservice.exe";
/// The package of cloudbase-init.
const CLOUDBASE: &str = "cloudbaseinit";
/// Files that Python takes in by itself, from the folder of Python.
const TAKEN_IN: [&str; 17] = [
    r"sitecustomize*",
    r"usercustomize*",
    r"Lib\sitecustomize*",
    r"Lib\usercustomize*",
    r"Lib\site-packages\sitecustomize*",
    r"Lib\site-packages\usercustomize*",
    r"Lib\site-packages\win32\sitecustomize*",
    r"Lib\site-packages\win32\lib\sitecustomize*",
    r"Lib\site-packages\Pythonwin\sitecustomize*",
    r"DLLs\sitecustomize*",
    r"DLLs\usercustomize*",
    r"Scripts\sitecustomize*",
    r"Scripts\pyvenv.cfg",
    r"pyvenv.cfg",
    r"python*._pth",
    r"Scripts\*._pth",
    r"python*.zip",
];
/// Lines of lists of paths that installers of common packages write.
const KNOWN_LINES: [&str; 2] = [
    "import pywin32_bootstrap",
    "import os; var = 'SETUPTOOLS_USE_DISTUTILS'; enabled = os.environ.get(var, 'local') == 'local'; enabled and __import__('_distutils_hack').add_shim();",
];

/// Looks at what the service runs; `program` is the path of its own program.
pub(super) fn look(
    context: &Context<'_>,
    service: &Service,
    program: &str,
    known: &[String],
    found: &mut Findings,
) {
    if program.is_empty() {
        return;
    }
    let folder = program.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut root = folder.rsplit_once('/').map_or("", |(root, _)| root);
    // The program behind the wrapper lies deeper.
    if folder.to_lowercase().ends_with("/python/scripts") {
        root = root.rsplit_once('/').map_or("", |(root, _)| root);
    }
    payload(context, service, program, root, found);
    tree(context, root, found);
    of_account(context, service, found);
    super::python_files::look(context, root, folder, known, found);
    moved(context, root, found);
    environment(context, found);
}

fn odd(at: Location, note: Text, shown: impl Into<String>, found: &mut Findings) {
    found.unknown(Item::at(at, note).compare(say!(win_none), Text::verbatim(shown)));
    found.fix(say!(win_cbi_001_fix_tree));
}

/// The program behind the wrapper is cloudbase-init's own.
fn payload(
    context: &Context<'_>,
    service: &Service,
    program: &str,
    root: &str,
    found: &mut Findings,
) {
    let Some(path) = &service.image_path else {
        return;
    };
    let name = program.rsplit('/').next().unwrap_or_default();
    let words = crate::evidence::windows::batch_words(&path.fact);
    let wrapped = name.eq_ignore_ascii_case(WRAPPER);
    if !wrapped && !name.eq_ignore_ascii_case("cloudbase-init.exe") {
        return odd(
            path.at.clone(),
            say!(win_cbi_001_other_program),
            path.fact.as_str(),
            found,
        );
    }
    if !wrapped {
        return;
    }
    // The wrapper runs what its second argument names.
    let Some(inner) = words.get(2) else {
        let shown = path.fact.as_str();
        return odd(
            path.at.clone(),
            say!(win_cbi_001_other_program),
            shown,
            found,
        );
    };
    let wanted = format!("{root}/Python/Scripts/cloudbase-init.exe");
    let plain = inner.replace('\\', "/");
    if !plain.eq_ignore_ascii_case(&wanted) {
        return odd(
            path.at.clone(),
            say!(win_cbi_001_other_program),
            inner.as_str(),
            found,
        );
    }
    match context.evidence.files.file(&plain) {
        Ok(Some(file)) => {
            let module = match context.evidence.windows.launched(&plain) {
                Ok(module) => module,
                Err(gap) => return found.gap(gap),
            };
            let other = module.filter(|m| m != CLOUDBASE && !m.starts_with("cloudbaseinit."));
            match other {
                Some(module) => odd(file.at, say!(win_cbi_001_other_program), module, found),
                None => found.pass(Item::at(file.at, say!(win_cbi_001_beside))),
            }
        }
        Ok(None) => {
            let note = say!(win_service_program_missing, service = service.name.as_str());
            let item = Item::at(path.at.clone(), note);
            found.fail(item.compare(Text::verbatim(inner.as_str()), say!(win_file_absent)));
        }
        Err(gap) => found.gap(gap),
    }
}

/// Files that change the Python, or run when it starts.
fn tree(context: &Context<'_>, root: &str, found: &mut Findings) {
    let windows = &context.evidence.windows;
    let python = format!("{root}/Python").replace('/', "\\");
    for pattern in TAKEN_IN {
        for file in found.keep(windows.find(&format!(r"{python}\{pattern}"))) {
            let shown = file.at.path.clone().unwrap_or_default();
            odd(file.at, say!(win_cbi_001_taken_in), shown, found);
        }
    }
    // Python looks for it in the folder above its own, too (PEP 405).
    let above = format!(r"{}\pyvenv.cfg", root.replace('/', "\\"));
    for file in found.keep(windows.find(&above)) {
        let shown = file.at.path.clone().unwrap_or_default();
        odd(file.at, say!(win_cbi_001_taken_in), shown, found);
    }
    for list in ["*.pth", r"Lib\*.pth", r"Lib\site-packages\*.pth"] {
        let lists = windows.texts(&format!(r"{python}\{list}"), MAX_LIST);
        for Found { fact, at } in found.keep(lists) {
            for (i, line) in fact.iter().enumerate() {
                let line = line.trim_end();
                let runs = line.starts_with("import ") || line.starts_with("import\t");
                let path = !runs && !line.starts_with('#') && !line.trim().is_empty();
                let leads_out = path
                    && (line.contains(':') || line.contains("..") || line.starts_with(['\\', '/']));
                // A file that is named so is taken for an archive of modules, whatever its ending.
                let folder = at.path.as_deref().and_then(|p| p.rsplit_once('/'));
                let named = folder.map(|(folder, _)| format!("{folder}/{}", line.trim()));
                let archive = path && named.is_some_and(|named| is_file(context, &named));
                if runs && !KNOWN_LINES.contains(&line) || leads_out || archive {
                    let at = at.clone().line(i.saturating_add(1));
                    odd(at, say!(win_cbi_001_taken_in), line, found);
                }
            }
        }
    }
}

/// The packages of the account that the service runs as (Python, "site": `USER_SITE`).
fn of_account(context: &Context<'_>, service: &Service, found: &mut Findings) {
    let windows = &context.evidence.windows;
    let mut folders =
        vec![r"%SystemRoot%\System32\config\systemprofile\AppData\Roaming".to_owned()];
    let account = service.object_name.as_ref().map(|name| name.fact.trim());
    let name = account.and_then(|account| account.rsplit('\\').next());
    if let Some(name) = name.filter(|name| !name.eq_ignore_ascii_case("LocalSystem")) {
        let sid = sid_of(context, name, found);
        let profiles = windows.profiles();
        found.gaps(profiles.gaps.iter().cloned());
        let lower = name.to_lowercase();
        for profile in &profiles.items {
            let folder = &profile.fact.folder;
            // Windows puts the machine behind a name that is taken (`name.MACHINE.000`).
            let called = folder.rsplit('/').next().unwrap_or_default().to_lowercase();
            let is_named = called == lower || called.starts_with(&format!("{lower}."));
            if is_named || sid.is_some() && profile.fact.sid == sid {
                folders.push(format!(r"{}\AppData\Roaming", folder.replace('/', "\\")));
            }
        }
    }
    for folder in folders {
        for file in found.keep(windows.find(&format!(r"{folder}\Python\*"))) {
            let shown = file.at.path.clone().unwrap_or_default();
            odd(file.at, say!(win_cbi_001_taken_in), shown, found);
        }
    }
}

/// The SID of the machine's account `name`.
fn sid_of(context: &Context<'_>, name: &str, found: &mut Findings) -> Option<String> {
    let accounts = match context.evidence.windows.accounts() {
        Ok(accounts) => accounts,
        Err(gap) => {
            found.gap(gap);
            return None;
        }
    };
    let same = |n: &String| n.eq_ignore_ascii_case(name);
    let user = accounts
        .users
        .iter()
        .find(|u| u.fact.listed_names.iter().any(same) || u.fact.name.as_ref().is_some_and(same))?;
    let machine = accounts.machine_sid.as_deref()?;
    Some(format!("{machine}-{}", user.fact.rid))
}

/// True where something other than a folder may be at `path`.
fn is_file(context: &Context<'_>, path: &str) -> bool {
    match context.evidence.files.file(path) {
        Ok(found) => found.is_some_and(|f| f.metadata.kind != FileKind::Directory),
        Err(_) => true,
    }
}

/// Files of it that are deleted, renamed or replaced when Windows starts.
fn moved(context: &Context<'_>, root: &str, found: &mut Findings) {
    let moves = found.read(context.evidence.windows.pending_moves());
    let root = root.replace('/', "\\").to_lowercase();
    for change in moves {
        let touches = |path: &str| {
            let path = path.to_lowercase();
            path == root
                || path.starts_with(&format!("{root}\\"))
                || root.starts_with(&format!("{}\\", path.trim_end_matches('\\')))
        };
        let to = change.fact.to.clone().unwrap_or_default();
        if touches(&change.fact.from) || touches(&to) {
            let shown = format!("{} → {to}", change.fact.from);
            odd(change.at, say!(win_cbi_001_moved), shown, found);
        }
    }
}

/// Variables of Python that lead nowhere, with the values that it takes; with another one some of
/// them keep it from starting (its manual, "Command line and environment").
fn is_plain(name: &str, value: &str) -> bool {
    let switch = ["0", "1"].contains(&value);
    match name {
        "PYTHONUTF8"
        | "PYTHONUNBUFFERED"
        | "PYTHONDONTWRITEBYTECODE"
        | "PYTHONFAULTHANDLER"
        | "PYTHONNOUSERSITE"
        | "PYTHONLEGACYWINDOWSSTDIO" => switch,
        "PYTHONHASHSEED" => value == "random" || value == "0",
        "PYTHONIOENCODING" => {
            let encoding = value.split(':').next().unwrap_or_default().to_lowercase();
            let errors = value.split_once(':').map_or("", |(_, errors)| errors);
            ["utf-8", "utf8", "gbk", "gb18030", "cp936", "mbcs"].contains(&encoding.as_str())
                && ["", "strict", "ignore", "replace", "backslashreplace"].contains(&errors)
        }
        _ => false,
    }
}

/// Variables and keys that lead Python and its configuration elsewhere.
fn environment(context: &Context<'_>, found: &mut Findings) {
    let values = Values::of(context);
    let key = format!(r"{SET}\Control\Session Manager\Environment");
    for value in values.all(found, &key, "*") {
        let name = value.fact.name.to_ascii_uppercase();
        let leads = name.starts_with("PYTHON") || name.starts_with("OS_DEFAULT__");
        let nothing = matches!(&value.fact.data, Datum::Text(text) if text.trim().is_empty());
        let text = value.fact.data.to_string();
        if leads && !nothing && !is_plain(&name, text.trim()) {
            let shown = format!("{name}={}", value.fact.data);
            odd(value.at, say!(win_cbi_001_environment), shown, found);
        }
    }
    for root in [r"HKLM\SOFTWARE", r"HKLM\SOFTWARE\Wow6432Node"] {
        let pattern = format!(r"{root}\Python\PythonCore\*\PythonPath\*");
        for key in values.keys(found, &pattern) {
            odd(key.at, say!(win_cbi_001_environment), key.fact, found);
        }
    }
}
