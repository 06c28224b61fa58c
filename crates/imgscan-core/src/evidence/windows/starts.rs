//! Will a service run at a normal start? What stands against it, as the service control manager
//! reads the registry: its type, its account, its program, what it depends on, and what is done to
//! its files before it starts.
//!
//! The numbers are those of the errors with which a start ends (winerror.h).

mod access;

use std::collections::BTreeSet;

use super::services::Trigger;
use super::{Image, KeyAt, Service, Services, Windows, place, services};
use crate::error::{Error, Layer};
use crate::evidence::{Found, Gap, Location};
use crate::guest::windows::GuestHive;
use crate::hive::Data;
use crate::text::Text;

/// Services that depend on each other in one chain.
const MAX_CHAIN: usize = 32;
/// Services that are looked at for one.
const MAX_LOOKED: usize = 512;
/// Flags of a service's type: it may show windows; it belongs to a package.
const INTERACTIVE: u32 = 0x100;
const PACKAGE: u32 = 0x200;
/// Rights of ntsecapi.h: to log on as a service, and to be kept from it.
const SERVICE_LOGON: u32 = 0x10;
const DENY_SERVICE_LOGON: u32 = 0x200;
/// Milliseconds that a service has to answer; Windows itself gives 30,000.
const LEAST_TIMEOUT: u32 = 10_000;
/// The action of a trigger that stops its service.
const STOPS: u32 = 2;
/// What every service that talks to others needs, where it is there; without those that are marked
/// nothing talks to anybody.
const NETWORK: [(&str, bool); 8] = [
    ("Tcpip", true),
    ("AFD", false),
    ("NDIS", false),
    ("nsiproxy", false),
    ("nsi", false),
    ("RpcSs", false),
    ("RpcEptMapper", false),
    ("DcomLaunch", false),
];
/// The number of the element `safeboot` of a boot entry.
const SAFE_BOOT: u32 = 0x2500_0080;

/// Values of image file execution options that change nothing, or are asked for elsewhere.
const HARMLESS_OPTIONS: [&str; 6] = [
    "Debugger",
    "MinimumStackCommitInBytes",
    "UseFilter",
    "FilterFullPath",
    "MitigationAuditOptions",
    "DisableExceptionChainValidation",
];
/// The key below that has the priorities of the process.
const PRIORITIES: &str = r"\perfoptions";
/// Places of four bits in `MitigationOptions`, from the lowest (winbase.h,
/// `PROCESS_CREATION_MITIGATION_POLICY`), whose protection a program survives that is always on (1):
/// addresses at random, the end at a broken heap, extension points, control flow, images from afar and of
/// low integrity, System32 first; branch prediction, speculative stores, shadow stacks. The first two are
/// flags of data execution prevention and of exception chains.
const SURVIVED: [usize; 16] = [2, 3, 4, 5, 8, 10, 13, 14, 15, 20, 22, 23, 24, 26, 27, 28];
const FLAGS: usize = 2;

/// True for bits of `MitigationOptions` that keep programs or libraries from running: others than those of
/// Microsoft, code that is made at run time, the system calls of windows, and what else is not known.
fn stops(data: &Data) -> bool {
    let bytes = match data {
        Data::Number(number) => number.to_le_bytes().to_vec(),
        Data::Long(number) => number.to_le_bytes().to_vec(),
        Data::Bytes(bytes) => bytes.clone(),
        _ => return true,
    };
    let halves = bytes.iter().flat_map(|byte| [byte & 0xF, byte >> 4]);
    halves.enumerate().any(|(place, set)| match set {
        // Undecided, and always off.
        0 | 2 => false,
        1 => place >= FLAGS && !SURVIVED.contains(&place),
        _ => place >= FLAGS,
    })
}

/// Something that stands against the start of a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hindrance {
    /// The error that the start ends with, where it is known.
    pub error: Option<u32>,
    /// What it is.
    pub why: Text,
    /// Where it stands.
    pub at: Location,
}

