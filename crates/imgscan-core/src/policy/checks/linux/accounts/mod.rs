//! Who can log in.

pub(super) mod acct_001_empty_password;
#[cfg(test)]
mod acct_001_empty_password_tests;
pub(super) mod acct_003_root;
#[cfg(test)]
mod acct_003_root_tests;
pub(super) mod acct_004_ssh_keys;
#[cfg(test)]
mod acct_004_ssh_keys_tests;
pub(super) mod acct_005_sudo;
#[cfg(test)]
mod acct_005_sudo_tests;
mod made;
