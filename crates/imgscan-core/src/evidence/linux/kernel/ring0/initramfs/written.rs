//! Members that hooks write line by line: each line is one that a packaged hook writes, or one that
//! it takes from a file of the system.
//!
//! Sources: the hooks `cryptroot`, `mdadm` and `keymap` of Debian 12, `setupcon` of console-setup,
//! and `dracut`, `dracut-init.sh` and the modules `base` and `systemd` of dracut 059.

use std::io::Read as _;

use super::MemberClass;
use super::hooks::{Hooks, fills};
use super::read::ArchiveMember;
use super::shell::HOLE;
use crate::evidence::linux::kernel::ring0::Facts;
use crate::text::{Text, lossless, terminal};

/// True of an argument that makes another program run than dracut's, or stops it (dracut.cmdline(7),
/// kernel-command-line(7)); dracut writes none of them.
fn steers(word: &str) -> bool {
    const STEERING: &[&str] = &[
        "init=",
        "rdinit=",
        "rd.break",
        "rd.shell",
        "systemd.",
        "rd.systemd.",
        "overlayroot=",
    ];
    STEERING.iter().any(|begin| word.starts_with(begin))
}

/// The longest file of the system that such a member is made from, in bytes.
const MAX_SOURCE: u64 = 4 << 20;
/// Lines of a file that hooks write.
const MAX_LINES: usize = 1000;
/// Bytes of a file with random content.
const MAX_RANDOM: usize = 4096;
/// Letters of a line with holes that the hook itself gives.
const MIN_GIVEN: usize = 4;
/// Settings of initramfs-tools that lead nowhere else, as initramfs.conf(5) and the packages that
/// read them tell.
const SETTINGS: &[&str] = &[
    "BUSYBOX",
    "COMPRESS",
    "COMPRESSLEVEL",
    "CRYPTSETUP",
    "DEVICE",
    "DPKG_ARCH",
    "DROPBEAR",
    "FRAMEBUFFER",
    "FSTYPE",
    "KEYMAP",
    "MODULES",
    "RESUME",
    "RUNSIZE",
    "UMASK",
];
/// Arguments that dracut writes for the devices of the system: dracut.cmdline(7).
const DEVICES: &[&str] = &[
    "rd.luks.uuid=",
    "rd.luks.name=",
    "rd.lvm.lv=",
    "rd.lvm.vg=",
    "rd.md.uuid=",
    "rd.dm.uuid=",
    "resume=",
    "rootfstype=",
    "rootflags=",
    "rd.driver.pre=",
];

/// What the written members are made from.
pub(super) struct Writers<'a> {
    pub(super) facts: &'a Facts<'a>,
    pub(super) hooks: &'a Hooks,
}

type Compared = Result<(), Text>;

fn more(line: &str) -> Text {
    say!(ring0_generated_more, line = terminal(line))
}

/// Letters of a path or of the name of a device.
fn is_plain(text: &str) -> bool {
    let fine = |c: char| c.is_ascii_alphanumeric() || "/_.:,+@=%-".contains(c);
    text.chars().all(fine)
}

