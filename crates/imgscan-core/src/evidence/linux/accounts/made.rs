//! Accounts, passwords, keys and rights that the image makes when it boots: by cloud-init, by
//! tmpfiles.d and sysusers.d, by credentials, and by what starts by itself.

use super::users::Account;
use crate::evidence::Found;
use crate::evidence::linux::packages::{Provenance, Vendor};
use crate::evidence::linux::reader::Reader;
use crate::evidence::linux::services::{CloudFact, CloudInit, MadeAtBoot, Run, RunCommand, Touch};

/// What is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum MadeKind {
    /// An account, or a group's members.
    Account,
    /// A password.
    Password,
    /// Keys, or settings of the SSH server.
    Keys,
    /// Rights to become root.
    Rights,
}

/// Something that is made at boot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    /// What.
    pub kind: MadeKind,
    /// How it stands in the image.
    pub by: String,
    /// The image says exactly what is made; otherwise only that something may be.
    pub certain: bool,
}

/// What a path means for accounts.
fn kind_of(path: &str) -> Option<MadeKind> {
    let path = path.trim_end_matches('/');
    let name = path.rsplit('/').next().unwrap_or(path);
    if path.contains("/etc/sudoers") || path.contains("/polkit-1/rules.d") || name == "doas.conf" {
        Some(MadeKind::Rights)
    } else if name.starts_with("authorized_keys")
        || path.contains("/etc/ssh/sshd_config")
        || name == "sshd_config"
        || name == ".shosts"
        || name == "shosts.equiv"
        || name == "hosts.equiv"
    {
        Some(MadeKind::Keys)
    } else if matches!(path, "/etc/shadow" | "/etc/gshadow" | "/etc/pam.conf")
        || path.starts_with("/etc/pam.d")
        || path.starts_with("/etc/security/")
    {
        Some(MadeKind::Password)
    } else if matches!(
        path,
        "/etc/passwd" | "/etc/group" | "/etc/nsswitch.conf" | "/etc/login.defs"
    ) || path.starts_with("/etc/userdb")
    {
        Some(MadeKind::Account)
    } else {
        None
    }
}

/// Paths that a pattern may stand for.
const PATHS: &[&str] = &[
    "/etc/passwd",
    "/etc/shadow",
    "/etc/group",
    "/etc/gshadow",
    "/etc/sudoers",
    "/etc/ssh/sshd_config",
    "/root/.ssh/authorized_keys",
    "/etc/nsswitch.conf",
];

