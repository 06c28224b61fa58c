//! `reg` and `extract --hives`.
//!
//! The hives are those of `testdata/hives` and of the Windows demonstration image. What is in
//! them is what their recipes (`hives.py`, `demo_windows.py`) wrote; `hives.py` has hivex read
//! every one back. Offsets are checked against the bytes of the files.

#![allow(
    clippy::unwrap_used,
    reason = "a test stops where its own set-up fails"
)]

mod common;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use common::imgscan;
use serde_json::{Value, json};
use tempfile::TempDir;

fn testdata(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../testdata")
        .join(name);
    path.to_str().unwrap().to_owned()
}

fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// Standard output of a command that must end with `code`.
fn out(code: i32, args: &[&str]) -> String {
    let output = imgscan(args);
    assert_eq!(output.status.code(), Some(code), "{}", err(&output));
    String::from_utf8(output.stdout).unwrap()
}

fn document(code: i32, args: &[&str]) -> Value {
    let text = out(code, &[&["reg", "-f", "json"], args].concat());
    serde_json::from_str(&text).unwrap()
}

/// A .reg document as text.
fn reg_file(code: i32, args: &[&str]) -> String {
    let output = imgscan(&[&["reg", "-f", "reg"], args].concat());
    assert_eq!(output.status.code(), Some(code), "{}", err(&output));
    let (units, odd) = output.stdout.as_chunks::<2>();
    assert!(odd.is_empty());
    let units: Vec<u16> = units.iter().map(|u| u16::from_le_bytes(*u)).collect();
    let text = String::from_utf16(&units).unwrap();
    text.strip_prefix('\u{feff}').unwrap().to_owned()
}

fn kinds() -> String {
    testdata("hives/kinds.hive")
}

/// A hive of testdata after `change`.
fn changed(dir: &TempDir, name: &str, change: impl FnOnce(&mut Vec<u8>)) -> PathBuf {
    let mut bytes = fs::read(testdata(&format!("hives/{name}"))).unwrap();
    change(&mut bytes);
    let path = dir.path().join(name);
    fs::write(&path, bytes).unwrap();
    path
}

fn position(bytes: &[u8], what: &[u8]) -> usize {
    bytes.windows(what.len()).position(|w| w == what).unwrap()
}

#[test]
fn a_hive_by_itself_shows_values_of_every_type() {
    let key = document(0, &[&kinds(), "kinds"]);
    assert_eq!(key["key"], r"\Kinds");
    assert_eq!(key["last_written"], "2023-11-14T22:13:20Z");
    assert_eq!(key["subkeys"], json!([]));
    assert_eq!(key["gaps"], json!([]));
    let meant = [
        ("", "REG_SZ", json!("default")),
        ("Text", "REG_SZ", json!("größe 尺寸")),
        ("Expand", "REG_EXPAND_SZ", json!(r"%SystemRoot%\x")),
        (
            "Bytes",
            "REG_BINARY",
            json!("000102030405060708090a0b0c0d0e0f10111213"),
        ),
        ("Four", "REG_BINARY", json!("01020304")),
        ("None", "REG_NONE", json!("")),
        ("Number", "REG_DWORD", json!(0x1234_5678)),
        ("Big", "REG_DWORD_BIG_ENDIAN", json!(0x1234_5678)),
        ("Long", "REG_QWORD", json!(1_u64 << 40)),
        ("List", "REG_MULTI_SZ", json!(["a", "b c"])),
        ("Odd", "0x1234", json!("78")),
    ];
    let values = key["values"].as_array().unwrap();
    assert_eq!(values.len(), meant.len());
    let file = fs::read(kinds()).unwrap();
    for (value, (name, kind, data)) in values.iter().zip(meant) {
        assert_eq!(value["name"], name);
        assert_eq!(value["type"], kind);
        assert_eq!(value["data"], data);
        assert!(value.get("raw").is_none(), "{value}");
        // Behind the cell's size stands the signature, and 20 bytes behind that the name.
        let at = usize::try_from(value["offset"].as_u64().unwrap()).unwrap() + 4;
        assert_eq!(&file[at..at + 2], b"vk");
        assert_eq!(&file[at + 20..at + 20 + name.len()], name.as_bytes());
    }
    let one = document(0, &[&kinds(), "Kinds", "-v", "LIST"]);
    assert_eq!(one["values"].as_array().unwrap().len(), 1);
    assert_eq!(one["values"][0]["data"], json!(["a", "b c"]));
    let default = document(0, &[&kinds(), "Kinds", "-v", ""]);
    assert_eq!(default["values"][0]["data"], "default");
}

