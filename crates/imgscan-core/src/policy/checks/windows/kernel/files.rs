//! The files that run in ring 0: who vouches for each.

use super::Found;
use crate::error::{Error, Layer, Result};
use crate::evidence::Gap;
use crate::evidence::windows::{Component, KernelFile, KernelFiles, Part, Proof, Standing};
use crate::policy::{Context, Item, Outcome, Status};
use crate::text::Text;

/// Names of drivers that are known to open the kernel to anybody.
pub(super) fn vulnerable<'c>(context: &Context<'c>) -> &'c [String] {
    &context.shared.vulnerable_drivers
}

/// A certificate of `windows_anchors`, or one that the user trusts, vouches for it.
pub(super) fn vouched(context: &Context<'_>, proof: &Proof) -> bool {
    let named = || {
        let anchors = &context.shared.windows_anchors;
        proof.anchor.as_ref().is_some_and(|a| anchors.contains(a))
    };
    proof.standing == Standing::Trusted && (proof.by_user || named())
}

/// What the proof says, for people.
pub(super) fn say(proof: &Proof) -> Text {
    let by = match &proof.signer {
        Some(name) => Text::verbatim(name),
        None => say!(win_signature_nameless),
    };
    let digests = || proof.digests.join(" ");
    let text = match &proof.standing {
        Standing::Trusted => {
            let anchor = proof.anchor.as_deref().unwrap_or("-");
            say!(win_signature_trusted, signer = by, anchor = anchor)
        }
        Standing::Unanchored => say!(win_signature_unanchored, signer = by),
        Standing::SelfSigned => say!(win_signature_self_signed, signer = by),
        Standing::Modified => say!(
            win_signature_modified,
            signer = by,
            digests = digests(),
            signed = proof.signed_digest.as_deref().unwrap_or("-"),
        ),
        Standing::Unsigned => say!(win_signature_unsigned, digests = digests()),
        Standing::NoPe => say!(win_signature_no_pe),
        Standing::Unproven(why) => Text::from(why.clone()),
    };
    let text = match &proof.catalog {
        Some(catalog) => say!(win_signature_catalog, proof = text, catalog = catalog),
        None => text,
    };
    match &proof.stamp {
        Some(stamp) => say!(win_signature_stamp, proof = text, time = stamp),
        None => text,
    }
}

pub(super) fn item(file: &KernelFile, en: &str, zh: &str, expected: &str) -> Item {
    let version = file.version.map_or_else(|| "-".into(), |v| v.to_string());
    let services: Vec<&str> = file.services.iter().map(|s| s.name.as_str()).collect();
    let of = match services.is_empty() {
        true => String::new(),
        false => format!("; service {}", services.join(", ")),
    };
    Item::new(
        file.at.clone(),
        format!("{en}; version {version}{of}"),
        format!("{zh}；版本 {version}{of}"),
    )
    .compare(expected, say(&file.proof))
}

pub(super) fn unproven(file: &KernelFile, why: &str) -> Gap {
    Gap::new(file.at.clone(), &Error::unsupported(Layer::Pe, None, why))
}

