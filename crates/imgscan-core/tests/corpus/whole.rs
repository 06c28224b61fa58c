//! Every file of the corpus through the whole program: a scan ends by itself, with a report or an
//! error, never with a contained fault, and accepts nothing. No file of the corpus is a
//! marketplace image, so acceptance would be wrong for each of them.

use std::path::Path;

use imgscan_core::container::OpenOptions;
use imgscan_core::inspect::inspect;
use imgscan_core::policy::{Policy, Status, Verdict};
use imgscan_core::report;
use imgscan_core::scan::{self, ScanOptions};
use imgscan_core::text::Lang;
use imgscan_core::{Error, Kind};
use libtest_mimic::{Failed, Trial};

use crate::files;

/// The packed names of all files.
fn names() -> Vec<String> {
    let Some(dir) = files::folder() else {
        // One trial, so that the harness can count it as ignored.
        return vec!["MANIFEST.tsv".into()];
    };
    let manifest = std::fs::read_to_string(dir.join("MANIFEST.tsv")).unwrap();
    let rows = manifest.lines().skip(1);
    rows.filter_map(|row| Some(row.split('\t').next()?.to_owned()))
        .collect()
}

pub fn trials() -> Vec<Trial> {
    names()
        .into_iter()
        .map(|name| Trial::test(format!("whole::{name}"), move || scan(&name)))
        .collect()
}

fn scan(name: &str) -> Result<(), Failed> {
    let dir = tempfile::TempDir::new().unwrap();
    let image = files::unpack(name, dir.path());
    let options = ScanOptions::new(Policy::built_in("tencent-marketplace").unwrap());
    match scan::scan(&image, &options, &|_| {}) {
        Err(e) => sound(&e)?,
        Ok(report) => {
            if report.verdict == Verdict::Accept {
                return Err(format!("accepted: {}", report::text(&report, Lang::En)).into());
            }
            if let Some(gap) = report.gaps.iter().find(|g| g.kind == Kind::Internal) {
                return Err(gap.to_string().into());
            }
            let mut results = report.results.iter();
            if let Some(result) = results.find(|r| r.status == Status::Error) {
                return Err(format!("{}: {}", result.check, result.reason.en).into());
            }
            let again = scan::scan(&image, &options, &|_| {}).map_err(|e| e.to_string())?;
            if report::json(&report) != report::json(&again) {
                return Err("two scans differ".into());
            }
        }
    }
    describe(&image)
}

fn describe(image: &Path) -> Result<(), Failed> {
    let info = inspect(image, &OpenOptions::default(), &|_| {}).map(|i| scan::info(&i));
    match info {
        Err(e) => sound(&e),
        Ok(info) => match info.gaps.iter().find(|g| g.kind == Kind::Internal) {
            Some(gap) => Err(gap.to_string().into()),
            None => Ok(()),
        },
    }
}

fn sound(error: &Error) -> Result<(), Failed> {
    match error.kind {
        Kind::Internal => Err(error.to_string().into()),
        _ => Ok(()),
    }
}
