#!/usr/bin/env python3
"""The digests of released files that cloudbase-init's Python holds: WIN-CBI-001 takes them for explained.

    released_files.py --download FOLDER     takes the releases below with pip
    released_files.py FOLDER LIB... > crates/imgscan-core/src/policy/checks/windows/agents/released.bin

FOLDER holds wheels and source archives, each LIB is the `Lib` of a CPython that was built from unchanged source.
The installers of cloudbase-init 1.1 take the releases of their day, so that all count from the versions below on, for Windows on x86-64
and Python 3.7 to 3.13. The list has 16 bytes for each file that Python or Windows loads, sorted and without a gap: the first ones
of the SHA-256 of the line that sha256sum prints for it: its SHA-256 and its path from the folder of Python, in lower case. CRLF of
text is LF there, for installers write either; empty files are left out.
"""
import concurrent.futures
import hashlib
import pathlib
import re
import subprocess
import sys
import tarfile
import zipfile

PYTHONS = ['3.7', '3.8', '3.9', '3.10', '3.11', '3.12', '3.13']
# The first release that counts of each package of pure Python: the newest ones of the end of 2019.
PURE = {
    'cloudbase-init': '0.9.8', 'pbr': '5.4.4', 'iso8601': '0.1.12', 'eventlet': '0.25.1', 'netaddr': '0.7.19', 'pyserial': '3.4', 'oslo.config': '6.11.2',
    'oslo.log': '3.44.1', 'six': '1.13.0', 'Babel': '2.7.0', 'oauthlib': '3.1.0', 'requests': '2.22.0', 'untangle': '1.1.1', 'Jinja2': '2.10.3',
    'comtypes': '1.1.7', 'WMI': '1.4.9', 'tzlocal': '2.0.0', 'oslo.i18n': '3.25.0', 'oslo.utils': '3.42.1', 'oslo.context': '2.23.0',
    'oslo.serialization': '2.29.2', 'debtcollector': '1.22.0', 'stevedore': '1.31.0', 'rfc3986': '1.3.2', 'python-dateutil': '2.8.1', 'pytz': '2019.3',
    'tzdata': '2020.1', 'pyparsing': '2.4.5', 'packaging': '19.2', 'importlib-metadata': '1.3.0', 'zipp': '0.6.0', 'typing-extensions': '3.7.4',
    'certifi': '2019.11.28', 'chardet': '3.0.4', 'idna': '2.8', 'urllib3': '1.25.7', 'defusedxml': '0.6.0', 'dnspython': '1.16.0', 'monotonic': '1.5',
    'pycparser': '2.19', 'pip': '19.3.1', 'setuptools': '42.0.2', 'wheel': '0.33.6', 'pytz-deprecation-shim': '0.1.0',
}
# Packages with libraries for one Python each.
BUILT = {
    'netifaces': '0.10.9', 'PyYAML': '5.2', 'MarkupSafe': '1.1.1', 'pywin32': '227', 'PyMI': '1.0.5', 'wrapt': '1.11.2', 'msgpack': '0.6.2',
    'charset-normalizer': '2.0.0', 'cffi': '1.13.2', 'greenlet': '0.4.15', 'cryptography': '41.0.0', 'psutil': '5.6.7',
}
# Releases that come as source alone.
SOURCES = ['untangle==1.1.1']
LOADED = ('.py', '.pyw', '.pth', '.pem', '.pyd', '.dll', '.exe')
TEXT = ('.py', '.pyw', '.pth', '.pem')
# What no installer of cloudbase-init brings: the tests of Python itself, its editor, and what builds it.
UNUSED = re.compile(r'Lib/(test|tests|idlelib|config-|[^/]+/(tests?|idle_test)/)')


def key(version):
    return [int(n) for n in re.findall(r'\d+', version)]


def pip(*arguments):
    return subprocess.run([sys.executable, '-m', 'pip', *arguments], capture_output=True, text=True)


def options(python):
    return ['--only-binary=:all:', '--platform=win_amd64', f'--python-version={python}']


