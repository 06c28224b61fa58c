//! WIN-AGENT-001, WIN-AGENT-002: an agent's services are installed, start automatically, and their
//! programs are there.

use schemars::JsonSchema;
use serde::Deserialize;

use super::kept_off;
use super::service::{State, arguments, beside, control_set, judge};
use crate::evidence::Location;
use crate::evidence::windows::{Image, Service, Services, Signed};
use crate::guest::windows::candidates;
use crate::policy::checks::findings::Findings;
use crate::policy::checks::registry::{BadParameter, Parameters};
use crate::policy::checks::valid;
use crate::policy::checks::windows::programs::signature;
use crate::policy::checks::windows::{matches, one_of};
use crate::policy::{Context, Item, Outcome, Status};
use crate::text::Text;

/// The test's name in policies.
pub(in crate::policy::checks::windows) const NAME: &str = "windows_agent_001_installed";

/// An agent that images must hold.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::policy::checks) struct Agent {
    /// Only the generation that the guide lists satisfies the clause; a newer one is a warning.
    strict: bool,
    /// A valid signature of the programs is part of a pass.
    require_signature: bool,
    /// Patterns of the common names of who signs them. Where a certificate of the user's vouches
    /// for a signer its name is not asked for.
    signers: Vec<String>,
    /// Patterns of the arguments that its services may start it with.
    #[serde(default)]
    arguments: Vec<String>,
    /// Generations of the agent, the one that the guide lists first.
    families: Vec<Family>,
}

/// A generation of an agent.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Family {
    /// Its name for people.
    name: Text,
    /// True for the generation that the guide lists.
    listed: bool,
    /// Its services; all of them make the family.
    services: Vec<Wanted>,
    /// Files that belong to it.
    #[serde(default)]
    files: Vec<String>,
}

/// A service of an agent, told by its name, its display name or its program.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Wanted {
    /// Patterns of the service's key name.
    #[serde(default)]
    names: Vec<String>,
    /// Patterns of its display name.
    #[serde(default)]
    display_names: Vec<String>,
    /// Patterns of its program's path that tell the service under any name.
    #[serde(default)]
    programs: Vec<String>,
    /// Patterns of further places where its program may be.
    #[serde(default)]
    images: Vec<String>,
}

impl Parameters for Agent {
    fn validate(&self) -> Result<(), BadParameter> {
        valid::entries("signers", &self.signers)?;
        valid::entries("arguments", &self.arguments)?;
        valid::at_least_one("families", &self.families)?;
        for (i, family) in self.families.iter().enumerate() {
            let at = format!("families[{i}]");
            valid::text(&format!("{at}.name"), &family.name.en)?;
            valid::entries(&format!("{at}.files"), &family.files)?;
            valid::at_least_one(&format!("{at}.services"), &family.services)?;
            for (i, wanted) in family.services.iter().enumerate() {
                let at = format!("{at}.services[{i}]");
                valid::entries(&format!("{at}.names"), &wanted.names)?;
                valid::entries(&format!("{at}.display_names"), &wanted.display_names)?;
                valid::entries(&format!("{at}.programs"), &wanted.programs)?;
                valid::entries(&format!("{at}.images"), &wanted.images)?;
                valid::at_least_one(&at, &wanted.known_by())?;
            }
        }
        Ok(())
    }
}

impl Wanted {
    /// What tells the service.
    fn known_by(&self) -> Vec<&str> {
        let all = self.names.iter().chain(&self.display_names);
        all.chain(&self.programs).map(String::as_str).collect()
    }

    /// True where `service` is the wanted one by its name, display name or program.
    fn is(&self, context: &Context<'_>, service: &Service) -> bool {
        let any = |patterns: &[String], text: &str| patterns.iter().any(|p| matches(p, text));
        if any(&self.names, &service.name) {
            return true;
        }
        if let Some(name) = &service.display_name
            && any(&self.display_names, name)
        {
            return true;
        }
        let Some(path) = &service.image_path else {
            return false;
        };
        let roots = context.evidence.windows.roots();
        candidates(&path.fact, service.is_driver(), &roots)
            .iter()
            .any(|p| any(&self.programs, p))
    }
}

