#!/usr/bin/env python3
"""Writes the small event logs of testdata/events, packed with zstd: evtx.py OUT

A log is written as Windows does it: a file header, chunks of 64 KiB, records of binary XML whose
template stands in the first record that uses it. OUT/TRUTH is what evtxexport (Debian: libevtx-utils)
reads back: number, identifier, time in whole seconds, provider and strings of each record. Source of the format:
Joachim Metz, "Windows XML Event Log (EVTX) format" (libevtx).
"""
import datetime
import os
import re
import struct
import subprocess
import sys
import zlib

START = 0x01D80000_00000000  # FILETIME of the first record: December 2021
SCM, PNP, CI = 'Service Control Manager', 'Microsoft-Windows-Kernel-PnP', 'Microsoft-Windows-CodeIntegrity'
KERNEL, USER32 = 'EventLog', 'User32'


def filetime(n):
    return START + n * 10_000_000


class Chunk:
    """The records of one chunk; offsets in binary XML count from its start."""

    def __init__(self):
        self.data = bytearray(512)
        self.templates, self.first, self.last, self.last_at = {}, 0, 0, 0

    def record(self, number, provider, event, channel, fields):
        at = self.last_at = len(self.data)
        self.first, self.last = self.first or number, number
        out = bytearray(struct.pack('<IIQQ', 0x2A2A, 0, number, filetime(number))) + b'\x0f\x01\x01\x00'
        key = (provider, channel, tuple(name for name, _ in fields))
        known = self.templates.get(key)
        here = at + len(out) + 10
        identity, stands = known or (0x1234 + len(self.templates), here)
        out += struct.pack('<BBII', 0x0C, 1, identity, stands)
        if not known:
            self.templates[key] = identity, here
            body = template(here + 24, provider, channel, [n for n, _ in fields])
            out += struct.pack('<II12sI', 0, identity, bytes(range(12)), len(body)) + body
        values = [(6, struct.pack('<H', event)), (10, struct.pack('<Q', number)), (17, struct.pack('<Q', filetime(number))), (4, b'\4')]
        values += [(1, text.encode('utf-16-le')) for _, text in fields]
        out += struct.pack('<I', len(values)) + b''.join(struct.pack('<HBB', len(v), kind, 0) for kind, v in values)
        out += b''.join(v for _, v in values) + b'\0'
        size = len(out) + 4
        struct.pack_into('<I', out, 4, size)
        self.data += out + struct.pack('<I', size)

    def close(self):
        data = self.data
        struct.pack_into('<8sQQQQIII', data, 0, b'ElfChnk\0', self.first, self.last, self.first, self.last, 0x80, self.last_at, len(data))
        struct.pack_into('<I', data, 52, zlib.crc32(data[512:]))
        struct.pack_into('<I', data, 124, zlib.crc32(data[:120] + data[128:512]))
        assert len(data) <= 65536
        return bytes(data.ljust(65536, b'\0'))


def template(at, provider, channel, names):
    """The event's elements; each name stands where it is first used, `at` is the place in the chunk."""
    out = bytearray(b'\x0f\x01\x01\x00')

    def name(text):
        value = 0
        for c in text:
            value = (value * 65599 + ord(c)) & 0xFFFFFFFF
        out.extend(struct.pack('<I', at + len(out) + 4))
        out.extend(struct.pack('<IHH', 0, value & 0xFFFF, len(text)) + text.encode('utf-16-le') + b'\0\0')

    def text(value):
        out.extend(struct.pack('<BBH', 5, 1, len(value)) + value.encode('utf-16-le'))

    def element(title, attributes=(), content=()):
        out.append(0x41 if attributes else 1)
        out.extend(b'\xff\xff')
        size_at = len(out)
        out.extend(bytes(4))
        name(title)
        if attributes:
            list_at = len(out)
            out.extend(bytes(4))
            for i, (key, value) in enumerate(attributes):
                out.append(6 if i + 1 == len(attributes) else 0x46)
                name(key)
                value()
            struct.pack_into('<I', out, list_at, len(out) - list_at - 4)
        if content:
            out.append(2)
            for part in content:
                part()
            out.append(4)
        else:
            out.append(3)
        struct.pack_into('<I', out, size_at, len(out) - size_at - 4)

    def value(number, kind):
        return lambda: out.extend(struct.pack('<BHB', 0x0D, number, kind))

    def data():
        for i, field in enumerate(names):
            element('Data', [('Name', lambda f=field: text(f))], [value(4 + i, 1)])

    def system():
        element('Provider', [('Name', lambda: text(provider))])
        element('EventID', (), [value(0, 6)])
        element('Level', (), [value(3, 4)])
        element('TimeCreated', [('SystemTime', value(2, 17))])
        element('EventRecordID', (), [value(1, 10)])
        element('Channel', (), [lambda: text(channel)])
        element('Computer', (), [lambda: text('FIXTURE')])

    element('Event', [('xmlns', lambda: text('http://schemas.microsoft.com/win/2004/08/events/event'))],
            [lambda: element('System', (), [system]), lambda: element('EventData', (), [data] if names else ())])
    out.append(0)
    return bytes(out)


