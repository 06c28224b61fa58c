"""What `imgscan autoruns` lists of real hives, place by place beside hivex.

A small NTFS volume gets the demonstration's files and, one after another, real hives of the corpus: the list of
services, run values, tasks and libraries must be what hivex reads at the same places. What dissect.target reads of
the same volume (services, run values, task files) is held beside the list, too; DISSECT is a Python that has it.
"""
import json
import lzma
import re
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


def dissect(volume):
    """What dissect.target reads of the volume."""
    done = subprocess.run([os.environ['DISSECT'], '.ci/e2e/dissect_reader.py', volume], capture_output=True)
    check(done.returncode == 0, 'dissect.target reads the volume', done.stderr[-600:])
    return json.loads(done.stdout or b'{"services": {}, "runs": [], "tasks": []}')


def beside_dissect(volume, name, entries, subject, typed=()):
    """Entry by entry beside dissect.target: services by name, run values by name and program. It leaves out keys of services
    without a Type; those that are `typed` are compared."""
    truth = dissect(volume)
    if subject == 'services':
        # It names drivers (0x1, 0x2) and services; other types (recognizers, services that show windows) have no text.
        kinds = {n: int((re.search(r'0x[0-9a-f]+', s['type']) or ['0x0'])[0], 16) for n, s in truth['services'].items()}
        expected = sorted(n for n, kind in kinds.items() if kind & 0x30 or not kind & 3)
        found = sorted(n for n, _ in listed(entries, 'service') if n in typed)
    else:
        kinds = ('Run', 'RunOnce')
        keys = ('\\run', '\\runonce')
        expected = sorted((n.lower(), program.lower()) for n, key, program, _ in truth['runs'] if key.lower().endswith(keys) and key.startswith('HKEY_LOCAL_MACHINE'))
        runs = [run for kind in kinds for run in listed(entries, kind)]
        starts = {(n, program) for n, program in expected for m, command in runs if m == n and command.lower().lstrip('"').startswith(program)}
        check(starts == set(expected), f'{name}: the program of each run value is that of dissect.target', sorted(set(expected) - starts))
        expected, found = sorted(n for n, _ in expected), sorted(n for n, _ in runs)
    if equal(found, expected, f'{name}: {subject} as dissect.target has them'):
        print(f'    {name}: {len(expected)} {subject} beside dissect.target')


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
            typed = {n.lower() for n, node in truth.children(rf'{control_set}\Services') if truth.value(node, 'Type')}
            beside_dissect(volume, name, entries, 'services', typed)
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
            beside_dissect(volume, name, entries, 'run values')
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


CACHE = r'Microsoft\Windows NT\CurrentVersion\Schedule\TaskCache'
FORMS = (lambda i: [(rf'%SystemRoot%\System32\p{i}.exe', '')], lambda i: [(rf'"C:\Program Files\A & B\p{i}.exe"', f'/x "{i}" <y>')],
         lambda i: [(f'{{5B0F0000-0000-4000-8000-{i:012X}}}', None)], lambda i: [('cmd.exe', f'/c echo {i}'), (rf'C:\Tools\{i}.exe', '-s')])


def registered(truth):
    """The tasks of the registry: paths below Tree whose key has an Id."""
    todo, out = [(truth.key(rf'{CACHE}\Tree'), '')], []
    while todo:
        node, path = todo.pop()
        if truth.value(node, 'Id'):
            out.append(path)
        todo += [(child, rf'{path}\{truth.hive.node_name(child)}') for child in truth.hive.node_children(node)]
    return sorted(out)


def task_file(path, actions):
    """The file of a task, as the scheduler writes it: UTF-16 with its mark."""
    def plain(text):
        return text.replace('&', '&amp;').replace('<', '&lt;').replace('>', '&gt;')
    inside = ''.join(f'<ComHandler><ClassId>{a}</ClassId></ComHandler>' if b is None
                     else f'<Exec><Command>{plain(a)}</Command>' + (f'<Arguments>{plain(b)}</Arguments>' if b else '') + '</Exec>' for a, b in actions)
    return b'\xff\xfe' + ('<?xml version="1.0" encoding="UTF-16"?>\r\n<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">'
                          f'<RegistrationInfo><URI>{plain(path)}</URI></RegistrationInfo><Triggers><BootTrigger/></Triggers>'
                          f'<Actions Context="Author">{inside}</Actions></Task>').encode('utf-16-le')


def tasks(volume, name, software):
    """Every task that a real registry has, each with a file in one of four forms: the list has each with what it does, and dissect.target reads
    the same of the files. (The corpus has no real task files, and this Windows keeps actions in them alone.)"""
    with tempfile.TemporaryDirectory(dir=WORK) as folder:
        path, mount = f'{folder}/hive', f'{folder}/mnt'
        with open(path, 'wb') as f:
            f.write(software)
        # dissect.target leaves out files whose names have a dot.
        found = [t for t in registered(Truth(path)) if '.' not in t]
        expected = []
        os.mkdir(mount)
        subprocess.run(['ntfs-3g', volume, mount], check=True)
        try:
            for i, task in enumerate(found):
                actions = FORMS[i % len(FORMS)](i)
                expected += [(task, ' '.join(filter(None, action))) for action in actions]
                file = f'{mount}/Windows/System32/Tasks' + task.replace('\\', '/')
                os.makedirs(os.path.dirname(file), exist_ok=True)
                with open(file, 'wb') as f:
                    f.write(task_file(task, actions))
        finally:
            subprocess.run(['umount', mount], check=True)
        run = Run('autoruns', '-f', 'json', volume, timeout=300)
        equal(run.code, 0, f'{name}: the list ends with 0')
        ours = [(e['name'], e['command']) for e in run.json()['guests'][0]['entries'] if e['kind'] == 'task' and e['name'] in set(found)]
        theirs = [tuple(t) for t in dissect(volume)['tasks'] if t[0] in set(found)]
        check(len(found) >= 80, f'{name}: the registry has tasks', len(found))
        equal(sorted(ours), sorted(expected), f'{name}: tasks of the list')
        # Of several programs dissect.target repeats the first one.
        first = {task: ' '.join(filter(None, FORMS[i % len(FORMS)](i)[0])) for i, task in enumerate(found)}
        if equal(sorted(theirs), sorted((task, first[task]) for task, _ in ours), f'{name}: tasks as dissect.target has them'):
            print(f'    {name}: {len(found)} tasks of the registry, {len(ours)} actions beside dissect.target')


volume = base()
regipy, plaso = f'{CORPUS}/regipy', f'{CORPUS}/plaso'
run_hive(volume, 'regipy/SYSTEM', 'SYSTEM', {'SYSTEM': unpacked(f'{regipy}/SYSTEM.xz')})
run_hive(volume, 'plaso/SOFTWARE', 'SOFTWARE', {'SOFTWARE': unpacked(f'{plaso}/SOFTWARE.zst')})
tasks(volume, 'plaso/SOFTWARE', unpacked(f'{plaso}/SOFTWARE.zst'))
derived = f'{CORPUS}/derived-sysprep'
run_hive(volume, 'derived-sysprep/win7-SYSTEM', 'SYSTEM', {'SYSTEM': unpacked(f'{derived}/win7-SYSTEM.generalized.zst')})
# Of a later Windows: with a trigger, a security identifier and a user's template of services.
run_hive(volume, 'regipy/SYSTEM_B', 'SYSTEM', {'SYSTEM': clean(unpacked(f'{regipy}/SYSTEM_B.xz'))})
for left in ('autoruns.raw', 'autoruns.part', 'autoruns.ntfs'):
    os.unlink(f'{WORK}/{left}')
end()
