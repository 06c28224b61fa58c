"""The boot configuration, the boot manager, the first sectors of the disk."""
import os
import subprocess

import boot_configuration
from boot_configuration import GLOBAL, LOADER, MANAGER, RESUME, SETTINGS, YES
from windows_disk import *

change = Changes()
CONFIGURATION, FILES, LAYOUT, LEVEL, UNKNOWN = 'WIN-KERNEL-004', 'WIN-KERNEL-002', 'WIN-BOOT-001', 'WIN-KERNEL-001', 'WIN-KERNEL-009'
OTHER = '{33333333-3333-3333-3333-333333333333}'
# Types of objects.
OSLOADER, MEMORY_TOOL, SECTOR, STARTUP, DEVICE_SETTINGS = 0x10200003, 0x10200005, 0x10300008, 0x1040000A, 0x20100000


def here(offset=START):
    return boot_configuration.partition(offset, SIGNATURE)


def in_file(path, kind=0):
    """A device that is a file of the partition: a virtual disk (0) or a RAM disk (3)."""
    inner = here()[16:] + wide(path)
    body = struct.pack('<5I', 1, 0, 5, 1, 0) + inner
    return bytes(16) + struct.pack('<4I', kind, 0, 16 + len(body), 0) + body


def located(kind=8):
    """A device that is looked for by the path of the application (`locate`)."""
    return bytes(16) + struct.pack('<4I', kind, 0, 0x20, 0) + bytes(16)


def bcd(name, why, make, check=CONFIGURATION, place='BCD', payload=None):
    def with_hive(d):
        if payload:
            d.foreign(payload)
        with d.hive('BCD') as h:
            make(h)
    change.row(name, why, check, place, with_hive)


def another(h, path=r'\Windows\System32\winload.exe', kind=OSLOADER, **more):
    h.entry(OTHER, kind, {0x11000001: here(), 0x21000001: here(), 0x12000002: path, 0x22000002: r'\Windows', 0x12000004: 'x',
                          **{int(n[1:], 16): data for n, data in more.items()}})


def element(name, why, number, data, entry=LOADER, **more):
    bcd(name, why, lambda h: h.element(entry, number, data, **more))


# --- elements of the entry that starts ---
element('early-launch-drivers-off-in-capitals', 'disableelamdrivers keeps drivers of security software from being first; names of keys have no case.', 0x260000E1, YES,
        spelt='260000E1')
element('test-signatures-as-a-number', 'The boot manager reads what stands there as a Boolean, whatever its type.', 0x16000049, 1, kind=DWORD)
element('test-signatures-of-8-bytes', 'The boot manager reads the first byte of a Boolean.', 0x16000049, YES + bytes(7))
element('test-signatures-as-text', 'A Boolean of another type has a first byte, too.', 0x16000049, '1', kind=SZ)
element('element-of-nine-digits', 'A name of nine digits is read as the number of the element.', 0x16000049, YES, spelt='016000049')
element('integrity-element-without-data', 'Integrity checks off (nointegritychecks), in a form that bcdedit doesn\'t write.', 0x16000048, b'')
element('element-that-nobody-knows', 'What an unknown setting of the loader does nobody can say.', 0x22000199, 'x')
element('hive-of-the-measurements', 'imchive names a hive that the loader reads.', 0x22000137, r'\Windows\evil')
element('another-hypervisor', 'hypervisorpath is loaded below the kernel.', 0x220000F1, r'\Windows\System32\evil.exe')
element('safe-mode-with-network', 'In safe mode security software does not start.', 0x25000080, (1).to_bytes(8, 'little'))
element('kernel-debugger', 'A debugger reads and writes the kernel\'s memory.', 0x260000A0, YES)
element('data-is-executable', 'nx AlwaysOff: code on stacks and heaps runs.', 0x25000020, (2).to_bytes(8, 'little'))
element('options-as-a-list', 'loadoptions are the kernel\'s command line: DISABLE_INTEGRITY_CHECKS is read from it.', 0x12000030, ['x', 'DDISABLE_INTEGRITY_CHECKS'], kind=MULTI)
element('options-without-checks', 'loadoptions are the kernel\'s command line: DISABLE_INTEGRITY_CHECKS is read from it.', 0x12000030, 'DISABLE_INTEGRITY_CHECKS')
element('menu-of-options-at-each-start', 'advancedoptions: each start waits in the menu of options until somebody chooses.', 0x16000040, YES)
element('menu-of-settings-at-each-start', 'optionsedit: each start waits in an editor of the loader\'s options.', 0x16000041, YES)
element('menu-that-never-ends', 'timeout of the manager: the menu is shown for ever.', 0x25000004, (0xFFFFFFFF).to_bytes(8, 'little'), MANAGER)
element('menu-of-an-hour', 'timeout of the manager: the menu is shown for an hour.', 0x25000004, (3600).to_bytes(8, 'little'), MANAGER)
element('memory-cut-off', 'truncatememory: nothing above 64 MB is used, and Windows does not start.', 0x15000007, (0x4000000).to_bytes(8, 'little'))
element('memory-taken-away', 'removememory: so many megabytes are not used.', 0x25000031, (4000).to_bytes(8, 'little'))
element('pages-called-bad', 'badmemorylist: pages that Windows does not use, here those of the kernel.', 0x1700000A, struct.pack('<8Q', *range(256, 264)), kind=BINARY)
element('one-processor', 'onecpu: all processors but one stay idle.', 0x26000060, YES)
element('stop-for-a-debugger', 'halbreakpoint: the kernel stops as it begins and waits for a debugger.', 0x260000A1, YES)


