//! Name servers and time servers.

pub(super) mod net_001_resolvers;
pub(super) mod time_001_source;
