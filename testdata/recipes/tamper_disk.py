"""A raw Linux disk that recipes change without mounting it: its ext root by debugfs, its EFI system partition by mtools.

Needs: e2fsprogs gdisk mtools openssl sbsigntool lz4 xz-utils zstd gzip.
"""
import os
import re
import struct
import subprocess
import tempfile

ESP = 1 << 20
os.environ['MTOOLS_SKIP_CHECK'] = '1'
MARK = b'~Module signature appended~\n'


def run(*args, stdin=None, codes=(0,)):
    done = subprocess.run(args, input=stdin, capture_output=True)
    if done.returncode not in codes:
        raise SystemExit(f'{args}: exit {done.returncode}: {done.stderr.decode(errors="replace")[:500]}')
    return done.stdout


class Disk:
    """A disk with an EFI system partition at 1 MiB and an ext4 root behind it, or such a root alone."""

    def __init__(self, path):
        self.path = path
        with open(path, 'rb') as f:
            f.seek(512)
            table = f.read(8) == b'EFI PART'
            f.seek(1024 + 128)  # the second entry of the GPT: first sector at 32
            self.root = struct.unpack_from('<Q', f.read(128), 32)[0] * 512 if table else 0
        self.device = f'{path}?offset={self.root}'
        self.tmp = tempfile.mkdtemp()
        kernel = [n for n in self.names('/boot') if n.startswith('vmlinuz-')][-1]
        self.version = kernel.removeprefix('vmlinuz-')
        self.kernel, self.initrd = f'/boot/{kernel}', f'/boot/initrd.img-{self.version}'
        self.modules = f'/usr/lib/modules/{self.version}'
        self.cfg = '/boot/grub/grub.cfg'

    def debugfs(self, command):
        return run('debugfs', '-R', command, self.device)

    def write(self, *commands):
        out = subprocess.run(['debugfs', '-w', '-f', '/dev/stdin', self.device], input='\n'.join(commands).encode() + b'\n',
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT).stdout.decode()
        bad = [l for l in out.splitlines() if l and not re.match(r'debugfs( \d|:)|Allocated inode', l)]
        if bad:
            raise SystemExit(f'debugfs: {bad[:3]}')

    def names(self, path):
        out = self.debugfs(f'ls -p {path}').decode(errors='replace')
        rows = [l.split('/') for l in out.splitlines() if l.startswith('/')]
        return sorted(r[5] for r in rows if len(r) > 6 and r[5] not in ('.', '..', ''))

    def there(self, path):
        return b'Inode:' in self.debugfs(f'stat {path}')

    def read(self, path):
        return self.debugfs(f'cat {path}')

    def put(self, path, data, mode=0o644):
        if isinstance(data, str):
            data = data.encode()
        new = f'{self.tmp}/new'
        with open(new, 'wb') as f:
            f.write(data)
        commands, parts = [], path.strip('/').split('/')
        for i in range(1, len(parts)):
            folder = '/' + '/'.join(parts[:i])
            if not self.there(folder):
                commands.append(f'mkdir {folder}')
        if self.there(path):
            commands.append(f'rm {path}')
        self.write(*commands, f'write {new} {path}', f'sif {path} mode 0{0o100000 | mode:o}', f'sif {path} uid 0', f'sif {path} gid 0')
        return path

    def flip(self, path, at=None):
        data = bytearray(self.read(path))
        data[len(data) // 2 if at is None else at] ^= 1
        return self.put(path, bytes(data))

    def append(self, path, text):
        """Appends lines; the path and the number of the first."""
        old = self.read(path).decode() if self.there(path) else ''
        self.put(path, old + text)
        return path, old.count('\n') + 1

    def esp(self, name, change):
        """Changes a file of the EFI system partition."""
        image = f'{self.path}@@{ESP}'
        data = subprocess.run(['mtype', '-i', image, f'::{name}'], capture_output=True).stdout
        run('mcopy', '-o', '-i', image, '-', f'::{name}', stdin=change(data))
        return f'/boot/efi{name}'

    def argument(self, text, entry=0):
        """Puts an argument on the command line of an entry; the file and the line of the entry."""
        lines = self.read(self.cfg).decode().splitlines(keepends=True)
        entries = [i for i, l in enumerate(lines) if re.match(r'\s*menuentry ', l)]
        at = next(i for i in range(entries[entry], len(lines)) if re.match(r'\s*linux\s', lines[i]))
        lines[at] = lines[at].rstrip('\n') + f' {text}\n'
        self.put(self.cfg, ''.join(lines), 0o600)
        return self.cfg, entries[entry] + 1

    def module(self, name='kernel/fs/fat/fat'):
        """A module of the kernel: path and ELF."""
        for ending, unpack in (('.ko', None), ('.ko.xz', ['xz', '-dc']), ('.ko.zst', ['zstd', '-dcq'])):
            path = f'{self.modules}/{name}{ending}'
            if self.there(path):
                data = self.read(path)
                return path, run(*unpack, stdin=data) if unpack else data
        raise SystemExit(f'no module {name}')

    def put_module(self, path, data):
        if path.endswith('.xz'):
            data = run('xz', '-c', '--check=crc32', stdin=data)
        if path.endswith('.zst'):
            data = run('zstd', '-cq', stdin=data)
        return self.put(path, data)

    def md5sums(self, path):
        """Makes the package's record fit what now is at `path`."""
        import hashlib
        bare = path.removeprefix('/usr').lstrip('/')
        package = f'linux-image-{self.version}'
        record = f'/var/lib/dpkg/info/{package}.md5sums'
        new = hashlib.md5(self.read(path)).hexdigest()
        text = self.read(record).decode()
        done = re.sub(rf'^[0-9a-f]{{32}}(  (?:usr/)?{re.escape(bare)})$', new + r'\1', text, flags=re.M)
        assert done != text, f'{record} has no {bare}'
        self.put(record, done)

    def key(self):
        run('openssl', 'req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=somebody else', '-days', '3650',
            '-keyout', f'{self.tmp}/key.pem', '-out', f'{self.tmp}/cert.pem')
        return f'{self.tmp}/key.pem', f'{self.tmp}/cert.pem'

    def unsigned_kernel(self, data=None):
        path = f'{self.tmp}/kernel'
        with open(path, 'wb') as f:
            f.write(self.read(self.kernel) if data is None else data)
        for _ in range(3):  # as many signatures as there may be; it fails where none is left
            subprocess.run(['sbattach', '--remove', path], capture_output=True)
        return path

    def initramfs(self, change):
        """Unpacks the last archive of the initramfs, changes its list of (head, name, data), packs it again."""
        data = self.read(self.initrd)
        at = 0
        if data[:6] == b'070701':  # an early archive stands before
            end = data.index(b'TRAILER!!!') + 11
            at = next(i for i in range((end + 3) & ~3, len(data), 4) if data[i])
        early, packed = data[:at], data[at:]
        for magic, un, again in ((b'\x1f\x8b', ['gzip', '-dc'], ['gzip', '-1c']), (b'\x28\xb5\x2f\xfd', ['zstd', '-dcq'], ['zstd', '-1cq'])):
            if packed.startswith(magic):
                plain = run(*un, stdin=packed)
                return self.put(self.initrd, early + run(*again, stdin=cpio(change(members(plain)))))
        raise SystemExit(f'initramfs packed by {packed[:6].hex()}')

    # --- single steps for recipes of systems ---
    def add(self, path, text):
        """Appends lines and keeps the mode; the path and the number of the last line."""
        old, mode = (self.read(path).decode(), self.mode(path)) if self.there(path) else ('', 0o644)
        self.put(path, old + text, mode)
        return path, (old + text).count('\n')

    def link(self, path, target):
        self.put(path, '')
        self.write(f'rm {path}', f'symlink {path} {target}')
        return path

    def remove(self, *paths):
        self.write(*(f'rm {p}' for p in paths))

    def field(self, path, **fields):
        """Sets fields of an inode: mode, uid, gid, flags, links_count."""
        self.write(*(f'sif {path} {k} {v}' for k, v in fields.items()))
        return path

    def mode(self, path):
        return int(re.search(rb'Mode:\s+([0-7]+)', self.debugfs(f'stat {path}'))[1], 8)

    def edit(self, path, old, new):
        """Puts `new` in the place of the one `old` of a text; the path and the line where `new` begins."""
        text = self.read(path).decode()
        assert text.count(old) == 1, f'{path} has {text.count(old)} times {old!r}'
        self.put(path, text.replace(old, new), self.mode(path))
        return path, text[:text.index(old)].count('\n') + 1

    def unit(self, name, text, target='multi-user.target'):
        """A unit of systemd that `target` wants. Only links count in a .wants folder (systemd.unit(5))."""
        path = self.put(f'/etc/systemd/system/{name}', text)
        self.link(f'/etc/systemd/system/{target}.wants/{name}', path)
        return path

    def once(self, command, name='x.service'):
        """A unit that runs a command at boot; the path and the line of the command."""
        return self.unit(name, f'[Unit]\nDescription=x\n[Service]\nType=oneshot\nExecStart={command}\n'), 5

    def file_system(self, files, mib=16, label='data', uuid='11111111-2222-4333-8444-555555555555'):
        """An ext4 file system with `files`, a dictionary of path and content."""
        folder = tempfile.mkdtemp(dir=self.tmp)
        for path, data in files.items():
            os.makedirs(os.path.dirname(f'{folder}{path}'), exist_ok=True)
            with open(f'{folder}{path}', 'wb') as f:
                f.write(data.encode() if isinstance(data, str) else data)
        image = f'{folder}.img'
        run('mke2fs', '-q', '-t', 'ext4', '-U', uuid, '-L', label, '-d', folder, image, f'{mib}M')
        with open(image, 'rb') as f:
            return f.read()

    def fat(self, files, mib=40):
        """A FAT32 file system with `files`."""
        image = f'{self.tmp}/fat.img'
        with open(image, 'wb') as f:
            f.truncate(mib << 20)
        run('mkfs.fat', '-F', '32', '--invariant', image)
        for path, data in files.items():
            self.fat_put(image, path, data)
        with open(image, 'rb') as f:
            return f.read()

    def partition(self, code, name, data):
        """Makes the disk longer by a third partition that holds `data`."""
        size = os.path.getsize(self.path)
        with open(self.path, 'r+b') as f:
            f.truncate(size + len(data) + (2 << 20))
        run('sgdisk', '-e', '-a', '2048', '-n', f'3:{size // 512}:+{len(data) >> 20}M', '-t', f'3:{code}', '-c', f'3:{name}', self.path)
        with open(self.path, 'r+b') as f:
            f.seek(size)
            f.write(data)

    def fat_put(self, image, path, data):
        parts = path.strip('/').split('/')
        for i in range(1, len(parts)):
            subprocess.run(['mmd', '-D', 's', '-i', image, '::/' + '/'.join(parts[:i])], capture_output=True)
        run('mcopy', '-o', '-i', image, '-', f'::{path}', stdin=data.encode() if isinstance(data, str) else data)

    def esp_put(self, path, data):
        """Puts a file on the EFI system partition; its path in the system."""
        self.fat_put(f'{self.path}@@{ESP}', path, data)
        return f'/boot/efi{path}'

    def esp_read(self, path):
        return run('mtype', '-i', f'{self.path}@@{ESP}', f'::{path}')

    def esp_remove(self, path):
        run('mdel', '-i', f'{self.path}@@{ESP}', f'::{path}')

    def program(self):
        """An EFI program that nobody signed."""
        return self.read('/usr/lib/grub/x86_64-efi/monolithic/grubx64.efi')

    def environment(self, **values):
        """Sets variables in GRUB's environment block, which is 1,024 bytes long (grub-editenv(1))."""
        text = '# GRUB Environment Block\n' + ''.join(f'{k}={v}\n' for k, v in values.items())
        return self.put('/boot/grub/grubenv', text.ljust(1024, '#'))


def members(data):
    at, out = 0, []
    while data[at:at + 6] == b'070701':
        fields = [int(data[at + 6 + i * 8:at + 14 + i * 8], 16) for i in range(13)]
        size, length = fields[6], fields[11]
        name = data[at + 110:at + 110 + length - 1]
        start = (at + 110 + length + 3) & ~3
        at = (start + size + 3) & ~3
        if name == b'TRAILER!!!':
            break
        out.append((fields, name, data[start:start + size]))
    return out


def cpio(items):
    out = bytearray()
    def one(fields, name, data):
        fields = list(fields)
        fields[6], fields[11] = len(data), len(name) + 1
        out.extend(b'070701' + b''.join(b'%08X' % f for f in fields) + name + b'\0')
        out.extend(b'\0' * (-len(out) % 4) + data)
        out.extend(b'\0' * (-len(out) % 4))
    for item in items:
        one(*item)
    one([0] * 4 + [1] + [0] * 8, b'TRAILER!!!', b'')
    return bytes(out) + b'\0' * (-len(out) % 512)


def new_file(name, data, mode=0o100755):
    return ([9999, mode, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0], name.encode(), data)


class Recipes(dict):
    """Recipes by name. Each changes a disk and returns its expectation: the check that has to name a place, and the place, a path with or
    without a line."""

    def __init__(self, base='debian'):
        super().__init__()
        self.base = base
        self.bases = {}

    def __call__(self, f):
        self[f.__name__.replace('_', '-')] = f
        return f

    def on(self, base):
        """A recipe for another disk than the plain one."""
        def add(f):
            self.bases[f.__name__.replace('_', '-')] = base
            return self(f)
        return add

    def base_of(self, name):
        return self.bases.get(name, self.base)

    def file(self, name, check, path, data, mode=0o644, line=None):
        """A recipe that plants one file. `{V}` stands for the kernel's version, `{M}` for the folder of its modules."""
        def f(d):
            def fill(text):
                return text.replace('{V}', d.version).replace('{M}', d.modules) if isinstance(text, str) else text
            return (check, d.put(fill(path), fill(data), mode), line)
        self[name] = f

    def append(self, name, check, path, text):
        """A recipe that adds lines to a file; the last of them is the place."""
        self[name] = lambda d: (check, *d.add(path, text))

    def argument(self, name, text, check='LNX-KERNEL-013'):
        self[name] = lambda d: (check, *d.argument(text))


def unsigned(elf):
    """The module without its signature."""
    if not elf.endswith(MARK):
        return elf
    return elf[:-40 - struct.unpack('>I', elf[-32:-28])[0]]
