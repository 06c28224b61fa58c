//! The boot configuration: that it weakens nothing, and that it leads to this Windows.

use crate::error::Result;
use crate::evidence::windows::{
    BootEntry, BootObject, BootStore, Effective, ElementData, Firmware, Target, Turn, element_name,
};
use crate::evidence::{Found, Gap, Location};
use crate::policy::checks::findings::{rank, worse};
use crate::policy::{Context, Item, Outcome, Status};

/// The boot manager's settings that hold for all.
const SETTINGS: &[&str] = &[
    "{7ea2e1ac-2e61-4728-aaa3-896d9d0a9f0e}",
    "{6efb52bf-1766-41db-a6b3-0ee5eff72bd7}",
    "{7ff607e0-4395-11db-b0de-0800200c9a66}",
];
/// Of a loader: the entry that wakes from hibernation.
const RESUME: u32 = 0x2300_0003;

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Weak {
    /// Loaders that entries may name.
    loaders: Vec<String>,
    /// What `systemroot` may be.
    system_roots: Vec<String>,
    /// What `path` of the boot manager may be.
    managers: Vec<String>,
    /// Elements that weaken.
    elements: Vec<Rule>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Rule {
    /// The element's number, eight hexadecimal digits.
    id: String,
    when: When,
    /// For `contains`: words in any case.
    #[serde(default)]
    words: Vec<String>,
    /// What it makes of the entry that boots.
    is: crate::policy::Effect,
}

#[derive(Clone, Copy, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
enum When {
    /// Switched on, or a number other than 0.
    SwitchedOn,
    /// There, whatever it says.
    Present,
    /// A text with one of the words.
    Contains,
}

impl Rule {
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

/// Windows before Vista has no boot configuration of this kind.
fn too_old(context: &Context<'_>) -> Option<Outcome> {
    let version = context.evidence.guest.os.version.as_deref()?;
    version.starts_with("5.").then(|| {
        Outcome::new(
            Status::NotApplicable,
            "Windows before Vista starts by boot.ini, not by boot configuration data",
            "Vista 之前的 Windows 由 boot.ini 启动，没有启动配置数据（BCD）",
        )
    })
}

/// Nothing was found; that is only sure where every volume was read.
fn no_store(gaps: Vec<Gap>, sure: Status) -> Outcome {
    let status = if gaps.is_empty() {
        sure
    } else {
        Status::Unknown
    };
    Outcome::new(
        status,
        r"no boot configuration (\Boot\BCD or \EFI\Microsoft\Boot\BCD) on any volume",
        r"任何卷上都没有启动配置（\Boot\BCD 或 \EFI\Microsoft\Boot\BCD）",
    )
    .gaps(gaps)
}

/// WIN-KERNEL-004.
pub(in crate::policy::checks::windows) fn weakened(context: &Context<'_>) -> Result<Outcome> {
    let with: Weak = context.check.with()?;
    if let Some(outcome) = too_old(context) {
        return Ok(outcome);
    }
    let boot = context.evidence.windows.boot();
    if boot.stores.is_empty() {
        return Ok(no_store(boot.gaps.clone(), Status::Unknown));
    }
    let mut seen = Seen {
        with: &with,
        worst: Status::Pass,
        items: Vec::new(),
        gaps: boot.gaps.clone(),
    };
    let mut looked = Vec::new();
    for store in &boot.stores {
        seen.gaps.extend(store.gaps.iter().cloned());
        if store.entries().is_empty() {
            let why = crate::error::Error::not_found(crate::Layer::Boot, "no entry that boots");
            seen.gaps.push(Gap::new(store.at.clone(), &why));
        }
        seen.store(store);
        for entry in &store.resolved {
            looked.push(Item::new(
                entry.at.clone(),
                format!("looked at: {} ({})", entry.title, turn(entry.turn).0),
                format!("已检查：{}（{}）", entry.title, turn(entry.turn).1),
            ));
        }
    }
    let outcome = match seen.worst {
        Status::Fail => Outcome::new(
            Status::Fail,
            "the boot configuration turns off code integrity, or leads to another loader or kernel",
            "启动配置关闭了代码完整性校验，或指向其他加载器或内核",
        ),
        Status::Warn => Outcome::new(
            Status::Warn,
            "the boot configuration holds settings for debugging or for another entry",
            "启动配置含有调试设置，或非默认启动项存在风险设置",
        ),
        _ => Outcome::new(
            Status::Pass,
            "the boot configuration turns off nothing and leads to the usual loader",
            "启动配置未关闭任何校验，且指向常规加载器",
        ),
    };
    Ok(outcome
        .evidence(seen.items)
        .evidence(looked)
        .gaps(seen.gaps))
}

struct Seen<'a> {
    with: &'a Weak,
    worst: Status,
    items: Vec<Item>,
    gaps: Vec<Gap>,
}

impl Seen<'_> {
    /// Everything of `store` that has a say in what boots. A setting that several entries inherit
    /// is shown once.
    fn store(&mut self, store: &BootStore) {
        if let Some(manager) = store.manager() {
            self.object(store, manager, true);
            let path = manager.elements.get(&0x1200_0002);
            self.path(path, &self.with.managers, true);
        }
        let settings = SETTINGS.iter().filter_map(|id| store.object(id));
        for object in settings {
            self.object(store, object, true);
        }
        for (turn, object) in store.entries() {
            let strong = turn != Turn::Menu;
            self.object(store, object, strong);
            if let Some(ElementData::Object(id)) = object.elements.get(&RESUME).map(|e| &e.fact)
                && let Some(resume) = store.object(id)
            {
                self.object(store, resume, strong);
            }
        }
        for entry in &store.resolved {
            let strong = entry.turn != Turn::Menu;
            let text = |found: &Option<Found<String>>| {
                found.as_ref().map(|f| Found {
                    fact: ElementData::Text(f.fact.clone()),
                    at: f.at.clone(),
                })
            };
            self.path(text(&entry.path).as_ref(), &self.with.loaders, strong);
            let root = text(&entry.system_root);
            self.path(root.as_ref(), &self.with.system_roots, strong);
        }
    }

    fn object(&mut self, store: &BootStore, object: &BootObject, strong: bool) {
        for element in store.effective(object, &mut self.gaps) {
            let Some(rule) = self.with.elements.iter().find(|r| r.meets(element)) else {
                continue;
            };
            let name = element_name(element.id).unwrap_or("element");
            let item = Item::new(
                element.element.at.clone(),
                format!("{name} ({:08x}) of {}", element.id, element.of.title()),
                format!("{} 的 {name}（{:08x}）", element.of.title(), element.id),
            )
            .compare("not set", element.element.fact.to_string());
            self.add(rule.is.into(), strong, item);
        }
    }

    /// A path that is none of the usual ones.
    fn path(&mut self, found: Option<&Found<ElementData>>, usual: &[String], strong: bool) {
        let Some(found) = found else { return };
        let shown = found.fact.to_string();
        if usual.iter().any(|u| u.eq_ignore_ascii_case(&shown)) {
            return;
        }
        let item = Item::new(
            found.at.clone(),
            "a path other than the usual ones",
            "路径与常规值不同",
        )
        .compare(usual.join(" | "), shown);
        self.add(Status::Fail, strong, item);
    }

    fn add(&mut self, status: Status, strong: bool, item: Item) {
        let status = if strong { status } else { Status::Warn };
        if status == Status::Fail || self.worst == Status::Pass {
            self.worst = status;
        }
        if !self.items.contains(&item) {
            self.items.push(item);
        }
    }
}

