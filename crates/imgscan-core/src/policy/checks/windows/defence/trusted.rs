//! Whom Windows itself lets change what the whole machine runs, and who is a stranger there.

use crate::evidence::windows::Accounts;
use crate::policy::Context;
use crate::policy::checks::windows::accounts::local_accounts::ADMINISTRATORS;

/// SYSTEM, the two accounts of services, services as such, administrators, the enterprise's and the
/// domain's controllers, who made or owns an object, and the object itself.
const TRUSTED: [&str; 10] = [
    "S-1-5-18",
    "S-1-5-19",
    "S-1-5-20",
    "S-1-5-6",
    "S-1-5-32-544",
    "S-1-5-9",
    "S-1-3-0",
    "S-1-3-1",
    "S-1-3-4",
    "S-1-5-10",
];
/// Single services and tasks, and drivers of user mode.
const TRUSTED_KINDS: [&str; 3] = ["S-1-5-80-", "S-1-5-87-", "S-1-5-84-"];
/// Groups that Windows leaves empty and gives such rights; WIN-ACCT-002 tells who is in them: Power
/// Users, Server, Print, Backup and Network Configuration Operators, Hyper-V Administrators.
const OPERATORS: [u32; 6] = [547, 549, 550, 551, 556, 578];
/// The built-in administrator, and the administrators of a domain and of a forest.
const ADMINISTRATORS_OF_DOMAINS: [&str; 3] = ["-500", "-512", "-519"];

/// Tells who is no stranger.
pub(super) struct Trusted {
    /// Accounts of this machine that are administrators.
    administrators: Vec<String>,
}

impl Trusted {
    pub(super) fn of(context: &Context<'_>) -> Self {
        let accounts = context.evidence.windows.accounts();
        let administrators = accounts.map(|accounts| members(&accounts));
        Self {
            administrators: administrators.unwrap_or_default(),
        }
    }

    /// True for those that may change everything anyway.
    pub(super) fn holds(&self, sid: &str) -> bool {
        let operators = || {
            let rid = sid.strip_prefix("S-1-5-32-").and_then(|r| r.parse().ok());
            rid.is_some_and(|rid: u32| OPERATORS.contains(&rid))
        };
        let of_domain = || {
            let mut ends = ADMINISTRATORS_OF_DOMAINS.iter();
            sid.starts_with("S-1-5-21-") && ends.any(|end| sid.ends_with(end))
        };
        TRUSTED.contains(&sid)
            || TRUSTED_KINDS.iter().any(|kind| sid.starts_with(kind))
            || operators()
            || of_domain()
            || self.administrators.iter().any(|own| own == sid)
    }
}

/// The members of Administrators.
fn members(accounts: &Accounts) -> Vec<String> {
    let groups = accounts.groups.iter().map(|g| &g.fact);
    let own = groups.filter(|g| g.domain == "Builtin" && g.rid == ADMINISTRATORS);
    own.flat_map(|g| g.members.iter().cloned()).collect()
}
