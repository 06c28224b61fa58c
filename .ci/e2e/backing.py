"""Backing files outside the image's folder are refused, and strace shows that they were never opened."""
import os
import shutil
import subprocess

from e2e import *

here = os.path.abspath(f'{WORK}/backing')
shutil.rmtree(here, ignore_errors=True)
os.makedirs(f'{here}/images/sub')
for name in ('x', 'images/sub/inside.raw'):
    subprocess.run(['mkfs.fat', '-C', f'{here}/{name}', '1024'], check=True, stdout=subprocess.DEVNULL)
os.symlink('/etc/passwd', f'{here}/images/link')
CASES = {'/etc/passwd': '/etc/passwd', '../../x': '../../x', '../x': f'{here}/x', f'{here}/x': f'{here}/x',
         'link': '/etc/passwd', 'file:/etc/passwd': '/etc/passwd', 'json:{"driver":"file","filename":"/etc/passwd"}': '/etc/passwd'}
for named, never in CASES.items():
    image = f'{here}/images/evil.qcow2'
    subprocess.run(['qemu-img', 'create', '-q', '-u', '-f', 'qcow2', '-F', 'raw', '-b', named, image, '1M'], check=True)
    for command in (['info'], ['scan'], ['ls'], ['digest'], ['hash'], ['cat', '/etc/passwd']):
        log = f'{here}/strace.log'
        run = subprocess.run(['strace', '-f', '-y', '-o', log, '-e', 'trace=open,openat,openat2,creat', IMGSCAN,
                              command[0], image, *command[1:]], stdin=subprocess.DEVNULL, capture_output=True)
        what = f'backing file {named}: {command[0]}'
        equal(run.returncode, UNREADABLE, f'{what} ends with 2')
        check(b'backing' in run.stderr.lower(), f'{what} says so', run.stderr)
        check(b'panicked' not in run.stderr, f'{what} does not panic', run.stderr)
        with open(log) as f:
            opened = [line for line in f if 'ENOENT' not in line]
        check(any('evil.qcow2' in line for line in opened), f'{what}: strace saw the image opened')
        wrong = [line.strip() for line in opened if never in line or f'{here}/x"' in line or '<' + never + '>' in line]
        equal(wrong, [], f'{what}: never opened')

# Inside the image's own folder, or in the folder given, it is opened, and the report says so.
image = f'{here}/images/good.qcow2'
subprocess.run(['qemu-img', 'create', '-q', '-u', '-f', 'qcow2', '-F', 'raw', '-b', 'sub/inside.raw', image, '1M'], check=True)
run = Run('digest', image)
equal(run.out.decode().split()[:1], [sha256(f'{here}/images/sub/inside.raw')], 'a backing file below the image is read')
files = [f.get('role') for f in Run('info', '-f', 'json', image).json().get('files', [])]
equal(files, ['image', 'backing'], 'info names the backing file')
image = f'{here}/images/given.qcow2'
subprocess.run(['qemu-img', 'create', '-q', '-u', '-f', 'qcow2', '-F', 'raw', '-b', '../x', image, '1M'], check=True)
run = Run('digest', '--backing-dir', here, image)
equal(run.out.decode().split()[:1], [sha256(f'{here}/x')], 'a backing file in --backing-dir is read')
end()
