//! OpenPGP keys and signatures: the crate `pgp` (rPGP).

#![allow(missing_docs, clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::io::Cursor;
use std::path::Path;

use imgscan_core::bytes::hex;
use imgscan_core::rpm::{self, Header, tag};
use imgscan_core::source::MemorySource;
use imgscan_core::trust::openpgp::{Key, KeyPart, Signature};
use imgscan_oracles::{Comparison, Facts, Fault, add, bytes, contained, each_file, fixture};
use pgp::composed::{Deserializable as _, DetachedSignature, SignedPublicKey};
use pgp::types::KeyDetails;

const BEGIN: &str = "-----BEGIN PGP PUBLIC KEY BLOCK-----";

const NO_FAULTS: &[Fault] = &[];

/// Every pinned key file and those of the fixtures, by their names.
fn key_files() -> BTreeMap<String, Vec<u8>> {
    let trust = Path::new(env!("CARGO_MANIFEST_DIR")).join("../imgscan-core/trust");
    let mut files = BTreeMap::new();
    for folder in ["deb", "rpm"] {
        for entry in std::fs::read_dir(trust.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy();
            files.insert(format!("{folder}/{name}"), std::fs::read(&path).unwrap());
        }
    }
    for name in ["rpm/key.asc", "trust/short.asc"] {
        files.insert(format!("testdata/{name}"), fixture(name));
    }
    files
}

/// The keys of a file as the crate reads them: armoured blocks one by one, or packets.
fn their_keys(file: &[u8]) -> Result<Vec<SignedPublicKey>, String> {
    let text = |e: pgp::errors::Error| e.to_string();
    let mut keys = Vec::new();
    if file.first().is_some_and(|b| b & 0x80 != 0) {
        let all = SignedPublicKey::from_bytes_many(Cursor::new(file)).map_err(text)?;
        for key in all {
            keys.push(key.map_err(text)?);
        }
        return Ok(keys);
    }
    for block in String::from_utf8_lossy(file).split(BEGIN).skip(1) {
        let block = format!("{BEGIN}{block}");
        let (all, _) = SignedPublicKey::from_armor_many(block.as_bytes()).map_err(text)?;
        for key in all {
            keys.push(key.map_err(text)?);
        }
    }
    Ok(keys)
}

#[test]
fn rpgp_sees_the_same_keys() {
    let mut all = Comparison::new("pgp 0.21 (keys)", NO_FAULTS);
    for (name, file) in key_files() {
        let mut ours = Facts::new();
        match Key::read_all(&file) {
            Ok(keys) => keys.iter().for_each(|key| our_key(key, &mut ours)),
            Err(e) => add(&mut ours, "file".into(), &format!("unreadable: {e}")),
        }
        let theirs = contained(|| {
            let mut facts = Facts::new();
            let keys = their_keys(&file)?;
            keys.iter().for_each(|key| their_key(key, &mut facts));
            Ok(facts)
        });
        all.add(&name, &ours, theirs);
    }
    all.finish(true, 145);
}

fn our_key(key: &Key, facts: &mut Facts) {
    let part = |part: &KeyPart| {
        let print = hex(&part.fingerprint);
        (
            print,
            format!("id {} created {}", hex(&part.id), part.created),
        )
    };
    let (print, fact) = part(&key.primary);
    let user = key.user.as_deref().unwrap_or_default();
    add(facts, print.clone(), &format!("{fact} user {user}"));
    for subkey in &key.subkeys {
        let (sub, fact) = part(&subkey.part);
        add(facts, format!("{print} {sub}"), &fact);
    }
}

fn their_key(key: &SignedPublicKey, facts: &mut Facts) {
    let part = |part: &dyn Part| (part.print(), part.fact());
    let (print, fact) = part(&key.primary_key);
    let user = key.details.users.first().map(|u| u.id.id());
    let user = imgscan_core::text::lossless(user.unwrap_or_default());
    add(facts, print.clone(), &format!("{fact} user {user}"));
    for subkey in &key.public_subkeys {
        let (sub, fact) = part(&subkey.key);
        add(facts, format!("{print} {sub}"), &fact);
    }
}

/// What is compared of a primary key and of a subkey.
trait Part {
    fn print(&self) -> String;
    fn fact(&self) -> String;
}

impl<K: KeyDetails> Part for K {
    fn print(&self) -> String {
        hex(self.fingerprint().as_bytes())
    }

    fn fact(&self) -> String {
        let id = hex(self.legacy_key_id().as_ref());
        format!("id {id} created {}", self.created_at().as_secs())
    }
}

