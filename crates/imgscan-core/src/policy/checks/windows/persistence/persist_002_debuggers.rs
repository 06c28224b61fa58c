//! WIN-PERSIST-002: no tool of the logon screen is replaced, and no program has a debugger.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::evidence::Found;
use crate::evidence::windows::{Execution, Image, Signed, Subject, Windows};
use crate::guest::windows::expand;
use crate::policy::checks::findings::{Findings, worse};
use crate::policy::checks::registry::{BadParameter, Parameters};
use crate::policy::checks::valid;
use crate::policy::checks::windows::explained::{Judged, Unexplained, explain, remove, running};
use crate::policy::checks::windows::programs::signature;
use crate::policy::checks::windows::{commands, matches, one_of};
use crate::policy::{Context, Item, Outcome, Status};
use crate::text::Text;

/// Its name in policies.
pub(in crate::policy::checks::windows) const NAME: &str = "windows_persist_002_debuggers";
/// What this check judges of all that runs.
pub(in crate::policy::checks::windows) const SUBJECTS: [Subject; 1] = [Subject::Debugger];

/// Tools of the logon screen, and values that start another program in place of one.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::policy::checks) struct Debuggers {
    /// Tools that the logon screen starts.
    tools: Vec<Tool>,
    /// Programs that none of them may be.
    shells: Vec<String>,
    /// Programs whose debugger is a back door.
    critical: Vec<String>,
    /// The flags of programs.
    flags: Flags,
}

/// A tool that the logon screen starts, in the folder `System32`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Tool {
    /// The name of its file.
    file: String,
    /// Patterns of the names that its version resource gives it.
    original_names: Vec<String>,
}

/// A bit of a registry value that starts a monitor when a program ends silently.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Flags {
    /// The keys; `*` for every key at that level.
    key: String,
    /// The name of the value.
    value: String,
    /// The bit.
    bit: u64,
}

impl Parameters for Debuggers {
    const SHARED: &'static [&'static str] = &["windows_programs"];

    fn validate(&self) -> Result<(), BadParameter> {
        let files: Vec<&str> = self.tools.iter().map(|t| &*t.file).collect();
        valid::entries("tools", &files)?;
        for (i, tool) in self.tools.iter().enumerate() {
            valid::some(&format!("tools[{i}].original_names"), &tool.original_names)?;
        }
        valid::entries("shells", &self.shells)?;
        valid::entries("critical", &self.critical)?;
        valid::key("flags.key", &self.flags.key)?;
        valid::text("flags.value", &self.flags.value)?;
        if self.flags.bit == 0 {
            return Err(BadParameter::new("flags.bit", say!(policy_bad_bit)));
        }
        Ok(())
    }
}

pub(in crate::policy::checks) fn run(context: &Context<'_>, with: &Debuggers) -> Outcome {
    let mut found = Findings::new();
    for entry in running(context, &SUBJECTS, &mut found) {
        judge(context, with, entry).file(&mut found);
    }
    flags(context, &with.flags, &mut found);
    tools(context, with, &mut found);
    found.conclude(|status, count| match status {
        Status::Fail => say!(win_persist_002_fail, count = count),
        Status::Unknown => say!(win_persist_002_unknown, count = count),
        Status::Warn => say!(win_persist_002_warn, count = count),
        _ => say!(win_persist_002_pass),
    })
}

/// What Windows starts in place of a program, by its name: also where it is signed.
const IN_PLACE: &str = "Image file execution options";

/// What it says of one entry.
pub(in crate::policy::checks::windows) fn judge(
    context: &Context<'_>,
    with: &Debuggers,
    entry: &Found<Execution>,
) -> Judged {
    let path = entry.at.key.clone().unwrap_or_default();
    let is = |name: &String| path.split('\\').any(|p| p.eq_ignore_ascii_case(name));
    let explained = explain(context, &entry.fact, Unexplained::Unknown);
    let critical = with.critical.iter().find(|n| is(n));
    let (by_name, what) = match critical {
        Some(name) => (
            Status::Fail,
            say!(win_persist_002_in_place_of, program = name),
        ),
        None if entry.fact.kind == IN_PLACE => (Status::Unknown, say!(win_persist_002_with)),
        None => (Status::Pass, say!(win_persist_002_with)),
    };
    let mut judged = explained.judged(entry, what.clone());
    judged.status = worse(by_name, judged.status);
    if by_name != Status::Pass {
        judged.why.insert(0, what);
    }
    judged.fix(|| vec![remove(entry).into()])
}

