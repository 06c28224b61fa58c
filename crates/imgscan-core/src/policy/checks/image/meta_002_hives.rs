//! META-002: the registry's hives were clean, or their logs were replayed.

use crate::error::{Error, Layer};
use crate::evidence::Gap;
use crate::policy::checks::findings::Findings;
use crate::policy::checks::registry::NoParameters;
use crate::policy::{Context, Item, Outcome, Status};
use crate::text::Text;

pub(in crate::policy::checks) fn run(context: &Context<'_>, _: &NoParameters) -> Outcome {
    let mut found = Findings::new();
    for hive in found.keep(context.evidence.windows.hive_states()) {
        let it = &hive.fact;
        let name = it.name.as_str();
        let sequences = match it.sequences {
            Some((first, second)) => Text::verbatim(format!("{first}, {second}")),
            None => say!(meta_002_no_header),
        };
        for fault in &it.faults {
            let gap = Error::new(
                Layer::Hive,
                fault.kind,
                fault.offset,
                (*fault.detail).clone(),
            );
            found.gap(Gap::new(hive.at.clone(), &gap));
        }
        let (status, note) = match (&it.failed, it.replayed) {
            (Some(e), _) => {
                let gap = Error::new(Layer::Hive, e.kind, e.offset, (*e.detail).clone());
                found.gap(Gap::new(hive.at, &gap));
                continue;
            }
            (None, Some(count)) => (
                Status::Warn,
                say!(meta_002_replayed, name = name, count = count),
            ),
            (None, None) => (Status::Pass, say!(meta_002_clean, name = name)),
        };
        let item = Item::at(hive.at, note);
        found.add(status, item.compare(say!(meta_002_wanted), sequences));
    }
    found.conclude(|status, count| match status {
        Status::Warn => say!(meta_002_warn, count = count),
        _ => say!(meta_002_pass, count = count),
    })
}
