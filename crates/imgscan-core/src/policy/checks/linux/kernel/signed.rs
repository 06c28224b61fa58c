//! Who signed the packages that the kernel and its boot path come from (rpm).

use crate::error::Result;
use crate::evidence::linux::{Owner, Package, PackageSystem, Seal, key_fits};
use crate::evidence::{Evidence, Found, Gap};
use crate::policy::checks::findings::tidy;
use crate::policy::checks::linux::fits;
use crate::policy::{Context, Item, Outcome, Status};
use crate::text::terminal;
use crate::trust::signers;

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct With {
    /// Names of packages, `*` for any characters.
    packages: Vec<String>,
    /// Systems that have an rpm database beside those with pinned keys.
    systems: Vec<String>,
}

#[derive(Default)]
struct Judged {
    fails: Vec<Item>,
    /// Signed by nobody that is known, or signed weakly: why, and whether the vendor's own
    /// signature was to be expected.
    unproven: Vec<Item>,
    /// Old signatures with a digest that no longer counts.
    weak: Vec<Item>,
    unread: Vec<Item>,
    notes: Vec<Item>,
    good: Vec<Item>,
    gaps: Vec<Gap>,
}

/// LNX-KERNEL-004.
pub(in crate::policy::checks) fn packages(context: &Context<'_>) -> Result<Outcome> {
    let with: With = context.check.with()?;
    let linux = &context.evidence.linux;
    let all = linux.packages();
    let os = context.evidence.guest.os.id.as_deref();
    let listed: Vec<&Found<Package>> = all
        .items
        .iter()
        .filter(|p| p.fact.system == PackageSystem::Rpm)
        .collect();
    let pinned = os.is_some_and(|os| signers(os).is_some());
    let expected = pinned || os.is_some_and(|os| with.systems.iter().any(|s| s == os));
    let mut gaps = all.gaps.clone();
    if listed.is_empty() && !expected {
        let outcome = Outcome::new(
            Status::NotApplicable,
            "the packages of this system are not rpm's",
            "该系统不使用 RPM 软件包",
        );
        // An rpm database that could not be read is no sign that there is none.
        return Ok(
            match all.foreign.is_empty() || all.has_dpkg || all.has_apk {
                true => outcome,
                false => Outcome::new(
                    Status::Unknown,
                    "the package database could not be read",
                    "无法读取软件包数据库",
                )
                .gaps(tidy(gaps)),
            },
        );
    }
    let owners: Vec<&Package> = linux
        .kernels()
        .items
        .iter()
        .filter_map(|k| match &k.fact.owner {
            Owner::Package(recorded) => Some(&recorded.package),
            _ => None,
        })
        .collect();
    let chosen: Vec<&Found<Package>> = listed
        .into_iter()
        .filter(|p| {
            with.packages.iter().any(|name| fits(name, &p.fact.name)) || owners.contains(&&p.fact)
        })
        .collect();
    let mut judged = Judged::default();
    for package in &chosen {
        judged.add(package, context.evidence, os);
    }
    gaps.append(&mut judged.gaps);
    Ok(conclude(judged, chosen.len(), pinned).gaps(tidy(gaps)))
}

fn conclude(judged: Judged, chosen: usize, pinned: bool) -> Outcome {
    let outcome = if !judged.fails.is_empty() {
        Outcome::new(
            Status::Fail,
            "a package of the kernel or its boot path was changed, or is another vendor's",
            "内核或其启动链的软件包被修改，或来自其他厂商",
        )
    } else if chosen == 0 {
        Outcome::new(
            Status::Unknown,
            "the package database lists no package of a kernel or its boot path",
            "软件包数据库中没有内核或其启动链的软件包",
        )
    } else if !judged.unread.is_empty() {
        Outcome::new(
            Status::Unknown,
            "a signature is of a kind that is not verified by this version",
            "存在本版本无法校验的签名",
        )
    } else if !judged.unproven.is_empty() && pinned {
        Outcome::new(
            Status::Unknown,
            "a package that this system's vendor always signs is not signed by its pinned key",
            "本系统厂商的软件包均有签名，但存在未由其固定密钥签名的软件包",
        )
    } else if !judged.unproven.is_empty() {
        // No key of this vendor is public: every honest image of it would go to review.
        Outcome::new(
            Status::Warn,
            "no key of this system's vendor is pinned, so who made its packages is not proven; give the key with --trust to prove it",
            "没有内置本系统厂商的密钥，因此无法证明软件包来源；可用 --trust 提供其公钥",
        )
    } else if !judged.weak.is_empty() {
        Outcome::new(
            Status::Warn,
            "the vendor's signatures rest on a digest that no longer counts as safe",
            "厂商签名所用的摘要算法已不再安全",
        )
    } else {
        Outcome::new(
            Status::Pass,
            format!(
                "{chosen} packages are signed by the vendor's pinned key, and their files equal them"
            ),
            format!("{chosen} 个软件包由厂商的固定密钥签名，且文件与其一致"),
        )
    };
    outcome
        .evidence(judged.fails)
        .evidence(judged.unread)
        .evidence(judged.unproven)
        .evidence(judged.weak)
        .evidence(judged.notes)
        .evidence(judged.good)
}

