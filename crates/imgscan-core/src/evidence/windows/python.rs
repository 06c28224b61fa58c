//! The files of a tree that Python or Windows loads: modules and what is compiled of them, libraries,
//! programs, lists of paths, archives.
//!
//! What Python takes for a module: importlib's `SourceFileLoader`, `SourcelessFileLoader` and
//! `ExtensionFileLoader`; the head of compiled files: PEP 552. Launchers of scripts: distlib's
//! `ScriptMaker`, which pip installs with.

use std::collections::{BTreeMap, HashSet};

use super::ring0::Index;
use super::{Image, Signed, SignedBy, Standing, Windows};
use crate::bytes::{hex, le16, le32};
use crate::error::{Error, Layer};
use crate::evidence::{Collected, Gap, Location};
use crate::fs::{FileKind, Metadata};
use crate::trust::DigestKind;

/// Folders in folders that are looked at.
const DEPTH: usize = 16;
/// The longest file that is read whole, in bytes; longer ones are told by their digest alone.
const MAX_WHOLE: u64 = 16 << 20;
/// Bytes of all files of a tree.
const MAX_ALL: u64 = 4 << 30;
/// Catalogs of a tree.
const MAX_CATALOGS: usize = 64;
/// The longest line that names the interpreter of a launcher, in bytes.
const MAX_LINE: usize = 1024;
/// Flags of a compiled file: it is told from its source by a digest, which is compared.
const BY_DIGEST: u32 = 1;
const IS_COMPARED: u32 = 2;

/// A file that Python or Windows loads.
#[derive(Debug, Clone)]
pub struct Loadable {
    /// Its path from the tree's root, with slashes.
    pub inside: String,
    /// What it is.
    pub loads: Loads,
    /// SHA-256 of its bytes in lower-case hexadecimal; of text with the newlines as LF.
    pub digest: String,
    /// Who signed it: itself, or a catalog of the system or of the tree.
    pub signed: Option<Signed>,
}

/// What a file is to who loads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Loads {
    /// A module or a list of paths, with its text where it is a script's; `None` for one that holds
    /// nothing.
    Text(Option<Script>),
    /// A program or a library.
    Binary(Option<Launcher>),
    /// A compiled module; the source that it stands for, where that is there; true where Python loads
    /// it as it is.
    Compiled(Option<String>, bool),
    /// An archive of modules.
    Archive,
    /// A link to another place.
    Link,
}

/// A script in its usual form: it imports a name of a module and calls it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Script {
    /// What its first line names to run it; empty for none.
    pub interpreter: String,
    /// The module, where the script does nothing else.
    pub module: Option<String>,
}

/// A program that runs the interpreter with the script that it carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Launcher {
    /// SHA-256 of the program without the script, in lower-case hexadecimal.
    pub program: String,
    /// The script.
    pub script: Script,
}

/// What the ending of a name says that the file is.
enum Ending {
    Text,
    Binary,
    Compiled,
    Archive,
    Catalog,
}

fn ending(name: &str) -> Option<Ending> {
    let (_, ending) = name.rsplit_once('.')?;
    Some(match ending.to_ascii_lowercase().as_str() {
        "py" | "pyw" | "pth" | "_pth" => Ending::Text,
        // Whom its requests take for trusted.
        "pem" => Ending::Text,
        "pyd" | "dll" | "exe" | "com" | "scr" | "cpl" | "ocx" => Ending::Binary,
        "pyc" | "pyo" => Ending::Compiled,
        "zip" | "egg" => Ending::Archive,
        "cat" => Ending::Catalog,
        _ => return None,
    })
}

struct Tree<'w, 'a> {
    windows: &'w Windows<'a>,
    root: String,
    /// All files by their paths in lower case.
    files: BTreeMap<String, (String, Metadata)>,
    /// Files whose bytes a catalog of the tree may list, by their digests.
    whole: Vec<(usize, Vec<Vec<u8>>)>,
    read: u64,
    out: Collected<Loadable>,
}

