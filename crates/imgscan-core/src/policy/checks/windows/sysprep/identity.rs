//! WIN-SYSPREP-003: whether the image shares the identity of another machine.

use super::{GENERALIZED, STATE};
use crate::error::Result;
use crate::policy::checks::windows::probe::Probe;
use crate::policy::{Context, Outcome, Status};

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct With {
    /// SIDs of machines that base images have, which no finished image may share.
    base_sids: Vec<String>,
    /// Digests of the GUIDs of such machines (`MachineGuid` in lower case): hexadecimal SHA-256, as
    /// the check prints them.
    base_guids: Vec<String>,
}

/// WIN-SYSPREP-003.
pub(in crate::policy::checks::windows) fn identity(context: &Context<'_>) -> Result<Outcome> {
    let with: With = context.check.with()?;
    let mut probe = Probe::new(context);
    let read = probe.windows.accounts();
    let accounts = match read {
        Ok(accounts) => accounts,
        Err(gap) => {
            probe.gaps.push(gap);
            return Ok(probe.end(
                Status::Unknown,
                "the machine's SID can't be read",
                "无法读取机器 SID",
            ));
        }
    };
    let sid = accounts.machine_sid.clone();
    let at = accounts.at.clone();
    probe.say(
        at.clone(),
        ("the machine's SID", "机器 SID"),
        "not that of another machine",
        sid.as_deref().unwrap_or("not there"),
    );
    let guid = guid(&mut probe);
    let state = probe.text(STATE, "ImageState");
    let waits = state.as_ref().is_some_and(|s| s.fact == GENERALIZED);
    if let Some(state) = state {
        probe.say(
            state.at,
            ("the state of the image", "镜像状态"),
            GENERALIZED,
            state.fact,
        );
    }
    let updates = r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\WindowsUpdate";
    let left = probe.value(updates, "SusClientId");
    if let Some(left) = &left {
        probe.say(
            left.at.clone(),
            (
                "the identifier of this machine at an update server was kept",
                "保留了更新服务器客户端标识",
            ),
            "not there",
            "there",
        );
    }
    let known = sid.as_ref().is_some_and(|sid| with.base_sids.contains(sid));
    let same = guid.is_some_and(|g| with.base_guids.iter().any(|b| b.eq_ignore_ascii_case(&g)));
    let (status, en, zh) = match (waits, known, sid) {
        (false, true, _) => (
            Status::Fail,
            "the machine has the SID of its base image",
            "机器 SID 与基础镜像相同",
        ),
        (false, ..) if same => (
            Status::Fail,
            "the machine has the GUID of its base image",
            "机器 GUID 与基础镜像相同",
        ),
        (_, _, None) => (
            Status::Unknown,
            "the machine's SID can't be read",
            "无法读取机器 SID",
        ),
        (true, ..) if left.is_some() => (
            Status::Warn,
            "a new SID is made at the next start, but an identifier of this machine was kept",
            "下次启动时会生成新的 SID，但保留了本机的一个标识",
        ),
        (true, ..) => (
            Status::Pass,
            "a new SID is made when the image is started",
            "镜像启动时会生成新的 SID",
        ),
        (false, false, _) if !with.base_sids.is_empty() => (
            Status::Pass,
            "the machine's SID and GUID are those of no base image the policy knows",
            "机器 SID 与 GUID 均不同于策略所列的基础镜像",
        ),
        (false, false, _) => (
            Status::NotApplicable,
            "the policy lists no SIDs of base images to compare with",
            "策略未列出可供比较的基础镜像 SID",
        ),
    };
    Ok(probe.end(status, en, zh))
}

/// The digest of the machine's GUID, where it has one.
fn guid(probe: &mut Probe<'_>) -> Option<String> {
    use sha2::Digest as _;
    let key = r"HKLM\SOFTWARE\Microsoft\Cryptography";
    let found = probe.text(key, "MachineGuid")?;
    let digest = crate::bytes::hex(&sha2::Sha256::digest(found.fact.to_lowercase().as_bytes()));
    probe.say(
        found.at,
        ("digest of the machine's GUID", "机器 GUID 的摘要"),
        "not that of another machine",
        format!("sha256 {digest}"),
    );
    Some(digest)
}
