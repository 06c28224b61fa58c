//! WIN-DEF-002: firewall, account control, old protocols and `hosts` are in a safe state.

use std::net::IpAddr;

use schemars::JsonSchema;
use serde::Deserialize;

use super::{openings, shares};
use crate::evidence::Found;
use crate::evidence::windows::NamedValue;
use crate::policy::checks::findings::Findings;
use crate::policy::checks::registry::{BadParameter, Parameters};
use crate::policy::checks::valid;
use crate::policy::checks::windows::accounts::acct_002_hidden;
use crate::policy::checks::windows::accounts::local_accounts::{
    ADMINISTRATOR, ADMINISTRATORS, holds_for,
};
use crate::policy::checks::windows::agents::service;
use crate::policy::checks::windows::rules::{self, Rule};
use crate::policy::checks::windows::values::{SET, Values};
use crate::policy::checks::windows::{commands, firewall, matches, texts_of};
use crate::policy::{Context, Item, Outcome, Status};
use crate::text::Text;

/// Policies of account control.
const POLICIES: &str = r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Policies\System";

/// The smallest Windows has more services and drivers (Nano Server about 150, others over 300).
const WHOLE_WINDOWS: usize = 120;
/// Account control's switches that, at 0, make each administrator's programs run with all rights.
const ASKS: [&str; 2] = ["EnableLUA", "ConsentPromptBehaviorAdmin"];

/// What protects a system from the network.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::policy::checks::windows) struct Defences {
    /// The firewall's profiles: name, the machine's own keys with those of a management, keys of the
    /// group policy, which go first.
    profiles: Vec<(String, Vec<String>, Vec<String>)>,
    /// Shares that Windows makes.
    pub(super) usual_shares: Vec<String>,
    /// Patterns of folders that are not shared for what is stored there.
    pub(super) private_folders: Vec<String>,
    /// Services that open a risky port, with the port.
    risky_services: Vec<(String, u16)>,
    /// Ports that no rule of the firewall should open.
    risky_ports: Vec<u16>,
    /// Patterns of names that `hosts` must not resolve.
    protected_names: Vec<String>,
    /// Patterns of names that it may.
    usual_names: Vec<String>,
    /// Names with the address that each is of, which `hosts` may say.
    own_names: Vec<(String, String)>,
    /// Patterns of servers that updates may come from.
    pub(super) update_servers: Vec<String>,
    /// What registry values may be.
    rules: Vec<Rule>,
}

impl Parameters for Defences {
    fn validate(&self) -> Result<(), BadParameter> {
        let names: Vec<&str> = self.profiles.iter().map(|p| p.0.as_str()).collect();
        valid::entries("profiles", &names)?;
        for (i, (_, own, policies)) in self.profiles.iter().enumerate() {
            for (part, keys) in [(1, own), (2, policies)] {
                for (at, key) in keys.iter().enumerate() {
                    valid::key(&format!("profiles[{i}][{part}][{at}]"), key)?;
                }
            }
        }
        valid::entries("usual_shares", &self.usual_shares)?;
        valid::entries("private_folders", &self.private_folders)?;
        let services: Vec<&str> = self.risky_services.iter().map(|s| s.0.as_str()).collect();
        valid::entries("risky_services", &services)?;
        let ports: Vec<String> = self.risky_ports.iter().map(u16::to_string).collect();
        valid::entries("risky_ports", &ports)?;
        valid::entries("protected_names", &self.protected_names)?;
        valid::entries("usual_names", &self.usual_names)?;
        valid::entries("update_servers", &self.update_servers)?;
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
        Status::Unknown => say!(win_def_002_unknown, count = count),
        Status::Warn => say!(win_def_002_warn, count = count),
        _ => say!(win_def_002_pass),
    })
}

