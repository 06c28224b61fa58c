//! The kernels of a guest, and which of them may boot.

use crate::evidence::linux::{Kernel, KernelImage, Owner, Package};
use crate::evidence::{Found, ObjectKind};
use crate::policy::checks::findings::Findings;
use crate::policy::checks::linux::commands::Commands;
use crate::policy::levels::{Level, standing};
use crate::policy::{Context, Item, Outcome, Status};
use crate::text::{Text, terminal};

/// A kernel and its parts.
pub(super) struct Candidate<'a> {
    pub(super) kernel: &'a Found<Kernel>,
    pub(super) image: &'a KernelImage,
    /// It boots by default, or which one does can't be told.
    pub(super) counts: bool,
    /// A vendor's signature or a reference proves it.
    pub(super) proven: bool,
}

impl Candidate<'_> {
    /// What `note` says of it.
    pub(super) fn item(&self, note: Text) -> Item {
        Item::at(self.kernel.at.clone(), note)
    }

    /// The package that owns it.
    pub(super) fn package(&self) -> Option<&Package> {
        package(&self.kernel.fact)
    }

    /// The version of Debian's package that its banner tells.
    pub(super) fn debian_version(&self) -> Option<&str> {
        let build = &self.image.inside.banner.as_ref()?.build;
        let mut words = build.split_whitespace().skip_while(|w| *w != "Debian");
        words.nth(1)
    }

    /// How it becomes its vendor's again; one that does not boot by default goes.
    pub(super) fn fix(&self, context: &Context<'_>) -> Text {
        mend(context, &self.kernel.fact, self.counts)
    }
}

/// The package that owns `kernel`.
pub(super) fn package(kernel: &Kernel) -> Option<&Package> {
    match &kernel.owner {
        Owner::Package(record) => Some(&record.package),
        _ => None,
    }
}

/// How `kernel` becomes its vendor's again where it `counts`; how it goes where it is a spare one.
pub(super) fn mend(context: &Context<'_>, kernel: &Kernel, counts: bool) -> Text {
    if counts {
        restore(context, kernel)
    } else {
        remove(context, kernel)
    }
}

/// How `kernel` becomes its vendor's again.
pub(super) fn restore(context: &Context<'_>, kernel: &Kernel) -> Text {
    match package(kernel) {
        Some(package) => say!(
            linux_reinstall,
            package = terminal(&package.name),
            command = terminal(&Commands::of(context).reinstall(&package.name))
        ),
        None => replace(context, kernel),
    }
}

/// How the distribution's kernel comes in the place of `kernel`.
pub(in crate::policy::checks::linux) fn replace(context: &Context<'_>, kernel: &Kernel) -> Text {
    let commands = Commands::of(context);
    say!(
        linux_kernel_replace,
        install = commands.install_kernel(),
        delete = terminal(&delete(context, kernel))
    )
}

/// How `kernel`, which does not boot by default, goes.
pub(in crate::policy::checks::linux) fn remove(context: &Context<'_>, kernel: &Kernel) -> Text {
    let command = terminal(&delete(context, kernel));
    say!(linux_kernel_delete, command = command)
}

/// The command that takes `kernel` away: its package, or the file and its entries.
fn delete(context: &Context<'_>, kernel: &Kernel) -> String {
    let commands = Commands::of(context);
    match package(kernel) {
        Some(package) => commands.remove(&commands.exact(package)),
        None => commands.delete_kernel(context.evidence.linux.boot(), &kernel.path),
    }
}

/// The paths of the kernels that a vendor's signature or a reference proves.
pub(in crate::policy::checks::linux) fn proven_kernels<'a>(context: &Context<'a>) -> Vec<&'a str> {
    let arguments = &context.shared.kernel_arguments;
    let objects = context.evidence.linux.ring0().objects.iter();
    let kernels = objects.filter(|o| o.kind == ObjectKind::Kernel);
    kernels
        .filter(|o| standing(o, arguments).level >= Level::K4)
        .map(|o| o.path.as_str())
        .collect()
}

/// The kernels of the guest, and findings that begin with their gaps; `None` where there is no
/// kernel.
pub(super) fn candidates<'a>(context: &Context<'a>) -> Option<(Vec<Candidate<'a>>, Findings)> {
    let linux = &context.evidence.linux;
    let images = linux.images();
    let certain = images.kernels.iter().any(|k| k.fact.default == Some(true));
    let proven = proven_kernels(context);
    let pairs = linux.kernels().items.iter().filter_map(|kernel| {
        let image = &images.kernel(&kernel.fact.path)?.fact;
        Some(Candidate {
            kernel,
            image,
            counts: !certain || image.default != Some(false),
            proven: proven.contains(&kernel.fact.path.as_str()),
        })
    });
    let all: Vec<_> = pairs.collect();
    let found = Findings::with_gaps(&linux.kernels().gaps);
    (!all.is_empty()).then_some((all, found))
}

/// The outcome where no kernel was found.
pub(super) fn no_kernel(context: &Context<'_>) -> Outcome {
    let mut found = Findings::with_gaps(&context.evidence.linux.kernels().gaps);
    found.fix_of_unknown(install(Commands::of(context)));
    found.concluded(Status::Unknown, |_, _| say!(linux_kernel_none))
}

/// How the guest gets a kernel.
pub(super) fn install(commands: Commands<'_>) -> Text {
    say!(linux_kernel_install, command = commands.install_kernel())
}
