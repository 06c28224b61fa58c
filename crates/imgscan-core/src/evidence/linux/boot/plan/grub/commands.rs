//! The commands of GRUB: what is known of each. GNU GRUB manual, "Command-line and menu entry
//! commands"; sources of GRUB 2.06 and of its branch for Fedora and Red Hat.

use super::super::script::{Part, Statement, Word};

/// How a command bears on what boots.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Followed by the machine itself.
    Followed,
    /// Loads what `boot` then starts, other than a Linux kernel.
    Starts,
    /// Writes to memory, to ports, to the disk or to tables of the firmware, or loads code.
    Changes,
    /// Cannot change what boots or with what; what it returns is only known at boot.
    Harmless,
    /// Cannot change what boots or with what, and never fails.
    Quiet,
    /// Ends GRUB, or hands over to the firmware.
    Leaves,
    /// Puts what only the boot knows into a variable.
    Asks,
}

/// The commands, by name.
#[rustfmt::skip]
const COMMANDS: &[(&str, Kind)] = &[
    // The language and its variables.
    (".", Kind::Followed), (":", Kind::Quiet), ("[", Kind::Followed), ("break", Kind::Followed),
    ("continue", Kind::Followed), ("eval", Kind::Followed), ("export", Kind::Followed),
    ("false", Kind::Followed), ("return", Kind::Followed), ("set", Kind::Followed),
    ("setparams", Kind::Followed), ("shift", Kind::Followed), ("source", Kind::Followed),
    ("test", Kind::Followed), ("true", Kind::Quiet), ("unset", Kind::Followed),
    // Menus.
    ("blscfg", Kind::Followed), ("blsuki", Kind::Followed), ("configfile", Kind::Followed),
    ("extract_entries_configfile", Kind::Followed), ("extract_entries_source", Kind::Followed),
    ("menuentry", Kind::Followed), ("normal", Kind::Followed), ("submenu", Kind::Followed),
    // Files, devices, and what is kept from boot to boot.
    ("decrement", Kind::Followed), ("increment", Kind::Followed), ("load_env", Kind::Followed),
    ("probe", Kind::Followed), ("regexp", Kind::Followed), ("save_env", Kind::Followed),
    ("search", Kind::Followed), ("search.file", Kind::Followed), ("search.fs_label", Kind::Followed),
    ("search.fs_uuid", Kind::Followed),
    // Linux.
    ("boot", Kind::Followed), ("initrd", Kind::Followed), ("initrd16", Kind::Followed),
    ("initrdefi", Kind::Followed), ("linux", Kind::Followed), ("linux16", Kind::Followed),
    ("linuxefi", Kind::Followed),
    // A module of GRUB's own folder does what its commands do, which are judged by themselves; one
    // that is named as a file runs as it is.
    ("insmod", Kind::Followed),
    // Other systems and other loaders.
    ("appleloader", Kind::Starts), ("chainloader", Kind::Starts), ("freedos", Kind::Starts),
    ("kfreebsd", Kind::Starts), ("knetbsd", Kind::Starts), ("kopenbsd", Kind::Starts),
    ("module", Kind::Starts), ("module2", Kind::Starts), ("multiboot", Kind::Starts),
    ("multiboot2", Kind::Starts), ("ntldr", Kind::Starts), ("plan9", Kind::Starts),
    ("pxechainloader", Kind::Starts), ("truecrypt", Kind::Starts), ("xen_hypervisor", Kind::Starts),
    ("xen_linux", Kind::Starts), ("xen_module", Kind::Starts), ("xnu_kernel", Kind::Starts),
    ("xnu_kernel64", Kind::Starts),
    // Memory, ports, tables, code and other views of disks.
    ("acpi", Kind::Changes), ("cryptomount", Kind::Changes), ("devicetree", Kind::Changes),
    ("drivemap", Kind::Changes), ("efi-memory", Kind::Changes), ("fakebios", Kind::Changes),
    ("gptsync", Kind::Changes), ("loadbios", Kind::Changes), ("loopback", Kind::Changes),
    ("nativedisk", Kind::Changes), ("outb", Kind::Changes), ("outl", Kind::Changes),
    ("outw", Kind::Changes), ("parttool", Kind::Changes), ("setpci", Kind::Changes),
    ("write_byte", Kind::Changes), ("write_dword", Kind::Changes), ("write_word", Kind::Changes),
    ("wrmsr", Kind::Changes), ("zfskey", Kind::Changes), ("zfs-bootfs", Kind::Changes),
    // Screen, keys and sound: they change what a person sees.
    ("at_keyboard", Kind::Harmless), ("background_color", Kind::Harmless),
    ("background_image", Kind::Harmless), ("clear", Kind::Quiet), ("cls", Kind::Quiet),
    ("echo", Kind::Quiet), ("keymap", Kind::Harmless), ("loadfont", Kind::Harmless),
    ("play", Kind::Harmless), ("serial", Kind::Harmless), ("terminal_input", Kind::Harmless),
    ("terminal_output", Kind::Harmless), ("terminfo", Kind::Harmless), ("videoinfo", Kind::Harmless),
    ("videotest", Kind::Harmless), ("sleep", Kind::Harmless), ("spkmodem", Kind::Harmless),
    // Memory that Linux then leaves alone, and nothing else.
    ("badram", Kind::Harmless), ("cutmem", Kind::Harmless),
    // They print.
    ("cat", Kind::Harmless), ("cmp", Kind::Harmless), ("cpuid", Kind::Harmless),
    ("help", Kind::Harmless), ("list_env", Kind::Harmless), ("ls", Kind::Harmless),
    ("lsmod", Kind::Harmless), ("lspci", Kind::Harmless), ("md5sum", Kind::Harmless),
    ("sha256sum", Kind::Harmless), ("sha512sum", Kind::Harmless), ("hashsum", Kind::Harmless),
    ("version", Kind::Quiet),
    // Who may choose: a person, and no start by itself (rule 3.4k).
    ("authenticate", Kind::Harmless), ("password", Kind::Harmless),
    ("password_pbkdf2", Kind::Harmless),
    // Conditions on keys and on a clock's memory (rule 3.3i).
    ("cmosclean", Kind::Harmless), ("cmosset", Kind::Harmless), ("cmostest", Kind::Harmless),
    ("keystatus", Kind::Harmless),
    // They ask the firmware, the clock or a person (rule 3.3i).
    ("date", Kind::Asks), ("getenv", Kind::Asks), ("rdmsr", Kind::Asks), ("read", Kind::Asks),
    ("hwmatch", Kind::Asks), ("read_byte", Kind::Asks), ("read_dword", Kind::Asks), ("read_word", Kind::Asks),
    ("inb", Kind::Asks), ("inl", Kind::Asks), ("inw", Kind::Asks), ("smbios", Kind::Asks),
    // The end.
    ("exit", Kind::Leaves), ("fwsetup", Kind::Leaves), ("halt", Kind::Leaves),
    ("normal_exit", Kind::Leaves), ("reboot", Kind::Leaves),
];

