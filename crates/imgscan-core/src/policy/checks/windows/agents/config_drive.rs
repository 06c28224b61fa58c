//! What cloudbase-init reads its instance from: a disc of the provider's. Windows has to find it and to
//! give it a letter, and the disks that a customer adds have to come up.

use super::service::named;
use crate::evidence::Location;
use crate::fs::Content;
use crate::policy::checks::findings::Findings;
use crate::policy::checks::windows::commands;
use crate::policy::checks::windows::values::{SET, Values};
use crate::policy::{Context, Item};
use crate::text::Text;

/// The label of the disc (OpenStack).
const LABEL: &str = "config-2";
/// Drivers of discs and of their letters.
const DRIVERS: [&str; 2] = ["cdrom", "mountmgr"];
/// What loads the driver of the disc's file system (`cdfs`, which is off by itself on every Windows and is
/// loaded all the same).
const RECOGNISER: &str = "fs_rec";
/// A driver that every installed system has: where it is, the others belong there.
const ALWAYS: &str = "partmgr";
/// A service is off from this start type on.
const DISABLED: u32 = 4;
/// `SanPolicy` (Microsoft, VDS_SAN_POLICY): all disks, and those of buses inside, stay offline.
const OFFLINE: [u64; 2] = [3, 4];
/// Policies over devices that can be taken out: the class of discs, and all.
const REMOVABLE: &str = r"HKLM\SOFTWARE\Policies\Microsoft\Windows\RemovableStorageDevices";
const DISCS: &str = "{53f56308-b6bf-11d0-94f2-00a0c91efb8b}";

fn odd(at: Location, note: Text, wanted: &str, shown: impl Into<String>, found: &mut Findings) {
    let fix = match (&at.key, &at.value) {
        (Some(key), Some(value)) => match wanted {
            "" => commands::delete_value(key, value),
            wanted => commands::set_value(key, value, "REG_DWORD", wanted),
        },
        _ => say!(win_first_look, place = at.to_string()),
    };
    let wanted = match wanted {
        "" => say!(win_value_absent),
        wanted => Text::verbatim(wanted),
    };
    found.unknown(Item::at(at, note).compare(wanted, Text::verbatim(shown.into())));
    found.fix(fix);
}

/// A volume of the image that has the disc's label: passwords and scripts would come from it.
fn taken_for_it(context: &Context<'_>, found: &mut Findings) {
    for volume in context.evidence.guest.paths.volumes() {
        let Content::FileSystem(fs) = &volume.content else {
            continue;
        };
        let label = fs.info().label.unwrap_or_default();
        if !label.trim().eq_ignore_ascii_case(LABEL) {
            continue;
        }
        let at = Location {
            volume: Some(volume.volume.name.clone()),
            ..Location::default()
        };
        let item = Item::at(at, say!(win_cbi_001_other_disc));
        found.unknown(item.compare(say!(win_none), Text::verbatim(label)));
        found.fix(say!(win_cbi_001_fix_other_disc, label = LABEL));
    }
}

/// Files what keeps the disc from being read, and what would be taken for it.
pub(super) fn look(context: &Context<'_>, found: &mut Findings) {
    taken_for_it(context, found);
    let values = Values::of(context);
    if let Ok(services) = context.evidence.windows.services() {
        for name in DRIVERS.into_iter().chain([RECOGNISER]) {
            let note = || say!(win_cbi_001_no_disc, name = name);
            let Some(driver) = named(services, name) else {
                if named(services, ALWAYS).is_some() && name != RECOGNISER {
                    let item = Item::at(services.at.clone(), note());
                    found.unknown(item.compare(Text::verbatim(name), say!(win_key_absent)));
                }
                continue;
            };
            let off = driver.start.as_ref().filter(|s| s.fact >= DISABLED);
            if let Some(start) = off {
                odd(start.at.clone(), note(), "1", start.fact.to_string(), found);
            }
            if let Some(flag) = &driver.delete_flag {
                odd(flag.at.clone(), note(), "", flag.fact.to_string(), found);
            }
        }
    }
    let key = format!(r"{SET}\Services\mountmgr");
    let letters = values.number(found, &key, "NoAutoMount");
    if let Some(letters) = letters.filter(|v| v.fact != 0) {
        let note = say!(win_cbi_001_no_letters);
        odd(letters.at, note, "0", letters.fact.to_string(), found);
    }
    let key = format!(r"{SET}\Services\partmgr\Parameters");
    let policy = values.number(found, &key, "SanPolicy");
    if let Some(policy) = policy.filter(|v| OFFLINE.contains(&v.fact)) {
        let note = say!(win_cbi_001_offline);
        odd(policy.at, note, "1", policy.fact.to_string(), found);
    }
    for (key, name) in [
        (REMOVABLE.to_owned(), "Deny_All"),
        (format!(r"{REMOVABLE}\{DISCS}"), "Deny_Read"),
    ] {
        let denied = values.number(found, &key, name);
        if let Some(denied) = denied.filter(|v| v.fact != 0) {
            let note = say!(win_cbi_001_no_disc, name = name);
            odd(denied.at, note, "", denied.fact.to_string(), found);
        }
    }
}
