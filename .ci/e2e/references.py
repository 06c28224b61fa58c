"""Reference databases and `diff`: what dpkg-deb, rpmbuild and sha256 say stands in them, and each change is told."""
import os
import shutil
import subprocess
import sys
import tempfile

from e2e import *

disk = f'{WORK}/debian/debian.raw'
known = truth(f'{WORK}/debian/debian.truth')
scratch = tempfile.mkdtemp(dir=WORK)
work = f'{scratch}/changed.raw'


def sums(root):
    """(file name, sha256) of the kernels and modules below a folder."""
    found = set()
    for dir, _, names in os.walk(root):
        for name in names:
            if name.startswith('vmlinuz') or '.ko' in name:
                with open(os.path.join(dir, name), 'rb') as f:
                    found.add((name, hashlib.file_digest(f, 'sha256').hexdigest()))
    return found


def listed(db):
    """(file name, sha256) of the kernels and modules of a database."""
    rows = (line.split('  ') for line in Run('baseline', 'list', '--db', db).out.decode().splitlines())
    pairs = {(os.path.basename(row[1]), row[0]) for row in rows}
    return {p for p in pairs if p[0].startswith('vmlinuz') or '.ko' in p[0]}


def tamper(*recipes):
    """A changed copy of the disk; the paths that the recipes changed."""
    subprocess.run(['cp', '--sparse=always', disk, work], check=True)
    paths = []
    for recipe in recipes:
        done = subprocess.run([sys.executable, 'testdata/recipes/tamper_kernel.py', work, recipe], check=True,
                              capture_output=True, text=True)
        paths.append(done.stdout.split()[1])
    return paths


# --- what goes into a database -------------------------------------------------------------------
package = f'{known["kernel_package"]}={known["kernel_package_version"]}'
subprocess.run(['apt-get', '-qq', 'download', package], cwd=scratch, check=True)
deb = next(f'{scratch}/{n}' for n in os.listdir(scratch) if n.endswith('.deb'))
subprocess.run(['dpkg-deb', '-x', deb, f'{scratch}/files'], check=True)
expected = sums(f'{scratch}/files')
equal(Run('baseline', 'add', deb, '--db', f'{scratch}/deb.json').code, ACCEPT, 'a .deb is added')
equal(listed(f'{scratch}/deb.json'), expected, 'a .deb gives the kernel and modules that dpkg-deb unpacks')
equal(Run('baseline', 'add', f'{scratch}/files', '--db', f'{scratch}/dir.json').code, ACCEPT, 'a folder is added')
equal(listed(f'{scratch}/dir.json'), expected, 'a folder gives the same')
print(f'{os.path.basename(deb)}: {len(expected)} kernels and modules')

module = next(os.path.join(d, n) for d, _, names in sorted(os.walk(f'{scratch}/files')) for n in sorted(names) if n.endswith('.ko'))
with open(f'{scratch}/test.spec', 'w') as f:
    f.write(f'''Name: kernel-test
Version: 1
Release: 1
Summary: A module in a package
License: none
BuildArch: noarch
%description
A module in a package.
%install
install -D -m 644 {module} %{{buildroot}}/lib/modules/1/kernel/test.ko
%files
/lib/modules/1/kernel/test.ko
''')
subprocess.run(['rpmbuild', '-bb', '--quiet', '--define', f'_topdir {scratch}/rpm', '--define', '__strip /bin/true', f'{scratch}/test.spec'],
               check=True, capture_output=True)
rpm = next(os.path.join(d, n) for d, _, names in os.walk(f'{scratch}/rpm/RPMS') for n in names)
equal(Run('baseline', 'add', rpm, '--db', f'{scratch}/rpm.json').code, ACCEPT, 'an .rpm is added')
with open(module, 'rb') as f:
    equal(listed(f'{scratch}/rpm.json'), {('test.ko', hashlib.file_digest(f, 'sha256').hexdigest())}, "an .rpm gives rpmbuild's module")

# --- comparing ------------------------------------------------------------------------------------
run = Run('baseline', 'verify', disk, '--db', f'{scratch}/deb.json')
equal(run.code, REVIEW, 'boot loaders are of other packages: not known')
check(f'{len(expected)} equal, 0 differ' in run.out.decode(), 'every kernel and module of the disk is that of the .deb', run.out[-300:])
equal(Run('baseline', 'add', disk, '--db', f'{scratch}/disk.json').code, ACCEPT, 'an image is added')
equal(Run('baseline', 'verify', disk, '--db', f'{scratch}/disk.json').code, ACCEPT, 'an image equals itself')
clean = result(Run('scan', '-f', 'json', '--baseline', f'{scratch}/disk.json', disk).json(), 'LNX-KERNEL-020')
equal(clean.get('status'), 'pass', 'LNX-KERNEL-020 passes with a database of the same image')

