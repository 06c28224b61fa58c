//! What an initramfs holds: every member of every archive, with its digest.

use std::collections::BTreeMap;

use md5::{Digest as _, Md5};
use sha2::Sha256;

use crate::bytes::hex;
use crate::cpio::{Contents, Limits, MemberKind, read};
use crate::evidence::linux::kernel::ring0::modinfo::is_module;
use crate::source::ReadAt;
use crate::text::lossless;

/// The longest member whose bytes are kept, and all that are kept together, in bytes.
const MAX_KEPT: u64 = 32 << 20;
const MAX_ALL_KEPT: u64 = 48 << 20;
/// The longest text among them.
const MAX_TEXT: u64 = 256 << 10;
/// Links that one name may pass.
const MAX_LINKS: usize = 40;

/// A member.
#[derive(Debug, Clone)]
pub(super) struct ArchiveMember {
    /// Its name as it stands.
    pub(super) name: Vec<u8>,
    /// Its path from the root, links of the archives followed but for the last name.
    pub(super) path: String,
    pub(super) kind: MemberKind,
    pub(super) mode: u32,
    pub(super) size: u64,
    /// Of a regular file; of one with several names the digest of its one body.
    pub(super) sha256: String,
    pub(super) md5: Option<String>,
    /// The first bytes of a regular file.
    pub(super) head: Vec<u8>,
    /// The bytes of what has to be looked into; the target of a link.
    pub(super) bytes: Option<Vec<u8>>,
    pub(super) archive: usize,
    pub(super) segment: usize,
    pub(super) offset: u64,
    /// Of a device: its major and minor number.
    pub(super) special: (u32, u32),
    inode: (u32, u32, u32),
    links: u32,
}

/// Reads all members of `file`.
pub(super) fn items(file: &dyn ReadAt) -> (Vec<ArchiveMember>, Contents) {
    let mut items: Vec<ArchiveMember> = Vec::new();
    let mut budget = MAX_ALL_KEPT;
    let contents = read(file, Limits::of(file.len()), &mut |member, body| {
        let kind = member.kind();
        let mut item = ArchiveMember {
            path: String::new(),
            kind,
            mode: member.mode,
            size: u64::from(member.size),
            sha256: String::new(),
            md5: None,
            head: Vec::new(),
            bytes: None,
            archive: member.archive,
            segment: member.segment,
            offset: member.offset,
            inode: (member.device.0, member.device.1, member.inode),
            links: member.links,
            special: member.special,
            name: member.name.clone(),
        };
        let wanted = match kind {
            MemberKind::Symlink => true,
            MemberKind::Regular => {
                let most = if indexed(&item.name) {
                    MAX_KEPT
                } else {
                    MAX_TEXT
                };
                kept(&item.name) && item.size <= most.min(budget)
            }
            // A device has no bytes, and a name.
            MemberKind::Special => {
                items.push(item);
                return Ok(());
            }
            _ => return Ok(()),
        };
        let mut sha = Sha256::new();
        let mut md5 = (!is_module(&lossless(&item.name))).then(Md5::new);
        let mut all = Vec::new();
        let mut block = vec![0; 64 << 10];
        loop {
            // What can't be read is told by who reads the archive.
            let n = match body.read(&mut block) {
                Ok(0) | Err(_) => break,
                Ok(n) => n,
            };
            let block = &block[..n];
            sha.update(block);
            if let Some(md5) = &mut md5 {
                md5.update(block);
            }
            if item.head.is_empty() {
                item.head = block[..n.min(64)].to_vec();
            }
            if wanted {
                all.extend_from_slice(block);
            }
        }
        if kind == MemberKind::Regular {
            item.sha256 = hex(&sha.finalize());
            item.md5 = md5.map(|m| hex(&m.finalize()));
            budget = budget.saturating_sub(all.len() as u64);
        }
        item.bytes = wanted.then_some(all);
        items.push(item);
        Ok(())
    });
    one_body(&mut items);
    paths(&mut items);
    (items, contents)
}

