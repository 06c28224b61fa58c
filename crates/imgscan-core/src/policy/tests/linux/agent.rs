//! Agents that the marketplace wants kept: their programs, and what starts them.

use serde::Deserialize;

use super::{fits, tidy, unless_hidden, wording};
use crate::error::Result;
use crate::evidence::files::{Executable, FileFact};
use crate::evidence::linux::{Inactive, StartLine, programs};
use crate::evidence::{Found, Gap};
use crate::fs::FileKind;
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
struct Family {
    name: Text,
    #[serde(default)]
    modern: bool,
    /// Folders, of which one holds the family.
    roots: Vec<String>,
    programs: Vec<Program>,
    /// Paths below the root of which a line must start one.
    start: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Program {
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
enum Grade {
    Absent,
    Broken,
    NotStarted,
    RunnerDisabled,
    Incomplete,
    Complete,
}

struct Judged<'a> {
    family: &'a Family,
    grade: Grade,
    items: Vec<Item>,
    gaps: Vec<Gap>,
}

/// LNX-AGENT-001, LNX-AGENT-002.
pub(super) fn agent(context: &Context<'_>) -> Result<Outcome> {
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
    let Text { en, zh } = &best.family.name;
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

enum Start {
    None,
    RunnerDisabled,
    Active,
}

/// Whether a line starts something of the tree, with the lines as evidence.
fn starts(context: &Context<'_>, family: &Family, root: &str, judged: &mut Judged<'_>) -> Start {
    let start = context.evidence.linux.start();
    let mut best = Start::None;
    for line in &start.lines {
        let Some(program) = started(&line.fact, family, root) else {
            continue;
        };
        let (good, why) = match context.evidence.files.file(&program) {
            Ok(Some(f)) if f.metadata.kind == FileKind::Regular && f.metadata.size > 0 => {
                (true, None)
            }
            Ok(_) => (
                false,
                Some(Text::new(
                    format!("{program} is not there or empty"),
                    format!("{program} 不存在或为空"),
                )),
            ),
            Err(gap) => {
                judged.gaps.push(gap);
                (false, None)
            }
        };
        match line.fact.inactive {
            None if good => best = Start::Active,
            Some(Inactive::RunnerDisabled) if good && matches!(best, Start::None) => {
                best = Start::RunnerDisabled;
            }
            _ => {}
        }
        let why = line.fact.inactive.map(wording::inactive).or(why);
        judged.items.push(start_item(line, why));
    }
    // Only where a line may be hidden do the gaps of the start lines matter.
    if !matches!(best, Start::Active) {
        judged.gaps.extend(start.gaps.iter().cloned());
    }
    best
}

/// The program of the family that the line starts.
fn started(line: &StartLine, family: &Family, root: &str) -> Option<String> {
    programs(&line.command).into_iter().find(|program| {
        let program = program.to_lowercase();
        family
            .start
            .iter()
            .any(|below| program.starts_with(&format!("{root}/{below}").to_lowercase()))
    })
}

fn start_item(line: &Found<StartLine>, why: Option<Text>) -> Item {
    let command = line.fact.command.clone();
    match why {
        None => Item::new(line.at.clone(), "starts the agent", "启动该组件")
            .compare("an active start line", command),
        Some(why) => Item::new(
            line.at.clone(),
            format!("does not start the agent: {}", why.en),
            format!("不会启动该组件：{}", why.zh),
        )
        .compare("an active start line", command),
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{check, check_guest, status};
    use super::*;
    use crate::evidence::linux::testing::{Build, elf, guest};

    const LINE: &str = "* * * * * /usr/local/sa/agent/secu-tcs-agent-mon-safe.sh >/dev/null 2>&1\n";
    const SPOOL: &str = "/var/spool/cron/crontabs/root";

    fn cron(build: Build) -> Build {
        build
            .file("/usr/lib/systemd/systemd", 0o755, elf(64))
            .file(
                "/usr/lib/systemd/system/cron.service",
                0o644,
                "[Service]\nExecStart=/usr/sbin/cron -f\n",
            )
            .file(
                "/usr/lib/systemd/system/multi-user.target",
                0o644,
                "[Unit]\nRequires=basic.target\n",
            )
            .link(
                "/usr/lib/systemd/system/default.target",
                "multi-user.target",
            )
            .link(
                "/etc/systemd/system/multi-user.target.wants/cron.service",
                "/usr/lib/systemd/system/cron.service",
            )
    }

    fn agent_tree(build: Build) -> Build {
        build
            .file("/usr/local/sa/agent/secu-tcs-agent", 0o755, elf(8192))
            .file(
                "/usr/local/sa/agent/secu-tcs-agent-mon-safe.sh",
                0o755,
                "#!/bin/sh\n/usr/local/sa/agent/secu-tcs-agent\n",
            )
    }

    fn clean() -> Build {
        agent_tree(cron(Build::debian())).file(SPOOL, 0o600, LINE)
    }

    fn onion(build: Build) -> Status {
        status("LNX-AGENT-001", build)
    }

    #[test]
    fn present_and_started_by_an_enabled_cron_passes_with_file_and_line() {
        let result = check("LNX-AGENT-001", clean());
        assert_eq!(result.status, Status::Pass, "{result:?}");
        let line = result
            .evidence
            .iter()
            .find(|i| i.at.path.as_deref() == Some(SPOOL));
        assert_eq!(line.and_then(|i| i.at.line), Some(1));
    }

    #[test]
    fn no_tree_or_an_empty_tree_fails() {
        assert_eq!(onion(cron(Build::debian())), Status::Fail);
        assert_eq!(
            onion(cron(Build::debian()).dir("/usr/local/sa")),
            Status::Fail
        );
        assert_eq!(
            onion(
                cron(Build::debian())
                    .dir("/usr/local/sa/agent")
                    .file(SPOOL, 0o600, LINE)
            ),
            Status::Fail
        );
    }

    #[test]
    fn a_program_that_can_not_be_the_agent_fails() {
        let with = |mode, data: Vec<u8>| {
            onion(clean().file("/usr/local/sa/agent/secu-tcs-agent", mode, data))
        };
        assert_eq!(with(0o755, Vec::new()), Status::Fail);
        assert_eq!(with(0o755, b"#!/bin/sh\n".to_vec()), Status::Fail);
        assert_eq!(with(0o644, elf(8192)), Status::Fail);
        let mut arm = elf(8192);
        arm[18] = 183;
        assert_eq!(with(0o755, arm), Status::Fail);
        let link = clean()
            .file("/bin/true", 0o755, elf(64))
            .link("/usr/local/sa/agent/secu-tcs-agent", "/bin/true");
        assert_eq!(onion(link), Status::Fail);
        let owner = clean().with("/usr/local/sa/agent/secu-tcs-agent", |m| m.uid = Some(1000));
        assert_eq!(onion(owner), Status::Fail);
    }

    #[test]
    fn a_start_line_that_does_not_run_is_none() {
        let line = |text: &str| onion(clean().file(SPOOL, 0o600, text));
        assert_eq!(line(&format!("# {LINE}")), Status::Fail);
        assert_eq!(
            line("* * * * * rm -f /usr/local/sa/agent/secu-tcs-agent-mon-safe.sh\n"),
            Status::Fail
        );
        assert_eq!(line(""), Status::Fail);
        let orphan =
            clean()
                .file(SPOOL, 0o600, "")
                .file("/var/spool/cron/crontabs/ghost", 0o600, LINE);
        assert_eq!(onion(orphan), Status::Fail);
        let gone = clean().link("/usr/local/sa/agent/secu-tcs-agent-mon-safe.sh", "/nowhere");
        assert_eq!(onion(gone), Status::Fail);
    }

    #[test]
    fn rc_local_needs_its_x_bit_its_unit_and_its_place() {
        let line = "#!/bin/sh\n/usr/local/sa/agent/secu-tcs-agent-mon-safe.sh\nexit 0\n";
        let unit = |b: Build| {
            b.file(
                "/usr/lib/systemd/system/rc-local.service",
                0o644,
                "[Service]\nExecStart=/etc/rc.local start\n",
            )
        };
        let base = || agent_tree(cron(Build::debian()));
        assert_eq!(
            onion(unit(base()).file("/etc/rc.local", 0o755, line)),
            Status::Pass
        );
        assert_eq!(
            onion(unit(base()).file("/etc/rc.local", 0o644, line)),
            Status::Fail
        );
        assert_eq!(
            onion(base().file("/etc/rc.local", 0o755, line)),
            Status::Warn
        );
        assert_eq!(
            onion(unit(base()).file("/etc/rc.d/rc.local", 0o755, line)),
            Status::Fail
        );
        let after = "#!/bin/sh\nexit 0\n/usr/local/sa/agent/secu-tcs-agent-mon-safe.sh\n";
        assert_eq!(
            onion(unit(base()).file("/etc/rc.local", 0o755, after)),
            Status::Fail
        );
        let masked = unit(base())
            .file("/etc/rc.local", 0o755, line)
            .link("/etc/systemd/system/rc-local.service", "/dev/null");
        assert_eq!(onion(masked), Status::Fail);
    }

    #[test]
    fn a_cron_that_is_not_enabled_warns() {
        let off = agent_tree(Build::debian())
            .file("/usr/lib/systemd/systemd", 0o755, elf(64))
            .file(SPOOL, 0o600, LINE);
        assert_eq!(onion(off), Status::Warn);
        let masked = clean().link("/etc/systemd/system/cron.service", "/dev/null");
        assert_eq!(onion(masked), Status::Warn);
    }

    fn yunjing() -> Build {
        let root = "/usr/local/qcloud/YunJing";
        cron(Build::debian())
            .file(&format!("{root}/YDEyes/YDService"), 0o755, elf(8192))
            .file(&format!("{root}/YDLive/YDLive"), 0o755, elf(8192))
            .file(&format!("{root}/YDCrontab.sh"), 0o755, "#!/bin/sh\n")
            .file("/etc/cron.d/yunjing", 0o644, "*/30 * * * * root /usr/local/qcloud/YunJing/YDCrontab.sh > /dev/null 2>&1 &\n@reboot root sleep 30 && /usr/local/qcloud/YunJing/YDCrontab.sh\n")
    }

    #[test]
    fn the_newer_agent_alone_warns_and_a_strict_policy_fails_it() {
        assert_eq!(onion(yunjing()), Status::Warn);
        let strict = check_guest("LNX-AGENT-001", &guest(yunjing()), |policy| {
            policy.params.insert("strict".into(), true.into());
        });
        assert_eq!(strict.status, Status::Fail);
    }

    #[test]
    fn what_can_not_be_read_is_unknown_and_never_a_failure() {
        assert_eq!(
            onion(cron(Build::debian()).missing("/usr/local")),
            Status::Unknown
        );
        let hidden = clean().file(SPOOL, 0o600, "").missing("/etc/cron.d");
        assert_eq!(onion(hidden), Status::Unknown);
        // What was found proves the pass, whatever else is hidden.
        assert_eq!(onion(clean().missing("/etc/cron.d")), Status::Pass);
    }

    #[test]
    fn an_agent_that_the_policy_calls_optional_may_be_absent() {
        let result = check_guest("LNX-AGENT-001", &guest(cron(Build::debian())), |policy| {
            for check in &mut policy.checks {
                check.with.insert("optional".into(), true.into());
            }
        });
        assert_eq!(result.status, Status::NotApplicable, "{result:?}");
    }

    #[test]
    fn the_monitor_of_either_generation() {
        let monitor = |b: Build| status("LNX-AGENT-002", b);
        let legacy = || {
            cron(Build::debian())
                .file("/usr/local/agenttools/agent/agent", 0o755, elf(8192))
                .file(
                    "/usr/local/agenttools/agent/startagent.sh",
                    0o755,
                    "#!/bin/sh\n./agent\n",
                )
        };
        let line = "* * * * * root /usr/local/agenttools/agent/startagent.sh\n";
        assert_eq!(monitor(legacy()), Status::Fail);
        assert_eq!(
            monitor(legacy().file("/etc/cron.d/agent", 0o644, line)),
            Status::Pass
        );
        assert_eq!(
            monitor(legacy().file("/etc/cron.d/agent.sh", 0o644, line)),
            Status::Fail
        );
        // The bare folder, shared with unrelated helpers, is no proof.
        assert_eq!(
            monitor(cron(Build::debian()).file(
                "/usr/local/qcloud/irq/net_smp_affinity.sh",
                0o755,
                "x"
            )),
            Status::Fail
        );
        let barad = || {
            cron(Build::debian()).file(
                "/usr/local/qcloud/monitor/barad/bin/barad_agent",
                0o755,
                elf(8192),
            )
        };
        let own = "* * * * * root /usr/local/qcloud/monitor/barad/admin/trystart.sh\n";
        let alone = barad()
            .file(
                "/usr/local/qcloud/monitor/barad/admin/trystart.sh",
                0o755,
                "#!/bin/sh\n",
            )
            .file("/etc/cron.d/barad", 0o644, own);
        assert_eq!(monitor(alone), Status::Warn);
        let task = "* * * * * root flock -xn /tmp/stargate.lock -c '/usr/local/qcloud/stargate/admin/start.sh > /dev/null 2>&1 &'\n";
        let both = barad()
            .file("/usr/local/qcloud/stargate/bin/sgagent64", 0o755, elf(8192))
            .file(
                "/usr/local/qcloud/stargate/admin/start.sh",
                0o755,
                "#!/bin/sh\n",
            )
            .file("/etc/cron.d/sgagenttask", 0o644, task);
        assert_eq!(monitor(both), Status::Pass);
    }
}
