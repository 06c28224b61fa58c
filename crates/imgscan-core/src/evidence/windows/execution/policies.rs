//! What a local group policy sets and starts: its values and its scripts.
//!
//! Microsoft, \[MS-GPREG\] ("Registry Policy Message Syntax") and \[MS-GPSCR\].

use super::places::{PLACES, Place};
use super::sources::Collector;
use super::{Account, Occasion, Subject};
use crate::bytes::hex;
use crate::evidence::windows::{Datum, sysprep};
use crate::evidence::{Found, Location};

/// Longer files of values are not read, in bytes.
const MAX_POLICY: u64 = 4 << 20;
/// Values that are read of one file.
const MAX_VALUES: usize = 16_384;
/// Folders of policies of single users.
const MAX_USERS: usize = 256;
/// Keys whose values checks read: what the policy sets there holds from the next start on.
const WATCHED: &[&str] = &[
    r"software\policies\microsoft\windows defender",
    r"software\policies\microsoft\windowsfirewall",
    r"software\policies\microsoft\windows nt\dnsclient",
    r"software\policies\microsoft\windows nt\terminal services",
    r"software\policies\microsoft\windows nt\printers",
    r"software\policies\microsoft\systemcertificates",
    r"software\policies\microsoft\windows\safer",
    r"software\policies\microsoft\windows\srpv2",
    r"software\policies\microsoft\windows\ipsec",
    r"software\policies\microsoft\windows\installer",
    r"software\policies\microsoft\windows\windowsupdate",
    r"software\policies\microsoft\windows\currentversion\internet settings",
    r"software\policies\microsoft\windows\winrm",
    r"software\policies\microsoft\w32time",
    r"software\microsoft\windows\currentversion\policies\system",
    r"system\",
];

/// Keys that hold nothing but what policies set, in lower case: what Windows does by them is judged by
/// the checks that read it, and stands in [`WATCHED`].
const OF_POLICIES: [&str; 2] = [
    r"software\policies\",
    r"software\microsoft\windows\currentversion\policies\",
];

/// A value that a policy sets.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct PolicyValue {
    /// The key below `HKLM` or that of the user.
    pub(super) key: String,
    pub(super) name: String,
    /// As text: a number in decimal digits, the texts of a list parted by blanks.
    pub(super) text: String,
    /// The texts of a list, or the one text.
    pub(super) texts: Vec<String>,
}

/// The values of a `Registry.pol`, and whether all of it was understood.
pub(super) fn values(bytes: &[u8]) -> (Vec<PolicyValue>, bool) {
    let mut out = Vec::new();
    let Some(mut rest) = bytes.strip_prefix(b"PReg\x01\0\0\0") else {
        return (out, bytes.is_empty());
    };
    while !rest.is_empty() {
        match value(rest) {
            Some((value, behind)) if out.len() < MAX_VALUES => {
                out.push(value);
                rest = behind;
            }
            _ => return (out, false),
        }
    }
    (out, true)
}

/// `[key;name;type;size;data]`, in UTF-16LE but for the numbers and the data.
fn value(bytes: &[u8]) -> Option<(PolicyValue, &[u8])> {
    let rest = bytes.strip_prefix(b"[\0")?;
    let (key, rest) = text(rest)?;
    let (name, rest) = text(rest.strip_prefix(b";\0")?)?;
    let (kind, rest) = number(rest.strip_prefix(b";\0")?)?;
    let (size, rest) = number(rest.strip_prefix(b";\0")?)?;
    let rest = rest.strip_prefix(b";\0")?;
    let (data, rest) = rest.split_at_checked(usize::try_from(size).ok()?)?;
    let rest = rest.strip_prefix(b"]\0")?;
    let texts: Vec<String> = match kind {
        4 => vec![number(data)?.0.to_string()],
        1 | 2 | 7 => {
            let whole = utf16(data);
            let parts = whole.split('\0').filter(|t| !t.is_empty());
            parts.map(str::to_owned).collect()
        }
        _ if data.len() > 100 => vec![format!("{}…", hex(&data[..100]))],
        _ => vec![hex(data)],
    };
    let text = texts.join(" ");
    Some((
        PolicyValue {
            key,
            name,
            text,
            texts,
        },
        rest,
    ))
}

