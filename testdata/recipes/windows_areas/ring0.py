"""What is loaded into ring 0, and what runs before the service manager."""
from windows_disk import *

change = Changes()
DRIVERS, EARLY, FILES, INTEGRITY = 'WIN-KERNEL-006', 'WIN-KERNEL-007', 'WIN-KERNEL-002', 'WIN-KERNEL-005'
EVIL = r'C:\Windows\System32\drivers\evil.sys'
DISKS = '{4d36e967-e325-11ce-bfc1-08002be10318}'
VOLUMES = '{71a27cdd-812a-11d0-bec7-08002be2092f}'


# --- drivers ---
def driver(name, why, path, image, place='evil', start=1, more=None):
    def make(d):
        if path:
            d.foreign(path)
        d.driver('evil', image, start)
        if more:
            more(d)
    change.row(name, why, DRIVERS, place, make)


def evil(name):
    return rf'{SERVICES}\evil{name}'


driver('driver-by-globalroot', 'GLOBALROOT leads to the root of all objects, and SystemRoot to Windows.', r'C:\Windows\System32\evil.sys',
       r'\??\GLOBALROOT\SystemRoot\System32\evil.sys')
driver('driver-by-a-link-of-devices', 'The session manager makes the names of DOS Devices at each start.', r'C:\Windows\Temp\evil.sys', r'\??\K:\evil.sys', 'K:',
       more=lambda d: d.system(rf'{SESSION}\DOS Devices', 'K:', SZ, r'\SystemRoot\Temp'))
driver('driver-by-a-volume', 'A volume is reached by its GUID as well.', r'C:\Windows\evil.sys', r'\??\Volume{01234567-89ab-cdef-0123-456789abcdef}\Windows\evil.sys')
driver('driver-by-arc-name', 'ARC names lead to partitions.', r'C:\Windows\evil.sys', r'\ArcName\multi(0)disk(0)rdisk(0)partition(1)\Windows\evil.sys')
driver('driver-by-a-bare-name', 'A path without a root is one below Windows.', r'C:\Windows\evil.sys', 'evil.sys')
driver('driver-without-an-ending', 'The kernel loads a file of any name.', r'C:\Windows\System32\drivers\evil', r'System32\drivers\evil')
driver('driver-by-dots', 'Dots are taken out of a path.', r'C:\x\evil.sys', r'\??\C:\Windows\..\x\evil.sys')
driver('disabled-driver-with-boot-flags', 'BootFlags load a driver at a start of that kind, disabled or not.', EVIL, r'System32\drivers\evil.sys', start=4,
       more=lambda d: d.system(evil(''), 'BootFlags', DWORD, 1))
driver('disabled-driver-with-an-override', 'StartOverride replaces Start.', EVIL, r'System32\drivers\evil.sys', start=4,
       more=lambda d: d.system(evil(r'\StartOverride'), '0', DWORD, 0))


@change(DRIVERS, 'evil')
def driver_in_a_stream(d):
    """A named stream is opened as a file is."""
    d.stream(r'Windows\System32\drivers\ntfs.sys', 'e', program('evil.sys'))
    d.driver('evil', r'System32\drivers\ntfs.sys:e')


@change(DRIVERS, 'evil')
def driver_whose_type_is_text(d):
    """A type that is no number: the loader of the boot drivers and the service manager may take it in different ways."""
    d.foreign(EVIL)
    d.system(evil(''), 'Type', SZ, '1')
    d.system(evil(''), 'Start', DWORD, 0)
    d.system(evil(''), 'ImagePath', EXPAND, r'System32\drivers\evil.sys')


@change(DRIVERS, 'WinUpd')
def program_and_driver_in_one(d):
    """Type 0x11 has the bits of a driver and of a program."""
    d.honest(r'Windows\Temp\x.exe')
    d.service('WinUpd', r'C:\Windows\Temp\x.exe', 2, 0x11)


