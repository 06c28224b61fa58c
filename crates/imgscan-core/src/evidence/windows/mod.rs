//! Facts of a Windows guest.

mod answers;
mod autostarts;
mod batch;
mod boot;
mod certificates;
mod command;
mod descriptors;
mod desktops;
mod events;
mod execution;
mod group_policy;
mod hives;
mod hosts;
mod key;
mod membership;
mod opened;
mod pages;
mod passwords;
mod powershell;
mod profiles;
mod programs;
mod python;
mod registry;
mod rights;
mod ring0;
mod sam;
mod search;
mod sectors;
mod services;
mod session;
mod settings;
mod setup;
mod shortcut;
mod starts;
mod state;
mod streams;
mod sweep;
mod sysprep;
mod tasks;
#[cfg(test)]
mod tests;
mod wmi;
mod xml;

use std::collections::BTreeSet;
use std::sync::OnceLock;

pub use answers::AnswerPassword;
pub use autostarts::Autostart;
pub use batch::{
    Line as BatchLine, Script as Batch, inline as batch_inline, name as batch_name,
    words as batch_words,
};
pub use boot::{
    BOOT_MANAGER, BootEntry, BootObject, BootReason, BootStore, BootStores, Device, Effective,
    ElementData, Firmware, Hibernated, Starts, Target, element_name,
};
pub use certificates::{JoinedStore, Stored};
pub use command::{ProgramFile, Signed, SignedBy, Started};
pub use descriptors::Guarded;
pub use desktops::{Desktop, DesktopFile};
pub use events::Events;
pub use execution::variables::carries_code;
pub use execution::{
    Account, CLASS_OF_MACHINE, Executed, Execution, Executions, NAMED_BY_A_VALUE, Occasion, Role,
    Subject, Target as Runs,
};
pub use execution::{is_script_switch, keeps_addresses};
#[cfg(test)]
pub(crate) use group_policy::entry as policy_entry;
pub use hives::{HiveFile, HiveState, boot_configurations};
pub use hosts::HostsLine;
pub use membership::IndexedMember;
pub use passwords::{Password, UserPassword};
pub use powershell::statements as power_statements;
pub use profiles::Profile;
pub use programs::{Program, Updates};
pub use python::{Launcher, Loadable, Loads, Script as PythonScript};
pub use registry::NamedValue;
pub use rights::Rights;
pub use ring0::{
    Catalogs, Component, DriverService, HiddenProgram, IntegrityPolicy, KernelFile, KernelFiles,
    LoadedBy, MissingDriver, Part, Proof, Standing,
};
pub use sam::{Accounts, Control, LocalGroup, LocalUser, NameEntry, PasswordRules};
pub use search::Match;
pub use sectors::{BootCode, BootSector, Sectors, Unallocated};
pub use services::{Image, Service, Services, Trigger};
pub use session::{NativeCommand, PendingRename, Subsystem};
pub use settings::{Adapter, Datum, Setting, SetupFile};
pub use setup::{FirstCommand, Language, Script, SetupModule, is_of_shell, waits};
pub use starts::{Hindrance, Hindrances, PendingMove};
pub use streams::NamedStream;
pub use sweep::{CodeFiles, Sweep, SweepPlan, Swept};
pub use sysprep::{IniEntry, Run, Sysprep};
pub use tasks::{Action, Registered, Task};
pub use wmi::Consumer;

use key::{KeyAt, place, whole_text};
use opened::reliable;

use super::{Collected, Found, Gap, Location, References, Ring0};
use crate::error::{Error, Layer, Result};
use crate::fs::Timestamp;
use crate::guest::Guest;
use crate::guest::windows::{GuestHive, Roots, system_root};

/// The collectors for a Windows guest.
pub struct Windows<'a> {
    guest: &'a Guest,
    references: References<'a>,
    system_root: OnceLock<&'static str>,
    system: OnceLock<Result<GuestHive, Gap>>,
    software: OnceLock<Result<GuestHive, Gap>>,
    sam: OnceLock<Result<GuestHive, Gap>>,
    security: OnceLock<Result<GuestHive, Gap>>,
    services: OnceLock<Result<Services, Gap>>,
    profiles: OnceLock<Collected<Profile>>,
    desktops: OnceLock<Collected<Desktop>>,
    users: OnceLock<(Vec<GuestHive>, Vec<Gap>)>,
    setup_complete: OnceLock<Result<Option<Script>, Gap>>,
    first_boot: OnceLock<Collected<FirstCommand>>,
    seen: command::Seen,
    products: execution::Products,
    environment: OnceLock<execution::Environment>,
    executions: OnceLock<execution::Executions>,
    /// Files that they lead to, in lower case.
    files_that_run: OnceLock<BTreeSet<String>>,
    upcoming_policies: OnceLock<Vec<Found<NamedValue>>>,
    boot: OnceLock<BootStores>,
    kernel_files: OnceLock<KernelFiles>,
    ring0: OnceLock<Ring0>,
    catalogs: OnceLock<ring0::Index>,
}