@change(CONFIGURATION, r'\WINNT')
def another_system_folder(d):
    """systemroot leads to a copy of Windows that nobody looks at."""
    import shutil
    shutil.copytree(d.find('Windows'), os.path.join(d.root, 'WINNT'))
    with d.hive('BCD') as h:
        h.element(LOADER, 0x22000002, r'\WINNT')


# --- other entries ---
bcd('entry-of-the-menu-with-test-signatures', 'Whoever sits at the console, or a changed default, takes it.',
    lambda h: (another(h, _16000049=YES), h.element(MANAGER, 0x24000001, [LOADER, OTHER])))
bcd('entry-for-the-next-start', 'bootsequence is taken once, before the default.', lambda h: (another(h, r'\evil.exe'), h.element(MANAGER, 0x24000002, [OTHER])), FILES,
    'evil.exe', r'C:\evil.exe')
bcd('memory-test-at-the-next-start', 'bootsequence starts the memory test once in place of Windows.',
    lambda h: (another(h, r'\Boot\memtest.exe', MEMORY_TOOL), h.element(MANAGER, 0x24000002, [OTHER])), place='24000002')
bcd('tool-of-the-menu', 'toolsdisplayorder lists programs that the boot manager starts.',
    lambda h: (another(h, r'\Windows\Temp\mt.exe', MEMORY_TOOL), h.element(MANAGER, 0x24000010, [OTHER])), FILES, 'mt.exe', r'C:\Windows\Temp\mt.exe')
bcd('program-before-the-menu', 'startupsequence is run at each start.', lambda h: (another(h, r'\x.exe', STARTUP), h.element(MANAGER, 0x24000007, [OTHER])), FILES,
    'x.exe', r'C:\x.exe')
bcd('another-resume-loader', 'The resume object is started behind a hibernation.', lambda h: h.element(RESUME, 0x12000002, r'\Windows\Temp\r.exe'), FILES, 'r.exe',
    r'C:\Windows\Temp\r.exe')
bcd('entry-of-a-key', 'customactions bind a key of the menu to an entry.',
    lambda h: (another(h), h.element(MANAGER, 0x27000030, struct.pack('<QQ', 0x3B00, 0x54000001), BINARY), h.element(MANAGER, 0x54000001, [OTHER])))
bcd('another-store', 'bcdfilepath and bcddevice send the boot manager to another store.', lambda h: (h.element(MANAGER, 0x22000023, r'\x\BCD'),
                                                                                                     h.element(MANAGER, 0x21000022, here())))
bcd('test-signatures-inherited', 'An entry has the elements of the objects that it inherits.',
    lambda h: (h.entry(OTHER, DEVICE_SETTINGS, {0x16000049: YES}), h.element(SETTINGS, 0x14000006, [GLOBAL, OTHER])))
bcd('entry-of-another-type', 'An object of the type of a boot sector is started as one: its path is the sector.',
    lambda h: h.set(rf'Objects\{LOADER}\Description', 'Type', DWORD, SECTOR))
