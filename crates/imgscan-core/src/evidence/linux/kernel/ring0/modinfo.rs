//! What a kernel module says of itself.
//!
//! Sources: Linux `include/linux/module.h` and `moduleparam.h` (`.modinfo`: texts `key=value`, each
//! with its NUL), `livepatch.h` (sections `.klp.*`); kmod 30 and 34 `libkmod/libkmod-elf.c`
//! (`kmod_elf_get_symbols`: which symbols depmod takes for exported).

use std::borrow::Cow;
use std::collections::BTreeSet;

use crate::elf::{ET_REL, Elf};
use crate::error::{Error, Layer, Result};
use crate::text::lossless;

/// The longest module, packed and unpacked, in bytes.
pub(super) const MAX_MODULE: usize = 64 * 1024 * 1024;
const ENDINGS: &[&str] = &[".ko", ".ko.gz", ".ko.xz", ".ko.zst"];

/// Fields and symbols that are kept of one module.
pub(super) const MAX_KEPT: usize = 65_536;

/// What a module says of itself. None of it is proof.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct ModuleInfo {
    /// `.modinfo` in its order.
    pub fields: Vec<(Cow<'static, str>, String)>,
    /// It has the section that the kernel loads a module by.
    pub loadable: bool,
    /// It has sections of a live patch.
    pub live_patch: bool,
    /// Symbols that it gives to others, as depmod reads them.
    #[serde(skip)]
    pub exports: BTreeSet<String>,
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

    /// How many fields and symbols are kept of it.
    pub(super) fn said(&self) -> usize {
        self.fields.len() + self.exports.len() + self.imports.len()
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
    for text in modinfo.split(|b| *b == 0).filter(|t| !t.is_empty()) {
        if info.fields.len() >= MAX_KEPT {
            return Err(too_many());
        }
        let text = lossless(text);
        let (key, value) = text.split_once('=').unwrap_or((&text, ""));
        info.fields.push((named(key), value.to_owned()));
    }
    info.fields.shrink_to_fit();
    let imports = elf.symbols().filter(|s| s.undefined).take(MAX_KEPT + 1);
    info.imports = imports.map(|s| lossless(s.name)).collect();
    info.exports = exports(&elf);
    if info.imports.len() > MAX_KEPT || info.exports.len() > MAX_KEPT {
        return Err(too_many());
    }
    Ok(Some(info))
}

/// Fields that modules have by the thousand.
const USUAL: &[&str] = &[
    "alias",
    "author",
    "depends",
    "description",
    "firmware",
    "import_ns",
    "intree",
    "license",
    "name",
    "parm",
    "parmtype",
    "retpoline",
    "softdep",
    "srcversion",
    "vermagic",
    "version",
];

/// `key`, of which no copy is made where it is a usual one.
fn named(key: &str) -> Cow<'static, str> {
    let usual = USUAL.iter().find(|usual| **usual == key);
    usual.map_or_else(|| Cow::Owned(key.to_owned()), |usual| Cow::Borrowed(*usual))
}

fn too_many() -> Error {
    let what = say!(error_too_many, most = MAX_KEPT, what = "symbols");
    Error::limit(Layer::Kernel, None, what)
}

/// Kernels with checksums of symbols name each by `__crc_NAME`. Of the others depmod takes all
/// strings of `__ksymtab_strings`, which are the symbols and the namespaces that they are in.
fn exports(elf: &Elf<'_>) -> BTreeSet<String> {
    let sums = elf.symbols().filter_map(|s| s.name.strip_prefix(b"__crc_"));
    let sums: BTreeSet<String> = sums.take(MAX_KEPT + 1).map(lossless).collect();
    if !sums.is_empty() {
        return sums;
    }
    let strings = elf.section("__ksymtab_strings").map_or(&[][..], |s| s.data);
    let strings = strings.split(|b| *b == 0).filter(|s| !s.is_empty());
    strings.take(MAX_KEPT + 1).map(lossless).collect()
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

#[cfg(test)]
mod tests {
    use super::MAX_KEPT;
    use crate::evidence::linux::testing::object;

    /// Sections as `libeth.ko` has them in Debian's 6.1 (checksums of symbols) and 7.2 (none);
    /// `modules.symbols` of these has the namespace only for the latter.
    #[test]
    fn what_a_module_says_behind_the_bound_is_not_left_out() {
        let fields = |count: usize| {
            let text = [b"a=b\0".repeat(count), b"depends=evil\0".to_vec()].concat();
            super::read(&object(&[(".modinfo", 1, 0, &text)]))
                .map(|info| info.unwrap().fields.len())
        };
        assert_eq!(fields(10).unwrap(), 11);
        assert_eq!(fields(MAX_KEPT).unwrap_err().kind, crate::Kind::Limit);
    }

    #[test]
    fn depmod_takes_namespaces_for_symbols_where_symbols_have_no_checksums() {
        let strings = b"libeth_rx_fq_create\0LIBETH\0libeth_attach_xdp\0LIBETH\0";
        let read = |names: &[&str]| {
            let (mut table, mut text) = (vec![0; 24], vec![0]);
            for name in names {
                let mut symbol = vec![0; 24];
                symbol[..4].copy_from_slice(&(text.len() as u32).to_le_bytes());
                symbol[6] = 1;
                table.extend(symbol);
                text.extend(name.bytes().chain([0]));
            }
            let module = object(&[
                ("__ksymtab_strings", 1, 0, strings),
                (".symtab", 2, 3, &table),
                (".strtab", 3, 0, &text),
            ]);
            let info = super::read(&module).unwrap().unwrap();
            info.exports.into_iter().collect::<Vec<_>>()
        };
        assert_eq!(
            read(&[
                "__kstrtab_libeth_rx_fq_create",
                "__ksymtab_libeth_attach_xdp"
            ]),
            ["LIBETH", "libeth_attach_xdp", "libeth_rx_fq_create"]
        );
        assert_eq!(
            read(&["__crc_libeth_rx_fq_create", "__crc_libeth_attach_xdp"]),
            ["libeth_attach_xdp", "libeth_rx_fq_create"]
        );
    }
}
