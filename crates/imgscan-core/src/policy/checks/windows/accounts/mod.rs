//! Local accounts and their passwords.

pub(super) mod acct_001_administrator;
pub(super) mod acct_002_hidden;
pub(super) mod acct_003_passwords;
pub(super) mod acct_004_profile;
mod local_accounts;
