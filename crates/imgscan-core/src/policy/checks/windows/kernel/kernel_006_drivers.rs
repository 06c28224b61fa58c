//! WIN-KERNEL-006: who vouches for each driver, and where it is.

use schemars::JsonSchema;
use serde::Deserialize;

use super::kernel_006_data as data;
use super::kernel_006_stack as stack;
use super::proof::{blind, item, mend, replace, unproven, vouched};
use crate::evidence::windows::{
    DriverService, KernelFile, LoadedBy, MissingDriver, Part, Standing,
};
use crate::policy::checks::findings::Findings;
use crate::policy::checks::registry::{BadParameter, Parameters};
use crate::policy::checks::valid;
use crate::policy::checks::windows::{commands, matches};
use crate::policy::{Context, Item, Outcome, Status};
use crate::text::Text;

/// Where drivers are.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::policy::checks::windows) struct DriverPlaces {
    /// Patterns of usual places (`*` for any characters), with backslashes and the drive.
    usual: Vec<String>,
    /// Patterns of places where no driver may be.
    never: Vec<String>,
    /// GUIDs of the classes of devices without which Windows does not start, with braces.
    pub(super) boot_classes: Vec<String>,
}

impl Parameters for DriverPlaces {
    const SHARED: &'static [&'static str] = &["windows_anchors", "vulnerable_drivers"];

    fn validate(&self) -> Result<(), BadParameter> {
        valid::entries("usual", &self.usual)?;
        valid::entries("never", &self.never)?;
        valid::entries("boot_classes", &self.boot_classes)
    }
}

impl DriverPlaces {
    fn judge(&self, path: &str) -> Status {
        let path = path.replace('/', r"\");
        let is = |patterns: &[String]| patterns.iter().any(|p| matches(p, &path));
        if is(&self.never) {
            Status::Fail
        } else if is(&self.usual) {
            Status::Pass
        } else {
            Status::Warn
        }
    }
}

pub(in crate::policy::checks::windows) fn run(
    context: &Context<'_>,
    with: &DriverPlaces,
) -> Outcome {
    let all = context.evidence.windows.kernel_files();
    let mut found = Findings::with_gaps(&all.gaps);
    for file in all.of(Part::Driver) {
        let Some((status, note)) = signature(context, file, &mut found) else {
            continue;
        };
        found.add(status, item(file, note, say!(win_kernel_006_wanted)));
        match status {
            Status::Pass => {}
            Status::Unknown if file.proof.signer.is_none() => {
                found.fix(commands::restore_all(context));
            }
            Status::Unknown => found.fix_by(mend(context, file)),
            _ => found.fix_by(replace(context, file)),
        }
        let known = &context.shared.vulnerable_drivers;
        if known.iter().any(|n| n.eq_ignore_ascii_case(file.name())) {
            let status = if used(file) {
                Status::Fail
            } else {
                Status::Warn
            };
            let note = say!(win_kernel_vulnerable);
            found.add(status, item(file, note, say!(win_kernel_vulnerable_wanted)));
            found.fix_by(replace(context, file));
        }
        let mut place = with.judge(&file.path);
        // Installers of monitors put their driver there, beside their program.
        if place == Status::Warn && status == Status::Pass && is_in_windows(context, &file.path) {
            place = Status::Pass;
        }
        // A library of ring 0 stands where its importer looks for it.
        let placed = |s: &&DriverService| place != Status::Pass && s.by != LoadedBy::Import;
        for service in file.services.iter().filter(placed) {
            let name = service.name.as_str();
            let note = say!(win_kernel_006_place, service = name);
            let wanted = Text::list(with.usual.iter());
            let shown = Text::verbatim(&file.path);
            found.add(
                place,
                Item::at(service.at.clone(), note).compare(wanted, shown),
            );
            found.fix(if commands::is_of_windows(name) {
                commands::restore_service(name)
            } else {
                say!(win_kernel_006_fix_place, service = name)
            });
        }
    }
    for missing in &all.missing {
        orphan(context, with, missing, &mut found);
    }
    stack::types(context, &mut found);
    stack::filters(context, with, &mut found);
    data::run(context, &mut found);
    found.conclude(|status, count| match status {
        Status::Fail => say!(win_kernel_006_fail, count = count),
        Status::Warn => say!(win_kernel_006_warn, count = count),
        Status::Unknown => say!(win_kernel_006_unknown, count = count),
        _ => say!(win_kernel_006_pass),
    })
}

/// True for a file of the folder of Windows itself.
fn is_in_windows(context: &Context<'_>, path: &str) -> bool {
    let windows = context.evidence.windows.roots().windows.replace('\\', "/");
    let folder = path.rsplit_once('/').map(|(folder, _)| folder);
    folder.is_some_and(|folder| folder.eq_ignore_ascii_case(&windows))
}

/// True where a service starts it.
fn used(file: &KernelFile) -> bool {
    file.start() < 4
}

/// What the driver's signature says; `None` where it can't be told, which is a gap.
fn signature(
    context: &Context<'_>,
    file: &KernelFile,
    found: &mut Findings,
) -> Option<(Status, Text)> {
    let all = context.evidence.windows.kernel_files();
    let or_warn = |status: Status| if used(file) { status } else { Status::Warn };
    Some(match &file.proof.standing {
        Standing::Trusted if vouched(context, &file.proof) => {
            (Status::Pass, say!(win_kernel_signed))
        }
        Standing::Modified => (or_warn(Status::Fail), say!(win_kernel_modified)),
        Standing::SelfSigned => (or_warn(Status::Fail), say!(win_kernel_006_self_signed)),
        Standing::Unsigned | Standing::NoPe if blind(all) => {
            (Status::Unknown, say!(win_kernel_no_signature_seen))
        }
        Standing::Unsigned | Standing::NoPe => (or_warn(Status::Fail), say!(win_kernel_unsigned)),
        Standing::Trusted | Standing::Unanchored => {
            (or_warn(Status::Unknown), say!(win_kernel_006_other_signer))
        }
        Standing::Unproven(why) => {
            found.gap(unproven(file, why.clone()));
            return None;
        }
    })
}

/// A service whose file is not there: left behind, or waiting for its file.
fn orphan(
    context: &Context<'_>,
    with: &DriverPlaces,
    missing: &MissingDriver,
    found: &mut Findings,
) {
    let service = &missing.service;
    let name = service.name.as_str();
    let place = with.judge(&missing.path);
    let note = match place {
        Status::Pass => say!(win_kernel_006_missing, service = name),
        _ => say!(win_kernel_006_missing_elsewhere, service = name),
    };
    let status = match place {
        Status::Fail => Status::Fail,
        _ => Status::Warn,
    };
    let shown = match &service.image_path {
        Some(path) => say!(win_kernel_006_no_file, path = path),
        None => say!(win_kernel_006_no_image_path),
    };
    let item = Item::at(service.at.clone(), note);
    found.add(status, item.compare(Text::verbatim(&missing.path), shown));
    if !commands::is_of_windows(name) {
        return found.fix(say!(win_kernel_006_fix_missing, service = name));
    }
    let path = (place != Status::Fail).then_some(missing.path.as_str());
    found.fix_by(commands::mend_service(context, name, path, true));
}
