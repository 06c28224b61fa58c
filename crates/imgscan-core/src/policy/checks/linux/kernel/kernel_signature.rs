//! Whose kernels these are: their signatures, and the vendor that their releases name.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::error::Result;
use crate::evidence::linux::{
    Kernel, KernelImage, LoaderImage, Owner, Recorded, SignState, Signature, compare_versions,
};
use crate::evidence::{Found, Gap, Location};
use crate::policy::checks::findings::Findings;
use crate::policy::checks::linux::fits;
use crate::policy::{Context, Item, Outcome, Status};
use crate::text::terminal;

/// A kernel, its parts, and whether it may be the one that boots.
pub(in crate::policy::checks) struct Seen<'a> {
    pub(in crate::policy::checks) kernel: &'a Found<Kernel>,
    pub(in crate::policy::checks) image: &'a KernelImage,
    /// It boots by default, or which one does can't be told.
    pub(in crate::policy::checks) counts: bool,
}

/// The kernels of the guest, and findings that begin with their gaps; `None` where there is no
/// kernel.
pub(in crate::policy::checks) fn start<'a>(
    context: &Context<'a>,
) -> Option<(Vec<Seen<'a>>, Findings)> {
    let linux = &context.evidence.linux;
    let images = linux.images();
    let certain = images.kernels.iter().any(|k| k.fact.default == Some(true));
    let pairs = linux.kernels().items.iter().filter_map(|kernel| {
        let image = &images.kernel(&kernel.fact.path)?.fact;
        Some(Seen {
            kernel,
            image,
            counts: !certain || image.default != Some(false),
        })
    });
    let seen: Vec<_> = pairs.collect();
    let found = Findings::with_gaps(&linux.kernels().gaps);
    (!seen.is_empty()).then_some((seen, found))
}

/// What there is to say where no kernel was found.
pub(in crate::policy::checks) fn none(context: &Context<'_>) -> Outcome {
    let outcome = Outcome::new(Status::Unknown, "no kernel was found", "未找到任何内核文件");
    outcome.gaps(context.evidence.linux.kernels().gaps.iter().cloned())
}

/// Kernel packages whose image their vendor always signs.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Signed {
    os: String,
    package: String,
    maintainer: String,
    unless: String,
    architectures: Vec<String>,
    from: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct With {
    signed: Vec<Signed>,
}

fn record(kernel: &Kernel) -> Option<&Recorded> {
    match &kernel.owner {
        Owner::Package(record) => Some(record),
        _ => None,
    }
}

/// Whether the package that owns `kernel` has a signed image wherever its vendor built it.
fn always_signed(rules: &[Signed], os: Option<&str>, kernel: &Kernel) -> bool {
    let Some(record) = record(kernel) else {
        return false;
    };
    let package = &record.package;
    let maintainer = package.maintainer.as_deref().unwrap_or("");
    rules.iter().any(|rule| {
        os == Some(rule.os.as_str())
            && fits(&rule.package, &package.name)
            && fits(&rule.maintainer, maintainer)
            && !fits(&rule.unless, &package.name)
            && rule.architectures.contains(&package.architecture)
            && compare_versions(&package.version, &rule.from).is_ge()
    })
}

/// LNX-KERNEL-005.
pub(in crate::policy::checks) fn signature(context: &Context<'_>) -> Result<Outcome> {
    let with: With = context.check.with()?;
    let Some((seen, mut found)) = start(context) else {
        return Ok(none(context));
    };
    let linux = &context.evidence.linux;
    let os = context.evidence.guest.os.id.as_deref();
    for one in &seen {
        let always = always_signed(&with.signed, os, &one.kernel.fact);
        judge(one, always, &mut found);
        for shim in &linux.images().loaders {
            if let Some(item) = refused(one, shim) {
                found.warn(item);
            }
        }
    }
    Ok(found.outcome(
        (
            "a kernel is not what its distribution signed",
            "存在并非由发行版签名、或签名后被修改的内核",
        ),
        (
            "a kernel is not proven by a signature of its distribution: level K3 at most",
            "存在未经发行版签名证明的内核：级别最高为 K3",
        ),
        (
            "every kernel carries a valid signature of the distribution's pinned authority",
            "所有内核均带有发行版固定证书的有效签名",
        ),
    ))
}

