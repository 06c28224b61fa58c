//! The network: name servers, and what keeps the time.

pub(super) mod resolvers;
pub(super) mod time;

pub use resolvers::{NameServer, Resolvers, ServerRole};
pub use time::{TimeSync, Times};
