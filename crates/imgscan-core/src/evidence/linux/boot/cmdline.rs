//! Command lines: of the boot menu's entries, and of the files that later entries are made from.

use std::borrow::Cow;

use super::menu::Boot;
use crate::error::{Error, Layer};
use crate::evidence::linux::kernel::Kernels;
use crate::evidence::linux::reader::{Reader, TextFile};
use crate::evidence::{Collected, Gap, Location};
use crate::trust::pe::Pe;

/// The longest command line of a unified kernel image, in bytes: twice the kernel's own bound on
/// any architecture.
const MAX_LINE: u64 = 16 * 1024;

/// A command line of the kernel.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct CommandLine {
    /// The arguments as the kernel gets them.
    pub text: String,
    /// What any of the line's readers takes for an argument.
    #[serde(skip)]
    pub words: Vec<String>,
    /// When it takes effect.
    pub use_: Use,
}

/// When a command line takes effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Use {
    /// At the next boot, as far as that can be told.
    Default,
    /// Where a person chooses its entry.
    Chosen,
    /// Once the menu is made anew.
    Later,
}

/// An argument in one form: the kernel takes `-` and `_` in names for the same.
#[must_use]
pub fn normal(argument: &str) -> Cow<'_, str> {
    let argument = argument.trim_matches('"');
    let (name, value) = match argument.split_once('=') {
        Some((name, value)) => (name, Some(value.trim_matches('"'))),
        None => (argument, None),
    };
    let quoted = value.is_some_and(|value| name.len() + 1 + value.len() < argument.len());
    if !name.contains('-') && !quoted {
        return Cow::Borrowed(argument);
    }
    let name = name.replace('-', "_");
    Cow::Owned(match value {
        Some(value) => format!("{name}={value}"),
        None => name,
    })
}

impl CommandLine {
    fn new(bytes: &[u8], use_: Use) -> Self {
        Self {
            text: crate::text::lossless(bytes),
            words: super::arguments::of_any(bytes),
            use_,
        }
    }

    /// Its words as systemd cuts them.
    pub(in crate::evidence::linux) fn of_systemd(&self) -> Vec<String> {
        let words = super::arguments::of_systemd(self.text.as_bytes());
        words.iter().map(|w| crate::text::lossless(w)).collect()
    }

    /// What any of its readers takes for an argument: the kernel, systemd, the initramfs.
    pub fn arguments(&self) -> impl Iterator<Item = &str> {
        self.words.iter().map(String::as_str)
    }
}

/// All command lines, each where it is written.
pub(in crate::evidence::linux) fn collect(
    reader: &Reader<'_>,
    boot: &Boot,
    kernels: &Kernels,
) -> Collected<CommandLine> {
    let mut all = Collected::default();
    let once = boot.one_shot.as_ref().and_then(|(entry, _)| *entry);
    for (i, entry) in boot.entries.iter().enumerate() {
        let certain = boot.default.is_some() && boot.doubts.is_empty();
        let boots = !certain || boot.default == Some(i) || once == Some(i);
        let use_ = if boots { Use::Default } else { Use::Chosen };
        if entry.fact.by.is_none() && !entry.fact.starts.is_empty() {
            let line = CommandLine::new(&entry.fact.bytes, use_);
            all.push(line, entry.at.clone());
        }
    }
    for kernel in &kernels.items {
        unified(reader, &kernel.fact.path, boot, &mut all);
    }
    for path in [
        "/etc/kernel/cmdline",
        "/usr/lib/kernel/cmdline",
        "/boot/grub/grubenv",
        "/boot/grub2/grubenv",
        "/etc/default/grub",
    ] {
        if let Some(file) = reader.text(path, &mut all.gaps) {
            later(&file, &mut all);
        }
    }
    for file in reader.texts_in(b"/etc/default/grub.d", &[".cfg"], &mut all.gaps) {
        later(&file, &mut all);
    }
    all
}

