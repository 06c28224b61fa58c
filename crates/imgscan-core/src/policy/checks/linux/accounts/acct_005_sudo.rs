//! LNX-ACCT-005: nobody becomes root without being asked.

use super::acct_003_root::{RootGroups, enters};
use super::made;
use crate::evidence::Found;
use crate::evidence::linux::{Account, Accounts, Database, Group, MadeKind, SudoRule};
use crate::policy::checks::findings::Findings;
use crate::policy::{Context, Item, Outcome, Status};
use crate::text::{Text, terminal};

/// The file of cloud-init's own rules, which it writes anew when a machine starts for the first time.
const CLOUD_INIT: &str = "/etc/sudoers.d/90-cloud-init-users";

pub(in crate::policy::checks) fn run(context: &Context<'_>, with: &RootGroups) -> Outcome {
    let linux = &context.evidence.linux;
    let (sudo, accounts) = (linux.sudo(), linux.accounts());
    let mut found = Findings::with_gaps(&sudo.gaps);
    found.gaps(accounts.gaps.iter().cloned());
    for rule in &sudo.rules {
        let mut worst = None;
        for who in &rule.fact.who {
            let next = judge(rule, who, accounts, with);
            worst = worst.max(next);
        }
        let Some(verdict) = worst else { continue };
        let (status, note) = match verdict {
            // Whoever made the image may know a password of that account.
            Verdict::Known if rule.fact.who.iter().any(|who| opens(accounts, who)) => {
                (Status::Unknown, say!(lnx_acct_005_listed))
            }
            Verdict::Known if rule.at.path.as_deref() == Some(CLOUD_INIT) => {
                found.pass(Item::at(rule.at.clone(), say!(lnx_acct_005_known)));
                continue;
            }
            Verdict::Known => (Status::Warn, say!(lnx_acct_005_known)),
            Verdict::Some => (Status::Unknown, say!(lnx_acct_005_some)),
            Verdict::Listed => (Status::Unknown, say!(lnx_acct_005_listed)),
            Verdict::All => (Status::Fail, say!(lnx_acct_005_all)),
        };
        add(&mut found, status, note, &rule.at, &rule.fact.text);
        if let Some(at) = &rule.fact.included {
            found.pass(Item::at(at.clone(), say!(lnx_acct_005_included)));
        }
    }
    for setting in &sudo.unasked {
        add(
            &mut found,
            Status::Unknown,
            say!(lnx_acct_005_unasked),
            &setting.at,
            &setting.fact,
        );
    }
    for line in &sudo.unclear {
        add(
            &mut found,
            Status::Unknown,
            say!(lnx_acct_005_unclear),
            &line.at,
            &line.fact,
        );
    }
    made::add(linux, &[MadeKind::Rights], &mut found);
    found.conclude(|status, count| match status {
        Status::Fail => say!(lnx_acct_005_fail, count = count),
        Status::Unknown => say!(lnx_acct_005_unknown),
        Status::Warn => say!(lnx_acct_005_warn),
        _ => say!(lnx_acct_005_pass),
    })
}

/// What a rule means, the worst last.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Verdict {
    /// An account that distributions make for whoever launches the image.
    Known,
    /// Some commands without a password.
    Some,
    /// Every command, with a password that the image may have set.
    Listed,
    /// Every command without a password.
    All,
}

fn add(
    found: &mut Findings,
    status: Status,
    note: Text,
    at: &crate::evidence::Location,
    text: &str,
) {
    let shown = Text::verbatim(terminal(text));
    found.add(
        status,
        Item::at(at.clone(), note).compare(say!(lnx_acct_005_expected), shown),
    );
    found.fix(say!(
        lnx_acct_005_fix_rule,
        place = terminal(&at.to_string())
    ));
}

fn judge(
    rule: &Found<SudoRule>,
    who: &str,
    accounts: &Accounts,
    with: &RootGroups,
) -> Option<Verdict> {
    let fact = &rule.fact;
    if who == "root" || who == "#0" || fact.packaged && !fact.no_password {
        return None;
    }
    if let Some(group) = who.strip_prefix('%') {
        // A group means its members, of whom LNX-ACCT-003 speaks where it leads to root anyway.
        if with.groups.iter().any(|g| g == group) && !fact.no_password {
            return None;
        }
        let members = members(accounts, group, with);
        return match (fact.no_password, fact.everything) {
            _ if members == Members::None && fact.no_password => Some(Verdict::Known),
            _ if members == Members::None => None,
            (true, true) if members == Members::Known => Some(Verdict::Known),
            (true, true) => Some(Verdict::All),
            (true, false) => Some(Verdict::Some),
            (false, _) => Some(Verdict::Listed),
        };
    }
    let known = with.members.iter().any(|m| m == who);
    match (fact.no_password, fact.everything) {
        _ if known => fact.no_password.then_some(Verdict::Known),
        (true, true) => Some(Verdict::All),
        (true, false) if fact.packaged => None,
        (true, false) => Some(Verdict::Some),
        (false, true) if who != "ALL" => Some(Verdict::Listed),
        // `Defaults targetpw` with `ALL ALL=(ALL) ALL`, as SUSE has it, asks for root's password.
        (false, _) => None,
    }
}

/// True where a password of the image opens the account `who`, or one of a group.
fn opens(accounts: &Accounts, who: &str) -> bool {
    let Some(group) = who.strip_prefix('%') else {
        let mut named = accounts.active().filter(|u| u.fact.name == who);
        return named.any(|user| enters(accounts, user));
    };
    let (ids, names) = of_group(accounts, group);
    let inside = |u: &Found<Account>| {
        u.fact.gid.is_some_and(|g| ids.contains(&g)) || names.contains(&u.fact.name.as_str())
    };
    let mut members = accounts.active().filter(|u| inside(u));
    members.any(|user| enters(accounts, user))
}

/// The ids of `group`, and the names of whom it lists.
fn of_group<'a>(accounts: &'a Accounts, group: &str) -> (Vec<u32>, Vec<&'a str>) {
    let own = |g: &&Found<Group>| g.fact.database != Database::Backup && g.fact.name == group;
    let groups: Vec<&Found<Group>> = accounts.groups.iter().filter(own).collect();
    let ids = groups.iter().filter_map(|g| g.fact.gid).collect();
    let names = groups.iter().flat_map(|g| &g.fact.members);
    (ids, names.map(String::as_str).collect())
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Members {
    None,
    Known,
    Others,
}

fn members(accounts: &Accounts, group: &str, with: &RootGroups) -> Members {
    let (ids, mut names) = of_group(accounts, group);
    names.extend(
        accounts
            .active()
            .filter(|u| u.fact.gid.is_some_and(|g| ids.contains(&g)))
            .map(|u| u.fact.name.as_str()),
    );
    names.retain(|n| *n != "root");
    if names.is_empty() {
        Members::None
    } else if names.iter().all(|n| with.members.iter().any(|m| m == n)) {
        Members::Known
    } else {
        Members::Others
    }
}
