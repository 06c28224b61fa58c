//! What starts an agent.

use std::collections::BTreeMap;

use super::agent_001_installed::{Family, Judged};
use crate::evidence::files::{Executable, FileFact};
use crate::evidence::linux::{Call, Inactive, StartLine, calls};
use crate::evidence::{Found, Gap};
use crate::fs::FileKind;
use crate::policy::checks::linux::wording;
use crate::policy::{Context, Item};
use crate::text::Text;

/// The longest start script that is looked into, in bytes.
const MAX_SCRIPT: u64 = 1024 * 1024;

/// Words that start no program of their own.
const NO_PROGRAMS: &[&str] = &[
    "true", "false", ":", "exit", "return", "echo", "printf", "sleep", "cd", "set", "export", "[",
    "[[", "test", "umask", "unset", "shift", "break", "continue", "trap",
];

/// The best start line that was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::policy::checks) enum Start {
    None,
    RunnerDisabled,
    /// Under a condition that is only known at run time.
    Conditional,
    Active,
}

/// Whether a line starts something of the tree, with the lines as evidence.
pub(in crate::policy::checks) fn starts(
    context: &Context<'_>,
    family: &Family,
    root: &str,
    judged: &mut Judged<'_>,
) -> Start {
    let start = context.evidence.linux.start();
    let mut best = Start::None;
    let mut seen = BTreeMap::new();
    for line in &start.lines {
        let Some(call) = started(context, &line.fact, family, root) else {
            continue;
        };
        // Many lines may start one program, which is read once.
        let key = (call.program.clone(), call.direct, line.fact.user.clone());
        let known = seen
            .entry(key)
            .or_insert_with(|| trouble(context, &line.fact, &call, root));
        let why = match known.clone() {
            Ok(why) => why,
            Err(gap) => {
                judged.gaps.push(gap);
                continue;
            }
        };
        let this = match line.fact.inactive {
            _ if why.is_some() => Start::None,
            None if call.certain => Start::Active,
            None => Start::Conditional,
            Some(Inactive::RunnerDisabled) => Start::RunnerDisabled,
            Some(_) => Start::None,
        };
        best = best.max(this);
        let why = line.fact.inactive.map(wording::inactive).or(why);
        judged.items.push(start_item(line, call.certain, why));
    }
    if best == Start::Active
        && let Some(item) = other_boot(context)
    {
        judged.items.push(item);
        best = Start::Conditional;
    }
    // Only where a line may be hidden do the gaps of the start lines matter.
    if best != Start::Active {
        judged.gaps.extend(start.gaps.iter().cloned());
    }
    best
}

/// An argument of the default kernel by which another program than the init of the image runs, or
/// fewer of its units: kernel-parameters, systemd(1), systemd-debug-generator(8).
fn other_boot(context: &Context<'_>) -> Option<Item> {
    let entry = context.evidence.linux.boot().default_entry()?;
    let init = [
        "/sbin/init",
        "/usr/sbin/init",
        "/lib/systemd/systemd",
        "/usr/lib/systemd/systemd",
        "/bin/systemd",
        "/usr/bin/systemd",
    ];
    let odd = entry.fact.arguments.split_whitespace().find(|word| {
        let word = word.trim_matches('"');
        match word.split_once('=') {
            Some(("init", program)) => !init.contains(&program),
            Some(("systemd.unit", unit)) => !matches!(
                unit,
                "multi-user.target" | "graphical.target" | "default.target"
            ),
            Some((key, _)) => key == "systemd.mask",
            None => matches!(
                word,
                "single" | "s" | "S" | "1" | "emergency" | "rescue" | "-b"
            ),
        }
    })?;
    Some(
        Item::new(
            entry.at.clone(),
            "an argument of the default kernel changes what starts",
            "默认内核的启动参数会改变自启动内容",
        )
        .compare("no such argument", crate::text::terminal(odd)),
    )
}

/// The program of the family that the line starts.
fn started(context: &Context<'_>, line: &StartLine, family: &Family, root: &str) -> Option<Call> {
    let exists = |path: &str| exists(context, path);
    let mut found: Vec<Call> = line.calls(&exists);
    for call in &mut found {
        call.program = tidy_path(&call.program);
    }
    found.retain(|call| {
        let program = call.program.to_lowercase();
        family
            .start
            .iter()
            .any(|below| program.starts_with(&format!("{root}/{below}").to_lowercase()))
    });
    let at = found.iter().position(|call| call.certain).unwrap_or(0);
    (!found.is_empty()).then(|| found.swap_remove(at))
}

