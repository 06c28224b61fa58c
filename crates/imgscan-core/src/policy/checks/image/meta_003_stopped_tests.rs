//! META-003 on systems that were stopped and on such that were not. The records of logins are those
//! of testdata/recipes/wtmp.py, whose TRUTH is what utmpdump reads; the event logs are those of
//! evtx.py.

use std::sync::Arc;

use crate::evidence::Evidence;
use crate::fs::memory::MemoryFs;
use crate::fs::{Content, FileSystem, OpenVolume, Signature};
use crate::guest::windows::testing::{system_volume, volume};
use crate::policy::checks::windows::testing::{CONFIG, good};
use crate::policy::{CheckResult, Item, Policy, Status, run};
use crate::source::MemorySource;
use crate::text::Text;

macro_rules! fixture {
    ($name:literal) => {
        zstd::decode_all(include_bytes!(concat!("../../../../../../testdata/", $name)).as_slice())
            .unwrap()
    };
}

fn on(volumes: &[OpenVolume]) -> CheckResult {
    let guests = crate::guest::find(volumes);
    let policy = Policy::built_in("tencent-marketplace").unwrap();
    let evidence: Vec<Evidence<'_>> = guests.iter().map(Evidence::new).collect();
    let results = run(&policy, &evidence, &[], &|_| {});
    let found = results.into_iter().find(|r| r.check == "META-003").unwrap();
    println!("{found:#?}");
    found
}

fn linux() -> MemoryFs {
    MemoryFs::default()
        .file("/etc/os-release", 0o644, "ID=debian\n")
        .dir("/run/lock")
        .dir("/usr/bin")
}

fn with(fs: MemoryFs) -> CheckResult {
    on(&[volume(1, 1_048_576, fs)])
}

/// The evidence whose found text is `found`.
fn item<'a>(result: &'a CheckResult, found: &str) -> &'a Item {
    let is = |i: &&Item| i.found.as_ref().map(|t| t.en.as_str()) == Some(found);
    result.evidence.iter().find(is).unwrap()
}

#[test]
fn a_linux_that_was_shut_down_passes() {
    assert_eq!(with(linux()).status, Status::Pass);
    for log in [
        fixture!("wtmp/stopped.zst"),
        fixture!("wtmp/stopped-arm64.zst"),
    ] {
        let result = with(linux().file("/var/log/wtmp", 0o664, log));
        assert_eq!(result.status, Status::Pass);
        let told = result.evidence.iter().map(|i| i.note.en.as_str());
        let told: Vec<&str> = told.collect();
        let line = "the last start or stop is a shutdown: record 12 of 12";
        assert!(told.contains(&line), "{told:?}");
    }
    // Logins alone say nothing of starts and stops, and neither does an empty file.
    for log in [fixture!("wtmp/logins.zst"), Vec::new()] {
        let result = with(linux().file("/var/log/wtmp", 0o664, log));
        assert_eq!(result.status, Status::Pass);
    }
}

#[test]
fn a_linux_that_was_running_warns_with_the_sign() {
    let flag = with(linux().in_use("INCOMPAT_RECOVER"));
    assert_eq!(flag.status, Status::Warn);
    let told = item(&flag, "memory: INCOMPAT_RECOVER");
    assert_eq!(told.at.volume.as_deref(), Some("p1"));
    for (log, size) in [
        (fixture!("wtmp/running.zst"), 384),
        (fixture!("wtmp/running-arm64.zst"), 400),
    ] {
        let result = with(linux().file("/var/log/wtmp", 0o664, log));
        assert_eq!(result.status, Status::Warn);
        let told = item(&result, "reboot, record 7 of 11");
        assert_eq!(told.at.path.as_deref(), Some("/var/log/wtmp"));
        assert_eq!(told.at.offset, Some(6 * size));
    }
    for path in ["/run/sshd.pid", "/run/udev/data/b8:0", "/run/user/0"] {
        let result = with(linux().file(path, 0o644, "1\n"));
        assert_eq!(result.status, Status::Warn, "{path}");
        assert_eq!(item(&result, "exists").at.path.as_deref(), Some(path));
    }
}

#[test]
fn what_can_t_be_read_is_unknown() {
    let odd = with(linux().file("/var/log/wtmp", 0o664, vec![0; 385]));
    assert_eq!(odd.status, Status::Unknown);
    // Types that no record has.
    let odd = with(linux().file("/var/log/wtmp", 0o664, vec![0xFF; 384]));
    assert_eq!(odd.status, Status::Unknown);
    let mut other = system_volume(linux());
    let why = crate::error::Error::unsupported(
        crate::Layer::Volume,
        0,
        crate::text::Text::verbatim("xfs is not read"),
    );
    other.content = Content::Gap(Signature::Unknown, why);
    let result = on(&[volume(1, 1_048_576, linux()), other]);
    assert_eq!(result.status, Status::Unknown);
    assert_eq!(result.gaps[0].at.volume.as_deref(), Some("p2"));
}

const LOG: &str = "/Windows/System32/winevt/Logs/System.evtx";

/// As Windows lays out a disk: its letters are those of these places.
fn windows(fs: MemoryFs) -> CheckResult {
    let first = volume(1, 1_048_576, MemoryFs::new(true));
    on(&[first, system_volume(fs)])
}

#[test]
fn a_windows_is_judged_by_its_hives_and_its_log() {
    let stopped = windows(good().file(LOG, 0o644, fixture!("events/system-quiet.evtx.zst")));
    assert_eq!(stopped.status, Status::Pass);
    let running = windows(good().file(LOG, 0o644, fixture!("events/system-drivers.evtx.zst")));
    assert_eq!(running.status, Status::Warn);
    let told = item(&running, "event 6005, record 54, 2022-01-02T17:42:34Z");
    assert_eq!(told.at.path.as_deref(), Some(format!("C:{LOG}").as_str()));
    let hive = include_bytes!("../../../../../../testdata/hives/system-clean.hive");
    let mut dirty = hive.to_vec();
    dirty[8] ^= 0xFF;
    let result = windows(good().file(&format!("{CONFIG}/SYSTEM"), 0o644, dirty));
    assert_eq!(result.status, Status::Warn);
    let told = item(&result, r"HKLM\SYSTEM: 1, 254");
    assert_eq!(
        told.at.path.as_deref(),
        Some("C:/Windows/System32/config/SYSTEM")
    );
    let damaged = windows(good().file(LOG, 0o644, "text"));
    assert_eq!(damaged.status, Status::Unknown);
}

/// The flags of real file systems: the recipes' truth says which were in use.
#[test]
fn file_systems_tell_how_they_were_left() {
    let open = |image: Vec<u8>| -> Arc<dyn FileSystem> {
        let mut volume = volume(1, 0, MemoryFs::default()).volume;
        volume.len = image.len() as u64;
        volume.data = Arc::new(MemorySource(image));
        Arc::clone(crate::fs::open(&volume).file_system().unwrap())
    };
    let dirty = open(fixture!("ext/dirty.img.zst"));
    assert_eq!(dirty.unclean(), [Text::verbatim("INCOMPAT_RECOVER")]);
    let clean = open(fixture!("ext/small.img.zst"));
    assert!(clean.unclean().is_empty());
    let ntfs = open(fixture!("ntfs/tiny.img.zst"));
    assert_eq!(ntfs.unclean(), [Text::verbatim("VOLUME_IS_DIRTY")]);
}
