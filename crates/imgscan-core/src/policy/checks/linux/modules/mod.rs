//! Kernel modules and what loads them.

pub(super) mod autoload;
#[cfg(test)]
mod autoload_tests;
pub(super) mod modules;
