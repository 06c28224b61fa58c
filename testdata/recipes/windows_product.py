#!/usr/bin/env python3
"""Installs a product of a vendor into a Windows demonstration image, and changes it afterwards.

    windows_product.py install DEMO.qcow2 OUT.raw DECLARATION.yaml
    windows_product.py change OUT.raw PATH      one byte of the file PATH of the image
    windows_product.py debugger OUT.raw         a program of the product in place of Notepad
    windows_product.py logon OUT.raw            a library of the product among those that get passwords

The product has three services (two programs, and a library in svchost.exe) and two scheduled tasks (a script, and a program
with arguments). Nobody signed any of it. The declaration names each file with the SHA-256 that hashlib gives of the bytes that
were installed. Needs root, qemu-utils, and what windows_disk.py needs.
"""
import hashlib
import subprocess
import sys

sys.dont_write_bytecode = True
import signed  # noqa: E402  (beside this file)
import winstate  # noqa: E402
from windows_disk import CONTROL, EXPAND, MULTI, NT, SERVICES, SZ, Disk  # noqa: E402

FOLDER = r'C:\Program Files\Shop'
SCRIPT = (f'@echo off\r\nrem rotates the logs\r\n"{FOLDER}\\shopctl.exe" rotate\r\n'
          r'copy /y "C:\ProgramData\Shop\shop.log" "C:\ProgramData\Shop\shop.old"' '\r\n')


def files():
    names = ('shop.exe', 'feed.exe', 'search.dll', 'shopctl.exe')
    made = {f'{FOLDER}\\{name}': signed.pe((3, 2, 0, 1), name.encode(), 3, name) for name in names}
    return {**made, f'{FOLDER}\\nightly.cmd': SCRIPT.encode()}


def install(demo, disk, declaration):
    subprocess.run(['qemu-img', 'convert', '-O', 'raw', demo, disk], check=True)
    with Disk(disk) as d:
        for path, data in files().items():
            d.put(path, data)
        d.service('shop', rf'"{FOLDER}\shop.exe" --listen 8080')
        d.service('shop-feed', rf'"{FOLDER}\feed.exe" -e production')
        d.service('shop-search', r'%SystemRoot%\System32\svchost.exe -k shop', kind=0x20)
        d.system(rf'{SERVICES}\shop-search\Parameters', 'ServiceDll', EXPAND, rf'{FOLDER}\search.dll')
        # The image has no groups; with one there, those of its own services are there as well.
        own = [name for name, how in winstate.SERVICES.items() if how[0] == winstate.SVCHOST and name != 'TermService']
        for group, members in (('netsvcs', own), ('NetworkService', ['TermService']), ('shop', ['shop-search'])):
            d.software(rf'{NT}\Svchost', group, MULTI, members)
        d.task(r'\Shop\Nightly', rf'{FOLDER}\nightly.cmd')
        d.task(r'\Shop\Report', rf'{FOLDER}\shopctl.exe', 'report --daily')
    lines = ['schema: imgscan-declaration/1', 'product: Web shop 3.2', 'vendor: Example Ltd', 'files:']
    for path, data in files().items():
        lines += [f"  - path: '{path}'", f'    sha256: {hashlib.sha256(data).hexdigest()}']
    lines += ['entries:', '  - service: shop', '  - service: shop-feed', '  - service: shop-search',
              r"  - task: '\Shop\Nightly'", r"  - task: '\Shop\Report'"]
    with open(declaration, 'w') as f:
        f.write('\n'.join(lines) + '\n')


def change(disk, path):
    with Disk(disk) as d:
        data = bytearray(d.read(path))
        data[-1] ^= 1
        d.put(path, bytes(data))


def debugger(disk):
    with Disk(disk) as d:
        d.software(rf'{NT}\Image File Execution Options\notepad.exe', 'Debugger', SZ, rf'"{FOLDER}\shopctl.exe"')


def logon(disk):
    with Disk(disk) as d:
        d.system(rf'{CONTROL}\Lsa', 'Notification Packages', MULTI, ['scecli', rf'{FOLDER}\search.dll'])


if __name__ == '__main__':
    {'install': install, 'change': change, 'debugger': debugger, 'logon': logon}[sys.argv[1]](*sys.argv[2:])
