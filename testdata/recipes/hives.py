#!/usr/bin/env python3
"""Writes the hives of the Windows unit tests: hives.py OUT (the project keeps them in testdata/hives).

Each is a few KiB, written by regf.py; hivex reads every one back and must see what was meant.
Unit tests put them into file systems in memory, one set for each state a check has to tell apart.
"""
import hashlib
import os
import struct
import sys
import uuid

sys.dont_write_bytecode = True
import regf  # noqa: E402  (beside this file)
import winstate  # noqa: E402
from boot_configuration import LOADER, NO, SETTINGS, YES, bcd, gpt_partition, partition, ram_disk  # noqa: E402,F401

SZ, EXPAND, BINARY, DWORD, MULTI = 1, 2, 3, 4, 7
CBI = r'C:\Program Files\Cloudbase Solutions\Cloudbase-Init\bin\OpenStackService.exe'
# What its service runs.
RUNS = (rf'"{CBI}" cloudbase-init "{CBI[:-25]}\Python\Scripts\cloudbase-init.exe" '
        rf'--config-file "{CBI[:-25]}\conf\cloudbase-init.conf"')
QCLOUD = r'C:\Program Files\QCloud'


def service(image, start=2, kind=0x10, **more):
    values = [('Type', DWORD, kind), ('Start', DWORD, start), ('ImagePath', EXPAND, image)]
    values += [(name, DWORD if isinstance(v, int) else SZ, v) for name, v in more.items()]
    return {'@values': values}


def system(services, default=1, sets=(1,), current=1, extra=None):
    def control_set(services):
        return {
            'Control': {
                'ComputerName': {'ComputerName': {'@values': [('ComputerName', SZ, 'TEST-WIN')]}},
                'Session Manager': {'Environment': {'@values': [('PROCESSOR_ARCHITECTURE', SZ, 'AMD64')]}},
            },
            'Services': services,
        }
    devices = [
        # MBR: disk signature 0x5711aa01, partition at byte 1048576 and 34603008; GPT: a GUID.
        (r'\DosDevices\C:', BINARY, bytes.fromhex('01aa1157') + (34603008).to_bytes(8, 'little')),
        (r'\DosDevices\E:', BINARY, bytes.fromhex('01aa1157') + (1048576).to_bytes(8, 'little')),
        (r'\DosDevices\G:', BINARY, b'DMIO:ID:' + bytes.fromhex('28732ac11ff8d211ba4b00a0c93ec93b')),
    ]
    return {
        'Select': {'@values': [('Current', DWORD, current), ('Default', DWORD, default), ('Failed', DWORD, 0),
                               ('LastKnownGood', DWORD, 1)]},
        'MountedDevices': {'@values': devices},
        **{f'ControlSet{n:03}': control_set((extra or {}).get(n, services)) for n in sets},
    }


GOOD = {
    'cloudbase-init': service(RUNS, ObjectName='LocalSystem'),
    'OnionX': service(r'C:\WinAgent\WinAgent.exe -svc', DisplayName='WinAgent Display Name'),
    'win-agent': service(r'C:/win-agent/win-agent.exe'),
}
# Each service of GOOD spoilt in its own way.
BAD = {
    'cloudbase-init': service(RUNS, start=3, ObjectName='LocalSystem'),
    'OnionX': service(r'C:\WinAgent\WinAgent.exe', start=4, DisplayName='WinAgent Display Name'),
    'win-agent': service(r'C:\win-agent\gone.exe'),
}
MODERN = {
    'cloudbase-init': service(RUNS, ObjectName=r'.\cloudbase-init', DelayedAutostart=1),
    'YDService': service(rf'"{QCLOUD}\YunJing\YDEyes\YDService.exe"'),
    'YDLive': service(rf'{QCLOUD}\YunJing\YDLive\YDLive.exe'),
    'BaradAgentSvc': service(rf'"{QCLOUD}\Monitor\Barad\BaradAgent.exe"'),
}
DELETED = {**GOOD, 'cloudbase-init': service(f'"{CBI}"', DeleteFlag=1, ObjectName='LocalSystem'),
           'OnionX': service(r'C:\Windows\notepad.exe', DisplayName='WinAgent Display Name')}


