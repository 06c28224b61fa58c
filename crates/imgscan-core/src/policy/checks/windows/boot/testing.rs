//! Boot configurations for the tests of this folder: those of testdata/recipes/hives.py.

use crate::policy::checks::windows::kernel::testing::{boot, result, windows};
use crate::policy::{CheckResult, Item};

const OBJECTS: &str = r"HKLM\BCD00000000\Objects";
/// The entry of the system.
pub(super) const LOADER: &str = "{11111111-1111-1111-1111-111111111111}";

/// The result of `check` on a system with `bcd` as its boot configuration.
pub(super) fn on_bcd(bcd: &[u8], check: &str) -> CheckResult {
    result(boot(bcd), windows(), check)
}

/// Asserts that `item` names `element` of `object`.
#[track_caller]
pub(super) fn assert_element(item: &Item, object: &str, element: &str) {
    assert_eq!(item.at.volume.as_deref(), Some("p1"));
    assert_eq!(item.at.path.as_deref(), Some("/Boot/BCD"));
    let key = format!(r"{OBJECTS}\{object}\Elements\{element}");
    assert_eq!(item.at.key.as_deref(), Some(key.as_str()));
    assert_eq!(item.at.value.as_deref(), Some("Element"));
}
