//! Services: their programs with what wrappers start, and the libraries inside of svchost.

use super::resolve::Resolver;
use super::sources::Collector;
use super::{Account, Execution, Occasion, Subject};
use crate::evidence::windows::{Datum, Language, Service};

/// Start of a service that is switched off.
const DISABLED: u32 = 4;
/// Start of a service that something must ask for.
const DEMAND: u32 = 3;
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
    }

    fn service(&mut self, service: &Service) {
        self.gaps(service.gaps.iter().cloned());
        let key = service.at.key.clone().unwrap_or_default();
        let occasion = match service.start.as_ref().map(|s| s.fact) {
            Some(DISABLED) if self.is_woken(service) => Occasion::Boot,
            Some(DISABLED) => Occasion::Dormant,
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
        let mut resolver = Resolver::new(self.windows, &at, variables);
        let mut command = String::new();
        if let Some(path) = &service.image_path {
            command.clone_from(&path.fact);
            resolver.command(&path.fact);
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

    /// True where something else than its `Start` says how the service starts: `StartOverride`, or
    /// what setup writes there at the first start.
    fn is_woken(&mut self, service: &Service) -> bool {
        let key = format!(r"HKLM\SYSTEM\Setup\FirstBoot\Services\{}", service.name);
        let first = self.windows.values(&key, "Start");
        let first = self.keep(first);
        let starts = |text: &str| text.trim() != DISABLED.to_string();
        service.start_override.is_some() || first.iter().any(|v| starts(&v.fact.data.to_string()))
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
