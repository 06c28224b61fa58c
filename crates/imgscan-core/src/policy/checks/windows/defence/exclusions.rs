//! What the exclusions of the antimalware mean: how much of the system it does not look at.

use super::def_001_antimalware::Antimalware;
use crate::guest::windows::expand;
use crate::policy::checks::findings::Findings;
use crate::policy::checks::windows::values::Values;
use crate::policy::checks::windows::{commands, matches};
use crate::policy::{Context, Item, Status};
use crate::text::Text;

/// Files in places that programs of anybody are put into, or that Windows runs from: who excludes
/// one of these excludes much. `U` is a profile.
const PROBES: &[&str] = &[
    r"%SystemDrive%\a.exe",
    r"%SystemRoot%\a.exe",
    r"%SystemRoot%\System32\a.exe",
    r"%SystemRoot%\System32\a.dll",
    r"%SystemRoot%\System32\drivers\a.sys",
    r"%SystemRoot%\System32\spool\drivers\color\a.exe",
    r"%SystemRoot%\System32\Tasks\a.exe",
    r"%SystemRoot%\SysWOW64\a.exe",
    r"%SystemRoot%\Temp\a.exe",
    r"%SystemRoot%\Tasks\a.exe",
    r"%SystemDrive%\PerfLogs\a.exe",
    r"%SystemDrive%\$Recycle.Bin\a.exe",
    r"%SystemDrive%\Users\a.exe",
    r"%SystemDrive%\Users\Public\a.exe",
    r"%SystemDrive%\Users\Public\Downloads\a.exe",
    r"%ProgramData%\a.exe",
    r"%ProgramFiles%\a.exe",
    r"%ProgramFiles(x86)%\a.exe",
    r"U\a.exe",
    r"U\Desktop\a.exe",
    r"U\Downloads\a.exe",
    r"U\AppData\a.exe",
    r"U\AppData\Local\a.exe",
    r"U\AppData\Local\Temp\a.exe",
    r"U\AppData\Roaming\a.exe",
];

/// Files every exclusion: a broad one fails, another one warns.
pub(super) fn judge(context: &Context<'_>, with: &Antimalware, found: &mut Findings) {
    let values = Values::of(context);
    let probes = probes(context, found);
    for key in &with.exclusions {
        for kind in [
            "Paths",
            "Extensions",
            "Processes",
            "IpAddresses",
            "TemporaryPaths",
        ] {
            for value in values.all(found, &format!(r"{key}\{kind}"), "*") {
                let name = value.fact.name.as_str();
                let (status, note) = match kind {
                    "Extensions" => (extension(with, name), say!(win_def_001_extension)),
                    "Processes" => (
                        process(context, with, name, &probes),
                        say!(win_def_001_process),
                    ),
                    "IpAddresses" => (Status::Warn, say!(win_def_001_address)),
                    _ => (path(context, with, name, &probes), say!(win_def_001_path)),
                };
                let note = match status {
                    Status::Fail => say!(win_def_001_broad, what = note),
                    _ => note,
                };
                // Makers of servers ask for exclusions of their own files (Microsoft, "Configure antivirus
                // software to work with SQL Server").
                let wanted = match status {
                    Status::Warn => say!(win_def_001_needed),
                    _ => say!(win_value_absent),
                };
                let item = Item::at(value.at.clone(), note);
                found.add(status, item.compare(wanted, Text::verbatim(name)));
                let at = value.at.key.as_deref().unwrap_or(key);
                let delete = commands::delete_value(at, name);
                found.fix(match status {
                    Status::Warn => say!(win_def_001_fix_needed, command = delete),
                    _ => delete,
                });
            }
        }
    }
}

/// The places to look for, in lower case.
fn probes(context: &Context<'_>, found: &mut Findings) -> Vec<String> {
    let windows = &context.evidence.windows;
    let roots = windows.roots();
    let profiles = windows.profiles();
    found.gaps(profiles.gaps.iter().cloned());
    let homes = profiles
        .items
        .iter()
        .map(|p| p.fact.folder.replace('/', "\\"));
    let homes: Vec<String> = homes
        .chain([format!(r"{}\Users\anybody", roots.drive)])
        .collect();
    let mut out = Vec::new();
    for probe in PROBES {
        match probe.strip_prefix('U') {
            Some(rest) => out.extend(
                homes
                    .iter()
                    .map(|home| format!("{home}{rest}").to_lowercase()),
            ),
            None => out.push(expand(probe, &roots, &[]).to_lowercase()),
        }
    }
    out
}

