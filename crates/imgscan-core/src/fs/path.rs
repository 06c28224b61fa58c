//! Paths inside one file system: from `/a/b` to the object, symbolic links resolved inside it.

use super::{FileKind, FileSystem, NodeId};
use crate::error::{Error, Layer, Result};
use crate::text::lossless;

/// The most symbolic links that one path may pass: the kernel's own bound (`MAXSYMLINKS`).
const MAX_LINKS: usize = 40;
/// The longest path, links replaced, in components.
const MAX_COMPONENTS: usize = 8192;

/// Finds the object at `path`. `/` separates names; empty names and `.` are skipped, `..` leads to
/// the parent and never above the root. Links are resolved as if this file system were the whole
/// tree; a link in last place only where `follow_last`.
///
/// # Errors
/// [`crate::Kind::NotFound`] where a name is certainly not there; a directory's damage where it
/// may be hidden by it; [`crate::Kind::Limit`] for a loop of links.
pub fn resolve(fs: &dyn FileSystem, path: &[u8], follow_last: bool) -> Result<NodeId> {
    let mut todo: Vec<Vec<u8>> = components(path);
    let mut trail = vec![fs.root()];
    let mut links = 0;
    while let Some(name) = todo.pop() {
        if name == b".." {
            if trail.len() > 1 {
                trail.pop();
            }
            continue;
        }
        let dir = trail.last().copied().unwrap_or(fs.root());
        let Some(id) = fs.lookup(dir, &name)? else {
            return Err(Error::not_found(
                Layer::Volume,
                format!("no {:?} in {:?}", lossless(&name), lossless(path)),
            ));
        };
        let follow = follow_last || !todo.is_empty();
        if follow && fs.metadata(id)?.kind == FileKind::Symlink {
            links += 1;
            let target = fs.read_link(id)?;
            let inner = components(&target);
            if links > MAX_LINKS || todo.len() + inner.len() > MAX_COMPONENTS {
                return Err(Error::limit(
                    Layer::Volume,
                    None,
                    format!(
                        "more than {MAX_LINKS} symbolic links in {:?}",
                        lossless(path)
                    ),
                ));
            }
            if target.first() == Some(&b'/') {
                trail.truncate(1);
            }
            todo.extend(inner);
            continue;
        }
        trail.push(id);
        if trail.len() > MAX_COMPONENTS {
            return Err(Error::limit(
                Layer::Volume,
                None,
                format!("a path of more than {MAX_COMPONENTS} names"),
            ));
        }
    }
    Ok(trail.pop().unwrap_or(fs.root()))
}

/// The names of `path`, last first.
fn components(path: &[u8]) -> Vec<Vec<u8>> {
    path.split(|b| *b == b'/')
        .filter(|p| !p.is_empty() && *p != b".")
        .map(<[u8]>::to_vec)
        .rev()
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Kind;
    use crate::fs::memory::MemoryFs;

    #[test]
    fn links_stay_inside_and_loops_end() {
        let fs = MemoryFs::new(false)
            .file("/usr/lib/os-release", 0o644, "x")
            .link("/etc/os-release", "../usr/lib/os-release")
            .link("/etc/up", "../../../../usr/lib")
            .link("/etc/abs", "/usr")
            .link("/loop", "loop");
        let file = resolve(&fs, b"/usr/lib/os-release", true).unwrap();
        for path in [
            "/etc/os-release",
            "/etc/up/os-release",
            "etc//./abs/lib/os-release",
        ] {
            assert_eq!(resolve(&fs, path.as_bytes(), true).unwrap(), file, "{path}");
        }
        assert_ne!(resolve(&fs, b"/etc/os-release", false).unwrap(), file);
        assert_eq!(resolve(&fs, b"/loop", true).unwrap_err().kind, Kind::Limit);
        assert_eq!(resolve(&fs, b"/no", true).unwrap_err().kind, Kind::NotFound);
        assert_eq!(resolve(&fs, b"/../..", true).unwrap(), fs.root());
    }
}
