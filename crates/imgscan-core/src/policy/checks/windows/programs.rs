//! What the signature of a program says, and how it counts.

use crate::evidence::windows::Signed;
use crate::policy::Status;
use crate::text::Text;

/// What a signature says, and how it counts where the check does not depend on it.
pub(super) fn signature(signed: Option<&Signed>) -> (Status, Text) {
    match signed {
        Some(Signed::Trusted(by) | Signed::Renamed(by, _)) => (
            Status::Pass,
            say!(win_program_signed, signer = by.to_string()),
        ),
        Some(Signed::Unanchored(by)) => (
            Status::Warn,
            say!(win_program_unanchored, signer = by.to_string()),
        ),
        Some(Signed::Bad(by)) => (
            Status::Fail,
            say!(win_program_modified, signer = by.clone()),
        ),
        Some(Signed::Unproven(why)) => {
            (Status::Warn, say!(win_program_unproven, why = why.clone()))
        }
        Some(Signed::None) => (Status::Warn, say!(win_program_unsigned)),
        None => (Status::Warn, say!(win_program_no_pe)),
    }
}
