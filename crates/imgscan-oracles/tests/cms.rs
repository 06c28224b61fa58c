//! PKCS#7 and X.509 of boot files, drivers, catalogs and kernel modules: the crates `cms` and
//! `x509-cert`.

#![allow(missing_docs, clippy::unwrap_used)]

use cms::cert::CertificateChoices;
use cms::content_info::ContentInfo;
use cms::signed_data::{SignedData, SignerIdentifier, SignerInfo};
use der::{Decode as _, Encode as _, SliceReader};
use imgscan_core::bytes::hex;
use imgscan_core::source::MemorySource;
use imgscan_core::trust::pkcs7::{self, Identity};
use imgscan_core::trust::{Bundle, Certificate, DigestKind, module, pe::Pe};
use imgscan_oracles::{Comparison, Facts, Fault, add, bytes, contained, each_file, sha256};
use x509_cert::ext::pkix::{BasicConstraints, ExtendedKeyUsage, SubjectKeyIdentifier};

const MESSAGE_DIGEST: &str = "1.2.840.113549.1.9.4";
const NESTED: &str = "1.3.6.1.4.1.311.2.4.1";

const FAULTS: &[Fault] = &[];

#[test]
fn cms_sees_the_same_messages() {
    let mut all = Comparison::new("cms 0.3.0-rc.0", FAULTS);
    let corpus = each_file(&["signed", "stamped", "policies"], |name| {
        for (i, message) in messages(name, &bytes(name)).iter().enumerate() {
            let mut ours = Facts::new();
            our_message(message, "", &mut ours);
            let theirs = contained(|| {
                let mut facts = Facts::new();
                their_message(message, "", &mut facts)?;
                Ok(facts)
            });
            let name = match i {
                0 => name.to_owned(),
                _ => format!("{name} #{i}"),
            };
            all.add(&name, &ours, theirs);
        }
    });
    all.finish(corpus, 35);
}

#[test]
fn x509_cert_sees_the_same_pinned_certificates() {
    let mut all = Comparison::new("x509-cert 0.3 (pinned)", FAULTS);
    for anchor in Bundle::built_in().anchors() {
        let ours = our_certificate(&anchor.certificate);
        let theirs = contained(|| {
            let read = x509_cert::Certificate::from_der(&anchor.certificate.der);
            their_certificate(&read.map_err(|e| e.to_string())?)
        });
        let one = |text: String| Facts::from([("certificate".to_owned(), text)]);
        all.add(&anchor.certificate.sha256(), &one(ours), theirs.map(one));
    }
    all.finish(true, 98);
}

/// The PKCS#7 messages of a file: those of a PE image, that of a module, or the file itself.
fn messages(name: &str, bytes: &[u8]) -> Vec<Vec<u8>> {
    if let Ok(Some(signed)) = module::split(bytes) {
        return vec![signed.signature.to_vec()];
    }
    if bytes.starts_with(b"MZ") {
        let file = MemorySource(bytes.to_vec());
        let entries = Pe::parse(&file).and_then(|pe| pe.entries(&file));
        return entries.into_iter().flatten().map(|e| e.der).collect();
    }
    let is = |end| name.trim_end_matches(".zst").ends_with(end);
    match is(".cat") || is(".cip") && bytes.starts_with(&[0x30]) {
        true => vec![bytes.to_vec()],
        false => Vec::new(),
    }
}

fn our_message(der: &[u8], at: &str, facts: &mut Facts) {
    let data = match pkcs7::parse(der, 0) {
        Ok(data) => data,
        Err(e) => return add(facts, format!("{at}message"), &format!("unreadable: {e}")),
    };
    add(facts, format!("{at}content type"), &data.content_type);
    let content = data.content.map_or("none".into(), sha256);
    add(facts, format!("{at}content"), &content);
    let mut certificates: Vec<String> = data.certificates.iter().map(our_certificate).collect();
    certificates.sort();
    add(facts, format!("{at}certificates"), &certificates.join("\n"));
    let mut signers = Vec::new();
    for signer in &data.signers {
        let by = match &signer.identity {
            Identity::IssuerSerial(issuer, serial) => {
                format!("issuer {} serial {}", sha256(issuer), hex(serial))
            }
            Identity::KeyId(id) => format!("key {}", hex(id)),
            _ => "another".into(),
        };
        let digest = signer.message_digest.map_or("none".into(), hex);
        signers.push(format!(
            "{by} {} over {digest} signature {} nested {}",
            signer.digest.name(),
            sha256(signer.signature),
            signer.nested.len()
        ));
        for (i, nested) in signer.nested.iter().enumerate() {
            our_message(nested, &format!("{at}nested {i} "), facts);
        }
    }
    signers.sort();
    add(facts, format!("{at}signers"), &signers.join("\n"));
}