/// What stands against the start of a service.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hindrances {
    /// With these it does not start.
    pub certain: Vec<Hindrance>,
    /// Of these it can't be told.
    pub doubts: Vec<Hindrance>,
    /// What could not be read.
    pub gaps: Vec<Gap>,
}

impl Hindrances {
    fn no(&mut self, error: impl Into<Option<u32>>, at: Location, why: Text) {
        let error = error.into();
        self.certain.push(Hindrance { error, why, at });
    }

    fn doubt(&mut self, at: Location, why: Text) {
        self.doubts.push(Hindrance {
            error: None,
            why,
            at,
        });
    }

    fn read<T>(&mut self, read: Result<Option<T>, Gap>) -> Option<T> {
        read.unwrap_or_else(|gap| {
            self.gaps.push(gap);
            None
        })
    }
}

struct Look<'w, 'a> {
    windows: &'w Windows<'a>,
    services: &'w Services,
    out: Hindrances,
    /// The names that lead to the one that is looked at, in lower case.
    chain: Vec<String>,
    /// Names that were looked at.
    done: BTreeSet<String>,
}

pub(super) fn collect(windows: &Windows<'_>, service: &Service) -> Result<Hindrances, Gap> {
    let mut look = Look {
        windows,
        services: windows.services()?,
        out: Hindrances::default(),
        chain: Vec::new(),
        done: BTreeSet::new(),
    };
    look.machine(service);
    look.service(service, false);
    look.network();
    look.files(service);
    look.out.gaps.sort();
    look.out.gaps.dedup();
    Ok(look.out)
}

/// The value of a key as text, with its place; whether its variables are replaced.
fn text(key: &KeyAt<'_>, name: &str) -> Result<Option<(Found<String>, bool)>, Gap> {
    let read = key.value(name, |value| {
        Ok(match value.data()? {
            Data::Text(text) => Some((text, false)),
            Data::Expand(text) => Some((text, true)),
            Data::List(list) => Some((list.join("; "), false)),
            _ => None,
        })
    })?;
    Ok(read.map(|found| {
        let (fact, expands) = found.fact;
        (Found { fact, at: found.at }, expands)
    }))
}

impl Look<'_, '_> {
    /// The services named so.
    fn named(&self, name: &str) -> Option<Service> {
        let mut all = self.services.items.iter();
        all.find(|s| s.name.eq_ignore_ascii_case(name)).cloned()
    }

    /// What holds for all services of the machine.
    fn machine(&mut self, service: &Service) {
        for store in &self.windows.boot().stores {
            for (reason, object) in store.entries() {
                if reason == super::BootReason::Menu {
                    continue;
                }
                // What of the store can't be read is told by the checks of it.
                let found = store.effective(object, &mut Vec::new()).into_iter();
                for set in found.filter(|set| set.id == SAFE_BOOT) {
                    let at = set.element.at.clone();
                    self.out.no(1084, at, say!(win_start_safe_mode));
                }
            }
        }
        let set = &self.services.control_set.name;
        // The kernel writes it when it starts in safe mode, and keeps it in memory alone.
        let open = |path: &str| {
            let hive = self.windows.system()?;
            KeyAt::open(hive, &format!(r"{set}\Control{path}"))
        };
        let (safe, control) = (open(r"\SafeBoot\Option"), open(""));
        let safe = self.out.read(safe);
        let safe = safe.and_then(|key| self.out.read(key.number("OptionValue")));
        if let Some(safe) = safe.filter(|safe| safe.fact != 0) {
            self.out.doubt(safe.at, say!(win_start_safe_mode));
        }
        let Some(control) = self.out.read(control) else {
            return;
        };
        let timeout = self.out.read(control.number("ServicesPipeTimeout"));
        if let Some(timeout) = timeout.filter(|t| t.fact < LEAST_TIMEOUT) {
            let why = say!(win_start_timeout, milliseconds = timeout.fact);
            self.out.doubt(timeout.at, why);
        }
        self.delay(service, &control);
        let kernel = control.descend(r"Session Manager\kernel");
        let Some(kernel) = self.out.read(kernel) else {
            return;
        };
        let options = kernel.value("MitigationOptions", |value| Ok(Some(value.data()?)));
        let options = self.out.read(options);
        if let Some(options) = options.filter(|options| stops(&options.fact)) {
            self.out.doubt(options.at, say!(win_start_mitigation));
        }
    }

