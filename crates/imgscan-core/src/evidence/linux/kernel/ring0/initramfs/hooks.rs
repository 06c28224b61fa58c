//! Where the packaged hooks of the programs that make an initramfs take its files from.
//!
//! Only a script that equals what its package recorded speaks: what the owner of an image changed
//! or added explains nothing.

use std::collections::{BTreeMap, BTreeSet};

use md5::{Digest as _, Md5};
use sha2::Sha256;

use super::shell::{self, Copied, HOLE};
use crate::bytes::hex;
use crate::evidence::Gap;
use crate::evidence::files::Files;
use crate::evidence::linux::kernel::ring0::Facts;
use crate::evidence::linux::packages::{Listed, key_of, listed};
use crate::glob::Pattern;
use crate::text::lossless;
use crate::trust::DigestKind;

/// Where the hooks of initramfs-tools are, and the modules of dracut.
const HOOKS: &str = "/usr/share/initramfs-tools/hooks";
const MODULES: &str = "/usr/lib/dracut/modules.d";
/// Programs that write members themselves.
const PROGRAMS: &[&str] = &[
    "/usr/sbin/mkinitramfs",
    "/usr/sbin/update-initramfs",
    "/usr/bin/setupcon",
    "/usr/share/mdadm/mkconf",
    "/usr/lib/dracut/dracut-init.sh",
    "/usr/lib/dracut/dracut-functions.sh",
    "/usr/lib/dracut/modules.d/99base/dracut-lib.sh",
    "/usr/lib/dracut/modules.d/99base/dracut-dev-lib.sh",
    "/usr/bin/dracut",
];
/// The longest hook, in bytes.
const MAX_HOOK: u64 = 256 << 10;
const MAX_HOOKS: usize = 2000;
/// Bytes that the texts of all hooks may give.
const MAX_GIVEN: usize = 128 << 20;
/// Copies of one place, and links of one name.
const MAX_COPIES: usize = 64;

/// What dracut sets for its modules, as `dracut.sh` and pkg-config of systemd have it.
const DRACUT: &[(&str, &str)] = &[
    ("dracutbasedir", "/usr/lib/dracut"),
    ("dracutsysrootdir", ""),
    ("systemdutildir", "/usr/lib/systemd"),
    ("systemdsystemunitdir", "/usr/lib/systemd/system"),
    ("systemdsystemconfdir", "/etc/systemd/system"),
    ("systemdutilconfdir", "/etc/systemd"),
    ("udevdir", "/usr/lib/udev"),
    ("tmpfilesdir", "/usr/lib/tmpfiles.d"),
    ("sysusers", "/usr/lib/sysusers.d"),
    ("sysctld", "/usr/lib/sysctl.d"),
    ("hookdir", "/usr/lib/dracut/hooks"),
    ("prefix", ""),
];

/// What one hook may write.
struct Written {
    targets: BTreeSet<String>,
    lines: BTreeSet<String>,
}

/// What the hooks put into an initramfs.
#[derive(Default)]
pub(super) struct Hooks {
    /// Single files by where they come to stand: under their own name in a directory, or under this
    /// one.
    files: BTreeMap<String, BTreeSet<String>>,
    /// Patterns and trees by the directory that they come to stand in.
    more: BTreeMap<String, Vec<Copied>>,
    links: BTreeMap<String, BTreeSet<String>>,
    written: Vec<Written>,
    random: BTreeSet<String>,
    pub(super) loads: BTreeSet<String>,
    /// The scripts that were read.
    proven: BTreeSet<String>,
}

/// `path` as it is where `/usr` is merged.
pub(super) fn merged(path: &str) -> String {
    let first = path.trim_start_matches('/').split('/').next();
    match first {
        Some("bin" | "sbin" | "lib" | "lib32" | "lib64" | "libx32") => format!("/usr{path}"),
        _ => path.to_owned(),
    }
}

fn split(path: &str) -> (&str, &str) {
    path.rsplit_once('/').unwrap_or_default()
}

impl Hooks {
    /// Reads those of the system.
    pub(super) fn of(facts: &Facts<'_>, gaps: &mut Vec<Gap>) -> Self {
        let mut hooks = Self::default();
        if !facts.packages.has_database() {
            return hooks;
        }
        let paths = paths(facts, gaps);
        let keys: BTreeSet<&str> = paths.iter().map(|p| key_of(p)).collect();
        let owners = listed(&facts.reader, facts.packages, |p| keys.contains(p), gaps);
        let mut budget = MAX_GIVEN;
        for path in &paths {
            let Some(owner) = owners.get(key_of(path)) else {
                continue;
            };
            let Some(text) = unmodified(facts, path, owner, gaps) else {
                continue;
            };
            hooks.proven.insert(path.clone());
            let (folder, _) = split(path);
            let mut known = vec![("moddir", folder)];
            if path.starts_with(MODULES) || path == "/usr/bin/dracut" {
                known.extend(DRACUT);
            }
            hooks.add(shell::read(&text, &known, &mut budget));
        }
        hooks
    }

