//! Whether installed files are what their packages brought.

pub(super) mod integ_001_package_files;
#[cfg(test)]
mod integ_001_package_files_tests;
