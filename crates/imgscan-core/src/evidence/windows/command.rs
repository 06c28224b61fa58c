//! What a command line of the registry or of a task starts: the file, and who signed it.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use super::{Catalogs, Image, Proof, Standing, Windows};
use crate::error::{Error, Layer, Result};
use crate::evidence::files::{Executable, FileFact};
use crate::evidence::{Gap, Location};
use crate::fs::FileKind;
use crate::guest::windows::{candidates, expand};
use crate::source::ReadAt;
use crate::text::Text;
use crate::trust::pe::Pe;
use crate::trust::{
    Authenticode, DigestKind, Role, Verification, Version, authenticode, script_signatures,
};

/// Longer programs are not read, in bytes.
const MAX_PROGRAM: u64 = 2 << 30;
/// Of longer programs the imports are not read, in bytes.
const MAX_IMPORTING: u64 = 256 << 20;
/// Longer scripts and files of data are not looked up in catalogs, in bytes.
const MAX_SCRIPT: u64 = 64 << 20;
/// Pinned certificates that may vouch for programs and scripts.
const ROLES: [Role; 2] = [Role::WindowsRoot, Role::User];
/// Folders below that of Windows which a program named without one is searched in, behind
/// `System32`.
const SEARCHED: [&str; 3] = ["", r"System32\Wbem", r"System32\WindowsPowerShell\v1.0"];

/// What a command starts.
#[derive(Debug, Clone)]
pub struct Started {
    /// The command with its variables replaced.
    pub command: String,
    /// Its program.
    pub image: Image,
    /// Who signed the program; `None` where it is no PE file.
    pub signed: Option<Signed>,
}

/// The signature of a PE file: its own, or that of a catalog which lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Signed {
    /// Valid, and a pinned certificate vouches for the signer.
    Trusted(SignedBy),
    /// Valid and vouched for, but its maker gave the file another name, which follows.
    Renamed(SignedBy, String),
    /// Valid, but no pinned certificate vouches for the signer.
    Unanchored(SignedBy),
    /// It is not of this file, or its key does not verify it.
    Bad(Text),
    /// The file carries no signature, and no catalog lists it.
    None,
    /// That can't be told.
    Unproven(Text),
}

/// Who signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedBy {
    /// The common name of the signer's certificate.
    pub name: String,
    /// Lower-case hexadecimal SHA-256 of the signer's certificate, where the signature is right.
    pub sha256: Option<String>,
    /// The certificate that vouches was given by the user.
    pub by_user: bool,
    /// The catalog that was signed, where the file has no signature of its own.
    pub catalog: Option<String>,
}

impl fmt::Display for SignedBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.catalog {
            Some(catalog) => write!(f, "{} (catalog {catalog})", self.name),
            None => f.write_str(&self.name),
        }
    }
}

/// A file that runs or is loaded.
#[derive(Debug, Clone)]
pub struct ProgramFile {
    /// The file.
    pub file: FileFact,
    /// Who signed it; `None` where it is no PE file and no catalog lists it.
    pub signed: Option<Signed>,
    /// The name that its version resource gives it.
    pub original: Option<String>,
}

/// Files that were looked at, by path.
pub(super) type Seen = Mutex<BTreeMap<String, Arc<Looked>>>;
/// A program's file, `None` where there is no such file.
pub(super) type Looked = std::result::Result<Option<ProgramFile>, Gap>;

/// What `command` starts. `at` tells whose it is: variables of a user's command stand for folders
/// of the profile that the user's hive lies in.
pub(super) fn started(windows: &Windows<'_>, command: &str, at: &Location) -> Started {
    let command = expanded(windows, command, at);
    // A program named without a folder ends at the first space.
    let word = command.split_whitespace().next().unwrap_or_default();
    let word = word.trim_matches('"');
    let bare = !word.is_empty() && !word.contains(['\\', '/', ':', '%']);
    let mut tried = candidates(if bare { word } else { &command }, false, &windows.roots());
    let usual = tried.first().cloned();
    if let Some(name) = usual
        .as_deref()
        .and_then(|p| p.rsplit('\\').next())
        .filter(|_| bare)
    {
        let root = &windows.roots().windows;
        let name = name.to_owned();
        tried.extend(SEARCHED.iter().map(|folder| match *folder {
            "" => format!(r"{root}\{name}"),
            folder => format!(r"{root}\{folder}\{name}"),
        }));
    }
    let (mut image, signed) = first(windows, &tried);
    if let (Image::Missing(path), Some(usual), true) = (&mut image, usual, bare) {
        *path = usual;
    }
    Started {
        command,
        image,
        signed,
    }
}

