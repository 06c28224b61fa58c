//! Kernels: which there are and which boots, and whether they are those of their packages.

use crate::error::Result;
use crate::evidence::linux::{Boot, Kernel, Kernels, Owner, compare_versions};
use crate::evidence::{Found, Gap};
use crate::policy::checks::findings::tidy;
use crate::policy::{Context, Item, Outcome, Status};
use crate::text::terminal;

/// LNX-KERNEL-002.
pub(in crate::policy::checks) fn inventory(context: &Context<'_>) -> Result<Outcome> {
    let linux = &context.evidence.linux;
    let (boot, kernels) = (linux.boot(), linux.kernels());
    let default = boot.default_entry();
    let kernel = default
        .and_then(|e| e.fact.kernel.as_deref())
        .and_then(|path| kernels.at_path(path));
    let mut warns = notes(boot, kernels, kernel);
    let mut items: Vec<Item> = Vec::new();
    if let Some(entry) = default {
        items.push(
            Item::new(
                entry.at.clone(),
                format!(
                    "the default entry ({}): {}",
                    entry.fact.place,
                    terminal(&entry.fact.title)
                ),
                format!(
                    "默认启动项（{}）：{}",
                    entry.fact.place,
                    terminal(&entry.fact.title)
                ),
            )
            .compare("a kernel of the image", terminal(&entry.fact.starts)),
        );
    }
    items.append(&mut warns.clone());
    for k in &kernels.items {
        items.push(listed(k, kernel.is_some_and(|d| d.at == k.at)));
    }
    for doubt in &boot.doubts {
        items.push(Item::new(
            doubt.at.clone(),
            terminal(&doubt.fact.en),
            format!("无法确定：{}", terminal(&doubt.fact.zh)),
        ));
    }
    let mut gaps = boot.gaps.clone();
    gaps.extend(kernels.gaps.iter().cloned());
    let unowned = |k: &Found<Kernel>| k.fact.owner == Owner::Nobody && twin(k, kernels).is_none();
    let outcome = match kernel {
        None => Outcome::new(
            Status::Unknown,
            "it can't be told which kernel boots by default",
            "无法确定默认启动的内核",
        ),
        Some(k) if unowned(k) => Outcome::new(
            Status::Fail,
            format!("{} boots by default and belongs to no package", k.fact.path),
            format!("默认启动的 {} 不属于任何软件包", k.fact.path),
        ),
        Some(_) if !boot.doubts.is_empty() => Outcome::new(
            Status::Unknown,
            "the default can't be told for certain",
            "无法确切判断默认启动项",
        ),
        Some(k) => {
            let n = kernels.items.len();
            let status = if warns.is_empty() {
                Status::Pass
            } else {
                Status::Warn
            };
            warns.clear();
            Outcome::new(
                status,
                format!("{n} kernels; {} boots by default", k.fact.path),
                format!("共 {n} 个内核，默认启动 {}", k.fact.path),
            )
        }
    };
    Ok(outcome.evidence(items).gaps(tidy(gaps)))
}

/// What is worth a look beside a default that is known.
fn notes(boot: &Boot, kernels: &Kernels, default: Option<&Found<Kernel>>) -> Vec<Item> {
    let mut out = Vec::new();
    if let Some((_, at)) = &boot.one_shot {
        out.push(Item::new(
            at.clone(),
            "the next boot alone starts another entry",
            "仅下一次启动会使用另一启动项",
        ));
    }
    if let (Some("0"), Some(at)) = (boot.timeout.as_deref(), &boot.config) {
        out.push(Item::new(
            at.clone(),
            "the menu is hidden (timeout 0)",
            "启动菜单被隐藏（timeout 为 0）",
        ));
    }
    let owner = |k: &Found<Kernel>| match &k.fact.owner {
        Owner::Package(recorded) => recorded.package.maintainer.clone(),
        _ => None,
    };
    let mut makers: Vec<String> = kernels.items.iter().filter_map(owner).collect();
    makers.sort();
    makers.dedup();
    if makers.len() > 1 {
        for k in kernels.items.iter().filter(|k| owner(k).is_some()) {
            let maker = terminal(&owner(k).unwrap_or_default());
            out.push(Item::new(
                k.at.clone(),
                format!("kernels of several vendors; this one of {maker}"),
                format!("存在多个供应商的内核；此内核来自 {maker}"),
            ));
        }
    }
    if let Some((default, release)) = default.and_then(|d| Some((d, d.fact.release.as_deref()?))) {
        let newer = kernels.items.iter().find(|k| {
            let other = k.fact.release.as_deref();
            other.is_some_and(|other| compare_versions(other, release).is_gt())
        });
        if let Some(newer) = newer {
            let other = newer.fact.release.as_deref().unwrap_or("");
            out.push(Item::new(
                default.at.clone(),
                format!("the default is older than {}", terminal(other)),
                format!("默认内核比 {} 旧", terminal(other)),
            ));
        }
    }
    out
}

