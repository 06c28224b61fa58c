//! `imgscan baseline`: the database of files known good.

use std::fs::{self, File};
use std::io::BufReader;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use imgscan_core::baseline::{self, Baseline, Known, Match, Source};
use imgscan_core::container::OpenOptions;
use imgscan_core::inspect::inspect;
use imgscan_core::policy::Level;
use imgscan_core::source::{FileSource, open_file};
use imgscan_core::text::terminal;
use imgscan_core::{Policy, scan};

use crate::args::{BaselineAddArgs, BaselineCommand, BaselineListArgs, BaselineVerifyArgs, Format};
use crate::document;
use crate::exit::{Failure, Outcome};
use crate::image;
use crate::output::{Ui, stdout};
use crate::references::{Files, Given, database};
use crate::sandbox::Access;

/// Folders of the host that are entered below a given one.
const DEPTH: usize = 32;

pub(crate) fn run(command: &BaselineCommand, ui: &Ui) -> Result<Outcome, Failure> {
    match command {
        BaselineCommand::Add(args) => add(args, ui),
        BaselineCommand::List(args) => list(args, ui),
        BaselineCommand::Verify(args) => verify(args, ui),
    }
}

/// What a given file or folder brings.
struct Brought {
    source: Source,
    files: Vec<BroughtFile>,
}

/// A file, and how far it was proven where it was met: in an image.
struct BroughtFile {
    known: Known,
    level: Option<Level>,
}

impl Brought {
    /// What carries no level of its own: files of packages and folders.
    fn plain(source: Source, files: Vec<Known>) -> Self {
        let files = files.into_iter();
        let files = files.map(|known| BroughtFile { known, level: None });
        Self {
            source,
            files: files.collect(),
        }
    }

    /// The files that must not become known good by themselves: modified or replaced ones.
    fn refused(&self) -> impl Iterator<Item = &BroughtFile> {
        self.files
            .iter()
            .filter(|f| f.level.is_some_and(|l| l <= Level::K1))
    }
}

fn add(args: &BaselineAddArgs, ui: &Ui) -> Result<Outcome, Failure> {
    let wanted = document::Writes {
        path: Some(&args.db),
        inputs: &args.what,
    };
    let target = document::Target::own(&wanted, ui)?;
    let known = match fs::metadata(&args.db) {
        Ok(_) => Some(database(&args.db)?),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => None,
        Err(e) => return Err(Failure::host(&args.db, &e)),
    };
    let files = Files::read(&args.trust, None)?;
    let inputs = inputs(&args.what, args.backing_dir.as_ref(), ui)?;
    let given = files.parse()?;
    let mut all = match known {
        Some(bytes) => Baseline::parse(&bytes)?,
        None => Baseline::default(),
    };
    let mut outcome = Outcome::Accept;
    for input in inputs {
        let mut brought = Vec::new();
        if !gather(input, &given, &mut brought, ui)? {
            outcome = Outcome::Failed;
        }
        for one in brought {
            let name = one.source.name.clone();
            let mut refused = 0_usize;
            for file in one.refused() {
                refused += 1;
                let level = file.level.map_or("", Level::name);
                ui.say(&say!(
                    baseline_refused,
                    path = file.known.path.as_str(),
                    level = level
                ));
            }
            if refused > 0 && !args.force {
                ui.say(&say!(baseline_not_added, name = name, count = refused));
                outcome = Outcome::Failed;
                continue;
            }
            let count = one.files.len();
            let (mut new, mut unproven) = (0_usize, 0_usize);
            for BroughtFile { known, level } in one.files {
                let unproven_level = level.filter(|l| *l < Level::K4);
                unproven += usize::from(unproven_level.is_some());
                let source = Source {
                    level: unproven_level.map(|l| l.name().to_owned()),
                    ..one.source.clone()
                };
                new += usize::from(all.add(known, source));
            }
            ui.say(&say!(
                baseline_added,
                name = name.as_str(),
                count = count,
                new = new
            ));
            if unproven > 0 {
                ui.say(&say!(baseline_unproven, name = name, count = unproven));
            }
        }
    }
    if !all.is_empty() {
        target.write(&all.to_json())?;
    }
    Ok(outcome)
}

