"""The Debian disk is proven to level K5, and each of the kernel's tamper recipes turns its check, with the file named.

    kernel.py [DISK.raw [RECIPE...]]
"""
import os
import shutil
import subprocess
import sys

from e2e import *

disk = sys.argv[1] if len(sys.argv) > 1 else f'{WORK}/debian/debian.raw'
wanted = sys.argv[2:]
recipes = [sys.executable, 'testdata/recipes/tamper_kernel.py']
CHUNK = 8 << 20
IDS = [f'LNX-KERNEL-{n:03}' for n in range(1, 25)]


def restore(clean, work):
    """Puts the bytes of `clean` back where `work` differs; true where something did."""
    changed = 0
    with open(clean, 'rb') as a, open(work, 'r+b') as b:
        at = 0
        while block := a.read(CHUNK):
            b.seek(at)
            if b.read(CHUNK) != block:
                b.seek(at)
                b.write(block)
                changed += 1
            at += len(block)
    return changed > 0


def rank(status):
    return {'pass': 0, 'not_applicable': 0, 'warn': 1, 'unknown': 2, 'fail': 3}.get(status, 9)


clean = scan(disk).json()
bill = Run('kernel', '-f', 'json', disk).json()
equal(bill.get('level'), 'K5', 'the clean disk is proven to level K5')
objects = bill.get('objects', [])
modules = [o for o in objects if o['kind'] == 'module']
equal([o['path'] for o in modules if o['level'] != 'K5'], [], 'every module is proven')
loaders = {o['path']: o for o in objects if o['kind'] == 'boot-loader'}
shim = loaders.get('/boot/efi/EFI/debian/shimx64.efi', {})
check(str(shim.get('anchor')).startswith('Microsoft'), "shim's chain ends at a Microsoft anchor", shim)
for kernel in (o for o in objects if o['kind'] == 'kernel'):
    equal(kernel.get('anchor'), 'Debian Secure Boot CA', "the kernel's chain ends at Debian's authority")
check(any(o['kind'] == 'initramfs' and o['level'] == 'K5' for o in objects), 'every member of the initramfs is explained')
before = {r['check']: r for r in clean.get('results', [])}
for name in IDS:
    status = before.get(name, {}).get('status')
    check(status in ('pass', 'not_applicable'), f'{name} is quiet on the clean disk', before.get(name))
print(f'clean disk: {bill.get("level")}, {len(modules)} modules, {len(objects)} objects')

work = os.path.join(os.path.dirname(disk), 'tampered-kernel.raw')
subprocess.run(['cp', '--sparse=always', disk, work], check=True)
names = subprocess.run([*recipes, '--list'], check=True, capture_output=True, text=True).stdout.split()
check(len(names) >= 40, 'at least 40 recipes', len(names))
caught = 0
for name in wanted or names:
    done = subprocess.run([*recipes, work, name], capture_output=True, text=True)
    if not check(done.returncode == 0, f'{name}: the recipe runs', done.stderr[-600:]):
        restore(disk, work)
        continue
    wants, path, *line = done.stdout.split()
    line = int(line[0]) if line else None
    run = scan(work)
    report = run.json()
    result_now = result(report, wants)
    was, now = before.get(wants, {}).get('status'), result_now.get('status')
    ok = check(rank(now) > rank(was), f'{name}: {wants} turns (was {was})', f'{now}: {result_now.get("reason")}')
    place = path if line is None else f'{path}:{line}'
    named = [path, path.removeprefix('/usr')]
    found = any(points_at(result_now.get(k), p, line) for k in ('evidence', 'gaps') for p in named)
    ok &= check(found, f'{name}: {wants} names {place}', str(result_now.get('evidence'))[:600])
    check(b'panicked' not in run.err, f'{name}: no panic')
    check(run.code in (REJECT, REVIEW) or now == 'warn', f'{name}: such an image is not accepted in silence', run.code)
    whole = result(report, 'LNX-KERNEL-001').get('status')
    caught += ok
    print(f'    {name:40} {wants} {str(now):8} {place}   (001: {whole})', flush=True)
    check(restore(disk, work), f'{name}: it changed the disk')
os.unlink(work)
print(f'{caught} of {len(wanted or names)} recipes caught')
end()