def software(drive):
    profiles = {
        'S-1-5-21-1-2-3-500': {'@values': [('ProfileImagePath', EXPAND, r'%SystemDrive%\Users\Administrator')]},
        'S-1-5-21-1-2-3-1001': {'@values': [('ProfileImagePath', EXPAND, rf'{drive}:\Profiles\ops')]},
        '@values': [('Public', EXPAND, r'%SystemDrive%\Users\Public')],
    }
    current = {'@values': [('ProductName', SZ, 'Windows Server 2022 Datacenter'), ('EditionID', SZ, 'ServerDatacenter'), ('CurrentVersion', SZ, '6.3'),
                           ('CurrentMajorVersionNumber', DWORD, 10), ('CurrentMinorVersionNumber', DWORD, 0),
                           ('CurrentBuild', SZ, '20348'), ('UBR', DWORD, 169), ('SystemRoot', SZ, r'C:\Windows')],
               'ProfileList': profiles}
    return {'Microsoft': {'Windows NT': {'CurrentVersion': current}}}


def user(desktop):
    folders = {'@values': [('Desktop', EXPAND, desktop)]}
    return {'Software': {'Microsoft': {'Windows': {'CurrentVersion': {'Explorer': {'User Shell Folders': folders}}}}}}


def security():
    return {'Policy': {'Secrets': {'_SC_cloudbase-init': {'CurrVal': {'@values': [('', 0, bytes(8))]}}}}}


MACHINE = (21, 1111, 2222, 3333)


def sid(*subs):
    return struct.pack('<BB6s', 1, len(subs), b'\0\0\0\0\0\5') + struct.pack(f'<{len(subs)}I', *subs)


def record(texts, start, first, entries):
    """Entries of (offset from `start`, length, 0) from byte `first` on, then the data they lead to."""
    head, data = bytearray(start), b''
    for i in range(entries):
        text = texts[i] if i < len(texts) else b''
        raw = text if isinstance(text, bytes) else text.encode('utf-16-le')
        struct.pack_into('<III', head, first + 12 * i, len(data), len(raw), 0)
        data += raw + bytes(-len(raw) % 4)
    return bytes(head) + data


def sam_user(rid, name, full='', comment='', bits=0x10, logon=0, password=0, expires=(1 << 63) - 1, logons=0, nt=b''):
    f = bytearray(80)
    struct.pack_into('<H', f, 0, 2)
    struct.pack_into('<Q', f, 0x08, logon)
    struct.pack_into('<Q', f, 0x18, password)
    struct.pack_into('<Q', f, 0x20, expires)
    struct.pack_into('<I', f, 0x30, rid)
    struct.pack_into('<H', f, 0x38, bits)
    struct.pack_into('<H', f, 0x42, logons)
    return {'@values': [('F', BINARY, bytes(f)), ('V', BINARY, record([name, full, comment] + 10 * [b''] + [nt], 0xCC, 0x0C, 16))]}


def alias(rid, name, members):
    c = bytearray(record([name], 0x34, 0x10, 1))
    struct.pack_into('<I', c, 0, rid)
    sids = b''.join(members)
    struct.pack_into('<III', c, 0x28, len(c) - 0x34, len(sids), len(members))
    return {'@values': [('C', BINARY, bytes(c) + sids)]}


def sam():
    """An Administrator who is disabled, a guest whose record is the Administrator's, a user whom no name leads to,
    and a name that leads to nobody."""
    users = {
        '000001F4': sam_user(500, 'Administrator', comment='Built-in', bits=0x0211, logon=regf.FILETIME, logons=7,
                             password=regf.FILETIME - 864_000_000_000),
        '000001F5': sam_user(500, 'Guest', bits=0x0214),
        '000003E8': sam_user(1000, 'ops', full='Ops 运维', bits=0x0410, expires=regf.FILETIME),
        '000003E9': sam_user(1001, 'ghost$'),
        'Names': {name: {'@values': [('', rid, b'')]}
                  for name, rid in [('Administrator', 500), ('Guest', 501), ('ops', 1000), ('nobody', 1007)]},
    }
    own = {'000003EA': alias(1002, 'operators', []), 'Members': {}, 'Names': {}}
    builtin = {'00000220': alias(544, 'Administrators', [sid(*MACHINE, 500), sid(*MACHINE, 1001), sid(18)]),
               'Members': {}, 'Names': {}}
    account = {'@values': [('V', BINARY, bytes(200) + sid(*MACHINE))], 'Users': users, 'Aliases': own}
    return {'SAM': {'Domains': {'Account': account, 'Builtin': {'Aliases': builtin}}}}


