#!/usr/bin/python3
"""Small images whose reading would take for ever, or all memory, if nothing bounded it.

    bombs.py --list
    bombs.py NAME OUT       makes OUT/NAME.img (or .qcow2, .deb) and prints the arguments that imgscan takes it with

Most are the Linux or Windows demonstration with one change; folders of any number of names are made by turning a file into
a folder, for the names need no inodes of their own. All is sparse: an image of petabytes takes kilobytes.
Needs root, and: dosfstools e2fsprogs gdisk ntfs-3g qemu-utils xz-utils zstd python3-hivex.
"""
import gzip
import os
import shutil
import struct
import subprocess
import sys
import tempfile

here = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, here)
DEMO = os.path.join(here, '..', 'demo')
KVER = '6.1.0-99-demo-amd64'
BOMBS = {}


def run(*args, stdin=None, env=None):
    done = subprocess.run(args, input=stdin, capture_output=True, env={**os.environ, **(env or {})})
    if done.returncode:
        raise SystemExit(f'{args}: exit {done.returncode}: {done.stderr.decode(errors="replace")[:500]}')
    return done.stdout


def bomb(make):
    """`make(name, out)` writes the image and returns the arguments of imgscan."""
    BOMBS[make.__name__.replace('_', '-')] = make
    return make