def log(path, channel, events, first=1, per_chunk=40):
    """`events`: (provider, id, [(field, text)])."""
    chunks = []
    for start in range(0, max(len(events), 1), per_chunk):
        chunk = Chunk()
        for i, (provider, event, fields) in enumerate(events[start:start + per_chunk], first + start):
            chunk.record(i, provider, event, channel, fields)
        chunks.append(chunk.close())
    head = struct.pack('<8sQQQIHHHH', b'ElfFile\0', 0, len(chunks) - 1, first + len(events), 128, 1, 3, 4096, len(chunks)).ljust(120, b'\0')
    with open(path, 'wb') as f:
        f.write((head + struct.pack('<II', 0, zlib.crc32(head))).ljust(4096, b'\0') + b''.join(chunks))


def service(name, image, kind):
    return (SCM, 7045, [('ServiceName', name), ('ImagePath', image), ('ServiceType', kind), ('StartType', 'demand start'), ('AccountName', '')])


STARTED, STOPPED, UNEXPECTED = (KERNEL, 6005, []), (KERNEL, 6006, []), (KERNEL, 6008, [])
ASKED = (USER32, 1074, [('param1', r'C:\Windows\system32\sysprep.exe'), ('param5', 'power off')])
QUIET = (SCM, 7036, [('param1', 'Windows Time'), ('param2', 'running')])
OPERATIONAL = 'Microsoft-Windows-CodeIntegrity/Operational'
LOGS = {
    # Stopped in order; the only service that was installed is no driver.
    'system-quiet': ('System', [STARTED, QUIET, service('agent', r'C:\agent\agent.exe', 'user mode service'), ASKED, STOPPED]),
    # Two chunks; drivers were installed, one failed to load, and the system was running.
    'system-drivers': ('System', [STARTED] + [QUIET] * 50 + [
        STOPPED, UNEXPECTED, STARTED, service('evil', r'\??\C:\Windows\Temp\evil.sys', 'kernel mode driver'),
        (PNP, 219, [('DriverNameLength', '12'), ('DriverName', r'ROOT\EVIL\0000'), ('FailureNameLength', '11'), ('FailureName', r'\Driver\evil')]),
        service('驱动', r'system32\drivers\a.sys', '内核模式驱动程序')]),
    'code-quiet': (OPERATIONAL, [(CI, 3085, [('Reason', 'none')])]),
    'code-unsigned': (OPERATIONAL, [
        (CI, 3085, [('Reason', 'none')]),
        (CI, 3004, [('FileNameLength', '41'), ('FileNameBuffer', r'\Device\HarddiskVolume2\Windows\evil.sys')]),
        (CI, 3033, [('FileNameLength', '38'), ('FileNameBuffer', r'\Device\HarddiskVolume2\Temp\inject.dll')])]),
    'empty': (OPERATIONAL, []),
}


def truth(path):
    """Record number, identifier, time and strings of each record, as evtxexport shows them."""
    text = subprocess.run(['evtxexport', path], capture_output=True, text=True, check=True).stdout
    for event in text.split('Event number\t')[1:]:
        field = lambda name: re.search(rf'^{name}\s*: (.*)$', event, re.M)[1]
        number, identifier = event.split()[1], int(re.search(r'\((\d+)\)', field('Event identifier'))[1])
        strings = re.findall(r'^String: \d+\s*: (.*)$', event, re.M)
        time = datetime.datetime.strptime(field('Written time').split('.')[0], '%b %d, %Y %H:%M:%S')
        yield '\t'.join([number, str(identifier), time.strftime('%Y-%m-%dT%H:%M:%SZ'), field('Source name'), *strings])


def main(out):
    os.makedirs(out, exist_ok=True)
    with open(os.path.join(out, 'TRUTH'), 'w') as f:
        for name, (channel, events) in LOGS.items():
            path = os.path.join(out, name + '.evtx')
            log(path, channel, events)
            print(f'== {name}', file=f)
            for line in truth(path):
                print(line, file=f)
            subprocess.run(['zstd', '-q', '-19', '-f', '--rm', path], check=True)


if __name__ == '__main__':
    main(sys.argv[1])
