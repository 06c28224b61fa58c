"""The composed Windows 7 disk of the corpus, and the Windows demonstration image."""
import hashlib
import re
import subprocess

import hivex

from e2e import *

corpus = os.environ['CORPUS']
disk = os.path.abspath(f'{WORK}/win7-mbr.qcow2')
subprocess.run(['zstd', '-dqf', f'{corpus}/composed-windows/win7-mbr.qcow2.zst', '-o', disk], check=True)
with open(f'{corpus}/composed-windows/win7-mbr.qcow2.truth.txt') as f:
    facts = f.read()
with open(f'{corpus}/derived-hives/windows-state.shared.txt') as f:
    state = f.read()

digest = re.search(r'guest raw: size=(\d+) sha256=(\w+)', facts)
equal(Run('digest', disk).out.decode().split(), [digest[2], digest[1]], 'win7: digest of the virtual disk')
run = Run('info', '-f', 'json', disk)
equal(run.code, 0, 'win7: info ends with 0')
guests = run.json().get('guests') or [{}]
equal(len(guests), 1, 'win7: one guest')
guest = guests[0]
product = re.search(r"CurrentBuild='(\d+)'.*ProductName='([^']+)'", state.split('plaso/SOFTWARE')[1])
equal(guest.get('name'), product[2], 'win7: product')
check(str(guest.get('build', '')).split('.')[0] == product[1], 'win7: build', guest.get('build'))
# Host name and services by independent tools: ntfscat takes the hive out, hivex reads it.
raw, hive = f'{WORK}/win7.ntfs', f'{WORK}/win7.SYSTEM'
subprocess.run(['qemu-img', 'convert', '-O', 'raw', disk, f'{WORK}/win7.raw'], check=True)
subprocess.run(['dd', f'if={WORK}/win7.raw', f'of={raw}', 'bs=512', 'skip=67584', 'conv=sparse', 'status=none'], check=True)
with open(hive, 'wb') as f:
    subprocess.run(['ntfscat', '-f', raw, '/Windows/System32/config/SYSTEM'], stdout=f, check=True)
check(sha256(hive) in facts, 'win7: the hive is the one of the truth file')
system = hivex.Hivex(hive)


def key(*names):
    node = system.root()
    for n in names:
        node = system.node_get_child(node, n)
    return node


def value(node, name):
    for v in system.node_values(node):
        if system.value_key(v).lower() == name.lower():
            kind, data = system.value_type(v)[0], system.value_value(v)[1]
            return int.from_bytes(data, 'little') if kind == 4 else data.decode('utf-16-le').rstrip('\0')
    return None


current = f'ControlSet{value(key("Select"), "Default"):03d}'
equal(guest.get('host_name'), value(key(current, 'Control', 'ComputerName', 'ComputerName'), 'ComputerName'), 'win7: host name')
expected = {system.node_name(n).lower(): value(n, 'Start') for n in system.node_children(key(current, 'Services'))}
found = {s.get('name', '').lower(): s.get('start') for s in (guest.get('services') or {}).get('items', [])}
print(f'win7: {len(expected)} service keys by hivex, {len(found)} by imgscan')
WORDS = {0: 'boot', 1: 'system', 2: 'auto', 3: 'manual', 4: 'disabled'}
started = {n: s for n, s in expected.items() if s is not None}
equal({n: found.get(n) for n in started if found.get(n) not in (started[n], WORDS.get(started[n]))}, {},
      'win7: every service with its start type as hivex reads it')
for path in (raw, hive, f'{WORK}/win7.raw'):
    os.unlink(path)
run = scan(disk)
report = run.json()
check(run.code in (REJECT, REVIEW), 'win7: scan rejects or reviews', run)
for name in ('WIN-CBI-001', 'WIN-AGENT-001', 'WIN-AGENT-002'):
    equal(result(report, name).get('status'), 'fail', f'win7: {name} (it has none of them)')

demo = 'testdata/demo/windows.qcow2'
known = truth('testdata/demo/windows.truth')
equal(Run('digest', demo).out.decode().split()[:1], [known['disk_sha256']], 'demo: digest of the virtual disk')
guest = (Run('info', '-f', 'json', demo).json().get('guests') or [{}])[0]
equal(guest.get('host_name'), known['hostname'], 'demo: host name')

# Code in the sectors before the first partition, where the image has none.
raw = os.path.abspath(f'{WORK}/demo.raw')
subprocess.run(['qemu-img', 'convert', '-O', 'raw', demo, raw], check=True)
trust = ['--trust', 'testdata/demo/windows-ca.der']
equal(result(scan(raw, *trust).json(), 'WIN-KERNEL-009').get('status'), 'pass', 'demo: no unknown boot code')
with open(raw, 'r+b') as f:
    f.write(b'\xeb\xfe')
    f.seek(512 * 40)
    f.write(b'stage two')
    f.seek(0)
    code = hashlib.sha256(f.read(440)).hexdigest()
run = scan(raw, *trust)
found = result(run.json(), 'WIN-KERNEL-009')
# A bootkit is what that may be: a person decides.
equal(found.get('status'), 'unknown', 'demo: unknown boot code')
shown = {e.get('offset'): en(e.get('found', '')) for e in found.get('evidence', []) if e.get('volume') == 'disk'}
check(code in shown.get(0, ''), 'demo: the code is named by its digest', shown)
check(512 * 40 in shown, 'demo: the used sector is named by its place', shown)
os.unlink(raw)