def below(path, node):
    for name in reversed(path.split('\\')):
        node = {name: node}
    return node


def merged(*trees):
    out = {}
    for tree in trees:
        for name, node in tree.items():
            both = name in out and name != '@values'
            out[name] = merged(out[name], node) if both else out.get(name, []) + node if name == '@values' else node
    return out


def values(path, *entries):
    return below(path, {'@values': list(entries)})


def software_facts():
    """A SOFTWARE hive with autostarts, programs, packages, and the state of an image that was generalized."""
    current = r'Microsoft\Windows\CurrentVersion'
    packages = rf'{current}\Component Based Servicing\Packages'
    return merged(
        software('E'),
        values(rf'{current}\Run', ('Agent', EXPAND, r'%ProgramFiles%\agent.exe /q'), ('odd', BINARY, b'\1\2\3')),
        values(rf'{current}\RunOnceEx\001', ('1', SZ, 'once.exe')),
        values(rf'Wow6432Node\{current}\Run', ('Old', SZ, r'C:\old32.exe')),
        values(r'Microsoft\Windows NT\CurrentVersion\Winlogon', ('Shell', SZ, 'explorer.exe, evil.exe'),
               ('DefaultPassword', SZ, 'not to be seen')),
        values(rf'{current}\Setup\State', ('ImageState', SZ, 'IMAGE_STATE_GENERALIZE_RESEAL_TO_OOBE')),
        values(rf'{current}\Uninstall\Tool', ('DisplayName', SZ, 'Tool 1'), ('DisplayVersion', SZ, '1.0'),
               ('Publisher', SZ, 'Maker'), ('InstallDate', SZ, '20230102')),
        values(rf'{current}\Uninstall\Hidden', ('SystemComponent', DWORD, 1)),
        values(rf'{packages}\Package_for_KB1234567~31bf3856ad364e35~amd64~~10.0.1.0', ('CurrentState', DWORD, 112)),
        values(rf'{packages}\Package_1_for_KB1234567~31bf3856ad364e35~amd64~~10.0.1.0', ('CurrentState', DWORD, 112)),
        values(rf'{packages}\Package_for_KB7654321~31bf3856ad364e35~amd64~~10.0.1.0', ('CurrentState', DWORD, 80)),
        values(r'Microsoft\Windows NT\CurrentVersion', ('InstallDate', DWORD, 1700000000)),
        values(r'Policies\Microsoft\Windows NT\Terminal Services', ('fDenyTSConnections', DWORD, 1)))


def system_facts():
    """A SYSTEM hive of two control sets whose settings differ; the next boot uses the second."""
    tree = system({}, default=2, sets=(1, 2))
    services = r'ControlSet002\Services'
    firewall = rf'{services}\SharedAccess\Parameters\FirewallPolicy'
    return merged(
        tree,
        values(r'Setup\Status\SysprepStatus', ('GeneralizationState', DWORD, 3), ('CleanupState', DWORD, 2)),
        values('Setup', ('SetupType', DWORD, 2), ('CmdLine', SZ, r'oobe\windeploy.exe')),
        values(r'ControlSet001\Control\Terminal Server', ('fDenyTSConnections', DWORD, 1)),
        values(r'ControlSet002\Control\Terminal Server', ('fDenyTSConnections', DWORD, 0)),
        values(r'ControlSet002\Control\TimeZoneInformation', ('TimeZoneKeyName', SZ, 'China Standard Time')),
        values(r'ControlSet002\Control\Session Manager', ('BootExecute', MULTI, ['autocheck autochk *', 'native x'])),
        values(rf'{services}\W32Time\Parameters', ('Type', SZ, 'NTP'), ('NtpServer', SZ, 'time1.example,0x9')),
        values(rf'{firewall}\PublicProfile', ('EnableFirewall', DWORD, 0)),
        values(rf'{services}\Tcpip\Parameters\Interfaces\{{00000000-0000-0000-0000-000000000001}}',
               ('EnableDHCP', DWORD, 1), ('IPAddress', MULTI, ['192.0.2.7']), ('NameServer', SZ, '192.0.2.1,192.0.2.2'),
               ('DhcpIPAddress', SZ, '192.0.2.9'), ('DhcpNameServer', SZ, '198.51.100.1 198.51.100.2')))


