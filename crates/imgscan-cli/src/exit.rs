//! How the program ends.

use std::io;
use std::path::Path;
use std::process::ExitCode;

use imgscan_core::evidence::Gap;
use imgscan_core::policy::{Faults, Verdict};
use imgscan_core::text::{Arg, Text};
use imgscan_core::{Error, Layer};

/// The exit codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// 0: the command did its work; for a scan: accept.
    Accept,
    /// 1: the scan says reject.
    Reject,
    /// 2: usage error, unreadable image, or something that could not be read.
    Failed,
    /// 3: the scan says review.
    Review,
}

impl From<Verdict> for Outcome {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Accept => Self::Accept,
            Verdict::Reject => Self::Reject,
            Verdict::Review => Self::Review,
        }
    }
}

impl Outcome {
    /// Of a document that tells these gaps: what the budget kept from being read is missing in it.
    pub(crate) fn of_gaps(gaps: &[Gap]) -> Self {
        match gaps.iter().any(|gap| gap.layer == Layer::Budget) {
            true => Self::Failed,
            false => Self::Accept,
        }
    }

    /// What the exit code of a child means; `None` where it is none of these.
    pub(crate) fn of_code(code: i32) -> Option<Self> {
        match code {
            0 => Some(Self::Accept),
            1 => Some(Self::Reject),
            2 => Some(Self::Failed),
            3 => Some(Self::Review),
            _ => None,
        }
    }
}

impl From<Outcome> for ExitCode {
    fn from(outcome: Outcome) -> Self {
        Self::from(match outcome {
            Outcome::Accept => 0,
            Outcome::Reject => 1,
            Outcome::Failed => 2,
            Outcome::Review => 3,
        })
    }
}

/// Why a command stopped.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The image.
    Image(Error),
    /// The policy: everything that is wrong with it.
    Policy(Faults),
    /// The host could not write something.
    Host(Text),
    /// The arguments ask for something that is not there.
    Usage(Text),
    /// This program.
    Fault(Text),
    /// The reader of standard output went away: no error.
    ClosedPipe,
}

impl Failure {
    /// The host failed to read `path`.
    pub(crate) fn host(path: &Path, err: &io::Error) -> Self {
        Self::Image(Error::io(None, &path.display().to_string(), err))
    }

    /// The host failed to write `what`.
    pub(crate) fn unwritten(what: impl Into<Arg>, err: &io::Error) -> Self {
        Self::Host(say!(host_cannot_write, what = what, why = why(err)))
    }
}

/// What the host says of its failure.
pub(crate) fn why(err: &io::Error) -> Text {
    match err.kind() {
        io::ErrorKind::NotFound => say!(host_not_found),
        io::ErrorKind::PermissionDenied => say!(host_denied),
        io::ErrorKind::AlreadyExists => say!(host_exists),
        io::ErrorKind::IsADirectory => say!(host_folder),
        io::ErrorKind::NotADirectory => say!(host_no_folder),
        io::ErrorKind::ResourceBusy => say!(host_busy),
        io::ErrorKind::StorageFull => say!(host_full),
        io::ErrorKind::ReadOnlyFilesystem => say!(host_read_only),
        _ => Text::verbatim(err.to_string()),
    }
}

impl From<Faults> for Failure {
    fn from(faults: Faults) -> Self {
        Self::Policy(faults)
    }
}

impl From<Error> for Failure {
    fn from(err: Error) -> Self {
        Self::Image(err)
    }
}

/// Errors of standard output.
impl From<io::Error> for Failure {
    fn from(err: io::Error) -> Self {
        match err.kind() {
            io::ErrorKind::BrokenPipe => Self::ClosedPipe,
            _ => Self::unwritten(say!(ui_standard_output), &err),
        }
    }
}
