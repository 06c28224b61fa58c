"""Who answers for names, and who tells the time."""
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
