use super::cloudbase::{control_set, unreadable};
use super::matches;
use super::programs::said;
use super::service::{State, judge};
use crate::error::Result;
use crate::evidence::windows::{Image, Service, Services, Signed};
use crate::evidence::{Gap, Location};
use crate::policy::checks::findings::{rank, worse};
use crate::policy::{Context, Item, Outcome, Status};
use crate::text::Text;

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct With {
    /// Only the generation that the guide lists satisfies the clause; a newer one is a warning.
    strict: bool,
    /// A valid signature of the programs is part of a pass.
    require_signature: bool,
    /// Patterns of the common names of who signs them. Where a certificate of the user's vouches
    /// for a signer its name is not asked for.
    signers: Vec<String>,
    /// Generations of the agent, the one that the guide lists first.
    families: Vec<Family>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Family {
    /// Its name for people.
    name: Text,
    /// True for the generation that the guide lists.
    listed: bool,
    /// Its services; all of them make the family.
    services: Vec<Wanted>,
    /// Files that belong to it.
    #[serde(default)]
    files: Vec<String>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    /// Patterns of the service's key name.
    #[serde(default)]
    names: Vec<String>,
    /// Patterns of its display name.
    #[serde(default)]
    display_names: Vec<String>,
    /// Patterns of its program's path that tell the service under any name.
    #[serde(default)]
    programs: Vec<String>,
    /// Patterns of further places where its program may be.
    #[serde(default)]
    images: Vec<String>,
}

/// A family in the image.
struct Seen {
    status: Status,
    items: Vec<Item>,
    gaps: Vec<Gap>,
    name: Text,
}

/// WIN-AGENT-001, WIN-AGENT-002: an agent's services are installed, start automatically, and
/// their programs are there.
pub(super) fn installed(context: &Context<'_>) -> Result<Outcome> {
    let with: With = context.check.with()?;
    let services = match context.evidence.windows.services() {
        Ok(services) => services,
        Err(gap) => return Ok(unreadable(gap)),
    };
    let seen: Vec<Seen> = with
        .families
        .iter()
        .filter_map(|family| look(context, &with, family, services))
        .collect();
    let base = vec![control_set(services)];
    // The best family decides; the others stand in the evidence behind it.
    let best = seen.iter().map(|s| rank(s.status)).min();
    let Some(best) = best else {
        return Ok(absent(&with, services, base));
    };
    let mut order: Vec<Seen> = seen;
    order.sort_by_key(|s| rank(s.status));
    let status = order[0].status;
    let (en, zh) = (&order[0].name.en, &order[0].name.zh);
    let (en, zh) = match status {
        Status::Pass => (
            format!("{en} is installed and starts automatically"),
            format!("{zh} 已安装并自动启动"),
        ),
        Status::Warn => (
            format!("{en} is installed, but see the evidence"),
            format!("{zh} 已安装，但需关注所列证据"),
        ),
        Status::Unknown => (
            format!("whether {en} is complete can't be told"),
            format!("无法判断 {zh} 是否完整"),
        ),
        _ => (
            format!("{en} is there but can't start"),
            format!("{zh} 存在但无法启动"),
        ),
    };
    let mut outcome = Outcome::new(status, en, zh).evidence(base);
    let mut gaps = Vec::new();
    for family in order {
        // A gap of a family that is not needed for the result hides nothing.
        if rank(family.status) == best {
            gaps.extend(family.gaps);
        }
        outcome = outcome.evidence(family.items);
    }
    if status != Status::Fail {
        return Ok(outcome.gaps(gaps));
    }
    // These services can't start; one that was not read might.
    if !services.gaps.is_empty() {
        outcome.status = Status::Unknown;
        gaps.extend(services.gaps.iter().cloned());
    }
    Ok(outcome.gaps(gaps))
}

fn absent(with: &With, services: &Services, mut items: Vec<Item>) -> Outcome {
    for family in &with.families {
        let wanted: Vec<&str> = family
            .services
            .iter()
            .flat_map(|w| w.names.iter().chain(&w.display_names).chain(&w.programs))
            .map(String::as_str)
            .collect();
        items.push(
            Item::new(
                services.at.clone(),
                format!("no service of {}", family.name.en),
                format!("没有 {} 的服务", family.name.zh),
            )
            .compare(wanted.join(", "), "none of them"),
        );
    }
    let outcome = if services.gaps.is_empty() {
        Outcome::new(Status::Fail, "the agent is not installed", "未安装该组件")
    } else {
        Outcome::new(
            Status::Unknown,
            "the agent was not found in what could be read",
            "在可读取的部分中未找到该组件",
        )
    };
    outcome.evidence(items).gaps(services.gaps.iter().cloned())
}

/// What of `family` is in the image; `None` where nothing is.
fn look(context: &Context<'_>, with: &With, family: &Family, services: &Services) -> Option<Seen> {
    let mut out = Seen {
        status: Status::Pass,
        items: Vec::new(),
        gaps: Vec::new(),
        name: family.name.clone(),
    };
    let mut any = false;
    for wanted in &family.services {
        let mut found: Vec<&Service> = services
            .items
            .iter()
            .filter(|s| is(context, wanted, s))
            .collect();
        // Of several services for one place the best one counts.
        found.sort_by_key(|s| judge(context, s).state());
        match found.first() {
            Some(service) => {
                any = true;
                one(context, with, wanted, service, &mut out);
            }
            None => {
                out.status = worse(out.status, Status::Warn);
                out.items.push(
                    Item::new(
                        services.at.clone(),
                        format!("a service of {} is missing", family.name.en),
                        format!("缺少 {} 的一个服务", family.name.zh),
                    )
                    .compare(wanted.names.join(", "), "no such key"),
                );
            }
        }
    }
    if !any {
        return None;
    }
    files(context, family, &mut out);
    if with.strict && !family.listed {
        out.status = worse(out.status, Status::Warn);
        out.items.push(Item::new(
            services.at.clone(),
            "a newer generation than the guide lists",
            "为规范所列组件的新一代版本",
        ));
    }
    Some(out)
}

/// True where `service` is the wanted one by its name, display name or program.
fn is(context: &Context<'_>, wanted: &Wanted, service: &Service) -> bool {
    let any = |patterns: &[String], text: &str| patterns.iter().any(|p| matches(p, text));
    if any(&wanted.names, &service.name) {
        return true;
    }
    if let Some(name) = &service.display_name
        && any(&wanted.display_names, name)
    {
        return true;
    }
    let Some(path) = &service.image_path else {
        return false;
    };
    let roots = context.evidence.windows.roots();
    crate::guest::windows::candidates(&path.fact, service.is_driver(), &roots)
        .iter()
        .any(|p| any(&wanted.programs, p))
}

fn one(context: &Context<'_>, with: &With, wanted: &Wanted, service: &Service, out: &mut Seen) {
    let judged = judge(context, service);
    let state = judged.state();
    out.items.extend(judged.items);
    out.gaps.extend(judged.gaps);
    out.status = worse(
        out.status,
        match state {
            State::Good => Status::Pass,
            State::Manual => Status::Warn,
            State::Bad => Status::Fail,
        },
    );
    let Some(program) = judged.program else {
        return;
    };
    let usual = |pattern: &String| matches(&pattern.replace('\\', "/"), &program);
    let mut places = wanted.programs.iter().chain(&wanted.images);
    if !places.any(usual) {
        // A name alone says nothing of what runs under it.
        out.status = worse(out.status, Status::Unknown);
        out.items.push(
            Item::new(
                Location::of_path(&program),
                "the service has the agent's name, but its program is not where the agent's is",
                "服务名称与组件一致，但程序文件不在组件的安装位置",
            )
            .compare(
                [&wanted.programs[..], &wanted.images].concat().join(", "),
                &program,
            ),
        );
    }
    signature(context, with, &program, out);
}

/// Who signed the agent's program.
fn signature(context: &Context<'_>, with: &With, program: &str, out: &mut Seen) {
    let (image, signed) = context.evidence.windows.signed_file(program);
    let at = match image {
        Image::File(file) => file.at,
        Image::Unknown(gap) => return out.gaps.push(gap),
        Image::Missing(_) | Image::None => return,
    };
    let (mut status, mut en, mut zh) = said(signed.as_ref(), false);
    match &signed {
        Some(Signed::Trusted(by))
            if !by.by_user && !with.signers.iter().any(|p| matches(p, &by.name)) =>
        {
            status = Status::Warn;
            en.push_str(", who is not the agent's maker");
            zh.push_str("，但签名者不是组件厂商");
        }
        Some(Signed::Unproven(_)) => status = Status::Unknown,
        _ => {}
    }
    if !with.require_signature && status != Status::Pass {
        // A file that is not what was signed is worth a look in any case.
        status = match status {
            Status::Fail => Status::Warn,
            _ => Status::Pass,
        };
        en.push_str("; this policy asks for no signature");
        zh.push_str("；本策略不要求签名");
    }
    out.status = worse(out.status, status);
    let found = match signed {
        Some(Signed::Trusted(by) | Signed::Unanchored(by)) => by.to_string(),
        Some(Signed::Bad(by)) => by.to_string(),
        _ => "no valid signature".into(),
    };
    let item = Item::new(
        at,
        format!("the signature of the agent's program: {en}"),
        format!("组件程序的数字签名：{zh}"),
    );
    out.items
        .push(item.compare(format!("signed by {}", with.signers.join(" | ")), found));
}

fn files(context: &Context<'_>, family: &Family, out: &mut Seen) {
    for path in &family.files {
        match context.evidence.files.file(path) {
            Ok(Some(file)) => out
                .items
                .push(Item::new(file.at, "a file of the agent", "组件文件")),
            Ok(None) => {
                out.status = worse(out.status, Status::Warn);
                out.items.push(
                    Item::new(
                        Location::of_path(path),
                        "a file of the agent is missing",
                        "缺少组件文件",
                    )
                    .compare(path, "no such file"),
                );
            }
            Err(gap) => out.gaps.push(gap),
        }
    }
}
