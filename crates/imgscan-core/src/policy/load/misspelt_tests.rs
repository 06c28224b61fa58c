//! Mistakes generated over every parameter of every check of the built-in policy: each is refused
//! when the policy is loaded, with its line and, where a key is misspelt, the right suggestion.

use serde_json::{Map, Value, json};

use crate::policy::{Faults, Policy, schema};

/// A key of a map, or an item of a list.
#[derive(Debug, Clone)]
enum Step {
    Key(String),
    Item(usize),
}

/// A parameter: the way to it, and the keys that stand beside it in its form.
struct Site {
    way: Vec<Step>,
    beside: Vec<String>,
}

/// `schema` with its references followed.
fn resolved<'s>(schema: &'s Value, root: &'s Value) -> &'s Value {
    match schema["$ref"].as_str() {
        Some(name) => resolved(root.pointer(name.trim_start_matches('#')).unwrap(), root),
        None => schema,
    }
}

/// Every key of `value` that is one of a form, not of a free map.
fn sites(form: &Value, root: &Value, value: &Value, way: &[Step], all: &mut Vec<Site>) {
    let form = resolved(form, root);
    for any in ["anyOf", "oneOf", "allOf"] {
        for one in form[any].as_array().into_iter().flatten() {
            sites(one, root, value, way, all);
        }
    }
    match value {
        Value::Object(entries) => {
            let known = form["properties"].as_object();
            for (key, inner) in entries {
                let mut to = way.to_vec();
                to.push(Step::Key(key.clone()));
                let closed = form["additionalProperties"] == false;
                match known.and_then(|known| known.get(key)) {
                    Some(property) => {
                        if closed {
                            all.push(Site {
                                way: to.clone(),
                                beside: known.into_iter().flat_map(Map::keys).cloned().collect(),
                            });
                        }
                        sites(property, root, inner, &to, all);
                    }
                    None => sites(&form["additionalProperties"], root, inner, &to, all),
                }
            }
        }
        Value::Array(items) => {
            for (i, inner) in items.iter().enumerate() {
                let mut to = way.to_vec();
                to.push(Step::Item(i));
                sites(&form["items"], root, inner, &to, all);
            }
        }
        _ => {}
    }
}

fn at<'v>(mut value: &'v mut Value, way: &[Step]) -> &'v mut Value {
    for step in way {
        value = match step {
            Step::Key(key) => &mut value[key.as_str()],
            Step::Item(i) => &mut value[*i],
        };
    }
    value
}

/// The whole built-in policy as a tree.
fn built_in() -> Value {
    let text = Policy::built_in_text("tencent-marketplace").unwrap();
    serde_yaml_ng::from_str(text).unwrap()
}

/// The policy with the check `i` alone: as good as the whole for what is wrong with that check.
fn alone(policy: &Value, i: usize) -> Value {
    let mut small = policy.clone();
    small["checks"] = json!([policy["checks"][i]]);
    small
}

/// JSON is YAML, and every key of it has a line of its own.
fn refused(policy: &Value) -> (Faults, String) {
    let text = serde_json::to_string_pretty(policy).unwrap();
    match Policy::parse(&text) {
        Ok(_) => panic!("accepted:\n{text}"),
        Err(faults) => (faults, text),
    }
}

/// A key that is a slip of the keyboard away from `key`.
fn slips(key: &str) -> Vec<String> {
    let letters: Vec<char> = key.chars().collect();
    let middle = letters.len() / 2;
    let mut doubled = letters.clone();
    doubled.insert(middle, letters[middle]);
    let mut all = vec![doubled];
    if letters.len() > 2 {
        let mut dropped = letters.clone();
        dropped.remove(middle);
        all.push(dropped);
        let mut swapped = letters.clone();
        swapped.swap(middle - 1, middle);
        all.push(swapped);
    }
    all.into_iter().map(String::from_iter).collect()
}

/// The same map with the key `old` called `new`, in its place.
fn renamed(map: &mut Value, old: &str, new: &str) {
    let Value::Object(entries) = map else { return };
    let all = std::mem::take(entries);
    for (key, value) in all {
        let key = if key == old { new.to_owned() } else { key };
        entries.insert(key, value);
    }
}

