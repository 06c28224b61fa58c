"""Who answers for names, and who tells the time."""
import struct

from windows_disk import *

change = Changes()
NAMES, TIME = 'WIN-NET-001', 'WIN-TIME-001'
PARAMETERS = rf'{SERVICES}\Tcpip\Parameters'
ADAPTER = '{11111111-2222-3333-4444-555555555555}'
INTERFACE = rf'{PARAMETERS}\Interfaces\{ADAPTER}'
ETC = r'Windows\System32\drivers\etc'
CLOCK = rf'{SERVICES}\W32Time'
FOREIGN = '203.0.113.9'


def value(name, why, check, key, entry, kind, data, hive='SYSTEM'):
    change.row(name, why, check, entry, lambda d: d.value(hive, key, entry, kind, data))


value('server-as-bytes', 'The resolver reads the data, whatever its type.', NAMES, INTERFACE, 'NameServer', BINARY, FOREIGN.encode('utf-16-le'))
value('servers-as-a-list', 'The first of a list is read as the text.', NAMES, INTERFACE, 'NameServer', MULTI, [FOREIGN, '203.0.113.10'])
value('foreign-server-first', 'The first server is asked first.', NAMES, INTERFACE, 'NameServer', SZ, f'{FOREIGN},183.60.83.19')
value('foreign-server-second', 'The second server is asked where the first is slow.', NAMES, INTERFACE, 'NameServer', SZ, f'183.60.83.19,{FOREIGN}')
value('server-by-policy', 'The policy of the DNS client counts for all adapters.', NAMES, r'Policies\Microsoft\Windows NT\DNSClient', 'NameServer', SZ, FOREIGN, 'SOFTWARE')
value('files-of-names-on-a-share', 'DataBasePath is the folder of hosts.', NAMES, PARAMETERS, 'DataBasePath', EXPAND, r'\\203.0.113.9\etc')
value('server-over-https', 'The template says where questions to that server really go.', NAMES,
      rf'{SERVICES}\Dnscache\InterfaceSpecificParameters\{ADAPTER}\DohInterfaceSettings\Doh\183.60.83.19', 'DohTemplate', SZ, 'https://evil.example/dns-query')


@change(NAMES, 'DnsPolicyConfig')
def table_of_names(d):
    """A rule of the name resolution policy table for every name (.) sends all questions to one server."""
    key = rf'{SERVICES}\Dnscache\Parameters\DnsPolicyConfig\x'
    d.system(key, 'Name', MULTI, ['.'])
    d.system(key, 'ConfigOptions', DWORD, 4)
    d.system(key, 'DirectAccessDNSServers', SZ, FOREIGN)


@change(NAMES, FOREIGN)
def adapter_without_a_connection(d):
    """The settings of an adapter that only its device names are used when the device is there."""
    guid = '{99999999-2222-3333-4444-555555555555}'
    d.system(rf'{PARAMETERS}\Interfaces\{guid}', 'NameServer', SZ, FOREIGN)
    d.system(rf'{CONTROL}\Class\{{4D36E972-E325-11CE-BFC1-08002BE10318}}\0001', 'NetCfgInstanceId', SZ, guid)


change.row('hosts-of-a-shared-connection', 'hosts.ics is read like hosts.', NAMES, 'hosts.ics', lambda d: d.put(rf'{ETC}\hosts.ics', f'{FOREIGN} mirrors.tencentyun.com\r\n'))
change.row('name-of-an-agent-at-home', 'A name that leads to the machine itself reaches nobody; the dot at its end is the root.', 'WIN-DEF-002', 'report.tencentcs.com',
           lambda d: d.put(rf'{ETC}\hosts', '127.9.9.9 report.tencentcs.com.\r\n'))
change.row('address-of-a-public-name', 'hosts is asked before any server.', NAMES, 'github.com', lambda d: d.put(rf'{ETC}\hosts', f'{FOREIGN} github.com\r\n'))

# --- ways besides the names ---
value('suffix-of-the-machine', 'Short names, wpad among them, are asked for in that domain.', NAMES, PARAMETERS, 'Domain', SZ, 'evil.example')
value('suffix-of-an-adapter', 'The suffix of a connection is added to short names.', NAMES, INTERFACE, 'Domain', SZ, 'evil.example')
value('gateway-beside-dhcp', 'The gateway with the better metric takes all that leaves.', NAMES, INTERFACE, 'DefaultGateway', MULTI, ['10.99.0.1'])
value('route-of-the-stack', 'netsh keeps routes that stay in the table 16 of the module of IPv4.', NAMES, rf'{CONTROL}\Nsi\{{eb004a00-9b1a-11d4-9123-0050047759bc}}\16', '00' * 12, BINARY, bytes(48))
value('answer-of-dhcp-goes-elsewhere', 'RegLocation says where the answer to an option is written.', NAMES, rf'{SERVICES}\Dhcp\Parameters\Options\6', 'RegLocation', MULTI,
      [r'SYSTEM\CurrentControlSet\Services\Tcpip\Parameters\Interfaces\?\DhcpOther'])
value('answer-of-dhcp-sets-the-servers', 'The answer to an option that nobody else uses becomes the name servers.', NAMES, rf'{SERVICES}\Dhcp\Parameters\Options\224', 'RegLocation', MULTI,
      [r'SYSTEM\CurrentControlSet\Services\Tcpip\Parameters\Interfaces\?\NameServer'])
