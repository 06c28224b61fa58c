//! WIN-CBI-002: the configuration of cloudbase-init.

use super::matches;
use super::probe::Probe;
use crate::error::Result;
use crate::evidence::windows::IniEntry;
use crate::evidence::{Collected, Found, Location};
use crate::policy::checks::findings::worse;
use crate::policy::{Context, Outcome, Status};

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct With {
    /// The service, whose command names the file.
    service: String,
    /// The file where the command names none.
    file: String,
    /// The section that counts.
    section: String,
    rules: Vec<Rule>,
    /// Scripts that belong to it.
    scripts: Vec<String>,
    /// Streams that mark a file as taken from elsewhere.
    marks: Vec<String>,
    /// The key below which it keeps what it has done.
    state: String,
}

/// A value of the file and what it has to be.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Rule {
    name: String,
    /// Patterns, of which one element each has to match.
    #[serde(default)]
    contains: Vec<String>,
    /// Patterns that no element may match.
    #[serde(default)]
    without: Vec<String>,
    /// Values, one of which it has to be.
    #[serde(default)]
    is: Vec<String>,
    /// What a violation is.
    violated: Severity,
    /// What its absence is; the program then takes a default.
    absent: Severity,
}

#[derive(Clone, Copy, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
enum Severity {
    Pass,
    Warn,
    Fail,
}

impl From<Severity> for Status {
    fn from(severity: Severity) -> Self {
        match severity {
            Severity::Pass => Self::Pass,
            Severity::Warn => Self::Warn,
            Severity::Fail => Self::Fail,
        }
    }
}

pub(super) fn suits(context: &Context<'_>) -> Result<Outcome> {
    let with: With = context.check.with()?;
    let mut probe = Probe::new(context);
    let path = path(context, &with, &mut probe);
    let read = probe.windows.ini(&path);
    let entries = match read {
        Ok(entries) => entries,
        Err(gap) => {
            probe.gaps.push(gap);
            return Ok(probe.end(
                Status::Unknown,
                "the configuration can't be read",
                "无法读取配置文件",
            ));
        }
    };
    let Some(entries) = entries else {
        probe.say(
            Location::of_path(path.replace('\\', "/")),
            ("there is no configuration file", "不存在配置文件"),
            path.as_str(),
            "no such file",
        );
        return Ok(probe.end(
            Status::Fail,
            "cloudbase-init has no configuration",
            "cloudbase-init 没有配置文件",
        ));
    };
    let mut status = Status::Pass;
    for rule in &with.rules {
        status = worse(status, judge(&mut probe, &with, rule, &entries, &path));
    }
    for script in &with.scripts {
        status = worse(status, marked(&mut probe, &with, script));
    }
    for key in probe.keys(&with.state) {
        probe.note(
            key.at,
            format!("what it did on instance {} was kept", key.fact),
            format!("保留了实例 {} 的执行状态", key.fact),
        );
        status = worse(status, Status::Warn);
    }
    let (en, zh) = match status {
        Status::Pass => ("the configuration suits the provider", "配置适配腾讯云"),
        Status::Warn => (
            "the configuration works, but see the evidence",
            "配置可用，但需关注所列证据",
        ),
        _ => (
            "with this configuration instances can't be set up or get a password",
            "该配置下实例无法初始化或重置密码",
        ),
    };
    Ok(probe.end(status, en, zh))
}

/// The file that the service's command names, or the usual one.
fn path(context: &Context<'_>, with: &With, probe: &mut Probe<'_>) -> String {
    let read = context.evidence.windows.services();
    let command = match read {
        Ok(services) => {
            let same =
                |s: &&crate::evidence::windows::Service| s.name.eq_ignore_ascii_case(&with.service);
            services
                .items
                .iter()
                .find(same)
                .and_then(|s| s.image_path.clone())
        }
        Err(gap) => {
            probe.gaps.push(gap);
            None
        }
    };
    let named = command
        .as_ref()
        .and_then(|c| option(&c.fact, "--config-file"));
    named.unwrap_or_else(|| with.file.clone())
}

