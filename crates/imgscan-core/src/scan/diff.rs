//! From two open images to what differs between them.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::identity;
use crate::baseline::{self, FileKind as Known};
use crate::error::{Error, Kind, Layer, Result};
use crate::evidence::files::sha256_of_all;
use crate::evidence::gaps::{budget_gap, guest_gaps, image_gaps, told};
use crate::evidence::{Evidence, Gap};
use crate::fs::walk::{Step, Walk};
use crate::fs::{FileKind, FileSystem, Metadata, NodeId};
use crate::guest::{Family, Guest};
use crate::inspect::Inspection;
use crate::report::{Diff, Difference, Differences, Group, ImageId, Tool};
use crate::text::lossless;

/// Differences of one group that a document lists; the number counts all.
const MAX_LISTED: usize = 10_000;
/// Bytes that are read of both images together for each byte of their files, and in any case.
const TIMES: u64 = 64;
const FREE: u64 = 32 << 30;

/// A file of one of the two.
struct Node {
    fs: Arc<dyn FileSystem>,
    id: NodeId,
    metadata: Metadata,
}

type Tree = BTreeMap<Vec<u8>, Node>;

/// Compares the systems of two images, in the order in which they were found.
///
/// # Errors
/// Where one of the two holds no system.
pub fn diff(base: &Inspection, image: &Inspection) -> Result<Diff> {
    let bytes = |i: &Inspection| i.container.files.iter().map(|f| f.bytes).sum::<u64>();
    let mut work = Work {
        found: BTreeMap::new(),
        gaps: Vec::new(),
        left: bytes(base)
            .saturating_add(bytes(image))
            .saturating_mul(TIMES)
            .saturating_add(FREE),
    };
    let mut base_gaps = image_gaps(base);
    let base_id = identity::image(base, &mut base_gaps);
    work.base_gaps(base_gaps);
    work.gaps.extend(image_gaps(image));
    let image_id = identity::image(image, &mut work.gaps);
    if base.guests.is_empty() || image.guests.is_empty() {
        let spent = base.budget.spent().or_else(|| image.budget.spent());
        return Err(spent.unwrap_or_else(|| Error::not_found(Layer::Guest, say!(diff_no_system))));
    }
    let pairs = base.guests.len().max(image.guests.len());
    for i in 0..pairs {
        match (base.guests.get(i), image.guests.get(i)) {
            (Some(a), Some(b)) => work.guests(a, b),
            (Some(a), None) => work.whole(a, "removed"),
            (None, Some(b)) => work.whole(b, "added"),
            (None, None) => {}
        }
    }
    work.base_gaps(budget_gap(base).into_iter().collect());
    work.gaps.extend(budget_gap(image));
    Ok(work.finish(base_id, image_id))
}

struct Work {
    found: BTreeMap<Group, Vec<Difference>>,
    gaps: Vec<Gap>,
    left: u64,
}

impl Work {
    fn base_gaps(&mut self, gaps: Vec<Gap>) {
        self.gaps.extend(gaps.into_iter().map(|mut gap| {
            gap.reason = Box::new(say!(diff_gap_of_base, reason = &*gap.reason));
            gap
        }));
    }

    fn whole(&mut self, guest: &Guest, how: &'static str) {
        let what = format!("{:?} {}", guest.family, guest.root_volume);
        self.add(Group::Other, what, vec![how], None, None);
    }

    fn add(
        &mut self,
        group: Group,
        what: String,
        how: Vec<&'static str>,
        base: Option<String>,
        image: Option<String>,
    ) {
        let all = self.found.entry(group).or_default();
        all.push(Difference {
            what,
            how,
            base,
            image,
        });
    }

