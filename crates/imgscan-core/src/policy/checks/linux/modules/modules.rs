//! Kernel modules: who signed them, whose they are, and whether they fit their kernel.

use crate::error::Result;
use crate::evidence::Gap;
use crate::evidence::linux::{KernelModule, ModuleInfo, ModuleSignature, Modules};
use crate::evidence::{Found, Location};
use crate::policy::checks::findings::Findings;
use crate::policy::checks::linux::fits;
use crate::policy::{Context, Item, Outcome, Status};
use crate::text::terminal;

fn none(modules: &Modules) -> Option<Outcome> {
    let empty = modules.items.is_empty() && modules.gaps.is_empty();
    empty.then(|| {
        Outcome::new(
            Status::NotApplicable,
            "the kernels that may boot have no modules",
            "可能启动的内核没有模块",
        )
    })
}

/// What tells a module, for people.
fn described(info: Option<&ModuleInfo>) -> String {
    let Some(info) = info else {
        return String::new();
    };
    let keys = [
        "name",
        "author",
        "license",
        "srcversion",
        "vermagic",
        "depends",
    ];
    let one = |key: &&str| Some(format!("{key} {}", terminal(info.get(key)?)));
    let all: Vec<String> = keys.iter().filter_map(one).collect();
    all.join(", ")
}

/// LNX-KERNEL-009.
pub(in crate::policy::checks) fn signed(context: &Context<'_>) -> Result<Outcome> {
    let modules = context.evidence.linux.modules();
    if let Some(outcome) = none(modules) {
        return Ok(outcome);
    }
    let mut judged = Findings::with_gaps(&modules.gaps);
    let (mut good, mut recorded) = (0, 0);
    for module in &modules.items {
        let fact = &module.fact;
        let item = |en: String, zh: String| {
            Item::new(module.at.clone(), en, zh)
                .compare("signed by a key built into its kernel", signature(fact))
        };
        match (&fact.signature, fact.recorded) {
            (ModuleSignature::Good(_), _) => good += 1,
            (ModuleSignature::Bad(name), _) => judged.fail(item(
                format!(
                    "its signature names {}, and the bytes are not those that were signed",
                    terminal(name)
                ),
                format!("签名指向 {}，但内容与签名不符", terminal(name)),
            )),
            (ModuleSignature::Unread, _) => judged.gaps.push(unread(module)),
            (ModuleSignature::Foreign(_), _) if !fact.keys_read => judged.gaps.push(unread(module)),
            (_, Some(false)) => judged.fail(item(
                "not proven by a signature, and its package recorded another digest".into(),
                "没有可验证的签名，且软件包记录的摘要不同".into(),
            )),
            // A kernel without keys takes every module; then the packages' record is all there is.
            (_, Some(true)) if !fact.has_keys => recorded += 1,
            (_, _) if fact.package.is_some() => judged.warn(item(
                "of a package, but not signed by a key of its kernel".into(),
                "属于软件包，但未由其内核的密钥签名".into(),
            )),
            _ if fact.built_from.is_some() => judged.warn(item(
                format!(
                    "no key of its kernel signed it; {}",
                    made(fact.built_from.as_deref()).0
                ),
                format!(
                    "未由其内核的密钥签名；{}",
                    made(fact.built_from.as_deref()).1
                ),
            )),
            _ => judged.fail(item(
                "neither a key of its kernel nor a package speaks for it".into(),
                "既无内核密钥的签名，也不属于任何软件包".into(),
            )),
        }
    }
    let unkeyed = modules.items.iter().any(|m| !m.fact.has_keys);
    let pass = if unkeyed {
        (
            format!(
                "{good} modules signed by their kernel's keys; {recorded} equal what packages recorded (not signed), as their kernel has no keys that were read"
            ),
            format!(
                "{good} 个模块由内核密钥签名；{recorded} 个与软件包记录（未签名）一致，其内核没有可读取的密钥"
            ),
        )
    } else {
        (
            format!("{good} modules, all signed by keys built into their kernel"),
            format!("{good} 个模块均由其内核内置密钥签名"),
        )
    };
    Ok(judged.first(
        (
            "modules that are not the vendor's: {}",
            "非厂商签名的模块：{} 个",
        ),
        (
            "modules of packages that the kernel's key did not sign: {}",
            "属于软件包但非内核密钥签名的模块：{} 个",
        ),
        pass,
    ))
}

