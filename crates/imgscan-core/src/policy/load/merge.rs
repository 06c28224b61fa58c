//! `extends`: one policy over another, and the order of checks.

use super::Found;
use super::words::meant;
use super::yaml::{MapEntry, Node, Tree};

/// `over` over `base`: checks of the same id field by field (`with` key by key), `params` key by
/// key, what `remove` names gone, new checks and waivers behind, every other key replaced.
pub(super) fn merge(base: Node, over: Node, found: &mut Vec<Found>) -> Node {
    let mut merged = entries(base);
    let mut over = entries(over);
    if let Some(remove) = take(&mut over, "remove") {
        let checks = merged.iter_mut().find(|entry| entry.key == "checks");
        if let Some(Tree::List(checks)) = checks.map(|entry| &mut entry.value.value) {
            remove_checks(checks, &remove.value, found);
        }
    }
    // The order of the base says nothing of checks that are gone.
    let had_order = merged.iter().any(|entry| entry.key == "order");
    if had_order && !over.iter().any(|entry| entry.key == "order") {
        reorder(&mut merged);
    }
    for entry in over {
        let Some(old) = merged.iter_mut().find(|old| old.key == entry.key) else {
            merged.push(entry);
            continue;
        };
        match entry.key.as_str() {
            "params" => old.value = by_key(take_node(&mut old.value), entry.value),
            "checks" => checks(&mut old.value, entry.value, found),
            "waivers" => {
                if let (Tree::List(old), Tree::List(new)) =
                    (&mut old.value.value, entry.value.value)
                {
                    old.extend(new);
                }
            }
            _ => *old = entry,
        }
    }
    let at = merged.first().map(|entry| entry.at).unwrap_or_default();
    Node {
        at,
        value: Tree::Map(merged),
    }
}

/// The checks in the order that `order` gives; those that it does not name follow.
pub(super) fn ordered(root: Node, found: &mut Vec<Found>) -> Node {
    let at = root.at;
    let mut merged = entries(root);
    let ids: Vec<String> = merged
        .iter()
        .filter(|entry| entry.key == "checks")
        .flat_map(|entry| entry.value.items())
        .filter_map(|check| check.get("id")?.as_str().map(str::to_owned))
        .collect();
    for entry in merged.iter().filter(|entry| entry.key == "order") {
        for item in entry.value.items() {
            if let Some(id) = item.as_str().filter(|id| !ids.iter().any(|i| i == id)) {
                found.push((item.at, unknown_check(id, ids.iter().map(String::as_str))));
            }
        }
    }
    reorder(&mut merged);
    Node {
        at,
        value: Tree::Map(merged),
    }
}

/// There is no check `id`.
pub(super) fn unknown_check<'k>(
    id: &str,
    known: impl IntoIterator<Item = &'k str>,
) -> crate::text::Text {
    meant(say!(policy_no_check, id = id), id, known)
}

/// Puts the checks of `merged` in its order, which goes.
fn reorder(merged: &mut Vec<MapEntry>) {
    let Some(order) = take(merged, "order") else {
        return;
    };
    let order: Vec<&str> = order
        .value
        .items()
        .iter()
        .filter_map(Node::as_str)
        .collect();
    let checks = merged.iter_mut().find(|entry| entry.key == "checks");
    if let Some(Tree::List(checks)) = checks.map(|entry| &mut entry.value.value) {
        checks.sort_by_key(|check| {
            let id = check.get("id").and_then(Node::as_str);
            let place = id.and_then(|id| order.iter().position(|o| *o == id));
            place.unwrap_or(usize::MAX)
        });
    }
}

fn remove_checks(checks: &mut Vec<Node>, remove: &Node, found: &mut Vec<Found>) {
    let has = |check: &Node, id: &str| check.get("id").and_then(Node::as_str) == Some(id);
    for item in remove.items() {
        let Some(id) = item.as_str() else { continue };
        let Some(at) = checks.iter().position(|check| has(check, id)) else {
            let known = checks.iter().filter_map(|c| c.get("id")?.as_str());
            found.push((item.at, unknown_check(id, known)));
            continue;
        };
        checks.remove(at);
    }
}

/// Checks over others. One that names no test can only mean a check that is there.
fn checks(old: &mut Node, new: Node, found: &mut Vec<Found>) {
    let (Tree::List(old), Tree::List(new)) = (&mut old.value, new.value) else {
        return;
    };
    for check in new {
        let id = check.get("id").and_then(Node::as_str).map(str::to_owned);
        let same =
            |old: &&mut Node| id.is_some() && old.get("id").and_then(Node::as_str) == id.as_deref();
        let Some(base) = old.iter_mut().find(same) else {
            match (&id, check.get("test")) {
                (Some(id), None) => {
                    let known = old.iter().filter_map(|c| c.get("id")?.as_str());
                    let at = check.get("id").map_or(check.at, |id| id.at);
                    found.push((at, unknown_check(id, known)));
                }
                _ => old.push(check),
            }
            continue;
        };
        let mut fields = entries(take_node(base));
        let at = check.at;
        for field in entries(check) {
            match fields.iter_mut().find(|f| f.key == field.key) {
                Some(old) if field.key == "with" => {
                    old.value = by_key(take_node(&mut old.value), field.value);
                }
                Some(old) => *old = field,
                None => fields.push(field),
            }
        }
        *base = Node {
            at,
            value: Tree::Map(fields),
        };
    }
}

/// A map over a map, key by key; anything else replaces.
fn by_key(old: Node, new: Node) -> Node {
    match (old.value, new.value) {
        (Tree::Map(mut merged), Tree::Map(over)) => {
            for entry in over {
                match merged.iter_mut().find(|e| e.key == entry.key) {
                    Some(old) => *old = entry,
                    None => merged.push(entry),
                }
            }
            Node {
                at: new.at,
                value: Tree::Map(merged),
            }
        }
        (_, value) => Node { at: new.at, value },
    }
}

fn entries(node: Node) -> Vec<MapEntry> {
    match node.value {
        Tree::Map(entries) => entries,
        _ => Vec::new(),
    }
}

fn take(entries: &mut Vec<MapEntry>, key: &str) -> Option<MapEntry> {
    let at = entries.iter().position(|entry| entry.key == key)?;
    Some(entries.remove(at))
}

fn take_node(node: &mut Node) -> Node {
    let at = node.at;
    std::mem::replace(
        node,
        Node {
            at,
            value: Tree::Null,
        },
    )
}
