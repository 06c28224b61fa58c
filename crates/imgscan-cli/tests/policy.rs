//! `imgscan policy` and `imgscan explain`.

#![allow(
    clippy::unwrap_used,
    reason = "a test stops where its own set-up fails"
)]

mod common;

use std::fs;

use common::imgscan;

fn said(args: &[&str]) -> (Option<i32>, String, String) {
    let out = imgscan(args);
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (out.status.code(), text(out.stdout), text(out.stderr))
}

#[test]
fn policies_are_listed_shown_and_exported() {
    let (code, out, _) = said(&["policy", "list"]);
    assert_eq!(code, Some(0));
    assert!(out.starts_with("tencent-marketplace "), "{out}");
    let (_, out, _) = said(&["policy", "show", "tencent-marketplace", "--lang", "zh"]);
    assert!(
        out.contains("LNX-NET-001") && out.contains("镜像不通过"),
        "{out}"
    );
    let (_, out, _) = said(&["policy", "show", "lnx-acct-003"]);
    let check: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(check["with"]["groups"][0], "root");
    let (_, out, _) = said(&["policy", "show", "LNX-KERNEL-013"]);
    let check: serde_json::Value = serde_json::from_str(&out).unwrap();
    let arguments = &check["params"]["kernel_arguments"];
    assert_eq!(arguments["redirects"][0], "init=*");
    let (code, out, _) = said(&["policy", "export", "tencent-marketplace"]);
    assert_eq!(code, Some(0));
    let dir = tempfile::tempdir().unwrap();
    let copy = dir.path().join("copy.yaml");
    fs::write(&copy, out).unwrap();
    let (code, out, err) = said(&["policy", "validate", copy.to_str().unwrap()]);
    assert_eq!(code, Some(0), "{err}");
    assert!(out.contains("the policy is sound"), "{out}");
    let (code, _, err) = said(&["policy", "export", "tencent-marketplce"]);
    assert_eq!(code, Some(2));
    assert!(err.contains("did you mean `tencent-marketplace`?"), "{err}");
}

#[test]
fn a_level_goes_by_the_arguments_of_the_policy_that_is_named() {
    let image = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../testdata/demo/clean-linux.qcow2"
    );
    let dir = tempfile::tempdir().unwrap();
    let mine = dir.path().join("mine.yaml");
    let lists = "refused: [], warned: [], warned_by_default: [], allowed: []";
    // Its menu has the argument console=ttyS0,115200.
    let weakens = format!("{{redirects: [], weakens: ['console=*'], {lists}}}");
    let head = "id: mine\nextends: tencent-marketplace\n";
    let params = format!("{head}params:\n  kernel_arguments: {weakens}\n");
    fs::write(&mine, params).unwrap();
    let menu = |args: &[&str]| {
        let (code, out, err) = said(&[&["kernel", "-f", "json", image], args].concat());
        assert_eq!(code, Some(0), "{err}");
        let report: serde_json::Value = serde_json::from_str(&out).unwrap();
        let objects = report["objects"].as_array().unwrap();
        let menu = objects.iter().find(|o| o["kind"] == "boot-config").unwrap();
        (report["policy"]["id"].clone(), menu.clone())
    };
    let (policy, own) = menu(&[]);
    assert_eq!(policy, "tencent-marketplace");
    assert_eq!(
        (&own["level"], &own["explained"]),
        (&"K5".into(), &true.into())
    );
    let (policy, other) = menu(&["--policy", mine.to_str().unwrap()]);
    assert_eq!(policy, "mine");
    assert_eq!(other["level"], "K2");
    let reason = other["reasons"][0]["en"].as_str().unwrap();
    assert!(reason.contains("console=ttyS0,115200"), "{reason}");
    // A policy that says nothing of them can give no level.
    fs::write(
        &mine,
        "schema: imgscan-policy/1\nid: bare\nrevision: '1'\ntitle: bare\nchecks:\n\
         - {id: META-001, clause: [], os: any, severity: high, gate: block, test: meta_001_complete}\n",
    )
    .unwrap();
    let (code, _, err) = said(&["kernel", image, "--policy", mine.to_str().unwrap()]);
    assert_eq!(code, Some(2), "{err}");
    assert!(err.contains("kernel_arguments"), "{err}");
}

#[test]
fn a_check_is_explained_by_either_command() {
    let (code, long, _) = said(&["policy", "explain", "LNX-NET-001"]);
    let (_, short, _) = said(&["explain", "lnx-net-001"]);
    assert_eq!(code, Some(0));
    assert_eq!(long, short);
    assert!(
        long.contains("183.60.83.19") && long.contains("T3"),
        "{long}"
    );
    let (code, _, err) = said(&["explain", "LNX-NET-999"]);
    assert_eq!(code, Some(2));
    assert!(err.contains("LNX-NET-999"), "{err}");
}

#[test]
fn every_fault_of_a_file_is_told_with_file_line_and_column() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("mine.yaml");
    let text = "id: mine\nextends: tencent-marketplace\nchecks:\n- {id: LNX-NET-001, gate: blok}\n- {id: LNX-KERNEL-010, with: {third_prty: []}}\n";
    fs::write(&path, text).unwrap();
    let file = path.to_str().unwrap();
    for command in [
        vec!["policy", "validate", file],
        vec!["scan", "--policy", file, "no-image"],
    ] {
        let (code, out, err) = said(&command);
        assert_eq!((code, out.as_str()), (Some(2), ""), "{err}");
        for fault in [
            "mine.yaml:4:27: `blok` is not known here; did you mean `block`?",
            "mine.yaml:5:31: unknown key `third_prty`; did you mean `third_party`?",
        ] {
            assert!(err.contains(fault), "{fault}: {err}");
        }
    }
    let (_, _, err) = said(&["--lang", "zh", "policy", "validate", file]);
    assert!(
        err.contains("mine.yaml:4:27：") && err.contains("block"),
        "{err}"
    );
}

#[test]
fn a_policy_of_three_lines_changes_one_gate_of_a_scan() {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../../testdata");
    let (image, policy) = (
        format!("{root}/demo/tampered-linux.qcow2"),
        format!("{root}/marketplace/extends.yaml"),
    );
    let results = |args: &[&str]| -> Vec<(String, String, String)> {
        let (_, out, err) = said(args);
        let report: serde_json::Value = serde_json::from_str(&out).expect(&err);
        let all = report["results"].as_array().unwrap().iter();
        let word = |v: &serde_json::Value| v.as_str().unwrap().to_owned();
        all.map(|r| (word(&r["check"]), word(&r["status"]), word(&r["gate"])))
            .collect()
    };
    let usual = results(&["scan", "-f", "json", &image]);
    let mine = results(&["scan", "-f", "json", "--policy", &policy, &image]);
    let changed: Vec<_> = usual.iter().zip(&mine).filter(|(a, b)| a != b).collect();
    assert_eq!(changed.len(), 1, "{changed:?}");
    let (before, after) = changed[0];
    assert_eq!(
        (before.0.as_str(), before.2.as_str()),
        ("LNX-NET-001", "block")
    );
    assert_eq!(
        (after.1.as_str(), after.2.as_str()),
        (before.1.as_str(), "review")
    );
}
