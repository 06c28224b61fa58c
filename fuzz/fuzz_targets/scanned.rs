//! Whole images with changes, judged by the built-in policy under a small budget, and the laws that hold for
//! every image: the report is there and is JSON, and who was not accepted is not accepted for a change that
//! explains nothing.

use std::sync::Arc;

use imgscan_core::budget::Limits;
use imgscan_core::source::{MemorySource, ReadAt};
use imgscan_core::trust::Bundle;
use imgscan_core::{
    Lang, OpenOptions, Policy, Report, ScanOptions, Status, Verdict, container, inspect, report, scan,
};

use crate::changes::{Ground, mutate};
use crate::patched::{patched, used};

/// Many times what the sound images need.
const LIMITS: Limits = Limits { read: 256 << 20, steps: 1_000_000, memory: u64::MAX };

/// An image, and what is judged by.
pub struct Case {
    disk: &'static [u8],
    used: Vec<usize>,
    options: ScanOptions,
    /// The checks that no mutant passes.
    never: &'static [&'static str],
}

impl Case {
    /// A demonstration image that is accepted by its `authority`, without that: nothing in it is signed by a
    /// pinned certificate, and no change makes such a signature, however long it is.
    pub fn unsigned(disk: Vec<u8>, authority: &[u8], never: &'static [&'static str]) -> Self {
        let mut case = Self::new(disk, never);
        case.options = trusting(authority);
        assert_eq!(case.judged().verdict, Verdict::Accept, "the sound image by its authority");
        case.options = options();
        case.hold(&case.judged());
        case
    }

    /// An image with faults of several kinds at places that have nothing to do with each other: at least
    /// `checks` checks fail. No change of some bytes mends them all.
    pub fn faulty(disk: Vec<u8>, authority: &[u8], checks: usize) -> Self {
        let mut case = Self::new(disk, &[]);
        case.options = trusting(authority);
        let report = case.judged();
        let failed = report.results.iter().filter(|r| r.status == Status::Fail).count();
        assert!(failed >= checks, "{failed} checks fail, not {checks}");
        case
    }

    fn new(disk: Vec<u8>, never: &'static [&'static str]) -> Self {
        let used = used(&disk);
        Self { disk: disk.leak(), used, options: options(), never }
    }

    fn judged(&self) -> Report {
        self.scan(patched(self.disk, &self.used, &[])).expect("the image is read")
    }

    fn scan(&self, disk: Arc<dyn ReadAt>) -> imgscan_core::Result<Report> {
        let open = OpenOptions { limits: LIMITS, ..OpenOptions::default() };
        let mut image = inspect::open_source("mutant", disk, &open, &|_| {})?;
        image.search();
        scan::judge(&image, &self.options, &|_| {})
    }

    /// Judges the image with the changes that `input` describes, and asserts the laws.
    fn visit(&self, input: &[u8]) {
        // An error is no report, and no acceptance.
        if let Ok(report) = self.scan(patched(self.disk, &self.used, input)) {
            self.hold(&report);
        }
    }

    fn hold(&self, report: &Report) {
        assert_ne!(report.verdict, Verdict::Accept, "a mutant of a bad image is accepted");
        for result in &report.results {
            let passed = result.status == Status::Pass && self.never.contains(&result.check.as_str());
            assert!(!passed, "{} passes: {}", result.check, result.reason.get(Lang::En));
        }
        let text = report::json(report);
        let json: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        let verdict = serde_json::to_value(report.verdict).expect("a verdict is JSON");
        assert_eq!(json["verdict"], verdict);
        assert_eq!(json["results"].as_array().map(Vec::len), Some(report.results.len()));
    }

    fn mutate(&self, data: &mut [u8], size: usize, max: usize, seed: u32) -> usize {
        let ground = Ground { volume: self.disk, used: &self.used, head: 1 };
        mutate(&ground, data, size, max, seed)
    }
}

/// Two images, one of which the first byte of an input chooses.
pub struct Cases(pub [Case; 2]);

impl Cases {
    fn chosen(&self, input: &[u8]) -> &Case {
        &self.0[usize::from(input.first().copied().unwrap_or_default() & 1)]
    }

    /// Judges the chosen image with the changes that the rest of `input` describes.
    pub fn visit(&self, input: &[u8]) {
        if let Some((_, changes)) = input.split_first() {
            self.chosen(input).visit(changes);
        }
    }

    /// Changes an input, as `changes::mutate` does.
    pub fn mutate(&self, data: &mut [u8], size: usize, max: usize, seed: u32) -> usize {
        self.chosen(data).mutate(data, size, max, seed)
    }
}

fn options() -> ScanOptions {
    ScanOptions::new(Policy::built_in("tencent-marketplace").expect("policy"))
}

fn trusting(authority: &[u8]) -> ScanOptions {
    options().trust(Bundle::built_in().with_user_file(authority, "authority").expect("authority"))
}

/// The disk of a qcow2 image.
pub fn disk(image: &[u8]) -> Vec<u8> {
    let file = Arc::new(MemorySource(image.to_vec()));
    let container = container::open_source(file, &OpenOptions::default()).expect("container");
    let mut disk = vec![0; container.disk.len() as usize];
    container.disk.read_at(&mut disk, 0).expect("disk");
    disk
}

#[allow(dead_code)] // By one of the targets.
/// Writes `new` in place of each `old`, which is as long and stands in `disk` at least once.
pub fn replace(disk: &mut [u8], old: &[u8], new: &[u8]) {
    assert_eq!(old.len(), new.len());
    let places: Vec<usize> = memchr::memmem::find_iter(disk, old).collect();
    assert!(!places.is_empty(), "{}", String::from_utf8_lossy(old));
    for at in places {
        disk[at..at + new.len()].copy_from_slice(new);
    }
}