impl Writers<'_> {
    /// What is wrong with the member `item`; `None` where no hook writes it.
    pub(super) fn compare(&self, item: &ArchiveMember, class: MemberClass) -> Option<Compared> {
        let bytes = item.bytes.as_deref()?;
        let text = lossless(bytes);
        let path = item.path.as_str();
        let hook = |name: &str| {
            let path = format!("/usr/share/initramfs-tools/hooks/{name}");
            self.hooks.are_proven(&path)
        };
        if let Some(name) = path.strip_prefix("/etc/console-setup/") {
            let packed = format!("/etc/console-setup/{name}.gz");
            return (hook("keymap") && self.unpacked(&packed).is_some_and(|u| u == bytes))
                .then_some(Ok(()));
        }
        let runs = matches!(class, MemberClass::Program | MemberClass::Script);
        if !runs && bytes.len() <= MAX_RANDOM && self.hooks.are_random(path) {
            return Some(Ok(()));
        }
        match path {
            "/cryptroot/crypttab" if hook("cryptroot") => return Some(self.crypttab(&text)),
            "/etc/mdadm/mdadm.conf" | "/etc/mdadm/mdadm.conf.tmp" if hook("mdadm") => {
                return Some(self.mdadm(&text));
            }
            "/usr/bin/setupcon" | "/bin/setupcon"
                if hook("keymap") && self.hooks.are_proven("/usr/bin/setupcon") =>
            {
                return Some(setupcon(&text));
            }
            _ => {}
        }
        self.dracut(path, &text)
            .or_else(|| self.lines(path, class, &text))
    }

    /// A file of the system as text; empty where it is not there.
    fn text(&self, path: &str) -> String {
        // What can't be read explains nothing.
        let file = self
            .facts
            .reader
            .bytes(path.as_bytes(), MAX_SOURCE, &mut Vec::new());
        lossless(&file.unwrap_or_default())
    }

    fn unpacked(&self, path: &str) -> Option<Vec<u8>> {
        let file = self
            .facts
            .reader
            .bytes(path.as_bytes(), MAX_SOURCE, &mut Vec::new())?;
        let mut bytes = Vec::new();
        let decoder = flate2::read::GzDecoder::new(file.as_slice());
        decoder.take(MAX_SOURCE).read_to_end(&mut bytes).ok()?;
        Some(bytes)
    }

    /// Every line is one that a hook writes there.
    fn lines(&self, path: &str, class: MemberClass, text: &str) -> Option<Compared> {
        let known = self.hooks.lines(path)?;
        if text.lines().count() > MAX_LINES {
            return None;
        }
        // Only what nobody runs may have what the hook's text does not tell.
        let holes = class == MemberClass::Data || path.starts_with("/etc/conf.d/");
        let patterns: Vec<&str> = known
            .iter()
            .copied()
            .filter(|p| {
                holes && p.contains(HOLE) && p.chars().filter(|c| *c != HOLE).count() >= MIN_GIVEN
            })
            .collect();
        // Hooks take accounts from the system one by one, and write behind copies of its files.
        let system = match class {
            MemberClass::Data => self.text(path),
            _ => String::new(),
        };
        let fine = |line: &str| {
            line.is_empty()
                || known.contains(line)
                || patterns.iter().any(|p| fills(p, line))
                || system.lines().any(|l| l == line)
        };
        Some(match text.lines().find(|line| !fine(line)) {
            Some(line) => Err(more(line)),
            None => Ok(()),
        })
    }

    /// Entries of the system's own crypttab(5).
    fn crypttab(&self, text: &str) -> Compared {
        let system = self.text("/etc/crypttab");
        let fields =
            |line: &str| -> Vec<String> { line.split_whitespace().map(str::to_owned).collect() };
        let entries: Vec<Vec<String>> = system.lines().map(fields).collect();
        for line in text.lines().filter(|l| !l.is_empty()) {
            let mine = fields(line);
            let same = |own: &&Vec<String>| {
                let [name, source, rest @ ..] = own.as_slice() else {
                    return false;
                };
                let key = rest.first().map_or("none", String::as_str);
                let options = rest.get(1).map_or("", String::as_str);
                let keys = [
                    key.to_owned(),
                    format!("/cryptroot/keyfiles/{name}.key"),
                    format!("/FIXME-initramfs-rootmnt{key}"),
                ];
                let uuid = |s: &str| {
                    let id = s.strip_prefix("UUID=").unwrap_or_default();
                    !id.is_empty() && id.chars().all(|c| c.is_ascii_hexdigit() || c == '-')
                };
                // One of the owner may be an interpreter, and the key what it runs.
                let script = options
                    .split(',')
                    .find_map(|o| o.strip_prefix("keyscript="));
                let packaged = ["/lib/cryptsetup/", "/usr/lib/cryptsetup/"];
                let packaged = script
                    .is_none_or(|s| !s.contains("..") && packaged.iter().any(|p| s.starts_with(p)));
                packaged
                    && mine.first() == Some(name)
                    && mine.get(1).is_some_and(|s| s == source || uuid(s))
                    && mine.get(2).is_some_and(|k| keys.contains(k))
                    && mine.get(3).map_or("", String::as_str) == options
                    && mine.len() <= 4
            };
            if !entries.iter().any(|own| same(&own)) {
                return Err(more(line));
            }
        }
        Ok(())
    }

    /// The system's own file, where `CREATE` is a comment, and arrays that were found.
    fn mdadm(&self, text: &str) -> Compared {
        let system = self.text("/etc/mdadm/mdadm.conf");
        let fine = |line: &str| {
            let own = line
                .strip_prefix("#CREATE")
                .map(|rest| format!("CREATE{rest}"));
            let array = line.strip_prefix("ARRAY ");
            line.is_empty()
                || line.starts_with('#')
                || matches!(line, "HOMEHOST <system>" | "MAILADDR root")
                || array.is_some_and(|words| words.split(' ').all(is_plain))
                || system
                    .lines()
                    .any(|l| l == line || own.as_deref() == Some(l))
        };
        text.lines()
            .find(|line| !fine(line))
            .map_or(Ok(()), |line| Err(more(line)))
    }

    /// What dracut and its modules write themselves.
    fn dracut(&self, path: &str, text: &str) -> Option<Compared> {
        let proven = |name: &str| self.hooks.are_proven(&format!("/usr/lib/dracut/{name}"));
        if !proven("dracut-init.sh") {
            return None;
        }
        let version = || {
            let file = self.text("/usr/lib/dracut/dracut-version.sh");
            let mut lines = file
                .lines()
                .filter_map(|l| l.strip_prefix("DRACUT_VERSION="));
            lines
                .next()
                .unwrap_or_default()
                .trim_matches(['"', '\''])
                .to_owned()
        };
        if let Some(name) = path.strip_prefix("/usr/lib/dracut/") {
            match name {
                // Both are only shown.
                "build-parameter.txt" => {
                    let fine = |c: char| c == '\n' || (!c.is_control() && c.is_ascii());
                    return text.chars().all(fine).then_some(Ok(()));
                }
                "modules.txt" => return Some(self.module_names(text)),
                // Files that are taken away again on other machines.
                "hostonly-files" => {
                    let fine = |l: &str| l.starts_with('/') && is_plain(&l.replace('\\', ""));
                    return text.lines().all(fine).then_some(Ok(()));
                }
                _ => {}
            }
            if name.strip_prefix("dracut-").is_some_and(|v| v == version()) {
                return (text.trim_end() == name).then_some(Ok(()));
            }
            if let Some(hook) = name.strip_prefix("hooks/") {
                return waits(hook, text).then_some(Ok(()));
            }
        }
        if path == "/usr/lib/initrd-release" && proven("modules.d/99base/module-setup.sh") {
            return Some(self.release(text, &version()));
        }
        if path.starts_with("/etc/cmdline.d/") {
            if let Some(word) = text.split_whitespace().find(|w| steers(w)) {
                return Some(Err(more(word)));
            }
            // Only what names the root's devices is written there.
            let fine = |w: &str| {
                let known = w == "ro" || DEVICES.iter().any(|d| w.starts_with(d));
                known && is_plain(w)
            };
            return text.split_whitespace().all(fine).then_some(Ok(()));
        }
        if let Some(unit) = path.strip_prefix("/etc/systemd/system/")
            && unit.ends_with(".device.d/timeout.conf")
        {
            let fine = |line: &str| {
                let value = ["JobTimeoutSec=", "JobRunningTimeoutSec="]
                    .iter()
                    .find_map(|key| line.strip_prefix(key));
                line == "[Unit]" || value.is_some_and(|v| v.bytes().all(|b| b.is_ascii_digit()))
            };
            return text.lines().all(fine).then_some(Ok(()));
        }
        None
    }

    /// The file of the system of which dracut made the rules of udev in `item`, and its bytes. Who
    /// owns it is for the caller to ask.
    pub(super) fn rules(&self, item: &ArchiveMember) -> Option<(String, Vec<u8>)> {
        let path = item.path.as_str();
        let text = lossless(item.bytes.as_deref()?);
        let rule = path.strip_prefix("/etc/udev/rules.d/");
        let rule = rule.or_else(|| path.strip_prefix("/usr/lib/udev/rules.d/"))?;
        if !self.hooks.are_proven("/usr/lib/dracut/dracut-init.sh") {
            return None;
        }
        let mut sources = self.hooks.sources(path);
        sources.push(path.to_owned());
        sources.push(format!("/usr/lib/dracut/rules.d/{rule}"));
        sources.into_iter().find_map(|source| {
            let bytes = self
                .facts
                .reader
                .bytes(source.as_bytes(), MAX_SOURCE, &mut Vec::new())?;
            let own = prepared(&lossless(&bytes));
            let lines = own.lines().filter(|l| !assembles(l));
            (!own.is_empty() && (own == text || lines.eq(text.lines()))).then_some((source, bytes))
        })
    }

    /// Names of folders of modules.
    fn module_names(&self, text: &str) -> Compared {
        let mut gaps = Vec::new();
        let folders = self
            .facts
            .reader
            .children(b"/usr/lib/dracut/modules.d", &mut gaps);
        let names: Vec<String> = folders.iter().map(|f| lossless(f)).collect();
        let is = |line: &str| {
            let here = |n: &String| {
                let base = n.rsplit('/').next().unwrap_or_default();
                base.trim_start_matches(|c: char| c.is_ascii_digit()) == line
            };
            names.iter().any(here)
        };
        text.lines()
            .find(|l| !l.is_empty() && !is(l))
            .map_or(Ok(()), |l| Err(more(l)))
    }

    /// The system's os-release(5), with the version of dracut.
    fn release(&self, text: &str, version: &str) -> Compared {
        let system = self.text("/etc/os-release");
        let own = |key: &str| {
            let value = system
                .lines()
                .find_map(|l| l.strip_prefix(key)?.strip_prefix('='));
            let value = value.unwrap_or_default().trim_matches(['"', '\'']);
            if value.is_empty() {
                String::new()
            } else {
                format!("{value} ")
            }
        };
        let made = [
            format!("VERSION=\"{}dracut-{version}\"", own("VERSION")),
            format!(
                "PRETTY_NAME=\"{}dracut-{version} (Initramfs)\"",
                own("PRETTY_NAME")
            ),
            format!("DRACUT_VERSION=\"{version}\""),
        ];
        let fine = |line: &str| made.iter().any(|m| m == line) || system.lines().any(|l| l == line);
        text.lines()
            .find(|l| !fine(l))
            .map_or(Ok(()), |l| Err(more(l)))
    }
}

