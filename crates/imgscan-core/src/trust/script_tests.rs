//! Scripts of testdata/recipes/scripts.sh; what osslsigncode says of them is in its truth.txt.

use super::*;

macro_rules! script {
    ($name:literal) => {
        (
            $name,
            include_bytes!(concat!("../../../../testdata/scripts/", $name)).as_slice(),
        )
    };
}

fn bundle() -> Bundle {
    let (name, ca) = script!("ca.der");
    Bundle::default().with_user_file(ca, name).unwrap()
}

fn read(name: &str, bytes: &[u8]) -> Result<Option<Authenticode>> {
    script_signatures(name, bytes, &bundle(), &[Role::User])
}

/// How its only signature ended.
fn ended(name: &str, bytes: &[u8]) -> Verification {
    let found = read(name, bytes).unwrap().unwrap();
    assert_eq!(found.problems, [], "{name}");
    assert_eq!(found.signatures.len(), 1, "{name}");
    found.signatures[0].verification.clone()
}

#[test]
fn scripts_have_the_digests_that_osslsigncode_computes() {
    let (_, truth) = script!("truth.txt");
    let truth = std::str::from_utf8(truth).unwrap();
    for (name, bytes) in [
        script!("ascii.ps1"),
        script!("empty-line.ps1"),
        script!("no-end.ps1"),
        script!("unix.ps1"),
        script!("utf8.ps1"),
        script!("marked.ps1"),
        script!("wide.ps1"),
        script!("module.psm1"),
        script!("module.psd1"),
        script!("format.ps1xml"),
        script!("class.mof"),
        script!("stranger.ps1"),
    ] {
        let part = truth.split(&format!("== {name}\n")).nth(1).unwrap();
        let line = part.lines().nth(1).unwrap();
        let digest = line.strip_prefix("Calculated message digest : ").unwrap();
        let found = read(name, bytes).unwrap().unwrap();
        let [signature] = found.signatures.as_slice() else {
            panic!("{name}: {found:?}");
        };
        let computed = crate::bytes::hex(&signature.computed).to_uppercase();
        assert_eq!(computed, digest.trim(), "{name}");
        let (expected, signer) = match name {
            "stranger.ps1" => (Verification::Unanchored, "Stranger"),
            _ => (Verification::Trusted, "Script Maker"),
        };
        assert_eq!(signature.verification, expected, "{name}");
        let certificate = signature.signer.as_ref().unwrap();
        assert_eq!(certificate.common_name(), signer);
    }
}

#[test]
fn the_script_host_counts_the_characters() {
    for (name, bytes) in [script!("host.vbs"), script!("host.js")] {
        assert_eq!(ended(name, bytes), Verification::Trusted, "{name}");
    }
    // Of the digest in WiMerge.vbs of the Windows SDK, which Microsoft signed, the rule was taken: text,
    // then its length.
    let form = FORMS.iter().find(|f| f.endings == [".vbs"]).unwrap();
    let text: Vec<u16> = "ab".encode_utf16().collect();
    let expected = DigestKind::Sha256.of(b"a\0b\0\x02\0\0\0");
    assert_eq!(form.digest(&text, DigestKind::Sha256), expected);
}

#[test]
fn a_change_anywhere_is_seen() {
    let bad = Verification::Bad(Fault::DigestMismatch);
    for (name, bytes) in [
        script!("ascii.ps1"),
        script!("wide.ps1"),
        script!("format.ps1xml"),
        script!("class.mof"),
        script!("host.vbs"),
    ] {
        let mut changed = bytes.to_vec();
        changed[4] ^= 1;
        assert_eq!(ended(name, &changed), bad, "{name}");
    }
    // The line end before the signature is the signature's; another one is the script's.
    let (name, bytes) = script!("ascii.ps1");
    let text = std::str::from_utf8(bytes).unwrap();
    let more = text.replace("\r\n# SIG # Begin", "\r\n\r\n# SIG # Begin");
    assert_eq!(ended(name, more.as_bytes()), bad);
    let less = text.replace("Get-Date\r\n", "Get-Date\n");
    assert_eq!(ended(name, less.as_bytes()), bad);
    // The text in UTF-16 is the same text.
    let units = text.encode_utf16().flat_map(u16::to_le_bytes);
    let wide: Vec<u8> = [0xFF, 0xFE].into_iter().chain(units).collect();
    assert_eq!(ended(name, &wide), Verification::Trusted);
    // Of a text without a mark beyond ASCII the code page may be another one.
    let (name, bytes) = script!("utf8.ps1");
    let mut changed = bytes.to_vec();
    changed[4] ^= 1;
    assert!(matches!(ended(name, &changed), Verification::Unproven(_)));
}

#[test]
fn nothing_stands_behind_a_signature() {
    let (name, bytes) = script!("ascii.ps1");
    let text = std::str::from_utf8(bytes).unwrap();
    let with = |change: &dyn Fn(&str) -> String| read(name, change(text).as_bytes());
    assert!(with(&|t| format!("{t}\r\n\n")).unwrap().is_some());
    for change in [
        (&|t: &str| format!("{t}Remove-Item x")) as &dyn Fn(&str) -> String,
        &|t| format!("{t} "),
        &|t| format!("{t}{t}"),
        // Inside, too.
        &|t| t.replace("# SIG # End", "Remove-Item x\r\n# SIG # End"),
        &|t| t.replace("# SIG # End", "# x;\r\n# SIG # End"),
        &|t| t.replace("\r\n# SIG # End signature block\r\n", "\r\n"),
        &|t| t.replacen("# MII", "# MII\u{2028}", 1),
    ] {
        assert!(with(change).is_err());
    }
    // What is no line of its own begins no signature.
    let none = text.replace(
        "# SIG # Begin signature block",
        "## SIG # Begin signature block",
    );
    assert!(read(name, none.as_bytes()).unwrap().is_none());
}

#[test]
fn a_signature_counts_in_its_own_form() {
    let (_, bytes) = script!("ascii.ps1");
    assert!(read("ascii.vbs", bytes).unwrap().is_none());
    assert!(read("ascii.cmd", bytes).unwrap().is_none());
    let (_, bytes) = script!("host.vbs");
    let text = std::str::from_utf8(bytes).unwrap();
    let found = read("x.js", text.replace("'' SIG '' ", "// SIG // ").as_bytes());
    let found = found.unwrap().unwrap();
    assert!(found.signatures.is_empty() && found.problems.len() == 1);
}