    fn guests(&mut self, base: &Guest, image: &Guest) {
        self.base_gaps(guest_gaps(base));
        self.gaps.extend(guest_gaps(image));
        let (a, gaps) = tree(base);
        self.base_gaps(gaps);
        let (b, gaps) = tree(image);
        self.gaps.extend(gaps);
        let windows = image.family == Family::Windows;
        for (path, node) in &a {
            let name = lossless(path);
            let group = group(&name, windows);
            match b.get(path) {
                None => self.add(group, name, vec!["removed"], None, None),
                Some(other) => self.pair(group, name, node, other),
            }
        }
        for path in b.keys().filter(|path| !a.contains_key(*path)) {
            let name = lossless(path);
            self.add(group(&name, windows), name, vec!["added"], None, None);
        }
        if base.family == Family::Linux && image.family == Family::Linux {
            self.packages(base, image);
        }
    }

    fn pair(&mut self, group: Group, name: String, a: &Node, b: &Node) {
        let (x, y) = (&a.metadata, &b.metadata);
        let mut how = Vec::new();
        let mut digests = (None, None);
        if x.kind != y.kind || x.device != y.device {
            how.push("type");
        } else if x.kind == FileKind::Regular {
            match self.contents(&name, a, b) {
                Ok((p, q)) if p == q => {}
                Ok((p, q)) => {
                    how.push("contents");
                    digests = (Some(p), Some(q));
                }
                Err(e) => self.gaps.push(Gap::at_path(name.clone(), &e)),
            }
        } else if x.kind == FileKind::Symlink {
            let target = |n: &Node| n.fs.read_link(n.id).map(|t| lossless(&t));
            match (target(a), target(b)) {
                (Ok(p), Ok(q)) if p == q => {}
                (Ok(p), Ok(q)) => {
                    how.push("target");
                    digests = (Some(p), Some(q));
                }
                (Err(e), _) | (_, Err(e)) => self.gaps.push(Gap::at_path(name.clone(), &e)),
            }
        }
        if (x.uid, x.gid) != (y.uid, y.gid) {
            how.push("owner");
        }
        if x.mode != y.mode {
            how.push("mode");
        }
        if !how.is_empty() {
            self.add(group, name, how, digests.0, digests.1);
        }
    }

    /// The digests of both.
    fn contents(&mut self, name: &str, a: &Node, b: &Node) -> Result<(String, String)> {
        let bytes = a.metadata.size.saturating_add(b.metadata.size);
        let Some(left) = self.left.checked_sub(bytes) else {
            let why = say!(diff_not_compared, name = name);
            return Err(Error::new(Layer::Volume, Kind::Limit, None, why));
        };
        self.left = left;
        let of = |n: &Node| {
            if let Some(damage) = n.fs.damage(n.id)?.into_iter().next() {
                return Err(damage);
            }
            sha256_of_all(n.fs.open(n.id)?.as_ref())
        };
        Ok((of(a)?, of(b)?))
    }

    fn packages(&mut self, base: &Guest, image: &Guest) {
        let list = |guest| {
            let evidence = Evidence::new(guest);
            let packages = evidence.linux.packages();
            let all: BTreeMap<String, String> = packages
                .listed()
                .map(|p| {
                    let name = format!("{}:{}", p.fact.name, p.fact.architecture);
                    (name, p.fact.version.clone())
                })
                .collect();
            (all, packages.gaps.clone())
        };
        let (a, gaps) = list(base);
        self.base_gaps(gaps);
        let (b, gaps) = list(image);
        self.gaps.extend(gaps);
        for (name, version) in &a {
            let how = match b.get(name) {
                None => "removed",
                Some(other) if other != version => "version",
                Some(_) => continue,
            };
            let (base, image) = (Some(version.clone()), b.get(name).cloned());
            self.add(Group::Packages, name.clone(), vec![how], base, image);
        }
        for (name, version) in b.iter().filter(|(name, _)| !a.contains_key(*name)) {
            let image = Some(version.clone());
            self.add(Group::Packages, name.clone(), vec!["added"], None, image);
        }
    }

    fn finish(mut self, base: ImageId, image: ImageId) -> Diff {
        self.gaps = told(self.gaps);
        let groups = self.found.into_iter().map(|(group, mut items)| {
            items.sort();
            let count = items.len();
            items.truncate(MAX_LISTED);
            Differences {
                group,
                count,
                items,
            }
        });
        let groups: Vec<Differences> = groups.collect();
        Diff {
            schema: "imgscan-diff/1",
            tool: Tool::THIS,
            base,
            image,
            equal: groups.is_empty() && self.gaps.is_empty(),
            groups,
            gaps: self.gaps,
        }
    }
}

