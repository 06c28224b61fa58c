//! Who can log in, and who did: users and groups, PAM, the SSH server and its keys, the log of
//! logins.

pub(super) mod consoles;
mod crypt;
pub(super) mod made;
pub(super) mod nss;
pub(super) mod pam;
pub(super) mod shells;
pub(super) mod ssh;
pub(super) mod sudo;
pub(super) mod users;
pub(super) mod wtmp;

pub use made::{Made, MadeKind, enters_by_password};
pub use nss::NameService;
pub use pam::{Answer, Pam};
pub use shells::Shells;
pub use ssh::{Key, KeyKind, Keys, Server, Setting, Sshd};
pub use sudo::{Sudo, SudoRule};
pub use users::{Account, Accounts, Database, EmptyHash, Group, Password, ShadowEntry};
pub use wtmp::{PowerEvent, PowerRecord};
