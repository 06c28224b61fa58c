//! The level of a PE image by its Authenticode signatures.

use super::{Level, Object};
use crate::error::Result;
use crate::source::ReadAt;
use crate::trust::pe::Pe;
use crate::trust::{Anchor, Bundle, PeSignature, Role, Verification, authenticode};

/// Words by which the names of the certificates of an operating system's vendor are told (`ID` of
/// os-release, words of the subject).
const VENDORS: &[(&str, &[&str])] = &[
    ("debian", &["Debian"]),
    ("ubuntu", &["Canonical"]),
    ("rhel", &["Red Hat"]),
    ("centos", &["CentOS", "Red Hat"]),
    ("almalinux", &["AlmaLinux"]),
    ("rocky", &["Rocky"]),
    ("fedora", &["Fedora", "fedoraca", "Red Hat"]),
    ("ol", &["Oracle"]),
    ("sles", &["SUSE"]),
    ("opensuse-leap", &["openSUSE", "SUSE"]),
    ("opensuse-tumbleweed", &["openSUSE", "SUSE"]),
    ("tencentos", &["TencentOS"]),
    ("uos", &["Uniontech", "UnionTech", "uos"]),
    ("deepin", &["deepin", "Deepin"]),
];

/// Whether the vendor of the system `os` is the one of `anchor`; `None` where that is not known.
pub(super) fn same_vendor(os: Option<&str>, anchor: &Anchor) -> Option<bool> {
    // Whom the user trusts is as good as the vendor.
    if anchor.role == Role::User {
        return Some(true);
    }
    let (_, words) = VENDORS.iter().find(|(id, _)| Some(*id) == os)?;
    let subject = &anchor.certificate.subject;
    Some(words.iter().any(|w| subject.contains(w)))
}

/// Judges the PE image `file` by its signatures. The anchor where one vouches for it.
pub(super) fn signatures(
    object: &mut Object,
    file: &dyn ReadAt,
    trust: &Bundle,
    roles: &[Role],
) -> Option<std::sync::Arc<Anchor>> {
    let found = Pe::parse(file).and_then(|pe| authenticode(&pe, file, trust, roles));
    let found = match found {
        Ok(found) => found,
        Err(e) => {
            object.lower(
                Level::K2,
                format!("its signature could not be judged: {e}"),
                format!("无法判断其签名：{e}"),
            );
            return None;
        }
    };
    let trusted = |s: &&PeSignature| s.verification == Verification::Trusted;
    if let Some(good) = found.signatures.iter().find(trusted) {
        object.signer = name(good);
        let anchor = good.chain.anchor.clone()?;
        object.anchor = Some(anchor.certificate.common_name().to_owned());
        object.note(
            "the Authenticode digest is the signed one, and the signature ends at a pinned certificate",
            "Authenticode 摘要与签名一致，签名链终止于内置的固定证书",
        );
        if !anchor.confirmed {
            object.note(
                format!(
                    "the pinned certificate rests on one source: {}",
                    anchor.source
                ),
                format!("该固定证书仅有一个来源：{}", anchor.source),
            );
        }
        return Some(anchor);
    }
    if let Some(first) = found.signatures.first() {
        object.signer = name(first);
    }
    let bad = |s: &PeSignature| matches!(s.verification, Verification::Bad(_));
    if found.signatures.iter().any(bad) {
        object.lower(
            Level::K0,
            "it has a signature, and the bytes are not those that were signed",
            "存在签名，但内容与签名不符",
        );
    } else if let Some(problem) = found.problems.first() {
        object.lower(
            Level::K2,
            format!("a signature could not be read: {problem}"),
            format!("签名无法读取：{problem}"),
        );
    } else if found.signatures.is_empty() {
        object.lower(Level::K3, "it is not signed", "没有签名");
    } else {
        object.lower(
            Level::K2,
            "its signer is vouched for by no pinned certificate",
            "签名者不被任何内置的固定证书认可",
        );
    }
    None
}

fn name(signature: &PeSignature) -> Option<String> {
    let signer = signature.signer.as_ref()?;
    Some(signer.common_name().to_owned())
}

/// Notes a failure to read the object itself.
pub(super) fn unread<T>(object: &mut Object, result: Result<T>) -> Option<T> {
    match result {
        Ok(value) => Some(value),
        Err(e) => {
            object.lower(
                Level::K2,
                format!("it could not be read: {e}"),
                format!("无法读取：{e}"),
            );
            None
        }
    }
}
