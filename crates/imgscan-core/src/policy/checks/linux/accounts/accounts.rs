//! Accounts: empty passwords, further accounts of root's power, hidden accounts.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::error::Result;
use crate::evidence::Found;
use crate::evidence::linux::{Account, Accounts, Database, Password};
use crate::policy::checks::findings::tidy;
use crate::policy::{Context, Item, Outcome, Status};
use crate::text::terminal;

/// LNX-ACCT-001.
pub(in crate::policy::checks) fn empty_password(context: &Context<'_>) -> Result<Outcome> {
    let linux = &context.evidence.linux;
    let accounts = linux.accounts();
    let (mut fails, mut warns) = (Vec::new(), Vec::new());
    let mut needs_shadow = false;
    for user in accounts.active().filter(|u| !u.fact.is_nis()) {
        let name = terminal(&user.fact.name);
        let (class, at) = match &user.fact.password {
            Password::Shadowed => match accounts.shadow_of(&user.fact.name) {
                Some(entry) => (&entry.fact.password, &entry.at),
                None => {
                    needs_shadow |= !accounts.has_shadow;
                    continue;
                }
            },
            own => (own, &user.at),
        };
        let item = |en: &str, zh: &str| {
            Item::new(at.clone(), format!("{name}: {en}"), format!("{name}：{zh}"))
                .compare("a locked or hashed password", class.word())
        };
        match class {
            Password::Empty if user.fact.can_log_in() => fails.push(item(
                "empty password, and the shell lets its user in",
                "口令为空，且 shell 允许登录",
            )),
            Password::Empty => warns.push(item(
                "empty password; the shell lets nobody in",
                "口令为空；其 shell 不允许登录",
            )),
            Password::Hash(_) if at == &user.at => warns.push(item(
                "a password hash stands in passwd, which everyone can read",
                "口令散列存放在人人可读的 passwd 文件中",
            )),
            _ => {}
        }
    }
    let empty = |e: &&Found<_>| {
        matches!(
            e,
            Found {
                fact: crate::evidence::linux::ShadowEntry {
                    password: Password::Empty,
                    database: Database::Backup,
                    ..
                },
                ..
            }
        )
    };
    for entry in accounts.shadow.iter().filter(empty) {
        let name = terminal(&entry.fact.name);
        warns.push(Item::new(
            entry.at.clone(),
            format!("{name}: empty password in the backup of shadow"),
            format!("{name}：shadow 备份文件中口令为空"),
        ));
    }
    let pam = linux.pam();
    for line in &pam.items {
        warns.push(
            Item::new(
                line.at.clone(),
                "PAM lets accounts without a password in (nullok)",
                "PAM 允许空口令登录（nullok）",
            )
            .compare("no nullok", line.fact.clone()),
        );
    }
    let ssh = linux.sshd();
    for setting in ssh
        .settings
        .iter()
        .filter(|s| s.fact.is("permitemptypasswords") && s.fact.value.eq_ignore_ascii_case("yes"))
    {
        warns.push(
            Item::new(
                setting.at.clone(),
                "sshd lets accounts without a password in",
                "sshd 允许空口令登录",
            )
            .compare("PermitEmptyPasswords no", "PermitEmptyPasswords yes"),
        );
    }
    let mut gaps = accounts.gaps.clone();
    gaps.extend(pam.gaps.iter().cloned());
    gaps.extend(ssh.gaps.iter().cloned());
    let outcome = if !fails.is_empty() {
        Outcome::new(
            Status::Fail,
            format!("{} accounts can be entered without a password", fails.len()),
            format!("有 {} 个账户无需口令即可登录", fails.len()),
        )
    } else if needs_shadow || accounts.users.is_empty() {
        Outcome::new(
            Status::Unknown,
            "there is no /etc/shadow (or /etc/passwd) to tell by",
            "缺少 /etc/shadow（或 /etc/passwd），无法判断",
        )
    } else if !warns.is_empty() {
        Outcome::new(
            Status::Warn,
            "no account can be entered without a password, but some settings prepare for it",
            "没有可空口令登录的账户，但存在相关的宽松设置",
        )
    } else {
        Outcome::new(
            Status::Pass,
            "no account has an empty password",
            "没有空口令账户",
        )
    };
    Ok(outcome.evidence(fails).evidence(warns).gaps(tidy(gaps)))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RootWith {
    /// Groups whose members can become root.
    groups: Vec<String>,
    /// Members that distributions put there themselves.
    members: Vec<String>,
}

/// LNX-ACCT-003.
pub(in crate::policy::checks) fn root_accounts(context: &Context<'_>) -> Result<Outcome> {
    let with: RootWith = context.check.with()?;
    let accounts = context.evidence.linux.accounts();
    let (mut fails, mut warns) = (Vec::new(), Vec::new());
    users(accounts, &mut fails, &mut warns);
    duplicates(accounts, &mut warns);
    groups(accounts, &with, &mut fails, &mut warns);
    for at in &accounts.sss {
        warns.push(Item::new(
            at.clone(),
            "further accounts (a cache of remote ones, a user record), which this version does not read",
            "其他账户来源（远程账户缓存或 userdb 记录），当前版本无法读取",
        ));
    }
    let outcome = if !fails.is_empty() {
        Outcome::new(
            Status::Fail,
            format!(
                "{} entries give root's power or hide an account",
                fails.len()
            ),
            format!("有 {} 条记录赋予 root 权限或隐藏账户", fails.len()),
        )
    } else if accounts.active().next().is_none() {
        Outcome::new(
            Status::Unknown,
            "no account was found in /etc/passwd",
            "/etc/passwd 中未找到任何账户",
        )
    } else if !warns.is_empty() {
        Outcome::new(
            Status::Warn,
            "only root has user id 0, but something is worth a look",
            "仅 root 的 UID 为 0，但存在需要留意的项",
        )
    } else {
        Outcome::new(
            Status::Pass,
            "only root has user id 0",
            "仅 root 的 UID 为 0",
        )
    };
    Ok(outcome
        .evidence(fails)
        .evidence(warns)
        .gaps(tidy(accounts.gaps.clone())))
}

/// `passwd` of one user as a report may show it.
fn line(user: &Account) -> String {
    let id = |n: Option<u32>| n.map_or_else(|| "?".into(), |n| n.to_string());
    terminal(&format!(
        "{}:{}:{}:{}:{}",
        user.name,
        id(user.uid),
        id(user.gid),
        user.home,
        user.shell
    ))
}

fn users(accounts: &Accounts, fails: &mut Vec<Item>, warns: &mut Vec<Item>) {
    let mut roots = 0;
    for user in &accounts.users {
        let backup = user.fact.database == Database::Backup;
        let item = |en: &str, zh: &str| {
            Item::new(user.at.clone(), en, zh).compare("only root with user id 0", line(&user.fact))
        };
        if user.fact.is_nis() {
            let list = if backup { &mut *warns } else { &mut *fails };
            list.push(item(
                "a NIS line lets in accounts that are not in the image",
                "NIS 条目会引入镜像之外的账户",
            ));
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
                warns.push(item(
                    "the backup of passwd holds a further account with user id 0",
                    "passwd 备份文件中存在其他 UID 为 0 的账户",
                ));
            } else if second {
                fails.push(item(
                    "a further account with user id 0",
                    "多余的 UID 0 账户",
                ));
            }
        }
        if backup {
            continue;
        }
        if hidden_name(&user.fact.name) {
            fails.push(item(
                "a name with blanks, control or invisible characters hides the account",
                "账户名含空白、控制或不可见字符，用于隐藏账户",
            ));
        } else if user.fact.uid.is_none() {
            warns.push(item("no number as user id", "UID 字段不是数字"));
        }
    }
}

