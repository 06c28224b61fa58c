//! What access lists stand against a start: the key of a service, its program and its files have to
//! let in who reads them.

use sha1::{Digest as _, Sha1};

use super::Look;
use crate::descriptor::{Descriptor, EVERYONE, Generic};
use crate::evidence::windows::{Image, KeyAt, Service, Windows, descriptors, services};
use crate::evidence::{Found, Location};

/// The error of winerror.h for what one may not do.
const DENIED: u32 = 5;
/// Rights to keys: reading values, listing keys (winnt.h).
const QUERIES: u32 = 1;
const LISTS: u32 = 8;
/// Rights to files: reading them or listing a folder; running them or going through a folder.
const READS: u32 = 1;
const RUNS: u32 = 0x20;
/// Files of one folder that are told.
const TOLD: usize = 3;
/// Folders of the drive that hold the programs of many makers.
const SHARED: [&str; 3] = ["program files", "program files (x86)", "programdata"];

/// Who a process is.
struct Token {
    /// The account as people know it.
    account: String,
    /// The identities that it holds.
    holds: Vec<String>,
    /// It is that of the machine itself.
    is_system: bool,
}

impl Token {
    fn new(account: &str, holds: &[&str], service: &str) -> Self {
        // Everyone, who is logged on, services, who is logged on here.
        let all = [EVERYONE, "S-1-5-11", "S-1-5-6", "S-1-2-0", "S-1-5-80-0"];
        let mut holds: Vec<String> = holds.iter().chain(&all).map(|s| (*s).into()).collect();
        holds.push(service_sid(service));
        Self {
            account: account.to_owned(),
            holds,
            is_system: false,
        }
    }

    /// Of the account of the machine, which is an administrator too.
    fn system(service: &str) -> Self {
        Self {
            is_system: true,
            ..Self::new("SYSTEM", &["S-1-5-18", "S-1-5-32-544"], service)
        }
    }

    /// The rights of the token for certain, or at most.
    fn rights(&self, descriptor: &Descriptor, generic: &Generic, sure: bool) -> u32 {
        descriptor.granted(generic, sure, |sid| self.holds.iter().any(|own| own == sid))
    }
}

/// The SID of a service: the SHA-1 of its name in capitals (\[MS-DTYP\] 2.4.2.4, `NT SERVICE`).
fn service_sid(name: &str) -> String {
    let name: Vec<u8> = name
        .to_uppercase()
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let digest = Sha1::digest(name);
    let words = digest.as_slice().as_chunks::<4>().0.iter();
    let words: Vec<String> = words.map(|w| u32::from_le_bytes(*w).to_string()).collect();
    format!("S-1-5-80-{}", words.join("-"))
}

impl Look<'_, '_> {
    /// Who runs `service`; `None` where that can't be told, which is told elsewhere.
    fn token(&self, service: &Service) -> Option<Token> {
        const USERS: &str = "S-1-5-32-545";
        let name = service.name.as_str();
        let Some(account) = &service.object_name else {
            return Some(Token::system(name));
        };
        let text = account.fact.trim();
        let user = text.rsplit_once('\\').map_or(text, |(_, user)| user);
        let user = user.to_lowercase().replace(' ', "");
        match user.as_str() {
            "" | "localsystem" | "system" => return Some(Token::system(name)),
            "localservice" => return Some(Token::new(text, &["S-1-5-19", USERS], name)),
            "networkservice" => return Some(Token::new(text, &["S-1-5-20", USERS], name)),
            _ if text.to_lowercase().starts_with(r"nt service\") => {
                return Some(Token::new(text, &[USERS], name));
            }
            _ => {}
        }
        let accounts = self.windows.accounts().ok()?;
        let machine = accounts.machine_sid.as_deref()?;
        let same = |n: &String| n.to_lowercase().replace(' ', "") == user;
        let found = accounts.users.iter().find(|u| {
            u.fact.name.as_ref().is_some_and(same) || u.fact.listed_names.iter().any(same)
        })?;
        let own = format!("{machine}-{}", found.fact.rid);
        let mut token = Token::new(text, &[&own, USERS, "S-1-5-113"], name);
        let groups = accounts.groups.iter().map(|g| &g.fact);
        for group in groups.filter(|g| g.members.contains(&own)) {
            token.holds.push(match group.domain {
                "Builtin" => format!("S-1-5-32-{}", group.rid),
                _ => format!("{machine}-{}", group.rid),
            });
        }
        Some(token)
    }

    /// The service control manager reads the key as SYSTEM; the program starts as its account.
    pub(super) fn access(&mut self, service: &Service) {
        let set = self.services.control_set.name.clone();
        let name = service.name.as_str();
        let system = Token::system("");
        for (path, wanted) in [
            (format!(r"{set}\Services"), QUERIES | LISTS),
            (format!(r"{set}\Services\{name}"), QUERIES),
        ] {
            let read = self.windows.system().and_then(|hive| {
                let Some(key) = KeyAt::open(hive, &path)? else {
                    return Ok(None);
                };
                let fact = descriptors::of_key(&key)?;
                let at = key.location();
                Ok(fact.map(|fact| Found { fact, at }))
            });
            let Some(Found { fact, at }) = self.out.read(read) else {
                continue;
            };
            let why = say!(win_start_key_denied, service = name);
            if system.rights(&fact, &Generic::KEY, false) & wanted != wanted {
                self.out.no(DENIED, at, why);
            } else if system.rights(&fact, &Generic::KEY, true) & wanted != wanted {
                self.out.doubt(at, why);
            }
        }
        // Drivers are opened by the kernel, which no list keeps out.
        if service.is_driver() {
            return;
        }
        let Some(token) = self.token(service) else {
            return;
        };
        if let Image::File(file) = self.windows.image(service) {
            let path = file.at.path.clone().unwrap_or_default();
            self.may_run(name, &token, &path);
        }
        if let Some(dll) = &service.service_dll {
            let path = match service.dll_expands {
                true => services::expanded(self.windows, &dll.fact),
                false => dll.fact.clone(),
            };
            self.may_run(name, &token, &path);
        }
    }

