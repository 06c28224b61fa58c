"""What Debian's own tools put into an initramfs is explained to the last file, and what an owner adds, renames or
changes is named.

    initramfs.py FOLDER [SET...]     the images of testdata/recipes/initramfs-roots.sh; without sets, all that are there
"""
import os
import subprocess
import sys
import tempfile

from e2e import *

sys.path.insert(0, 'testdata/recipes')
from tamper_disk import Disk, cpio, members, new_file, run  # noqa: E402

folder = sys.argv[1]
sets = sys.argv[2:] or sorted(n.removesuffix('.img') for n in os.listdir(folder) if n.endswith('.img'))
CHECK = 'LNX-KERNEL-014'
# Sets that do not pass, with the status and the members that are told.
TOLD = {
    'nfs-root': ('unknown', ['conf/initramfs.conf']),
    'dropbear': ('unknown', ['etc/dropbear/dropbear_rsa_host_key', 'etc/dropbear/dropbear_ecdsa_host_key', 'etc/dropbear/dropbear_ed25519_host_key']),
    'dropbear-keys': ('fail', ['.ssh/authorized_keys']),
    'changed-hook': ('fail', ['usr/bin/helper']),
    'own-hook': ('fail', ['usr/bin/helper', 'scripts/init-premount/more']),
}
REGULAR, LINK = 0o100000, 0o120000


def judged(image):
    """The result of the check, and its notes."""
    found = scan(image)
    check(b'panicked' not in found.err, f'{image}: no panic', found)
    found = result(found.json(), CHECK)
    return found, [en(e.get('note', '')) for e in found.get('evidence', [])]


def whole(image):
    return en(result(scan(image).json(), 'LNX-KERNEL-001').get('reason', ''))


def names(notes, name):
    return any(n.split(' (archive')[0].endswith(name) for n in notes if ' (archive' in n)


def packed(disk):
    """The initramfs unpacked: every member as [fields, name, bytes]."""
    data = disk.read(disk.initrd)
    how = {b'\x1f\x8b': ['gzip', '-dc'], b'\x28\xb5': ['zstd', '-dcq']}[data[:2]]
    return [list(m) for m in members(run(*how, stdin=data))]


def put(disk, items, more=b''):
    plain = cpio([tuple(i) for i in items]) if not isinstance(items, bytes) else items
    disk.put(disk.initrd, run('zstd', '-1cq', stdin=plain) + more)


def find(items, name):
    return next(i for i in items if i[1].removeprefix(b'./').decode() == name)


def body(items, name):
    """The member of this name, or of its other names the one that has the bytes."""
    fields = find(items, name)[0]
    return next(i for i in items if i[0][0] == fields[0] and i[2])


def link(name, target):
    fields, name, data = new_file(name, target.encode())
    fields[1] = LINK | 0o777
    return [fields, name, data]


def program(items):
    """A program that is none of the system's."""
    return body(items, 'usr/bin/udevadm')[2] + b'x'


def changed(image, tampers):
    """Makes each of `tampers` in a copy of `image`; each gives the member that has to be named."""
    work = f'{folder}/tampered.img'
    for name, (tamper, status) in tampers.items():
        subprocess.run(['cp', '--sparse=always', '--reflink=auto', image, work], check=True)
        disk = Disk(work)
        member = tamper(disk)
        found, notes = judged(work)
        now = found.get('status')
        ok = check(now in status.split(), f'{name}: {CHECK}', f'{now}, not {status}')
        if member is None:
            path = disk.initrd
            ok &= check(points_at(found, path), f'{name}: {path} is named', found)
        else:
            ok &= check(names(notes, member), f'{name}: {member} is named', notes[:5])
        print(f'    {name:40} {now:8} {member or disk.initrd}', flush=True)
    os.unlink(work)


def tamper(change, status='fail'):
    """A tamper that changes the list of members."""
    def make(disk):
        items = packed(disk)
        member = change(items)
        put(disk, items)
        return member
    return make, status


def add(name, data, mode=0o100755):
    def change(items):
        made = new_file(name, data(items) if callable(data) else data, mode)
        items.append(list(made))
        return name
    return tamper(change)