pub(in crate::policy::checks) fn run(context: &Context<'_>, agent: &Agent) -> Outcome {
    let mut found = Findings::new();
    let services = match context.evidence.windows.services() {
        Ok(services) => services,
        Err(gap) => {
            found.gap(gap);
            return found.unreadable();
        }
    };
    found.pass(control_set(services));
    found.gaps(services.gaps.iter().cloned());
    let families = agent.families.iter();
    let mut seen: Vec<(&Family, Findings)> = families
        .filter_map(|family| Some((family, look(context, agent, family, services)?)))
        .collect();
    // The best family decides; the others are shown behind it.
    seen.sort_by_key(|(_, findings)| findings.worst().rank());
    let Some((name, status)) = seen.first().map(|(f, found)| (&f.name, found.worst())) else {
        return absent(agent, services, found);
    };
    for (_, findings) in seen {
        // A gap of a family that is not needed for the result hides nothing.
        if findings.worst().rank() == status.rank() {
            found.absorb(findings);
        } else {
            found.show(findings);
        }
    }
    let outcome = found.concluded(status, |status, count| match status {
        Status::Fail => say!(win_agent_fail, agent = name),
        Status::Unknown => say!(win_agent_unknown, agent = name),
        Status::Warn => say!(win_agent_warn, agent = name, count = count),
        _ => say!(win_agent_pass, agent = name),
    });
    // These services can't start; one that was not read might.
    if status == Status::Fail && !services.gaps.is_empty() {
        return outcome.unless_hidden(services.gaps.iter().cloned());
    }
    outcome
}

fn absent(agent: &Agent, services: &Services, mut found: Findings) -> Outcome {
    for family in &agent.families {
        let wanted: Vec<&str> = family.services.iter().flat_map(Wanted::known_by).collect();
        let note = say!(win_agent_no_service, agent = &family.name);
        found.fail(Item::at(services.at.clone(), note).compare(one_of(&wanted), say!(win_none)));
    }
    let names: Vec<Text> = agent.families.iter().map(|f| f.name.clone()).collect();
    found.fix(say!(win_agent_fix_install, agents = names));
    let outcome = found.conclude(|_, _| say!(win_agent_absent));
    outcome.unless_hidden(services.gaps.iter().cloned())
}

/// What of `family` is in the image; `None` where nothing is.
fn look(
    context: &Context<'_>,
    agent: &Agent,
    family: &Family,
    services: &Services,
) -> Option<Findings> {
    let mut found = Findings::new();
    let mut any = false;
    for wanted in &family.services {
        let all = services.items.iter();
        let mut fitting: Vec<&Service> = all.filter(|s| wanted.is(context, s)).collect();
        // Of several services for one place the best one counts.
        fitting.sort_by_key(|s| judge(context, s).state());
        if let Some(service) = fitting.first() {
            any = true;
            one(context, agent, family, wanted, service, &mut found);
            continue;
        }
        let note = say!(win_agent_service_missing, agent = &family.name);
        let names = one_of(&wanted.names);
        found.unknown(Item::at(services.at.clone(), note).compare(names, say!(win_key_absent)));
        found.fix(say!(win_agent_fix_again, agent = &family.name));
    }
    if !any {
        return None;
    }
    files(context, agent, family, &mut found);
    if agent.strict && !family.listed {
        found.warn(Item::at(services.at.clone(), say!(win_agent_newer)));
        let listed = agent.families.iter().filter(|f| f.listed);
        let listed: Vec<Text> = listed.map(|f| f.name.clone()).collect();
        found.fix(say!(win_agent_fix_install, agents = listed));
    }
    Some(found)
}