/// `command` with its variables replaced.
pub(super) fn expanded(windows: &Windows<'_>, command: &str, at: &Location) -> String {
    let variables = windows.variables_at(at);
    let pairs = variables.iter();
    let extra: Vec<(&str, &str)> = pairs.map(|(n, v)| (n.as_str(), v.as_str())).collect();
    expand(command, &windows.roots(), &extra)
}

/// The variables that stand for folders of the profile whose hive `at` is in; lower-case names.
pub(super) fn profile_variables(windows: &Windows<'_>, at: &Location) -> Vec<(String, String)> {
    let profile = at.path.as_deref().and_then(|path| {
        let path = path.replace('\\', "/");
        let (folder, file) = path.rsplit_once('/')?;
        let file = file.to_ascii_uppercase();
        let folder = match file.as_str() {
            "USRCLASS.DAT" => folder.split("/AppData/").next()?,
            _ if file.starts_with("NTUSER.") => folder,
            _ => return None,
        };
        Some(folder.replace('/', "\\"))
    });
    let Some(profile) = profile else {
        return Vec::new();
    };
    let user = profile.rsplit('\\').next().unwrap_or_default().to_owned();
    let public = format!(r"{}\Users\Public", windows.roots().drive);
    [
        ("appdata", format!(r"{profile}\AppData\Roaming")),
        ("localappdata", format!(r"{profile}\AppData\Local")),
        ("temp", format!(r"{profile}\AppData\Local\Temp")),
        ("tmp", format!(r"{profile}\AppData\Local\Temp")),
        ("username", user),
        ("public", public),
        ("userprofile", profile),
    ]
    .map(|(name, text)| (name.to_owned(), text))
    .into()
}

/// The first file of `paths` that is there, and its signature.
pub(super) fn first(windows: &Windows<'_>, paths: &[String]) -> (Image, Option<Signed>) {
    for path in paths {
        match windows.program(path).as_ref() {
            Ok(Some(found)) => {
                return (
                    Image::File(Box::new(found.file.clone())),
                    found.signed.clone(),
                );
            }
            Ok(None) => {}
            Err(gap) => return (Image::Unknown(gap.clone()), None),
        }
    }
    match paths.last() {
        Some(last) => (Image::Missing(last.clone()), None),
        None => (Image::None, None),
    }
}

impl Windows<'_> {
    /// What the catalogs say of the digests `wanted`.
    pub(super) fn asked(&self, wanted: &HashSet<Vec<u8>>) -> Catalogs {
        let trust = self.references().bundle();
        self.catalogs().ask(&self.guest.paths, wanted, trust)
    }

    /// Looks at the files at `paths` on all processors, and asks the catalogs once for all of them:
    /// [`Windows::program`] has them ready then.
    pub(super) fn foresee(&self, paths: BTreeSet<String>) {
        let new: Vec<String> = {
            let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
            let unseen = |path: &String| !seen.contains_key(&plain(path));
            paths.into_iter().filter(unseen).collect()
        };
        let mut found = Vec::new();
        crate::parallel::each(
            new,
            |path| {
                let examined = examine(self, &path);
                (path, examined)
            },
            |result| found.push(result),
        );
        let digests = found
            .iter()
            .filter_map(|(_, e)| e.as_ref().ok()?.as_ref())
            .flat_map(|e| e.digests.iter().cloned());
        let wanted: HashSet<Vec<u8>> = digests.collect();
        let catalogs = match wanted.is_empty() {
            true => Catalogs::default(),
            false => self.asked(&wanted),
        };
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        for (path, examined) in found {
            let settled = |examined: Option<Examined>| Some(examined?.settled(&catalogs, &path));
            let looked = examined.map(settled);
            seen.entry(plain(&path)).or_insert_with(|| Arc::new(looked));
        }
    }

    /// The regular file at `path` with its signature, where it is a PE file; read once.
    pub(super) fn program(&self, path: &str) -> Arc<Looked> {
        let name = plain(path);
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let found = seen
            .entry(name)
            .or_insert_with(|| Arc::new(look(self, path)));
        Arc::clone(found)
    }
}

