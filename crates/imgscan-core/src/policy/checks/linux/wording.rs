//! Words for facts that several tests speak of.

use crate::evidence::linux::Inactive;
use crate::text::Text;

/// Why a line does not run.
pub(super) fn inactive(why: Inactive) -> Text {
    match why {
        Inactive::Commented => say!(linux_start_commented),
        Inactive::AfterExit => say!(linux_start_after_exit),
        Inactive::ConditionFalse => say!(linux_start_condition_false),
        Inactive::NotCalled => say!(linux_start_not_called),
        Inactive::NoShell => say!(linux_start_no_shell),
        Inactive::BadSchedule => say!(linux_start_bad_schedule),
        Inactive::HereDocument => say!(linux_start_here_document),
        Inactive::NotExecutable => say!(linux_start_not_executable),
        Inactive::FileIgnored => say!(linux_start_file_ignored),
        Inactive::NoSuchUser => say!(linux_start_no_such_user),
        Inactive::WrongPlace => say!(linux_start_wrong_place),
        Inactive::NotEnabled => say!(linux_start_not_enabled),
        Inactive::Masked => say!(linux_start_masked),
        Inactive::RunnerDisabled => say!(linux_start_runner_disabled),
        Inactive::FailsBefore => say!(linux_start_fails_before),
    }
}
