//! Files that run or are loaded without any place that names them: libraries that Windows looks for
//! and does not have, libraries beside Explorer and the host of WMI, modules of PowerShell, programs
//! before Windows' own in the search path, and what OpenSSH reads.
//!
//! Hexacorn and hijacklibs.net (libraries that are looked for); Microsoft, "Dynamic-link library
//! search order", "about_PSModulePath" and "OpenSSH server configuration for Windows".

use super::paths::{Unresolved, absolute};
use super::phantoms::{PHANTOMS, is_phantom};
use super::sources::Collector;
use super::{Account, Occasion, Subject};
use crate::error::{Error, Kind, Layer};
use crate::evidence::windows::{Language, Signed};
use crate::evidence::{Gap, Location};
use crate::fs::FileKind;

/// Modules that Windows brings in its own folder, with those of roles and of administration (Microsoft,
/// "PowerShell module compatibility" and the reference of the modules of Windows).
const OWN_MODULES: &[&str] = &[
    "ActiveDirectory",
    "ADCSAdministration",
    "ADCSDeployment",
    "ADDSDeployment",
    "ADFS",
    "ADFSToolbox",
    "ADRMS",
    "ADRMSAdmin",
    "AppBackgroundTask",
    "AppLocker",
    "AppvClient",
    "Appx",
    "AssignedAccess",
    "AttestationAdministration",
    "AttestationAdministrationClient",
    "BestPractices",
    "BitLocker",
    "BitsTransfer",
    "BootEventCollector",
    "BranchCache",
    "CimCmdlets",
    "ClusterAwareUpdating",
    "ConfidentialVM",
    "ConfigCI",
    "ConfigDefender",
    "ConfigDefenderPerformance",
    "DcbQos",
    "Deduplication",
    "Defender",
    "DefenderPerformance",
    "DeliveryOptimization",
    "DeviceHealthAttestation",
    "DFSN",
    "DFSR",
    "DhcpServer",
    "DirectAccessClientComponents",
    "Dism",
    "DnsClient",
    "DnsServer",
    "EventTracingManagement",
    "FailoverClusters",
    "FileServerResourceManager",
    "GroupPolicy",
    "HardenedFabric",
    "HgsAttestation",
    "HgsClient",
    "HgsDiagnostics",
    "HgsKeyProtection",
    "HgsServer",
    "HostComputeService",
    "HostNetworkingService",
    "Hyper-V",
    "IISAdministration",
    "International",
    "IpamServer",
    "iSCSI",
    "IscsiTarget",
    "ISE",
    "Kds",
    "KeyDistributionService",
    "LanguagePackManagement",
    "LAPS",
    "Microsoft.PowerShell.Archive",
    "Microsoft.PowerShell.Diagnostics",
    "Microsoft.PowerShell.Host",
    "Microsoft.PowerShell.LocalAccounts",
    "Microsoft.PowerShell.Management",
    "Microsoft.PowerShell.ODataUtils",
    "Microsoft.PowerShell.Operation.Validation",
    "Microsoft.PowerShell.Security",
    "Microsoft.PowerShell.Utility",
    "Microsoft.Windows.Bcd.Cmdlets",
    "Microsoft.Windows.ServerManager.Migration",
    "Microsoft.WSMan.Management",
    "MMAgent",
    "MPIO",
    "MsDtc",
    "MSMQ",
    "MultiPoint",
    "MultiPointVdi",
    "NetAdapter",
    "NetConnection",
    "NetDiagnostics",
    "NetEventPacketCapture",
    "NetLbfo",
    "NetLldpAgent",
    "NetNat",
    "NetQos",
    "NetSecurity",
    "NetSwitchTeam",
    "NetTCPIP",
    "NetWNV",
    "NetworkConnectivityStatus",
    "NetworkController",
    "NetworkControllerDiagnostics",
    "NetworkControllerFc",
    "NetworkLoadBalancingClusters",
    "NetworkSwitchManager",
    "NetworkTransition",
    "NetworkVirtualization",
    "NFS",
    "NPS",
    "OsConfiguration",
    "PackageManagement",
    "PcsvDevice",
    "PersistentMemory",
    "Pester",
    "PKI",
    "PnpDevice",
    "PowerShellGet",
    "PowerShellWebAccess",
    "PrintManagement",
    "ProcessMitigations",
    "Provisioning",
    "ProvisioningPackages",
    "PSDesiredStateConfiguration",
    "PSDiagnostics",
    "PSEvents",
    "PSReadline",
    "PSScheduledJob",
    "PSWorkflow",
    "PSWorkflowUtility",
    "RemoteAccess",
    "RemoteDesktop",
    "RemoteDesktopServices",
    "ScheduledTasks",
    "SecureBoot",
    "ServerCore",
    "ServerManager",
    "ServerManagerShell",
    "ServerManagerTasks",
    "ServerMigration",
    "ShieldedVMDataFile",
    "ShieldedVMProvisioning",
    "ShieldedVMTemplate",
    "SmbShare",
    "SmbWitness",
    "SMISConfig",
    "SmsSetup",
    "SoftwareInventoryLogging",
    "StartLayout",
    "StartScreen",
    "Storage",
    "StorageBusCache",
    "StorageMigrationService",
    "StorageQoS",
    "StorageReplica",
    "SyncShare",
    "SystemInsights",
    "TLS",
    "TroubleshootingPack",
    "TrustedPlatformModule",
    "UEV",
    "UpdateServices",
    "UserAccessLogging",
    "VAMT",
    "VMDirectStorage",
    "VpnClient",
    "Wdac",
    "WDS",
    "WebAdministration",
    "WebApplicationProxy",
    "Whea",
    "WindowsDeveloperLicense",
    "WindowsErrorReporting",
    "WindowsSearch",
    "WindowsServerBackup",
    "WindowsUpdate",
    "WindowsUpdateProvider",
    "WSSCmdlets",
    "WSSSetupCmdlets",
];
/// The kind of libraries that Windows looks for and does not have.
const SEARCHED: &str = "Searched library";
/// The machine's variables.
const ENVIRONMENT: &str = r"HKLM\SYSTEM\CurrentControlSet\Control\Session Manager\Environment";
/// Files that are looked at of one folder.
pub(super) const MAX_FILES: usize = 65_536;
/// Folders of one search path.
const MAX_SEARCHED: usize = 256;
/// Files of one module that are told, and folders below folders that they are looked for in.
const MAX_TOLD: usize = 64;
const MAX_LEVELS: usize = 8;

