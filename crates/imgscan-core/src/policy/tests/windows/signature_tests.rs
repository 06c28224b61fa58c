//! Who signed the programs that start by themselves, the agents' and the virtio drivers. The files
//! are those of testdata/recipes/signed.sh: `ca.der` vouches for all but `foreign.sys` and
//! `self.sys`; `driver.sys` is listed in `driver.cat` only.

use super::tests::{CONFIG, good, trusting};
use crate::fs::memory::MemoryFs;
use crate::policy::{CheckResult, Status};
use crate::trust::Bundle;

macro_rules! hive {
    ($name:literal) => {
        include_bytes!(concat!("../../../../../../testdata/hives/", $name, ".hive")).as_slice()
    };
}

macro_rules! signed {
    ($name:literal) => {
        include_bytes!(concat!("../../../../../../testdata/signed/", $name)).as_slice()
    };
}

const STORE: &str = "/Windows/System32/CatRoot/{F750E6C3-38EE-11D1-85E5-00C04FC295EE}";
const TRAY: &str = "/Windows/System32/SecurityHealthSystray.exe";

/// The result of `check` where the user trusts the authority of the fixtures.
fn trusted(fs: MemoryFs, check: &str) -> CheckResult {
    let trust = Bundle::built_in()
        .with_user_file(signed!("ca.der"), "ca.der")
        .unwrap();
    let found = trusting(fs, check, &trust);
    println!("{found:#?}");
    found
}

/// A server that starts `program` at every logon (the value SecurityHealth).
fn tray(program: &[u8]) -> MemoryFs {
    good()
        .file(
            &format!("{CONFIG}/SOFTWARE"),
            0o644,
            hive!("software-clean"),
        )
        .file(TRAY, 0o644, program)
}

/// What the check of autostarts says of that program.
fn note(fs: MemoryFs) -> (Status, String) {
    let found = trusted(fs, "WIN-PERSIST-001");
    let mut items = found.evidence.iter();
    let item = items.find(|i| i.note.en.contains("SecurityHealthSystray"));
    let item = item.unwrap();
    (found.status, item.note.en.clone())
}

#[test]
fn a_program_that_a_catalog_lists_is_signed_by_the_signer_of_the_catalog() {
    let catalog = format!("{STORE}/oem1.cat");
    let with = |bytes: &[u8]| note(tray(signed!("driver.sys")).file(&catalog, 0o644, bytes));
    for bytes in [signed!("driver.cat"), signed!("driver2.cat")] {
        let (status, said) = with(bytes);
        assert_eq!(status, Status::Pass);
        let by = format!("signed by Test Hardware Publisher (catalog C:{catalog})");
        assert!(said.contains(&by), "{said}");
    }
    // The catalog of another file.
    let (_, said) = with(signed!("other.cat"));
    assert!(said.contains("no catalog lists it"), "{said}");
    // One that is cut may list it.
    let (_, said) = with(&signed!("driver.cat")[..1000]);
    assert!(said.contains("can't be verified"), "{said}");
    // One beside the driver's package counts as well.
    let package = "/Windows/System32/DriverStore/FileRepository/x.inf_amd64_1/x.cat";
    let fs = tray(signed!("driver.sys")).file(package, 0o644, signed!("driver.cat"));
    assert!(note(fs).1.contains(&format!("(catalog C:{package})")));
}

#[test]
fn a_service_whose_program_no_catalog_lists_is_told() {
    let of_agent = |catalog: &[u8]| {
        let fs = good()
            .file("/win-agent/win-agent.exe", 0o644, signed!("driver.sys"))
            .file(&format!("{STORE}/oem1.cat"), 0o644, catalog);
        let found = trusted(fs, "WIN-PERSIST-003");
        let items = found.evidence.into_iter();
        let mut items = items.filter(|i| i.note.en.starts_with("service win-agent"));
        items.next()
    };
    assert_eq!(of_agent(signed!("driver.cat")), None);
    let told = of_agent(signed!("other.cat")).unwrap();
    assert_eq!(told.at.value.as_deref(), Some("ImagePath"));
    assert!(
        told.note.en.contains("no catalog lists it"),
        "{}",
        told.note.en
    );
}
