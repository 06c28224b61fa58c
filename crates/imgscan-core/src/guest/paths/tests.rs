use super::*;
use crate::fs::memory::MemoryFs;

fn linux() -> PathSpace {
    let root = MemoryFs::default()
        .file("/usr/bin/bash", 0o755, "bash")
        .link("/bin", "usr/bin")
        .link("/usr/bin/sh", "/bin/bash")
        .link("/etc/up", "../../../../etc/hosts")
        .file("/etc/hosts", 0o644, "hosts")
        .link("/loop", "loop")
        .link("/etc/resolv.conf", "../run/stub.conf")
        .dir("/boot")
        .dir("/srv");
    let mut paths = PathSpace::from_fs("p2", Arc::new(root), NodeId(0));
    let esp = MemoryFs::new(true).file("/EFI/BOOT/BOOTX64.EFI", 0o644, "efi");
    paths.mount(b"/boot/efi", "p1", Arc::new(esp));
    paths.mark_unavailable(
        b"/srv",
        Error::unsupported(
            Layer::Guest,
            None,
            crate::text::Text::verbatim("not in the image"),
        ),
    );
    paths
}

fn path_of(paths: &PathSpace, path: &str) -> String {
    paths
        .resolve(path.as_bytes())
        .map(|l| l.path_text())
        .unwrap_or_else(|e| e.to_string())
}

#[test]
fn links_are_followed_inside_the_guest_only() {
    let paths = linux();
    assert_eq!(path_of(&paths, "/bin/sh"), "/usr/bin/bash");
    assert_eq!(path_of(&paths, "/etc/up"), "/etc/hosts");
    assert_eq!(
        paths.resolve(b"/loop").err().map(|e| e.kind),
        Some(Kind::Limit)
    );
    assert!(paths.find(b"/etc/resolv.conf").unwrap().is_none());
    let link = paths.resolve_link(b"/bin").unwrap();
    assert_eq!(link.metadata.kind, FileKind::Symlink);
}

#[test]
fn other_volumes_join_the_path_space_and_a_missing_one_is_a_gap() {
    let paths = linux();
    let efi = paths.read(b"/boot/efi/efi/boot/bootx64.efi", 100).unwrap();
    assert_eq!(
        (efi.at.volume.as_str(), efi.bytes.as_slice()),
        ("p1", &b"efi"[..])
    );
    assert_eq!(path_of(&paths, "/boot/efi/../../etc/hosts"), "/etc/hosts");
    let gap = paths.find(b"/srv/www").err();
    assert_eq!(gap.map(|e| e.kind), Some(Kind::Unsupported));
}

#[test]
fn windows_paths_take_drives_backslashes_and_any_case() {
    let c = MemoryFs::new(true)
        .file("/Windows/System32/ntoskrnl.exe", 0o644, "nt")
        .link("/Documents and Settings", r"\??\C:\Users")
        .file("/Users/Public/x.txt", 0o644, "x");
    let mut paths = PathSpace::from_fs("p2", Arc::new(c), NodeId(0));
    paths.set_system_drive(b'C');
    let d = MemoryFs::new(true).file("/data.txt", 0o644, "d");
    paths.add_drive(b'd', "p3", Arc::new(d));
    assert_eq!(
        path_of(&paths, r"c:\windows\SYSTEM32\ntoskrnl.exe"),
        "C:/windows/SYSTEM32/ntoskrnl.exe"
    );
    assert_eq!(
        path_of(&paths, r"\Documents and Settings\Public\x.txt"),
        "C:/Users/Public/x.txt"
    );
    assert_eq!(path_of(&paths, r"D:\data.txt"), "D:/data.txt");
    assert_eq!(
        paths.find(br"E:\x").err().map(|e| e.kind),
        Some(Kind::Unsupported)
    );
    assert_eq!(
        paths.mounts(),
        [("C:/".into(), "p2".into()), ("D:/".into(), "p3".into())]
    );
    // The drive is left out with its volume.
    let alone = paths.root_alone();
    assert_eq!(path_of(&alone, r"C:\Users"), "C:/Users");
    assert_eq!(
        alone.find(br"D:\data.txt").err().map(|e| e.kind),
        Some(Kind::Unsupported)
    );
}

#[test]
fn names_that_windows_takes_for_one_are_no_answer() {
    let disk = MemoryFs::new(true).file("/Windows/x.txt", 0o644, "x").file(
        "/Windows/tail./y.txt",
        0o644,
        "y",
    );
    let mut paths = PathSpace::from_fs("p2", Arc::new(disk), NodeId(0));
    paths.set_system_drive(b'c');
    // Points and blanks at the end of a name are taken off.
    assert_eq!(path_of(&paths, r"C:\Windows.\x.txt "), "C:/Windows./x.txt ");
    let kind = |path: &[u8]| paths.resolve(path).map(|_| ()).unwrap_err().kind;
    assert_eq!(kind(br"C:\Windows\tail.\y.txt"), Kind::Doubt);
    assert_eq!(kind(br"C:\Windows\none.\y.txt"), Kind::NotFound);
}