def replace(name, data):
    def change(items):
        one = find(items, name)
        one[0] = [1_000_000, *one[0][1:4], 1, *one[0][5:]]  # a file by itself
        one[2] = data(items, one[2])
        return name
    return tamper(change)


def flipped(data):
    at = len(data) // 2
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1:]


def busybox_changed(items):
    one = body(items, 'usr/bin/busybox')
    one[2] = flipped(one[2])
    return 'usr/bin/busybox'


def script_in_order(items):
    items.append(list(new_file('scripts/init-premount/x', b'#!/bin/sh\n/x\n')))
    found = [i for i in items if i[1].endswith(b'scripts/init-premount/ORDER')]
    line = b'/scripts/init-premount/x "$@"\n'
    if found:
        found[0][2] += line
    else:
        items.append(list(new_file('scripts/init-premount/ORDER', line, 0o100644)))
    return 'scripts/init-premount/x'


def symlink(name, target):
    def change(items):
        items.append(link(name, target))
        return name
    return tamper(change)


def without_body(items):
    """A file of two names with a body for each: the kernel writes the second over the first."""
    one, two = find(items, 'scripts/functions'), find(items, 'init')
    for item in (one, two):
        item[0] = [2_000_000, *item[0][1:4], 2, *item[0][5:]]
    return None


def stripped(data):
    with tempfile.NamedTemporaryFile() as one:
        one.write(data)
        one.flush()
        run('strip', '-g', '-p', '-R', '.comment', '-R', '.gnu_debuglink', one.name)
        with open(one.name, 'rb') as f:
            return f.read()


def raw(data, status='unknown'):
    def make(disk):
        disk.put(disk.initrd, data(disk.read(disk.initrd)))
        return None
    return make, status


def behind_error(old):
    evil = cpio([new_file('scripts/init-premount/x', b'#!/bin/sh\n/x\n')])
    return old + b'\xff' * 512 + evil


def second(disk):
    data = disk.read(disk.initrd)
    evil = cpio([new_file('init', b'#!/bin/sh\nexec /x\n')])
    disk.put(disk.initrd, data + b'\0' * (-len(data) % 4) + evil)
    return 'init'


def hook_of_own(disk):
    """A hook that no package owns names the copy, and the program that it copies is the owner's."""
    disk.put('/usr/local/bin/helper', b'\x7fELF helper', 0o755)
    disk.put('/usr/share/initramfs-tools/hooks/own', 'copy_exec /usr/local/bin/helper /usr/bin/helper\n', 0o755)
    items = packed(disk)
    items.append(list(new_file('usr/bin/helper', b'\x7fELF helper')))
    put(disk, items)
    return 'usr/bin/helper'


def changed_hook(disk):
    """A packaged program under another name, as a packaged hook says that was changed to say so."""
    hook = '/usr/share/initramfs-tools/hooks/zz-busybox'
    disk.append(hook, 'copy_exec /usr/bin/udevadm /usr/bin/other\n')
    disk.write(f'sif {hook} mode 0100755')
    items = packed(disk)
    items.append(list(new_file('usr/bin/other', body(items, 'usr/bin/udevadm')[2])))
    put(disk, items)
    return 'usr/bin/other'


