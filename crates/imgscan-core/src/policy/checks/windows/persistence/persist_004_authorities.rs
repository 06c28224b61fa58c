//! WIN-PERSIST-004: no event consumer, package of the security authority or credential provider but
//! those of Windows.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::evidence::Location;
use crate::evidence::windows::Signed;
use crate::policy::checks::findings::Findings;
use crate::policy::checks::registry::{BadParameter, Parameters};
use crate::policy::checks::valid;
use crate::policy::checks::windows::rules::{self, Rule};
use crate::policy::checks::windows::{commands, matches, one_of};
use crate::policy::{Context, Item, Outcome, Status};
use crate::text::Text;

const PROVIDERS: &str =
    r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Authentication\Credential Providers\*";
const CLASSES: &str = r"HKLM\SOFTWARE\Classes\CLSID";

/// What Windows itself adds to the security authority, the logon and WMI.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::policy::checks) struct Authorities {
    /// Values of the security authority and its neighbours.
    rules: Vec<Rule>,
    /// Patterns of the names of the libraries of Windows' own credential providers.
    credential_libraries: Vec<String>,
    /// Patterns of `Class name` of event consumers that Windows has.
    consumers: Vec<String>,
    /// Classes of consumers that run a script.
    script_classes: Vec<String>,
    /// Classes of consumers that run a command.
    command_classes: Vec<String>,
}

impl Parameters for Authorities {
    const SHARED: &'static [&'static str] = &["windows_programs"];

    fn validate(&self) -> Result<(), BadParameter> {
        rules::validate(&self.rules, "rules", Self::SHARED)?;
        valid::entries("credential_libraries", &self.credential_libraries)?;
        valid::entries("consumers", &self.consumers)?;
        valid::entries("script_classes", &self.script_classes)?;
        valid::entries("command_classes", &self.command_classes)
    }
}

pub(in crate::policy::checks) fn run(context: &Context<'_>, with: &Authorities) -> Outcome {
    let mut found = Findings::new();
    rules::apply(context, &with.rules, &mut found);
    providers(context, with, &mut found);
    consumers(context, with, &mut found);
    found.conclude(|status, count| match status {
        Status::Fail => say!(win_persist_004_fail, count = count),
        Status::Unknown => say!(win_persist_004_unknown, count = count),
        Status::Warn => say!(win_persist_004_warn, count = count),
        _ => say!(win_persist_004_pass),
    })
}

fn providers(context: &Context<'_>, with: &Authorities, found: &mut Findings) {
    let windows = &context.evidence.windows;
    for provider in found.keep(windows.keys(PROVIDERS)) {
        let class = format!(r"{CLASSES}\{}\InprocServer32", provider.fact);
        let libraries = found.keep(windows.values(&class, ""));
        if libraries.is_empty() {
            let note = say!(win_persist_004_no_library);
            found.pass(Item::at(provider.at.clone(), note));
        }
        for library in libraries {
            let path = library.fact.data.to_string();
            let name = path.rsplit('\\').next().unwrap_or_default();
            let known = with.credential_libraries.iter().any(|p| matches(p, name));
            let folder = path.to_lowercase();
            let usual = folder.contains(r"\system32\") || !folder.contains('\\');
            if known && usual {
                continue;
            }
            let command = format!("\"{path}\"");
            let programs = &context.shared.windows_programs;
            let assessed = programs.assess(context, &command, &library.at, found);
            let signed = matches!(
                assessed.started.signed,
                Some(Signed::Trusted(_) | Signed::Unanchored(_))
            );
            let status = match assessed.status {
                Status::Fail => Status::Fail,
                _ if signed => Status::Warn,
                _ => Status::Fail,
            };
            let what = say!(win_persist_004_provider);
            let item = assessed.item(&library.at, what, say!(win_persist_004_own_library));
            found.add(status, item);
            found.fix(commands::delete(&provider.at));
        }
    }
}

fn consumers(context: &Context<'_>, with: &Authorities, found: &mut Findings) {
    for consumer in found.keep(context.evidence.windows.event_consumers()) {
        let it = &consumer.fact;
        let shown = format!("{} {}", it.class, it.name);
        let known = with.consumers.iter().any(|p| matches(p, &shown));
        let runs = |classes: &[String]| classes.contains(&it.class);
        let text = it.text.clone().unwrap_or_default();
        let programs = &context.shared.windows_programs;
        // A text that names no file of the image is no gap.
        let place = Location::default();
        let assessed = programs.assess(context, &text, &place, &mut Findings::new());
        let suspect = assessed.status == Status::Fail;
        let (status, note) = if known {
            (Status::Pass, say!(win_persist_004_consumer))
        } else if runs(&with.script_classes) {
            (Status::Fail, say!(win_persist_004_consumer_script))
        } else if runs(&with.command_classes) && suspect {
            (Status::Fail, say!(win_persist_004_consumer_command))
        } else {
            (Status::Warn, say!(win_persist_004_consumer_foreign))
        };
        if status != Status::Pass {
            let (class, name) = (it.class.as_str(), it.name.as_str());
            found.fix(say!(
                win_persist_004_fix_consumer,
                class = class,
                name = name
            ));
        }
        let shown = if text.is_empty() {
            shown
        } else {
            format!("{shown}: {text}")
        };
        let item = Item::at(consumer.at, say!(win_persist_004_by_text, what = note));
        found.add(
            status,
            item.compare(one_of(&with.consumers), Text::verbatim(shown)),
        );
    }
}