impl Windows<'_> {
    /// The files below the folder at `root` that Python or Windows loads, each read once.
    #[must_use]
    pub fn loadable(&self, root: &str) -> Collected<Loadable> {
        let mut tree = Tree {
            windows: self,
            root: root.to_owned(),
            files: BTreeMap::new(),
            whole: Vec::new(),
            read: 0,
            out: Collected::default(),
        };
        tree.list();
        let all: Vec<(String, Metadata)> = tree.files.values().cloned().collect();
        let is_catalog =
            |(path, _): &&(String, Metadata)| matches!(ending(path), Some(Ending::Catalog));
        let catalogs: Vec<String> = all
            .iter()
            .filter(is_catalog)
            .take(MAX_CATALOGS)
            .map(|(path, _)| path.clone())
            .collect();
        for (path, metadata) in &all {
            if tree.file(path, metadata, !catalogs.is_empty()).is_none() {
                break;
            }
        }
        tree.listed(catalogs);
        tree.out
    }

    /// The module that the launcher at `path` runs; `None` for what is no launcher, and empty for one
    /// whose script has another form.
    ///
    /// # Errors
    /// A gap where it can't be read, or has more than 16 MiB.
    pub fn launched(&self, path: &str) -> Result<Option<String>, Gap> {
        let read = self.guest.paths.read(path.as_bytes(), MAX_WHOLE);
        let read = read.map_err(|e| Gap::at_path(path, &e))?;
        let launcher = launcher(&read.bytes);
        Ok(launcher.map(|l| l.script.module.unwrap_or_default()))
    }
}

impl Tree<'_, '_> {
    fn gap(&mut self, path: &str, why: &Error) {
        self.out.gaps.push(Gap::at_path(path, why));
    }

    fn inside(&self, path: &str) -> String {
        let rest = path.strip_prefix(&self.root).unwrap_or(path);
        rest.trim_start_matches('/').to_owned()
    }

    fn list(&mut self) {
        let paths = &self.windows.guest.paths;
        let files = crate::evidence::files::Files::new(paths);
        let names = match files.tree(&self.root, DEPTH) {
            Ok(names) => names.whole(DEPTH),
            Err(gap) => return self.out.gaps.push(gap),
        };
        self.out.gaps.extend(names.gaps);
        for path in names.names {
            match paths.resolve_link(path.as_bytes()) {
                Ok(at) => {
                    self.files.insert(path.to_lowercase(), (path, at.metadata));
                }
                Err(e) => self.gap(&path, &e),
            }
        }
    }

    /// Looks at one file; `None` where all of them are too long.
    fn file(&mut self, path: &str, metadata: &Metadata, has_catalogs: bool) -> Option<()> {
        let inside = self.inside(path);
        if metadata.kind == FileKind::Symlink || metadata.reparse_tag.is_some() {
            self.push(path, inside, Loads::Link, String::new(), None, None);
            return Some(());
        }
        if metadata.kind != FileKind::Regular {
            return Some(());
        }
        let Some(is) = ending(path) else {
            return Some(());
        };
        if matches!(is, Ending::Catalog) {
            return Some(());
        }
        self.read = self.read.saturating_add(metadata.size);
        if self.read > MAX_ALL {
            let what = say!(error_program_long, len = self.read, most = MAX_ALL);
            let root = self.root.clone();
            self.gap(&root, &Error::limit(Layer::Guest, None, what));
            return None;
        }
        if matches!(is, Ending::Binary) {
            self.binary(path, inside, metadata.size);
            return Some(());
        }
        if metadata.size > MAX_WHOLE {
            let what = say!(error_program_long, len = metadata.size, most = MAX_WHOLE);
            self.gap(path, &Error::limit(Layer::Guest, None, what));
            return Some(());
        }
        let read = match self.windows.guest.paths.read(path.as_bytes(), MAX_WHOLE) {
            Ok(read) => read,
            Err(e) => {
                self.gap(path, &e);
                return Some(());
            }
        };
        let (loads, digest) = match is {
            Ending::Text => {
                let text = plain(&read.bytes);
                let script = (!text.trim_ascii().is_empty()).then(|| script(&text));
                (Loads::Text(script), sha256(&text))
            }
            Ending::Compiled => (self.compiled(path, &read.bytes), read.sha256.clone()),
            _ => (Loads::Archive, read.sha256.clone()),
        };
        if has_catalogs && matches!(loads, Loads::Text(_)) {
            let digests = [DigestKind::Sha1, DigestKind::Sha256].map(|kind| kind.of(&read.bytes));
            self.whole.push((self.out.items.len(), digests.into()));
        }
        self.push(path, inside, loads, digest, None, Some(read.sha256));
        Some(())
    }