/// The signer, its certificate's fingerprint and last day, and the anchor, for people.
pub(in crate::policy::checks) fn chain(signature: &Signature) -> (String, String) {
    let name = |s: &Option<String>| terminal(s.as_deref().unwrap_or("?"));
    let (signer, sum) = (name(&signature.signer), name(&signature.signer_sha256));
    let day = name(&signature.not_after);
    let (en, zh) = match &signature.anchor {
        Some(anchor) => {
            let anchor_name = terminal(anchor.certificate.common_name());
            let (en, zh) = if anchor.confirmed {
                (String::new(), String::new())
            } else {
                (
                    format!("; the anchor rests on one source only: {}", anchor.source),
                    format!("；该信任锚仅有一个来源：{}", anchor.source),
                )
            };
            (
                format!("pinned anchor {anchor_name}{en}"),
                format!("固定信任锚 {anchor_name}{zh}"),
            )
        }
        None => ("no pinned anchor".into(), "没有固定信任锚".into()),
    };
    (
        format!("signer {signer} (certificate sha256:{sum}, until {day}); {en}"),
        format!("签名者 {signer}（证书 sha256:{sum}，有效期至 {day}）；{zh}"),
    )
}

/// An item about the signature of `at`, with both digests where there are any.
pub(in crate::policy::checks) fn signed_item(
    at: Location,
    signature: &Signature,
    en: &str,
    zh: &str,
) -> Item {
    let item = if signature.signer.is_some() {
        let (chain_en, chain_zh) = chain(signature);
        Item::new(at, format!("{en}: {chain_en}"), format!("{zh}：{chain_zh}"))
    } else {
        Item::new(at, en, zh)
    };
    match (&signature.signed, &signature.computed) {
        (Some(signed), Some(computed)) => item.compare(signed, computed),
        _ => item,
    }
}

/// Adds what the state of `signature` says of `at`, whatever signed there should be. What is
/// trusted, and what can't be read, is the caller's.
pub(in crate::policy::checks) fn by_state(
    at: &Location,
    signature: &Signature,
    found: &mut Findings,
) {
    let (status, en, zh) = match &signature.state {
        SignState::Trusted | SignState::Unread(_) => return,
        SignState::Changed => (
            Status::Fail,
            "the bytes are not those that were signed",
            "内容与签名不符，签名后被修改",
        ),
        SignState::Forged => (
            Status::Fail,
            "the signer claims a pinned authority that did not issue it",
            "签名者声称由固定证书签发，但该证书并未签发它",
        ),
        SignState::Unanchored => (
            Status::Warn,
            "signed by a key that no pinned certificate vouches for",
            "签名者不被任何固定证书认可",
        ),
        SignState::Unsigned | SignState::NoPe => (Status::Warn, "it is not signed", "没有签名"),
    };
    found.add(status, signed_item(at.clone(), signature, en, zh));
}

