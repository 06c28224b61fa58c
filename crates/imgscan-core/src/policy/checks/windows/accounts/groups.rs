//! Who is in the groups that have power over the machine, and who has such power without them.

use std::collections::BTreeMap;

use super::acct_002_hidden::UsualAccounts;
use super::local_accounts::{
    ADMINISTRATOR, ADMINISTRATORS, Member, is_everybody, members, name, rid_here,
};
use crate::evidence::windows::{Accounts, Image, LocalUser};
use crate::evidence::{Found, Location};
use crate::policy::checks::findings::Findings;
use crate::policy::checks::windows::{matches, one_of};
use crate::policy::{Context, Item, Status};
use crate::text::Text;

/// RID of the group Remote Desktop Users.
const REMOTE_USERS: u32 = 555;
/// Groups that Windows leaves empty and whose members reach the machine from outside or can become
/// administrators: Power Users, Account, Server, Print and Backup Operators, Replicator, Network
/// Configuration Operators, Hyper-V Administrators, Remote Management Users, Storage Replica
/// Administrators.
const POWERFUL: [u32; 10] = [547, 548, 549, 550, 551, 552, 556, 578, 580, 582];
/// Groups of Windows that hold whoever logs on, guests, or what Windows itself puts there: Users, Guests.
const OF_ALL: [u32; 2] = [545, 546];
/// The group that every user's record names.
const ALL_USERS: u32 = 513;
/// Accounts that Windows makes and that have no power: Guest, DefaultAccount and so on.
const BUILT_IN: std::ops::RangeInclusive<u32> = 500..=504;

/// Privileges by which an account gets power over the machine (wdm.h), with whom Windows gives
/// each besides Administrators.
const PRIVILEGES: &[(u32, &str, &[&str])] = &[
    (2, "SeCreateTokenPrivilege", &[]),
    (
        3,
        "SeAssignPrimaryTokenPrivilege",
        &["S-1-5-19", "S-1-5-20", "S-1-5-80-*", "S-1-5-82-*"],
    ),
    (7, "SeTcbPrivilege", &[]),
    (8, "SeSecurityPrivilege", &["S-1-5-80-*"]),
    (9, "SeTakeOwnershipPrivilege", &[]),
    (10, "SeLoadDriverPrivilege", &["S-1-5-32-550"]),
    (
        17,
        "SeBackupPrivilege",
        &["S-1-5-32-551", "S-1-5-32-549", "S-1-5-80-*"],
    ),
    (
        18,
        "SeRestorePrivilege",
        &["S-1-5-32-551", "S-1-5-32-549", "S-1-5-80-*"],
    ),
    (20, "SeDebugPrivilege", &["S-1-5-80-*"]),
    (22, "SeSystemEnvironmentPrivilege", &[]),
    (27, "SeEnableDelegationPrivilege", &[]),
    (28, "SeManageVolumePrivilege", &["S-1-5-80-*"]),
    (
        29,
        "SeImpersonatePrivilege",
        &[
            "S-1-5-19",
            "S-1-5-20",
            "S-1-5-6",
            "S-1-5-32-568",
            "S-1-5-80-*",
            "S-1-5-82-*",
        ],
    ),
    (31, "SeTrustedCredManAccessPrivilege", &[]),
    (32, "SeRelabelPrivilege", &[]),
];
/// The right to log on by remote desktop (ntsecapi.h).
const REMOTE_LOGON: u32 = 0x400;
/// The denials of logons at the console, over the network and by remote desktop (ntsecapi.h,
/// `POLICY_MODE_DENY_INTERACTIVE`, `POLICY_MODE_DENY_NETWORK`, `POLICY_MODE_DENY_REMOTE_INTERACTIVE`).
const NO_LOGON: u32 = 0x40 | 0x80 | 0x800;

/// The start type of a service that starts with the system (winsvc.h, `SERVICE_AUTO_START`).
const AUTOMATIC: u32 = 2;

/// Files who has power over the machine without being known for it.
pub(super) fn judge(
    context: &Context<'_>,
    with: &UsualAccounts,
    accounts: &Accounts,
    found: &mut Findings,
) {
    for member in members(accounts, ADMINISTRATORS) {
        administrator(context, with, accounts, member, found);
    }
    for member in members(accounts, REMOTE_USERS) {
        let who = accounts.named(&member.sid).to_owned();
        if with.remote_users.iter().any(|p| matches(p, &who)) {
            continue;
        }
        let note = say!(win_acct_002_remote_user);
        let wanted = one_of(&with.remote_users);
        in_group(accounts, REMOTE_USERS, member, note, wanted, found);
    }
    for rid in POWERFUL {
        for member in members(accounts, rid) {
            let group = format!("{} (S-1-5-32-{rid})", group_name(accounts, rid));
            let note = say!(win_acct_002_powerful, group = group);
            in_group(accounts, rid, member, note, say!(win_none), found);
        }
    }
    everybody(accounts, found);
    users(context, with, accounts, found);
    rights(context, accounts, found);
}

