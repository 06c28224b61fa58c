//! Facts of a Windows guest.

mod answers;
mod autostarts;
mod boot;
mod certificates;
mod command;
mod desktops;
mod events;
mod hives;
mod hosts;
mod passwords;
mod profiles;
mod programs;
mod registry;
mod ring0;
mod sam;
mod search;
mod sectors;
mod services;
mod settings;
mod setup;
mod shortcut;
mod state;
mod streams;
mod sysprep;
mod tasks;
#[cfg(test)]
mod tests;
mod wmi;
mod xml;

use std::sync::OnceLock;

pub use answers::AnswerPassword;
pub use autostarts::Autostart;
pub use boot::{
    BOOT_MANAGER, BootEntry, BootObject, BootReason, BootStore, BootStores, Device, Effective,
    ElementData, Firmware, Target, element_name, volume_of,
};
pub use certificates::Stored;
pub use command::{Signed, SignedBy, Started};
pub use desktops::{Desktop, DesktopFile};
pub use events::Events;
pub use hives::{HiveFile, HiveState, boot_configurations};
pub use hosts::HostsLine;
pub use passwords::{Password, UserPassword};
pub use profiles::Profile;
pub use programs::{Program, Updates};
pub use registry::NamedValue;
pub use ring0::{
    Catalogs, Component, DriverService, HiddenProgram, IntegrityPolicy, KernelFile, KernelFiles,
    MissingDriver, Part, Proof, Standing,
};
pub use sam::{Accounts, Control, LocalGroup, LocalUser, NameEntry};
pub use search::Match;
pub use sectors::{BootCode, BootSector, Sectors, Unallocated};
pub use services::{Image, Service, Services};
pub use settings::{Adapter, Datum, Setting, SetupFile};
pub use setup::Script;
pub use streams::NamedStream;
pub use sysprep::{IniEntry, Run, Sysprep};
pub use tasks::{Action, Registered, Task};
pub use wmi::Consumer;

use super::{Collected, Found, Gap, Location, References, Ring0};
use crate::error::{Error, Layer, Result};
use crate::fs::Timestamp;
use crate::guest::Guest;
use crate::guest::windows::{ControlSet, GuestHive, Roots, system_root};
use crate::hive::{Data, Key, Value};

