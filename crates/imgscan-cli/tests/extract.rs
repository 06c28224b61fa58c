//! `extract` of small ext4 and NTFS volumes, against what the kernel and ntfs-3g said of them when
//! they were made (`testdata/recipes/ext-fixtures.sh`, `ntfs-fixtures.sh`): contents, links,
//! streams, modes, times.

#![allow(
    clippy::unwrap_used,
    reason = "a test stops where its own set-up fails"
)]

mod common;

use std::ffi::OsStr;
use std::fs::{self, Permissions};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::Output;

use common::{command, imgscan};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;

fn unpacked(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../testdata")
        .join(name);
    let bytes = fs::read(&path).unwrap();
    if name.ends_with(".zst") {
        zstd::decode_all(&bytes[..]).unwrap()
    } else {
        bytes
    }
}

/// The image and what is known of it, an object a line.
fn fixture(dir: &TempDir, image: &str, truth: &str) -> (PathBuf, Vec<Value>) {
    let path = dir.path().join("image");
    fs::write(&path, unpacked(image)).unwrap();
    let truth = String::from_utf8(unpacked(truth)).unwrap();
    let rows = truth.lines().map(|l| serde_json::from_str(l).unwrap());
    (path, rows.collect())
}

fn extract(image: &Path, to: &Path, more: &[&str]) -> Output {
    let (image, to) = (image.to_str().unwrap(), to.to_str().unwrap());
    imgscan(&[&["extract", image, "-C", to], more].concat())
}

fn unhex(text: &str) -> Vec<u8> {
    let pair = |i| u8::from_str_radix(&text[i..i + 2], 16).unwrap();
    (0..text.len()).step_by(2).map(pair).collect()
}

fn sha256(path: &Path) -> String {
    let digest = Sha256::digest(fs::read(path).unwrap());
    digest.iter().map(|b| format!("{b:02x}")).collect()
}

/// Where the object of `row` belongs below `root`.
fn place(root: &Path, row: &Value) -> PathBuf {
    let path = unhex(row["path"].as_str().unwrap());
    root.join(OsStr::from_bytes(&path[1..]))
}

/// Compares everything of `rows` but devices; returns how many were compared.
fn compare(root: &Path, rows: &[Value]) -> usize {
    let mut compared = 0;
    for row in rows.iter().filter(|r| r["path"] != "2f") {
        let path = place(root, row);
        let kind = row["type"].as_str().unwrap();
        if kind == "c" {
            continue;
        }
        let meta = fs::symlink_metadata(&path).unwrap();
        match kind {
            "f" => {
                assert!(meta.is_file(), "{path:?}");
                assert_eq!(sha256(&path), row["sha256"].as_str().unwrap(), "{path:?}");
            }
            "d" => assert!(meta.is_dir(), "{path:?}"),
            "l" => {
                let target = fs::read_link(&path).unwrap();
                let expected = unhex(row["link"].as_str().unwrap());
                assert_eq!(target.as_os_str().as_bytes(), expected, "{path:?}");
            }
            other => unreachable!("{other}"),
        }
        let mtime = serde_json::json!([meta.mtime(), meta.mtime_nsec()]);
        assert_eq!(mtime, row["mtime"], "{path:?}");
        for (name, facts) in row["streams"].as_object().into_iter().flatten() {
            let mut file = path.clone().into_os_string();
            file.push(OsStr::from_bytes(&[b":", &unhex(name)[..]].concat()));
            assert_eq!(sha256(Path::new(&file)), facts[1].as_str().unwrap());
            compared += 1;
        }
        compared += 1;
    }
    compared
}

#[test]
fn ext_links_modes_and_holes_are_kept_and_devices_are_told() {
    let dir = TempDir::new().unwrap();
    let (image, rows) = fixture(&dir, "ext/small.img.zst", "ext/small.truth.zst");
    let to = dir.path().join("out");
    let output = extract(&image, &to, &[]);
    let message = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(0), "{message}");
    assert_eq!(compare(&to, &rows), rows.len() - 2, "all but / and /null");
    assert!(!to.join("null").exists());
    assert!(
        message.contains("/null: not extracted: a character device"),
        "{message}"
    );
    let blocks = fs::metadata(to.join("blocks")).unwrap();
    let again = fs::metadata(to.join("blocks_again")).unwrap();
    assert_eq!((blocks.ino(), blocks.nlink()), (again.ino(), 2));
    // 0o4750 on the volume.
    assert_eq!(blocks.mode() & 0o7777, 0o750);
    let kept = dir.path().join("kept");
    let output = extract(&image, &kept, &["--special-bits", "/blocks"]);
    assert_eq!(output.status.code(), Some(0));
    let blocks = fs::metadata(kept.join("blocks")).unwrap();
    assert_eq!(blocks.mode() & 0o7777, 0o4750);
}

