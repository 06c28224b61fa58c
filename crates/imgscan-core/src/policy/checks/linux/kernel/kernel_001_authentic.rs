//! LNX-KERNEL-001: how far the kernel as a whole is proven.

use schemars::JsonSchema;
use serde::Deserialize;

use super::candidates::{install, mend};
use super::object_place;
use crate::evidence::linux::Owner;
use crate::evidence::{Location, Object, ObjectKind, Ring0, Ring0Fact};
use crate::policy::checks::findings::{Findings, worse};
use crate::policy::checks::linux::boot::{is_foreign, remove_arguments};
use crate::policy::checks::linux::commands::{Commands, word};
use crate::policy::checks::registry::Parameters;
use crate::policy::levels::{
    Level, SystemStanding, counted, doubts, reasons, rests_on, standing, system,
};
use crate::policy::{Context, Item, KernelArguments, Outcome, Status};
use crate::text::{Text, terminal};

/// Objects that the reason names, and reasons of each.
const MAX_NAMED: usize = 3;

/// None of its own.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::policy::checks) struct Authentic {}

impl Parameters for Authentic {
    const SHARED: &'static [&'static str] = &["kernel_arguments"];
}

pub(in crate::policy::checks) fn run(context: &Context<'_>, _: &Authentic) -> Outcome {
    let ring0 = context.evidence.linux.ring0();
    let arguments = &context.shared.kernel_arguments;
    let commands = Commands::of(context);
    let mut found = Findings::with_gaps(&ring0.gaps);
    let whole = system(ring0, arguments);
    let overall = meaning(whole.level);
    let mut waiting = 0_usize;
    for object in &ring0.objects {
        // Of modules only those that are not proven.
        let level = standing(object, arguments).level;
        if object.kind == ObjectKind::Module && level >= Level::K4 {
            continue;
        }
        if lacks_its_kernel(object, arguments) {
            waiting += 1;
            continue;
        }
        // A kernel that does not boot by default weighs less in the whole.
        let status = meaning(level);
        let status = if worse(status, overall) == overall {
            status
        } else {
            overall
        };
        found.add(status, shown(object, arguments));
    }
    let modules = ring0
        .objects
        .iter()
        .filter(|o| o.kind == ObjectKind::Module);
    let (count, proven) = modules.fold((0_usize, 0_usize), |(count, proven), o| {
        (
            count + 1,
            proven + usize::from(standing(o, arguments).level >= Level::K4),
        )
    });
    let note = say!(lnx_kernel_001_modules, count = count, proven = proven);
    found.pass(Item::at(Location::default(), note));
    if waiting > 0 {
        let note = say!(lnx_kernel_001_waiting, count = waiting);
        let status = match overall {
            Status::Pass => Status::Pass,
            _ => Status::Unknown,
        };
        found.add(status, Item::at(Location::default(), note));
    }
    let kernel = ring0.objects.iter().any(|o| o.kind == ObjectKind::Kernel);
    if !kernel && overall != Status::Fail {
        found.fix_of_unknown(install(commands));
        return found.concluded(Status::Unknown, |_, _| say!(linux_kernel_none));
    }
    for object in lowest(context, ring0, whole.level) {
        found.fix_by(fix(object, context, commands));
    }
    let level = whole.level.name();
    found.concluded(overall, |status, _| match status {
        Status::Fail => say!(
            lnx_kernel_001_fail,
            level = level,
            why = Text::clauses(why(context, ring0, &whole))
        ),
        Status::Unknown => say!(
            lnx_kernel_001_unknown,
            level = level,
            why = Text::clauses(why(context, ring0, &whole))
        ),
        _ => say!(
            lnx_kernel_001_proven,
            level = level,
            proof = rests_on(ring0, arguments)
        ),
    })
}

/// True of a module that is as good as its kernel, which is named by itself.
fn lacks_its_kernel(object: &Object, arguments: &KernelArguments) -> bool {
    object.facts.contains(&Ring0Fact::ByUnprovenKernel) && doubts(object, arguments).len() == 1
}

/// What a level means for the rule.
fn meaning(level: Level) -> Status {
    match level {
        Level::K0 | Level::K1 => Status::Fail,
        Level::K2 | Level::K3 => Status::Unknown,
        Level::K4 | Level::K5 => Status::Pass,
    }
}

/// The objects that give the whole its level.
fn lowest<'r>(
    context: &Context<'r>,
    ring0: &'r Ring0,
    level: Level,
) -> impl Iterator<Item = &'r Object> {
    let arguments = &context.shared.kernel_arguments;
    let objects = ring0.objects.iter();
    objects.filter(move |o| counted(ring0, o, arguments) == level)
}

/// Why the level is not higher: what the least proven objects are, and what is missing.
fn why(context: &Context<'_>, ring0: &Ring0, whole: &SystemStanding) -> Vec<Text> {
    let lowest: Vec<&Object> = lowest(context, ring0, whole.level).collect();
    // Modules that lack nothing but a proven kernel are not at fault beside that kernel.
    let at_fault = |o: &&&Object| !o.facts.contains(&Ring0Fact::ByUnprovenKernel);
    let mut named: Vec<&Object> = lowest.iter().filter(at_fault).copied().collect();
    if named.is_empty() {
        named = lowest;
    }
    let shown = named.iter().take(MAX_NAMED);
    let mut all: Vec<Text> = shown.map(|object| unproven(context, object)).collect();
    let more = named.len().saturating_sub(MAX_NAMED);
    if more > 0 {
        all.push(say!(lnx_kernel_001_more, count = more));
    }
    // What is missing proves nothing, so it is no reason for a failure.
    if meaning(whole.level) != Status::Fail {
        all.extend(whole.missing.iter().cloned());
    }
    all
}

