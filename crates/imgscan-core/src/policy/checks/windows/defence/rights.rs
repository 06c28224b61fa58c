//! Part of WIN-DEF-002: who may change what runs as SYSTEM. Files, folders and keys that somebody
//! besides SYSTEM, administrators and services may change are a way for each user to become SYSTEM.
//!
//! Known and told as advice only: folders that installers make at the root of the drive or in
//! ProgramData take over what Windows gives every user there.

use std::collections::BTreeSet;

use super::trusted::Trusted;
use crate::descriptor::{Descriptor, EVERYONE, Effect, Generic};
use crate::evidence::windows::{Account, Guarded, Occasion, Runs, Windows};
use crate::evidence::{Found, Location};
use crate::policy::checks::findings::Findings;
use crate::policy::checks::windows::agents;
use crate::policy::{Context, Item, Status};
use crate::text::Text;

/// Rights by which a file or a key becomes another: deleting it, its list, its owner (winnt.h).
const TAKES: u32 = 0x1_0000 | 0x4_0000 | 0x8_0000;
/// Rights to files: writing, appending; to folders: making files, making folders, and deleting what
/// is in them.
const WRITES_FILE: u32 = TAKES | 2 | 4;
const WRITES_FOLDER: u32 = TAKES | 2 | 4 | 0x40;
/// Reading a file.
const READS: u32 = 1;
/// Rights to keys: setting values, making keys.
const SETS: u32 = 2;
const MAKES_KEYS: u32 = 4;
const READS_KEY: u32 = 1;
/// Objects of one kind that are told.
const TOLD: usize = 5;

/// Folders below Windows' own that nobody but Windows writes into.
const FOLDERS: [&str; 9] = [
    "",
    "System32",
    "System32/config",
    "System32/drivers",
    "System32/drivers/etc",
    "System32/wbem",
    "System32/WindowsPowerShell/v1.0",
    "SysWOW64",
    "servicing",
];
/// Folders of the system drive that administrators alone install into.
const PROGRAMS: [&str; 2] = ["Program Files", "Program Files (x86)"];
/// The hives of the machine, with their logs and copies.
const HIVES: [&str; 5] = ["SAM", "SECURITY", "SYSTEM", "SOFTWARE", "DEFAULT"];
/// Keys that decide what runs as SYSTEM or at each logon.
const KEYS: [&str; 28] = [
    r"HKLM\SYSTEM\CurrentControlSet\Services",
    r"HKLM\SYSTEM\CurrentControlSet\Services\*",
    r"HKLM\SYSTEM\CurrentControlSet\Services\*\Parameters",
    r"HKLM\SYSTEM\CurrentControlSet\Services\*\Security",
    r"HKLM\SYSTEM\CurrentControlSet\Control",
    r"HKLM\SYSTEM\CurrentControlSet\Control\Session Manager",
    r"HKLM\SYSTEM\CurrentControlSet\Control\Session Manager\*",
    r"HKLM\SYSTEM\CurrentControlSet\Control\Lsa",
    r"HKLM\SYSTEM\CurrentControlSet\Control\SecurityProviders",
    r"HKLM\SYSTEM\CurrentControlSet\Control\ServiceGroupOrder",
    r"HKLM\SYSTEM\CurrentControlSet\Control\Print\Monitors",
    r"HKLM\SYSTEM\CurrentControlSet\Control\Terminal Server\WinStations",
    r"HKLM\SYSTEM\CurrentControlSet\Control\Terminal Server\WinStations\*",
    r"HKLM\SOFTWARE",
    r"HKLM\SOFTWARE\Classes",
    r"HKLM\SOFTWARE\Classes\CLSID",
    r"HKLM\SOFTWARE\Microsoft\Ole",
    r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion",
    r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\Image File Execution Options",
    r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\Image File Execution Options\*",
    r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\Schedule\TaskCache\Tasks",
    r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\Svchost",
    r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\Windows",
    r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\Winlogon",
    r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Run",
    r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\RunOnce",
    r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Policies\System",
    r"HKLM\SOFTWARE\Policies",
];
/// Keys with secrets.
const SECRETS: [&str; 4] = [
    r"HKLM\SAM\SAM\Domains\Account",
    r"HKLM\SAM\SAM\Domains\Account\Users",
    r"HKLM\SAM\SAM\Domains\Account\Users\*",
    r"HKLM\SECURITY\Policy\Secrets",
];
/// Keys in which Windows 7 and Server 2008 R2 themselves let users make keys.
const OPEN_BY_DEFAULT: [&str; 3] = ["dnscache", "rpceptmapper", "svchost"];
/// Users, and who is logged on.
const USERS: &str = "S-1-5-32-545";
const AUTHENTICATED: &str = "S-1-5-11";
/// Modify; reading and running; making files and folders with their attributes (winnt.h).
const MODIFY: u32 = 0x13_01BF;
const RUNS: u32 = 0x12_00A9;
const MAKES: u32 = 0x12_0116;