    fn delay(&mut self, service: &Service, control: &KeyAt<'_>) {
        if service.delayed {
            let delay = self.out.read(control.number("AutoStartDelay"));
            if let Some(delay) = delay.filter(|d| d.fact > 3_600) {
                let why = say!(win_start_delay, seconds = delay.fact);
                self.out.doubt(delay.at, why);
            }
        }
    }

    /// What it needs to talk to anybody. None of these is a dependency of the service, so that a
    /// chain begins with each.
    fn network(&mut self) {
        for (name, always) in NETWORK {
            match self.named(name) {
                Some(found) if !self.done.contains(&name.to_ascii_lowercase()) => {
                    self.service(&found, true);
                }
                // Where the other services of Windows are.
                None if always && self.named("RpcSs").is_some() => {
                    self.out.gaps.extend(self.services.gaps.iter().cloned());
                    let why = say!(win_start_no_network, needed = name);
                    self.out.no(1075, self.services.at.clone(), why);
                }
                _ => {}
            }
        }
    }

    /// What the key of a service and those that it depends on say; `needed` where another one needs
    /// it.
    fn service(&mut self, service: &Service, needed: bool) {
        self.out.gaps.extend(service.gaps.iter().cloned());
        self.kind(service);
        if needed {
            self.needed(service);
        }
        self.account(service);
        if let Some(level) = service.protected.clone() {
            let why = say!(win_start_protected, service = service.name.as_str());
            self.out.doubt(level.at, why);
        }
        for Found { fact, at } in service.triggers.clone() {
            let Trigger { action, .. } = fact;
            if action == STOPS {
                let why = say!(win_start_trigger, service = service.name.as_str());
                self.out.doubt(at, why);
            }
        }
        if let Some(at) = service.start_override.clone() {
            let why = say!(win_start_override, service = service.name.as_str());
            self.out.doubt(at, why);
        }
        self.svchost(service);
        self.access(service);
        self.dependencies(service);
    }

    fn kind(&mut self, service: &Service) {
        let name = service.name.as_str();
        let at = Location {
            value: Some("Type".into()),
            ..service.at.clone()
        };
        let Some(kind) = service.kind else {
            if service.gaps.is_empty() {
                self.out
                    .no(None, at, say!(win_start_no_type, service = name));
            }
            return;
        };
        let shown = format!("{kind:#x}");
        match kind & !INTERACTIVE {
            0x10 | 0x20 => {}
            // A driver is told of where a program is expected.
            1 | 2 => {}
            0x50 | 0x60 => {
                let why = say!(win_start_per_user, service = name, kind = shown);
                self.out.no(None, at, why);
            }
            other if other & PACKAGE != 0 || other == 0x30 => {
                let why = say!(win_start_odd_type, service = name, kind = shown);
                self.out.doubt(at, why);
            }
            _ => {
                let why = say!(win_start_bad_type, service = name, kind = shown);
                self.out.no(None, at, why);
            }
        }
    }

    /// What keeps a service that another one needs from starting on demand.
    fn needed(&mut self, service: &Service) {
        let name = service.name.as_str();
        if let Some(flag) = &service.delete_flag {
            let why = say!(win_service_deleted, service = name);
            self.out.no(1060, flag.at.clone(), why);
        }
        match &service.start {
            Some(start) if start.fact <= 3 => {}
            Some(start) => {
                let why = say!(win_start_disabled, service = name);
                self.out.no(1058, start.at.clone(), why);
            }
            None if service.gaps.is_empty() => {
                let why = say!(win_start_disabled, service = name);
                self.out.no(1058, service.at.clone(), why);
            }
            None => {}
        }
        match self.windows.image(service) {
            Image::Missing(path) => {
                let why = say!(win_start_no_file, service = name, path = path);
                self.out.no(2, service.at.clone(), why);
            }
            Image::Unknown(gap) => self.out.gaps.push(gap),
            Image::File(_) | Image::None => {}
        }
    }

