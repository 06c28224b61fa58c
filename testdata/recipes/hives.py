#!/usr/bin/env python3
"""Writes the hives of the Windows unit tests: hives.py OUT (the project keeps them in testdata/hives).

Each is a few KiB, written by regf.py; hivex reads every one back and must see what was meant.
Unit tests put them into file systems in memory, one set for each state a check has to tell apart.
"""
import os
import sys

sys.dont_write_bytecode = True
import regf  # noqa: E402  (beside this file)

SZ, EXPAND, BINARY, DWORD, MULTI = 1, 2, 3, 4, 7
CBI = r'C:\Program Files\Cloudbase Solutions\Cloudbase-Init\bin\OpenStackService.exe'
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
    'cloudbase-init': service(f'"{CBI}" cloudbase-init', ObjectName='LocalSystem'),
    'OnionX': service(r'C:\WinAgent\WinAgent.exe -svc', DisplayName='WinAgent Display Name'),
    'win-agent': service(r'C:/win-agent/win-agent.exe'),
}
# Each service of GOOD spoilt in its own way.
BAD = {
    'cloudbase-init': service(f'"{CBI}" cloudbase-init', start=3, ObjectName='LocalSystem'),
    'OnionX': service(r'C:\WinAgent\WinAgent.exe', start=4, DisplayName='WinAgent Display Name'),
    'win-agent': service(r'C:\win-agent\gone.exe'),
}
MODERN = {
    'cloudbase-init': service(f'"{CBI}" cloudbase-init', ObjectName=r'.\cloudbase-init', DelayedAutostart=1),
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


def kinds():
    """A value of every type, resident and not, and names that test the comparison."""
    values = [('', SZ, 'default'), ('Text', SZ, 'größe 尺寸'), ('Expand', EXPAND, r'%SystemRoot%\x'), ('Bytes', BINARY, bytes(range(20))),
              ('Four', BINARY, b'\1\2\3\4'), ('None', 0, b''), ('Number', DWORD, 0x12345678), ('Big', 5, b'\x12\x34\x56\x78'),
              ('Long', 11, (1 << 40).to_bytes(8, 'little')), ('List', MULTI, ['a', 'b c']), ('Odd', 0x1234, b'x')]
    return {'Kinds': {'@values': values}, 'Größe': {'Inner': {}}}


HIVES = {
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
}


def check(path, tree):
    """hivex must see the keys, values, types and data that were meant."""
    import hivex
    hive = hivex.Hivex(path)

    def same(node, want):
        meant = {name: (kind, regf.encode(kind, data)) for name, kind, data in want.get('@values', [])}
        seen = {hive.value_key(v): hive.value_value(v) for v in hive.node_values(node)}
        assert seen == meant, (path, seen, meant)
        children = {hive.node_name(c): c for c in hive.node_children(node)}
        assert set(children) == set(want) - {'@values'}, (path, children)
        for name, child in children.items():
            same(child, want[name])

    same(hive.root(), tree)


def main(out):
    os.makedirs(out, exist_ok=True)
    for name, (tree, file_name) in HIVES.items():
        path = os.path.join(out, name + '.hive')
        regf.Hive().write(path, tree, file_name)
        check(path, tree)


main(sys.argv[1])
