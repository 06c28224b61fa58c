//! Services and drivers, as the service control manager and the kernel will read them.

use super::{Datum, KeyAt, Windows, outside, place};
use crate::error::{Error, Layer, Result};
use crate::evidence::files::FileFact;
use crate::evidence::{Found, Gap, Location};
use crate::fs::{FileKind, Timestamp};
use crate::guest::windows::{ControlSet, candidates, expand};
use crate::hive::{Data, Key, Value};

/// Types of services that are drivers: kernel driver, file system driver.
const DRIVER_TYPES: u32 = 0x1 | 0x2;
/// Those, and recognisers: what the kernel loads.
const LOADED: u32 = DRIVER_TYPES | 0x8;

/// A service or driver.
#[derive(Debug, Clone)]
pub struct Service {
    /// The name of its key.
    pub name: String,
    /// `DisplayName`.
    pub display_name: Option<String>,
    /// `Start`: 0 boot, 1 system, 2 automatic, 3 manual, 4 disabled.
    pub start: Option<Found<u32>>,
    /// `Type`: 1 kernel driver, 2 file system driver, 0x10 and 0x20 programs.
    pub kind: Option<u32>,
    /// `ImagePath` as it stands there.
    pub image_path: Option<Found<String>>,
    /// `Parameters\ServiceDll`, for services inside of svchost.
    pub service_dll: Option<Found<String>>,
    /// `ObjectName`: the account it runs as.
    pub object_name: Option<Found<String>>,
    /// `DelayedAutostart` is set: it starts two minutes after the others.
    pub delayed: bool,
    /// `DeleteFlag`, where it is there and not 0: the service is deleted at the next boot.
    pub delete_flag: Option<Found<u32>>,
    /// The variables in `ImagePath` are replaced (`REG_EXPAND_SZ`); in a `REG_SZ` they are not.
    pub expands: bool,
    /// The same of [`Service::service_dll`].
    pub dll_expands: bool,
    /// `DependOnService`: what starts before it.
    pub depends_on: Vec<Found<String>>,
    /// `DependOnGroup`: groups of which one member has to start before it.
    pub depends_on_groups: Vec<Found<String>>,
    /// `Group`: the group that it belongs to.
    pub group: Option<String>,
    /// `Environment`: variables of its own process, `NAME=value`; `None` where there are none.
    pub environment: Option<Found<Vec<String>>>,
    /// `LaunchProtected`, where it is there and not 0: only signers of that level are started.
    pub protected: Option<Found<u32>>,
    /// `TriggerInfo`: the events that start or stop it.
    pub triggers: Vec<Found<Trigger>>,
    /// `StartOverride`, which may replace `Start`.
    pub start_override: Option<Location>,
    /// When its key was last written.
    pub last_written: Option<Timestamp>,
    /// Its key.
    pub at: Location,
    /// What of its values can't be read.
    pub gaps: Vec<Gap>,
}

impl Service {
    /// True for a driver.
    #[must_use]
    pub fn is_driver(&self) -> bool {
        self.kind.is_some_and(|kind| kind & DRIVER_TYPES != 0)
    }
}

/// An event that starts or stops a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Trigger {
    /// `Type`: 1 a device, 2 an address of the network, 4 a port of the firewall, 20 a provider of
    /// events.
    pub kind: u32,
    /// `Action`: 1 starts, 2 stops.
    pub action: u32,
}

/// The services of a control set.
#[derive(Debug, Clone)]
pub struct Services {
    /// The control set.
    pub control_set: ControlSet,
    /// The key that they stand in.
    pub at: Location,
    /// In the order of the registry.
    pub items: Vec<Service>,
    /// What may hide more.
    pub gaps: Vec<Gap>,
}

/// What a service starts.
#[derive(Debug, Clone)]
pub enum Image {
    /// A file of the image.
    File(Box<FileFact>),
    /// A path at which there is no file.
    Missing(String),
    /// The service names no program.
    None,
    /// That can't be told.
    Unknown(Gap),
}

pub(super) fn collect(windows: &Windows<'_>) -> Result<Services, Gap> {
    let system = windows.system()?;
    let control_set = windows.control_set()?;
    let path = format!(r"{}\Services", control_set.name);
    let Some(root) = KeyAt::open(system, &path)? else {
        let missing = Error::not_found(
            Layer::Hive,
            say!(error_registry_absent, key = format!(r"HKLM\SYSTEM\{path}")),
        );
        return Err(Gap::new(place(system, &path, None, None), &missing));
    };
    let children = root.key.subkeys();
    let gaps = children.damage.iter().map(|e| root.gap(None, e)).collect();
    let items = children.items.into_iter().map(|key| {
        let path = format!(r"{path}\{}", key.name());
        service(&KeyAt {
            hive: system,
            key,
            path,
        })
    });
    Ok(Services {
        items: items.collect(),
        control_set,
        at: root.location(),
        gaps,
    })
}

