//! How the program ends.

use std::io;
use std::path::Path;
use std::process::ExitCode;

use imgscan_core::Error;
use imgscan_core::policy::Verdict;
use imgscan_core::text::Text;

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
    /// The host: what was done, and its error.
    Host(String, io::Error),
    /// The arguments ask for something that is not there.
    Usage(Text),
    /// This program.
    Fault(String),
    /// The reader of standard output went away: no error.
    ClosedPipe,
}

impl Failure {
    /// The host failed at `path`.
    pub(crate) fn host(path: &Path, err: io::Error) -> Self {
        Self::Host(path.display().to_string(), err)
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
            _ => Self::Host("standard output".into(), err),
        }
    }
}
