//! What waits to be carried out at the next start, in stores that hold no command line: packages,
//! queues and documents of parts of Windows that read them without being asked.
//!
//! Microsoft, "Provisioning packages", "Push-button reset", "Windows PowerShell Desired State
//! Configuration" (the local configuration manager), "Background Intelligent Transfer Service"
//! (`SetNotifyCmdLine`), "Mobile device management"; CVE-2020-1048 (print jobs whose port is a file).

use std::collections::BTreeSet;

use super::paths::absolute;
use super::reading::text_of;
use super::remote::stranger;
use super::sources::Collector;
use super::{Account, Occasion, Subject};
use crate::error::{Error, Layer};
use crate::evidence::Location;
use crate::evidence::windows::{search, xml};
use crate::fs::FileKind;
use crate::guest::windows::expand;

/// Files that are carried out as they stand, by patterns of their paths, and what each is.
const CARRIED_OUT: &[(&str, &str)] = &[
    (
        "Provisioning package",
        r"%SystemDrive%\Recovery\Customizations\*.ppkg",
    ),
    (
        "Provisioning package",
        r"%SystemRoot%\Provisioning\Packages\*.ppkg",
    ),
    (
        "Provisioning package",
        r"%ProgramData%\Microsoft\Provisioning\*.ppkg",
    ),
    (
        "Provisioning package",
        r"%ProgramData%\Microsoft\Provisioning\*\*.ppkg",
    ),
    (
        "Script of a reset",
        r"%SystemDrive%\Recovery\OEM\ResetConfig.xml",
    ),
];
/// Files of which it can't be told what they make Windows do; empty ones say nothing.
const UNREAD: &[(&str, &str)] = &[
    (
        "Desired state",
        r"%SystemRoot%\System32\Configuration\Pending.mof",
    ),
    (
        "Desired state",
        r"%SystemRoot%\System32\Configuration\Current.mof",
    ),
    (
        "Desired state",
        r"%SystemRoot%\System32\Configuration\MetaConfig.mof",
    ),
    ("Servicing", r"%SystemRoot%\WinSxS\pending.xml"),
    ("Print job", r"%SystemRoot%\System32\spool\PRINTERS\*.SPL"),
    ("Print job", r"%SystemRoot%\System32\spool\PRINTERS\*.SHD"),
];
/// Where the recovery environment lies by default, in lower case.
const RECOVERY: [&str; 3] = ["", r"\recovery\windowsre", r"\windows\system32\recovery"];
/// Files by which browsers are given extensions, authorities and proxies for every user, and what in them does
/// so, in lower case (Mozilla, "Policy templates for Firefox"; Chrome, "Alternative installation methods").
const OF_BROWSERS: [(&str, &[&str]); 4] = [
    (
        r"%SystemDrive%\Program Files\Mozilla Firefox\distribution\policies.json",
        &OF_FIREFOX,
    ),
    (
        r"%SystemDrive%\Program Files (x86)\Mozilla Firefox\distribution\policies.json",
        &OF_FIREFOX,
    ),
    (
        r"%SystemDrive%\Program Files\Google\Chrome\Application\*\Extensions\external_extensions.json",
        &OF_CHROME,
    ),
    (
        r"%SystemDrive%\Program Files (x86)\Google\Chrome\Application\*\Extensions\external_extensions.json",
        &OF_CHROME,
    ),
];
const OF_FIREFOX: [&str; 7] = [
    "\"autoconfig",
    "\"certificates\"",
    "\"dnsoverhttps\"",
    "\"extensions\"",
    "\"extensionsettings\"",
    "\"proxy\"",
    "\"securitydevices\"",
];
const OF_CHROME: [&str; 2] = ["\"external_crx\"", "\"external_update_url\""];
/// Entries of a phone book that load a library, or that connect without being asked, in lower case.
const OF_CONNECTIONS: [&str; 5] = [
    "customdialdll",
    "customrasdialdll",
    "alwayson",
    "autotriggerprofile",
    "devicetunnel",
];
/// Longer descriptions of the recovery environment and manifests are not read, in bytes.
const MAX_DOCUMENT: u64 = 1 << 20;
/// A longer queue of transfers is not read, in bytes.
const MAX_QUEUE: u64 = 64 << 20;
/// Signs of a text of the queue.
const MAX_SIGNS: usize = 65_536;
/// Hosts that Windows and its browsers fetch their updates from: the ends of their names.
const OWN_HOSTS: &[&str] = &[
    ".microsoft.com",
    ".windowsupdate.com",
    ".windows.com",
    ".msedge.net",
    ".gvt1.com",
    ".tencentyun.com",
];
/// Parts of the paths that those updates are fetched to, in lower case.
const OWN_DOWNLOADS: &[&str] = &[
    r"\windows\softwaredistribution\",
    r"\windows\systemtemp\",
    r"\windows\temp\",
    r"\microsoft\edgeupdate\",
    r"\microsoft\windows defender\",
    r"\google\update\",
    r"\google\googleupdater\",
];
/// Endings of what can run.
const RUNS: &[&str] = &[
    ".exe", ".com", ".bat", ".cmd", ".ps1", ".vbs", ".vbe", ".js", ".jse", ".wsf", ".hta", ".dll",
    ".scr", ".msi", ".cpl",
];
/// Endings of files of a driver's package that are loaded, started or carried out.
const OF_PACKAGES: &[&str] = &[".sys", ".dll", ".exe", ".inf"];
/// Folders of one package that are looked into.
const MAX_FOLDERS: usize = 1024;
/// Signs in the manifest of an application that something of it starts by itself, in lower case.
const STARTS: [&str; 2] = ["windows.startuptask", "windows.service"];