bcd('entry-without-a-type', 'A description that is no number leaves the type unknown.', lambda h: h.set(rf'Objects\{LOADER}\Description', 'Type', SZ, 'x'))
bcd('default-as-a-list', 'The default entry is read as text: the first of a list.',
    lambda h: (h.element(MANAGER, 0x23000003, [OTHER], MULTI), another(h, r'\evil.exe')), payload=r'C:\evil.exe')
bcd('recovery-of-another-loader', 'recoverysequence is taken where a start fails, and a user can make it fail.',
    lambda h: (another(h, r'\Windows\Temp\evil.exe', _16000048=YES), h.element(LOADER, 0x14000008, [OTHER]), h.element(LOADER, 0x16000009, YES)), FILES, 'evil.exe',
    r'C:\Windows\Temp\evil.exe')


@change(CONFIGURATION, 'Winre.wim')
def recovery_image_that_nobody_knows(d):
    """The recovery environment is an image of files with a kernel of its own."""
    d.put(r'Recovery\WindowsRE\Winre.wim', b'MSWIM\0\0\0' + bytes(300))
    device = in_file(r'\Recovery\WindowsRE\Winre.wim', 3)
    with d.hive('BCD') as h:
        h.entry(OTHER, OSLOADER, {0x11000001: device, 0x21000001: device, 0x12000002: r'\windows\system32\winload.exe'})
        h.element(LOADER, 0x14000008, [OTHER])


# --- devices ---
bcd('system-in-a-ram-disk', 'With a RAM disk as device Windows starts from an image of files.',
    lambda h: [h.element(LOADER, n, in_file(r'\evil.wim', 3)) for n in (0x11000001, 0x21000001)], LAYOUT)


@change(CONFIGURATION, 'x.vhd')
def system_in_a_virtual_disk(d):
    """Windows starts from a virtual disk in a file, which no one looks into."""
    d.put('x.vhd', b'conectix' * 100)
    with d.hive('BCD') as h:
        for number in (0x11000001, 0x21000001):
            h.element(LOADER, number, in_file(r'\x.vhd'))


bcd('device-of-an-unknown-type', 'Where a device of type 9 leads nobody can say.', lambda h: h.element(LOADER, 0x11000001, located(9)), LAYOUT)


# --- files of the start ---
change.row('boot-manager-replaced', 'The first stage starts \\bootmgr, whatever it is.', FILES, 'bootmgr', lambda d: d.put('bootmgr', b'\xe9\xd5\x01' + os.urandom(4000)))
change.row('boot-manager-unsigned', 'The first stage starts \\bootmgr, signed or not.', FILES, 'bootmgr', lambda d: d.foreign(r'C:\bootmgr', 'bootmgr.exe'))


@change(CONFIGURATION, 'EFI/Microsoft/Boot/BCD')
def store_of_the_other_firmware(d):
    """A machine with UEFI starts by the store of EFI\\Microsoft\\Boot."""
    d.put(r'EFI\Microsoft\Boot\BCD', d.read(r'Boot\BCD'))
    with d.hive(r'EFI\Microsoft\Boot\BCD') as h:
        h.element(LOADER, 0x16000049, YES)


change.row('hibernation-file', 'hiberfil.sys holds the memory of a machine, and the loader goes on with it in place of a start.', CONFIGURATION, 'hiberfil.sys',
           lambda d: d.put('hiberfil.sys', b'HIBR' + os.urandom(9000)))


@change(CONFIGURATION, 'h.sys')
def hibernation_file_elsewhere(d):
    """filepath of the resume object names the file, and resume of the boot manager asks for it."""
    d.put(r'x\h.sys', b'hibr' + os.urandom(9000))
    with d.hive('BCD') as h:
        h.element(RESUME, 0x21000001, here())
        h.element(RESUME, 0x22000002, r'\x\h.sys')
        h.element(MANAGER, 0x26000005, YES)