# --- Linux ---
class Linux:
    """The tree of the Linux demonstration, and the disk that is made of it."""

    def __init__(self):
        self.tmp = tempfile.mkdtemp(dir=os.environ.get('WORK'))
        self.raw, self.tree = f'{self.tmp}/raw', f'{self.tmp}/tree'
        run('qemu-img', 'convert', '-O', 'raw', f'{DEMO}/clean-linux.qcow2', self.raw)
        with open(self.raw, 'rb') as f:
            f.seek(1024 + 128 + 32)
            self.start = struct.unpack('<Q', f.read(8))[0]
        os.mkdir(self.tree)
        run('debugfs', '-R', f'rdump / {self.tree}', f'{self.raw}?offset={self.start * 512}')
        self.folders = []

    def at(self, path):
        full = self.tree + path
        os.makedirs(os.path.dirname(full), exist_ok=True)
        return full

    def put(self, path, data):
        with open(self.at(path), 'wb') as f:
            f.write(data.encode() if isinstance(data, str) else data)

    def append(self, path, data):
        with open(self.at(path), 'ab') as f:
            f.write(data.encode() if isinstance(data, str) else data)

    def sparse(self, path, size, head=b''):
        self.put(path, head)
        os.truncate(self.at(path), size)

    def grub(self, text):
        self.append('/boot/grub/grub.cfg', text)

    def folder(self, path, names, target='/etc/hostname'):
        """A folder without index whose names are all of one file."""
        size = sum((8 + len(n) + 3) // 4 * 4 for n in names)
        self.folders.append((path, names, target))
        if os.path.isdir(self.at(path)):
            shutil.rmtree(self.at(path))
        self.sparse(path, -(-size // 4000) * 4096 + 4096 * 2)

    def disk(self, out, gib=4):
        """Writes the disk: the demonstration's table and EFI system partition, the root grown to `gib` GiB."""
        image = f'{out}.img'
        shutil.copyfile(self.raw, image)
        os.truncate(image, (gib << 30) + (64 << 20))
        guid = next(l.split(': ')[1] for l in run('sgdisk', '-i', '2', image).decode().splitlines() if l.startswith('Partition unique GUID'))
        run('sgdisk', '-e', '-d', '2', '-n', f'2:{self.start}:+{gib}G', '-u', f'2:{guid}', image)
        super_block = run('dumpe2fs', '-h', f'{self.raw}?offset={self.start * 512}').decode()
        uuid = next(l.split()[-1] for l in super_block.splitlines() if 'UUID' in l)
        run('mke2fs', '-q', '-F', '-t', 'ext4', '-O', '^metadata_csum', '-N', '65536', '-U', uuid, '-d', self.tree, '-E', f'offset={self.start * 512}',
            image, f'{gib << 20}k')
        device = f'{image}?offset={self.start * 512}'
        for path, names, target in self.folders:
            inode = lambda p: int(run('debugfs', '-R', f'stat {p}', device).split()[1])
            own, above, named = inode(path), inode(os.path.dirname(path) or '/'), inode(target)
            blocks = entries([(b'.', own, 2), (b'..', above, 2)] + [(n.encode(), named, 1) for n in names])
            data = f'{self.tmp}/names'
            with open(data, 'wb') as f:
                f.write(blocks)
            run('debugfs', '-w', '-f', '/dev/stdin', device, stdin=f'rm {path}\nwrite {data} {path}\nsif {path} mode 040755\nsif {path} links_count 2\n'.encode())
            assert inode(path) == own, 'the folder has another inode'
        run('rm', '-rf', self.tmp)
        return ['--trust', f'{DEMO}/linux-ca.der', image]


def entries(rows):
    """Blocks of an ext folder (ext4_dir_entry_2: inode, rec_len, name_len, file_type) of 4,096 bytes."""
    out, block, last = bytearray(), bytearray(), 0
    for name, inode, kind in rows:
        size = (8 + len(name) + 3) // 4 * 4
        if len(block) + size > 4096:
            struct.pack_into('<H', block, last + 4, 4096 - last)
            out += block.ljust(4096, b'\0')
            block = bytearray()
        last = len(block)
        block += struct.pack('<IHBB', inode, size, len(name), kind) + name.ljust(size - 8, b'\0')
    struct.pack_into('<H', block, last + 4, 4096 - last)
    return bytes(out + block.ljust(4096, b'\0'))


def linux(change):
    """A bomb that changes the tree of the Linux demonstration; a number it returns is the size of the root in GiB."""
    def make(name, out):
        system = Linux()
        return ['scan', *system.disk(os.path.join(out, name), change(system) or 4)]
    make.__name__ = change.__name__
    return bomb(make)


def scripts(name, text):
    def change(l):
        l.grub(text)
    change.__name__ = name
    linux(change)


scripts('grub_doubling', 'x=aaaaaaaa\n' + 'x=$x$x\n' * 60 + 'set y=$x\n')
scripts('grub_nesting', 'if true; then\n' * 100_000 + 'fi\n' * 100_000)
scripts('grub_loop', 'while true; do x=1; done\n')
scripts('grub_loops_in_loops', ''.join(f'for v{i} in {" ".join(str(n) for n in range(50))}; do ' for i in range(8)) + 'set x=$v7; ' + 'done; ' * 8 + '\n')
scripts('grub_recursion', 'function f { f; f; }\nf\n')
scripts('grub_source_itself', 'source /boot/grub/grub.cfg\nsource /boot/grub/grub.cfg\n')
scripts('grub_menu', ''.join(f"menuentry 'e{n}' {{ linux /boot/vmlinuz-{KVER} root=/dev/vda2\n}}\n" for n in range(200_000)))
scripts('grub_submenus', "submenu 'a' {\n" * 5_000 + '}\n' * 5_000)
scripts('grub_long_line', 'set x=' + 'a' * (30 << 20) + '\n')
scripts('grub_words', 'set x="' + '$y' * 5_000_000 + '"\n')


@linux
def shell_doubling(l):
    l.put('/etc/profile.d/x.sh', 'x=aaaaaaaa\n' + 'x=$x$x\n' * 60 + 'eval $x\n')
    l.put('/etc/rc.local', '#!/bin/sh\nx=aaaaaaaa\n' + 'x=$x$x\n' * 60 + 'exec $x\n')
    os.chmod(l.at('/etc/rc.local'), 0o755)


@linux
def shell_nesting(l):
    l.put('/etc/rc.local', '#!/bin/sh\n' + 'if true; then\n' * 100_000 + '$(' * 100_000 + '\n')
    os.chmod(l.at('/etc/rc.local'), 0o755)


def million(name, path, ending='', count=1_000_000, target='/etc/hostname'):
    def change(l):
        l.folder(path, [f'{n:07}{ending}' for n in range(count)], target)
    change.__name__ = name
    linux(change)


million('folder_of_a_million', '/srv/data')
million('folder_of_wants', '/etc/systemd/system/multi-user.target.wants', '.service', target='/usr/lib/systemd/system/cron.service')
million('folder_of_units', '/etc/systemd/system/basic.target.wants', '.service', target='/usr/lib/systemd/system/cron.service')
million('folder_of_cron', '/etc/cron.d', count=64_000)
million('folder_of_profiles', '/etc/profile.d', '.sh')
million('folder_of_rules', '/etc/udev/rules.d', '.rules')
million('folder_of_modprobe', '/etc/modprobe.d', '.conf')
million('folder_of_entries', '/boot/loader/entries', '.conf')
million('folder_of_info', '/var/lib/dpkg/info', '.list', target='/var/lib/dpkg/status')
million('folder_of_modules', f'/usr/lib/modules/{KVER}/extra', '.ko', target=f'/boot/vmlinuz-{KVER}')
million('folder_of_users', '/var/spool/cron/crontabs')
million('folder_of_boot', '/boot/old', target=f'/boot/vmlinuz-{KVER}')


@linux
def folder_in_itself(l):
    l.folder('/srv/a', [f'{n}' for n in range(100)], '/srv')


@linux
def folders_deep(l):
    at = l.tree + '/srv'
    os.makedirs(at)
    here_ = os.getcwd()
    os.chdir(at)
    for n in range(1_000):
        os.mkdir('d')
        os.chdir('d')
    os.chdir(here_)


@linux
def links_in_a_chain(l):
    for n in range(30_000):
        os.symlink(f'l{n + 1}', l.at(f'/srv/l{n}'))
    os.remove(l.at('/etc/resolv.conf'))
    os.symlink('/srv/l0', l.at('/etc/resolv.conf'))


@linux
def modules_sparse(l):
    for n in range(300):
        l.sparse(f'/usr/lib/modules/{KVER}/kernel/m{n}.ko', 63 << 20, b'\x7fELF\x02\x01\x01')
    return 24


@linux
def modules_packed(l):
    data = run('zstd', '-19', '-cq', stdin=b'\x7fELF\x02\x01\x01' + bytes(255 << 20))
    for n in range(100):
        l.put(f'/usr/lib/modules/{KVER}/kernel/m{n}.ko.zst', data)


@linux
def module_of_gigabytes(l):
    zeros = run('bash', '-c', 'head -c 20G /dev/zero | zstd -1 -cq')
    for n in range(40):
        l.put(f'/usr/lib/modules/{KVER}/kernel/m{n}.ko.zst', zeros)


@linux
def package_lists_in_one(l):
    text = ''.join(f'/usr/share/doc/a/{n}\n' for n in range(300_000))
    l.put('/var/lib/dpkg/info/a.list', text)
    for n in range(600):
        os.link(l.at('/var/lib/dpkg/info/a.list'), l.at(f'/var/lib/dpkg/info/a{n}.list'))
        l.append('/var/lib/dpkg/status', f'Package: a{n}\nStatus: install ok installed\nVersion: 1\nArchitecture: amd64\nMaintainer: x\nDescription: x\n\n')


@linux
def packages(l):
    l.append('/var/lib/dpkg/status', ''.join(f'Package: a{n}\nStatus: install ok installed\nVersion: 1\nArchitecture: amd64\nMaintainer: x\nDescription: x\n\n'
                                             for n in range(1_000_000)))


@linux
def accounts(l):
    l.append('/etc/passwd', ''.join(f'u{n}:x:{n + 1000}:{n + 1000}::/home/u{n}:/bin/bash\n' for n in range(200_000)))
    l.append('/etc/shadow', ''.join(f'u{n}:*:19675:0:99999:7:::\n' for n in range(200_000)))
    l.append('/etc/group', ''.join(f'u{n}:x:{n + 1000}:\n' for n in range(200_000)))


@linux
def groups(l):
    members = ','.join(f'u{n}' for n in range(5_000))
    l.append('/etc/passwd', ''.join(f'u{n}:x:{n + 1000}:{n + 1000}::/home/u{n}:/bin/bash\n' for n in range(5_000)))
    l.append('/etc/group', ''.join(f'g{n}:x:{n + 1000}:{members}\n' for n in range(1_500)))


def sparse_file(name, path, size, head=b''):
    def change(l):
        l.sparse(path, size, head)
        return 4
    change.__name__ = name
    linux(change)


sparse_file('passwd_of_terabytes', '/etc/passwd', 1 << 40, b'root:x:0:0:root:/root:/bin/bash\n')
sparse_file('status_of_terabytes', '/var/lib/dpkg/status', 1 << 40)
sparse_file('wtmp_of_terabytes', '/var/log/wtmp', 1 << 40)
sparse_file('keys_of_gigabytes', '/root/.ssh/authorized_keys', 8 << 30, b'ssh-rsa AAAA x\n')
sparse_file('grub_of_gigabytes', '/boot/grub/grub.cfg', 8 << 30)
sparse_file('fstab_of_gigabytes', '/etc/fstab', 8 << 30)
sparse_file('crontab_of_gigabytes', '/etc/crontab', 8 << 30)
sparse_file('initramfs_of_gigabytes', f'/boot/initrd.img-{KVER}', 64 << 30, b'070701')
sparse_file('rpmdb_of_terabytes', '/usr/lib/sysimage/rpm/rpmdb.sqlite', 1 << 40, b'SQLite format 3\0\x10\0\1\1\0\x40\x20\x20')
sparse_file('journal_of_gigabytes', '/var/log/journal/x/system.journal', 64 << 30, b'LPKSHHRH')


@linux
def files_sparse_in_home(l):
    for n in range(2_000):
        l.sparse(f'/root/f{n}', 1 << 40)


@linux
def package_files_sparse(l):
    l.append('/var/lib/dpkg/status', 'Package: a\nStatus: install ok installed\nVersion: 1\nArchitecture: amd64\nMaintainer: x\nDescription: x\n\n')
    for n in range(200):
        l.sparse(f'/usr/share/a/f{n}', 1 << 28)
    l.put('/var/lib/dpkg/info/a.list', '/.\n' + ''.join(f'/usr/share/a/f{n}\n' for n in range(200)))
    l.put('/var/lib/dpkg/info/a.md5sums', ''.join(f'{0:032x}  usr/share/a/f{n}\n' for n in range(200)))


def initrd(name, data):
    def change(l):
        l.append(f'/boot/initrd.img-{KVER}', data())
    change.__name__ = name
    linux(change)


initrd('initramfs_zeros_behind', lambda: run('bash', '-c', 'head -c 20G /dev/zero | zstd -1 -cq'))
initrd('initramfs_zeros_in_gzip', lambda: gzip.compress(bytes(1 << 30)) * 8)
initrd('initramfs_in_a_hundred_parts', lambda: gzip.compress(bytes(64 << 20)) * 200)


def member(name, data=b'', mode=0o100644, inode=7):
    name = name.encode() + b'\0'
    head = b'070701' + b''.join(b'%08X' % f for f in (inode, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(name), 0)) + name
    return head + bytes(-len(head) % 4) + data + bytes(-len(data) % 4)


initrd('initramfs_of_members', lambda: run('zstd', '-3', '-cq', stdin=b''.join(member(f'f{n}') for n in range(2_000_000)) + member('TRAILER!!!')))
initrd('initramfs_of_one_script', lambda: run('zstd', '-3', '-cq', stdin=b''.join(member(f'scripts/init-top/f{n}', b'#!/bin/sh\n. /scripts/init-top/f0\n' * 50, 0o100755)
                                                                                 for n in range(20_000)) + member('TRAILER!!!')))


@linux
def kernels(l):
    with open(l.at(f'/boot/vmlinuz-{KVER}'), 'rb') as f:
        head = f.read(4096)
    for n in range(31):
        l.sparse(f'/boot/vmlinuz-6.1.{n}', 255 << 20, head)
        l.grub(f"menuentry 'k{n}' {{ linux /boot/vmlinuz-6.1.{n} root=/dev/vda2\n}}\n")
    return 12


@linux
def sudoers_of_themselves(l):
    l.put('/etc/sudoers', '@includedir /etc/sudoers.d\n' * 1_000)
    for n in range(1_000):
        l.put(f'/etc/sudoers.d/x{n}', '@includedir /etc/sudoers.d\n@include /etc/sudoers\n')


@linux
def sshd_of_itself(l):
    l.append('/etc/ssh/sshd_config', 'Include /etc/ssh/*\n' * 1_000)
    for n in range(100):
        l.put(f'/etc/ssh/x{n}.conf', 'Include /etc/ssh/*\n' * 100)


@linux
def lines_of_fstab(l):
    l.append('/etc/fstab', ''.join(f'/dev/vdb{n} /mnt/{n} ext4 defaults 0 0\n' for n in range(300_000)))


@linux
def units_in_order(l):
    for n in range(10_000):
        l.put(f'/etc/systemd/system/u{n}.service', f'[Unit]\nWants=u{(n + 1) % 10_000}.service u{(n * 7) % 10_000}.service\nAfter=u{(n + 1) % 10_000}.service\n'
              '[Service]\nExecStart=/usr/bin/cloud-init\n')
    os.symlink('/etc/systemd/system/u0.service', l.at('/etc/systemd/system/multi-user.target.wants/u0.service'))


@linux
def units_of_drop_ins(l):
    for n in range(300):
        l.put(f'/etc/systemd/system/cron.service.d/{n}.conf', '[Service]\nEnvironment=A=' + 'b' * 60_000 + '\n')


@linux
def specifiers(l):
    l.put('/etc/systemd/system/cron.service.d/x.conf', '[Service]\nExecStartPre=/bin/sh ' + '%n' * 400_000 + '\n')


# --- containers and tables ---
@bomb
def qcow2_of_terabytes(name, out):
    run('qemu-img', 'create', '-q', '-f', 'qcow2', '-o', 'cluster_size=2M', f'{out}/{name}.qcow2', '15T')
    return ['scan', f'{out}/{name}.qcow2']


@bomb
def qcow2_that_unpacks(name, out):
    """Every cluster of a disk is the one compressed cluster, of 2 MiB."""
    import zlib
    bits, size, base = 21, 64 << 40, 1 << 21
    l1 = -(-size // (base * base // 8))
    squeeze = zlib.compressobj(9, wbits=-12)
    packed = squeeze.compress(bytes(base)) + squeeze.flush()
    head = struct.pack('>4sIQIIQIIQQIIQ', b'QFI\xfb', 2, 0, 0, bits, size, 0, l1, base, base * 3, 1, 0, 0)
    shift = 62 - (bits - 8)
    entry = 1 << 62 | (-(-len(packed) // 512) - 1) << shift | base * 4
    with open(f'{out}/{name}.qcow2', 'wb') as f:
        f.write(head.ljust(base, b'\0') + struct.pack('>Q', base * 2 | 1 << 63) * l1)
        f.seek(base * 2)
        f.write(struct.pack('>Q', entry) * (base // 8))
        f.seek(base * 4)
        f.write(packed.ljust(4096, b'\0'))
    return ['scan', f'{out}/{name}.qcow2']


@bomb
def qcow2_on_itself(name, out):
    path = f'{out}/{name}.qcow2'
    run('qemu-img', 'create', '-q', '-f', 'qcow2', path, '1G')
    run('qemu-img', 'rebase', '-u', '-F', 'qcow2', '-b', f'{name}.qcow2', path)
    return ['scan', path]


@bomb
def qcow2_in_a_chain(name, out):
    last = None
    for n in range(400):
        path = f'{out}/{name}-{n}.qcow2'
        run('qemu-img', 'create', '-q', '-f', 'qcow2', path, '64M')
        if last:
            run('qemu-img', 'rebase', '-u', '-F', 'qcow2', '-b', os.path.basename(last), path)
        last = path
    return ['scan', last]


@bomb
def table_of_one_file_system(name, out):
    """A GPT of 1,024 entries, all of them the root of the demonstration."""
    system = Linux()
    path = f'{out}/{name}.img'
    shutil.copyfile(system.raw, path)
    with open(path, 'r+b') as f:
        f.seek(512)
        head = bytearray(f.read(92))
        f.seek(1024 + 128)
        root = bytearray(f.read(128))
    import zlib
    table = bytearray()
    with open(path, 'rb') as f:
        f.seek(1024)
        table += f.read(128)
    for n in range(1023):
        root[16:20] = struct.pack('<I', n)
        table += root
    # 1,024 entries take 128 KiB: they lie where the disk ends.
    size = os.path.getsize(path)
    struct.pack_into('<QII', head, 72, size // 512, 1024, 128)
    struct.pack_into('<I', head, 88, zlib.crc32(table))
    struct.pack_into('<I', head, 16, 0)
    struct.pack_into('<I', head, 16, zlib.crc32(head))
    with open(path, 'r+b') as f:
        f.seek(512)
        f.write(head)
        f.seek(size)
        f.write(table + bytes(1 << 20))
    shutil.rmtree(system.tmp)
    return ['scan', '--trust', f'{DEMO}/linux-ca.der', path]


@bomb
def table_of_logical_partitions(name, out):
    """An extended partition whose records lead on for as long as somebody follows."""
    path = f'{out}/{name}.img'
    with open(path, 'wb') as f:
        f.truncate(1 << 30)
        for n in range(100_000):
            f.seek(n * 8 * 512 + 446)
            first = struct.pack('<B3sB3sII', 0, b'\0\2\0', 0x83, b'\xff' * 3, 1, 7)
            if n:
                f.write(first + struct.pack('<B3sB3sII', 0, b'\0\2\0', 5, b'\xff' * 3, n * 8, 8) + bytes(32) + b'\x55\xaa')
            else:
                f.write(struct.pack('<B3sB3sII', 0, b'\0\2\0', 5, b'\xff' * 3, 8, (1 << 21) - 8) + bytes(48) + b'\x55\xaa')
    return ['scan', path]


# --- Windows ---
def windows(change):
    def make(name, out):
        import windows_disk
        path = f'{out}/{name}.img'
        run('qemu-img', 'convert', '-O', 'raw', f'{DEMO}/windows.qcow2', path)
        with windows_disk.Disk(path) as d:
            change(d)
        return ['scan', '--trust', f'{DEMO}/windows-ca.der', path]
    make.__name__ = change.__name__
    return bomb(make)


def sparse_of_windows(name, path, size, head=b''):
    def change(d):
        d.put(path, head)
        os.truncate(d.find(path), size)
    change.__name__ = name
    windows(change)


CONFIG = r'Windows\System32\config'
sparse_of_windows('log_of_gigabytes', rf'{CONFIG}\SYSTEM.LOG1', 4 << 30)
sparse_of_windows('events_of_gigabytes', r'Windows\System32\winevt\Logs\Security.evtx', 64 << 30, b'ElfFile\0')
sparse_of_windows('catalog_of_gigabytes', r'Windows\System32\CatRoot\{F750E6C3-38EE-11D1-85E5-00C04FC295EE}\x.cat', 64 << 30, b'\x30\x84\x7f\xff\xff\xff')
sparse_of_windows('driver_of_gigabytes', r'Windows\System32\drivers\x.sys', 64 << 30, b'MZ')
sparse_of_windows('script_of_gigabytes', r'Windows\Setup\Scripts\SetupComplete.cmd', 64 << 30, b'rem\r\n')
sparse_of_windows('hive_of_gigabytes', rf'{CONFIG}\DRIVERS', 4 << 30, b'regf')
sparse_of_windows('answers_of_gigabytes', r'Windows\Panther\unattend.xml', 64 << 30, b'<unattend>')
sparse_of_windows('link_of_gigabytes', r'ProgramData\Microsoft\Windows\Start Menu\Programs\StartUp\x.lnk', 64 << 30, b'L\0\0\0')


@windows
def script_doubling(d):
    d.put(r'Windows\Setup\Scripts\SetupComplete.cmd', 'set x=aaaaaaaa\r\n' + 'set x=%x%%x%\r\n' * 60 + '%x%\r\n')


@windows
def script_in_loops(d):
    loops = ''.join(f'for /l %%{c} in (1,1,100000) do ' for c in 'abcdefgh')
    d.put(r'Windows\Setup\Scripts\SetupComplete.cmd', loops + 'echo %%a\r\n:x\r\ngoto x\r\n')


@windows
def script_calls_itself(d):
    d.put(r'Windows\Setup\Scripts\SetupComplete.cmd', 'call %0\r\ncall %0\r\n' * 1_000 + 'call :a\r\n:a\r\ncall :a\r\ncall :a\r\n')


@windows
def answers_nested(d):
    d.put(r'Windows\Panther\unattend.xml', '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a "aaaaaaaaaa">' + ''.join(
        f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(12)) + ']><unattend>&m;' + '<a>' * 500_000)


@windows
def task_nested(d):
    d.task(r'\x', r'C:\Windows\System32\svchost.exe')
    d.put(r'Windows\System32\Tasks\x', b'\xff\xfe' + ('<?xml version="1.0" encoding="UTF-16"?><Task>' + '<a>' * 300_000).encode('utf-16-le'))


@windows
def services(d):
    with d.hive('SYSTEM') as h:
        for n in range(1_500):
            key = h.h.node_add_child(h.key(r'ControlSet001\Services'), f's{n}')
            h.h.node_set_value(key, {'key': 'ImagePath', 't': 2, 'value': r'C:\Windows\System32\svchost.exe'.encode('utf-16-le') + b'\0\0'})
            h.h.node_set_value(key, {'key': 'Start', 't': 4, 'value': struct.pack('<I', 2)})
            h.h.node_set_value(key, {'key': 'Type', 't': 4, 'value': struct.pack('<I', 16)})


def cells(path, change):
    """Changes the bytes of a hive at `path`; offsets of cells count from 4,096."""
    with open(path, 'r+b') as f:
        data = bytearray(f.read())
        change(data)
        f.seek(0)
        f.write(data)


def keys_by_name(data):
    """Offsets of the key nodes of a hive by their names."""
    found, at = {}, 4096
    while (at := data.find(b'nk', at)) >= 0:
        size = struct.unpack_from('<H', data, at + 72)[0]
        if 0 < size < 200:
            found.setdefault(bytes(data[at + 76:at + 76 + size]).decode('latin-1'), at - 4 - 4096)
        at += 2
    return found


def shared_lists(d, hive, key, deep):
    """Keys that share one list of themselves, `deep` of them in it: reading to the end never ends."""
    with d.hive(hive) as h:
        for n in range(100):
            h.key(rf'{key}\shared{n:02}')
    def change(data):
        found = keys_by_name(data)
        top = found[key.rpartition('\\')[2]] + 4096 + 4
        count, listed = struct.unpack_from('<I', data, top + 20)[0], struct.unpack_from('<I', data, top + 28)[0]
        for name, at in found.items():
            if name.startswith('shared'):
                struct.pack_into('<I', data, at + 4096 + 4 + 20, count)
                struct.pack_into('<I', data, at + 4096 + 4 + 28, listed)
    cells(d.find(rf'{CONFIG}\{hive}'), change)


@windows
def keys_share_a_list(d):
    shared_lists(d, 'SYSTEM', r'ControlSet001\Services\x', 100)


@windows
def keys_share_a_list_of_classes(d):
    shared_lists(d, 'SOFTWARE', r'Classes\CLSID\x', 100)


@windows
def keys_deep(d):
    with d.hive('SOFTWARE') as h:
        node = h.key(r'Classes\x')
        for n in range(20_000):
            node = h.h.node_add_child(node, 'k')


@windows
def values(d):
    with d.hive('SOFTWARE') as h:
        node = h.key(r'Microsoft\Windows\CurrentVersion\Run')
        h.h.node_set_values(node, [{'key': f'v{n}', 't': 1, 'value': r'C:\Windows\System32\svchost.exe'.encode('utf-16-le') + b'\0\0'} for n in range(50_000)])


@windows
def value_of_megabytes(d):
    with d.hive('SYSTEM') as h:
        node = h.key(r'ControlSet001\Control\Session Manager')
        h.h.node_set_value(node, {'key': 'BootExecute', 't': 7, 'value': 'autocheck autochk *\0'.encode('utf-16-le') * 20_000})


@windows
def names_of_one_driver(d):
    folder = d.find(r'Windows\System32\drivers')
    for n in range(1_000):
        os.link(os.path.join(folder, next(n for n in os.listdir(folder) if n.endswith('.sys'))), os.path.join(folder, f'x{n}.sys'))


# --- packages ---
def deb(path, data):
    """A Debian package with an archive of data, packed by zstd."""
    import io
    import tarfile
    control = io.BytesIO()
    with tarfile.open(fileobj=control, mode='w:gz') as tar:
        text = b'Package: linux-image-1\nVersion: 1\nArchitecture: amd64\nMaintainer: x\nDescription: x\n'
        entry = tarfile.TarInfo('./control')
        entry.size = len(text)
        tar.addfile(entry, io.BytesIO(text))
    with open(path, 'wb') as f:
        f.write(b'!<arch>\n')
        for name, body in (('debian-binary', b'2.0\n'), ('control.tar.gz', control.getvalue()), ('data.tar.zst', data)):
            f.write(f'{name:<16}{0:<12}{0:<6}{0:<6}{100644:<8}{len(body):<10}`\n'.encode() + body + b'\n' * (len(body) % 2))
    return path


@bomb
def member_of_a_hundred_gigabytes(name, out):
    """A Debian package whose archive of data holds a file of 100 GB of nothing."""
    import tarfile
    head = tarfile.TarInfo('./boot/vmlinuz-1')
    head.size = 100 << 30
    start = head.tobuf(tarfile.GNU_FORMAT)
    data = run('bash', '-c', '(cat; head -c 100G /dev/zero) | zstd -1 -cq', stdin=start)
    return ['baseline', 'add', '--db', f'{out}/{name}.db', deb(f'{out}/{name}.deb', data)]


@bomb
def package_that_unpacks(name, out):
    """A Debian package whose archive of data is nothing but zeros."""
    # Frames behind one another unpack as one.
    data = run('bash', '-c', 'head -c 1G /dev/zero | zstd -1 -cq') * 100
    return ['baseline', 'add', '--db', f'{out}/{name}.db', deb(f'{out}/{name}.deb', data)]


# --- one text under many names ---
def texts(name, path, ending, line, size, count):
    """Names of one file of `size` bytes in a folder whose files are read."""
    def change(l):
        l.put('/srv/text', (line * (size // len(line))).encode())
        os.chmod(l.at('/srv/text'), 0o755)
        l.folder(path, [f'{n:07}{ending}' for n in range(count)], '/srv/text')
    change.__name__ = name
    linux(change)


RULE = 'KERNEL=="sd*", ACTION=="add", RUN+="/bin/true"\n'
texts('rules_of_one', '/etc/udev/rules.d', '.rules', RULE, 900_000, 60_000)
texts('rules_of_one_that_is_long', '/etc/udev/rules.d', '.rules', RULE, 7_900_000, 400)
texts('profiles_of_one', '/etc/profile.d', '.sh', 'export A=b\n', 900_000, 60_000)
texts('pam_of_one', '/etc/pam.d', '', 'auth sufficient pam_unix.so\n', 7_900_000, 400)
texts('networks_of_one', '/etc/systemd/network', '.network', '[Network]\nDNS=1.1.1.1\n', 7_900_000, 400)

texts('drop_ins_of_one', '/etc/systemd/system/cron.service.d', '.conf', '[Service]\nExecStartPre=/bin/true\n', 900_000, 30_000)
texts('loaded_modules_of_one', '/etc/modules-load.d', '.conf', 'dummy\n', 900_000, 400)
texts('generators_of_one', '/etc/systemd/system-generators', '', '#!/bin/sh\n/bin/true\n', 900_000, 60_000)
texts('defaults_of_grub', '/etc/default/grub.d', '.cfg', 'A=b\n', 7_900_000, 400)


@linux
def names_of_hosts(l):
    """A million lines in files that are read whole."""
    for path in ('/etc/hosts', '/etc/nsswitch.conf', '/etc/environment', '/etc/default/grub', '/etc/ld.so.preload'):
        l.append(path, 'a b c d\n' * 1_000_000)


@linux
def chrony_of_all(l):
    """120 files of chrony, each of which includes all of them 10,000 times."""
    l.put('/etc/chrony/chrony.conf', 'confdir /etc/chrony\nsourcedir /etc/chrony\ninclude /etc/chrony/*.conf\n' * 5_000)
    for n in range(120):
        l.put(f'/etc/chrony/{n}.conf', 'include /etc/chrony/*.conf\nserver a\n' * 5_000)


@linux
def binds_of_binds(l):
    """Bind mounts that take along what is mounted below, of each other and of the root."""
    l.append('/etc/fstab', ''.join(f'/srv/b{n} /srv/b{n}/b none rbind 0 0\n/ /srv/c{n} none rbind 0 0\n/srv /srv/b{n + 1} none rbind 0 0\n' for n in range(80)))
    for n in range(90):
        os.makedirs(l.at(f'/srv/b{n}/b'), exist_ok=True)
        os.makedirs(l.at(f'/srv/c{n}'), exist_ok=True)


@linux
def yaml_that_nests(l):
    """YAML of brackets and lists in each other, and lists of lists by aliases."""
    l.put('/etc/cloud/cloud.cfg.d/99.cfg', 'a0: &a0 [x,x,x,x,x,x,x,x,x]\n' + ''.join(f'a{n}: &a{n} [{",".join([f"*a{n - 1}"] * 9)}]\n' for n in range(1, 12)) + 'runcmd: *a11\nbootcmd: *a11\n')
    l.put('/etc/cloud/cloud.cfg.d/98.cfg', 'runcmd: ' + '[' * 200_000 + '\n')
    l.put('/etc/cloud/cloud.cfg.d/96.cfg', '- ' * 400_000 + '\n')


@linux
def patterns_of_conditions(l):
    """90,000 conditions of units, each a pattern with 60 stars over a folder of 60,000 names."""
    for n in range(300):
        l.put(f'/etc/systemd/system/x{n}.service', '[Unit]\n' + ''.join(f'ConditionPathExistsGlob=/srv/n/{"*a" * 60}*b\n' for _ in range(300)) + '[Service]\nExecStart=/bin/true\n')
        os.symlink(f'/etc/systemd/system/x{n}.service', l.at(f'/etc/systemd/system/multi-user.target.wants/x{n}.service'))
    l.folder('/srv/n', ['a' * 240 + f'{n:06}' for n in range(60_000)])


@linux
def accounts_of_root(l):
    """180,000 accounts with the number of root."""
    l.append('/etc/passwd', ''.join(f'u{n}:x:0:0::/root:/bin/bash\n' for n in range(180_000)))


@linux
def hashes_that_cost(l):
    """64 hashes of a million rounds each."""
    l.append('/etc/passwd', ''.join(f'u{n}:x:{n + 2000}:{n + 2000}::/home/u{n}:/bin/bash\n' for n in range(64)))
    l.append('/etc/shadow', ''.join(f'u{n}:$6$rounds=1000000$abcdefgh{n}${"a" * 86}:19675:0:99999:7:::\n' for n in range(64)))


@linux
def database_of_apk(l):
    """Three million folders of one package of Alpine."""
    shutil.rmtree(l.at('/var/lib/dpkg'))
    l.put('/etc/os-release', 'ID=alpine\nNAME=Alpine\nVERSION_ID=3.20\n')
    l.put('/usr/lib/apk/db/installed', 'P:a\nV:1\nA:x86_64\nF:usr\n' + ''.join(f'F:d{n}\nR:f\n' for n in range(3_000_000)))


@linux
def fields_of_modules(l):
    """2,000 names of a module of 300,000 fields."""
    names = b'\0.modinfo\0.shstrtab\0'
    info = b'alias=pci:v*d*sv*sd*bc*sc*i*\0' * 300_000
    body = info + names
    shoff = 64 + len(body) + -len(body) % 8
    head = b'\x7fELF\x02\x01\x01' + bytes(9) + struct.pack('<HHIQQQIHHHHHH', 1, 62, 1, 0, 0, shoff, 0, 64, 0, 0, 64, 3, 2)
    section = lambda name, kind, at, size: struct.pack('<IIQQQQIIQQ', name, kind, 2, 0, at, size, 0, 0, 1, 0)
    l.put('/srv/module', head + body + bytes(-len(body) % 8) + bytes(64) + section(1, 1, 64, len(info)) + section(10, 3, 64 + len(info), len(names)))
    l.folder(f'/usr/lib/modules/{KVER}/extra', [f'{n}.ko' for n in range(2_000)], '/srv/module')


@linux
def sections_of_modules(l):
    """2,000 names of a module of 65,000 tables of symbols."""
    count = 65_000
    head = b'\x7fELF\x02\x01\x01' + bytes(9) + struct.pack('<HHIQQQIHHHHHH', 1, 62, 1, 0, 0, 64, 0, 64, 0, 0, 64, count, 1)
    table = struct.pack('<IIQQQQIIQQ', 1, 3, 0, 0, 0, 64, 0, 0, 1, 0) + struct.pack('<IIQQQQIIQQ', 1, 2, 0, 0, 0, 60 << 20, 1, 1, 8, 24) * (count - 1)
    l.put('/srv/module', head + table + bytes(50 << 20))
    l.folder(f'/usr/lib/modules/{KVER}/extra', [f'{n}.ko' for n in range(2_000)], '/srv/module')


@linux
def keys_of_many_homes(l):
    """8,000 accounts whose keys are one file of a megabyte."""
    l.append('/etc/passwd', ''.join(f'u{n}:x:{n + 2000}:{n + 2000}::/srv/h/u{n:05}:/bin/bash\n' for n in range(8_000)))
    key = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJxYgAZpmGkrzkwgXwvHgtLDRgwvdVEBBVPRFf1234ab a@b\n'
    l.put('/srv/ssh/authorized_keys', (key * 11_000).encode())
    l.put('/srv/home/.keep', '')
    os.symlink('/srv/ssh', l.at('/srv/home/.ssh'))
    l.folder('/srv/h', [f'u{n:05}' for n in range(8_000)], '/srv/home')


@linux
def members_of_sudo(l):
    """As many accounts as a file takes, and a group that names them all."""
    l.append('/etc/passwd', ''.join(f'u{n}:x:{n + 1000}:100::/home/u{n}:/bin/bash\n' for n in range(180_000)))
    l.append('/etc/shadow', ''.join(f'u{n}:*:1:0:9:7:::\n' for n in range(300_000)))
    l.append('/etc/group', 'sudo2:x:27:' + ','.join(f'u{n}' for n in range(180_000)) + '\n' + ''.join(f'g{n}:x:{n + 1000}:u{n}\n' for n in range(250_000)))


SCRIPTS = r'Windows\Setup\Scripts'


@windows
def scripts_that_branch(d):
    """Forty scripts, each of which calls the next a hundred times."""
    for n in range(40):
        d.put(rf'{SCRIPTS}\s{n}.cmd', f'call C:\\{SCRIPTS}\\s{n + 1}.cmd\r\n' * 100)
    d.put(rf'{SCRIPTS}\SetupComplete.cmd', f'call C:\\{SCRIPTS}\\s0.cmd\r\n' * 100)


@windows
def scripts_of_the_logon(d):
    """A thousand values of Run whose script branches, with cmd, start and PowerShell between."""
    for n in range(12):
        d.put(rf'Windows\s{n}.cmd', f'cmd /c C:\\Windows\\s{n + 1}.cmd & start C:\\Windows\\s{n + 1}.cmd & powershell -File C:\\Windows\\s{n + 1}.ps1\r\n' * 80)
        d.put(rf'Windows\s{n}.ps1', f'& C:\\Windows\\s{n + 1}.cmd; Start-Process C:\\Windows\\s{n + 1}.cmd\r\n' * 80)
    with d.hive('SOFTWARE') as h:
        key = h.key(r'Microsoft\Windows\CurrentVersion\Run')
        h.h.node_set_values(key, [{'key': f'v{n}', 't': 1, 'value': (rf'C:\Windows\s0.cmd {n}' + '\0').encode('utf-16-le')} for n in range(1_000)])


@windows
def folders_times_commands(d):
    """A script that changes to 250 folders, and 3,800 names of programs that each of them may hold."""
    d.put(rf'{SCRIPTS}\SetupComplete.cmd', ''.join(f'cd C:\\d{n}\r\n' for n in range(250)) + ''.join(f'prog{n}\r\n' for n in range(3_800)))


@windows
def drivers_sparse(d):
    """100 drivers that start with Windows, each a signed one with a hole behind it: 127 MiB."""
    folder = d.find(r'Windows\System32\drivers')
    with open(os.path.join(folder, next(n for n in os.listdir(folder) if n.endswith('.sys'))), 'rb') as f:
        program = f.read()
    with d.hive('SYSTEM') as h:
        for n in range(100):
            with open(os.path.join(folder, f'x{n}.sys'), 'wb') as f:
                f.write(program)
                f.truncate(127 << 20)
            key = h.h.node_add_child(h.key(r'ControlSet001\Services'), f'x{n}')
            h.h.node_set_values(key, [
                {'key': 'ImagePath', 't': 2, 'value': (rf'System32\drivers\x{n}.sys' + '\0').encode('utf-16-le')},
                *({'key': name, 't': 4, 'value': struct.pack('<I', value)} for name, value in (('Start', 0), ('Type', 1)))])


def answers(pass_, inside):
    return f'<?xml version="1.0"?><unattend xmlns="urn:schemas-microsoft-com:unattend"><settings pass="{pass_}">{inside}</settings></unattend>'


@windows
def answers_wide(d):
    """28,000 commands of the first logon in one line of an answer file."""
    commands = ''.join(f'<SynchronousCommand><Order>{n}</Order><CommandLine>cmd /c call x{n}</CommandLine></SynchronousCommand>' for n in range(28_000))
    d.put(r'Windows\Panther\unattend.xml', answers('oobeSystem', f'<component name="Microsoft-Windows-Shell-Setup"><FirstLogonCommands>{commands}</FirstLogonCommands></component>'))


@windows
def answers_deep(d):
    """60,000 elements inside each other, in each of them a setting."""
    d.put(r'Windows\Panther\unattend.xml', answers('specialize', '<component name="x">' + '<a><b>1</b>' * 60_000 + '</a>' * 60_000 + '</component>'))


@windows
def answers_of_attributes(d):
    """An element of an answer file with 250,000 attributes."""
    d.put(r'Windows\Panther\unattend.xml', '<?xml version="1.0"?><a ' + ' '.join(f'a{n}="b"' for n in range(250_000)) + '/>')


def fat_of_itself(name, out):
    """A FAT32 whose root is folders that are all the root again."""
    path = f'{out}/{name}.img'
    with open(path, 'wb') as f:
        f.truncate(2 << 30)
    run('mkfs.fat', '-F', '32', '-s', '8', path)
    with open(path, 'r+b') as f:
        boot = f.read(512)
        reserved, fats, per = struct.unpack_from('<H', boot, 14)[0], boot[16], struct.unpack_from('<I', boot, 36)[0]
        clusters = (8 << 20) // (boot[13] * 512)
        f.seek(reserved * 512 + 8)
        f.write(struct.pack(f'<{clusters}I', *range(3, clusters + 2), 0x0fffffff))
        f.seek((reserved + fats * per) * 512)
        f.write(b''.join((b'%08d' % n).ljust(11) + b'\x10' + bytes(14) + struct.pack('<HI', 2, 0) for n in range((8 << 20) // 32)))
    return path


@bomb
def fat_of_itself_that_is_listed(name, out):
    return ['ls', '-R', fat_of_itself(name, out)]


@bomb
def fat_of_itself_that_is_hashed(name, out):
    return ['hash', fat_of_itself(name, out)]


if __name__ == '__main__':
    if sys.argv[1:] == ['--list']:
        print('\n'.join(BOMBS))
    else:
        which, folder = sys.argv[1:]
        os.makedirs(folder, exist_ok=True)
        print('\n'.join(BOMBS[which](which, folder)))