/// Members whose bytes the explanations need.
fn kept(name: &[u8]) -> bool {
    let name = lossless(name);
    let name = name.trim_start_matches(['.', '/']);
    let base = name.rsplit('/').next().unwrap_or_default();
    let text = [
        "conf/",
        "etc/",
        "cryptroot/",
        "usr/lib/dracut/",
        "lib/dracut/",
        "usr/lib/initrd-release",
        "var/cache/fontconfig/",
    ];
    indexed(name.as_bytes())
        || text.iter().any(|folder| name.starts_with(folder))
        || ["ORDER", "modules", "setupcon"].contains(&base)
        || name.contains("udev/rules.d/")
        || !name.contains('/')
}

/// Members that may be long: what depmod and ldconfig write, and microcode.
fn indexed(name: &[u8]) -> bool {
    let name = lossless(name);
    let base = name.rsplit('/').next().unwrap_or_default();
    (base.starts_with("modules.") && !base.starts_with("modules.builtin"))
        || name.contains("microcode/")
        || base == "ld.so.cache"
}

/// Members about which the kernel and who reads them here may be of two minds: bodies of one file
/// that differ, and names that are a link and something else, or two links.
pub(super) fn contradictions(items: &[ArchiveMember]) -> Vec<&ArchiveMember> {
    let mut found = Vec::new();
    let mut bodies: BTreeMap<(usize, (u32, u32, u32)), &str> = BTreeMap::new();
    let mut links: BTreeMap<&str, Option<&[u8]>> = BTreeMap::new();
    for item in items {
        let target = match item.kind {
            MemberKind::Symlink => item.bytes.as_deref(),
            _ => None,
        };
        match links.get(item.path.as_str()) {
            Some(before) if *before != target => found.push(item),
            _ => _ = links.insert(&item.path, target),
        }
        if item.links > 1 && item.kind == MemberKind::Regular && item.size > 0 {
            let body = bodies
                .entry((item.archive, item.inode))
                .or_insert(&item.sha256);
            if *body != item.sha256 {
                found.push(item);
            }
        }
    }
    found
}

/// The names of one file share one body, which stands with one of them.
fn one_body(items: &mut [ArchiveMember]) {
    let mut bodies: BTreeMap<(usize, (u32, u32, u32)), usize> = BTreeMap::new();
    let shared = |i: &ArchiveMember| i.links > 1 && i.kind == MemberKind::Regular;
    for (at, item) in items.iter().enumerate() {
        if shared(item) && item.size > 0 {
            bodies.insert((item.archive, item.inode), at);
        }
    }
    for at in 0..items.len() {
        let item = &items[at];
        if !shared(item) || item.size > 0 {
            continue;
        }
        if let Some(body) = bodies.get(&(item.archive, item.inode)) {
            let body = items[*body].clone();
            let item = &mut items[at];
            (item.size, item.sha256, item.md5) = (body.size, body.sha256, body.md5);
            (item.head, item.bytes) = (body.head, body.bytes);
        }
    }
}

/// The components of `name` without `.` and empty ones; `..` stays.
fn components(name: &[u8]) -> Vec<Vec<u8>> {
    let parts = name.split(|b| *b == b'/');
    let parts = parts.filter(|p| !p.is_empty() && *p != b".");
    parts.map(<[u8]>::to_vec).collect()
}

/// Gives every member its path: links of the archives to folders are followed.
fn paths(items: &mut [ArchiveMember]) {
    let links = links(items, |i| components(&i.name));
    for item in items {
        item.path = lossless(&resolved(&item.name, &links, false));
    }
}

/// The links among the members.
type Links = BTreeMap<Vec<u8>, Vec<u8>>;

fn links(items: &[ArchiveMember], place: impl Fn(&ArchiveMember) -> Vec<Vec<u8>>) -> Links {
    let links = items.iter().filter(|i| i.kind == MemberKind::Symlink);
    links
        .filter_map(|i| Some((place(i).join(&b'/'), i.bytes.clone()?)))
        .collect()
}

/// The members by their paths.
pub(super) struct Index<'a> {
    links: Links,
    /// What is no link.
    there: BTreeMap<&'a str, &'a ArchiveMember>,
}

impl<'a> Index<'a> {
    pub(super) fn new(items: &'a [ArchiveMember]) -> Self {
        let there = items.iter().filter(|i| i.kind != MemberKind::Symlink);
        Self {
            links: links(items, |i| components(i.path.as_bytes())),
            there: there.map(|i| (i.path.as_str(), i)).collect(),
        }
    }

