//! The component store: Windows keeps one file under two names, in `System32` and in `WinSxS`.

use serde::Serialize;

use super::{KernelFiles, Part};
use crate::evidence::Gap;
use crate::evidence::files::Files;
use crate::evidence::windows::Windows;

/// The component that each file is part of, as names of folders in `WinSxS` hold it.
const COMPONENTS: &[(&str, &str)] = &[
    ("ntoskrnl.exe", "_microsoft-windows-os-kernel_"),
    ("hal.dll", "_microsoft-windows-hal_"),
    ("ci.dll", "_microsoft-windows-codeintegrity_"),
    ("ntfs.sys", "_microsoft-windows-ntfs_"),
    ("tcpip.sys", "_microsoft-windows-tcpip-binaries_"),
    ("win32k.sys", "_microsoft-windows-win32k_"),
];
/// Folders of one component that are looked into: an update leaves a few.
const MAX_FOLDERS: usize = 64;

/// A file's like in the component store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "is")]
pub enum Component {
    /// The same MFT record (file number) has this other name.
    Linked {
        /// The name in the store.
        path: String,
        /// The record's number.
        record: u64,
    },
    /// The store has the component, and its file is another record.
    Other {
        /// The component's folder.
        path: String,
        /// The number of the record in `System32`.
        record: u64,
    },
    /// The store has no such component.
    NoComponent,
    /// There is no store.
    NoStore,
}

/// Looks up the files that have a component.
pub(super) fn link(windows: &Windows<'_>, all: &mut KernelFiles) {
    let store = format!(r"{}\WinSxS", windows.roots().windows);
    let paths = &windows.guest.paths;
    let named = |name: &str| {
        let component = COMPONENTS
            .iter()
            .find(|(n, _)| n.eq_ignore_ascii_case(name));
        component.map(|(_, component)| *component)
    };
    let is = |part: Part| matches!(part, Part::Core | Part::Driver);
    if !all
        .files
        .iter()
        .any(|f| is(f.part) && named(f.name()).is_some())
    {
        return;
    }
    let folders = match Files::new(paths).names(&store) {
        Ok(folders) => folders,
        Err(gap) => {
            all.gaps.push(gap);
            return;
        }
    };
    for file in &mut all.files {
        let Some(component) = named(file.name()).filter(|_| is(file.part)) else {
            continue;
        };
        let Some(folders) = &folders else {
            file.component = Some(Component::NoStore);
            continue;
        };
        let own = match paths.resolve(file.path.as_bytes()) {
            Ok(own) => own,
            Err(e) => {
                all.gaps.push(Gap::at_path(&file.path, &e));
                continue;
            }
        };
        let record = own.id.0;
        let mut found = Component::NoComponent;
        let has = |n: &&String| n.to_ascii_lowercase().contains(component);
        for folder in folders.names.iter().filter(has).take(MAX_FOLDERS) {
            let path = format!(r"{store}\{folder}\{}", file.name());
            match paths.find(path.as_bytes()) {
                Ok(Some(like)) if like.id == own.id && like.volume == own.volume => {
                    let path = like.path_text();
                    found = Component::Linked { path, record };
                    break;
                }
                Ok(Some(like)) => {
                    let path = like.path_text();
                    found = Component::Other { path, record };
                }
                Ok(None) => {}
                Err(e) => all.gaps.push(Gap::at_path(&path, &e)),
            }
        }
        file.component = Some(found);
    }
}
