//! LNX-KERNEL-013: no argument of the kernel redirects the boot or weakens the kernel.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::evidence::linux::{CommandLine, Loader, Root, RootOf, Use, normal};
use crate::evidence::{Found, Gap, Location};
use crate::policy::checks::findings::Findings;
use crate::policy::checks::linux::commands::{Commands, word};
use crate::policy::checks::registry::Parameters;
use crate::policy::{Context, Item, Outcome, Status};
use crate::text::{Text, terminal};

/// None of its own.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::policy::checks) struct Arguments {}

impl Parameters for Arguments {
    const SHARED: &'static [&'static str] = &["kernel_arguments"];
}

pub(in crate::policy::checks) fn run(context: &Context<'_>, _: &Arguments) -> Outcome {
    let linux = &context.evidence.linux;
    let (boot, lines) = (linux.boot(), linux.command_lines());
    let arguments = &context.shared.kernel_arguments;
    let mut found = Findings::with_gaps(&lines.gaps);
    found.gaps(boot.gaps.iter().cloned());
    let mounts = &context.evidence.guest.mounts;
    let mut fixes = Vec::new();
    for line in &lines.items {
        let mut clean = true;
        for argument in line.fact.arguments() {
            // What such an argument mounts is not what was judged.
            if line.fact.use_ == Use::Default
                && let Some(why) = mounts.affects_mounts(argument)
            {
                found.gap(Gap::new(line.at.clone(), &why));
            }
            let by_default = line.fact.use_ == Use::Default;
            let refused = arguments.refuses(argument);
            let unclear = line.fact.use_ != Use::Chosen
                && !arguments.knows(argument)
                && mounts.mounted_by(argument).is_none()
                && !is_variable(argument);
            if !refused && !unclear && !arguments.warns(argument, by_default) {
                continue;
            }
            clean = false;
            let item = harmful(line, argument, refused, unclear);
            match line.fact.use_ {
                // What the menu is made from is a default as soon as a kernel is installed.
                Use::Default | Use::Later if refused => found.fail(item),
                // Someone may choose the entry.
                Use::Chosen if refused => found.unknown(item),
                _ if unclear => found.unknown(item),
                _ => found.warn(item),
            }
            let fix = remove_argument(context, line, argument);
            if !fixes.contains(&fix) {
                found.fix(fix.clone());
                fixes.push(fix);
            }
        }
        if clean {
            found.pass(harmless(line));
        }
    }
    for root in linux.roots() {
        root_of(&root, &context.evidence.guest.root_volume, &mut found);
    }
    let no_menu = lines.items.iter().all(|l| l.fact.use_ == Use::Later);
    let status = match found.worst() {
        Status::Pass if no_menu => Status::Unknown,
        worst => worst,
    };
    if status == Status::Unknown && no_menu && lines.gaps.is_empty() && boot.gaps.is_empty() {
        let menu = Commands::of(context).make_menu(boot);
        let menu = menu.unwrap_or_default();
        found.fix_of_unknown(say!(lnx_kernel_013_fix_unknown, command = terminal(&menu)));
    }
    found.concluded(status, |status, count| match status {
        Status::Fail => say!(lnx_kernel_013_fail, count = count),
        Status::Warn => say!(lnx_kernel_013_warn, count = count),
        Status::Unknown if no_menu => say!(lnx_kernel_013_unknown),
        Status::Unknown => say!(lnx_kernel_013_unclear, count = count),
        _ => say!(lnx_kernel_013_pass, count = count),
    })
}

/// True of a variable of `/etc/default/grub` that stands for arguments which are judged where they
/// are set.
fn is_variable(argument: &str) -> bool {
    let name = argument.trim_matches(['$', '{', '}']);
    argument.starts_with('$') && name.starts_with("GRUB_CMDLINE_LINUX")
}

