#!/usr/bin/env python3
"""Writes the small records of logins of testdata/wtmp: wtmp.py OUT

utmp(5), little-endian, of x86-64 (384 bytes) and of arm64 (400). OUT/TRUTH is what utmpdump (util-linux)
reads in those of x86-64; it takes those of its own processor only.
"""
import os
import struct
import subprocess
import sys

RUN_LEVEL, BOOT, LOGIN, USER, DEAD = 1, 2, 6, 7, 8
HOST = b'6.1.0-18-amd64'


def record(kind, user, line, when, wide=False):
    head = struct.pack('<hxxi32s4s32s256shh', kind, 0, line.encode(), b'~~', user.encode(), HOST, 0, 0)
    tail = struct.pack('<qqq16s20s4x' if wide else '<iii16s20s', 0, when, 0, b'', b'')
    data = head + tail
    assert len(data) == (400 if wide else 384), len(data)
    return data


BOOTED = [(BOOT, 'reboot', '~'), (RUN_LEVEL, 'runlevel', '~'), (LOGIN, 'LOGIN', 'tty1'), (USER, 'root', 'tty1'), (DEAD, '', 'tty1')]
STOPPED = BOOTED + [(RUN_LEVEL, 'shutdown', '~')]
FILES = {
    'stopped': (STOPPED * 2, False),
    'running': (STOPPED + BOOTED, False),
    'logins': (BOOTED[2:], False),
    'stopped-arm64': (STOPPED * 2, True),
    'running-arm64': (STOPPED + BOOTED, True),
}


def main(out):
    os.makedirs(out, exist_ok=True)
    with open(os.path.join(out, 'TRUTH'), 'w') as truth:
        for name, (records, wide) in FILES.items():
            path = os.path.join(out, name)
            with open(path, 'wb') as f:
                f.write(b''.join(record(*r, 1_700_000_000 + i, wide) for i, r in enumerate(records)))
            if not wide:
                seen = subprocess.run(['utmpdump', path], capture_output=True, text=True, check=True).stdout
                print(f'== {name}\n{seen}', end='', file=truth)
            subprocess.run(['zstd', '-q', '-19', '-f', '--rm', path], check=True)


if __name__ == '__main__':
    main(sys.argv[1])