    /// The file that is started or loaded.
    fn may_run(&mut self, service: &str, token: &Token, path: &str) {
        // What is not there is told elsewhere.
        let Some(Found { fact, at }) = self.out.read(self.windows.guarded(path)) else {
            return;
        };
        let Some(descriptor) = &fact.descriptor else {
            return;
        };
        let account = token.account.as_str();
        let why = say!(win_start_file_denied, service = service, account = account);
        let most = token.rights(descriptor, &Generic::FILE, false);
        let least = token.rights(descriptor, &Generic::FILE, true);
        if most & RUNS == 0 && token.is_system {
            self.out.no(DENIED, at, why);
        } else if least & (READS | RUNS) != READS | RUNS {
            self.out.doubt(at, why);
        }
    }

    /// What was installed with the program: its maker's folder with all that is in it. Windows' own
    /// folder is none.
    pub(super) fn access_beside(&mut self, service: &Service, path: &str) {
        let Some(root) = self.windows.own_folder(path) else {
            return;
        };
        let Some(token) = self.token(service) else {
            return;
        };
        let mut denied: Vec<Location> = Vec::new();
        let folder = self.out.read(self.windows.guarded(&root));
        let inside = self.windows.guarded_in(&root, true);
        self.out.gaps.extend(inside.gaps);
        for Found { fact, at } in folder.into_iter().chain(inside.items) {
            let Some(descriptor) = &fact.descriptor else {
                continue;
            };
            let wanted = match fact.is_folder || is_code(&fact.path) {
                true => READS | RUNS,
                false => READS,
            };
            if token.rights(descriptor, &Generic::FILE, true) & wanted != wanted {
                denied.push(at);
            }
        }
        let count = denied.len();
        for at in denied.into_iter().take(TOLD) {
            let why = say!(
                win_start_folder_denied,
                service = service.name.as_str(),
                account = token.account.as_str(),
                count = count
            );
            self.out.doubt(at, why);
        }
    }
}

impl Windows<'_> {
    /// The folder of the drive that the program at `path` (`C:/x/y.exe`) was installed in: the first
    /// one, or in a folder that all makers share the first two there. `None` for a program of Windows
    /// and for one in no folder of its own.
    #[must_use]
    pub fn own_folder(&self, path: &str) -> Option<String> {
        own_folder(path, &self.roots().windows.replace('\\', "/"))
    }
}

/// Programs and libraries, by the endings of their names.
fn is_code(path: &str) -> bool {
    let ending = path.rsplit_once('.').map(|(_, ending)| ending);
    let code = ["exe", "dll", "pyd", "com", "ocx"];
    ending.is_some_and(|ending| code.iter().any(|c| c.eq_ignore_ascii_case(ending)))
}

/// As [`Windows::own_folder`], for a Windows in the folder `windows`.
fn own_folder(path: &str, windows: &str) -> Option<String> {
    let path = path.replace('\\', "/");
    let below = |folder: &str| {
        let head = path.get(..folder.len());
        head.is_some_and(|head| head.eq_ignore_ascii_case(folder))
            && path
                .get(folder.len()..)
                .is_some_and(|rest| rest.starts_with('/'))
    };
    if below(windows) {
        return None;
    }
    let (folder, _) = path.rsplit_once('/')?;
    let parts: Vec<&str> = folder.split('/').collect();
    let first = parts.get(1)?;
    let shared = SHARED.iter().any(|name| name.eq_ignore_ascii_case(first));
    let least = if shared { 3 } else { 2 };
    let most = if shared { 4 } else { 2 };
    let own = parts.get(..most.min(parts.len()))?;
    (own.len() >= least).then(|| own.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `sc showsid TrustedInstaller`, as Microsoft documents it.
    #[test]
    fn a_service_has_the_sid_of_its_name() {
        assert_eq!(
            service_sid("TrustedInstaller"),
            "S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464"
        );
    }

    #[test]
    fn the_folder_of_a_program_is_that_of_its_maker() {
        let of = |path| own_folder(path, "C:/Windows");
        assert_eq!(of("C:/WinAgent/bin/x.exe").as_deref(), Some("C:/WinAgent"));
        assert_eq!(
            of("C:/Program Files/Cloudbase Solutions/Cloudbase-Init/bin/x.exe").as_deref(),
            Some("C:/Program Files/Cloudbase Solutions/Cloudbase-Init")
        );
        assert_eq!(of("C:/Program Files/x.exe"), None);
        assert_eq!(of("C:/windows/system32/svchost.exe"), None);
        assert_eq!(of("C:/x.exe"), None);
        assert_eq!(of(r"D:\a\b.exe").as_deref(), Some("D:/a"));
    }
}
