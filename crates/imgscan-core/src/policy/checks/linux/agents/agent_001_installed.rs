//! Agents that the marketplace wants kept: their programs, and what starts them.

use serde::Deserialize;

use super::start::{Start, starts};
use crate::error::Result;
use crate::evidence::Gap;
use crate::evidence::files::{Executable, FileFact};
use crate::fs::FileKind;
use crate::policy::checks::findings::tidy;
use crate::policy::checks::linux::{fits, unless_hidden};
use crate::policy::{Context, Item, Outcome, Status};
use crate::text::Text;

/// Folder levels below a tree in which programs are looked for.
const DEPTH: usize = 3;

/// What the policy says of one agent.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct With {
    /// Ways of meeting the rule, the best first.
    families: Vec<Family>,
    /// What an image with a modern family only gets while `params.strict` is false, and true.
    modern_only: OutcomeWord,
    modern_only_strict: OutcomeWord,
    /// True where an image may lack the agent altogether.
    #[serde(default)]
    optional: bool,
}

#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "lowercase")]
enum OutcomeWord {
    Pass,
    Warn,
    Fail,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Family {
    pub(super) name: Text,
    #[serde(default)]
    pub(super) modern: bool,
    /// Folders, of which one holds the family.
    pub(super) roots: Vec<String>,
    pub(super) programs: Vec<Program>,
    /// Paths below the root of which a line must start one.
    pub(super) start: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Program {
    /// Folder below the root; programs are looked for in it and below.
    #[serde(default)]
    folder: String,
    /// Name with `*`.
    name: String,
    /// Must be ELF for the guest's architecture; otherwise any executable file will do.
    #[serde(default)]
    elf: bool,
    /// The family works without it, but not for long.
    #[serde(default)]
    supporting: bool,
}

/// How far one family meets the rule, the best last.
#[derive(PartialEq, Eq, PartialOrd, Ord, Clone, Copy)]
pub(super) enum Grade {
    Absent,
    Broken,
    NotStarted,
    RunnerDisabled,
    Conditional,
    Incomplete,
    Complete,
}

pub(super) struct Judged<'a> {
    pub(super) family: &'a Family,
    pub(super) grade: Grade,
    pub(super) items: Vec<Item>,
    pub(super) gaps: Vec<Gap>,
}

/// LNX-AGENT-001, LNX-AGENT-002.
pub(in crate::policy::checks) fn agent(context: &Context<'_>) -> Result<Outcome> {
    let with: With = context.check.with()?;
    let strict: bool = context.policy.param("strict")?;
    let mut judged: Vec<Judged<'_>> = Vec::new();
    for family in &with.families {
        let mut best: Option<Judged<'_>> = None;
        for root in &family.roots {
            let next = judge(context, family, root);
            if best.as_ref().is_none_or(|b| next.grade > b.grade) {
                let hidden = best.map(|b| b.gaps).unwrap_or_default();
                best = Some(next);
                if let Some(b) = &mut best {
                    b.gaps.extend(hidden);
                }
            } else if let Some(b) = &mut best {
                b.gaps.extend(next.gaps);
            }
        }
        judged.extend(best);
    }
    // The best family decides; of equals the one that stands first.
    let mut gaps = Vec::new();
    let mut best: Option<Judged<'_>> = None;
    for next in judged {
        gaps.extend(next.gaps.iter().cloned());
        if best.as_ref().is_none_or(|b| next.grade > b.grade) {
            best = Some(next);
        }
    }
    let Some(best) = best else {
        return Err(crate::error::Error::corrupt(
            crate::error::Layer::Policy,
            None,
            "an agent without families",
        ));
    };
    let outcome = outcome(&with, strict, &best).evidence(best.items);
    Ok(unless_hidden(outcome, tidy(gaps)))
}

fn outcome(with: &With, strict: bool, best: &Judged<'_>) -> Outcome {
    let Text { en, zh, .. } = &best.family.name;
    let (status, more_en, more_zh) = match best.grade {
        Grade::Complete if best.family.modern => {
            let word = if strict {
                with.modern_only_strict
            } else {
                with.modern_only
            };
            let status = match word {
                OutcomeWord::Pass => Status::Pass,
                OutcomeWord::Warn => Status::Warn,
                OutcomeWord::Fail => Status::Fail,
            };
            (
                status,
                "present and set to start (the newer generation, not the one that the guide names)",
                "存在且已配置自启动（为新一代组件，并非规范中列出的组件）",
            )
        }
        Grade::Complete => (
            Status::Pass,
            "present and set to start",
            "存在且已配置自启动",
        ),
        Grade::Incomplete => (
            Status::Warn,
            "present and set to start, but a supporting program is missing",
            "存在且已配置自启动，但缺少其守护程序",
        ),
        Grade::Conditional => (
            Status::Unknown,
            "present, but what starts it stands under a condition that is only known at run time",
            "存在，但其启动命令受运行时条件限制，无法判断",
        ),
        Grade::RunnerDisabled => (
            Status::Warn,
            "present with a start line, but the daemon that would run it is not enabled",
            "存在且有启动项，但负责执行该启动项的守护进程未启用",
        ),
        Grade::NotStarted => (
            Status::Fail,
            "present, but nothing starts it",
            "存在，但没有任何有效的启动项",
        ),
        Grade::Broken => (
            Status::Fail,
            "its folder is there, but its program is missing or can't run",
            "目录存在，但程序缺失或无法运行",
        ),
        Grade::Absent if with.optional => {
            return Outcome::new(
                Status::NotApplicable,
                "no agent, and the policy does not ask for one",
                "未安装该组件，策略也未要求",
            );
        }
        Grade::Absent => {
            let names: Vec<&str> = with.families.iter().map(|f| f.name.en.as_str()).collect();
            let names_zh: Vec<&str> = with.families.iter().map(|f| f.name.zh.as_str()).collect();
            return Outcome::new(
                Status::Fail,
                format!("not found: {}", names.join(", ")),
                format!("未找到：{}", names_zh.join("、")),
            );
        }
    };
    Outcome::new(
        status,
        format!("{en}: {more_en}"),
        format!("{zh}：{more_zh}"),
    )
}

fn judge<'a>(context: &Context<'_>, family: &'a Family, root: &str) -> Judged<'a> {
    let mut judged = Judged {
        family,
        grade: Grade::Absent,
        items: Vec::new(),
        gaps: Vec::new(),
    };
    let mut present = false;
    let (mut required, mut supporting) = (true, true);
    for program in &family.programs {
        let found = find(context, root, program, &mut judged.gaps);
        let mut good = false;
        for fact in &found {
            present = true;
            let trouble = trouble(context, program, fact);
            good |= trouble.is_none();
            judged.items.push(described(fact, program, trouble));
        }
        let met = if program.supporting {
            &mut supporting
        } else {
            &mut required
        };
        *met &= good;
    }
    let tree = match context.evidence.files.names(root) {
        Ok(names) => names.is_some(),
        Err(gap) => {
            judged.gaps.push(gap);
            false
        }
    };
    // A folder that other software shares (`/usr/local/qcloud`) proves nothing by itself.
    let own = family
        .programs
        .iter()
        .any(|p| p.folder.is_empty() && !p.supporting);
    if !(present || tree && own) {
        return judged;
    }
    if !present {
        let at = crate::evidence::Location::of_path(root);
        judged.items.push(Item::new(
            at,
            "the folder holds no program of this agent",
            "目录中没有该组件的程序",
        ));
    }
    let start = starts(context, family, root, &mut judged);
    judged.grade = match (required, start) {
        (false, _) => Grade::Broken,
        (true, Start::None) => Grade::NotStarted,
        (true, Start::RunnerDisabled) => Grade::RunnerDisabled,
        (true, Start::Conditional) => Grade::Conditional,
        (true, Start::Active) if !supporting => Grade::Incomplete,
        (true, Start::Active) => Grade::Complete,
    };
    judged
}

/// The files of the tree that have the program's name.
fn find(
    context: &Context<'_>,
    root: &str,
    program: &Program,
    gaps: &mut Vec<Gap>,
) -> Vec<FileFact> {
    let folder = if program.folder.is_empty() {
        root.to_owned()
    } else {
        format!("{root}/{}", program.folder)
    };
    let files = &context.evidence.files;
    let tree = match files.tree(&folder, DEPTH) {
        Ok(tree) => tree,
        Err(gap) => {
            gaps.push(gap);
            return Vec::new();
        }
    };
    gaps.extend(tree.gaps);
    let named = tree.names.iter().filter(|path| {
        let name = path.rsplit('/').next().unwrap_or(path);
        fits(&program.name, name)
    });
    named
        .filter_map(|path| match files.file(path) {
            Ok(fact) => fact.filter(|f| f.metadata.kind != FileKind::Directory),
            Err(gap) => {
                gaps.push(gap);
                None
            }
        })
        .collect()
}

/// Why a file can't be the agent's program.
fn trouble(context: &Context<'_>, program: &Program, fact: &FileFact) -> Option<Text> {
    let path = fact.at.path.as_deref().unwrap_or("");
    let name = path.rsplit('/').next().unwrap_or(path);
    let said = |en: &str, zh: &str| Some(Text::new(en, zh));
    let meta = &fact.metadata;
    if fact.through_link && !fits(&program.name, name) {
        return said(
            "a symbolic link to another program",
            "是指向其他程序的符号链接",
        );
    }
    if meta.kind != FileKind::Regular {
        return said("not a regular file", "不是普通文件");
    }
    if meta.size == 0 {
        return said("empty", "文件为空");
    }
    if meta.mode.is_some_and(|m| m & 0o111 == 0) {
        return said("not executable", "没有执行权限");
    }
    if meta.uid.is_some_and(|u| u != 0) {
        return said("not owned by root", "属主不是 root");
    }
    match fact.executable {
        Some(Executable::Elf { machine }) => {
            let runs = context.evidence.linux.runs(machine);
            (!runs).then(|| Text::new("built for another processor", "为其他处理器架构编译"))
        }
        Some(Executable::Script) if !program.elf => None,
        _ if program.elf => said("not an ELF program", "不是 ELF 程序"),
        _ => said(
            "neither an ELF program nor a script",
            "既不是 ELF 程序也不是脚本",
        ),
    }
}

fn described(fact: &FileFact, program: &Program, trouble: Option<Text>) -> Item {
    let meta = &fact.metadata;
    let mode = meta.mode.map_or_else(String::new, |m| format!("{m:04o}"));
    let found = format!("{} bytes, mode {mode}", meta.size);
    match trouble {
        None => Item::new(fact.at.clone(), "program of the agent", "组件程序")
            .compare(program.name.clone(), found),
        Some(why) => {
            let zh = format!("组件程序不可用：{}", why.zh);
            Item::new(fact.at.clone(), format!("unusable: {}", why.en), zh).compare(
                if program.elf {
                    "an executable ELF program owned by root"
                } else {
                    "an executable file owned by root"
                },
                found,
            )
        }
    }
}
