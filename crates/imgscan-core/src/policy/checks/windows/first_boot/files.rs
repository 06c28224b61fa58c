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

/// A file that a command's output goes to.
pub(super) fn written(it: &Command<'_>, path: &str) -> Deed {
    let lower = path.to_lowercase();
    if ["nul", "con", "con:", "nul:"].contains(&lower.as_str()) {
        return Deed::Harmless;
    }
    let log = [".log", ".txt", ".out", ".err"];
    let name = lower.rsplit(['\\', '/']).next().unwrap_or_default();
    let plain = !name.contains(':') && !lower.contains(r"\desktop") && !lower.contains(r"\startup");
    if plain && log.iter().any(|e| name.ends_with(e)) {
        return Deed::Harmless;
    }
    let _ = it;
    Deed::Unclear(say!(win_first_writes, path = path))
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
        if short || path.starts_with(&data) {
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
        if !(leftover || elsewhere || answer) {
            out = out.or(unclear());
        }
    }
    out
}
