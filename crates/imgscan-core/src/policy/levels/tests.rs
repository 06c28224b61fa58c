//! What the facts are worth, by kernel-evidence and the issue that defines the levels.

use super::*;

fn object(path: &str, kind: ObjectKind, facts: &[Ring0Fact]) -> Object {
    let mut object = Object::new(path.into(), None, kind);
    object.default = (kind == ObjectKind::Kernel).then_some(true);
    object.facts = facts.to_vec();
    object
}

fn level(facts: &[Ring0Fact]) -> Level {
    standing(&object("/x", ObjectKind::Module, facts)).level
}

/// Facts that cap an object at each level below K4.
fn doubts() -> [(Level, Ring0Fact); 4] {
    [
        (Level::K0, Ring0Fact::SignedBytesDiffer),
        (Level::K1, Ring0Fact::KernelUnowned),
        (Level::K2, Ring0Fact::Unanchored),
        (Level::K3, Ring0Fact::Unsigned),
    ]
}

fn proven() -> Ring0 {
    let signed = &[Ring0Fact::Trusted];
    Ring0 {
        default_known: true,
        objects: vec![
            object(
                "/boot/efi/EFI/BOOT/BOOTX64.EFI",
                ObjectKind::BootLoader,
                signed,
            ),
            object("/boot/vmlinuz-1", ObjectKind::Kernel, signed),
            object(
                "/boot/grub/grub.cfg",
                ObjectKind::BootConfig,
                &[Ring0Fact::ConfigExplained],
            ),
            object(
                "/lib/modules/1/a.ko",
                ObjectKind::Module,
                &[Ring0Fact::ByKernelKey],
            ),
        ],
        ..Ring0::default()
    }
}

#[test]
fn a_level_starts_at_unproven_and_only_a_proof_raises_it() {
    assert_eq!(level(&[]), Level::K3);
    assert_eq!(level(&[Ring0Fact::RecordEqual]), Level::K3);
    assert_eq!(level(&[Ring0Fact::Trusted]), Level::K5);
    assert_eq!(level(&[Ring0Fact::ByKernelKey]), Level::K5);
    assert_eq!(level(&[Ring0Fact::InSignedHeader]), Level::K5);
    for (to, doubt) in doubts() {
        assert_eq!(level(&[Ring0Fact::Trusted, doubt.clone()]), to);
        assert_eq!(level(&[doubt, Ring0Fact::Trusted]), to);
    }
}

#[test]
fn an_equal_reference_raises_all_but_what_is_proven_modified() {
    let equal = || Ring0Fact::ReferenceEqual { from: "x".into() };
    for (to, doubt) in doubts() {
        let wanted = if to == Level::K0 {
            Level::K0
        } else {
            Level::K4
        };
        assert_eq!(level(&[doubt, equal()]), wanted);
    }
    assert_eq!(level(&[Ring0Fact::Trusted, equal()]), Level::K5);
    let other = Ring0Fact::ReferenceDiffers {
        from: "x".into(),
        sha256: String::new(),
    };
    assert_eq!(level(&[Ring0Fact::Trusted, other]), Level::K0);
}

#[test]
fn what_the_system_explains_is_not_shown_as_signed() {
    fn explained(facts: &[Ring0Fact]) -> Standing {
        standing(&object("/x", ObjectKind::BootConfig, facts))
    }
    let config = explained(&[Ring0Fact::ConfigExplained]);
    assert_eq!((config.level, config.explained), (Level::K5, true));
    assert_eq!(config.word().en, "explained");
    let members = |left| Ring0Fact::Members {
        files: 9,
        same: 9,
        modules: 0,
        copied: 0,
        derived: 0,
        left,
    };
    assert!(explained(&[members(0)]).explained);
    let some = explained(&[members(1)]);
    assert_eq!((some.level, some.explained), (Level::K3, false));
    let no_database = explained(&[members(0), Ring0Fact::NobodyOwns]);
    assert_eq!(
        (no_database.level, no_database.explained),
        (Level::K3, false)
    );
    let signed = explained(&[Ring0Fact::Trusted]);
    assert_eq!(signed.word().en, "K5");
}

#[test]
fn what_an_initramfs_carries_is_worth_what_its_least_proven_module_is() {
    let members = Ring0Fact::Members {
        files: 1,
        same: 0,
        modules: 1,
        copied: 1,
        derived: 0,
        left: 0,
    };
    for (to, doubt) in doubts() {
        let carried = Ring0Fact::CarriesModule {
            path: "/a.ko".into(),
            facts: vec![doubt],
        };
        assert_eq!(level(&[members.clone(), carried]), to);
    }
}

