//! Members that are written anew by the program that makes an initramfs: what they say is derived
//! from the other members and compared.
//!
//! Sources: depmod(8), modules.dep(5); kmod `tools/depmod.c` (the comments that it writes, and
//! `alias_normalize`); initramfs-tools `mkinitramfs` and `hook-functions` (ORDER, arch.conf);
//! glibc `sysdeps/generic/dl-cache.h` (the cache's new form, `glibc-ld.so.cache1.1`).

use std::collections::{BTreeMap, BTreeSet};

use super::index;
use super::read::{ArchiveMember, Index};
use crate::bytes::le32;
use crate::cpio::MemberKind;
use crate::evidence::linux::kernel::ring0::modinfo::{ModuleInfo, name_of};
use crate::text::{Text, lossless, terminal};

/// What the generated members are derived from.
pub(super) struct Sources<'a> {
    pub(super) items: &'a [ArchiveMember],
    pub(super) index: &'a Index<'a>,
    /// The modules among the members: path and what each says of itself.
    pub(super) modules: BTreeMap<&'a str, &'a ModuleInfo>,
    /// Architecture of the packages, as dpkg names it.
    pub(super) architectures: BTreeSet<&'a str>,
    /// Modules that hooks and settings ask for.
    pub(super) loads: BTreeSet<String>,
}

/// The lines of `bytes` without comments and empty ones.
fn lines(bytes: &[u8]) -> Vec<String> {
    let text = lossless(bytes);
    let lines = text.lines().map(str::trim_end);
    let lines = lines.filter(|l| !l.is_empty() && !l.starts_with('#'));
    lines.map(str::to_owned).collect()
}

fn sorted(mut all: Vec<String>) -> Vec<String> {
    all.sort();
    all
}

/// `-` as `_`, except in character classes (`alias_normalize` of kmod).
fn normal(alias: &str) -> String {
    let mut class = false;
    let one = |c| {
        match c {
            '[' => class = true,
            ']' => class = false,
            _ => {}
        }
        if c == '-' && !class { '_' } else { c }
    };
    alias.chars().map(one).collect()
}