MADE = {
    'other-program-as-applet': replace('usr/bin/wget', lambda items, _: program(items)),
    'busybox-as-no-applet': add('usr/sbin/sshd', lambda items: body(items, 'usr/bin/busybox')[2]),
    'busybox-as-a-script': add('scripts/init-top/sh', lambda items: body(items, 'usr/bin/busybox')[2]),
    'link-of-no-applet': symlink('usr/sbin/sshd', '../bin/busybox'),
    'link-to-another-program': symlink('usr/sbin/blkid', '../bin/udevadm'),
    'busybox-changed': tamper(busybox_changed),
    'script-changed': replace('scripts/init-top/udev', lambda _, data: data + b'/x\n'),
    'script-emptied': replace('scripts/functions', lambda _, data: b''),
    'script-added': tamper(script_in_order),
    'script-of-another-folder': add('scripts/init-bottom/blacklist', lambda items: find(items, 'scripts/init-top/blacklist')[2]),
    'program-added': add('usr/bin/helper', program),
    'root-set': add('conf/conf.d/x', b'ROOT=/dev/sdb1\n', 0o100644),
    'shell-in-settings': add('conf/conf.d/x', b'KEYMAP=y;/x\n', 0o100644),
    'settings-changed': replace('conf/initramfs.conf', lambda _, data: data + b'/x\n'),
    'options-of-modprobe': add('conf/modules', b'virtio -C /x\n', 0o100644),
    'init-of-busybox': add('etc/inittab', b'::sysinit:/x\n', 0o100644),
    'init-is-a-link': symlink('init', 'usr/bin/busybox'),
    'account-added': add('etc/passwd', b'root::0:0::/:/bin/sh\n', 0o100644),
    'parameters-while-booting': add('conf/param.conf', b'/x\n', 0o100644),
    'two-bodies-of-one-file': tamper(without_body, 'unknown'),
    'second-archive': (second, 'fail'),
    'behind-an-error': raw(behind_error),
    'zeros': raw(lambda old: bytes(len(old))),
    'empty': raw(lambda old: b''),
    'cut': raw(lambda old: old[:-100_000], 'unknown fail'),
    'hook-of-own': (hook_of_own, 'fail'),
    'hook-changed': (changed_hook, 'fail'),
}
DRACUT = {
    'dracut-hook-changed': replace('usr/lib/dracut/hooks/cmdline/30-parse-crypt.sh', lambda _, data: data + b'/x\n'),
    'dracut-hook-added': add('usr/lib/dracut/hooks/pre-mount/99-x.sh', b'/x\n'),
    'dracut-program-changed': replace('usr/bin/systemctl', lambda _, data: flipped(data)),
    'dracut-unit-added': add('usr/lib/systemd/system/x.service', b'[Service]\nExecStart=/x\n', 0o100644),
    'dracut-settings-added': add('etc/conf.d/x.conf', b'/x\n', 0o100644),
    'dracut-arguments-added': add('etc/cmdline.d/x.conf', b'init=/x\n', 0o100644),
    'dracut-settings-changed': replace('etc/conf.d/systemd.conf', lambda _, data: data + b'/x\n'),
}

for name in sets:
    image = f'{folder}/{name}.img'
    found, notes = judged(image)
    status, told = TOLD.get(name, ('pass', []))
    equal(found.get('status'), status, f'{name}: {CHECK}')
    for member in told:
        check(names(notes, member), f'{name}: {member} is told', notes)
    if status != 'fail':
        extra = [n for n in notes if ' (archive' in n and not any(n.split(' (archive')[0].endswith(t) for t in told)]
        equal(extra, [], f'{name}: nothing else is told')
    print(f'{name:14} {found.get("status"):8} {notes[-1] if notes else ""}', flush=True)

if 'busybox' in sets:
    image = f'{folder}/busybox.img'
    changed(image, MADE)
    work = f'{folder}/tampered.img'
    subprocess.run(['cp', '--sparse=always', '--reflink=auto', image, work], check=True)
    disk = Disk(work)
    items = packed(disk)
    items.append(list(new_file('usr/bin/helper', program(items))))
    put(disk, items)
    reason = whole(work)
    check(f'{disk.initrd} holds 1 file that matches nothing in this system' in reason, 'LNX-KERNEL-001 blames the initramfs', reason)
    os.unlink(work)
if 'dracut' in sets:
    image = f'{folder}/dracut.img'
    changed(image, DRACUT)
    work = f'{folder}/tampered.img'
    subprocess.run(['cp', '--sparse=always', '--reflink=auto', image, work], check=True)
    disk = Disk(work)
    items = packed(disk)
    one = find(items, 'usr/bin/systemctl')
    before = one[2]
    one[2] = stripped(before)
    check(one[2] != before, 'strip changes a program')
    put(disk, items)
    equal(judged(work)[0].get('status'), 'pass', 'a program without the sections that nothing loads is explained')
    os.unlink(work)
end()
