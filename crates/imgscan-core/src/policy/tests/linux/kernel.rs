//! Kernels: which there are and which boots, and whether they are those of their packages.

use super::tidy;
use crate::error::Result;
use crate::evidence::linux::{Kernel, Kernels, Owner};
use crate::evidence::{Found, Gap};
use crate::policy::{Context, Item, Outcome, Status};

/// LNX-KERNEL-003.
pub(super) fn owned(context: &Context<'_>) -> Result<Outcome> {
    let linux = &context.evidence.linux;
    let (kernels, packages) = (linux.kernels(), linux.packages());
    let mut judged = Judged::default();
    for kernel in &kernels.items {
        judged.add(kernel, kernels, context);
    }
    copies(kernels, &mut judged.fails);
    let mut gaps = kernels.gaps.clone();
    gaps.extend(judged.gaps);
    if kernels.items.is_empty() {
        let outcome = Outcome::new(Status::Unknown, "no kernel was found", "未找到任何内核文件");
        return Ok(outcome.gaps(tidy(gaps)));
    }
    if !packages.has_dpkg {
        gaps.extend(packages.gaps.iter().cloned());
    }
    let n = kernels.items.len();
    let outcome = if !judged.fails.is_empty() {
        Outcome::new(
            Status::Fail,
            "a kernel differs from what its package recorded",
            "内核文件与软件包记录不一致",
        )
    } else if !packages.has_dpkg {
        Outcome::new(
            Status::Unknown,
            "there is no package database that this version reads",
            "没有当前版本可读取的软件包数据库",
        )
    } else if !judged.unknown.is_empty() {
        Outcome::new(
            Status::Unknown,
            "for a kernel the package database holds no digest that can be compared",
            "软件包数据库中缺少可供比对的内核摘要",
        )
    } else if !judged.warns.is_empty() {
        Outcome::new(
            Status::Warn,
            "a kernel belongs to no package, but it is not the one that boots",
            "存在不属于任何软件包的内核，但并非默认启动的内核",
        )
    } else {
        Outcome::new(
            Status::Pass,
            format!(
                "{n} kernels equal what their packages recorded; the record is not signed, so this is level K3 at most"
            ),
            format!("{n} 个内核与软件包记录一致；该记录未经签名，因此最高为 K3 级"),
        )
    };
    Ok(outcome
        .evidence(judged.fails)
        .evidence(judged.unknown)
        .evidence(judged.warns)
        .evidence(judged.good)
        .gaps(tidy(gaps)))
}

#[derive(Default)]
struct Judged {
    fails: Vec<Item>,
    unknown: Vec<Item>,
    warns: Vec<Item>,
    good: Vec<Item>,
    gaps: Vec<Gap>,
}

impl Judged {
    fn add(&mut self, kernel: &Found<Kernel>, all: &Kernels, context: &Context<'_>) {
        let fact = &kernel.fact;
        let at = kernel.at.clone();
        match &fact.owner {
            Owner::Package(recorded) => {
                let package = &recorded.package;
                let name = format!(
                    "{} {} {}",
                    package.name, package.version, package.architecture
                );
                self.gaps.extend(recorded.gap.clone());
                match &recorded.md5 {
                    Some(md5) if *md5 == fact.md5 => self.good.push(
                        Item::new(
                            at,
                            format!(
                                "owned by {name}, digest equal (recorded at {})",
                                recorded.at
                            ),
                            format!("属于 {name}，摘要一致（记录于 {}）", recorded.at),
                        )
                        .compare(format!("md5:{md5}"), format!("md5:{}", fact.md5)),
                    ),
                    Some(md5) => self.fails.push(
                        Item::new(
                            at,
                            format!(
                                "owned by {name}, but the digest differs (recorded at {})",
                                recorded.at
                            ),
                            format!("属于 {name}，但摘要不一致（记录于 {}）", recorded.at),
                        )
                        .compare(format!("md5:{md5}"), format!("md5:{}", fact.md5)),
                    ),
                    None => self.unknown.push(Item::new(
                        at,
                        format!("owned by {name}, which recorded no digest of it"),
                        format!("属于 {name}，但该软件包未记录其摘要"),
                    )),
                }
            }
            Owner::Nobody => {
                let twin = all.items.iter().find(|o| {
                    o.fact.sha256 == fact.sha256
                        && o.at != kernel.at
                        && matches!(o.fact.owner, Owner::Package(_))
                });
                let boots = context.evidence.linux.boot().boots_by_default(&fact.path);
                let note = |en: &str, zh: &str| {
                    Item::new(at.clone(), en, zh)
                        .compare("owned by a package", format!("sha256:{}", fact.sha256))
                };
                match (twin, boots) {
                    (Some(twin), _) => self.good.push(note(
                        &format!(
                            "owned by no package, but byte for byte the same as {}",
                            twin.fact.path
                        ),
                        &format!("不属于任何软件包，但与 {} 逐字节相同", twin.fact.path),
                    )),
                    (None, Some(true)) => self.fails.push(note(
                        "the kernel that boots by default belongs to no package",
                        "默认启动的内核不属于任何软件包",
                    )),
                    (None, Some(false)) => self.warns.push(note(
                        "belongs to no package; it does not boot by default",
                        "不属于任何软件包；并非默认启动的内核",
                    )),
                    (None, None) => self.unknown.push(note(
                        "belongs to no package, and it can't be told which kernel boots",
                        "不属于任何软件包，且无法确定默认启动的内核",
                    )),
                }
            }
            Owner::Unknown(gap) => self.gaps.push(gap.clone()),
            Owner::NoDatabase => {}
        }
    }
}

