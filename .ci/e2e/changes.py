"""Changes of clean Debian disks, one each: none is accepted, and the check and the place that its recipe expects are told.

    changes.py [--disk DISK.raw] [--some | AREA... | RECIPE...]

The table: area, change, base, check with its status before and after, place, verdict, other checks that changed.
"""
import subprocess
import sys

from e2e import *

script = 'testdata/recipes/tamper_systems.py'
words = sys.argv[1:]
disk = f'{WORK}/debian/debian.raw'
if words[:1] == ['--disk']:
    disk, words = words[1], words[2:]
listed = subprocess.run([sys.executable, script, '--list'], check=True, capture_output=True, text=True).stdout
rows = [line.split() for line in listed.splitlines()]
check(len(rows) >= 120, 'at least 120 changes', len(rows))
if words == ['--some']:
    rows = rows[::20]
elif words:
    rows = [row for row in rows if row[0] in words or row[1] in words]


def bases():
    """The disks that recipes change, each with the recipes; what was made is gone behind its turn."""
    yield disk, 'debian'
    if any(base == 'bios' for _, _, base in rows):
        made = f'{os.path.splitext(disk)[0]}-bios.raw'
        subprocess.run(['testdata/recipes/bios-disk.sh', disk, made, '/usr/lib/grub/i386-pc'], check=True)
        yield made, 'bios'
        os.unlink(made)
        os.unlink(f'{made}.truth')


caught = accepted = 0
for base, kind in bases():
    mine = {name: area for area, name, needs in rows if needs == kind}
    clean = scan(base).json()
    equal(clean.get('verdict'), 'accept', f'the clean {kind} disk is accepted')
    before = {r['check']: r for r in clean.get('results', [])}
    noisy = [c for c, r in before.items() if r['status'] not in ('pass', 'not_applicable')]
    equal(noisy, [], f'nothing is found on the clean {kind} disk')
    for name, wants, path, line, run in changes(script, base, list(mine)):
        report = run.json()
        verdict = report.get('verdict')
        holds = check(verdict in ('reject', 'review'), f'{name}: not accepted', verdict)
        accepted += not holds
        now = result(report, wants)
        as_expected, place = turned(name, before.get(wants, {}), now, path, line)
        caught += holds and as_expected
        others = [f'{r["check"]} {r["status"]}' for r in report.get('results', [])
                  if r['check'] != wants and r['status'] != before.get(r['check'], {}).get('status')]
        print(f'    {mine[name]:9} {name:44} {kind:6} {wants} {before.get(wants, {}).get("status")} -> {now.get("status")}  {place}  {verdict}'
              f'  {", ".join(others)}', flush=True)
print(f'{caught} of {len(rows)} changes caught as expected, {accepted} accepted')
end()
