//! Images, packages and databases are parsed by a child process that keeps the descriptors it
//! needs and can do little else (`docs/sandbox.md`).
//!
//! The program starts itself again with the same arguments. The child opens the files that the
//! arguments name, gives up everything else (`restrict`), and only then reads the first byte of
//! hostile input. What it has to say goes through a socket (`wire`) to the process that started
//! it, which opens the files that an image names, watches the clock, and writes documents.

mod child;
mod parent;
mod restrict;
mod wire;

use clap::ValueEnum;
use serde::{Deserialize, Serialize};

pub(crate) use child::{Channel, RemoteDoor, connect};
pub(crate) use parent::{Job, run};
pub(crate) use restrict::Access;

/// How much of a sandbox there has to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
pub(crate) enum Mode {
    /// All of it, or the command ends
    Require,
    /// What the kernel offers
    Auto,
    /// None: everything happens in one process
    Off,
}

/// The name under which the program starts itself.
const CHILD_NAME: &str = "imgscan-sandboxed";