#[test]
fn the_tree_stands_as_objects_in_each_other() {
    let root = document(0, &[&kinds(), "\\"]);
    assert_eq!(root["subkeys"], json!(["Größe", "Kinds"]));
    let tree = document(0, &[&kinds(), "\\", "-r"]);
    assert_eq!(tree["key"], "\\");
    assert_eq!(tree["subkeys"][0]["name"], "Größe");
    assert_eq!(tree["subkeys"][0]["subkeys"][0]["name"], "Inner");
    assert_eq!(tree["subkeys"][1]["name"], "Kinds");
    assert_eq!(tree["subkeys"][1]["values"].as_array().unwrap().len(), 11);
    assert_eq!(tree["subkeys"].as_array().unwrap().len(), 2);
}

#[test]
fn a_reg_file_is_what_regedit_writes() {
    let text = reg_file(0, &[&kinds(), "Kinds", "-r"]);
    let wanted = [
        "Windows Registry Editor Version 5.00",
        "",
        r"[\Kinds]",
        "@=\"default\"",
        "\"Text\"=\"größe 尺寸\"",
        "\"Expand\"=hex(2):25,00,53,00,79,00,73,00,74,00,65,00,6d,00,52,00,6f,00,6f,00,\\",
        "  74,00,25,00,5c,00,78,00,00,00",
        "\"Bytes\"=hex:00,01,02,03,04,05,06,07,08,09,0a,0b,0c,0d,0e,0f,10,11,12,13",
        "\"Four\"=hex:01,02,03,04",
        "\"None\"=hex(0):",
        "\"Number\"=dword:12345678",
        "\"Big\"=hex(5):12,34,56,78",
        "\"Long\"=hex(b):00,00,00,00,00,01,00,00",
        "\"List\"=hex(7):61,00,00,00,62,00,20,00,63,00,00,00,00,00",
        "\"Odd\"=hex(1234):78",
        "",
        "",
    ];
    assert_eq!(text, wanted.join("\r\n"));
    let image = testdata("demo/windows.qcow2");
    let text = reg_file(0, &[&image, r"HKLM\SYSTEM\Setup"]);
    assert!(
        text.contains(
            "\r\n[HKEY_LOCAL_MACHINE\\SYSTEM\\Setup]\r\n\"SetupType\"=dword:00000002\r\n"
        )
    );
}

#[test]
fn keys_of_an_image_are_found_by_their_names_in_windows() {
    let image = testdata("demo/windows.qcow2");
    let long = r"HKEY_LOCAL_MACHINE\system\currentcontrolset\Services\winagent";
    let key = document(0, &[&image, long]);
    assert_eq!(key["key"], r"HKLM\SYSTEM\ControlSet001\Services\WinAgent");
    assert_eq!(key["hive"], "C:/Windows/System32/config/SYSTEM");
    let path = &key["values"][3];
    assert_eq!(path["name"], "ImagePath");
    assert_eq!(path["data"], r"C:\WinAgent\WinAgent.exe");
    let software = r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion";
    let build = document(0, &[&image, software, "-v", "CurrentBuild"]);
    assert_eq!(build["values"][0]["data"], "17763");
    let below = r"Software\Microsoft\Windows\CurrentVersion\Explorer\User Shell Folders";
    for user in [
        "administrator",
        "S-1-5-21-1111111111-2222222222-3333333333-500",
    ] {
        let key = document(0, &[&image, &format!(r"HKU\{user}\{below}")]);
        assert_eq!(key["hive"], "C:/Users/Administrator/NTUSER.DAT");
        assert_eq!(key["values"][0]["data"], r"%USERPROFILE%\Desktop");
    }
    let by_file = ["--hive", "/windows/system32/CONFIG/software"];
    let args = [&[image.as_str(), "Microsoft"], &by_file[..]].concat();
    let key = document(0, &args);
    assert_eq!(key["subkeys"], json!(["Windows", "Windows NT"]));
}

