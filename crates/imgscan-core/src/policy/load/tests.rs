//! Policies that are loaded, and what is wrong with others.

use super::*;
use crate::policy::{Gate, Status};

/// `line:column problem` of each fault, in English.
fn faults(text: &str) -> Vec<String> {
    let faults = Policy::parse(text).expect_err(text);
    let shown = faults
        .iter()
        .map(|f| format!("{}:{} {}", f.line, f.column, f.problem.en));
    shown.collect()
}

fn over(text: &str) -> String {
    format!("id: mine\nextends: tencent-marketplace\n{text}")
}

#[test]
fn three_lines_change_one_gate() {
    let three = include_str!("../../../../../testdata/marketplace/extends.yaml");
    assert_eq!(three.lines().count(), 3);
    let (mine, base) = (
        Policy::parse(three).unwrap(),
        Policy::built_in("tencent-marketplace").unwrap(),
    );
    assert_eq!(mine.id, "my-marketplace");
    assert_eq!(mine.checks.len(), base.checks.len());
    for (mine, base) in mine.checks.iter().zip(&base.checks) {
        assert_eq!((&mine.id, &mine.with), (&base.id, &base.with));
        match mine.id.as_str() {
            "LNX-NET-001" => assert_eq!((mine.gate, base.gate), (Gate::Review, Gate::Block)),
            _ => assert_eq!(mine.gate, base.gate),
        }
    }
    assert_eq!(mine.bases.len(), 1);
    assert_eq!(mine.bases[0].sha256, base.sha256);
    assert_ne!(mine.sha256, base.sha256);
}

#[test]
fn parameters_merge_key_by_key_and_checks_can_go() {
    let text = over(
        "params: {dns: {approved: {office: [192.0.2.1]}}}\n\
         remove: [LNX-TIME-001]\n\
         checks:\n- {id: LNX-ACCT-003, with: {groups: [root]}}\n",
    );
    let mine = Policy::parse(&text).unwrap();
    let base = Policy::built_in("tencent-marketplace").unwrap();
    assert_eq!(mine.params["ntp"], base.params["ntp"]);
    assert_eq!(mine.params["dns"]["approved"]["office"][0], "192.0.2.1");
    assert!(mine.checks.iter().all(|c| c.id != "LNX-TIME-001"));
    let check = |p: &Policy| {
        p.checks
            .iter()
            .find(|c| c.id == "LNX-ACCT-003")
            .cloned()
            .unwrap()
    };
    assert_eq!(check(&mine).with["groups"], serde_json::json!(["root"]));
    assert_eq!(check(&mine).with["members"], check(&base).with["members"]);
}

#[test]
fn every_fault_is_told_with_its_place_and_a_suggestion() {
    let text = over(
        "chekcs: []\n\
         params:\n  dsn: {approved: {}}\n\
         checks:\n\
         - {id: LNX-NET-001, gate: blok}\n\
         - {id: LNX-NET-001, gate: review}\n\
         - id: LNX-KERNEL-010\n  with: {thrid_party: []}\n\
         - id: LNX-ACCT-003\n  with: {groups: quiet}\n\
         - {id: X-1, clause: [], os: linux, severity: low, gate: info, test: linux_net_001_resolver}\n",
    );
    let found = faults(&text);
    let wanted = [
        "3:1 unknown key `chekcs`; did you mean `checks`?",
        "8:8 the check `LNX-NET-001` is duplicated (first in line 7)",
    ];
    for line in wanted {
        assert!(found.iter().any(|f| f == line), "{line}: {found:#?}");
    }
    let text =
        text.replacen("chekcs: []\n", "", 1)
            .replacen("- {id: LNX-NET-001, gate: review}\n", "", 1);
    let found = faults(&text);
    let wanted = [
        "4:3 unknown key `dsn`; did you mean `dns`?",
        "6:27 `blok` is not known here; did you mean `block`?",
        "8:10 unknown key `thrid_party`; did you mean `third_party`?",
        "10:18 a list expected, found text",
        "11:69 there is no test `linux_net_001_resolver`; did you mean `linux_net_001_resolvers`?",
        "11:8 the check `X-1` has no title",
    ];
    for line in wanted {
        assert!(found.iter().any(|f| f == line), "{line}: {found:#?}");
    }
    let zh = Policy::parse(&text).unwrap_err();
    assert!(
        zh.iter()
            .all(|f| f.problem.zh.contains(|c: char| c > '\u{2fff}')),
        "{zh:?}"
    );
}