    fn dependencies(&mut self, service: &Service) {
        if self.chain.len() >= MAX_CHAIN || self.done.len() >= MAX_LOOKED {
            let limit = say!(error_too_many, most = MAX_LOOKED, what = "services");
            let limit = Error::limit(Layer::Guest, None, limit);
            return self.out.gaps.push(Gap::new(service.at.clone(), &limit));
        }
        self.chain.push(service.name.to_ascii_lowercase());
        self.done.insert(service.name.to_ascii_lowercase());
        let name = service.name.as_str();
        for needed in service.depends_on.iter().chain(&service.depends_on_groups) {
            let of_group = service.depends_on_groups.contains(needed);
            let it = needed.fact.as_str();
            let group = match it.strip_prefix('+') {
                Some(group) => Some(group),
                None => of_group.then_some(it),
            };
            if let Some(group) = group {
                self.group(service, group, &needed.at);
                continue;
            }
            let key = it.to_ascii_lowercase();
            if self.chain.contains(&key) {
                let why = say!(win_start_loop, service = name, needed = it);
                self.out.no(1059, needed.at.clone(), why);
                continue;
            }
            if self.done.contains(&key) {
                continue;
            }
            match self.named(it) {
                Some(found) => self.service(&found, true),
                None => {
                    self.out.gaps.extend(self.services.gaps.iter().cloned());
                    let why = say!(win_start_missing, service = name, needed = it);
                    self.out.no(1075, needed.at.clone(), why);
                }
            }
        }
        self.chain.pop();
    }

    /// One member of a group has to start.
    fn group(&mut self, service: &Service, group: &str, at: &Location) {
        let of = |s: &&Service| {
            let own = s.group.as_deref();
            own.is_some_and(|own| own.eq_ignore_ascii_case(group))
        };
        let members: Vec<Service> = self.services.items.iter().filter(of).cloned().collect();
        let starts = members.iter().any(|member| {
            let mut look = Look {
                windows: self.windows,
                services: self.services,
                out: Hindrances::default(),
                chain: self.chain.clone(),
                done: self.done.clone(),
            };
            look.service(member, true);
            look.out.certain.is_empty()
        });
        if !starts {
            self.out.gaps.extend(self.services.gaps.iter().cloned());
            let why = say!(
                win_start_group,
                service = service.name.as_str(),
                group = group,
                members = members.len()
            );
            self.out.no(1068, at.clone(), why);
        }
    }

