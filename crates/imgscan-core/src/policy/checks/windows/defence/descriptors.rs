//! Part of WIN-DEF-002: descriptors that stand in values of the registry, by which services of
//! Windows tell who may do what. Each may give strangers what Windows itself gives them, and no more.

use super::openings::delete;
use super::trusted::Trusted;
use crate::descriptor::{ANONYMOUS, Descriptor, EVERYONE, Generic};
use crate::evidence::windows::{Datum, NamedValue};
use crate::evidence::{Found, Location};
use crate::policy::checks::findings::Findings;
use crate::policy::checks::windows::values::{SET, Values};
use crate::policy::{Context, Item};
use crate::text::Text;

/// Rights to every object by which it becomes another: deleting it, its list, its owner; writing and
/// everything.
const TAKES: u32 = 0x1_0000 | 0x4_0000 | 0x8_0000 | 0x4000_0000 | EVERYTHING;
const EVERYTHING: u32 = 0x1000_0000;
/// Rights to a service: its configuration (winsvc.h).
const CHANGES_SERVICE: u32 = TAKES | 0x2;
/// Rights to the service manager: making services, locking them, and the configuration that is kept
/// for the next start (winsvc.h).
const CHANGES_MANAGER: u32 = TAKES | 0x2 | 0x8 | 0x20;
/// Rights to start and activate classes from afar; the first alone stands for all (objbase.h).
const STARTS_REMOTELY: u32 = 0x4 | 0x10;
const STARTS: u32 = 1;
/// Rights to use classes from afar.
const USES_REMOTELY: u32 = 0x4;
/// Rights to a listener of the remote desktop: setting, ending and sending, shadowing, logging on,
/// connecting (winsta.h).
const LOGS_ON: u32 = 0x20;
const STATION: u32 = TAKES | 0x2 | 0x4 | 0x8 | 0x10 | LOGS_ON | 0x40 | 0x100;
/// Rights to an event log: clearing it; reading it (Microsoft, "Event logging security").
const CLEARS: u32 = TAKES | 0x4;
const READS: u32 = 0x1;
/// Whoever is logged on at the machine, in a batch or as a service.
const INTERACTIVE: &str = "S-1-5-4";
const BATCH: &str = "S-1-5-3";
/// Whoever comes by the network.
const NETWORK: &str = "S-1-5-2";
/// Who is logged on.
const AUTHENTICATED: &str = "S-1-5-11";
/// Distributed COM Users, Performance Log Users, Remote Desktop Users, Remote Management Users, Event
/// Log Readers, and the group of WinRM before Windows 8.
const COM_USERS: &str = "S-1-5-32-562";
const LOG_USERS: &str = "S-1-5-32-559";
const DESKTOP_USERS: &str = "S-1-5-32-555";
const MANAGEMENT_USERS: &str = "S-1-5-32-580";
const EVENT_READERS: &str = "S-1-5-32-573";
/// Classes that Windows lets others start: the dialogue of its activation, twice, and WMI.
const STARTED_BY_OTHERS: [&str; 3] = [
    "{0868DC9B-D9A2-4f64-9362-133CEA201299}",
    "{CCFDD24D-CEAB-458B-A4F1-F884973395DF}",
    "{8BC3F05E-D86B-11D0-A075-00C04FB68820}",
];
/// What Windows gives strangers by the lists of the file server (srvsvc), besides reading general
/// information: who is logged on at the machine may see and use administrative shares, and everybody
/// who is logged on may be told of changes of shares.
const SHARES: [(&str, &[(&str, u32)]); 13] = [
    ("SrvsvcConfigInfo", &[(EVERYONE, 1), (ANONYMOUS, 1)]),
    ("SrvsvcTransportEnum", &[(AUTHENTICATED, 1)]),
    ("SrvsvcConnection", &[]),
    ("SrvsvcServerDiskEnum", &[]),
    ("SrvsvcFile", &[]),
    (
        "SrvsvcSessionInfo",
        &[(AUTHENTICATED, 1), (INTERACTIVE, 1), (BATCH, 1)],
    ),
    (
        "SrvsvcShareFileInfo",
        &[(EVERYONE, 1), (ANONYMOUS, 1), (INTERACTIVE, 2), (BATCH, 2)],
    ),
    (
        "SrvsvcSharePrintInfo",
        &[(EVERYONE, 1), (ANONYMOUS, 1), (INTERACTIVE, 2), (BATCH, 2)],
    ),
    ("SrvsvcShareAdminInfo", &[(EVERYONE, 1), (ANONYMOUS, 1)]),
    ("SrvsvcShareChange", &[(AUTHENTICATED, 0xF_0013)]),
    ("SrvsvcShareConnect", &[(EVERYONE, 1), (ANONYMOUS, 1)]),
    (
        "SrvsvcShareAdminConnect",
        &[(INTERACTIVE, 0xF_0003), (BATCH, 0xF_0003)],
    ),
    ("SrvsvcStatisticsInfo", &[("S-1-2-0", 1)]),
];
/// What a share of the file server may give when its list is made anew.
const ALL: u32 = u32::MAX;

