//! Reads the shared corpus of real images and compares with its truth files.
//!
//! The corpus stands outside the project, in `../shared/corpus` beside the checkout or in the
//! folder that `IMGSCAN_CORPUS` names. Where it is absent every trial is counted as ignored, and
//! with `CI=true` that is a failure.

#![allow(
    missing_docs,
    unreachable_pub,
    clippy::panic,
    clippy::unwrap_used,
    clippy::exit,
    clippy::print_stdout
)]

mod catalogs;
mod containers;
mod ext;
mod fat;
#[allow(dead_code)]
mod files;
mod hives;
mod kernel;
mod ntfs;
mod partitions;
mod pe;
mod rpm;
mod whole;
mod windows;

use libtest_mimic::{Arguments, Trial};

fn main() {
    let args = Arguments::from_args();
    let mut trials: Vec<Trial> = Vec::new();
    trials.extend(catalogs::trials());
    trials.extend(containers::trials());
    trials.extend(fat::trials());
    trials.extend(ext::trials());
    trials.extend(hives::trials());
    trials.extend(windows::trials());
    trials.extend(partitions::trials());
    trials.extend(whole::trials());
    trials.extend(pe::trials());
    trials.extend(rpm::trials());
    trials.extend(ntfs::trials());
    trials.extend(kernel::trials());
    let absent = files::folder().is_none();
    if absent {
        println!("SKIPPED: no corpus folder; every test that needs it is counted as ignored");
        if std::env::var("CI").is_ok_and(|v| v == "true") {
            println!("FAILED: with CI=true the corpus must be there");
            std::process::exit(1);
        }
    }
    let trials = trials
        .into_iter()
        .map(|t| t.with_ignored_flag(absent))
        .collect();
    let conclusion = libtest_mimic::run(&args, trials);
    if !args.list && !absent {
        ext::print_count();
        fat::print_count();
        partitions::print_count();
    }
    conclusion.exit();
}
