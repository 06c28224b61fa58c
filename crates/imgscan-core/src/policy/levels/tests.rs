//! What the facts are worth, by kernel-evidence and the issue that defines the levels.

use super::*;
use crate::policy::{Params, Policy};

/// No argument of the kernel harms.
fn none() -> KernelArguments {
    KernelArguments::default()
}

fn object(path: &str, kind: ObjectKind, facts: &[Ring0Fact]) -> Object {
    let mut object = Object::new(path.into(), None, kind);
    object.default = (kind == ObjectKind::Kernel).then_some(true);
    object.facts = facts.to_vec();
    object
}

fn level(facts: &[Ring0Fact]) -> Level {
    standing(&object("/x", ObjectKind::Module, facts), &none()).level
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
        standing(&object("/x", ObjectKind::BootConfig, facts), &none())
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
        F::ByGivenKey,
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
        assert_eq!(cap(&fact, &none()).is_some(), doubt, "{fact:?}");
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
fn what_an_argument_of_the_kernel_is_worth_is_the_policys() {
    let built_in = Policy::built_in("tencent-marketplace").unwrap();
    let built_in = Params::of(&built_in).unwrap().kernel_arguments;
    let with = |argument: &str| {
        let argument = argument.to_owned();
        let facts = [
            Ring0Fact::Argument { line: 7, argument },
            Ring0Fact::ConfigExplained,
        ];
        object("/boot/grub/grub.cfg", ObjectKind::BootConfig, &facts)
    };
    let redirects = "line 7: {} makes another program run";
    let weakens = "line 7: {} switches a protection off";
    for (argument, wanted) in [
        ("init=/root/x", redirects),
        ("rdinit=/x", redirects),
        ("rd.break", redirects),
        ("break=premount", redirects),
        ("systemd.debug-shell", redirects),
        ("systemd.debug_shell=1", redirects),
        ("rd.systemd.debug_shell=ttyS0", redirects),
        ("systemd.run=/x", redirects),
        ("module.sig-enforce=0", weakens),
        ("lockdown=none", weakens),
        ("mitigations=off", weakens),
        ("selinux=0", weakens),
        ("enforcing=00", weakens),
        ("apparmor=0", weakens),
        ("nokaslr", weakens),
        ("nosmep", weakens),
        ("nosmap", weakens),
        ("iomem=relaxed", weakens),
        ("ima_appraise=off", weakens),
    ] {
        let object = with(argument);
        let standing = standing(&object, &built_in);
        assert_eq!(standing.level, Level::K2, "{argument}");
        let wanted = wanted.replace("{}", argument);
        assert_eq!(reasons(&object, &built_in)[0].en, wanted);
        assert_eq!(super::doubts(&object, &built_in)[0].en, wanted);
        assert_eq!(reasons(&object, &built_in).len(), 1, "{argument}");
    }
    for argument in [
        "init=/sbin/init",
        "init=/lib/systemd/systemd",
        "rdinit=/init",
        "systemd.debug_shell=0",
        "systemd.debug-shell=no",
        "rd.systemd.debug_shell=off",
        "systemd.debug_shell=False",
        "root=UUID=1",
        "quiet",
        "console=ttyS0,115200",
        "initrd=/x",
        // They are a warning, and change no level.
        "nopti",
        "audit=0",
    ] {
        let object = with(argument);
        assert!(standing(&object, &built_in).explained, "{argument}");
        assert_eq!(
            reasons(&object, &built_in)[0].code,
            "ring0-config-explained"
        );
        assert_eq!(super::doubts(&object, &built_in), []);
    }
    let only = KernelArguments {
        weakens: vec!["quiet".into()],
        ..none()
    };
    assert!(standing(&with("init=/x"), &only).explained);
    assert_eq!(standing(&with("quiet"), &only).level, Level::K2);
}

#[test]
fn a_chain_of_proven_parts_is_proven() {
    let whole = system(&proven(), &none());
    assert_eq!((whole.level, whole.reasons()), (Level::K5, Vec::new()));
}

#[test]
fn the_least_proven_part_decides_and_is_named() {
    for i in 0..proven().objects.len() {
        for (to, doubt) in doubts() {
            let mut worse = proven();
            worse.objects[i].facts.push(doubt);
            let whole = system(&worse, &none());
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
    assert_eq!(system(&unowned, &none()).level, Level::K2);
    let unsure = Ring0 {
        default_known: false,
        ..unowned
    };
    assert_eq!(system(&unsure, &none()).level, Level::K1);
    let modified = spare(Ring0Fact::SignedBytesDiffer);
    assert_eq!(system(&modified, &none()).level, Level::K0);
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
        let whole = system(&less, &none());
        assert!(whole.level < Level::K4, "{missing:?}");
        assert_eq!(whole.missing.len(), 1);
    }
    assert!(system(&Ring0::default(), &none()).level < Level::K3);
}