/// Every parameter of the policy, with the small policy that holds it.
fn parameters() -> Vec<(Value, Site)> {
    let (policy, form) = (built_in(), schema());
    let mut all = Vec::new();
    for (i, check) in policy["checks"].as_array().unwrap().iter().enumerate() {
        let small = alone(&policy, i);
        let of_test = form["$defs"]["Check"]["allOf"].as_array().unwrap();
        let test = of_test
            .iter()
            .find(|t| t["if"]["properties"]["test"]["const"] == check["test"])
            .unwrap_or_else(|| panic!("{} has no parameters in the schema", check["test"]));
        let with = &test["then"]["properties"]["with"];
        let way = [
            Step::Key("checks".into()),
            Step::Item(0),
            Step::Key("with".into()),
        ];
        let mut found = Vec::new();
        sites(with, &form, &check["with"], &way, &mut found);
        all.extend(found.into_iter().map(|site| (small.clone(), site)));
    }
    let mut shared = Vec::new();
    let params = &form["properties"]["params"];
    let way = [Step::Key("params".into())];
    sites(params, &form, &policy["params"], &way, &mut shared);
    let small = alone(&policy, 0);
    all.extend(shared.into_iter().map(|site| (small.clone(), site)));
    all
}

/// The line of `needle`, which is in `text` once.
fn line_of(text: &str, needle: &str) -> Option<usize> {
    let mut lines = text.lines().enumerate().filter(|(_, l)| l.contains(needle));
    let first = lines.next()?.0;
    lines.next().is_none().then_some(first + 1)
}

#[test]
fn a_misspelt_parameter_is_refused_with_line_and_suggestion() {
    let (mut tried, mut by_line) = (0, 0);
    for (policy, site) in parameters() {
        let Some((Step::Key(key), above)) = site.way.split_last() else {
            continue;
        };
        for slip in slips(key) {
            if site.beside.contains(&slip) || slip == *key {
                continue;
            }
            let mut wrong = policy.clone();
            renamed(at(&mut wrong, above), key, &slip);
            let (faults, text) = refused(&wrong);
            let told = faults
                .iter()
                .find(|f| f.problem.en.contains(&format!("`{slip}`")));
            let told = told.unwrap_or_else(|| panic!("{slip}: {faults}"));
            assert!(
                told.problem.en.ends_with(&format!("did you mean `{key}`?")),
                "{:?}: {faults}",
                site.way
            );
            assert!(told.problem.zh.contains(key.as_str()), "{told:?}");
            if let Some(line) = line_of(&text, &format!("\"{slip}\":")) {
                assert_eq!(told.line, line, "{faults}");
                by_line += 1;
            }
            assert!(told.line > 0 && told.column > 0, "{told:?}");
            tried += 1;
        }
    }
    assert!(
        tried > 500 && by_line > 300,
        "{tried} misspellings, {by_line} lines"
    );
}

#[test]
fn a_parameter_of_another_type_is_refused_with_its_line() {
    let mut tried = 0;
    for (policy, site) in parameters() {
        let mut wrong = policy.clone();
        let value = at(&mut wrong, &site.way);
        *value = match value {
            Value::Number(_) | Value::Bool(_) => json!({"a": ["seventy-seven"]}),
            _ => json!(77_777),
        };
        let (faults, text) = refused(&wrong);
        let line = line_of(&text, "77777").or_else(|| {
            let inner = line_of(&text, "seventy-seven")?;
            // The map begins two lines above its item.
            inner.checked_sub(2)
        });
        let line = line.expect("the changed line");
        assert!(
            faults.iter().any(|f| f.line == line),
            "{:?} in line {line}: {faults}",
            site.way
        );
        tried += 1;
    }
    assert!(tried > 150, "{tried}");
}

#[test]
fn a_duplicated_entry_is_refused_with_its_line() {
    let mut tried = 0;
    for (policy, site) in parameters() {
        let mut wrong = policy.clone();
        let Value::Array(items) = at(&mut wrong, &site.way) else {
            continue;
        };
        let Some(first) = items.first().filter(|item| item.is_string()).cloned() else {
            continue;
        };
        items.push(first.clone());
        let (faults, text) = refused(&wrong);
        let named = faults.iter().any(|f| {
            let line = f.line.checked_sub(1).and_then(|at| text.lines().nth(at));
            f.problem.en.contains("is duplicated")
                && line.is_some_and(|line| line.contains(&first.to_string()))
        });
        assert!(named, "{:?}: {faults}", site.way);
        tried += 1;
    }
    assert!(tried > 50, "{tried}");
}
