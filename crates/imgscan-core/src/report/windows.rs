//! The inventory of a Windows guest, besides its services.

use serde::Serialize;

use super::words::Words;
use crate::evidence::Found;
use crate::evidence::windows::{
    Accounts, Adapter, Autostart, Datum, LocalUser, Program, Setting, SetupFile, Updates,
};
use crate::fs::Timestamp;
use crate::text::Text;

/// What a Windows guest holds.
#[derive(Debug, Clone, Serialize)]
pub struct WindowsInfo {
    /// Local users and groups; nothing where the SAM hive can't be read.
    pub accounts: Option<Accounts>,
    /// Programs that start by themselves, besides the services.
    pub autostarts: Vec<Found<Autostart>>,
    /// Settings of setup, time, remote access, firewall and network.
    pub settings: Vec<Found<Setting>>,
    /// Files that setup and sysprep left.
    pub setup_files: Vec<Found<SetupFile>>,
    /// Network adapters.
    pub adapters: Vec<Found<Adapter>>,
    /// Installed programs.
    pub programs: Vec<Found<Program>>,
    /// Packages of component-based servicing; nothing where they can't be read.
    pub updates: Option<Updates>,
}

impl WindowsInfo {
    /// The lines of the text: what each is, and the text.
    pub(super) fn lines(&self, words: &Words) -> Vec<(String, String)> {
        let mut out = Vec::new();
        if let Some(accounts) = &self.accounts {
            for user in &accounts.users {
                out.push((words.account.clone(), user_line(words, &user.fact)));
            }
            for name in &accounts.names_of_nobody {
                let it = &name.fact;
                let shown = format!("{} {} ({})", it.name, it.rid, words.name_of_nobody);
                out.push((words.account.clone(), shown));
            }
            for group in accounts
                .groups
                .iter()
                .filter(|g| !g.fact.members.is_empty())
            {
                let it = &group.fact;
                let name = it.name.as_deref().unwrap_or("?");
                let members = it.members.iter().map(|m| accounts.named(m).to_owned());
                out.push((
                    words.group.clone(),
                    words.pair(
                        &format!("{name} {}", it.rid),
                        &words.list(members.collect()),
                    ),
                ));
            }
        }
        for setting in &self.settings {
            let it = &setting.fact;
            let data = match (it.name, &it.data) {
                // Seconds since 1970.
                ("InstallDate", Datum::Number(secs)) => moment(*secs),
                (_, data) => data.to_string(),
            };
            if !data.is_empty() {
                let shown = words.pair(
                    &words.say(&topic(it.topic)),
                    &format!("{} = {data}", it.name),
                );
                out.push((words.setting.clone(), shown));
            }
        }
        for adapter in &self.adapters {
            let it = &adapter.fact;
            let mut servers = it.name_servers.clone();
            servers.extend(it.dhcp_name_servers.iter().map(|s| format!("{s} (DHCP)")));
            if !servers.is_empty() {
                let servers = format!("DNS {}", words.list(servers));
                let shown = words.pair(&it.name, &servers);
                out.push((words.adapter.clone(), shown));
            }
        }
        for file in &self.setup_files {
            out.push((words.setup_file.clone(), file.at.to_string()));
        }
        for autostart in &self.autostarts {
            let it = &autostart.fact;
            let what = it.command.as_deref().unwrap_or_default();
            let at = autostart.at.key.as_deref().or(autostart.at.path.as_deref());
            let at = at.unwrap_or_default();
            let shown = format!("{} = {what}  ({at})", it.name);
            out.push((words.autostart.clone(), shown));
        }
        let named = self.programs.iter().filter(|p| p.fact.name.is_some());
        out.push((words.programs.clone(), named.count().to_string()));
        if let Some(updates) = &self.updates {
            let kbs = updates.updates.len();
            let shown = format!("{kbs} KB ({} / {})", updates.installed, updates.packages);
            out.push((words.updates.clone(), shown));
        }
        out
    }
}

/// What a group of settings is about.
fn topic(topic: &str) -> Text {
    match topic {
        "setup" => say!(ui_topic_setup),
        "installed" => say!(ui_topic_installed),
        "network" => say!(ui_topic_network),
        "time source" => say!(ui_topic_time),
        "time source (by policy)" => say!(ui_topic_time_policy),
        "time zone" => say!(ui_topic_zone),
        "remote desktop" => say!(ui_topic_desktop),
        "remote desktop (by policy)" => say!(ui_topic_desktop_policy),
        "firewall (domain)" => say!(ui_topic_firewall_domain),
        "firewall (private)" => say!(ui_topic_firewall_private),
        "firewall (public)" => say!(ui_topic_firewall_public),
        other => Text::verbatim(other),
    }
}

/// Seconds since 1970 as RFC 3339.
fn moment(secs: u64) -> String {
    let time = i64::try_from(secs).ok().filter(|s| *s <= u32::MAX.into());
    time.map_or_else(
        || secs.to_string(),
        |secs| Timestamp { secs, nanos: 0 }.to_string(),
    )
}

fn user_line(words: &Words, user: &LocalUser) -> String {
    let mut shown = format!("{} {}", user.name.as_deref().unwrap_or("?"), user.rid);
    let mut mark = |is: bool, word: &str| {
        if is {
            shown.push_str(&format!(" [{word}]"));
        }
    };
    mark(user.hidden == Some(true), &words.hidden);
    mark(user.hijacked == Some(true), &words.hijacked);
    if let Some(account) = &user.account {
        mark(account.disabled, &words.disabled);
        mark(account.locked, &words.locked);
        mark(account.password_not_required, &words.no_password_needed);
        mark(account.password_never_expires, &words.never_expires);
        if let Some(time) = account.last_logon {
            shown.push_str(&format!(" {} {time}", words.last_logon));
        }
        if let Some(time) = account.password_set {
            shown.push_str(&format!(" {} {time}", words.password_set));
        }
    }
    shown
}
