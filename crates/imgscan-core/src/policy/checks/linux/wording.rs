//! Words for facts that several tests speak of.

use crate::evidence::linux::Inactive;
use crate::text::Text;

/// Why a line does not run.
pub(super) fn inactive(why: Inactive) -> Text {
    let (en, zh) = match why {
        Inactive::Commented => ("commented out", "已被注释"),
        Inactive::AfterExit => ("behind an unconditional exit", "位于无条件 exit 之后"),
        Inactive::ConditionFalse => (
            "under a condition that does not hold",
            "位于不成立的条件之下",
        ),
        Inactive::NotCalled => ("in a function that nothing calls", "位于未被调用的函数中"),
        Inactive::NoShell => (
            "no shell reads it (the script's first line, or SHELL of the crontab)",
            "不会由 shell 执行（脚本首行或 crontab 的 SHELL 设置）",
        ),
        Inactive::BadSchedule => (
            "its schedule never comes, or cron refuses it",
            "计划时间永不到来，或 cron 不接受该行",
        ),
        Inactive::HereDocument => (
            "text of a here-document, no command",
            "属于 here-document 文本，不是命令",
        ),
        Inactive::NotExecutable => ("its file is not executable", "所在文件没有执行权限"),
        Inactive::FileIgnored => (
            "cron passes over its file (name, owner or permissions)",
            "cron 会忽略该文件（文件名、属主或权限不符合要求）",
        ),
        Inactive::NoSuchUser => ("its user does not exist", "所属用户不存在"),
        Inactive::WrongPlace => (
            "this system does not run the file in this place",
            "本系统不会执行该位置的文件",
        ),
        Inactive::NotEnabled => ("the unit is not enabled", "服务单元未启用"),
        Inactive::Masked => ("the unit is masked", "服务单元已被屏蔽（mask）"),
        Inactive::RunnerDisabled => (
            "the daemon that would run it is not enabled",
            "负责执行它的守护进程未启用",
        ),
    };
    Text::new(en, zh)
}
