//! Texts of classes, read as Microsoft's pages that `com.rs` names describe them.

use super::com::{class_of_name, is_types};

#[test]
fn a_folder_that_ends_in_a_class_stands_for_it() {
    let id = "{20D04FE0-3AEA-1069-A2D8-08002B30309D}";
    assert_eq!(class_of_name(&format!("a.b.{id}")), Some(id));
    for name in [id, "a.{}", "a.{20D04FE0}", "plain"] {
        assert_eq!(class_of_name(name), None, "{name}");
    }
}

#[test]
fn a_library_of_types_is_a_description_and_anything_else_is_opened() {
    for path in [
        r"C:\Windows\System32\stdole2.tlb",
        r"C:\Windows\System32\shell32.dll\3",
        r#""%SystemRoot%\System32\x.olb""#,
        "msxml.dll",
    ] {
        assert!(is_types(path), "{path}");
    }
    for path in [
        r"script:C:\x\x.sct",
        "script:http://203.0.113.7/a.sct",
        r"C:\x\x.sct",
        r"C:\x\a.tlb!item",
        r"C:\x\a.tlb:s.tlb",
    ] {
        assert!(!is_types(path), "{path}");
    }
}
