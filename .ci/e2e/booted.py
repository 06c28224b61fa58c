"""What `imgscan info` says of a boot, against a boot in emulation: the kernel's release, its command line, the root and
the mounts, as the running system tells them.

    booted.py [--only NAME...] [--systems FOLDER]

NAME is a disk of FOLDER (those of debian-systems.sh), a change, SYSTEM/CHANGE, `as-it-is` or `grub-pc`.
Clean systems, and changes of them (boot_changes.py). Where the plan tells one thing, the boot has to do
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
from tamper_disk import Disk

DISK = f'{WORK}/debian/debian.raw'
# Folders that the kernel and the first programs fill.
MADE_AT_BOOT = ('/proc', '/sys', '/dev', '/run')
# Systems of debian-systems.sh that only a BIOS starts.
BIOS = ('bios', 'bios-mbr', 'extlinux')
# Each row is one boot: changes of what boots, and others of what is mounted.
ROWS = [
    ['default-by-title', 'tmpfs-by-fstab', 'binds-by-fstab', 'overlay-by-fstab', 'mount-unit', 'drop-in-over-a-line',
     'escapes-and-links-in-fstab', 'image-file', 'child-before-its-parent', 'unit-of-the-vendor-and-a-line'],
    ['saved-entry', 'noauto-line-that-a-unit-needs', 'automount', 'device-that-is-missing'],
    ['custom-sets-the-default', 'two-lines-for-one-place'],
    ['masked-line'],
    ['default-in-a-submenu'],
    ['next-entry'],
    ['default-that-is-not-there'],
    ['boot-before-the-menu'],
    ['scripts-with-branches-and-loops'],
    ['menu-of-another-file'],
    ['variable-of-the-environment-block'],
    ['arguments-with-quotes'],
    ['root-by-partition'],
    ['stub-leads-elsewhere'],
    ['stub-leads-to-another-volume'],
    ['stub-in-the-folder-of-the-platform'],
    ['kernel-on-the-efi-partition'],
    ['removable-path-is-grub'],
    ['list-in-another-folder'],
    ['fallback'],
    ['two-roots'],
    ['own-init'],
    ['function-with-the-name-of-a-command'],
    ['mounts-by-arguments'],
    ['usr-by-arguments'],
]
# The same of systems of debian-systems.sh.
ROWS_OF_SYSTEMS = [
    ['systemd-boot/default-of-systemd-boot'],
    ['systemd-boot/order-of-systemd-boot'],
    ['systemd-boot/keys-of-systemd-boot'],
    ['sid/order-of-files-of-grub'],
    ['sid/keys-of-files-of-grub', 'sid/tmpfs-by-fstab'],
    ['sid/mounts-by-arguments'],
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


def differences(start, mounts, kernels, told):
    """In what the boot was another than the plan says of this entry."""
    found = []
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
    # extlinux puts the files of INITRD behind the arguments, as its configuration writes them (syslinux, readconfig.c).
    if start['loader'] == 'extlinux' and start['initrds']:
        line, _, files = line.rpartition(' initrd=')
        if len(files.split(',')) != len(start['initrds']):
            found.append(f'initial file systems {files}, planned {start["initrds"]}')
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
    log = f'{words[:60]} {firmware}'.replace(', ', '+').replace(' ', '-').replace('/', '-')
    told, tail = machine.boot(disk, firmware, os.environ.get('BOOT_LOG') and f'{os.environ["BOOT_LOG"]}/{log}.log')
    if not check(told, f'{words}: the boot tells of itself', f'at its end: {tail[-300:]!r}'):
        print(f'{"TOLD NOTHING":24} {words} ({firmware})', flush=True)
        return
    entries = {(s['kernel'], s['arguments']): s for s in starts}.values()
    each = [differences(start, mounts, kernels, told) for start in entries]
    differ = min(each, key=len) if each else ['the plan has no entry']
    # Several entries are one plan only where it says that it does not know which one starts.
    doubts += [f'{len(entries)} entries may start'] if doubts and len(entries) > 1 else []
    if len(entries) > 1 and not doubts:
        differ = [f'the plan has {len(entries)} entries and no doubt']
    result = 'DIFFERENT' if differ and not doubts else 'doubt' if differ else 'plan = boot, with doubts' if doubts else 'plan = boot'
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
    systems = {os.path.basename(s).removesuffix('.raw'): s for s in sorted(glob.glob(f'{options.systems}/*.raw'))}
    if options.systems and not systems:
        raise SystemExit(f'no disk in {options.systems}')
    rows = ROWS + [names for names in ROWS_OF_SYSTEMS if names[0].split('/')[0] in systems]
    for names in ROWS_OF_SYSTEMS if options.systems and options.only is None else []:
        check(names in rows, f'the disk of {names[0]} is there')
    unknown = set(options.only or []) - {'as-it-is', 'grub-pc'} - systems.keys() - {n for names in rows for n in names}
    if unknown:
        raise SystemExit(f'nothing is called {", ".join(sorted(unknown))}')
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
    for name, source in systems.items():
        if not chosen([name]):
            continue
        facts = truth(f'{options.systems}/{name}.truth')
        subprocess.run(['cp', '--sparse=always', source, work], check=True)
        machine.plant(machine.Root(work, facts['root_offset']))
        row(f'system {name}', work, 'bios' if name in BIOS else 'uefi')
    for names in rows:
        if chosen(names):
            system = names[0].rpartition('/')[0]
            disk = fresh(systems[system] if system else DISK)
            for name in names:
                CHANGES[name.removeprefix(f'{system}/')](disk)
            row(', '.join(names), work, 'uefi')
    shutil.rmtree(scratch)
    end()


main()
