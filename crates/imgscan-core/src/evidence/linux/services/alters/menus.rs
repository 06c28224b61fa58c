//! What the settings of grub-mkconfig do beside setting what they are for: it sources them as a script, and
//! puts many of their values into the menu as they stand (grub-mkconfig, 00_header.in, 10_linux.in).

use crate::evidence::Location;
use crate::evidence::linux::reader::{Reader, TextFile};

/// Settings that put something into the menu which no other check reads.
const HEAVY: &[&str] = &[
    "GRUB_EARLY_INITRD_LINUX_CUSTOM",
    "GRUB_EARLY_INITRD_LINUX_STOCK",
    "GRUB_DEVICE",
    "GRUB_DEVICE_UUID",
    "GRUB_DEVICE_PARTUUID",
    "GRUB_DEVICE_BOOT",
    "GRUB_DEVICE_BOOT_UUID",
    "GRUB_DEFAULT_DTB",
    "GRUB_CMDLINE_XEN_REPLACE",
];
/// Values with commands that distributions set; `@` stands for a name.
const DISTRIBUTOR: &[&str] = &[
    "`lsb_release -i -s 2> /dev/null || echo @`",
    "`( . /etc/os-release; echo ${NAME:-@} ) 2>/dev/null || echo @`",
    "`( . /etc/os-release && echo ${NAME} )`",
    "\"$(sed 's, release .*$,,g' /etc/system-release)\"",
    "$(sed 's, release .*$,,g' /etc/system-release)",
];

/// Tells `each` the lines that do.
pub(super) fn collect(reader: &Reader<'_>, each: &mut dyn FnMut(&str, Location)) {
    let mut gaps = Vec::new();
    let mut files: Vec<TextFile> = reader
        .text("/etc/default/grub", &mut gaps)
        .into_iter()
        .collect();
    files.extend(reader.texts_in(b"/etc/default/grub.d", &[".cfg"], &mut gaps));
    for file in files {
        for (n, line) in file.lines() {
            if !is_plain(line.trim()) {
                each(line.trim(), file.line(n));
            }
        }
    }
}

/// True of a line that sets a variable of GRUB's to a text.
fn is_plain(line: &str) -> bool {
    if line.is_empty() || line.starts_with('#') {
        return true;
    }
    let bare = line.strip_prefix("export ").unwrap_or(line).trim_start();
    let is_name = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
    let Some((name, value)) = bare.split_once('=') else {
        return line.starts_with("export ")
            && bare.starts_with("GRUB_")
            && bare.chars().all(is_name);
    };
    if !name.starts_with("GRUB_") || !name.chars().all(is_name) {
        return false;
    }
    if name == "GRUB_DISTRIBUTOR" && DISTRIBUTOR.iter().any(|known| is_like(value, known)) {
        return true;
    }
    let (text, closed) = word(value);
    closed
        && !text.contains(['`', ';', '&', '|', '<', '>', '\n'])
        && !text.contains("$(")
        && (text.is_empty() || !HEAVY.contains(&name))
}

/// True of a value that is `known` with the name of a distribution for each `@`.
fn is_like(value: &str, known: &str) -> bool {
    let mut parts = known.split('@');
    let head = parts.next().unwrap_or_default();
    let Some(mut rest) = value.strip_prefix(head) else {
        return false;
    };
    for part in parts {
        let named = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '.';
        let Some(behind) = rest.trim_start_matches(named).strip_prefix(part) else {
            return false;
        };
        rest = behind;
    }
    rest.is_empty()
}

/// The one word of a value, and whether nothing but a comment stands behind it.
fn word(value: &str) -> (String, bool) {
    let mut text = String::new();
    let mut quote = None;
    let mut chars = value.chars();
    while let Some(c) = chars.next() {
        match (quote, c) {
            (None, '"' | '\'') => quote = Some(c),
            (Some(q), c) if q == c => quote = None,
            (None, ' ' | '\t') => {
                let rest = chars.as_str().trim_start();
                return (text, rest.is_empty() || rest.starts_with('#'));
            }
            (Some('"') | None, '\\') => match chars.next() {
                Some(c) => text.push(c),
                None => return (text, false),
            },
            (_, c) => text.push(c),
        }
    }
    (text, quote.is_none())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// /etc/default/grub of Debian 12 and 13, Ubuntu 24.04 and Fedora 40.
    #[test]
    fn settings_of_distributions_are_plain() {
        for line in [
            "GRUB_DEFAULT=0",
            "GRUB_DISTRIBUTOR=`lsb_release -i -s 2> /dev/null || echo Debian`",
            "GRUB_DISTRIBUTOR=`( . /etc/os-release; echo ${NAME:-Ubuntu} ) 2>/dev/null || echo Ubuntu`",
            "GRUB_DISTRIBUTOR=`( . /etc/os-release && echo ${NAME} )`",
            "GRUB_DISTRIBUTOR=\"$(sed 's, release .*$,,g' /etc/system-release)\"",
            "GRUB_CMDLINE_LINUX_DEFAULT=\"quiet splash\" # usual",
            "GRUB_CMDLINE_LINUX=\"dyndbg=\\\"file x +p\\\" console=ttyS0,115200n8\"",
            "GRUB_CMDLINE_LINUX=\"$GRUB_CMDLINE_LINUX net.ifnames=0\"",
            "GRUB_BADRAM=\"0x01234567,0xfefefefe,0x89abcdef,0xefefefef\"",
            "GRUB_INIT_TUNE='480 440 1'",
            "GRUB_EARLY_INITRD_LINUX_CUSTOM=\"\"",
            "# echo x > /boot/x",
        ] {
            assert!(is_plain(line), "{line}");
        }
        for line in [
            "GRUB_EARLY_INITRD_LINUX_CUSTOM=x.img",
            "GRUB_DEVICE=/dev/vdb1",
            "cp /srv/x /boot/grub/custom.cfg",
            "GRUB_TIMEOUT=1; cp /srv/x /boot",
            "GRUB_TIMEOUT=1 cp /srv/x /boot",
            "GRUB_TIMEOUT=`cp /srv/x /boot`",
            "GRUB_TIMEOUT=\"$(cp /srv/x /boot)\"",
            "GRUB_GFXMODE='auto; linux /x'",
            "GRUB_DISTRIBUTOR=`lsb_release -i -s 2> /dev/null || echo $(cp /srv/x /boot)`",
            "GRUB_DISTRIBUTOR=`lsb_release -i -s 2> /dev/null || echo x; cp /srv/x /boot`",
            "GRUB_TITLE='a",
            "PATH=/srv",
            "if true; then",
        ] {
            assert!(!is_plain(line), "{line}");
        }
    }
}