def versions(name, first, python, pure):
    listed = pip('index', 'versions', name, *options(python), *(['--ignore-requires-python'] if pure else [])).stdout
    found = re.search(r'Available versions: (.*)', listed)
    return [v for v in found[1].split(', ') if key(v) >= key(first)] if found else []


def download(folder):
    jobs = [(name, first, '3.11', True) for name, first in PURE.items()]
    # cloudbase-init 0.9 ran in Python 2.
    jobs.append(('cloudbase-init', PURE['cloudbase-init'], '2.7', False))
    jobs += [(name, first, python, False) for python in PYTHONS for name, first in BUILT.items()]
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda job: (*job, versions(*job)), jobs))

        def take(batch):
            python, pure, wanted = batch
            more = ['--ignore-requires-python'] if pure else []
            call = ['download', '-q', '--no-deps', '-d', folder, *options(python), *more]
            if pip(*call, *wanted).returncode != 0:
                for one in wanted:
                    done = pip(*call, one)
                    if done.returncode != 0:
                        print(f'{one} for {python}: {done.stderr.strip().splitlines()[-1:]}', file=sys.stderr)

        # A call of pip takes one version of a package: the first of each, the second of each, and so on.
        batches = []
        for python, pure in [('3.11', True)] + [(python, False) for python in ['2.7', *PYTHONS]]:
            these = [(name, all_) for name, _, of, is_pure, all_ in found if (of, is_pure) == (python, pure)]
            for i in range(max((len(all_) for _, all_ in these), default=0)):
                batches.append((python, pure, [f'{name}=={all_[i]}' for name, all_ in these if i < len(all_)]))
        list(pool.map(take, batches))
    # These have no wheels.
    for source in SOURCES:
        pip('download', '-q', '--no-deps', '--no-binary=:all:', '-d', folder, source)


def place(name):
    """Where pip puts a file of a wheel, from the folder of Python; `None` for what it does not install there."""
    top, _, rest = name.partition('/')
    if not top.endswith('.data'):
        return f'Lib/site-packages/{name}'
    kind, _, rest = rest.partition('/')
    return {'purelib': f'Lib/site-packages/{rest}', 'platlib': f'Lib/site-packages/{rest}', 'scripts': f'Scripts/{rest}', 'data': rest}.get(kind)


def entry(where, data):
    """A file at its place: of text the newlines are LF."""
    if where.lower().endswith(TEXT):
        data = data.replace(b'\r\n', b'\n')
    return hashlib.sha256(f'{hashlib.sha256(data).hexdigest()}  {where.lower()}'.encode()).digest()[:16]


def files(path):
    """The place and the bytes of each file of an archive or a `Lib`."""
    if path.is_dir():
        for file in sorted(path.rglob('*')):
            inside = file.relative_to(path)
            if file.is_file() and inside.parts[0] != 'site-packages':
                yield f'Lib/{inside.as_posix()}', file.read_bytes() if file.name.lower().endswith(LOADED) else b''
    elif path.suffix == '.whl':
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                yield place(name), archive.read(name) if name.lower().endswith(LOADED) else b''
    else:
        with tarfile.open(path) as archive:
            for member in archive:
                if member.isfile() and member.name.lower().endswith(LOADED):
                    yield f'Lib/site-packages/{member.name.partition("/")[2]}', archive.extractfile(member).read()


def main():
    if sys.argv[1] == '--download':
        return download(sys.argv[2])
    out = set()
    for path in [*sorted(pathlib.Path(sys.argv[1]).iterdir()), *map(pathlib.Path, sys.argv[2:])]:
        of = {entry(where, data) for where, data in files(path) if where and where.lower().endswith(LOADED) and data.strip() and not UNUSED.match(where)}
        print(f'{path.name}: {len(of)} files, {len(of - out)} new', file=sys.stderr)
        out |= of
    sys.stdout.buffer.write(b''.join(sorted(out)))


if __name__ == '__main__':
    main()