/// What the list of an object means for its check.
enum Opened {
    /// Nobody gets too much.
    Not,
    /// A stranger gets these rights.
    To(String, u32),
    /// What Windows gives users at the place itself.
    ByDefault(String, u32),
    /// The list that a driver of Linux gives to each file that it makes.
    Offline,
}

struct Look<'l, 'c> {
    context: &'l Context<'c>,
    windows: &'l Windows<'c>,
    trusted: Trusted,
    /// Paths that were looked at, in lower case.
    done: BTreeSet<String>,
}

pub(super) fn run(context: &Context<'_>, found: &mut Findings) {
    let mut look = Look {
        context,
        windows: &context.evidence.windows,
        trusted: Trusted::of(context),
        done: BTreeSet::new(),
    };
    look.system(found);
    look.hives(found);
    look.agents(found);
    look.programs(found);
    look.keys(found);
}

/// ntfs-3g without a mapping of users gives every file that it makes one list: Administrators own it
/// and everybody may do everything (its manual page, "Security descriptors"). Who puts files into an
/// image without starting it, as virt-v2v and virt-customize do, leaves that.
fn is_of_ntfs_3g(descriptor: &Descriptor) -> bool {
    const ADMINISTRATORS: Option<&str> = Some("S-1-5-32-544");
    let Some([only]) = descriptor.list.as_deref() else {
        return false;
    };
    descriptor.owner.as_deref() == ADMINISTRATORS
        && descriptor.group.as_deref() == ADMINISTRATORS
        && only.effect == Effect::Allows
        && (only.flags, only.mask, only.sid.as_str()) == (3, Generic::FILE.all, EVERYONE)
        && !only.is_limited
}

/// What Windows hands down to `sid` at the place of `it`: at the root of the drive who is logged on may
/// modify all, or on servers users make files and folders in folders; that they do in ProgramData, too.
fn handed_down(it: &Guarded, sid: &str) -> u32 {
    let path = it.path.to_lowercase();
    let first = path.split('/').nth(1).unwrap_or_default();
    let of_windows = [
        "windows",
        "program files",
        "program files (x86)",
        "boot",
        "",
    ];
    if of_windows.contains(&first) {
        return 0;
    }
    match sid {
        USERS if it.is_folder => RUNS | MAKES,
        USERS => RUNS,
        AUTHENTICATED if first != "programdata" => MODIFY,
        _ => 0,
    }
}

/// Programs and libraries, by the endings of their names.
fn is_code(path: &str) -> bool {
    let ending = path.rsplit_once('.').map(|(_, ending)| ending);
    let code = ["exe", "dll", "pyd", "sys", "com", "ocx"];
    ending.is_some_and(|ending| code.iter().any(|c| c.eq_ignore_ascii_case(ending)))
}

impl Look<'_, '_> {
    /// The stranger that gets some of the rights `mask`.
    fn stranger(
        &self,
        descriptor: &Descriptor,
        generic: &Generic,
        mask: u32,
    ) -> Option<(String, u32)> {
        let grants = descriptor.grants(generic).into_iter();
        let mut strangers = grants.filter(|(sid, _)| !self.trusted.holds(sid));
        strangers
            .find(|(_, rights)| rights & mask != 0)
            .map(|(sid, rights)| (sid.to_owned(), rights))
    }

    fn opened(&self, it: &Guarded, mask: u32) -> Opened {
        let Some(descriptor) = it.descriptor.as_deref() else {
            return Opened::Not;
        };
        let Some((sid, rights)) = self.stranger(descriptor, &Generic::FILE, mask) else {
            return Opened::Not;
        };
        if is_of_ntfs_3g(descriptor) {
            return Opened::Offline;
        }
        let grants = descriptor.grants(&Generic::FILE).into_iter();
        let mut beyond = grants.filter(|(sid, rights)| {
            !self.trusted.holds(sid) && rights & !handed_down(it, sid) & mask != 0
        });
        match beyond.next() {
            Some((sid, rights)) => Opened::To(sid.to_owned(), rights),
            None => Opened::ByDefault(sid, rights),
        }
    }

