#!/usr/bin/env python3
"""Hives of a server that is ready for a marketplace (NAME-state) and of one that is not (NAME-wrong).

hives.py writes them; demo_windows.py takes the settings of the first for its image. The passwords are encrypted here as
Windows does it, with Debian's python3-pycryptodome (or pycryptodome of PyPI); impacket's secretsdump reads the same
NT hashes back out of the hives: secretsdump.py -sam sam-state.hive -system system-state.hive LOCAL.
"""
import hashlib
import struct

try:
    from Cryptodome.Cipher import AES, ARC4, DES
    from Cryptodome.Hash import MD4
except ImportError:
    from Crypto.Cipher import AES, ARC4, DES
    from Crypto.Hash import MD4

SZ, EXPAND, BINARY, DWORD, MULTI = 1, 2, 3, 4, 7
BOOT_KEY = bytes.fromhex('00112233445566778899aabbccddeeff')
DOMAIN_KEY = bytes(range(16))
SALT = bytes(range(100, 116))
CURRENT = r'Microsoft\Windows\CurrentVersion'
NT = r'Microsoft\Windows NT\CurrentVersion'
ADAPTER = '{11111111-2222-3333-4444-555555555555}'
CLASS = '{4D36E972-E325-11CE-BFC1-08002BE10318}'
RULE = (r'v2.30|Action=Allow|Active=TRUE|Dir=In|Protocol=6|LPort=3389|App=%SystemRoot%\system32\svchost.exe|Svc=termservice|'
        '[email protected],-28775|')


def boot_classes():
    """The boot key as the class names of four keys."""
    order = (8, 5, 4, 2, 11, 9, 13, 3, 0, 6, 1, 12, 14, 10, 15, 7)
    stored = bytearray(16)
    for i, at in enumerate(order):
        stored[at] = BOOT_KEY[i]
    parts = [bytes(stored[i:i + 4]).hex() for i in range(0, 16, 4)]
    return {name: {'@class': part} for name, part in zip(('JD', 'Skew1', 'GBG', 'Data'), parts)}


def des_key(seven):
    bits = int.from_bytes(seven, 'big')
    return bytes((bits >> (49 - 7 * i) & 0x7F) << 1 for i in range(8))


def des(nt, rid):
    r = struct.pack('<I', rid)
    keys = [bytes(r[i] for i in order) for order in ((0, 1, 2, 3, 0, 1, 2), (3, 0, 1, 2, 3, 0, 1))]
    return b''.join(DES.new(des_key(k), DES.MODE_ECB).encrypt(nt[8 * i:8 * i + 8]) for i, k in enumerate(keys))


def nt_hash(password):
    return MD4.new(password.encode('utf-16-le')).digest()


def stored(form, rid, password):
    """The NT hash as the record V holds it; None stores no hash."""
    if form == 'aes':
        head = struct.pack('<HHI', 1, 2, 16 if password is not None else 0) + SALT
        if password is None:
            return head
        return head + AES.new(DOMAIN_KEY, AES.MODE_CBC, SALT).encrypt(des(nt_hash(password), rid) + 16 * b'\x10')
    head = struct.pack('<HH', 1, 1)
    if password is None:
        return head
    key = hashlib.md5(DOMAIN_KEY + struct.pack('<I', rid) + b'NTPASSWORD\0').digest()
    return head + ARC4.new(key).encrypt(des(nt_hash(password), rid))


def domain(form):
    """The value F of the domain with its key from byte 0x68 on."""
    head = struct.pack('<I', 3).ljust(0x68, b'\0')
    if form == 'aes':
        data = AES.new(BOOT_KEY, AES.MODE_CBC, SALT).encrypt(DOMAIN_KEY + 16 * b'\x10')
        return head + struct.pack('<IIII', 2, 0x70, 0, len(data)) + SALT + data + bytes(16)
    qwerty = b'!@#$%^&*()qwertyUIOPAzxcvbnmQQQQQQQQQQQQ)(*@&%\0'
    digits = b'0123456789012345678901234567890123456789\0'
    checksum = hashlib.md5(DOMAIN_KEY + digits + DOMAIN_KEY + qwerty).digest()
    key = hashlib.md5(SALT + qwerty + BOOT_KEY + digits).digest()
    return head + struct.pack('<II', 1, 0x38) + SALT + ARC4.new(key).encrypt(DOMAIN_KEY + checksum) + bytes(8)


