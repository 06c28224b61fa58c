#!/usr/bin/env python3
"""The unsigned parts of the signed fixtures: signed.py FOLDER writes small PE images with a version
resource, and a catalog without a signer. signed.sh signs them."""
import hashlib
import os
import struct
import sys


def block(key, value=b'', kind=0, children=b'', count=None):
    """A block of a version resource: its parts begin at multiples of 4."""
    key = (key + '\0').encode('utf-16-le')
    body = key + bytes(-(6 + len(key)) % 4) + value
    body += bytes(-(6 + len(body)) % 4) + children if children else b''
    return struct.pack('<HHH', 6 + len(body), len(value) if count is None else count, kind) + body


def version(numbers, name=None):
    """A VS_VERSIONINFO with its fixed part, and where a name is given with that as original and internal name."""
    a, b, c, d = numbers
    fixed = struct.pack('<13I', 0xFEEF04BD, 0x10000, a << 16 | b, c << 16 | d, a << 16 | b, c << 16 | d, 0x3F, 0, 0x40004, 1, 0, 0, 0)
    texts = b''
    for title in ['OriginalFilename', 'InternalName'] if name else []:
        text = block(title, (name + '\0').encode('utf-16-le'), 1, count=len(name) + 1)
        texts += text + bytes(-len(text) % 4)
    strings = block('StringFileInfo', kind=1, children=block('040904b0', kind=1, children=texts)) if name else b''
    return block('VS_VERSION_INFO', fixed, children=strings)


def resources(data, rva):
    """One resource: type 16 (version), name 1, language 0x409."""
    def table(entry, to, deeper=True):
        return struct.pack('<IIHHHH', 0, 0, 0, 0, 0, 1) + struct.pack('<II', entry, to | (0x80000000 if deeper else 0))
    tree = table(16, 24) + table(1, 48) + table(0x409, 72, deeper=False)
    return tree + struct.pack('<IIII', rva + 88, len(data), 0, 0) + data


def pe(numbers, mark=b'', subsystem=1, name=None):
    """A PE32+ for x64: code that returns 0, and a version."""
    code = (bytes.fromhex('31c0c3') + mark).ljust(512, b'\0')
    rsrc = resources(version(numbers, name), 0x2000)
    raw = rsrc.ljust(512, b'\0')
    assert len(raw) <= 512 or name
    raw = raw.ljust(-(-len(raw) // 512) * 512, b'\0')
    dos = b'MZ' + bytes(58) + struct.pack('<I', 64)
    coff = struct.pack('<4sHHIIIHH', b'PE\0\0', 0x8664, 2, 1700000000, 0, 0, 240, 0x22)
    directories = bytearray(128)
    struct.pack_into('<II', directories, 16, 0x2000, len(rsrc))
    optional = struct.pack('<HBBIIIIIQIIHHHHHHIIIIHHQQQQII', 0x20B, 14, 0, 512, 512, 0, 0x1000, 0x1000, 0x140000000, 0x1000, 512,
                           10, 0, 0, 0, 10, 0, 0, 0x3000, 512, 0, subsystem, 0x8160, 0x100000, 0x1000, 0x100000, 0x1000, 0, 16) + directories
    sections = struct.pack('<8sIIIIIIHHI', b'.text', 3, 0x1000, 512, 512, 0, 0, 0, 0, 0x60000020) \
        + struct.pack('<8sIIIIIIHHI', b'.rsrc', len(rsrc), 0x2000, len(raw), 1024, 0, 0, 0, 0, 0x40000040)
    return (dos + coff + optional + sections).ljust(512, b'\0') + code + raw


def authenticode(image, kind):
    """Of an unsigned image whose length is a multiple of 8: all but the checksum and the directory entry."""
    pe_at = struct.unpack_from('<I', image, 60)[0]
    checksum, security = pe_at + 24 + 64, pe_at + 24 + 112 + 4 * 8
    return hashlib.new(kind, image[:checksum] + image[checksum + 4:security] + image[security + 8:]).digest()


def der(tag, *parts):
    body = b''.join(parts)
    size = len(body)
    length = bytes([size]) if size < 128 else bytes([0x80 | len(b := size.to_bytes((size.bit_length() + 7) // 8, 'big'))]) + b
    return bytes([tag]) + length + body


def oid(text):
    numbers = [int(n) for n in text.split('.')]
    out = b''
    for n in [numbers[0] * 40 + numbers[1]] + numbers[2:]:
        part = [n & 127]
        while n := n >> 7:
            part.append(n & 127 | 128)
        out += bytes(reversed(part))
    return der(6, out)


ALGORITHMS = {'sha1': '1.3.14.3.2.26', 'sha256': '2.16.840.1.101.3.4.2.1'}


def member(digest, kind, by_digest=False):
    """A member: its name is its digest, in hexadecimal digits (UTF-16) or as it is."""
    null = der(5)
    link = der(0xA0, der(0xA2, der(0x80, '<<<Obsolete>>>'.encode('utf-16-be'))))
    image = der(0x30, oid('1.3.6.1.4.1.311.2.1.15'), der(0x30, der(3, b'\0'), link))
    info = der(0x30, der(0x30, oid(ALGORITHMS[kind]), null), der(4, digest))
    attribute = der(0x30, oid('1.3.6.1.4.1.311.2.1.4'), der(0x31, der(0x30, image, info)))
    name = digest if by_digest else digest.hex().upper().encode('utf-16-le')
    return der(0x30, der(4, name), der(0x31, attribute))


def catalog(members, by_digest=False):
    """A PKCS#7 with a catalog list and no signer."""
    form = '1.3.6.1.4.1.311.12.1.3' if by_digest else '1.3.6.1.4.1.311.12.1.2'
    ctl = der(0x30, der(0x30, oid('1.3.6.1.4.1.311.12.1.1')), der(4, bytes(range(16))), der(0x17, b'231114221320Z'),
              der(0x30, oid(form), der(5)), der(0x30, *members))
    data = der(0x30, der(2, b'\1'), der(0x31), der(0x30, oid('1.3.6.1.4.1.311.10.1'), der(0xA0, ctl)), der(0x31))
    return der(0x30, oid('1.2.840.113549.1.7.2'), der(0xA0, data))


def main(folder):
    def put(name, data):
        with open(os.path.join(folder, name), 'wb') as f:
            f.write(data)
        return data

    build = (10, 0, 20348, 169)
    put('kernel.exe', pe(build))
    put('old-kernel.exe', pe((10, 0, 17763, 1), b'old'))
    driver = put('driver.sys', pe(build, b'driver'))
    put('unsigned.sys', pe(build, b'unsigned'))
    put('foreign.sys', pe(build, b'foreign'))
    put('self.sys', pe(build, b'self'))
    put('dual.sys', pe(build, b'dual'))
    # Without a signature, under their own names inside.
    put('bootmgr.efi', pe(build, b'bootmgr', 10, 'bootmgr.exe'))
    put('spare-kernel.exe', pe(build, b'spare', name='ntkrnlmp.exe'))
    put('vulnerable.sys', pe(build, b'vulnerable', name='RTCore64.sys'))
    put('driver.cat', catalog([member(hashlib.sha256(b'other').digest(), 'sha256'), member(authenticode(driver, 'sha1'), 'sha1')]))
    put('driver2.cat', catalog([member(authenticode(driver, 'sha256'), 'sha256', True)], True))
    put('other.cat', catalog([member(hashlib.sha1(b'other').digest(), 'sha1')]))


if __name__ == '__main__':
    main(sys.argv[1])