    fn add(&mut self, script: shell::Script) {
        for copy in script.copies {
            let to = merged(&copy.to);
            let (_, base) = split(&copy.from);
            let pattern = base.contains('*');
            if !pattern {
                let below = format!("{}/{base}", to.trim_end_matches('/'));
                for place in [to.clone(), below] {
                    let here = self.files.entry(place).or_default();
                    if here.len() < MAX_COPIES {
                        here.insert(copy.from.clone());
                    }
                }
            }
            if pattern || copy.tree {
                let here = self.more.entry(to).or_default();
                if here.len() < MAX_COPIES {
                    here.push(copy);
                }
            }
        }
        for (name, target) in script.links {
            let here = self.links.entry(merged(&name)).or_default();
            if here.len() < MAX_COPIES {
                here.insert(target);
            }
        }
        self.random.extend(script.random.iter().map(|r| merged(r)));
        self.loads.extend(script.loads);
        if !script.targets.is_empty() {
            self.written.push(Written {
                targets: script.targets.iter().map(|t| merged(t)).collect(),
                lines: script.lines,
            });
        }
    }

    /// True where the script at `path` equals what its package recorded.
    pub(super) fn are_proven(&self, path: &str) -> bool {
        self.proven.contains(path)
    }

    /// The files of the system that a hook puts at `path`.
    pub(super) fn sources(&self, path: &str) -> Vec<String> {
        let path = merged(path);
        let here = self.files.get(&path).into_iter().flatten();
        let mut all: Vec<String> = here.cloned().collect();
        let (folder, base) = split(&path);
        let folder = if folder.is_empty() { "/" } else { folder };
        for copy in self.more.get(folder).into_iter().flatten() {
            let (from, pattern) = split(&copy.from);
            if pattern.contains('*') && Pattern::stars(pattern).matches(base.as_bytes()) {
                all.push(format!("{from}/{base}"));
            }
        }
        // Of a tree: what stands below its copy, which has its name or is it.
        let mut above = folder;
        while !above.is_empty() {
            let below = path.strip_prefix(above).unwrap_or_default();
            let below = below.trim_start_matches('/');
            for copy in self.more.get(above).into_iter().flatten() {
                if !copy.tree || copy.from.contains('*') {
                    continue;
                }
                all.push(format!("{}/{below}", copy.from));
                let (_, name) = split(&copy.from);
                if let Some(below) = below.strip_prefix(name).and_then(|b| b.strip_prefix('/')) {
                    all.push(format!("{}/{below}", copy.from));
                }
            }
            above = split(above).0;
        }
        all
    }

    /// True where a hook makes `name` a link with the target `to`, in whichever way it says so.
    pub(super) fn make_link(&self, name: &str, to: &str) -> bool {
        let name = merged(name);
        let (folder, _) = split(&name);
        let place = |target: &str| {
            let path = if target.starts_with('/') {
                target.to_owned()
            } else {
                format!("{folder}/{target}")
            };
            shell::anywhere(&path).map(|path| merged(&path))
        };
        let to = place(to);
        let here = self.links.get(&name);
        to.is_some() && here.is_some_and(|all| all.iter().any(|target| place(target) == to))
    }

    /// True where a hook fills `path` with random bytes.
    pub(super) fn are_random(&self, path: &str) -> bool {
        self.random.contains(&merged(path))
    }

    /// The lines that hooks may write to `path`, with holes; `None` where none writes there.
    pub(super) fn lines(&self, path: &str) -> Option<BTreeSet<&str>> {
        let path = merged(path);
        let here = self.written.iter().filter(|w| w.targets.contains(&path));
        let mut all = BTreeSet::new();
        let mut any = false;
        for written in here {
            any = true;
            all.extend(written.lines.iter().map(String::as_str));
        }
        any.then_some(all)
    }
}

