//! What a command line of the registry or of a task starts: the file, and who signed it.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use super::{Image, Proof, Standing, Windows};
use crate::error::{Error, Layer, Result};
use crate::evidence::files::{Executable, FileFact};
use crate::evidence::{Gap, Location};
use crate::fs::FileKind;
use crate::guest::windows::{candidates, expand};
use crate::source::ReadAt;
use crate::text::Text;
use crate::trust::pe::Pe;
use crate::trust::{DigestKind, Role, Verification, Version, authenticode};

/// Longer programs are not read, in bytes.
const MAX_PROGRAM: u64 = 2 << 30;
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

/// Files that were looked at, by path.
pub(super) type Seen = Mutex<BTreeMap<String, Arc<Looked>>>;
/// A program's file and signature, `None` where there is no such file.
pub(super) type Looked = std::result::Result<Option<(FileFact, Option<Signed>)>, Gap>;

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
    let profile = at.path.as_deref().and_then(|path| {
        let (folder, file) = path.rsplit_once('/')?;
        file.to_ascii_uppercase()
            .starts_with("NTUSER.")
            .then(|| folder.replace('/', "\\"))
    });
    let extra: Vec<(&str, String)> = profile.map_or_else(Vec::new, |profile| {
        let user = profile.rsplit('\\').next().unwrap_or_default().to_owned();
        vec![
            ("appdata", format!(r"{profile}\AppData\Roaming")),
            ("localappdata", format!(r"{profile}\AppData\Local")),
            ("temp", format!(r"{profile}\AppData\Local\Temp")),
            ("tmp", format!(r"{profile}\AppData\Local\Temp")),
            ("username", user),
            ("userprofile", profile),
        ]
    });
    let extra: Vec<(&str, &str)> = extra.iter().map(|(n, v)| (*n, v.as_str())).collect();
    let temp = format!(r"{}\Temp", windows.roots().windows);
    let machine = [("temp", temp.as_str()), ("tmp", temp.as_str())];
    expand(command, &windows.roots(), &[&extra[..], &machine].concat())
}

/// The first file of `paths` that is there, and its signature.
pub(super) fn first(windows: &Windows<'_>, paths: &[String]) -> (Image, Option<Signed>) {
    for path in paths {
        match windows.program(path).as_ref() {
            Ok(Some((file, signed))) => {
                return (Image::File(Box::new(file.clone())), signed.clone());
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
    /// The regular file at `path` with its signature, where it is a PE file; read once.
    pub(super) fn program(&self, path: &str) -> Arc<Looked> {
        let name = path.replace('/', "\\").to_lowercase();
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let found = seen
            .entry(name)
            .or_insert_with(|| Arc::new(look(self, path)));
        Arc::clone(found)
    }
}

fn look(windows: &Windows<'_>, path: &str) -> Looked {
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
    let signed = matches!(file.executable, Some(Executable::Pe { .. }))
        .then(|| signed(windows, path).unwrap_or_else(|e| Signed::Unproven(e.text())));
    Ok(Some((file, signed)))
}

/// Who signed the PE file at `path`. Where it carries no signature that a pinned certificate
/// vouches for the catalogs are asked.
fn signed(windows: &Windows<'_>, path: &str) -> Result<Signed> {
    let data = windows.guest.paths.resolve(path.as_bytes())?.open()?;
    let pe = Pe::parse(data.as_ref())?;
    let own = embedded(windows, &pe, data.as_ref())?;
    if matches!(own, Signed::Trusted(_)) {
        return Ok(own);
    }
    let digests = pe.authenticode(data.as_ref(), &[DigestKind::Sha1, DigestKind::Sha256])?;
    let wanted = digests.iter().cloned().collect();
    let trust = windows.references().bundle();
    let catalogs = windows.catalogs().ask(&windows.guest.paths, &wanted, trust);
    let listed = catalogs.best(&digests);
    let by = |proof: &Proof| SignedBy {
        name: proof.signer.clone().unwrap_or_default(),
        by_user: proof.by_user,
        catalog: proof.catalog.clone(),
    };
    Ok(match (own, listed.map(|p| (&p.standing, p))) {
        (_, Some((Standing::Trusted, proof))) => Signed::Trusted(by(proof)),
        // A catalog that nobody vouches for does not outweigh what the file says itself.
        (Signed::None, Some((Standing::Unproven(why), _))) => Signed::Unproven(why.clone()),
        (Signed::None, Some((_, proof))) => Signed::Unanchored(by(proof)),
        (Signed::None, None) => match catalogs.gaps.first() {
            // One that could not be read may list it.
            Some(gap) => Signed::Unproven((*gap.reason).clone()),
            None => Signed::None,
        },
        (own, _) => own,
    })
}

/// What the file's own signatures say: the best of them.
fn embedded(windows: &Windows<'_>, pe: &Pe, data: &dyn ReadAt) -> Result<Signed> {
    let roles = [Role::WindowsRoot, Role::User];
    let found = authenticode(pe, data, windows.references().bundle(), &roles)?;
    let mut best = Signed::None;
    for signature in &found.signatures {
        let name = signature.signer.as_ref();
        let name = name.map_or_else(String::new, |c| c.common_name().to_owned());
        let anchor = signature.chain.anchor.as_ref();
        let by = || SignedBy {
            name: name.clone(),
            by_user: anchor.is_some_and(|a| a.role == Role::User),
            catalog: None,
        };
        let this = match &signature.verification {
            Verification::Trusted => return Ok(Signed::Trusted(by())),
            Verification::Unanchored => Signed::Unanchored(by()),
            Verification::Bad(fault) => Signed::Bad(say!(
                signature_bad,
                signer = name.clone(),
                fault = fault.word()
            )),
            Verification::Unproven(e) => Signed::Unproven(e.text()),
        };
        let rank = |s: &Signed| match s {
            Signed::Trusted(_) => 4,
            Signed::Unanchored(_) => 3,
            Signed::Unproven(_) => 2,
            Signed::Bad(_) => 1,
            Signed::None => 0,
        };
        if rank(&this) > rank(&best) {
            best = this;
        }
    }
    Ok(match found.problems.first() {
        Some(e) if best == Signed::None => Signed::Unproven(e.text()),
        _ => best,
    })
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