# --- sectors ---
change.row('first-sector-of-unknown-code', 'The BIOS runs the first sector.', UNKNOWN, 'disk', lambda d: d.poke(0, b'\xeb\x3e' + bytes(range(200))))
change.row('boot-sector-of-the-volume', 'The first sector runs that of the active partition.', UNKNOWN, 'p1', lambda d: d.poke(START + 0x60, os.urandom(200)))
change.row('second-stage-before-the-volume', 'Sectors in no partition hold a stage that the first loads.', UNKNOWN, 'disk', lambda d: d.poke(1024, b'stage' * 50))
change.row('second-stage-behind-the-volume', 'Sectors in no partition hold a stage that the first loads.', UNKNOWN, 'disk', lambda d: d.poke((25 << 20) + 4096, b'stage two' * 90))
change.row('no-active-partition', 'Without one the first sector has nothing to run.', LAYOUT, 'active', lambda d: d.poke(446, b'\0'))


def with_small(active):
    """A partition of 1 MiB at 26 MiB, active in place of the first or beside it."""
    def make(d, data=b''):
        d.enlarge(28 << 20)
        d.table((1, 24, active), (26, 1, True))
        d.poke(26 << 20, data)
    return make


change.row('two-active-partitions', 'A first sector refuses two active partitions, or takes the first.', LAYOUT, 'active', with_small(True))
change.row('other-active-partition-that-is-empty', 'The first sector runs the boot sector of the active partition, and there is none.', LAYOUT, 'active', with_small(False))
change.row('other-active-partition-of-nothing-known', 'The first sector runs the boot sector of the active partition, whatever it is.', LAYOUT, 'p2',
           lambda d: with_small(False)(d, os.urandom(512)))


@change(UNKNOWN, 'p2')
def other_active_partition_of_fat(d):
    """The boot sector of a FAT volume with code that nobody knows."""
    image = f'{d.tmp}/fat'
    with open(image, 'wb') as f:
        f.truncate(1 << 20)
    run('mkfs.fat', image)
    with open(image, 'rb') as f:
        data = bytearray(f.read())
    data[0x3E:0x3E + 200] = os.urandom(200)
    with_small(False)(d, data)


# --- two volumes ---
def elsewhere(h, *numbers, device=None):
    for number in numbers:
        h.element(LOADER, number, device or here(26 << 20))


@change(FILES, 'p2')
def other_windows_starts(d):
    """A second partition holds another Windows whose kernel nobody signed, and the boot configuration leads there."""
    with d.second() as other:
        other.foreign(r'C:\Windows\System32\ntoskrnl.exe')
        other.foreign(r'C:\Windows\System32\drivers\ntfs.sys')
    with d.hive('BCD') as h:
        elsewhere(h, 0x21000001, 0x11000001)


def no_windows(d):
    with d.second() as other:
        for path in (r'Windows\System32\config', 'Boot', 'bootmgr'):
            other.remove(path)


@change(LAYOUT, 'locate')
def place_that_two_volumes_have(d):
    """`locate` takes the volume that has the path, and two have it."""
    no_windows(d)
    with d.hive('BCD') as h:
        elsewhere(h, 0x11000001, 0x21000001, device=located())


@change(CONFIGURATION, 'p2')
def system_on_a_volume_without_hives(d):
    """osdevice leads to a volume whose Windows is none yet."""
    no_windows(d)
    with d.hive('BCD') as h:
        elsewhere(h, 0x21000001)


@change(FILES, 'p2')
def loader_on_another_volume(d):
    """device leads to a volume that holds nothing but a loader, and that nobody signed."""
    d.enlarge(32 << 20)
    small = f'{d.tmp}/small'
    with open(small, 'wb') as f:
        f.truncate(4 << 20)
    run('mkntfs', '-q', '-F', '-f', '-p', str(26 * 2048), '-H', '255', '-S', '63', '-s', '512', '-c', '4096', small)
    with open(small, 'rb') as f:
        d.poke(26 << 20, f.read())
    d.table((1, 24, True), (26, 4, False))
    with Disk(d.path, 26 << 20, 4 << 20) as other:
        other.foreign(r'C:\Windows\System32\winload.exe')
    with d.hive('BCD') as h:
        elsewhere(h, 0x11000001)


@change('META-002', 'SYSTEM')
def hive_in_the_middle_of_a_write(d):
    """Numbers of the head that differ: the next start takes what is missing from a log, and there is none to look at."""
    data = bytearray(d.read(r'Windows\System32\config\SYSTEM'))
    struct.pack_into('<I', data, 4, 77)
    d.put(r'Windows\System32\config\SYSTEM', bytes(data))