pub(in crate::evidence::linux) fn collect(
    reader: &Reader<'_>,
    vendor: &Vendor,
    run: &Run,
    cloud: &CloudInit,
    boot: &MadeAtBoot,
) -> Vec<Found<Made>> {
    let mut all = Vec::new();
    let mut add = |kind, by: String, certain, at: &crate::evidence::Location| {
        all.push(Found {
            fact: Made { kind, by, certain },
            at: at.clone(),
        });
    };
    for command in &run.commands {
        let unchanged = || {
            let file = command.fact.file.as_deref();
            file.is_some_and(|f| vendor.of(reader, f) == Provenance::Unchanged)
        };
        if command.fact.runs_unseen_text() && !unchanged() {
            add(MadeKind::Account, command.fact.text(), false, &command.at);
            continue;
        }
        let Some((kind, touch)) = of_command(&command.fact) else {
            continue;
        };
        // What a package's own script names without writing it is what the package is for.
        if touch == Touch::Names && unchanged() {
            continue;
        }
        add(kind, command.fact.text(), false, &command.at);
    }
    for item in &cloud.items {
        match &item.fact {
            CloudFact::Write { path, .. } => {
                if let Some(kind) = kind_of(path) {
                    add(kind, format!("write_files: {path}"), true, &item.at);
                }
            }
            CloudFact::User(user) => {
                let shown = format!("users: {}", user.name);
                if user.password {
                    add(MadeKind::Password, shown.clone(), true, &item.at);
                }
                if user.keys {
                    add(MadeKind::Keys, shown.clone(), true, &item.at);
                }
                if user
                    .uid
                    .as_deref()
                    .is_some_and(|u| super::users::number(u) == Some(0))
                {
                    add(MadeKind::Account, shown.clone(), true, &item.at);
                }
                if user.sudo && !user.default {
                    add(MadeKind::Rights, shown, false, &item.at);
                }
            }
            CloudFact::Password => add(MadeKind::Password, "chpasswd".into(), true, &item.at),
            CloudFact::Keys => add(MadeKind::Keys, "ssh_authorized_keys".into(), true, &item.at),
            CloudFact::Opaque(what) => add(MadeKind::Password, what.clone(), false, &item.at),
            _ => {}
        }
    }
    let credential = |names: &[&str]| {
        let mut held = boot.credentials.iter();
        held.any(|c| names.iter().any(|n| c.fact.starts_with(n)))
    };
    for line in &boot.tmpfiles {
        // A line that takes a credential which nobody gave makes nothing.
        if line.fact.from_credential()
            && !credential(&[line.fact.argument.as_deref().unwrap_or("-")])
        {
            continue;
        }
        let paths = PATHS.iter().copied().chain([line.fact.path.as_str()]);
        for path in paths {
            if let Some(kind) = kind_of(path)
                && line.fact.changes(path)
            {
                let by = format!("{} {}", line.fact.kind, line.fact.path);
                add(kind, by, true, &line.at);
                break;
            }
        }
    }
    for user in &boot.sysusers {
        let id = user.fact.id.split(':').next().unwrap_or("");
        let root = super::users::number(id) == Some(0) && user.fact.name != "root";
        if root {
            add(
                MadeKind::Account,
                format!("u {} {}", user.fact.name, user.fact.id),
                true,
                &user.at,
            );
        }
        if let Some(group) = &user.fact.group
            && matches!(
                group.as_str(),
                "root" | "sudo" | "wheel" | "admin" | "docker" | "lxd" | "shadow" | "disk"
            )
        {
            add(
                MadeKind::Rights,
                format!("m {} {group}", user.fact.name),
                false,
                &user.at,
            );
        }
    }
    for held in &boot.credentials {
        let kind = match held.fact.split('.').next().unwrap_or("") {
            // agetty and login take these from util-linux 2.40 on.
            "passwd" | "agetty" | "login" => MadeKind::Password,
            "ssh" => MadeKind::Keys,
            "sysusers" | "userdb" | "home" | "tmpfiles" | "firstboot" => MadeKind::Account,
            _ => continue,
        };
        add(kind, held.fact.clone(), true, &held.at);
    }
    all
}

/// What a command makes.
fn of_command(command: &RunCommand) -> Option<(MadeKind, Touch)> {
    let name = command.name();
    let has = |options: &[&str]| command.operands().any(|w| options.contains(&w));
    if !command.foreign {
        let kind = match name {
            "useradd" | "adduser" | "newusers" => Some(MadeKind::Account),
            "usermod" if !has(&["-L", "--lock"]) => Some(MadeKind::Account),
            "chpasswd" => Some(MadeKind::Password),
            "passwd" if !has(&["-l", "--lock", "-S", "--status", "-e", "--expire"]) => {
                Some(MadeKind::Password)
            }
            "gpasswd" if !has(&["-d", "--delete"]) => Some(MadeKind::Account),
            "vipw" | "vigr" | "homectl" => Some(MadeKind::Account),
            "ssh-import-id" | "ssh-copy-id" => Some(MadeKind::Keys),
            _ => None,
        };
        if let Some(kind) = kind {
            return Some((kind, Touch::Writes));
        }
    }
    let touch = command.touches(&|word| kind_of(word_path(word)).is_some(), PATHS)?;
    let words = command.words.iter().chain(&command.redirects);
    let kind = words
        .filter_map(|w| kind_of(word_path(w)))
        .next()
        .unwrap_or(MadeKind::Account);
    Some((kind, touch))
}

/// The path in a word such as `of=/etc/shadow`, `>/etc/shadow` or `F=/etc/shadow`.
fn word_path(word: &str) -> &str {
    word.find('/').map_or(word, |at| &word[at..])
}

/// True for an account that a password lets in.
#[must_use]
pub fn enters_by_password(user: &Account, password: &super::Password) -> bool {
    user.can_log_in() && matches!(password, super::Password::Hash(_) | super::Password::Empty)
}