    /// Files what the list of `it` opens; `strict` where files that were put there offline count as
    /// others do.
    fn file(&mut self, it: &Found<Guarded>, strict: bool, note: &Text, found: &mut Findings) {
        if !self.done.insert(it.fact.path.to_lowercase()) {
            return;
        }
        let mask = match it.fact.is_folder {
            true => WRITES_FOLDER,
            false => WRITES_FILE,
        };
        let (status, sid, rights, note) = match self.opened(&it.fact, mask) {
            Opened::Not => return,
            Opened::To(sid, rights) => (Status::Unknown, sid, rights, note.clone()),
            Opened::Offline if strict => {
                let all = Generic::FILE.all;
                (Status::Unknown, EVERYONE.to_owned(), all, note.clone())
            }
            // Nothing that runs at once hangs on it, and Windows' own tools would have left it too.
            Opened::Offline => return,
            Opened::ByDefault(sid, rights) => {
                (Status::Warn, sid, rights, say!(win_rights_handed_down))
            }
        };
        tell(status, it.at.clone(), note, &sid, rights, found);
        found.fix(say!(
            win_rights_fix_file,
            path = it.fact.path.replace('/', "\\"),
            sid = sid
        ));
    }

    fn at(&self, path: &str, found: &mut Findings) -> Option<Found<Guarded>> {
        found.read(self.windows.guarded(path))
    }

    /// Folders that Windows' setup makes, and what lies in them.
    fn system(&mut self, found: &mut Findings) {
        let roots = self.windows.roots().windows.replace('\\', "/");
        let note = say!(win_rights_system);
        for folder in FOLDERS {
            let path = format!("{roots}/{folder}");
            let path = path.trim_end_matches('/');
            if let Some(it) = self.at(path, found) {
                self.file(&it, true, &note, found);
            }
        }
        let drive = roots.split('/').next().unwrap_or_default().to_owned();
        for folder in PROGRAMS {
            if let Some(it) = self.at(&format!("{drive}/{folder}"), found) {
                self.file(&it, true, &note, found);
            }
        }
        for folder in ["System32", "System32/drivers"] {
            let inside = self.windows.guarded_in(&format!("{roots}/{folder}"), false);
            for it in found.keep(inside).iter().filter(|it| !it.fact.is_folder) {
                self.file(it, false, &note, found);
            }
        }
    }

    /// Who reads a hive has the hashes and secrets in it; who writes it has the machine.
    fn hives(&mut self, found: &mut Findings) {
        let roots = self.windows.roots().windows.replace('\\', "/");
        let is_hive = |path: &str| {
            let name = path.rsplit('/').next().unwrap_or_default();
            let stem = name.split('.').next().unwrap_or_default();
            HIVES.iter().any(|hive| hive.eq_ignore_ascii_case(stem))
        };
        for folder in ["System32/config", "System32/config/RegBack"] {
            let inside = self.windows.guarded_in(&format!("{roots}/{folder}"), false);
            for it in found.keep(inside) {
                if it.fact.is_folder || !is_hive(&it.fact.path) {
                    continue;
                }
                self.file(&it, true, &say!(win_rights_hive), found);
                let list = it.fact.descriptor.as_deref();
                let reads = list.and_then(|d| self.stranger(d, &Generic::FILE, READS));
                let writes = list.and_then(|d| self.stranger(d, &Generic::FILE, WRITES_FILE));
                if let (Some((sid, rights)), None) = (reads, writes) {
                    let at = it.at.clone();
                    let note = say!(win_rights_hive_read);
                    tell(Status::Unknown, at, note, &sid, rights, found);
                    found.fix(say!(
                        win_rights_fix_file,
                        path = it.fact.path.replace('/', "\\"),
                        sid = sid
                    ));
                }
            }
        }
    }