struct Look<'l, 'c> {
    context: &'l Context<'c>,
    trusted: Trusted,
}

/// Which rights count, and what Windows itself gives whom of them.
struct Limits<'d> {
    counts: u32,
    usual: &'d [(&'d str, u32)],
}

pub(super) fn run(context: &Context<'_>, found: &mut Findings) {
    let look = Look {
        context,
        trusted: Trusted::of(context),
    };
    look.services(found);
    look.classes(found);
    look.desktop(found);
    look.shares(found);
    look.logs(found);
    look.management(found);
    look.accounts(found);
}

impl Look<'_, '_> {
    /// Files the descriptors in values `name` of the keys `pattern` that give strangers more than
    /// `limits` leave them.
    fn look(&self, pattern: &str, name: &str, limits: &Limits<'_>, found: &mut Findings) {
        let windows = &self.context.evidence.windows;
        for it in found.keep(windows.descriptors(pattern, name)) {
            self.judge(&it, limits, found);
        }
    }

    fn judge(&self, it: &Found<Descriptor>, limits: &Limits<'_>, found: &mut Findings) {
        if let Some((sid, rights)) = self.opens(&it.fact, limits) {
            tell(&it.at, &sid, rights, found);
        }
    }

    fn opens(&self, descriptor: &Descriptor, limits: &Limits<'_>) -> Option<(String, u32)> {
        let left = |sid: &str| {
            let usual = limits.usual.iter().filter(|(of, _)| *of == sid);
            usual.fold(limits.counts, |left, (_, rights)| left & !rights)
        };
        let grants = descriptor.grants(&Generic::NONE).into_iter();
        let mut strangers = grants.filter(|(sid, _)| !self.trusted.holds(sid));
        let found = strangers.find(|(sid, rights)| rights & left(sid) != 0);
        found.map(|(sid, rights)| (sid.to_owned(), rights))
    }

    fn services(&self, found: &mut Findings) {
        let limits = Limits {
            counts: CHANGES_SERVICE,
            usual: &[],
        };
        let pattern = format!(r"{SET}\Services\*\Security");
        self.look(&pattern, "Security", &limits, found);
        let limits = Limits {
            counts: CHANGES_MANAGER,
            usual: &[],
        };
        let pattern = format!(r"{SET}\Control\ServiceGroupOrder\Security");
        self.look(&pattern, "Security", &limits, found);
    }