impl Judged {
    fn add(&mut self, package: &Found<Package>, evidence: &Evidence<'_>, os: Option<&str>) {
        let fact = &package.fact;
        let name = format!("{}-{}.{}", fact.name, fact.version, fact.architecture);
        let name = terminal(&name);
        let built = fact.build_host().map(terminal).unwrap_or_default();
        let vendor = fact.maintainer.as_deref().map(terminal).unwrap_or_default();
        let seal = fact.seal(evidence.references.trust);
        let item = |en: &str, zh: &str| {
            Item::new(
                package.at.clone(),
                format!("{name} (vendor {vendor}, built on {built}): {en}"),
                format!("{name}（厂商 {vendor}，构建于 {built}）：{zh}"),
            )
        };
        let anchor = seal.anchor().map(|a| terminal(&a)).unwrap_or_default();
        match &seal {
            Seal::Forged(why) => self.fails.push(item(
                &format!("the header was changed: {why}"),
                &format!("包头被修改：{why}"),
            )),
            Seal::Unsealed | Seal::Unsigned => {
                self.unproven.push(item("not signed", "没有签名"));
            }
            Seal::UnknownKey(id) => self.unproven.push(item(
                &format!("signed by the key {id}, which is not pinned"),
                &format!("由未内置的密钥 {id} 签名"),
            )),
            Seal::Unread(why) => self.unread.push(item(
                &format!("its signature was not verified: {why}"),
                &format!("其签名未校验：{why}"),
            )),
            Seal::Good { key, created, weak } => {
                let when = created.map_or_else(String::new, |t| format!(", {t} s after 1970"));
                let one = match key.confirmed {
                    true => "",
                    false => "; the pinned key rests on one source",
                };
                let en = format!("signed by {anchor}{when}{one}");
                let zh = format!(
                    "由 {anchor} 签名{}",
                    if key.confirmed {
                        ""
                    } else {
                        "；该固定密钥仅有一个来源"
                    }
                );
                match (key_fits(key, os), key.base, weak) {
                    (Some(false), ..) => self.fails.push(item(
                        &format!("{en}, which is not the vendor of this system"),
                        &format!("{zh}，不是本系统的厂商"),
                    )),
                    (None, ..) | (Some(true), false, _) => self.unproven.push(item(
                        &format!("{en}, which does not sign this system itself"),
                        &format!("{zh}，该密钥并非用于签署本系统"),
                    )),
                    (Some(true), true, true) => self.weak.push(item(&en, &zh)),
                    (Some(true), true, false) => self.good.push(item(&en, &zh)),
                }
            }
        }
        self.files(fact, &name, evidence);
    }