def sam(h, form, users, names, administrators, machine=None):
    """`users`: (RID, name, flags, password, RID of the record)."""
    machine = machine or h.MACHINE
    keys = {f'{rid:08X}': h.sam_user(record, name, bits=bits, nt=stored(form, rid, password))
            for rid, name, bits, password, record in users}
    keys['Names'] = {name: {'@values': [('', rid, b'')]} for name, rid in names}
    members = [h.sid(*machine, rid) for rid in administrators]
    builtin = {'00000220': h.alias(544, 'Administrators', members), '0000022B': h.alias(555, 'Remote Desktop Users', []),
               'Members': {}, 'Names': {}}
    account = {'@values': [('F', BINARY, domain(form)), ('V', BINARY, bytes(200) + h.sid(*machine))], 'Users': keys,
               'Aliases': {'Members': {}, 'Names': {}}}
    return {'SAM': {'Domains': {'Account': account, 'Builtin': {'Aliases': builtin}}}}


def sam_state(h, machine=None):
    users = [(500, 'Administrator', 0x10, 'Nb7!kq-2Lw', 500), (501, 'Guest', 0x215, None, 501),
             (1000, 'cloudbase-init', 0x210, 'v9#Tz_11xQ', 1000)]
    return sam(h, 'aes', users, [(name, rid) for rid, name, *_ in users], [500, 1000], machine)


def sam_wrong(h):
    users = [(500, 'Administrator', 0x11, 'Nb7!kq-2Lw', 500), (501, 'Guest', 0x214, None, 500),
             (1000, 'ops', 0x10, 'Passw0rd!', 1000), (1001, 'ghost$', 0x10, '', 1001), (1003, 'web', 0x10, 'Nb7!kq-2Lw', 1003)]
    return sam(h, 'rc4', users, [('Administrator', 500), ('Guest', 501), ('ops', 1000), ('web', 1003), ('nobody', 1007)],
               [500, 1000, 1001])


def system_tree(h, services, state, control, extra, base=()):
    tree = h.system({**dict(base), **{name: h.service(*args) for name, args in services.items()}})
    place = r'ControlSet001\Control'
    for path, *entries in control:
        tree = h.merged(tree, h.values(rf'{place}\{path}', *entries))
    for path, *entries in extra:
        tree = h.merged(tree, h.values(path, *entries))
    return h.merged(tree, h.below(rf'{place}\Lsa', boot_classes()), h.values('Setup', *state))


SVCHOST = r'%SystemRoot%\System32\svchost.exe -k netsvcs'
SERVICES = {
    'TermService': (SVCHOST, 3, 0x20), 'UmRdpService': (SVCHOST, 3, 0x20), 'W32Time': (SVCHOST, 3, 0x20),
    'TrustedInstaller': (r'%SystemRoot%\servicing\TrustedInstaller.exe', 3), 'RpcSs': (SVCHOST, 2, 0x20),
    'DcomLaunch': (SVCHOST, 2, 0x20), 'PlugPlay': (SVCHOST, 3, 0x20), 'wuauserv': (SVCHOST, 3, 0x20),
    'Winmgmt': (SVCHOST, 2, 0x20), 'Power': (SVCHOST, 2, 0x20), 'gpsvc': (SVCHOST, 2, 0x20), 'ProfSvc': (SVCHOST, 2, 0x20),
    'EventLog': (SVCHOST, 2, 0x20), 'Dhcp': (SVCHOST, 2, 0x20), 'nsi': (SVCHOST, 2, 0x20),
    'viostor': (r'System32\drivers\viostor.sys', 0, 1), 'netkvm': (r'System32\drivers\netkvm.sys', 3, 1),
    'tatsvc': (r'"C:\Program Files\QCloud\tat_agent\tat_agent.exe"', 2), 'Tcpip': (r'System32\drivers\tcpip.sys', 0, 1),
}


def adapter(*entries):
    return (rf'ControlSet001\Services\Tcpip\Parameters\Interfaces\{ADAPTER}', ('EnableDHCP', DWORD, 1),
            ('DhcpNameServer', SZ, '198.51.100.1'), *entries)


def control(deny):
    return [
        ('Terminal Server', ('fDenyTSConnections', DWORD, deny)),
        (r'Terminal Server\WinStations\RDP-Tcp', ('PortNumber', DWORD, 3389), ('UserAuthentication', DWORD, 1), ('fEnableWinStation', DWORD, 1)),
        (rf'Network\{CLASS}\{ADAPTER}\Connection', ('Name', SZ, 'Ethernet')),
        ('Lsa', ('LimitBlankPasswordUse', DWORD, 1 - deny)),
    ]