fn judge(one: &Seen<'_>, always: bool, found: &mut Findings) {
    let signature = &one.image.signature;
    let item = |en: &str, zh: &str| signed_item(one.kernel.at.clone(), signature, en, zh);
    match &signature.state {
        SignState::Trusted => match signature.vendor {
            Some(true) => found.good(item("signed by its distribution", "由发行版签名")),
            Some(false) => found.fail_if(
                one.counts,
                item(
                    "signed by the vendor of another system",
                    "由其他系统的厂商签名",
                ),
            ),
            None => found.warn(item(
                "signed by a known vendor; whether it is this system's is not known",
                "由已知厂商签名，但无法确定其是否为本系统的厂商",
            )),
        },
        SignState::Unanchored if always => found.fail_if(
            one.counts,
            item(
                "its package is one that the vendor signs, and another key signed it",
                "其软件包应由厂商签名，实际由其他密钥签名",
            ),
        ),
        SignState::Unsigned | SignState::NoPe if always => found.fail_if(
            one.counts,
            item(
                "its package is one that the vendor signs, and it is not signed",
                "其软件包应由厂商签名，实际没有签名",
            ),
        ),
        SignState::Unread(e) => found.gaps.push(Gap::new(one.kernel.at.clone(), e)),
        _ => by_state(&one.kernel.at, signature, found),
    }
}

/// Says so where the shim `shim` refuses the kernel.
fn refused(one: &Seen<'_>, shim: &Found<LoaderImage>) -> Option<Item> {
    let vendor = shim.fact.vendor.as_ref()?;
    let signature = &one.image.signature;
    let digest = signature.computed.as_deref()?.strip_prefix("sha256:")?;
    let by_digest = vendor.revoked_digests.iter().any(|d| d == digest);
    let signer = signature.signer_sha256.as_deref();
    let by_signer = vendor
        .revoked
        .iter()
        .any(|c| Some(c.sha256().as_str()) == signer);
    (by_digest || by_signer).then(|| {
        Item::new(
            one.kernel.at.clone(),
            format!("{} refuses it as revoked", terminal(&shim.fact.path)),
            format!("{} 将其视为已吊销而拒绝", terminal(&shim.fact.path)),
        )
    })
}

/// What the releases of a system's own kernels look like.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Own {
    releases: Vec<String>,
    /// No other release is the vendor's.
    #[serde(default)]
    complete: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Vendors {
    systems: BTreeMap<String, Own>,
    /// Kernels that no distribution ships, by name.
    foreign: BTreeMap<String, Vec<String>>,
}

/// LNX-KERNEL-019.
pub(in crate::policy::checks) fn vendor(context: &Context<'_>) -> Result<Outcome> {
    let with: Vendors = context.check.with()?;
    let Some((seen, mut found)) = start(context) else {
        return Ok(none(context));
    };
    let os = context.evidence.guest.os.id.as_deref();
    for one in &seen {
        vendor_of(one, os, &with, &mut found);
    }
    Ok(found.outcome(
        (
            "the kernel that boots is not the one of the claimed distribution",
            "启动的内核与所声称的发行版不一致",
        ),
        (
            "a kernel can't be assigned to the claimed distribution",
            "存在无法归属于所声称发行版的内核",
        ),
        (
            "the kernels are those of the claimed distribution",
            "内核与所声称的发行版一致",
        ),
    ))
}