/// The root of an entry has to be the volume of this very system.
fn root_of(found: &Found<RootOf>, own: &str, all: &mut Findings) {
    let fact = &found.fact;
    let value = match &fact.value {
        Some(value) => Text::verbatim(terminal(&format!("root={value}"))),
        None => say!(lnx_kernel_013_root_absent),
    };
    let item = |note: Text| {
        Item::at(found.at.clone(), note).compare(
            say!(lnx_kernel_013_root_expected, volume = own),
            value.clone(),
        )
    };
    match &fact.root {
        Root::Volume(name) if name == own => match &fact.other_type {
            None => {}
            Some(kind) => {
                let kind = terminal(kind);
                all.unknown(item(say!(lnx_kernel_013_root_type, kind = kind)));
            }
        },
        Root::Volume(name) => {
            let name = terminal(name);
            all.unknown(item(say!(lnx_kernel_013_root_other_volume, volume = name)));
        }
        Root::Several(names) => {
            let count = names.len();
            all.unknown(item(say!(lnx_kernel_013_root_several, count = count)));
        }
        Root::None => all.unknown(item(say!(lnx_kernel_013_root_none))),
        // Someone may choose the entry.
        Root::OtherDisk if fact.chosen => {
            all.unknown(item(say!(lnx_kernel_013_root_other_disk)));
        }
        Root::OtherDisk => {
            all.fail(item(say!(lnx_kernel_013_root_other_disk)));
            let place = found.at.to_string();
            all.fix(say!(lnx_kernel_013_fix_root, place = place));
        }
        Root::Unfollowed => all.unknown(item(say!(lnx_kernel_013_root_unfollowed))),
        Root::Differs(other) => {
            let other = terminal(other);
            all.unknown(item(say!(lnx_kernel_013_root_differs, value = other)));
        }
    }
}

fn harmful(line: &Found<CommandLine>, argument: &str, refused: bool, unclear: bool) -> Item {
    let argument = terminal(argument);
    let argument = argument.as_str();
    let note = match (refused, line.fact.use_) {
        (false, _) if unclear => say!(lnx_kernel_013_not_understood, argument = argument),
        (true, Use::Default) => say!(lnx_kernel_013_redirected, argument = argument),
        (true, Use::Chosen) => say!(lnx_kernel_013_redirected_entry, argument = argument),
        (true, Use::Later) => say!(lnx_kernel_013_redirected_later, argument = argument),
        (false, Use::Default) => say!(lnx_kernel_013_weakened, argument = argument),
        (false, _) => say!(lnx_kernel_013_weakened_entry, argument = argument),
    };
    Item::at(line.at.clone(), note).compare(
        say!(lnx_kernel_013_expected, argument = argument),
        Text::verbatim(terminal(&line.fact.text)),
    )
}

fn harmless(line: &Found<CommandLine>) -> Item {
    let text = terminal(&line.fact.text);
    let note = match line.fact.use_ {
        Use::Default => say!(lnx_kernel_013_default, line = text),
        Use::Chosen => say!(lnx_kernel_013_chosen, line = text),
        Use::Later => say!(lnx_kernel_013_later, line = text),
    };
    Item::at(line.at.clone(), note)
}

/// How the arguments that redirect or weaken a boot go, for tests that judge the boot as a whole.
pub(in crate::policy::checks::linux) fn remove_arguments(context: &Context<'_>) -> Vec<Text> {
    let lines = context.evidence.linux.command_lines().items.iter();
    let effects = &context.shared.kernel_arguments;
    let arguments = lines.flat_map(|line| {
        let all = line.fact.arguments();
        let all = all.filter(|a| effects.effect(a).is_some());
        all.map(move |argument| (line, argument))
    });
    arguments
        .map(|(line, argument)| remove_argument(context, line, argument))
        .collect()
}