    fn push(
        &mut self,
        path: &str,
        inside: String,
        loads: Loads,
        digest: String,
        signed: Option<Signed>,
        sha256: Option<String>,
    ) {
        let mut at = Location::of_path(path);
        at.sha256 = sha256;
        let fact = Loadable {
            inside,
            loads,
            digest,
            signed,
        };
        self.out.push(fact, at);
    }

    fn binary(&mut self, path: &str, inside: String, size: u64) {
        let (image, signed) = self.windows.signed_file(path);
        let file = match image {
            Image::File(file) => file,
            Image::Unknown(gap) => return self.out.gaps.push(gap),
            Image::Missing(_) | Image::None => return,
        };
        let sha256 = file.at.sha256.clone();
        let digest = sha256.clone().unwrap_or_default();
        let carries = size <= MAX_WHOLE && !matches!(signed, Some(Signed::Trusted(_)));
        let read = carries.then(|| self.windows.guest.paths.read(path.as_bytes(), MAX_WHOLE));
        let launcher = read.and_then(Result::ok).and_then(|r| launcher(&r.bytes));
        let loads = Loads::Binary(launcher);
        self.push(path, inside, loads, digest, signed, sha256);
    }

    /// Whether Python loads a compiled file: one below `__pycache__` in place of the source that it
    /// was made of, one beside its source where there is none.
    fn compiled(&self, path: &str, bytes: &[u8]) -> Loads {
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        let module = name.split('.').next().unwrap_or(name);
        let above = folder.rsplit_once('/');
        let cached = above.filter(|(_, name)| name.eq_ignore_ascii_case("__pycache__"));
        let beside = cached.map_or(folder, |(folder, _)| folder);
        let source = ["py", "pyw"].iter().find_map(|ending| {
            let source = format!("{beside}/{module}.{ending}").to_lowercase();
            self.files.get(&source)
        });
        let Some((source, metadata)) = source else {
            return Loads::Compiled(None, cached.is_none());
        };
        let word = |at| le32(bytes, at).unwrap_or_default();
        let written = metadata.modified.map(|t| t.secs & 0xFFFF_FFFF);
        let is_time = |at| written == Some(i64::from(word(at)));
        let is_size = |at| metadata.size & 0xFFFF_FFFF == u64::from(word(at));
        let flags = word(4);
        let by_digest = flags <= BY_DIGEST | IS_COMPARED && flags & BY_DIGEST != 0;
        // Before Python 3.7 there were no flags, and in Python 2 no size.
        let same = flags == 0 && is_time(8) && is_size(12)
            || is_time(4) && (is_size(8) || cached.is_none());
        Loads::Compiled(Some(self.inside(source)), by_digest || same)
    }

    /// Asks the catalogs of the tree for its texts.
    fn listed(&mut self, catalogs: Vec<String>) {
        if catalogs.is_empty() || self.whole.is_empty() {
            return;
        }
        let wanted: HashSet<Vec<u8>> = self.whole.iter().flat_map(|(_, d)| d.clone()).collect();
        let paths = &self.windows.guest.paths;
        let index = Index::of(paths, catalogs);
        let said = index.ask(paths, &wanted, self.windows.references().bundle());
        for (i, digests) in &self.whole {
            let trusted = said
                .best(digests)
                .filter(|p| p.standing == Standing::Trusted);
            if let (Some(proof), Some(item)) = (trusted, self.out.items.get_mut(*i)) {
                item.fact.signed = Some(Signed::Trusted(SignedBy {
                    name: proof.signer.clone().unwrap_or_default(),
                    sha256: proof.signer_sha256.clone(),
                    by_user: proof.by_user,
                    catalog: proof.catalog.clone(),
                }));
            }
        }
    }
}

fn sha256(bytes: &[u8]) -> String {
    hex(&DigestKind::Sha256.of(bytes))
}