/// Everything of a guest, mounts included.
fn tree(guest: &Guest) -> (Tree, Vec<Gap>) {
    let (mut all, mut gaps) = (Tree::new(), Vec::new());
    let root = match guest.paths.resolve(b"/") {
        Ok(root) => root,
        Err(e) => return (all, vec![Gap::at_path("/", &e)]),
    };
    let mut walk =
        Walk::new(Arc::clone(&root.fs), root.id, Vec::new()).across(guest.paths.mounted());
    while let Some(step) = walk.next() {
        match step {
            Step::Entry(entry) => match entry.metadata {
                Ok(metadata) => {
                    let fs = Arc::clone(walk.file_system(entry.mount));
                    let id = metadata.id;
                    all.insert(entry.path, Node { fs, id, metadata });
                }
                Err(e) => gaps.push(Gap::at_path(lossless(&entry.path), &e)),
            },
            Step::Damage { path, error } if error.kind != Kind::Notice => {
                gaps.push(Gap::at_path(lossless(&path), &error));
            }
            Step::Damage { .. } => {}
        }
    }
    (all, gaps)
}

/// Where the cloud's agents are, and what decides who can log in.
const SECURITY: &[&str] = &[
    "/usr/local/sa",
    "/usr/local/agenttools",
    "/usr/local/qcloud",
    "/var/lib/qcloud",
    "/etc/cron.d/sgagenttask",
    "/var/spool/cron",
    "/etc/rc.local",
    "/etc/rc.d/rc.local",
    "/etc/passwd",
    "/etc/shadow",
    "/etc/group",
    "/etc/gshadow",
    "/etc/sudoers",
    "/etc/pam.d",
    "/etc/ssh",
    "/root/.ssh",
];
const WINDOWS_SECURITY: &[&str] = &[
    "/program files/qcloud",
    "/winagent",
    "/win-agent",
    "/windows/system32/config/sam",
    "/windows/system32/config/security",
];
const LOADING: &[&str] = &[
    "/etc/modules",
    "/etc/modprobe.d",
    "/usr/lib/modprobe.d",
    "/usr/lib/modules-load.d",
];

fn below(path: &str, folders: &[&str]) -> bool {
    folders.iter().any(|f| path.starts_with(f))
}

fn group(path: &str, windows: bool) -> Group {
    let lower = path.to_ascii_lowercase();
    if windows {
        return match baseline::kind(path) {
            Some(Known::Windows) if lower.contains("ntoskrnl") => Group::Kernel,
            Some(_) if lower.ends_with(".sys") => Group::Modules,
            Some(_) => Group::Boot,
            None if below(&lower, &["/boot/", "/efi/", "/bootmgr"]) => Group::Boot,
            None if below(&lower, WINDOWS_SECURITY) => Group::Security,
            None if below(&lower, &["/windows/system32/config/"]) => Group::Configuration,
            None => Group::Other,
        };
    }
    match baseline::kind(path) {
        Some(Known::Kernel) => return Group::Kernel,
        Some(Known::Module) => return Group::Modules,
        Some(Known::Boot) => return Group::Boot,
        _ => {}
    }
    let beside = ["/boot/System.map", "/boot/config-"];
    if below(path, &beside) {
        Group::Kernel
    } else if below(path, &["/boot/", "/efi/"]) {
        Group::Boot
    } else if below(&baseline::canonical(path), &["/lib/modules/"]) || below(path, LOADING) {
        Group::Modules
    } else if below(path, SECURITY) || path.contains("/.ssh/") {
        Group::Security
    } else if below(
        path,
        &["/var/lib/dpkg", "/var/lib/rpm", "/usr/lib/sysimage/rpm"],
    ) {
        Group::Packages
    } else if below(path, &["/etc/"]) {
        Group::Configuration
    } else {
        Group::Other
    }
}
