"""The Debian disk in its five containers: one verdict, one set of results, and the build's own facts."""
import os
import shutil
import subprocess

from e2e import *

disk = f'{WORK}/debian'
known = truth(f'{disk}/debian.truth')
with open(f'{disk}/debian.packages') as f:
    packages = sorted(tuple(line.split('\t')[:3]) for line in f)
FORMS = ['debian.raw', 'debian.qcow2', 'debian-zlib.qcow2', 'debian-zstd.qcow2', 'debian-overlay.qcow2']


def package_list(guest):
    """(name, architecture, version) of each installed package of `info`."""
    found = guest.get('packages', [])
    if isinstance(found, dict):
        found = found.get('items', [])
    return sorted((p.get('name', p.get('package')), p.get('architecture', p.get('arch')), p.get('version')) for p in found)


first = None
for form in FORMS:
    image = f'{disk}/{form}'
    run = scan(image)
    report = run.json()
    equal(run.code, ACCEPT, f'{form}: scan accepts the clean disk')
    equal(report.get('verdict'), 'accept', f'{form}: verdict')
    equal(scan(image).out, run.out, f'{form}: two scans give the same bytes')
    equal(run.out.find(b'panicked'), -1, f'{form}: no panic')
    if first is None:
        first = report
        for r in report.get('results', []):
            print(f'    {r.get("check"):18} {r.get("status"):15} {r.get("gate"):9} {en(r.get("reason", ""))}')
    equal(report.get('results'), first.get('results'), f'{form}: the same results as raw')
    equal(report.get('kernels'), first.get('kernels'), f'{form}: the same kernels as raw')

    kernels = [k for k in report.get('kernels', []) if k.get('default')]
    equal(len(kernels), 1, f'{form}: one default kernel')
    for k in kernels:
        equal(k.get('path'), known['kernel_path'], f'{form}: path of the default kernel')
        equal(k.get('version'), known['kernel_version'], f'{form}: version of the default kernel')
        equal(k.get('package'), known['kernel_package'], f'{form}: package of the default kernel')
        equal(k.get('sha256'), known['kernel_sha256'], f'{form}: digest of the default kernel')
    for name in ('LNX-AGENT-001', 'LNX-AGENT-002', 'LNX-NET-001', 'LNX-TIME-001', 'LNX-KERNEL-002', 'LNX-KERNEL-003',
                 'LNX-ACCT-001', 'LNX-ACCT-003', 'LNX-ACCT-004', 'LNX-ACCT-005', 'LNX-INTEG-001', 'META-001'):
        check(result(report, name).get('status') == 'pass', f'{form}: {name} passes', result(report, name).get('reason'))
    for r in report.get('results', []):
        if r.get('check', '').startswith('WIN-'):
            equal(r.get('status'), 'not_applicable', f'{form}: {r["check"]}')

    info = Run('info', '-f', 'json', image)
    equal(info.code, 0, f'{form}: info ends with 0')
    guests = info.json().get('guests') or [{}]
    equal(len(guests), 1, f'{form}: one guest')
    found = package_list(guests[0])
    equal(len(found), int(known['packages_installed']), f'{form}: number of packages as dpkg-query counted')
    equal(found, packages, f'{form}: names, architectures and versions of the packages')
    equal(guests[0].get('name'), known['pretty_name'], f'{form}: product')
    equal(guests[0].get('host_name'), known['hostname'], f'{form}: host name')
    equal(len(guests[0].get('accounts', [])), int(known['accounts']), f'{form}: accounts')

    digest = Run('digest', image, timeout=300)
    equal(digest.out.decode().split(), [known['disk_sha256'], known['disk_bytes']], f'{form}: digest of the virtual disk')
    kernel = Run('cat', image, 'p2:' + known['kernel_path'])
    equal(hashlib.sha256(kernel.out).hexdigest(), known['kernel_sha256'], f'{form}: cat of the kernel')

image = f'{disk}/debian.raw'
listed = Run('ls', '-lR', image, 'p2:/')
equal(listed.code, 0, f'ls -lR: {listed}')
hashed = Run('hash', image, timeout=300)
equal(hashed.code, 0, f'hash: {hashed}')

# extract: what it writes equals what debugfs writes from the same file system.
ours, theirs = f'{disk}/out-imgscan', f'{disk}/out-debugfs'
for d in (ours, theirs):
    shutil.rmtree(d, ignore_errors=True)
    os.mkdir(d)
run = Run('extract', '-C', ours, image, 'p2:/etc')
equal(run.code, 0, f'extract /etc: {run}')
subprocess.run(['debugfs', '-R', f'rdump /etc {theirs}', f'{image}?offset={known["root_offset"]}'], check=True,
               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def tree(root):
    out = {}
    for here, dirs, files in os.walk(root):
        for n in dirs + files:
            p = os.path.join(here, n)
            r = os.path.relpath(p, root)
            if os.path.islink(p):
                out[r] = os.readlink(p)
            elif os.path.isfile(p):
                out[r] = (os.stat(p).st_mode & 0o777, sha256(p))
            else:
                out[r] = 'directory'
    return out


if check(os.path.isdir(f'{ours}/p2/etc'), 'extract puts /etc below a folder of its volume', os.listdir(ours)):
    a, b = tree(f'{ours}/p2/etc'), tree(f'{theirs}/etc')
    check(len(b) > 300, 'debugfs extracted /etc', len(b))
    equal({k: (a.get(k), b.get(k)) for k in a.keys() | b.keys() if a.get(k) != b.get(k)}, {}, 'extract /etc equals debugfs rdump')
for d in (ours, theirs):
    shutil.rmtree(d, ignore_errors=True)
end()
