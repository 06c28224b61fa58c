//! The list of what runs by itself on the demonstration image. What must stand in it is from the
//! recipes that made the image: SERVICES and WAITS of testdata/recipes/winstate.py, `system` and
//! `main` of testdata/recipes/demo_windows.py, and what demo-windows.sh signs.

use serde_json::Value;

use super::tests::validate;
use super::*;
use crate::evidence::References;
use crate::evidence::windows::{Occasion, Subject};
use crate::policy::{Policy, Status};
use crate::text::Lang;
use crate::trust::Bundle;
use crate::{Image, declaration::Declaration};

const DEMO: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../testdata/demo/");

fn list(image: &str, trusted: bool, declaration: Option<&Declaration>) -> AutorunsReport {
    let image = Image::open(format!("{DEMO}{image}")).unwrap();
    let policy = Policy::built_in("tencent-marketplace").unwrap();
    let mut trust = Bundle::built_in().clone();
    if trusted {
        let authority = std::fs::read(format!("{DEMO}windows-ca.der")).unwrap();
        trust = trust.with_user_file(&authority, "windows-ca.der").unwrap();
    }
    let references = References {
        trust: Some(&trust),
        baseline: None,
    };
    image.autoruns(&policy, references, declaration).unwrap()
}

fn entry<'r>(report: &'r AutorunsReport, kind: &str, name: &str) -> &'r Autorun {
    let is = |e: &&Autorun| e.kind == kind && e.name == name;
    let found = report.guests[0].entries.iter().find(is);
    found.unwrap_or_else(|| panic!("no {kind} {name}"))
}

/// The services of the recipes that are programs: name, image path, start, whose program it is.
const SERVICES: &[(&str, &str, Occasion, &str)] = {
    const SVCHOST: &str = r"%SystemRoot%\System32\svchost.exe -k netsvcs";
    const HOST: &str = "C:/Windows/System32/svchost.exe";
    &[
        (
            "TermService",
            r"%SystemRoot%\System32\svchost.exe -k NetworkService",
            Occasion::Demand,
            HOST,
        ),
        ("W32Time", SVCHOST, Occasion::Demand, HOST),
        ("RpcSs", SVCHOST, Occasion::Boot, HOST),
        ("EventLog", SVCHOST, Occasion::Boot, HOST),
        (
            "TrustedInstaller",
            r"%SystemRoot%\servicing\TrustedInstaller.exe",
            Occasion::Demand,
            "C:/Windows/servicing/TrustedInstaller.exe",
        ),
        (
            "tatsvc",
            r#""C:\Program Files\QCloud\tat_agent\tat_agent.exe""#,
            Occasion::Boot,
            "C:/Program Files/QCloud/tat_agent/tat_agent.exe",
        ),
        (
            "WinAgent",
            r"C:\WinAgent\WinAgent.exe",
            Occasion::Boot,
            "C:/WinAgent/WinAgent.exe",
        ),
        (
            "win-agent",
            r"C:\win-agent\win-agent.exe",
            Occasion::Boot,
            "C:/win-agent/win-agent.exe",
        ),
    ]
};

#[test]
fn the_entries_of_the_recipe_stand_in_the_list_with_their_files() {
    let report = list("windows.qcow2", true, None);
    for (name, command, occasion, path) in SERVICES {
        let found = entry(&report, "service", name);
        assert_eq!(found.subject, Subject::Service);
        assert_eq!(found.command, *command, "{name}");
        assert_eq!(found.occasion, *occasion, "{name}");
        let key = format!(r"HKLM\SYSTEM\ControlSet001\Services\{name}");
        assert_eq!(found.at.key.as_deref(), Some(&*key));
        assert_eq!(found.at.value.as_deref(), Some("ImagePath"));
        let file = found.parts[0].at.as_ref().unwrap();
        assert_eq!(file.path.as_deref(), Some(*path), "{name}");
        assert!(file.sha256.is_some(), "{name}");
        assert_eq!(found.parts[0].leads_to, LeadsTo::File);
    }
    // Drivers are `imgscan kernel`'s.
    for driver in ["viostor", "netkvm", "NTFS", "Tcpip"] {
        let mut entries = report.guests[0].entries.iter();
        assert!(!entries.any(|e| e.name == driver), "{driver}");
    }
    // Signed by CN=Demo Windows, which CN=Demo Root issued.
    let agent = entry(&report, "service", "WinAgent");
    assert_eq!(agent.parts[0].signature, Some(SignatureWord::Trusted));
    assert_eq!(agent.parts[0].signer.as_deref(), Some("Demo Windows"));
    assert!(agent.is_explained());
    let script = "C:/Windows/Setup/Scripts/SetupComplete.cmd";
    let of_script = |e: &&Autorun| e.at.path.as_deref() == Some(script);
    let steps: Vec<&Autorun> = report.guests[0].entries.iter().filter(of_script).collect();
    let commands: Vec<&str> = steps.iter().map(|e| e.command.as_str()).collect();
    assert_eq!(commands.len(), 2, "{commands:?}");
    assert!(commands[0].contains("sc config cloudbase-init start= auto"));
    assert!(commands[1].contains("net start cloudbase-init"));
    assert!(steps.iter().all(|e| e.occasion == Occasion::FirstBoot));
}