/// The name by which a file is remembered.
fn plain(path: &str) -> String {
    path.replace('/', "\\").to_lowercase()
}

/// A file with what it says itself of its signer, before the catalogs are asked.
struct Examined {
    file: ProgramFile,
    /// The digests that a catalog would list it by; none where its own signature is enough.
    digests: Vec<Vec<u8>>,
    /// Why the name that its maker gave it can't be told.
    nameless: Option<Text>,
}

impl Examined {
    /// The file, with what `catalogs` say of it, which were asked for its digests.
    fn settled(mut self, catalogs: &Catalogs, path: &str) -> ProgramFile {
        if !self.digests.is_empty() {
            self.file.signed = with_catalogs(self.file.signed, listed(catalogs, &self.digests));
        }
        if let (Some(Signed::Trusted(by)), Some(original)) =
            (&self.file.signed, &self.file.original)
            && stem(original) != stem(path)
        {
            self.file.signed = Some(Signed::Renamed(by.clone(), original.clone()));
        }
        // What is not known by its name is not taken for what it may be.
        if let (Some(Signed::Trusted(_)), Some(why)) = (&self.file.signed, self.nameless) {
            self.file.signed = Some(Signed::Unproven(why));
        }
        self.file
    }
}

/// What a file says itself, and what the catalogs add to it.
pub(super) fn with_catalogs(own: Option<Signed>, listed: Signed) -> Option<Signed> {
    match (own, listed) {
        (_, Signed::Trusted(by)) => Some(Signed::Trusted(by)),
        // No PE file, and nobody speaks of it.
        (None, Signed::None) => None,
        // A catalog that nobody vouches for does not outweigh what the file says itself.
        (None | Some(Signed::None), listed) => Some(listed),
        (own, _) => own,
    }
}

fn look(windows: &Windows<'_>, path: &str) -> Looked {
    let Some(examined) = examine(windows, path)? else {
        return Ok(None);
    };
    let catalogs = match examined.digests.is_empty() {
        true => Catalogs::default(),
        false => windows.asked(&examined.digests.iter().cloned().collect()),
    };
    Ok(Some(examined.settled(&catalogs, path)))
}

/// Reads the file at `path`; `None` where there is none or it is no regular file.
fn examine(windows: &Windows<'_>, path: &str) -> Result<Option<Examined>, Gap> {
    let gap = |e| Gap::at_path(path, &e);
    let paths = &windows.guest.paths;
    match paths.find(path.as_bytes()).map_err(gap)? {
        Some(found) if found.metadata.size > MAX_PROGRAM => {
            let what = say!(
                error_program_long,
                len = found.metadata.size,
                most = MAX_PROGRAM
            );
            return Err(gap(Error::limit(Layer::Guest, None, what)));
        }
        _ => {}
    }
    let files = crate::evidence::files::Files::new(paths);
    let Some(file) = files.file(path)? else {
        return Ok(None);
    };
    if file.metadata.kind != FileKind::Regular {
        return Ok(None);
    }
    let size = file.metadata.size;
    let mut out = Examined {
        file: ProgramFile {
            file,
            signed: None,
            original: None,
        },
        digests: Vec::new(),
        nameless: None,
    };
    if matches!(out.file.file.executable, Some(Executable::Pe { .. })) {
        let data = paths
            .resolve(path.as_bytes())
            .and_then(|at| at.open())
            .map_err(gap)?;
        let said = said(windows, data.as_ref());
        out.file.signed = Some(said.signed);
        out.file.original = said.original;
        out.digests = said.digests;
        out.nameless = said.nameless;
    } else {
        match script_at(windows, path, size) {
            Ok((signed, digests)) => {
                out.file.signed = signed;
                out.digests = digests;
            }
            Err(e) => out.file.signed = Some(Signed::Unproven(e.text())),
        }
    }
    Ok(Some(out))
}

/// What a PE file says of itself.
pub(super) struct Said {
    pub(super) signed: Signed,
    /// The name that its version resource gives it.
    pub(super) original: Option<String>,
    /// The digests that a catalog would list it by; none where its own signature is enough.
    pub(super) digests: Vec<Vec<u8>>,
    /// Why that name can't be told.
    pub(super) nameless: Option<Text>,
}

