//! Declarations that are right, and every way in which one is refused with its place.

use crate::declaration::Declaration;

const SHA: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

fn head(rest: &str) -> String {
    format!("schema: imgscan-declaration/1\nproduct: Web shop 3.2\n{rest}")
}

/// The faults as `line:column problem`.
fn faults(text: &str) -> Vec<String> {
    let faults = Declaration::parse("shop.yaml", text).unwrap_err();
    let shown = |f: &crate::policy::Fault| {
        assert!(!f.problem.zh.is_empty());
        format!("{}:{} {}", f.line, f.column, f.problem.en)
    };
    faults.iter().map(shown).collect()
}

#[track_caller]
fn refused(rest: &str, line: usize, words: &str) {
    let found = faults(&head(rest));
    let place = format!("{line}:");
    assert!(
        found
            .iter()
            .any(|f| f.starts_with(&place) && f.contains(words)),
        "{words}: {found:#?}"
    );
}

#[test]
fn a_declaration_is_read_with_its_digest() {
    let text = head(&format!(
        "vendor: Example Ltd\nfiles:\n  - path: 'C:\\Program Files\\Shop\\shop.exe'\n    sha256: {SHA}\n  - path: '%ProgramFiles%/Shop/x.dll'\npublishers:\n  - {{name: Example Ltd, certificate_sha256: {SHA}}}\nentries:\n  - service: shop\n  - task: '\\Shop\\Nightly'\n  - run: Tray\n"
    ));
    let read = Declaration::parse("shop.yaml", &text).unwrap();
    assert_eq!(read.name(), "Web shop 3.2 (Example Ltd)");
    assert_eq!(read.files[0].sha256.as_deref(), Some(SHA));
    assert_eq!(read.files[1].sha256, None);
    assert_eq!(read.entries[1].task.as_deref(), Some(r"\Shop\Nightly"));
    assert!(read.publisher(&SHA.to_uppercase()).is_some());
    // As sha256sum gives it of the file.
    assert_eq!(
        read.sha256,
        crate::bytes::hex(&<sha2::Sha256 as sha2::Digest>::digest(&text))
    );
}

#[test]
fn what_is_wrong_is_told_with_its_place() {
    refused("publisher: []\n", 3, "did you mean `publishers`?");
    refused("files: []\n", 1, "at least one entry");
    refused("files:\n  - path: shop.exe\n", 4, "shop.exe");
    refused("files:\n  - path: 'C:\\a\\..\\b.exe'\n", 4, "C:");
    refused("files:\n  - path: 'C:\\a.txt:b.exe'\n", 4, "C:");
    refused("files:\n  - path: 'C:\\a*.exe'\n", 4, "C:");
    refused("files:\n  - path: '%TEMP%\\a.exe'\n", 4, "TEMP");
    refused(
        "files:\n  - path: 'C:\\a.exe'\n    sha256: abc\n",
        5,
        "no SHA-256",
    );
    refused(
        "files:\n  - path: 'C:\\a.exe'\n    sha1: abc\n",
        5,
        "unknown key",
    );
    refused("files:\n  - sha256: abc\n", 4, "the key `path` is missing");
    refused(
        "files:\n  - path: 'C:\\a.exe'\n  - path: 'c:/A.EXE'\n",
        5,
        "duplicated",
    );
    refused(
        "entries:\n  - {service: a, task: '\\b'}\n",
        4,
        "exactly one",
    );
    refused("entries:\n  - {}\n", 4, "exactly one");
    refused("entries:\n  - task: Nightly\n", 4, "Nightly");
    refused("entries:\n  - service: ''\n", 4, "holds nothing");
    refused("entries:\n  - service: a\nvendor:\n", 5, "holds nothing");
    refused("publishers:\n  - name: Example\n", 4, "certificate_sha256");
    let long = "x".repeat(2000);
    refused(&format!("entries:\n  - service: {long}\n"), 4, "1024");
    assert!(
        faults("schema: imgscan-declaration/2\nproduct: a\nentries: [{service: a}]\n")[0]
            .contains("imgscan-declaration/1")
    );
    assert!(faults("")[0].contains("holds nothing"));
    assert!(faults(&"#".repeat(5 << 20))[0].contains("longer than"));
    // All at once, in the order of lines.
    assert_eq!(faults(&head("files:\n  - path: a\n  - path: b\n")).len(), 2);
}
