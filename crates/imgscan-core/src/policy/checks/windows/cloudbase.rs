use super::service::{State, judge};
use crate::error::Result;
use crate::evidence::windows::{Service, Services};
use crate::evidence::{Gap, Location};
use crate::policy::{Context, Item, Outcome, Status};

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct With {
    /// The name of the service.
    service: String,
    /// What must stand beside its program, relative to the program's folder.
    beside: Vec<String>,
    /// Accounts that need no password.
    system_accounts: Vec<String>,
    /// Folders of programs for the other processor width.
    other_width_folders: Vec<String>,
}

/// WIN-CBI-001: cloudbase-init starts automatically, and its program is there.
pub(super) fn starts(context: &Context<'_>) -> Result<Outcome> {
    let with: With = context.check.with()?;
    let services = match context.evidence.windows.services() {
        Ok(services) => services,
        Err(gap) => return Ok(unreadable(gap)),
    };
    let mut items = vec![control_set(services)];
    let found = services
        .items
        .iter()
        .find(|s| s.name.eq_ignore_ascii_case(&with.service));
    let Some(service) = found else {
        items.push(
            Item::new(
                services.at.clone(),
                format!("there is no service {}", with.service),
                format!("不存在服务 {}", with.service),
            )
            .compare(&with.service, "no such key"),
        );
        let outcome = if services.gaps.is_empty() {
            Outcome::new(
                Status::Fail,
                format!("{} is not installed", with.service),
                format!("未安装 {}", with.service),
            )
        } else {
            Outcome::new(
                Status::Unknown,
                format!("{} was not found in what could be read", with.service),
                format!("在可读取的部分中未找到 {}", with.service),
            )
        };
        return Ok(outcome.evidence(items).gaps(services.gaps.iter().cloned()));
    };
    Ok(present(context, &with, service, items))
}

/// The check needs the list of services, and it can't be read.
pub(super) fn unreadable(gap: Gap) -> Outcome {
    Outcome::new(
        Status::Unknown,
        "the services in the registry can't be read",
        "无法读取注册表中的服务列表",
    )
    .gaps([gap])
}

/// Which control set was looked at.
pub(super) fn control_set(services: &Services) -> Item {
    let set = &services.control_set;
    let item = Item::new(
        services.at.clone(),
        format!("{} is the one that the next boot uses", set.name),
        format!("{} 为下次启动所用的控制集", set.name),
    );
    match set.current {
        Some(current) if current != set.number => item.compare(
            format!("Select\\Default {}", set.number),
            format!("Select\\Current {current}"),
        ),
        _ => item,
    }
}

fn present(context: &Context<'_>, with: &With, service: &Service, mut items: Vec<Item>) -> Outcome {
    let judged = judge(context, service);
    let mut gaps = judged.gaps;
    items.extend(judged.items);
    let missing = judged
        .program
        .as_deref()
        .is_some_and(|program| beside(context, with, program, &mut items, &mut gaps));
    // A service that is off until the end of the setup is only so by its start type.
    let only_start = judged.file == State::Good && !missing && service.delete_flag.is_none();
    let mut status = match (judged.start.max(judged.file), missing) {
        (State::Good, false) => Status::Pass,
        _ if only_start && reenabled(context, service, &mut items, &mut gaps) => Status::Warn,
        _ => Status::Fail,
    };
    if status == Status::Pass && account(context, with, service, &mut items, &mut gaps) {
        status = Status::Warn;
    }
    if status == Status::Pass && other_width(context, with, judged.program.as_deref(), &mut items) {
        status = Status::Warn;
    }
    let name = &service.name;
    let (en, zh) = match status {
        Status::Pass => (
            format!("{name} starts automatically"),
            format!("{name} 已设置为自动启动"),
        ),
        Status::Warn => (
            format!("{name} is there, but see the evidence"),
            format!("{name} 存在，但需关注所列证据"),
        ),
        Status::Fail => (
            format!("{name} will not start automatically"),
            format!("{name} 无法自动启动"),
        ),
        _ => (
            format!("whether {name} starts can't be told"),
            format!("无法判断 {name} 是否自动启动"),
        ),
    };
    Outcome::new(status, en, zh).evidence(items).gaps(gaps)
}

/// True where something that must stand beside the program is missing.
fn beside(
    context: &Context<'_>,
    with: &With,
    program: &str,
    items: &mut Vec<Item>,
    gaps: &mut Vec<Gap>,
) -> bool {
    let folder = program.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut missing = false;
    for relative in &with.beside {
        let path = format!("{folder}/{relative}");
        match context.evidence.files.file(&path) {
            Ok(Some(file)) => items.push(Item::new(
                file.at,
                "what the program needs is there",
                "程序所需文件存在",
            )),
            Ok(None) => {
                missing = true;
                items.push(
                    Item::new(
                        Location::of_path(&path),
                        "what the program needs is not in the image",
                        "程序所需文件不存在",
                    )
                    .compare(relative, "no such file"),
                );
            }
            Err(gap) => gaps.push(gap),
        }
    }
    missing
}