/// What the PE file `data` says of itself.
pub(super) fn said(windows: &Windows<'_>, data: &dyn ReadAt) -> Said {
    let signed = || {
        let pe = Pe::parse(data)?;
        let paths = &windows.guest.paths;
        paths.pay_digests(1, data.len())?;
        let own = embedded(windows, &pe, data)?;
        let digests = match own {
            Signed::Trusted(_) => Vec::new(),
            _ => {
                let kinds = [DigestKind::Sha1, DigestKind::Sha256];
                paths.pay_digests(kinds.len() as u64, data.len())?;
                pe.authenticode(data, &kinds)?
            }
        };
        Ok((own, digests))
    };
    let (signed, digests) = match signed() {
        Ok(found) => found,
        Err(e) => (Signed::Unproven(Error::text(&e)), Vec::new()),
    };
    let (original, nameless) = match Version::read(data) {
        Ok(version) => {
            let name = version.and_then(|v| v.text("OriginalFilename").map(str::to_owned));
            (name, None)
        }
        Err(e) => (None, Some(e.text())),
    };
    Said {
        signed,
        original,
        digests,
        nameless,
    }
}

/// The name of a file without folder and ending, in lower case. The resource of a program whose
/// texts are in a file of their own names that: `cmd.exe.mui`.
pub(super) fn stem(name: &str) -> String {
    let name = name.rsplit(['\\', '/']).next().unwrap_or_default();
    let name = name.trim().to_lowercase();
    let name = name.strip_suffix(".mui").unwrap_or(&name);
    let (stem, _) = name.rsplit_once('.').unwrap_or((name, ""));
    stem.to_owned()
}

/// What `catalogs` say of a file with `digests`, which they were asked for.
pub(super) fn listed(catalogs: &Catalogs, digests: &[Vec<u8>]) -> Signed {
    let by = |proof: &Proof| SignedBy {
        name: proof.signer.clone().unwrap_or_default(),
        sha256: match proof.standing {
            Standing::Trusted | Standing::Unanchored | Standing::SelfSigned => {
                proof.signer_sha256.clone()
            }
            _ => None,
        },
        by_user: proof.by_user,
        catalog: proof.catalog.clone(),
    };
    match catalogs.best(digests).map(|p| (&p.standing, p)) {
        Some((Standing::Trusted, proof)) => Signed::Trusted(by(proof)),
        Some((Standing::Unproven(why), _)) => Signed::Unproven(why.clone()),
        Some((_, proof)) => Signed::Unanchored(by(proof)),
        None => match catalogs.gaps.first() {
            // One that could not be read may list it.
            Some(gap) => Signed::Unproven((*gap.reason).clone()),
            None => Signed::None,
        },
    }
}

/// What the file at `path`, which is no PE file, says of its signer, and the digests by which a catalog
/// would list it. Longer ones are not looked into.
fn script_at(
    windows: &Windows<'_>,
    path: &str,
    size: u64,
) -> Result<(Option<Signed>, Vec<Vec<u8>>)> {
    if size > MAX_SCRIPT {
        return Ok((None, Vec::new()));
    }
    let bytes = windows.guest.paths.read(path.as_bytes(), MAX_SCRIPT)?.bytes;
    Ok(of_script(windows, path, &bytes))
}

/// What the script `bytes` says of its signer, `None` where it has no signature; and the digests by which
/// a catalog would list it: of all of its bytes, wherever it lies. Catalogs of Windows list scripts
/// below `Program Files`, too.
pub(super) fn of_script(
    windows: &Windows<'_>,
    name: &str,
    bytes: &[u8],
) -> (Option<Signed>, Vec<Vec<u8>>) {
    let bundle = windows.references().bundle();
    let signed = match script_signatures(name, bytes, bundle, &ROLES) {
        Ok(found) => found.as_ref().map(best),
        Err(e) => Some(Signed::Unproven(e.text())),
    };
    let digests = match signed {
        Some(Signed::Trusted(_)) => Vec::new(),
        _ => [DigestKind::Sha1, DigestKind::Sha256]
            .map(|kind| kind.of(bytes))
            .into(),
    };
    (signed, digests)
}

/// What the file's own signatures say: the best of them.
fn embedded(windows: &Windows<'_>, pe: &Pe, data: &dyn ReadAt) -> Result<Signed> {
    let found = authenticode(pe, data, windows.references().bundle(), &ROLES)?;
    Ok(best(&found))
}

