//! The files of Windows that no entry names, as WIN-PERSIST-001 judges them.

use crate::fs::memory::MemoryFs;
use crate::policy::checks::windows::testing::{CATALOGS, assert_status, clean, pe, result, signed};
use crate::policy::{CheckResult, Status};

const CHECK: &str = "WIN-PERSIST-001";

/// What is told of the folder or file at `path`.
fn told<'r>(found: &'r CheckResult, path: &str) -> &'r str {
    let mut items = found.evidence.iter();
    let at = |i: &&crate::policy::Item| i.at.path.as_deref() == Some(path);
    &items
        .find(at)
        .unwrap_or_else(|| panic!("{found:#?}"))
        .note
        .en
}

fn unknown(fs: MemoryFs) -> CheckResult {
    let found = result(fs, CHECK);
    assert_eq!(found.status, Status::Unknown, "{found:#?}");
    found
}

#[test]
fn a_program_is_known_by_its_contents_wherever_windows_may_load_it() {
    for path in [
        "/Windows/System32/evil.tsp",
        "/Windows/SysWOW64/kernel32.dll",
        "/Windows/Media/chimes.wav",
        "/Windows/WinSxS/amd64_microsoft.windows.common-controls_1/comctl32.dll",
        "/Windows/Microsoft.NET/assembly/GAC_MSIL/Evil/v4.0_1.0.0.0__0/Evil.dll",
        "/Windows/Fonts/a/b/c/x.fon",
    ] {
        let found = unknown(clean().file(path, 0o644, pe()));
        let why = told(&found, &format!("C:{path}"));
        assert!(why.contains("1 file is explained by nothing"), "{why}");
        let all = told(&found, "C:/Windows");
        assert!(all.contains("in 1 folder"), "{all}");
    }
}

#[test]
fn a_header_far_into_the_file_does_not_hide_a_program() {
    // Microsoft, "PE format": `e_lfanew` is any offset.
    let mut far = vec![0; 16 * 1024];
    far[..2].copy_from_slice(b"MZ");
    far[60..64].copy_from_slice(&8192_u32.to_le_bytes());
    far[8192..8196].copy_from_slice(b"PE\0\0");
    unknown(clean().file("/Windows/System32/far.dll", 0o644, far));
}

#[test]
fn what_is_signed_or_listed_is_explained() {
    let embedded = clean().file("/Windows/System32/dual.sys", 0o644, signed!("dual.sys"));
    assert_status(embedded, CHECK, Status::Pass);
    let listed = clean()
        .file("/Windows/System32/driver.sys", 0o644, signed!("driver.sys"))
        .file(
            &format!("{CATALOGS}/driver.cat"),
            0o644,
            signed!("driver.cat"),
        );
    assert_status(listed, CHECK, Status::Pass);
    let alone = clean().file("/Windows/System32/driver.sys", 0o644, signed!("driver.sys"));
    assert_status(alone, CHECK, Status::Unknown);
}

#[test]
fn files_of_data_and_programs_elsewhere_are_not_looked_at() {
    let fs = clean()
        .file("/Windows/System32/notes.dll", 0o644, "no program")
        .file("/Windows/System32/x.txt", 0o644, "MZ, says the text")
        .file("/Windows/Temp/left.exe", 0o644, pe())
        .file("/Windows/Installer/{0}/icon.exe", 0o644, pe())
        .file(
            "/Windows/assembly/NativeImages_v4.0.30319_64/a/b/a.ni.dll",
            0o644,
            pe(),
        )
        .file("/Product/tool.exe", 0o644, pe());
    let found = assert_status(fs, CHECK, Status::Pass);
    assert!(told(&found, "C:/Windows").contains("native images"));
}

#[test]
fn scripts_and_configurations_that_carry_code_are_programs_too() {
    let hostile = r#"<configuration><runtime><appDomainManagerAssembly value="E"/></runtime></configuration>"#;
    let config = "/Windows/Microsoft.NET/Framework64/v4.0.30319/Config/machine.config";
    let profile = "/Windows/System32/WindowsPowerShell/v1.0/Microsoft.PowerShellISE_profile.ps1";
    for (path, text) in [
        (config, hostile),
        ("/Windows/System32/x.exe.config", hostile),
        ("/Windows/AppPatch/sysmain.sdb", "sdbf"),
        (
            "/Windows/System32/wbem/a.mof",
            "instance of CommandLineEventConsumer {};",
        ),
        (profile, "iex 1"),
    ] {
        let found = unknown(clean().file(path, 0o644, text));
        told(&found, &format!("C:{path}"));
    }
    let honest = clean()
        .file(
            config,
            0o644,
            "<configuration><system.web/></configuration>",
        )
        .file("/Windows/System32/wbem/a.mof", 0o644, "class A {};");
    assert_status(honest, CHECK, Status::Pass);
}

#[test]
fn a_file_that_can_not_be_read_is_a_gap() {
    let path = "/Windows/System32/torn.dll";
    let found = result(clean().file(path, 0o644, pe()).damaged(path), CHECK);
    assert_eq!(found.status, Status::Unknown, "{found:#?}");
    let gap = |g: &crate::evidence::Gap| {
        g.at.path
            .as_deref()
            .is_some_and(|p| p.replace('\\', "/").ends_with("torn.dll"))
    };
    assert!(found.gaps.iter().any(gap), "{found:#?}");
}

#[test]
fn many_files_of_one_folder_are_one_item_with_their_count() {
    let mut fs = clean();
    for i in 0..40 {
        fs = fs.file(&format!("/Windows/System32/x{i:02}.dll"), 0o644, pe());
    }
    let found = unknown(fs);
    let why = told(&found, "C:/Windows/System32/x00.dll");
    assert!(why.contains("40 files are explained by nothing"), "{why}");
    assert!(why.contains("x07.dll") && !why.contains("x08.dll"), "{why}");
}