/// The collectors for a Windows guest.
pub struct Windows<'a> {
    guest: &'a Guest,
    references: References<'a>,
    system: OnceLock<Result<GuestHive, Gap>>,
    software: OnceLock<Result<GuestHive, Gap>>,
    services: OnceLock<Result<Services, Gap>>,
    profiles: OnceLock<Collected<Profile>>,
    desktops: OnceLock<Collected<Desktop>>,
    users: OnceLock<(Vec<GuestHive>, Vec<Gap>)>,
    setup_complete: OnceLock<Result<Option<Script>, Gap>>,
    seen: command::Seen,
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
            system: OnceLock::new(),
            software: OnceLock::new(),
            services: OnceLock::new(),
            profiles: OnceLock::new(),
            desktops: OnceLock::new(),
            users: OnceLock::new(),
            setup_complete: OnceLock::new(),
            seen: command::Seen::default(),
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
        system_root(&self.guest.paths).unwrap_or("Windows")
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

    /// The SYSTEM hive.
    ///
    /// # Errors
    /// A gap where it can't be read, or where it is dirty and does not show what Windows would
    /// see.
    pub fn system(&self) -> Result<&GuestHive, Gap> {
        let open = || {
            let path = format!("{}/System32/config/SYSTEM", self.roots().windows);
            reliable(
                GuestHive::system(&self.guest.paths, self.system_root()),
                path,
            )
        };
        self.system.get_or_init(open).as_ref().map_err(Gap::clone)
    }

    /// The SOFTWARE hive.
    ///
    /// # Errors
    /// As [`Windows::system`].
    pub fn software(&self) -> Result<&GuestHive, Gap> {
        let open = || {
            let path = format!("{}/System32/config/SOFTWARE", self.roots().windows);
            reliable(
                GuestHive::software(&self.guest.paths, self.system_root()),
                path,
            )
        };
        self.software.get_or_init(open).as_ref().map_err(Gap::clone)
    }

    /// The control set that the next boot uses.
    ///
    /// # Errors
    /// A gap where the registry does not tell.
    pub fn control_set(&self) -> Result<ControlSet, Gap> {
        let system = self.system()?;
        ControlSet::next_boot(&system.hive)
            .map_err(|e| Gap::new(place(system, "Select", Some("Default"), None), &e))
    }

    /// The services and drivers of the control set that the next boot uses.
    ///
    /// # Errors
    /// A gap where the list as a whole can't be read.
    pub fn services(&self) -> Result<&Services, Gap> {
        let collect = || services::collect(self);
        self.services
            .get_or_init(collect)
            .as_ref()
            .map_err(Gap::clone)
    }

    /// The file that a service starts.
    #[must_use]
    pub fn image(&self, service: &Service) -> Image {
        services::image(self, service)
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

    /// The files that run in ring 0, each with how far it is proven.
    pub fn kernel_files(&self) -> &KernelFiles {
        self.kernel_files.get_or_init(|| ring0::collect(self))
    }

    /// The code integrity policies of the system and of its boot manager.
    #[must_use]
    pub fn integrity_policies(&self) -> Collected<IntegrityPolicy> {
        ring0::policies(self)
    }

    /// The index of the catalogs.
    fn catalogs(&self) -> &ring0::Index {
        let read = || ring0::Index::read(&self.guest.paths, &self.roots());
        self.catalogs.get_or_init(read)
    }

    /// Programs on EFI system partitions under names that no EFI program has.
    #[must_use]
    pub fn hidden_programs(&self) -> Collected<HiddenProgram> {
        ring0::hidden(self)
    }

    /// The sectors of the disk that matter to its start.
    #[must_use]
    pub fn sectors(&self) -> Sectors {
        sectors::collect(self)
    }

    /// What runs in ring 0 at the next boot.
    pub fn ring0(&self) -> &Ring0 {
        self.ring0.get_or_init(|| ring0::ring0(self))
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

    /// Settings that say in what state the system is.
    #[must_use]
    pub fn settings(&self) -> Collected<Setting> {
        settings::collect(self)
    }

    /// The network adapters that are set up.
    #[must_use]
    pub fn adapters(&self) -> Collected<Adapter> {
        settings::adapters(self)
    }

    /// The files that setup and sysprep leave, as far as they are there.
    #[must_use]
    pub fn setup_files(&self) -> Collected<SetupFile> {
        settings::setup_files(self)
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

    /// The values called `name` (`*` for every one) of the keys that `pattern` names:
    /// `HKLM\SYSTEM\CurrentControlSet\…` (the control set of the next boot),
    /// `HKLM\SOFTWARE\…`, `HKU\*\…` (every user). A name `*` in it stands for every key there.
    #[must_use]
    pub fn values(&self, pattern: &str, name: &str) -> Collected<NamedValue> {
        registry::values(self, pattern, name)
    }

    /// The value `name` of the key `key` of `HKLM\SYSTEM` or `HKLM\SOFTWARE`, whose names are
    /// matched without regard to case; `None` for a key of another hive.
    ///
    /// # Errors
    /// Where the hive can't be read.
    #[must_use]
    pub fn value(&self, key: &str, name: &str) -> Option<Result<Option<Datum>, Gap>> {
        registry::value(self, key, name)
    }

    /// What `command` starts; `at` is where it stands, which tells whose variables it uses.
    #[must_use]
    pub fn started(&self, command: &str, at: &Location) -> Started {
        command::started(self, command, at)
    }

    /// The regular file at `path`, and who signed it.
    #[must_use]
    pub fn signed_file(&self, path: &str) -> (Image, Option<Signed>) {
        command::first(self, &[path.to_owned()])
    }

    /// The named streams of what stands in `folders`, each with the number of levels to go down:
    /// 0 is the folder itself, 1 what it holds.
    #[must_use]
    pub fn streams(&self, folders: &[(String, usize)]) -> Collected<NamedStream> {
        streams::collect(self, folders)
    }

    /// The name that the version resource of the PE file at `path` gives it; `None` where it has
    /// none or is no such file.
    ///
    /// # Errors
    /// A gap where that can't be told.
    pub fn original_name(&self, path: &str) -> Result<Option<String>, Gap> {
        command::original_name(self, path).map_err(|e| Gap::at_path(path, &e))
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

    /// The events of the log `name` (`System.evtx`) that `wanted` takes by provider and
    /// identifier; `None` where there is no such log.
    ///
    /// # Errors
    /// A gap where that can't be told, or where the file is no log.
    pub fn events(
        &self,
        name: &str,
        wanted: &dyn Fn(&str, u32) -> bool,
    ) -> Result<Option<Events>, Gap> {
        events::read(self, name, wanted)
    }

    /// The lines of the file `hosts`.
    #[must_use]
    pub fn hosts(&self) -> Collected<HostsLine> {
        hosts::collect(self)
    }

    /// The certificates of all stores.
    #[must_use]
    pub fn certificates(&self) -> Collected<Stored> {
        certificates::collect(self)
    }

    /// The state of each hive: clean, or what its logs did.
    #[must_use]
    pub fn hive_states(&self) -> Collected<HiveState> {
        hives::states(self)
    }

    /// Passwords in the answer files that `pattern` matches ([`Windows::find`]).
    #[must_use]
    pub fn answer_passwords(&self, pattern: &str) -> Collected<AnswerPassword> {
        answers::collect(self, pattern)
    }

    /// The objects whose path `pattern` matches: folders separated by `\`, `*` for any characters
    /// of one name, `%SystemRoot%` and its like, `%UserProfile%\` first for each profile.
    #[must_use]
    pub fn find(&self, pattern: &str) -> Collected<Match> {
        search::find(self, pattern)
    }

    /// The files that `pattern` matches ([`Windows::find`]) as their lines; one of more than
    /// `limit` bytes is a gap.
    #[must_use]
    pub fn texts(&self, pattern: &str, limit: u64) -> Collected<Vec<String>> {
        search::texts(self, pattern, limit)
    }

    /// Files and their bytes in and below what `pattern` matches ([`Windows::find`]).
    #[must_use]
    pub fn sizes(&self, pattern: &str) -> Collected<(u64, u64)> {
        search::sizes(self, pattern)
    }

    /// The names of the keys that `pattern` names, as [`Windows::values`] takes it.
    #[must_use]
    pub fn keys(&self, pattern: &str) -> Collected<String> {
        registry::keys(self, pattern)
    }

    /// The hives of the users, the system's own included, and what can't be read of them, or
    /// does not show what Windows would see.
    fn users(&self) -> &(Vec<GuestHive>, Vec<Gap>) {
        self.users.get_or_init(|| {
            let mut out = Vec::new();
            let hives = self.hives();
            let mut gaps = hives.gaps;
            for file in hives.items {
                let Some(root) = file.fact.roots.first() else {
                    continue;
                };
                if root.starts_with(r"HKU\") && !root.ends_with("_Classes") {
                    match reliable(file.fact.open(root), file.fact.at.path_text()) {
                        Ok(hive) => out.push(hive),
                        Err(gap) => gaps.push(gap),
                    }
                }
            }
            (out, gaps)
        })
    }

    /// True where the registry holds a password for the account that `service` runs as.
    ///
    /// # Errors
    /// A gap where that can't be told.
    pub fn has_service_password(&self, service: &str) -> Result<bool, Gap> {
        services::has_password(self, service)
    }

    /// The script that Windows runs at the end of its setup, `None` where there is none.
    ///
    /// # Errors
    /// A gap where that can't be told.
    pub fn setup_complete(&self) -> Result<Option<&Script>, Gap> {
        let found = self.setup_complete.get_or_init(|| setup::collect(self));
        match found {
            Ok(script) => Ok(script.as_ref()),
            Err(gap) => Err(gap.clone()),
        }
    }
}

/// A hive that shows what Windows would see, or the gap.
fn reliable(opened: Result<GuestHive>, path: String) -> Result<GuestHive, Gap> {
    let hive = opened.map_err(|e| Gap::at_path(path.replace('\\', "/"), &e))?;
    match hive.unreliable() {
        Some(e) => Err(Gap::new(place(&hive, "", None, None), e)),
        None => Ok(hive),
    }
}

/// A place in a hive: the key's path from the hive's root, a value, a byte offset in the file.
fn place(hive: &GuestHive, key: &str, value: Option<&str>, offset: Option<u64>) -> Location {
    let key = match key {
        "" => hive.root.clone(),
        key => format!("{}\\{key}", hive.root),
    };
    Location {
        key: Some(key),
        value: value.map(str::to_owned),
        offset,
        ..Location::of(&hive.at)
    }
}

/// One key with where it is, for reading its values.
struct KeyAt<'h> {
    hive: &'h GuestHive,
    key: Key<'h>,
    path: String,
}

impl<'h> KeyAt<'h> {
    /// The key at `path`; `None` where there is none.
    fn open(hive: &'h GuestHive, path: &str) -> Result<Option<Self>, Gap> {
        let gap = |e| Gap::new(place(hive, path, None, None), &e);
        Ok(hive.hive.key(path).map_err(gap)?.map(|key| Self {
            hive,
            key,
            path: path.to_owned(),
        }))
    }

    fn location(&self) -> Location {
        place(self.hive, &self.path, None, Some(self.key.offset()))
    }

    /// The key at `path` from this one; `None` where there is none.
    fn descend(self, path: &str) -> Result<Option<Self>, Gap> {
        if path.is_empty() {
            return Ok(Some(self));
        }
        let found = self.key.descend(path).map_err(|e| self.gap(None, &e))?;
        Ok(found.map(|key| Self {
            hive: self.hive,
            path: format!("{}\\{path}", self.path),
            key,
        }))
    }

    fn gap(&self, value: Option<&str>, error: &Error) -> Gap {
        Gap::new(
            place(self.hive, &self.path, value, Some(self.key.offset())),
            error,
        )
    }

    /// What `read` makes of the value `name`; `None` where there is none or it is of another
    /// type than `read` takes.
    fn value<T>(
        &self,
        name: &str,
        read: impl Fn(&Value<'_>) -> Result<Option<T>>,
    ) -> Result<Option<Found<T>>, Gap> {
        let gap = |e| self.gap(Some(name), &e);
        let Some(value) = self.key.value(name).map_err(gap)? else {
            return Ok(None);
        };
        let at = place(
            self.hive,
            &self.path,
            Some(value.name()),
            Some(value.offset()),
        );
        Ok(read(&value).map_err(gap)?.map(|fact| Found { fact, at }))
    }

    /// The keys below; what can't be read of their list goes to `gaps`, and so does a link, whose
    /// place Windows would see another key in.
    fn subkeys(&self, gaps: &mut Vec<Gap>) -> Vec<Self> {
        let children = self.key.subkeys();
        gaps.extend(children.damage.iter().map(|e| self.gap(None, e)));
        let below = |key: Key<'h>| Self {
            hive: self.hive,
            path: format!("{}\\{}", self.path, key.name()),
            key,
        };
        let keys: Vec<Self> = children.items.into_iter().map(below).collect();
        for key in keys.iter().filter(|k| k.key.is_link()) {
            let link = Error::unsupported(Layer::Hive, key.key.offset(), say!(error_registry_link));
            gaps.push(key.gap(None, &link));
        }
        keys
    }

    fn text(&self, name: &str) -> Result<Option<Found<String>>, Gap> {
        self.value(name, |value| value.text())
    }

    fn number(&self, name: &str) -> Result<Option<Found<u32>>, Gap> {
        self.value(name, |value| value.number())
    }
}

/// What lies outside of the image.
fn outside(what: impl Into<crate::text::Arg>) -> Error {
    Error::unsupported(Layer::Guest, None, say!(error_outside, what = what))
}

/// All of a value's text; `None` for a value of another type.
fn whole_text(data: &Data) -> Option<String> {
    match data {
        Data::Text(text) | Data::Expand(text) => Some(text.clone()),
        Data::List(list) => Some(list.join("; ")),
        _ => None,
    }
}

/// A moment as RFC 3339.
fn stamp<S: serde::Serializer>(time: &Option<Timestamp>, to: S) -> Result<S::Ok, S::Error> {
    match time {
        Some(time) => to.collect_str(time),
        None => to.serialize_none(),
    }
}