fn listed(kernel: &Found<Kernel>, default: bool) -> Item {
    let owner = match &kernel.fact.owner {
        Owner::Package(r) => format!("{} {}", r.package.name, r.package.version),
        Owner::Nobody => "no package".into(),
        Owner::Unknown(_) | Owner::NoDatabase => "unknown".into(),
    };
    let banner = terminal(kernel.fact.banner.as_deref().unwrap_or("no version banner"));
    let (en, zh) = if default {
        ("boots by default: ", "默认启动：")
    } else {
        ("", "")
    };
    Item::new(
        kernel.at.clone(),
        format!("{en}{banner}"),
        format!("{zh}{banner}"),
    )
    .compare("owned by a package", owner)
}

/// A kernel of a package that is byte for byte the same.
fn twin<'a>(kernel: &Found<Kernel>, all: &'a Kernels) -> Option<&'a Found<Kernel>> {
    all.items.iter().find(|o| {
        o.fact.sha256 == kernel.fact.sha256
            && o.at != kernel.at
            && matches!(o.fact.owner, Owner::Package(_))
    })
}

/// LNX-KERNEL-003.
pub(in crate::policy::checks) fn owned(context: &Context<'_>) -> Result<Outcome> {
    let linux = &context.evidence.linux;
    let (kernels, packages) = (linux.kernels(), linux.packages());
    let mut judged = Judged::default();
    for kernel in &kernels.items {
        judged.add(kernel, kernels, context);
    }
    copies(kernels, &mut judged.fails);
    unseen(linux.boot(), kernels, &mut judged.unknown);
    let mut gaps = kernels.gaps.clone();
    gaps.extend(linux.boot().gaps.iter().cloned());
    gaps.extend(judged.gaps);
    if kernels.items.is_empty() {
        let outcome = Outcome::new(Status::Unknown, "no kernel was found", "未找到任何内核文件");
        return Ok(outcome.gaps(tidy(gaps)));
    }
    if !packages.has_database() {
        gaps.extend(packages.gaps.iter().cloned());
    }
    let n = kernels.items.len();
    let outcome = if !judged.fails.is_empty() {
        Outcome::new(
            Status::Fail,
            "a kernel differs from what its package recorded",
            "内核文件与软件包记录不一致",
        )
    } else if !packages.has_database() {
        Outcome::new(
            Status::Unknown,
            "there is no package database that this version reads",
            "没有当前版本可读取的软件包数据库",
        )
    } else if !judged.unknown.is_empty() {
        Outcome::new(
            Status::Unknown,
            "for a kernel that may boot there is nothing that it can be compared with",
            "可能被引导的内核缺少可供比对的依据",
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
                "{n} kernels equal what their packages recorded; this check does not look at who signed the record, so by itself it is level K3 at most"
            ),
            format!(
                "{n} 个内核与软件包记录一致；本项不检查该记录由谁签名，因此单凭本项最高为 K3 级"
            ),
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
                // What a half-removed package recorded says nothing of what is there now.
                if package.state == "half-installed" {
                    self.unknown.push(Item::new(
                        at,
                        format!("owned by {name}, which is only half installed"),
                        format!("属于 {name}，但该软件包仅部分安装"),
                    ));
                    return;
                }
                // Of a `%ghost` kernel the digest is that of the one beside its modules.
                let (of, of_zh) = match &recorded.stands_for {
                    Some(path) => (format!(" of {path}"), format!("（{path} 的记录）")),
                    None => (String::new(), String::new()),
                };
                let both = recorded.digest.as_ref().zip(recorded.actual.as_ref());
                match both {
                    Some((expected, actual)) if expected == actual => self.good.push(
                        Item::new(
                            at,
                            format!(
                                "owned by {name}, digest{of} equal (recorded at {})",
                                recorded.at
                            ),
                            format!("属于 {name}，摘要一致{of_zh}（记录于 {}）", recorded.at),
                        )
                        .compare(expected.to_string(), actual.to_string()),
                    ),
                    Some((expected, actual)) => self.fails.push(
                        Item::new(
                            at,
                            format!(
                                "owned by {name}, but the digest{of} differs (recorded at {})",
                                recorded.at
                            ),
                            format!("属于 {name}，但摘要不一致{of_zh}（记录于 {}）", recorded.at),
                        )
                        .compare(expected.to_string(), actual.to_string()),
                    ),
                    None => self.unknown.push(Item::new(
                        at,
                        format!("owned by {name}, which recorded no digest of it"),
                        format!("属于 {name}，但该软件包未记录其摘要"),
                    )),
                }
            }
            Owner::Nobody => {
                let twin = twin(kernel, all);
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

/// Entries that may boot and whose kernel is none of those that were found: it lies where nobody
/// looked, so nothing is known of it.
fn unseen(boot: &Boot, kernels: &Kernels, unknown: &mut Vec<Item>) {
    let chosen: Vec<usize> = match boot.default {
        Some(default) => {
            let once = boot.one_shot.as_ref().and_then(|(entry, _)| *entry);
            std::iter::once(default).chain(once).collect()
        }
        None => (0..boot.entries.len()).collect(),
    };
    for entry in chosen.into_iter().filter_map(|i| boot.entries.get(i)) {
        let path = entry.fact.kernel.as_deref();
        if path.and_then(|p| kernels.at_path(p)).is_none() {
            unknown.push(
                Item::new(
                    entry.at.clone(),
                    "what this entry boots was not found in the image",
                    "镜像中未找到该启动项引导的内核",
                )
                .compare("a kernel of the image", terminal(&entry.fact.starts)),
            );
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
    use super::*;
    use crate::evidence::linux::testing::{Build, bzimage, guest, md5};
    use crate::policy::checks::linux::testing::{check, check_guest, status};

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
            item.expected.as_ref().map(|t| t.en.as_str()),
            Some(format!("md5:{}", md5(&image())).as_str())
        );
        assert_eq!(
            item.found.as_ref().map(|t| t.en.as_str()),
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
    fn a_kernel_that_nobody_could_look_at_is_unknown() {
        let with = |linux: &str| {
            owned(clean().file(
                "/boot/grub/grub.cfg",
                0o600,
                format!("set default=0\nmenuentry a {{\n{linux}\n}}\n"),
            ))
        };
        assert_eq!(
            with("linux /boot/vmlinuz-6.1.0-9-amd64 root=x"),
            Status::Pass
        );
        assert_eq!(with("linux (hd3,gpt7)/vmlinuz root=x"), Status::Unknown);
        assert_eq!(with("linux /boot/gone root=x"), Status::Unknown);
        assert_eq!(with("chainloader (hd1)+1"), Status::Unknown);
        let half = clean().file(
            "/var/lib/dpkg/status",
            0o644,
            "Package: linux-image-6.1.0-9-amd64\nStatus: deinstall ok half-installed\nArchitecture: amd64\nVersion: 1\n",
        );
        assert_eq!(owned(half), Status::Unknown);
    }

    #[test]
    fn a_kernel_under_a_mount_is_a_gap() {
        let mut guest = guest(
            clean()
                .file("/good/vmlinuz-6.1.0-9-amd64", 0o644, image())
                .file(
                    "/boot/vmlinuz-6.1.0-9-amd64",
                    0o644,
                    bzimage("6.1.0-9-amd64 (x)", b"evil"),
                ),
        );
        let good = guest.paths.resolve(b"/good").unwrap();
        guest.paths.mount_dir(b"/boot", "p1", good.fs, good.id);
        let result = check_guest("LNX-KERNEL-003", &guest, |_| {});
        assert_eq!(result.status, Status::Unknown, "{result:?}");
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

    fn menu(build: Build, head: &str) -> Build {
        build.file(
            "/boot/grub/grub.cfg",
            0o600,
            format!("set default=0\nset timeout=5\n{head}\nmenuentry a {{\nlinux /boot/vmlinuz-6.1.0-9-amd64 root=x\n}}\nmenuentry b {{\nlinux /boot/vmlinuz-evil root=x\n}}\n"),
        )
    }

    fn inventory(build: Build) -> Status {
        status("LNX-KERNEL-002", build)
    }

    #[test]
    fn the_default_kernel_is_found_or_the_doubt_is_said() {
        assert_eq!(inventory(menu(clean(), "")), Status::Pass);
        assert_eq!(inventory(clean()), Status::Unknown);
        assert_eq!(
            inventory(menu(clean(), "if x; then\nset default=1\nfi")),
            Status::Unknown
        );
        assert_eq!(
            inventory(menu(clean(), "").missing("/boot")),
            Status::Unknown
        );
        let evil = clean().file("/boot/vmlinuz-evil", 0o644, bzimage("5 (x)", b"evil"));
        assert_eq!(inventory(menu(evil, "set default=1")), Status::Fail);
    }

    #[test]
    fn what_is_worth_a_look_beside_the_default_warns() {
        assert_eq!(inventory(menu(clean(), "set timeout=0")), Status::Warn);
        let newer = clean().file("/boot/vmlinuz-7", 0o644, bzimage("7.0 (x)", b"x"));
        assert_eq!(inventory(menu(newer, "")), Status::Warn);
        let once = "# GRUB Environment Block\nnext_entry=1\n####";
        let once = clean().file("/boot/grub/grubenv", 0o644, once);
        assert_eq!(inventory(menu(once, "load_env")), Status::Warn);
    }
}
