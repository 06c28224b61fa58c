//! LNX-ACCT-004: no SSH key is left in the image.

use super::made;
use crate::evidence::Found;
use crate::evidence::linux::{CloudFact, Key, KeyKind, MadeKind};
use crate::policy::checks::findings::Findings;
use crate::policy::checks::linux::commands::word;
use crate::policy::checks::registry::NoParameters;
use crate::policy::{Context, Item, Outcome, Status};
use crate::text::{Arg, Text, terminal};

pub(in crate::policy::checks) fn run(context: &Context<'_>, _: &NoParameters) -> Outcome {
    let linux = &context.evidence.linux;
    let (keys, sshd) = (linux.keys(), linux.sshd());
    let mut found = Findings::with_gaps(&keys.gaps);
    found.gaps(sshd.gaps.iter().cloned());
    found.gaps(linux.accounts().gaps.iter().cloned());
    // cloud-init gives each machine host keys of its own, where it runs and is not told to keep
    // those of the image.
    let cloud = linux.cloud_init();
    let renewed = cloud.runs
        && !cloud
            .items
            .iter()
            .any(|i| i.fact == CloudFact::KeepsHostKeys);
    made::add(linux, &[MadeKind::Keys], &mut found);
    for server in sshd.servers.iter().filter(|s| s.fact.disguised) {
        let program = terminal(&server.fact.program);
        let note = say!(lnx_acct_004_other_server, program = program);
        let shown = Text::verbatim(terminal(&server.fact.command));
        found.unknown(
            Item::at(server.at.clone(), note).compare(say!(lnx_acct_004_own_server), shown),
        );
        found.fix(say!(
            lnx_acct_004_fix_server,
            place = terminal(&server.at.to_string())
        ));
    }
    for setting in sshd.in_force("hostbasedauthentication") {
        if setting.fact.value.eq_ignore_ascii_case("yes") {
            let item = Item::at(setting.at.clone(), say!(lnx_acct_004_hosts));
            let value = Text::verbatim(format!(
                "HostbasedAuthentication {}",
                terminal(&setting.fact.value)
            ));
            found.unknown(item.compare(say!(lnx_acct_004_not_set), value));
            found.fix(say!(
                lnx_acct_004_fix_setting,
                place = setting.at.to_string()
            ));
        }
    }
    for key in &keys.items {
        let (status, item) = described(key, renewed);
        found.add(status, item);
        if key.fact.kind != KeyKind::EmptyFile {
            found.fix(say!(
                lnx_acct_004_fix_file,
                file = terminal(&word(key.at.path.as_deref().unwrap_or_default()))
            ));
        }
    }
    // What a program answers is not in the image, so nobody can tell whom it lets in.
    for setting in &sshd.settings {
        if setting.fact.value.eq_ignore_ascii_case("none") {
            continue;
        }
        let (status, note) = if setting.fact.is("authorizedkeyscommand")
            || setting.fact.is("authorizedprincipalscommand")
        {
            (Status::Unknown, say!(lnx_acct_004_command))
        } else if setting.fact.is("authorizedprincipalsfile") {
            (Status::Warn, say!(lnx_acct_004_principals))
        } else {
            continue;
        };
        let value = Text::verbatim(terminal(&setting.fact.value));
        let item = Item::at(setting.at.clone(), note).compare(say!(lnx_acct_004_not_set), value);
        found.add(status, item);
        found.fix(say!(
            lnx_acct_004_fix_setting,
            place = setting.at.to_string()
        ));
    }
    found.conclude(|status, count| match status {
        Status::Fail => say!(lnx_acct_004_fail, count = count),
        Status::Unknown => say!(lnx_acct_004_unknown),
        Status::Warn => say!(lnx_acct_004_warn),
        _ => say!(lnx_acct_004_pass),
    })
}

/// What the key means for the image, and the key as evidence. `renewed`: each machine gets host keys of its own.
fn described(key: &Found<Key>, renewed: bool) -> (Status, Item) {
    let fact = &key.fact;
    let (status, note) = match fact.kind {
        KeyKind::Authorized if fact.forced_command => (Status::Fail, say!(lnx_acct_004_forced)),
        KeyKind::Authorized => (Status::Fail, say!(lnx_acct_004_authorized)),
        KeyKind::Authority => (Status::Fail, say!(lnx_acct_004_authority)),
        KeyKind::Private => (Status::Fail, say!(lnx_acct_004_private)),
        KeyKind::Unreadable => (Status::Unknown, say!(lnx_acct_004_no_key_line)),
        KeyKind::EmptyFile => (Status::Warn, say!(lnx_acct_004_empty_file)),
        KeyKind::HostPrivate if renewed => (Status::Warn, say!(lnx_acct_004_host_key)),
        // Whoever kept it can stand in for every machine made from the image.
        KeyKind::HostPrivate => (Status::Unknown, say!(lnx_acct_004_host_key)),
        KeyKind::KnownHosts => (Status::Warn, say!(lnx_acct_004_known_hosts)),
    };
    let mut shown: Vec<Arg> = Vec::new();
    shown.extend(fact.algorithm.clone().map(Arg::from));
    shown.extend(fact.fingerprint.clone().map(Arg::from));
    shown.extend(fact.comment.as_deref().map(|c| Arg::from(terminal(c))));
    shown.extend(fact.encrypted.map(|encrypted| {
        Arg::from(if encrypted {
            say!(lnx_acct_004_passphrase)
        } else {
            say!(lnx_acct_004_no_passphrase)
        })
    }));
    let item = Item::at(key.at.clone(), note);
    let item = if shown.is_empty() {
        item
    } else {
        item.compare(say!(lnx_acct_004_no_key), Text::list(shown))
    };
    (status, item)
}