fn utf16(bytes: &[u8]) -> String {
    let units = bytes
        .chunks_exact(2)
        .map(|p| u16::from_le_bytes([p[0], p[1]]));
    char::decode_utf16(units)
        .map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER))
        .collect()
}

/// A text that a NUL ends.
fn text(bytes: &[u8]) -> Option<(String, &[u8])> {
    let end = bytes
        .chunks_exact(2)
        .position(|p| p == [0, 0])?
        .checked_mul(2)?;
    let (text, rest) = bytes.split_at_checked(end)?;
    Some((utf16(text), rest.get(2..)?))
}

fn number(bytes: &[u8]) -> Option<(u32, &[u8])> {
    let (number, rest) = bytes.split_first_chunk::<4>()?;
    Some((u32::from_le_bytes(*number), rest))
}

/// True where `key` is one that `pattern` names.
fn is_at(pattern: &str, key: &str) -> bool {
    let mut parts = key.split('\\');
    let same = pattern.split('\\').all(|name| {
        parts
            .next()
            .is_some_and(|part| name == "*" || name.eq_ignore_ascii_case(part))
    });
    same && parts.next().is_none()
}

impl Place {
    /// The first of the roots where this is the place of `name` of `key`.
    fn root_of(&self, key: &str, name: &str, is_user: bool) -> Option<&'static str> {
        if self.value != "*" && !self.value.eq_ignore_ascii_case(name) {
            return None;
        }
        let roots = self.roots.prefixes().iter().copied();
        let mut roots = roots.filter(|root| root.starts_with("HKU") == is_user);
        roots.find(|root| {
            let pattern = format!("{root}{}", self.key);
            let pattern = pattern.split_once('\\').map_or("", |(_, rest)| rest);
            let pattern = match is_user {
                true => pattern.split_once('\\').map_or("", |(_, rest)| rest),
                false => pattern,
            };
            is_at(pattern, key)
        })
    }
}

/// True for a key whose values checks read.
fn is_watched(key: &str) -> bool {
    let key = key.to_lowercase();
    WATCHED.iter().any(|watched| key.starts_with(watched))
}

