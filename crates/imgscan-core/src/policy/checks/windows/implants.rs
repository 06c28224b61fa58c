//! Back doors that need no program of their own: tools of the logon screen, debuggers, packages of
//! the security authority, event consumers.

use super::matches;
use super::programs::{Programs, said};
use super::rules::{Rule, apply};
use crate::error::Result;
use crate::evidence::Location;
use crate::evidence::windows::{Image, Signed};
use crate::policy::checks::findings::{Findings, worse};
use crate::policy::{Context, Item, Outcome, Status};
use crate::text::Text;

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Debuggers {
    /// Tools that the logon screen starts, with patterns of the names that their version resource
    /// gives them.
    tools: Vec<(String, Vec<String>)>,
    /// Programs that none of them may be.
    shells: Vec<String>,
    /// Keys and values that name another program to start; the last key but `*` is the program
    /// that it is for.
    debuggers: Vec<(String, String)>,
    /// Programs whose debugger is a back door.
    critical: Vec<String>,
    /// Key and value with flags, and the bit that starts the monitor of a silent exit.
    flags: (String, String, u64),
}

/// WIN-PERSIST-002: no tool of the logon screen replaced, no debugger of such.
pub(super) fn debuggers(context: &Context<'_>) -> Result<Outcome> {
    let with: Debuggers = context.check.with()?;
    let programs = Programs::of(context)?;
    let windows = &context.evidence.windows;
    let mut out = Findings::default();
    for (key, value) in &with.debuggers {
        for found in out.keep(windows.values(key, value)) {
            let command = found.fact.data.to_string();
            if command.is_empty() {
                continue;
            }
            let path = found.at.key.clone().unwrap_or_default();
            let is = |name: &String| path.split('\\').any(|p| p.eq_ignore_ascii_case(name));
            let critical = with.critical.iter().find(|n| is(n));
            let mut judged = programs.judge(context, &command, &found.at);
            out.gaps.append(&mut judged.gaps);
            let what = match critical {
                Some(name) => Text::new(
                    format!("another program runs in place of {name}"),
                    format!("{name} 被替换为其他程序执行"),
                ),
                None => Text::new("another program runs with it", "被附加其他程序"),
            };
            let by_name = if critical.is_some() {
                Status::Fail
            } else {
                Status::Warn
            };
            let item = judged.item(&found.at, &what, "not there");
            out.add(worse(by_name, judged.status), item);
        }
    }
    let (key, value, bit) = &with.flags;
    for found in out.keep(windows.values(key, value)) {
        let text = found.fact.data.to_string();
        let digits = text.strip_prefix("0x");
        let number = digits.map_or_else(|| text.parse().ok(), |d| u64::from_str_radix(d, 16).ok());
        if number.is_some_and(|n: u64| n & bit != 0) {
            let item = Item::new(
                found.at,
                "a monitor runs when the program ends silently",
                "程序静默退出时会启动监视程序",
            );
            out.add(
                Status::Warn,
                item.compare(format!("without {bit:#x}"), text),
            );
        }
    }
    tools(context, &with, &mut out);
    Ok(out.outcome(
        Text::new(
            "{} back doors by a debugger or a replaced tool of the logon screen",
            "发现 {} 处映像劫持或辅助功能后门",
        ),
        Text::new(
            "{} debuggers or tools of the logon screen are worth a look",
            "有 {} 处映像劫持设置或辅助功能程序需关注",
        ),
        Text::new(
            "no debugger is set, and the tools of the logon screen are their own",
            "未设置映像劫持，辅助功能程序未被替换",
        ),
    ))
}

