//! Features of Windows that commands switch on: they come from the component store of the image.

use super::Command;
use crate::text::matches;

/// Features by the names that dism and Server Manager have for them.
const USUAL: [&str; 20] = [
    "iis-*",
    "web-*",
    "netfx*",
    "net-framework-*",
    "net-wcf-*",
    "wcf-*",
    "was-*",
    "telnetclient",
    "telnet-client",
    "containers",
    "microsoft-hyper-v*",
    "hyper-v*",
    "microsoft-windows-subsystem-linux",
    "virtualmachineplatform",
    "rsat*",
    "windows-server-backup",
    "failover-clustering",
    "nlb",
    "msmq*",
    "desktop-experience",
];
/// Among these, servers that take passwords in clear, or files of anybody.
const OPENING: [&str; 4] = ["*ftp*", "*webdav*", "*dav-publishing*", "*mgmt-service*"];

/// True for a feature that opens nothing by itself but a server of the web.
pub(super) fn is_usual(name: &str) -> bool {
    let among = |all: &[&str]| all.iter().any(|p| matches(p, name));
    among(&USUAL) && !among(&OPENING)
}

/// `dism /online /enable-feature` of usual features, from the image's own store (Microsoft Learn,
/// "DISM operating system package servicing command-line options").
pub(super) fn enables(it: &Command<'_>) -> bool {
    let known = |word: &String| match word.split_once(':') {
        Some(("/featurename", name)) => is_usual(name),
        _ => [
            "/online",
            "/enable-feature",
            "/all",
            "/norestart",
            "/quiet",
            "/limitaccess",
            "/english",
        ]
        .contains(&word.as_str()),
    };
    let given = it.rest(1);
    let has = |wanted: &str| given.iter().any(|w| w == wanted);
    has("/online") && has("/enable-feature") && given.iter().all(known)
}
