#!/usr/bin/python3
"""Makes the root file system of another architecture without running a program of it.

    foreign_root.py TWIN DEBS ARCHITECTURE ROOT

The packages of the folder DEBS are unpacked into ROOT and recorded as dpkg does it. Their maintainer scripts don't run:
what those make (accounts, links of alternatives, enabled units, owners and modes) is taken from TWIN, a root of this
machine's architecture in which packages of the same names and versions are installed and configured. What a script would
have made of the architecture itself is left to the caller: the loader's cache, and all of a kernel's package.
Needs: root, dpkg, tar.
"""
import hashlib
import os
import re
import shutil
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

twin, debs, architecture, root = sys.argv[1:]
# As dpkg writes them (dpkg, parse.c: fieldinfos).
FIELDS = '''Package Essential Protected Status Priority Section Installed-Size Maintainer Bugs Architecture Multi-Arch Source
Version Config-Version Replaces Provides Depends Pre-Depends Recommends Suggests Breaks Conflicts Enhances Conffiles Description'''.split()
TRIPLETS = {'amd64': 'x86_64-linux-gnu', 'arm64': 'aarch64-linux-gnu'}
# Not of the system but of the machine that it was built on, or of its architecture.
OMIT = re.compile(r'/(?:dev|proc|sys|run|tmp)/.|/var/lib/dpkg/(?:info/|status|available|lock|arch$)|/var/(?:cache|log)/.|/var/lib/apt/lists/.'
                  r'|/etc/ld\.so\.cache$|.*x86_64-linux-gnu|/(?:lib32|lib64|libx32)$|/usr/(?:lib32|lib64|libx32)')
EXCLUDED = ('/usr/share/locale/', '/usr/share/doc/', '/usr/share/man/')


def ending(folder, end):
    return [f'{folder}/{name}' for name in sorted(os.listdir(folder)) if name.endswith(end)]


def run(*words, **more):
    return subprocess.run(words, check=True, stdout=subprocess.PIPE, **more).stdout


def real(path):
    """Where the file is: /bin and its like are links into /usr."""
    return f'/usr{path}' if re.match(r'/(?:bin|sbin|lib|lib32|lib64|libx32)/', path) else path


def md5(path):
    with open(path, 'rb') as f:
        return hashlib.md5(f.read()).hexdigest()


class Package:
    """A package file: its control fields, its further control files and its paths."""

    def __init__(self, deb):
        self.deb = deb
        self.fields = {}
        for line in run('dpkg-deb', '-f', deb).decode().splitlines():
            if line[0] in ' \t':
                self.fields[name] += f'\n{line}'
            else:
                name, _, value = line.partition(':')
                self.fields[name] = value
        self.name, self.version = (self.fields[n].strip() for n in ('Package', 'Version'))
        same = self.fields.get('Multi-Arch', '').strip() == 'same'
        self.info = f'{root}/var/lib/dpkg/info/{self.name}' + (f':{self.fields["Architecture"].strip()}' if same else '')

    def unpack(self):
        """The files, less those that the recipe's dpkg leaves out, and the control files."""
        files = subprocess.Popen(['dpkg-deb', '--fsys-tarfile', self.deb], stdout=subprocess.PIPE)
        words = [f'--exclude=.{folder}*' for folder in EXCLUDED]
        names = run('tar', '-xvpf', '-', '-C', root, '--numeric-owner', '--keep-directory-symlink', '--quoting-style=literal', '--show-transformed-names',
                    '--no-overwrite-dir', *words, stdin=files.stdout).decode()
        assert files.wait() == 0
        self.unpacked = [n.lstrip('.').rstrip('/') for n in names.splitlines()]

    def record(self):
        """What dpkg writes into its database when the package is configured."""
        listing = run('dpkg-deb', '--fsys-tarfile', self.deb)
        names = run('tar', '-tf', '-', '--quoting-style=literal', input=listing).decode().splitlines()
        control = f'{self.info}.new'
        run('dpkg-deb', '-e', self.deb, control)
        for name in os.listdir(control):
            if name != 'control':
                shutil.move(f'{control}/{name}', f'{self.info}.{name}')
        shutil.rmtree(control)
        conffiles = ''
        if os.path.exists(f'{self.info}.conffiles'):
            with open(f'{self.info}.conffiles') as f:
                conffiles = ''.join(f'\n {path} {md5(root + path)}' for path in f.read().split('\n') if path.startswith('/'))
        with open(f'{self.info}.list', 'w') as f:
            f.write(''.join(f'{n.removeprefix(".").rstrip("/") or "/."}\n' for n in names))
        if not os.path.exists(f'{self.info}.md5sums'):
            of = [n for n in self.unpacked if os.path.isfile(root + n) and not os.path.islink(root + n) and f'\n {n} ' not in conffiles]
            with open(f'{self.info}.md5sums', 'w') as f:
                f.write(''.join(f'{md5(root + n)}  {n[1:]}\n' for n in of))
        fields = {**self.fields, 'Status': ' install ok installed', **({'Conffiles': conffiles} if conffiles else {})}
        order = sorted(fields, key=lambda n: FIELDS.index(n) if n in FIELDS else len(FIELDS))
        return ''.join(f'{n}:{fields[n]}\n' for n in order)


