//! WIN-KERNEL-004: the boot configuration turns no check of signatures off, and leads to no other
//! loader or kernel.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{no_store, reason, too_old};
use crate::error::{Error, Layer};
use crate::evidence::windows::{
    BootObject, BootReason, BootStore, Effective, ElementData, Firmware, element_name,
};
use crate::evidence::{Found, Gap};
use crate::policy::checks::findings::{Findings, worse};
use crate::policy::checks::registry::{BadParameter, Parameters};
use crate::policy::checks::valid;
use crate::policy::{Context, Effect, Item, Outcome, Status};
use crate::text::Text;

/// What policies call this test.
pub(in crate::policy::checks::windows) const NAME: &str = "windows_kernel_004_boot_settings";

/// The boot manager's settings that hold for all.
const SETTINGS: &[&str] = &[
    "{7ea2e1ac-2e61-4728-aaa3-896d9d0a9f0e}",
    "{6efb52bf-1766-41db-a6b3-0ee5eff72bd7}",
    "{7ff607e0-4395-11db-b0de-0800200c9a66}",
];
/// Of a loader: the entry that wakes from hibernation.
const RESUME: u32 = 0x2300_0003;
/// `path` of the boot manager and of a loader.
const PATH: u32 = 0x1200_0002;

/// What the boot configuration may say.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::policy::checks::windows) struct BootSettings {
    /// Paths of loaders that entries may name.
    loaders: Vec<String>,
    /// What `systemroot` may be.
    system_roots: Vec<String>,
    /// What `path` of the boot manager may be.
    managers: Vec<String>,
    /// Elements that weaken.
    elements: Vec<ElementRule>,
}

/// An element that weakens.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct ElementRule {
    /// The element's number, eight hexadecimal digits.
    id: String,
    /// When it counts.
    when: When,
    /// For `contains`: words in any case.
    #[serde(default)]
    words: Vec<String>,
    /// What it makes of the entry that boots.
    status: Effect,
}

/// When an element counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum When {
    /// Switched on, or a number other than 0.
    SwitchedOn,
    /// There, whatever it says.
    Present,
    /// A text with one of the words.
    Contains,
}

impl Parameters for BootSettings {
    fn validate(&self) -> Result<(), BadParameter> {
        valid::some("loaders", &self.loaders)?;
        valid::some("system_roots", &self.system_roots)?;
        valid::some("managers", &self.managers)?;
        let ids: Vec<&str> = self.elements.iter().map(|e| e.id.as_str()).collect();
        valid::entries("elements", &ids)?;
        for (i, rule) in self.elements.iter().enumerate() {
            let path = |field: &str| format!("elements[{i}].{field}");
            let id = &rule.id;
            if id.len() != 8 || !id.bytes().all(|b| b.is_ascii_hexdigit()) {
                let problem = say!(policy_bad_digits, count = 8);
                return Err(BadParameter::new(path("id"), problem));
            }
            if (rule.when == When::Contains) == rule.words.is_empty() {
                let problem = say!(policy_bad_words);
                return Err(BadParameter::new(path("words"), problem));
            }
            valid::entries(&path("words"), &rule.words)?;
        }
        Ok(())
    }
}

impl ElementRule {
    fn meets(&self, element: Effective<'_>) -> bool {
        let same = u32::from_str_radix(&self.id, 16) == Ok(element.id);
        same && match (self.when, &element.element.fact) {
            (When::Present, _) => true,
            (When::SwitchedOn, ElementData::Switch(on)) => *on,
            (When::SwitchedOn, ElementData::Number(number)) => *number != 0,
            // What is of no form is not off.
            (When::SwitchedOn, ElementData::Odd(_)) => true,
            (When::Contains, data) => {
                let text = data.to_string().to_lowercase();
                self.words.iter().any(|w| text.contains(&w.to_lowercase()))
            }
            _ => false,
        }
    }
}

pub(in crate::policy::checks::windows) fn run(
    context: &Context<'_>,
    with: &BootSettings,
) -> Outcome {
    if let Some(outcome) = too_old(context) {
        return outcome;
    }
    let boot = context.evidence.windows.boot();
    if boot.stores.is_empty() {
        return no_store(context, boot.gaps.clone(), Status::Unknown);
    }
    let mut seen = Seen {
        with,
        items: Vec::new(),
        found: Findings::with_gaps(&boot.gaps),
    };
    for store in &boot.stores {
        seen.found.gaps(store.gaps.iter().cloned());
        if store.entries().is_empty() {
            let why = Error::not_found(Layer::Boot, say!(win_kernel_004_no_entry));
            seen.found.gap(Gap::new(store.at.clone(), &why));
        }
        seen.store(store);
    }
    let Seen {
        items, mut found, ..
    } = seen;
    for (status, item) in items {
        found.add(status, item);
    }
    for entry in boot.stores.iter().flat_map(|s| &s.resolved) {
        let title = entry.title.as_str();
        let note = say!(
            win_kernel_004_entry,
            title = title,
            turn = reason(entry.reason)
        );
        found.pass(Item::at(entry.at.clone(), note));
    }
    found.conclude(|status, count| match status {
        Status::Fail => say!(win_kernel_004_fail, count = count),
        Status::Warn => say!(win_kernel_004_warn, count = count),
        _ => say!(win_kernel_004_pass),
    })
}