/// Both sides' keys, to verify signatures with.
struct Keys {
    ours: Vec<Key>,
    theirs: Vec<SignedPublicKey>,
}

#[test]
fn rpgp_verifies_the_same_signatures() {
    let mut keys = Keys {
        ours: Vec::new(),
        theirs: Vec::new(),
    };
    for file in key_files().values() {
        keys.ours.extend(Key::read_all(file).unwrap_or_default());
        keys.theirs.extend(their_keys(file).unwrap_or_default());
    }
    let mut all = Comparison::new("pgp 0.21 (signatures)", NO_FAULTS);
    let (mut good, mut bad) = (0, 0);
    let corpus = each_file(&["rpm"], |name| {
        let file = MemorySource(bytes(name));
        if rpm::form(&file).is_err() {
            return;
        }
        let (mut ours, mut theirs) = (Facts::new(), Facts::new());
        let _ = rpm::records(&file, None, &mut |record| {
            let Ok(record) = record else { return true };
            let Ok(header) = Header::parse(&record.blob) else {
                return true;
            };
            let package = header.text(tag::NAME).unwrap_or_default();
            let mut signed = Vec::new();
            if !header.signed_bytes(|piece| signed.extend_from_slice(piece)) {
                return true;
            }
            for (kind, packet) in header.signatures() {
                let place = format!("{} {package} {kind}", record.number);
                let more = [&signed[..], b"x"].concat();
                for (what, data) in [("", &signed), (" and a byte more", &more)] {
                    let fact = keys.our_verdict(&packet, data);
                    add(&mut ours, format!("{place}{what}"), &fact);
                    let fact = keys.their_verdict(&packet, data);
                    add(&mut theirs, format!("{place}{what}"), &fact);
                }
            }
            true
        });
        let count = |verdict: &str| ours.values().filter(|v| v.starts_with(verdict)).count();
        good += count("good by");
        bad += count("bad");
        if !ours.is_empty() {
            all.add(name, &ours, Ok(theirs));
        }
    });
    assert!(good > 0 && bad > 0, "{good} good, {bad} bad");
    println!("{good} signatures are good by both, {bad} changed ones are bad");
    let (data, packet) = (fixture("trust/short"), fixture("trust/short.sig"));
    let one = |verdict: String| Facts::from([("signature".to_owned(), verdict)]);
    all.add(
        "testdata/trust/short.sig",
        &one(keys.our_verdict(&packet, &data)),
        Ok(one(keys.their_verdict(&packet, &data))),
    );
    all.finish(corpus, 9);
}

impl Keys {
    /// The primary keys by which the signature is good.
    fn our_verdict(&self, packet: &[u8], data: &[u8]) -> String {
        let Ok(signature) = Signature::parse(packet) else {
            return "unreadable".into();
        };
        let named = |key: &&Key| signature.issuers.iter().any(|id| key.has(*id));
        let mut good: Vec<String> = Vec::new();
        let known = self.ours.iter().filter(named).inspect(|key| {
            if key.verify(&signature, |take| take(data)).unwrap_or(false) {
                good.push(hex(&key.primary.fingerprint));
            }
        });
        verdict(known.count(), good)
    }

    fn their_verdict(&self, packet: &[u8], data: &[u8]) -> String {
        let Ok(signature) = DetachedSignature::from_bytes(Cursor::new(packet)) else {
            return "unreadable".into();
        };
        let ids = signature.signature.issuer_key_id();
        let named = |key: &&SignedPublicKey| {
            let subkeys = key.public_subkeys.iter().map(|s| s.key.legacy_key_id());
            let mut own = subkeys.chain([key.primary_key.legacy_key_id()]);
            own.any(|id| ids.contains(&&id))
        };
        let mut good: Vec<String> = Vec::new();
        let known = self.theirs.iter().filter(named).inspect(|key| {
            let mut subkeys = key.public_subkeys.iter();
            if signature.verify(&key.primary_key, data).is_ok()
                || subkeys.any(|s| signature.verify(&s.key, data).is_ok())
            {
                good.push(hex(key.primary_key.fingerprint().as_bytes()));
            }
        });
        verdict(known.count(), good)
    }
}

fn verdict(known: usize, mut good: Vec<String>) -> String {
    good.sort();
    good.dedup();
    match (known, good.is_empty()) {
        (0, _) => "of an unknown key".into(),
        (_, true) => "bad".into(),
        (_, false) => format!("good by {}", good.join(" ")),
    }
}
