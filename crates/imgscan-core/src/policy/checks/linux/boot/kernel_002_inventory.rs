//! LNX-KERNEL-002: which kernels there are, and which one boots by default.

use crate::evidence::Found;
use crate::evidence::linux::{Kernel, Loader, Owner, compare_versions};
use crate::policy::checks::findings::Findings;
use crate::policy::checks::linux::commands::Commands;
use crate::policy::checks::linux::kernel::{proven_kernels, remove, replace};
use crate::policy::checks::registry::NoParameters;
use crate::policy::{Context, Item, Outcome, Status};
use crate::text::{Text, terminal};

pub(in crate::policy::checks) fn run(context: &Context<'_>, _: &NoParameters) -> Outcome {
    let linux = &context.evidence.linux;
    let (boot, kernels) = (linux.boot(), linux.kernels());
    let entry = boot.default_entry();
    let default = entry
        .and_then(|e| e.fact.kernel.as_deref())
        .and_then(|path| kernels.at_path(path));
    let mut found = Findings::with_gaps(&boot.gaps);
    found.gaps(kernels.gaps.iter().cloned());
    if let Some(entry) = entry {
        let note = say!(
            lnx_kernel_002_entry,
            place = terminal(&entry.fact.place),
            title = terminal(&entry.fact.title)
        );
        let starts = Text::verbatim(terminal(&entry.fact.starts));
        found.pass(Item::at(entry.at.clone(), note).compare(say!(linux_kernel_of_image), starts));
    }
    notes(context, default, &mut found);
    let proven = proven_kernels(context);
    for kernel in &kernels.items {
        let boots = default.is_some_and(|d| d.at == kernel.at);
        let item = listed(kernel, boots);
        let packaged =
            kernel.fact.owner != Owner::Nobody || kernels.packaged_twin(kernel).is_some();
        // What is proven needs no package.
        let unowned = !packaged && !proven.contains(&kernel.fact.path.as_str());
        if boots && unowned {
            found.fail(item);
            found.fix(replace(context, &kernel.fact));
        } else {
            found.pass(item);
        }
    }
    let (Some(default), count) = (default, kernels.items.len()) else {
        return found.concluded(Status::Unknown, |_, _| say!(lnx_kernel_002_not_known));
    };
    let path = terminal(&default.fact.path);
    let path = path.as_str();
    found.conclude(|status, warnings| match status {
        Status::Fail => say!(lnx_kernel_002_fail, path = path),
        Status::Unknown => say!(lnx_kernel_002_unknown),
        Status::Warn => say!(lnx_kernel_002_warn, path = path, count = warnings),
        _ => say!(lnx_kernel_002_pass, path = path, count = count),
    })
}

/// What is worth a look beside a default that is known.
fn notes(context: &Context<'_>, default: Option<&Found<Kernel>>, found: &mut Findings) {
    let linux = &context.evidence.linux;
    let (boot, kernels) = (linux.boot(), linux.kernels());
    let commands = Commands::of(context);
    if let Some((_, at)) = &boot.one_shot {
        found.warn(Item::at(at.clone(), say!(lnx_kernel_002_once)));
        let tool = commands.grub(boot, "editenv");
        found.fix(say!(
            lnx_kernel_002_fix_once,
            place = terminal(&at.to_string()),
            command = format!("{tool} - unset next_entry")
        ));
    }
    if let (Some("0"), Some(at)) = (boot.timeout.as_deref(), &boot.config) {
        found.warn(Item::at(at.clone(), say!(lnx_kernel_002_hidden)));
        let line = match boot.loader {
            Some(Loader::SystemdBoot) => "timeout 5",
            Some(Loader::Extlinux) => "TIMEOUT 50",
            Some(Loader::GrubLegacy) => "timeout=5",
            Some(Loader::Grub) | None => "GRUB_TIMEOUT=5",
        };
        let menu = commands.make_menu(boot);
        found.fix(match (boot.loader, menu) {
            (Some(Loader::Grub) | None, Some(menu)) => say!(
                lnx_kernel_002_fix_hidden,
                line = line,
                command = terminal(&menu)
            ),
            _ => say!(
                lnx_kernel_002_fix_timeout,
                line = line,
                place = terminal(&at.to_string())
            ),
        });
    }
    let maintainer = |k: &Found<Kernel>| match &k.fact.owner {
        Owner::Package(recorded) => recorded.package.maintainer.clone(),
        _ => None,
    };
    let mut vendors: Vec<String> = kernels.items.iter().filter_map(maintainer).collect();
    vendors.sort();
    vendors.dedup();
    if vendors.len() > 1 {
        for kernel in &kernels.items {
            if let Some(vendor) = maintainer(kernel) {
                let note = say!(lnx_kernel_002_vendors, vendor = terminal(&vendor));
                found.warn(Item::at(kernel.at.clone(), note));
                let by_default = default.and_then(maintainer);
                if by_default.is_some_and(|default| default != vendor) {
                    found.fix(remove(context, &kernel.fact));
                }
            }
        }
    }
    if let Some((default, release)) = default.and_then(|d| Some((d, d.fact.release.as_deref()?))) {
        let newer = kernels.items.iter().find_map(|k| {
            let other = k.fact.release.as_deref()?;
            let newer = compare_versions(other, release).is_gt();
            newer.then_some((other, &k.fact.path))
        });
        if let Some((newer, path)) = newer {
            let note = say!(lnx_kernel_002_older, release = terminal(newer));
            found.warn(Item::at(default.at.clone(), note));
            found.fix(match (commands.set_default(boot, path), &boot.config) {
                (Some(command), _) => say!(
                    lnx_kernel_002_fix_older,
                    release = terminal(newer),
                    command = terminal(&command)
                ),
                (None, place) => say!(
                    lnx_kernel_002_fix_default,
                    release = terminal(newer),
                    place = terminal(&place.as_ref().map_or_else(String::new, ToString::to_string))
                ),
            });
        }
    }
}

