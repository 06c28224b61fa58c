"""Clean systems stay clean: each row of testdata/recipes/debian-systems.sh ends in the verdict that stands here.

    systems.py FOLDER [ROW...]     without rows, all whose disk is in FOLDER

A row that ends in `review` has one reason: one object that nothing proves. The check of the row names it, and what
else is not met speaks of that object alone (or of its copies). With the reference of the row the same disk is accepted.
"""
import glob
import os
import sys
import tempfile

from e2e import *

folder = sys.argv[1]
SUM = 'LNX-KERNEL-001'
INITRD = '/boot/initrd.img-'
# Row: verdict, the check that keeps it from being accepted, what that names, and the reference that changes it.
EXPECTED = {
    # Debian signs all that starts: shim, GRUB, the kernel and its modules.
    'cloud': ('accept',),
    'trixie': ('accept',),
    'sid': ('accept',),
    'full': ('accept',),
    'backports': ('accept',),
    'two-kernels': ('accept',),
    'arm64': ('accept',),
    'boot-apart': ('accept',),
    'usr-apart': ('accept',),
    # Nobody can sign what a BIOS starts: it equals files of packages.
    'bios': ('accept',),
    'bios-mbr': ('accept',),
    'extlinux': ('accept',),
    # What packages put into an initramfs is explained by their hooks.
    'storage': ('accept',),
    'plymouth': ('accept',),
    'dracut': ('accept',),
    # The package makes host keys when it is installed: secrets that every copy of the image shares, and that are in no
    # other place of the system which could explain them. Without them, as images are published, nothing is left to say.
    'dropbear-host-keys': ('review', 'LNX-KERNEL-014', (INITRD, '/etc/dropbear/initramfs/dropbear_')),
    'dropbear': ('accept',),
    # Whose key is there may unlock every copy: that is a back door, whoever put it there.
    'dropbear-key': ('reject', 'LNX-KERNEL-014', INITRD),
    # Debian 12 does not sign systemd-boot.
    'systemd-boot': ('review', 'LNX-KERNEL-017', ('/boot/efi/EFI/BOOT/BOOTX64.EFI', '/systemd-bootx64.efi'), 'baseline'),
    # The image and its loader are signed by an authority that nobody knows until it is given. Debian signs all its
    # kernels, so what another signed is taken for a replacement.
    'uki': ('reject', 'LNX-KERNEL-005', ('/boot/efi/EFI/Linux/debian-', '/boot/efi/EFI/BOOT/BOOTX64.EFI'), 'trust'),
    # A module that was compiled on the system, signed by a key that was made there.
    'dkms': ('review', 'LNX-KERNEL-009', '/acpi_call.ko', 'trust'),
}
# Warnings that may stay, each with its reason.
WARNINGS = {
    # The sources and the compiler stay in the image: more modules may be made of them.
    'dkms': {'LNX-KERNEL-018'},
}
CODES = {'accept': ACCEPT, 'review': REVIEW, 'reject': REJECT}


def names(node, what):
    return any(what in p['path'] for p in places(node))


def judged(row, image, *more):
    """The report, after what holds of every run was stated."""
    run = scan(image, *more, timeout=180)
    check(b'panicked' not in run.err, f'{row}: no panic', run)
    report = run.json()
    equal(run.code, CODES.get(report.get('verdict')), f'{row}: the exit code is that of the verdict')
    return report


def with_status(report, status):
    return {r['check']: r for r in report.get('results', []) if r.get('status') == status}


def reasons(found):
    return '; '.join(f'{name}: {en(r.get("reason", ""))}' for name, r in sorted(found.items()))


def accepted(row, report):
    equal(report.get('verdict'), 'accept', f'{row}: verdict')
    for status in ('fail', 'unknown', 'error'):
        found = with_status(report, status)
        check(not found, f'{row}: nothing is {status}', reasons(found))


def speaks_of(found, objects):
    """True where the evidence of a result that is not met is of `objects` or copies of them. Of the sum, LNX-KERNEL-001,
    the reason is taken, for its evidence lists all that boots."""
    if found['check'] == SUM:
        return any(what in en(found.get('reason', '')) for what in objects)
    bad = [p for e in found.get('evidence', []) + found.get('gaps', []) for p in places(e)]
    own = {p.get('sha256') for p in bad if any(what in p['path'] for what in objects)}
    # What a package installed stands beside it for comparison.
    return bool(own) and all(p.get('sha256') in own or any(what in p['path'] for what in objects) or p['path'].startswith('/boot/vmlinuz-') for p in bad)


def stopped(row, report, verdict, name, objects):
    objects = (objects,) if isinstance(objects, str) else objects
    equal(report.get('verdict'), verdict, f'{row}: verdict')
    found = {n: r for status in ('fail', 'unknown', 'error') for n, r in with_status(report, status).items()}
    check(name in found and names(found[name], objects[0]), f'{row}: {name} names {objects[0]}', found.get(name))
    for n, r in found.items():
        check(speaks_of(r, objects), f'{row}: {n} speaks of nothing else', f'{en(r.get("reason", ""))} {[p["path"] for p in places(r)][:8]}')


def warned(row, report):
    """The warnings, each of which has its reason."""
    found = with_status(report, 'warn')
    for name, r in found.items():
        check(name in WARNINGS.get(row, ()), f'{row}: {name} has no reason to warn', en(r.get('reason', '')))
    return sorted(found)


def reference(row, kind, scratch):
    """Arguments that give the row's reference."""
    if kind == 'trust':
        return ['--trust', f'{folder}/{row}.der']
    db = f'{scratch}/{row}.db'
    made = Run('baseline', 'add', '--db', db, *glob.glob(f'{folder}/{row}.debs/*.deb'), timeout=180)
    equal(made.code, 0, f'{row}: a reference is made of the packages: {made}')
    return ['--baseline', db]


rows = sys.argv[2:] or [row for row in EXPECTED if os.path.exists(f'{folder}/{row}.raw')]
for name in rows:
    check(name in EXPECTED, f'{name} is a row')
table = []
with tempfile.TemporaryDirectory(dir=WORK) as scratch:
    for row in rows:
        image, (verdict, *how) = f'{folder}/{row}.raw', EXPECTED[row]
        level = Run('kernel', '-f', 'json', image, timeout=180).json().get('level')
        report = judged(row, image)
        if verdict == 'accept':
            accepted(row, report)
        else:
            stopped(row, report, verdict, *how[:2])
        told, then = warned(row, report), ''
        if how[2:]:
            again = judged(f'{row} with its reference', image, *reference(row, how[2], scratch))
            accepted(f'{row} with its reference', again)
            told, then = sorted({*told, *warned(row, again)}), f'{again.get("verdict")} (--{how[2]})'
        table.append((row, str(level), report.get('verdict', '?'), then, ' '.join(told)))
        print('    %-20s %-5s %-8s %-20s %s' % table[-1], flush=True)
end()
