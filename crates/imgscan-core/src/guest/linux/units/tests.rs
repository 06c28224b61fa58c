use std::sync::Arc;

use super::*;
use crate::fs::NodeId;
use crate::fs::memory::MemoryFs;

fn paths(fs: MemoryFs) -> PathSpace {
    PathSpace::from_fs("p1", Arc::new(fs), NodeId(0))
}

/// Names as systemd 252 looks for them: `unit_file_find_dropin_paths` with the truncations of
/// `unit_name_prefix` and the kind.
#[test]
fn drop_ins_hold_by_name_prefix_and_kind() {
    assert_eq!(
        drop_in_names("a-b-c.mount"),
        ["a-b-c.mount", "a-b-.mount", "a-.mount", "mount"]
    );
    assert_eq!(drop_in_names("-.mount"), ["-.mount", "mount"]);
    assert_eq!(
        drop_in_names("a@b.service"),
        ["a@b.service", "a@.service", "service"]
    );
}

/// systemd.unit(5): files of the same name in a folder before win; drop-ins are sorted by their
/// names over all folders.
#[test]
fn the_first_folder_wins_and_drop_ins_are_read_by_name() {
    let paths = paths(
        MemoryFs::default()
            .file(
                "/usr/lib/systemd/system/x.mount",
                0o644,
                "[Mount]\nWhat=/a\nWhere=/x\n",
            )
            .file(
                "/etc/systemd/system/x.mount",
                0o644,
                "[Mount]\nWhat=/b\nWhere=/x\n",
            )
            .file(
                "/etc/systemd/system/mount.d/90.conf",
                0o644,
                "[Mount]\nOptions=late\n",
            )
            .file(
                "/usr/lib/systemd/system/x.mount.d/10.conf",
                0o644,
                "[Mount]\nOptions=early\n",
            )
            .link("/etc/systemd/system/y.mount", "/dev/null")
            .file("/usr/lib/systemd/system/y.mount", 0o644, "[Mount]\n")
            .file("/etc/systemd/system.control/z.mount", 0o644, ""),
    );
    let mut gaps = Vec::new();
    let units = Units::load(&paths, &mut gaps);
    let x = units.read(&paths, "x.mount", &mut gaps);
    assert_eq!(x.last("Mount", "What"), Some("/b"));
    assert_eq!(x.last("Mount", "Options"), Some("late"));
    assert!(units.is_masked("y.mount") && units.is_masked("z.mount"));
    assert_eq!(
        units.behind("x.mount"),
        [b"/usr/lib/systemd/system/x.mount".to_vec()]
    );
    assert!(gaps.is_empty());
}

#[test]
fn units_are_reached_by_links_dependencies_and_triggers() {
    let system = "/usr/lib/systemd/system";
    let paths = paths(
        MemoryFs::default()
            .link(&format!("{system}/default.target"), "multi-user.target")
            .file(
                &format!("{system}/multi-user.target"),
                0o644,
                "[Unit]\nRequires=basic.target\n",
            )
            .link(
                "/etc/systemd/system/multi-user.target.wants/a.automount",
                "/x",
            )
            .file(
                "/etc/systemd/system/a.automount",
                0o644,
                "[Automount]\nWhere=/a\n",
            )
            .file("/etc/systemd/system/a.mount", 0o644, "[Mount]\nWhere=/a\n")
            .file("/etc/systemd/system/b.mount", 0o644, "[Mount]\nWhere=/b\n")
            .link("/etc/systemd/system/local-fs.target.wants/c.mount", "/x")
            .file(
                "/etc/systemd/system/c.mount",
                0o644,
                "[Unit]\nConditionPathExists=/nothing\n[Mount]\nWhere=/c\n",
            ),
    );
    let mut gaps = Vec::new();
    let units = Units::load(&paths, &mut gaps);
    let reached = units.reach(&paths, &[], Machine::default(), &mut gaps);
    let is = |name: &str| reached.by.contains_key(name);
    assert!(is("multi-user.target") && is("a.automount") && is("a.mount"));
    assert!(!is("b.mount") && !is("c.mount"));
}

/// systemd.preset(5): the first line that fits wins, over all files by name; without one a unit is
/// enabled. machine-id(5): a missing file is a first boot, an empty one is none.
#[test]
fn presets_hold_on_the_first_boot_only() {
    let fs = || {
        MemoryFs::default()
            .file(
                "/etc/systemd/system-preset/00-x.preset",
                0o644,
                "# c\nenable data.mount\n",
            )
            .file(
                "/usr/lib/systemd/system-preset/90.preset",
                0o644,
                "disable *\n",
            )
    };
    let mut gaps = Vec::new();
    let presets = Presets::of_first_boot(&paths(fs()), &mut gaps).expect("a first boot");
    assert!(presets.enable("data.mount") && !presets.enable("tmp.mount"));
    let empty = paths(fs().file("/etc/machine-id", 0o444, ""));
    assert!(Presets::of_first_boot(&empty, &mut gaps).is_none());
    let new = paths(MemoryFs::default().file("/etc/machine-id", 0o444, "uninitialized\n"));
    let presets = Presets::of_first_boot(&new, &mut gaps).expect("a first boot");
    assert!(presets.enable("x.mount"));
}

/// systemd.socket(5): with `Accept=yes` each connection starts an instance of the template.
#[test]
fn a_socket_that_accepts_pulls_in_a_template() {
    let system = "/usr/lib/systemd/system";
    let pulled = |setting: &str| {
        let socket = format!("[Socket]\nListenStream=22\n{setting}\n");
        let paths = paths(
            MemoryFs::default()
                .file(&format!("{system}/a.socket"), 0o644, socket)
                .link(
                    &format!("{system}/sockets.target.wants/a.socket"),
                    "../a.socket",
                )
                .file(
                    &format!("{system}/basic.target"),
                    0o644,
                    "[Unit]\nWants=sockets.target\n",
                ),
        );
        let mut gaps = Vec::new();
        let units = Units::load(&paths, &mut gaps);
        let reached = units.reach(&paths, &[], Machine::default(), &mut gaps);
        let is = |name: &str| reached.by.contains_key(name);
        (is("a.service"), is("a@.service"))
    };
    assert_eq!(pulled("Accept=yes"), (false, true));
    assert_eq!(pulled("Accept=no"), (true, false));
    assert_eq!(pulled("Accept="), (true, false));
}
