//! Part of WIN-KERNEL-009: code that starts without a file, and what it could read.

use crate::evidence::Location;
use crate::evidence::windows::{BootCode, BootSector};
use crate::policy::checks::findings::Findings;
use crate::policy::{Context, Item, Status};
use crate::text::Text;
use crate::trust::known::{self, CodePlace};

pub(super) fn run(context: &Context<'_>, allowed: &[known::BootCode], found: &mut Findings) {
    let sectors = context.evidence.windows.sectors();
    found.gaps(sectors.gaps.iter().cloned());
    for code in &sectors.code {
        judge(code, allowed, found);
    }
    for free in &sectors.free {
        let note = match free.before {
            true => say!(win_kernel_009_free),
            false => say!(win_kernel_009_free_behind),
        };
        let shown = say!(
            win_kernel_009_free_used,
            count = free.sectors,
            bytes = free.bytes,
            at = free.at.offset.unwrap_or(0),
        );
        let item = Item::at(free.at.clone(), note);
        found.unknown(item.compare(say!(win_kernel_009_zeros), shown));
        found.fix(say!(win_kernel_009_fix_free));
    }
    if sectors.free.is_empty() && sectors.looked > 0 {
        let disk = Location {
            volume: Some("disk".into()),
            ..Location::default()
        };
        let shown = say!(win_kernel_009_zero_bytes, bytes = sectors.looked);
        let item = Item::at(disk, say!(win_kernel_009_free));
        found.pass(item.compare(say!(win_kernel_009_zeros), shown));
    }
}

fn judge(code: &BootCode, allowed: &[known::BootCode], found: &mut Findings) {
    let place = match code.of {
        BootSector::Disk => CodePlace::Disk,
        BootSector::Partition => CodePlace::Partition,
    };
    let known = known::boot_code().iter().chain(allowed);
    let is = |c: &&known::BootCode| {
        let digest = code.digest(c.bytes);
        c.of == place && digest.is_some_and(|d| d.eq_ignore_ascii_case(&c.sha256))
    };
    let note = match code.of {
        BootSector::Disk => say!(win_kernel_009_mbr),
        BootSector::Partition => say!(win_kernel_009_partition),
    };
    let (status, shown) = match known.into_iter().find(is) {
        _ if code.is_blank() => (Status::Pass, say!(win_kernel_009_blank)),
        // It loads the rest of itself from where its parameters say.
        Some(known) if known.loads.is_some() && code.misplaced.is_some() => {
            let at = code.misplaced.unwrap_or_default();
            let shown = say!(win_kernel_009_misplaced, name = &known.name, at = at);
            (Status::Unknown, shown)
        }
        Some(known) if known.loads.as_deref().is_some_and(|l| l != BOOT_MANAGER) => {
            let loads = known.loads.as_deref().unwrap_or_default();
            let shown = say!(win_kernel_009_loads, name = &known.name, file = loads);
            (Status::Unknown, shown)
        }
        Some(known) => (Status::Pass, Text::verbatim(&known.name)),
        None => {
            let sha256 = code.at.sha256.as_deref().unwrap_or_default();
            (
                Status::Unknown,
                say!(win_kernel_009_unknown, sha256 = sha256),
            )
        }
    };
    let item = Item::at(code.at.clone(), note);
    found.add(
        status,
        item.compare(say!(win_kernel_009_code_wanted), shown),
    );
    if status != Status::Pass {
        found.fix(match code.of {
            BootSector::Disk => say!(win_kernel_009_fix_mbr),
            BootSector::Partition => say!(win_kernel_009_fix_partition),
        });
    }
}

/// What the code of a partition of Windows loads, which WIN-KERNEL-002 judges.
const BOOT_MANAGER: &str = "bootmgr";