    fn account(&mut self, service: &Service) {
        if service.is_driver() {
            return;
        }
        let Some(account) = &service.object_name else {
            return;
        };
        let name = service.name.as_str();
        let text = account.fact.trim();
        let host = self.windows.guest.os.host_name.as_deref();
        let (domain, user) = text.rsplit_once('\\').unwrap_or((".", text));
        let is = |names: &[&str], it: &str| names.iter().any(|n| n.eq_ignore_ascii_case(it));
        let own = domain == "." || host.is_some_and(|h| h.eq_ignore_ascii_case(domain));
        if text.is_empty() || own && is(&["LocalSystem"], user) {
            return;
        }
        let system = [
            "System",
            "LocalService",
            "Local Service",
            "NetworkService",
            "Network Service",
        ];
        if is(&["NT AUTHORITY"], domain) && is(&system, user) {
            return;
        }
        let at = || account.at.clone();
        if is(&["NT SERVICE"], domain) {
            if !is(&[name], user) {
                let why = say!(win_start_account, service = name, account = text);
                self.out.no(1057, at(), why);
            }
            return;
        }
        if !own || text.contains('@') {
            let why = say!(win_start_domain, service = name, account = text);
            return self.out.doubt(at(), why);
        }
        let accounts = match self.windows.accounts() {
            Ok(accounts) => accounts,
            Err(gap) => return self.out.gaps.push(gap),
        };
        let same = |n: &String| n.eq_ignore_ascii_case(user);
        let found = accounts.users.iter().find(|u| {
            let names = &u.fact.listed_names;
            names.iter().any(same) || u.fact.name.as_ref().is_some_and(same)
        });
        let Some(found) = found else {
            self.out.gaps.extend(accounts.gaps.iter().cloned());
            let why = say!(win_start_account, service = name, account = text);
            return self.out.no(1057, at(), why);
        };
        let seen = self.windows.last_seen();
        let off = found.fact.account.as_ref().is_some_and(|control| {
            let past = |t| seen.is_some_and(|seen| t < seen);
            control.disabled || control.locked || control.expires.is_some_and(past)
        });
        if off {
            let why = say!(win_start_account_off, service = name, account = text);
            self.out.no(1069, found.at.clone(), why);
        }
        match self.windows.has_service_password(name) {
            Ok(true) => {}
            Ok(false) => {
                let why = say!(win_start_no_password, service = name, account = text);
                self.out.no(1069, at(), why);
            }
            Err(gap) => self.out.gaps.push(gap),
        }
        let sid = accounts.machine_sid.as_deref();
        let sid = sid.map(|machine| format!("{machine}-{}", found.fact.rid));
        self.rights(name, text, sid.as_deref());
    }

    /// The right to log on as a service.
    fn rights(&mut self, service: &str, account: &str, sid: Option<&str>) {
        let rights = match self.windows.rights() {
            Ok(rights) => rights,
            Err(gap) => return self.out.gaps.push(gap),
        };
        self.out.gaps.extend(rights.gaps);
        // Everyone, services, all services that have an account of their own.
        let groups = ["S-1-1-0", "S-1-5-6", "S-1-5-80-0", "S-1-5-11", "S-1-5-113"];
        let ours = |of: &str| Some(of) == sid || groups.contains(&of);
        let mut allowed = rights.items.is_empty();
        let at = rights.items.first().map(|right| right.at.clone());
        for right in rights.items {
            let (of, bits) = (right.fact.sid.as_str(), right.fact.logon.fact);
            // The right may come through a group of the machine, too.
            allowed |= bits & SERVICE_LOGON != 0 && (ours(of) || of.starts_with("S-1-5-32-"));
            if ours(of) && bits & DENY_SERVICE_LOGON != 0 {
                let why = say!(win_start_denied, service = service, account = account);
                self.out.no(1069, right.at, why);
            }
        }
        if let Some(at) = at.filter(|_| !allowed) {
            let why = say!(win_start_no_right, service = service, account = account);
            self.out.doubt(at, why);
        }
    }

    /// A service inside of svchost: its group has to list it, and its library to be there.
    fn svchost(&mut self, service: &Service) {
        let Some(path) = &service.image_path else {
            return;
        };
        let lower = path.fact.to_ascii_lowercase();
        if !lower.contains("svchost.exe") {
            return;
        }
        let name = service.name.as_str();
        let mut words = lower.split_whitespace().skip_while(|w| *w != "-k").skip(1);
        if let Some(group) = words.next() {
            self.listed(name, group.trim_matches('"'), &path.at);
        }
        let Some(dll) = &service.service_dll else {
            return;
        };
        let expanded = match service.dll_expands {
            true => services::expanded(self.windows, &dll.fact),
            false => dll.fact.clone(),
        };
        match self.windows.guest.paths.find(expanded.as_bytes()) {
            Ok(Some(_)) => self.moved(service, &expanded),
            Ok(None) => {
                let why = say!(win_start_no_file, service = name, path = dll.fact.as_str());
                self.out.no(126, dll.at.clone(), why);
            }
            Err(e) => self.out.gaps.push(Gap::new(dll.at.clone(), &e)),
        }
    }