#[test]
fn a_place_in_a_report_leads_to_its_value() {
    let image = testdata("demo/windows.qcow2");
    let build = r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\CurrentBuild";
    for place in [
        build.to_owned(),
        format!("p1:C:/Windows/System32/config/SOFTWARE {build}"),
    ] {
        let value = document(0, &[&image, &place]);
        assert_eq!(value["values"][0]["data"], "17763", "{place}");
        assert_eq!(value["values"].as_array().map(Vec::len), Some(1));
    }
}

#[test]
fn what_is_not_there_and_who_is_not_there_are_errors() {
    let image = testdata("demo/windows.qcow2");
    for (key, told) in [
        (r"HKLM\SYSTEM\Absent", "has no key \"Absent\""),
        (r"HKLM\COMPONENTS\x", "HKLM\\SOFTWARE"),
        (r"HKCU\Software", "no current user"),
        (r"HKU\nobody", "HKU\\Administrator"),
        ("SYSTEM", "begins with HKLM"),
    ] {
        let output = imgscan(&["reg", &image, key]);
        assert_eq!(output.status.code(), Some(2), "{key}");
        assert!(output.stdout.is_empty());
        assert!(err(&output).contains(told), "{key}: {}", err(&output));
    }
    let output = imgscan(&["reg", &kinds(), "Kinds", "-v", "absent"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(err(&output).contains("no value \"absent\""));
}

#[test]
fn the_control_set_is_that_of_the_next_boot() {
    let hive = testdata("hives/system-default2.hive");
    let args = ["reg", &hive, r"CurrentControlSet\Services\cloudbase-init"];
    let output = imgscan(&args);
    assert_eq!(output.status.code(), Some(0));
    assert!(err(&output).contains("control set 2"), "{}", err(&output));
    let key = document(0, &[&args[1..], &["-v", "Start"]].concat());
    assert_eq!(key["key"], r"\ControlSet002\Services\cloudbase-init");
    assert_eq!(key["values"][0]["data"], 3);
    let output = imgscan(&["reg", &hive, r"ControlSet001\Services"]);
    assert_eq!(err(&output), "");
}

#[test]
fn bytes_that_text_does_not_show_are_kept() {
    let dir = TempDir::new().unwrap();
    // "größe" becomes text that ends, and has more behind; then no valid UTF-16 either.
    let text: Vec<u8> = "größe".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let hidden = changed(&dir, "kinds.hive", |bytes| {
        let at = position(bytes, &text);
        bytes[at + 2..at + 4].fill(0);
        bytes[at + 4..at + 6].copy_from_slice(&[0x00, 0xd8]);
    });
    let hidden = hidden.to_str().unwrap();
    let value = &document(0, &[hidden, "Kinds", "-v", "Text"])["values"][0];
    assert_eq!(value["data"], "g");
    let raw = value["raw"].as_str().unwrap();
    assert!(raw.starts_with("6700000000d8df00"), "{raw}");
    let shown = out(0, &["reg", hidden, "Kinds", "-v", "Text"]);
    assert!(shown.contains("\"g\"  bytes 6700000000d8df00"), "{shown}");
    let file = reg_file(0, &[hidden, "Kinds", "-v", "Text"]);
    assert!(
        file.contains("\"Text\"=hex(1):67,00,00,00,00,d8,df,00,"),
        "{file}"
    );
}

#[test]
fn a_name_never_reaches_the_terminal_or_a_reg_file_as_it_likes() {
    let dir = TempDir::new().unwrap();
    let hostile = changed(&dir, "kinds.hive", |bytes| {
        let at = position(bytes, b"Number");
        bytes[at..at + 6].copy_from_slice(b"\x1b[2J\r\n");
    });
    let hostile = hostile.to_str().unwrap();
    let shown = out(0, &["reg", hostile, "Kinds"]);
    assert!(shown.contains(r"\u{1b}[2J\r\n  REG_DWORD"), "{shown}");
    let file = reg_file(2, &[hostile, "Kinds"]);
    assert!(file.contains("; left out: \\u{1b}[2J\\r\\n\r\n"), "{file}");
}

#[test]
fn damage_is_told_with_its_offset_and_the_rest_is_shown() {
    let dir = TempDir::new().unwrap();
    let mut at = 0;
    let damaged = changed(&dir, "kinds.hive", |bytes| {
        // The signature of the cell that holds the key Inner.
        at = position(bytes, b"Inner") - 76;
        bytes[at] = b'x';
    });
    let args = [damaged.to_str().unwrap(), "\\", "-r"];
    let tree = document(2, &args);
    assert_eq!(tree["subkeys"][1]["values"].as_array().unwrap().len(), 11);
    assert_eq!(tree["subkeys"][0]["subkeys"], json!([]));
    assert_eq!(tree["gaps"][0]["layer"], "hive");
    assert_eq!(tree["gaps"][0]["offset"], at - 4);
    let output = imgscan(&[&["reg"], &args[..]].concat());
    let told = format!(" (registry hive, corrupt, at byte {})", at - 4);
    assert!(err(&output).contains(&told), "{}", err(&output));
}

#[test]
fn a_dirty_hive_uses_the_logs_beside_it() {
    let dir = TempDir::new().unwrap();
    let number = 0x1234_5678_u32.to_le_bytes();
    let mut log = fs::read(kinds()).unwrap();
    let head = log[..512].to_vec();
    let dirty = changed(&dir, "kinds.hive", |bytes| {
        let at = position(bytes, &number);
        bytes[at..at + 4].fill(0);
        // Primary sequence number and checksum: a write that was begun.
        bytes[4] ^= 2;
        bytes[508] ^= 2;
    });
    let dirty = dirty.to_str().unwrap();
    let args = [dirty, "Kinds", "-v", "Number"];
    let without = document(2, &args);
    assert_eq!(without["values"][0]["data"], 0);
    assert_eq!(without["gaps"].as_array().unwrap().len(), 1);
    // A log of the old form with all pages of the hive: its base block, "DIRT", one bit a page.
    let mut old = head;
    old[28] = 1;
    old[508] ^= 1;
    old.extend_from_slice(b"DIRT");
    old.extend_from_slice(&[0xFF]);
    old.resize(1024, 0);
    old.extend(log.drain(4096..));
    let name = dir.path().join("KINDS.HIVE.LOG");
    fs::write(&name, old).unwrap();
    let output = imgscan(&["reg", dirty, "Kinds", "-v", "Number"]);
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    assert!(err(&output).contains("KINDS.HIVE.LOG"), "{}", err(&output));
    assert_eq!(document(0, &args)["values"][0]["data"], 0x1234_5678);
    let moved = dir.path().join("other.LOG");
    fs::rename(name, &moved).unwrap();
    let named = ["--logs", moved.to_str().unwrap()];
    let value = document(0, &[&args[..], &named].concat());
    assert_eq!(value["values"][0]["data"], 0x1234_5678);
}

#[test]
fn all_hives_are_extracted_with_their_paths() {
    let image = testdata("demo/windows.qcow2");
    let dir = TempDir::new().unwrap();
    let to = dir.path().to_str().unwrap();
    out(0, &["extract", "--hives", "-C", to, &image]);
    for path in [
        "Windows/System32/config/SYSTEM",
        "Windows/System32/config/SOFTWARE",
        "Users/Administrator/NTUSER.DAT",
    ] {
        let bytes = fs::read(dir.path().join(path)).unwrap();
        let shown = imgscan(&["cat", &image, &format!("/{path}")]);
        assert_eq!(shown.stdout, bytes, "{path}");
        let hive = dir.path().join(path);
        let root = document(0, &[hive.to_str().unwrap(), "\\"]);
        assert!(!root["subkeys"].as_array().unwrap().is_empty());
    }
    let linux = testdata("demo/clean-linux.qcow2");
    let output = imgscan(&["extract", "--hives", "-C", to, &linux]);
    assert_eq!(output.status.code(), Some(2));
}
