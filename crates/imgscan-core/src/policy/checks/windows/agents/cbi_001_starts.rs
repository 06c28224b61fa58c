//! WIN-CBI-001: cloudbase-init starts automatically, and its program is there.

use schemars::JsonSchema;
use serde::Deserialize;

use super::service::{State, control_set, judge, named};
use super::{config_drive, kept_off, python};
use crate::evidence::Location;
use crate::evidence::windows::Service;
use crate::policy::checks::findings::Findings;
use crate::policy::checks::registry::{BadParameter, Parameters};
use crate::policy::checks::valid;
use crate::policy::checks::windows::first_boot::{Act, act_on};
use crate::policy::{Context, Item, Outcome, Status};
use crate::text::Text;

/// The test's name in policies.
pub(in crate::policy::checks::windows) const NAME: &str = "windows_cbi_001_starts";

/// The service of cloudbase-init.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::policy::checks) struct CloudbaseInit {
    /// The name of the service.
    service: String,
    /// What must be beside its program, relative to the program's folder.
    beside: Vec<String>,
    /// Folders of programs for the other processor width.
    other_width_folders: Vec<String>,
    /// The SHA-256 of files that belong to it besides those of the releases that are built in, in
    /// hexadecimal digits.
    #[serde(default)]
    known: Vec<String>,
}

impl Parameters for CloudbaseInit {
    fn validate(&self) -> Result<(), BadParameter> {
        valid::text("service", &self.service)?;
        valid::entries("beside", &self.beside)?;
        valid::entries("known", &self.known)?;
        valid::entries("other_width_folders", &self.other_width_folders)
    }
}

pub(in crate::policy::checks) fn run(context: &Context<'_>, with: &CloudbaseInit) -> Outcome {
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
    let Some(service) = named(services, &with.service) else {
        let name = with.service.as_str();
        let item = Item::at(services.at.clone(), say!(win_service_absent));
        found.fail(item.compare(Text::verbatim(name), say!(win_key_absent)));
        found.fix(say!(win_cbi_001_fix_install, service = name));
        let outcome = found.conclude(|_, _| say!(win_cbi_001_absent, service = name));
        return outcome.unless_hidden(services.gaps.iter().cloned());
    };
    present(context, with, service, found)
}

fn present(
    context: &Context<'_>,
    with: &CloudbaseInit,
    service: &Service,
    mut found: Findings,
) -> Outcome {
    let mut judged = judge(context, service);
    let program = judged.program.take().unwrap_or_default();
    if !program.is_empty() {
        beside(context, with, service, &program, &mut found);
    }
    let missing = found.worst() == Status::Fail;
    // A service that is off until the end of the setup is only so by its start type.
    let only_start = judged.file == State::Good
        && judged.hindered == State::Good
        && !missing
        && service.delete_flag.is_none();
    let late =
        judged.state() != State::Good && only_start && enabled_late(context, service, &mut found);
    judged.file(&mut found, |state| match state {
        State::Good => Status::Pass,
        _ if late => Status::Warn,
        _ => Status::Fail,
    });
    kept_off::look(context, service, &program, &mut found);
    config_drive::look(context, &mut found);
    python::look(context, service, &program, &with.known, &mut found);
    if found.worst() == Status::Pass {
        other_width(context, with, &program, &mut found);
    }
    let name = service.name.as_str();
    found.conclude(|status, count| match status {
        Status::Fail => say!(win_cbi_001_fail, service = name),
        Status::Unknown => say!(win_cbi_001_unknown, service = name, count = count),
        Status::Warn if late => say!(win_cbi_001_late, service = name),
        Status::Warn => say!(win_cbi_001_warn, service = name, count = count),
        _ => say!(win_cbi_001_pass, service = name),
    })
}

/// What must be beside the program.
fn beside(
    context: &Context<'_>,
    with: &CloudbaseInit,
    service: &Service,
    program: &str,
    found: &mut Findings,
) {
    let folder = program.rsplit_once('/').map_or("", |(folder, _)| folder);
    for relative in &with.beside {
        let path = format!("{folder}/{relative}");
        match context.evidence.files.file(&path) {
            Ok(Some(file)) => found.pass(Item::at(file.at, say!(win_cbi_001_beside))),
            Ok(None) => {
                let item = Item::at(Location::of_path(&path), say!(win_cbi_001_beside_missing));
                found.fail(item.compare(Text::verbatim(relative), say!(win_file_absent)));
                found.fix(say!(
                    win_service_fix_install,
                    service = service.name.as_str()
                ));
            }
            Err(gap) => found.gap(gap),
        }
    }
}

/// True where SetupComplete.cmd sets the service to start automatically, for certain.
fn enabled_late(context: &Context<'_>, service: &Service, found: &mut Findings) -> bool {
    let first = context.evidence.windows.first_boot();
    for command in &first.items {
        let it = &command.fact;
        let sets = it.source == "SetupComplete.cmd"
            && it.certain
            && it.text.to_lowercase().contains("config")
            && act_on(context, it, service) == Some(Act::Enables);
        if sets {
            let item = Item::at(command.at.clone(), say!(win_cbi_001_set_by_script));
            found.pass(item.compare(
                say!(win_service_start_type, start = 2),
                Text::verbatim(it.text.trim()),
            ));
            return true;
        }
    }
    found.gaps(first.gaps.iter().cloned());
    false
}

/// Warns where a 64-bit system runs the 32-bit edition.
fn other_width(context: &Context<'_>, with: &CloudbaseInit, program: &str, found: &mut Findings) {
    let wide = context.evidence.guest.os.architecture.as_deref() != Some("x86");
    let inside = |folder: &String| {
        let folder = folder.to_lowercase().replace('\\', "/");
        program.to_lowercase().starts_with(&format!("{folder}/"))
    };
    if wide && with.other_width_folders.iter().any(inside) {
        found.warn(Item::at(
            Location::of_path(program),
            say!(win_cbi_001_other_width),
        ));
        found.fix(say!(win_cbi_001_fix_width));
    }
}
