#!/usr/bin/env python3
"""The code integrity policies of the tests, before any is signed: ci_policies.py FOLDER.

The layout is the one that trust/ci_policy.rs names the sources of. Each policy has the two scenarios that Microsoft's own have:
131 for the kernel, 12 for programs."""
import os
import struct
import sys
import uuid

DENY, ALLOW = 0, 1
AUDIT, UNSIGNED, UMCI, ALWAYS = 0x10000, 0x80000, 4, 0x80000000


def number(*values):
    return struct.pack(f'<{len(values)}I', *values)


def counted(data):
    return number(len(data)) + data + bytes(-len(data) % 4)


def text(value=''):
    return counted(value.encode('utf-16-le')) + number(0)


def policy(name, rules=(), options=0, denied=(), scenarios=(131, 12)):
    """rules: (kind, file name, least version, file path)."""
    own = uuid.uuid5(uuid.NAMESPACE_DNS, name).bytes_le
    out = number(7) + uuid.UUID('a244370e-44c9-4c06-b551-f6016e563076').bytes_le
    out += uuid.UUID('2e07f7e4-194c-4d20-b7c9-6f4aa6c5a234').bytes_le
    out += number(ALWAYS | UNSIGNED | UMCI | options, 1, len(rules), 1, len(scenarios))
    out += struct.pack('<4H', 0, 0, 0, 10) + number(64)
    out += counted(bytes.fromhex('010a2b0601040182370a0306'))  # one usage: Windows component
    for kind, file, least, _ in rules:
        out += number(kind) + text(file) + struct.pack('<4H', *reversed(least)) + counted(b'')
    # One signer, by the digest of its certificate.
    out += number(0) + counted(bytes(range(32))) + number(1, 0) + text() + text('Publisher') + text() + number(0)
    out += number(0) + number(1, 0)
    for value in scenarios:
        out += number(value, 0, 0x800C)
        out += number(1, 0, 0)                                   # allowed: signer 0
        out += number(len(denied)) + b''.join(number(n, 0) for n in denied)
        out += number(len(rules), *range(len(rules)))
        out += number(0, 0, 0) * 2
    out += number(0)                                             # options of HVCI
    out += number(1) + text('PolicyInfo') + text('Information') + text('Name') + number(3) + text(name)
    out += number(3) + number(0, 0, 0) * len(rules) + bytes(8)
    out += number(4) + (text() * 3) * len(rules)
    out += number(5) + (text() + bytes(8)) * len(rules)
    out += number(6) + own + own + number(0)
    out += number(7) + b''.join(text(path) for *_, path in rules)
    return out + number(8)


ANY = (0, 0, 0, 0)
POLICIES = {
    'allow-all': policy('Allow all', [(ALLOW, '*', ANY, ''), (ALLOW, '*', ANY, '')]),
    'path-all': policy('Every path', [(ALLOW, '', ANY, '*')]),
    'programs-all': policy('Every program', [(ALLOW, '*', ANY, '')], scenarios=(12,)),
    # What Microsoft recommends to block drivers with: all but those.
    'block': policy('All but one', [(ALLOW, '*', ANY, ''), (DENY, 'evil.sys', ANY, '')]),
    'block-signer': policy('All but a signer', [(ALLOW, '*', ANY, '')], denied=[0]),
    'newer': policy('From a version on', [(ALLOW, '*', (1, 0, 0, 0), '')]),
    'folder': policy('One folder', [(ALLOW, '', ANY, '%WINDIR%\\*')]),
    'audit': policy('Logs only', [(ALLOW, 'a.sys', ANY, '')], options=AUDIT),
}
for name, data in POLICIES.items():
    with open(os.path.join(sys.argv[1], name + '.cip'), 'wb') as f:
        f.write(data)
