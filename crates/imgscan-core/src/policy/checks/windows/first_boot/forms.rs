//! Commands of first starts in the exact forms that harm nobody.

use super::Command;
use crate::evidence::windows::{FirstCommand, batch_name, batch_words};
use crate::text::matches;

/// Forms: words in lower case, `*` for any part of one. A word is matched by one word.
const FORMS: &[&str] = &[
    "bcdedit /ems * on",
    "bcdedit /ems * off",
    "bcdedit /bootems * on",
    "bcdedit /emssettings emsport:* emsbaudrate:*",
    "bcdedit /emssettings bios",
    "bcdedit /set * bootems on",
    "bcdedit /set * bootems yes",
    "bcdedit /set recoveryenabled no",
    "bcdedit /set * recoveryenabled *",
    "bcdedit /set * bootstatuspolicy *",
    "bcdedit /set * displaybootmenu *",
    "certutil -setreg chain\\chaincacheresyncfiletime @now",
    "auditpol /set /category:* /success:enable /failure:enable",
    "cleanmgr /sagerun:*",
    "compact /compactos:query",
    "compact /compactos:never",
    "compact /compactos:always",
    "defrag c: /o",
    "diskpart-line exit",
    "diskpart-line list disk",
    "diskpart-line list volume",
    "diskpart-line rescan",
    "diskpart-line san policy=onlineall",
    "diskpart-line select volume c",
    "diskpart-line extend",
    "dism /online /enable-feature /featurename:netfx3 /all /norestart",
    "dism /online /cleanup-image /startcomponentcleanup",
    "dism /online /cleanup-image /startcomponentcleanup /resetbase",
    "fsutil behavior query *",
    "fsutil behavior set disablelastaccess *",
    "fsutil behavior set disable8dot3 *",
    "fsutil behavior set disabledeletenotify 0",
    "fsutil usn deletejournal /d c:",
    // The access that Windows' own lists give (Microsoft, CVE-2021-36934).
    "icacls *:\\windows\\system32\\config\\*.* /inheritance:e",
    "iisreset",
    "iisreset /start",
    "iisreset /restart",
    "iisreset /noforce",
    "iisreset /status",
    "label c: *",
    "lodctr /r",
    "msg * *",
    "netsh winsock reset",
    "netsh winhttp reset proxy",
    "netsh interface ipv4 set dnsservers * dhcp",
    "netsh interface ip set dns * dhcp",
    "netsh interface ip set dns * source=dhcp",
    "netsh interface ip set dns name=* source=dhcp",
    "netsh interface ip set address * dhcp",
    "netsh interface ip set address * source=dhcp",
    "netsh interface ip set address name=* source=dhcp",
    "netsh interface ipv4 set address name=* source=dhcp",
    "netsh interface ipv4 set dnsservers name=* source=dhcp",
    "netsh interface set interface name=* newname=*",
    "netsh advfirewall set allprofiles state on",
    "netsh advfirewall set currentprofile state on",
    "netsh advfirewall set domainprofile state on",
    "netsh advfirewall set privateprofile state on",
    "netsh advfirewall set publicprofile state on",
    "netsh advfirewall firewall set rule group=remote desktop new enable=yes",
    "netsh advfirewall firewall set rule group=远程桌面 new enable=yes",
    "netsh advfirewall firewall set rule group=@firewallapi.dll,-28752 new enable=yes",
    "netsh advfirewall firewall add rule name=* protocol=icmpv4:8,any dir=in action=allow",
    "netsh advfirewall firewall add rule name=* protocol=icmpv4 dir=in action=allow",
    "netsh advfirewall firewall add rule name=* dir=in action=allow protocol=icmpv4",
    "reagentc /enable",
    "reagentc /info",
    "sfc /scannow",
    "sc triggerinfo w32time start/networkon stop/networkoff",
    "shutdown /r /t *",
    "shutdown /r /t * /f",
    "shutdown /r /f /t *",
    "shutdown /r",
    "shutdown -r -t *",
    "shutdown -r -t * -f",
    "shutdown -r -f -t *",
    "w32tm",
    "w32tm /register",
    "w32tm /query *",
    "w32tm /config /update",
    "wevtutil el",
    "wevtutil gl *",
    "wevtutil cl system",
    "wevtutil cl application",
    "wevtutil cl setup",
    "wevtutil sl * /ms:*",
    "vssadmin list shadows",
    "wmic computersystem set automaticmanagedpagefile=*",
    "wmic computersystem where name=%computername% set automaticmanagedpagefile=*",
    "wmic pagefileset delete",
    "wmic useraccount where name='administrator' set passwordexpires=false",
    "wmic useraccount where name='administrator' set passwordexpires=true",
    "wmic useraccount where name=administrator set passwordexpires=*",
];

