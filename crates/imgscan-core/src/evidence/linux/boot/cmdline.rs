//! Command lines: of the boot menu's entries, and of the files that later entries are made from.

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

/// What an argument does to the chain of proof.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Another program runs in place of the system's first one, or beside it.
    Redirects,
    /// A protection of the kernel is switched off.
    Weakens,
}

/// Arguments by their beginning. `Documentation/admin-guide/kernel-parameters.txt` of Linux,
/// kernel-command-line(7) of systemd, initramfs-tools(7), dracut.cmdline(7).
const EFFECTS: &[(&str, Effect)] = &[
    ("init=", Effect::Redirects),
    ("rdinit=", Effect::Redirects),
    ("rd.break", Effect::Redirects),
    ("break=", Effect::Redirects),
    ("systemd.debug_shell", Effect::Redirects),
    ("rd.systemd.debug_shell", Effect::Redirects),
    ("systemd.run=", Effect::Redirects),
    ("module.sig_enforce=0", Effect::Weakens),
    ("lockdown=none", Effect::Weakens),
    ("mitigations=off", Effect::Weakens),
    ("selinux=0", Effect::Weakens),
    ("enforcing=0", Effect::Weakens),
    ("apparmor=0", Effect::Weakens),
    ("nokaslr", Effect::Weakens),
    ("nosmep", Effect::Weakens),
    ("nosmap", Effect::Weakens),
    ("iomem=relaxed", Effect::Weakens),
    ("ima_appraise=off", Effect::Weakens),
];

/// Values with which a redirecting argument changes nothing.
const USUAL: &[&str] = &[
    "init=/sbin/init",
    "init=/usr/sbin/init",
    "init=/lib/systemd/systemd",
    "init=/usr/lib/systemd/systemd",
    "init=/bin/systemd",
    "rdinit=/init",
];

/// An argument in one form: the kernel takes `-` and `_` in names for the same.
#[must_use]
pub fn normal(argument: &str) -> String {
    let argument = argument.trim_matches('"');
    match argument.split_once('=') {
        Some((name, value)) => format!("{}={}", name.replace('-', "_"), value.trim_matches('"')),
        None => argument.replace('-', "_"),
    }
}

/// What `argument` does, where it does something.
#[must_use]
pub fn effect(argument: &str) -> Option<Effect> {
    let argument = normal(argument);
    if USUAL.contains(&argument.as_str()) {
        return None;
    }
    let mut all = EFFECTS.iter();
    all.find(|(begin, _)| argument.starts_with(begin))
        .map(|(_, effect)| *effect)
}

impl CommandLine {
    fn new(bytes: &[u8], use_: Use) -> Self {
        Self {
            text: crate::text::lossless(bytes),
            words: super::arguments::of_any(bytes),
            use_,
        }
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
    fn arguments_that_redirect_and_those_that_weaken() {
        for (argument, wanted) in [
            ("init=/root/x", Some(Effect::Redirects)),
            ("init=/sbin/init", None),
            ("init=/lib/systemd/systemd", None),
            ("rdinit=/x", Some(Effect::Redirects)),
            ("systemd.debug-shell=1", Some(Effect::Redirects)),
            ("rd.break", Some(Effect::Redirects)),
            ("module.sig_enforce=0", Some(Effect::Weakens)),
            ("module.sig-enforce=0", Some(Effect::Weakens)),
            ("lockdown=none", Some(Effect::Weakens)),
            ("mitigations=off", Some(Effect::Weakens)),
            ("root=UUID=1", None),
            ("quiet", None),
            ("console=ttyS0,115200", None),
            ("initrd=/x", None),
        ] {
            assert_eq!(effect(argument), wanted, "{argument}");
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
