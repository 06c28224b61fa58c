//! A code integrity policy, plain and in its signed file.
#![no_main]

use imgscan_core::trust::ci_policy::{CiPolicy, PolicyFile};
use imgscan_core::trust::{Bundle, Role};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let _ = CiPolicy::parse(data);
    if let Ok(file) = PolicyFile::open(data, Bundle::built_in(), &[Role::WindowsRoot]) {
        let _ = CiPolicy::parse(file.policy);
    }
});
