//! Opens the hive that the arguments mean.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use imgscan_core::evidence::Evidence;
use imgscan_core::evidence::windows::{HiveFile, boot_configurations};
use imgscan_core::guest::windows::GuestHive;
use imgscan_core::guest::{self, Family, Guest};
use imgscan_core::hive::{Hive, Logs, Recovery};
use imgscan_core::source::{FileSource, ReadAt};
use imgscan_core::text::Text;
use imgscan_core::{Error, Kind, Layer};

use super::name;
use super::place::{self, Place};
use crate::args::RegArgs;
use crate::exit::Failure;
use crate::image::{self, Image};
use crate::output::Ui;
use crate::sandbox::Access;

/// A hive with the key that is looked for.
pub(super) struct Opened {
    pub(super) hive: Hive,
    /// The volume that its file is on, for a hive of an image.
    pub(super) volume: Option<String>,
    /// Its file.
    pub(super) file: String,
    /// The key that Windows loads it under; empty where that is not known.
    pub(super) root: String,
    /// Path of the wanted key from its root; the name of a value may follow.
    pub(super) key: String,
    /// What is wrong with the hive as a whole.
    pub(super) damage: Vec<Error>,
}

pub(super) fn open(args: &RegArgs, ui: &Ui) -> Result<Opened, Failure> {
    let key = name(&args.key)?;
    let path = &args.image.image;
    let options = args.image.options(ui)?;
    let source = match &options.file {
        Some(file) => FileSource::of_open(file, path)?,
        None => FileSource::open(path)?,
    };
    let mut magic = [0; 4];
    if args.hive.is_none() && source.read_at(&mut magic, 0).is_ok() && &magic == b"regf" {
        return by_itself(path, Arc::new(source), &args.logs, key, ui);
    }
    if !args.logs.is_empty() {
        return Err(Failure::Usage(say!(reg_logs_for_hive_files)));
    }
    ui.enter(&Access::default())?;
    let image = image::inside(&args.image, &options, ui)?;
    if let Some(arg) = &args.hive {
        let (space, _, path) = image.space(arg)?;
        let shown = imgscan_core::text::lossless(path);
        let file = HiveFile::find(&space, &shown, Vec::new())?
            .ok_or_else(|| Error::not_found(Layer::Guest, say!(reg_no_file, path = shown)))?;
        return of_image(&file, "", key, ui);
    }
    let place = place::parse(&key)?;
    let (file, root) = hive_of(&image, &place, ui)?;
    of_image(&file, &root, place.written, ui)
}

fn of_image(file: &HiveFile, root: &str, key: String, ui: &Ui) -> Result<Opened, Failure> {
    let shown = file.at.path_text();
    let opened: GuestHive = file.open(root).map_err(|e| e.within(shown.as_str()))?;
    let (notices, damage): (Vec<_>, Vec<_>) = opened
        .problems()
        .into_iter()
        .partition(|e| e.kind == Kind::Notice);
    for notice in &notices {
        ui.damage(shown.as_bytes(), notice);
    }
    Ok(Opened {
        hive: opened.hive,
        volume: Some(opened.at.volume),
        file: shown,
        root: root.into(),
        key,
        damage,
    })
}