/// The arguments that a file holds for menus to come.
fn later(file: &TextFile, all: &mut Collected<CommandLine>) {
    let whole = file.asked.ends_with("/cmdline");
    for (n, line) in file.lines() {
        let line = line.trim();
        let text = if whole {
            Some(line)
        } else {
            let found = line.split_once('=').filter(|(name, _)| {
                name.starts_with("GRUB_CMDLINE_LINUX") || *name == "kernelopts"
            });
            found.map(|(_, value)| value.trim().trim_matches(['"', '\'']))
        };
        if let Some(text) = text.filter(|t| !t.is_empty() && !t.starts_with('#')) {
            all.push(CommandLine::new(text.as_bytes(), Use::Later), file.line(n));
        }
    }
}

/// The command line in a unified kernel image: PE section `.cmdline` (UAPI.5).
fn unified(reader: &Reader<'_>, path: &str, boot: &Boot, all: &mut Collected<CommandLine>) {
    // The entry of such an image holds the line already.
    let known = |e: &crate::evidence::Found<super::menu::BootEntry>| {
        e.fact.kernel.as_deref() == Some(path) && !e.fact.bytes.is_empty()
    };
    if !path.to_ascii_lowercase().ends_with(".efi") || boot.entries.iter().any(known) {
        return;
    }
    let found = reader.paths().resolve(path.as_bytes()).and_then(|at| {
        let file = at.open()?;
        let pe = Pe::parse(file.as_ref())?;
        let Some(section) = pe.section(".cmdline") else {
            return Ok(None);
        };
        let bytes = pe.section_bytes(file.as_ref(), section)?;
        if bytes.len() as u64 > MAX_LINE {
            let why = say!(error_cmdline_long, len = bytes.len());
            return Err(Error::limit(Layer::Boot, None, why));
        }
        let end = bytes.iter().position(|b| *b == 0).unwrap_or(bytes.len());
        Ok(Some(crate::text::lossless(&bytes[..end])))
    });
    match found {
        Ok(Some(text)) => {
            let use_ = match boot.boots_by_default(path) {
                Some(false) => Use::Chosen,
                _ => Use::Default,
            };
            let line = CommandLine::new(text.trim().as_bytes(), use_);
            all.push(line, Location::of_path(path));
        }
        Ok(None) => {}
        Err(e) => all.gaps.push(Gap::at_path(path, &e)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::Evidence;
    use crate::evidence::linux::testing::{Build, bzimage, guest};

    #[test]
    fn an_argument_has_one_form() {
        for (argument, wanted) in [
            ("quiet", "quiet"),
            ("rd.debug-shell", "rd.debug_shell"),
            ("module.sig-enforce=0", "module.sig_enforce=0"),
            ("root=UUID=a-b", "root=UUID=a-b"),
            ("init=\"/x\"", "init=/x"),
            ("\"init=/x\"", "init=/x"),
        ] {
            assert_eq!(normal(argument), wanted);
        }
    }

    #[test]
    fn lines_of_the_menu_and_of_menus_to_come() {
        let script = "set default=1\nmenuentry a {\nlinux /boot/vmlinuz-1 root=x init=/a\n}\nmenuentry b {\nlinux /boot/vmlinuz-1 root=x -- init=/b\n}\n";
        let guest = guest(
            Build::debian()
                .file("/boot/vmlinuz-1", 0o644, bzimage("1 (x)", b""))
                .file("/boot/grub/grub.cfg", 0o600, script)
                .file(
                    "/etc/default/grub",
                    0o644,
                    "# x\nGRUB_TIMEOUT=1\nGRUB_CMDLINE_LINUX=\"init=/c quiet\"\n",
                ),
        );
        let found = Evidence::new(&guest).linux.command_lines().clone();
        assert_eq!(found.gaps, []);
        let seen: Vec<_> = found
            .items
            .iter()
            .map(|c| {
                let words: Vec<&str> = c.fact.arguments().collect();
                (words.join(" "), c.fact.use_, c.at.line)
            })
            .collect();
        assert_eq!(
            seen,
            [
                ("root=x init=/a".to_owned(), Use::Chosen, Some(2)),
                ("root=x -- init=/b".to_owned(), Use::Default, Some(5)),
                ("init=/c quiet".to_owned(), Use::Later, Some(3)),
            ]
        );
    }
}
