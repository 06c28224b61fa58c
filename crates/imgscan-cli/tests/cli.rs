//! The program as users meet it: exit codes, what stands on which stream, bad input.

#![allow(
    clippy::unwrap_used,
    reason = "a test stops where its own set-up fails"
)]

mod common;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use common::{command, imgscan};
use tempfile::TempDir;

fn demo(name: &str) -> String {
    let dir = concat!(env!("CARGO_MANIFEST_DIR"), "/../../testdata/demo");
    format!("{dir}/{name}")
}

fn file(dir: &TempDir, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
    let path = dir.path().join(name);
    fs::write(&path, bytes).unwrap();
    path
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// A disk with an MBR whose partitions are (type, first sector, sectors).
fn mbr_disk(sectors: usize, partitions: &[(u8, u32, u32)]) -> Vec<u8> {
    let mut disk = vec![0; sectors * 512];
    for (i, (kind, first, count)) in partitions.iter().enumerate() {
        let at = 446 + i * 16;
        disk[at + 4] = *kind;
        disk[at + 8..at + 12].copy_from_slice(&first.to_le_bytes());
        disk[at + 12..at + 16].copy_from_slice(&count.to_le_bytes());
    }
    disk[510..512].copy_from_slice(&[0x55, 0xAA]);
    disk
}

/// Bytes without any pattern (a linear congruential generator).
fn noise(len: usize) -> Vec<u8> {
    let mut state = 0x2545_F491_4F6C_DD1D_u64;
    (0..len)
        .map(|_| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            (state >> 56) as u8
        })
        .collect()
}

/// The image is refused by `scan` and `info` with code 2; standard error holds `words`.
#[track_caller]
fn refused(image: &Path, words: &[&str]) {
    for command in ["scan", "info"] {
        let out = imgscan(&[command, text(image)]);
        let said = String::from_utf8(out.stderr).unwrap();
        assert_eq!(out.status.code(), Some(2), "{command}: {said}");
        assert_eq!(out.stdout, b"", "{command}");
        assert_eq!(said.lines().count(), 1, "{said}");
        for word in words {
            assert!(said.contains(word), "{command}: {word:?} in {said}");
        }
        assert!(!said.contains("panicked"), "{said}");
    }
}

#[test]
fn what_is_no_image_is_refused_with_layer_and_offset() {
    let dir = TempDir::new().unwrap();
    refused(&file(&dir, "empty", ""), &["raw", "at byte 0", "empty"]);
    let prose = "This is a text about disks, and no disk.\n".repeat(100);
    refused(
        &file(&dir, "text", prose),
        &["volume", "at byte 0", "nothing in it is recognised"],
    );
    refused(
        &file(&dir, "noise", noise(300_000)),
        &["volume", "at byte 0"],
    );
    refused(&file(&dir, "short", "x"), &["volume", "at byte 0"]);
    refused(
        &file(&dir, "gz", [0x1f, 0x8b, 8, 0]),
        &["container", "at byte 0", "gzip"],
    );
    let missing = dir.path().join("missing");
    let told = format!("imgscan: cannot open {}: no such file\n", text(&missing));
    refused(&missing, &[&told]);
    refused(dir.path(), &["is a folder"]);
}

#[test]
fn a_truncated_qcow2_is_never_accepted() {
    let dir = TempDir::new().unwrap();
    let whole = fs::read(demo("clean-linux.qcow2")).unwrap();
    refused(&file(&dir, "header", &whole[..60]), &["qcow2", "at byte"]);
    for keep in [whole.len() / 4, whole.len() / 2, whole.len() - 70_000] {
        let image = file(&dir, "cut", &whole[..keep]);
        let out = imgscan(&["scan", text(&image)]);
        let said = String::from_utf8(out.stderr).unwrap();
        let shown = String::from_utf8(out.stdout).unwrap();
        let code = out.status.code();
        assert!(matches!(code, Some(1..=3)), "{keep}: {code:?} {said}");
        assert!(
            said.contains("qcow2") || shown.contains("(qcow2, "),
            "{keep}: {said}{shown}"
        );
        assert!(!said.contains("panicked"), "{said}");
    }
}