fn turn(turn: Turn) -> (&'static str, &'static str) {
    match turn {
        Turn::Next => ("boots next, once", "下次启动一次"),
        Turn::Default => ("boots by default", "默认启动"),
        Turn::Menu => ("may be chosen", "可供选择"),
    }
}

/// WIN-BOOT-001.
pub(in crate::policy::checks::windows) fn resolves(context: &Context<'_>) -> Result<Outcome> {
    if let Some(outcome) = too_old(context) {
        return Ok(outcome);
    }
    let boot = context.evidence.windows.boot();
    if boot.stores.is_empty() {
        return Ok(no_store(boot.gaps.clone(), Status::Fail));
    }
    let mut gaps = boot.gaps.clone();
    let judged: Vec<(Status, Vec<Item>)> = boot.stores.iter().map(judge).collect();
    gaps.extend(boot.stores.iter().flat_map(|s| s.gaps.iter().cloned()));
    // One store that leads to its Windows is enough: the other is for other firmware.
    let best = judged
        .iter()
        .map(|(status, _)| *status)
        .min_by_key(|s| rank(*s));
    let others = judged.iter().any(|(status, _)| *status == Status::Fail);
    let (status, en, zh) = match best {
        Some(Status::Fail) if !gaps.is_empty() => (
            Status::Unknown,
            "the boot configuration could not be read in full, and no way to a loader was found",
            "启动配置未能完整读取，且未找到通往加载器的路径",
        ),
        Some(Status::Fail) => (
            Status::Fail,
            "the boot configuration does not lead to a loader of this image",
            "启动配置无法指向本镜像中的加载器",
        ),
        Some(Status::Pass) if !others => (
            Status::Pass,
            "boot manager, default entry and loader are there",
            "启动管理器、默认启动项与加载器均存在",
        ),
        _ => (
            Status::Warn,
            "the default entry leads to its loader; another part of the boot configuration does not resolve",
            "默认启动项可指向加载器，但启动配置的其他部分无法解析",
        ),
    };
    let items = judged.into_iter().flat_map(|(_, items)| items);
    Ok(Outcome::new(status, en, zh).evidence(items).gaps(gaps))
}

