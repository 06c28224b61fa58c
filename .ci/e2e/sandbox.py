"""The sandbox on hostile images: nothing is opened, connected or started in it; a child that is killed leaves a report and
no half file; and a program that tries to read a file of the host is refused, and says so.

    sandbox.py [--patched]

With --patched a copy of the sources is built in which the parser reads a file of the host.
"""
import glob
import shutil

from e2e import *

DEMO = 'testdata/demo'
MOMENTS = 50
here = os.path.abspath(f'{WORK}/sandbox')
shutil.rmtree(here, ignore_errors=True)
os.makedirs(here)
# The calls that go through the socket, and those of ends; nothing else of files, network and processes.
ALLOWED = ('sendmsg(', 'recvmsg(', 'clone(', 'clone3(', 'exit(', 'exit_group(', 'wait4(', 'fstat(', 'newfstatat(', 'statx(', '+++', '---')


def sh(*args, **how):
    return subprocess.run(args, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **how)


# --- hostile images ---
def bomb(name):
    made = subprocess.run([sys.executable, 'testdata/recipes/bombs.py', name, f'{here}/{name}'], check=True, capture_output=True, text=True)
    return made.stdout.split('\n')[:-1][-1]


def linux(name, commands):
    """The root of the Linux demonstration, changed by debugfs."""
    disk = f'{here}/{name}.raw'
    sh('qemu-img', 'convert', '-O', 'raw', f'{DEMO}/clean-linux.qcow2', disk)
    table = json.loads(subprocess.run(['sfdisk', '-J', disk], check=True, capture_output=True).stdout)['partitiontable']
    root = max(table['partitions'], key=lambda p: p['size'])
    sh('debugfs', '-w', '-f', '/dev/stdin', f'{disk}?offset={root["start"] * 512}', input=commands.encode())
    return disk


def names_of_host():
    """Links and includes that name files of the host."""
    files = {'includes': '#includedir /root\n#include /etc/shadow\n', 'ssh': 'Include /etc/ssh/sshd_config /root/*\n'}
    for name, text in files.items():
        with open(f'{here}/{name}', 'w') as f:
            f.write(text)
    return linux('names', 'rm /etc/os-release\nsymlink /etc/os-release /proc/self/root/etc/os-release\nrm /etc/shadow\n'
                 'symlink /etc/shadow ../../../../../../../../etc/shadow\nrm /etc/sudoers\n'
                 f'write {here}/includes /etc/sudoers\nrm /etc/ssh/sshd_config\nwrite {here}/ssh /etc/ssh/sshd_config\n')


def layered(name, options):
    path = f'{here}/{name}.qcow2'
    sh('qemu-img', 'create', '-q', '-u', '-f', 'qcow2', *options, path, '1G')
    return path


def cut():
    path = f'{here}/cut.qcow2'
    with open(f'{DEMO}/windows.qcow2', 'rb') as whole, open(path, 'wb') as f:
        f.write(whole.read()[:1 << 20])
    return path


HOSTILE = {
    'a backing file of the host': lambda: layered('backing', ['-b', '/etc/passwd', '-F', 'raw']),
    'a backing protocol': lambda: layered('protocol', ['-b', 'nbd://203.0.113.7/disk', '-F', 'raw']),
    'a backing file that is started': lambda: layered('json', ['-b', 'json:{"driver":"raw","file":{"driver":"host_device","filename":"/dev/vda"}}', '-F', 'raw']),
    'links and includes of the host': names_of_host,
    'a folder in itself': lambda: linux('loop', 'link <2> /usr/share\nsymlink /a /b\nsymlink /b /a\n'),
    'a tampered kernel': lambda: f'{DEMO}/tampered-linux.qcow2',
    'half a disk': cut,
    **{name: (lambda name=name: bomb(name)) for name in ('grub-doubling', 'sudoers-of-themselves', 'sshd-of-itself', 'script-doubling', 'table-of-one-file-system')},
}
check(len(HOSTILE) >= 12, 'there are twelve hostile images', len(HOSTILE))
for name, make in HOSTILE.items():
    image, log = make(), f'{here}/log'
    done = subprocess.run(['strace', '-f', '-o', log, '-e', 'trace=%file,%network,%process,seccomp,open_by_handle_at', IMGSCAN, 'scan', '-f', 'json', image],
                          stdin=subprocess.DEVNULL, capture_output=True, env={**os.environ, 'LC_ALL': 'C'})
    check(done.returncode in DOCUMENTED and done.returncode != ACCEPT, f'{name}: not accepted', done.stderr[-600:])
    with open(log, errors='replace') as f:
        lines = f.read().splitlines()
    last = max((i for i, l in enumerate(lines) if 'SECCOMP_SET_MODE_FILTER' in l), default=None)
    if check(last is not None, f'{name}: there is a filter'):
        # The first line is of the parent, which strace started.
        inside = [l for l in lines[last + 1:] if l.split()[0] != lines[0].split()[0]]
        check(inside, f'{name}: the child is seen')
        wrong = [l for l in inside if not any(a in l for a in (*ALLOWED, 'resumed>'))]
        check(not wrong, f'{name}: nothing is opened, connected or started behind the filter', wrong[:5])


# --- a child that is killed ---
def child_of(pid):
    try:
        with open(f'/proc/{pid}/task/{pid}/children') as f:
            return next(iter(f.read().split()), None)
    except OSError:
        return None


