//! LNX-KERNEL-018: nothing shows that a kernel was built or installed by hand.

use super::describe::file_name;
use crate::evidence::linux::{Owner, Residue};
use crate::policy::checks::findings::Findings;
use crate::policy::checks::linux::commands::word;
use crate::policy::checks::linux::kernel::{remove, replace};
use crate::policy::checks::registry::NoParameters;
use crate::policy::{Context, Item, Outcome, Status};
use crate::text::terminal;

pub(in crate::policy::checks) fn run(context: &Context<'_>, _: &NoParameters) -> Outcome {
    let linux = &context.evidence.linux;
    let all = linux.autoload();
    let mut found = Findings::with_gaps(&all.gaps);
    for sign in &all.residue {
        let note = match sign.fact {
            Residue::Source => say!(lnx_kernel_018_source),
            Residue::PackageFile => say!(lnx_kernel_018_package_file),
            Residue::BuildTree => say!(lnx_kernel_018_build_tree),
            Residue::SetAside => say!(lnx_kernel_018_set_aside),
            Residue::Dkms => say!(lnx_kernel_018_dkms),
            Residue::History => say!(lnx_kernel_018_history),
            Residue::SigningKey => say!(lnx_kernel_018_key),
        };
        let status = match sign.fact {
            // Each buyer of the image could sign modules for the machines of all others.
            Residue::SigningKey => Status::Unknown,
            _ => Status::Warn,
        };
        found.add(status, Item::at(sign.at.clone(), note));
        let path = sign.at.path.as_deref().unwrap_or_default();
        let file = terminal(&word(path));
        if sign.fact == Residue::Dkms {
            let versions = versions(context, path);
            for version in &versions {
                let version = format!("{}/{version}", file_name(path));
                found.fix(say!(
                    lnx_kernel_018_fix_dkms,
                    module = terminal(&word(&version))
                ));
            }
            if !versions.is_empty() {
                continue;
            }
        }
        found.fix(match sign.fact {
            Residue::History => say!(lnx_kernel_018_fix_history, file = file),
            Residue::SigningKey => say!(lnx_kernel_018_fix_key, file = file),
            _ => say!(lnx_kernel_018_fix_delete, file = file),
        });
    }
    for kernel in &linux.kernels().items {
        let Owner::Package(recorded) = &kernel.fact.owner else {
            continue;
        };
        let maker = recorded.package.maintainer.as_deref().unwrap_or_default();
        if !built_by_hand(maker) {
            continue;
        }
        let boots = linux.boot().boots_by_default(&kernel.fact.path) == Some(true);
        let note = say!(lnx_kernel_018_package, maintainer = terminal(maker));
        found.fail_if(boots, Item::at(kernel.at.clone(), note));
        found.fix(if boots {
            replace(context, &kernel.fact)
        } else {
            remove(context, &kernel.fact)
        });
    }
    found.conclude(|status, count| match status {
        Status::Fail => say!(lnx_kernel_018_fail),
        Status::Unknown => say!(lnx_kernel_018_unknown, count = count),
        Status::Warn => say!(lnx_kernel_018_warn, count = count),
        _ => say!(lnx_kernel_018_pass),
    })
}

/// The versions that DKMS keeps in the folder of a module; beside them it has links to what it
/// installed (`kernel-…`), and what it replaced.
fn versions(context: &Context<'_>, folder: &str) -> Vec<String> {
    let Ok(Some(found)) = context.evidence.files.names(folder) else {
        return Vec::new();
    };
    let beside = |name: &String| name.starts_with("kernel-") || name == "original_module";
    let versions = found.names.into_iter().filter(|name| !beside(name));
    versions.collect()
}

/// `make bindeb-pkg` signs with the user and the host that it runs on.
fn built_by_hand(maintainer: &str) -> bool {
    let host = maintainer
        .rsplit_once('@')
        .map_or("", |(_, host)| host.trim_end_matches('>'));
    maintainer.starts_with("root ") || !host.is_empty() && !host.contains('.')
}
