"""Every disk, container and file system of the shared corpus: info and scan end by themselves.

Documented exit code, no panic, at most 10 s and 256 MiB each.
"""
import concurrent.futures
import re
import shutil
import subprocess

from e2e import *

folder = os.environ['CORPUS']
WANTED = re.compile(r'\bdisks?\b|NTFS|partition|FAT|GPT|LUKS|LVM|\bMBR|VHD|VMDK|qcow|\bext[234]|XFS|btrfs|container|fs signature')
OTHER = re.compile(r'^(EFI|PE|hive|registry|rpmdb|kernel|expected)')
PACKED = {'.zst': ['zstd', '-dcq'], '.gz': ['gzip', '-dc'], '.xz': ['xz', '-dc'], '.bz2': ['bzip2', '-dc']}
LIMIT_S, LIMIT_MIB = 10, 256


def one(row, work):
    name = row['path']
    source = os.path.join(folder, name)
    target = os.path.join(work, name.replace('/', '__'))
    at, step = source, 0
    while True:  # upstream's own packing may lie inside the corpus's
        base, ending = os.path.splitext(target)
        if ending not in PACKED:
            break
        with open(f'{base}.part', 'wb') as out:
            subprocess.run([*PACKED[ending], at], stdout=out, check=True)
        if at != source:
            os.unlink(at)
        target = base
        os.replace(f'{base}.part', target)
        at, step = target, step + 1
    if step == 0:
        shutil.copyfile(source, target)
    rows = []
    for command in ('info', 'scan'):
        run = Run(command, '-f', 'json', target, timeout=LIMIT_S)
        why = []
        if run.timed_out:
            why.append(f'over {LIMIT_S} s')
        elif run.code not in DOCUMENTED:
            why.append(f'exit {run.code}')
        if command == 'scan' and run.code == ACCEPT:
            why.append('accepted, and no image of the corpus meets the rules')
        if b'panicked' in run.err or b'panicked' in run.out:
            why.append('panic')
        if run.rss > LIMIT_MIB:
            why.append(f'{run.rss:.0f} MiB')
        rows.append((command, run, why))
    os.unlink(target)
    return name, rows


with open(f'{folder}/MANIFEST.tsv') as f:
    head, *lines = [line.rstrip('\n').split('\t') for line in f]
rows = [dict(zip(head, line)) for line in lines]
rows = [r for r in rows if WANTED.search(r['format']) and not OTHER.search(r['format'])]
work = os.path.abspath(f'{WORK}/corpus')
shutil.rmtree(work, ignore_errors=True)
os.makedirs(work)
no_core_dumps()
codes, slowest, largest, ends = {}, (0, ''), (0, ''), 0
with concurrent.futures.ThreadPoolExecutor(2) as pool:
    for name, runs in pool.map(lambda r: one(r, work), rows):
        for command, run, why in runs:
            ends += 1
            check(not why, f'{command} {name}: {", ".join(why)}', run)
            key = (command, run.code)
            codes[key] = codes.get(key, 0) + 1
            slowest = max(slowest, (run.wall, f'{command} {name}'))
            largest = max(largest, (run.rss, f'{command} {name}'))
shutil.rmtree(work)
check(len(rows) >= 170, 'the corpus has its disks', len(rows))
print(f'corpus: {len(rows)} files, {ends} runs; slowest {slowest[0]:.2f} s ({slowest[1]}), largest {largest[0]:.0f} MiB ({largest[1]})')
for (command, code), n in sorted(codes.items()):
    print(f'    {command} exit {code}: {n}')
end()
