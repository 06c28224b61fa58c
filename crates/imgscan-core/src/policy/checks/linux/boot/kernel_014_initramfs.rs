//! LNX-KERNEL-014: the initial file systems hold only what the system's own files give.

use crate::evidence::linux::{Cause, Initramfs, Leftover, MemberClass};
use crate::evidence::{Found, Location, Object, ObjectKind, Ring0};
use crate::policy::checks::findings::Findings;
use crate::policy::checks::linux::commands::{Commands, word};
use crate::policy::checks::registry::NoParameters;
use crate::policy::{Context, Item, Outcome, Status};
use crate::text::{Text, terminal};

pub(in crate::policy::checks) fn run(context: &Context<'_>, _: &NoParameters) -> Outcome {
    let linux = &context.evidence.linux;
    let all = linux.initramfs();
    let ring0 = linux.ring0();
    let commands = Commands::of(context);
    let mut found = Findings::new();
    gaps(ring0, &mut found);
    // The images with files that fail, and those with files that can't be told.
    let (mut failing, mut unproven) = (Vec::new(), Vec::new());
    for one in all {
        for left in &one.fact.left {
            let list = if is_foreign(left) {
                &mut failing
            } else {
                &mut unproven
            };
            let path = terminal(one.at.path.as_deref().unwrap_or("?"));
            if !list.contains(&path) {
                list.push(path);
            }
            if is_foreign(left) {
                found.fail(item(one, left));
            } else {
                found.unknown(item(one, left));
            }
            match &left.cause {
                Cause::Unowned { path } => {
                    found.fix(say!(
                        lnx_kernel_014_fix_unowned,
                        path = terminal(path),
                        search = terminal(&commands.find_package(path)),
                        file = terminal(&word(path))
                    ));
                }
                Cause::Recorded { package, .. } => found.fix(say!(
                    linux_reinstall,
                    package = terminal(package),
                    command = commands.reinstall(package)
                )),
                Cause::Admits => found.fix(say!(lnx_kernel_014_fix_keys)),
                _ => {}
            }
        }
        found.pass(summary(one));
    }
    let make = say!(linux_initramfs_make, command = commands.make_initramfs());
    if !failing.is_empty() {
        found.fix(make);
    } else if !unproven.is_empty() {
        found.fix_of_unknown(make);
    }
    // The part of a signed image needs no explanation.
    let covered =
        |o: &&Object| o.kind == ObjectKind::Initramfs && o.anchor.is_some() && o.is_proven();
    for object in ring0.objects.iter().filter(covered) {
        let at = Location::of_path(object.path.clone());
        found.pass(Item::at(at, say!(lnx_kernel_014_covered)));
    }
    if found.count(Status::Pass) == 0 && found.complete() {
        return Outcome::of(Status::NotApplicable, say!(lnx_kernel_014_none));
    }
    found.conclude(|status, count| match status {
        Status::Fail => say!(lnx_kernel_014_fail, count = count, path = failing.clone()),
        Status::Unknown => say!(
            lnx_kernel_014_unproven_files,
            count = count,
            path = unproven.clone()
        ),
        _ => say!(lnx_kernel_014_pass, count = count),
    })
}

/// Keeps the gaps of ring 0 that concern what boots and its initial file systems.
fn gaps(ring0: &Ring0, found: &mut Findings) {
    let initramfs = |path: &str| {
        let mut objects = ring0.objects.iter();
        objects.any(|o| o.kind == ObjectKind::Initramfs && o.path == path)
    };
    let gaps = ring0.gaps.iter().filter(|g| {
        let path = g.at.path.as_deref().unwrap_or_default();
        matches!(g.layer, crate::Layer::Cpio | crate::Layer::Boot)
            || initramfs(path)
            || path.contains("initramfs")
    });
    found.gaps(gaps.cloned());
}

/// True where a member can run or steer programs and nothing of the system gives it.
pub(in crate::policy::checks::linux) fn is_foreign(left: &Leftover) -> bool {
    let soft = matches!(
        left.cause,
        Cause::Unowned { .. } | Cause::Changed { .. } | Cause::Secret { .. } | Cause::Dracut
    );
    left.class != MemberClass::Data && !soft
}

fn item(one: &Found<Initramfs>, left: &Leftover) -> Item {
    let at = Location {
        offset: one
            .fact
            .segments
            .get(left.segment)
            .map(|segment| segment.offset),
        ..one.at.clone()
    };
    let note = say!(
        lnx_kernel_014_member,
        name = terminal(&left.name),
        archive = left.archive + 1,
        note = cause(left)
    );
    let digest = Text::verbatim(format!("sha256:{}", left.sha256));
    Item::at(at, note).compare(say!(lnx_kernel_014_expected), digest)
}

/// Why a member is listed.
fn cause(left: &Leftover) -> Text {
    match &left.cause {
        Cause::Unknown => say!(lnx_kernel_014_unknown),
        Cause::Differs { path } => say!(linux_differs_from, path = terminal(path)),
        Cause::Recorded { path, package } => say!(
            lnx_kernel_014_recorded,
            path = terminal(path),
            package = terminal(package)
        ),
        Cause::Unowned { path } => say!(lnx_kernel_014_unowned, path = terminal(path)),
        Cause::Derived { how } => say!(lnx_kernel_014_derived, how = how),
        Cause::Changed { path, package } => say!(
            lnx_kernel_014_changed,
            path = terminal(path),
            package = terminal(package)
        ),
        Cause::NoApplet { path } => say!(lnx_kernel_014_no_applet, path = terminal(path)),
        Cause::Admits => say!(lnx_kernel_014_admits),
        Cause::Secret { path } => say!(lnx_kernel_014_secret, path = terminal(path)),
        Cause::Dracut => say!(lnx_kernel_014_dracut),
        Cause::Unproven => say!(lnx_kernel_014_unproven),
    }
}

fn summary(one: &Found<Initramfs>) -> Item {
    let fact = &one.fact;
    let archives: usize = fact.segments.iter().map(|s| s.archives).sum();
    Item::at(
        one.at.clone(),
        say!(
            lnx_kernel_014_summary,
            files = fact.files,
            modules = fact.modules,
            archives = archives,
            same = fact.same,
            copied = fact.copied,
            derived = fact.derived,
            left = fact.left.len()
        ),
    )
}
