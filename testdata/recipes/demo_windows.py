#!/usr/bin/env python3
"""Fills a folder with the files of the Windows demonstration image: demo_windows.py FOLDER."""
import os
import struct
import sys

sys.dont_write_bytecode = True
import boot_configuration  # noqa: E402  (beside this file)
import hives  # noqa: E402
import regf  # noqa: E402
import signed  # noqa: E402
import winstate  # noqa: E402

SZ, EXPAND, DWORD, MULTI = 1, 2, 4, 7
CBI = r'C:\Program Files\Cloudbase Solutions\Cloudbase-Init'
CATALOGS = r'Windows\System32\CatRoot\{F750E6C3-38EE-11D1-85E5-00C04FC295EE}'


def program():
    """A PE32+ for x64: headers and one section whose code returns 0."""
    code = bytes.fromhex('31c0c3').ljust(512, b'\0')
    dos = b'MZ' + bytes(58) + struct.pack('<I', 64)
    coff = struct.pack('<4sHHIIIHH', b'PE\0\0', 0x8664, 1, 1700000000, 0, 0, 240, 0x22)
    optional = struct.pack('<HBBIIIIIQIIHHHHHHIIIIHHQQQQII', 0x20B, 14, 0, 512, 0, 0, 0x1000, 0x1000,
                           0x140000000, 0x1000, 512, 10, 0, 0, 0, 10, 0, 0, 0x2000, 512, 0, 3, 0x8160,
                           0x100000, 0x1000, 0x100000, 0x1000, 0, 16) + bytes(128)
    section = struct.pack('<8sIIIIIIHHI', b'.text', 3, 0x1000, 512, 512, 0, 0, 0, 0, 0x60000020)
    return (dos + coff + optional + section).ljust(512, b'\0') + code


def link():
    """A shell link (header only) that carries no target."""
    clsid = bytes.fromhex('0114020000000000c000000000000046')
    return struct.pack('<I16sII', 0x4C, clsid, 0, 0x20).ljust(76, b'\0') + bytes(4)


def service(image, name, start=2, kind=0x10, account='LocalSystem', **more):
    values = [('Type', DWORD, kind), ('Start', DWORD, start), ('ErrorControl', DWORD, 1),
              ('ImagePath', EXPAND, image), ('DisplayName', SZ, name)]
    if kind == 0x10:
        values.append(('ObjectName', SZ, account))
    return {'@values': values, **more}


def system():
    services = {
        'cloudbase-init': service(
            rf'"{CBI}\bin\OpenStackService.exe" cloudbase-init "{CBI}\Python\Scripts\cloudbase-init.exe" '
            rf'--config-file "{CBI}\conf\cloudbase-init.conf"', 'Cloudbase-Init', account=r'.\cloudbase-init'),
        'WinAgent': service(r'C:\WinAgent\WinAgent.exe', 'WinAgent Display Name'),
        'win-agent': service(r'C:\win-agent\win-agent.exe', 'win-agent'),
        'TermService': service(r'%SystemRoot%\System32\svchost.exe -k NetworkService', 'Remote Desktop Services', start=3),
        'NTFS': service(r'\SystemRoot\System32\drivers\ntfs.sys', 'NTFS', start=0, kind=1),
        'Tcpip': {**service(r'System32\drivers\tcpip.sys', 'TCP/IP', start=0, kind=1),
                  'Parameters': {'@values': [('Hostname', SZ, 'DEMO-WIN'), ('NV Hostname', SZ, 'DEMO-WIN')]}},
    }
    control = {
        'ComputerName': {'ComputerName': {'@values': [('ComputerName', SZ, 'DEMO-WIN')]}},
        'Session Manager': {'Environment': {'@values': [('PROCESSOR_ARCHITECTURE', SZ, 'AMD64')]}},
        'ProductOptions': {'@values': [('ProductType', SZ, 'ServerNT'), ('ProductSuite', MULTI, ['Terminal Server', 'DataCenter'])]},
    }
    tree = {
        'Select': {'@values': [(n, DWORD, v) for n, v in
                               (('Current', 1), ('Default', 1), ('Failed', 0), ('LastKnownGood', 1))]},
        'ControlSet001': {'Control': control, 'Services': services},
    }
    # What a server needs to be taken: generalized, reachable, with its drivers and accounts.
    return hives.merged(tree, winstate.ready_system(hives, service))


def software():
    profiles = {
        'S-1-5-18': {'@values': [('ProfileImagePath', EXPAND, r'%systemroot%\system32\config\systemprofile')]},
        'S-1-5-21-1111111111-2222222222-3333333333-500': {'@values': [('ProfileImagePath', EXPAND, r'C:\Users\Administrator')]},
        '@values': [('ProfilesDirectory', EXPAND, r'%SystemDrive%\Users'), ('Public', EXPAND, r'%SystemDrive%\Users\Public'),
                    ('Default', EXPAND, r'%SystemDrive%\Users\Default')],
    }
    current = {
        '@values': [('ProductName', SZ, 'Windows Server 2019 Datacenter'), ('EditionID', SZ, 'ServerDatacenter'),
                    ('InstallationType', SZ, 'Server'), ('CurrentVersion', SZ, '6.3'),
                    ('CurrentMajorVersionNumber', DWORD, 10), ('CurrentMinorVersionNumber', DWORD, 0),
                    ('CurrentBuild', SZ, '17763'), ('CurrentBuildNumber', SZ, '17763'), ('ReleaseId', SZ, '1809'),
                    ('UBR', DWORD, 5206), ('SystemRoot', SZ, r'C:\Windows'), ('PathName', SZ, r'C:\Windows')],
        'ProfileList': profiles,
    }
    state = {'State': {'@values': [('ImageState', SZ, 'IMAGE_STATE_GENERALIZE_RESEAL_TO_OOBE')]}}
    tree = {'Microsoft': {'Windows NT': {'CurrentVersion': current}, 'Windows': {'CurrentVersion': {'Setup': state}}}}
    return hives.merged(tree, winstate.installed(hives))