/// True for a key that holds nothing but what policies set.
fn is_of_policies(key: &str) -> bool {
    let key = format!(r"{}\", key.to_lowercase());
    OF_POLICIES.iter().any(|policies| key.starts_with(policies))
}

impl<'w> Collector<'w, '_> {
    /// The folders of local policies, and whether each is of users.
    fn policy_folders(&mut self) -> Vec<(String, bool)> {
        let root = self.windows.roots().windows;
        let mut out = vec![
            (format!(r"{root}\System32\GroupPolicy\Machine"), false),
            (format!(r"{root}\System32\GroupPolicy\User"), true),
        ];
        let folder = format!(r"{root}\System32\GroupPolicyUsers");
        let users = self.names(&folder);
        self.bounded(&folder, users.len(), MAX_USERS);
        for name in users.iter().take(MAX_USERS) {
            out.push((format!(r"{folder}\{name}\User"), true));
        }
        out
    }

    /// The values and scripts of the local group policy.
    pub(super) fn group_policy_files(&mut self) {
        for (folder, is_user) in self.policy_folders() {
            self.policy_values(&format!(r"{folder}\Registry.pol"), is_user);
            for name in ["scripts.ini", "psscripts.ini"] {
                self.policy_scripts(&format!(r"{folder}\Scripts"), name, is_user);
            }
        }
        self.policy_scripts_of_registry();
    }

    fn policy_values(&mut self, path: &str, is_user: bool) {
        let Some(file) = self.contents(path, MAX_POLICY) else {
            return;
        };
        let at = Location::of_file(&file);
        let (found, is_whole) = values(&file.bytes);
        if !is_whole {
            self.add(
                (Subject::Script, "Group policy values", path),
                (Occasion::Boot, Account::System),
                path,
                at.clone(),
                |r| r.unclear_value(path),
            );
        }
        for value in found {
            // `**del.` and its like take values away; elsewhere than among the policies, those are
            // settings that Windows needs.
            if value.name.starts_with("**") && !value.name.starts_with("**soft.") {
                if !is_of_policies(&value.key) {
                    self.policy_value(&value, &value.name, &at);
                }
                continue;
            }
            let name = value.name.trim_start_matches("**soft.").to_owned();
            let mut is_place = false;
            for place in PLACES {
                if let Some(root) = place.root_of(&value.key, &name, is_user) {
                    is_place = true;
                    let of_key = value.key.rsplit('\\').next().unwrap_or_default();
                    self.policy_place(place, root, &name, of_key, &value, &at);
                }
            }
            let is_told = is_watched(&value.key) && !is_user || !is_of_policies(&value.key);
            if !is_place && is_told && !self.is_set(&value, &name, is_user) {
                self.policy_value(&value, &name, &at);
            }
        }
    }

    /// A value of which no reader of the registry knows.
    fn policy_value(&mut self, value: &PolicyValue, name: &str, at: &Location) {
        let shown = format!(r"{}\{name} = {}", value.key, value.text);
        self.add(
            (Subject::Script, "Group policy value", name),
            (Occasion::Boot, Account::System),
            &shown,
            at.clone(),
            |r| r.unclear_value(&shown),
        );
    }

    /// True where the registry already has what the policy sets: the checks judge it there.
    fn is_set(&self, value: &PolicyValue, name: &str, is_user: bool) -> bool {
        let same = |data: &Datum| data.to_string().eq_ignore_ascii_case(&value.text);
        if is_user {
            let key = format!(r"HKU\*\{}", value.key);
            let now = self.windows.values(&key, name).items;
            return now.iter().any(|v| same(&v.fact.data));
        }
        let now = self.windows.value(&format!(r"HKLM\{}", value.key), name);
        matches!(now, Some(Ok(Some(data))) if same(&data))
    }

    fn policy_scripts(&mut self, folder: &str, name: &str, is_user: bool) {
        let lines = match sysprep::ini(self.windows, &format!(r"{folder}\{name}")) {
            Ok(Some(lines)) => self.keep(lines),
            Ok(None) => return,
            Err(gap) => return self.gap(gap),
        };
        let (occasion, account) = match is_user {
            true => (Occasion::Logon, Account::User),
            false => (Occasion::Boot, Account::System),
        };
        for line in &lines {
            let key = line.fact.name.to_lowercase();
            let Some(number) = key.strip_suffix("cmdline") else {
                continue;
            };
            let same = |other: &&Found<crate::evidence::windows::IniEntry>| {
                other.fact.section == line.fact.section
                    && other.fact.name.to_lowercase() == format!("{number}parameters")
            };
            let arguments = lines.iter().find(same).map(|o| o.fact.value.clone());
            let arguments = arguments.unwrap_or_default();
            let command = format!("{} {arguments}", line.fact.value);
            self.add(
                (Subject::Script, "Group policy script", &line.fact.section),
                (occasion, account.clone()),
                command.trim(),
                line.at.clone(),
                |r| {
                    r.starts_in(&format!(r"{folder}\{}", line.fact.section));
                    r.program(&line.fact.value, &arguments);
                },
            );
        }
    }

    /// Scripts as the registry keeps them: their parameters stand beside, and relative names are
    /// of the policy's own folder.
    fn policy_scripts_of_registry(&mut self) {
        const KEYS: [&str; 3] = [
            r"Microsoft\Windows\CurrentVersion\Group Policy\Scripts\*\*\*",
            r"Microsoft\Windows\CurrentVersion\Group Policy\State\*\Scripts\*\*\*",
            r"Policies\Microsoft\Windows\System\Scripts\*\*\*",
        ];
        let windows = self.windows.roots().windows;
        for (root, is_user) in [(r"HKLM\SOFTWARE", false), (r"HKU\*\Software", true)] {
            for key in KEYS {
                let found = self.windows.values(&format!(r"{root}\{key}"), "Script");
                for script in self.keep(found) {
                    let text = script.fact.data.to_string();
                    if text.trim().is_empty() {
                        continue;
                    }
                    let key = script.at.key.clone().unwrap_or_default();
                    let mut names = key.rsplit('\\').skip(2);
                    let section = names.next().unwrap_or_default().to_owned();
                    let parent = key.rsplit_once('\\').map_or("", |(parent, _)| parent);
                    let mut texts = |key: &str, name: &str| {
                        let found = self.windows.values(key, name);
                        let texts = self.keep(found).into_iter();
                        texts.map(|v| v.fact.data.to_string()).next()
                    };
                    let arguments = texts(&key, "Parameters").unwrap_or_default();
                    let own = texts(parent, "FileSysPath").filter(|path| !path.is_empty());
                    let is_users = is_user || section.to_lowercase().starts_with("log");
                    let scope = match is_users {
                        true => "User",
                        false => "Machine",
                    };
                    let folder =
                        own.unwrap_or_else(|| format!(r"{windows}\System32\GroupPolicy\{scope}"));
                    let (occasion, account) = match is_users {
                        true => (Occasion::Logon, Account::User),
                        false => (Occasion::Boot, Account::System),
                    };
                    self.add(
                        (Subject::Script, "Group policy script", &section),
                        (occasion, account),
                        format!("{text} {arguments}").trim(),
                        script.at,
                        |r| {
                            r.starts_in(&format!(r"{folder}\Scripts\{section}"));
                            r.program(&text, &arguments);
                        },
                    );
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As \[MS-GPREG\] lays it out.
    fn entry(key: &str, name: &str, kind: u32, data: &[u8]) -> Vec<u8> {
        let wide =
            |text: &str| -> Vec<u8> { text.encode_utf16().flat_map(u16::to_le_bytes).collect() };
        let mut out = wide(&format!("[{key}\0;{name}\0;"));
        out.extend(kind.to_le_bytes());
        out.extend(wide(";"));
        out.extend(u32::try_from(data.len()).unwrap().to_le_bytes());
        out.extend(wide(";"));
        out.extend(data);
        out.extend(wide("]"));
        out
    }

    #[test]
    fn values_of_a_policy_are_read_and_what_is_cut_is_told() {
        let mut bytes = b"PReg\x01\0\0\0".to_vec();
        bytes.extend(entry(r"Software\A", "n", 4, &7_u32.to_le_bytes()));
        bytes.extend(entry(r"Software\B", "t", 1, b"x\0;\0]\0\0\0"));
        let (found, is_whole) = values(&bytes);
        assert!(is_whole);
        let shown: Vec<_> = found
            .iter()
            .map(|v| (&*v.key, &*v.name, &*v.text))
            .collect();
        assert_eq!(
            shown,
            [(r"Software\A", "n", "7"), (r"Software\B", "t", "x;]")]
        );
        let (found, is_whole) = values(&bytes[..bytes.len() - 3]);
        assert_eq!((found.len(), is_whole), (1, false));
        assert_eq!(values(b"PReg\x02\0\0\0"), (Vec::new(), false));
    }

    #[test]
    fn values_of_a_policy_are_places_of_their_hive() {
        let run = r"Software\Microsoft\Windows\CurrentVersion\Run";
        let of = |key: &str, is_user| {
            let mut places = PLACES.iter();
            places.find_map(|p| p.root_of(key, "x", is_user).map(|_| p.kind))
        };
        assert_eq!(of(run, false), Some("Run"));
        assert_eq!(of(run, true), Some("Run"));
        assert_eq!(
            of(
                r"SYSTEM\CurrentControlSet\Control\Session Manager\AppCertDlls",
                false
            ),
            Some("AppCertDlls")
        );
        assert_eq!(of(&format!(r"{run}\x"), false), None);
    }
}