/// The best of what the signatures of a file say.
fn best(found: &Authenticode) -> Signed {
    let mut best = Signed::None;
    for signature in &found.signatures {
        let name = signature.signer.as_ref();
        let name = name.map_or_else(String::new, |c| c.common_name().to_owned());
        let anchor = signature.chain.anchor.as_ref();
        let by = || SignedBy {
            name: name.clone(),
            sha256: signature.signer.as_ref().map(|c| c.sha256()),
            by_user: anchor.is_some_and(|a| a.role == Role::User),
            catalog: None,
        };
        let this = match &signature.verification {
            Verification::Trusted => return Signed::Trusted(by()),
            Verification::Unanchored => Signed::Unanchored(by()),
            Verification::Bad(fault) => Signed::Bad(say!(
                signature_bad,
                signer = name.clone(),
                fault = fault.word()
            )),
            Verification::Unproven(e) => Signed::Unproven(e.text()),
        };
        let rank = |s: &Signed| match s {
            Signed::Trusted(_) | Signed::Renamed(..) => 4,
            Signed::Unanchored(_) => 3,
            Signed::Unproven(_) => 2,
            Signed::Bad(_) => 1,
            Signed::None => 0,
        };
        if rank(&this) > rank(&best) {
            best = this;
        }
    }
    match found.problems.first() {
        Some(e) if best == Signed::None => Signed::Unproven(e.text()),
        _ => best,
    }
}

/// The name in the version resource of the PE file at `path`.
pub(super) fn original_name(windows: &Windows<'_>, path: &str) -> Result<Option<String>> {
    let data = windows.guest.paths.resolve(path.as_bytes())?.open()?;
    let head = crate::source::read_vec(data.as_ref(), 0, data.len().min(2) as usize)?;
    if !crate::trust::pe::looks_like_pe(&head) {
        return Ok(None);
    }
    let version = Version::read(data.as_ref())?;
    Ok(version.and_then(|v| v.text("OriginalFilename").map(str::to_owned)))
}

impl Windows<'_> {
    /// What `command` starts; `at` is where it stands, which tells whose variables it uses.
    #[must_use]
    pub fn started(&self, command: &str, at: &Location) -> Started {
        started(self, command, at)
    }

    /// True where a catalog that is vouched for lists the file at `path`, a script of Windows for
    /// example; `None` where there is no such file.
    ///
    /// # Errors
    /// A gap where that can't be told.
    pub fn is_listed(&self, path: &str) -> Result<Option<bool>, Gap> {
        match self.program(path).as_ref() {
            Ok(Some(file)) => Ok(Some(matches!(file.signed, Some(Signed::Trusted(_))))),
            Ok(None) => Ok(None),
            Err(gap) => Err(gap.clone()),
        }
    }

    /// Reads the files at `paths` and asks the catalogs for all of them at once: [`Windows::is_listed`] and
    /// [`Windows::signed_file`] have them ready then.
    pub fn prepare(&self, paths: impl IntoIterator<Item = String>) {
        self.foresee(paths.into_iter().collect());
    }

    /// The names of the libraries that the PE file at `path` imports; none where it is no such file.
    ///
    /// # Errors
    /// A gap where it can't be read, or its table of imports leads nowhere.
    pub(super) fn imports_of(&self, path: &str) -> Result<Vec<String>, Gap> {
        let gap = |e| Gap::at_path(path, &e);
        let read = self.guest.paths.read(path.as_bytes(), MAX_IMPORTING);
        let read = read.map_err(gap)?;
        crate::trust::imports(&read.bytes).ok_or_else(|| {
            let what = say!(error_pe_imports);
            gap(Error::corrupt(Layer::Pe, None, what))
        })
    }

    /// The regular file at `path`, and who signed it.
    #[must_use]
    pub fn signed_file(&self, path: &str) -> (Image, Option<Signed>) {
        first(self, &[path.to_owned()])
    }

    /// The name that the version resource of the PE file at `path` gives it; `None` where it has
    /// none or is no such file.
    ///
    /// # Errors
    /// A gap where that can't be told.
    pub fn original_name(&self, path: &str) -> Result<Option<String>, Gap> {
        original_name(self, path).map_err(|e| Gap::at_path(path, &e))
    }
}