#[test]
fn ntfs_streams_and_reparse_points_are_kept() {
    let dir = TempDir::new().unwrap();
    let (image, rows) = fixture(&dir, "ntfs/tiny.img.zst", "ntfs/tiny.truth");
    let to = dir.path().join("out");
    let output = extract(&image, &to, &[]);
    let message = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(0), "{message}");
    let streams: usize = rows
        .iter()
        .filter_map(|r| r["streams"].as_object())
        .map(serde_json::Map::len)
        .sum();
    assert!(streams > 40);
    assert_eq!(compare(&to, &rows), rows.len() - 1 + streams);
    let first = fs::metadata(to.join("links/first")).unwrap();
    assert_eq!(first.nlink(), 11);
}

/// A changed owner in an inode whose checksum then no longer fits: the contents are still given,
/// but every command says so and ends with 2.
#[test]
fn a_damaged_inode_is_told_by_every_command() {
    let dir = TempDir::new().unwrap();
    let (image, rows) = fixture(&dir, "ext/small.img.zst", "ext/small.truth.zst");
    let mut bytes = fs::read(&image).unwrap();
    let row = rows.iter().find(|r| r["path"] == "2f626c6f636b73").unwrap();
    // The inode of /blocks is found by its owner (uid 70000: low half at byte 2), its mode and its
    // size, all little-endian.
    let mode = 0o100_000 | u16::try_from(row["mode"].as_u64().unwrap()).unwrap();
    let head = [mode.to_le_bytes(), (70000_u32 as u16).to_le_bytes()].concat();
    let at = (0..bytes.len() - 128)
        .step_by(128)
        .find(|at| {
            bytes[*at..].starts_with(&head) && bytes[at + 4..at + 8] == 14000_u32.to_le_bytes()
        })
        .unwrap();
    bytes[at + 2] ^= 1;
    fs::write(&image, bytes).unwrap();
    let image = image.to_str().unwrap();
    let to = dir.path().join("out");
    for args in [
        vec!["hash", image],
        vec!["hash", image, "/blocks"],
        vec!["ls", "-l", image],
        vec!["ls", "-R", "-f", "json", image],
        vec!["cat", image, "/blocks"],
        vec!["extract", image, "/blocks", "-C", to.to_str().unwrap()],
    ] {
        let output = imgscan(&args);
        let message = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{args:?} {message}");
        assert!(
            message.contains("/blocks: ")
                && message.contains(" (ext file system, corrupt, at byte ")
                && message.contains("checksum"),
            "{args:?} {message}"
        );
        assert!(!output.stdout.is_empty() || args[0] == "extract");
    }
    assert_eq!(fs::metadata(to.join("blocks")).unwrap().len(), 14000);
}

/// Names below `root`, sorted; no temporary file is among them.
fn tree(root: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut todo = vec![root.to_owned()];
    while let Some(folder) = todo.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if fs::symlink_metadata(&path).unwrap().is_dir() {
                todo.push(path.clone());
            }
            assert!(!path.to_string_lossy().contains(".imgscan-"), "{path:?}");
            found.push(path);
        }
    }
    found.sort();
    found
}

#[test]
fn what_is_there_is_kept_and_told_or_replaced_with_force() {
    let dir = TempDir::new().unwrap();
    let (image, rows) = fixture(&dir, "ext/small.img.zst", "ext/small.truth.zst");
    let to = dir.path().join("out");
    assert_eq!(extract(&image, &to, &[]).status.code(), Some(0));
    let names = tree(&to);
    fs::write(to.join("inline"), "mine").unwrap();
    fs::remove_file(to.join("holes")).unwrap();
    // Left over from an extraction that was killed.
    fs::write(to.join(".imgscan-3.part"), "half").unwrap();
    fs::write(to.join("hashed/.imgscan-1.part"), "half").unwrap();
    let output = extract(&image, &to, &[]);
    let message = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{message}");
    let told = "/inline: not extracted: the folder holds something of this name already";
    assert!(message.contains(told), "{message}");
    assert!(!message.contains("/holes"), "{message}");
    assert_eq!(tree(&to), names);
    assert_eq!(fs::read(to.join("inline")).unwrap(), b"mine");
    let output = extract(&image, &to, &["--force"]);
    let message = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(0), "{message}");
    assert_eq!(tree(&to), names);
    compare(&to, &rows);
    let blocks = fs::metadata(to.join("blocks")).unwrap();
    assert_eq!(blocks.nlink(), 2);
}