impl<'a> Windows<'a> {
    pub(super) fn new(guest: &'a Guest, references: References<'a>) -> Self {
        Self {
            guest,
            references,
            system_root: OnceLock::new(),
            system: OnceLock::new(),
            software: OnceLock::new(),
            sam: OnceLock::new(),
            security: OnceLock::new(),
            services: OnceLock::new(),
            profiles: OnceLock::new(),
            desktops: OnceLock::new(),
            users: OnceLock::new(),
            setup_complete: OnceLock::new(),
            first_boot: OnceLock::new(),
            seen: command::Seen::default(),
            products: execution::Products::default(),
            environment: OnceLock::new(),
            executions: OnceLock::new(),
            files_that_run: OnceLock::new(),
            upcoming_policies: OnceLock::new(),
            boot: OnceLock::new(),
            kernel_files: OnceLock::new(),
            ring0: OnceLock::new(),
            catalogs: OnceLock::new(),
        }
    }

    /// What its parts are held against.
    #[must_use]
    pub fn references(&self) -> References<'a> {
        self.references
    }

    /// The guest that the facts are of.
    #[must_use]
    pub fn guest(&self) -> &'a Guest {
        self.guest
    }

    /// The folder of the system drive that Windows is installed in.
    fn system_root(&self) -> &'static str {
        let look = || system_root(&self.guest.paths).unwrap_or("Windows");
        self.system_root.get_or_init(look)
    }

    /// The folder of Windows, as a place.
    #[must_use]
    pub fn system_root_location(&self) -> Location {
        Location {
            volume: Some(self.guest.root_volume.clone()),
            ..Location::of_path(self.roots().windows.replace('\\', "/"))
        }
    }

    /// The drive and folder that paths of the registry are relative to.
    #[must_use]
    pub fn roots(&self) -> Roots {
        let letter = self.guest.paths.system_drive().unwrap_or(b'C');
        Roots::new(char::from(letter), self.system_root())
    }

    /// The user profiles: what the registry lists, and what stands in the folders for them.
    pub fn profiles(&self) -> &Collected<Profile> {
        self.profiles.get_or_init(|| profiles::collect(self))
    }

    /// The registry hives of the guest: the machine's and those of its users. For those of the
    /// boot loader see [`boot_configurations`].
    #[must_use]
    pub fn hives(&self) -> Collected<HiveFile> {
        hives::collect(self)
    }

    /// The boot configurations of the image's volumes.
    pub fn boot(&self) -> &BootStores {
        self.boot.get_or_init(|| boot::collect(self))
    }

    /// The desktops of all profiles, and the common ones.
    pub fn desktops(&self) -> &Collected<Desktop> {
        self.desktops.get_or_init(|| desktops::collect(self))
    }

    /// The local users and groups.
    ///
    /// # Errors
    /// A gap where the SAM hive can't be read.
    pub fn accounts(&self) -> Result<Accounts, Gap> {
        sam::collect(self)
    }

    /// Programs that start by themselves, besides the services.
    #[must_use]
    pub fn autostarts(&self) -> Collected<Autostart> {
        autostarts::collect(self)
    }

    /// The programs that are installed.
    #[must_use]
    pub fn programs(&self) -> Collected<Program> {
        programs::programs(self)
    }

    /// The packages of component-based servicing. What can't be read of them goes to `gaps`.
    ///
    /// # Errors
    /// A gap where the list as a whole can't be read.
    pub fn updates(&self, gaps: &mut Vec<Gap>) -> Result<Updates, Gap> {
        programs::updates(self, gaps)
    }

    /// The scheduled tasks.
    #[must_use]
    pub fn tasks(&self) -> Collected<Task> {
        tasks::collect(self)
    }

    /// The event consumers of WMI that a binding refers to.
    #[must_use]
    pub fn event_consumers(&self) -> Collected<Consumer> {
        wmi::collect(self)
    }

    /// The certificates of all stores.
    #[must_use]
    pub fn certificates(&self) -> Collected<Stored> {
        certificates::collect(self)
    }

    /// The lists of trusted certificates in the stores, each by its store.
    #[must_use]
    pub fn certificate_lists(&self) -> Collected<String> {
        certificates::lists(self)
    }

    /// The physical stores that somebody made part of a store of certificates.
    #[must_use]
    pub fn joined_stores(&self) -> Collected<JoinedStore> {
        certificates::joined(self)
    }

    /// The state of each hive: clean, or what its logs did.
    #[must_use]
    pub fn hive_states(&self) -> Collected<HiveState> {
        hives::states(self)
    }
}

/// What lies outside of the image.
fn outside(what: impl Into<crate::text::Arg>) -> Error {
    Error::unsupported(Layer::Guest, None, say!(error_outside, what = what))
}

/// A moment as RFC 3339.
fn stamp<S: serde::Serializer>(time: &Option<Timestamp>, to: S) -> Result<S::Ok, S::Error> {
    match time {
        Some(time) => to.collect_str(time),
        None => to.serialize_none(),
    }
}
