//! Local accounts and their passwords.

pub(super) mod acct_001_administrator;
#[cfg(test)]
mod acct_001_administrator_tests;
pub(super) mod acct_002_hidden;
#[cfg(test)]
mod acct_002_hidden_tests;
pub(super) mod acct_003_passwords;
#[cfg(test)]
mod acct_003_passwords_tests;
pub(super) mod acct_004_profile;
#[cfg(test)]
mod acct_004_profile_tests;
mod groups;
pub(super) mod local_accounts;
mod names;