impl Sources<'_> {
    /// What is wrong with the member `item`; `None` where no rule of here speaks of it.
    pub(super) fn compare(&self, item: &ArchiveMember) -> Option<Result<(), Text>> {
        let bytes = item.bytes.as_deref()?;
        let base = item.path.rsplit('/').next().unwrap_or_default();
        let folder = item.path.strip_suffix(base)?;
        if folder.contains("/lib/modules/") && folder.matches('/').count() <= 5 {
            return self.depmod(item, folder, base, bytes);
        }
        match (folder, base) {
            ("/conf/", "arch.conf") => Some(self.arch(bytes)),
            ("/conf/", "modules") => Some(self.to_load(bytes)),
            ("/conf/conf.d/", "zz-resume-auto") => Some(resume(bytes)),
            ("/etc/", "ld.so.cache") => Some(self.cache(bytes)),
            (_, "ORDER") if folder.starts_with("/scripts/") => Some(self.order(folder, bytes)),
            _ => None,
        }
    }

    fn depmod(
        &self,
        item: &ArchiveMember,
        root: &str,
        base: &str,
        bytes: &[u8],
    ) -> Option<Result<(), Text>> {
        if let Some(text) = base.strip_suffix(".bin") {
            let beside = format!("{root}{text}");
            // The last of a name wins.
            let text = self.items.iter().rev().find(|i| i.path == beside)?;
            let _ = item;
            return Some(indexed(base, bytes, text.bytes.as_deref()?));
        }
        let mut modules: Vec<(String, &str, &ModuleInfo)> = Vec::new();
        for (path, info) in &self.modules {
            if let Some(below) = path.strip_prefix(root) {
                modules.push((name_of(path), below, info));
            }
        }
        let expected = match base {
            "modules.dep" => return Some(dependencies(&modules, bytes)),
            "modules.devname" => return Some(devices(&modules, bytes)),
            "modules.weakdep" => fields(&modules, "weakdep", "weakdep"),
            "modules.softdep" => fields(&modules, "softdep", "softdep"),
            "modules.alias" => {
                let one = |(name, _, info): &(String, &str, &ModuleInfo)| {
                    let lines = info.all("alias").map(|a| format!("alias {a} {name}"));
                    lines.collect::<Vec<_>>()
                };
                modules.iter().flat_map(one).collect()
            }
            "modules.symbols" => return Some(symbols(&modules, bytes)),
            _ => return None,
        };
        Some(same(expected, lines(bytes)))
    }

    /// `DPKG_ARCH=` of `mkinitramfs`.
    fn arch(&self, bytes: &[u8]) -> Result<(), Text> {
        let lines = lines(bytes);
        match lines.as_slice() {
            [one] => match one.strip_prefix("DPKG_ARCH=") {
                Some(arch) if self.architectures.contains(arch) => Ok(()),
                _ => Err(say!(ring0_generated_architecture, found = terminal(one))),
            },
            _ => Err(say!(ring0_generated_architectures)),
        }
    }

    /// Modules that `init` loads: members, names that these answer to, and what hooks and settings
    /// ask for. What follows a name are parameters, never options of modprobe(8).
    fn to_load(&self, bytes: &[u8]) -> Result<(), Text> {
        let names: BTreeSet<String> = self.modules.keys().map(|p| name_of(p)).collect();
        let aliases: BTreeSet<&str> = self.modules.values().flat_map(|i| i.all("alias")).collect();
        for line in lines(bytes) {
            let mut words = line.split_whitespace();
            let name = words.next().unwrap_or_default();
            let known = names.contains(&name.replace('-', "_"))
                || aliases.contains(name)
                || self.loads.contains(name);
            if !known || name.starts_with('-') {
                return Err(say!(ring0_generated_no_module, name = terminal(name)));
            }
            if words.any(|w| w.starts_with('-')) {
                return Err(say!(ring0_generated_more, line = terminal(&line)));
            }
        }
        Ok(())
    }

    /// `ORDER` calls the scripts of its folder, each once.
    fn order(&self, folder: &str, bytes: &[u8]) -> Result<(), Text> {
        let mut called = Vec::new();
        for line in lines(bytes) {
            if line == "[ -e /conf/param.conf ] && . /conf/param.conf" {
                continue;
            }
            match line
                .strip_suffix(" \"$@\"")
                .map(|s| s.trim_start_matches("/root"))
            {
                Some(script) if script.starts_with(folder) => called.push(script.to_owned()),
                _ => {
                    return Err(say!(
                        ring0_generated_no_script,
                        folder = terminal(folder),
                        line = terminal(&line)
                    ));
                }
            }
        }
        let here = |i: &&ArchiveMember| {
            let base = i.path.strip_prefix(folder).unwrap_or_default();
            let file = i.kind == MemberKind::Regular && i.mode & 0o111 != 0;
            file && !base.is_empty() && !base.contains('/') && base != "ORDER"
        };
        let mut scripts: Vec<String> = self
            .items
            .iter()
            .filter(here)
            .map(|i| i.path.clone())
            .collect();
        scripts.sort();
        scripts.dedup();
        same(scripts, called)
    }

    /// Every library of the cache is a member.
    fn cache(&self, bytes: &[u8]) -> Result<(), Text> {
        let libraries = libraries(bytes).ok_or_else(|| say!(ring0_generated_cache))?;
        for (name, path) in libraries {
            let base = path.rsplit('/').next();
            if self.index.find(&path) != Some(true) || base != Some(name.as_str()) {
                return Err(say!(ring0_generated_no_member, path = terminal(&path)));
            }
        }
        Ok(())
    }
}

/// The names and paths of the libraries in a cache of the new form; `None` where it is no such cache.
fn libraries(bytes: &[u8]) -> Option<Vec<(String, String)>> {
    const MAGIC: &[u8] = b"glibc-ld.so.cache1.1";
    let start = bytes.windows(MAGIC.len()).position(|w| w == MAGIC)?;
    let cache = bytes.get(start..)?;
    let count = le32(cache, MAGIC.len())? as usize;
    let mut all = Vec::new();
    for i in 0..count {
        // flags, key, value, osversion, hwcap: 24 bytes behind the header of 48
        let at = i.checked_mul(24)?.checked_add(48 + 4)?;
        let text = |at: usize| {
            let text = cache.get(le32(cache, at)? as usize..)?;
            let end = text.iter().position(|b| *b == 0)?;
            Some(lossless(text.get(..end)?))
        };
        all.push((text(at)?, text(at.checked_add(4)?)?));
    }
    Some(all)
}

/// `RESUME=` and a device.
fn resume(bytes: &[u8]) -> Result<(), Text> {
    let fine = |c: char| c.is_ascii_alphanumeric() || "=/-_.:".contains(c);
    match lines(bytes).as_slice() {
        [one] if one.starts_with("RESUME=") && one.chars().all(fine) => Ok(()),
        [] => Ok(()),
        _ => Err(say!(ring0_generated_resume)),
    }
}