impl Collector<'_, '_> {
    /// Packages, queues and documents that wait for the next start.
    pub(super) fn waiting(&mut self) {
        for (kind, pattern) in CARRIED_OUT {
            for (path, at) in self.files_of(pattern) {
                let what = (Subject::FirstBoot, *kind, last(&path));
                let runs = (Occasion::FirstBoot, Account::System);
                self.add(what, runs, &path, at, |r| r.file(&path));
            }
        }
        for (kind, pattern) in UNREAD {
            for (path, at) in self.files_of(pattern) {
                self.told(kind, &path, at);
            }
        }
        self.print_ports();
        self.transfers();
        self.recovery_environment();
        self.phonebooks();
        self.themes();
        self.browsers();
        self.enrolments();
        self.managed_machines();
        self.applications_of_all();
        self.applications_of_users();
    }

    /// Something of which it can't be told what it makes Windows run.
    fn told(&mut self, kind: &str, what: &str, at: Location) {
        let name = last(what);
        let runs = (Occasion::Boot, Account::System);
        self.add((Subject::Script, kind, name), runs, what, at, |r| {
            r.unclear_value(what);
        });
    }

    /// The files that `pattern` matches and that are not empty.
    fn files_of(&mut self, pattern: &str) -> Vec<(String, Location)> {
        let found = search::find(self.windows, pattern);
        let found = self.keep(found).into_iter();
        let files = found.filter(|f| f.fact.kind == FileKind::Regular && f.fact.size > 0);
        let named = files.map(|f| (f.at.path.clone().unwrap_or_default(), f.at));
        named
            .map(|(path, at)| (path.replace('/', "\\"), at))
            .collect()
    }

