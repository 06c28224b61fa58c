//! What the image makes when it boots, as items of the checks that it concerns.

use crate::evidence::linux::{Linux, MadeKind};
use crate::policy::Item;
use crate::policy::checks::findings::Findings;
use crate::text::{Text, terminal};

/// Adds what is made of `kinds`: a failure where the image says what, unknown where it may.
pub(super) fn add(linux: &Linux<'_>, kinds: &[MadeKind], found: &mut Findings) {
    for made in linux.accounts_made() {
        if !kinds.contains(&made.fact.kind) {
            continue;
        }
        let note = match made.fact.kind {
            MadeKind::Account => say!(linux_made_account),
            MadeKind::Password => say!(linux_made_password),
            MadeKind::Keys => say!(linux_made_keys),
            MadeKind::Rights => say!(linux_made_rights),
        };
        let shown = Text::verbatim(terminal(&made.fact.by));
        let item = Item::at(made.at.clone(), note).compare(say!(linux_made_nothing), shown);
        if made.fact.certain {
            found.fail(item);
        } else {
            found.unknown(item);
        }
        found.fix(say!(linux_made_fix, place = terminal(&made.at.to_string())));
    }
    found.gaps(linux.run().gaps.iter().cloned());
    found.gaps(linux.cloud_init().gaps.iter().cloned());
    found.gaps(linux.made_at_boot().gaps.iter().cloned());
}