/// Who built a module by DKMS, in both languages.
fn made(package: Option<&str>) -> (String, String) {
    let package = terminal(package.unwrap_or_default());
    (
        format!("DKMS built it from the sources of {package}"),
        format!("由 DKMS 从软件包 {package} 的源码构建"),
    )
}

fn signature(module: &KernelModule) -> String {
    match &module.signature {
        ModuleSignature::None => "not signed".into(),
        ModuleSignature::Good(name) => format!("signed by {}", terminal(name)),
        ModuleSignature::Foreign(name) => format!("signed by {}", terminal(name)),
        ModuleSignature::Bad(name) => {
            format!("a signature of {} that does not verify", terminal(name))
        }
        ModuleSignature::Unread => "unreadable".into(),
    }
}

fn unread(module: &Found<KernelModule>) -> Gap {
    let why = crate::Error::corrupt(
        crate::Layer::Kernel,
        None,
        "the module, or the keys that it is judged by, could not be read",
    );
    Gap::new(module.at.clone(), &why)
}

/// LNX-KERNEL-010.
pub(in crate::policy::checks) fn owned(context: &Context<'_>) -> Result<Outcome> {
    let modules = context.evidence.linux.modules();
    let mut judged = Findings::with_gaps(&modules.gaps);
    for stray in &modules.stray {
        let fact = &stray.fact;
        let what = described(Some(&fact.info));
        let item = |en: &str, zh: &str| {
            Item::new(
                stray.at.clone(),
                format!("{en}: {what}"),
                format!("{zh}：{what}"),
            )
        };
        match (&fact.package, fact.bpf) {
            (Some(_), _) => {}
            (None, false) if fact.built_from.is_some() => {}
            (None, true) => judged.warn(item(
                "eBPF programs that no package owns",
                "不属于任何软件包的 eBPF 程序",
            )),
            (None, false) => judged.fail(item(
                "a kernel module outside of /lib/modules that no package owns",
                "位于 /lib/modules 之外且不属于任何软件包的内核模块",
            )),
        }
    }
    if modules.has_database {
        for module in modules.items.iter().filter(|m| m.fact.initramfs.is_none()) {
            if module.fact.package.is_some() {
                continue;
            }
            let what = described(module.fact.info.as_ref());
            let built = module.fact.built_from.as_deref();
            let (en, zh) = match built {
                Some(_) => made(built),
                None => (
                    "no package owns this module".into(),
                    "该模块不属于任何软件包".into(),
                ),
            };
            let item = Item::new(
                module.at.clone(),
                format!("{en}: {what}"),
                format!("{zh}：{what}"),
            );
            let item = item.compare("owned by a package", signature(&module.fact));
            let good = matches!(module.fact.signature, ModuleSignature::Good(_));
            if good || built.is_some() {
                judged.warn(item);
            } else {
                judged.fail(item);
            }
        }
        for spare in &modules.spare {
            judged.warn(Item::new(
                spare.at.clone(),
                "no package owns this module of a kernel that does not boot",
                "该模块不属于任何软件包，但其内核不会启动",
            ));
        }
    }
    places(context, modules, &mut judged);
    let n = modules.items.len();
    let mut outcome = judged.first(
        (
            "modules that no package owns: {}",
            "不属于任何软件包的模块：{} 个",
        ),
        ("modules that are worth a look: {}", "需要关注的模块：{} 个"),
        (
            format!("{n} modules, all of packages; none elsewhere"),
            format!("{n} 个模块均属于软件包，其他位置未发现模块"),
        ),
    );
    if !modules.has_database && outcome.status != Status::Fail && n > 0 {
        outcome = Outcome {
            status: Status::Unknown,
            reason: crate::text::Text::new(
                "there is no package database that this version reads",
                "没有当前版本可读取的软件包数据库",
            ),
            ..outcome
        };
    }
    Ok(outcome)
}

/// Modules of packages in the folders for what does not come with the kernel.
fn places(context: &Context<'_>, modules: &Modules, judged: &mut Findings) {
    #[derive(serde::Deserialize)]
    struct With {
        third_party: Vec<String>,
    }
    let Ok(with) = context.check.with::<With>() else {
        return;
    };
    for module in modules.items.iter().filter(|m| m.fact.package.is_some()) {
        let path = module.at.path.as_deref().unwrap_or_default();
        let proven = matches!(module.fact.signature, ModuleSignature::Good(_));
        if !proven && with.third_party.iter().any(|p| fits(p, path)) {
            let package = terminal(module.fact.package.as_deref().unwrap_or_default());
            judged.warn(Item::new(
                module.at.clone(),
                format!("a third party's module, of {package}"),
                format!("第三方模块，属于 {package}"),
            ));
        }
    }
}