FIREWALL = r'ControlSet001\Services\SharedAccess\Parameters\FirewallPolicy'
SETTINGS = [
    adapter(('NameServer', SZ, '183.60.83.19,183.60.82.98')),
    (rf'{FIREWALL}\FirewallRules', ('RemoteDesktop-UserMode-In-TCP', SZ, RULE)),
    (rf'{FIREWALL}\PublicProfile', ('EnableFirewall', DWORD, 1)),
    (r'ControlSet001\Services\W32Time\Parameters', ('Type', SZ, 'NTP'), ('NtpServer', SZ, 'time1.tencentyun.com,0x9 ntpupdate.tencentyun.com,0x9')),
    (r'ControlSet001\Services\W32Time\TimeProviders\NtpClient', ('Enabled', DWORD, 1)),
    (r'DriverDatabase\DeviceIds\PCI\VEN_1AF4&DEV_1001&SUBSYS_00021AF4&REV_00', ('viostor.inf', BINARY, b'\1\xff\0\0')),
]
WAITS = [('SetupType', DWORD, 2), ('CmdLine', SZ, r'oobe\windeploy.exe'), ('SystemSetupInProgress', DWORD, 1), ('OOBEInProgress', DWORD, 1)]
SYSPREP = r'Setup\Status\SysprepStatus'


def system_state(h):
    # cloudbase-init logs on as the account that its installer makes.
    base = {**h.GOOD, 'cloudbase-init': h.service(h.RUNS, ObjectName=r'.\cloudbase-init')}
    return system_tree(h, SERVICES, WAITS, control(0),
                       SETTINGS + [(SYSPREP, ('GeneralizationState', DWORD, 3), ('CleanupState', DWORD, 2))], base)


def system_wrong(h):
    """In use, with a forged GeneralizationState; DHCP off for no adapter, foreign name servers, virtio held back."""
    services = {**SERVICES, 'TermService': (SVCHOST, 4, 0x20), 'W32Time': (SVCHOST, 4, 0x20), 'PlugPlay': (SVCHOST, 4, 0x20),
                'VMTools': (r'"C:\Program Files\VMware\VMware Tools\vmtoolsd.exe"', 2), 'vmci': (r'System32\drivers\vmci.sys', 3, 1)}
    for gone in ('netkvm', 'tatsvc'):
        del services[gone]
    extra = [
        adapter(('NameServer', SZ, '8.8.8.8 8.8.4.4')),
        (r'ControlSet001\Services\viostor\StartOverride', ('0', DWORD, 3)),
        (r'ControlSet001\Control\Session Manager', ('PendingFileRenameOperations', MULTI, [r'\??\C:\Windows\Temp\x.dll'])),
        (SYSPREP, ('GeneralizationState', DWORD, 7), ('CleanupState', DWORD, 2)),
    ]
    in_use = [('SetupType', DWORD, 0), ('CmdLine', SZ, ''), ('SystemSetupInProgress', DWORD, 0)]
    return system_tree(h, services, in_use, control(1), extra)


def software_state(h):
    return h.merged(h.software('E'), h.values(rf'{CURRENT}\Setup\State', ('ImageState', SZ, 'IMAGE_STATE_GENERALIZE_RESEAL_TO_OOBE')),
                    h.values(NT, ('InstallDate', DWORD, 1700000000)), h.values(rf'{NT}\Winlogon', ('AutoAdminLogon', SZ, '0')),
                    h.values(r'Microsoft\Cryptography', ('MachineGuid', SZ, '01234567-89ab-cdef-0123-456789abcdef')))


def ready_system(h, service):
    """The part of a SYSTEM hive that the demonstration image adds to its own; `service` makes a service key."""
    services = {name: service(args[0], name, *args[1:]) for name, args in SERVICES.items() if name not in ('TermService', 'Tcpip')}
    tree = {'ControlSet001': {'Services': services, 'Control': {'Lsa': boot_classes()}}}
    for path, *entries in control(0):
        tree = h.merged(tree, h.values(rf'ControlSet001\Control\{path}', *entries))
    for path, *entries in SETTINGS:
        tree = h.merged(tree, h.values(path, *entries))
    return h.merged(tree, h.values('Setup', *WAITS), h.values(SYSPREP, ('GeneralizationState', DWORD, 3), ('CleanupState', DWORD, 2)))


def installed(h):
    return h.values(NT, ('InstallDate', DWORD, 1700000000))


