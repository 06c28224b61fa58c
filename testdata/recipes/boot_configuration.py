"""Boot configuration data as a tree for regf.py. The elements are those that bcdedit names; the
layout of a device is that of stores which bcdedit wrote (all numbers little-endian)."""
import struct

SZ, BINARY, DWORD, MULTI = 1, 3, 4, 7


def partition(offset, signature=0x5711aa01):
    """A device element: a partition of an MBR disk."""
    return bytes(16) + struct.pack('<4I', 6, 0, 0x48, 0) + struct.pack('<QQ', offset, 0) + struct.pack('<III', 0, 1, signature) + bytes(28)


def gpt_partition(part, disk):
    return bytes(16) + struct.pack('<4I', 6, 0, 0x48, 0) + part.bytes_le + struct.pack('<II', 0, 0) + disk.bytes_le + bytes(16)


def ram_disk(path, offset, options):
    """A device element: a RAM disk from a file of an MBR disk's partition, as setup writes it for the recovery environment."""
    inner = partition(offset)[16:] + (path + '\0').encode('utf-16-le')
    body = struct.pack('<6I', 3, 0, 0, 0, 0, 0) + struct.pack('<3I', 1, 12 + len(inner), 5) + inner
    return options.bytes_le + struct.pack('<4I', 0, 1, 16 + len(body), 0) + body


YES, NO = b'\1', b'\0'
MANAGER, LOADER, RESUME, SETTINGS, GLOBAL = (
    '{9dea862c-5cdd-4e70-acc1-f32b344d4795}', '{11111111-1111-1111-1111-111111111111}',
    '{22222222-2222-2222-2222-222222222222}', '{6efb52bf-1766-41db-a6b3-0ee5eff72bd7}',
    '{7ea2e1ac-2e61-4728-aaa3-896d9d0a9f0e}')


def bcd(manager=None, loader=None, settings=None, glob=None, resume=None, device=None, winload='winload.exe', more=None):
    """A boot configuration as bcdboot writes it; what is given is added to an object or replaces an element, and `more` are further
    objects: their type and elements by their id."""
    device = device or partition(34603008)

    def entry(kind, elements):
        form = {1: BINARY, 2: SZ, 3: SZ, 4: MULTI, 5: BINARY, 6: BINARY}
        return {'Description': {'@values': [('Type', DWORD, kind)]},
                'Elements': {f'{n:08x}': {'@values': [('Element', form[n >> 24 & 15], v)]} for n, v in elements.items()}}

    boot = r'\EFI\Microsoft\Boot\bootmgfw.efi' if winload.endswith('efi') else r'\bootmgr'
    objects = {
        MANAGER: entry(0x10100002, {
            0x11000001: partition(1048576), 0x12000002: boot, 0x12000004: 'Windows Boot Manager', 0x14000006: [GLOBAL],
            0x23000003: LOADER, 0x24000001: [LOADER], 0x25000004: (30).to_bytes(8, 'little'), **(manager or {})}),
        LOADER: entry(0x10200003, {
            0x11000001: device, 0x12000002: rf'\Windows\system32\{winload}', 0x12000004: 'Windows Server',
            0x14000006: [SETTINGS], 0x21000001: device, 0x22000002: r'\Windows', 0x23000003: RESUME,
            0x25000020: (3).to_bytes(8, 'little'), **(loader or {})}),
        RESUME: entry(0x10200004, {0x11000001: device, 0x12000002: rf'\Windows\system32\{winload.replace("load", "resume")}',
                                   0x12000004: 'Windows Resume Application', 0x14000006: [GLOBAL], **(resume or {})}),
        SETTINGS: entry(0x20200003, {0x14000006: [GLOBAL], **(settings or {})}),
        GLOBAL: entry(0x20100000, glob or {}),
        **{name: entry(kind, elements) for name, (kind, elements) in (more or {}).items()},
    }
    return {'Description': {'@values': [('KeyName', SZ, 'BCD00000000'), ('System', DWORD, 1), ('TreatAsSystem', DWORD, 1)]},
            'Objects': objects}
