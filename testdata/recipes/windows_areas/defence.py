"""Defender, the firewall, shares, certificates: what should keep others out."""
from windows_disk import *

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
def setting(name, why, key, entry, kind, data, hive='SYSTEM'):
    change.row(name, why, SETTINGS, entry, lambda d: d.value(hive, key, entry, kind, data))


ALLOW = 'v2.10|Action=Allow|Active=TRUE|Dir=In|'
setting('firewall-allows-by-default', 'DefaultInboundAction 0 lets in what no rule speaks of.', rf'{FIREWALL}\PublicProfile', 'DefaultInboundAction', DWORD, 0)
setting('rule-allows-everything', 'A rule without a port is one of all ports.', rf'{FIREWALL}\FirewallRules', 'allow', SZ, ALLOW + 'Name=x|')
setting('rule-allows-all-ports', 'The range is that of all ports.', rf'{FIREWALL}\FirewallRules', 'allow', SZ, ALLOW + 'Protocol=6|LPort2_10=1-65535|Name=x|')
setting('port-proxy', 'iphlpsvc hands connections on to another machine.', rf'{SERVICES}\PortProxy\v4tov4\tcp', '0.0.0.0/8443', SZ, '203.0.113.9/443')
setting('share-of-the-drive', 'The server service offers what Shares lists.', rf'{SERVICES}\LanmanServer\Shares', 'c', MULTI, ['Path=C:\\', 'ShareName=c'])
change.row('firewall-service-disabled', 'Without MpsSvc no rule is set.', SETTINGS, 'MpsSvc',
           lambda d: d.service('MpsSvc', r'%SystemRoot%\System32\svchost.exe -k LocalServiceNoNetwork', 4, 0x20))


@change(SETTINGS, 'LocalAccountTokenFilterPolicy')
def remote_administration(d):
    """The registry over the network, and full tokens for local accounts from there."""
    d.service('RemoteRegistry', r'%SystemRoot%\System32\svchost.exe -k localService', 2, 0x20)
    d.software(rf'{CURRENT}\Policies\System', 'LocalAccountTokenFilterPolicy', DWORD, 1)


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
