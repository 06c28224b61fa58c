//! Values of the registry that name what runs: where they stand, and how Windows reads them.
//!
//! The places are those of Microsoft's documentation and of the public lists of autostarts (Sigma,
//! ForensicArtifacts, persistence-info.github.io); `docs/windows-execution.md` has each with its
//! source.

use super::{Account, Occasion, Subject};

/// How the text of a value is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reads {
    /// A command line.
    Command,
    /// A text for the command processor.
    Shell,
    /// Command lines, parted by commas.
    Commands,
    /// A library.
    Library,
    /// Libraries, parted by blanks, commas or semicolons; a list of texts has one in each.
    Libraries,
    /// A class by its CLSID in the data.
    Class,
    /// The name of the value is a CLSID.
    ClassOfName,
    /// The name of the value is a library.
    LibraryOfName,
    /// The name of the key is a CLSID.
    ClassOfKey,
    /// A file that is carried out.
    File,
    /// Files, parted by semicolons; `auto` is none.
    Files,
    /// A library and its function, parted by a comma.
    Installer,
    /// A library of a printer, which lies in the folder of its architecture.
    PrintDriver,
    /// The document of a plug-in for remote management: its attribute `Filename` is a library.
    Plugin,
    /// The name of the value is the description of a layer, which names a library.
    LayerOfName,
    /// The description of a layer, which names a library.
    Layer,
    /// What it makes run can't be told from it.
    Unclear,
}

/// A place.
pub(super) struct Place {
    pub(super) subject: Subject,
    pub(super) kind: &'static str,
    /// The key below each of [`Place::roots`]; `*` for every key at that level.
    pub(super) key: &'static str,
    /// The value's name; `*` for every one.
    pub(super) value: &'static str,
    pub(super) reads: Reads,
    pub(super) occasion: Occasion,
    pub(super) roots: Roots,
}

impl Place {
    /// As whom it runs.
    pub(super) fn account(&self, root: &str) -> Account {
        match self.occasion {
            Occasion::Logon => Account::User,
            _ if root.starts_with("HKU") => Account::User,
            _ => Account::System,
        }
    }
}

/// Which hives a place is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Roots {
    /// The control set of the next boot.
    Set,
    /// SOFTWARE alone: the views of 32 and 64 bits share it.
    Shared,
    /// SOFTWARE in both views.
    Software,
    /// SOFTWARE in both views, and the users' hives in both.
    Everywhere,
    /// SOFTWARE once and the users' hives.
    SharedAndUsers,
    /// The users' hives, from their root.
    User,
}

