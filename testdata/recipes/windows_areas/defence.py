"""Defender, the firewall, shares, certificates: what should keep others out."""
from windows_disk import *

from . import accounts

change = Changes()
DEFENDER, SETTINGS, CERTIFICATES = 'WIN-DEF-001', 'WIN-DEF-002', 'WIN-CERT-001'
EXCLUSIONS = r'Microsoft\Windows Defender\Exclusions'
PROGRAM = r'Program Files\Windows Defender\MsMpEng.exe'
FIREWALL = rf'{SERVICES}\SharedAccess\Parameters\FirewallPolicy'


def defender(d):
    """Defender as a server has it."""
    d.service('WinDefend', r'"%ProgramFiles%\Windows Defender\MsMpEng.exe"')
    d.honest(PROGRAM)


# --- what is excluded ---
EXCLUDED = {
    'Paths': {'the-drive': r'C:\*', 'everything': '*', 'windows-by-a-variable': r'%windir%\*', 'another-drive': 'E:\\', 'temp-with-slashes': 'c:/windows/temp',
              'users-by-a-device-path': r'\\?\C:\Users', 'temp-by-a-variable': '%TEMP%', 'temp-of-the-administrator': r'C:\Users\Administrator\AppData\Local\Temp',
              'data-of-all-users': r'C:\Users\*\AppData\*', 'any-drive': r'?:\*', 'windows-by-a-pattern': r'C:\Win*', 'program-data-with-a-dot': r'C:\ProgramData\.',
              'a-shell': r'C:\Windows\System32\cmd.exe', 'drive-by-a-variable': '%systemdrive%'},
    'Extensions': {'programs': 'exe', 'all-endings': '*', 'libraries-in-capitals': '.DLL', 'programs-by-a-pattern': 'e?e', 'scripts': '*.ps1'},
    'Processes': {'powershell': 'powershell.exe', 'all-programs': '*.exe', 'svchost': r'C:\Windows\System32\svchost.exe', 'programs-of-windows': r'C:\Windows\*'},
}
WHY = {'Paths': 'Defender does not look into the path; * and ? and variables are put in.', 'Extensions': 'Defender looks at no file of the ending; * and ? stand for any signs.',
       'Processes': 'Defender looks at nothing that the process opens; a name alone is one of any folder.'}


def excluded(kind, name, text):
    def make(d):
        defender(d)
        d.software(rf'{EXCLUSIONS}\{kind}', text, DWORD, 0)
    change.row(f'excluded-{name}', WHY[kind], DEFENDER, text, make)


for kind, texts in EXCLUDED.items():
    for name, text in texts.items():
        excluded(kind, name, text)


# --- Defender itself ---
def spoilt(name, why, place, make):
    change.row(name, why, DEFENDER, place, lambda d: (defender(d), make(d)))


spoilt('defender-on-demand', 'A service that nobody starts.', 'WinDefend', lambda d: d.system(rf'{SERVICES}\WinDefend', 'Start', DWORD, 3))
spoilt('defender-without-access-scans', 'Files are no more looked at when they are opened.', 'DisableOnAccessProtection',
       lambda d: d.software(r'Microsoft\Windows Defender\Real-Time Protection', 'DisableOnAccessProtection', DWORD, 1))
spoilt('defender-without-its-program', 'The service has nothing to start.', 'MsMpEng.exe', lambda d: d.remove(PROGRAM))
spoilt('defender-of-somebody-else', 'The service starts what stands there.', 'MsMpEng.exe', lambda d: d.foreign(rf'C:\{PROGRAM}'))
spoilt('threat-allowed', 'Action 6 for a threat allows it.', 'ThreatIDDefaultAction',
       lambda d: d.software(r'Microsoft\Windows Defender\Threats\ThreatIDDefaultAction', '2147519003', DWORD, 6))


# --- firewall, shares ---
def setting(name, why, key, entry, kind, data, hive='SYSTEM', place=None):
    change.row(name, why, SETTINGS, place or entry, lambda d: d.value(hive, key, entry, kind, data))