/// How `argument` goes from `line`: from the file that holds it or that it is made from, so that it
/// does not come back.
pub(in crate::policy::checks::linux) fn remove_argument(
    context: &Context<'_>,
    line: &Found<CommandLine>,
    argument: &str,
) -> Text {
    let linux = &context.evidence.linux;
    let boot = linux.boot();
    let commands = Commands::of(context);
    let path = line.at.path.as_deref().unwrap_or_default();
    let shown = terminal(argument);
    let argument_of = |at: &Location| {
        let place = terminal(&at.to_string());
        match commands.make_menu(boot) {
            Some(menu) => say!(
                lnx_kernel_013_fix_grub,
                argument = shown.as_str(),
                place = place,
                command = terminal(&menu)
            ),
            None => say!(
                lnx_kernel_013_fix_line,
                argument = shown.as_str(),
                place = place
            ),
        }
    };
    if is_grub_default(path) {
        return argument_of(&line.at);
    }
    if path.ends_with("/grub.cfg") {
        let mut sources = linux.command_lines().items.iter().filter(|other| {
            let file = other.at.path.as_deref().unwrap_or_default();
            let mut arguments = other.fact.arguments();
            is_grub_default(file) && arguments.any(|a| normal(a) == normal(argument))
        });
        return match (sources.next(), commands.make_menu(boot)) {
            (Some(source), _) => argument_of(&source.at),
            (None, Some(menu)) => say!(
                lnx_kernel_013_fix_menu,
                argument = shown,
                place = terminal(&line.at.to_string()),
                command = terminal(&menu),
                word = terminal(&word(argument))
            ),
            (None, None) => argument_of(&line.at),
        };
    }
    if path.ends_with("/grubenv") {
        let tool = commands.grub(boot, "editenv");
        let rest: Vec<&str> = line.fact.text.split_whitespace().collect();
        let rest: Vec<&str> = rest.into_iter().filter(|a| *a != argument).collect();
        let setting = word(&format!("kernelopts={}", rest.join(" ")));
        return say!(
            lnx_kernel_013_fix_command,
            argument = shown,
            place = terminal(&line.at.to_string()),
            command = terminal(&format!("{tool} {path} set {setting}"))
        );
    }
    let place = terminal(&line.at.to_string());
    if path.to_ascii_lowercase().ends_with(".efi") {
        let release = linux.kernels().at_path(path);
        let release = release.and_then(|k| k.fact.release.as_deref());
        let build = match release {
            Some(release) => {
                let release = word(release);
                format!("kernel-install add {release} /usr/lib/modules/{release}/vmlinuz")
            }
            None => "kernel-install add-all".to_owned(),
        };
        return say!(
            lnx_kernel_013_fix_unified,
            argument = shown,
            file = terminal(path),
            command = terminal(&build)
        );
    }
    if path.ends_with("/kernel/cmdline") {
        return say!(lnx_kernel_013_fix_later, argument = shown, place = place);
    }
    // grubby changes entries of the boot loader specification, and what later ones are made from.
    let entry = path.ends_with(".conf") || path.ends_with("/menu.lst");
    if entry && commands.installed("grubby") {
        let argument = format!("--remove-args={}", word(argument));
        return say!(
            lnx_kernel_013_fix_command,
            argument = shown,
            place = place,
            command = terminal(&format!("grubby --update-kernel=ALL {argument}"))
        );
    }
    if boot.loader == Some(Loader::Extlinux)
        && let Some(menu) = commands.make_menu(boot)
    {
        return say!(
            lnx_kernel_013_fix_extlinux,
            argument = shown,
            place = place,
            command = menu
        );
    }
    say!(lnx_kernel_013_fix_line, argument = shown, place = place)
}

fn is_grub_default(path: &str) -> bool {
    path == "/etc/default/grub" || path.starts_with("/etc/default/grub.d/")
}

#[cfg(test)]
mod tests {
    use crate::evidence::linux::testing::{Build, bzimage, guest};
    use crate::policy::Status;
    use crate::policy::checks::linux::testing::{check, check_guest, status};

    fn with(arguments: &str) -> Build {
        let image = bzimage("1 (x)", b"");
        Build::debian().kernel("1", &image).file(
            "/boot/grub/grub.cfg",
            0o600,
            format!(
                "set default=0\nmenuentry a {{\nlinux /boot/vmlinuz-1 root=UUID=root-uuid {arguments}\n}}\nmenuentry r {{\nlinux /boot/vmlinuz-1 root=UUID=root-uuid single\n}}\n"
            ),
        )
    }

    /// An argument that mounts something is not harmless, for what it mounts was not judged.
    #[test]
    fn arguments_that_mount_make_it_unknown() {
        for arguments in [
            "systemd.volatile=yes",
            "mount.usr=/dev/vdb1",
            "rootflags=subvol=x",
        ] {
            assert_eq!(
                status("LNX-KERNEL-013", with(arguments)),
                Status::Unknown,
                "{arguments}"
            );
        }
        assert_eq!(
            status("LNX-KERNEL-013", with("rootflags=relatime quiet")),
            Status::Pass
        );
    }