value('active-policy-of-names', 'DnsActivePolicies holds rules of name resolution, too.', NAMES, rf'{SERVICES}\Dnscache\Parameters\DnsActivePolicies\x', 'GenericDNSServers', SZ, FOREIGN)
value('proxy-of-a-connection', 'DnsConnections gives a connection its proxy.', NAMES, rf'{SERVICES}\Dnscache\Parameters\DnsConnections\x', 'Proxy', SZ, f'{FOREIGN}:8080')
INTERNET = r'Software\Microsoft\Windows\CurrentVersion\Internet Settings'
SYSTEM_USER = r'Windows\System32\config\DEFAULT'


def connection(flags, proxy=b'', script=b''):
    """DefaultConnectionSettings: size, counter, flags; proxy, exceptions and script, each after its length."""
    return struct.pack('<4I', 70, 1, flags, len(proxy)) + proxy + bytes(4) + struct.pack('<I', len(script)) + script + bytes(32)


value('script-for-proxies-of-the-system', 'Services of the system take the proxy that a script names.', NAMES, rf'{INTERNET}\Connections', 'DefaultConnectionSettings', BINARY,
      connection(5, script=b'http://203.0.113.9/p.pac'), SYSTEM_USER)
value('proxy-of-the-machine', 'The settings of all connections, where they are not kept for each user.', NAMES, rf'{CURRENT}\Internet Settings\Connections', 'DefaultConnectionSettings', BINARY,
      connection(3, proxy=b'203.0.113.9:8080'), 'SOFTWARE')


@change(NAMES, 'ProxyEnable')
def proxy_of_a_user(d):
    """What a user's programs fetch goes by the proxy."""
    d.value('ADMINISTRATOR', INTERNET, 'ProxyEnable', DWORD, 1)
    d.value('ADMINISTRATOR', INTERNET, 'ProxyServer', SZ, f'{FOREIGN}:8080')


@change(NAMES, 'EnableDHCP')
def address_of_its_own(d):
    """A copy is in another network, where the address reaches nothing."""
    d.system(INTERFACE, 'EnableDHCP', DWORD, 0)
    d.system(INTERFACE, 'IPAddress', MULTI, ['10.99.0.9'])


# --- the clock ---
value('foreign-time', 'The clock is set by a server of the vendor\'s.', TIME, rf'{CLOCK}\Parameters', 'NtpServer', SZ, 'ntp.evil.example,0x9')
value('foreign-time-as-a-list', 'The first of a list is read as the text.', TIME, rf'{CLOCK}\Parameters', 'NtpServer', MULTI, ['ntp.evil.example,0x9'])
value('time-of-a-domain', 'NT5DS takes the time of a domain, and a copy is in none.', TIME, rf'{CLOCK}\Parameters', 'Type', SZ, 'NT5DS')
value('time-of-nobody', 'NoSync never sets the clock.', TIME, rf'{CLOCK}\Parameters', 'Type', SZ, 'NoSync')
value('clock-service-disabled', 'Without W32Time nobody sets the clock.', TIME, CLOCK, 'Start', DWORD, 4)
value('client-off-by-policy', 'The policy switches the client off.', TIME, r'Policies\Microsoft\W32Time\TimeProviders\NtpClient', 'Enabled', DWORD, 0, 'SOFTWARE')
value('client-gives-no-time', 'A provider that is no input gives no time.', TIME, rf'{CLOCK}\TimeProviders\NtpClient', 'InputProvider', DWORD, 0)
value('polled-in-68-years', 'SpecialPollInterval counts seconds.', TIME, rf'{CLOCK}\TimeProviders\NtpClient', 'SpecialPollInterval', DWORD, 0x7FFFFFFF)
value('never-corrected', 'A difference of more than MaxPosPhaseCorrection seconds is not corrected: any is.', TIME, rf'{CLOCK}\Config', 'MaxPosPhaseCorrection', DWORD, 0)
value('clock-without-its-privilege', 'A service has the privileges that it lists, and no other.', TIME, CLOCK, 'RequiredPrivileges', MULTI, ['SeChangeNotifyPrivilege'])
value('clock-waits-for-nobody', 'The service needs one that is not there.', TIME, CLOCK, 'DependOnService', MULTI, ['nothere'])
value('client-without-its-library', 'The client is in a library that is not there.', TIME, rf'{CLOCK}\TimeProviders\NtpClient', 'DllName', EXPAND, r'%systemroot%\system32\nothere.dll')
value('asked-for-once-in-68-years', 'MaxPollInterval is a power of two of seconds.', TIME, rf'{CLOCK}\Config', 'MaxPollInterval', DWORD, 31)
value('corrected-for-ever', 'Differences below MaxAllowedPhaseOffset are not set but drawn nearer, by this rate.', TIME, rf'{CLOCK}\Config', 'PhaseCorrectRate', DWORD, 0x7FFFFFFF)
value('clock-that-may-not-ask', 'The rule keeps the service of the time in.', TIME, rf'{SERVICES}\SharedAccess\Parameters\FirewallPolicy\FirewallRules', 'x', SZ,
      r'v2.30|Action=Block|Active=TRUE|Dir=Out|Protocol=17|RPort=123|App=%SystemRoot%\system32\svchost.exe|Svc=W32Time|')
