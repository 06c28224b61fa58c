"""Scripts before they are signed, and the signatures of the Script Host's, which osslsigncode does not make.

    scripts.py OUT
    scripts.py --content SCRIPT CONTENT        what is signed: CONTENT in DER, CONTENT.body without tag and length
    scripts.py --append SCRIPT CONTENT CMS OUT the script with the signature of a CMS over that body

The digest is of the text in UTF-16LE and of the number of its characters in 32 bits (jsign, `WSHScript`; the digests of scripts
that Microsoft signed are so).
"""
import base64
import hashlib
import os
import struct
import sys

import signed
from signed import der, oid

LINES = 'Get-Date\r\n# {}\r\n'
PLAIN = {
    'ascii.ps1': LINES.format('plain').encode(),
    'empty-line.ps1': b'Get-Date\r\n\r\n\r\n',
    'no-end.ps1': b'Get-Date',
    'unix.ps1': b'Get-Date\n# line ends of Unix\n',
    'utf8.ps1': LINES.format('grün 绿').encode(),
    'marked.ps1': b'\xef\xbb\xbf' + LINES.format('grün 绿 \U0001f600').encode(),
    'wide.ps1': b'\xff\xfe' + LINES.format('grün 绿 \U0001f600').encode('utf-16-le'),
    'module.psm1': b'function Get-Thing { }\r\n',
    'module.psd1': b"@{ RootModule = 'module.psm1' }\r\n",
    'format.ps1xml': b'<Configuration></Configuration>\r\n',
    'class.mof': b'class Thing { };\r\n',
    'stranger.ps1': b'Get-Date\r\n',
    'host.vbs': b'WScript.Echo 1\r\n',
    'host.js': b'WScript.Echo(1);\r\n',
}
# What the catalog lists: a module, and a batch file that carries out code of its own.
LISTED = {
    'listed.psm1': b'function Describe { }\r\n',
    'listed.vbs': b"' carries out what it is told\r\nDim all\r\n",
    'listed.cmd': b'@echo off\r\nif /i "%1"=="publish" goto publish\r\ngoto :eof\r\n:publish\r\n'
                  b'%systemroot%\\system32\\windowspowershell\\v1.0\\powershell.exe -NonInteractive -NoProfile -Command "Publish-Things -All"\r\n',
    'listed.told.cmd': b'@%systemroot%\\system32\\windowspowershell\\v1.0\\powershell.exe -NoProfile -Command %*\r\n',
}
HOSTS = {'.vbs': (b"'' SIG '' ", '4EF029169927B54D8FE5ACE10F17EBAB'), '.js': (b'// SIG // ', '10E0C906CE38D411A2A300104BD35090')}


def content(path):
    """SpcIndirectDataContent of a script of the Script Host."""
    with open(path, 'rb') as f:
        text = f.read().decode()
    data = text.encode('utf-16-le') + struct.pack('<I', len(text))
    zero = der(2, b'\0')
    info = der(0x30, der(2, b'\1'), der(4, bytes.fromhex(HOSTS[os.path.splitext(path)[1]][1])), zero, zero, zero, zero, zero)
    digest = der(0x30, der(0x30, oid(signed.ALGORITHMS['sha256']), der(5)), der(4, hashlib.sha256(data).digest()))
    return der(0x30, oid('1.3.6.1.4.1.311.2.1.30'), info) + digest


def append(path, body, cms):
    """openssl puts the body into an octet string; Authenticode has a sequence in its place."""
    sequence, octets = der(0x30, body), der(4, body)
    assert cms.count(octets) == 1 and len(sequence) == len(octets)
    encoded = base64.b64encode(cms.replace(octets, sequence))
    open_ = HOSTS[os.path.splitext(path)[1]][0]
    lines = [b'Begin signature block', *(encoded[at:at + 44] for at in range(0, len(encoded), 44)), b'End signature block']
    with open(path, 'rb') as f:
        return f.read() + b'\r\n' + b''.join(open_ + line + b'\r\n' for line in lines)


def put(path, data):
    with open(path, 'wb') as f:
        f.write(data)


def main(first, *rest):
    if first == '--content':
        body = content(rest[0])
        put(rest[1], der(0x30, body))
        put(f'{rest[1]}.body', body)
    elif first == '--append':
        script, name, cms, out = rest
        with open(f'{name}.body', 'rb') as body, open(cms, 'rb') as f:
            put(out, append(script, body.read(), f.read()))
    else:
        for name, data in {**PLAIN, **LISTED}.items():
            put(os.path.join(first, name), data)
        members = [signed.member(hashlib.sha256(data).digest(), 'sha256', True) for data in LISTED.values()]
        put(os.path.join(first, 'listed.cat'), signed.catalog(members, True))


if __name__ == '__main__':
    main(*sys.argv[1:])