/// The hive of the image that Windows loads at `place`, and the key it is loaded under.
fn hive_of(image: &Image, place: &Place, ui: &Ui) -> Result<(HiveFile, String), Failure> {
    let guests = guest::find(image.volumes());
    let windows: Vec<&Guest> = guests
        .iter()
        .filter(|g| g.family == Family::Windows)
        .collect();
    let mut found = boot_configurations(image.volumes());
    for guest in &windows {
        let of_guest = Evidence::new(guest).windows.hives();
        found.items.extend(of_guest.items);
        found.gaps.extend(of_guest.gaps);
    }
    let matching: Vec<(&HiveFile, &String)> = found
        .items
        .iter()
        .filter_map(|f| {
            let volume = f.fact.at.volume.as_str();
            place
                .volume
                .as_deref()
                .filter(|named| *named != volume)
                .map_or(Some(()), |_| None)?;
            let root = f.fact.roots.iter().find(|r| place.is(r))?;
            Some((&f.fact, root))
        })
        .collect();
    if let [(file, root)] = matching.as_slice() {
        return Ok(((*file).clone(), (*root).clone()));
    }
    if matching.is_empty() {
        for gap in &found.gaps {
            ui.gap(gap);
        }
        let roots = found
            .items
            .iter()
            .flat_map(|f| f.fact.roots.iter().cloned());
        let roots = Text::list(roots);
        let root = place.root.as_str();
        return Err(Failure::Usage(say!(
            reg_no_hive,
            root = root,
            roots = roots
        )));
    }
    let files = matching.iter().map(|(file, _)| {
        let path = file.at.path_text();
        let path = path.split_once(":/").map_or(path.as_str(), |(_, p)| p);
        format!("{}:/{}", file.at.volume, path.trim_start_matches('/'))
    });
    let (root, files) = (place.root.as_str(), Text::list(files));
    Err(Failure::Usage(say!(
        reg_several_hives,
        root = root,
        files = files
    )))
}

/// A hive file of the host. Its logs are looked at where it is dirty.
fn by_itself(
    path: &Path,
    source: Arc<dyn ReadAt>,
    named: &[PathBuf],
    key: String,
    ui: &Ui,
) -> Result<Opened, Failure> {
    let beside;
    let files = if named.is_empty() {
        beside = logs_beside(path)?;
        &beside
    } else {
        named
    };
    let mut logs = Logs::default();
    for file in files {
        let slot = match ending(file) {
            Some("LOG") => &mut logs.log,
            Some("LOG1") => &mut logs.log1,
            Some("LOG2") => &mut logs.log2,
            _ => {
                let file = file.display().to_string();
                return Err(Failure::Usage(say!(reg_log_name, file = file)));
            }
        };
        if slot.is_some() {
            let file = file.display().to_string();
            return Err(Failure::Usage(say!(reg_log_twice, file = file)));
        }
        *slot = Some(Arc::new(FileSource::open(file)?));
    }
    ui.enter(&Access::default())?;
    let hive = Hive::open(source, &logs)?;
    if let Recovery::Replayed { entries, pages, .. } = hive.recovery() {
        ui.say(&say!(
            reg_replayed,
            file = path.display().to_string(),
            entries = *entries,
            pages = *pages,
            logs = Text::list(files.iter().map(|f| f.display().to_string()))
        ));
    }
    Ok(Opened {
        damage: hive.warnings(),
        hive,
        volume: None,
        file: path.display().to_string(),
        root: String::new(),
        key,
    })
}

fn ending(path: &Path) -> Option<&'static str> {
    let ending = path.extension()?.to_str()?;
    ["LOG", "LOG1", "LOG2"]
        .into_iter()
        .find(|e| e.eq_ignore_ascii_case(ending))
}

/// The logs beside the hive at `path`. Windows writes their names in another case than the
/// hive's, so names are compared without case; an exact one goes before the others.
fn logs_beside(path: &Path) -> Result<Vec<PathBuf>, Failure> {
    let Some(own) = path.file_name().map(OsStr::as_bytes) else {
        return Ok(Vec::new());
    };
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let mut found: [Option<PathBuf>; 3] = [None, None, None];
    let entries = fs::read_dir(folder).map_err(|e| Failure::host(folder, &e))?;
    for entry in entries {
        let entry = entry.map_err(|e| Failure::host(folder, &e))?;
        for (slot, ending) in found.iter_mut().zip([".LOG1", ".LOG2", ".LOG"]) {
            let wanted = [own, ending.as_bytes()].concat();
            let has = entry.file_name();
            if has.as_bytes().eq_ignore_ascii_case(&wanted)
                && (slot.is_none() || has.as_bytes() == wanted)
            {
                *slot = Some(path.with_file_name(&has));
            }
        }
    }
    Ok(found.into_iter().flatten().collect())
}
