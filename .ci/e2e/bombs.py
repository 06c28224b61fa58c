"""Images made to take for ever, or all memory: each ends in time, within its memory, with a report that says what was not done.

    bombs.py [--some | NAME...]

Prints a row for each: seconds, MiB of all processes together, exit code, and what the report says. A bomb is never
accepted unless its recipe changes nothing that a verdict rests on.
"""
import glob
import shutil
import threading

from e2e import *

SECONDS, MEMORY = 30, 640
# What only takes space or is never run: folders and files that no check has to read, records that nothing asks for.
HARMLESS = set('''folder-of-a-million folder-of-entries folder-in-itself wtmp-of-terabytes rpmdb-of-terabytes journal-of-gigabytes events-of-gigabytes
                  files-sparse-in-home folders-deep names-of-one-driver members-of-sudo shell-doubling shell-nesting units-of-drop-ins'''.split())
recipe = 'testdata/recipes/bombs.py'
out = os.path.abspath(f'{WORK}/bombs')


def memory(pid):
    """The peak memory of a process and of those that it started, in MiB."""
    total = 0
    try:
        with open(f'/proc/{pid}/status') as f:
            total = sum(int(l.split()[1]) for l in f if l.startswith('VmHWM')) / 1024
        for task in os.listdir(f'/proc/{pid}/task'):
            with open(f'/proc/{pid}/task/{task}/children') as f:
                total += sum(memory(child) for child in f.read().split())
    except (OSError, ValueError):
        pass
    return total


def watched(args):
    """The run of imgscan, and the peak memory of parent and child together."""
    done, peak = [], 0.0
    with tempfile.TemporaryFile() as text, tempfile.TemporaryFile() as err:
        start = time.monotonic()
        child = subprocess.Popen([IMGSCAN, *args], stdin=subprocess.DEVNULL, stdout=text, stderr=err)
        while child.poll() is None:
            peak = max(peak, memory(child.pid))
            if time.monotonic() - start > 120:
                child.kill()
            time.sleep(0.01)
        text.seek(0)
        err.seek(0)
        return child.returncode, time.monotonic() - start, peak, text.read(), err.read().decode(errors='replace')


def told(command, text, err):
    """What the report says of the end, in one line."""
    if command != 'scan':
        return (err.strip().splitlines() or [''])[-1]
    try:
        report = json.loads(text)
    except ValueError:
        return 'no report: ' + err[-200:]
    if report.get('interrupted'):
        return 'interrupted: ' + json.dumps(report['interrupted'], ensure_ascii=False)[:160]
    gaps = report.get('gaps', [])
    stopped = [r['check'] for r in report.get('results', []) if r['status'] in ('fail', 'unknown')]
    first = next((g for g in gaps), {})
    return f'{",".join(stopped[:4])}{"…" if len(stopped) > 4 else ""}; {len(gaps)} gaps {json.dumps(first, ensure_ascii=False)[:150] if first else ""}'


# One of each kind, for every change.
SOME = '''grub-doubling shell-doubling folder-of-profiles folder-of-wants modules-packed package-lists-in-one accounts
          initramfs-in-a-hundred-parts initramfs-of-gigabytes sudoers-of-themselves sshd-of-itself table-of-one-file-system
          qcow2-that-unpacks log-of-gigabytes keys-share-a-list script-doubling package-that-unpacks
          pam-of-one members-of-sudo scripts-that-branch'''.split()
names = SOME if sys.argv[1:] == ['--some'] else sys.argv[1:] or subprocess.run([sys.executable, recipe, '--list'], check=True, capture_output=True, text=True).stdout.split()
print(f'{"bomb":34} {"s":>6} {"MiB":>6} code  what it says')
for name in names:
    shutil.rmtree(out, ignore_errors=True)
    made = subprocess.run([sys.executable, recipe, name, out], capture_output=True, text=True)
    if not check(made.returncode == 0, f'{name}: the recipe makes it', made.stderr[-1500:]):
        continue
    args = made.stdout.split('\n')[:-1]
    if args[0] == 'scan':
        args[1:1] = ['-f', 'json']
    code, wall, peak, text, err = watched(args)
    print(f'{name:34} {wall:6.1f} {peak:6.0f} {code:4}  {told(args[0], text, err)}', flush=True)
    check(wall <= SECONDS, f'{name}: at most {SECONDS} s', f'{wall:.1f}')
    check(peak <= MEMORY, f'{name}: at most {MEMORY} MiB', f'{peak:.0f}')
    check(code in DOCUMENTED, f'{name}: a documented exit code', err[-600:])
    if args[0] == 'scan':
        check(text.startswith(b'{') or code == UNREADABLE and err, f'{name}: a report, or why there is none', err[-600:])
        check(code != ACCEPT or name in HARMLESS, f'{name}: not accepted', code)
shutil.rmtree(out, ignore_errors=True)
end()
