#!/usr/bin/env python3
"""Runs peer and imgscan in turn on the same image; prints medians, their ratio and peak memory.

Called by run.sh, which builds the images.
"""
import argparse
import json
import os
import platform
import shlex
import statistics
import subprocess
import sys
import tempfile
import time

parser = argparse.ArgumentParser(prog='benches/run.sh')
parser.add_argument('-n', type=int, default=5, metavar='RUNS', help='measured runs of each side (default 5)')
parser.add_argument('--cold', action='store_true', help='drop the page cache before every run')
parser.add_argument('--images', required=True, help=argparse.SUPPRESS)
parser.add_argument('--imgscan', required=True, help=argparse.SUPPRESS)
parser.add_argument('--hive', action='append', default=[], metavar='FILE', help='a further hive to walk')
parser.add_argument('jobs', nargs='*', metavar='JOB', help='only jobs whose name contains one of these words')
args = parser.parse_args()
images, imgscan = os.path.abspath(args.images), os.path.abspath(args.imgscan)
big, small = f'{images}/big', f'{images}/small'
if not os.path.exists(f'{big}/debian.truth'):  # run.sh builds it only where a job needs it
    big = small
with open(f'{big}/debian.truth') as f:
    known = dict(line.rstrip('\n').split('=', 1) for line in f)
offset = int(known['root_offset'])
missed = []


def measure(command):
    """Wall and CPU seconds and peak memory (MiB) of one run of a shell command's own processes."""
    if args.cold:
        os.sync()
        with open('/proc/sys/vm/drop_caches', 'w') as f:
            f.write('3')
    with open('/dev/null', 'r+') as null, tempfile.TemporaryFile() as err:
        start = time.perf_counter()
        # A single program needs no shell, whose start costs as much as a walk of a small hive.
        argv = shlex.split(command[5:]) if command.startswith('exec ') else ['bash', '-c', command]
        child = subprocess.Popen(argv, stdin=null, stdout=null, stderr=err)
        _, status, usage = os.wait4(child.pid, 0)
        wall = time.perf_counter() - start
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode not in (0, 1, 3):  # 1 and 3 are verdicts of scan
            err.seek(0)
            sys.exit(f'exit {child.returncode}: {command}\n{err.read().decode(errors="replace")}')
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def wanted(name):
    return not args.jobs or any(j in name for j in args.jobs)


def median(runs, field):
    return statistics.median(r[field] for r in runs)


def versus(name, peer, ours, limit, memory=96, runs=None, program=imgscan):
    """Alternates both commands; `limit` is the most that ours may take in units of the peer's time."""
    if not wanted(name):
        return
    ours = f'exec {program} {ours}'
    for c in (peer, ours):  # one unmeasured run of each fills the page cache
        measure(c)
    a, b = [], []
    for _ in range(runs or args.n):
        a.append(measure(peer))
        b.append(measure(ours))
    ratio = median(b, 0) / median(a, 0)
    peak = max(r[2] for r in b)
    ok = ratio <= limit and peak <= memory
    if not ok:
        missed.append(name)
    print(f'{name:34} {median(a, 0):9.3f} {median(b, 0):9.3f} {ratio:7.2f} {limit:6.2f} {peak:7.1f} {memory:5} {"" if ok else "  MISSED"}', flush=True)


def alone(name, ours, cpu_limit, memory):
    """CPU seconds and memory of imgscan itself."""
    if not wanted(name):
        return
    ours = f'exec {imgscan} {ours}'
    measure(ours)
    runs = [measure(ours) for _ in range(args.n)]
    cpu, peak = median(runs, 1), max(r[2] for r in runs)
    ok = cpu <= cpu_limit and peak <= memory
    if not ok:
        missed.append(name)
    print(f'{name:34} {median(runs, 0):9.3f} {cpu:9.3f} {cpu_limit:7.2f} {peak:7.1f} {memory:5} {"" if ok else "  MISSED"}', flush=True)


def rsa_rate():
    """RSA-4096 verifications per second of openssl on one core."""
    out = subprocess.run(['openssl', 'speed', '-seconds', '1', 'rsa4096'], capture_output=True, text=True, check=True).stdout
    return float(out.split()[-1])


def kernel(folder):
    """`kernel` of a disk against openssl hashing the files of its bill in the mounted disk on all
    cores, and one RSA-4096 verification for each module at openssl's own rate."""
    if not wanted('kernel'):
        return
    disk = f'{folder}/debian.raw'
    with open(f'{folder}/debian.truth') as f:
        start = int(dict(line.rstrip('\n').split('=', 1) for line in f)['root_offset'])
    out = subprocess.run([imgscan, 'kernel', '-f', 'json', disk], capture_output=True, text=True, check=False).stdout
    # The EFI system partition is not mounted: its files are left out of the peer's work.
    objects = [o for o in json_objects(json.loads(out)) if o.get('bytes') and not o['path'].startswith('/boot/efi/')]
    total = sum(o['bytes'] for o in objects)
    modules = sum(o['kind'] == 'module' for o in objects)
    cores = os.cpu_count()
    with tempfile.NamedTemporaryFile('w', dir=images) as names:
        names.write(''.join(f'{mnt}{o["path"]}\0' for o in objects))
        names.flush()
        # openssl fails where a file is not there, and xargs with it.
        peer = (f'mount -o loop,ro,noload,offset={start} {disk} {mnt} && {{ xargs -0 -P{cores} -n64 openssl dgst -sha256 -r < {names.name}; '
                f'code=$?; umount {mnt}; exit $code; }}')
        ours = f'exec {imgscan} kernel {disk}'
        for command in (peer, ours):
            measure(command)
        a, b = [], []
        for _ in range(args.n):
            a.append(measure(peer))
            b.append(measure(ours))
    hashing, signatures = median(a, 0), modules / rsa_rate() / cores
    wall, peak = median(b, 0), max(r[2] for r in b)
    limit = 2 * hashing + signatures
    ok = wall <= limit and peak <= 128
    if not ok:
        missed.append('kernel')
    print(f'\n{"job":34} {"hashing s":>9} {"RSA s":>9} {"imgscan s":>9} {"limit s":>7} {"MiB":>7} {"limit":>5}')
    print(f'{f"kernel, {modules} modules, {total / 1e6:.0f} MB":34} {hashing:9.3f} {signatures:9.3f} {wall:9.3f} {limit:7.3f} {peak:7.1f} {128:5} {"" if ok else "  MISSED"}', flush=True)
    print(f'{"its CPU s: hashing, imgscan":34} {median(a, 1):9.3f} {"":9} {median(b, 1):9.3f}')


