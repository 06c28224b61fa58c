#!/usr/bin/env python3
"""Installs a product of a vendor into a Windows demonstration image, and changes it afterwards.

    windows_product.py install DEMO.qcow2 OUT.raw DECLARATION.yaml
    windows_product.py change OUT.raw PATH      one byte of the file PATH of the image
    windows_product.py debugger OUT.raw         a program of the product in place of Notepad
    windows_product.py logon OUT.raw            a library of the product among those that get passwords

The product has three services (two programs, and a library in svchost.exe) and two scheduled tasks (a script, and a program
with arguments). Nobody signed any of it. The declaration names each file with the SHA-256 that hashlib gives of the bytes that
were installed. Needs root, and: ntfs-3g qemu-utils python3-hivex python3-pycryptodome.
"""
import contextlib
import hashlib
import os
import shutil
import struct
import subprocess
import sys
import tempfile

import hivex

sys.dont_write_bytecode = True
import hives  # noqa: E402  (beside this file)
import signed  # noqa: E402
import winstate  # noqa: E402

SZ, EXPAND, BINARY, DWORD, MULTI = 1, 2, 3, 4, 7
FOLDER = r'C:\Program Files\Shop'
SERVICES = r'ControlSet001\Services'
CACHE = r'Microsoft\Windows NT\CurrentVersion\Schedule\TaskCache'
# The partition of the demonstration image, as demo-windows.sh lays it out.
START, LENGTH = 1 << 20, 24 << 20
SCRIPT = (f'@echo off\r\nrem rotates the logs\r\n"{FOLDER}\\shopctl.exe" rotate\r\n'
          r'copy /y "C:\ProgramData\Shop\shop.log" "C:\ProgramData\Shop\shop.old"' '\r\n')


def files():
    names = ('shop.exe', 'feed.exe', 'search.dll', 'shopctl.exe')
    made = {f'{FOLDER}\\{name}': signed.pe((3, 2, 0, 1), name.encode(), 3, name) for name in names}
    return {**made, f'{FOLDER}\\nightly.cmd': SCRIPT.encode()}


@contextlib.contextmanager
def mounted(disk):
    """The files of the image, written back at the end."""
    with tempfile.TemporaryDirectory() as work:
        part, mnt = f'{work}/part', f'{work}/mnt'
        os.mkdir(mnt)
        with open(disk, 'rb') as f, open(part, 'wb') as g:
            f.seek(START)
            g.write(f.read(LENGTH))
        subprocess.run(['ntfs-3g', part, mnt], check=True)
        try:
            yield mnt
        finally:
            subprocess.run(['umount', mnt], check=True)
        with open(part, 'rb') as f, open(disk, 'r+b') as g:
            g.seek(START)
            shutil.copyfileobj(f, g)


def inside(mnt, path):
    return os.path.join(mnt, path.removeprefix('C:\\').replace('\\', '/'))


@contextlib.contextmanager
def hive(mnt, name):
    """A function that sets a value of the hive: key, name, type, data."""
    path = inside(mnt, rf'Windows\System32\config\{name}')
    with tempfile.NamedTemporaryFile() as copy:
        shutil.copyfile(path, copy.name)
        h = hivex.Hivex(copy.name, write=True)

        def put(key, value, kind, data):
            node = h.root()
            for part in key.split('\\'):
                node = h.node_get_child(node, part) or h.node_add_child(node, part)
            if kind == DWORD:
                data = struct.pack('<I', data)
            elif kind in (SZ, EXPAND):
                data = (data + '\0').encode('utf-16-le')
            elif kind == MULTI:
                data = ''.join(f'{d}\0' for d in [*data, '']).encode('utf-16-le')
            h.node_set_value(node, {'key': value, 't': kind, 'value': data})

        yield put
        h.commit(None)
        with open(copy.name, 'rb') as f, open(path, 'r+b') as g:
            shutil.copyfileobj(f, g)
            g.truncate()


def service(put, name, image, kind=0x10):
    key = rf'{SERVICES}\{name}'
    for value, type_, data in (('Type', DWORD, kind), ('Start', DWORD, 2), ('ErrorControl', DWORD, 1), ('ImagePath', EXPAND, image),
                               ('ObjectName', SZ, 'LocalSystem'), ('DisplayName', SZ, name)):
        put(key, value, type_, data)
    return key


