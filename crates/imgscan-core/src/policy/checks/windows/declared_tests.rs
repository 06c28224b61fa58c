//! What a vendor's declaration explains, and what it never does.

use sha2::Digest as _;

use super::testing::{clean, ready, signed, taken};
use crate::declaration::Declaration;
use crate::evidence::{Evidence, References};
use crate::fs::memory::MemoryFs;
use crate::guest::windows::testing::{system_volume, volume};
use crate::policy::{CheckResult, Policy, Status, executions, run};
use crate::trust::Bundle;

const TRAY: &str = "/Windows/System32/SecurityHealthSystray.exe";
/// As `openssl pkcs7 -print_certs` and `sha256sum` give it of the signature of foreign.sys.
const VENDOR: &str = "e6eb3c90fb079ed5fdd136549f455b81128e8647dbe25b9934502ba04b4aff3a";

/// A server that starts `program` at every logon.
fn tray(program: &[u8]) -> MemoryFs {
    clean().file(TRAY, 0o644, program)
}

fn sha256(bytes: &[u8]) -> String {
    crate::bytes::hex(&sha2::Sha256::digest(bytes))
}

fn declaration(rest: &str) -> Declaration {
    let text = format!("schema: imgscan-declaration/1\nproduct: Shop\n{rest}");
    Declaration::parse("shop.yaml", &text).unwrap()
}

/// A declaration of the file at `path`.
fn pinned(path: &str, sha256: &str) -> Declaration {
    declaration(&format!(
        "files:\n  - path: '{path}'\n    sha256: {sha256}\n"
    ))
}

/// What `check` says of `fs` under `declared`.
fn judged(fs: MemoryFs, declared: &Declaration, check: &str) -> CheckResult {
    let data = MemoryFs::new(true).dir("/Profiles/ops/Desktop");
    let guests = crate::guest::find(&[volume(1, 1_048_576, data), system_volume(fs)]);
    let trust = Bundle::built_in().clone();
    let trust = trust.with_user_file(signed!("ca.der"), "ca.der").unwrap();
    let references = References {
        trust: Some(&trust),
        baseline: None,
    };
    let policy = Policy::built_in("tencent-marketplace").unwrap();
    let collectors = |g| Evidence::with(g, references).declared(Some(declared));
    let evidence: Vec<Evidence<'_>> = guests.iter().map(collectors).collect();
    let results = run(&policy, &evidence, &[], &|_| {});
    let result = results.into_iter().find(|r| r.check == check).unwrap();
    // The list says the same of each entry that the check shows.
    let list = executions(&policy, &evidence[0]).unwrap();
    for item in result.evidence.iter().filter(|i| i.status != Status::Pass) {
        let found = item.found.as_ref().map_or("", |t| t.en.as_str());
        let same =
            |j: &&super::Judgement<'_>| j.entry.at == item.at && j.entry.fact.command == found;
        if let Some(entry) = list.items.iter().find(same) {
            assert!(entry.status.rank() >= item.status.rank(), "{item:#?}");
        }
    }
    result
}

/// Status and what is said of the program of [`tray`].
fn of_tray(program: &[u8], declared: &Declaration) -> (Status, String) {
    let result = judged(tray(program), declared, "WIN-PERSIST-001");
    let mut items = result.evidence.iter();
    let item = items
        .find(|i| i.note.en.contains("SecurityHealth"))
        .unwrap();
    (item.status, item.note.en.clone())
}

#[test]
fn a_digest_explains_the_file_at_its_place_alone() {
    let program = signed!("driver.sys");
    let right = sha256(program);
    for path in [
        r"C:\Windows\System32\SecurityHealthSystray.exe",
        r"c:/windows/SYSTEM32/securityhealthsystray.exe",
        r"%SystemRoot%\System32\SecurityHealthSystray.exe",
    ] {
        let (status, said) = of_tray(program, &pinned(path, &right));
        assert_eq!(status, Status::Pass, "{said}");
        assert!(said.contains("declaration of Shop pins it"), "{said}");
    }
    let path = r"C:\Windows\System32\SecurityHealthSystray.exe";
    let other = "0".repeat(64);
    let (status, said) = of_tray(program, &pinned(path, &other));
    assert_eq!(status, Status::Unknown);
    let both = format!("SHA-256 {other} expected, {right} found");
    assert!(said.contains(&both), "{said}");
    // The same bytes at another place.
    let (status, said) = of_tray(program, &pinned(r"C:\Shop\tray.exe", &right));
    assert_eq!(status, Status::Unknown);
    assert!(!said.contains("Shop"), "{said}");
}

