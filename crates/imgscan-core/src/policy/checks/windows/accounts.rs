//! Local accounts: WIN-ACCT-001, WIN-ACCT-002, WIN-ACCT-004.

use super::matches;
use super::probe::Probe;
use crate::error::Result;
use crate::evidence::windows::{Accounts, Control, LocalUser};
use crate::evidence::{Found, Location};
use crate::policy::checks::findings::worse;
use crate::policy::{Context, Outcome, Status};

/// RID of the account that the setup makes for the administrator.
const ADMINISTRATOR: u32 = 500;
/// RID of the group Administrators.
const ADMINISTRATORS: u32 = 544;
/// RID of the group Remote Desktop Users.
const REMOTE_USERS: u32 = 555;

/// The accounts, or the outcome where they can't be read.
pub(super) fn accounts(probe: &mut Probe<'_>) -> Option<Accounts> {
    let read = probe.windows.accounts();
    match read {
        Ok(accounts) => {
            probe.gaps.extend(accounts.gaps.iter().cloned());
            Some(accounts)
        }
        Err(gap) => {
            probe.gaps.push(gap);
            None
        }
    }
}

pub(super) fn unreadable(probe: Probe<'_>) -> Outcome {
    probe.end(
        Status::Unknown,
        "the local accounts can't be read",
        "无法读取本地账户",
    )
}

/// The value `name` of a user's key.
fn value(user: &Found<LocalUser>, name: &str) -> Location {
    Location {
        value: Some(name.into()),
        ..user.at.clone()
    }
}

