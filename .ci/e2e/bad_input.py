"""Bad input: a clear message with layer and offset, the right exit code, never a panic, never a pass."""
import os
import struct
import subprocess

from e2e import *

here = os.path.abspath(f'{WORK}/bad')
os.makedirs(here, exist_ok=True)
demo = 'testdata/demo/clean-linux.qcow2'


def write(name, data):
    path = f'{here}/{name}'
    with open(path, 'wb') as f:
        f.write(data)
    return path


def judge(path, what, codes, say=()):
    for command in ('info', 'scan'):
        # What is left of the demonstration image is not to be rejected for who signed it.
        trust = ('--trust', 'testdata/demo/linux-ca.der') if command == 'scan' else ()
        run = Run(command, *trust, path, timeout=10)
        check(not run.timed_out, f'{what}: {command} ends by itself')
        allowed = codes if command == 'scan' else set(codes) | ({0} if codes != {2} else set())
        check(run.code in allowed, f'{what}: {command} ends with one of {sorted(allowed)}', run)
        both = (run.out + run.err).decode(errors='replace')
        check('panicked' not in both, f'{what}: {command} does not panic', both[-600:])
        for word in say:
            check(word.lower() in both.lower(), f'{what}: {command} says {word!r}', both[-1500:])


judge(write('empty', b''), 'empty file', {2})
judge(write('text', b'This is no disk image.\n' * 100), 'a text file', {2, 3})
judge(f'{here}/absent', 'an absent file', {2})
judge(here, 'a folder', {2})
qcow2 = open(demo, 'rb').read()
for keep in (3, 50, 71, 103, 4096, 65536, 131072, len(qcow2) // 2, len(qcow2) - 70000):
    path = write(f'cut-{keep}.qcow2', qcow2[:keep])
    judge(path, f'qcow2 cut to {keep} bytes', {2, 3})

raw = f'{here}/demo.raw'
subprocess.run(['qemu-img', 'convert', '-O', 'raw', demo, raw], check=True)
disk = open(raw, 'rb').read()
judge(write('half.raw', disk[:16 << 20]), 'a disk whose table points past the end', {2, 3}, ['end'])

# An MBR whose one partition reaches far past the disk.
mbr = bytearray(1 << 20)
mbr[446:462] = struct.pack('<B3sB3sII', 0x80, b'\0\2\0', 0x83, b'\xff\xff\xff', 2048, 0xFFFFFFF0)
mbr[510:512] = b'\x55\xaa'
judge(write('past.raw', mbr), 'an MBR past the end', {2, 3})

# The root's superblock gone: a volume with an unknown file system; the ESP is still read.
unknown = bytearray(disk)
unknown[5 << 20:(5 << 20) + 4096] = b'\xde\xad\xbe\xef' * 1024
judge(write('unknown.raw', unknown), 'a volume with an unknown file system', {2, 3})
run = Run('ls', '-R', f'{here}/unknown.raw', 'p1:/')
check(run.code == 0 and b'grub.cfg' in run.out, 'the rest of such a disk is still read', run)

# A loop: /usr/lib is made a second name of / by debugfs, and links that point at each other.
loop = write('loop.raw', disk)
subprocess.run(['debugfs', '-w', '-f', '/dev/stdin', f'{loop}?offset={5 << 20}'], check=True, stdout=subprocess.DEVNULL,
               stderr=subprocess.DEVNULL, input=b'link <2> /usr/share\nsymlink /a /b\nsymlink /b /a\n'
               b'link /usr /usr/lib/again\nrm /etc/resolv.conf\nsymlink /etc/resolv.conf /a\n')
judge(loop, 'a directory loop', {0, 1, 3})
for args in (['ls', '-lR', loop, 'p2:/'], ['hash', loop], ['cat', loop, 'p2:/a']):
    run = Run(*args, timeout=10)
    check(not run.timed_out and run.code in (0, 2) and b'panicked' not in run.err, f'a directory loop: {args[0]} ends', run)

for args in ([], ['scan'], ['frobnicate', demo], ['scan', demo, '--no-such'], ['cat', demo], ['cat', demo, '/nope'],
             ['ls', demo, '/nope'], ['scan', demo, '--policy', '/nonexistent'], ['scan', demo, '--policy', 'README.md']):
    run = Run(*args)
    equal(run.code, UNREADABLE, f'imgscan {" ".join(args)}: exit 2 ({run.err[:200]!r})')
# A reader that leaves early is no error.
shell = subprocess.run(['bash', '-c', f'set -o pipefail; {IMGSCAN} ls -lR {demo} p2:/ | head -1 >/dev/null'], capture_output=True)
check(b'panicked' not in shell.stderr and b'roken pipe' not in shell.stderr, 'a broken pipe is not an error', shell.stderr)
end()