    /// The member that `path` leads to with all links of the archives followed, where it is a regular
    /// file: the last of its name.
    pub(super) fn leads(&self, path: &str) -> Option<&'a ArchiveMember> {
        let at = lossless(&resolved(path.as_bytes(), &self.links, true));
        let item = self.there.get(at.as_str())?;
        (item.kind == MemberKind::Regular).then_some(*item)
    }

    /// What the path leads to with all links of the archives followed: whether it is a regular
    /// file; `None` where no member stands there.
    pub(super) fn find(&self, path: &str) -> Option<bool> {
        let at = lossless(&resolved(path.as_bytes(), &self.links, true));
        let item = self.there.get(at.as_str())?;
        Some(item.kind == MemberKind::Regular)
    }
}

/// `name` from the root with links followed, those of the last component where `last`.
fn resolved(name: &[u8], links: &Links, last: bool) -> Vec<u8> {
    let mut todo = components(name);
    todo.reverse();
    let mut done: Vec<Vec<u8>> = Vec::new();
    let mut passed = 0;
    while let Some(part) = todo.pop() {
        if part == b".." {
            done.pop();
            continue;
        }
        done.push(part);
        let target = links.get(&done.join(&b'/'));
        let Some(target) = target.filter(|_| (last || !todo.is_empty()) && passed < MAX_LINKS)
        else {
            continue;
        };
        passed += 1;
        done.pop();
        if target.starts_with(b"/") {
            done.clear();
        }
        todo.extend(components(target).into_iter().rev());
    }
    let mut path = b"/".to_vec();
    path.extend(done.join(&b'/'));
    path
}

/// What is odd about a name (`absolute`, or `up` for one with `..`): no program that makes an
/// initramfs writes such.
pub(super) fn odd(name: &[u8]) -> Option<&'static str> {
    if name.starts_with(b"/") {
        return Some("absolute");
    }
    let up = name.split(|b| *b == b'/').any(|p| p == b"..");
    up.then_some("up")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cpio::testing::{member, newc};
    use crate::source::MemorySource;

    #[test]
    fn names_of_one_file_share_its_body_and_links_to_folders_are_followed() {
        let mut bytes = Vec::new();
        member(&mut bytes, b"sbin", 0o120_777, 1, 1, b"usr/sbin");
        member(&mut bytes, b"sbin/halt", 0o100_755, 9, 2, b"");
        member(&mut bytes, b"./usr/sbin/reboot", 0o100_755, 9, 2, b"ELF");
        bytes.extend(newc(&[("../up", 0o100_644, b"")]));
        let (items, contents) = items(&MemorySource(bytes));
        assert_eq!(contents.error, None);
        assert_eq!(items[1].path, "/usr/sbin/halt");
        assert_eq!(items[2].path, "/usr/sbin/reboot");
        assert_eq!(items[1].sha256, items[2].sha256);
        assert_eq!(items[1].size, 3);
        assert_eq!(
            (items[3].path.as_str(), odd(&items[3].name)),
            ("/up", Some("up"))
        );
        assert_eq!(Index::new(&items).find("/sbin/reboot"), Some(true));
        assert_eq!(Index::new(&items).find("/sbin/none"), None);
    }

    #[test]
    fn what_the_kernel_may_read_otherwise_is_found() {
        let mut bytes = Vec::new();
        member(&mut bytes, b"a", 0o100_755, 9, 2, b"one");
        member(&mut bytes, b"b", 0o100_755, 9, 2, b"one");
        member(&mut bytes, b"c", 0o100_755, 9, 2, b"two");
        member(&mut bytes, b"l", 0o120_777, 1, 1, b"a");
        member(&mut bytes, b"l", 0o120_777, 1, 1, b"a");
        member(&mut bytes, b"l", 0o100_644, 2, 1, b"x");
        bytes.extend(newc(&[("d", 0o100_644, b"")]));
        let (items, _) = items(&MemorySource(bytes));
        let found: Vec<&str> = contradictions(&items)
            .iter()
            .map(|i| i.path.as_str())
            .collect();
        assert_eq!(found, ["/c", "/l"]);
    }
}