fn name(user: &LocalUser) -> &str {
    user.name.as_deref().unwrap_or("?")
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct AdministratorWith {
    /// The names that Windows gives to the account in its languages.
    names: Vec<String>,
}

/// WIN-ACCT-001.
pub(super) fn administrator(context: &Context<'_>) -> Result<Outcome> {
    let with: AdministratorWith = context.check.with()?;
    let mut probe = Probe::new(context);
    let Some(accounts) = accounts(&mut probe) else {
        return Ok(unreadable(probe));
    };
    let found = accounts.users.iter().find(|u| u.fact.rid == ADMINISTRATOR);
    let Some(user) = found else {
        probe.say(
            accounts.at.clone(),
            (
                "there is no account with RID 500",
                "不存在 RID 为 500 的账户",
            ),
            r"Users\000001F4",
            "no such key",
        );
        let status = if probe.gaps.is_empty() {
            Status::Fail
        } else {
            Status::Unknown
        };
        return Ok(probe.end(
            status,
            "the built-in Administrator was not found",
            "未找到内置 Administrator 账户",
        ));
    };
    let Some(control) = &user.fact.account else {
        return Ok(unreadable(probe));
    };
    probe.say(
        value(user, "F"),
        (
            format!("flags of {} (RID 500)", name(&user.fact)),
            format!("{}（RID 500）的账户标志", name(&user.fact)),
        ),
        "bits 0x0001 (disabled) and 0x0400 (locked) clear",
        flags(control),
    );
    let mut status = Status::Pass;
    if let Some(expires) = control.expires {
        let last = probe.windows.last_seen();
        let over = last.is_some_and(|seen| expires <= seen);
        status = if over { Status::Fail } else { Status::Warn };
        probe.say(
            value(user, "F"),
            ("the account expires", "账户设有到期时间"),
            "never",
            expires.to_string(),
        );
    }
    if control.disabled || control.locked {
        status = Status::Fail;
    }
    if !with.names.iter().any(|n| matches(n, name(&user.fact))) {
        status = worse(status, Status::Warn);
        probe.say(
            value(user, "V"),
            ("the account was renamed", "账户已被重命名"),
            with.names.join(", "),
            name(&user.fact),
        );
    }
    let (en, zh) = match status {
        Status::Pass => ("Administrator is enabled", "administrator 账户已启用"),
        Status::Warn => (
            "Administrator is enabled, but see the evidence",
            "administrator 账户已启用，但需关注所列证据",
        ),
        _ => (
            "Administrator is disabled, locked or expired",
            "administrator 账户被禁用、锁定或已到期",
        ),
    };
    Ok(probe.end(status, en, zh))
}

/// The account control bits with their names.
pub(super) fn flags(control: &Control) -> String {
    let bits = [
        (control.disabled, "disabled"),
        (control.locked, "locked"),
        (control.password_not_required, "password not required"),
        (control.password_never_expires, "password never expires"),
    ];
    let names = bits.iter().filter(|(set, _)| *set).map(|(_, name)| *name);
    let names: Vec<&str> = names.collect();
    format!("{:#06x} ({})", control.control_bits, names.join(", "))
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct HiddenWith {
    /// Patterns of the names of administrators that need no look.
    administrators: Vec<String>,
    /// Patterns of the names of users who may log on by remote desktop.
    remote_users: Vec<String>,
    /// RIDs of built-in accounts that have to be disabled.
    disabled: Vec<u32>,
    /// Patterns of the names that may be kept out of the list of the logon screen.
    unlisted: Vec<String>,
}

/// WIN-ACCT-002.
pub(super) fn hidden(context: &Context<'_>) -> Result<Outcome> {
    let with: HiddenWith = context.check.with()?;
    let mut probe = Probe::new(context);
    let Some(accounts) = accounts(&mut probe) else {
        return Ok(unreadable(probe));
    };
    let mut status = Status::Pass;
    for user in &accounts.users {
        status = worse(status, records(&mut probe, &with, user));
    }
    for entry in &accounts.names_of_nobody {
        status = Status::Fail;
        probe.say(
            entry.at.clone(),
            ("a name that leads to no account", "该名称没有对应的账户"),
            format!(r"Users\{:08X}", entry.fact.rid),
            entry.fact.name.as_str(),
        );
    }
    let administrators = members(&accounts, ADMINISTRATORS);
    let allowed = |list: &[String], who: &str| list.iter().any(|p| matches(p, who));
    for (at, sid) in &administrators {
        let user = user_of(&accounts, sid);
        let who = user.map_or(sid.as_str(), |u| name(&u.fact));
        let built_in = user.is_some_and(|u| u.fact.rid == ADMINISTRATOR);
        if !built_in && !allowed(&with.administrators, who) {
            // A name with this end is left out of lists by programs that ask for users.
            let ends = who.ends_with('$');
            status = worse(status, if ends { Status::Fail } else { Status::Warn });
            probe.say(
                at.clone(),
                ("a further administrator", "额外的管理员"),
                with.administrators.join(", "),
                format!("{who} ({sid})"),
            );
        }
    }
    for (at, sid) in members(&accounts, REMOTE_USERS) {
        let who = accounts.named(&sid).to_owned();
        if !allowed(&with.remote_users, &who) {
            status = worse(status, Status::Warn);
            probe.say(
                at,
                ("a user of the remote desktop", "远程桌面用户"),
                with.remote_users.join(", "),
                format!("{who} ({sid})"),
            );
        }
    }
    status = worse(status, unlisted(&mut probe, &with, &accounts));
    let (en, zh) = match status {
        Status::Pass => ("no account is hidden", "没有隐藏账户"),
        Status::Warn => (
            "accounts beyond the usual ones want a look",
            "存在需要关注的额外账户",
        ),
        _ => (
            "an account is hidden or stands for another",
            "存在隐藏或冒充的账户",
        ),
    };
    Ok(probe.end(status, en, zh))
}

/// What is wrong with the record of one user.
fn records(probe: &mut Probe<'_>, with: &HiddenWith, user: &Found<LocalUser>) -> Status {
    let it = &user.fact;
    let mut status = Status::Pass;
    if let Some(control) = &it.account {
        if control.record_rid != it.rid {
            status = Status::Fail;
            probe.say(
                value(user, "F"),
                (
                    format!("who logs on as {} is another account", name(it)),
                    format!("以 {} 登录的实际为另一账户", name(it)),
                ),
                format!("RID {}", it.rid),
                format!("RID {}", control.record_rid),
            );
        }
        if with.disabled.contains(&it.rid) && !control.disabled {
            status = Status::Fail;
            probe.say(
                value(user, "F"),
                (
                    format!("{} is enabled", name(it)),
                    format!("{} 已启用", name(it)),
                ),
                "disabled",
                flags(control),
            );
        }
        if name(it).ends_with('$') && !control.disabled {
            status = worse(status, Status::Warn);
            probe.say(
                value(user, "V"),
                (
                    "a name that lists of users leave out",
                    "用户列表会省略的名称",
                ),
                "a name without $ at its end",
                name(it),
            );
        }
    }
    if it.hidden == Some(true) {
        status = Status::Fail;
        probe.say(
            user.at.clone(),
            (
                format!("no name leads to {}, so no list shows it", name(it)),
                format!("没有名称指向 {}，任何列表都不会显示", name(it)),
            ),
            "a key under Users\\Names",
            "none",
        );
    }
    let others: Vec<&str> = (it.listed_names.iter())
        .map(String::as_str)
        .filter(|n| {
            it.name
                .as_deref()
                .is_some_and(|own| !own.eq_ignore_ascii_case(n))
        })
        .collect();
    if !others.is_empty() {
        status = Status::Fail;
        probe.say(
            value(user, "V"),
            ("another name leads to this account", "另有名称指向该账户"),
            name(it),
            others.join(", "),
        );
    }
    status
}

/// The members of a group that every Windows has, each with the group's place.
fn members(accounts: &Accounts, rid: u32) -> Vec<(Location, String)> {
    let groups = accounts.groups.iter();
    groups
        .filter(|g| g.fact.domain == "Builtin" && g.fact.rid == rid)
        .flat_map(|g| {
            let at = Location {
                value: Some("C".into()),
                ..g.at.clone()
            };
            g.fact.members.iter().map(move |m| (at.clone(), m.clone()))
        })
        .collect()
}

/// The user of this machine with that SID.
fn user_of<'a>(accounts: &'a Accounts, sid: &str) -> Option<&'a Found<LocalUser>> {
    let rest = sid.strip_prefix(accounts.machine_sid.as_deref()?)?;
    let rid: u32 = rest.strip_prefix('-')?.parse().ok()?;
    accounts.users.iter().find(|u| u.fact.rid == rid)
}

