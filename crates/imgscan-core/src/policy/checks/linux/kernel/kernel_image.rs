//! Kernel images: whether they are sound, agree with themselves, and say that a vendor built them.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::bytes::hex;
use crate::error::{Kind, Result};
use crate::evidence::Gap;
use crate::evidence::linux::{ConfigFile, Inside, MapCheck, Owner, Piece, SignState, settings};
use crate::policy::checks::findings::Findings;
use crate::policy::checks::linux::fits;
use crate::policy::checks::linux::kernel::kernel_signature::{Seen, none, start};
use crate::policy::{Context, Item, Outcome, Status};
use crate::text::terminal;

pub(in crate::policy::checks) fn item(
    one: &Seen<'_>,
    en: impl Into<String>,
    zh: impl Into<String>,
) -> Item {
    Item::new(one.kernel.at.clone(), en, zh)
}

/// LNX-KERNEL-006.
pub(in crate::policy::checks) fn structure(context: &Context<'_>) -> Result<Outcome> {
    let Some((seen, mut found)) = start(context) else {
        return Ok(none(context));
    };
    for one in &seen {
        let inside = &one.image.inside;
        match &inside.problem {
            Some(e) if e.kind == Kind::Corrupt => found.fail_if(
                one.counts,
                item(one, format!("not sound: {e}"), format!("结构不完整：{e}")),
            ),
            Some(e) => found.gaps.push(Gap::new(one.kernel.at.clone(), e)),
            None => versions(one, &mut found),
        }
    }
    Ok(found.outcome(
        (
            "a kernel image is damaged, or its versions contradict each other",
            "内核映像损坏，或其版本信息相互矛盾",
        ),
        (
            "the versions of a kernel image can't all be compared",
            "内核映像的版本信息无法全部比对",
        ),
        (
            "the kernel images are sound and their versions agree",
            "内核映像结构完整，版本信息一致",
        ),
    ))
}

/// The release that a kernel's file name or folder of modules tells.
fn named(path: &str) -> Option<&str> {
    if let Some(rest) = path.split("lib/modules/").nth(1) {
        return rest.split('/').next();
    }
    let name = path.rsplit('/').next()?;
    let begins = ["vmlinuz-", "vmlinux-", "Image-", "kernel-", "bzImage-"];
    let release = begins.iter().find_map(|b| name.strip_prefix(b))?;
    let release = release.trim_end_matches(".efi").trim_end_matches(".old");
    release
        .starts_with(|c: char| c.is_ascii_digit())
        .then_some(release)
        .filter(|r| !r.starts_with("0-rescue-"))
}

fn versions(one: &Seen<'_>, found: &mut Findings) {
    let inside = &one.image.inside;
    let Some(banner) = &inside.banner else {
        return found.warn(item(one, "it has no version banner", "没有版本信息"));
    };
    let release = banner.release.as_str();
    let mut differ = Vec::new();
    let mut compare = |what: (&str, &str), other: &str| {
        if other != release {
            let (release, other) = (terminal(release), terminal(other));
            let en = format!("the kernel inside says {release}, {} {other}", what.0);
            let zh = format!("内部内核为 {release}，{}为 {other}", what.1);
            differ.push(item(one, en, zh).compare(other, release));
        }
    };
    let setup = inside.setup.as_ref().and_then(|s| s.version.as_deref());
    if let Some(first) = setup.and_then(|s| s.split_whitespace().next()) {
        compare(("its set-up header", "启动头"), first);
    }
    if let Some(name) = named(&one.kernel.fact.path) {
        compare(("its name", "文件名"), name);
    }
    if let Owner::Package(record) = &one.kernel.fact.owner {
        let name = record.package.name.as_str();
        let rest = name.strip_prefix("linux-image-");
        let rest = rest.map(|r| {
            r.trim_start_matches("unsigned-")
                .trim_end_matches("-unsigned")
        });
        if let Some(rest) = rest.filter(|r| r.starts_with(|c: char| c.is_ascii_digit())) {
            compare(("its package", "软件包"), rest);
        }
    }
    if differ.is_empty() {
        let text = terminal(&banner.text);
        found.good(item(one, text.clone(), text));
    }
    for item in differ {
        found.fail_if(one.counts, item);
    }
    if let Some((package, told)) = other_version(one, &banner.build) {
        let it = item(
            one,
            format!("its package is version {package}, the kernel says {told}"),
            format!("软件包版本为 {package}，内核自称 {told}"),
        );
        found.fail_if(one.counts, it.compare(package, told));
    }
    // The same text stands in the set-up header (arch/x86/boot/version.c).
    let builder = banner.builder.as_deref().unwrap_or("");
    let whole = format!("{release} ({builder}) {}", banner.build);
    if setup.is_some_and(|s| s.trim_end() != whole.trim_end()) {
        let setup = terminal(setup.unwrap_or_default());
        let it = item(
            one,
            "the set-up header and the kernel inside tell of different builds",
            "启动头与内部内核的编译信息不同",
        );
        found.warn(it.compare(setup, terminal(&whole)));
    }
    if one.image.modules == Some(false) && one.counts {
        let en = "there is no folder of modules for it";
        found.warn(item(one, en, "没有对应的模块目录"));
    }
}

