//! Every kind of mistake in the files ends the build with its file and message.

use std::path::Path;

use imgscan_messages::{Style, generate};

const STYLE: Style = Style {
    text: "crate::text",
    by_code: |code| code.ends_with("-title"),
};

fn folder(en: &str, zh: &str) -> tempfile::TempDir {
    let dir = tempfile::tempdir().expect("a temporary folder");
    std::fs::write(dir.path().join("en.ftl"), en).expect("a temporary folder");
    std::fs::write(dir.path().join("zh.ftl"), zh).expect("a temporary folder");
    dir
}

fn faults(en: &str, zh: &str) -> String {
    generate(folder(en, zh).path(), STYLE)
        .expect_err("a fault")
        .to_string()
}

const EN: &str = "a-title = Title\nb = { $count ->\n    [one] one file\n   *[other] { $count } files\n} in { $folder }\n";
const ZH: &str = "a-title = 标题\nb = { $folder } 中有 { $count } 个文件\n";

#[test]
fn a_message_is_a_type_with_its_arguments() {
    let rust = generate(folder(EN, ZH).path(), STYLE).unwrap();
    assert!(rust.contains("pub(crate) struct b { pub(crate) count: crate::text::Arg, pub(crate) folder: crate::text::Arg, }"), "{rust}");
    let title = r#"crate::text::Template::new("a-title\u{1f}\u{1f}Title\u{1f}标题"),"#;
    assert!(rust.contains(title), "{rust}");
    assert!(!rust.contains("struct a_title"));
}

#[test]
fn planted_faults_name_file_and_message() {
    let table = [
        (EN, "a-title = 标题\n", "zh.ftl: b is missing"),
        ("a-title = T\n", ZH, "en.ftl: b is missing"),
        (
            EN,
            "a-title = 标题\nb = { $folder }\n",
            "zh.ftl: b: argument $count is not used",
        ),
        (
            EN,
            "a-title = 标题\nb = { $folder } { $cuont } { $count }\n",
            "en.ftl: b: argument $cuont is not used",
        ),
        (EN, "a-title = 标题\nb = { $folder\n", "zh.ftl:3: "),
        (
            "a-title = T\na-title = T\n",
            "a-title = T\n",
            "en.ftl: a-title: it is duplicated",
        ),
        (
            "a = { NUMBER($x) }\n",
            "a = { $x }\n",
            "en.ftl: a: only arguments",
        ),
        (
            "a = { -brand }\n",
            "a = b\n",
            "en.ftl: a: there is no term -brand",
        ),
        ("a = b\n    .c = d\n", "a = b\n", "en.ftl: a: attributes"),
    ];
    for (en, zh, expected) in table {
        let found = faults(en, zh);
        assert!(found.contains(expected), "{expected}: {found}");
    }
}

#[test]
fn a_missing_file_is_named() {
    let error = generate(Path::new("/nonexistent"), STYLE).unwrap_err();
    assert!(error.to_string().starts_with("en.ftl: "), "{error}");
}