fn tools(context: &Context<'_>, with: &Debuggers, out: &mut Findings) {
    let windows = &context.evidence.windows;
    let folder = format!(r"{}\System32", windows.roots().windows);
    let digest = |image: &Image| match image {
        Image::File(file) => file.at.sha256.clone(),
        _ => None,
    };
    let mut shells = Vec::new();
    for shell in &with.shells {
        let path = crate::guest::windows::expand(shell, &windows.roots(), &[]);
        let (image, _) = windows.signed_file(&path);
        shells.extend(digest(&image).map(|digest| (digest, path)));
    }
    for (tool, names) in &with.tools {
        let path = format!(r"{folder}\{tool}");
        let (image, signed) = windows.signed_file(&path);
        let file = match &image {
            Image::File(file) => file,
            Image::Unknown(gap) => {
                out.gaps.push(gap.clone());
                continue;
            }
            _ => continue,
        };
        let same = shells
            .iter()
            .find(|(d, _)| file.at.sha256.as_ref() == Some(d));
        if let Some((_, shell)) = same {
            let (en, zh) = ("it is a copy of another program", "其内容与其他程序相同");
            let item = Item::new(file.at.clone(), en, zh);
            out.add(Status::Fail, item.compare(tool, shell));
            continue;
        }
        let original = match windows.original_name(&path) {
            Ok(name) => name,
            Err(gap) => {
                out.gaps.push(gap);
                continue;
            }
        };
        let (mut status, en, zh) = said(signed.as_ref(), false);
        let shown = original
            .clone()
            .unwrap_or_else(|| "no version resource".into());
        let right = |name: &String| names.iter().any(|p| matches(p, name));
        let proven = matches!(signed, Some(Signed::Trusted(_)));
        let (en, zh) = match &original {
            Some(name) if right(name) => (en, zh),
            Some(_) => {
                status = Status::Fail;
                (
                    format!("its version resource has another name; {en}"),
                    format!("版本信息中的原始文件名不符；{zh}"),
                )
            }
            None if proven => (en, zh),
            None => {
                status = Status::Fail;
                (
                    format!("not a tool of Windows: it has no version resource; {en}"),
                    format!("不是系统程序：没有版本信息；{zh}"),
                )
            }
        };
        let item = Item::new(file.at.clone(), en, zh).compare(names.join(", "), shown);
        out.add(status, item);
    }
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Implants {
    /// Values of the security authority and its neighbours.
    rules: Vec<Rule>,
    /// Names of the libraries of Windows' own credential providers.
    credential_libraries: Vec<String>,
    /// Patterns of `Class name` of event consumers that Windows has.
    consumers: Vec<String>,
    /// Classes of consumers that run a script.
    script_classes: Vec<String>,
    /// Classes of consumers that run a command.
    command_classes: Vec<String>,
}

const PROVIDERS: &str =
    r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Authentication\Credential Providers\*";
const CLASSES: &str = r"HKLM\SOFTWARE\Classes\CLSID";

/// WIN-PERSIST-004: no event consumer, package of the security authority or credential provider
/// but those of Windows.
pub(super) fn authorities(context: &Context<'_>) -> Result<Outcome> {
    let with: Implants = context.check.with()?;
    let programs = Programs::of(context)?;
    let mut out = Findings::default();
    apply(context, &with.rules, &mut out);
    providers(context, &with, &programs, &mut out);
    consumers(context, &with, &programs, &mut out);
    Ok(out.outcome(
        Text::new(
            "{} implants in WMI, the security authority or the logon",
            "在 WMI、LSA 或登录组件中发现 {} 处植入",
        ),
        Text::new(
            "{} additions to WMI, the security authority or the logon are worth a look",
            "WMI、LSA 或登录组件有 {} 处新增项需关注",
        ),
        Text::new(
            "nothing but Windows' own event consumers, security packages and credential providers",
            "WMI 订阅、安全包与凭据提供程序均为系统默认",
        ),
    ))
}

fn providers(context: &Context<'_>, with: &Implants, programs: &Programs, out: &mut Findings) {
    let windows = &context.evidence.windows;
    for provider in out.keep(windows.keys(PROVIDERS)) {
        let class = format!(r"{CLASSES}\{}\InprocServer32", provider.fact);
        let what = Text::new("a credential provider", "凭据提供程序");
        let libraries = out.keep(windows.values(&class, ""));
        if libraries.is_empty() {
            let en = "a credential provider without a library: it is never loaded";
            let item = Item::new(provider.at, en, "凭据提供程序没有对应的库，不会被加载");
            out.add(Status::Pass, item);
        }
        for library in libraries {
            let path = library.fact.data.to_string();
            let name = path.rsplit('\\').next().unwrap_or_default();
            let known = with.credential_libraries.iter().any(|p| matches(p, name));
            let folder = path.to_lowercase();
            let usual = folder.contains(r"\system32\") || !folder.contains('\\');
            if known && usual {
                continue;
            }
            let mut judged = programs.judge(context, &format!("\"{path}\""), &library.at);
            out.gaps.append(&mut judged.gaps);
            let trusted = matches!(judged.started.signed, Some(Signed::Trusted(_)));
            let signed = matches!(judged.started.signed, Some(Signed::Unanchored(_)));
            let status = match judged.status {
                Status::Fail => Status::Fail,
                _ if trusted || signed => Status::Warn,
                _ => Status::Fail,
            };
            let item = judged.item(&library.at, &what, "a library of Windows");
            out.add(status, item);
        }
    }
}

fn consumers(context: &Context<'_>, with: &Implants, programs: &Programs, out: &mut Findings) {
    let found = out.keep(context.evidence.windows.event_consumers());
    for consumer in found {
        let it = &consumer.fact;
        let shown = format!("{} {}", it.class, it.name);
        let known = with.consumers.iter().any(|p| matches(p, &shown));
        let runs = |classes: &[String]| classes.contains(&it.class);
        let text = it.text.clone().unwrap_or_default();
        let suspect = programs.judge(context, &text, &Location::default()).status == Status::Fail;
        let (status, en, zh) = if known {
            (
                Status::Pass,
                "an event consumer of Windows",
                "系统自带的 WMI 事件使用者",
            )
        } else if runs(&with.script_classes) {
            (
                Status::Fail,
                "an event consumer that runs a script",
                "WMI 事件使用者执行脚本",
            )
        } else if runs(&with.command_classes) && suspect {
            (
                Status::Fail,
                "an event consumer that runs a suspect command",
                "WMI 事件使用者执行可疑命令",
            )
        } else {
            (
                Status::Warn,
                "an event consumer that is not of Windows",
                "非系统自带的 WMI 事件使用者",
            )
        };
        let found = if text.is_empty() {
            shown
        } else {
            format!("{shown}: {text}")
        };
        let item = Item::new(
            consumer.at,
            format!("{en}; found by its text in the repository of WMI, which keeps deleted ones"),
            format!("{zh}；依据 WMI 库中的文本发现，其中可能包含已删除的项"),
        );
        out.add(status, item.compare(with.consumers.join(", "), found));
    }
}
