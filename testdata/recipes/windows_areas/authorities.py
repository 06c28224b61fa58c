"""What sees passwords, packets and papers: packages of the LSA, credential providers, Winsock, the spooler, WMI, tools of the logon."""
import os

from windows_disk import *

change = Changes()
TOOLS, CHECK, AUTOSTARTS = 'WIN-PERSIST-002', 'WIN-PERSIST-004', 'WIN-PERSIST-001'
LSA = rf'{CONTROL}\Lsa'
LIBRARY = r'C:\Windows\System32\evil.dll'
CLASS = '{DEADBEEF-1111-2222-3333-444455556666}'
IFEO = rf'{NT}\Image File Execution Options'
EVIL = r'C:\ProgramData\x\x.exe'


def value(name, why, place, key, entry, kind, data, check=CHECK, hive='SYSTEM', library=LIBRARY):
    def make(d):
        d.foreign(library)
        d.value(hive, key, entry, kind, data)
    change.row(name, why, check, place, make)


# --- other realms ---
def told(name, why, place, key, entry, kind, data, hive='SYSTEM'):
    change.row(name, why, CHECK, place, lambda d: d.value(hive, key, entry, kind, data))


told('user-of-another-realm', 'UserList maps a principal of any realm to a user of the machine (ksetup /mapuser).', 'UserList', rf'{LSA}\Kerberos\UserList', 'eve@EVIL.EXAMPLE', SZ, 'Administrator')
told('realm-of-somebody', 'Its key distribution centre says who somebody is (ksetup /addkdc).', 'EVIL.EXAMPLE', rf'{LSA}\Kerberos\Domains\EVIL.EXAMPLE', 'KdcNames', MULTI, ['203.0.113.9'])

# --- the LSA ---
value('package-of-authentication', 'lsass.exe loads it and gives it each logon.', 'evil', LSA, 'Authentication Packages', MULTI, ['msv1_0', 'evil'])
value('package-of-security', 'lsass.exe loads it and gives it each password (SSP).', 'evil', LSA, 'Security Packages', MULTI, ['kerberos', 'msv1_0', 'evil'])
value('package-of-the-configuration', 'A second list of the same kind.', 'evil', rf'{LSA}\OSConfig', 'Security Packages', MULTI, ['kerberos', 'evil'])
value('filter-of-passwords', 'lsass.exe gives each new password to these libraries.', 'evil', LSA, 'Notification Packages', MULTI, ['scecli', 'evil'])
value('provider-of-security', 'SSPI loads these libraries into programs.', 'evil.dll', rf'{CONTROL}\SecurityProviders', 'SecurityProviders', SZ, 'credssp.dll, evil.dll')
value('extension-of-the-lsa', 'lsass.exe loads extensions of LsaSrv.', 'evil.dll', rf'{CONTROL}\LsaExtensionConfig\LsaSrv', 'Extensions', MULTI, ['lsadb.dll', 'evil.dll'])
value('lsa-unprotected', 'Without RunAsPPL any administrator reads the memory of lsass.exe.', 'RunAsPPL', LSA, 'RunAsPPL', DWORD, 0)
value('weak-hashes', 'LM hashes are broken within minutes.', 'NoLMHash', LSA, 'NoLMHash', DWORD, 0)
value('passwords-in-memory', 'WDigest keeps passwords in plain text.', 'UseLogonCredential', rf'{CONTROL}\SecurityProviders\WDigest', 'UseLogonCredential', DWORD, 1)


def provider(name, why, key, library=LIBRARY, shown=None):
    def make(d):
        d.com(CLASS, d.foreign(library))
        d.software(rf'{CURRENT}\Authentication\{key}\{CLASS}', '', SZ, 'x')
    change.row(name, why, CHECK, shown or library.rpartition('\\')[2], make)


provider('credential-provider', 'LogonUI.exe loads it, and whoever logs on types the password into it.', 'Credential Providers')
provider('filter-of-credential-providers', 'A filter takes away the others.', 'Credential Provider Filters')
provider('provider-before-the-logon', 'PLAP providers are there before a logon.', 'PLAP Providers')
provider('credential-provider-of-a-like-folder', 'A folder called system32 that is none.', 'Credential Providers', r'C:\ProgramData\system32\authui.dll')