ALLOW = 'v2.10|Action=Allow|Active=TRUE|Dir=In|'
setting('firewall-allows-by-default', 'DefaultInboundAction 0 lets in what no rule speaks of.', rf'{FIREWALL}\PublicProfile', 'DefaultInboundAction', DWORD, 0)
setting('rule-allows-everything', 'A rule without a port is one of all ports.', rf'{FIREWALL}\FirewallRules', 'allow', SZ, ALLOW + 'Name=x|')
setting('rule-allows-all-ports', 'The range is that of all ports.', rf'{FIREWALL}\FirewallRules', 'allow', SZ, ALLOW + 'Protocol=6|LPort2_10=1-65535|Name=x|')
setting('port-proxy', 'iphlpsvc hands connections on to another machine.', rf'{SERVICES}\PortProxy\v4tov4\tcp', '0.0.0.0/8443', SZ, '203.0.113.9/443')
setting('share-of-the-drive', 'The server service offers what Shares lists.', rf'{SERVICES}\LanmanServer\Shares', 'c', MULTI, ['Path=C:\\', 'ShareName=c'])
change.row('firewall-service-disabled', 'Without MpsSvc no rule is set.', SETTINGS, 'MpsSvc',
           lambda d: d.service('MpsSvc', r'%SystemRoot%\System32\svchost.exe -k LocalServiceNoNetwork', 4, 0x20))


# --- the firewall by what its rules mean: the name of a rule is text that anybody writes ---
RULES_KEY, NAMED = rf'{FIREWALL}\FirewallRules', 'Name=@FirewallAPI.dll,-28511|'
HOST = r'%SystemRoot%\System32\svchost.exe -k LocalServiceNoNetwork'
POLICY = r'Policies\Microsoft\WindowsFirewall'


def opened(name, why, text, *programs):
    """A rule; programs that nobody signed."""
    change.row(name, why, SETTINGS, 'FirewallRules', lambda d: ([d.foreign(p) for p in programs], d.system(RULES_KEY, 'x', SZ, ALLOW + text)))


opened('shares-for-strangers', 'The rule of Windows is for neighbours or a domain; this one is for all, by a name of Windows.', f'Protocol=6|LPort=445|App=System|{NAMED}')
opened('shares-for-nearly-all', 'Two halves are all addresses.', f'Protocol=6|LPort=445|RA4=0.0.0.0-127.255.255.255|RA4=128.0.0.0/1|{NAMED}')
opened('shares-for-one-stranger', 'An address of the internet is a stranger\'s.', 'Protocol=6|LPort=445|RA4=203.0.113.7/255.255.255.255|Name=x|')
opened('everything-for-one-stranger', 'An address of the internet is a stranger\'s.', 'RA4=203.0.113.7|Name=Core Networking|')
opened('management-for-a-network-of-strangers', 'So is a network of them, beside one of the site.', 'Protocol=6|LPort=5985|RA4=10.0.0.0/255.0.0.0|RA4=203.0.113.0/24|Name=x|')
opened('remote-calls-for-strangers', 'Port 135 leads to WMI and the service manager.', r'Protocol=6|LPort=135|App=%SystemRoot%\system32\svchost.exe|Svc=rpcss|Name=@icsvc.dll,-709|')
opened('remote-management-for-strangers', 'Windows opens 5985 of a public network to neighbours alone.', 'Protocol=6|LPort=5985|App=System|Name=@FirewallAPI.dll,-30253|')
opened('every-service-of-the-kernel', 'Without a port the rule is of file sharing and of the remote management.', f'Protocol=6|App=System|{NAMED}')
opened('every-service-of-svchost', 'Without a service the rule is of all that svchost.exe has.', r'Protocol=6|App=%SystemRoot%\system32\svchost.exe|Name=x|')
opened('all-ports-of-udp', 'A rule of UDP without a port is one of all its ports.', 'Protocol=17|Name=x|')
opened('program-that-nobody-signed', 'Whoever starts it is reached by strangers at every port.', r'App=C:\Program Files\X\x.exe|Name=x|', r'C:\Program Files\X\x.exe')
opened('program-by-a-variable', 'The path is put together by the firewall.', r'App=%ProgramData%\x.exe|Name=@FirewallAPI.dll,-28502|', r'C:\ProgramData\x.exe')
opened('shell-for-strangers', 'What strangers send reaches a program that carries it out.', r'App=C:\Windows\System32\WindowsPowerShell\v1.0\powershell.exe|Name=x|')
setting('exception-of-a-port', 'Policies of Windows XP are read to this day.', rf'{POLICY}\StandardProfile\GloballyOpenPorts\List', '445:TCP', SZ, '445:TCP:*:Enabled:x', 'SOFTWARE')
setting('exception-of-remote-administration', 'The policy opens 135 and 445.', rf'{POLICY}\DomainProfile\RemoteAdminSettings', 'Enabled', DWORD, 1, 'SOFTWARE')
change['exception-of-remote-administration'].make = lambda d: d.software(rf'{POLICY}\StandardProfile\RemoteAdminSettings', 'Enabled', DWORD, 1)


