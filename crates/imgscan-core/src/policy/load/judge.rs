//! What a policy must be: of every file its form, of the whole its checks with their parameters.

use std::collections::BTreeMap;

use serde::de::IgnoredAny;

use super::Found;
use super::fit::{fit, fit_whole};
use super::merge::unknown_check;
use super::words::meant;
use super::yaml::{Node, Place, Tree};
use crate::policy::checks::registry;
use crate::policy::data::{Check, Form, Policy, SCHEMA, Waiver};
use crate::policy::params::Params;
use crate::policy::{Date, checks};
use crate::text::Text;

/// The form of one file: its keys and the types of their values, check ids that are there once.
pub(super) fn head(root: &Node, found: &mut Vec<Found>) -> Option<()> {
    let form = fit::<Form<IgnoredAny, IgnoredAny, IgnoredAny>>(root, found);
    if let Some(schema) = form.as_ref().and_then(|form| form.schema.as_deref())
        && schema != SCHEMA
    {
        let at = place(root, "schema");
        found.push((at, say!(policy_schema, expected = SCHEMA, found = schema)));
    }
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    for check in root.get("checks").into_iter().flat_map(Node::items) {
        match check.get("id") {
            Some(node) => {
                let Some(id) = node.as_str() else { continue };
                if let Some(line) = seen.get(id) {
                    let problem = say!(policy_duplicate_check, id = id, line = *line);
                    found.push((node.at, problem));
                } else {
                    seen.insert(id, node.at.line);
                }
            }
            None => found.push((check.at, say!(policy_missing_key, key = "id"))),
        }
    }
    duplicates(root, found);
    if root.get("id").is_none() && form.is_some() {
        found.push((root.at, say!(policy_missing_key, key = "id")));
    }
    let checks = root.get("checks").into_iter().flat_map(Node::items);
    for entry in checks.chain([root]).flat_map(Node::entries) {
        if matches!(entry.value.value, Tree::Null) {
            let problem = say!(policy_empty_key, key = entry.key.as_str());
            found.push((entry.at, problem));
        }
    }
    if let Some(remove) = root.get("remove").filter(|_| root.get("extends").is_none()) {
        found.push((remove.at, say!(policy_remove_alone)));
    }
    // What has not the form of a policy is not merged with others.
    form.filter(|_| usable(root)).map(drop)
}

/// True where lists are lists, so that files can be merged.
fn usable(root: &Node) -> bool {
    let list = |key| {
        root.get(key)
            .is_none_or(|node| matches!(node.value, Tree::List(_)))
    };
    let filled = root
        .entries()
        .iter()
        .all(|entry| !matches!(entry.value.value, Tree::Null));
    filled
        && ["checks", "remove", "order", "waivers"]
            .into_iter()
            .all(list)
}

fn place(node: &Node, key: &str) -> Place {
    node.get(key).map_or(node.at, |value| value.at)
}

/// Lists of plain values in which one is there twice.
fn duplicates(node: &Node, found: &mut Vec<Found>) {
    for entry in node.entries() {
        duplicates(&entry.value, found);
    }
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for item in node.items() {
        duplicates(item, found);
        let Some(value) = item.scalar() else { continue };
        match seen.get(&value) {
            Some(line) => {
                let problem = say!(policy_duplicate_entry, entry = value, line = *line);
                found.push((item.at, problem));
            }
            None => {
                seen.insert(value, item.at.line);
            }
        }
    }
}

/// The policy that `root` is.
pub(super) fn policy(root: &Node, found: &mut Vec<Found>) -> Option<Policy> {
    for key in ["schema", "revision", "title", "checks"] {
        if root.get(key).is_none() {
            found.push((root.at, say!(policy_missing_key, key = key)));
        }
    }
    let empty = Node {
        at: root.at,
        value: Tree::Map(Vec::new()),
    };
    let params = root.get("params").unwrap_or(&empty);
    let typed = fit::<Params>(params, found);
    if found.is_empty() {
        empty_keys(params, found);
    }
    let list = |key: &str| root.get(key).into_iter().flat_map(Node::items);
    let nodes: Vec<&Node> = list("checks").collect();
    let ids: Vec<&str> = nodes
        .iter()
        .filter_map(|check| check.get("id")?.as_str())
        .collect();
    let checks: Vec<Check> = nodes
        .iter()
        .filter_map(|node| check(node, params, found))
        .collect();
    let waivers: Vec<Waiver> = list("waivers")
        .filter_map(|node| waiver(node, &ids, found))
        .collect();
    if nodes.is_empty() && root.get("checks").is_some() {
        found.push((place(root, "checks"), say!(policy_no_checks)));
    }
    shared(&typed?, params, found);
    blank(root, &["id", "revision", "title"], found);
    let text = |key: &str| root.get(key).and_then(Node::as_str).map(str::to_owned);
    Some(Policy {
        schema: text("schema")?,
        id: text("id")?,
        revision: text("revision")?,
        title: fit::<Text>(root.get("title")?, found)?,
        params: fit(params, &mut Vec::new())?,
        checks,
        waivers,
        bases: Vec::new(),
        sha256: String::new(),
    })
}

/// Keys below `node` that hold nothing, which a type may take for what is absent.
fn empty_keys(node: &Node, found: &mut Vec<Found>) {
    for entry in node.entries() {
        if matches!(entry.value.value, Tree::Null) {
            let problem = say!(policy_empty_key, key = entry.key.as_str());
            found.push((entry.at, problem));
        }
        empty_keys(&entry.value, found);
    }
    for item in node.items() {
        empty_keys(item, found);
    }
}