# --- the network ---
ORDER = rf'{CONTROL}\NetworkProvider\Order'
CATALOG = rf'{SERVICES}\WinSock2\Parameters'


@change(CHECK, 'evil.dll')
def provider_of_the_network(d):
    """mpr.dll gives each password of a logon to network providers (NPLogonNotify)."""
    d.foreign(LIBRARY)
    d.system(ORDER, 'ProviderOrder', SZ, 'evil,LanmanWorkstation')
    d.system(rf'{SERVICES}\evil\NetworkProvider', 'ProviderPath', EXPAND, LIBRARY)
    d.system(rf'{SERVICES}\evil\NetworkProvider', 'Name', SZ, 'evil')


@change(AUTOSTARTS, 'evil.dll')
def provider_of_packets(d):
    """Every program with a socket loads the providers of the catalog: 260 bytes of path, then the protocol."""
    d.foreign(LIBRARY)
    d.system(rf'{CATALOG}\Protocol_Catalog9\Catalog_Entries64\000000000001', 'PackedCatalogItem', BINARY, LIBRARY.encode().ljust(260, b'\0') + bytes(628))


@change(AUTOSTARTS, 'evil.dll')
def provider_of_names(d):
    """Every program that resolves a name loads the name space providers."""
    d.foreign(LIBRARY)
    d.system(rf'{CATALOG}\NameSpace_Catalog5\Catalog_Entries64\000000000001', 'LibraryPath', EXPAND, LIBRARY)


change.row('helper-of-netsh', 'netsh.exe loads its helpers.', AUTOSTARTS, 'evil.dll', lambda d: (d.foreign(LIBRARY), d.software(r'Microsoft\NetSh', 'evil', SZ, 'evil.dll')))
change.row('provider-of-time', 'The time service loads its providers.', AUTOSTARTS, 'evil.dll',
           lambda d: (d.foreign(LIBRARY), d.system(rf'{SERVICES}\W32Time\TimeProviders\x', 'DllName', EXPAND, LIBRARY),
                      d.system(rf'{SERVICES}\W32Time\TimeProviders\x', 'Enabled', DWORD, 1)))

# --- the spooler ---
PRINT = rf'{CONTROL}\Print'
change.row('monitor-of-a-printer', 'spoolsv.exe loads Driver of each monitor.', AUTOSTARTS, 'evil.dll',
           lambda d: (d.foreign(LIBRARY), d.system(rf'{PRINT}\Monitors\x', 'Driver', SZ, 'evil.dll')))
change.row('processor-of-prints', 'spoolsv.exe loads print processors.', AUTOSTARTS, 'evil.dll', lambda d: (
    d.foreign(r'C:\Windows\System32\spool\prtprocs\x64\evil.dll'), d.system(rf'{PRINT}\Environments\Windows x64\Print Processors\x', 'Driver', SZ, 'evil.dll')))
change.row('provider-of-prints', 'spoolsv.exe loads print providers.', AUTOSTARTS, 'evil.dll', lambda d: (
    d.foreign(LIBRARY), d.system(rf'{PRINT}\Providers\x', 'Name', SZ, 'evil.dll'), d.system(rf'{PRINT}\Providers', 'Order', MULTI, ['x'])))

# --- WMI ---
REPOSITORY = r'Windows\System32\wbem\Repository\OBJECTS.DATA'
SCRIPT = b'ActiveScriptEventConsumer\0\0x\0VBScript\0CreateObject("WScript.Shell").Run "x"\0'


def consumer(name, why, *parts, place='ActiveScriptEventConsumer'):
    change.row(name, why, CHECK, place, lambda d: d.put(REPOSITORY, b''.join(bytes(4096) + part for part in parts) + bytes(4096)))


consumer('script-of-an-event', 'A binding runs the script of its consumer at each event.', SCRIPT,
         b'__FilterToConsumerBinding\0ActiveScriptEventConsumer.Name="x"\0__EventFilter.Name="x"\0')