fn service(key: &KeyAt<'_>) -> Service {
    let mut gaps = Vec::new();
    fn keep<T>(gaps: &mut Vec<Gap>, read: Result<Option<T>, Gap>) -> Option<T> {
        read.unwrap_or_else(|gap| {
            gaps.push(gap);
            None
        })
    }
    // The values of a link are those of its target, which Windows would read instead.
    if key.key.is_link() {
        let link = Error::unsupported(Layer::Hive, key.key.offset(), say!(error_registry_link));
        gaps.push(key.gap(None, &link));
    }
    let display_name = keep(&mut gaps, key.text("DisplayName"));
    let kind = keep(&mut gaps, key.number("Type"));
    let delayed = keep(&mut gaps, key.number("DelayedAutostart"));
    let delete_flag = keep(&mut gaps, key.number("DeleteFlag"));
    let (image_path, expands) = path(&mut gaps, key.value("ImagePath", as_path));
    let (service_dll, dll_expands) = path(&mut gaps, service_dll(key));
    let depends_on = keep(&mut gaps, key.value("DependOnService", as_list));
    let depends_on_groups = keep(&mut gaps, key.value("DependOnGroup", as_list));
    let environment = keep(&mut gaps, key.value("Environment", as_list));
    let protected = keep(&mut gaps, key.number("LaunchProtected"));
    let mut triggers = Vec::new();
    let mut start_override = None;
    for below in key.subkeys(&mut gaps) {
        match below.key.name().to_ascii_lowercase().as_str() {
            "startoverride" => start_override = Some(below.location()),
            "triggerinfo" => {
                for trigger in below.subkeys(&mut gaps) {
                    let number = |name: &str, gaps: &mut Vec<Gap>| {
                        let read = keep(gaps, trigger.number(name));
                        read.map_or(0, |v| v.fact)
                    };
                    let fact = Trigger {
                        kind: number("Type", &mut gaps),
                        action: number("Action", &mut gaps),
                    };
                    let at = trigger.location();
                    triggers.push(Found { fact, at });
                }
            }
            _ => {}
        }
    }
    Service {
        name: key.key.name().to_owned(),
        expands,
        dll_expands,
        depends_on: each(depends_on),
        depends_on_groups: each(depends_on_groups),
        group: keep(&mut gaps, key.text("Group")).map(|g| g.fact),
        environment: environment.filter(|e| !e.fact.is_empty()),
        protected: protected.filter(|p| p.fact != 0),
        triggers,
        start_override,
        display_name: display_name.map(|v| v.fact),
        start: keep(&mut gaps, key.number("Start")),
        kind: kind.map(|v| v.fact),
        image_path,
        service_dll,
        object_name: keep(&mut gaps, key.text("ObjectName")),
        delayed: delayed.is_some_and(|v| v.fact != 0),
        delete_flag: delete_flag.filter(|v| v.fact != 0),
        last_written: key.key.last_written(),
        at: key.location(),
        gaps,
    }
}

/// A path, and whether its variables are replaced.
type Path = (String, bool);

fn as_path(value: &Value<'_>) -> crate::error::Result<Option<Path>> {
    Ok(match value.data()? {
        Data::Text(text) => Some((text, false)),
        Data::Expand(text) => Some((text, true)),
        _ => None,
    })
}

/// The texts of a list; a single text is one of one.
fn as_list(value: &Value<'_>) -> crate::error::Result<Option<Vec<String>>> {
    Ok(match value.data()? {
        Data::List(list) => Some(list),
        Data::Text(text) | Data::Expand(text) if !text.trim().is_empty() => Some(vec![text]),
        _ => None,
    })
}

fn each(list: Option<Found<Vec<String>>>) -> Vec<Found<String>> {
    let each = list.into_iter().flat_map(|list| {
        let at = list.at;
        list.fact.into_iter().map(move |fact| Found {
            fact,
            at: at.clone(),
        })
    });
    each.filter(|f| !f.fact.trim().is_empty()).collect()
}

fn path(
    gaps: &mut Vec<Gap>,
    read: Result<Option<Found<Path>>, Gap>,
) -> (Option<Found<String>>, bool) {
    match read {
        Ok(Some(Found { fact, at })) => {
            let (fact, expands) = fact;
            (Some(Found { fact, at }), expands)
        }
        Ok(None) => (None, false),
        Err(gap) => {
            gaps.push(gap);
            (None, false)
        }
    }
}

