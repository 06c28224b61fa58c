"""The remote desktop, and the firewall before it."""
from windows_disk import *

change = Changes()
CHECK = 'WIN-CAP-001'
SERVER = rf'{CONTROL}\Terminal Server'
LISTENER = rf'{SERVER}\WinStations\RDP-Tcp'
FIREWALL = rf'{SERVICES}\SharedAccess\Parameters\FirewallPolicy'
POLICIES = r'Policies\Microsoft'


def value(name, why, key, entry, kind, data, hive='SYSTEM'):
    change.row(name, why, CHECK, entry, lambda d: d.value(hive, key, entry, kind, data))


value('no-sessions-by-policy', 'The policy allows no session.', rf'{POLICIES}\Windows NT\Terminal Services', 'MaxInstanceCount', DWORD, 0, 'SOFTWARE')
value('denied-as-text', 'fDenyTSConnections is a number; how a text is read is not known.', SERVER, 'fDenyTSConnections', SZ, '0')
value('drained', 'A server that drains takes no new session until it starts again; 2 is for good.', SERVER, 'TSServerDrainMode', DWORD, 2)
value('terminal-server-off', 'TSEnabled 0: no listener is made.', SERVER, 'TSEnabled', DWORD, 0)
value('users-of-the-terminal-server-off', 'TSUserEnabled other than 0 keeps users from logging on.', SERVER, 'TSUserEnabled', DWORD, 1)
value('on-one-adapter', 'The listener is bound to the adapter of that number, which a copy may not have.', LISTENER, 'LanAdapter', DWORD, 3)
value('logon-disabled', 'fLogonDisabled refuses new sessions (change logon /disable).', LISTENER, 'fLogonDisabled', DWORD, 1)
value('no-instances', 'The listener makes no session.', LISTENER, 'MaxInstanceCount', DWORD, 0)
value('stations-disabled', 'winlogon.exe refuses sessions where WinStationsDisabled is 1.', rf'{NT}\Winlogon', 'WinStationsDisabled', SZ, '1', 'SOFTWARE')


@change(CHECK, 'ImagePath')
def another_host_of_the_service(d):
    """A program that is no svchost.exe has no listener in it."""
    d.system(rf'{SERVICES}\TermService', 'ImagePath', EXPAND, d.honest(r'C:\ProgramData\x\x.exe'))


def library(name, file, why):
    def make(d):
        d.foreign(rf'C:\Windows\System32\{file}')
        d.system(rf'{SERVICES}\TermService\Parameters', 'ServiceDll', EXPAND, rf'%SystemRoot%\System32\{file}')
    change.row(name, why, CHECK, file, make)


library('unsigned-library', 'termsrv.dll', 'The library of the service answers at the port, whoever made it.')
library('library-between', 'rdpwrap.dll', 'A library of another name answers at the port and hands on what it likes.')


# --- the firewall ---
def rule(name, text, why, rule_name='x', key=rf'{FIREWALL}\FirewallRules', hive='SYSTEM', place=None):
    change.row(name, why, CHECK, place or rule_name, lambda d: d.value(hive, key, rule_name, SZ, text))


BLOCK, OWN = 'v2.10|Action=Block|Active=TRUE|Dir=In|', 'RemoteDesktop-UserMode-In-TCP'
rule('everything-is-blocked', BLOCK + 'Name=x|', 'A rule that blocks wins over one that allows.')
rule('range-of-ports-is-blocked', 'v2.29|Action=Block|Active=TRUE|Dir=In|Protocol=6|LPort2_10=3000-4000|Name=x|', 'The range has 3389 in it.')
rule('service-is-blocked', BLOCK + r'App=%SystemRoot%\system32\svchost.exe|Svc=TermService|Name=x|', 'The rule is for the service, at any port.')
rule('blocked-by-policy', BLOCK + 'Protocol=6|LPort=3389|', 'Rules of the policy count beside the local ones.', key=rf'{POLICIES}\WindowsFirewall\FirewallRules', hive='SOFTWARE')
rule('blocked-by-hardening', BLOCK + r'App=%SystemRoot%\system32\svchost.exe|Svc=termservice|', 'Rules of service hardening come before all others.',
     key=rf'{FIREWALL}\RestrictedServices\Configurable\System')
rule('nearly-all-addresses-are-blocked', BLOCK + 'Protocol=6|LPort=3389|RA4=0.0.0.0-126.255.255.255|RA4=128.0.0.0-255.255.255.255|', 'Two ranges are all but the machine itself.')
rule('allowed-from-the-neighbours-alone', 'v2.30|Action=Allow|Active=TRUE|Dir=In|Protocol=6|LPort=3389|RA4=LocalSubnet|', 'From anywhere else nothing comes in.', OWN)
rule('rule-is-off', 'v2.30|Action=Allow|Active=FALSE|Dir=In|Protocol=6|LPort=3389|', 'Without an active rule nothing comes in where the firewall is on.', OWN,
     place='PublicProfile')
rule('allowed-in-private-networks-alone', 'v2.30|Action=Allow|Active=TRUE|Dir=In|Protocol=6|Profile=Private|LPort=3389|', 'A machine of the cloud is in a public network.', OWN)
