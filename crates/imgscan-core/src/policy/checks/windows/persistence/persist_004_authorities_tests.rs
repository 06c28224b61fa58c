//! WIN-PERSIST-004.

use crate::policy::Status;
use crate::policy::checks::windows::testing::{SET, assert_status, at, item, result, sound, taken};

#[test]
fn packages_providers_and_event_consumers_are_told_from_windows_own() {
    let repository = "/Windows/System32/wbem/Repository/OBJECTS.DATA";
    let scm =
        br#"xx__FilterToConsumerBinding NTEventLogEventConsumer.Name="SCM Event Log Consumer""#;
    let fs = sound().file(repository, 0o644, &scm[..]);
    assert_status(fs, "WIN-PERSIST-004", Status::Pass);

    let definition = b"CommandLineEventConsumer\0\0powershell.exe -enc SQBFAFgA\0evil\0";
    let text = [
        &definition[..],
        &[0; 10_000],
        br#"CommandLineEventConsumer.Name="evil""#,
    ]
    .concat();
    let reference = definition.len() + 10_000;
    let found = result(sound().file(repository, 0o644, text), "WIN-PERSIST-004");
    assert_eq!(found.status, Status::Fail);
    let consumer = item(
        &found,
        "CommandLineEventConsumer evil: powershell.exe -enc SQBFAFgA",
    );
    assert_eq!(consumer.at.offset, Some(reference as u64));
    assert_eq!(
        consumer.at.path.as_deref(),
        Some(&format!("C:{repository}")[..])
    );

    // A class of its own, and a name of Windows' with another command.
    let own = br#"xx \\.\root\subscription:MyConsumer.Name="x""#;
    let found = result(sound().file(repository, 0o644, &own[..]), "WIN-PERSIST-004");
    assert_eq!(found.status, Status::Unknown);
    for (command, status) in [
        ("cscript KernCap.vbs", Status::Pass),
        (r"C:\ProgramData\x\upd.exe", Status::Fail),
    ] {
        let text = format!(
            "CommandLineEventConsumer\0\0{command}\0BVTConsumer\0xx CommandLineEventConsumer.Name=\"BVTConsumer\""
        );
        let fs = sound().file(repository, 0o644, text);
        assert_status(fs, "WIN-PERSIST-004", status);
    }

    let found = assert_status(taken(), "WIN-PERSIST-004", Status::Fail);
    at(
        &found,
        &format!(r"{SET}\Control\Lsa"),
        "Notification Packages",
        "evilpwd.dll does not exist",
    );
    let wdigest = format!(r"{SET}\Control\SecurityProviders\WDigest");
    at(&found, &wdigest, "UseLogonCredential", "readable");
    let mut items = found.evidence.iter();
    let stealer = items.find(|i| i.note.en.starts_with("Credential provider "));
    let stealer = stealer.unwrap();
    let key = r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Authentication\Credential Providers\{00000000-0000-0000-0000-0000000000C1}";
    assert_eq!(stealer.at.key.as_deref(), Some(key));
    assert!(stealer.note.en.contains(r"C:\Windows\Temp\steal.dll"));
}

#[test]
fn blanks_do_not_hide_the_name_of_a_consumer() {
    let repository = "/Windows/System32/wbem/Repository/OBJECTS.DATA";
    for blanks in [0, 1, 400, 20_000] {
        let text = format!(
            "xx CommandLineEventConsumer{}.Name=\"evil\" {}",
            " ".repeat(blanks),
            "\0".repeat(100)
        );
        let fs = sound().file(repository, 0o644, text);
        assert_status(fs, "WIN-PERSIST-004", Status::Fail);
    }
}