def killed(args, after):
    """The run of a command whose child is killed after so many seconds; whether it still lived."""
    parent = subprocess.Popen([IMGSCAN, *args], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={**os.environ, 'LC_ALL': 'C.UTF-8'})
    start = time.monotonic()
    child = None
    while child is None and parent.poll() is None:
        child = child_of(parent.pid)
    time.sleep(max(0, after - (time.monotonic() - start)))
    if child:
        try:
            os.kill(int(child), 9)
        except ProcessLookupError:
            pass
    out, err = parent.communicate(timeout=60)
    return parent.returncode, out, err, b'signal 9' in err


def tree(folder):
    found = {}
    for path, folders, files in os.walk(folder):
        for name in files + folders:
            full = f'{path}/{name}'
            # A link to a folder counts among the folders once that is there.
            if os.path.isdir(full) and not os.path.islink(full):
                continue
            found[os.path.relpath(full, folder)] = os.readlink(full) if os.path.islink(full) else sha256(full)
    return found


def scanned(folder, code, out, err, died):
    report = json.load(open(f'{folder}/report')) if os.path.exists(f'{folder}/report') else None
    if died:
        return code == REVIEW and report and report['verdict'] == 'review' and report['interrupted'] and os.listdir(folder) == ['report']
    return report and not report.get('interrupted') and os.listdir(folder) == ['report']


def extracted(folder, code, out, err, died):
    there = tree(f'{folder}/files')
    if any(whole.get(name) != what for name, what in there.items()):
        return False
    return code == UNREADABLE if died else there == whole


def added(folder, code, out, err, died):
    return os.listdir(folder) == [] and code == UNREADABLE if died else os.listdir(folder) == ['db']


image = f'{DEMO}/clean-linux.qcow2'
COMMANDS = {
    'scan': (lambda to: ['scan', '-f', 'json', '-o', f'{to}/report', image], scanned),
    'extract': (lambda to: ['extract', image, '-C', f'{to}/files'], extracted),
    'baseline add': (lambda to: ['baseline', 'add', '--force', '--db', f'{to}/db', image], added),
}
for name, (args, holds) in COMMANDS.items():
    folder = f'{here}/whole'
    os.makedirs(folder)
    start = time.monotonic()
    done = subprocess.run([IMGSCAN, *args(folder)], stdin=subprocess.DEVNULL, capture_output=True)
    took = time.monotonic() - start
    check(done.returncode in DOCUMENTED, f'{name}: it runs', done.stderr[-600:])
    whole = tree(f'{folder}/files')
    shutil.rmtree(folder)
    deaths = 0
    for moment in range(MOMENTS):
        os.makedirs(folder)
        code, out, err, died = killed(args(folder), took * moment / MOMENTS)
        deaths += died
        check(holds(folder, code, out, err, died), f'{name}, killed at {moment}/{MOMENTS}: a report or an error, no half file, nothing left', f'{code} {err[-300:]} {os.listdir(folder)}')
        check(not glob.glob(f'{folder}/**/*.part', recursive=True, include_hidden=True), f'{name}, killed at {moment}/{MOMENTS}: no temporary file')
        shutil.rmtree(folder)
    check(deaths >= MOMENTS / 4, f'{name}: the child was killed at work', deaths)
    print(f'    {name}: killed at {deaths} of {MOMENTS} moments', flush=True)

# --- a program that reads the host ---
if '--patched' in sys.argv:
    # The first thing that parses asks for a file of the host; what it is told becomes its error.
    copy, secret = f'{here}/source', f'{here}/secret'
    with open(secret, 'w') as f:
        f.write('a secret of the host')
    shutil.copytree('.', copy, ignore=shutil.ignore_patterns('.build', 'target', '.git'))
    scan_rs = f'{copy}/crates/imgscan-core/src/scan.rs'
    with open(scan_rs) as f:
        text = f.read()
    marker = 'pub fn scan(path: &Path, options: &ScanOptions, progress: Progress<\'_>) -> Result<Report> {\n'
    check(text.count(marker) == 1, 'the place of the patch is there')
    steal = f'    match std::fs::read("{secret}") {{ Ok(b) => panic!("READ {{}}", b.len()), Err(e) => panic!("REFUSED {{e}}") }}\n    #[allow(unreachable_code)]\n'
    with open(scan_rs, 'w') as f:
        f.write(text.replace(marker, marker + steal))
    built = subprocess.run(['cargo', 'build', '--quiet', '--package', 'imgscan-cli', '--manifest-path', f'{copy}/Cargo.toml'], capture_output=True, text=True,
                           env={**os.environ, 'CARGO_TARGET_DIR': f'{here}/target', 'CARGO_PROFILE_DEV_DEBUG': '0', 'CARGO_PROFILE_DEV_OPT_LEVEL': '0'})
    if check(built.returncode == 0, 'the patched program is built', built.stderr[-1500:]):
        for mode, word in (('auto', 'REFUSED'), ('off', 'READ 20')):
            done = subprocess.run([f'{here}/target/debug/imgscan', 'scan', '--sandbox', mode, '-f', 'json', image], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                                  env={**os.environ, 'LC_ALL': 'C.UTF-8'})
            told = done.stdout + done.stderr
            check(word in told, f'patched, sandbox {mode}: {word}', told[-800:])
            if mode == 'auto':
                check('READ' not in told and done.returncode in (REVIEW, UNREADABLE), 'patched: refused, told, and not accepted', f'{done.returncode} {told[-800:]}')
                check('ermission' in told or 'not permitted' in told, 'patched: the refusal is told', told[-800:])
shutil.rmtree(here, ignore_errors=True)
end()