    /// The agents' folders with all that is in them.
    fn agents(&mut self, found: &mut Findings) {
        let note = say!(win_rights_agent);
        for program in agents::programs(self.context) {
            let folder = self.windows.own_folder(&program);
            let mut all = Vec::new();
            match &folder {
                Some(folder) => {
                    all.extend(self.at(folder, found));
                    all.extend(found.keep(self.windows.guarded_in(folder, true)));
                }
                None => all.extend(self.at(&program, found)),
            }
            let code = all.iter().filter(|it| is_code(&it.fact.path));
            let parent = |path: &str| path.rsplit_once('/').map(|(folder, _)| folder.to_owned());
            let of_code: BTreeSet<String> = code.filter_map(|it| parent(&it.fact.path)).collect();
            let mut own = Findings::new();
            for (at, it) in all.iter().enumerate() {
                // Scripts and settings, and folders for them, are put there and edited offline, too.
                let strict = at == 0 || is_code(&it.fact.path) || of_code.contains(&it.fact.path);
                let mut one = Findings::new();
                self.file(it, strict, &note, &mut one);
                // What is only a warning says nothing of the files behind it.
                if one.count(Status::Warn) > 0 && own.count(Status::Warn) >= TOLD {
                    continue;
                }
                own.absorb(one);
                if own.count(Status::Unknown) >= TOLD {
                    break;
                }
            }
            found.absorb(own);
        }
    }

    /// What else runs as SYSTEM, and the folders that it lies in.
    fn programs(&mut self, found: &mut Findings) {
        let note = say!(win_rights_program);
        let executions = self.windows.executions();
        let mut paths = BTreeSet::new();
        for execution in &executions.items {
            let it = &execution.fact;
            let runs = !matches!(it.occasion, Occasion::Dormant | Occasion::FirstBoot);
            if !runs || it.account != Account::System {
                continue;
            }
            for part in &it.parts {
                let Runs::File(file) = &part.target else {
                    continue;
                };
                let Some(path) = &file.file.at.path else {
                    continue;
                };
                paths.insert(path.clone());
            }
        }
        for path in paths {
            let folder = path.rsplit_once('/').map(|(folder, _)| folder);
            // The root of a drive lets users make folders.
            let folder = folder.filter(|folder| folder.contains('/'));
            for path in [Some(path.as_str()), folder].into_iter().flatten() {
                if let Some(it) = self.at(path, found) {
                    self.file(&it, false, &note, found);
                }
            }
        }
    }

    fn keys(&mut self, found: &mut Findings) {
        let mut told = 0;
        for pattern in KEYS {
            for it in found.keep(self.windows.key_descriptors(pattern)) {
                let key = it.at.key.as_deref().unwrap_or_default();
                let name = key.rsplit('\\').next().unwrap_or_default().to_lowercase();
                let mask = match OPEN_BY_DEFAULT.contains(&name.as_str()) {
                    true => TAKES | SETS,
                    false => TAKES | SETS | MAKES_KEYS,
                };
                self.key(it, mask, say!(win_rights_key), &mut told, found);
            }
        }
        // That a hive is not there is told by the checks of accounts.
        let is_there = |pattern: &str| match pattern.starts_with(r"HKLM\SAM") {
            true => self.windows.sam().is_ok(),
            false => self.windows.security().is_ok(),
        };
        for pattern in SECRETS.into_iter().filter(|p| is_there(p)) {
            for it in found.keep(self.windows.key_descriptors(pattern)) {
                let mask = TAKES | SETS | READS_KEY;
                self.key(it, mask, say!(win_rights_secret), &mut told, found);
            }
        }
    }

    /// Files a key by whose list a stranger gets some of the rights `mask`, as long as not too many
    /// are told.
    fn key(
        &self,
        it: Found<Descriptor>,
        mask: u32,
        note: Text,
        told: &mut usize,
        found: &mut Findings,
    ) {
        let stranger = self.stranger(&it.fact, &Generic::KEY, mask);
        let Some((sid, rights)) = stranger.filter(|_| *told < 4 * TOLD) else {
            return;
        };
        *told = told.saturating_add(1);
        let key = it.at.key.clone().unwrap_or_default();
        tell(Status::Unknown, it.at, note, &sid, rights, found);
        found.fix(say!(win_rights_fix_key, key = key, sid = sid));
    }
}

fn tell(status: Status, at: Location, note: Text, sid: &str, rights: u32, found: &mut Findings) {
    let shown = Text::verbatim(format!("{sid}: {rights:#x}"));
    found.add(status, Item::at(at, note).compare(say!(win_none), shown));
}
