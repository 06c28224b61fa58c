//! Writes docs/policy.schema.json, the form of policy files, from the types that read them.

use std::path::Path;

use imgscan_core::policy;

fn main() -> std::io::Result<()> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/policy.schema.json");
    std::fs::write(path, format!("{:#}\n", policy::schema()))
}