fn fields(modules: &[(String, &str, &ModuleInfo)], key: &str, word: &str) -> Vec<String> {
    let one = |(name, _, info): &(String, &str, &ModuleInfo)| {
        let lines = info.all(key).map(|v| format!("{word} {name} {v}"));
        lines.collect::<Vec<_>>()
    };
    modules.iter().flat_map(one).collect()
}

fn same(expected: Vec<String>, found: Vec<String>) -> Result<(), Text> {
    let (expected, found) = (sorted(expected), sorted(found));
    let (e, f): (BTreeSet<_>, BTreeSet<_>) = (expected.iter().collect(), found.iter().collect());
    if let Some(more) = f.difference(&e).next() {
        return Err(say!(ring0_generated_more, line = terminal(more)));
    }
    if let Some(less) = e.difference(&f).next() {
        return Err(say!(ring0_generated_less, line = terminal(less)));
    }
    Ok(())
}

/// One module of each exported symbol: depmod keeps the last that it reads, in an order that is not
/// in the archive. Modules of one namespace share its name.
fn symbols(modules: &[(String, &str, &ModuleInfo)], bytes: &[u8]) -> Result<(), Text> {
    let mut owners: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for (name, _, info) in modules {
        for symbol in &info.exports {
            let owners = owners.entry(format!("alias symbol:{symbol}")).or_default();
            owners.push(name);
        }
    }
    let mut expected = Vec::new();
    let found = lines(bytes);
    let told: BTreeSet<(&str, &str)> = found.iter().filter_map(|l| l.rsplit_once(' ')).collect();
    for (alias, owners) in &owners {
        let owner = owners.iter().find(|o| told.contains(&(alias, **o)));
        if let Some(owner) = owner.or(owners.last()) {
            expected.push(format!("{alias} {owner}"));
        }
    }
    same(expected, found)
}

/// Every module stands in `modules.dep` with all that it needs, directly or not.
fn dependencies(modules: &[(String, &str, &ModuleInfo)], bytes: &[u8]) -> Result<(), Text> {
    let paths: BTreeMap<&str, &str> = modules.iter().map(|(n, p, _)| (n.as_str(), *p)).collect();
    let needs: BTreeMap<&str, Vec<String>> = modules
        .iter()
        .map(|(name, _, info)| {
            let all = info.get("depends").unwrap_or_default().split(',');
            let all = all.filter(|d| !d.is_empty()).map(|d| d.replace('-', "_"));
            (name.as_str(), all.collect())
        })
        .collect();
    let mut expected = Vec::new();
    for (name, path, _) in modules {
        let mut all = BTreeSet::new();
        let mut todo = vec![name.as_str()];
        while let Some(one) = todo.pop() {
            for need in needs.get(one).into_iter().flatten() {
                // A dependency that is no member is built in or missing; depmod leaves it out.
                if let Some((key, path)) = paths.get_key_value(need.as_str())
                    && all.insert(*path)
                {
                    todo.push(key);
                }
            }
        }
        expected.push(dep_line(path, all));
    }
    let found = lines(bytes).into_iter().map(|line| {
        let (path, rest) = line.split_once(':').unwrap_or((&line, ""));
        dep_line(path, rest.split_whitespace().collect())
    });
    same(expected, found.collect())
}

fn dep_line(path: &str, all: BTreeSet<&str>) -> String {
    let all: Vec<&str> = all.into_iter().collect();
    format!("{path}: {}", all.join(" "))
}

/// `modules.devname`: name, node and number from the aliases `devname:` and `char-major-`.
fn devices(modules: &[(String, &str, &ModuleInfo)], bytes: &[u8]) -> Result<(), Text> {
    let mut expected = Vec::new();
    for (name, _, info) in modules {
        let (mut node, mut number) = (None, None);
        for alias in info.all("alias") {
            if let Some(n) = alias.strip_prefix("devname:") {
                node = Some(n);
            }
            for (prefix, kind) in [("char-major-", 'c'), ("block-major-", 'b')] {
                let pair = alias.strip_prefix(prefix).and_then(|r| r.split_once('-'));
                let pair =
                    pair.filter(|(a, b)| a.parse::<u32>().is_ok() && b.parse::<u32>().is_ok());
                number = number.or(pair.map(|(a, b)| format!("{kind}{a}:{b}")));
            }
        }
        if let (Some(node), Some(number)) = (node, number) {
            expected.push(format!("{name} {node} {number}"));
        }
    }
    same(expected, lines(bytes))
}