/// The value of an option in a command line, with or without quotes.
fn option(command: &str, name: &str) -> Option<String> {
    let (_, rest) = command.split_once(name)?;
    let rest = rest.trim_start_matches(['=', ' ']);
    let value = match rest.strip_prefix('"') {
        Some(quoted) => quoted.split('"').next()?,
        None => rest.split(' ').next()?,
    };
    (!value.is_empty()).then(|| value.to_owned())
}

fn judge(
    probe: &mut Probe<'_>,
    with: &With,
    rule: &Rule,
    entries: &Collected<IniEntry>,
    path: &str,
) -> Status {
    let same = |e: &&Found<IniEntry>| {
        e.fact.section.eq_ignore_ascii_case(&with.section)
            && e.fact.name.eq_ignore_ascii_case(&rule.name)
    };
    let wanted = wanted(rule);
    // The last one counts where a name stands twice.
    let Some(entry) = entries.items.iter().rev().find(same) else {
        let status: Status = Status::from(rule.absent);
        probe.say(
            Location::of_path(path.replace('\\', "/")),
            (
                format!("{} is not set; the program takes its default", rule.name),
                format!("未设置 {}，使用程序默认值", rule.name),
            ),
            wanted,
            "not there",
        );
        return status;
    };
    let elements: Vec<&str> = (entry.fact.value.split([',', '\n']))
        .map(str::trim)
        .filter(|e| !e.is_empty())
        .collect();
    let any = |pattern: &String| elements.iter().any(|e| matches(pattern, e));
    let good = rule.contains.iter().all(any)
        && !rule.without.iter().any(any)
        && (rule.is.is_empty()
            || rule
                .is
                .iter()
                .any(|v| v.eq_ignore_ascii_case(&entry.fact.value)));
    probe.say(
        entry.at.clone(),
        (rule.name.as_str(), rule.name.as_str()),
        wanted,
        elements.join(", "),
    );
    if good {
        Status::Pass
    } else {
        rule.violated.into()
    }
}

fn wanted(rule: &Rule) -> String {
    let mut out = Vec::new();
    if !rule.contains.is_empty() {
        out.push(rule.contains.join(", "));
    }
    if !rule.without.is_empty() {
        out.push(format!("not {}", rule.without.join(", ")));
    }
    if !rule.is.is_empty() {
        out.push(rule.is.join(" | "));
    }
    out.join("; ")
}

/// A script that has to be there, and not to be marked as taken from elsewhere: PowerShell then
/// refuses to run it.
fn marked(probe: &mut Probe<'_>, with: &With, script: &str) -> Status {
    let read = probe.windows.stream_names(script);
    match read {
        Ok(Some((at, streams))) => {
            let found = streams
                .iter()
                .find(|s| with.marks.iter().any(|m| matches(m, s)));
            match found {
                Some(stream) => {
                    probe.say(
                        at,
                        (
                            "the script is marked as downloaded and will not run",
                            "该脚本带有下载标记，不会运行",
                        ),
                        "no such stream",
                        stream.as_str(),
                    );
                    Status::Warn
                }
                None => {
                    probe.note(at, "a script of the provider", "云平台脚本");
                    Status::Pass
                }
            }
        }
        Ok(None) => {
            probe.say(
                Location::of_path(script.replace('\\', "/")),
                ("a script of the provider is missing", "缺少云平台脚本"),
                script,
                "no such file",
            );
            Status::Warn
        }
        Err(gap) => {
            probe.gaps.push(gap);
            Status::Pass
        }
    }
}

#[cfg(test)]
mod tests {
    use super::option;

    #[test]
    fn the_file_is_taken_from_the_command() {
        let name = |command| option(command, "--config-file");
        let quoted = r#""C:\a b\x.exe" x "C:\y.exe" --config-file "C:\a b\c.conf" --debug"#;
        assert_eq!(name(quoted).as_deref(), Some(r"C:\a b\c.conf"));
        assert_eq!(
            name(r"x --config-file=C:\c.conf").as_deref(),
            Some(r"C:\c.conf")
        );
        assert_eq!(name("x --config-file"), None);
    }
}