def user_run():
    return merged(values(r'Software\Microsoft\Windows\CurrentVersion\Run', ('OneDrive', SZ, 'onedrive.exe /background')),
                  values('Environment', ('UserInitMprLogonScript', SZ, r'C:\logon.bat')))


def kinds():
    """A value of every type, resident and not, and names that test the comparison."""
    values = [('', SZ, 'default'), ('Text', SZ, 'größe 尺寸'), ('Expand', EXPAND, r'%SystemRoot%\x'), ('Bytes', BINARY, bytes(range(20))),
              ('Four', BINARY, b'\1\2\3\4'), ('None', 0, b''), ('Number', DWORD, 0x12345678), ('Big', 5, b'\x12\x34\x56\x78'),
              ('Long', 11, (1 << 40).to_bytes(8, 'little')), ('List', MULTI, ['a', 'b c']), ('Odd', 0x1234, b'x')]
    return {'Kinds': {'@values': values}, 'Größe': {'Inner': {}}}

CURRENT = r'Microsoft\Windows\CurrentVersion'
NT = r'Microsoft\Windows NT\CurrentVersion'
WINLOGON = rf'{NT}\Winlogon'


CACHE = rf'{NT}\Schedule\TaskCache'


def counted(text):
    raw = (text + '\0').encode('utf-16-le')
    return struct.pack('<I', len(raw)) + raw


def task(name, guid, command, arguments, security=True, index=3):
    """A scheduled task as the registry has it: actions of version 3, one that runs a program."""
    actions = struct.pack('<H', 3) + counted('Author') + struct.pack('<H', 0x6666) + counted('') + counted(command)
    actions += counted(arguments) + counted('') + struct.pack('<H', 0)
    tree = [('Id', SZ, guid), ('Index', DWORD, index)] + ([('SD', BINARY, regf.SECURITY)] if security else [])
    return merged(values(rf'{CACHE}\Tree\{name}', *tree),
                  values(rf'{CACHE}\Tasks\{guid}', ('Path', SZ, '\\' + name), ('Author', SZ, 'Maker'), ('Actions', BINARY, actions)))


def certificate(store, der):
    """A certificate of a store: its key is named by its SHA-1, property 32 of its blob is the DER."""
    blob = b''.join(struct.pack('<III', n, 1, len(d)) + d for n, d in [(3, hashlib.sha1(der).digest()), (32, der)])
    return values(rf'Microsoft\SystemCertificates\{store}\Certificates\{hashlib.sha1(der).hexdigest().upper()}', ('Blob', BINARY, blob))


def der(path):
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..', path), 'rb') as f:
        return f.read()


MICROSOFT = der('crates/imgscan-core/trust/windows/microsoft-root-certificate-authority-2010-2010-df545bf9.der')
# openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout /dev/null -days 36500
#   -subj '/O=Somebody/CN=Private Root' -outform DER -out testdata/hives/private-root.der
PRIVATE = der('testdata/hives/private-root.der')
# The same with -subj '/O=Somebody/CN=Signing Root' -addext extendedKeyUsage=codeSigning
SIGNING = der('testdata/hives/signing-root.der')


def software_clean():
    """What Windows itself starts, as an installed server has it."""
    return merged(
        software('E'),
        task(r'Microsoft\Windows\Clean', '{00000000-0000-0000-0000-00000000000A}', r'%windir%\system32\rundll32.exe', 'x.dll,Run'),
        values(r'Microsoft\Windows\CurrentVersion\Authentication\Credential Providers\{00000000-0000-0000-0000-0000000000C0}',
               ('', SZ, 'PasswordProvider')),
        values(r'Classes\CLSID\{00000000-0000-0000-0000-0000000000C0}\InprocServer32', ('', EXPAND, r'%SystemRoot%\system32\credprovs.dll')),
        certificate('ROOT', MICROSOFT),
        values(rf'{CURRENT}\Run', ('SecurityHealth', EXPAND, r'%windir%\system32\SecurityHealthSystray.exe')),
        values(WINLOGON, ('Shell', SZ, 'explorer.exe'), ('Userinit', SZ, r'C:\Windows\system32\userinit.exe,')),
        values(rf'{NT}\Windows', ('AppInit_DLLs', SZ, ''), ('LoadAppInit_DLLs', DWORD, 0)),
        values(r'Microsoft\Active Setup\Installed Components\{44BBA840-CC51-11CF-AAFA-00AA00B6015C}', ('StubPath', SZ, '/UserInstall')),
        values(r'Microsoft\NetSh', ('ifmon', SZ, 'ifmon.dll')),
        values(rf'{NT}\Image File Execution Options\ie4uinit.exe', ('MitigationOptions', BINARY, bytes(8))),
        values(r'Microsoft\Windows Defender\Exclusions\Paths'),
        values(rf'{CURRENT}\Policies\System', ('EnableLUA', DWORD, 1)))


