//! Names of accounts that pass for others.

use super::local_accounts::{ADMINISTRATOR, value};
use crate::evidence::windows::Accounts;
use crate::policy::checks::findings::Findings;
use crate::policy::checks::windows::leaks::contents::plain_name;
use crate::policy::{Item, Status};
use crate::text::{Text, reorders_or_hides};

/// Names of accounts and groups that are no users.
const OF_WINDOWS: [&str; 9] = [
    "system",
    "localsystem",
    "local service",
    "localservice",
    "network service",
    "networkservice",
    "administrators",
    "trustedinstaller",
    "nt authority",
];

/// Files names with characters that are not seen, and those that look like another account's.
pub(super) fn odd(accounts: &Accounts, found: &mut Findings) {
    let looks: Vec<String> = accounts
        .users
        .iter()
        .map(|user| look(user.fact.name.as_deref()))
        .collect();
    for (i, user) in accounts.users.iter().enumerate() {
        let Some(name) = user.fact.name.as_deref() else {
            continue;
        };
        let unseen = |c: char| reorders_or_hides(c) || c.is_control();
        let hides = name.chars().any(unseen) || name.trim() != name || name.is_empty();
        let look = looks.get(i).map_or("", String::as_str);
        let others = looks.iter().enumerate().filter(|(at, _)| *at != i);
        let twin = others.map(|(_, look)| look).any(|other| other == look);
        let passes = twin || user.fact.rid != ADMINISTRATOR && OF_WINDOWS.contains(&look);
        if !hides && !passes {
            continue;
        }
        // Of two that look alike the built-in one is the original.
        let own = !hides && user.fact.rid <= ADMINISTRATOR + 4;
        let status = if own { Status::Pass } else { Status::Fail };
        let item = Item::at(value(user, "V"), say!(win_acct_002_odd_name));
        found.add(
            status,
            item.compare(say!(win_acct_002_own_name), Text::verbatim(name)),
        );
        if !own {
            found.fix(say!(win_acct_002_fix_account, user = name));
        }
    }
}

/// A name as it looks.
fn look(name: Option<&str>) -> String {
    let name = plain_name(name.unwrap_or_default());
    name.split_whitespace().collect::<Vec<_>>().join(" ")
}
