//! Programs with many names: which of these a program answers to is read from the program itself.
//!
//! Source: busybox `applets/applet_tables.c`: `applet_names`, the names of all applets one after
//! another in the order of `strcmp`, each with its NUL.

/// Programs of this kind, where packages keep them.
pub(super) const PROGRAMS: &[&str] = &[
    "/bin/busybox",
    "/usr/lib/initramfs-tools/bin/busybox",
    "/usr/lib/busybox/busybox",
];
/// The longest such program, in bytes.
pub(super) const MAX_PROGRAM: u64 = 16 << 20;
/// The longest name of an applet.
const MAX_NAME: usize = 32;
/// Fewer names in order are found in any program.
const MIN_NAMES: usize = 16;
/// Folders for programs; others run what is in them.
const FOLDERS: &[&str] = &["/bin/", "/sbin/", "/usr/bin/", "/usr/sbin/"];

/// The name of the program at `path`, where it stands in a folder for programs.
pub(super) fn name(path: &str) -> Option<&str> {
    let name = FOLDERS
        .iter()
        .find_map(|folder| path.strip_prefix(folder))?;
    (!name.contains('/')).then_some(name)
}

/// The names of the applets of the busybox `program`; empty where it is none.
pub(super) fn applets(program: &[u8]) -> Vec<&str> {
    let is =
        program.starts_with(b"\x7fELF") && memchr::memmem::find(program, b"BusyBox v").is_some();
    if !is {
        return Vec::new();
    }
    // The table is the longest run of names in order.
    let (mut best, mut run): (Vec<&str>, Vec<&str>) = (Vec::new(), Vec::new());
    for text in program.split(|b| *b == 0) {
        let name = is_name(text)
            .then(|| std::str::from_utf8(text).ok())
            .flatten();
        let follows = |name: &str| run.last().is_none_or(|last| *last < name);
        match name {
            Some(name) if follows(name) => run.push(name),
            name => {
                if run.len() > best.len() {
                    best = std::mem::take(&mut run);
                }
                run.clear();
                run.extend(name);
            }
        }
    }
    if run.len() > best.len() {
        best = run;
    }
    if best.len() < MIN_NAMES {
        best.clear();
    }
    best
}

fn is_name(text: &[u8]) -> bool {
    let fine = |b: &u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"[_-.+".contains(b);
    !text.is_empty() && text.len() <= MAX_NAME && text.iter().all(fine)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::linux::testing::{NAMES, busybox};

    #[test]
    fn applets_are_the_names_of_the_table_and_no_other_text() {
        assert_eq!(applets(&busybox(NAMES)), NAMES);
        assert_eq!(applets(&busybox(&NAMES[..5])), Vec::<&str>::new());
        let mut other = busybox(NAMES);
        other[0] = 0;
        assert_eq!(applets(&other), Vec::<&str>::new());
        let mut mixed = NAMES.to_vec();
        mixed.insert(3, "zebra");
        assert_eq!(applets(&busybox(&mixed)), NAMES[3..]);
    }

    #[test]
    fn only_folders_for_programs_have_programs() {
        assert_eq!(name("/usr/bin/ls"), Some("ls"));
        assert_eq!(name("/sbin/init"), Some("init"));
        assert_eq!(name("/scripts/init-top/ls"), None);
        assert_eq!(name("/usr/bin/x/ls"), None);
        assert_eq!(name("/init"), None);
    }
}
