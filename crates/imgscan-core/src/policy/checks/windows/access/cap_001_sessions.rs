//! Part of WIN-CAP-001: what refuses the logon of a local account, what leaves no way to encrypt, and what
//! ends a session before anybody has done anything in it.

use crate::evidence::Found;
use crate::evidence::windows::{Datum, NamedValue};
use crate::policy::checks::findings::Findings;
use crate::policy::checks::windows::values::{SET, Values};
use crate::policy::checks::windows::{commands, matches};
use crate::policy::{Context, Item};
use crate::text::Text;

/// Where the limits of sessions stand: policies of the machine and of users, the listener, and what holds
/// for users whose account says nothing else.
const LIMITS: [&str; 4] = [
    r"HKLM\SOFTWARE\Policies\Microsoft\Windows NT\Terminal Services",
    r"HKU\*\Software\Policies\Microsoft\Windows NT\Terminal Services",
    r"HKLM\SYSTEM\CurrentControlSet\Control\Terminal Server\WinStations\RDP-Tcp",
    r"HKLM\SYSTEM\CurrentControlSet\Control\Terminal Server\DefaultUserConfiguration",
];
const MINUTE: u64 = 60_000;
/// Limits in milliseconds, 0 for none, with the shortest that leave time to work, and the value beside by
/// which a listener leaves its own out of account. Baselines end idle sessions after 15 minutes and
/// disconnected ones after one (CIS, "Set time limit for active but idle Remote Desktop Services
/// sessions").
const TIMES: [(&str, u64, &str); 3] = [
    ("MaxConnectionTime", 60 * MINUTE, "fInheritMaxSessionTime"),
    ("MaxIdleTime", 5 * MINUTE, "fInheritMaxIdleTime"),
    (
        "MaxDisconnectionTime",
        MINUTE,
        "fInheritMaxDisconnectionTime",
    ),
];
/// Seconds after which the desktop is locked.
const LOCKED_AFTER: u64 = 60;
const SYSTEM_POLICIES: &str = r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Policies\System";
/// The suites and curves of TLS, of a policy and of the machine, the first of which counts.
const SUITES: [&str; 2] = [
    r"HKLM\SOFTWARE\Policies\Microsoft\Cryptography\Configuration\SSL\00010002",
    r"HKLM\SYSTEM\CurrentControlSet\Control\Cryptography\Configuration\Local\SSL\00010002",
];
/// What of them every client of the remote desktop has: suites of TLS 1.2 for a certificate of RSA, as the
/// one is that Windows makes for itself (Microsoft, "TLS cipher suites in Windows Server 2022").
const NEEDED: [(&str, &[&str]); 2] = [
    (
        "Functions",
        &[
            "TLS_ECDHE_RSA_WITH_AES_*",
            "TLS_DHE_RSA_WITH_AES_*",
            "TLS_RSA_WITH_AES_*",
        ],
    ),
    (
        "EccCurves",
        &["NistP256", "NistP384", "NistP521", "curve25519"],
    ),
];
/// What nothing is encrypted without where all of a line are off (Microsoft, "TLS registry settings").
const SCHANNEL: [&[&str]; 3] = [
    &[r"Ciphers\AES 128/128", r"Ciphers\AES 256/256"],
    &[r"KeyExchangeAlgorithms\ECDH", r"KeyExchangeAlgorithms\PKCS"],
    &[r"Hashes\SHA256"],
];

pub(super) fn run(context: &Context<'_>, found: &mut Findings) {
    let values = Values::of(context);
    logons(values, found);
    encryption(values, found);
    limits(values, found);
}

/// Files a value that should be `wanted`.
fn odd(value: Found<NamedValue>, note: Text, wanted: Text, found: &mut Findings) {
    let key = value.at.key.clone().unwrap_or_default();
    let shown = Text::verbatim(value.fact.data.to_string());
    let item = Item::at(value.at, note);
    found.unknown(item.compare(wanted, shown));
    found.fix(commands::delete_value(&key, &value.fact.name));
}

/// Network level authentication of a local account is NTLM: 2 denies it to every account (Microsoft,
/// "Network security: Restrict NTLM: Incoming NTLM traffic").
fn logons(values: Values<'_>, found: &mut Findings) {
    let key = format!(r"{SET}\Control\Lsa\MSV1_0");
    let name = "RestrictReceivingNTLMTraffic";
    let fine = |value: &Found<NamedValue>| matches!(value.fact.data, Datum::Number(0 | 1));
    if let Some(set) = values.first(found, &key, name).filter(|v| !fine(v)) {
        odd(set, say!(win_cap_001_ntlm), Text::verbatim("0"), found);
    }
}

/// Whether what is left of TLS is enough for a connection.
fn encryption(values: Values<'_>, found: &mut Findings) {
    for (name, needed) in NEEDED {
        let mut keys = SUITES.iter();
        let Some(list) = keys.find_map(|key| values.first(found, key, name)) else {
            continue;
        };
        let texts = match &list.fact.data {
            Datum::List(list) => list.clone(),
            other => vec![other.to_string()],
        };
        let mut each = texts.iter().flat_map(|text| text.split(','));
        if !each.any(|one| needed.iter().any(|p| matches(p, one.trim()))) {
            let wanted = Text::verbatim(needed.join(", "));
            odd(list, say!(win_cap_001_tls), wanted, found);
        }
    }
    let key = format!(r"{SET}\Control\SecurityProviders\SCHANNEL");
    for all in SCHANNEL {
        let off = all.iter().filter_map(|name| {
            let value = values.first(found, &format!(r"{key}\{name}"), "Enabled")?;
            matches!(value.fact.data, Datum::Number(0)).then_some(value)
        });
        let off: Vec<Found<NamedValue>> = off.collect();
        if off.len() == all.len() {
            for value in off {
                odd(value, say!(win_cap_001_tls), say!(win_value_absent), found);
            }
        }
    }
}

/// Limits by which a session ends, or is locked, within minutes.
fn limits(values: Values<'_>, found: &mut Findings) {
    for key in LIMITS {
        for (name, least, inherits) in TIMES {
            for limit in values.all(found, key, name) {
                let own = limit.at.key.clone().unwrap_or_default();
                // The listener says with the value beside whether its own counts.
                let inherited = key.ends_with("RDP-Tcp")
                    && values
                        .number(found, &own, inherits)
                        .is_some_and(|set| set.fact != 0);
                let fine = match limit.fact.data {
                    Datum::Number(time) => time == 0 || time >= least,
                    _ => false,
                };
                if !fine && !inherited {
                    let wanted = Text::verbatim(format!("0, ≥ {least}"));
                    odd(limit, say!(win_cap_001_session, name = name), wanted, found);
                }
            }
        }
    }
    let name = "InactivityTimeoutSecs";
    if let Some(lock) = values.first(found, SYSTEM_POLICIES, name) {
        let fine = match lock.fact.data {
            Datum::Number(seconds) => seconds == 0 || seconds >= LOCKED_AFTER,
            _ => false,
        };
        if !fine {
            let wanted = Text::verbatim(format!("0, ≥ {LOCKED_AFTER}"));
            odd(lock, say!(win_cap_001_session, name = name), wanted, found);
        }
    }
}
