use super::testing::{system_volume, volume};
use crate::fs::memory::MemoryFs;
use crate::guest::{Family, Guest};

const SYSTEM: &[u8] = include_bytes!("../../../../../testdata/hives/system-good.hive");
const DEFAULT_2: &[u8] = include_bytes!("../../../../../testdata/hives/system-default2.hive");
const SOFTWARE: &[u8] = include_bytes!("../../../../../testdata/hives/software.hive");

fn find(system: &[u8]) -> Vec<Guest> {
    let windows = MemoryFs::new(true)
        .file("/WINDOWS/System32/Config/SYSTEM", 0o644, system)
        .file("/WINDOWS/System32/Config/software", 0o644, SOFTWARE);
    let data = MemoryFs::new(true).file("/Profiles/ops/x.txt", 0o644, "x");
    super::find(&[volume(1, 1_048_576, data), system_volume(windows)])
}

#[test]
fn a_windows_guest_says_what_its_registry_says() {
    let guests = find(SYSTEM);
    assert_eq!(guests.len(), 1);
    let guest = &guests[0];
    assert_eq!(
        (guest.family, guest.root_volume.as_str()),
        (Family::Windows, "p2")
    );
    let os = &guest.os;
    let text = |t: &Option<String>| t.clone().unwrap_or_default();
    assert_eq!(text(&os.name), "Windows Server 2022 Datacenter");
    assert_eq!(text(&os.edition), "ServerDatacenter");
    assert_eq!(text(&os.version), "10.0");
    assert_eq!(text(&os.build), "20348.169");
    assert_eq!(text(&os.host_name), "TEST-WIN");
    assert_eq!(text(&os.architecture), "x86_64");
    assert!(guest.problems.is_empty(), "{:?}", guest.problems);
}

#[test]
fn mounted_devices_give_the_volumes_their_letters() {
    let guest = &find(SYSTEM)[0];
    assert_eq!(
        guest.paths.mounts(),
        [
            ("C:/".to_owned(), "p2".to_owned()),
            ("E:/".to_owned(), "p1".to_owned())
        ]
    );
    assert!(
        guest
            .paths
            .find(br"e:\profiles\OPS\x.txt")
            .unwrap()
            .is_some()
    );
}

#[test]
fn another_control_set_for_the_next_boot_is_told() {
    let guest = &find(DEFAULT_2)[0];
    assert_eq!(guest.problems.len(), 1);
    assert!(
        guest.problems[0].reason.en.contains("control set 2"),
        "{}",
        guest.problems[0]
    );
}

#[test]
fn a_hive_that_is_dirty_without_logs_or_no_hive_is_a_problem_of_the_guest() {
    let mut dirty = SYSTEM.to_vec();
    dirty[8] ^= 0xFF;
    let guest = &find(&dirty)[0];
    assert!(
        guest.problems[0].reason.en.contains(r"HKLM\SYSTEM"),
        "{:?}",
        guest.problems
    );
    let guest = &find(b"not a hive")[0];
    assert_eq!(guest.problems.len(), 1);
    let at = guest.problems[0].at.to_string();
    assert_eq!(at, "p2:C:/Windows/System32/config/SYSTEM");
    assert_eq!(guest.os.host_name, None);
}

#[test]
fn folders_without_hives_are_no_windows() {
    let fs = MemoryFs::new(true).file("/Windows/readme.txt", 0o644, "x");
    assert!(super::find(&[volume(1, 0, fs)]).is_empty());
}