#[test]
fn what_is_no_policy_is_refused() {
    for (text, wanted) in [
        ("", "the file holds nothing"),
        ("a: [", "not valid YAML"),
        ("id: a\n---\nid: b\n", "several YAML documents"),
        (
            "id: a\nid: b\n",
            "the key `id` is duplicated (first in line 1)",
        ),
        (
            "id: a\nextends: tencent-markteplace\n",
            "did you mean `tencent-marketplace`?",
        ),
        (
            "id: a\nextends: ../secret.yaml\n",
            "not in the folder of the policy",
        ),
        ("id: a\nschema: imgscan-policy/9\n", "imgscan-policy/9"),
        ("id: a\nextends: ~\n", "2:1 `extends` holds nothing"),
        (
            "id: a\nextends: tencent-marketplace\nchecks:\n",
            "3:1 `checks` holds nothing",
        ),
        (
            "id: a\nextends: tencent-marketplace\nremove:\n",
            "3:1 `remove` holds nothing",
        ),
        (
            "id: a\nextends: tencent-marketplace\nchecks: [{id: LNX-NET-001, with: }]\n",
            "`with` holds nothing",
        ),
        (
            "id: a\nextends: tencent-marketplace\nchecks: [{id: LNX-NET-01, gate: review}]\n",
            "did you mean `LNX-NET-001`?",
        ),
        ("id: a\nremove: [LNX-NET-001]\n", "`extends` is missing"),
        (
            "id: a\nextends: tencent-marketplace\nchecks:\n- id: LNX-NET-001\n  gate: {info: }\n",
            "5:9 text expected, found a map; did you mean `info`?",
        ),
        (
            "id: a\nextends: tencent-marketplace\nchecks:\n- {id: LNX-NET-001, os: windows}\n",
            "4:25 the test `linux_net_001_resolvers` speaks of another system; did you mean `os: linux`?",
        ),
        (
            "id: a\nextends: tencent-marketplace\nrevision: ''\n",
            "3:11 `revision` holds nothing",
        ),
        (
            "id: a\nextends: tencent-marketplace\ntitle: {en: mine, zh: ' '}\n",
            "3:23 `zh` holds nothing",
        ),
        (
            "id: a\nextends: tencent-marketplace\nchecks:\n- {id: LNX-NET-001, clause: ['']}\n",
            "4:30 `clause` holds nothing",
        ),
        (
            "id: a\nextends: tencent-marketplace\nchecks:\n- id: WIN-LEAK-001\n  with:\n    rules:\n    - {key: 'HKLM\\SYSTEM\\Setup', value: x, status: warn, note: y, default: }\n",
            "7:67 `default` holds nothing",
        ),
        (
            "id: a\nextends: tencent-marketplace\nparams:\n  kernel_arguments: {redirects: [init=*], weakens: [INIT=*], refused: [], warned: [], warned_by_default: [], allowed: []}\n",
            "4:53 INIT=* is in redirects too",
        ),
        (
            "id: a\nextends: tencent-marketplace\nwaivers: [{check: LNX-NET-001, image_sha256: ab, approver: '', ticket: b, expires: 2027-01-31, reason: c}]\n",
            "`approver` holds nothing",
        ),
        (
            "id: a\nextends: tencent-marketplace\nparams: {dns: {approved: {mine: [10.0.0.256]}}}\n",
            "`10.0.0.256` is not an IP address",
        ),
        (
            "id: a\nextends: tencent-marketplace\nparams: {ntp: {approved: []}}\n",
            "an approved server is needed",
        ),
        (
            "id: a\nextends: tencent-marketplace\nparams: {windows_roots: {add: ['0123']}}\n",
            "40 hexadecimal digits",
        ),
        (
            "id: a\nextends: tencent-marketplace\nremove: [LNX-NET-01]\n",
            "did you mean `LNX-NET-001`?",
        ),
        (
            "id: a\nextends: tencent-marketplace\nwaivers: [{check: LNX-NET-001, image_sha256: ab, approver: a, ticket: b, expires: soon, reason: c}]\n",
            "64 hexadecimal digits",
        ),
    ] {
        let found = faults(text);
        assert!(
            found.iter().any(|f| f.contains(wanted)),
            "{wanted}: {found:#?}"
        );
    }
}