def filtering(name, why, make, place='MpsSvc', service='MpsSvc', library='mpssvc.dll', start=2):
    """The firewall's service as a server has it, and what is done to it."""
    def change_it(d):
        d.service(service, HOST, start, 0x20, r'NT AUTHORITY\LocalService')
        d.windows(library)
        d.system(rf'{SERVICES}\{service}\Parameters', 'ServiceDll', EXPAND, rf'%SystemRoot%\System32\{library}')
        make(d, rf'{SERVICES}\{service}')
    change.row(name, why, SETTINGS, place, change_it)


filtering('firewall-on-demand', 'Nobody asks for the service before somebody logs on.', lambda d, key: None, start=3)
filtering('filters-on-demand', 'Without BFE the firewall sets no filter.', lambda d, key: None, 'BFE', 'BFE', 'bfe.dll', 3)
filtering('firewall-waits-for-nobody', 'The service needs one that is not there.', lambda d, key: d.system(key, 'DependOnService', MULTI, ['nothere']))
filtering('firewall-is-deleted', 'The service manager takes away what has a DeleteFlag.', lambda d, key: d.system(key, 'DeleteFlag', DWORD, 1))
filtering('firewall-of-another-library', 'Windows signed the library, and it is no firewall.', lambda d, key: (
    d.windows('srvsvc.dll'), d.system(rf'{key}\Parameters', 'ServiceDll', EXPAND, r'%SystemRoot%\System32\srvsvc.dll')))
filtering('firewall-without-its-library', 'The service has nothing to load.', lambda d, key: d.remove(r'Windows\System32\mpssvc.dll'))

# --- remote sessions, remote management, shares of others ---
SESSIONS = r'Policies\Microsoft\Windows NT\Terminal Services'
setting('sessions-watched', 'Shadow 2: sessions are controlled without consent.', rf'{CONTROL}\Terminal Server\WinStations\RDP-Tcp', 'Shadow', DWORD, 2)
setting('sessions-watched-by-policy', 'Shadow 4: sessions are viewed without consent.', SESSIONS, 'Shadow', DWORD, 4, 'SOFTWARE')
setting('sessions-of-a-user-watched', 'The policy of a user.', rf'Software\{SESSIONS}', 'Shadow', DWORD, 2, 'ADMINISTRATOR')
setting('sessions-with-weak-encryption', 'MinEncryptionLevel 1: what the server sends is not encrypted.', rf'{CONTROL}\Terminal Server\WinStations\RDP-Tcp', 'MinEncryptionLevel', DWORD, 1)
setting('guest-of-other-shares', 'Whoever stands between answers as the server.', rf'{SERVICES}\LanmanWorkstation\Parameters', 'AllowInsecureGuestAuth', DWORD, 1)


@change(SETTINGS, 'allow_unencrypted')
def passwords_of_the_remote_management_in_clear(d):
    """WinRM takes passwords in clear text over HTTP."""
    d.service('WinRM', r'%SystemRoot%\System32\svchost.exe -k NetworkService', 2, 0x20, r'NT AUTHORITY\NetworkService')
    for entry in ('auth_basic', 'allow_unencrypted'):
        d.software(rf'{CURRENT}\WSMAN\Service', entry, DWORD, 1)


setting('passwords-in-clear-by-policy', 'The policy of the same.', r'Policies\Microsoft\Windows\WinRM\Service', 'AllowUnencryptedTraffic', DWORD, 1, 'SOFTWARE')


def further_administrator(d):
    with d.hive('SAM') as h:
        accounts.user(h, 1001, 'ops')
        accounts.alias(h, 544, 'Administrators', [hives.sid(*accounts.MACHINE, 500), hives.sid(*accounts.MACHINE, 1001)])


def asks_nobody(name, entry, why):
    def make(d):
        further_administrator(d)
        d.software(rf'{CURRENT}\Policies\System', entry, DWORD, 0)
    change.row(name, why, SETTINGS, entry, make)


asks_nobody('account-control-off-for-others', 'EnableLUA', 'Whatever a further administrator starts has all rights, from afar, too.')
asks_nobody('account-control-without-a-question', 'ConsentPromptBehaviorAdmin', 'Programs of a further administrator rise by themselves.')


@change(SETTINGS, 'LocalAccountTokenFilterPolicy')
def remote_administration(d):
    """The registry over the network, and full tokens for a further administrator from there."""
    further_administrator(d)
    d.service('RemoteRegistry', r'%SystemRoot%\System32\svchost.exe -k localService', 2, 0x20)
    d.software(rf'{CURRENT}\Policies\System', 'LocalAccountTokenFilterPolicy', DWORD, 1)