/// A kernel in `/boot` and the one of the same release beside the modules are one and the same on
/// every distribution that has both.
fn copies(kernels: &Kernels, fails: &mut Vec<Item>) {
    for kernel in &kernels.items {
        let path = &kernel.fact.path;
        let Some(release) = path
            .strip_suffix("/vmlinuz")
            .and_then(|d| d.rsplit_once("/modules/"))
            .map(|(_, r)| r)
        else {
            continue;
        };
        let boot = format!("/boot/vmlinuz-{release}");
        let Some(other) = kernels.at_path(&boot) else {
            continue;
        };
        if other.fact.sha256 != kernel.fact.sha256 {
            fails.push(
                Item::new(
                    other.at.clone(),
                    format!("differs from {path}"),
                    format!("与 {path} 不一致"),
                )
                .compare(
                    format!("sha256:{}", kernel.fact.sha256),
                    format!("sha256:{}", other.fact.sha256),
                ),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{check, status};
    use super::*;
    use crate::evidence::linux::testing::{Build, bzimage, md5};

    const RELEASE: &str = "6.1.0-9-amd64";

    fn image() -> Vec<u8> {
        bzimage("6.1.0-9-amd64 (debian) #1 SMP", b"code")
    }

    fn clean() -> Build {
        Build::debian().kernel(RELEASE, &image())
    }

    fn owned(build: Build) -> Status {
        status("LNX-KERNEL-003", build)
    }

    #[test]
    fn the_kernel_of_its_package_passes_and_one_changed_byte_fails_with_both_digests() {
        assert_eq!(owned(clean()), Status::Pass);
        let mut other = image();
        *other.last_mut().unwrap() ^= 1;
        let result = check(
            "LNX-KERNEL-003",
            clean().file("/boot/vmlinuz-6.1.0-9-amd64", 0o644, other.clone()),
        );
        assert_eq!(result.status, Status::Fail);
        let item = &result.evidence[0];
        assert_eq!(
            item.expected.as_deref(),
            Some(format!("md5:{}", md5(&image())).as_str())
        );
        assert_eq!(
            item.found.as_deref(),
            Some(format!("md5:{}", md5(&other)).as_str())
        );
        assert!(item.at.sha256.is_some());
    }

    #[test]
    fn a_kernel_of_no_package_fails_where_it_boots_and_warns_where_not() {
        let menu = |n: u32| {
            format!(
                "set default={n}\nmenuentry a {{\nlinux /boot/vmlinuz-6.1.0-9-amd64 root=x\n}}\nmenuentry b {{\nlinux /boot/vmlinuz-evil root=x\n}}\n"
            )
        };
        let with = |n| {
            clean()
                .file("/boot/vmlinuz-evil", 0o644, bzimage("9 (x)", b"evil"))
                .file("/boot/grub/grub.cfg", 0o600, menu(n))
        };
        assert_eq!(owned(with(0)), Status::Warn);
        assert_eq!(owned(with(1)), Status::Fail);
        let none = clean().file("/boot/vmlinuz-evil", 0o644, bzimage("9 (x)", b"evil"));
        assert_eq!(owned(none), Status::Unknown);
        let rescue = clean().file("/boot/vmlinuz-0-rescue-abc", 0o644, image());
        assert_eq!(owned(rescue), Status::Pass);
    }

    #[test]
    fn a_boot_kernel_that_differs_from_the_one_beside_its_modules_fails() {
        let other = clean().file(
            "/lib/modules/6.1.0-9-amd64/vmlinuz",
            0o644,
            bzimage("6 (x)", b"x"),
        );
        assert_eq!(owned(other), Status::Fail);
        let same = clean().file("/lib/modules/6.1.0-9-amd64/vmlinuz", 0o644, image());
        assert_eq!(owned(same), Status::Pass);
    }

    #[test]
    fn without_a_database_a_digest_or_a_kernel_nothing_is_known() {
        assert_eq!(
            owned(Build::bare().file("/boot/vmlinuz-1", 0o644, image())),
            Status::Unknown
        );
        assert_eq!(owned(Build::debian()), Status::Unknown);
        let info = "/var/lib/dpkg/info/linux-image-6.1.0-9-amd64.md5sums";
        assert_eq!(owned(clean().file(info, 0o644, "")), Status::Unknown);
        assert_eq!(
            owned(clean().missing("/var/lib/dpkg/info")),
            Status::Unknown
        );
        let rpm = Build::bare().file("/boot/vmlinuz-1", 0o644, image()).file(
            "/var/lib/rpm/rpmdb.sqlite",
            0o644,
            "x",
        );
        assert_eq!(owned(rpm), Status::Unknown);
    }
}
