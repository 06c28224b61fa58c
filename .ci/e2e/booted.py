"""What `imgscan info` says of a boot, against a boot in emulation: the kernel's release, its command line, the root and
the mounts, as the running system tells them.

    booted.py [--only NAME...] [--systems FOLDER]

Clean systems, and changes of the first of them (boot_changes.py). Where the plan tells one thing, the boot has to do
it; where it has doubts, the row says so. Each boot takes a minute or two, as there is no hardware virtualization.
Needs: qemu-system-x86 ovmf seabios, and what boot_changes.py needs.
"""
import argparse
import glob
import os
import re
import shutil
import subprocess
import tempfile

import machine
from boot_changes import CHANGES
from e2e import WORK, Run, check, en, end, truth
from tamper_kernel import Disk

DISK = f'{WORK}/debian/debian.raw'
# Folders that the kernel and the first programs fill.
MADE_AT_BOOT = ('/proc', '/sys', '/dev', '/run')
# Systems of debian-systems.sh that only a BIOS starts.
BIOS = ('bios', 'bios-mbr', 'extlinux')
# Each row is one boot: changes of what boots, and others of what is mounted.
ROWS = [
    ['default-in-a-submenu'],
    ['default-by-title', 'tmpfs-by-fstab', 'binds-by-fstab'],
    ['saved-entry', 'overlay-by-fstab'],
    ['next-entry', 'mount-unit', 'drop-in-over-a-line'],
    ['custom-sets-the-default', 'two-lines-for-one-place', 'masked-line'],
    ['default-that-is-not-there', 'noauto-line-that-a-unit-needs'],
    ['boot-before-the-menu', 'escapes-and-links-in-fstab', 'automount'],
    ['scripts-with-branches-and-loops', 'image-file'],
    ['menu-of-another-file', 'child-before-its-parent', 'unit-of-the-vendor-and-a-line'],
    ['variable-of-the-environment-block', 'device-that-is-missing'],
    ['arguments-with-quotes'],
    ['root-by-partition'],
    ['stub-leads-elsewhere'],
    ['stub-in-the-folder-of-the-platform'],
    ['kernel-on-the-efi-partition'],
    ['removable-path-is-grub'],
    ['list-in-another-folder'],
    ['fallback'],
    ['two-roots'],
    ['own-init'],
    ['function-with-the-name-of-a-command'],
    ['mounts-by-arguments'],
]


def planned(disk, firmware):
    """(entries that may start, the mounts of the root, kernels, doubts) as the plan has them for this firmware."""
    info = Run('info', '-f', 'json', disk).json()
    for guest in info.get('guests', []):
        ways = [w for w in guest['boot']['ways'] if w['firmware'] in (firmware, None)]
        starts = [{**s, 'loader': w['loader']} for w in ways for s in w['starts'] if s['when'] != 'later']
        if len(info['guests']) == 1 or any(guest['root_volume'] in s['root']['volumes'] for s in starts):
            return starts, guest['mounts'], guest['kernels'], [en(d['reason']) for d in guest['boot']['doubts']]
    return [], [], [], ['no system']


def differences(starts, mounts, kernels, told):
    """In what the boot was another than the plan says."""
    found = []
    if len({(s['kernel'], s['arguments']) for s in starts}) != 1:
        return [f'the plan has {len(starts)} entries']
    start = starts[0]
    release = {k['version'] for k in kernels if k['path'] == start['kernel']}
    if release != {told.release}:
        found.append(f'release {told.release}, planned {release}')
    line = told.line
    image = re.match(r'BOOT_IMAGE=(\S+) ?', line)
    if image:
        line = line[image.end():]
        if image[1] != start['starts']:
            found.append(f'kernel {image[1]}, planned {start["starts"]}')
    # systemd-boot tells the kernel's own loader of initial file systems what to load.
    loads = []
    while start['loader'] == 'systemd-boot' and (word := re.match(r'initrd=(\S+) ?', line)):
        loads.append(word[1].replace('\\', '/'))
        line = line[word.end():]
    if loads and not (len(loads) == len(start['initrds']) and all(map(str.endswith, start['initrds'], loads))):
        found.append(f'initial file systems {loads}, planned {start["initrds"]}')
    if line != start['arguments']:
        found.append(f'command line {line!r}, planned {start["arguments"]!r}')
    # The last one at a place is what is seen there. A machine-id that was made lies over an empty one until the
    # root can be written (machine-id(5)).
    made = [m for m in told.mounts if (m.at, m.root, m.kind) == ('/etc/machine-id', '/machine-id', 'tmpfs')]
    seen = {m.at: m for m in told.mounts if not m.at.startswith(MADE_AT_BOOT) and m.kind != 'autofs' and m not in made}
    root = seen.pop('/', None)
    if not root or [volume(root)] != start['root']['volumes']:
        found.append(f'root {root}, planned {start["root"]}')
    wanted = {m['path']: m for m in mounts[1:] if m.get('origin') != 'loader'}
    for path in sorted(seen.keys() | wanted.keys()):
        if not fits(wanted.get(path), seen.get(path)):
            found.append(f'mount {path}: {seen.get(path)}, planned {wanted.get(path)}')
    return found