#[test]
fn a_table_past_the_end_an_unknown_and_an_encrypted_volume_mean_review() {
    let dir = TempDir::new().unwrap();
    let mut disk = mbr_disk(4096, &[(0x83, 2048, 1024), (0x83, 3072, 1 << 20)]);
    disk[2048 * 512..3072 * 512].copy_from_slice(&noise(1024 * 512));
    let unknown = file(&dir, "unknown", &disk);
    let out = imgscan(&["scan", text(&unknown)]);
    let shown = String::from_utf8(out.stdout).unwrap();
    assert_eq!(out.status.code(), Some(3), "{shown}");
    assert!(shown.starts_with("Verdict: REVIEW"), "{shown}");
    assert!(
        shown.contains("p1: unknown content")
            && shown.contains(" (volume, not supported, at byte 0)"),
        "{shown}"
    );
    assert!(shown.contains(" (MBR, corrupt, at byte "), "{shown}");

    let mut disk = mbr_disk(4096, &[(0x83, 2048, 2048)]);
    disk[2048 * 512..2048 * 512 + 6].copy_from_slice(b"LUKS\xba\xbe");
    let luks = file(&dir, "luks", &disk);
    let out = imgscan(&["scan", text(&luks)]);
    let shown = String::from_utf8(out.stdout).unwrap();
    assert_eq!(out.status.code(), Some(3), "{shown}");
    assert!(shown.contains("LUKS encryption is not read"), "{shown}");
    assert_eq!(imgscan(&["info", text(&luks)]).status.code(), Some(0));
}

#[test]
fn help_usage_errors_and_damage_are_chinese_on_request() {
    let text = |args: &[&str]| {
        let out = command(args).env("LC_ALL", "zh_CN.UTF-8").output().unwrap();
        let (stdout, stderr) = (out.stdout, out.stderr);
        let all = [stdout, stderr].map(|t| String::from_utf8(t).unwrap());
        (out.status.code(), all.concat())
    };
    let (code, help) = text(&["--help"]);
    assert_eq!(code, Some(0));
    for part in ["用法：imgscan", "命令", "选项", "列出镜像内的目录"] {
        assert!(help.contains(part), "{help}");
    }
    let (code, help) = text(&["hash", "-h"]);
    assert_eq!(code, Some(0));
    assert!(help.contains("参数") && !help.contains("Usage"), "{help}");
    for (args, part) in [
        (&["judge", "a"][..], "未知命令 judge"),
        (&["scan", "--format", "pdf", "a"], "text, json"),
        (&["hash", "a", "--no"], "未知参数 --no"),
        (&["cat", "a"], "缺少参数 <PATH>"),
        (&["hash", "/dev/null"], "（本机文件，不支持）"),
    ] {
        let (code, message) = text(args);
        assert_eq!(code, Some(2), "{message}");
        assert!(message.starts_with("imgscan: "), "{message}");
        assert!(message.contains(part), "{message}");
    }
    let (code, version) = text(&["ls", "--version"]);
    assert_eq!(code, Some(0), "{version}");
    let english = imgscan(&["hash", "--help"]).stdout;
    assert!(String::from_utf8(english).unwrap().contains("Usage:"));
}

#[test]
fn usage_errors_end_with_2_and_help_with_0() {
    for args in [
        &["scan"][..],
        &["scan", "a", "b"],
        &["judge", "a"],
        &["scan", "--format", "pdf", "a"],
        &[],
    ] {
        let out = imgscan(args);
        assert_eq!(out.status.code(), Some(2), "{args:?}");
        assert_eq!(out.stdout, b"", "{args:?}");
    }
    for args in [&["--help"][..], &["scan", "--help"], &["--version"]] {
        let out = imgscan(args);
        assert_eq!((out.status.code(), out.stderr), (Some(0), Vec::new()));
    }
    let out = imgscan(&["scan", "--policy", "nowhere", &demo("clean-linux.qcow2")]);
    assert_eq!(out.status.code(), Some(2));
    assert!(
        String::from_utf8(out.stderr)
            .unwrap()
            .contains("tencent-marketplace")
    );
}