/// Strangers and everybody in a group that gives those who are in it more than users have: to start
/// objects from afar, to read the logs of events, to change what encrypts.
fn everybody(accounts: &Accounts, found: &mut Findings) {
    let told = |rid: u32| {
        [ADMINISTRATORS, REMOTE_USERS].contains(&rid)
            || POWERFUL.contains(&rid)
            || OF_ALL.contains(&rid)
    };
    let listed = accounts.groups.iter().flat_map(|g| {
        let it = &g.fact;
        let each = move |sid| (it.domain, it.rid, sid, &g.at, Some("C"));
        it.members.iter().map(each)
    });
    let indexed = accounts.indexed.iter().flat_map(|entry| {
        let it = &entry.fact;
        let each = move |rid: &u32| (it.domain, *rid, &it.sid, &entry.at, None);
        it.groups.iter().map(each)
    });
    let mut strangers: BTreeMap<(u32, &str), Location> = BTreeMap::new();
    for (domain, rid, sid, at, value) in listed.chain(indexed) {
        if domain == "Builtin" && !told(rid) && is_everybody(accounts, sid) {
            let place = || match value {
                Some(value) => Location {
                    value: Some(value.into()),
                    ..at.clone()
                },
                None => at.clone(),
            };
            strangers.entry((rid, sid)).or_insert_with(place);
        }
    }
    for ((rid, sid), at) in strangers {
        let group = format!("{} (S-1-5-32-{rid})", group_name(accounts, rid));
        let item = Item::at(at, say!(win_acct_002_everybody, group = group));
        found.unknown(item.compare(say!(win_none), Text::verbatim(sid)));
        found.fix(leave(accounts, rid, false, sid));
    }
}

fn administrator(
    context: &Context<'_>,
    with: &UsualAccounts,
    accounts: &Accounts,
    member: Member,
    found: &mut Findings,
) {
    let user = user_of(accounts, &member.sid);
    let who = user.map_or(member.sid.as_str(), |u| name(&u.fact));
    let usual = with.administrators.iter().any(|p| matches(p, who));
    let built_in = user.is_some_and(|u| u.fact.rid == ADMINISTRATOR);
    // The name explains it where the service by that name logs on as it.
    if built_in || usual && user.is_some() && service_of(context, who, Some(who), found) {
        return;
    }
    let off = user
        .and_then(|u| u.fact.account.as_ref())
        .is_some_and(|a| a.disabled);
    // Programs that ask for users leave out names with this end.
    let status = if is_everybody(accounts, &member.sid) || who.ends_with('$') {
        Status::Fail
    } else if off {
        Status::Warn
    } else {
        Status::Unknown
    };
    let item = Item::at(member.at, say!(win_acct_002_administrator));
    let shown = Text::verbatim(format!("{who} ({})", member.sid));
    found.add(status, item.compare(one_of(&with.administrators), shown));
    found.fix(leave(accounts, ADMINISTRATORS, user.is_some(), who));
}

/// Files a member of a group that is usually empty.
fn in_group(
    accounts: &Accounts,
    rid: u32,
    member: Member,
    note: Text,
    wanted: Text,
    found: &mut Findings,
) {
    let who = accounts.named(&member.sid).to_owned();
    let status = match is_everybody(accounts, &member.sid) {
        true => Status::Fail,
        false => Status::Unknown,
    };
    let shown = Text::verbatim(format!("{who} ({})", member.sid));
    found.add(status, Item::at(member.at, note).compare(wanted, shown));
    let named = user_of(accounts, &member.sid).is_some();
    found.fix(leave(accounts, rid, named, &who));
}

/// Users without power: each is one whose password somebody else may know.
fn users(context: &Context<'_>, with: &UsualAccounts, accounts: &Accounts, found: &mut Findings) {
    for user in &accounts.users {
        let it = &user.fact;
        if let Some(group) = it.groups.iter().find(|g| **g != ALL_USERS) {
            let at = super::local_accounts::value(user, "V");
            let item = Item::at(at, say!(win_acct_002_group_of_record, user = name(it)));
            let shown = Text::verbatim(group.to_string());
            found.unknown(item.compare(Text::verbatim(ALL_USERS.to_string()), shown));
        }
        let enabled = it.account.as_ref().is_some_and(|a| !a.disabled);
        let sid = accounts
            .machine_sid
            .as_ref()
            .map(|m| format!("{m}-{}", it.rid));
        let told = members(accounts, ADMINISTRATORS)
            .iter()
            .any(|m| Some(&m.sid) == sid.as_ref());
        let who = name(it);
        let usual = with.users.iter().any(|p| matches(p, who));
        if !enabled || told || usual || BUILT_IN.contains(&it.rid) {
            continue;
        }
        // Whoever set the service up knows the password that it logs on with.
        let note = match serves(context, who, found) {
            true if logs_on_as_service_alone(context, sid.as_deref(), found) => continue,
            true => say!(win_acct_002_user_of_service),
            false => say!(win_acct_002_user),
        };
        let item = Item::at(user.at.clone(), note);
        found.unknown(item.compare(one_of(&with.users), Text::verbatim(who)));
        found.fix(say!(win_acct_002_fix_user, user = who));
    }
}

