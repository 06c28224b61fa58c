//! Who can log in.

pub(super) mod accounts;
pub(super) mod acct_004_ssh_keys;