#[test]
fn a_policy_file_that_is_unsound_is_refused() {
    let dir = TempDir::new().unwrap();
    let image = demo("clean-linux.qcow2");
    for (bytes, word) in [
        (&b"schema: [\n"[..], "policy"),
        (b"schema: imgscan-policy/9\n", "policy"),
        (b"\xff\xfe", "not UTF-8"),
    ] {
        let policy = file(&dir, "policy.yaml", bytes);
        let out = imgscan(&["scan", "--policy", text(&policy), &image]);
        let said = String::from_utf8(out.stderr).unwrap();
        assert_eq!(out.status.code(), Some(2), "{said}");
        assert!(said.contains(word), "{said}");
    }
}

#[test]
fn json_is_the_same_twice_and_names_the_image_as_given() {
    for name in ["clean-linux.qcow2", "tampered-linux.qcow2", "windows.qcow2"] {
        for command in ["scan", "info"] {
            let path = demo(name);
            let args = [command, "-f", "json", &path];
            let first = imgscan(&args);
            assert_eq!(first.stderr, b"");
            assert_eq!(first.stdout, imgscan(&args).stdout, "{command} {name}");
            let document: serde_json::Value = serde_json::from_slice(&first.stdout).unwrap();
            assert_eq!(document["image"]["path"], path);
        }
    }
}

#[test]
fn the_report_names_digests_that_others_compute() {
    use sha2::Digest as _;
    let path = demo("clean-linux.qcow2");
    let out = imgscan(&["scan", "-f", "json", "--image-sha256", &path]);
    let document: serde_json::Value = serde_json::from_slice(&out.stdout).unwrap();
    let bytes = fs::read(&path).unwrap();
    let hex = |d: &[u8]| d.iter().map(|b| format!("{b:02x}")).collect::<String>();
    assert_eq!(
        document["image"]["sha256"],
        hex(&sha2::Sha256::digest(&bytes))
    );
    assert_eq!(document["image"]["bytes"], bytes.len());
    // A file of at most 4 MiB goes into the weak key whole.
    let mut whole = b"imgscan-sample/1\0".to_vec();
    whole.extend((bytes.len() as u64).to_le_bytes());
    whole.extend(bytes);
    let key = format!("sample1:{}", hex(&sha2::Sha256::digest(&whole)));
    assert_eq!(document["image"]["weak_key"], key);
}

#[test]
fn a_closed_pipe_is_no_error() {
    for command_name in ["info", "scan"] {
        let mut child = command(&[command_name, "-f", "json", &demo("clean-linux.qcow2")])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let out = child.wait_with_output().unwrap();
        assert_eq!(out.stderr, b"");
        let whole = imgscan(&[command_name, &demo("clean-linux.qcow2")]);
        assert_eq!(out.status.code(), whole.status.code(), "{command_name}");
    }
}

#[test]
fn o_writes_the_whole_document_and_nothing_through_links_or_over_the_image() {
    let dir = TempDir::new().unwrap();
    let image = file(
        &dir,
        "disk.qcow2",
        fs::read(demo("clean-linux.qcow2")).unwrap(),
    );
    let to = dir.path().join("report.json");
    fs::write(&to, "old and longer than nothing").unwrap();
    let out = imgscan(&["info", "-f", "json", "-o", text(&to), text(&image)]);
    assert_eq!((out.status.code(), out.stdout), (Some(0), Vec::new()));
    let direct = imgscan(&["info", "-f", "json", text(&image)]).stdout;
    assert_eq!(fs::read(&to).unwrap(), direct);

    let before = fs::read(&image).unwrap();
    let link = dir.path().join("link");
    std::os::unix::fs::symlink("disk.qcow2", &link).unwrap();
    let hard = dir.path().join("hard");
    fs::hard_link(&image, &hard).unwrap();
    for target in [&link, &hard, &image, &dir.path().to_path_buf()] {
        let out = imgscan(&["info", "-o", text(target), text(&image)]);
        assert_eq!(out.status.code(), Some(2), "{target:?}");
        assert!(
            String::from_utf8(out.stderr)
                .unwrap()
                .contains("nothing was written")
        );
    }
    assert_eq!(fs::read(&image).unwrap(), before);
    let missing = dir.path().join("no/report.json");
    let out = imgscan(&["info", "-o", text(&missing), text(&image)]);
    assert_eq!(out.status.code(), Some(2));
    let left: Vec<_> = fs::read_dir(dir.path())
        .unwrap()
        .map(|e| e.unwrap().file_name())
        .collect();
    assert_eq!(left.len(), 4, "no temporary file is left: {left:?}");
}