    /// The lists of COM. From afar a token holds `NETWORK` besides.
    fn classes(&self, found: &mut Findings) {
        const OLE: &str = r"HKLM\SOFTWARE\Microsoft\Ole";
        let windows = &self.context.evidence.windows;
        let usual = |sid: &str| {
            let local = [INTERACTIVE, BATCH, COM_USERS, LOG_USERS];
            self.trusted.holds(sid) || local.contains(&sid)
        };
        let from_afar = |descriptor: &Descriptor, remote: u32, own: &[&str]| {
            let named: Vec<&str> = descriptor
                .grants(&Generic::NONE)
                .iter()
                .map(|g| g.0)
                .collect();
            let mut strangers = named.into_iter().filter(|s| !usual(s) && !own.contains(s));
            strangers.find_map(|sid| {
                let holds = |s: &str| s == sid || s == NETWORK || s == EVERYONE && sid != ANONYMOUS;
                let rights = descriptor.granted(&Generic::NONE, false, holds);
                let all = rights & EVERYTHING != 0;
                let opens = rights & STARTS != 0 && (rights & remote != 0 || rights == STARTS);
                (all || opens).then(|| (sid.to_owned(), rights))
            })
        };
        for (name, remote, own) in [
            ("MachineLaunchRestriction", STARTS_REMOTELY, &[][..]),
            ("DefaultLaunchPermission", STARTS_REMOTELY, &[][..]),
            ("MachineAccessRestriction", USES_REMOTELY, &[EVERYONE][..]),
            ("DefaultAccessPermission", USES_REMOTELY, &[][..]),
        ] {
            for it in found.keep(windows.descriptors(OLE, name)) {
                if let Some((sid, rights)) = from_afar(&it.fact, remote, own) {
                    tell(&it.at, &sid, rights, found);
                }
            }
        }
        let applications = r"HKLM\SOFTWARE\Classes\AppID\*";
        for it in found.keep(windows.descriptors(applications, "LaunchPermission")) {
            let key = it.at.key.as_deref().unwrap_or_default();
            let id = key.rsplit('\\').next().unwrap_or_default();
            if STARTED_BY_OTHERS
                .iter()
                .any(|own| own.eq_ignore_ascii_case(id))
            {
                continue;
            }
            if let Some((sid, rights)) = from_afar(&it.fact, STARTS_REMOTELY, &[]) {
                tell(&it.at, &sid, rights, found);
            }
        }
        // Whoever uses a class from afar need not say who he is.
        for it in found.keep(windows.descriptors(applications, "AccessPermission")) {
            let gives = it.fact.grants(&Generic::NONE).into_iter();
            let mut anonymous = gives.filter(|(sid, _)| *sid == ANONYMOUS);
            if let Some((sid, rights)) = anonymous.find(|(_, r)| r & USES_REMOTELY != 0) {
                tell(&it.at, sid, rights, found);
            }
        }
    }

    /// Who logs on by the remote desktop.
    fn desktop(&self, found: &mut Findings) {
        let base = format!(r"{SET}\Control\Terminal Server\WinStations");
        let limits = Limits {
            counts: STATION,
            usual: &[(DESKTOP_USERS, 0x121), (INTERACTIVE, 1)],
        };
        for (pattern, name) in [
            (format!(r"{base}\*"), "Security"),
            (base.clone(), "DefaultSecurity"),
            (base, "ConsoleSecurity"),
        ] {
            let windows = &self.context.evidence.windows;
            for it in found.keep(windows.descriptors(&pattern, name)) {
                self.judge(&it, &limits, found);
                let administrator = ["S-1-5-32-544", EVERYONE, AUTHENTICATED, INTERACTIVE];
                let holds = |sid: &str| administrator.contains(&sid);
                let may = it.fact.granted(&Generic::NONE, true, holds);
                if may & (LOGS_ON | EVERYTHING) == 0 {
                    let item = Item::at(it.at.clone(), say!(win_def_002_desktop_denied));
                    let shown = format!("S-1-5-32-544: {may:#x}");
                    found.unknown(item.compare(say!(win_value_absent), Text::verbatim(shown)));
                    found.fix(delete(&it.at));
                }
            }
        }
    }

    fn shares(&self, found: &mut Findings) {
        let key = format!(r"{SET}\Services\LanmanServer\DefaultSecurity");
        let named = Values::of(self.context).all(found, &key, "*");
        for value in named {
            let NamedValue { name, data } = &value.fact;
            let Datum::Text(_) = data else {
                continue;
            };
            let known = SHARES.iter().find(|(of, _)| of.eq_ignore_ascii_case(name));
            let limits = Limits {
                counts: ALL,
                usual: known.map_or(&[], |(_, usual)| usual),
            };
            match known {
                Some(_) => self.look(&key, name, &limits, found),
                // Lists that this does not know may give reading.
                None => {
                    let limits = Limits {
                        counts: !(READS | 0x2_0000),
                        ..limits
                    };
                    self.look(&key, name, &limits, found);
                }
            }
        }
    }