def software_wrong(h):
    winlogon = rf'{NT}\Winlogon'
    return h.merged(
        h.software('E'), h.values(rf'{CURRENT}\Setup\State', ('ImageState', SZ, 'IMAGE_STATE_COMPLETE')),
        h.values(NT, ('InstallDate', DWORD, 1700000000)),
        h.values(winlogon, ('AutoAdminLogon', SZ, '1'), ('DefaultUserName', SZ, 'ops'), ('DefaultPassword', SZ, 'not to be seen')),
        h.values(rf'{winlogon}\SpecialAccounts\UserList', ('ops', DWORD, 0)),
        h.values(rf'{NT}\SoftwareProtectionPlatform', ('SkipRearm', DWORD, 1)),
        h.values(r'Microsoft\Cryptography', ('MachineGuid', SZ, '01234567-89AB-CDEF-0123-456789ABCDEF')),
        h.values(rf'{CURRENT}\WindowsUpdate', ('SusClientId', SZ, '76543210-89ab-cdef-0123-456789abcdef')),
        h.values(rf'{CURRENT}\Uninstall\VMware', ('DisplayName', SZ, 'VMware Tools')),
        h.below(rf'{CURRENT}\Component Based Servicing\RebootPending', {}),
        h.values(r'Policies\Microsoft\Windows NT\DNSClient\DnsPolicyConfig\all', ('GenericDNSServers', SZ, '203.0.113.9'), ('Name', MULTI, ['.'])),
        h.below(r'Cloudbase Solutions\Cloudbase-Init\i-0123\Plugins', {}))


def software_2008(h):
    tree = software_state(h)
    current = tree['Microsoft']['Windows NT']['CurrentVersion']
    current['@values'] = [('ProductName', SZ, 'Windows Server 2008 R2 Datacenter'), ('EditionID', SZ, 'ServerDatacenter'),
                          ('CurrentVersion', SZ, '6.1'), ('CurrentBuild', SZ, '7601'), ('SystemRoot', SZ, r'C:\Windows')]
    return tree


def security(h, rights, secrets):
    accounts = {sid: {'ActSysAc': {'@values': [('', BINARY, struct.pack('<I', bits))]}} for sid, bits in rights}
    stored = {name: {'CurrVal': {'@values': [('', BINARY, bytes(length))]}} for name, length in secrets}
    return {'Policy': {'Accounts': accounts, 'Secrets': stored}}


def security_state(h, machine=None):
    # The account of cloudbase-init logs on as a service.
    own = 'S-1-5-' + '-'.join(str(n) for n in (*(machine or h.MACHINE), 1000))
    rights = [('S-1-1-0', 2), ('S-1-5-32-544', 0x403), (own, 0x10)]
    return security(h, rights, [('_SC_cloudbase-init', 92), ('DPAPI_SYSTEM', 92)])


def security_strangers(h):
    """Local accounts may not log on over the network, and users may debug programs."""
    tree = security(h, [('S-1-1-0', 2), (r'S-1-5-32-544', 0x403), ('S-1-5-113', 0x80), ('S-1-5-32-545', 3)], [])
    debug = struct.pack('<IIQI', 1, 0, 20, 0)
    tree['Policy']['Accounts']['S-1-5-32-545']['Privilgs'] = {'@values': [('', BINARY, debug)]}
    return tree


RUN = '2023-11-20 10:00:00, '
PLUGIN = 'cloudbaseinit.plugins.'
# Files of a generalized server: what sysprep writes, and the provider's configuration.
FILES = {
    r'Windows\Setup\State\State.ini': '[State]\nImageState=IMAGE_STATE_GENERALIZE_RESEAL_TO_OOBE\n',
    r'Windows\System32\Sysprep\Sysprep_succeeded.tag': '',
    r'Windows\System32\Sysprep\Panther\setupact.log': ''.join(f'{RUN}Info                  SYSPRP {line}\n' for line in (
        56 * '=', '===          Beginning of a new sysprep run          ===', 56 * '=', 'The time is now 2023-11-20 10:00:00',
        *(f"ParseCommands:Found supported command line option '{o}'" for o in ('GENERALIZE', 'OOBE', 'SHUTDOWN')),
        r'FCreateTagFile:Successfully created tag file C:\Windows\System32\Sysprep\Sysprep_succeeded.tag')),
    r'Windows\System32\drivers\etc\hosts': '# Names of this machine only.\n127.0.0.1 localhost\n',
    r'Program Files\Cloudbase Solutions\Cloudbase-Init\LocalScripts\TencentCloudRun.ps1': '# A stand-in.\n',
    r'Program Files\Cloudbase Solutions\Cloudbase-Init\conf\cloudbase-init.conf': (
        '[DEFAULT]\nusername=Administrator\nfirst_logon_behaviour=no\ninject_user_password=true\n'
        'metadata_services=cloudbaseinit.metadata.services.configdrive.ConfigDriveService\nplugins='
        + ','.join(PLUGIN + p for p in (
            'common.sethostname.SetHostNamePlugin', 'common.networkconfig.NetworkConfigPlugin',
            'windows.extendvolumes.ExtendVolumesPlugin', 'common.setuserpassword.SetUserPasswordPlugin',
            'common.localscripts.LocalScriptsPlugin', 'common.userdata.UserDataPlugin')) + '\n'),
}