/// What was seen so far. A setting that several entries inherit is shown once, under the worst
/// that it means.
struct Seen<'a> {
    with: &'a BootSettings,
    items: Vec<(Status, Item)>,
    found: Findings,
}

impl Seen<'_> {
    /// Everything of `store` that has a say in what boots.
    fn store(&mut self, store: &BootStore) {
        let with = self.with;
        let usual = |paths: &[String]| {
            let ends = |p: &&String| p.to_lowercase().ends_with(".efi");
            let efi = store.firmware == Firmware::Efi;
            let mut fitting = paths.iter().filter(|p| ends(p) == efi);
            fitting.next().or(paths.first()).cloned()
        };
        if let Some(manager) = store.manager() {
            self.object(store, manager, true);
            if let Some(path) = manager.elements.get(&PATH) {
                let shown = path.fact.to_string();
                if self.path(path.at.clone(), &shown, &with.managers, true) {
                    self.set(&manager.id, "path", usual(&with.managers));
                }
            }
        }
        for object in SETTINGS.iter().filter_map(|id| store.object(id)) {
            self.object(store, object, true);
        }
        for (reason, object) in store.entries() {
            let strong = reason != BootReason::Menu;
            self.object(store, object, strong);
            if let Some(ElementData::Object(id)) = object.elements.get(&RESUME).map(|e| &e.fact)
                && let Some(resume) = store.object(id)
            {
                self.object(store, resume, strong);
            }
        }
        for entry in &store.resolved {
            let strong = entry.reason != BootReason::Menu;
            let odd = |seen: &mut Self, found: &Option<Found<String>>, wanted: &[String]| {
                found
                    .as_ref()
                    .is_some_and(|f| seen.path(f.at.clone(), &f.fact, wanted, strong))
            };
            if odd(self, &entry.path, &with.loaders) {
                self.set(&entry.id, "path", usual(&with.loaders));
            }
            if odd(self, &entry.system_root, &with.system_roots) {
                self.set(&entry.id, "systemroot", with.system_roots.first().cloned());
            }
        }
    }

    fn object(&mut self, store: &BootStore, object: &BootObject, strong: bool) {
        let mut gaps = Vec::new();
        for element in store.effective(object, &mut gaps) {
            let Some(rule) = self.with.elements.iter().find(|r| r.meets(element)) else {
                continue;
            };
            let name = match element_name(element.id) {
                Some(name) => name.to_owned(),
                None => format!("custom:{:08x}", element.id),
            };
            let note = say!(
                win_kernel_004_element,
                name = &name,
                id = format!("{:08x}", element.id),
                title = element.of.title(),
            );
            let found = element.element.fact.text();
            let item = Item::at(element.element.at.clone(), note);
            self.add(
                rule.status.into(),
                strong,
                item.compare(say!(win_value_absent), found),
            );
            self.found.fix(say!(
                win_kernel_004_fix_delete,
                object = &element.of.id,
                name = name
            ));
        }
        self.found.gaps(gaps);
    }

    /// Files a path that is none of the usual ones; true where it is so.
    fn path(
        &mut self,
        at: crate::evidence::Location,
        shown: &str,
        usual: &[String],
        strong: bool,
    ) -> bool {
        if usual.iter().any(|u| u.eq_ignore_ascii_case(shown)) {
            return false;
        }
        let item = Item::at(at, say!(win_kernel_004_path))
            .compare(Text::list(usual.iter()), Text::verbatim(shown));
        self.add(Status::Fail, strong, item);
        true
    }

    fn set(&mut self, object: &str, name: &str, wanted: Option<String>) {
        if let Some(wanted) = wanted {
            self.found.fix(say!(
                win_kernel_004_fix_set,
                object = object,
                name = name,
                wanted = wanted
            ));
        }
    }

    fn add(&mut self, status: Status, strong: bool, item: Item) {
        let status = if strong { status } else { Status::Warn };
        match self.items.iter_mut().find(|(_, seen)| *seen == item) {
            Some((before, _)) => *before = worse(*before, status),
            None => self.items.push((status, item)),
        }
    }
}