fn listed(kernel: &Found<Kernel>, default: bool) -> Item {
    let owner = match &kernel.fact.owner {
        Owner::Package(r) => Text::verbatim(terminal(&format!(
            "{} {}",
            r.package.name, r.package.version
        ))),
        Owner::Nobody => say!(linux_kernel_no_package),
        Owner::Unknown(_) | Owner::NoDatabase => say!(linux_kernel_owner_unknown),
    };
    let banner = match &kernel.fact.banner {
        Some(banner) => Text::verbatim(terminal(banner)),
        None => say!(linux_kernel_no_banner),
    };
    let note = if default {
        say!(lnx_kernel_002_default, banner = banner)
    } else {
        banner
    };
    Item::at(kernel.at.clone(), note).compare(say!(linux_kernel_owned), owner)
}

#[cfg(test)]
mod tests {
    use crate::evidence::linux::testing::{Build, bzimage};
    use crate::policy::Status;
    use crate::policy::checks::linux::testing::status;

    const RELEASE: &str = "6.1.0-9-amd64";

    fn image() -> Vec<u8> {
        bzimage("6.1.0-9-amd64 (debian) #1 SMP", b"code")
    }

    fn clean() -> Build {
        Build::debian().kernel(RELEASE, &image())
    }

    fn menu(build: Build, head: &str) -> Build {
        build.file(
            "/boot/grub/grub.cfg",
            0o600,
            format!("set default=0\nset timeout=5\n{head}\nmenuentry a {{\nlinux /boot/vmlinuz-6.1.0-9-amd64 root=x\n}}\nmenuentry b {{\nlinux /boot/vmlinuz-evil root=x\n}}\n"),
        )
    }

    fn inventory(build: Build) -> Status {
        status("LNX-KERNEL-002", build)
    }

    #[test]
    fn the_default_kernel_is_found_or_the_doubt_is_said() {
        assert_eq!(inventory(menu(clean(), "")), Status::Pass);
        assert_eq!(inventory(clean()), Status::Unknown);
        assert_eq!(
            inventory(menu(clean(), "if x; then\nset default=1\nfi")),
            Status::Unknown
        );
        assert_eq!(
            inventory(menu(clean(), "").missing("/boot")),
            Status::Unknown
        );
        let evil = clean().file("/boot/vmlinuz-evil", 0o644, bzimage("5 (x)", b"evil"));
        assert_eq!(inventory(menu(evil, "set default=1")), Status::Fail);
    }

    #[test]
    fn what_is_worth_a_look_beside_the_default_warns() {
        assert_eq!(inventory(menu(clean(), "set timeout=0")), Status::Warn);
        let newer = clean().file("/boot/vmlinuz-7", 0o644, bzimage("7.0 (x)", b"x"));
        assert_eq!(inventory(menu(newer, "")), Status::Warn);
        let once = "# GRUB Environment Block\nnext_entry=1\n####";
        let once = clean().file("/boot/grub/grubenv", 0o644, once);
        assert_eq!(inventory(menu(once, "load_env")), Status::Warn);
    }
}