/// The rules of udev as `prepare_udev_rules` of dracut changes them.
fn prepared(source: &str) -> String {
    let mut all = String::new();
    for line in source.lines() {
        match (
            line.strip_suffix("IMPORT PATH_ID"),
            line.strip_suffix("IMPORT BLKID"),
        ) {
            (Some(before), _) => all.push_str(&format!("{before}IMPORT{{builtin}}=\"path_id\"")),
            (_, Some(before)) => all.push_str(&format!("{before}IMPORT{{builtin}}=\"blkid\"")),
            _ => all.push_str(line),
        }
        all.push('\n');
    }
    all
}

/// A rule by which udev assembles arrays, which the module `mdraid` of dracut takes out.
fn assembles(line: &str) -> bool {
    let keys = [
        "RUN=\"",
        "RUN+=\"",
        "IMPORT{program}=\"",
        "IMPORT{program}+=\"",
    ];
    let of = |key: &&str| {
        let (_, rest) = line.split_once(*key)?;
        let (program, rest) = rest.split_once([' ', '\t'])?;
        let path = program.strip_suffix("mdadm")?;
        let rest = rest.trim_start();
        let rest = rest
            .strip_prefix("--incremental")
            .or_else(|| rest.strip_prefix("-I"))?;
        let rest = rest.trim_start();
        let rest = rest.strip_prefix("--export ").unwrap_or(rest);
        let node = ["$env{DEVNAME}", "$tempnode", "$devnode"];
        let plain = path.chars().all(|c| c.is_ascii_alphabetic() || c == '/');
        (plain && node.iter().any(|n| rest.starts_with(n))).then_some(())
    };
    keys.iter().any(|key| of(key).is_some())
}

