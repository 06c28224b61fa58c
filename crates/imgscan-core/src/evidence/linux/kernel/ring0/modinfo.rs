//! What a kernel module says of itself.
//!
//! Sources: Linux `include/linux/module.h` and `moduleparam.h` (`.modinfo`: texts `key=value`, each
//! with its NUL), `include/linux/export.h` (`__ksymtab_NAME` of exported symbols), `livepatch.h`
//! (sections `.klp.*`).

use crate::elf::{ET_REL, Elf};
use crate::error::Result;
use crate::text::lossless;

/// The longest module, packed and unpacked, in bytes.
pub(super) const MAX_MODULE: usize = 64 * 1024 * 1024;
const ENDINGS: &[&str] = &[".ko", ".ko.gz", ".ko.xz", ".ko.zst"];

/// Fields and symbols that are kept of one module.
const MAX_KEPT: usize = 65_536;

/// What a module says of itself. None of it is proof.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct ModuleInfo {
    /// `.modinfo` in its order.
    pub fields: Vec<(String, String)>,
    /// It has the section that the kernel loads a module by.
    pub loadable: bool,
    /// It has sections of a live patch.
    pub live_patch: bool,
    /// Symbols that it gives to others.
    #[serde(skip)]
    pub exports: Vec<String>,
    /// Symbols that it takes from others.
    #[serde(skip)]
    pub imports: Vec<String>,
}

impl ModuleInfo {
    /// The first value of the field `key`.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&str> {
        let mut fields = self.fields.iter();
        fields.find(|(k, _)| k == key).map(|(_, v)| v.as_str())
    }

    /// The values of the field `key`.
    pub fn all<'a>(&'a self, key: &'a str) -> impl Iterator<Item = &'a str> {
        let named = self.fields.iter().filter(move |(k, _)| k == key);
        named.map(|(_, v)| v.as_str())
    }

    /// True where it is a module at all, whatever its file is called.
    #[must_use]
    pub fn is_module(&self) -> bool {
        self.loadable || self.get("vermagic").is_some()
    }

    /// True where it changes the running kernel's functions.
    #[must_use]
    pub fn patches(&self) -> bool {
        self.live_patch || self.get("livepatch").is_some()
    }
}

/// Reads the uncompressed module `bytes`; `None` where it is no relocatable ELF file.
///
/// # Errors
/// As [`Elf::parse`].
pub(super) fn read(bytes: &[u8]) -> Result<Option<ModuleInfo>> {
    if crate::elf::head(bytes).is_none_or(|(kind, _)| kind != ET_REL) {
        return Ok(None);
    }
    let elf = Elf::parse(bytes)?;
    let mut info = ModuleInfo {
        loadable: elf.section(".gnu.linkonce.this_module").is_some(),
        live_patch: elf.sections.iter().any(|s| s.name.starts_with(b".klp.")),
        ..ModuleInfo::default()
    };
    let modinfo = elf.section(".modinfo").map_or(&[][..], |s| s.data);
    for text in modinfo
        .split(|b| *b == 0)
        .filter(|t| !t.is_empty())
        .take(MAX_KEPT)
    {
        let text = lossless(text);
        let (key, value) = text.split_once('=').unwrap_or((&text, ""));
        info.fields.push((key.to_owned(), value.to_owned()));
    }
    for symbol in elf.symbols() {
        let (list, name) = if symbol.undefined {
            (&mut info.imports, symbol.name)
        } else if let Some(name) = symbol.name.strip_prefix(b"__ksymtab_") {
            (&mut info.exports, name)
        } else {
            continue;
        };
        if list.len() < MAX_KEPT {
            list.push(lossless(name));
        }
    }
    Ok(Some(info))
}

/// The name under which the kernel knows the module in the file `path`.
pub(super) fn name_of(path: &str) -> String {
    let base = path.rsplit('/').next().unwrap_or(path);
    let name = base.split(".ko").next().unwrap_or(base);
    name.replace('-', "_")
}

/// True for the name of a module.
pub(super) fn is_module(path: &str) -> bool {
    ENDINGS.iter().any(|e| path.ends_with(e))
}