fn one(
    context: &Context<'_>,
    agent: &Agent,
    family: &Family,
    wanted: &Wanted,
    service: &Service,
    found: &mut Findings,
) {
    let mut judged = judge(context, service);
    let program = judged.program.take();
    judged.file(found, |state| match state {
        State::Good => Status::Pass,
        // Nobody is seen to start it.
        State::Manual => Status::Unknown,
        State::Bad => Status::Fail,
    });
    let Some(program) = program else {
        return;
    };
    let usual = |pattern: &String| matches(&pattern.replace('\\', "/"), &program);
    let places = [&wanted.programs[..], &wanted.images].concat();
    if !places.iter().any(usual) {
        // A name alone says nothing of what runs under it.
        let at = Location::of_path(&program);
        let item = Item::at(at, say!(win_agent_elsewhere));
        found.unknown(item.compare(one_of(&places), Text::verbatim(&program)));
        let service = service.name.as_str();
        let program = program.as_str();
        found.fix(say!(
            win_agent_fix_elsewhere,
            agent = &family.name,
            service = service,
            program = program
        ));
    }
    let required = agent.require_signature;
    signer(
        context,
        &agent.signers,
        &family.name,
        &program,
        required,
        found,
    );
    arguments(service, &program, &agent.arguments, found);
    if required {
        beside(context, &program, found);
    }
    kept_off::look(context, service, &program, found);
}

/// Who signed the file of the agent at `program`; where no signature is `required`, one of other
/// bytes counts.
pub(super) fn signer(
    context: &Context<'_>,
    signers: &[String],
    name: &Text,
    program: &str,
    required: bool,
    found: &mut Findings,
) {
    let (image, signed) = context.evidence.windows.signed_file(program);
    let at = match image {
        Image::File(file) => file.at,
        Image::Unknown(gap) => return found.gap(gap),
        Image::Missing(_) | Image::None => return,
    };
    let (mut status, mut why) = signature(signed.as_ref());
    match &signed {
        Some(Signed::Trusted(by))
            if !by.by_user && !signers.iter().any(|p| matches(p, &by.name)) =>
        {
            status = Status::Unknown;
            why = say!(win_agent_not_maker, why = why);
        }
        Some(Signed::Renamed(by, original)) => {
            status = Status::Unknown;
            why = say!(
                win_execution_renamed,
                original = original.as_str(),
                signer = by.to_string()
            );
        }
        // What nobody vouches for may be anything under the agent's name.
        _ if status == Status::Warn => status = Status::Unknown,
        Some(Signed::Unproven(_)) => status = Status::Unknown,
        _ => {}
    }
    let baseline = context.evidence.references.baseline;
    let sha256 = at.sha256.as_deref().unwrap_or_default();
    if status == Status::Unknown && baseline.is_some_and(|b| b.by_digest(sha256).is_some()) {
        status = Status::Pass;
        why = say!(win_execution_reference);
    }
    if !required && status != Status::Pass {
        // A file that is not what was signed is worth a look in any case.
        status = match status {
            Status::Fail => Status::Unknown,
            _ => Status::Pass,
        };
        why = say!(win_agent_signature_optional, why = why);
    }
    if status != Status::Pass {
        found.fix(match &signed {
            Some(Signed::Unanchored(by)) => say!(win_agent_fix_trust, signer = by.name.as_str()),
            _ => say!(win_agent_fix_signed, agent = name, program = program),
        });
    }
    let shown = match signed {
        Some(Signed::Trusted(by) | Signed::Unanchored(by)) => Text::verbatim(by.name),
        Some(Signed::Bad(by)) => by,
        _ => say!(win_agent_unsigned),
    };
    let wanted = say!(win_agent_signed_by, signers = signers.to_vec());
    let item = Item::at(at, say!(win_agent_signature, why = why)).compare(wanted, shown);
    found.add(status, item);
}

fn files(context: &Context<'_>, agent: &Agent, family: &Family, found: &mut Findings) {
    for path in &family.files {
        match context.evidence.files.file(path) {
            Ok(Some(file)) => {
                found.pass(Item::at(file.at, say!(win_agent_file)));
                let required = agent.require_signature;
                signer(context, &agent.signers, &family.name, path, required, found);
            }
            Ok(None) => {
                let item = Item::at(Location::of_path(path), say!(win_agent_file_missing));
                found.unknown(item.compare(Text::verbatim(path), say!(win_file_absent)));
                found.fix(say!(win_agent_fix_again, agent = &family.name));
            }
            Err(gap) => found.gap(gap),
        }
    }
}