/// The version of a Debian kernel's package and the one that its banner tells, where they differ.
fn other_version(one: &Seen<'_>, build: &str) -> Option<(String, String)> {
    let Owner::Package(record) = &one.kernel.fact.owner else {
        return None;
    };
    let mut words = build.split_whitespace().skip_while(|w| *w != "Debian");
    let told = words.nth(1)?;
    let package = record.package.version.as_str();
    // A package that was only signed anew has `+b1` and the like behind the version.
    let same = package.strip_prefix(told)?.is_empty() || package[told.len()..].starts_with('+');
    (!same).then(|| (terminal(package), terminal(told)))
}

/// Major and minor number of a release.
fn series(release: &str) -> Option<(u32, u32)> {
    let mut parts = release.split(|c: char| !c.is_ascii_digit());
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

/// LNX-KERNEL-007.
pub(in crate::policy::checks) fn checksum(context: &Context<'_>) -> Result<Outcome> {
    let Some((seen, mut found)) = start(context) else {
        return Ok(none(context));
    };
    for one in &seen {
        let inside = &one.image.inside;
        // Linux 6.15 dropped the checksum.
        let release = one.kernel.fact.release.as_deref();
        let has_one = release.and_then(series).is_none_or(|s| s < (6, 15));
        if inside.piece != Piece::BzImage || !has_one {
            continue;
        }
        let Some(crc) = inside.crc else {
            if let Some(e) = &inside.problem {
                found.gaps.push(Gap::new(one.kernel.at.clone(), e));
            }
            continue;
        };
        let item = |en: &str, zh: &str| {
            item(one, en, zh).compare(
                format!("crc32:{:08x}", crc.stored),
                format!("crc32:{:08x}", crc.computed),
            )
        };
        if crc.stored == crc.computed {
            found.good(item(
                "the build's checksum is right (which anyone can recompute)",
                "编译时的校验和一致（任何人都可重新计算，仅作佐证）",
            ));
        } else if one.image.signature.state == SignState::Trusted {
            found.warn(item(
                "the build's checksum differs, but the vendor signed these bytes",
                "编译时的校验和不一致，但厂商签名的正是这些内容",
            ));
        } else {
            found.fail(item(
                "the build's checksum differs: bytes were changed after the build",
                "编译时的校验和不一致：内容在编译后被修改",
            ));
        }
    }
    if found.is_empty() && found.gaps.is_empty() {
        return Ok(Outcome::new(
            Status::NotApplicable,
            "no kernel is of a sort that carries a checksum",
            "没有带校验和的内核",
        ));
    }
    Ok(found.outcome(
        (
            "the checksum of a kernel is wrong",
            "存在校验和不一致的内核",
        ),
        (
            "the checksum of a signed kernel is wrong",
            "已签名内核的校验和不一致",
        ),
        ("the checksums of the kernels are right", "内核校验和一致"),
    ))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Builders {
    vendors: BTreeMap<String, Vec<String>>,
    /// Builders that no distribution has.
    own: Vec<String>,
    /// Releases that tell of a changed source.
    changed: Vec<String>,
}

/// LNX-KERNEL-008.
pub(in crate::policy::checks) fn builder(context: &Context<'_>) -> Result<Outcome> {
    let with: Builders = context.check.with()?;
    let Some((seen, mut found)) = start(context) else {
        return Ok(none(context));
    };
    let os = context.evidence.guest.os.id.as_deref();
    for one in &seen {
        built_by(one, os, &with, &mut found);
    }
    Ok(found.outcome(
        (
            "the kernel that boots was built by hand and belongs to no package",
            "启动的内核为自行编译，且不属于任何软件包",
        ),
        (
            "the banner of a kernel is not that of the distribution's builders",
            "内核编译信息并非来自发行版的编译环境",
        ),
        (
            "the banners tell of the distribution's builders (text that anyone can write)",
            "编译信息来自发行版的编译环境（文本可伪造，仅作佐证）",
        ),
    ))
}

fn built_by(one: &Seen<'_>, os: Option<&str>, with: &Builders, found: &mut Findings) {
    let inside = &one.image.inside;
    let plain = one.kernel.fact.banner.as_deref();
    let Some(text) = inside.banner.as_ref().map(|b| b.text.as_str()).or(plain) else {
        return match &inside.problem {
            Some(e) => found.gaps.push(Gap::new(one.kernel.at.clone(), e)),
            None => found.warn(item(one, "it has no version banner", "没有版本信息")),
        };
    };
    let builder = match inside.banner.as_ref() {
        Some(banner) => banner.builder.clone(),
        None => text
            .split_once('(')
            .and_then(|(_, rest)| Some(rest.split_once(')')?.0.to_owned())),
    };
    let builder = builder.unwrap_or_default();
    let release = one.kernel.fact.release.as_deref().unwrap_or("");
    let shown = terminal(text);
    let note = |en: &str, zh: &str| {
        item(one, format!("{en}: {shown}"), format!("{zh}：{shown}"))
            .compare("the distribution's builder", terminal(&builder))
    };
    let fits_any = |patterns: &[String], text: &str| patterns.iter().any(|p| fits(p, text));
    let known = os.and_then(|os| with.vendors.get(os));
    if fits_any(&with.changed, release) {
        return found.warn(note(
            "its release tells of a changed source",
            "版本后缀表明源码被修改",
        ));
    }
    match known {
        Some(patterns) if fits_any(patterns, &builder) => {
            found.good(note("built by the distribution", "由发行版编译"));
        }
        _ if fits_any(&with.own, &builder) => {
            let unowned = one.kernel.fact.owner == Owner::Nobody;
            let note = note("built by hand", "自行编译");
            found.fail_if(one.counts && unowned, note);
        }
        Some(_) => found.warn(note(
            "not a builder of the distribution",
            "不是发行版的编译环境",
        )),
        None => found.warn(note(
            "the policy does not know this distribution's builders",
            "策略中没有该发行版的编译环境",
        )),
    }
}

/// LNX-KERNEL-016.
pub(in crate::policy::checks) fn companions(context: &Context<'_>) -> Result<Outcome> {
    let Some((seen, mut found)) = start(context) else {
        return Ok(none(context));
    };
    for one in &seen {
        map(one, &mut found);
        if let Some(config) = &one.image.config {
            configuration(one, config, &mut found);
        }
    }
    if found.is_empty() && found.gaps.is_empty() {
        return Ok(Outcome::new(
            Status::NotApplicable,
            "there is neither a System.map nor a configuration to compare with",
            "没有可供比对的 System.map 与 config",
        ));
    }
    Ok(found.outcome(
        (
            "System.map is not the one of the kernel",
            "System.map 与内核不一致",
        ),
        (
            "a configuration differs from the kernel that it stands for",
            "内核配置文件与内核不一致",
        ),
        (
            "System.map and configuration agree with the kernels, as far as they can be compared",
            "在可比对的范围内，System.map、config 与内核一致",
        ),
    ))
}

fn map(one: &Seen<'_>, found: &mut Findings) {
    match &one.image.inside.map {
        MapCheck::Absent => {}
        MapCheck::Stub(at) => found.good(Item::new(
            at.clone(),
            "a map without addresses: nothing to compare",
            "不含地址的占位文件，无可比对",
        )),
        MapCheck::Agrees(at) => found.good(Item::new(
            at.clone(),
            "linux_banner stands where the map says",
            "linux_banner 的地址一致",
        )),
        MapCheck::Disagrees(at, address) => found.fail(
            Item::new(
                at.clone(),
                format!(
                    "the kernel {} has no banner at the map's address of linux_banner",
                    terminal(&one.kernel.fact.path)
                ),
                format!(
                    "内核 {} 在 linux_banner 的地址处没有版本信息",
                    terminal(&one.kernel.fact.path)
                ),
            )
            .compare(format!("{address:#x}"), "something else"),
        ),
        MapCheck::Unread(at, why) => found.warn(Item::new(
            at.clone(),
            format!("it can't be compared: {}", terminal(why)),
            format!("无法比对：{}", terminal(why)),
        )),
    }
}

fn configuration(one: &Seen<'_>, config: &ConfigFile, found: &mut Findings) {
    let inside = &one.image.inside;
    let mut differ: Vec<(String, String, String)> = Vec::new();
    let outside = settings(&config.text);
    if let Some(own) = &inside.config {
        let own = settings(own);
        let names: std::collections::BTreeSet<_> = own.keys().chain(outside.keys()).collect();
        let get = |of: &BTreeMap<&str, &str>, name| (*of.get(name).unwrap_or(&"-")).to_owned();
        let pairs = names
            .into_iter()
            .map(|n| (get(&outside, *n), get(&own, *n), n));
        let pairs = pairs.filter(|(a, b, _)| a != b).take(8);
        differ.extend(pairs.map(|(a, b, n)| ((*n).to_owned(), a, b)));
    }
    told_by_image(inside, &outside, &mut differ);
    if let Owner::Package(record) = &config.owner
        && let Some(digest) = &record.digest
    {
        let own = hex(&digest.kind.of(config.text.as_bytes()));
        if own != digest.hex {
            let kind = digest.kind.name();
            let what = "the package's record".to_owned();
            differ.push((
                what,
                format!("{kind}:{}", digest.hex),
                format!("{kind}:{own}"),
            ));
        }
    }
    if differ.is_empty() {
        let id = inside.build_id.as_deref().unwrap_or("-");
        found.good(Item::new(
            config.at.clone(),
            format!("it fits the kernel (build id {id})"),
            format!("与内核一致（build-id {id}）"),
        ));
    }
    for (name, expected, actual) in differ {
        let name = terminal(&name);
        let note = Item::new(
            config.at.clone(),
            format!("{name} differs from the kernel"),
            format!("{name} 与内核不一致"),
        );
        found.warn(note.compare(terminal(&expected), terminal(&actual)));
    }
}

/// What the image itself shows of settings: its packing, compiler, type information.
fn told_by_image(
    inside: &Inside,
    config: &BTreeMap<&str, &str>,
    differ: &mut Vec<(String, String, String)>,
) {
    let packings = ["GZIP", "BZIP2", "LZMA", "XZ", "LZO", "LZ4", "ZSTD"];
    let set = |name: &str| config.get(name) == Some(&"y");
    let wanted = packings.iter().find(|p| set(&format!("CONFIG_KERNEL_{p}")));
    if let (Some(wanted), Some(packing)) = (wanted, inside.packing) {
        let is = format!("{packing:?}").to_uppercase();
        if is != **wanted {
            differ.push(("CONFIG_KERNEL_*".into(), (*wanted).to_owned(), is));
        }
    }
    let compiler = inside.banner.as_ref().and_then(|b| b.compiler.as_deref());
    let told = config
        .get("CONFIG_CC_VERSION_TEXT")
        .map(|t| t.trim_matches('"'));
    if let (Some(is), Some(told)) = (compiler, told)
        && !is.starts_with(told)
    {
        differ.push(("CONFIG_CC_VERSION_TEXT".into(), told.into(), is.into()));
    }
    if set("CONFIG_DEBUG_INFO_BTF") && inside.btf == Some(false) {
        differ.push(("CONFIG_DEBUG_INFO_BTF".into(), "y".into(), "no .BTF".into()));
    }
    let keys = inside.certificates.as_ref();
    if set("CONFIG_MODULE_SIG") && keys.is_some_and(Vec::is_empty) {
        differ.push((
            "CONFIG_MODULE_SIG".into(),
            "y".into(),
            "no built-in key".into(),
        ));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::linux::testing::{Build, seal, sound_bzimage};
    use crate::policy::checks::linux::testing::{check, status};

    const RELEASE: &str = "6.1.0-9-amd64";
    const BUILDER: &str = "debian-kernel@lists.debian.org";

    fn with(image: &[u8]) -> Build {
        Build::debian()
            .kernel(RELEASE, image)
            .dir("/lib/modules/6.1.0-9-amd64")
            .file(
                "/boot/grub/grub.cfg",
                0o600,
                "set default=0\nmenuentry a {\nlinux /boot/vmlinuz-6.1.0-9-amd64 root=x\n}\n",
            )
    }

    fn clean() -> Build {
        with(&sound_bzimage(RELEASE, BUILDER))
    }

    #[test]
    fn a_sound_kernel_passes_and_each_contradiction_fails() {
        let got = check("LNX-KERNEL-006", clean());
        assert_eq!(got.status, Status::Pass, "{got:?}");
        // The kernel inside is another than the header says.
        let mut image = sound_bzimage("6.1.0-8-amd64", BUILDER);
        let at = image
            .windows(13)
            .position(|w| w == b"6.1.0-8-amd64")
            .unwrap();
        image[at + 6] = b'9';
        let got = check("LNX-KERNEL-006", with(&image));
        assert_eq!(got.status, Status::Fail, "{got:?}");
        // A payload that does not unpack, with its offset.
        let mut image = sound_bzimage(RELEASE, BUILDER);
        image[0x404] ^= 0xFF;
        let got = check("LNX-KERNEL-006", with(&image));
        assert_eq!(got.status, Status::Fail, "{got:?}");
        assert_eq!(status("LNX-KERNEL-006", Build::debian()), Status::Unknown);
    }

    #[test]
    fn a_checksum_that_differs_fails_and_newer_kernels_have_none() {
        assert_eq!(status("LNX-KERNEL-007", clean()), Status::Pass);
        let mut image = sound_bzimage(RELEASE, BUILDER);
        image[0x40] ^= 1;
        let got = check("LNX-KERNEL-007", with(&image));
        assert_eq!(got.status, Status::Fail);
        assert!(
            got.evidence[0]
                .expected
                .as_ref()
                .unwrap()
                .en
                .starts_with("crc32:")
        );
        seal(&mut image);
        assert_eq!(status("LNX-KERNEL-007", with(&image)), Status::Pass);
        let new = Build::debian().kernel("6.16.3", &sound_bzimage("6.16.3", BUILDER));
        assert_eq!(status("LNX-KERNEL-007", new), Status::NotApplicable);
    }

    #[test]
    fn a_kernel_built_by_hand_fails_where_no_package_owns_it() {
        assert_eq!(status("LNX-KERNEL-008", clean()), Status::Pass);
        let own = sound_bzimage(RELEASE, "root@localhost");
        assert_eq!(status("LNX-KERNEL-008", with(&own)), Status::Warn);
        let unowned = clean()
            .file("/boot/vmlinuz-6.1.0-9-amd64", 0o644, own)
            .file(
                "/var/lib/dpkg/info/linux-image-6.1.0-9-amd64.list",
                0o644,
                "/.\n",
            );
        assert_eq!(status("LNX-KERNEL-008", unowned), Status::Fail);
        let dirty = sound_bzimage("6.1.0-dirty", BUILDER);
        let dirty = Build::debian().kernel("6.1.0-dirty", &dirty);
        assert_eq!(status("LNX-KERNEL-008", dirty), Status::Warn);
    }

    #[test]
    fn a_map_or_configuration_of_another_kernel_is_told() {
        assert_eq!(status("LNX-KERNEL-016", clean()), Status::NotApplicable);
        let map = |address: &str| {
            let line = format!("{address} R linux_banner\nffffffff81000000 T _text\n");
            clean().file("/boot/System.map-6.1.0-9-amd64", 0o644, line)
        };
        // Where `sound_bzimage` puts it.
        assert_eq!(
            status("LNX-KERNEL-016", map("ffffffff82000000")),
            Status::Pass
        );
        let got = check("LNX-KERNEL-016", map("ffffffff82000008"));
        assert_eq!(got.status, Status::Fail);
        let path = got.evidence[0].at.path.as_deref();
        assert_eq!(path, Some("/boot/System.map-6.1.0-9-amd64"));
        let config = |text: &str| {
            let path = "/boot/config-6.1.0-9-amd64";
            status("LNX-KERNEL-016", clean().file(path, 0o644, text))
        };
        assert_eq!(config("CONFIG_KERNEL_ZSTD=y\n"), Status::Pass);
        assert_eq!(config("CONFIG_KERNEL_XZ=y\n"), Status::Warn);
        assert_eq!(config("CONFIG_MODULE_SIG=y\n"), Status::Warn);
    }

    #[test]
    fn releases_are_read_from_names() {
        assert_eq!(named("/boot/vmlinuz-6.1.0-9-amd64"), Some("6.1.0-9-amd64"));
        assert_eq!(named("/usr/lib/modules/5.14/vmlinuz"), Some("5.14"));
        assert_eq!(named("/boot/vmlinuz-0-rescue-1234"), None);
        assert_eq!(named("/boot/bzImage"), None);
        assert_eq!(series("6.15.0-rc1"), Some((6, 15)));
        assert_eq!(series("x"), None);
    }
}
