//! LNX-KERNEL-013: no argument of the kernel redirects the boot or weakens the kernel.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::evidence::Found;
use crate::evidence::linux::{Boot, CommandLine, Root, RootOf, Use, normal};
use crate::policy::checks::findings::Findings;
use crate::policy::checks::linux::commands::Commands;
use crate::policy::checks::linux::fits;
use crate::policy::checks::registry::{BadParameter, Parameters};
use crate::policy::checks::valid;
use crate::policy::{Context, Item, Outcome, Status};
use crate::text::{Text, terminal};

/// Arguments of the kernel by the harm that they do, `*` for any characters. The kernel takes `-`
/// and `_` in names for the same, and so do these.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::policy::checks) struct Arguments {
    /// The rule is not met where the next boot uses them; elsewhere they are a warning.
    refused: Vec<String>,
    /// A warning.
    warned: Vec<String>,
    /// A warning in the entry that boots by default only: rescue entries have them.
    warned_by_default: Vec<String>,
    /// Allowed, whatever the other lists say: programs that may run first (`init=/sbin/init`).
    allowed: Vec<String>,
}

impl Parameters for Arguments {
    fn validate(&self) -> Result<(), BadParameter> {
        let lists = [
            ("refused", &self.refused),
            ("warned", &self.warned),
            ("warned_by_default", &self.warned_by_default),
            ("allowed", &self.allowed),
        ];
        for (i, (name, list)) in lists.iter().enumerate() {
            valid::entries(name, list)?;
            for (other, before) in &lists[..i] {
                if let Some(at) = list.iter().position(|a| before.contains(a)) {
                    let problem = say!(policy_bad_both, entry = list[at].as_str(), other = *other);
                    return Err(BadParameter::new(format!("{name}[{at}]"), problem));
                }
            }
        }
        Ok(())
    }
}

fn among(patterns: &[String], argument: &str) -> bool {
    patterns.iter().any(|p| fits(&normal(p), argument))
}

pub(in crate::policy::checks) fn run(context: &Context<'_>, with: &Arguments) -> Outcome {
    let linux = &context.evidence.linux;
    let (boot, lines) = (linux.boot(), linux.command_lines());
    let commands = Commands::of(context);
    let mut found = Findings::with_gaps(&lines.gaps);
    found.gaps(boot.gaps.iter().cloned());
    for line in &lines.items {
        let mut clean = true;
        for argument in line.fact.arguments() {
            let plain = normal(argument);
            let by_default = line.fact.use_ == Use::Default;
            let refused = among(&with.refused, &plain);
            let warned =
                among(&with.warned, &plain) || by_default && among(&with.warned_by_default, &plain);
            if among(&with.allowed, &plain) || !refused && !warned {
                continue;
            }
            clean = false;
            found.fail_if(refused && by_default, harmful(line, argument, refused));
            found.fix(fix(line, argument, boot, commands));
        }
        if clean {
            found.pass(harmless(line));
        }
    }
    for root in linux.roots() {
        root_of(&root, &context.evidence.guest.root_volume, &mut found);
    }
    let status = match found.worst() {
        Status::Pass if lines.items.iter().all(|l| l.fact.use_ == Use::Later) => Status::Unknown,
        worst => worst,
    };
    found.concluded(status, |status, count| match status {
        Status::Fail => say!(lnx_kernel_013_fail, count = count),
        Status::Warn => say!(lnx_kernel_013_warn, count = count),
        Status::Unknown => say!(lnx_kernel_013_unknown),
        _ => say!(lnx_kernel_013_pass, count = count),
    })
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

fn harmful(line: &Found<CommandLine>, argument: &str, refused: bool) -> Item {
    let argument = terminal(argument);
    let argument = argument.as_str();
    let note = match (refused, line.fact.use_) {
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

/// How `argument` goes: from the file that menus are made from, where the line is of one that is
/// made.
fn fix(line: &Found<CommandLine>, argument: &str, boot: &Boot, commands: Commands<'_>) -> Text {
    let argument = terminal(argument);
    let path = line.at.path.as_deref().unwrap_or_default();
    let made = path.ends_with("/grub.cfg");
    if made || path.starts_with("/etc/default/grub") {
        let file = if made { "/etc/default/grub" } else { path };
        return say!(
            lnx_kernel_013_fix_grub,
            argument = argument,
            file = terminal(file),
            command = commands.make_menu(boot)
        );
    }
    let place = line.at.to_string();
    say!(lnx_kernel_013_fix_line, argument = argument, place = place)
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
            ("module.sig_enforce=0", Status::Warn),
            ("lockdown=none", Status::Warn),
            ("mitigations=off", Status::Warn),
            ("selinux=0", Status::Warn),
            ("nokaslr", Status::Warn),
            ("single", Status::Warn),
            ("-- init=/x", Status::Fail),
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
        assert_eq!(status(ID, later), Status::Warn);
        assert_eq!(status(ID, Build::debian()), Status::Unknown);
    }

    #[test]
    fn what_may_be_an_argument_is_the_policys() {
        let guest = guest(with("mitigations=off"));
        let found = check_guest("LNX-KERNEL-013", &guest, |policy| {
            for check in &mut policy.checks {
                let Some(list) = check.with.get_mut("allowed") else {
                    continue;
                };
                *list = serde_json::json!(["mitigations=off"]);
            }
        });
        assert_eq!(found.status, Status::Pass);
    }

    #[test]
    fn an_argument_in_two_lists_or_twice_in_one_is_refused() {
        let read = |text: &str| -> super::Arguments { serde_yaml_ng::from_str(text).unwrap() };
        let path = |text: &str| {
            let valid = super::Parameters::validate(&read(text));
            valid.err().map(|bad| bad.path)
        };
        let lists = "{refused: [init=*], warned: [nokaslr], warned_by_default: [s], allowed: [";
        assert_eq!(path(&format!("{lists}]}}")), None);
        let found = |allowed: &str| path(&format!("{lists}{allowed}]}}"));
        assert_eq!(found("init=/sbin/init"), None);
        assert_eq!(found("x, s").as_deref(), Some("allowed[1]"));
        assert_eq!(found("x, x").as_deref(), Some("allowed[1]"));
    }
}
