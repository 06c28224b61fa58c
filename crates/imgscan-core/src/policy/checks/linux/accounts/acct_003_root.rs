//! LNX-ACCT-003: root alone has user id 0, and no account is hidden.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use crate::evidence::linux::{Account, Accounts, Database};
use crate::evidence::{Found, Location};
use crate::policy::checks::findings::Findings;
use crate::policy::checks::linux::commands::Commands;
use crate::policy::checks::registry::Parameters;
use crate::policy::{Context, Item, Outcome, Status};
use crate::text::{Text, terminal};

/// Groups that lead to root.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::policy::checks) struct RootGroups {
    /// Groups whose members can become root.
    groups: Vec<String>,
    /// Members that distributions put there themselves.
    members: Vec<String>,
}

impl Parameters for RootGroups {}

pub(in crate::policy::checks) fn run(context: &Context<'_>, with: &RootGroups) -> Outcome {
    let accounts = context.evidence.linux.accounts();
    let mut found = Findings::with_gaps(&accounts.gaps);
    let commands = Commands::of(context);
    users(accounts, commands, &mut found);
    duplicates(accounts, commands, &mut found);
    groups(accounts, commands, with, &mut found);
    for at in &accounts.sss {
        found.warn(Item::at(at.clone(), say!(lnx_acct_003_other_source)));
    }
    let status = match found.worst() {
        Status::Fail => Status::Fail,
        _ if accounts.active().next().is_none() => Status::Unknown,
        worst => worst,
    };
    if status == Status::Unknown {
        found.fix_of_unknown(say!(lnx_acct_003_fix_passwd));
    }
    found.concluded(status, |status, count| match status {
        Status::Fail => say!(lnx_acct_003_fail, count = count),
        Status::Unknown => say!(lnx_acct_003_unknown),
        Status::Warn => say!(lnx_acct_003_warn),
        _ => say!(lnx_acct_003_pass),
    })
}

/// `passwd` of one user as a report may show it.
fn line(user: &Account) -> Text {
    let id = |n: Option<u32>| n.map_or_else(|| "?".into(), |n| n.to_string());
    Text::verbatim(terminal(&format!(
        "{}:{}:{}:{}:{}",
        user.name,
        id(user.uid),
        id(user.gid),
        user.home,
        user.shell
    )))
}

fn users(accounts: &Accounts, commands: Commands<'_>, found: &mut Findings) {
    let mut roots = 0;
    for user in &accounts.users {
        let backup = user.fact.database == Database::Backup;
        let item = |note: Text| {
            Item::at(user.at.clone(), note).compare(say!(lnx_acct_003_expected), line(&user.fact))
        };
        if user.fact.is_nis() {
            found.fail_if(!backup, item(say!(lnx_acct_003_nis_user)));
            found.fix(say!(lnx_acct_003_fix_line, place = user.at.to_string()));
            continue;
        }
        if user.fact.uid == Some(0) {
            let second = if backup {
                user.fact.name != "root"
            } else {
                roots += 1;
                user.fact.name != "root" || roots > 1
            };
            if second && backup {
                found.warn(item(say!(lnx_acct_003_root_in_backup)));
                found.fix(say!(lnx_acct_003_fix_line, place = user.at.to_string()));
            } else if second {
                found.fail(item(say!(lnx_acct_003_second_root)));
                let name = user.fact.name.as_str();
                // Its command would delete root itself.
                found.fix(if name == "root" {
                    say!(lnx_acct_003_fix_line, place = user.at.to_string())
                } else {
                    say!(
                        lnx_acct_003_fix_user,
                        delete = terminal(&commands.delete_user(name)),
                        change = terminal(&commands.set_user_id(name, free_id(accounts)))
                    )
                });
            }
        }
        if backup {
            continue;
        }
        if hidden_name(&user.fact.name) {
            found.fail(item(say!(lnx_acct_003_hidden_name)));
            found.fix(say!(lnx_acct_003_fix_line, place = user.at.to_string()));
        } else if user.fact.uid.is_none() {
            found.warn(item(say!(lnx_acct_003_no_number)));
            found.fix(say!(lnx_acct_003_fix_line, place = user.at.to_string()));
        }
    }
}

fn hidden_name(name: &str) -> bool {
    name.is_empty()
        || terminal(name) != name
        || name.contains(char::is_whitespace)
        || name.contains('\\')
}

/// A user id for people that no account has.
fn free_id(accounts: &Accounts) -> u32 {
    let taken = |id: u32| accounts.users.iter().any(|user| user.fact.uid == Some(id));
    (1000..60_000).find(|id| !taken(*id)).unwrap_or(60_000)
}

fn duplicates(accounts: &Accounts, commands: Commands<'_>, found: &mut Findings) {
    let mut by_id: BTreeMap<u32, &Found<Account>> = BTreeMap::new();
    for user in accounts.active() {
        let Some(uid) = user.fact.uid.filter(|u| *u != 0) else {
            continue;
        };
        if let Some(first) = by_id.get(&uid) {
            let note = say!(lnx_acct_003_same_id, user = terminal(&first.fact.name));
            found.warn(
                Item::at(user.at.clone(), note)
                    .compare(say!(lnx_acct_003_one_each), line(&user.fact)),
            );
            let change = commands.set_user_id(&user.fact.name, free_id(accounts));
            found.fix(say!(lnx_acct_003_fix_id, command = terminal(&change)));
        } else {
            by_id.insert(uid, user);
        }
    }
}

fn groups(accounts: &Accounts, commands: Commands<'_>, with: &RootGroups, found: &mut Findings) {
    let mut ids = BTreeMap::new();
    for group in accounts
        .groups
        .iter()
        .filter(|g| g.fact.database != Database::Backup)
    {
        let name = &group.fact.name;
        if name.starts_with('+') {
            found.fail(Item::at(group.at.clone(), say!(lnx_acct_003_nis_group)));
            found.fix(say!(lnx_acct_003_fix_line, place = group.at.to_string()));
            continue;
        }
        let powerful = with.groups.contains(name) || group.fact.gid == Some(0);
        if !powerful {
            continue;
        }
        if let Some(gid) = group.fact.gid {
            ids.insert(gid, name.clone());
        }
        for member in &group.fact.members {
            if !with.members.contains(member) {
                powerful_member(&group.at, member, name, found);
                let command = commands.leave_group(member, name);
                found.fix(say!(lnx_acct_003_fix_member, command = terminal(&command)));
            }
        }
    }
    for user in accounts.active() {
        let Some(group) = user.fact.gid.and_then(|g| ids.get(&g)) else {
            continue;
        };
        if user.fact.uid != Some(0)
            && user.fact.can_log_in()
            && !with.members.contains(&user.fact.name)
        {
            powerful_member(&user.at, &user.fact.name, group, found);
            let command = commands.change_group(&user.fact.name);
            found.fix(say!(lnx_acct_003_fix_member, command = terminal(&command)));
        }
    }
}

fn powerful_member(at: &Location, member: &str, group: &str, found: &mut Findings) {
    let note = say!(
        lnx_acct_003_member,
        user = terminal(member),
        group = terminal(group)
    );
    found.warn(Item::at(at.clone(), note));
}