#[test]
fn an_obstacle_costs_what_stands_there_and_nothing_else() {
    let dir = TempDir::new().unwrap();
    let (image, rows) = fixture(&dir, "ext/small.img.zst", "ext/small.truth.zst");
    let (to, outside) = (dir.path().join("out"), dir.path().join("outside"));
    fs::create_dir_all(&to).unwrap();
    fs::create_dir(&outside).unwrap();
    fs::write(outside.join("victim"), "victim").unwrap();
    symlink(&outside, to.join("hashed")).unwrap();
    symlink(outside.join("victim"), to.join("inline")).unwrap();
    fs::create_dir(to.join("blocks")).unwrap();
    for force in [&[][..], &["--force"]] {
        let output = extract(
            &image,
            &to,
            &[force, &["/hashed/", "/inline", "/holes"]].concat(),
        );
        let message = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{message}");
        assert!(message.contains("/hashed: not extracted: "), "{message}");
        assert!(to.join("holes").is_file(), "{message}");
        fs::remove_file(to.join("holes")).unwrap();
    }
    let one = "/hashed/a_name_long_enough_to_fill_some_blocks_0";
    let output = extract(&image, &to, &[one, "/short_link"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        fs::symlink_metadata(to.join("short_link"))
            .unwrap()
            .is_symlink()
    );
    let output = extract(&image, &to, &["--force"]);
    let message = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{message}");
    assert!(message.contains("/blocks: not extracted: "), "{message}");
    // Its other name is a file of its own.
    let row = rows
        .iter()
        .find(|r| r["path"] == "2f626c6f636b735f616761696e");
    let again = sha256(&to.join("blocks_again"));
    assert_eq!(again, row.unwrap()["sha256"].as_str().unwrap());
    assert!(fs::symlink_metadata(to.join("inline")).unwrap().is_file());
    assert_eq!(fs::read(outside.join("victim")).unwrap(), b"victim");
    assert_eq!(fs::read_dir(&outside).unwrap().count(), 1);
}

#[test]
fn a_path_within_another_is_extracted_once() {
    let dir = TempDir::new().unwrap();
    let (image, _) = fixture(&dir, "ext/small.img.zst", "ext/small.truth.zst");
    let to = dir.path().join("out");
    let one = "/hashed/a_name_long_enough_to_fill_some_blocks_0";
    let output = extract(&image, &to, &[one, "/hashed", "/inline", "/inline"]);
    let message = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(0), "{message}");
    assert_eq!(tree(&to).len(), 402);
}

/// A limit on the size of a file stands for a full disk: what does not fit leaves nothing.
#[test]
fn what_cannot_be_written_leaves_no_file() {
    let dir = TempDir::new().unwrap();
    let (image, _) = fixture(&dir, "ext/small.img.zst", "ext/small.truth.zst");
    let to = dir.path().join("out");
    let mut shell = command(&[]);
    let program = shell.get_program().to_owned();
    shell = std::process::Command::new("sh");
    // 4 KiB; the signal that comes with it is ignored.
    let script = "trap '' XFSZ; ulimit -f 8; exec \"$0\" \"$@\"";
    shell.args(["-c", script]).arg(program).env("LC_ALL", "C");
    shell.args(["extract", "-C"]).arg(&to).arg(&image);
    shell.process_group(0);
    let output = shell.output().unwrap();
    let message = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{message}");
    for name in ["blocks", "blocks_again", "holes"] {
        assert!(!to.join(name).exists(), "{name}");
        assert!(
            message.contains(&format!("/{name}: not extracted: ")),
            "{message}"
        );
    }
    assert!(to.join("inline").exists());
    tree(&to);
}

/// A broken file of the image leaves nothing either.
#[test]
fn a_file_that_cannot_be_read_leaves_no_file() {
    let dir = TempDir::new().unwrap();
    let (image, _) = fixture(&dir, "ext/small.img.zst", "ext/small.truth.zst");
    // The kernel's checksums are of the metadata alone: the last blocks of the volume are cut off.
    let file = fs::OpenOptions::new().write(true).open(&image).unwrap();
    file.set_len(file.metadata().unwrap().len() / 8).unwrap();
    let to = dir.path().join("out");
    let output = extract(&image, &to, &[]);
    let message = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{message}");
    for path in tree(&to) {
        let meta = fs::symlink_metadata(&path).unwrap();
        let name = path.strip_prefix(&to).unwrap().to_str().unwrap_or_default();
        let told = message.contains(&format!("/{name}: not extracted: "));
        assert!(!(meta.is_file() && told), "{name}");
    }
    assert!(message.contains(": not extracted: "), "{message}");
}

#[test]
fn only_one_process_extracts_into_a_folder() {
    let dir = TempDir::new().unwrap();
    let (image, _) = fixture(&dir, "ext/small.img.zst", "ext/small.truth.zst");
    let to = dir.path().join("out");
    fs::create_dir(&to).unwrap();
    fs::set_permissions(&to, Permissions::from_mode(0o755)).unwrap();
    let held = fs::File::open(&to).unwrap();
    held.lock().unwrap();
    let output = extract(&image, &to, &[]);
    let message = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{message}");
    assert!(message.contains("another imgscan"), "{message}");
    assert!(tree(&to).is_empty());
    held.unlock().unwrap();
    assert_eq!(extract(&image, &to, &[]).status.code(), Some(0));
}
