//! LNX-KERNEL-018: nothing shows that a kernel was built or installed by hand.

use super::describe::file_name;
use crate::evidence::linux::{Owner, Residue};
use crate::policy::checks::findings::Findings;
use crate::policy::checks::linux::commands::{Commands, word};
use crate::policy::checks::registry::NoParameters;
use crate::policy::{Context, Item, Outcome, Status};
use crate::text::terminal;

pub(in crate::policy::checks) fn run(context: &Context<'_>, _: &NoParameters) -> Outcome {
    let linux = &context.evidence.linux;
    let all = linux.autoload();
    let commands = Commands::of(context);
    let mut found = Findings::with_gaps(&all.gaps);
    for sign in &all.residue {
        let note = match sign.fact {
            Residue::Source => say!(lnx_kernel_018_source),
            Residue::PackageFile => say!(lnx_kernel_018_package_file),
            Residue::BuildTree => say!(lnx_kernel_018_build_tree),
            Residue::SetAside => say!(lnx_kernel_018_set_aside),
            Residue::Dkms => say!(lnx_kernel_018_dkms),
            Residue::History => say!(lnx_kernel_018_history),
        };
        found.warn(Item::at(sign.at.clone(), note));
        let path = sign.at.path.as_deref().unwrap_or_default();
        let file = terminal(&word(path));
        found.fix(match sign.fact {
            Residue::Dkms => say!(
                lnx_kernel_018_fix_dkms,
                module = terminal(&word(file_name(path)))
            ),
            Residue::History => say!(lnx_kernel_018_fix_history, file = file),
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
        found.fix(say!(
            lnx_kernel_018_fix_kernel,
            command = commands.install_kernel(),
            file = terminal(&kernel.fact.path)
        ));
    }
    found.conclude(|status, count| match status {
        Status::Fail => say!(lnx_kernel_018_fail),
        Status::Warn => say!(lnx_kernel_018_warn, count = count),
        _ => say!(lnx_kernel_018_pass),
    })
}

/// `make bindeb-pkg` signs with the user and the host that it runs on.
fn built_by_hand(maintainer: &str) -> bool {
    let host = maintainer
        .rsplit_once('@')
        .map_or("", |(_, host)| host.trim_end_matches('>'));
    maintainer.starts_with("root ") || !host.is_empty() && !host.contains('.')
}
