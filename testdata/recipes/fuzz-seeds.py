#!/usr/bin/env python3
"""Makes the seeds of the fuzz targets: fuzz-seeds.py FUZZ

FUZZ/seeds/TARGET/NAME are inputs of kilobytes (the head of each target says what they mean), FUZZ/volumes/ntfs.img.zst
is a small volume that the target `ntfs` changes. They are written by the tools of the formats or cut out of
testdata. Needs root (ntfs-3g), and: e2fsprogs ntfs-3g dosfstools mtools fdisk gdisk qemu-utils grub-common grub-pc-bin
cpio gzip xz-utils zstd openssl.
"""
import gzip
import lzma
import os
import shutil
import sqlite3
import struct
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
here = os.path.dirname(os.path.realpath(__file__))
testdata = os.path.dirname(here)
fuzz = os.path.realpath(sys.argv[1])
seeds = fuzz + '/seeds'
environment = dict(os.environ, LC_ALL='C', TZ='UTC', SOURCE_DATE_EPOCH='1700000000', E2FSPROGS_FAKE_TIME='1700000000', MTOOLS_SKIP_CHECK='1')
LONGEST = 72 * 1024


def seed(target, name, data):
    assert len(data) <= LONGEST, (target, name, len(data))
    os.makedirs(f'{seeds}/{target}', exist_ok=True)
    with open(f'{seeds}/{target}/{name}', 'wb') as f:
        f.write(data)


def run(*command, data=None):
    return subprocess.run(command, input=data, stdout=subprocess.PIPE, check=True, env=environment, cwd=work).stdout


def read(path):
    with open(os.path.join(testdata, path), 'rb') as f:
        return f.read()


def unpacked(path):
    return run('zstd', '-dcq', os.path.join(testdata, path))


def image(name, size):
    path = f'{work}/{name}'
    with open(path, 'wb') as f:
        f.truncate(size)
    return path


def copies():
    """Fixtures that are small enough as they are."""
    for name in ('v2-zlib', 'v3', 'zero', 'zstd', 'snapshots'):
        seed('qcow2', name, read(f'containers/{name}.qcow2'))
    for name in ('kinds', 'system-state', 'software-persist', 'sam-state'):
        seed('hive', name, read(f'hives/{name}.hive'))
    for name in ('bcd-good', 'bcd-inherit', 'bcd-recovery'):
        seed('bcd', name, read(f'hives/{name}.hive'))
    for name in ('driver', 'other'):
        seed('catalog', name, read(f'signed/{name}.cat'))
    for name in ('bootmgr.efi', 'dual.sys', 'driver.sys', 'foreign.sys', 'kernel.exe'):
        seed('pe', name, read(f'signed/{name}'))
    for name in ('block-signer', 'block', 'signed', 'foreign', 'path-all'):
        seed('ci_policy', name, read(f'policies/{name}.cip'))
    for name in ('code-unsigned',):
        seed('eventlog', name, unpacked(f'events/{name}.evtx.zst'))
    seed('fat', 'fat12', unpacked('volumes/fat12.img.zst'))
    # The beginning of a larger one: tables, root and the first files.
    seed('fat', 'fat16-cut', unpacked('volumes/fat16.img.zst')[:24 * 1024])


def tables():
    for name, script in (
            ('two', 'label: gpt\nfirst-lba: 34\nstart=34,size=4,type=uefi,name=one\nstart=38,size=6,type=linux,name=two\n'),
            ('many', 'label: gpt\nfirst-lba: 34\n' + ''.join(f'start={34 + n},size=1\n' for n in range(12)))):
        disk = image(name, 80 * 512)
        run('sfdisk', '-q', disk, data=script.encode())
        seed('gpt', name, read(disk))
    run('sgdisk', '-h', '1:2', disk)
    seed('gpt', 'hybrid', read(disk))
    for name, script in (
            ('four', 'label: dos\n' + ''.join(f'start={1 + n},size=1,type={kind}\n' for n, kind in enumerate(('83', '7', 'ef', '82')))),
            ('logical', 'label: dos\nstart=1,size=2,type=83\nstart=4,size=20,type=5\nstart=5,size=2\nstart=10,size=2\nstart=15,size=2\n')):
        disk = image(name, 32 * 512)
        run('sfdisk', '-q', disk, data=script.encode())
        seed('mbr', name, read(disk))


