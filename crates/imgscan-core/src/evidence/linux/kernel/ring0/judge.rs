//! The level of a signed image by its signatures.

use std::sync::Arc;

use crate::error::Result;
use crate::evidence::linux::boot::images::{SignState, Signature};
use crate::evidence::{Level, Object};
use crate::trust::Anchor;

/// Judges an image by its signature. The anchor where one vouches for it.
pub(super) fn signatures(object: &mut Object, signature: &Signature) -> Option<Arc<Anchor>> {
    object.signer.clone_from(&signature.signer);
    let (level, en, zh) = match &signature.state {
        SignState::Trusted => {
            let anchor = signature.anchor.clone()?;
            trusted(object, signature, &anchor);
            return Some(anchor);
        }
        SignState::Changed => (
            Level::K0,
            "it has a signature, and the bytes are not those that were signed",
            "存在签名，但内容与签名不符",
        ),
        SignState::Forged => (
            Level::K0,
            "its signer claims a pinned authority that did not issue it",
            "签名者声称由内置的固定证书签发，但该证书并未签发它",
        ),
        SignState::Unread(e) => {
            object.lower(
                Level::K2,
                format!("its signature could not be judged: {e}"),
                format!("无法判断其签名：{e}"),
            );
            return None;
        }
        SignState::NoPe => (
            Level::K3,
            "it is no PE image and so not signed",
            "不是 PE 映像，因此没有签名",
        ),
        SignState::Unsigned => (Level::K3, "it is not signed", "没有签名"),
        SignState::Unanchored => (
            Level::K2,
            "its signer is vouched for by no pinned certificate",
            "签名者不被任何内置的固定证书认可",
        ),
    };
    object.lower(level, en, zh);
    None
}

fn trusted(object: &mut Object, signature: &Signature, anchor: &Anchor) {
    object.anchor = Some(anchor.certificate.common_name().to_owned());
    object.note(
        "the Authenticode digest is the signed one, and the signature ends at a pinned certificate",
        "Authenticode 摘要与签名一致，签名链终止于内置的固定证书",
    );
    if let Some(day) = &signature.not_after {
        object.note(
            format!("the signer's certificate ends at {day} (not judged: boot files outlive their certificates)"),
            format!("签名证书有效期至 {day}（不作判定：引导文件的使用期长于证书有效期）"),
        );
    }
    if !anchor.confirmed {
        object.note(
            format!(
                "the pinned certificate rests on one source: {}",
                anchor.source
            ),
            format!("该固定证书仅有一个来源：{}", anchor.source),
        );
    }
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