/// What is known of the command `name`.
pub(super) fn kind(name: &str) -> Option<Kind> {
    let found = COMMANDS.iter().find(|(n, _)| *n == name);
    found.map(|(_, kind)| *kind)
}

pub(super) fn is_command(name: &str) -> bool {
    kind(name).is_some()
}

/// Variables that change what a person sees and nothing else.
const SHOWN: &[&str] = &[
    "color_highlight",
    "color_normal",
    "font",
    "gfxmode",
    "gfxpayload",
    "lang",
    "linux_gfx_mode",
    "locale_dir",
    "menu_color_highlight",
    "menu_color_normal",
    "pager",
    "theme",
    "timeout",
    "timeout_style",
];

/// The variables that the statements set.
pub(super) fn assigned(statements: &[Statement]) -> Vec<String> {
    let mut all = Vec::new();
    for statement in statements {
        match statement {
            Statement::Command { words, .. } => {
                let texts = words.iter().filter_map(|w| match w.parts.first() {
                    Some(Part::Text { text, .. }) => text.split_once('='),
                    _ => None,
                });
                all.extend(texts.map(|(name, _)| name.to_owned()));
            }
            Statement::If {
                branches,
                otherwise,
                ..
            } => {
                for (condition, body) in branches {
                    all.extend(assigned(condition));
                    all.extend(assigned(body));
                }
                all.extend(assigned(otherwise));
            }
            Statement::For { .. } | Statement::Loop { .. } | Statement::Function { .. } => {}
        }
    }
    all
}

/// Whether none of the statements can change what boots, whichever of them run.
pub(super) fn are_harmless(statements: &[Statement]) -> bool {
    let first_text = |word: Option<&Word>| match word.and_then(|w| w.parts.first()) {
        Some(Part::Text { text, .. }) => text.clone(),
        _ => String::new(),
    };
    let assigns_shown = |text: &str| {
        let name = text.split_once('=').map(|(name, _)| name);
        name.is_some_and(|name| SHOWN.contains(&name))
    };
    statements.iter().all(|s| match s {
        Statement::Command { words, block, .. } => {
            if block.is_some() {
                return false;
            }
            let word = |i: usize| words.get(i).and_then(Word::plain);
            let (name, rest) = match word(0) {
                Some("!") => (word(1), 2),
                name => (name, 1),
            };
            match name {
                Some("set") => assigns_shown(&first_text(words.get(1))),
                Some("[" | "test" | "false") => true,
                Some("export") => {
                    (rest..words.len()).all(|i| word(i).is_some_and(|name| SHOWN.contains(&name)))
                }
                Some("insmod") => {
                    let mut plain = (rest..words.len()).map(word);
                    plain.all(|w| w.is_some_and(|w| !w.contains(['/', '('])))
                }
                Some(name) if name.contains('=') => assigns_shown(name),
                Some(name) => matches!(kind(name), Some(Kind::Harmless | Kind::Quiet)),
                // `gfxmode=…` and the like have a variable or quotes behind the name.
                None => assigns_shown(&first_text(words.first())),
            }
        }
        Statement::If {
            branches,
            otherwise,
            ..
        } => {
            branches
                .iter()
                .all(|(c, b)| are_harmless(c) && are_harmless(b))
                && are_harmless(otherwise)
        }
        Statement::For { .. } | Statement::Loop { .. } | Statement::Function { .. } => false,
    })
}
