//! WIN-KERNEL-009: what is made to get around PatchGuard and the check of signatures, and what
//! starts before Windows does.

use super::Found;
use super::files::{say, vouched, vulnerable};
use crate::error::{Error, Layer, Result};
use crate::evidence::windows::{BootSector, ElementData, KernelFile, Part, Proof, Standing};
use crate::evidence::{Gap, Location};
use crate::policy::checks::windows::matches;
use crate::policy::{Context, Item, Outcome, Status};

/// The extended key usage of those who sign code.
const CODE_SIGNING: &str = "1.3.6.1.5.5.7.3.3";
/// The element of a loader that names its kernel.
const KERNEL: u32 = 0x2200_0011;

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct With {
    /// EFI programs that Windows has.
    efi: Vec<Efi>,
    /// Patterns of other programs of an EFI partition that Windows has.
    efi_usual: Vec<String>,
    /// Patterns of names that boot programs have.
    boot_programs: Vec<String>,
    /// Patterns of names of tools that get around the kernel's own protection.
    bypasses: Vec<String>,
    /// Known code of boot sectors.
    boot_code: Vec<Code>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Efi {
    /// A pattern of its path from the root of its volume.
    path: String,
    /// Names that its version resource may give it.
    names: Vec<String>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Code {
    of: Of,
    /// Whose it is.
    name: String,
    /// How many of its first bytes are hashed.
    bytes: usize,
    /// Their SHA-256.
    sha256: String,
}

#[derive(Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
enum Of {
    Disk,
    Partition,
}

impl From<BootSector> for Of {
    fn from(sector: BootSector) -> Self {
        match sector {
            BootSector::Disk => Self::Disk,
            BootSector::Partition => Self::Partition,
        }
    }
}

fn any(patterns: &[String], name: &str) -> bool {
    patterns.iter().any(|p| matches(p, name))
}

/// The file's name and those that it gives itself.
fn all_names<'f>(path: &'f str, own: &'f [String]) -> impl Iterator<Item = &'f str> {
    let name = path.rsplit(['/', '\\']).next().unwrap_or_default();
    std::iter::once(name).chain(own.iter().map(String::as_str))
}

/// WIN-KERNEL-009.
pub(in crate::policy::checks::windows) fn none(context: &Context<'_>) -> Result<Outcome> {
    let with: With = context.check.with()?;
    let all = context.evidence.windows.kernel_files();
    let mut found = Found::new(&all.gaps);
    for file in all.of(Part::Loader).filter(|f| is_efi(context, f)) {
        efi(context, &with, file, &mut found);
    }
    hidden(context, &with, &mut found);
    for file in &all.spares {
        spare(context, file, &mut found);
    }
    drivers(context, &with, &mut found)?;
    certificates(context, &mut found)?;
    sectors(context, &with, &mut found);
    found.gaps.sort();
    found.gaps.dedup();
    Ok(found.outcome(
        (
            "no way around the kernel's protection, and nothing unknown that starts before Windows",
            "未发现绕过内核保护的痕迹，启动前无未知代码",
        ),
        (
            "code or a program that starts before Windows is not known",
            "有 Windows 启动前运行的未知代码或程序",
        ),
        (
            "whether something starts before Windows can't be told",
            "无法确定 Windows 启动前是否有其他代码运行",
        ),
        (
            "a bootkit's or a bypass's trace was found",
            "发现 bootkit 或内核保护绕过痕迹",
        ),
    ))
}

fn is_efi(context: &Context<'_>, file: &KernelFile) -> bool {
    let mut volumes = context.evidence.guest.paths.volumes().iter();
    let of = volumes.find(|v| Some(&v.volume.name) == file.at.volume.as_ref());
    let fat = of.and_then(|v| v.file_system());
    fat.is_some_and(|fs| fs.info().kind.starts_with("fat"))
}

/// The signature counts only where it can be told.
fn judged(file: &KernelFile, found: &mut Found) -> bool {
    let Standing::Unproven(why) = &file.proof.standing else {
        return true;
    };
    let why = Error::unsupported(Layer::Pe, None, why.clone());
    found.gaps.push(Gap::new(file.at.clone(), &why));
    false
}

fn shown(names: &[String], proof: &Proof) -> String {
    let signed = say(proof);
    match names.first() {
        Some(name) => format!("{name}: {signed}"),
        None => signed.en,
    }
}

/// A program of an EFI partition.
fn efi(context: &Context<'_>, with: &With, file: &KernelFile, found: &mut Found) {
    let path = file.at.path.as_deref().unwrap_or(&file.path);
    let good = vouched(context, &file.proof);
    let usual = with.efi.iter().find(|e| matches(&e.path, path));
    let own = |e: &Efi| file.names.is_empty() || file.names.iter().any(|n| any(&e.names, n));
    let mut names = all_names(path, &file.names);
    let (status, en, zh) = if names.any(|n| any(&with.bypasses, n)) {
        (
            Status::Fail,
            "a loader that switches the kernel's protection off",
            "用于关闭内核保护的加载器",
        )
    } else if !judged(file, found) {
        return;
    } else {
        let boot = file.names.iter().any(|n| any(&with.boot_programs, n));
        match usual {
            Some(e) if good && own(e) => (Status::Pass, "signed by Microsoft", "由微软签名"),
            Some(_) if good => (
                Status::Warn,
                "another program of Microsoft stands in its place",
                "被微软的其他程序替代",
            ),
            // A loader of Linux, which the UEFI authority of Microsoft signs for others.
            _ if file.proof.standing == Standing::Trusted => (
                Status::Warn,
                "a boot program of another vendor",
                "其他厂商的引导程序",
            ),
            Some(_) => (
                Status::Fail,
                "the boot program was replaced",
                "引导程序已被替换",
            ),
            None if boot => (
                Status::Fail,
                "a boot program of Windows under another name",
                "被改名的 Windows 引导程序",
            ),
            None => (
                Status::Fail,
                "a program that Windows does not have",
                "Windows 自身没有的 EFI 程序",
            ),
        }
    };
    // A copy of the boot manager beside it is how a bootkit keeps the original.
    let renamed = usual.is_none() && file.names.iter().any(|n| any(&with.boot_programs, n));
    let (status, en, zh) = match renamed && status == Status::Warn {
        true => (
            Status::Fail,
            "a boot program of Windows under another name",
            "被改名的 Windows 引导程序",
        ),
        false => (status, en, zh),
    };
    let item = Item::new(file.at.clone(), en, zh);
    found.add(
        status,
        item.compare(
            "a boot program that Microsoft signed",
            shown(&file.names, &file.proof),
        ),
    );
}

/// Programs of an EFI partition under names that no EFI program has.
fn hidden(context: &Context<'_>, with: &With, found: &mut Found) {
    let all = context.evidence.windows.hidden_programs();
    found.gaps.extend(all.gaps);
    for program in all.items {
        let path = program.at.path.clone().unwrap_or_default();
        if any(&with.efi_usual, &path) {
            continue;
        }
        let is =
            |patterns: &[String]| all_names(&path, &program.fact.names).any(|n| any(patterns, n));
        let (status, en, zh) = if is(&with.bypasses) {
            (
                Status::Fail,
                "a loader that switches the kernel's protection off",
                "用于关闭内核保护的加载器",
            )
        } else if is(&with.boot_programs) {
            (
                Status::Fail,
                "a boot program of Windows under another name",
                "被改名的 Windows 引导程序",
            )
        } else {
            (
                Status::Warn,
                "a program that is not called one",
                "扩展名异常的程序",
            )
        };
        let item = Item::new(program.at, en, zh);
        let shown = match program.fact.names.first() {
            Some(name) => name.clone(),
            None => "a PE image".into(),
        };
        found.add(status, item.compare("no such file", shown));
    }
}

/// A kernel or loader in `System32` under another name.
fn spare(context: &Context<'_>, file: &KernelFile, found: &mut Found) {
    let boot = context.evidence.windows.boot();
    let objects = boot.stores.iter().flat_map(|s| &s.objects);
    let named = objects.filter_map(|o| match &o.elements.get(&KERNEL)?.fact {
        ElementData::Text(text) => Some(text),
        _ => None,
    });
    let loaded = named.into_iter().any(|n| {
        let name = n.rsplit('\\').next().unwrap_or_default();
        name.eq_ignore_ascii_case(file.name())
    });
    let (status, en, zh) = if loaded {
        (
            Status::Fail,
            "the boot configuration loads this copy of the kernel",
            "启动配置加载该内核副本",
        )
    } else if !judged(file, found) {
        return;
    } else if vouched(context, &file.proof) {
        (
            Status::Warn,
            "a copy of a kernel or loader under another name",
            "以其他名称存放的内核或加载器副本",
        )
    } else {
        (
            Status::Fail,
            "a kernel or loader under another name that Microsoft did not sign",
            "以其他名称存放且未经微软签名的内核或加载器",
        )
    };
    let item = Item::new(file.at.clone(), en, zh);
    found.add(
        status,
        item.compare("no such file", shown(&file.names, &file.proof)),
    );
}

/// Drivers that are known to be abused, by their file's name or by their own.
fn drivers(context: &Context<'_>, with: &With, found: &mut Found) -> Result<()> {
    let vulnerable = vulnerable(context);
    for file in context.evidence.windows.kernel_files().of(Part::Driver) {
        let is = |n: &str| {
            let stem = |t: &str| t.to_lowercase().trim_end_matches(".sys").to_owned();
            vulnerable.iter().any(|v| stem(v) == stem(n)) || any(&with.bypasses, n)
        };
        let Some(name) = all_names(&file.path, &file.names).find(|n| is(n)) else {
            continue;
        };
        let item = Item::new(
            file.at.clone(),
            "a driver that opens the kernel to anybody",
            "已知可被滥用的漏洞驱动",
        );
        let shown = format!("{name}: {}", say(&file.proof));
        found.add(Status::Fail, item.compare("none of these", shown));
    }
    Ok(())
}

/// Certificates that signed themselves and vouch for code.
fn certificates(context: &Context<'_>, found: &mut Found) -> Result<()> {
    let known: Vec<String> = context.policy.param("windows_roots")?;
    let stored = context.evidence.windows.certificates();
    found.gaps.extend(stored.gaps);
    for certificate in stored.items {
        let it = &certificate.fact;
        let in_store = |name: &str| it.store.eq_ignore_ascii_case(name);
        let signs = it.usages.iter().any(|u| u == CODE_SIGNING);
        // In the store of publishers one without usages is good for code, too.
        let trusted = (in_store("ROOT") && signs)
            || (in_store("TrustedPublisher") && (signs || it.usages.is_empty()));
        let of_programme = known.iter().any(|k| k.eq_ignore_ascii_case(&it.sha1));
        if !trusted || of_programme || !it.is_root() {
            continue;
        }
        let item = Item::new(
            certificate.at.clone(),
            format!(
                "a certificate that signed itself vouches for code in {}",
                it.store
            ),
            format!("{} 中的自签名代码签名证书", it.store),
        );
        let subject = it.names.as_ref().map_or("?", |(subject, _)| subject);
        let shown = format!("{subject} ({})", it.sha1);
        found.add(Status::Fail, item.compare("none", shown));
    }
    Ok(())
}

/// Code outside of files.
fn sectors(context: &Context<'_>, with: &With, found: &mut Found) {
    let sectors = context.evidence.windows.sectors();
    found.gaps.extend(sectors.gaps);
    for code in &sectors.code {
        let is = |c: &&Code| {
            c.of == code.of.into() && code.digest(c.bytes).as_deref() == Some(c.sha256.as_str())
        };
        let known = with.boot_code.iter().find(is);
        let (en, zh) = match code.of {
            BootSector::Disk => ("code of the master boot record", "主引导记录代码"),
            BootSector::Partition => ("code of the active partition", "活动分区引导代码"),
        };
        let (status, shown) = match known {
            _ if code.is_blank() => (Status::Pass, "none".to_owned()),
            Some(known) => (Status::Pass, known.name.clone()),
            None => (
                Status::Warn,
                format!(
                    "unknown, SHA-256 {}",
                    code.at.sha256.as_deref().unwrap_or_default()
                ),
            ),
        };
        let item = Item::new(code.at.clone(), en, zh);
        found.add(status, item.compare("none, or that of Windows", shown));
    }
    let disk = Location {
        volume: Some("disk".into()),
        ..Location::default()
    };
    let (en, zh) = ("sectors before the first partition", "第一个分区之前的扇区");
    match sectors.free {
        Some(free) => {
            let shown = format!(
                "{} sectors hold something, {} bytes from byte {}",
                free.sectors,
                free.bytes,
                free.at.offset.unwrap_or(0)
            );
            let item = Item::new(free.at, en, zh);
            found.add(Status::Warn, item.compare("zeros", shown));
        }
        None if sectors.looked > 0 => {
            let shown = format!("zeros, {} bytes", sectors.looked);
            let item = Item::new(disk, en, zh);
            found.add(Status::Pass, item.compare("zeros", shown));
        }
        None => {}
    }
}