# --- who gets in, what is told to others ---
setting('certificate-stands-for-a-user', 'Who holds a certificate of that issuer logs on to WinRM as the user.', rf'{CURRENT}\WSMAN\CertMapping\abc', 'username', SZ, 'Administrator', 'SOFTWARE',
        place='CertMapping')
setting('passwords-are-handed-over', 'With CredSSP the client hands its password to the server.', rf'{CURRENT}\WSMAN\Service', 'auth_credssp', DWORD, 1, 'SOFTWARE')
setting('remote-management-on-another-port', 'A listener has a port of its own.', rf'{CURRENT}\WSMAN\Listener\*+HTTP', 'Port', DWORD, 8080, 'SOFTWARE')
setting('everybody-is-logged-on', 'A listener logs whoever connects on as its user.', rf'{CONTROL}\Terminal Server\WinStations\RDP-Tcp', 'Username', SZ, 'Administrator')
setting('certificate-of-the-remote-desktop', 'The vendor has the key of the certificate that every copy shows.', rf'{CONTROL}\Terminal Server\WinStations\RDP-Tcp', 'SSLCertificateSHA1Hash', BINARY, bytes(range(20)))
setting('names-without-a-logon', 'TurnOffAnonymousBlock lets anonymous users look names up.', rf'{CONTROL}\Lsa', 'TurnOffAnonymousBlock', DWORD, 1)
setting('community-that-writes', 'A community of 8 sets values.', rf'{SERVICES}\SNMP\Parameters\ValidCommunities', 'ops', DWORD, 8)
setting('disk-of-another-machine', 'The initiator logs on to its persistent targets at each start.', rf'{NT}\iSCSI\Initiator\Persistent Targets\PersistentTarget0', 'TargetName', SZ, 'iqn.2024-01.example:a', 'SOFTWARE',
        place='PersistentTarget0')
setting('setup-environment', 'With the key MiniNt the event log writes no log of security.', rf'{CONTROL}\MiniNt', '', SZ, '', place='MiniNt')
setting('session-of-the-security-log-off', 'The log of security gets its events by this session.', rf'{CONTROL}\WMI\Autologger\EventLog-Security', 'Start', DWORD, 0, place='EventLog-Security')
setting('events-sent-away', 'A subscription manager of a policy gets the events.', r'Policies\Microsoft\Windows\EventLog\EventForwarding\SubscriptionManager', '1', SZ,
        'Server=http://203.0.113.9:5985/wsman/SubscriptionManager/WEC,Refresh=60', 'SOFTWARE', place='SubscriptionManager')
setting('transcripts-sent-away', 'PowerShell writes what is typed to the folder.', r'Policies\Microsoft\Windows\PowerShell\Transcription', 'OutputDirectory', SZ, r'\\203.0.113.9\t', 'SOFTWARE')
setting('scripts-not-scanned', 'AmsiEnable 0 of a user: Windows Script Host shows nothing to the scanner.', r'Software\Microsoft\Windows Script\Settings', 'AmsiEnable', DWORD, 0, 'ADMINISTRATOR')
setting('tls-1-2-off', 'No program that uses Schannel speaks TLS 1.2.', rf'{CONTROL}\SecurityProviders\SCHANNEL\Protocols\TLS 1.2\Client', 'Enabled', DWORD, 0)
setting('cipher-that-is-none', 'NULL encrypts nothing.', rf'{CONTROL}\SecurityProviders\SCHANNEL\Ciphers\NULL', 'Enabled', DWORD, 0xFFFFFFFF)
setting('roots-from-another-server', 'RootDirUrl is where the list of roots is fetched.', r'Microsoft\SystemCertificates\AuthRoot\AutoUpdate', 'RootDirUrl', SZ, 'http://203.0.113.9/r', 'SOFTWARE')
setting('updates-of-a-service', 'A service of updates has an address.', rf'{CURRENT}\WindowsUpdate\Services\7971f918-a847-4430-9279-4a52d1efe18d', 'ServiceUrl', SZ, 'http://203.0.113.9', 'SOFTWARE')

setting('updates-of-a-management', 'PolicyManager holds what a management sets: no switch stands beside the server.', r'Microsoft\PolicyManager\current\device\Update', 'UpdateServiceUrl', SZ, 'http://203.0.113.9:8530', 'SOFTWARE')