def software_persist():
    """The same keys as an intruder leaves them."""
    ifeo, exclusions = rf'{NT}\Image File Execution Options', r'Microsoft\Windows Defender\Exclusions'
    return merged(
        software('E'),
        task(r'Ghost', '{00000000-0000-0000-0000-00000000000B}', r'C:\Tools\tool.exe', '', security=False),
        task(r'Zero', '{00000000-0000-0000-0000-00000000000C}', r'C:\Tools\tool.exe', '', index=0),
        task(r'Encoded', '{00000000-0000-0000-0000-00000000000D}', 'powershell.exe', '-EncodedCommand SQBFAFgA'),
        values(r'Microsoft\Windows\CurrentVersion\Authentication\Credential Providers\{00000000-0000-0000-0000-0000000000C1}',
               ('', SZ, 'Stealer')),
        values(r'Classes\CLSID\{00000000-0000-0000-0000-0000000000C1}\InprocServer32', ('', SZ, r'C:\Windows\Temp\steal.dll')),
        certificate('ROOT', PRIVATE), certificate('TrustedPublisher', MICROSOFT),
        values(r'Policies\Microsoft\Windows\CurrentVersion\Internet Settings', ('ProxyEnable', DWORD, 0)),
        values(rf'{CURRENT}\Run', ('svchost', SZ, r'c:\windows\system32\dllhost\svchost.exe'),
               ('Updater', EXPAND, r'%SystemRoot%\Temp\up.exe'),
               ('Loader', SZ, 'powershell.exe -nop -w hidden -enc SQBFAFgA'),
               ('Stream', SZ, r'C:\Windows\notes.txt:run.exe'), ('Tool', SZ, r'C:\Tools\tool.exe')),
        values(WINLOGON, ('Shell', SZ, 'explorer.exe, evil.exe'),
               ('Userinit', SZ, r'C:\Windows\system32\userinit.exe,C:\x.exe')),
        values(rf'{NT}\Windows', ('AppInit_DLLs', SZ, r'C:\x.dll'), ('LoadAppInit_DLLs', DWORD, 1)),
        values(rf'{ifeo}\sethc.exe', ('Debugger', SZ, r'C:\Windows\System32\cmd.exe')),
        values(rf'{ifeo}\notepad.exe', ('GlobalFlag', DWORD, 0x200)),
        values(rf'{ifeo}\tool.exe', ('Debugger', SZ, r'C:\dbg\windbg.exe')),
        values(rf'{NT}\SilentProcessExit\notepad.exe', ('MonitorProcess', SZ, r'C:\x.exe'), ('ReportingMode', DWORD, 1)),
        values(rf'{exclusions}\Paths', ('C:\\', DWORD, 0), (r'D:\data', DWORD, 0)),
        values(r'Policies\Microsoft\Windows Defender', ('DisableAntiSpyware', DWORD, 1)),
        values(rf'{CURRENT}\Policies\System', ('EnableLUA', DWORD, 0)))



def system_clean():
    control, lsa = 'ControlSet001\\Control', r'ControlSet001\Control\Lsa'
    services = 'ControlSet001\\Services'
    return merged(
        system(GOOD),
        values(lsa, ('Authentication Packages', MULTI, ['msv1_0']), ('Notification Packages', MULTI, ['rassfm', 'scecli']),
               ('Security Packages', MULTI, ['""'])),
        values(rf'{control}\SecurityProviders', ('SecurityProviders', SZ, 'credssp.dll')),
        values(rf'{services}\WinDefend', ('Start', DWORD, 2), ('ImagePath', EXPAND, r'"%ProgramFiles%\Windows Defender\MsMpEng.exe"')),
        values(rf'{services}\SharedAccess\Parameters\FirewallPolicy\PublicProfile', ('EnableFirewall', DWORD, 1)),
        values(rf'{services}\Schedule\Parameters', ('ServiceDll', EXPAND, r'%SystemRoot%\system32\schedsvc.dll')))