/// `wait_for_dev` of dracut: hooks that wait for a device, and tell of one that is missing.
fn waits(hook: &str, text: &str) -> bool {
    let device = |d: &str| d.starts_with("/dev/") && is_plain(&d.replace('\\', ""));
    let there = |line: &str| {
        let inner = line
            .strip_prefix("[ -e \"")
            .and_then(|l| l.strip_suffix("\" ]"));
        inner.is_some_and(device)
    };
    let missing = |line: &str| {
        let (first, second) = line.split_once(" || warn ").unwrap_or_default();
        let told = second
            .strip_prefix("\"\\\"")
            .and_then(|l| l.strip_suffix("\\\" does not exist\""));
        there(first) && told.is_some_and(device)
    };
    let mut lines = text.lines();
    if hook.starts_with("initqueue/finished/devexists-") {
        lines.all(there)
    } else if hook.starts_with("emergency/80-") {
        lines.all(missing)
    } else {
        false
    }
}

/// The program that setupcon writes for one keyboard and one font.
fn setupcon(text: &str) -> Compared {
    const FIXED: &[&str] = &[
        "#!/bin/sh",
        "# A micro-version of setupcon with static configuration.",
        "mkdir /run/console-setup",
        ">/run/console-setup/keymap_loaded",
        "exit 0",
    ];
    let quoted = |word: &str| {
        let inner = word.strip_prefix('\'').and_then(|w| w.strip_suffix('\''));
        inner.is_some_and(|w| is_plain(&w.replace(['\\', '[', ']'], "")))
    };
    let fine = |line: &str| {
        let mut words = line.split_whitespace();
        let known = matches!(
            words.next(),
            Some("kbd_mode" | "loadkeys" | "setfont" | "stty" | "printf" | "fbset")
        );
        let mut into = false;
        known
            && words.all(|word| {
                let good = match word {
                    "<" | ">" => !into,
                    word if into => {
                        let consoles = ["'/dev/null'", "'/dev/tty", "'/dev/vc/", "'/dev/console'"];
                        quoted(word) && consoles.iter().any(|c| word.starts_with(c))
                    }
                    word => quoted(word),
                };
                into = matches!(word, "<" | ">");
                good
            })
            && !into
    };
    let mut lines = text.lines();
    match lines.find(|l| !FIXED.contains(l) && !fine(l)) {
        Some(line) => Err(more(line)),
        None => Ok(()),
    }
}