/// `Parameters\ServiceDll`, or where old services have it.
fn service_dll(key: &KeyAt<'_>) -> Result<Option<Found<Path>>, Gap> {
    let below = |sub: Key<'_>| -> Result<Option<Found<Path>>, Gap> {
        let path = format!(r"{}\{}", key.path, sub.name());
        KeyAt {
            hive: key.hive,
            key: sub,
            path,
        }
        .value("ServiceDll", as_path)
    };
    match key
        .key
        .subkey("Parameters")
        .map_err(|e| key.gap(None, &e))?
    {
        Some(sub) => match below(sub)? {
            Some(dll) => Ok(Some(dll)),
            None => key.value("ServiceDll", as_path),
        },
        None => key.value("ServiceDll", as_path),
    }
}

/// The paths that a service's program may have, in the order in which Windows tries them; empty
/// where it names none.
pub(super) fn image_paths(windows: &Windows<'_>, service: &Service) -> Result<Vec<String>, Gap> {
    let driver = service.kind.is_some_and(|kind| kind & LOADED != 0);
    let text = match &service.image_path {
        Some(path) if !path.fact.trim().is_empty() => path.fact.clone(),
        // A driver without a path is the file of its name.
        _ if driver => format!(r"System32\drivers\{}.sys", service.name),
        _ => return Ok(Vec::new()),
    };
    // A driver's path is the kernel's, which knows no variables; many have them all the same.
    let (text, roots) = match &service.image_path {
        Some(_) if !driver && !service.expands => (text, windows.roots().literal()),
        Some(_) if !driver => (expanded(windows, &text), windows.roots().literal()),
        _ => (text, windows.roots()),
    };
    let all = candidates(&text, driver, &roots);
    match all.is_empty() {
        true => Err(Gap::new(service.at.clone(), &outside(&text))),
        false => Ok(all),
    }
}

/// `text` with its variables replaced: those of every Windows, then those that the session manager
/// sets for the machine.
pub(super) fn expanded(windows: &Windows<'_>, text: &str) -> String {
    let once = expand(text, &windows.roots(), &[]);
    if !once.contains('%') {
        return once;
    }
    let pattern = r"HKLM\SYSTEM\CurrentControlSet\Control\Session Manager\Environment";
    let values = windows.values(pattern, "*").items;
    let set: Vec<(String, String)> = values
        .into_iter()
        .filter_map(|value| match value.fact.data {
            Datum::Text(text) => {
                let text = expand(&text, &windows.roots(), &[]);
                Some((value.fact.name, text))
            }
            _ => None,
        })
        .collect();
    let set: Vec<(&str, &str)> = set.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    expand(&once, &windows.roots(), &set)
}

pub(super) fn image(windows: &Windows<'_>, service: &Service) -> Image {
    let all = match image_paths(windows, service) {
        Ok(all) => all,
        Err(gap) => return Image::Unknown(gap),
    };
    let Some(last) = all.last().cloned() else {
        return Image::None;
    };
    let files = crate::evidence::files::Files::new(&windows.guest.paths);
    for path in all {
        match files.file(&path) {
            Ok(Some(file)) if file.metadata.kind == FileKind::Regular => {
                return Image::File(Box::new(file));
            }
            Ok(_) => {}
            Err(gap) => return Image::Unknown(gap),
        }
    }
    Image::Missing(last)
}

/// The local security authority keeps the password of a service's account in the secret
/// `_SC_<service>` of the SECURITY hive.
pub(super) fn has_password(windows: &Windows<'_>, service: &str) -> Result<bool, Gap> {
    let key = format!(r"Policy\Secrets\_SC_{service}\CurrVal");
    Ok(KeyAt::open(windows.security()?, &key)?.is_some())
}

impl Windows<'_> {
    /// The services and drivers of the control set that the next boot uses.
    ///
    /// # Errors
    /// A gap where the list as a whole can't be read.
    pub fn services(&self) -> Result<&Services, Gap> {
        let collect = || collect(self);
        self.services
            .get_or_init(collect)
            .as_ref()
            .map_err(Gap::clone)
    }

    /// The file that a service starts.
    #[must_use]
    pub fn image(&self, service: &Service) -> Image {
        image(self, service)
    }

    /// True where the registry holds a password for the account that `service` runs as.
    ///
    /// # Errors
    /// A gap where that can't be told.
    pub fn has_service_password(&self, service: &str) -> Result<bool, Gap> {
        has_password(self, service)
    }
}