fn hidden_name(name: &str) -> bool {
    name.is_empty()
        || terminal(name) != name
        || name.contains(char::is_whitespace)
        || name.contains('\\')
}

fn duplicates(accounts: &Accounts, warns: &mut Vec<Item>) {
    let mut by_id: BTreeMap<u32, &Found<Account>> = BTreeMap::new();
    for user in accounts.active() {
        let Some(uid) = user.fact.uid.filter(|u| *u != 0) else {
            continue;
        };
        if let Some(first) = by_id.get(&uid) {
            warns.push(
                Item::new(
                    user.at.clone(),
                    format!("the same user id as {}", terminal(&first.fact.name)),
                    format!("与 {} 的 UID 相同", terminal(&first.fact.name)),
                )
                .compare("one account for each user id", line(&user.fact)),
            );
        } else {
            by_id.insert(uid, user);
        }
    }
}

fn groups(accounts: &Accounts, with: &RootWith, fails: &mut Vec<Item>, warns: &mut Vec<Item>) {
    let mut ids = BTreeMap::new();
    for group in accounts
        .groups
        .iter()
        .filter(|g| g.fact.database != Database::Backup)
    {
        let name = &group.fact.name;
        if name.starts_with('+') {
            fails.push(Item::new(
                group.at.clone(),
                "a NIS line lets in groups that are not in the image",
                "NIS 条目会引入镜像之外的用户组",
            ));
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
                warns.push(member_item(group.at.clone(), member, name));
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
            warns.push(member_item(user.at.clone(), &user.fact.name, group));
        }
    }
}