def json_objects(document):
    """Every object of the bill, wherever the document holds it."""
    if isinstance(document, dict):
        for key, value in document.items():
            if key == 'objects':
                yield from value
            else:
                yield from json_objects(value)
    elif isinstance(document, list):
        for value in document:
            yield from json_objects(value)


mnt, scratch = f'{images}/mnt', f'{images}/scratch.raw'
os.makedirs(mnt, exist_ok=True)
# A mount per run: the kernel, as imgscan, starts with the image in the page cache and no inode known.
mounted = f'mount -o loop,ro,noload,offset={offset} {big}/debian.raw {mnt} && {{ %s; umount {mnt}; }}'
find = mounted % f'find {mnt} -ls'
openssl = mounted % f'find {mnt} -xdev -type f -print0 | xargs -0 -P2 -n64 openssl dgst -sha256 -r'
convert = f'rm -f {scratch}; qemu-img convert -m 2 -O raw {big}/%s {scratch}'
debugfs = f"debugfs -R 'cat %s' '{big}/debian.raw?offset={offset}'"

print(f'{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; median of {args.n}, page cache {"cold" if args.cold else "warm"}')
print(f'disk: {known["files"]} files, {int(known["disk_bytes"]) / 1e9:.1f} GB virtual, {os.stat(f"{big}/debian.raw").st_blocks * 512 / 1e9:.1f} GB used')
print(f'\n{"job":34} {"peer s":>9} {"imgscan s":>9} {"ratio":>7} {"limit":>6} {"MiB":>7} {"limit":>5}')
try:
    versus('ls -lR raw / find -ls', find, f'ls -lR {big}/debian.raw p2:/', 1.0)
    versus('hash raw / openssl', openssl, f'hash {big}/debian.raw', 1.0)
    versus('hash qcow2 / openssl', openssl, f'hash {big}/debian.qcow2', 1.1)
    versus('hash zlib / convert', convert % 'debian-zlib.qcow2', f'hash {big}/debian-zlib.qcow2', 0.5)
    for kind in ('zlib', 'zstd'):
        versus(f'digest {kind} / convert+openssl', convert % f'debian-{kind}.qcow2' + f' && openssl dgst -sha256 -r {scratch}',
               f'digest {big}/debian-{kind}.qcow2', 0.5)
    for path in (known['kernel_path'], '/etc/services'):
        versus(f'cat {os.path.basename(path)[:16]} / debugfs', debugfs % path, f'cat {big}/debian.raw p2:{path}', 2.0, runs=4 * args.n)
    versus('NTFS ls -lR / fls -rlp', f'exec fls -rlp {images}/ntfs.img', f'ls -lR {images}/ntfs.img', 0.5)
    hive = f'{images}/big.hive'
    for word, path in (('made', hive), *((os.path.basename(p), p) for p in args.hive)):
        if wanted(f'hive walk {word}'):
            walks = [f'{images}/hivex_walk', f'{os.path.dirname(imgscan)}/examples/hive_walk']
            seen = [subprocess.run([w, path], capture_output=True, text=True, check=True).stdout.strip() for w in walks]
            if seen[0] != seen[1]:
                sys.exit(f'{path}: hivex sees {seen[0]}, imgscan {seen[1]}')
            versus(f'hive walk {word} / hivex', f'exec {walks[0]} {path}', path, 0.5, program=walks[1])
    # The peer here is imgscan itself, held to one core.
    versus('hash two threads / one', f'exec taskset -c 0 {imgscan} hash {big}/debian.raw', f'hash {big}/debian.raw', 1 / 1.8)
    # A digest is one stream, so it can't be faster than SHA-256 itself on one core; the rest goes on beside it.
    versus('digest zlib / sha256 of raw', f'exec openssl dgst -sha256 -r {big}/debian.raw', f'digest {big}/debian-zlib.qcow2', 1.2)
    print(f'\n{"job":34} {"wall s":>9} {"cpu s":>9} {"limit":>7} {"MiB":>7} {"limit":>5}')
    for form in ('raw', 'qcow2', 'zlib.qcow2', 'zstd.qcow2', 'overlay.qcow2'):
        file = f'{small}/debian.{form}' if form in ('raw', 'qcow2') else f'{small}/debian-{form}'
        alone(f'info {form}', f'info {file}', 0.5, 128)
        alone(f'scan {form}', f'scan {file}', 1.0, 128)
    # 60,000 files: 0.1 s for every 10,000.
    alone('Windows scan', f'scan {images}/windows.raw', 0.6, 64)
    kernel(small)
finally:
    subprocess.run(['umount', '-q', mnt], check=False)
    if os.path.exists(scratch):
        os.unlink(scratch)
print(f'\nmissed: {", ".join(missed)}' if missed else '\nevery limit is kept')
sys.exit(1 if missed else 0)