fn hosts(context: &Context<'_>, with: &Defences, found: &mut Findings) {
    for line in found.keep(context.evidence.windows.hosts()) {
        let it = &line.fact;
        // What leads to this machine itself hijacks nothing.
        let here = it.address.parse().is_ok_and(|a: IpAddr| a.is_loopback());
        let any = |patterns: &[String], name: &str| patterns.iter().any(|p| matches(p, name));
        for name in &it.names {
            // The dot of the root says nothing.
            let name = name.trim_end_matches('.');
            let own = |(own, address): &(String, String)| {
                name.eq_ignore_ascii_case(own) && it.address == *address
            };
            let (status, note) = if with.own_names.iter().any(own) {
                continue;
            } else if any(&with.protected_names, name) {
                (Status::Fail, say!(win_def_002_redirected))
            } else if !here && !any(&with.usual_names, name) {
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
    let values = Values::of(context);
    let mut off = Vec::new();
    let mut open = Vec::new();
    for (name, own, policies) in &with.profiles {
        // Whether a management is there that sets its own is not known here.
        let mut zero = |value: &str| {
            let set = firewall::holding(values, policies, own, value, found);
            set.into_iter().find(|set| set.fact == 0)
        };
        if let Some(switched) = zero("EnableFirewall") {
            off.push((name, switched.at));
        } else if let Some(default) = zero("DefaultInboundAction") {
            open.push((name, default.at));
        }
        for key in policies.iter().chain(own) {
            let without = values.first(found, key, "DisabledInterfaces");
            let named = |v: &Found<NamedValue>| !v.fact.data.to_string().trim().is_empty();
            if let Some(without) = without.filter(named) {
                let note = say!(win_def_002_adapter, profile = name.as_str());
                let fix = openings::delete(&without.at);
                let shown = Text::verbatim(without.fact.data.to_string());
                let item = Item::at(without.at, note);
                found.unknown(item.compare(say!(win_value_absent), shown));
                found.fix(fix);
            }
        }
    }
    // What the firewall would stop is open where it is off for every profile.
    let service = firewall::service_off(values, found);
    let rules = firewall::rules(values, found);
    let all = rules
        .iter()
        .find(|r| r.is_inbound(false) && r.is_of_strangers() && r.is_of_everything());
    let profiles = off.len() + open.len();
    let all_off =
        profiles > 0 && profiles == with.profiles.len() || service.is_some() || all.is_some();
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
    // Who relies on the provider's security groups switches the profiles off, and nothing else.
    for (name, at) in open {
        let item = Item::at(at, say!(win_def_002_lets_in, profile = name.as_str()));
        found.unknown(item.compare(Text::verbatim("1"), Text::verbatim("0")));
        found.fix(say!(win_def_002_fix_default));
    }
    if let Some(start) = service {
        let shown = say!(win_service_start_type, start = start.fact);
        let item = Item::at(start.at, say!(win_def_002_service_off));
        found.unknown(item.compare(say!(win_service_start_type, start = 2), shown));
    }
    if let Some(rule) = all {
        let item = Item::at(rule.at.clone(), say!(win_def_002_everything));
        found.unknown(item.compare(say!(win_absent), rule.shown()));
        found.fix(delete_rule(rule));
    }
    filters(context, found);
    services(context, with, all_off, found);
    opened(with, &rules, all_off, found);
    shares::run(context, with, &rules, found);
    openings::run(context, with, &rules, found);
    remote(context, found);
}

/// Whether the services of the firewall are there, are Windows' own, and start.
fn filters(context: &Context<'_>, found: &mut Findings) {
    let services = match context.evidence.windows.services() {
        Ok(services) => services,
        Err(gap) => return found.gap(gap),
    };
    for (name, library) in firewall::SERVICES {
        match service::named(services, name) {
            Some(it) => {
                let note = say!(win_def_002_service_library, service = name);
                service::is_windows_own(context, it, library, &note, Status::Unknown, found);
                service::startable(context, it, Status::Unknown, found);
                if let Some(flag) = &it.delete_flag {
                    let note = say!(win_service_deleted, service = name);
                    let shown = Text::verbatim(flag.fact.to_string());
                    let item = Item::at(flag.at.clone(), note);
                    found.unknown(item.compare(say!(win_value_absent), shown));
                }
            }
            // No Windows of that many services is without it.
            None if services.items.len() >= WHOLE_WINDOWS => {
                let note = say!(win_def_002_service_gone, service = name);
                let item = Item::at(services.at.clone(), note);
                found.unknown(item.compare(Text::verbatim(name), say!(win_value_absent)));
            }
            None => {}
        }
    }
}

fn delete_rule(rule: &firewall::Rule) -> Text {
    commands::delete_value(rule.at.key.as_deref().unwrap_or_default(), &rule.name)
}

/// True where a local account besides the built-in one, and besides those that are usual, is an
/// administrator, or that can't be told.
fn has_other_administrators(context: &Context<'_>) -> bool {
    let Ok(accounts) = context.evidence.windows.accounts() else {
        return true;
    };
    let usual = texts_of(context.policy, acct_002_hidden::NAME, "administrators");
    let other = accounts.users.iter().any(|user| {
        let it = &user.fact;
        let off = it.account.as_ref().is_some_and(|a| a.disabled);
        let name = it.name.as_deref().unwrap_or_default();
        let known = it.rid == ADMINISTRATOR || usual.iter().any(|p| matches(p, name));
        let group = format!("S-1-5-32-{ADMINISTRATORS}");
        !off && !known && holds_for(&accounts, &group, it.rid)
    });
    other || !accounts.gaps.is_empty()
}

/// Account control that asks nobody. Where the built-in administrator is the only one who logs on, it
/// changes nothing, for he is never asked (Microsoft, "How to disable User Account Control on Windows
/// Server", and FilterAdministratorToken); others become administrators by whatever they start.
fn account_control(context: &Context<'_>, values: Values<'_>, found: &mut Findings) {
    for name in ASKS {
        let set = values.number(found, POLICIES, name);
        let Some(off) = set.filter(|v| v.fact == 0) else {
            continue;
        };
        let item = Item::at(off.at, say!(win_def_002_asks_nobody));
        let right = if name == "EnableLUA" { "1" } else { "5" };
        let item = item.compare(Text::verbatim(right), Text::verbatim("0"));
        found.add(
            match has_other_administrators(context) {
                true => Status::Unknown,
                false => Status::Warn,
            },
            item,
        );
        found.fix(commands::set_value(POLICIES, name, "REG_DWORD", right));
    }
}

/// The remote registry, where local administrators reach it with all their rights. Who switches on
/// WinRM gives them those; it changes nothing for the built-in one, who has them without it
/// (Microsoft, "User Account Control and remote restrictions").
fn remote(context: &Context<'_>, found: &mut Findings) {
    let values = Values::of(context);
    account_control(context, values, found);
    let filter = values.number(found, POLICIES, "LocalAccountTokenFilterPolicy");
    let Some(filter) = filter.filter(|v| v.fact != 0) else {
        return;
    };
    let key = format!(r"{SET}\Services\RemoteRegistry");
    let start = values.number(found, &key, "Start");
    let start = start.filter(|s| s.fact < 4);
    let item = Item::at(filter.at, say!(win_def_002_token_filter));
    let item = item.compare(Text::verbatim("0"), Text::verbatim(filter.fact.to_string()));
    if !has_other_administrators(context) {
        return found.pass(item);
    }
    found.unknown(item);
    found.fix(commands::delete_value(
        POLICIES,
        "LocalAccountTokenFilterPolicy",
    ));
    if let Some(start) = start {
        let item = Item::at(start.at, say!(win_def_002_remote_registry));
        let shown = say!(win_service_start_type, start = start.fact);
        found.unknown(item.compare(say!(win_service_start_type, start = 4), shown));
    }
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
fn opened(with: &Defences, rules: &[firewall::Rule], all_off: bool, found: &mut Findings) {
    for rule in rules
        .iter()
        .filter(|r| r.is_inbound(false) && r.is_of_strangers())
    {
        let ranges = rule.ports().unwrap_or_default();
        let within = |port: &&u16| ranges.iter().any(|(a, b)| (*a..=*b).contains(*port));
        let Some(port) = with.risky_ports.iter().find(within) else {
            continue;
        };
        found.fix(delete_rule(rule));
        let item = Item::at(rule.at.clone(), say!(win_def_002_rule, port = *port));
        found.fail_if(all_off, item.compare(say!(win_absent), rule.shown()));
    }
}
