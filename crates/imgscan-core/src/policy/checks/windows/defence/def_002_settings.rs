//! WIN-DEF-002: firewall, account control, old protocols and `hosts` are in a safe state.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::policy::checks::findings::Findings;
use crate::policy::checks::registry::{BadParameter, Parameters};
use crate::policy::checks::valid;
use crate::policy::checks::windows::rules::{self, Rule};
use crate::policy::checks::windows::{commands, matches};
use crate::policy::{Context, Item, Outcome, Status};
use crate::text::Text;

const RULES: &str =
    r"HKLM\SYSTEM\CurrentControlSet\Services\SharedAccess\Parameters\FirewallPolicy\FirewallRules";

/// What protects a system from the network.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::policy::checks::windows) struct Defences {
    /// The firewall's profiles: name, own key, key of the group policy, which goes first.
    profiles: Vec<(String, String, String)>,
    /// Services that open a risky port, with the port.
    risky_services: Vec<(String, u16)>,
    /// Ports that no rule of the firewall should open.
    risky_ports: Vec<u16>,
    /// Patterns of names that `hosts` must not resolve.
    protected_names: Vec<String>,
    /// Patterns of names that it may.
    usual_names: Vec<String>,
    /// What registry values may be.
    rules: Vec<Rule>,
}

impl Parameters for Defences {
    fn validate(&self) -> Result<(), BadParameter> {
        let names: Vec<&str> = self.profiles.iter().map(|p| p.0.as_str()).collect();
        valid::entries("profiles", &names)?;
        for (i, (_, own, policy)) in self.profiles.iter().enumerate() {
            valid::key(&format!("profiles[{i}][1]"), own)?;
            valid::key(&format!("profiles[{i}][2]"), policy)?;
        }
        let services: Vec<&str> = self.risky_services.iter().map(|s| s.0.as_str()).collect();
        valid::entries("risky_services", &services)?;
        let ports: Vec<String> = self.risky_ports.iter().map(u16::to_string).collect();
        valid::entries("risky_ports", &ports)?;
        valid::entries("protected_names", &self.protected_names)?;
        valid::entries("usual_names", &self.usual_names)?;
        rules::validate(&self.rules, "rules")
    }
}

pub(in crate::policy::checks::windows) fn run(context: &Context<'_>, with: &Defences) -> Outcome {
    let mut found = Findings::new();
    rules::apply(context, &with.rules, &mut found);
    hosts(context, with, &mut found);
    firewall(context, with, &mut found);
    found.conclude(|status, count| match status {
        Status::Fail => say!(win_def_002_fail, count = count),
        Status::Warn => say!(win_def_002_warn, count = count),
        _ => say!(win_def_002_pass),
    })
}

fn hosts(context: &Context<'_>, with: &Defences, found: &mut Findings) {
    for line in found.keep(context.evidence.windows.hosts()) {
        let it = &line.fact;
        let any = |patterns: &[String], name: &str| patterns.iter().any(|p| matches(p, name));
        for name in &it.names {
            let (status, note) = if any(&with.protected_names, name) {
                (Status::Fail, say!(win_def_002_redirected))
            } else if !any(&with.usual_names, name) {
                (Status::Warn, say!(win_def_002_by_hand))
            } else {
                continue;
            };
            let shown = format!("{} {name}", it.address);
            found.fix(say!(
                win_def_002_fix_hosts,
                path = line.at.path.as_deref().unwrap_or("hosts"),
                line = line.at.line.unwrap_or(0),
                content = &shown,
            ));
            let item = Item::at(line.at.clone(), note);
            found.add(
                status,
                item.compare(say!(win_absent), Text::verbatim(shown)),
            );
        }
    }
}

fn firewall(context: &Context<'_>, with: &Defences, found: &mut Findings) {
    let windows = &context.evidence.windows;
    let mut off = Vec::new();
    for (name, own, policy) in &with.profiles {
        let mut values = found.keep(windows.values(policy, "EnableFirewall"));
        if values.is_empty() {
            values = found.keep(windows.values(own, "EnableFirewall"));
        }
        let switched = values.into_iter().find(|v| v.fact.data.to_string() == "0");
        off.extend(switched.map(|v| (name, v.at)));
    }
    // What the firewall would stop is open where it is off for every profile.
    let all_off = !off.is_empty() && off.len() == with.profiles.len();
    for (name, at) in off {
        found.fix(commands::set_value(
            at.key.as_deref().unwrap_or_default(),
            "EnableFirewall",
            "REG_DWORD",
            "1",
        ));
        let item = Item::at(at, say!(win_def_002_off, profile = name.as_str()));
        found.warn(item.compare(Text::verbatim("1"), Text::verbatim("0")));
    }
    services(context, with, all_off, found);
    opened(context, with, all_off, found);
}

/// Services on risky ports.
fn services(context: &Context<'_>, with: &Defences, all_off: bool, found: &mut Findings) {
    let services = match context.evidence.windows.services() {
        Ok(services) => services,
        Err(gap) => return found.gap(gap),
    };
    for (name, port) in &with.risky_services {
        let named = |n: &str| n.eq_ignore_ascii_case(name);
        let service = services.items.iter().find(|s| named(&s.name));
        let start = service.and_then(|s| s.start.as_ref());
        if let Some(start) = start.filter(|s| s.fact <= 2) {
            let note = say!(win_def_002_service, service = name, port = *port);
            found.fix(say!(win_def_002_fix_service, service = name));
            let item = Item::at(start.at.clone(), note);
            let shown = Text::verbatim(start.fact.to_string());
            found.fail_if(all_off, item.compare(say!(win_def_002_manual), shown));
        }
    }
}

/// Rules of the firewall that open a risky port to everybody.
fn opened(context: &Context<'_>, with: &Defences, all_off: bool, found: &mut Findings) {
    for rule in found.keep(context.evidence.windows.values(RULES, "*")) {
        let text = rule.fact.data.to_string();
        let fields: Vec<(&str, &str)> = text.split('|').filter_map(|f| f.split_once('=')).collect();
        let is = |name: &str, value: &str| {
            let mut all = fields.iter();
            all.any(|(n, v)| n.eq_ignore_ascii_case(name) && v.eq_ignore_ascii_case(value))
        };
        let limited = fields.iter().any(|(n, _)| n.starts_with("RA"));
        let port = fields.iter().find_map(|(n, v)| {
            let port: u16 = v.parse().ok().filter(|_| n.eq_ignore_ascii_case("LPort"))?;
            with.risky_ports.contains(&port).then_some(port)
        });
        if let Some(port) = port
            && is("Action", "Allow")
            && is("Active", "TRUE")
            && is("Dir", "In")
            && !limited
        {
            found.fix(commands::delete_value(
                rule.at.key.as_deref().unwrap_or(RULES),
                &rule.fact.name,
            ));
            let item = Item::at(rule.at, say!(win_def_002_rule, port = port));
            found.fail_if(
                all_off,
                item.compare(say!(win_absent), Text::verbatim(text)),
            );
        }
    }
}