@change(DRIVERS, 'evil.sys')
def filter_of_crash_dumps(d):
    """DumpFilters are loaded into the stack that writes a dump."""
    d.foreign(EVIL)
    d.system(rf'{CONTROL}\CrashControl', 'DumpFilters', MULTI, ['dumpfve.sys', 'evil.sys'])


@change(DRIVERS, 'evil')
def filter_of_all_disks(d):
    """A filter of a class is loaded for each device of it."""
    d.foreign(EVIL)
    d.driver('evil', r'System32\drivers\evil.sys', 3)
    d.system(rf'{CONTROL}\Class\{DISKS}', 'LowerFilters', MULTI, ['evil'])


@change(DRIVERS, 'evil')
def filter_that_is_not_there(d):
    """Without a filter of its class no volume starts, and so Windows doesn't (stop 0x7B)."""
    d.driver('evil', r'System32\drivers\evil.sys', 0)
    d.system(rf'{CONTROL}\Class\{VOLUMES}', 'UpperFilters', MULTI, ['evil'])


def appended(name, path, why):
    change.row(name, why, FILES, path.rpartition('\\')[2], lambda d: d.put(path, d.read(path) + b'evil' * 100))


appended('driver-with-more-behind-it', r'Windows\System32\drivers\tcpip.sys', 'What stands behind a signature is part of what was signed: the signature holds no more.')
appended('kernel-with-more-behind-it', r'Windows\System32\ntoskrnl.exe', 'What stands behind a signature is part of what was signed: the signature holds no more.')
change.row('session-manager-replaced', 'smss.exe is the first process.', FILES, 'smss.exe', lambda d: d.foreign(r'C:\Windows\System32\smss.exe'))


# --- the session manager ---
def session(name, why, entry, kind, data, files=(), check=EARLY, place=None, key=SESSION):
    def make(d):
        for path in files:
            d.foreign(path)
        d.system(key, entry, kind, data)
    change.row(name, why, check, place or entry, make)


session('files-moved-over-a-driver', 'The session manager moves files before any signature of theirs is looked at.', 'PendingFileRenameOperations2', MULTI,
        pending((r'\??\C:\x\n.sys', r'!\??\C:\Windows\System32\drivers\ntfs.sys')), [r'C:\x\n.sys'])
session('folder-of-an-agent-deleted', 'An empty second path deletes, in folders too.', 'PendingFileRenameOperations', MULTI,
        pending((r'*1\??\C:\WinAgent', ''), (r'\??\C:\old', '')))
session('operation-behind-an-empty-one', 'An empty pair does not end the list for every version of Windows.', 'PendingFileRenameOperations', MULTI,
        wide('') + wide('') + pending((r'\??\C:\WinAgent\WinAgent.exe', '')))
session('operation-on-the-system-folder', '\\SystemRoot leads to Windows.', 'PendingFileRenameOperations', MULTI, pending((r'\SystemRoot\System32\svchost.exe', '')))
session('operations-as-text', 'The session manager takes the data as pairs of texts, and does not ask for its type.', 'PendingFileRenameOperations', SZ,
        pending((r'\??\C:\WinAgent\WinAgent.exe', '')))
session('program-moved-into-startup', 'A program that the next start puts into the folder of autostarts.', 'PendingFileRenameOperations', MULTI,
        pending((r'\??\C:\x\a.exe', r'\??\C:\ProgramData\Microsoft\Windows\Start Menu\Programs\Startup\a.exe')), [r'C:\x\a.exe'])
session('program-before-the-devices', 'BootExecuteNoPnpSync runs native programs before all devices are there.', 'BootExecuteNoPnpSync', MULTI, ['evil'],
        [r'C:\Windows\System32\evil.exe'])
session('checker-of-disks-elsewhere', 'BootExecute names its program by any path.', 'BootExecute', MULTI, [r'autocheck \??\C:\x\autochk.exe *'], [r'C:\x\autochk.exe'])
session('native-programs-as-bytes', 'What the session manager makes of a list of another type is not known.', 'BootExecute', BINARY, wide('evil') + b'\0\0')
session('checker-of-disks-replaced', 'autochk.exe runs at each start.', 'BootExecute', MULTI, ['autocheck autochk *'], [r'C:\Windows\System32\autochk.exe'], FILES, 'autochk.exe')
session('first-program-of-the-session', 'InitialCommand is started in place of winlogon.exe.', 'InitialCommand', SZ, r'\SystemRoot\System32\evil.exe')