def system_persist():
    control, services = 'ControlSet001\\Control', 'ControlSet001\\Services'
    firewall = rf'{services}\SharedAccess\Parameters\FirewallPolicy'
    return merged(
        system({**GOOD, 'Updater': service(r'C:\Users\Public\up.exe'), 'TlntSvr': service(r'C:\Windows\System32\tlntsvr.exe')}),
        values(rf'{control}\Lsa', ('Authentication Packages', MULTI, ['msv1_0']), ('Notification Packages', MULTI, ['scecli', 'evilpwd'])),
        values(rf'{control}\SecurityProviders\WDigest', ('UseLogonCredential', DWORD, 1)),
        values(rf'{services}\win-agent', ('FailureCommand', SZ, r'C:\Windows\Temp\again.exe')),
        values(rf'{services}\WinDefend', ('Start', DWORD, 4)),
        *(values(rf'{firewall}\{p}Profile', ('EnableFirewall', DWORD, 0)) for p in ('Domain', 'Standard', 'Public')),
        values(rf'{firewall}\FirewallRules', ('door', SZ, 'v2.30|Action=Allow|Active=TRUE|Dir=In|Protocol=6|LPort=4444|Name=door|')))


def user_persist():
    return merged(
        values(r'Software\Microsoft\Windows\CurrentVersion\Internet Settings', ('ProxyEnable', DWORD, 1), ('ProxyServer', SZ, '192.0.2.1:8080')),
        values(r'Software\Microsoft\Terminal Server Client\Servers\192.0.2.5', ('UsernameHint', SZ, 'ops')))


DRIVERS = {
    'boot': service(r'\SystemRoot\System32\drivers\boot.sys', start=0, kind=1),
    'listed': service(r'System32\drivers\driver.sys', start=1, kind=1),
    'named': {'@values': [('Type', DWORD, 2), ('Start', DWORD, 3)]},
}
# Each driver in a state of its own.
BAD_DRIVERS = {
    **DRIVERS,
    'unsigned': service(r'System32\drivers\unsigned.sys', start=1, kind=1),
    'foreign': service(r'System32\drivers\foreign.sys', start=3, kind=1),
    'self': service(r'\??\C:\Windows\Temp\self.sys', start=3, kind=1),
    'outside': service(r'\??\C:\Windows\System32\outside.sys', start=2, kind=1),
    'gone': service(r'\??\C:\Windows\System32\gone.sys', start=2, kind=1),
}
EARLY = {'ControlSet001': {
    'Control': {
        'Session Manager': {'@values': [('BootExecute', MULTI, ['autocheck autochk *', 'stage2'])],
                            'SubSystems': {'@values': [('Windows', EXPAND, r'C:\Windows\Temp\csrss.exe ObjectDirectory=x')]}},
        'CI': {'Config': {'@values': [('VulnerableDriverBlocklistEnable', DWORD, 0)]}}},
    'Policies': {'EarlyLaunch': {'@values': [('DriverLoadPolicy', DWORD, 7)]}}}}
# As Windows 10 has it.
CSRSS = (r'%SystemRoot%\system32\csrss.exe ObjectDirectory=\Windows SharedSection=1024,20480,768 Windows=On SubSystemType=Windows '
         'ServerDll=basesrv,1 ServerDll=winsrv:UserServerDllInitialization,3 ServerDll=sxssrv,4 ProfileControl=Off MaxRequestThreads=16')
USUAL = {'ControlSet001': {
    'Control': {
        'Session Manager': {'@values': [('BootExecute', MULTI, ['autocheck autochk *'])],
                            'SubSystems': {'@values': [('Windows', EXPAND, CSRSS)]}},
        'CI': {'Config': {'@values': [('VulnerableDriverBlocklistEnable', DWORD, 1)]}}},
    'Policies': {'EarlyLaunch': {'@values': [('DriverLoadPolicy', DWORD, 3)]}}}}