impl Collector<'_, '_> {
    fn is_file(&self, path: &str) -> bool {
        let found = self.windows.guest.paths.find(path.as_bytes());
        matches!(found, Ok(Some(file)) if file.metadata.kind == FileKind::Regular)
    }

    fn library_at(&mut self, kind: &str, path: &str) {
        self.file(Subject::Extension, kind, Occasion::Demand, path);
    }

    /// Libraries that nothing names.
    pub(super) fn unnamed_libraries(&mut self) {
        let root = self.windows.roots().windows;
        for (name, _) in PHANTOMS {
            for folder in ["System32", r"System32\wbem"] {
                let path = format!(r"{root}\{folder}\{name}");
                self.library_at(SEARCHED, &path);
            }
        }
        // Where Windows does not have one, the search goes on.
        for folder in self.foreign_search_path() {
            for name in self.names(&folder) {
                let own = format!(r"{root}\System32\{name}");
                let path = format!(r"{folder}\{name}");
                if is_phantom(&name) && !self.is_file(&own) && !self.is_vouched_for(&path) {
                    self.library_at(SEARCHED, &path);
                }
            }
        }
        for folder in [root.clone(), format!(r"{root}\System32\wbem")] {
            for name in self.names(&folder) {
                if name.to_lowercase().ends_with(".dll") {
                    self.library_at("Library beside a program", &format!(r"{folder}\{name}"));
                }
            }
        }
    }