@change(EARLY, 'Evil')
def subsystem_of_its_own(d):
    """The session manager starts each subsystem that Required lists."""
    d.system(rf'{SESSION}\SubSystems', 'Required', MULTI, ['Debug', 'Windows', 'Evil'])
    d.system(rf'{SESSION}\SubSystems', 'Evil', EXPAND, r'%SystemRoot%\evil.exe')


def subsystem(libraries):
    return hives.CSRSS.replace(' ServerDll=sxssrv,4', libraries)


session('library-of-the-subsystem-unsigned', 'csrss.exe loads each ServerDll.', 'Windows', EXPAND, subsystem(''), [r'C:\Windows\System32\winsrv.dll'], FILES, 'winsrv.dll',
        rf'{SESSION}\SubSystems')
session('library-of-the-subsystem-added', 'csrss.exe loads each ServerDll.', 'Windows', EXPAND, subsystem(' ServerDll=evil,4'), [r'C:\Windows\System32\evil.dll'], place='evil',
        key=rf'{SESSION}\SubSystems')
session('known-library-unsigned', 'Libraries of KnownDLLs are mapped once for all processes.', 'kernel32', SZ, 'kernel32.dll', [r'C:\Windows\System32\kernel32.dll'],
        place='kernel32', key=rf'{SESSION}\KnownDLLs')
session('known-library-elsewhere', 'The path of a known library is taken below System32, dots and all.', 'ws2', SZ, r'..\..\x\e.dll', [r'C:\x\e.dll'], place='KnownDLLs',
        key=rf'{SESSION}\KnownDLLs')
session('library-of-the-service-manager', 'services.exe loads ServiceControlManagerExtension.', 'ServiceControlManagerExtension', EXPAND, r'C:\x\s.dll',
        [r'C:\x\s.dll'], key=CONTROL)
session('command-lines-of-setup', 'A list of two: winlogon.exe takes the first text, others read both.', 'CmdLine', MULTI, [r'oobe\windeploy.exe', r'C:\x.exe'], key='Setup')
session('drive-c-is-a-folder', 'The session manager makes C: of DOS Devices: every path with it leads elsewhere.', 'C:', SZ, r'\??\C:\evil', place='DOS Devices',
        key=rf'{SESSION}\DOS Devices')
session('programs-of-a-run-level', 'RunLevelExecute lists what the session manager starts.', 'RunLevelExecute', MULTI, ['WinInit', 'ServiceControlManager', 'Evil'])
session('flags-of-code-integrity', 'TestFlags of CI change what code integrity demands.', 'TestFlags', DWORD, 1, check=INTEGRITY, key=rf'{CONTROL}\CI')
session('image-that-hvci-refuses', 'Images of this list are not loaded: the filter of Defender is one.', 'HVCIDisallowedImages', MULTI, ['WdFilter.sys'], check=INTEGRITY,
        key=rf'{CONTROL}\CI\Config')


# --- data that the boot manager and the kernel take apart ---
def data(name, why, path, contents):
    change.row(name, why, 'WIN-KERNEL-006', path.rpartition('\\')[2], lambda d: d.put(path, contents))


data('table-of-characters', 'The loader maps the tables of the code pages for the kernel.', r'Windows\System32\C_1252.NLS', bytes(range(256)) * 16)
data('list-of-faulty-hardware', 'The loader reads errata.inf for the kernel.', r'Windows\INF\errata.inf', '[Version]\r\n')
data('font-of-the-boot-manager', 'The boot manager takes fonts apart before anything is checked.', r'Boot\Fonts\wgl4_boot.ttf', b'\0\1\0\0' + bytes(4096))