/// What is wrong with `object`.
fn unproven(context: &Context<'_>, object: &Object) -> Text {
    let path = terminal(&object.path);
    let initramfs = context.evidence.linux.initramfs();
    let this = initramfs
        .iter()
        .find(|i| i.at.path.as_deref() == Some(object.path.as_str()));
    let foreign = this.map_or(0, |i| i.fact.left.iter().filter(|l| is_foreign(l)).count());
    if foreign > 0 {
        return say!(lnx_kernel_001_initramfs, path = path, count = foreign);
    }
    let doubts = doubts(object, &context.shared.kernel_arguments)
        .into_iter()
        .take(MAX_NAMED);
    say!(
        lnx_kernel_001_unproven,
        path = path,
        reasons = Text::clauses(doubts)
    )
}

/// How far `object` is proven, and by whom.
fn shown(object: &Object, arguments: &KernelArguments) -> Item {
    let level = standing(object, arguments).word();
    let reasons = Text::clauses(reasons(object, arguments));
    let note = match (&object.signer, &object.anchor) {
        (Some(signer), Some(anchor)) => say!(
            lnx_kernel_001_signed_anchored,
            level = level,
            signer = terminal(signer),
            anchor = anchor,
            reasons = reasons
        ),
        (Some(signer), None) => say!(
            lnx_kernel_001_signed,
            level = level,
            signer = terminal(signer),
            reasons = reasons
        ),
        (None, Some(anchor)) => say!(
            lnx_kernel_001_anchored,
            level = level,
            anchor = anchor,
            reasons = reasons
        ),
        (None, None) => say!(lnx_kernel_001_object, level = level, reasons = reasons),
    };
    Item::at(object_place(object), note)
}

/// How `object`, where it is not proven, becomes what its vendor shipped.
fn fix(object: &Object, context: &Context<'_>, commands: Commands<'_>) -> Vec<Text> {
    if standing(object, &context.shared.kernel_arguments).level >= Level::K4 {
        return Vec::new();
    }
    let linux = &context.evidence.linux;
    let kernel = linux.kernels().at_path(&object.path);
    let spare = object.default == Some(false);
    vec![match (object.kind, kernel, &object.package) {
        (ObjectKind::Kernel, Some(kernel), _) => {
            let Owner::Package(record) = &kernel.fact.owner else {
                return vec![mend(context, &kernel.fact, !spare)];
            };
            let same = record.digest.is_some() && record.digest == record.actual;
            // Installing it anew would change nothing; Alpine signs no kernel.
            match same && !spare {
                true if commands.is_alpine() => return Vec::new(),
                true => say!(
                    lnx_kernel_005_fix_signed,
                    command = commands.install_kernel()
                ),
                false => mend(context, &kernel.fact, !spare),
            }
        }
        (ObjectKind::Initramfs, ..) => {
            say!(linux_initramfs_make, command = commands.make_initramfs())
        }
        (ObjectKind::BootLoader | ObjectKind::BootCode, ..) => {
            let bios = object.kind == ObjectKind::BootCode;
            let command = commands.install_loader(linux.boot(), bios);
            say!(linux_loader_install, command = terminal(&command))
        }
        (ObjectKind::BootConfig, ..) => return remove_arguments(context),
        (ObjectKind::Module, _, Some(package)) => say!(
            linux_reinstall,
            package = terminal(package),
            command = terminal(&commands.reinstall(package))
        ),
        (ObjectKind::Module, _, None) => {
            let command = format!("rm {}", word(&object.path));
            say!(linux_module_delete, command = terminal(&command))
        }
        _ => return Vec::new(),
    }]
}

#[cfg(test)]
mod tests {
    use crate::evidence::linux::testing::{Build, bzimage};
    use crate::policy::Status;
    use crate::policy::checks::linux::testing::check;

    #[test]
    fn the_whole_is_as_good_as_its_parts() {
        let judged = |build| check("LNX-KERNEL-001", build);
        assert_eq!(judged(Build::debian()).status, Status::Unknown);
        // A kernel that nothing speaks for, by default.
        let unowned = Build::debian()
            .package("base-files", "1")
            .file("/boot/vmlinuz-1", 0o644, bzimage("1 (x)", b""))
            .file(
                "/boot/grub/grub.cfg",
                0o600,
                "menuentry a {\nlinux /boot/vmlinuz-1\n}\n",
            );
        let found = judged(unowned);
        assert_eq!(found.status, Status::Fail, "{}", found.reason.en);
        let item = &found.evidence[0];
        assert_eq!(item.at.path.as_deref(), Some("/boot/vmlinuz-1"));
    }

    #[test]
    fn a_spare_kernel_that_nobody_owns_is_named_with_its_fix() {
        let build = Build::debian()
            .package("base-files", "1")
            .file("/boot/vmlinuz-1", 0o644, bzimage("1 (x)", b""))
            .file("/boot/vmlinuz-2", 0o644, bzimage("2 (x)", b""))
            .file(
                "/boot/grub/grub.cfg",
                0o600,
                "menuentry a {\nlinux /boot/vmlinuz-1\n}\n",
            );
        let found = check("LNX-KERNEL-001", build);
        assert!(
            found
                .reason
                .en
                .contains("/boot/vmlinuz-1: no package owns it")
        );
        assert!(!found.reason.en.contains(":  ("), "{}", found.reason.en);
    }
}
