//! What a local group policy sets and starts: its values and its scripts.
//!
//! Microsoft, \[MS-GPREG\] ("Registry Policy Message Syntax") and \[MS-GPSCR\].

use super::places::{PLACES, Place};
use super::sources::Collector;
use super::{Account, Occasion, Subject};
use crate::evidence::windows::group_policy::{
    MAX_POLICY, PolicyValue, is_at, is_of_policies, values,
};
use crate::evidence::windows::sysprep;
use crate::evidence::{Found, Location};

/// Folders of policies of single users.
const MAX_USERS: usize = 256;
/// Policies that checks read by other ways than values of the registry, which an upcoming value reaches.
const ELSEWHERE: &str = r"software\policies\microsoft\systemcertificates";

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
            // What policies set for the machine is judged by the checks that read it.
            let elsewhere = value.key.to_lowercase().starts_with(ELSEWHERE);
            let is_told = !is_of_policies(&value.key)
                || !is_user && (elsewhere || super::moved::is_profile(&value.key, &name));
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
        if is_user {
            let key = format!(r"HKU\*\{}", value.key);
            let now = self.windows.values(&key, name).items;
            return now.iter().any(|v| value.is(&v.fact.data));
        }
        value.is_in_registry(self.windows, name)
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
