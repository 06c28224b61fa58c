//! The project's own files: a message, a translation or an argument that goes missing is a fault.

use std::path::{Path, PathBuf};

use imgscan_messages::{Style, generate};

const STYLE: Style = Style {
    text: "crate::text",
    by_code: |_| false,
};

/// Every how many messages one is taken out.
const STEP: usize = 15;

fn folders() -> [PathBuf; 2] {
    ["imgscan-core", "imgscan-cli"]
        .map(|name| Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../{name}/messages")))
}

/// The messages of a file: each begins at the start of a line, with what continues it.
fn messages(text: &str) -> Vec<std::ops::Range<usize>> {
    let mut all: Vec<std::ops::Range<usize>> = Vec::new();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let end = at + line.len();
        match line.as_bytes().first() {
            Some(b'a'..=b'z') => all.push(at..end),
            Some(b' ' | b'}') => {
                if let Some(last) = all.last_mut() {
                    last.end = end;
                }
            }
            _ => {}
        }
        at = end;
    }
    all
}

#[test]
fn each_message_and_argument_is_needed_in_both_languages() {
    for folder in folders() {
        let read = |name: &str| std::fs::read_to_string(folder.join(name)).expect("messages");
        let (en, zh) = (read("en.ftl"), read("zh.ftl"));
        assert!(generate(&folder, STYLE).is_ok());
        let scratch = tempfile::tempdir().expect("a temporary folder");
        let refused = |en: &str, zh: &str| {
            std::fs::write(scratch.path().join("en.ftl"), en).expect("a file is written");
            std::fs::write(scratch.path().join("zh.ftl"), zh).expect("a file is written");
            generate(scratch.path(), STYLE).is_err()
        };
        for part in messages(&zh).into_iter().step_by(STEP) {
            let message = &zh[part.clone()];
            let without = [&zh[..part.start], &zh[part.end..]].concat();
            assert!(refused(&en, &without), "zh.ftl without {message}");
            if message.contains("{ $") {
                let renamed = message.replace("{ $", "{ $other_");
                let changed = [&zh[..part.start], &renamed, &zh[part.end..]].concat();
                assert!(
                    refused(&en, &changed),
                    "zh.ftl with other arguments: {message}"
                );
            }
        }
        for part in messages(&en).into_iter().step_by(STEP) {
            let without = [&en[..part.start], &en[part.end..]].concat();
            assert!(refused(&without, &zh), "en.ftl without {}", &en[part]);
        }
    }
}