def everyone():
    """The SID S-1-1-0."""
    return struct.pack('<BB6sI', 1, 1, b'\0\0\0\0\0\1', 0)


def sam_groups(h):
    """Everyone in Administrators; an administrator whom only the index of members names; a member of Backup Operators;
    an account whose name looks like another's, one of the range of Windows' own, and one without power."""
    users = [(500, 'Administrator', 0x10, 'Nb7!kq-2Lw', 500), (501, 'Guest', 0x215, None, 501), (600, 'low', 0x10, 'Nb7!kq-2Lw', 600),
             (1001, 'Admin\u00adistrator', 0x10, 'Nb7!kq-2Lw', 1001), (1002, 'ops', 0x10, 'Nb7!kq-2Lw', 1002)]
    tree = sam(h, 'aes', users, [(name, rid) for rid, name, *_ in users], [500])
    aliases = tree['SAM']['Domains']['Builtin']['Aliases']
    aliases['00000220'] = h.alias(544, 'Administrators', [h.sid(*h.MACHINE, 500), everyone()])
    aliases['00000227'] = h.alias(551, 'Backup Operators', [h.sid(*h.MACHINE, 1002)])
    machine = 'S-1-5-' + '-'.join(str(n) for n in h.MACHINE)
    aliases['Members'] = {machine: {'000003E9': {'@values': [('', 1, struct.pack('<I', 544))]}}}
    return tree


def system_blocked(h):
    """As the good one, but the firewall blocks the remote desktop, the clock is never corrected, a foreign name server is asked
    first, and another stands with an adapter that only a device knows."""
    gone = '{99999999-2222-3333-4444-555555555555}'
    extra = [
        adapter(('NameServer', SZ, '203.0.113.9,183.60.83.19')),
        (rf'ControlSet001\Services\Tcpip\Parameters\Interfaces\{gone}', ('NameServer', MULTI, ['203.0.113.10'])),
        (rf'ControlSet001\Control\Class\{CLASS}\0001', ('NetCfgInstanceId', SZ, gone)),
        (rf'{FIREWALL}\FirewallRules', ('RemoteDesktop-UserMode-In-TCP', SZ, RULE),
         ('block', SZ, 'v2.30|Action=Block|Active=TRUE|Dir=In|Protocol=6|LPort2_10=3000-4000|Profile=Public|')),
        (rf'{FIREWALL}\PublicProfile', ('EnableFirewall', DWORD, 1)),
        (rf'{FIREWALL}\StandardProfile', ('EnableFirewall', DWORD, 1), ('DoNotAllowExceptions', DWORD, 1)),
        (r'ControlSet001\Services\W32Time\Parameters', ('Type', SZ, 'NT5DS'), ('NtpServer', SZ, 'time.example,0x9')),
        (r'ControlSet001\Services\W32Time\Config', ('MaxPosPhaseCorrection', DWORD, 0)),
        (r'ControlSet001\Control\Terminal Server', ('TSUserEnabled', SZ, '0')),
    ]
    return system_tree(h, SERVICES, WAITS, control(0), extra, h.GOOD)


def hives(h):
    administrators = 'S-1-5-32-544'
    return {
        'system-state': (system_state(h), 'SYSTEM'),
        'system-wrong': (system_wrong(h), 'SYSTEM'),
        'software-state': (software_state(h), 'SOFTWARE'),
        'software-wrong': (software_wrong(h), 'SOFTWARE'),
        'software-2008': (software_2008(h), 'SOFTWARE'),
        'sam-state': (sam_state(h), 'SAM'),
        'sam-wrong': (sam_wrong(h), 'SAM'),
        'sam-groups': (sam_groups(h), 'SAM'),
        'system-blocked': (system_blocked(h), 'SYSTEM'),
        'security-strangers': (security_strangers(h), 'SECURITY'),
        'security-state': (security_state(h), 'SECURITY'),
        'security-wrong': (security(h, [(administrators, 0xC03)], [('DefaultPassword', 60)]), 'SECURITY'),
    }
