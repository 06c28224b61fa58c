//! WIN-KERNEL-007 and the values of WIN-KERNEL-005.

use super::testing::{item, on, spoilt};
use crate::policy::Status;

#[test]
fn values_that_weaken_the_early_boot_are_named() {
    let session = r"HKLM\SYSTEM\ControlSet001\Control\Session Manager";
    let result = on(spoilt(), "WIN-KERNEL-007");
    assert_eq!(result.status, Status::Fail);
    let execute = item(&result, "stage2");
    assert_eq!(execute.at.key.as_deref(), Some(session));
    let windows = item(&result, r"C:\Windows\Temp\csrss.exe ObjectDirectory=x");
    assert_eq!(windows.at.value.as_deref(), Some("Windows"));
    let result = on(spoilt(), "WIN-KERNEL-005");
    let list = item(&result, "0");
    let name = "VulnerableDriverBlocklistEnable";
    assert_eq!(list.at.value.as_deref(), Some(name));
}