/// True where the account with that SID is denied every logon by which somebody could use its password.
fn logs_on_as_service_alone(
    context: &Context<'_>,
    sid: Option<&str>,
    found: &mut Findings,
) -> bool {
    let rights = match context.evidence.windows.rights() {
        Ok(rights) => found.keep(rights),
        Err(gap) => {
            found.gap(gap);
            return false;
        }
    };
    let mut own = rights.iter().filter(|r| Some(r.fact.sid.as_str()) == sid);
    own.any(|r| r.fact.logon.fact & NO_LOGON == NO_LOGON)
}

/// True where a service that starts by itself, and whose program is there, logs on as the user `who`
/// of this machine.
pub(super) fn serves(context: &Context<'_>, who: &str, found: &mut Findings) -> bool {
    service_of(context, who, None, found)
}

/// As [`serves`], of the service `name` alone.
fn service_of(context: &Context<'_>, who: &str, name: Option<&str>, found: &mut Findings) -> bool {
    let services = match context.evidence.windows.services() {
        Ok(services) => services,
        Err(gap) => {
            found.gap(gap);
            return false;
        }
    };
    let host = context
        .evidence
        .guest
        .os
        .host_name
        .as_deref()
        .unwrap_or(".");
    services.items.iter().any(|service| {
        let account = service.object_name.as_ref().map_or("", |o| o.fact.as_str());
        let (domain, account) = account.split_once('\\').unwrap_or((".", account));
        let here = domain == "." || domain.eq_ignore_ascii_case(host);
        let starts = service.start.as_ref().is_some_and(|s| s.fact == AUTOMATIC);
        let named = name.is_none_or(|name| service.name.eq_ignore_ascii_case(name));
        let is = here && starts && named && account.eq_ignore_ascii_case(who);
        is && !service.is_driver()
            && matches!(context.evidence.windows.image(service), Image::File(_))
    })
}

/// Privileges and logon rights of those whom Windows gives none.
fn rights(context: &Context<'_>, accounts: &Accounts, found: &mut Findings) {
    let rights = match context.evidence.windows.rights() {
        Ok(rights) => found.keep(rights),
        Err(gap) => return found.gap(gap),
    };
    let administers = |sid: &str| {
        sid == "S-1-5-32-544"
            || members(accounts, ADMINISTRATORS)
                .iter()
                .any(|m| m.sid == sid)
    };
    for right in rights {
        let it = right.fact;
        let everybody = is_everybody(accounts, &it.sid);
        let status = if everybody {
            Status::Fail
        } else {
            Status::Unknown
        };
        let who = accounts.named(&it.sid).to_owned();
        if !administers(&it.sid) {
            for (number, privilege, holders) in PRIVILEGES {
                let has = it.privileges.fact.contains(number);
                if has && !holders.iter().any(|p| matches(p, &it.sid)) {
                    let at = it.privileges.at.clone();
                    let item = Item::at(at, say!(win_acct_002_privilege, name = *privilege));
                    let shown = Text::verbatim(format!("{who} ({})", it.sid));
                    found.add(status, item.compare(say!(win_none), shown));
                    found.fix(say!(
                        win_acct_002_fix_privilege,
                        sid = &it.sid,
                        name = *privilege
                    ));
                }
            }
        }
        if everybody && it.logon.fact & REMOTE_LOGON != 0 {
            let item = Item::at(it.logon.at, say!(win_acct_002_remote_right));
            let shown = Text::verbatim(format!("{who} ({})", it.sid));
            found.unknown(item.compare(say!(win_none), shown));
        }
    }
}

/// Takes `who`, a user's name or else a SID, out of the group that every Windows has by that number.
fn leave(accounts: &Accounts, rid: u32, named: bool, who: &str) -> Text {
    let group = group_name(accounts, rid);
    if named {
        say!(win_acct_002_fix_member, group = group, user = who)
    } else {
        say!(win_acct_002_fix_sid, group = group, sid = who)
    }
}

fn group_name(accounts: &Accounts, rid: u32) -> String {
    let mut groups = accounts.groups.iter();
    let group = groups.find(|g| g.fact.domain == "Builtin" && g.fact.rid == rid);
    let name = group.and_then(|g| g.fact.name.clone());
    name.unwrap_or_else(|| match rid {
        ADMINISTRATORS => "Administrators".into(),
        REMOTE_USERS => "Remote Desktop Users".into(),
        rid => format!("S-1-5-32-{rid}"),
    })
}

/// The user of this machine with that SID.
pub(super) fn user_of<'a>(accounts: &'a Accounts, sid: &str) -> Option<&'a Found<LocalUser>> {
    let rid = rid_here(accounts, sid)?;
    accounts.users.iter().find(|u| u.fact.rid == rid)
}
