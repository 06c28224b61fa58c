//! Compares images that `testdata/recipes` made with the truth the recipes wrote beside them.
//!
//! `IMGSCAN_MATRIX` names the folder of images. Where it is not set there are no trials: building
//! the images takes root and minutes, so `.ci/run` does it. A file system matrix stands in a
//! folder of its own (`ext`, `ntfs`, `fat`): each `NAME.img` with the `NAME.truth` that
//! `testdata/recipes/manifest.py` wrote is one trial. `qcow2` holds containers, whose disks are
//! compared byte by byte.

#![allow(
    missing_docs,
    unreachable_pub,
    clippy::panic,
    clippy::unwrap_used,
    clippy::exit,
    clippy::print_stdout
)]

mod compare;
mod containers;
mod partitions;

use libtest_mimic::{Arguments, Trial};

fn main() {
    let args = Arguments::from_args();
    let mut trials: Vec<Trial> = Vec::new();
    for kind in ["ext", "ntfs", "fat"] {
        trials.extend(compare::trials(kind));
    }
    trials.extend(compare::fixtures("ext"));
    trials.extend(containers::trials());
    trials.extend(partitions::trials());
    if std::env::var_os("IMGSCAN_MATRIX").is_none() {
        println!("SKIPPED: IMGSCAN_MATRIX is not set; see testdata/recipes/README.md");
    }
    let conclusion = libtest_mimic::run(&args, trials);
    if !args.list {
        compare::print_table();
    }
    conclusion.exit();
}
