//! The checks, by operating system and family. A check sees evidence and parameters, never a file
//! system.
//!
//! The test of `LNX-KERNEL-020` is called `linux_kernel_020_…` in a policy and in the table of
//! [`registry`], and its file is `linux/kernel/kernel_020_….rs`.

pub(crate) mod findings;
mod image;
mod linux;
pub(crate) mod registry;
pub(crate) mod valid;
mod windows;

pub(crate) use registry::find;
pub use windows::{Declared, DeclaredDifference, DeclaredUse, Judgement, Judgements, executions};

/// Every test, by operating system.
const ALL: [&[&dyn registry::Test]; 3] = [image::TESTS, linux::TESTS, windows::TESTS];
