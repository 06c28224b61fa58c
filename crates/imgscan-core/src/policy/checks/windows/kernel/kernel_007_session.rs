//! Part of WIN-KERNEL-007: the programs that the session manager runs, the subsystem of Windows, the
//! libraries that all programs share, and the names of devices.

use super::kernel_007_early_values::EarlyValues;
use crate::evidence::windows::{Image, NativeCommand, Signed};
use crate::evidence::{Found, Location};
use crate::policy::checks::findings::Findings;
use crate::policy::checks::windows::values::{SET, Values};
use crate::policy::checks::windows::{commands, matches};
use crate::policy::{Context, Item, Status};
use crate::text::Text;

/// The program that checks volumes before they are used.
const AUTOCHK: &str = "autochk.exe";
/// The program that finishes the installation of updates.
const SERVICING: &str = "poqexec.exe";
/// What links to a device may be called that Windows itself has, with what each leads to.
const DEVICES: &[(&str, &[&str])] = &[
    ("AUX", &[r"\DosDevices\COM1"]),
    ("CON", &[r"\Device\ConDrv\Console"]),
    ("CONIN$", &[r"\Device\ConDrv\CurrentIn"]),
    ("CONOUT$", &[r"\Device\ConDrv\CurrentOut"]),
    ("MAILSLOT", &[r"\Device\MailSlot"]),
    ("NUL", &[r"\Device\Null"]),
    ("PIPE", &[r"\Device\NamedPipe"]),
    ("PRN", &[r"\DosDevices\LPT1"]),
    ("Silos", &[r"\Silos"]),
    ("UNC", &[r"\Device\Mup"]),
];

/// The key of the session manager.
fn manager() -> String {
    format!(r"{SET}\Control\Session Manager")
}