def volumes():
    tree = f'{work}/tree'
    os.makedirs(tree + '/folder/below')
    for name, data in (('a', b'text'), ('folder/long', b'x' * 3000), ('folder/below/c', b'')):
        with open(f'{tree}/{name}', 'wb') as f:
            f.write(data)
    os.symlink('folder/long', tree + '/link')
    os.setxattr(tree + '/a', 'user.attribute', b'value')
    with open(tree + '/holes', 'wb') as f:
        f.seek(20_000)
        f.write(b'end')
    for name, features in (('extents', 'extent,inline_data,dir_index'), ('blocks', '^extent,^dir_index,^64bit')):
        disk = image(name, 70 * 1024)
        run('mke2fs', '-q', '-F', '-t', 'ext4', '-b', '1024', '-I', '256', '-N', '32', '-m', '0', '-d', tree,
            '-O', f'^has_journal,^resize_inode,^metadata_csum,{features}', disk)
        seed('ext', name, b'\xff' + read(disk))
    for choice in range(8):
        seed('ext', f'change-{choice}', bytes([choice]) + bytes.fromhex('0000 0400 04 01000000'))
    magic = bytes.fromhex('c03b399800000004')
    for choice, (name, blocks) in enumerate((('dirty', 38), ('checked', 36))):
        volume = unpacked(f'ext/{name}.img.zst')
        at = next(i for i in range(0, len(volume), 1024) if volume[i:].startswith(magic))
        seed('ext_journal', name, bytes([choice]) + volume[at:at + blocks * 1024])
    # The smallest that mkntfs makes, with a folder, a stream, a compressed file and one in several pieces.
    disk = image('ntfs', (1 << 20) + 4096)
    run('mkntfs', '-q', '-F', '-f', '-s', '512', '-c', '512', '-p', '0', '-H', '255', '-S', '63', disk)
    point = f'{work}/mount'
    os.mkdir(point)
    run('ntfs-3g', '-o', 'compression,streams_interface=windows', disk, point)
    try:
        os.makedirs(point + '/folder/below')
        os.mkdir(point + '/packed')
        os.setxattr(point + '/packed', 'system.ntfs_attrib', struct.pack('<I', 0x810))
        for name, data in (('folder/a', b'text'), ('folder/a:stream', b'more'), ('folder/long', bytes(range(256)) * 20),
                           ('packed/text', b'compressed text, ' * 900)):
            with open(f'{point}/{name}', 'wb') as f:
                f.write(data)
        for n in range(30):
            with open(f'{point}/folder/below/file number {n}', 'wb') as f:
                f.write(bytes([n]) * n * 40)
        for n in range(0, 30, 3):
            os.remove(f'{point}/folder/below/file number {n}')
        os.symlink('a', point + '/folder/link')
    finally:
        run('umount', point)
    os.makedirs(fuzz + '/volumes', exist_ok=True)
    # Most of it is the table of letters, which the other volume holds too.
    other = image('other', 0)
    with open(other, 'wb') as f:
        f.write(unpacked('ntfs/tiny.img.zst'))
    run('zstd', '-q', '-f', '--ultra', '-22', '--patch-from', other, disk, '-o', fuzz + '/volumes/ntfs.img.zst')
    for choice in range(2):
        seed('ntfs', f'change-{choice}', bytes([choice]) + bytes.fromhex('0000 3000 04 05000000'))


def lznt1(data):
    """Compresses at most 4096 bytes into one chunk, greedily."""
    out, at = bytearray(), 0
    while at < len(data):
        flags, tokens = 0, bytearray()
        for bit in range(8):
            if at >= len(data):
                break
            # Bits of the distance grow with the place in the chunk.
            bits = max(4, (at - 1).bit_length()) if at else 4
            longest = (0xFFFF >> bits) + 3
            best = (0, 0)
            for back in range(1, min(at, 1 << bits) + 1):
                n = 0
                while n < longest and at + n < len(data) and data[at - back + n] == data[at + n]:
                    n += 1
                best = max(best, (n, back))
            if best[0] >= 3:
                tokens += struct.pack('<H', best[1] - 1 << 16 - bits | best[0] - 3)
                flags |= 1 << bit
                at += best[0]
            else:
                tokens.append(data[at])
                at += 1
        out += bytes([flags]) + tokens
    return struct.pack('<H', 0xB000 | len(out) - 1) + out