/// True where SetupComplete.cmd sets the service to start automatically.
fn reenabled(
    context: &Context<'_>,
    service: &Service,
    items: &mut Vec<Item>,
    gaps: &mut Vec<Gap>,
) -> bool {
    let script = match context.evidence.windows.setup_complete() {
        Ok(Some(script)) => script,
        Ok(None) => return false,
        Err(gap) => {
            gaps.push(gap);
            return false;
        }
    };
    for (i, line) in script.lines.iter().enumerate() {
        if sets_automatic(line, &service.name) {
            items.push(
                Item::new(
                    script.at.clone().line(i + 1),
                    "the script sets the service to start automatically at the end of the setup",
                    "该脚本在安装结束时将服务设为自动启动",
                )
                .compare("start type automatic in the image itself", line.trim()),
            );
            return true;
        }
    }
    false
}

/// `sc config NAME start= auto`, with or without a path, quotes and other commands in the line;
/// not where it is a comment.
fn sets_automatic(line: &str, service: &str) -> bool {
    let line = line.trim().trim_start_matches('@').to_lowercase();
    if line.starts_with("::") || line.split_whitespace().next() == Some("rem") {
        return false;
    }
    let service = service.to_lowercase();
    line.split(['&', '|']).any(|command| {
        let words: Vec<String> = command
            .replace("start=", "start= ")
            .split_whitespace()
            .map(|w| w.trim_matches('"').to_owned())
            .collect();
        let program = words
            .first()
            .map(|w| w.rsplit('\\').next().unwrap_or_default());
        let tail = |from: &str| words.iter().position(|w| w == from);
        matches!(program, Some("sc" | "sc.exe"))
            && tail("config").is_some_and(|i| words.get(i + 1) == Some(&service))
            && tail("start=").is_some_and(|i| {
                matches!(
                    words.get(i + 1).map(String::as_str),
                    Some("auto" | "delayed-auto")
                )
            })
    })
}

/// True where the service runs as an account whose password the registry does not hold.
fn account(
    context: &Context<'_>,
    with: &With,
    service: &Service,
    items: &mut Vec<Item>,
    gaps: &mut Vec<Gap>,
) -> bool {
    let Some(account) = &service.object_name else {
        return false;
    };
    let is = |known: &String| known.eq_ignore_ascii_case(&account.fact);
    if with.system_accounts.iter().any(is) {
        return false;
    }
    match context.evidence.windows.has_service_password(&service.name) {
        Ok(true) => false,
        Ok(false) => {
            items.push(
                Item::new(
                    account.at.clone(),
                    "the registry holds no password for the account that the service runs as",
                    "注册表中没有该服务运行账户的密码",
                )
                .compare("a stored password", &account.fact),
            );
            true
        }
        Err(gap) => {
            gaps.push(gap);
            false
        }
    }
}

/// True where a 64-bit system runs the 32-bit edition.
fn other_width(
    context: &Context<'_>,
    with: &With,
    program: Option<&str>,
    items: &mut Vec<Item>,
) -> bool {
    let program = program.unwrap_or_default();
    let wide = context.evidence.guest.os.architecture.as_deref() != Some("x86");
    let inside = |folder: &String| {
        let folder = folder.to_lowercase().replace('\\', "/");
        program.to_lowercase().starts_with(&format!("{folder}/"))
    };
    let found = wide && with.other_width_folders.iter().any(inside);
    if found {
        items.push(Item::new(
            Location::of_path(program),
            "the 32-bit edition on a 64-bit system",
            "64 位系统上安装了 32 位版本",
        ));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::sets_automatic;

    #[test]
    fn a_line_of_setupcomplete_counts_only_where_it_sets_this_service_to_auto() {
        let sets = |line| sets_automatic(line, "cloudbase-init");
        assert!(sets(
            "sc config cloudbase-init start= auto && net start cloudbase-init"
        ));
        assert!(sets(
            r#"@"C:\Windows\System32\sc.exe" config "Cloudbase-Init" start=auto"#
        ));
        assert!(!sets("rem sc config cloudbase-init start= auto"));
        assert!(!sets(":: sc config cloudbase-init start= auto"));
        assert!(!sets("sc config cloudbase-init start= demand"));
        assert!(!sets("echo sc config cloudbase-init start= auto"));
        assert!(!sets("sc config other start= auto"));
    }
}
