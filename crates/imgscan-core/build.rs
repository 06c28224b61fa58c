//! Turns `messages/*.ftl` into types, one per message.

use std::path::Path;

fn main() {
    println!("cargo:rerun-if-changed=messages");
    let style = imgscan_messages::Style {
        text: "crate::text",
        by_code: |code| {
            let of_check = ["lnx-", "win-", "meta-"]
                .iter()
                .any(|os| code.starts_with(os));
            of_check && (code.ends_with("-title") || code.ends_with("-fix"))
        },
    };
    let rust = match imgscan_messages::generate(Path::new("messages"), style) {
        Ok(rust) => rust,
        Err(faults) => {
            for fault in &faults.0 {
                println!("cargo::error=messages/{fault}");
            }
            return;
        }
    };
    let out = std::env::var_os("OUT_DIR").map(|dir| Path::new(&dir).join("messages.rs"));
    if let Some(Err(e)) = out.map(|out| std::fs::write(out, rust)) {
        println!("cargo::error=messages can't be written: {e}");
    }
}