    /// Who clears a log, and who reads that of the logons.
    fn logs(&self, found: &mut Findings) {
        let clears = Limits {
            counts: CLEARS,
            usual: &[],
        };
        let reads = Limits {
            counts: CLEARS | READS,
            usual: &[(EVENT_READERS, READS)],
        };
        let base = format!(r"{SET}\Services\EventLog");
        let channels = r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\WINEVT\Channels";
        for log in ["Application", "System"] {
            self.look(&format!(r"{base}\{log}"), "CustomSD", &clears, found);
            self.look(
                &format!(r"{channels}\{log}"),
                "ChannelAccess",
                &clears,
                found,
            );
        }
        self.look(&format!(r"{base}\Security"), "CustomSD", &reads, found);
        self.look(
            &format!(r"{channels}\Security"),
            "ChannelAccess",
            &reads,
            found,
        );
        for policy in ["Application", "System", "Setup"] {
            let key = format!(r"HKLM\SOFTWARE\Policies\Microsoft\Windows\EventLog\{policy}");
            self.look(&key, "ChannelAccess", &clears, found);
        }
        let key = r"HKLM\SOFTWARE\Policies\Microsoft\Windows\EventLog\Security";
        self.look(key, "ChannelAccess", &reads, found);
    }

    /// WinRM: its own list, and those in the configurations of its plug-ins.
    fn management(&self, found: &mut Findings) {
        const GENERIC: u32 = 0xF000_0000;
        const KEY: &str = r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\WSMAN";
        let service = Limits {
            counts: GENERIC | TAKES,
            usual: &[
                (MANAGEMENT_USERS, GENERIC),
                (INTERACTIVE, 0x8000_0000),
                (EVENT_READERS, 0x8000_0000),
            ],
        };
        self.look(&format!(r"{KEY}\Service"), "rootSDDL", &service, found);
        // Who sits at the machine may use PowerShell's.
        let plug_in = Limits {
            counts: GENERIC | TAKES,
            usual: &[
                (MANAGEMENT_USERS, GENERIC),
                (INTERACTIVE, GENERIC),
                (EVENT_READERS, 0x8000_0000),
            ],
        };
        let all = Values::of(self.context).all(found, &format!(r"{KEY}\Plugin\*"), "ConfigXML");
        for value in all {
            let text = value.fact.data.to_string();
            for part in sddl_of(&text) {
                match Descriptor::parse_text(part) {
                    Ok(fact) => {
                        let at = value.at.clone();
                        self.judge(&Found { fact, at }, &plug_in, found);
                    }
                    Err(why) => {
                        let item = Item::at(value.at.clone(), why);
                        let shown = part.chars().take(200).collect::<String>();
                        found.unknown(item.compare(say!(win_none), Text::verbatim(shown)));
                    }
                }
            }
        }
    }

    /// Who may ask the accounts of the machine from afar.
    fn accounts(&self, found: &mut Findings) {
        let limits = Limits {
            counts: ALL,
            usual: &[],
        };
        let key = format!(r"{SET}\Control\Lsa");
        self.look(&key, "RestrictRemoteSam", &limits, found);
    }
}

/// The descriptors in the configuration of a plug-in: its attributes `Sddl`.
fn sddl_of(text: &str) -> Vec<&str> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some(at) = find_name(rest) {
        rest = rest.get(at..).unwrap_or_default();
        let Some(value) = rest.trim_start().strip_prefix('=') else {
            continue;
        };
        let value = value.trim_start();
        let Some(quote) = value.chars().next().filter(|c| matches!(c, '"' | '\'')) else {
            continue;
        };
        let inside = value.get(1..).unwrap_or_default();
        let end = inside.find(quote).unwrap_or(inside.len());
        out.extend(inside.get(..end));
        rest = inside.get(end..).unwrap_or_default();
    }
    out
}

/// The end of the next word `Sddl`, in any case.
fn find_name(text: &str) -> Option<usize> {
    let at = text.to_ascii_lowercase().find("sddl")?;
    at.checked_add(4)
}

fn tell(at: &Location, sid: &str, rights: u32, found: &mut Findings) {
    let item = Item::at(at.clone(), say!(win_def_002_anybody));
    let shown = format!("{sid}: {rights:#x}");
    found.unknown(item.compare(say!(win_none), Text::verbatim(shown)));
    found.fix(delete(at));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn descriptors_of_plug_ins_stand_in_attributes() {
        let text = r#"<Security Uri="x" ExactMatch="true" Sddl="O:NSG:BAD:P(A;;GA;;;BA)" /><S sddl = 'D:'/>"#;
        assert_eq!(sddl_of(text), ["O:NSG:BAD:P(A;;GA;;;BA)", "D:"]);
        assert!(sddl_of("sddl").is_empty());
    }
}