    #[test]
    fn arguments_that_redirect_fail_and_those_that_weaken_warn() {
        const ID: &str = "LNX-KERNEL-013";
        for (arguments, wanted) in [
            ("ro quiet console=tty0 console=ttyS0,115200", Status::Pass),
            ("net.ifnames=0 crashkernel=256M i8042.noaux", Status::Pass),
            ("init=/sbin/init", Status::Pass),
            ("init=/root/.x", Status::Fail),
            ("rdinit=/x", Status::Fail),
            ("rd.break", Status::Fail),
            ("systemd.debug-shell=1", Status::Fail),
            ("systemd.debug_shell", Status::Fail),
            ("break", Status::Fail),
            ("systemd.debug_shell=0", Status::Pass),
            ("systemd.debug-shell=no", Status::Pass),
            ("rd.systemd.debug_shell=off", Status::Pass),
            ("systemd.debug_shell=false", Status::Pass),
            ("module.sig_enforce=0", Status::Warn),
            ("lockdown=none", Status::Warn),
            ("mitigations=off", Status::Warn),
            ("selinux=0", Status::Warn),
            ("nokaslr", Status::Warn),
            ("single", Status::Warn),
            ("-- init=/x", Status::Fail),
            // kernel-parameters.txt, systemd.exec(5) and cloud-init's kernel arguments.
            ("sysctl.kernel.modprobe=/srv/x", Status::Fail),
            ("systemd.setenv=LD_PRELOAD=/srv/x.so", Status::Fail),
            ("cloud-config-url=http://203.0.113.1/", Status::Fail),
        ] {
            assert_eq!(status(ID, with(arguments)), wanted, "{arguments}");
        }
        let found = check(ID, with("init=/root/.x"));
        let first = &found.evidence[0];
        assert_eq!(first.at.path.as_deref(), Some("/boot/grub/grub.cfg"));
        assert_eq!(first.at.line, Some(2));
        let later = with("ro").file(
            "/etc/default/grub",
            0o644,
            "GRUB_CMDLINE_LINUX=\"init=/root/.x\"\n",
        );
        assert_eq!(status(ID, later), Status::Fail);
        assert_eq!(status(ID, Build::debian()), Status::Unknown);
    }

    /// kernel-parameters.txt: `sysctl.*` and `module_name.parameter`; init gets what the kernel
    /// does not know as its environment. cloud-init(1) and systemd(1) read the line too.
    #[test]
    fn arguments_that_nothing_explains_are_unknown() {
        const ID: &str = "LNX-KERNEL-013";
        for arguments in [
            "sysctl.vm.swappiness=1",
            "LD_PRELOAD=/srv/x.so",
            "systemd.setenv=A=b",
            "boot=x",
            "resume_offset=1",
            "firmware_class.path=/srv",
            "something",
        ] {
            let found = check(ID, with(arguments));
            assert_eq!(found.status, Status::Unknown, "{arguments}");
            assert_eq!(found.evidence[0].at.line, Some(2));
        }
        // Of an entry that a person must choose it is nothing to speak of.
        let image = bzimage("1 (x)", b"");
        let chosen = Build::debian().kernel("1", &image).file(
            "/boot/grub/grub.cfg",
            0o600,
            "menuentry a {\nlinux /boot/vmlinuz-1 root=UUID=root-uuid\n}\nmenuentry b {\nlinux /boot/vmlinuz-1 root=UUID=root-uuid x=y\n}\n",
        );
        assert_eq!(status(ID, chosen), Status::Pass);
        let other_root = |root: &str| {
            let menu = format!(
                "menuentry a {{\nlinux /boot/vmlinuz-1 root=UUID=root-uuid\n}}\nmenuentry b {{\nlinux /boot/vmlinuz-1 root={root}\n}}\n"
            );
            let build = Build::debian().kernel("1", &image);
            status(ID, build.file("/boot/grub/grub.cfg", 0o600, menu))
        };
        assert_eq!(other_root("/dev/vda1"), Status::Pass);
        assert_eq!(other_root("/dev/vdb1"), Status::Unknown);
        assert_eq!(other_root("UUID=gone"), Status::Unknown);
        let later = |value: &str| {
            let text = format!("GRUB_CMDLINE_LINUX=\"{value}\"\n");
            status(ID, with("ro").file("/etc/default/grub", 0o644, text))
        };
        assert_eq!(later("$GRUB_CMDLINE_LINUX quiet"), Status::Pass);
        assert_eq!(later("sysctl.vm.swappiness=1"), Status::Unknown);
    }

    #[test]
    fn what_may_be_an_argument_is_the_policys() {
        let guest = guest(with("mitigations=off"));
        let found = check_guest("LNX-KERNEL-013", &guest, |policy| {
            policy.params["kernel_arguments"]["allowed"] = serde_json::json!(["mitigations=off"]);
        });
        assert_eq!(found.status, Status::Pass);
    }
}