/// LNX-KERNEL-011.
pub(in crate::policy::checks) fn consistent(context: &Context<'_>) -> Result<Outcome> {
    let modules = context.evidence.linux.modules();
    if let Some(outcome) = none(modules) {
        return Ok(outcome);
    }
    let mut judged = Findings::with_gaps(&modules.gaps);
    let told = modules.items.iter().filter_map(|m| m.fact.info.as_ref());
    // Kernels before 3.x know no such flag.
    let flagged = told.clone().any(|i| i.get("intree").is_some());
    for module in &modules.items {
        let Some(info) = &module.fact.info else {
            if !matches!(module.fact.signature, ModuleSignature::Unread) {
                judged.fail(Item::new(
                    module.at.clone(),
                    "it is no kernel module, in spite of its name",
                    "文件名为内核模块，但内容不是",
                ));
            }
            continue;
        };
        fields(module, info, flagged, &mut judged);
    }
    let n = modules.items.len();
    Ok(judged.first(
        (
            "modules that do not fit their kernel: {}",
            "与内核不匹配的模块：{} 个",
        ),
        (
            "modules with odd facts about themselves: {}",
            "自述信息异常的模块：{} 个",
        ),
        (
            format!("{n} modules fit their kernel and their names"),
            format!("{n} 个模块与其内核及文件名一致"),
        ),
    ))
}

fn fields(module: &Found<KernelModule>, info: &ModuleInfo, flagged: bool, judged: &mut Findings) {
    let release = &module.fact.release;
    let at = &module.at;
    let path = at.path.as_deref().unwrap_or_default();
    let proven = matches!(module.fact.signature, ModuleSignature::Good(_));
    let mut odd = |at: &Location, key: &str, expected: &str, found: &str| {
        let item = Item::new(
            at.clone(),
            format!("{key} is not that of its kernel or file"),
            format!("{key} 与其内核或文件不符"),
        );
        let item = item.compare(
            format!("{key}={}", terminal(expected)),
            format!("{key}={}", terminal(found)),
        );
        // What the kernel's own key signed was made with it, whatever it says.
        if proven {
            judged.warn(item);
        } else {
            judged.fail(item);
        }
    };
    let magic = info.get("vermagic").unwrap_or("");
    if magic.split(' ').next() != Some(release.as_str()) {
        odd(at, "vermagic", release, magic);
    }
    let base = path.rsplit('/').next().unwrap_or_default();
    let file = base
        .split(".ko")
        .next()
        .unwrap_or_default()
        .replace('-', "_");
    if let Some(name) = info.get("name")
        && name.replace('-', "_") != file
    {
        odd(at, "name", &file, name);
    }
    let inside = path.contains(&format!("/modules/{release}/kernel/"));
    if flagged && inside && info.get("intree") != Some("Y") {
        odd(at, "intree", "Y", info.get("intree").unwrap_or("absent"));
    }
}

