//! Commands that write, copy or delete files.

use super::{Command, Deed, unclear};
use crate::policy::checks::windows::agents;

/// Folders of Windows whose files nobody needs.
const LEFTOVERS: [&str; 8] = [
    r"temp",
    r"panther",
    r"setup\scripts",
    r"logs",
    r"prefetch",
    r"softwaredistribution\download",
    r"system32\sysprep\panther",
    r"debug",
];

/// Folders below the drive that hold what starts the system, or what every user gets.
const KEPT: [&str; 7] = [
    "boot",
    "bootmgr",
    "bootnxt",
    "efi",
    "recovery",
    "system volume information",
    r"users\default",
];
/// Folders of data of agents and of programs that let somebody in, below `ProgramData`.
const DATA: [&str; 4] = ["ssh", "tencent", "qcloud", "cloudbase solutions"];
/// Folders that logs are written to, by their last names.
const LOGS: [&str; 5] = ["log", "logs", "temp", "tmp", "panther"];

/// True for a path (in lower case) that the start of the system or an agent needs: the path itself,
/// what lies below it, and what lies above it.
fn is_kept(it: &Command<'_>, path: &str) -> bool {
    let drive = it.context.evidence.windows.roots().drive.to_lowercase();
    let path = path.trim_start_matches(r"\\?\").trim_end_matches('\\');
    let data = DATA.iter().map(|name| format!(r"programdata\{name}"));
    let names = KEPT.iter().map(|name| (*name).to_owned()).chain(data);
    let related = |kept: String| {
        path == kept
            || path.starts_with(&format!(r"{kept}\"))
            || kept.starts_with(&format!(r"{path}\"))
    };
    let mut kept = names.map(|name| format!(r"{drive}\{name}"));
    kept.any(related) || of_agent(it, path)
}

/// True for a path below a folder that has the name of one of an agent's.
fn of_agent(it: &Command<'_>, path: &str) -> bool {
    const SHARED: [&str; 3] = ["windows", "system32", "programdata"];
    agents::programs(it.context).into_iter().any(|program| {
        let mut names = program.split('/').skip(1);
        let folder = names.find(|n| !n.starts_with("program files") && !SHARED.contains(n));
        let is_folder = |name: &&str| !name.contains('.');
        folder
            .filter(is_folder)
            .is_some_and(|folder| path.split('\\').any(|n| n == folder))
    })
}

/// True for a folder that logs are written to: of Windows, of the setup, the root of the drive, or
/// one that is called so.
fn is_for_logs(it: &Command<'_>, path: &str) -> bool {
    let roots = it.context.evidence.windows.roots();
    let (windows, drive) = (roots.windows.to_lowercase(), roots.drive.to_lowercase());
    let folder = path.rsplit_once('\\').map_or("", |(folder, _)| folder);
    let below = LEFTOVERS.iter().any(|name| {
        let own = format!(r"{windows}\{name}");
        folder == own || folder.starts_with(&format!(r"{own}\"))
    });
    let called = folder
        .split('\\')
        .any(|n| LOGS.contains(&n) || ["%temp%", "%tmp%"].contains(&n));
    below || called || folder.is_empty() || folder == drive
}

/// A file that a command's output goes to.
pub(super) fn written(it: &Command<'_>, path: &str) -> Deed {
    let lower = path.to_lowercase();
    if ["nul", "con", "con:", "nul:"].contains(&lower.as_str()) {
        return Deed::Harmless;
    }
    let name = lower.rsplit(['\\', '/']).next().unwrap_or_default();
    let plain = !name.contains(':') && !lower.contains(r"\desktop") && !lower.contains(r"\startup");
    let ends = |endings: &[&str]| endings.iter().any(|e| name.ends_with(e));
    let text = [".txt", ".out", ".err"];
    if plain
        && !lower.contains("..")
        && !is_kept(it, &lower)
        && (ends(&[".log"]) || ends(&text) && is_for_logs(it, &lower))
    {
        return Deed::Harmless;
    }
    Deed::Unclear(say!(win_first_writes, path = path))
}

/// True where `del` and its like name nothing but what lies in a folder for temporary files.
pub(super) fn is_temporary(it: &Command<'_>) -> bool {
    let temp = format!(r"{}\temp\", it.context.evidence.windows.roots().windows);
    let folders = ["%temp%\\", "%tmp%\\", &temp.to_lowercase()];
    let mut paths = it.rest(1).iter().filter(|w| !w.starts_with('/'));
    paths.all(|path| {
        let mut all = folders.iter();
        let inside = all.find_map(|folder| path.strip_prefix(folder));
        inside.is_some_and(|rest| !rest.contains("..") && !rest.contains('%'))
    })
}

/// `copy` and its like: what is put where.
pub(super) fn copied(it: &Command<'_>) -> Deed {
    if it.has(r"\desktop") || it.has("桌面") {
        return Deed::Unclear(say!(win_first_desktop));
    }
    unclear()
}

/// `del` and its like.
pub(super) fn deleted(it: &Command<'_>) -> Deed {
    let roots = it.context.evidence.windows.roots();
    let windows = roots.windows.to_lowercase();
    let drive = roots.drive.to_lowercase();
    let mut out = Deed::Harmless;
    for path in it.rest(1).iter().filter(|w| !w.starts_with('/')) {
        let path = path.trim_end_matches('\\');
        // The script itself.
        if path.starts_with("%0") || path.starts_with("%~") && path.ends_with('0') {
            continue;
        }
        // What lies in the folder for temporary files.
        let temporary = ["%temp%\\", "%tmp%\\"]
            .iter()
            .find_map(|t| path.strip_prefix(t));
        if temporary.is_some_and(|rest| !rest.contains("..") && !rest.contains('%')) {
            continue;
        }
        let of_agent = agents::programs(it.context).into_iter().any(|program| {
            let program = program.replace('/', "\\");
            let folder = program.rsplit_once('\\').map_or("", |(folder, _)| folder);
            path == program || path == folder || path.starts_with(&format!("{folder}\\"))
        });
        if of_agent || it.has("cloudbase") {
            return Deed::Hostile(say!(win_first_deletes_agent));
        }
        // A short name stands for another one.
        let short = path
            .split('~')
            .skip(1)
            .any(|p| p.starts_with(|c: char| c.is_ascii_digit()));
        let data = format!(r"{drive}\programdata\microsoft");
        // A pattern stands for all that lies in its folder.
        let within = match path.rsplit_once('\\') {
            Some((folder, name)) if name.contains(['*', '?']) => folder,
            _ => path,
        };
        let whole = ["programdata", "users"].map(|name| format!(r"{drive}\{name}"));
        let kept = is_kept(it, within) || whole.iter().any(|w| w == within);
        if short || path.starts_with(&data) || kept {
            out = out.or(unclear());
            continue;
        }
        let inside = path.strip_prefix(&format!("{windows}\\"));
        let leftover = inside.is_some_and(|rest| {
            let below =
                |folder: &&&str| rest == **folder || rest.starts_with(&format!("{folder}\\"));
            LEFTOVERS.iter().any(|f| below(&f))
        });
        let elsewhere = path.starts_with(&format!("{drive}\\"))
            && inside.is_none()
            && path != windows
            && path.matches('\\').count() > 1
            && !path.contains("..")
            && !path.starts_with(&format!("{drive}\\users\\*"))
            && !path.contains(r"\program files");
        let answer = path.ends_with("unattend.xml");
        let at_root = || {
            path.strip_prefix(&format!(r"{drive}\"))
                .is_some_and(|name| is_spare(it, name, path))
        };
        if !(leftover || elsewhere || answer || at_root()) {
            out = out.or(unclear());
        }
    }
    out
}

/// True for a folder `name` right below the drive, with what lies in it, that is not there or that nothing
/// which runs leads to.
fn is_spare(it: &Command<'_>, name: &str, path: &str) -> bool {
    const SHARED: [&str; 9] = [
        "windows",
        "users",
        "programdata",
        "program files",
        "program files (x86)",
        "perflogs",
        "inetpub",
        "$recycle.bin",
        "documents and settings",
    ];
    let plain = |c: char| !c.is_control() && !r#"*?/\:|<>"%!;,="#.contains(c);
    let named = !name.is_empty()
        && name.chars().all(plain)
        && name.chars().any(|c| c != '.' && c != ' ')
        && !name.ends_with(['.', ' ']);
    if !["rd", "rmdir"].contains(&it.name().as_str()) || !named || SHARED.contains(&name) {
        return false;
    }
    !it.context.evidence.windows.runs_below(path)
}

/// `attrib`: marks of files besides those of agents.
pub(super) fn marked(it: &Command<'_>) -> Deed {
    let (mut switches, mut paths) = (Vec::new(), Vec::new());
    for word in it.rest(1) {
        match word.as_str() {
            "/s" | "/d" | "/l" => switches.push(word.as_str()),
            mark if mark.starts_with(['+', '-']) && mark.len() == 2 => {
                if !mark.ends_with(['a', 'h', 'i', 'r', 's']) {
                    return unclear();
                }
            }
            path => paths.push(path),
        }
    }
    // It shows them, or marks all of the folder where it is.
    let [path] = paths[..] else {
        return unclear();
    };
    let below = switches.contains(&"/s");
    let whole = is_whole_path(it, path) && !of_agent(it, path);
    match whole && !(below && is_above_agent(it, path)) {
        true => Deed::Harmless,
        false => unclear(),
    }
}

/// True for a path of the drive of Windows that says by itself what it names.
fn is_whole_path(it: &Command<'_>, path: &str) -> bool {
    let drive = it.context.evidence.windows.roots().drive.to_lowercase();
    let short = path.split('~').skip(1);
    let mut short = short.map(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    let rest = path.strip_prefix(&format!(r"{drive}\"));
    rest.is_some_and(|rest| !rest.is_empty() && !rest.contains([':', '/', '%']))
        && !path.split('\\').any(|name| name == "..")
        && !short.any(|is| is)
}

/// True where the program of an agent lies below the folder of `path`, whose last name may be a pattern.
fn is_above_agent(it: &Command<'_>, path: &str) -> bool {
    let folder = match path.rsplit_once('\\') {
        Some((folder, name)) if name.contains(['*', '?']) => folder,
        _ => path.trim_end_matches('\\'),
    };
    let below = format!(r"{folder}\");
    let mut programs = agents::programs(it.context).into_iter();
    programs.any(|program| program.replace('/', r"\").starts_with(&below))
}

/// Who has all rights everywhere: SYSTEM, Administrators, TrustedInstaller.
const OWNERS: [&str; 8] = [
    "system",
    r"nt authority\system",
    "*s-1-5-18",
    "administrators",
    r"builtin\administrators",
    "*s-1-5-32-544",
    r"nt service\trustedinstaller",
    "*s-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464",
];

/// True for `icacls` that grants nothing but to [`OWNERS`], or takes from others what they were granted, of a
/// folder that neither Windows nor an agent works in.
pub(super) fn tightens(it: &Command<'_>) -> bool {
    let Some((path, words)) = it.rest(1).split_first() else {
        return false;
    };
    let roots = it.context.evidence.windows.roots();
    let (windows, drive) = (roots.windows.to_lowercase(), roots.drive.to_lowercase());
    let path = path.trim_end_matches('\\');
    let shared = [
        "users",
        "programdata",
        "program files",
        "program files (x86)",
    ];
    if !is_whole_path(it, path)
        || path.contains(['*', '?'])
        || is_kept(it, path)
        || is_above_agent(it, path)
        || path == windows
        || path.starts_with(&format!(r"{windows}\"))
        || shared.iter().any(|name| path == format!(r"{drive}\{name}"))
    {
        return false;
    }
    let (mut verb, mut granted, mut cut) = ("", Vec::new(), false);
    for word in words {
        match word.as_str() {
            "/t" | "/c" | "/l" | "/q" | "/inheritance:d" => verb = "",
            "/inheritance:r" => (verb, cut) = ("", true),
            "/grant" | "/grant:r" => verb = "grant",
            "/remove:g" => verb = "remove",
            word if word.starts_with('/') => return false,
            word => {
                let (who, rights) = match verb {
                    "grant" => word.split_once(':').unwrap_or((word, "")),
                    "remove" => (word, "-"),
                    _ => return false,
                };
                let owner = OWNERS.iter().position(|owner| *owner == who);
                match (verb, owner) {
                    ("grant", Some(owner)) if !rights.is_empty() => granted.push(owner / 3),
                    ("remove", None) => {}
                    _ => return false,
                }
            }
        }
    }
    // Without what it inherits, the folder needs its owners by itself.
    !cut || granted.contains(&0) && granted.contains(&1)
}