consumer('script-of-an-event-in-single-quotes', 'A path of an object takes single quotes.', SCRIPT, b"\\\\.\\root\\subscription:ActiveScriptEventConsumer.Name='x'\0")
consumer('script-of-an-event-without-a-key', 'A path may leave out the name of the key.', SCRIPT, b'ActiveScriptEventConsumer="x"\0')
consumer('command-of-an-event', 'A command line for each event.', b'CommandLineEventConsumer\0\0powershell -enc SQBFAFgA\0x\0',
         b'__FilterToConsumerBinding\0CommandLineEventConsumer.Name="x"\0__EventFilter.Name="x"\0', place='CommandLineEventConsumer')
MOF = 'instance of CommandLineEventConsumer as $C { Name="x"; CommandLineTemplate="powershell -enc SQBFAFgA"; };'
change.row('classes-compiled-on-repair', 'These files are compiled when the repository is made anew.', CHECK, 'x.mof',
           lambda d: d.software(r'Microsoft\Wbem\CIMOM', 'Autorecover MOFs', MULTI, [d.put(r'C:\Windows\Temp\x.mof', MOF)]))
change.row('classes-compiled-at-once', 'What is put into this folder is compiled.', CHECK, 'x.mof', lambda d: d.put(r'Windows\System32\wbem\mof\x.mof', MOF))


# --- tools of the logon ---
def debugger(name, why, tool, entry='Debugger', data=r'C:\Windows\System32\cmd.exe', key=IFEO, kind=SZ, more=()):
    def make(d):
        d.windows('cmd.exe')
        d.software(rf'{key}\{tool}', entry, kind, data)
        for rest in more:
            d.software(rf'{key}\{tool}', *rest)
    change.row(name, why, TOOLS, tool, make)


debugger('shell-behind-sticky-keys', 'Five times Shift at the logon screen starts sethc.exe, and so its debugger.', 'sethc.exe')
debugger('shell-behind-the-screen-reader', 'Narrator is started at the logon screen.', 'narrator.exe')
debugger('library-of-a-verifier', 'With the flag 0x100 VerifierDlls are loaded into the program.', 'userinit.exe', 'VerifierDlls', 'evil.dll', more=[('GlobalFlag', DWORD, 0x100)])


@change(TOOLS, 'x.exe')
def program_behind_an_exit(d):
    """With the flag 0x200 the end of a program starts MonitorProcess."""
    d.foreign(EVIL)
    d.software(rf'{IFEO}\notepad.exe', 'GlobalFlag', DWORD, 0x200)
    d.software(rf'{NT}\SilentProcessExit\notepad.exe', 'MonitorProcess', SZ, EVIL)
    d.software(rf'{NT}\SilentProcessExit\notepad.exe', 'ReportingMode', DWORD, 1)


@change(TOOLS, 'sethc.exe')
def shell_as_sticky_keys(d):
    """A second name of a signed shell: it is what it was signed as, under the name of a tool."""
    d.windows(r'WindowsPowerShell\v1.0\powershell_ise.exe')
    os.link(d.find(r'Windows\System32\WindowsPowerShell\v1.0\powershell_ise.exe'), os.path.join(d.find(r'Windows\System32'), 'sethc.exe'))


@change(TOOLS, 'utilman.exe')
def listed_shell_as_a_tool(d):
    """A shell that a catalog lists, copied over a tool of the logon screen."""
    d.put(r'Windows\System32\utilman.exe', d.read(r'Windows\explorer.exe'))


change.row('unsigned-tool', 'Magnify.exe is started at the logon screen.', TOOLS, 'magnify.exe', lambda d: d.foreign(r'C:\Windows\System32\magnify.exe'))


@change(TOOLS, 'AeDebug')
def debugger_of_crashes(d):
    """A program that crashes starts the debugger of AeDebug."""
    d.software(rf'{NT}\AeDebug', 'Debugger', SZ, d.foreign(EVIL) + ' -p %ld')
    d.software(rf'{NT}\AeDebug', 'Auto', SZ, '1')


change.row('debugger-of-hangs', 'A program that hangs starts the debugger of error reporting.', TOOLS, 'Debugger',
           lambda d: d.software(r'Microsoft\Windows\Windows Error Reporting\Hangs', 'Debugger', SZ, d.foreign(EVIL)))


@change(CHECK, 'SafeDllSearchMode')
def libraries_of_the_folder_that_one_runs_in(d):
    """Without SafeDllSearchMode a library is taken from the current folder before those of Windows."""
    d.system(SESSION, 'SafeDllSearchMode', DWORD, 0)
