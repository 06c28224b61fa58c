//! Name servers and time servers.

pub(super) mod net_001_resolvers;
#[cfg(test)]
mod net_001_resolvers_tests;
mod net_001_ways;
pub(super) mod time_001_source;
#[cfg(test)]
mod time_001_source_tests;