fn vendor_of(one: &Seen<'_>, os: Option<&str>, with: &Vendors, found: &mut Findings) {
    let release = terminal(one.kernel.fact.release.as_deref().unwrap_or("?"));
    let system = terminal(os.unwrap_or("?"));
    let item = |en: &str, zh: &str| {
        Item::new(
            one.kernel.at.clone(),
            format!("release {release}: {en}"),
            format!("版本 {release}：{zh}"),
        )
        .compare(format!("a kernel of {system}"), release.clone())
    };
    let has = |patterns: &[String]| patterns.iter().any(|p| fits(p, &release));
    let signature = &one.image.signature;
    if signature.state == SignState::Trusted && signature.vendor == Some(false) {
        let name = terminal(signature.anchor_name().unwrap_or("?"));
        let item = item(
            &format!("signed by another vendor ({name})"),
            &format!("由其他厂商签名（{name}）"),
        );
        return found.fail_if(one.counts, item);
    }
    if let Some((name, _)) = with.foreign.iter().find(|(_, patterns)| has(patterns)) {
        let item = item(
            &format!("a kernel of {name}, which no distribution ships"),
            &format!("属于 {name}，并非任何发行版提供"),
        );
        return found.fail_if(one.counts, item);
    }
    let own = os.and_then(|os| with.systems.get(os));
    if own.is_some_and(|own| has(&own.releases)) {
        let en = "the form of this distribution's releases";
        return found.good(item(en, "符合该发行版的版本形式"));
    }
    let others = with
        .systems
        .iter()
        .filter(|(id, _)| Some(id.as_str()) != os);
    let others: Vec<&str> = others
        .filter(|(_, o)| has(&o.releases))
        .map(|(id, _)| id.as_str())
        .collect();
    match own {
        None => found.warn(item(
            "the policy does not know this distribution",
            "策略中没有该发行版",
        )),
        Some(own) if own.complete || !others.is_empty() => {
            let names = if others.is_empty() {
                ("of no release of it".into(), "不是它的任何版本".into())
            } else {
                (
                    format!("the form of {}", others.join(", ")),
                    format!("符合 {} 的版本形式", others.join("、")),
                )
            };
            found.fail_if(one.counts, item(&names.0, &names.1));
        }
        Some(_) => found.warn(item(
            "not a form that the policy knows of this distribution",
            "不是策略所知的该发行版的版本形式",
        )),
    }
}

#[cfg(test)]
mod tests {
    use crate::evidence::linux::testing::{Build, sound_bzimage};
    use crate::policy::Status;
    use crate::policy::checks::linux::testing::{check, status};

    const MENU: &str =
        "set default=0\nmenuentry a {\nlinux /boot/vmlinuz-6.1.0-9-amd64 root=x\n}\n";

    fn debian(maintainer: &str) -> Build {
        let image = sound_bzimage("6.1.0-9-amd64", "debian-kernel@lists.debian.org");
        let status = format!(
            "Package: linux-image-6.1.0-9-amd64\nStatus: install ok installed\nMaintainer: {maintainer}\nArchitecture: amd64\nVersion: 6.1.27-1\n"
        );
        Build::debian()
            .kernel("6.1.0-9-amd64", &image)
            .file("/var/lib/dpkg/status", 0o644, status)
            .file("/boot/grub/grub.cfg", 0o600, MENU)
    }

    #[test]
    fn an_unsigned_kernel_warns_and_one_of_a_package_that_is_always_signed_fails() {
        assert_eq!(status("LNX-KERNEL-005", debian("me <me@x>")), Status::Warn);
        let theirs = "Debian Kernel Team <debian-kernel@lists.debian.org>";
        let result = check("LNX-KERNEL-005", debian(theirs));
        assert_eq!(result.status, Status::Fail, "{result:?}");
        let path = result.evidence[0].at.path.as_deref();
        assert_eq!(path, Some("/boot/vmlinuz-6.1.0-9-amd64"));
        assert_eq!(status("LNX-KERNEL-005", Build::debian()), Status::Unknown);
    }

    #[test]
    fn a_release_of_another_distribution_fails_where_it_boots() {
        assert_eq!(status("LNX-KERNEL-019", debian("x")), Status::Pass);
        let other = |release: &str| {
            let image = sound_bzimage(release, "root@box");
            let menu = MENU.replace("6.1.0-9-amd64", release);
            let build =
                Build::debian()
                    .kernel(release, &image)
                    .file("/boot/grub/grub.cfg", 0o600, menu);
            status("LNX-KERNEL-019", build)
        };
        assert_eq!(other("5.14.0-427.el9.x86_64"), Status::Fail);
        assert_eq!(other("6.9.1-1.el9.elrepo.x86_64"), Status::Fail);
        assert_eq!(other("6.6.6"), Status::Fail);
        let image = sound_bzimage("6.6.6", "root@box");
        let spare = debian("x").file("/boot/vmlinuz-6.6.6", 0o644, image);
        assert_eq!(status("LNX-KERNEL-019", spare), Status::Warn);
    }
}