[path] = tamper('module-byte')
run = Run('baseline', 'add', work, '--db', f'{scratch}/tampered.json')
equal(run.code, UNREADABLE, 'an image with a modified module is not added')
check(b'K0' in run.err and path.removeprefix('/usr').encode() in run.err, f'{path} is named with its level', run.err[-300:])
check(not os.path.exists(f'{scratch}/tampered.json'), 'nothing is written')
equal(Run('baseline', 'add', '--force', work, '--db', f'{scratch}/tampered.json').code, ACCEPT, 'unless that is forced')
run = Run('baseline', 'verify', work, '--db', f'{scratch}/deb.json')
equal(run.code, REJECT, 'a changed module differs from its package')
check(path.removeprefix('/usr') in run.out.decode(), f'{path} is named', run.out[-300:])
report = Run('scan', '-f', 'json', '--baseline', f'{scratch}/deb.json', work).json()
turned = result(report, 'LNX-KERNEL-020')
equal(turned.get('status'), 'fail', 'LNX-KERNEL-020 fails')
check(any(points_at(turned.get('evidence'), p) for p in (path, path.removeprefix('/usr'))), f'LNX-KERNEL-020 names {path}', turned)

# --- Windows: the volumes of winsxs-links.sh; ntoskrnl.exe of the third has the version of the first, and other bytes
whole = subprocess.run(['zstd', '-dc', 'testdata/ntfs/winsxs.img.zst'], check=True, capture_output=True).stdout
volumes = []
for i, name in enumerate(('linked', 'copied', 'replaced')):
    volumes.append(f'{scratch}/{name}.img')
    with open(volumes[-1], 'wb') as f:
        f.write(whole[i * (3 << 20):(i + 1) * (3 << 20)])
known_good = f'{scratch}/windows.json'
equal(Run('baseline', 'add', volumes[0], '--db', known_good).code, ACCEPT, 'a Windows image is added')
rows = [line.split() for line in Run('baseline', 'list', '--db', known_good).out.decode().splitlines()]
names = {os.path.basename(row[1]): (row[0], row[3]) for row in rows}
equal(names.get('ntoskrnl.exe'), (sha256('testdata/signed/kernel.exe'), '10.0.20348.169'), 'its kernel with digest and version')
for volume, status in zip(volumes, ('pass', 'pass', 'fail')):
    turned = result(Run('scan', '-f', 'json', '--baseline', known_good, volume).json(), 'WIN-KERNEL-012')
    equal(turned.get('status'), status, f'WIN-KERNEL-012 of {os.path.basename(volume)}')
check(points_at(turned.get('evidence'), 'C:/Windows/System32/ntoskrnl.exe'), 'WIN-KERNEL-012 names the kernel', turned)
equal(Run('baseline', 'verify', volumes[2], '--db', known_good).code, REJECT, 'a changed kernel differs')

# --- diff -----------------------------------------------------------------------------------------
equal(Run('diff', disk, disk).code, ACCEPT, 'a disk does not differ from itself')
paths = tamper('module-byte', 'modprobe-hook', 'next-entry-in-grubenv', 'kernel-byte')
run = Run('diff', '-f', 'json', disk, work)
equal(run.code, REJECT, 'a changed disk differs')
groups = {g['group']: {i['what']: i for i in g['items']} for g in run.json().get('groups', [])}
for path, group in zip(paths, ('modules', 'modules', 'boot', 'kernel')):
    names = [n for n in groups.get(group, {}) if n.removeprefix('/usr') == path.removeprefix('/usr')]
    check(names, f'diff: {path} stands in group {group}', {g: list(i)[:5] for g, i in groups.items()})
# Nothing else differs, but for the folders that hold what was changed.
others = {n.removeprefix('/usr') for items in groups.values() for n in items} - {p.removeprefix('/usr') for p in paths}
check(all(any(p.removeprefix('/usr').startswith(n.rstrip('/') + '/') for p in paths) for n in others), 'diff: nothing else differs', others)
equal(Run('diff', disk, f'{WORK}/debian/debian.qcow2').code, ACCEPT, 'the same disk in another container does not differ')
shutil.rmtree(scratch)
end()