    /// The folders that `text`, a search path that stands at `at`, lists. One of another computer is
    /// told; what is no path from a drive or its root is none.
    fn listed(&mut self, text: &str, at: &Location) -> Vec<String> {
        let text = self.windows.expanded_at(text, at);
        let mut out = Vec::new();
        for folder in text.split(';').map(|f| f.trim().trim_matches('"')) {
            let is_whole = folder.get(1..2) == Some(":") || folder.starts_with(['\\', '/']);
            match absolute(self.windows, folder, None) {
                Ok(path) if is_whole => out.push(path.trim_end_matches('\\').to_owned()),
                Err(Unresolved::Remote(path)) => {
                    let what = (Subject::Environment, "Search path", path.as_str());
                    let runs = (Occasion::Demand, Account::System);
                    self.add(what, runs, &path, at.clone(), |r| r.unclear_value(&path));
                }
                _ => {}
            }
        }
        out
    }

    /// True for a folder of a drive that no volume of the image is.
    fn is_on_no_volume(&self, folder: &str) -> bool {
        let found = self.windows.guest.paths.find(folder.as_bytes());
        matches!(found, Err(e) if e.kind == Kind::Unsupported)
    }

    /// True for the folder of Windows and those below.
    fn is_of_windows(&self, folder: &str) -> bool {
        let root = format!(r"{}\", self.windows.roots().windows).to_lowercase();
        format!(r"{}\", folder.to_lowercase().replace('/', "\\")).starts_with(&root)
    }

    /// The folders outside of Windows' own in which every program, or those of a user, look for
    /// libraries at last: those of `Path`.
    pub(super) fn foreign_search_path(&mut self) -> Vec<String> {
        let mut out: Vec<String> = Vec::new();
        for key in [ENVIRONMENT, r"HKU\*\Environment"] {
            let found = self.windows.values(key, "Path");
            for value in self.keep(found) {
                for folder in self.listed(&value.fact.data.to_string(), &value.at) {
                    let is_known = out.iter().any(|known| known.eq_ignore_ascii_case(&folder));
                    let is_foreign = !self.is_of_windows(&folder) && !self.is_on_no_volume(&folder);
                    if !is_known && is_foreign {
                        out.push(folder);
                    }
                }
            }
        }
        self.bounded("Path", out.len(), MAX_SEARCHED);
        out.truncate(MAX_SEARCHED);
        out
    }

    /// Programs and modules that the search paths find before Windows' own.
    pub(super) fn search_paths(&mut self) {
        let roots = self.windows.roots();
        let root = roots.windows.clone();
        let system = format!(r"{root}\System32");
        let (path, modules) = (
            self.windows.values(ENVIRONMENT, "Path"),
            self.windows.values(ENVIRONMENT, "PSModulePath"),
        );
        for value in self.keep(path) {
            let all = self.listed(&value.fact.data.to_string(), &value.at);
            let (own, foreign): (Vec<_>, Vec<_>) = all
                .into_iter()
                .enumerate()
                .partition(|(_, folder)| self.is_of_windows(folder));
            self.bounded(&value.at.to_string(), own.len(), MAX_SEARCHED);
            self.bounded(&value.at.to_string(), foreign.len(), MAX_SEARCHED);
            let own = own.get(..MAX_SEARCHED).unwrap_or(&own);
            for (place, folder) in foreign.into_iter().take(MAX_SEARCHED) {
                // Windows' folders before it, and those behind.
                let (before, behind): (Vec<_>, Vec<_>) =
                    own.iter().partition(|(at, _)| *at < place);
                let is_last = before.iter().any(|(_, f)| f.eq_ignore_ascii_case(&system));
                if is_last && self.is_on_no_volume(&folder) {
                    continue;
                }
                for name in self.names(&folder) {
                    let lower = name.to_lowercase();
                    let runs = [".exe", ".com", ".bat", ".cmd", ".dll"];
                    let Some(ending) = runs.iter().find(|e| lower.ends_with(**e)) else {
                        continue;
                    };
                    let stem = lower.strip_suffix(ending).unwrap_or(&lower);
                    let is_there = |folder: &str, endings: &[&str]| {
                        let path = |e: &&str| self.is_file(&format!(r"{folder}\{stem}.{e}"));
                        endings.iter().any(path)
                    };
                    // A library is looked for in Windows' folders first.
                    let hides = match *ending {
                        ".dll" => !is_last && is_there(&system, &["dll"]),
                        _ => {
                            let own =
                                |(_, folder): &&(usize, String)| is_there(folder, &["exe", "com"]);
                            let first = !is_last && is_there(&system, &["exe", "com"]);
                            first || !before.iter().any(own) && behind.iter().any(own)
                        }
                    };
                    let shells = ["cmd.exe", "powershell.exe"];
                    if hides || !is_last && shells.contains(&lower.as_str()) {
                        let path = format!(r"{folder}\{name}");
                        self.file(Subject::Environment, "Search path", Occasion::Demand, &path);
                    }
                }
            }
        }
        let own = format!(r"{system}\WindowsPowerShell\v1.0\Modules");
        let usual = format!(r"{}\Program Files\WindowsPowerShell\Modules", roots.drive);
        let mut folders = vec![usual];
        for value in self.keep(modules) {
            for folder in self.listed(&value.fact.data.to_string(), &value.at) {
                let is_known = folders.iter().any(|f| f.eq_ignore_ascii_case(&folder));
                if !is_known && !self.is_of_windows(&folder) {
                    folders.push(folder);
                }
            }
        }
        // A command is looked for in all of them by its name: what is not Windows' own there is a
        // program of somebody's.
        for own in [&own, &own.replace("System32", "SysWOW64")] {
            for module in self.names(own) {
                if !OWN_MODULES.iter().any(|m| m.eq_ignore_ascii_case(&module)) {
                    self.module(&format!(r"{own}\{module}"));
                }
            }
        }
        folders.push(format!(r"{}\Program Files\PowerShell\Modules", roots.drive));
        folders.push(format!(
            r"{}\Program Files\PowerShell\7\Modules",
            roots.drive
        ));
        for folder in self.powershell_folders() {
            folders.push(format!(r"{folder}\Modules"));
        }
        self.bounded("PSModulePath", folders.len(), MAX_SEARCHED);
        for folder in folders.iter().take(MAX_SEARCHED) {
            for module in self.names(folder) {
                self.module(&format!(r"{folder}\{module}"));
            }
        }
    }

    /// Folders of the users' documents, with those of the accounts of services, in which PowerShell looks
    /// for profiles and modules.
    pub(super) fn powershell_folders(&mut self) -> Vec<String> {
        let root = self.windows.roots().windows;
        let mut homes: Vec<String> = [
            r"System32\config\systemprofile",
            r"SysWOW64\config\systemprofile",
            r"ServiceProfiles\LocalService",
            r"ServiceProfiles\NetworkService",
        ]
        .map(|home| format!(r"{root}\{home}"))
        .into();
        for profile in &self.windows.profiles().items {
            let home = profile.fact.folder.replace('/', "\\");
            if !homes.iter().any(|known| known.eq_ignore_ascii_case(&home)) {
                homes.push(home);
            }
        }
        let mut documents: Vec<String> = Vec::new();
        for home in homes {
            documents.push(format!(r"{home}\Documents"));
            documents.push(format!(r"{home}\OneDrive\Documents"));
        }
        for folder in self.moved_documents() {
            if !documents.iter().any(|d| d.eq_ignore_ascii_case(&folder)) {
                documents.push(folder);
            }
        }
        let each = documents.iter().flat_map(|documents| {
            ["WindowsPowerShell", "PowerShell"].map(|folder| format!(r"{documents}\{folder}"))
        });
        each.collect()
    }

    /// What the module of PowerShell in `folder` is made of, in all folders below it: each version may
    /// have one of its own, and a manifest may name files of any. What somebody vouches for is not told.
    fn module(&mut self, folder: &str) {
        const LOADS: [&str; 8] = [
            ".psm1", ".psd1", ".ps1", ".ps1xml", ".dll", ".exe", ".cdxml", ".xaml",
        ];
        let mut todo = vec![(folder.to_owned(), 0_usize)];
        let (mut looked_at, mut told) = (0_usize, 0_usize);
        while let Some((folder, depth)) = todo.pop() {
            for name in self.names(&folder) {
                let path = format!(r"{folder}\{name}");
                looked_at = looked_at.saturating_add(1);
                if looked_at > MAX_FILES || depth > MAX_LEVELS || told >= MAX_TOLD {
                    let what = say!(error_too_many, most = MAX_TOLD, what = "files");
                    let limit = Error::limit(Layer::Guest, None, what);
                    return self.gap(Gap::at_path(path, &limit));
                }
                let Some(found) = self.located(&path) else {
                    continue;
                };
                let lower = name.to_lowercase();
                if found.metadata.kind == FileKind::Directory {
                    todo.push((path, depth.saturating_add(1)));
                } else if LOADS.iter().any(|e| lower.ends_with(e)) && !self.is_vouched_for(&path) {
                    told = told.saturating_add(1);
                    self.file(
                        Subject::Script,
                        "PowerShell module",
                        Occasion::Demand,
                        &path,
                    );
                }
            }
        }
    }

    /// True for a file that somebody who is trusted signed under the name that it has.
    pub(super) fn is_vouched_for(&self, path: &str) -> bool {
        let looked = self.windows.program(path);
        let Ok(Some(file)) = looked.as_ref() else {
            return false;
        };
        matches!(file.signed, Some(Signed::Trusted(_)))
    }

    /// Databases that change how programs run (Microsoft, "Application Compatibility Toolkit").
    pub(super) fn compatibility_databases(&mut self) {
        let root = self.windows.roots().windows;
        for below in ["Custom", r"Custom\Custom64", r"AppPatch64\Custom"] {
            let folder = format!(r"{root}\AppPatch\{below}");
            for name in self.names(&folder) {
                let path = format!(r"{folder}\{name}");
                if !name.to_lowercase().ends_with(".sdb") {
                    continue;
                }
                if let Some(found) = self.located_as(FileKind::Regular, &path) {
                    let what = (Subject::Extension, "Compatibility database", name.as_str());
                    let runs = (Occasion::Boot, Account::System);
                    let at = Location::of(&found);
                    self.add(what, runs, &path, at, |r| r.file(&path));
                }
            }
        }
    }

    /// Libraries of the SNMP service: each value names a key of SOFTWARE whose `Pathname` is one
    /// (Microsoft, "Registering the SNMP Extension Agent DLL").
    pub(super) fn snmp_agents(&mut self) {
        let agents = r"HKLM\SYSTEM\CurrentControlSet\Services\SNMP\Parameters\ExtensionAgents";
        let agents = self.windows.values(agents, "*");
        for agent in self.keep(agents) {
            let key = agent.fact.data.to_string();
            let key = format!(r"HKLM\{}", key.trim().trim_matches('\\'));
            let libraries = self.windows.values(&key, "Pathname");
            for library in self.keep(libraries) {
                let path = library.fact.data.to_string();
                let what = (Subject::Extension, "SNMP agent", library.fact.name.as_str());
                let runs = (Occasion::Boot, Account::System);
                self.add(what, runs, &path, library.at, |r| r.library(&path));
            }
        }
    }

    /// What the server of OpenSSH starts, and keys that let somebody in.
    pub(super) fn openssh(&mut self) {
        let roots = self.windows.roots();
        let folder = format!(r"{}\ProgramData\ssh", roots.drive);
        self.sshd(&format!(r"{folder}\sshd_config"));
        let dropped = format!(r"{folder}\sshd_config.d");
        for name in self.names(&dropped) {
            self.sshd(&format!(r"{dropped}\{name}"));
        }
        let mut keys = vec![format!(r"{folder}\administrators_authorized_keys")];
        for profile in &self.windows.profiles().items {
            for name in ["authorized_keys", "authorized_keys2", "rc"] {
                keys.push(format!(r"{}\.ssh\{name}", profile.fact.folder));
            }
        }
        for path in keys {
            for (line, at) in self.lines(&path) {
                self.add(
                    (Subject::Extension, "OpenSSH key", &path),
                    (Occasion::Demand, Account::User),
                    &line,
                    at,
                    |r| r.code(&line, Language::Command),
                );
            }
        }
    }

    /// A line of sshd's configuration that a person must look at.
    fn unclear_line(&mut self, word: &str, line: &str, at: Location) {
        let what = (Subject::Extension, "OpenSSH", word);
        let runs = (Occasion::Demand, Account::User);
        self.add(what, runs, line, at, |r| r.unclear_value(line));
    }

    fn sshd(&mut self, path: &str) {
        let root = self.windows.roots().windows;
        for (line, at) in self.lines(path) {
            let (word, rest) = line
                .split_once([' ', '\t', '='])
                .unwrap_or((line.as_str(), ""));
            let word = word.to_lowercase();
            let rest = rest.trim().trim_start_matches('=').trim();
            let command = match word.as_str() {
                "forcecommand"
                | "authorizedkeyscommand"
                | "authorizedprincipalscommand"
                | "securitykeyprovider"
                | "xauthlocation" => rest,
                "subsystem" => rest.split_once([' ', '\t']).map_or("", |(_, c)| c.trim()),
                "permitemptypasswords" if !rest.eq_ignore_ascii_case("no") => {
                    self.unclear_line(&word, &line, at);
                    continue;
                }
                "authorizedkeysfile" | "include" | "trustedusercakeys" => {
                    const USUAL: [&str; 4] = [
                        ".ssh/authorized_keys",
                        ".ssh/authorized_keys .ssh/authorized_keys2",
                        "__programdata__/ssh/administrators_authorized_keys",
                        "none",
                    ];
                    if !USUAL.contains(&rest.to_lowercase().as_str()) {
                        self.unclear_line(&word, &line, at);
                    }
                    continue;
                }
                _ => continue,
            };
            let lower = command.to_lowercase();
            if matches!(lower.as_str(), "" | "none" | "internal-sftp") {
                continue;
            }
            // Looked for beside the server, which lies in one of two folders.
            if lower == "sftp-server.exe" {
                let programs = format!(r"{}\Program Files", self.windows.roots().drive);
                for folder in [
                    format!(r"{root}\System32\OpenSSH"),
                    format!(r"{programs}\OpenSSH"),
                ] {
                    self.library_at("OpenSSH", &format!(r"{folder}\sftp-server.exe"));
                }
                continue;
            }
            self.add(
                (Subject::Extension, "OpenSSH", &word),
                (Occasion::Demand, Account::User),
                &line,
                at,
                |r| {
                    r.starts_in(&format!(r"{root}\System32\OpenSSH"));
                    r.command(command);
                },
            );
        }
    }

    /// Mandatory profiles: Windows loads them in place of the profile that the other checks read.
    pub(super) fn mandatory_profiles(&mut self) {
        for profile in &self.windows.profiles().items {
            let path = format!(r"{}\NTUSER.MAN", profile.fact.folder);
            if self.is_file(&path) {
                self.add(
                    (Subject::Autostart, "Mandatory profile", &path),
                    (Occasion::Logon, Account::User),
                    &path,
                    Location::of_path(path.replace('\\', "/")),
                    |r| r.unclear_value(&path),
                );
            }
        }
    }
}
