//! WIN-LEAK-002.

use crate::policy::Status;
use crate::policy::checks::windows::testing::item;
use crate::policy::checks::windows::testing::{assert_status, sound};

#[test]
fn dumps_and_large_logs_warn_with_their_size() {
    assert_status(sound(), "WIN-LEAK-002", Status::Pass);
    let small = sound().file(
        "/Windows/System32/winevt/Logs/System.evtx",
        0o644,
        "ElfFile",
    );
    let found = assert_status(small, "WIN-LEAK-002", Status::Pass);
    item(&found, "1 file, 7 bytes");
    let fs = sound().file("/hiberfil.sys", 0o644, vec![1; 100]);
    let found = assert_status(fs, "WIN-LEAK-002", Status::Warn);
    let file = item(&found, "1 file, 100 bytes");
    assert_eq!(file.at.path.as_deref(), Some("C:/hiberfil.sys"));
}