/// Accounts that the logon screen does not show.
fn unlisted(probe: &mut Probe<'_>, with: &HiddenWith, accounts: &Accounts) -> Status {
    let key =
        r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\Winlogon\SpecialAccounts\UserList";
    let mut status = Status::Pass;
    for entry in probe.values(key, "*") {
        let who = entry.fact.name.clone();
        if with.unlisted.iter().any(|p| matches(p, &who)) {
            continue;
        }
        let user = accounts.users.iter().find(|u| {
            let same = |n: &str| n.eq_ignore_ascii_case(&who);
            u.fact.name.as_deref().is_some_and(same) || u.fact.listed_names.iter().any(|n| same(n))
        });
        let Some(user) = user else {
            continue;
        };
        let enabled = user.fact.account.as_ref().is_none_or(|a| !a.disabled);
        let administers = members(accounts, ADMINISTRATORS)
            .iter()
            .any(|(_, sid)| user_of(accounts, sid).is_some_and(|u| u.fact.rid == user.fact.rid));
        let found = if enabled && administers {
            Status::Fail
        } else {
            Status::Warn
        };
        status = worse(status, found);
        probe.say(
            entry.at,
            (
                "the logon screen does not show this account",
                "登录界面不显示该账户",
            ),
            with.unlisted.join(", "),
            format!(
                "{who}{}",
                if administers {
                    ", an administrator"
                } else {
                    ""
                }
            ),
        );
    }
    status
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct ProfileWith {
    /// Versions of Windows servers that lose the profile (`6.0`).
    versions: Vec<String>,
    /// Folders of the profile that hold a user's data.
    folders: Vec<String>,
    /// Patterns of names in them that a new profile has too.
    usual: Vec<String>,
    /// Answer files that may ask for the profile to be kept.
    answer_files: Vec<String>,
}

/// WIN-ACCT-004.
pub(super) fn profile(context: &Context<'_>) -> Result<Outcome> {
    let with: ProfileWith = context.check.with()?;
    let mut probe = Probe::new(context);
    let os = &context.evidence.guest.os;
    let version = os.version.clone().unwrap_or_default();
    let edition = os.edition.clone().unwrap_or_default();
    let product = os.name.clone().unwrap_or_default();
    let key = r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion";
    let at = probe.place(key, "CurrentVersion");
    probe.say(
        at,
        (
            format!("{product}, {edition}"),
            format!("{product}，{edition}"),
        ),
        with.versions.join(", "),
        version.clone(),
    );
    if version.is_empty() {
        return Ok(probe.end(
            Status::Unknown,
            "the version of Windows can't be told",
            "无法判断 Windows 版本",
        ));
    }
    let server = edition.starts_with("Server") || product.contains("Server");
    if !server || !with.versions.contains(&version) {
        return Ok(probe.end(
            Status::NotApplicable,
            "this version of Windows keeps the profile",
            "该版本 Windows 会保留用户配置",
        ));
    }
    let profiles = probe.windows.profiles();
    probe.gaps.extend(profiles.gaps.iter().cloned());
    let own = |sid: &Option<String>| sid.as_deref().is_some_and(|s| s.ends_with("-500"));
    let mut found = false;
    for profile in profiles.items.iter().filter(|p| own(&p.fact.sid)) {
        for folder in &with.folders {
            let path = format!("{}/{}", profile.fact.folder, folder);
            let read = context.evidence.files.names(&path);
            let names = probe.keep(read).unwrap_or_default();
            probe.gaps.extend(names.gaps);
            for name in names.names {
                if !with.usual.iter().any(|p| matches(p, &name)) {
                    found = true;
                    probe.note(
                        Location::of_path(format!("{path}/{name}")),
                        "data in the profile that instances will not have",
                        "实例中将丢失的用户配置数据",
                    );
                }
            }
        }
    }
    let copied = copies(&mut probe, &with);
    let (status, en, zh) = match (found, copied) {
        (false, _) => (
            Status::Pass,
            "Administrator's profile holds nothing of the product",
            "Administrator 的用户配置中没有产品数据",
        ),
        (true, true) => (
            Status::Warn,
            "Administrator's profile holds data; an answer file copies the profile",
            "Administrator 的用户配置中有数据，应答文件要求复制该配置",
        ),
        (true, false) => (
            Status::Warn,
            "Administrator's profile holds data that instances will not have",
            "Administrator 的用户配置中有数据，实例中将丢失",
        ),
    };
    Ok(probe.end(status, en, zh))
}

/// True where an answer file makes the profile the one of every new user.
fn copies(probe: &mut Probe<'_>, with: &ProfileWith) -> bool {
    let mut copied = false;
    for path in &with.answer_files {
        let read = probe.windows.lines(path);
        let lines = match read {
            Ok(lines) => lines.items,
            Err(gap) => {
                probe.gaps.push(gap);
                continue;
            }
        };
        for line in lines {
            let text = line.fact.to_ascii_lowercase().replace(' ', "");
            if text.contains("<copyprofile>true") {
                copied = true;
                probe.note(line.at, "the profile is copied", "复制用户配置");
            }
        }
    }
    copied
}