DISKS, KEYBOARDS = '{4d36e967-e325-11ce-bfc1-08002be10318}', '{4d36e96b-e325-11ce-bfc1-08002be10318}'
# What runs, loads and changes files before any logon, each in a way of its own.
SESSION = {
    'Setup': {'@values': [('SetupType', DWORD, 2), ('CmdLine', SZ, r'C:\Windows\Temp\windeploy.exe')]},
    'ControlSet001': {
        'Control': {
            'Session Manager': {
                '@values': [('BootExecute', MULTI, ['autocheck autochk /k:C *', r'autocheck \??\C:\x\autochk.exe *']),
                            ('SetupExecute', MULTI, [r'\SystemRoot\System32\poqexec.exe /display_progress']),
                            ('PlatformExecute', BINARY, b'e\0'),
                            ('PendingFileRenameOperations', MULTI, '\0'.join((
                                r'\??\C:\WinAgent\WinAgent.exe', '', r'\??\C:\Windows\Temp\x.tmp', '',
                                r'*1\??\C:\x\new.sys', r'!\??\C:\Windows\System32\drivers\boot.sys', r'\??\C:\gone', '', '', '')
                            ).encode('utf-16-le'))],
                'SubSystems': {'@values': [('Windows', EXPAND, CSRSS + ' ServerDll=evil,5 Evil=On'), ('Required', MULTI, ['Debug', 'Windows'])]},
                'KnownDLLs': {'@values': [('kernel32', SZ, 'kernel32.dll'), ('x', SZ, r'..\x.dll')]},
                'DOS Devices': {'@values': [('NUL', SZ, r'\Device\Null'), ('K:', SZ, r'\SystemRoot\Temp')]}},
            'CrashControl': {'@values': [('DumpFilters', MULTI, ['dumpfve.sys', 'unsigned.sys'])]},
            'Class': {DISKS: {'@values': [('UpperFilters', MULTI, ['boot', 'lost'])]},
                      KEYBOARDS: {'@values': [('UpperFilters', MULTI, ['lost'])]}}},
        'Services': {
            'odd': service(r'System32\drivers\driver.sys', start=2, kind=0x11),
            'root': service(r'\??\GLOBALROOT\SystemRoot\root.sys', start=1, kind=1),
            'device': service(r'\Device\HarddiskVolume2\x.sys', start=1, kind=1),
            'early': {**service(r'System32\early.sys', start=4, kind=1), 'StartOverride': {'@values': [('0', DWORD, 0)]}}}}}
THIRD = '{33333333-3333-3333-3333-333333333333}'
WINRE = ram_disk(r'\Recovery\WindowsRE\Winre.wim', 34603008, uuid.UUID(int=4))

