"""What the end-to-end checks share: running imgscan, and stating what must hold.

Each script is run by `.ci/run` with IMGSCAN (the program) and WORK (the folder of built images) in
the environment. A statement that does not hold is printed and the script ends with 1 at its end,
so that one run shows all of them.
"""
import hashlib
import json
import os
import resource
import subprocess
import sys
import tempfile
import time

IMGSCAN = os.environ.get('IMGSCAN', 'target/release/imgscan')
WORK = os.environ.get('WORK', '.build')
ACCEPT, REJECT, UNREADABLE, REVIEW = 0, 1, 2, 3
DOCUMENTED = (ACCEPT, REJECT, UNREADABLE, REVIEW)

_failed = []
_passed = 0


def check(holds, what, detail=''):
    """Counts one statement; `detail` is printed where it does not hold."""
    global _passed
    if holds:
        _passed += 1
    else:
        _failed.append(what)
        print(f'FAILED: {what}' + (f'\n        {detail}' if detail != '' else ''), flush=True)
    return bool(holds)


def equal(found, expected, what):
    return check(found == expected, what, f'expected {expected!r}\n        found    {found!r}')


def end():
    """Prints the count and leaves with 1 where a statement did not hold."""
    name = os.path.basename(sys.argv[0])
    print(f'{name}: {_passed} statements hold, {len(_failed)} do not', flush=True)
    sys.exit(1 if _failed else 0)


class Run:
    """One run of imgscan: code, out, err (bytes), cpu and wall (seconds), rss (MiB)."""

    def __init__(self, *args, timeout=60, cwd=None):
        self.args = [str(a) for a in args]
        # Files, not pipes: the child's memory comes from wait4, which communicate() would take.
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            start = time.monotonic()
            child = subprocess.Popen([IMGSCAN, *self.args], stdin=subprocess.DEVNULL, stdout=out, stderr=err, cwd=cwd,
                                     env={**os.environ, 'LC_ALL': 'C.UTF-8'})
            self.timed_out = False
            deadline = start + timeout
            while True:
                pid, status, usage = os.wait4(child.pid, os.WNOHANG)
                if pid:
                    break
                if time.monotonic() > deadline:
                    self.timed_out = True
                    child.kill()
                    pid, status, usage = os.wait4(child.pid, 0)
                    break
                time.sleep(0.002)
            child.returncode = self.code = os.waitstatus_to_exitcode(status)
            self.wall = time.monotonic() - start
            self.cpu = usage.ru_utime + usage.ru_stime
            self.rss = usage.ru_maxrss / 1024
            out.seek(0)
            err.seek(0)
            self.out, self.err = out.read(), err.read()

    def __str__(self):
        return f'imgscan {" ".join(self.args)}: exit {self.code}: {self.err.decode(errors="replace").strip()[:800]}'

    def json(self):
        try:
            return json.loads(self.out)
        except ValueError as e:
            check(False, f'imgscan {" ".join(self.args)} prints JSON', f'{e}; {self}')
            return {}


def scan(image, *more, **how):
    return Run('scan', '-f', 'json', *more, image, **how)


def result(report, name):
    """The result of check `name`, or an empty one that no statement takes for a pass."""
    for r in report.get('results', []):
        if r.get('check') == name:
            return r
    check(False, f'{name} is in the report', [r.get('check') for r in report.get('results', [])])
    return {}


def en(text):
    """The English form of a text of a report: verbatim content is a plain string."""
    return text.get('en', '') if isinstance(text, dict) else str(text)


def places(node):
    """Every dict below `node` that names a path (evidence, however deep)."""
    if isinstance(node, dict):
        if 'path' in node:
            yield node
        for v in node.values():
            yield from places(v)
    elif isinstance(node, list):
        for v in node:
            yield from places(v)


def points_at(node, path, line=None):
    return any(p['path'] == path and (line is None or p.get('line') == line) for p in places(node))


def rank(status):
    return {'pass': 0, 'not_applicable': 0, 'warn': 1, 'unknown': 2, 'fail': 3}.get(status, 9)


def restore(clean, work, chunk=8 << 20):
    """Puts the bytes of `clean` back where `work` differs; true where something did."""
    size, changed = os.path.getsize(clean), os.path.getsize(work) != os.path.getsize(clean)
    os.truncate(work, size)
    with open(clean, 'rb') as a, open(work, 'r+b') as b:
        at = 0
        while at < size:
            # Holes of both files hold the same.
            data = []
            for f in (a, b):
                try:
                    data.append(os.lseek(f.fileno(), at, os.SEEK_DATA))
                except OSError:
                    data.append(size)
            at = min(data) // chunk * chunk if min(data) < size else size
            a.seek(at)
            b.seek(at)
            block = a.read(chunk)
            if b.read(chunk) != block:
                b.seek(at)
                b.write(block)
                changed = True
            at += chunk
    return changed


def changes(script, disk, names):
    """Makes each change of `names` on one copy of `disk`, scans it and undoes it: the name, the check, the path and the line that the recipe
    expects, and the run."""
    work = f'{os.path.splitext(disk)[0]}-changed.raw'
    subprocess.run(['cp', '--sparse=always', disk, work], check=True)
    try:
        for name in names:
            done = subprocess.run([sys.executable, script, work, name], capture_output=True, text=True)
            if check(done.returncode == 0, f'{name}: the recipe runs', done.stderr[-600:]):
                wants, path, *line = done.stdout.split()
                run = scan(work)
                check(b'panicked' not in run.err, f'{name}: no panic')
                yield name, wants, path, int(line[0]) if line else None, run
            check(restore(disk, work), f'{name}: it changed the disk')
    finally:
        os.unlink(work)


def turned(name, before, after, path, line):
    """States that a check got worse and names the place of the change: a path with its volume in front where nothing mounts that, and `disk`
    for what is in no volume."""
    was, now = before.get('status'), after.get('status')
    holds = check(rank(now) > rank(was), f'{name}: {after.get("check")} turns (was {was})', f'{now}: {after.get("reason")}')
    place = path if line is None else f'{path}:{line}'
    told = [after.get('evidence'), after.get('gaps')]
    volume, _, inside = path.removeprefix('(').partition(')')
    if path == 'disk':
        found = any(p.get('volume') == 'disk' for list_ in told for p in list_ or [])
    elif path.startswith('('):
        found = any(p.get('volume') == volume and p['path'] == inside for p in places(told))
    else:
        found = any(points_at(told, p, line) for p in (path, path.removeprefix('/usr')))
    holds &= check(found, f'{name}: {after.get("check")} names {place}', str(told)[:600])
    return holds, place


def truth(path):
    """A file of key=value lines."""
    with open(path) as f:
        return dict(line.rstrip('\n').split('=', 1) for line in f if '=' in line)


def sha256(path):
    with open(path, 'rb') as f:
        return hashlib.file_digest(f, 'sha256').hexdigest()


def no_core_dumps():
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