#[test]
fn a_path_or_a_name_says_where_a_finding_belongs_and_no_more() {
    let program = signed!("driver.sys");
    let path = "files:\n  - path: 'C:\\Windows\\System32\\SecurityHealthSystray.exe'\n";
    let (status, said) = of_tray(program, &declaration(path));
    assert_eq!(status, Status::Unknown);
    assert!(
        said.contains("declaration of Shop names its path"),
        "{said}"
    );
    let (status, said) = of_tray(program, &declaration("entries:\n  - run: securityhealth\n"));
    assert_eq!(status, Status::Unknown);
    assert!(said.contains("as part of Shop"), "{said}");
    let (_, said) = of_tray(
        program,
        &declaration("entries:\n  - service: SecurityHealth\n"),
    );
    assert!(!said.contains("Shop"), "{said}");
}

#[test]
fn a_publisher_explains_what_carries_a_right_signature_by_its_certificate() {
    let publisher = |certificate: &str| {
        let one = format!("name: Example Ltd, certificate_sha256: {certificate}");
        declaration(&format!("publishers:\n  - {{{one}}}\n"))
    };
    let program = signed!("foreign.sys");
    let (status, said) = of_tray(program, &publisher(VENDOR));
    assert_eq!(status, Status::Pass, "{said}");
    assert!(
        said.contains("Test Vendor") && said.contains("Example Ltd"),
        "{said}"
    );
    let (status, _) = of_tray(program, &publisher(&"0".repeat(64)));
    assert_eq!(status, Status::Unknown);
    // A name is no certificate, and bytes that were not signed are nobody's.
    let mut changed = program.to_vec();
    changed[600] ^= 1;
    for declared in [
        publisher(VENDOR),
        pinned(
            r"C:\Windows\System32\SecurityHealthSystray.exe",
            &sha256(&changed),
        ),
    ] {
        let (status, said) = of_tray(&changed, &declared);
        assert_eq!(status, Status::Fail, "{said}");
    }
    let (status, _) = of_tray(signed!("driver.sys"), &publisher(VENDOR));
    assert_eq!(status, Status::Unknown);
}

#[test]
fn known_forms_of_attack_stay_whatever_is_declared() {
    // Everything that an intruder left, pinned with the very bytes that are there.
    let paths = [
        "/Windows/Temp/up.exe",
        "/Windows/System32/dllhost/svchost.exe",
        "/Windows/System32/cmd.exe",
        "/Windows/System32/evilpwd.dll",
        "/Windows/Temp/steal.dll",
        "/tools/debugger.exe",
    ];
    let program = signed!("driver.sys");
    let mut fs = taken();
    let mut files = String::from("files:\n");
    for path in paths {
        fs = fs.file(path, 0o644, program);
        let shown = path.replace('/', "\\");
        files += &format!("  - path: 'C:{shown}'\n    sha256: {}\n", sha256(program));
    }
    let declared = declaration(&files);
    for check in [
        "WIN-PERSIST-001",
        "WIN-PERSIST-002",
        "WIN-PERSIST-003",
        "WIN-PERSIST-004",
    ] {
        let found = judged(fs.clone(), &declared, check);
        assert_eq!(found.status, Status::Fail, "{check} {found:#?}");
        let mut items = found.evidence.iter();
        let explained = items
            .find(|i| i.status == Status::Pass && i.note.en.contains("declaration of Shop pins"));
        assert_eq!(explained, None, "{check}");
    }
}

#[test]
fn programs_and_services_of_windows_are_never_a_products() {
    // Windows' own service host, which nobody signed here.
    let host = signed!("driver.sys");
    let fs = ready().file("/Windows/System32/svchost.exe", 0o644, host);
    let names = declaration("entries: [{service: shop}]\n");
    let before = judged(fs.clone(), &names, "WIN-PERSIST-003");
    assert_eq!(before.status, Status::Unknown, "{before:#?}");
    let pins = pinned(r"C:\Windows\System32\svchost.exe", &sha256(host));
    let after = judged(fs, &pins, "WIN-PERSIST-003");
    assert_eq!(after.evidence, before.evidence);
}