    fn listed(&mut self, service: &str, group: &str, at: &Location) {
        const GROUPS: &str = r"Microsoft\Windows NT\CurrentVersion\Svchost";
        let hive = match self.windows.software() {
            Ok(hive) => hive,
            Err(gap) => return self.out.gaps.push(gap),
        };
        let Some(groups) = self.out.read(KeyAt::open(hive, GROUPS)) else {
            return;
        };
        let list = groups.value(group, |value| {
            Ok(Some(match value.data()? {
                Data::List(list) => list,
                Data::Text(text) | Data::Expand(text) => vec![text],
                _ => Vec::new(),
            }))
        });
        let listed = match list {
            Ok(list) => list,
            Err(gap) => return self.out.gaps.push(gap),
        };
        let at = listed.as_ref().map_or(at.clone(), |l| l.at.clone());
        let is = |n: &String| n.eq_ignore_ascii_case(service);
        if !listed.is_some_and(|list| list.fact.iter().any(is)) {
            let why = say!(win_start_svchost, service = service, group = group);
            self.out.no(1083, at, why);
        }
    }

    /// What is done to the program before it starts, and to its process when it does.
    fn files(&mut self, service: &Service) {
        let name = service.name.as_str();
        if let Some(list) = service.environment.clone() {
            let why = say!(
                win_start_environment,
                service = name,
                variables = list.fact.clone()
            );
            self.out.doubt(list.at, why);
        }
        let Image::File(file) = self.windows.image(service) else {
            return;
        };
        let path = file.at.path.clone().unwrap_or_default();
        self.moved(service, &path);
        self.access_beside(service, &path);
        self.debugger(name, &path);
        let local = format!("{path}.local");
        match self.windows.guest.paths.find(local.as_bytes()) {
            Ok(Some(found)) => {
                let why = say!(win_start_local, service = name);
                self.out.doubt(Location::of(&found), why);
            }
            Ok(None) => {}
            Err(e) => self.out.gaps.push(Gap::at_path(local, &e)),
        }
    }

    /// True where the file or a folder above it is renamed or deleted when Windows starts.
    fn moved(&mut self, service: &Service, path: &str) {
        let path = path.replace('/', "\\").to_ascii_lowercase();
        let moves = match self.windows.pending_moves() {
            Ok(moves) => moves,
            Err(gap) => return self.out.gaps.push(gap),
        };
        for change in moves {
            let on = |other: &str| {
                let other = other.to_ascii_lowercase();
                path == other || path.starts_with(&format!("{}\\", other.trim_end_matches('\\')))
            };
            let name = service.name.as_str();
            if on(&change.fact.from) {
                let why = say!(
                    win_start_moved,
                    service = name,
                    path = change.fact.from.as_str()
                );
                self.out.no(2, change.at, why);
            } else if change.fact.to.as_deref().is_some_and(on) {
                let to = change.fact.to.unwrap_or_default();
                let why = say!(win_start_replaced, service = name, path = to);
                self.out.doubt(change.at, why);
            }
        }
    }

    /// Image file execution options: a debugger runs instead of the program.
    fn debugger(&mut self, service: &str, path: &str) {
        let program = path.rsplit(['/', '\\']).next().unwrap_or_default();
        for of in [program, "services.exe", "svchost.exe"] {
            if of != "svchost.exe" || program == of {
                self.options_of(service, of);
            }
        }
    }

    /// The options of the programs called `file`.
    fn options_of(&mut self, service: &str, file: &str) {
        const OPTIONS: &str = r"Microsoft\Windows NT\CurrentVersion\Image File Execution Options";
        let hive = match self.windows.software() {
            Ok(hive) => hive,
            Err(gap) => return self.out.gaps.push(gap),
        };
        let Some(key) = self
            .out
            .read(KeyAt::open(hive, &format!(r"{OPTIONS}\{file}")))
        else {
            return;
        };
        let mut gaps = Vec::new();
        let below = key.subkeys(&mut gaps);
        self.out.gaps.append(&mut gaps);
        for key in [key].iter().chain(&below) {
            self.options(service, key);
        }
    }

