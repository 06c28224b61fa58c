"""Tampered copies of the Debian disk: each change is found, with its place; none on the clean disk."""
import subprocess
import sys

from e2e import *

disk = f'{WORK}/debian'
known = truth(f'{disk}/debian.truth')
clean = scan(f'{disk}/debian.raw').json()
CHANGES = {  # change: the check it turns
    'kernel-byte': 'LNX-KERNEL-003',
    'no-agent': 'LNX-AGENT-001',
    'nameserver': 'LNX-NET-001',
    'uid0': 'LNX-ACCT-003',
    'empty-password': 'LNX-ACCT-001',
    'authorized-key': 'LNX-ACCT-004',
}
for change, name in CHANGES.items():
    copy = f'{disk}/tampered.raw'
    subprocess.run(['testdata/recipes/tamper.sh', f'{disk}/debian.raw', copy, change], check=True)
    with open(f'{disk}/tampered.truth') as f:
        what = dict(part.split('=', 1) for part in f.readline().split()[1:])
    before = result(clean, name)
    run = scan(copy)
    report = run.json()
    after = result(report, name)
    check(before.get('status') in ('pass', 'warn'), f'{change}: {name} does not fail on the clean disk', before)
    equal(after.get('status'), 'fail', f'{change}: {name} fails')
    equal(report.get('verdict'), 'reject', f'{change}: verdict')
    equal(run.code, REJECT, f'{change}: exit code')
    line = int(what['line']) if 'line' in what else None
    place = f'{what["path"]}' + (f':{line}' if line else '')
    if change != 'no-agent':
        check(points_at(after.get('evidence'), what['path'], line), f'{change}: the evidence names {place}', after.get('evidence'))
        if line and change != 'nameserver':  # there an approved resolver stands in the same line
            check(not points_at(before.get('evidence'), what['path'], line), f'{change}: {place} is not named on the clean disk')
    if change == 'kernel-byte':
        text = str(after)
        known_digests = [known['kernel_md5'], known['kernel_sha256']]
        check(any(d in text for d in known_digests), 'kernel-byte: the expected digest is printed', text)
        check(what['md5_after'] in text or what['sha256_after'] in text, 'kernel-byte: the found digest is printed', text)
    # Nothing else may turn to fail.
    def others(r):
        return {x['check']: x['status'] for x in r.get('results', []) if x['check'] != name}
    # A changed kernel is seen by several checks of the kernel, and as a changed file of its package.
    allowed = ('LNX-KERNEL-', 'LNX-INTEG-') if change == 'kernel-byte' else '-'
    turned = {c for c, s in others(report).items() if s != others(clean).get(c) and not c.startswith(allowed)}
    equal(turned, set(), f'{change}: no other result changes')
end()
