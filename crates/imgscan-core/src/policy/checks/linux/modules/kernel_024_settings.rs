//! LNX-KERNEL-024: settings that let the kernel be changed are reported.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use crate::policy::checks::findings::Findings;
use crate::policy::checks::registry::{BadParameter, Parameters};
use crate::policy::checks::valid;
use crate::policy::{Context, Item, Outcome, Status};
use crate::text::{Text, terminal};

/// Settings of the kernel that are worth knowing.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::policy::checks) struct Settings {
    /// Names as sysctl or the kernel's build configuration has them. Each that is set is listed.
    report: Vec<String>,
    /// Values that are a warning, by name.
    warn: BTreeMap<String, Vec<String>>,
}

impl Parameters for Settings {
    fn validate(&self) -> Result<(), BadParameter> {
        valid::some("report", &self.report)?;
        for (key, values) in &self.warn {
            let path = format!("warn.{key}");
            valid::some(&path, values)?;
            if !self.report.contains(key) {
                return Err(BadParameter::new(path, say!(policy_bad_not_reported)));
            }
        }
        Ok(())
    }
}

pub(in crate::policy::checks) fn run(context: &Context<'_>, with: &Settings) -> Outcome {
    let all = context.evidence.linux.autoload();
    let mut found = Findings::with_gaps(&all.gaps);
    for setting in all.settings.iter().chain(&all.built) {
        let fact = &setting.fact;
        if !with.report.contains(&fact.key) {
            continue;
        }
        let text = terminal(&format!("{}={}", fact.key, fact.value));
        let item = Item::at(setting.at.clone(), Text::verbatim(text.as_str()));
        let bad = with.warn.get(&fact.key);
        if !bad.is_some_and(|values| values.contains(&fact.value)) {
            found.pass(item);
            continue;
        }
        found.warn(item);
        found.fix(if fact.key.starts_with("CONFIG_") {
            say!(lnx_kernel_024_fix_option, option = text)
        } else {
            let place = terminal(&setting.at.to_string());
            say!(lnx_kernel_024_fix_line, setting = text, place = place)
        });
    }
    found.conclude(|status, count| match status {
        Status::Warn => say!(lnx_kernel_024_warn, count = count),
        _ => say!(lnx_kernel_024_pass, count = count),
    })
}