/// True where every line of a file that `init` sources sets one of [`SETTINGS`] to a plain word.
pub(in crate::evidence::linux) fn settings(bytes: &[u8]) -> bool {
    let text = lossless(bytes);
    let mut lines = text.lines().map(str::trim);
    lines.all(|line| {
        if line.is_empty() || line.starts_with('#') {
            return true;
        }
        let Some((name, value)) = line.split_once('=') else {
            return false;
        };
        let value = ['"', '\'']
            .iter()
            .find_map(|q| value.strip_prefix(*q).and_then(|v| v.strip_suffix(*q)));
        let value = value.unwrap_or_else(|| line.split_once('=').map_or("", |(_, v)| v));
        let local = matches!((name, value), ("BOOT", "local") | ("NFSROOT", "auto" | ""));
        (SETTINGS.contains(&name) || local) && is_plain(value)
    })
}

/// True where no line of a file of modprobe runs a program: modules are kept out, get options or
/// another name, or come with one another (modprobe.d(5)). Each of them is proven by itself.
pub(super) fn modprobe(bytes: &[u8]) -> bool {
    const NOTHING: &[&str] = &["/bin/true", "/usr/bin/true", "/bin/false", "/usr/bin/false"];
    let text = lossless(bytes);
    let mut lines = text.lines().map(str::trim);
    lines.all(|line| {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words.as_slice() {
            _ if line.ends_with('\\') => false,
            [] => true,
            [first, ..] if first.starts_with('#') => true,
            ["blacklist" | "options" | "alias" | "softdep", ..] => true,
            ["install" | "remove", _, program] => NOTHING.contains(program),
            _ => false,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What setupcon of Debian 12 writes.
    const SETUPCON: &str = "#!/bin/sh\n# A micro-version of setupcon with static configuration.\n\
        kbd_mode '-a' \nloadkeys '/etc/console-setup/cached_ISO-8859-15_del.kmap' > '/dev/null' \n\
        mkdir /run/console-setup\n>/run/console-setup/keymap_loaded\nexit 0\n";

    #[test]
    fn a_program_of_setupcon_sets_a_keyboard_and_does_no_more() {
        assert_eq!(setupcon(SETUPCON), Ok(()));
        for line in [
            "/x\n",
            "loadkeys '/x' > '/dev/vda' \n",
            "loadkeys '/x' > /dev/null\n",
            "printf '$(x)'\n",
            "printf 'a';/x\n",
            "printf 'a' >\n",
            "wget 'x'\n",
        ] {
            assert!(setupcon(&format!("{SETUPCON}{line}")).is_err(), "{line}");
        }
    }

    #[test]
    fn modprobe_runs_what_install_names_and_nothing_else() {
        assert!(modprobe(
            b"# CIS\n\nblacklist floppy\ninstall dccp /bin/true\noptions loop max_loop=8\nsoftdep a pre: b\n"
        ));
        for text in [
            "install ext4 /x",
            "install ext4 /bin/true; /x",
            "remove ext4 sh",
            "blacklist a \\\ninstall ext4 /x",
            "include /x",
        ] {
            assert!(!modprobe(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn settings_only_set() {
        assert!(settings(
            b"# x\n\nMODULES=most\nFSTYPE='auto'\nRUNSIZE=10%\nRESUME=\nNFSROOT=auto\n"
        ));
        for text in [
            "ROOT=/dev/sdb",
            "BOOT=nfs",
            "MODULES=most x",
            "MODULES=$x",
            "MODULES=a;b",
            "x",
            "init=/x",
        ] {
            assert!(!settings(text.as_bytes()), "{text}");
        }
    }

    /// Lines that dracut 059 writes.
    #[test]
    fn hooks_of_dracut_that_wait_only_look() {
        let device = "/dev/disk/by-uuid/0a-1";
        let finished = "initqueue/finished/devexists-x.sh";
        assert!(waits(finished, &format!("[ -e \"{device}\" ]\n")));
        assert!(!waits(finished, "[ -e \"/dev/$(x)\" ]\n"));
        assert!(!waits("pre-mount/x.sh", &format!("[ -e \"{device}\" ]\n")));
        let missing = format!("[ -e \"{device}\" ] || warn \"\\\"{device}\\\" does not exist\"\n");
        assert!(waits("emergency/80-x.sh", &missing));
        assert!(!waits("emergency/80-x.sh", &format!("{missing}/x\n")));
    }

    #[test]
    fn rules_of_udev_are_those_that_dracut_makes() {
        assert_eq!(
            prepared("a, IMPORT BLKID\nb, IMPORT PATH_ID\nc\n"),
            "a, IMPORT{builtin}=\"blkid\"\nb, IMPORT{builtin}=\"path_id\"\nc\n"
        );
        assert!(assembles(
            "RUN+=\"/sbin/mdadm --incremental --export $devnode\""
        ));
        assert!(assembles(
            "IMPORT{program}=\"/sbin/mdadm -I $env{DEVNAME}\""
        ));
        assert!(!assembles("RUN+=\"/sbin/mdadm --detail $devnode\""));
        assert!(!assembles("RUN+=\"/x /sbin/mdadm -I $devnode\""));
    }
}
