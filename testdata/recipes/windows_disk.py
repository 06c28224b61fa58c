"""A raw Windows disk that recipes change: its NTFS by ntfs-3g, its hives by hivex, its sectors as bytes.

The disk is laid out as demo-windows.sh does it: one partition, whose files are reached by their paths in any case. What a recipe
changes on the volume is written back when the disk is closed.
Needs root, and: ntfs-3g fdisk dosfstools openssl python3-hivex python3-pycryptodome.
"""
import contextlib
import hashlib
import os
import shutil
import struct
import subprocess
import tempfile
import uuid

import hivex

import access_lists
import hives
import regf
import signed

SZ, EXPAND, BINARY, DWORD, MULTI, QWORD = 1, 2, 3, 4, 7, 11
START, LENGTH = 1 << 20, 24 << 20
SIGNATURE = 0x5a17c0de
CONTROL = r'ControlSet001\Control'
SESSION = rf'{CONTROL}\Session Manager'
SERVICES = r'ControlSet001\Services'
CURRENT, NT, CACHE = hives.CURRENT, hives.NT, hives.CACHE
CBI = r'C:\Program Files\Cloudbase Solutions\Cloudbase-Init'
CONFIG = rf'{CBI}\conf\cloudbase-init.conf'
PLACES = {'ADMINISTRATOR': r'Users\Administrator\NTUSER.DAT', 'BCD': r'Boot\BCD'}
COMPUTER = uuid.UUID('20d04fe0-3aea-1069-a2d8-08002b30309d')
LINK = bytes.fromhex('0114020000000000c000000000000046')


def run(*args, stdin=None):
    done = subprocess.run(args, input=stdin, capture_output=True)
    if done.returncode:
        raise SystemExit(f'{args}: exit {done.returncode}: {done.stderr.decode(errors="replace")[:500]}')
    return done.stdout


def wide(text):
    return (text + '\0').encode('utf-16-le')


def registry_policy(*entries):
    """A Registry.pol ([MS-GPREG]): keys, names, types and data."""
    out = b'PReg\x01\0\0\0'
    for key, name, kind, data in entries:
        out += f'[{key}\0;{name}\0;'.encode('utf-16-le') + struct.pack('<I', kind) + b';\0' + struct.pack('<I', len(data)) + b';\0' + data + b']\0'
    return out


class Hive:
    """An opened hive; keys and values by their paths."""

    def __init__(self, file):
        self.h = hivex.Hivex(file, write=True)

    def key(self, path, make=True):
        node = self.h.root()
        for part in path.split('\\'):
            below = self.h.node_get_child(node, part)
            if below is None and not make:
                return None
            node = self.h.node_add_child(node, part) if below is None else below
        return node

    def values(self, path):
        node = self.key(path, make=False)
        return [(self.h.value_key(v), *self.h.value_value(v)) for v in (self.h.node_values(node) if node else [])]

    def get(self, path, name):
        return next((data for n, _, data in self.values(path) if n.lower() == name.lower()), None)

    def set(self, path, name, kind, data):
        self.h.node_set_value(self.key(path), {'key': name, 't': kind, 'value': regf.encode(kind, data)})

    def drop(self, path):
        self.h.node_delete_child(self.key(path, make=False))

    def element(self, entry, number, data, kind=None, spelt=None):
        """An element of an object of the boot configuration, in the form of its number or in another one."""
        form = {1: BINARY, 2: SZ, 3: SZ, 4: MULTI, 5: BINARY, 6: BINARY}
        self.set(rf'Objects\{entry}\Elements\{spelt or format(number, "08x")}', 'Element', kind or form[number >> 24 & 15], data)

    def entry(self, name, kind, elements):
        """An object of the boot configuration."""
        self.set(rf'Objects\{name}\Description', 'Type', DWORD, kind)
        for number, data in elements.items():
            self.element(name, number, data)