fn flags(context: &Context<'_>, with: &Flags, found: &mut Findings) {
    let Flags { key, value, bit } = with;
    for set in found.keep(context.evidence.windows.values(key, value)) {
        let text = set.fact.data.to_string();
        let digits = text.strip_prefix("0x");
        let number = digits.map_or_else(|| text.parse().ok(), |d| u64::from_str_radix(d, 16).ok());
        if number.is_some_and(|n: u64| n & bit != 0) {
            found.fix(commands::delete(&set.at));
            let wanted = say!(win_persist_002_without_bit, bit = format!("{bit:#x}"));
            let item = Item::at(set.at, say!(win_persist_002_monitor));
            found.warn(item.compare(wanted, Text::verbatim(text)));
        }
    }
}

fn digest(image: &Image) -> Option<&String> {
    match image {
        Image::File(file) => file.at.sha256.as_ref(),
        _ => None,
    }
}

/// The shells that are there, each with its digest.
fn shells(windows: &Windows<'_>, shells: &[String]) -> Vec<(String, String)> {
    let mut out = Vec::new();
    for shell in shells {
        let path = expand(shell, &windows.roots(), &[]);
        let (image, _) = windows.signed_file(&path);
        if let Some(digest) = digest(&image) {
            out.push((digest.clone(), path));
        }
    }
    out
}

fn tools(context: &Context<'_>, with: &Debuggers, found: &mut Findings) {
    let windows = &context.evidence.windows;
    let folder = format!(r"{}\System32", windows.roots().windows);
    let shells = shells(windows, &with.shells);
    for tool in &with.tools {
        let path = format!(r"{folder}\{}", tool.file);
        let (image, signed) = windows.signed_file(&path);
        let file = match &image {
            Image::File(file) => file,
            Image::Unknown(gap) => {
                found.gap(gap.clone());
                continue;
            }
            _ => continue,
        };
        let fix = || commands::restore_file(context, &path);
        let same = shells.iter().find(|(d, _)| digest(&image) == Some(d));
        if let Some((_, shell)) = same {
            let item = Item::at(file.at.clone(), say!(win_persist_002_copy));
            found.fail(item.compare(Text::verbatim(&tool.file), Text::verbatim(shell)));
            found.fix(fix());
            continue;
        }
        let original = match windows.original_name(&path) {
            Ok(name) => name,
            Err(gap) => {
                found.gap(gap);
                continue;
            }
        };
        let (status, mut why) = signature(signed.as_ref());
        // Whoever is at the screen starts it as the system.
        let mut status = match status {
            Status::Warn => Status::Unknown,
            status => status,
        };
        let right = |name: &String| tool.original_names.iter().any(|p| matches(p, name));
        let proven = matches!(signed, Some(Signed::Trusted(_) | Signed::Renamed(..)));
        match &original {
            Some(name) if right(name) => {}
            Some(_) => {
                status = Status::Fail;
                why = say!(win_persist_002_other_name, why = why);
            }
            None => {
                // Every tool of Windows has one.
                status = if proven {
                    Status::Unknown
                } else {
                    Status::Fail
                };
                why = say!(win_persist_002_no_name, why = why);
            }
        }
        let shown = original.map_or_else(|| say!(win_persist_002_no_resource), Text::verbatim);
        let item = Item::at(file.at.clone(), why);
        found.add(status, item.compare(one_of(&tool.original_names), shown));
        if status != Status::Pass {
            found.fix(fix());
        }
    }
}