/// Where a catalog could not be read it may list what seems to be unsigned.
pub(super) fn blind(all: &KernelFiles) -> bool {
    all.catalogs.as_ref().is_some_and(|c| !c.gaps.is_empty())
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Core {
    /// Files that every Windows has.
    required: Vec<String>,
    /// Usages of which a signer of Windows' own files has one.
    usages: Vec<String>,
    /// Boot programs that are no PE images.
    not_pe: Vec<String>,
}

/// WIN-KERNEL-002.
pub(in crate::policy::checks::windows) fn core(context: &Context<'_>) -> Result<Outcome> {
    let with: Core = context.check.with()?;
    let all = context.evidence.windows.kernel_files();
    let mut found = Found::new(&all.gaps);
    let own = |f: &&KernelFile| matches!(f.part, Part::Loader | Part::Core);
    let boot = |f: &&KernelFile| f.part == Part::Driver && f.start() == 0;
    for file in all.files.iter().filter(|f| own(f) || boot(f)) {
        let strict = own(&file);
        let (status, en, zh) = match &file.proof.standing {
            Standing::Trusted if !vouched(context, &file.proof) && file.part == Part::Loader => (
                Status::Warn,
                "a boot program of another vendor",
                "其他厂商的引导程序",
            ),
            Standing::Trusted if !vouched(context, &file.proof) => (
                Status::Fail,
                "its anchor does not sign Windows",
                "其信任锚不为 Windows 签名",
            ),
            Standing::Trusted
                if strict
                    && !file.proof.by_user
                    && !file.proof.usages.iter().any(|u| with.usages.contains(u)) =>
            {
                (
                    Status::Fail,
                    "its signer does not sign parts of Windows",
                    "其签名者不具备 Windows 系统组件用途",
                )
            }
            Standing::Trusted => (Status::Pass, "signed", "已签名"),
            Standing::Modified => (Status::Fail, "changed after it was signed", "签名后被修改"),
            Standing::SelfSigned | Standing::Unanchored if strict => {
                (Status::Fail, "signed by another", "由其他签名者签名")
            }
            Standing::NoPe
                if with
                    .not_pe
                    .iter()
                    .any(|n| n.eq_ignore_ascii_case(file.name())) =>
            {
                (
                    Status::Pass,
                    "no PE image: it can't carry a signature, and is not proven",
                    "不是 PE 文件，无法携带签名，未经证明",
                )
            }
            Standing::Unsigned | Standing::NoPe if blind(all) => {
                (Status::Unknown, "no signature was found", "未找到签名")
            }
            Standing::Unsigned | Standing::NoPe if strict => (
                Status::Fail,
                "no signature, and no catalog lists it",
                "没有签名，也没有目录文件收录",
            ),
            Standing::Unproven(why) => {
                found.gaps.push(unproven(file, why));
                continue;
            }
            // A boot-start driver of another kind is the matter of WIN-KERNEL-006.
            _ => continue,
        };
        let expected = "a signature that ends at Microsoft's certificates";
        found.add(status, item(file, en, zh, expected));
    }
    for name in &with.required {
        if !all
            .of(Part::Core)
            .any(|f| f.name().eq_ignore_ascii_case(name))
        {
            let item = Item::new(
                context.evidence.windows.system_root_location(),
                format!(r"System32\{name} is not there"),
                format!(r"System32\{name} 不存在"),
            );
            found.add(Status::Unknown, item.compare(name.clone(), "no such file"));
        }
    }
    Ok(found.outcome(
        (
            "kernel and boot files carry valid signatures of Microsoft",
            "内核与引导文件均带有有效的微软签名",
        ),
        (
            "kernel and boot files are signed; others are among them",
            "内核与引导文件已签名，但含有其他厂商的文件",
        ),
        (
            "a kernel or boot file could not be judged",
            "有内核或引导文件无法判断",
        ),
        (
            "a kernel or boot file is not what Microsoft signed",
            "有内核或引导文件并非微软签名的原始文件",
        ),
    ))
}

/// WIN-KERNEL-003.
pub(in crate::policy::checks::windows) fn listed(context: &Context<'_>) -> Result<Outcome> {
    let all = context.evidence.windows.kernel_files();
    let mut found = Found::new(&all.gaps);
    let store = all.catalogs.as_ref().is_some_and(|c| c.store);
    let needs = |f: &&KernelFile| {
        f.part != Part::Loader
            && (f.proof.catalog.is_some() || f.proof.standing == Standing::Unsigned)
    };
    let files: Vec<&KernelFile> = all.files.iter().filter(needs).collect();
    if files.is_empty() {
        return Ok(Outcome::new(
            Status::NotApplicable,
            "no file needs a catalog: each carries a signature, or is judged as modified",
            "没有文件依赖目录签名",
        )
        .gaps(found.gaps));
    }
    for file in files {
        let used = file.part != Part::Driver || file.start() < 4;
        let (status, en, zh) = match &file.proof.standing {
            _ if vouched(context, &file.proof) => (Status::Pass, "listed", "已收录"),
            Standing::Unsigned if !used => (
                Status::Warn,
                "not listed, and no service loads it",
                "未收录，且没有服务加载它",
            ),
            Standing::Unsigned if blind(all) => (Status::Unknown, "not listed", "未收录"),
            Standing::Unsigned if !store => {
                (Status::Unknown, "no catalog store", "没有目录文件存储")
            }
            Standing::Unsigned => (Status::Fail, "no catalog lists it", "没有目录文件收录"),
            _ => (
                Status::Warn,
                "listed in a catalog that Microsoft did not sign",
                "收录它的目录文件并非由微软签名",
            ),
        };
        let expected = "listed in a catalog that Microsoft signed";
        found.add(status, item(file, en, zh, expected));
    }
    Ok(found.outcome(
        (
            "valid catalogs list every file without a signature of its own",
            "无内嵌签名的文件均由有效目录文件收录",
        ),
        (
            "a catalog is of another signer, or a file that nothing loads is not listed",
            "目录文件由其他签名者签名，或未被加载的文件未收录",
        ),
        (
            "whether a catalog lists every file can't be told",
            "无法确定目录文件是否收录所有文件",
        ),
        (
            "no catalog lists a file that has no signature of its own",
            "有文件既无内嵌签名也未被目录文件收录",
        ),
    ))
}

/// WIN-KERNEL-008.
pub(in crate::policy::checks::windows) fn linked(context: &Context<'_>) -> Result<Outcome> {
    let all = context.evidence.windows.kernel_files();
    let of_store = |g: &&Gap| g.at.path.as_ref().is_some_and(|p| p.contains("WinSxS"));
    let gaps: Vec<Gap> = all.gaps.iter().filter(of_store).cloned().collect();
    let mut found = Found::new(&gaps);
    for file in &all.files {
        let Some(component) = &file.component else {
            continue;
        };
        let good = vouched(context, &file.proof);
        let otherwise = if good { Status::Warn } else { Status::Fail };
        let (status, text) = match component {
            Component::Linked { path, record } => {
                (Status::Pass, format!("MFT record {record}: {path}"))
            }
            Component::Other { path, record } => (
                otherwise,
                format!("MFT record {record}, and another one is {path}"),
            ),
            Component::NoComponent => (otherwise, "no such component in WinSxS".into()),
            Component::NoStore => (otherwise, "there is no WinSxS".into()),
        };
        let item = Item::new(
            file.at.clone(),
            format!(
                "{} and the component store; {}",
                file.name(),
                say(&file.proof)
            ),
            format!("{} 与组件存储；{}", file.name(), say(&file.proof)),
        );
        found.add(status, item.compare("the file of its component", text));
    }
    if found.items.is_empty() && gaps.is_empty() {
        return Ok(Outcome::new(
            Status::NotApplicable,
            "none of the files that have a known component is there",
            "没有可与组件存储比较的文件",
        ));
    }
    Ok(found.outcome(
        (
            "system files are those of the component store",
            "系统文件与组件存储一致",
        ),
        (
            "a system file is not linked to the component store, but validly signed",
            "有系统文件未链接到组件存储，但签名有效",
        ),
        ("the component store could not be read", "组件存储无法读取"),
        (
            "a system file is not that of the component store, and nobody vouches for it",
            "有系统文件与组件存储不一致，且签名无效",
        ),
    ))
}

/// WIN-KERNEL-012.
pub(in crate::policy::checks::windows) fn reference(context: &Context<'_>) -> Result<Outcome> {
    use crate::baseline::Match;
    let Some(baseline) = context.evidence.references.baseline else {
        return Ok(Outcome::new(
            Status::NotApplicable,
            "no reference database was given (--baseline)",
            "未提供参考数据库（--baseline）",
        ));
    };
    let all = context.evidence.windows.kernel_files();
    let mut found = Found::new(&all.gaps);
    for file in &all.files {
        let Some(sha256) = &file.at.sha256 else {
            found.gaps.push(unproven(file, "it could not be hashed"));
            continue;
        };
        let version = file.version.map(|v| v.to_string());
        let (status, text) = match baseline.compare(&file.path, None, version.as_deref(), sha256) {
            Match::Equal(known) => (Status::Pass, format!("equal to {}", baseline.origin(known))),
            Match::Different(known) => (
                Status::Fail,
                format!(
                    "{} has {} in this version",
                    baseline.origin(known),
                    known.sha256
                ),
            ),
            Match::Absent => (Status::Warn, "not in the database".into()),
        };
        let item = Item::new(
            file.at.clone(),
            format!("{}: {text}", file.name()),
            format!("{}：{text}", file.name()),
        );
        found.add(
            status,
            item.compare("equal to the reference", sha256.clone()),
        );
    }
    Ok(found.outcome(
        ("every file equals the reference", "所有文件与参考一致"),
        (
            "the reference does not know every file",
            "参考数据库未收录全部文件",
        ),
        ("a file could not be compared", "有文件无法比较"),
        (
            "a file of a known version has other bytes than the reference",
            "有文件与同版本参考内容不同",
        ),
    ))
}
