//! Every rpm database of the corpus, compared with what rpm lists (`testdata/recipes/rpmdb-truth.sh`),
//! and the pinned keys with what gpg says of them.

use std::collections::BTreeMap;

use imgscan_core::rpm::{Header, records, tag};
use imgscan_core::source::FileSource;
use imgscan_core::trust::Bundle;
use imgscan_core::trust::openpgp::Signature;
use libtest_mimic::{Failed, Trial};
use sha2::{Digest as _, Sha256};

use super::files;

const TRUTH: &str = include_str!("../../../../testdata/rpm/corpus.truth");

pub fn trials() -> Vec<Trial> {
    TRUTH
        .lines()
        .map(|line| {
            let name = line.split(' ').next().unwrap_or_default();
            Trial::test(format!("rpm::{name}"), move || compare(line))
        })
        .collect()
}

fn compare(truth: &str) -> Result<(), Failed> {
    let fields: Vec<&str> = truth.split(' ').collect();
    let dir = tempfile::tempdir()?;
    let path = files::unpack(fields[0], dir.path());
    let file = FileSource::open(&path)?;
    let (mut packages, mut digests) = (Vec::new(), 0);
    let mut lines: Vec<Vec<u8>> = Vec::new();
    let mut signed: BTreeMap<String, String> = BTreeMap::new();
    records(&file, None, &mut |record| {
        let record = record.unwrap();
        let header = Header::parse(&record.blob).unwrap();
        let name = header.text(tag::NAME).unwrap();
        let list = header.files().unwrap();
        for file in &list.items {
            let digest = file.digest.as_deref().map(imgscan_core::bytes::hex);
            digests += usize::from(digest.is_some());
            let digest = digest.unwrap_or_default();
            let path = list.path(file);
            lines.push(
                [
                    name.as_bytes(),
                    b"\t",
                    &path,
                    b"\t",
                    digest.as_bytes(),
                    b"\n",
                ]
                .concat(),
            );
        }
        let says = |word: &str| {
            let old = signed.insert(name.clone(), word.into());
            assert!(old.is_none() || name == "gpg-pubkey");
        };
        verify(&header, says);
        packages.push(name);
        true
    })?;
    lines.sort();
    let sum = imgscan_core::bytes::hex(&Sha256::digest(lines.concat()));
    let got = format!(
        "{} packages {} files {} digests {digests} sha256 {sum}",
        fields[0],
        packages.len(),
        lines.len()
    );
    if got != truth {
        return Err(format!("rpm: {truth}\n got: {got}").into());
    }
    signatures(fields[0], &signed)
}

/// Says what the header's own digest and its signature by a pinned key are.
fn verify(header: &Header<'_>, mut says: impl FnMut(&str)) {
    let mut sha = Sha256::new();
    let whole = header.signed_bytes(|piece| sha.update(piece));
    let sum = imgscan_core::bytes::hex(&sha.finalize());
    if let Some(own) = header.added_text(tag::SHA256HEADER).filter(|_| whole) {
        assert_eq!(own, sum, "the header's own digest");
    }
    let signatures = header.signatures();
    let Some((_, packet)) = signatures.first() else {
        return says("(none)");
    };
    let signature = Signature::parse(packet).unwrap();
    let feed = |take: &mut dyn FnMut(&[u8])| {
        header.signed_bytes(take);
    };
    let id = imgscan_core::bytes::hex(&signature.issuers[0]);
    let mut keys = Bundle::built_in().keys_by_id(signature.issuers[0]);
    match keys.next() {
        None => says(&format!("unknown {id}")),
        Some(pinned) => {
            assert!(
                pinned.key.verify(&signature, feed).unwrap(),
                "bad signature of {id}"
            );
            // One more byte, and it is no signature of that.
            let more = |take: &mut dyn FnMut(&[u8])| {
                header.signed_bytes(&mut *take);
                take(b"x");
            };
            assert!(!pinned.key.verify(&signature, more).unwrap());
            says(&id);
        }
    }
}

/// The key of every package as the corpus's truth file, made with rpm, lists it.
fn signatures(name: &str, signed: &BTreeMap<String, String>) -> Result<(), Failed> {
    let truth = files::truth(name).ok_or("no truth file")?;
    let mut compared = 0;
    for line in truth.lines().filter(|l| l.starts_with("  ")) {
        let fields: Vec<&str> = line.trim().split('\t').collect();
        let [name, .., header] = fields.as_slice() else {
            continue;
        };
        let Some(got) = signed.get(*name) else {
            continue;
        };
        let expected = header.rsplit("Key ID ").next().unwrap_or_default();
        if got != expected {
            return Err(format!("{name}: rpm says {header}, got {got}").into());
        }
        compared += 1;
    }
    if compared != signed.len() {
        return Err(format!("{compared} of {} packages compared", signed.len()).into());
    }
    Ok(())
}