    /// Ports of printers that are files: the spooler writes what is printed there, as the system.
    fn print_ports(&mut self) {
        const PORTS: &str = r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\Ports";
        let found = self.windows.values(PORTS, "*");
        for port in self.keep(found) {
            let name = port.fact.name;
            let is_share = name.starts_with(r"\\") && !name.starts_with(r"\\.\");
            if name.contains('\\') && !is_share {
                self.told("Print port", &name, port.at);
            }
        }
    }

    /// Transfers that wait in the queue of BITS: what is fetched from somebody else's host, and
    /// programs that run when a transfer ends.
    fn transfers(&mut self) {
        // The database, and its log, which is played back before it is read.
        const QUEUES: [&str; 2] = [
            r"%ProgramData%\Microsoft\Network\Downloader\qmgr*",
            r"%ProgramData%\Microsoft\Network\Downloader\edb*.log",
        ];
        let roots = self.windows.roots();
        let mut found = Vec::new();
        for queue in QUEUES {
            let read = search::read(self.windows, queue, MAX_QUEUE, |bytes, at, out| {
                let found = signs(bytes);
                if found.len() > MAX_SIGNS {
                    let what = say!(error_too_many, most = MAX_SIGNS, what = "names");
                    return Err(Error::limit(Layer::Guest, None, what));
                }
                for sign in found {
                    out.push(sign, at.clone());
                }
                Ok(())
            });
            found.extend(self.keep(read));
        }
        for sign in found {
            let path = expand(&sign.fact, &roots, &[]);
            let lower = path.to_lowercase();
            let own = OWN_DOWNLOADS.iter().any(|folder| lower.contains(folder))
                && !lower.contains(r"\..");
            if !own {
                self.told("Transfer", &path, sign.at);
                continue;
            }
            // What is there already may run when the transfer ends.
            let paths = &self.windows.guest.paths;
            if matches!(paths.find(path.as_bytes()), Ok(None)) {
                continue;
            }
            let what = (Subject::Script, "Transfer", last(&path));
            let runs = (Occasion::Boot, Account::System);
            self.add(what, runs, &path, sign.at, |r| r.file(&path));
        }
    }

    /// The description of the recovery environment: where it lies, and what it is to do.
    fn recovery_environment(&mut self) {
        let places = [
            r"%SystemRoot%\System32\Recovery\ReAgent.xml",
            r"%SystemDrive%\Recovery\WindowsRE\ReAgent.xml",
        ];
        for place in places {
            let read = search::read(self.windows, place, MAX_DOCUMENT, |bytes, at, out| {
                let text = xml::decode(bytes);
                for node in xml::parse(&text)?.descendants() {
                    let name = node.tag_name().name();
                    let path = node.attribute("path").unwrap_or_default();
                    let path = path.trim_end_matches('\\');
                    let state = node.attribute("state").unwrap_or("0");
                    let elsewhere = !name.eq_ignore_ascii_case("OsBuildVersion")
                        && !RECOVERY.contains(&path.to_lowercase().as_str());
                    let other = ["OemTool", "CustomImageAvailable"]
                        .iter()
                        .any(|n| n.eq_ignore_ascii_case(name));
                    if elsewhere || other && state != "0" {
                        let shown = match elsewhere {
                            true => format!("{name} {path}"),
                            false => format!("{name} {state}"),
                        };
                        out.push(shown, at.clone());
                    }
                }
                Ok(())
            });
            for found in self.keep(read) {
                self.told("Recovery environment", &found.fact, found.at);
            }
        }
    }

    /// Phone books of the remote access: libraries that it loads to connect, and connections that are made by
    /// themselves (Microsoft, "Custom Dialer DLL", "Always On VPN").
    fn phonebooks(&mut self) {
        const BOOK: &str = r"Microsoft\Network\Connections\Pbk\*.pbk";
        let mut places = vec![
            format!(r"%ProgramData%\{BOOK}"),
            r"%SystemRoot%\System32\ras\*.pbk".to_owned(),
        ];
        let homes = self.windows.profiles().items.iter();
        places.extend(homes.map(|p| format!(r"{}\AppData\Roaming\{BOOK}", p.fact.folder)));
        for place in places {
            let read = search::read(self.windows, &place, MAX_DOCUMENT, |bytes, at, out| {
                for (number, line) in xml::decode(bytes).lines().enumerate() {
                    let (name, value) = line.split_once('=').unwrap_or((line, ""));
                    let (name, value) = (name.trim().to_lowercase(), value.trim());
                    let is_set = !matches!(value, "" | "0");
                    if is_set && OF_CONNECTIONS.contains(&name.as_str()) {
                        out.push((name, value.to_owned()), at.clone().line(number + 1));
                    }
                }
                Ok(())
            });
            for found in self.keep(read) {
                let (name, value) = found.fact;
                if name.ends_with("dll") {
                    let what = (Subject::Extension, "Connection", last(&value));
                    let runs = (Occasion::Demand, Account::System);
                    self.add(what, runs, &value, found.at, |r| r.library(&value));
                } else {
                    self.told("Connection", &format!("{name}={value}"), found.at);
                }
            }
        }
    }

    /// Pictures and sounds of another computer that the theme of a user names: Windows opens them at the logon, and
    /// answers that computer as the user (Microsoft, "Theme file format").
    fn themes(&mut self) {
        const THEMES: &str = r"Software\Microsoft\Windows\CurrentVersion\Themes";
        const NAMES: [&str; 2] = ["CurrentTheme", "InstallTheme"];
        let keys = [format!(r"HKU\*\{THEMES}"), format!(r"HKLM\{THEMES}")];
        let mut files = BTreeSet::new();
        for (key, name) in keys.iter().flat_map(|key| NAMES.map(|name| (key, name))) {
            let found = self.windows.values(key, name);
            for value in self.keep(found) {
                let variables = self.windows.variables_at(&value.at);
                let pairs = variables.iter().map(|(n, v)| (n.as_str(), v.as_str()));
                let text = value.fact.data.to_string();
                let path = expand(&text, &self.windows.roots(), &pairs.collect::<Vec<_>>());
                // What lies on another computer is told with the value.
                if !path.contains(['*', '?']) && !path.starts_with(r"\\") && !path.is_empty() {
                    files.insert(path);
                }
            }
        }
        let own = self.own_names();
        for path in files {
            let read = search::read(self.windows, &path, MAX_DOCUMENT, |bytes, at, out| {
                for (number, line) in xml::decode(bytes).lines().enumerate() {
                    if stranger(line, &own).is_some() {
                        out.push(line.trim().to_owned(), at.clone().line(number + 1));
                    }
                }
                Ok(())
            });
            for found in self.keep(read) {
                self.told("Theme", &found.fact, found.at);
            }
        }
    }

    /// What browsers are given for every user.
    fn browsers(&mut self) {
        for (place, signs) in OF_BROWSERS {
            let read = search::read(self.windows, place, MAX_DOCUMENT, |bytes, at, out| {
                let text = xml::decode(bytes).to_lowercase();
                let sign = signs.iter().find(|sign| text.contains(**sign));
                if let Some(sign) = sign {
                    out.push((*sign).trim_matches('"').to_owned(), at);
                }
                Ok(())
            });
            for found in self.keep(read) {
                self.told("Settings of a browser", &found.fact, found.at);
            }
        }
    }

    /// Servers that manage the machine: they may install and run what they like.
    fn enrolments(&mut self) {
        const SERVERS: [(&str, &str); 5] = [
            // Microsoft, "Onboard Windows devices": whose tenant it is may run what it likes.
            (
                r"HKLM\SOFTWARE\Policies\Microsoft\Windows Advanced Threat Protection",
                "OnboardingInfo",
            ),
            (
                r"HKLM\SOFTWARE\Microsoft\Windows Advanced Threat Protection",
                "OnboardedInfo",
            ),
            // Microsoft, "Troubleshoot devices by using the dsregcmd command": its administrators are
            // those of the machine.
            (
                r"HKLM\SYSTEM\CurrentControlSet\Control\CloudDomainJoin\JoinInfo\*",
                "TenantId",
            ),
            (
                r"HKLM\SOFTWARE\Microsoft\Enrollments\*",
                "DiscoveryServiceFullURL",
            ),
            (
                r"HKLM\SOFTWARE\Microsoft\Provisioning\OMADM\Accounts\*\Protected\AddrInfo",
                "Addr",
            ),
        ];
        for (key, value) in SERVERS {
            let found = self.windows.values(key, value);
            for server in self.keep(found) {
                let text = server.fact.data.to_string();
                if !text.trim().is_empty() {
                    self.told("Enrolment", &text, server.at);
                }
            }
        }
    }

    /// Machines that the console of the server asks when an administrator logs on (Server Manager,
    /// `ServerList.xml`).
    fn managed_machines(&mut self) {
        const LIST: &str = r"AppData\Roaming\Microsoft\Windows\ServerManager\ServerList.xml";
        let own = self.own_names();
        let homes = self.windows.profiles().items.iter();
        let lists: Vec<String> = homes
            .map(|p| format!(r"{}\{LIST}", p.fact.folder))
            .collect();
        for path in lists {
            let Some(text) = self.text_of(&path) else {
                continue;
            };
            let quoted = |behind: &str| behind.split('"').next().unwrap_or_default().to_owned();
            let local = text.split("localhostname=\"").nth(1).map(quoted);
            for name in text.split(" name=\"").skip(1).map(quoted) {
                let is_own = own.iter().any(|n| n.eq_ignore_ascii_case(&name))
                    || name == "localhost"
                    // The name from before sysprep.
                    || Some(&name) == local.as_ref() && !name.contains('.');
                if !is_own {
                    let at = Location::of_path(path.replace('\\', "/"));
                    self.told("Managed machine", &name, at);
                }
            }
        }
    }

    /// Applications that each new user gets: their packages lie in folders of Windows, where a
    /// manifest that starts something has to be Windows' own, or in that of the store.
    fn applications_of_all(&mut self) {
        const STORE: &str =
            r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Appx\AppxAllUserStore\*\*";
        let roots = self.windows.roots();
        let own = format!(r"{}\", roots.windows).to_lowercase();
        let store = format!(r"{}\Program Files\WindowsApps\", roots.drive).to_lowercase();
        let found = self.windows.values(STORE, "Path");
        for package in self.keep(found) {
            let path = expand(&package.fact.data.to_string(), &roots, &[]);
            let lower = path.to_lowercase().replace('/', "\\");
            let outside = lower.contains(r"\..");
            if !outside && lower.starts_with(&store) {
                continue;
            }
            if outside || !lower.starts_with(&own) {
                self.told("Application of all users", &path, package.at);
                continue;
            }
            let text = self.text_of(&path).unwrap_or_default();
            if STARTS.iter().any(|sign| text.contains(sign)) {
                let what = (Subject::Script, "Application of all users", path.as_str());
                let runs = (Occasion::Logon, Account::User);
                self.add(what, runs, &path, package.at, |r| r.file(&path));
            }
        }
    }

    /// Applications that one user has: the folder of each is that of the store, or one of Windows whose
    /// manifest starts nothing that somebody else made.
    fn applications_of_users(&mut self) {
        const KIND: &str = "Application of a user";
        const PACKAGES: &str = concat!(
            r"Local Settings\Software\Microsoft\Windows\CurrentVersion\AppModel",
            r"\Repository\Packages\*"
        );
        let roots = self.windows.roots();
        let own = format!(r"{}\", roots.windows).to_lowercase();
        let store = format!(r"{}\Program Files\WindowsApps\", roots.drive).to_lowercase();
        for classes in self.classes_of_each_user() {
            let key = format!(r"{classes}\{PACKAGES}");
            let found = self.windows.values(&key, "PackageRootFolder");
            for package in self.keep(found) {
                let text = package.fact.data.to_string();
                let text = self.windows.expanded_at(&text, &package.at);
                let Ok(folder) = absolute(self.windows, &text, None) else {
                    self.told(KIND, &text, package.at);
                    continue;
                };
                let lower = format!(r"{}\", folder.to_lowercase());
                if lower.starts_with(&store) || self.located(&folder).is_none() {
                    continue;
                }
                if !lower.starts_with(&own) {
                    self.told(KIND, &folder, package.at);
                    continue;
                }
                let manifest = format!(r"{folder}\AppxManifest.xml");
                let text = text_of(self.windows, &manifest).unwrap_or_default();
                if STARTS.iter().any(|sign| text.contains(sign)) {
                    let what = (Subject::Script, KIND, manifest.as_str());
                    let runs = (Occasion::Logon, Account::User);
                    self.add(what, runs, &manifest, package.at, |r| r.file(&manifest));
                }
            }
        }
    }

    /// Packages of drivers that Windows installs as it finds their devices: one entry for each that
    /// has a file which no trusted catalog or signature speaks for.
    pub(super) fn driver_packages(&mut self) {
        let store = format!(
            r"{}\System32\DriverStore\FileRepository",
            self.windows.roots().windows
        );
        let packages = self.names(&store);
        for package in packages {
            let folder = format!(r"{store}\{package}");
            let mut files = Vec::new();
            let mut folders = vec![folder.clone()];
            let mut looked_at = 0_usize;
            while let Some(one) = folders.pop() {
                looked_at = looked_at.saturating_add(1);
                if looked_at > MAX_FOLDERS {
                    self.bounded(&folder, looked_at, MAX_FOLDERS);
                    break;
                }
                for name in self.names(&one) {
                    let lower = name.to_lowercase();
                    if OF_PACKAGES.iter().any(|e| lower.ends_with(e)) {
                        files.push(format!(r"{one}\{name}"));
                    }
                }
                let below = self.names_of_folders(&one).into_iter();
                folders.extend(below.map(|name| format!(r"{one}\{name}")));
            }
            files.retain(|path| !matches!(self.windows.is_listed(path), Ok(Some(true) | None)));
            if files.is_empty() {
                continue;
            }
            let what = (Subject::Extension, "Driver package", package.as_str());
            let runs = (Occasion::Demand, Account::System);
            let at = Location::of_path(folder.replace('\\', "/"));
            self.add(what, runs, &folder, at, |r| {
                for path in &files {
                    r.file(path);
                }
            });
        }
    }
}

/// The last name of a path.
fn last(path: &str) -> &str {
    path.rsplit('\\').next().unwrap_or_default()
}

/// Texts of a queue that name what runs, or what is fetched from somebody else's host: UTF-16 of
/// either alignment.
fn signs(bytes: &[u8]) -> BTreeSet<String> {
    let mut out = BTreeSet::new();
    for skip in 0..2 {
        let mut run = String::new();
        let units = bytes.get(skip..).unwrap_or_default().chunks_exact(2);
        let units = units.map(|p| u16::from_le_bytes([p[0], p[1]]));
        for unit in units.chain([0]) {
            match char::from_u32(unit.into()) {
                Some(c) if !c.is_control() && !matches!(unit, 0xFFFF | 0xFFFE) => run.push(c),
                _ => {
                    if out.len() <= MAX_SIGNS {
                        out.extend(sign(&run));
                    }
                    run.clear();
                }
            }
        }
    }
    out
}

/// What `text` names, where that is a program or an address that is not Windows' own.
fn sign(text: &str) -> Option<String> {
    let lower = text.to_ascii_lowercase();
    if let Some(at) = lower.find("://") {
        let host = lower.get(at + 3..).unwrap_or_default();
        let host = host.split(['/', ':', '?', '\\']).next().unwrap_or_default();
        let host = host.rsplit('@').next().unwrap_or_default();
        let fetches = ["http", "https", "file", "ftp"].iter().any(|scheme| {
            lower
                .get(..at)
                .is_some_and(|before| before.ends_with(scheme))
        });
        let own = OWN_HOSTS
            .iter()
            .any(|own| format!(".{host}").ends_with(own));
        return (fetches && !own).then(|| text.to_owned());
    }
    let at = lower.find(r":\")?.checked_sub(1)?;
    let path = text.get(at..)?;
    let is_drive = path.starts_with(|c: char| c.is_ascii_alphabetic());
    let runs = RUNS.iter().any(|ending| {
        let mut found = lower.match_indices(ending);
        found.any(|(i, _)| {
            let behind = lower.get(i + ending.len()..).unwrap_or_default();
            !behind.starts_with(|c: char| c.is_alphanumeric() || matches!(c, '_' | '\\'))
        })
    });
    (is_drive && runs).then(|| path.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Vec<String> {
        let mut bytes = vec![0; 31];
        bytes.extend(text.encode_utf16().flat_map(u16::to_le_bytes));
        bytes.extend([0; 9]);
        signs(&bytes).into_iter().collect()
    }

    #[test]
    fn a_queue_names_programs_and_hosts_of_others() {
        let command = r"C:\Windows\System32\cmd.exe /c C:\ProgramData\x\x.exe";
        assert_eq!(of(command), [command]);
        let fetched = "https://203.0.113.7/x.cab";
        assert_eq!(of(fetched), [fetched]);
        assert_eq!(
            of("https://microsoft.com.example.org/x"),
            ["https://microsoft.com.example.org/x"]
        );
        let own = "http://msedge.b.tlu.dl.delivery.mp.microsoft.com/files/a?P1=1";
        assert_eq!(of(own), [""; 0]);
        assert_eq!(
            of(r"C:\Windows\SoftwareDistribution\Download\a\b.cab"),
            [""; 0]
        );
        assert_eq!(of(r"C:\ProgramData\example.folder\a.txt"), [""; 0]);
    }
}
