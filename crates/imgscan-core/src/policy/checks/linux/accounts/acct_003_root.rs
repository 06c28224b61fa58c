//! LNX-ACCT-003: root alone has user id 0, and no account is hidden.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::Deserialize;

use super::made;
use crate::evidence::linux::{Account, Accounts, Database, MadeKind, Password, enters_by_password};
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
    pub(super) groups: Vec<String>,
    /// Members that distributions put there themselves.
    pub(super) members: Vec<String>,
}

impl Parameters for RootGroups {}

pub(in crate::policy::checks) fn run(context: &Context<'_>, with: &RootGroups) -> Outcome {
    let linux = &context.evidence.linux;
    let accounts = linux.accounts();
    let mut found = Findings::with_gaps(&accounts.gaps);
    let commands = Commands::of(context);
    let free = free_id(accounts);
    users(accounts, commands, free, &mut found);
    duplicates(accounts, commands, free, &mut found);
    groups(accounts, commands, with, &mut found);
    for at in &accounts.sss {
        found.unknown(Item::at(at.clone(), say!(lnx_acct_003_other_source)));
        found.fix(say!(
            lnx_acct_003_fix_source,
            place = terminal(&at.to_string())
        ));
    }
    let names = linux.name_service();
    found.gaps(names.gaps.iter().cloned());
    for source in &names.unread {
        let item = Item::at(source.at.clone(), say!(lnx_acct_003_other_source));
        let shown = Text::verbatim(terminal(&source.fact));
        found.unknown(item.compare(say!(lnx_acct_003_own_files), shown));
        found.fix(say!(
            lnx_acct_003_fix_source,
            place = terminal(&source.at.to_string())
        ));
    }
    for module in &names.foreign {
        let name = terminal(&module.fact);
        found.unknown(Item::at(
            module.at.clone(),
            say!(lnx_acct_003_module, name = name),
        ));
        found.fix(say!(
            lnx_acct_003_fix_source,
            place = terminal(&module.at.to_string())
        ));
    }
    made::add(linux, &[MadeKind::Account], &mut found);
    let status = match found.worst() {
        Status::Fail => Status::Fail,
        _ if accounts.active().next().is_none() => Status::Unknown,
        worst => worst,
    };
    let unsure = found.count(Status::Unknown) > 0;
    if status == Status::Unknown {
        found.fix_of_unknown(say!(lnx_acct_003_fix_passwd));
    }
    found.concluded(status, |status, count| match status {
        Status::Fail => say!(lnx_acct_003_fail, count = count),
        Status::Unknown if unsure => say!(lnx_acct_003_unsure),
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

fn users(accounts: &Accounts, commands: Commands<'_>, free: u32, found: &mut Findings) {
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
                        change = terminal(&commands.set_user_id(name, free))
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
    let taken: BTreeSet<u32> = accounts.users.iter().filter_map(|u| u.fact.uid).collect();
    (1000..60_000)
        .find(|id| !taken.contains(id))
        .unwrap_or(60_000)
}

fn duplicates(accounts: &Accounts, commands: Commands<'_>, free: u32, found: &mut Findings) {
    let mut by_id: BTreeMap<u32, &Found<Account>> = BTreeMap::new();
    for user in accounts.active() {
        let Some(uid) = user.fact.uid.filter(|u| *u != 0) else {
            continue;
        };
        if let Some(first) = by_id.get(&uid) {
            let note = say!(lnx_acct_003_same_id, user = terminal(&first.fact.name));
            // Whoever enters by one of the two names has what the other owns.
            let item = Item::at(user.at.clone(), note)
                .compare(say!(lnx_acct_003_one_each), line(&user.fact));
            if enters(accounts, user) || enters(accounts, first) {
                found.unknown(item);
            } else {
                found.warn(item);
            }
            let change = commands.set_user_id(&user.fact.name, free);
            found.fix(say!(lnx_acct_003_fix_id, command = terminal(&change)));
        } else {
            by_id.insert(uid, user);
        }
    }
}

/// True where a password lets the account in.
pub(super) fn enters(accounts: &Accounts, user: &Found<Account>) -> bool {
    let own = match &user.fact.password {
        Password::Shadowed => accounts
            .shadow_of(&user.fact.name)
            .map(|s| &s.fact.password),
        own => Some(own),
    };
    own.is_some_and(|password| enters_by_password(&user.fact, password))
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
                let account = accounts.user_of(member);
                let in_reach = account.is_some_and(|a| enters(accounts, a));
                powerful_member(&group.at, member, name, in_reach, found);
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
            let in_reach = enters(accounts, user);
            powerful_member(&user.at, &user.fact.name, group, in_reach, found);
            let command = commands.change_group(&user.fact.name);
            found.fix(say!(lnx_acct_003_fix_member, command = terminal(&command)));
        }
    }
}

/// A member whom a password lets in may be somebody else than who launches the image.
fn powerful_member(at: &Location, member: &str, group: &str, in_reach: bool, found: &mut Findings) {
    let note = say!(
        lnx_acct_003_member,
        user = terminal(member),
        group = terminal(group)
    );
    let status = if in_reach {
        Status::Unknown
    } else {
        Status::Warn
    };
    found.add(status, Item::at(at.clone(), note));
}
