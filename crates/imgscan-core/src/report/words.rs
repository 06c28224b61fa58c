//! The fixed words of the text renderers, in both languages.

use crate::policy::{Gate, Severity, Status, Verdict};
use crate::text::Lang;

/// Picks the word for `lang`.
fn pick(lang: Lang, en: &'static str, zh: &'static str) -> &'static str {
    match lang {
        Lang::En => en,
        Lang::Zh => zh,
    }
}

macro_rules! words {
    ($($name:ident: $en:literal, $zh:literal;)*) => {
        /// Fixed words.
        #[derive(Debug, Clone, Copy)]
        pub(super) struct Words {
            $(pub(super) $name: &'static str,)*
            lang: Lang,
        }

        impl Words {
            /// The words of `lang`.
            pub(super) fn of(lang: Lang) -> Self {
                Self {
                    $($name: pick(lang, $en, $zh),)*
                    lang,
                }
            }
        }
    };
}

words! {
    verdict: "VERDICT", "结论";
    policy: "Policy", "策略";
    image: "Image", "镜像";
    digest: "SHA-256", "SHA-256";
    system: "System", "系统";
    unknown_system: "no operating system was found", "未找到操作系统";
    kernel: "Kernel", "内核";
    default: "boots by default", "默认启动";
    volume: "Volume", "卷";
    file: "File", "文件";
    snapshot: "Snapshot", "快照";
    table: "Table", "分区表";
    mounts: "Mounts", "挂载";
    required: "Required", "要求";
    actual: "Actual", "实际";
    not_read: "Not read", "未读取";
    fix: "Fix", "修复方法";
    reason: "Reason", "原因";
    packages: "Packages", "软件包";
    account: "Account", "账户";
    services: "Services", "服务";
    group: "Group", "组";
    hidden: "no name leads to it: hidden", "没有名称指向该账户：隐藏";
    hijacked: "its record holds another identifier", "其记录含有另一个标识符";
    name_of_nobody: "a name without a user", "没有用户的名称";
    disabled: "disabled", "已禁用";
    locked: "locked", "已锁定";
    no_password_needed: "password not required", "不要求密码";
    never_expires: "password never expires", "密码永不过期";
    last_logon: "last logon", "上次登录";
    password_set: "password set", "密码设置于";
    setting: "Setting", "设置";
    adapter: "Network adapter", "网络适配器";
    setup_file: "Setup file", "安装文件";
    autostart: "Autostart", "自动启动";
    programs: "Programs", "程序";
    updates: "Updates (packages installed / all)", "更新（已安装的包 / 全部）";
    passed: "Met", "已满足";
    not_applicable: "Not applicable", "不适用";
    gaps: "What could not be read", "未能读取的内容";
    parts_not_read: "not read", "处未读取";
    notices: "Notices", "提示";
    waivers_on: "Waivers taken as of", "豁免有效性判定日期";
    root_on: "root on", "根位于";
    virtual_size: "virtual", "虚拟大小";
    file_size: "file", "文件大小";
    host: "host name", "主机名";
}

impl Words {
    /// A verdict.
    pub(super) fn verdict_word(&self, verdict: Verdict) -> &'static str {
        match verdict {
            Verdict::Accept => pick(self.lang, "ACCEPT", "通过"),
            Verdict::Review => pick(self.lang, "REVIEW", "需人工复核"),
            Verdict::Reject => pick(self.lang, "REJECT", "不通过"),
        }
    }

    /// What a verdict means.
    pub(super) fn verdict_means(&self, verdict: Verdict) -> &'static str {
        match verdict {
            Verdict::Accept => pick(
                self.lang,
                "every check that can stop the image is met",
                "所有可阻止上架的检测项均已满足",
            ),
            Verdict::Review => pick(self.lang, "a person must decide", "须由审核人员判断"),
            Verdict::Reject => pick(
                self.lang,
                "a blocking check is not met",
                "存在未满足的阻断项",
            ),
        }
    }

    /// A status.
    pub(super) fn status(&self, status: Status) -> &'static str {
        match status {
            Status::Pass => pick(self.lang, "PASS", "通过"),
            Status::Warn => pick(self.lang, "WARN", "警告"),
            Status::Fail => pick(self.lang, "FAIL", "失败"),
            Status::Unknown => pick(self.lang, "UNKNOWN", "未能判定"),
            Status::NotApplicable => pick(self.lang, "N/A", "不适用"),
            Status::Error => pick(self.lang, "ERROR", "检测出错"),
            Status::Waived => pick(self.lang, "WAIVED", "已豁免"),
        }
    }

    /// A gate.
    pub(super) fn gate(&self, gate: Gate) -> &'static str {
        match gate {
            Gate::Block => pick(self.lang, "block", "阻断"),
            Gate::Review => pick(self.lang, "review", "复核"),
            Gate::Advisory => pick(self.lang, "advisory", "建议"),
            Gate::Info => pick(self.lang, "info", "信息"),
        }
    }

    /// A severity.
    pub(super) fn severity(&self, severity: Severity) -> &'static str {
        match severity {
            Severity::Info => pick(self.lang, "info", "信息"),
            Severity::Low => pick(self.lang, "low", "低"),
            Severity::Medium => pick(self.lang, "medium", "中"),
            Severity::High => pick(self.lang, "high", "高"),
            Severity::Critical => pick(self.lang, "critical", "严重"),
        }
    }

    /// `label: value` in the punctuation of the language.
    pub(super) fn colon(&self) -> &'static str {
        pick(self.lang, ": ", "：")
    }
}