fn exists(context: &Context<'_>, path: &str) -> Option<bool> {
    let found = context.evidence.guest.paths.find(path.as_bytes());
    found.ok().map(|at| at.is_some())
}

/// The path without `.`, `..` and doubled slashes.
fn tidy_path(path: &str) -> String {
    if !path.starts_with('/') {
        return path.to_owned();
    }
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    format!("/{}", parts.join("/"))
}

/// Why the line, when it runs, does not start the agent.
fn trouble(
    context: &Context<'_>,
    line: &StartLine,
    call: &Call,
    root: &str,
) -> Result<Option<Text>, Gap> {
    let program = &call.program;
    let said = |en: String, zh: String| Ok(Some(Text::new(en, zh)));
    let fact = context.evidence.files.file(program)?;
    let Some(fact) = fact.filter(|f| f.metadata.kind == FileKind::Regular && f.metadata.size > 0)
    else {
        return said(
            format!("{program} is not there or empty"),
            format!("{program} 不存在或为空"),
        );
    };
    let real = fact.at.path.clone().unwrap_or_default();
    if let Some(tree) = context.evidence.files.file(root)?.and_then(|f| f.at.path)
        && !real.starts_with(&format!("{tree}/"))
    {
        return said(
            format!("{program} leads out of the agent's folder, to {real}"),
            format!("{program} 指向组件目录之外的 {real}"),
        );
    }
    if call.direct && fact.metadata.mode.is_some_and(|m| m & 0o111 == 0) {
        return said(
            format!("{program} is not executable"),
            format!("{program} 没有执行权限"),
        );
    }
    if let Some(user) = &line.user
        && !is_root(context, user)
    {
        return said(
            format!("it runs as {user}, not as root"),
            format!("以 {user} 而非 root 身份运行"),
        );
    }
    if is_stub(context, &fact)? {
        return said(
            format!("{program} is a script that starts nothing"),
            format!("{program} 是不启动任何程序的空脚本"),
        );
    }
    Ok(None)
}

fn is_root(context: &Context<'_>, user: &str) -> bool {
    let accounts = context.evidence.linux.accounts();
    let mut all = accounts.active();
    user == "root"
        || user == "0"
        || all
            .find(|u| u.fact.name == user)
            .is_some_and(|u| u.fact.uid == Some(0))
}

/// True for a shell script of which no command can start a program.
fn is_stub(context: &Context<'_>, fact: &FileFact) -> Result<bool, Gap> {
    if fact.executable != Some(Executable::Script) {
        return Ok(false);
    }
    let path = fact.at.path.as_deref().unwrap_or_default();
    let file = context
        .evidence
        .guest
        .paths
        .read(path.as_bytes(), MAX_SCRIPT);
    let file = file.map_err(|e| Gap::at_path(path, &e))?;
    let text = String::from_utf8_lossy(&file.bytes);
    let first = text.lines().next().unwrap_or("");
    if !first.split(['/', ' ']).any(|w| w.ends_with("sh")) {
        return Ok(false);
    }
    let exists = |path: &str| exists(context, path);
    Ok(calls(&text, &exists).iter().all(|call| {
        NO_PROGRAMS.contains(&call.program.as_str())
            || matches!(
                call.program.as_str(),
                "/bin/true" | "/usr/bin/true" | "/bin/false"
            )
    }))
}

fn start_item(line: &Found<StartLine>, certain: bool, why: Option<Text>) -> Item {
    let command = line.fact.command.clone();
    let (en, zh) = match why {
        None if certain => ("starts the agent".to_owned(), "启动该组件".to_owned()),
        None => (
            "starts the agent under a condition that is only known at run time".to_owned(),
            "仅在运行时条件成立时启动该组件".to_owned(),
        ),
        Some(why) => (
            format!("does not start the agent: {}", why.en),
            format!("不会启动该组件：{}", why.zh),
        ),
    };
    Item::new(line.at.clone(), en, zh).compare("an active start line", command)
}