class Disk:
    """The raw disk at `path`, or a partition of it. As a context it writes the volume back at its end."""

    def __init__(self, path, start=START, length=LENGTH):
        self.path, self.start, self.length = path, start, length
        self.tmp = tempfile.mkdtemp()
        self.mount = None

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        self.close(keep=kind is None)
        shutil.rmtree(self.tmp)

    # --- the volume ---
    @property
    def root(self):
        """Where the volume is mounted."""
        if not self.mount:
            part, folder = f'{self.tmp}/part', f'{self.tmp}/mnt'
            os.makedirs(folder, exist_ok=True)
            with open(self.path, 'rb') as f, open(part, 'wb') as g:
                f.seek(self.start)
                g.write(f.read(self.length))
            run('ntfs-3g', '-o', 'streams_interface=xattr', part, folder)
            self.mount = folder
        return self.mount

    def close(self, keep=True):
        """Unmounts the volume and writes it back, so that its sectors are those of its files."""
        if self.mount:
            run('umount', self.mount)
            self.mount = None
            if keep:
                with open(f'{self.tmp}/part', 'rb') as f:
                    self.poke(self.start, f.read())

    def find(self, path):
        """The mounted path of a path of the guest, with or without its drive, in any case."""
        at = self.root
        for part in path.removeprefix('C:').replace('\\', '/').split('/'):
            names = os.listdir(at) if part and os.path.isdir(at) else []
            like = [part] if part in names else [n for n in names if n.lower() == part.lower()]
            at = os.path.join(at, like[0] if like else part) if part else at
        return at

    def put(self, path, data=b''):
        """Writes a file; its path with a drive, as a command line names it."""
        at = self.find(path)
        os.makedirs(os.path.dirname(at), exist_ok=True)
        with open(at, 'wb') as f:
            f.write(data.encode() if isinstance(data, str) else data)
        return path if path.startswith('C:') else rf'C:\{path}'

    def twin(self, path, data):
        """A file whose name differs from that of another in its case alone."""
        folder, _, name = path.rpartition('\\')
        with open(os.path.join(self.find(folder), name), 'wb') as f:
            f.write(data)

    def read(self, path):
        with open(self.find(path), 'rb') as f:
            return f.read()

    def edit(self, path, old, new, more=''):
        text = self.read(path).decode()
        assert old in text, f'{path} has no {old!r}'
        self.put(path, text.replace(old, new) + more)

    def remove(self, path):
        at = self.find(path)
        shutil.rmtree(at) if os.path.isdir(at) else os.unlink(at)

    def folder(self, path):
        at = self.find(path)
        os.makedirs(at, exist_ok=True)
        return at

    def stream(self, path, name, data):
        os.setxattr(self.find(path), f'user.{name}', data.encode() if isinstance(data, str) else data)

    def access(self, path, *entries):
        """The access list of a file or folder, its entries as access_lists.py takes them."""
        os.setxattr(self.find(path), 'system.ntfs_acl', access_lists.descriptor(entries, access_lists.ADMINISTRATORS))

    def usual_access(self, folder):
        """The access lists that Windows gives what lies below Program Files, for `folder` and all below it."""
        at = self.find(folder)
        for inside, folders, files in os.walk(at):
            for path in [inside, *(os.path.join(inside, name) for name in files)]:
                os.setxattr(path, 'system.ntfs_acl', access_lists.OF_WINDOWS[os.path.isdir(path)])

    def access_of_key(self, hive, key, *entries):
        """The access list of a key alone, in a security cell of its own (hivex writes none)."""
        new = access_lists.descriptor(entries, access_lists.ADMINISTRATORS)
        cell = b'sk\0\0' + bytes(12) + struct.pack('<I', len(new)) + new
        with self.hive(hive) as h:
            h.key(key)
            # A value's data is a cell, which becomes the security cell.
            h.set('Spare', 'cell', BINARY, cell)
        path = self.find(rf'Windows\System32\config\{hive}')
        node = Hive(path).key(key)
        with open(path, 'r+b') as f:
            data = bytearray(f.read())
            nk = next(at for at in (node, node + 4) if data[at:at + 2] == b'nk')
            at = data.index(cell)
            old = struct.unpack_from('<I', data, nk + 44)[0]
            behind = struct.unpack_from('<I', data, old + 0x1008)[0]
            own = at - 0x1004
            struct.pack_into('<III', data, at + 4, behind, old, 1)
            struct.pack_into('<I', data, old + 0x1008, own)
            struct.pack_into('<I', data, behind + 0x100c, own)
            struct.pack_into('<I', data, nk + 44, own)
            f.seek(0)
            f.write(data)

    def junction(self, path, target):
        """An empty folder that leads to another one (IO_REPARSE_TAG_MOUNT_POINT)."""
        inside, shown = rf'\??\{target}'.encode('utf-16-le'), target.encode('utf-16-le')
        body = struct.pack('<4H', 0, len(inside), len(inside) + 2, len(shown)) + inside + b'\0\0' + shown + b'\0\0'
        os.setxattr(self.folder(path), 'system.ntfs_reparse_data', struct.pack('<IHH', 0xA0000003, len(body), 0) + body)

    # --- programs ---
    def trusted(self):
        """A program that the image's authority signed."""
        return self.read(r'Windows\System32\svchost.exe')

    def honest(self, path):
        """Puts a program of a trusted maker."""
        return self.put(path, self.trusted())

    def windows(self, *names):
        """Programs of Windows that the image lacks: signed, in System32."""
        for name in names:
            self.honest(rf'Windows\System32\{name}')

    def listed(self, name, path):
        """Puts a script that a catalog of Windows lists, and the catalog."""
        self.put(r'Windows\System32\CatRoot\{F750E6C3-38EE-11D1-85E5-00C04FC295EE}\listed.cat', script('listed.cat'))
        return self.put(path, script(name))

    def foreign(self, path, name=None):
        """Puts a program that nobody signed; the name in its version resource is that of the file or another."""
        return self.put(path, program(name or path.rpartition('\\')[2]))

    # --- hives ---
    @contextlib.contextmanager
    def hive(self, name):
        """A hive of config, ADMINISTRATOR, BCD, or one by its path, which is made of an empty one where it is not there."""
        path = PLACES.get(name, name if '\\' in name else rf'Windows\System32\config\{name}')
        at = self.find(path)
        if not os.path.exists(at):
            os.makedirs(os.path.dirname(at), exist_ok=True)
            regf.Hive().write(at, {}, name.rpartition('\\')[2])
        with tempfile.NamedTemporaryFile(dir=self.tmp) as copy:
            shutil.copyfile(at, copy.name)
            opened = Hive(copy.name)
            yield opened
            opened.h.commit(None)
            # The file keeps its record, its attributes and its short name.
            with open(copy.name, 'rb') as f, open(at, 'r+b') as g:
                shutil.copyfileobj(f, g)
                g.truncate()

    def value(self, hive, key, name, kind, data):
        with self.hive(hive) as h:
            h.set(key, name, kind, data)

    def system(self, *where):
        self.value('SYSTEM', *where)

    def software(self, *where):
        self.value('SOFTWARE', *where)

    def user(self, *where):
        self.value('ADMINISTRATOR', *where)

    def service(self, name, image, start=2, kind=0x10, account='LocalSystem'):
        with self.hive('SYSTEM') as h:
            key = rf'{SERVICES}\{name}'
            for value, type_, data in (('Type', DWORD, kind), ('Start', DWORD, start), ('ErrorControl', DWORD, 1), ('ImagePath', EXPAND, image)):
                h.set(key, value, type_, data)
            if kind & 0x30:
                h.set(key, 'ObjectName', SZ, account)

    def driver(self, name, image, start=1):
        self.service(name, image, start, 1)

    def com(self, clsid, library, hive='SOFTWARE', classes=r'Classes\CLSID'):
        self.value(hive, rf'{classes}\{clsid}\InprocServer32', '', SZ, library)

    def task(self, name, command='', arguments='', handler=None, in_file=None, security=True, index=3, file=True, folder=''):
        """A task as Windows 10 registers it, one that starts with the system: a program, or the handler of a class. `in_file` is the
        command of its file where that differs."""
        text = hives.counted
        if handler:
            action = struct.pack('<H', 0x7777) + text('') + uuid.UUID(handler).bytes_le + struct.pack('<I', 0)
            told = f'<ComHandler><ClassId>{handler}</ClassId></ComHandler>'
        else:
            action = struct.pack('<H', 0x6666) + b''.join(text(t) for t in ('', command, arguments, folder)) + struct.pack('<H', 0)
            plain = [t.replace('&', '&amp;').replace('<', '&lt;') for t in (in_file or command, arguments)]
            told = f'<Exec><Command>{plain[0]}</Command><Arguments>{plain[1]}</Arguments>' + (f'<WorkingDirectory>{folder}</WorkingDirectory>' if folder else '') + '</Exec>'
        guid = f'{{{uuid.uuid5(uuid.NAMESPACE_URL, name)}}}'.upper()
        with self.hive('SOFTWARE') as h:
            tree, entry = rf'{CACHE}\Tree{name}', rf'{CACHE}\Tasks\{guid}'
            h.set(tree, 'Id', SZ, guid)
            h.set(tree, 'Index', DWORD, index)
            if security:
                h.set(tree, 'SD', BINARY, regf.SECURITY)
            h.set(entry, 'Path', SZ, name)
            h.set(entry, 'Actions', BINARY, struct.pack('<H', 3) + text('Author') + action)
            h.set(rf'{CACHE}\Boot\{guid}', '', SZ, '')
        if file:
            xml = ('<?xml version="1.0" encoding="UTF-16"?><Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">'
                   f'<Triggers><BootTrigger/></Triggers><Actions Context="Author">{told}</Actions></Task>')
            self.put(rf'Windows\System32\Tasks{name}', b'\xff\xfe' + xml.encode('utf-16-le'))

    # --- the raw disk ---
    def poke(self, at, data):
        with open(self.path, 'r+b') as f:
            f.seek(at)
            f.write(data)

    def enlarge(self, size):
        os.truncate(self.path, size)

    def table(self, *partitions):
        """Writes the table anew: (start in MiB, length in MiB, whether it is active); the code before it stays."""
        with open(self.path, 'rb') as f:
            code = f.read(440)
        lines = ['label: dos', f'label-id: {SIGNATURE:#x}']
        lines += [f'start={start * 2048}, size={length * 2048}, type=7' + (', bootable' if active else '') for start, length, active in partitions]
        run('sfdisk', '-q', '--no-reread', '-w', 'never', self.path, stdin=('\n'.join(lines) + '\n').encode())
        self.poke(0, code)

    def second(self):
        """A second partition at 26 MiB with a copy of the volume; that one as a disk of its own."""
        self.close()
        self.enlarge(51 << 20)
        with open(self.path, 'rb') as f:
            f.seek(START)
            volume = f.read(LENGTH)
        self.poke(26 << 20, volume)
        self.table((1, 24, True), (26, 24, False))
        return Disk(self.path, 26 << 20)


