//! WIN-CAP-003: no drivers and tools of other hypervisors.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::policy::checks::findings::Findings;
use crate::policy::checks::registry::{BadParameter, Parameters};
use crate::policy::checks::valid;
use crate::policy::checks::windows::matches;
use crate::policy::{Context, Item, Outcome, Status};
use crate::text::Text;

/// What other hypervisors install.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::policy::checks::windows) struct ForeignTools {
    /// Patterns of services.
    services: Vec<String>,
    /// Patterns of the names of programs.
    programs: Vec<String>,
}

impl Parameters for ForeignTools {
    fn validate(&self) -> Result<(), BadParameter> {
        valid::entries("services", &self.services)?;
        valid::entries("programs", &self.programs)
    }
}

pub(in crate::policy::checks::windows) fn run(
    context: &Context<'_>,
    with: &ForeignTools,
) -> Outcome {
    let mut found = Findings::new();
    match context.evidence.windows.services() {
        Ok(services) => {
            found.gaps(services.gaps.iter().cloned());
            let named = |name: &str| with.services.iter().any(|p| matches(p, name));
            for service in services.items.iter().filter(|s| named(&s.name)) {
                let start = service.start.as_ref().map(|s| s.fact);
                let note = match start {
                    Some(3 | 4) => say!(win_cap_003_idle),
                    _ => say!(win_cap_003_service),
                };
                let name = service.name.as_str();
                let start = start.map_or_else(|| "-".into(), |s| s.to_string());
                let path = service.image_path.as_ref().map_or("-", |p| p.fact.as_str());
                let shown = Text::verbatim(format!("{name}, Start {start}, {path}"));
                let item = Item::at(service.at.clone(), note);
                found.warn(item.compare(say!(win_absent), shown));
                found.fix(say!(win_cap_003_fix_service, service = name));
            }
        }
        Err(gap) => found.gap(gap),
    }
    for program in found.keep(context.evidence.windows.programs()) {
        let name = program.fact.name.unwrap_or_default();
        if with.programs.iter().any(|p| matches(p, &name)) {
            found.fix(say!(win_cap_003_fix_program, name = &name));
            let item = Item::at(program.at, say!(win_cap_003_program));
            found.warn(item.compare(say!(win_absent), Text::verbatim(name)));
        }
    }
    found.conclude(|status, count| match status {
        Status::Warn => say!(win_cap_003_warn, count = count),
        _ => say!(win_cap_003_pass),
    })
}
