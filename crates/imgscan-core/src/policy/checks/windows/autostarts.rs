use super::matches;
use super::programs::Programs;
use crate::error::Result;
use crate::evidence::windows::{Autostart, NamedStream};
use crate::evidence::{Found, Gap};
use crate::guest::windows::expand;
use crate::policy::checks::findings::worse;
use crate::policy::{Context, Item, Outcome, Status};
use crate::text::Text;

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct With {
    /// Values that Windows sets, and that nothing else may stand in.
    fixed: Vec<Fixed>,
    /// Folders, and how many levels below them, whose named streams are looked at.
    stream_folders: Vec<(String, usize)>,
    /// Patterns of the names of streams that Windows and browsers make.
    stream_names: Vec<String>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Fixed {
    /// The kind of the autostart.
    kind: String,
    /// Pattern of its name.
    name: String,
    /// What may stand there, letter by letter in any case.
    only: Vec<String>,
    /// A number (key, value) that switches it on; without it, or at 0, anything else only warns.
    #[serde(default)]
    armed: Option<(String, String)>,
}

/// WIN-PERSIST-001: what starts by itself is what Windows sets up, or signed.
pub(super) fn known(context: &Context<'_>) -> Result<Outcome> {
    let with: With = context.check.with()?;
    let programs = Programs::of(context)?;
    let found = context.evidence.windows.autostarts();
    let mut gaps = found.gaps;
    let mut judged: Vec<(Status, Item)> = Vec::new();
    for start in &found.items {
        judged.push(one(context, &with, &programs, start, &mut gaps));
    }
    streams(context, &with, &mut judged, &mut gaps);
    let worst = judged.iter().map(|(s, _)| *s).fold(Status::Pass, worse);
    let count = judged.iter().filter(|(s, _)| *s == worst).count();
    let all = judged.len();
    judged.sort_by_key(|(status, _)| match status {
        Status::Fail => 0,
        Status::Warn => 1,
        _ => 2,
    });
    gaps.sort();
    gaps.dedup();
    let (en, zh) = match worst {
        Status::Fail => (
            format!("{count} of {all} autostarts and named streams are suspect"),
            format!("{all} 个自启动项与附加数据流中有 {count} 个可疑"),
        ),
        Status::Warn => (
            format!("{count} of {all} autostarts and named streams are worth a look"),
            format!("{all} 个自启动项与附加数据流中有 {count} 个需关注"),
        ),
        _ => (
            format!("{all} autostarts and named streams, all known or signed"),
            format!("共 {all} 个自启动项与附加数据流，均为系统默认或已签名"),
        ),
    };
    Ok(Outcome::new(worst, en, zh)
        .evidence(judged.into_iter().map(|(_, item)| item))
        .gaps(gaps))
}

fn one(
    context: &Context<'_>,
    with: &With,
    programs: &Programs,
    start: &Found<Autostart>,
    gaps: &mut Vec<Gap>,
) -> (Status, Item) {
    let it = &start.fact;
    let what = format!("{} {}", it.kind, it.name);
    let what = Text::new(what.clone(), what);
    let fixed = |f: &&Fixed| f.kind == it.kind && matches(&f.name, &it.name);
    if let Some(fixed) = with.fixed.iter().find(fixed) {
        return default_only(context, fixed, start, &what, gaps);
    }
    // A file in a folder for autostarts is its own command.
    let own_path = start.at.path.clone().unwrap_or_default().replace('/', "\\");
    let file = it.command.is_none();
    let command = it.command.clone().unwrap_or(format!("\"{own_path}\""));
    let mut judged = programs.judge(context, &command, &start.at);
    gaps.append(&mut judged.gaps);
    let mut status = judged.status;
    if file {
        // Where such a file lies is what the folder is for; who made it is not told.
        status = if status == Status::Pass {
            status
        } else {
            Status::Warn
        };
    } else if judged.own && status == Status::Warn {
        status = Status::Pass;
    }
    (
        status,
        judged.item(&start.at, &what, "a default of Windows, or signed"),
    )
}

/// A value that only Windows sets.
fn default_only(
    context: &Context<'_>,
    fixed: &Fixed,
    start: &Found<Autostart>,
    what: &Text,
    gaps: &mut Vec<Gap>,
) -> (Status, Item) {
    let windows = &context.evidence.windows;
    let plain = |text: &str| expand(text, &windows.roots(), &[]).to_lowercase();
    let command = start.fact.command.clone().unwrap_or_default();
    let text = plain(&command);
    let expected = fixed.only.join(" | ");
    let item = |en: &str, zh: &str| {
        let (en, zh) = (format!("{}: {en}", what.en), format!("{}：{zh}", what.zh));
        Item::new(start.at.clone(), en, zh).compare(expected.clone(), command.clone())
    };
    if fixed.only.iter().any(|p| plain(p) == text.trim()) {
        return (Status::Pass, item("as Windows sets it", "为系统默认值"));
    }
    if let Some((key, value)) = &fixed.armed {
        let switch = windows.values(key, value);
        gaps.extend(switch.gaps);
        if !switch.items.iter().any(|v| v.fact.data.to_string() != "0") {
            let (en, zh) = ("set, but switched off", "已设置，但未启用");
            return (Status::Warn, item(en, zh));
        }
    }
    let (en, zh) = ("not what Windows sets here", "不是系统默认值");
    (Status::Fail, item(en, zh))
}

/// Streams that no known program makes.
fn streams(
    context: &Context<'_>,
    with: &With,
    judged: &mut Vec<(Status, Item)>,
    gaps: &mut Vec<Gap>,
) {
    let windows = &context.evidence.windows;
    let expanded = |f: &(String, usize)| (expand(&f.0, &windows.roots(), &[]), f.1);
    let mut folders: Vec<(String, usize)> = with.stream_folders.iter().map(expanded).collect();
    for profile in &windows.profiles().items {
        folders.push((profile.fact.folder.clone(), 2));
    }
    let found = windows.streams(&folders);
    gaps.extend(found.gaps);
    for Found { fact, at } in found.items {
        let known = with.stream_names.iter().any(|p| matches(p, &fact.name));
        if known && fact.executable.is_none() {
            continue;
        }
        let (status, en, zh) = match fact.executable {
            Some(_) => (
                Status::Fail,
                "a program or script hidden in a named stream",
                "附加数据流中隐藏有程序或脚本",
            ),
            None => (
                Status::Warn,
                "a named stream that no known program makes",
                "来源不明的附加数据流",
            ),
        };
        let shown = shown(&fact);
        let item = Item::new(
            at,
            format!("{en}: {} bytes", fact.size),
            format!("{zh}：{} 字节", fact.size),
        )
        .compare("no such stream", shown);
        judged.push((status, item));
    }
}

/// The stream as a person names it.
fn shown(stream: &NamedStream) -> String {
    format!("{}:{}", stream.of, stream.name)
}