def script(name):
    """A script of testdata/scripts, whose authority signed it or the catalog that lists it."""
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'scripts', name), 'rb') as f:
        return f.read()


def program(name, mark=None):
    """A PE image that nobody signed, with `name` in its version resource."""
    return signed.pe((1, 0, 0, 0), (mark or name).encode()[:400], 3, name)


def link(target=None, arguments='', comment='', items=None, variables=None):
    """A shell link (MS-SHLLINK): to a path of the local disk, or to what a list of items leads to; with variables in a block of its own."""
    flags, body = 0x80, b''
    if items:
        flags |= 1
        item = items.encode('utf-16-le') + b'\0\0'
        ids = struct.pack('<HBB', len(item) + 4, 0x32, 0) + item
        if variables:
            # The computer, its drive, and a name for each folder, as Explorer writes them.
            drive, *names = items.split('\\')
            parts = [b'\x1f\x50' + COMPUTER.bytes_le, b'\x2f' + f'{drive}\\'.encode().ljust(22, b'\0')] + [b'\x36' + bytes(11) + wide(name) for name in names]
            ids = b''.join(struct.pack('<H', len(part) + 2) + part for part in parts)
        ids += b'\0\0'
        body += struct.pack('<H', len(ids)) + ids
    if target:
        flags |= 2
        path = target.encode() + b'\0'
        volume = struct.pack('<4I', 17, 3, 0, 16) + b'\0'
        body += struct.pack('<7I', 46 + len(path), 28, 1, 28, 45, 0, 45 + len(path)) + volume + path + b'\0'
    for bit, text in ((4, comment), (0x20, arguments)):
        if text:
            flags |= bit
            body += struct.pack('<H', len(text)) + text.encode('utf-16-le')
    if variables:
        flags |= 0x200
        body += struct.pack('<II', 0x314, 0xA0000001) + variables.encode().ljust(260, b'\0') + variables.encode('utf-16-le').ljust(520, b'\0')
    return struct.pack('<I16sII', 0x4C, LINK, flags, 0x20).ljust(76, b'\0') + body + bytes(4)