def packed():
    text = b'compressed text, ' * 60
    seed('lznt1', 'text', struct.pack('<H', len(text) - 1) + lznt1(text))
    seed('lznt1', 'stored', struct.pack('<H', 4095) + struct.pack('<H', 0x3FFF) + bytes(range(256)) * 16)
    seed('lznt1', 'two', struct.pack('<H', 4096 + 99) + lznt1(b'ab' * 2048) + lznt1(text[:100]))
    vectors, at = read('ntfs/vectors.bin'), 0
    while at < len(vectors):
        kind, size, plain = struct.unpack_from('<HII', vectors, at)
        if size < 4000:
            seed({1: 'xpress', 2: 'lzx'}[kind], str(at), struct.pack('<H', plain - 1) + vectors[at + 42:at + 42 + size])
        at += 42 + size


def marvin(data):
    """Marvin32 with the seed of registry logs, as .NET publishes it."""
    def turned(value, bits):
        return (value << bits | value >> 32 - bits) & 0xFFFFFFFF
    low, high = 0x7A4E55C5, 0x82EF4D88
    data = data + b'\x80' + bytes(-(len(data) + 1) % 4) + bytes(4)
    for word, in struct.iter_unpack('<I', data):
        low = low + word & 0xFFFFFFFF
        high ^= low
        low = turned(low, 20) + high & 0xFFFFFFFF
        high = turned(high, 9) ^ low
        low = turned(low, 27) + high & 0xFFFFFFFF
        high = turned(high, 19)
    return struct.pack('<II', low, high)


def base(head, sequence, kind):
    head = bytearray(head[:512])
    struct.pack_into('<II', head, 4, *sequence)
    struct.pack_into('<I', head, 28, kind)
    total = 0
    for word, in struct.iter_unpack('<I', head[:508]):
        total ^= word
    struct.pack_into('<I', head, 508, total)
    return bytes(head)


def entry(hive, number, pages):
    """An entry of a log: pages of the hive's bins as they are."""
    bins = len(hive) - 4096
    body = b''.join(struct.pack('<II', page * 4096, 4096) for page in pages)
    body += b''.join(hive[4096 + page * 4096:][:4096] for page in pages)
    body += bytes(-(40 + len(body)) % 512)
    head = struct.pack('<4sIIIII', b'HvLE', 40 + len(body), 0, number, bins, len(pages)) + marvin(body)
    return head + marvin(head) + body


def logs():
    hive = read('hives/kinds.hive')
    first, second = struct.unpack_from('<II', hive, 4)
    new = base(hive, (second, second), 6) + entry(hive, second, [0]) + entry(hive, second + 1, [0])
    later = base(hive, (second + 2, second + 2), 6) + entry(hive, second + 2, [0])
    dirty = bytes([(hive[4] + 1) % 256]).join((hive[:4], hive[5:]))
    # The old form: which sectors are there, one bit each, and the sectors.
    old = base(hive, (second, second), 1) + b'DIRT' + bytes([0xFF]) + bytes(507) + hive[4096:8192]
    lengths = lambda *parts: struct.pack('<II', *map(len, parts[:2])) + b''.join(parts)
    seed('hive', 'logs', lengths(dirty, new, later))
    seed('hive_log', 'one', lengths(new, b'', b''))
    seed('hive_log', 'two', lengths(new, later, b''))
    seed('hive_log', 'old', lengths(b'', b'', old))


