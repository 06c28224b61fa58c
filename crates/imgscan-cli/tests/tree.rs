//! The commands that show the files of an image: ls, cat, hash, extract.
//!
//! Their images are the small FAT volumes of `testdata/volumes` with what mtools and sha256sum say
//! of them in `truth.txt`, and damage done to them here.

#![allow(
    clippy::unwrap_used,
    reason = "a test stops where its own set-up fails"
)]

mod common;

use std::fs;
use std::os::unix::fs::{MetadataExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::Output;

use common::imgscan;
use tempfile::TempDir;

const LONG: &str = "c127b0fd52ddea7621e2dc213dabfa6e095c582d4f9bcd8cd5bdb4a136620f55";
const SHORT: &str = "c962fa1be311981f0f965857e89b000707f9cea07a069d073461308f3019200f";
const PIECES: &str = "9a0a52a278645d08e869c85a2e8591759e14174d126a41eb12c64ebadd555d8b";

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn testdata(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../testdata")
        .join(name)
}

/// The FAT16 volume after `change`.
fn volume(dir: &TempDir, change: impl FnOnce(&mut Vec<u8>)) -> String {
    let packed = fs::read(testdata("volumes/fat16.img.zst")).unwrap();
    let mut bytes = zstd::decode_all(&packed[..]).unwrap();
    change(&mut bytes);
    let path = dir.path().join("volume.img");
    fs::write(&path, bytes).unwrap();
    path.to_str().unwrap().to_owned()
}

/// Where the directory entry with this 8.3 name stands.
fn entry(bytes: &[u8], name: &[u8; 11]) -> usize {
    bytes.windows(11).position(|w| w == name).unwrap()
}

#[test]
fn hash_prints_the_lines_of_sha256sum() {
    let dir = TempDir::new().unwrap();
    let image = volume(&dir, |_| {});
    let output = imgscan(&["hash", &image]);
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    assert_eq!(
        out(&output),
        format!("{LONG}  /Folder/long name ü.bin\n{SHORT}  /SHORT.TXT\n{PIECES}  /pieces\n")
    );
    let one = imgscan(&["hash", &image, "/Folder"]);
    assert_eq!(out(&one), format!("{LONG}  /Folder/long name ü.bin\n"));
}

#[test]
fn a_file_that_cant_be_read_is_told_and_the_rest_is_hashed() {
    let dir = TempDir::new().unwrap();
    let image = volume(&dir, |bytes| {
        let at = entry(bytes, b"SHORT   TXT");
        bytes[at + 26..at + 28].copy_from_slice(&0xFFF0_u16.to_le_bytes());
    });
    let output = imgscan(&["hash", &image]);
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(out(&output).lines().count(), 2);
    let message = err(&output);
    assert!(
        message.contains("/SHORT.TXT: ") && message.contains(" (FAT, corrupt, at byte "),
        "{message}"
    );
    let cat = imgscan(&["cat", &image, "/SHORT.TXT"]);
    assert_eq!((cat.status.code(), cat.stdout.len()), (Some(2), 0));
}

#[test]
fn ls_has_a_short_a_long_and_a_json_form() {
    let dir = TempDir::new().unwrap();
    let image = volume(&dir, |_| {});
    let names = imgscan(&["ls", &image]);
    assert_eq!(out(&names), "Folder\nSHORT.TXT\npieces\n");
    let long = out(&imgscan(&["ls", "-lR", &image]));
    let line = long.lines().find(|l| l.ends_with("/pieces")).unwrap();
    let fields: Vec<&str> = line.split_whitespace().collect();
    assert_eq!(fields[4..], ["4000", "1999-12-31T23:59:58Z", "/pieces"]);
    let json = out(&imgscan(&["ls", "-R", "-f", "json", &image]));
    let rows: Vec<serde_json::Value> = json
        .lines()
        .map(|l| serde_json::from_str(l).unwrap())
        .collect();
    assert_eq!(rows.len(), 4);
    assert_eq!(rows[1]["path"], "/Folder/long name ü.bin");
    assert_eq!(rows[1]["size"], 3000);
    assert_eq!(rows[3]["modified"], "1999-12-31T23:59:58.000000000Z");
}

#[test]
fn what_is_not_there_is_a_failure_with_a_message() {
    let dir = TempDir::new().unwrap();
    let image = volume(&dir, |_| {});
    for args in [
        ["cat", image.as_str(), "/no"],
        ["ls", image.as_str(), "p9:/"],
        ["hash", image.as_str(), "/Folder/no"],
    ] {
        let output = imgscan(&args);
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        assert!(output.stdout.is_empty());
        assert!(err(&output).starts_with("imgscan: "), "{}", err(&output));
    }
}

#[test]
fn extract_keeps_contents_and_times() {
    let dir = TempDir::new().unwrap();
    let image = volume(&dir, |_| {});
    let target = dir.path().join("out");
    let output = imgscan(&["extract", &image, "-C", target.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    let sum = imgscan(&["cat", &image, "/Folder/long name ü.bin"]);
    let file = target.join("Folder/long name ü.bin");
    assert_eq!(fs::read(&file).unwrap(), sum.stdout);
    // `date -u -d '2024-02-29 12:34:56' +%s`
    assert_eq!(fs::metadata(&file).unwrap().mtime(), 1_709_210_096);
    assert_eq!(
        fs::metadata(target.join("pieces")).unwrap().mtime(),
        946_684_798
    );
    assert_eq!(fs::read(target.join("SHORT.TXT")).unwrap(), b"short\n");
    // A second run overwrites nothing.
    fs::write(target.join("SHORT.TXT"), "mine").unwrap();
    let again = imgscan(&[
        "extract",
        &image,
        "/SHORT.TXT",
        "-C",
        target.to_str().unwrap(),
    ]);
    assert_eq!(again.status.code(), Some(2));
    let told = "/SHORT.TXT: not extracted: ";
    assert!(err(&again).contains(told), "{}", err(&again));
    assert_eq!(fs::read(target.join("SHORT.TXT")).unwrap(), b"mine");
    assert_eq!(fs::read_dir(&target).unwrap().count(), 3);
}

#[test]
fn extract_never_leaves_its_folder() {
    let dir = TempDir::new().unwrap();
    let image = volume(&dir, |bytes| {
        let at = entry(bytes, b"SHORT   TXT");
        bytes[at..at + 11].copy_from_slice(b"../ESC  TXT");
        let at = entry(bytes, b"PIECES     ");
        // Without its case flags, so that the name is only dots.
        bytes[at..at + 13].copy_from_slice(b"/ETC/X  CON\x20\0");
    });
    let target = dir.path().join("out");
    let outside = dir.path().join("outside");
    fs::create_dir(&target).unwrap();
    fs::create_dir(&outside).unwrap();
    // A link that someone put in the place of a folder of the image.
    symlink(&outside, target.join("Folder")).unwrap();
    let output = imgscan(&["extract", &image, "-C", target.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(2), "{}", err(&output));
    assert_eq!(fs::read_dir(&outside).unwrap().count(), 0);
    assert!(!dir.path().join("ESC.TXT").exists());
    assert_eq!(fs::read(target.join("..%2FESC.TXT")).unwrap(), b"short\n");
    assert!(target.join("%2FETC%2FX.CON").is_file());
    let told = "/Folder: not extracted: it is not a folder";
    assert!(err(&output).contains(told), "{}", err(&output));
}

#[test]
fn plain_paths_are_those_of_the_guest() {
    let image = testdata("demo/clean-linux.qcow2");
    let image = image.to_str().unwrap();
    let output = imgscan(&["cat", image, "/etc/os-release"]);
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    assert!(out(&output).contains("ID=debian"));
    let efi = imgscan(&["ls", image, "/boot/efi"]);
    assert_eq!(efi.status.code(), Some(0), "{}", err(&efi));
    assert!(out(&efi).contains("EFI"), "{}", out(&efi));
}

#[test]
fn places_are_taken_as_reports_write_them() {
    let image = testdata("demo/windows.qcow2");
    let image = image.to_str().unwrap();
    let plain = imgscan(&["cat", image, "/Windows/Setup/State/State.ini"]);
    assert!(out(&plain).contains("IMAGE_STATE"), "{}", err(&plain));
    for path in [
        "p1:C:/Windows/Setup/State/State.ini",
        "p1:C:/Windows/Setup/State/State.ini:2",
        "C:/Windows/Setup/State/State.ini",
        r"c:\windows\setup\state\state.ini",
        r"\Windows\Setup\State\State.ini",
    ] {
        let output = imgscan(&["cat", image, path]);
        assert_eq!(output.status.code(), Some(0), "{path}: {}", err(&output));
        assert_eq!(out(&output), out(&plain), "{path}");
        let listed = imgscan(&["ls", image, path]);
        assert_eq!(listed.status.code(), Some(0), "{path}");
        let hash = imgscan(&["hash", image, path]);
        assert!(out(&hash).to_lowercase().ends_with("state.ini\n"), "{path}");
    }
    for (path, why) in [
        ("C:/nothing:3", "no such file"),
        ("C:/Windows/Setup/State/State.ini:nothing", "no such file"),
        ("D:/x", "drive D:"),
    ] {
        let output = imgscan(&["cat", image, path]);
        assert_ne!(output.status.code(), Some(0), "{path}");
        assert!(err(&output).contains(why), "{path}: {}", err(&output));
    }
}

#[test]
fn a_tree_of_the_guest_goes_into_its_mounts() {
    let image = testdata("demo/clean-linux.qcow2");
    let image = image.to_str().unwrap();
    for (args, way) in [
        (["ls", "-R", image, "/boot"], "/boot/efi/EFI"),
        (["ls", "-R", image, "/"], "/boot/efi/EFI"),
    ] {
        let output = imgscan(&args);
        assert_eq!(output.status.code(), Some(0), "{}", err(&output));
        assert!(out(&output).lines().any(|l| l == way), "{}", out(&output));
    }
    let guest = out(&imgscan(&["hash", image, "/boot/efi"]));
    let volume = out(&imgscan(&["hash", image, "p1:/"]));
    assert!(!guest.is_empty());
    assert_eq!(guest.replace("  /boot/efi/", "  p1:/"), volume);
    let all = out(&imgscan(&["hash", image, "/"]));
    assert!(guest.lines().all(|l| all.lines().any(|a| a == l)));
}
