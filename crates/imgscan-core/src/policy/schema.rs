//! The published form of policies: a JSON schema from the types that read them.

use schemars::{JsonSchema, SchemaGenerator, generate::SchemaSettings};
use serde_json::{Map, Value, json};

use super::checks::registry::{self, Test};
use super::data::{Check, Form, SCHEMA, Waiver};
use super::params::Params;

/// The JSON schema of policy files (draft 2020-12): their form, and for each test the parameters
/// that a check gives it under `with`.
#[must_use]
pub fn schema() -> Value {
    let mut generator = SchemaGenerator::new(SchemaSettings::draft2020_12());
    let form = Form::<Params, Check, Waiver>::json_schema(&mut generator);
    let mut tests: Vec<&dyn Test> = registry::all().collect();
    tests.sort_by_key(|test| test.name());
    let names: Vec<&str> = tests.iter().map(|test| test.name()).collect();
    let parameters: Vec<Value> = tests
        .iter()
        .map(|test| {
            json!({
                "if": {"properties": {"test": {"const": test.name()}}, "required": ["test"]},
                "then": {"properties": {"with": test.schema(&mut generator)}}
            })
        })
        .collect();
    let mut form = form.to_value();
    let mut definitions = generator.take_definitions(true);
    if let Some(Value::Object(check)) = definitions.get_mut("Check") {
        // A check that changes one of an extended policy has its id and what changes.
        check.insert("required".into(), json!(["id"]));
        if let Some(test) = check.get_mut("properties").and_then(|p| p.get_mut("test")) {
            insert(test, "enum", json!(names));
        }
        check.insert("allOf".into(), Value::Array(parameters));
    }
    insert(
        &mut form,
        "$schema",
        json!("https://json-schema.org/draft/2020-12/schema"),
    );
    insert(&mut form, "title", json!("imgscan policy, form 1"));
    insert(&mut form, "required", json!(["id"]));
    insert(
        &mut form,
        "anyOf",
        json!([
            {"required": ["extends"]},
            {"required": ["schema", "revision", "title", "checks"]}
        ]),
    );
    if let Some(schema) = form.get_mut("properties").and_then(|p| p.get_mut("schema")) {
        *schema = json!({
            "description": "The format of this file.",
            "const": SCHEMA
        });
    }
    let definitions: Map<String, Value> = definitions.into_iter().collect();
    insert(&mut form, "$defs", Value::Object(definitions));
    form
}

fn insert(object: &mut Value, key: &str, value: Value) {
    if let Value::Object(map) = object {
        map.insert(key.to_owned(), value);
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_published_schema_is_what_the_types_say() {
        let published = include_str!("../../../../docs/policy.schema.json");
        let published: serde_json::Value = serde_json::from_str(published).unwrap();
        assert!(
            published == super::schema(),
            "write it again: cargo run -p imgscan-core --example policy_schema"
        );
    }
}
