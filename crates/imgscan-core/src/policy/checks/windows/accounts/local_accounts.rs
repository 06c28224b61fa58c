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

/// Well-known SIDs in the token of every account that is logged on, by one way or another
/// (\[MS-DTYP\] 2.4.2.4): Everyone, Network, Interactive, Authenticated Users, Terminal Server User,
/// Remote Interactive Logon, This Organization, Local account, Local, Console Logon, NTLM, Users.
const OF_EVERY_LOGON: [&str; 12] = [
    "S-1-1-0",
    "S-1-5-2",
    "S-1-5-4",
    "S-1-5-11",
    "S-1-5-13",
    "S-1-5-14",
    "S-1-5-15",
    "S-1-5-113",
    "S-1-2-0",
    "S-1-2-1",
    "S-1-5-64-10",
    "S-1-5-32-545",
];
/// Those of which everybody is besides, who can reach the machine: Batch, Anonymous, Guests. An account with
/// a password has them only as a member, so that what is denied to them keeps no administrator out.
const OF_STRANGERS: [&str; 3] = ["S-1-5-3", "S-1-5-7", "S-1-5-32-546"];
/// The group of all users of a machine, and that of its guests.
const ALL_USERS: u32 = 513;
const ALL_GUESTS: u32 = 514;
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
    is_of_every_logon(accounts, sid)
        || OF_STRANGERS.contains(&sid)
        || rid_here(accounts, sid) == Some(ALL_GUESTS)
}

/// True where every account of this machine is that, once it is logged on.
fn is_of_every_logon(accounts: &Accounts, sid: &str) -> bool {
    OF_EVERY_LOGON.contains(&sid) || rid_here(accounts, sid) == Some(ALL_USERS)
}

/// The relative identifier of a SID of this machine.
pub(in crate::policy::checks::windows) fn rid_here(accounts: &Accounts, sid: &str) -> Option<u32> {
    let rest = sid.strip_prefix(accounts.machine_sid.as_deref()?)?;
    rest.strip_prefix('-')?.parse().ok()
}

/// The members of a group that every Windows has: those of its own list, and those that the index
/// names beside it.
pub(in crate::policy::checks::windows) fn members(accounts: &Accounts, rid: u32) -> Vec<Member> {
    members_of(accounts, "Builtin", rid)
}

/// The members of a group of `domain`.
fn members_of(accounts: &Accounts, domain: &str, rid: u32) -> Vec<Member> {
    let groups = accounts.groups.iter();
    let groups = groups.filter(|g| g.fact.domain == domain && g.fact.rid == rid);
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
        if it.domain == domain && it.groups.contains(&rid) && !known {
            out.push(Member {
                at: entry.at.clone(),
                sid: it.sid.clone(),
            });
        }
    }
    out
}

/// True where what is granted or denied to `sid` holds for the user `rid` of this machine: it is in the token
/// of the user, who is that, or is in that group.
pub(in crate::policy::checks::windows) fn holds_for(
    accounts: &Accounts,
    sid: &str,
    rid: u32,
) -> bool {
    let is = |sid: &str| is_of_every_logon(accounts, sid) || rid_here(accounts, sid) == Some(rid);
    if is(sid) {
        return true;
    }
    // An administrator who is a local account, too.
    if sid == "S-1-5-114" {
        return members(accounts, ADMINISTRATORS).iter().any(|m| is(&m.sid));
    }
    let group = match sid.strip_prefix("S-1-5-32-").map(str::parse) {
        Some(Ok(alias)) => Some(("Builtin", alias)),
        _ => rid_here(accounts, sid).map(|rid| ("Account", rid)),
    };
    let Some((domain, group)) = group else {
        return false;
    };
    let mut users = accounts.users.iter();
    domain == "Account" && users.any(|u| u.fact.rid == rid && u.fact.groups.contains(&group))
        || members_of(accounts, domain, group)
            .iter()
            .any(|m| is(&m.sid))
}

/// The account control bits that say what kind of account it is (\[MS-SAMR\] 2.2.1.12): a usual one,
/// and one that only a smart card opens.
pub(super) const NORMAL: u16 = 0x0010;
pub(super) const SMART_CARD: u16 = 0x1000;

#[cfg(test)]
mod tests {
    use super::{ADMINISTRATOR, holds_for, is_everybody};
    use crate::evidence::windows::{Accounts, LocalGroup};
    use crate::evidence::{Found, Location};

    const GUESTS: u32 = 546;

    /// A machine with the groups of every Windows; `guests` are members of Guests besides the account Guest.
    fn machine(guests: &[&str]) -> Accounts {
        let sid = |rid: u32| format!("S-1-5-21-1-2-3-{rid}");
        let group = |rid, members| Found {
            fact: LocalGroup {
                domain: "Builtin",
                rid,
                name: None,
                members,
            },
            at: Location::default(),
        };
        let mut guests: Vec<String> = guests.iter().map(|g| (*g).to_owned()).collect();
        guests.push(sid(501));
        Accounts {
            at: Location::default(),
            machine_sid: Some("S-1-5-21-1-2-3".into()),
            password_rules: None,
            users: Vec::new(),
            names_of_nobody: Vec::new(),
            groups: vec![group(544, vec![sid(500)]), group(GUESTS, guests)],
            indexed: Vec::new(),
            gaps: Vec::new(),
        }
    }

    /// CIS, Microsoft Windows Server 2019 Benchmark 2.2.21 and 2.2.26: what is denied to Guests and to the local
    /// accounts who are administrators.
    #[test]
    fn what_is_denied_to_guests_keeps_the_administrator_out_where_he_is_one() {
        let denied = |machine: &Accounts, sid: &str| holds_for(machine, sid, ADMINISTRATOR);
        let usual = machine(&[]);
        for sid in [
            "S-1-5-32-546",
            "S-1-5-7",
            "S-1-5-21-1-2-3-501",
            "S-1-5-21-1-2-3-514",
        ] {
            assert!(!denied(&usual, sid), "{sid}");
        }
        for sid in ["S-1-5-32-546", "S-1-5-7", "S-1-5-3"] {
            assert!(is_everybody(&usual, sid), "{sid}");
        }
        for sid in [
            "S-1-1-0",
            "S-1-5-113",
            "S-1-5-114",
            "S-1-5-32-544",
            "S-1-5-21-1-2-3-513",
        ] {
            assert!(denied(&usual, sid), "{sid}");
        }
        for guest in ["S-1-5-21-1-2-3-500", "S-1-1-0", "S-1-5-113"] {
            assert!(denied(&machine(&[guest]), "S-1-5-32-546"), "{guest}");
        }
    }
}
