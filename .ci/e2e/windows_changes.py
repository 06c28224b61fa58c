"""Changes of the Windows demonstration disk, one each: none that is hostile is accepted, and the check and the place that its recipe expects
are told; with one that is honest no check tells more than on the clean disk.

    windows_changes.py [--some | AREA... | CHANGE...]

A line for each: area, change, check with its status before and after, verdict, other checks that changed. At the end the figures of each area.
"""
import collections
import subprocess
import sys

from e2e import *

script, demo = 'testdata/recipes/windows_changes.py', 'testdata/demo/windows.qcow2'
trust = ['--trust', 'testdata/demo/windows-ca.der', '--trust', 'testdata/scripts/ca.der']
words = sys.argv[1:]
listed = subprocess.run([sys.executable, script, '--list'], check=True, capture_output=True, text=True).stdout
rows = [line.split('\t') for line in listed.splitlines()]
check(len(rows) >= 500, 'at least 500 changes', len(rows))
if words == ['--some']:
    # Four of each area, from all over it.
    of = {area: [row for row in rows if row[0] == area] for area in dict.fromkeys(row[0] for row in rows)}
    rows = [row for inside in of.values() for row in inside[::-(-len(inside) // 4)]]
elif words:
    rows = [row for row in rows if row[0] in words or row[1] in words]
    check(rows, 'the words name changes')


def told(node):
    """Every text below `node`, as the report holds it."""
    if isinstance(node, str):
        yield node
    for below in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from told(below)


def found(result, clean, place):
    """Whether what is new in a result holds the place."""
    def parts(r):
        return [*r.get('evidence', []), *r.get('gaps', []), r.get('reason')]
    new = [part for part in parts(result) if part not in parts(clean)]
    return any(place.replace('\\', '/').lower() in text.replace('\\', '/').lower() for text in told(new)), new


disk, changed = f'{WORK}/windows-changes.raw', f'{WORK}/windows-changed.raw'
subprocess.run(['qemu-img', 'convert', '-O', 'raw', demo, disk], check=True)
subprocess.run(['cp', '--sparse=always', disk, changed], check=True)
clean = scan(disk, *trust)
equal(clean.code, ACCEPT, 'the clean disk is accepted')
before = {r['check']: r for r in clean.json().get('results', [])}
figures = collections.defaultdict(collections.Counter)
caught = 0
for area, name, wants, place, _ in rows:
    done = subprocess.run([sys.executable, script, changed, name], capture_output=True, text=True)
    if check(done.returncode == 0, f'{name}: the recipe runs', done.stderr[-600:]):
        run = scan(changed, *trust)
        check(b'panicked' not in run.err, f'{name}: no panic')
        report = run.json()
        verdict = report.get('verdict')
        equal(run.code, {'accept': ACCEPT, 'review': REVIEW, 'reject': REJECT}.get(verdict), f'{name}: the exit code is that of the verdict')
        figures[area][verdict] += 1
        after = {r['check']: r for r in report.get('results', [])}
        turned = {c: (before[c]['status'], r['status']) for c, r in after.items() if c in before and r['status'] != before[c]['status']}
        worse = {c: r for c, r in after.items() if rank(r['status']) > rank(before.get(c, {}).get('status', 'pass'))}
        if place == '-':
            worse = {c: r for c, r in worse.items() if (c, r['status']) != (wants, 'warn')}
            caught += check(verdict == 'accept' and not worse, f'{name}: an honest system', {c: [r['status'], en(r.get('reason', '')), r.get('evidence', [])[:2]] for c, r in worse.items()})
        else:
            holds = check(verdict in ('reject', 'review'), f'{name}: not accepted', verdict)
            now = after.get(wants, {})
            holds &= check(wants in worse and now['status'] in ('fail', 'unknown'), f'{name}: {wants} turns', f'{now.get("status")}: {en(now.get("reason", ""))}')
            there, new = found(now, before.get(wants, {}), place)
            caught += holds & check(there, f'{name}: {wants} names {place}', str(new)[:600])
        line = ', '.join(f'{c} {a} -> {b}' for c, (a, b) in sorted(turned.items(), key=lambda t: t[0] != wants))
        print(f'    {area:11} {name:44} {verdict:6}  {line}', flush=True)
    check(restore(disk, changed), f'{name}: it changed the disk')
for path in (disk, changed):
    os.unlink(path)
print(f'    {"area":11} {"changes":>8} {"reject":>8} {"review":>8} {"accepted":>8}')
for area, counts in [*figures.items(), ('all', sum(figures.values(), collections.Counter()))]:
    print(f'    {area:11} {counts.total():8} {counts["reject"]:8} {counts["review"]:8} {counts["accept"]:8}')
print(f'{caught} of {len(rows)} changes told as expected')
end()