fn their_message(der: &[u8], at: &str, facts: &mut Facts) -> Result<(), String> {
    let text = |e: der::Error| e.to_string();
    // Zeros may follow, up to the next eight bytes.
    let mut reader = SliceReader::new(der).map_err(text)?;
    let info = ContentInfo::decode(&mut reader).map_err(text)?;
    let data = info.content.decode_as::<SignedData>().map_err(text)?;
    let content = &data.encap_content_info;
    add(
        facts,
        format!("{at}content type"),
        &content.econtent_type.to_string(),
    );
    let bytes = content.econtent.as_ref().map(|c| sha256(c.value()));
    add(
        facts,
        format!("{at}content"),
        &bytes.unwrap_or("none".into()),
    );
    let mut certificates = Vec::new();
    for choice in data.certificates.iter().flat_map(|set| set.0.iter()) {
        if let CertificateChoices::Certificate(certificate) = choice {
            certificates.push(their_certificate(certificate)?);
        }
    }
    certificates.sort();
    add(facts, format!("{at}certificates"), &certificates.join("\n"));
    let mut signers = Vec::new();
    for signer in data.signer_infos.0.iter() {
        signers.push(their_signer(signer, at, facts)?);
    }
    signers.sort();
    add(facts, format!("{at}signers"), &signers.join("\n"));
    Ok(())
}

fn their_signer(signer: &SignerInfo, at: &str, facts: &mut Facts) -> Result<String, String> {
    let text = |e: der::Error| e.to_string();
    let by = match &signer.sid {
        SignerIdentifier::IssuerAndSerialNumber(by) => {
            let issuer = by.issuer.to_der().map_err(text)?;
            let serial = number(by.serial_number.as_bytes());
            format!("issuer {} serial {serial}", sha256(&issuer))
        }
        SignerIdentifier::SubjectKeyIdentifier(id) => format!("key {}", hex(id.0.as_bytes())),
    };
    let digest = DigestKind::from_oid(&signer.digest_alg.oid.to_string());
    let mut over = String::from("none");
    for attribute in signer.signed_attrs.iter().flat_map(|a| a.iter()) {
        if attribute.oid.to_string() == MESSAGE_DIGEST
            && let Some(value) = attribute.values.get(0)
        {
            over = hex(value.value());
        }
    }
    let mut nested = 0;
    for attribute in signer.unsigned_attrs.iter().flat_map(|a| a.iter()) {
        if attribute.oid.to_string() == NESTED {
            for value in attribute.values.iter() {
                let der = value.to_der().map_err(text)?;
                their_message(&der, &format!("{at}nested {nested} "), facts)?;
                nested += 1;
            }
        }
    }
    Ok(format!(
        "{by} {} over {over} signature {} nested {nested}",
        digest.map_or("unknown", DigestKind::name),
        sha256(signer.signature.as_bytes()),
    ))
}

fn our_certificate(c: &Certificate) -> String {
    format!(
        "{} serial {} issuer {} subject {} from {} to {} authority {:?} key {} for {:?}",
        c.sha256(),
        hex(&c.serial),
        sha256(&c.issuer_der),
        sha256(&c.subject_der),
        c.not_before,
        c.not_after,
        c.ca,
        c.subject_key_id.as_deref().map_or("none".into(), hex),
        c.extended_usage
    )
}

/// What the crate reads, written by it again: a digest that is equal says that nothing was lost.
fn their_certificate(c: &x509_cert::Certificate) -> Result<String, String> {
    let text = |e: der::Error| e.to_string();
    let tbs = c.tbs_certificate();
    let ca = tbs.get_extension::<BasicConstraints>().map_err(text)?;
    let key = tbs.get_extension::<SubjectKeyIdentifier>().map_err(text)?;
    let usage = tbs.get_extension::<ExtendedKeyUsage>().map_err(text)?;
    let usage = usage.map_or(Vec::new(), |(_, u)| u.0);
    let usage: Vec<String> = usage.iter().map(ToString::to_string).collect();
    Ok(format!(
        "{} serial {} issuer {} subject {} from {} to {} authority {:?} key {} for {usage:?}",
        sha256(&c.to_der().map_err(text)?),
        number(tbs.serial_number().as_bytes()),
        sha256(&tbs.issuer().to_der().map_err(text)?),
        sha256(&tbs.subject().to_der().map_err(text)?),
        tbs.validity().not_before,
        tbs.validity().not_after,
        ca.map(|(_, b)| b.ca),
        key.map_or("none".into(), |(_, id)| hex(id.0.as_bytes())),
    ))
}

/// A serial number without the zero that keeps it positive.
fn number(bytes: &[u8]) -> String {
    match bytes {
        [0, rest @ ..] if !rest.is_empty() => hex(rest),
        _ => hex(bytes),
    }
}