impl Roots {
    /// The roots as the patterns of keys begin.
    pub(super) fn prefixes(self) -> &'static [&'static str] {
        const SOFTWARE: &str = r"HKLM\SOFTWARE\";
        const WOW: &str = r"HKLM\SOFTWARE\Wow6432Node\";
        const USERS: &str = r"HKU\*\Software\";
        const USERS_WOW: &str = r"HKU\*\Software\Wow6432Node\";
        match self {
            Self::Set => &[r"HKLM\SYSTEM\CurrentControlSet\"],
            Self::Shared => &[SOFTWARE],
            Self::Software => &[SOFTWARE, WOW],
            Self::Everywhere => &[SOFTWARE, WOW, USERS, USERS_WOW],
            Self::SharedAndUsers => &[SOFTWARE, USERS],
            Self::User => &[r"HKU\*\"],
        }
    }
}

macro_rules! places {
    ($($subject:ident $kind:literal $roots:ident $key:literal [$($value:literal),+] $reads:ident $occasion:ident;)+) => {
        &[$($(Place {
            subject: Subject::$subject,
            kind: $kind,
            key: $key,
            value: $value,
            reads: Reads::$reads,
            occasion: Occasion::$occasion,
            roots: Roots::$roots,
        },)+)+]
    };
}

/// The places.
pub(super) const PLACES: &[Place] = places! {
    Autostart "Run" Everywhere r"Microsoft\Windows\CurrentVersion\Run" ["*"] Command Logon;
    Autostart "RunOnce" Everywhere r"Microsoft\Windows\CurrentVersion\RunOnce" ["*"] Command Logon;
    Autostart "RunOnce" Everywhere r"Microsoft\Windows\CurrentVersion\RunOnce\Setup" ["*"] Command Logon;
    Autostart "RunOnceEx" Everywhere r"Microsoft\Windows\CurrentVersion\RunOnceEx" ["*"] Command Logon;
    Autostart "RunOnceEx" Everywhere r"Microsoft\Windows\CurrentVersion\RunOnceEx\*" ["*"] Command Logon;
    Autostart "RunOnceEx" Everywhere r"Microsoft\Windows\CurrentVersion\RunOnceEx\*\Depend" ["*"] Libraries Logon;
    Autostart "RunServices" Everywhere r"Microsoft\Windows\CurrentVersion\RunServices" ["*"] Command Dormant;
    Autostart "RunServicesOnce" Everywhere r"Microsoft\Windows\CurrentVersion\RunServicesOnce" ["*"] Command Dormant;
    Autostart "RunEx" Everywhere r"Microsoft\Windows\CurrentVersion\RunEx" ["*"] Command Logon;
    Autostart "Policies Run" SharedAndUsers r"Microsoft\Windows\CurrentVersion\Policies\Explorer\Run" ["*"] Command Logon;
    Autostart "Terminal Server Run" Everywhere r"Microsoft\Windows NT\CurrentVersion\Terminal Server\Install\Software\Microsoft\Windows\CurrentVersion\Run" ["*"] Command Logon;
    Autostart "Terminal Server RunOnce" Everywhere r"Microsoft\Windows NT\CurrentVersion\Terminal Server\Install\Software\Microsoft\Windows\CurrentVersion\RunOnce" ["*"] Command Logon;
    Autostart "Terminal Server RunOnceEx" Everywhere r"Microsoft\Windows NT\CurrentVersion\Terminal Server\Install\Software\Microsoft\Windows\CurrentVersion\RunOnceEx\*" ["*"] Command Logon;
    Autostart "Active Setup" Everywhere r"Microsoft\Active Setup\Installed Components\*" ["StubPath"] Command Logon;
    Autostart "Logon script" User "Environment" ["UserInitMprLogonScript"] Command Logon;
    Autostart "Windows" Everywhere r"Microsoft\Windows NT\CurrentVersion\Windows" ["Load", "Run"] Commands Logon;
    Autostart "Winlogon" SharedAndUsers r"Microsoft\Windows NT\CurrentVersion\Winlogon" ["Shell", "Userinit"] Commands Logon;
    Autostart "Winlogon" SharedAndUsers r"Microsoft\Windows NT\CurrentVersion\Winlogon" ["Taskman", "AppSetup", "System", "VmApplet", "mpnotify", "UIHost"] Commands Logon;
    Autostart "Winlogon" Shared r"Microsoft\Windows NT\CurrentVersion\Winlogon" ["GinaDLL"] Library Logon;
    Autostart "Winlogon" Shared r"Microsoft\Windows NT\CurrentVersion\Winlogon" ["ShellInfrastructure", "ShellAppRuntime"] Command Logon;
    Autostart "Winlogon" Shared r"Microsoft\Windows NT\CurrentVersion\Winlogon" ["LsaStart", "SaveDumpStart", "ServiceControllerStart"] Command Boot;
    Autostart "Provisioning" Shared r"Microsoft\Provisioning\Commands\*" ["CommandLine"] Command Demand;
    Autostart "Provisioning" Shared r"Microsoft\Provisioning\Commands\*\*" ["CommandLine"] Command Demand;
    Autostart "Winlogon Notify" Software r"Microsoft\Windows NT\CurrentVersion\Winlogon\Notify\*" ["DllName"] Library Dormant;
    Autostart "Alternate shell" Shared r"Microsoft\Windows NT\CurrentVersion\Winlogon\AlternateShells\AvailableShells" ["*"] Command Logon;
    Autostart "Policies Shell" SharedAndUsers r"Microsoft\Windows\CurrentVersion\Policies\System" ["Shell"] Commands Logon;
    Autostart "Screen saver" User r"Control Panel\Desktop" ["SCRNSAVE.EXE"] Command Logon;
    Autostart "Screen saver" SharedAndUsers r"Policies\Microsoft\Windows\Control Panel\Desktop" ["SCRNSAVE.EXE"] Command Logon;
    Autostart "Remote desktop start-up program" Set r"Control\Terminal Server\Wds\rdpwd" ["StartupPrograms"] Commands Logon;
    Autostart "Remote desktop initial program" Set r"Control\Terminal Server\WinStations\*" ["InitialProgram"] Command Logon;
    Autostart "Remote desktop initial program" SharedAndUsers r"Policies\Microsoft\Windows NT\Terminal Services" ["InitialProgram"] Command Logon;
    Autostart "Device connection" Software r"Microsoft\Windows CE Services\AutoStartOnConnect" ["*"] Command Demand;
    Autostart "Device connection" Software r"Microsoft\Windows CE Services\AutoStartOnDisconnect" ["*"] Command Demand;
    Extension "AppInit_DLLs" Software r"Microsoft\Windows NT\CurrentVersion\Windows" ["AppInit_DLLs"] Libraries Logon;
    Extension "IconServiceLib" Software r"Microsoft\Windows NT\CurrentVersion\Windows" ["IconServiceLib"] Library Logon;
    Extension "AppCertDlls" Set r"Control\Session Manager\AppCertDlls" ["*"] Library Boot;
    Extension "Service control manager extension" Set "Control" ["ServiceControlManagerExtension"] Library Boot;
    Extension "Boot verification" Set r"Control\BootVerificationProgram" ["ImagePath"] Command Boot;
    Extension "Print monitor" Set r"Control\Print\Monitors\*" ["Driver"] Library Boot;
    Extension "Print provider" Set r"Control\Print\Providers\*" ["Name"] Library Boot;
    Extension "Print processor" Set r"Control\Print\Environments\*\Print Processors\*" ["Driver"] Library Boot;
    Extension "Time provider" Set r"Services\W32Time\TimeProviders\*" ["DllName"] Library Boot;
    Extension "Netsh helper" Software r"Microsoft\NetSh" ["*"] Library Demand;
    Extension "Performance counter" Set r"Services\*\Performance" ["Library"] Library Demand;
    Extension "Winsock autodial" Set r"Services\WinSock2\Parameters" ["AutodialDLL"] Library Boot;
    Extension "Winsock name space" Set r"Services\WinSock2\Parameters\NameSpace_Catalog5\Catalog_Entries\*" ["LibraryPath"] Library Boot;
    Extension "Winsock name space" Set r"Services\WinSock2\Parameters\NameSpace_Catalog5\Catalog_Entries64\*" ["LibraryPath"] Library Boot;
    Extension "DNS server plug-in" Set r"Services\DNS\Parameters" ["ServerLevelPluginDll"] Library Boot;
    Extension "DHCP server callout" Set r"Services\DHCPServer\Parameters" ["CalloutDlls"] Libraries Boot;
    Extension "RAS protocol" Set r"Services\RasMan\PPP\EAP\*" ["Path", "ConfigUIPath", "InteractiveUIPath", "IdentityPath"] Library Demand;
    Extension "Router manager" Set r"Services\RemoteAccess\RouterManagers\*" ["DllPath"] Library Boot;
    Extension "SNMP agent" Software r"Microsoft\Windows NT\CurrentVersion\SNMP\Agents\*" ["Pathname"] Library Boot;
    Extension "MSDTC" Shared r"Microsoft\MSDTC\MTxOCI" ["OracleOciLib", "OracleXaLib", "OracleSqlLib"] Library Demand;
    Extension "Group policy extension" Software r"Microsoft\Windows NT\CurrentVersion\Winlogon\GPExtensions\*" ["DllName"] Library Boot;
    Extension "Keyboard layout" Set r"Control\Keyboard Layouts\*" ["Layout File", "Ime File"] Library Logon;
    Extension "Font driver" Shared r"Microsoft\Windows NT\CurrentVersion\Font Drivers" ["*"] Library Logon;
    Extension "Codec" Software r"Microsoft\Windows NT\CurrentVersion\Drivers32" ["*"] Library Logon;
    Extension "WOW64" Shared r"Microsoft\Wow64\*" ["*"] Library Boot;
    Extension "Word breaker" Set r"Control\ContentIndex\Language\*" ["WBDLLPathOverride", "StemmerDLLPathOverride"] Library Demand;
    Extension "AMSI provider" Software r"Microsoft\AMSI\Providers\*" [""] ClassOfKey Logon;
    Extension "Remote desktop add-in" Set r"Control\Terminal Server\AddIns\*" ["Name"] Library Logon;
    Extension "Remote desktop add-in" Everywhere r"Microsoft\Terminal Server Client\Default\AddIns\*" ["Name"] Library Demand;
    Extension "Text service" Software r"Microsoft\CTF\TIP\*" [""] ClassOfKey Logon;
    Extension "Cryptographic provider" Software r"Microsoft\Cryptography\Defaults\Provider\*" ["Image Path"] Library Demand;
    Extension "Cryptographic provider" Set r"Control\Cryptography\Providers\*\UM" ["Image"] Library Boot;
    Extension "Signature provider" Software r"Microsoft\Cryptography\OID\*\*\*" ["Dll"] Library Demand;
    Extension "Trust provider" Software r"Microsoft\Cryptography\Providers\Trust\*\*" ["$DLL"] Library Demand;
    Extension "Accessibility tool" Shared r"Microsoft\Windows NT\CurrentVersion\Accessibility\ATs\*" ["StartExe"] Command Logon;
    Extension "Control panel" Software r"Microsoft\Windows\CurrentVersion\Control Panel\CPLs" ["*"] Library Demand;
    Extension "Tool of Explorer" Software r"Microsoft\Windows\CurrentVersion\Explorer\MyComputer\*" [""] Command Demand;
    Extension "Compatibility database" Shared r"Microsoft\Windows NT\CurrentVersion\AppCompatFlags\InstalledSDB\*" ["DatabasePath"] File Logon;
    Extension "Language bar" Software r"Microsoft\CTF\LangBarAddin\*" ["FilePath"] Library Logon;
    Extension "OpenSSH" Shared r"OpenSSH" ["DefaultShell"] Command Demand;
    Extension "Winsock helper" Set r"Services\*\Parameters\Winsock" ["HelperDllName"] Library Boot;
    Extension "DNS client extension" Set r"Services\Dnscache\Parameters" ["extension"] Library Boot;
    Extension "RPC security" Shared r"Microsoft\Rpc\SecurityService" ["*"] Library Boot;
    Extension "RPC extension" Shared r"Microsoft\Rpc\Extensions" ["*"] Library Boot;
    Extension "Print driver" Set r"Control\Print\Environments\*\Drivers\*\*" ["Driver", "Data File", "Configuration File", "Dependent Files"] PrintDriver Demand;
    Extension "Device co-installer" Set r"Control\CoDeviceInstallers" ["*"] Installer Demand;
    Extension "Class installer" Set r"Control\Class\*" ["Installer32", "EnumPropPages32"] Installer Demand;
    Extension "Device co-installer" Set r"Control\Class\*\*" ["CoInstallers32"] Installer Demand;
    Extension "Display driver" Set r"Control\Class\*\*" ["UserModeDriverName", "UserModeDriverNameWow", "OpenGLDriverName", "OpenGLDriverNameWow"] Library Logon;
    Extension "User-mode driver" Shared r"Microsoft\Windows NT\CurrentVersion\WUDF\Services\*" ["ImagePath"] Library Demand;
    Extension "RAS library" Set r"Services\RasMan\Parameters" ["CustomDLL"] Library Demand;
    Service "Procrun" Software r"Apache Software Foundation\Procrun 2.0\*\Parameters\Java" ["Jvm", "Classpath"] Files Boot;
    Service "Procrun" Software r"Apache Software Foundation\Procrun 2.0\*\Parameters\Start" ["Image", "ImagePath"] Command Boot;
    Service "Procrun" Software r"Apache Software Foundation\Procrun 2.0\*\Parameters\Stop" ["Image", "ImagePath"] Command Demand;
    Extension "Remote management plug-in" Shared r"Microsoft\Windows\CurrentVersion\WSMAN\Plugin\*" ["ConfigXML"] Plugin Boot;
    Extension "Remote desktop protocol" Set r"Control\Terminal Server\WinStations\*" ["LoadableProtocol_Object"] Class Boot;
    Extension "Remote desktop configuration" Set r"Control\Terminal Server\WinStations\*" ["CfgDll"] Library Demand;
    Extension "Language callback" Set r"Control\MUI\CallbackDlls\*" ["DllPath"] Library Demand;
    Extension "Input handler" Software r"Microsoft\Windows NT\CurrentVersion\Windows" ["NaturalInputHandler"] Library Logon;
    Extension "OpenGL driver" Software r"Microsoft\Windows NT\CurrentVersion\OpenGLDrivers\*" ["Dll"] Library Demand;
    Extension "Network component" Set r"Control\Network\*\*\Ndi" ["ComponentDll"] Library Demand;
    Extension "Help" SharedAndUsers r"Microsoft\HtmlHelp Author" ["Location"] Library Demand;
    Extension "Cryptographic offload" Software r"Microsoft\Cryptography\Offload" ["ExpoOffload"] Library Boot;
    Extension "RPC protocol" Software r"Microsoft\Rpc\ClientProtocols" ["*"] Library Boot;
    Extension "RPC protocol" Software r"Microsoft\Rpc\ServerProtocols" ["*"] Library Boot;
    Extension "ODBC trace" Everywhere r"ODBC\ODBC.INI\ODBC" ["TraceDll"] Library Demand;
    Extension "ODBC driver" Everywhere r"ODBC\ODBCINST.INI\*" ["Driver", "Setup", "Translator"] Library Demand;
    Extension "Card" Software r"Microsoft\Cryptography\Calais\SmartCards\*" ["80000001", "80000002"] Library Demand;
    Extension "Authentication of dial-in" Set r"Services\RemoteAccess\Authentication\Providers\*" ["Path"] Library Demand;
    Extension "Accounting of dial-in" Set r"Services\RemoteAccess\Accounting\Providers\*" ["Path"] Library Demand;
    Extension "Extensible authentication" Set r"Services\Eaphost\Methods\*\*" ["PeerDllPath", "PeerConfigUIPath", "PeerIdentityPath", "PeerInteractiveUIPath", "AuthenticatorDllPath"] Library Demand;
    Extension "Network policy" Set r"Services\AuthSrv\Parameters" ["ExtensionDLLs", "AuthorizationDLLs"] Libraries Boot;
    Extension "Administration of dial-in" Set r"Services\RemoteAccess\Parameters" ["AdminDllPath", "CallbackDllPath"] Library Boot;
    Logon "Access provider" Set r"Control\Lsa\AccessProviders\*" ["ProviderPath"] Library Boot;
    Extension "Layer of graphics" Everywhere r"Khronos\Vulkan\ImplicitLayers" ["*"] LayerOfName Demand;
    Extension "Driver of graphics" Software r"Khronos\Vulkan\Drivers" ["*"] LayerOfName Demand;
    Extension "Driver of graphics" Software r"Khronos\OpenCL\Vendors" ["*"] LibraryOfName Demand;
    Extension "Layer of graphics" Everywhere r"Khronos\OpenXR\*\ApiLayers\Implicit" ["*"] LayerOfName Demand;
    Extension "Layer of graphics" Everywhere r"Khronos\OpenXR\*" ["ActiveRuntime"] Layer Demand;
    Extension "Extension of a browser" SharedAndUsers r"Policies\Microsoft\Edge\ExtensionInstallForcelist" ["*"] Unclear Logon;
    Extension "Extension of a browser" SharedAndUsers r"Policies\Google\Chrome\ExtensionInstallForcelist" ["*"] Unclear Logon;
    Extension "Extension of a browser" SharedAndUsers r"Policies\Chromium\ExtensionInstallForcelist" ["*"] Unclear Logon;
    Extension "Extension of a browser" SharedAndUsers r"Policies\Microsoft\Edge\ExtensionSettings\*" ["update_url", "override_update_url"] Unclear Logon;
    Extension "Extension of a browser" SharedAndUsers r"Policies\Google\Chrome\ExtensionSettings\*" ["update_url", "override_update_url"] Unclear Logon;
    Extension "Extension of a browser" SharedAndUsers r"Policies\Microsoft\Edge" ["ExtensionSettings"] Unclear Logon;
    Extension "Extension of a browser" SharedAndUsers r"Policies\Google\Chrome" ["ExtensionSettings"] Unclear Logon;
    Extension "Extension of a browser" Everywhere r"Google\Chrome\Extensions\*" ["path", "update_url"] Unclear Logon;
    Extension "Extension of a browser" Everywhere r"Microsoft\Edge\Extensions\*" ["path", "update_url"] Unclear Logon;
    Autostart "Provisioning command" Shared r"Microsoft\Provisioning\Commands\*\*" ["Commandline"] Command FirstBoot;
    Autostart "Safe mode shell" Set r"Control\SafeBoot" ["AlternateShell"] Command Logon;
    Event "WMI mof" Shared r"Microsoft\Wbem\CIMOM" ["Autorecover MOFs"] File Boot;
    Script "Command processor" Everywhere r"Microsoft\Command Processor" ["AutoRun"] Shell Demand;
    Debugger "Image file execution options" Software r"Microsoft\Windows NT\CurrentVersion\Image File Execution Options\*" ["Debugger"] Command Demand;
    Debugger "Image file execution options" Software r"Microsoft\Windows NT\CurrentVersion\Image File Execution Options\*" ["VerifierDlls"] Libraries Demand;
    Debugger "Image file execution options" Software r"Microsoft\Windows NT\CurrentVersion\Image File Execution Options\*\*" ["Debugger"] Command Demand;
    Debugger "Silent process exit" Software r"Microsoft\Windows NT\CurrentVersion\SilentProcessExit\*" ["MonitorProcess"] Command Demand;
    Debugger "Debugger of crashes" Software r"Microsoft\Windows NT\CurrentVersion\AeDebug" ["Debugger"] Command Demand;
    Debugger "Debugger of crashes" Software r"Microsoft\Windows NT\CurrentVersion\AeDebugProtected" ["Debugger"] Command Demand;
    Debugger "Debugger of .NET" Software r"Microsoft\.NETFramework" ["DbgManagedDebugger"] Command Demand;
    Debugger "Error reporting" Everywhere r"Microsoft\Windows\Windows Error Reporting\Hangs" ["Debugger", "ReflectDebugger"] Command Demand;
    Debugger "Helper of exceptions" Everywhere r"Microsoft\Windows\Windows Error Reporting\RuntimeExceptionHelperModules" ["*"] LibraryOfName Demand;
    Debugger "Telemetry" Shared r"Microsoft\Windows NT\CurrentVersion\AppCompatFlags\TelemetryController\*" ["Command"] Command Schedule;
    Service "Manifest of a service" Set r"Services\*\Parameters" ["ServiceManifest"] File Boot;
    Service "Failure of a service" Set r"Services\*" ["FailureCommand"] Command Demand;
    Logon "Credential provider" Software r"Microsoft\Windows\CurrentVersion\Authentication\Credential Providers\*" [""] ClassOfKey Logon;
    Logon "Credential provider filter" Software r"Microsoft\Windows\CurrentVersion\Authentication\Credential Provider Filters\*" [""] ClassOfKey Logon;
    Logon "Pre-logon provider" Software r"Microsoft\Windows\CurrentVersion\Authentication\PLAP Providers\*" [""] ClassOfKey Logon;
    Logon "Authentication package" Set r"Control\Lsa" ["Authentication Packages"] Libraries Boot;
    Logon "Security package" Set r"Control\Lsa" ["Security Packages"] Libraries Boot;
    Logon "Security package" Set r"Control\Lsa\OSConfig" ["Security Packages"] Libraries Boot;
    Logon "Notification package" Set r"Control\Lsa" ["Notification Packages"] Libraries Boot;
    Logon "Extension of the security authority" Set r"Control\LsaExtensionConfig\LsaSrv" ["Extensions"] Libraries Boot;
    Logon "Extension of the security authority" Set r"Control\LsaExtensionConfig\Interfaces\*" ["Extension"] Libraries Boot;
    Logon "Extension of the directory" Set r"Services\NTDS" ["LsaDbExtPt", "DirectoryServiceExtPt"] Library Boot;
    Logon "Security provider" Set r"Control\SecurityProviders" ["SecurityProviders"] Libraries Boot;
    Logon "Network provider" Set r"Services\*\NetworkProvider" ["ProviderPath"] Library Logon;
    Class "Shell object" Everywhere r"Microsoft\Windows\CurrentVersion\ShellServiceObjectDelayLoad" ["*"] Class Logon;
    Class "Shell object" Everywhere r"Microsoft\Windows\CurrentVersion\Explorer\ShellServiceObjects\*" [""] ClassOfKey Logon;
    Class "Shell object" Everywhere r"Microsoft\Windows\CurrentVersion\Explorer\SharedTaskScheduler" ["*"] ClassOfName Logon;
    Class "Shell object" Everywhere r"Microsoft\Windows\CurrentVersion\Explorer\ShellExecuteHooks" ["*"] ClassOfName Logon;
    Class "Shell object" Everywhere r"Microsoft\Windows\CurrentVersion\Explorer\ShellIconOverlayIdentifiers\*" [""] Class Logon;
    Class "Shell object" Everywhere r"Microsoft\Windows\CurrentVersion\Explorer\Browser Helper Objects\*" [""] ClassOfKey Logon;
    Class "COM+ event" Shared r"Microsoft\EventSystem\{26c409cc-ae86-11d1-b616-00805fc79216}\Subscriptions\*" ["SubscriberCLSID"] Class Boot;
    Class "Disk clean-up" Everywhere r"Microsoft\Windows\CurrentVersion\Explorer\VolumeCaches\*" [""] Class Schedule;
    Class "Disk clean-up" Everywhere r"Microsoft\Windows\CurrentVersion\Explorer\VolumeCaches\*" ["PreCleanupString", "CleanupString"] Command Schedule;
};