fn list(args: &BaselineListArgs, ui: &Ui) -> Result<Outcome, Failure> {
    use std::io::Write as _;
    let bytes = database(&args.db)?;
    ui.enter(&Access::default())?;
    let all = Baseline::parse(&bytes)?;
    let mut out = stdout();
    if args.format == Format::Json {
        out.write_all(all.to_json().as_bytes())?;
    } else {
        for entry in all.iter() {
            let known = &entry.known;
            let or = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".into());
            let line = format!(
                "{}  {}  {} {} {}  {}",
                known.sha256,
                known.path,
                or(&known.package),
                or(&known.version),
                or(&known.architecture),
                all.origin(known)
            );
            writeln!(out, "{}", terminal(&line))?;
        }
    }
    out.flush()?;
    Ok(Outcome::Accept)
}

/// Exit code 0: all equal; 1: other bytes than known; 3: files that are not known.
fn verify(args: &BaselineVerifyArgs, ui: &Ui) -> Result<Outcome, Failure> {
    use std::io::Write as _;
    let bytes = database(&args.db)?;
    let what = std::slice::from_ref(&args.what);
    let inputs = inputs(what, args.backing_dir.as_ref(), ui)?;
    let all = Baseline::parse(&bytes)?;
    let mut brought = Vec::new();
    let given = Files::read(&[], None)?.parse()?;
    let mut whole = true;
    for input in inputs {
        whole &= gather(input, &given, &mut brought, ui)?;
    }
    let mut out = stdout();
    let (mut different, mut absent, mut equal) = (0_u64, 0_u64, 0_u64);
    for known in brought.iter().flat_map(|b| &b.files).map(|f| &f.known) {
        let found = all.compare(
            &known.path,
            known.package.as_deref(),
            known.version.as_deref(),
            &known.sha256,
        );
        let (path, sha256) = (known.path.as_str(), known.sha256.as_str());
        let line = match found {
            Match::Equal(_) => {
                equal += 1;
                continue;
            }
            Match::Different(_) => {
                different += 1;
                say!(baseline_differs, path = path, sha256 = sha256)
            }
            Match::Absent => {
                absent += 1;
                say!(baseline_not_known, path = path, sha256 = sha256)
            }
        };
        writeln!(out, "{}", ui.words(&line))?;
    }
    let text = say!(
        baseline_verified,
        name = name(&args.what),
        db = name(&args.db),
        equal = equal,
        different = different,
        absent = absent
    );
    writeln!(out, "{}", ui.words(&text))?;
    out.flush()?;
    Ok(if different > 0 {
        Outcome::Reject
    } else if !whole {
        Outcome::Failed
    } else if absent > 0 || equal == 0 {
        Outcome::Review
    } else {
        Outcome::Accept
    })
}

/// A file or folder of the arguments, opened.
struct Input<'a> {
    path: &'a Path,
    kind: InputKind,
}

enum InputKind {
    Folder,
    Package(File),
    Image(OpenOptions),
}

/// Opens everything in `what`; from then on it may be read, and nothing else.
fn inputs<'a>(
    what: &'a [PathBuf],
    backing_dir: Option<&PathBuf>,
    ui: &Ui,
) -> Result<Vec<Input<'a>>, Failure> {
    let mut inputs = Vec::new();
    let mut access = Access::default();
    for path in what {
        let host = |e: std::io::Error| Failure::host(path, &e);
        let kind = if fs::metadata(path).map_err(host)?.is_dir() {
            access.read.push(path);
            InputKind::Folder
        } else if is_package(path) {
            InputKind::Package(open_file(path)?)
        } else {
            InputKind::Image(image::options(path, backing_dir, ui)?)
        };
        inputs.push(Input { path, kind });
    }
    ui.enter(&access)?;
    Ok(inputs)
}

/// Adds what `input` brings; false where a part of it could not be read.
fn gather(
    input: Input<'_>,
    given: &Given,
    brought: &mut Vec<Brought>,
    ui: &Ui,
) -> Result<bool, Failure> {
    let path = input.path;
    ui.step(&name(path));
    match input.kind {
        InputKind::Folder => folder(path, brought, ui),
        InputKind::Package(file) => package(path, file, brought).map(|()| true),
        InputKind::Image(options) => ring0(path, &options, given, brought, ui),
    }
}