#[test]
fn what_nobody_vouches_for_comes_first_and_alone_where_that_is_asked_for() {
    let mut report = list("windows.qcow2", false, None);
    let guest = &report.guests[0];
    let host = entry(&report, "service", "EventLog");
    assert_eq!(host.status, Status::Unknown);
    assert_eq!(host.parts[0].signature, Some(SignatureWord::Unanchored));
    let rank = |e: &Autorun| e.status.rank();
    assert!(guest.entries.is_sorted_by(|a, b| rank(a) >= rank(b)));
    let of = |status| guest.entries.iter().filter(|e| e.status == status).count();
    let AutorunCounts {
        fail,
        unknown,
        warn,
        explained,
    } = guest.counts;
    assert_eq!((of(Status::Fail), of(Status::Unknown)), (fail, unknown));
    assert_eq!((of(Status::Warn), of(Status::Pass)), (warn, explained));
    assert!(unknown > 0 && explained > 0);
    // At the start of the machine before on demand.
    let place = |name: &str| guest.entries.iter().position(|e| e.name == name);
    assert!(place("EventLog") < place("W32Time"));
    let counts = guest.counts;
    report.leave_out_explained();
    let guest = &report.guests[0];
    assert_eq!(guest.entries.len(), fail + unknown + warn);
    assert_eq!(guest.counts, counts);
    assert!(guest.entries.iter().all(|e| !e.why.is_empty()));
}

#[test]
fn the_list_fits_its_schema_and_never_steers_a_terminal() {
    let schema = include_str!("../../../../docs/autoruns.schema.json");
    let schema: Value = serde_json::from_str(schema).unwrap();
    let declaration = Declaration::parse(
        "agent.yaml",
        "schema: imgscan-declaration/1\nproduct: Host\nfiles:\n  - {path: '%windir%\\servicing\\TrustedInstaller.exe', sha256: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855}\n",
    );
    let declaration = declaration.unwrap();
    for (image, trusted, declared) in [
        ("windows.qcow2", true, None),
        ("windows.qcow2", false, Some(&declaration)),
        ("clean-linux.qcow2", false, None),
    ] {
        let mut report = list(image, trusted, declared);
        let shown = json(&report);
        let document: Value = serde_json::from_str(&shown).unwrap();
        let mut problems = Vec::new();
        validate(&schema, &schema, &document, "$", &mut problems);
        assert_eq!(problems, Vec::<String>::new(), "{image}");
        if let Some(entry) = report.guests[0].entries.first_mut() {
            entry.name = "a\u{1b}[2J\u{202e}b".into();
            entry.command = "x\ny\u{9b}".into();
        }
        for lang in [Lang::En, Lang::Zh] {
            let shown = autoruns_text(&report, lang);
            let steering = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
            assert!(!shown.contains(steering), "{shown:?}");
        }
    }
}

#[test]
fn a_linux_system_is_told_to_be_listed_later() {
    let report = list("clean-linux.qcow2", false, None);
    assert_eq!(report.guests[0].entries.len(), 0);
    assert_eq!(report.gaps, []);
    let notices = report.notices.iter();
    let said: Vec<&str> = notices.map(|n| &*n.reason.code).collect();
    assert!(said.contains(&"autoruns-linux-later"), "{said:?}");
}
