//! Writes what documents say of the form of policies and declarations, from the types that read
//! them: docs/policy.schema.json, the list of keys in docs/policy.md, docs/declaration.schema.json.

use std::path::Path;

use imgscan_core::policy;

fn main() -> std::io::Result<()> {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs");
    let schema = format!("{:#}\n", policy::schema());
    std::fs::write(docs.join("policy.schema.json"), schema)?;
    let schema = format!("{:#}\n", policy::declaration_schema());
    std::fs::write(docs.join("declaration.schema.json"), schema)?;
    let document = docs.join("policy.md");
    let text = std::fs::read_to_string(&document)?;
    std::fs::write(document, policy::with_reference(&text))
}
