//! What the checks of modules say in common.

use crate::evidence::Found;
use crate::evidence::linux::{
    KernelModule, LoadKind, LoadLine, ModuleInfo, ModuleSignature, Modules, Provenance, RunCommand,
};
use crate::policy::checks::linux::commands::{Commands, word};
use crate::policy::{Context, Outcome, Status};
use crate::text::{Text, terminal};

/// Fields that tell a module, for people.
const FIELDS: [&str; 6] = [
    "name",
    "author",
    "license",
    "srcversion",
    "vermagic",
    "depends",
];

/// The outcome where no kernel that may boot has modules.
pub(super) fn no_modules(modules: &Modules) -> Option<Outcome> {
    let empty = modules.items.is_empty() && modules.gaps.is_empty();
    empty.then(|| Outcome::of(Status::NotApplicable, say!(linux_modules_none)))
}

/// True where a key of its kernel signed the module, or one that the user gave.
pub(super) fn is_proven(module: &KernelModule) -> bool {
    module.signature.proves()
}

/// What the module's signature says.
pub(super) fn signature(module: &KernelModule) -> Text {
    match &module.signature {
        ModuleSignature::None => say!(linux_modules_not_signed),
        ModuleSignature::Good(name)
        | ModuleSignature::Given(name)
        | ModuleSignature::Foreign(name) => {
            say!(linux_modules_signed, signer = terminal(name))
        }
        ModuleSignature::Bad(name) => {
            say!(linux_modules_bad_signature, signer = terminal(name))
        }
        ModuleSignature::Unread => say!(linux_modules_unread_signature),
    }
}

/// What the module says of itself.
pub(super) fn fields(info: Option<&ModuleInfo>) -> Vec<Text> {
    let one = |key: &&str| {
        let value = info?.get(key)?;
        Some(Text::verbatim(format!("{key}={}", terminal(value))))
    };
    FIELDS.iter().filter_map(one).collect()
}

/// The name of the file at `path`.
pub(super) fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// The name of the module in the file at `path`, `-` as `_`.
pub(super) fn module_name(path: &str) -> String {
    let name = file_name(path).split(".ko").next().unwrap_or_default();
    name.replace('-', "_")
}

/// What mends a module that is not as it should be: its package anew, or away with it.
pub(super) fn mend(commands: Commands<'_>, module: &Found<KernelModule>) -> Text {
    let fact = &module.fact;
    if let Some(initramfs) = &fact.initramfs {
        say!(
            linux_modules_fix_initramfs,
            file = terminal(initramfs),
            command = commands.make_initramfs()
        )
    } else if let Some(package) = &fact.package {
        say!(
            linux_modules_fix_reinstall,
            package = terminal(package),
            command = terminal(&commands.reinstall(package))
        )
    } else {
        let path = module.at.path.as_deref().unwrap_or_default();
        say!(
            linux_modules_fix_delete,
            file = terminal(&word(path)),
            release = terminal(&word(&fact.release))
        )
    }
}

/// A script of GRUB that writes part of its menu.
pub(super) fn is_menu_script(found: &Found<LoadLine>) -> bool {
    let path = found.at.path.as_deref().unwrap_or_default();
    found.fact.kind == LoadKind::Hook && path.starts_with("/etc/grub.d/")
}

/// The commands that run `program` by themselves, beside the lines that load modules and kernels:
/// those of scripts that start lines lead to, where no package brought the script as it is.
pub(super) fn unlisted<'a>(
    context: &'a Context<'_>,
    program: &'a str,
) -> impl Iterator<Item = &'a Found<RunCommand>> {
    let linux = &context.evidence.linux;
    let listed = &linux.autoload().items;
    let kind = match program {
        "kexec" => LoadKind::Kexec,
        _ => LoadKind::Insmod,
    };
    linux.run().commands.iter().filter(move |command| {
        let place = |line: &Found<LoadLine>| {
            line.fact.kind == kind
                && line.at.path == command.at.path
                && line.at.line == command.at.line
        };
        let file = command.fact.file.as_deref();
        runs(&command.fact, program)
            && !listed.iter().any(place)
            && file.is_none_or(|file| linux.provenance(file) != Provenance::Unchanged)
    })
}

/// True where `command` is `program`, by its own name or as an applet (`busybox insmod`). What other
/// programs start (`env`, `nohup`, `exec`) is a command of its own.
fn runs(command: &RunCommand, program: &str) -> bool {
    const MULTI_CALL: &[&str] = &["busybox", "kmod", "toybox"];
    command.name() == program
        || MULTI_CALL.contains(&command.name())
            && command.operands().find(|word| !word.starts_with('-')) == Some(program)
}

/// Takes away what `found` shows: the line, or the file where it is no line.
pub(super) fn delete_line(found: &Found<LoadLine>) -> Text {
    match (&found.at.path, found.at.line) {
        (Some(path), None) => say!(linux_modules_fix_file, file = terminal(&word(path))),
        _ => say!(
            linux_modules_fix_line,
            place = terminal(&found.at.to_string())
        ),
    }
}