/// The programs that run before any logon.
pub(super) fn commands(context: &Context<'_>, found: &mut Findings) {
    let own = format!(r"{}\System32\", context.evidence.windows.roots().windows);
    for command in found.keep(context.evidence.windows.native_commands()) {
        let it = &command.fact;
        let program = it.program.as_deref().unwrap_or_default();
        let folder = program.get(..own.len()).unwrap_or_default();
        let of_windows = folder.eq_ignore_ascii_case(&own)
            && program.len() == own.len().saturating_add(it.name().len());
        let is = |name: &str| of_windows && it.name().eq_ignore_ascii_case(name);
        let (status, note) = if is(AUTOCHK) && it.arguments.iter().all(|a| checks_volume(a)) {
            (Status::Pass, say!(win_kernel_007_autochk))
        } else if is(SERVICING) {
            (Status::Unknown, say!(win_kernel_007_servicing))
        } else {
            (Status::Fail, say!(win_kernel_007_native, value = &it.value))
        };
        let shown = Text::verbatim(&it.text);
        let item = Item::at(command.at.clone(), note);
        found.add(
            status,
            item.compare(Text::verbatim("autocheck autochk *"), shown),
        );
        if status != Status::Pass {
            found.fix(restored(&command));
        }
    }
}

/// An argument of autochk: all volumes, one of them, or a switch (`/k:C`, which `chkntfs /x` sets).
fn checks_volume(argument: &str) -> bool {
    let volume = |text: &str| {
        let text = text.strip_prefix(r"\??\").unwrap_or(text);
        let volume = matches!(text.as_bytes(), [l] | [l, b':'] if l.is_ascii_alphabetic());
        let guid = text
            .get(..7)
            .is_some_and(|head| head.eq_ignore_ascii_case("Volume{"));
        volume || (guid && text.ends_with('}'))
    };
    let Some(switch) = argument.strip_prefix('/') else {
        return argument == "*" || volume(argument);
    };
    let (name, value) = match switch.split_once(':') {
        Some((name, value)) => (name, Some(value)),
        None => (switch, None),
    };
    let known = ["k", "x", "t", "p", "r", "m", "q", "v", "f", "i", "c", "w"];
    let number = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    known.iter().any(|k| k.eq_ignore_ascii_case(name))
        && value.is_none_or(|v| volume(v) || number(v))
}

/// The command that gives a value what Windows has in it.
fn restored(command: &Found<NativeCommand>) -> Text {
    let key = command.at.key.as_deref().unwrap_or_default();
    let value = &command.fact.value;
    let fix = match value.eq_ignore_ascii_case("BootExecute") {
        true => commands::set_value(key, value, "REG_MULTI_SZ", "autocheck autochk *"),
        false => commands::delete_value(key, value),
    };
    commands::loaded(&command.at, fix)
}

/// The subsystem of Windows: its program, its libraries, and no subsystem beside it.
pub(super) fn subsystems(context: &Context<'_>, with: &EarlyValues, found: &mut Findings) {
    let windows = &context.evidence.windows;
    let roots = windows.roots();
    let usual = format!(r"{}\System32\csrss.exe", roots.windows);
    let read = windows.subsystem();
    if let Some(subsystem) = found.read(read) {
        let it = &subsystem.fact;
        let right = it
            .program
            .as_ref()
            .is_some_and(|p| p.eq_ignore_ascii_case(&usual));
        let whole = Text::verbatim(&it.text);
        let note = say!(win_value, name = "Windows");
        let item = Item::at(subsystem.at.clone(), note);
        let status = if right { Status::Pass } else { Status::Fail };
        found.add(status, item.compare(Text::verbatim(&usual), whole.clone()));
        if !right {
            found.fix(wanted(&subsystem.at));
        }
        for (name, file) in it.libraries.iter().zip(it.files(&roots)) {
            let stem = name.to_ascii_lowercase();
            let stem = stem.strip_suffix(".dll").unwrap_or(&stem);
            let known = with
                .server_libraries
                .iter()
                .any(|l| l.eq_ignore_ascii_case(stem));
            let note = say!(win_kernel_007_library, name = name.as_str());
            if !known {
                let item = Item::at(subsystem.at.clone(), note.clone());
                let list = Text::list(with.server_libraries.iter());
                found.fail(item.compare(list, Text::verbatim(name)));
                found.fix(wanted(&subsystem.at));
            }
            signed(context, &file, &subsystem.at, note, found);
        }
        let strange = |p: &&String| {
            !with
                .subsystem_parameters
                .iter()
                .any(|known| matches(known, p))
        };
        for parameter in it.parameters.iter().filter(strange) {
            let item = Item::at(subsystem.at.clone(), say!(win_kernel_007_parameter));
            let list = Text::list(with.subsystem_parameters.iter());
            found.unknown(item.compare(list, Text::verbatim(parameter)));
        }
    }
}

/// What a value should be, where no command can say it.
fn wanted(at: &Location) -> Text {
    let key = at.key.as_deref().unwrap_or_default();
    let value = at.value.as_deref().unwrap_or_default();
    let usual = say!(win_kernel_007_as_installed);
    say!(
        win_fix_reg_restore,
        key = key,
        value = value,
        wanted = usual
    )
}

/// Files the library at `path` where it is there and nobody whom Windows trusts signed it.
fn signed(context: &Context<'_>, path: &str, at: &Location, note: Text, found: &mut Findings) {
    let (image, signed) = context.evidence.windows.signed_file(path);
    let file = match image {
        Image::File(file) => file,
        Image::Unknown(gap) => return found.gap(gap),
        Image::Missing(_) | Image::None => return,
    };
    let (status, shown) = match signed {
        Some(Signed::Trusted(_)) => return,
        Some(Signed::Unproven(why)) => (Status::Unknown, why),
        Some(Signed::Unanchored(by)) => (
            Status::Unknown,
            say!(win_signature_unanchored, signer = by.to_string()),
        ),
        Some(Signed::Renamed(by, original)) => (
            Status::Fail,
            say!(
                win_execution_renamed,
                original = original,
                signer = by.to_string()
            ),
        ),
        Some(Signed::Bad(why)) => (Status::Fail, why),
        Some(Signed::None) | None => (Status::Fail, say!(win_signature_none)),
    };
    let item = Item::at(
        file.at.clone(),
        say!(
            win_kernel_007_loads,
            note = note,
            value = at.value.as_deref().unwrap_or_default()
        ),
    );
    found.add(status, item.compare(say!(win_signature_wanted), shown));
    found.fix(commands::restore_file(context, path));
}

/// The libraries that every program shares: names of files in the folder of the system.
pub(super) fn known_libraries(context: &Context<'_>, found: &mut Findings) {
    let values = Values::of(context);
    let key = format!(r"{}\KnownDLLs", manager());
    let root = context.evidence.windows.roots().windows;
    for value in values.all(found, &key, "*") {
        let name = value.fact.name.to_ascii_lowercase();
        // Their rules stand in the policy.
        if matches!(name.as_str(), "dlldirectory" | "dlldirectory32") || name.is_empty() {
            continue;
        }
        let file = value.fact.data.to_string();
        let note = say!(win_kernel_007_known, name = &value.fact.name);
        if file.contains(['\\', '/', ':']) || file.trim().is_empty() {
            let item = Item::at(value.at.clone(), note);
            let shown = Text::verbatim(file);
            found.fail(item.compare(say!(win_kernel_007_bare), shown));
            found.fix(wanted(&value.at));
            continue;
        }
        // Of the same name for programs of 32 bits, where there are such.
        for folder in ["System32", "SysWOW64"] {
            let path = format!(r"{root}\{folder}\{file}");
            signed(context, &path, &value.at, note.clone(), found);
        }
    }
}

/// Links in the folder of DOS devices: they can give a drive's letter another meaning.
pub(super) fn devices(context: &Context<'_>, found: &mut Findings) {
    let values = Values::of(context);
    let key = format!(r"{}\DOS Devices", manager());
    for value in values.all(found, &key, "*") {
        let target = value.fact.data.to_string();
        let usual = DEVICES.iter().any(|(name, targets)| {
            name.eq_ignore_ascii_case(&value.fact.name)
                && targets.iter().any(|t| t.eq_ignore_ascii_case(&target))
        });
        if usual || value.fact.name.is_empty() && target.is_empty() {
            continue;
        }
        let name = value.fact.name.as_str();
        let note = say!(win_kernel_007_device, name = name);
        let item = Item::at(value.at.clone(), note);
        found.unknown(item.compare(say!(win_value_absent), Text::verbatim(target)));
        let key = value.at.key.as_deref().unwrap_or_default();
        let fix = commands::delete_value(key, name);
        found.fix(commands::loaded(&value.at, fix));
    }
}

/// The program that setup runs at the next start, in place of a logon.
pub(super) fn setup(context: &Context<'_>, with: &EarlyValues, found: &mut Findings) {
    let values = Values::of(context);
    let key = r"HKLM\SYSTEM\Setup";
    let Some(command) = values.first(found, key, "CmdLine") else {
        return;
    };
    let text = command.fact.data.to_string();
    let text = text.trim();
    if text.is_empty() {
        return;
    }
    let kind = values.number(found, key, "SetupType").map_or(0, |n| n.fact);
    let usual = with
        .setup
        .iter()
        .any(|s| s.command.eq_ignore_ascii_case(text));
    let status = match (usual, kind) {
        (true, _) => Status::Pass,
        (false, 0) => Status::Unknown,
        (false, _) => Status::Fail,
    };
    let item = Item::at(command.at.clone(), say!(win_value, name = "CmdLine"));
    let list = Text::list(with.setup.iter().map(|s| s.command.as_str()));
    found.add(status, item.compare(list, Text::verbatim(text)));
    if status != Status::Pass {
        found.fix(commands::loaded(&command.at, wanted(&command.at)));
    }
    for setup in &with.setup {
        if setup.command.eq_ignore_ascii_case(text) {
            let root = context.evidence.windows.roots().windows;
            let path = format!(r"{root}\{}", setup.program);
            signed(
                context,
                &path,
                &command.at,
                say!(win_kernel_007_setup),
                found,
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn switches_of_autochk_are_those_that_chkntfs_and_chkdsk_write() {
        for good in [
            "*",
            "/k:C",
            "/k:C:",
            "/p",
            "/r",
            r"\??\C:",
            r"/x:D",
            "/t:10",
            "C:",
            r"\??\Volume{01234567-89ab-cdef-0123-456789abcdef}",
        ] {
            assert!(checks_volume(good), "{good}");
        }
        for bad in ["/", "/z", r"/k:C:\x", r"\??\C:\x.exe", "evil", "/k:evil"] {
            assert!(!checks_volume(bad), "{bad}");
        }
    }
}