#[test]
fn chinese_is_spoken_where_the_locale_or_the_option_asks_for_it() {
    let image = demo("clean-linux.qcow2");
    let by_option = imgscan(&["scan", "--lang", "zh", &image]).stdout;
    assert!(
        String::from_utf8(by_option.clone())
            .unwrap()
            .starts_with("结论：")
    );
    let by_locale = command(&["scan", &image])
        .env("LC_ALL", "zh_CN.UTF-8")
        .output()
        .unwrap();
    assert_eq!(by_locale.stdout, by_option);
}

#[test]
fn the_demonstration_images_get_the_verdicts_that_their_recipes_intend() {
    for (name, code, verdict) in [
        ("tampered-linux.qcow2", 1, "reject"),
        ("windows.qcow2", 0, "accept"),
        // Its kernel is a stand-in that a test authority signed: without that, nobody vouches.
        ("windows.qcow2", 1, "reject"),
    ] {
        let (image, trust) = (demo(name), demo("windows-ca.der"));
        let mut args = vec!["scan", "-f", "json", &image];
        if (name, code) == ("windows.qcow2", 0) {
            args.extend(["--trust", &trust]);
        }
        let out = imgscan(&args);
        let document: serde_json::Value = serde_json::from_slice(&out.stdout).unwrap();
        assert_eq!(out.status.code(), Some(code), "{name}");
        assert_eq!(document["verdict"], verdict, "{name}");
    }
}

#[test]
fn autoruns_lists_what_runs_by_itself_and_what_is_not_explained() {
    let (image, trust) = (demo("windows.qcow2"), demo("windows-ca.der"));
    let said = |args: &[&str]| {
        let out = imgscan(&[&["autoruns", &image], args].concat());
        assert_eq!(out.status.code(), Some(0), "{args:?}");
        String::from_utf8(out.stdout).unwrap()
    };
    let counts = |args: &[&str]| {
        let document: serde_json::Value = serde_json::from_str(&said(args)).unwrap();
        let guest = document["guests"][0].clone();
        let entries = guest["entries"].as_array().unwrap().len();
        (guest["counts"].clone(), entries)
    };
    let (all, entries) = counts(&["-f", "json"]);
    let (same, left) = counts(&["-f", "json", "--unexplained"]);
    assert_eq!(all, same);
    let explained = usize::try_from(all["explained"].as_u64().unwrap()).unwrap();
    assert_eq!(entries, left + explained);
    let (trusted, _) = counts(&["-f", "json", "--trust", &trust]);
    assert!(trusted["unknown"].as_u64() < all["unknown"].as_u64());
    let text = said(&["--unexplained"]);
    assert!(text.contains("Not explained (") && !text.contains("\nExplained ("));
    assert!(said(&["--lang", "zh"]).contains("无依据说明"));
    let linux = imgscan(&["autoruns", &demo("clean-linux.qcow2")]);
    assert_eq!(linux.status.code(), Some(0));
    assert!(String::from_utf8_lossy(&linux.stdout).contains("later version"));
}