def boot():
    demo = f'{work}/linux.raw'
    run('qemu-img', 'convert', '-O', 'raw', testdata + '/demo/clean-linux.qcow2', demo)
    starts = [int(line.split('start=')[1].split(',')[0]) for line in run('sfdisk', '-d', demo).decode().splitlines() if 'start=' in line]

    def file(path):
        return run('debugfs', '-R', f'cat {path}', f'{demo}?offset={starts[1] * 512}')

    kernel = '6.1.0-99-demo-amd64'
    seed('grub', 'debian', file('/boot/grub/grub.cfg') + b'\0' + file('/boot/grub/grubenv'))
    seed('grub', 'script', b'''function load { if [ -n "$1" ]; then set default="$1"; else set default=0; fi }
for entry in saved "${next_entry}"; do load $entry; done
if loadfont unicode; then true; elif [ x$a = xb -o ! -f /a ]; then blscfg; fi
submenu 'Advanced' { menuentry "a b" --id c { search -u --set=root 0-1; linux ($root)/vmlinuz-1 root=/dev/sda1 $extra; initrd /a /b } }
source $prefix/custom.cfg; configfile /b; chainloader +1; export default; unset extra
\0title A\nlinux /vmlinuz-1\ninitrd /a\noptions root=LABEL=x quiet\n''')
    seed('bzimage', 'kernel', file(f'/boot/vmlinuz-{kernel}'))
    banner = f'Linux version {kernel} (a@b) (gcc) #1 SMP Mon Nov 13 22:13:20 UTC 2023\n\0'.encode() + bytes(4000)
    seed('bzimage', 'plain', banner)
    seed('bzimage', 'gzip', gzip.compress(banner, mtime=0))
    seed('bzimage', 'xz', lzma.compress(banner, check=lzma.CHECK_CRC32))
    seed('bzimage', 'zstd', run('zstd', '-cq', data=banner))
    os.mkdir(work + '/root')
    for name, data in (('init', b'#!/bin/sh\nexec true\n'), ('conf', b'A=b\n')):
        with open(f'{work}/root/{name}', 'wb') as f:
            f.write(data)
    archive = subprocess.run(['cpio', '-o', '-H', 'newc', '--quiet', '--reproducible'], input=b'init\nconf\n', cwd=work + '/root',
                             stdout=subprocess.PIPE, check=True).stdout
    seed('cpio', 'plain', archive)
    seed('cpio', 'gzip', gzip.compress(archive, mtime=0))
    seed('cpio', 'two', archive + bytes(512) + run('zstd', '-cq', data=archive))
    seed('cpio', 'xz', archive + lzma.compress(archive, check=lzma.CHECK_CRC32))
    # Two bytes: how long the decompressor is (0x0B20).
    run('grub-mkimage', '-O', 'i386-pc', '-o', work + '/core.img', '-p', '/boot/grub', 'biosdisk', 'part_msdos', 'ext2')
    seed('grub_core', 'core', bytes.fromhex('200b') + read(work + '/core.img')[512:])
    for word in range(2):
        for target in ('scan_linux', 'scan_windows'):
            seed(target, f'change-{word}', bytes([word]) + bytes.fromhex('0400 0004 04 00000000'))


def modules():
    run('openssl', 'req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', 'key', '-out', 'certificate', '-days', '7300', '-subj', '/CN=Module')
    info = b'license=GPL\0vermagic=6.1.0-99-demo-amd64 SMP preempt mod_unload modversions \0name=a\0depends=\0'
    names = b'\0.modinfo\0.shstrtab\0'
    sections = struct.pack('<IIQQQQIIQQ', 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
    at = 64
    for name, kind, size in ((1, 1, len(info)), (10, 3, len(names))):
        sections += struct.pack('<IIQQQQIIQQ', name, kind, 2, 0, at, size, 0, 0, 1, 0)
        at += size
    at += -at % 8
    elf = struct.pack('<16sHHIQQQIHHHHHH', b'\x7fELF\x02\x01\x01' + bytes(9), 1, 62, 1, 0, 0, at, 0, 64, 0, 0, 64, 3, 2)
    elf = (elf + info + names).ljust(at, b'\0') + sections
    signature = run('openssl', 'cms', '-sign', '-binary', '-noattr', '-nocerts', '-outform', 'DER', '-md', 'sha256', '-signer', 'certificate',
                    '-inkey', 'key', data=elf)
    seed('module', 'signed', elf + signature + struct.pack('>BBBBB3xI', 0, 0, 2, 0, 0, len(signature)) + b'~Module signature appended~\n')
    seed('module', 'plain', elf)


def packages():
    seed('rpm_header', 'keys', read('rpm/key.asc'))
    large = f'{work}/packages'
    with open(large, 'wb') as f:
        f.write(unpacked('rpm/root.sqlite.zst'))
    blobs = [blob for blob, in sqlite3.connect(large).execute('SELECT blob FROM Packages')]
    small = f'{work}/small'
    with sqlite3.connect(small) as database:
        database.execute('PRAGMA page_size = 512')
        database.execute('CREATE TABLE Packages (hnum INTEGER PRIMARY KEY AUTOINCREMENT, blob BLOB NOT NULL)')
        for blob in blobs:
            database.execute('INSERT INTO Packages (blob) VALUES (?)', (blob,))
    database.close()
    for n, blob in enumerate(blobs[:3]):
        seed('rpm_header', f'header-{n}', blob)
    seed('rpmdb', 'sqlite', read(small))
    seed('rpmdb', 'ndb', unpacked('rpm/root.db.zst'))
    seed('rpmdb', 'hash', unpacked('rpm/root.bdb.zst'))


with tempfile.TemporaryDirectory() as work:
    shutil.rmtree(seeds, ignore_errors=True)
    for part in (copies, tables, volumes, packed, logs, boot, modules, packages):
        part()
