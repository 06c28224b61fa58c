"""The Debian disk is proven to level K5, and each of the kernel's tamper recipes turns its check, with the file named.

    kernel.py [--some | DISK.raw [RECIPE...]]
"""
import subprocess
import sys

from e2e import *

words = sys.argv[1:]
some = words[:1] == ['--some']
if some:
    words = words[1:]
disk = words[0] if words else f'{WORK}/debian/debian.raw'
wanted = words[1:]
script = 'testdata/recipes/tamper_kernel.py'
IDS = [f'LNX-KERNEL-{n:03}' for n in range(1, 25)]

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

names = subprocess.run([sys.executable, script, '--list'], check=True, capture_output=True, text=True).stdout.split()
check(len(names) >= 40, 'at least 40 recipes', len(names))
if some:
    names = names[::6]
caught = 0
for name, wants, path, line, run in changes(script, disk, wanted or names):
    report = run.json()
    now = result(report, wants)
    ok, place = turned(name, before.get(wants, {}), now, path, line)
    status = now.get('status')
    check(run.code in (REJECT, REVIEW) or status == 'warn', f'{name}: such an image is not accepted in silence', run.code)
    whole = result(report, 'LNX-KERNEL-001').get('status')
    caught += ok
    print(f'    {name:40} {wants} {str(status):8} {place}   (001: {whole})', flush=True)
print(f'{caught} of {len(wanted or names)} recipes caught')
end()
