//! WIN-AGENT-003: the automation agent starts automatically.

use schemars::JsonSchema;
use serde::Deserialize;

use super::agent_001_installed::signer;
use super::kept_off;
use super::service::{State, arguments, beside, judge, named};
use crate::evidence::Location;
use crate::policy::checks::findings::Findings;
use crate::policy::checks::registry::{BadParameter, Parameters};
use crate::policy::checks::valid;
use crate::policy::checks::windows::{matches, one_of};
use crate::policy::{Context, Item, Outcome, Status};
use crate::text::Text;

/// The test's name in policies.
pub(in crate::policy::checks::windows) const NAME: &str = "windows_agent_003_automation";

/// The automation agent.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::policy::checks) struct AutomationAgent {
    /// False where the marketplace does not ask for it.
    required: bool,
    /// Its service.
    service: String,
    /// Patterns of its program's place.
    programs: Vec<String>,
    /// Patterns of the common names of who signs them. Where a certificate of the user's vouches
    /// for a signer its name is not asked for.
    signers: Vec<String>,
    /// Patterns of the arguments that its service may start it with.
    #[serde(default)]
    arguments: Vec<String>,
}

impl Parameters for AutomationAgent {
    fn validate(&self) -> Result<(), BadParameter> {
        valid::text("service", &self.service)?;
        valid::some("programs", &self.programs)?;
        valid::entries("arguments", &self.arguments)?;
        valid::entries("signers", &self.signers)
    }
}

pub(in crate::policy::checks) fn run(context: &Context<'_>, agent: &AutomationAgent) -> Outcome {
    let mut found = Findings::new();
    if !agent.required {
        return Outcome::of(Status::NotApplicable, say!(win_agent_003_not_required));
    }
    let services = match context.evidence.windows.services() {
        Ok(services) => services,
        Err(gap) => {
            found.gap(gap);
            return found.unreadable();
        }
    };
    let Some(service) = named(services, &agent.service) else {
        found.gaps(services.gaps.iter().cloned());
        let item = Item::at(services.at.clone(), say!(win_service_absent));
        found.warn(item.compare(Text::verbatim(&agent.service), say!(win_key_absent)));
        found.fix(say!(
            win_agent_003_fix_install,
            service = agent.service.as_str()
        ));
        return found.conclude(|_, _| say!(win_agent_003_absent));
    };
    let judged = judge(context, service);
    if let Some(program) = &judged.program {
        // What runs as the system under its name is nobody else's.
        let name = Text::verbatim(&service.name);
        signer(context, &agent.signers, &name, program, true, &mut found);
        arguments(service, program, &agent.arguments, &mut found);
        beside(context, program, &mut found);
        kept_off::look(context, service, program, &mut found);
        let usual = |p: &String| matches(&p.replace('\\', "/"), program);
        if !agent.programs.iter().any(usual) {
            let at = Location::of_path(program);
            let item = Item::at(at, say!(win_agent_elsewhere));
            found.warn(item.compare(one_of(&agent.programs), Text::verbatim(program)));
            found.fix(say!(
                win_agent_003_fix_install,
                service = agent.service.as_str()
            ));
        }
    }
    judged.file(&mut found, |state| match state {
        State::Good => Status::Pass,
        State::Manual | State::Bad => Status::Warn,
    });
    found.conclude(|status, _| match status {
        Status::Fail => say!(win_agent_003_fail),
        Status::Warn => say!(win_agent_003_warn),
        Status::Unknown => say!(win_agent_003_unknown),
        _ => say!(win_agent_003_pass),
    })
}
