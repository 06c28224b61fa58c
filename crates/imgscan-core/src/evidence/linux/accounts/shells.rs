//! Login shells by what they are: whether the program that an account starts lets its user in.

use std::collections::BTreeMap;

use super::users::Accounts;
use crate::evidence::Location;
use crate::evidence::linux::packages::{Provenance, Vendor};
use crate::evidence::linux::reader::Reader;
use crate::fs::FileKind;

/// Programs that let nobody in, by name.
const CLOSED: &[&str] = &["nologin", "false", "sync", "shutdown", "halt", "true"];
/// Programs of many names that such a name may lead to.
const MANY: &[&str] = &["busybox", "coreutils", "systemctl", "toybox"];

/// Shells whose login is closed by name only: what stands there is another program.
#[derive(Debug, Clone, Default)]
pub struct Shells {
    /// By the shell field of the account: where the other program stands.
    pub impostors: BTreeMap<String, Location>,
}

pub(in crate::evidence::linux) fn collect(
    reader: &Reader<'_>,
    accounts: &Accounts,
    vendor: &Vendor,
) -> Shells {
    let mut all = Shells::default();
    for user in accounts.active() {
        let shell = &user.fact.shell;
        if user.fact.can_log_in() || all.impostors.contains_key(shell) {
            continue;
        }
        let mut gaps = Vec::new();
        let Some(at) = reader.find(shell.as_bytes(), &mut gaps) else {
            continue;
        };
        if at.metadata.kind != FileKind::Regular {
            continue;
        }
        let real = at.path_text();
        let name = real.rsplit('/').next().unwrap_or("");
        let known = CLOSED.contains(&name) || MANY.contains(&name);
        let honest = known
            && match vendor.of(reader, &real) {
                Provenance::Unchanged => true,
                Provenance::Changed | Provenance::Foreign => false,
                Provenance::Unknown => true,
            }
            && !is_a_shell(reader, &real)
            && !is_a_script(&at);
        if !honest {
            all.impostors.insert(shell.clone(), Location::of(&at));
        }
    }
    all
}

/// True for a script, which may do anything; the programs that refuse logins are none.
fn is_a_script(at: &crate::guest::Located) -> bool {
    let mut head = [0; 2];
    let read = at.open().and_then(|data| data.read_at(&mut head, 0));
    read.is_ok() && head == *b"#!"
}

/// True where the file holds what a shell of the image holds.
fn is_a_shell(reader: &Reader<'_>, path: &str) -> bool {
    const SHELLS: &[&str] = &[
        "/bin/bash",
        "/bin/sh",
        "/bin/dash",
        "/bin/zsh",
        "/bin/ksh",
        "/bin/mksh",
        "/usr/bin/fish",
        "/usr/bin/tmux",
        "/usr/bin/screen",
    ];
    let mut gaps = Vec::new();
    let Some(own) = reader.find(path.as_bytes(), &mut gaps) else {
        return false;
    };
    let digest = |at: &crate::guest::Located| {
        let data = at.open().ok()?;
        crate::evidence::files::sha256(data.as_ref()).ok()
    };
    SHELLS.iter().any(|shell| {
        reader.find(shell.as_bytes(), &mut gaps).is_some_and(|at| {
            let multi = at.path_text();
            at.metadata.size == own.metadata.size
                && !MANY.iter().any(|m| multi.ends_with(m))
                && digest(&at).is_some_and(|d| Some(d) == digest(&own))
        })
    })
}
