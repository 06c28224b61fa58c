//! What protects the system, and whether it was switched off.

use super::matches;
use super::rules::{Rule, apply};
use crate::error::Result;
use crate::evidence::Location;
use crate::policy::checks::findings::Findings;
use crate::policy::{Context, Item, Outcome, Status};
use crate::text::Text;

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Antimalware {
    /// Keys of which one is there where the system has the antimalware.
    present: Vec<String>,
    rules: Vec<Rule>,
}

/// WIN-DEF-001: the antimalware is not switched off, and nothing broad is excluded from it.
pub(super) fn antimalware(context: &Context<'_>) -> Result<Outcome> {
    let with: Antimalware = context.check.with()?;
    let mut out = Findings::default();
    let mut there = false;
    for key in &with.present {
        there |= !out.keep(context.evidence.windows.keys(key)).is_empty();
    }
    apply(context, &with.rules, &mut out);
    if !there && out.is_empty() {
        return Ok(Outcome::new(
            Status::NotApplicable,
            "the system has no Defender",
            "系统未安装 Defender",
        )
        .gaps(out.gaps));
    }
    Ok(out.outcome(
        Text::new(
            "{} exclusions or settings take Defender's protection away",
            "有 {} 处设置或排除项使 Defender 失去保护作用",
        ),
        Text::new(
            "{} settings or exclusions of Defender are worth a look",
            "Defender 有 {} 处设置或排除项需关注",
        ),
        Text::new(
            "Defender is not switched off, and nothing is excluded",
            "Defender 未被关闭，也没有排除项",
        ),
    ))
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct With {
    /// The firewall's profiles: name, own key, key of the group policy, which goes first.
    profiles: Vec<(String, String, String)>,
    /// Services that open a risky port, with the port.
    risky_services: Vec<(String, u16)>,
    /// Ports that no rule of the firewall should open.
    risky_ports: Vec<u16>,
    /// Names that `hosts` must not speak of.
    protected_names: Vec<String>,
    /// Names that it may.
    usual_names: Vec<String>,
    rules: Vec<Rule>,
}

const RULES: &str =
    r"HKLM\SYSTEM\CurrentControlSet\Services\SharedAccess\Parameters\FirewallPolicy\FirewallRules";

/// WIN-DEF-002: firewall, UAC, old protocols, `hosts` in a safe state.
pub(super) fn settings(context: &Context<'_>) -> Result<Outcome> {
    let with: With = context.check.with()?;
    let mut out = Findings::default();
    apply(context, &with.rules, &mut out);
    hosts(context, &with, &mut out);
    firewall(context, &with, &mut out);
    Ok(out.outcome(
        Text::new(
            "{} settings leave the system open",
            "有 {} 处设置使系统失去防护",
        ),
        Text::new(
            "{} settings of its defence are worth a look",
            "有 {} 处防护设置需关注",
        ),
        Text::new(
            "firewall, account control and name look-up are in a safe state",
            "防火墙、UAC 与 hosts 处于安全状态",
        ),
    ))
}

fn hosts(context: &Context<'_>, with: &With, out: &mut Findings) {
    for line in out.keep(context.evidence.windows.hosts()) {
        let it = &line.fact;
        let any = |patterns: &[String], name: &str| patterns.iter().any(|p| matches(p, name));
        for name in &it.names {
            let shown = format!("{} {name}", it.address);
            if any(&with.protected_names, name) {
                let item = Item::new(
                    line.at.clone(),
                    "a name of an update or security service is redirected",
                    "更新或安全服务的域名被劫持",
                );
                out.add(Status::Fail, item.compare("not there", shown));
            } else if !any(&with.usual_names, name) {
                let item = Item::new(
                    line.at.clone(),
                    "a name is set by hand",
                    "手工指定的域名解析",
                );
                out.add(Status::Warn, item.compare("not there", shown));
            }
        }
    }
}

fn firewall(context: &Context<'_>, with: &With, out: &mut Findings) {
    let windows = &context.evidence.windows;
    let mut off = Vec::new();
    for (name, own, policy) in &with.profiles {
        let mut found = out.keep(windows.values(policy, "EnableFirewall"));
        if found.is_empty() {
            found = out.keep(windows.values(own, "EnableFirewall"));
        }
        let switched = found.into_iter().find(|v| v.fact.data.to_string() == "0");
        off.extend(switched.map(|v| (name, v.at)));
    }
    let all_off = !off.is_empty() && off.len() == with.profiles.len();
    let (status, items) = open(context, with, out);
    for (name, at) in off {
        let en = format!("the firewall is off for the profile {name}");
        let item = Item::new(at, en, format!("防火墙配置文件 {name} 已关闭"));
        out.add(Status::Warn, item.compare("1", "0"));
    }
    for item in items {
        let status = if all_off { Status::Fail } else { status };
        out.add(status, item);
    }
}

/// Services on risky ports, and rules that open such.
fn open(context: &Context<'_>, with: &With, out: &mut Findings) -> (Status, Vec<Item>) {
    let windows = &context.evidence.windows;
    let mut items = Vec::new();
    match windows.services() {
        Ok(services) => {
            for (name, port) in &with.risky_services {
                let service = services
                    .items
                    .iter()
                    .find(|s| s.name.eq_ignore_ascii_case(name));
                let start = service.and_then(|s| s.start.as_ref());
                if let Some(start) = start.filter(|s| s.fact <= 2) {
                    let item = Item::new(
                        start.at.clone(),
                        format!("the service {name} starts by itself and opens port {port}"),
                        format!("服务 {name} 自动启动并开放端口 {port}"),
                    );
                    items.push(item.compare("3 or 4", start.fact.to_string()));
                }
            }
        }
        Err(gap) => out.gaps.push(gap),
    }
    for rule in out.keep(windows.values(RULES, "*")) {
        let text = rule.fact.data.to_string();
        let fields: Vec<(&str, &str)> = text.split('|').filter_map(|f| f.split_once('=')).collect();
        let is = |name: &str, value: &str| {
            let mut all = fields.iter();
            all.any(|(n, v)| n.eq_ignore_ascii_case(name) && v.eq_ignore_ascii_case(value))
        };
        let limited = fields.iter().any(|(n, _)| n.starts_with("RA"));
        let port = fields.iter().find_map(|(n, v)| {
            let port = v.parse().ok().filter(|_| n.eq_ignore_ascii_case("LPort"))?;
            with.risky_ports.contains(&port).then_some(port)
        });
        if let Some(port) = port
            && is("Action", "Allow")
            && is("Active", "TRUE")
            && is("Dir", "In")
            && !limited
        {
            items.push(opened(rule.at, port, &text));
        }
    }
    (Status::Warn, items)
}

fn opened(at: Location, port: u16, text: &str) -> Item {
    Item::new(
        at,
        format!("a rule of the firewall opens port {port} to everybody"),
        format!("防火墙规则向任意来源开放端口 {port}"),
    )
    .compare("no such rule", text)
}
