#!/usr/bin/env python3
"""Writes small Windows registry hives (regf 1.5) from nested dictionaries.

A key is a dict: `{'sub': {...}, '@values': [(name, type, data), ...], '@class': name}`; data is a str for REG_SZ (1)
and REG_EXPAND_SZ (2), an int for REG_DWORD (4), a list of str for REG_MULTI_SZ (7), else bytes.
Layout facts: the public descriptions of the regf format. hivexsh reads what this writes; the recipe
that uses it compares both.
"""
import struct

FILETIME = (1700000000 + 11644473600) * 10_000_000  # 100 ns since 1601, as every time in a hive
NONE = 0xFFFFFFFF

# Self-relative: revision 1, SE_SELF_RELATIVE | SE_DACL_PRESENT, owner and group the Administrators,
# a DACL of one entry that allows them everything.
_SID = struct.pack('<BB6sII', 1, 2, b'\0\0\0\0\0\x05', 32, 544)
_ACE = struct.pack('<BBHI', 0, 2, 8 + len(_SID), 0xF003F) + _SID
_ACL = struct.pack('<BBHHH', 2, 0, 8 + len(_ACE), 1, 0) + _ACE
SECURITY = struct.pack('<BBHIIII', 1, 0, 0x8004, 20 + len(_ACL), 20 + len(_ACL) + len(_SID), 0, 20) + _ACL + 2 * _SID


def encode(kind, data):
    if isinstance(data, bytes):
        return data
    if kind in (1, 2):
        return (data + '\0').encode('utf-16-le')
    if kind == 4:
        return struct.pack('<I', data)
    if kind == 7:
        return ''.join(s + '\0' for s in data + ['']).encode('utf-16-le')
    raise ValueError(kind)


class Hive:
    """The cells of one hive bin; an offset counts from the first bin, as in the file."""

    def __init__(self):
        self.bin = bytearray(32)
        self.keys = 0

    def cell(self, body):
        at, size = len(self.bin), (len(body) + 4 + 7) // 8 * 8
        self.bin += struct.pack('<i', -size) + body + bytes(size - 4 - len(body))
        return at

    def values(self, values):
        offsets = []
        for name, kind, data in values:
            raw = encode(kind, data)
            if len(raw) <= 4:  # small data stands in the offset field itself
                size, at = len(raw) | 0x80000000, struct.unpack('<I', raw.ljust(4, b'\0'))[0]
            else:
                size, at = len(raw), self.cell(raw)
            label = name.encode('latin-1')
            offsets.append(self.cell(struct.pack('<2sHIIIHH', b'vk', len(label), size, at, kind, 1, 0) + label))
        return self.cell(b''.join(struct.pack('<I', o) for o in offsets)) if offsets else NONE

    def key(self, name, node, parent, security, root=False):
        self.keys += 1
        values = node.get('@values', [])
        children = sorted(((k, v) for k, v in node.items() if k[0] != '@'), key=lambda c: c[0].upper())
        label = name.encode('latin-1')
        # The cell is reserved first: children name their parent's offset.
        at = self.cell(bytes(76 + len(label)))
        value_list = self.values(values)
        kind = node.get('@class', '').encode('utf-16-le')
        class_name = self.cell(kind) if kind else NONE
        index = []
        for child, sub in children:
            hashed = 0
            for c in child.upper():
                hashed = (hashed * 37 + ord(c)) & 0xFFFFFFFF
            index.append(struct.pack('<II', self.key(child, sub, at, security), hashed))
        sub_list = self.cell(struct.pack('<2sH', b'lh', len(index)) + b''.join(index)) if index else NONE
        nk = struct.pack('<2sHQIIIIIIIIIIIIIIIHH', b'nk', 0x2C if root else 0x20, FILETIME, 0, parent,
                         len(children), 0, sub_list, NONE, len(values), value_list, security, class_name,
                         max((2 * len(c) for c, _ in children), default=0), 0,
                         max((2 * len(v[0]) for v in values), default=0),
                         max((len(encode(v[1], v[2])) for v in values), default=0), 0, len(label), len(kind))
        self.bin[at + 4:at + 4 + 76 + len(label)] = nk + label
        return at

    def write(self, path, tree, file_name):
        security = self.cell(struct.pack('<2sHIIII', b'sk', 0, 32, 32, 0, len(SECURITY)) + SECURITY)
        root = self.key('ROOT', tree, 0, security, root=True)
        struct.pack_into('<II', self.bin, security + 8, security, security)
        struct.pack_into('<I', self.bin, security + 16, self.keys)
        size = (len(self.bin) + 8 + 4095) // 4096 * 4096
        free = size - len(self.bin)
        self.bin += struct.pack('<i', free) + bytes(free - 4)
        struct.pack_into('<4sIIQQI', self.bin, 0, b'hbin', 0, size, 0, FILETIME, 0)
        head = bytearray(4096)
        struct.pack_into('<4sIIQIIIIIII', head, 0, b'regf', 1, 1, FILETIME, 1, 5, 0, 1, root, size, 1)
        name = file_name.encode('utf-16-le')[:62]
        head[0x30:0x30 + len(name)] = name
        checksum = 0
        for (word,) in struct.iter_unpack('<I', bytes(head[:508])):
            checksum ^= word
        struct.pack_into('<I', head, 508, checksum)
        with open(path, 'wb') as f:
            f.write(head + self.bin)
