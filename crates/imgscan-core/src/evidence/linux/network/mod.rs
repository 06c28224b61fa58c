//! The network: name servers, and what keeps the time.

mod chrony;
pub(super) mod resolvers;
pub(super) mod time;

pub use resolvers::{NameServer, Resolvers, ServerRole};
pub use time::{Doubt, Source, TimeSync, Times, Use as SourceUse};
