//! The bill of ring 0: the form that Linux and Windows share.

use super::{KernelFile, KernelFiles, Part, Standing};
use crate::baseline::Match;
use crate::evidence::windows::{BootStores, ElementData, Windows};
use crate::evidence::{Level, Object, ObjectKind, Ring0};
use crate::text::Text;

/// Pinned certificates that sign for anybody who pays or proves his name, not for Windows.
const FOR_ANYBODY: &[&str] = &[
    "Microsoft Corporation UEFI CA 2011",
    "Microsoft UEFI CA 2023",
    "Microsoft Option ROM UEFI CA 2023",
    "Microsoft Identity Verification Root Certificate Authority 2020",
];
/// Elements that turn code integrity off, in both encodings.
const OFF: &[u32] = &[0x1600_0048, 0x1600_0049, 0x2600_0026, 0x2600_0027];

/// The bill of a Windows guest.
pub(in crate::evidence::windows) fn bill(windows: &Windows<'_>) -> Ring0 {
    let all = windows.kernel_files();
    let boot = windows.boot();
    let mut out = Ring0 {
        level: Level::K5,
        reasons: Vec::new(),
        objects: all.files.iter().map(|f| object(windows, f)).collect(),
        keys: Vec::new(),
        gaps: all.gaps.clone(),
    };
    out.gaps.extend(boot.gaps.iter().cloned());
    out.gaps
        .extend(boot.stores.iter().flat_map(|s| s.gaps.iter().cloned()));
    whole(all, boot, &mut out);
    out
}

fn object(windows: &Windows<'_>, file: &KernelFile) -> Object {
    let kind = match file.part {
        Part::Loader => ObjectKind::BootLoader,
        Part::Core => ObjectKind::Kernel,
        Part::Driver | Part::Native => ObjectKind::Module,
    };
    let mut object = Object::new(file.path.clone(), file.at.volume.clone(), kind);
    object.bytes = Some(file.bytes);
    object.sha256.clone_from(&file.at.sha256);
    object.signer.clone_from(&file.proof.signer);
    object.anchor.clone_from(&file.proof.anchor);
    object.package_version = file.version.map(|v| v.to_string());
    // Of a Windows file: the services that load it.
    let services: Vec<&str> = file.services.iter().map(|s| s.name.as_str()).collect();
    if !services.is_empty() {
        object.note(
            format!("driver of {}", services.join(", ")),
            format!("服务 {} 的驱动程序", services.join("、")),
        );
    }
    if let Some(catalog) = &file.proof.catalog {
        object.note(
            format!("listed in the catalog {catalog}"),
            format!("由目录文件 {catalog} 收录"),
        );
    }
    if let Some(stamp) = &file.proof.stamp {
        object.note(
            format!("its time stamp says that it was signed at {stamp}"),
            format!("时间戳显示签名时间为 {stamp}"),
        );
    }
    judge(file, &mut object);
    if let Some(baseline) = windows.references().baseline
        && let Some(sha256) = &file.at.sha256
    {
        let version = object.package_version.as_deref();
        match baseline.compare(&file.path, None, version, sha256) {
            Match::Equal(known) => {
                if matches!(object.level, Level::K1 | Level::K2 | Level::K3) {
                    object.level = Level::K4;
                }
                object.note(
                    format!("equal to the reference from {}", baseline.origin(known)),
                    format!("与参考一致，来源：{}", baseline.origin(known)),
                );
            }
            Match::Different(known) => object.lower(
                Level::K0,
                format!("this version has other bytes in {}", baseline.origin(known)),
                format!("同一版本在参考 {} 中内容不同", baseline.origin(known)),
            ),
            Match::Absent => {}
        }
    }
    object
}

fn judge(file: &KernelFile, object: &mut Object) {
    let of_windows = matches!(file.part, Part::Loader | Part::Core | Part::Native);
    match &file.proof.standing {
        Standing::Trusted => {
            let anchor = file.proof.anchor.as_deref().unwrap_or_default();
            if FOR_ANYBODY.contains(&anchor) && !file.proof.by_user {
                object.lower(
                    Level::K2,
                    format!("{anchor} signs for others than Microsoft"),
                    format!("{anchor} 也为微软以外的厂商签名"),
                );
                return;
            }
            object.note(
                "the digest is the signed one, and the signature ends at a pinned certificate",
                "摘要与签名一致，签名链终止于内置的固定证书",
            );
            if file.proof.one_source {
                object.note(
                    "the pinned certificate rests on one source",
                    "该固定证书仅有一个来源",
                );
            }
        }
        Standing::Unanchored => object.lower(
            Level::K2,
            "its signer is vouched for by no pinned certificate",
            "签名者不被任何内置的固定证书认可",
        ),
        Standing::SelfSigned => object.lower(
            if of_windows { Level::K1 } else { Level::K2 },
            "its certificate signed itself",
            "使用自签名证书",
        ),
        Standing::Modified => object.lower(
            Level::K0,
            "it has a signature, and the bytes are not those that were signed",
            "存在签名，但内容与签名不符",
        ),
        Standing::Unsigned => object.lower(
            if of_windows { Level::K1 } else { Level::K2 },
            "no signature, and no catalog lists it",
            "没有签名，也没有目录文件收录",
        ),
        Standing::NoPe => object.lower(
            Level::K3,
            "no PE image, so it carries no signature",
            "不是 PE 文件，因此没有签名",
        ),
        Standing::Unproven(why) => object.lower(
            Level::K2,
            format!("it could not be judged: {why}"),
            format!("无法判断：{}", why.zh),
        ),
    }
}

fn whole(all: &KernelFiles, boot: &BootStores, out: &mut Ring0) {
    let mut lower = |to: Level, en: String, zh: String| {
        out.level = out.level.min(to);
        out.reasons.push(Text::new(en, zh));
    };
    let kernel = all.of(Part::Core).any(|f| {
        let name = f.name().to_ascii_lowercase();
        name == "ntoskrnl.exe"
    });
    if !kernel {
        lower(
            Level::K2,
            r"no kernel System32\ntoskrnl.exe".into(),
            r"没有内核文件 System32\ntoskrnl.exe".into(),
        );
    }
    if boot.stores.is_empty() {
        lower(
            Level::K3,
            "no boot configuration: what starts the kernel is not proven".into(),
            "没有启动配置：启动内核的程序未经证明".into(),
        );
    }
    for store in &boot.stores {
        for (_, entry) in store.entries() {
            let held = store.effective(entry, &mut Vec::new());
            let on = held
                .iter()
                .find(|e| OFF.contains(&e.id) && e.element.fact == ElementData::Switch(true));
            if let Some(on) = on {
                lower(
                    Level::K2,
                    format!("{}: code integrity is off ({:08x})", entry.title(), on.id),
                    format!("{}：代码完整性校验已关闭（{:08x}）", entry.title(), on.id),
                );
            }
        }
    }
    if !out.gaps.is_empty() {
        let n = out.gaps.len();
        lower(
            Level::K2,
            format!("{n} parts could not be read"),
            format!("有 {n} 处无法读取"),
        );
    }
    let mut lowest = out.level;
    for low in [Level::K0, Level::K1, Level::K2, Level::K3, Level::K4] {
        let n = out.objects.iter().filter(|o| o.level == low).count();
        if n > 0 {
            lowest = lowest.min(low);
            out.reasons.push(Text::new(
                format!("objects at {low:?}: {n}"),
                format!("处于 {low:?} 的对象：{n} 个"),
            ));
        }
    }
    out.level = lowest;
}