HIVES = {
    'system-session': (merged(system({**GOOD, **DRIVERS}), SESSION), 'SYSTEM'),
    # The recovery environment, as setup writes it.
    'bcd-recovery': (bcd(loader={0x14000008: [THIRD], 0x16000009: YES}, more={
        THIRD: (0x10200003, {0x11000001: WINRE, 0x21000001: WINRE, 0x12000002: r'\windows\system32\winload.exe', 0x22000002: r'\windows',
                             0x12000004: 'Windows Recovery Environment', 0x15000065: (3).to_bytes(8, 'little'), 0x26000022: YES, 0x46000010: YES})}), 'BCD'),
    # Entries beside the default: a tool, and by that one what starts after it fails.
    'bcd-tool': (bcd(manager={0x24000010: [THIRD]}, more={
        THIRD: (0x10200005, {0x11000001: partition(34603008), 0x12000002: r'\Windows\Temp\test.exe', 0x14000008: ['{44444444-4444-4444-4444-444444444444}']}),
        '{44444444-4444-4444-4444-444444444444}': (0x10300008, {0x11000001: partition(34603008), 0x12000002: r'\sector.bin', 0x16000049: YES})}), 'BCD'),
    # Settings that nobody knows, and data of another form than their element's.
    'bcd-strange': (bcd(loader={0x22000199: 'x', 0x16000049: b'\1\0', 0x12000030: 'x', 0x25000020: (2).to_bytes(8, 'little')}), 'BCD'),
    # Windows on the first partition, which is another volume than the one that is judged.
    'bcd-elsewhere': (bcd(loader={0x21000001: partition(1048576)}), 'BCD'),
    'system-drivers': (merged(system({**GOOD, **DRIVERS}), USUAL), 'SYSTEM'),
    'system-bad-drivers': (merged(system({**GOOD, **BAD_DRIVERS}), EARLY), 'SYSTEM'),
    'bcd-good': (bcd(), 'BCD'),
    'bcd-efi': (bcd(winload='winload.efi', device=gpt_partition(uuid.UUID('a5a30fa2-3d06-4e9f-b5f4-a01df9d1fcba'), uuid.UUID(int=7))), 'BCD'),
    'bcd-testsigning': (bcd(loader={0x16000049: YES, 0x16000048: NO}), 'BCD'),
    # Both of the old numbers.
    'bcd-legacy': (bcd(loader={0x26000026: YES, 0x26000027: YES}), 'BCD'),
    # Two objects away, and the settings inherit from each other in a circle.
    'bcd-inherit': (bcd(glob={0x16000049: YES, 0x14000006: [SETTINGS]}), 'BCD'),
    # The entry says no to what it would inherit.
    'bcd-hidden': (bcd(settings={0x16000048: YES}, loader={0x16000048: NO}, resume={0x14000006: []}), 'BCD'),
    'bcd-kernel': (bcd(loader={0x22000011: 'ntkrnlmp2.exe', 0x12000030: '/ddisable_integrity_checks', 0x260000e1: YES,
                               0x12000002: r'\Windows\Temp\winload.exe'}), 'BCD'),
    'bcd-debug': (bcd(loader={0x260000a0: YES}), 'BCD'),
    'bcd-other-disk': (bcd(device=partition(34603008, 0x12345678)), 'BCD'),
    'bcd-no-default': (bcd(manager={0x23000003: '{33333333-3333-3333-3333-333333333333}', 0x24000001: []}), 'BCD'),
    'system-good': (system(GOOD), 'SYSTEM'),
    'system-bad': (system(BAD), 'SYSTEM'),
    'system-empty': (system({}), 'SYSTEM'),
    'system-modern': (system(MODERN), 'SYSTEM'),
    'system-deleted': (system(DELETED), 'SYSTEM'),
    # The next boot uses control set 2, in which cloudbase-init is disabled.
    'system-default2': (system(GOOD, default=2, sets=(1, 2), extra={2: BAD}), 'SYSTEM'),
    # A user whose profile is on another drive: E: is in the image, D: is not.
    'software': (software('E'), 'SOFTWARE'),
    'software-d': (software('D'), 'SOFTWARE'),
    'security': (security(), 'SECURITY'),
    'user-moved': (user(r'%USERPROFILE%\Moved'), r'\??\C:\Users\Administrator\ntuser.dat'),
    'user-share': (user(r'\\server\share\Desktop'), r'\??\C:\Users\Administrator\ntuser.dat'),
    'kinds': (kinds(), 'KINDS'),
    'sam': (sam(), 'SAM'),
    'software-facts': (software_facts(), 'SOFTWARE'),
    'system-facts': (system_facts(), 'SYSTEM'),
    'software-clean': (software_clean(), 'SOFTWARE'),
    'software-persist': (software_persist(), 'SOFTWARE'),
    'software-signing': (merged(software('E'), certificate('ROOT', SIGNING), certificate('TrustedPublisher', PRIVATE)), 'SOFTWARE'),
    'system-clean': (system_clean(), 'SYSTEM'),
    'system-persist': (system_persist(), 'SYSTEM'),
    'user-persist': (user_persist(), r'\??\C:\Users\Administrator\ntuser.dat'),
    'user-run': (user_run(), r'\??\C:\Users\Administrator\ntuser.dat'),
}


HIVES.update(winstate.hives(sys.modules[__name__]))


def check(path, tree):
    """hivex must see the keys, values, types and data that were meant."""
    import hivex
    hive = hivex.Hivex(path)

    def same(node, want):
        meant = {name: (kind, regf.encode(kind, data)) for name, kind, data in want.get('@values', [])}
        seen = {hive.value_key(v): hive.value_value(v) for v in hive.node_values(node)}
        assert seen == meant, (path, seen, meant)
        children = {hive.node_name(c): c for c in hive.node_children(node)}
        assert set(children) == {k for k in want if k[0] != '@'}, (path, children)
        for name, child in children.items():
            same(child, want[name])

    same(hive.root(), tree)


def main(out):
    os.makedirs(out, exist_ok=True)
    for name, (tree, file_name) in HIVES.items():
        path = os.path.join(out, name + '.hive')
        regf.Hive().write(path, tree, file_name)
        check(path, tree)


if __name__ == '__main__':
    main(sys.argv[1])
