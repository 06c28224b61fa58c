//! Settings of answer files beside commands.

use super::{Command, Deed};
use crate::text::matches;

/// Settings that harm nobody, that say what Windows does without them, or that another check judges, as
/// `component|path=value` in lower case. Microsoft, "Unattended Windows Setup Reference".
const HARMLESS: [&str; 63] = [
    "microsoft-windows-shell-setup|oobe/*",
    "microsoft-windows-shell-setup|timezone",
    "microsoft-windows-shell-setup|registered*",
    "microsoft-windows-shell-setup|computername",
    "microsoft-windows-shell-setup|copyprofile",
    "microsoft-windows-shell-setup|productkey",
    "microsoft-windows-shell-setup|bluetoothtaskbariconenabled",
    "microsoft-windows-shell-setup|disableautodaylighttimeset",
    "microsoft-windows-shell-setup|showwindowslive",
    "microsoft-windows-shell-setup|desktopoptimization/*",
    "microsoft-windows-shell-setup|display/*",
    "microsoft-windows-shell-setup|donotcleantaskbar",
    "microsoft-windows-shell-setup|oeminformation/*",
    "microsoft-windows-shell-setup|startpaneloff",
    "microsoft-windows-shell-setup|themes/*",
    "microsoft-windows-shell-setup|visualeffects/*",
    "microsoft-windows-shell-setup|windowsfeatures/*",
    // Commands, passwords and accounts are listed by themselves.
    "microsoft-windows-shell-setup|firstlogoncommands/*",
    "microsoft-windows-shell-setup|logoncommands/*",
    "microsoft-windows-shell-setup|useraccounts/administratorpassword*",
    "microsoft-windows-shell-setup|useraccounts/localaccounts/*",
    "microsoft-windows-shell-setup|autologon=\\*sensitive*",
    "microsoft-windows-shell-setup|autologon/password*",
    "microsoft-windows-deployment|runsynchronous/*",
    "microsoft-windows-deployment|runasynchronous/*",
    "microsoft-windows-deployment|extendospartition/*",
    "microsoft-windows-deployment|reseal/mode=oobe",
    "microsoft-windows-deployment|reseal/forceshutdownnow=false",
    "microsoft-windows-deployment|generalize/*",
    "microsoft-windows-international-core*|*",
    "microsoft-windows-terminalservices-localsessionmanager|fdenytsconnections=false",
    "microsoft-windows-terminalservices-localsessionmanager|fdenytsconnections=0",
    "microsoft-windows-terminalservices-rdp-winstationextensions|userauthentication=1",
    "microsoft-windows-terminalservices-rdp-winstationextensions|securitylayer=1",
    "microsoft-windows-terminalservices-rdp-winstationextensions|securitylayer=2",
    "networking-mpssvc-svc|*_enablefirewall=true",
    "networking-mpssvc-svc|firewallgroups/firewallgroup/active",
    "networking-mpssvc-svc|firewallgroups/firewallgroup/profile",
    "networking-mpssvc-svc|firewallgroups/firewallgroup/group=@firewallapi.dll,-28752",
    "networking-mpssvc-svc|firewallgroups/firewallgroup/group=remote desktop",
    "networking-mpssvc-svc|firewallgroups/firewallgroup/group=远程桌面",
    "microsoft-windows-security-spp-ux|skipautoactivation",
    "microsoft-windows-security-spp|skiprearm",
    "microsoft-windows-pnpsysprep|*",
    "microsoft-windows-servermanager-svrmgrnc|donotopenservermanageratlogon",
    "microsoft-windows-outofboxexperience|donotopeninitialconfigurationtasksatlogon",
    "microsoft-windows-ie-esc|*",
    "microsoft-windows-ie-internetexplorer|disable*",
    "microsoft-windows-ie-internetexplorer|home_page=about:blank",
    "microsoft-windows-lua-settings|enablelua=true",
    "microsoft-windows-errorreportingcore|*",
    "microsoft-windows-sqmapi|ceipenabled",
    "microsoft-windows-systemrestore-main|disablesr",
    "microsoft-windows-powercpl|preferredplan",
    "microsoft-windows-unattendedjoin|identification/joinworkgroup",
    "microsoft-windows-tcpip|interfaces/interface/identifier",
    "microsoft-windows-tcpip|interfaces/interface/ipv4settings/dhcpenabled=true",
    "microsoft-windows-tcpip|interfaces/interface/ipv4settings/routerdiscoveryenabled=true",
    "microsoft-windows-tcpip|interfaces/interface/ipv6settings/dhcpenabled=true",
    "microsoft-windows-tcpip|interfaces/interface/ipv6settings/routerdiscoveryenabled=true",
    "microsoft-windows-dns-client|usedomainnamedevolution",
    "security-malware-windows-defender|disableantispyware=false",
    "microsoft-windows-winre-recoveryagent|uninstallwindowsre=false",
];

/// What logs a user on without being asked, of this component, and its switch.
const SHELL: &str = "microsoft-windows-shell-setup";
const OF_LOGON: &str = "autologon/";
const LOGS_ON: &str = "autologon/enabled";

/// What is advice in the registry is advice here (Microsoft, "UserAuthentication"): component, setting, value.
const ADVISED: (&str, &str, &str) = (
    "microsoft-windows-terminalservices-rdp-winstationextensions",
    "userauthentication",
    "0",
);

/// What the settings of one component do.
pub(super) fn of(it: &Command<'_>) -> Deed {
    let component = it.word(1);
    let settings = || {
        it.rest(2)
            .iter()
            .map(|s| s.split_once('=').unwrap_or((s, "")))
    };
    let mut switches = settings().filter(|(path, _)| *path == LOGS_ON).peekable();
    let is_off = switches.peek().is_some() && switches.all(|(_, value)| value == "false");
    let odd = settings().find(|(path, value)| {
        // Who would log on is nobody, then.
        if is_off && component == SHELL && path.starts_with(OF_LOGON) {
            return false;
        }
        !HARMLESS.iter().any(|known| {
            let (of, rest) = known.split_once('|').unwrap_or((known, ""));
            let (name, wanted) = rest.split_once('=').unwrap_or((rest, "*"));
            let fits = match wanted.strip_prefix("\\*") {
                Some(start) => value.starts_with(&format!("*{}", start.trim_end_matches('*'))),
                None => matches(wanted, value),
            };
            matches(of, component) && matches(name, path) && fits
        })
    });
    let advised = settings().find(|setting| {
        let (of, name, wanted) = ADVISED;
        of == component && *setting == (name, wanted)
    });
    match odd.filter(|odd| Some(*odd) != advised) {
        None if advised.is_some() => Deed::Advised(say!(win_cap_001_no_authentication)),
        None => Deed::Harmless,
        Some((setting, _)) => Deed::Unclear(say!(
            win_first_setting,
            component = component,
            setting = setting
        )),
    }
}