/// The text with the newlines as LF.
fn plain(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    for (i, byte) in bytes.iter().enumerate() {
        if *byte != b'\r' || bytes.get(i.saturating_add(1)) != Some(&b'\n') {
            out.push(*byte);
        }
    }
    out
}

/// The script of a launcher: behind the program a line that names the interpreter, and an archive
/// with nothing but `__main__.py`, which is not compressed.
fn launcher(bytes: &[u8]) -> Option<Launcher> {
    const LOCAL: &[u8] = b"PK\x03\x04";
    const CENTRAL: &[u8] = b"PK\x01\x02";
    const END: &[u8] = b"PK\x05\x06";
    const NAME: &[u8] = b"__main__.py";
    let end_at = bytes.len().checked_sub(22)?;
    let end = bytes.get(end_at..).filter(|end| end.starts_with(END))?;
    let (one, all) = (le16(end, 8)?, le16(end, 10)?);
    let (size, from) = (le32(end, 12)? as usize, le32(end, 16)? as usize);
    let start = end_at.checked_sub(size)?.checked_sub(from)?;
    let archive = bytes.get(start..end_at).filter(|a| a.starts_with(LOCAL))?;
    let central = archive.get(from..).filter(|c| c.starts_with(CENTRAL))?;
    let (method, flags) = (le16(archive, 8)?, le16(archive, 6)?);
    let (name, extra) = (le16(archive, 26)? as usize, le16(archive, 28)? as usize);
    let alone = one == 1 && all == 1 && method == 0 && flags & !0x0800 == 0 && extra == 0;
    let named = name == NAME.len()
        && archive.get(30..30 + NAME.len()) == Some(NAME)
        && central.get(46..46 + NAME.len()) == Some(NAME)
        && central.len() == 46 + NAME.len()
        && le16(central, 10)? == 0
        && le32(central, 42)? == 0;
    let body = archive.get(30 + NAME.len()..from)?;
    if !alone || !named || le32(archive, 18)? as usize != body.len() {
        return None;
    }
    // The line stands right before the archive.
    let before = bytes.get(..start)?;
    let line_end = before.trim_ascii_end().len();
    let window = before.get(line_end.saturating_sub(MAX_LINE)..line_end)?;
    let mark = window.windows(2).rposition(|w| w == b"#!")?;
    let line = window.get(mark..)?;
    if line.contains(&b'\n') || line.contains(&0) {
        return None;
    }
    let program = before.get(..line_end.checked_sub(line.len())?)?;
    let mut script = script(&plain(body));
    if !script.interpreter.is_empty() {
        return None;
    }
    script.interpreter = interpreter(std::str::from_utf8(line).ok()?);
    Some(Launcher {
        program: sha256(program),
        script,
    })
}

/// What a first line names: `#!"C:\a b\python.exe"`, without what stands behind.
fn interpreter(line: &str) -> String {
    let rest = line.trim_start_matches("#!").trim();
    rest.trim_matches('"').to_owned()
}

/// A script in the form that pip, distlib, setuptools and pbr write; without a module where anything
/// else stands in it.
fn script(text: &[u8]) -> Script {
    let mut out = Script::default();
    let Ok(text) = std::str::from_utf8(text) else {
        return out;
    };
    let mut lines = text.lines();
    if text.starts_with("#!") {
        out.interpreter = lines.next().map(interpreter).unwrap_or_default();
    }
    let mut name = None;
    for line in lines {
        let line = line.trim().replace('"', "'");
        if line.is_empty() || line.starts_with('#') || SCRIPT_LINES.contains(&line.as_str()) {
            continue;
        }
        let from = line.strip_prefix("from ");
        if let Some((module, what)) = from.and_then(|rest| rest.split_once(" import "))
            && name.is_none()
            && is_dotted(module)
            && is_dotted(what)
        {
            out.module = Some(module.to_owned());
            name = Some(what.to_owned());
            continue;
        }
        let call = line.strip_prefix("sys.exit(");
        let call = call.and_then(|call| call.strip_suffix("())"));
        let is_own = call.zip(name.as_deref()).is_some_and(|(call, name)| {
            let rest = call.strip_prefix(name);
            is_dotted(call) && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        });
        if !is_own {
            out.module = None;
            return out;
        }
    }
    out
}