fn judge(store: &BootStore) -> (Status, Vec<Item>) {
    let mut items = Vec::new();
    let mut worst = Status::Pass;
    let mut add = |status: Status, item: Item| {
        worst = worse(worst, status);
        items.push(item);
    };
    let name = match store.firmware {
        Firmware::Efi => "/EFI/Microsoft/Boot/bootmgfw.efi",
        Firmware::Bios => "/bootmgr",
    };
    match &store.program {
        Some(at) => add(
            Status::Pass,
            Item::new(at.clone(), "boot manager", "启动管理器"),
        ),
        None => add(Status::Fail, missing(store, name)),
    }
    let default = store.resolved.iter().find(|e| e.turn == Turn::Default);
    let next = store.resolved.iter().find(|e| e.turn == Turn::Next);
    match default.or(next) {
        None => {
            let at = store.manager().map_or(&store.at, |m| &m.at);
            let found = store.default_id().unwrap_or("no default");
            add(
                Status::Fail,
                Item::new(at.clone(), "no entry to boot by default", "没有默认启动项")
                    .compare("an object of the store", found),
            );
        }
        Some(entry) => {
            for (status, item) in way(entry) {
                add(status, item);
            }
        }
    }
    (worst, items)
}

fn missing(store: &BootStore, name: &str) -> Item {
    let at = Location {
        volume: Some(store.volume.clone()),
        ..Location::of_path(name)
    };
    Item::new(at, "the boot manager is not there", "启动管理器不存在").compare(name, "no such file")
}

/// What an entry leads to.
fn way(entry: &BootEntry) -> Vec<(Status, Item)> {
    let mut out = Vec::new();
    let at = |found: &Option<Found<String>>| {
        let found = found.as_ref().map(|f| f.at.clone());
        found.unwrap_or_else(|| entry.at.clone())
    };
    let text = |found: &Option<Found<String>>| {
        let found = found.as_ref().map(|f| f.fact.clone());
        found.unwrap_or_else(|| "not set".into())
    };
    let devices = [("device", &entry.device), ("osdevice", &entry.os_device)];
    for (name, (target, shown)) in devices {
        let (status, expected) = match target {
            Target::Volume { .. } | Target::Found => (Status::Pass, None),
            Target::Elsewhere => (Status::Fail, Some("a partition of this image")),
            Target::Absent => (Status::Fail, Some("a device")),
            Target::Unknown => (Status::Warn, Some("a partition")),
        };
        let mut item = Item::new(
            at(shown),
            format!("{name} of {}", entry.title),
            format!("{} 的 {name}", entry.title),
        );
        item.expected = expected.map(Into::into);
        item.found = Some(match target {
            Target::Volume { name } => format!("{} = {name}", text(shown)).into(),
            _ => text(shown).into(),
        });
        out.push((status, item));
    }
    match &entry.loader {
        Some(file) => out.push((
            Status::Pass,
            Item::new(file.clone(), "the loader", "加载器"),
        )),
        None => out.push((
            Status::Fail,
            Item::new(at(&entry.path), "the loader is not there", "加载器不存在")
                .compare("a file of the device", text(&entry.path)),
        )),
    }
    if let Some(lost) = &entry.lost_recovery {
        out.push((
            Status::Warn,
            Item::new(
                lost.at.clone(),
                "the recovery entry is not in the store",
                "恢复启动项不存在",
            )
            .compare("an object of the store", lost.fact.clone()),
        ));
    }
    out
}