    fn options(&mut self, service: &str, key: &KeyAt<'_>) {
        let debugger = self.out.read(text(key, "Debugger"));
        if let Some((debugger, _)) = debugger.filter(|(d, _)| !d.fact.trim().is_empty()) {
            let why = say!(
                win_start_debugger,
                service = service,
                debugger = debugger.fact.as_str()
            );
            self.out.no(None, debugger.at, why);
        }
        let values = key.key.values();
        let damage = values.damage.iter().map(|e| key.gap(None, e));
        self.out.gaps.extend(damage);
        let priorities = key.path.to_ascii_lowercase().ends_with(PRIORITIES);
        for value in values.items {
            let name = value.name();
            let is = |names: &[&str]| names.iter().any(|n| n.eq_ignore_ascii_case(name));
            if name.is_empty() || is(&HARMLESS_OPTIONS) {
                continue;
            }
            let found = key.value(name, |value| Ok(Some(value.data()?)));
            let Some(found) = self.out.read(found) else {
                continue;
            };
            let number = match &found.fact {
                Data::Number(number) => Some(u64::from(*number)),
                Data::Long(number) => Some(*number),
                _ => None,
            };
            let usual = match &found.fact {
                _ if is(&["MitigationOptions"]) => !stops(&found.fact),
                // Idle is 1, below the normal one 5; the last value of the others is the normal one.
                _ if priorities && is(&["CpuPriorityClass"]) => {
                    number.is_some_and(|class| [2, 3, 6].contains(&class))
                }
                _ if priorities && is(&["IoPriority"]) => number.is_some_and(|p| p >= 2),
                _ if priorities && is(&["PagePriority"]) => number.is_some_and(|p| p >= 5),
                Data::Number(0) | Data::Long(0) => true,
                Data::Text(t) => t.trim().is_empty() || t.trim() == "0x00000000",
                _ => false,
            };
            if !usual {
                let why = say!(win_start_options, service = service, name = name);
                self.out.doubt(found.at, why);
            }
        }
    }
}

/// A file that is renamed or deleted when Windows starts the next time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PendingMove {
    /// Its path with its drive (`C:\x`), or as it stands there.
    pub from: String,
    /// Where it is moved to; `None` where it is deleted.
    pub to: Option<String>,
}

