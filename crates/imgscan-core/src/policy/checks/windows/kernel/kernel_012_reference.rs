//! WIN-KERNEL-012: the kernel's files equal those of a reference database.

use super::proof::{restore, unproven};
use crate::baseline::Match;
use crate::policy::checks::findings::Findings;
use crate::policy::checks::registry::NoParameters;
use crate::policy::{Context, Item, Outcome, Status};
use crate::text::Text;

pub(in crate::policy::checks::windows) fn run(context: &Context<'_>, _: &NoParameters) -> Outcome {
    let Some(baseline) = context.evidence.references.baseline else {
        return Outcome::of(Status::NotApplicable, say!(win_kernel_012_none));
    };
    let all = context.evidence.windows.kernel_files();
    let mut found = Findings::with_gaps(&all.gaps);
    for file in &all.files {
        let Some(sha256) = &file.at.sha256 else {
            found.gap(unproven(file, say!(win_kernel_012_not_hashed)));
            continue;
        };
        let name = file.name();
        let version = file.version.map(|v| v.to_string());
        let (status, note) = match baseline.compare(&file.path, None, version.as_deref(), sha256) {
            Match::Equal(known) => {
                let origin = baseline.origin(known).to_string();
                let note = say!(win_kernel_012_equal, name = name, origin = origin);
                (Status::Pass, note)
            }
            Match::Different(known) => {
                let note = say!(
                    win_kernel_012_different,
                    name = name,
                    origin = baseline.origin(known).to_string(),
                    sha256 = &known.sha256,
                );
                (Status::Fail, note)
            }
            Match::Absent => (Status::Warn, say!(win_kernel_012_absent, name = name)),
        };
        let item = Item::at(file.at.clone(), note);
        let wanted = say!(win_kernel_012_wanted);
        found.add(status, item.compare(wanted, Text::verbatim(sha256)));
        if status == Status::Fail {
            found.fix(restore(context, file));
        }
    }
    if found.worst() == Status::Warn {
        found.fix(say!(win_kernel_012_fix_absent));
    }
    found.conclude(|status, count| match status {
        Status::Fail => say!(win_kernel_012_fail, count = count),
        Status::Warn => say!(win_kernel_012_warn, count = count),
        _ => say!(win_kernel_012_pass),
    })
}