/// True where the command `name` has a form that is known.
pub(super) fn is_known(it: &Command<'_>, name: &str) -> bool {
    if name == "w32tm" && (is_time(it) || asks_for_time(it))
        || name == "pnputil" && adds_nothing(it)
    {
        return true;
    }
    let fits = |form: &&str| {
        // Marks of quotation may keep several words together.
        let (first, rest) = form.split_once(' ').unwrap_or((form, ""));
        if first != name {
            return false;
        }
        let wanted = join(rest);
        let given = it.rest(1);
        wanted.len() == given.len() && wanted.iter().zip(given).all(|(w, g)| matches(w, g))
    };
    FORMS.iter().any(fits)
}

/// True where forms of the program `name` are known here.
pub(super) fn has_forms_of(name: &str) -> bool {
    FORMS
        .iter()
        .any(|form| form.split(' ').next() == Some(name))
}

/// The words of a form; a name with a blank is one.
fn join(form: &str) -> Vec<String> {
    let form = form.replace("remote desktop", "remote\u{a0}desktop");
    let words = form.split(' ').filter(|w| !w.is_empty());
    words.map(|w| w.replace('\u{a0}', " ")).collect()
}

/// Hosts of the cloud and of Windows itself, with a port or flags behind them.
pub(super) fn is_own_host(host: &str) -> bool {
    let host = host.split([':', ',']).next().unwrap_or_default();
    let plain = host
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || ".-".contains(c));
    plain && (host.ends_with(".tencentyun.com") || host == "time.windows.com")
}

/// `w32tm /config` with hosts of the cloud.
fn is_time(it: &Command<'_>) -> bool {
    let known = |word: &String| match word.split_once(':') {
        Some(("/manualpeerlist", peers)) => {
            !peers.trim().is_empty() && peers.split_whitespace().all(is_own_host)
        }
        Some(("/syncfromflags", from)) => ["manual", "domhier", "manual,domhier"].contains(&from),
        Some(("/reliable", _)) => true,
        _ => word == "/update",
    };
    let peers = it.has("/manualpeerlist:") || it.has("/syncfromflags:domhier");
    it.word(1) == "/config" && peers && it.rest(2).iter().all(known)
}

/// `w32tm /resync` of this machine, or `/unregister` where `/register` follows.
fn asks_for_time(it: &Command<'_>) -> bool {
    const HOW: [&str; 4] = ["/force", "/nowait", "/rediscover", "/soft"];
    match it.word(1) {
        "/resync" => it.rest(2).iter().all(|w| HOW.contains(&w.as_str())),
        "/unregister" => it.rest(2).is_empty() && registers_again(it),
        _ => false,
    }
}

/// True where the last command of the first start about the registration of the clock's service makes it.
fn registers_again(it: &Command<'_>) -> bool {
    let commands = it.context.evidence.windows.first_boot().items.iter();
    let mut about = commands.rev().map(|c| &c.fact).filter(|c| {
        let words = batch_words(&c.text.to_lowercase());
        batch_name(&c.text) == "w32tm"
            && matches!(
                words.get(1).map(String::as_str),
                Some("/register" | "/unregister")
            )
    });
    let makes = |c: &FirstCommand| c.certain && c.text.to_lowercase().contains("/register");
    about.next().is_some_and(makes)
}

/// `pnputil /add-driver` of a folder that is not there.
fn adds_nothing(it: &Command<'_>) -> bool {
    let (adds, given) = (it.word(1), it.rest(2));
    let Some((path, switches)) = given.split_first() else {
        return false;
    };
    let folder = path.rsplit_once('\\').map_or("", |(folder, _)| folder);
    let usual = switches.iter().all(|s| s == "/install" || s == "/subdirs");
    let drive = it.context.evidence.windows.roots().drive.to_lowercase();
    adds == "/add-driver"
        && usual
        && folder.starts_with(&format!("{drive}\\"))
        && !folder.contains('*')
        && matches!(it.context.evidence.files.names(folder), Ok(None))
}