#[test]
fn a_fact_caps_a_level_exactly_where_it_is_a_doubt() {
    use Ring0Fact as F;
    let text = || Text::verbatim("x");
    let all = [
        F::Trusted,
        F::SignedBytesDiffer,
        F::IssuerForged,
        F::SignatureUnread { why: text() },
        F::NoPe,
        F::Unsigned,
        F::Unanchored,
        F::SelfSigned { of_windows: true },
        F::InNoCatalog { of_windows: false },
        F::Unread { why: text() },
        F::ShimUnread { why: text() },
        F::StartedByBios,
        F::VendorUnknown,
        F::ImageUnread,
        F::NoRelease,
        F::InSignedHeader,
        F::NotInSignedHeader,
        F::RecordForged { why: text() },
        F::RecordEqual,
        F::RecordDiffers,
        F::SignedButRecordDiffers,
        F::UnsignedRecordDiffers,
        F::NothingSpeaks,
        F::KernelUnowned,
        F::ModuleUnowned,
        F::NoPackageDatabase,
        F::ByKernelKey,
        F::ByUnprovenKernel,
        F::KernelKeyBytesDiffer,
        F::ForeignKey,
        F::KernelKeysUnread,
        F::NoModuleKeys,
        F::ModuleUnsigned,
        F::ForNoBootingKernel,
        F::ConfigExplained,
        F::NobodyOwns,
        F::OnlyRecorded { files: 1 },
        F::PartOfKernel,
        F::PartsUnread { why: text() },
        F::ReferenceEqual {
            from: String::new(),
        },
    ];
    for fact in all {
        let doubt = fact.nature() == Nature::Doubt;
        assert_eq!(cap(&fact).is_some(), doubt, "{fact:?}");
    }
    for left in [
        Cause::Unknown,
        Cause::Dracut,
        Cause::Unproven,
        Cause::Differs {
            path: String::new(),
        },
    ] {
        for data in [false, true] {
            assert!(left_over(&left, data) < Level::K4);
        }
    }
}

#[test]
fn a_chain_of_proven_parts_is_proven() {
    let whole = system(&proven());
    assert_eq!((whole.level, whole.reasons()), (Level::K5, Vec::new()));
}

#[test]
fn the_least_proven_part_decides_and_is_named() {
    for i in 0..proven().objects.len() {
        for (to, doubt) in doubts() {
            let mut worse = proven();
            worse.objects[i].facts.push(doubt);
            let whole = system(&worse);
            assert_eq!(whole.level, to);
            assert_eq!(whole.least.len(), 1);
            assert!(whole.least[0].en.starts_with(&worse.objects[i].path));
        }
    }
}

#[test]
fn a_kernel_that_does_not_boot_by_default_asks_for_a_look_unless_it_is_modified() {
    let spare = |fact| {
        let mut with = proven();
        let mut other = object("/boot/vmlinuz-2", ObjectKind::Kernel, &[fact]);
        other.default = Some(false);
        with.objects.push(other);
        with
    };
    let unowned = spare(Ring0Fact::KernelUnowned);
    assert_eq!(system(&unowned).level, Level::K2);
    let unsure = Ring0 {
        default_known: false,
        ..unowned
    };
    assert_eq!(system(&unsure).level, Level::K1);
    let modified = spare(Ring0Fact::SignedBytesDiffer);
    assert_eq!(system(&modified).level, Level::K0);
}

#[test]
fn whatever_is_missing_lowers_the_level_and_says_so() {
    for missing in [
        Shortfall::NoKernel,
        Shortfall::NoWindowsKernel,
        Shortfall::DefaultUnknown,
        Shortfall::Unread { parts: 1 },
        Shortfall::NoPackageDatabase,
        Shortfall::NoLoader,
        Shortfall::NoBootConfig,
        Shortfall::NoBootStore,
        Shortfall::NoModules,
        Shortfall::StartsNoKernel { starts: "x".into() },
        Shortfall::NotExamined,
        Shortfall::ImageIncomplete,
    ] {
        let mut less = proven();
        less.lacks(missing.clone());
        less.lacks(missing.clone());
        let whole = system(&less);
        assert!(whole.level < Level::K4, "{missing:?}");
        assert_eq!(whole.missing.len(), 1);
    }
    assert!(system(&Ring0::default()).level < Level::K3);
}
