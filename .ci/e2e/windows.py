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
equal(found.get('status'), 'warn', 'demo: unknown boot code')
shown = {e.get('offset'): en(e.get('found', '')) for e in found.get('evidence', []) if e.get('volume') == 'disk'}
check(code in shown.get(0, ''), 'demo: the code is named by its digest', shown)
check(512 * 40 in shown, 'demo: the used sector is named by its place', shown)
os.unlink(raw)
end()
