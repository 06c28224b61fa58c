//! LNX-ACCT-001: no account can be entered without a password.

use std::collections::BTreeMap;

use super::made;
use crate::evidence::linux::{Account, Database, MadeKind, Password};
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
    let shells = linux.shells();
    let hashes: BTreeMap<_, _> = linux.empty_hashes().iter().map(|h| (&h.at, h)).collect();
    let enters = |user: &Account| user.can_log_in() || shells.impostors.contains_key(&user.shell);
    let ssh = linux.sshd();
    let by_ssh = ssh
        .in_force("permitemptypasswords")
        .filter(|s| s.fact.says("yes"));
    let by_ssh: Vec<_> = by_ssh.collect();
    // A shadow file without a line for the accounts of passwd is not theirs.
    let mut shadowed = accounts
        .active()
        .filter(|u| u.fact.password == Password::Shadowed && !u.fact.is_nis())
        .peekable();
    needs_shadow |=
        shadowed.peek().is_some() && !shadowed.any(|u| accounts.shadow_of(&u.fact.name).is_some());
    let mut any_empty = false;
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
        let lock = |user: &str| say!(lnx_acct_001_fix_lock, user = terminal(&word(user)));
        let hash = hashes.get(at);
        match class {
            _ if hash.is_some_and(|h| !h.fact.certain) => {
                found.unknown(item(say!(lnx_acct_001_costly, user = name.as_str())));
                found.fix(lock(&user.fact.name));
            }
            _ if *class == Password::Empty || hash.is_some() => {
                any_empty = true;
                let note = match (enters(&user.fact), hash) {
                    (true, None) => say!(lnx_acct_001_enters, user = name.as_str()),
                    (true, Some(_)) => say!(lnx_acct_001_enters_by_hash, user = name.as_str()),
                    (false, _) => say!(lnx_acct_001_no_shell, user = name.as_str()),
                };
                if enters(&user.fact) {
                    found.fail(item(note));
                } else {
                    // Other services than a login may let it in, and tunnels need no shell.
                    found.unknown(item(note));
                }
                found.fix(lock(&user.fact.name));
                if let Some(at) = shells.impostors.get(&user.fact.shell) {
                    let shell = terminal(&user.fact.shell);
                    found.fail(Item::at(
                        at.clone(),
                        say!(lnx_acct_001_impostor, shell = shell),
                    ));
                }
            }
            // No method has this form; what a service makes of it can't be told.
            Password::Other if enters(&user.fact) => {
                found.unknown(item(say!(lnx_acct_001_no_form, user = name)));
                found.fix(lock(&user.fact.name));
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
    for line in pam.nullok.iter().filter(|_| any_empty) {
        found.warn(
            Item::at(line.at.clone(), say!(lnx_acct_001_nullok)).compare(
                say!(lnx_acct_001_no_nullok),
                Text::verbatim(terminal(&line.fact)),
            ),
        );
        found.fix(say!(lnx_acct_001_fix_nullok, file = line.at.to_string()));
    }
    for service in &pam.open {
        let name = terminal(&service.fact);
        found.fail(Item::at(
            service.at.clone(),
            say!(lnx_acct_001_pam_open, service = name),
        ));
        found.fix(say!(
            lnx_acct_001_fix_pam,
            place = terminal(&service.at.to_string())
        ));
    }
    for module in &pam.foreign {
        let name = terminal(&module.fact);
        found.unknown(Item::at(
            module.at.clone(),
            say!(lnx_acct_001_pam_module, name = name),
        ));
        found.fix(say!(
            lnx_acct_001_fix_pam,
            place = terminal(&module.at.to_string())
        ));
    }
    for console in linux.open_consoles() {
        let shown = Text::verbatim(terminal(&console.fact));
        let place = terminal(&console.at.to_string());
        let item = Item::at(console.at, say!(lnx_acct_001_console));
        found.fail(item.compare(say!(lnx_acct_001_console_asks), shown));
        found.fix(say!(lnx_acct_001_fix_console, place = place));
    }
    made::add(linux, &[MadeKind::Password], &mut found);
    found.gaps(ssh.gaps.iter().cloned());
    for setting in by_ssh {
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
    let unsure = found.count(Status::Unknown) > 0;
    if needs_shadow {
        found.fix_of_unknown(say!(lnx_acct_001_fix_shadow));
    }
    found.concluded(status, |status, count| match status {
        Status::Fail => say!(lnx_acct_001_fail, count = count),
        Status::Unknown if unsure => say!(lnx_acct_001_unsure),
        Status::Unknown => say!(lnx_acct_001_unknown),
        Status::Warn => say!(lnx_acct_001_warn),
        _ => say!(lnx_acct_001_pass),
    })
}