fn is_package(path: &Path) -> bool {
    matches!(ending(path), "deb" | "rpm")
}

fn ending(path: &Path) -> &str {
    path.extension().and_then(|e| e.to_str()).unwrap_or("")
}

fn name(path: &Path) -> String {
    let name = path.file_name().unwrap_or(path.as_os_str());
    name.to_string_lossy().into_owned()
}

fn package(path: &Path, file: File, brought: &mut Vec<Brought>) -> Result<(), Failure> {
    let whole = FileSource::of_open(&file, path)?;
    let file = BufReader::new(file);
    let (_, files) = match ending(path) {
        "rpm" => baseline::rpm(file)?,
        _ => baseline::deb(file)?,
    };
    let source = Source {
        name: name(path),
        sha256: Some(imgscan_core::evidence::files::sha256_of_all(&whole)?),
        level: None,
    };
    brought.push(Brought::plain(source, files));
    Ok(())
}

fn sha256(path: &Path) -> Result<String, Failure> {
    let source = FileSource::open(path)?;
    Ok(imgscan_core::evidence::files::sha256_of_all(&source)?)
}

/// The packages in a folder, and the files that stand where a system has them.
fn folder(root: &Path, brought: &mut Vec<Brought>, ui: &Ui) -> Result<bool, Failure> {
    let mut whole = true;
    let mut files = Vec::new();
    let mut todo = vec![(root.to_owned(), 0)];
    while let Some((dir, depth)) = todo.pop() {
        let host = |e: std::io::Error| Failure::host(&dir, &e);
        let entries = fs::read_dir(&dir).map_err(host)?;
        let mut paths = Vec::new();
        for entry in entries {
            paths.push(entry.map_err(host)?.path());
        }
        paths.sort();
        for path in paths {
            // Links are not followed: what they lead to is found where it is.
            let meta = fs::symlink_metadata(&path).map_err(|e| Failure::host(&path, &e))?;
            if meta.is_dir() {
                if depth < DEPTH {
                    todo.push((path, depth + 1));
                } else {
                    whole = false;
                    ui.at(path.as_os_str().as_bytes(), &say!(baseline_too_deep));
                }
            } else if meta.is_file() && is_package(&path) {
                package(&path, open_file(&path)?, brought)?;
            } else if meta.is_file() {
                let below = path.strip_prefix(root).unwrap_or(&path);
                let below = below.to_string_lossy();
                if let Some(kind) = baseline::kind(&below) {
                    files.push(Known {
                        path: baseline::canonical(&below),
                        package: None,
                        version: None,
                        architecture: None,
                        kind,
                        sha256: sha256(&path)?,
                        bytes: meta.len(),
                    });
                }
            }
        }
    }
    if !files.is_empty() {
        let source = Source {
            name: name(root),
            sha256: None,
            level: None,
        };
        brought.push(Brought::plain(source, files));
    }
    Ok(whole)
}

/// What runs in ring 0 of an image's systems.
fn ring0(
    path: &Path,
    options: &OpenOptions,
    given: &Given,
    brought: &mut Vec<Brought>,
    ui: &Ui,
) -> Result<bool, Failure> {
    let found = inspect(path, options, &|_| {})?;
    let policy = Policy::built_in("tencent-marketplace")?;
    let ring0 = scan::kernel(&found, &policy, given.references())?;
    for gap in &ring0.gaps {
        ui.gap(gap);
    }
    let files = ring0.objects.iter().filter_map(|o| {
        let known = o.object.known()?;
        Some(BroughtFile {
            known,
            level: Some(o.level),
        })
    });
    let files = files.collect();
    if let Some(level) = ring0.level {
        ui.say(&say!(
            baseline_own_level,
            name = name(path),
            level = level.name()
        ));
    }
    let source = Source {
        name: name(path),
        sha256: None,
        level: None,
    };
    brought.push(Brought { source, files });
    Ok(ring0.gaps.is_empty())
}
