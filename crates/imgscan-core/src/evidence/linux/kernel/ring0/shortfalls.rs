//! What is missing for a system to be proven.

use super::{Facts, ObjectKind, Ring0, Shortfall};

/// What of an entry must be among what was examined.
#[derive(Debug, Clone)]
pub(super) struct Started {
    /// As it stands in the menu.
    pub(super) starts: String,
    /// The path of its kernel in the guest, where it leads to one.
    pub(super) kernel: Option<String>,
    pub(super) initrds: Vec<String>,
}

/// What proof of a system rests on beside the objects.
#[derive(Debug, Clone)]
pub(super) struct Chain {
    /// Which kernel boots by default is known.
    pub(super) certain: bool,
    /// There is a package database that was read.
    pub(super) packages: bool,
    pub(super) entries: Vec<Started>,
}

impl Chain {
    pub(super) fn of(facts: &Facts<'_>, certain: bool) -> Self {
        let linux = facts.boot.entries.iter().filter(|e| e.fact.by.is_none());
        let entries = linux.filter(|e| !e.fact.starts.is_empty());
        Self {
            certain,
            packages: facts.packages.count().is_some(),
            entries: entries
                .map(|e| Started {
                    starts: e.fact.starts.clone(),
                    kernel: e.fact.kernel.as_ref().map(|path| {
                        let kernel = facts.kernels.at_path(path);
                        kernel.map_or_else(|| path.clone(), |k| k.fact.path.clone())
                    }),
                    initrds: e.fact.initrds.clone(),
                })
                .collect(),
        }
    }
}

/// Adds what is not there.
pub(super) fn collect(chain: &Chain, all: &mut Ring0) {
    all.default_known = chain.certain;
    let has = |all: &Ring0, kind| all.objects.iter().any(|o| o.kind == kind);
    let at = |all: &Ring0, kind, path: &str| {
        let mut objects = all.objects.iter();
        objects.any(|o| o.kind == kind && o.path == path)
    };
    if !has(all, ObjectKind::Kernel) {
        all.lacks(Shortfall::NoKernel);
    }
    if !chain.certain {
        all.lacks(Shortfall::DefaultUnknown);
    }
    if !all.gaps.is_empty() {
        let parts = all.gaps.len();
        all.lacks(Shortfall::Unread { parts });
    }
    if !chain.packages {
        all.lacks(Shortfall::NoPackageDatabase);
    }
    if !has(all, ObjectKind::BootLoader) && !has(all, ObjectKind::BootCode) {
        all.lacks(Shortfall::NoLoader);
    }
    if !has(all, ObjectKind::BootConfig) {
        all.lacks(Shortfall::NoBootConfig);
    }
    // A kernel that can check modules and has none: what it would load is not there to be judged.
    if !all.keys.is_empty() && !has(all, ObjectKind::Module) {
        all.lacks(Shortfall::NoModules);
    }
    for entry in &chain.entries {
        let starts = entry.starts.clone();
        let kernel = entry.kernel.as_deref();
        if !kernel.is_some_and(|path| at(all, ObjectKind::Kernel, path)) {
            all.lacks(Shortfall::StartsNoKernel { starts });
        }
        for path in &entry.initrds {
            if !at(all, ObjectKind::Initramfs, path) {
                all.lacks(Shortfall::InitramfsUnexamined {
                    path: path.clone(),
                    starts: entry.starts.clone(),
                });
            }
        }
    }
}
#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::Object;

    fn chain() -> Chain {
        Chain {
            certain: true,
            packages: true,
            entries: vec![Started {
                starts: "/boot/vmlinuz-1".into(),
                kernel: Some("/boot/vmlinuz-1".into()),
                initrds: vec!["/boot/initrd.img-1".into()],
            }],
        }
    }

    fn ring0(kinds: &[(&str, ObjectKind)]) -> Ring0 {
        let object = |(path, kind): &(&str, ObjectKind)| Object::new((*path).into(), None, *kind);
        Ring0 {
            objects: kinds.iter().map(object).collect(),
            ..Ring0::default()
        }
    }

    const ALL: &[(&str, ObjectKind)] = &[
        ("/boot/efi/EFI/BOOT/BOOTX64.EFI", ObjectKind::BootLoader),
        ("/boot/vmlinuz-1", ObjectKind::Kernel),
        ("/boot/initrd.img-1", ObjectKind::Initramfs),
        ("/boot/grub/grub.cfg", ObjectKind::BootConfig),
    ];

    fn lacking(chain: &Chain, mut ring0: Ring0) -> Vec<Shortfall> {
        collect(chain, &mut ring0);
        assert_eq!(ring0.default_known, chain.certain);
        ring0.shortfalls
    }

    #[test]
    fn nothing_is_missing_where_all_parts_are_there() {
        assert_eq!(lacking(&chain(), ring0(ALL)), []);
    }

    #[test]
    fn each_part_that_is_taken_away_is_missed() {
        let starts = || "/boot/vmlinuz-1".to_owned();
        let unexamined = Shortfall::InitramfsUnexamined {
            path: "/boot/initrd.img-1".into(),
            starts: starts(),
        };
        let no_kernel = Shortfall::StartsNoKernel { starts: starts() };
        let wanted = [
            vec![Shortfall::NoLoader],
            vec![Shortfall::NoKernel, no_kernel],
            vec![unexamined],
            vec![Shortfall::NoBootConfig],
        ];
        for (i, wanted) in wanted.into_iter().enumerate() {
            let mut left = ALL.to_vec();
            left.remove(i);
            assert_eq!(lacking(&chain(), ring0(&left)), wanted);
        }
        let unknown = Chain {
            certain: false,
            packages: false,
            ..chain()
        };
        let wanted = [Shortfall::DefaultUnknown, Shortfall::NoPackageDatabase];
        assert_eq!(lacking(&unknown, ring0(ALL)), wanted);
    }
}
