//! Name servers and time servers.

pub(super) mod net_001_resolvers;
#[cfg(test)]
mod net_001_resolvers_tests;
pub(super) mod time_001_sync;
#[cfg(test)]
mod time_001_sync_tests;
