//! The published form of policies: a JSON schema from the types that read them.

use schemars::{JsonSchema, SchemaGenerator, generate::SchemaSettings};
use serde_json::{Map, Value, json};

use super::checks::registry::{self, Test};
use super::data::{Check, Form, SCHEMA, Waiver};
use super::params::Params;
use crate::declaration::{self, Declaration};

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

/// The JSON schema of vendors' declarations (draft 2020-12).
#[must_use]
pub fn declaration_schema() -> Value {
    let mut generator = SchemaGenerator::new(SchemaSettings::draft2020_12());
    let mut form = Declaration::json_schema(&mut generator).to_value();
    let mut definitions = generator.take_definitions(true);
    insert(
        &mut form,
        "$schema",
        json!("https://json-schema.org/draft/2020-12/schema"),
    );
    insert(&mut form, "title", json!("imgscan declaration, form 1"));
    // A key that holds nothing is refused.
    let mut objects: Vec<&mut Value> = definitions.values_mut().collect();
    objects.push(&mut form);
    for object in objects {
        let properties = object.get_mut("properties").and_then(Value::as_object_mut);
        for property in properties.into_iter().flat_map(|p| p.values_mut()) {
            if let Some(map) = property.as_object_mut()
                && map.get("default").is_some_and(Value::is_null)
            {
                map.remove("default");
                map.insert("type".to_owned(), json!("string"));
            }
        }
    }
    let digest = json!({"pattern": "^[0-9A-Fa-f]{64}$", "type": "string"});
    let lists = ["files", "publishers", "entries"].map(|list| json!({"required": [list]}));
    insert(&mut form, "anyOf", json!(lists));
    if let Some(properties) = form.get_mut("properties") {
        let schema =
            json!({"description": "The format of this file.", "const": declaration::SCHEMA});
        insert(properties, "schema", schema);
    }
    for (name, key) in [
        ("DeclaredFile", "sha256"),
        ("Publisher", "certificate_sha256"),
    ] {
        let of = definitions
            .get_mut(name)
            .and_then(|d| d.get_mut("properties"));
        if let Some(property) = of.and_then(|p| p.get_mut(key)) {
            for (word, value) in digest.as_object().into_iter().flatten() {
                insert(property, word, value.clone());
            }
        }
    }
    if let Some(entry) = definitions.get_mut("DeclaredEntry") {
        let keys = ["service", "task", "run"].map(|key| json!({"required": [key]}));
        insert(entry, "oneOf", json!(keys));
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

    #[test]
    fn the_published_schema_of_declarations_is_what_the_types_say() {
        let published = include_str!("../../../../docs/declaration.schema.json");
        let published: serde_json::Value = serde_json::from_str(published).unwrap();
        assert!(
            published == super::declaration_schema(),
            "write it again: cargo run -p imgscan-core --example policy_schema"
        );
    }
}
