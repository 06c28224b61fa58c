//! Who signed the programs that start by themselves, the agents' and the virtio drivers. The files
//! are those of testdata/recipes/signed.sh: `ca.der` vouches for all but `foreign.sys` and
//! `self.sys`; `driver.sys` is listed in `driver.cat` only.

use super::tests::{CONFIG, assert_at, good, item, result, signed, status};
use crate::fs::memory::MemoryFs;
use crate::policy::Status;

macro_rules! hive {
    ($name:literal) => {
        include_bytes!(concat!("../../../../../../testdata/hives/", $name, ".hive")).as_slice()
    };
}

const STORE: &str = "/Windows/System32/CatRoot/{F750E6C3-38EE-11D1-85E5-00C04FC295EE}";
const TRAY: &str = "/Windows/System32/SecurityHealthSystray.exe";

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
    let found = result(fs, "WIN-PERSIST-001");
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
        let found = result(fs, "WIN-PERSIST-003");
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

/// A server with its files of `state_tests`, and `program` as the file at `path`.
fn with(path: &str, program: &[u8]) -> MemoryFs {
    super::state_tests::ready().file(path, 0o644, program)
}

#[test]
fn the_agent_s_program_has_to_be_signed() {
    let path = "/WinAgent/WinAgent.exe";
    let mut changed = signed!("kernel.exe").to_vec();
    changed[600] ^= 1;
    for (program, wanted, says) in [
        (signed!("kernel.exe"), Status::Pass, "Test Windows"),
        (signed!("unsigned.sys"), Status::Warn, "no valid signature"),
        (signed!("foreign.sys"), Status::Warn, "Test Vendor"),
        (signed!("self.sys"), Status::Warn, "Self Signed"),
        (
            &changed,
            Status::Fail,
            "Test Windows: the signed digest is not that of the file",
        ),
        (b"MZ", Status::Fail, "no PE program"),
    ] {
        let found = result(with(path, program), "WIN-AGENT-001");
        assert_eq!(found.status, wanted, "{says}");
        assert_at(item(&found, says), "C:/WinAgent/WinAgent.exe", "", "");
    }
    // The other agent's signature is shown, and counts where the bytes are others.
    let path = "/win-agent/win-agent.exe";
    let shown = with(path, signed!("unsigned.sys"));
    assert_eq!(status(shown, "WIN-AGENT-002"), Status::Pass);
    assert_eq!(status(with(path, &changed), "WIN-AGENT-002"), Status::Warn);
}

#[test]
fn virtio_drivers_have_to_be_signed() {
    let check = "WIN-BOOT-002";
    let mut changed = signed!("dual.sys").to_vec();
    changed[600] ^= 1;
    for name in ["viostor", "netkvm"] {
        let path = format!("/Windows/System32/drivers/{name}.sys");
        for (program, wanted, says) in [
            (
                signed!("kernel.exe"),
                Status::Pass,
                "signed by Test Windows",
            ),
            (signed!("unsigned.sys"), Status::Warn, "no catalog lists it"),
            (signed!("foreign.sys"), Status::Warn, "Test Vendor"),
            (&changed, Status::Fail, "not of this file"),
            (b"MZ", Status::Warn, "not a PE file"),
            // The header of a PE image that ends behind it.
            (&super::tests::pe(), Status::Unknown, "can't be verified"),
        ] {
            let found = result(with(&path, program), check);
            assert_eq!(found.status, wanted, "{name}: {says}");
            let at = format!("C:{path}");
            let is = |i: &&crate::policy::Item| i.at.path.as_ref() == Some(&at);
            let item = found.evidence.iter().find(is).unwrap();
            assert!(item.note.en.contains(says), "{}", item.note.en);
        }
        let listed = with(&path, signed!("driver.sys"));
        assert_eq!(status(listed.clone(), check), Status::Warn);
        let catalog = format!("{STORE}/oem1.cat");
        let listed = listed.file(&catalog, 0o644, signed!("driver.cat"));
        assert_eq!(status(listed, check), Status::Pass);
    }
}