    /// Compares the files, whoever signed the record of them.
    fn files(&mut self, package: &Package, name: &str, evidence: &Evidence<'_>) {
        let compared = evidence.linux.compare(package);
        self.gaps.extend(compared.gaps);
        let found = |d: &crate::evidence::linux::Difference| {
            let found = d.found.as_ref();
            found.map_or_else(|| "no regular file".to_owned(), ToString::to_string)
        };
        for d in &compared.differs {
            let item = Item::new(
                d.at.clone(),
                format!("differs from what {name} recorded"),
                format!("与 {name} 的记录不一致"),
            );
            self.fails
                .push(item.compare(d.expected.to_string(), found(d)));
        }
        for d in &compared.configured {
            let item = Item::new(
                d.at.clone(),
                format!("configuration of {name}, changed as it may be"),
                format!("{name} 的配置文件，允许修改"),
            );
            self.notes
                .push(item.compare(d.expected.to_string(), found(d)));
        }
        let missing = compared.missing.len();
        if let Some(first) = compared.missing.first() {
            self.notes.push(Item::new(
                crate::evidence::Location::of_path(first.clone()),
                format!("{missing} files of {name} are not there, this is the first"),
                format!("{name} 有 {missing} 个文件不存在，此为第一个"),
            ));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::evidence::linux::testing::{Build, guest};
    use crate::evidence::{Evidence, References};
    use crate::guest::Guest;
    use crate::policy::checks::linux::testing::{check_guest, status};
    use crate::policy::{CheckResult, Policy, Status, run};
    use crate::trust::Bundle;

    const ROOT: &[u8] = include_bytes!("../../../../../../../testdata/rpm/root.sqlite.zst");
    const EDITED: &[u8] = include_bytes!("../../../../../../../testdata/rpm/edited.sqlite.zst");
    const KEY: &[u8] = include_bytes!("../../../../../../../testdata/rpm/key.asc");
    const KERNEL: &[u8] = include_bytes!("../../../../../../../testdata/rpm/kernel");
    const BOOT: &str = "/boot/vmlinuz-6.1.0-1.test";

    /// The root that rpm made, with the files as its packages put them.
    fn root(database: &[u8]) -> Build {
        Build::bare()
            .file(
                "/var/lib/rpm/rpmdb.sqlite",
                0o644,
                zstd::stream::decode_all(database).unwrap(),
            )
            .file("/lib/modules/6.1.0-1.test/vmlinuz", 0o644, KERNEL)
            .file(BOOT, 0o644, KERNEL)
            .file("/lib/modules/6.1.0-1.test/kernel/x.ko", 0o644, "module\n")
            .file("/usr/bin/kmod", 0o755, "kmod\n")
            .file("/etc/kmod.conf", 0o644, "setting\n")
            .file("/usr/bin/local", 0o755, "local\n")
    }

    fn system(build: Build, id: &str) -> Guest {
        let mut guest = guest(build);
        guest.os.id = Some(id.into());
        guest
    }

    fn with_key(guest: &Guest) -> CheckResult {
        let trust = Bundle::built_in().with_user_file(KEY, "key.asc").unwrap();
        let references = References {
            trust: &trust,
            baseline: None,
        };
        let mut policy = Policy::built_in("tencent-marketplace").unwrap();
        policy.checks.retain(|c| c.id == "LNX-KERNEL-004");
        let evidence = Evidence::with(guest, references);
        run(&policy, &[evidence], &[], &|_| {}).remove(0)
    }

    #[test]
    fn packages_of_a_key_that_the_user_trusts_pass_and_every_change_is_named() {
        let passed = with_key(&system(root(ROOT), "rocky"));
        assert_eq!(passed.status, Status::Pass, "{passed:?}");
        let paths = |result: &CheckResult| -> Vec<String> {
            let places = result.evidence.iter().filter_map(|i| i.at.path.clone());
            places.collect()
        };
        for path in [
            "/lib/modules/6.1.0-1.test/vmlinuz",
            "/lib/modules/6.1.0-1.test/kernel/x.ko",
            "/usr/bin/kmod",
            BOOT,
        ] {
            let changed = with_key(&system(root(ROOT).file(path, 0o644, "x"), "rocky"));
            assert_eq!(changed.status, Status::Fail, "{path}");
            assert_eq!(paths(&changed)[0], path);
        }
        // A setting may be changed, and what is not chosen is not looked at.
        let setting = root(ROOT).file("/etc/kmod.conf", 0o644, "other").file(
            "/usr/bin/local",
            0o755,
            "other",
        );
        assert_eq!(with_key(&system(setting, "rocky")).status, Status::Pass);
    }

    #[test]
    fn a_header_with_one_digit_changed_fails_even_where_the_file_was_changed_to_match() {
        assert_eq!(
            with_key(&system(root(EDITED), "rocky")).status,
            Status::Fail
        );
    }

    #[test]
    fn without_a_pinned_key_nothing_is_proven() {
        let rocky = system(root(ROOT), "rocky");
        let result = check_guest("LNX-KERNEL-004", &rocky, |_| {});
        assert_eq!(result.status, Status::Unknown);
        // A vendor of which no key is known would never get beyond that.
        let tencent = system(root(ROOT), "tencentos");
        let result = check_guest("LNX-KERNEL-004", &tencent, |_| {});
        assert_eq!(result.status, Status::Warn);
    }

    #[test]
    fn a_database_that_is_gone_or_broken_is_unknown_and_another_system_not_applicable() {
        let gone = system(Build::bare(), "rocky");
        let result = check_guest("LNX-KERNEL-004", &gone, |_| {});
        assert_eq!(result.status, Status::Unknown);
        let broken = root(ROOT).file("/var/lib/rpm/rpmdb.sqlite", 0o644, "x");
        let result = check_guest("LNX-KERNEL-004", &system(broken, "unheard"), |_| {});
        assert_eq!(result.status, Status::Unknown);
        assert_eq!(
            status("LNX-KERNEL-004", Build::debian()),
            Status::NotApplicable
        );
    }

    #[test]
    fn the_ghost_kernel_is_held_against_the_one_beside_its_modules() {
        let owned = |build| check_guest("LNX-KERNEL-003", &system(build, "rocky"), |_| {});
        assert_ne!(owned(root(ROOT)).status, Status::Fail);
        let evil = owned(root(ROOT).file(BOOT, 0o644, "another kernel"));
        assert_eq!(evil.status, Status::Fail);
        assert!(
            evil.evidence
                .iter()
                .any(|i| i.at.path.as_deref() == Some(BOOT))
        );
    }
}
