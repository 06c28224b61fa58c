//! What the checks of accounts ask in common.

use crate::evidence::windows::{Accounts, Control, LocalUser};
use crate::evidence::{Found, Location};
use crate::policy::Context;
use crate::policy::checks::findings::Findings;
use crate::text::Text;

/// RID of the account that the setup makes for the administrator.
pub(in crate::policy::checks::windows) const ADMINISTRATOR: u32 = 500;

/// The accounts; what can't be read is filed.
pub(super) fn accounts(context: &Context<'_>, found: &mut Findings) -> Option<Accounts> {
    match context.evidence.windows.accounts() {
        Ok(accounts) => {
            found.gaps(accounts.gaps.iter().cloned());
            Some(accounts)
        }
        Err(gap) => {
            found.gap(gap);
            None
        }
    }
}

/// The value `name` of a user's key.
pub(super) fn value(user: &Found<LocalUser>, name: &str) -> Location {
    Location {
        value: Some(name.into()),
        ..user.at.clone()
    }
}

/// The user's name, as far as it is known.
pub(super) fn name(user: &LocalUser) -> &str {
    user.name.as_deref().unwrap_or("?")
}

/// The account control bits with their names.
pub(super) fn flags(control: &Control) -> Text {
    let bits = format!("{:#06x}", control.control_bits);
    let all = [
        (control.disabled, say!(win_account_disabled)),
        (control.locked, say!(win_account_locked)),
        (
            control.password_not_required,
            say!(win_account_password_optional),
        ),
        (
            control.password_never_expires,
            say!(win_account_password_stays),
        ),
    ];
    let names = all
        .into_iter()
        .filter_map(|(set, name)| set.then_some(name));
    let names: Vec<Text> = names.collect();
    if names.is_empty() {
        return Text::verbatim(bits);
    }
    say!(win_account_flags, bits = bits, names = names)
}

/// Well-known SIDs of which everybody is, who can reach the machine or is logged on to it
/// (\[MS-DTYP\] 2.4.2.4): Everyone, Network, Batch, Interactive, Anonymous, Authenticated Users,
/// Remote Interactive Logon, This Organization, Local account, Local, NTLM, Users, Guests.
const EVERYBODY: [&str; 13] = [
    "S-1-1-0",
    "S-1-5-2",
    "S-1-5-3",
    "S-1-5-4",
    "S-1-5-7",
    "S-1-5-11",
    "S-1-5-14",
    "S-1-5-15",
    "S-1-5-113",
    "S-1-2-0",
    "S-1-5-64-10",
    "S-1-5-32-545",
    "S-1-5-32-546",
];
/// The group of all users of a machine, and that of its guests.
const ALL_USERS: [u32; 2] = [513, 514];
/// RID of the group Administrators.
pub(in crate::policy::checks::windows) const ADMINISTRATORS: u32 = 544;

/// A member of a group.
pub(in crate::policy::checks::windows) struct Member {
    /// What says so.
    pub(in crate::policy::checks::windows) at: Location,
    /// The member's SID.
    pub(in crate::policy::checks::windows) sid: String,
}

/// True where everybody is that, so that a group or right of it belongs to everybody.
pub(in crate::policy::checks::windows) fn is_everybody(accounts: &Accounts, sid: &str) -> bool {
    let all = |rid: u32| rid_here(accounts, sid) == Some(rid);
    EVERYBODY.contains(&sid) || ALL_USERS.into_iter().any(all)
}

/// The relative identifier of a SID of this machine.
pub(in crate::policy::checks::windows) fn rid_here(accounts: &Accounts, sid: &str) -> Option<u32> {
    let rest = sid.strip_prefix(accounts.machine_sid.as_deref()?)?;
    rest.strip_prefix('-')?.parse().ok()
}

/// The members of a group that every Windows has: those of its own list, and those that the index
/// names beside it.
pub(in crate::policy::checks::windows) fn members(accounts: &Accounts, rid: u32) -> Vec<Member> {
    let groups = accounts.groups.iter();
    let groups = groups.filter(|g| g.fact.domain == "Builtin" && g.fact.rid == rid);
    let mut out: Vec<Member> = groups
        .flat_map(|g| {
            let at = Location {
                value: Some("C".into()),
                ..g.at.clone()
            };
            let each = move |sid: &String| Member {
                at: at.clone(),
                sid: sid.clone(),
            };
            g.fact.members.iter().map(each)
        })
        .collect();
    for entry in &accounts.indexed {
        let it = &entry.fact;
        let known = out.iter().any(|m| m.sid == it.sid);
        if it.domain == "Builtin" && it.groups.contains(&rid) && !known {
            out.push(Member {
                at: entry.at.clone(),
                sid: it.sid.clone(),
            });
        }
    }
    out
}

/// True where what is said of `sid` holds for the user `rid` of this machine: it is that user's own,
/// everybody's, or that of a group that the user is in.
pub(in crate::policy::checks::windows) fn holds_for(
    accounts: &Accounts,
    sid: &str,
    rid: u32,
) -> bool {
    let is = |sid: &str| is_everybody(accounts, sid) || rid_here(accounts, sid) == Some(rid);
    if is(sid) {
        return true;
    }
    // An administrator who is a local account, too.
    if sid == "S-1-5-114" {
        return members(accounts, ADMINISTRATORS).iter().any(|m| is(&m.sid));
    }
    let alias = sid.strip_prefix("S-1-5-32-").and_then(|r| r.parse().ok());
    let groups = accounts.groups.iter();
    let own = groups
        .filter(|g| g.fact.domain == "Account" && rid_here(accounts, sid) == Some(g.fact.rid))
        .any(|g| g.fact.members.iter().any(|m| is(m)));
    own || alias.is_some_and(|alias| members(accounts, alias).iter().any(|m| is(&m.sid)))
}

/// The account control bits that say what kind of account it is (\[MS-SAMR\] 2.2.1.12): a usual one,
/// and one that only a smart card opens.
pub(super) const NORMAL: u16 = 0x0010;
pub(super) const SMART_CARD: u16 = 0x1000;