/// Those of `keys` whose text is empty; of one in both languages, in either.
fn blank(node: &Node, keys: &[&str], found: &mut Vec<Found>) {
    for entry in node.entries() {
        if !keys.contains(&entry.key.as_str()) {
            continue;
        }
        blank(&entry.value, &["en", "zh"], found);
        for text in [&entry.value].into_iter().chain(entry.value.items()) {
            if text.as_str().is_some_and(|text| text.trim().is_empty()) {
                let problem = say!(policy_empty_key, key = entry.key.as_str());
                found.push((text.at, problem));
            }
        }
    }
}

/// What the types of the shared parameters can't say: arguments of the kernel are in one list each, addresses are addresses, thumbprints are
/// thumbprints that differ by more than case, and some server is approved.
fn shared(typed: &Params, params: &Node, found: &mut Vec<Found>) {
    if let Some(node) = params.get("kernel_arguments")
        && let Err(bad) = typed.kernel_arguments.validate()
    {
        found.push((node.find(&bad.path).at, bad.problem));
    }
    let dns = params.get("dns");
    let approved = dns.and_then(|dns| dns.get("approved"));
    let regions = approved.into_iter().flat_map(Node::entries);
    let regions = regions.map(|region| &region.value);
    let misprinted = dns.and_then(|dns| dns.get("misprinted"));
    for item in regions.chain(misprinted).flat_map(Node::items) {
        if let Some(text) = item.as_str()
            && text.parse::<std::net::IpAddr>().is_err()
        {
            found.push((item.at, say!(policy_not_address, found = text)));
        }
    }
    let none = |node: &Node| {
        let regions = node.entries().iter().map(|region| &region.value);
        node.items().is_empty() && regions.flat_map(Node::items).next().is_none()
    };
    let ntp = params.get("ntp").and_then(|ntp| ntp.get("approved"));
    for list in approved.into_iter().chain(ntp).filter(|list| none(list)) {
        found.push((list.at, say!(policy_no_approved)));
    }
    let roots = params.get("windows_roots").and_then(|r| r.get("add"));
    let mut seen: BTreeMap<String, Place> = BTreeMap::new();
    for item in roots.into_iter().flat_map(Node::items) {
        let Some(text) = item.as_str() else { continue };
        if text.len() != 40 || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
            found.push((item.at, say!(policy_not_thumbprint, found = text)));
        }
        let first = *seen.entry(text.to_ascii_uppercase()).or_insert(item.at);
        if first != item.at {
            let problem = say!(policy_duplicate_entry, entry = text, line = first.line);
            found.push((item.at, problem));
        }
    }
}

/// A check and the parameters of its test.
fn check(node: &Node, params: &Node, found: &mut Vec<Found>) -> Option<Check> {
    let check = fit::<Check>(node, found);
    let at = place(node, "id");
    if let Some(test) = node.get("test")
        && let Some(name) = test.as_str()
    {
        match checks::find(name) {
            None => {
                let known = registry::all().map(registry::Test::name);
                let problem = say!(policy_no_test, test = name);
                found.push((test.at, meant(problem, name, known)));
            }
            Some(entry) => parameters(entry, node, params, found),
        }
    }
    blank(node, &["id", "clause", "title", "fix"], found);
    other_system(node, found);
    let mut check = check?;
    if check.title.is_empty() {
        match check.words("title") {
            Some(title) => check.title = title,
            None => found.push((at, say!(policy_no_title, id = check.id.as_str()))),
        }
    }
    Some(check)
}

/// A test of one system under another: it would find nothing, and that may read as a pass.
fn other_system(check: &Node, found: &mut Vec<Found>) {
    let text = |key| check.get(key).and_then(Node::as_str);
    let (Some(test), Some(os)) = (text("test"), text("os")) else {
        return;
    };
    let of = ["linux", "windows"].into_iter();
    let mut of = of.filter(|of| test.strip_prefix(of).is_some_and(|t| t.starts_with('_')));
    if let Some(own) = of
        .next()
        .filter(|own| *own != os && checks::find(test).is_some())
    {
        let problem = say!(policy_other_system, test = test, os = own);
        found.push((place(check, "os"), problem));
    }
}

fn parameters(test: &dyn registry::Test, check: &Node, params: &Node, found: &mut Vec<Found>) {
    let none = Node {
        at: check.at,
        value: Tree::Map(Vec::new()),
    };
    let with = check.get("with").unwrap_or(&none);
    if matches!(with.value, Tree::Map(_)) {
        let before = found.len();
        test.fit(with, found);
        if found.len() == before {
            empty_keys(with, found);
        }
    }
    for name in test.shared() {
        if params.get(name).is_none() {
            let problem = say!(policy_no_shared, test = test.name(), param = *name);
            found.push((place(check, "test"), problem));
        }
    }
}

fn waiver(node: &Node, ids: &[&str], found: &mut Vec<Found>) -> Option<Waiver> {
    let waiver = fit_whole::<Waiver>(node, found)?;
    if !ids.contains(&waiver.check.as_str()) {
        let problem = unknown_check(&waiver.check, ids.iter().copied());
        found.push((place(node, "check"), problem));
    }
    blank(node, &["approver", "ticket", "reason"], found);
    let digest = &waiver.image_sha256;
    if digest.len() != 64 || !digest.bytes().all(|b| b.is_ascii_hexdigit()) {
        found.push((place(node, "image_sha256"), say!(policy_waiver_digest)));
    }
    if Date::parse(&waiver.expires).is_none() {
        let problem = say!(policy_waiver_day, found = waiver.expires.as_str());
        found.push((place(node, "expires"), problem));
    }
    Some(waiver)
}
