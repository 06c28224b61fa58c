//! What the checks of accounts ask in common.

use crate::evidence::windows::{Accounts, Control, LocalUser};
use crate::evidence::{Found, Location};
use crate::policy::Context;
use crate::policy::checks::findings::Findings;
use crate::text::Text;

/// RID of the account that the setup makes for the administrator.
pub(super) const ADMINISTRATOR: u32 = 500;

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