#[test]
fn a_declaration_is_shown_with_its_digest_and_refused_with_its_faults() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("shop.yaml");
    let file = file.to_str().unwrap();
    let image = demo("windows.qcow2");
    let text = "schema: imgscan-declaration/1\nproduct: Web shop\nentries: [{service: shop}]\n";
    std::fs::write(file, text).unwrap();
    for command in ["scan", "autoruns"] {
        let out = imgscan(&[command, &image, "-f", "json", "--declaration", file]);
        let document: serde_json::Value = serde_json::from_slice(&out.stdout).unwrap();
        assert_eq!(document["declaration"]["product"], "Web shop");
        // As sha256sum gives it of the text.
        assert_eq!(
            document["declaration"]["sha256"],
            "a0fd254564d05b135c0039838fe1d118b926c2423d32e48528157a65db4ea8d5"
        );
    }
    std::fs::write(file, text.replace("product", "produkt")).unwrap();
    for (lang, words) in [("en", "did you mean `product`?"), ("zh", "produkt")] {
        let out = imgscan(&["--lang", lang, "scan", &image, "--declaration", file]);
        assert_eq!(out.status.code(), Some(2));
        let err = String::from_utf8(out.stderr).unwrap();
        assert!(err.contains(":2:1") && err.contains(words), "{err}");
    }
    let out = imgscan(&["kernel", &image, "--declaration", file]);
    assert_eq!(out.status.code(), Some(2));
}

#[test]
fn the_default_kernel_of_the_clean_image_is_the_one_of_its_truth_file() {
    let truth = fs::read_to_string(demo("clean-linux.truth")).unwrap();
    let fact = |name: &str| {
        let mut lines = truth.lines();
        lines
            .find_map(|l| l.strip_prefix(name)?.strip_prefix('='))
            .unwrap()
            .to_owned()
    };
    let out = imgscan(&["info", "-f", "json", &demo("clean-linux.qcow2")]);
    let document: serde_json::Value = serde_json::from_slice(&out.stdout).unwrap();
    let guest = &document["guests"][0];
    let kernels = guest["kernels"].as_array().unwrap();
    let default = kernels.iter().find(|k| k["default"] == true).unwrap();
    assert_eq!(default["path"], fact("kernel_path"));
    assert_eq!(default["sha256"], fact("kernel_sha256"));
    assert_eq!(default["package"], fact("kernel_package"));
    assert_eq!(guest["packages"]["count"].to_string(), fact("packages"));
    assert_eq!(
        guest["accounts"].as_array().unwrap().len().to_string(),
        fact("accounts")
    );
    assert_eq!(guest["host_name"], fact("hostname"));
}

/// What testdata/recipes/demo-linux.sh writes into the image.
#[test]
fn the_boot_plan_of_the_clean_image_is_told() {
    let image = demo("clean-linux.qcow2");
    let out = imgscan(&["info", "-f", "json", &image]).stdout;
    let document: serde_json::Value = serde_json::from_slice(&out).unwrap();
    let plan = &document["guests"][0]["boot"];
    assert_eq!(plan["doubts"], serde_json::json!([]));
    let [way] = plan["ways"].as_array().unwrap().as_slice() else {
        panic!("{plan}");
    };
    let paths = |of: &str| -> Vec<String> {
        let all = way[of].as_array().unwrap().iter();
        all.map(|at| at["path"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(
        (&way["firmware"], &way["loader"]),
        (&"uefi".into(), &"grub".into())
    );
    assert_eq!(paths("programs"), ["/boot/efi/EFI/BOOT/BOOTX64.EFI"]);
    assert_eq!(
        paths("configs"),
        [
            "/boot/efi/EFI/debian/grub.cfg",
            "/boot/grub/grub.cfg",
            "/boot/grub/grubenv"
        ]
    );
    let start = &way["starts"][0];
    assert_eq!(
        (&start["when"], &start["title"]),
        (&"always".into(), &"Debian GNU/Linux".into())
    );
    assert_eq!(start["root"]["volumes"], serde_json::json!(["p2"]));
    let shown = |lang: &str| {
        let out = imgscan(&["info", "--lang", lang, &image]).stdout;
        String::from_utf8(out).unwrap()
    };
    let line = "root=UUID=8c7e2a90-41d3-4b6f-9e15-7a3f0c5d2b81 ro console=ttyS0,115200";
    for (lang, texts) in [
        ("en", ["Started by UEFI: ", "Command line: "]),
        ("zh", ["由 UEFI 启动：", "命令行："]),
    ] {
        let shown = shown(lang);
        assert!(shown.contains(texts[0]), "{shown}");
        assert!(shown.contains(&format!("{}{line}\n", texts[1])), "{shown}");
    }
}