def volume(mounted):
    """`p2` for /dev/vda2."""
    number = re.fullmatch(r'/dev/vda(\d*)', mounted.source)
    return f'p{number[1]}' if number else mounted.source


def fits(wanted, seen):
    if wanted is None or seen is None:
        return wanted is None and seen is None or seen is None and wanted.get('shows') in ('absent', 'unavailable')
    match wanted.get('shows'):
        case None:
            return (volume(seen), seen.root) == (wanted['volume'], '/')
        case 'path':
            return (volume(seen), seen.root) == (wanted['volume'], wanted['of'])
        case 'image':
            return seen.source.startswith('/dev/loop')
        case 'merged':
            return seen.kind == 'overlay'
        case 'empty':
            return seen.kind in ('tmpfs', 'ramfs')
    return False


def row(words, disk, firmware):
    starts, mounts, kernels, doubts = planned(disk, firmware)
    told, tail = machine.boot(disk, firmware, os.environ.get('BOOT_LOG') and f'{os.environ["BOOT_LOG"]}/{words[:40]}.log')
    if not told:
        differ = [f'the boot told nothing; at its end: {tail[-300:]!r}']
    else:
        differ = differences(starts, mounts, kernels, told)
    result = 'plan = boot' if not differ and not doubts else 'plan = boot, with doubts' if not differ else 'doubt' if doubts else 'DIFFERENT'
    print(f'{result:24} {words} ({firmware})', flush=True)
    for doubt in doubts[:3]:
        print(f'    doubt: {doubt}')
    check(not differ or doubts, f'{words}: what booted is what the plan says', '\n        '.join(differ))
    if differ and doubts:
        print('    booted: ' + '; '.join(differ), flush=True)


def main():
    options = argparse.ArgumentParser()
    options.add_argument('--only', nargs='*')
    options.add_argument('--systems')
    options = options.parse_args()
    scratch = tempfile.mkdtemp(dir=WORK)
    work = f'{scratch}/disk.raw'
    chosen = lambda names: options.only is None or any(n in options.only for n in names)

    def fresh(source):
        subprocess.run(['cp', '--sparse=always', source, work], check=True)
        disk = Disk(work)
        machine.plant(disk)
        return disk

    if chosen(['as-it-is']):
        fresh(DISK)
        row('the disk as it is', work, 'uefi')
    if chosen(['grub-pc']):
        subprocess.run(['testdata/recipes/bios-disk.sh', DISK, f'{scratch}/bios.raw', '/usr/lib/grub/i386-pc'], check=True)
        fresh(f'{scratch}/bios.raw')
        os.remove(f'{scratch}/bios.raw')
        row('the disk with GRUB for a BIOS', work, 'bios')
        row('the disk with GRUB for a BIOS', work, 'uefi')
    for source in sorted(glob.glob(f'{options.systems}/*.raw')) if options.systems else []:
        name = os.path.basename(source).removesuffix('.raw')
        if not chosen([name]):
            continue
        facts = truth(f'{options.systems}/{name}.truth')
        subprocess.run(['cp', '--sparse=always', source, work], check=True)
        machine.plant(machine.Root(work, facts['root_offset']))
        row(f'system {name}', work, 'bios' if name in BIOS else 'uefi')
    for names in ROWS:
        if chosen(names):
            disk = fresh(DISK)
            for name in names:
                CHANGES[name](disk)
            row(', '.join(names), work, 'uefi')
    shutil.rmtree(scratch)
    end()


main()
