//! WIN-SYSPREP-003: whether the image shares the identity of another machine.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{GENERALIZED, STATE};
use crate::policy::checks::findings::Findings;
use crate::policy::checks::registry::{BadParameter, Parameters};
use crate::policy::checks::valid;
use crate::policy::checks::windows::commands;
use crate::policy::checks::windows::values::Values;
use crate::policy::{Context, Item, Outcome, Status};
use crate::text::Text;

/// Machines that images were made from.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::policy::checks) struct BaseMachines {
    /// SIDs of machines that base images have, which no finished image may share.
    base_sids: Vec<String>,
    /// Digests of the GUIDs of such machines (`MachineGuid` in lower case): hexadecimal SHA-256, as
    /// the check prints them.
    base_guids: Vec<String>,
}

impl Parameters for BaseMachines {
    fn validate(&self) -> Result<(), BadParameter> {
        valid::entries("base_sids", &self.base_sids)?;
        valid::entries("base_guids", &self.base_guids)?;
        for (i, sid) in self.base_sids.iter().enumerate() {
            if !sid.starts_with("S-1-5-21-") {
                let problem = say!(policy_bad_sid, sid = sid.as_str());
                return Err(BadParameter::new(format!("base_sids[{i}]"), problem));
            }
        }
        for (i, digest) in self.base_guids.iter().enumerate() {
            if digest.len() != 64 || !digest.bytes().all(|b| b.is_ascii_hexdigit()) {
                let problem = say!(policy_bad_sha256, digest = digest.as_str());
                return Err(BadParameter::new(format!("base_guids[{i}]"), problem));
            }
        }
        Ok(())
    }
}

pub(in crate::policy::checks) fn run(context: &Context<'_>, with: &BaseMachines) -> Outcome {
    let mut found = Findings::new();
    let values = Values::of(context);
    let accounts = match context.evidence.windows.accounts() {
        Ok(accounts) => accounts,
        Err(gap) => {
            found.gap(gap);
            return found.unreadable();
        }
    };
    let state = values.text(&mut found, STATE, "ImageState");
    let waits = state.as_ref().is_some_and(|s| s.fact == GENERALIZED);
    let sid = accounts.machine_sid.clone();
    let known = sid.as_ref().is_some_and(|sid| with.base_sids.contains(sid));
    let shared = |same: bool| match same && !waits {
        true => Status::Fail,
        false => Status::Pass,
    };
    let shown = sid
        .as_ref()
        .map_or_else(|| say!(win_value_absent), Text::verbatim);
    let item = Item::at(accounts.at.clone(), say!(win_sysprep_003_sid));
    found.add(
        shared(known),
        item.compare(say!(win_sysprep_003_own), shown),
    );
    let mut same = false;
    if let Some((at, digest)) = guid(values, &mut found) {
        same = with
            .base_guids
            .iter()
            .any(|b| b.eq_ignore_ascii_case(&digest));
        let item = Item::at(at, say!(win_sysprep_003_guid));
        let shown = Text::verbatim(format!("sha256 {digest}"));
        found.add(shared(same), item.compare(say!(win_sysprep_003_own), shown));
    }
    if let Some(state) = state {
        let item = Item::at(state.at, say!(win_sysprep_003_state));
        let shown = Text::verbatim(state.fact);
        found.pass(item.compare(Text::verbatim(GENERALIZED), shown));
    }
    let updates = r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\WindowsUpdate";
    let left = values.first(&mut found, updates, "SusClientId");
    let kept = left.is_some();
    if let Some(left) = left {
        let item = Item::at(left.at, say!(win_sysprep_003_update_client));
        let item = item.compare(say!(win_value_absent), say!(win_sysprep_003_present));
        if waits && sid.is_some() {
            found.warn(item);
            found.fix(commands::delete_value(updates, "SusClientId"));
        } else {
            found.pass(item);
        }
    }
    let (status, reason) = match (waits, sid) {
        (false, _) if known => (Status::Fail, say!(win_sysprep_003_same_sid)),
        (false, _) if same => (Status::Fail, say!(win_sysprep_003_same_guid)),
        (_, None) => (Status::Unknown, say!(win_sysprep_003_no_sid)),
        (true, _) if kept => (Status::Warn, say!(win_sysprep_003_warn)),
        (true, _) => (Status::Pass, say!(win_sysprep_003_pass)),
        (false, _) if !with.base_sids.is_empty() => {
            (Status::Pass, say!(win_sysprep_003_pass_compared))
        }
        (false, _) => (Status::NotApplicable, say!(win_sysprep_003_no_list)),
    };
    found.concluded(status, |_, _| reason.clone())
}

/// The digest of the machine's GUID, where it has one.
fn guid(values: Values<'_>, found: &mut Findings) -> Option<(crate::evidence::Location, String)> {
    use sha2::Digest as _;
    let key = r"HKLM\SOFTWARE\Microsoft\Cryptography";
    let guid = values.text(found, key, "MachineGuid")?;
    let digest = sha2::Sha256::digest(guid.fact.to_lowercase().as_bytes());
    Some((guid.at, crate::bytes::hex(&digest)))
}