/// A path as Defender reads it, in lower case.
fn plain(context: &Context<'_>, text: &str) -> String {
    let roots = context.evidence.windows.roots();
    let drive = roots.drive.as_str();
    let home = format!(r"{drive}\Users\*");
    let local = format!(r"{home}\AppData\Local");
    let temp = format!(r"{local}\Temp");
    let roaming = format!(r"{home}\AppData\Roaming");
    let extra = [
        ("userprofile", home.as_str()),
        ("localappdata", local.as_str()),
        ("appdata", roaming.as_str()),
        ("temp", temp.as_str()),
        ("tmp", temp.as_str()),
        ("homedrive", drive),
    ];
    let text = expand(text.trim().trim_matches('"'), &roots, &extra).replace('/', "\\");
    let text = text.to_lowercase();
    let text = [r"\\?\", r"\??\", r"\\.\"]
        .iter()
        .fold(text.as_str(), |text, prefix| {
            text.strip_prefix(prefix).unwrap_or(text)
        });
    text.trim_end_matches([' ', '.']).to_owned()
}

fn path(context: &Context<'_>, with: &Antimalware, text: &str, probes: &[String]) -> Status {
    let text = plain(context, text);
    // `C:`, `C:\`, `C:\*`, `*`, `*:\`, `\`.
    let root = text.trim_end_matches(['\\', '*', '.', '?']);
    let whole = root.is_empty() || root.len() == 2 && root.ends_with(':') || root == ":";
    let folder = text.trim_end_matches('\\');
    let below = format!(r"{folder}\*");
    let covers = |probe: &String| matches(folder, probe) || matches(&below, probe);
    let file = text.rsplit('\\').next().unwrap_or_default();
    let host = with.hosts.iter().any(|h| h.eq_ignore_ascii_case(file));
    if whole || probes.iter().any(|probe| covers(&probe.replace('?', "*"))) || host {
        Status::Fail
    } else if text.contains('%') {
        // A variable that is not known may stand for anything.
        Status::Unknown
    } else {
        Status::Warn
    }
}

fn extension(with: &Antimalware, text: &str) -> Status {
    let plain = text.trim().trim_start_matches(['*', '.']).to_lowercase();
    let covers = |known: &String| matches(&plain.replace('?', "*"), known);
    let broad = plain.is_empty() || with.extensions.iter().any(covers);
    if broad { Status::Fail } else { Status::Warn }
}

fn process(context: &Context<'_>, with: &Antimalware, text: &str, probes: &[String]) -> Status {
    let name = plain(context, text);
    let name = name
        .rsplit('\\')
        .next()
        .unwrap_or_default()
        .replace('?', "*");
    let host = with
        .hosts
        .iter()
        .any(|host| matches(&name, &host.to_lowercase()));
    if host || name.is_empty() || name.trim_matches('*').is_empty() {
        return Status::Fail;
    }
    // A folder of processes covers what is in it.
    match text.contains(['*', '?']) {
        true => path(context, with, text, probes),
        false => Status::Warn,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::Evidence;
    use crate::guest::windows::testing::guests;
    use crate::policy::Policy;
    use crate::policy::checks::windows::testing::good;

    /// What the built-in policy makes of an exclusion of the kind `kind`.
    fn judged(kind: &str, text: &str) -> Status {
        let policy = Policy::built_in("tencent-marketplace").unwrap();
        let check = policy
            .checks
            .iter()
            .find(|c| c.id == "WIN-DEF-001")
            .unwrap();
        let with = serde_json::Value::Object(check.with.clone());
        let with: Antimalware = serde_json::from_value(with).unwrap();
        let guests = guests(good());
        let evidence = Evidence::new(&guests[0]);
        let context = Context {
            evidence: &evidence,
            policy: &policy,
            shared: &crate::policy::Params::of(&policy).unwrap(),
            check,
            image_gaps: &[],
            registry: &crate::policy::RegistryView::default(),
        };
        let probes = probes(&context, &mut Findings::new());
        match kind {
            "Paths" => path(&context, &with, text, &probes),
            "Extensions" => extension(&with, text),
            _ => process(&context, &with, text, &probes),
        }
    }

    #[test]
    fn an_exclusion_is_judged_by_what_it_covers() {
        for (kind, text) in [
            ("Paths", r"C:\"),
            ("Paths", r"C:\*"),
            ("Paths", "*"),
            ("Paths", r"?:\*"),
            ("Paths", r"E:\"),
            ("Paths", r"%windir%\*"),
            ("Paths", "c:/windows/temp/"),
            ("Paths", r"\\?\C:\Users"),
            ("Paths", r"%TEMP%"),
            ("Paths", r"C:\Users\Administrator\AppData\Local\Temp"),
            ("Paths", r"C:\Users\*\AppData\*"),
            ("Paths", r"C:\Win*"),
            ("Paths", r"C:\Windows\System32\cmd.exe"),
            ("Extensions", "exe"),
            ("Extensions", "*.DLL"),
            ("Extensions", "*"),
            ("Extensions", "e?e"),
            ("Processes", "powershell.exe"),
            ("Processes", "*.exe"),
            ("Processes", r"C:\Windows\System32\svchost.exe"),
        ] {
            assert_eq!(judged(kind, text), Status::Fail, "{kind} {text}");
        }
        for (kind, text) in [
            ("Paths", r"D:\data"),
            ("Paths", r"C:\Program Files\MySQL\MySQL Server 8.0\data"),
            ("Paths", r"C:\ProgramData\MySQL\*"),
            (
                "Paths",
                r"%windir%\SoftwareDistribution\Datastore\Datastore.edb",
            ),
            ("Extensions", "mdf"),
            ("Extensions", ".ldf"),
            ("Processes", r"C:\Program Files\MySQL\bin\mysqld.exe"),
        ] {
            assert_eq!(judged(kind, text), Status::Warn, "{kind} {text}");
        }
        assert_eq!(judged("Paths", r"%unheard%\x"), Status::Unknown);
    }
}