# A product of a vendor: what its declaration pins is explained, and nothing else is.
recipe, shop, declared = 'testdata/recipes/windows_product.py', f'{WORK}/shop.raw', f'{WORK}/shop.yaml'


def product(*args):
    subprocess.run([sys.executable, recipe, *args], check=True)


def declaration_of(run):
    report = run.json()
    return result(report, 'WIN-PERSIST-003'), report.get('declaration') or {}


product('install', demo, shop, declared)
# shop-search is a library inside of svchost, which Windows signed.
entries = {('service', 'shop'), ('service', 'shop-feed'), ('service library', 'shop-search')} | {('task', n) for n in (r'\Shop\Nightly', r'\Shop\Report')}
with open(declared) as f:
    pins = dict(re.findall(r"path: '([^']+)'\n    sha256: (\w+)", f.read()))
equal(len(pins), 5, 'product: five files are declared')
pinned = {path.replace('\\', '/'): digest for path, digest in pins.items()}
run = scan(shop, *trust)
equal(run.code, REVIEW, 'product: without a declaration a person must decide')
told = {(e.get('kind'), e.get('name')): e for e in
        (Run('autoruns', '-f', 'json', '--unexplained', *trust, shop).json().get('guests') or [{}])[0].get('entries', [])}
equal(set(told), entries, 'product: its three services and two tasks are what is not explained')
run = scan(shop, *trust, '--declaration', declared)
equal(run.code, ACCEPT, 'product: with digests it is accepted')
check_003, block = declaration_of(run)
equal(check_003.get('status'), 'pass', 'product: WIN-PERSIST-003 is met')
equal((block.get('product'), block.get('sha256')), ('Web shop 3.2', sha256(declared)), 'product: the declaration is named with its digest')
explained = [(e['kind'], e['name'], e['file']['path'], e['file']['sha256']) for e in block.get('explained', [])]
equal({e[:2] for e in explained}, entries, 'product: each entry is told')
equal({e[2:] for e in explained}, set(pinned.items()), 'product: each file is told with its digest')
equal(block.get('differs'), [], 'product: nothing is other than declared')
listed = Run('autoruns', '-f', 'json', '--unexplained', *trust, '--declaration', declared, shop).json()
equal((listed.get('guests') or [{}])[0].get('entries'), [], 'product: the list has nothing left')
equal(listed.get('declaration'), block, 'product: the list tells the same of the declaration')
# Names and paths alone.
with open(declared) as f, open(f'{WORK}/names.yaml', 'w') as g:
    g.write(re.sub(r'    sha256: .*\n', '', f.read()))
run = scan(shop, *trust, '--declaration', f'{WORK}/names.yaml')
equal(run.code, REVIEW, 'product: names and paths explain nothing')
check_003, block = declaration_of(run)
equal(block.get('explained'), [], 'product: nothing is explained by names')
notes = [en(e['note']) for e in check_003.get('evidence', [])]
check(len(notes) == 5 and all('Web shop 3.2' in n for n in notes), 'product: every finding says that it belongs to the product', notes)
# One byte of each file in turn; the script's commands are the same, its bytes are not.
for path in ('C:\\Program Files\\Shop\\shop.exe', 'C:\\Program Files\\Shop\\search.dll', 'C:\\Program Files\\Shop\\nightly.cmd'):
    changed = f'{WORK}/changed.raw'
    subprocess.run(['cp', shop, changed], check=True)
    product('change', changed, path)
    run = scan(changed, *trust, '--declaration', declared)
    name = path.replace('\\', '/')
    equal(run.code, REVIEW, f'product: one byte of {name} changed')
    check_003, block = declaration_of(run)
    equal(check_003.get('status'), 'unknown', f'product: {name}: WIN-PERSIST-003')
    other = {(e['file']['path'], e['expected']) for e in block.get('differs', [])}
    equal(other, {(name, pinned[name])}, f'product: {name}: the digest that is expected')
    found = {e['file']['sha256'] for e in block.get('differs', [])}
    bytes_now = hashlib.sha256(Run('cat', changed, '/' + name.split('/', 1)[1]).out).hexdigest()
    equal(found, {bytes_now}, f'product: {name}: the digest that is found')
    notes = ' '.join(en(e['note']) for e in check_003.get('evidence', []))
    check(f'{pinned[name]} expected, {bytes_now} found' in notes, f'product: {name}: both are told in the finding', notes)
# What no declaration explains, though every byte is declared.
for change, name in (('debugger', 'WIN-PERSIST-002'), ('logon', 'WIN-PERSIST-004')):
    subprocess.run(['cp', shop, changed], check=True)
    product(change, changed)
    run = scan(changed, *trust, '--declaration', declared)
    check(run.code in (REJECT, REVIEW), f'product: {change} is not accepted', run)
    check(result(run.json(), name).get('status') in ('fail', 'unknown'), f'product: {change}: {name}', run)
for path in (shop, changed, declared, f'{WORK}/names.yaml'):
    os.unlink(path)
end()