def authority(name='Corp Root'):
    """A certificate of an authority that nobody knows: its key in a store, and the value there."""
    with tempfile.TemporaryDirectory() as tmp:
        der = f'{tmp}/ca.der'
        run('openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', f'{tmp}/key', '-outform', 'DER',
            '-out', der, '-days', '3650', '-subj', f'/CN={name}')
        with open(der, 'rb') as f:
            data = f.read()
    return hashlib.sha1(data).hexdigest().upper(), struct.pack('<III', 32, 1, len(data)) + data


def pending(*pairs):
    """The data of PendingFileRenameOperations: pairs of what is moved and where to; an empty second deletes."""
    return b''.join(wide(text) for pair in pairs for text in pair) + b'\0\0'


class Change:
    """One change: what it does and why that works, the check that has to turn, a text that its evidence has to hold, and the recipe."""

    def __init__(self, why, check, place, make):
        self.why, self.check, self.place, self.make = ' '.join(why.split()), check, place, make


class Changes(dict):
    """The changes of an area by their names. An honest one has no place; its check, if any, is one that may warn."""

    def __call__(self, check=None, place=None):
        """Takes a function as a change; its docstring says why."""
        def add(f):
            self.row(f.__name__.replace('_', '-'), f.__doc__, check, place, f)
            return f
        return add

    def row(self, name, why, check, place, make):
        assert name not in self and why and (check or not place), name
        self[name] = Change(why, check, place, make)
