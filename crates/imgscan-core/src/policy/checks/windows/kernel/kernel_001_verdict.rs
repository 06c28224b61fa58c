//! WIN-KERNEL-001: what runs in ring 0 as a whole, by its level from K0 to K5.

use serde::Deserialize as _;

use super::proof::mend;
use crate::evidence::Location;
use crate::policy::checks::findings::{Findings, worse};
use crate::policy::checks::registry::NoParameters;
use crate::policy::checks::windows::boot::kernel_004_boot_settings::{self, BootSettings};
use crate::policy::levels::{Level, reasons, standing, system};
use crate::policy::load::{Mistake, Node};
use crate::policy::{Context, Item, Outcome, Status};
use crate::text::Text;

pub(in crate::policy::checks::windows) fn run(context: &Context<'_>, _: &NoParameters) -> Outcome {
    let ring0 = context.evidence.windows.ring0();
    // Of Windows no object has such arguments.
    let arguments = &context.shared.kernel_arguments;
    let whole = system(ring0, arguments);
    let boot = match boot_settings(context) {
        Ok(boot) => boot.filter(|b| b.status == Status::Fail),
        Err(error) => return error,
    };
    let mut found = Findings::with_gaps(&ring0.gaps);
    let files = &context.evidence.windows.kernel_files().files;
    for object in &ring0.objects {
        let level = standing(object, arguments).level;
        let status = match level {
            Level::K4 | Level::K5 => continue,
            Level::K0 | Level::K1 => Status::Fail,
            _ => Status::Warn,
        };
        let at = Location {
            volume: object.volume.clone(),
            sha256: object.sha256.clone(),
            ..Location::of_path(object.path.clone())
        };
        let item = Item::at(at, Text::clauses(reasons(object, arguments)));
        let level = Text::verbatim(level.name());
        found.add(status, item.compare(say!(win_kernel_001_wanted), level));
        let file = files.iter().find(|f| f.path == object.path);
        found.fix_by(file.into_iter().flat_map(|f| mend(context, f)));
    }
    let mut level = whole.level;
    if let Some(boot) = boot {
        level = level.min(Level::K1);
        for item in boot.evidence.into_iter().filter(|i| i.found.is_some()) {
            found.fail(item);
        }
        for fix in boot.fixes {
            found.fix(fix);
        }
    }
    let floor = if whole.level <= Level::K3 {
        Status::Warn
    } else {
        Status::Pass
    };
    let status = worse(found.worst(), floor);
    let level = level.name();
    let why = whole.reasons();
    found.concluded(status, |_, _| match why.as_slice() {
        [] => say!(win_kernel_001_level, level = level),
        reasons => say!(
            win_kernel_001_reasons,
            level = level,
            reasons = Text::clauses(reasons.to_vec())
        ),
    })
}

/// What the boot configuration says, judged by the parameters of the check that reads it; `None`
/// where the policy has no such check.
fn boot_settings(context: &Context<'_>) -> Result<Option<Outcome>, Outcome> {
    let mut checks = context.policy.checks.iter();
    let Some(check) = checks.find(|c| c.test == kernel_004_boot_settings::NAME) else {
        return Ok(None);
    };
    let with = BootSettings::deserialize(&Node::from(&check.with)).map_err(|bad: Mistake| {
        let reason = say!(check_bad_parameter, problem = bad.text());
        Outcome::of(Status::Error, reason)
    })?;
    Ok(Some(kernel_004_boot_settings::run(context, &with)))
}
