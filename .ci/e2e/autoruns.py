"""What `imgscan autoruns` lists of real hives, place by place beside hivex.

A small NTFS volume gets the demonstration's files and, one after another, real hives of the corpus: the list of
services, run values and libraries must be what hivex reads at the same places.
"""
import lzma
import shutil
import struct
import subprocess
import tempfile

import hivex

from e2e import *

CORPUS = os.environ['CORPUS']
DEMO = 'testdata/demo/windows.qcow2'
CONFIG = 'Windows/System32/config'
SOFTWARE_KEYS = [('Run', r'Microsoft\Windows\CurrentVersion\Run'), ('RunOnce', r'Microsoft\Windows\CurrentVersion\RunOnce'),
                 ('Netsh helper', r'Microsoft\NetSh'), ('Codec', r'Microsoft\Windows NT\CurrentVersion\Drivers32'),
                 ('Font driver', r'Microsoft\Windows NT\CurrentVersion\Font Drivers')]
# Kind, key whose subkeys are looked at, value.
EACH_SOFTWARE = [('Active Setup', r'Microsoft\Active Setup\Installed Components', 'StubPath'),
                 ('Group policy extension', r'Microsoft\Windows NT\CurrentVersion\Winlogon\GPExtensions', 'DllName')]
CLASSES_SOFTWARE = [('Credential provider', r'Microsoft\Windows\CurrentVersion\Authentication\Credential Providers'),
                    ('Credential provider filter', r'Microsoft\Windows\CurrentVersion\Authentication\Credential Provider Filters'),
                    ('Text service', r'Microsoft\CTF\TIP')]
EACH_SYSTEM = [('Print monitor', r'Control\Print\Monitors', 'Driver'), ('Time provider', r'Services\W32Time\TimeProviders', 'DllName'),
               ('Keyboard layout', r'Control\Keyboard Layouts', 'Layout File')]
LISTS_SYSTEM = [('Authentication package', r'Control\Lsa', 'Authentication Packages'), ('Notification package', r'Control\Lsa', 'Notification Packages'),
                ('Security package', r'Control\Lsa', 'Security Packages')]


def unpacked(path):
    if path.endswith('.xz'):
        with lzma.open(path) as f:
            return f.read()
    return subprocess.run(['zstd', '-dqc', path], capture_output=True, check=True).stdout


def clean(hive):
    """The hive as if it had been closed: equal sequence numbers, and the checksum that belongs to them. Neither
    hivex nor the list then looks at its logs, which hivex can't read."""
    head = bytearray(hive[:512])
    head[8:12] = head[4:8]
    total = 0
    for (word,) in struct.iter_unpack('<I', head[:508]):
        total ^= word
    head[508:512] = struct.pack('<I', {0: 1, 0xFFFFFFFF: 0xFFFFFFFE}.get(total, total))
    return bytes(head) + hive[512:]


class Truth:
    """A hive as hivex reads it."""

    def __init__(self, path):
        self.hive = hivex.Hivex(path)

    def key(self, path):
        node = self.hive.root()
        for part in path.split('\\'):
            node = self.hive.node_get_child(node, part) if node else None
        return node

    def values(self, node):
        """(name, type, bytes) of each value."""
        return [(self.hive.value_key(v), *self.hive.value_value(v)) for v in self.hive.node_values(node)] if node else []

    def value(self, node, name):
        return next(((kind, data) for n, kind, data in self.values(node) if n.lower() == name.lower()), None)

    def text(self, node, name):
        """A text up to its NUL; a list as its entries; None for another type."""
        found = self.value(node, name)
        return None if found is None else words(*found)

    def children(self, path):
        node = self.key(path)
        return [(self.hive.node_name(c), c) for c in self.hive.node_children(node)] if node else []


def words(kind, data):
    if kind in (1, 2):
        return data.decode('utf-16-le', 'replace').split('\0')[0]
    if kind == 7:
        out = data.decode('utf-16-le', 'replace').split('\0')
        return out[:out.index('')] if '' in out else out
    return None


def listed(entries, kind):
    return sorted((e['name'].lower(), e['command']) for e in entries if e['kind'] == kind and not e['at'].get('key', '').startswith('HKU'))


def services(truth, control_set):
    out = []
    for name, node in truth.children(rf'{control_set}\Services'):
        kind = truth.value(node, 'Type')
        number = int.from_bytes(kind[1], 'little') if kind and kind[0] == 4 else None
        if number is None or number & 0x30 or not number & 3:
            out.append((name.lower(), truth.text(node, 'ImagePath') or ''))
    return sorted(out)


def compare(entries, kind, expected, name):
    if equal(listed(entries, kind), sorted(expected), f'{name}: {kind}'):
        print(f'    {name}: {len(expected)} of {kind}')


