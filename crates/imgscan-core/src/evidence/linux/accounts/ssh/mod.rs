//! SSH: the server's settings, and the keys that an image carries.

mod config;
mod keys;

pub use config::{Server, Setting, Sshd};
pub use keys::{Key, KeyKind, Keys};

pub(in crate::evidence::linux) use config::collect as sshd;
pub(in crate::evidence::linux) use keys::collect as keys;