#[test]
fn roots_that_are_duplicated_are_refused() {
    let one = "0123456789abcdef0123456789ABCDEF01234567";
    let add = |roots: &[&str]| {
        let lines: String = roots.iter().map(|r| format!("      - '{r}'\n")).collect();
        over(&format!("params:\n  windows_roots:\n    add:\n{lines}"))
    };
    let sound = Policy::parse(&add(&[one])).unwrap();
    let added = sound.params["windows_roots"]["add"].as_array().unwrap();
    assert_eq!(added.len(), 1);
    for other in [one.to_owned(), one.to_ascii_uppercase()] {
        let found = faults(&add(&[one, &other]));
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(
            found[0].starts_with("7:9 ") && found[0].contains("duplicated"),
            "{found:?}"
        );
    }
}

#[cfg(unix)]
#[test]
fn only_a_regular_file_beside_the_policy_is_extended() {
    let folder = tempfile::tempdir().unwrap();
    let mine = folder.path().join("mine.yaml");
    std::fs::write(&mine, "id: a\nextends: base.yaml\n").unwrap();
    let base = folder.path().join("base.yaml");
    rustix::fs::mkfifoat(rustix::fs::CWD, &base, rustix::fs::Mode::RWXU).unwrap();
    let faults = Policy::open(&mine).unwrap_err().to_string();
    assert!(faults.contains("is not a regular file"), "{faults}");
}

#[test]
fn a_policy_can_neither_extend_itself_nor_grow_without_end() {
    let beside = |_: &str| Ok("id: b\nextends: a.yaml\n".to_owned());
    let cycle = Policy::load("dir/a.yaml", "id: a\nextends: b.yaml\n", &beside).unwrap_err();
    assert!(
        cycle
            .to_string()
            .contains("extends itself through `a.yaml`"),
        "{cycle}"
    );
    let next = |name: &str| {
        let number: usize = name.trim_end_matches(".yaml").parse().unwrap();
        Ok(format!("id: x\nextends: {}.yaml\n", number + 1))
    };
    let deep = Policy::load("0.yaml", "id: x\nextends: 1.yaml\n", &next).unwrap_err();
    assert!(deep.to_string().contains("more than 4"), "{deep}");
    let mut bomb = String::from("id: a\na0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for level in 1..9 {
        let below = format!("*a{}", level - 1);
        let items = vec![below; 10].join(", ");
        bomb.push_str(&format!("a{level}: &a{level} [{items}]\n"));
    }
    assert!(faults(&bomb).iter().any(|f| f.contains("values")), "{bomb}");
    let nested = format!("id: {}{}\n", "[".repeat(500), "]".repeat(500));
    assert!(!faults(&nested).is_empty());
}

#[test]
fn a_file_extends_one_beside_it_and_no_link() {
    let dir = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(dir.path().join(name), text).unwrap();
    write(
        "base.yaml",
        "id: base\nextends: tencent-marketplace\nremove: [LNX-TIME-001]\n",
    );
    write("mine.yaml", "id: mine\nextends: base.yaml\n");
    let mine = Policy::open(&dir.path().join("mine.yaml")).unwrap();
    let ids: Vec<&str> = mine.bases.iter().map(|base| base.id.as_str()).collect();
    assert_eq!(ids, ["tencent-marketplace", "base"]);
    assert!(mine.checks.iter().all(|c| c.id != "LNX-TIME-001"));
    std::os::unix::fs::symlink("/etc/passwd", dir.path().join("link.yaml")).unwrap();
    write("to-link.yaml", "id: mine\nextends: link.yaml\n");
    let refused = Policy::open(&dir.path().join("to-link.yaml")).unwrap_err();
    assert!(refused.to_string().contains("symbolic link"), "{refused}");
    assert!(Policy::open(&dir.path().join("absent.yaml")).is_err());
}

#[test]
fn a_check_with_parameters_that_do_not_fit_ends_as_an_error() {
    use crate::evidence::Evidence;
    use crate::evidence::linux::testing::{Build, guest};
    let mut policy = Policy::built_in("tencent-marketplace").unwrap();
    policy.checks.retain(|c| c.id == "LNX-ACCT-003");
    policy.checks[0].with.insert("groups".into(), 7.into());
    let guest = guest(Build::debian());
    let results = crate::policy::run(&policy, &[Evidence::new(&guest)], &[], &|_| {});
    assert_eq!(results[0].status, Status::Error, "{results:?}");
}
