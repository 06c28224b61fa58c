//! Boot loaders read a file system as it stands on the disk, and replay no journal: `ext2.c` of GRUB
//! 2.06 and the driver of syslinux pass over `INCOMPAT_RECOVER`. Linux replays it when it mounts.
//! Until then the disk may boot something else than what is read with the journal applied.

use super::volumes::Volumes;
use super::{BootPath, Plan, PlanFile};
use crate::evidence::{Found, Location};

/// The longest file that is compared, in bytes.
const MAX_FILE: u64 = 1024 * 1024 * 1024;

/// Adds a doubt for each file that is another one until the journal is replayed, and for a plan that
/// is then another.
pub(super) fn compare(plan: &mut Plan, after: &Volumes<'_>, first: &Plan, before: &Volumes<'_>) {
    let mut differ: Vec<Location> = Vec::new();
    let mut add = |at: Location| {
        if !differ.contains(&at) {
            differ.push(at);
        }
    };
    let entries = |plan: &Plan| -> Vec<super::PlanEntry> {
        plan.entries.iter().map(|e| e.fact.clone()).collect()
    };
    let doubts = |plan: &Plan| -> Vec<String> {
        let all = plan.doubts.iter();
        all.map(|d| format!("{} {:?}", d.at, d.fact)).collect()
    };
    let once = |plan: &Plan| plan.one_shot.as_ref().map(|(entry, _)| *entry);
    let same = entries(plan) == entries(first)
        && (plan.default, once(plan)) == (first.default, once(first))
        && doubts(plan) == doubts(first);
    if !same {
        add(plan.config.clone().unwrap_or_default());
    }
    let files = plan.entries.iter().chain(&first.entries).flat_map(|e| {
        let kernel = e.fact.kernel.iter();
        kernel.chain(&e.fact.initrds)
    });
    let on = |file: &PlanFile| match file {
        PlanFile::On(file) => Some(file.clone()),
        PlanFile::Outside(_) => None,
    };
    let mut files: Vec<BootPath> = files.filter_map(on).collect();
    for folder in plan.modules.iter().chain(&first.modules) {
        files.extend(after.below(&folder.fact));
        files.extend(before.below(&folder.fact));
    }
    files.sort();
    files.dedup();
    for file in files {
        if after.content(&file, MAX_FILE) != before.content(&file, MAX_FILE) {
            add(Location {
                volume: Some(file.volume.clone()),
                path: Some(file.path.clone()),
                ..Location::default()
            });
        }
    }
    for gap in &first.gaps {
        if !plan.gaps.contains(gap) {
            plan.gaps.push(gap.clone());
        }
    }
    plan.doubts.extend(differ.into_iter().map(|at| Found {
        fact: say!(boot_journal),
        at,
    }));
}

#[cfg(test)]
mod tests {
    use super::super::plan;
    use crate::fs::memory::MemoryFs;
    use crate::guest::linux::tests::{fs, volume};

    /// The boot volume after its journal is replayed and before it; says what differs.
    fn differing(before: MemoryFs) -> Vec<String> {
        let after = boot("linux /vmlinuz root=/dev/vda1", "kernel");
        let volumes = [volume(1, "", fs(after.before_recovery(before)))];
        let found = plan(&volumes, None);
        let mut doubts = found.doubts.iter();
        assert!(doubts.all(|d| d.fact.code == "boot-journal"));
        found.doubts.iter().map(|d| d.at.to_string()).collect()
    }

    fn boot(command: &str, kernel: &str) -> MemoryFs {
        let script = format!("menuentry a {{\n{command}\ninitrd /initrd.img\n}}\n");
        MemoryFs::default()
            .file("/grub/grub.cfg", 0o600, script)
            .file("/vmlinuz", 0o644, kernel)
            .file("/initrd.img", 0o644, "initrd")
    }

    /// `fs/ext2.c` of GRUB 2.06: `EXT2_DRIVER_IGNORED_INCOMPAT` holds `EXT3_FEATURE_INCOMPAT_RECOVER`.
    #[test]
    fn what_a_loader_reads_before_the_journal_is_replayed_is_compared() {
        let honest = "linux /vmlinuz root=/dev/vda1";
        assert_eq!(differing(boot(honest, "kernel")), Vec::<String>::new());
        let elsewhere = boot(honest, "kernel").file("/data", 0o644, "not yet written");
        assert_eq!(differing(elsewhere), Vec::<String>::new());
        assert_eq!(differing(boot(honest, "other")), ["p1:/vmlinuz"]);
        let other = boot("linux /vmlinuz root=/dev/vda1 init=/x", "kernel");
        assert_eq!(differing(other), ["p1:/grub/grub.cfg"]);
    }
}