@change(DEFENDER, 'ExcludedPaths')
def excluded_by_a_management(d):
    """PolicyManager holds the policies of a management."""
    defender(d)
    d.software(r'Microsoft\PolicyManager\current\device\Defender', 'ExcludedPaths', SZ, 'C:\\')


@change(DEFENDER, 'ProductAppDataPath')
def defender_keeps_its_data_elsewhere(d):
    """What Defender loads and knows is there."""
    defender(d)
    d.software(r'Microsoft\Windows Defender', 'ProductAppDataPath', SZ, r'C:\ProgramData\d')


# --- what group policies will set ---
def by_policy(name, why, check, place, key, number):
    data = registry_policy((rf'Software\Policies\Microsoft\{key}', place, DWORD, number.to_bytes(4, 'little')))
    change.row(name, why, check, place, lambda d: (defender(d), d.put(r'Windows\System32\GroupPolicy\Machine\Registry.pol', data)))


by_policy('defender-off-by-a-policy', 'The next refresh writes it to the registry.', DEFENDER, 'DisableAntiSpyware', 'Windows Defender', 1)
by_policy('firewall-that-lets-in-by-a-policy', 'The next refresh writes it to the registry.', SETTINGS, 'DefaultInboundAction', r'WindowsFirewall\PublicProfile', 0)
by_policy('installers-as-the-system-by-a-policy', 'The next refresh writes it to the registry.', SETTINGS, 'AlwaysInstallElevated', r'Windows\Installer', 1)
by_policy('remote-desktop-denied-by-a-policy', 'The next refresh writes it to the registry.', 'WIN-CAP-001', 'fDenyTSConnections', r'Windows NT\Terminal Services', 1)


# --- certificates ---
STORES = r'Microsoft\SystemCertificates'
TRUSTED = {'ROOT': ('SOFTWARE', rf'{STORES}\ROOT'), 'authroot': ('SOFTWARE', rf'{STORES}\AuthRoot'), 'publisher': ('SOFTWARE', rf'{STORES}\TrustedPublisher'),
           'people': ('SOFTWARE', rf'{STORES}\TrustedPeople'), 'enterprise': ('SOFTWARE', r'Microsoft\EnterpriseCertificates\Root'),
           'policy': ('SOFTWARE', r'Policies\Microsoft\SystemCertificates\Root'), 'user': ('ADMINISTRATOR', r'Software\Microsoft\SystemCertificates\Root'),
           'service': ('SOFTWARE', r'Microsoft\Cryptography\Services\RpcSs\SystemCertificates\Root'), 'intermediate': ('SOFTWARE', rf'{STORES}\CA'),
           'local-system': (r'Windows\System32\config\DEFAULT', r'Software\Microsoft\SystemCertificates\Root')}


def trusted(name, hive, key):
    def make(d):
        thumbprint, blob = authority()
        d.value(hive, rf'{key}\Certificates\{thumbprint}', 'Blob', BINARY, blob)
    change.row(f'certificate-{name.lower()}', 'Whoever holds its key speaks for any server, or signs programs, for all who use this store.', CERTIFICATES, 'Corp Root', make)


for name, (hive, key) in TRUSTED.items():
    trusted(name, hive, key)
change.row('list-of-trust', 'A list of trusted certificates (CTL) adds what it names.', CERTIFICATES, 'CTLs',
           lambda d: d.software(rf'{STORES}\ROOT\CTLs\AABB', 'Blob', BINARY, b'x'))

# --- a management, adapters that are left out, helpers whom nobody asked ---
setting('rule-of-a-management', 'A management has its rules at a key of its own.', rf'{FIREWALL}\Mdm\FirewallRules', 'x', SZ, ALLOW + 'Name=x|')
setting('adapter-without-a-firewall', 'DisabledInterfaces names adapters on which nothing is filtered.', rf'{FIREWALL}\PublicProfile', 'DisabledInterfaces', SZ, '{11111111-2222-3333-4444-555555555555}')
setting('helper-whom-nobody-asked', 'Remote assistance is offered, and taken without a word.', SESSIONS, 'fAllowUnsolicited', DWORD, 1, 'SOFTWARE')


@change(CERTIFICATES, 'PhysicalStores')
def store_that_is_part_of_the_roots(d):
    """A physical store that is registered for ROOT is part of it."""
    d.software(r'Microsoft\SystemCertificates\ROOT\PhysicalStores\.Contoso', 'OpenStoreProvider', SZ, 'SystemRegistry')
    d.software(r'Microsoft\SystemCertificates\ROOT\PhysicalStores\.Contoso', 'OpenParameters', SZ, 'Contoso')
