"""What a BIOS starts: GRUB's first sector and core, made by GRUB's own tools, are taken apart piece by piece."""
import os
import re
import shutil
import subprocess
import tempfile

from e2e import *

disk = f'{WORK}/debian/debian.raw'
FILES = '/usr/lib/grub/i386-pc'
scratch = tempfile.mkdtemp(dir=WORK)
made = f'{scratch}/bios.raw'


def build(folder=FILES, *arguments):
    subprocess.run(['testdata/recipes/bios-disk.sh', disk, made, folder, *arguments], check=True)


def looked(words):
    """(level of what the BIOS starts, its reasons, status of the check, notes of the check's findings on the disk)"""
    bill = Run('kernel', '-f', 'json', made).json()
    mine = [o for o in bill['objects'] if o['path'] == 'disk:0']
    equal(len(mine), 1, f'{words}: the bill has one object that the BIOS starts')
    checks = result(scan(made).json(), 'LNX-KERNEL-017')
    notes = {en(e['note']): en(e.get('found', '')) for e in checks['evidence'] if e.get('volume') == 'disk'}
    reasons = ' '.join(en(r) for r in mine[0]['reasons'])
    return mine[0]['level'], reasons, checks['status'], notes


def changed(words, level, status, text):
    got, reasons, found, notes = looked(words)
    equal((got, found), (level, status), f'{words}: level and status')
    check(text in reasons, f'{words}: the bill names {text}: {reasons}')
    check(any(text in note for note in notes), f'{words}: the check names {text}: {notes}')


def patch(path, at, data):
    with open(path, 'r+b') as f:
        f.seek(at)
        f.write(data)


build()
with open(f'{made}.truth') as f:
    modules = f.read().split()
pieces = 4 + len(modules)
level, reasons, status, notes = looked('as GRUB makes it')
equal((level, status), ('K5', 'pass'), 'as GRUB makes it: explained')
summary = [(n, f) for n, f in notes.items() if n.startswith('started by a BIOS')]
check(f'{pieces} of {pieces} pieces come from files of packages' in summary[0][0], 'every piece that moddep.lst says is found and explained', summary)
for word in ('grub-pc-bin', 'search.fs_uuid', '/boot/grub'):
    check(word in summary[0][1], f'the summary tells {word}')
print(f'{pieces} pieces: 4 images and {", ".join(modules)}')

# A byte in the midst of what runs.
with open(made, 'rb') as f:
    sector = f.read(512)
patch(made, 0x100, bytes([sector[0x100] ^ 1]))
changed('a byte of the first sector', 'K2', 'unknown', 'boot.img')
patch(made, 0x100, sector[0x100:0x101])
core = int.from_bytes(sector[0x5C:0x64], 'little') * 512
with open(made, 'rb') as f:
    f.seek(core)
    first = f.read(4096)
patch(made, core + 0x20, bytes([first[0x20] ^ 1]))
changed('a byte of diskboot.img', 'K2', 'unknown', 'diskboot.img')
patch(made, core + 0x20, first[0x20:0x21])
patch(made, core + 512 + 0x100, bytes([first[512 + 0x100] ^ 1]))
changed('a byte of the decompressor', 'K2', 'unknown', 'core.img')
patch(made, core + 512 + 0x100, first[512 + 0x100:512 + 0x101])
equal(looked('all put back')[0], 'K5', 'all put back: as before')
patch(made, core + 6000, b'\xAA' * 64)
got, reasons, _, _ = looked('the packed bytes')
equal(got, 'K2', 'packed bytes that are damaged')

# The codes: GRUB repairs its core with them before it runs, so other codes are other code.
build()
length = int.from_bytes(first[512 + 8:512 + 12], 'little') + os.path.getsize(f'{FILES}/lzma_decompress.img')
codes = int.from_bytes(first[512 + 16:512 + 20], 'little')
for at in (0, codes // 2, codes - 1):
    with open(made, 'rb') as f:
        f.seek(core + 512 + length + at)
        byte = f.read(1)[0]
    patch(made, core + 512 + length + at, bytes([byte ^ 1]))
    got, reasons, found, _ = looked(f'byte {at} of the codes')
    equal((got, found), ('K2', 'unknown'), f'byte {at} of the codes: level and status')
    check('correction codes' in reasons, f'byte {at} of the codes: the bill names them', reasons)
    patch(made, core + 512 + length + at, bytes([byte]))
equal(looked('the codes put back')[0], 'K5', 'the codes put back: as before')

# A core of several blocks of codes.
many = ('lvm', 'mdraid1x', 'luks', 'normal', 'xfs', 'btrfs', 'zfs', 'linux', 'configfile', 'gzio', 'gfxterm')
build(FILES, *many)
with open(made, 'rb') as f:
    f.seek(core + 512)
    head = f.read(20)
check(int.from_bytes(head[8:12], 'little') + int.from_bytes(head[16:20], 'little') > 200 * 512, 'the long core has several blocks', head)
level, reasons, status, notes = looked('a long core')
equal((level, status), ('K5', 'pass'), 'a long core: explained')
told = re.search(r'(\d+) of (\d+) pieces', ' '.join(notes))
check(told and told[1] == told[2] and int(told[1]) >= pieces + len(many), 'a long core: every piece is explained', notes)

# What grub-mkimage makes of other files.
other = f'{scratch}/files'
shutil.copytree(FILES, other)
at = os.path.getsize(f'{other}/ext2.mod') // 2
with open(f'{other}/ext2.mod', 'rb') as f:
    f.seek(at)
    byte = f.read(1)[0]
patch(f'{other}/ext2.mod', at, bytes([byte ^ 1]))
build(other)
changed('a changed module inside the core, and beside it', 'K2', 'fail', 'ext2.mod')
build(FILES, '-m', f'{scratch}/bios.raw.truth')
changed('a memory disk inside the core', 'K2', 'unknown', 'a memory disk')

# The package's own copy is changed as well.
build(other)
root = truth(f'{WORK}/debian/debian.truth')['root_offset']
image = f'{made}?offset={root}'
for command in (f'rm {FILES}/ext2.mod', f'write {other}/ext2.mod {FILES}/ext2.mod'):
    subprocess.run(['debugfs', '-w', '-R', command, image], check=True, capture_output=True)
changed('the package\'s module is changed too', 'K0', 'fail', 'ext2.mod')
shutil.rmtree(scratch)
end()