def task(mnt, put, name, guid, command, arguments):
    """A task as Windows 10 registers it, with its file."""
    actions = struct.pack('<H', 3) + hives.counted('Author') + struct.pack('<H', 0x6666)
    actions += b''.join(hives.counted(t) for t in ('', command, arguments, '')) + struct.pack('<H', 0)
    tree, entry = rf'{CACHE}\Tree{name}', rf'{CACHE}\Tasks\{guid}'
    put(tree, 'Id', SZ, guid)
    put(tree, 'Index', DWORD, 3)
    put(tree, 'SD', BINARY, hives.regf.SECURITY)
    put(entry, 'Path', SZ, name)
    put(entry, 'Actions', BINARY, actions)
    put(rf'{CACHE}\Plain\{guid}', '', SZ, '')
    xml = ('<?xml version="1.0" encoding="UTF-16"?><Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">'
           '<Triggers><CalendarTrigger><StartBoundary>2024-01-01T03:00:00</StartBoundary><ScheduleByDay><DaysInterval>1</DaysInterval>'
           f'</ScheduleByDay></CalendarTrigger></Triggers><Actions Context="Author"><Exec><Command>{command}</Command>'
           f'<Arguments>{arguments}</Arguments></Exec></Actions></Task>')
    path = inside(mnt, rf'Windows\System32\Tasks{name}')
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, 'wb') as f:
        f.write(b'\xff\xfe' + xml.encode('utf-16-le'))


def install(demo, disk, declaration):
    subprocess.run(['qemu-img', 'convert', '-O', 'raw', demo, disk], check=True)
    with mounted(disk) as mnt:
        for path, data in files().items():
            os.makedirs(os.path.dirname(inside(mnt, path)), exist_ok=True)
            with open(inside(mnt, path), 'wb') as f:
                f.write(data)
        with hive(mnt, 'SYSTEM') as put:
            service(put, 'shop', rf'"{FOLDER}\shop.exe" --listen 8080')
            service(put, 'shop-feed', rf'"{FOLDER}\feed.exe" -e production')
            key = service(put, 'shop-search', r'%SystemRoot%\System32\svchost.exe -k shop', kind=0x20)
            put(rf'{key}\Parameters', 'ServiceDll', EXPAND, rf'{FOLDER}\search.dll')
        with hive(mnt, 'SOFTWARE') as put:
            # The image has no groups; with one there, those of its own services are there as well.
            own = [name for name, how in winstate.SERVICES.items() if how[0] == winstate.SVCHOST and name != 'TermService']
            for group, members in (('netsvcs', own), ('NetworkService', ['TermService']), ('shop', ['shop-search'])):
                put(r'Microsoft\Windows NT\CurrentVersion\Svchost', group, MULTI, members)
            task(mnt, put, r'\Shop\Nightly', '{5B0F0000-0000-4000-8000-000000000001}', rf'{FOLDER}\nightly.cmd', '')
            task(mnt, put, r'\Shop\Report', '{5B0F0000-0000-4000-8000-000000000002}', rf'{FOLDER}\shopctl.exe', 'report --daily')
    lines = ['schema: imgscan-declaration/1', 'product: Web shop 3.2', 'vendor: Example Ltd', 'files:']
    for path, data in files().items():
        lines += [f"  - path: '{path}'", f'    sha256: {hashlib.sha256(data).hexdigest()}']
    lines += ['entries:', '  - service: shop', '  - service: shop-feed', '  - service: shop-search',
              r"  - task: '\Shop\Nightly'", r"  - task: '\Shop\Report'"]
    with open(declaration, 'w') as f:
        f.write('\n'.join(lines) + '\n')


def change(disk, path):
    with mounted(disk) as mnt, open(inside(mnt, path), 'r+b') as f:
        f.seek(-1, os.SEEK_END)
        last = f.read(1)[0]
        f.seek(-1, os.SEEK_END)
        f.write(bytes([last ^ 1]))


def debugger(disk):
    with mounted(disk) as mnt, hive(mnt, 'SOFTWARE') as put:
        put(r'Microsoft\Windows NT\CurrentVersion\Image File Execution Options\notepad.exe', 'Debugger', SZ, rf'"{FOLDER}\shopctl.exe"')


def logon(disk):
    with mounted(disk) as mnt, hive(mnt, 'SYSTEM') as put:
        put(r'ControlSet001\Control\Lsa', 'Notification Packages', MULTI, ['scecli', rf'{FOLDER}\search.dll'])


if __name__ == '__main__':
    {'install': install, 'change': change, 'debugger': debugger, 'logon': logon}[sys.argv[1]](*sys.argv[2:])