/// LNX-KERNEL-015.
pub(in crate::policy::checks) fn live_patches(context: &Context<'_>) -> Result<Outcome> {
    #[derive(serde::Deserialize)]
    struct With {
        folders: Vec<String>,
        services: Vec<String>,
    }
    let with: With = context.check.with()?;
    let linux = &context.evidence.linux;
    let modules = linux.modules();
    let mut judged = Findings::with_gaps(&modules.gaps);
    let known = modules.items.iter().map(|m| {
        let good = matches!(m.fact.signature, ModuleSignature::Good(_));
        (&m.at, m.fact.info.as_ref(), m.fact.package.as_ref(), good)
    });
    let stray = modules.stray.iter();
    let stray = stray.map(|s| (&s.at, Some(&s.fact.info), s.fact.package.as_ref(), false));
    for (at, info, package, good) in known.chain(stray) {
        let path = at.path.as_deref().unwrap_or_default();
        let place = |f: &String| {
            path.strip_prefix(f.as_str())
                .is_some_and(|r| r.starts_with('/'))
        };
        let kept = with.folders.iter().any(place);
        let Some(info) = info.filter(|i| kept || i.patches()) else {
            continue;
        };
        let what = described(Some(info));
        let (en, zh) = (
            format!("a live patch: {what}"),
            format!("内核热补丁：{what}"),
        );
        match package {
            Some(package) if good => judged.warn(
                Item::new(at.clone(), en, zh)
                    .compare("no live patch", format!("of {}", terminal(package))),
            ),
            Some(package) => judged.warn(Item::new(at.clone(), en, zh).compare(
                "no live patch",
                format!("of {}, not signed by its kernel's key", terminal(package)),
            )),
            None => judged.fail(
                Item::new(at.clone(), en, zh).compare("no live patch", "owned by no package"),
            ),
        }
    }
    for folder in &with.folders {
        match context.evidence.files.names(folder) {
            Ok(Some(names)) if !names.names.is_empty() => judged.warn(Item::new(
                Location::of_path(folder),
                "a folder of live patches",
                "热补丁目录",
            )),
            Ok(_) => {}
            Err(gap) => judged.gaps.push(gap),
        }
    }
    for service in &with.services {
        if let Some(at) = linux.start().enabled(service) {
            judged.warn(Item::new(
                at.clone(),
                format!("the service {service} applies live patches at boot"),
                format!("服务 {service} 会在启动时应用热补丁"),
            ));
        }
    }
    Ok(judged.first(
        (
            "live patches that no package owns: {}",
            "不属于任何软件包的内核热补丁：{} 个",
        ),
        (
            "live patches, or what applies them: {}",
            "内核热补丁或其服务：{} 个",
        ),
        ("no live patch", "未发现内核热补丁"),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::linux::testing::{Build, keyless, ko, ko_of};
    use crate::policy::checks::linux::testing::{check, status};

    const RELEASE: &str = "6.1.0-9-amd64";
    const FOLDER: &str = "/usr/lib/modules/6.1.0-9-amd64";

    fn clean() -> Build {
        let path = format!("{FOLDER}/kernel/drivers/net/tun-x.ko");
        Build::debian()
            .link("/lib", "usr/lib")
            .kernel(RELEASE, &keyless(RELEASE))
            .owned("linux-modules", &[(&path, 0o644, &ko_of(RELEASE, "tun_x"))])
    }

    fn with(path: &str, data: Vec<u8>) -> Build {
        clean().file(&format!("{FOLDER}/{path}"), 0o644, data)
    }

    #[test]
    fn modules_of_a_kernel_without_keys_are_those_of_its_packages_or_not() {
        assert_eq!(status("LNX-KERNEL-009", clean()), Status::Pass);
        let result = check(
            "LNX-KERNEL-009",
            with("updates/evil.ko", ko_of(RELEASE, "evil")),
        );
        assert_eq!(result.status, Status::Fail);
        let path = result.evidence[0].at.path.as_deref();
        assert_eq!(path, Some("/usr/lib/modules/6.1.0-9-amd64/updates/evil.ko"));
        // Another content than the package recorded.
        let changed = with("kernel/drivers/net/tun-x.ko", ko_of(RELEASE, "tun_y"));
        assert_eq!(status("LNX-KERNEL-009", changed), Status::Fail);
        // A signature that is cut.
        let mut cut = ko_of(RELEASE, "x");
        cut.extend(b"~Module signature appended~\n");
        assert_eq!(
            status("LNX-KERNEL-009", with("kernel/x.ko", cut)),
            Status::Unknown
        );
        let bare = Build::debian().kernel(RELEASE, &keyless(RELEASE));
        assert_eq!(status("LNX-KERNEL-009", bare), Status::NotApplicable);
    }

    #[test]
    fn a_module_of_no_package_is_found_wherever_it_is() {
        assert_eq!(status("LNX-KERNEL-010", clean()), Status::Pass);
        let evil = || ko_of(RELEASE, "evil");
        for path in [
            "/root/.cache/x",
            "/usr/share/doc/evil.ko",
            "/usr/lib/firmware/a.bin",
            "/opt/a.so",
        ] {
            let result = check("LNX-KERNEL-010", clean().file(path, 0o644, evil()));
            assert_eq!(result.status, Status::Fail, "{path}");
            let found = result.evidence[0].at.path.clone().unwrap_or_default();
            assert!(path.ends_with(found.trim_start_matches("/usr")), "{found}");
        }
        assert_eq!(
            status("LNX-KERNEL-010", with("extra/evil.ko", evil())),
            Status::Fail
        );
        let linked = clean()
            .file("/srv/modules/evil.ko", 0o644, evil())
            .link(&format!("{FOLDER}/updates"), "/srv/modules");
        assert_eq!(status("LNX-KERNEL-010", linked), Status::Fail);
        let packaged = clean().owned("src", &[("/opt/x.ko", 0o644, &evil())]);
        assert_eq!(status("LNX-KERNEL-010", packaged), Status::Pass);
        let object = clean().file("/opt/plain.o", 0o644, no_module());
        assert_eq!(status("LNX-KERNEL-010", object), Status::Pass);
        let spare = clean().file("/usr/lib/modules/5.0/kernel/x.ko", 0o644, evil());
        assert_eq!(status("LNX-KERNEL-010", spare), Status::Warn);
    }

    #[test]
    fn a_module_that_dkms_built_from_a_packages_sources_is_a_warning() {
        let module = || ko_of(RELEASE, "gpu");
        let kept = format!("/var/lib/dkms/gpu/1.0/{RELEASE}/x86_64/module/gpu.ko");
        let built = |conf: &str, kept_bytes: Vec<u8>| {
            with("updates/dkms/gpu.ko", module())
                .file(&kept, 0o644, kept_bytes)
                .owned("gpu-dkms", &[(conf, 0o644, b"PACKAGE_NAME=gpu\n")])
        };
        let conf = "/usr/src/gpu-1.0/dkms.conf";
        for id in ["LNX-KERNEL-009", "LNX-KERNEL-010"] {
            let result = check(id, built(conf, module()));
            assert_eq!(result.status, Status::Warn, "{id}");
            let text = &result.evidence[0].note.en;
            assert!(text.contains("sources of gpu-dkms"), "{text}");
            // Sources that no package brought, of another version, and other bytes than were built.
            let unowned = with("updates/dkms/gpu.ko", module())
                .file(&kept, 0o644, module())
                .file(conf, 0o644, b"PACKAGE_NAME=gpu\n".to_vec());
            assert_eq!(status(id, unowned), Status::Fail, "{id}");
            let other = built("/usr/src/gpu-2.0/dkms.conf", module());
            assert_eq!(status(id, other), Status::Fail, "{id}");
            let changed = built(conf, ko_of(RELEASE, "gpu2"));
            assert_eq!(status(id, changed), Status::Fail, "{id}");
        }
    }

    /// An ELF object that is no module.
    fn no_module() -> Vec<u8> {
        let text = b".gnu.linkonce";
        let mut bytes = ko(&[]);
        let at = bytes.windows(text.len()).position(|w| w == text).unwrap();
        bytes[at + 1] = b'x';
        bytes
    }

    #[test]
    fn what_a_module_says_of_itself_fits_its_kernel() {
        assert_eq!(status("LNX-KERNEL-011", clean()), Status::Pass);
        let other = with("kernel/a.ko", ko_of("6.9.9-evil", "a"));
        let result = check("LNX-KERNEL-011", other);
        assert_eq!(result.status, Status::Fail);
        let item = &result.evidence[0];
        assert_eq!(
            item.expected.as_ref().map(|t| t.en.as_str()),
            Some("vermagic=6.1.0-9-amd64")
        );
        let name = with("kernel/a.ko", ko_of(RELEASE, "b"));
        assert_eq!(status("LNX-KERNEL-011", name), Status::Fail);
        let magic = format!("{RELEASE} SMP");
        let tree = with("kernel/a.ko", ko(&[("name", "a"), ("vermagic", &magic)]));
        assert_eq!(status("LNX-KERNEL-011", tree), Status::Fail);
        let none = with("kernel/a.ko", b"no module".to_vec());
        assert_eq!(status("LNX-KERNEL-011", none), Status::Fail);
    }

    #[test]
    fn live_patches_are_told() {
        assert_eq!(status("LNX-KERNEL-015", clean()), Status::Pass);
        let magic = format!("{RELEASE} SMP");
        let patch = ko(&[("name", "klp"), ("livepatch", "Y"), ("vermagic", &magic)]);
        let unowned = clean().file("/var/lib/kpatch/klp.ko", 0o644, patch.clone());
        assert_eq!(status("LNX-KERNEL-015", unowned), Status::Fail);
        let kept = clean().file("/var/lib/kpatch/1/fix.ko", 0o644, ko_of(RELEASE, "fix"));
        let result = check("LNX-KERNEL-015", kept);
        let path = result.evidence[0].at.path.as_deref();
        assert_eq!(path, Some("/var/lib/kpatch/1/fix.ko"));
        let owned = clean().owned("kpatch", &[("/opt/klp.ko", 0o644, &patch)]);
        assert_eq!(status("LNX-KERNEL-015", owned), Status::Warn);
    }
}
