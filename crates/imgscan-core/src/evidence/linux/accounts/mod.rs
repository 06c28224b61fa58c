//! Who can log in, and who did: users and groups, PAM, the SSH server and its keys, the log of
//! logins.

pub(super) mod pam;
pub(super) mod ssh;
pub(super) mod users;
pub(super) mod wtmp;

pub use ssh::{Key, KeyKind, Keys, Setting, Sshd};
pub use users::{Account, Accounts, Database, Group, Password, ShadowEntry};
pub use wtmp::{PowerEvent, PowerRecord};