/// The binary index `bytes` holds what the text beside it says.
fn indexed(base: &str, bytes: &[u8], text: &[u8]) -> Result<(), Text> {
    let pairs = index::pairs(bytes).map_err(|e| e.text())?;
    let pairs = pairs.iter().map(|(k, v)| (lossless(k), lossless(v)));
    if base == "modules.dep.bin" {
        let line = |(_, value): (String, String)| value.trim_end().to_owned();
        return same(lines(text), pairs.map(line).collect());
    }
    let found = pairs
        .map(|(key, value)| format!("alias {key} {value}"))
        .collect();
    let expected = lines(text).into_iter().map(|line| {
        let mut words = line.splitn(3, ' ');
        let (_, alias, name) = (words.next(), words.next(), words.next());
        let alias = alias.unwrap_or_default();
        let alias = if base == "modules.symbols.bin" {
            alias.to_owned()
        } else {
            normal(alias)
        };
        format!("alias {alias} {}", name.unwrap_or_default())
    });
    same(expected.collect(), found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn info(fields: &[(&str, &str)]) -> ModuleInfo {
        ModuleInfo {
            fields: fields
                .iter()
                .map(|(k, v)| ((*k).to_owned().into(), (*v).into()))
                .collect(),
            ..ModuleInfo::default()
        }
    }

    #[test]
    fn dependencies_are_those_of_the_modules_and_nothing_else() {
        let (a, b, c) = (
            info(&[("depends", "b-1")]),
            info(&[("depends", "c,built_in")]),
            info(&[]),
        );
        let modules = [
            ("a".to_owned(), "kernel/a.ko", &a),
            ("b_1".to_owned(), "kernel/b-1.ko", &b),
            ("c".to_owned(), "kernel/c.ko", &c),
        ];
        let good =
            "kernel/a.ko: kernel/b-1.ko kernel/c.ko\nkernel/b-1.ko: kernel/c.ko\nkernel/c.ko:\n";
        assert_eq!(dependencies(&modules, good.as_bytes()), Ok(()));
        let more = good.replace("c.ko:\n", "c.ko: extra/evil.ko\n");
        assert!(dependencies(&modules, more.as_bytes()).is_err());
        let less = good.replace("kernel/c.ko:\n", "");
        assert!(dependencies(&modules, less.as_bytes()).is_err());
    }

    #[test]
    fn a_name_that_modules_share_stands_for_one_of_them() {
        let exporting = |names: &[&str]| ModuleInfo {
            exports: names.iter().map(|n| (*n).to_owned()).collect(),
            ..ModuleInfo::default()
        };
        let (a, b) = (exporting(&["one", "SPACE"]), exporting(&["two", "SPACE"]));
        let modules = [
            ("a".to_owned(), "kernel/a.ko", &a),
            ("b".to_owned(), "kernel/b.ko", &b),
        ];
        let own = "alias symbol:one a\nalias symbol:two b\n";
        let with = |more: &str| symbols(&modules, format!("{own}{more}").as_bytes());
        assert_eq!(with("alias symbol:SPACE a\n"), Ok(()));
        assert_eq!(with("alias symbol:SPACE b\n"), Ok(()));
        assert!(with("").is_err());
        assert!(with("alias symbol:SPACE c\n").is_err());
        assert!(with("alias symbol:SPACE a\nalias symbol:SPACE b\n").is_err());
        assert!(symbols(&modules, own.replace("one a", "one b").as_bytes()).is_err());
    }

    /// Lines of the `modules.devname` and `modules.alias.bin` of Debian 12.
    #[test]
    fn device_nodes_and_aliases_are_as_depmod_writes_them() {
        let loopback = info(&[
            ("alias", "devname:loop-control"),
            ("alias", "char-major-10-237"),
            ("alias", "block-major-7-*"),
        ]);
        let modules = [("loop".to_owned(), "kernel/drivers/block/loop.ko", &loopback)];
        let text =
            "# Device nodes to trigger on-demand module loading.\nloop loop-control c10:237\n";
        assert_eq!(devices(&modules, text.as_bytes()), Ok(()));
        assert!(devices(&modules, text.replace("237", "1").as_bytes()).is_err());
        assert_eq!(
            normal("crypto-blake2b-256-[a-c]*"),
            "crypto_blake2b_256_[a-c]*"
        );
    }
}
