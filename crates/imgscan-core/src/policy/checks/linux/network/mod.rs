//! Name servers and time servers.

pub(super) mod network;