fn member_item(at: crate::evidence::Location, member: &str, group: &str) -> Item {
    let (member, group) = (terminal(member), terminal(group));
    Item::new(
        at,
        format!("{member} is a member of {group}, whose members can become root"),
        format!("{member} 属于 {group} 组，该组成员可获得 root 权限"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::linux::testing::Build;
    use crate::policy::checks::linux::testing::{check, status};

    const ROOT: &str = "root:x:0:0:root:/root:/bin/bash\n";

    fn empty(build: Build) -> Status {
        status("LNX-ACCT-001", build)
    }

    fn roots(passwd: &str) -> Status {
        status(
            "LNX-ACCT-003",
            Build::bare().file("/etc/passwd", 0o644, passwd),
        )
    }

    #[test]
    fn an_empty_password_is_found_with_file_and_line() {
        assert_eq!(empty(Build::bare()), Status::Pass);
        let result = check(
            "LNX-ACCT-001",
            Build::bare()
                .file(
                    "/etc/passwd",
                    0o644,
                    format!("{ROOT}eve:x:1000:1000::/home/eve:/bin/sh\n"),
                )
                .file("/etc/shadow", 0o640, "root:*:1::::::\neve::1::::::\n"),
        );
        assert_eq!(result.status, Status::Fail);
        let at = &result.evidence[0].at;
        assert_eq!(
            (at.path.as_deref(), at.line),
            (Some("/etc/shadow"), Some(2))
        );
        assert_eq!(
            empty(Build::bare().file("/etc/passwd", 0o644, "root::0:0::/root:/bin/sh\n")),
            Status::Fail
        );
    }

    #[test]
    fn what_only_prepares_for_empty_passwords_warns() {
        let nologin = Build::bare()
            .file(
                "/etc/passwd",
                0o644,
                format!("{ROOT}d:x:9:9::/:/usr/sbin/nologin\n"),
            )
            .file("/etc/shadow", 0o640, "root:*:1::::::\nd::1::::::\n");
        assert_eq!(empty(nologin), Status::Warn);
        assert_eq!(
            empty(Build::bare().file(
                "/etc/pam.d/common-auth",
                0o644,
                "auth [success=1 default=ignore] pam_unix.so nullok\n"
            )),
            Status::Warn
        );
        assert_eq!(
            empty(Build::bare().file(
                "/etc/pam.d/common-auth",
                0o644,
                "# auth required pam_unix.so nullok\npassword required pam_unix.so nullok\n"
            )),
            Status::Pass
        );
        assert_eq!(
            empty(Build::bare().file("/etc/ssh/sshd_config", 0o644, "PermitEmptyPasswords yes\n")),
            Status::Warn
        );
        assert_eq!(
            empty(Build::bare().file("/etc/ssh/sshd_config", 0o644, "PermitEmptyPasswords no\n")),
            Status::Pass
        );
        assert_eq!(
            empty(Build::bare().file("/etc/shadow-", 0o600, "root::1::::::\n")),
            Status::Warn
        );
        let hash = check(
            "LNX-ACCT-001",
            Build::bare().file(
                "/etc/passwd",
                0o644,
                "root:$6$x$SECRET:0:0::/root:/bin/sh\n",
            ),
        );
        assert_eq!(hash.status, Status::Warn);
        assert!(!format!("{hash:?}").contains("SECRET"));
    }

    #[test]
    fn a_shell_counts_as_closed_only_as_a_program_of_the_system() {
        let with = |shell: &str, field: &str| {
            empty(
                Build::bare()
                    .file(
                        "/etc/passwd",
                        0o644,
                        format!("{ROOT}eve:{field}:1000:1000::/home/eve:{shell}\n"),
                    )
                    .file("/etc/shadow", 0o640, "root:*:1::::::\neve::1::::::\n"),
            )
        };
        assert_eq!(with("/usr/sbin/nologin", "x"), Status::Warn);
        assert_eq!(with("/bin/false", "x"), Status::Warn);
        assert_eq!(with("/tmp/nologin", "x"), Status::Fail);
        assert_eq!(with("", "x"), Status::Fail);
        // pam_unix looks into shadow for *NP* too.
        assert_eq!(with("/bin/sh", "*NP*"), Status::Fail);
    }

    #[test]
    fn without_shadow_nothing_is_known() {
        assert_eq!(empty(Build::bare().missing("/etc/shadow")), Status::Unknown);
        assert_eq!(
            empty(Build::bare().link("/etc/shadow", "/nowhere")),
            Status::Unknown
        );
    }

    #[test]
    fn a_second_uid_0_and_hidden_accounts_fail() {
        assert_eq!(roots(ROOT), Status::Pass);
        assert_eq!(
            roots(&format!("{ROOT}toor:x:0:0::/root:/bin/sh\n")),
            Status::Fail
        );
        assert_eq!(
            roots(&format!("{ROOT}toor:x:00:0::/root:/bin/sh\n")),
            Status::Fail
        );
        for uid in ["-0", "+0", " 0", "000"] {
            let line = format!("{ROOT}toor:x:{uid}:0::/root:/bin/sh\n");
            assert_eq!(roots(&line), Status::Fail, "{uid}");
        }
        assert_eq!(roots(&format!("{ROOT}{ROOT}")), Status::Fail);
        assert_eq!(roots(&format!("{ROOT}+::::::\n")), Status::Fail);
        assert_eq!(
            roots(&format!("{ROOT}a\x08b:x:7:7::/:/bin/sh\n")),
            Status::Fail
        );
        assert_eq!(
            roots(&format!("{ROOT}bin :x:7:7::/:/bin/sh\n")),
            Status::Fail
        );
        let extra = Build::bare().file("/var/lib/extrausers/passwd", 0o644, "x:x:0:0::/:/bin/sh\n");
        assert_eq!(status("LNX-ACCT-003", extra), Status::Fail);
    }

    #[test]
    fn duplicates_members_and_backups_warn() {
        assert_eq!(
            roots(&format!("{ROOT}a:x:7:7::/:/bin/sh\nb:x:7:8::/:/bin/sh\n")),
            Status::Warn
        );
        let acct = |b| status("LNX-ACCT-003", b);
        assert_eq!(
            acct(Build::bare().file("/etc/group", 0o644, "root:x:0:\nsudo:x:27:eve\n")),
            Status::Warn
        );
        assert_eq!(
            acct(Build::bare().file("/etc/group", 0o644, "sudo:x:27:ubuntu\n")),
            Status::Pass
        );
        assert_eq!(
            acct(Build::bare().file("/etc/passwd-", 0o644, format!("{ROOT}x:x:0:0::/:/bin/sh\n"))),
            Status::Warn
        );
        assert_eq!(
            roots(&format!("{ROOT}sync:x:5:0::/sbin:/bin/sync\n")),
            Status::Pass
        );
        assert_eq!(
            roots(&format!("{ROOT}eve:x:5:27::/home/eve:/bin/sh\n")),
            Status::Warn
        );
        assert_eq!(acct(Build::bare().missing("/etc/passwd")), Status::Unknown);
    }
}