def listed(folder):
    """Every path that a package of this root lists."""
    paths = set()
    for path in ending(f'{folder}/var/lib/dpkg/info', '.list'):
        with open(path) as f:
            paths.update(real(p) for p in f.read().splitlines())
    return paths


def copy(path):
    """The object of the twin, as it is."""
    source, target = twin + path, root + path
    found = os.lstat(source)
    if stat.S_ISDIR(found.st_mode):
        os.makedirs(target, exist_ok=True)
    elif stat.S_ISLNK(found.st_mode):
        os.symlink(os.readlink(source), target)
    elif stat.S_ISREG(found.st_mode):
        shutil.copyfile(source, target)
    else:
        return
    same_access(path, path)
    if not stat.S_ISDIR(found.st_mode):
        os.utime(target, ns=(found.st_atime_ns, found.st_mtime_ns), follow_symlinks=False)


def same_access(of, path):
    """Owner and mode as in the twin, where a maintainer script may have set them."""
    found = os.lstat(twin + of)
    os.chown(root + path, found.st_uid, found.st_gid, follow_symlinks=False)
    if not stat.S_ISLNK(found.st_mode):
        os.chmod(root + path, stat.S_IMODE(found.st_mode))


def main():
    os.makedirs(f'{root}/usr', exist_ok=True)
    for name in ('bin', 'sbin', 'lib'):
        os.makedirs(f'{root}/usr/{name}', exist_ok=True)
        os.symlink(f'usr/{name}', f'{root}/{name}')
    packages = [Package(deb) for deb in ending(debs, '.deb')]
    packages.sort(key=lambda p: p.name)
    # A rebuild of one architecture adds +bN to the version.
    base = lambda version: re.sub(r'\+b\d+$', '', version)
    lines = run('dpkg-query', f'--admindir={twin}/var/lib/dpkg', '-W', '-f', '${Package} ${Version}\n').decode().splitlines()
    configured = {name: base(version) for name, version in (line.split() for line in lines)}
    for p in packages:
        if configured.get(p.name) != base(p.version):
            print(f'    unpacked, and not configured in the twin: {p.name} {p.version}')
    for p in packages:
        p.unpack()
    os.makedirs(f'{root}/var/lib/dpkg/info', exist_ok=True)
    with ThreadPoolExecutor(2) as pool:
        status = list(pool.map(Package.record, packages))
    with open(f'{root}/var/lib/dpkg/status', 'w') as f:
        f.write('\n'.join(status) + '\n')
    for name, text in (('available', ''), ('arch', f'{architecture}\n'), ('info/format', '1\n')):
        with open(f'{root}/var/lib/dpkg/{name}', 'w') as f:
            f.write(text)
    take_over(listed(twin), listed(root))


def take_over(theirs, ours):
    triplet = TRIPLETS[architecture]
    changed = digests()
    for folder, folders, files in os.walk(twin):
        folder = folder.removeprefix(twin)
        folders.sort()
        for name in sorted([*folders, *files]):
            path = f'{folder}/{name}'
            here = path.replace(TRIPLETS['amd64'], triplet)
            if os.path.lexists(root + here):
                same_access(path, here)
                if path in ours and path in changed:
                    print(f'    as a script left it: {path}')
                    os.remove(root + path)
                    copy(path)
            elif path not in theirs and not OMIT.match(path) and os.path.isdir(root + folder):
                copy(path)


def digests():
    """Files of packages in the twin that are not as their packages brought them."""
    found = set()
    for path in ending(f'{twin}/var/lib/dpkg/info', '.md5sums'):
        with open(path) as f:
            for line in f:
                digest, name = line.rstrip('\n').split('  ', 1)
                at = real(f'/{name}')
                if os.path.isfile(twin + at) and not os.path.islink(twin + at) and 'amd64' not in at and md5(twin + at) != digest:
                    found.add(at)
    lines = run('dpkg-query', f'--admindir={twin}/var/lib/dpkg', '-W', '-f', '${Conffiles}\n').decode().splitlines()
    for line in filter(str.strip, lines):
        path, digest = line.split()[:2]
        if os.path.isfile(twin + path) and md5(twin + path) != digest:
            found.add(path)
    return found


main()
