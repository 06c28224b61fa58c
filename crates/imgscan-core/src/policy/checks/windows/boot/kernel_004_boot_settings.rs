//! WIN-KERNEL-004: the boot configuration turns no check of signatures off, leads to no other
//! loader, kernel or Windows than the ones that are judged, and says nothing that is not understood.

use schemars::JsonSchema;
use serde::Deserialize;

use super::boot_store::Seen;
use super::{no_store, reason, too_old};
use crate::error::{Error, Layer};
use crate::evidence::Gap;
use crate::evidence::windows::{BootStore, Effective, ElementData};
use crate::policy::checks::findings::Findings;
use crate::policy::checks::registry::{BadParameter, Parameters};
use crate::policy::checks::valid;
use crate::policy::{Context, Effect, Item, Outcome, Status};

/// What policies call this test.
pub(in crate::policy::checks::windows) const NAME: &str = "windows_kernel_004_boot_settings";

/// What the boot configuration may say.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::policy::checks::windows) struct BootSettings {
    /// Paths of loaders that entries may name.
    pub(super) loaders: Vec<String>,
    /// Paths of programs that wake a hibernated system.
    pub(super) resumers: Vec<String>,
    /// Paths of the memory test.
    pub(super) tools: Vec<String>,
    /// What `systemroot` may be.
    pub(super) system_roots: Vec<String>,
    /// What `path` of the boot manager may be.
    pub(super) managers: Vec<String>,
    /// Files that entries which wake a hibernated system may name.
    pub(super) memory_files: Vec<String>,
    /// Elements that weaken.
    elements: Vec<ElementRule>,
    /// Elements that do no harm whatever they say, each eight hexadecimal digits. One that is
    /// neither here nor in `elements` is not understood.
    usual: Vec<String>,
}

/// An element that weakens.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ElementRule {
    /// The element's number, eight hexadecimal digits.
    pub(super) id: String,
    /// When it counts.
    when: When,
    /// For `contains`: words in any case; for `other_than`: what it may be; for `more_than`: the
    /// largest number that it may be.
    #[serde(default)]
    words: Vec<String>,
    /// What it makes of an entry that may start.
    pub(super) status: Effect,
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
    /// A text that is not empty.
    Written,
    /// None of the words, as a text or a number.
    OtherThan,
    /// A number above the one word.
    MoreThan,
}

impl Parameters for BootSettings {
    fn validate(&self) -> Result<(), BadParameter> {
        valid::some("loaders", &self.loaders)?;
        valid::some("system_roots", &self.system_roots)?;
        valid::some("managers", &self.managers)?;
        valid::entries("resumers", &self.resumers)?;
        valid::entries("tools", &self.tools)?;
        valid::entries("memory_files", &self.memory_files)?;
        let identities = self
            .elements
            .iter()
            .map(|e| format!("{} {:?}", e.id, e.when));
        valid::entries("elements", &identities.collect::<Vec<_>>())?;
        valid::entries("usual", &self.usual)?;
        let digits = |id: &str| id.len() == 8 && id.bytes().all(|b| b.is_ascii_hexdigit());
        if let Some(i) = self.usual.iter().position(|id| !digits(id)) {
            let problem = say!(policy_bad_digits, count = 8);
            return Err(BadParameter::new(format!("usual[{i}]"), problem));
        }
        for (i, rule) in self.elements.iter().enumerate() {
            let path = |field: &str| format!("elements[{i}].{field}");
            if !digits(&rule.id) {
                let problem = say!(policy_bad_digits, count = 8);
                return Err(BadParameter::new(path("id"), problem));
            }
            let worded = matches!(rule.when, When::Contains | When::OtherThan | When::MoreThan);
            let counted = rule.when != When::MoreThan || rule.most().is_some();
            if worded == rule.words.is_empty() || !counted {
                let problem = say!(policy_bad_words);
                return Err(BadParameter::new(path("words"), problem));
            }
            valid::entries(&path("words"), &rule.words)?;
        }
        Ok(())
    }
}

impl ElementRule {
    fn names(&self, id: u32) -> bool {
        u32::from_str_radix(&self.id, 16) == Ok(id)
    }

    /// The largest number that `more_than` leaves.
    fn most(&self) -> Option<u64> {
        match self.words.as_slice() {
            [word] => word.parse().ok(),
            _ => None,
        }
    }

    fn meets(&self, element: Effective<'_>) -> bool {
        let data = &element.element.fact;
        let text = || data.to_string().to_lowercase();
        self.names(element.id)
            && match (self.when, data) {
                (When::Present, _) => true,
                (When::SwitchedOn, ElementData::Switch(on)) => *on,
                (When::SwitchedOn, ElementData::Number(number)) => *number != 0,
                // What is of no form is not off.
                (
                    When::SwitchedOn | When::Written | When::OtherThan | When::MoreThan,
                    ElementData::Odd(_),
                ) => true,
                (When::MoreThan, ElementData::Number(number)) => {
                    self.most().is_none_or(|most| *number > most)
                }
                (When::Written, ElementData::Text(text)) => !text.trim().is_empty(),
                (When::Contains, _) => {
                    let text = text();
                    self.words.iter().any(|w| text.contains(&w.to_lowercase()))
                }
                (When::OtherThan, _) => {
                    let text = text();
                    !self.words.iter().any(|w| text == w.to_lowercase())
                }
                (When::SwitchedOn | When::Written | When::MoreThan, _) => false,
            }
    }
}

impl BootSettings {
    /// The rule that `element` breaks.
    pub(super) fn broken(&self, element: Effective<'_>) -> Option<&ElementRule> {
        self.elements.iter().find(|rule| rule.meets(element))
    }

    /// True where the policy knows what element `id` does.
    pub(super) fn understands(&self, id: u32) -> bool {
        let usual = |known: &String| u32::from_str_radix(known, 16) == Ok(id);
        self.elements.iter().any(|rule| rule.names(id)) || self.usual.iter().any(usual)
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
    let mut seen = Seen::new(with, context, Findings::with_gaps(&boot.gaps));
    for store in &boot.stores {
        seen.found.gaps(store.gaps.iter().cloned());
        if store.entries().is_empty() {
            let why = Error::not_found(Layer::Boot, say!(win_kernel_004_no_entry));
            seen.found.gap(Gap::new(store.at.clone(), &why));
        }
        seen.store(store);
    }
    let mut found = seen.filed();
    hibernated(context, &mut found);
    for entry in boot.stores.iter().flat_map(|s: &BootStore| &s.resolved) {
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
        Status::Unknown => say!(win_kernel_004_unknown, count = count),
        Status::Warn => say!(win_kernel_004_warn, count = count),
        _ => say!(win_kernel_004_pass),
    })
}

/// The memory of a hibernated system runs in place of the files that are judged.
fn hibernated(context: &Context<'_>, found: &mut Findings) {
    for file in found.keep(context.evidence.windows.hibernated()) {
        let item = Item::at(file.at, say!(win_kernel_004_hibernated));
        let shown = match &file.fact.resumed_by {
            Some(at) => {
                let key = at.key.as_deref().unwrap_or_default();
                say!(win_kernel_004_resumed, element = key)
            }
            None => say!(win_kernel_004_not_resumed),
        };
        let status = match file.fact.resumed_by {
            Some(_) => Status::Fail,
            None => Status::Unknown,
        };
        found.add(status, item.compare(say!(win_cap_002_no_memory), shown));
        found.fix(say!(win_cap_002_fix_hibernated));
    }
}