def run_hive(volume, name, hive, files):
    """Puts the files of one hive (and its logs) into the volume, lists, and compares."""
    with tempfile.TemporaryDirectory(dir=WORK) as folder:
        mount = f'{folder}/mnt'
        os.mkdir(mount)
        subprocess.run(['ntfs-3g', volume, mount], check=True)
        try:
            for file, data in files.items():
                with open(f'{mount}/{CONFIG}/{file}', 'wb') as f:
                    f.write(data)
        finally:
            subprocess.run(['umount', mount], check=True)
        path = f'{folder}/hive'
        with open(path, 'wb') as f:
            f.write(files[hive])
        run = Run('autoruns', '-f', 'json', volume, timeout=300)
        if not equal(run.code, 0, f'{name}: the list ends with 0'):
            print(run.err.decode(errors='replace')[:500])
            return
        entries = run.json()['guests'][0]['entries']
        truth = Truth(path)
        if hive == 'SYSTEM':
            select = truth.value(truth.key('Select'), 'Default')
            control_set = f'ControlSet{int.from_bytes(select[1], "little"):03d}'
            compare(entries, 'service', services(truth, control_set), name)
            for kind, key, value in EACH_SYSTEM:
                found = [(value.lower(), truth.text(node, value)) for _, node in truth.children(rf'{control_set}\{key}')]
                compare(entries, kind, [(n, t) for n, t in found if t], name)
            # Two quotation marks stand for an empty list.
            for kind, key, value in LISTS_SYSTEM:
                compare(entries, kind, [(value.lower(), t) for t in truth.text(truth.key(rf'{control_set}\{key}'), value) or [] if t != '""'], name)
        else:
            for kind, key in SOFTWARE_KEYS:
                found = [(n.lower(), words(k, d)) for root in ('', 'Wow6432Node\\') for n, k, d in truth.values(truth.key(root + key))]
                compare(entries, kind, [(n, t) for n, t in found if t], name)
            for kind, key, value in EACH_SOFTWARE:
                found = [(value.lower(), truth.text(node, value)) for root in ('', 'Wow6432Node\\') for _, node in truth.children(root + key)]
                compare(entries, kind, [(n, t) for n, t in found if t], name)
            for kind, key in CLASSES_SOFTWARE:
                found = [n for root in ('', 'Wow6432Node\\') for n, _ in truth.children(root + key)]
                compare(entries, kind, [(n.lower(), n) for n in found], name)


def base():
    """A volume with room for real hives, with the files of the demonstration."""
    raw, part = f'{WORK}/autoruns.raw', f'{WORK}/autoruns.ntfs'
    subprocess.run(['qemu-img', 'convert', '-O', 'raw', DEMO, raw], check=True)
    subprocess.run(['dd', f'if={raw}', f'of={WORK}/autoruns.part', 'bs=1M', 'skip=1', 'count=24', 'status=none'], check=True)
    with open(part, 'wb') as f:
        f.truncate(256 << 20)
    subprocess.run(['mkntfs', '-q', '-F', '-f', part], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    with tempfile.TemporaryDirectory(dir=WORK) as folder:
        for name, image in (('from', f'{WORK}/autoruns.part'), ('to', part)):
            os.mkdir(f'{folder}/{name}')
            subprocess.run(['ntfs-3g', image, f'{folder}/{name}'], check=True)
        try:
            shutil.copytree(f'{folder}/from', f'{folder}/to', dirs_exist_ok=True)
        finally:
            for name in ('from', 'to'):
                subprocess.run(['umount', f'{folder}/{name}'], check=True)
    return part


volume = base()
regipy, plaso = f'{CORPUS}/regipy', f'{CORPUS}/plaso'
run_hive(volume, 'regipy/SYSTEM', 'SYSTEM', {'SYSTEM': unpacked(f'{regipy}/SYSTEM.xz')})
run_hive(volume, 'plaso/SOFTWARE', 'SOFTWARE', {'SOFTWARE': unpacked(f'{plaso}/SOFTWARE.zst')})
derived = f'{CORPUS}/derived-sysprep'
run_hive(volume, 'derived-sysprep/win7-SYSTEM', 'SYSTEM', {'SYSTEM': unpacked(f'{derived}/win7-SYSTEM.generalized.zst')})
# Of a later Windows: with a trigger, a security identifier and a user's template of services.
run_hive(volume, 'regipy/SYSTEM_B', 'SYSTEM', {'SYSTEM': clean(unpacked(f'{regipy}/SYSTEM_B.xz'))})
for left in ('autoruns.raw', 'autoruns.part', 'autoruns.ntfs'):
    os.unlink(f'{WORK}/{left}')
end()
