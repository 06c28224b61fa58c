//! Which entries of a store may start, and why: from the boot manager along every element that
//! names objects.

use std::collections::{BTreeSet, VecDeque};

use serde::Serialize;

use super::{BOOT_MANAGER, BootObject, BootStore, Device, ElementData, INHERIT};

/// Why an entry starts. The order is how soon it does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum BootReason {
    /// The next boot takes it (`bootsequence`), once.
    Next,
    /// It starts before any other (`startupsequence`).
    Startup,
    /// It is the default.
    Default,
    /// A hibernated system goes on by it (`resumeobject`).
    Resume,
    /// It starts where another one fails (`recoverysequence`).
    Recovery,
    /// A person may choose it from the menu.
    Menu,
    /// A person may choose it from the menu of tools.
    Tool,
    /// Another element leads to it, such as a key that is pressed (`customactions`).
    Other,
}

/// Objects of applications: the first digit of their type.
const APPLICATION: u32 = 1;
const DEFAULT: u32 = 0x2300_0003;

/// Why the objects start that element `id` of `of` names.
fn reason(of: &BootObject, id: u32) -> BootReason {
    let manager = of.id.eq_ignore_ascii_case(BOOT_MANAGER);
    match id {
        0x2400_0002 if manager => BootReason::Next,
        0x2400_0007 if manager => BootReason::Startup,
        DEFAULT if manager => BootReason::Default,
        0x2400_0001 if manager => BootReason::Menu,
        0x2400_0010 if manager => BootReason::Tool,
        0x2300_0006 if manager => BootReason::Resume,
        // Of a loader this number is `resumeobject`.
        DEFAULT => BootReason::Resume,
        0x1400_0008 => BootReason::Recovery,
        _ => BootReason::Other,
    }
}

/// The entries that may start, each once, with the strongest reason, in its order.
pub(super) fn entries(store: &BootStore) -> Vec<(BootReason, &BootObject)> {
    let mut found: Vec<(BootReason, &BootObject)> = Vec::new();
    let mut seen = BTreeSet::new();
    let mut next: VecDeque<(BootReason, &BootObject)> = VecDeque::new();
    let Some(manager) = store.manager() else {
        return found;
    };
    let mut first = named(store, manager);
    let by_order = store.default_id().and_then(|id| store.object(id));
    first.extend(by_order.map(|object| (BootReason::Default, object)));
    first.sort_by_key(|(reason, _)| *reason);
    next.extend(first);
    seen.insert(manager.id.as_str());
    while let Some((reason, object)) = next.pop_front() {
        if !seen.insert(&object.id) {
            continue;
        }
        // What a device or another object only holds settings for starts nothing itself.
        if object.kind.is_none_or(|kind| kind >> 28 == APPLICATION) {
            found.push((reason, object));
        }
        next.extend(named(store, object));
    }
    found.sort_by_key(|(reason, _)| *reason);
    found
}

/// The objects that the elements of `of` name, but those that it inherits from.
fn named<'s>(store: &'s BootStore, of: &'s BootObject) -> Vec<(BootReason, &'s BootObject)> {
    let mut out = Vec::new();
    for effective in store.effective(of, &mut Vec::new()) {
        let ids: &[String] = match &effective.element.fact {
            _ if effective.id == INHERIT => &[],
            ElementData::Objects(ids) => ids,
            ElementData::Object(id) => std::slice::from_ref(id),
            ElementData::Device(Device::File {
                options: Some(id), ..
            }) => std::slice::from_ref(id),
            _ => &[],
        };
        let reason = reason(of, effective.id);
        let objects = ids.iter().filter_map(|id| store.object(id));
        out.extend(objects.map(|object| (reason, object)));
    }
    out
}