def user():
    folders = {'@values': [('Desktop', EXPAND, r'%USERPROFILE%\Desktop')]}
    return {'Software': {'Microsoft': {'Windows': {'CurrentVersion': {'Explorer': {'User Shell Folders': folders}}}}}}


def main(root):
    def put(path, data):
        full = os.path.join(root, path.replace('\\', '/'))
        os.makedirs(os.path.dirname(full), exist_ok=True)
        with open(full, 'wb') as f:
            f.write(data)

    exe = program()
    for p in (CBI[3:] + r'\bin\OpenStackService.exe', CBI[3:] + r'\Python\python.exe',
              CBI[3:] + r'\Python\Scripts\cloudbase-init.exe', r'WinAgent\WinAgent.exe', r'win-agent\win-agent.exe',
              r'win-agent\adssensor.dll', r'win-agent\agentplugin.dll', r'win-agent\agentRepNum.exe', r'win-agent\agentRepStr.exe',
              r'Windows\System32\ntoskrnl.exe', r'Windows\System32\winload.exe', r'Windows\System32\svchost.exe', r'Windows\System32\drivers\ntfs.sys',
              r'Windows\System32\drivers\tcpip.sys'):
        put(p, exe)
    # Like most programs of Windows it carries no signature: a catalog lists it, which demo-windows.sh signs.
    shell = signed.pe((10, 0, 17763, 1), b'shell', 3, 'EXPLORER.EXE')
    put(r'Windows\explorer.exe', shell)
    put(CATALOGS + r'\windows.cat', signed.catalog([signed.member(signed.authenticode(shell, 'sha256'), 'sha256', True)], True))
    put(CBI[3:] + r'\Python\python3.dll', exe)
    for p in (r'Program Files\QCloud\tat_agent\tat_agent.exe', r'Windows\servicing\TrustedInstaller.exe',
              r'Windows\System32\drivers\viostor.sys', r'Windows\System32\drivers\netkvm.sys'):
        put(p, exe)
    for p, text in winstate.FILES.items():
        put(p, text.replace('\n', '\r\n').encode())
    put(r'win-agent\setup.bat', b'@sc create win-agent binPath= C:\\win-agent\\win-agent.exe start= auto\r\n')
    put(r'win-agent\uninstall.bat', b'@sc delete win-agent\r\n')
    put(r'Windows\Setup\Scripts\SetupComplete.cmd', b'sc config cloudbase-init start= auto && net start cloudbase-init\r\n')
    ini = '\ufeff[.ShellClassInfo]\r\nLocalizedResourceName=@%SystemRoot%\\system32\\shell32.dll,-21769\r\n'.encode('utf-16-le')
    for home in ('Administrator', 'Public', 'Default'):
        put(rf'Users\{home}\Desktop\desktop.ini', ini)
    put(r'Users\Administrator\Desktop\Server Manager.lnk', link())
    # Folders that every Windows has, and what is put into this one later finds with their access lists.
    for folder in ('Program Files (x86)', 'Windows/SysWOW64', *(f'Windows/System32/{below}' for below in (
            'config', 'drivers/etc', 'wbem', 'WindowsPowerShell/v1.0'))):
        os.makedirs(f'{root}/{folder}', exist_ok=True)
    config = root + '/Windows/System32/config/'
    # The boot manager of a BIOS system is no PE.
    put('bootmgr', b'\xe9\xd5\x01STAND-IN' + bytes(500))
    os.makedirs(root + '/Boot', exist_ok=True)
    part = boot_configuration.partition(1 << 20, 0x5a17c0de)
    regf.Hive().write(root + '/Boot/BCD', boot_configuration.bcd(device=part, manager={0x11000001: part}), 'BCD')
    regf.Hive().write(config + 'SYSTEM', system(), r'SYSTEM')
    regf.Hive().write(config + 'SOFTWARE', software(), r'emRoot\System32\Config\SOFTWARE')
    machine = (21, 1111111111, 2222222222, 3333333333)
    regf.Hive().write(config + 'SAM', winstate.sam_state(hives, machine), r'\SystemRoot\System32\Config\SAM')
    regf.Hive().write(config + 'SECURITY', winstate.security_state(hives, machine), r'emRoot\System32\Config\SECURITY')
    regf.Hive().write(root + '/Users/Administrator/NTUSER.DAT', user(), r'\??\C:\Users\Administrator\ntuser.dat')


main(sys.argv[1])
