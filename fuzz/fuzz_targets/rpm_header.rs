//! A package's header with its signatures; also, a file of OpenPGP keys and a signature.
#![no_main]

use imgscan_core::rpm::Header;
use imgscan_core::trust::openpgp::{Key, Signature};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Ok(keys) = Key::read_all(data) {
        for key in keys.iter().take(4) {
            let _ = (key.fingerprint(), key.state(key.primary.id));
        }
    }
    let _ = Signature::parse(data);
    let Ok(header) = Header::parse(data) else {
        return;
    };
    let _ = header.text(1000);
    if let Ok(files) = header.files() {
        for file in files.items.iter().take(64) {
            let path = files.path(file);
            assert!(files.find(&path).is_some());
        }
    }
    for (_, packet) in header.signatures() {
        if let Ok(signature) = Signature::parse(&packet) {
            let _ = signature.data_digest(|take| {
                header.signed_bytes(take);
            });
        }
    }
});
