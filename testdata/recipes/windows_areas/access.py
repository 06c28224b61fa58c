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

# --- what ends a session, refuses a logon or leaves nothing to encrypt with ---
SESSIONS, SCHANNEL = rf'{POLICIES}\Windows NT\Terminal Services', rf'{CONTROL}\SecurityProviders\SCHANNEL'
value('session-of-a-minute', 'MaxConnectionTime counts milliseconds; the session ends then.', SESSIONS, 'MaxConnectionTime', DWORD, 60000, 'SOFTWARE')
value('idle-for-a-second', 'A listener that does not inherit MaxIdleTime ends sessions by its own.', LISTENER, 'MaxIdleTime', DWORD, 1000)
value('session-of-a-user-of-a-minute', 'The policy of a user.', rf'Software\{SESSIONS}', 'MaxConnectionTime', DWORD, 60000, 'ADMINISTRATOR')
value('locked-after-a-second', 'The desktop is locked after so many seconds without input.', rf'{CURRENT}\Policies\System', 'InactivityTimeoutSecs', DWORD, 1, 'SOFTWARE')
value('no-logons-by-ntlm', 'Network level authentication of a local account is NTLM; 2 denies it to all accounts.', rf'{CONTROL}\Lsa\MSV1_0', 'RestrictReceivingNTLMTraffic', DWORD, 2)
value('suites-of-nobody', 'The policy names the only suites of TLS: one that encrypts nothing.', rf'{POLICIES}\Cryptography\Configuration\SSL\00010002', 'Functions', SZ, 'TLS_RSA_WITH_NULL_SHA256', 'SOFTWARE')


def off(name, why, *parts):
    change.row(name, why, CHECK, parts[0].rpartition('\\')[2], lambda d: [d.system(rf'{SCHANNEL}\{part}', 'Enabled', DWORD, 0) for part in parts])


off('no-cipher-left', 'All suites of TLS 1.2 that clients have use AES.', r'Ciphers\AES 128/128', r'Ciphers\AES 256/256')
off('no-exchange-of-keys', 'Without ECDH and PKCS nothing is agreed on.', r'KeyExchangeAlgorithms\ECDH', r'KeyExchangeAlgorithms\PKCS', r'KeyExchangeAlgorithms\Diffie-Hellman')

# --- what the machine asks for before anybody logs on ---
OUT, HOST = 'v2.30|Action=Block|Active=TRUE|Dir=Out|', r'App=%SystemRoot%\system32\svchost.exe|'


def starved(name, why, text, check='WIN-CAP-002', key=rf'{FIREWALL}\FirewallRules'):
    change.row(name, why, check, 'FirewallRules' if 'FirewallRules' in key else 'System', lambda d: d.system(key, 'x', SZ, text))


starved('no-address', 'The service of DHCP asks at port 67.', OUT + f'Protocol=17|LPort=68|RPort=67|{HOST}Svc=Dhcp|')
starved('no-names', 'The service of names asks at port 53.', OUT + f'Protocol=17|RPort=53|{HOST}Svc=Dnscache|')
starved('no-host-of-services', 'Without svchost.exe there is no address, no name and no time.', OUT + HOST)
starved('no-address-by-hardening', 'Rules of service hardening need no field that says that they are on.', f'V2.0|Action=Block|Dir=Out|{HOST}Svc=Dhcp|', key=rf'{FIREWALL}\RestrictedServices\Static\System')
starved('agents-of-one-kind-of-adapter', 'Every adapter of a machine of the cloud is of the kind Lan.', OUT + 'IFType=Lan|', 'WIN-AGENT-002')
starved('agents-without-a-port', 'Every program asks from such a port.', OUT + 'Protocol=6|LPort=1024-65535|', 'WIN-AGENT-002')
starved('agent-by-a-management', 'Rules of a management stand at a key of their own.', OUT + r'App=C:\win-agent\win-agent.exe|', 'WIN-AGENT-002', rf'{FIREWALL}\Mdm\FirewallRules')
change.row('packets-of-88-bytes', 'MTU of the adapter: nothing gets on with so small packets.', 'WIN-CAP-002', 'MTU',
           lambda d: d.system(rf'{SERVICES}\Tcpip\Parameters\Interfaces\{{11111111-2222-3333-4444-555555555555}}', 'MTU', DWORD, 88))