/// Lines of such scripts that do nothing of their own, with `'` for either quote.
const SCRIPT_LINES: [&str; 12] = [
    "import re",
    "import sys",
    "if __name__ == '__main__':",
    r"sys.argv[0] = re.sub(r'(-script\.pyw|\.exe)?$', '', sys.argv[0])",
    r"sys.argv[0] = re.sub(r'(-script\.pyw?|\.exe)?$', '', sys.argv[0])",
    r"sys.argv[0] = re.sub('(-script.pyw|.exe)?$', '', sys.argv[0])",
    "sys.argv[0] = sys.argv[0].removesuffix('.exe')",
    "if sys.argv[0].endswith('.exe'):",
    "if sys.argv[0].endswith('-script.pyw'):",
    "elif sys.argv[0].endswith('.exe'):",
    "sys.argv[0] = sys.argv[0][:-4]",
    "sys.argv[0] = sys.argv[0][:-11]",
];

/// Names that are parted by dots.
fn is_dotted(text: &str) -> bool {
    text.split('.')
        .all(|part| !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || c == '_'))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A file of testdata/recipes/launcher.py: distlib's own.
    macro_rules! made {
        ($name:literal) => {
            include_bytes!(concat!(
                env!("CARGO_MANIFEST_DIR"),
                "/../../testdata/python/",
                $name
            ))
            .as_slice()
        };
    }

    #[test]
    fn a_launcher_is_read_as_its_maker_wrote_it() {
        let read = launcher(made!("cloudbase-init.exe")).unwrap();
        assert_eq!(read.program, sha256(b"MZ stand-in"));
        assert_eq!(read.script.module.as_deref(), Some("cloudbaseinit.shell"));
        assert_eq!(
            read.script.interpreter,
            r"C:\Program Files\Cloudbase Solutions\Cloudbase-Init\Python\python.exe"
        );
        let more = launcher(made!("other.exe")).unwrap();
        assert_eq!(more.script.module, None);
    }

    #[test]
    fn a_launcher_with_anything_more_is_none() {
        let whole = made!("cloudbase-init.exe");
        assert_eq!(launcher(&[whole, b"x"].concat()), None);
        for cut in 0..whole.len() {
            assert_eq!(launcher(&whole[..cut]), None, "{cut}");
        }
        // Another name than the one that Python starts.
        let at = whole.windows(4).position(|w| w == b"PK\x03\x04").unwrap();
        let mut other = whole.to_vec();
        other[at + 30] = b'-';
        assert_eq!(launcher(&other), None);
    }

    #[test]
    fn scripts_of_the_usual_forms_name_their_module() {
        let module = |text: &str| script(text.as_bytes()).module;
        let pip = "# -*- coding: utf-8 -*-\nimport re\nimport sys\nfrom a.b import main\nif __name__ == \"__main__\":\n    \
            sys.argv[0] = re.sub(r\"(-script\\.pyw|\\.exe)?$\", \"\", sys.argv[0])\n    sys.exit(main())\n";
        assert_eq!(module(pip).as_deref(), Some("a.b"));
        let pbr = "#!C:\\x\\python.exe\n# PBR Generated from 'console_scripts'\n\nimport sys\n\nfrom a.b import main\n\n\n\
            if __name__ == \"__main__\":\n    sys.exit(main())\n";
        assert_eq!(module(pbr).as_deref(), Some("a.b"));
        assert_eq!(script(pbr.as_bytes()).interpreter, r"C:\x\python.exe");
        for more in [
            "import os",
            "from c import d",
            "main.x = 1",
            "sys.exit(other())",
            "sys.exit(main(1))",
        ] {
            assert_eq!(
                module(&pip.replace("import re\n", &format!("import re\n{more}\n"))),
                None,
                "{more}"
            );
        }
    }

    #[test]
    fn newlines_of_text_are_one() {
        assert_eq!(plain(b"a\r\nb\nc\rd\r\n\r"), b"a\nb\nc\rd\n\r");
    }
}
