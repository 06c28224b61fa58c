//! Fixes of Windows: whole commands, that do not take from it what it needs.

use super::commands::mend_service;
use super::kernel::testing::{on, spoilt};
use super::testing::{result, sound, taken};
use super::{agents, commands};
use crate::evidence::Evidence;
use crate::guest::windows::testing::system_volume;
use crate::policy::{CheckResult, Context, Policy};

fn with_context<T>(build: &str, run: impl FnOnce(&Context<'_>) -> T) -> T {
    let mut guests = crate::guest::find(&[system_volume(sound())]);
    guests[0].os.build = Some(build.into());
    let evidence = Evidence::new(&guests[0]);
    let policy = Policy::built_in("tencent-marketplace").unwrap();
    let context = Context {
        evidence: &evidence,
        policy: &policy,
        shared: &policy_parameters(&policy),
        check: &policy.checks[0],
        image_gaps: &[],
        registry: &crate::policy::RegistryView::default(),
    };
    run(&context)
}

fn policy_parameters(policy: &Policy) -> crate::policy::Params {
    crate::policy::checks::registry::shared(&policy.params).unwrap()
}

fn texts(result: &CheckResult) -> Vec<&str> {
    result.fix.iter().map(|fix| fix.en.as_str()).collect()
}

#[test]
fn a_service_of_windows_is_restored_and_never_deleted() {
    let of = |service: &str, path: Option<&str>, missing: bool| -> Vec<String> {
        with_context("20348.1", |context| {
            let fixes = mend_service(context, service, path, missing).into_iter();
            fixes.map(|fix| fix.text().en.clone()).collect()
        })
    };
    let afd = r"C:\Windows\System32\drivers\afd.sys";
    let file = of("AFD", Some(afd), true);
    assert_eq!(file.len(), 1, "{file:?}");
    let command = format!(r#"sfc /scanfile="{afd}" /offbootdir=C:\ /offwindir=C:\Windows"#);
    assert!(file[0].contains(&command), "{file:?}");
    // A program elsewhere is none of Windows: the service's key is to be put back.
    let elsewhere = of("Dhcp", Some(r"C:\Users\x\dhcp.exe"), false);
    let key = r#"reg export "HKLM\SYSTEM\CurrentControlSet\Services\Dhcp""#;
    assert!(elsewhere[0].contains(key), "{elsewhere:?}");
    // Another file in Windows' own folder may be the service's, or not.
    assert_eq!(of("Beep", Some(r"C:\Windows\evil.sys"), false).len(), 2);
    for fixes in [file, elsewhere] {
        assert!(fixes.iter().all(|fix| !fix.contains("sc delete")));
    }
}

#[test]
fn a_driver_of_another_maker_may_be_deleted() {
    let result = on(spoilt(), "WIN-KERNEL-006");
    let fixes = texts(&result);
    assert!(
        fixes
            .iter()
            .any(|fix| fix.contains(r#"sc delete "unsigned""#)),
        "{fixes:#?}"
    );
}

#[test]
fn services_that_the_policy_asks_for_are_installed_again() {
    let policy = Policy::built_in("tencent-marketplace").unwrap();
    for name in [
        "cloudbase-init",
        "tatsvc",
        "win-agent",
        "WinAgent",
        "BaradAgentSvc",
    ] {
        assert!(agents::is_required(&policy, name), "{name}");
    }
    for name in ["Updater", "VMTools", ""] {
        assert!(!agents::is_required(&policy, name), "{name}");
    }
}

#[test]
fn commands_are_those_of_the_version() {
    let boot = |build: &str| with_context(build, |c| commands::write_boot_files(c).en);
    assert!(boot("7601.1").ends_with(r"bcdboot C:\Windows"));
    assert!(boot("20348.1").ends_with(r"bcdboot C:\Windows /f ALL"));
    let all = |build: &str| with_context(build, |c| commands::restore_all(c).code);
    assert_eq!(all("7601.1"), "win-fix-sfc-all");
    assert_eq!(all("20348.1"), "win-fix-dism");
}

#[test]
fn a_value_of_the_registry_has_its_whole_command() {
    let found = result(taken(), "WIN-PERSIST-001");
    let fixes = texts(&found);
    assert!(
        fixes.iter().all(|fix| !fix.contains("by hand")),
        "{fixes:#?}"
    );
    assert!(
        fixes.iter().any(|fix| fix.contains("reg delete \"HKLM")),
        "{fixes:#?}"
    );
}