/// True where `line` is `pattern` with its holes filled by names, paths and the like.
pub(super) fn fills(pattern: &str, line: &str) -> bool {
    let fine = |c: char| c.is_ascii_alphanumeric() || "/_.+@-".contains(c);
    let mut parts = pattern.split(HOLE);
    let Some(mut rest) = parts.next().and_then(|first| line.strip_prefix(first)) else {
        return false;
    };
    for part in parts {
        let end = rest.find(|c| !fine(c)).unwrap_or(rest.len());
        let (hole, _) = rest.split_at(end);
        // The shortest filling: what a hole takes is plain, so that is seldom a question.
        let behind = (0..=hole.len()).filter_map(|n| rest.get(n..)).find(|r| {
            r.starts_with(part) && (!part.is_empty() || *r == rest.get(end..).unwrap_or_default())
        });
        match behind.and_then(|b| b.strip_prefix(part)) {
            Some(left) => rest = left,
            None => return false,
        }
    }
    rest.is_empty()
}

/// The scripts that may speak.
fn paths(facts: &Facts<'_>, gaps: &mut Vec<Gap>) -> Vec<String> {
    let mut all: Vec<String> = PROGRAMS.iter().map(|p| (*p).to_owned()).collect();
    let files = Files::new(facts.reader.paths());
    for (folder, depth, name) in [(HOOKS, 1, None), (MODULES, 2, Some("/module-setup.sh"))] {
        match files.tree(folder, depth) {
            Ok(tree) => {
                let names = tree.names.into_iter();
                all.extend(names.filter(|n| name.is_none_or(|name| n.ends_with(name))));
                gaps.extend(tree.gaps);
            }
            Err(gap) => gaps.push(gap),
        }
    }
    all.truncate(MAX_HOOKS);
    all
}

/// The text of the script at `path`, where it equals what its package recorded.
fn unmodified(
    facts: &Facts<'_>,
    path: &str,
    owner: &Listed,
    gaps: &mut Vec<Gap>,
) -> Option<String> {
    let recorded = owner.digest.as_ref()?;
    let bytes = facts.reader.bytes(path.as_bytes(), MAX_HOOK, gaps)?;
    let own = match recorded.kind {
        DigestKind::Md5 => hex(&Md5::digest(&bytes)),
        DigestKind::Sha256 => hex(&Sha256::digest(&bytes)),
        _ => return None,
    };
    (own == recorded.hex).then(|| lossless(&bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holes_are_filled_by_plain_words_only() {
        let pattern = "root:*:0:0::\u{E000}:/bin/sh";
        assert!(fills(pattern, "root:*:0:0::/root-aB1:/bin/sh"));
        assert!(fills(pattern, "root:*:0:0:::/bin/sh"));
        for line in [
            "root:*:0:0::/root:x:/bin/sh",
            "root:*:0:0::/r oot:/bin/sh",
            "root:*:0:0::/root:/bin/sh;x",
            "root::0:0::/root:/bin/sh",
        ] {
            assert!(!fills(pattern, line), "{line}");
        }
        let two = "a=\u{E000} b=\u{E000}";
        assert!(fills(two, "a=1 b=2"));
        assert!(!fills(two, "a=1 b=$(x)"));
        assert!(fills("none", "none"));
        assert!(!fills("none", "nones"));
    }

    #[test]
    fn sources_are_those_of_the_place() {
        let mut hooks = Hooks::default();
        let text = "copy_exec /usr/bin/growpart /sbin\ncopy_file script /usr/share/a/b /bin/c\n\
            for x in /usr/lib/klibc/bin/*; do cp $x $DESTDIR/bin; done\ncp -a /usr/share/t $DESTDIR/usr/share/u\n\
            ln -s lvm $DESTDIR/sbin/vgchange\n";
        hooks.add(shell::read(text, &[], &mut MAX_GIVEN.clone()));
        let from = |path: &str| hooks.sources(path);
        assert_eq!(from("/usr/sbin/growpart"), ["/usr/bin/growpart"]);
        assert_eq!(from("/sbin/growpart"), ["/usr/bin/growpart"]);
        assert_eq!(from("/usr/sbin/sfdisk"), Vec::<String>::new());
        assert_eq!(
            from("/usr/bin/c"),
            ["/usr/share/a/b", "/usr/lib/klibc/bin/c"]
        );
        assert_eq!(from("/usr/bin/cat"), ["/usr/lib/klibc/bin/cat"]);
        assert!(from("/usr/share/u/t/x/y").contains(&"/usr/share/t/x/y".to_owned()));
        assert_eq!(from("/usr/share/v/t"), Vec::<String>::new());
        assert!(hooks.make_link("/usr/sbin/vgchange", "lvm"));
        assert!(hooks.make_link("/usr/sbin/vgchange", "/sbin/lvm"));
        assert!(!hooks.make_link("/usr/sbin/vgchange", "sh"));
    }
}
