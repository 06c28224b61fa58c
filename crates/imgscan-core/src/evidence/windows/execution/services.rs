//! Services: their programs with what wrappers start, and the libraries inside of svchost.

use super::sources::Collector;
use super::{Account, Execution, Occasion, Subject};
use crate::evidence::windows::{Datum, Language, Service};

/// Start of a service that is switched off.
const DISABLED: u32 = 4;
/// Start of a service that something must ask for.
const DEMAND: u32 = 3;
/// Services as the first start of a copy sets them up.
const FIRST_BOOT: &str = r"HKLM\SYSTEM\Setup\FirstBoot\Services";
/// Bits of a service's type that make it a program.
const PROGRAMS: u32 = 0x30;

impl Collector<'_, '_> {
    pub(super) fn services(&mut self) {
        match self.windows.services() {
            Ok(services) => {
                self.gaps(services.gaps.iter().cloned());
                for service in &services.items {
                    let program = service.kind.is_some_and(|kind| kind & PROGRAMS != 0);
                    if program || !service.is_driver() {
                        self.service(service);
                    }
                }
            }
            Err(gap) => self.gap(gap),
        }
        self.services_of_the_first_start();
    }

    /// True for a service that is switched off, but not on some hardware, or not from the first start
    /// of a copy on.
    fn starts_all_the_same(&mut self, service: &Service) -> bool {
        let key = service.at.key.clone().unwrap_or_default();
        let later = format!(r"{FIRST_BOOT}\{}", service.name);
        let found = [
            self.windows.values(&format!(r"{key}\StartOverride"), "*"),
            self.windows.values(&later, "Start"),
        ];
        let mut starts = false;
        for found in found {
            for value in self.keep(found) {
                starts |= value.fact.data.to_string() != DISABLED.to_string();
            }
        }
        starts
    }

    /// Services that the first start of a copy sets up: what of their values Windows takes is not
    /// documented, so a program that is named there may be started.
    fn services_of_the_first_start(&mut self) {
        let runs = || (Occasion::FirstBoot, Account::System);
        for value in ["ImagePath", "ServiceDll", "FailureCommand"] {
            let found = self.windows.values(&format!(r"{FIRST_BOOT}\*"), value);
            for value in self.keep(found) {
                let text = value.fact.data.to_string();
                let what = (Subject::Service, "service", value.fact.name.as_str());
                self.add(what, runs(), &text, value.at, |r| r.command(&text));
            }
        }
        let found = self.windows.values(FIRST_BOOT, "*");
        for value in self.keep(found) {
            let text = value.fact.data.to_string();
            let what = (Subject::Service, "service", value.fact.name.as_str());
            self.add(what, runs(), &text, value.at, |r| r.unclear_value(&text));
        }
    }

    fn service(&mut self, service: &Service) {
        self.gaps(service.gaps.iter().cloned());
        let key = service.at.key.clone().unwrap_or_default();
        let occasion = match service.start.as_ref().map(|s| s.fact) {
            Some(DISABLED) if !self.starts_all_the_same(service) => Occasion::Dormant,
            Some(DEMAND) => Occasion::Demand,
            _ => Occasion::Boot,
        };
        let own = self.windows.values(&key, "Environment");
        let own = self.keep(own);
        let lines = own.iter().flat_map(|v| match &v.fact.data {
            Datum::List(list) => list.clone(),
            other => vec![other.to_string()],
        });
        let variables: Vec<(String, String)> = lines
            .filter_map(|line| {
                let (name, text) = line.split_once('=')?;
                Some((name.to_lowercase(), text.to_owned()))
            })
            .collect();
        for (name, text) in &variables {
            if let Some(value) = own.first() {
                self.variable(name, text, Account::System, &value.at);
            }
        }
        let at = service
            .image_path
            .as_ref()
            .map_or(&service.at, |p| &p.at)
            .clone();
        let mut resolver = self.resolver_with(&at, variables);
        let mut command = String::new();
        if let Some(path) = &service.image_path {
            command.clone_from(&path.fact);
            resolver.command(&path.fact);
        }
        // Of another type: what the service control manager makes of it can't be told.
        let other = self.windows.values(&key, "ImagePath");
        let others = other.items.into_iter().map(|v| v.fact.data);
        for text in others.filter(|data| matches!(data, Datum::Hidden(_))) {
            command = text.to_string();
            resolver.command(&command);
            resolver.unclear_value(&command);
        }
        // What a wrapper starts stands in its parameters.
        let texts = |name: &str| {
            let found = self.windows.values(&format!(r"{key}\Parameters"), name);
            let texts = found.items.into_iter().map(|v| v.fact.data.to_string());
            (texts.collect::<Vec<_>>(), found.gaps)
        };
        let (applications, mut gaps) = texts("Application");
        let (arguments, more) = texts("AppParameters");
        gaps.extend(more);
        for application in applications {
            let arguments = arguments.first().map_or("", String::as_str);
            resolver.program(&application, arguments);
        }
        let hooks = self
            .windows
            .values(&format!(r"{key}\Parameters\AppEvents\*"), "*");
        gaps.extend(hooks.gaps);
        for hook in hooks.items {
            resolver.command(&hook.fact.data.to_string());
        }
        for class in self
            .windows
            .values(&format!(r"{key}\PythonClass"), "")
            .items
        {
            resolver.code(&class.fact.data.to_string(), Language::Command);
        }
        let parts = resolver.parts;
        self.gaps(gaps);
        self.service_library(service, &key, occasion);
        let account = match service.object_name.as_ref().map(|n| n.fact.as_str()) {
            None => Account::System,
            Some(name) if name.eq_ignore_ascii_case("LocalSystem") => Account::System,
            Some(name) => Account::Named(name.to_owned()),
        };
        let what = (Subject::Service, "service", service.name.as_str());
        let entry = Execution::new(what, (occasion, account), &command, parts);
        self.push(entry, at);
    }

    /// The library that a service inside of svchost is.
    fn service_library(&mut self, service: &Service, key: &str, occasion: Occasion) {
        for sub in [r"\Parameters", ""] {
            let found = self.windows.values(&format!("{key}{sub}"), "ServiceDll");
            for value in self.keep(found) {
                let command = value.fact.data.to_string();
                let what = (Subject::Service, "service library", service.name.as_str());
                let runs = (occasion, Account::System);
                self.add(what, runs, &command, value.at, |r| match value.fact.data {
                    Datum::Text(_) => r.library(&command),
                    // Of another type: what svchost makes of it can't be told.
                    _ => r.unclear_value(&command),
                });
            }
        }
    }
}
