//! LNX-ACCT-004: no SSH key is left in the image.

use std::collections::BTreeMap;

use super::made;
use crate::evidence::Found;
use crate::evidence::linux::{CloudFact, Key, KeyKind, MadeKind, Provenance, Setting};
use crate::policy::checks::findings::Findings;
use crate::policy::checks::linux::commands::word;
use crate::policy::checks::linux::fits;
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
    settings(context, &mut found);
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

/// The key of the machine itself in a Kerberos realm: krb5.conf(5), `default_keytab_name`.
const KEYTAB: &str = "/etc/krb5.keytab";
/// Variables by which the programs of a session load or run something else: ld.so(8), bash(1),
/// environ(7).
const LOADING: &[&str] = &[
    "LD_PRELOAD",
    "LD_LIBRARY_PATH",
    "LD_AUDIT",
    "BASH_ENV",
    "ENV",
    "PATH",
    "PROMPT_COMMAND",
    "SHELLOPTS",
    "PYTHONPATH",
    "PYTHONSTARTUP",
    "PERL5LIB",
    "PERL5OPT",
    "GCONV_PATH",
    "HOSTALIASES",
];
/// Settings that are told.
const MAX_TOLD: usize = 500;
/// Settings of which every occurrence counts.
const ADDING: &[&str] = &["subsystem", "acceptenv"];

/// Settings of sshd by which somebody comes in without a key or password of the image, or by which it
/// runs something for whoever comes in: sshd_config(5) of 9.2 and later.
fn settings(context: &Context<'_>, found: &mut Findings) {
    let sshd = context.evidence.linux.sshd();
    let file = found.read(context.evidence.files.file(KEYTAB));
    let keytab = file.is_some();
    let keywords = [
        "hostbasedauthentication",
        "rhostsrsaauthentication",
        "kerberosauthentication",
        "gssapiauthentication",
        "forcecommand",
        "xauthlocation",
        "securitykeyprovider",
        "sshdsessionpath",
        "sshdauthpath",
        "pamservicename",
        "setenv",
        "permituserenvironment",
    ];
    let mut held: Vec<&Found<Setting>> = Vec::new();
    for keyword in keywords {
        held.extend(sshd.in_force(keyword));
    }
    let adding = |s: &&Found<Setting>| ADDING.contains(&s.fact.keyword.as_str());
    held.extend(sshd.settings.iter().filter(adding));
    let mut known: BTreeMap<&[String], bool> = BTreeMap::new();
    let mut told = 0;
    for setting in held {
        let fact = &setting.fact;
        let loads = |name: &str| LOADING.contains(&name) || name.starts_with("LD_");
        let mut runs = |words| {
            let packaged = known.entry(words);
            !*packaged.or_insert_with(|| is_packaged(context, words))
        };
        let (hit, status, note) = match fact.keyword.as_str() {
            "hostbasedauthentication" | "rhostsrsaauthentication" => {
                (fact.says("yes"), Status::Unknown, say!(lnx_acct_004_hosts))
            }
            // The realm is one that the image names.
            "kerberosauthentication" => (
                fact.says("yes"),
                Status::Unknown,
                say!(lnx_acct_004_kerberos),
            ),
            "gssapiauthentication" => (
                fact.says("yes") && keytab,
                Status::Unknown,
                say!(lnx_acct_004_tickets),
            ),
            "forcecommand" => (
                !fact.says("none") && !fact.says("internal-sftp") && runs(&fact.arguments),
                Status::Unknown,
                say!(lnx_acct_004_runs),
            ),
            "subsystem" => {
                let words = fact.arguments.get(1..).unwrap_or_default();
                let own = words.first().is_some_and(|w| w == "internal-sftp");
                (
                    !own && runs(words),
                    Status::Unknown,
                    say!(lnx_acct_004_runs),
                )
            }
            "securitykeyprovider" if fact.says("internal") => continue,
            "xauthlocation" | "securitykeyprovider" | "sshdsessionpath" | "sshdauthpath" => (
                !fact.says("none") && runs(&fact.arguments),
                Status::Unknown,
                say!(lnx_acct_004_runs),
            ),
            "pamservicename" => (
                fact.first() != "sshd",
                Status::Unknown,
                say!(lnx_acct_004_pam_service),
            ),
            "setenv" => {
                let mut names = fact.arguments.iter();
                let hit = names.any(|w| w.split_once('=').is_some_and(|(name, _)| loads(name)));
                (hit, Status::Unknown, say!(lnx_acct_004_environment))
            }
            "acceptenv" => {
                let hit = fact
                    .arguments
                    .iter()
                    .any(|p| LOADING.iter().any(|name| fits(p, name)));
                (hit, Status::Warn, say!(lnx_acct_004_clients_environment))
            }
            _ => (
                !fact.says("no"),
                Status::Warn,
                say!(lnx_acct_004_clients_environment),
            ),
        };
        // Each of them says enough.
        if !hit || told == MAX_TOLD {
            continue;
        }
        told += 1;
        let value = Text::verbatim(terminal(&fact.text()));
        let item = Item::at(setting.at.clone(), note).compare(say!(lnx_acct_004_not_set), value);
        found.add(status, item);
        found.fix(say!(
            lnx_acct_004_fix_setting,
            place = terminal(&setting.at.to_string())
        ));
    }
}

/// True for a command of one program that stands as its package brought it, and that is told nothing
/// to run or read. Where no package says how its files stand, the usual server of SFTP is taken by its
/// name.
fn is_packaged(context: &Context<'_>, words: &[String]) -> bool {
    let Some((program, rest)) = words.split_first() else {
        return true;
    };
    let plain =
        |w: &String| !w.contains(['/', '|', ';', '&', '`', '$', '<', '>', '(']) && w != "-c";
    let server = program.rsplit('/').next() == Some("sftp-server");
    let standing = context.evidence.linux.provenance(program);
    program.starts_with('/')
        && rest.iter().all(plain)
        && match standing {
            Provenance::Unchanged => true,
            Provenance::Unknown => server,
            _ => false,
        }
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