/// The pairs of a list of renames: `\??\C:\from`, and where to, empty for deleting. A `!` before the
/// target lets it replace a file; a `*` and a digit may stand before either.
pub(super) fn moves(bytes: &[u8], at: &Location) -> Vec<Found<PendingMove>> {
    let units: Vec<u16> = bytes
        .as_chunks::<2>()
        .0
        .iter()
        .map(|unit| u16::from_le_bytes(*unit))
        .collect();
    let texts: Vec<String> = units
        .split(|unit| *unit == 0)
        .map(String::from_utf16_lossy)
        .collect();
    let plain = |text: &str| {
        let text = text.trim_start_matches(['!', '*']);
        let text = text.trim_start_matches(|c: char| c.is_ascii_digit());
        let prefixes = [r"\??\", r"\\?\", r"\DosDevices\", r"\GLOBAL??\"];
        let bare = prefixes.iter().find_map(|p| text.strip_prefix(p));
        bare.unwrap_or(text).to_owned()
    };
    let pairs = texts
        .chunks(2)
        .filter(|pair| !pair.iter().all(String::is_empty));
    let found = pairs.map(|pair| {
        let to = pair.get(1).filter(|to| !to.is_empty());
        Found {
            fact: PendingMove {
                from: pair.first().map(|from| plain(from)).unwrap_or_default(),
                to: to.map(|to| plain(to)),
            },
            at: at.clone(),
        }
    });
    found.filter(|f| !f.fact.from.is_empty()).collect()
}

/// The renames that wait for the next start.
pub(super) fn pending(windows: &Windows<'_>) -> Result<Vec<Found<PendingMove>>, Gap> {
    let hive: &GuestHive = windows.system()?;
    let set = windows.control_set()?;
    let path = format!(r"{}\Control\Session Manager", set.name);
    let mut out = Vec::new();
    if let Some(manager) = KeyAt::open(hive, &path)? {
        for name in [
            "PendingFileRenameOperations",
            "PendingFileRenameOperations2",
        ] {
            let bytes = manager.value(name, |value| value.bytes().map(Some))?;
            if let Some(found) = bytes {
                let at = place(hive, &path, Some(name), found.at.offset);
                out.extend(moves(&found.fact, &at));
            }
        }
    }
    Ok(out)
}

impl Windows<'_> {
    /// What stands against the start of `service` at a normal start of the machine.
    ///
    /// # Errors
    /// A gap where the services can't be read.
    pub fn hindrances(&self, service: &Service) -> Result<Hindrances, Gap> {
        collect(self, service)
    }

    /// What image file execution options do to the programs called `file`, which `service` starts in
    /// turn.
    ///
    /// # Errors
    /// A gap where the services can't be read.
    pub fn hindered_program(&self, service: &Service, file: &str) -> Result<Hindrances, Gap> {
        let mut look = Look {
            windows: self,
            services: self.services()?,
            out: Hindrances::default(),
            chain: Vec::new(),
            done: BTreeSet::new(),
        };
        look.options_of(&service.name, file);
        Ok(look.out)
    }

    /// The files that are renamed or deleted when Windows starts the next time.
    ///
    /// # Errors
    /// A gap where the list can't be read.
    pub fn pending_moves(&self) -> Result<Vec<Found<PendingMove>>, Gap> {
        pending(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn protections_that_stop_a_program_are_told_from_others() {
        let bytes = |hex: u128| Data::Bytes(hex.to_le_bytes().to_vec());
        // winbase.h: BLOCK_NON_MICROSOFT_BINARIES << 44, PROHIBIT_DYNAMIC_CODE << 36,
        // WIN32K_SYSTEM_CALL_DISABLE << 28, FORCE_RELOCATE_IMAGES_ALWAYS_ON_REQ_RELOCS 3 << 8,
        // STRICT_CONTROL_FLOW_GUARD << 8 of the second.
        for set in [1 << 44, 1 << 36, 1 << 28, 3 << 8, 1 << 72] {
            assert!(stops(&bytes(set)), "{set:#x}");
        }
        assert!(stops(&Data::Long(1 << 44)));
        assert!(stops(&Data::Text("x".into())));
        // DEP, SEHOP, BOTTOM_UP_ASLR, HIGH_ENTROPY_ASLR, EXTENSION_POINT_DISABLE, CONTROL_FLOW_GUARD;
        // what is always off.
        for set in [0, 7, 1 << 16 | 1 << 20, 1 << 32, 1 << 40, 2 << 44] {
            assert!(!stops(&bytes(set)), "{set:#x}");
        }
    }

    #[test]
    fn renames_stand_in_pairs() {
        let text = "\\??\\C:\\a\0\0\\??\\C:\\b\0!\\??\\C:\\c\0*1\\??\\D:\\d\0\0\0";
        let bytes: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let found = moves(&bytes, &Location::default());
        let shown: Vec<(&str, Option<&str>)> = found
            .iter()
            .map(|f| (f.fact.from.as_str(), f.fact.to.as_deref()))
            .collect();
        assert_eq!(
            shown,
            [(r"C:\a", None), (r"C:\b", Some(r"C:\c")), (r"D:\d", None)]
        );
        assert!(moves(&[0, 0], &Location::default()).is_empty());
        assert!(moves(&[0], &Location::default()).is_empty());
    }
}
