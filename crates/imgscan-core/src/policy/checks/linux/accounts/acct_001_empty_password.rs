//! LNX-ACCT-001: no account can be entered without a password.

use crate::evidence::linux::{Database, Password};
use crate::policy::checks::findings::Findings;
use crate::policy::checks::linux::commands::{Commands, word};
use crate::policy::checks::registry::NoParameters;
use crate::policy::{Context, Item, Outcome, Status};
use crate::text::{Text, terminal};

pub(in crate::policy::checks) fn run(context: &Context<'_>, _: &NoParameters) -> Outcome {
    let linux = &context.evidence.linux;
    let accounts = linux.accounts();
    let mut found = Findings::with_gaps(&accounts.gaps);
    let mut needs_shadow = accounts.users.is_empty();
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
        let item = |note: Text| {
            Item::at(at.clone(), note).compare(say!(lnx_acct_001_expected), class.text())
        };
        match class {
            Password::Empty if user.fact.can_log_in() => {
                found.fail(item(say!(lnx_acct_001_enters, user = name.as_str())));
                found.fix(say!(
                    lnx_acct_001_fix_lock,
                    user = terminal(&word(&user.fact.name))
                ));
            }
            Password::Empty => {
                found.warn(item(say!(lnx_acct_001_no_shell, user = name.as_str())));
                found.fix(say!(
                    lnx_acct_001_fix_lock,
                    user = terminal(&word(&user.fact.name))
                ));
            }
            Password::Hash(_) if at == &user.at => {
                found.warn(item(say!(lnx_acct_001_hash_in_passwd, user = name)));
                let command = Commands::of(context).make_shadow();
                found.fix(say!(lnx_acct_001_fix_pwconv, command = command));
            }
            _ => {}
        }
    }
    let backup = accounts.shadow.iter().filter(|entry| {
        entry.fact.password == Password::Empty && entry.fact.database == Database::Backup
    });
    for entry in backup {
        let user = terminal(&entry.fact.name);
        found.warn(Item::at(
            entry.at.clone(),
            say!(lnx_acct_001_backup, user = user),
        ));
        found.fix(say!(lnx_acct_001_fix_backup));
    }
    let pam = linux.pam();
    found.gaps(pam.gaps.iter().cloned());
    for line in &pam.items {
        found.warn(
            Item::at(line.at.clone(), say!(lnx_acct_001_nullok))
                .compare(say!(lnx_acct_001_no_nullok), Text::verbatim(&*line.fact)),
        );
        found.fix(say!(lnx_acct_001_fix_nullok, file = line.at.to_string()));
    }
    let ssh = linux.sshd();
    found.gaps(ssh.gaps.iter().cloned());
    let lets_in = ssh
        .settings
        .iter()
        .filter(|s| s.fact.is("permitemptypasswords") && s.fact.value.eq_ignore_ascii_case("yes"));
    for setting in lets_in {
        found.warn(
            Item::at(setting.at.clone(), say!(lnx_acct_001_sshd)).compare(
                Text::verbatim("PermitEmptyPasswords no"),
                Text::verbatim("PermitEmptyPasswords yes"),
            ),
        );
        found.fix(say!(lnx_acct_001_fix_sshd, file = setting.at.to_string()));
    }
    let status = match found.worst() {
        Status::Fail => Status::Fail,
        _ if needs_shadow => Status::Unknown,
        worst => worst,
    };
    if needs_shadow {
        found.fix_of_unknown(say!(lnx_acct_001_fix_shadow));
    }
    found.concluded(status, |status, count| match status {
        Status::Fail => say!(lnx_acct_001_fail, count = count),
        Status::Unknown => say!(lnx_acct_001_unknown),
        Status::Warn => say!(lnx_acct_001_warn),
        _ => say!(lnx_acct_001_pass),
    })
}
