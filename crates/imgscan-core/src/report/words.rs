//! The fixed words of the text renderers in one language.

use crate::policy::{Gate, Severity, Status, Verdict};
use crate::text::{Arg, Lang, Text};

/// Fixed words.
#[derive(Debug, Clone)]
pub(super) struct Words {
    pub(super) verdict: String,
    pub(super) policy: String,
    pub(super) image: String,
    pub(super) digest: String,
    pub(super) system: String,
    pub(super) unknown_system: String,
    pub(super) kernel: String,
    pub(super) proof: String,
    pub(super) volume: String,
    pub(super) file: String,
    pub(super) snapshot: String,
    pub(super) table: String,
    pub(super) mounts: String,
    pub(super) required: String,
    pub(super) actual: String,
    pub(super) not_read: String,
    pub(super) fix: String,
    pub(super) reason: String,
    pub(super) packages: String,
    pub(super) account: String,
    pub(super) services: String,
    pub(super) group: String,
    pub(super) hidden: String,
    pub(super) hijacked: String,
    pub(super) name_of_nobody: String,
    pub(super) disabled: String,
    pub(super) locked: String,
    pub(super) no_password_needed: String,
    pub(super) never_expires: String,
    pub(super) last_logon: String,
    pub(super) password_set: String,
    pub(super) setting: String,
    pub(super) adapter: String,
    pub(super) setup_file: String,
    pub(super) autostart: String,
    pub(super) programs: String,
    pub(super) updates: String,
    pub(super) passed: String,
    pub(super) not_applicable: String,
    pub(super) gaps: String,
    pub(super) parts_not_read: String,
    pub(super) notices: String,
    pub(super) waivers_on: String,
    pub(super) interrupted: String,
    pub(super) root_on: String,
    pub(super) virtual_size: String,
    pub(super) file_size: String,
    pub(super) host: String,
    lang: Lang,
}

impl Words {
    /// A name and what is said of it.
    pub(super) fn pair(&self, name: &str, value: &str) -> String {
        self.say(&say!(ui_field, name = name, value = value))
    }

    /// A kernel that the package `package` brought.
    pub(super) fn kernel_of(&self, kernel: &str, package: &str) -> String {
        self.say(&say!(ui_kernel_package, kernel = kernel, package = package))
    }

    /// A kernel that boots by default.
    pub(super) fn kernel_by_default(&self, kernel: &str) -> String {
        self.say(&say!(ui_kernel_default, kernel = kernel))
    }

    /// The words of `lang`.
    pub(super) fn of(lang: Lang) -> Self {
        let word = |text: Text| text.get(lang).to_owned();
        Self {
            verdict: word(say!(ui_verdict)),
            policy: word(say!(ui_policy)),
            image: word(say!(ui_image)),
            digest: word(say!(ui_digest)),
            system: word(say!(ui_system)),
            unknown_system: word(say!(ui_unknown_system)),
            kernel: word(say!(ui_kernel)),
            proof: word(say!(ui_proof)),
            volume: word(say!(ui_volume)),
            file: word(say!(ui_file)),
            snapshot: word(say!(ui_snapshot)),
            table: word(say!(ui_table)),
            mounts: word(say!(ui_mounts)),
            required: word(say!(ui_required)),
            actual: word(say!(ui_actual)),
            not_read: word(say!(ui_not_read)),
            fix: word(say!(ui_fix)),
            reason: word(say!(ui_reason)),
            packages: word(say!(ui_packages)),
            account: word(say!(ui_account)),
            services: word(say!(ui_services)),
            group: word(say!(ui_group)),
            hidden: word(say!(ui_hidden)),
            hijacked: word(say!(ui_hijacked)),
            name_of_nobody: word(say!(ui_name_of_nobody)),
            disabled: word(say!(ui_disabled)),
            locked: word(say!(ui_locked)),
            no_password_needed: word(say!(ui_no_password_needed)),
            never_expires: word(say!(ui_never_expires)),
            last_logon: word(say!(ui_last_logon)),
            password_set: word(say!(ui_password_set)),
            setting: word(say!(ui_setting)),
            adapter: word(say!(ui_adapter)),
            setup_file: word(say!(ui_setup_file)),
            autostart: word(say!(ui_autostart)),
            programs: word(say!(ui_programs)),
            updates: word(say!(ui_updates)),
            passed: word(say!(ui_passed)),
            not_applicable: word(say!(ui_not_applicable)),
            gaps: word(say!(ui_gaps)),
            parts_not_read: word(say!(ui_parts_not_read)),
            notices: word(say!(ui_notices)),
            waivers_on: word(say!(ui_waivers_on)),
            interrupted: word(say!(ui_interrupted)),
            root_on: word(say!(ui_root_on)),
            virtual_size: word(say!(ui_virtual_size)),
            file_size: word(say!(ui_file_size)),
            host: word(say!(ui_host)),
            lang,
        }
    }

    /// The form of `text` in this language.
    pub(super) fn say(&self, text: &Text) -> String {
        text.get(self.lang).to_owned()
    }

    /// A verdict in a word, and what it means.
    pub(super) fn verdict(&self, verdict: Verdict, warnings: usize) -> String {
        let (word, means) = match verdict {
            Verdict::Accept if warnings > 0 => (
                say!(ui_verdict_accept),
                say!(ui_means_accept_warnings, count = warnings),
            ),
            Verdict::Accept => (say!(ui_verdict_accept), say!(ui_means_accept)),
            Verdict::Review => (say!(ui_verdict_review), say!(ui_means_review)),
            Verdict::Reject => (say!(ui_verdict_reject), say!(ui_means_reject)),
        };
        self.brackets(word, means)
    }

    /// A status.
    pub(super) fn status(&self, status: Status) -> String {
        self.say(&match status {
            Status::Pass => say!(ui_status_pass),
            Status::Warn => say!(ui_status_warn),
            Status::Fail => say!(ui_status_fail),
            Status::Unknown => say!(ui_status_unknown),
            Status::NotApplicable => say!(ui_status_na),
            Status::Error => say!(ui_status_error),
            Status::Waived => say!(ui_status_waived),
        })
    }

    /// A gate.
    pub(super) fn gate(&self, gate: Gate) -> String {
        self.say(&match gate {
            Gate::Block => say!(ui_gate_block),
            Gate::Review => say!(ui_gate_review),
            Gate::Advisory => say!(ui_gate_advisory),
            Gate::Info => say!(ui_gate_info),
        })
    }

    /// A severity.
    pub(super) fn severity(&self, severity: Severity) -> String {
        self.say(&match severity {
            Severity::Info => say!(ui_severity_info),
            Severity::Low => say!(ui_severity_low),
            Severity::Medium => say!(ui_severity_medium),
            Severity::High => say!(ui_severity_high),
            Severity::Critical => say!(ui_severity_critical),
        })
    }

    /// `name: value`.
    pub(super) fn field(&self, name: impl Into<Arg>, value: impl Into<Arg>) -> String {
        self.say(&say!(ui_field, name = name, value = value))
    }

    /// A heading with how many there are.
    pub(super) fn heading(&self, title: &str, count: usize) -> String {
        self.say(&say!(ui_heading, title = title, count = count))
    }

    /// `what (more)`.
    pub(super) fn brackets(&self, what: impl Into<Arg>, more: impl Into<Arg>) -> String {
        self.say(&say!(ui_brackets, what = what, more = more))
    }

    /// Several of them, separated as the language does it.
    pub(super) fn list(&self, parts: Vec<String>) -> String {
        self.say(&Text::list(parts))
    }
}
