//! WIN-CERT-001.

use crate::policy::checks::windows::testing::{assert_status, at, hive, software, sound, taken};
use crate::policy::{CheckResult, Status};

#[test]
fn certificates_of_no_programme_go_to_a_person_and_with_a_proxy_fail() {
    let found = assert_status(sound(), "WIN-CERT-001", Status::Pass);
    assert!(
        found.reason.en.starts_with("the only trusted certificate"),
        "{}",
        found.reason.en
    );
    // openssl x509 -fingerprint -sha1 of testdata/hives/private-root.der
    const SHA1: &str = "64790A3C57EA3C6748BAFA16F86CF335C0F9C3FA";
    let private = |found: &CheckResult| {
        let key = format!(r"HKLM\SOFTWARE\Microsoft\SystemCertificates\ROOT\Certificates\{SHA1}");
        let item = at(found, &key, "Blob", "authority");
        let shown = item.found.clone().unwrap_or_default();
        assert!(shown.en.contains("CN=Private Root"), "{shown}");
        assert!(shown.en.contains(&SHA1.to_lowercase()), "{shown}");
    };
    let added = software(hive!("software-persist"));
    private(&assert_status(added, "WIN-CERT-001", Status::Unknown));
    private(&assert_status(taken(), "WIN-CERT-001", Status::Fail));
}
